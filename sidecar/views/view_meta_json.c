
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_meta.h"


/* A member of view_meta(): its name, and what it is called by pages. */
typedef struct {
    const char  *key;
    const char  *name;
    const char  *other;
} view_meta_key_t;


static void view_meta_keys(const view_head_t *head, sc_buf_t *out);
static void view_meta_join(sc_buf_t *text);
static void view_meta_group(const view_head_t *head, const char *prefix,
    sc_buf_t *out);
static void view_meta_entry(const view_head_t *head, size_t at,
    const char **names, sc_buf_t *out, unsigned *n);
static const char *view_meta_prefixed(const xmlNode *node,
    const char *prefix);
static void view_meta_lists(const view_head_t *head, sc_buf_t *out);
static int view_meta_is_feed(const xmlNode *node);
static void view_meta_alternate(const view_head_t *head, const xmlNode *node,
    const char *comma, int feed, sc_buf_t *out);
static void view_meta_attr(const xmlNode *node, const char *attr,
    sc_buf_t *out);


static const view_meta_key_t  view_meta_names[] = {
    { "title",       "title",       NULL               },
    { "description", "description", NULL               },
    { "canonical",   "canonical",   NULL               },
    { "robots",      "robots",      NULL               },
    { "lang",        "lang",        "content-language" },
    { "author",      "author",      NULL               },
    { "keywords",    "keywords",    NULL               },
    { "viewport",    "viewport",    NULL               },
    { "generator",   "generator",   NULL               },
    { "icon",        "icon",        "apple-touch-icon" },
    { "amp",         "amphtml",     NULL               },
    { "next",        "next",        NULL               },
    { "prev",        "prev",        "previous"         },
};

static const char *const  view_meta_groups[] = {
    "og", "twitter", "article",
};

static const char *const  view_meta_feeds[] = {
    "application/rss+xml", "application/atom+xml", "application/feed+json",
    "application/rdf+xml",
};


int
view_meta(const view_t *v, sc_buf_t *out)
{
    size_t       i;
    view_head_t  head;

    view_meta_head(v, &head);

    sc_buf_add_cstr(out, "{");
    view_meta_keys(&head, out);

    for (i = 0; i < sizeof(view_meta_groups) / sizeof(char *); i++) {
        view_meta_group(&head, view_meta_groups[i], out);
    }

    view_meta_lists(&head, out);
    sc_buf_add_cstr(out, "}");

    return out->failed ? SC_ERROR : SC_OK;
}


static void
view_meta_keys(const view_head_t *head, sc_buf_t *out)
{
    int                     rc, all;
    size_t                  i;
    sc_buf_t                text;
    const view_meta_key_t  *key;

    sc_buf_init(&text, out->max);

    for (i = 0; i < sizeof(view_meta_names) / sizeof(view_meta_key_t); i++) {
        key = &view_meta_names[i];
        all = (strcmp(key->key, "robots") == 0);

        rc = view_meta_find(head, key->name, all, &text);

        if (rc == SC_DECLINED && key->other != NULL) {
            rc = view_meta_find(head, key->other, all, &text);
        }

        sc_buf_printf(out, "%s\"%s\":", i != 0 ? "," : "", key->key);

        if (rc == SC_DECLINED) {
            sc_buf_add_cstr(out, "null");
            continue;
        }

        if (all && rc == SC_OK) {
            view_meta_join(&text);
        }

        view_value_string(out, &text);
    }

    sc_buf_free(&text);
}


/* Texts with a NUL behind each become one, in which ", " is between two. */

static void
view_meta_join(sc_buf_t *text)
{
    size_t       n;
    sc_buf_t     joined;
    const char  *p, *end;

    sc_buf_init(&joined, text->max);
    end = text->data + text->len;

    for (p = text->data; p < end; p += n + 1) {
        n = strlen(p);
        sc_buf_add_cstr(&joined, joined.len != 0 ? ", " : "");
        sc_buf_add(&joined, p, n);
    }

    sc_buf_free(text);
    *text = joined;
}


