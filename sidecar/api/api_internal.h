
/*
 * What the files of the API share; for sidecar/api/api*.c alone.
 *
 *     api.c           routes; the call, from its request to its reply
 *     api_extract.c   /v1/extract: submit, wait, answer
 *     api_body.c      the JSON of an extract
 *     api_request.c   how the page is to be fetched
 *     api_content.c   what is sent to the origin
 *     api_option.c    objects of options
 *     api_session.c   /v1/sessions
 *     api_host.c      /v1/hosts
 *     api_status.c    /v1/status
 *     api_form.c      an extract in a query string, or in a location
 *     api_text.c      where the members of a JSON object stand
 *     api_rules.c     rule sets of requests, each checked once
 *     api_job.c       /v1/jobs
 *     api_result.c    /v1/results, and the results of a job
 *     api_reply.c     what all replies are made with
 */

#ifndef API_INTERNAL_H
#define API_INTERNAL_H


#include <uthash.h>

#include "sidecar/api/api.h"
#include "sidecar/api/prefer.h"
#include "sidecar/api/problem.h"
#include "sidecar/api/query.h"
#include "sidecar/url/url_query.h"


#define API_JSON           "Content-Type: application/json\r\n"

#define API_CACHED_RULES   256      /* rule sets of requests that are kept */
#define API_CACHED_TEXT    16384    /* bytes of the longest of them */
#define API_MAX_RULES      131072   /* bytes: longer ones stall the loop */
#define API_MAX_HEADERS    64       /* fields a request sends to its origin */
#define API_MAX_FIELDS     16384    /* bytes of their names and values */


typedef struct api_call_s   api_call_t;
typedef struct api_rules_s  api_rules_t;


/*
 * A rule set that was checked: what was written, and what it means.
 *
 * text, json   in one piece of memory with the struct
 */
struct api_rules_s {
    UT_hash_handle   hh;
    sc_str_t         text;
    sc_str_t         json;
    char             hash[SC_RULES_HASH_LEN + 1];
};


/*
 * headers, body, link   what a reply is made in; used again for each
 * calls                 those that are answered later
 * rules                 rule sets by their text, the one longest unused first
 * spare                 the last one that was too long to be kept
 */
struct api_s {
    loop_t            *loop;
    const settings_t  *settings;
    frontier_t        *frontier;
    store_t           *store;
    hosts_t           *hosts;
    sessions_t        *sessions;
    proxies_t         *proxies;
    robots_cache_t    *robots;
    resolve_t         *resolve;
    api_call_t        *calls;
    api_rules_t       *rules;
    api_rules_t       *spare;
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
 * polling     it waits for a job's end, to tell its status
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
    size_t             limit;
    unsigned           persisting:1;
    unsigned           cancelling:1;
    unsigned           reading:1;
    unsigned           polling:1;
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


/* api_extract.c: handlers of routes */
void api_extract_post(api_call_t *c);
void api_extract_get(api_call_t *c);

/* Take the URL in.  SC_OK, or SC_ERROR with *p filled in but for the place. */
int api_extract_url(api_call_t *c, api_extract_t *e, const char *s,
    size_t len, problem_t *p);

/* The same, as all URLs that are given are taken in. */
int api_url(api_call_t *c, url_t *url, const char *s, size_t len,
    problem_t *p);

/*
 * Use the rule set the connection knows by this name.  SC_OK, or SC_ERROR
 * with *p filled in but for the place.
 */
int api_extract_ruleset(api_call_t *c, api_extract_t *e, const char *name,
    problem_t *p);

/*
 * api_body.c, api_form.c: fill in *e, which has the defaults already.  SC_OK,
 * or SC_ERROR with *p filled in.
 */
int api_body_parse(api_call_t *c, api_extract_t *e, problem_t *p);
int api_form_parse(api_call_t *c, api_extract_t *e, problem_t *p);

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
 * api_text.c: step through the members of a JSON object, which must be
 * correct JSON.  *pos is at its start, and moved on; SC_OK with the text of
 * the next value, SC_DECLINED when there is none.
 */
int api_text_member(const char **pos, const char *end, sc_str_t *value);

/* Append JSON text without the blanks between its parts. */
int api_text_compact(sc_buf_t *b, sc_str_t text);

/*
 * api_rules.c: the rule set in text, which is JSON; json is the same parsed,
 * or NULL.  Valid until the next call.  NULL with *err filled in.
 */
const api_rules_t *api_rules_get(api_t *api, sc_str_t text,
    const json_t *json, sc_rules_error_t *err);
void api_rules_free(api_t *api);

/* The problem of a refused rule set, but for the place. */
void api_rules_problem(problem_t *p, const sc_rules_error_t *err);

/* api_job.c */
void api_job_get(api_call_t *c);
void api_job_delete(api_call_t *c);

/* Ask for the status again, and answer at once. */
void api_job_hurry(api_call_t *c);

/* api_host.c, api_session.c, api_status.c */
void api_host_list(api_call_t *c);
void api_host_get(api_call_t *c);
void api_host_patch(api_call_t *c);
void api_session_list(api_call_t *c);
void api_session_get(api_call_t *c);
void api_session_put(api_call_t *c);
void api_session_delete(api_call_t *c);
void api_status(api_call_t *c);

/* api_result.c */
void api_result_list(api_call_t *c);
void api_result_newest(api_call_t *c);
void api_result_get(api_call_t *c);


/*
 * api_reply.c.  Begin a reply: api->headers and api->body are emptied, and
 * api->headers begins with these lines.
 */
void api_reply_begin(api_call_t *c, const char *headers);

/* Send them.  The call is done and must not be touched any more. */
void api_reply_send(api_call_t *c, int status);

/* Answer with a problem; retry is the value of Retry-After, 0 for none. */
void api_reply_problem(api_call_t *c, const problem_t *p, int retry);
void api_reply_error(api_call_t *c, const char *type, const char *detail);
void api_reply_no_memory(api_call_t *c);

/* Answer for a store that did not do what it was asked for. */
void api_reply_store(api_call_t *c, store_status_t status);

/* "BASE/v1/PATH/ID TAIL" in api->link, NUL-terminated. */
const char *api_reply_link(api_call_t *c, const char *path, const char *id,
    const char *tail);

/* Append `,"name":` and the value; a link, JSON text, a time (0: null). */
void api_reply_add_link(api_call_t *c, const char *name, const char *path,
    const char *id, const char *tail);
void api_reply_add_json(api_call_t *c, const char *name, sc_str_t json);
void api_reply_add_time(api_call_t *c, const char *name, int64_t ms);

/* Append "links" of a job; with cancel while it has not ended. */
void api_reply_add_links(api_call_t *c, const char *id, int cancel);

/* Append a result as it is listed and read. */
void api_reply_add_item(api_call_t *c, const store_result_t *result);

/* The word of a state; whether it is one of the last. */
const char *api_reply_state(store_state_t state);
int api_reply_ended(store_state_t state);


#endif /* API_INTERNAL_H */
