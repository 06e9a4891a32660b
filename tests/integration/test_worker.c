
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/extract/extract.h"
#include "tests/support/pooling.h"
#include "tests/support/suite.h"


#define WORKER_TEST_TIMEOUT  (60 * LOOP_SEC)
#define WORKER_TEST_P        "{\"a\":\"//p\"}"


typedef struct {
    const char  *rules;
    const char  *type;
    const char  *body;
    const char  *data;
} worker_rule_t;

typedef struct {
    const char  *name;
    const char  *body;
} worker_guess_t;


static void worker_test_rules(const worker_rule_t *rules, size_t n);
static char *worker_test_repeat(const char *before, const char *part,
    size_t n, const char *after);
static void worker_test_soft(const char *rules, const char *body);


static const worker_rule_t  worker_selectors[] = {
    { "{\"a\":[\"//p\"]}", "", "<p>1<p> 2 ", "{\"a\":[\"1\",\"2\"]}" },
    { "{\"a\":\"p.x::text\"}", "", "<p>1<p class=x>2", "{\"a\":\"2\"}" },
    { "{\"a\":{\"css\":\"p:nth-child(2)\"}}", "", "<p>1<p>2",
      "{\"a\":\"2\"}" },
    { "{\"a\":{\"regex\":\"n=(\\\\d+)\"}}", "", "<script>n=17</script>",
      "{\"a\":\"17\"}" },
    { "{\"a\":{\"json\":\"$.x[?@.n>1].n\"}}", "application/json",
      "{\"x\":[{\"n\":1},{\"n\":2}]}", "{\"a\":2}" },
    { "{\"a\":{\"jsonld\":\"$..sku\"}}", "",
      "<script type='application/ld+json'>{\"sku\":\"7\"}</script>",
      "{\"a\":\"7\"}" },
    { "{\"a\":{\"meta\":\"og:title\"}}", "",
      "<meta property='og:title' content='T'>", "{\"a\":\"T\"}" },
    { "{\"a\":{\"header\":\"etag\"}}", "", "<p>x", "{\"a\":\"v1\"}" },
    { "{\"a\":\"//p[re:test(., '^[a-c]+$', 'i')]\"}", "", "<p>x<p>ABC",
      "{\"a\":\"ABC\"}" },
    { "{\"a\":\"re:replace(//p, 'b+', 'g', '-')\"}", "", "<p>abba",
      "{\"a\":\"a-a\"}" },
    { "{\"a\":{\"each\":\"//li\",\"fields\":{\"b\":\"./b\"}}}", "",
      "<li><b>1</b><li><b>2</b>", "{\"a\":[{\"b\":\"1\"},{\"b\":\"2\"}]}" },
    { "{\"ns\":{\"g\":\"urn:g\"},\"fields\":{\"a\":\"//g:p\"}}",
      "application/xml", "<?xml version='1.0' encoding='iso-8859-1'?>"
      "<r xmlns='urn:g'><p>caf\xe9</p></r>", "{\"a\":\"caf\xc3\xa9\"}" },
    { "{\"parser\":\"html5\",\"fields\":{\"a\":\"//table/tbody/tr/td\"}}", "",
      "<table><td>1</table>", "{\"a\":\"1\"}" }
};


