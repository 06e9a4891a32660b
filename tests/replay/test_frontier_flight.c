
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE    "http://shop.example/lamp"
#define NEXT    "http://shop.example/next"
#define AWAY    "http://other.example/lamp"


static void submit_with(scene_t *s, const char *rules, const char *header,
    char *id);
static void submit_waited(scene_t *s, const char *url, char *id);
static void submit_post(scene_t *s, char *id);
static void submit_refresh(scene_t *s, char *id);
static void cancel(scene_t *s, const char *id);
static void answer_pages(scene_t *s, const char *url, int n);


START_TEST(two_equal_requests_with_other_rules_are_one_fetch)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_with(&s, "{\"fields\":{\"a\":\"//h1\"}}", NULL, one);
    submit_with(&s, "{\"fields\":{\"b\":\"//h2\"}}", NULL, two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    ck_assert_uint_eq(frontier_running(s.frontier), 1);
    ck_assert_uint_eq(frontier_queued(s.frontier), 2);

    scene_answer_page(&s, PAGE);
    ck_assert_uint_eq(fake_pages(), 2);
    ck_assert_uint_eq(frontier_running(s.frontier), 2);
    answer_pages(&s, PAGE, 2);

    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


static void
submit_with(scene_t *s, const char *rules, const char *header, char *id)
{
    fetch_header_t   field = { sc_string("X-Way"), sc_null_string };
    frontier_spec_t  spec;

    spec = scene_spec(PAGE);

    if (rules != NULL) {
        spec.rules = (sc_str_t) { strlen(rules), rules };
    }

    if (header != NULL) {
        field.value = (sc_str_t) { strlen(header), header };
        spec.request.headers = &field;
        spec.request.nheaders = 1;
    }

    scene_submit_spec(s, &spec, id);
}


static void
answer_pages(scene_t *s, const char *url, int n)
{
    for ( /* void */ ; n > 0; n--) {
        fake_page_answer(url, POOL_OK, SCENE_DATA);
    }

    fake_run(s->loop);
}


START_TEST(requests_with_other_headers_are_two_fetches)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_with(&s, NULL, "left", one);
    submit_with(&s, NULL, "right", two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_of(PAGE), 2);

    scene_complete(&s, PAGE);
    scene_complete(&s, PAGE);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


START_TEST(two_tenants_share_no_fetch)
{
    char             one[ID_SIZE], two[ID_SIZE];
    scene_t          s;
    frontier_spec_t  spec;

    scene_start(&s);
    scene_submit(&s, PAGE, one);
    spec = scene_spec(PAGE);
    spec.tenant = SCENE_OTHER;
    scene_submit_spec(&s, &spec, two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_of(PAGE), 2);

    scene_complete(&s, PAGE);
    scene_complete(&s, PAGE);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


START_TEST(a_post_is_never_shared)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_post(&s, one);
    submit_post(&s, two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_of(PAGE), 2);
    ck_assert_str_eq(fake_fetch(PAGE)->method, "POST");
    ck_assert_str_eq(fake_fetch(PAGE)->body.data, "lamp=1");

    scene_complete(&s, PAGE);
    scene_complete(&s, PAGE);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


static void
submit_post(scene_t *s, char *id)
{
    frontier_spec_t  spec;

    spec = scene_spec(PAGE);
    spec.request.method = "POST";
    spec.request.body = (sc_str_t) sc_string("lamp=1");
    scene_submit_spec(s, &spec, id);
}


START_TEST(a_cancelled_leader_does_not_end_the_other)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, one);
    scene_submit(&s, PAGE, two);
    fake_run(s.loop);
    cancel(&s, one);
    ck_assert_uint_eq(fake_fetches_cancelled(), 0);

    scene_complete(&s, PAGE);
    scene_check_cancelled(one);
    scene_check_completed(two);
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


START_TEST(the_last_to_be_cancelled_closes_the_fetch)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, one);
    scene_submit(&s, PAGE, two);
    fake_run(s.loop);
    cancel(&s, one);
    cancel(&s, two);

    ck_assert_uint_eq(fake_fetches_cancelled(), 1);
    scene_end(&s);
}
END_TEST


