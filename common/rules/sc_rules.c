
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/rules/sc_rules_internal.h"
#include "common/sc_json_of.h"


static void sc_rules_begin(sc_rules_parser_t *p, sc_rules_error_t *err);
static int sc_rules_root(sc_rules_parser_t *p, json_t *json,
    sc_rules_t *rules);
static int sc_rules_group_of(sc_rules_parser_t *p, json_t *json,
    const sc_rules_path_t *root, sc_rules_t *rules);
static int sc_rules_member(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_rules_t *set);
static int sc_rules_set(sc_rules_parser_t *p, json_t *json,
    const sc_rules_path_t *path, sc_rules_t *rules);
static int sc_rules_wrapped(sc_rules_parser_t *p, json_t *json,
    const sc_rules_path_t *path, sc_rules_t *rules);
static const json_t *sc_rules_inner(const json_t *json, const char *key);
static int sc_rules_seal(sc_rules_parser_t *p, const json_t *json,
    sc_rules_t *rules);
static void sc_rules_seal_group(sc_buf_t *b, const sc_rules_t *rules);
static void sc_rules_clear(sc_rules_t *rules);


sc_rules_t *
sc_rules_parse(const json_t *json, sc_rules_error_t *err)
{
    int                 rc;
    sc_rules_t         *rules;
    sc_rules_parser_t   p;

    sc_rules_begin(&p, err);

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

    json = sc_json_of(text, len, JSON_REJECT_DUPLICATES, &error);

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


int
sc_rules_check_xpath(const char *expr, int nodeset, sc_rules_error_t *err)
{
    int                 rc;
    json_t             *value;
    sc_rules_path_t     root = { NULL, "", "" };
    sc_rules_parser_t   p;
    xmlXPathCompExprPtr comp;

    sc_rules_begin(&p, err);
    comp = NULL;

    value = json_string(expr);
    if (value == NULL) {
        return sc_rules_refuse(err, SC_RULES_RULE, &root,
                               "the XPath is not UTF-8");
    }

    if (sc_rules_xpath_open(&p.xpath) != SC_OK) {
        rc = sc_rules_no_memory(&p);

    } else if (!sc_rules_is_xpath(expr)) {
        rc = sc_rules_refuse(err, SC_RULES_RULE, &root,
                             "\"%s\" is not XPath, which begins with \"/\", "
                             "\"./\", \"(\", \"@\", a function or an axis",
                             sc_rules_quoted(&p, expr));

    } else {
        rc = sc_rules_condition(&p, value, &root, &comp);
    }

    if (rc == SC_OK && nodeset && !p.xpath.nodeset) {
        rc = sc_rules_refuse(err, SC_RULES_RULE, &root,
                             "\"%s\" is not a node-set",
                             sc_rules_quoted(&p, expr));
    }

    xmlXPathFreeCompExpr(comp);
    sc_rules_xpath_close(&p.xpath);
    json_decref(value);

    return rc;
}


void
sc_rules_free(sc_rules_t *rules)
{
    if (rules == NULL) {
        return;
    }

    sc_rules_clear(rules);
    free(rules);
}


static void
sc_rules_begin(sc_rules_parser_t *p, sc_rules_error_t *err)
{
    memset(err, 0, sizeof(sc_rules_error_t));

    p->err = err;
    p->nfields = 0;
}


static int
sc_rules_root(sc_rules_parser_t *p, json_t *json, sc_rules_t *rules)
{
    sc_rules_path_t  root = { NULL, "", "" };

    if (!json_is_object(json)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &root,
                               "a rule set is an object, not %s",
                               sc_rules_kind(json));
    }

    if (sc_rules_inner(json, "fields") == NULL
        && sc_rules_inner(json, "sets") != NULL)
    {
        return sc_rules_group_of(p, json, &root, rules);
    }

    return sc_rules_set(p, json, &root, rules);
}


static int
sc_rules_group_of(sc_rules_parser_t *p, json_t *json,
    const sc_rules_path_t *root, sc_rules_t *rules)
{
    json_t                    *sets, *value;
    sc_rules_t                *set;
    const char                *key;
    sc_rules_path_t            path, here;
    static const char *const   known[] = { "sets" };

    if (sc_rules_known(p, json, root, sc_rules_words(known)) != SC_OK) {
        return SC_ERROR;
    }

    sets = json_object_get(json, "sets");
    path = sc_rules_below(root, "sets");

    if (json_object_size(sets) == 0) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, &path, "no sets");
    }

    rules->sets = calloc(SC_RULES_MAX_SETS, sizeof(sc_rules_t));
    if (rules->sets == NULL) {
        return sc_rules_no_memory(p);
    }

    json_object_foreach(sets, key, value) {
        here = sc_rules_below(&path, key);

        if (rules->nsets == SC_RULES_MAX_SETS) {
            return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                                   "more than %d sets", SC_RULES_MAX_SETS);
        }

        set = &rules->sets[rules->nsets++];

        if (sc_rules_member(p, value, &here, set) != SC_OK) {
            return SC_ERROR;
        }
    }

    return sc_rules_seal(p, json, rules);
}


