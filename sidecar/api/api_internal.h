
/*
 * What the files of the API share; for sidecar/api/api*.c alone.
 *
 *     api.c           routes; the call, from its request to its reply
 *     api_extract.c   /v1/extract: submit, wait, answer
 *     api_body.c      the JSON of an extract
 *     api_work.c      members of jobs: tags, webhooks, limits
 *     api_park.c      clients that wait for the end of such a job
 *     api_room.c      whether there is room for more, and when there will be
 *     api_request.c   how the page is to be fetched
 *     api_content.c   what is sent to the origin
 *     api_option.c    objects of options
 *     api_session.c   /v1/sessions
 *     api_host.c      /v1/hosts
 *     api_status.c    /v1/status
 *     api_metrics.c   /metrics
 *     api_numbers.c   what is counted when it is asked for
 *     api_form.c      an extract in a query string, or in a location
 *     api_text.c      where the members of a JSON object stand
 *     api_rules.c     rule sets of requests, each checked once
 *     api_overlay.c   rules over a named set, several sets together
 *     api_similar.c   pages that others are to be like
 *     api_need.c      what a call waits for before it can be read
 *     api_ruleset.c   /v1/rulesets, and names that requests give
 *     api_ruleset_list.c  lists of them
 *     api_drift.c     how often their fields have a value
 *     api_check.c     /v1/rules/check
 *     api_batch.c     /v1/batch; its other files: api_batch.h
 *     api_crawl.c     /v1/crawl; its other files: api_crawl.h
 *     api_change.c    jobs paused, changed, cancelled, tried again
 *     api_put.c       jobs with an id of the caller's
 *     api_name.c      such ids
 *     api_idem.c      Idempotency-Key: api_idem.h
 *     api_schedule.c  /v1/schedules
 *     api_usage.c     /v1/usage, and the fields that tell of it
 *
 * Those of lists, of the status of jobs and of their results: api_list.h; what
 * replies are made with: api_reply.h.
 */

#ifndef API_INTERNAL_H
#define API_INTERNAL_H


#define HASH_NONFATAL_OOM    1
#include <uthash.h>

#include "sidecar/api/api.h"
#include "sidecar/api/api_reply.h"
#include "sidecar/api/prefer.h"
#include "sidecar/api/problem.h"
#include "sidecar/api/query.h"
#include "sidecar/rulesets/rulesets.h"
#include "sidecar/url/url_query.h"


#define API_JSON           "Content-Type: application/json\r\n"
#define API_NO_STORE       "Cache-Control: no-store\r\n"

#define API_CACHED_RULES   256      /* rule sets of requests that are kept */
#define API_CACHED_TEXT    16384    /* bytes of the longest of them */
#define API_MAX_RULES      131072   /* bytes: longer ones stall the loop */
#define API_MAX_HEADERS    64       /* fields a request sends to its origin */
#define API_MAX_FIELDS     16384    /* bytes of their names and values */
#define API_NAME_MAX       100      /* bytes of an id of the caller's */
#define API_HASH_SIZE      65       /* SHA-256 in hex, with its NUL */


typedef struct api_rules_s  api_rules_t;
typedef struct api_need_s   api_need_t;
typedef struct api_page_s   api_page_t;
typedef struct api_idem_s   api_idem_t;

typedef void (*api_resume_pt)(api_call_t *c);
typedef void (*api_found_pt)(api_call_t *c, const store_job_t *job,
    const store_work_t *work);


/*
 * A rule set that was checked: what was written, and what it means.
 *
 * text, json   in one piece of memory with the struct
 * total        fields of all levels
 * similar      it names a page whose sketch it does not have
 * max_age      of an answer in seconds, the least of its sets; -1 when one of
 *              them does not say
 */
struct api_rules_s {
    UT_hash_handle   hh;
    sc_str_t         text;
    sc_str_t         json;
    size_t           total;
    unsigned         similar:1;
    int              max_age;
    char             hash[SC_RULES_HASH_LEN + 1];
};


#define API_SAMPLES        10       /* of how the queue moves, one a second */

