
/*
 * What the files of this room share.  Nobody outside includes this.
 *
 *     jobs.c         made, found again after a start
 *     jobs_work.c    a job in memory: read, written, ended
 *     jobs_hook.c    what the frontier asks and tells
 *     jobs_feed.c    pages of a batch, in blocks
 *     jobs_crawl.c   pages that pages lead to
 *     jobs_start.c   a crawl's first pages and sitemaps
 *     jobs_change.c  paused, changed, deleted
 *     jobs_retry.c   tried again
 *     jobs_reopen.c  fed again
 *     jobs_stop.c    cancelled, or at the end of its budget
 *     jobs_message.c what webhooks are told
 *     jobs_keep.c    what is deleted because its time is over
 *     jobs_watch.c   who is told
 */

#ifndef JOBS_INTERNAL_H
#define JOBS_INTERNAL_H


#include <limits.h>

#define HASH_NONFATAL_OOM    1
#include <jansson.h>
#include <uthash.h>

#include "common/rules/sc_pattern.h"
#include "common/sc_buf.h"
#include "sidecar/crawl/crawl.h"
#include "sidecar/jobs/jobs.h"
#include "sidecar/lanes/lanes.h"
#include "sidecar/metrics/metrics.h"


/* how often budgets are looked at, and what could not be written is again */
#define JOBS_TICK            LOOP_SEC

/* ticks without an end after which the store is asked how far a job is */
#define JOBS_QUIET           30

/* sitemaps that lead to sitemaps */
#define JOBS_SITEMAP_DEPTH   3

/* depth of a page that is out of a crawl's scope: its links are not wanted */
#define JOBS_EXTERNAL        INT_MAX

/* messages of one end */
#define JOBS_MESSAGES        4


typedef struct jobs_work_s  jobs_work_t;
typedef struct jobs_op_s    jobs_op_t;
typedef struct jobs_put_s   jobs_put_t;
typedef struct jobs_led_s   jobs_led_t;


/* An override: pages whose URL fits have this spec. */
typedef struct {
    sc_pattern_t  pattern;
    const char   *spec;
} jobs_override_t;


/*
 * What a crawl's spec says, ready to be used; strings are the spec's.
 *
 * max_depth  JOBS_EXTERNAL for any
 * since      milliseconds since 1970, 0 for none
 */
typedef struct {
    sc_str_t          scope;
    const json_t     *sets;
    jobs_override_t  *overrides;
    size_t            noverrides;
    int64_t           since;
    int               max_depth;
    unsigned          deep:1;
    unsigned          unique:1;
    unsigned          ignore_query:1;
    unsigned          skip_unchanged:1;
    unsigned          sitemaps:1;
    unsigned          only_sitemaps:1;
} jobs_crawl_t;


/*
 * A job that has not ended, or is being made or changed.
 *
 * work      its row; counts are those of the last read, and what has ended
 *           since; strings are in text, but spec
 * spec      what the row's spec says, changed here first
 * began     loop_now() when its time began to count; spent before that, saved
 *           of it on disk, in nanoseconds
 * quiet     ticks since a page of it ended
 * putting   calls of its own under way in the store; led: what they put
 * making    it is not in the store yet
 * stopping  its pages are being cancelled
 * ending    the store is being told that it has ended
 * reading   the store is being asked how far it is
 * unsaved   what is here is to be written to the store
 * untold    the frontier is to be told of it again
 */
struct jobs_work_s {
    UT_hash_handle   hh;
    UT_hash_handle   hh_seq;
    jobs_t          *jobs;
    store_work_t     work;
    sc_buf_t         text;
    json_t          *spec;
    jobs_crawl_t     crawl;
    int              lane;
    int64_t          flow;
    int64_t          began;
    int64_t          spent;
    int64_t          saved;
    int              quiet;
    size_t           putting;
    jobs_led_t      *led;
    jobs_feed_t     *feeds;
    store_done_pt    made;
    void            *made_data;
    size_t           start;
    loop_timer_t     timer;
    unsigned         indexed:1;
    unsigned         making:1;
    unsigned         starting:1;
    unsigned         asked:1;
    unsigned         stopping:1;
    unsigned         ending:1;
    unsigned         reading:1;
    unsigned         unsaved:1;
    unsigned         untold:1;
};


