
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


/* a page that is elsewhere in so many seconds is elsewhere now */
#define FRONTIER_MAX_REFRESH    10


static void frontier_job_extracted(void *data, const pool_result_t *result);
static void frontier_job_drift(frontier_job_t *j,
    const pool_result_t *result);
static void frontier_job_incomplete(frontier_job_t *j,
    const pool_result_t *result);
static int frontier_job_refresh(frontier_job_t *j,
    const pool_result_t *result);
static void frontier_job_leave(frontier_job_t *j);
static void frontier_job_end(frontier_job_t *j, store_state_t state);
static void frontier_job_finish(frontier_job_t *j, store_state_t state);
static void frontier_job_finished(void *data, store_status_t status);


/* Its flight has begun. */
void
frontier_job_begun(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    j->row.state = STORE_RUNNING;
    j->row.started = id_now_ms();
    j->row.attempts++;

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

    drift_note(j->frontier->parts.drift, &page);
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
    frontier_ended(j, STORE_OK);
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
    frontier_job_store(j);
    frontier_dispatch_soon(j->frontier);
}


static void
frontier_job_end(frontier_job_t *j, store_state_t state)
{
    frontier_job_leave(j);

    j->stage = JOB_STORING;
    j->row.state = state;
    j->row.finished = id_now_ms();
    j->row.error.data = j->error.data;
    j->row.error.len = j->error.len;
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

    /* each time anew: what is remembered of tables does not last */
    if (j->row.state == STORE_COMPLETED) {
        frontier_table_give(j);
    }

    if (store_job_finish(f->store, &j->row, result, frontier_job_finished, j)
        != SC_OK)
    {
        frontier_put_off(f, j);
    }
}


static void
frontier_job_finished(void *data, store_status_t status)
{
    frontier_ended(data, status);
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

    frontier_flight_leave(j);
    sc_buf_free(&j->text);
    sc_buf_free(&j->record);
    sc_buf_free(&j->error);
    free(j->ruleset);
    free(j);
}
