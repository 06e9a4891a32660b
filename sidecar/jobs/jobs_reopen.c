
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/jobs/jobs_internal.h"


static void jobs_reopen_go(jobs_op_t *op, jobs_work_t *w,
    const store_work_t *row);
static int jobs_reopen_may(const store_work_t *row);
static void jobs_reopen_put(jobs_op_t *op, jobs_work_t *w);
static void jobs_reopen_told(void *data, store_status_t status);


int
jobs_reopen(jobs_t *jobs, const char *id, sc_str_t tenant, jobs_done_pt done,
    void *data)
{
    return jobs_change_begin(jobs, id, tenant, jobs_reopen_go, done, data,
                             NULL);
}


static void
jobs_reopen_go(jobs_op_t *op, jobs_work_t *w, const store_work_t *row)
{
    if (!jobs_reopen_may(row) || (w != NULL && jobs_stopped(w))) {
        jobs_change_end(op, STORE_CONFLICT, 0);
        return;
    }

    if (w != NULL && w->ending) {
        op->wait_end = 1;
        op->again = 1;
        return;
    }

    if (w != NULL) {
        jobs_change_end(op, STORE_OK, 0);
        return;
    }

    if (row->job.state != STORE_COMPLETED
        && row->job.state != STORE_FAILED_JOB && op->on == 0)
    {
        /* it ended while it was read */
        op->on = 1;
        jobs_change_again(op, row->job.tenant);
        return;
    }

    w = jobs_retry_again(op->jobs, row);

    if (w == NULL) {
        jobs_change_end(op, STORE_FAILED, 0);
        return;
    }

    jobs_reopen_put(op, w);
}


static int
jobs_reopen_may(const store_work_t *row)
{
    int                 may;
    json_t             *spec;
    const store_job_t  *j = &row->job;

    static const sc_str_t  batch = sc_string("batch");

    if (j->kind.len != batch.len
        || memcmp(j->kind.data, batch.data, batch.len) != 0
        || j->state == STORE_CANCELLED || j->state == STORE_EXPIRED)
    {
        return 0;
    }

    spec = sc_json_of(j->spec.data, j->spec.len, 0, NULL);
    may = !json_is_true(json_object_get(spec, "stopped"));
    json_decref(spec);

    return may;
}


/* Until that is on disk it is as one that is being made. */
static void
jobs_reopen_put(jobs_op_t *op, jobs_work_t *w)
{
    int    rc;
    char  *text;

    text = sc_json_text(w->spec, JSON_COMPACT);
    rc = SC_ERROR;
    op->work = w;
    w->making = 1;
    w->work.closed = 0;

    if (text != NULL) {
        w->work.job.spec = (sc_str_t) { strlen(text), text };
        rc = store_work_open(op->jobs->store, &w->work, jobs_reopen_told, op);
        w->work.job.spec = (sc_str_t) { 0, "" };
        free(text);
    }

    if (rc != SC_OK) {
        jobs_reopen_told(op, STORE_FAILED);
    }
}


/* Whoever asked opens a feed now, or is gone. */
static void
jobs_reopen_told(void *data, store_status_t status)
{
    jobs_op_t    *op = data;
    jobs_t       *jobs = op->jobs;
    jobs_work_t  *w = op->work;

    w->making = 0;

    if (status != STORE_OK) {
        jobs_change_end(op, status, 0);
        jobs_work_free(w);
        return;
    }

    jobs_tell(jobs, op->id, JOBS_STATE);
    jobs_change_end(op, STORE_OK, 0);

    if (w->feeds == NULL) {
        jobs_work_close(w, "the body stopped after line 0");
    }

    jobs_feed_known(w);
    jobs_work_check(w);
}
