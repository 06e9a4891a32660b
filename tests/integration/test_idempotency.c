
#include <stdio.h>
#include <string.h>

#include <check.h>
#include <sqlite3.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define IDEMPOTENCY_TIMEOUT    60

#define IDEMPOTENCY_KEY        "Idempotency-Key: \"k-1\""
#define IDEMPOTENCY_JSON       "Content-Type: application/json\n"            \
                               IDEMPOTENCY_KEY
#define IDEMPOTENCY_LINES      "Content-Type: application/x-ndjson\n"        \
                               IDEMPOTENCY_KEY


static client_reply_t idempotency_post(gateway_t *g, const char *path,
    const char *headers, int page);
static client_reply_t idempotency_lines(gateway_t *g, int page);


START_TEST(the_first_answer_of_an_extract_is_given_again)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Idempotent-Replayed"), "");

    s = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(client_header(&s, "Idempotent-Replayed"), "true");
    ck_assert_str_eq(s.body, r.body);
    ck_assert_str_eq(client_header(&s, "Content-Type"), "application/json");
    ck_assert_int_eq(gateway_hits(&g, "/page/1"), 1);

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_key_is_for_one_body)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 2);
    ck_assert_int_eq(r.status, 422);
    ck_assert_str_eq(client_str(&r, "type"), "/idempotency/body-mismatch");
    client_free(&r);

    /* for one path, too */
    r = gateway_request(&g, "POST", "/v1/batch", IDEMPOTENCY_KEY, "{}");
    ck_assert_int_eq(r.status, 400);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(an_answer_outlives_the_process)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(r.status, 200);

    (void) gateway_stop_sidecar(&g, 9);
    gateway_start_sidecar(&g);

    s = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(client_header(&s, "Idempotent-Replayed"), "true");
    ck_assert_str_eq(client_str(&s, "id"), client_str(&r, "id"));

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_client_that_left_before_its_answer_makes_no_second_extract)
{
    char            url[128], body[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(url, sizeof(url), "%s/v1/extract", g.url);
    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/delay/1000\","
                    "\"rules\":{\"title\":\"//h1\"}}", g.origin);

    while (gateway_hits(&g, "/delay/1000") == 0) {
        (void) client_try(&r, "POST", url, IDEMPOTENCY_JSON, body, 200);
        client_free(&r);
    }

    r = gateway_request(&g, "POST", "/v1/extract", IDEMPOTENCY_KEY, body);

    while (r.status == 409) {
        client_free(&r);
        r = gateway_request(&g, "POST", "/v1/extract", IDEMPOTENCY_KEY, body);
    }

    ck_assert_msg(r.status == 200, "%ld %s", r.status, r.body);
    ck_assert_str_eq(client_header(&r, "Idempotent-Replayed"), "true");
    client_free(&r);

    r = gateway_request(&g, "GET", "/v1/jobs", NULL, NULL);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 1);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_client_that_left_before_the_disk_had_its_job_makes_no_second)
{
    char            url[128], path[128], body[256];
    sqlite3        *db;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(path, sizeof(path), "%s/scraped.db", g.dir);
    (void) snprintf(url, sizeof(url), "%s/v1/crawl", g.url);
    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\"],"
                    "\"sitemap\":\"skip\",\"rules\":{\"title\":\"//h1\"}}",
                    g.origin);

    /* nothing is written as long as another one does */
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_ne(client_try(&r, "POST", url, IDEMPOTENCY_JSON, body, 300),
                     0);
    client_free(&r);

    r = gateway_request(&g, "POST", "/v1/crawl", IDEMPOTENCY_KEY, body);
    ck_assert_msg(r.status == 409, "%ld %s", r.status, r.body);
    ck_assert_str_eq(client_str(&r, "type"), "/idempotency/in-progress");
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);

    while (r.status == 409) {
        client_free(&r);
        r = gateway_request(&g, "POST", "/v1/crawl", IDEMPOTENCY_KEY, body);
    }

    ck_assert_msg(r.status < 300, "%ld %s", r.status, r.body);
    client_free(&r);

    r = gateway_request(&g, "GET", "/v1/jobs", NULL, NULL);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 1);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_second_request_with_a_streamed_body_makes_no_second_job)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    r = idempotency_lines(&g, 1);
    ck_assert_int_eq(r.status, 202);

    s = idempotency_lines(&g, 1);
    ck_assert_int_eq(s.status, 202);
    ck_assert_str_eq(client_header(&s, "Idempotent-Replayed"), "true");
    ck_assert_str_eq(client_str(&s, "id"), client_str(&r, "id"));
    client_free(&s);

    s = idempotency_lines(&g, 2);
    ck_assert_int_eq(s.status, 422);

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_key_is_a_string_in_quotes)
{
    size_t          i;
    gateway_t       g;
    client_reply_t  r;

    static const char *const  keys[] = {
        "Idempotency-Key: k", "Idempotency-Key: \"", "Idempotency-Key: \"\"",
        "Idempotency-Key: \"a\" \"b\"", "Idempotency-Key: \"a\\b\"",
        "Idempotency-Key: \"a\"\nIdempotency-Key: \"b\""
    };

    gateway_start(&g, NULL);

    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        r = idempotency_post(&g, "/v1/extract", keys[i], 1);
        ck_assert_int_eq(r.status, 400);
        ck_assert_str_eq(client_str(&r, "type"), "/request/invalid");
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(a_key_can_be_asked_for)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .settings = "idempotency = 1\n" };

    gateway_start(&g, &o);

    r = idempotency_post(&g, "/v1/extract", NULL, 1);
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "type"), "/idempotency/missing");
    client_free(&r);

    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(keys_of_tenants_are_their_own)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .api = "scrape_tenant $http_x_tenant;" };

    gateway_start(&g, &o);

    r = idempotency_post(&g, "/v1/extract",
                         IDEMPOTENCY_KEY "\nX-Tenant: a", 1);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    r = idempotency_post(&g, "/v1/extract",
                         IDEMPOTENCY_KEY "\nX-Tenant: b", 2);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Idempotent-Replayed"), "");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_refusal_is_an_answer_too)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    r = gateway_request(&g, "POST", "/v1/crawl", IDEMPOTENCY_KEY, "{}");
    ck_assert_int_eq(r.status, 400);
    s = gateway_request(&g, "POST", "/v1/crawl", IDEMPOTENCY_KEY, "{}");
    ck_assert_int_eq(s.status, 400);
    ck_assert_str_eq(client_header(&s, "Idempotent-Replayed"), "true");
    ck_assert_str_eq(client_header(&s, "Content-Type"),
                     "application/problem+json");

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(what_another_attempt_may_change_is_not_kept)
{
    gateway_t          g;
    client_reply_t     r, s;
    gateway_options_t  o = { .settings = "tenant_queue = 1\n" };

    gateway_start(&g, &o);

    s = gateway_extract(&g, "/hang", "{\"title\":\"//h1\"}", "",
                        "Prefer: respond-async");
    ck_assert_int_eq(s.status, 202);
    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(r.status, 429);
    ck_assert_str_ne(client_header(&r, "Retry-After"), "");
    client_free(&r);

    r = gateway_request(&g, "DELETE", client_str(&s, "links.self"), NULL,
                        NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);
    client_free(&s);

    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Idempotent-Replayed"), "");
    client_free(&r);

    r = idempotency_post(&g, "/v1/extract", IDEMPOTENCY_KEY, 1);
    ck_assert_str_eq(client_header(&r, "Idempotent-Replayed"), "true");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(an_answer_too_long_to_be_kept_is_made_again)
{
    char            body[256];
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);
    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/big?bytes=2000000\","
                    "\"rules\":{\"title\":\"//h1\"},\"return\":[\"raw\"]}",
                    g.origin);

    r = gateway_request(&g, "POST", "/v1/extract", IDEMPOTENCY_KEY, body);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_gt(r.len, 1048576);
    s = gateway_request(&g, "POST", "/v1/extract", IDEMPOTENCY_KEY, body);
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(client_header(&s, "Idempotent-Replayed"), "true");
    ck_assert(json_equal(s.json, r.json));
    ck_assert_int_eq(gateway_hits(&g, "/big"), 1);

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


