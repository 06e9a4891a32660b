
/*
 * What the files of this room share: jobs, flights, and the frontier itself.
 * Nobody outside includes this.
 *
 * A job is somebody's wish for data; a flight is the way to one page, for all
 * jobs that wish for the same page.
 *
 *     frontier.c           jobs in memory: submit, wait, persist, cancel
 *     frontier_call.c      who is to be told, and when
 *     frontier_dispatch.c  what begins now; drain
 *     frontier_refill.c    the queue in the store, read as there is room
 *     frontier_share.c     the room: of each tenant, of each flow of it
 *     frontier_flow.c      a job's pages: paused, dropped, limited
 *     frontier_tenant.c    how many jobs each tenant has
 *     frontier_job.c       a job: extract, end
 *     frontier_end.c       its end, as the store and who asked are told it
 *     frontier_check.c     a page that needs no flight and leaves no trace
 *     frontier_flight.c    a flight: made, joined, begun, landed
 *     frontier_hop.c       one exchange of it: robots, fetch, redirect
 *     frontier_page.c      stored pages: used, checked, kept
 *     frontier_login.c     into a session, before its pages
 *     frontier_robots.c    a robots.txt for who wants its sitemaps
 *     frontier_retry.c     another attempt: whether, and when
 *     frontier_record.c    what is written down: fetch object, problem, result
 *     frontier_spec.c      a job's spec to the store's JSON and back
 *     frontier_request.c   the request in it
 */

#ifndef FRONTIER_INTERNAL_H
#define FRONTIER_INTERNAL_H


#define HASH_NONFATAL_OOM    1
#include <jansson.h>
#include <openssl/evp.h>
#include <uthash.h>

#include "sidecar/core/json_last.h"
#include "sidecar/frontier/frontier.h"
#include "sidecar/lanes/lanes.h"
#include "sidecar/metrics/metrics.h"


/*
 * Durable jobs kept in memory beyond those under way, shared by tenants and
 * flows as frontier_share.c says, and most of them when there are very many;
 * the store has the rest.
 */
#define FRONTIER_WINDOW          1024
#define FRONTIER_MAX_JOBS        4096

/* times a job is taken up again after a crash of ours before it is failed */
#define FRONTIER_MAX_ATTEMPTS    3

/* times a page may kill its worker */
#define FRONTIER_MAX_CRASHES     2

/* a pause before another attempt: first, at most, longest kept in memory */
#define FRONTIER_FIRST_RETRY     (250 * LOOP_MS)
#define FRONTIER_LAST_RETRY      (60 * LOOP_SEC)
#define FRONTIER_LONG_RETRY      (10 * LOOP_SEC)

/* of a page's name: SHA-256 in hex */
#define FRONTIER_PAGE_KEY        65

/* of frontier_flight_park(): until somebody else ends it */
#define FRONTIER_FOREVER         INT64_MAX

/*
 * Bytes of what a page leads to that its end has with it: no more than
 * STORE_PAGES_MAX lines, a line has 12 of them.
 */
#define FRONTIER_FOUND           11999

/* so many pages under extraction: others will end within milliseconds */
#define FRONTIER_FOLLOWERS       8

/* of a digest of data: SHA-256 in hex */
#define FRONTIER_DIGEST          65


typedef struct frontier_flight_s  frontier_flight_t;
typedef struct frontier_login_s   frontier_login_t;
typedef struct frontier_kept_s    frontier_kept_t;
typedef struct frontier_flow_s    frontier_flow_t;
typedef struct frontier_queue_s   frontier_queue_t;
typedef struct frontier_table_s   frontier_table_t;
typedef struct frontier_tenant_s  frontier_tenant_t;
typedef struct frontier_ask_s     frontier_ask_t;


