
#include <string.h>

#include "common/sc_hash.h"
#include "common/sc_json.h"
#include "common/sc_seen.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_value.h"


/* references and URLs of a page; the tree of one with more has no room */
#define VIEW_LINK_SEEN   ((size_t) 1 << 24)

/* of a hash: what tells nofollow apart */
#define VIEW_LINK_APART  0x10000u


/* An element that leads somewhere by this attribute. */
typedef struct {
    const char  *tag;
    const char  *attr;
} view_link_tag_t;


/*
 * seen   hashes of references and of URLs met already
 * n      links met
 * url    the URL at hand
 * apart  as for view_links_each()
 */
typedef struct {
    const view_t  *view;
    sc_seen_t      seen;
    size_t         n;
    sc_buf_t       url;
    unsigned       apart;
} view_links_t;


/* A list under way, and the text of the link at hand. */
typedef struct {
    sc_buf_t  *out;
    size_t     n;
    sc_buf_t   text;
} view_link_list_t;


static int view_link_write(void *data, const view_link_t *link);
static const view_link_tag_t *view_link_tag(const xmlNode *node);
static int view_link_met(view_links_t *l, const xmlNode *node,
    const view_link_tag_t *tag, view_link_t *link);
static int view_link_url(view_links_t *l, const char *ref);
static uint64_t view_link_hash(const char *tag, char kind, const char *url,
    size_t len);
static void view_link_text(sc_buf_t *text, const xmlNode *node);
static const char *view_link_title(const xmlNode *node);


static const view_link_tag_t  view_link_tags[] = {
    { "a",      "href"   },
    { "link",   "href"   },
    { "area",   "href"   },
    { "form",   "action" },
    { "iframe", "src"    },
    { "frame",  "src"    },
};


int
view_links(const view_t *v, sc_buf_t *out)
{
    view_link_list_t  list;

    memset(&list, 0, sizeof(view_link_list_t));
    list.out = out;
    sc_buf_init(&list.text, 0);

    sc_buf_add_cstr(out, "[");

    if (view_links_each(v, VIEW_MAX_LINKS, 0, view_link_write, &list)
        != SC_OK)
    {
        out->failed = 1;
    }

    sc_buf_add_cstr(out, "]");
    sc_buf_free(&list.text);

    return out->failed ? SC_ERROR : SC_OK;
}


int
view_links_each(const view_t *v, size_t max, unsigned apart,
    view_link_pt fn, void *data)
{
    int                     rc;
    view_link_t             link;
    view_links_t            l;
    const xmlNode          *n, *doc;
    const view_link_tag_t  *tag;

    memset(&l, 0, sizeof(view_links_t));
    l.view = v;
    l.apart = apart;
    sc_seen_init(&l.seen, VIEW_LINK_SEEN);
    sc_buf_init(&l.url, 0);

    doc = (const xmlNode *) v->doc;
    rc = SC_OK;

    for (n = dom_next(doc, doc); n != NULL && rc == SC_OK && l.n < max;
         n = dom_is(n, "template") ? dom_after(n, doc) : dom_next(n, doc))
    {
        tag = view_link_tag(n);
        rc = (tag != NULL) ? view_link_met(&l, n, tag, &link) : SC_DECLINED;

        if (rc == SC_OK) {
            rc = fn(data, &link);

        } else if (rc == SC_DECLINED) {
            rc = SC_OK;
        }
    }

    sc_buf_free(&l.url);
    sc_seen_free(&l.seen);

    return rc;
}


static int
view_link_write(void *data, const view_link_t *link)
{
    view_link_list_t  *l = data;

    view_link_text(&l->text, link->node);

    sc_buf_add_cstr(l->out, l->n++ != 0 ? ",{\"url\":" : "{\"url\":");
    sc_json_string(l->out, link->url.data, link->url.len);
    sc_buf_add_cstr(l->out, ",\"text\":");
    view_value_string(l->out, &l->text);
    sc_buf_add_cstr(l->out, ",\"rel\":");
    view_value_tokens(l->out, dom_attr(link->node, "rel"));
    sc_buf_printf(l->out, ",\"tag\":\"%s\",\"nofollow\":%s}",
                  (const char *) link->node->name,
                  link->nofollow ? "true" : "false");

    return l->out->failed ? SC_ERROR : SC_OK;
}


