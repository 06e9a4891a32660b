
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/store/db_internal.h"


/* bytes of what SQLite says of a failure */
#define DB_PART_SAID    256


/* what a part that met a bound ends with; no code of SQLite's */
#define DB_PART_BOUND   (-1)


/* What a part has done so far. */
typedef struct {
    char     said[DB_PART_SAID];
    int64_t  counts[DB_COUNTS];
} db_part_state_t;


static store_status_t db_part_run(db_conn_t *c, db_batch_t *b,
    const db_part_t *part);
static int db_part_is_kept(db_conn_t *c, const db_part_t *part);
static int db_part_try(db_conn_t *c, const db_batch_t *b,
    const db_part_t *part, int make, db_part_state_t *state);
static int db_part_make(db_conn_t *c, const db_batch_t *b,
    const db_part_t *part, db_part_state_t *state);
static int db_part_make_step(db_conn_t *c, const db_step_t *step,
    size_t *skip, db_part_state_t *state);
static int db_part_step(db_conn_t *c, const db_op_t *op,
    const db_step_t *step, db_part_state_t *state);
static store_status_t db_part_undo(db_conn_t *c, int rc);
static void db_part_drop(db_conn_t *c, const db_part_t *part);
static db_kept_t *db_kept_find(db_conn_t *c, const char *text);
static int db_kept_get(db_conn_t *c, const char *text, sqlite3_stmt **stmt);
static void db_kept_free(db_kept_t *kept);


store_status_t
db_parts_run(db_conn_t *c, db_batch_t *b)
{
    size_t           i;
    store_status_t   status;

    status = STORE_OK;

    for (i = 0; i < b->nparts && status == STORE_OK; i++) {
        status = db_part_run(c, b, b->parts[i]);
    }

    return status;
}


/*
 * What was made may have been lost with a transaction, or taken away by
 * somebody else: what fails without making is tried with it.
 */

static store_status_t
db_part_run(db_conn_t *c, db_batch_t *b, const db_part_t *part)
{
    int               rc, i, make;
    store_status_t    status;
    db_part_state_t   state;

    make = !db_part_is_kept(c, part);

    for ( ;; ) {
        status = db_conn_run(c, SQL_PART);
        if (status != STORE_OK) {
            return status;
        }

        rc = db_part_try(c, b, part, make, &state);
        if (rc == SQLITE_OK) {
            break;
        }

        db_part_drop(c, part);
        status = db_part_undo(c, rc);

        if (status != STORE_OK) {
            return status;
        }

        if (make) {
            b->failed++;

            if (db_conn_may_log(&c->part_logged)) {
                log_warn("table \"%s\" was given nothing: %s", part->name,
                         state.said);
            }

            return STORE_OK;
        }

        make = 1;
    }

    for (i = 0; i < DB_COUNTS; i++) {
        b->counts[i] += state.counts[i];
    }

    return db_conn_run(c, SQL_PART_END);
}


static int
db_part_is_kept(db_conn_t *c, const db_part_t *part)
{
    size_t  i;

    for (i = 0; i < part->nsteps; i++) {
        if (db_kept_find(c, part->steps[i].text) == NULL) {
            return 0;
        }
    }

    return 1;
}


/* SQLITE_OK, or another of its codes with what it says. */

static int
db_part_try(db_conn_t *c, const db_batch_t *b, const db_part_t *part,
    int make, db_part_state_t *state)
{
    int     rc;
    size_t  i;

    memset(state, 0, sizeof(db_part_state_t));
    rc = make ? db_part_make(c, b, part, state) : SQLITE_OK;

    for (i = 0; i < part->nsteps && rc == SQLITE_OK; i++) {
        rc = db_part_step(c, &b->ops[b->parted], &part->steps[i], state);
    }

    if (rc != SQLITE_OK && rc != DB_PART_BOUND) {
        (void) snprintf(state->said, sizeof(state->said), "%s (%d)",
                        sqlite3_errmsg(c->sqlite), rc);
    }

    return rc;
}


static int
db_part_make(db_conn_t *c, const db_batch_t *b, const db_part_t *part,
    db_part_state_t *state)
{
    int               rc;
    size_t            i, skip;
    const db_step_t  *step;

    rc = SQLITE_OK;
    skip = 0;

    for (i = 0; i < part->nmake && rc == SQLITE_OK; i += 1 + skip) {
        step = &part->make[i];
        skip = 0;

        if (step->count == DB_ADDED
            && b->counts[DB_ADDED] + state->counts[DB_ADDED]++
               >= DB_ADDED_MAX)
        {
            (void) snprintf(state->said, sizeof(state->said),
                            "one result adds at most %d columns",
                            DB_ADDED_MAX);
            return DB_PART_BOUND;
        }

        rc = db_part_make_step(c, step, &skip, state);
    }

    return rc;
}


