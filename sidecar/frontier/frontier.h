
/*
 * Jobs under way: takes them in, keeps as many in memory as are worked on,
 * leads each through fetch (redirect by redirect), extract and store, and
 * tells those who wait.  The rest of the queue is in the store, and so is
 * everything that was promised to anybody.
 */

#ifndef FRONTIER_H
#define FRONTIER_H


#include "common/rules/sc_rules.h"
#include "sidecar/core/settings.h"
#include "sidecar/drift/drift.h"
#include "sidecar/worker/pool.h"
#include "sidecar/fetch/cache_control.h"
#include "sidecar/fetch/fetch.h"
#include "sidecar/hosts/hosts.h"
#include "sidecar/lanes/lanes.h"
#include "sidecar/robots/robots_cache.h"
#include "sidecar/session/session.h"
#include "sidecar/store/store_work.h"
#include "sidecar/tenants/tenants.h"


#define FRONTIER_MAX_RETRIES    20


typedef struct frontier_s        frontier_t;
typedef struct frontier_job_s    frontier_job_t;
typedef struct frontier_wait_s   frontier_wait_t;
typedef struct frontier_check_s  frontier_check_t;


/*
 * Limits a job may set for itself; the settings bound them.  Times are in
 * nanoseconds, 0 is none but for the first two.
 */
typedef struct {
    int64_t  connect_timeout;
    int64_t  total_timeout;         /* of all attempts, redirects included */
    int64_t  first_byte_timeout;
    int64_t  idle_timeout;
    long     low_speed;             /* bytes a second, over */
    long     low_speed_time;        /* so many seconds */
    size_t   max_page;              /* decoded bytes */
    int      max_redirects;
    int      retries;               /* attempts after the first */
} frontier_limits_t;


/*
 * What is fetched, and how: two jobs of a tenant whose requests and URLs are
 * the same share one fetch.  Strings are "" when not set, NUL-terminated.
 *
 * headers       to send to the origin; dropped when a redirect leaves the
 *               origin (scheme, host, port)
 * cookies       to send to the URL's host, names and values
 * body          its type is among the headers; dropped by a redirect that
 *               makes a GET of it
 * session       name of the session whose cookies and headers are used
 * proxy         URL, or "pool:NAME"
 * source        address or interface
 * ca, cert      names of files in tls_dir, without ".ca.pem" and so on
 * tls_min       12 or 13, 0 for the default
 * wish          more politeness than the host asks for
 * ignore_robots, retry_any (not idempotent ones too), partial, meta_refresh,
 * insecure      as docs/api.md says
 */
typedef struct {
    const char            *method;
    const fetch_header_t  *headers;
    size_t                 nheaders;
    const fetch_header_t  *cookies;
    size_t                 ncookies;
    sc_str_t               body;
    const char            *session;
    const char            *proxy;
    const char            *source;
    const char            *ca;
    const char            *cert;
    int                    tls_min;
    fetch_http_t           http;
    host_wish_t            wish;
    frontier_limits_t      limits;
    unsigned               ignore_robots:1;
    unsigned               retry_any:1;
    unsigned               partial:1;
    unsigned               meta_refresh:1;
    unsigned               insecure:1;
} frontier_request_t;


/*
 * What to do.  frontier_submit() copies all of it, but takes a reference on
 * nothing.
 *
 * tenant        whose job it is
 * url           canonical
 * slot          three hex digits that its id begins with, "" or NULL: those
 *               of its host
 * rules         canonical JSON and hash of a rule set that was checked
 * echo          JSON text, "" if none
 * priority      from -100 to 100, higher goes first
 * ruleset       name of the rule set when it has one, "" if none; "," when
 *               rules are a group of sets called by their names
 * views         what is asked for beside the data: bits of EXTRACT_* in
 *               sidecar/extract/extract.h
 * cache_control what the client says about stored pages, "" for nothing
 * cancel_alone  cancel the job when nobody waits for it any more and it was
 *               not made durable ("on_disconnect": "cancel")
 * waited        somebody will wait for it: it goes before those that nobody
 *               waits for
 * keep_raw      the page is kept as it came, beside its result
 * tags          JSON text of an object of strings, "" if none
 * webhook       JSON text, as sidecar/push/webhooks.h has it, "" if none
 */
typedef struct {
    sc_str_t                tenant;
    const url_t            *url;
    const char             *slot;
    sc_str_t                rules;
    const char             *rules_hash;
    const char             *ruleset;
    unsigned                views;
    frontier_request_t      request;
    sc_str_t                echo;
    int                     priority;
    const char             *cache_control;
    sc_str_t                tags;
    sc_str_t                webhook;
    unsigned                cancel_alone:1;
    unsigned                waited:1;
    unsigned                keep_raw:1;
} frontier_spec_t;


