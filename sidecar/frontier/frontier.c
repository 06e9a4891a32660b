
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


static void frontier_free(frontier_t *f);
static void frontier_ready(void *data);
static int frontier_add(frontier_t *f, frontier_job_t *j);
static frontier_job_t *frontier_find(frontier_t *f, const char *id,
    sc_str_t tenant);
static void frontier_persist_done(void *data, store_status_t status);
static void frontier_stored_cancel(void *data, store_status_t status);
static void frontier_uncount(frontier_t *f, frontier_tenant_t *account);
static void frontier_restore_later(frontier_job_t *j);
static void frontier_forget_job(frontier_job_t *j, store_status_t status);
static void frontier_tell(frontier_job_t *j, store_status_t status);


frontier_t *
frontier_create(const frontier_parts_t *parts)
{
    frontier_t      *f;
    lanes_limits_t   limits;

    f = calloc(1, sizeof(frontier_t));
    if (f == NULL) {
        return NULL;
    }

    f->parts = *parts;
    f->loop = parts->loop;
    f->settings = parts->settings;
    f->store = parts->store;
    f->opened = id_now_ms();
    f->lead_task.handler = frontier_end_lead;
    f->lead_task.data = f;
    f->call_task.handler = frontier_call_task;
    f->call_task.data = f;
    f->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);

    limits.connections = f->settings->tenant_connections;
    limits.rate = f->settings->tenant_rate;
    limits.left = INT64_MAX;
    f->lanes = lanes_create(f->loop, &limits, frontier_ready, f);

    if (f->lanes == NULL || f->sha256 == NULL) {
        frontier_free(f);
        return NULL;
    }

    frontier_dispatch_open(f);
    frontier_tenants_open(f);

    if (frontier_refill_open(f) != SC_OK) {
        frontier_free(f);
        return NULL;
    }

    return f;
}


static void
frontier_free(frontier_t *f)
{
    if (f->lanes != NULL) {
        lanes_destroy(f->lanes);
    }

    json_last_free(&f->spec);
    EVP_MD_free(f->sha256);
    free(f);
}


static void
frontier_ready(void *data)
{
    frontier_dispatch_soon(data);
}


void
frontier_begin(frontier_t *f)
{
    f->begun = 1;
    frontier_dispatch_soon(f);
}


void
frontier_hold(frontier_t *f, int on)
{
    f->held = (on != 0);
    frontier_dispatch_soon(f);
}


void
frontier_host_changed(frontier_t *f, host_t *host)
{
    lanes_host_changed(f->lanes, host);
}


void
frontier_destroy(frontier_t *f)
{
    frontier_job_t     *j, *tmp;
    frontier_cancel_t  *c, *ctmp;

    HASH_ITER(hh, f->jobs, j, tmp) {
        frontier_job_stop(j);
        store_forget(f->store, j);
        HASH_DEL(f->jobs, j);
        frontier_job_free(j);
    }

    DL_FOREACH_SAFE(f->cancels, c, ctmp) {
        store_forget(f->store, c);
        frontier_call_forget(&c->calls, NULL);
        free(c);
    }

    frontier_refill_close(f);
    frontier_dispatch_close(f);
    frontier_tables_free(f);
    frontier_tenants_free(f);
    frontier_robots_forget(f, NULL);
    frontier_call_forget(&f->calls, NULL);
    loop_undefer(&f->call_task);
    loop_undefer(&f->lead_task);
    frontier_free(f);
}


