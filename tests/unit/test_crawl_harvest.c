
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/crawl/crawl.h"
#include "sidecar/page/dom.h"
#include "sidecar/page/page.h"
#include "tests/support/suite.h"


#define HARVEST_NOW   1795000000    /* in November 2026 */
#define HARVEST_URL   "http://a.example/d/p"

#define HARVEST_HOST  "\"hosts\":[\"a.example\"],\"obey\":true,"
#define HARVEST_A     "{" HARVEST_HOST "\"from\":[\"a\",\"area\"]}"
#define HARVEST_TEXT  "{" HARVEST_HOST "\"from\":[\"text\"]}"
#define HARVEST_FROM(list)  "{" HARVEST_HOST "\"from\":[" list "]}"


typedef struct {
    const char  *scope;
    const char  *body;
    const char  *found;
} harvest_case_t;

typedef struct {
    const char  *robots;
    int          follows;
} harvest_robots_t;


static void harvest_all(const harvest_case_t *cases, size_t n);
static char *harvest(const char *scope, const char *body, const char *robots,
    const char *follow, size_t max);
static char *harvest_repeat(const char *before, const char *part, size_t n,
    const char *after);
static size_t harvest_lines(const char *found, char kind);


static const harvest_case_t  harvest_links[] = {
    { HARVEST_A, "", "" },
    { HARVEST_A, "<a href='q'>x</a><a href='/r#f'>y</a>",
      "l http://a.example/d/q\nl http://a.example/r\n" },
    { HARVEST_A, "<base href='/b/'><a href='q'>x",
      "l http://a.example/b/q\n" },
    { HARVEST_A, "<base href='http://b.example/'><a href='q'>x", "" },
    { HARVEST_A, "<a href='q'>x<a href='HTTP://A.EXAMPLE:80/d/./%71'>y",
      "l http://a.example/d/q\n" },
    { HARVEST_A, "<a href='mailto:a@b'>x<a href='javascript:x()'>"
      "<a href='http://u:p@a.example/'><a href='//b.example/'>"
      "<a href='http://a.example:22/'><a href='http://'>", "" },
    { HARVEST_A, "<a href='\n /x\ty '>x", "l http://a.example/xy\n" },
    { HARVEST_A, "<a href='/a\xc3\xa9?q=1&amp;r=2'>x",
      "l http://a.example/a%C3%A9?q=1&r=2\n" },
    { HARVEST_A, "<map><area href=/m></map>", "l http://a.example/m\n" },
    { HARVEST_A, "<a rel=nofollow href=/x>x<a rel='ugc' href=/y>y",
      "l http://a.example/y\n" },
    { HARVEST_A, "<a rel=nofollow href=/x>x<a href=/x>y",
      "l http://a.example/x\n" },
    { "{\"hosts\":[\"a.example\"],\"from\":[\"a\"]}",
      "<a rel=nofollow href=/x>x", "l http://a.example/x\n" },
    { HARVEST_A, "<link rel=next href=/n><iframe src=/i></iframe>"
      "<form action=/f></form><p>http://a.example/t</p>", "" },
    { HARVEST_A, "<a href=/a/a/a/a>x<a href=/x/2099/01/01/>y", "" },
    { "{\"hosts\":[\"a.example\"],\"from\":[\"a\"],\"external\":true}",
      "<a href=/x>x<a href=//b.example/y>y",
      "l http://a.example/x\nx http://b.example/y\n" },
    { "{\"any\":true,\"from\":[\"a\"],\"deny\":[\"%.pdf\"],"
      "\"allow\":[\"%/p/%\"]}",
      "<a href=/p/1>x<a href=/p/1.pdf>y<a href=//b.example/p/2>z<a href=/q>",
      "l http://a.example/p/1\nl http://b.example/p/2\n" },
    { "{\"any\":true,\"from\":[\"a\"],\"ignore_query\":true}",
      "<a href=/p?x=1>x<a href=/p?x=2>y", "l http://a.example/p?x=1\n" },
    { "{\"any\":true,\"from\":[\"a\"],\"options\":3}",
      "<a href='/p?b=1&a=2&utm_source=x'>x<a href='/p?a=2&b=1'>y",
      "l http://a.example/p?a=2&b=1\n" }
};


