
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/power_disk.h"
#include "tests/torture/promised.h"


#define POWER_SUITE    "torture/test_store_power"

/* the load ends, and its store is closed and opened, so often */
#define POWER_STARTS   8

/* units, and cuts, of the load that must lose something */
#define POWER_CONTROL  16

/* seconds a hanging run in full is waited for */
#define POWER_SECONDS  3600


/*
 * What came of the cuts.
 *
 * boundaries  syncs that were met
 * cuts        by way
 */
typedef struct {
    size_t  boundaries;
    size_t  cuts[POWER_WAYS];
    size_t  unusable;
    size_t  corrupt;
    size_t  missing;
} power_result_t;


static void power_begin(promised_t *p, unsigned units);
static void power_end(promised_t *p);
static size_t power_tried(const power_result_t *r);
static void power_load(promised_t *p, unsigned units);
static size_t power_boundaries(void);
static void power_cuts(promised_t *p, size_t wanted, power_result_t *r);
static void power_try(promised_t *p, const power_disk_t *d, size_t count,
    power_way_t way, power_result_t *r);
static void power_stale(const char *path);
static void power_empty(const char *dir);


static storing_t  t;


START_TEST(a_power_cut_loses_nothing_that_was_called_back)
{
    size_t          n;
    promised_t      p;
    power_result_t  r = { 0 };

    power_begin(&p, (unsigned) proof_times("POWER_UNITS", 1202, 40));
    power_cuts(&p, proof_times("POWER_CUTS", 3000, 20), &r);
    n = power_tried(&r);
    proof_report(POWER_SUITE, "B3 power cut: what was called back is there, "
                 "the file is whole", n,
                 r.unusable + r.corrupt + r.missing,
                 "%u jobs, %zu calls back, %zu syncs, cuts with nothing of "
                 "what was not synced: %zu, all but a torn write: %zu, some "
                 "of it: %zu, all of it: %zu; not opened: %zu, not whole: "
                 "%zu, with something missing: %zu", promised_jobs(&p),
                 p.answered, r.boundaries, r.cuts[POWER_NOTHING],
                 r.cuts[POWER_TORN], r.cuts[POWER_SOME], r.cuts[POWER_ALL],
                 r.unusable, r.corrupt, r.missing);
    power_end(&p);
}
END_TEST


START_TEST(a_power_cut_loses_something_where_the_wal_is_not_synced)
{
    size_t          n, lost;
    promised_t      p;
    power_result_t  r = { 0 };

    /* what is lost is told there, and is not to be taken for a fault */
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    power_swallow(1);
    power_begin(&p, POWER_CONTROL);
    power_cuts(&p, POWER_CONTROL, &r);
    power_swallow(0);
    n = power_tried(&r);
    lost = r.unusable + r.corrupt + r.missing;

    proof_report(POWER_SUITE, "B3 power cut: the program finds what a disk "
                 "loses that does not sync", n, lost == 0,
                 "%zu syncs are left; not opened: %zu, not whole: %zu, with "
                 "something missing: %zu", r.boundaries, r.unusable,
                 r.corrupt, r.missing);
    power_end(&p);
}
END_TEST


static void
power_begin(promised_t *p, unsigned units)
{
    promised_set_up(&t);
    power_load(p, units);
    power_pause(1);
}


static void
power_end(promised_t *p)
{
    ck_assert_uint_eq(p->refused, 0);
    promised_destroy(p);
    power_record(0);
    promised_tear_down(&t);
}


static size_t
power_tried(const power_result_t *r)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < POWER_WAYS; i++) {
        n += r->cuts[i];
    }

    return n;
}


/* Written down from the first byte on, with starts in between. */

static void
power_load(promised_t *p, unsigned units)
{
    unsigned  i;

    power_record(1);
    promised_create(p, &t, units, 3);

    for (i = 0; i < POWER_STARTS; i++) {
        storing_open(&t);
        promised_run(p, units / POWER_STARTS + 1);
        storing_close(&t);
    }

    ck_assert_uint_eq(p->next, units);
}