/* The queue at one time: pages taken since the start, pages left. */
typedef struct {
    int64_t   at;
    uint64_t  taken;
    size_t    left;
} api_sample_t;


/*
 * headers, body, link   what a reply is made in; used again for each
 * calls                 those that are answered later
 * rules                 rule sets by their text, the one longest unused first
 * spare                 the last one that was too long to be kept
 * pages                 sketches of pages, the oldest first
 * idems                 requests with an Idempotency-Key that are under way
 * samples, nsamples     the last ones are at nsamples % API_SAMPLES and before
 * taken                 pages that were accepted since the start
 */
struct api_s {
    loop_t            *loop;
    const settings_t  *settings;
    frontier_t        *frontier;
    store_t           *store;
    hosts_t           *hosts;
    sessions_t        *sessions;
    drift_t           *drift;
    proxies_t         *proxies;
    robots_cache_t    *robots;
    resolve_t         *resolve;
    jobs_t            *jobs;
    schedules_t       *schedules;
    tenants_t         *tenants;
    pool_t            *pool;
    const server_t    *server;
    api_call_t        *calls;
    api_rules_t       *rules;
    api_rules_t       *spare;
    rulesets_t        *rulesets;
    api_page_t        *pages;
    api_idem_t        *idems;
    api_sample_t       samples[API_SAMPLES];
    uint64_t           nsamples;
    uint64_t           taken;
    sc_buf_t           headers;
    sc_buf_t           body;
    sc_buf_t           link;
    unsigned           draining:1;
};


/*
 * A request on its way through the API.
 *
 * request     NULL once it is answered
 * query       what follows '?' in the target, "" if nothing
 * id          of the path, and then of the job; "" when it has no id's length
 * name        the same segment of the path, for what has names
 * deadline    loop_now() until which the client waits
 * applied     value of Preference-Applied, "" for none
 * wait        the frontier will call back when the job has ended
 * persisting  it will call back when the job is on disk
 * cancelling  it will call back when the job is cancelled
 * reading     the store will call back with what was asked for
 * polling     it waits for what may not come before the next start: hurry is
 *             called when the gateway stops
 * found       who is told of the job that is looked for
 * hash, total  of the rule set that is checked
 * check       of rules against a page that is under way
 * own         what its handler keeps besides; own_free gives that back, and
 *             everything that would call back about it
 * need        what must be had before the request can be read; when that has
 *             come, resume reads it again from its start
 * rounds      times that was done
 * max_age     seconds for which the answer may be given again, -1 for unknown
 * idem        its Idempotency-Key, NULL if it has none
 * told        lines of fields for nginx alone
 * put_name    the caller's own id of the job that is made, "" for none
 * put_hash    of what was put with it
 */
struct api_call_s {
    api_t             *api;
    api_call_t        *next;
    api_call_t        *prev;
    server_request_t  *request;
    const char        *query;
    sc_str_t           tenant;
    char               id[ID_SIZE];
    sc_str_t           name;
    int64_t            deadline;
    loop_timer_t       timer;
    char               applied[64];
    frontier_wait_t   *wait;
    char               hash[SC_RULES_HASH_LEN + 1];
    size_t             total;
    frontier_check_t  *check;
    api_need_t        *need;
    api_resume_pt      resume;
    unsigned           rounds;
    int                max_age;
    size_t             limit;
    api_found_pt       found;
    void             (*hurry)(api_call_t *c);
    void              *own;
    void             (*own_free)(api_call_t *c);
    api_idem_t        *idem;
    sc_buf_t           told;
    char               put_name[API_NAME_MAX + 1];
    char               put_hash[API_HASH_SIZE];
    unsigned           persisting:1;
    unsigned           cancelling:1;
    unsigned           reading:1;
    unsigned           polling:1;
    unsigned           making:1;
};


/*
 * What an extract asks for: spec, with what its pointers lead to.  Rule sets
 * are the cache's or the connection's: valid until the next call.
 *
 * content  to be sent to the origin, of the media type type; NULL: nothing
 * auth     value of Authorization, empty for none
 */
