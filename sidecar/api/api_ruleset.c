
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/rules/sc_crw.h"
#include "common/sc_json.h"
#include "sidecar/api/api_internal.h"
#include "sidecar/api/etag.h"
#include "sidecar/fetch/http_date.h"


/* "name@10000", or a hash, with its NUL */
#define RULESET_MAX_REF    (RULESETS_NAME_MAX + 16)


static int api_ruleset_name(api_call_t *c, char *out);
static int api_ruleset_plain(api_call_t *c, char *out, sc_str_t *name);
static void api_ruleset_shown(api_call_t *c, const ruleset_t *set,
    const char *ref);
static json_t *api_ruleset_body(api_call_t *c, problem_t *p);
static json_t *api_ruleset_crawley(const sc_buf_t *body, problem_t *p);
static int api_ruleset_is(const char *type, const char *name);
static int api_ruleset_may(void *data, const char *hash);
static void api_ruleset_changed(void *data, store_status_t status,
    const ruleset_change_t *change);
static int api_ruleset_refused(api_call_t *c, const ruleset_change_t *change);
static void api_ruleset_told(api_call_t *c, const ruleset_change_t *change);
static void api_ruleset_deleted(void *data, store_status_t status,
    const ruleset_change_t *change);
static void api_ruleset_unknown(api_call_t *c, const char *name);


int
api_ruleset_find(api_call_t *c, const char *name, api_named_t *named,
    problem_t *p)
{
    int                known;
    sc_str_t           ref = { strlen(name), name };
    const ruleset_t   *set;
    const sc_rules_t  *rules;

    rules = server_rules(c->request->conn, name);

    if (rules != NULL) {
        named->json.data = rules->json;
        named->json.len = rules->json_len;
        named->hash = rules->hash;
        named->similar = api_similar_missing(rules) & 1;
        return SC_OK;
    }

    set = rulesets_peek(c->api->rulesets, c->tenant, ref, &known);

    if (!known) {
        return api_need_ruleset(c, name, p);
    }

    if (set == NULL) {
        problem_init(p, "/ruleset/unknown",
                     "there is no rule set \"%.150s\"", name);
        return SC_ERROR;
    }

    named->json = set->json;
    named->hash = set->hash;
    named->similar = 0;

    return SC_OK;
}


void
api_ruleset_get(api_call_t *c)
{
    int               known;
    char              name[RULESET_MAX_REF];
    sc_str_t          ref;
    problem_t         p;
    const ruleset_t  *set;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (api_ruleset_name(c, name) != SC_OK) {
        api_ruleset_unknown(c, "");
        return;
    }

    ref.data = name;
    ref.len = strlen(name);
    set = rulesets_peek(c->api->rulesets, c->tenant, ref, &known);

    if (known) {
        api_ruleset_shown(c, set, name);

    } else if (api_need_ruleset(c, name, &p) == SC_AGAIN) {
        api_need_wait(c, api_ruleset_get);

    } else {
        api_reply_problem(c, &p, 0);
    }
}


/* The name in the path, as it is meant: "@" may have come encoded. */
static int
api_ruleset_name(api_call_t *c, char *out)
{
    char    decoded[3 * RULESET_MAX_REF + 1];
    size_t  len;

    if (c->name.len >= sizeof(decoded)
        || query_decode(decoded, c->name.data, c->name.len, 0) != SC_OK)
    {
        return SC_DECLINED;
    }

    len = strlen(decoded);

    if (len == 0 || len >= RULESET_MAX_REF) {
        return SC_DECLINED;
    }

    memcpy(out, decoded, len + 1);

    return SC_OK;
}


/* The same where no version may be said; name is in out. */
static int
api_ruleset_plain(api_call_t *c, char *out, sc_str_t *name)
{
    if (api_ruleset_name(c, out) != SC_OK) {
        return SC_DECLINED;
    }

    name->data = out;
    name->len = strlen(out);

    return rulesets_name_check(*name);
}


