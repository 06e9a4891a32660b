
/*
 * Fakes of the rooms below the frontier, linked in place of the real ones:
 * fetch.h, pool.h and store.h on the real loop, with a clock that a test sets.
 * Nothing here answers by itself but the store, which keeps its rows in memory
 * as store.h says.  All callbacks come from the loop.  There is one of each;
 * Check's fork gives every test its own.
 */

#ifndef FAKE_H
#define FAKE_H


#include <uthash.h>

#include "sidecar/worker/pool.h"
#include "sidecar/fetch/fetch.h"
#include "sidecar/store/store_list.h"


/* Run rounds until nothing is put off; timers that are due fire. */
void fake_run(loop_t *loop);

/*
 * The same after so many nanoseconds have passed at once, on both clocks: all
 * that is due by then fires late, in one round.  Otherwise the clocks stand
 * still, but for a nanosecond each time the monotonic one is read.
 */
void fake_pass(loop_t *loop, int64_t ns);

/* The same, but each timer fires when it is due. */
void fake_spend(loop_t *loop, int64_t ns);


/*
 * A fetch under way; headers as "name: value" lines, body and the names "" for
 * none.  Of the jar it is only known whether there is one, until the fetch
 * ends.
 */
struct fetch_s {
    fetch_t        *next;
    fetch_t        *prev;
    sc_buf_t        url;
    sc_buf_t        headers;
    sc_buf_t        body;
    char            method[16];
    char            proxy[256];
    char            source[64];
    char            ca_file[256];
    unsigned        proxy_trusted:1;
    unsigned        insecure:1;
    unsigned        partial:1;
    unsigned        answered:1;
    fetch_http_t    http;
    jar_t          *jar;
    rate_t         *rate;
    int64_t         connect_timeout;
    int64_t         first_byte_timeout;
    int64_t         idle_timeout;
    int64_t         total_timeout;
    size_t          max_body;
    int             cut;
    fetch_pt        done;
    void           *data;
    char            location[1024];
    char            retry_after[64];
    fetch_result_t  result;
};

/* The one that waits for its answer with this URL (NULL: any); or NULL. */
const fetch_t *fake_fetch(const char *url);

/* The n-th that waits; NULL when there are not so many. */
const fetch_t *fake_fetch_at(size_t n);

/* How many with this URL wait for an answer. */
size_t fake_fetches_of(const char *url);

/* How many wait for an answer, were ever begun, were cancelled. */
size_t fake_fetches(void);
size_t fake_fetches_begun(void);
size_t fake_fetches_cancelled(void);

/* Answer it; the callback comes in fake_run().  location may be NULL. */
void fake_fetch_answer(const char *url, int status, const char *location,
    const char *body);
void fake_fetch_fail(const char *url, fetch_error_t error);

/* The same with a Retry-After; with an error that is final. */
void fake_fetch_answer_later(const char *url, int status,
    const char *retry_after);
void fake_fetch_fail_finally(const char *url, fetch_error_t error);

/* Let the next n fetch_start() return NULL. */
void fake_fetch_refuse(size_t n);


/* The page that waits for its answer with this URL, NULL if none. */
const pool_request_t *fake_page(const char *url);

/* The n-th that waits; NULL when there are not so many. */
const pool_request_t *fake_page_at(size_t n);

size_t fake_pages(void);
size_t fake_pages_begun(void);
size_t fake_pages_cancelled(void);

/* Answer it with data, JSON text; "" when status is not POOL_OK. */
void fake_page_answer(const char *url, pool_status_t status,
    const char *data);

/* What rules made of a page, beside the data; strings stay the caller's. */
typedef struct {
    const char  *missing;
    const char  *view;
    const char  *fill;
    unsigned     matched:1;
    unsigned     dropped:1;
    unsigned     incomplete:1;
} fake_extract_t;

/* Answer it with data and all that. */
void fake_page_answer_as(const char *url, const fake_extract_t *extract,
    const char *data);

/* Answer it with data, and lines of what it leads to (crawl.h). */
void fake_page_answer_found(const char *url, const char *data,
    const char *found);

/* Answer it with nothing but a meta refresh to this URL. */
void fake_page_refresh(const char *url, const char *to, int delay);

/* What pool_waiting() says. */
void fake_pool_load(size_t waiting);

/* Let the next n pool_submit() return NULL. */
void fake_pool_refuse(size_t n);


typedef enum {
    FAKE_PUT = 0,
    FAKE_START,
    FAKE_DEFER,
    FAKE_FINISH,
    FAKE_CANCEL,
    FAKE_SETTLE,
    FAKE_COUNT,
    FAKE_FLOWS,
    FAKE_NEXT,
    FAKE_MORE,
    FAKE_DOC_PUT,
    FAKE_DOC_DEL,
    FAKE_DOC_GET,
    FAKE_DOC_LIST,
    FAKE_PAGE_PUT,
    FAKE_PAGE_TOUCH,
    FAKE_PAGE_TRIM,
    FAKE_PAGE_GET,
    FAKE_WORK_PUT,
    FAKE_PAGES,
    FAKE_WORK_SET,
    FAKE_WORK_FINISH,
    FAKE_WORK_CANCEL,
    FAKE_WORK_RETRY,
    FAKE_WORK_PURGE,
    FAKE_WORK_PRIO,
    FAKE_WORKS,
    FAKE_WORK_GET,
    FAKE_SWEEP,
    FAKE_MESSAGES,
    FAKE_USAGE,
    FAKE_OPS
} fake_op_t;


/*
 * A row of the store.  results counts those inserted, result is the last; the
 * strings of both are NUL-terminated.
 */
typedef struct fake_row_s  fake_row_t;

struct fake_row_s {
    UT_hash_handle   hh;
    fake_row_t      *next;
    fake_row_t      *prev;
    store_job_t      job;
    sc_buf_t         text;
    int              results;
    store_result_t   result;
    sc_buf_t         result_text;
};

/* NULL when there is no such row. */
const fake_row_t *fake_row(const char *id);

size_t fake_rows(void);
size_t fake_rows_unended(void);

/* Jobs that are queued; queues of flows, known to have something or not. */
size_t fake_tasks(void);
size_t fake_queues(void);

/*
 * Insert a row behind the frontier's back, queued when it has a due; seq is
 * given here.
 */
void fake_row_add(const store_job_t *job);

/*
 * A job of many pages, its strings NUL-terminated; NULL when there is none.
 * Its page with this URL, the first if there are more; how many there are.
 */
const store_work_t *fake_work(const char *id);
const fake_row_t *fake_work_page(const char *id, const char *url);
size_t fake_work_pages(const char *id);

/* The last message that was put with an end of any kind; "" if none. */
const char *fake_message(void);
size_t fake_messages(void);

/* The body of a document, "" when there is none. */
const char *fake_doc(const char *kind, const char *tenant, const char *name);

/* What a tenant used in a day, as far as it is on disk. */
store_usage_t fake_usage(sc_str_t tenant, int64_t day);

/* Pages that are kept. */
size_t fake_kept(void);

/* How many calls of this kind were made. */
size_t fake_calls(fake_op_t op);

/*
 * Hold back the calls of this kind, and writes queued behind a held write,
 * until hold is 0.  A read has its snapshot from the call.
 */
void fake_store_hold(fake_op_t op, int hold);

/* Do nothing for the next n calls of this kind but answer with status. */
void fake_store_answer(fake_op_t op, store_status_t status, size_t n);

/* Let the next n calls of this kind return SC_ERROR. */
void fake_store_refuse(fake_op_t op, size_t n);


#endif /* FAKE_H */
