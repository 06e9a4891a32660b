
/*
 * A pool of real workers in tests: the test program itself, which starts
 * pooling_worker() when it is executed with --worker.  Whatever goes wrong
 * fails the running test.
 */

#ifndef POOLING_H
#define POOLING_H


#include <check.h>
#include <stddef.h>
#include <stdint.h>

#include "sidecar/worker/pool.h"


/*
 * A page.  What is asked for is set by the caller, the rest zero.
 *
 * r      the request; url, content_type, rules and body as they come from
 *        pooling_page()
 * calls  times the callback was called
 * text   what came, NULL until then; each is the page's own memory
 */
typedef struct {
    struct pooling_s  *pooling;
    pool_request_t     r;
    pool_task_t       *task;
    int                calls;
    pool_status_t      status;
    unsigned           matched:1;
    unsigned           dropped:1;
    unsigned           incomplete:1;
    char              *data;
    char              *missing;
    char              *warnings;
    char              *view;
    char              *fill;
    char              *found;
    char               charset[32];
    char               charset_from[16];
    char               detail[256];
    double             elapsed;
} pooling_page_t;


/* The pool and its loop; left is how many pages are under way. */
typedef struct pooling_s {
    loop_t  *loop;
    pool_t  *pool;
    int      left;
} pooling_t;


/*
 * A worker that sends what a test wants, in place of one that works: called
 * with the body of each page, up to 64 KiB with all that comes before it; it
 * ends when this returns 0.
 */
typedef int (*pooling_worker_pt)(const char *body);


/*
 * The exit status of a worker, for main().  kinds is NULL-terminated: the one
 * whose number pooling_start() was given, or the real one for -1.
 */
int pooling_worker(const pooling_worker_pt *kinds);

/* In such a worker: the number of the page it was called for. */
uint64_t pooling_number(void);

/* Start n workers with so many nanoseconds for a page; and stop them. */
void pooling_start(pooling_t *t, int kind, size_t n, int64_t timeout);
void pooling_stop(pooling_t *t);

/* A page of a URL of no content type; the strings stay the caller's. */
pooling_page_t pooling_page(const char *rules, const char *body);

/* Queue a page; wait for all that are queued; both; free what came. */
void pooling_give(pooling_t *t, pooling_page_t *page);
void pooling_run(pooling_t *t);
void pooling_serve(pooling_t *t, pooling_page_t *page);
void pooling_free(pooling_page_t *page);

/* The process in place i, -1 for none. */
int pooling_pid(const pooling_t *t, size_t i);


#endif /* POOLING_H */
