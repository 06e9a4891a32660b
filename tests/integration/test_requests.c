
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define REQUESTS_TIMEOUT    60


/* A request that is wrong, and what it is told. */
typedef struct {
    const char  *method;
    const char  *path;
    const char  *headers;
    const char  *body;
    long         status;
    const char  *type;
    const char  *pointer;
} requests_case_t;


static int requests_rule(char *body, size_t size, int i);


#define URL_OK    "\"url\":\"http://127.0.0.1:18/\""
#define JSON      "Content-Type: application/json"


static const requests_case_t  requests_cases[] = {
    { "POST", "/v1/extract", NULL, "{", 400, "/request/invalid-json", NULL },
    { "POST", "/v1/extract", NULL, "[]", 400, "/request/invalid", "" },
    { "POST", "/v1/extract", NULL, "{\"rules\":{\"a\":\"//a\"}}", 400,
      "/request/invalid", "/url" },
    { "POST", "/v1/extract", NULL, "{\"url\":7,\"rules\":{\"a\":\"//a\"}}",
      400, "/request/invalid", "/url" },
    { "POST", "/v1/extract", NULL,
      "{\"url\":\"ftp://a/\",\"rules\":{\"a\":\"//a\"}}", 400,
      "/request/invalid", "/url" },
    { "POST", "/v1/extract", NULL,
      "{\"url\":\"file:///etc/passwd\",\"rules\":{\"a\":\"//a\"}}", 400,
      "/request/invalid", "/url" },
    { "POST", "/v1/extract", NULL,
      "{\"url\":\"http://u:p@127.0.0.1/\",\"rules\":{\"a\":\"//a\"}}", 400,
      "/request/invalid", "/url" },
    { "POST", "/v1/extract", NULL,
      "{\"url\":\"http://127.0.0.1:22/\",\"rules\":{\"a\":\"//a\"}}", 400,
      "/request/invalid", "/url" },
    { "POST", "/v1/extract", NULL,
      "{\"url\":\"http://a/\\r\\nX: y\",\"rules\":{\"a\":\"//a\"}}", 400,
      "/request/invalid", "/url" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":\"//a\"},\"colour\":1}", 400,
      "/request/unknown-field", "/colour" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":\"//a\"},\"request\":{\"x/y\":1}}", 400,
      "/request/unknown-field", "/request/x~1y" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":\"//a\"},"
      "\"request\":{\"headers\":{\"X-A\":\"b\\r\\nHost: c\"}}}", 400,
      "/request/invalid", "/request/headers/X-A" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":\"//a\"},"
      "\"request\":{\"headers\":{\"Host\":\"c\"}}}", 400,
      "/request/invalid", "/request/headers/Host" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":{\"xpath\":\"//a\",\"typ\":1}}}", 400,
      "/request/unknown-field", "/rules/a/typ" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":\"//a[\"}}", 422, "/rules/invalid",
      "/rules/a" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":{\"xpath\":\"nope(//a)\"}}}", 422,
      "/rules/invalid", "/rules/a/xpath" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":\"//x:a\"}}", 422, "/rules/invalid",
      "/rules/a" },
    { "POST", "/v1/extract", NULL,
      "{" URL_OK ",\"rules\":{\"a\":[\"count(//a)\"]}}", 422,
      "/rules/invalid", "/rules/a/0" },
    { "POST", "/v1/extract", NULL, "{" URL_OK "}", 400, "/request/invalid",
      NULL },
    { "POST", "/v1/extract", NULL, "{" URL_OK ",\"ruleset\":\"nope\"}", 404,
      "/ruleset/unknown", NULL },
    { "POST", "/v1/extract", "Content-Type: text/plain", "x", 415,
      "/request/unsupported-media-type", NULL },
    { "GET", "/v1/extract", NULL, NULL, 400, "/request/invalid", NULL },
    { "PUT", "/v1/extract", JSON, "{}", 405, "/request/method-not-allowed",
      NULL },
    { "TRACK", "/v1/extract", NULL, NULL, 405, "/request/method-not-allowed",
      NULL },
    { "GET", "/v1/nothing", NULL, NULL, 404, "/request/not-found", NULL },
    { "GET", "/v1/jobs/00001ARZ3NDEKTSV4RRFFQ69G5FAV", NULL, NULL, 404,
      "/job/not-found", NULL },
    { "GET", "/v1/jobs/short", NULL, NULL, 404, "/job/not-found", NULL },
    { "GET", "/v1/results/00001ARZ3NDEKTSV4RRFFQ69G5FAV", NULL, NULL, 404,
      "/result/not-found", NULL },
    { "GET", "/v1/results?url=http://127.0.0.1:18/never", NULL, NULL, 404,
      "/result/not-found", NULL },
    { "DELETE", "/v1/jobs/00001ARZ3NDEKTSV4RRFFQ69G5FAV", NULL, NULL, 404,
      "/job/not-found", NULL }
};


