
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/page/arena.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/form/form.h"


/*
 * What a request wants of a page; all is inside json.
 *
 * form, check  XPath, "" when it is not wanted
 */
typedef struct {
    json_t       *json;
    const char   *form;
    const char   *check;
    form_fill_t  *fill;
    size_t        nfill;
} extract_spec_t;


static int extract_spec(extract_spec_t *s, sc_str_t text,
    extract_page_t *page);
static int extract_spec_text(json_t *json, const char *name,
    const char **text);
static int extract_spec_fill(extract_spec_t *s, json_t *json);
static int extract_form_run(extract_t *x, const extract_spec_t *s,
    sc_buf_t *out);
static int extract_form_check(extract_t *x, const char *expr, sc_buf_t *out);
static int extract_form_send(extract_t *x, const extract_spec_t *s,
    sc_buf_t *out);
static const xmlNode *extract_form_find(extract_t *x, const char *expr);
static xmlXPathObjectPtr extract_form_eval(extract_t *x, const char *expr);
static int extract_form_says(extract_page_t *page, const char *expr,
    const char *what);


int
extract_form(sc_str_t spec, extract_page_t *page, sc_buf_t *out)
{
    int             rc;
    extract_t       x;
    extract_spec_t  s;

    memset(&s, 0, sizeof(extract_spec_t));
    s.form = "";
    s.check = "";

    rc = extract_open(&x, page, SC_PARSER_AUTO);

    if (rc == SC_OK) {
        rc = extract_spec(&s, spec, page);
    }

    if (rc == SC_OK) {
        rc = extract_form_run(&x, &s, out);
    }

    extract_close(&x);
    free(s.fill);
    json_decref(s.json);

    return rc;
}


