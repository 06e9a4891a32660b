
/*
 * Jobs and results on disk.  One SQLite file in WAL mode; one thread writes,
 * committing all who wait in one transaction (synchronous=FULL: a write that
 * was called back is on disk); readers have connections of their own.  The
 * loop never waits for the file: each call queues its work and is called back
 * from the loop.
 *
 * This room alone knows SQL.
 */

#ifndef STORE_H
#define STORE_H


#include "common/sc_core.h"
#include "sidecar/core/id.h"
#include "sidecar/loop/loop.h"


/* How many documents can be put in one go. */
#define STORE_DOCS_MAX    4

/* how long it is kept what tenants used */
#define STORE_USAGE_DAYS    400

/*
 * Bounds of users' tables: how many are in the file, the gateway's among
 * them; of one tenant; columns of one; kinds of keys of one.  A history is a
 * table, too.
 */
#define STORE_TABLES_MAX     2000
#define STORE_TENANT_TABLES  200
#define STORE_TABLE_COLUMNS  200
#define STORE_TABLE_KEYS     8


typedef struct store_s  store_t;


typedef enum {
    STORE_OK = 0,
    STORE_NOT_FOUND,        /* no such row, or another tenant's */
    STORE_CONFLICT,         /* the row is not in the state the call needs */
    STORE_FULL,             /* the disk is full; reads go on */
    STORE_FAILED            /* I/O error or corruption; it is in the log */
} store_status_t;


typedef enum {
    STORE_QUEUED = 0,
    STORE_RUNNING,
    STORE_COMPLETED,
    STORE_FAILED_JOB,
    STORE_CANCELLED,
    STORE_EXPIRED,          /* what it gave is deleted */
    STORE_PAUSED            /* of a job of many pages: nothing is begun */
} store_state_t;


/* The word of a state, as users see it; whether it is one of the last. */
const char *store_state_word(store_state_t state);
int store_state_ended(store_state_t state);


/* What a result is beside the one before of the same tenant and URL. */
typedef enum {
    STORE_NEW = 0,          /* there was none */
    STORE_SAME,             /* its data are equal */
    STORE_CHANGED,
    STORE_GONE              /* the origin says 404 or 410 */
} store_change_t;


/* What a page of a job is for. */
typedef enum {
    STORE_PAGE = 0,
    STORE_SITEMAP           /* its URLs are wanted, no result */
} store_role_t;


/*
 * A job.  In calls the strings are views that need to last only until the
 * call returns; in callbacks until the callback returns.  Times are
 * milliseconds since 1970, 0 for "not yet".
 *
 * seq         order of acceptance, given by the store
 * kind        "extract", "batch", "crawl", or "page" of a job of many
 * spec        JSON text of what was asked, without the rules
 * rules_hash  name of the rule set; "" if none
 * rules       its canonical JSON; kept once however many jobs share it
 * echo        JSON text given back verbatim, "" if none
 * error       JSON text of the problem that ended it, "" if none
 * attempts    times it was taken up and did not end (a crash of ours)
 * tries       attempts at the page that failed, in runs that ended
 * lane, flow  whose turn it takes; flow is a hash
 * host        hash of the host it is for
 * prio        lower goes first
 * due         when it may be done; 0 for a job that was never queued
 * expires     when what it gave may be deleted, 0 for never
 * parent      seq of the job that it is a page of, 0 for none; parent_id is
 *             its id, "" for none, given back only
 * line        of a batch's body that asked for it, from 1; 0 for none
 * depth       links that lead to it from a crawl's start
 * role        what it is for
 * context     JSON text of an object that the link to it came with, "" if none
 * tags        JSON text of an object of strings, "" if none; of a job of its
 *             own, given only: store_job_put() and store_end() keep them
 */
