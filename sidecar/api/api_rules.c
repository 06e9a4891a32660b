
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"


#define RULES_MAX_POINTER    640


/*
 * The same few rule sets come with nearly all requests: checking one costs
 * more than all the rest of taking a job in.
 */


static api_rules_t *api_rules_add(api_t *api, api_rules_t *rules);
static api_rules_t *api_rules_make(sc_str_t text, const json_t *json,
    sc_rules_error_t *err);
static size_t api_rules_total(const sc_rules_t *set);
static int api_rules_age(const sc_rules_t *set);


const api_rules_t *
api_rules_get(api_t *api, sc_str_t text, const json_t *json,
    sc_rules_error_t *err)
{
    api_rules_t  *rules, *oldest;

    HASH_FIND(hh, api->rules, text.data, text.len, rules);

    if (rules != NULL) {
        /* to the end, as the last to be dropped */
        HASH_DEL(api->rules, rules);
        return api_rules_add(api, rules);
    }

    rules = api_rules_make(text, json, err);
    if (rules == NULL) {
        return NULL;
    }

    if (text.len > API_CACHED_TEXT) {
        free(api->spare);
        api->spare = rules;
        return rules;
    }

    if (HASH_COUNT(api->rules) >= API_CACHED_RULES) {
        oldest = api->rules;
        HASH_DEL(api->rules, oldest);
        free(oldest);
    }

    return api_rules_add(api, rules);
}


/* Without memory to be found again, it is this call's. */
static api_rules_t *
api_rules_add(api_t *api, api_rules_t *rules)
{
    HASH_ADD_KEYPTR(hh, api->rules, rules->text.data, rules->text.len, rules);

    if (rules->hh.tbl == NULL) {
        free(api->spare);
        api->spare = rules;
    }

    return rules;
}


int
api_rules_max_age(api_t *api, sc_str_t json)
{
    sc_rules_error_t    err;
    const api_rules_t  *set;

    static const char  name[] = "\"max_age\":";

    if (memmem(json.data, json.len, name, sizeof(name) - 1) == NULL) {
        return -1;
    }

    set = api_rules_get(api, json, NULL, &err);

    return set != NULL ? set->max_age : -1;
}


void
api_rules_free(api_t *api)
{
    api_rules_t  *rules, *tmp;

    HASH_ITER(hh, api->rules, rules, tmp) {
        HASH_DEL(api->rules, rules);
        free(rules);
    }

    free(api->spare);
    api->spare = NULL;
}


void
api_rules_problem(problem_t *p, const sc_rules_error_t *err)
{
    const char  *type;

    type = "/rules/invalid";

    if (err->syntax) {
        type = err->unknown ? "/request/unknown-field" : "/request/invalid";
    }

    problem_init(p, type, "%s", err->message);
    p->xpath = !err->syntax;
    p->column = err->column;
}


int
api_rules_take(api_call_t *c, const sc_str_t *text, const json_t *json,
    const char *base, const api_rules_t **set, problem_t *p)
{
    char              pointer[RULES_MAX_POINTER];
    char             *dump;
    sc_str_t          own;
    sc_rules_error_t  err;

    dump = NULL;

    if (text == NULL) {
        dump = sc_json_text(json, JSON_COMPACT | JSON_ENCODE_ANY);

        if (dump == NULL) {
            problem_init(p, "/server/out-of-memory", "memory is out");
            return SC_ERROR;
        }

        own.data = dump;
        own.len = strlen(dump);
        text = &own;
    }

    *set = api_rules_get(c->api, *text, json, &err);
    free(dump);

    if (*set == NULL) {
        api_rules_problem(p, &err);
        (void) snprintf(pointer, sizeof(pointer), "%s%s", base, err.pointer);
        problem_pointer(p, pointer, NULL);
        return SC_ERROR;
    }

    return SC_OK;
}


int
api_rules_use(api_call_t *c, const sc_str_t *text, const json_t *json,
    const char *base, const api_rules_t **set, problem_t *p)
{
    if (api_rules_take(c, text, json, base, set, p) != SC_OK) {
        return SC_ERROR;
    }

    return (*set)->similar ? api_similar_complete(c, base, set, p) : SC_OK;
}


static api_rules_t *
api_rules_make(sc_str_t text, const json_t *json, sc_rules_error_t *err)
{
    char         *p;
    sc_rules_t   *set;
    api_rules_t  *rules;

    if (text.len > API_MAX_RULES) {
        memset(err, 0, sizeof(sc_rules_error_t));
        (void) snprintf(err->message, sizeof(err->message),
                        "the rules have more than %d bytes", API_MAX_RULES);
        return NULL;
    }

    set = json != NULL ? sc_rules_parse(json, err)
                       : sc_rules_parse_text(text.data, text.len, err);

    if (set == NULL) {
        return NULL;
    }

    rules = calloc(1, sizeof(api_rules_t) + text.len + set->json_len + 2);

    if (rules == NULL) {
        memset(err, 0, sizeof(sc_rules_error_t));
        (void) snprintf(err->message, sizeof(err->message), "memory is out");
        sc_rules_free(set);
        return NULL;
    }

    p = (char *) (rules + 1);
    memcpy(p, text.data, text.len);
    rules->text.data = p;
    rules->text.len = text.len;

    p += text.len + 1;
    memcpy(p, set->json, set->json_len);
    rules->json.data = p;
    rules->json.len = set->json_len;
    memcpy(rules->hash, set->hash, sizeof(rules->hash));
    rules->total = api_rules_total(set);
    rules->similar = api_similar_missing(set) & 1;
    rules->max_age = api_rules_age(set);

    sc_rules_free(set);

    return rules;
}


static size_t
api_rules_total(const sc_rules_t *set)
{
    size_t  i, n;

    n = set->total;

    for (i = 0; i < set->nsets; i++) {
        n += set->sets[i].total;
    }

    return n;
}


static int
api_rules_age(const sc_rules_t *set)
{
    int     age;
    size_t  i;

    if (set->nsets == 0) {
        return set->max_age;
    }

    age = SC_RULES_MAX_AGE;

    for (i = 0; i < set->nsets; i++) {
        if (set->sets[i].max_age < age) {
            age = set->sets[i].max_age;
        }
    }

    return age;
}