frontier_status_t
frontier_submit(frontier_t *f, const frontier_spec_t *spec, char *id)
{
    frontier_job_t     *j;
    frontier_status_t   status;

    status = frontier_accepts(f, spec->tenant);

    if (status != FRONTIER_OK) {
        return status;
    }

    j = frontier_job_create(f, spec);
    if (j == NULL) {
        return FRONTIER_NO_MEMORY;
    }

    if (frontier_add(f, j) != SC_OK) {
        frontier_job_free(j);
        return FRONTIER_NO_MEMORY;
    }

    if (frontier_flight_join(j) != SC_OK) {
        HASH_DEL(f->jobs, j);
        frontier_job_free(j);
        return FRONTIER_NO_MEMORY;
    }

    memcpy(id, j->row.id, ID_SIZE);
    f->queued++;
    f->transients++;
    frontier_tenant_enter(j);
    frontier_tenant_job(f, spec->tenant);
    metrics_add(METRICS_MADE, 1);

    return FRONTIER_OK;
}


/* One that finds no memory is not added, and hh.tbl stays NULL. */
static int
frontier_add(frontier_t *f, frontier_job_t *j)
{
    HASH_ADD(hh, f->jobs, row.id[0], ID_LEN, j);

    return j->hh.tbl != NULL ? SC_OK : SC_ERROR;
}


int
frontier_persist(frontier_t *f, const char *id, frontier_done_pt done,
    void *data)
{
    frontier_job_t  *j;

    HASH_FIND(hh, f->jobs, id, ID_LEN, j);
    if (j == NULL) {
        return SC_DECLINED;
    }

    if (j->durability == JOB_DURABLE) {
        loop_defer(f->loop, &f->call_task);
        return frontier_call_add(&f->calls, done, data);
    }

    if (frontier_call_add(&j->persists, done, data) != SC_OK) {
        return SC_ERROR;
    }

    /* an ending job is on its way to disk already, with its outcome */
    if (j->durability == JOB_PERSISTING || j->stage == JOB_STORING) {
        return SC_OK;
    }

    j->row.due = j->row.created;

    if (store_job_put(f->store, &j->row, frontier_persist_done, j) != SC_OK) {
        j->row.due = 0;
        frontier_call_forget(&j->persists, data);
        return SC_ERROR;
    }

    j->durability = JOB_PERSISTING;

    return SC_OK;
}


static void
frontier_persist_done(void *data, store_status_t status)
{
    frontier_job_t  *j = data;
    frontier_t      *f = j->frontier;

    frontier_dispatch_soon(f);

    if (status != STORE_OK) {
        j->durability = JOB_TRANSIENT;
        j->row.due = 0;
        frontier_call_all(&j->persists, status);

        if (j->stage != JOB_STORING && j->waits == NULL) {
            frontier_job_cancel(j);
        }

        return;
    }

    j->durability = JOB_DURABLE;
    f->transients--;
    frontier_call_all(&j->persists, status);
    frontier_queue_enter(j);

    if (f->draining) {
        frontier_drain_leave(j);

    } else {
        frontier_queue_evict(j);
    }
}


frontier_wait_t *
frontier_wait(frontier_t *f, const char *id, sc_str_t tenant,
    frontier_wait_pt done, void *data)
{
    frontier_job_t   *j;
    frontier_wait_t  *w;

    j = frontier_find(f, id, tenant);
    if (j == NULL) {
        return NULL;
    }

    w = malloc(sizeof(frontier_wait_t));
    if (w == NULL) {
        return NULL;
    }

    w->job = j;
    w->done = done;
    w->data = data;
    DL_APPEND(j->waits, w);

    return w;
}


void
frontier_unwait(frontier_wait_t *wait)
{
    frontier_job_t  *j = wait->job;

    DL_DELETE(j->waits, wait);
    free(wait);

    if (j->waits != NULL || j->durability != JOB_TRANSIENT
        || j->stage == JOB_STORING)
    {
        return;
    }

    if (j->cancel_alone && j->persists == NULL) {
        frontier_job_cancel(j);
    }
}


