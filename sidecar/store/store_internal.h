
/*
 * What the files of the store share.
 *
 *     store.c         jobs and results: the calls, as batches
 *     store_work.c    jobs of many pages: made, changed, ended, read
 *     store_pages.c   their pages, put in blocks
 *     store_end.c     the end of a page or a job
 *     store_chunk.c   many of their rows changed, some at a time
 *     store_queue.c   what is next
 *     store_table.c   tables of users: their plans, kept
 *     store_plan.h    a plan: how a table is made and written
 *     store_list.c    lists of jobs and results
 *     store_message.c the outbox
 *     store_sweep.c   what is over, deleted
 *     store_usage.c   what tenants used, by day
 *     store_state.c   states as words
 *     store_doc.c     documents
 *     store_ruleset.c rule sets by their hash
 *     store_page.c    pages
 *     store_line.c    a batch being made: jobs and results as parameters
 *     store_row.c     rows as jobs and results
 *     store_call.c    a call on its way to the driver and back
 *     store_check.c   what must always hold
 *     db.h            the driver: db.c, db_sqlite.c
 *     sql.def         every statement, with sql_work.def and sql_list.def
 *     schema.def      every table
 */

#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H


#include "sidecar/store/db.h"
#include "sidecar/store/store_list.h"


/* values of a row that has a job, SQL_JOB_COLUMNS, or a work's behind it */
#define STORE_JOB_COLUMNS     28
#define STORE_WORK_COLUMNS    18


/* How many plans are kept. */
#define STORE_PLANS    64


/*
 * How a table is made and written: a part of the batch that puts the result,
 * whose parameters are RESULT_PUT's.  It never changes, so that batches share
 * it; counted on the loop's thread alone.
 *
 * part   first: batches know it by this
 * refs   batches that have it, and 1 while it is kept
 * used   number of its last use
 * key    what it is kept by; key_len bytes
 * steps, text, name   memory of the part
 */
typedef struct {
    db_part_t   part;
    size_t      refs;
    uint64_t    used;
    size_t      key_len;
    char       *key;
    db_step_t  *steps;
    char       *text;
    char       *name;
} store_plan_t;


/*
 * A batch being made; all 0 is an empty one.  Texts are views of the caller's.
 * store_write() and store_read() make a call of it and give back its memory,
 * also when they fail.
 *
 * ops      nops of them, whose args are in a row in args
 * failed   memory is out
 * pace     db_batch_t's
 * words    those of its result are kept
 * search   it may take long
 * parted   the op that parts are given the parameters of
 */
typedef struct {
    size_t             nops;
    size_t             nargs;
    size_t             ops_room;
    size_t             args_room;
    db_op_t           *ops;
    db_value_t        *args;
    db_pace_t          pace;
    unsigned           failed:1;
    unsigned           words:1;
    unsigned           search:1;
    size_t             parted;
    size_t             nparts;
    const db_part_t  **parts;
} store_line_t;


/* Begin a statement; none is db_op_t's. */
void store_line_op(store_line_t *line, db_sql_t sql, store_status_t none);

/* The last one's rows are kept, or counted, also of a batch that writes. */
void store_line_keep(store_line_t *line);
void store_line_tell(store_line_t *line, db_tell_t tell);

/*
 * All behind op (its number: nops - 1 after it was begun) up to the last one
 * are left out when it finds or changes no row; _some: when it does.
 */
void store_line_skip(store_line_t *line, size_t op);
void store_line_skip_some(store_line_t *line, size_t op);

/* Add its next parameter; an id is two: its shard and itself. */
void store_line_number(store_line_t *line, int64_t n);
void store_line_text(store_line_t *line, sc_str_t s);
void store_line_cstr(store_line_t *line, const char *s);
void store_line_id(store_line_t *line, const char *id);

/*
 * A rule set of a tenant, unless hash is ""; a job, JOB_PUT or JOB_FINISH,
 * with its rule set and its tags if it has any.
 */
void store_line_ruleset(store_line_t *line, sc_str_t tenant, sc_str_t hash,
    sc_str_t json);
void store_line_job(store_line_t *line, db_sql_t sql, const store_job_t *job);

/* Its TASK_PUT; the queue that holds it. */
void store_line_task(store_line_t *line, const store_job_t *job);
void store_line_queue(store_line_t *line, const store_job_t *job,
    int64_t due);

/*
 * RESULT_PUT; the echo is the job's unless the result has one, the line, depth
 * and context are the job's.
 */
void store_line_result(store_line_t *line, const store_result_t *result,
    const store_job_t *job);

/* OUTBOX_PUT, for each. */
void store_line_messages(store_line_t *line, const store_message_t *messages,
    size_t n);

/* Begin TALLY_PUT; the rest of the name is the last parameter. */
void store_line_tally(store_line_t *line, int64_t job, const char *prefix);