START_TEST(who_comes_while_the_page_is_fetched_joins)
{
    char     one[ID_SIZE], two[ID_SIZE];
    json_t  *fetch;
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, one);
    fake_run(s.loop);
    scene_submit(&s, PAGE, two);
    ck_assert_int_eq(scene_state(&s, two), STORE_RUNNING);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_begun(), 1);

    scene_answer_page(&s, PAGE);
    answer_pages(&s, PAGE, 2);
    scene_check_completed(one);
    scene_check_completed(two);

    fetch = scene_fetch_object(two);
    ck_assert_int_eq(json_integer_value(json_object_get(fetch, "attempts")),
                     1);
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(who_comes_behind_a_redirect_has_it_in_its_fetch_object)
{
    char     one[ID_SIZE], two[ID_SIZE];
    json_t  *fetch;
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, one);
    fake_run(s.loop);
    scene_redirect(&s, PAGE, NEXT);
    scene_submit(&s, PAGE, two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 1);
    scene_answer_page(&s, NEXT);
    answer_pages(&s, NEXT, 2);

    fetch = scene_fetch_object(two);
    ck_assert_uint_eq(json_array_size(json_object_get(fetch, "redirects")),
                      1);
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(who_comes_when_the_page_is_there_fetches_anew)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, one);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    scene_submit(&s, PAGE, two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_begun(), 2);

    answer_pages(&s, PAGE, 1);
    scene_complete(&s, PAGE);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


START_TEST(a_page_that_one_waits_for_hurries_for_all)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_pool_load(10);
    scene_submit_durable(&s, PAGE, one);
    ck_assert_uint_eq(fake_fetches(), 0);

    submit_waited(&s, PAGE, two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_of(PAGE), 1);
    scene_answer_page(&s, PAGE);
    answer_pages(&s, PAGE, 2);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


static void
submit_waited(scene_t *s, const char *url, char *id)
{
    frontier_spec_t  spec;

    spec = scene_spec(url);
    spec.waited = 1;
    scene_submit_spec(s, &spec, id);
}


START_TEST(a_page_that_nobody_waits_for_does_not_hurry)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_pool_load(10);
    scene_submit_durable(&s, PAGE, one);
    scene_submit(&s, PAGE, two);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 0);

    fake_pool_load(0);
    scene_submit(&s, NEXT, two);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    answer_pages(&s, PAGE, 2);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(all_who_share_a_fetch_fail_with_it)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, one);
    scene_submit_durable(&s, PAGE, two);
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);

    scene_check_failed(one, "/fetch/connect", 502);
    scene_check_failed(two, "/fetch/connect", 502);
    scene_end(&s);
}
END_TEST


START_TEST(equal_jobs_of_the_store_are_one_fetch)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    scene_row(PAGE, 0, one);
    scene_row(PAGE, 1, two);
    scene_begin(&s);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    ck_assert_int_eq(fake_row(one)->job.attempts, 1);
    ck_assert_int_eq(fake_row(two)->job.attempts, 2);

    scene_answer_page(&s, PAGE);
    answer_pages(&s, PAGE, 2);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


START_TEST(a_drain_leaves_a_fetch_that_two_durable_jobs_share)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_pool_load(10);
    scene_submit_durable(&s, PAGE, one);
    scene_submit_durable(&s, PAGE, two);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_pool_load(0);
    fake_pass(s.loop, LOOP_SEC);
    ck_assert_int_eq(s.drained, 1);
    ck_assert_uint_eq(fake_fetches_begun(), 0);

    scene_stop(&s);
    scene_begin(&s);
    scene_answer_page(&s, PAGE);
    answer_pages(&s, PAGE, 2);
    scene_end(&s);
}
END_TEST


