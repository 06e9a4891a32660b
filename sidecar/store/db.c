
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "sidecar/metrics/metrics.h"
#include "sidecar/store/db_internal.h"


/*
 * A group of so many batches says that more are coming: the writer waits for
 * as many again, but not for long.  A lone batch never waits.
 */
#define DB_GROUP       9
#define DB_LINGER      (2 * LOOP_MS)

/*
 * While nobody waits for any of them it waits longer, after fewer: many at
 * once cost less.  Pages that follow from one another, one by one, are fewer.
 */
#define DB_FEW         4
#define DB_PATIENCE    (25 * LOOP_MS)
#define DB_PATIENT     500

/* Where more are known to come: for so many, or so long. */
#define DB_FOLLOWERS   16
#define DB_FOLLOWED    (5 * LOOP_MS)


typedef struct db_thread_s  db_thread_t;


/* First in, first out; paces says how many of the n have each. */
typedef struct {
    db_batch_t   *head;
    db_batch_t  **tail;
    size_t        n;
    size_t        paces[DB_PACES];
} db_queue_t;


/*
 * A thread with its connection.
 *
 * wanted   it sleeps until so many are queued; 0 while it does not sleep
 * pace     or until one in more of a hurry is
 */
struct db_thread_s {
    db_t            *db;
    db_conn_t        conn;
    pthread_t        id;
    pthread_cond_t   wake;
    db_queue_t       queue;
    size_t           wanted;
    db_pace_t        pace;
    unsigned         writes:1;
    unsigned         started:1;
};


/*
 * mutex   guards queues, wanted, done and closing; else nothing is shared
 * done    served, on the way to the loop
 * lock    descriptor of PATH.lock
 */
struct db_s {
    loop_t             *loop;
    loop_io_t           io;
    int                 lock;
    pthread_mutex_t     mutex;
    db_queue_t          done;
    unsigned            closing:1;
    db_thread_t         writer;
    db_thread_t         reader;
    db_thread_t         searcher;
    db_checkpointer_t   checkpointer;
};


static int db_create_file(const char *path, char *err, size_t errlen);
static int db_lock(db_t *db, const char *path, char *err, size_t errlen);
static int db_watch(db_t *db, char *err, size_t errlen);
static int db_thread_start(db_t *db, db_thread_t *t, char *err,
    size_t errlen);
static void db_thread_stop(db_thread_t *t);
static void *db_thread_main(void *data);
static void db_thread_write(db_thread_t *t, db_batch_t *list, size_t n);
static int64_t db_clock(void);
static db_batch_t *db_thread_take(db_thread_t *t, size_t before, size_t *n);
static void db_thread_linger(db_thread_t *t, db_pace_t pace, size_t wanted,
    int64_t pause);
static int db_thread_is_served(const db_thread_t *t, size_t wanted);
static void db_thread_done(db_thread_t *t, db_batch_t *list);
static void db_event(loop_io_t *io, uint32_t events);
static void db_call_done(db_t *db);
static void db_queue_init(db_queue_t *q);
static void db_queue_add(db_queue_t *q, db_batch_t *b);
static db_batch_t *db_queue_take(db_queue_t *q);