static size_t
power_boundaries(void)
{
    size_t  i, n, count;

    n = 0;
    count = power_count();

    for (i = 0; i < count; i++) {
        n += (power_get(i)->kind == POWER_SYNC);
    }

    return n;
}


/*
 * At each sync, before and behind it, and between: as many as are wanted, or
 * all there are.
 */

static void
power_cuts(promised_t *p, size_t wanted, power_result_t *r)
{
    size_t         i, n, count, pace;
    power_way_t    way;
    power_disk_t  *d;

    d = power_disk_create();
    count = power_count();
    r->boundaries = power_boundaries();
    pace = r->boundaries * 3 / wanted + 1;
    n = 0;

    for (i = 0; i < count; i++) {
        power_disk_run(d, i);

        if (power_get(i)->kind == POWER_SYNC) {
            /* all that was written waits; then it does not */
            way = (power_way_t) (n / pace % POWER_WAYS);

            if (n++ % pace == 0) {
                power_try(p, d, i, way, r);
            }

            power_disk_run(d, i + 1);

            if (n++ % pace == 0) {
                power_try(p, d, i + 1, POWER_NOTHING, r);
            }

        } else if (power_disk_waiting(d) > 1
                   && proof_random(count / r->boundaries) == 0
                   && n++ % pace == 0)
        {
            power_try(p, d, i, proof_random(2) ? POWER_SOME : POWER_TORN, r);
        }
    }

    power_disk_destroy(d);
}


static void
power_try(promised_t *p, const power_disk_t *d, size_t count,
    power_way_t way, power_result_t *r)
{
    char        err[512], dir[96], path[128];
    size_t      missing;
    store_t    *s;

    (void) snprintf(dir, sizeof(dir), "%s/cut", t.dir);
    (void) snprintf(path, sizeof(path), "%s/s.db", dir);
    ck_assert(mkdir(dir, 0700) == 0);
    power_disk_cut(d, way, dir);
    power_stale(path);
    r->cuts[way]++;

    s = store_open(t.loop, path, err, sizeof(err));

    if (s == NULL) {
        r->unusable++;
        (void) fprintf(stderr, "cut %zu, way %d: %s\n", count, (int) way,
                       err);
        power_empty(dir);
        return;
    }

    store_close(s);

    if (store_check(path, err, sizeof(err)) != SC_OK) {
        r->corrupt++;
        (void) fprintf(stderr, "cut %zu, way %d: %s\n", count, (int) way,
                       err);
    }

    missing = promised_missing(p, path, count);

    if (missing != 0) {
        r->missing++;
        (void) fprintf(stderr, "cut %zu, way %d: %zu are missing\n", count,
                       (int) way, missing);
    }

    power_empty(dir);
}


/* Its shared memory may be left from before; what is in it says nothing. */

static void
power_stale(const char *path)
{
    int     fd;
    char    name[160], junk[4096];
    size_t  i;

    if (proof_random(3) != 0) {
        return;
    }

    for (i = 0; i < sizeof(junk); i++) {
        junk[i] = (char) proof_random(256);
    }

    (void) snprintf(name, sizeof(name), "%s-shm", path);
    fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(write(fd, junk, sizeof(junk)), sizeof(junk));
    (void) close(fd);
}


static void
power_empty(const char *dir)
{
    char            path[400];
    DIR            *folder;
    struct dirent  *entry;

    folder = opendir(dir);
    ck_assert_ptr_nonnull(folder);

    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            (void) snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
            (void) unlink(path);
        }
    }

    (void) closedir(folder);
    ck_assert_int_eq(rmdir(dir), 0);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_power_cut_loses_nothing_that_was_called_back,
        a_power_cut_loses_something_where_the_wal_is_not_synced,
        NULL
    };

    return suite_run("store power cut", tests, POWER_SECONDS);
}
