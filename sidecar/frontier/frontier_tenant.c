
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/frontier/frontier_internal.h"
#include "sidecar/frontier/frontier_share.h"


static frontier_tenant_t *frontier_tenant_find(const frontier_t *f,
    sc_str_t name);
static void frontier_tenant_limits(void *data, sc_str_t tenant,
    lanes_limits_t *limits);
static int frontier_tenant_busy(void *data, sc_str_t tenant);
static void frontier_tenant_used(frontier_t *f, sc_str_t tenant,
    const store_usage_t *usage);
static void frontier_tenants_changed(void *data);
static void frontier_tenants_look(loop_task_t *task);
static int frontier_tenant_old(const frontier_job_t *j);


void
frontier_tenants_open(frontier_t *f)
{
    static const tenants_hooks_t  hooks = {
        .changed = frontier_tenants_changed,
        .busy = frontier_tenant_busy
    };

    f->tenant_task.handler = frontier_tenants_look;
    f->tenant_task.data = f;

    if (f->parts.tenants != NULL) {
        tenants_hook(f->parts.tenants, &hooks, f);
        lanes_ask(f->lanes, frontier_tenant_limits, f);
    }
}


static void
frontier_tenant_limits(void *data, sc_str_t tenant, lanes_limits_t *limits)
{
    frontier_t       *f = data;
    tenant_limits_t   own;

    tenants_limits(f->parts.tenants, f->settings, tenant, &own);
    limits->connections = own.fetches;
    limits->rate = own.rate;
    limits->left = tenants_left(f->parts.tenants, tenant);
}


static int
frontier_tenant_busy(void *data, sc_str_t tenant)
{
    return frontier_tenant_queued(data, tenant) > 0;
}


size_t
frontier_tenant_queued(const frontier_t *f, sc_str_t tenant)
{
    const frontier_tenant_t  *t = frontier_tenant_find(f, tenant);

    return t != NULL ? t->jobs : 0;
}


static frontier_tenant_t *
frontier_tenant_find(const frontier_t *f, sc_str_t name)
{
    frontier_tenant_t  *t;

    HASH_FIND(hh, f->tenants, name.data, name.len, t);

    return t;
}


int64_t
frontier_tenant_fetching(const frontier_t *f, sc_str_t tenant)
{
    return lanes_running(f->lanes, tenant);
}


frontier_tenant_t *
frontier_tenant_get(frontier_t *f, sc_str_t name)
{
    frontier_tenant_t  *t;

    t = frontier_tenant_find(f, name);
    if (t != NULL) {
        return t;
    }

    t = calloc(1, sizeof(frontier_tenant_t) + name.len + 1);
    if (t == NULL) {
        return NULL;
    }

    t->frontier = f;
    t->len = name.len;

    if (name.len > 0) {
        memcpy(t->name, name.data, name.len);
    }

    HASH_ADD(hh, f->tenants, name[0], t->len, t);

    if (t->hh.tbl == NULL) {
        free(t);
        return NULL;
    }

    return t;
}


frontier_status_t
frontier_accepts(frontier_t *f, sc_str_t tenant)
{
    tenant_limits_t   limits;

    if (f->draining) {
        return FRONTIER_DRAINING;
    }

    if (f->queued >= (size_t) f->settings->max_queue) {
        return FRONTIER_QUEUE_FULL;
    }

    tenants_limits(f->parts.tenants, f->settings, tenant, &limits);

    if (limits.queue > 0
        && frontier_tenant_queued(f, tenant) >= (size_t) limits.queue)
    {
        return FRONTIER_TENANT_FULL;
    }

    if (f->parts.tenants == NULL) {
        return FRONTIER_OK;
    }

    switch (tenants_over(f->parts.tenants, tenant)) {

    case TENANT_PAGES:
        return FRONTIER_TENANT_PAGES;

    case TENANT_BYTES:
        return FRONTIER_TENANT_BYTES;

    default:
        return FRONTIER_OK;
    }
}


int
frontier_tenant_over(frontier_t *f, sc_str_t tenant)
{
    return f->parts.tenants != NULL
           && tenants_over(f->parts.tenants, tenant) != TENANT_FREE;
}


int
frontier_allows(const frontier_t *f, sc_str_t tenant, const char *host)
{
    return tenants_allows(f->parts.tenants, tenant, host);
}


int
frontier_tenant_allows(const frontier_flight_t *fl)
{
    return tenants_allows(fl->frontier->parts.tenants, fl->item.tenant,
                          fl->hop.host);
}


