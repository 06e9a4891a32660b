
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_list.h"
#include "sidecar/api/etag.h"
#include "sidecar/schedule/schedules.h"


#define SCHEDULE_CACHE     "Cache-Control: no-cache\r\n"
#define SCHEDULE_TAG_LEN   32           /* hex digits */


static int api_schedule_check(sc_str_t name);
static void api_schedule_listed(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void api_schedule_item(api_call_t *c, const store_doc_t *doc,
    const char *name);
static void api_schedule_show(api_call_t *c, const char *name,
    const json_t *json, int all);
static void api_schedule_last(api_call_t *c, const json_t *last);
static int64_t api_schedule_ms(const json_t *json, const char *name);
static void api_schedule_got(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static void api_schedule_found(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int api_schedule_may(api_call_t *c, const store_doc_t *doc);
static json_t *api_schedule_body(api_call_t *c, problem_t *p);
static int api_schedule_store(api_call_t *c, const json_t *schedule,
    problem_t *p);
static void api_schedule_stored(void *data, store_status_t status);
static void api_schedule_deleted(void *data, store_status_t status);
static void api_schedule_name(const api_call_t *c, char *name);
static void api_schedule_not_found(api_call_t *c);


void
api_schedule_list(api_call_t *c)
{
    query_t   query;
    sc_str_t  after;

    static const char *const  names[] = { "limit", "after", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return;
    }

    if (api_list_by_name(c, &query, "schedule", api_schedule_check, &after)
        == SC_OK)
    {
        /* one more tells whether there are more */
        if (schedules_list(c->api->schedules, c->tenant, after, c->limit + 1,
                           api_schedule_listed, c)
            == SC_OK)
        {
            c->reading = 1;

        } else {
            api_reply_no_memory(c);
        }
    }

    query_free(&query);
}


static int
api_schedule_check(sc_str_t name)
{
    return schedules_name_ok(name) ? SC_OK : SC_DECLINED;
}


static void
api_schedule_listed(void *data, store_status_t status,
    const store_doc_t *docs, size_t n)
{
    char         name[SCHEDULES_MAX_NAME + 1], last[SCHEDULES_MAX_NAME + 1];
    char         tail[32];
    size_t       i;
    sc_buf_t    *b;
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    b = &c->api->body;
    api_reply_begin(c, API_JSON SCHEDULE_CACHE);
    (void) sc_buf_add_cstr(b, "{\"data\":[");
    last[0] = '\0';

    for (i = 0; i < n; i++) {
        if (schedules_doc_name(&docs[i], c->tenant, name) == NULL
            || i == c->limit)
        {
            break;
        }

        (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
        api_schedule_item(c, &docs[i], name);
        memcpy(last, name, sizeof(last));
    }

    (void) sc_buf_add_cstr(b, "]");

    if (i < n && i == c->limit
        && schedules_doc_name(&docs[i], c->tenant, name) != NULL)
    {
        (void) snprintf(tail, sizeof(tail), "&limit=%zu", c->limit);
        api_reply_add_link(c, "next", "/v1/schedules?after=", last, tail);

    } else {
        (void) sc_buf_add_cstr(b, ",\"next\":null");
    }

    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, 200);
}


/* One of a list, without the body of its requests. */
static void
api_schedule_item(api_call_t *c, const store_doc_t *doc, const char *name)
{
    json_t  *json;

    json = sc_json_of(doc->body.data, doc->body.len, 0, NULL);
    api_schedule_show(c, name, json, 0);
    json_decref(json);
}


static void
api_schedule_show(api_call_t *c, const char *name, const json_t *json,
    int all)
{
    json_t      *value;
    sc_buf_t    *b = &c->api->body;
    const char  *key;

    (void) sc_buf_add_cstr(b, "{\"name\":");
    (void) sc_json_cstr(b, name);

    json_object_foreach(json_object_get(json, "schedule"), key, value) {
        if (all || strcmp(key, "body") != 0) {
            (void) sc_buf_add_cstr(b, ",");
            (void) sc_json_cstr(b, key);
            (void) sc_buf_add_cstr(b, ":");
            sc_json_value(b, value);
        }
    }

    api_reply_add_time(c, "next_at", api_schedule_ms(json, "next"));
    api_schedule_last(c, json_object_get(json, "last"));
    api_reply_add_link(c, "schedule", "/v1/schedules/", name, "");
    (void) sc_buf_add_cstr(b, "}");
}


static void
api_schedule_last(api_call_t *c, const json_t *last)
{
    int64_t      status;
    sc_buf_t    *b = &c->api->body;
    const char  *job;

    if (!json_is_object(last)) {
        (void) sc_buf_add_cstr(b, ",\"last\":null");
        return;
    }

    status = api_schedule_ms(last, "status");
    job = json_string_value(json_object_get(last, "job"));

    (void) sc_buf_add_cstr(b, ",\"last\":{\"status\":");

    if (status > 0) {
        (void) sc_buf_printf(b, "%lld", (long long) status);

    } else {
        (void) sc_buf_add_cstr(b, "null");
    }

    api_reply_add_time(c, "at", api_schedule_ms(last, "at"));
    api_reply_add_time(c, "skipped_at", api_schedule_ms(last, "skipped"));

    if (job != NULL && job[0] != '\0') {
        api_reply_add_link(c, "job", "/v1/jobs/", job, "");

    } else {
        (void) sc_buf_add_cstr(b, ",\"job\":null");
    }

    (void) sc_buf_add_cstr(b, "}");
}


static int64_t
api_schedule_ms(const json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json, name));
}


void
api_schedule_get(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (!schedules_name_ok(c->name)) {
        api_schedule_not_found(c);
        return;
    }

    api_reply_later(c, schedules_get(c->api->schedules, c->tenant, c->name,
                                     api_schedule_got, c));
}


static void
api_schedule_got(void *data, store_status_t status, const store_doc_t *docs,
    size_t n)
{
    int          put;
    char         name[SCHEDULES_MAX_NAME + 1], tag[SCHEDULE_TAG_LEN + 1];
    json_t      *json;
    sc_str_t     text = { SCHEDULE_TAG_LEN, tag };
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_schedule_not_found(c);
        return;
    }

    if (status != STORE_OK || n != 1
        || etag_make(docs[0].body, 0, tag, SCHEDULE_TAG_LEN) != SC_OK)
    {
        api_reply_store(c, status);
        return;
    }

    api_schedule_name(c, name);
    api_reply_begin(c, API_JSON SCHEDULE_CACHE);
    (void) sc_buf_printf(&c->api->headers, "ETag: \"%s\"\r\n", tag);

    put = c->request->method[0] == 'P';

    if (!put && etag_matches(c->request->if_none_match, text)) {
        api_reply_send(c, 304);
        return;
    }

    if (put && c->limit == 0) {
        (void) sc_buf_printf(&c->api->headers, "Location: %s\r\n",
                             api_reply_link(c, "/v1/schedules/", name, ""));
    }

    json = sc_json_of(docs[0].body.data, docs[0].body.len, 0, NULL);
    api_schedule_show(c, name, json, 1);
    json_decref(json);
    api_reply_send(c, put && c->limit == 0 ? 201 : 200);
}


