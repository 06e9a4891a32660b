
/*
 * What the files of the SQLite driver share.
 *
 *     db.c          the threads, their queues, the way back to the loop
 *     db_sqlite.c   a connection: opening, batches, transactions, the WAL
 *     db_schema.c   a file: whose it is, its tables, those of a version ago
 *     db_aside.c    a copy of a file that is corrupt
 *     db_part.c     parts of batches, and statements kept for them
 *     db_words.c    words of results, for search
 */

#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H


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
 * checkpointed  how many there were at the last checkpoint
 * unsynced      a sync has failed: what was written before it may be lost
 *               though it can be read, and the next sync does not tell
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


/*
 * Open the writer's connection, which sees that the file is ours and makes
 * the schema when there is none, or a reader's.  SC_OK, or SC_ERROR with a
 * sentence in err; in both cases db_conn_close() is due.
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
 * Words of results.  Note the last one there is; put those of all behind it.
 * Both in the transaction that puts the results.
 */
store_status_t db_words_note(db_conn_t *c, int64_t *seq);
store_status_t db_words_put(db_conn_t *c, int64_t seq);

/* Bring what the WAL holds into the file, when it has become long. */
void db_conn_checkpoint(db_conn_t *c);


#endif /* DB_INTERNAL_H */
