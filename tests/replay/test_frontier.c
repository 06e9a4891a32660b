
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define PAGE    "http://shop.example/lamp"
#define NEXT    "http://shop.example/next"
#define AWAY    "http://other.example/lamp"


/* A failure of the fetch, and how the caller is told. */
typedef struct {
    fetch_error_t  error;
    int            status;
    const char    *type;
} fetch_failure_t;


static void submit_with_header(scene_t *s, char *id);
static void submit_two(scene_t *s, char *id, char *other);
static void check_requeued(scene_t *s, const char *id, const char *other);


static const fetch_failure_t  fetch_failures[] = {
    { FETCH_DNS, 502, "/fetch/dns" },
    { FETCH_BLOCKED, 403, "/policy/egress-blocked" },
    { FETCH_CONNECT, 502, "/fetch/connect" },
    { FETCH_TLS, 502, "/fetch/tls" },
    { FETCH_PROTOCOL, 502, "/fetch/protocol" },
    { FETCH_TOO_LARGE, 502, "/fetch/too-large" },
    { FETCH_TIMEOUT, 504, "/fetch/timeout" }
};


START_TEST(a_page_is_fetched_extracted_stored_and_told)
{
    char           id[ID_SIZE];
    scene_t        s;
    scene_told_t   told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    ck_assert_int_eq(id_valid(id, strlen(id)), 1);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);

    fake_run(s.loop);
    ck_assert_ptr_nonnull(fake_fetch(PAGE));
    ck_assert_uint_eq(frontier_running(s.frontier), 1);

    scene_answer_page(&s, PAGE);
    ck_assert_str_eq(fake_page(PAGE)->content_type, "text/html");
    ck_assert_str_eq(fake_page(PAGE)->rules_hash, "sha256-0123");
    ck_assert_str_eq(fake_page(PAGE)->body.data, "<h1>Lamp</h1>");
    ck_assert_ptr_null(fake_row(id));

    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);

    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.stored, STORE_OK);
    ck_assert_int_eq(told.state, STORE_COMPLETED);
    ck_assert_str_eq(told.data, SCENE_DATA);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_waiter_is_told_only_when_the_store_knows)
{
    char          id[ID_SIZE];
    scene_t       s;
    store_job_t   job;
    scene_told_t  told;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &told);
    fake_run(s.loop);
    fake_store_hold(FAKE_FINISH, 1);
    scene_complete(&s, PAGE);

    ck_assert_int_eq(told.called, 0);
    ck_assert_int_eq(frontier_peek(s.frontier, id, SCENE_TENANT, &job), SC_OK);
    ck_assert_int_eq(job.state, STORE_RUNNING);
    ck_assert_int_eq(job.finished, 0);

    fake_store_hold(FAKE_FINISH, 0);
    fake_run(s.loop);
    ck_assert_int_eq(told.called, 1);
    scene_end(&s);
}
END_TEST


START_TEST(all_who_wait_are_told)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_told_t  first, second;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_wait(&s, id, &first);
    scene_wait(&s, id, &second);
    fake_run(s.loop);
    scene_complete(&s, PAGE);

    ck_assert_int_eq(first.called, 1);
    ck_assert_int_eq(second.called, 1);
    scene_end(&s);
}
END_TEST


