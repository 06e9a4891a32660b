
/*
 * Checkpoints on a disk that can be told to be slow, or to fail: a VFS before
 * the system's.
 */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "tests/support/process.h"
#include "tests/support/storing.h"


#define BIG        (256 * 1024)

/* more than begins a checkpoint, and its pages */
#define MANY       40
#define PAGES      (MANY * BIG / 4096)

/* what the WAL's file stays below */
#define WAL_MOST   (64 * 1024 * 1024)


/*
 * What a sync of the store's file, not of its WAL, does: it is done; waits for
 * another way; waits until no more is written, or so much that the writer must
 * wait, too; or fails, once.
 */
typedef enum {
    DISK_SYNCS = 0,
    DISK_WAITS,
    DISK_LINGERS,
    DISK_FLOODS,
    DISK_FAILS
} disk_way_t;


/*
 * What was seen since the way was set: pages written to the file, syncs of it,
 * and of them those at work; how often the WAL was cut, and how often in the
 * middle of a sync; how far it was written.
 */
typedef struct {
    unsigned        pages;
    unsigned        syncs;
    unsigned        working;
    unsigned        cuts;
    unsigned        early;
    sqlite3_int64   most;
} disk_seen_t;


static int disk_open(sqlite3_vfs *vfs, sqlite3_filename path,
    sqlite3_file *file, int flags, int *out);
static int disk_write(sqlite3_file *file, const void *data, int n,
    sqlite3_int64 at);
static int disk_sync(sqlite3_file *file, int flags);
static int disk_wal_sync(sqlite3_file *file, int flags);
static int disk_wal_write(sqlite3_file *file, const void *data, int n,
    sqlite3_int64 at);
static int disk_wal_truncate(sqlite3_file *file, sqlite3_int64 size);
static void disk_linger(sqlite3_int64 least);
static void disk_set(disk_way_t way);
static void disk_wal_fails(int on);
static void disk_until_synced(void);
static disk_seen_t disk_seen(void);
static int store_put(unsigned n);
static void store_put_many(unsigned from, unsigned n);


static storing_t  t;
static char       big[BIG];

/* mutex guards all below it */
static pthread_mutex_t  mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t   changed = PTHREAD_COND_INITIALIZER;
static disk_way_t       way;
static int              wal_fails;
static disk_seen_t      seen;

static sqlite3_vfs                 disk;
static sqlite3_vfs                *disk_real;
static const sqlite3_io_methods   *disk_main_real;
static const sqlite3_io_methods   *disk_wal_real;
static sqlite3_io_methods          disk_main;
static sqlite3_io_methods          disk_wal;


START_TEST(commits_go_on_while_a_checkpoint_syncs)
{
    disk_set(DISK_WAITS);
    store_put_many(0, MANY);
    disk_until_synced();
    store_put_many(MANY, MANY);
    disk_set(DISK_SYNCS);
}
END_TEST


START_TEST(writes_wait_when_the_disk_cannot_keep_up)
{
    disk_set(DISK_FLOODS);
    store_put_many(0, 3 * WAL_MOST / BIG / 2);

    ck_assert_uint_gt(disk_seen().syncs, 0);
    ck_assert_int_gt(disk_seen().most, WAL_MOST / 2);
    ck_assert_int_lt(disk_seen().most, WAL_MOST);
}
END_TEST


START_TEST(sync_that_failed_in_a_checkpoint_begins_the_wal_anew)
{
    unsigned  n;

    disk_set(DISK_FAILS);
    store_put_many(0, MANY);
    disk_until_synced();

    for (n = MANY; disk_seen().cuts == 0; n++) {
        ck_assert_int_eq(storing_wait(&t, store_put(n)), STORE_OK);
        ck_assert_int_lt(disk_seen().most, WAL_MOST / 2);
        process_pause(5);
    }
}
END_TEST


