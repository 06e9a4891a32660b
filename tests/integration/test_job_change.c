
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define CHANGE_TIMEOUT    60


static client_reply_t change_put(gateway_t *g, const char *name,
    const char *members);
static client_reply_t change_get(gateway_t *g, const char *name,
    const char *tail);
static void change_is(gateway_t *g, const char *method, const char *path,
    const char *body, long status, const char *type);


/* nothing but the first page begins */
static gateway_options_t  change_slow = {
    .settings = "host_delay = 60000\nhost_connections = 1\n"
};

static const char  change_pages[] =
    "\"urls\":[\"%s/page/1\",\"%s/page/2\",\"%s/page/3\"],"
    "\"defaults\":{\"rules\":{\"title\":\"//h1\"}}";


START_TEST(a_job_that_is_put_twice_is_one_job)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    r = change_put(&g, "night.1", "\"kind\":\"batch\",");
    ck_assert_int_eq(r.status, 202);
    ck_assert_str_eq(client_str(&r, "name"), "night.1");

    s = change_put(&g, "night.1", "\"kind\":\"batch\",");
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(client_str(&s, "id"), client_str(&r, "id"));
    client_free(&s);

    s = change_put(&g, "night.1", "\"kind\":\"batch\",\"priority\":1,");
    ck_assert_int_eq(s.status, 409);
    ck_assert_str_eq(client_str(&s, "type"), "/job/id-conflict");
    client_free(&s);

    /* all paths of a job take its name */
    s = change_get(&g, "night.1", "");
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(client_str(&s, "id"), client_str(&r, "id"));
    client_free(&s);

    s = change_get(&g, "night.1", "/results");
    ck_assert_int_eq(s.status, 200);
    ck_assert_uint_eq(json_array_size(client_get(&s, "data")), 3);
    client_free(&s);

    change_is(&g, "GET", "/v1/jobs/night.2", NULL, 404, "/job/not-found");

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(an_extract_is_put_as_a_batch_of_one_page)
{
    char            body[256];
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    (void) snprintf(body, sizeof(body), "{\"kind\":\"extract\",\"url\":"
                    "\"%s/page/1\",\"return\":[\"links\"],\"echo\":7,"
                    "\"tags\":{\"a\":\"b\"}}", g.origin);
    r = gateway_request(&g, "PUT", "/v1/jobs/one", "Prefer: wait=20", body);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "kind"), "batch");
    ck_assert_str_eq(client_str(&r, "tags.a"), "b");

    s = change_get(&g, "one", "/results");
    ck_assert_int_eq(json_integer_value(client_get(&s, "data[0].echo")), 7);

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(names_and_kinds_that_are_none_are_refused)
{
    gateway_t  g;

    gateway_start(&g, NULL);

    change_is(&g, "PUT", "/v1/jobs/a%20b", "{\"kind\":\"batch\"}", 400,
              "/request/invalid");
    change_is(&g, "PUT", "/v1/jobs/a", "{\"kind\":\"page\"}", 400,
              "/request/invalid");
    change_is(&g, "PUT", "/v1/jobs/a", "{\"urls\":[]}", 400,
              "/request/invalid");
    change_is(&g, "PUT", "/v1/jobs/a", "[", 400, "/request/invalid-json");
    change_is(&g, "PUT", "/v1/jobs/a", "{\"kind\":\"crawl\"}", 400,
              "/request/invalid");

    gateway_stop(&g);
}
END_TEST


START_TEST(a_job_is_paused_and_goes_on)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &change_slow);

    r = change_put(&g, "p", "\"kind\":\"batch\",");
    ck_assert_int_eq(r.status, 202);
    client_free(&r);

    r = gateway_request(&g, "PATCH", "/v1/jobs/p", NULL,
                        "{\"state\":\"paused\",\"priority\":5,"
                        "\"max_concurrency\":2,\"limits\":{\"pages\":10}}");
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "paused");
    client_free(&r);

    r = gateway_request(&g, "PATCH", "/v1/jobs/p", NULL,
                        "{\"state\":\"running\",\"politeness\":"
                        "{\"delay_ms\":1}}");
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_ne(client_str(&r, "state"), "paused");
    client_free(&r);

    change_is(&g, "PATCH", "/v1/jobs/p", "{}", 400, "/request/invalid");
    change_is(&g, "PATCH", "/v1/jobs/p", "{\"state\":\"cancelled\"}", 400,
              "/request/invalid");
    change_is(&g, "PATCH", "/v1/jobs/p", "{\"nope\":1}", 400,
              "/request/unknown-field");
    change_is(&g, "PATCH", "/v1/jobs/none", "{\"priority\":1}", 404,
              "/job/not-found");

    gateway_stop(&g);
}
END_TEST


