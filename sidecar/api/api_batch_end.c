
#include <stdio.h>
#include <string.h>

#include "sidecar/api/api_batch.h"


static void api_batch_blame(api_batch_t *b, store_status_t status);
static void api_batch_problem(api_batch_t *b);
static void api_batch_close(api_batch_t *b, const char *reason);
static void api_batch_closed(void *data, store_status_t status,
    size_t added);
static void api_batch_park(api_batch_t *b);
static void api_batch_reply(api_call_t *c, int64_t accepted,
    const sc_buf_t *rejected, int64_t nrejected);


/* What was taken stays, and is told. */
void
api_batch_stop(api_batch_t *b, const problem_t *p, int retry)
{
    char  reason[64];

    if (b->feed == NULL) {
        api_reply_problem(b->call, p, retry);
        return;
    }

    b->problem = *p;
    b->retry = retry;
    (void) snprintf(reason, sizeof(reason), "refused after line %lld",
                    (long long) b->taken);
    api_batch_wait(b);
    api_batch_close(b, reason);
}


/* A block is not on disk, and what came behind it is not either. */
void
api_batch_failed(api_batch_t *b)
{
    char               reason[64];
    frontier_status_t  refused = jobs_feed_refused(b->feed);

    if (refused != FRONTIER_OK) {
        b->retry = api_room_problem(b->call, refused, &b->problem)
                   ? api_room_retry(b->call, refused) : 1;

    } else {
        api_batch_blame(b, jobs_feed_status(b->feed));
    }

    b->stored = (int64_t) jobs_feed_stored(b->feed);
    b->taken = jobs_feed_line(b->feed);
    (void) snprintf(reason, sizeof(reason), "not stored after line %lld",
                    (long long) b->taken);
    jobs_feed_abort(b->feed, b->nrejected, reason);
    b->feed = NULL;
    api_batch_problem(b);
}


void
api_batch_end(api_batch_t *b)
{
    api_call_t  *c = b->call;

    if (b->feed == NULL) {
        problem_init(&b->problem, "/request/invalid",
                     b->nrejected > 0 ? "no line of the body is a page that "
                                        "can be had"
                                      : "the body names no page");
        api_batch_problem(b);
        return;
    }

    if (b->wait > 0) {
        (void) api_park_watch(&b->park, c);
    }

    api_batch_wait(b);
    api_batch_close(b, "");
}


static void
api_batch_blame(api_batch_t *b, store_status_t status)
{
    problem_t  *p = &b->problem;

    switch (status) {

    case STORE_OK:
        problem_init(p, "/server/out-of-memory",
                     "the gateway is out of memory");
        break;

    case STORE_FULL:
        problem_init(p, "/server/storage-full", "the gateway's disk is full");
        break;

    case STORE_CONFLICT:
    case STORE_NOT_FOUND:
        problem_init(p, "/job/state", "the batch was cancelled meanwhile");
        break;

    default:
        problem_init(p, "/server/storage-failed",
                     "the gateway's store does not work");
    }
}


static void
api_batch_problem(api_batch_t *b)
{
    api_call_t  *c = b->call;
    sc_buf_t    *body = &c->api->body;

    api_reply_begin(c, PROBLEM_CONTENT_TYPE);

    api_reply_retry(c, &b->problem, b->retry);
    (void) problem_write(body, &b->problem, c->request->request_id);

    /* in the place of its last brace */
    body->len -= (body->len > 0);
    (void) sc_buf_printf(body, ",\"accepted\":%lld,\"line\":%lld,"
                         "\"rejected_count\":%lld", (long long) b->stored,
                         (long long) b->taken, (long long) b->nrejected);

    if (b->stored > 0) {
        (void) sc_buf_printf(body, ",\"id\":\"%s\"", c->id);
        api_reply_add_links(c, c->id, 1);
    }

    (void) sc_buf_add_cstr(body, ",\"rejected\":[");
    (void) sc_buf_add(body, b->rejected.len > 0 ? b->rejected.data : "",
                      b->rejected.len);
    (void) sc_buf_add_cstr(body, "]}");

    api_reply_send(c, problem_status(b->problem.type));
}


static void
api_batch_close(api_batch_t *b, const char *reason)
{
    int           rc;
    jobs_feed_t  *feed = b->feed;

    b->feed = NULL;
    b->stored = (int64_t) jobs_feed_stored(feed);
    rc = jobs_feed_close(feed, b->nrejected, reason, api_batch_closed,
                         b->call);

    if (rc != SC_OK) {
        api_reply_no_memory(b->call);
        return;
    }

    b->call->making = 1;
}


static void
api_batch_closed(void *data, store_status_t status, size_t added)
{
    api_call_t   *c = data;
    api_batch_t  *b = c->own;

    c->making = 0;

    if (status == STORE_OK) {
        b->stored = (int64_t) added;

    } else if (b->problem.type == NULL) {
        api_batch_blame(b, status);
    }

    if (b->problem.type != NULL) {
        api_batch_problem(b);

    } else if (b->park.watch != NULL) {
        api_batch_park(b);

    } else {
        api_batch_reply(c, b->stored, &b->rejected, b->nrejected);
    }
}


static void
api_batch_park(api_batch_t *b)
{
    int64_t      wait = b->wait;
    api_call_t  *c = b->call;

    if (strstr(c->request->accept, "ndjson") == NULL
        && strstr(c->request->accept, "jsonl") == NULL)
    {
        api_park_wait(&b->park, wait);
        return;
    }

    c->own_free(c);
    c->deadline = loop_now(c->api->loop) + wait * LOOP_MS;
    api_stream_job(c);
}


static void
api_batch_reply(api_call_t *c, int64_t accepted, const sc_buf_t *rejected,
    int64_t nrejected)
{
    sc_buf_t  *b = &c->api->body;

    api_work_accepted(c, API_BATCH);
    (void) sc_buf_printf(b, ",\"accepted\":%lld,\"rejected\":[",
                         (long long) accepted);

    if (rejected != NULL) {
        (void) sc_buf_add(b, rejected->len > 0 ? rejected->data : "",
                          rejected->len);
    }

    (void) sc_buf_printf(b, "],\"rejected_count\":%lld",
                         (long long) nrejected);
    api_reply_add_links(c, c->id, 1);
    (void) sc_buf_add_cstr(b, "}");

    api_reply_send(c, 202);
}


void
api_batch_told(api_call_t *c, const store_work_t *work)
{
    if (work->job.kind.len == sizeof(API_BATCH) - 1) {
        api_batch_reply(c, work->counts.found, NULL, work->counts.rejected);

    } else {
        api_work_reply(c, "crawl");
    }
}
