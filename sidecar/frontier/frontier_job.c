
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


/* a page that is elsewhere in so many seconds is elsewhere now */
#define FRONTIER_MAX_REFRESH    10


static void frontier_job_sitemap(frontier_job_t *j);
static void frontier_job_extracted(void *data, const pool_result_t *result);
static void frontier_job_drift(frontier_job_t *j,
    const pool_result_t *result);
static void frontier_job_incomplete(frontier_job_t *j,
    const pool_result_t *result);
static int frontier_job_refresh(frontier_job_t *j,
    const pool_result_t *result);
static void frontier_job_leave(frontier_job_t *j);
static void frontier_job_end(frontier_job_t *j, store_state_t state);
static void frontier_job_count(const frontier_job_t *j);
static void frontier_job_finish(frontier_job_t *j, store_state_t state);
static int64_t frontier_job_expires(const frontier_job_t *j);


/* Its flight has begun. */
void
frontier_job_begun(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    j->row.state = STORE_RUNNING;
    j->row.started = id_now_ms();

    if (j->row.attempts++ == 0) {
        metrics_observe(METRICS_QUEUED, METRICS_SECONDS,
                        (j->row.started - j->row.created) * LOOP_MS);
    }

    if (j->durability != JOB_TRANSIENT) {
        (void) store_job_start(f->store, j->row.id, j->row.started, NULL,
                               NULL);
    }
}


void
frontier_job_extract(frontier_job_t *j)
{
    frontier_t         *f = j->frontier;
    pool_request_t      request;
    frontier_flight_t  *fl = j->flight;

    if (j->row.role == STORE_SITEMAP
        && (fl->page.status < 200 || fl->page.status > 299))
    {
        frontier_job_sitemap(j);
        return;
    }

    frontier_end_scope(j);
    memset(&request, 0, sizeof(pool_request_t));

    request.url = fl->hop.text;
    request.content_type = fl->content_type;
    request.headers.data = fl->headers.data;
    request.headers.len = fl->headers.len;
    request.views = j->views;
    request.html5 = (strcmp(f->parts.settings->html_parser, "html5") == 0);
    request.rules = j->row.rules;
    request.rules_hash = j->row.rules_hash.data;
    request.body.data = fl->page.body.data;
    request.body.len = fl->page.body.len;
    request.scope.data = j->scope.data;
    request.scope.len = j->scope.len;
    request.sitemap = (j->row.role == STORE_SITEMAP);
    request.urgent = (fl->item.lane == LANES_INTERACTIVE);

    if (j->stage == JOB_FLYING) {
        f->extracting++;
    }

    j->stage = JOB_EXTRACTING;
    j->task = pool_submit(f->parts.pool, &request, frontier_job_extracted, j);

    if (j->task == NULL) {
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
    }
}


/* It has no result, and one that is not there leads nowhere. */
static void
frontier_job_sitemap(frontier_job_t *j)
{
    memset(&j->result, 0, sizeof(store_result_t));
    frontier_job_finish(j, STORE_COMPLETED);
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

    if (sc_buf_add_str(&j->found, result->found) != SC_OK) {
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
        return;
    }

    if (j->row.role == STORE_SITEMAP) {
        frontier_job_sitemap(j);
        return;
    }

    if (frontier_job_refresh(j, result) == SC_OK) {
        return;
    }

    frontier_job_drift(j, result);

    if (result->incomplete) {
        frontier_job_incomplete(j, result);
        return;
    }

    if (frontier_record_result(j, result) != SC_OK) {
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
        return;
    }

    frontier_job_finish(j, STORE_COMPLETED);
}


/* Only a page as it should be says anything about the rule set. */
static void
frontier_job_drift(frontier_job_t *j, const pool_result_t *result)
{
    int           status = j->flight->page.status;
    drift_page_t  page;

    if (j->frontier->parts.drift == NULL || !result->matched
        || status < 200 || status > 299)
    {
        return;
    }

    page.tenant = j->row.tenant;
    page.name = j->ruleset != NULL ? j->ruleset : "";
    page.hash = j->row.rules_hash.data;
    page.rules = j->row.rules;
    page.fill = result->fill;

    drift_note(j->frontier->parts.drift, &page, &j->drift);
}


