
/*
 * Jobs under way: takes them in, keeps as many in memory as are worked on,
 * leads each through fetch (redirect by redirect), extract and store, and
 * tells those who wait.  The rest of the queue is in the store, and so is
 * everything that was promised to anybody.
 */

#ifndef FRONTIER_H
#define FRONTIER_H


#include "common/sc_rules.h"
#include "sidecar/core/settings.h"
#include "sidecar/extract/pool.h"
#include "sidecar/fetch/fetch.h"
#include "sidecar/store/store.h"


typedef struct frontier_s       frontier_t;
typedef struct frontier_job_s   frontier_job_t;
typedef struct frontier_wait_s  frontier_wait_t;


/* Limits a job may set for itself; the settings bound them. */
typedef struct {
    int64_t  connect_timeout;       /* nanoseconds */
    int64_t  total_timeout;         /* nanoseconds, redirects included */
    size_t   max_page;              /* decoded bytes */
    int      max_redirects;
} frontier_limits_t;


/*
 * What to do.  frontier_submit() copies all of it, but takes a reference on
 * nothing.
 *
 * tenant        whose job it is
 * url           canonical
 * rules         canonical JSON and hash of a rule set that was checked
 * headers       to send to the origin; dropped when a redirect leaves the
 *               origin (scheme, host, port)
 * echo          JSON text, "" if none
 * cancel_alone  cancel the job when nobody waits for it any more and it was
 *               not made durable ("on_disconnect": "cancel")
 */
typedef struct {
    sc_str_t               tenant;
    const url_t           *url;
    sc_str_t               rules;
    const char            *rules_hash;
    const char            *method;
    const fetch_header_t  *headers;
    size_t                 nheaders;
    frontier_limits_t      limits;
    sc_str_t               echo;
    unsigned               cancel_alone:1;
} frontier_spec_t;


/*
 * What a waiter is shown when the job has ended; valid during the callback.
 * result is NULL for a cancelled job, and when stored is not STORE_OK.
 * stored says whether the outcome is on disk.
 */
typedef struct {
    const store_job_t     *job;
    const store_result_t  *result;
    store_status_t         stored;
} frontier_outcome_t;


/* Called once, from the loop, never from inside the call that asked. */
typedef void (*frontier_wait_pt)(void *data, const frontier_outcome_t *o);
typedef void (*frontier_done_pt)(void *data, store_status_t status);


/*
 * All parts stay the caller's and must outlive the frontier.  Unended jobs in
 * the store are taken up again at once.  NULL when memory is out.
 */
frontier_t *frontier_create(loop_t *loop, const settings_t *settings,
    fetcher_t *fetcher, pool_t *pool, store_t *store);

/*
 * Take no new job, begin no new fetch; call done when nothing is under way or
 * after timeout nanoseconds, whichever is first.  Durable jobs that have not
 * ended stay queued in the store for the next start.
 */
void frontier_drain(frontier_t *f, int64_t timeout, void (*done)(void *data),
    void *data);

/* Cancel every fetch and task and free all; after drain, or in its place. */
void frontier_destroy(frontier_t *f);

typedef enum {
    FRONTIER_OK = 0,
    FRONTIER_QUEUE_FULL,
    FRONTIER_DRAINING,
    FRONTIER_NO_MEMORY
} frontier_status_t;

/*
 * Take a job in and write its id, of ID_SIZE bytes.  It begins when there is
 * room.  It is in memory only until frontier_persist() or its end.
 */
frontier_status_t frontier_submit(frontier_t *f, const frontier_spec_t *spec,
    char *id);

/*
 * Make a job of this process durable: done is called with STORE_OK once it is
 * on disk (at once if it is already).  SC_OK, SC_DECLINED when no such job is
 * in memory, SC_ERROR when memory is out.
 */
int frontier_persist(frontier_t *f, const char *id, frontier_done_pt done,
    void *data);

/*
 * Wait for the end of a job of this tenant that is in memory.  NULL when it is
 * not there (ask the store), or when memory is out.  A callback comes only
 * after the outcome is stored.
 */
frontier_wait_t *frontier_wait(frontier_t *f, const char *id, sc_str_t tenant,
    frontier_wait_pt done, void *data);

/* Stop waiting; the callback will not come. */
void frontier_unwait(frontier_wait_t *wait);

/* Forget the frontier_done_pt callbacks that would be given this data. */
void frontier_forget(frontier_t *f, void *data);

/*
 * The present state of a job of this tenant in memory: fills *job (views valid
 * until the loop's next round).  SC_OK or SC_DECLINED.
 */
int frontier_peek(frontier_t *f, const char *id, sc_str_t tenant,
    store_job_t *job);

/*
 * Cancel a job, in memory or in the store: its socket is closed before this
 * returns, done is called when the store knows.  Status as
 * store_job_cancel()'s.  SC_OK, or SC_ERROR when memory is out.
 */
int frontier_cancel(frontier_t *f, const char *id, sc_str_t tenant,
    frontier_done_pt done, void *data);

/* Jobs accepted and not ended; of them, those being fetched or extracted. */
size_t frontier_queued(const frontier_t *f);
size_t frontier_running(const frontier_t *f);


#endif /* FRONTIER_H */
