
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules_internal.h"


static int sc_rules_list(sc_rules_parser_t *p, json_t *list,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_object(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field);
static const char *sc_rules_way(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path);
static int sc_rules_value(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_each(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field);
static int sc_rules_goes(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char *const *names, size_t n,
    const char *way);
static int sc_rules_repeat(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_children(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field);


/* keys of a rule that is an object, of any kind */

static const char *const  sc_rules_field_keys[] = {
    "xpath", "css", "regex", "group", "flags", "json", "jsonld", "meta",
    "header", "const", "first", "get", "attr", "type", "transform",
    "default", "required", "min", "max", "max_items", "enum", "pattern",
    "each", "fields", "drop_if"
};


/* those of "each", and those of "fields" alone */

static const char *const  sc_rules_each_keys[] = {
    "each", "fields", "max", "drop_if", "required", "default"
};

static const char *const  sc_rules_object_keys[] = {
    "fields"
};


/*
 * What is made belongs to the set before its rules are looked at, so that
 * freeing the set is all that a refusal has to do, on any level.
 */

int
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

    field = calloc(n, sizeof(sc_field_t));
    if (field == NULL) {
        return sc_rules_no_memory(p);
    }

    *fields = field;
    *nfields = n;

    json_object_foreach(map, key, value) {
        here = sc_rules_below(path, key);
        here.field = key;

        if (p->nfields == SC_RULES_MAX_FIELDS) {
            return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                                   "more than %d fields",
                                   SC_RULES_MAX_FIELDS);
        }

        field->index = p->nfields++;

        if (sc_rules_field(p, value, &here, depth, field++) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


void
sc_rules_free_fields(sc_field_t *fields, size_t nfields)
{
    size_t       i;
    sc_field_t  *field;

    for (i = 0; i < nfields; i++) {
        field = &fields[i];

        sc_rules_free_fields(field->fields, field->nfields);
        sc_rules_free_selectors(field->selectors, field->nselectors);
        sc_rules_free_transforms(field->transforms, field->ntransforms);
        xmlXPathFreeCompExpr(field->drop_if);
        sc_regex_free(field->pattern);
        json_decref(field->choices);
        free(field->name);
        free(field->attr);
        free(field->fallback);
    }

    free(fields);
}


int
sc_rules_field(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field)
{
    if (sc_rules_name(p, path, "a field", &field->name) != SC_OK) {
        return SC_ERROR;
    }

    switch (json_typeof(value)) {

    case JSON_STRING:
        return sc_rules_selectors(p, value, path, SC_RULES_ANY,
                                  &field->selectors, &field->nselectors);

    case JSON_ARRAY:
        return sc_rules_list(p, value, path, field);

    case JSON_OBJECT:
        return sc_rules_object(p, value, path, depth, field);

    default:
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a rule is a string, a list or an object, "
                               "not %s", sc_rules_kind(value));
    }
}


const sc_field_t *
sc_rules_find(const sc_field_t *fields, size_t n, const char *name)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return &fields[i];
        }
    }

    return NULL;
}


/* Names become keys of results and words of log lines. */

int
sc_rules_name(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *what, char **name)
{
    const char  *c;

    if (path->key[0] == '\0') {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "%s's name is empty", what);
    }

    for (c = path->key; *c != '\0'; c++) {
        if ((unsigned char) *c < 0x20 || *c == 0x7f) {
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                                   "control character in %s's name \"%s\"",
                                   what, sc_rules_quoted(p, path->key));
        }
    }

    *name = strdup(path->key);
    if (*name == NULL) {
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
    field->list = 1;
    value = json_array_get(list, 0);
    here = sc_rules_below(path, "0");

    if (json_is_string(value)) {
        return sc_rules_selectors(p, value, &here, SC_RULES_MATCHES,
                                  &field->selectors, &field->nselectors);
    }

    if (!json_is_object(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "a rule in a list is a string or an object, "
                               "not %s", sc_rules_kind(value));
    }

    return sc_rules_object(p, value, &here, 0, field);
}


static int
sc_rules_object(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field)
{
    const char  *way;

    if (sc_rules_known(p, object, path, sc_rules_words(sc_rules_field_keys))
        != SC_OK)
    {
        return SC_ERROR;
    }

    way = sc_rules_way(p, object, path);
    if (way == NULL) {
        return SC_ERROR;
    }

    if (strcmp(way, "each") != 0 && strcmp(way, "fields") != 0) {
        return sc_rules_value(p, object, path, field);
    }

    if (field->many) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"%s\" gives %s already", way,
                               way[0] == 'e' ? "a list" : "one object");
    }

    return sc_rules_each(p, object, path, depth, field);
}


