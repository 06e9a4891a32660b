
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_internal.h"


#define RULESET_LIMIT           100
#define RULESET_MAX_LIMIT       1000
#define RULESET_MAX_VERSIONS    100     /* each is read with its rules */

/* of a cursor: a name, or the digits of a version */
#define RULESET_MAX_CURSOR      (RULESETS_NAME_MAX + 1)


static int api_ruleset_page(api_call_t *c, size_t max, char *cursor);
static int api_ruleset_limit(api_call_t *c, const char *limit, size_t max);
static int api_ruleset_wrong(api_call_t *c, const char *parameter,
    const char *fmt, size_t max);
static void api_ruleset_names(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n);
static void api_ruleset_numbers(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n);
static void api_ruleset_items(api_call_t *c, sc_str_t name,
    const ruleset_item_t *items, size_t n);
static void api_ruleset_item(api_call_t *c, sc_str_t name,
    const ruleset_item_t *item);
static void api_ruleset_next(api_call_t *c, const char *path,
    const char *cursor);


void
api_ruleset_list(api_call_t *c)
{
    char      cursor[RULESET_MAX_CURSOR];
    sc_str_t  after;

    if (api_ruleset_page(c, RULESET_MAX_LIMIT, cursor) != SC_OK) {
        return;
    }

    after.data = cursor;
    after.len = strlen(cursor);

    if (after.len > 0 && rulesets_name_check(after) != SC_OK) {
        (void) api_ruleset_wrong(c, "cursor", "this is no cursor", 0);
        return;
    }

    /* one more tells whether there are more */
    api_reply_later(c, rulesets_list(c->api->rulesets, c->tenant, after,
                                     c->limit + 1, api_ruleset_names, c));
}


void
api_ruleset_versions(api_call_t *c)
{
    char       *end, cursor[RULESET_MAX_CURSOR];
    long long  after;

    if (api_ruleset_page(c, RULESET_MAX_VERSIONS, cursor) != SC_OK) {
        return;
    }

    after = strtoll(cursor, &end, 10);

    if (*end != '\0' || after < 0 || after > RULESETS_MAX_VERSIONS
        || cursor[0] == '-' || cursor[0] == '+')
    {
        (void) api_ruleset_wrong(c, "cursor", "this is no cursor", 0);
        return;
    }

    if (rulesets_name_check(c->name) != SC_OK) {
        api_reply_error(c, "/ruleset/unknown", "there is no such rule set");
        return;
    }

    api_reply_later(c, rulesets_versions(c->api->rulesets, c->tenant, c->name,
                                         after, c->limit + 1,
                                         api_ruleset_numbers, c));
}


/* SC_OK, or SC_DECLINED when it is answered. */
static int
api_ruleset_page(api_call_t *c, size_t max, char *cursor)
{
    int          rc;
    query_t      query;
    const char  *value;

    static const char *const  names[] = { "limit", "cursor", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return SC_DECLINED;
    }

    rc = api_ruleset_limit(c, query_get(&query, "limit"), max);
    value = query_get(&query, "cursor");
    cursor[0] = '\0';

    if (rc == SC_OK && value != NULL) {
        if (value[0] == '\0' || strlen(value) >= RULESET_MAX_CURSOR) {
            rc = api_ruleset_wrong(c, "cursor", "this is no cursor", 0);

        } else {
            memcpy(cursor, value, strlen(value) + 1);
        }
    }

    query_free(&query);

    return rc;
}


static int
api_ruleset_limit(api_call_t *c, const char *limit, size_t max)
{
    char       *end;
    long long   n;

    c->limit = RULESET_LIMIT;

    if (limit == NULL) {
        return SC_OK;
    }

    n = strtoll(limit, &end, 10);

    if (limit[0] < '0' || limit[0] > '9' || *end != '\0' || n < 1
        || n > (long long) max)
    {
        return api_ruleset_wrong(c, "limit", "\"limit\" is not a whole "
                                 "number from \"1\" to \"%zu\"", max);
    }

    c->limit = (size_t) n;

    return SC_OK;
}


