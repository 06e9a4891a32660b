
/*
 * What the files of the store share.
 *
 *     store.c         open, close, the queues, callbacks on the loop
 *     store_thread.c  a thread and its connection: the writer, the reader
 *     store_write.c   what the writer does
 *     store_read.c    what the reader does
 *     store_op.c      an operation's memory
 *     store_db.c      SQLite: open, statements, errors
 *     store_check.c   what must always hold
 *     sql.def         every statement
 */

#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H


#include <pthread.h>

#include <sqlite3.h>

#include "sidecar/store/store.h"


#define STORE_VERSION           1
#define STORE_APPLICATION_ID    0x73637270      /* "scrp" */


typedef enum {
#define STATEMENT(name, text)  SQL_##name,
#include "sidecar/store/sql.def"
#undef STATEMENT
    SQL_N
} store_sql_t;


typedef struct store_op_s      store_op_t;
typedef struct store_block_s   store_block_t;
typedef struct store_thread_s  store_thread_t;


/* A connection with its prepared statements; used by one thread. */
typedef struct {
    sqlite3       *db;
    sqlite3_stmt  *sql[SQL_N];
} store_db_t;


typedef enum {
    STORE_OP_PUT = 0,
    STORE_OP_START,
    STORE_OP_FINISH,
    STORE_OP_CANCEL,
    STORE_OP_JOB,               /* from here on: reads */
    STORE_OP_UNENDED,
    STORE_OP_COUNT,
    STORE_OP_RESULTS,
    STORE_OP_RESULT,
    STORE_OP_NEWEST
} store_op_type_t;


/*
 * One call, on its way to a thread and back.
 *
 * next      in a queue; owned by whoever has the op
 * peer_…    in the list of all ops that are not called back, the loop's own
 * done      called on the loop by type; NULL when nobody is to be told
 * job …     what was asked with, or what was found: n rows
 * memory    what their strings are in
 */
struct store_op_s {
    store_op_t       *next;
    store_op_t       *peer_next;
    store_op_t       *peer_prev;
    store_op_type_t   type;
    void             *done;
    void             *data;
    store_status_t    status;

    store_job_t       job;
    store_result_t    result;
    unsigned          has_result:1;
    int64_t           after;
    size_t            limit;

    store_job_t      *jobs;
    store_result_t   *results;
    size_t            n;
    store_block_t    *memory;
};


/* A queue of ops: first in, first out. */
typedef struct {
    store_op_t   *head;
    store_op_t  **tail;
} store_queue_t;


struct store_thread_s {
    store_t           *store;
    store_db_t         db;
    pthread_t          id;
    pthread_cond_t     wake;
    store_queue_t      queue;
    void             (*serve)(store_db_t *db, store_op_t *ops);
    unsigned           lingers:1;
};


/*
 * mutex   guards the queues, done and closing; nothing else is shared
 * done    served ops, waiting for the loop
 * ops     all ops that are not called back
 */
struct store_s {
    loop_t            *loop;
    int                lock;
    loop_io_t          io;
    pthread_mutex_t    mutex;
    store_queue_t      done;
    unsigned           closing:1;
    store_thread_t     writer;
    store_thread_t     reader;
    store_op_t        *ops;
};


/*
 * store_op.c.  An op is freed with all its memory; store_op_copy() makes a
 * view the op's own.  NULL or SC_ERROR when memory is out.
 */
store_op_t *store_op_create(store_op_type_t type, void *done, void *data);
void store_op_free(store_op_t *op);
void *store_op_alloc(store_op_t *op, size_t size);
int store_op_copy(store_op_t *op, sc_str_t *s);

/* A queue's ops are linked by next; store_queue_take() empties it. */
void store_queue_init(store_queue_t *q);
void store_queue_push(store_queue_t *q, store_op_t *op);
store_op_t *store_queue_take(store_queue_t *q);

/* store_thread.c; SC_OK or SC_ERROR */
int store_thread_start(store_thread_t *t, store_t *s,
    void (*serve)(store_db_t *db, store_op_t *ops));
void store_thread_stop(store_thread_t *t);

/* store_write.c, store_read.c: serve a list of ops, setting each status */
void store_write(store_db_t *db, store_op_t *ops);
void store_read(store_db_t *db, store_op_t *ops);

/*
 * store_db.c.  Opening and preparing give SC_OK, or SC_ERROR with a sentence
 * in err.  store_db_run() gives SQLite's code of a statement that has no row
 * to read, and resets it; store_db_status() says it in our words, and logs
 * what nobody can answer for.
 */
int store_db_open(store_db_t *db, const char *path, int flags, char *err,
    size_t errlen);
void store_db_close(store_db_t *db);
int store_db_schema(store_db_t *db, const char *path, char *err,
    size_t errlen);
int store_db_prepare(store_db_t *db, char *err, size_t errlen);
void store_db_bind_str(store_db_t *db, store_sql_t sql, int i, sc_str_t s);
void store_db_bind_int(store_db_t *db, store_sql_t sql, int i, int64_t n);
void store_db_bind_id(store_db_t *db, store_sql_t sql, const char *id);
int store_db_run(store_db_t *db, store_sql_t sql);
void store_db_reset(store_db_t *db, store_sql_t sql);
store_status_t store_db_status(store_db_t *db, int rc);
int store_shard(const char *id);


#endif /* STORE_INTERNAL_H */
