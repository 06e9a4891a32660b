
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "tests/support/process.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/power_disk.h"
#include "tests/torture/promised.h"


#define ERRORS_SUITE      "torture/test_store_errors"
#define ERRORS_SECONDS    3600

/* units before a fault, while there is one, and after it */
#define ERRORS_BEFORE     2
#define ERRORS_DURING     6
#define ERRORS_AFTER      4


/* of those whose load is heavy so many at most */
#define ERRORS_HEAVY      300


/*
 * A kind of call that fails, once or until it is mended; with heavy, in a load
 * that makes checkpoints.
 */
typedef struct {
    const char    *name;
    power_kind_t   kind;
    int            code;
    unsigned       stays:1;
    unsigned       heavy:1;
} errors_case_t;


/* What comes behind a fault, before the next start. */
typedef enum {
    ERRORS_CLOSE = 0,       /* the store is closed while it is there */
    ERRORS_STAY,            /* it is over, and there is more to do */
    ERRORS_KILL,            /* a kill: files as they can be read */
    ERRORS_ENDS
} errors_end_t;


/*
 * What came of them.
 *
 * told     faults that somebody was told of; starts: by a start refused
 * idle     calls refused when the fault was over
 */
typedef struct {
    size_t  runs;
    size_t  faults;
    size_t  told;
    size_t  starts;
    size_t  idle;
    size_t  wrong;
} errors_result_t;


static void errors_case(const errors_case_t *c);
static size_t errors_run(const errors_case_t *c, size_t nth, errors_end_t end,
    errors_result_t *r);
static void errors_begin(promised_t *p, size_t weight);
static int errors_open(errors_result_t *r);
static void errors_kill(void);
static void errors_copy(const char *from, const char *to);
static size_t errors_end(promised_t *p, errors_result_t *r);
static size_t errors_cut(const promised_t *p);


static storing_t  t;


static const errors_case_t  errors_cases[] = {
    { "a write", POWER_WRITE, SQLITE_IOERR, 0, 0 },
    { "every write from then on", POWER_WRITE, SQLITE_IOERR, 1, 0 },
    { "a write for want of space", POWER_WRITE, SQLITE_FULL, 0, 0 },
    { "every write from then on for want of space", POWER_WRITE, SQLITE_FULL,
      1, 0 },
    { "a sync", POWER_SYNC, SQLITE_IOERR, 0, 0 },
    { "every sync from then on", POWER_SYNC, SQLITE_IOERR, 1, 0 },
    { "a write beside a checkpoint", POWER_WRITE, SQLITE_IOERR, 0, 1 },
    { "a sync beside a checkpoint", POWER_SYNC, SQLITE_IOERR, 0, 1 },
    { "every sync beside a checkpoint", POWER_SYNC, SQLITE_IOERR, 1, 1 },
    { "a read", POWER_READ, SQLITE_IOERR, 0, 0 },
    { "every read from then on", POWER_READ, SQLITE_IOERR, 1, 0 },
    { "a truncation", POWER_TRUNCATE, SQLITE_IOERR, 0, 0 },
    { "every truncation from then on", POWER_TRUNCATE, SQLITE_IOERR, 1, 0 },
    { "an open", POWER_OPEN, SQLITE_IOERR, 0, 0 },
    { "every open from then on", POWER_OPEN, SQLITE_IOERR, 1, 0 },
    { "a deletion", POWER_DELETE, SQLITE_IOERR, 0, 0 },
    { "every deletion from then on", POWER_DELETE, SQLITE_IOERR, 1, 0 },
    { "shared memory", POWER_SHARE, SQLITE_IOERR, 0, 0 },
    { "all shared memory from then on", POWER_SHARE, SQLITE_IOERR, 1, 0 }
};


START_TEST(an_io_error_is_an_answer_and_nothing_is_lost)
{
    errors_case(&errors_cases[_i]);
}
END_TEST


/*
 * Each call fails, in a run of its own; in brief, one of the first, or of all
 * where it takes many to get to a checkpoint.
 */

static void
errors_case(const errors_case_t *c)
{
    size_t           n, calls, most, pace;
    errors_result_t  r = { 0 };

    most = proof_times("ERRORS_RUNS", c->heavy ? ERRORS_HEAVY : SIZE_MAX, 1);
    calls = most == 1 && !c->heavy ? 4
                                   : errors_run(c, SIZE_MAX, ERRORS_CLOSE, &r);
    pace = calls / most + 1;

    for (n = most == 1 ? 1 + proof_random(calls) : 1; n <= calls; n += pace) {
        (void) errors_run(c, n, (errors_end_t) (r.runs % ERRORS_ENDS), &r);
    }

    proof_report(ERRORS_SUITE, "B4 I/O errors: an answer, never a loss",
                 r.runs, r.wrong + r.idle,
                 "fails: %s; %zu calls of its kind, %zu faults, %zu calls "
                 "refused, %zu starts refused; refused when it was over: "
                 "%zu; lost or not whole, at the end or behind a power cut: "
                 "%zu", c->name, calls, r.faults, r.told, r.starts, r.idle,
                 r.wrong);
}


/* How many calls of the kind there were. */