typedef struct {
    char           id[ID_SIZE];
    int64_t        seq;
    sc_str_t       tenant;
    sc_str_t       kind;
    store_state_t  state;
    sc_str_t       url;
    sc_str_t       spec;
    sc_str_t       rules_hash;
    sc_str_t       rules;
    sc_str_t       echo;
    sc_str_t       error;
    int64_t        created;
    int64_t        started;
    int64_t        finished;
    int            attempts;
    int            tries;
    int            lane;
    int64_t        flow;
    int64_t        host;
    int            prio;
    int64_t        due;
    int64_t        expires;
    int64_t        parent;
    char           parent_id[ID_SIZE];
    int64_t        line;
    int            depth;
    store_role_t   role;
    sc_str_t       context;
    sc_str_t       tags;
} store_job_t;


/* A flow that has something to do; the view lasts as long as the callback. */
typedef struct {
    int       lane;
    int64_t   flow;
    sc_str_t  tenant;
} store_flow_t;


/*
 * Which jobs of a flow to read: of at most hosts hosts, at most each a host,
 * all due by now (milliseconds), of the hosts behind (after_due, after_host)
 * in the order of their queues: by when the first job is due, then by hash.
 */
typedef struct {
    int      lane;
    int64_t  flow;
    int64_t  now;
    int64_t  after_due;
    int64_t  after_host;
    size_t   hosts;
    size_t   each;
} store_queue_ask_t;


/*
 * What a column is declared as.  SQLite keeps a value that is of another type
 * as what it is.  Lists and objects are JSON text in any column; in one of
 * STORE_JSON everything is.  A boolean is 0 or 1.
 */
typedef enum {
    STORE_TEXT = 0,
    STORE_INTEGER,
    STORE_REAL,
    STORE_BOOLEAN,
    STORE_JSON
} store_column_type_t;


/*
 * name   of the column and of the member of a row: any UTF-8 without control
 *        characters that does not begin with "_"; as columns, names that
 *        differ in the case of ASCII letters are the same
 * key    it is of those that tell rows of a tenant apart
 */
typedef struct {
    const char           *name;
    store_column_type_t   type;
    unsigned              key:1;
} store_column_t;


/*
 * What becomes of a row whose key is there already; without a key, each is
 * appended.
 */
typedef enum {
    STORE_UPSERT = 0,       /* it takes the place of the former */
    STORE_APPEND,           /* it is one more: a table without a key */
    STORE_IGNORE            /* the former stays */
} store_mode_t;


/*
 * A table that rows of a result's data go to, for anybody to read with SQL.
 * It is the tenant's own: NAME of the empty tenant, NAME@TENANT of others,
 * where capital letters of the tenant and "^" have a "^" before them, as case
 * makes no difference in names.  It has these columns besides those given,
 * and is made when it is missing and the bounds above leave room:
 *
 *     _seq      number of the row, never changed
 *     _tenant   whose it is
 *     _url      where it was seen last
 *     _result   id of the result it was seen in last
 *     _at       when that was, milliseconds since 1970
 *     _changed  when a column given here changed last
 *     _key      which columns are its key: rows with other keys are never in
 *               each other's way; NULL if appended
 *
 * Columns that are missing are added, others stay and are NULL in new rows: a
 * table is what all who write to it need.  A row with a NULL in its key is
 * not written.  Of rows with one key in one result the last counts
 * (STORE_IGNORE: the first).
 *
 * name      store_table_name_ok() says whether it may be one
 * version   changes when anything below does: a rule set's hash
 * set       member of the data that the rows are in, or NULL: they are in the
 *           data itself
 * rows      member of that which is a list of rows, or NULL: it is the row
 * columns   ncolumns of them, 1 or more
 * history   of STORE_UPSERT: what a row was before it changed goes to the
 *           table NAME_history, of others than the empty tenant
 *           NAME_history@TENANT, with these columns (without _key) and _until,
 *           when it was found changed
 */
typedef struct {
    const char            *name;
    const char            *version;
    const char            *set;
    const char            *rows;
    const store_column_t  *columns;
    size_t                 ncolumns;
    store_mode_t           mode;
    unsigned               history:1;
} store_table_t;


/*
 * What tables were given since the store was opened.
 *
 * rows      written: inserted or, in STORE_UPSERT, seen again
 * keyless   not written for a NULL in their key
 * failed    times that a table was given nothing: the log says why
 */