/* The parts the frontier works with; drift and tenants may be NULL. */
typedef struct {
    loop_t            *loop;
    const settings_t  *settings;
    fetcher_t         *fetcher;
    pool_t            *pool;
    store_t           *store;
    hosts_t           *hosts;
    robots_cache_t    *robots;
    sessions_t        *sessions;
    drift_t           *drift;
    proxies_t         *proxies;
    tenants_t         *tenants;
} frontier_parts_t;


/*
 * What a waiter is shown when the job has ended; valid during the callback.
 * result is NULL for a cancelled job, and when stored is not STORE_OK.
 * stored says whether the outcome is on disk.  age is that of the page in
 * milliseconds when it was a stored one, else -1.
 */
typedef struct {
    const store_job_t     *job;
    const store_result_t  *result;
    store_status_t         stored;
    int64_t                age;
} frontier_outcome_t;


/* Called once, from the loop, never from inside the call that asked. */
typedef void (*frontier_wait_pt)(void *data, const frontier_outcome_t *o);
typedef void (*frontier_done_pt)(void *data, store_status_t status);


/*
 * All parts stay the caller's and must outlive the frontier.  Unended jobs in
 * the store are taken up again at once.  NULL when memory is out.
 */
frontier_t *frontier_create(const frontier_parts_t *parts);

/*
 * The table of hosts is complete: begin.  Until then nothing is fetched.
 */
void frontier_begin(frontier_t *f);

/*
 * Begin nothing, and read nothing of the queue (on), whatever else allows it;
 * or go on.
 */
void frontier_hold(frontier_t *f, int on);

/* A host's limits were changed. */
void frontier_host_changed(frontier_t *f, host_t *host);

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
    FRONTIER_TENANT_FULL,       /* the tenant has too many */
    FRONTIER_TENANT_PAGES,      /* it has used up its pages of today */
    FRONTIER_TENANT_BYTES,      /* or its bytes */
    FRONTIER_DRAINING,
    FRONTIER_NO_MEMORY
} frontier_status_t;

/*
 * Take a job in and write its id, of ID_SIZE bytes.  It begins when there is
 * room.  It is in memory only until frontier_persist() or its end.
 */
frontier_status_t frontier_submit(frontier_t *f, const frontier_spec_t *spec,
    char *id);

/* What frontier_submit() would say to one more of this tenant. */
frontier_status_t frontier_accepts(frontier_t *f, sc_str_t tenant);

/* Whether a tenant may fetch from a host, as in a canonical URL. */
int frontier_allows(const frontier_t *f, sc_str_t tenant, const char *host);

/* A job was accepted that was not submitted: of many pages. */
void frontier_tenant_job(frontier_t *f, sc_str_t tenant);

/* Of a tenant: fetches under way, jobs accepted and not ended. */
int64_t frontier_tenant_fetching(const frontier_t *f, sc_str_t tenant);
size_t frontier_tenant_queued(const frontier_t *f, sc_str_t tenant);

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

/*
 * Append the text of a spec, as a job's row keeps it: how its page is fetched
 * and what is shown of it, without url, rules, echo, tenant and priority.
 * SC_OK, or SC_ERROR when memory is out.
 */
int frontier_spec_text(const frontier_spec_t *spec, sc_buf_t *out);

/*
 * Fill in the row of a page of a job from spec, but for spec, rules, flow,
 * lane and what says where it was found: an id of its own, url, host, prio,
 * created and due now.  Its strings are spec's.  slot is the job's id, or what
 * spec has of that name: so are the ids of results.  SC_OK, or SC_ERROR when
 * there is no randomness.
 */
int frontier_page_row(const frontier_spec_t *spec, const char *slot,
    store_job_t *row);

/* The flow of a job of many pages. */
int64_t frontier_flow(const char *job);

/*
 * What the frontier is to know of a flow, the pages of one job; lanes are
 * lanes.h's.
 *
 * frontier_flow_fed    n pages were put into the store for it
 * frontier_flow_pause  nothing of it begins (on), what is in memory and has
 *                      not begun is left to the store; or it goes on.  SC_OK,
 *                      or SC_ERROR when memory is out and all is as it was
 * frontier_flow_drop   it is cancelled in the store: what is in memory is
 *                      forgotten, fetches are closed.  n pages less are queued
 * frontier_flow_limit  most fetches of it under way at once; 0: any
 * frontier_flow_wish   politeness of its pages in place of what their specs
 *                      say; what has not begun is read anew.  SC_OK, or
 *                      SC_ERROR as above
 * frontier_flow_busy   its pages that are being fetched or extracted
 * frontier_flow_next   nanoseconds until a page of it that is in memory may
 *                      begin, as far as its host goes; -1 if there is none
 */
void frontier_flow_fed(frontier_t *f, int lane, int64_t flow,
    sc_str_t tenant, size_t n);
int frontier_flow_pause(frontier_t *f, int lane, int64_t flow,
    sc_str_t tenant, int on);
void frontier_flow_drop(frontier_t *f, int lane, int64_t flow,
    sc_str_t tenant, size_t n);
void frontier_flow_limit(frontier_t *f, int lane, int64_t flow,
    sc_str_t tenant, int64_t n);
