
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"


#define FORM_MANY      "[]"


static int api_form_member(json_t *json, json_t *fields,
    const query_param_t *param, problem_t *p);
static int api_form_selector(json_t *fields, const query_param_t *param,
    const char *name, size_t len, problem_t *p);
static int api_form_set(json_t *json, const query_param_t *param,
    json_t *value, problem_t *p);
static json_t *api_form_words(const char *value);
static int api_form_other(const char *const *others, const char *name);
static int api_form_location(api_call_t *c, api_extract_t *e, problem_t *p);
static int api_form_location_request(api_call_t *c, api_extract_t *e,
    problem_t *p);
static int api_form_location_url(api_call_t *c, api_extract_t *e,
    problem_t *p);
static int api_form_read(api_extract_t *e, sc_buf_t *rules, const char **url,
    const char **ruleset, problem_t *p);
static int api_form_once(const query_param_t *param, const char **value,
    problem_t *p);
static int api_form_return(api_extract_t *e, const query_param_t *param,
    problem_t *p);
static int api_form_views(const char *words, unsigned *views);
static int api_form_field(sc_buf_t *rules, const query_param_t *param,
    const char *name, size_t len);
static int api_form_url(api_call_t *c, api_extract_t *e, const char *url,
    problem_t *p);
static int api_form_ruleset(api_call_t *c, api_extract_t *e,
    const char *ruleset, sc_buf_t *rules, problem_t *p);
static int api_form_over(api_call_t *c, api_extract_t *e,
    const char *ruleset, sc_buf_t *rules, problem_t *p);
static int api_form_rules(api_call_t *c, api_extract_t *e, sc_buf_t *rules,
    problem_t *p);
static int api_form_twice(const query_t *q, problem_t *p);
static size_t api_form_name(const query_param_t *param, const char **name);
static int api_form_is(const query_param_t *param, const char *name,
    size_t len);
static void api_form_at_field(const query_t *q, const char *field,
    problem_t *p);
static int api_form_invalid(problem_t *p, const char *parameter,
    const char *detail);


/* ways to take a field, as rules call them; a parameter begins with one */
static const char *const  api_form_selectors[] = {
    "xpath", "css", "json", "jsonld", "meta", "header", "regex", NULL
};


int
api_form_parse(api_call_t *c, api_extract_t *e, problem_t *p)
{
    int          rc;
    char         err[200];
    sc_buf_t     rules;
    const char  *url, *ruleset;

    if (c->request->url[0] != '\0' || c->request->use[0] != '\0') {
        return api_form_location(c, e, p);
    }

    if (query_parse(&e->query, c->query, err, sizeof(err)) != SC_OK) {
        problem_init(p, "/request/invalid", "%s", err);
        return SC_ERROR;
    }

    sc_buf_init(&rules, 0);

    rc = api_form_read(e, &rules, &url, &ruleset, p);

    if (rc == SC_OK) {
        rc = api_form_url(c, e, url, p);
    }

    if (rc == SC_OK) {
        rc = ruleset != NULL ? api_form_ruleset(c, e, ruleset, &rules, p)
                             : api_form_rules(c, e, &rules, p);
    }

    sc_buf_free(&rules);

    return rc;
}


json_t *
api_form_json(const query_t *q, const char *const *others, problem_t *p)
{
    int      rc;
    size_t   i;
    json_t  *json, *fields;

    json = json_object();
    fields = json_object();
    rc = json != NULL && fields != NULL ? SC_OK : SC_ERROR;
    problem_init(p, "/server/out-of-memory", "memory is out");

    for (i = 0; i < q->n && rc == SC_OK; i++) {
        if (!api_form_other(others, q->params[i].name)) {
            rc = api_form_member(json, fields, &q->params[i], p);
        }
    }

    if (rc == SC_OK && json_object_size(fields) > 0
        && json_object_set(json, "rules", fields) != 0)
    {
        rc = SC_ERROR;
    }

    json_decref(fields);

    if (rc != SC_OK) {
        json_decref(json);
        return NULL;
    }

    return json;
}


