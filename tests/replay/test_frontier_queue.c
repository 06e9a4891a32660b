
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE    "http://shop.example/lamp"
#define NEXT    "http://shop.example/next"

/* more than is kept in memory, in several reads */
#define MANY    (3 * FRONTIER_WINDOW)


static void page_url(char *url, size_t size, int i);
static void submit_many(scene_t *s, int from, int n);
static int complete_in_order(scene_t *s, int from);
static void complete_all(scene_t *s, int n);


START_TEST(no_more_are_fetched_at_once_than_allowed)
{
    int      i;
    char     url[64];
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 2;
    submit_many(&s, 0, 5);
    ck_assert_uint_eq(fake_fetches(), 2);
    ck_assert_uint_eq(frontier_running(s.frontier), 2);
    ck_assert_uint_eq(frontier_queued(s.frontier), 5);

    for (i = 0; i < 5; i++) {
        page_url(url, sizeof(url), i);
        scene_complete(&s, url);
        ck_assert_uint_eq(frontier_running(s.frontier), i < 3 ? 2 : 4 - i);
    }

    scene_end(&s);
}
END_TEST


static void
page_url(char *url, size_t size, int i)
{
    (void) snprintf(url, size, "http://shop.example/%d", i);
}


/* Durable ones, in this order; none is run before all are submitted. */
static void
submit_many(scene_t *s, int from, int n)
{
    int           i;
    char          id[ID_SIZE], url[64];
    scene_done_t  done = { 0, STORE_OK };

    for (i = from; i < from + n; i++) {
        page_url(url, sizeof(url), i);
        scene_submit(s, url, id);
        ck_assert_int_eq(frontier_persist(s->frontier, id, scene_done, &done),
                         SC_OK);
    }

    fake_run(s->loop);
    ck_assert_int_eq(done.called, n);
    ck_assert_int_eq(done.status, STORE_OK);
}


START_TEST(jobs_begin_first_come_first_served)
{
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;
    submit_many(&s, 0, 20);
    ck_assert_int_eq(complete_in_order(&s, 0), 20);
    scene_end(&s);
}
END_TEST


/* Complete one after another as they come; each is the next. */
static int
complete_in_order(scene_t *s, int from)
{
    int   i;
    char  url[64];

    for (i = from; fake_fetches() > 0; i++) {
        page_url(url, sizeof(url), i);
        ck_assert_msg(fake_fetch(url) != NULL, "%s is not the next", url);
        scene_complete(s, url);
    }

    return i - from;
}


START_TEST(a_full_queue_takes_no_more)
{
    char             id[ID_SIZE];
    scene_t          s;
    frontier_spec_t  spec;

    scene_start(&s);
    s.settings.max_queue = 1;
    scene_submit(&s, PAGE, id);
    spec = scene_spec(NEXT);
    ck_assert_int_eq(frontier_submit(s.frontier, &spec, id),
                     FRONTIER_QUEUE_FULL);

    fake_run(s.loop);
    scene_complete(&s, PAGE);
    spec = scene_spec(NEXT);
    ck_assert_int_eq(frontier_submit(s.frontier, &spec, id), FRONTIER_OK);
    fake_run(s.loop);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(jobs_of_the_store_fill_the_queue_too)
{
    char             id[ID_SIZE];
    scene_t          s;
    frontier_spec_t  spec;

    scene_open(&s);
    scene_row(PAGE, 0, id);
    scene_begin(&s);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);

    s.settings.max_queue = 1;
    spec = scene_spec(NEXT);
    ck_assert_int_eq(frontier_submit(s.frontier, &spec, id),
                     FRONTIER_QUEUE_FULL);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(no_fetch_is_begun_while_the_store_is_far_behind)
{
    int      i;
    char     url[64];
    size_t   begun;
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 10000;
    submit_many(&s, 0, FRONTIER_WINDOW + 10);
    fake_store_hold(FAKE_FINISH, 1);

    for (i = 0; i < FRONTIER_WINDOW + 10; i++) {
        page_url(url, sizeof(url), i);
        scene_complete(&s, url);
    }

    begun = fake_fetches_begun();
    page_url(url, sizeof(url), i);
    scene_submit(&s, url, (char [ID_SIZE]) { 0 });
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_begun(), begun);

    fake_store_hold(FAKE_FINISH, 0);
    fake_run(s.loop);
    scene_complete(&s, url);
    scene_end(&s);
}
END_TEST


