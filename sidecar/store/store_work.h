
/*
 * Jobs of many pages, a batch or a crawl.  Each of its pages is a job of its
 * own, whose parent is the job; this is what belongs to all of them: how many
 * there are, what became of them, what has been seen.
 */

#ifndef STORE_WORK_H
#define STORE_WORK_H


#include "sidecar/store/store.h"


/* pages that one call puts, rows that one call deletes or cancels */
#define STORE_PAGES_MAX    1000
#define STORE_CHUNK        1000


/*
 * What became of the pages, as it is on disk.
 *
 * found       pages there are, in any state
 * completed, failed, cancelled   of them, those that ended so
 * robots      of the failed, those that robots.txt does not allow
 * duplicates  of the completed, those that led to a page that is among the
 *             others: they have no result
 * unchanged   of the completed, those whose result is what it was the last
 *             time and was not kept for that
 * items       of the completed, those whose result is kept
 * bytes       decoded, of all pages; wire: as received
 * rejected    lines of a batch that were refused
 */
typedef struct {
    int64_t  found;
    int64_t  completed;
    int64_t  failed;
    int64_t  cancelled;
    int64_t  robots;
    int64_t  duplicates;
    int64_t  unchanged;
    int64_t  items;
    int64_t  bytes;
    int64_t  wire;
    int64_t  rejected;
} store_counts_t;


/*
 * A job of many pages.
 *
 * job       its row; kind "batch" or "crawl"; spec is the owner's, JSON; never
 *           queued itself
 * page      the spec of pages that have none of their own (spec "")
 * rules_hash, rules   the rule set of pages that have none (rules_hash "")
 * max_pages, max_host_pages   most pages it may have, of one host; 0: any
 * closed    no more pages come but those its own pages lead to
 * tags      JSON text of an object of strings, "" if none
 */
typedef struct {
    store_job_t     job;
    sc_str_t        page;
    sc_str_t        rules_hash;
    sc_str_t        rules;
    sc_str_t        tags;
    int64_t         max_pages;
    int64_t         max_host_pages;
    unsigned        closed:1;
    store_counts_t  counts;
} store_work_t;


/*
 * Pages to be put.  Each job has url, host, prio, due, lane, flow, line or
 * depth, role, context, echo, and spec and rules when they differ from the
 * job's; tenant and parent are work's.
 *
 * jobs    n of them, at most STORE_PAGES_MAX
 * seen    NULL, or the name of each: one whose name is there already, or that
 *         is beyond max_pages or max_host_pages, is passed over
 */
typedef struct {
    const store_job_t  *jobs;
    const int64_t      *seen;
    size_t              n;
    int64_t             max_pages;
    int64_t             max_host_pages;
} store_pages_t;


/* A message to somebody outside, to be sent until it is taken. */
typedef struct {
    char      id[ID_SIZE];
    int64_t   seq;
    sc_str_t  tenant;
    char      job[ID_SIZE];         /* what it is about; "" if no job */
    sc_str_t  spec;                 /* the owner's: where to, JSON */
    sc_str_t  event;
    sc_str_t  body;
    int64_t   created;
    int64_t   due;
    int       tries;
    int       state;                /* 0 to be sent, 1 taken, 2 given up */
    sc_str_t  last;                 /* how the last attempt ended, JSON */
} store_message_t;


/*
 * The end of a page of a job, or of a job of its own, in one transaction.
 *
 * job       it is inserted if it was never put, which a page must be, else
 *           brought to job->state with its times, error and expires, and taken
 *           from the queue.  One that has ended stays as it is:
 *           STORE_CONFLICT, nothing is written
 * result    or NULL.  Rows of its tables are written when it is kept; a table
 *           that cannot be keeps nothing else from being so: it is logged and
 *           counted
 * raw, head bytes of the page and JSON of its head, kept beside the result; or
 *           raw.data NULL
 * pages     it leads to, or NULL
 * final     what it led to when that is another page, or NULL: one that was
 *           seen already makes this one, if it completed, a duplicate, without
 *           result, pages and messages
 * keep_same the result is kept when it is what it was the last time, too; that
 *           of a job of its own always is
 * followed  others end within milliseconds: it is committed with them
 * status    HTTP status, 0 for none; error: problem type, "" for none
 * bytes, wire   of the page
 * messages  nmessages of them, of a result that is kept
 * usage     what the tenant used for it, whatever came of it; a job of its own
 *           that was never put is one more of its jobs
 */
typedef struct {
    const store_job_t      *job;
    const store_result_t   *result;
    sc_str_t                raw;
    sc_str_t                head;
    const store_pages_t    *pages;
    const int64_t          *final;
    int                     status;
    sc_str_t                error;
    int64_t                 bytes;
    int64_t                 wire;
    const store_message_t  *messages;
    size_t                  nmessages;
    store_usage_t           usage;
    unsigned                keep_same:1;
    unsigned                followed:1;
} store_end_t;


