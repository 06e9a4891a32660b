
/*
 * What is read of jobs and results besides one by its id: lists with cursors,
 * search, versions; and what is deleted because its time is over.
 */

#ifndef STORE_LIST_H
#define STORE_LIST_H


#include "sidecar/store/store_work.h"


/* most rows of one list call; who wants more goes on from the last */
#define STORE_LIST_MAX    1000


/*
 * Jobs of a tenant, the newest first, without pages of jobs.
 *
 * before       with a lower seq; 0: from the newest
 * state        store_state_t, or -1; kind, "" for any
 * tag_name, tag_value   that have this tag; "" for any
 * since, until created in [since, until), 0 for any
 */
typedef struct {
    sc_str_t     tenant;
    int64_t      before;
    int          state;
    const char  *kind;
    const char  *tag_name;
    const char  *tag_value;
    int64_t      since;
    int64_t      until;
    size_t       limit;
} store_jobs_ask_t;


/*
 * Results of a tenant in the order of seq.
 *
 * after        with a higher seq; with newest, a lower one, 0: from the end
 * newest       the newest first
 * job          of this job, "" for any
 * failed       those that failed alone
 * url          canonical, of completed results: with failed, there are none;
 *              host: name in lower case; ruleset: by name; "" for any
 * tag_name, tag_value   of jobs that have this tag
 * changed_since   at this time or later, and not the same as before; 0: any
 * q            FTS5 query, "" for none
 */
typedef struct {
    sc_str_t     tenant;
    int64_t      after;
    unsigned     newest:1;
    unsigned     failed:1;
    const char  *job;
    const char  *url;
    const char  *host;
    const char  *ruleset;
    const char  *tag_name;
    const char  *tag_value;
    int64_t      changed_since;
    const char  *q;
    size_t       limit;
} store_results_ask_t;


/* A count by name: "status:200", "error:/fetch/dns", "host:shop.example". */
typedef struct {
    sc_str_t  name;
    int64_t   n;
} store_tally_t;


/* Bytes of a page, and the JSON of its head, as store_end() was given them. */
typedef struct {
    sc_str_t  head;
    sc_str_t  body;
} store_raw_t;


/*
 * Bounds of what is kept; 0 is no bound.
 *
 * now     milliseconds since 1970
 * rows    results; bytes: of the file, in use
 */
typedef struct {
    int64_t  now;
    int64_t  rows;
    int64_t  bytes;
} store_keep_t;


typedef void (*store_tallies_pt)(void *data, store_status_t status,
    const store_tally_t *tallies, size_t n);
typedef void (*store_raw_pt)(void *data, store_status_t status,
    const store_raw_t *raw);
typedef void (*store_messages_pt)(void *data, store_status_t status,
    const store_message_t *messages, size_t n);


/*
 * Reads.  A list may end before limit when it has many bytes
 * (STORE_LIST_BYTES), and results by tag, changed_since or q end after 100.
 * Who reads on goes from the last one until there is none.
 *
 * store_jobs_list      works with counts; those of an extract are of its page.
 *                      Without rule sets and the spec of pages
 * store_results_list   STORE_CONFLICT when q cannot be parsed
 * store_pages_list     pages of a job with seq > after, in order: store_job_t
 *                      with a spec and a rule set's name if it has its own,
 *                      without rules
 * store_tallies        of a job
 * store_raw_get        of a result, by its id
 * store_messages_due   not taken and due by now, at most limit
 * store_messages_list  about a job, the newest first
 */
#define STORE_LIST_BYTES    1048576

/*
 * What a row counts as: the rows of a list that ended early for its bytes have
 * STORE_LIST_BYTES together, or more.
 */
size_t store_job_size(const store_job_t *job);
size_t store_result_size(const store_result_t *result);

int store_jobs_list(store_t *s, const store_jobs_ask_t *ask,
    store_works_pt done, void *data);
int store_results_list(store_t *s, const store_results_ask_t *ask,
    store_results_pt done, void *data);
int store_pages_list(store_t *s, int64_t job, int64_t after, size_t limit,
    store_jobs_pt done, void *data);
int store_tallies(store_t *s, int64_t job, store_tallies_pt done,
    void *data);
int store_raw_get(store_t *s, const char *result, sc_str_t tenant,
    store_raw_pt done, void *data);
int store_messages_due(store_t *s, int64_t now, size_t limit,
    store_messages_pt done, void *data);
int store_messages_list(store_t *s, const char *job, sc_str_t tenant,
    size_t limit, store_messages_pt done, void *data);

/*
 * Writes.
 *
 * store_messages_put  insert n messages, for events that are nobody's end
 * store_message_set   due, tries, state and last of the one with this seq
 * store_sweep         a step of some STORE_CHUNK rows towards what is beyond
 *                     keep being gone.  Jobs that ended and whose expires is
 *                     over become STORE_EXPIRED, without spec, echo and error,
 *                     and what is called by them goes: documents of kind
 *                     "job-name" that spec's "name" names, and of kind
 *                     "session" with the name "job-" and the id;
 *                     then their results, raws, pages, tallies, tags, messages
 *                     and works go.  The oldest ended ones go in the same way
 *                     while there are too many rows or bytes.  From when it is
 *                     empty, a job stays for STORE_TOMBSTONE: its expires is
 *                     when it goes itself.  So go messages about no job when
 *                     they were taken, and documents of kind "idem" after 24
 *                     hours.  Free space is given back to the file system,
 *                     some of it each time.  added is how many rows it changed
 *                     or pages it gave back: 0 when there is no more to do.
 *                     One sweep at a time
 */
#define STORE_TOMBSTONE    604800000        /* milliseconds, 7 days */

int store_messages_put(store_t *s, const store_message_t *messages, size_t n,
    store_done_pt done, void *data);
int store_message_set(store_t *s, const store_message_t *message,
    store_done_pt done, void *data);
int store_sweep(store_t *s, const store_keep_t *keep, store_added_pt done,
    void *data);

/* Bytes of the file in use, as the last sweep found it; 0 before the first. */
int64_t store_bytes(const store_t *s);


#endif /* STORE_LIST_H */
