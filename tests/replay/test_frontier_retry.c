
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE    "http://shop.example/lamp"
#define NEXT    "http://shop.example/next"
#define AWAY    "http://other.example/lamp"


static void submit_retry(scene_t *s, const char *url, char *id);
static void check_pause(scene_t *s, const char *url, int64_t least,
    int64_t most);
static int attempts_of(const char *id);
static void submit_post(scene_t *s, int retry_any, char *id);
static void check_not_again(int status, fetch_error_t error);
static void defer_job(scene_t *s, const char *after, char *id);
static void cancel(scene_t *s, const char *id);


START_TEST(a_page_that_is_not_there_now_is_tried_again)
{
    int      status, wait;
    char     id[ID_SIZE];
    json_t  *fetch;
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer(PAGE, 503, NULL, "later");
    fake_run(s.loop);
    ck_assert_uint_eq(frontier_running(s.frontier), 0);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);
    ck_assert_int_eq(scene_state(&s, id), STORE_RUNNING);

    check_pause(&s, PAGE, 125 * LOOP_MS, 250 * LOOP_MS);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    ck_assert_int_eq(attempts_of(id), 2);

    fetch = scene_fetch_object(id);
    ck_assert_int_eq(json_unpack(fetch, "{s:[{s:i, s:i}!]}", "retries",
                                 "status", &status, "wait_ms", &wait), 0);
    ck_assert_int_eq(status, 503);
    ck_assert(wait >= 125 && wait <= 250);
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


static void
submit_retry(scene_t *s, const char *url, char *id)
{
    frontier_spec_t  spec;

    spec = scene_retry_spec(url);
    scene_submit_spec(s, &spec, id);
}


/* It is fetched again, neither sooner nor later. */
static void
check_pause(scene_t *s, const char *url, int64_t least, int64_t most)
{
    ck_assert_uint_eq(fake_fetches_of(url), 0);
    fake_spend(s->loop, least - LOOP_MS);
    ck_assert_uint_eq(fake_fetches_of(url), 0);
    fake_spend(s->loop, most - least + 2 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches_of(url), 1);
}


static int
attempts_of(const char *id)
{
    int      attempts;
    json_t  *fetch;

    fetch = scene_fetch_object(id);
    attempts = (int) json_integer_value(json_object_get(fetch, "attempts"));
    json_decref(fetch);

    return attempts;
}


START_TEST(pauses_grow_and_the_last_answer_is_the_page)
{
    char     id[ID_SIZE];
    json_t  *fetch;
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);
    check_pause(&s, PAGE, 125 * LOOP_MS, 250 * LOOP_MS);
    fake_fetch_answer(PAGE, 500, NULL, "oops");
    fake_run(s.loop);
    check_pause(&s, PAGE, 250 * LOOP_MS, 500 * LOOP_MS);
    fake_fetch_answer(PAGE, 502, NULL, "oops");
    fake_run(s.loop);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);

    scene_check_completed(id);
    ck_assert_int_eq(attempts_of(id), 3);
    fetch = scene_fetch_object(id);
    ck_assert_int_eq(json_integer_value(json_object_get(fetch, "status")),
                     502);
    fetch = (json_decref(fetch), scene_fetch_object(id));
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(
                         json_object_get(fetch, "retries"), 0), "type")),
                     "/fetch/connect");
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(the_last_failure_is_the_jobs)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer(PAGE, 503, NULL, "later");
    fake_run(s.loop);
    fake_spend(s.loop, LOOP_SEC);
    fake_fetch_fail(PAGE, FETCH_PROTOCOL);
    fake_run(s.loop);
    fake_spend(s.loop, LOOP_SEC);
    fake_fetch_fail(PAGE, FETCH_TIMEOUT);
    fake_run(s.loop);

    scene_check_failed(id, "/fetch/timeout", 504);
    ck_assert_int_eq(attempts_of(id), 3);
    scene_end(&s);
}
END_TEST


START_TEST(what_will_not_change_is_not_tried_again)
{
    check_not_again(404, FETCH_OK);
    check_not_again(501, FETCH_OK);
    check_not_again(505, FETCH_OK);
    check_not_again(0, FETCH_TLS);
    check_not_again(0, FETCH_BLOCKED);
    check_not_again(0, FETCH_TOO_LARGE);
}
END_TEST


