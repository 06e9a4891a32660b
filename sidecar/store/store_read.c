
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_internal.h"


static store_status_t store_read_op(store_db_t *db, store_op_t *op);
static store_status_t store_read_one(store_db_t *db, store_sql_t sql,
    store_op_t *op);
static store_status_t store_read_all(store_db_t *db, store_sql_t sql,
    store_op_t *op);
static store_status_t store_read_count(store_db_t *db, store_op_t *op);
static int store_read_job(sqlite3_stmt *row, store_job_t *job,
    store_op_t *op);
static int store_read_result(sqlite3_stmt *row, store_result_t *r,
    store_op_t *op);
static int store_read_str(sqlite3_stmt *row, int i, store_op_t *op,
    sc_str_t *s);
static void store_read_id(sqlite3_stmt *row, int i, char *id);


void
store_read(store_db_t *db, store_op_t *ops)
{
    for ( /* void */ ; ops != NULL; ops = ops->next) {
        ops->status = store_read_op(db, ops);
    }
}


static store_status_t
store_read_op(store_db_t *db, store_op_t *op)
{
    switch (op->type) {

    case STORE_OP_JOB:
        store_db_bind_id(db, SQL_JOB_GET, op->job.id);
        store_db_bind_str(db, SQL_JOB_GET, 3, op->job.tenant);
        return store_read_one(db, SQL_JOB_GET, op);

    case STORE_OP_UNENDED:
        store_db_bind_int(db, SQL_JOBS_UNENDED, 1, op->after);
        store_db_bind_int(db, SQL_JOBS_UNENDED, 2, (int64_t) op->limit);
        return store_read_all(db, SQL_JOBS_UNENDED, op);

    case STORE_OP_COUNT:
        return store_read_count(db, op);

    case STORE_OP_RESULTS:
        store_db_bind_id(db, SQL_JOB_RESULTS, op->job.id);
        store_db_bind_str(db, SQL_JOB_RESULTS, 3, op->job.tenant);
        store_db_bind_int(db, SQL_JOB_RESULTS, 4, op->after);
        store_db_bind_int(db, SQL_JOB_RESULTS, 5, (int64_t) op->limit);
        return store_read_all(db, SQL_JOB_RESULTS, op);

    case STORE_OP_RESULT:
        store_db_bind_id(db, SQL_RESULT_GET, op->job.id);
        store_db_bind_str(db, SQL_RESULT_GET, 3, op->job.tenant);
        return store_read_one(db, SQL_RESULT_GET, op);

    case STORE_OP_NEWEST:
        store_db_bind_str(db, SQL_RESULT_NEWEST, 1, op->job.tenant);
        store_db_bind_str(db, SQL_RESULT_NEWEST, 2, op->job.url);
        return store_read_one(db, SQL_RESULT_NEWEST, op);

    default:
        return STORE_FAILED;
    }
}


static store_status_t
store_read_one(store_db_t *db, store_sql_t sql, store_op_t *op)
{
    store_status_t  status;

    op->limit = 1;
    status = store_read_all(db, sql, op);

    return status == STORE_OK && op->n == 0 ? STORE_NOT_FOUND : status;
}


/* At most op->limit rows into op->jobs or op->results. */
static store_status_t
store_read_all(store_db_t *db, store_sql_t sql, store_op_t *op)
{
    int            rc, jobs;
    sqlite3_stmt  *row = db->sql[sql];

    jobs = op->type == STORE_OP_JOB || op->type == STORE_OP_UNENDED;

    op->jobs = jobs ? calloc(op->limit, sizeof(store_job_t)) : NULL;
    op->results = jobs ? NULL : calloc(op->limit, sizeof(store_result_t));

    while ((rc = sqlite3_step(row)) == SQLITE_ROW && op->n < op->limit) {
        rc = SC_ERROR;

        if (op->jobs != NULL) {
            rc = store_read_job(row, &op->jobs[op->n], op);

        } else if (op->results != NULL) {
            rc = store_read_result(row, &op->results[op->n], op);
        }

        if (rc != SC_OK) {
            store_db_reset(db, sql);
            return STORE_FAILED;
        }

        op->n++;
    }

    store_db_reset(db, sql);

    return store_db_status(db, rc);
}


static store_status_t
store_read_count(store_db_t *db, store_op_t *op)
{
    int            rc;
    sqlite3_stmt  *row = db->sql[SQL_UNENDED_COUNT];

    rc = sqlite3_step(row);

    if (rc == SQLITE_ROW) {
        op->n = (size_t) sqlite3_column_int64(row, 0);
    }

    store_db_reset(db, SQL_UNENDED_COUNT);

    return store_db_status(db, rc);
}


/* Columns as STORE_JOB_COLUMNS, then the rule set's JSON. */
static int
store_read_job(sqlite3_stmt *row, store_job_t *job, store_op_t *op)
{
    store_read_id(row, 0, job->id);
    job->seq = sqlite3_column_int64(row, 1);
    job->state = (store_state_t) sqlite3_column_int(row, 4);
    job->created = sqlite3_column_int64(row, 10);
    job->started = sqlite3_column_int64(row, 11);
    job->finished = sqlite3_column_int64(row, 12);
    job->attempts = sqlite3_column_int(row, 13);

    if (store_read_str(row, 2, op, &job->tenant) != SC_OK
        || store_read_str(row, 3, op, &job->kind) != SC_OK
        || store_read_str(row, 5, op, &job->url) != SC_OK
        || store_read_str(row, 6, op, &job->spec) != SC_OK
        || store_read_str(row, 7, op, &job->rules_hash) != SC_OK
        || store_read_str(row, 8, op, &job->echo) != SC_OK
        || store_read_str(row, 9, op, &job->error) != SC_OK)
    {
        return SC_ERROR;
    }

    return store_read_str(row, 14, op, &job->rules);
}


/* Columns as STORE_RESULT_COLUMNS. */
static int
store_read_result(sqlite3_stmt *row, store_result_t *r, store_op_t *op)
{
    store_read_id(row, 0, r->id);
    store_read_id(row, 1, r->job);
    r->seq = sqlite3_column_int64(row, 2);
    r->state = (store_state_t) sqlite3_column_int(row, 5);
    r->at = sqlite3_column_int64(row, 13);

    if (store_read_str(row, 3, op, &r->tenant) != SC_OK
        || store_read_str(row, 4, op, &r->url) != SC_OK
        || store_read_str(row, 6, op, &r->fetch) != SC_OK
        || store_read_str(row, 7, op, &r->data) != SC_OK
        || store_read_str(row, 8, op, &r->missing) != SC_OK
        || store_read_str(row, 9, op, &r->warnings) != SC_OK
        || store_read_str(row, 10, op, &r->echo) != SC_OK
        || store_read_str(row, 11, op, &r->error) != SC_OK)
    {
        return SC_ERROR;
    }

    return store_read_str(row, 12, op, &r->etag);
}


static int
store_read_str(sqlite3_stmt *row, int i, store_op_t *op, sc_str_t *s)
{
    s->data = (const char *) sqlite3_column_text(row, i);
    s->len = (size_t) sqlite3_column_bytes(row, i);

    return store_op_copy(op, s);
}


static void
store_read_id(sqlite3_stmt *row, int i, char *id)
{
    const char  *text;

    text = (const char *) sqlite3_column_text(row, i);

    if (text != NULL && sqlite3_column_bytes(row, i) == ID_LEN) {
        memcpy(id, text, ID_SIZE);
    }
}
