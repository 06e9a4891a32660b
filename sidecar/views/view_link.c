
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_value.h"


/* slots of a new set of links; a power of two */
#define VIEW_LINK_SLOTS  256

/* of a hash: what tells nofollow apart; the least, for it not to be 0 then */
#define VIEW_LINK_APART  0x10000u
#define VIEW_LINK_LEAST  0x20000u


/* An element that leads somewhere by this attribute. */
typedef struct {
    const char  *tag;
    const char  *attr;
} view_link_tag_t;


/*
 * slots  hashes of references and of URLs met already, 0 in a free slot
 * size   slots, a power of two, more than half of them free
 * used   hashes in them
 * n      links met
 * url    the URL at hand
 * apart  as for view_links_each()
 */
typedef struct {
    const view_t  *view;
    uint64_t      *slots;
    size_t         size;
    size_t         used;
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
static int view_link_new(view_links_t *l, uint64_t hash);
static int view_link_grow(view_links_t *l);
static int view_link_put(uint64_t *slots, size_t size, uint64_t hash);
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
    free(l.slots);

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

    rc = view_link_new(l, apart ^ view_link_hash(tag->tag, '#', ref, len));

    if (rc == SC_OK) {
        rc = view_link_url(l, ref);
    }

    if (rc == SC_OK) {
        rc = view_link_new(l, apart ^ view_link_hash(tag->tag, ' ',
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


/* SC_OK for a hash not seen yet, which it is from now on. */

static int
view_link_new(view_links_t *l, uint64_t hash)
{
    int  rc;

    if (2 * (l->used + 1) > l->size && view_link_grow(l) != SC_OK) {
        return SC_ERROR;
    }

    rc = view_link_put(l->slots, l->size, hash);

    if (rc == SC_OK) {
        l->used++;
    }

    return rc;
}


static int
view_link_grow(view_links_t *l)
{
    size_t     i, size;
    uint64_t  *slots;

    size = l->size != 0 ? 2 * l->size : VIEW_LINK_SLOTS;

    slots = calloc(size, sizeof(uint64_t));
    if (slots == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < l->size; i++) {
        if (l->slots[i] != 0) {
            (void) view_link_put(slots, size, l->slots[i]);
        }
    }

    free(l->slots);
    l->slots = slots;
    l->size = size;

    return SC_OK;
}


static int
view_link_put(uint64_t *slots, size_t size, uint64_t hash)
{
    size_t  i;

    for (i = hash & (size - 1); slots[i] != 0; i = (i + 1) & (size - 1)) {
        if (slots[i] == hash) {
            return SC_DECLINED;
        }
    }

    slots[i] = hash;

    return SC_OK;
}


/* FNV-1a, its bits mixed for the low ones to be as good as the high ones. */

static uint64_t
view_link_hash(const char *tag, char kind, const char *url, size_t len)
{
    size_t    i;
    uint64_t  h;

    h = 0xcbf29ce484222325;

    for (i = 0; tag[i] != '\0'; i++) {
        h = (h ^ (unsigned char) tag[i]) * 0x100000001b3;
    }

    h = (h ^ (unsigned char) kind) * 0x100000001b3;

    for (i = 0; i < len; i++) {
        h = (h ^ (unsigned char) url[i]) * 0x100000001b3;
    }

    h ^= h >> 32;

    return h >= VIEW_LINK_LEAST ? h : VIEW_LINK_LEAST;
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
