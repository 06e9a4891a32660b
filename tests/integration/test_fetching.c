
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define FETCHING_TIMEOUT    90
#define FETCHING_CALLERS    20


static void expect_title(gateway_t *g, const char *page, const char *members,
    const char *title);
static void expect_problem(gateway_t *g, const char *page,
    const char *members, long status, const char *type);
static void expect_cached(gateway_t *g, const char *page,
    const char *headers, const char *from);
static void set_robots(gateway_t *g, const char *status, const char *text);
static client_reply_t host(gateway_t *g, const char *method,
    const char *body);
static void log_in(gateway_t *g, const char *password);
static void call_at_once(gateway_t *g, const char *page);


#define VALIDATED    "/validate?etag=%22v1%22"

static const char  title_rule[] = "{\"title\":\"//h1\"}";

static const gateway_options_t  patient = {
    .settings = "retries = 0\nhost_failures = 0\n"
};

static const gateway_options_t  obedient = {
    .settings = "retries = 0\nhost_failures = 2\n"
};

static const gateway_options_t  careless = {
    .settings = "robots = ignore\n"
};


START_TEST(robots_txt_is_obeyed_and_fetched_once)
{
    gateway_t  g;

    gateway_start(&g, &patient);

    set_robots(&g, "200", "User-agent: *\nDisallow: /page/2\n");
    expect_problem(&g, "/page/2", "", 403, "/policy/robots");
    expect_title(&g, "/page/3", "", "Product 3");
    expect_title(&g, "/page/4", "", "Product 4");
    expect_title(&g, "/page/2", ",\"politeness\":{\"robots\":\"ignore\"}",
                 "Product 2");
    ck_assert_int_eq(gateway_hits(&g, "/robots.txt"), 1);
    ck_assert_int_eq(gateway_hits(&g, "/page/2"), 1);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_site_whose_robots_txt_fails_is_left_alone)
{
    gateway_t  g;

    gateway_start(&g, &patient);

    set_robots(&g, "503", "");
    expect_problem(&g, "/page/1", "", 403, "/policy/robots");
    ck_assert_int_eq(gateway_hits(&g, "/page/1"), 0);

    gateway_stop(&g);
}
END_TEST