static const harvest_case_t  harvest_tags[] = {
    { HARVEST_FROM("\"link\""), "<link rel=next href=/n>"
      "<link rel='alternate nofollow' href=/no>"
      "<link rel=stylesheet href=/s><link rel=icon href=/i>"
      "<link rel=preload href=/p><link rel=manifest href=/m>"
      "<link rel='alternate stylesheet' href=/as><link href=/none>"
      "<link rel=alternate type=application/rss+xml href=/feed>"
      "<link rel=alternate hreflang=de type='text/html' href=/de>"
      "<link rel=canonical href=/c><link rel=dns-prefetch href=//a.example/>",
      "l http://a.example/n\nl http://a.example/de\nl http://a.example/c\n" },
    { HARVEST_FROM("\"iframe\""), "<a href=/a>x</a><iframe src=/i></iframe>",
      "l http://a.example/i\n" },
    { HARVEST_FROM("\"form\""), "<form action=/g></form>"
      "<form action=/p method=POST></form><form method=get action=/h></form>"
      "<form></form><form method=dialog action=/d></form>",
      "l http://a.example/g\nl http://a.example/h\n" },
    { HARVEST_FROM("\"area\""), "<a href=/a>x</a><area href=/m>",
      "l http://a.example/m\n" }
};


static const harvest_case_t  harvest_words[] = {
    { HARVEST_TEXT, "<p>see http://a.example/t, or (https://a.example/u).",
      "l http://a.example/t\nl https://a.example/u\n" },
    { HARVEST_TEXT, "<p>http://a.example/w_(x) (http://a.example/y_(z))",
      "l http://a.example/w_(x)\nl http://a.example/y_(z)\n" },
    { HARVEST_TEXT, "<!-- old: http://a.example/c?x=1&amp;y=2 -->",
      "l http://a.example/c?x=1&y=2\n" },
    { HARVEST_TEXT, "<script>var u = 'http://a.example/s', "
      "v = \"https:\\/\\/a.example\\/j\\/k?a=1\\u0026b=2\";</script>",
      "l http://a.example/s\nl https://a.example/j/k?a=1&b=2\n" },
    { HARVEST_TEXT, "<script>f(`http://a.example/${id}`, "
      "'http://a.example/{id}')</script>", "" },
    { HARVEST_TEXT, "<p>xhttp://a.example/1 http:/a.example/2 "
      "ftp://a.example/3 http:// https://: ://a http", "" },
    { HARVEST_TEXT, "<p>HTTP://a.example/4", "l http://a.example/4\n" },
    { HARVEST_TEXT, "<p>http://a.example/save/http://b.example/5",
      "l http://a.example/save/http://b.example/5\n" },
    { HARVEST_TEXT, "<p>\xe2\x80\x9chttp://a.example/6\xe2\x80\x9d "
      "http://a.example/\xe9\xa1\xb5\xe3\x80\x82x",
      "l http://a.example/6\nl http://a.example/%E9%A1%B5\n" },
    { HARVEST_TEXT, "<p>http://b.example/ http://a.example/7 "
      "http://a.example/7!", "l http://a.example/7\n" },
    { HARVEST_TEXT, "<a href=/x>x</a><style>a { b: "
      "url(http://a.example/8) }</style>", "l http://a.example/8\n" },
    { HARVEST_TEXT, "<p>http://[::1]/) &lt;http://a.example/9&gt; "
      "http://a.example/10]", "l http://a.example/9\nl http://a.example/10\n"
    }
};


