
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define SHOP      "http://shop.example"
#define PAGE      SHOP "/lamp"
#define NEXT      SHOP "/next"
#define PRIVATE   SHOP "/private/lamp"
#define ROBOTS    SHOP "/robots.txt"
#define OTHER     "http://other.example"
#define AWAY      OTHER "/lamp"

#define RULES     "User-agent: *\nDisallow: /private/\n"


static void submit(scene_t *s, const char *url, char *id);
static void answer_robots(scene_t *s, const char *url, int status,
    const char *text);
static void cancel(scene_t *s, const char *id);


START_TEST(robots_txt_is_fetched_once_however_many_wait)
{
    int      i;
    char     id[5][ID_SIZE], url[64];
    scene_t  s;

    scene_start(&s);

    for (i = 0; i < 5; i++) {
        (void) snprintf(url, sizeof(url), SHOP "/%d", i);
        submit(&s, url, id[i]);
    }

    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    ck_assert_uint_eq(fake_fetches_of(ROBOTS), 1);
    ck_assert_uint_eq(frontier_queued(s.frontier), 5);
    answer_robots(&s, ROBOTS, 200, RULES);
    ck_assert_uint_eq(fake_fetches(), 5);

    for (i = 0; i < 5; i++) {
        (void) snprintf(url, sizeof(url), SHOP "/%d", i);
        scene_complete(&s, url);
        scene_check_completed(id[i]);
    }

    ck_assert_uint_eq(fake_fetches_begun(), 6);
    scene_end(&s);
}
END_TEST


static void
submit(scene_t *s, const char *url, char *id)
{
    frontier_spec_t  spec;

    spec = scene_robots_spec(url);
    scene_submit_spec(s, &spec, id);
}


static void
answer_robots(scene_t *s, const char *url, int status, const char *text)
{
    fake_fetch_answer(url, status, NULL, text);
    fake_run(s->loop);
}


START_TEST(what_is_known_of_an_origin_is_not_asked_again)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    answer_robots(&s, ROBOTS, 404, "");
    scene_complete(&s, PAGE);
    submit(&s, PRIVATE, id);
    fake_run(s.loop);
    scene_complete(&s, PRIVATE);
    ck_assert_uint_eq(fake_fetches_begun(), 3);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_page_that_is_not_allowed_is_not_fetched)
{
    char          id[ID_SIZE], fine[ID_SIZE];
    scene_t       s;
    scene_told_t  told;

    scene_start(&s);
    submit(&s, PRIVATE, id);
    submit(&s, PAGE, fine);
    scene_wait(&s, id, &told);
    fake_run(s.loop);
    answer_robots(&s, ROBOTS, 200, RULES);

    scene_check_failed(id, "/policy/robots", 403);
    ck_assert_int_eq(told.called, 1);
    ck_assert_ptr_null(fake_fetch(PRIVATE));
    scene_complete(&s, PAGE);
    scene_check_completed(fine);
    scene_end(&s);
}
END_TEST


START_TEST(a_page_that_is_not_allowed_is_fetched_for_who_ignores_it)
{
    char     id[ID_SIZE], refused[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PRIVATE, refused);
    scene_submit(&s, PRIVATE, id);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches_of(PRIVATE), 1);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_complete(&s, PRIVATE);

    scene_check_completed(id);
    scene_check_failed(refused, "/policy/robots", 403);
    scene_end(&s);
}
END_TEST


