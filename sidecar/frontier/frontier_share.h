
/*
 * The window of the frontier, jobs in memory beside those in the store, is
 * shared by the tenants that have something in either, and a tenant's share by
 * its flows.  A flow with less than half of its share is read, whatever others
 * have in memory; so nobody's turn is lost because another's jobs are many.
 */

#ifndef FRONTIER_SHARE_H
#define FRONTIER_SHARE_H


#include "sidecar/frontier/frontier_internal.h"


/*
 * A tenant.
 *
 * jobs    of it that have not ended: those made since the start, and of those
 *         before it the ones in memory
 * flows   of it that share the window
 * held    jobs of it in memory that the store has too
 * hungry  flows that are to be read, the one that has waited longest first
 * turn    it is in f->hungry
 */
struct frontier_tenant_s {
    UT_hash_handle      hh;
    frontier_t         *frontier;
    frontier_tenant_t  *next;
    frontier_tenant_t  *prev;
    frontier_flow_t    *hungry;
    size_t              jobs;
    size_t              flows;
    size_t              held;
    unsigned            turn:1;
    size_t              len;
    char                name[];
};


/*
 * frontier_share_look      something about a flow has changed: is it to be
 *                          read?
 * frontier_share_forget    it goes
 * frontier_share_next      the flow that is to be read now; NULL: none, or
 *                          there are too many jobs in memory
 * frontier_share_of        jobs of a flow that may wait in memory
 * frontier_share_waiting   those that do: they are not being fetched
 * frontier_share_exceeded  these are more than they may be
 * frontier_share_cramped   they stand in the way of others that could begin
 */
void frontier_share_look(frontier_flow_t *flow);
void frontier_share_forget(frontier_flow_t *flow);
frontier_flow_t *frontier_share_next(frontier_t *f);
size_t frontier_share_of(const frontier_flow_t *flow);
size_t frontier_share_waiting(const frontier_flow_t *flow);
int frontier_share_exceeded(const frontier_flow_t *flow);
int frontier_share_cramped(const frontier_flow_t *flow);


#endif /* FRONTIER_SHARE_H */