static const view_link_tag_t *
view_link_tag(const xmlNode *node)
{
    size_t  i;

    if (node->type != XML_ELEMENT_NODE) {
        return NULL;
    }

    for (i = 0; i < sizeof(view_link_tags) / sizeof(view_link_tags[0]); i++) {
        if (view_link_tags[i].tag[0] == (char) node->name[0]
            && dom_is(node, view_link_tags[i].tag))
        {
            return &view_link_tags[i];
        }
    }

    return NULL;
}


/*
 * SC_OK for a link that was not met before.  Most references of a page are
 * written as others are, or lead to a place in it: these are not resolved.
 */

static int
view_link_met(view_links_t *l, const xmlNode *node,
    const view_link_tag_t *tag, view_link_t *link)
{
    int          rc;
    size_t       len;
    uint64_t     apart;
    const char  *ref;

    ref = dom_attr(node, tag->attr);

    if (ref == NULL) {
        return SC_DECLINED;
    }

    link->node = node;
    link->nofollow = view_value_has(dom_attr(node, "rel"), "nofollow") != 0;
    apart = (l->apart && link->nofollow) ? VIEW_LINK_APART : 0;

    /* "" leads nowhere, "#" does */
    len = strcspn(ref, "#");
    len += (ref[len] == '#');

    rc = sc_seen_add(&l->seen, apart ^ view_link_hash(tag->tag, '#', ref,
                                                      len));

    if (rc == SC_OK) {
        rc = view_link_url(l, ref);
    }

    if (rc == SC_OK) {
        rc = sc_seen_add(&l->seen, apart ^ view_link_hash(tag->tag, ' ',
                                                          l->url.data,
                                                          l->url.len));
    }

    link->url.data = l->url.data;
    link->url.len = l->url.len;
    l->n += (rc == SC_OK);

    return rc;
}


static int
view_link_url(view_links_t *l, const char *ref)
{
    int    rc;
    char  *fragment;

    sc_buf_reset(&l->url);

    rc = view_value_url(l->view, ref, &l->url);
    if (rc != SC_OK) {
        return rc;
    }

    if (!view_value_is_http(l->url.data)) {
        return SC_DECLINED;
    }

    fragment = strchr(l->url.data, '#');

    if (fragment != NULL) {
        *fragment = '\0';
        l->url.len = (size_t) (fragment - l->url.data);
    }

    return SC_OK;
}


static uint64_t
view_link_hash(const char *tag, char kind, const char *url, size_t len)
{
    uint64_t  h;

    h = sc_fnv1a(SC_FNV1A, tag, strlen(tag));
    h = sc_fnv1a(h, &kind, 1);

    return sc_fnv1a(h, url, len);
}


/* A form's or a frame's content says nothing of where it leads. */

static void
view_link_text(sc_buf_t *text, const xmlNode *node)
{
    size_t       len;
    const char  *title;

    sc_buf_reset(text);

    if (dom_is(node, "a")) {
        (void) view_value_text(text, node, VIEW_MAX_LINK_TEXT,
                               VIEW_MAX_LINK_NODES);
    }

    if (text->len != 0) {
        return;
    }

    title = view_link_title(node);
    len = title != NULL ? strnlen(title, VIEW_MAX_LINK_TEXT + 1) : 0;

    if (len != 0 && len <= VIEW_MAX_LINK_TEXT) {
        view_value_collapse(text, 0, title, len);
        view_value_trim(text, 0);
    }
}


static const char *
view_link_title(const xmlNode *node)
{
    size_t          seen;
    const char     *text;
    const xmlNode  *n;

    text = dom_is(node, "area") ? dom_attr(node, "alt") : NULL;

    if (dom_is(node, "a")) {
        seen = 0;

        for (n = dom_next(node, node);
             n != NULL && text == NULL && seen++ < VIEW_MAX_LINK_NODES;
             n = dom_next(n, node))
        {
            text = dom_is(n, "img") ? dom_attr(n, "alt") : NULL;
        }
    }

    return text != NULL && *text != '\0' ? text : dom_attr(node, "title");
}