/* The key that says where values come from; "fields" belongs to "each". */

static const char *
sc_rules_way(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path)
{
    json_t           *value;
    unsigned          each;
    const char       *key, *way;
    sc_rules_path_t   here;

    way = NULL;
    each = (json_object_get(object, "each") != NULL);

    json_object_foreach(object, key, value) {
        if (!sc_rules_selects(key) && strcmp(key, "each") != 0
            && (each || strcmp(key, "fields") != 0))
        {
            continue;
        }

        if (way != NULL) {
            here = sc_rules_below(path, key);
            sc_rules_ambiguous(p, &here, way);
            return NULL;
        }

        way = key;
    }

    if (way == NULL) {
        sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                        "a rule needs a selector, such as \"xpath\" or "
                        "\"css\", or \"each\" or \"fields\"");
    }

    return way;
}


/* The shape comes before the expression: 400 before 422. */

static int
sc_rules_value(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    sc_rules_path_t  here;

    if (json_object_get(object, "drop_if") != NULL) {
        here = sc_rules_below(path, "drop_if");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"drop_if\" needs \"each\"");
    }

    if (sc_rules_options(p, object, path, field) != SC_OK) {
        return SC_ERROR;
    }

    return sc_rules_selectors(p, object, path,
                              field->many ? SC_RULES_MATCHES : SC_RULES_ANY,
                              &field->selectors, &field->nselectors);
}


/* A field with fields: one object a match, or one where its parent is. */

static int
sc_rules_each(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field)
{
    int  rc;

    field->each = (json_object_get(object, "each") != NULL);

    if (field->each) {
        rc = sc_rules_goes(p, object, path,
                           sc_rules_words(sc_rules_each_keys), "each");
    } else {
        rc = sc_rules_goes(p, object, path,
                           sc_rules_words(sc_rules_object_keys), "fields");
    }

    if (rc != SC_OK) {
        return rc;
    }

    if (depth == SC_RULES_MAX_DEPTH) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "fields are nested more than %d levels deep",
                               SC_RULES_MAX_DEPTH);
    }

    if (field->each && sc_rules_repeat(p, object, path, field) != SC_OK) {
        return SC_ERROR;
    }

    return sc_rules_children(p, object, path, depth, field);
}


static int
sc_rules_goes(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char *const *names, size_t n,
    const char *way)
{
    json_t           *value;
    const char       *key;
    sc_rules_path_t   here;

    json_object_foreach(object, key, value) {
        if (sc_rules_which(key, names, n) == n) {
            here = sc_rules_below(path, key);
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                                   "\"%s\" does not go with \"%s\"", key,
                                   way);
        }
    }

    return SC_OK;
}


static int
sc_rules_repeat(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    json_t                    *each, *drop_if;
    sc_rules_path_t            here;
    static const char *const   known[] = {
        "xpath", "css", "regex", "json", "jsonld", "meta", "header", "const",
        "first"
    };

    field->many = 1;
    field->list = 1;

    each = json_object_get(object, "each");
    drop_if = json_object_get(object, "drop_if");

    if (json_object_get(object, "fields") == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"each\" needs \"fields\"");
    }

    if (sc_rules_take_items(p, object, "max", path, &field->max_items)
        || sc_rules_presence(p, object, path, field))
    {
        return SC_ERROR;
    }

    here = sc_rules_below(path, "each");

    if (json_is_object(each)
        && sc_rules_known(p, each, &here, sc_rules_words(known)) != SC_OK)
    {
        return SC_ERROR;
    }

    if (sc_rules_selectors(p, each, &here, SC_RULES_NODES, &field->selectors,
                           &field->nselectors) != SC_OK)
    {
        return SC_ERROR;
    }

    if (drop_if == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "drop_if");

    if (field->selectors[0].path != NULL) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "\"drop_if\" is an XPath, and \"each\" is of "
                               "JSON");
    }

    return sc_rules_condition(p, drop_if, &here, &field->drop_if);
}


static int
sc_rules_children(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field)
{
    json_t           *fields;
    sc_rules_path_t   here;

    fields = json_object_get(object, "fields");
    here = sc_rules_below(path, "fields");

    if (!json_is_object(fields)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"fields\" is an object, not %s",
                               sc_rules_kind(fields));
    }

    return sc_rules_fields(p, fields, &here, depth + 1, &field->fields,
                           &field->nfields);
}
