
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


static void frontier_job_fetch(frontier_job_t *j);
static void frontier_job_fetched(void *data, fetch_result_t *result);
static int frontier_job_is_redirect(const fetch_result_t *page);
static void frontier_job_redirect(frontier_job_t *j, const char *location);
static int frontier_job_target(frontier_job_t *j, const char *location,
    url_t *next, char *err, size_t errlen);
static int frontier_job_same_origin(const url_t *a, const url_t *b);
static void frontier_job_extract(frontier_job_t *j);
static void frontier_job_extracted(void *data, const pool_result_t *result);
static void frontier_job_again(frontier_job_t *j);
static void frontier_job_leave(frontier_job_t *j);
static void frontier_job_end(frontier_job_t *j, store_state_t state);
static void frontier_job_finish(frontier_job_t *j, store_state_t state);
static void frontier_job_finished(void *data, store_status_t status);


void
frontier_job_begin(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    /* once: waiting for descriptors or memory makes no other attempt */
    if (j->deadline == 0) {
        j->deadline = loop_now(f->loop) + j->limits.total_timeout;
        j->row.state = STORE_RUNNING;
        j->row.started = id_now_ms();
        j->row.attempts++;

        if (j->durability != JOB_TRANSIENT) {
            (void) store_job_start(f->store, j->row.id, j->row.started, NULL,
                                   NULL);
        }
    }

    frontier_job_fetch(j);
}


static void
frontier_job_fetch(frontier_job_t *j)
{
    int64_t           left;
    frontier_t       *f = j->frontier;
    fetch_request_t   request;

    left = j->deadline - loop_now(f->loop);
    if (left <= 0 && j->starved) {
        frontier_job_fail(j, "/server/out-of-resources",
                          "the gateway is out of descriptors or memory");
        return;
    }

    if (left <= 0) {
        frontier_job_fail(j, fetch_error_type(FETCH_TIMEOUT),
                          "the time for the page was over in a redirect");
        return;
    }

    memset(&request, 0, sizeof(fetch_request_t));

    request.url = &j->hop;
    request.method = j->method;
    request.connect_timeout = j->limits.connect_timeout;
    request.total_timeout = left;
    request.max_body = j->limits.max_page;

    /* what was meant for one origin is not told to another */
    if (!j->origin_left) {
        request.headers = j->extra;
        request.nheaders = j->nextra;
    }

    j->stage = JOB_FETCHING;
    j->fetch = fetch_start(f->fetcher, &request, frontier_job_fetched, j);

    if (j->fetch == NULL) {
        frontier_job_again(j);
    }
}


static void
frontier_job_fetched(void *data, fetch_result_t *result)
{
    frontier_job_t  *j = data;

    (void) snprintf(j->content_type, sizeof(j->content_type), "%s",
                    result->content_type);
    (void) snprintf(j->http, sizeof(j->http), "%s", result->http);

    j->fetch = NULL;
    j->starved = 0;
    j->page = *result;
    j->page.http = j->http;
    j->page.content_type = j->content_type;
    j->page.location = "";
    j->page.etag = "";
    j->page_bytes = (int64_t) result->body.len;
    memset(&result->body, 0, sizeof(sc_buf_t));

    if (result->error == FETCH_RESOURCES) {
        frontier_job_again(j);
        return;
    }

    if (result->error != FETCH_OK) {
        frontier_job_fail(j, fetch_error_type(result->error), result->detail);
        return;
    }

    if (frontier_job_is_redirect(result)) {
        frontier_job_redirect(j, result->location);
        return;
    }

    frontier_job_extract(j);
}


static int
frontier_job_is_redirect(const fetch_result_t *page)
{
    switch (page->status) {

    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return page->location[0] != '\0';

    default:
        return 0;
    }
}


static void
frontier_job_redirect(frontier_job_t *j, const char *location)
{
    url_t  next;
    char   err[160], detail[256];

    if (j->hops >= j->limits.max_redirects) {
        (void) snprintf(detail, sizeof(detail),
                        "the origin redirected more than %d times", j->hops);
        frontier_job_fail(j, "/fetch/redirects", detail);
        return;
    }

    if (frontier_job_target(j, location, &next, err, sizeof(err)) != SC_OK) {
        (void) snprintf(detail, sizeof(detail),
                        "the origin redirected to an unusable URL: %s", err);
        frontier_job_fail(j, "/fetch/redirects", detail);
        return;
    }

    if (frontier_record_redirect(j, j->hop.text, j->page.status) != SC_OK) {
        url_free(&next);
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
        return;
    }

    if (!frontier_job_same_origin(&j->hop, &next)) {
        j->origin_left = 1;
    }

    j->hops++;
    url_free(&j->hop);
    j->hop = next;
    frontier_job_blank(j);
    frontier_job_fetch(j);
}


static int
frontier_job_target(frontier_job_t *j, const char *location, url_t *next,
    char *err, size_t errlen)
{
    int       rc;
    sc_buf_t  target;

    sc_buf_init(&target, URL_MAX);

    rc = url_resolve(j->hop.text, location, strlen(location), &target);

    if (rc == SC_OK) {
        rc = url_parse(next, target.data, target.len, err, errlen);

    } else {
        (void) snprintf(err, errlen, "it is not a URL");
    }

    sc_buf_free(&target);

    return rc;
}