static const harvest_robots_t  harvest_robots[] = {
    { "", 1 }, { "index", 1 }, { "nofollow", 0 }, { "NOINDEX, NoFollow", 0 },
    { "none", 0 }, { "noindex", 1 }, { "nofollowing", 1 },
    { "index\nnofollow\n", 0 }, { "\n\n", 1 }, { ",,,", 1 },
    { "scraped: nofollow", 0 }, { "Scraped:none", 0 },
    { "googlebot: nofollow", 1 }, { "googlebot: noindex, nofollow", 1 },
    { "googlebot: nofollow\nnofollow", 0 },
    { "googlebot: noindex, scraped: nofollow", 0 },
    { "scraped: noindex, otherbot: nofollow", 1 },
    { "max-snippet: 20, nofollow", 0 }, { "max-image-preview:large", 1 },
    { "unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow", 0 }
};


START_TEST(links_of_a_page_are_canonical_and_within_the_scope)
{
    harvest_all(harvest_links,
                sizeof(harvest_links) / sizeof(harvest_links[0]));
}
END_TEST


START_TEST(tags_lead_somewhere_when_the_scope_says_so)
{
    harvest_all(harvest_tags, sizeof(harvest_tags) / sizeof(harvest_tags[0]));
}
END_TEST


START_TEST(urls_written_in_text_comments_and_scripts_are_found)
{
    harvest_all(harvest_words,
                sizeof(harvest_words) / sizeof(harvest_words[0]));
}
END_TEST


START_TEST(page_that_says_nofollow_leads_nowhere)
{
    char    *found;
    size_t   i;

    for (i = 0; i < sizeof(harvest_robots) / sizeof(harvest_robots[0]); i++) {
        found = harvest(HARVEST_A, "<a href=/x>x", harvest_robots[i].robots,
                        "", 0);
        ck_assert_msg((*found != '\0') == harvest_robots[i].follows, "%s",
                      harvest_robots[i].robots);
        free(found);
    }

    found = harvest("{\"any\":true,\"from\":[\"a\"]}", "<a href=/x>x",
                    "nofollow", "", 0);
    ck_assert_str_eq(found, "l http://a.example/x\n");
    free(found);
}
END_TEST


START_TEST(what_follow_found_comes_first_and_with_its_context)
{
    char  *found;

    found = harvest(HARVEST_A, "<a href=/p2>x<a href=/x>y", "",
                    "[{\"url\":\"http://a.example/p2#top\",\"ruleset\":"
                    "\"self\",\"pagination\":true,\"context\":{\"a\":\"b\"}}"
                    ",{\"url\":\"http://b.example/\"}"
                    ",{\"url\":\"http://a.example/p2\"},{\"url\":7},8]", 0);
    ck_assert_str_eq(found, "f http://a.example/p2 {\"ruleset\":\"self\","
                     "\"pagination\":true,\"context\":{\"a\":\"b\"}}\n"
                     "l http://a.example/x\n");
    free(found);

    found = harvest(HARVEST_A, "<a href=/x>y", "nofollow",
                    "[{\"url\":\"http://a.example/q\"}]", 0);
    ck_assert_str_eq(found, "f http://a.example/q {}\n");
    free(found);
}
END_TEST


START_TEST(pagination_need_not_be_allowed_but_may_be_denied)
{
    char  *found;

    found = harvest("{\"hosts\":[\"a.example\"],\"allow\":[\"%/p/%\"],"
                    "\"deny\":[\"%x%x%\"],\"external\":true,\"from\":[]}",
                    "", "",
                    "[{\"url\":\"http://a.example/1\",\"pagination\":true},"
                    "{\"url\":\"http://a.example/2\"},"
                    "{\"url\":\"http://a.example/xx\",\"pagination\":true},"
                    "{\"url\":\"http://b.test/3\",\"context\":{\"a\":1}},"
                    "{\"url\":\"http://a.example/p/4\"}]", 0);
    ck_assert_str_eq(found, "f http://a.example/1 {\"pagination\":true}\n"
                     "f http://b.test/3 {\"context\":{\"a\":1},"
                     "\"external\":true}\nf http://a.example/p/4 {}\n");
    free(found);
}
END_TEST


