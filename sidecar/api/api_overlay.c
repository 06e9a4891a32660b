
#include <stdio.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"


static int api_overlay_use(api_call_t *c, api_extract_t *e,
    const sc_str_t *text, const json_t *json, const char *base, problem_t *p);
static json_t *api_overlay_load(const api_named_t *named,
    const json_t *over, const char *base, problem_t *p);
static int api_overlay_lay(json_t *set, const json_t *over);
static int api_overlay_fields(const json_t *json);
static int api_overlay_group(const json_t *json);
static int api_overlay_text(api_call_t *c, sc_buf_t *b, const json_t *names,
    problem_t *p);
static int api_overlay_set(api_call_t *c, sc_buf_t *b, const json_t *names,
    size_t i, problem_t *p);
static int api_overlay_refused(problem_t *p, const char *pointer,
    const char *detail);


int
api_overlay(api_call_t *c, api_extract_t *e, const char *name,
    const json_t *over, const char *base, problem_t *p)
{
    int          rc;
    json_t      *json;
    api_named_t  named;

    rc = api_ruleset_find(c, name, &named, p);

    if (rc == SC_ERROR) {
        problem_pointer(p, "", "ruleset");
    }

    if (rc != SC_OK) {
        return rc;
    }

    json = api_overlay_load(&named, over, base, p);

    if (json == NULL) {
        return SC_ERROR;
    }

    rc = api_overlay_use(c, e, NULL, json, base, p);
    json_decref(json);

    if (rc == SC_OK) {
        e->spec.ruleset = name;
    }

    return rc;
}


static int
api_overlay_use(api_call_t *c, api_extract_t *e, const sc_str_t *text,
    const json_t *json, const char *base, problem_t *p)
{
    int                 rc;
    const api_rules_t  *set;

    rc = api_rules_use(c, text, json, base, &set, p);

    if (rc == SC_OK) {
        e->spec.rules = set->json;
        e->spec.rules_hash = set->hash;
    }

    return rc;
}


/* The named set with the other over it; NULL with the problem. */
static json_t *
api_overlay_load(const api_named_t *named, const json_t *over,
    const char *base, problem_t *p)
{
    json_t  *set;

    if (!json_is_object(over)) {
        (void) api_overlay_refused(p, base, "a rule set is an object");
        return NULL;
    }

    set = sc_json_of(named->json.data, named->json.len, 0, NULL);

    if (set == NULL) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return NULL;
    }

    if (api_overlay_group(over) || api_overlay_group(set)) {
        (void) api_overlay_refused(p, base, "a group of sets is not laid over "
                                   "another, and nothing over it");

    } else if (api_overlay_lay(set, over) != SC_OK) {
        problem_init(p, "/server/out-of-memory", "memory is out");

    } else {
        return set;
    }

    json_decref(set);

    return NULL;
}


/* A member that is there already keeps its place. */
static int
api_overlay_lay(json_t *set, const json_t *over)
{
    json_t      *value, *fields;
    const char  *key;

    fields = json_object_get(set, "fields");

    if (!api_overlay_fields(over)) {
        return json_object_update(fields, (json_t *) over) == 0 ? SC_OK
                                                                : SC_ERROR;
    }

    json_object_foreach((json_t *) over, key, value) {
        if (strcmp(key, "fields") == 0) {
            if (json_object_update(fields, value) != 0) {
                return SC_ERROR;
            }

        } else if (json_object_set(set, key, value) != 0) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* The full form, not the bare map of fields. */
static int
api_overlay_fields(const json_t *json)
{
    return json_is_object(json_object_get(json, "fields"));
}


static int
api_overlay_group(const json_t *json)
{
    return !api_overlay_fields(json)
           && json_is_object(json_object_get(json, "sets"));
}


int
api_overlay_sets(api_call_t *c, api_extract_t *e, const json_t *names,
    problem_t *p)
{
    int        rc;
    sc_buf_t   b;
    sc_str_t   text;

    if (!json_is_array(names) || json_array_size(names) == 0
        || json_array_size(names) > SC_RULES_MAX_SETS)
    {
        return api_overlay_refused(p, "/rulesets", "\"rulesets\" is not a "
                                   "list of \"1\" to \"32\" names");
    }

    sc_buf_init(&b, API_MAX_RULES);
    rc = api_overlay_text(c, &b, names, p);

    if (rc == SC_OK) {
        text.data = b.data;
        text.len = b.len;
        rc = api_overlay_use(c, e, &text, NULL, "/rulesets", p);
        e->spec.ruleset = DRIFT_NAMES;
    }

    sc_buf_free(&b);

    return rc;
}


static int
api_overlay_text(api_call_t *c, sc_buf_t *b, const json_t *names,
    problem_t *p)
{
    int     rc;
    size_t  i;

    (void) sc_buf_add_cstr(b, "{\"sets\":{");

    for (i = 0; i < json_array_size(names); i++) {
        rc = api_overlay_set(c, b, names, i, p);

        if (rc != SC_OK) {
            return rc;
        }
    }

    if (sc_buf_add_cstr(b, "}}") == SC_OK) {
        return SC_OK;
    }

    problem_init(p, "/rules/invalid", "the rule sets have more than \"%d\" "
                 "bytes together", API_MAX_RULES);
    problem_pointer(p, "", "rulesets");

    return SC_ERROR;
}


static int
api_overlay_set(api_call_t *c, sc_buf_t *b, const json_t *names, size_t i,
    problem_t *p)
{
    int           rc;
    char          pointer[40];
    size_t        j;
    const char   *name;
    api_named_t   named;

    static const char  group[] = "{\"sets\":";

    (void) snprintf(pointer, sizeof(pointer), "/rulesets/%zu", i);
    name = json_string_value(json_array_get(names, i));

    if (name == NULL) {
        return api_overlay_refused(p, pointer, "a name is a string");
    }

    for (j = 0; j < i; j++) {
        if (strcmp(name, json_string_value(json_array_get(names, j))) == 0) {
            return api_overlay_refused(p, pointer, "this name is there twice");
        }
    }

    rc = api_ruleset_find(c, name, &named, p);

    if (rc == SC_ERROR) {
        problem_pointer(p, pointer, NULL);
    }

    if (rc != SC_OK) {
        return rc;
    }

    /* canonical JSON, and no set has such a member */
    if (named.json.len > sizeof(group)
        && memcmp(named.json.data, group, sizeof(group) - 1) == 0)
    {
        return api_overlay_refused(p, pointer,
                                   "this is a group of sets already");
    }

    (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
    (void) sc_json_cstr(b, name);
    (void) sc_buf_add_cstr(b, ":");
    (void) sc_buf_add_str(b, named.json);

    return SC_OK;
}


static int
api_overlay_refused(problem_t *p, const char *pointer, const char *detail)
{
    problem_init(p, "/request/invalid", "%s", detail);
    problem_pointer(p, pointer, NULL);

    return SC_ERROR;
}
