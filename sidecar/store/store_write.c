
#include "sidecar/core/log.h"
#include "sidecar/store/store_internal.h"


static store_status_t store_write_op(store_db_t *db, store_op_t *op);
static store_status_t store_write_put(store_db_t *db, const store_job_t *job);
static store_status_t store_write_start(store_db_t *db, const store_op_t *op);
static store_status_t store_write_finish(store_db_t *db,
    const store_op_t *op);
static store_status_t store_write_end(store_db_t *db, const store_job_t *job);
static store_status_t store_write_result(store_db_t *db,
    const store_result_t *r);
static store_status_t store_write_cancel(store_db_t *db,
    const store_op_t *op);
static void store_write_fail(store_op_t *ops, store_status_t status);


/*
 * All of them in one transaction, so that one sync serves all who wait.  What
 * one op did is undone when it fails; the others stand.
 */
void
store_write(store_db_t *db, store_op_t *ops)
{
    int          rc;
    store_op_t  *op;

    rc = store_db_run(db, SQL_BEGIN);

    if (rc != SQLITE_DONE) {
        store_write_fail(ops, store_db_status(db, rc));
        return;
    }

    for (op = ops; op != NULL; op = op->next) {
        op->status = store_write_op(db, op);

        /* SQLite gives up the whole transaction when the disk is full */
        if (sqlite3_get_autocommit(db->db)) {
            store_write_fail(ops, op->status);
            return;
        }
    }

    rc = store_db_run(db, SQL_COMMIT);

    if (rc != SQLITE_DONE) {
        store_write_fail(ops, store_db_status(db, rc));
        (void) store_db_run(db, SQL_ROLLBACK);
    }
}


static store_status_t
store_write_op(store_db_t *db, store_op_t *op)
{
    switch (op->type) {

    case STORE_OP_PUT:
        return store_write_put(db, &op->job);

    case STORE_OP_START:
        return store_write_start(db, op);

    case STORE_OP_FINISH:
        return store_write_finish(db, op);

    case STORE_OP_CANCEL:
        return store_write_cancel(db, op);

    default:
        return STORE_FAILED;
    }
}


static store_status_t
store_write_put(store_db_t *db, const store_job_t *job)
{
    int  rc;

    store_db_bind_str(db, SQL_RULESET_PUT, 1, job->rules_hash);
    store_db_bind_str(db, SQL_RULESET_PUT, 2, job->rules);
    rc = store_db_run(db, SQL_RULESET_PUT);

    if (rc != SQLITE_DONE) {
        return store_db_status(db, rc);
    }

    store_db_bind_id(db, SQL_JOB_PUT, job->id);
    store_db_bind_str(db, SQL_JOB_PUT, 3, job->tenant);
    store_db_bind_str(db, SQL_JOB_PUT, 4, job->kind);
    store_db_bind_int(db, SQL_JOB_PUT, 5, job->state);
    store_db_bind_str(db, SQL_JOB_PUT, 6, job->url);
    store_db_bind_str(db, SQL_JOB_PUT, 7, job->spec);
    store_db_bind_str(db, SQL_JOB_PUT, 8, job->rules_hash);
    store_db_bind_str(db, SQL_JOB_PUT, 9, job->echo);
    store_db_bind_str(db, SQL_JOB_PUT, 10, job->error);
    store_db_bind_int(db, SQL_JOB_PUT, 11, job->created);
    store_db_bind_int(db, SQL_JOB_PUT, 12, job->started);
    store_db_bind_int(db, SQL_JOB_PUT, 13, job->finished);
    store_db_bind_int(db, SQL_JOB_PUT, 14, job->attempts);
    rc = store_db_run(db, SQL_JOB_PUT);

    if (rc == SQLITE_DONE && sqlite3_changes(db->db) == 0) {
        return STORE_CONFLICT;
    }

    return store_db_status(db, rc);
}


static store_status_t
store_write_start(store_db_t *db, const store_op_t *op)
{
    int  rc;

    store_db_bind_id(db, SQL_JOB_START, op->job.id);
    store_db_bind_int(db, SQL_JOB_START, 3, op->job.started);
    rc = store_db_run(db, SQL_JOB_START);

    if (rc == SQLITE_DONE && sqlite3_changes(db->db) == 0) {
        return STORE_CONFLICT;
    }

    return store_db_status(db, rc);
}