db_t *
db_open(loop_t *loop, const char *path, char *err, size_t errlen)
{
    db_t  *db;

    db = calloc(1, sizeof(db_t));
    if (db == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    /* how much SQLite has is asked by nobody, and counted under a lock */
    (void) sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

    db->loop = loop;
    db->io.fd = -1;
    db->lock = -1;
    db->writer.writes = 1;
    db_queue_init(&db->done);
    (void) pthread_mutex_init(&db->mutex, NULL);

    if (db_create_file(path, err, errlen) != SC_OK
        || db_lock(db, path, err, errlen) != SC_OK
        || db_watch(db, err, errlen) != SC_OK
        || db_conn_open_writer(&db->writer.conn, path, err, errlen) != SC_OK
        || db_conn_open_reader(&db->reader.conn, path, err, errlen) != SC_OK
        || db_conn_open_reader(&db->searcher.conn, path, err, errlen) != SC_OK
        || db_checkpointer_start(&db->checkpointer, path, err, errlen) != SC_OK
        || db_thread_start(db, &db->writer, err, errlen) != SC_OK
        || db_thread_start(db, &db->reader, err, errlen) != SC_OK
        || db_thread_start(db, &db->searcher, err, errlen) != SC_OK)
    {
        db_close(db);
        return NULL;
    }

    return db;
}


/* Readers end later: what they were given sees all that was written. */

void
db_close(db_t *db)
{
    (void) pthread_mutex_lock(&db->mutex);
    db->closing = 1;
    (void) pthread_mutex_unlock(&db->mutex);

    db_thread_stop(&db->writer);
    db_thread_stop(&db->reader);
    db_thread_stop(&db->searcher);
    db_checkpointer_stop(&db->checkpointer, &db->writer.conn);
    db_call_done(db);

    /* the last connection to close empties the WAL */
    db_conn_close(&db->searcher.conn);
    db_conn_close(&db->reader.conn);
    db_conn_close(&db->writer.conn);

    if (db->io.fd != -1) {
        loop_io_del(db->loop, &db->io);
        (void) close(db->io.fd);
    }

    if (db->lock != -1) {
        (void) close(db->lock);
    }

    (void) pthread_mutex_destroy(&db->mutex);
    free(db);
}


void
db_submit(db_t *db, db_batch_t *batch)
{
    int           wake;
    db_thread_t  *t;

    t = batch->write ? &db->writer
                     : batch->search ? &db->searcher : &db->reader;
    batch->rows = NULL;

    (void) pthread_mutex_lock(&db->mutex);

    db_queue_add(&t->queue, batch);
    wake = (t->wanted != 0 && db_thread_is_served(t, t->wanted));

    if (wake) {
        t->wanted = 0;
    }

    (void) pthread_mutex_unlock(&db->mutex);

    if (wake) {
        (void) pthread_cond_signal(&t->wake);
    }
}


void
db_waiting(db_t *db, size_t *writes, size_t *reads, size_t *searches)
{
    (void) pthread_mutex_lock(&db->mutex);
    *writes = db->writer.queue.n;
    *reads = db->reader.queue.n;
    *searches = db->searcher.queue.n;
    (void) pthread_mutex_unlock(&db->mutex);
}


void
db_rows_free(db_row_t *rows)
{
    db_row_t  *next;

    for ( /* void */ ; rows != NULL; rows = next) {
        next = rows->next;
        free(rows);
    }
}


/*
 * SQLite would let all read it.  One that is there is not opened: closing it
 * would drop the locks this process has on it.
 */

static int
db_create_file(const char *path, char *err, size_t errlen)
{
    int  fd;

    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd != -1) {
        (void) close(fd);

    } else if (errno != EEXIST) {
        (void) snprintf(err, errlen, "could not make the store \"%s\": %s",
                        path, strerror(errno));
        return SC_ERROR;
    }

    return SC_OK;
}


/*
 * Two schedulers on one file would fetch everything twice.  The lock stands
 * beside the file itself, however it was called.
 */

static int
db_lock(db_t *db, const char *path, char *err, size_t errlen)
{
    char          real[PATH_MAX], name[PATH_MAX + 8];
    struct flock  lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (realpath(path, real) == NULL) {
        (void) snprintf(err, errlen, "could not open the store \"%s\": %s",
                        path, strerror(errno));
        return SC_ERROR;
    }

    (void) snprintf(name, sizeof(name), "%s.lock", real);
    db->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (db->lock == -1) {
        (void) snprintf(err, errlen, "could not open \"%s\": %s", name,
                        strerror(errno));
        return SC_ERROR;
    }

    if (fcntl(db->lock, F_OFD_SETLK, &lock) == 0) {
        return SC_OK;
    }

    if (errno == EAGAIN || errno == EACCES) {
        (void) snprintf(err, errlen, "the store \"%s\" is in use by another "
                        "scraped", path);

    } else {
        (void) snprintf(err, errlen, "could not lock \"%s\": %s", name,
                        strerror(errno));
    }

    return SC_ERROR;
}


