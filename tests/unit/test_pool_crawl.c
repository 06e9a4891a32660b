
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/crawl/crawl.h"
#include "sidecar/extract/extract.h"
#include "sidecar/worker/wire.h"
#include "tests/support/pooling.h"
#include "tests/support/suite.h"


#define CRAWL_POOL_TIMEOUT  (20 * LOOP_SEC)
#define CRAWL_POOL_RULES    "{\"a\":\"//p\"}"
#define CRAWL_POOL_SCOPE    "{\"hosts\":[\"shop.example\"],\"from\":[\"a\"]," \
                            "\"obey\":true}"
#define CRAWL_POOL_OTHER    "{\"any\":true,\"from\":[\"a\"]}"


static void crawl_pool_ask(pooling_page_t *page, const char *scope);


START_TEST(where_a_page_leads_comes_with_its_data)
{
    pooling_t       t;
    pooling_page_t  page;

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);
    page = pooling_page(CRAWL_POOL_RULES, "<p>x<a href=/1>y<a href=//b.test>");
    crawl_pool_ask(&page, CRAWL_POOL_SCOPE);
    pooling_serve(&t, &page);

    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.data, "{\"a\":\"xy\"}");
    ck_assert_str_eq(page.found, "l http://shop.example/1\n");
    ck_assert_str_eq(page.view, "");

    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


START_TEST(nothing_is_found_unless_there_is_a_scope)
{
    int             i;
    pooling_t       t;
    pooling_page_t  page;

    static const char *const  scopes[] = {
        "", CRAWL_POOL_SCOPE, CRAWL_POOL_OTHER, CRAWL_POOL_OTHER, "",
        CRAWL_POOL_SCOPE
    };

    static const char *const  found[] = {
        "", "l http://shop.example/1\n",
        "l http://shop.example/1\nl http://b.test/\n",
        "l http://shop.example/1\nl http://b.test/\n", "",
        "l http://shop.example/1\n"
    };

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);

    for (i = 0; i < 6; i++) {
        page = pooling_page(CRAWL_POOL_RULES, "<a href=/1>y<a href=//b.test>");
        crawl_pool_ask(&page, scopes[i]);
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, POOL_OK);
        ck_assert_str_eq(page.found, found[i]);
        pooling_free(&page);
    }

    pooling_stop(&t);
}
END_TEST


START_TEST(links_to_follow_are_found_without_being_asked_for)
{
    pooling_t       t;
    pooling_page_t  page;

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);
    page = pooling_page("{\"fields\":{\"a\":\"//p\"},\"follow\":{\"css\":"
                        "\"a.n\",\"pagination\":true,\"context\":"
                        "{\"t\":\"$a\"}}}",
                        "<p>x</p><a class=n href=/2>n</a><a href=/3>m</a>");
    crawl_pool_ask(&page, CRAWL_POOL_SCOPE);
    pooling_serve(&t, &page);

    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.found, "f http://shop.example/2 {\"pagination\":"
                     "true,\"context\":{\"t\":\"x\"}}\n"
                     "l http://shop.example/3\n");
    ck_assert_str_eq(page.view, "");

    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


START_TEST(robots_of_page_and_response_are_obeyed)
{
    size_t          i;
    pooling_t       t;
    pooling_page_t  page;

    static const struct {
        const char  *headers;
        const char  *body;
        int          follows;
    } pages[] = {
        { "", "<a href=/1>x", 1 },
        { "[[\"x-robots-tag\",\"noindex, nofollow\"]]", "<a href=/1>x", 0 },
        { "[[\"X-Robots-Tag\",\"otherbot: none\"],[\"X-ROBOTS-TAG\","
          "\"scraped: none\"]]", "<a href=/1>x", 0 },
        { "[[\"X-Robots-Tag\",\"otherbot: none\"]]", "<a href=/1>x", 1 },
        { "[[\"x-other\",\"\\\"x-robots-tag\\\" nofollow\"]]",
          "<a href=/1>x", 1 },
        { "", "<meta name=robots content=index><meta name=ROBOTS "
          "content=NoFollow><a href=/1>x", 0 },
        { "[[\"x-robots-tag\",\"index\"]]", "<meta name=robots content=all>"
          "<a href=/1>x", 1 }
    };

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        page = pooling_page(CRAWL_POOL_RULES, pages[i].body);
        page.r.headers.data = pages[i].headers;
        page.r.headers.len = strlen(pages[i].headers);
        crawl_pool_ask(&page, CRAWL_POOL_SCOPE);
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, POOL_OK);
        ck_assert_str_eq(page.found, pages[i].follows
                                     ? "l http://shop.example/1\n" : "");
        pooling_free(&page);
    }

    pooling_stop(&t);
}
END_TEST


