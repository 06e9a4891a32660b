
#include <stdio.h>
#include <string.h>

#include "tests/support/extracting.h"
#include "tests/support/suite.h"


/* Rules over a page, and how each field came to its value. */
typedef struct {
    const char  *rules;
    const char  *html;
    const char  *explain;
} explain_case_t;


static const explain_case_t  explain_cases[] = {

    /* where it was, which one won */

    { "{\"a\":\"//p/b\"}", "<p>\n<b>x</b>",
      "[{\"field\":\"a\",\"tries\":[{\"selector\":\"//p/b\","
      "\"kind\":\"xpath\",\"matches\":1,\"node\":\"/html/body/p/b\","
      "\"line\":2,\"value\":\"x\",\"problems\":[]}],\"used\":0}]" },
    { "{\"a\":{\"first\":[{\"css\":\"i\"},{\"xpath\":\"//b\"},"
      "{\"meta\":\"x\"}],\"type\":\"int\"}}", "<b>x</b>\n<meta name=x "
      "content=5>",
      "[{\"field\":\"a\",\"tries\":[{\"selector\":\"i\",\"kind\":\"css\","
      "\"matches\":0,\"problems\":[]},{\"selector\":\"//b\","
      "\"kind\":\"xpath\",\"matches\":1,\"node\":\"/html/body/b\","
      "\"line\":1,\"value\":\"x\",\"problems\":[\"\\\"x\\\" is not an "
      "integer\"]},{\"selector\":\"x\",\"kind\":\"meta\",\"matches\":1,"
      "\"value\":\"5\",\"problems\":[]}],\"used\":2}]" },
    { "{\"a\":[\"//p/@id\"],\"b\":\"//i\"}", "<p id=1><p id=2>",
      "[{\"field\":\"a\",\"tries\":[{\"selector\":\"//p/@id\","
      "\"kind\":\"xpath\",\"matches\":2,\"node\":\"/html/body/p[1]/@id\","
      "\"line\":1,\"value\":\"1\",\"problems\":[]}],\"used\":0},"
      "{\"field\":\"b\",\"tries\":[{\"selector\":\"//i\","
      "\"kind\":\"xpath\",\"matches\":0,\"problems\":[]}],"
      "\"used\":null}]" },

    /* of any kind */

    { "{\"a\":{\"const\":{\"k\":1}},\"b\":{\"xpath\":\"count(//p)\"},"
      "\"c\":{\"regex\":\"<(p)>\"},\"d\":{\"header\":\"etag\"},"
      "\"e\":{\"jsonld\":\"$[0]\"}}", "<p>",
      "[{\"field\":\"a\",\"tries\":[{\"selector\":\"{\\\"k\\\":1}\","
      "\"kind\":\"const\",\"matches\":1,\"value\":\"{\\\"k\\\":1}\","
      "\"problems\":[]}],\"used\":0},"
      "{\"field\":\"b\",\"tries\":[{\"selector\":\"count(//p)\","
      "\"kind\":\"xpath\",\"matches\":1,\"problems\":[]}],\"used\":0},"
      "{\"field\":\"c\",\"tries\":[{\"selector\":\"<(p)>\","
      "\"kind\":\"regex\",\"matches\":1,\"value\":\"p\",\"problems\":[]}],"
      "\"used\":0},"
      "{\"field\":\"d\",\"tries\":[{\"selector\":\"etag\","
      "\"kind\":\"header\",\"matches\":0,\"problems\":[]}],\"used\":null},"
      "{\"field\":\"e\",\"tries\":[{\"selector\":\"$[0]\","
      "\"kind\":\"jsonld\",\"matches\":0,\"problems\":[]}],"
      "\"used\":null}]" },

    /* a transform that failed */

    { "{\"a\":{\"css\":\"p\",\"transform\":[{\"regex\":\"\\\\d+\"}]}}",
      "<p>x",
      "[{\"field\":\"a\",\"tries\":[{\"selector\":\"p\",\"kind\":\"css\","
      "\"matches\":1,\"node\":\"/html/body/p\",\"line\":1,\"value\":\"x\","
      "\"problems\":[\"\\\"x\\\" does not match the pattern\"]}],"
      "\"used\":null}]" },

    /* levels */

    { "{\"o\":{\"each\":\"li\",\"fields\":{\"t\":\"b\","
      "\"p\":{\"each\":\"i\",\"fields\":{\"v\":\".\"}}}}}",
      "<ul><li><i>1</i></ul>",
      "[{\"field\":\"o\",\"tries\":[{\"selector\":\"li\",\"kind\":\"css\","
      "\"matches\":1,\"node\":\"/html/body/ul/li\",\"line\":1,"
      "\"value\":\"1\",\"problems\":[]}],\"used\":0},"
      "{\"field\":\"o[0].t\",\"tries\":[{\"selector\":\"b\","
      "\"kind\":\"css\",\"matches\":0,\"problems\":[]}],\"used\":null},"
      "{\"field\":\"o[0].p\",\"tries\":[{\"selector\":\"i\","
      "\"kind\":\"css\",\"matches\":1,\"node\":\"/html/body/ul/li/i\","
      "\"line\":1,\"value\":\"1\",\"problems\":[]}],\"used\":0},"
      "{\"field\":\"o[0].p[0].v\",\"tries\":[{\"selector\":\".\","
      "\"kind\":\"xpath\",\"matches\":1,\"node\":\"/html/body/ul/li/i\","
      "\"line\":1,\"value\":\"1\",\"problems\":[]}],\"used\":0}]" },
    { "{\"o\":{\"each\":{\"first\":[\"li\",\"p\"]},"
      "\"drop_if\":\"self::li\",\"fields\":{\"t\":{\"const\":1}}}}",
      "<ul><li>1</ul><p>2",
      "[{\"field\":\"o\",\"tries\":[{\"selector\":\"li\",\"kind\":\"css\","
      "\"matches\":1,\"node\":\"/html/body/ul/li\",\"line\":1,"
      "\"value\":\"1\",\"problems\":[]},{\"selector\":\"p\","
      "\"kind\":\"css\",\"matches\":1,\"node\":\"/html/body/p\","
      "\"line\":1,\"value\":\"2\",\"problems\":[]}],\"used\":1},"
      "{\"field\":\"o[0].t\",\"tries\":[{\"selector\":\"1\","
      "\"kind\":\"const\",\"matches\":1,\"value\":\"1\",\"problems\":[]}],"
      "\"used\":0}]" },
    { "{\"o\":{\"fields\":{\"t\":\"//i\"}}}", "<p>",
      "[{\"field\":\"o.t\",\"tries\":[{\"selector\":\"//i\","
      "\"kind\":\"xpath\",\"matches\":0,\"problems\":[]}],"
      "\"used\":null}]" },

    /* sets */

    { "{\"sets\":{\"s\":{\"t\":\"//i\"},\"n\":{\"match\":{\"url\":\"x\"},"
      "\"fields\":{\"t\":\"//i\"}}}}", "<p>",
      "[{\"field\":\"s.t\",\"tries\":[{\"selector\":\"//i\","
      "\"kind\":\"xpath\",\"matches\":0,\"problems\":[]}],"
      "\"used\":null}]" }
};


