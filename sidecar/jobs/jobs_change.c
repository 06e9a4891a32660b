
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/jobs/jobs_internal.h"


static void jobs_change_told(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void jobs_change_free(jobs_op_t *op);
static int jobs_change_may(const jobs_work_t *w);
static void jobs_change_saved(void *data, store_status_t status);
static void jobs_pause_go(jobs_op_t *op, jobs_work_t *w,
    const store_work_t *row);
static void jobs_change_go(jobs_op_t *op, jobs_work_t *w,
    const store_work_t *row);
static void jobs_change_lay(jobs_work_t *w, const json_t *changes);
static void jobs_change_prio(void *data, store_status_t status, int64_t seq);
static void jobs_cancel_go(jobs_op_t *op, jobs_work_t *w,
    const store_work_t *row);
static void jobs_purge_go(jobs_op_t *op, jobs_work_t *w,
    const store_work_t *row);
static void jobs_purge_next(jobs_op_t *op);
static void jobs_purge_told(void *data, store_status_t status, size_t added);


int
jobs_change_begin(jobs_t *jobs, const char *id, sc_str_t tenant,
    jobs_op_pt go, jobs_done_pt done, void *data, jobs_op_t **made)
{
    jobs_op_t  *op;

    op = calloc(1, sizeof(jobs_op_t));
    if (op == NULL) {
        return SC_ERROR;
    }

    op->jobs = jobs;
    op->go = go;
    op->done = done;
    op->data = data;
    (void) snprintf(op->id, sizeof(op->id), "%s", id);

    if (store_work_get(jobs->store, op->id, tenant, jobs_change_told, op)
        != SC_OK)
    {
        free(op);
        return SC_ERROR;
    }

    DL_APPEND(jobs->ops, op);

    if (made != NULL) {
        *made = op;
    }

    return SC_OK;
}


static void
jobs_change_told(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    jobs_op_t    *op = data;
    jobs_work_t  *w;

    if (status != STORE_OK || n != 1) {
        jobs_change_end(op, status != STORE_OK ? status : STORE_NOT_FOUND, 0);
        return;
    }

    HASH_FIND(hh, op->jobs->works, op->id, ID_LEN, w);
    op->seq = works[0].job.seq;
    op->go(op, w, &works[0]);
}


void
jobs_change_again(jobs_op_t *op, sc_str_t tenant)
{
    op->again = 0;

    if (store_work_get(op->jobs->store, op->id, tenant, jobs_change_told, op)
        != SC_OK)
    {
        jobs_change_end(op, STORE_FAILED, 0);
    }
}


void
jobs_change_end(jobs_op_t *op, store_status_t status, size_t added)
{
    void          *data = op->data;
    jobs_done_pt   done = op->done;

    jobs_change_free(op);

    if (done != NULL) {
        done(data, status, added);
    }
}


static void
jobs_change_free(jobs_op_t *op)
{
    store_forget(op->jobs->store, op);
    DL_DELETE(op->jobs->ops, op);
    json_decref(op->changes);
    free(op);
}


void
jobs_change_forget(jobs_t *jobs, void *data)
{
    jobs_op_t  *op;

    DL_FOREACH(jobs->ops, op) {
        op->done = op->data == data ? NULL : op->done;
    }
}


void
jobs_change_close(jobs_t *jobs)
{
    jobs_op_t  *op, *tmp;

    DL_FOREACH_SAFE(jobs->ops, op, tmp) {
        jobs_change_free(op);
    }
}


/* One that has ended, or is about to, is not changed any more. */
static int
jobs_change_may(const jobs_work_t *w)
{
    return w != NULL && !w->making && !w->ending && !jobs_stopped(w);
}


static void
jobs_change_saved(void *data, store_status_t status)
{
    jobs_change_end(data, status, 0);
}


int
jobs_pause(jobs_t *jobs, const char *id, sc_str_t tenant, int on,
    jobs_done_pt done, void *data)
{
    jobs_op_t  *op;

    if (jobs_change_begin(jobs, id, tenant, jobs_pause_go, done, data, &op)
        != SC_OK)
    {
        return SC_ERROR;
    }

    op->on = (on != 0);

    return SC_OK;
}


static void
jobs_pause_go(jobs_op_t *op, jobs_work_t *w, const store_work_t *row)
{
    jobs_t       *jobs = op->jobs;
    store_job_t  *j;

    (void) row;

    if (!jobs_change_may(w)) {
        jobs_change_end(op, STORE_CONFLICT, 0);
        return;
    }

    j = &w->work.job;

    if (frontier_flow_pause(jobs->frontier, w->lane, w->flow, j->tenant,
                            op->on)
        != SC_OK)
    {
        jobs_change_end(op, STORE_FAILED, 0);
        return;
    }

    jobs_work_halt(w, op->on);
    jobs_tell(jobs, j->id, JOBS_STATE);

    if (jobs_work_save(w, jobs_change_saved, op) != SC_OK) {
        jobs_change_end(op, STORE_FAILED, 0);
    }
}


int
jobs_change(jobs_t *jobs, const char *id, sc_str_t tenant,
    const json_t *changes, jobs_done_pt done, void *data)
{
    json_t     *copy;
    jobs_op_t  *op;

    copy = json_deep_copy(changes);

    if (copy == NULL
        || jobs_change_begin(jobs, id, tenant, jobs_change_go, done, data,
                             &op)
           != SC_OK)
    {
        json_decref(copy);
        return SC_ERROR;
    }

    op->changes = copy;

    return SC_OK;
}


static void
jobs_change_go(jobs_op_t *op, jobs_work_t *w, const store_work_t *row)
{
    int  rc;

    (void) row;

    if (!jobs_change_may(w)) {
        jobs_change_end(op, STORE_CONFLICT, 0);
        return;
    }

    jobs_change_lay(w, op->changes);
    jobs_tell(op->jobs, op->id, JOBS_STATE);

    /* pages of a crawl keep their order */
    if (w->lane == LANES_CRAWL
        || json_object_get(op->changes, "priority") == NULL)
    {
        rc = jobs_work_save(w, jobs_change_saved, op);

    } else {
        op->on = w->work.job.prio;
        (void) jobs_work_save(w, NULL, NULL);
        rc = store_work_prio(op->jobs->store, op->seq, 0, op->on,
                             jobs_change_prio, op);
    }

    if (rc != SC_OK) {
        jobs_change_end(op, STORE_FAILED, 0);
    }
}


static void
jobs_change_lay(jobs_work_t *w, const json_t *changes)
{
    size_t        i;
    json_t       *value, *own;
    const json_t *priority = json_object_get(changes, "priority");

    static const char  *objects[] = { "limits", "politeness" };

    for (i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        value = json_object_get(changes, objects[i]);
        own = json_object_get(w->spec, objects[i]);

        if (value != NULL && own != NULL) {
            (void) json_object_update(own, value);

        } else if (value != NULL) {
            (void) json_object_set(w->spec, objects[i], value);
        }
    }

    value = json_object_get(changes, "max_concurrency");

    if (value != NULL) {
        (void) json_object_set(w->spec, "max_concurrency", value);
    }

    if (priority != NULL) {
        w->work.job.prio = -(int) json_integer_value(priority);
        (void) json_object_set(w->spec, "priority", (json_t *) priority);
    }

    jobs_work_apply(w);
}


static void
jobs_change_prio(void *data, store_status_t status, int64_t seq)
{
    jobs_op_t  *op = data;

    if (status != STORE_OK || seq == 0) {
        jobs_change_end(op, status, 0);
        return;
    }

    if (store_work_prio(op->jobs->store, op->seq, seq, op->on,
                        jobs_change_prio, op)
        != SC_OK)
    {
        jobs_change_end(op, STORE_FAILED, 0);
    }
}


int
jobs_cancel(jobs_t *jobs, const char *id, sc_str_t tenant, jobs_done_pt done,
    void *data)
{
    return jobs_change_begin(jobs, id, tenant, jobs_cancel_go, done, data,
                             NULL);
}


static void
jobs_cancel_go(jobs_op_t *op, jobs_work_t *w, const store_work_t *row)
{
    (void) row;

    if (w == NULL || w->making || w->ending) {
        jobs_change_end(op, STORE_CONFLICT, 0);
        return;
    }

    op->wait_end = 1;
    jobs_stop(w, "cancelled");
}


int
jobs_purge(jobs_t *jobs, const char *id, sc_str_t tenant, jobs_done_pt done,
    void *data)
{
    return jobs_change_begin(jobs, id, tenant, jobs_purge_go, done, data,
                             NULL);
}


static void
jobs_purge_go(jobs_op_t *op, jobs_work_t *w, const store_work_t *row)
{
    (void) row;

    op->purge = 1;

    if (w == NULL) {
        jobs_purge_next(op);
        return;
    }

    if (w->making) {
        jobs_change_end(op, STORE_CONFLICT, 0);
        return;
    }

    /* should we end meanwhile, it is deleted when its time is over: now */
    (void) json_object_set_new(w->spec, "keep_ms", json_integer(1));
    op->wait_end = 1;
    jobs_stop(w, "cancelled");
}


static void
jobs_purge_next(jobs_op_t *op)
{
    if (store_work_purge(op->jobs->store, op->seq, jobs_purge_told, op)
        != SC_OK)
    {
        jobs_change_end(op, STORE_FAILED, op->added);
    }
}


static void
jobs_purge_told(void *data, store_status_t status, size_t added)
{
    jobs_op_t  *op = data;

    op->added += added;

    if (status != STORE_OK || added == 0) {
        jobs_change_end(op, status, op->added);
        return;
    }

    jobs_purge_next(op);
}


void
jobs_change_ended(jobs_work_t *w)
{
    jobs_op_t  *op, *tmp;

    DL_FOREACH_SAFE(w->jobs->ops, op, tmp) {
        if (!op->wait_end || memcmp(op->id, w->work.job.id, ID_LEN) != 0) {
            continue;
        }

        op->wait_end = 0;

        if (op->purge) {
            jobs_purge_next(op);

        } else if (op->again) {
            jobs_change_again(op, w->work.job.tenant);

        } else {
            jobs_change_end(op, STORE_OK,
                            (size_t) w->work.counts.cancelled);
        }
    }
}