/* On its way to disk: what the page with this id leads to. */
struct jobs_led_s {
    jobs_led_t   *next;
    jobs_led_t   *prev;
    jobs_work_t  *work;
    char          id[ID_SIZE];
};


/*
 * A change of a job by somebody who waits for it.  Its row is read first; go
 * is given what it says, and the job in memory or NULL.
 *
 * work      that it keeps from ending
 * after     how far it has come, seq as of the store
 * failed    pages that had, before
 * wait_end  it goes on when the job has ended; again: from its beginning
 */
typedef void (*jobs_op_pt)(jobs_op_t *op, jobs_work_t *w,
    const store_work_t *row);

struct jobs_op_s {
    jobs_op_t      *next;
    jobs_op_t      *prev;
    jobs_t         *jobs;
    char            id[ID_SIZE];
    jobs_done_pt    done;
    void           *data;
    jobs_op_pt      go;
    json_t         *changes;
    jobs_work_t    *work;
    int64_t         seq;
    int64_t         after;
    int64_t         failed;
    size_t          added;
    int             on;
    unsigned        purge:1;
    unsigned        wait_end:1;
    unsigned        again:1;
};


struct jobs_watch_s {
    jobs_watch_t   *next;
    jobs_watch_t   *prev;
    jobs_watch_t   *told_next;
    jobs_watch_t   *told_prev;
    jobs_t         *jobs;
    jobs_watch_pt   told;
    void           *data;
    unsigned        what;
    sc_buf_t        drift;
    char            id[ID_SIZE];
};


/* Those who watch one job. */
typedef struct {
    UT_hash_handle   hh;
    jobs_watch_t    *watches;
    char             id[ID_SIZE];
} jobs_watched_t;


/*
 * Pages that a page leads to, until the next time: rows, n of them with room
 * for room; texts is memory that some of their strings are in.
 */
typedef struct {
    store_job_t     rows[STORE_PAGES_MAX];
    int64_t         seen[STORE_PAGES_MAX];
    size_t          n;
    store_pages_t   pages;
    char           *texts[STORE_PAGES_MAX];
    size_t          ntexts;
    int64_t         final;
} jobs_pages_t;


/* Messages of one end, until the next; failed: memory was out for one. */
typedef struct {
    store_message_t   list[JOBS_MESSAGES];
    sc_buf_t          specs[JOBS_MESSAGES];
    sc_buf_t          bodies[JOBS_MESSAGES];
    size_t            n;
    unsigned          failed:1;
} jobs_messages_t;


/*
 * works, by_seq  jobs that have not ended, by id and by seq
 * after          the last one that was taken up after the start
 * loaded         all of them are there; loading: the next are being read
 * puts           blocks of pages on their way
 * lost           feeds of jobs that are not there
 * watched        who watches, by the job's id; told: who is to be told
 */
struct jobs_s {
    jobs_parts_t       parts;
    loop_t            *loop;
    store_t           *store;
    frontier_t        *frontier;
    jobs_work_t       *works;
    jobs_work_t       *by_seq;
    int64_t            after;
    unsigned           loaded:1;
    unsigned           loading:1;
    unsigned           wake:1;
    jobs_op_t         *ops;
    jobs_put_t        *puts;
    jobs_feed_t       *lost;
    jobs_watched_t    *watched;
    jobs_watch_t      *told;
    loop_task_t        watch_task;
    loop_timer_t       tick;
    loop_timer_t       sweep;
    jobs_pages_t       pages;
    jobs_messages_t    messages;
};


/* jobs_work.c.  A job of this row in memory; NULL when memory is out. */
jobs_work_t *jobs_work_make(jobs_t *jobs, const store_work_t *row);
void jobs_work_free(jobs_work_t *w);
jobs_work_t *jobs_work_find(jobs_t *jobs, const char *id, sc_str_t tenant);

/* It has a seq now, and is found by it.  SC_OK or SC_ERROR. */
int jobs_work_index(jobs_work_t *w, int64_t seq);

/* Give the frontier its limits, and whether it is paused. */
void jobs_work_apply(jobs_work_t *w);
int jobs_work_polite(jobs_work_t *w);

/* Write it, done may be NULL; what cannot be written now is later. */
int jobs_work_save(jobs_work_t *w, store_done_pt done, void *data);

/* It has begun; its time stops (on), or goes on. */
void jobs_work_started(jobs_work_t *w);
void jobs_work_halt(jobs_work_t *w, int on);

