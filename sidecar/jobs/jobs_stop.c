
#include <string.h>

#include "sidecar/jobs/jobs_internal.h"


static void jobs_stop_marked(void *data, store_status_t status);
static void jobs_stop_cancel(jobs_work_t *w);
static void jobs_stop_cancelled(void *data, store_status_t status,
    size_t added);


/*
 * What is decided is on disk before anything is done: a start goes on where
 * this process ended.  Fetches are closed at once.
 */
void
jobs_stop(jobs_work_t *w, const char *reason)
{
    frontier_t   *f = w->jobs->frontier;
    store_job_t  *j = &w->work.job;

    if (jobs_stopped(w) || w->ending) {
        return;
    }

    if (json_object_set_new(w->spec, "stopped", json_true()) != 0
        || json_object_set_new(w->spec, "reason", json_string(reason)) != 0)
    {
        return;
    }

    w->work.closed = 1;
    w->stopping = 1;
    w->starting = 0;
    loop_timer_del(w->jobs->loop, &w->timer);
    (void) frontier_flow_pause(f, w->lane, w->flow, j->tenant, 1);
    frontier_flow_drop(f, w->lane, w->flow, j->tenant, 0);
    jobs_feed_refuse(w);

    if (jobs_work_save(w, jobs_stop_marked, w) != SC_OK) {
        w->stopping = 0;
    }
}


int
jobs_stopped(const jobs_work_t *w)
{
    return json_is_true(json_object_get(w->spec, "stopped"));
}


/* Not marked, it is cancelled all the same, but for a crash meanwhile. */
static void
jobs_stop_marked(void *data, store_status_t status)
{
    jobs_work_t  *w = data;

    w->unsaved = (status != STORE_OK && status != STORE_CONFLICT);
    jobs_stop_cancel(w);
}


/* After a start, or when the store could not go on. */
void
jobs_stop_go_on(jobs_work_t *w)
{
    if (w->stopping || w->ending || w->reading) {
        return;
    }

    w->stopping = 1;
    (void) frontier_flow_pause(w->jobs->frontier, w->lane, w->flow,
                               w->work.job.tenant, 1);
    frontier_flow_drop(w->jobs->frontier, w->lane, w->flow,
                       w->work.job.tenant, 0);
    jobs_stop_cancel(w);
}


static void
jobs_stop_cancel(jobs_work_t *w)
{
    if (store_work_cancel(w->jobs->store, w->work.job.seq, w->flow,
                          id_now_ms(), jobs_stop_cancelled, w)
        != SC_OK)
    {
        w->stopping = 0;
    }
}


static void
jobs_stop_cancelled(void *data, store_status_t status, size_t added)
{
    jobs_work_t  *w = data;

    if (status != STORE_OK) {
        /* the tick goes on */
        w->stopping = 0;
        return;
    }

    w->work.counts.cancelled += (int64_t) added;
    frontier_flow_drop(w->jobs->frontier, w->lane, w->flow,
                       w->work.job.tenant, added);

    if (added > 0) {
        jobs_stop_cancel(w);
        return;
    }

    w->stopping = 0;
    jobs_work_check(w);
}