START_TEST(a_meta_refresh_is_followed_for_who_asked)
{
    char     id[ID_SIZE];
    json_t  *fetch;
    scene_t  s;

    scene_start(&s);
    submit_refresh(&s, id);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    fake_page_refresh(PAGE, NEXT, 3);
    fake_run(s.loop);
    scene_complete(&s, NEXT);

    scene_check_completed(id);
    fetch = scene_fetch_object(id);
    ck_assert_str_eq(json_string_value(json_object_get(fetch, "final_url")),
                     NEXT);
    ck_assert_uint_eq(json_array_size(json_object_get(fetch, "redirects")),
                      1);
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


static void
submit_refresh(scene_t *s, char *id)
{
    frontier_spec_t  spec;

    spec = scene_spec(PAGE);
    spec.request.meta_refresh = 1;
    scene_submit_spec(s, &spec, id);
}


START_TEST(a_meta_refresh_is_a_redirect_among_those_allowed)
{
    int      i;
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_refresh(&s, id);
    fake_run(s.loop);

    for (i = 0; i < 4; i++) {
        scene_answer_page(&s, PAGE);
        fake_page_refresh(PAGE, PAGE, 0);
        fake_run(s.loop);
    }

    scene_check_failed(id, "/fetch/redirects", 502);
    ck_assert_uint_eq(fake_fetches_begun(), 4);
    scene_end(&s);
}
END_TEST


START_TEST(a_meta_refresh_parts_those_who_shared_the_page)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_refresh(&s, one);
    submit_refresh(&s, two);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    fake_page_refresh(PAGE, NEXT, 0);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_of(NEXT), 1);
    scene_check_completed(two);

    scene_complete(&s, NEXT);
    scene_check_completed(one);
    scene_end(&s);
}
END_TEST


START_TEST(a_meta_refresh_of_the_patient_is_no_redirect)
{
    char     id[ID_SIZE], plain[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_refresh(&s, id);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    fake_page_refresh(PAGE, NEXT, 300);
    fake_run(s.loop);
    ck_assert_int_eq(fake_row(id)->job.state, STORE_COMPLETED);

    scene_submit(&s, PAGE, plain);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    fake_page_refresh(PAGE, NEXT, 0);
    fake_run(s.loop);
    ck_assert_int_eq(fake_row(plain)->job.state, STORE_COMPLETED);
    ck_assert_uint_eq(fake_fetches_begun(), 2);
    scene_end(&s);
}
END_TEST


START_TEST(a_frontier_is_freed_with_shared_fetches_under_way)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);
    scene_submit(&s, PAGE, id);
    submit_refresh(&s, id);
    submit_refresh(&s, id);
    fake_run(s.loop);
    fake_fetch_answer(PAGE, 200, NULL, "one");
    fake_run(s.loop);
    ck_assert_uint_eq(fake_pages(), 2);
    scene_close(&s);
    ck_assert_uint_eq(fake_fetches_cancelled(), 1);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        two_equal_requests_with_other_rules_are_one_fetch,
        requests_with_other_headers_are_two_fetches,
        two_tenants_share_no_fetch,
        a_post_is_never_shared,
        a_cancelled_leader_does_not_end_the_other,
        the_last_to_be_cancelled_closes_the_fetch,
        who_comes_while_the_page_is_fetched_joins,
        who_comes_behind_a_redirect_has_it_in_its_fetch_object,
        who_comes_when_the_page_is_there_fetches_anew,
        a_page_that_one_waits_for_hurries_for_all,
        a_page_that_nobody_waits_for_does_not_hurry,
        all_who_share_a_fetch_fail_with_it,
        equal_jobs_of_the_store_are_one_fetch,
        a_drain_leaves_a_fetch_that_two_durable_jobs_share,
        a_meta_refresh_is_followed_for_who_asked,
        a_meta_refresh_is_a_redirect_among_those_allowed,
        a_meta_refresh_parts_those_who_shared_the_page,
        a_meta_refresh_of_the_patient_is_no_redirect,
        a_frontier_is_freed_with_shared_fetches_under_way,
        NULL
    };

    return suite_run("frontier_flight", tests, 30);
}