START_TEST(commit_whose_sync_failed_waits_for_the_checkpoint)
{
    disk_set(DISK_WAITS);
    store_put_many(0, MANY);
    disk_until_synced();

    disk_wal_fails(1);
    ck_assert_int_eq(storing_wait(&t, store_put(MANY)), STORE_FAILED);
    disk_wal_fails(0);
    ck_assert_int_eq(store_put(MANY), SC_OK);
    process_pause(50);
    ck_assert_uint_eq(disk_seen().cuts, 0);

    disk_set(DISK_SYNCS);
    ck_assert_int_eq(storing_wait_for(&t, 1), STORE_OK);
    ck_assert_uint_eq(disk_seen().cuts, 1);
    ck_assert_uint_eq(disk_seen().early, 0);
}
END_TEST


START_TEST(what_was_copied_before_a_sync_failed_is_copied_again)
{
    disk_set(DISK_WAITS);
    store_put_many(0, MANY);
    disk_until_synced();

    disk_wal_fails(1);
    ck_assert_int_eq(storing_wait(&t, store_put(MANY)), STORE_FAILED);
    disk_wal_fails(0);
    disk_set(DISK_SYNCS);
    ck_assert_int_eq(storing_wait(&t, store_put(MANY)), STORE_OK);
    ck_assert_uint_ge(disk_seen().pages, PAGES);
}
END_TEST


/* Another program's connection keeps what SQLite counts as copied. */
START_TEST(store_that_ends_unsynced_is_copied_again_by_the_next_start)
{
    char         name[128];
    sqlite3     *other;
    struct stat  st;

    disk_set(DISK_LINGERS);
    store_put_many(0, MANY);
    disk_until_synced();

    ck_assert_int_eq(sqlite3_open_v2(t.path, &other, SQLITE_OPEN_READONLY,
                                     NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "SELECT count(*) FROM job", NULL,
                                  NULL, NULL), SQLITE_OK);
    disk_wal_fails(1);
    ck_assert_int_eq(storing_wait(&t, store_put(MANY)), STORE_FAILED);
    storing_close(&t);
    disk_wal_fails(0);
    (void) snprintf(name, sizeof(name), "%s-wal", t.path);
    ck_assert_int_eq(stat(name, &st), 0);
    ck_assert_int_gt(st.st_size, MANY * BIG);

    disk_set(DISK_SYNCS);
    storing_open(&t);
    ck_assert_uint_eq(disk_seen().cuts, 1);
    ck_assert_uint_ge(disk_seen().pages, PAGES);
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}
END_TEST


START_TEST(store_that_closes_waits_for_the_checkpoint)
{
    unsigned  n;

    disk_set(DISK_LINGERS);
    store_put_many(0, MANY);
    disk_until_synced();

    storing_close(&t);
    ck_assert_uint_eq(disk_seen().working, 0);
    disk_set(DISK_SYNCS);
    storing_open(&t);

    for (n = 0; n < MANY; n++) {
        ck_assert_str_ne(storing_get(&t, n), "");
    }
}
END_TEST


static int
disk_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file,
    int flags, int *out)
{
    int  rc;

    (void) vfs;
    rc = disk_real->xOpen(disk_real, path, file, flags, out);

    if (rc != SQLITE_OK) {
        return rc;
    }

    (void) pthread_mutex_lock(&mutex);

    if (flags & SQLITE_OPEN_MAIN_DB) {
        disk_main_real = file->pMethods;
        disk_main = *disk_main_real;
        disk_main.xWrite = disk_write;
        disk_main.xSync = disk_sync;
        file->pMethods = &disk_main;

    } else if (flags & SQLITE_OPEN_WAL) {
        disk_wal_real = file->pMethods;
        disk_wal = *disk_wal_real;
        disk_wal.xSync = disk_wal_sync;
        disk_wal.xWrite = disk_wal_write;
        disk_wal.xTruncate = disk_wal_truncate;
        file->pMethods = &disk_wal;
    }

    (void) pthread_mutex_unlock(&mutex);

    return rc;
}


static int
disk_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
    (void) pthread_mutex_lock(&mutex);
    seen.pages++;
    (void) pthread_mutex_unlock(&mutex);

    return disk_main_real->xWrite(file, data, n, at);
}


