
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"


#define HOST_LIMIT        100
#define HOST_MAX_LIMIT    1000

/* an operator may wish for more than a tenant */
#define HOST_MAX_MS       86400000
#define HOST_MAX_BLOCK    ((int64_t) 30 * 86400 * 1000)


/* What a PATCH says; has says which of them. */
typedef struct {
    host_limits_t  limits;
    int64_t        block;
    unsigned       custom:1;
    unsigned       blocks:1;
} api_host_change_t;


static size_t api_host_limit(const char *text);
static void api_host_encode(sc_buf_t *b, const char *name);
static int api_host_name(api_call_t *c, char *name, size_t size);
static void api_host_reply(api_call_t *c, const host_t *host);
static int api_host_change(api_call_t *c, const json_t *body,
    api_host_change_t *change, problem_t *p);
static int api_host_member(const char *key, const json_t *value,
    api_host_change_t *change, problem_t *p);
static int api_host_flag(const json_t *value, host_limits_t *limits,
    problem_t *p);
static int api_host_ms(const json_t *value, int64_t max, int64_t *ms,
    problem_t *p);
static int api_host_number(const json_t *value, int min, int max, int *n,
    problem_t *p);
static void api_host_apply(api_call_t *c, host_t *host,
    const api_host_change_t *change);


/* Hosts in order of name, behind "after". */
void
api_host_list(api_call_t *c)
{
    size_t         n, limit;
    query_t        query;
    problem_t      p;
    const char    *after, *text;
    sc_buf_t      *b = &c->api->body;
    const host_t  *host;

    static const char *const  names[] = { "after", "limit", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return;
    }

    after = query_get(&query, "after");
    text = query_get(&query, "limit");
    limit = text != NULL ? api_host_limit(text) : HOST_LIMIT;

    if (limit < 1 || limit > HOST_MAX_LIMIT) {
        query_free(&query);
        problem_init(&p, "/request/invalid", "\"limit\" is not a whole "
                     "number from \"1\" to \"%d\"", HOST_MAX_LIMIT);
        problem_parameter(&p, "limit");
        api_reply_problem(c, &p, 0);
        return;
    }

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(b, "{\"data\":[");
    host = hosts_next(c->api->hosts, after != NULL ? after : "");

    for (n = 0; host != NULL && n < limit; n++) {
        (void) sc_buf_add_cstr(b, n > 0 ? "," : "");
        (void) hosts_describe(c->api->hosts, host, loop_now(c->api->loop), b);
        after = host->name;
        host = hosts_next(c->api->hosts, host->name);
    }

    (void) sc_buf_add_cstr(b, "],\"next\":");

    if (host != NULL) {
        (void) sc_buf_printf(b, "\"%s/v1/hosts?limit=%zu&after=",
                             c->request->base, limit);
        api_host_encode(b, after);
        (void) sc_buf_add_cstr(b, "\"");

    } else {
        (void) sc_buf_add_cstr(b, "null");
    }

    (void) sc_buf_add_cstr(b, "}");
    query_free(&query);
    api_reply_send(c, 200);
}


/* 0 for what is no number. */
static size_t
api_host_limit(const char *text)
{
    char    *end;
    size_t   n;

    n = strtoul(text, &end, 10);

    return text[0] >= '0' && text[0] <= '9' && *end == '\0' ? n : 0;
}


/* A host's name in a query: "[::1]:8080" has what must not stand there. */
static void
api_host_encode(sc_buf_t *b, const char *name)
{
    const char  *p;

    for (p = name; *p != '\0'; p++) {
        if (strchr("[]:%", *p) != NULL) {
            (void) sc_buf_printf(b, "%%%02X", (unsigned char) *p);

        } else {
            (void) sc_buf_add(b, p, 1);
        }
    }
}


void
api_host_get(api_call_t *c)
{
    char     name[HOSTS_NAME_SIZE];
    host_t  *host;

    host = NULL;

    if (api_host_name(c, name, sizeof(name)) == SC_OK) {
        host = hosts_find(c->api->hosts, name);
    }

    if (host == NULL) {
        api_reply_error(c, "/host/not-found",
                        "nothing is known about this host");
        return;
    }

    api_host_reply(c, host);
}