static store_status_t
store_write_finish(store_db_t *db, const store_op_t *op)
{
    int             rc;
    store_status_t  status;

    rc = store_db_run(db, SQL_SAVE);

    if (rc != SQLITE_DONE) {
        return store_db_status(db, rc);
    }

    status = store_write_end(db, &op->job);

    if (status == STORE_OK && op->has_result) {
        status = store_write_result(db, &op->result);
    }

    if (status != STORE_OK && !sqlite3_get_autocommit(db->db)) {
        (void) store_db_run(db, SQL_UNDO);
    }

    if (!sqlite3_get_autocommit(db->db)) {
        (void) store_db_run(db, SQL_RELEASE);
    }

    return status;
}


/* Bring the job to its end; one that was never put is put as it ended. */
static store_status_t
store_write_end(store_db_t *db, const store_job_t *job)
{
    int  rc;

    store_db_bind_id(db, SQL_JOB_END, job->id);
    store_db_bind_int(db, SQL_JOB_END, 3, job->state);
    store_db_bind_str(db, SQL_JOB_END, 4, job->error);
    store_db_bind_int(db, SQL_JOB_END, 5, job->started);
    store_db_bind_int(db, SQL_JOB_END, 6, job->finished);
    rc = store_db_run(db, SQL_JOB_END);

    if (rc != SQLITE_DONE) {
        return store_db_status(db, rc);
    }

    if (sqlite3_changes(db->db) > 0) {
        return STORE_OK;
    }

    /* a conflict here is a job that has ended already */
    return store_write_put(db, job);
}


static store_status_t
store_write_result(store_db_t *db, const store_result_t *r)
{
    store_db_bind_id(db, SQL_RESULT_PUT, r->id);
    (void) sqlite3_bind_text(db->sql[SQL_RESULT_PUT], 3, r->job, -1,
                             SQLITE_STATIC);
    store_db_bind_str(db, SQL_RESULT_PUT, 4, r->tenant);
    store_db_bind_str(db, SQL_RESULT_PUT, 5, r->url);
    store_db_bind_int(db, SQL_RESULT_PUT, 6, r->state);
    store_db_bind_str(db, SQL_RESULT_PUT, 7, r->fetch);
    store_db_bind_str(db, SQL_RESULT_PUT, 8, r->data);
    store_db_bind_str(db, SQL_RESULT_PUT, 9, r->missing);
    store_db_bind_str(db, SQL_RESULT_PUT, 10, r->warnings);
    store_db_bind_str(db, SQL_RESULT_PUT, 11, r->error);
    store_db_bind_str(db, SQL_RESULT_PUT, 12, r->etag);
    store_db_bind_int(db, SQL_RESULT_PUT, 13, r->at);

    return store_db_status(db, store_db_run(db, SQL_RESULT_PUT));
}


static store_status_t
store_write_cancel(store_db_t *db, const store_op_t *op)
{
    int  rc;

    store_db_bind_id(db, SQL_JOB_CANCEL, op->job.id);
    store_db_bind_str(db, SQL_JOB_CANCEL, 3, op->job.tenant);
    store_db_bind_int(db, SQL_JOB_CANCEL, 4, op->job.finished);
    rc = store_db_run(db, SQL_JOB_CANCEL);

    if (rc != SQLITE_DONE || sqlite3_changes(db->db) > 0) {
        return store_db_status(db, rc);
    }

    store_db_bind_id(db, SQL_JOB_EXISTS, op->job.id);
    store_db_bind_str(db, SQL_JOB_EXISTS, 3, op->job.tenant);
    rc = store_db_run(db, SQL_JOB_EXISTS);

    return rc == SQLITE_ROW ? STORE_CONFLICT : STORE_NOT_FOUND;
}


/* Nothing of this group is on disk. */
static void
store_write_fail(store_op_t *ops, store_status_t status)
{
    if (status == STORE_OK) {
        status = STORE_FAILED;
    }

    for ( /* void */ ; ops != NULL; ops = ops->next) {
        ops->status = status;
    }
}