START_TEST(the_fetch_gets_the_limits_and_headers_of_the_job)
{
    char            id[ID_SIZE];
    scene_t         s;
    const fetch_t  *fetch;

    scene_start(&s);
    submit_with_header(&s, id);
    fetch = fake_fetch(PAGE);

    ck_assert_ptr_nonnull(fetch);
    ck_assert_str_eq(fetch->method, "HEAD");
    ck_assert_str_eq(fetch->headers.data, "Cookie: a=1\nX-Two: 2\n");
    ck_assert_int_eq(fetch->connect_timeout, 5 * LOOP_SEC);
    ck_assert_int_le(fetch->total_timeout, 20 * LOOP_SEC);
    ck_assert_int_gt(fetch->total_timeout, 10 * LOOP_SEC);
    ck_assert_uint_eq(fetch->max_body, 1 << 20);

    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


static void
submit_with_header(scene_t *s, char *id)
{
    frontier_spec_t  spec;

    static const fetch_header_t  headers[] = {
        { sc_string("Cookie"), sc_string("a=1") },
        { sc_string("X-Two"), sc_string("2") }
    };

    spec = scene_spec(PAGE);
    spec.request.method = "HEAD";
    spec.request.headers = headers;
    spec.request.nheaders = 2;

    ck_assert_int_eq(frontier_submit(s->frontier, &spec, id), FRONTIER_OK);
    fake_run(s->loop);
}


START_TEST(the_fetch_object_tells_the_exchange)
{
    int      status, bytes, attempts;
    char     id[ID_SIZE];
    char    *url, *http, *type, *charset;
    json_t  *fetch;
    double   queue;
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_complete(&s, PAGE);
    fetch = scene_fetch_object(id);

    ck_assert_int_eq(json_unpack(fetch, "{s:s, s:i, s:s, s:s, s:s, s:i, s:i,"
                                 " s:{s:F}}", "final_url", &url,
                                 "status", &status, "http", &http,
                                 "content_type", &type, "charset", &charset,
                                 "bytes_decoded", &bytes,
                                 "attempts", &attempts,
                                 "timings_ms", "queue", &queue), 0);
    ck_assert_str_eq(url, PAGE);
    ck_assert_int_eq(status, 200);
    ck_assert_str_eq(http, "1.1");
    ck_assert_str_eq(type, "text/html");
    ck_assert_str_eq(charset, "utf-8");
    ck_assert_int_eq(bytes, (int) strlen("<h1>Lamp</h1>"));
    ck_assert_int_eq(attempts, 1);
    ck_assert(queue >= 0 && queue < 20000);

    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(a_missing_page_is_a_page)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer(PAGE, 404, NULL, "gone");
    fake_run(s.loop);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);

    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(redirects_are_followed_and_recorded)
{
    int      first, second;
    char     id[ID_SIZE];
    char    *one, *two, *final;
    json_t  *fetch;
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_redirect(&s, PAGE, NEXT);
    fake_fetch_answer(NEXT, 308, AWAY, "");
    fake_run(s.loop);
    scene_complete(&s, AWAY);

    scene_check_completed(id);
    fetch = scene_fetch_object(id);
    ck_assert_int_eq(json_unpack(fetch, "{s:s, s:[{s:i,s:s},{s:i,s:s}!]}",
                                 "final_url", &final, "redirects",
                                 "status", &first, "url", &one,
                                 "status", &second, "url", &two), 0);
    ck_assert_str_eq(final, AWAY);
    ck_assert_int_eq(first, 302);
    ck_assert_str_eq(one, PAGE);
    ck_assert_int_eq(second, 308);
    ck_assert_str_eq(two, NEXT);

    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(a_relative_redirect_is_resolved_against_its_page)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, "http://shop.example/a/b", id);
    fake_run(s.loop);
    scene_redirect(&s, "http://shop.example/a/b", "../c?d#e");
    scene_complete(&s, "http://shop.example/c?d");

    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_without_location_is_a_page)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer(PAGE, 302, NULL, "nowhere");
    fake_run(s.loop);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);

    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(one_redirect_more_than_allowed_fails_the_job)
{
    int       i;
    char      id[ID_SIZE];
    json_t   *fetch;
    scene_t   s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);

    for (i = 0; i < 4; i++) {
        scene_redirect(&s, PAGE, PAGE);
    }

    scene_check_failed(id, "/fetch/redirects", 502);
    fetch = scene_fetch_object(id);
    ck_assert_uint_eq(json_array_size(json_object_get(fetch, "redirects")), 3);
    json_decref(fetch);
    ck_assert_uint_eq(fake_fetches_begun(), 4);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_to_another_scheme_fails_the_job)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_redirect(&s, PAGE, "ftp://shop.example/lamp");

    scene_check_failed(id, "/fetch/redirects", 502);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_longer_than_a_url_fails_the_job)
{
    char     id[ID_SIZE], location[512], page[URL_MAX - 100];
    scene_t  s;

    (void) snprintf(page, sizeof(page), "http://shop.example/");
    memset(page + strlen(page), 'a', sizeof(page) - strlen(page) - 1);
    page[sizeof(page) - 2] = '/';
    page[sizeof(page) - 1] = '\0';
    memset(location, 'b', sizeof(location) - 1);
    location[sizeof(location) - 1] = '\0';

    scene_start(&s);
    scene_submit(&s, page, id);
    fake_run(s.loop);
    scene_redirect(&s, page, location);

    scene_check_failed(id, "/fetch/redirects", 502);
    scene_end(&s);
}
END_TEST


