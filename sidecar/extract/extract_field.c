
#include <stdio.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/views/view_value.h"


static int extract_field(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *parent);
static int extract_tried(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at);
static int extract_try(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const sc_selector_t *selector,
    const extract_at_t *at, size_t *matches);
static int extract_found(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found);
static int extract_list(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const extract_found_t *found);
static int extract_item(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const extract_found_t *found, size_t i);
static int extract_node(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const xmlNode *node);
static int extract_scalar(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const xmlXPathObject *object);
static int extract_each(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found);
static int extract_each_at(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found, size_t i, extract_here_t *place);
static int extract_transformed(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const extract_found_t *found);
static int extract_gather(extract_t *x, const sc_field_t *field,
    const extract_found_t *found, size_t i);
static size_t extract_matches(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, size_t n);
static void extract_absent(extract_t *x, const sc_field_t *field,
    const extract_at_t *at);


int
extract_object(extract_t *x, const extract_here_t *here,
    const sc_field_t *fields, size_t n, const extract_at_t *at)
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

        if (extract_field(x, here, &fields[i], at) != SC_OK) {
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
extract_field(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *parent)
{
    int            rc;
    extract_at_t   at = { parent, field->name, 0 };

    x->fill[field->index].looked++;

    if (field->fields != NULL && !field->each) {
        rc = extract_object(x, here, field->fields, field->nfields, &at);

    } else {
        rc = extract_tried(x, here, field, &at);
    }

    if (rc == SC_DECLINED) {
        extract_absent(x, field, &at);
        return SC_OK;
    }

    x->fill[field->index].found += (rc == SC_OK);

    return rc;
}


/* The first selector that gives a value is the one that counts. */

static int
extract_tried(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at)
{
    int     rc;
    size_t  i, matches;

    extract_explain_begin(x, at);

    rc = SC_DECLINED;
    matches = 0;

    for (i = 0; i < field->nselectors && rc == SC_DECLINED; i++) {
        rc = extract_try(x, here, field, &field->selectors[i], at, &matches);
    }

    extract_explain_end(x, rc == SC_OK);

    if (rc != SC_DECLINED || matches != 0) {
        return rc;
    }

    if (field->get == SC_GET_EXISTS) {
        return extract_typed_bool(x, field, at, 0);
    }

    if (field->get == SC_GET_COUNT) {
        return extract_typed_number(x, field, at, 0);
    }

    return SC_DECLINED;
}


static int
extract_try(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const sc_selector_t *selector,
    const extract_at_t *at, size_t *matches)
{
    int              rc;
    unsigned         all;
    extract_found_t  found;

    all = (field->many || field->get == SC_GET_COUNT);
    rc = extract_select(x, here, selector, all, at, &found);

    extract_explain_try(x, selector, rc == SC_OK ? &found : NULL);

    if (rc == SC_OK) {
        *matches += found.n;
        rc = extract_found(x, here, field, at, &found);
    }

    extract_found_free(&found);

    return rc;
}


/* SC_DECLINED: there is no value, and nothing has been written. */

static int
extract_found(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found)
{
    if (field->each) {
        return extract_each(x, here, field, at, found);
    }

    if (field->get == SC_GET_EXISTS) {
        return extract_typed_bool(x, field, at, found->object == NULL
                                  || xmlXPathCastToBoolean(found->object));
    }

    if (field->get == SC_GET_COUNT) {
        return extract_typed_number(x, field, at, (double) found->n);
    }

    if (field->ntransforms != 0) {
        return extract_transformed(x, field, at, found);
    }

    if (field->many) {
        return extract_list(x, field, at, found);
    }

    return extract_item(x, field, at, found, 0);
}


/* An element that cannot be made into its type is null, in its place. */

static int
extract_list(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found)
{
    int            rc;
    size_t         n;
    sc_buf_t      *data = &x->page->data;
    extract_at_t   item = { at, NULL, 0 };

    n = extract_matches(x, field, at, found->n);

    for (item.index = 0; item.index < n && !data->failed; item.index++) {
        sc_buf_add_cstr(data, item.index == 0 ? "[" : ",");

        rc = extract_item(x, field, &item, found, item.index);

        if (rc == SC_DECLINED) {
            sc_buf_add_cstr(data, "null");

        } else if (rc != SC_OK) {
            return SC_ERROR;
        }
    }

    sc_buf_add_cstr(data, "]");

    return SC_OK;
}


/* libxml2 has sorted the node-set of a path: the first is the document's. */

static int
extract_item(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found, size_t i)
{
    sc_str_t       text;
    const json_t  *value;

    if (found->json != NULL) {
        value = json_array_get(found->json, i);

        if (!found->raw || !json_is_string(value)) {
            return extract_typed_json(x, field, at, value);
        }

        text.data = json_string_value(value);
        text.len = json_string_length(value);

        return extract_typed(x, field, at, text);
    }

    if (found->texts != NULL) {
        return found->texts->list[i].absent
               ? SC_DECLINED
               : extract_typed(x, field, at,
                               extract_texts_get(found->texts, i));
    }

    if (found->object->type == XPATH_NODESET) {
        return extract_node(x, field, at,
                            found->object->nodesetval->nodeTab[i]);
    }

    return extract_scalar(x, field, at, found->object);
}


static int
extract_node(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const xmlNode *node)
{
    int  rc;

    sc_buf_reset(&x->text);
    rc = extract_value(x, node, field->get, field->attr, &x->text);

    if (rc != SC_OK) {
        return rc;
    }

    return extract_typed(x, field, at, extract_trimmed(&x->text, field));
}


static int
extract_scalar(extract_t *x, const sc_field_t *field, const extract_at_t *at,
    const xmlXPathObject *object)
{
    const char  *s;

    switch (object->type) {

    case XPATH_BOOLEAN:
        return extract_typed_bool(x, field, at, object->boolval);

    case XPATH_NUMBER:
        return extract_typed_number(x, field, at, object->floatval);

    case XPATH_STRING:
        s = (const char *) object->stringval;
        sc_buf_reset(&x->text);
        view_value_collapse(&x->text, 0, s, strlen(s));

        return extract_typed(x, field, at, extract_trimmed(&x->text, field));

    default:
        return SC_DECLINED;
    }
}


static int
extract_each(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found)
{
    int              rc;
    size_t           i, n;
    sc_buf_t        *data = &x->page->data;
    extract_at_t     item = { at, NULL, 0 };
    extract_here_t   place;

    if (found->json == NULL
        && (found->object == NULL || found->object->type != XPATH_NODESET))
    {
        return SC_DECLINED;
    }

    sc_buf_add_cstr(data, "[");
    n = extract_matches(x, field, at, found->n);

    for (i = 0; i < n; i++) {
        rc = extract_each_at(x, here, field, &item, found, i, &place);

        if (rc == SC_DECLINED) {
            continue;
        }

        if (rc != SC_OK) {
            return SC_ERROR;
        }

        if (item.index != 0) {
            sc_buf_add_cstr(data, ",");
        }

        extract_explain_end(x, 1);

        if (extract_object(x, &place, field->fields, field->nfields, &item)
            != SC_OK)
        {
            return SC_ERROR;
        }

        item.index++;
    }

    if (item.index == 0 && !data->failed) {
        data->data[--data->len] = '\0';
        return SC_DECLINED;
    }

    sc_buf_add_cstr(data, "]");

    return SC_OK;
}


/*
 * Where item i is; SC_DECLINED when it is left out.  A namespace node is not
 * a node to libxml2's own axes.
 */

static int
extract_each_at(extract_t *x, const extract_here_t *here,
    const sc_field_t *field, const extract_at_t *at,
    const extract_found_t *found, size_t i, extract_here_t *place)
{
    int  drop;

    *place = *here;

    if (found->json != NULL) {
        place->json = json_array_get(found->json, i);
        return SC_OK;
    }

    place->node = found->object->nodesetval->nodeTab[i];

    if (place->node->type == XML_NAMESPACE_DECL) {
        return SC_DECLINED;
    }

    if (field->drop_if == NULL) {
        return SC_OK;
    }

    drop = extract_condition(x, place->node, field->drop_if, at);

    if (drop < 0) {
        return SC_ERROR;
    }

    return drop ? SC_DECLINED : SC_OK;
}


static int
extract_transformed(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const extract_found_t *found)
{
    size_t           i, n;
    extract_found_t  made = { .texts = &x->texts };

    n = field->many ? extract_matches(x, field, at, found->n) : 1;

    if (found->texts != NULL) {
        x->texts.n = n;

    } else {
        extract_texts_reset(&x->texts);

        for (i = 0; i < n; i++) {
            if (extract_gather(x, field, found, i) != SC_OK) {
                return extract_fail(x->page, "memory is out");
            }
        }
    }

    if (extract_transform(x, field, at) != SC_OK) {
        return SC_ERROR;
    }

    made.n = x->texts.n;

    if (x->texts.n == 0
        || (x->texts.n == 1 && x->texts.list[0].absent
            && !(field->many && field->list)))
    {
        return SC_DECLINED;
    }

    return field->list ? extract_list(x, field, at, &made)
                       : extract_item(x, field, at, &made, 0);
}


/* Add match i to the texts that are to be transformed. */

static int
extract_gather(extract_t *x, const sc_field_t *field,
    const extract_found_t *found, size_t i)
{
    const char              *s;
    sc_buf_t                *b = &x->text;
    const json_t            *value;
    const xmlXPathObject    *object = found->object;

    sc_buf_reset(b);

    if (found->json != NULL) {
        value = json_array_get(found->json, i);

        if (json_is_null(value)) {
            return extract_texts_absent(&x->texts);
        }

        if (json_is_string(value)) {
            sc_buf_add(b, json_string_value(value),
                       json_string_length(value));
        } else {
            sc_json_value(b, value);
        }

    } else if (object->type == XPATH_NODESET) {
        if (extract_value(x, object->nodesetval->nodeTab[i], field->get,
                          field->attr, b)
            == SC_DECLINED)
        {
            return extract_texts_absent(&x->texts);
        }

    } else if (object->type == XPATH_NUMBER) {
        sc_json_number(b, object->floatval);

    } else if (object->type == XPATH_BOOLEAN) {
        sc_buf_add_cstr(b, object->boolval ? "true" : "false");

    } else {
        s = (const char *) object->stringval;
        view_value_collapse(b, 0, s, strlen(s));
    }

    if (b->failed) {
        return SC_ERROR;
    }

    (void) extract_trimmed(b, field);

    return extract_texts_add(&x->texts, b->data, b->len);
}


/* How many values there are to list; of items that may be dropped, to try. */

static size_t
extract_matches(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, size_t n)
{
    char  what[80];

    if (field->max_items != 0 && n > field->max_items) {
        n = field->max_items;
    }

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

    if (field->required) {
        x->incomplete = 1;
    }

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

    } else if (field->list || field->each) {
        sc_buf_add_cstr(&x->page->data, "[]");

    } else {
        sc_buf_add_cstr(&x->page->data, "null");
    }
}
