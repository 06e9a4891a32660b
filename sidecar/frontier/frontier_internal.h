
/*
 * What the files of this room share: the job in memory and the frontier
 * itself.  Nobody outside includes this.
 *
 *     frontier.c         the jobs in memory: submit, wait, persist, cancel
 *     frontier_queue.c   which is next: dispatch, refill, drain
 *     frontier_job.c     the way of one job: fetch, redirect, extract, store
 *     frontier_record.c  what is written down: fetch object, problem, result
 *     frontier_spec.c    a job's spec to the store's JSON and back
 */

#ifndef FRONTIER_INTERNAL_H
#define FRONTIER_INTERNAL_H


#include <uthash.h>

#include "sidecar/frontier/frontier.h"


/* jobs kept ready in memory beyond those under way; the store has the rest */
#define FRONTIER_WINDOW          1024

/* times a job is taken up again after a crash of ours before it is failed */
#define FRONTIER_MAX_ATTEMPTS    3

/* times a page may kill its worker */
#define FRONTIER_MAX_CRASHES     2


typedef enum {
    JOB_READY = 0,      /* in the ready list */
    JOB_FETCHING,
    JOB_EXTRACTING,
    JOB_STORING         /* ended; the store has been told */
} frontier_stage_t;


typedef enum {
    JOB_TRANSIENT = 0,  /* nobody was promised anything */
    JOB_PERSISTING,     /* on its way to disk */
    JOB_DURABLE
} frontier_durability_t;


typedef struct frontier_call_s  frontier_call_t;

/* A frontier_done_pt to be called: of a job, or put off by the frontier. */
struct frontier_call_s {
    frontier_call_t   *next;
    frontier_call_t   *prev;
    frontier_done_pt   done;
    void              *data;
    store_status_t     status;
};


/* A cancel of a job that only the store knows. */
typedef struct frontier_cancel_s  frontier_cancel_t;

struct frontier_cancel_s {
    frontier_cancel_t  *next;
    frontier_cancel_t  *prev;
    frontier_t         *frontier;
    char                id[ID_SIZE];
    frontier_call_t    *calls;
};


/* A job that ended while the queue was read: the read may still show it. */
typedef struct {
    UT_hash_handle  hh;
    char            id[ID_SIZE];
} frontier_gone_t;


struct frontier_wait_s {
    frontier_wait_t   *next;
    frontier_wait_t   *prev;
    frontier_job_t    *job;
    frontier_wait_pt   done;
    void              *data;
};


/*
 * A job in memory.
 *
 * row        what the store knows or will know; its strings are in text
 * text       one block: tenant, url, rules, echo, spec
 * url        as asked for; hop is where the redirects have led
 * extra      the caller's header fields for the origin, in text too
 * page       how the last fetch ended; its http and content_type are copies
 * page_bytes bytes of body, decoded
 * record     the texts result points at
 * deadline   loop_now() at which the page must be done, 0 before it is begun
 * starved    the last fetch found us out of descriptors or memory
 * persists   who waits for the job to be durable
 * cancels    who waits for its cancellation to be stored
 */
struct frontier_job_s {
    UT_hash_handle          hh;
    frontier_t             *frontier;
    frontier_job_t         *next;
    frontier_job_t         *prev;
    frontier_stage_t        stage;
    frontier_durability_t   durability;

    store_job_t             row;
    sc_buf_t                text;
    url_t                   url;
    url_t                   hop;
    const char             *method;
    fetch_header_t         *extra;
    size_t                  nextra;
    frontier_limits_t       limits;
    unsigned                cancel_alone:1;
    unsigned                origin_left:1;
    unsigned                starved:1;

    int64_t                 deadline;
    int                     hops;
    int                     crashes;
    fetch_t                *fetch;
    fetch_result_t          page;
    int64_t                 page_bytes;
    char                    http[8];
    char                    content_type[256];
    pool_task_t            *task;
    sc_buf_t                redirects;
    sc_buf_t                record;
    store_result_t          result;
    sc_buf_t                error;

    frontier_wait_t        *waits;
    frontier_call_t        *persists;
    frontier_call_t        *cancels;
};


/*
 * jobs        all jobs in memory, by id
 * ready       those that have not begun, first come first
 * transients  jobs in memory that are not durable
 * unstored    ended jobs the store could not take yet; retry tells it again
 * refilling   a read of the queue in the store is under way
 * gone        jobs that ended meanwhile
 * backlog     the store may hold queued jobs that are not in memory
 * after       seq the next read begins behind
 * evicted     jobs left to the store so far; scan_evicted is its value when
 *             the present scan of the store began
 */
struct frontier_s {
    loop_t            *loop;
    const settings_t  *settings;
    fetcher_t         *fetcher;
    pool_t            *pool;
    store_t           *store;

    frontier_job_t    *jobs;
    frontier_job_t    *ready;
    size_t             nready;
    size_t             running;
    size_t             queued;
    size_t             transients;
    size_t             storing;
    frontier_job_t    *unstored;

    int64_t            after;
    uint64_t           evicted;
    uint64_t           scan_evicted;
    frontier_gone_t   *gone;
    unsigned           refilling:1;
    unsigned           backlog:1;
    unsigned           draining:1;

    frontier_cancel_t *cancels;
    frontier_call_t   *calls;
    loop_task_t        call_task;
    loop_task_t        dispatch_task;
    loop_timer_t       pause;
    loop_timer_t       retry;
    loop_timer_t       drain_timer;
    void             (*drained)(void *data);
    void              *drained_data;
};


/* frontier.c */
void frontier_restore(frontier_t *f, const store_job_t *row);
void frontier_ended(frontier_job_t *j, store_status_t status);

/* frontier_queue.c */
int frontier_queue_open(frontier_t *f);
void frontier_queue_close(frontier_t *f);
void frontier_queue_push(frontier_t *f, frontier_job_t *j, int front);
void frontier_queue_remove(frontier_t *f, frontier_job_t *j);
void frontier_queue_evict(frontier_t *f, frontier_job_t *j);
void frontier_queue_gone(frontier_t *f, const char *id);
void frontier_queue_put_off(frontier_t *f, frontier_job_t *j);
void frontier_dispatch_soon(frontier_t *f);
void frontier_pause(frontier_t *f);

/* frontier_job.c */
void frontier_job_begin(frontier_job_t *j);
void frontier_job_stop(frontier_job_t *j);
void frontier_job_cancel(frontier_job_t *j);
void frontier_job_cancelled(frontier_job_t *j);
void frontier_job_fail(frontier_job_t *j, const char *type,
    const char *detail);
void frontier_job_store(frontier_job_t *j);
void frontier_job_blank(frontier_job_t *j);
void frontier_job_free(frontier_job_t *j);

/* frontier_record.c; SC_OK, or SC_ERROR when memory is out */
int frontier_record_redirect(frontier_job_t *j, const char *url, int status);
int frontier_record_result(frontier_job_t *j, const pool_result_t *extracted);
int frontier_record_failure(frontier_job_t *j, const char *type,
    const char *detail);

/* frontier_spec.c; a job made from a spec or from the store, NULL if not */
frontier_job_t *frontier_job_create(frontier_t *f,
    const frontier_spec_t *spec);
frontier_job_t *frontier_job_restore(frontier_t *f, const store_job_t *row);


#endif /* FRONTIER_INTERNAL_H */