/*
 * What came of it.
 *
 * added     pages that were put
 * seq       of the result, 0 if none was kept
 * changed   store_change_t of the result
 */
typedef struct {
    size_t          added;
    int64_t         seq;
    store_change_t  changed;
    unsigned        duplicate:1;
    unsigned        unchanged:1;
} store_ended_t;


/* ended is all 0 unless status is STORE_OK. */
typedef void (*store_ended_pt)(void *data, store_status_t status,
    const store_ended_t *ended);
/* added: pages that were put.  seq: of the job that was put. */
typedef void (*store_added_pt)(void *data, store_status_t status,
    size_t added);
typedef void (*store_seq_pt)(void *data, store_status_t status, int64_t seq);
typedef void (*store_works_pt)(void *data, store_status_t status,
    const store_work_t *works, size_t n);


/*
 * Writes, as those of store.h.
 *
 * store_work_put     insert a job of many pages with its tags, and ndocs
 *                    documents; STORE_CONFLICT when its id is there, or a
 *                    document is and must_not_exist is 1
 * store_pages_put    put pages of the job with this seq; work.found counts
 *                    those that were.  STORE_NOT_FOUND when it is gone
 * store_work_set     a job that has not ended: state (STORE_QUEUED,
 *                    STORE_RUNNING or STORE_PAUSED), started, spec, closed,
 *                    max_pages, max_host_pages and counts.rejected are made
 *                    what they are here; else STORE_CONFLICT
 * store_work_finish  it has ended: state, error and times of job; messages as
 *                    of store_end_t.  STORE_CONFLICT when it had
 * store_work_open    one that has completed or failed is running again; spec
 *                    and what store_work_set() says of work are made what they
 *                    are here.  STORE_CONFLICT when it is in another state
 * store_end          the end of a page or a job, see store_end_t
 * store_work_cancel  cancel at most STORE_CHUNK pages of a job that have not
 *                    ended, taking them from the queue; added is how many:
 *                    call it until it is 0.  The first call takes the whole
 *                    flow from the queue; where the last was not reached, the
 *                    next store_open() puts back what is left
 * store_work_retry   queue at most STORE_CHUNK failed pages with seq > after
 *                    anew, deleting their results; when there is one, a job
 *                    that has ended is running again, but not an expired one:
 *                    nothing is done.  seq is the last one looked at, 0 when
 *                    there are no more
 * store_work_purge   delete at most STORE_CHUNK rows of a job that has ended:
 *                    what is called by it, see store_sweep(), which goes on
 *                    where a crash was; results, then pages, then what is
 *                    left, then itself; added is how many, 0 when it is gone;
 *                    STORE_CONFLICT when it has not ended
 * store_work_prio    its pages not begun get this prio, at most STORE_CHUNK
 *                    with seq > after; seq as of retry
 */
int store_work_put(store_t *s, const store_work_t *work,
    const store_doc_t *docs, size_t ndocs, int must_not_exist,
    store_seq_pt done, void *data);
int store_pages_put(store_t *s, int64_t job, sc_str_t tenant,
    const store_pages_t *pages, store_added_pt done, void *data);
int store_work_set(store_t *s, const store_work_t *work, store_done_pt done,
    void *data);
int store_work_open(store_t *s, const store_work_t *work, store_done_pt done,
    void *data);
int store_work_finish(store_t *s, const store_work_t *work,
    const store_message_t *messages, size_t nmessages, store_done_pt done,
    void *data);
int store_end(store_t *s, const store_end_t *end, store_ended_pt done,
    void *data);
int store_work_cancel(store_t *s, int64_t job, int64_t flow, int64_t at,
    store_added_pt done, void *data);
int store_work_retry(store_t *s, int64_t job, int64_t after, int64_t due,
    store_seq_pt done, void *data);
int store_work_purge(store_t *s, int64_t job, store_added_pt done,
    void *data);
int store_work_prio(store_t *s, int64_t job, int64_t after, int prio,
    store_seq_pt done, void *data);

/*
 * Whether the words of results are kept for search (q of store_list.h), from
 * now on; they are until this is called.
 */
void store_search(store_t *s, int on);

/*
 * Reads.
 *
 * store_works_unended   jobs of many pages that have not ended, with seq >
 *                       after, at most limit: taken up after a start
 * store_work_get        one of a tenant, by id; n is 1, or STORE_NOT_FOUND
 */
int store_works_unended(store_t *s, int64_t after, size_t limit,
    store_works_pt done, void *data);
int store_work_get(store_t *s, const char *id, sc_str_t tenant,
    store_works_pt done, void *data);


#endif /* STORE_WORK_H */
