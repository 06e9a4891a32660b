
/*
 * Whose turn it is to be fetched: what is ready in memory, in three lanes,
 * shared fairly between tenants and between the flows of a tenant (deficit
 * round-robin), each host as politely as hosts/ says.
 *
 *     lane: tenants: flows: queues (a flow's items for one host): items
 *
 * A queue is in its flow's ring while its host may be fetched from; a host's
 * timer, a fetch that ends and a change of its limits bring it back.  On the
 * loop, without any I/O.
 */

#ifndef LANES_H
#define LANES_H


#include "sidecar/hosts/hosts.h"


/* pages a flow may begin before the next one has its turn */
#define LANES_QUANTUM      8

/* a page costs one, and one more for so many bytes */
#define LANES_COST_BYTES   65536

/* of this many turns in a row, the lane below gets one */
#define LANES_LANE_TURNS   8


typedef struct lanes_s         lanes_t;
typedef struct lanes_item_s    lanes_item_t;
typedef struct lanes_queue_s   lanes_queue_t;
typedef struct lanes_flow_s    lanes_flow_t;


typedef enum {
    LANES_INTERACTIVE = 0,      /* somebody waits */
    LANES_BATCH,
    LANES_CRAWL,
    LANES_N
} lanes_lane_t;


/*
 * Something to fetch, embedded in its owner.  Fill in all but the scheduler's
 * own members (0), which begin with next.
 *
 * lane      and
 * flow      say whose turn it takes: a job, or a tenant's single pages
 * priority  higher goes first within its queue
 * host      with a reference that the item's owner holds
 * wish      more politeness than the host asks for
 */
struct lanes_item_s {
    lanes_lane_t      lane;
    uint64_t          flow;
    sc_str_t          tenant;
    int               priority;
    host_t           *host;
    host_wish_t       wish;

    lanes_item_t     *next;
    lanes_item_t     *prev;
    lanes_queue_t    *queue;
    lanes_flow_t     *account;
};


/*
 * Limits of a tenant; 0 is none, but for left.
 *
 * connections  fetches under way at once
 * rate         bytes a second
 * left         fetches under way at once, for another reason; 0: none at all,
 *              INT64_MAX: any
 */
typedef struct {
    int64_t  connections;
    int64_t  rate;
    int64_t  left;
} lanes_limits_t;


/* Fill in the limits of a tenant, which are those of all when called. */
typedef void (*lanes_limits_pt)(void *data, sc_str_t tenant,
    lanes_limits_t *limits);


/*
 * ready is called, from the loop, when lanes_next() may have something again
 * that it had not before.  NULL when memory is out.
 */
lanes_t *lanes_create(loop_t *loop, const lanes_limits_t *limits,
    void (*ready)(void *data), void *data);

/*
 * Ask for each tenant's own limits: when it appears, and of one that is there
 * or of all when they are changed.
 */
void lanes_ask(lanes_t *s, lanes_limits_pt ask, void *data);
void lanes_tenant_changed(lanes_t *s, sc_str_t tenant);
void lanes_tenants_changed(lanes_t *s);

/* Items of a tenant under way; of a flow. */
int64_t lanes_running(const lanes_t *s, sc_str_t tenant);
size_t lanes_flow_running(const lanes_t *s, lanes_lane_t lane,
    uint64_t flow);

/* No item may be in it or under way. */
void lanes_destroy(lanes_t *s);

/*
 * Put an item in, behind those of its priority, or before them (it has waited
 * already).  SC_OK, or SC_ERROR when memory is out.
 */
int lanes_push(lanes_t *s, lanes_item_t *item, int front);

/* Take out an item that waits. */
void lanes_remove(lanes_t *s, lanes_item_t *item);

/*
 * The item that is to begin now, of the lanes up to last; NULL if none may.
 * It is under way then, for its host and its tenant, until lanes_end().
 */
lanes_item_t *lanes_next(lanes_t *s, lanes_lane_t last);

/*
 * An item under way has ended with this outcome, or was cancelled (NULL).
 * bytes is what came; it is charged to the flow.
 */
void lanes_end(lanes_t *s, lanes_item_t *item, const host_outcome_t *outcome,
    int64_t bytes);

/* The bytes a second of the item's tenant, for fetches; NULL: no limit. */
rate_t *lanes_rate(lanes_item_t *item);

/*
 * At most n items of a flow are under way at once, 0: any.  A limit stays
 * until it is taken back.  SC_OK, or SC_ERROR when memory is out.
 */
int lanes_flow_limit(lanes_t *s, lanes_lane_t lane, uint64_t flow,
    sc_str_t tenant, int64_t n);

/* Something about a host has changed from outside. */
void lanes_host_changed(lanes_t *s, host_t *host);

/*
 * How long the item's host keeps it waiting, in nanoseconds, as host_wait()
 * says.
 */
int64_t lanes_wait(const lanes_t *s, const lanes_item_t *item);

/*
 * The items of a flow that wait for a host, this one included: how many, and
 * the last of them.
 */
size_t lanes_queued(const lanes_item_t *item);
lanes_item_t *lanes_last(const lanes_item_t *item);

/* Items that wait, in all and of a lane. */
size_t lanes_count(const lanes_t *s);
size_t lanes_waiting(const lanes_t *s, lanes_lane_t lane);

/*
 * Items by lane: those that wait and whose host may be fetched from, those
 * whose host has to wait, those under way.
 */
typedef struct {
    size_t  ready[LANES_N];
    size_t  waiting[LANES_N];
    size_t  running[LANES_N];
} lanes_stats_t;

/* It takes longer the more queues there are. */
void lanes_stats(const lanes_t *s, lanes_stats_t *stats);

/* The first item that waits, in no order; NULL if none does. */
lanes_item_t *lanes_any(lanes_t *s);


#endif /* LANES_H */
