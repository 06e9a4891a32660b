
/*
 * What the files of the store share.
 *
 *     store.c         jobs and results: the calls, as batches
 *     store_queue.c   what is next
 *     store_table.c   tables of users: their plans, kept
 *     store_plan.h    a plan: how a table is made and written
 *     store_doc.c     documents
 *     store_ruleset.c rule sets by their hash
 *     store_page.c    pages
 *     store_call.c    a call on its way to the driver and back
 *     store_row.c     jobs and results as parameters and as rows
 *     store_check.c   what must always hold
 *     db.h            the driver: db.c, db_sqlite.c
 *     sql.def         every statement
 *     schema.def      every table
 */

#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H


#include "sidecar/store/db.h"


#define STORE_OPS     4         /* most statements of a batch */
#define STORE_ARGS    48        /* and most parameters */

/* values of a row that has a job */
#define STORE_JOB_COLUMNS    21


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
 * A batch being made, on the stack.  Texts are views of the caller's; the
 * parts, plans, go to the call that is made of it.
 */
typedef struct {
    size_t             nops;
    size_t             nargs;
    db_op_t            ops[STORE_OPS];
    db_value_t         args[STORE_ARGS];
    size_t             nparts;
    const db_part_t  **parts;
} store_line_t;


/* Begin a statement; none is db_op_t's. */
void store_line_op(store_line_t *line, db_sql_t sql, store_status_t none);

/* Add its next parameter; an id is two: its shard and itself. */
void store_line_number(store_line_t *line, int64_t n);
void store_line_text(store_line_t *line, sc_str_t s);
void store_line_cstr(store_line_t *line, const char *s);
void store_line_id(store_line_t *line, const char *id);

/* A job, JOB_PUT or JOB_FINISH, and its rule set if it has one. */
void store_line_job(store_line_t *line, db_sql_t sql, const store_job_t *job);

/* Its TASK_PUT; the queue that holds it. */
void store_line_task(store_line_t *line, const store_job_t *job);
void store_line_queue(store_line_t *line, const store_job_t *job,
    int64_t due);

/* RESULT_PUT; the echo is the job's unless the result has one. */
void store_line_result(store_line_t *line, const store_result_t *result,
    const store_job_t *job);

/* Take a row apart; strings are views of it. */
void store_row_job(const db_row_t *row, store_job_t *job);
void store_row_result(const db_row_t *row, store_result_t *result);
void store_row_flow(const db_row_t *row, store_flow_t *flow);

/* A row of QUEUE_NEXT: a job, its id "" if none, and its queue. */
void store_row_queue(const db_row_t *row, store_job_t *job, int64_t *host,
    int64_t *due);
void store_row_page(const db_row_t *row, store_page_t *page);
void store_row_doc(const db_row_t *row, store_doc_t *doc);


/*
 * The parts of a line whose last op is RESULT_PUT: those of its tables that
 * can be had.  What cannot is logged and counted.
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
} store_tell_t;


/*
 * One call, from store_submit() to its callback.  The texts of args follow
 * them.
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
    db_op_t            ops[STORE_OPS];
    db_value_t         args[];
};


/*
 * calls     all that are not called back
 * closing   no more are taken
 * plans     of tables, NULL where there is none; uses numbers their uses
 * counts    what tables were given
 */
struct store_s {
    db_t                  *db;
    store_call_t          *calls;
    unsigned               closing:1;
    store_plan_t          *plans[STORE_PLANS];
    uint64_t               uses;
    store_table_counts_t   counts;
};


/*
 * store_call.c: submit a line, to the writer or to a reader.  SC_OK and the
 * callback will come, or SC_ERROR when memory is out or the store closes.
 */
int store_write(store_t *s, const store_line_t *line, store_done_pt done,
    void *data);
int store_read(store_t *s, const store_line_t *line,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data);

/* What a read is told with; each ends the call. */
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
