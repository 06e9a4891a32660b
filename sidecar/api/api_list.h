
/*
 * What the files that tell of jobs and results share; for sidecar/api/api*.c
 * alone.
 *
 *     api_list.c      what a list is asked for: how many, from where on
 *     api_cursor.c    where it goes on
 *     api_time.c      times in query strings
 *     api_find.c      jobs by their id
 *     api_told.c      the status of a job
 *     api_job.c       /v1/jobs/{id}, waited for
 *     api_job_list.c  /v1/jobs
 *     api_pages.c     /v1/jobs/{id}/pages
 *     api_errors.c    /v1/jobs/{id}/errors
 *     api_report.c    /v1/jobs/{id}/report
 *     api_result.c    one result
 *     api_results.c   lists of results, in any format
 *     api_stream.c    results as they are read, for lists and events
 *     api_follow.c    results of a job as they come
 *     api_event.c     /v1/jobs/{id}/events
 *     api_raw.c       pages as they came
 *     api_history.c   versions of a result, and what differs
 */

#ifndef API_LIST_H
#define API_LIST_H


#include "sidecar/api/api_internal.h"
#include "sidecar/export/export.h"


#define API_LIST_LIMIT    100
#define API_LIST_MAX      1000
#define API_MAX_NAMES     200       /* in fields= */

/* most bytes of a page of a list, but for one item */
#define API_PAGE_BYTES    4194304

/* of one tenant, and of use only with its tag */
#define API_PRIVATE       "Cache-Control: private, no-cache\r\n"


/*
 * What is asked of a list.
 *
 * limit    0 when none was given
 * after    seq of the cursor, or of since_seq; 0: from the beginning
 * hash     of what is asked, but for where it begins and how much it is
 * fields   nfields of them, NULL when none were given; they point into names
 */
typedef struct {
    query_t       query;
    size_t        limit;
    int64_t       after;
    uint64_t      hash;
    const char  **fields;
    size_t        nfields;
    char         *names;
    char         *tag;
} api_list_t;


typedef struct api_stream_s  api_stream_t;


/*
 * api_list.c: read the query string, with no parameters but those in names,
 * of which "limit", "cursor", "since_seq" and "fields" are taken in.  SC_OK,
 * or SC_ERROR with the problem answered; *l is empty then.
 */
int api_list_parse(api_call_t *c, api_list_t *l, const char *const *names);
void api_list_free(api_list_t *l);