static int
sc_rules_member(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_rules_t *set)
{
    if (sc_rules_name(p, path, "a set", &set->name) != SC_OK) {
        return SC_ERROR;
    }

    if (!json_is_object(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a rule set is an object, not %s",
                               sc_rules_kind(value));
    }

    if (sc_rules_inner(value, "fields") == NULL
        && sc_rules_inner(value, "sets") != NULL)
    {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "\"%s\" is a group in a group",
                               sc_rules_quoted(p, path->key));
    }

    return sc_rules_set(p, value, path, set);
}


static int
sc_rules_set(sc_rules_parser_t *p, json_t *json, const sc_rules_path_t *path,
    sc_rules_t *rules)
{
    int  rc;

    p->nfields = 0;

    if (sc_rules_inner(json, "fields") != NULL) {
        rc = sc_rules_wrapped(p, json, path, rules);

    } else if (sc_rules_xpath_begin(&p->xpath, rules) != SC_OK) {
        rc = sc_rules_no_memory(p);

    } else {
        rc = sc_rules_fields(p, json, path, 0, &rules->fields,
                             &rules->nfields);
    }

    rules->total = p->nfields;

    return (rc == SC_OK) ? sc_rules_seal(p, json, rules) : rc;
}


/*
 * An object in "fields" makes the wrapped form, whatever stands beside it: a
 * misspelt option is then told as such, and not as a field without a rule.
 * It may be empty: a set that only says which pages, or which links.
 */

static int
sc_rules_wrapped(sc_rules_parser_t *p, json_t *json,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    json_t           *fields;
    sc_rules_path_t   here;

    if (sc_rules_set_before(p, json, path, rules) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_rules_xpath_begin(&p->xpath, rules) != SC_OK) {
        return sc_rules_no_memory(p);
    }

    here = sc_rules_below(path, "fields");
    fields = json_object_get(json, "fields");

    if (json_object_size(fields) != 0
        && sc_rules_fields(p, fields, &here, 0, &rules->fields,
                           &rules->nfields)
           != SC_OK)
    {
        return SC_ERROR;
    }

    return sc_rules_set_after(p, json, path, rules);
}


/*
 * The object that makes a form: that of "fields" the wrapped one, that of
 * "sets" a group.  Any other value is the rule of a field of that name.
 */

static const json_t *
sc_rules_inner(const json_t *json, const char *key)
{
    const json_t  *value;

    value = json_object_get(json, key);

    return json_is_object(value) ? value : NULL;
}


/* All forms of the same rules have one canonical JSON, and one hash. */

static int
sc_rules_seal(sc_rules_parser_t *p, const json_t *json, sc_rules_t *rules)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    if (rules->nsets != 0) {
        sc_rules_seal_group(&b, rules);

    } else if (sc_rules_inner(json, "fields") != NULL) {
        sc_json_value(&b, json);

    } else {
        sc_buf_add_cstr(&b, "{\"fields\":");
        sc_json_value(&b, json);
        sc_buf_add_cstr(&b, "}");
    }

    if (b.failed || sc_rules_hash(rules->hash, b.data, b.len) != SC_OK) {
        sc_buf_free(&b);
        return sc_rules_no_memory(p);
    }

    rules->json = b.data;
    rules->json_len = b.len;

    return SC_OK;
}


static void
sc_rules_seal_group(sc_buf_t *b, const sc_rules_t *rules)
{
    size_t             i;
    const sc_rules_t  *set;

    sc_buf_add_cstr(b, "{\"sets\":{");

    for (i = 0; i < rules->nsets; i++) {
        set = &rules->sets[i];

        sc_buf_add_cstr(b, i == 0 ? "" : ",");
        sc_json_cstr(b, set->name);
        sc_buf_add(b, ":", 1);
        sc_buf_add(b, set->json, set->json_len);
    }

    sc_buf_add_cstr(b, "}}");
}


static void
sc_rules_clear(sc_rules_t *rules)
{
    size_t  i;

    for (i = 0; i < rules->nsets; i++) {
        sc_rules_clear(&rules->sets[i]);
    }

    sc_rules_set_free(rules);
    sc_rules_free_fields(rules->fields, rules->nfields);
    free(rules->sets);
    free(rules->name);
    free(rules->json);
}