static int
frontier_job_same_origin(const url_t *a, const url_t *b)
{
    return a->https == b->https && a->port == b->port
           && strcmp(a->host, b->host) == 0;
}


static void
frontier_job_extract(frontier_job_t *j)
{
    pool_request_t  request;

    request.url = j->hop.text;
    request.content_type = j->content_type;
    request.rules = j->row.rules;
    request.rules_hash = j->row.rules_hash.data;
    request.body.data = j->page.body.data;
    request.body.len = j->page.body.len;

    j->stage = JOB_EXTRACTING;
    j->task = pool_submit(j->frontier->pool, &request, frontier_job_extracted,
                          j);

    if (j->task == NULL) {
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
    }
}


static void
frontier_job_extracted(void *data, const pool_result_t *result)
{
    frontier_job_t  *j = data;

    j->task = NULL;

    if (result->status == POOL_CRASHED
        && ++j->crashes < FRONTIER_MAX_CRASHES)
    {
        /* it may have been another's fault: once more, then never again */
        frontier_job_extract(j);
        return;
    }

    if (result->status != POOL_OK) {
        frontier_job_fail(j, pool_status_type(result->status),
                          result->detail);
        return;
    }

    if (frontier_record_result(j, result) != SC_OK) {
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
        return;
    }

    frontier_job_finish(j, STORE_COMPLETED);
}


/* We are out of descriptors or memory: not this page's fault. */
static void
frontier_job_again(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    if (f->pause.node.index == HEAP_NONE) {
        log_warn("out of descriptors or memory, no fetch is begun for a "
                 "moment");
    }

    frontier_job_blank(j);
    j->starved = 1;
    f->running--;
    frontier_queue_push(f, j, 1);
    frontier_pause(f);
}


void
frontier_job_fail(frontier_job_t *j, const char *type, const char *detail)
{
    if (frontier_record_failure(j, type, detail) != SC_OK) {
        log_error("memory is out, job %s ends without its problem",
                  j->row.id);
        memset(&j->result, 0, sizeof(store_result_t));
        sc_buf_reset(&j->error);
    }

    frontier_job_finish(j, STORE_FAILED_JOB);
}


void
frontier_job_cancel(frontier_job_t *j)
{
    frontier_job_leave(j);
    frontier_job_finish(j, STORE_CANCELLED);
}


/* The store has cancelled it already. */
void
frontier_job_cancelled(frontier_job_t *j)
{
    frontier_job_leave(j);
    frontier_job_end(j, STORE_CANCELLED);
    frontier_ended(j, STORE_OK);
}


static void
frontier_job_leave(frontier_job_t *j)
{
    frontier_job_stop(j);

    if (j->stage == JOB_READY) {
        frontier_queue_remove(j->frontier, j);
        j->frontier->running++;
    }
}


/* Close the job's socket, take it from its worker. */
void
frontier_job_stop(frontier_job_t *j)
{
    if (j->fetch != NULL) {
        fetch_cancel(j->fetch);
        j->fetch = NULL;
    }

    if (j->task != NULL) {
        pool_cancel(j->task);
        j->task = NULL;
    }
}


static void
frontier_job_finish(frontier_job_t *j, store_state_t state)
{
    frontier_job_end(j, state);
    frontier_job_store(j);
    frontier_dispatch_soon(j->frontier);
}


static void
frontier_job_end(frontier_job_t *j, store_state_t state)
{
    j->stage = JOB_STORING;
    j->row.state = state;
    j->row.finished = id_now_ms();
    j->row.error.data = j->error.data;
    j->row.error.len = j->error.len;

    sc_buf_free(&j->page.body);

    j->frontier->running--;
    j->frontier->storing++;
}


/* Tell the store how the job ended; later, when memory is out now. */
void
frontier_job_store(frontier_job_t *j)
{
    frontier_t            *f = j->frontier;
    const store_result_t  *result = NULL;

    if (j->result.id[0] != '\0') {
        result = &j->result;
    }

    if (store_job_finish(f->store, &j->row, result, frontier_job_finished, j)
        != SC_OK)
    {
        frontier_queue_put_off(f, j);
    }
}


static void
frontier_job_finished(void *data, store_status_t status)
{
    frontier_ended(data, status);
}


/* No page yet, or not from this URL. */
void
frontier_job_blank(frontier_job_t *j)
{
    sc_buf_free(&j->page.body);
    memset(&j->page, 0, sizeof(fetch_result_t));

    j->http[0] = '\0';
    j->content_type[0] = '\0';
    j->page.http = j->http;
    j->page.content_type = j->content_type;
    j->page.location = "";
    j->page.etag = "";
    j->page_bytes = 0;
}


void
frontier_job_free(frontier_job_t *j)
{
    frontier_call_t  *c, *tmp;
    frontier_wait_t  *w, *wtmp;

    DL_FOREACH_SAFE(j->persists, c, tmp) {
        free(c);
    }

    DL_FOREACH_SAFE(j->cancels, c, tmp) {
        free(c);
    }

    DL_FOREACH_SAFE(j->waits, w, wtmp) {
        free(w);
    }

    url_free(&j->url);
    url_free(&j->hop);
    free(j->extra);
    sc_buf_free(&j->text);
    sc_buf_free(&j->page.body);
    sc_buf_free(&j->redirects);
    sc_buf_free(&j->record);
    sc_buf_free(&j->error);
    free(j);
}
