
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_crawl.h"


/* a page may lead to others by a name that is no rule set's */
#define SETS_SELF    "self"


static int api_crawl_named(api_crawl_t *cr, json_t *names, problem_t *p);
static int api_crawl_follow(json_t *names, const json_t *set);
static int api_crawl_add(json_t *names, const char *name);
static int api_crawl_set(api_crawl_t *cr, json_t *sets, json_t *names,
    const char *name, problem_t *p);


int
api_crawl_sets(api_crawl_t *cr, problem_t *p)
{
    int          rc;
    size_t       i;
    json_t      *names, *sets;
    const char  *name;

    names = json_array();
    sets = json_object();
    rc = api_crawl_named(cr, names, p);

    /* names are added while it goes on */
    for (i = 0; rc == SC_OK && i < json_array_size(names); i++) {
        name = json_string_value(json_array_get(names, i));
        rc = api_crawl_set(cr, sets, names, name, p);
    }

    if (rc == SC_OK && json_object_set(cr->crawl, "sets", sets) != 0) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        rc = SC_ERROR;
    }

    json_decref(names);
    json_decref(sets);

    return rc;
}


/* Those of the body, and of its rules. */
static int
api_crawl_named(api_crawl_t *cr, json_t *names, problem_t *p)
{
    int            rc;
    size_t         i;
    json_t        *rules, *set;
    const char    *key;
    const json_t  *name;

    rc = api_crawl_add(names, json_string_value(
                                  json_object_get(cr->own, "ruleset")));

    json_array_foreach(json_object_get(cr->own, "rulesets"), i, name) {
        rc |= api_crawl_add(names, json_string_value(name));
    }

    rules = sc_json_of(cr->rules.data, cr->rules.len, 0, NULL);
    rc |= api_crawl_follow(names, rules);

    json_object_foreach(json_object_get(rules, "sets"), key, set) {
        rc |= api_crawl_follow(names, set);
    }

    json_decref(rules);

    if (rc != SC_OK) {
        problem_init(p, "/request/invalid", "the rule sets lead to more than "
                     "\"%d\" others", SC_RULES_MAX_SETS);
        problem_pointer(p, "", "rulesets");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_crawl_follow(json_t *names, const json_t *set)
{
    size_t         i;
    const char    *name;
    const json_t  *follow;

    json_array_foreach(json_object_get(set, "follow"), i, follow) {
        name = json_string_value(json_object_get(follow, "ruleset"));

        if (name != NULL && strcmp(name, SETS_SELF) != 0
            && api_crawl_add(names, name) != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
api_crawl_add(json_t *names, const char *name)
{
    size_t         i;
    const json_t  *one;

    if (name == NULL) {
        return SC_OK;
    }

    json_array_foreach(names, i, one) {
        if (strcmp(json_string_value(one), name) == 0) {
            return SC_OK;
        }
    }

    if (json_array_size(names) >= SC_RULES_MAX_SETS) {
        return SC_ERROR;
    }

    return json_array_append_new(names, json_string(name)) == 0 ? SC_OK
                                                                : SC_ERROR;
}


/* It is in the store before the job is: writes keep their order. */
static int
api_crawl_set(api_crawl_t *cr, json_t *sets, json_t *names, const char *name,
    problem_t *p)
{
    int                 rc;
    json_t             *json;
    sc_str_t            hash;
    api_call_t         *c = cr->call;
    api_named_t         named;
    const api_rules_t  *set;

    rc = api_ruleset_find(c, name, &named, p);

    if (rc == SC_OK && named.similar) {
        rc = api_rules_use(c, &named.json, NULL, "", &set, p);

        if (rc == SC_OK) {
            named.json = set->json;
            named.hash = set->hash;
        }
    }

    if (rc == SC_ERROR) {
        problem_pointer(p, "", "rulesets");
    }

    if (rc != SC_OK) {
        return rc;
    }

    hash.data = named.hash;
    hash.len = strlen(named.hash);
    json = sc_json_of(named.json.data, named.json.len, 0, NULL);
    rc = api_crawl_follow(names, json);
    json_decref(json);

    if (rc != SC_OK
        || json_object_set_new(sets, name, json_string(named.hash)) != 0
        || store_ruleset_put(c->api->store, c->tenant, hash, named.json, NULL,
                             NULL)
           != SC_OK)
    {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}
