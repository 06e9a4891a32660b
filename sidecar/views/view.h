
/*
 * What a page says besides the data of rules: its links, what its head says
 * of it, and the structured data it carries.  Each view is made of a parsed
 * document alone and is one JSON value.
 *
 * Nothing here keeps anything between pages or frees the document.  Every
 * function ends in time and memory linear in the page, whatever the page is:
 * what is beyond the bounds below is left out.  Text has its white space
 * collapsed as the values of rules have.
 */

#ifndef VIEW_H
#define VIEW_H


#include <jansson.h>
#include <libxml/tree.h>

#include "common/sc_buf.h"


/* links of one page, and the bytes and nodes of the text of one */
#define VIEW_MAX_LINKS           10000
#define VIEW_MAX_LINK_TEXT       1024
#define VIEW_MAX_LINK_NODES      256

/* entries of a page's head, of all groups together */
#define VIEW_MAX_META            1000

/* JSON-LD: blocks of a page, bytes of one and of all together */
#define VIEW_MAX_JSONLD          200
#define VIEW_MAX_JSONLD_BLOCK    1048576
#define VIEW_MAX_JSONLD_BYTES    4194304

/* microdata: items in items, and nodes looked at for all of them */
#define VIEW_MAX_ITEM_DEPTH      32
#define VIEW_MAX_ITEM_STEPS      1000000


/*
 * doc   the document; names of elements and attributes are in lower case
 * url   the page's final URL
 * base  what references resolve against, absolute: dom_base()'s
 */
typedef struct {
    const xmlDoc  *doc;
    const char    *url;
    const char    *base;
} view_t;


/*
 * These append one JSON value to out: SC_OK, or SC_ERROR with out->failed set
 * when it grows beyond out->max or memory is out; what is in out then is of
 * no use.
 */

/*
 * Where the page leads, a list in document order:
 *
 *   {"url": "https://…", "text": "…", "rel": ["next"], "tag": "a",
 *    "nofollow": false}
 *
 * Of <a href>, <area href>, <link href>, <iframe src>, <frame src> and
 * <form action>; http and https alone, absolute, without a fragment, at most
 * URL_MAX bytes.  The same URL from the same tag is listed once, with the
 * first one's text; the text of a link without any is the alt text of an image
 * in it, or its title.  Links in a <template> are no links.
 */
int view_links(const view_t *v, sc_buf_t *out);

/*
 * The same, one after the other: fn is called for each of the first max links,
 * until it returns anything but SC_OK, which is returned then; SC_ERROR when
 * memory is out.  apart: the same URL from the same tag with and without
 * rel=nofollow is two links.  url is NUL-terminated and valid during the call.
 */
typedef struct {
    const xmlNode  *node;
    sc_str_t        url;
    unsigned        nofollow:1;
} view_link_t;

typedef int (*view_link_pt)(void *data, const view_link_t *link);

int view_links_each(const view_t *v, size_t max, unsigned apart,
    view_link_pt fn, void *data);

/*
 * What the page says of itself.  Every member is there always: a string or
 * null, an object, or a list.
 *
 *   title, description, canonical, robots, lang, author, keywords, viewport,
 *   generator, icon, amp, next, prev     strings or null; canonical, icon,
 *                                        amp, next and prev are absolute URLs
 *   og, twitter, article                 {"image": "…"} by the name without
 *                                        its prefix; a list when said twice
 *   alternates                           [{"url", "hreflang", "type"}]
 *   feeds                                [{"url", "type", "title"}]
 *
 * The first value that is not empty counts; directives of several robots
 * elements are joined with ", ".
 */
int view_meta(const view_t *v, sc_buf_t *out);

/*
 * Append the text of one of these by its name, compared without case: title,
 * lang, canonical (and icon, next, prev, amphtml) as above, or any <meta> of
 * this name, property, itemprop or http-equiv, such as "og:title".  The first
 * that is not empty.  SC_OK, SC_DECLINED when the page has none (out is
 * unchanged), SC_ERROR.
 */
int view_meta_value(const view_t *v, const char *name, sc_buf_t *out);

/*
 * The same, all of them in document order: each value is followed by a NUL
 * that is counted in out->len.  At most VIEW_MAX_META.
 */
int view_meta_values(const view_t *v, const char *name, sc_buf_t *out);

/*
 * The values of all <script type="application/ld+json">, a list.  A block
 * that is a list stands for its elements; a block that is no JSON object or
 * list is left out.  Mended are: comment and CDATA marks around the JSON,
 * semicolons behind it, and control characters in its strings.
 */
int view_jsonld(const view_t *v, sc_buf_t *out);

/*
 * The same as a value: a new reference, or NULL when memory is out.  Of equal
 * names in one object the last counts.  jansson reads /dev/urandom when the
 * first object of a process is made: call json_object_seed() before a sandbox
 * forbids that.
 */
json_t *view_jsonld_load(const view_t *v);

/*
 * {"items": […]} of the HTML Standard, 5.5.2 "JSON" (Microdata).  URLs are
 * absolute, "" when they cannot be.  An item inside itself or deeper than
 * VIEW_MAX_ITEM_DEPTH is the string "ERROR".  Uses node->_private of the
 * document's elements while it runs and puts back what was there.
 */
int view_microdata(const view_t *v, sc_buf_t *out);


#endif /* VIEW_H */
