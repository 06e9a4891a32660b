
#include <stdio.h>
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/store/db_internal.h"


/*
 * Pages.  So many that are not copied begin a checkpoint; so few that came
 * meanwhile the writer copies itself; at so many it waits until all are copied
 * and cuts the WAL, whose file so stays below 64 MB, but for a reader that
 * stays or a commit that is larger.
 */
#define DB_WAL_STEP     2000
#define DB_WAL_REST     1000
#define DB_WAL_MAX      12000

/*
 * How many frames were copied, as a number of the WAL-index, and the lock that
 * is held to change it: "WAL-Index Header Details" in SQLite's walformat.html.
 */
#define DB_SHM_SIZE     32768
#define DB_SHM_COPIED   24
#define DB_SHM_LOCK     1


static int db_checkpointer_open(db_checkpointer_t *p, const char *path,
    char *err, size_t errlen);
static void *db_checkpointer_main(void *data);
static int db_checkpointer_copy(db_conn_t *c, int *copied);
static void db_checkpointer_set(db_checkpointer_t *p, db_copying_t state);
static db_copying_t db_checkpointer_look(db_checkpointer_t *p,
    db_conn_t *writer, int waits);
static void db_checkpoint_rest(db_conn_t *writer, int many);
static void db_checkpoint_failed(db_conn_t *c, int rc);


