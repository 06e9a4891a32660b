
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define CRAWL_TIMEOUT    60

/* a page of the site, and what leads on from it */
#define CRAWL_PAGE(path, links)                                               \
    "location = " path " { default_type text/html; return 200 "               \
    "'<h1>" path "</h1>" links "'; }\n"
#define CRAWL_LINK(path)  "<a href=\"" path "\">x</a>"


static client_reply_t crawl_post(gateway_t *g, const char *start,
    const char *members, const char *headers);
static long crawl_int(const client_reply_t *r, const char *path);
static int crawl_has(gateway_t *g, const client_reply_t *job,
    const char *text);
static void crawl_refused(gateway_t *g, const char *members,
    const char *pointer);


static gateway_options_t  crawl_site = {
    .server = CRAWL_PAGE("/s/", CRAWL_LINK("/s/a") CRAWL_LINK("/s/b")
                         CRAWL_LINK("http://other.example/"))
              CRAWL_PAGE("/s/a", CRAWL_LINK("/s/c") CRAWL_LINK("/s/"))
              CRAWL_PAGE("/s/b", CRAWL_LINK("/t/x") CRAWL_LINK("/s/c#f"))
              CRAWL_PAGE("/s/c", CRAWL_LINK("/s/d"))
              CRAWL_PAGE("/s/d", "")
              CRAWL_PAGE("/t/x", "")
              CRAWL_PAGE("/e", CRAWL_LINK("/e?PHPSESSID=$request_id")
                         CRAWL_LINK("/e;jsessionid=$request_id?a=1"))
              "location = /r { default_type text/html;"
              " add_header X-Robots-Tag nofollow;"
              " return 200 '" CRAWL_LINK("/s/d") "'; }\n"
};

static const char  crawl_title[] = "\"rules\":{\"title\":\"//h1\"},"
                                   "\"sitemap\":\"skip\"";


START_TEST(a_site_is_fetched_once_page_by_page)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &crawl_site);

    r = crawl_post(&g, "/s/", crawl_title, "Prefer: wait=30");

    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "kind"), "crawl");
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert_int_eq(crawl_int(&r, "stats.total"), 6);
    ck_assert_int_eq(crawl_int(&r, "stats.completed"), 6);
    ck_assert(crawl_has(&g, &r, "/t/x"));
    ck_assert(!crawl_has(&g, &r, "other.example"));

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_crawl_is_accepted_and_then_read)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, &crawl_site);

    r = crawl_post(&g, "/s/d", crawl_title, NULL);

    ck_assert_int_eq(r.status, 202);
    ck_assert_str_ne(client_header(&r, "Location"), "");
    ck_assert_str_eq(client_str(&r, "kind"), "crawl");

    s = gateway_request(&g, "GET", client_str(&r, "links.self"),
                        "Prefer: wait=30", NULL);
    ck_assert_str_eq(client_str(&s, "state"), "completed");
    ck_assert_int_eq(crawl_int(&s, "stats.total"), 1);

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(depth_and_patterns_bound_a_crawl)
{
    char            members[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &crawl_site);

    (void) snprintf(members, sizeof(members), "%s,\"max_depth\":1",
                    crawl_title);
    r = crawl_post(&g, "/s/", members, "Prefer: wait=30");
    ck_assert_int_eq(crawl_int(&r, "stats.total"), 3);
    client_free(&r);

    (void) snprintf(members, sizeof(members), "%s,\"scope\":{\"deny\":"
                    "[\"%%/t/%%\"]}", crawl_title);
    r = crawl_post(&g, "/s/", members, "Prefer: wait=30");
    ck_assert_int_eq(crawl_int(&r, "stats.total"), 5);
    ck_assert(!crawl_has(&g, &r, "/t/x"));
    client_free(&r);

    (void) snprintf(members, sizeof(members), "%s,\"limits\":{\"pages\":2}",
                    crawl_title);
    r = crawl_post(&g, "/s/", members, "Prefer: wait=30");
    ck_assert_int_eq(crawl_int(&r, "stats.total"), 2);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_new_session_in_each_link_makes_no_new_pages)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &crawl_site);

    r = crawl_post(&g, "/e", crawl_title, "Prefer: wait=30");
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert_int_eq(crawl_int(&r, "stats.total"), 2);
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_header_that_says_nofollow_is_obeyed)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &crawl_site);

    r = crawl_post(&g, "/r", crawl_title, "Prefer: wait=30");
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert_int_eq(crawl_int(&r, "stats.total"), 1);
    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(follow_leads_to_pages_of_other_rule_sets)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &crawl_site);

    r = gateway_request(&g, "PUT", "/v1/rulesets/leaf", NULL,
                        "{\"fields\":{\"leaf\":\"//h1\"}}");
    ck_assert_int_eq(r.status, 201);
    client_free(&r);

    r = gateway_request(&g, "PUT", "/v1/rulesets/list", NULL,
                        "{\"fields\":{\"list\":\"//h1\"},\"follow\":"
                        "[{\"css\":\"a\",\"allow\":[\"%/s/a\"],"
                        "\"ruleset\":\"leaf\"}]}");
    ck_assert_int_eq(r.status, 201);
    client_free(&r);

    r = crawl_post(&g, "/s/", "\"ruleset\":\"list\",\"sitemap\":\"skip\","
                   "\"max_depth\":1", "Prefer: wait=30");
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert(crawl_has(&g, &r, "\"leaf\":\"/s/a\""));

    client_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(the_session_of_a_crawl_goes_with_its_end)
{
    int                left;
    char               text[512];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .settings = "robots = ignore\n" };

    gateway_start(&g, &o);
    (void) snprintf(text, sizeof(text), "{\"urls\":[\"%s/private\"],%s,"
                    "\"max_depth\":0,\"login\":{\"url\":\"%s/login\","
                    "\"fill\":{\"user\":\"user\","
                    "\"password\":\"secret\"}}}", g.origin, crawl_title,
                    g.origin);
    r = gateway_request(&g, "POST", "/v1/crawl", "Prefer: wait=30", text);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert_int_eq(crawl_int(&r, "stats.status.200"), 1);
    client_free(&r);

    /* a moment behind the answer */
    do {
        process_pause(10);
        r = gateway_request(&g, "GET", "/v1/sessions", NULL, NULL);
        ck_assert_int_eq(r.status, 200);
        left = strstr(r.body, "job-") != NULL;
        client_free(&r);
    } while (left);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_second_crawl_skips_what_has_not_changed)
{
    char            members[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &crawl_site);

    (void) snprintf(members, sizeof(members), "%s,\"incremental\":"
                    "{\"since_job\":\"last\",\"skip_unchanged\":true}",
                    crawl_title);

    r = crawl_post(&g, "/s/", members, "Prefer: wait=30");
    ck_assert_int_eq(crawl_int(&r, "stats.items"), 6);
    client_free(&r);

    r = crawl_post(&g, "/s/", members, "Prefer: wait=30");
    ck_assert_int_eq(crawl_int(&r, "stats.completed"), 6);
    ck_assert_int_eq(crawl_int(&r, "stats.items"), 0);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(what_is_not_understood_is_refused_with_its_place)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &crawl_site);

    crawl_refused(&g, "\"nonsense\":1", "/nonsense");
    crawl_refused(&g, "\"scope\":{\"preset\":\"world\"}", "/scope/preset");
    crawl_refused(&g, "\"scope\":{\"deny\":[\"re:(\"]}", "/scope/deny/0");
    crawl_refused(&g, "\"links\":{\"from\":[\"b\"]}", "/links/from/0");
    crawl_refused(&g, "\"max_depth\":-1", "/max_depth");
    crawl_refused(&g, "\"limits\":{\"pages\":0}", "/limits/pages");
    crawl_refused(&g, "\"order\":\"random\"", "/order");
    crawl_refused(&g, "\"sitemap\":7", "/sitemap");
    crawl_refused(&g, "\"login\":{\"url\":\"http://a.example/\","
                  "\"uri\":1}", "/login/uri");
    crawl_refused(&g, "\"request\":{\"nope\":1}", "/request/nope");
    crawl_refused(&g, "\"request_overrides\":[{\"match\":\"%\","
                  "\"verb\":\"GET\"}]", "/request_overrides/0/verb");
    crawl_refused(&g, "\"request_overrides\":[{\"match\":\"re:(\"}]",
                  "/request_overrides/0/match");
    crawl_refused(&g, "\"incremental\":{\"since_job\":\"x\"}",
                  "/incremental/since_job");
    crawl_refused(&g, "\"webhook\":{\"uri\":\"x\"}", "/webhook/uri");
    crawl_refused(&g, "\"tags\":{\"a\":1}", "/tags/a");

    r = gateway_request(&g, "POST", "/v1/crawl", NULL, "{\"urls\":[\"\"],"
                        "\"return\":[\"links\"]}");
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "pointer"), "/urls/0");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_host_alone_is_its_first_page)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, &crawl_site);

    r = gateway_request(&g, "POST", "/v1/crawl", NULL, "{\"urls\":"
                        "[\"Shop.example.invalid\"],\"return\":[\"links\"],"
                        "\"sitemap\":\"skip\"}");
    ck_assert_int_eq(r.status, 202);
    s = gateway_request(&g, "GET", client_str(&r, "links.self"), NULL, NULL);
    ck_assert_str_eq(client_str(&s, "url"), "https://shop.example.invalid/");

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


