
#include <stdio.h>

#include "common/sc_json.h"
#include "sidecar/extract/extract_internal.h"


static int extract_run(extract_t *x, const sc_rules_t *rules);
static int extract_object(extract_t *x, const xmlNode *node,
    const sc_field_t *fields, size_t n, const extract_at_t *at);
static int extract_field(extract_t *x, const xmlNode *node,
    const sc_field_t *field, const extract_at_t *parent);
static int extract_result(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const xmlXPathObject *object);
static int extract_first(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const xmlXPathObject *object);
static int extract_list(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const xmlXPathObject *object);
static int extract_each(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const xmlXPathObject *object);
static size_t extract_matches(extract_t *x, const extract_at_t *at,
    const xmlXPathObject *object);
static void extract_absent(extract_t *x, const sc_field_t *field,
    const extract_at_t *at);
static xmlXPathObjectPtr extract_eval(extract_t *x, const xmlNode *node,
    const sc_field_t *field, const extract_at_t *at);


int
extract_page(const sc_rules_t *rules, extract_page_t *page)
{
    int        rc;
    extract_t  x;

    rc = extract_open(&x, page);

    if (rc == SC_OK) {
        rc = extract_run(&x, rules);
    }

    extract_close(&x);

    return rc;
}


static int
extract_run(extract_t *x, const sc_rules_t *rules)
{
    int              rc;
    extract_page_t  *page = x->page;

    sc_buf_add_cstr(&page->missing, "[");
    sc_buf_add_cstr(&page->warnings, "[");

    rc = extract_object(x, (xmlNode *) x->doc, rules->fields, rules->nfields,
                        NULL);

    sc_buf_add_cstr(&page->missing, "]");
    sc_buf_add_cstr(&page->warnings, "]");

    if (rc == SC_OK && (page->missing.failed || page->warnings.failed)) {
        rc = extract_fail(page, "memory is out");
    }

    return rc;
}