static const worker_rule_t  worker_conversions[] = {
    { "{\"a\":{\"xpath\":\"//p\",\"type\":\"number\",\"transform\":"
      "{\"number_locale\":\"de\"}}}", "", "<p>1.234,5 \xe2\x82\xac",
      "{\"a\":1234.5}" },
    { "{\"a\":{\"xpath\":\"//p\",\"type\":\"date\"}}", "",
      "<p>21. November 2026", "{\"a\":\"2026-11-21\"}" },
    { "{\"a\":{\"xpath\":\"//p\",\"type\":\"datetime\"}}", "",
      "<p>Sat, 21 Nov 2026 13:00:00 GMT",
      "{\"a\":\"2026-11-21T13:00:00Z\"}" },
    { "{\"a\":{\"xpath\":\"//p\",\"transform\":{\"date_format\":"
      "{\"from\":\"%d/%m/%Y\",\"to\":\"%A %d %B %Y %Z\"}}}}", "",
      "<p>21/11/2026", "{\"a\":\"Saturday 21 November 2026 UTC\"}" },
    { "{\"a\":{\"xpath\":\"//p\",\"transform\":[\"upper\",\"trim\"]}}", "",
      "<p>stra\xc3\x9f" "e \xc3\xa9\xd1\x8f",
      "{\"a\":\"STRA\xc3\x9f" "E \xc3\x89\xd0\xaf\"}" },
    { "{\"a\":{\"xpath\":\"//p\",\"transform\":[\"lower\","
      "{\"replace\":[\",\",\".\"]},{\"regex\":\"([0-9.]+)\",\"group\":1}]}}",
      "", "<p>EUR 1,5", "{\"a\":\"1.5\"}" },
    { "{\"a\":{\"xpath\":\"//p\",\"get\":\"html\","
      "\"transform\":[\"strip_tags\",\"collapse\"]}}",
      "", "<p>a<b>b</b> &eacute;", "{\"a\":\"ab \xc3\xa9\"}" },
    { "{\"a\":{\"xpath\":\"//a/@href\",\"type\":\"url\"}}", "",
      "<base href='/b/'><a href='c?\xc3\xa9'>x",
      "{\"a\":\"http://shop.example/b/c?%C3%A9\"}" },
    { "{\"a\":{\"xpath\":\"//p\",\"type\":\"json\"}}", "",
      "<p>{\"b\": [1, 2.5]}", "{\"a\":{\"b\":[1,2.5]}}" },
    { "{\"sets\":{\"s\":{\"drop_if\":\"//p\",\"fields\":{\"a\":\"//p\"}},"
      "\"t\":{\"match\":{\"url\":[\"%shop.example%\"]},\"fields\":"
      "{\"a\":\"//p\"}}}}", "", "<p>x", "{\"s\":null,\"t\":{\"a\":\"x\"}}" }
};


static const char *const  worker_encodings[] = {
    "utf-8", "ibm866", "iso-8859-2", "iso-8859-3", "iso-8859-4",
    "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-8-i",
    "iso-8859-10", "iso-8859-13", "iso-8859-14", "iso-8859-15",
    "iso-8859-16", "koi8-r", "koi8-u", "macintosh", "windows-874",
    "windows-1250", "windows-1251", "windows-1252", "windows-1253",
    "windows-1254", "windows-1255", "windows-1256", "windows-1257",
    "windows-1258", "x-mac-cyrillic", "gbk", "gb18030", "big5", "euc-jp",
    "iso-2022-jp", "shift_jis", "euc-kr", "utf-16be", "utf-16le"
};


/* words that each encoding has for itself */

static const worker_guess_t  worker_guesses[] = {
    { "windows-1251", "<p>\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea "
      "\xe4\xe5\xeb\xe0? \xd1\xe5\xe3\xee\xe4\xed\xff "
      "\xf5\xee\xf0\xee\xf8\xe8\xe9 \xe4\xe5\xed\xfc" },
    { "shift_jis", "<p>\x82\xb1\x82\xea\x82\xcd\x93\xfa\x96\x7b\x8c\xea\x82"
      "\xcc\x83\x65\x83\x4c\x83\x58\x83\x67\x82\xc5\x82\xb7" },
    { "euc-kr", "<p>\xbe\xc8\xb3\xe7\xc7\xcf\xbc\xbc\xbf\xe4 \xc7\xd1\xb1"
      "\xb9\xbe\xee \xc5\xd8\xbd\xba\xc6\xae\xc0\xd4\xb4\xcf\xb4\xd9" }
};


START_TEST(every_selector_works_in_a_worker)
{
    worker_test_rules(worker_selectors, sizeof(worker_selectors)
                                        / sizeof(worker_rule_t));
}
END_TEST


START_TEST(every_conversion_works_in_a_worker)
{
    worker_test_rules(worker_conversions, sizeof(worker_conversions)
                                          / sizeof(worker_rule_t));
}
END_TEST


START_TEST(every_encoding_works_in_a_worker)
{
    int              pid;
    char             type[64];
    size_t           i;
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, WORKER_TEST_TIMEOUT);
    pid = pooling_pid(&t, 0);

    for (i = 0; i < sizeof(worker_encodings) / sizeof(char *); i++) {
        (void) snprintf(type, sizeof(type), "text/html; charset=%s",
                        worker_encodings[i]);
        page = pooling_page(WORKER_TEST_P, "<p>x\xc4\xe3\xa4\xd0\x82\xff");
        page.r.content_type = type;
        pooling_serve(&t, &page);

        ck_assert_msg(page.status == POOL_OK, "%s: %s", worker_encodings[i],
                      page.detail);
        ck_assert_str_eq(page.charset, worker_encodings[i]);
        ck_assert_str_eq(page.charset_from, "header");
        pooling_free(&page);
    }

    for (i = 0; i < sizeof(worker_guesses) / sizeof(worker_guess_t); i++) {
        page = pooling_page(WORKER_TEST_P, worker_guesses[i].body);
        pooling_serve(&t, &page);
        ck_assert_str_eq(page.charset, worker_guesses[i].name);
        ck_assert_str_eq(page.charset_from, "detected");
        pooling_free(&page);
    }

    ck_assert_int_eq(pooling_pid(&t, 0), pid);
    pooling_stop(&t);
}
END_TEST