static int
extract_spec(extract_spec_t *s, sc_str_t text, extract_page_t *page)
{
    json_t  *fill;

    s->json = sc_json_of(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    fill = json_object_get(s->json, "fill");

    if (!json_is_object(s->json)
        || extract_spec_text(s->json, "form", &s->form) != SC_OK
        || extract_spec_text(s->json, "check", &s->check) != SC_OK
        || (fill != NULL && !json_is_object(fill)))
    {
        return extract_fail(page, "the form was asked for with what is not "
                                  "such a request");
    }

    if (json_object_size(fill) > FORM_MAX_FILL) {
        (void) snprintf(page->detail, sizeof(page->detail),
                        "%zu values to fill in are more than %d",
                        json_object_size(fill), FORM_MAX_FILL);
        return SC_ERROR;
    }

    if (extract_spec_fill(s, fill) != SC_OK) {
        return extract_fail(page, "a value to fill in is not a string");
    }

    return SC_OK;
}


static int
extract_spec_text(json_t *json, const char *name, const char **text)
{
    json_t  *value;

    value = json_object_get(json, name);

    if (value == NULL) {
        return SC_OK;
    }

    *text = json_string_value(value);

    return *text != NULL ? SC_OK : SC_ERROR;
}


static int
extract_spec_fill(extract_spec_t *s, json_t *json)
{
    json_t       *value;
    const char   *name;
    form_fill_t  *fill;

    s->fill = calloc(json_object_size(json) + 1, sizeof(form_fill_t));
    if (s->fill == NULL) {
        return SC_ERROR;
    }

    json_object_foreach(json, name, value) {
        fill = &s->fill[s->nfill++];
        fill->name = name;
        fill->value = json_string_value(value);

        if (fill->value == NULL) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
extract_form_run(extract_t *x, const extract_spec_t *s, sc_buf_t *out)
{
    (void) sc_buf_add_cstr(out, "{");

    if (s->check[0] != '\0'
        && extract_form_check(x, s->check, out) != SC_OK)
    {
        return SC_ERROR;
    }

    if (s->form[0] != '\0') {
        if (s->check[0] != '\0') {
            (void) sc_buf_add_cstr(out, ",");
        }

        if (extract_form_send(x, s, out) != SC_OK) {
            return SC_ERROR;
        }
    }

    (void) sc_buf_add_cstr(out, "}");

    /* libxml2 goes on without what it got no memory for */

    if (arena_failed()) {
        return extract_fail(x->page, EXTRACT_TOO_MUCH);
    }

    if (out->failed) {
        return extract_fail(x->page, "what the form sends is too long");
    }

    return SC_OK;
}


static int
extract_form_check(extract_t *x, const char *expr, sc_buf_t *out)
{
    xmlXPathObjectPtr  object;

    object = extract_form_eval(x, expr);
    if (object == NULL) {
        return SC_ERROR;
    }

    (void) sc_buf_printf(out, "\"ok\":%s",
                         xmlXPathCastToBoolean(object) ? "true" : "false");
    xmlXPathFreeObject(object);

    return SC_OK;
}


static int
extract_form_send(extract_t *x, const extract_spec_t *s, sc_buf_t *out)
{
    int             rc;
    form_t          form;
    const xmlNode  *node;

    node = extract_form_find(x, s->form);
    if (node == NULL) {
        return SC_ERROR;
    }

    memset(&form, 0, sizeof(form_t));
    sc_buf_init(&form.url, EXTRACT_MAX_DATA);
    sc_buf_init(&form.body, EXTRACT_MAX_DATA);

    rc = form_submit(node, x->page->url, s->fill, s->nfill, &form);

    if (rc != SC_OK) {
        (void) extract_fail(x->page, form.detail);

    } else if (form.url.len > URL_MAX) {
        (void) snprintf(x->page->detail, sizeof(x->page->detail),
                        "the form leads to a URL of %zu bytes, more than %d",
                        form.url.len, URL_MAX);
        rc = SC_ERROR;

    } else {
        (void) sc_buf_printf(out, "\"method\":\"%s\",\"url\":",
                             form.method);
        (void) sc_json_string(out, form.url.data, form.url.len);
        (void) sc_buf_add_cstr(out, ",\"body\":");
        (void) sc_json_string(out, form.body.data, form.body.len);
    }

    sc_buf_free(&form.url);
    sc_buf_free(&form.body);

    return rc;
}


static const xmlNode *
extract_form_find(extract_t *x, const char *expr)
{
    const xmlNode      *node;
    xmlXPathObjectPtr   object;

    object = extract_form_eval(x, expr);
    if (object == NULL) {
        return NULL;
    }

    if (object->type != XPATH_NODESET) {
        (void) extract_form_says(x->page, expr, "selects no form");
        node = NULL;

    } else if (xmlXPathNodeSetIsEmpty(object->nodesetval)) {
        (void) extract_form_says(x->page, expr,
                                 "selects nothing on the page");
        node = NULL;

    } else {
        node = form_of(object->nodesetval->nodeTab[0]);

        if (node == NULL) {
            (void) extract_form_says(x->page, expr,
                                     "selects what is in no form");
        }
    }

    xmlXPathFreeObject(object);

    return node;
}


static xmlXPathObjectPtr
extract_form_eval(extract_t *x, const char *expr)
{
    int                  code;
    char                 what[80];
    xmlXPathObjectPtr    object;
    xmlXPathCompExprPtr  comp;

    comp = xmlXPathCtxtCompile(x->xpath, BAD_CAST expr);

    if (comp == NULL) {
        xmlResetError(&x->xpath->lastError);
        (void) extract_form_says(x->page, expr, "does not compile");
        return NULL;
    }

    object = extract_xpath(x, (const xmlNode *) x->doc, comp, &code);
    xmlXPathFreeCompExpr(comp);

    if (object != NULL) {
        return object;
    }

    if (code == EXTRACT_NO_MEMORY) {
        (void) extract_fail(x->page, EXTRACT_TOO_MUCH);
        return NULL;
    }

    if (code == EXTRACT_NO_STEPS) {
        (void) snprintf(what, sizeof(what), "takes more than %d steps",
                        EXTRACT_MAX_OPS);

    } else {
        (void) snprintf(what, sizeof(what),
                        "failed on this page, libxml2 says %d", code);
    }

    (void) extract_form_says(x->page, expr, what);

    return NULL;
}


static int
extract_form_says(extract_page_t *page, const char *expr, const char *what)
{
    (void) snprintf(page->detail, sizeof(page->detail), "\"%.120s\" %s",
                    expr, what);

    return SC_ERROR;
}