static int
disk_sync(sqlite3_file *file, int flags)
{
    int         rc;
    disk_way_t  now;

    (void) pthread_mutex_lock(&mutex);
    now = way;
    seen.syncs++;
    seen.working++;
    (void) pthread_cond_broadcast(&changed);

    while (way == DISK_WAITS) {
        (void) pthread_cond_wait(&changed, &mutex);
    }

    if (now == DISK_FAILS) {
        way = DISK_SYNCS;
    }

    (void) pthread_mutex_unlock(&mutex);

    if (now == DISK_LINGERS || now == DISK_FLOODS) {
        disk_linger(now == DISK_FLOODS ? WAL_MOST / 2 : 0);
    }

    rc = now == DISK_FAILS ? SQLITE_IOERR_FSYNC
                           : disk_main_real->xSync(file, flags);
    (void) pthread_mutex_lock(&mutex);
    seen.working--;
    (void) pthread_mutex_unlock(&mutex);

    return rc;
}


static int
disk_wal_sync(sqlite3_file *file, int flags)
{
    int  fails;

    (void) pthread_mutex_lock(&mutex);
    fails = wal_fails;
    (void) pthread_mutex_unlock(&mutex);

    return fails ? SQLITE_IOERR_FSYNC : disk_wal_real->xSync(file, flags);
}


static int
disk_wal_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
    (void) pthread_mutex_lock(&mutex);
    seen.most = at + n > seen.most ? at + n : seen.most;
    (void) pthread_mutex_unlock(&mutex);

    return disk_wal_real->xWrite(file, data, n, at);
}


static int
disk_wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    (void) pthread_mutex_lock(&mutex);
    seen.cuts += (size == 0);
    seen.early += (size == 0 && seen.working != 0);
    (void) pthread_mutex_unlock(&mutex);

    return disk_wal_real->xTruncate(file, size);
}


/* Until the WAL was written so far, and then nothing for a while. */
static void
disk_linger(sqlite3_int64 least)
{
    int            idle;
    sqlite3_int64  before, now;

    before = 0;

    for (idle = 0; idle < 10; idle++) {
        process_pause(20);
        now = disk_seen().most;
        idle = now == before && now >= least ? idle : 0;
        before = now;
    }
}


static void
disk_set(disk_way_t to)
{
    (void) pthread_mutex_lock(&mutex);
    way = to;
    seen = (disk_seen_t) { .working = seen.working };
    (void) pthread_cond_broadcast(&changed);
    (void) pthread_mutex_unlock(&mutex);
}


/* Whether syncs of the WAL do. */
static void
disk_wal_fails(int on)
{
    (void) pthread_mutex_lock(&mutex);
    wal_fails = on;
    (void) pthread_mutex_unlock(&mutex);
}


/* Until one is at it, or has been, since the way was set. */
static void
disk_until_synced(void)
{
    (void) pthread_mutex_lock(&mutex);

    while (seen.syncs == 0) {
        (void) pthread_cond_wait(&changed, &mutex);
    }

    (void) pthread_mutex_unlock(&mutex);
}


static disk_seen_t
disk_seen(void)
{
    disk_seen_t  now;

    (void) pthread_mutex_lock(&mutex);
    now = seen;
    (void) pthread_mutex_unlock(&mutex);

    return now;
}


static int
store_put(unsigned n)
{
    store_job_t  job = storing_job(n);

    job.spec.data = big;
    job.spec.len = BIG;

    return store_job_put(t.store, &job, storing_done, &t);
}


/* One after the other, so that each is a commit. */
static void
store_put_many(unsigned from, unsigned n)
{
    unsigned  i;

    for (i = from; i < from + n; i++) {
        ck_assert_int_eq(storing_wait(&t, store_put(i)), STORE_OK);
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        commits_go_on_while_a_checkpoint_syncs,
        writes_wait_when_the_disk_cannot_keep_up,
        sync_that_failed_in_a_checkpoint_begins_the_wal_anew,
        commit_whose_sync_failed_waits_for_the_checkpoint,
        what_was_copied_before_a_sync_failed_is_copied_again,
        store_that_ends_unsynced_is_copied_again_by_the_next_start,
        store_that_closes_waits_for_the_checkpoint,
        NULL
    };

    memset(big, 'x', sizeof(big));
    (void) sqlite3_initialize();
    disk_real = sqlite3_vfs_find(NULL);
    disk = *disk_real;
    disk.zName = "disk";
    disk.xOpen = disk_open;
    (void) sqlite3_vfs_register(&disk, 1);

    return storing_run("store checkpoint", tests, &t);
}
