
#include <stdio.h>
#include <string.h>

#include "tests/support/extracting.h"
#include "tests/support/suite.h"


/*
 * What a set is for, and whether that is the page: SHOP's URL, of this type,
 * with this body.
 */
typedef struct {
    const char  *match;
    const char  *type;
    int          matched;
} match_case_t;


static void match_similar(const char *like, const char *page,
    const char *ratio, int matched);


static const match_case_t  match_cases[] = {
    { "{\"url\":[\"%shop.example/p/%\"]}", NULL, 1 },
    { "{\"url\":[\"shop.example/p/%\"]}", NULL, 0 },
    { "{\"url\":[\"%/q/%\",\"http://shop.example/p/42?x=1\"]}", NULL, 1 },
    { "{\"url\":[\"re:/p/\\\\d+\\\\?x\"]}", NULL, 1 },
    { "{\"url\":[\"re:/p/[a-z]+$\"]}", NULL, 0 },
    { "{\"url\":\"%/p/42%\"}", NULL, 1 },
    { "{\"content_type\":[\"text/html\"]}", "Text/HTML; charset=utf-8", 1 },
    { "{\"content_type\":[\"text/html\"]}", " text/html ;x", 1 },
    { "{\"content_type\":[\"text/html\"]}", "text/html5", 0 },
    { "{\"content_type\":[\"text/html\"]}", "", 0 },
    { "{\"content_type\":[\"text/%\",\"%+xml\"]}", "application/rss+xml", 1 },
    { "{\"url\":[\"%/p/%\"],\"content_type\":[\"image/%\"]}", NULL, 0 }
};


START_TEST(set_is_for_the_pages_that_match_all_it_names)
{
    char                 rules[512];
    extract_page_t       p;
    const match_case_t  *c = &match_cases[_i];

    (void) snprintf(rules, sizeof(rules), "{\"match\":%s,\"strict\":true,"
                    "\"fields\":{\"a\":{\"css\":\"p\",\"required\":true}}}",
                    c->match);
    extracting_page(&p, c->type, "<p>x</p>", EXTRACT_META);

    ck_assert_int_eq(extracting(rules, &p), SC_OK);
    ck_assert_int_eq(p.matched, c->matched);
    ck_assert_str_eq(p.data.data, c->matched ? "{\"a\":\"x\"}" : "null");
    ck_assert_str_eq(p.fill.data, c->matched ? "{\"\":[[1,1]]}" : "{}");
    ck_assert_str_eq(p.missing.data, "[]");
    ck_assert(!p.incomplete && !p.dropped);
    ck_assert_int_eq(strncmp(p.view.data, "{\"meta\":{", 9), 0);
    extract_page_free(&p);
}
END_TEST


START_TEST(similar_page_has_the_tags_of_the_one_it_is_like)
{
    static const char  like[] =
        "<div><h1>A</h1><ul><li><a href=1>1</a><li><a href=2>2</a></ul>"
        "<table><tr><td>1<td>2</table></div><p><b>x</b><i>y</i></p>";
    static const char  near[] =
        "<div><h1>B</h1><ul><li><a href=9>9</a><li><a href=8>8</a></ul>"
        "<table><tr><td>3<td>4</table></div><p><b>z</b><i>w</i></p>";
    static const char  far[] =
        "<form><input><select><option>1<option>2</select><textarea>"
        "</textarea><button>go</button></form><dl><dt>1<dd>2</dl>";

    match_similar(like, like, "1", 1);
    match_similar(like, near, "0.9", 1);
    match_similar(like, far, "0.45", 0);
    match_similar(like, far, "0", 1);
    match_similar(like, "", "0", 0);
}
END_TEST


START_TEST(page_to_be_like_without_a_sketch_is_like_no_page)
{
    extract_page_t  p;

    extracting_page(&p, NULL, "<p>x", 0);
    ck_assert_int_eq(extracting("{\"match\":{\"similar_to\":{\"url\":"
                                "\"http://a.example/\"}},\"fields\":{"
                                "\"a\":\"p\"}}", &p), SC_OK);
    ck_assert(!p.matched);
    ck_assert_str_eq(p.data.data, "null");
    ck_assert_ptr_nonnull(strstr(p.warnings.data, "has no sketch yet"));
    extract_page_free(&p);
}
END_TEST


