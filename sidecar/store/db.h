
/*
 * The driver below the store: it runs batches of the statements in sql.def.
 *
 * A batch is a straight line: nothing is decided between its statements by
 * anybody but SQL, and by whether one found a row, so that many of them go
 * into one transaction, and a server could run one in a single exchange.  This
 * driver is SQLite's: one thread writes, committing in one transaction what
 * waits; another reads, over a connection of its own, and a third searches.
 */

#ifndef DB_H
#define DB_H


#include "sidecar/loop/loop.h"
#include "sidecar/store/store.h"


typedef enum {
#define STATEMENT(name, text)  SQL_##name,
#include "sidecar/store/sql.def"
#include "sidecar/store/sql_work.def"
#include "sidecar/store/sql_list.def"
#undef STATEMENT
    SQL_N
} db_sql_t;


typedef struct db_s        db_t;
typedef struct db_row_s    db_row_t;
typedef struct db_batch_s  db_batch_t;


/* Text of n bytes, NUL-terminated in rows; or, if text is NULL, number n. */
typedef struct {
    const char  *text;
    int64_t      n;
} db_value_t;


/* Why a batch's ops count the rows they change. */
typedef enum {
    DB_TELL_NOTHING = 0,
    DB_TELL_ADDED,
    DB_TELL_DUPLICATE,
    DB_TELL_UNCHANGED,
    DB_TELLS
} db_tell_t;


/*
 * One statement with its parameters.
 *
 * none   what becomes of the batch when the statement finds or changes no
 *        row: STORE_OK to go on, else the batch ends with this status
 * skip   how many ops behind it are left out when it finds or changes no row;
 *        with some, when it does
 * tell   where the rows it changes are added in the batch
 * keep   of a batch that writes: its rows are kept, as all are of one that
 *        reads
 * mistakes  an SQLITE_ERROR of it is the caller's, who wrote a search that
 *        cannot be read: the batch ends with STORE_CONFLICT, nothing is logged
 */
typedef struct {
    db_sql_t           sql;
    store_status_t     none;
    db_tell_t          tell;
    size_t             skip;
    unsigned           some:1;
    unsigned           keep:1;
    unsigned           mistakes:1;
    size_t             nargs;
    const db_value_t  *args;
} db_op_t;


/* How many steps DB_ADDED a batch may take. */
#define DB_ADDED_MAX    200


/* What a step of a part is counted as. */
typedef enum {
    DB_NO_COUNT = 0,
    DB_CHANGED,             /* the rows it changes */
    DB_FOUND,               /* the number it finds */
    DB_ADDED,               /* itself: of a batch DB_ADDED_MAX are run */
    DB_COUNTS
} db_count_t;


/*
 * A statement with a text of its own.
 *
 * skip    how many steps behind it are left out when it finds a row
 * bound   what is said of the part, which fails, when it finds a row; or NULL
 */
typedef struct {
    const char  *text;
    const char  *bound;
    db_count_t   count;
    size_t       skip;
} db_step_t;


/*
 * A part of a batch that may fail without it: what it changed is undone then,
 * it is logged, and the batch goes on.  Its parameters are those of one op of
 * the batch, so many as a step's text has; it is left out when that op was, or
 * changed nothing.
 *
 * name    of what it changes, for the log
 * make    nmake steps that make what is needed; run before the others unless
 *         those were run before, and again when they fail
 * steps   nsteps of them; kept prepared
 */
typedef struct {
    const char       *name;
    size_t            nmake;
    const db_step_t  *make;
    size_t            nsteps;
    const db_step_t  *steps;
} db_part_t;


/* A row that was read; as many values as the statement has columns. */
struct db_row_s {
    db_row_t    *next;
    db_value_t   values[];
};


/* How long a batch that writes may wait for others: many cost less at once. */
typedef enum {
    DB_NOW = 0,             /* not at all: somebody waits for it */
    DB_SOON,                /* milliseconds: more are known to come at once */
    DB_LATER,               /* a moment: nobody waits for it */
    DB_PACES
} db_pace_t;


/*
 * A batch, embedded in its owner, with which it stays valid until done().
 *
 * next     the driver's
 * write    for the writer; else for the reader
 * pace     of one that writes
 * words    those of the results it puts are kept for search
 * search   it may take long: it is read where others do not wait for it
 * undone   the driver's
 * nops     of ops; all of them take effect, or none; one that may end the
 *          batch had best come before the first that changes something
 * nparts   of parts, done after the ops; of a batch that writes
 * parted   the op whose parameters they are given
 * parting  the driver's
 * done     called on the loop's thread, with status set
 * status   STORE_OK, the none of an op, STORE_CONFLICT when a row is there
 *          already, STORE_FULL, STORE_FAILED
 * rows     what was read, in order; the owner's, for db_rows_free()
 * told     by db_tell_t, over the ops
 * counts   by db_count_t, over the parts; failed: parts that did
 */
struct db_batch_s {
    db_batch_t      *next;
    unsigned         write:1;
    db_pace_t        pace;
    unsigned         words:1;
    unsigned         search:1;
    unsigned         undone:1;
    size_t           nops;
    const db_op_t   *ops;
    size_t           nparts;
    const db_part_t *const  *parts;
    size_t           parted;
    unsigned         parting:1;
    void           (*done)(db_batch_t *batch);
    store_status_t   status;
    db_row_t        *rows;
    int64_t          told[DB_TELLS];
    int64_t          counts[DB_COUNTS];
    size_t           failed;
};


/*
 * Open the file at path as store_open() says; NULL on failure with a sentence
 * in err.
 */
db_t *db_open(loop_t *loop, const char *path, char *err, size_t errlen);

/* Run what was submitted, the done() of each included; then close. */
void db_close(db_t *db);

/* Run a batch.  done() is never called from inside. */
void db_submit(db_t *db, db_batch_t *batch);

/* Batches that no thread has taken yet: writes, reads and searches. */
void db_waiting(db_t *db, size_t *writes, size_t *reads, size_t *searches);

/* Free a list of rows; NULL is allowed. */
void db_rows_free(db_row_t *rows);


#endif /* DB_H */
