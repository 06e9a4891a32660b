
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define EXTRACT_TIMEOUT    60

/* "/v1/results/" and an id, or any other path of a reply */
#define EXTRACT_PATH       512


static void extract_follow(gateway_t *g, const char *path, const char *wait,
    client_reply_t *reply);
static void extract_copy(char *path, const char *value);


static const char  title_rule[] = "{\"title\":\"//h1\"}";


START_TEST(a_post_answers_typed_data)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/page/7",
            "{\"title\":\"//h1\","
            "\"price\":{\"xpath\":\"//*[@class='price']\","
                       "\"type\":\"number\"},"
            "\"links\":[{\"xpath\":\"//a/@href\",\"type\":\"url\"}],"
            "\"n\":{\"xpath\":\"count(//a)\",\"type\":\"int\"},"
            "\"none\":\"//video\"}",
            ",\"echo\":{\"row\":17}", NULL);

    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Content-Type"), "application/json");
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.title"), "7"));
    ck_assert(json_is_number(client_get(&r, "data.price")));
    ck_assert(json_is_integer(client_get(&r, "data.n")));
    ck_assert_str_eq(client_header(&r, "Content-Location"),
                     client_str(&r, "result"));
    ck_assert_int_eq(strncmp(client_str(&r, "data.links[0]"), g.origin,
                             strlen(g.origin)), 0);
    ck_assert(json_is_null(client_get(&r, "data.none")));
    ck_assert_int_eq(json_integer_value(client_get(&r, "echo.row")), 17);
    ck_assert_str_ne(client_header(&r, "X-Request-Id"), "");

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_query_answers_what_a_post_answers)
{
    char            body[512];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(body, sizeof(body),
                    "{\"url\":\"%s/page/3\",\"rules\":%s}", g.origin,
                    title_rule);
    r = gateway_request(&g, "QUERY", "/v1/extract", NULL, body);

    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.title"), "3"));

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_get_takes_rules_from_its_query_string)
{
    char            path[EXTRACT_PATH];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(path, sizeof(path),
                    "/v1/extract?url=%s/page/4&xpath.title=//h1"
                    "&xpath.all%%5B%%5D=//a/@href", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);

    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.title"), "4"));
    ck_assert(json_is_array(client_get(&r, "data.all")));

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_get_names_a_rule_set_of_nginx)
{
    char               path[EXTRACT_PATH];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = "scrape_rules product { title \"//h1\"; }"
    };

    gateway_start(&g, &o);

    (void) snprintf(path, sizeof(path),
                    "/v1/extract?url=%s/page/5&ruleset=product", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);

    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.title"), "5"));

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_location_extracts_the_url_of_its_variable)
{
    char               path[EXTRACT_PATH];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = "scrape_rules product { title \"//h1\"; }",
        .server = "location = /price { scrape_pass scrapers;"
                  " scrape_url $arg_url; scrape_use product;"
                  " scrape_wait 10s; }"
    };

    gateway_start(&g, &o);

    (void) snprintf(path, sizeof(path), "/price?url=%s/page/6", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);

    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.title"), "6"));

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(an_async_job_is_accepted_and_then_read)
{
    char            location[EXTRACT_PATH], results[EXTRACT_PATH + 16];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/page/8", title_rule, "",
                        "Prefer: respond-async");
    ck_assert_int_eq(r.status, 202);
    ck_assert_str_eq(client_header(&r, "Preference-Applied"),
                     "respond-async");
    ck_assert_str_ne(client_header(&r, "Retry-After"), "");
    extract_copy(location, client_header(&r, "Location"));
    ck_assert_str_eq(location, client_str(&r, "links.self"));
    client_free(&r);

    extract_follow(&g, location, "Prefer: wait=20", &r);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    client_free(&r);

    (void) snprintf(results, sizeof(results), "%s/results", location);
    r = gateway_request(&g, "GET", results, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data[0].data.title"), "8"));
    ck_assert(json_is_null(client_get(&r, "next")));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_wait_that_passes_becomes_202_and_the_job_goes_on)
{
    char            location[EXTRACT_PATH];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/delay?ms=2500", title_rule, "",
                        "Prefer: wait=1");
    ck_assert_int_eq(r.status, 202);
    ck_assert_str_eq(client_header(&r, "Preference-Applied"), "wait=1");
    extract_copy(location, client_header(&r, "Location"));
    client_free(&r);

    extract_follow(&g, location, "Prefer: wait=20", &r);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    client_free(&r);

    ck_assert_int_eq(gateway_hits(&g, "/delay"), 1);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_result_has_an_etag_and_is_not_sent_twice)
{
    char            path[EXTRACT_PATH], match[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/page/9", title_rule, "", NULL);
    extract_copy(path, client_header(&r, "Content-Location"));
    (void) snprintf(match, sizeof(match), "If-None-Match: %.200s",
                    client_header(&r, "ETag"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_ptr_nonnull(strstr(match, client_header(&r, "ETag")));
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.title"), "9"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, match, NULL);
    ck_assert_int_eq(r.status, 304);
    ck_assert_uint_eq(r.len, 0);
    client_free(&r);

    r = gateway_request(&g, "HEAD", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(r.len, 0);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(the_newest_result_of_a_url_is_found_by_it)
{
    char            path[EXTRACT_PATH], newest[EXTRACT_PATH];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/page/10", title_rule, "", NULL);
    client_free(&r);
    r = gateway_extract(&g, "/page/10", title_rule, "", NULL);
    extract_copy(newest, client_str(&r, "result"));
    client_free(&r);

    (void) snprintf(path, sizeof(path), "/v1/results?url=HTTP%s/page/10%%23x",
                    g.origin + 4);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "result"), newest);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_status_of_the_origin_is_an_answer)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/status/404", title_rule, "", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 404);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_redirect_is_followed_and_told)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/redirect-chain/3", title_rule, "", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 200);
    ck_assert_uint_eq(json_array_size(client_get(&r, "fetch.redirects")), 3);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_job_is_cancelled_and_its_fetch_ends)
{
    char            location[EXTRACT_PATH];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/hang", title_rule, "",
                        "Prefer: respond-async");
    ck_assert_int_eq(r.status, 202);
    extract_copy(location, client_header(&r, "Location"));
    client_free(&r);

    r = gateway_request(&g, "DELETE", location, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "cancelled");
    client_free(&r);

    r = gateway_request(&g, "GET", location, NULL, NULL);
    ck_assert_str_eq(client_str(&r, "state"), "cancelled");
    client_free(&r);

    r = gateway_request(&g, "DELETE", location, NULL, NULL);
    ck_assert_int_eq(r.status, 409);
    ck_assert_str_eq(client_str(&r, "type"), "/job/state");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(another_tenant_s_things_do_not_exist)
{
    char               job[EXTRACT_PATH], result[EXTRACT_PATH];
    gateway_t          g;
    client_reply_t     r, never;
    gateway_options_t  o = { .api = "scrape_tenant $http_x_tenant;" };

    gateway_start(&g, &o);

    r = gateway_extract(&g, "/page/11", title_rule, "", "X-Tenant: alice");
    ck_assert_int_eq(r.status, 200);
    extract_copy(result, client_str(&r, "result"));
    (void) snprintf(job, sizeof(job), "/v1/jobs/%.64s", client_str(&r, "id"));
    client_free(&r);

    r = gateway_request(&g, "GET", job, "X-Tenant: alice", NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    r = gateway_request(&g, "GET", job, "X-Tenant: bob", NULL);
    never = gateway_request(&g, "GET",
                            "/v1/jobs/00001ARZ3NDEKTSV4RRFFQ69G5FAV",
                            "X-Tenant: bob", NULL);
    ck_assert_int_eq(r.status, 404);
    ck_assert_int_eq(never.status, 404);
    ck_assert_str_eq(client_str(&r, "type"), client_str(&never, "type"));
    client_free(&r);
    client_free(&never);

    r = gateway_request(&g, "GET", result, "X-Tenant: bob", NULL);
    ck_assert_int_eq(r.status, 404);
    client_free(&r);

    r = gateway_request(&g, "DELETE", job, "X-Tenant: bob", NULL);
    ck_assert_int_eq(r.status, 404);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_client_cannot_name_its_tenant)
{
    char            job[EXTRACT_PATH];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_extract(&g, "/page/12", title_rule, "",
                        "Scrape-Tenant: alice");
    ck_assert_int_eq(r.status, 200);
    (void) snprintf(job, sizeof(job), "/v1/jobs/%.64s", client_str(&r, "id"));
    client_free(&r);

    r = gateway_request(&g, "GET", job, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


static void
extract_follow(gateway_t *g, const char *path, const char *wait,
    client_reply_t *reply)
{
    *reply = gateway_request(g, "GET", path, wait, NULL);
    ck_assert_int_eq(reply->status, 200);
}


static void
extract_copy(char *path, const char *value)
{
    ck_assert_str_ne(value, "");
    ck_assert_uint_lt(strlen(value), EXTRACT_PATH);
    memcpy(path, value, strlen(value) + 1);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_post_answers_typed_data,
        a_query_answers_what_a_post_answers,
        a_get_takes_rules_from_its_query_string,
        a_get_names_a_rule_set_of_nginx,
        a_location_extracts_the_url_of_its_variable,
        an_async_job_is_accepted_and_then_read,
        a_wait_that_passes_becomes_202_and_the_job_goes_on,
        a_result_has_an_etag_and_is_not_sent_twice,
        the_newest_result_of_a_url_is_found_by_it,
        a_status_of_the_origin_is_an_answer,
        a_redirect_is_followed_and_told,
        a_job_is_cancelled_and_its_fetch_ends,
        another_tenant_s_things_do_not_exist,
        a_client_cannot_name_its_tenant,
        NULL
    };

    return suite_run("extract", tests, EXTRACT_TIMEOUT);
}