void
frontier_tenant_job(frontier_t *f, sc_str_t tenant)
{
    store_usage_t  usage = { .day = tenants_today(), .jobs = 1 };

    if (f->parts.tenants != NULL) {
        tenants_add(f->parts.tenants, tenant, &usage);
    }
}


/* Jobs that share a page used it once; a login has none. */
void
frontier_tenant_landed(frontier_flight_t *fl)
{
    frontier_t      *f = fl->frontier;
    store_usage_t    usage = { .tenant = fl->item.tenant,
                               .day = tenants_today(),
                               .pages = 1,
                               .bytes = fl->came };
    frontier_job_t  *j = fl->jobs;

    if (!fl->reached) {
        return;
    }

    fl->reached = 0;
    fl->came = 0;
    frontier_tenant_used(f, usage.tenant, &usage);

    if (j == NULL) {
        (void) store_usage_put(f->store, &usage);
        return;
    }

    if (j->usage.day != usage.day) {
        frontier_tenant_settle(j);
    }

    j->usage.day = usage.day;
    j->usage.pages += usage.pages;
    j->usage.bytes += usage.bytes;
}


/* Nothing more begins at once; the rest when nobody is in the midst of it. */
static void
frontier_tenant_used(frontier_t *f, sc_str_t tenant,
    const store_usage_t *usage)
{
    if (f->parts.tenants == NULL) {
        return;
    }

    tenants_add(f->parts.tenants, tenant, usage);
    lanes_tenant_changed(f->lanes, tenant);

    if (frontier_tenant_over(f, tenant)) {
        loop_defer(f->loop, &f->tenant_task);
    }
}


void
frontier_tenant_settle(frontier_job_t *j)
{
    if (j->usage.pages > 0) {
        j->usage.tenant = j->row.tenant;
        (void) store_usage_put(j->frontier->store, &j->usage);
        memset(&j->usage, 0, sizeof(store_usage_t));
    }
}


/* Another day, or another file. */
static void
frontier_tenants_changed(void *data)
{
    frontier_t  *f = data;

    lanes_tenants_changed(f->lanes);
    loop_defer(f->loop, &f->tenant_task);
}


/*
 * What is ready of a tenant that may fetch no more is left to the store, so
 * that it does not stand in the place of others'.
 */

static void
frontier_tenants_look(loop_task_t *task)
{
    unsigned          rests;
    frontier_t       *f = task->data;
    frontier_job_t   *j, *jtmp;
    frontier_flow_t  *flow, *ftmp;

    HASH_ITER(hh, f->flows, flow, ftmp) {
        rests = frontier_tenant_over(f, (sc_str_t) { flow->tenant.len,
                                                     flow->tenant.data })
                & 1u;

        if (rests != flow->resting) {
            flow->resting = rests;
            frontier_flow_rescan(flow);
        }
    }

    HASH_ITER(hh, f->jobs, j, jtmp) {
        if (frontier_flow_leavable(j) && j->queue->key.flow->resting) {
            frontier_queue_more(j->queue, 0);
            frontier_flow_leave(j);
        }
    }

    frontier_dispatch_soon(f);
}


void
frontier_tenant_enter(frontier_job_t *j)
{
    j->account = frontier_tenant_get(j->frontier, j->row.tenant);
    frontier_tenant_add(j->account, 1);
}


/* A job of this process was counted when it was made. */
void
frontier_tenant_restored(frontier_job_t *j)
{
    j->account = frontier_tenant_get(j->frontier, j->row.tenant);

    if (frontier_tenant_old(j)) {
        frontier_tenant_add(j->account, 1);
    }
}


void
frontier_tenant_evicted(frontier_job_t *j)
{
    if (frontier_tenant_old(j)) {
        frontier_tenant_sub(j->account, 1);
    }
}


static int
frontier_tenant_old(const frontier_job_t *j)
{
    return j->row.created < j->frontier->opened;
}


void
frontier_tenant_add(frontier_tenant_t *account, size_t n)
{
    if (account != NULL) {
        account->jobs += n;
    }
}


void
frontier_tenant_sub(frontier_tenant_t *account, size_t n)
{
    if (account != NULL) {
        account->jobs -= n < account->jobs ? n : account->jobs;
    }
}


void
frontier_tenants_free(frontier_t *f)
{
    frontier_tenant_t  *t, *tmp;

    loop_undefer(&f->tenant_task);

    if (f->parts.tenants != NULL) {
        tenants_hook(f->parts.tenants, NULL, NULL);
    }

    HASH_ITER(hh, f->tenants, t, tmp) {
        HASH_DEL(f->tenants, t);
        free(t);
    }
}
