
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_list.h"


/* results of one read; of those with their pages, one */
#define STREAM_ROWS    256


static void api_stream_free(api_call_t *c);
static void api_stream_drained(server_request_t *r);
static void api_stream_rows(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void api_stream_take(api_stream_t *s, const store_result_t *results,
    size_t n);
static int api_stream_item(api_stream_t *s, const store_result_t *result,
    const store_raw_t *raw);
static void api_stream_raw(api_stream_t *s, const store_result_t *result);
static int api_stream_keep(api_stream_t *s, const store_result_t *result);
static void api_stream_page(void *data, store_status_t status,
    const store_raw_t *raw);
static void api_stream_next(api_stream_t *s);
static void api_stream_end(api_stream_t *s);
static void api_stream_failed(api_stream_t *s, store_status_t status);


/* the strings of a result */
static const size_t  stream_strings[] = {
    offsetof(store_result_t, tenant), offsetof(store_result_t, url),
    offsetof(store_result_t, fetch), offsetof(store_result_t, data),
    offsetof(store_result_t, missing), offsetof(store_result_t, warnings),
    offsetof(store_result_t, view), offsetof(store_result_t, echo),
    offsetof(store_result_t, error), offsetof(store_result_t, etag),
    offsetof(store_result_t, host), offsetof(store_result_t, ruleset),
    offsetof(store_result_t, digest), offsetof(store_result_t, context)
};

#define STREAM_STRINGS    (sizeof(stream_strings) / sizeof(size_t))


api_stream_t *
api_stream_create(api_call_t *c, api_list_t *list, export_format_t format)
{
    api_stream_t  *s;

    s = calloc(1, sizeof(api_stream_t));

    if (s == NULL) {
        api_list_free(list);
        api_reply_no_memory(c);
        return NULL;
    }

    s->call = c;
    s->list = *list;
    s->format = format;
    s->left = SIZE_MAX;
    s->seq = list->after;
    sc_buf_init(&s->out, 0);
    sc_buf_init(&s->head, 0);
    sc_buf_init(&s->text, 0);

    s->ask.tenant = c->tenant;
    s->ask.after = list->after;
    s->ask.job = s->ask.url = s->ask.host = s->ask.ruleset = "";
    s->ask.tag_name = s->ask.tag_value = s->ask.q = "";

    c->own = s;
    c->own_free = api_stream_free;
    c->request->drained = api_stream_drained;

    return s;
}


static void
api_stream_free(api_call_t *c)
{
    api_stream_t  *s = c->own;

    if (s->watch != NULL) {
        jobs_unwatch(s->watch);
    }

    export_free(s->export);
    api_list_free(&s->list);
    free(s->url);
    free(s->host);
    sc_buf_free(&s->out);
    sc_buf_free(&s->head);
    sc_buf_free(&s->text);
    free(s);
}


int
api_stream_export(api_stream_t *s, sc_str_t rules)
{
    export_options_t  options;

    options.format = s->format;
    options.base = s->call->request->base;
    options.fields = s->list.fields;
    options.nfields = s->list.nfields;
    options.rules = rules;

    s->export = export_create(&options);

    if (s->export == NULL || export_begin(s->export, &s->out) != SC_OK) {
        api_reply_no_memory(s->call);
        return SC_ERROR;
    }

    return SC_OK;
}


void
api_stream_open(api_stream_t *s)
{
    sc_str_t     head;
    api_call_t  *c = s->call;

    if (s->open) {
        return;
    }

    s->open = 1;

    if (c->applied[0] != '\0') {
        (void) sc_buf_printf(&s->head, "Preference-Applied: %s\r\n",
                             c->applied);
    }

    api_tell(c, &s->head);

    head.data = s->head.data;
    head.len = s->head.len;
    server_stream(c->request, 200, head);
}


/* A read is under way: what came of the client is met when it ends. */
static void
api_stream_drained(server_request_t *r)
{
    api_call_t    *c = r->ctx;
    api_stream_t  *s = c->own;

    if (!c->reading && s->more) {
        api_stream_read(s);
    }
}


void
api_stream_read(api_stream_t *s)
{
    api_call_t  *c = s->call;

    s->more = 1;

    if (c->reading
        || (s->open
            && server_stream_left(c->request) > SERVER_STREAM_LOW))
    {
        return;
    }

    s->told = 0;
    s->ask.limit = s->left < STREAM_ROWS ? s->left + 1 : STREAM_ROWS;

    if (s->format == EXPORT_WARC) {
        s->ask.limit = 1;
    }

    if (store_results_list(c->api->store, &s->ask, api_stream_rows, c)
        != SC_OK)
    {
        api_stream_failed(s, STORE_FAILED);
        return;
    }

    c->reading = 1;
}


static void
api_stream_rows(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    api_call_t    *c = data;
    api_stream_t  *s = c->own;

    c->reading = 0;

    if (status != STORE_OK) {
        api_stream_failed(s, status);
        return;
    }

    if (n == 0) {
        s->more = 0;
        api_stream_end(s);
        return;
    }

    if (s->left == 0) {
        api_stream_end(s);
        return;
    }

    if (s->format == EXPORT_WARC) {
        api_stream_raw(s, results);
        return;
    }

    api_stream_take(s, results, n);
}


static void
api_stream_take(api_stream_t *s, const store_result_t *results, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (s->left == 0
            || (s->paged && s->out.len > API_PAGE_BYTES
                && s->seq != s->list.after))
        {
            s->left = 0;
            api_stream_end(s);
            return;
        }

        if (api_stream_item(s, &results[i], NULL) != SC_OK) {
            return;
        }
    }

    api_stream_next(s);
}


