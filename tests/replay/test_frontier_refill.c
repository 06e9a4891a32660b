
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE     "http://shop.example/lamp"
#define AWAY     "http://other.example/lamp"

/* in memory at most: the window, and a few jobs of each host in it */
#define BOUND    (FRONTIER_WINDOW + 300 * 8)


static void add_pages(const char *host, int from, int n);
static void add_due(const char *host, int page, int64_t due);
static int complete_some(scene_t *s, int n, const char *host);
static int spend_and_complete(scene_t *s, int64_t ns);
static void block(scene_t *s, const char *name, int64_t ns);


START_TEST(a_host_with_many_jobs_keeps_no_other_waiting)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 8;
    add_pages("shop", 0, 100000);
    scene_row(AWAY, 0, id);
    scene_begin(&s);

    ck_assert_uint_eq(frontier_queued(s.frontier), 100001);
    ck_assert_uint_eq(fake_fetches_of(AWAY), 1);
    ck_assert_uint_eq(fake_fetches(), 9);
    ck_assert_uint_le(HASH_COUNT(s.frontier->jobs), BOUND);

    scene_complete(&s, AWAY);
    scene_check_completed(id);
    ck_assert_int_eq(complete_some(&s, 1500, "shop"), 1500);
    ck_assert_uint_eq(fake_fetches(), 8);
    ck_assert_uint_le(HASH_COUNT(s.frontier->jobs), BOUND);
    scene_close(&s);
}
END_TEST


static void
add_pages(const char *host, int from, int n)
{
    int  i;

    for (i = from; i < from + n; i++) {
        add_due(host, i, 0);
    }
}


static void
add_due(const char *host, int page, int64_t due)
{
    char         id[ID_SIZE], url[64];
    scene_row_t  row = { SCENE_TENANT, url, 0, 0, 0, due };

    (void) snprintf(url, sizeof(url), "http://%s.example/%d", host, page);
    scene_add(&row, id);
}


/* Complete what is fetched, at most n; how many were of this host. */
static int
complete_some(scene_t *s, int n, const char *host)
{
    int             of;
    char            url[64];
    const fetch_t  *fetch;

    for (of = 0; n > 0 && (fetch = fake_fetch(NULL)) != NULL; n--) {
        (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
        of += strncmp(url + strlen("http://"), host, strlen(host)) == 0;
        scene_complete(s, url);
        ck_assert_uint_le(HASH_COUNT(s->frontier->jobs), BOUND);
    }

    return of;
}


START_TEST(jobs_of_many_hosts_stay_within_the_window)
{
    int      i;
    char     host[32];
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 2;

    for (i = 0; i < 300; i++) {
        (void) snprintf(host, sizeof(host), "host%d", i);
        add_pages(host, 0, 20);
    }

    scene_begin(&s);
    ck_assert_uint_le(HASH_COUNT(s.frontier->jobs), BOUND);
    ck_assert_int_eq(spend_and_complete(&s, 10 * LOOP_SEC), 6000);
    ck_assert_uint_eq(fake_fetches_begun(), 6000);
    scene_end(&s);
}
END_TEST


/* Complete all there is, and what comes in this time; how many it were. */
static int
spend_and_complete(scene_t *s, int64_t ns)
{
    int  n;

    n = complete_some(s, INT_MAX, "");

    for ( /* void */ ; ns > 0; ns -= LOOP_SEC / 2) {
        fake_spend(s->loop, LOOP_SEC / 2);
        n += complete_some(s, INT_MAX, "");
    }

    return n;
}


START_TEST(hosts_that_keep_us_waiting_give_their_places_up)
{
    int      i;
    char     host[32];
    scene_t  s;

    scene_open(&s);

    for (i = 0; i < 200; i++) {
        (void) snprintf(host, sizeof(host), "slow%d", i);
        add_pages(host, 0, 10);
    }

    for (i = 0; i < 50; i++) {
        (void) snprintf(host, sizeof(host), "fast%d", i);
        add_due(host, 0, 1);
    }

    fake_store_hold(FAKE_DOC_LIST, 1);
    scene_begin(&s);

    for (i = 0; i < 200; i++) {
        (void) snprintf(host, sizeof(host), "slow%d.example", i);
        block(&s, host, 100 * LOOP_SEC);
    }

    fake_store_hold(FAKE_DOC_LIST, 0);
    fake_spend(s.loop, 20 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 50);
    ck_assert_int_eq(complete_some(&s, 100, "fast"), 50);
    ck_assert_int_eq(spend_and_complete(&s, 70 * LOOP_SEC), 0);

    /* and have them back */
    ck_assert_int_eq(spend_and_complete(&s, 60 * LOOP_SEC), 2000);
    ck_assert_uint_eq(fake_fetches_begun(), 2050);
    scene_end(&s);
}
END_TEST


static void
block(scene_t *s, const char *name, int64_t ns)
{
    host_t  *host;

    host = hosts_make(s->hosts, name);
    ck_assert_ptr_nonnull(host);
    host_block(&host->state, loop_now(s->loop) + ns);
    hosts_changed(s->hosts, host);
    frontier_host_changed(s->frontier, host);
}


START_TEST(a_job_that_has_begun_is_not_left_to_the_store)
{
    int              i;
    char             id[ID_SIZE], host[32];
    scene_t          s;
    store_job_t      job;
    frontier_spec_t  spec;

    scene_start(&s);
    spec = scene_retry_spec(PAGE);
    scene_submit_spec(&s, &spec, id);
    scene_persist(&s, id);

    /* its next attempt waits for the host, and others want its place */
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);
    block(&s, "shop.example", 60 * LOOP_SEC);

    for (i = 0; i < 200; i++) {
        (void) snprintf(host, sizeof(host), "slow%d.example", i);
        block(&s, host, 100 * LOOP_SEC);
        (void) snprintf(host, sizeof(host), "slow%d", i);
        add_pages(host, 0, 10);
    }

    fake_spend(s.loop, 10 * LOOP_SEC);
    ck_assert_uint_lt(HASH_COUNT(s.frontier->jobs), 1000);
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_TENANT, &job),
                     SC_OK);
    ck_assert_int_eq(fake_row(id)->job.attempts, 1);

    fake_spend(s.loop, 51 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    ck_assert_int_eq(fake_row(id)->job.attempts, 1);

    /* behind the frontier's back, so they were not counted */
    ck_assert_int_eq(spend_and_complete(&s, 80 * LOOP_SEC), 2000);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_is_due_later_is_done_then)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    add_due("shop", 1, 30000);
    add_due("other", 1, 90000);
    scene_row(PAGE, 0, id);
    scene_begin(&s);
    ck_assert_int_eq(complete_some(&s, 10, "shop"), 1);
    ck_assert_uint_eq(frontier_queued(s.frontier), 2);
    fake_spend(s.loop, 29 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 3 * LOOP_SEC);
    ck_assert_int_eq(complete_some(&s, 10, "shop"), 1);
    fake_spend(s.loop, 56 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 5 * LOOP_SEC);
    ck_assert_int_eq(complete_some(&s, 10, "other"), 1);
    scene_end(&s);
}
END_TEST


