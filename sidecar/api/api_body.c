
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
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
    BODY_KEEP_RAW,
    BODY_STORE,
    BODY_TAGS,
    BODY_WEBHOOK,
    BODY_MEMBERS
} api_body_member_t;


/*
 * A body that is read: its members, NULL when absent, and their text, when it
 * is there.
 */
typedef struct {
    api_call_t     *call;
    api_extract_t  *extract;
    problem_t      *problem;
    unsigned        what;
    const json_t   *values[BODY_MEMBERS];
    sc_str_t        texts[BODY_MEMBERS];
} api_body_t;


static int api_body_members(api_body_t *b, const sc_str_t *text);
static int api_body_url(api_body_t *b);
static int api_body_options(api_body_t *b);
static int api_body_flags(api_body_t *b);
static int api_body_flag(api_body_t *b, api_body_member_t member, int *on);
static int api_body_priority(api_body_t *b);
static int api_body_echo(api_body_t *b);
static int api_body_job(api_body_t *b);
static int api_body_on_disconnect(api_body_t *b);
static int api_body_dump(sc_buf_t *out, const json_t *json, sc_str_t *view,
    problem_t *p);
static int api_body_rules(api_body_t *b);
static int api_body_rulesets(api_body_t *b);
static int api_body_ruleset(api_body_t *b);
static int api_body_invalid(api_body_t *b, const char *key,
    const char *detail);


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
    [BODY_EXPLAIN] = "explain",
    [BODY_KEEP_RAW] = "keep_raw",
    [BODY_STORE] = "store",
    [BODY_TAGS] = "tags",
    [BODY_WEBHOOK] = "webhook"
};


int
api_body_parse(api_call_t *c, api_extract_t *e, problem_t *p)
{
    sc_str_t  text;

    if (api_body_check(c, p) != SC_OK) {
        return SC_ERROR;
    }

    text.data = c->request->body.data;
    text.len = c->request->body.len;

    return api_extract_read(c, e, text, API_READ_EXTRACT, p);
}


int
api_body_check(api_call_t *c, problem_t *p)
{
    const sc_buf_t  *body = &c->request->body;

    if (body->failed) {
        problem_init(p, "/request/too-large", "the body is larger than "
                     "\"%zu\" bytes", body->max);
        return SC_ERROR;
    }

    return api_json_type(c->request->content_type, p);
}


int
api_extract_read(api_call_t *c, api_extract_t *e, sc_str_t text,
    unsigned what, problem_t *p)
{
    json_t  *json;

    json = api_body_json(text, p);

    return json != NULL ? api_extract_take(c, e, json, &text, what, p)
                        : SC_ERROR;
}


/* The library would speak to who calls it. */
const char *
api_json_wrong(const json_error_t *err)
{
    if (json_error_code(err) == json_error_null_character
        || json_error_code(err) == json_error_null_byte_in_key)
    {
        return "a string has the character U+0000";
    }

    return err->text;
}


json_t *
api_json_read(sc_str_t text, problem_t *p)
{
    json_t        *json;
    json_error_t   err;

    json = sc_json_of(text.len > 0 ? text.data : "", text.len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &err);

    if (json == NULL) {
        problem_init(p, "/request/invalid-json", "%s",
                     api_json_wrong(&err));
        p->line = err.line;
        p->column = err.column;
    }

    return json;
}


json_t *
api_body_json(sc_str_t text, problem_t *p)
{
    json_t  *json;

    json = api_json_read(text, p);
    if (json == NULL) {
        return NULL;
    }

    if (!json_is_object(json)) {
        problem_init(p, "/request/invalid", "the body is not an object");
        problem_pointer(p, "", NULL);
        json_decref(json);
        return NULL;
    }

    return json;
}


int
api_extract_take(api_call_t *c, api_extract_t *e, json_t *json,
    const sc_str_t *text, unsigned what, problem_t *p)
{
    api_body_t  b;

    json_decref(e->json);
    e->json = json;

    memset(&b, 0, sizeof(api_body_t));
    b.call = c;
    b.extract = e;
    b.problem = p;
    b.what = what;

    if (api_body_members(&b, text) != SC_OK
        || api_body_url(&b) != SC_OK
        || api_body_job(&b) != SC_OK
        || api_body_options(&b) != SC_OK
        || api_body_echo(&b) != SC_OK)
    {
        return SC_ERROR;
    }

    return api_body_rules(&b);
}


/* jansson keeps the order of members, so that each meets its text. */
static int
api_body_members(api_body_t *b, const sc_str_t *text)
{
    size_t       i;
    json_t      *value;
    sc_str_t     member = sc_null_string;
    const char  *key, *pos;

    pos = text != NULL ? text->data : NULL;

    json_object_foreach(b->extract->json, key, value) {
        if (text != NULL
            && api_text_member(&pos, text->data + text->len, &member)
               != SC_OK)
        {
            break;
        }

        for (i = 0; i < BODY_MEMBERS; i++) {
            if (strcmp(api_body_names[i], key) == 0) {
                break;
            }
        }

        if (i == BODY_MEMBERS) {
            return api_work_unknown(b->problem, "", key);
        }

        b->values[i] = value;
        b->texts[i] = member;
    }

    return SC_OK;
}


