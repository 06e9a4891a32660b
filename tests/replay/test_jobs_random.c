
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/replay/jobs_scene.h"
#include "tests/support/suite.h"


#define PAGES    300
#define HOSTS    5
#define SEEDS    12

/* a page that is begun more often before a crash is failed */
#define CRASHES  2


/* A crawl of a site whose pages lead to each other, and what befalls it. */
typedef struct {
    jobs_scene_t  js;
    unsigned      seed;
    char          id[ID_SIZE];
    int           crashes;
    int           paused;
} dice_t;


static void dice_open(dice_t *d, unsigned seed);
static int dice_roll(dice_t *d, int n);
static void dice_url(int page, char *url, size_t size);
static void dice_step(dice_t *d);
static void dice_fetched(dice_t *d);
static void dice_extracted(dice_t *d);
static void dice_links(const char *url, char *found, size_t size);
static void dice_pause(dice_t *d, int on);
static void dice_release(void);
static void dice_finish(dice_t *d);
static void dice_check(dice_t *d);


START_TEST(each_page_of_a_crawl_has_one_result_whatever_happens)
{
    dice_t    d;
    unsigned  seed;

    for (seed = 1; seed <= SEEDS; seed++) {
        dice_open(&d, seed);

        while (d.crashes < CRASHES
               && jobs_scene_counts(d.id)->completed < PAGES)
        {
            dice_step(&d);
        }

        dice_finish(&d);
        dice_check(&d);
        jobs_scene_end(&d.js);
    }
}
END_TEST


static void
dice_open(dice_t *d, unsigned seed)
{
    memset(d, 0, sizeof(dice_t));
    jobs_scene_start(&d->js);
    d->seed = seed;
    d->js.scene.settings.max_connections = 8;
    jobs_scene_crawl(&d->js, "{\"max_concurrency\":5,\"crawl\":{\"starts\":"
                     "[\"http://h0.example/0\"],\"scope\":\"S\"}}", d->id);
}


static int
dice_roll(dice_t *d, int n)
{
    return rand_r(&d->seed) % n;
}


static void
dice_url(int page, char *url, size_t size)
{
    (void) snprintf(url, size, "http://h%d.example/%d", page % HOSTS, page);
}


static void
dice_step(dice_t *d)
{
    int         roll;
    fake_op_t   op;
    loop_t     *loop = d->js.scene.loop;

    static const fake_op_t  ops[] = { FAKE_FINISH, FAKE_NEXT, FAKE_MORE,
                                      FAKE_WORK_GET, FAKE_PAGES };

    roll = dice_roll(d, 1000);
    op = ops[dice_roll(d, 5)];

    if (roll < 400) {
        dice_fetched(d);

    } else if (roll < 850) {
        dice_extracted(d);

    } else if (roll < 880) {
        dice_pause(d, !d->paused);

    } else if (roll < 910) {
        fake_store_answer(op, STORE_FULL, 1);

    } else if (roll < 940) {
        fake_store_hold(op, 1);

    } else if (roll < 990) {
        fake_store_hold(op, 0);
        fake_spend(loop, LOOP_SEC);

    } else if (roll < 992) {
        dice_release();
        jobs_scene_crash(&d->js);
        jobs_scene_again(&d->js);
        d->crashes++;
    }

    if (roll % 3 == 0) {
        fake_run(loop);
    }
}


static void
dice_fetched(dice_t *d)
{
    size_t          n = fake_fetches();
    char            url[64];
    const fetch_t  *fetch;

    if (n > 0) {
        fetch = fake_fetch_at((size_t) dice_roll(d, (int) n));
        (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
        fake_fetch_answer(url, 200, NULL, "page");
    }
}


static void
dice_extracted(dice_t *d)
{
    size_t                 n = fake_pages();
    char                   url[64], found[512];
    const pool_request_t  *page;

    if (n > 0) {
        page = fake_page_at((size_t) dice_roll(d, (int) n));
        (void) snprintf(url, sizeof(url), "%s", page->url);
        dice_links(url, found, sizeof(found));
        fake_page_answer_found(url, SCENE_DATA, found);
    }
}


/* All are reached from the first. */
static void
dice_links(const char *url, char *found, size_t size)
{
    int     i, page;
    char    to[64];
    size_t  len = 0;

    page = (int) strtol(strrchr(url, '/') + 1, NULL, 10);

    for (i = 1; i <= 4; i++) {
        dice_url((3 * page + i) % PAGES, to, sizeof(to));
        len += (size_t) snprintf(found + len, size - len, "l %s\n", to);
    }
}


static void
dice_pause(dice_t *d, int on)
{
    if (jobs_pause(d->js.jobs, d->id, SCENE_TENANT, on, NULL, NULL) == SC_OK)
    {
        d->paused = on;
    }
}


/* What the store was told before is on disk before what comes. */
static void
dice_release(void)
{
    int  i;

    for (i = 0; i < FAKE_OPS; i++) {
        fake_store_hold((fake_op_t) i, 0);
        fake_store_answer((fake_op_t) i, STORE_OK, 0);
    }
}


static void
dice_finish(dice_t *d)
{
    int      rounds;
    loop_t  *loop = d->js.scene.loop;

    dice_release();
    fake_run(loop);
    dice_pause(d, 0);

    for (rounds = 0; rounds < 20000
         && jobs_scene_state(d->id) != STORE_COMPLETED; rounds++)
    {
        dice_fetched(d);
        dice_extracted(d);
        fake_run(loop);

        if (fake_fetches() == 0 && fake_pages() == 0) {
            fake_spend(loop, LOOP_SEC);
        }
    }
}


static void
dice_check(dice_t *d)
{
    int                    i;
    char                   url[64];
    const fake_row_t      *row;
    const store_counts_t  *counts = jobs_scene_counts(d->id);

    ck_assert_int_eq(jobs_scene_state(d->id), STORE_COMPLETED);
    ck_assert_int_eq(counts->found, PAGES);
    ck_assert_int_eq(counts->completed, PAGES);
    ck_assert_int_eq(counts->items, PAGES);
    ck_assert_int_eq(counts->failed, 0);

    for (i = 0; i < PAGES; i++) {
        dice_url(i, url, sizeof(url));
        row = fake_work_page(d->id, url);
        ck_assert_msg(row != NULL, "%s was never found", url);
        ck_assert_int_eq(row->results, 1);
    }
}


int
main(void)
{
    const TTest *const  tests[] = {
        each_page_of_a_crawl_has_one_result_whatever_happens,
        NULL
    };

    return suite_run("jobs_random", tests, 120);
}
