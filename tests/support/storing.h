
/*
 * A store for tests: on a loop of its own, in a folder of its own.  Whatever
 * goes wrong fails the running test.
 *
 * What comes back is told as text, so that a test compares a line.  An id is
 * told by its number, storing_id()'s.
 */

#ifndef STORING_H
#define STORING_H


#include <check.h>

#include "common/sc_buf.h"
#include "sidecar/store/store_work.h"


/* The queue that storing_job() puts its jobs into. */
#define STORING_FLOW    7
#define STORING_HOST    9


/*
 * dir, path  where the file is
 * left       callbacks storing_wait() still waits for
 * status     what the last of them got
 * n          and how many rows, 0 without status STORE_OK
 * seq        and the last row's
 * said       rows, each as below and ended by '\n'
 */
typedef struct {
    loop_t          *loop;
    store_t         *store;
    char             dir[64];
    char             path[96];
    size_t           left;
    store_status_t   status;
    size_t           n;
    int64_t          seq;
    sc_buf_t         said;
} storing_t;


/*
 * suite_run(), where each test has a store in a new folder; after it the store
 * is closed, seen to be whole and removed.
 */
int storing_run(const char *name, const TTest *const *tests, storing_t *t);

/* Open the file at t->path, or close it. */
void storing_open(storing_t *t);
void storing_close(storing_t *t);

/* An id with this number, in a slot made of it; valid for 8 calls more. */
const char *storing_id(unsigned n);

/* The number of such an id. */
unsigned storing_number(const char *id);

/* A view of a NUL-terminated string. */
sc_str_t storing_str(const char *s);

/*
 * Job n of tenant "acme", queued, of a URL and a rule set of its own; a
 * result of it, completed, with the same number.  Their strings are those of
 * the next call, too.
 */
store_job_t storing_job(unsigned n);
store_result_t storing_result(unsigned n);

/*
 * Callbacks for all calls, with data = t.  A job is told as
 *
 *     N tenant kind state url spec hash rules echo error
 *     created started finished attempts
 *
 * and a result as
 *
 *     N job tenant url state fetch data missing warnings view echo error
 *     etag at
 *
 * on one line, joined by '|'.
 */
void storing_done(void *data, store_status_t status);
void storing_told_job(void *data, store_status_t status,
    const store_job_t *job);
void storing_told_jobs(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
void storing_told_result(void *data, store_status_t status,
    const store_result_t *result);
void storing_told_results(void *data, store_status_t status,
    const store_result_t *results, size_t n);

/*
 * Said is what came of it: "added N seq S changed C" and " duplicate" or
 * " unchanged"; "N" of what was added; the seq.  A work is told as
 *
 *     N kind state spec page rules tags max max_host closed found completed
 *     failed cancelled robots duplicates unchanged items bytes wire rejected
 */
void storing_told_ended(void *data, store_status_t status,
    const store_ended_t *ended);
void storing_told_added(void *data, store_status_t status, size_t added);
void storing_told_seq(void *data, store_status_t status, int64_t seq);
void storing_told_works(void *data, store_status_t status,
    const store_work_t *works, size_t n);

/* store_end() of a job and its result, which is kept, for a plain callback. */
int storing_end(store_t *s, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data);

/*
 * Run the loop until the callback of one call, which returned rc, or of n
 * calls; returns the last status.
 */
store_status_t storing_wait(storing_t *t, int rc);
store_status_t storing_wait_for(storing_t *t, size_t n);

/* The calls themselves, and their waiting. */
store_status_t storing_put(storing_t *t, const store_job_t *job);
store_status_t storing_finish(storing_t *t, const store_job_t *job,
    const store_result_t *result);

/* The same of storing_job(n) and storing_result(n), which must go well. */
void storing_put_n(storing_t *t, unsigned n);
void storing_finish_n(storing_t *t, unsigned n);

/* The line a job of "acme" is told as, or "" when there is none. */
const char *storing_get(storing_t *t, unsigned n);

/* The numbers of all unended jobs in order: "1 2 3 ". */
const char *storing_unended(storing_t *t);

/*
 * Batch n of tenant "acme", running, whose pages have the spec {"page":n} and
 * the rule set sha256:n; page n, of "http://a/n", which has neither.
 */
store_work_t storing_work(unsigned n);
store_job_t storing_page(unsigned n);

/* Put that batch, and pages from first on, n of them; its seq. */
int64_t storing_work_put(storing_t *t, unsigned n);
void storing_pages_put(storing_t *t, int64_t job, unsigned first, size_t n);

/* The line batch n is told as, or "" when there is none. */
const char *storing_work_get(storing_t *t, unsigned n);

/*
 * How page n of batch work, whose seq is job, ends; to be changed.  What it
 * points to is that of the next call, too.
 */
store_end_t storing_page_end(unsigned n, unsigned work, int64_t job,
    store_state_t state);

/* End it; what is said of it. */
const char *storing_end_page(storing_t *t, const store_end_t *end);

/* Table "products" of version "1" with these columns, to be changed. */
store_table_t storing_table(const store_column_t *columns, size_t n);

/* End job n, of no tenant or this, with a result of these data for a table. */
void storing_fill(storing_t *t, unsigned n, const store_table_t *table,
    const char *data);
void storing_fill_as(storing_t *t, unsigned n, const char *tenant,
    const store_table_t *table, const char *data);

/* See that tables were given that. */
void storing_counts(storing_t *t, uint64_t rows, uint64_t keyless,
    uint64_t failed);

/*
 * See what a connection of its own reads: lines of values, joined by '|'.  Let
 * it change something.
 */
void storing_reads(storing_t *t, const char *sql, const char *expected);
void storing_sql(storing_t *t, const char *sql);

/* See that the file is whole. */
void storing_check(const char *path);


#endif /* STORING_H */