typedef enum {
    JOB_FLYING = 0,     /* with its flight, however far that is */
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
    frontier_tenant_t  *account;
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
 * A stored page, copied; head is what frontier_page.c makes of a flight.
 */
struct frontier_kept_s {
    json_t    *head;
    sc_buf_t   etag;
    sc_buf_t   modified;
    sc_buf_t   body;
    int64_t    at;
    int64_t    lifetime;
    int64_t    age;
    unsigned   used:1;
    unsigned   checked:1;
};


typedef enum {
    FLIGHT_READY = 0,   /* in the scheduler */
    FLIGHT_PARKED,      /* until its next attempt, or its robots.txt */
    FLIGHT_FETCHING,
    FLIGHT_LANDED       /* what came is with the jobs */
} frontier_flight_stage_t;


/*
 * The way to a page.
 *
 * key         tenant, URL and request, so long without what is said about
 *             stored pages; in f->flights until it has landed
 * jobs        that want the page
 * login       that wants it; or, in waiting, that it waits for
 * spec        JSON that the request's strings belong to
 * fields      memory of the request's headers and cookies
 * hop         where the redirects have led
 * method      of the next exchange: a redirect may make it a GET
 * proxy       the one in use, NULL if none
 * spent       of the total time, nanoseconds; since is when the present
 *             stretch began
 * tries       attempts that failed
 * verdict     what robots.txt said, as the fetch object tells it; NULL: it
 *             was not asked
 * jar         cookies of this way, or of the session; baked when those of the
 *             request are in it
 * cache       what the clients say about stored pages
 * stored      the page that is there already, NULL if none
 * page_key    its name
 * page        how the last fetch ended; http and content_type are copies
 * page_bytes  bytes of body, decoded
 * redirects, retries  JSON of the fetch object's lists, without brackets
 * headers     JSON of the answer's fields, empty when nobody asks for them
 * held        the scheduler counts it as under way
 * starved     the last fetch found us out of descriptors or memory
 * reached     an origin has answered; came: with so many bytes, decoded
 */
struct frontier_flight_s {
    UT_hash_handle            hh;
    frontier_t               *frontier;
    frontier_flight_t        *next;
    frontier_flight_t        *prev;
    lanes_item_t              item;
    frontier_flight_stage_t   stage;
    sc_buf_t                  key;
    size_t                    plain_len;
    frontier_job_t           *jobs;
    frontier_login_t         *login;
    frontier_login_t         *waiting;

    json_t                   *spec;
    fetch_header_t           *fields;
    frontier_request_t        request;
    url_t                     hop;
    const char               *method;
    proxy_t                  *proxy;
    unsigned                  hashed:1;
    unsigned                  held:1;
    unsigned                  begun:1;
    unsigned                  origin_left:1;
    unsigned                  body_left:1;
    unsigned                  starved:1;
    unsigned                  robots:1;
    unsigned                  baked:1;
    unsigned                  looking:1;
    unsigned                  reached:1;

    int64_t                   spent;
    int64_t                   since;
    int                       hops;
    int                       tries;
    const char               *verdict;
    loop_timer_t              timer;
    jar_t                    *jar;
    cache_request_t           cache;
    frontier_kept_t          *stored;
    char                      page_key[FRONTIER_PAGE_KEY];
    session_t                *session;
    session_open_t           *opening;
    fetch_t                  *fetch;
    fetch_result_t            page;
    int64_t                   page_bytes;
    int64_t                   came;
    char                      http[8];
    char                      content_type[256];
    sc_buf_t                  redirects;
    sc_buf_t                  retries;
    sc_buf_t                  headers;
};


/*
 * A job in memory.
 *
 * row        what the store knows or will know; its strings are in text
 * text       one block: tenant, url, rules, echo, spec
 * queue      of the store that it is in, when it is durable
 * views      what is asked for beside the data
 * ruleset    name of its rule set, NULL if it has none
 * age        of its page in milliseconds when it was a stored one, else -1
 * account    of its tenant, NULL when it is not counted
 * webhook, tags   JSON text, NULL if none
 * scope      what its page's links are looked for with
 * found      what it leads to, up to taken it is on disk; given bytes more are
 *            on their way there, it waits for them if putting
 * drift      an event
 * final      where it was, empty when that is its URL; raw: its bytes, head
 *            what is kept with them
 * usage      of its tenant for it, not yet on disk; its tenant is not set
 * problem    type of its problem, "" for none
 * digest     of the data, in hex
 * record     the texts result points at
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
    frontier_flight_t      *flight;
    frontier_queue_t       *queue;

    store_job_t             row;
    sc_buf_t                text;
    unsigned                cancel_alone:1;
    unsigned                waited:1;
    int                     crashes;
    unsigned                views;
    char                   *ruleset;
    int64_t                 age;
    frontier_tenant_t      *account;
    char                   *webhook;
    char                   *tags;
    unsigned                keep_raw:1;
    unsigned                putting:1;
    pool_task_t            *task;
    sc_buf_t                scope;
    sc_buf_t                found;
    size_t                  taken;
    size_t                  given;
    sc_buf_t                drift;
    sc_buf_t                final;
    sc_buf_t                raw;
    sc_buf_t                head;
    int                     status;
    int64_t                 bytes;
    int64_t                 wire;
    store_usage_t           usage;
    const char             *problem;
    char                    digest[FRONTIER_DIGEST];
    sc_buf_t                record;
    store_result_t          result;
    sc_buf_t                error;

    frontier_wait_t        *waits;
    frontier_call_t        *persists;
    frontier_call_t        *cancels;
};


typedef struct {
    int64_t  flow;
    int64_t  lane;
} frontier_flow_key_t;


/*
 * A flow that has, or had, jobs in the store.
 *
 * backlog     the store may have jobs, due now, that are not in memory
 * left        jobs were left to the store since the scan began
 * due, host   how far the scan of its queues has come
 * check       when the store is to be asked whether anything is left for
 *             later, in loop_now()'s nanoseconds
 * paused      nothing of it is read or begun
 * resting     the same, for its tenant has used up what it may today
 * wish        of its pages in place of their own, if wished
 * queues      of it, in memory
 * more        of these, those of which the store may have others: nmore
 * held        jobs of it in memory that the store has too
 * reads       of its queues, under way
 * asked, each hosts, and jobs of each, that the scan has asked for
 * active      counted among those that share the window
 * hungry      in its account's list of those that are to be read
 * cramped     what it has to wait for stands in the way of others
 */
struct frontier_flow_s {
    UT_hash_handle       hh;
    frontier_flow_key_t  key;
    frontier_t          *frontier;
    frontier_tenant_t   *account;
    frontier_flow_t     *next;
    frontier_flow_t     *prev;
    sc_buf_t             tenant;
    unsigned             backlog:1;
    unsigned             left:1;
    unsigned             reading:1;
    unsigned             checking:1;
    unsigned             paused:1;
    unsigned             resting:1;
    unsigned             wished:1;
    unsigned             active:1;
    unsigned             hungry:1;
    unsigned             cramped:1;
    host_wish_t          wish;
    int64_t              due;
    int64_t              host;
    int64_t              check;
    size_t               queues;
    frontier_queue_t    *more;
    size_t               nmore;
    size_t               held;
    size_t               reads;
    size_t               asked;
    size_t               each;
};


typedef struct {
    frontier_flow_t  *flow;
    int64_t           host;
} frontier_queue_key_t;


/*
 * A queue of the store (a flow's jobs for one host) of which jobs are in
 * memory.
 *
 * held        how many
 * more        the store may have others that are due; it is in flow->more
 * not_before  the host keeps us waiting until then, milliseconds since 1970
 */
struct frontier_queue_s {
    UT_hash_handle         hh;
    frontier_queue_key_t   key;
    frontier_t            *frontier;
    frontier_queue_t      *next;
    frontier_queue_t      *prev;
    size_t                 held;
    unsigned               more:1;
    unsigned               reading:1;
    int64_t                not_before;
    size_t                 asked;
};


/*
 * jobs        all jobs in memory, by id
 * flights     those that can be joined
 * parked      those that wait outside the scheduler, nparked of them
 * flying      flights under way
 * extracting  jobs whose page is there
 * transients  jobs in memory that are not durable
 * storing     jobs that have ended and are not on disk
 * leading     jobs that lead to more pages than are taken at once; lead_task
 *             takes the next
 * unstored    of them, those the store could not take yet; retry tells it
 *             again
 * reads       of the queue in the store, under way
 * rows        jobs in memory that are in such a queue
 * sharing     tenants that share the window
 * hungry      those with flows to read, the one whose turn it is first
 * gone        jobs that ended meanwhile
 * tenants     how many jobs each has
 * opened      when this process began, milliseconds since 1970
 * asks        for a robots.txt that is under way
 * hooks       whom to ask about jobs, NULL if nobody
 * spec        of the job that was read last
 * sha256      the digest, looked up once
 * tables      of rule sets of jobs that ended, the longest unused first
 * unread      which flows the store has is to be asked again
 */
struct frontier_s {
    frontier_parts_t    parts;
    loop_t             *loop;
    const settings_t   *settings;
    store_t            *store;
    lanes_t            *lanes;

    frontier_job_t     *jobs;
    frontier_flight_t  *flights;
    frontier_flight_t  *parked;
    size_t              nparked;
    size_t              flying;
    size_t              extracting;
    size_t              queued;
    uint64_t            shared;
    uint64_t            kept;
    size_t              transients;
    size_t              storing;
    frontier_job_t     *leading;
    loop_task_t         lead_task;
    frontier_job_t     *unstored;

    frontier_flow_t    *flows;
    frontier_queue_t   *queues;
    size_t              reads;
    size_t              rows;
    size_t              sharing;
    frontier_tenant_t  *hungry;
    frontier_login_t   *logins;
    frontier_gone_t    *gone;
    frontier_table_t   *tables;
    frontier_tenant_t  *tenants;
    int64_t             opened;
    frontier_ask_t     *asks;
    frontier_hooks_t    hooks;
    void               *hooks_data;
    json_last_t         spec;
    EVP_MD             *sha256;
    unsigned            begun:1;
    unsigned            held:1;
    unsigned            unread:1;
    unsigned            draining:1;

    frontier_cancel_t  *cancels;
    frontier_call_t    *calls;
    loop_task_t         call_task;
    loop_task_t         dispatch_task;
    loop_task_t         tenant_task;
    loop_timer_t        pause;
    loop_timer_t        retry;
    loop_timer_t        poll;
    loop_timer_t        drain_timer;
    void              (*drained)(void *data);
    void               *drained_data;
};


/* frontier.c */
void frontier_restore(frontier_t *f, const store_job_t *row);
void frontier_ended(frontier_job_t *j, store_status_t status,
    const store_ended_t *ended);

/* frontier_call.c; SC_OK or SC_ERROR when memory is out. */
int frontier_call_add(frontier_call_t **list, frontier_done_pt done,
    void *data);

/* Call them now; or at the end of this round. */
void frontier_call_all(frontier_call_t **list, store_status_t status);
void frontier_call_later(frontier_t *f, frontier_call_t **list,
    store_status_t status);

/* Drop the calls with this data; NULL drops all. */
void frontier_call_forget(frontier_call_t **list, void *data);
void frontier_call_task(loop_task_t *task);

/* frontier_dispatch.c */
void frontier_dispatch_open(frontier_t *f);
void frontier_dispatch_close(frontier_t *f);
void frontier_dispatch_soon(frontier_t *f);
void frontier_pause(frontier_t *f);

/* Draining: leave a job's page to the next start when all of it is durable. */
void frontier_drain_leave(frontier_job_t *j);

/* Keep the end of a job until the store can take it. */
void frontier_put_off(frontier_t *f, frontier_job_t *j);

/* frontier_refill.c.  SC_OK or SC_ERROR when memory is out. */
int frontier_refill_open(frontier_t *f);
void frontier_refill_close(frontier_t *f);

/* Read what there is room for. */
void frontier_refill(frontier_t *f);

/*
 * What the store is asked for begins, and ends: what it shows may be older
 * than what ended meanwhile.
 */
void frontier_refill_begun(frontier_t *f);
void frontier_refill_ended(frontier_t *f);

/* A read under way may still show this job. */
void frontier_gone(frontier_t *f, const char *id);

/*
 * frontier_queue.c.  The queue of a flow's jobs for a host, NULL when none of
 * them is in memory; made when missing, NULL when memory is out.
 */
frontier_queue_t *frontier_queue_find(frontier_flow_t *flow, int64_t host);
frontier_queue_t *frontier_queue_get(frontier_flow_t *flow, int64_t host);

/* Free a queue of which nothing is in memory and nothing is to be read. */
void frontier_queue_release(frontier_queue_t *q);
void frontier_queues_free(frontier_t *f);

/* A durable job is in memory; is there no more; is left to the store. */
void frontier_queue_enter(frontier_job_t *j);
void frontier_queue_leave(frontier_job_t *j);
void frontier_queue_evict(frontier_job_t *j);

/*
 * Hand a durable job back to the store, which has it wait until due; it is
 * freed.  SC_OK, or SC_ERROR when memory is out.
 */
int frontier_queue_defer(frontier_job_t *j, int64_t due);

/* Leave jobs of hosts that keep us waiting to the store. */
void frontier_make_room(frontier_t *f);

/* Whether the store may have more of a queue than is in memory. */
void frontier_queue_more(frontier_queue_t *q, int more);

/*
 * The flow of this name, made when missing; NULL: memory is out.  Read it
 * anew from its beginning.  Free it, when nothing of it is in memory.
 */
frontier_flow_t *frontier_flow_get(frontier_t *f, int lane, int64_t flow,
    sc_str_t tenant);
void frontier_flow_rescan(frontier_flow_t *flow);
void frontier_flow_free(frontier_flow_t *flow);

/*
 * frontier_flow.c.  Whether nothing of a flow is to be read now.  Whether a
 * job is only in memory to be begun some time,
 * and can be left to the store; leave it.  The wish of a row's flow, or NULL.
 */
const host_wish_t *frontier_flow_wished(frontier_t *f,
    const store_job_t *row);
int frontier_flow_rests(const frontier_flow_t *flow);
int frontier_flow_leavable(const frontier_job_t *j);
void frontier_flow_leave(frontier_job_t *j);

/*
 * frontier_tenant.c.  A tenant's account, made when missing, NULL when memory
 * is out; a job of it is there, or n are; they are not any more.
 */
frontier_tenant_t *frontier_tenant_get(frontier_t *f, sc_str_t name);
void frontier_tenant_enter(frontier_job_t *j);
void frontier_tenant_restored(frontier_job_t *j);
void frontier_tenant_evicted(frontier_job_t *j);
void frontier_tenant_add(frontier_tenant_t *account, size_t n);
void frontier_tenant_sub(frontier_tenant_t *account, size_t n);
void frontier_tenants_open(frontier_t *f);
void frontier_tenants_free(frontier_t *f);

/*
 * Whether a tenant has used up what it may; whether it may fetch from a host.
 * A page of a flight is there, or will not be: what it used is one of its
 * jobs' to write down; write down what no end of a job will.
 */
int frontier_tenant_over(frontier_t *f, sc_str_t tenant);
int frontier_tenant_allows(const frontier_flight_t *fl);
void frontier_tenant_landed(frontier_flight_t *fl);
void frontier_tenant_settle(frontier_job_t *j);

/* frontier_job.c */
void frontier_job_begun(frontier_job_t *j);
void frontier_job_extract(frontier_job_t *j);
void frontier_job_stop(frontier_job_t *j);
void frontier_job_cancel(frontier_job_t *j);
void frontier_job_cancelled(frontier_job_t *j);
void frontier_job_fail(frontier_job_t *j, const char *type,
    const char *detail);
void frontier_job_free(frontier_job_t *j);

/*
 * frontier_end.c.  Ask what its page's links are looked for with; keep what
 * is known of its page, before it leaves it; tell the store how it ended,
 * later when memory is out; tell who asked that it did.
 */
void frontier_end_scope(frontier_job_t *j);
void frontier_end_keep(frontier_job_t *j);
void frontier_end_store(frontier_job_t *j);
void frontier_end_lead(loop_task_t *task);
void frontier_end_tell(frontier_t *f, const store_job_t *row,
    store_status_t status, const store_ended_t *ended);

/*
 * frontier_flight.c.  Put a job on the flight it wants, made when missing:
 * SC_OK, or SC_ERROR when memory is out.
 */
int frontier_flight_join(frontier_job_t *j);

/* Take it off; the last one takes the flight along. */
void frontier_flight_leave(frontier_job_t *j);

/* It is its turn. */
void frontier_flight_begin(frontier_flight_t *fl);

/* Back to the scheduler, before others: it has waited already. */
void frontier_flight_again(frontier_flight_t *fl);

/* Wait outside the scheduler, for so long. */
void frontier_flight_park(frontier_flight_t *fl, int64_t delay);
void frontier_flight_unpark(frontier_flight_t *fl);

/* The scheduler's account of it; outcome NULL: it was cancelled. */
void frontier_flight_release(frontier_flight_t *fl,
    const host_outcome_t *outcome);

/* The page is there, or there is none and why. */
void frontier_flight_land(frontier_flight_t *fl);
void frontier_flight_fail(frontier_flight_t *fl, const char *type,
    const char *detail);

/* A job's page says that the page is elsewhere.  SC_OK or SC_ERROR. */
int frontier_flight_follow(frontier_job_t *j, const char *url);

/* No page yet, or not from this URL. */
void frontier_flight_blank(frontier_flight_t *fl);
void frontier_flight_free(frontier_flight_t *fl);

/*
 * A flight without jobs: it belongs to whoever asked for it.  lane is whose
 * turn it takes.  NULL when memory is out.
 */
frontier_flight_t *frontier_flight_create(frontier_t *f,
    const store_job_t *row, lanes_lane_t lane);

/* Let it wait for its turn; SC_OK, or SC_ERROR when memory is out. */
int frontier_flight_push(frontier_flight_t *fl, int front);

/*
 * frontier_page.c.  Look for a stored page, parked until it is known whether
 * there is one: SC_OK; SC_DECLINED when none is wanted; SC_ERROR when memory
 * is out.
 */
int frontier_page_look(frontier_flight_t *fl);
void frontier_page_free(frontier_flight_t *fl);

/*
 * The fields that ask whether the stored page has changed: how many were
 * added to those at fields.
 */
size_t frontier_page_fields(const frontier_flight_t *fl,
    fetch_header_t *fields);

/*
 * What came may say that the stored page is still right, which then is the
 * page; or is to be kept.  result is that of the fetch.
 */
void frontier_page_came(frontier_flight_t *fl, const fetch_result_t *result);

/* "hit", "revalidated" or "miss"; NULL when nobody asked for stored pages. */
const char *frontier_page_word(const frontier_flight_t *fl);

/*
 * frontier_login.c.  Have the flight, which is parked, wait until its session
 * is logged in: SC_OK; SC_DECLINED when there is nothing to wait for;
 * SC_ERROR when memory is out.
 */
int frontier_login_wait(frontier_flight_t *fl);

/* It does not wait any more. */
void frontier_login_leave(frontier_flight_t *fl);

/* A page of the login is there; or it is not, and why. */
void frontier_login_landed(frontier_flight_t *fl);
void frontier_login_failed(frontier_flight_t *fl, const char *detail);

/* frontier_robots.c: forget who asks with this data; NULL: all. */
void frontier_robots_forget(frontier_t *f, const void *data);

/* frontier_hop.c */
void frontier_hop_begin(frontier_flight_t *fl);
void frontier_hop_stop(frontier_flight_t *fl);
void frontier_hop_to(frontier_flight_t *fl, const char *location);

/* A robots.txt is there: who waited for it goes on; data is the frontier. */
void frontier_hop_robots_done(void *data, const fetch_result_t *result);

/*
 * The proxy of this name, which the page's request has, in *proxy; trusted is
 * set when it is of a pool.  SC_OK; SC_ERROR with a sentence in err.
 */
int frontier_hop_proxy_get(frontier_t *f, const char *name, proxy_t *proxy,
    int *trusted, char *err, size_t errlen);

/*
 * frontier_retry.c.  Another attempt after this page or failure: SC_OK when
 * it will be made, SC_DECLINED when what is there is the end.
 */
int frontier_retry(frontier_flight_t *fl);

/* frontier_record.c; SC_OK, or SC_ERROR when memory is out */
int frontier_record_redirect(frontier_flight_t *fl, const char *url,
    int status);
int frontier_record_retry(frontier_flight_t *fl, int64_t delay);
int frontier_record_result(frontier_job_t *j, const pool_result_t *extracted);
int frontier_record_incomplete(frontier_job_t *j,
    const pool_result_t *extracted);
int frontier_record_failure(frontier_job_t *j, const char *type,
    const char *detail);

/*
 * frontier_table.c: say in j->result which tables its rows go to; the rule
 * sets of jobs that ended are remembered in f->tables.
 */
void frontier_table_give(frontier_job_t *j);
void frontier_tables_free(frontier_t *f);

/*
 * frontier_headers.c: make fl->headers of the answer's lines, if anybody asks
 * for them, or of what was kept with a stored page (NULL: nothing).
 */
void frontier_headers_keep(frontier_flight_t *fl, sc_str_t lines);
void frontier_headers_restore(frontier_flight_t *fl, const json_t *headers);

/* frontier_spec.c; a job made from a spec or from the store, NULL if not */
frontier_job_t *frontier_job_create(frontier_t *f,
    const frontier_spec_t *spec);
frontier_job_t *frontier_job_restore(frontier_t *f, const store_job_t *row);

/* Whether a row can be read at all: SC_OK or SC_ERROR. */
int frontier_spec_check(const store_job_t *row);

/*
 * frontier_request.c.  The request as JSON; and from JSON: the strings stay
 * json's; *fields is memory to be freed.
 * SC_OK or SC_ERROR.
 */
int frontier_request_write(const frontier_request_t *r, sc_buf_t *b);
int frontier_request_read(frontier_request_t *r, const json_t *json,
    fetch_header_t **fields);


#endif /* FRONTIER_INTERNAL_H */