typedef struct {
    frontier_spec_t   spec;
    url_t             url;
    fetch_header_t    headers[API_MAX_HEADERS];
    size_t            nheaders;
    fetch_header_t    cookies[API_MAX_HEADERS];
    sc_buf_t          content;
    const char       *type;
    sc_buf_t          auth;
    sc_buf_t          echo;
    sc_buf_t          tags;
    sc_buf_t          webhook;
    json_t           *json;
    query_t           query;
} api_extract_t;


/*
 * An option of a request that is read: of the object at the JSON Pointer base,
 * the member key.
 */
typedef struct {
    api_call_t          *call;
    api_extract_t       *extract;
    frontier_request_t  *request;
    problem_t           *problem;
    const char          *base;
    const char          *key;
} api_option_t;


/* A member an object may have; the handler says SC_OK, or SC_ERROR. */
typedef struct {
    const char  *name;
    int        (*handler)(api_option_t *o, const json_t *value);
} api_member_t;


/* api.c: forget a call that was answered. */
void api_call_done(api_call_t *c);

/*
 * Read a query string that has no parameters but those in names, which ends
 * with NULL.  SC_OK, or SC_ERROR with the problem answered; q is then empty.
 */
int api_call_query(api_call_t *c, query_t *q, const char *const *names);

/* The same where no parameter is known. */
int api_call_bare(api_call_t *c);


/* api_extract.c: handlers of routes */
void api_extract_post(api_call_t *c);
void api_extract_get(api_call_t *c);

/* Take the URL in.  SC_OK, or SC_ERROR with *p filled in but for the place. */
int api_extract_url(api_call_t *c, api_extract_t *e, const char *s,
    size_t len, problem_t *p);

/* The same, as all URLs that are given are taken in. */
int api_url(api_call_t *c, url_t *url, const char *s, size_t len,
    problem_t *p);

/* The settings' options of url_canonical(). */
unsigned api_url_options(const settings_t *settings);

/*
 * Use the rule set of this name: the connection's, else the tenant's.  SC_OK,
 * SC_ERROR with *p filled in but for the place, or SC_AGAIN.
 */
int api_extract_ruleset(api_call_t *c, api_extract_t *e, const char *name,
    problem_t *p);

/* The defaults of a job of this call; what it holds is freed. */
void api_extract_init(api_call_t *c, api_extract_t *e);
void api_extract_free(api_extract_t *e);

/* Answer for a frontier that did not take a job; for a job that failed. */
void api_extract_refused(api_call_t *c, frontier_status_t status);
void api_extract_failed(api_call_t *c, const store_job_t *job);

/*
 * Answer for the job c->id that another request has made: when it ends, or as
 * the request says.  SC_DECLINED when it is not in memory, SC_ERROR when that
 * is out.
 */
int api_extract_join(api_call_t *c);

/* Answer 202. */
void api_extract_accepted(api_call_t *c);

/*
 * Answer with a result; age of its page in milliseconds, -1 for none.  keep():
 * append to the reply's headers how long such an answer may be kept: as the
 * rules say, not at all when it lacks a required value or answers POST.
 */
void api_extract_keep(api_call_t *c, const store_result_t *result);
void api_extract_completed(api_call_t *c, const store_result_t *result,
    int64_t age);

/*
 * Milliseconds this client waits, from what it prefers: 0 when it asked for
 * nothing and otherwise is absent.  What of its wish is met is noted for the
 * answer.
 */
int64_t api_extract_wait(api_call_t *c, int64_t otherwise);

/* Use a rule set without fields: what is asked for is beside the data. */
int api_extract_bare(api_call_t *c, api_extract_t *e, problem_t *p);

/*
 * api_body.c, api_form.c: fill in *e, which has the defaults already.  SC_OK,
 * SC_ERROR with *p filled in, or SC_AGAIN.
 */
int api_body_parse(api_call_t *c, api_extract_t *e, problem_t *p);
int api_form_parse(api_call_t *c, api_extract_t *e, problem_t *p);

