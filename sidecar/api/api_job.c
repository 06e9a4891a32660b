
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_internal.h"


/* how often a job that is not in memory is looked for in the store */
#define JOB_POLL    (250 * LOOP_MS)


static void api_job_look(api_call_t *c);
static void api_job_park(api_call_t *c, const store_job_t *job);
static void api_job_waited(loop_timer_t *timer);
static void api_job_ended(void *data, const frontier_outcome_t *o);
static void api_job_read(void *data, store_status_t status,
    const store_job_t *job);
static void api_job_cancelled(void *data, store_status_t status);
static void api_job_not_found(api_call_t *c);
static void api_job_reply(api_call_t *c, const store_job_t *job);
static void api_job_stats(sc_buf_t *b, store_state_t state);


void
api_job_get(api_call_t *c)
{
    int64_t            wait;
    prefer_t           prefer;
    const settings_t  *s = c->api->settings;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_job_not_found(c);
        return;
    }

    prefer_parse(&prefer, c->request->prefer);
    prefer.async = 0;
    wait = 0;

    if (prefer.wait > 0) {
        wait = prefer.wait * 1000 < s->max_wait ? prefer.wait * 1000
                                                : s->max_wait;
        prefer.wait = wait / 1000;
    }

    prefer_applied(&prefer, c->applied, sizeof(c->applied));

    loop_timer_init(&c->timer, api_job_waited, c);
    c->deadline = loop_now(c->api->loop) + wait * LOOP_MS;
    c->polling = 1;
    api_job_look(c);
}


/* The job is in memory or in the store, or nowhere. */
static void
api_job_look(api_call_t *c)
{
    api_t        *api = c->api;
    store_job_t   job;

    if (frontier_peek(api->frontier, c->id, c->tenant, &job) == SC_OK) {
        api_job_park(c, &job);
        return;
    }

    if (store_job_get(api->store, c->id, c->tenant, api_job_read, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
}


/* A job that has ended but is not on disk yet is waited for in any case. */
static void
api_job_park(api_call_t *c, const store_job_t *job)
{
    int64_t   left;
    api_t    *api = c->api;

    left = c->deadline - loop_now(api->loop);

    if (left > 0 || api_reply_ended(job->state)) {
        c->wait = frontier_wait(api->frontier, c->id, c->tenant,
                                api_job_ended, c);
    }

    if (c->wait == NULL) {
        api_job_reply(c, job);
        return;
    }

    if (left > 0) {
        (void) loop_timer_set(api->loop, &c->timer, left);
    }
}


static void
api_job_waited(loop_timer_t *timer)
{
    api_call_t  *c = timer->data;

    if (c->wait != NULL) {
        frontier_unwait(c->wait);
        c->wait = NULL;
    }

    api_job_look(c);
}


void
api_job_hurry(api_call_t *c)
{
    c->deadline = 0;

    if (!c->reading) {
        (void) loop_timer_set(c->api->loop, &c->timer, 0);
    }
}


static void
api_job_ended(void *data, const frontier_outcome_t *o)
{
    api_call_t  *c = data;

    c->wait = NULL;
    loop_timer_del(c->api->loop, &c->timer);

    if (o->stored == STORE_OK) {
        api_job_reply(c, o->job);

    } else {
        /* what is on disk is what counts */
        c->deadline = 0;
        api_job_look(c);
    }
}


static void
api_job_read(void *data, store_status_t status, const store_job_t *job)
{
    int64_t      left;
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_job_not_found(c);
        return;
    }

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    left = c->deadline - loop_now(c->api->loop);

    if (left > 0 && !api_reply_ended(job->state)
        && loop_timer_set(c->api->loop, &c->timer,
                          left < JOB_POLL ? left : JOB_POLL)
           == SC_OK)
    {
        return;
    }

    api_job_reply(c, job);
}


void
api_job_delete(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_job_not_found(c);
        return;
    }

    if (frontier_cancel(c->api->frontier, c->id, c->tenant, api_job_cancelled,
                        c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->cancelling = 1;
}


static void
api_job_cancelled(void *data, store_status_t status)
{
    api_call_t  *c = data;

    c->cancelling = 0;

    if (status == STORE_NOT_FOUND) {
        api_job_not_found(c);
        return;
    }

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    if (store_job_get(c->api->store, c->id, c->tenant, api_job_read, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
}


static void
api_job_not_found(api_call_t *c)
{
    api_reply_error(c, "/job/not-found", "there is no such job");
}


static void
api_job_reply(api_call_t *c, const store_job_t *job)
{
    sc_buf_t  *b = &c->api->body;

    api_reply_begin(c, API_JSON "Cache-Control: no-store\r\n");

    if (!api_reply_ended(job->state)) {
        (void) sc_buf_add_cstr(&c->api->headers, "Retry-After: 1\r\n");
    }

    (void) sc_buf_printf(b, "{\"id\":\"%s\",\"kind\":\"%.*s\","
                         "\"state\":\"%s\",\"url\":", job->id,
                         (int) job->kind.len, job->kind.data,
                         api_reply_state(job->state));
    (void) sc_json_string(b, job->url.data, job->url.len);
    api_reply_add_json(c, "error", job->error);
    api_reply_add_time(c, "created_at", job->created);
    api_reply_add_time(c, "started_at", job->started);
    api_reply_add_time(c, "finished_at", job->finished);
    api_job_stats(b, job->state);
    api_reply_add_links(c, job->id, !api_reply_ended(job->state));

    if (job->echo.len > 0) {
        api_reply_add_json(c, "echo", job->echo);
    }

    (void) sc_buf_add_cstr(b, "}");

    api_reply_send(c, 200);
}


/* An extract is one page. */
static void
api_job_stats(sc_buf_t *b, store_state_t state)
{
    (void) sc_buf_printf(b, ",\"stats\":{\"total\":1,\"queued\":%d,"
                         "\"running\":%d,\"completed\":%d,\"failed\":%d}",
                         state == STORE_QUEUED, state == STORE_RUNNING,
                         state == STORE_COMPLETED,
                         state == STORE_FAILED_JOB);
}
