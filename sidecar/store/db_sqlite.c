
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sidecar/core/log.h"
#include "sidecar/store/db_internal.h"


#define DB_BUSY_MS          5000
#define DB_MAX_LENGTH       (128 * 1024 * 1024)

/* how long readers are waited for, where the WAL is to begin anew */
#define DB_WAL_BUSY_MS      50

/* how often all is synced, where some of it may not have been */
#define DB_SYNC_TRIES       3

/* how often a statement is begun whose tables were changed meanwhile */
#define DB_SCHEMA_TRIES     4

/* a failure is told once in so many seconds */
#define DB_LOG_PAUSE        10


static int db_conn_refused(db_conn_t *c, const char *path, char *err,
    size_t errlen);
static int db_conn_set_up(db_conn_t *c, const char *path, char *err,
    size_t errlen);
static int db_conn_wal(void *data, sqlite3 *sqlite, const char *name,
    int pages);
static store_status_t db_conn_write_group(db_conn_t *c, db_batch_t *list);
static store_status_t db_conn_begin(db_conn_t *c);
static int db_conn_sync(db_conn_t *c);
static store_status_t db_conn_write_batch(db_conn_t *c, db_batch_t *b);
static store_status_t db_conn_batch(db_conn_t *c, db_batch_t *b);
static store_status_t db_conn_op(db_conn_t *c, const db_op_t *op,
    db_row_t ***rows, int64_t *n);
static int db_conn_first(sqlite3_stmt *stmt);
static db_row_t *db_conn_row(sqlite3_stmt *stmt);
static char *db_conn_text(sqlite3_stmt *stmt, int i, db_value_t *value,
    char *p);


static const char *const  db_sql[] = {
#define STATEMENT(name, text)  [SQL_##name] = (text),
#include "sidecar/store/sql.def"
#include "sidecar/store/sql_work.def"
#include "sidecar/store/sql_list.def"
#undef STATEMENT
};


