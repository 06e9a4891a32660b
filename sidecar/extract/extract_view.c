
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/views/view_markdown.h"
#include "sidecar/views/view_sketch.h"
#include "sidecar/views/view_text.h"


typedef struct {
    unsigned     bit;
    const char  *name;
    int        (*write)(const view_t *v, sc_buf_t *out);
} extract_view_t;


static int extract_view_own(extract_t *x, unsigned bit, sc_buf_t *out);
static int extract_view_sketch(const extract_t *x, sc_buf_t *out);
static void extract_view_list(const sc_buf_t *items, sc_buf_t *out);


/* those without a function are this file's own */

static const extract_view_t  extract_views[] = {
    { EXTRACT_LINKS, "links", view_links },
    { EXTRACT_META, "meta", view_meta },
    { EXTRACT_JSONLD, "jsonld", view_jsonld },
    { EXTRACT_MICRODATA, "microdata", view_microdata },
    { EXTRACT_HEADERS, "headers", NULL },
    { EXTRACT_TEXT, "text", view_text },
    { EXTRACT_MARKDOWN, "markdown", view_markdown },
    { EXTRACT_RAW, "raw", NULL },
    { EXTRACT_FOLLOW, "follow", NULL },
    { EXTRACT_SKETCH, "sketch", NULL },
    { EXTRACT_EXPLAIN, "explain", NULL }
};


unsigned
extract_view_bit(const char *name)
{
    size_t  i;

    for (i = 0; i < sizeof(extract_views) / sizeof(extract_views[0]); i++) {
        if (strcmp(extract_views[i].name, name) == 0) {
            return extract_views[i].bit;
        }
    }

    return 0;
}


int
extract_view(extract_t *x)
{
    int                    rc;
    size_t                 i;
    view_t                 v = extract_viewed(x);
    const char            *comma;
    sc_buf_t              *out = &x->page->view;
    const extract_view_t  *view;

    comma = "{";

    for (i = 0; i < sizeof(extract_views) / sizeof(extract_views[0]); i++) {
        view = &extract_views[i];

        if (!(x->page->views & view->bit)) {
            continue;
        }

        sc_buf_printf(out, "%s\"%s\":", comma, view->name);
        comma = ",";

        rc = (view->write != NULL) ? view->write(&v, out)
                                   : extract_view_own(x, view->bit, out);

        if (rc != SC_OK || out->failed) {
            return extract_fail(x->page,
                                "what is asked for beside the data is too "
                                "long");
        }
    }

    sc_buf_add_cstr(out, "}");

    return SC_OK;
}


static int
extract_view_own(extract_t *x, unsigned bit, sc_buf_t *out)
{
    switch (bit) {

    case EXTRACT_HEADERS:
        return x->page->headers.len != 0
               ? sc_buf_add_str(out, x->page->headers)
               : sc_buf_add_cstr(out, "[]");

    case EXTRACT_RAW:
        sc_json_string(out, x->parsed.text.data, x->parsed.text.len);
        return SC_OK;

    case EXTRACT_FOLLOW:
        extract_view_list(&x->followed, out);
        return x->followed.failed ? SC_ERROR : SC_OK;

    case EXTRACT_SKETCH:
        return extract_view_sketch(x, out);

    default:
        extract_view_list(&x->explain, out);
        return x->explain.failed ? SC_ERROR : SC_OK;
    }
}


/* A page without tags has none. */

static int
extract_view_sketch(const extract_t *x, sc_buf_t *out)
{
    char           text[VIEW_SKETCH_TEXT + 1];
    view_sketch_t  sketch;

    if (view_sketch(x->doc, &sketch) != SC_OK) {
        return sc_buf_add_cstr(out, "null");
    }

    view_sketch_text(&sketch, text);
    sc_json_cstr(out, text);

    return SC_OK;
}


static void
extract_view_list(const sc_buf_t *items, sc_buf_t *out)
{
    sc_buf_add_cstr(out, "[");

    if (items->len != 0) {
        sc_buf_add(out, items->data, items->len);
    }

    sc_buf_add_cstr(out, "]");
}