/*
 * What an extract is read for: bits.
 *
 * API_READ_URL    it has a url
 * API_READ_RULES  it has rules, or a return
 * API_READ_JOB    it is a job of its own: tags, webhook and on_disconnect are
 *                 members of it
 */
#define API_READ_URL      1u
#define API_READ_RULES    2u
#define API_READ_JOB      4u
#define API_READ_EXTRACT  (API_READ_URL | API_READ_RULES | API_READ_JOB)

/*
 * The same from JSON text, and from an object whose text is text, NULL when
 * there is none.  A reference to the object is taken, and what e holds may
 * point into it.
 */
int api_extract_read(api_call_t *c, api_extract_t *e, sc_str_t text,
    unsigned what, problem_t *p);
int api_extract_take(api_call_t *c, api_extract_t *e, json_t *json,
    const sc_str_t *text, unsigned what, problem_t *p);

/* Parse such a text, which is an object; or any.  NULL with *p filled in. */
json_t *api_body_json(sc_str_t text, problem_t *p);
json_t *api_json_read(sc_str_t text, problem_t *p);

/* A whole body of JSON; SC_OK, or SC_ERROR with *p filled in. */
int api_body_check(api_call_t *c, problem_t *p);

/*
 * api_form.c: the parameters of an extract in a query string, but for url and
 * those in others, as the JSON object they mean.  NULL with *p filled in.
 */
json_t *api_form_json(const query_t *q, const char *const *others,
    problem_t *p);

/* api_body.c: what is wrong with a text that is no JSON. */
const char *api_json_wrong(const json_error_t *err);

/*
 * api_body.c: whether a Content-Type, "" if absent, is JSON's.  SC_OK, or
 * SC_ERROR with *p filled in.
 */
int api_json_type(const char *type, problem_t *p);

/*
 * What "return" and "explain", NULL if absent, ask for: bits of
 * EXTRACT_* are added.  SC_OK, or SC_ERROR with *p filled in.
 */
int api_views(const json_t *list, const json_t *explain, unsigned *views,
    problem_t *p);

/*
 * api_value.c: a location whose answer is the value of one field alone, as
 * text, or as text in HTML.  completed() answers with it, or 404
 * /extract/missing; late(), 504 /extract/late, when the wait is over: 202
 * would be taken for the value.
 */
int api_value_wanted(const api_call_t *c);
void api_value_completed(api_call_t *c, const store_result_t *result,
    int64_t age);
void api_value_late(api_call_t *c);

/* The words of "return", for a sentence. */
#define API_VIEWS                                                             \
    "\"data\", \"links\", \"meta\", \"jsonld\", \"microdata\", "              \
    "\"headers\", \"text\", \"markdown\", \"raw\", \"follow\", "              \
    "\"sketch\" or \"explain\""

/* Add the bit of one of them: SC_OK or SC_DECLINED. */
int api_view(const char *word, unsigned *views);

/*
 * api_request.c: take in "request" and "politeness", NULL if absent.  SC_OK,
 * or SC_ERROR with *p filled in.
 */
int api_request_parse(api_call_t *c, api_extract_t *e, const json_t *request,
    const json_t *politeness, problem_t *p);

/*
 * api_content.c: what is sent to the origin, and credentials; handlers of
 * members.  api_content_finish() makes fields of them at last.
 */
int api_content_body(api_option_t *o, const json_t *value);
int api_content_form(api_option_t *o, const json_t *value);
int api_content_json(api_option_t *o, const json_t *value);
int api_content_auth(api_option_t *o, const json_t *value);
int api_content_finish(api_option_t *o);

/*
 * api_option.c: give each member of an object to its handler; those that have
 * none are refused.  A whole number.  SC_OK or SC_ERROR.
 */
int api_option_object(api_option_t *o, const char *base,
    const json_t *object, const api_member_t *members);
int api_option_int(api_option_t *o, const json_t *value, int64_t min,
    int64_t max, int64_t *n);

