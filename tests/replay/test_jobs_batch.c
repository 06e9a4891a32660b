
#include <stdio.h>
#include <string.h>

#include "tests/replay/jobs_scene.h"
#include "tests/support/suite.h"


static store_status_t reopen(int run);
static void reopened(void *data, store_status_t status, size_t added);
static void told_what(void *data, unsigned what);


static char          id[ID_SIZE];
static jobs_scene_t  js;


START_TEST(a_batch_ends_when_its_last_page_has)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 3, id);
    ck_assert_uint_eq(fake_fetches(), 3);
    jobs_scene_page(&js, "/0", "");
    jobs_scene_page(&js, "/1", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    jobs_scene_fail(&js, "/2");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->completed, 2);
    ck_assert_int_eq(jobs_scene_counts(id)->failed, 1);
    ck_assert_int_gt(fake_work(id)->job.expires, fake_work(id)->job.finished);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_result_of_a_page_is_the_batchs)
{
    const fake_row_t  *row;

    jobs_scene_begin(&js, JOBS_MANY, "{}", 2, id);
    ck_assert_int_eq(jobs_scene_serve(&js), 2);
    row = fake_work_page(id, JOBS_SHOP "/1");
    ck_assert_ptr_nonnull(row);
    ck_assert_str_eq(row->result.job, id);
    ck_assert_int_eq(row->result.line, 2);
    ck_assert_str_eq(row->result.host.data, "shop.example");
    ck_assert_uint_eq(row->result.digest.len, 64);
    ck_assert_uint_eq(row->result.gone, 0);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(an_empty_batch_is_completed_when_it_is_closed)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 0, id);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(a_batch_without_a_single_page_that_worked_has_failed)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 1, id);
    jobs_scene_fail(&js, "/0");
    jobs_scene_ended(&js, id, STORE_FAILED_JOB);
}
END_TEST


START_TEST(who_feeds_waits_while_two_blocks_are_on_their_way)
{
    int           i;
    jobs_feed_t  *feed;

    feed = jobs_scene_begin_feed(&js, id);
    js.scene.settings.max_connections = 1;
    fake_store_hold(FAKE_PAGES, 1);

    for (i = 0; i < JOBS_BLOCKS * JOBS_BLOCK - 1; i++) {
        ck_assert_int_eq(jobs_scene_add(feed, i), SC_OK);
    }

    ck_assert_int_eq(jobs_scene_add(feed, i), SC_AGAIN);
    fake_run(js.scene.loop);
    ck_assert_int_eq(js.ready, 0);
    ck_assert_uint_eq(jobs_feed_stored(feed), 0);

    fake_store_hold(FAKE_PAGES, 0);
    fake_run(js.scene.loop);
    ck_assert_int_eq(js.ready, 1);
    ck_assert_uint_eq(jobs_feed_stored(feed), JOBS_BLOCKS * JOBS_BLOCK);
    ck_assert_int_eq(jobs_feed_line(feed), JOBS_BLOCKS * JOBS_BLOCK);
    jobs_feed_abort(feed, 0, "");
    ck_assert_int_eq(jobs_scene_serve(&js), JOBS_BLOCKS * JOBS_BLOCK);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(a_page_like_the_jobs_own_is_stored_without_its_spec)
{
    jobs_feed_t     *feed;
    frontier_spec_t  spec;

    feed = jobs_scene_begin_feed(&js, id);
    ck_assert_int_eq(jobs_scene_add(feed, 0), SC_OK);
    spec = scene_retry_spec(JOBS_SHOP "/other");
    spec.rules_hash = "sha256-other";
    ck_assert_int_eq(jobs_feed_add(feed, &spec, 2), SC_OK);
    jobs_feed_abort(feed, 0, "");
    fake_run(js.scene.loop);
    ck_assert_str_eq(fake_work_page(id, JOBS_SHOP "/other")
                         ->job.rules_hash.data, "sha256-other");
    ck_assert_str_eq(fake_work_page(id, JOBS_SHOP "/0")->job.rules_hash.data,
                     "sha256-0123");
    ck_assert_int_eq(jobs_scene_serve(&js), 2);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_block_that_is_not_stored_ends_the_feed)
{
    jobs_feed_t  *feed;
    jobs_told_t   told = { 0, STORE_OK, 0 };

    feed = jobs_scene_begin_feed(&js, id);
    fake_store_answer(FAKE_PAGES, STORE_FULL, 1);
    ck_assert_int_eq(jobs_scene_add(feed, 0), SC_OK);
    ck_assert_int_eq(jobs_feed_close(feed, 7, "cut", jobs_scene_told, &told),
                     SC_OK);
    fake_run(js.scene.loop);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.status, STORE_FULL);
    ck_assert_uint_eq(told.added, 0);
    ck_assert_int_eq(jobs_scene_counts(id)->rejected, 7);
    ck_assert_str_eq(jobs_scene_reason(id), "cut");
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_full_queue_takes_no_more_of_a_feed)
{
    jobs_feed_t  *feed;

    feed = jobs_scene_begin_feed(&js, id);
    js.scene.settings.tenant_queue = 1;
    ck_assert_int_eq(jobs_scene_add(feed, 0), SC_OK);
    jobs_feed_abort(feed, 0, "");
    fake_run(js.scene.loop);
    feed = jobs_scene_feed(&js, id);
    ck_assert_int_eq(jobs_scene_add(feed, 1), SC_ERROR);
    ck_assert_int_eq(jobs_feed_refused(feed), FRONTIER_TENANT_FULL);
    jobs_feed_abort(feed, 0, "");
    ck_assert_int_eq(jobs_scene_serve(&js), 1);
    fake_run(js.scene.loop);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(a_batch_goes_on_after_a_crash)
{
    int           i;

    jobs_scene_begin(&js, JOBS_MANY, "{}", 5, id);
    jobs_scene_page(&js, "/0", "");
    fake_fetch_answer(JOBS_SHOP "/1", 200, NULL, "page");
    jobs_scene_crash(&js);
    jobs_scene_again(&js);
    ck_assert_int_eq(jobs_scene_serve(&js), 4);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);

    for (i = 0; i < 5; i++) {
        char  url[64];

        (void) snprintf(url, sizeof(url), JOBS_SHOP "/%d", i);
        ck_assert_int_eq(fake_work_page(id, url)->results, 1);
    }

    jobs_scene_end(&js);
}
END_TEST


