
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define FAULTS_TIMEOUT    240


/* What an origin does, and how its one outcome is told. */
typedef struct {
    const char  *page;
    long         status;
    const char  *type;
} faults_case_t;


/* A page that is strange, its status and its title. */
typedef struct {
    const char  *page;
    long         status;
    const char  *title;
} faults_page_t;


static void faults_serves(gateway_t *g);


/* Deadlines short enough for a test, long enough for a sanitized build. */
static const char  faults_settings[] =
    "total_timeout = 5000\n"
    "extract_timeout = 3000\n"
    "retries = 0\n"
    "host_failures = 0\n"
    "connect_timeout = 4000\n"
    "max_page = 1048576\n";


static const faults_case_t  faults_cases[] = {
    { "/hang", 504, "/fetch/timeout" },
    { "/hang-headers", 504, "/fetch/timeout" },
    { "/drip", 504, "/fetch/timeout" },
    { "/endless", 502, "/fetch/too-large" },
    { "/big?bytes=52428800", 502, "/fetch/too-large" },
    { "/gzip-bomb?bytes=104857600", 502, "/fetch/too-large" },
    { "/headers-bomb", 502, "/fetch/too-large" },
    { "/short", 502, "/fetch/protocol" },
    { "/reset", 502, "/fetch/connect" },
    { "/reset-early", 502, "/fetch/connect" },
    { "/close", 502, "/fetch/protocol" },
    { "/garbage", 502, "/fetch/protocol" },
    { "/bad-chunk", 502, "/fetch/protocol" },
    { "/negative-length", 502, "/fetch/protocol" },
    { "/two-lengths", 502, "/fetch/protocol" },
    { "/drip-headers", 504, "/fetch/timeout" },
    { "/interim-bomb", 502, "/fetch/too-large" },
    { "/trailers-bomb", 502, "/fetch/too-large" },
    { "/header-line?bytes=10485760", 502, "/fetch/too-large" },
    { "/cookies", 502, "/fetch/too-large" },
    { "/cut-chunk", 502, "/fetch/protocol" },
    { "/gzip-lie", 502, "/fetch/protocol" },
    { "/nul-header", 502, "/fetch/protocol" },
    { "/odd-version", 502, "/fetch/protocol" },
    { "/attributes", 504, "/extract/timeout" },
    { "/redirect-loop", 502, "/fetch/redirects" },
    { "/redirect-chain/11", 502, "/fetch/redirects" },
    { "/redirect?to=file:///etc/passwd", 502, "/fetch/redirects" },
    { "/redirect?to=http://10.0.0.1/", 403, "/policy/egress-blocked" },
    { "/redirect?to=http://169.254.169.254/", 403, "/policy/egress-blocked" },
    { "/redirect?to=http://[::1]/", 403, "/policy/egress-blocked" }
};


static const faults_page_t  faults_pages[] = {
    { "/odd-status", 999, "Odd" },
    { "/odd-body?status=204", 204, "" },
    { "/odd-body?status=304", 304, "" },
    { "/cookie-wall", 200, "Behind the wall" },
    { "/cookies?n=600", 200, "Odd" },
    { "/nested", 200, "Nested" },
    { "/long-text", 200, "Long" },
    { "/long", 200, "" }
};


START_TEST(every_fault_of_an_origin_has_its_one_outcome)
{
    size_t             i;
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .settings = faults_settings };

    gateway_start(&g, &o);

    for (i = 0; i < sizeof(faults_cases) / sizeof(faults_cases[0]); i++) {
        r = gateway_extract(&g, faults_cases[i].page, "{\"title\":\"//h1\"}",
                            "", NULL);

        ck_assert_msg(r.status == faults_cases[i].status
                      && strcmp(client_str(&r, "type"), faults_cases[i].type)
                         == 0,
                      "%s: %ld %s", faults_cases[i].page, r.status, r.body);
        ck_assert_str_eq(client_header(&r, "Content-Type"),
                         "application/problem+json");
        ck_assert_str_ne(client_str(&r, "title"), "");
        ck_assert_str_ne(client_str(&r, "instance"), "");
        ck_assert_ptr_nonnull(client_get(&r, "fetch"));
        client_free(&r);
    }

    faults_serves(&g);
    gateway_stop(&g);
}
END_TEST


