
/*
 * What the parts of the table of hosts share; for sidecar/hosts/hosts*.c
 * alone.
 *
 *     hosts.c         the table: who is in it, and for how long
 *     hosts_order.c   its hosts in order of name
 *     hosts_keep.c    what of them is in the store
 *     hosts_json.c    both as JSON
 */

#ifndef HOSTS_INTERNAL_H
#define HOSTS_INTERNAL_H


/* a host that finds no memory is not added, and hh.tbl stays NULL */
#define HASH_NONFATAL_OOM    1

#include "sidecar/hosts/hosts.h"


#define HOSTS_LEVELS       16       /* of a skip list: enough for 4^16 hosts */

/* what is left of one after a restart */
#define HOSTS_MAX_BLOCK    ((int64_t) 30 * 86400 * LOOP_SEC)


typedef struct hosts_entry_s  hosts_entry_t;


/*
 * A host and its places in the table's structures.
 *
 * idle        among those nobody refers to, by the time it is dropped
 * next_dirty  of those to be written
 * written     the store has a document of it
 * levels      of next[], from 1
 * next        behind it in order of name, on each level of the skip list
 */
struct hosts_entry_s {
    host_t           host;
    heap_node_t      idle;
    hosts_entry_t   *next_dirty;
    unsigned         written:1;
    unsigned         levels;
    hosts_entry_t   *next[];
};


/*
 * table       all by name
 * first       the first on each level of the skip list
 * idle        with a time to be dropped; expire fires at the first
 * dirty       to be written, the oldest first; flush fires when flushing
 * random      state of a generator, for the levels
 * started     when the table was made
 * after       name of the last document read at the start
 */
struct hosts_s {
    loop_t           *loop;
    store_t          *store;
    host_limits_t     limits;
    void            (*ready)(void *data);
    void             *data;
    host_t           *table;
    hosts_entry_t    *first[HOSTS_LEVELS];
    heap_t            idle;
    loop_timer_t      expire;
    hosts_entry_t    *dirty;
    hosts_entry_t   **dirty_end;
    loop_timer_t      flush;
    int               flushing;
    uint64_t          random;
    int64_t           started;
    char              after[HOSTS_NAME_SIZE];
};


/* A level for a new host: 1, and each further one with a chance of 1 in 4. */
unsigned hosts_order_levels(hosts_t *h);

/* Put in and take out of the order of names. */
void hosts_order_insert(hosts_t *h, hosts_entry_t *entry);
void hosts_order_remove(hosts_t *h, hosts_entry_t *entry);

/* The host by this name, made when missing; NULL when memory is out. */
hosts_entry_t *hosts_entry(hosts_t *h, const char *name);

/*
 * Whether name is one: as hosts_get() makes it of a URL, so that each host has
 * one name alone.
 */
int hosts_name_valid(const char *name);

/*
 * Drop a host that nobody refers to and that has nothing to keep; else see to
 * it that this is asked again when it may be so.
 */
void hosts_settle(hosts_t *h, hosts_entry_t *entry);

/* Nothing may begin before the delay since the start is over. */
void hosts_grace(hosts_t *h, host_state_t *state, int64_t delay);

/* Begin to read what was kept; SC_OK, or SC_ERROR when memory is out. */
int hosts_keep_read(hosts_t *h);

/*
 * Note that a host is to be written, if what the store has of it is not what
 * it should have; the timer writes it.
 */
void hosts_keep_changed(hosts_t *h, hosts_entry_t *entry);

/* A timer's handler: write, so many a round. */
void hosts_keep_timer(loop_timer_t *timer);

/* Write what changed, at most limit hosts; SC_ERROR when memory is out. */
int hosts_keep_flush(hosts_t *h, size_t limit);

/* The store forgets it; SC_OK, or SC_ERROR when memory is out. */
int hosts_keep_delete(hosts_t *h, hosts_entry_t *entry);

/*
 * What is kept of a host, appended to out: times are milliseconds since 1970,
 * durations nanoseconds.  now_ms is what the clock says at now.
 */
int hosts_json_write(const host_t *host, int64_t now, int64_t now_ms,
    sc_buf_t *out);

/*
 * Make host what body says that was written at at_ms.  A clock that went back
 * makes nothing longer than it was; no value is trusted.  SC_OK, or SC_ERROR
 * with host unchanged when it is not ours, or memory is out.
 */
int hosts_json_read(host_t *host, sc_str_t body, int64_t at_ms, int64_t now,
    int64_t now_ms);


#endif /* HOSTS_INTERNAL_H */
