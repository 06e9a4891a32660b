
#include <stdio.h>
#include <string.h>

#include "tests/replay/jobs_scene.h"
#include "tests/support/suite.h"


#define SHOP    JOBS_SHOP


static void pause_it(int on);
static store_status_t cancel_refused(void);
static void change(const char *changes);


static char          id[ID_SIZE];
static jobs_scene_t  js;


START_TEST(a_paused_job_begins_nothing_until_it_goes_on)
{
    jobs_scene_begin(&js, 1, "{}", 4, id);
    pause_it(1);
    ck_assert_int_eq(jobs_scene_state(id), STORE_PAUSED);
    ck_assert_uint_eq(fake_fetches(), 1);
    jobs_scene_page(&js, "/0", "");
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(js.scene.loop, 100 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);

    pause_it(0);
    ck_assert_int_eq(jobs_scene_serve(&js), 3);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


static void
pause_it(int on)
{
    jobs_told_t  told = JOBS_UNTOLD;

    ck_assert_int_eq(jobs_pause(js.jobs, id, SCENE_TENANT, on,
                                jobs_scene_told, &told),
                     SC_OK);
    jobs_scene_succeed(&js, &told);
}


START_TEST(a_paused_job_is_paused_after_a_crash)
{
    jobs_scene_begin(&js, 1, "{}", 3, id);
    pause_it(1);
    jobs_scene_crash(&js);
    jobs_scene_again(&js);
    fake_spend(js.scene.loop, 10 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);
    pause_it(0);
    ck_assert_int_eq(jobs_scene_serve(&js), 3);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(a_paused_job_is_in_nobodys_way)
{
    char          other[ID_SIZE];

    jobs_scene_begin(&js, 2, "{}", 3000, id);
    pause_it(1);
    (void) jobs_scene_serve(&js);
    jobs_scene_batch(&js, "{}", 3, other);
    ck_assert_int_eq(jobs_scene_serve(&js), 3);
    ck_assert_int_eq(jobs_scene_state(other), STORE_COMPLETED);
    (void) jobs_scene_do(&js, jobs_cancel, id);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_cancelled_job_closes_its_fetches)
{
    jobs_scene_begin(&js, 2, "{}", 5, id);
    jobs_scene_page(&js, "/0", "");
    ck_assert_uint_eq(jobs_scene_do(&js, jobs_cancel, id), 4);
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_int_eq(jobs_scene_state(id), STORE_CANCELLED);
    ck_assert_int_eq(jobs_scene_counts(id)->cancelled, 4);
    ck_assert_str_eq(jobs_scene_reason(id), "cancelled");
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_cancel_of_what_is_being_extracted_and_stored_is_whole)
{
    jobs_told_t  told;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    jobs_scene_page(&js, "/", "l " SHOP "/a\nl " SHOP "/b\nl " SHOP "/c\n");
    scene_answer_page(&js.scene, SHOP "/a");
    fake_store_hold(FAKE_FINISH, 1);
    jobs_scene_page(&js, "/b", "l " SHOP "/d\n");
    jobs_scene_ask(&js, jobs_cancel, id, &told);
    fake_run(js.scene.loop);
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_uint_eq(fake_pages(), 0);
    ck_assert_int_eq(told.called, 0);

    /* its end was on the way: it counts, and so does what it leads to */
    fake_store_hold(FAKE_FINISH, 0);
    fake_run(js.scene.loop);
    ck_assert_int_eq(told.status, STORE_OK);
    ck_assert_int_eq(jobs_scene_counts(id)->completed, 2);
    ck_assert_int_eq(jobs_scene_counts(id)->cancelled, 3);
    jobs_scene_ended(&js, id, STORE_CANCELLED);
}
END_TEST


START_TEST(a_cancel_goes_on_after_a_crash)
{
    jobs_told_t  told;

    jobs_scene_begin(&js, 1, "{}", 5, id);
    fake_store_answer(FAKE_WORK_CANCEL, STORE_FAILED, 1);
    jobs_scene_ask(&js, jobs_cancel, id, &told);
    fake_run(js.scene.loop);
    ck_assert_int_eq(jobs_scene_state(id), STORE_QUEUED);
    jobs_scene_crash(&js);
    jobs_scene_again(&js);
    fake_run(js.scene.loop);
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_int_eq(jobs_scene_state(id), STORE_CANCELLED);
    ck_assert_int_eq(told.called, 0);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_cancel_that_the_store_could_not_do_is_done_later)
{
    jobs_told_t  told;

    jobs_scene_begin(&js, JOBS_MANY, "{}", 5, id);
    fake_store_answer(FAKE_WORK_CANCEL, STORE_FULL, 2);
    jobs_scene_ask(&js, jobs_cancel, id, &told);
    fake_spend(js.scene.loop, 5 * LOOP_SEC);
    ck_assert_int_eq(told.called, 1);
    jobs_scene_ended(&js, id, STORE_CANCELLED);
}
END_TEST


START_TEST(a_feed_of_a_cancelled_job_is_told)
{
    jobs_feed_t  *feed;

    feed = jobs_scene_begin_feed(&js, id);
    ck_assert_int_eq(jobs_scene_add(feed, 0), SC_OK);
    (void) jobs_scene_do(&js, jobs_cancel, id);
    ck_assert_int_eq(jobs_scene_add(feed, 1), SC_ERROR);
    ck_assert_int_eq(jobs_feed_status(feed), STORE_CONFLICT);
    jobs_feed_abort(feed, 0, "");
    fake_run(js.scene.loop);
    jobs_scene_ended(&js, id, STORE_CANCELLED);
}
END_TEST


START_TEST(what_has_ended_is_neither_paused_nor_cancelled)
{
    jobs_told_t  told = JOBS_UNTOLD;

    jobs_scene_begin(&js, JOBS_MANY, "{}", 1, id);
    jobs_scene_page(&js, "/0", "");
    (void) jobs_pause(js.jobs, id, SCENE_TENANT, 1, jobs_scene_told, &told);
    fake_run(js.scene.loop);
    ck_assert_int_eq(told.status, STORE_CONFLICT);
    ck_assert_int_eq(cancel_refused(), STORE_CONFLICT);
    id[ID_LEN - 1] ^= 1;
    ck_assert_int_eq(cancel_refused(), STORE_NOT_FOUND);
    jobs_scene_end(&js);
}
END_TEST


static store_status_t
cancel_refused(void)
{
    jobs_told_t  told;

    jobs_scene_ask(&js, jobs_cancel, id, &told);
    fake_run(js.scene.loop);
    ck_assert_int_eq(told.called, 1);

    return told.status;
}


START_TEST(failed_pages_of_an_ended_job_are_tried_again)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 3, id);
    jobs_scene_page(&js, "/0", "");
    jobs_scene_fail(&js, "/1");
    jobs_scene_fail(&js, "/2");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);

    ck_assert_uint_eq(jobs_scene_do(&js, jobs_retry, id), 2);
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    ck_assert_int_eq(jobs_scene_serve(&js), 2);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->completed, 3);
    ck_assert_uint_eq(jobs_scene_do(&js, jobs_retry, id), 0);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(failed_pages_of_a_running_job_are_tried_again)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 2, id);
    jobs_scene_fail(&js, "/1");
    ck_assert_uint_eq(jobs_scene_do(&js, jobs_retry, id), 1);
    ck_assert_int_eq(jobs_scene_serve(&js), 2);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->failed, 0);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_page_that_failed_behind_a_redirect_is_no_duplicate_of_itself)
{
    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    scene_redirect(&js.scene, SHOP "/", "/home");
    jobs_scene_fail(&js, "/home");
    ck_assert_int_eq(jobs_scene_state(id), STORE_FAILED_JOB);
    ck_assert_uint_eq(jobs_scene_do(&js, jobs_retry, id), 1);
    scene_redirect(&js.scene, SHOP "/", "/home");
    jobs_scene_page(&js, "/home", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 1);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_purged_job_leaves_nothing)
{
    jobs_scene_begin(&js, JOBS_MANY, "{}", 5, id);
    jobs_scene_page(&js, "/0", "");
    (void) jobs_scene_do(&js, jobs_purge, id);
    ck_assert_ptr_null(fake_work(id));
    ck_assert_uint_eq(fake_rows(), 0);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(changes_of_a_running_job_count_at_once)
{
    jobs_scene_begin(&js, JOBS_MANY, "{\"max_concurrency\":1}", 9, id);
    ck_assert_uint_eq(fake_fetches(), 1);
    change("{\"max_concurrency\":3}");
    ck_assert_uint_eq(fake_fetches(), 3);
    change("{\"max_concurrency\":0,\"politeness\":{\"per_host\":4}}");
    ck_assert_uint_eq(fake_fetches(), 4);
    change("{\"limits\":{\"pages\":7},\"priority\":3}");
    ck_assert_int_eq(fake_work(id)->max_pages, 7);
    ck_assert_int_eq(jobs_scene_serve(&js), 9);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


static void
change(const char *changes)
{
    json_t       *json;
    jobs_told_t   told = JOBS_UNTOLD;

    json = json_loads(changes, 0, NULL);
    ck_assert_int_eq(jobs_change(js.jobs, id, SCENE_TENANT, json,
                                 jobs_scene_told, &told),
                     SC_OK);
    json_decref(json);
    jobs_scene_succeed(&js, &told);
}


START_TEST(a_job_ends_when_its_bytes_are_spent)
{
    jobs_scene_begin(&js, 1, "{\"limits\":{\"bytes\":20}}", 9, id);
    jobs_scene_page(&js, "/0", "");
    jobs_scene_page(&js, "/1", "");
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_str_eq(jobs_scene_reason(id), "limits");
    ck_assert_int_eq(jobs_scene_counts(id)->cancelled, 7);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_job_ends_when_its_time_is_over)
{
    jobs_scene_begin(&js, 1, "{\"limits\":{\"seconds\":10}}", 9, id);
    jobs_scene_page(&js, "/0", "");
    fake_spend(js.scene.loop, 9 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    fake_spend(js.scene.loop, 3 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_str_eq(jobs_scene_reason(id), "limits");
    jobs_scene_end(&js);
}
END_TEST


START_TEST(the_time_of_a_job_stops_while_it_is_paused)
{
    jobs_scene_begin(&js, 1, "{\"limits\":{\"seconds\":10}}", 9, id);
    jobs_scene_page(&js, "/0", "");
    fake_spend(js.scene.loop, 4 * LOOP_SEC);
    pause_it(1);
    fake_spend(js.scene.loop, 60 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_PAUSED);
    jobs_scene_crash(&js);
    jobs_scene_again(&js);
    fake_spend(js.scene.loop, 60 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_PAUSED);
    pause_it(0);
    fake_spend(js.scene.loop, 4 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    fake_spend(js.scene.loop, 4 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_str_eq(jobs_scene_reason(id), "limits");
    jobs_scene_end(&js);
}
END_TEST


START_TEST(the_time_of_a_job_outlives_crashes)
{
    int           i;

    jobs_scene_begin(&js, 1, "{\"limits\":{\"seconds\":40}}", 9, id);
    jobs_scene_page(&js, "/0", "");

    for (i = 0; i < 3; i++) {
        fake_spend(js.scene.loop, 15 * LOOP_SEC);
        ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
        jobs_scene_crash(&js);
        jobs_scene_again(&js);
    }

    fake_spend(js.scene.loop, 15 * LOOP_SEC);
    jobs_scene_ended(&js, id, STORE_COMPLETED);
}
END_TEST


START_TEST(the_bound_of_a_tenant_is_not_another_ones)
{
    frontier_spec_t  spec;

    jobs_scene_start(&js);
    js.scene.settings.tenant_queue = 3;
    jobs_scene_batch(&js, "{}", 3, id);
    spec = scene_spec(SHOP "/x");
    ck_assert_int_eq(frontier_submit(js.scene.frontier, &spec, id),
                     FRONTIER_TENANT_FULL);
    spec.tenant = SCENE_OTHER;
    ck_assert_int_eq(frontier_submit(js.scene.frontier, &spec, id),
                     FRONTIER_OK);
    fake_run(js.scene.loop);
    ck_assert_int_eq(jobs_scene_serve(&js), 4);
    spec = scene_spec(SHOP "/x");
    ck_assert_int_eq(frontier_submit(js.scene.frontier, &spec, id),
                     FRONTIER_OK);
    fake_run(js.scene.loop);
    ck_assert_int_eq(jobs_scene_serve(&js), 1);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(webhooks_are_told_with_the_end_that_they_tell)
{
    jobs_scene_start(&js);
    jobs_scene_batch(&js, "{\"webhook\":{\"url\":\"http://me.example/\","
                     "\"events\":[\"started\",\"completed\","
                     "\"result.completed\"]}}", 1, id);
    ck_assert_uint_eq(fake_messages(), 0);
    jobs_scene_page(&js, "/0", "");
    ck_assert_uint_eq(fake_messages(), 3);
    ck_assert_ptr_nonnull(strstr(fake_message(), "job.completed"));
    ck_assert_ptr_nonnull(strstr(fake_message(), id));
    jobs_scene_end(&js);
}
END_TEST


START_TEST(what_is_over_is_looked_for_at_once_and_every_minute)
{
    jobs_scene_start(&js);
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    ck_assert_uint_eq(fake_calls(FAKE_SWEEP), 1);
    fake_spend(js.scene.loop, 58 * LOOP_SEC);
    ck_assert_uint_eq(fake_calls(FAKE_SWEEP), 1);
    fake_spend(js.scene.loop, 2 * LOOP_SEC);
    ck_assert_uint_eq(fake_calls(FAKE_SWEEP), 2);
    jobs_scene_end(&js);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_paused_job_begins_nothing_until_it_goes_on,
        a_paused_job_is_paused_after_a_crash,
        a_paused_job_is_in_nobodys_way,
        a_cancelled_job_closes_its_fetches,
        a_cancel_of_what_is_being_extracted_and_stored_is_whole,
        a_cancel_goes_on_after_a_crash,
        a_cancel_that_the_store_could_not_do_is_done_later,
        a_feed_of_a_cancelled_job_is_told,
        what_has_ended_is_neither_paused_nor_cancelled,
        failed_pages_of_an_ended_job_are_tried_again,
        failed_pages_of_a_running_job_are_tried_again,
        a_page_that_failed_behind_a_redirect_is_no_duplicate_of_itself,
        a_purged_job_leaves_nothing,
        changes_of_a_running_job_count_at_once,
        a_job_ends_when_its_bytes_are_spent,
        a_job_ends_when_its_time_is_over,
        the_time_of_a_job_stops_while_it_is_paused,
        the_time_of_a_job_outlives_crashes,
        the_bound_of_a_tenant_is_not_another_ones,
        webhooks_are_told_with_the_end_that_they_tell,
        what_is_over_is_looked_for_at_once_and_every_minute,
        NULL
    };

    return suite_run("jobs_change", tests, 60);
}
