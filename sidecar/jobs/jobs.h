
/*
 * Jobs of many pages: batches that are fed page by page, crawls that find
 * their own.  Each page is a job of the frontier's; this room makes them,
 * counts them, tells who watches, and ends the job when the last has ended.
 * All that matters is in the store: after a start everything goes on.
 */

#ifndef JOBS_H
#define JOBS_H


#include "sidecar/frontier/frontier.h"
#include "sidecar/push/webhooks.h"
#include "sidecar/store/store_list.h"


/* pages of a feed in one block; blocks on their way to disk */
#define JOBS_BLOCK         1000
#define JOBS_BLOCK_BYTES   1048576
#define JOBS_BLOCKS        2

/* and a job's id: the session that is its own, deleted with it */
#define JOBS_SESSION       "job-"


typedef struct jobs_s        jobs_t;
typedef struct jobs_feed_s   jobs_feed_t;
typedef struct jobs_watch_s  jobs_watch_t;


typedef struct {
    loop_t            *loop;
    const settings_t  *settings;
    store_t           *store;
    frontier_t        *frontier;
    robots_cache_t    *robots;
    webhooks_t        *webhooks;
} jobs_parts_t;


/*
 * A job to be made; all of it is copied.
 *
 * kind      "batch" or "crawl"
 * page      how its pages are fetched and what is taken from them, url NULL
 * spec      JSON text, kept in the job's row and read back after a start.
 *           Every member may be missing:
 *           {"name": the caller's own id,
 *            "tags": {"name": "value"},
 *            "webhook": as webhooks.h has it,
 *            "limits": {"pages", "bytes", "seconds", "per_host_pages"},
 *            "max_concurrency": pages under way at once,
 *            "keep_ms": how long what it gives is kept once it has ended,
 *            "priority", "politeness": as jobs_change() was given them,
 *            "reason": why it ended early, or its feed did: "limits",
 *                      "cancelled" or what jobs_feed_close() was given,
 *            "stopped": its pages are being cancelled,
 *            "spent_ms": of its "seconds", as far as is on disk,
 *            "crawl": {"starts": ["URL"], "scope": a text of crawl.h,
 *                      "max_depth": links from a start, missing: any,
 *                      "order": "breadth" or "depth",
 *                      "sitemap": "skip", "include" or "only": its pages
 *                               alone, whatever they lead to,
 *                      "dedupe": "canonical" or "none",
 *                      "ignore_query": bool,
 *                      "sets": {"name": "hash" of a rule set that "follow"
 *                               may call by this name; it is in the store},
 *                      "overrides": [{"match": "pattern", "spec": text of a
 *                               page's spec, see frontier_spec_text()}],
 *                      "since": milliseconds since 1970: an entry of a
 *                               sitemap last changed before is passed over,
 *                      "skip_unchanged": bool}}
 * docs      ndocs documents put in the same transaction; fresh: they, or the
 *           job, may not be there yet
 * open      pages come by jobs_feed_add(); of a batch
 */
typedef struct {
    sc_str_t                tenant;
    const char             *kind;
    const frontier_spec_t  *page;
    sc_str_t                spec;
    sc_str_t                echo;
    int                     priority;
    const store_doc_t      *docs;
    size_t                  ndocs;
    unsigned                fresh:1;
    unsigned                open:1;
} jobs_new_t;


/* How far a job is, besides what the store knows. */
typedef struct {
    size_t  running;            /* pages being fetched or extracted */
    int64_t next;               /* nanoseconds until the next may begin, -1 */
} jobs_now_t;


/* What has happened to a job; bits. */
#define JOBS_RESULT   1u        /* results were stored */
#define JOBS_STATE    2u        /* its state is another */
#define JOBS_ENDED    4u        /* it has ended: nothing more comes */
#define JOBS_DRIFT    8u        /* see jobs_watch_drift() */

/* bytes of events that a watch holds for who does not ask; others are lost */
#define JOBS_MAX_DRIFT  65536

/* Called from the loop, never from inside a call of this room. */
typedef void (*jobs_watch_pt)(void *data, unsigned what);

/* added is what the call says it is. */
typedef void (*jobs_done_pt)(void *data, store_status_t status,
    size_t added);


/*
 * The parts stay the caller's.  Jobs that have not ended are taken up again.
 * It gives the frontier its hooks, and has it wait for them: create it before
 * the loop runs.  NULL when memory is out.
 */
jobs_t *jobs_create(const jobs_parts_t *parts);
void jobs_destroy(jobs_t *jobs);

/*
 * Write the id that a job with this spec is to have, of ID_SIZE bytes: with
 * this slot, three hex digits, or, "", with that of its first page's host.
 * SC_OK, or SC_ERROR when there is no randomness.
 */
int jobs_id(const json_t *spec, const char *slot, char *id);

