
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


/* rows read from the store at once */
#define FRONTIER_REFILL         256

/* pages waiting for a worker, and ends for the store: no fetch is begun */
#define FRONTIER_MAX_PAGES      64
#define FRONTIER_MAX_STORING    1024

/* how long nothing is begun after we ran out of descriptors or memory */
#define FRONTIER_PAUSE          (100 * LOOP_MS)

/* when the store is told again what it could not take */
#define FRONTIER_RETRY          LOOP_SEC


static void frontier_queue_counted(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void frontier_queue_forget_gone(frontier_t *f);
static void frontier_queue_retry(loop_timer_t *timer);
static void frontier_dispatch(loop_task_t *task);
static int frontier_may_begin(const frontier_t *f);
static frontier_job_t *frontier_next(const frontier_t *f);
static void frontier_refill(frontier_t *f);
static void frontier_refilled(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
static void frontier_unpause(loop_timer_t *timer);
static void frontier_drain_check(frontier_t *f);
static void frontier_drain_timeout(loop_timer_t *timer);


/* Count what the store has; the first refill waits for it. */
int
frontier_queue_open(frontier_t *f)
{
    f->dispatch_task.handler = frontier_dispatch;
    f->dispatch_task.data = f;
    loop_timer_init(&f->pause, frontier_unpause, f);
    loop_timer_init(&f->retry, frontier_queue_retry, f);
    loop_timer_init(&f->drain_timer, frontier_drain_timeout, f);

    f->backlog = 1;
    f->refilling = 1;

    return store_unended_count(f->store, frontier_queue_counted, f);
}


static void
frontier_queue_counted(void *data, store_status_t status,
    const store_job_t *jobs, size_t n)
{
    frontier_t  *f = data;

    (void) jobs;

    f->refilling = 0;
    frontier_queue_forget_gone(f);

    if (status != STORE_OK) {
        log_error("the unended jobs in the store could not be counted");

    } else if (n > 0) {
        f->queued += n;
        log_notice("%zu unended jobs are taken up from the store", n);
    }

    frontier_dispatch_soon(f);
}


void
frontier_queue_close(frontier_t *f)
{
    store_forget(f->store, f);
    frontier_queue_forget_gone(f);
    loop_undefer(&f->dispatch_task);
    loop_timer_del(f->loop, &f->pause);
    loop_timer_del(f->loop, &f->retry);
    loop_timer_del(f->loop, &f->drain_timer);
}


void
frontier_queue_push(frontier_t *f, frontier_job_t *j, int front)
{
    j->stage = JOB_READY;
    f->nready++;

    if (front) {
        DL_PREPEND(f->ready, j);

    } else {
        DL_APPEND(f->ready, j);
    }
}


void
frontier_queue_remove(frontier_t *f, frontier_job_t *j)
{
    DL_DELETE(f->ready, j);
    f->nready--;
}


/* Leave a durable job to the store when enough others are ready. */
void
frontier_queue_evict(frontier_t *f, frontier_job_t *j)
{
    if (j->stage != JOB_READY || j->waits != NULL
        || f->nready <= FRONTIER_WINDOW)
    {
        return;
    }

    frontier_queue_remove(f, j);
    f->backlog = 1;
    f->evicted++;

    HASH_DEL(f->jobs, j);
    frontier_job_free(j);
}


/*
 * Without memory for it the job may come back from the read under way: it is
 * then fetched twice, but the store takes one end only.
 */
void
frontier_queue_gone(frontier_t *f, const char *id)
{
    frontier_gone_t  *g;

    if (!f->refilling) {
        return;
    }

    HASH_FIND(hh, f->gone, id, ID_LEN, g);
    if (g != NULL) {
        return;
    }

    g = calloc(1, sizeof(frontier_gone_t));
    if (g == NULL) {
        return;
    }

    memcpy(g->id, id, ID_SIZE);
    HASH_ADD(hh, f->gone, id[0], ID_LEN, g);
}


static void
frontier_queue_forget_gone(frontier_t *f)
{
    frontier_gone_t  *g, *next;

    g = f->gone;
    HASH_CLEAR(hh, f->gone);

    for ( /* void */ ; g != NULL; g = next) {
        next = g->hh.next;
        free(g);
    }
}


/* Keep the end of a job until the store can take it. */
void
frontier_queue_put_off(frontier_t *f, frontier_job_t *j)
{
    DL_APPEND(f->unstored, j);

    if (f->retry.node.index == HEAP_NONE) {
        (void) loop_timer_set(f->loop, &f->retry, FRONTIER_RETRY);
    }
}


static void
frontier_queue_retry(loop_timer_t *timer)
{
    frontier_t      *f = timer->data;
    frontier_job_t  *j, *tmp, *unstored;

    unstored = f->unstored;
    f->unstored = NULL;

    DL_FOREACH_SAFE(unstored, j, tmp) {
        frontier_job_store(j);
    }
}


void
frontier_dispatch_soon(frontier_t *f)
{
    loop_defer(f->loop, &f->dispatch_task);
}


static void
frontier_dispatch(loop_task_t *task)
{
    size_t           n;
    frontier_t      *f = task->data;
    frontier_job_t  *j;

    /* counted, for one that could not begin is back in the list */
    for (n = f->nready; n > 0 && frontier_may_begin(f); n--) {

        j = frontier_next(f);
        if (j == NULL) {
            break;
        }

        frontier_queue_remove(f, j);
        f->running++;
        frontier_job_begin(j);
    }

    if (f->nready < FRONTIER_WINDOW / 2 && f->backlog) {
        frontier_refill(f);
    }

    if (f->draining) {
        frontier_drain_check(f);
    }
}


static int
frontier_may_begin(const frontier_t *f)
{
    return f->running < (size_t) f->settings->max_connections
           && f->storing < FRONTIER_MAX_STORING
           && pool_waiting(f->pool) < FRONTIER_MAX_PAGES
           && f->pause.node.index == HEAP_NONE;
}


static frontier_job_t *
frontier_next(const frontier_t *f)
{
    frontier_job_t  *j;

    if (!f->draining) {
        return f->ready;
    }

    /* what is durable can wait for the next start; who waits here cannot */
    DL_FOREACH(f->ready, j) {
        if (j->durability == JOB_TRANSIENT) {
            return j;
        }
    }

    return NULL;
}


static void
frontier_refill(frontier_t *f)
{
    if (f->refilling || f->draining || f->pause.node.index != HEAP_NONE) {
        return;
    }

    if (f->after == 0) {
        f->scan_evicted = f->evicted;
    }

    if (store_jobs_unended(f->store, f->after, FRONTIER_REFILL,
                           frontier_refilled, f)
        != SC_OK)
    {
        frontier_pause(f);
        return;
    }

    f->refilling = 1;
}


static void
frontier_refilled(void *data, store_status_t status, const store_job_t *jobs,
    size_t n)
{
    size_t            i;
    frontier_t       *f = data;
    frontier_gone_t  *g;

    f->refilling = 0;

    if (status != STORE_OK) {
        frontier_queue_forget_gone(f);
        frontier_pause(f);
        return;
    }

    for (i = 0; i < n; i++) {
        f->after = jobs[i].seq;

        HASH_FIND(hh, f->gone, jobs[i].id, ID_LEN, g);
        if (g == NULL) {
            frontier_restore(f, &jobs[i]);
        }
    }

    frontier_queue_forget_gone(f);

    if (n < FRONTIER_REFILL) {
        /* a job left to the store behind the scan's back needs another */
        f->backlog = f->evicted != f->scan_evicted;
        f->after = 0;
    }

    frontier_dispatch_soon(f);
}


/* Begin nothing for a while: we are out of something. */
void
frontier_pause(frontier_t *f)
{
    if (loop_timer_set(f->loop, &f->pause, FRONTIER_PAUSE) != SC_OK) {
        frontier_dispatch_soon(f);
    }
}


static void
frontier_unpause(loop_timer_t *timer)
{
    frontier_dispatch_soon(timer->data);
}


void
frontier_drain(frontier_t *f, int64_t timeout, void (*done)(void *data),
    void *data)
{
    f->draining = 1;
    f->drained = done;
    f->drained_data = data;

    (void) loop_timer_set(f->loop, &f->drain_timer, timeout);
    frontier_dispatch_soon(f);
}


static void
frontier_drain_check(frontier_t *f)
{
    if (f->running == 0 && f->storing == 0 && f->transients == 0) {
        frontier_drain_timeout(&f->drain_timer);
    }
}


static void
frontier_drain_timeout(loop_timer_t *timer)
{
    frontier_t  *f = timer->data;
    void       (*drained)(void *data) = f->drained;

    if (drained == NULL) {
        return;
    }

    f->drained = NULL;
    loop_timer_del(f->loop, &f->drain_timer);
    drained(f->drained_data);
}