START_TEST(a_draining_frontier_takes_no_job)
{
    char             id[ID_SIZE];
    scene_t          s;
    frontier_spec_t  spec;

    scene_start(&s);
    scene_drain(&s, LOOP_SEC);
    spec = scene_spec(PAGE);
    ck_assert_int_eq(frontier_submit(s.frontier, &spec, id),
                     FRONTIER_DRAINING);
    ck_assert_int_eq(s.drained, 0);
    fake_run(s.loop);
    ck_assert_int_eq(s.drained, 1);
    scene_end(&s);
}
END_TEST


START_TEST(drain_waits_for_what_is_under_way_and_leaves_durable_jobs)
{
    char     running[ID_SIZE], waits[ID_SIZE], id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;
    scene_submit_durable(&s, PAGE, running);
    scene_submit_durable(&s, NEXT, waits);
    scene_submit(&s, "http://shop.example/transient", id);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_run(s.loop);

    scene_complete(&s, PAGE);
    ck_assert_int_eq(s.drained, 0);
    scene_complete(&s, "http://shop.example/transient");
    ck_assert_int_eq(s.drained, 1);

    scene_check_completed(running);
    scene_check_completed(id);
    ck_assert_int_eq(fake_row(waits)->job.state, STORE_QUEUED);
    ck_assert_int_eq(fake_row(waits)->job.attempts, 0);

    fake_pass(s.loop, 200 * LOOP_SEC);
    ck_assert_int_eq(s.drained, 1);
    scene_stop(&s);
    scene_begin(&s);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(drain_waits_for_the_store)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);
    fake_store_hold(FAKE_FINISH, 1);
    scene_complete(&s, PAGE);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_run(s.loop);
    ck_assert_int_eq(s.drained, 0);

    fake_store_hold(FAKE_FINISH, 0);
    fake_run(s.loop);
    ck_assert_int_eq(s.drained, 1);
    scene_end(&s);
}
END_TEST


START_TEST(drain_waits_for_a_job_that_becomes_durable)
{
    char          id[ID_SIZE], other[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_FAILED };

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);
    fake_pool_load(1000);
    scene_submit(&s, NEXT, other);
    fake_store_hold(FAKE_PUT, 1);
    ck_assert_int_eq(frontier_persist(s.frontier, other, scene_done, &done),
                     SC_OK);
    scene_drain(&s, 100 * LOOP_SEC);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(s.drained, 0);

    fake_store_hold(FAKE_PUT, 0);
    fake_run(s.loop);
    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(s.drained, 1);
    fake_pool_load(0);
    fake_pass(s.loop, LOOP_SEC);
    ck_assert_ptr_null(fake_fetch(NEXT));
    scene_stop(&s);
    scene_begin(&s);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(drain_waits_for_a_job_that_waits_for_resources)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_fetch_refuse(1);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_run(s.loop);
    ck_assert_uint_eq(frontier_running(s.frontier), 0);
    ck_assert_int_eq(s.drained, 0);

    fake_pass(s.loop, LOOP_SEC);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(s.drained, 1);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_could_not_become_durable_is_done_while_draining)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_OK };
    scene_told_t  told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    fake_store_answer(FAKE_PUT, STORE_FULL, 1);
    fake_store_hold(FAKE_PUT, 1);
    fake_pool_load(1000);
    ck_assert_int_eq(frontier_persist(s.frontier, id, scene_done, &done),
                     SC_OK);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 0);

    fake_pool_load(0);
    fake_store_hold(FAKE_PUT, 0);
    fake_run(s.loop);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(s.drained, 1);
    scene_end(&s);
}
END_TEST