static int
extract_object(extract_t *x, const xmlNode *node, const sc_field_t *fields,
    size_t n, const extract_at_t *at)
{
    size_t           i;
    extract_page_t  *page = x->page;

    sc_buf_add_cstr(&page->data, "{");

    for (i = 0; i < n; i++) {
        if (i != 0) {
            sc_buf_add_cstr(&page->data, ",");
        }

        sc_json_cstr(&page->data, fields[i].name);
        sc_buf_add_cstr(&page->data, ":");

        if (extract_field(x, node, &fields[i], at) != SC_OK) {
            return SC_ERROR;
        }
    }

    sc_buf_add_cstr(&page->data, "}");

    if (page->data.failed || page->data.len > EXTRACT_MAX_DATA) {
        (void) snprintf(page->detail, sizeof(page->detail),
                        "the data is more than %d bytes", EXTRACT_MAX_DATA);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
extract_field(extract_t *x, const xmlNode *node, const sc_field_t *field,
    const extract_at_t *parent)
{
    int                rc;
    extract_at_t       at;
    xmlXPathObjectPtr  object;

    at.parent = parent;
    at.name = field->name;
    at.index = 0;

    object = extract_eval(x, node, field, &at);

    if (object == NULL) {
        rc = (x->page->detail[0] != '\0') ? SC_ERROR : SC_DECLINED;

    } else {
        rc = extract_result(x, field, &at, object);
        xmlXPathFreeObject(object);
    }

    if (rc == SC_DECLINED) {
        extract_absent(x, field, &at);
        return SC_OK;
    }

    return rc;
}


/* SC_DECLINED: there is no value, and nothing has been written. */

static int
extract_result(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const xmlXPathObject *object)
{
    if (field->fields != NULL) {
        return extract_each(x, field, at, object);
    }

    if (field->many) {
        return extract_list(x, field, at, object);
    }

    return extract_first(x, field, at, object);
}


/* libxml2 has sorted the node-set of a path: the first is the document's. */

static int
extract_first(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const xmlXPathObject *object)
{
    if (object->type != XPATH_NODESET) {
        return extract_scalar(x, field->type, at, object);
    }

    if (xmlXPathNodeSetIsEmpty(object->nodesetval)) {
        return SC_DECLINED;
    }

    return extract_node(x, field->type, at, object->nodesetval->nodeTab[0]);
}


/* An element that cannot be made into its type is null, in its place. */

static int
extract_list(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const xmlXPathObject *object)
{
    int            rc;
    size_t         n;
    sc_buf_t      *data = &x->page->data;
    extract_at_t   item = { at, NULL, 0 };

    n = extract_matches(x, at, object);
    if (n == 0) {
        return SC_DECLINED;
    }

    for (item.index = 0; item.index < n && !data->failed; item.index++) {
        sc_buf_add_cstr(data, item.index == 0 ? "[" : ",");

        if (object->type == XPATH_NODESET) {
            rc = extract_node(x, field->type, &item,
                              object->nodesetval->nodeTab[item.index]);
        } else {
            rc = extract_scalar(x, field->type, &item, object);
        }

        if (rc == SC_DECLINED) {
            sc_buf_add_cstr(data, "null");
        }
    }

    sc_buf_add_cstr(data, "]");

    return SC_OK;
}


static int
extract_each(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const xmlXPathObject *object)
{
    size_t          n;
    sc_buf_t       *data = &x->page->data;
    const xmlNode  *node;
    extract_at_t    item = { at, NULL, 0 };

    n = extract_matches(x, at, object);
    if (n == 0 || object->type != XPATH_NODESET) {
        return SC_DECLINED;
    }

    for (item.index = 0; item.index < n; item.index++) {
        sc_buf_add_cstr(data, item.index == 0 ? "[" : ",");

        node = object->nodesetval->nodeTab[item.index];

        if (node->type == XML_NAMESPACE_DECL) {
            /* not a node to libxml2's own axes */
            sc_buf_add_cstr(data, "null");
            continue;
        }

        if (extract_object(x, node, field->fields, field->nfields, &item)
            != SC_OK)
        {
            return SC_ERROR;
        }
    }

    sc_buf_add_cstr(data, "]");

    return SC_OK;
}


/* How many values there are to list. */

static size_t
extract_matches(extract_t *x, const extract_at_t *at,
    const xmlXPathObject *object)
{
    char    what[80];
    size_t  n;

    if (object->type != XPATH_NODESET) {
        return 1;
    }

    if (xmlXPathNodeSetIsEmpty(object->nodesetval)) {
        return 0;
    }

    n = (size_t) object->nodesetval->nodeNr;

    if (n > EXTRACT_MAX_MATCHES) {
        (void) snprintf(what, sizeof(what),
                        "%zu matches, all after the first %d are left out", n,
                        EXTRACT_MAX_MATCHES);
        extract_warn(x, at, NULL, what);
        n = EXTRACT_MAX_MATCHES;
    }

    return n;
}


static void
extract_absent(extract_t *x, const sc_field_t *field, const extract_at_t *at)
{
    sc_buf_t  *missing = &x->page->missing;

    if (field->required && x->missing++ < EXTRACT_MAX_MISSING) {
        if (x->missing > 1) {
            sc_buf_add_cstr(missing, ",");
        }

        sc_buf_reset(&x->scratch);
        extract_path(at, &x->scratch);
        sc_json_string(missing, x->scratch.data, x->scratch.len);
    }

    if (field->fallback != NULL) {
        sc_buf_add_cstr(&x->page->data, field->fallback);

    } else if (field->many || field->fields != NULL) {
        sc_buf_add_cstr(&x->page->data, "[]");

    } else {
        sc_buf_add_cstr(&x->page->data, "null");
    }
}


/* NULL with a detail when the page fails, else with a warning. */

static xmlXPathObjectPtr
extract_eval(extract_t *x, const xmlNode *node, const sc_field_t *field,
    const extract_at_t *at)
{
    int                code;
    char               what[80];
    xmlXPathObjectPtr  object;

    object = extract_xpath(x, node, field->comp, &code);
    if (object != NULL) {
        return object;
    }

    if (code == EXTRACT_NO_STEPS) {
        sc_buf_reset(&x->scratch);
        extract_path(at, &x->scratch);
        (void) snprintf(x->page->detail, sizeof(x->page->detail),
                        "the expression of \"%.120s\" takes more than %d "
                        "steps", x->scratch.data, EXTRACT_MAX_OPS);

    } else if (code == EXTRACT_NO_MEMORY) {
        (void) extract_fail(x->page, EXTRACT_TOO_MUCH);

    } else {
        (void) snprintf(what, sizeof(what),
                        "the expression failed on this page, libxml2 says %d",
                        code);
        extract_warn(x, at, NULL, what);
    }

    return NULL;
}
