
#include "common/rules/sc_rules_internal.h"


static int sc_rules_get(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_type(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_transformed(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_only_one(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_default(sc_rules_parser_t *p, json_t *object,
    sc_field_t *field);
static int sc_rules_bounds(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
static int sc_rules_choices(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);


static const char *const  sc_rules_gets[] = {
    [SC_GET_TEXT] = "text",
    [SC_GET_RAW] = "raw",
    [SC_GET_HTML] = "html",
    [SC_GET_INNER_HTML] = "inner_html",
    [SC_GET_ATTR] = "attr",
    [SC_GET_EXISTS] = "exists",
    [SC_GET_COUNT] = "count"
};


static const char *const  sc_rules_types[] = {
    [SC_TYPE_STRING] = "string",
    [SC_TYPE_INT] = "int",
    [SC_TYPE_NUMBER] = "number",
    [SC_TYPE_BOOL] = "bool",
    [SC_TYPE_URL] = "url",
    [SC_TYPE_DATE] = "date",
    [SC_TYPE_DATETIME] = "datetime",
    [SC_TYPE_HTML] = "html",
    [SC_TYPE_JSON] = "json"
};


int
sc_rules_options(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    json_t           *pattern;
    sc_rules_path_t   here;

    if (sc_rules_get(p, object, path, field)
        || sc_rules_type(p, object, path, field)
        || sc_rules_presence(p, object, path, field)
        || sc_rules_transformed(p, object, path, field)
        || sc_rules_bounds(p, object, path, field)
        || sc_rules_choices(p, object, path, field))
    {
        return SC_ERROR;
    }

    pattern = json_object_get(object, "pattern");
    here = sc_rules_below(path, "pattern");

    return (pattern == NULL)
           ? SC_OK
           : sc_rules_pattern(p, pattern, &here, NULL, &field->pattern);
}


int
sc_rules_presence(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    unsigned  required;

    required = 0;

    if (sc_rules_take_flag(p, object, "required", path, &required) != SC_OK) {
        return SC_ERROR;
    }

    field->required = (required != 0);

    return sc_rules_default(p, object, field);
}


static int
sc_rules_get(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    size_t            get;
    json_t           *value;
    sc_rules_path_t   here;

    value = json_object_get(object, "get");
    get = json_object_get(object, "attr") != NULL ? SC_GET_ATTR : SC_GET_TEXT;

    if (sc_rules_take_word(p, object, "get", path,
                           sc_rules_words(sc_rules_gets), &get) != SC_OK
        || sc_rules_take_text(p, object, "attr", path, SC_RULES_MAX_XPATH,
                              &field->attr) != SC_OK)
    {
        return SC_ERROR;
    }

    field->get = (sc_get_t) get;

    if (field->attr != NULL && get != SC_GET_ATTR) {
        here = sc_rules_below(path, "get");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"get\" is \"attr\" where there is \"attr\", "
                               "not \"%s\"", json_string_value(value));
    }

    if (field->attr == NULL && get == SC_GET_ATTR) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"get\" of \"attr\" needs \"attr\", the "
                               "attribute's name");
    }

    return SC_OK;
}


/* What is got tells the type where none is given, and the other way round. */

static int
sc_rules_type(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    size_t  type;

    type = (field->get == SC_GET_EXISTS) ? SC_TYPE_BOOL
           : (field->get == SC_GET_COUNT) ? SC_TYPE_INT : SC_TYPE_STRING;

    if (sc_rules_take_word(p, object, "type", path,
                           sc_rules_words(sc_rules_types), &type) != SC_OK)
    {
        return SC_ERROR;
    }

    field->type = (sc_type_t) type;

    if (type == SC_TYPE_HTML && field->get == SC_GET_TEXT
        && json_object_get(object, "get") == NULL)
    {
        field->get = SC_GET_HTML;
    }

    return SC_OK;
}


static int
sc_rules_transformed(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    size_t                 i;
    json_t                *value;
    sc_rules_path_t        here;
    const sc_transform_t  *t;

    if (sc_rules_only_one(p, object, path, field) != SC_OK) {
        return SC_ERROR;
    }

    value = json_object_get(object, "transform");
    if (value == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "transform");

    if (sc_rules_transforms(p, value, &here, field) != SC_OK) {
        return SC_ERROR;
    }

    for (i = 0; i < field->ntransforms; i++) {
        t = &field->transforms[i];

        if (t->kind == SC_TRANSFORM_JOIN) {
            field->list = 0;

        } else if (t->kind == SC_TRANSFORM_SPLIT && !t->indexed) {
            field->list = 1;
        }
    }

    return SC_OK;
}


/* Whether there are matches, and how many, is one value about all of them. */

static int
sc_rules_only_one(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    const char       *get;
    sc_rules_path_t   here;

    if (field->get != SC_GET_EXISTS && field->get != SC_GET_COUNT) {
        return SC_OK;
    }

    get = sc_rules_gets[field->get];

    if (field->many) {
        here = sc_rules_below(path, "get");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"%s\" is about all matches already, and "
                               "does not go into a list", get);
    }

    if (json_object_get(object, "transform") != NULL) {
        here = sc_rules_below(path, "transform");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"transform\" does not go with \"get\" of "
                               "\"%s\"", get);
    }

    return SC_OK;
}


/* Kept as text: it is copied into a result as it is, whatever its type. */

static int
sc_rules_default(sc_rules_parser_t *p, json_t *object, sc_field_t *field)
{
    json_t  *value;

    value = json_object_get(object, "default");

    return (value == NULL) ? SC_OK
                           : sc_rules_json(p, value, &field->fallback);
}


static int
sc_rules_bounds(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    sc_rules_path_t  here;

    if (sc_rules_take_number(p, object, "min", path, &field->min)
        || sc_rules_take_number(p, object, "max", path, &field->max)
        || sc_rules_take_items(p, object, "max_items", path,
                               &field->max_items))
    {
        return SC_ERROR;
    }

    field->has_min = (json_object_get(object, "min") != NULL);
    field->has_max = (json_object_get(object, "max") != NULL);

    if (field->has_min && field->has_max && field->min > field->max) {
        here = sc_rules_below(path, "max");
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "\"max\" %g is less than \"min\" %g",
                               field->max, field->min);
    }

    if (field->max_items != 0 && !field->list) {
        here = sc_rules_below(path, "max_items");
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"max_items\" needs a list");
    }

    return SC_OK;
}


/* A copy, for the caller's JSON lives as long as the caller likes. */

static int
sc_rules_choices(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field)
{
    size_t            i;
    json_t           *list, *value;
    sc_rules_path_t   here;

    list = json_object_get(object, "enum");
    if (list == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "enum");

    if (!json_is_array(list) || json_array_size(list) == 0) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                               "\"enum\" is a list of values, not %s",
                               json_is_array(list) ? "an empty one"
                                                   : sc_rules_kind(list));
    }

    json_array_foreach(list, i, value) {
        if (!json_is_string(value) && !json_is_number(value)
            && !json_is_boolean(value))
        {
            return sc_rules_refuse(p->err, SC_RULES_SHAPE, &here,
                                   "\"enum\" holds strings, numbers, true "
                                   "and false, not %s", sc_rules_kind(value));
        }
    }

    field->choices = json_deep_copy(list);
    if (field->choices == NULL) {
        return sc_rules_no_memory(p);
    }

    return SC_OK;
}