START_TEST(group_has_a_member_for_each_set_that_matches)
{
    extract_page_t  p;

    extracting_page(&p, NULL, "<h1>T</h1><ul><li><b>1</b><li>2", 0);
    ck_assert_int_eq(
        extracting("{\"sets\":{"
                   "\"page\":{\"t\":\"h1\"},"
                   "\"other\":{\"match\":{\"url\":[\"%/none/%\"]},"
                       "\"fields\":{\"x\":\"p\"}},"
                   "\"product\":{\"match\":{\"url\":[\"%/p/%\"]},"
                       "\"strict\":true,\"fields\":{"
                       "\"price\":{\"css\":\"u\",\"required\":true,"
                           "\"type\":\"int\"},"
                       "\"o\":{\"each\":\"li\",\"fields\":{\"b\":{"
                           "\"css\":\"b\",\"required\":true}}},"
                       "\"n\":{\"css\":\"h1\",\"type\":\"int\"}}},"
                   "\"gone\":{\"drop_if\":\"//h1\",\"fields\":{"
                       "\"x\":\"p\"}}}}", &p), SC_OK);
    ck_assert_str_eq(p.data.data,
                     "{\"page\":{\"t\":\"T\"},\"product\":{\"price\":null,"
                     "\"o\":[{\"b\":\"1\"},{\"b\":null}],\"n\":null},"
                     "\"gone\":null}");
    ck_assert_str_eq(p.missing.data,
                     "[\"product.price\",\"product.o[1].b\"]");
    ck_assert_str_eq(p.warnings.data, "[\"\\\"product.n\\\": \\\"T\\\" is "
                                      "not an integer\"]");
    ck_assert_str_eq(p.fill.data, "{\"page\":[[1,1]],"
                                  "\"product\":[[0,1],[1,1],[1,2],[0,1]]}");
    ck_assert(p.matched && p.incomplete);
    extract_page_free(&p);
}
END_TEST


START_TEST(group_for_no_such_page_is_an_empty_object)
{
    extract_page_t  p;

    extracting_page(&p, NULL, "<p>x", 0);
    ck_assert_int_eq(extracting("{\"sets\":{\"a\":{\"match\":{\"url\":"
                                "[\"x\"]},\"fields\":{\"a\":\"p\"}}}}", &p),
                     SC_OK);
    ck_assert_str_eq(p.data.data, "{}");
    ck_assert(!p.matched);
    extract_page_free(&p);
}
END_TEST


START_TEST(each_set_of_a_group_has_the_page_as_its_parser_reads_it)
{
    extract_page_t  p;

    extracting_page(&p, NULL,
                    "<base href='/b/'><meta http-equiv=refresh "
                    "content='1;url=n'><table><p>in</table>"
                    "<script type='application/ld+json'>{\"k\":1}</script>"
                    "<a href=r>x</a>", EXTRACT_LINKS | EXTRACT_FOLLOW);
    ck_assert_int_eq(
        extracting("{\"sets\":{"
                   "\"j\":{\"parser\":\"json\",\"fields\":{"
                       "\"a\":{\"jsonld\":\"$[0].k\"},\"b\":\"//p\","
                       "\"u\":{\"const\":\"x\",\"type\":\"url\"}}},"
                   "\"five\":{\"parser\":\"html5\",\"fields\":{"
                       "\"a\":\"//table//p\",\"b\":\"//p\"}},"
                   "\"old\":{\"parser\":\"html\",\"fields\":{"
                       "\"a\":\"//table//p\","
                       "\"k\":{\"jsonld\":\"$[0].k\"},"
                       "\"u\":{\"css\":\"a::attr(href)\","
                           "\"type\":\"url\"}},"
                       "\"follow\":[{\"css\":\"a\"}]},"
                   "\"x\":{\"parser\":\"xml\",\"match\":{\"url\":[\"z\"]},"
                       "\"fields\":{\"a\":\"//p\"}}}}", &p), SC_OK);
    ck_assert_str_eq(p.data.data,
                     "{\"j\":{\"a\":null,\"b\":null,"
                     "\"u\":\"http://shop.example/p/x\"},"
                     "\"five\":{\"a\":null,\"b\":\"in\"},"
                     "\"old\":{\"a\":\"in\",\"k\":1,"
                     "\"u\":\"http://shop.example/b/r\"}}");
    ck_assert_str_eq(p.refresh, "http://shop.example/b/n");
    ck_assert_int_eq(p.refresh_delay, 1);
    ck_assert_ptr_nonnull(strstr(p.view.data, "\"follow\":[{\"url\":"
                                 "\"http://shop.example/b/r\","
                                 "\"set\":\"old\"}]"));
    extract_page_free(&p);
}
END_TEST