START_TEST(every_wrong_request_is_told_what_is_wrong)
{
    size_t                  i;
    gateway_t               g;
    client_reply_t          r;
    const requests_case_t  *c;

    gateway_start(&g, NULL);

    for (i = 0; i < sizeof(requests_cases) / sizeof(requests_cases[0]); i++) {
        c = &requests_cases[i];
        r = gateway_request(&g, c->method, c->path, c->headers, c->body);

        ck_assert_msg(r.status == c->status
                      && strcmp(client_str(&r, "type"), c->type) == 0
                      && strcmp(client_header(&r, "Content-Type"),
                                "application/problem+json") == 0,
                      "%s %s %s: %ld %s", c->method, c->path,
                      c->body != NULL ? c->body : "", r.status, r.body);
        ck_assert_msg(c->pointer == NULL
                      || (client_get(&r, "pointer") != NULL
                          && strcmp(client_str(&r, "pointer"), c->pointer)
                             == 0),
                      "%s: pointer of %s", c->body, r.body);
        ck_assert_int_eq(json_integer_value(client_get(&r, "status")),
                         r.status);
        ck_assert_str_ne(client_str(&r, "request_id"), "");
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(a_bad_xpath_is_told_with_its_column)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_request(&g, "POST", "/v1/extract", NULL,
                        "{" URL_OK ",\"rules\":{\"a\":\"//a[@b='c'\"}}");
    ck_assert_int_eq(r.status, 422);
    ck_assert_int_gt(json_integer_value(client_get(&r, "column")), 0);
    ck_assert_str_ne(client_str(&r, "xpath_error"), "");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_method_that_is_not_allowed_names_those_that_are)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_request(&g, "DELETE", "/v1/extract", NULL, NULL);
    ck_assert_int_eq(r.status, 405);
    ck_assert_ptr_nonnull(strstr(client_header(&r, "Allow"), "QUERY"));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_body_larger_than_nginx_takes_is_a_problem)
{
    char               *body;
    gateway_t           g;
    client_reply_t      r;
    gateway_options_t   o = { .api = "client_max_body_size 1k;" };

    gateway_start(&g, &o);

    body = malloc(4097);
    ck_assert_ptr_nonnull(body);
    memset(body, ' ', 4096);
    body[4096] = '\0';

    r = gateway_request(&g, "POST", "/v1/extract", NULL, body);
    ck_assert_int_eq(r.status, 413);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "application/problem+json");
    ck_assert_str_eq(client_str(&r, "type"), "/request/too-large");
    client_free(&r);
    free(body);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_body_larger_than_the_sidecar_takes_is_a_problem)
{
    char               *body;
    gateway_t           g;
    client_reply_t      r;
    gateway_options_t   o = { .api = "client_max_body_size 8m;",
                              .settings = "max_body = 65536\n" };

    gateway_start(&g, &o);

    body = malloc(4000001);
    ck_assert_ptr_nonnull(body);
    memset(body, ' ', 4000000);
    body[4000000] = '\0';

    r = gateway_request(&g, "POST", "/v1/extract", NULL, body);
    ck_assert_int_eq(r.status, 413);
    ck_assert_str_eq(client_str(&r, "type"), "/request/too-large");
    client_free(&r);

    body[60000] = '\0';
    memcpy(body, "{" URL_OK "}", sizeof("{" URL_OK "}") - 1);
    r = gateway_request(&g, "POST", "/v1/extract", NULL, body);
    ck_assert_int_eq(r.status, 400);
    client_free(&r);
    free(body);

    gateway_stop(&g);
}
END_TEST