static client_reply_t
idempotency_post(gateway_t *g, const char *path, const char *headers,
    int page)
{
    char  body[256];

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/page/%d\",\"rules\":"
                    "{\"title\":\"//h1\"}}", g->origin, page);

    return gateway_request(g, "POST", path, headers, body);
}


static client_reply_t
idempotency_lines(gateway_t *g, int page)
{
    char  url[128], body[256];

    (void) snprintf(url, sizeof(url), "%s/v1/batch?xpath.title=//h1",
                    g->url);
    (void) snprintf(body, sizeof(body), "\"%s/page/%d\"\n", g->origin, page);

    return client_request("POST", url, IDEMPOTENCY_LINES, body);
}


int
main(void)
{
    const TTest  *tests[] = {
        the_first_answer_of_an_extract_is_given_again,
        a_key_is_for_one_body,
        an_answer_outlives_the_process,
        a_client_that_left_before_its_answer_makes_no_second_extract,
        a_client_that_left_before_the_disk_had_its_job_makes_no_second,
        a_second_request_with_a_streamed_body_makes_no_second_job,
        a_key_is_a_string_in_quotes,
        a_key_can_be_asked_for,
        keys_of_tenants_are_their_own,
        a_refusal_is_an_answer_too,
        what_another_attempt_may_change_is_not_kept,
        an_answer_too_long_to_be_kept_is_made_again,
        NULL
    };

    return suite_run("idempotency", tests, IDEMPOTENCY_TIMEOUT);
}