START_TEST(a_restart_takes_up_all_that_is_left)
{
    int      n;
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 4;
    add_pages("shop", 0, 2000);
    add_pages("other", 0, 500);
    add_pages("third", 0, 10);
    scene_begin(&s);
    n = complete_some(&s, 300, "");
    scene_stop(&s);
    scene_begin(&s);
    ck_assert_uint_eq(frontier_queued(s.frontier), 2510 - n);
    n += complete_some(&s, 1000, "");
    scene_stop(&s);
    scene_begin(&s);
    n += spend_and_complete(&s, 5 * LOOP_SEC);
    ck_assert_int_eq(n, 2510);
    scene_end(&s);
}
END_TEST


START_TEST(what_is_submitted_beyond_the_window_is_done_once)
{
    int           i;
    char          id[ID_SIZE], url[64];
    scene_t       s;
    unsigned      seed;
    scene_done_t  done = { 0, STORE_OK };

    scene_start(&s);
    s.settings.max_connections = 10;
    seed = 1;

    for (i = 0; i < 4000; i++) {
        (void) snprintf(url, sizeof(url), "http://host%d.example/%d",
                        rand_r(&seed) % 20, i);
        scene_submit(&s, url, id);
        ck_assert_int_eq(frontier_persist(s.frontier, id, scene_done, &done),
                         SC_OK);

        if (i % 100 == 0) {
            fake_run(s.loop);
            (void) complete_some(&s, 5, "");
        }
    }

    (void) spend_and_complete(&s, 10 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_begun(), 4000);
    scene_end(&s);
}
END_TEST


START_TEST(a_flow_with_nothing_left_is_forgotten)
{
    scene_t  s;

    scene_open(&s);
    add_pages("shop", 0, 20);
    add_pages("other", 0, 3);
    scene_begin(&s);
    ck_assert_int_eq(spend_and_complete(&s, 10 * LOOP_SEC), 23);
    ck_assert_uint_eq(fake_queues(), 0);
    ck_assert_uint_eq(HASH_COUNT(s.frontier->flows), 0);
    ck_assert_uint_eq(HASH_COUNT(s.frontier->queues), 0);
    scene_end(&s);
}
END_TEST


START_TEST(a_store_with_nothing_due_is_asked_rarely)
{
    size_t   before;
    scene_t  s;

    scene_open(&s);
    add_due("shop", 1, 3600000);
    scene_begin(&s);
    fake_spend(s.loop, 10 * LOOP_SEC);
    before = fake_calls(FAKE_NEXT);
    fake_spend(s.loop, 600 * LOOP_SEC);
    ck_assert_uint_le(fake_calls(FAKE_NEXT) - before, 20);
    scene_close(&s);
}
END_TEST


START_TEST(queues_that_cannot_be_read_are_read_again)
{
    scene_t  s;

    scene_open(&s);
    add_pages("shop", 0, 200);
    fake_store_answer(FAKE_FLOWS, STORE_FAILED, 1);
    fake_store_answer(FAKE_NEXT, STORE_FAILED, 2);
    fake_store_answer(FAKE_MORE, STORE_FAILED, 2);
    scene_begin(&s);
    ck_assert_int_eq(spend_and_complete(&s, 10 * LOOP_SEC), 200);
    scene_end(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_host_with_many_jobs_keeps_no_other_waiting,
        jobs_of_many_hosts_stay_within_the_window,
        hosts_that_keep_us_waiting_give_their_places_up,
        a_job_that_has_begun_is_not_left_to_the_store,
        a_job_that_is_due_later_is_done_then,
        a_restart_takes_up_all_that_is_left,
        what_is_submitted_beyond_the_window_is_done_once,
        a_flow_with_nothing_left_is_forgotten,
        a_store_with_nothing_due_is_asked_rarely,
        queues_that_cannot_be_read_are_read_again,
        NULL
    };

    return suite_run("frontier_refill", tests, 120);
}