void
api_host_patch(api_call_t *c)
{
    int                 rc;
    char                name[HOSTS_NAME_SIZE];
    host_t             *host;
    json_t             *body;
    problem_t           p;
    json_error_t        err;
    api_host_change_t   change;

    if (c->tenant.len > 0) {
        api_reply_error(c, "/auth/forbidden",
                        "hosts belong to all tenants: no one of them may "
                        "change one");
        return;
    }

    if (c->request->body.failed) {
        api_reply_error(c, "/request/too-large", "the body is too large");
        return;
    }

    body = sc_json_of(c->request->body.len > 0 ? c->request->body.data : "",
                      c->request->body.len, JSON_REJECT_DUPLICATES, &err);

    if (body == NULL) {
        problem_init(&p, "/request/invalid-json", "%s",
                     api_json_wrong(&err));
        api_reply_problem(c, &p, 0);
        return;
    }

    host = NULL;

    if (api_host_name(c, name, sizeof(name)) == SC_OK) {
        host = hosts_make(c->api->hosts, name);
    }

    if (host == NULL) {
        json_decref(body);
        api_reply_error(c, "/request/invalid", "this is not a host's name");
        return;
    }

    memset(&change, 0, sizeof(change));
    change.limits = host->state.limits;
    rc = api_host_change(c, body, &change, &p);
    json_decref(body);

    if (rc != SC_OK) {
        hosts_changed(c->api->hosts, host);
        api_reply_problem(c, &p, 0);
        return;
    }

    api_host_apply(c, host, &change);
    api_host_reply(c, host);
}


static int
api_host_name(api_call_t *c, char *name, size_t size)
{
    if (c->name.len >= size) {
        return SC_ERROR;
    }

    return query_decode(name, c->name.data, c->name.len, 0);
}


static void
api_host_reply(api_call_t *c, const host_t *host)
{
    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) hosts_describe(c->api->hosts, host, loop_now(c->api->loop),
                          &c->api->body);
    api_reply_send(c, 200);
}


static int
api_host_change(api_call_t *c, const json_t *body, api_host_change_t *change,
    problem_t *p)
{
    json_t      *value;
    const char  *key;

    (void) c;

    if (!json_is_object(body)) {
        problem_init(p, "/request/invalid", "the body is not an object");
        return SC_ERROR;
    }

    json_object_foreach((json_t *) body, key, value) {
        if (api_host_member(key, value, change, p) != SC_OK) {
            problem_pointer(p, "", key);
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
api_host_member(const char *key, const json_t *value,
    api_host_change_t *change, problem_t *p)
{
    int64_t         ms;
    host_limits_t  *l = &change->limits;

    if (strcmp(key, "block_ms") == 0) {
        change->blocks = 1;
        return api_host_ms(value, HOST_MAX_BLOCK, &change->block, p);
    }

    change->custom = 1;

    if (strcmp(key, "concurrency") == 0) {
        return api_host_number(value, 1, 10000, &l->concurrency, p);
    }

    if (strcmp(key, "failures") == 0) {
        return api_host_number(value, 0, 10000, &l->failures, p);
    }

    if (strcmp(key, "auto") == 0) {
        return api_host_flag(value, l, p);
    }

    if (strcmp(key, "delay_ms") != 0 && strcmp(key, "jitter_ms") != 0) {
        problem_init(p, "/request/unknown-field", "\"%.100s\" is not known "
                     "here", key);
        return SC_ERROR;
    }

    if (api_host_ms(value, HOST_MAX_MS, &ms, p) != SC_OK) {
        return SC_ERROR;
    }

    *(key[0] == 'd' ? &l->delay : &l->jitter) = ms * LOOP_MS;

    return SC_OK;
}


static int
api_host_flag(const json_t *value, host_limits_t *limits, problem_t *p)
{
    if (!json_is_boolean(value)) {
        problem_init(p, "/request/invalid", "this is neither true nor false");
        return SC_ERROR;
    }

    limits->automatic = json_is_true(value);

    return SC_OK;
}


static int
api_host_ms(const json_t *value, int64_t max, int64_t *ms, problem_t *p)
{
    *ms = json_integer_value(value);

    if (!json_is_integer(value) || *ms < 0 || *ms > max) {
        problem_init(p, "/request/invalid", "this is not a whole number from "
                     "\"0\" to \"%lld\"", (long long) max);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
api_host_number(const json_t *value, int min, int max, int *n, problem_t *p)
{
    json_int_t  number = json_integer_value(value);

    if (!json_is_integer(value) || number < min || number > max) {
        problem_init(p, "/request/invalid", "this is not a whole number from "
                     "\"%d\" to \"%d\"", min, max);
        return SC_ERROR;
    }

    *n = (int) number;

    return SC_OK;
}


/* A block of nothing ends any, that of the breaker too. */
static void
api_host_apply(api_call_t *c, host_t *host, const api_host_change_t *change)
{
    host_state_t  *state = &host->state;

    state->limits = change->limits;
    host->custom |= change->custom;

    if (change->blocks && change->block > 0) {
        host_block(state, loop_now(c->api->loop) + change->block * LOOP_MS);

    } else if (change->blocks) {
        host_block(state, 0);
        state->breaker = HOST_CLOSED;
        state->open_until = 0;
        state->opened = 0;
        state->failures = 0;
    }

    hosts_changed(c->api->hosts, host);
    frontier_host_changed(c->api->frontier, host);
}
