
/*
 * What the parts of the scheduler share.
 *
 *     lanes.c        items in and out; whose turn it is
 *     lanes_queue.c  queues and flows: made when needed
 *     lanes_host.c   the queues of a host, ready or not
 *     lanes_tenant.c tenants: made when needed, their limits
 */

#ifndef LANES_INTERNAL_H
#define LANES_INTERNAL_H


#define HASH_NONFATAL_OOM    1
#include <uthash.h>

#include "sidecar/lanes/lanes.h"


typedef struct lanes_share_s   lanes_share_t;
typedef struct lanes_host_s    lanes_host_t;
typedef struct lanes_tenant_s  lanes_tenant_t;


/* A flow's name. */
typedef struct {
    uint64_t  flow;
    uint64_t  lane;
} lanes_flow_key_t;


/* A queue's name. */
typedef struct {
    lanes_flow_t  *flow;
    lanes_host_t  *host;
} lanes_queue_key_t;


/* The items of one flow for one host; ready: it is in flow->ready. */
struct lanes_queue_s {
    UT_hash_handle      hh;
    lanes_queue_key_t   key;
    lanes_queue_t      *next;
    lanes_queue_t      *prev;
    lanes_queue_t      *host_next;
    lanes_queue_t      *host_prev;
    lanes_item_t       *items;
    size_t              n;
    unsigned            ready:1;
};


/*
 * A flow of a lane; in its share's ring (listed) while one of its queues is
 * ready and it is below its limit.
 *
 * credit   pages it may still begin in this turn; negative is debt
 * running  items under way
 * limit    most of them, 0: any
 */
struct lanes_flow_s {
    UT_hash_handle      hh;
    lanes_flow_key_t    key;
    lanes_flow_t       *next;
    lanes_flow_t       *prev;
    lanes_share_t      *share;
    lanes_queue_t      *ready;
    size_t              queues;
    int64_t             credit;
    int64_t             running;
    int64_t             limit;
    unsigned            listed:1;
};


/* What a tenant has in one lane; in the lane's ring while a flow is ready. */
struct lanes_share_s {
    lanes_share_t      *next;
    lanes_share_t      *prev;
    lanes_tenant_t     *tenant;
    lanes_lane_t        lane;
    lanes_flow_t       *ready;
    int64_t             credit;
};


/*
 * refs     flows
 * running  items under way
 * idle     it has no flow, and is in the list of those whose bucket is not
 *          full yet
 */
struct lanes_tenant_s {
    UT_hash_handle      hh;
    lanes_tenant_t     *next;
    lanes_tenant_t     *prev;
    unsigned            idle:1;
    size_t              refs;
    int64_t             running;
    lanes_limits_t      limits;
    rate_t              rate;
    lanes_share_t       shares[LANES_N];
    size_t              len;
    char                name[];
};


/* host->data: there while it has queues or items under way. */
struct lanes_host_s {
    lanes_t            *sched;
    host_t             *host;
    lanes_queue_t      *queues;
    size_t              running;
    loop_timer_t        timer;
};


/*
 * lanes  the shares that are ready
 * turns  a lane has had in a row while a lower one waited
 */
struct lanes_s {
    loop_t             *loop;
    lanes_limits_t      limits;
    lanes_limits_pt     ask;
    void               *ask_data;
    void              (*ready)(void *data);
    void               *data;
    lanes_tenant_t     *tenants;
    lanes_tenant_t     *idle;
    lanes_flow_t       *flows;
    lanes_queue_t      *queues;
    lanes_share_t      *lanes[LANES_N];
    int                 turns[LANES_N];
    size_t              counts[LANES_N];
};


/* The queue an item belongs to, made when missing; NULL: memory is out. */
lanes_queue_t *lanes_queue_get(lanes_t *s, const lanes_item_t *item);

/* Free it when it is empty, and its flow and tenant with it. */
void lanes_queue_release(lanes_t *s, lanes_queue_t *q);

/* Put it in its flow's ring, or take it out. */
void lanes_queue_ready(lanes_t *s, lanes_queue_t *q);
void lanes_queue_unready(lanes_t *s, lanes_queue_t *q);

/*
 * The flow of this name, made when missing; NULL: memory is out.  It is freed
 * when nothing of it waits or is under way, and it has no limit.
 */
lanes_flow_t *lanes_flow_get(lanes_t *s, lanes_lane_t lane, uint64_t flow,
    sc_str_t tenant);
void lanes_flow_release(lanes_t *s, lanes_flow_t *f);

/* Put it in its share's ring, or take it out. */
void lanes_flow_update(lanes_t *s, lanes_flow_t *f);

/*
 * The tenant of this name, made when missing; NULL: memory is out.  It is
 * freed when no flow has it and its bucket is full: one that comes back soon
 * must not find more than it left.  Whether one more item of it may begin.
 */
lanes_tenant_t *lanes_tenant_get(lanes_t *s, sc_str_t name);
void lanes_tenant_release(lanes_t *s, lanes_tenant_t *t);
void lanes_tenant_free(lanes_t *s, lanes_tenant_t *t);
int lanes_tenant_may(const lanes_tenant_t *t);

/* host->data, made when missing; NULL when memory is out. */
lanes_host_t *lanes_host_get(lanes_t *s, host_t *host);
void lanes_host_release(lanes_host_t *h);

/* Ask hosts/ anew which of its queues may go on. */
void lanes_host_update(lanes_host_t *h);


#endif /* LANES_INTERNAL_H */
