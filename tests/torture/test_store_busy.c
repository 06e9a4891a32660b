
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/ledger.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define BUSY_SUITE      "torture/test_store_busy"
#define BUSY_SECONDS    900
#define BUSY_CLIENTS    4
#define BUSY_JOBS       20000

/* what the WAL may come to, beside what a reader keeps in it */
#define BUSY_WAL        (72 * 1024 * 1024)


/*
 * In memory that the clients share: answers, by kind.
 *
 * later   503 and 429: announced, with Retry-After
 * odd     any other
 */
typedef struct {
    atomic_size_t  accepted;
    atomic_size_t  later;
    atomic_size_t  odd;
    atomic_int     stop;
} busy_counts_t;


static void busy_begin(const gateway_options_t *options);
static void busy_client(void);
static sqlite3 *busy_hold(const char *sql);
static void busy_end(sqlite3 *db);
static void busy_finish(const char *promise, size_t seconds, off_t wal);
static off_t busy_wal(void);
static off_t busy_watch(size_t ms);
static int64_t busy_clock(void);


static gateway_t       g;
static ledger_t       *l;
static busy_counts_t  *counts;
static pid_t           clients[BUSY_CLIENTS];


START_TEST(a_foreign_writer_delays_and_loses_nothing)
{
    size_t    ms, n;
    off_t     wal;
    sqlite3  *db;

    busy_begin(NULL);
    (void) busy_watch(300);
    wal = 0;
    ms = proof_times("BUSY_MS", 10000, 1000);

    /* one second, and longer than the gateway waits for it */
    for (n = 1000; n <= ms; n += 9000) {
        db = busy_hold("BEGIN IMMEDIATE");
        wal = busy_watch(n);
        busy_end(db);
        (void) busy_watch(500);
    }

    busy_finish("B5 another program holds the store's write lock: no answer "
                "but 202 and 503, nothing lost", ms / 1000, wal);
}
END_TEST


START_TEST(a_foreign_reader_does_not_make_the_wal_grow_for_good)
{
    size_t    ms;
    off_t     wal;
    sqlite3  *db;

    busy_begin(NULL);
    (void) busy_watch(300);
    ms = proof_times("BUSY_READER_MS", 60000, 1000);
    db = busy_hold("BEGIN; SELECT count(*) FROM job");
    wal = busy_watch(ms);
    busy_end(db);
    (void) busy_watch(1000);
    ck_assert_int_lt(busy_wal(), BUSY_WAL);
    busy_finish("B5 another program reads for long: nothing is refused, the "
                "WAL is cut when it goes", ms / 1000, wal);
}
END_TEST


static void
busy_begin(const gateway_options_t *options)
{
    size_t  i;

    gateway_start(&g, options);
    l = ledger_create(BUSY_JOBS);
    counts = mmap(NULL, sizeof(busy_counts_t), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(counts != MAP_FAILED);

    for (i = 0; i < BUSY_CLIENTS; i++) {
        clients[i] = fork();
        ck_assert_int_ne(clients[i], -1);

        if (clients[i] == 0) {
            (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
            busy_client();
            _exit(EXIT_SUCCESS);
        }
    }
}


/* Jobs one after the other, until it is told to stop. */

static void
busy_client(void)
{
    size_t          n;
    client_reply_t  reply;

    for (n = 0; !atomic_load(&counts->stop) && n < BUSY_JOBS / BUSY_CLIENTS;
         n++)
    {
        reply = gateway_extract(&g, "/page/1",
                                "{\"title\": \"h1\"}", "",
                                "Prefer: respond-async");

        if (reply.status == 202) {
            ledger_add(l, client_str(&reply, "id"), 1);
            atomic_fetch_add(&counts->accepted, 1);

        } else if ((reply.status == 503 || reply.status == 429)
                   && *client_header(&reply, "Retry-After") != '\0')
        {
            atomic_fetch_add(&counts->later, 1);

        } else {
            atomic_fetch_add(&counts->odd, 1);
            (void) fprintf(stderr, "%ld: %s\n", reply.status, reply.body);
        }

        client_free(&reply);
        process_pause(20);
    }
}


/* A connection of another program. */

static sqlite3 *
busy_hold(const char *sql)
{
    char      path[128];
    sqlite3  *db;

    (void) snprintf(path, sizeof(path), "%s/scraped.db", g.dir);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    (void) sqlite3_busy_timeout(db, 20000);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);

    return db;
}


static void
busy_end(sqlite3 *db)
{
    ck_assert_int_eq(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}


static void
busy_finish(const char *promise, size_t seconds, off_t wal)
{
    size_t  i, wrong;

    atomic_store(&counts->stop, 1);

    for (i = 0; i < BUSY_CLIENTS; i++) {
        ck_assert_int_eq(process_wait(clients[i]), 0);
    }

    ledger_settle(l, &g, 120);
    wrong = ledger_verify(l, &g);
    proof_report(BUSY_SUITE, promise, ledger_count(l),
                 wrong + atomic_load(&counts->odd),
                 "held for at most %zu s; 202: %zu, 503 and 429: %zu, other "
                 "answers: %zu; jobs not as they were promised: %zu; bytes "
                 "of the WAL meanwhile: %lld", seconds,
                 atomic_load(&counts->accepted),
                 atomic_load(&counts->later), atomic_load(&counts->odd),
                 wrong, (long long) wal);
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    ledger_whole(&g);
    gateway_start_sidecar(&g);
    gateway_stop(&g);
    ledger_destroy(l);
}


static off_t
busy_wal(void)
{
    char         path[128];
    struct stat  st;

    (void) snprintf(path, sizeof(path), "%s/scraped.db-wal", g.dir);

    return stat(path, &st) == 0 ? st.st_size : 0;
}


/* Look at the WAL for so many milliseconds: its greatest size. */

static off_t
busy_watch(size_t ms)
{
    off_t    most, now;
    int64_t  end;

    most = 0;

    for (end = busy_clock() + (int64_t) ms; busy_clock() < end; /* void */ ) {
        now = busy_wal();
        most = now > most ? now : most;
        process_pause(20);
    }

    return most;
}


static int64_t
busy_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_foreign_writer_delays_and_loses_nothing,
        a_foreign_reader_does_not_make_the_wal_grow_for_good,
        NULL
    };

    return suite_run("store busy", tests, BUSY_SECONDS);
}
