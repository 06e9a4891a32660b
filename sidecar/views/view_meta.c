
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_meta.h"


static int view_meta_tells(const xmlNode *node);
static int view_meta_pass(const view_head_t *head, const char *name,
    int special, int all, sc_buf_t *out);
static int view_meta_take(const view_head_t *head, const xmlNode *node,
    const char *name, sc_buf_t *out);
static int view_meta_link(const view_head_t *head, const xmlNode *node,
    const char *name, sc_buf_t *out);
static int view_meta_named(const xmlNode *node, const char *name);


static const char *const  view_meta_links[] = {
    "canonical", "icon", "apple-touch-icon", "amphtml", "next", "prev",
    "previous", "alternate",
};

static const char *const  view_meta_attrs[] = {
    "property", "name", "itemprop", "http-equiv",
};


int
view_meta_value(const view_t *v, const char *name, sc_buf_t *out)
{
    view_head_t  head;

    view_meta_head(v, &head);

    return view_meta_find(&head, name, 0, out);
}


int
view_meta_values(const view_t *v, const char *name, sc_buf_t *out)
{
    view_head_t  head;

    view_meta_head(v, &head);

    return view_meta_find(&head, name, 1, out);
}


/* A drawing has titles of its own. */

void
view_meta_head(const view_t *v, view_head_t *head)
{
    const xmlNode  *n, *doc;

    head->view = v;
    head->n = 0;

    doc = (const xmlNode *) v->doc;
    n = dom_next(doc, doc);

    while (n != NULL && head->n < VIEW_MAX_META) {
        if (n->type == XML_ELEMENT_NODE && view_meta_tells(n)) {
            head->nodes[head->n++] = n;
        }

        n = dom_is(n, "svg") ? dom_after(n, doc) : dom_next(n, doc);
    }
}


static int
view_meta_tells(const xmlNode *node)
{
    size_t       i;
    const char  *rel;

    if (dom_is(node, "meta")) {
        return dom_attr(node, "content") != NULL;
    }

    if (dom_is(node, "title")) {
        return node->children != NULL;
    }

    if (dom_is(node, "html")) {
        return dom_attr(node, "lang") != NULL;
    }

    if (!dom_is(node, "link") || dom_attr(node, "href") == NULL) {
        return 0;
    }

    rel = dom_attr(node, "rel");

    for (i = 0; i < sizeof(view_meta_links) / sizeof(char *); i++) {
        if (view_value_has(rel, view_meta_links[i])) {
            return 1;
        }
    }

    return 0;
}


/* What an element other than <meta> says goes before what a <meta> says. */

int
view_meta_find(const view_head_t *head, const char *name, int all,
    sc_buf_t *out)
{
    int  rc;

    rc = view_meta_pass(head, name, 1, all, out);

    if (rc == SC_DECLINED) {
        rc = view_meta_pass(head, name, 0, all, out);
    }

    return rc;
}


static int
view_meta_pass(const view_head_t *head, const char *name, int special,
    int all, sc_buf_t *out)
{
    int             rc, found;
    size_t          i;
    const xmlNode  *n;

    found = SC_DECLINED;

    for (i = 0; i < head->n; i++) {
        n = head->nodes[i];

        if (dom_is(n, "meta") == special) {
            continue;
        }

        rc = view_meta_take(head, n, name, out);

        if (rc == SC_DECLINED) {
            continue;
        }

        if (rc == SC_OK && all) {
            rc = sc_buf_add(out, "", 1);
        }

        if (rc != SC_OK || !all) {
            return rc;
        }

        found = SC_OK;
    }

    return found;
}


/* Append what an element says under a name: SC_DECLINED when nothing. */

static int
view_meta_take(const view_head_t *head, const xmlNode *node,
    const char *name, sc_buf_t *out)
{
    size_t  start;

    if (dom_is(node, "meta")) {
        return view_meta_named(node, name)
               ? view_meta_text(dom_attr(node, "content"), out) : SC_DECLINED;
    }

    if (dom_is(node, "link")) {
        return view_meta_link(head, node, name, out);
    }

    if (dom_is(node, "html")) {
        return strcasecmp(name, "lang") == 0
               ? view_meta_text(dom_attr(node, "lang"), out) : SC_DECLINED;
    }

    if (strcasecmp(name, "title") != 0) {
        return SC_DECLINED;
    }

    start = out->len;
    (void) view_value_text(out, node, SIZE_MAX, SIZE_MAX);

    if (out->failed) {
        return SC_ERROR;
    }

    return out->len != start ? SC_OK : SC_DECLINED;
}


static int
view_meta_link(const view_head_t *head, const xmlNode *node,
    const char *name, sc_buf_t *out)
{
    int     rc;
    size_t  i;

    rc = SC_DECLINED;

    for (i = 0; i < sizeof(view_meta_links) / sizeof(char *); i++) {
        if (strcasecmp(view_meta_links[i], name) == 0
            && view_value_has(dom_attr(node, "rel"), name))
        {
            rc = view_value_url(head->view, dom_attr(node, "href"), out);
        }
    }

    if (rc == SC_ERROR) {
        out->failed = 1;
    }

    return rc;
}


static int
view_meta_named(const xmlNode *node, const char *name)
{
    size_t       i;
    const char  *value;

    for (i = 0; i < sizeof(view_meta_attrs) / sizeof(char *); i++) {
        value = dom_attr(node, view_meta_attrs[i]);

        if (value != NULL && strcasecmp(value, name) == 0) {
            return 1;
        }
    }

    return 0;
}


int
view_meta_text(const char *text, sc_buf_t *out)
{
    size_t  start;

    start = out->len;
    view_value_collapse(out, start, text, strlen(text));
    view_value_trim(out, start);

    if (out->failed) {
        return SC_ERROR;
    }

    return out->len != start ? SC_OK : SC_DECLINED;
}