/*
 * Make a job with an id of jobs_id(); done is called when it is on
 * disk (a crawl: with its start pages), STORE_CONFLICT when something may not
 * be there that is.  FRONTIER_OK, or as frontier_submit(), and done is not
 * called.
 */
frontier_status_t jobs_make(jobs_t *jobs, const jobs_new_t *job,
    const char *id, store_done_pt done, void *data);

/*
 * Pages for a batch that is under way, see jobs_reopen(); its "reason", why
 * an earlier feed ended early, is forgotten.  ready is called when
 * jobs_feed_add() takes more again; NULL when memory is out.
 */
jobs_feed_t *jobs_feed_open(jobs_t *jobs, const char *id, sc_str_t tenant,
    void (*ready)(void *data), void *data);

/*
 * Put a page in; what spec points to is copied.  line is its line in the body,
 * 0 if it has none.  SC_OK; SC_AGAIN, when it was taken and the caller has to
 * wait for ready; SC_ERROR when a block was not stored (jobs_feed_status()
 * says why) or memory is out.
 */
int jobs_feed_add(jobs_feed_t *feed, const frontier_spec_t *spec,
    int64_t line);
store_status_t jobs_feed_status(const jobs_feed_t *feed);

/*
 * Other than FRONTIER_OK when it takes no more because too many jobs wait, as
 * frontier_submit() would say; its status is STORE_FAILED then.
 */
frontier_status_t jobs_feed_refused(const jobs_feed_t *feed);

/* Pages that are on disk; the last line that is. */
size_t jobs_feed_stored(const jobs_feed_t *feed);
int64_t jobs_feed_line(const jobs_feed_t *feed);

/*
 * Store what is left, and close the batch: rejected lines are counted.  done
 * is called when that is on disk; added is how many pages in all.  The feed
 * is gone after this call.  reason, "" for none, is shown by the job: why its
 * body ended early.
 */
int jobs_feed_close(jobs_feed_t *feed, int64_t rejected, const char *reason,
    jobs_done_pt done, void *data);

/* Close it, and tell nobody: who fed it has left. */
void jobs_feed_abort(jobs_feed_t *feed, int64_t rejected,
    const char *reason);

/*
 * Change a job that has not ended: STORE_NOT_FOUND, STORE_CONFLICT when it
 * has.  SC_OK, and done will be called; SC_ERROR when memory is out.
 *
 * jobs_pause    nothing more begins (on), or it goes on; what is under way
 *               ends
 * jobs_change   spec_changes, an object of "limits", "max_concurrency",
 *               "priority" and "politeness" (of host_wish_t, in milliseconds)
 *               is laid over what the job has; it was checked
 * jobs_cancel   its pages, too; what is under way is closed
 * jobs_purge    cancel it if it has not ended, then delete all of it
 * jobs_retry    its failed pages are queued anew, also of one that has ended;
 *               added is how many
 * jobs_reopen   a batch, also one that has ended, is open for a feed, which
 *               has to be opened before done returns; STORE_CONFLICT when it
 *               is no batch, was cancelled, has ended at a limit or is expired
 */
int jobs_pause(jobs_t *jobs, const char *id, sc_str_t tenant, int on,
    jobs_done_pt done, void *data);
int jobs_reopen(jobs_t *jobs, const char *id, sc_str_t tenant,
    jobs_done_pt done, void *data);
int jobs_change(jobs_t *jobs, const char *id, sc_str_t tenant,
    const json_t *changes, jobs_done_pt done, void *data);
int jobs_cancel(jobs_t *jobs, const char *id, sc_str_t tenant,
    jobs_done_pt done, void *data);
int jobs_purge(jobs_t *jobs, const char *id, sc_str_t tenant,
    jobs_done_pt done, void *data);
int jobs_retry(jobs_t *jobs, const char *id, sc_str_t tenant,
    jobs_done_pt done, void *data);

/*
 * Be told about a job of any kind by its id, until jobs_unwatch(): also one
 * that has ended, of which nothing will be told.  NULL when memory is out.
 */
jobs_watch_t *jobs_watch(jobs_t *jobs, const char *id, jobs_watch_pt told,
    void *data);
void jobs_unwatch(jobs_watch_t *watch);

/*
 * Append the events of drift that were met since the last call, a line of JSON
 * each: fields of a rule set that fell or are back, see drift.h.
 */
void jobs_watch_drift(jobs_watch_t *watch, sc_buf_t *out);

/* How far a job is; all 0 when it is not under way. */
void jobs_now(const jobs_t *jobs, const char *id, jobs_now_t *now);

/* Jobs that have not ended, by kind; of them those that are paused. */
void jobs_running(const jobs_t *jobs, size_t *batches, size_t *crawls,
    size_t *paused);

/* Forget callbacks that would be given this data. */
void jobs_forget(jobs_t *jobs, void *data);


#endif /* JOBS_H */
