
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/frontier/frontier_internal.h"
#include "sidecar/frontier/frontier_share.h"


static int frontier_flow_is(const frontier_job_t *j, int lane, int64_t flow);
static void frontier_flow_forget(frontier_job_t *j);


frontier_flow_t *
frontier_flow_get(frontier_t *f, int lane, int64_t id, sc_str_t tenant)
{
    frontier_flow_t      *flow;
    frontier_flow_key_t   key;

    memset(&key, 0, sizeof(key));
    key.flow = id;
    key.lane = lane;

    HASH_FIND(hh, f->flows, &key, sizeof(key), flow);
    if (flow != NULL) {
        return flow;
    }

    flow = calloc(1, sizeof(frontier_flow_t));
    if (flow == NULL) {
        return NULL;
    }

    flow->key = key;
    flow->frontier = f;
    flow->host = INT64_MIN;
    flow->account = frontier_tenant_get(f, tenant);
    flow->resting = frontier_tenant_over(f, tenant) & 1u;
    sc_buf_init(&flow->tenant, 0);

    if (sc_buf_add_str(&flow->tenant, tenant) == SC_OK
        && flow->account != NULL)
    {
        HASH_ADD(hh, f->flows, key, sizeof(key), flow);
    }

    if (flow->hh.tbl == NULL) {
        sc_buf_free(&flow->tenant);
        free(flow);
        return NULL;
    }

    return flow;
}


void
frontier_flow_rescan(frontier_flow_t *flow)
{
    flow->backlog = 1;
    flow->left = 1;

    if (!flow->reading) {
        flow->due = 0;
        flow->host = INT64_MIN;
    }

    frontier_share_look(flow);
}


void
frontier_flow_free(frontier_flow_t *flow)
{
    frontier_share_forget(flow);
    HASH_DEL(flow->frontier->flows, flow);
    sc_buf_free(&flow->tenant);
    free(flow);
}


void
frontier_flow_fed(frontier_t *f, int lane, int64_t id, sc_str_t tenant,
    size_t n)
{
    frontier_flow_t  *flow;

    f->queued += n;
    frontier_tenant_add(frontier_tenant_get(f, tenant), n);
    flow = frontier_flow_get(f, lane, id, tenant);

    if (flow != NULL) {
        /* a scan under way has been at its beginning already */
        flow->left = 1;
        flow->backlog = 1;
        frontier_share_look(flow);
        frontier_dispatch_soon(f);

    } else {
        /* memory is out: the store knows the flow */
        f->unread = 1;
    }
}


int
frontier_flow_pause(frontier_t *f, int lane, int64_t id, sc_str_t tenant,
    int on)
{
    frontier_job_t   *j, *tmp;
    frontier_flow_t  *flow;

    flow = frontier_flow_get(f, lane, id, tenant);
    if (flow == NULL) {
        return SC_ERROR;
    }

    flow->paused = (on != 0);
    frontier_flow_rescan(flow);

    if (!on) {
        frontier_dispatch_soon(f);
        return SC_OK;
    }

    HASH_ITER(hh, f->jobs, j, tmp) {
        if (frontier_flow_is(j, lane, id) && frontier_flow_leavable(j)) {
            frontier_queue_more(j->queue, 0);
            frontier_flow_leave(j);
        }
    }

    return SC_OK;
}


int
frontier_flow_rests(const frontier_flow_t *flow)
{
    return flow->paused || flow->resting;
}


static int
frontier_flow_is(const frontier_job_t *j, int lane, int64_t flow)
{
    return j->row.parent != 0 && j->row.flow == flow && j->row.lane == lane;
}


int
frontier_flow_leavable(const frontier_job_t *j)
{
    return j->stage == JOB_FLYING && j->durability == JOB_DURABLE
           && j->waits == NULL && j->queue != NULL
           && j->flight->stage == FLIGHT_READY && !j->flight->begun;
}


void
frontier_flow_leave(frontier_job_t *j)
{
    HASH_DEL(j->frontier->jobs, j);
    frontier_tenant_evicted(j);
    frontier_flight_leave(j);
    frontier_queue_leave(j);
    frontier_job_free(j);
}


void
frontier_flow_drop(frontier_t *f, int lane, int64_t id, sc_str_t tenant,
    size_t n)
{
    frontier_job_t  *j, *tmp;

    HASH_ITER(hh, f->jobs, j, tmp) {
        if (!frontier_flow_is(j, lane, id) || j->stage == JOB_STORING) {
            continue;
        }

        if (j->waits != NULL) {
            frontier_job_cancel(j);

        } else {
            frontier_flow_forget(j);
        }
    }

    f->queued -= n < f->queued ? n : f->queued;
    frontier_tenant_sub(frontier_tenant_get(f, tenant), n);
}


static void
frontier_flow_forget(frontier_job_t *j)
{
    frontier_t  *f = j->frontier;

    frontier_job_stop(j);
    HASH_DEL(f->jobs, j);
    frontier_gone(f, j->row.id);
    frontier_queue_leave(j);
    frontier_job_free(j);
}


int
frontier_flow_wish(frontier_t *f, int lane, int64_t id, sc_str_t tenant,
    const host_wish_t *wish)
{
    int               paused;
    frontier_flow_t  *flow;

    flow = frontier_flow_get(f, lane, id, tenant);
    if (flow == NULL) {
        return SC_ERROR;
    }

    paused = flow->paused;
    flow->wish = *wish;
    flow->wished = (wish->concurrency != 0 || wish->delay != 0);
    (void) frontier_flow_pause(f, lane, id, tenant, 1);

    return frontier_flow_pause(f, lane, id, tenant, paused);
}


const host_wish_t *
frontier_flow_wished(frontier_t *f, const store_job_t *row)
{
    frontier_flow_t      *flow;
    frontier_flow_key_t   key;

    if (row->parent == 0) {
        return NULL;
    }

    memset(&key, 0, sizeof(key));
    key.flow = row->flow;
    key.lane = row->lane;
    HASH_FIND(hh, f->flows, &key, sizeof(key), flow);

    return flow != NULL && flow->wished ? &flow->wish : NULL;
}


void
frontier_flow_limit(frontier_t *f, int lane, int64_t flow, sc_str_t tenant,
    int64_t n)
{
    if (lanes_flow_limit(f->lanes, (lanes_lane_t) lane, (uint64_t) flow,
                         tenant, n)
        == SC_OK)
    {
        frontier_dispatch_soon(f);
    }
}


size_t
frontier_flow_busy(const frontier_t *f, int lane, int64_t flow)
{
    size_t           n;
    frontier_job_t  *j, *tmp;

    n = 0;

    HASH_ITER(hh, f->jobs, j, tmp) {
        n += frontier_flow_is(j, lane, flow)
             && (j->stage == JOB_EXTRACTING
                 || (j->stage == JOB_FLYING && j->flight->begun));
    }

    return n;
}


int64_t
frontier_flow_next(const frontier_t *f, int lane, int64_t flow)
{
    int64_t          wait, least;
    frontier_job_t  *j, *tmp;

    least = -1;

    HASH_ITER(hh, f->jobs, j, tmp) {
        if (!frontier_flow_is(j, lane, flow) || j->stage != JOB_FLYING
            || j->flight->stage != FLIGHT_READY)
        {
            continue;
        }

        wait = lanes_wait(f->lanes, &j->flight->item);

        if (wait != HOST_BUSY && (least < 0 || wait < least)) {
            least = wait;
        }
    }

    return least;
}