void
frontier_forget(frontier_t *f, void *data)
{
    frontier_job_t     *j, *tmp;
    frontier_cancel_t  *c;

    frontier_call_forget(&f->calls, data);
    frontier_robots_forget(f, data);

    DL_FOREACH(f->cancels, c) {
        frontier_call_forget(&c->calls, data);
    }

    HASH_ITER(hh, f->jobs, j, tmp) {
        frontier_call_forget(&j->persists, data);
        frontier_call_forget(&j->cancels, data);
    }
}


int
frontier_peek(frontier_t *f, const char *id, sc_str_t tenant, store_job_t *job)
{
    frontier_job_t  *j;

    j = frontier_find(f, id, tenant);
    if (j == NULL) {
        return SC_DECLINED;
    }

    *job = j->row;

    if (j->stage == JOB_STORING) {
        /* it has ended when the store says so */
        job->state = job->started != 0 ? STORE_RUNNING : STORE_QUEUED;
        job->finished = 0;
        job->error.len = 0;
    }

    return SC_OK;
}


int
frontier_cancel(frontier_t *f, const char *id, sc_str_t tenant,
    frontier_done_pt done, void *data)
{
    frontier_job_t     *j;
    frontier_cancel_t  *c;

    j = frontier_find(f, id, tenant);

    if (j != NULL && j->stage != JOB_STORING) {
        if (frontier_call_add(&j->cancels, done, data) != SC_OK) {
            return SC_ERROR;
        }

        frontier_job_cancel(j);
        return SC_OK;
    }

    /* the store's alone, or behind its end in the writer's queue */
    c = calloc(1, sizeof(frontier_cancel_t));
    if (c == NULL) {
        return SC_ERROR;
    }

    c->frontier = f;
    c->account = frontier_tenant_get(f, tenant);
    memcpy(c->id, id, ID_SIZE);

    if (frontier_call_add(&c->calls, done, data) != SC_OK
        || store_job_cancel(f->store, id, tenant, id_now_ms(),
                            frontier_stored_cancel, c)
           != SC_OK)
    {
        frontier_call_forget(&c->calls, NULL);
        free(c);
        return SC_ERROR;
    }

    DL_APPEND(f->cancels, c);

    return SC_OK;
}


static void
frontier_stored_cancel(void *data, store_status_t status)
{
    store_job_t         row;
    frontier_job_t     *j;
    frontier_cancel_t  *c = data;
    frontier_t         *f = c->frontier;

    DL_DELETE(f->cancels, c);
    frontier_call_later(f, &c->calls, status);

    if (status == STORE_OK) {
        HASH_FIND(hh, f->jobs, c->id, ID_LEN, j);

        if (j != NULL && j->stage != JOB_STORING) {
            /* a refill has brought it here meanwhile */
            frontier_job_cancelled(j);

        } else {
            memset(&row, 0, sizeof(store_job_t));
            memcpy(row.id, c->id, ID_SIZE);
            row.state = STORE_CANCELLED;
            frontier_uncount(f, c->account);
            frontier_gone(f, c->id);
            frontier_end_tell(f, &row, STORE_OK, NULL);
        }
    }

    free(c);
}


static void
frontier_uncount(frontier_t *f, frontier_tenant_t *account)
{
    if (f->queued > 0) {
        f->queued--;
    }

    frontier_tenant_sub(account, 1);
}


size_t
frontier_queued(const frontier_t *f)
{
    return f->queued;
}


size_t
frontier_running(const frontier_t *f)
{
    return f->flying + f->extracting;
}


void
frontier_stats(const frontier_t *f, frontier_stats_t *stats)
{
    int  lane;

    stats->unended = f->queued;
    stats->fetching = f->flying;
    stats->extracting = f->extracting;
    stats->storing = f->storing;
    stats->parked = f->nparked;
    stats->shared = f->shared;

    for (lane = 0; lane < LANES_N; lane++) {
        stats->ready[lane] = lanes_waiting(f->lanes, (lanes_lane_t) lane);
    }
}


void
frontier_lanes(const frontier_t *f, lanes_stats_t *stats)
{
    lanes_stats(f->lanes, stats);
}