static int
api_body_url(api_body_t *b)
{
    const json_t  *url = b->values[BODY_URL];

    if ((b->what & API_READ_URL) == 0) {
        return url == NULL ? SC_OK
                           : api_body_invalid(b, "url", "\"url\" is each "
                                              "page's own");
    }

    if (url == NULL) {
        return api_body_invalid(b, "url", "\"url\" is missing");
    }

    if (!json_is_string(url)) {
        return api_body_invalid(b, "url", "\"url\" is not a string");
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
api_body_options(api_body_t *b)
{
    api_extract_t  *e = b->extract;

    if (api_request_parse(b->call, e, b->values[BODY_REQUEST],
                          b->values[BODY_POLITENESS], b->problem)
        != SC_OK
        || api_body_priority(b) != SC_OK)
    {
        return SC_ERROR;
    }

    if (api_views(b->values[BODY_RETURN], b->values[BODY_EXPLAIN],
                  &e->spec.views, b->problem)
        != SC_OK)
    {
        return SC_ERROR;
    }

    return api_body_flags(b);
}


static int
api_body_flags(api_body_t *b)
{
    int  keep, store;

    keep = b->extract->spec.keep_raw;
    store = 1;

    if (api_body_flag(b, BODY_KEEP_RAW, &keep) != SC_OK
        || api_body_flag(b, BODY_STORE, &store) != SC_OK)
    {
        return SC_ERROR;
    }

    if (!store) {
        return api_body_invalid(b, "store", "every result is stored");
    }

    b->extract->spec.keep_raw = keep & 1;

    return SC_OK;
}


static int
api_body_flag(api_body_t *b, api_body_member_t member, int *on)
{
    char           detail[64];
    const json_t  *value = b->values[member];

    if (value == NULL) {
        return SC_OK;
    }

    if (!json_is_boolean(value)) {
        (void) snprintf(detail, sizeof(detail),
                        "\"%s\" is neither true nor false",
                        api_body_names[member]);
        return api_body_invalid(b, api_body_names[member], detail);
    }

    *on = json_is_true(value);

    return SC_OK;
}


static int
api_body_priority(api_body_t *b)
{
    const json_t  *value = b->values[BODY_PRIORITY];

    if (value == NULL) {
        return SC_OK;
    }

    if (api_work_int("priority", value, -100, 100, b->problem) != SC_OK) {
        return SC_ERROR;
    }

    b->extract->spec.priority = (int) json_integer_value(value);

    return SC_OK;
}


static int
api_body_echo(api_body_t *b)
{
    int             rc;
    api_extract_t  *e = b->extract;

    if (b->values[BODY_ECHO] == NULL) {
        return SC_OK;
    }

    if (b->texts[BODY_ECHO].data == NULL) {
        return api_body_dump(&e->echo, b->values[BODY_ECHO], &e->spec.echo,
                             b->problem);
    }

    rc = api_text_compact(&e->echo, b->texts[BODY_ECHO]);

    if (rc != SC_OK) {
        problem_init(b->problem, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    e->spec.echo.data = e->echo.data;
    e->spec.echo.len = e->echo.len;

    return SC_OK;
}


/* What one page of a job of many has no say in. */
static int
api_body_job(api_body_t *b)
{
    size_t          i;
    json_t         *webhook;
    const json_t   *tags = b->values[BODY_TAGS];
    api_extract_t  *e = b->extract;

    static const api_body_member_t  members[] = {
        BODY_TAGS, BODY_WEBHOOK, BODY_ON_DISCONNECT
    };

    for (i = 0; (b->what & API_READ_JOB) == 0 && i < 3; i++) {
        if (b->values[members[i]] != NULL) {
            return api_body_invalid(b, api_body_names[members[i]],
                                    "this is the job's, not a page's");
        }
    }

    if (tags != NULL
        && (api_work_tags(tags, b->problem) != SC_OK
            || api_body_dump(&e->tags, tags, &e->spec.tags, b->problem)
               != SC_OK))
    {
        return SC_ERROR;
    }

    if (b->values[BODY_WEBHOOK] != NULL) {
        webhook = api_work_webhook(b->values[BODY_WEBHOOK], b->problem);

        if (webhook == NULL
            || api_body_dump(&e->webhook, webhook, &e->spec.webhook,
                             b->problem)
               != SC_OK)
        {
            json_decref(webhook);
            return SC_ERROR;
        }

        json_decref(webhook);
    }

    return api_body_on_disconnect(b);
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
        return api_body_invalid(b, "on_disconnect", "\"on_disconnect\" is "
                                "neither \"continue\" nor \"cancel\"");
    }

    return SC_OK;
}


static int
api_body_dump(sc_buf_t *out, const json_t *json, sc_str_t *view,
    problem_t *p)
{
    sc_json_value(out, json);

    if (out->failed) {
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    view->data = out->data;
    view->len = out->len;

    return SC_OK;
}


static int
api_body_rules(api_body_t *b)
{
    int                 rc;
    api_extract_t      *e = b->extract;
    const json_t       *rules = b->values[BODY_RULES];
    const sc_str_t     *text = &b->texts[BODY_RULES];
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
        return (b->what & API_READ_RULES) == 0
               ? SC_OK : api_body_invalid(b, NULL, "none of \"rules\", "
                                          "\"ruleset\" and \"rulesets\" is "
                                          "there");
    }

    rc = api_rules_use(b->call, text->data != NULL ? text : NULL, rules,
                       "/rules", &set, b->problem);

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
        return api_body_invalid(b, "rulesets", "\"rulesets\" excludes "
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
        return api_body_invalid(b, "ruleset", "\"ruleset\" is not a string");
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
api_body_invalid(api_body_t *b, const char *key, const char *detail)
{
    return api_work_refused(b->problem, "", key, detail);
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