START_TEST(nothing_is_begun_before_jobs_are_read_after_a_start)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 3, id);
    jobs_scene_crash(&js);
    fake_store_answer(FAKE_WORKS, STORE_FAILED, 1);
    jobs_scene_again(&js);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_serve(&js), 3);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(a_batch_whose_feeder_is_gone_ends_after_a_crash)
{
    (void) jobs_scene_begin_feed(&js, id);
    jobs_scene_crash(&js);
    ck_assert_int_eq(jobs_scene_state(id), STORE_QUEUED);
    jobs_scene_again(&js);
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(a_batch_that_a_crash_cut_says_so)
{
    jobs_feed_t  *feed;

    feed = jobs_scene_begin_feed(&js, id);
    ck_assert_int_eq(jobs_scene_add(feed, 0), SC_OK);
    jobs_scene_crash(&js);
    jobs_scene_again(&js);
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_str_eq(jobs_scene_reason(id),
                     "the body stopped with the gateway");
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_batch_whose_maker_left_before_it_was_made_ends)
{
    jobs_told_t  told;

    jobs_scene_start(&js);
    jobs_scene_new(&js, "batch", "{}", 1, id, &told);
    jobs_forget(js.jobs, &told);
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(told.called, 0);
    ck_assert_str_ne(jobs_scene_reason(id), "");
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(an_ended_batch_is_fed_again)
{
    jobs_feed_t  *feed;
    jobs_told_t   told = JOBS_UNTOLD;

    jobs_scene_begin(&js, JOBS_MANY, "{\"reason\":\"the body stopped\"}",
                     1, id);
    jobs_scene_page(&js, "/0", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);

    ck_assert_int_eq(reopen(1), STORE_OK);
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    ck_assert_int_eq(fake_work(id)->job.expires, 0);
    feed = js.feed;
    ck_assert_int_eq(jobs_scene_add(feed, 1), SC_OK);
    ck_assert_int_eq(jobs_feed_close(feed, 0, "", jobs_scene_told, &told),
                     SC_OK);
    fake_run(js.scene.loop);
    ck_assert_int_eq(told.status, STORE_OK);
    ck_assert_str_eq(jobs_scene_reason(id), "");
    jobs_scene_page(&js, "/1", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->completed, 2);
    ck_assert_int_ne(fake_work(id)->job.expires, 0);
    jobs_scene_end(&js);
}
END_TEST


/* Opened by who is told, as it has to be. */
static store_status_t
reopen(int run)
{
    js.feed = NULL;
    js.reopened = STORE_FAILED;
    ck_assert_int_eq(jobs_reopen(js.jobs, id, SCENE_TENANT, reopened, &js),
                     SC_OK);

    if (run) {
        fake_run(js.scene.loop);
    }

    return js.reopened;
}


static void
reopened(void *data, store_status_t status, size_t added)
{
    ck_assert_ptr_eq(data, &js);
    (void) added;

    js.reopened = status;

    if (status == STORE_OK) {
        js.feed = jobs_scene_feed(&js, id);
        ck_assert_int_eq(jobs_feed_status(js.feed), STORE_OK);
    }
}


START_TEST(a_batch_that_is_just_ending_is_fed_when_it_has)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 1, id);
    fake_store_hold(FAKE_WORK_FINISH, 1);
    jobs_scene_page(&js, "/0", "");
    ck_assert_int_eq(reopen(1), STORE_FAILED);
    fake_store_hold(FAKE_WORK_FINISH, 0);
    fake_run(js.scene.loop);
    ck_assert_int_eq(js.reopened, STORE_OK);
    ck_assert_int_eq(jobs_scene_add(js.feed, 1), SC_OK);
    jobs_feed_abort(js.feed, 0, "");
    fake_run(js.scene.loop);
    ck_assert_int_eq(jobs_scene_serve(&js), 1);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->completed, 2);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_batch_reopened_for_who_has_left_ends_again)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 1, id);
    jobs_scene_page(&js, "/0", "");
    (void) reopen(0);
    jobs_forget(js.jobs, &js);
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    ck_assert_ptr_null(js.feed);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_ne(fake_work(id)->job.expires, 0);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(what_was_cancelled_or_is_no_batch_is_not_fed_again)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 1, id);
    (void) jobs_scene_do(&js, jobs_cancel, id);
    ck_assert_int_eq(reopen(1), STORE_CONFLICT);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    ck_assert_int_eq(reopen(1), STORE_CONFLICT);
    jobs_scene_page(&js, "/", "");
    ck_assert_int_eq(reopen(1), STORE_CONFLICT);
    id[ID_LEN - 1] ^= 1;
    ck_assert_int_eq(reopen(1), STORE_NOT_FOUND);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_reopening_that_is_not_stored_leaves_the_batch_ended)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 1, id);
    jobs_scene_page(&js, "/0", "");
    fake_store_answer(FAKE_WORK_SET, STORE_FULL, 1);
    ck_assert_int_eq(reopen(1), STORE_FULL);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(the_end_of_a_job_that_could_not_be_stored_is_stored_later)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 1, id);
    fake_store_answer(FAKE_WORK_FINISH, STORE_FULL, 2);
    jobs_scene_page(&js, "/0", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    fake_spend(js.scene.loop, 4 * LOOP_SEC);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(at_most_so_many_pages_are_fetched_at_once)
{
    jobs_scene_begin(&js, JOBS_MANY, "{\"max_concurrency\":2}", 9, id);
    ck_assert_uint_eq(fake_fetches(), 2);
    jobs_scene_page(&js, "/0", "");
    ck_assert_uint_eq(fake_fetches(), 2);
    ck_assert_int_eq(jobs_scene_serve(&js), 8);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(who_watches_is_told_of_results_and_the_end)
{
    unsigned       what = 0;
    jobs_watch_t  *watch;

    jobs_scene_begin(&js, JOBS_MANY, "{}", 2, id);
    watch = jobs_watch(js.jobs, id, told_what, &what);
    jobs_scene_page(&js, "/0", "");
    ck_assert_uint_eq(what, JOBS_RESULT | JOBS_STATE);
    what = 0;
    jobs_scene_page(&js, "/1", "");
    ck_assert_uint_eq(what, JOBS_RESULT | JOBS_STATE | JOBS_ENDED);
    jobs_unwatch(watch);
    jobs_scene_end(&js);
}
END_TEST


static void
told_what(void *data, unsigned what)
{
    unsigned  *all = data;

    *all |= what;
}


START_TEST(who_watches_a_single_job_is_told_of_its_end)
{
    unsigned       what = 0;
    jobs_watch_t  *watch;

    jobs_scene_start(&js);
    scene_submit_durable(&js.scene, JOBS_SHOP "/one", id);
    watch = jobs_watch(js.jobs, id, told_what, &what);
    scene_complete(&js.scene, JOBS_SHOP "/one");
    ck_assert_uint_eq(what, JOBS_RESULT | JOBS_STATE | JOBS_ENDED);
    jobs_unwatch(watch);
    jobs_scene_end(&js);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_batch_ends_when_its_last_page_has,
        a_result_of_a_page_is_the_batchs,
        an_empty_batch_is_completed_when_it_is_closed,
        a_batch_without_a_single_page_that_worked_has_failed,
        who_feeds_waits_while_two_blocks_are_on_their_way,
        a_page_like_the_jobs_own_is_stored_without_its_spec,
        a_block_that_is_not_stored_ends_the_feed,
        a_full_queue_takes_no_more_of_a_feed,
        a_batch_goes_on_after_a_crash,
        nothing_is_begun_before_jobs_are_read_after_a_start,
        a_batch_whose_feeder_is_gone_ends_after_a_crash,
        a_batch_that_a_crash_cut_says_so,
        a_batch_whose_maker_left_before_it_was_made_ends,
        an_ended_batch_is_fed_again,
        a_batch_that_is_just_ending_is_fed_when_it_has,
        a_batch_reopened_for_who_has_left_ends_again,
        what_was_cancelled_or_is_no_batch_is_not_fed_again,
        a_reopening_that_is_not_stored_leaves_the_batch_ended,
        the_end_of_a_job_that_could_not_be_stored_is_stored_later,
        at_most_so_many_pages_are_fetched_at_once,
        who_watches_is_told_of_results_and_the_end,
        who_watches_a_single_job_is_told_of_its_end,
        NULL
    };

    return suite_run("jobs_batch", tests, 20);
}