/* A job of the store that is to be worked on. */
void
frontier_restore(frontier_t *f, const store_job_t *row)
{
    frontier_job_t  *j;

    HASH_FIND(hh, f->jobs, row->id, ID_LEN, j);
    if (j != NULL) {
        return;
    }

    j = frontier_job_restore(f, row);
    if (j == NULL) {
        log_error("job %s could not be read back from the store", row->id);
        return;
    }

    frontier_tenant_restored(j);

    if (frontier_add(f, j) != SC_OK) {
        frontier_restore_later(j);
        return;
    }

    if (row->attempts >= FRONTIER_MAX_ATTEMPTS) {
        frontier_queue_enter(j);
        frontier_job_fail(j, "/server/interrupted",
                          "the gateway stopped during each attempt");
        return;
    }

    if (frontier_flight_join(j) == SC_OK) {
        frontier_queue_enter(j);

    } else if (frontier_spec_check(row) == SC_OK) {
        HASH_DEL(f->jobs, j);
        frontier_restore_later(j);

    } else {
        frontier_queue_enter(j);
        frontier_job_fail(j, "/server/unreadable",
                          "what the store has of the job cannot be read");
    }
}


/* Memory is out. */
static void
frontier_restore_later(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    frontier_tenant_evicted(j);
    frontier_job_free(j);
    frontier_pause(f);
}


/* The store has answered about the end of a job: tell all, and forget it. */
void
frontier_ended(frontier_job_t *j, store_status_t status,
    const store_ended_t *ended)
{
    int          kept;
    frontier_t  *f = j->frontier;

    /* a durable job was promised an end: it stays until the store has it */
    kept = j->durability == JOB_DURABLE
           && (status == STORE_FULL || status == STORE_FAILED);

    if (!kept) {
        frontier_forget_job(j, status);
    }

    /* these first: whoever is told below may forget them */
    frontier_call_later(f, &j->persists, status);
    frontier_call_later(f, &j->cancels, status);
    frontier_tell(j, status);

    if (kept) {
        frontier_put_off(f, j);
        return;
    }

    frontier_end_tell(f, &j->row, status, ended);
    frontier_job_free(j);
    frontier_dispatch_soon(f);
}


static void
frontier_forget_job(frontier_job_t *j, store_status_t status)
{
    frontier_t  *f = j->frontier;

    HASH_DEL(f->jobs, j);
    f->storing--;
    f->transients -= j->durability != JOB_DURABLE;
    frontier_gone(f, j->row.id);
    frontier_queue_leave(j);

    /* a conflict was counted by whoever ended it */
    if (status != STORE_CONFLICT) {
        frontier_uncount(f, j->account);
    }
}


static void
frontier_tell(frontier_job_t *j, store_status_t status)
{
    size_t               n;
    frontier_wait_t     *w;
    frontier_outcome_t   outcome;

    outcome.job = &j->row;
    outcome.stored = status;
    outcome.result = NULL;
    outcome.age = j->age;

    if (status == STORE_OK && j->result.id[0] != '\0') {
        outcome.result = &j->result;
    }

    DL_COUNT(j->waits, w, n);

    /* counted, for who is told that the disk is full may wait again */
    for ( /* void */ ; n > 0 && (w = j->waits) != NULL; n--) {
        DL_DELETE(j->waits, w);
        w->done(w->data, &outcome);
        free(w);
    }
}


static frontier_job_t *
frontier_find(frontier_t *f, const char *id, sc_str_t tenant)
{
    frontier_job_t  *j;

    HASH_FIND(hh, f->jobs, id, ID_LEN, j);

    if (j == NULL || j->row.tenant.len != tenant.len
        || (tenant.len > 0
            && memcmp(j->row.tenant.data, tenant.data, tenant.len) != 0))
    {
        return NULL;
    }

    return j;
}
