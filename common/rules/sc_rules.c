
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


static int sc_rules_root(sc_rules_parser_t *p, json_t *json,
    sc_rules_t *rules);
static int sc_rules_fields(sc_rules_parser_t *p, json_t *map,
    const sc_rules_path_t *path, unsigned depth, sc_field_t **fields,
    size_t *nfields);
static int sc_rules_field(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field);
static int sc_rules_name(sc_rules_parser_t *p, const sc_rules_path_t *path,
    sc_field_t *field);
static int sc_rules_list(sc_rules_parser_t *p, json_t *list,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_each(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field);
static int sc_rules_seal(sc_rules_parser_t *p, const json_t *json,
    sc_rules_t *rules);
static const json_t *sc_rules_wrapped(const json_t *json);
static void sc_rules_free_fields(sc_field_t *fields, size_t nfields);


sc_rules_t *
sc_rules_parse(const json_t *json, sc_rules_error_t *err)
{
    int                 rc;
    sc_rules_t         *rules;
    sc_rules_parser_t   p;

    memset(err, 0, sizeof(sc_rules_error_t));

    p.err = err;
    p.nfields = 0;

    rules = calloc(1, sizeof(sc_rules_t));
    if (rules == NULL) {
        sc_rules_no_memory(&p);
        return NULL;
    }

    rc = sc_rules_xpath_open(&p.xpath);

    if (rc != SC_OK) {
        sc_rules_no_memory(&p);

    } else {
        /* jansson iterates over what is const to us, changing nothing */
        rc = sc_rules_root(&p, (json_t *) json, rules);
    }

    sc_rules_xpath_close(&p.xpath);

    if (rc == SC_OK) {
        rc = sc_rules_seal(&p, json, rules);
    }

    if (rc != SC_OK) {
        sc_rules_free(rules);
        return NULL;
    }

    return rules;
}


sc_rules_t *
sc_rules_parse_text(const char *text, size_t len, sc_rules_error_t *err)
{
    char          shown[SC_RULES_SHOWN];
    json_t       *json;
    sc_rules_t   *rules;
    json_error_t  error;

    json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

    if (json == NULL) {
        sc_rules_refuse(err, SC_RULES_SHAPE, NULL,
                        "invalid JSON in line %d, column %d: %s",
                        error.line, error.column,
                        sc_rules_shown(shown, sizeof(shown), error.text,
                                       strlen(error.text)));
        return NULL;
    }

    rules = sc_rules_parse(json, err);
    json_decref(json);

    return rules;
}


void
sc_rules_free(sc_rules_t *rules)
{
    if (rules == NULL) {
        return;
    }

    sc_rules_free_fields(rules->fields, rules->nfields);
    free(rules->json);
    free(rules);
}


/*
 * An object in "fields" makes the wrapped form, whatever stands beside it: a
 * misspelt option is then told as such, and not as a field without a rule.
 */

static int
sc_rules_root(sc_rules_parser_t *p, json_t *json, sc_rules_t *rules)
{
    json_t           *value;
    const char       *key;
    sc_rules_path_t   root, path;

    root.up = NULL;
    root.key = "";
    root.field = "";

    if (!json_is_object(json)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &root,
                               "a rule set is an object, not %s",
                               sc_rules_kind(json));
    }

    if (sc_rules_wrapped(json) == NULL) {
        return sc_rules_fields(p, json, &root, 0, &rules->fields,
                               &rules->nfields);
    }

    json_object_foreach(json, key, value) {
        if (strcmp(key, "fields") != 0) {
            path = sc_rules_below(&root, key);
            return sc_rules_refuse(p->err, SC_RULES_UNKNOWN, &path,
                                   "unknown key \"%s\"",
                                   sc_rules_quoted(p, key));
        }
    }

    path = sc_rules_below(&root, "fields");

    return sc_rules_fields(p, json_object_get(json, "fields"), &path, 0,
                           &rules->fields, &rules->nfields);
}


/*
 * What is made belongs to the set before its rules are looked at, so that
 * freeing the set is all that a refusal has to do, on any level.
 */

