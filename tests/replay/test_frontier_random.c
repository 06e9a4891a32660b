
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define JOBS     2000
#define HOSTS    50
#define SEEDS    4


/*
 * What a test knows of its jobs; the number of one is in its URLs.
 *
 * pages      times its page was given
 * cancelled  the store said so
 * told       times a waiter was told the end
 */
typedef struct {
    char          id[ID_SIZE];
    int           pages;
    unsigned      durable:1;
    unsigned      waited:1;
    scene_done_t  put;
    scene_done_t  cancelled;
    scene_told_t  told;
} dice_job_t;


typedef struct {
    scene_t      scene;
    unsigned     seed;
    int          njobs;
    int          restarts;
    dice_job_t   jobs[JOBS];
} dice_t;


static dice_t *dice_open(unsigned seed);
static int dice_roll(dice_t *d, int n);
static void dice_step(dice_t *d);
static void dice_submit(dice_t *d);
static void dice_url(dice_t *d, int job, char *url, size_t size);
static void dice_answer_fetch(dice_t *d);
static void dice_give_page(dice_t *d, const char *url);
static void dice_answer_page(dice_t *d);
static void dice_cancel(dice_t *d);
static void dice_hold(dice_t *d);
static void dice_restart(dice_t *d);
static void dice_finish(dice_t *d);
static void dice_check(dice_t *d);


START_TEST(each_job_is_done_exactly_once)
{
    dice_t    *d;
    unsigned   seed;

    for (seed = 1; seed <= SEEDS; seed++) {
        d = dice_open(seed);

        while (d->njobs < JOBS) {
            dice_step(d);
        }

        dice_finish(d);
        dice_check(d);
        scene_end(&d->scene);
        free(d);
    }
}
END_TEST


static dice_t *
dice_open(unsigned seed)
{
    dice_t  *d;

    d = calloc(1, sizeof(dice_t));
    ck_assert_ptr_nonnull(d);

    d->seed = seed;
    scene_open(&d->scene);
    d->scene.settings.max_connections = 40;
    d->scene.limits.concurrency = 4;
    d->scene.limits.delay = 20 * LOOP_MS;
    d->scene.limits.jitter = 10 * LOOP_MS;
    d->scene.limits.failures = 5;
    scene_begin(&d->scene);

    return d;
}


static int
dice_roll(dice_t *d, int n)
{
    return rand_r(&d->seed) % n;
}


static void
dice_step(dice_t *d)
{
    int  roll;

    roll = dice_roll(d, 100);

    if (roll < 35) {
        dice_submit(d);

    } else if (roll < 60) {
        dice_answer_fetch(d);

    } else if (roll < 80) {
        dice_answer_page(d);

    } else if (roll < 83) {
        dice_cancel(d);

    } else if (roll < 90) {
        dice_hold(d);

    } else {
        fake_spend(d->scene.loop, dice_roll(d, 1000) * LOOP_MS);
    }

    if (dice_roll(d, 3) > 0) {
        fake_run(d->scene.loop);
    }
}


static void
dice_submit(dice_t *d)
{
    int               n;
    char              url[64];
    dice_job_t       *j;
    frontier_spec_t   spec;

    for (n = dice_roll(d, 10) + 1; n > 0 && d->njobs < JOBS; n--) {
        j = &d->jobs[d->njobs];
        dice_url(d, d->njobs++, url, sizeof(url));

        spec = scene_retry_spec(url);
        spec.priority = dice_roll(d, 3) - 1;
        j->waited = dice_roll(d, 3) == 0;
        spec.waited = j->waited;
        scene_submit_spec(&d->scene, &spec, j->id);

        j->durable = !j->waited || dice_roll(d, 4) == 0;

        if (j->waited) {
            scene_wait(&d->scene, j->id, &j->told);
        }

        if (j->durable) {
            ck_assert_int_eq(frontier_persist(d->scene.frontier, j->id,
                                              scene_done, &j->put), SC_OK);
        }
    }
}


static void
dice_url(dice_t *d, int job, char *url, size_t size)
{
    (void) snprintf(url, size, "http://h%d.example/%d", dice_roll(d, HOSTS),
                    job);
}


static void
dice_answer_fetch(dice_t *d)
{
    char             url[64], next[64], after[16];
    const fetch_t   *fetch;

    fetch = fake_fetch_at((size_t) dice_roll(d, 40));
    if (fetch == NULL) {
        return;
    }

    (void) snprintf(url, sizeof(url), "%s", fetch->url.data);

    switch (dice_roll(d, 12)) {

    case 0:
        (void) snprintf(after, sizeof(after), "%d", dice_roll(d, 40));
        fake_fetch_answer_later(url, 503, after);
        break;

    case 1:
        fake_fetch_fail(url, FETCH_CONNECT);
        break;

    case 2:
        fake_fetch_fail(url, FETCH_TLS);
        break;

    case 3:
        fake_fetch_fail(url, FETCH_RESOURCES);
        break;

    case 4:
        dice_url(d, (int) strtol(strrchr(url, '/') + 1, NULL, 10), next,
                 sizeof(next));
        fake_fetch_answer(url, 302, next, "");
        break;

    default:
        dice_give_page(d, url);
    }
}