START_TEST(group_whose_sets_are_html_and_xml_takes_either_page)
{
    size_t              i;
    extract_page_t      p;
    static const char   rules[] =
        "{\"sets\":{\"feed\":{\"parser\":\"xml\",\"match\":{"
        "\"content_type\":[\"%/xml\"]},\"fields\":{\"d\":\"pubDate\"}},"
        "\"page\":{\"match\":{\"content_type\":[\"text/html\"]},"
        "\"fields\":{\"t\":\"h1\"}}}}";

    static const struct {
        const char  *type;
        const char  *body;
        const char  *data;
    } pages[] = {
        { "text/xml", "<rss><pubDate>Mon</pubDate></rss>",
          "{\"feed\":{\"d\":\"Mon\"}}" },
        { "text/html", "<!doctype html><br><h1>T &nbsp;<p>&",
          "{\"page\":{\"t\":\"T \xc2\xa0\"}}" },
        { "text/html", "", "{\"page\":{\"t\":null}}" }
    };

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        extracting_page(&p, pages[i].type, pages[i].body, 0);
        ck_assert_msg(extracting(rules, &p) == SC_OK, "%s", p.detail);
        ck_assert_str_eq(p.data.data, pages[i].data);
        extract_page_free(&p);
    }
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("extract_match");
    tc = tcase_create("extract_match");
    tcase_set_timeout(tc, 60);

    tcase_add_loop_test(tc, set_is_for_the_pages_that_match_all_it_names, 0,
                        sizeof(match_cases) / sizeof(match_cases[0]));
    tcase_add_test(tc, similar_page_has_the_tags_of_the_one_it_is_like);
    tcase_add_test(tc, page_to_be_like_without_a_sketch_is_like_no_page);
    tcase_add_test(tc, group_has_a_member_for_each_set_that_matches);
    tcase_add_test(tc, group_for_no_such_page_is_an_empty_object);
    tcase_add_test(tc,
                   each_set_of_a_group_has_the_page_as_its_parser_reads_it);
    tcase_add_test(tc,
                   group_whose_sets_are_html_and_xml_takes_either_page);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


/* A page and a set that wants it to be like another by this ratio. */

static void
match_similar(const char *like, const char *page, const char *ratio,
    int matched)
{
    char             rules[1024 + 8192];
    json_t          *sketch;
    extract_page_t   p;

    sketch = extracting_view("{\"a\":\"p\"}", like, "sketch");

    (void) snprintf(rules, sizeof(rules),
                    "{\"match\":{\"similar_to\":{\"url\":"
                    "\"http://a.example/\",\"ratio\":%s,\"sketch\":\"%s\"}},"
                    "\"fields\":{\"a\":{\"const\":1}}}", ratio,
                    json_string_value(sketch));
    json_decref(sketch);

    extracting_page(&p, NULL, page, 0);
    ck_assert_int_eq(extracting(rules, &p), SC_OK);
    ck_assert_int_eq(p.matched, matched);
    extract_page_free(&p);
}