/* USAGE_ADD, unless it is nothing. */
void store_line_usage(store_line_t *line, sc_str_t tenant,
    const store_usage_t *usage);

/* DOC_PUT, or DOC_NEW. */
void store_line_doc(store_line_t *line, db_sql_t sql, const store_doc_t *doc);

/* Pages of the job with this seq, of this tenant, and work.found. */
void store_line_pages(store_line_t *line, int64_t job, sc_str_t tenant,
    const store_pages_t *pages);

/* A view of a value, "" for what is no text; an id, "" for what is none. */
sc_str_t store_row_text(const db_value_t *value);
void store_row_id(char *id, const db_value_t *value);

/* Take a row apart; strings are views of it. */
void store_row_job(const db_row_t *row, store_job_t *job);
void store_row_result(const db_row_t *row, store_result_t *result);
void store_row_flow(const db_row_t *row, store_flow_t *flow);
void store_row_work(const db_row_t *row, store_work_t *work);

/* A row of QUEUE_NEXT: a job, its id "" if none, and its queue. */
void store_row_queue(const db_row_t *row, store_job_t *job, int64_t *host,
    int64_t *due);
void store_row_page(const db_row_t *row, store_page_t *page);
void store_row_doc(const db_row_t *row, store_doc_t *doc);


/*
 * The parts of a line whose last op is RESULT_PUT: those of its tables that
 * can be had.  What cannot is logged and counted.  They go to the call that is
 * made of the line.
 */
void store_line_tables(store_line_t *line, store_t *s,
    const store_result_t *result);

/* How many tables are the gateway's own. */
size_t store_table_own(void);

/* Give parts back. */
void store_parts_free(const db_part_t **parts, size_t n);

/* Give back all plans that are kept. */
void store_plans_free(store_t *s);

/*
 * Make a plan for a tenant's table; NULL when memory is out or it is beyond
 * all measure.
 */
store_plan_t *store_plan_create(const store_table_t *table, sc_str_t tenant);
void store_plan_free(store_plan_t *plan);


typedef struct store_call_s  store_call_t;


/* Whom to tell: the one that the call's kind has; NULL for nobody. */
typedef union {
    store_done_pt     done;
    store_job_pt      job;
    store_jobs_pt     jobs;
    store_result_pt   result;
    store_results_pt  results;
    store_docs_pt     docs;
    store_flows_pt    flows;
    store_page_pt     page;
    store_queue_pt    queue;
    store_ruleset_pt  ruleset;
    store_works_pt    works;
    store_added_pt    added;
    store_seq_pt      seq;
    store_ended_pt    ended;
    store_tallies_pt  tallies;
    store_raw_pt      raw;
    store_messages_pt messages;
    store_usages_pt   usages;
} store_tell_t;


/*
 * One call, from store_submit() to its callback, with its ops, args and their
 * texts behind it.
 *
 * batch   first: the driver gives it back
 * parts   of the batch, or NULL
 */
struct store_call_s {
    db_batch_t         batch;
    store_t           *store;
    store_call_t      *next;
    store_call_t      *prev;
    store_tell_t       tell;
    void              *data;
    const db_part_t  **parts;
    db_op_t            ops[];
};


/*
 * calls     all that are not called back
 * closing   no more are taken
 * bytes     store_bytes()
 * mute      the words of results are not kept for search
 * plans     of tables, NULL where there is none; uses numbers their uses
 * counts    what tables were given
 */
struct store_s {
    db_t                  *db;
    store_call_t          *calls;
    unsigned               closing:1;
    unsigned               mute:1;
    store_plan_t          *plans[STORE_PLANS];
    uint64_t               uses;
    int64_t                bytes;
    store_table_counts_t   counts;
};


/*
 * store_call.c: submit a line, to the writer or to a reader.  SC_OK and the
 * callback will come, or SC_ERROR when memory is out or the store closes.
 * store_change() is store_write() for those who are told more than a status.
 */
int store_write(store_t *s, store_line_t *line, store_done_pt done,
    void *data);
int store_change(store_t *s, store_line_t *line,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data);
int store_read(store_t *s, store_line_t *line,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data);

/*
 * What a call is told with; each ends it.  added is what DB_TELL_ADDED counts,
 * seq the first value of the first row, 0 when there is none.
 */
void store_told_works(db_batch_t *batch);
void store_told_added(db_batch_t *batch);
void store_told_seq(db_batch_t *batch);
void store_told_job(db_batch_t *batch);
void store_told_jobs(db_batch_t *batch);
void store_told_count(db_batch_t *batch);
void store_told_result(db_batch_t *batch);
void store_told_results(db_batch_t *batch);

/* Room for all rows: NULL and 0 when there are none.  SC_OK or SC_ERROR. */
int store_told_array(db_batch_t *batch, size_t size, void **array, size_t *n);

/* Forget a call that was told. */
void store_call_end(store_call_t *call);


#endif /* STORE_INTERNAL_H */