static void
view_meta_group(const view_head_t *head, const char *prefix, sc_buf_t *out)
{
    size_t       i;
    unsigned     n;
    const char  *names[VIEW_MAX_META];

    n = 0;

    /* looked up once, not once for each pair */
    for (i = 0; i < head->n; i++) {
        names[i] = view_meta_prefixed(head->nodes[i], prefix);
    }

    sc_buf_printf(out, ",\"%s\":{", prefix);

    for (i = 0; i < head->n && !out->failed; i++) {
        if (names[i] != NULL) {
            view_meta_entry(head, i, names, out, &n);
        }
    }

    sc_buf_add_cstr(out, "}");
}


/*
 * All that is said under the name of one element, which is the first; the
 * names are taken from the list.
 */

static void
view_meta_entry(const view_head_t *head, size_t at, const char **names,
    sc_buf_t *out, unsigned *n)
{
    size_t       i, values;
    sc_buf_t     text, list;
    const char  *name;

    values = 0;
    sc_buf_init(&text, out->max);
    sc_buf_init(&list, out->max);

    name = names[at];

    for (i = at; i < head->n; i++) {
        if (names[i] == NULL || strcasecmp(name, names[i]) != 0) {
            continue;
        }

        names[i] = NULL;

        if (view_meta_text(dom_attr(head->nodes[i], "content"), &text)
            != SC_DECLINED)
        {
            sc_buf_add_cstr(&list, values++ != 0 ? "," : "");
            view_value_string(&list, &text);
        }
    }

    if (values != 0) {
        sc_buf_add_cstr(out, (*n)++ != 0 ? "," : "");
        sc_json_cstr(out, name);
        sc_buf_add_cstr(out, values > 1 ? ":[" : ":");
        sc_buf_add(out, list.data, list.len);
        sc_buf_add_cstr(out, values > 1 ? "]" : "");
        out->failed |= list.failed;
    }

    sc_buf_free(&list);
    sc_buf_free(&text);
}


/* What follows "og:" in the name of a <meta>; NULL for others. */

static const char *
view_meta_prefixed(const xmlNode *node, const char *prefix)
{
    size_t       i, len;
    const char  *name;

    if (!dom_is(node, "meta")) {
        return NULL;
    }

    len = strlen(prefix);

    for (i = 0; i < 2; i++) {
        name = dom_attr(node, i == 0 ? "property" : "name");

        if (name != NULL && strncasecmp(name, prefix, len) == 0
            && name[len] == ':' && name[len + 1] != '\0')
        {
            return name + len + 1;
        }
    }

    return NULL;
}


static void
view_meta_lists(const view_head_t *head, sc_buf_t *out)
{
    int             feeds;
    size_t          i, before;
    const xmlNode  *n;

    for (feeds = 0; feeds < 2; feeds++) {
        sc_buf_add_cstr(out, feeds ? ",\"feeds\":[" : ",\"alternates\":[");
        before = out->len;

        for (i = 0; i < head->n; i++) {
            n = head->nodes[i];

            if (!dom_is(n, "link")
                || !view_value_has(dom_attr(n, "rel"), "alternate")
                || view_meta_is_feed(n) != feeds)
            {
                continue;
            }

            view_meta_alternate(head, n, out->len != before ? "," : "",
                                feeds, out);
        }

        sc_buf_add_cstr(out, "]");
    }
}


static int
view_meta_is_feed(const xmlNode *node)
{
    size_t       i;
    const char  *type;

    type = dom_attr(node, "type");

    for (i = 0; i < sizeof(view_meta_feeds) / sizeof(char *); i++) {
        if (type != NULL && strcasecmp(type, view_meta_feeds[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
view_meta_alternate(const view_head_t *head, const xmlNode *node,
    const char *comma, int feed, sc_buf_t *out)
{
    int       rc;
    sc_buf_t  url;

    sc_buf_init(&url, 0);

    rc = view_value_url(head->view, dom_attr(node, "href"), &url);

    if (rc == SC_OK) {
        sc_buf_add_cstr(out, comma);
        sc_buf_add_cstr(out, "{\"url\":");
        view_value_string(out, &url);

        view_meta_attr(node, feed ? "type" : "hreflang", out);
        view_meta_attr(node, feed ? "title" : "type", out);
        sc_buf_add_cstr(out, "}");
    }

    if (rc == SC_ERROR) {
        out->failed = 1;
    }

    sc_buf_free(&url);
}


static void
view_meta_attr(const xmlNode *node, const char *attr, sc_buf_t *out)
{
    sc_buf_printf(out, ",\"%s\":", attr);
    sc_json_cstr(out, dom_attr(node, attr));
}