START_TEST(drain_ends_after_its_time)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_drain(&s, 10 * LOOP_SEC);
    fake_pass(s.loop, 9 * LOOP_SEC);
    ck_assert_int_eq(s.drained, 0);
    fake_pass(s.loop, LOOP_SEC + LOOP_MS);
    ck_assert_int_eq(s.drained, 1);

    scene_complete(&s, PAGE);
    ck_assert_int_eq(s.drained, 1);
    scene_end(&s);
}
END_TEST


/* The sanitizer says what is left. */
START_TEST(a_frontier_is_freed_with_everything_under_way)
{
    int           i;
    char          id[ID_SIZE], url[64];
    scene_t       s;
    scene_done_t  done = { 0, STORE_OK };
    scene_told_t  told[4];

    scene_start(&s);
    s.settings.max_connections = 3;

    for (i = 0; i < 4; i++) {
        page_url(url, sizeof(url), i);
        scene_submit(&s, url, id);
        scene_wait(&s, id, &told[i]);
    }

    fake_run(s.loop);
    scene_answer_page(&s, "http://shop.example/1");
    fake_store_hold(FAKE_PUT, 1);
    fake_store_hold(FAKE_NEXT, 1);
    ck_assert_int_eq(frontier_persist(s.frontier, id, scene_done, &done),
                     SC_OK);
    scene_complete(&s, "http://shop.example/2");
    ck_assert_int_eq(id_make(id, 1), SC_OK);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_TENANT,
                                     scene_done, &done), SC_OK);
    scene_close(&s);

    ck_assert_uint_eq(fake_fetches_cancelled(), 2);
    ck_assert_uint_eq(fake_pages_cancelled(), 1);
    ck_assert_int_eq(done.called, 0);
    ck_assert_int_eq(told[0].called + told[1].called + told[2].called
                     + told[3].called, 0);
}
END_TEST


START_TEST(jobs_beyond_the_window_are_left_to_the_store_and_come_back)
{
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;
    submit_many(&s, 0, MANY);
    ck_assert_uint_eq(frontier_queued(s.frontier), MANY);

    ck_assert_uint_eq(fake_calls(FAKE_NEXT) + fake_calls(FAKE_MORE), 0);
    ck_assert_uint_le(HASH_COUNT(s.frontier->jobs), FRONTIER_WINDOW + 1);
    complete_all(&s, MANY);
    ck_assert_uint_gt(fake_calls(FAKE_MORE), 3);
    ck_assert_uint_eq(fake_rows(), MANY);
    scene_end(&s);
}
END_TEST