/* A strict set without a required value: a failure that shows the rest. */
static void
frontier_job_incomplete(frontier_job_t *j, const pool_result_t *result)
{
    if (frontier_record_incomplete(j, result) != SC_OK) {
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
        return;
    }

    frontier_job_finish(j, STORE_FAILED_JOB);
}


/* SC_OK when the page says that it is elsewhere, and that is followed. */
static int
frontier_job_refresh(frontier_job_t *j, const pool_result_t *result)
{
    if (!j->flight->request.meta_refresh || result->refresh == NULL
        || result->refresh[0] == '\0'
        || result->refresh_delay > FRONTIER_MAX_REFRESH)
    {
        return SC_DECLINED;
    }

    sc_buf_reset(&j->found);
    j->taken = 0;
    j->frontier->extracting--;
    j->stage = JOB_FLYING;

    if (frontier_flight_follow(j, result->refresh) != SC_OK) {
        frontier_job_fail(j, "/server/out-of-memory", "memory is out");
    }

    return SC_OK;
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

    if (j->row.role == STORE_SITEMAP) {
        memset(&j->result, 0, sizeof(store_result_t));
    }

    frontier_job_finish(j, STORE_FAILED_JOB);
}


void
frontier_job_cancel(frontier_job_t *j)
{
    frontier_job_finish(j, STORE_CANCELLED);
}


/* The store has cancelled it already. */
void
frontier_job_cancelled(frontier_job_t *j)
{
    frontier_job_end(j, STORE_CANCELLED);
    frontier_ended(j, STORE_OK, NULL);
}


/* Close the job's socket if nobody else wants its page. */
static void
frontier_job_leave(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    if (j->task != NULL) {
        pool_cancel(j->task);
        j->task = NULL;
    }

    if (j->stage == JOB_EXTRACTING) {
        f->extracting--;
    }

    frontier_flight_leave(j);
    frontier_dispatch_soon(f);
}


void
frontier_job_stop(frontier_job_t *j)
{
    frontier_job_leave(j);
}


static void
frontier_job_finish(frontier_job_t *j, store_state_t state)
{
    frontier_job_end(j, state);
    frontier_end_store(j);
    frontier_dispatch_soon(j->frontier);
}


static void
frontier_job_end(frontier_job_t *j, store_state_t state)
{
    j->row.state = state;
    frontier_end_keep(j);
    frontier_job_leave(j);

    j->stage = JOB_STORING;
    j->row.finished = id_now_ms();
    j->row.expires = frontier_job_expires(j);
    j->row.error.data = j->error.data;
    j->row.error.len = j->error.len;
    j->frontier->storing++;
    frontier_job_count(j);
}


/* A cancelled one may never have begun. */
static void
frontier_job_count(const frontier_job_t *j)
{
    size_t  state = (size_t) (j->row.state - STORE_COMPLETED);

    metrics_add(METRICS_PAGES + state, 1);

    if (j->row.parent == 0) {
        metrics_add(METRICS_ENDED + state, 1);
    }

    if (j->row.state == STORE_FAILED_JOB) {
        metrics_add(METRICS_FAILED + metrics_problem(j->problem), 1);
    }

    if (j->row.started != 0) {
        metrics_observe(METRICS_PAGE, METRICS_SECONDS,
                        (j->row.finished - j->row.started) * LOOP_MS);
    }
}


/* A page goes with its job. */
static int64_t
frontier_job_expires(const frontier_job_t *j)
{
    int64_t  keep = j->frontier->settings->keep_time;

    return j->row.parent == 0 && keep > 0 ? j->row.finished + keep : 0;
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

    frontier_tenant_settle(j);
    frontier_flight_leave(j);
    sc_buf_free(&j->text);
    sc_buf_free(&j->record);
    sc_buf_free(&j->error);
    sc_buf_free(&j->scope);
    sc_buf_free(&j->found);
    sc_buf_free(&j->drift);
    sc_buf_free(&j->final);
    sc_buf_free(&j->raw);
    sc_buf_free(&j->head);
    free(j->webhook);
    free(j->tags);
    free(j->ruleset);
    free(j);
}
