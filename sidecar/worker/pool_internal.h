
/*
 * What pool.c (tasks and their turns) and pool_worker.c (processes and what is
 * said to them) share.
 */

#ifndef POOL_INTERNAL_H
#define POOL_INTERNAL_H


#include <sys/queue.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "sidecar/worker/pool.h"
#include "sidecar/worker/wire.h"


/* parts of a request: see wire_request_t */
#define POOL_PARTS  8


typedef enum {
    POOL_WORKER_DOWN = 0,   /* no process; the timer starts one */
    POOL_WORKER_STARTING,   /* has not said that it is ready */
    POOL_WORKER_IDLE,
    POOL_WORKER_BUSY,       /* has a page, or its callback is running */
    POOL_WORKER_DYING       /* killed, not reaped yet */
} pool_worker_state_t;


/*
 * A page's turn.
 *
 * worker   who has it, NULL while it waits
 * request  the caller's, not copied; not looked at once it is sent
 */
struct pool_task_s {
    TAILQ_ENTRY(pool_task_s)   link;
    pool_t                    *pool;
    struct pool_worker_s      *worker;
    pool_request_t             request;
    pool_pt                    done;
    void                      *data;
};


/* A rule set that a worker has compiled: what is in one of its slots. */
typedef struct {
    char       hash[SC_RULES_HASH_LEN + 1];
    uint64_t   used;
} pool_slot_t;


/*
 * A process, or the place of one.
 *
 * timer     while starting or busy, its time is over; else the next try
 * task      the page it has; NULL also when the page was cancelled
 * head      head of the request being sent
 * iov       what of the request is still to be sent, niov parts
 * in        the reply as far as it has come
 * slots     what the process has compiled, by use
 * begun     loop_now() when it was given the page
 * slot      where the rules of the page under way are
 * failures  times in a row it ended without a page's fault
 */
typedef struct pool_worker_s {
    pool_t               *pool;
    pool_worker_state_t   state;
    pid_t                 pid;
    loop_io_t             io;
    loop_timer_t          timer;
    pool_task_t          *task;
    wire_request_t        head;
    struct iovec          iov[POOL_PARTS];
    size_t                niov;
    sc_buf_t              in;
    pool_slot_t           slots[WIRE_SLOTS];
    uint64_t              uses;
    int64_t               begun;
    uint32_t              slot;
    unsigned              failures;
} pool_worker_t;


TAILQ_HEAD(pool_queue_s, pool_task_s);

/* given: pages handed to workers, the number of the last */
struct pool_s {
    loop_t               *loop;
    char                 *program;
    int64_t               timeout;
    struct pool_queue_s   queue;
    size_t                waiting;
    uint64_t              given;
    loop_task_t           turn;
    size_t                n;
    pool_worker_t         workers[];
};


/* pool.c */

/* Hand waiting pages to idle workers. */
void pool_dispatch(pool_t *pool);

/* Put a task that no worker has seen back where it was: first. */
void pool_requeue(pool_t *pool, pool_task_t *task);

/* The task is over: free it and call back. */
void pool_finish(pool_task_t *task, const pool_result_t *result);

/* The same for a page without data. */
void pool_fail(pool_task_t *task, pool_status_t status, const char *detail);


/* pool_worker.c */

void pool_worker_init(pool_worker_t *w, pool_t *pool);

/* Start the process; SC_OK, or SC_ERROR with errno. */
int pool_worker_start(pool_worker_t *w);

/* Hand a page to an idle worker. */
void pool_worker_give(pool_worker_t *w, pool_task_t *task);

/* The caller does not want this worker's page any more. */
void pool_worker_drop(pool_worker_t *w);

/* See whether a process has ended, and start another. */
void pool_worker_reap(pool_worker_t *w);

/* End the process and wait for that. */
void pool_worker_stop(pool_worker_t *w);


#endif /* POOL_INTERNAL_H */