START_TEST(explanation_tells_each_selector_that_was_tried)
{
    json_t                *explain;
    const explain_case_t  *c = &explain_cases[_i];

    explain = extracting_view(c->rules, c->html, "explain");
    ck_assert_str_eq(extracting_text(explain), c->explain);
    json_decref(explain);
}
END_TEST


START_TEST(explanation_shows_the_start_of_a_long_value)
{
    size_t        i, len;
    char          html[2048];
    json_t       *explain, *try;
    const char   *value;

    len = (size_t) snprintf(html, sizeof(html), "<p>x");

    for (i = 0; i < 300; i++) {
        len += (size_t) snprintf(html + len, sizeof(html) - len,
                                 "\xe2\x82\xac");
    }

    explain = extracting_view("{\"a\":{\"css\":\"p\",\"type\":\"int\"}}",
                              html, "explain");
    try = json_array_get(json_object_get(json_array_get(explain, 0),
                                         "tries"), 0);
    value = json_string_value(json_object_get(try, "value"));

    ck_assert_uint_eq(strlen(value), 199);
    ck_assert_str_eq(value + 196, "\xe2\x82\xac");

    value = json_string_value(json_array_get(json_object_get(try, "problems"),
                                             0));
    ck_assert_uint_eq(strlen(value), 200 + strlen("\" is not an integer"));
    json_decref(explain);
}
END_TEST


START_TEST(explanation_of_many_places_ends_before_its_bound)
{
    size_t     i;
    json_t    *explain;
    sc_buf_t   b;

    sc_buf_init(&b, 0);

    for (i = 0; i < 20000; i++) {
        (void) sc_buf_add_cstr(&b, "<p>x</p>");
    }

    explain = extracting_view("{\"o\":{\"each\":\"p\",\"fields\":{"
                              "\"a\":\".\",\"b\":{\"xpath\":\".\","
                              "\"type\":\"int\"}}}}", b.data, "explain");
    ck_assert_uint_gt(json_array_size(explain), 100);
    ck_assert_uint_lt(json_array_size(explain), 20000);
    ck_assert_uint_lt(strlen(extracting_text(explain)), EXTRACT_MAX_EXPLAIN);
    json_decref(explain);
    sc_buf_free(&b);
}
END_TEST


START_TEST(place_too_deep_for_a_path_is_told_by_its_line)
{
    size_t     i;
    json_t    *explain, *try;
    sc_buf_t   b;

    sc_buf_init(&b, 0);

    for (i = 0; i < 400; i++) {
        (void) sc_buf_add_cstr(&b, "<div>\n");
    }

    (void) sc_buf_add_cstr(&b, "<b>x</b>");
    explain = extracting_view("{\"a\":\"//b\"}", b.data, "explain");
    try = json_array_get(json_object_get(json_array_get(explain, 0),
                                         "tries"), 0);

    ck_assert_ptr_null(json_object_get(try, "node"));
    ck_assert_int_eq(json_integer_value(json_object_get(try, "line")), 401);
    json_decref(explain);
    sc_buf_free(&b);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("extract_explain");
    tc = tcase_create("extract_explain");
    tcase_set_timeout(tc, 60);

    tcase_add_loop_test(tc, explanation_tells_each_selector_that_was_tried,
                        0, sizeof(explain_cases) / sizeof(explain_cases[0]));
    tcase_add_test(tc, explanation_shows_the_start_of_a_long_value);
    tcase_add_test(tc, explanation_of_many_places_ends_before_its_bound);
    tcase_add_test(tc, place_too_deep_for_a_path_is_told_by_its_line);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
