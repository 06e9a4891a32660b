
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/extract/extract_internal.h"


/* how much of a value is shown, in bytes */
#define EXPLAIN_SHOWN  200

/* libxml2 takes quadratic time for the path of a node: deeper has none */
#define EXPLAIN_DEPTH  256


static unsigned extract_explain_asked(const extract_t *x);
static void extract_explain_found(extract_t *x,
    const extract_found_t *found);
static void extract_explain_node(extract_t *x, const xmlNode *node);
static void extract_explain_close(extract_t *x);
static void extract_explain_text(sc_buf_t *b, const char *text, size_t len);


void
extract_explain_begin(extract_t *x, const extract_at_t *at)
{
    sc_buf_t  *b = &x->explain;

    if (!extract_explain_asked(x)) {
        return;
    }

    x->explaining = 1;
    x->tries = 0;
    x->problems = 0;

    sc_buf_reset(&x->scratch);
    extract_path(at, &x->scratch);

    sc_buf_add_cstr(b, x->explained++ != 0 ? ",{\"field\":" : "{\"field\":");
    sc_json_string(b, x->scratch.data, x->scratch.len);
    sc_buf_add_cstr(b, ",\"tries\":[");
}


void
extract_explain_try(extract_t *x, const sc_selector_t *selector,
    const extract_found_t *found)
{
    sc_buf_t  *b = &x->explain;

    if (!x->explaining) {
        return;
    }

    extract_explain_close(x);

    sc_buf_add_cstr(b, x->tries++ != 0 ? ",{\"selector\":"
                                       : "{\"selector\":");
    sc_json_cstr(b, selector->text);
    sc_buf_printf(b, ",\"kind\":\"%s\",\"matches\":%zu",
                  sc_rules_select_name(selector->kind),
                  found != NULL ? found->n : 0);

    if (found != NULL) {
        extract_explain_found(x, found);
    }

    sc_buf_add_cstr(b, ",\"problems\":[");
    x->problems = 0;
}


void
extract_explain_problem(extract_t *x, const char *value, const char *what)
{
    sc_buf_t  *b = &x->explain;

    if (!x->explaining || x->tries == 0) {
        return;
    }

    sc_buf_add_cstr(b, x->problems++ != 0 ? "," : "");

    sc_buf_reset(&x->scratch);

    if (value != NULL) {
        sc_buf_add_cstr(&x->scratch, "\"");
        sc_buf_add_cstr(&x->scratch, value);

        if (x->scratch.len > EXPLAIN_SHOWN) {
            x->scratch.len = EXPLAIN_SHOWN;

            while (x->scratch.len != 0
                   && ((unsigned char) x->scratch.data[x->scratch.len] & 0xc0)
                      == 0x80)
            {
                x->scratch.len--;
            }
        }

        sc_buf_add_cstr(&x->scratch, "\" ");
    }

    sc_buf_add_cstr(&x->scratch, what);
    sc_json_string(b, x->scratch.data, x->scratch.len);
}


void
extract_explain_end(extract_t *x, unsigned used)
{
    sc_buf_t  *b = &x->explain;

    if (!x->explaining) {
        return;
    }

    extract_explain_close(x);
    x->explaining = 0;

    if (used) {
        sc_buf_printf(b, "],\"used\":%zu}", x->tries - 1);

    } else {
        sc_buf_add_cstr(b, "],\"used\":null}");
    }
}


/* A page with a million fields is not explained to its end. */

static unsigned
extract_explain_asked(const extract_t *x)
{
    return (x->page->views & EXTRACT_EXPLAIN)
           && x->explain.len < EXTRACT_MAX_EXPLAIN / 2;
}


static void
extract_explain_found(extract_t *x, const extract_found_t *found)
{
    sc_str_t        text;
    sc_buf_t       *b = &x->explain;
    const xmlNode  *node;

    if (found->object != NULL && found->object->type == XPATH_NODESET) {
        node = found->object->nodesetval->nodeTab[0];
        extract_explain_node(x, node);

        sc_buf_reset(&x->text);
        (void) extract_value(x, node, SC_GET_TEXT, NULL, &x->text);
        extract_explain_text(b, x->text.data, x->text.len);

    } else if (found->json != NULL) {
        sc_buf_reset(&x->text);
        sc_json_value(&x->text, json_array_get(found->json, 0));
        extract_explain_text(b, x->text.data, x->text.len);

    } else if (found->texts != NULL) {
        text = extract_texts_get(found->texts, 0);
        extract_explain_text(b, text.data, text.len);
    }
}


static void
extract_explain_node(extract_t *x, const xmlNode *node)
{
    size_t          depth;
    xmlChar        *path;
    sc_buf_t       *b = &x->explain;
    const xmlNode  *n;

    if (node->type == XML_NAMESPACE_DECL) {
        return;
    }

    depth = 0;

    for (n = node; n != NULL && depth <= EXPLAIN_DEPTH; n = n->parent) {
        depth++;
    }

    path = (depth <= EXPLAIN_DEPTH) ? xmlGetNodePath(node) : NULL;

    if (path != NULL) {
        sc_buf_add_cstr(b, ",\"node\":");
        sc_json_cstr(b, (const char *) path);
        xmlFree(path);
    }

    sc_buf_printf(b, ",\"line\":%ld", xmlGetLineNo(node));
}


/* The selector before this one, if any, is finished. */

static void
extract_explain_close(extract_t *x)
{
    if (x->tries != 0) {
        sc_buf_add_cstr(&x->explain, "]}");
    }
}


static void
extract_explain_text(sc_buf_t *b, const char *text, size_t len)
{
    if (len > EXPLAIN_SHOWN) {
        len = EXPLAIN_SHOWN;

        /* not inside a character */
        while (len != 0 && ((unsigned char) text[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    sc_buf_add_cstr(b, ",\"value\":");
    sc_json_string(b, text, len);
}
