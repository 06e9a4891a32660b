
/*
 * What the files of crawl share:
 *
 *     crawl_text.c     a scope's text, of what a caller wrote
 *     crawl_preset.c   the hosts in it, by its preset and by name
 *     crawl_hosts.c    hosts as text, and whether a URL is of one
 *     crawl_scope.c    such a text compiled, and whether a URL is within
 *     crawl_trap.c     URLs that look as if they never ended
 *     crawl_harvest.c  the links of a page
 *     crawl_words.c    URLs that are written in its text
 *     crawl_robots.c   whether a page says nofollow
 *     crawl_sitemap.c  a sitemap, unpacked; as text
 *     crawl_xml.c      as XML
 *     crawl_date.c     when its entries were changed
 *     crawl_found.c    lines of what was found; names of URLs
 */

#ifndef CRAWL_INTERNAL_H
#define CRAWL_INTERNAL_H


#include "common/rules/sc_pattern.h"
#include "common/sc_seen.h"
#include "sidecar/crawl/crawl.h"


/* as it calls itself in X-Robots-Tag */
#define CRAWL_AGENT         "scraped"

/* links of a page that are looked at, within the scope or not */
#define CRAWL_MAX_LOOKED    ((size_t) 5 * CRAWL_MAX_FOUND)

#define CRAWL_PORT_DEFAULT  0       /* 80 and 443 */
#define CRAWL_PORT_ANY      (-1)

/* where links may be from; bits, in the order of crawl_froms */
#define CRAWL_FROM_A        0x01u
#define CRAWL_FROM_AREA     0x02u
#define CRAWL_FROM_LINK     0x04u
#define CRAWL_FROM_IFRAME   0x08u
#define CRAWL_FROM_FORM     0x10u
#define CRAWL_FROM_TEXT     0x20u
#define CRAWL_FROMS         6

extern const char *const  crawl_froms[CRAWL_FROMS];


/*
 * A host of a scope; as text ".shop.example:8080": the dot for subdomains
 * too, the port, "*" for any, nothing for 80 and 443.
 *
 * name  as in url_t
 * port  or CRAWL_PORT_*
 * sub   the hosts below it, too
 */
typedef struct {
    char  *name;
    int    port;
    int    sub;
} crawl_host_t;


/*
 * hosts    sorted by crawl_host_compare(), nhosts of them
 * from     CRAWL_FROM_*
 * options  of url_canonical()
 * any      every host is within
 */
struct crawl_scope_s {
    crawl_host_t   *hosts;
    size_t          nhosts;
    sc_patterns_t   allow;
    sc_patterns_t   deny;
    unsigned        from;
    unsigned        options;
    unsigned        any:1;
    unsigned        external:1;
    unsigned        ignore_query:1;
    unsigned        obey:1;
};


/*
 * A text being made of what a caller wrote.
 *
 * json     what will be it
 * list     its hosts, n of room
 * width    characters in the ranges of expressions that ignore case
 * err, pointer  the caller's
 */
typedef struct {
    json_t        *json;
    crawl_host_t  *list;
    size_t         n;
    size_t         room;
    size_t         width;
    char          *err;
    size_t         errlen;
    char          *pointer;
    size_t         pointer_len;
} crawl_text_t;


/*
 * Lines under way.
 *
 * seen    hashes of the URLs that were looked at
 * looked  references looked at
 * n       lines written
 * max     lines at most
 * url     a URL before it is canonical
 * site    "http://shop.example", of the last URL that was parsed; place has
 *         the host and port of that, and no text
 */
typedef struct {
    const crawl_scope_t  *scope;
    const char           *base;
    int64_t               now;
    sc_buf_t             *out;
    sc_seen_t             seen;
    size_t                looked;
    size_t                n;
    size_t                max;
    sc_buf_t              url;
    sc_buf_t              site;
    url_t                 place;
} crawl_found_t;


/*
 * crawl_text.c: put a value, which is taken, into the text; see that a member
 * of the request at path is a list, of as many as patterns may be, or not
 * there; say what is wrong.  SC_OK or SC_ERROR, the last one SC_ERROR.
 */
int crawl_text_put(crawl_text_t *t, const char *name, json_t *value);
int crawl_text_list(crawl_text_t *t, const json_t *list, const char *path);
int crawl_text_fail(crawl_text_t *t, const char *pointer, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * crawl_preset.c: add the hosts that the scope's preset means of the start
 * URLs; those of a list of names; put all of them into the text.
 */
int crawl_preset_starts(crawl_text_t *t, const json_t *scope,
    const url_t *starts, size_t nstarts);
int crawl_preset_named(crawl_text_t *t, const json_t *list);
int crawl_preset_hosts(crawl_text_t *t);


/*
 * crawl_hosts.c: compare for qsort() and bsearch(); write one as text; read
 * such a text into *host, whose name is to be freed: SC_OK, SC_DECLINED when
 * it is none, SC_ERROR when memory is out.
 */
int crawl_host_compare(const void *one, const void *two);
int crawl_host_text(const crawl_host_t *host, sc_buf_t *out);
int crawl_host_read(crawl_host_t *host, const char *text, size_t len);

/* Whether a URL's host and port are one of the scope's. */
int crawl_host_within(const crawl_scope_t *scope, const url_t *url);

/* Whether a canonical host is an address. */
int crawl_host_is_address(const char *name);


/* crawl_scope.c: the same as crawl_scope_check(), without allow if asked. */
crawl_verdict_t crawl_scope_judge(const crawl_scope_t *scope,
    const url_t *url, int64_t now, unsigned allow);

/* crawl_trap.c: whether a canonical URL is one; 1 or 0. */
int crawl_trap(const url_t *url, int64_t now);

/* crawl_robots.c: whether directives, a list a line, say not to follow. */
int crawl_robots_nofollow(const char *robots);

/*
 * crawl_words.c: call fn with each URL that is written in a text; SC_OK or
 * what fn returns when it is another.  Time is linear.
 */
typedef int (*crawl_word_pt)(void *data, const char *url, size_t len);
int crawl_words(const char *text, crawl_word_pt fn, void *data);

/* crawl_date.c: seconds since 1970 of a W3C date; SC_OK or SC_DECLINED. */
int crawl_date(const char *text, int64_t *seconds);

/* crawl_xml.c: as crawl_sitemap(), of UTF-8 that begins with '<'. */
int crawl_xml(crawl_found_t *f, sc_str_t text, char *err, size_t errlen);


/* crawl_found.c: base is what references resolve against, at most max lines */
void crawl_found_init(crawl_found_t *f, const crawl_scope_t *scope,
    const char *base, int64_t now, size_t max, sc_buf_t *out);
void crawl_found_free(crawl_found_t *f);

/* Whether there is no room for more. */
int crawl_found_full(const crawl_found_t *f);

/*
 * Make a reference canonical, to be freed when it is SC_OK: SC_DECLINED when
 * it leads nowhere or was there before, SC_ERROR when memory is out.
 */
int crawl_found_url(crawl_found_t *f, const char *ref, size_t len,
    url_t *url);

/*
 * Write a line, json may be empty: SC_OK, SC_DECLINED when there is no room
 * for it, SC_ERROR when memory is out.
 */
int crawl_found_line(crawl_found_t *f, char kind, const url_t *url,
    sc_str_t json);


#endif /* CRAWL_INTERNAL_H */