static size_t
errors_run(const errors_case_t *c, size_t nth, errors_end_t end,
    errors_result_t *r)
{
    size_t         calls;
    promised_t     p;
    power_fault_t  fault = { .kinds = POWER_BIT(c->kind), .nth = nth,
                             .times = c->stays ? SIZE_MAX : 1,
                             .code = c->code };

    r->runs++;
    errors_begin(&p, c->heavy ? PROMISED_HEAVY : 0);
    power_fault(&fault);

    if (errors_open(r)) {
        promised_run(&p, ERRORS_DURING);

        if (end == ERRORS_CLOSE) {
            storing_close(&t);

        } else if (end == ERRORS_KILL) {
            errors_kill();
        }
    }

    calls = power_seen();
    r->faults += power_failed();
    r->told += p.refused;
    power_fault(NULL);

    if (errors_end(&p, r) != 0) {
        r->wrong++;
        (void) fprintf(stderr, "%s, call %zu, end %d\n", c->name, nth,
                       (int) end);
    }

    promised_destroy(&p);
    power_record(0);
    promised_tear_down(&t);

    return calls;
}


static void
errors_begin(promised_t *p, size_t weight)
{
    promised_set_up(&t);
    power_record(1);
    promised_create(p, &t, ERRORS_BEFORE + ERRORS_DURING + ERRORS_AFTER, 2);
    p->weight = weight;
    storing_open(&t);
    promised_run(p, ERRORS_BEFORE);
    ck_assert_uint_eq(p->refused, 0);
    storing_close(&t);
}


/* A start that is refused says why. */

static int
errors_open(errors_result_t *r)
{
    char  err[512] = "";

    t.store = store_open(t.loop, t.path, err, sizeof(err));

    if (t.store == NULL) {
        ck_assert_str_ne(err, "");
        r->starts++;
    }

    return t.store != NULL;
}


/* What can be read is there; only what was synced is on the disk. */

static void
errors_kill(void)
{
    char  to[96], from[128], wal[128];

    (void) snprintf(to, sizeof(to), "%s/killed", t.dir);
    ck_assert_int_eq(mkdir(to, 0700), 0);
    (void) snprintf(to, sizeof(to), "%s/killed/s.db", t.dir);

    power_hold(1);
    errors_copy(t.path, to);
    (void) snprintf(from, sizeof(from), "%s-wal", t.path);
    (void) snprintf(wal, sizeof(wal), "%s-wal", to);
    errors_copy(from, wal);

    power_moved(t.path, to);
    power_pause(1);
    power_hold(0);
    storing_close(&t);
    power_pause(0);
    (void) snprintf(t.path, sizeof(t.path), "%s", to);
}


static void
errors_copy(const char *from, const char *to)
{
    char     bytes[65536];
    FILE    *in, *out;
    size_t   n;

    in = fopen(from, "r");
    out = fopen(to, "w");
    ck_assert_ptr_nonnull(out);

    while (in != NULL && (n = fread(bytes, 1, sizeof(bytes), in)) != 0) {
        ck_assert_uint_eq(fwrite(bytes, 1, n, out), n);
    }

    if (in != NULL) {
        (void) fclose(in);
    }

    ck_assert_int_eq(fclose(out), 0);
}


/* Nobody is refused any more; what is missing, or wrong. */

static size_t
errors_end(promised_t *p, errors_result_t *r)
{
    char    err[512];
    size_t  wrong, refused;

    refused = p->refused;

    if (t.store == NULL) {
        storing_open(&t);
    }

    promised_run(p, ERRORS_AFTER);
    r->idle += p->refused - refused;
    wrong = errors_cut(p);
    storing_close(&t);

    if (store_check(t.path, err, sizeof(err)) != SC_OK) {
        (void) fprintf(stderr, "%s\n", err);
        wrong++;
    }

    return wrong + promised_missing(p, t.path, power_count());
}


/* What is left when the power is cut now. */

static size_t
errors_cut(const promised_t *p)
{
    char           err[512], dir[96], path[128];
    size_t         wrong, count;
    store_t       *s;
    power_disk_t  *d;

    (void) snprintf(dir, sizeof(dir), "%s/cut", t.dir);
    (void) snprintf(path, sizeof(path), "%s/s.db", dir);
    ck_assert_int_eq(mkdir(dir, 0700), 0);

    power_hold(1);
    count = power_count();
    d = power_disk_create();
    power_disk_run(d, count);
    power_disk_cut(d, POWER_NOTHING, dir);
    power_disk_destroy(d);
    power_pause(1);
    power_hold(0);
    s = store_open(t.loop, path, err, sizeof(err));

    if (s == NULL) {
        (void) fprintf(stderr, "behind a cut: %s\n", err);
        return 1;
    }

    store_close(s);
    power_pause(0);
    wrong = (store_check(path, err, sizeof(err)) != SC_OK);

    if (wrong) {
        (void) fprintf(stderr, "behind a cut: %s\n", err);
    }

    return wrong + promised_missing(p, path, count);
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("store I/O errors");
    tc = tcase_create("store I/O errors");
    tcase_set_timeout(tc, ERRORS_SECONDS);
    tcase_add_loop_test(tc, an_io_error_is_an_answer_and_nothing_is_lost, 0,
                        sizeof(errors_cases) / sizeof(errors_case_t));
    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