START_TEST(a_job_is_cancelled_once)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &change_slow);

    r = change_put(&g, "c", "\"kind\":\"batch\",");
    client_free(&r);

    r = gateway_request(&g, "DELETE", "/v1/jobs/c", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "cancelled");
    client_free(&r);

    change_is(&g, "DELETE", "/v1/jobs/c", NULL, 409, "/job/state");
    change_is(&g, "PATCH", "/v1/jobs/c", "{\"priority\":1}", 409,
              "/job/state");

    gateway_stop(&g);
}
END_TEST


START_TEST(a_job_that_is_purged_is_gone_and_its_name_is_free)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = change_put(&g, "x", "\"kind\":\"batch\",");
    client_free(&r);

    change_is(&g, "DELETE", "/v1/jobs/x?purge=2", NULL, 400,
              "/request/invalid");
    r = gateway_request(&g, "DELETE", "/v1/jobs/x?purge=1", NULL, NULL);
    ck_assert_int_eq(r.status, 204);
    client_free(&r);

    change_is(&g, "GET", "/v1/jobs/x", NULL, 404, "/job/not-found");

    r = change_put(&g, "x", "\"kind\":\"batch\",\"priority\":3,");
    ck_assert_int_eq(r.status, 202);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(pages_that_failed_are_tried_again)
{
    char            body[256], path[160];
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/close\","
                    "\"%s/page/1\"],\"defaults\":{\"return\":[\"links\"],"
                    "\"request\":{\"retries\":0}}}", g.origin, g.origin);
    r = gateway_request(&g, "POST", "/v1/batch", "Prefer: wait=20", body);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "stats.failed")), 1);

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/retry",
                    client_str(&r, "id"));
    s = gateway_request(&g, "POST", path, NULL, "{}");
    ck_assert_int_eq(s.status, 202);
    ck_assert_int_eq(json_integer_value(client_get(&s, "retried")), 1);
    client_free(&s);

    s = gateway_request(&g, "GET", client_str(&r, "links.self"),
                        "Prefer: wait=20", NULL);
    ck_assert_int_eq(json_integer_value(client_get(&s, "stats.failed")), 1);
    ck_assert_int_eq(json_integer_value(client_get(&s, "stats.completed")),
                     1);

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


static client_reply_t
change_put(gateway_t *g, const char *name, const char *members)
{
    char  path[160], pages[512], body[768];

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s", name);
    (void) snprintf(pages, sizeof(pages), change_pages, g->origin, g->origin,
                    g->origin);
    (void) snprintf(body, sizeof(body), "{%s%s}", members, pages);

    return gateway_request(g, "PUT", path, NULL, body);
}


/* When it has ended. */
static client_reply_t
change_get(gateway_t *g, const char *name, const char *tail)
{
    char            path[160];
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s", name);
    r = gateway_request(g, "GET", path, "Prefer: wait=20", NULL);

    if (tail[0] == '\0') {
        return r;
    }

    client_free(&r);
    (void) snprintf(path, sizeof(path), "/v1/jobs/%s%s", name, tail);

    return gateway_request(g, "GET", path, NULL, NULL);
}


static void
change_is(gateway_t *g, const char *method, const char *path,
    const char *body, long status, const char *type)
{
    client_reply_t  r;

    r = gateway_request(g, method, path, NULL, body);
    ck_assert_msg(r.status == status
                  && strcmp(client_str(&r, "type"), type) == 0,
                  "%s %s is %ld: %s", method, path, r.status, r.body);
    client_free(&r);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_job_that_is_put_twice_is_one_job,
        an_extract_is_put_as_a_batch_of_one_page,
        names_and_kinds_that_are_none_are_refused,
        a_job_is_paused_and_goes_on,
        a_job_is_cancelled_once,
        a_job_that_is_purged_is_gone_and_its_name_is_free,
        pages_that_failed_are_tried_again,
        NULL
    };

    return suite_run("job_change", tests, CHANGE_TIMEOUT);
}