START_TEST(page_that_is_not_for_the_rules_leads_somewhere_all_the_same)
{
    pooling_t       t;
    pooling_page_t  page;

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);
    page = pooling_page("{\"match\":{\"url\":\"%none%\"},\"fields\":"
                        "{\"a\":\"//p\"}}", "<a href=/1>x");
    crawl_pool_ask(&page, CRAWL_POOL_SCOPE);
    pooling_serve(&t, &page);

    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_uint_eq(page.matched, 0);
    ck_assert_str_eq(page.found, "l http://shop.example/1\n");

    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


START_TEST(sitemap_gives_its_entries_and_nothing_else)
{
    pooling_t       t;
    pooling_page_t  page;

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);
    page = pooling_page("this is no rule set",
                        "<urlset><url><loc>http://shop.example/1</loc>"
                        "<lastmod>1970-01-02</lastmod></url></urlset>");
    page.r.sitemap = 1;
    page.r.views = EXTRACT_LINKS;
    crawl_pool_ask(&page, CRAWL_POOL_SCOPE);
    pooling_serve(&t, &page);

    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.found,
                     "s http://shop.example/1 {\"lastmod\":86400}\n");
    ck_assert_str_eq(page.data, "");
    ck_assert_str_eq(page.view, "");
    ck_assert_str_eq(page.fill, "");

    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


START_TEST(sitemap_that_is_none_fails_with_a_sentence_and_costs_no_rules)
{
    int             i;
    pooling_t       t;
    pooling_page_t  page;

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);

    for (i = 0; i < 3; i++) {
        page = pooling_page(CRAWL_POOL_RULES, "<p>x");
        pooling_serve(&t, &page);
        ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
        pooling_free(&page);

        page = pooling_page(CRAWL_POOL_RULES, "<html>not found");
        page.r.sitemap = 1;
        crawl_pool_ask(&page, CRAWL_POOL_SCOPE);
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, POOL_FAILED);
        ck_assert_str_eq(page.detail, "\"html\" is the root of no sitemap");
        ck_assert_str_eq(page.found, "");
        pooling_free(&page);
    }

    pooling_stop(&t);
}
END_TEST


START_TEST(scope_that_is_none_fails_its_page_only)
{
    int             i;
    pooling_t       t;
    pooling_page_t  page;

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);

    for (i = 0; i < 4; i++) {
        page = pooling_page(CRAWL_POOL_RULES, "<a href=/1>x");
        crawl_pool_ask(&page, i % 2 == 0 ? "{\"hosts\":[7]}"
                                         : CRAWL_POOL_SCOPE);
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, i % 2 == 0 ? POOL_FAILED : POOL_OK);
        ck_assert_str_eq(page.detail, i % 2 == 0 ? "the scope was refused"
                                                 : "");
        pooling_free(&page);
    }

    pooling_stop(&t);
}
END_TEST


START_TEST(form_is_done_and_its_scope_is_not_looked_at)
{
    pooling_t       t;
    pooling_page_t  page;

    static const sc_str_t  form = sc_string("{\"check\":\"//a\"}");

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);
    page = pooling_page("", "<a href=/1>x");
    page.r.form = form;
    page.r.sitemap = 1;
    crawl_pool_ask(&page, CRAWL_POOL_SCOPE);
    pooling_serve(&t, &page);

    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.found, "");

    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


START_TEST(sitemap_without_a_scope_and_a_scope_too_long_are_refused)
{
    char            *text;
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, CRAWL_POOL_TIMEOUT);
    page = pooling_page("", "http://shop.example/");
    page.r.sitemap = 1;
    ck_assert_ptr_null(pool_submit(t.pool, &page.r, NULL, NULL));
    ck_assert_int_eq(errno, EMSGSIZE);

    text = calloc(1, WIRE_MAX_SCOPE + 1);
    ck_assert_ptr_nonnull(text);
    page.r.scope.data = text;
    page.r.scope.len = WIRE_MAX_SCOPE + 1;
    ck_assert_ptr_null(pool_submit(t.pool, &page.r, NULL, NULL));
    ck_assert_int_eq(errno, EMSGSIZE);

    free(text);
    pooling_stop(&t);
}
END_TEST


static void
crawl_pool_ask(pooling_page_t *page, const char *scope)
{
    page->r.scope.data = scope;
    page->r.scope.len = strlen(scope);
}


int
main(int argc, char **argv)
{
    const TTest *const  tests[] = {
        where_a_page_leads_comes_with_its_data,
        nothing_is_found_unless_there_is_a_scope,
        links_to_follow_are_found_without_being_asked_for,
        robots_of_page_and_response_are_obeyed,
        page_that_is_not_for_the_rules_leads_somewhere_all_the_same,
        sitemap_gives_its_entries_and_nothing_else,
        sitemap_that_is_none_fails_with_a_sentence_and_costs_no_rules,
        scope_that_is_none_fails_its_page_only,
        form_is_done_and_its_scope_is_not_looked_at,
        sitemap_without_a_scope_and_a_scope_too_long_are_refused,
        NULL
    };

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return pooling_worker(NULL);
    }

    return suite_run("pool_crawl", tests, 60);
}