/* Nobody feeds it any more, for this reason: no more pages come. */
void jobs_work_close(jobs_work_t *w, const char *reason);

/* Has it ended?  Then the store is asked, and told. */
void jobs_work_check(jobs_work_t *w);

/* Budgets, and what has to be tried again. */
void jobs_work_tick(jobs_work_t *w);

/* A member of its spec's "limits", 0 for none. */
int64_t jobs_work_limit(const jobs_work_t *w, const char *name);

/* jobs_crawl.c.  What its spec says; SC_OK or SC_ERROR. */
int jobs_crawl_read(jobs_work_t *w);
void jobs_crawl_free(jobs_crawl_t *crawl);

/* Add to the end of a page what it leads to; SC_ERROR when memory is out. */
int jobs_crawl_ending(jobs_work_t *w, const frontier_page_t *page,
    store_end_t *end);

/* Put some of what it leads to before that; how many bytes of it. */
size_t jobs_crawl_some(jobs_work_t *w, const store_job_t *row,
    sc_str_t found);

/* The job goes before the store has answered. */
void jobs_crawl_lost(jobs_work_t *w);
void jobs_pages_reset(jobs_pages_t *pages);
void jobs_pages_give(jobs_work_t *w);

/*
 * A row for a page of it with this URL, canonical, which has to last as long
 * as the row.  SC_OK or SC_ERROR.
 */
int jobs_crawl_row(const jobs_work_t *w, sc_str_t url, int depth,
    store_role_t role, store_job_t *row);

/* jobs_start.c.  Put its first pages, look for its sitemaps, close it. */
void jobs_start(jobs_work_t *w);
void jobs_start_timer(loop_timer_t *timer);

/* jobs_feed.c: the job is not there any more, or takes no more. */
void jobs_feed_lost(jobs_work_t *w);
void jobs_feed_refuse(jobs_work_t *w);
void jobs_feed_known(jobs_work_t *w);
void jobs_feed_forget(jobs_t *jobs, void *data);
void jobs_feed_close_all(jobs_t *jobs);

/* jobs_retry.c: one that has ended is in memory again; NULL: memory is out. */
jobs_work_t *jobs_retry_again(jobs_t *jobs, const store_work_t *row);

/* jobs_stop.c: cancel what is left of it, and end it for this reason. */
void jobs_stop(jobs_work_t *w, const char *reason);
void jobs_stop_go_on(jobs_work_t *w);
int jobs_stopped(const jobs_work_t *w);

/*
 * jobs_change.c.  Begin an operation, *made unless NULL is it; read the row
 * anew; end it.
 * Whoever waits for the job's end is told.
 */
int jobs_change_begin(jobs_t *jobs, const char *id, sc_str_t tenant,
    jobs_op_pt go, jobs_done_pt done, void *data, jobs_op_t **made);
void jobs_change_again(jobs_op_t *op, sc_str_t tenant);
void jobs_change_end(jobs_op_t *op, store_status_t status, size_t added);
void jobs_change_ended(jobs_work_t *w);
void jobs_change_forget(jobs_t *jobs, void *data);
void jobs_change_close(jobs_t *jobs);

/*
 * jobs_message.c.  Messages are those of one end: what a page's says, added to
 * end, or a job's; or they are put by themselves.  SC_OK, or SC_ERROR when
 * memory is out.
 */
void jobs_messages_open(jobs_t *jobs);
void jobs_messages_close(jobs_t *jobs);
void jobs_messages_reset(jobs_t *jobs);
int jobs_messages_page(jobs_t *jobs, const json_t *webhook, const char *job,
    const frontier_page_t *page, store_end_t *end);
int jobs_messages_work(jobs_work_t *w, const char *type);
int jobs_messages_put(jobs_t *jobs);

/* jobs_hook.c */
extern const frontier_hooks_t  jobs_hooks;

/* jobs_keep.c */
void jobs_keep_open(jobs_t *jobs);
void jobs_keep_close(jobs_t *jobs);

/* jobs_watch.c */
void jobs_tell(jobs_t *jobs, const char *id, unsigned what);

/* The same of an event of drift, "" if there is none. */
void jobs_tell_drift(jobs_t *jobs, const char *id, sc_str_t event);
void jobs_watch_task(loop_task_t *task);
void jobs_watch_close(jobs_t *jobs);


#endif /* JOBS_INTERNAL_H */
