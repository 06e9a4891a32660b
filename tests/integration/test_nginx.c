
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define NGINX_TIMEOUT    60


/* A configuration that nginx -t refuses, and what it must say. */
typedef struct {
    const char  *http;
    const char  *says;
} nginx_case_t;


static const nginx_case_t  nginx_cases[] = {
    { "scrape_rules p {\n title \"//h1[\";\n}", "in field \"title\"" },
    { "scrape_rules p {\n title \"//h1[\";\n}", "of rule set \"p\"" },
    { "scrape_rules p {\n title \"//h1[\";\n}", "at column" },
    { "scrape_rules p {\n title \"//h1[\";\n}", "nginx.conf:" },
    { "scrape_rules p { t \"nope(//a)\"; }", "nope(//a)" },
    { "scrape_rules p { t \"//x:a\"; }", "//x:a" },
    { "scrape_rules p { t \"//a[$v]\"; }", "//a[$v]" },
    { "scrape_rules p { t \"concat('a')\"; }", "concat('a')" },
    { "scrape_rules p { t \"count(//a)\" many; }", "count(//a)" },
    { "scrape_rules p { t \"//a\"; t \"//b\"; }", "duplicate" },
    { "scrape_rules p { t \"//a\"; } scrape_rules p { t \"//a\"; }",
      "duplicate" },
    { "scrape_rules p { }", "no fields in rule set \"p\"" },
    { "scrape_rules p { t \"//a\" colour=red; }", "colour=red" },
    { "scrape_rules p { t \"//a\" type=dated; }", "dated" },
    { "scrape_rules p { include /nowhere/at-all.conf; }",
      "/nowhere/at-all.conf" },
    { "server { location / { scrape_pass unix:/x.sock; scrape_url $arg_u;"
      " scrape_use nope; } }", "unknown rule set \"nope\"" },
    { "server { location / { scrape_pass unix:/x.sock;"
      " scrape_request_buffering maybe; } }", "\"scrape_request_buffering\"" }
};


START_TEST(a_wrong_configuration_is_told_by_nginx_t)
{
    int     rc;
    char   *said;
    size_t  i;

    for (i = 0; i < sizeof(nginx_cases) / sizeof(nginx_cases[0]); i++) {
        rc = gateway_nginx_test(nginx_cases[i].http, &said);
        ck_assert_msg(rc == 1 && strstr(said, "[emerg]") != NULL
                      && strstr(said, nginx_cases[i].says) != NULL,
                      "%s: %d %s", nginx_cases[i].http, rc, said);
        free(said);
    }
}
END_TEST


START_TEST(a_right_configuration_passes)
{
    int    rc;
    char  *said;

    rc = gateway_nginx_test("scrape_rules p { title \"//h1\" required;\n"
                            " price \"//b\" type=number default=0;\n"
                            " images \"//img/@src\" type=url many; }\n"
                            "server { location / {"
                            " scrape_pass unix:/x.sock; scrape_url $arg_u;"
                            " scrape_use later; } }\n"
                            "scrape_rules later { t \"//h1\"; }", &said);
    ck_assert_msg(rc == 0, "%s", said);
    free(said);
}
END_TEST


START_TEST(a_reload_fails_no_request)
{
    int             i;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    for (i = 0; i < 60; i++) {
        if (i % 10 == 5) {
            ck_assert_int_eq(kill(g.nginx, SIGHUP), 0);
        }

        r = gateway_extract(&g, "/page/1", "{\"t\":\"//h1\"}", "", NULL);
        ck_assert_int_eq(r.status, 200);
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(an_empty_url_in_a_location_is_a_problem)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = "scrape_rules p { t \"//h1\"; }",
        .server = "location = /p { scrape_pass scrapers;"
                  " scrape_url $arg_u; scrape_use p; }"
    };

    gateway_start(&g, &o);

    r = gateway_request(&g, "GET", "/p", NULL, NULL);
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "type"), "/request/invalid");
    client_free(&r);

    r = gateway_request(&g, "POST", "/p?u=http://127.0.0.1/", NULL, "{}");
    ck_assert_int_eq(r.status, 405);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(links_begin_with_the_location_s_prefix)
{
    char               path[256];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .server = "location /scraper/v1/ { scrape_pass scrapers; }"
    };

    gateway_start(&g, &o);

    (void) snprintf(path, sizeof(path),
                    "/scraper/v1/extract?url=%s/page/1&xpath.t=//h1",
                    g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(strncmp(client_str(&r, "result"),
                             "/scraper/v1/results/", 20), 0);
    (void) snprintf(path, sizeof(path), "%.200s", client_str(&r, "result"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(without_keepalive_it_works_the_same)
{
    int                i;
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .upstream = "" };

    gateway_start(&g, &o);

    for (i = 0; i < 20; i++) {
        r = gateway_extract(&g, "/page/2", "{\"t\":\"//h1\"}", "", NULL);
        ck_assert_int_eq(r.status, 200);
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(a_slow_sidecar_is_a_504_problem)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .api = "scrape_read_timeout 300ms;" };

    gateway_start(&g, &o);

    r = gateway_extract(&g, "/delay?ms=3000", "{\"t\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/server/sidecar-timeout");
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "application/problem+json");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_wrong_configuration_is_told_by_nginx_t,
        a_right_configuration_passes,
        a_reload_fails_no_request,
        an_empty_url_in_a_location_is_a_problem,
        links_begin_with_the_location_s_prefix,
        without_keepalive_it_works_the_same,
        a_slow_sidecar_is_a_504_problem,
        NULL
    };

    return suite_run("nginx", tests, NGINX_TIMEOUT);
}
