
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/sc_json_of.h"
#include "sidecar/extract/extract_internal.h"


static int extract_select_xpath(extract_t *x, const xmlNode *node,
    const sc_selector_t *selector, const extract_at_t *at,
    extract_found_t *found);
static int extract_failed(extract_t *x, int code, const extract_at_t *at);
static int extract_select_regex(extract_t *x, const sc_selector_t *selector,
    unsigned all, const extract_at_t *at, extract_found_t *found);
static int extract_select_path(extract_t *x, const sc_selector_t *selector,
    json_t *root, const extract_at_t *at, extract_found_t *found);
static int extract_select_path_found(void *data, json_t *value);
static int extract_select_meta(extract_t *x, const sc_selector_t *selector,
    extract_found_t *found);
static int extract_select_header(extract_t *x, const sc_selector_t *selector,
    extract_found_t *found);
static int extract_select_const(const sc_selector_t *selector,
    extract_found_t *found);
static int extract_texts_found(extract_t *x, extract_found_t *found);
static json_t *extract_page_json(extract_t *x);
static void extract_page_unread(extract_t *x, const json_error_t *err);
static json_t *extract_page_jsonld(extract_t *x);
static json_t *extract_page_headers(extract_t *x);


int
extract_select(extract_t *x, const extract_here_t *here,
    const sc_selector_t *selector, unsigned all, const extract_at_t *at,
    extract_found_t *found)
{
    memset(found, 0, sizeof(extract_found_t));

    switch (selector->kind) {

    case SC_SELECT_REGEX:
        return extract_select_regex(x, selector, all, at, found);

    case SC_SELECT_JSON:
        return extract_select_path(x, selector,
                                   here->json != NULL ? here->json
                                                      : extract_page_json(x),
                                   at, found);

    case SC_SELECT_JSONLD:
        return (extract_page_jsonld(x) == NULL)
               ? extract_fail(x->page, "memory is out")
               : extract_select_path(x, selector, x->jsonld, at, found);

    case SC_SELECT_META:
        return extract_select_meta(x, selector, found);

    case SC_SELECT_HEADER:
        return extract_select_header(x, selector, found);

    case SC_SELECT_CONST:
        return extract_select_const(selector, found);

    default:
        return extract_select_xpath(x, here->node, selector, at, found);
    }
}


void
extract_found_free(extract_found_t *found)
{
    xmlXPathFreeObject(found->object);
    json_decref(found->json);
}


int
extract_condition(extract_t *x, const xmlNode *node,
    xmlXPathCompExprPtr comp, const extract_at_t *at)
{
    int                code, truth;
    xmlXPathObjectPtr  object;

    object = extract_xpath(x, node, comp, &code);

    if (object == NULL) {
        return extract_failed(x, code, at) == SC_DECLINED ? 0 : -1;
    }

    truth = xmlXPathCastToBoolean(object);
    xmlXPathFreeObject(object);

    return truth;
}


static int
extract_select_xpath(extract_t *x, const xmlNode *node,
    const sc_selector_t *selector, const extract_at_t *at,
    extract_found_t *found)
{
    int                  code;
    xmlXPathCompExprPtr  comp;

    comp = selector->comp;

    if (selector->comp_xml != NULL && x->parsed.kind == PAGE_XML) {
        comp = selector->comp_xml;
    }

    found->object = extract_xpath(x, node, comp, &code);

    if (found->object == NULL) {
        return extract_failed(x, code, at);
    }

    if (found->object->type != XPATH_NODESET) {
        found->n = 1;
        return SC_OK;
    }

    if (xmlXPathNodeSetIsEmpty(found->object->nodesetval)) {
        return SC_DECLINED;
    }

    found->n = (size_t) found->object->nodesetval->nodeNr;

    return SC_OK;
}


/* The page ends with too much work or memory; all else is a warning. */

static int
extract_failed(extract_t *x, int code, const extract_at_t *at)
{
    char  what[80];

    if (code == EXTRACT_NO_MEMORY) {
        return extract_fail(x->page, EXTRACT_TOO_MUCH);
    }

    if (code != EXTRACT_NO_STEPS) {
        (void) snprintf(what, sizeof(what),
                        "the expression failed on this page, libxml2 says %d",
                        code);
        extract_warn(x, at, NULL, what);

        return SC_DECLINED;
    }

    if (extract_interrupted()) {
        return extract_fail(x->page, "the page takes longer than it may");
    }

    sc_buf_reset(&x->scratch);

    if (at != NULL) {
        extract_path(at, &x->scratch);
    }

    (void) snprintf(x->page->detail, sizeof(x->page->detail),
                    "the expression of \"%.120s\" takes more than %d steps",
                    x->scratch.len != 0 ? x->scratch.data : "drop_if",
                    EXTRACT_MAX_OPS);

    return SC_ERROR;
}


/* A group that took no part in a match gives no value there. */

static int
extract_select_regex(extract_t *x, const sc_selector_t *selector,
    unsigned all, const extract_at_t *at, extract_found_t *found)
{
    int                rc;
    sc_str_t           text;
    sc_regex_result_t  result;

    extract_texts_reset(&x->texts);
    result = sc_regex_match(selector->regex, x->parsed.text, 0);

    while (result == SC_REGEX_MATCH && x->texts.n < EXTRACT_MAX_MATCHES) {

        rc = SC_OK;

        if (sc_regex_group(selector->regex, (unsigned) selector->group,
                           &text)
            == SC_OK)
        {
            rc = extract_texts_add(&x->texts, text.data, text.len);
        }

        if (rc != SC_OK) {
            return extract_fail(x->page, "memory is out");
        }

        if (!all && x->texts.n != 0) {
            break;
        }

        result = sc_regex_next(selector->regex);
    }

    if (result == SC_REGEX_ERROR) {
        return extract_fail(x->page, "memory is out");
    }

    if (result == SC_REGEX_LIMIT) {
        extract_warn(x, at, selector->text,
                     "does more work on this page than a pattern may");
    }

    return extract_texts_found(x, found);
}