START_TEST(a_host_that_cannot_say_is_not_fetched_from)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    answer_robots(&s, ROBOTS, 500, "");
    scene_check_failed(id, "/policy/robots", 403);

    /* asked again when a minute is over */
    submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_check_failed(id, "/policy/robots", 403);
    fake_spend(s.loop, 61 * LOOP_SEC);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_host_that_is_not_there_fails_as_its_page_would)
{
    size_t   i;
    char     id[ID_SIZE];
    scene_t  s;

    static const struct {
        fetch_error_t  error;
        int            status;
        const char    *type;
    } failures[] = {
        { FETCH_DNS, 502, "/fetch/dns" },
        { FETCH_BLOCKED, 403, "/policy/egress-blocked" },
        { FETCH_CONNECT, 502, "/fetch/connect" },
        { FETCH_TIMEOUT, 504, "/fetch/timeout" }
    };

    for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        scene_start(&s);
        submit(&s, PAGE, id);
        fake_run(s.loop);
        fake_fetch_fail(ROBOTS, failures[i].error);
        fake_run(s.loop);
        scene_check_failed(id, failures[i].type, failures[i].status);
        scene_end(&s);
    }
}
END_TEST


START_TEST(robots_txt_without_resources_is_waited_for)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_fail(ROBOTS, FETCH_RESOURCES);
    fake_run(s.loop);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, LOOP_SEC);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(robots_txt_that_cannot_be_begun_is_waited_for)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    fake_fetch_refuse(1);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, LOOP_SEC);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(an_unreachable_robots_txt_is_another_attempt)
{
    char             id[ID_SIZE];
    json_t          *fetch;
    scene_t          s;
    frontier_spec_t  spec;

    scene_start(&s);
    spec = scene_retry_spec(PAGE);
    spec.request.ignore_robots = 0;
    scene_submit_spec(&s, &spec, id);
    fake_run(s.loop);
    fake_fetch_fail(ROBOTS, FETCH_CONNECT);
    fake_run(s.loop);
    ck_assert_uint_eq(frontier_queued(s.frontier), 1);
    fake_spend(s.loop, LOOP_SEC);
    fake_fetch_fail(ROBOTS, FETCH_TIMEOUT);
    fake_run(s.loop);
    fake_spend(s.loop, LOOP_SEC);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_complete(&s, PAGE);

    scene_check_completed(id);
    fetch = scene_fetch_object(id);
    ck_assert_uint_eq(json_array_size(json_object_get(fetch, "retries")), 2);
    json_decref(fetch);
    scene_end(&s);
}
END_TEST


START_TEST(a_crawl_delay_is_kept_from_the_first_page_on)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, one);
    submit(&s, NEXT, two);
    fake_run(s.loop);
    answer_robots(&s, ROBOTS, 200, "User-agent: *\nCrawl-delay: 5\n");
    ck_assert_uint_eq(fake_fetches(), 0);

    fake_spend(s.loop, 5 * LOOP_SEC - LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 2 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 1);
    scene_complete(&s, PAGE);
    fake_spend(s.loop, 5 * LOOP_SEC - 2 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 3 * LOOP_MS);
    scene_complete(&s, NEXT);
    scene_check_completed(one);
    scene_check_completed(two);
    scene_end(&s);
}
END_TEST


START_TEST(a_job_is_cancelled_while_it_waits_for_robots_txt)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, one);
    submit(&s, NEXT, two);
    fake_run(s.loop);
    cancel(&s, one);
    ck_assert_uint_eq(frontier_running(s.frontier), 0);

    /* the other one goes on with the file */
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_complete(&s, NEXT);
    scene_check_cancelled(one);
    scene_check_completed(two);
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


START_TEST(a_page_whose_time_is_over_waits_for_no_robots_txt)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, one);
    submit(&s, NEXT, two);
    fake_run(s.loop);
    fake_spend(s.loop, SCENE_TOTAL + LOOP_MS);
    scene_check_failed(one, "/fetch/timeout", 504);
    scene_check_failed(two, "/fetch/timeout", 504);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_end(&s);
}
END_TEST