static int
db_watch(db_t *db, char *err, size_t errlen)
{
    db->io.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    db->io.handler = db_event;
    db->io.data = db;

    if (db->io.fd == -1 || loop_io_set(db->loop, &db->io, EPOLLIN) != SC_OK) {
        (void) snprintf(err, errlen, "could not watch the store: %s",
                        strerror(errno));
        return SC_ERROR;
    }

    return SC_OK;
}


static int
db_thread_start(db_t *db, db_thread_t *t, char *err, size_t errlen)
{
    int                 rc;
    pthread_condattr_t  attr;

    t->db = db;
    db_queue_init(&t->queue);

    (void) pthread_condattr_init(&attr);
    (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void) pthread_cond_init(&t->wake, &attr);
    (void) pthread_condattr_destroy(&attr);

    t->started = 1;
    rc = db_thread_create(&t->id, db_thread_main, t);

    if (rc != 0) {
        t->started = 0;
        (void) pthread_cond_destroy(&t->wake);
        (void) snprintf(err, errlen, "could not start a thread of the store: "
                        "%s", strerror(rc));
        return SC_ERROR;
    }

    return SC_OK;
}


/* Signals are the loop's. */

int
db_thread_create(pthread_t *id, void *(*run)(void *data), void *data)
{
    int       rc;
    sigset_t  all, old;

    (void) sigfillset(&all);
    (void) pthread_sigmask(SIG_BLOCK, &all, &old);
    rc = pthread_create(id, NULL, run, data);
    (void) pthread_sigmask(SIG_SETMASK, &old, NULL);

    return rc;
}


/* Wait until its queue is served; db->closing is set. */

static void
db_thread_stop(db_thread_t *t)
{
    if (!t->started) {
        return;
    }

    (void) pthread_cond_signal(&t->wake);
    (void) pthread_join(t->id, NULL);
    (void) pthread_cond_destroy(&t->wake);
}


static void *
db_thread_main(void *data)
{
    size_t        n;
    db_batch_t   *list;
    db_thread_t  *t = data;

    n = 0;

    while ((list = db_thread_take(t, n, &n)) != NULL) {
        if (t->writes) {
            db_checkpoint_before(&t->db->checkpointer, &t->conn);
            db_thread_write(t, list, n);
            db_thread_done(t, list);
            db_checkpoint_after(&t->db->checkpointer, &t->conn);

        } else {
            db_conn_read(&t->conn, list);
            db_thread_done(t, list);
        }
    }

    return NULL;
}


/* Its numbers are written by this thread alone. */

static void
db_thread_write(db_thread_t *t, db_batch_t *list, size_t n)
{
    int      rows;
    int64_t  begin;

    begin = db_clock();
    rows = sqlite3_total_changes(t->conn.sqlite);

    metrics_add(METRICS_COMMITS + (db_conn_write(&t->conn, list) != SC_OK), 1);
    metrics_observe(METRICS_COMMIT, METRICS_SECONDS, db_clock() - begin);
    metrics_observe(METRICS_GROUP, METRICS_PLAIN, (int64_t) n);

    /* the number begins anew when it is full */
    rows = (int) ((unsigned) sqlite3_total_changes(t->conn.sqlite)
                  - (unsigned) rows);
    metrics_add(METRICS_ROWS, rows);
}


static int64_t
db_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * LOOP_SEC + ts.tv_nsec;
}


/*
 * All that is queued, *n of them, once there is any; NULL when there never
 * will be.  before is how many there were the last time.
 */