/* Complete whatever comes: the pages from 0 to n - 1, each once. */
static void
complete_all(scene_t *s, int n)
{
    int             i, page;
    char            url[64];
    char           *seen;
    const fetch_t  *fetch;

    seen = calloc((size_t) n, 1);
    ck_assert_ptr_nonnull(seen);

    for (i = 0; (fetch = fake_fetch(NULL)) != NULL; i++) {
        (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
        page = (int) strtol(strrchr(url, '/') + 1, NULL, 10);
        ck_assert_int_lt(page, n);
        ck_assert_msg(!seen[page], "%s was fetched twice", url);
        seen[page] = 1;
        scene_complete(s, url);
    }

    ck_assert_int_eq(i, n);
    free(seen);
}


START_TEST(jobs_left_to_the_store_come_back_in_order)
{
    int      i;
    char     id[ID_SIZE], url[64];
    scene_t  s;

    scene_open(&s);
    s.settings.max_connections = 1;

    for (i = 0; i < MANY; i++) {
        page_url(url, sizeof(url), i);
        scene_row(url, 0, id);
    }

    scene_begin(&s);
    ck_assert_uint_eq(frontier_queued(s.frontier), MANY);
    ck_assert_int_eq(complete_in_order(&s, 0), MANY);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_left_to_the_store_behind_a_read_is_found)
{
    int      i;
    char     id[ID_SIZE], url[64];
    scene_t  s;

    scene_open(&s);
    s.settings.max_connections = 1;

    for (i = 0; i < 10; i++) {
        page_url(url, sizeof(url), i);
        scene_row(url, 0, id);
    }

    fake_store_hold(FAKE_NEXT, 1);
    scene_begin(&s);
    ck_assert_uint_eq(fake_calls(FAKE_NEXT), 1);

    /* the read, the last of its scan, has none of these */
    submit_many(&s, 10, FRONTIER_WINDOW + 50);
    fake_store_hold(FAKE_NEXT, 0);
    fake_run(s.loop);

    complete_all(&s, FRONTIER_WINDOW + 60);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_ended_during_a_read_does_not_come_back)
{
    char     id[ID_SIZE], row[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    scene_row(NEXT, 0, row);
    fake_store_hold(FAKE_FLOWS, 1);
    scene_begin(&s);
    scene_submit_durable(&s, PAGE, id);
    fake_store_hold(FAKE_NEXT, 1);
    fake_store_hold(FAKE_FLOWS, 0);
    fake_run(s.loop);

    ck_assert_uint_eq(fake_calls(FAKE_NEXT), 1);
    scene_complete(&s, PAGE);
    fake_store_hold(FAKE_NEXT, 0);
    fake_run(s.loop);

    ck_assert_uint_eq(fake_fetches_begun(), 2);
    scene_complete(&s, NEXT);
    scene_check_completed(id);
    scene_check_completed(row);
    scene_end(&s);
}
END_TEST


START_TEST(a_queue_that_could_not_be_read_is_read_again)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    scene_row(PAGE, 0, id);
    fake_store_answer(FAKE_NEXT, STORE_FAILED, 1);
    scene_begin(&s);
    frontier_dispatch_soon(s.frontier);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_uint_eq(fake_calls(FAKE_NEXT), 1);

    fake_store_refuse(FAKE_NEXT, 1);
    fake_pass(s.loop, LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);

    fake_pass(s.loop, LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_queue_that_could_not_be_counted_is_worked_on)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    scene_row(PAGE, 0, id);
    fake_store_answer(FAKE_COUNT, STORE_FAILED, 1);
    scene_begin(&s);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_frontier_without_a_count_is_none)
{
    scene_t           s;
    frontier_parts_t  parts;

    scene_open(&s);
    fake_store_refuse(FAKE_COUNT, 1);
    parts = scene_parts(&s);
    ck_assert_ptr_null(frontier_create(&parts));
    scene_part(&s);
    scene_begin(&s);
    scene_end(&s);
}
END_TEST


START_TEST(a_frontier_is_freed_while_it_reads_the_queue)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_OK };

    scene_open(&s);
    scene_row(PAGE, 0, id);
    fake_store_hold(FAKE_NEXT, 1);
    scene_begin(&s);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_TENANT,
                                     scene_done, &done), SC_OK);
    fake_run(s.loop);
    ck_assert_int_eq(done.called, 1);
    scene_close(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        no_more_are_fetched_at_once_than_allowed,
        jobs_begin_first_come_first_served,
        a_full_queue_takes_no_more,
        jobs_of_the_store_fill_the_queue_too,
        no_fetch_is_begun_while_the_store_is_far_behind,
        a_draining_frontier_takes_no_job,
        drain_waits_for_what_is_under_way_and_leaves_durable_jobs,
        drain_waits_for_the_store,
        drain_waits_for_a_job_that_becomes_durable,
        drain_waits_for_a_job_that_waits_for_resources,
        a_job_that_could_not_become_durable_is_done_while_draining,
        drain_ends_after_its_time,
        a_frontier_is_freed_with_everything_under_way,
        jobs_beyond_the_window_are_left_to_the_store_and_come_back,
        jobs_left_to_the_store_come_back_in_order,
        a_job_left_to_the_store_behind_a_read_is_found,
        a_job_that_ended_during_a_read_does_not_come_back,
        a_queue_that_could_not_be_read_is_read_again,
        a_queue_that_could_not_be_counted_is_worked_on,
        a_frontier_without_a_count_is_none,
        a_frontier_is_freed_while_it_reads_the_queue,
        NULL
    };

    return suite_run("frontier_queue", tests, 60);
}