/* Refuse the option, or a member of it: SC_ERROR, with the problem. */
int api_option_invalid(api_option_t *o, const char *detail);
int api_option_refused(api_option_t *o, const char *member,
    const char *detail);
int api_option_no_memory(api_option_t *o);

/*
 * api_text.c: step through the members of a JSON object, or the elements of a
 * list, which must be correct JSON.  *pos is at its start, and moved on; SC_OK
 * with the text of the next value, SC_DECLINED when there is none.
 */
int api_text_member(const char **pos, const char *end, sc_str_t *value);
int api_text_item(const char **pos, const char *end, sc_str_t *value);

/* Append JSON text without the blanks between its parts. */
int api_text_compact(sc_buf_t *b, sc_str_t text);

/*
 * api_rules.c: the rule set in text, which is JSON; json is the same parsed,
 * or NULL.  Valid until the next call.  NULL with *err filled in.
 */
const api_rules_t *api_rules_get(api_t *api, sc_str_t text,
    const json_t *json, sc_rules_error_t *err);
void api_rules_free(api_t *api);

/* The max_age of the rule set in json, which is canonical. */
int api_rules_max_age(api_t *api, sc_str_t json);

/* The problem of a refused rule set, but for the place. */
void api_rules_problem(problem_t *p, const sc_rules_error_t *err);

/*
 * The same as api_rules_get(), with base, the JSON Pointer to the set, before
 * the place of what is wrong; a text that is NULL is written from json.
 * SC_OK, or SC_ERROR with *p filled in.
 */
int api_rules_take(api_call_t *c, const sc_str_t *text, const json_t *json,
    const char *base, const api_rules_t **set, problem_t *p);

/*
 * The same for a set that is to be applied: the sketches of pages it names
 * are in it.  SC_OK, SC_ERROR with *p filled in, or SC_AGAIN.
 */
int api_rules_use(api_call_t *c, const sc_str_t *text, const json_t *json,
    const char *base, const api_rules_t **set, problem_t *p);


/* A rule set that was named; views, valid until the next call. */
typedef struct {
    sc_str_t     json;
    const char  *hash;
    unsigned     similar:1;
} api_named_t;

/*
 * api_ruleset.c: the rule set of this name, the connection's or else the
 * tenant's.  SC_OK, SC_ERROR with *p filled in but for the place, or SC_AGAIN.
 */
int api_ruleset_find(api_call_t *c, const char *name, api_named_t *named,
    problem_t *p);
void api_ruleset_get(api_call_t *c);
void api_ruleset_put(api_call_t *c);
void api_ruleset_delete(api_call_t *c);

/* Read a body of JSON.  NULL with *p filled in. */
json_t *api_ruleset_json(const sc_buf_t *body, problem_t *p);

/* api_ruleset_list.c */
void api_ruleset_list(api_call_t *c);
void api_ruleset_versions(api_call_t *c);


/*
 * api_overlay.c: use these rules laid over the set of this name; the sets of
 * these names as a group.  base is the JSON Pointer to what is wrong.  SC_OK,
 * SC_ERROR with *p filled in, or SC_AGAIN.
 */
int api_overlay(api_call_t *c, api_extract_t *e, const char *name,
    const json_t *over, const char *base, problem_t *p);
int api_overlay_sets(api_call_t *c, api_extract_t *e, const json_t *names,
    problem_t *p);


/*
 * api_need.c: say what the call waits for: a rule set, or the sketch of a page
 * that the request names at this JSON Pointer.  SC_AGAIN, or SC_ERROR with *p
 * filled in.
 */
int api_need_ruleset(api_call_t *c, const char *ref, problem_t *p);
int api_need_sketch(api_call_t *c, const char *url, const char *pointer,
    problem_t *p);

/*
 * Begin to wait for it; resume is called when it is there.  The call may be
 * answered, and must not be touched any more.
 */
void api_need_wait(api_call_t *c, api_resume_pt resume);

/* It is there: go on. */
void api_need_met(api_call_t *c);

/* Where the request names it, "" if nowhere; the page's URL. */
const char *api_need_pointer(const api_call_t *c);
const char *api_need_url(const api_call_t *c);
void api_need_free(api_call_t *c);


