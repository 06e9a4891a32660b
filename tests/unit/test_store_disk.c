
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "tests/support/storing.h"


#define GROUP    50
#define BIG      (1024 * 1024)

/* what the WAL's file stays below where no reader stays */
#define WAL_MAX  (16384 * 4096)


static store_status_t store_put_big(unsigned n);
static void store_answered(void *data, store_status_t status);
static rlim_t store_limit(rlim_t size);
static off_t store_wal(void);
static sqlite3 *store_stay_reading(void);


static storing_t  t;
static char       big[BIG];


START_TEST(full_disk_refuses_writes_and_serves_reads)
{
    rlim_t  old;

    storing_finish_n(&t, 1);
    storing_put_n(&t, 2);

    old = store_limit((rlim_t) store_wal() + BIG / 2);
    ck_assert_int_eq(store_put_big(3), STORE_FULL);
    ck_assert_int_eq(store_put_big(4), STORE_FULL);
    ck_assert_str_eq(storing_unended(&t), "2 ");
    ck_assert_str_ne(storing_get(&t, 1), "");

    (void) store_limit(old);
    ck_assert_int_eq(store_put_big(3), STORE_OK);
    ck_assert_str_eq(storing_unended(&t), "2 3 ");
}
END_TEST


START_TEST(what_a_full_disk_was_told_to_keep_is_kept)
{
    int             found, full;
    rlim_t          old;
    unsigned        n;
    store_job_t     job;
    store_status_t  answers[GROUP];

    old = store_limit((rlim_t) store_wal() + BIG);

    for (n = 0; n < GROUP; n++) {
        job = storing_job(n);
        job.spec.data = big;
        job.spec.len = BIG / 20;
        answers[n] = STORE_FAILED;
        ck_assert_int_eq(store_job_put(t.store, &job, store_answered,
                                       &answers[n]),
                         SC_OK);
    }

    (void) storing_wait_for(&t, GROUP);
    (void) store_limit(old);
    storing_close(&t);
    storing_open(&t);
    full = 0;

    for (n = 0; n < GROUP; n++) {
        found = storing_get(&t, n)[0] != '\0';
        ck_assert_int_eq(answers[n], found ? STORE_OK : STORE_FULL);
        full += !found;
    }

    ck_assert_int_gt(full, 0);
}
END_TEST


START_TEST(disk_that_is_full_of_rows_refuses_their_result)
{
    size_t                i;
    rlim_t                old;
    sc_buf_t              data;
    store_job_t           job = storing_job(1);
    store_result_t        result = storing_result(1);
    const store_column_t  columns[] = { { "a", STORE_TEXT, 0 } };
    const store_table_t   table = { .name = "rows", .version = "1",
                                    .rows = "rows", .columns = columns,
                                    .ncolumns = 1 };
    const store_table_t  *tables[] = { &table };

    /* more than SQLite keeps in memory: it writes before it commits */
    sc_buf_init(&data, 0);
    (void) sc_buf_add_cstr(&data, "{\"rows\":[{}");

    for (i = 0; i < 12; i++) {
        (void) sc_buf_printf(&data, ",{\"a\":\"%0*d\"}", BIG, 0);
    }

    ck_assert_int_eq(sc_buf_add_cstr(&data, "]}"), SC_OK);
    job.state = STORE_COMPLETED;
    result.data.data = data.data;
    result.data.len = data.len;
    result.tables = tables;
    result.ntables = 1;

    old = store_limit((rlim_t) store_wal() + 18 * BIG);
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_FULL);
    (void) store_limit(old);
    ck_assert_str_eq(storing_get(&t, 1), "");
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_OK);
    sc_buf_free(&data);
}
END_TEST


START_TEST(wal_does_not_grow_with_what_is_written)
{
    unsigned  n;

    for (n = 0; n < 2 * WAL_MAX / BIG; n++) {
        ck_assert_int_eq(store_put_big(n), STORE_OK);
    }

    ck_assert_int_lt(store_wal(), WAL_MAX);
}
END_TEST


START_TEST(wal_that_a_reader_made_long_is_cut_when_it_goes)
{
    unsigned   n;
    sqlite3   *db;

    storing_put_n(&t, 0);
    db = store_stay_reading();

    for (n = 1; store_wal() < WAL_MAX + 8 * BIG; n++) {
        ck_assert_int_eq(store_put_big(n), STORE_OK);
        ck_assert_uint_lt(n, 200);
    }

    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);

    for ( /* void */ ; store_wal() >= WAL_MAX; n++) {
        ck_assert_int_eq(store_put_big(n), STORE_OK);
        ck_assert_uint_lt(n, 250);
    }

    ck_assert_int_lt(store_wal(), 10 * BIG);
}
END_TEST


static store_status_t
store_put_big(unsigned n)
{
    store_job_t  job = storing_job(n);

    job.spec.data = big;
    job.spec.len = BIG;

    return storing_put(&t, &job);
}


static void
store_answered(void *data, store_status_t status)
{
    *(store_status_t *) data = status;
    storing_done(&t, status);
}


/* No file of this process may become larger; returns what held before. */
static rlim_t
store_limit(rlim_t size)
{
    rlim_t         old;
    struct rlimit  limit;

    (void) signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
    old = limit.rlim_cur;
    limit.rlim_cur = size;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);

    return old;
}


static off_t
store_wal(void)
{
    char         name[128];
    struct stat  st;

    (void) snprintf(name, sizeof(name), "%s-wal", t.path);
    ck_assert_int_eq(stat(name, &st), 0);

    return st.st_size;
}


/* Another program's connection in the middle of a read. */
static sqlite3 *
store_stay_reading(void)
{
    sqlite3  *db;

    ck_assert_int_eq(sqlite3_open_v2(t.path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN; SELECT count(*) FROM job",
                                  NULL, NULL, NULL),
                     SQLITE_OK);

    return db;
}


int
main(void)
{
    const TTest  *tests[] = {
        full_disk_refuses_writes_and_serves_reads,
        what_a_full_disk_was_told_to_keep_is_kept,
        disk_that_is_full_of_rows_refuses_their_result,
        wal_does_not_grow_with_what_is_written,
        wal_that_a_reader_made_long_is_cut_when_it_goes,
        NULL
    };

    memset(big, 'a', BIG);

    return storing_run("store disk", tests, &t);
}
