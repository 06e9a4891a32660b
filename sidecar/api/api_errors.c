
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_list.h"


/*
 * errors, robots   texts of what failed, and of URLs that may not be fetched
 */
typedef struct {
    api_list_t  list;
    int64_t     seq;
    size_t      n;
    sc_buf_t    errors;
    sc_buf_t    robots;
} api_errors_t;


static void api_errors_free(api_call_t *c);
static void api_errors_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work);
static void api_errors_read(api_call_t *c);
static void api_errors_rows(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void api_errors_take(api_call_t *c, const store_result_t *result);
static void api_errors_send(api_call_t *c, int more);
static void api_errors_item(const store_result_t *result, sc_buf_t *b);
static void api_errors_member(const char *name, const json_t *value,
    sc_buf_t *b);


void
api_job_errors(api_call_t *c)
{
    api_errors_t  *e;

    static const char *const  names[] = { "limit", "cursor", NULL };

    e = calloc(1, sizeof(api_errors_t));
    if (e == NULL) {
        api_reply_no_memory(c);
        return;
    }

    if (api_list_parse(c, &e->list, names) != SC_OK) {
        free(e);
        return;
    }

    sc_buf_init(&e->errors, 0);
    sc_buf_init(&e->robots, 0);
    e->seq = e->list.after;
    c->limit = e->list.limit > 0 ? e->list.limit : API_LIST_LIMIT;
    c->own = e;
    c->own_free = api_errors_free;
    api_find(c, api_errors_found);
}


static void
api_errors_free(api_call_t *c)
{
    api_errors_t  *e = c->own;

    api_list_free(&e->list);
    sc_buf_free(&e->errors);
    sc_buf_free(&e->robots);
    free(e);
}


static void
api_errors_found(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    (void) work;

    memcpy(c->id, job->id, ID_SIZE);
    api_errors_read(c);
}


static void
api_errors_read(api_call_t *c)
{
    api_errors_t         *e = c->own;
    store_results_ask_t   ask;

    api_list_results(c, &ask);
    ask.after = e->seq;
    ask.failed = 1;
    ask.job = c->id;
    ask.limit = c->limit - e->n < API_LIST_MAX ? c->limit - e->n + 1
                                               : API_LIST_MAX;

    api_reply_later(c, store_results_list(c->api->store, &ask, api_errors_rows,
                                          c));
}


/* A list may end early: it has ended when nothing comes. */
static void
api_errors_rows(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    size_t         i;
    api_call_t    *c = data;
    api_errors_t  *e = c->own;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    for (i = 0; i < n; i++) {
        if (e->n == c->limit) {
            api_errors_send(c, 1);
            return;
        }

        api_errors_take(c, &results[i]);
    }

    if (n == 0) {
        api_errors_send(c, 0);
        return;
    }

    api_errors_read(c);
}


static void
api_errors_take(api_call_t *c, const store_result_t *result)
{
    sc_buf_t      *b;
    api_errors_t  *e = c->own;

    e->n++;
    e->seq = result->seq;

    if (strcmp(export_event(result), "robots") == 0) {
        b = &e->robots;
        (void) sc_buf_add_cstr(b, b->len > 0 ? "," : "");
        (void) sc_json_string(b, result->url.data, result->url.len);
        return;
    }

    b = &e->errors;
    (void) sc_buf_add_cstr(b, b->len > 0 ? "," : "");
    api_errors_item(result, b);
}


static void
api_errors_send(api_call_t *c, int more)
{
    sc_buf_t      *b = &c->api->body;
    api_errors_t  *e = c->own;

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(b, "{\"errors\":[");
    (void) sc_buf_add(b, e->errors.data, e->errors.len);
    (void) sc_buf_add_cstr(b, "],\"robotsBlocked\":[");
    (void) sc_buf_add(b, e->robots.data, e->robots.len);
    b->failed |= e->errors.failed | e->robots.failed;
    api_list_send(c, &e->list, more, e->seq);
}


static void
api_errors_item(const store_result_t *result, sc_buf_t *b)
{
    json_t  *error;

    error = sc_json_of(result->error.data, result->error.len, JSON_ALLOW_NUL,
                       NULL);
    (void) sc_buf_printf(b, "{\"id\":\"%s\"", result->id);
    api_told_time("timestamp", result->at, b);
    (void) sc_buf_add_cstr(b, ",\"url\":");
    (void) sc_json_string(b, result->url.data, result->url.len);
    api_errors_member("error", json_object_get(error, "type"), b);
    api_errors_member("code", json_object_get(error, "status"), b);
    api_errors_member("detail", json_object_get(error, "detail"), b);

    if (result->line > 0) {
        (void) sc_buf_printf(b, ",\"line\":%lld", (long long) result->line);
    }

    (void) sc_buf_add_cstr(b, "}");
    json_decref(error);
}


static void
api_errors_member(const char *name, const json_t *value, sc_buf_t *b)
{
    (void) sc_buf_printf(b, ",\"%s\":", name);

    if (value != NULL) {
        sc_json_value(b, value);

    } else {
        (void) sc_buf_add_cstr(b, "null");
    }
}