/*
 * api_similar.c: put the sketches that are missing into a set.  As
 * api_rules_use().
 */
int api_similar_complete(api_call_t *c, const char *base,
    const api_rules_t **set, problem_t *p);

/* Fetch the page that the call needs. */
void api_similar_fetch(api_call_t *c);
void api_similar_free(api_t *api);

/* Whether a set, or one of a group, names a page without its sketch. */
int api_similar_missing(const sc_rules_t *rules);


/* api_check.c */
void api_check_post(api_call_t *c);

/* api_job_list.c, api_report.c, api_pages.c, api_errors.c */
void api_job_list(api_call_t *c);
void api_job_report(api_call_t *c);
void api_job_pages(api_call_t *c);
void api_job_errors(api_call_t *c);

/* api_job.c */
void api_job_get(api_call_t *c);

/* Answer with the status of c->id as it is now: 200, or as given. */
void api_job_show(api_call_t *c, int status);
void api_job_not_found(api_call_t *c);

/* What the call waits for is not waited for any more. */
void api_job_hurry(api_call_t *c);

/* api_change.c */
void api_job_patch(api_call_t *c);
void api_job_delete(api_call_t *c);
void api_job_retry(api_call_t *c);

/*
 * api_put.c; api_batch.c; api_crawl.c.  The makers with a body of JSON that
 * was read already: its text is copied.
 */
void api_job_put(api_call_t *c);
void api_batch_post(api_call_t *c);
void api_batch_make(api_call_t *c, sc_str_t text);
int api_batch_streams(const server_request_t *r);
void api_crawl_post(api_call_t *c);
void api_crawl_make(api_call_t *c, sc_str_t text);

/* Delete what a crawl c->id, that is deleted, had made besides: a session. */
void api_crawl_forget(api_call_t *c);


/*
 * api_work.c: what a job of many pages is asked for besides its pages.
 *
 * spec      the members jobs.h names, but for "crawl"
 * echo      JSON text
 */
typedef struct {
    json_t    *spec;
    sc_buf_t   echo;
    int        priority;
} api_work_t;

/* SC_OK, or SC_ERROR when memory is out; an api_work_t of 0 may be freed. */
int api_work_init(api_work_t *w);
void api_work_free(api_work_t *w);

/*
 * Take a member in: tags, webhook, limits, max_concurrency, keep_ms, priority
 * or echo.  SC_OK, SC_ERROR with *p filled in, or SC_DECLINED when it is none
 * of these.
 */
int api_work_member(api_work_t *w, const char *key, const json_t *value,
    problem_t *p);

/* The checks of single members.  SC_OK, or SC_ERROR with *p filled in. */
int api_work_tags(const json_t *value, problem_t *p);
json_t *api_work_webhook(const json_t *value, problem_t *p);
int api_work_limits(const json_t *value, problem_t *p);
int api_work_int(const char *key, const json_t *value, int64_t min,
    int64_t max, problem_t *p);

/* A problem with a member: SC_ERROR.  "base" before the pointer it has. */
int api_work_refused(problem_t *p, const char *base, const char *key,
    const char *detail);
int api_work_unknown(problem_t *p, const char *base, const char *key);
void api_work_under(problem_t *p, const char *base);

/*
 * The job of a call is made from w and page: c->id is its id, done is told.
 * FRONTIER_OK, or another, and done is not called.  crawl is the member of
 * that name, or NULL; a reference is taken in any case.
 */
frontier_status_t api_work_make(api_call_t *c, api_work_t *w,
    const char *kind, const frontier_spec_t *page, json_t *crawl,
    store_done_pt done);


/*
 * api_park.c: a client that waits for the end of the job c->id, in what its
 * handler keeps, which has an own_free.
 */
typedef struct {
    api_call_t    *call;
    jobs_watch_t  *watch;
    unsigned       ended:1;
    unsigned       waiting:1;
} api_park_t;