static db_batch_t *
db_thread_take(db_thread_t *t, size_t before, size_t *n)
{
    db_t        *db = t->db;
    db_batch_t  *list;

    (void) pthread_mutex_lock(&db->mutex);

    if (t->writes && before >= DB_GROUP) {
        db_thread_linger(t, DB_NOW, before, DB_LINGER);
    }

    while (t->queue.n == 0 && !db->closing) {
        t->wanted = 1;
        (void) pthread_cond_wait(&t->wake, &db->mutex);
    }

    if (t->writes && before >= DB_FEW) {
        db_thread_linger(t, DB_LATER, DB_PATIENT, DB_PATIENCE);
    }

    if (t->writes && t->queue.paces[DB_SOON] != 0) {
        db_thread_linger(t, DB_SOON, DB_FOLLOWERS, DB_FOLLOWED);
    }

    t->wanted = 0;
    *n = t->queue.n;
    list = db_queue_take(&t->queue);

    (void) pthread_mutex_unlock(&db->mutex);

    return list;
}


static void
db_thread_linger(db_thread_t *t, db_pace_t pace, size_t wanted, int64_t pause)
{
    db_t             *db = t->db;
    struct timespec   until;

    (void) clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += pause;

    if (until.tv_nsec >= LOOP_SEC) {
        until.tv_nsec -= LOOP_SEC;
        until.tv_sec++;
    }

    t->pace = pace;

    while (!db_thread_is_served(t, wanted) && !db->closing) {
        t->wanted = wanted;

        if (pthread_cond_timedwait(&t->wake, &db->mutex, &until) != 0) {
            return;
        }
    }
}


static int
db_thread_is_served(const db_thread_t *t, size_t wanted)
{
    db_pace_t  pace;

    for (pace = DB_NOW; pace < t->pace; pace++) {
        if (t->queue.paces[pace] != 0) {
            return 1;
        }
    }

    return t->queue.n >= wanted;
}


/* The mutex is what makes the results visible to the loop. */

static void
db_thread_done(db_thread_t *t, db_batch_t *list)
{
    int          wake;
    db_t        *db = t->db;
    uint64_t     one = 1;
    db_batch_t  *next;

    (void) pthread_mutex_lock(&db->mutex);

    wake = (db->done.n == 0);

    for ( /* void */ ; list != NULL; list = next) {
        next = list->next;
        db_queue_add(&db->done, list);
    }

    (void) pthread_mutex_unlock(&db->mutex);

    if (wake) {
        /* fails only when the counter is full: the loop is awake then */
        if (write(db->io.fd, &one, sizeof(one)) == -1) {
            return;
        }
    }
}


static void
db_event(loop_io_t *io, uint32_t events)
{
    uint64_t  count;

    (void) events;

    if (read(io->fd, &count, sizeof(count)) == (ssize_t) sizeof(count)) {
        db_call_done(io->data);
    }
}


static void
db_call_done(db_t *db)
{
    db_batch_t  *b, *next;

    (void) pthread_mutex_lock(&db->mutex);
    b = db_queue_take(&db->done);
    (void) pthread_mutex_unlock(&db->mutex);

    for ( /* void */ ; b != NULL; b = next) {
        next = b->next;
        b->done(b);
    }
}


static void
db_queue_init(db_queue_t *q)
{
    q->head = NULL;
    q->tail = &q->head;
    q->n = 0;
    memset(q->paces, 0, sizeof(q->paces));
}


static void
db_queue_add(db_queue_t *q, db_batch_t *b)
{
    b->next = NULL;
    *q->tail = b;
    q->tail = &b->next;
    q->n++;
    q->paces[b->pace]++;
}


static db_batch_t *
db_queue_take(db_queue_t *q)
{
    db_batch_t  *list = q->head;

    db_queue_init(q);

    return list;
}