/* Whether it is there says what the request may do, and its answer. */
void
api_schedule_put(api_call_t *c)
{
    problem_t  p;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (!schedules_name_ok(c->name)) {
        problem_init(&p, "/request/invalid", "a schedule's name has \"1\" to "
                     "\"%d\" letters, digits, \".\", \"_\" and \"-\"",
                     SCHEDULES_MAX_NAME);
        api_reply_problem(c, &p, 0);
        return;
    }

    api_reply_later(c, schedules_get(c->api->schedules, c->tenant, c->name,
                                     api_schedule_found, c));
}


static void
api_schedule_found(void *data, store_status_t status,
    const store_doc_t *docs, size_t n)
{
    int          rc;
    json_t      *schedule;
    problem_t    p;
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        api_reply_store(c, status);
        return;
    }

    if (!api_schedule_may(c, n > 0 ? docs : NULL)) {
        api_reply_error(c, "/schedule/changed",
                        "the schedule is not what If-Match or If-None-Match "
                        "want");
        return;
    }

    /* 0: it is made */
    c->limit = n;
    rc = SC_ERROR;
    schedule = api_schedule_body(c, &p);

    if (schedule != NULL) {
        rc = api_schedule_store(c, schedule, &p);
        json_decref(schedule);
    }

    if (rc == SC_OK) {
        c->reading = 1;

    } else {
        api_reply_problem(c, &p, 0);
    }
}