static const char  db_pragmas[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -16384;"
    "PRAGMA mmap_size = 0;"
    "PRAGMA wal_autocheckpoint = 0;"
    "PRAGMA journal_size_limit = 67108864;";


int
db_conn_open_writer(db_conn_t *c, const char *path, char *err, size_t errlen)
{
    if (db_conn_open(c, path, SQLITE_OPEN_READWRITE, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    /* SQLite is content to read a file that it may not write to */
    if (sqlite3_db_readonly(c->sqlite, "main") == 1) {
        (void) snprintf(err, errlen, "the store \"%s\" may not be written "
                        "to", path);
        return SC_ERROR;
    }

    /* a file that is not ours keeps even its WAL */
    (void) sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
                             NULL);

    if (db_schema_open(c, path, err, errlen) != SC_OK) {

        if (c->corrupt) {
            db_aside(path, err, errlen);
        }

        return SC_ERROR;
    }

    (void) sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0,
                             NULL);

    if (db_conn_set_up(c, path, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    /*
     * Whoever was killed may have left a WAL that is not on the disk, as it
     * was read back.  On a disk that is full all three are for the next time,
     * and nobody is told that they are done.
     */
    c->unsynced = (db_conn_sync(c) == SQLITE_IOERR_FSYNC);
    (void) db_conn_run(c, SQL_QUEUE_RESTORE);
    (void) db_words_open(c);

    return SC_OK;
}


int
db_conn_open_reader(db_conn_t *c, const char *path, char *err, size_t errlen)
{
    if (db_conn_open(c, path, SQLITE_OPEN_READONLY, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    return db_conn_set_up(c, path, err, errlen);
}


void
db_conn_close(db_conn_t *c)
{
    int  i;

    for (i = 0; i < SQL_N; i++) {
        (void) sqlite3_finalize(c->stmts[i]);
        c->stmts[i] = NULL;
    }

    db_parts_free(c);

    if (c->unsynced && db_conn_sync(c) != SQLITE_OK) {
        /* SQLite would drop what the next start can still copy */
        (void) sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                                 1, NULL);
    }

    (void) sqlite3_close(c->sqlite);
    c->sqlite = NULL;
}


int
db_conn_open(db_conn_t *c, const char *path, int flags, char *err,
    size_t errlen)
{
    int  rc;

    rc = sqlite3_open_v2(path, &c->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc != SQLITE_OK) {
        (void) snprintf(err, errlen, "could not open the store \"%s\": %s",
                        path, sqlite3_errstr(rc));
        return SC_ERROR;
    }

    (void) sqlite3_extended_result_codes(c->sqlite, 1);
    (void) sqlite3_busy_timeout(c->sqlite, DB_BUSY_MS);
    (void) sqlite3_limit(c->sqlite, SQLITE_LIMIT_LENGTH, DB_MAX_LENGTH);
    (void) sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void) sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0,
                             NULL);
    (void) sqlite3_db_config(c->sqlite, SQLITE_DBCONFIG_DQS_DML, 0, NULL);

    return SC_OK;
}


/* What SQLite says of a file that cannot be used. */

static int
db_conn_refused(db_conn_t *c, const char *path, char *err, size_t errlen)
{
    (void) snprintf(err, errlen, "could not use the store \"%s\": %s", path,
                    sqlite3_errmsg(c->sqlite));

    return SC_ERROR;
}


static int
db_conn_set_up(db_conn_t *c, const char *path, char *err, size_t errlen)
{
    int  i;

    if (db_conn_exec(c, db_pragmas) != SC_OK) {
        return db_conn_refused(c, path, err, errlen);
    }

    for (i = 0; i < SQL_N; i++) {
        if (sqlite3_prepare_v3(c->sqlite, db_sql[i], -1,
                               SQLITE_PREPARE_PERSISTENT, &c->stmts[i], NULL)
            != SQLITE_OK)
        {
            return db_conn_refused(c, path, err, errlen);
        }
    }

    (void) sqlite3_wal_hook(c->sqlite, db_conn_wal, c);

    return SC_OK;
}


int
db_conn_exec(db_conn_t *c, const char *sql)
{
    return sqlite3_exec(c->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK
           ? SC_OK : SC_ERROR;
}


static int
db_conn_wal(void *data, sqlite3 *sqlite, const char *name, int pages)
{
    db_conn_t  *c = data;

    (void) sqlite;
    (void) name;

    c->wal = pages;

    return SQLITE_OK;
}


int
db_conn_begin_wal(db_conn_t *c)
{
    int  rc;

    (void) sqlite3_busy_timeout(c->sqlite, DB_WAL_BUSY_MS);
    rc = sqlite3_wal_checkpoint_v2(c->sqlite, NULL,
                                   SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void) sqlite3_busy_timeout(c->sqlite, DB_BUSY_MS);

    if (rc == SQLITE_OK) {
        c->wal = 0;
        c->checkpointed = 0;
    }

    return rc;
}


/*
 * All of them in one transaction: one sync serves all who wait.  When a batch
 * fails after it has changed something, the transaction is undone and done
 * again without it: rare, and cheaper than a savepoint for each.
 */

int
db_conn_write(db_conn_t *c, db_batch_t *list)
{
    db_batch_t      *b;
    store_status_t   status;

    for (b = list; b != NULL; b = b->next) {
        b->status = STORE_OK;
        b->undone = 0;
    }

    do {
        status = db_conn_write_group(c, list);
    } while (status == STORE_CONFLICT);

    if (status == STORE_OK) {
        return SC_OK;
    }

    for (b = list; b != NULL; b = b->next) {
        b->status = status;
    }

    return SC_ERROR;
}


/*
 * Each in a transaction: where the writer makes tables without a pause, SQLite
 * gives up a statement alone, as the schema it has just read is no more.
 */

void
db_conn_read(db_conn_t *c, db_batch_t *list)
{
    for ( /* void */ ; list != NULL; list = list->next) {
        list->status = db_conn_run(c, SQL_LOOK);

        if (list->status == STORE_OK) {
            list->status = db_conn_batch(c, list);
        }

        /* one that is left open would fail the next */
        if (!sqlite3_get_autocommit(c->sqlite)
            && db_conn_run(c, SQL_COMMIT) != STORE_OK)
        {
            (void) db_conn_run(c, SQL_ROLLBACK);
        }
    }
}


/* STORE_CONFLICT: once more.  Else what becomes of them all. */

static store_status_t
db_conn_write_group(db_conn_t *c, db_batch_t *list)
{
    int              words;
    int64_t          before;
    db_batch_t      *b;
    store_status_t   status;

    words = 0;
    before = 0;
    status = db_conn_begin(c);

    for (b = list; b != NULL && status == STORE_OK; b = b->next) {
        if (b->words && !words) {
            words = 1;
            status = db_words_note(c, &before);
        }

        if (!b->undone && status == STORE_OK) {
            status = db_conn_write_batch(c, b);
        }
    }

    if (status == STORE_OK && words) {
        status = db_words_put(c, before);
    }

    if (status == STORE_OK) {
        status = db_conn_run(c, SQL_COMMIT);
    }

    if (!sqlite3_get_autocommit(c->sqlite)) {
        (void) db_conn_run(c, SQL_ROLLBACK);
    }

    return status;
}


/* Where a sync has failed nothing is written until all is on the disk. */

static store_status_t
db_conn_begin(db_conn_t *c)
{
    store_status_t  status;

    if (c->unsynced) {
        status = db_conn_status(c, db_conn_sync(c));

        if (status != STORE_OK) {
            return status;
        }

        c->unsynced = 0;
        log_notice("the store is synced again");
    }

    return db_conn_run(c, SQL_BEGIN);
}


/*
 * Bring all that is in the WAL to the disk.  A descriptor tells of a sync that
 * failed, even of another's, at its next one: that of the WAL and that of the
 * file may have to do so first.
 */

static int
db_conn_sync(db_conn_t *c)
{
    int  rc, tries;

    rc = SQLITE_OK;

    for (tries = 0; tries < DB_SYNC_TRIES; tries++) {
        rc = db_checkpoint_forget(c);

        if (rc == SQLITE_OK) {
            rc = db_conn_begin_wal(c);
        }

        if (rc != SQLITE_IOERR_FSYNC) {
            break;
        }
    }

    return rc;
}


/* STORE_OK: the transaction may go on. */

static store_status_t
db_conn_write_batch(db_conn_t *c, db_batch_t *b)
{
    int  changes;

    changes = sqlite3_total_changes(c->sqlite);
    db_rows_free(b->rows);
    b->rows = NULL;
    b->status = db_conn_batch(c, b);

    if (b->status == STORE_FULL || sqlite3_get_autocommit(c->sqlite)) {
        /* bad for all, and SQLite may have ended the transaction */
        return b->status != STORE_OK ? b->status : STORE_FAILED;
    }

    if (b->status == STORE_OK) {
        return b->parting ? db_parts_run(c, b) : STORE_OK;
    }

    if (sqlite3_total_changes(c->sqlite) == changes) {
        return STORE_OK;
    }

    b->undone = 1;

    return STORE_CONFLICT;
}


static store_status_t
db_conn_batch(db_conn_t *c, db_batch_t *b)
{
    size_t            i;
    int64_t           n;
    db_row_t        **last, **none;
    const db_op_t    *op;
    store_status_t    status;

    status = STORE_OK;
    last = &b->rows;
    none = NULL;
    b->parting = 0;
    b->failed = 0;
    memset(b->told, 0, sizeof(b->told));
    memset(b->counts, 0, sizeof(b->counts));

    for (i = 0; i < b->nops && status == STORE_OK; i++) {
        op = &b->ops[i];
        status = db_conn_op(c, op, b->write && !op->keep ? &none : &last, &n);
        b->told[op->tell] += n;

        if (i == b->parted) {
            b->parting = (b->nparts != 0 && n != 0);
        }

        if (op->some ? n != 0 : n == 0) {
            i += op->skip;
        }
    }

    return status;
}


/* A statement without parameters. */

store_status_t
db_conn_run(db_conn_t *c, db_sql_t sql)
{
    int64_t     n;
    db_op_t     op = { .sql = sql, .none = STORE_OK };
    db_row_t  **rows = NULL;

    return db_conn_op(c, &op, &rows, &n);
}


/*
 * Rows are appended at *rows, which is moved on, unless it is NULL; n is how
 * many there were or were changed.
 */

static store_status_t
db_conn_op(db_conn_t *c, const db_op_t *op, db_row_t ***rows, int64_t *n)
{
    int              rc;
    store_status_t   status;
    sqlite3_stmt    *stmt = c->stmts[op->sql];

    *n = 0;
    rc = db_conn_bind(stmt, op);

    if (rc == SQLITE_OK) {
        rc = db_conn_first(stmt);
    }

    while (rc == SQLITE_ROW) {
        (*n)++;

        if (*rows != NULL) {
            **rows = db_conn_row(stmt);

            if (**rows == NULL) {
                rc = SQLITE_NOMEM;
                break;
            }

            *rows = &(**rows)->next;
        }

        rc = sqlite3_step(stmt);
    }

    if (rc == SQLITE_DONE && sqlite3_column_count(stmt) == 0) {
        *n = sqlite3_changes64(c->sqlite);
    }

    status = (op->mistakes && rc == SQLITE_ERROR) ? STORE_CONFLICT
                                                  : db_conn_status(c, rc);
    (void) sqlite3_reset(stmt);

    return (status == STORE_OK && *n == 0) ? op->none : status;
}


/* A statement that found its schema changed has done nothing yet. */

static int
db_conn_first(sqlite3_stmt *stmt)
{
    int  rc, tries;

    rc = sqlite3_step(stmt);

    for (tries = 1; rc == SQLITE_SCHEMA && tries < DB_SCHEMA_TRIES; tries++) {
        (void) sqlite3_reset(stmt);
        rc = sqlite3_step(stmt);
    }

    return rc;
}


/* Texts are bound as they are: they outlive the statement's run. */

int
db_conn_bind(sqlite3_stmt *stmt, const db_op_t *op)
{
    int                rc;
    size_t             i, n;
    const db_value_t  *v;

    rc = SQLITE_OK;
    n = (size_t) sqlite3_bind_parameter_count(stmt);

    if (n > op->nargs) {
        n = op->nargs;
    }

    for (i = 0; i < n && rc == SQLITE_OK; i++) {
        v = &op->args[i];

        if (v->text != NULL) {
            rc = sqlite3_bind_text64(stmt, (int) i + 1, v->text,
                                     (sqlite3_uint64) v->n, SQLITE_STATIC,
                                     SQLITE_UTF8);

        } else {
            rc = sqlite3_bind_int64(stmt, (int) i + 1, v->n);
        }
    }

    return rc;
}


static db_row_t *
db_conn_row(sqlite3_stmt *stmt)
{
    int        i, n;
    char      *p;
    size_t     size;
    db_row_t  *row;

    n = sqlite3_column_count(stmt);
    size = sizeof(db_row_t) + (size_t) n * sizeof(db_value_t);

    for (i = 0; i < n; i++) {
        if (sqlite3_column_type(stmt, i) != SQLITE_INTEGER) {
            size += (size_t) sqlite3_column_bytes(stmt, i) + 1;
        }
    }

    row = malloc(size);
    if (row == NULL) {
        return NULL;
    }

    row->next = NULL;
    p = (char *) &row->values[n];

    for (i = 0; i < n; i++) {
        if (sqlite3_column_type(stmt, i) == SQLITE_INTEGER) {
            row->values[i].text = NULL;
            row->values[i].n = sqlite3_column_int64(stmt, i);

        } else {
            p = db_conn_text(stmt, i, &row->values[i], p);

            if (p == NULL) {
                free(row);
                return NULL;
            }
        }
    }

    return row;
}


/*
 * Copy a column to p, NUL-terminated; what is NULL is empty.  NULL: SQLite had
 * no memory for it.
 */

static char *
db_conn_text(sqlite3_stmt *stmt, int i, db_value_t *value, char *p)
{
    size_t       len;
    const void  *text;

    text = sqlite3_column_text(stmt, i);
    len = (size_t) sqlite3_column_bytes(stmt, i);

    if (text == NULL && len != 0) {
        return NULL;
    }

    if (text != NULL) {
        memcpy(p, text, len);
    }

    p[len] = '\0';
    value->text = p;
    value->n = (int64_t) len;

    return p + len + 1;
}


store_status_t
db_conn_status(db_conn_t *c, int rc)
{
    switch (rc) {

    case SQLITE_OK:
    case SQLITE_DONE:
        return STORE_OK;

    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
        return STORE_CONFLICT;
    }

    if (db_conn_is_full(c, rc)) {
        if (db_conn_may_log(&c->logged)) {
            log_error("the disk of the store is full");
        }

        return STORE_FULL;
    }

    if (rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC) {
        c->unsynced = 1;
    }

    if (db_conn_may_log(&c->logged)) {
        log_error("the store failed: %s (%d)", sqlite3_errstr(rc), rc);
    }

    return STORE_FAILED;
}


/*
 * SQLite knows ENOSPC; a quota and the limit of a file's size are full disks,
 * too.  It is the WAL that is written to when somebody waits.
 */

int
db_conn_is_full(db_conn_t *c, int rc)
{
    int            err;
    sqlite3_file  *wal;

    if (rc == SQLITE_FULL) {
        return 1;
    }

    if (rc != SQLITE_IOERR_WRITE
        || sqlite3_file_control(c->sqlite, "main",
                                SQLITE_FCNTL_JOURNAL_POINTER, &wal)
           != SQLITE_OK
        || wal->pMethods == NULL
        || wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &err)
           != SQLITE_OK)
    {
        return 0;
    }

    return err == EDQUOT || err == EFBIG;
}


int
db_conn_may_log(int64_t *logged)
{
    struct timespec  now;

    (void) clock_gettime(CLOCK_MONOTONIC, &now);

    if (*logged != 0 && now.tv_sec - *logged < DB_LOG_PAUSE) {
        return 0;
    }

    *logged = now.tv_sec;

    return 1;
}