START_TEST(every_view_comes_from_a_worker)
{
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, WORKER_TEST_TIMEOUT);
    page = pooling_page("{\"a\":\"//p\",\"b\":\"//b\"}", "<title>T</title>"
                        "<h1>H</h1><p>x <a href=/y>y</a></p><script "
                        "type='application/ld+json'>{\"a\":1}</script>"
                        "<div itemscope><i itemprop=n>v</i></div>");
    page.r.views = ~0u;
    page.r.headers = (sc_str_t) sc_string("[[\"etag\",\"v1\"]]");
    pooling_serve(&t, &page);

    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.data, "{\"a\":\"x y\",\"b\":null}");
    ck_assert_str_eq(page.fill, "{\"\":[[1,1],[0,1]]}");
    ck_assert(page.matched);
    ck_assert(!page.dropped);
    ck_assert(!page.incomplete);

    ck_assert_ptr_nonnull(strstr(page.view, "\"links\":[{"));
    ck_assert_ptr_nonnull(strstr(page.view, "\"meta\":{"));
    ck_assert_ptr_nonnull(strstr(page.view, "\"jsonld\":[{\"a\":1}"));
    ck_assert_ptr_nonnull(strstr(page.view, "\"microdata\":"));
    ck_assert_ptr_nonnull(strstr(page.view, "\"etag\""));
    ck_assert_ptr_nonnull(strstr(page.view, "\"markdown\":\""));
    ck_assert_ptr_nonnull(strstr(page.view, "\"sketch\":"));
    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


START_TEST(what_became_of_a_page_comes_with_it)
{
    size_t           i;
    pooling_t        t;
    pooling_page_t   page;

    static const struct {
        const char  *rules;
        const char  *seen;
    } cases[] = {
        { "{\"match\":{\"url\":[\"%/other/%\"]},\"fields\":{\"a\":\"//p\"}}",
          "000null[]" },
        { "{\"drop_if\":\"//p\",\"fields\":{\"a\":\"//p\"}}", "110null[]" },
        { "{\"strict\":true,\"fields\":{\"a\":{\"xpath\":\"//b\","
          "\"required\":true}}}", "101{\"a\":null}[\"a\"]" },
        { "{\"strict\":true,\"fields\":{\"a\":{\"xpath\":\"//p\","
          "\"required\":true}}}", "100{\"a\":\"x\"}[]" }
    };

    pooling_start(&t, -1, 1, WORKER_TEST_TIMEOUT);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char  seen[128];

        page = pooling_page(cases[i].rules, "<p>x");
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, POOL_OK);
        (void) snprintf(seen, sizeof(seen), "%u%u%u%s%s", page.matched,
                        page.dropped, page.incomplete, page.data,
                        page.missing);
        ck_assert_str_eq(seen, cases[i].seen);
        pooling_free(&page);
    }

    pooling_stop(&t);
}
END_TEST


START_TEST(parser_of_html_is_the_rules_or_the_requests)
{
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, WORKER_TEST_TIMEOUT);

    page = pooling_page("{\"a\":\"count(//tbody)\"}", "<table><td>x");
    pooling_serve(&t, &page);
    ck_assert_str_eq(page.data, "{\"a\":0}");
    pooling_free(&page);

    page = pooling_page("{\"a\":\"count(//tbody)\"}", "<table><td>x");
    page.r.html5 = 1;
    pooling_serve(&t, &page);
    ck_assert_str_eq(page.data, "{\"a\":1}");
    pooling_free(&page);

    page = pooling_page("{\"parser\":\"html\",\"fields\":{\"a\":"
                        "\"count(//tbody)\"}}", "<table><td>x");
    page.r.html5 = 1;
    pooling_serve(&t, &page);
    ck_assert_str_eq(page.data, "{\"a\":0}");
    pooling_free(&page);
    pooling_stop(&t);
}
END_TEST