static client_reply_t
crawl_post(gateway_t *g, const char *start, const char *members,
    const char *headers)
{
    char  body[1024];

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s%s\"],%s}", g->url,
                    start, members);

    return gateway_request(g, "POST", "/v1/crawl", headers, body);
}


static long
crawl_int(const client_reply_t *r, const char *path)
{
    const json_t  *n = client_get(r, path);

    ck_assert_msg(json_is_integer(n), "no \"%s\" in %s", path, r->body);

    return (long) json_integer_value(n);
}


static int
crawl_has(gateway_t *g, const client_reply_t *job, const char *text)
{
    int             found;
    client_reply_t  r;

    r = gateway_request(g, "GET", client_str(job, "links.results"), NULL,
                        NULL);
    ck_assert_int_eq(r.status, 200);
    found = strstr(r.body, text) != NULL;
    client_free(&r);

    return found;
}


static void
crawl_refused(gateway_t *g, const char *members, const char *pointer)
{
    char            all[512];
    client_reply_t  r;

    (void) snprintf(all, sizeof(all), "\"return\":[\"links\"],%s", members);
    r = crawl_post(g, "/s/", all, NULL);
    ck_assert_msg(r.status == 400 && strcmp(client_str(&r, "pointer"),
                                            pointer) == 0,
                  "%s is %ld: %s", members, r.status, r.body);
    client_free(&r);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_site_is_fetched_once_page_by_page,
        a_crawl_is_accepted_and_then_read,
        depth_and_patterns_bound_a_crawl,
        a_new_session_in_each_link_makes_no_new_pages,
        a_header_that_says_nofollow_is_obeyed,
        follow_leads_to_pages_of_other_rule_sets,
        the_session_of_a_crawl_goes_with_its_end,
        a_second_crawl_skips_what_has_not_changed,
        what_is_not_understood_is_refused_with_its_place,
        a_host_alone_is_its_first_page,
        NULL
    };

    return suite_run("crawl", tests, CRAWL_TIMEOUT);
}