START_TEST(links_of_one_site_are_as_canonical_as_any)
{
    char      line[512], err[256], *found;
    url_t     url;
    size_t    i, k;
    sc_buf_t  body;

    static const char *const  parts[] = {
        "a", "/", ".", "..", "//", "./", "../", "?", "&", "=", "%41", "%2f",
        "%zz", "+", ",", ";", ":", "@", "!", "$", "*", "(", ")", "'", "~",
        "_", "-", "|", "^", "\\", "[", "]", " ", "\xc3\xa9", "#", ".a", "b."
    };

    sc_buf_init(&body, 0);

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        for (k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
            (void) snprintf(line, sizeof(line), "http://a.example/%s%s%s-%zu",
                            parts[i], parts[k], parts[i], 100 * i + k);
            sc_buf_printf(&body, "<a href=\"%s\">x</a>", line);
        }
    }

    found = harvest(HARVEST_A, body.data, "", "", 0);
    ck_assert_uint_gt(harvest_lines(found, 'l'), 1200);

    for (i = 0; found[i] != '\0'; i += k + 1) {
        k = strcspn(found + i, "\n");
        ck_assert_int_eq(url_parse(&url, found + i + 2, k - 2, err,
                                   sizeof(err)), SC_OK);
        ck_assert_uint_eq(url.len, k - 2);
        ck_assert_int_eq(memcmp(url.text, found + i + 2, k - 2), 0);
        url_free(&url);
    }

    free(found);
    sc_buf_free(&body);
}
END_TEST


START_TEST(what_is_stopped_gives_what_it_has)
{
    char                   *found;
    volatile sig_atomic_t   stop = 1;

    crawl_watch(&stop);
    found = harvest(HARVEST_A, "<a href=/x>x", "", "", 0);
    ck_assert_str_eq(found, "");
    free(found);

    stop = 0;
    found = harvest(HARVEST_A, "<a href=/x>x", "", "", 0);
    ck_assert_str_eq(found, "l http://a.example/x\n");
    free(found);
    crawl_watch(NULL);
}
END_TEST


START_TEST(page_of_endless_links_gives_as_many_as_it_may)
{
    char    *body, *found, *end;
    size_t   i, size = 100000 * 24 + 1;

    body = calloc(1, size);
    ck_assert_ptr_nonnull(body);
    end = body;

    for (i = 0; i < 100000; i++) {
        end += snprintf(end, (size_t) (body + size - end), "<a href=/%zu>x",
                        i);
    }

    found = harvest(HARVEST_A, body, "", "", 0);
    ck_assert_uint_eq(harvest_lines(found, 'l'), CRAWL_MAX_FOUND);
    free(found);

    /* what does not fit is left out, whole lines of it */
    found = harvest(HARVEST_A, body, "", "", 10000);
    ck_assert_uint_lt(strlen(found), 10000);
    ck_assert_uint_gt(harvest_lines(found, 'l'), 100);
    ck_assert_int_eq(found[strlen(found) - 1], '\n');
    free(found);

    free(body);
}
END_TEST


START_TEST(links_elsewhere_do_not_take_the_room_of_those_within)
{
    char    *body, *found, *end;
    size_t   i, size = 20000 * 40 + 64;

    body = calloc(1, size);
    ck_assert_ptr_nonnull(body);
    end = body;

    for (i = 0; i < 20000; i++) {
        end += snprintf(end, (size_t) (body + size - end),
                        "<a href=//b.example/%zu>x", i);
    }

    (void) snprintf(end, (size_t) (body + size - end), "<a href=/in>x");

    found = harvest(HARVEST_A, body, "", "", 0);
    ck_assert_str_eq(found, "l http://a.example/in\n");

    free(found);
    free(body);
}
END_TEST