START_TEST(headers_go_along_within_the_origin)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_with_header(&s, id);
    scene_redirect(&s, PAGE, NEXT);

    ck_assert_str_eq(fake_fetch(NEXT)->headers.data,
                     "Cookie: a=1\nX-Two: 2\n");
    ck_assert_str_eq(fake_fetch(NEXT)->method, "HEAD");
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(headers_stay_behind_when_the_origin_is_left)
{
    size_t   i;
    char     id[ID_SIZE];
    scene_t  s;

    static const char  *others[] = { AWAY, "https://shop.example/lamp",
                                     "https://shop.example:80/lamp",
                                     "http://shop.example:8080/lamp" };

    for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        scene_start(&s);
        submit_with_header(&s, id);
        scene_redirect(&s, PAGE, others[i]);

        ck_assert_str_eq(fake_fetch(others[i])->headers.data, "");
        scene_complete(&s, others[i]);
        scene_end(&s);
    }
}
END_TEST


START_TEST(headers_do_not_come_back_with_the_origin)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_with_header(&s, id);
    scene_redirect(&s, PAGE, AWAY);
    scene_redirect(&s, AWAY, NEXT);

    ck_assert_str_eq(fake_fetch(NEXT)->headers.data, "");
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(the_total_time_spans_redirects)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_pass(s.loop, 15 * LOOP_SEC);
    scene_redirect(&s, PAGE, NEXT);

    ck_assert_int_le(fake_fetch(NEXT)->total_timeout, 5 * LOOP_SEC);
    ck_assert_int_gt(fake_fetch(NEXT)->total_timeout, 0);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_behind_the_total_time_is_a_timeout)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_pass(s.loop, 20 * LOOP_SEC);
    scene_redirect(&s, PAGE, NEXT);

    ck_assert_uint_eq(fake_fetches_begun(), 1);
    scene_check_failed(id, "/fetch/timeout", 504);
    scene_end(&s);
}
END_TEST


START_TEST(a_failure_behind_a_redirect_shows_no_old_status)
{
    char     id[ID_SIZE];
    json_t  *fetch;
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_pass(s.loop, 20 * LOOP_SEC);
    scene_redirect(&s, PAGE, NEXT);

    fetch = scene_fetch_object(id);
    ck_assert_str_eq(json_string_value(json_object_get(fetch, "final_url")),
                     NEXT);
    ck_assert_ptr_null(json_object_get(fetch, "status"));
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(a_failed_fetch_fails_the_job_with_its_problem)
{
    size_t                  i;
    char                    id[ID_SIZE];
    scene_t                 s;
    scene_told_t            told;
    const fetch_failure_t  *failure;

    for (i = 0; i < sizeof(fetch_failures) / sizeof(*failure); i++) {
        failure = &fetch_failures[i];

        scene_start(&s);
        scene_submit(&s, PAGE, id);
        scene_wait(&s, id, &told);
        fake_run(s.loop);
        fake_fetch_fail(PAGE, failure->error);
        fake_run(s.loop);

        scene_check_failed(id, failure->type, failure->status);
        ck_assert_int_eq(told.called, 1);
        ck_assert_int_eq(told.state, STORE_FAILED_JOB);
        ck_assert_int_eq(told.has_result, 1);
        scene_end(&s);
    }
}
END_TEST


START_TEST(a_fetch_without_resources_waits_and_goes_on)
{
    char     id[ID_SIZE], other[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_two(&s, id, other);
    fake_fetch_fail(PAGE, FETCH_RESOURCES);
    fake_run(s.loop);
    check_requeued(&s, id, other);
    scene_end(&s);
}
END_TEST


/* One fetch at once: PAGE, then NEXT. */
static void
submit_two(scene_t *s, char *id, char *other)
{
    s->settings.max_connections = 1;
    scene_submit(s, PAGE, id);
    scene_submit(s, NEXT, other);
    fake_run(s->loop);
}


START_TEST(a_fetch_that_cannot_begin_waits_and_goes_on)
{
    char     id[ID_SIZE], other[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_fetch_refuse(1);
    submit_two(&s, id, other);
    check_requeued(&s, id, other);
    scene_end(&s);
}
END_TEST


/* Nothing is begun until the pause is over, then the first comes first. */
static void
check_requeued(scene_t *s, const char *id, const char *other)
{
    json_t  *fetch;

    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_uint_eq(frontier_running(s->frontier), 0);
    ck_assert_uint_eq(frontier_queued(s->frontier), 2);

    fake_pass(s->loop, LOOP_SEC);
    ck_assert_ptr_nonnull(fake_fetch(PAGE));
    scene_complete(s, PAGE);
    scene_complete(s, NEXT);

    scene_check_completed(id);
    scene_check_completed(other);
    fetch = scene_fetch_object(id);
    ck_assert_int_eq(json_integer_value(json_object_get(fetch, "attempts")),
                     1);
    json_decref(fetch);
}


START_TEST(waiting_for_resources_is_no_attempt_in_the_store)
{
    int      i;
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);

    for (i = 0; i < 5; i++) {
        fake_fetch_fail(PAGE, FETCH_RESOURCES);
        fake_run(s.loop);
        fake_pass(s.loop, LOOP_SEC);
    }

    ck_assert_int_le(fake_row(id)->job.attempts, 1);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(resources_that_do_not_come_back_fail_the_job_in_its_time)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_fetch_refuse(1);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_pass(s.loop, 20 * LOOP_SEC);

    scene_check_failed(id, "/server/out-of-resources", 503);
    ck_assert_uint_eq(fake_fetches_begun(), 0);
    scene_end(&s);
}
END_TEST


START_TEST(a_crashed_worker_gets_the_page_once_more)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    fake_page_answer(PAGE, POOL_CRASHED, "");
    fake_run(s.loop);
    ck_assert_uint_eq(fake_pages_begun(), 2);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);

    scene_check_completed(id);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    scene_end(&s);
}
END_TEST