static void
check_not_again(int status, fetch_error_t error)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);

    if (error != FETCH_OK) {
        fake_fetch_fail(PAGE, error);

    } else {
        fake_fetch_answer(PAGE, status, NULL, "no");
        fake_run(s.loop);
        fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    }

    fake_run(s.loop);
    ck_assert_int_eq(fake_row(id)->results, 1);
    ck_assert_int_eq(attempts_of(id), 1);
    scene_end(&s);
}


START_TEST(a_name_that_does_not_exist_is_not_asked_for_again)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_fail(PAGE, FETCH_DNS);
    fake_run(s.loop);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);
    fake_spend(s.loop, LOOP_SEC);
    fake_fetch_fail_finally(PAGE, FETCH_DNS);
    fake_run(s.loop);

    scene_check_failed(id, "/fetch/dns", 502);
    scene_end(&s);
}
END_TEST


START_TEST(retry_after_is_waited_for_and_blocks_the_host)
{
    char     id[ID_SIZE], same[ID_SIZE], other[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer_later(PAGE, 503, "5");
    fake_run(s.loop);

    scene_submit(&s, NEXT, same);
    scene_submit(&s, AWAY, other);
    fake_run(s.loop);
    ck_assert_ptr_null(fake_fetch(NEXT));
    scene_complete(&s, AWAY);

    check_pause(&s, PAGE, 5 * LOOP_SEC, 5 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_complete(&s, NEXT);
    scene_check_completed(id);
    scene_check_completed(same);
    scene_end(&s);
}
END_TEST


START_TEST(retry_after_may_be_a_date)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer_later(PAGE, 429, "Fri, 01 Jan 2027 00:00:07 GMT");
    fake_run(s.loop);
    check_pause(&s, PAGE, 7 * LOOP_SEC, 7 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_post_is_tried_again_only_when_told_so)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_post(&s, 0, id);
    fake_run(s.loop);
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);
    scene_check_failed(id, "/fetch/connect", 502);

    submit_post(&s, 1, id);
    fake_run(s.loop);
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);
    fake_spend(s.loop, LOOP_SEC);
    ck_assert_str_eq(fake_fetch(PAGE)->method, "POST");
    ck_assert_str_eq(fake_fetch(PAGE)->body.data, "lamp=1");
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


static void
submit_post(scene_t *s, int retry_any, char *id)
{
    frontier_spec_t  spec;

    spec = scene_retry_spec(PAGE);
    spec.request.method = "POST";
    spec.request.body = (sc_str_t) sc_string("lamp=1");
    spec.request.retry_any = retry_any != 0;
    scene_submit_spec(s, &spec, id);
}


START_TEST(there_is_no_other_attempt_when_the_time_is_spent)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_pass(s.loop, SCENE_TOTAL);
    fake_fetch_fail(PAGE, FETCH_TIMEOUT);
    fake_run(s.loop);

    scene_check_failed(id, "/fetch/timeout", 504);
    ck_assert_int_eq(attempts_of(id), 1);
    scene_end(&s);
}
END_TEST


START_TEST(attempts_share_the_time_and_pauses_take_none)
{
    int64_t  left;
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_spend(s.loop, 12 * LOOP_SEC);
    fake_fetch_answer_later(PAGE, 503, "9");
    fake_run(s.loop);
    fake_spend(s.loop, 10 * LOOP_SEC);

    left = fake_fetch(PAGE)->total_timeout;
    ck_assert(left <= 8 * LOOP_SEC && left > 7 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_is_not_gone_again_for_another_attempt)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    scene_redirect(&s, PAGE, AWAY);
    fake_fetch_answer(AWAY, 503, NULL, "later");
    fake_run(s.loop);
    fake_spend(s.loop, LOOP_SEC);
    ck_assert_ptr_null(fake_fetch(PAGE));
    scene_complete(&s, AWAY);

    scene_check_completed(id);
    ck_assert_uint_eq(fake_fetches_begun(), 3);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_is_cancelled_while_it_pauses)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer_later(PAGE, 503, "5");
    fake_run(s.loop);
    cancel(&s, id);
    fake_spend(s.loop, 10 * LOOP_SEC);

    scene_check_cancelled(id);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    scene_end(&s);
}
END_TEST


