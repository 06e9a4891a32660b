
/*
 * What the files of the store share.
 *
 *     store.c         the calls, as batches; their callbacks
 *     store_row.c     jobs and results as parameters and as rows
 *     store_check.c   what must always hold
 *     db.h            the driver: db.c, db_sqlite.c
 *     sql.def         every statement
 *     schema.def      every table
 */

#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H


#include "sidecar/store/db.h"


#define STORE_OPS     3         /* most statements of a batch */
#define STORE_ARGS    30        /* and most parameters */


/*
 * A batch being made, on the stack.  Texts are views of the caller's.
 */
typedef struct {
    size_t      nops;
    size_t      nargs;
    db_op_t     ops[STORE_OPS];
    db_value_t  args[STORE_ARGS];
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

/* RESULT_PUT; the echo is the job's unless the result has one. */
void store_line_result(store_line_t *line, const store_result_t *result,
    const store_job_t *job);

/* Take a row apart; strings are views of it. */
void store_row_job(const db_row_t *row, store_job_t *job);
void store_row_result(const db_row_t *row, store_result_t *result);


#endif /* STORE_INTERNAL_H */