typedef struct {
    uint64_t  rows;
    uint64_t  keyless;
    uint64_t  failed;
} store_table_counts_t;


/*
 * A result: what one page gave.  seq is given by the store.
 *
 * url       canonical URL that was asked for
 * state     STORE_COMPLETED or STORE_FAILED_JOB
 * fetch     JSON text of the fetch object
 * data, missing, warnings   JSON texts; "" in a failed one
 * view      JSON text of an object: what is shown beside the data, "" if
 *           nothing
 * error     JSON text of the problem, "" in a completed one
 * etag      strong entity tag without quotes: a hash of what is shown
 * host      of the URL, in lower case; ruleset: name of the rule set or ""
 * digest    hash of the data in hex, for changed; gone: the origin said so
 * line, depth, context   of its job, given back only
 * changed   given back only: what it is beside the newest completed result of
 *           its URL; a failed one that is not gone is STORE_SAME, as nothing
 *           is known
 * tables    ntables of them that rows of the data go to, given only; the data
 *           are such as jansson writes them, nothing escaped without need
 */
typedef struct {
    char                         id[ID_SIZE];
    char                         job[ID_SIZE];
    int64_t                      seq;
    sc_str_t                     tenant;
    sc_str_t                     url;
    store_state_t                state;
    sc_str_t                     fetch;
    sc_str_t                     data;
    sc_str_t                     missing;
    sc_str_t                     warnings;
    sc_str_t                     view;
    sc_str_t                     echo;
    sc_str_t                     error;
    sc_str_t                     etag;
    sc_str_t                     host;
    sc_str_t                     ruleset;
    sc_str_t                     digest;
    sc_str_t                     context;
    int64_t                      at;
    int64_t                      line;
    int                          depth;
    unsigned                     gone:1;
    store_change_t               changed;
    size_t                       ntables;
    const store_table_t *const  *tables;
} store_result_t;


/*
 * A named document of a tenant: a session, a host's state, … ; kind tells
 * them apart.  at is milliseconds since 1970.
 */
typedef struct {
    sc_str_t  kind;
    sc_str_t  tenant;
    sc_str_t  name;
    sc_str_t  body;
    int64_t   at;
} store_doc_t;


/*
 * A page that is kept.
 *
 * key        of what was asked for, a hash in hex
 * head       JSON text of the owner's
 * modified   value of its Last-Modified, "" if none; etag the same
 * at         when it was last known to be right, milliseconds since 1970
 * lifetime   milliseconds the origin calls it fresh, -1 if it does not say
 */
typedef struct {
    sc_str_t  key;
    sc_str_t  head;
    sc_str_t  etag;
    sc_str_t  modified;
    sc_str_t  body;
    int64_t   at;
    int64_t   lifetime;
} store_page_t;


/*
 * What a tenant used in a day of UTC.
 *
 * day    days since 1970-01-01
 * pages  fetches that an origin answered
 * bytes  of what it answered, decoded
 * jobs   that were accepted
 */
typedef struct {
    sc_str_t  tenant;
    int64_t   day;
    int64_t   pages;
    int64_t   bytes;
    int64_t   jobs;
} store_usage_t;


/* Callbacks come once, from the loop, never from inside the call. */
typedef void (*store_done_pt)(void *data, store_status_t status);

/* job is NULL unless status is STORE_OK. */
typedef void (*store_job_pt)(void *data, store_status_t status,
    const store_job_t *job);

/* result is NULL unless status is STORE_OK. */
typedef void (*store_result_pt)(void *data, store_status_t status,
    const store_result_t *result);

/* n may be 0 with STORE_OK; an array of what was found, in order. */
typedef void (*store_jobs_pt)(void *data, store_status_t status,
    const store_job_t *jobs, size_t n);
typedef void (*store_results_pt)(void *data, store_status_t status,
    const store_result_t *results, size_t n);

/*
 * The jobs that were asked for, n of them, in the order of their hosts' queues
 * and then of their own.  The scan has come to (due, host); hosts is how many
 * it met, those included that have nothing due after all.
 */