static int
sc_rules_fields(sc_rules_parser_t *p, json_t *map,
    const sc_rules_path_t *path, unsigned depth, sc_field_t **fields,
    size_t *nfields)
{
    size_t            n;
    json_t           *value;
    const char       *key;
    sc_field_t       *field;
    sc_rules_path_t   here;

    n = json_object_size(map);

    if (n == 0) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path, "no fields");
    }

    p->nfields += n;

    if (p->nfields > SC_RULES_MAX_FIELDS) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "more than %d fields", SC_RULES_MAX_FIELDS);
    }

    field = calloc(n, sizeof(sc_field_t));
    if (field == NULL) {
        return sc_rules_no_memory(p);
    }

    *fields = field;
    *nfields = n;

    json_object_foreach(map, key, value) {
        here = sc_rules_below(path, key);
        here.field = key;

        if (sc_rules_field(p, value, &here, depth, field++) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
sc_rules_field(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field)
{
    if (sc_rules_name(p, path, field) != SC_OK) {
        return SC_ERROR;
    }

    switch (json_typeof(value)) {

    case JSON_STRING:
        return sc_rules_selector(p, value, path, field);

    case JSON_ARRAY:
        return sc_rules_list(p, value, path, field);

    case JSON_OBJECT:
        if (json_object_get(value, "each") != NULL) {
            return sc_rules_each(p, value, path, depth, field);
        }

        return sc_rules_object(p, value, path, field);

    default:
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a rule is a string, a list or an object, "
                               "not %s", sc_rules_kind(value));
    }
}


/* Names become keys of results and words of log lines. */

static int
sc_rules_name(sc_rules_parser_t *p, const sc_rules_path_t *path,
    sc_field_t *field)
{
    const char  *c;

    if (path->key[0] == '\0') {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a field's name is empty");
    }

    for (c = path->key; *c != '\0'; c++) {
        if ((unsigned char) *c < 0x20 || *c == 0x7f) {
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                                   "control character in field name \"%s\"",
                                   sc_rules_quoted(p, path->key));
        }
    }

    field->name = strdup(path->key);
    if (field->name == NULL) {
        return sc_rules_no_memory(p);
    }

    return SC_OK;
}


/* The list says "every match"; the rule in it may be of either form. */

static int
sc_rules_list(sc_rules_parser_t *p, json_t *list,
    const sc_rules_path_t *path, sc_field_t *field)
{
    json_t           *value;
    sc_rules_path_t   here;

    if (json_array_size(list) != 1) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a list holds one rule, not %zu",
                               json_array_size(list));
    }

    field->many = 1;
    value = json_array_get(list, 0);
    here = sc_rules_below(path, "0");

    if (json_is_string(value)) {
        return sc_rules_selector(p, value, &here, field);
    }

    if (!json_is_object(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "a rule in a list is a string or an object, "
                               "not %s", sc_rules_kind(value));
    }

    if (json_object_get(value, "each") != NULL) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"each\" gives a list already");
    }

    return sc_rules_object(p, value, &here, field);
}


static int
sc_rules_each(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field)
{
    json_t           *each, *fields;
    sc_rules_path_t   here;

    if (sc_rules_keys(p, object, path, 1) != SC_OK) {
        return SC_ERROR;
    }

    if (depth == SC_RULES_MAX_DEPTH) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"each\" is nested more than %d levels deep",
                               SC_RULES_MAX_DEPTH);
    }

    each = json_object_get(object, "each");
    fields = json_object_get(object, "fields");

    if (fields == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"each\" needs \"fields\"");
    }

    here = sc_rules_below(path, "each");

    if (!json_is_string(each)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"each\" is one expression in a string, "
                               "not %s", sc_rules_kind(each));
    }

    field->many = 1;

    if (sc_rules_selector(p, each, &here, field) != SC_OK) {
        return SC_ERROR;
    }

    here = sc_rules_below(path, "fields");

    if (!json_is_object(fields)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"fields\" is an object, not %s",
                               sc_rules_kind(fields));
    }

    return sc_rules_fields(p, fields, &here, depth + 1, &field->fields,
                           &field->nfields);
}


/* Both forms of the same rules have one canonical JSON, and one hash. */

static int
sc_rules_seal(sc_rules_parser_t *p, const json_t *json, sc_rules_t *rules)
{
    sc_buf_t       b;
    const json_t  *fields;

    fields = sc_rules_wrapped(json);

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "{\"fields\":");
    sc_rules_json(&b, fields != NULL ? fields : json);
    sc_buf_add_cstr(&b, "}");

    if (b.failed || sc_rules_hash(rules->hash, b.data, b.len) != SC_OK) {
        sc_buf_free(&b);
        return sc_rules_no_memory(p);
    }

    rules->json = b.data;
    rules->json_len = b.len;

    return SC_OK;
}


/* The map of fields of the {"fields":{…}} form; NULL in the bare form. */

static const json_t *
sc_rules_wrapped(const json_t *json)
{
    const json_t  *fields;

    fields = json_object_get(json, "fields");

    return json_is_object(fields) ? fields : NULL;
}


static void
sc_rules_free_fields(sc_field_t *fields, size_t nfields)
{
    size_t  i;

    for (i = 0; i < nfields; i++) {
        sc_rules_free_fields(fields[i].fields, fields[i].nfields);
        xmlXPathFreeCompExpr(fields[i].comp);
        free(fields[i].name);
        free(fields[i].xpath);
        free(fields[i].fallback);
    }

    free(fields);
}