/* Done rarely: nothing is kept. */

static int
db_part_make_step(db_conn_t *c, const db_step_t *step, size_t *skip,
    db_part_state_t *state)
{
    int            rc;
    sqlite3_stmt  *stmt;

    rc = sqlite3_prepare_v2(c->sqlite, step->text, -1, &stmt, NULL);
    if (rc != SQLITE_OK) {
        return rc;
    }

    rc = sqlite3_step(stmt);

    if (rc == SQLITE_ROW && step->bound != NULL) {
        (void) snprintf(state->said, sizeof(state->said), "%s", step->bound);
        (void) sqlite3_finalize(stmt);
        return DB_PART_BOUND;
    }

    if (rc == SQLITE_ROW) {
        *skip = step->skip;
    }

    return sqlite3_finalize(stmt);
}


static int
db_part_step(db_conn_t *c, const db_op_t *op, const db_step_t *step,
    db_part_state_t *state)
{
    int            rc;
    sqlite3_stmt  *stmt;

    rc = db_kept_get(c, step->text, &stmt);
    if (rc != SQLITE_OK) {
        return rc;
    }

    rc = db_conn_bind(stmt, op);

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }

    if (rc == SQLITE_ROW) {
        state->counts[step->count] += sqlite3_column_int64(stmt, 0);
        rc = SQLITE_DONE;

    } else if (rc == SQLITE_DONE) {
        state->counts[step->count] += sqlite3_changes64(c->sqlite);
    }

    if (rc == SQLITE_DONE) {
        (void) sqlite3_reset(stmt);
        (void) sqlite3_clear_bindings(stmt);

        return SQLITE_OK;
    }

    return rc;
}


/*
 * The failure of a disk is everybody's, and may have ended the transaction;
 * any other ends with the part.
 */

static store_status_t
db_part_undo(db_conn_t *c, int rc)
{
    store_status_t  status;

    if (db_conn_is_full(c, rc)) {
        return db_conn_status(c, rc);
    }

    if (sqlite3_get_autocommit(c->sqlite)) {
        return STORE_FAILED;
    }

    status = db_conn_run(c, SQL_PART_UNDO);
    if (status != STORE_OK) {
        return status;
    }

    return db_conn_run(c, SQL_PART_END);
}


static void
db_part_drop(db_conn_t *c, const db_part_t *part)
{
    size_t      i;
    db_kept_t  *kept;

    for (i = 0; i < part->nsteps; i++) {
        kept = db_kept_find(c, part->steps[i].text);

        if (kept != NULL) {
            db_kept_free(kept);
        }
    }
}


static db_kept_t *
db_kept_find(db_conn_t *c, const char *text)
{
    size_t  i;

    for (i = 0; i < DB_KEPT; i++) {
        if (c->kept[i].text != NULL && strcmp(c->kept[i].text, text) == 0) {
            return &c->kept[i];
        }
    }

    return NULL;
}


/* The one that was not used for longest makes place. */

static int
db_kept_get(db_conn_t *c, const char *text, sqlite3_stmt **stmt)
{
    int         rc;
    size_t      i;
    db_kept_t  *kept;

    kept = db_kept_find(c, text);

    if (kept == NULL) {
        kept = &c->kept[0];

        for (i = 1; i < DB_KEPT; i++) {
            if (c->kept[i].used < kept->used) {
                kept = &c->kept[i];
            }
        }

        db_kept_free(kept);
        rc = sqlite3_prepare_v3(c->sqlite, text, -1,
                                SQLITE_PREPARE_PERSISTENT, &kept->stmt, NULL);
        if (rc != SQLITE_OK) {
            return rc;
        }

        kept->text = strdup(text);

        if (kept->text == NULL) {
            db_kept_free(kept);
            return SQLITE_NOMEM;
        }
    }

    kept->used = ++c->uses;
    *stmt = kept->stmt;

    return SQLITE_OK;
}


static void
db_kept_free(db_kept_t *kept)
{
    (void) sqlite3_finalize(kept->stmt);
    free(kept->text);
    memset(kept, 0, sizeof(db_kept_t));
}


void
db_parts_free(db_conn_t *c)
{
    size_t  i;

    for (i = 0; i < DB_KEPT; i++) {
        db_kept_free(&c->kept[i]);
    }
}
