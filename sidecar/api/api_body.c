
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sidecar/api/api_internal.h"
#include "sidecar/extract/extract.h"


#define BODY_JSON         "application/json"
#define BODY_SUFFIX       "+json"


typedef enum {
    BODY_URL = 0,
    BODY_RULES,
    BODY_RULESET,
    BODY_RULESETS,
    BODY_REQUEST,
    BODY_POLITENESS,
    BODY_PRIORITY,
    BODY_ECHO,
    BODY_ON_DISCONNECT,
    BODY_RETURN,
    BODY_EXPLAIN,
    BODY_MEMBERS
} api_body_member_t;


/* A body that is read: its members, NULL when absent, and their text. */
typedef struct {
    api_call_t     *call;
    api_extract_t  *extract;
    problem_t      *problem;
    const json_t   *values[BODY_MEMBERS];
    sc_str_t        texts[BODY_MEMBERS];
} api_body_t;


static int api_body_load(api_body_t *b, const sc_buf_t *body);
static int api_body_members(api_body_t *b, const sc_buf_t *body);
static int api_body_url(api_body_t *b);
static int api_body_rules(api_body_t *b);
static int api_body_rulesets(api_body_t *b);
static int api_body_ruleset(api_body_t *b);
static int api_body_on_disconnect(api_body_t *b);
static int api_body_priority(api_body_t *b);
static int api_body_invalid(api_body_t *b, const char *base, const char *key,
    const char *detail);
static int api_body_unknown(api_body_t *b, const char *base, const char *key);


static const char *const  api_body_names[BODY_MEMBERS] = {
    [BODY_URL] = "url",
    [BODY_RULES] = "rules",
    [BODY_RULESET] = "ruleset",
    [BODY_RULESETS] = "rulesets",
    [BODY_REQUEST] = "request",
    [BODY_POLITENESS] = "politeness",
    [BODY_PRIORITY] = "priority",
    [BODY_ECHO] = "echo",
    [BODY_ON_DISCONNECT] = "on_disconnect",
    [BODY_RETURN] = "return",
    [BODY_EXPLAIN] = "explain"
};


int
api_body_parse(api_call_t *c, api_extract_t *e, problem_t *p)
{
    api_body_t       b;
    const sc_buf_t  *body = &c->request->body;

    memset(&b, 0, sizeof(api_body_t));
    b.call = c;
    b.extract = e;
    b.problem = p;

    if (body->failed) {
        problem_init(p, "/request/too-large", "the body is larger than "
                     "\"%zu\" bytes", body->max);
        return SC_ERROR;
    }

    if (api_json_type(c->request->content_type, p) != SC_OK
        || api_body_load(&b, body) != SC_OK
        || api_body_members(&b, body) != SC_OK
        || api_body_url(&b) != SC_OK
        || api_body_on_disconnect(&b) != SC_OK)
    {
        return SC_ERROR;
    }

    if (api_request_parse(c, e, b.values[BODY_REQUEST],
                          b.values[BODY_POLITENESS], p)
        != SC_OK
        || api_body_priority(&b) != SC_OK
        || api_views(b.values[BODY_RETURN], b.values[BODY_EXPLAIN],
                     &e->spec.views, p)
           != SC_OK)
    {
        return SC_ERROR;
    }

    if (b.values[BODY_ECHO] != NULL) {
        if (api_text_compact(&e->echo, b.texts[BODY_ECHO]) != SC_OK) {
            problem_init(p, "/server/out-of-memory", "memory is out");
            return SC_ERROR;
        }

        e->spec.echo.data = e->echo.data;
        e->spec.echo.len = e->echo.len;
    }

    return api_body_rules(&b);
}


int
api_json_type(const char *type, problem_t *p)
{
    size_t  len;

    type += strspn(type, " \t");
    len = strcspn(type, "; \t");

    if (len == 0
        || (len == sizeof(BODY_JSON) - 1
            && strncasecmp(type, BODY_JSON, len) == 0)
        || (len > sizeof(BODY_SUFFIX) - 1
            && strncasecmp(type + len - sizeof(BODY_SUFFIX) + 1, BODY_SUFFIX,
                           sizeof(BODY_SUFFIX) - 1)
               == 0))
    {
        return SC_OK;
    }

    problem_init(p, "/request/unsupported-media-type",
                 "the body is \"%.100s\", not \"" BODY_JSON "\"", type);

    return SC_ERROR;
}


static int
api_body_load(api_body_t *b, const sc_buf_t *body)
{
    json_error_t  err;
    problem_t    *p = b->problem;

    b->extract->json = json_loadb(body->len > 0 ? body->data : "", body->len,
                                  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                                  &err);

    if (b->extract->json == NULL) {
        problem_init(p, "/request/invalid-json", "%s", err.text);
        p->line = err.line;
        p->column = err.column;
        return SC_ERROR;
    }

    if (!json_is_object(b->extract->json)) {
        return api_body_invalid(b, "", NULL, "the body is not an object");
    }

    return SC_OK;
}


/* jansson keeps the order of members, so that each meets its text. */
static int
api_body_members(api_body_t *b, const sc_buf_t *body)
{
    size_t       i;
    json_t      *value;
    sc_str_t     text;
    const char  *key, *pos;

    pos = body->data;

    json_object_foreach(b->extract->json, key, value) {
        if (api_text_member(&pos, body->data + body->len, &text) != SC_OK) {
            break;
        }

        for (i = 0; i < BODY_MEMBERS; i++) {
            if (strcmp(api_body_names[i], key) == 0) {
                break;
            }
        }

        if (i == BODY_MEMBERS) {
            return api_body_unknown(b, "", key);
        }

        b->values[i] = value;
        b->texts[i] = text;
    }

    return SC_OK;
}


