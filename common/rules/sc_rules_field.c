
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


/* a key of a rule that is an object; group: of one with "each" */

typedef struct {
    const char  *name;
    unsigned     group:1;
} sc_rules_key_t;


static int sc_rules_type(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_required(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_default(sc_rules_parser_t *p, json_t *value,
    sc_field_t *field);
static int sc_rules_expression(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field);


static const sc_rules_key_t  sc_rules_known[] = {
    { "xpath", 0 },
    { "type", 0 },
    { "default", 0 },
    { "required", 0 },
    { "each", 1 },
    { "fields", 1 }
};


static const char *const  sc_rules_types[] = {
    [SC_TYPE_STRING] = "string",
    [SC_TYPE_INT] = "int",
    [SC_TYPE_NUMBER] = "number",
    [SC_TYPE_BOOL] = "bool",
    [SC_TYPE_URL] = "url"
};


/* What looks like CSS is refused, even where it would compile as XPath. */

int
sc_rules_selector(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field)
{
    if (!sc_rules_is_xpath(json_string_value(value))) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "\"%s\" is not XPath; a selector begins with "
                               "\"/\", \".\", \"(\", \"@\", a function or "
                               "an axis",
                               sc_rules_quoted(p, json_string_value(value)));
    }

    return sc_rules_expression(p, value, path, field);
}


int
sc_rules_check_xpath(const char *expr, int nodeset, sc_rules_error_t *err)
{
    int                 rc;
    json_t             *value;
    sc_field_t          field;
    sc_rules_path_t     root = { NULL, "", "" };
    sc_rules_parser_t   p;

    memset(err, 0, sizeof(sc_rules_error_t));
    memset(&field, 0, sizeof(sc_field_t));

    p.err = err;
    p.nfields = 0;

    value = json_string(expr);
    if (value == NULL) {
        return sc_rules_refuse(err, SC_RULES_RULE, &root,
                               "the XPath is not UTF-8");
    }

    if (sc_rules_xpath_open(&p.xpath) != SC_OK) {
        rc = sc_rules_no_memory(&p);

    } else {
        rc = sc_rules_selector(&p, value, &root, &field);
    }

    if (rc == SC_OK && nodeset && !p.xpath.nodeset) {
        rc = sc_rules_refuse(err, SC_RULES_RULE, &root,
                             "\"%s\" is not a node-set",
                             sc_rules_quoted(&p, expr));
    }

    xmlXPathFreeCompExpr(field.comp);
    free(field.xpath);
    sc_rules_xpath_close(&p.xpath);
    json_decref(value);

    return rc;
}


int
sc_rules_object(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    json_t           *xpath;
    sc_rules_path_t   here;

    if (sc_rules_keys(p, object, path, 0) != SC_OK) {
        return SC_ERROR;
    }

    xpath = json_object_get(object, "xpath");

    if (xpath == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a rule needs \"xpath\" or \"each\"");
    }

    here = sc_rules_below(path, "xpath");

    if (!json_is_string(xpath)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"xpath\" is one expression in a string, "
                               "not %s", sc_rules_kind(xpath));
    }

    /* the shape comes before the expression: 400 before 422 */
    if (sc_rules_type(p, json_object_get(object, "type"), path, field)
        || sc_rules_required(p, json_object_get(object, "required"), path,
                             field)
        || sc_rules_default(p, json_object_get(object, "default"), field))
    {
        return SC_ERROR;
    }

    return sc_rules_expression(p, xpath, &here, field);
}


int
sc_rules_keys(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned group)
{
    size_t            i, n;
    json_t           *value;
    const char       *key;
    sc_rules_path_t   here;

    n = sizeof(sc_rules_known) / sizeof(sc_rules_known[0]);

    json_object_foreach(object, key, value) {
        here = sc_rules_below(path, key);

        for (i = 0; i < n; i++) {
            if (strcmp(key, sc_rules_known[i].name) == 0) {
                break;
            }
        }

        if (i == n) {
            return sc_rules_refuse(p->err, SC_RULES_UNKNOWN, &here,
                                   "unknown key \"%s\"",
                                   sc_rules_quoted(p, key));
        }

        if (sc_rules_known[i].group != group) {
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                                   "\"%s\" %s \"each\"", key,
                                   group ? "does not go with" : "needs");
        }
    }

    return SC_OK;
}


static int
sc_rules_type(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field)
{
    size_t            i;
    sc_rules_path_t   here;

    if (value == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "type");

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"type\" is a string, not %s",
                               sc_rules_kind(value));
    }

    for (i = 0; i < sizeof(sc_rules_types) / sizeof(char *); i++) {
        if (strcmp(json_string_value(value), sc_rules_types[i]) == 0) {
            field->type = (sc_type_t) i;
            return SC_OK;
        }
    }

    return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                           "unknown type \"%s\"",
                           sc_rules_quoted(p, json_string_value(value)));
}


static int
sc_rules_required(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field)
{
    sc_rules_path_t  here;

    if (value == NULL) {
        return SC_OK;
    }

    if (!json_is_boolean(value)) {
        here = sc_rules_below(path, "required");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"required\" is true or false, not %s",
                               sc_rules_kind(value));
    }

    field->required = json_is_true(value);

    return SC_OK;
}


/* Kept as text: it is copied into a result as it is, whatever its type. */

static int
sc_rules_default(sc_rules_parser_t *p, json_t *value, sc_field_t *field)
{
    sc_buf_t  b;

    if (value == NULL) {
        return SC_OK;
    }

    sc_buf_init(&b, 0);
    sc_rules_json(&b, value);

    if (b.failed) {
        sc_buf_free(&b);
        return sc_rules_no_memory(p);
    }

    field->fallback = b.data;

    return SC_OK;
}


static int
sc_rules_expression(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field)
{
    size_t       len;
    const char  *expr, *shown;

    expr = json_string_value(value);
    len = json_string_length(value);
    shown = sc_rules_quoted(p, expr);

    if (len > SC_RULES_MAX_XPATH) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "XPath \"%s\" is longer than %d bytes", shown,
                               SC_RULES_MAX_XPATH);
    }

    if (strlen(expr) != len) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "XPath \"%s\" holds a NUL", shown);
    }

    field->xpath = strdup(expr);
    if (field->xpath == NULL) {
        return sc_rules_no_memory(p);
    }

    field->comp = sc_rules_xpath_compile(&p->xpath, expr);

    /* the column is known only here: refusing clears it */
    if (field->comp == NULL) {
        sc_rules_refuse(p->err, SC_RULES_RULE, path,
                        "invalid XPath \"%s\": %s", shown, p->xpath.reason);
        p->err->column = p->xpath.column;
        return SC_ERROR;
    }

    if (field->many && !p->xpath.nodeset) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "\"%s\" is not a node-set, and a list needs "
                               "one", shown);
    }

    return SC_OK;
}