START_TEST(the_status_says_what_goes_on)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &careless);

    expect_title(&g, "/page/1", "", "Product 1");
    r = gateway_request(&g, "GET", "/v1/status", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "jobs.unended")), 0);
    ck_assert(json_is_real(client_get(&r, "loop_lag_ms")));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(what_failed_is_tried_again_and_told)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &careless);

    r = gateway_extract(&g, "/flaky?key=a&fail=2&status=503", title_rule, "",
                        NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.attempts")), 3);
    ck_assert_int_eq(json_integer_value(client_get(&r,
                                                  "fetch.retries[0].status")),
                     503);
    client_free(&r);

    r = gateway_extract(&g, "/flaky?key=b&fail=2&status=0", title_rule, "",
                        NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.attempts")), 2);
    client_free(&r);

    r = gateway_extract(&g, "/flaky?key=c&fail=9&status=502", title_rule,
                        ",\"request\":{\"retries\":1}", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 502);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.attempts")), 2);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(what_is_not_safe_to_repeat_is_sent_once)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &careless);

    r = gateway_extract(&g, "/flaky?key=a&fail=1&status=503", title_rule,
                        ",\"request\":{\"method\":\"POST\"}", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 503);
    client_free(&r);

    r = gateway_extract(&g, "/flaky?key=b&fail=1&status=503", title_rule,
                        ",\"request\":{\"method\":\"POST\","
                        "\"retry_unsafe\":true}", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(many_callers_of_one_page_cause_one_fetch)
{
    gateway_t  g;

    gateway_start(&g, &careless);

    call_at_once(&g, "/delay?ms=1000");
    ck_assert_int_eq(gateway_hits(&g, "/delay"), 1);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_stored_page_answers_who_takes_one)
{
    gateway_t  g;

    gateway_start(&g, &careless);

    expect_cached(&g, "/page/1", "Cache-Control: max-age=60", "miss");
    expect_cached(&g, "/page/1", "Cache-Control: max-age=60", "hit");
    expect_cached(&g, "/page/1", "Cache-Control: only-if-cached", "hit");
    expect_cached(&g, "/page/1", NULL, "");
    expect_cached(&g, "/page/1", "Cache-Control: no-store", "");
    ck_assert_int_eq(gateway_hits(&g, "/page/1"), 3);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_stored_page_is_checked_with_the_origin)
{
    gateway_t  g;

    gateway_start(&g, &careless);

    expect_cached(&g, VALIDATED, "Cache-Control: no-cache", "miss");
    expect_cached(&g, VALIDATED, "Cache-Control: no-cache", "revalidated");
    expect_cached(&g, VALIDATED, "Cache-Control: max-age=60", "hit");
    ck_assert_int_eq(gateway_hits(&g, "/validate 200"), 1);
    ck_assert_int_eq(gateway_hits(&g, "/validate 304"), 1);

    gateway_stop(&g);
}
END_TEST


START_TEST(who_wants_only_a_stored_page_is_told_that_there_is_none)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &careless);

    r = gateway_extract(&g, "/page/1", title_rule, "",
                        "Cache-Control: only-if-cached");
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/fetch/not-stored");
    client_free(&r);
    ck_assert_int_eq(gateway_hits(&g, "/page/1"), 0);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_host_that_asks_for_time_is_left_alone)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &careless);

    r = gateway_extract(&g, "/retry-after?key=a&fail=1&value=3600&status=429",
                        title_rule, ",\"request\":{\"retries\":0}", NULL);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 429);
    client_free(&r);

    r = gateway_extract(&g, "/page/1", title_rule, "", "Prefer: wait=1");
    ck_assert_int_eq(r.status, 202);
    client_free(&r);
    ck_assert_int_eq(gateway_hits(&g, "/page/1"), 0);

    r = gateway_extract(&g, "/page/1", title_rule, "",
                        "Prefer: wait=1, handling=strict");
    ck_assert_int_eq(r.status, 503);
    ck_assert_str_eq(client_str(&r, "type"), "/limits/host-busy");
    ck_assert_int_gt(strtol(client_header(&r, "Retry-After"), NULL, 10),
                     3500);
    client_free(&r);

    r = host(&g, "GET", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "blocked");
    client_free(&r);

    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGKILL),
                     128 + SIGKILL);
    gateway_start_sidecar(&g);

    r = host(&g, "GET", NULL);
    ck_assert_str_eq(client_str(&r, "state"), "blocked");
    client_free(&r);

    r = host(&g, "PATCH", "{\"block_ms\":0}");
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "ok");
    client_free(&r);

    expect_title(&g, "/page/1", "", "Product 1");

    gateway_stop(&g);
}
END_TEST


START_TEST(a_host_that_fails_again_and_again_is_suspended)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &obedient);

    expect_title(&g, "/page/1", "", "Product 1");
    expect_problem(&g, "/hang", ",\"request\":{\"timeouts\":"
                   "{\"total_ms\":100}}", 504, "/fetch/timeout");
    expect_problem(&g, "/hang", ",\"request\":{\"timeouts\":"
                   "{\"total_ms\":100}}", 504, "/fetch/timeout");

    r = host(&g, "GET", NULL);
    ck_assert_str_eq(client_str(&r, "state"), "open");
    ck_assert_str_eq(client_str(&r, "last_error.type"), "/fetch/timeout");
    client_free(&r);

    r = gateway_extract(&g, "/page/2", title_rule, "", "Prefer: wait=1");
    ck_assert_int_eq(r.status, 202);
    client_free(&r);
    ck_assert_int_eq(gateway_hits(&g, "/page/2"), 0);

    gateway_stop(&g);
}
END_TEST