START_TEST(a_page_that_crashes_two_workers_fails)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    fake_page_answer(PAGE, POOL_CRASHED, "");
    fake_run(s.loop);
    fake_page_answer(PAGE, POOL_CRASHED, "");
    fake_run(s.loop);

    ck_assert_uint_eq(fake_pages_begun(), 2);
    scene_check_failed(id, "/extract/crashed", 502);
    scene_end(&s);
}
END_TEST


START_TEST(a_failed_extraction_fails_the_job_at_once)
{
    char     id[ID_SIZE], slow[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    scene_submit(&s, NEXT, slow);
    fake_run(s.loop);
    scene_answer_page(&s, PAGE);
    scene_answer_page(&s, NEXT);
    fake_page_answer(PAGE, POOL_FAILED, "");
    fake_page_answer(NEXT, POOL_TIMEOUT, "");
    fake_run(s.loop);

    ck_assert_uint_eq(fake_pages_begun(), 2);
    scene_check_failed(id, "/extract/failed", 502);
    scene_check_failed(slow, "/extract/timeout", 504);
    scene_end(&s);
}
END_TEST


START_TEST(a_page_no_worker_takes_fails_the_job)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_pool_refuse(1);
    scene_answer_page(&s, PAGE);

    scene_check_failed(id, "/server/out-of-memory", 503);
    scene_end(&s);
}
END_TEST


START_TEST(no_fetch_is_begun_while_workers_are_behind)
{
    char     id[ID_SIZE], other[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_pool_load(1000);
    scene_submit(&s, NEXT, other);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 1);

    scene_answer_page(&s, PAGE);
    fake_pool_load(0);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_page_is_fetched_extracted_stored_and_told,
        a_waiter_is_told_only_when_the_store_knows,
        all_who_wait_are_told,
        the_fetch_gets_the_limits_and_headers_of_the_job,
        the_fetch_object_tells_the_exchange,
        a_missing_page_is_a_page,
        redirects_are_followed_and_recorded,
        a_relative_redirect_is_resolved_against_its_page,
        a_redirect_without_location_is_a_page,
        one_redirect_more_than_allowed_fails_the_job,
        a_redirect_to_another_scheme_fails_the_job,
        a_redirect_longer_than_a_url_fails_the_job,
        headers_go_along_within_the_origin,
        headers_stay_behind_when_the_origin_is_left,
        headers_do_not_come_back_with_the_origin,
        the_total_time_spans_redirects,
        a_redirect_behind_the_total_time_is_a_timeout,
        a_failure_behind_a_redirect_shows_no_old_status,
        a_failed_fetch_fails_the_job_with_its_problem,
        a_fetch_without_resources_waits_and_goes_on,
        a_fetch_that_cannot_begin_waits_and_goes_on,
        waiting_for_resources_is_no_attempt_in_the_store,
        resources_that_do_not_come_back_fail_the_job_in_its_time,
        a_crashed_worker_gets_the_page_once_more,
        a_page_that_crashes_two_workers_fails,
        a_failed_extraction_fails_the_job_at_once,
        a_page_no_worker_takes_fails_the_job,
        no_fetch_is_begun_while_workers_are_behind,
        NULL
    };

    return suite_run("frontier", tests, 30);
}
