
/*
 * What the two halves of the SQLite driver share.
 *
 *     db.c          the threads, their queues, the way back to the loop
 *     db_sqlite.c   a connection: opening, batches, transactions, the WAL
 */

#ifndef DB_INTERNAL_H
#define DB_INTERNAL_H


#include <sqlite3.h>

#include "sidecar/store/db.h"


/* Tell our files, and the version of schema.def, from others. */
#define DB_APPLICATION_ID    0x73637270     /* "scrp" */
#define DB_VERSION           2


/*
 * A connection, used by one thread at a time.
 *
 * stmts         all of sql.def
 * wal           pages in the WAL after the last commit
 * checkpointed  how many there were at the last checkpoint
 * logged        when a failure was last told; 0 for not yet
 */
typedef struct {
    sqlite3       *sqlite;
    sqlite3_stmt  *stmts[SQL_N];
    int            wal;
    int            checkpointed;
    int64_t        logged;
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

/* Serve a list of batches: the status of each is set, and its rows. */
void db_conn_write(db_conn_t *c, db_batch_t *list);
void db_conn_read(db_conn_t *c, db_batch_t *list);

/* Bring what the WAL holds into the file, when it has become long. */
void db_conn_checkpoint(db_conn_t *c);


#endif /* DB_INTERNAL_H */
