
#include "sidecar/api/api_list.h"


static void api_find_named(api_call_t *c);
static void api_find_look(api_call_t *c);
static void api_find_work(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void api_find_row(void *data, store_status_t status,
    const store_job_t *job);
static void api_find_lost(api_call_t *c, store_status_t status);
static void api_find_told(api_call_t *c, const store_job_t *job,
    const store_work_t *work);


void
api_find(api_call_t *c, api_found_pt found)
{
    c->found = found;

    if (c->id[0] != '\0') {
        api_find_look(c);
        return;
    }

    api_name_find(c, api_find_named);
}


/* An id of the caller's own, or nothing that anybody knows. */
static void
api_find_named(api_call_t *c)
{
    if (c->id[0] == '\0') {
        api_job_not_found(c);
        return;
    }

    api_find_look(c);
}


/*
 * A page of its own is in memory until it has ended.  One of many is no job:
 * its job tells of it.
 */
static void
api_find_look(api_call_t *c)
{
    api_t        *api = c->api;
    store_job_t   job;

    if (frontier_peek(api->frontier, c->id, c->tenant, &job) == SC_OK) {
        if (job.parent != 0) {
            api_find_lost(c, STORE_NOT_FOUND);

        } else {
            c->found(c, &job, NULL);
        }

        return;
    }

    if (store_work_get(api->store, c->id, c->tenant, api_find_work, c)
        != SC_OK)
    {
        api_find_lost(c, STORE_FAILED);
        return;
    }

    c->reading = 1;
}


static void
api_find_work(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_OK && n > 0) {
        api_find_told(c, &works[0].job, &works[0]);
        return;
    }

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        api_find_lost(c, status);
        return;
    }

    if (store_job_get(c->api->store, c->id, c->tenant, api_find_row, c)
        != SC_OK)
    {
        api_find_lost(c, STORE_FAILED);
        return;
    }

    c->reading = 1;
}


static void
api_find_row(void *data, store_status_t status, const store_job_t *job)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_OK && job->parent == 0) {
        api_find_told(c, job, NULL);

    } else {
        api_find_lost(c, status == STORE_OK ? STORE_NOT_FOUND : status);
    }
}


/* A reply that has begun ends: of a job that is deleted nothing is missing. */
static void
api_find_lost(api_call_t *c, store_status_t status)
{
    if (c->request->flowing) {
        server_stream_end(c->request, status == STORE_NOT_FOUND);
        api_call_done(c);

    } else if (status == STORE_NOT_FOUND) {
        api_job_not_found(c);

    } else {
        api_reply_store(c, status);
    }
}


static void
api_find_told(api_call_t *c, const store_job_t *job,
    const store_work_t *work)
{
    if (job->state == STORE_EXPIRED && !c->request->flowing) {
        api_reply_error(c, "/job/expired", "the job's time is over, and what "
                        "it gave is deleted");
        return;
    }

    c->found(c, job, work);
}