static int
api_ruleset_wrong(api_call_t *c, const char *parameter, const char *fmt,
    size_t max)
{
    char       detail[80];
    problem_t  p;

    (void) snprintf(detail, sizeof(detail), fmt, max);
    problem_init(&p, "/request/invalid", "%s", detail);
    problem_parameter(&p, parameter);
    api_reply_problem(c, &p, 0);

    return SC_DECLINED;
}


static void
api_ruleset_names(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n)
{
    char         last[RULESET_MAX_CURSOR];
    sc_str_t     none = sc_null_string;
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_ruleset_items(c, none, items, n);
    last[0] = '\0';

    if (n > c->limit) {
        (void) snprintf(last, sizeof(last), "%.*s",
                        (int) items[c->limit - 1].name.len,
                        items[c->limit - 1].name.data);
    }

    api_ruleset_next(c, "/v1/rulesets", last);
}


static void
api_ruleset_numbers(void *data, store_status_t status,
    const ruleset_item_t *items, size_t n)
{
    char         last[24], path[RULESETS_NAME_MAX + 32];
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    /* versions are never deleted alone: a name that is there has the first */
    if (n == 0 && strstr(c->query, "cursor=") == NULL) {
        api_reply_error(c, "/ruleset/unknown", "there is no such rule set");
        return;
    }

    api_ruleset_items(c, c->name, items, n);
    last[0] = '\0';

    if (n > c->limit) {
        (void) snprintf(last, sizeof(last), "%lld",
                        (long long) items[c->limit - 1].version);
    }

    (void) snprintf(path, sizeof(path), "/v1/rulesets/%.*s/versions",
                    (int) c->name.len, c->name.data);
    api_ruleset_next(c, path, last);
}


/* name is that of all, or empty when each has its own. */
static void
api_ruleset_items(api_call_t *c, sc_str_t name, const ruleset_item_t *items,
    size_t n)
{
    size_t     i;
    sc_buf_t  *b = &c->api->body;

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(b, "{\"data\":[");

    for (i = 0; i < n && i < c->limit; i++) {
        (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
        api_ruleset_item(c, name, &items[i]);
    }

    (void) sc_buf_add_cstr(b, "]");
}


static void
api_ruleset_item(api_call_t *c, sc_str_t name, const ruleset_item_t *item)
{
    char       text[RULESETS_NAME_MAX + 1], tail[24];
    sc_buf_t  *b = &c->api->body;
    sc_str_t   which = name.len > 0 ? name : item->name;

    (void) snprintf(text, sizeof(text), "%.*s", (int) which.len, which.data);
    tail[0] = '\0';

    if (name.len > 0) {
        (void) snprintf(tail, sizeof(tail), "@%lld",
                        (long long) item->version);
    }

    (void) sc_buf_add_cstr(b, "{\"name\":");
    (void) sc_json_cstr(b, text);
    (void) sc_buf_printf(b, ",\"version\":%lld,\"hash\":\"%s\"",
                         (long long) item->version, item->hash);
    api_reply_add_time(c, "at", item->at);
    api_reply_add_link(c, "ruleset", "/v1/rulesets/", text, tail);
    (void) sc_buf_add_cstr(b, "}");
}


/* cursor is "" at the end. */
static void
api_ruleset_next(api_call_t *c, const char *path, const char *cursor)
{
    char       tail[RULESET_MAX_CURSOR + 48];
    sc_buf_t  *b = &c->api->body, *h = &c->api->headers;

    if (cursor[0] == '\0') {
        (void) sc_buf_add_cstr(b, ",\"next\":null}");
        api_reply_send(c, 200);
        return;
    }

    (void) snprintf(tail, sizeof(tail), "?limit=%zu&cursor=%s", c->limit,
                    cursor);
    api_reply_add_link(c, "next", path, "", tail);
    (void) sc_buf_add_cstr(b, "}");
    (void) sc_buf_printf(h, "Link: <%s>; rel=\"next\"\r\n",
                         api_reply_link(c, path, "", tail));
    api_reply_send(c, 200);
}