typedef struct {
    const store_job_t  *jobs;
    size_t              n;
    size_t              hosts;
    int64_t             due;
    int64_t             host;
} store_queue_answer_t;


typedef void (*store_queue_pt)(void *data, store_status_t status,
    const store_queue_answer_t *answer);
typedef void (*store_flows_pt)(void *data, store_status_t status,
    const store_flow_t *flows, size_t n);
/* json is the rule set's canonical JSON, empty unless status is STORE_OK. */
typedef void (*store_ruleset_pt)(void *data, store_status_t status,
    sc_str_t json);
/* page is NULL unless status is STORE_OK. */
typedef void (*store_page_pt)(void *data, store_status_t status,
    const store_page_t *page);
typedef void (*store_docs_pt)(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
typedef void (*store_usages_pt)(void *data, store_status_t status,
    const store_usage_t *usages, size_t n);


/*
 * Open the file, making it and its schema when missing; one of the version
 * before is brought to this one, once and for good.  A file of an unknown
 * schema version, one that may not be written to, or one that is corrupt is
 * refused and left alone; up to 128 MiB all of it is looked at for that.  NULL
 * on failure with a sentence in err.
 */
store_t *store_open(loop_t *loop, const char *path, char *err, size_t errlen);

/*
 * Finish what was queued, commit, close.  Callbacks of finished work are
 * called before it returns.
 */
void store_close(store_t *s);

/*
 * Writes.  Each copies what it is given.  A call returns SC_OK and its
 * callback (which may be NULL) will come, or SC_ERROR when memory is out and
 * it will not.  How a job ends is in store_work.h: store_end().
 *
 * store_job_put     insert a job as job->state says (with its rule set), and
 *                   queue it when it has a due
 * store_job_start   queued -> running, attempts + 1; STORE_CONFLICT if it
 *                   is neither queued nor running
 * store_job_defer   queue a job of before (job->due) anew: not to be done
 *                   before due; its tries are noted
 * store_job_cancel  queued or running -> cancelled; STORE_NOT_FOUND for an
 *                   unknown id, another's or a page's; STORE_CONFLICT when it
 *                   has ended
 * store_queue_settle  nothing of this flow for this host is in memory: note
 *                   from when on there is something to do, not before
 *                   not_before, or that there is nothing
 */
int store_job_put(store_t *s, const store_job_t *job, store_done_pt done,
    void *data);
int store_job_start(store_t *s, const char *id, int64_t at,
    store_done_pt done, void *data);
int store_job_defer(store_t *s, const store_job_t *job, int64_t due,
    store_done_pt done, void *data);
int store_queue_settle(store_t *s, int lane, int64_t flow, int64_t host,
    int64_t not_before);
int store_job_cancel(store_t *s, const char *id, sc_str_t tenant, int64_t at,
    store_done_pt done, void *data);

/*
 * Reads, each on a snapshot that has every write called back before.
 *
 * store_job_get         one job of this tenant
 * store_queue_flows     all flows that have something to do, now or later
 * store_queue_next      jobs of a flow: how the frontier refills
 * store_queue_more      jobs of a flow for one host, at most limit, in order
 * store_job_results     results of a job with seq > after, at most limit
 * store_result_get      one result
 * store_result_newest   the newest completed result of a canonical URL
 * store_unended_count   through n of store_jobs_pt, with jobs NULL
 */
int store_job_get(store_t *s, const char *id, sc_str_t tenant,
    store_job_pt done, void *data);
int store_queue_flows(store_t *s, store_flows_pt done, void *data);
int store_queue_next(store_t *s, const store_queue_ask_t *ask,
    store_queue_pt done, void *data);
int store_queue_more(store_t *s, int64_t flow, int64_t host, int64_t now,
    size_t limit, store_jobs_pt done, void *data);
int store_job_results(store_t *s, const char *job, sc_str_t tenant,
    int64_t after, size_t limit, store_results_pt done, void *data);
int store_result_get(store_t *s, const char *id, sc_str_t tenant,
    store_result_pt done, void *data);
int store_result_newest(store_t *s, sc_str_t url, sc_str_t tenant,
    store_result_pt done, void *data);
int store_unended_count(store_t *s, store_jobs_pt done, void *data);

/*
 * Rule sets by their hash, which says what they are: a put of one that is
 * there changes nothing, but that it is this tenant's, too; get finds only
 * those that are.  Those of jobs are put with them.
 */
int store_ruleset_put(store_t *s, sc_str_t tenant, sc_str_t hash,
    sc_str_t json, store_done_pt done, void *data);
int store_ruleset_get(store_t *s, sc_str_t tenant, sc_str_t hash,
    store_ruleset_pt done, void *data);

/*
 * 1 if a user's table may have this name: a lower-case letter or "_", then
 * those and digits, at most 63 bytes; neither a table of the gateway's own or
 * of a table's history nor a name that means something to SQLite.
 */
int store_table_name_ok(const char *name);

/* What tables were given so far. */
void store_table_counts(const store_t *s, store_table_counts_t *counts);

/*
 * Documents.  A put inserts or replaces; del of one that is not there is
 * STORE_NOT_FOUND, and so is get, whose n is 1.  list gives those of the
 * kind and tenant whose name is above after, in order of name, at most limit.
 * docs_put puts n of them, 1 to STORE_DOCS_MAX, or none.
 */
int store_doc_put(store_t *s, const store_doc_t *doc, store_done_pt done,
    void *data);
int store_docs_put(store_t *s, const store_doc_t *docs, size_t n,
    store_done_pt done, void *data);
int store_doc_del(store_t *s, const char *kind, sc_str_t tenant,
    sc_str_t name, store_done_pt done, void *data);
int store_doc_get(store_t *s, const char *kind, sc_str_t tenant,
    sc_str_t name, store_docs_pt done, void *data);
int store_docs_list(store_t *s, const char *kind, sc_str_t tenant,
    sc_str_t after, size_t limit, store_docs_pt done, void *data);

/*
 * Pages.  A put inserts or replaces; touch says that one is right as it is;
 * trim deletes the oldest until there are at most so many bytes of bodies.
 * Nobody is told: what is not kept is fetched again.
 */
int store_page_put(store_t *s, const store_page_t *page);
int store_page_touch(store_t *s, sc_str_t key, int64_t at, int64_t lifetime);
int store_page_trim(store_t *s, int64_t bytes);
int store_page_get(store_t *s, sc_str_t key, store_page_pt done, void *data);

/* The day of a time in milliseconds since 1970. */
int64_t store_day(int64_t ms);

/*
 * What tenants used is kept for STORE_USAGE_DAYS.  What pages use is written
 * with their ends (store_end()), a job is counted as it is put.
 *
 * store_usage_put   add what else usage->tenant used; nobody is told
 * store_usage_days  of a tenant, from day since on, the newest first, at most
 *                   limit
 * store_usage_all   of all tenants in a day, in order of their names, those
 *                   behind after or, when its data are NULL, from the first
 *                   on, at most limit
 */
int store_usage_put(store_t *s, const store_usage_t *usage);
int store_usage_days(store_t *s, sc_str_t tenant, int64_t since,
    size_t limit, store_usages_pt done, void *data);
int store_usage_all(store_t *s, int64_t day, sc_str_t after, size_t limit,
    store_usages_pt done, void *data);

/* Calls that wait for the thread that writes, reads and searches. */
void store_waiting(const store_t *s, size_t *writes, size_t *reads,
    size_t *searches);

/* Drop the callbacks that would be given this data; the work goes on. */
void store_forget(store_t *s, void *data);

/*
 * Verify what must always hold: SQLite's integrity_check, each ended job has
 * at most one result, each completed one exactly one, each job's rule set is
 * there.  SC_OK, or SC_ERROR with a sentence in err.  Opens the file on its
 * own, read-only; for tests.
 */
int store_check(const char *path, char *err, size_t errlen);


#endif /* STORE_H */