START_TEST(hosts_are_listed_and_changed)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &careless);

    r = host(&g, "GET", NULL);
    ck_assert_int_eq(r.status, 404);
    client_free(&r);

    r = host(&g, "PATCH", "{\"delay_ms\":50,\"concurrency\":2}");
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "delay_ms")), 50);
    client_free(&r);

    r = host(&g, "PATCH", "{\"concurrency\":0}");
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "pointer"), "/concurrency");
    client_free(&r);

    r = gateway_request(&g, "GET", "/v1/hosts", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r,
                                                  "data[0].concurrency")),
                     2);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_part_of_the_page_is_better_than_none_when_asked_for)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &patient);

    r = gateway_extract(&g, "/drip", "{\"n\":\"count(//body)\"}",
                        ",\"request\":{\"partial\":true,"
                        "\"timeouts\":{\"total_ms\":600}}", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert(json_is_true(client_get(&r, "fetch.partial")));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(each_phase_has_its_time)
{
    gateway_t  g;

    gateway_start(&g, &patient);

    expect_problem(&g, "/slow-first?ms=3000", ",\"request\":{\"timeouts\":"
                   "{\"first_byte_ms\":200}}", 504, "/fetch/timeout");
    expect_problem(&g, "/slow-body?ms=3000", ",\"request\":{\"timeouts\":"
                   "{\"idle_ms\":200}}", 504, "/fetch/timeout");
    expect_title(&g, "/page/1", ",\"request\":{\"timeouts\":"
                 "{\"first_byte_ms\":2000,\"idle_ms\":2000}}", "Product 1");

    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_that_comes_too_slowly_is_given_up)
{
    gateway_t  g;

    gateway_start(&g, &patient);

    expect_problem(&g, "/drip", ",\"request\":{\"low_speed\":"
                   "{\"bytes_per_s\":1000,\"seconds\":1}}", 504,
                   "/fetch/timeout");

    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_comes_whole_at_the_rate_allowed)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  options = {
        .settings = "max_rate = 100000\ntenant_rate = 120000\n"
    };

    gateway_start(&g, &options);

    r = gateway_extract(&g, "/big?bytes=300000", "{\"n\":\"count(//body)\"}",
                        "", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_ge(json_integer_value(client_get(&r,
                                                   "fetch.bytes_decoded")),
                     300000);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_may_say_that_it_is_elsewhere)
{
    gateway_t  g;

    gateway_start(&g, &careless);

    expect_title(&g, "/refresh?to=/page/7",
                 ",\"request\":{\"meta_refresh\":true}", "Product 7");

    gateway_stop(&g);
}
END_TEST


START_TEST(a_session_logs_in_before_its_first_page)
{
    gateway_t  g;

    gateway_start(&g, &careless);

    log_in(&g, "secret");
    expect_title(&g, "/private", ",\"request\":{\"session\":\"shop\"}",
                 "Private");
    expect_title(&g, "/private", ",\"request\":{\"session\":\"shop\"}",
                 "Private");

    /* with the form once, and once with what was filled in */
    ck_assert_int_eq(gateway_hits(&g, "/login"), 2);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_login_that_is_refused_fails_the_page)
{
    gateway_t  g;

    gateway_start(&g, &careless);

    log_in(&g, "guess");
    expect_problem(&g, "/private", ",\"request\":{\"session\":\"shop\"}", 502,
                   "/fetch/login-failed");
    ck_assert_int_eq(gateway_hits(&g, "/private"), 0);

    gateway_stop(&g);
}
END_TEST


START_TEST(urls_lose_what_the_operator_says)
{
    char               path[256];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  options = {
        .settings = "url_sort = 1\nurl_strip_tracking = 1\n"
    };

    gateway_start(&g, &options);

    expect_title(&g, "/page/1?b=2&utm_source=mail&a=1", "", "Product 1");
    (void) snprintf(path, sizeof(path), "/v1/results?url=%s/page/1%%3F"
                    "a=1%%26gclid=9%%26b=2", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "url"), "/page/1?a=1&b=2"));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_source_is_one_of_those_listed)
{
    gateway_t          g;
    gateway_options_t  options = {
        .settings = "source_addresses = 127.0.0.9\n"
    };

    gateway_start(&g, &options);

    expect_title(&g, "/page/1", ",\"request\":{\"source\":\"127.0.0.9\"}",
                 "Product 1");
    expect_problem(&g, "/page/1", ",\"request\":{\"source\":\"127.0.0.8\"}",
                   400, "/request/invalid");

    gateway_stop(&g);
}
END_TEST


static void
expect_title(gateway_t *g, const char *page, const char *members,
    const char *title)
{
    client_reply_t  r;

    r = gateway_extract(g, page, title_rule, members, NULL);

    if (r.status != 200) {
        ck_abort_msg("%s: %ld %s", page, r.status, r.body);
    }

    ck_assert_str_eq(client_str(&r, "data.title"), title);
    client_free(&r);
}