int frontier_flow_wish(frontier_t *f, int lane, int64_t flow,
    sc_str_t tenant, const host_wish_t *wish);
size_t frontier_flow_busy(const frontier_t *f, int lane, int64_t flow);
int64_t frontier_flow_next(const frontier_t *f, int lane, int64_t flow);

/*
 * Have the robots.txt of url's origin fetched, by the way that a page's spec
 * text says.  SC_OK when robots_cache_check() knows it; SC_AGAIN when it is
 * under way, done is called with NULL if it was begun here; SC_ERROR when it
 * cannot be fetched this way.
 */
int frontier_robots(frontier_t *f, sc_str_t spec, const url_t *url,
    robots_cache_pt done, void *data);

/* Delete a session that was kept for the pages of one job. */
void frontier_session_drop(frontier_t *f, sc_str_t tenant, sc_str_t name);

/*
 * How a page ended, for those whose it is.
 *
 * row      of the job that ended, parent set for a page of a job; its state is
 *          the one it ends in
 * result   what will be stored, NULL when nothing is
 * final    where the page was, canonical; the row's URL when there was no
 *          redirect and when nothing came
 * status   of HTTP, 0 for none
 * error    type of the problem, "" for none
 * found    what the page leads to, lines of crawl.h; empty unless a scope was
 *          given
 * drift    JSON text of an event, "" if none
 * webhook  the spec's, "" if none
 */
typedef struct {
    const store_job_t     *row;
    const store_result_t  *result;
    const char            *final;
    int                    status;
    const char            *error;
    sc_str_t               found;
    sc_str_t               drift;
    sc_str_t               webhook;
} frontier_page_t;

/*
 * Whom the frontier asks about jobs; all are called from the loop.
 *
 * scope   of a page's job: the text of crawl.h its links are looked for with;
 *         empty when they are not wanted.  A sitemap's page must have one
 * ending  a page or a job is about to be stored: end is filled in but for
 *         pages, final, messages and keep_same (1).  What is added needs to
 *         last until the next call of any of these.  SC_OK, or SC_ERROR when
 *         memory is out: it is not stored, and is asked for again later
 * found   lines of what a page leads to, before its end, of which found has
 *         more than a few: they are taken some at a time.  How many bytes
 *         were, 0: ask later; ending is given the rest, of STORE_PAGES_MAX
 *         lines at most.  When that is not on disk before it returns, see
 *         frontier_found_wait()
 * ended   it was stored, or could not be; called after those who wait for it
 *         were told.  Of one cancelled that was in the store alone row has
 *         but id and state
 */
typedef struct {
    sc_str_t  (*scope)(void *data, const store_job_t *row);
    int       (*ending)(void *data, const frontier_page_t *page,
                        store_end_t *end);
    size_t    (*found)(void *data, const store_job_t *row, sc_str_t found);
    void      (*ended)(void *data, const store_job_t *row,
                       store_status_t status, const store_ended_t *ended);
} frontier_hooks_t;

/* NULL hooks: nobody is asked any more. */
void frontier_hook(frontier_t *f, const frontier_hooks_t *hooks, void *data);

/*
 * What a page leads to is on its way to disk: called from the hook found with
 * the id of its row.  The page, its end above all, waits for the other call:
 * it is on disk (stored), or the same is taken once more, after a while.
 */
void frontier_found_wait(frontier_t *f, const char *id);
void frontier_found_put(frontier_t *f, const char *id, int stored);

/*
 * A page that is there already, and what to take from it: pool.h's members of
 * these names.
 */
typedef struct {
    sc_str_t     rules;
    const char  *rules_hash;
    const char  *url;
    const char  *content_type;
    sc_str_t     body;
    unsigned     views;
} frontier_check_spec_t;

/*
 * Extract it, without a job and without keeping anything; all of spec is
 * copied.  done is called once, from the loop, and the check is over then.
 * NULL when memory is out, or a part of it is larger than the pool takes.
 */
frontier_check_t *frontier_check(frontier_t *f,
    const frontier_check_spec_t *spec, pool_pt done, void *data);

/* Give it up; done has not been called and will not be. */
void frontier_check_cancel(frontier_check_t *check);

/*
 * What goes on.  ready are the flights that wait for their turn, by lane;
 * parked those that wait for something else; shared counts jobs that found
 * the fetch they wanted under way already, since the start.
 */
typedef struct {
    size_t    unended;
    size_t    fetching;
    size_t    extracting;
    size_t    storing;
    size_t    ready[3];
    size_t    parked;
    uint64_t  shared;
} frontier_stats_t;

void frontier_stats(const frontier_t *f, frontier_stats_t *stats);

/* lanes_stats() of its scheduler. */
void frontier_lanes(const frontier_t *f, lanes_stats_t *stats);

/* Jobs accepted and not ended; of them, those being fetched or extracted. */
size_t frontier_queued(const frontier_t *f);
size_t frontier_running(const frontier_t *f);


#endif /* FRONTIER_H */