START_TEST(rules_that_would_take_long_to_check_are_refused)
{
    int              i;
    char            *body;
    size_t           len;
    gateway_t        g;
    client_reply_t   r;

    gateway_start(&g, NULL);

    body = malloc(400000);
    ck_assert_ptr_nonnull(body);
    len = (size_t) requests_rule(body, 400000, 0);

    for (i = 1; len < 200000; i++) {
        len += (size_t) requests_rule(body + len, 400000 - len, i);
    }

    memcpy(body + len, "}}", 3);

    r = gateway_request(&g, "POST", "/v1/extract", NULL, body);
    ck_assert_int_eq(r.status, 422);
    ck_assert_str_eq(client_str(&r, "pointer"), "/rules");
    client_free(&r);
    free(body);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_body_kept_in_a_file_by_nginx_arrives_whole)
{
    int                 len;
    char               *body;
    gateway_t           g;
    client_reply_t      r;
    gateway_options_t   o = { .api = "client_max_body_size 1m;"
                                     "client_body_in_file_only clean;" };

    gateway_start(&g, &o);

    body = malloc(300001);
    ck_assert_ptr_nonnull(body);
    memset(body, ' ', 300000);
    len = snprintf(body, 200, "{\"url\":\"%s/page/13\",", g.origin);
    body[len] = ' ';
    memcpy(body + 299000, "\"rules\":{\"t\":\"//h1\"}}", 22);
    body[300000] = '\0';

    r = gateway_request(&g, "POST", "/v1/extract", NULL, body);
    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.t"), "13"));
    client_free(&r);
    free(body);

    gateway_stop(&g);
}
END_TEST


START_TEST(many_requests_go_over_one_connection)
{
    int             i;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    for (i = 0; i < 200; i++) {
        r = gateway_request(&g, "GET", "/healthz", NULL, NULL);
        ck_assert_int_eq(r.status, 200);
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


/* one that scraped refuses would end the connection of all */
START_TEST(a_field_with_a_control_character_is_refused)
{
    size_t           i;
    gateway_t        g;
    client_reply_t   r;

    static const struct {
        const char  *field;
        long         status;
    }  cases[] = {
        { "Accept: a\001b", 400 },
        { "Prefer: wait=1\177", 400 },
        { "Idempotency-Key: \"\033\"", 400 },
        { "Accept: a\tb", 200 },
        { "X-Other: a\001b", 200 }
    };

    gateway_start(&g, NULL);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        r = gateway_request(&g, "GET", "/v1/status", cases[i].field, NULL);
        ck_assert_msg(r.status == cases[i].status, "%s: %ld %s",
                      cases[i].field, r.status, r.body);

        if (r.status == 400) {
            ck_assert_ptr_nonnull(strstr(client_str(&r, "detail"),
                                         "a control character"));
        }

        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(a_target_made_of_variables_is_one_line)
{
    int                client, fd;
    char              *open;
    framed_t           f;
    uint64_t           id;
    gateway_options_t  o = {
        .server = "location ~ \"^/of/(?<v>(?s).*)$\" {"
                  " rewrite ^ /v1/jobs?tag=$v? break; scrape_pass scrapers; }"
    };

    static const char  line[] =
        "GET /v1/jobs?tag=a:b%20HTTP/1.1%0D%0AScrape-Tenant:%20bob%0D%0AX:%7F"
        " HTTP/1.1\r\n";

    framed_start(&f, &o);
    client = framed_client(&f);
    say(client, "GET /of/a:b%%20HTTP/1.1%%0d%%0aScrape-Tenant:%%20bob%%0d%%0a"
        "X:%%7f HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    fd = framed_accept(&f);
    id = framed_opened(fd, &open);
    ck_assert_msg(strncmp(open, line, strlen(line)) == 0, "%s", open);
    ck_assert_ptr_null(strstr(open, "\nScrape-Tenant"));
    free(open);

    say(fd, FRAMED_HELLO);
    framed_reply(fd, id, 200, "", "{}");
    free(framed_head(client));
    (void) close(fd);
    (void) close(client);

    framed_stop(&f);
}
END_TEST


/* The i-th of many long rules; the first with what stands before it. */
static int
requests_rule(char *body, size_t size, int i)
{
    return snprintf(body, size, "%s\"f%d\":\"//a[@b='%01000d']\"",
                    i == 0 ? "{" URL_OK ",\"rules\":{" : ",", i, i);
}


int
main(void)
{
    const TTest  *tests[] = {
        every_wrong_request_is_told_what_is_wrong,
        a_bad_xpath_is_told_with_its_column,
        a_method_that_is_not_allowed_names_those_that_are,
        a_body_larger_than_nginx_takes_is_a_problem,
        a_body_larger_than_the_sidecar_takes_is_a_problem,
        rules_that_would_take_long_to_check_are_refused,
        a_body_kept_in_a_file_by_nginx_arrives_whole,
        many_requests_go_over_one_connection,
        a_field_with_a_control_character_is_refused,
        a_target_made_of_variables_is_one_line,
        NULL
    };

    return suite_run("requests", tests, REQUESTS_TIMEOUT);
}
