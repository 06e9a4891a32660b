
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"


/*
 * How many jobs of a tenant have not ended: those made since the start, and of
 * those before it the ones in memory.
 */
struct frontier_tenant_s {
    UT_hash_handle  hh;
    size_t          jobs;
    size_t          len;
    char            name[];
};


static int frontier_tenant_old(const frontier_job_t *j);


frontier_tenant_t *
frontier_tenant_get(frontier_t *f, sc_str_t name)
{
    frontier_tenant_t  *t;

    HASH_FIND(hh, f->tenants, name.data, name.len, t);
    if (t != NULL) {
        return t;
    }

    t = calloc(1, sizeof(frontier_tenant_t) + name.len + 1);
    if (t == NULL) {
        return NULL;
    }

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
    frontier_tenant_t  *t;

    if (f->draining) {
        return FRONTIER_DRAINING;
    }

    if (f->queued >= (size_t) f->settings->max_queue) {
        return FRONTIER_QUEUE_FULL;
    }

    if (f->settings->tenant_queue == 0) {
        return FRONTIER_OK;
    }

    t = frontier_tenant_get(f, tenant);

    if (t != NULL && t->jobs >= (size_t) f->settings->tenant_queue) {
        return FRONTIER_TENANT_FULL;
    }

    return FRONTIER_OK;
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

    HASH_ITER(hh, f->tenants, t, tmp) {
        HASH_DEL(f->tenants, t);
        free(t);
    }
}