/* Depth, length and hostility: an answer or a failure, and the next goes. */

START_TEST(monstrous_pages_do_not_cost_the_worker)
{
    int              pid;
    char            *bodies[8];
    size_t           i, n;
    pooling_t        t;
    pooling_page_t   page;

    n = 0;
    bodies[n++] = worker_test_repeat("", "<div>", 10000, "<p>x");
    bodies[n++] = worker_test_repeat("<p>", "\xe9", 3000000, "");
    bodies[n++] = worker_test_repeat("<p>", "&eacute;", 500000, "");
    bodies[n++] = worker_test_repeat("<p>", "<!--x-->y", 300000, "");
    bodies[n++] = worker_test_repeat("<table>", "<b><td>", 50000, "");
    bodies[n++] = worker_test_repeat("<?xml version='1.0'?>", "<a>", 100000,
                                     "");
    bodies[n++] = worker_test_repeat("", "[", 1000000, "");
    bodies[n++] = worker_test_repeat("<script type=application/ld+json>",
                                     "{\"a\":", 300000, "");

    pooling_start(&t, -1, 1, WORKER_TEST_TIMEOUT);
    pid = pooling_pid(&t, 0);

    for (i = 0; i < 4 * n; i++) {
        page = pooling_page(WORKER_TEST_P, bodies[i % n]);
        page.r.views = (i / n & 1) ? ~(unsigned) EXTRACT_SKETCH : 0;
        page.r.html5 = (i / n & 2) != 0;
        pooling_serve(&t, &page);
        ck_assert_msg(page.status == POOL_OK || page.status == POOL_FAILED,
                      "page %zu: %s", i, page.detail);
        pooling_free(&page);
    }

    page = pooling_page(WORKER_TEST_P, "<p>x");
    pooling_serve(&t, &page);
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    pooling_free(&page);

    ck_assert_int_eq(pooling_pid(&t, 0), pid);
    pooling_stop(&t);

    for (i = 0; i < n; i++) {
        free(bodies[i]);
    }
}
END_TEST


START_TEST(rules_without_end_end_and_the_worker_stays)
{
    int       i;
    sc_buf_t  rules, body;

    /* no expression does too much, all of them do */
    sc_buf_init(&rules, 0);
    sc_buf_init(&body, 0);

    for (i = 0; i < 20; i++) {
        sc_buf_printf(&rules, "%s\"f%d\":"
                      "\"//p[re:test(., '.{0,400}[bd]')]\"",
                      i == 0 ? "{" : ",", i);
    }

    sc_buf_add_cstr(&rules, "}");

    for (i = 0; i < 3000; i++) {
        sc_buf_printf(&body, "<p>%0300d", i);
    }

    worker_test_soft(rules.data, body.data);
    sc_buf_free(&rules);
    sc_buf_free(&body);
}
END_TEST


START_TEST(regex_without_end_ends_and_the_worker_stays)
{
    char  *body;

    body = worker_test_repeat("<p>", "a", 200000, "");
    worker_test_soft("{\"a\":{\"regex\":\"a.{0,50000}[bd]\"}}", body);
    worker_test_soft("{\"a\":\"re:match(//p, 'a.{0,50000}[bd]', '')\"}", body);
    free(body);
}
END_TEST


START_TEST(page_that_cannot_be_interrupted_is_killed_alone)
{
    int              i, pid;
    sc_buf_t         b;
    pooling_t        t;
    pooling_page_t   slow, next, others[10];

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "<p");

    /* libxml2 compares each attribute with all before it */
    for (i = 0; i < 200000; i++) {
        sc_buf_printf(&b, " a%d=", i);
    }

    pooling_start(&t, -1, 2, WORKER_TEST_TIMEOUT);
    next = pooling_page(WORKER_TEST_P, "<p>x");
    pooling_serve(&t, &next);
    pooling_free(&next);
    pooling_stop(&t);

    pooling_start(&t, -1, 2, LOOP_SEC);
    pid = pooling_pid(&t, 0);
    slow = pooling_page(WORKER_TEST_P, b.data);
    pooling_give(&t, &slow);

    for (i = 0; i < 10; i++) {
        others[i] = pooling_page(WORKER_TEST_P, "<p>x");
        pooling_give(&t, &others[i]);
    }

    pooling_run(&t);
    ck_assert_int_eq(slow.status, POOL_TIMEOUT);
    ck_assert_str_eq(slow.detail, "the page took longer than 1000 ms");
    pooling_free(&slow);

    for (i = 0; i < 10; i++) {
        ck_assert_int_eq(others[i].status, POOL_OK);
        pooling_free(&others[i]);
    }

    for (i = 0; i < 4; i++) {
        others[i] = pooling_page(WORKER_TEST_P, "<p>x");
        pooling_give(&t, &others[i]);
    }

    pooling_run(&t);

    for (i = 0; i < 4; i++) {
        ck_assert_int_eq(others[i].status, POOL_OK);
        pooling_free(&others[i]);
    }

    ck_assert(pooling_pid(&t, 0) != pid || pooling_pid(&t, 1) != pid);
    pooling_stop(&t);
    sc_buf_free(&b);
}
END_TEST