static int
api_form_member(json_t *json, json_t *fields, const query_param_t *param,
    problem_t *p)
{
    size_t       len;
    const char  *name;

    len = api_form_name(param, &name);

    if (name != NULL) {
        return api_form_selector(fields, param, name, len, p);
    }

    if (strcmp(param->name, "ruleset") == 0) {
        return api_form_set(json, param, json_string(param->value), p);
    }

    if (strcmp(param->name, "return") == 0) {
        return api_form_set(json, param, api_form_words(param->value), p);
    }

    problem_init(p, "/request/unknown-field",
                 "parameter \"%.100s\" is not known here", param->name);
    problem_parameter(p, param->name);

    return SC_ERROR;
}


static int
api_form_selector(json_t *fields, const query_param_t *param,
    const char *name, size_t len, problem_t *p)
{
    char     kind[16];
    json_t  *value;

    (void) snprintf(kind, sizeof(kind), "%.*s",
                    (int) strcspn(param->name, "."), param->name);
    value = json_pack("{s:s}", kind, param->value);

    if (value != NULL && name[len] != '\0') {
        value = json_pack("[o]", value);
    }

    if (value == NULL || json_object_getn(fields, name, len) != NULL
        || json_object_setn_new(fields, name, len, json_incref(value)) != 0)
    {
        json_decref(value);
        return api_form_invalid(p, param->name, "this field is there twice, "
                                "or is not UTF-8");
    }

    json_decref(value);

    return SC_OK;
}


static int
api_form_set(json_t *json, const query_param_t *param, json_t *value,
    problem_t *p)
{
    if (json_object_get(json, param->name) != NULL) {
        json_decref(value);
        return api_form_invalid(p, param->name,
                                "this parameter is there twice");
    }

    if (json_object_set_new(json, param->name, value) != 0) {
        return api_form_invalid(p, param->name, "this is not UTF-8");
    }

    return SC_OK;
}


static json_t *
api_form_words(const char *value)
{
    size_t   len;
    json_t  *list;

    list = json_array();

    for ( /* void */ ; /* void */ ; value += len + 1) {
        len = strcspn(value, ",");

        if (json_array_append_new(list, json_stringn(value, len)) != 0) {
            json_decref(list);
            return NULL;
        }

        if (value[len] == '\0') {
            return list;
        }
    }
}


/* One that ends with a dot is the beginning of many. */
static int
api_form_other(const char *const *others, const char *name)
{
    size_t  len;

    for ( /* void */ ; *others != NULL; others++) {
        len = strlen(*others);

        if (strcmp(*others, name) == 0
            || ((*others)[len - 1] == '.'
                && strncmp(*others, name, len) == 0))
        {
            return 1;
        }
    }

    return 0;
}


static int
api_form_location(api_call_t *c, api_extract_t *e, problem_t *p)
{
    if (c->request->url[0] == '\0') {
        problem_init(p, "/request/invalid",
                     "this location was asked without a URL to extract");
        return SC_ERROR;
    }

    if (api_form_location_url(c, e, p) != SC_OK
        || api_form_location_request(c, e, p) != SC_OK)
    {
        return SC_ERROR;
    }

    if (c->request->returns[0] != '\0' && !api_value_wanted(c)
        && api_form_views(c->request->returns, &e->spec.views) != SC_OK)
    {
        problem_init(p, "/request/invalid", "\"scrape_return\" is not "
                     API_VIEWS);
        return SC_ERROR;
    }

    if (c->request->use[0] == '\0' && e->spec.views != 0) {
        return api_extract_bare(c, e, p);
    }

    if (c->request->use[0] == '\0') {
        problem_init(p, "/request/invalid",
                     "this location was asked without a rule set");
        return SC_ERROR;
    }

    return api_extract_ruleset(c, e, c->request->use, p);
}


/* What is read stays in e: its strings are used. */
static int
api_form_location_request(api_call_t *c, api_extract_t *e, problem_t *p)
{
    sc_str_t  text;

    text.data = c->request->options;
    text.len = strlen(text.data);

    if (text.len == 0) {
        return SC_OK;
    }

    json_decref(e->json);
    e->json = api_body_json(text, p);

    return e->json != NULL ? api_request_parse(c, e, e->json, NULL, p)
                           : SC_ERROR;
}


/*
 * nginx's variables hold what the client sent: a value that was encoded as a
 * whole has no "://".
 */