static void
expect_problem(gateway_t *g, const char *page, const char *members,
    long status, const char *type)
{
    client_reply_t  r;

    r = gateway_extract(g, page, title_rule, members, NULL);

    if (r.status != status) {
        ck_abort_msg("%s: %ld %s", page, r.status, r.body);
    }

    ck_assert_str_eq(client_str(&r, "type"), type);
    client_free(&r);
}


/* A page, and where it came from. */
static void
expect_cached(gateway_t *g, const char *page, const char *headers,
    const char *from)
{
    client_reply_t  r;

    r = gateway_extract(g, page, title_rule, "", headers);

    if (r.status != 200) {
        ck_abort_msg("%s: %ld %s", page, r.status, r.body);
    }

    ck_assert_str_eq(client_str(&r, "fetch.from_cache"), from);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 200);
    ck_assert_str_ne(client_str(&r, "data.title"), "");
    ck_assert_int_eq(client_header(&r, "Age")[0] != '\0',
                     strcmp(from, "hit") == 0);
    client_free(&r);
}


static void
set_robots(gateway_t *g, const char *status, const char *text)
{
    char            url[160];
    client_reply_t  r;

    (void) snprintf(url, sizeof(url), "%s/robots-set?status=%s", g->origin,
                    status);
    r = client_request("PUT", url, NULL, text);
    ck_assert_int_lt(r.status, 300);
    client_free(&r);
}


/* Of the origin. */
static client_reply_t
host(gateway_t *g, const char *method, const char *body)
{
    char  path[160];

    (void) snprintf(path, sizeof(path), "/v1/hosts/%s",
                    g->origin + sizeof("http://") - 1);

    return gateway_request(g, method, path, NULL, body);
}


static void
log_in(gateway_t *g, const char *password)
{
    char            body[512];
    client_reply_t  r;

    (void) snprintf(body, sizeof(body), "{\"login\":{\"url\":\"%s/login\","
                    "\"from_form\":\"//form[@id='login']\",\"fill\":"
                    "{\"user\":\"user\",\"password\":\"%s\"},"
                    "\"check\":\"//a[@href='/logout']\"}}", g->origin,
                    password);

    r = gateway_request(g, "PUT", "/v1/sessions/shop", NULL, body);
    ck_assert_int_eq(r.status, 201);
    client_free(&r);
}


/* Nobody waits until all have asked. */
static void
call_at_once(gateway_t *g, const char *page)
{
    int             i;
    char            paths[FETCHING_CALLERS][64];
    client_reply_t  r;

    for (i = 0; i < FETCHING_CALLERS; i++) {
        r = gateway_extract(g, page, title_rule, "", "Prefer: respond-async");
        ck_assert_int_eq(r.status, 202);
        (void) snprintf(paths[i], sizeof(paths[i]), "/v1/jobs/%s",
                        client_str(&r, "id"));
        client_free(&r);
    }

    for (i = 0; i < FETCHING_CALLERS; i++) {
        r = gateway_request(g, "GET", paths[i], "Prefer: wait=10", NULL);
        ck_assert_str_eq(client_str(&r, "state"), "completed");
        client_free(&r);
    }
}


int
main(void)
{
    const TTest  *tests[] = {
        robots_txt_is_obeyed_and_fetched_once,
        a_site_whose_robots_txt_fails_is_left_alone,
        the_status_says_what_goes_on,
        what_failed_is_tried_again_and_told,
        what_is_not_safe_to_repeat_is_sent_once,
        many_callers_of_one_page_cause_one_fetch,
        a_stored_page_answers_who_takes_one,
        a_stored_page_is_checked_with_the_origin,
        who_wants_only_a_stored_page_is_told_that_there_is_none,
        a_host_that_asks_for_time_is_left_alone,
        a_host_that_fails_again_and_again_is_suspended,
        hosts_are_listed_and_changed,
        a_part_of_the_page_is_better_than_none_when_asked_for,
        each_phase_has_its_time,
        a_page_that_comes_too_slowly_is_given_up,
        a_page_comes_whole_at_the_rate_allowed,
        a_page_may_say_that_it_is_elsewhere,
        a_session_logs_in_before_its_first_page,
        a_login_that_is_refused_fails_the_page,
        urls_lose_what_the_operator_says,
        a_source_is_one_of_those_listed,
        NULL
    };

    return suite_run("fetching", tests, FETCHING_TIMEOUT);
}