START_TEST(worker_that_is_killed_between_pages_is_replaced)
{
    int              i;
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, WORKER_TEST_TIMEOUT);

    for (i = 0; i < 3; i++) {
        page = pooling_page(WORKER_TEST_P, "<p>x");
        pooling_serve(&t, &page);
        ck_assert_int_eq(page.status, POOL_OK);
        pooling_free(&page);
        ck_assert_int_eq(kill(pooling_pid(&t, 0), SIGKILL), 0);

        /* it takes the next page with it, or is replaced before that */
        page = pooling_page(WORKER_TEST_P, "<p>x");
        pooling_serve(&t, &page);
        ck_assert(page.status == POOL_OK || page.status == POOL_CRASHED);
        pooling_free(&page);
    }

    pooling_stop(&t);
}
END_TEST


int
main(int argc, char **argv)
{
    const TTest *const  tests[] = {
        every_selector_works_in_a_worker,
        every_conversion_works_in_a_worker,
        every_encoding_works_in_a_worker,
        every_view_comes_from_a_worker,
        what_became_of_a_page_comes_with_it,
        parser_of_html_is_the_rules_or_the_requests,
        monstrous_pages_do_not_cost_the_worker,
        rules_without_end_end_and_the_worker_stays,
        regex_without_end_ends_and_the_worker_stays,
        page_that_cannot_be_interrupted_is_killed_alone,
        worker_that_is_killed_between_pages_is_replaced,
        NULL
    };

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return pooling_worker(NULL);
    }

    return suite_run("worker", tests, 120);
}


/* All by one process. */

static void
worker_test_rules(const worker_rule_t *rules, size_t n)
{
    int              pid;
    size_t           i;
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, WORKER_TEST_TIMEOUT);
    pid = pooling_pid(&t, 0);

    for (i = 0; i < n; i++) {
        page = pooling_page(rules[i].rules, rules[i].body);
        page.r.content_type = rules[i].type;
        page.r.headers = (sc_str_t) sc_string("[[\"etag\",\"v1\"]]");
        pooling_serve(&t, &page);
        ck_assert_msg(page.status == POOL_OK, "%s: %s", rules[i].rules,
                      page.detail);
        ck_assert_str_eq(page.data, rules[i].data);
        pooling_free(&page);
    }

    ck_assert_int_eq(pooling_pid(&t, 0), pid);
    pooling_stop(&t);
}


static char *
worker_test_repeat(const char *before, const char *part, size_t n,
    const char *after)
{
    size_t    i;
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, before);

    for (i = 0; i < n; i++) {
        sc_buf_add_cstr(&b, part);
    }

    sc_buf_add_cstr(&b, after);
    ck_assert(!b.failed);

    return b.data;
}


/* Its time ends before the deadline, and the same process goes on. */

static void
worker_test_soft(const char *rules, const char *body)
{
    int              pid;
    pooling_t        t;
    pooling_page_t   page;

    pooling_start(&t, -1, 1, 8 * LOOP_SEC);
    page = pooling_page(WORKER_TEST_P, "<p>x");
    pooling_serve(&t, &page);
    pooling_free(&page);
    pid = pooling_pid(&t, 0);

    page = pooling_page(rules, body);
    pooling_serve(&t, &page);
    ck_assert_msg(page.status == POOL_TIMEOUT, "%.1f ms: %s %s",
                  page.elapsed, page.warnings, page.detail);
    ck_assert_str_eq(page.detail, "the page took longer than 6000 ms");
    pooling_free(&page);

    page = pooling_page(WORKER_TEST_P, "<p>x");
    pooling_serve(&t, &page);
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    pooling_free(&page);
    ck_assert_int_eq(pooling_pid(&t, 0), pid);
    pooling_stop(&t);
}