int
db_checkpointer_start(db_checkpointer_t *p, const char *path, char *err,
    size_t errlen)
{
    int  rc;

    if (db_checkpointer_open(p, path, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    (void) pthread_mutex_init(&p->mutex, NULL);
    (void) pthread_cond_init(&p->changed, NULL);
    rc = db_thread_create(&p->id, db_checkpointer_main, p);

    if (rc != 0) {
        (void) pthread_cond_destroy(&p->changed);
        (void) pthread_mutex_destroy(&p->mutex);
        (void) snprintf(err, errlen, "could not start a thread of the store: "
                        "%s", strerror(rc));
        return SC_ERROR;
    }

    p->started = 1;

    return SC_OK;
}


/* A connection that has read nothing does not know of the WAL. */

static int
db_checkpointer_open(db_checkpointer_t *p, const char *path, char *err,
    size_t errlen)
{
    if (db_conn_open(&p->conn, path, SQLITE_OPEN_READWRITE, err, errlen)
        != SC_OK)
    {
        return SC_ERROR;
    }

    if (db_conn_exec(&p->conn, "PRAGMA synchronous = FULL;"
                               "SELECT count(*) FROM sqlite_schema")
        != SC_OK)
    {
        (void) snprintf(err, errlen, "could not use the store \"%s\": %s",
                        path, sqlite3_errmsg(p->conn.sqlite));
        return SC_ERROR;
    }

    return SC_OK;
}


void
db_checkpointer_stop(db_checkpointer_t *p, db_conn_t *writer)
{
    if (p->started) {
        (void) db_checkpointer_look(p, writer, 1);
        db_checkpointer_set(p, DB_CLOSES);
        (void) pthread_join(p->id, NULL);
        (void) pthread_cond_destroy(&p->changed);
        (void) pthread_mutex_destroy(&p->mutex);
        p->started = 0;
    }

    db_conn_close(&p->conn);
}


static void *
db_checkpointer_main(void *data)
{
    int                 rc, copied;
    db_checkpointer_t  *p = data;

    (void) pthread_mutex_lock(&p->mutex);

    while (p->state != DB_CLOSES) {

        if (p->state != DB_COPIES) {
            (void) pthread_cond_wait(&p->changed, &p->mutex);
            continue;
        }

        (void) pthread_mutex_unlock(&p->mutex);
        rc = db_checkpointer_copy(&p->conn, &copied);
        (void) pthread_mutex_lock(&p->mutex);

        p->rc = rc;
        p->copied = copied;
        p->state = DB_COPIED;
        (void) pthread_cond_signal(&p->changed);
    }

    (void) pthread_mutex_unlock(&p->mutex);

    return NULL;
}


/*
 * SQLite syncs the file where a checkpoint comes to the end of the WAL, which
 * it seldom does beside a writer; whoever does is to find little to sync.
 */

static int
db_checkpointer_copy(db_conn_t *c, int *copied)
{
    int            rc;
    sqlite3_file  *file;

    *copied = 0;
    rc = sqlite3_wal_checkpoint_v2(c->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                   NULL, copied);

    if (rc == SQLITE_OK) {
        rc = sqlite3_file_control(c->sqlite, "main", SQLITE_FCNTL_FILE_POINTER,
                                  &file);
    }

    return rc == SQLITE_OK ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL)
                           : rc;
}


static void
db_checkpointer_set(db_checkpointer_t *p, db_copying_t state)
{
    (void) pthread_mutex_lock(&p->mutex);
    p->state = state;
    (void) pthread_cond_signal(&p->changed);
    (void) pthread_mutex_unlock(&p->mutex);
}


/*
 * What it is at; with waits, once it is no longer at work.  What came of a
 * checkpoint is noted; one that failed is told, and forgotten.
 */

static db_copying_t
db_checkpointer_look(db_checkpointer_t *p, db_conn_t *writer, int waits)
{
    db_copying_t  state;

    (void) pthread_mutex_lock(&p->mutex);

    while (waits && p->state == DB_COPIES) {
        (void) pthread_cond_wait(&p->changed, &p->mutex);
    }

    if (p->state == DB_COPIED && p->copied > writer->checkpointed) {
        writer->checkpointed = p->copied;
    }

    if (p->state == DB_COPIED && p->rc != SQLITE_OK) {
        db_checkpoint_failed(writer, p->rc);
        p->state = DB_IDLE;
    }

    state = p->state;

    (void) pthread_mutex_unlock(&p->mutex);

    return state;
}


/*
 * A commit waits for a checkpoint only where a sync has failed.  It rests on
 * the WAL, which is not begun anew before the file was synced; of a sync of
 * the WAL that fails meanwhile the writer's own is told, too: fsync(2).
 */

void
db_checkpoint_before(db_checkpointer_t *p, db_conn_t *writer)
{
    (void) db_checkpointer_look(p, writer, writer->unsynced);
}


/*
 * The WAL begins anew with a commit that finds all of it copied, and no reader
 * at it.  What came while the most was copied is little, and quickly done.
 *
 * Nothing is begun beside the writer where all may be copied already: SQLite
 * before 3.51.3 takes harm when the WAL begins anew just then (wal.html,
 * "The WAL-Reset Bug").
 */

void
db_checkpoint_after(db_checkpointer_t *p, db_conn_t *writer)
{
    int           many, rest;
    db_copying_t  state;

    many = (writer->wal >= DB_WAL_MAX);
    state = db_checkpointer_look(p, writer, many);

    if (writer->wal < writer->checkpointed) {
        /* it was begun anew */
        writer->checkpointed = 0;
    }

    rest = writer->wal - writer->checkpointed;

    if (writer->unsynced || state == DB_COPIES
        || (state == DB_IDLE && rest < DB_WAL_STEP))
    {
        return;
    }

    if (many || rest < DB_WAL_REST) {
        db_checkpointer_set(p, DB_IDLE);
        db_checkpoint_rest(writer, many);

    } else {
        writer->checkpointed = writer->wal;
        db_checkpointer_set(p, DB_COPIES);
    }
}


/* A reader that stays keeps a long WAL from being cut: it is waited for. */

static void
db_checkpoint_rest(db_conn_t *writer, int many)
{
    int  rc;

    rc = many ? db_conn_begin_wal(writer)
              : sqlite3_wal_checkpoint_v2(writer->sqlite, NULL,
                                          SQLITE_CHECKPOINT_PASSIVE, NULL,
                                          NULL);
    writer->checkpointed = writer->wal;

    if (rc != SQLITE_OK) {
        db_checkpoint_failed(writer, rc);
    }
}


static void
db_checkpoint_failed(db_conn_t *c, int rc)
{
    c->unsynced |= (rc == SQLITE_IOERR_FSYNC);

    if (db_conn_may_log(&c->logged)) {
        log_warn("the store could not shorten its WAL of %d pages: %s",
                 c->wal, sqlite3_errstr(rc));
    }
}


/*
 * Where a checkpoint does not come to the end of the WAL, SQLite counts its
 * pages as copied before they are synced, and does not copy them again where
 * that sync fails.
 */

int
db_checkpoint_forget(db_conn_t *c)
{
    int                 rc;
    void volatile      *shm;
    sqlite3_file       *file;
    volatile uint32_t  *copied;

    shm = NULL;
    rc = sqlite3_file_control(c->sqlite, "main", SQLITE_FCNTL_FILE_POINTER,
                              &file);

    if (rc == SQLITE_OK) {
        rc = file->pMethods->xShmMap(file, 0, DB_SHM_SIZE, 0, &shm);
    }

    if (rc == SQLITE_OK && shm == NULL) {
        rc = SQLITE_IOERR_SHMMAP;
    }

    if (rc == SQLITE_OK) {
        rc = file->pMethods->xShmLock(file, DB_SHM_LOCK, 1, SQLITE_SHM_LOCK
                                      | SQLITE_SHM_EXCLUSIVE);
    }

    if (rc != SQLITE_OK) {
        return rc;
    }

    copied = shm;
    copied[DB_SHM_COPIED] = 0;
    (void) file->pMethods->xShmLock(file, DB_SHM_LOCK, 1, SQLITE_SHM_UNLOCK
                                    | SQLITE_SHM_EXCLUSIVE);

    return SQLITE_OK;
}