static void
api_ruleset_shown(api_call_t *c, const ruleset_t *set, const char *ref)
{
    char       date[HTTP_DATE_SIZE], tail[32];
    size_t     len;
    sc_buf_t  *h = &c->api->headers;
    sc_str_t   tag;

    if (set == NULL) {
        api_ruleset_unknown(c, ref);
        return;
    }

    api_reply_begin(c, API_JSON "Cache-Control: no-cache\r\n");
    (void) sc_buf_printf(h, "ETag: \"%s\"\r\n", set->hash);

    if (set->at > 0 && http_date_format(date, set->at) == SC_OK) {
        (void) sc_buf_printf(h, "Last-Modified: %s\r\n", date);
    }

    if (set->version > 0) {
        len = strcspn(ref, "@");
        (void) snprintf(tail, sizeof(tail), "@%lld",
                        (long long) set->version);
        (void) sc_buf_add_cstr(h, "Content-Location: ");
        (void) api_reply_link(c, "/v1/rulesets/", "", "");
        (void) sc_buf_add(&c->api->link, ref, len);
        (void) sc_buf_add_cstr(&c->api->link, tail);
        (void) sc_buf_add(h, c->api->link.data, c->api->link.len);
        (void) sc_buf_add_cstr(h, "\r\n");
    }

    tag.data = set->hash;
    tag.len = SC_RULES_HASH_LEN;

    if (etag_matches(c->request->if_none_match, tag)) {
        api_reply_send(c, 304);
        return;
    }

    (void) sc_buf_add_str(&c->api->body, set->json);
    api_reply_send(c, 200);
}


void
api_ruleset_put(api_call_t *c)
{
    int                 rc;
    char                text[RULESET_MAX_REF];
    json_t             *json;
    sc_str_t            name;
    problem_t           p;
    const api_rules_t  *set;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (api_ruleset_plain(c, text, &name) != SC_OK) {
        problem_init(&p, "/request/invalid", "a rule set's name has \"1\" to "
                     "\"%d\" letters, digits, \".\", \"_\" and \"-\"",
                     RULESETS_NAME_MAX);
        api_reply_problem(c, &p, 0);
        return;
    }

    json = api_ruleset_body(c, &p);
    rc = json != NULL ? api_rules_use(c, NULL, json, "", &set, &p) : SC_ERROR;

    if (rc == SC_OK
        && rulesets_put(c->api->rulesets, c->tenant, name, set->json,
                        set->hash, api_ruleset_may, api_ruleset_changed, c)
           != SC_OK)
    {
        problem_init(&p, "/server/out-of-memory", "memory is out");
        rc = SC_ERROR;
    }

    json_decref(json);

    if (rc == SC_OK) {
        c->reading = 1;

    } else if (rc == SC_AGAIN) {
        api_need_wait(c, api_ruleset_put);

    } else {
        api_reply_problem(c, &p, 0);
    }
}


/* The rules as they came, in JSON.  NULL with *p filled in. */
static json_t *
api_ruleset_body(api_call_t *c, problem_t *p)
{
    const char      *type = c->request->content_type;
    const sc_buf_t  *body = &c->request->body;

    if (body->failed) {
        problem_init(p, "/request/too-large", "the body is larger than "
                     "\"%zu\" bytes", body->max);
        return NULL;
    }

    if (api_ruleset_is(type, "text/x-crawley")) {
        return api_ruleset_crawley(body, p);
    }

    if (api_ruleset_is(type, "application/json") || type[0] == '\0') {
        return api_ruleset_json(body, p);
    }

    problem_init(p, "/request/unsupported-media-type",
                 "the body is \"%.100s\", neither \"application/json\" nor "
                 "\"text/x-crawley\"", type);

    return NULL;
}


json_t *
api_ruleset_json(const sc_buf_t *body, problem_t *p)
{
    return api_json_read((sc_str_t) { body->len, body->data }, p);
}


static json_t *
api_ruleset_crawley(const sc_buf_t *body, problem_t *p)
{
    json_t          *json;
    sc_crw_error_t   err;

    json = sc_crw_parse(body->len > 0 ? body->data : "", body->len, &err);

    if (json == NULL && err.line == 0) {
        problem_init(p, "/server/out-of-memory", "memory is out");

    } else if (json == NULL) {
        problem_init(p, "/rules/invalid", "%s", err.message);
        p->line = (int) err.line;
        p->column = (int) err.column;
    }

    return json;
}


