
#include <utlist.h>

#include "sidecar/core/log.h"
#include "sidecar/frontier/frontier_internal.h"


/*
 * Pages waiting for a worker, and ends for the store: no fetch is begun.  Of
 * pages that nobody waits for there are few: they are fetched as they are
 * used.
 */
#define FRONTIER_MAX_PAGES      64
#define FRONTIER_FEW_PAGES      4
#define FRONTIER_MAX_STORING    1024

/* fetches begun in one round of the loop */
#define FRONTIER_BURST          32

/* how long nothing is begun after we ran out of descriptors or memory */
#define FRONTIER_PAUSE          (100 * LOOP_MS)

/* when the store is told again what it could not take */
#define FRONTIER_RETRY          LOOP_SEC


static void frontier_dispatch(loop_task_t *task);
static lanes_item_t *frontier_dispatch_next(frontier_t *f);
static lanes_lane_t frontier_dispatch_lane(const frontier_t *f);
static void frontier_dispatch_retry(loop_timer_t *timer);
static void frontier_dispatch_unpause(loop_timer_t *timer);
static void frontier_drain_check(frontier_t *f);
static void frontier_drain_timeout(loop_timer_t *timer);


void
frontier_dispatch_open(frontier_t *f)
{
    f->dispatch_task.handler = frontier_dispatch;
    f->dispatch_task.data = f;
    loop_timer_init(&f->pause, frontier_dispatch_unpause, f);
    loop_timer_init(&f->retry, frontier_dispatch_retry, f);
    loop_timer_init(&f->drain_timer, frontier_drain_timeout, f);
}


void
frontier_dispatch_close(frontier_t *f)
{
    loop_undefer(&f->dispatch_task);
    loop_timer_del(f->loop, &f->pause);
    loop_timer_del(f->loop, &f->retry);
    loop_timer_del(f->loop, &f->drain_timer);
}


void
frontier_dispatch_soon(frontier_t *f)
{
    loop_defer(f->loop, &f->dispatch_task);
}


static void
frontier_dispatch(loop_task_t *task)
{
    size_t         n;
    frontier_t    *f = task->data;
    lanes_item_t  *item;

    /* counted, for one that could not begin is back in the scheduler */
    n = f->begun && !f->held ? lanes_count(f->lanes) : 0;

    if (n > FRONTIER_BURST) {
        /* who answers, and who asks, has a turn in between */
        n = FRONTIER_BURST;
        frontier_dispatch_soon(f);
    }

    for ( /* void */ ; n > 0; n--) {

        item = frontier_dispatch_next(f);

        if (item == NULL) {
            loop_undefer(task);
            break;
        }

        frontier_flight_begin((frontier_flight_t *)
                              ((char *) item
                               - offsetof(frontier_flight_t, item)));
    }

    if (f->begun && !f->held && !f->draining
        && f->pause.node.index == HEAP_NONE) {
        frontier_refill(f);
    }

    if (f->draining) {
        frontier_drain_check(f);
    }
}


static lanes_item_t *
frontier_dispatch_next(frontier_t *f)
{
    if (f->flying >= (size_t) f->settings->max_connections
        || f->storing >= FRONTIER_MAX_STORING
        || pool_waiting(f->parts.pool) >= FRONTIER_MAX_PAGES
        || f->pause.node.index != HEAP_NONE)
    {
        return NULL;
    }

    return lanes_next(f->lanes, frontier_dispatch_lane(f));
}


/*
 * Whoever waits is not to stand behind pages that nobody waits for: those
 * leave some connections free, and few pages to the workers.
 */

static lanes_lane_t
frontier_dispatch_lane(const frontier_t *f)
{
    size_t  reserve, max = (size_t) f->settings->max_connections;

    reserve = max / 10;

    if (pool_waiting(f->parts.pool) >= FRONTIER_FEW_PAGES
        || f->flying + reserve >= max)
    {
        return LANES_INTERACTIVE;
    }

    return LANES_CRAWL;
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
frontier_dispatch_unpause(loop_timer_t *timer)
{
    frontier_dispatch_soon(timer->data);
}


void
frontier_put_off(frontier_t *f, frontier_job_t *j)
{
    DL_APPEND(f->unstored, j);

    if (f->retry.node.index == HEAP_NONE) {
        (void) loop_timer_set(f->loop, &f->retry, FRONTIER_RETRY);
    }
}


static void
frontier_dispatch_retry(loop_timer_t *timer)
{
    frontier_t      *f = timer->data;
    frontier_job_t  *j, *tmp, *unstored;

    unstored = f->unstored;
    f->unstored = NULL;

    DL_FOREACH_SAFE(unstored, j, tmp) {
        frontier_end_store(j);
    }
}


void
frontier_drain(frontier_t *f, int64_t timeout, void (*done)(void *data),
    void *data)
{
    frontier_job_t  *j, *tmp;

    f->draining = 1;
    f->drained = done;
    f->drained_data = data;

    /* what is durable can wait for the next start; who waits here cannot */
    HASH_ITER(hh, f->jobs, j, tmp) {
        frontier_drain_leave(j);
    }

    (void) loop_timer_set(f->loop, &f->drain_timer, timeout);
    frontier_dispatch_soon(f);
}


void
frontier_drain_leave(frontier_job_t *j)
{
    frontier_job_t  *other;

    if (j->stage != JOB_FLYING || j->flight->stage != FLIGHT_READY) {
        return;
    }

    DL_FOREACH(j->flight->jobs, other) {
        if (other->durability != JOB_DURABLE) {
            return;
        }
    }

    frontier_flight_park(j->flight, FRONTIER_FOREVER);
}


static void
frontier_drain_check(frontier_t *f)
{
    if (f->flying == 0 && f->extracting == 0 && f->storing == 0
        && f->transients == 0)
    {
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