START_TEST(the_wait_for_robots_txt_is_of_the_pages_time)
{
    int64_t  left;
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_spend(s.loop, 12 * LOOP_SEC);
    answer_robots(&s, ROBOTS, 200, RULES);
    left = fake_fetch(PAGE)->total_timeout;
    ck_assert(left <= 8 * LOOP_SEC && left > 7 * LOOP_SEC);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_asks_the_other_hosts_robots_txt)
{
    char     id[ID_SIZE], refused[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    submit(&s, NEXT, refused);
    fake_run(s.loop);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_redirect(&s, PAGE, AWAY);
    scene_redirect(&s, NEXT, OTHER "/private/");
    ck_assert_ptr_null(fake_fetch(AWAY));
    answer_robots(&s, OTHER "/robots.txt", 200, RULES);
    scene_check_failed(refused, "/policy/robots", 403);
    scene_complete(&s, AWAY);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_within_the_origin_is_asked_about_too)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_redirect(&s, PAGE, PRIVATE);
    scene_check_failed(id, "/policy/robots", 403);
    ck_assert_uint_eq(fake_fetches_begun(), 2);
    scene_end(&s);
}
END_TEST


START_TEST(a_robots_txt_elsewhere_is_followed_for_the_host)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    fake_fetch_answer(ROBOTS, 301, OTHER "/rules.txt", "");
    fake_run(s.loop);
    answer_robots(&s, OTHER "/rules.txt", 200, RULES);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_restored_job_asks_robots_txt_too)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PRIVATE, id);
    scene_persist(&s, id);
    scene_stop(&s);
    scene_begin(&s);
    ck_assert_uint_eq(fake_fetches_of(ROBOTS), 1);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_check_failed(id, "/policy/robots", 403);
    scene_end(&s);
}
END_TEST


START_TEST(robots_txt_takes_the_hosts_turn)
{
    char     id[ID_SIZE], plain[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 1;
    scene_begin(&s);
    submit(&s, PAGE, id);
    scene_submit(&s, NEXT, plain);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 1);
    answer_robots(&s, ROBOTS, 200, RULES);
    ck_assert_uint_eq(fake_fetches(), 1);
    scene_complete(&s, PAGE);
    scene_complete(&s, NEXT);
    scene_end(&s);
}
END_TEST


START_TEST(a_drain_waits_for_robots_txt)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_drain(&s, 100 * LOOP_SEC);
    fake_run(s.loop);
    ck_assert_int_eq(s.drained, 0);
    answer_robots(&s, ROBOTS, 200, RULES);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(s.drained, 1);
    scene_end(&s);
}
END_TEST


START_TEST(a_frontier_is_freed_while_jobs_wait_for_robots_txt)
{
    char     one[ID_SIZE], two[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit(&s, PAGE, one);
    submit(&s, NEXT, two);
    fake_run(s.loop);
    scene_close(&s);
    ck_assert_uint_eq(fake_fetches_cancelled(), 1);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        robots_txt_is_fetched_once_however_many_wait,
        what_is_known_of_an_origin_is_not_asked_again,
        a_page_that_is_not_allowed_is_not_fetched,
        a_page_that_is_not_allowed_is_fetched_for_who_ignores_it,
        a_host_that_cannot_say_is_not_fetched_from,
        a_host_that_is_not_there_fails_as_its_page_would,
        robots_txt_without_resources_is_waited_for,
        robots_txt_that_cannot_be_begun_is_waited_for,
        an_unreachable_robots_txt_is_another_attempt,
        a_crawl_delay_is_kept_from_the_first_page_on,
        a_job_is_cancelled_while_it_waits_for_robots_txt,
        a_page_whose_time_is_over_waits_for_no_robots_txt,
        the_wait_for_robots_txt_is_of_the_pages_time,
        a_redirect_asks_the_other_hosts_robots_txt,
        a_redirect_within_the_origin_is_asked_about_too,
        a_robots_txt_elsewhere_is_followed_for_the_host,
        a_restored_job_asks_robots_txt_too,
        robots_txt_takes_the_hosts_turn,
        a_drain_waits_for_robots_txt,
        a_frontier_is_freed_while_jobs_wait_for_robots_txt,
        NULL
    };

    return suite_run("frontier_robots", tests, 30);
}
