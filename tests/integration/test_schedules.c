
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define SCHEDULES_TIMEOUT    120

#define PATH       "/v1/schedules/shop"
#define MORNING    "{\"cron\":\"0 6 * * mon-fri\",\"timezone\":\"UTC\","      \
                   "\"kind\":\"extract\",\"body\":{\"url\":"                  \
                   "\"http://a.example/\"}}"
#define PAUSED     "{\"every_ms\":1000,\"paused\":true,\"kind\":\"crawl\","   \
                   "\"body\":{}}"


/* A request that is wrong, and what it is told. */
typedef struct {
    const char  *method;
    const char  *path;
    const char  *headers;
    const char  *body;
    long         status;
    const char  *type;
    const char  *pointer;
} schedules_case_t;


static const schedules_case_t  schedules_cases[] = {
    { "GET", PATH, NULL, NULL, 404, "/schedule/not-found", "" },
    { "DELETE", PATH, NULL, NULL, 404, "/schedule/not-found", "" },
    { "GET", "/v1/schedules/a%20b", NULL, NULL, 404, "/schedule/not-found",
      "" },
    { "PUT", "/v1/schedules/a%20b", NULL, MORNING, 400, "/request/invalid",
      "" },
    { "PUT", PATH, NULL, "{", 400, "/request/invalid-json", "" },
    { "PUT", PATH, NULL, "{}", 400, "/request/invalid", "" },
    { "PUT", PATH, NULL, "{\"cron\":\"* * *\",\"kind\":\"crawl\","
      "\"body\":{}}", 400, "/request/invalid", "/cron" },
    { "PUT", PATH, NULL, "{\"every_ms\":1,\"kind\":\"crawl\",\"body\":{}}",
      400, "/request/invalid", "/every_ms" },
    { "PUT", PATH, NULL, "{\"every_ms\":1000,\"kind\":\"crawl\",\"body\":{},"
      "\"colour\":1}", 400, "/request/invalid", "/colour" },
    { "PUT", PATH, "Content-Type: text/plain", MORNING, 415,
      "/request/unsupported-media-type", "" },
    { "PUT", PATH "?x=1", NULL, MORNING, 400, "/request/unknown-field", "" },
    { "GET", "/v1/schedules?limit=0", NULL, NULL, 400, "/request/invalid",
      "" },
    { "GET", "/v1/schedules?after=%2F", NULL, NULL, 400, "/request/invalid",
      "" },
    { "POST", PATH, NULL, "{}", 405, "/request/method-not-allowed", "" },
};


static long
schedules_status(gateway_t *g, const char *method, const char *path,
    const char *headers, const char *body)
{
    long            status;
    client_reply_t  r;

    r = gateway_request(g, method, path, headers, body);
    status = r.status;
    client_free(&r);

    return status;
}


/* Ask for a schedule until it has been run; the answer's status. */
static long
schedules_ran(gateway_t *g, const char *path, char *job, size_t size)
{
    int             i;
    long            status;
    client_reply_t  r;

    status = 0;

    for (i = 0; i < 600 && status == 0; i++) {
        r = gateway_request(g, "GET", path, NULL, NULL);
        status = (long) json_integer_value(client_get(&r, "last.status"));
        (void) snprintf(job, size, "%s", client_str(&r, "last.job"));
        client_free(&r);

        if (status == 0) {
            process_pause(50);
        }
    }

    return status;
}


