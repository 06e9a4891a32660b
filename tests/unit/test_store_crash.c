
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "tests/support/storing.h"


#define ROUNDS    20
#define AT_ONCE   16        /* jobs the child has under way */
#define JOBS      4000      /* more than it comes to in a round */


/* How far the store has said that a job has come. */
typedef enum {
    CRASH_NOTHING = 0,
    CRASH_PUT,
    CRASH_FINISHED
} crash_stage_t;


/* What the child writes into the pipe, once it was called back. */
typedef struct {
    unsigned       n;
    crash_stage_t  stage;
} crash_note_t;


static void crash_round(unsigned round);
static void crash_child(unsigned round, int fd);
static void crash_begin(crash_note_t *note);
static void crash_called(void *data, store_status_t status);
static void crash_read(int fd, size_t limit);
static void crash_verify(unsigned round);
static void crash_verify_tables(void);


static storing_t      t;
static crash_stage_t  crash_stages[ROUNDS * JOBS];
static int            crash_pipe;
static unsigned       crash_next;
static size_t         crash_notes;


START_TEST(what_was_called_back_outlives_a_kill)
{
    unsigned  round;

    for (round = 0; round < ROUNDS; round++) {
        storing_close(&t);
        crash_round(round);
        storing_check(t.path);
        crash_verify_tables();
        storing_open(&t);
        crash_verify(round);
    }

    ck_assert_uint_ge(crash_notes, ROUNDS);

    for (round = 0; round < ROUNDS; round++) {
        crash_verify(round);
    }
}
END_TEST


/* Have a child write, and kill it in the middle of that. */
static void
crash_round(unsigned round)
{
    int    fds[2];
    pid_t  pid;

    ck_assert_int_eq(pipe(fds), 0);
    pid = fork();
    ck_assert_int_ne(pid, -1);

    if (pid == 0) {
        (void) close(fds[0]);
        crash_child(round, fds[1]);
    }

    (void) close(fds[1]);
    crash_read(fds[0], 1 + round * round * 7 % 331);
    ck_assert_int_eq(kill(pid, SIGKILL), 0);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);

    /* what it had still said */
    crash_read(fds[0], SIZE_MAX);
    (void) close(fds[0]);
}


static void
crash_child(unsigned round, int fd)
{
    size_t         i;
    crash_note_t   notes[AT_ONCE];

    (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
    crash_pipe = fd;
    crash_next = round * JOBS;

    t.loop = loop_create();
    ck_assert_ptr_nonnull(t.loop);
    storing_open(&t);

    for (i = 0; i < AT_ONCE; i++) {
        crash_begin(&notes[i]);
    }

    (void) loop_run(t.loop);
    _exit(EXIT_FAILURE);
}


static void
crash_begin(crash_note_t *note)
{
    store_job_t  job;

    note->n = crash_next++;
    note->stage = CRASH_PUT;
    job = storing_job(note->n);

    if (store_job_put(t.store, &job, crash_called, note) != SC_OK) {
        _exit(EXIT_FAILURE);
    }
}


/* Say so, and do the next. */
static void
crash_called(void *data, store_status_t status)
{
    store_job_t      job;
    crash_note_t    *note = data;
    store_result_t   result;

    static const store_column_t        columns[] = { { "a", STORE_TEXT, 0 } };
    static const store_table_t         table = {
        .name = "pages", .version = "1", .columns = columns, .ncolumns = 1
    };
    static const store_table_t *const  tables[] = { &table };

    if (status != STORE_OK
        || write(crash_pipe, note, sizeof(crash_note_t))
           != (ssize_t) sizeof(crash_note_t))
    {
        _exit(EXIT_FAILURE);
    }

    if (note->stage == CRASH_FINISHED) {
        crash_begin(note);
        return;
    }

    note->stage = CRASH_FINISHED;
    job = storing_job(note->n);
    result = storing_result(note->n);
    job.state = STORE_COMPLETED;
    result.tables = tables;
    result.ntables = 1;

    if (storing_end(t.store, &job, &result, crash_called, note) != SC_OK)
    {
        _exit(EXIT_FAILURE);
    }
}


static void
crash_read(int fd, size_t limit)
{
    crash_note_t  note;

    for ( /* void */ ; limit > 0; limit--) {
        if (read(fd, &note, sizeof(crash_note_t))
            != (ssize_t) sizeof(crash_note_t))
        {
            /* only a killed child ends the pipe */
            ck_assert_uint_gt(limit, ROUNDS * JOBS);
            return;
        }

        ck_assert_uint_lt(note.n, ROUNDS * JOBS);
        crash_stages[note.n] = note.stage;
        crash_notes++;
    }
}


static void
crash_verify(unsigned round)
{
    unsigned     n;
    const char  *line;

    for (n = round * JOBS; n < (round + 1) * JOBS; n++) {
        if (crash_stages[n] == CRASH_NOTHING) {
            continue;
        }

        line = storing_get(&t, n);
        ck_assert_str_ne(line, "");

        if (crash_stages[n] == CRASH_FINISHED) {
            ck_assert_ptr_nonnull(strstr(line, "|extract|2|"));
            ck_assert_int_eq(storing_wait(&t,
                                          store_result_get(t.store,
                                                           storing_id(n),
                                                           storing_str("acme"),
                                                           storing_told_result,
                                                           &t)),
                             STORE_OK);
        }
    }
}


/* A result and its row are there together. */
static void
crash_verify_tables(void)
{
    sqlite3       *db;
    sqlite3_stmt  *stmt;

    ck_assert_int_eq(sqlite3_open(t.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT 1 FROM sqlite_master"
                                        " WHERE name = 'pages@acme'", -1,
                                        &stmt, NULL), SQLITE_OK);

    if (sqlite3_step(stmt) == SQLITE_ROW) {
        ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
        ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*), count(r.id),"
                                            " (SELECT count(*) FROM result)"
                                            " FROM \"pages@acme\" p"
                                            " LEFT JOIN result r"
                                            " ON r.id = p._result", -1, &stmt,
                                            NULL), SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
        ck_assert_int_eq(sqlite3_column_int(stmt, 0),
                         sqlite3_column_int(stmt, 1));
        ck_assert_int_eq(sqlite3_column_int(stmt, 0),
                         sqlite3_column_int(stmt, 2));
    }

    ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}


int
main(void)
{
    const TTest  *tests[] = {
        what_was_called_back_outlives_a_kill,
        NULL
    };

    return storing_run("store crash", tests, &t);
}