static int
api_body_url(api_body_t *b)
{
    const json_t  *url = b->values[BODY_URL];

    if (url == NULL) {
        return api_body_invalid(b, "", "url", "\"url\" is missing");
    }

    if (!json_is_string(url)) {
        return api_body_invalid(b, "", "url", "\"url\" is not a string");
    }

    if (api_extract_url(b->call, b->extract, json_string_value(url),
                        json_string_length(url), b->problem)
        != SC_OK)
    {
        problem_pointer(b->problem, "", "url");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_body_rules(api_body_t *b)
{
    int                 rc;
    api_extract_t      *e = b->extract;
    const json_t       *rules = b->values[BODY_RULES];
    const api_rules_t  *set;

    if (b->values[BODY_RULESETS] != NULL) {
        return api_body_rulesets(b);
    }

    if (b->values[BODY_RULESET] != NULL) {
        return api_body_ruleset(b);
    }

    if (rules == NULL && e->spec.views != 0) {
        return api_extract_bare(b->call, e, b->problem);
    }

    if (rules == NULL) {
        return api_body_invalid(b, "", NULL, "none of \"rules\", "
                                "\"ruleset\" and \"rulesets\" is there");
    }

    rc = api_rules_use(b->call, &b->texts[BODY_RULES], rules, "/rules", &set,
                       b->problem);

    if (rc == SC_OK) {
        e->spec.rules = set->json;
        e->spec.rules_hash = set->hash;
    }

    return rc;
}


static int
api_body_rulesets(api_body_t *b)
{
    const json_t  *names = b->values[BODY_RULESETS];

    if (b->values[BODY_RULES] != NULL || b->values[BODY_RULESET] != NULL) {
        return api_body_invalid(b, "", "rulesets", "\"rulesets\" excludes "
                                "\"rules\" and \"ruleset\"");
    }

    return api_overlay_sets(b->call, b->extract, names, b->problem);
}


static int
api_body_ruleset(api_body_t *b)
{
    int            rc;
    const json_t  *name = b->values[BODY_RULESET];

    if (!json_is_string(name)) {
        return api_body_invalid(b, "", "ruleset",
                                "\"ruleset\" is not a string");
    }

    if (b->values[BODY_RULES] != NULL) {
        return api_overlay(b->call, b->extract, json_string_value(name),
                           b->values[BODY_RULES], "/rules", b->problem);
    }

    rc = api_extract_ruleset(b->call, b->extract, json_string_value(name),
                             b->problem);

    if (rc == SC_ERROR) {
        problem_pointer(b->problem, "", "ruleset");
    }

    return rc;
}


static int
api_body_on_disconnect(api_body_t *b)
{
    const char    *word;
    const json_t  *value = b->values[BODY_ON_DISCONNECT];

    if (value == NULL) {
        return SC_OK;
    }

    word = json_string_value(value);

    if (word != NULL && strcmp(word, "cancel") == 0) {
        b->extract->spec.cancel_alone = 1;

    } else if (word == NULL || strcmp(word, "continue") != 0) {
        return api_body_invalid(b, "", "on_disconnect", "\"on_disconnect\" is "
                                "neither \"continue\" nor \"cancel\"");
    }

    return SC_OK;
}


static int
api_body_priority(api_body_t *b)
{
    json_int_t     n;
    const json_t  *value = b->values[BODY_PRIORITY];

    if (value == NULL) {
        return SC_OK;
    }

    n = json_integer_value(value);

    if (!json_is_integer(value) || n < -100 || n > 100) {
        return api_body_invalid(b, "", "priority", "\"priority\" is not a "
                                "whole number from \"-100\" to \"100\"");
    }

    b->extract->spec.priority = (int) n;

    return SC_OK;
}


int
api_views(const json_t *list, const json_t *explain, unsigned *views,
    problem_t *p)
{
    size_t         i;
    char           key[24];
    const json_t  *item;

    if (list != NULL && !json_is_array(list)) {
        problem_init(p, "/request/invalid", "\"return\" is not a list");
        problem_pointer(p, "", "return");
        return SC_ERROR;
    }

    json_array_foreach(list, i, item) {
        if (api_view(json_string_value(item), views) != SC_OK) {
            (void) snprintf(key, sizeof(key), "%zu", i);
            problem_init(p, "/request/invalid", "this is not " API_VIEWS);
            problem_pointer(p, "/return", key);
            return SC_ERROR;
        }
    }

    if (explain != NULL && !json_is_boolean(explain)) {
        problem_init(p, "/request/invalid",
                     "\"explain\" is neither true nor false");
        problem_pointer(p, "", "explain");
        return SC_ERROR;
    }

    *views |= json_is_true(explain) ? EXTRACT_EXPLAIN : 0;

    return SC_OK;
}


int
api_view(const char *word, unsigned *views)
{
    unsigned  bit;

    bit = (word != NULL) ? extract_view_bit(word) : 0;
    *views |= bit;

    return bit != 0 || (word != NULL && strcmp(word, "data") == 0)
           ? SC_OK : SC_DECLINED;
}


static int
api_body_invalid(api_body_t *b, const char *base, const char *key,
    const char *detail)
{
    problem_init(b->problem, "/request/invalid", "%s", detail);
    problem_pointer(b->problem, base, key);

    return SC_ERROR;
}


static int
api_body_unknown(api_body_t *b, const char *base, const char *key)
{
    problem_init(b->problem, "/request/unknown-field",
                 "\"%.100s\" is not known here", key);
    problem_pointer(b->problem, base, key);

    return SC_ERROR;
}