START_TEST(monstrous_texts_are_read_to_their_bounds)
{
    char    *body, *found;
    size_t   i;

    static const char *const  parts[] = {
        "http://", "http://a.example/)", "((((((((", "))))))))", "::::::::",
        "https:\\/\\/", "a://a://", "http://a.example/x ", "&amp;&amp;",
        "http://a.example/((((]]]]"
    };

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        body = harvest_repeat("<script>http://a.example/first ", parts[i],
                              8388608 / strlen(parts[i]), "</script>");
        found = harvest(HARVEST_TEXT, body, "", "", 0);
        ck_assert_int_eq(strncmp(found, "l http://a.example/first\n", 25), 0);
        ck_assert_uint_lt(harvest_lines(found, 'l'), 10);
        free(found);
        free(body);
    }

    body = harvest_repeat("", "<b>", 100000, "<a href=/x>x");
    found = harvest(HARVEST_A, body, "", "", 0);
    free(found);
    free(body);
}
END_TEST


START_TEST(robots_of_any_length_are_read)
{
    char  *robots, *found;

    robots = harvest_repeat("", "a:,", 30000, "nofollow\n,scraped:nofollow");
    found = harvest(HARVEST_A, "<a href=/x>x", robots, "", 0);
    ck_assert_str_eq(found, "");
    free(found);
    free(robots);
}
END_TEST


static void
harvest_all(const harvest_case_t *cases, size_t n)
{
    char    *found;
    size_t   i;

    for (i = 0; i < n; i++) {
        found = harvest(cases[i].scope, cases[i].body, "", "", 0);
        ck_assert_msg(strcmp(found, cases[i].found) == 0, "%s\n%s\n%s",
                      cases[i].body, cases[i].found, found);
        free(found);
    }
}


static char *
harvest(const char *text, const char *body, const char *robots,
    const char *follow, size_t max)
{
    page_t          page;
    view_t          view;
    sc_buf_t        out, base;
    sc_str_t        s = { strlen(text), text };
    sc_str_t        f = { strlen(follow), follow };
    crawl_scope_t  *scope;

    scope = crawl_scope_create(s);
    ck_assert_ptr_nonnull(scope);

    memset(&page, 0, sizeof(page_t));
    page.url = HARVEST_URL;
    page.content_type = "text/html; charset=utf-8";
    page.body.data = body;
    page.body.len = strlen(body);
    ck_assert_int_eq(page_open(&page), SC_OK);

    sc_buf_init(&base, 0);
    dom_base(page.doc, HARVEST_URL, &base);
    view.doc = page.doc;
    view.url = HARVEST_URL;
    view.base = base.data;

    sc_buf_init(&out, max);
    (void) sc_buf_reserve(&out, 0);
    ck_assert_int_eq(crawl_harvest(scope, &view, robots, f, HARVEST_NOW,
                                   &out), SC_OK);

    sc_buf_free(&base);
    page_close(&page);
    crawl_scope_free(scope);

    if (out.len == 0) {
        out.data[0] = '\0';
    }

    return out.data;
}


static char *
harvest_repeat(const char *before, const char *part, size_t n,
    const char *after)
{
    size_t    i;
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, before);

    for (i = 0; i < n; i++) {
        sc_buf_add_cstr(&b, part);
    }

    ck_assert_int_eq(sc_buf_add_cstr(&b, after), SC_OK);

    return b.data;
}


static size_t
harvest_lines(const char *found, char kind)
{
    size_t  n;

    for (n = 0; *found != '\0'; found = strchr(found, '\n') + 1) {
        n += (*found == kind);
    }

    return n;
}


int
main(void)
{
    const TTest *const  tests[] = {
        links_of_a_page_are_canonical_and_within_the_scope,
        tags_lead_somewhere_when_the_scope_says_so,
        urls_written_in_text_comments_and_scripts_are_found,
        page_that_says_nofollow_leads_nowhere,
        what_follow_found_comes_first_and_with_its_context,
        pagination_need_not_be_allowed_but_may_be_denied,
        links_of_one_site_are_as_canonical_as_any,
        what_is_stopped_gives_what_it_has,
        page_of_endless_links_gives_as_many_as_it_may,
        links_elsewhere_do_not_take_the_room_of_those_within,
        monstrous_texts_are_read_to_their_bounds,
        robots_of_any_length_are_read,
        NULL
    };

    return suite_run("crawl_harvest", tests, 120);
}