static void
dice_give_page(dice_t *d, const char *url)
{
    d->jobs[strtol(strrchr(url, '/') + 1, NULL, 10)].pages++;
    fake_fetch_answer(url, 200, NULL, "<h1>Lamp</h1>");
}


static void
dice_answer_page(dice_t *d)
{
    const pool_request_t  *page;

    page = fake_page_at((size_t) dice_roll(d, 5));

    if (page != NULL) {
        fake_page_answer(page->url, dice_roll(d, 20) > 0 ? POOL_OK
                                                         : POOL_CRASHED,
                         SCENE_DATA);
    }
}


static void
dice_cancel(dice_t *d)
{
    dice_job_t  *j;

    if (d->njobs == 0) {
        return;
    }

    j = &d->jobs[dice_roll(d, d->njobs)];

    if (j->cancelled.called == 0) {
        j->cancelled.status = STORE_FAILED;
        (void) frontier_cancel(d->scene.frontier, j->id, SCENE_TENANT,
                               scene_done, &j->cancelled);
    }
}


/* A held write holds those behind it: let it go soon. */
static void
dice_hold(dice_t *d)
{
    int  op, roll;

    op = dice_roll(d, FAKE_MORE + 1);
    roll = dice_roll(d, 3);

    if (roll == 0) {
        fake_store_hold((fake_op_t) op, 1);
        return;
    }

    for (op = 0; op < FAKE_OPS; op++) {
        fake_store_hold((fake_op_t) op, 0);
    }
}


/* All that comes is answered well, until there is nothing any more. */
static void
dice_finish(dice_t *d)
{
    int              i;
    char             url[64];
    const fetch_t   *fetch;

    for (i = 0; i < FAKE_OPS; i++) {
        fake_store_hold((fake_op_t) i, 0);
    }

    for (i = 0; i < 2000 && frontier_queued(d->scene.frontier) > 0; i++) {
        while ((fetch = fake_fetch_at(0)) != NULL) {
            (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
            dice_give_page(d, url);
        }

        fake_run(d->scene.loop);

        while (fake_page_at(0) != NULL) {
            fake_page_answer(fake_page_at(0)->url, POOL_OK, SCENE_DATA);
        }

        fake_spend(d->scene.loop, LOOP_SEC);
    }

    fake_spend(d->scene.loop, 60 * LOOP_SEC);
}


static void
dice_check(dice_t *d)
{
    int                i;
    dice_job_t        *j;
    const fake_row_t  *row;

    ck_assert_uint_eq(frontier_queued(d->scene.frontier), 0);

    for (i = 0; i < d->njobs; i++) {
        j = &d->jobs[i];
        row = fake_row(j->id);

        if (d->restarts > 0 && row == NULL) {
            ck_assert(!j->durable || j->put.called == 0);
            continue;
        }

        ck_assert_msg(row != NULL, "job %d is lost", i);
        ck_assert_int_ge(row->job.state, STORE_COMPLETED);
        ck_assert_int_eq(row->results, row->job.state != STORE_CANCELLED);

        if (d->restarts > 0) {
            continue;
        }

        ck_assert_int_eq(j->told.called, j->waited);
        ck_assert_int_eq(j->put.called, j->durable);
        ck_assert_int_eq(row->job.state == STORE_CANCELLED,
                         j->cancelled.called > 0
                         && j->cancelled.status == STORE_OK);
        ck_assert_msg(j->pages <= 1, "page %d was fetched %d times", i,
                      j->pages);
    }
}


START_TEST(no_durable_job_is_lost_by_restarts)
{
    dice_t    *d;
    unsigned   seed;

    for (seed = 1; seed <= SEEDS; seed++) {
        d = dice_open(seed);

        while (d->njobs < JOBS) {
            dice_step(d);

            if (dice_roll(d, 600) == 0) {
                dice_restart(d);
            }
        }

        dice_restart(d);
        dice_finish(d);
        dice_check(d);
        scene_end(&d->scene);
        free(d);
    }
}
END_TEST


/* What was held is done: the store is closed in order. */
static void
dice_restart(dice_t *d)
{
    int  i;

    scene_stop(&d->scene);

    for (i = 0; i < FAKE_OPS; i++) {
        fake_store_hold((fake_op_t) i, 0);
    }

    fake_run(d->scene.loop);
    scene_begin(&d->scene);
    d->restarts++;
}


int
main(void)
{
    const TTest  *tests[] = {
        each_job_is_done_exactly_once,
        no_durable_job_is_lost_by_restarts,
        NULL
    };

    return suite_run("frontier_random", tests, 120);
}