static int
api_form_location_url(api_call_t *c, api_extract_t *e, problem_t *p)
{
    int     rc;
    char   *url = c->request->url, *decoded;
    size_t  len = strlen(url);

    if (strstr(url, "://") != NULL) {
        return api_extract_url(c, e, url, len, p);
    }

    decoded = malloc(len + 1);

    if (decoded == NULL) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    if (query_decode(decoded, url, len, 0) == SC_OK) {
        rc = api_extract_url(c, e, decoded, strlen(decoded), p);

    } else {
        rc = api_extract_url(c, e, url, len, p);
    }

    free(decoded);

    return rc;
}


static int
api_form_read(api_extract_t *e, sc_buf_t *rules, const char **url,
    const char **ruleset, problem_t *p)
{
    size_t                i, len;
    const char           *name;
    const query_param_t  *param;

    *url = NULL;
    *ruleset = NULL;

    for (i = 0; i < e->query.n; i++) {
        param = &e->query.params[i];
        len = api_form_name(param, &name);

        if (name != NULL) {
            if (api_form_field(rules, param, name, len) != SC_OK) {
                problem_init(p, "/server/out-of-memory", "memory is out");
                return SC_ERROR;
            }

        } else if (strcmp(param->name, "url") == 0) {
            if (api_form_once(param, url, p) != SC_OK) {
                return SC_ERROR;
            }

        } else if (strcmp(param->name, "ruleset") == 0) {
            if (api_form_once(param, ruleset, p) != SC_OK) {
                return SC_ERROR;
            }

        } else if (strcmp(param->name, "return") == 0) {
            if (api_form_return(e, param, p) != SC_OK) {
                return SC_ERROR;
            }

        } else {
            problem_init(p, "/request/unknown-field",
                         "parameter \"%.100s\" is not known here",
                         param->name);
            problem_parameter(p, param->name);
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
api_form_once(const query_param_t *param, const char **value, problem_t *p)
{
    char  detail[64];

    if (*value != NULL) {
        (void) snprintf(detail, sizeof(detail),
                        "parameter \"%.20s\" is there twice", param->name);
        return api_form_invalid(p, param->name, detail);
    }

    *value = param->value;

    return SC_OK;
}


static int
api_form_return(api_extract_t *e, const query_param_t *param, problem_t *p)
{
    if (api_form_views(param->value, &e->spec.views) != SC_OK) {
        problem_init(p, "/request/invalid", "this is not " API_VIEWS);
        problem_parameter(p, param->name);
        return SC_ERROR;
    }

    return SC_OK;
}


/* Words with commas between. */
static int
api_form_views(const char *words, unsigned *views)
{
    char    word[16];
    size_t  len;

    for ( /* void */ ; /* void */ ; words += len + 1) {
        len = strcspn(words, ",");
        (void) snprintf(word, sizeof(word), "%.*s",
                        len < sizeof(word) ? (int) len : 0, words);

        if (api_view(word, views) != SC_OK) {
            return SC_ERROR;
        }

        if (words[len] == '\0') {
            return SC_OK;
        }
    }
}


/* "xpath.NAME[]" becomes a member of the JSON of a rule set. */
static int
api_form_field(sc_buf_t *rules, const query_param_t *param, const char *name,
    size_t len)
{
    int     many;
    size_t  selector;

    many = name[len] != '\0';
    selector = strcspn(param->name, ".");

    (void) sc_buf_add_cstr(rules, rules->len > 0 ? "," : "{\"fields\":{");
    (void) sc_json_string(rules, name, len);
    (void) sc_buf_add_cstr(rules, many ? ":[{" : ":{");
    (void) sc_json_string(rules, param->name, selector);
    (void) sc_buf_add_cstr(rules, ":");
    (void) sc_json_cstr(rules, param->value);

    return sc_buf_add_cstr(rules, many ? "}]" : "}");
}


static int
api_form_url(api_call_t *c, api_extract_t *e, const char *url,
    problem_t *p)
{
    if (url == NULL) {
        return api_form_invalid(p, "url", "parameter \"url\" is missing");
    }

    if (api_extract_url(c, e, url, strlen(url), p) != SC_OK) {
        problem_parameter(p, "url");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_form_ruleset(api_call_t *c, api_extract_t *e, const char *ruleset,
    sc_buf_t *rules, problem_t *p)
{
    int  rc;

    if (rules->len > 0) {
        return api_form_over(c, e, ruleset, rules, p);
    }

    rc = api_extract_ruleset(c, e, ruleset, p);

    if (rc == SC_ERROR) {
        problem_parameter(p, "ruleset");
    }

    return rc;
}


/* Fields over those of the rule set. */
static int
api_form_over(api_call_t *c, api_extract_t *e, const char *ruleset,
    sc_buf_t *rules, problem_t *p)
{
    int      rc;
    json_t  *json;

    if (sc_buf_add_cstr(rules, "}}") != SC_OK) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    json = sc_json_of(rules->data, rules->len, JSON_REJECT_DUPLICATES, NULL);

    if (json == NULL) {
        if (api_form_twice(&e->query, p) != SC_OK) {
            return SC_ERROR;
        }

        return api_form_invalid(p, "ruleset", "a field is not UTF-8");
    }

    rc = api_overlay(c, e, ruleset, json, "", p);
    json_decref(json);

    if (rc == SC_ERROR) {
        problem_parameter(p, "ruleset");
    }

    return rc;
}


static int
api_form_rules(api_call_t *c, api_extract_t *e, sc_buf_t *rules, problem_t *p)
{
    sc_str_t            text;
    sc_rules_error_t    err;
    const api_rules_t  *set;

    if (rules->len == 0 && e->spec.views != 0) {
        return api_extract_bare(c, e, p);
    }

    if (rules->len == 0) {
        return api_form_invalid(p, "ruleset", "neither parameter \"ruleset\" "
                                "nor \"xpath.…\" is there");
    }

    if (sc_buf_add_cstr(rules, "}}") != SC_OK) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    text.data = rules->data;
    text.len = rules->len;

    set = api_rules_get(c->api, text, NULL, &err);

    if (set == NULL) {
        if (api_form_twice(&e->query, p) != SC_OK) {
            return SC_ERROR;
        }

        api_rules_problem(p, &err);
        api_form_at_field(&e->query, err.field, p);
        return SC_ERROR;
    }

    e->spec.rules = set->json;
    e->spec.rules_hash = set->hash;

    return SC_OK;
}


/* A name that was given twice is why the rules are not even JSON. */
static int
api_form_twice(const query_t *q, problem_t *p)
{
    size_t       i, j, len;
    const char  *name;

    for (i = 0; i < q->n; i++) {
        len = api_form_name(&q->params[i], &name);

        for (j = 0; j < i && name != NULL; j++) {
            if (api_form_is(&q->params[j], name, len)) {
                problem_init(p, "/request/invalid", "field \"%.*s\" is there "
                             "twice", (int) (len < 100 ? len : 100), name);
                problem_parameter(p, q->params[i].name);
                return SC_ERROR;
            }
        }
    }

    return SC_OK;
}


/* The field a parameter is about, without "[]"; NULL if it is about none. */
static size_t
api_form_name(const query_param_t *param, const char **name)
{
    size_t              len;
    const char *const  *selector;

    *name = NULL;

    for (selector = api_form_selectors; *selector != NULL; selector++) {
        len = strlen(*selector);

        if (strncmp(param->name, *selector, len) == 0
            && param->name[len] == '.')
        {
            break;
        }
    }

    if (*selector == NULL) {
        return 0;
    }

    *name = param->name + len + 1;
    len = strlen(*name);

    if (len >= sizeof(FORM_MANY) - 1
        && strcmp(*name + len - sizeof(FORM_MANY) + 1, FORM_MANY) == 0)
    {
        len -= sizeof(FORM_MANY) - 1;
    }

    return len;
}


static int
api_form_is(const query_param_t *param, const char *name, size_t len)
{
    size_t       n;
    const char  *other;

    n = api_form_name(param, &other);

    return other != NULL && n == len && memcmp(other, name, len) == 0;
}


static void
api_form_at_field(const query_t *q, const char *field, problem_t *p)
{
    size_t  i, len = strlen(field);

    for (i = 0; i < q->n; i++) {
        if (api_form_is(&q->params[i], field, len)) {
            problem_parameter(p, q->params[i].name);
            return;
        }
    }
}


static int
api_form_invalid(problem_t *p, const char *parameter, const char *detail)
{
    problem_init(p, "/request/invalid", "%s", detail);
    problem_parameter(p, parameter);

    return SC_ERROR;
}