static void
cancel(scene_t *s, const char *id)
{
    scene_done_t  done = { 0, STORE_FAILED };

    ck_assert_int_eq(frontier_cancel(s->frontier, id, SCENE_TENANT,
                                     scene_done, &done), SC_OK);
    fake_run(s->loop);
    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_OK);
}


START_TEST(who_comes_in_a_pause_joins_it_and_hurries)
{
    char             id[ID_SIZE], waited[ID_SIZE];
    scene_t          s;
    frontier_spec_t  spec;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer(PAGE, 503, NULL, "later");
    fake_run(s.loop);
    fake_pool_load(10);

    spec = scene_retry_spec(PAGE);
    spec.waited = 1;
    scene_submit_spec(&s, &spec, waited);
    check_pause(&s, PAGE, 125 * LOOP_MS, 250 * LOOP_MS);
    scene_answer_page(&s, PAGE);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);

    scene_check_completed(id);
    scene_check_completed(waited);
    scene_end(&s);
}
END_TEST


START_TEST(a_durable_job_with_a_long_pause_goes_to_the_store)
{
    char         id[ID_SIZE];
    scene_t      s;
    store_job_t  job;

    scene_start(&s);
    defer_job(&s, "60", id);
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_TENANT, &job),
                     SC_DECLINED);
    ck_assert_int_eq(fake_row(id)->job.state, STORE_QUEUED);
    ck_assert_int_eq(fake_row(id)->job.tries, 1);
    ck_assert_int_eq(fake_row(id)->job.due, id_now_ms() + 60000);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);

    fake_spend(s.loop, 59 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 3 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_of(PAGE), 1);
    scene_complete(&s, PAGE);

    scene_check_completed(id);
    ck_assert_int_eq(attempts_of(id), 2);
    scene_end(&s);
}
END_TEST


/* A durable job whose page asks for a long pause. */
static void
defer_job(scene_t *s, const char *after, char *id)
{
    submit_retry(s, PAGE, id);
    scene_persist(s, id);
    fake_fetch_answer_later(PAGE, 503, after);
    fake_run(s->loop);
}


START_TEST(a_job_that_waits_in_the_store_outlives_the_process)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    defer_job(&s, "60", id);
    scene_stop(&s);
    fake_spend(s.loop, 30 * LOOP_SEC);
    scene_begin(&s);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);
    fake_spend(s.loop, 28 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);

    fake_spend(s.loop, 4 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    ck_assert_int_eq(attempts_of(id), 2);
    scene_end(&s);
}
END_TEST