START_TEST(every_strange_page_is_a_page)
{
    size_t             i;
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .settings = faults_settings };

    gateway_start(&g, &o);

    for (i = 0; i < sizeof(faults_pages) / sizeof(faults_pages[0]); i++) {
        r = gateway_extract(&g, faults_pages[i].page, "{\"title\":\"//h1\"}",
                            "", NULL);
        ck_assert_msg(r.status == 200, "%s: %ld %s", faults_pages[i].page,
                      r.status, r.body);
        ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")),
                         faults_pages[i].status);
        ck_assert_str_eq(client_str(&r, "data.title"), faults_pages[i].title);
        client_free(&r);
    }

    faults_serves(&g);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_failed_job_is_stored_with_its_problem)
{
    char            job[128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/reset", "{\"title\":\"//h1\"}", "", NULL);
    (void) snprintf(job, sizeof(job), "%.100s", client_str(&r, "instance"));
    client_free(&r);

    r = gateway_request(&g, "GET", job, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "failed");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(an_address_that_is_not_allowed_is_not_named)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_request(&g, "POST", "/v1/extract", NULL,
                        "{\"url\":\"http://0xa000001/\","
                        "\"rules\":{\"t\":\"//h1\"}}");
    ck_assert_int_eq(r.status, 403);
    ck_assert_str_eq(client_str(&r, "type"), "/policy/egress-blocked");
    ck_assert_ptr_null(strstr(client_str(&r, "detail"), "10.0.0.1"));
    client_free(&r);

    faults_serves(&g);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_that_kills_its_worker_costs_itself)
{
    char               rules[256];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .settings = "extract_timeout = 3000\n" };

    gateway_start(&g, &o);

    /* libxml2 takes minutes for this string value of a large page, and
     * counts no step while it does
     */
    (void) snprintf(rules, sizeof(rules),
                    "{\"t\":\"count(//p[contains(/, 'zz')])\"}");
    r = gateway_extract(&g, "/big?bytes=1400000", rules, "", NULL);
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/extract/timeout");
    client_free(&r);

    faults_serves(&g);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_kill_loses_no_job_that_was_answered_202)
{
    int             i;
    char            job[8][128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    for (i = 0; i < 8; i++) {
        r = gateway_extract(&g, "/delay?ms=300", "{\"title\":\"//h1\"}", "",
                            "Prefer: respond-async");
        ck_assert_int_eq(r.status, 202);
        (void) snprintf(job[i], sizeof(job[i]), "%.100s",
                        client_header(&r, "Location"));
        client_free(&r);
    }

    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGKILL), 128 + SIGKILL);
    gateway_start_sidecar(&g);

    for (i = 0; i < 8; i++) {
        r = gateway_request(&g, "GET", job[i], "Prefer: wait=20", NULL);
        ck_assert_int_eq(r.status, 200);
        ck_assert_str_eq(client_str(&r, "state"), "completed");
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(a_sidecar_that_is_gone_is_a_problem_and_then_back)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);

    r = gateway_extract(&g, "/page/1", "{\"title\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(r.status, 502);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "application/problem+json");
    ck_assert_str_eq(client_str(&r, "type"), "/server/sidecar-down");
    client_free(&r);

    gateway_start_sidecar(&g);
    faults_serves(&g);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_client_that_leaves_does_not_stop_its_job)
{
    char            url[128], body[256];
    long            status;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(url, sizeof(url), "%s/v1/extract", g.url);
    (void) snprintf(body, sizeof(body),
                    "{\"url\":\"%s/delay?ms=600\","
                    "\"rules\":{\"title\":\"//h1\"}}", g.origin);
    ck_assert_int_ne(client_try(&r, "POST", url,
                                "Content-Type: application/json", body, 200),
                     0);
    client_free(&r);

    (void) snprintf(url, sizeof(url), "/v1/results?url=%s/delay%%3Fms=600",
                    g.origin);

    do {
        r = gateway_request(&g, "GET", url, NULL, NULL);
        status = r.status;
        client_free(&r);
    } while (status == 404);

    ck_assert_int_eq(status, 200);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_drain_answers_who_waits)
{
    char            job[128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/hang", "{\"title\":\"//h1\"}", "",
                        "Prefer: respond-async");
    ck_assert_int_eq(r.status, 202);
    (void) snprintf(job, sizeof(job), "%.100s",
                    client_header(&r, "Location"));
    client_free(&r);

    r = gateway_request(&g, "DELETE", job, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    /* nothing is under way: it leaves at once, with 0 */
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    gateway_start_sidecar(&g);
    gateway_stop(&g);
}
END_TEST


/* Both programs still do their work. */
static void
faults_serves(gateway_t *g)
{
    client_reply_t  r;

    r = gateway_extract(g, "/page/42", "{\"title\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.title"), "42"));
    client_free(&r);
}


int
main(void)
{
    const TTest  *tests[] = {
        every_fault_of_an_origin_has_its_one_outcome,
        every_strange_page_is_a_page,
        a_failed_job_is_stored_with_its_problem,
        an_address_that_is_not_allowed_is_not_named,
        a_page_that_kills_its_worker_costs_itself,
        a_kill_loses_no_job_that_was_answered_202,
        a_sidecar_that_is_gone_is_a_problem_and_then_back,
        a_client_that_leaves_does_not_stop_its_job,
        a_drain_answers_who_waits,
        NULL
    };

    return suite_run("faults", tests, FAULTS_TIMEOUT);
}