static int
extract_select_path(extract_t *x, const sc_selector_t *selector,
    json_t *root, const extract_at_t *at, extract_found_t *found)
{
    if (root == NULL) {
        return SC_DECLINED;
    }

    found->json = json_array();
    if (found->json == NULL) {
        return extract_fail(x->page, "memory is out");
    }

    if (sc_jsonpath_eval(selector->path, root, &x->steps,
                         extract_select_path_found, found->json)
        != SC_OK)
    {
        extract_warn(x, at, selector->text,
                     "does more work on this page than a path may");
        return SC_DECLINED;
    }

    found->n = json_array_size(found->json);

    return found->n != 0 ? SC_OK : SC_DECLINED;
}


static int
extract_select_path_found(void *data, json_t *value)
{
    return json_array_append(data, value) == 0 ? SC_OK : SC_ERROR;
}


static int
extract_select_meta(extract_t *x, const sc_selector_t *selector,
    extract_found_t *found)
{
    int         rc;
    view_t      v = extract_viewed(x);
    size_t      i, len;
    sc_buf_t   *b = &x->scratch;

    extract_texts_reset(&x->texts);
    sc_buf_reset(b);

    rc = view_meta_values(&v, selector->text, b);

    for (i = 0; rc == SC_OK && i < b->len; i += len + 1) {
        len = strlen(b->data + i);
        rc = extract_texts_add(&x->texts, b->data + i, len);
    }

    if (rc == SC_ERROR) {
        return extract_fail(x->page, "memory is out");
    }

    return extract_texts_found(x, found);
}


static int
extract_select_header(extract_t *x, const sc_selector_t *selector,
    extract_found_t *found)
{
    size_t       i;
    json_t      *field;
    json_t      *headers;
    const char  *name, *value;

    headers = extract_page_headers(x);
    extract_texts_reset(&x->texts);

    json_array_foreach(headers, i, field) {
        name = json_string_value(json_array_get(field, 0));
        value = json_string_value(json_array_get(field, 1));

        if (name == NULL || value == NULL
            || strcasecmp(name, selector->text) != 0)
        {
            continue;
        }

        if (extract_texts_add(&x->texts, value, strlen(value)) != SC_OK) {
            return extract_fail(x->page, "memory is out");
        }
    }

    return extract_texts_found(x, found);
}


static int
extract_select_const(const sc_selector_t *selector, extract_found_t *found)
{
    found->json = json_pack("[o?]",
                            sc_json_of(selector->text, strlen(selector->text),
                                       JSON_DECODE_ANY, NULL));
    found->n = json_array_size(found->json);
    found->raw = 1;

    return found->n != 0 ? SC_OK : SC_DECLINED;
}


static int
extract_texts_found(extract_t *x, extract_found_t *found)
{
    found->texts = &x->texts;
    found->n = x->texts.n;

    return found->n != 0 ? SC_OK : SC_DECLINED;
}


/* A page that is not JSON has no value of JSON. */

static json_t *
extract_page_json(extract_t *x)
{
    sc_str_t      text = x->parsed.text;
    json_error_t  err;

    if (x->loaded & EXTRACT_LOADED_JSON) {
        return x->json;
    }

    x->loaded |= EXTRACT_LOADED_JSON;
    x->json = sc_json_of(text.data, text.len,
                         JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    if (x->json == NULL) {
        /* an integer of more than 64 bits is a number still */
        x->json = sc_json_of(text.data, text.len,
                             JSON_DECODE_ANY | JSON_ALLOW_NUL
                             | JSON_DECODE_INT_AS_REAL, &err);
    }

    if (x->json == NULL && x->parsed.kind == PAGE_JSON) {
        extract_page_unread(x, &err);
    }

    return x->json;
}


/* One value that cannot be kept costs them all: that is told. */

static void
extract_page_unread(extract_t *x, const json_error_t *err)
{
    sc_buf_t  *b = &x->text;

    sc_buf_reset(b);
    (void) sc_buf_printf(b, "the page's JSON cannot be read, line %d, column "
                         "%d: %s", err->line, err->column, err->text);

    if (!b->failed) {
        extract_warn(x, NULL, NULL, b->data);
    }
}


static json_t *
extract_page_jsonld(extract_t *x)
{
    view_t  v;

    if (!(x->loaded & EXTRACT_LOADED_JSONLD)) {
        x->loaded |= EXTRACT_LOADED_JSONLD;
        v = extract_viewed(x);
        x->jsonld = view_jsonld_load(&v);
    }

    return x->jsonld;
}


static json_t *
extract_page_headers(extract_t *x)
{
    sc_str_t  text = x->page->headers;

    if (!(x->loaded & EXTRACT_LOADED_HEADERS)) {
        x->loaded |= EXTRACT_LOADED_HEADERS;
        x->headers = sc_json_of(text.data, text.len, 0, NULL);
    }

    return x->headers;
}
