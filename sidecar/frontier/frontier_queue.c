
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/frontier/frontier_internal.h"
#include "sidecar/frontier/frontier_share.h"


/* a host that keeps us waiting for longer gives its place up */
#define QUEUE_PATIENCE  LOOP_SEC


static void frontier_queue_key(frontier_queue_key_t *key,
    frontier_flow_t *flow, int64_t host);
static frontier_job_t *frontier_queue_last(frontier_job_t *j);
static void frontier_queue_deferred(void *data, store_status_t status);


frontier_queue_t *
frontier_queue_find(frontier_flow_t *flow, int64_t host)
{
    frontier_queue_t      *q;
    frontier_queue_key_t   key;

    frontier_queue_key(&key, flow, host);
    HASH_FIND(hh, flow->frontier->queues, &key, sizeof(key), q);

    return q;
}


/* A key is compared with what lies between its members. */
static void
frontier_queue_key(frontier_queue_key_t *key, frontier_flow_t *flow,
    int64_t host)
{
    memset(key, 0, sizeof(frontier_queue_key_t));
    key->flow = flow;
    key->host = host;
}


frontier_queue_t *
frontier_queue_get(frontier_flow_t *flow, int64_t host)
{
    frontier_t        *f = flow->frontier;
    frontier_queue_t  *q;

    q = frontier_queue_find(flow, host);
    if (q != NULL) {
        return q;
    }

    q = calloc(1, sizeof(frontier_queue_t));
    if (q == NULL) {
        return NULL;
    }

    frontier_queue_key(&q->key, flow, host);
    q->frontier = f;
    HASH_ADD(hh, f->queues, key, sizeof(frontier_queue_key_t), q);

    if (q->hh.tbl == NULL) {
        free(q);
        return NULL;
    }

    flow->queues++;

    return q;
}


void
frontier_queue_enter(frontier_job_t *j)
{
    frontier_t       *f = j->frontier;
    frontier_flow_t  *flow;

    flow = frontier_flow_get(f, j->row.lane, j->row.flow, j->row.tenant);

    if (flow != NULL && j->queue == NULL) {
        j->queue = frontier_queue_get(flow, j->row.host);
    }

    if (j->queue == NULL) {
        /* without memory to count it, its queue is settled by another */
        return;
    }

    flow = j->queue->key.flow;
    j->queue->held++;
    flow->held++;
    flow->account->held++;
    f->rows++;
    frontier_share_look(flow);
}


void
frontier_queue_leave(frontier_job_t *j)
{
    frontier_flow_t   *flow;
    frontier_queue_t  *q = j->queue;

    if (q == NULL) {
        return;
    }

    flow = q->key.flow;
    j->queue = NULL;
    q->held--;
    flow->held--;
    flow->account->held--;
    q->frontier->rows--;

    frontier_queue_release(q);
    frontier_share_look(flow);

    if (flow->hungry) {
        frontier_dispatch_soon(flow->frontier);
    }
}


void
frontier_queue_release(frontier_queue_t *q)
{
    frontier_t       *f = q->frontier;
    frontier_flow_t  *flow = q->key.flow;

    if (q->held > 0 || q->more || q->reading) {
        return;
    }

    (void) store_queue_settle(f->store, (int) flow->key.lane, flow->key.flow,
                              q->key.host, q->not_before);

    HASH_DEL(f->queues, q);
    flow->queues--;
    flow->check = 0;
    free(q);
}


void
frontier_queue_more(frontier_queue_t *q, int more)
{
    frontier_flow_t  *flow = q->key.flow;

    if (q->more == (more != 0)) {
        return;
    }

    q->more = (more != 0);

    if (more) {
        DL_APPEND(flow->more, q);
        flow->nmore++;

    } else {
        DL_DELETE(flow->more, q);
        flow->nmore--;
    }
}


/*
 * Leave a durable job to the store when enough others are ready: the last one
 * of its host, which this one need not be.
 */
void
frontier_queue_evict(frontier_job_t *j)
{
    frontier_t        *f = j->frontier;
    frontier_queue_t  *q;

    if (!frontier_flow_leavable(j)
        || !frontier_share_exceeded(j->queue->key.flow)
        || (j->flight->jobs->next != NULL && f->rows < FRONTIER_MAX_JOBS))
    {
        return;
    }

    j = frontier_queue_last(j);
    q = j->queue;

    if (q->held > 1) {
        frontier_queue_more(q, 1);
    }

    q->key.flow->backlog = 1;
    q->key.flow->left = 1;
    frontier_flow_leave(j);
}


static frontier_job_t *
frontier_queue_last(frontier_job_t *j)
{
    frontier_job_t     *last;
    frontier_flight_t  *fl = j->flight;

    if (fl->item.queue == NULL) {
        return j;
    }

    fl = (frontier_flight_t *) ((char *) lanes_last(&fl->item)
                                - offsetof(frontier_flight_t, item));
    last = fl->jobs;

    return last != NULL && last->next == NULL && frontier_flow_leavable(last)
           ? last : j;
}


/* A read begun before this is on disk shows the job as it was. */
int
frontier_queue_defer(frontier_job_t *j, int64_t due)
{
    frontier_t  *f = j->frontier;

    if (store_job_defer(f->store, &j->row, due, frontier_queue_deferred, f)
        != SC_OK)
    {
        return SC_ERROR;
    }

    frontier_refill_begun(f);
    frontier_gone(f, j->row.id);

    frontier_flow_leave(j);

    return SC_OK;
}


static void
frontier_queue_deferred(void *data, store_status_t status)
{
    (void) status;

    frontier_refill_ended(data);
}


/*
 * Hosts that keep us waiting may not fill the window: others have work.  Their
 * queues say in the store from when on they are to be looked at again.
 */

void
frontier_make_room(frontier_t *f)
{
    int64_t            wait;
    frontier_job_t    *j, *tmp;
    frontier_flow_t   *flow, *ftmp;

    HASH_ITER(hh, f->flows, flow, ftmp) {
        flow->cramped = frontier_share_cramped(flow) & 1u;
    }

    HASH_ITER(hh, f->jobs, j, tmp) {
        if (!frontier_flow_leavable(j) || !j->queue->key.flow->cramped) {
            continue;
        }

        wait = lanes_wait(f->lanes, &j->flight->item);

        if (wait > QUEUE_PATIENCE) {
            j->queue->not_before = id_now_ms() + wait / LOOP_MS;
            frontier_queue_more(j->queue, 0);
            frontier_flow_leave(j);
        }
    }

    frontier_dispatch_soon(f);
}


void
frontier_queues_free(frontier_t *f)
{
    frontier_queue_t  *q, *next;

    /* the table goes first, the queues still know their neighbours */
    q = f->queues;
    HASH_CLEAR(hh, f->queues);

    for ( /* void */ ; q != NULL; q = next) {
        next = q->hh.next;
        store_forget(f->store, q);
        free(q);
    }
}