static int
api_ruleset_is(const char *type, const char *name)
{
    size_t  len;

    type += strspn(type, " \t");
    len = strcspn(type, "; \t");

    return len == strlen(name) && strncasecmp(type, name, len) == 0;
}


/* RFC 9110 13.2.2 */
static int
api_ruleset_may(void *data, const char *hash)
{
    sc_str_t           tag = { SC_RULES_HASH_LEN, hash };
    api_call_t        *c = data;
    server_request_t  *r = c->request;

    if (r->if_match[0] != '\0'
        && (hash == NULL || !etag_matches_strongly(r->if_match, tag)))
    {
        return 0;
    }

    return r->if_none_match[0] == '\0' || hash == NULL
           || !etag_matches(r->if_none_match, tag);
}


static void
api_ruleset_changed(void *data, store_status_t status,
    const ruleset_change_t *change)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);

    } else if (api_ruleset_refused(c, change) == SC_OK) {
        api_ruleset_told(c, change);
    }
}


/* SC_OK, or SC_DECLINED when it is answered. */
static int
api_ruleset_refused(api_call_t *c, const ruleset_change_t *change)
{
    problem_t  p;

    switch (change->outcome) {

    case RULESET_REFUSED:
        if (change->version == 0) {
            problem_init(&p, "/ruleset/changed", "there is no such rule set");

        } else {
            problem_init(&p, "/ruleset/changed", "the rule set is version "
                         "\"%lld\", \"%s\"", (long long) change->version,
                         change->hash);
        }

        break;

    case RULESET_FULL:
        problem_init(&p, "/ruleset/too-many",
                     "the rule set has \"%d\" versions, as many as it may",
                     RULESETS_MAX_VERSIONS);
        break;

    case RULESET_TENANT_FULL:
        problem_init(&p, "/ruleset/too-many",
                     "there are \"%d\" rule sets, as many as there may be",
                     RULESETS_MAX_NAMES);
        break;

    default:
        return SC_OK;
    }

    api_reply_problem(c, &p, 0);

    return SC_DECLINED;
}


static void
api_ruleset_told(api_call_t *c, const ruleset_change_t *change)
{
    char       name[RULESET_MAX_REF];
    sc_buf_t  *b = &c->api->body, *h = &c->api->headers;

    (void) api_ruleset_name(c, name);
    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_printf(h, "ETag: \"%s\"\r\n", change->hash);

    if (change->outcome == RULESET_CREATED) {
        (void) sc_buf_printf(h, "Location: %s\r\n",
                             api_reply_link(c, "/v1/rulesets/", name, ""));
    }

    (void) sc_buf_add_cstr(b, "{\"name\":");
    (void) sc_json_cstr(b, name);
    (void) sc_buf_printf(b, ",\"version\":%lld,\"hash\":\"%s\"",
                         (long long) change->version, change->hash);
    api_reply_add_time(c, "at", change->at);
    api_reply_add_link(c, "ruleset", "/v1/rulesets/", name, "");
    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, change->outcome == RULESET_CREATED ? 201 : 200);
}


void
api_ruleset_delete(api_call_t *c)
{
    char      text[RULESET_MAX_REF];
    sc_str_t  name;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (api_ruleset_plain(c, text, &name) != SC_OK) {
        api_ruleset_unknown(c, "");
        return;
    }

    api_reply_later(c, rulesets_delete(c->api->rulesets, c->tenant, name,
                                       api_ruleset_may, api_ruleset_deleted,
                                       c));
}


static void
api_ruleset_deleted(void *data, store_status_t status,
    const ruleset_change_t *change)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);

    } else if (change->outcome == RULESET_NONE) {
        api_ruleset_unknown(c, "");

    } else if (api_ruleset_refused(c, change) == SC_OK) {
        api_reply_begin(c, "");
        api_reply_send(c, 204);
    }
}


static void
api_ruleset_unknown(api_call_t *c, const char *name)
{
    problem_t  p;

    if (name[0] == '\0') {
        problem_init(&p, "/ruleset/unknown", "there is no such rule set");

    } else {
        problem_init(&p, "/ruleset/unknown",
                     "there is no rule set \"%.150s\"", name);
    }

    api_reply_problem(c, &p, 0);
}