/* RFC 9110 13.2.2 */
static int
api_schedule_may(api_call_t *c, const store_doc_t *doc)
{
    char               tag[SCHEDULE_TAG_LEN + 1];
    sc_str_t           text = { SCHEDULE_TAG_LEN, tag };
    server_request_t  *r = c->request;

    if (doc != NULL
        && etag_make(doc->body, 0, tag, SCHEDULE_TAG_LEN) != SC_OK)
    {
        return 0;
    }

    if (r->if_match[0] != '\0'
        && (doc == NULL || !etag_matches_strongly(r->if_match, text)))
    {
        return 0;
    }

    return r->if_none_match[0] == '\0' || doc == NULL
           || !etag_matches(r->if_none_match, text);
}


/* A schedule that is right.  NULL with *p filled in. */
static json_t *
api_schedule_body(api_call_t *c, problem_t *p)
{
    char             err[512];
    json_t          *json;
    const char      *key;
    const sc_buf_t  *body = &c->request->body;

    if (body->failed) {
        problem_init(p, "/request/too-large", "the body is larger than "
                     "\"%zu\" bytes", body->max);
        return NULL;
    }

    if (api_json_type(c->request->content_type, p) != SC_OK) {
        return NULL;
    }

    json = api_ruleset_json(body, p);
    if (json == NULL) {
        return NULL;
    }

    if (schedules_check(json, err, sizeof(err), &key) != SC_OK) {
        problem_init(p, "/request/invalid", "%s", err);
        problem_pointer(p, "", key);
        json_decref(json);
        return NULL;
    }

    return json;
}


static int
api_schedule_store(api_call_t *c, const json_t *schedule, problem_t *p)
{
    int   rc;
    char  name[SCHEDULES_MAX_NAME + 1];

    api_schedule_name(c, name);
    rc = schedules_put(c->api->schedules, c->tenant, name, schedule,
                       api_schedule_stored, c);

    if (rc == SC_DECLINED) {
        problem_init(p, "/schedule/too-many", "there are \"%d\" schedules, "
                     "as many as there may be", SCHEDULES_MAX);

    } else if (rc != SC_OK) {
        problem_init(p, "/server/out-of-memory", "memory is out");
    }

    return rc;
}


/* What is shown is what is kept: it is read. */
static void
api_schedule_stored(void *data, store_status_t status)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);

    } else if (schedules_get(c->api->schedules, c->tenant, c->name,
                             api_schedule_got, c)
               == SC_OK)
    {
        c->reading = 1;

    } else {
        api_reply_no_memory(c);
    }
}


void
api_schedule_delete(api_call_t *c)
{
    char  name[SCHEDULES_MAX_NAME + 1];

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (!schedules_name_ok(c->name)) {
        api_schedule_not_found(c);
        return;
    }

    api_schedule_name(c, name);

    api_reply_later(c, schedules_delete(c->api->schedules, c->tenant, name,
                                        api_schedule_deleted, c));
}


static void
api_schedule_deleted(void *data, store_status_t status)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_schedule_not_found(c);

    } else if (status != STORE_OK) {
        api_reply_store(c, status);

    } else {
        api_reply_begin(c, "");
        api_reply_send(c, 204);
    }
}


static void
api_schedule_name(const api_call_t *c, char *name)
{
    (void) snprintf(name, SCHEDULES_MAX_NAME + 1, "%.*s", (int) c->name.len,
                    c->name.data);
}


static void
api_schedule_not_found(api_call_t *c)
{
    api_reply_error(c, "/schedule/not-found", "there is no such schedule");
}