/* SC_ERROR when the call is answered. */
static int
api_stream_item(api_stream_t *s, const store_result_t *result,
    const store_raw_t *raw)
{
    if (export_item(s->export, result, raw, &s->out) != SC_OK) {
        api_stream_failed(s, STORE_FAILED);
        return SC_ERROR;
    }

    s->seq = result->seq;
    s->ask.after = result->seq;

    if (s->left != SIZE_MAX) {
        s->left--;
    }

    return SC_OK;
}


/* A page is read by itself: it may be large. */
static void
api_stream_raw(api_stream_t *s, const store_result_t *result)
{
    api_call_t  *c = s->call;

    if (api_stream_keep(s, result) != SC_OK
        || store_raw_get(c->api->store, s->row.id, c->tenant,
                         api_stream_page, c)
           != SC_OK)
    {
        api_stream_failed(s, STORE_FAILED);
        return;
    }

    c->reading = 1;
}


static int
api_stream_keep(api_stream_t *s, const store_result_t *result)
{
    size_t     i, pos;
    sc_str_t  *to;

    s->row = *result;
    sc_buf_reset(&s->text);

    for (i = 0; i < STREAM_STRINGS; i++) {
        to = (sc_str_t *) (void *) ((char *) &s->row + stream_strings[i]);
        (void) sc_buf_add_str(&s->text, *to);
    }

    if (s->text.failed) {
        return SC_ERROR;
    }

    for (i = pos = 0; i < STREAM_STRINGS; i++) {
        to = (sc_str_t *) (void *) ((char *) &s->row + stream_strings[i]);
        to->data = s->text.data + pos;
        pos += to->len;
    }

    return SC_OK;
}


static void
api_stream_page(void *data, store_status_t status, const store_raw_t *raw)
{
    api_call_t    *c = data;
    api_stream_t  *s = c->own;

    c->reading = 0;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        api_stream_failed(s, status);
        return;
    }

    if (api_stream_item(s, &s->row, status == STORE_OK ? raw : NULL) != SC_OK)
    {
        return;
    }

    if (s->paged && s->out.len > API_PAGE_BYTES) {
        s->left = 0;
    }

    api_stream_next(s);
}


static void
api_stream_next(api_stream_t *s)
{
    if (!s->paged) {
        api_stream_flush(s);
    }

    api_stream_read(s);
}


/* All that is stored was written, or all that was wanted. */
static void
api_stream_end(api_stream_t *s)
{
    if (s->paged) {
        api_results_page(s);
        return;
    }

    if (s->told) {
        api_stream_read(s);
        return;
    }

    s->idle(s);
}


void
api_stream_flush(api_stream_t *s)
{
    sc_str_t  part;

    api_stream_open(s);

    if (s->out.len > 0 && !s->out.failed) {
        part.data = s->out.data;
        part.len = s->out.len;
        server_stream_add(s->call->request, part);
    }

    if (s->out.cap > API_PAGE_BYTES) {
        sc_buf_free(&s->out);

    } else {
        sc_buf_reset(&s->out);
    }
}


void
api_stream_finish(api_stream_t *s, int complete)
{
    api_call_t  *c = s->call;

    if (complete) {
        api_stream_flush(s);
    }

    server_stream_end(c->request, complete);
    api_call_done(c);
}


/* What has begun can only be cut short. */
static void
api_stream_failed(api_stream_t *s, store_status_t status)
{
    problem_t    p;
    api_call_t  *c = s->call;

    if (s->open) {
        api_stream_finish(s, 0);
        return;
    }

    if (status == STORE_CONFLICT) {
        problem_init(&p, "/request/invalid", "\"q\" is no query of words: "
                     "see the query syntax of SQLite's FTS5");
        problem_parameter(&p, "q");
        api_reply_problem(c, &p, 0);
        return;
    }

    api_reply_store(c, status);
}
