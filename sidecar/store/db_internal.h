
/*
 * What the files of the SQLite driver share.
 *
 *     db.c              the threads, their queues, the way back to the loop
 *     db_sqlite.c       a connection: opening, batches, transactions
 *     db_checkpoint.c   the WAL's way into the file
 *     db_schema.c       a file: whose, its tables, those of a version ago
 *     db_aside.c        a copy of a file that is corrupt
 *     db_part.c         parts of batches, and statements kept for them
 *     db_words.c        words of results, for search
 */

#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H


#include <pthread.h>

#include <sqlite3.h>

#include "sidecar/store/db.h"


/* Tell our files, and the version of schema.def, from others. */
#define DB_APPLICATION_ID    0x73637270     /* "scrp" */
#define DB_VERSION           5


/* How many statements are kept prepared for parts. */
#define DB_KEPT              64


/* One of them; text is NULL in a place that is free. */
typedef struct {
    char          *text;
    sqlite3_stmt  *stmt;
    uint64_t       used;
} db_kept_t;


/*
 * A connection, used by one thread at a time.
 *
 * stmts         all of sql.def
 * wal           pages in the WAL after the last commit
 * checkpointed  how many of them are copied to the file, or were to be by the
 *               last checkpoint: never less than SQLite counts as copied
 * unsynced      a sync has failed: what was written before it may be lost
 *               though it can be read, and that descriptor does not tell again
 * corrupt       the file was found so when it was opened
 * logged        when a failure was last told; 0 for not yet
 * kept, uses    for parts; kept[].used is the number of its last use
 * part_logged   when the failure of a part was last told
 */
typedef struct {
    sqlite3       *sqlite;
    sqlite3_stmt  *stmts[SQL_N];
    int            wal;
    int            checkpointed;
    int            unsynced;
    int            corrupt;
    int64_t        logged;
    db_kept_t      kept[DB_KEPT];
    uint64_t       uses;
    int64_t        part_logged;
} db_conn_t;


/* A checkpoint: none, asked for or under way, over; or no more of them. */
typedef enum {
    DB_IDLE = 0,
    DB_COPIES,
    DB_COPIED,
    DB_CLOSES
} db_copying_t;


/*
 * What copies the WAL into the file while the writer goes on: a thread with a
 * connection of its own.
 *
 * mutex    guards state, and what comes of a checkpoint: rc, SQLite's code,
 *          and how many pages of the WAL are copied, once state is DB_COPIED
 * changed  state did; only the writer and the thread wait for it
 */
typedef struct {
    db_conn_t        conn;
    pthread_t        id;
    pthread_mutex_t  mutex;
    pthread_cond_t   changed;
    db_copying_t     state;
    int              rc;
    int              copied;
    unsigned         started:1;
} db_checkpointer_t;


/*
 * Open a connection with SQLITE_OPEN_ flags and nothing prepared: SC_OK, or
 * SC_ERROR with a sentence in err.  db_conn_close() is due in both cases, as
 * for those that follow.
 */
int db_conn_open(db_conn_t *c, const char *path, int flags, char *err,
    size_t errlen);

/*
 * Open the writer's connection, which sees that the file is ours and makes
 * the schema when there is none, or a reader's.  SC_OK, or SC_ERROR with a
 * sentence in err.
 */
int db_conn_open_writer(db_conn_t *c, const char *path, char *err,
    size_t errlen);
int db_conn_open_reader(db_conn_t *c, const char *path, char *err,
    size_t errlen);
void db_conn_close(db_conn_t *c);

/*
 * Serve a list of batches: the status of each is set, and its rows.  SC_ERROR
 * when nothing of what was to be written is.
 */
int db_conn_write(db_conn_t *c, db_batch_t *list);
void db_conn_read(db_conn_t *c, db_batch_t *list);

/* Run statements without parameters; what comes of them is not told. */
int db_conn_exec(db_conn_t *c, const char *sql);

/* Run one of sql.def that has none. */
store_status_t db_conn_run(db_conn_t *c, db_sql_t sql);

/* Bind as many as the statement has; texts are not copied.  SQLite's code. */
int db_conn_bind(sqlite3_stmt *stmt, const db_op_t *op);

/*
 * An error of SQLite's in our words; it is logged unless the caller answers
 * for it.
 */
store_status_t db_conn_status(db_conn_t *c, int rc);

/* Whether that is what SQLite says of a disk that is full. */
int db_conn_is_full(db_conn_t *c, int rc);

/* Whether a failure may be told; *logged is when one was. */
int db_conn_may_log(int64_t *logged);

/*
 * See that the file is ours, in our journal mode and of our version, making
 * what is missing.  SC_OK, or SC_ERROR with a sentence in err.
 */
int db_schema_open(db_conn_t *c, const char *path, char *err, size_t errlen);

/*
 * Copy a corrupt file, and its WAL, to PATH.corrupt and PATH.corrupt-wal,
 * whatever is done to it next; once: a copy that is there stays.  What came of
 * it is appended to err.  Nothing else of this process may use the file.
 */
void db_aside(const char *path, char *err, size_t errlen);

/*
 * Run the parts of a batch, whose ops were run.  STORE_OK, however they fared,
 * or what becomes of the whole transaction.
 */
store_status_t db_parts_run(db_conn_t *c, db_batch_t *b);

/* Give back what is kept. */
void db_parts_free(db_conn_t *c);

/*
 * Words of results.  Say, once, how FTS5 is to merge them: SC_OK or SC_ERROR.
 * Note the last one there is; put those of all behind it: both in the
 * transaction that puts the results.
 */
int db_words_open(db_conn_t *c);
store_status_t db_words_note(db_conn_t *c, int64_t *seq);
store_status_t db_words_put(db_conn_t *c, int64_t seq);

/*
 * Copy what is not copied yet from the WAL into the file, sync that, and begin
 * the WAL anew.  The checkpointer must not be at work.  SQLite's code.
 */
int db_conn_begin_wal(db_conn_t *c);

/* Start a thread that no signal reaches.  0, or an errno. */
int db_thread_create(pthread_t *id, void *(*run)(void *data), void *data);

/*
 * Start a checkpointer, once the writer's connection is open; SC_OK, or
 * SC_ERROR with a sentence in err.  Stop it, when the writer has ended and
 * before its connection is closed; one that was zeroed may be stopped.
 */
int db_checkpointer_start(db_checkpointer_t *p, const char *path, char *err,
    size_t errlen);
void db_checkpointer_stop(db_checkpointer_t *p, db_conn_t *writer);

/*
 * Called by the writer around each of its groups.  Before: take note of a sync
 * that failed, and wait for the checkpointer if the WAL must begin anew.
 * After: see that a WAL which has become long is copied, and begins anew.
 */
void db_checkpoint_before(db_checkpointer_t *p, db_conn_t *writer);
void db_checkpoint_after(db_checkpointer_t *p, db_conn_t *writer);

/*
 * Have all that is in the WAL copied by the next checkpoint, what was before,
 * too.  The checkpointer must not be at work.  SQLite's code.
 */
int db_checkpoint_forget(db_conn_t *c);


#endif /* DB_INTERNAL_H */