/*
 * Begin to look, before the job can end; SC_OK or SC_ERROR.  Wait so many
 * milliseconds, then answer with the status: 200 when it has ended, else 202.
 */
int api_park_watch(api_park_t *park, api_call_t *c);
void api_park_wait(api_park_t *park, int64_t wait);
void api_park_free(api_park_t *park);


/*
 * api_room.c: whether something new may be accepted: SC_OK, or SC_ERROR and
 * the call is answered.  Count n pages that were.  Whether a page more may be
 * put into the queue by this tenant.
 */
int api_room_check(api_call_t *c);
void api_room_taken(api_t *api, size_t n);
frontier_status_t api_room_more(api_call_t *c);

/* Seconds until there may be room again; look at the queue. */
int api_room_retry(api_call_t *c, frontier_status_t status);

/* Tell nginx whom a refusal of this type holds up, and for how long. */
void api_room_hold(api_call_t *c, const char *type, int seconds);
void api_room_look(api_t *api);

/* Fill in the problem of a frontier that takes nothing; 1 with Retry-After. */
int api_room_problem(api_call_t *c, frontier_status_t status, problem_t *p);


/*
 * api_name.c: whether this may be an id of the caller's.  Look up what such an
 * id in the path means, then go on with resume: c->id is set if it means
 * something.
 */
int api_name_check(sc_str_t name);
void api_name_find(api_call_t *c, api_resume_pt resume);

/* The document of the name that c makes, for c->id: its text, and the rest. */
void api_name_doc(api_call_t *c, sc_buf_t *text, store_doc_t *doc);


/*
 * api_work.c: begin the answer 202 for c->id; or give it, when nothing more is
 * to be told.
 */
void api_work_accepted(api_call_t *c, const char *kind);
void api_work_reply(api_call_t *c, const char *kind);

/* api_put.c: another request put this id meanwhile: look again. */
void api_job_put_again(api_call_t *c);

/*
 * api_batch_end.c: answer 202 for a job of many pages that another request
 * made.
 */
void api_batch_told(api_call_t *c, const store_work_t *work);

/* api_schedule.c */
void api_schedule_list(api_call_t *c);
void api_schedule_get(api_call_t *c);
void api_schedule_put(api_call_t *c);
void api_schedule_delete(api_call_t *c);

/* api_host.c, api_session.c, api_status.c */
void api_host_list(api_call_t *c);
void api_host_get(api_call_t *c);
void api_host_patch(api_call_t *c);
void api_session_list(api_call_t *c);
void api_session_get(api_call_t *c);
void api_session_put(api_call_t *c);
void api_session_delete(api_call_t *c);
void api_status(api_call_t *c);

/*
 * api_usage.c.  Fields of every reply to a tenant that has limits of a day:
 * draft-ietf-httpapi-ratelimit-headers-10.
 */
void api_usage_get(api_call_t *c);
void api_usage_fields(api_call_t *c, sc_buf_t *headers);

/* Whether the tenant may fetch from a URL's host.  SC_OK, or SC_ERROR. */
int api_usage_host(api_call_t *c, const url_t *url, problem_t *p);

/* api_metrics.c */
void api_metrics(api_call_t *c);

/* api_numbers.c: set what is not counted as it happens. */
void api_numbers(const api_t *api);

/* api_drift.c: how often the fields of a rule set have a value */
void api_drift_get(api_call_t *c);

/* api_results.c, api_result.c, api_raw.c, api_history.c, api_event.c */
void api_result_list(api_call_t *c);
void api_result_search(api_call_t *c);
void api_result_get(api_call_t *c);
void api_result_raw(api_call_t *c);
void api_result_history(api_call_t *c);
void api_result_diff(api_call_t *c);
void api_event_stream(api_call_t *c);

/*
 * api_follow.c: answer with the results of the job c->id as NDJSON while they
 * come, in the order they are stored, until the job ends or the deadline of
 * the call; then a line {"done", "id", "state"} and counts of pages, with
 * "done": false while the job goes on.  For a batch that is waited for.
 */
void api_stream_job(api_call_t *c);


#endif /* API_INTERNAL_H */
