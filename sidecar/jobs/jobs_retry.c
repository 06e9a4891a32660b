
#include <stdlib.h>
#include <string.h>

#include "sidecar/jobs/jobs_internal.h"


static void jobs_retry_go(jobs_op_t *op, jobs_work_t *w,
    const store_work_t *row);
static void jobs_retry_next(jobs_op_t *op);
static void jobs_retry_told(void *data, store_status_t status, int64_t seq);
static void jobs_retry_counted(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void jobs_retry_end(jobs_op_t *op, store_status_t status,
    size_t added);


int
jobs_retry(jobs_t *jobs, const char *id, sc_str_t tenant, jobs_done_pt done,
    void *data)
{
    return jobs_change_begin(jobs, id, tenant, jobs_retry_go, done, data,
                             NULL);
}


static void
jobs_retry_go(jobs_op_t *op, jobs_work_t *w, const store_work_t *row)
{
    op->failed = row->counts.failed;

    if (w != NULL && (w->making || w->ending || jobs_stopped(w))) {
        jobs_change_end(op, STORE_CONFLICT, 0);
        return;
    }

    if (op->failed == 0) {
        jobs_change_end(op, STORE_OK, 0);
        return;
    }

    if (row->job.state == STORE_EXPIRED) {
        jobs_change_end(op, STORE_CONFLICT, 0);
        return;
    }

    if (w == NULL) {
        w = jobs_retry_again(op->jobs, row);
    }

    if (w == NULL) {
        jobs_change_end(op, STORE_FAILED, 0);
        return;
    }

    w->putting++;
    op->work = w;
    jobs_retry_next(op);
}


/* One that has ended is under way again, with its time anew. */
jobs_work_t *
jobs_retry_again(jobs_t *jobs, const store_work_t *row)
{
    jobs_work_t  *w;

    w = jobs_work_make(jobs, row);

    if (w == NULL) {
        return NULL;
    }

    if (jobs_work_index(w, row->job.seq) != SC_OK) {
        jobs_work_free(w);
        return NULL;
    }

    (void) json_object_del(w->spec, "stopped");
    (void) json_object_del(w->spec, "reason");
    (void) json_object_del(w->spec, "spent_ms");
    w->spent = 0;
    w->work.job.state = STORE_RUNNING;
    w->work.job.finished = 0;
    w->work.job.expires = 0;
    w->work.closed = 1;
    jobs_work_apply(w);

    return w;
}


static void
jobs_retry_next(jobs_op_t *op)
{
    if (store_work_retry(op->jobs->store, op->seq, op->after, id_now_ms(),
                         jobs_retry_told, op)
        != SC_OK)
    {
        jobs_retry_end(op, STORE_FAILED, 0);
    }
}


static void
jobs_retry_told(void *data, store_status_t status, int64_t seq)
{
    jobs_op_t    *op = data;
    jobs_work_t  *w = op->work;

    if (status != STORE_OK) {
        jobs_retry_end(op, status, 0);
        return;
    }

    if (seq != 0) {
        op->after = seq;
        jobs_retry_next(op);
        return;
    }

    if (store_work_get(op->jobs->store, op->id, w->work.job.tenant,
                       jobs_retry_counted, op)
        != SC_OK)
    {
        jobs_retry_end(op, STORE_FAILED, 0);
    }
}


static void
jobs_retry_counted(void *data, store_status_t status,
    const store_work_t *works, size_t n)
{
    int64_t       added;
    jobs_op_t    *op = data;
    jobs_work_t  *w = op->work;

    if (status != STORE_OK || n != 1) {
        jobs_retry_end(op, STORE_FAILED, 0);
        return;
    }

    w->work.counts = works[0].counts;
    added = op->failed - works[0].counts.failed;
    jobs_retry_end(op, STORE_OK, added > 0 ? (size_t) added : 0);
}


static void
jobs_retry_end(jobs_op_t *op, store_status_t status, size_t added)
{
    jobs_t       *jobs = op->jobs;
    jobs_work_t  *w = op->work;

    w->putting--;
    frontier_flow_fed(jobs->frontier, w->lane, w->flow, w->work.job.tenant,
                      added);
    (void) jobs_work_save(w, NULL, NULL);
    jobs_tell(jobs, op->id, JOBS_STATE);
    jobs_change_end(op, status, added);
    jobs_work_check(w);
}