START_TEST(requests_that_are_wrong_are_told_where)
{
    size_t                   i;
    gateway_t                g;
    client_reply_t           r;
    const schedules_case_t  *c;

    gateway_start(&g, NULL);

    for (i = 0; i < sizeof(schedules_cases) / sizeof(schedules_cases[0]);
         i++)
    {
        c = &schedules_cases[i];
        r = gateway_request(&g, c->method, c->path, c->headers, c->body);
        ck_assert_msg(r.status == c->status, "%s %s %s: %ld %s", c->method,
                      c->path, c->body, r.status, r.body);
        ck_assert_str_eq(client_str(&r, "type"), c->type);
        ck_assert_str_eq(client_str(&r, "pointer"), c->pointer);
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(a_schedule_is_put_shown_replaced_and_deleted)
{
    char            tag[128], headers[160];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_request(&g, "PUT", PATH, NULL, MORNING);
    ck_assert_msg(r.status == 201, "%ld %s", r.status, r.body);
    ck_assert_ptr_nonnull(strstr(client_header(&r, "Location"), PATH));
    ck_assert_str_eq(client_str(&r, "name"), "shop");
    client_free(&r);

    r = gateway_request(&g, "GET", PATH, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "cron"), "0 6 * * mon-fri");
    ck_assert_str_eq(client_str(&r, "body.url"), "http://a.example/");
    ck_assert_ptr_nonnull(strstr(client_str(&r, "next_at"), "T06:00:00"));
    ck_assert(json_is_null(client_get(&r, "last")));
    (void) snprintf(tag, sizeof(tag), "%s", client_header(&r, "ETag"));
    client_free(&r);

    (void) snprintf(headers, sizeof(headers), "If-None-Match: %s", tag);
    ck_assert_int_eq(schedules_status(&g, "GET", PATH, headers, NULL), 304);
    ck_assert_int_eq(schedules_status(&g, "PUT", PATH, "If-None-Match: *",
                                      MORNING), 412);
    (void) snprintf(headers, sizeof(headers), "If-Match: %s", tag);
    ck_assert_int_eq(schedules_status(&g, "PUT", PATH, headers, PAUSED), 200);
    ck_assert_int_eq(schedules_status(&g, "PUT", PATH, headers, PAUSED), 412);

    r = gateway_request(&g, "GET", PATH, NULL, NULL);
    ck_assert(json_is_true(client_get(&r, "paused")));
    ck_assert(json_is_null(client_get(&r, "next_at")));
    client_free(&r);

    ck_assert_int_eq(schedules_status(&g, "DELETE", PATH, NULL, NULL), 204);
    ck_assert_int_eq(schedules_status(&g, "GET", PATH, NULL, NULL), 404);
    gateway_stop(&g);
}
END_TEST


START_TEST(schedules_are_listed_in_pages_without_those_of_others)
{
    gateway_t                       g;
    client_reply_t                  r;
    static const gateway_options_t  tenants = {
        .api = "scrape_tenant $http_x_tenant;"
    };

    gateway_start(&g, &tenants);
    (void) schedules_status(&g, "PUT", "/v1/schedules/b", "X-Tenant: a",
                            PAUSED);
    (void) schedules_status(&g, "PUT", "/v1/schedules/a", "X-Tenant: a",
                            PAUSED);
    (void) schedules_status(&g, "PUT", "/v1/schedules/c", "X-Tenant: a/b",
                            PAUSED);

    r = gateway_request(&g, "GET", "/v1/schedules?limit=1", "X-Tenant: a",
                        NULL);
    ck_assert_str_eq(client_str(&r, "data[0].name"), "a");
    ck_assert_str_eq(client_str(&r, "data[0].kind"), "crawl");
    ck_assert_ptr_null(client_get(&r, "data[0].body"));
    ck_assert_ptr_nonnull(strstr(client_str(&r, "next"), "after=a&limit=1"));
    client_free(&r);

    r = gateway_request(&g, "GET", "/v1/schedules?limit=1&after=a",
                        "X-Tenant: a", NULL);
    ck_assert_str_eq(client_str(&r, "data[0].name"), "b");
    ck_assert(json_is_null(client_get(&r, "next")));
    client_free(&r);

    ck_assert_int_eq(schedules_status(&g, "GET", "/v1/schedules/c",
                                      "X-Tenant: a", NULL), 404);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_schedule_makes_its_job_and_goes_on_after_a_crash)
{
    char            body[512], job[256];
    const char     *path;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    (void) snprintf(body, sizeof(body), "{\"every_ms\":1000,\"kind\":"
                    "\"batch\",\"body\":{\"urls\":[\"%s/page/1\"],"
                    "\"defaults\":{\"rules\":{\"title\":\"//h1\"}}}}",
                    g.origin);
    ck_assert_int_eq(schedules_status(&g, "PUT", PATH, NULL, body), 201);
    ck_assert_int_eq(schedules_ran(&g, PATH, job, sizeof(job)), 202);

    path = strstr(job, "/v1/jobs/");
    ck_assert_msg(path != NULL, "\"%s\" is no job", job);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "kind"), "batch");
    client_free(&r);

    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGKILL), 128 + SIGKILL);
    gateway_start_sidecar(&g);
    ck_assert_int_eq(schedules_status(&g, "GET", PATH, NULL, NULL), 200);
    ck_assert_int_eq(schedules_status(&g, "PUT", "/v1/schedules/next", NULL,
                                      body), 201);
    ck_assert_int_eq(schedules_ran(&g, "/v1/schedules/next", job,
                                   sizeof(job)), 202);
    gateway_stop(&g);
}
END_TEST


START_TEST(what_a_request_was_told_is_shown)
{
    char       job[256];
    gateway_t  g;

    gateway_start(&g, NULL);
    ck_assert_int_eq(schedules_status(&g, "PUT", PATH, NULL,
                                      "{\"every_ms\":1000,\"kind\":\"batch\","
                                      "\"body\":{\"colour\":1}}"), 201);
    ck_assert_int_eq(schedules_ran(&g, PATH, job, sizeof(job)), 400);
    ck_assert_str_eq(job, "");
    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        requests_that_are_wrong_are_told_where,
        a_schedule_is_put_shown_replaced_and_deleted,
        schedules_are_listed_in_pages_without_those_of_others,
        a_schedule_makes_its_job_and_goes_on_after_a_crash,
        what_a_request_was_told_is_shown,
        NULL
    };

    return suite_run("schedules", tests, SCHEDULES_TIMEOUT);
}