START_TEST(pauses_in_the_store_are_no_interruptions)
{
    int              i;
    char             id[ID_SIZE];
    scene_t          s;
    frontier_spec_t  spec;

    scene_start(&s);
    spec = scene_spec(PAGE);
    spec.request.limits.retries = 6;
    scene_submit_spec(&s, &spec, id);
    scene_persist(&s, id);

    for (i = 0; i < 6; i++) {
        ck_assert_uint_eq(fake_fetches_of(PAGE), 1);
        fake_fetch_answer_later(PAGE, 503, "20");
        fake_run(s.loop);
        fake_spend(s.loop, 25 * LOOP_SEC);
    }

    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);
    scene_check_failed(id, "/fetch/connect", 502);
    ck_assert_int_eq(attempts_of(id), 7);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_waits_in_the_store_can_be_cancelled)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    defer_job(&s, "60", id);
    cancel(&s, id);
    ck_assert_uint_eq(frontier_queued(s.frontier), 0);
    fake_spend(s.loop, 90 * LOOP_SEC);

    scene_check_cancelled(id);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_that_somebody_waits_for_pauses_in_memory)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_told_t  told;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    scene_persist(&s, id);
    scene_wait(&s, id, &told);
    fake_fetch_answer_later(PAGE, 503, "60");
    fake_run(s.loop);
    ck_assert_uint_eq(fake_calls(FAKE_DEFER), 0);

    fake_spend(s.loop, 61 * LOOP_SEC);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(told.called, 1);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(jobs_that_share_a_fetch_go_to_the_store_together)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, one);
    scene_persist(&s, one);
    defer_job(&s, "60", two);
    ck_assert_uint_eq(fake_calls(FAKE_DEFER), 2);
    ck_assert_uint_eq(frontier_queued(s.frontier), 2);

    fake_spend(s.loop, 62 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_begun(), 2);
    scene_answer_page(&s, PAGE);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_the_store_takes_no_call_for_pauses_in_memory)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_store_refuse(FAKE_DEFER, 1);
    defer_job(&s, "60", id);
    ck_assert_int_eq(scene_state(&s, id), STORE_RUNNING);
    fake_spend(s.loop, 61 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_whose_pause_found_no_room_on_disk_comes_back)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_store_answer(FAKE_DEFER, STORE_FULL, 1);
    defer_job(&s, "60", id);
    fake_spend(s.loop, 65 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_of(PAGE), 1);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_read_from_before_a_pause_does_not_end_it)
{
    char     id[ID_SIZE], row[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    scene_row(AWAY, 0, row);
    fake_store_hold(FAKE_FLOWS, 1);
    scene_begin(&s);
    submit_retry(&s, PAGE, id);
    scene_persist(&s, id);

    /* a read that shows the job, and one begun before the pause is stored */
    fake_store_hold(FAKE_NEXT, 1);
    fake_store_hold(FAKE_FLOWS, 0);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_calls(FAKE_NEXT), 1);
    fake_store_hold(FAKE_DEFER, 1);
    fake_fetch_answer_later(PAGE, 503, "60");
    fake_run(s.loop);
    fake_store_hold(FAKE_NEXT, 0);
    fake_spend(s.loop, 5 * LOOP_SEC);
    fake_store_hold(FAKE_DEFER, 0);
    fake_spend(s.loop, 5 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_of(PAGE), 0);
    ck_assert_int_eq(fake_row(id)->job.state, STORE_QUEUED);

    scene_complete(&s, AWAY);
    fake_spend(s.loop, 60 * LOOP_SEC);
    scene_complete(&s, PAGE);
    fake_spend(s.loop, 5 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_begun(), 3);
    scene_end(&s);
}
END_TEST


START_TEST(a_drain_waits_for_no_pause_of_a_durable_job)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    defer_job(&s, "5", id);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_run(s.loop);
    ck_assert_int_eq(s.drained, 1);
    scene_stop(&s);
    scene_begin(&s);
    fake_spend(s.loop, 6 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_drain_makes_no_other_attempt)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_retry(&s, PAGE, id);
    fake_run(s.loop);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);

    scene_check_failed(id, "/fetch/connect", 502);
    ck_assert_int_eq(s.drained, 1);
    scene_end(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_page_that_is_not_there_now_is_tried_again,
        pauses_grow_and_the_last_answer_is_the_page,
        the_last_failure_is_the_jobs,
        what_will_not_change_is_not_tried_again,
        a_name_that_does_not_exist_is_not_asked_for_again,
        retry_after_is_waited_for_and_blocks_the_host,
        retry_after_may_be_a_date,
        a_post_is_tried_again_only_when_told_so,
        there_is_no_other_attempt_when_the_time_is_spent,
        attempts_share_the_time_and_pauses_take_none,
        a_redirect_is_not_gone_again_for_another_attempt,
        a_job_is_cancelled_while_it_pauses,
        who_comes_in_a_pause_joins_it_and_hurries,
        a_durable_job_with_a_long_pause_goes_to_the_store,
        a_job_that_waits_in_the_store_outlives_the_process,
        pauses_in_the_store_are_no_interruptions,
        a_job_that_waits_in_the_store_can_be_cancelled,
        a_job_that_somebody_waits_for_pauses_in_memory,
        jobs_that_share_a_fetch_go_to_the_store_together,
        a_job_the_store_takes_no_call_for_pauses_in_memory,
        a_job_whose_pause_found_no_room_on_disk_comes_back,
        a_read_from_before_a_pause_does_not_end_it,
        a_drain_waits_for_no_pause_of_a_durable_job,
        a_drain_makes_no_other_attempt,
        NULL
    };

    return suite_run("frontier_retry", tests, 30);
}