/* A parameter that is wrong: SC_ERROR, with the problem answered. */
int api_list_wrong(api_call_t *c, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Whether there may be more than the first c->limit of the n that were read,
 * one more than that unless it is API_LIST_MAX; size is what those count as,
 * store_job_size() or store_result_size().
 */
int api_list_more(const api_call_t *c, size_t n, size_t size);

/*
 * Begin the answer with what the store has read: the reply has these lines,
 * and its list, "data", is open.  SC_OK, or SC_ERROR, answered.
 */
int api_list_begin(api_call_t *c, store_status_t status, const char *headers);

/*
 * End the list that is open and send the answer, with a link to the rest, from
 * behind seq on, if there is more.
 */
void api_list_send(api_call_t *c, const api_list_t *l, int more, int64_t seq);

/*
 * Of a list by name: "limit", 1 to API_LIST_LIMIT, as c->limit, and "after",
 * a view into query whose data is NULL if it is not given.  check says SC_OK
 * to what may be the name of a thing, "session" say.  SC_OK, or SC_ERROR,
 * answered.
 */
int api_list_by_name(api_call_t *c, const query_t *query, const char *thing,
    int (*check)(sc_str_t name), sc_str_t *after);

/* Begin to ask for results of the tenant: for any, with no limit yet. */
void api_list_results(const api_call_t *c, store_results_ask_t *ask);

/*
 * A whole number in a parameter: SC_OK, SC_DECLINED when it is not given, or
 * SC_ERROR, answered.
 */
int api_list_number(api_call_t *c, const query_t *query, const char *name,
    int64_t min, int64_t max, int64_t *n);

/* "NAME:VALUE" in the parameter "tag", as api_list_number(); l has it. */
int api_list_tag(api_call_t *c, api_list_t *l, const char **name,
    const char **value);

/* api_time.c: a time in RFC 3339 or milliseconds since 1970, likewise. */
int api_list_time(api_call_t *c, const query_t *query, const char *name,
    int64_t *ms);

/*
 * api_cursor.c: a hash of a path below the base and what is asked there by
 * query, NULL for nothing.
 */
uint64_t api_cursor_hash(const api_call_t *c, sc_str_t path,
    const query_t *query);
void api_cursor_write(uint64_t hash, int64_t seq, sc_buf_t *out);

/* SC_OK, or SC_DECLINED when it is none, or one of another list. */
int api_cursor_read(const char *s, uint64_t hash, int64_t *seq);

/* Append the link to the rest of the list. */
void api_cursor_link(const api_call_t *c, const api_list_t *l, int64_t seq,
    sc_buf_t *out);

/* Append a Link field of it to what is sent. */
void api_cursor_field(const char *link, sc_buf_t *out);

/* The part of the target before '?'. */
sc_str_t api_cursor_path(const api_call_t *c);


/*
 * api_find.c: look for the job c->id: c->found is called with its row and, of
 * a job of many pages, its counts, from inside or later; or the call is
 * answered: 404, 410 or what is wrong with the store.
 */
void api_find(api_call_t *c, api_found_pt found);

/*
 * api_told.c: append the status of a job, in two parts: what is between is
 * more members of "stats", each with a comma before it.  The brace that ends
 * it is the caller's.  stable, unless NULL, is given where in out the part
 * ends that only changes with the job.
 */
void api_told_begin(api_call_t *c, const store_job_t *job,
    const store_work_t *work, sc_buf_t *out, size_t *stable);
void api_told_end(api_call_t *c, const char *id, sc_buf_t *out);

/* Append `,"next":` and where its results are. */
void api_told_next(api_call_t *c, const char *id, sc_buf_t *out);

/* Append the members of "stats" that tallies give. */
void api_told_tallies(const store_tally_t *tallies, size_t n, sc_buf_t *out);

/* Append a count of those tallies that begin so, `"name":n` with commas. */
void api_told_group(const store_tally_t *tallies, size_t n,
    const char *prefix, sc_buf_t *out);

/* The stats alone, an object. */
void api_told_stats(api_call_t *c, const store_job_t *job,
    const store_work_t *work, sc_buf_t *out);

/* Append `,"name":` and a time, or null. */
void api_told_time(const char *name, int64_t ms, sc_buf_t *out);

/* Append `"base path id tail"`. */
void api_told_link(api_call_t *c, const char *path, const char *id,
    const char *tail, sc_buf_t *out);


/*
 * Results on their way to a client.
 *
 * ask      what is read next; its strings point into list, job, url, host
 * left     items that are still wanted
 * seq      of the last one that was written
 * paged    it is sent at once, with a link to the next page
 * open     the head of the reply is sent
 * more     there are more than were wanted
 * told     the job was heard of while the store was being read
 * ended    nothing more comes of the job
 * out      what is not handed to the server yet
 * head     of a reply that has not begun
 * row      a result whose page is being read, in text
 * idle     all that is stored was written, not called of a paged one
 * heard    of api_follow()
 * what     of jobs.h, has happened and is not told yet
 * state    of the job, as it was told
 * ticked   loop_now() of the last thing that was sent
 * polled   the client holds the last event of a job
 */
struct api_stream_s {
    api_call_t           *call;
    api_list_t            list;
    export_format_t       format;
    export_t             *export;
    store_results_ask_t   ask;
    size_t                left;
    int64_t               seq;
    sc_buf_t              out;
    sc_buf_t              head;
    store_result_t        row;
    sc_buf_t              text;
    jobs_watch_t         *watch;
    char                  job[ID_SIZE];
    char                 *url;
    char                 *host;
    void                (*idle)(api_stream_t *s);
    void                (*heard)(api_stream_t *s);
    int64_t               ticked;
    unsigned              what;
    store_state_t         state;
    unsigned              paged:1;
    unsigned              open:1;
    unsigned              more:1;
    unsigned              told:1;
    unsigned              ended:1;
    unsigned              polled:1;
};


/*
 * api_stream.c.  Make the call's stream: the call owns it.  NULL with the
 * problem answered; list is taken in any case.
 */
api_stream_t *api_stream_create(api_call_t *c, api_list_t *list,
    export_format_t format);

/* Begin an export of rules, "" if unknown.  SC_OK, or SC_ERROR, answered. */
int api_stream_export(api_stream_t *s, sc_str_t rules);

/* Send the head, if that was not done. */
void api_stream_open(api_stream_t *s);

/* Read on, unless that is being done or the client is slow. */
void api_stream_read(api_stream_t *s);

/* Hand over what is in out. */
void api_stream_flush(api_stream_t *s);

/* Send the last of it; complete 0: something is missing. */
void api_stream_finish(api_stream_t *s, int complete);

/*
 * api_follow.c: watch the job c->id; told is called when something has
 * happened to it, in s->what, and nothing is being read.  SC_OK, or SC_ERROR,
 * answered.
 */
int api_follow(api_stream_t *s, void (*told)(api_stream_t *s));

/*
 * api_result.c: answer with the newest result of a URL in JSON, when nothing
 * else is asked for: 1, or 0 when something is.
 */
int api_result_newest(api_call_t *c);
void api_result_not_found(api_call_t *c);

/* api_results.c: send a page of results, all of it there. */
void api_results_page(api_stream_t *s);

/* Append the link to the results of c->id behind this one, a string. */
void api_results_next(api_call_t *c, int64_t seq, sc_buf_t *out);


#endif /* API_LIST_H */
