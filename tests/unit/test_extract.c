
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/extract/extract.h"
#include "tests/support/suite.h"


#define URL  "http://shop.example/p/42?x=1"


/*
 * A rule set over a page and all that comes of it.  missing and warnings are
 * JSON; NULL stands for an empty list.
 */
typedef struct {
    const char  *rules;
    const char  *html;
    const char  *data;
    const char  *missing;
    const char  *warnings;
} extract_case_t;


static int extract_html(const char *rules, sc_str_t body, extract_page_t *p);
static void extract_free(extract_page_t *p);
static void extract_expect_failure(const char *rules, sc_str_t body,
    const char *detail);
static char *extract_repeat(const char *text, size_t n, const char *end);


static const extract_case_t  extract_cases[] = {

    /* strings */

    { "{\"a\":\"//p\"}", "<p> one \t\n two<b> three</b> </p>",
      "{\"a\":\"one two three\"}", NULL, NULL },
    { "{\"a\":\"//p\"}", "<p>one</p><p>two</p>", "{\"a\":\"one\"}", NULL,
      NULL },
    { "{\"a\":\"//p[2]|//p[1]\"}", "<p>one</p><p>two</p>",
      "{\"a\":\"one\"}", NULL, NULL },
    { "{\"a\":\"//i\"}", "<p>one</p>", "{\"a\":null}", NULL, NULL },
    { "{\"a\":\"//p\"}", "<p> \n </p>", "{\"a\":\"\"}", NULL, NULL },
    { "{\"a\":\"//p\"}", "<p>say &quot;h\xc3\xa9&quot; &lt;\\&#1;</p>",
      "{\"a\":\"say \\\"h\xc3\xa9\\\" <\\\\\"}", NULL, NULL },
    { "{\"a\":\"//p\"}", "<p>a\xc2\xa0 \xc2\xa0</p>",
      "{\"a\":\"a\xc2\xa0 \xc2\xa0\"}", NULL, NULL },
    { "{\"a\":\"//script\"}", "<script>if (1 < 2) { }</script>",
      "{\"a\":\"if (1 < 2) { }\"}", NULL, NULL },
    { "{\"a\":\"//comment()\"}", "<p><!-- hid  den --></p>",
      "{\"a\":\"hid den\"}", NULL, NULL },
    { "{\"a\":\"//p\"}", "<p>a<!-- b -->c</p>", "{\"a\":\"ac\"}", NULL,
      NULL },
    { "{\"a\":\"//a/@href\"}", "<a href=' ../x  y?a=1&amp;b#c '>",
      "{\"a\":\"../x y?a=1&b#c\"}", NULL, NULL },
    { "{\"a\":\"//p/namespace::*\"}", "<p>",
      "{\"a\":\"http://www.w3.org/XML/1998/namespace\"}", NULL, NULL },
    { "{\"a\":\"normalize-space(//p)\"}", "<p> x  y</p>",
      "{\"a\":\"x y\"}", NULL, NULL },
    { "{\"a\":\"/\"}", "", "{\"a\":\"\"}", NULL, NULL },
    { "{\"a\":\"//p\"}", "", "{\"a\":null}", NULL, NULL },
    { "{\"a\":\"//p\"}", " \n ", "{\"a\":null}", NULL, NULL },
    { "{\"a\":\"//meta/@charset\"}",
      "<meta charset=koi8-r><p>caf\xc3\xa9", "{\"a\":\"koi8-r\"}", NULL,
      NULL },

    /* lists */

    { "{\"a\":[\"//li\"]}", "<ul><li>1<li> 2 <li></ul>",
      "{\"a\":[\"1\",\"2\",\"\"]}", NULL, NULL },
    { "{\"a\":[\"//li\"]}", "<p>", "{\"a\":[]}", NULL, NULL },
    { "{\"a\":[{\"xpath\":\"//li\",\"type\":\"int\"}]}",
      "<ul><li>1<li>x<li>3</ul>", "{\"a\":[1,null,3]}", NULL,
      "[\"\\\"a[1]\\\": \\\"x\\\" is not an integer\"]" },

    /* what expressions that are not node-sets give */

    { "{\"a\":\"count(//li)\",\"b\":\"(1 div 8)\",\"c\":\"(1 = 1)\"}",
      "<ul><li><li></ul>", "{\"a\":2,\"b\":0.125,\"c\":true}", NULL, NULL },
    { "{\"a\":{\"xpath\":\"number(//b)\",\"type\":\"number\"}}", "<p>",
      "{\"a\":null}", NULL, NULL },
    { "{\"a\":{\"xpath\":\"1 div 0\",\"type\":\"number\"}}", "<p>",
      "{\"a\":null}", NULL,
      "[\"\\\"a\\\": the number is infinite\"]" },
    { "{\"a\":{\"xpath\":\"3 div 2\",\"type\":\"int\"},"
      "\"b\":{\"xpath\":\"6 div 2\",\"type\":\"int\"}}", "<p>",
      "{\"a\":null,\"b\":3}", NULL,
      "[\"\\\"a\\\": \\\"1.5\\\" is not an integer\"]" },
    { "{\"a\":{\"xpath\":\"boolean(//p)\",\"type\":\"int\"},"
      "\"b\":{\"xpath\":\"count(//p)\",\"type\":\"bool\"},"
      "\"c\":{\"xpath\":\"count(//i)\",\"type\":\"bool\"}}", "<p>",
      "{\"a\":1,\"b\":true,\"c\":false}", NULL, NULL },

    /* types */

    { "{\"a\":[{\"xpath\":\"//i\",\"type\":\"int\"}]}",
      "<i> 42 </i><i>+7</i><i>-007</i><i>9223372036854775807</i>",
      "{\"a\":[42,7,-7,9223372036854775807]}", NULL, NULL },
    { "{\"a\":[{\"xpath\":\"//i\",\"type\":\"int\"}]}",
      "<i>1,234</i><i></i><i>-</i><i>1.0</i><i>9223372036854775808</i>",
      "{\"a\":[null,null,null,null,null]}", NULL,
      "[\"\\\"a[0]\\\": \\\"1,234\\\" is not an integer\","
      "\"\\\"a[1]\\\": \\\"\\\" is not an integer\","
      "\"\\\"a[2]\\\": \\\"-\\\" is not an integer\","
      "\"\\\"a[3]\\\": \\\"1.0\\\" is not an integer\","
      "\"\\\"a[4]\\\": \\\"9223372036854775808\\\" is not an integer of 64 "
      "bits\"]" },
    { "{\"a\":[{\"xpath\":\"//i\",\"type\":\"number\"}]}",
      "<i> 12.50 </i><i>-.5</i><i>5.</i><i>+1e3</i><i>1E-2</i>",
      "{\"a\":[12.5,-0.5,5,1000,0.01]}", NULL, NULL },
    { "{\"a\":[{\"xpath\":\"//i\",\"type\":\"number\"}]}",
      "<i>12 EUR</i><i>0x10</i><i>inf</i><i>nan</i><i>.</i><i>1e</i>"
      "<i>1e999</i>",
      "{\"a\":[null,null,null,null,null,null,null]}", NULL,
      "[\"\\\"a[0]\\\": \\\"12 EUR\\\" is not a number\","
      "\"\\\"a[1]\\\": \\\"0x10\\\" is not a number\","
      "\"\\\"a[2]\\\": \\\"inf\\\" is not a number\","
      "\"\\\"a[3]\\\": \\\"nan\\\" is not a number\","
      "\"\\\"a[4]\\\": \\\".\\\" is not a number\","
      "\"\\\"a[5]\\\": \\\"1e\\\" is not a number\","
      "\"\\\"a[6]\\\": \\\"1e999\\\" is too large a number\"]" },
    { "{\"a\":[{\"xpath\":\"//i\",\"type\":\"bool\"}]}",
      "<i>true</i><i>No</i><i>1</i><i> 0 </i><i>YES</i><i>maybe</i>",
      "{\"a\":[true,false,true,false,true,null]}", NULL,
      "[\"\\\"a[5]\\\": \\\"maybe\\\" is not a boolean\"]" },

    /* URLs */

    { "{\"a\":[{\"xpath\":\"//a/@href\",\"type\":\"url\"}]}",
      "<a href=q><a href='/r'><a href='//cdn.example/s'><a href='?y=2'>",
      "{\"a\":[\"http://shop.example/p/q\",\"http://shop.example/r\","
      "\"http://cdn.example/s\",\"http://shop.example/p/42?y=2\"]}", NULL,
      NULL },
    { "{\"a\":{\"xpath\":\"//a/@href\",\"type\":\"url\"}}",
      "<base target=x><base href='/b/'><base href='/c/'><a href=q>",
      "{\"a\":\"http://shop.example/b/q\"}", NULL, NULL },
    { "{\"a\":{\"xpath\":\"//a/@href\",\"type\":\"url\"}}", "<a name=b>",
      "{\"a\":null}", NULL, NULL },

    /* absence */

    { "{\"a\":{\"xpath\":\"//i\",\"default\":\"none\"},"
      "\"b\":{\"xpath\":\"//i\",\"default\":null},"
      "\"c\":[{\"xpath\":\"//i\",\"default\":[1]}],"
      "\"d\":{\"xpath\":\"//p\",\"type\":\"int\",\"default\":0}}",
      "<p>x", "{\"a\":\"none\",\"b\":null,\"c\":[1],\"d\":0}", NULL,
      "[\"\\\"d\\\": \\\"x\\\" is not an integer\"]" },
    { "{\"a\":{\"xpath\":\"//i\",\"required\":true},"
      "\"b\":{\"xpath\":\"//p\",\"required\":true},"
      "\"c\":[{\"xpath\":\"//i\",\"required\":true}],"
      "\"d\":{\"xpath\":\"//p\",\"type\":\"int\",\"required\":true}}",
      "<p>x", "{\"a\":null,\"b\":\"x\",\"c\":[],\"d\":null}",
      "[\"a\",\"c\",\"d\"]",
      "[\"\\\"d\\\": \\\"x\\\" is not an integer\"]" },

    /* nesting */

    { "{\"o\":{\"each\":\"//li\",\"fields\":{\"s\":\".//b\","
      "\"n\":\"count(.//i)\",\"t\":{\"each\":\"./i\",\"fields\":{"
      "\"v\":\".\"}}}}}",
      "<ul><li><b>x</b><i>1</i><i>2</i></li><li>y</li></ul>",
      "{\"o\":[{\"s\":\"x\",\"n\":2,\"t\":[{\"v\":\"1\"},{\"v\":\"2\"}]},"
      "{\"s\":null,\"n\":0,\"t\":[]}]}", NULL, NULL },
    { "{\"o\":{\"each\":\"//li\",\"fields\":{\"s\":{\"xpath\":\"b\","
      "\"required\":true,\"type\":\"int\"}}}}",
      "<ul><li><b>1</b></li><li></li><li><b>z</b></li></ul>",
      "{\"o\":[{\"s\":1},{\"s\":null},{\"s\":null}]}",
      "[\"o[1].s\",\"o[2].s\"]",
      "[\"\\\"o[2].s\\\": \\\"z\\\" is not an integer\"]" },
    { "{\"o\":{\"each\":\"//i\",\"fields\":{\"s\":\".\"}}}", "<p>",
      "{\"o\":[]}", NULL, NULL },
    { "{\"o\":{\"each\":\"//p/@*\",\"fields\":{\"k\":\"name()\","
      "\"v\":\".\"}}}", "<p a=1 b=2>",
      "{\"o\":[{\"k\":\"a\",\"v\":\"1\"},{\"k\":\"b\",\"v\":\"2\"}]}", NULL,
      NULL },
    { "{\"o\":{\"each\":\"//p/namespace::*\",\"fields\":{\"k\":\".\"}}}",
      "<p>", "{\"o\":[]}", NULL, NULL }
};


START_TEST(rules_over_a_page_give_the_data_the_missing_and_the_warnings)
{
    sc_str_t               body;
    extract_page_t         p;
    const extract_case_t  *c = &extract_cases[_i];

    body.data = c->html;
    body.len = strlen(c->html);

    ck_assert_msg(extract_html(c->rules, body, &p) == SC_OK, "%s", p.detail);
    ck_assert_str_eq(p.data.data, c->data);
    ck_assert_str_eq(p.missing.data, c->missing != NULL ? c->missing : "[]");
    ck_assert_str_eq(p.warnings.data,
                     c->warnings != NULL ? c->warnings : "[]");

    extract_free(&p);
}
END_TEST


START_TEST(page_in_another_encoding_is_read_in_it)
{
    sc_str_t        body = sc_string("<meta charset=koi8-r><p>\xf0\xd2\xc9");
    extract_page_t  p;

    ck_assert_int_eq(extract_html("{\"a\":\"//p\"}", body, &p), SC_OK);
    ck_assert_str_eq(p.data.data, "{\"a\":\"\xd0\x9f\xd1\x80\xd0\xb8\"}");
    ck_assert_str_eq(p.charset, "koi8-r");
    ck_assert_str_eq(p.charset_from, "meta");
    extract_free(&p);
}
END_TEST


START_TEST(nul_in_a_page_does_not_end_it)
{
    sc_str_t        body = sc_string("<p>a\0b</p><i>c</i>");
    extract_page_t  p;

    ck_assert_int_eq(extract_html("{\"a\":\"//p\",\"c\":\"//i\"}", body, &p),
                     SC_OK);
    ck_assert_str_eq(p.data.data, "{\"a\":\"a\xef\xbf\xbd" "b\","
                                  "\"c\":\"c\"}");
    extract_free(&p);
}
END_TEST


START_TEST(page_nested_deeper_than_the_parsers_limit_keeps_its_end)
{
    char            *html;
    sc_str_t         body;
    extract_page_t   p;

    html = extract_repeat("<div>", 5000, "<i>deep</i>");
    body.data = html;
    body.len = strlen(html);

    ck_assert_int_eq(extract_html("{\"a\":\"//i\",\"n\":\"count(//div)\"}",
                                  body, &p), SC_OK);
    ck_assert_str_eq(p.data.data, "{\"a\":\"deep\",\"n\":5000}");
    extract_free(&p);
    free(html);
}
END_TEST


START_TEST(expression_that_fails_on_a_page_is_a_warning)
{
    sc_str_t        body = sc_string("<p>x");
    extract_page_t  p;

    /* a step on what is no node-set on a page that has a <p> */
    ck_assert_int_eq(extract_html("{\"a\":\"id(string(//p[count(position()|"
                                  "//p) > 0]))\",\"b\":\"//p\"}", body, &p),
                     SC_OK);
    ck_assert_str_eq(p.data.data, "{\"a\":null,\"b\":\"x\"}");
    ck_assert_ptr_nonnull(strstr(p.warnings.data,
                                 "\\\"a\\\": the expression failed on this "
                                 "page"));
    extract_free(&p);
}
END_TEST


START_TEST(expression_that_does_not_end_fails_the_page)
{
    char      *html;
    sc_str_t   body;

    html = extract_repeat("<p>x", 2000, "");
    body.data = html;
    body.len = strlen(html);

    extract_expect_failure("{\"o\":{\"each\":\"//html\",\"fields\":{\"a\":"
                           "\"count(//*[count(//*[count(//*)>0])>0])\"}}}",
                           body, "the expression of \"o[0].a\" takes more "
                           "than 5000000 steps");
    free(html);
}
END_TEST


START_TEST(data_longer_than_its_bound_fails_the_page)
{
    char      *html;
    sc_str_t   body;

    html = extract_repeat("0123456789", 1000 * 1000, "");
    body.data = html;
    body.len = strlen(html);

    extract_expect_failure("{\"a\":\"//p\"}", body,
                           "the data is more than 8388608 bytes");
    extract_expect_failure("{\"a\":{\"xpath\":\"//p\",\"type\":\"int\"}}",
                           body, "the data is more than 8388608 bytes");
    free(html);

    html = extract_repeat("<p>0123456789", 100 * 1000, "");
    body.data = html;
    body.len = strlen(html);

    extract_expect_failure("{\"a\":[\"//p\"],\"b\":[\"//p\"],"
                           "\"c\":[\"//p\"],\"d\":[\"//p\"],"
                           "\"e\":[\"//p\"],\"f\":[\"//p\"],"
                           "\"g\":[\"//p\"]}", body,
                           "the data is more than 8388608 bytes");
    free(html);
}
END_TEST


START_TEST(list_longer_than_its_bound_is_cut_with_a_warning)
{
    char            *html;
    sc_str_t         body;
    extract_page_t   p;

    html = extract_repeat("<br>", EXTRACT_MAX_MATCHES + 1, "");
    body.data = html;
    body.len = strlen(html);

    ck_assert_int_eq(extract_html("{\"a\":[\"//br\"]}", body, &p), SC_OK);
    ck_assert_uint_eq(p.data.len, strlen("{\"a\":[]}")
                                  + 3 * EXTRACT_MAX_MATCHES - 1);
    ck_assert_str_eq(p.warnings.data,
                     "[\"\\\"a\\\": 100001 matches, all after the first "
                     "100000 are left out\"]");
    extract_free(&p);
    free(html);
}
END_TEST


START_TEST(warnings_and_missing_are_bounded)
{
    char            *html;
    size_t           i, n;
    sc_str_t         body;
    extract_page_t   p;

    html = extract_repeat("<p>x", 5000, "");
    body.data = html;
    body.len = strlen(html);

    ck_assert_int_eq(extract_html("{\"o\":{\"each\":\"//p\",\"fields\":{"
                                  "\"a\":{\"xpath\":\".\",\"type\":\"int\","
                                  "\"required\":true}}}}", body, &p), SC_OK);

    for (i = 0, n = 0; i < p.missing.len; i++) {
        n += (p.missing.data[i] == ',');
    }

    ck_assert_uint_eq(n + 1, EXTRACT_MAX_MISSING);

    for (i = 0, n = 0; i < p.warnings.len; i++) {
        n += (p.warnings.data[i] == ',');
    }

    ck_assert_uint_eq(n, EXTRACT_MAX_WARNINGS);
    ck_assert_ptr_nonnull(strstr(p.warnings.data,
                                 ",\"more warnings are left out\"]"));
    extract_free(&p);
    free(html);
}
END_TEST


START_TEST(warning_shows_the_start_of_a_long_value)
{
    char            *html;
    sc_str_t         body;
    extract_page_t   p;

    html = extract_repeat("\xe2\x82\xac", 100, "</p>");
    body.data = html;
    body.len = strlen(html);

    ck_assert_int_eq(extract_html("{\"a\":{\"xpath\":\"//p\","
                                  "\"type\":\"number\"}}", body, &p), SC_OK);
    ck_assert_uint_eq(p.warnings.len, strlen("[\"\\\"a\\\": \\\"\\\" is not a "
                                             "number\"]")
                                      + 78 + strlen("…"));
    extract_free(&p);
    free(html);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("extract");
    tc = tcase_create("extract");
    tcase_set_timeout(tc, 60);

    tcase_add_loop_test(
        tc, rules_over_a_page_give_the_data_the_missing_and_the_warnings, 0,
        sizeof(extract_cases) / sizeof(extract_cases[0]));
    tcase_add_test(tc, page_in_another_encoding_is_read_in_it);
    tcase_add_test(tc, nul_in_a_page_does_not_end_it);
    tcase_add_test(tc,
                   page_nested_deeper_than_the_parsers_limit_keeps_its_end);
    tcase_add_test(tc, expression_that_fails_on_a_page_is_a_warning);
    tcase_add_test(tc, expression_that_does_not_end_fails_the_page);
    tcase_add_test(tc, data_longer_than_its_bound_fails_the_page);
    tcase_add_test(tc, list_longer_than_its_bound_is_cut_with_a_warning);
    tcase_add_test(tc, warnings_and_missing_are_bounded);
    tcase_add_test(tc, warning_shows_the_start_of_a_long_value);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


static int
extract_html(const char *rules, sc_str_t body, extract_page_t *p)
{
    int                rc;
    sc_rules_t        *r;
    sc_rules_error_t   err;

    r = sc_rules_parse_text(rules, strlen(rules), &err);
    ck_assert_msg(r != NULL, "%s: %s", rules, err.message);

    memset(p, 0, sizeof(extract_page_t));
    p->url = URL;
    p->content_type = "text/html";
    p->body = body;
    extract_page_init(p);

    rc = extract_page(r, p);
    sc_rules_free(r);

    return rc;
}


static void
extract_free(extract_page_t *p)
{
    extract_page_free(p);
}


static void
extract_expect_failure(const char *rules, sc_str_t body, const char *detail)
{
    extract_page_t  p;

    ck_assert_int_eq(extract_html(rules, body, &p), SC_ERROR);
    ck_assert_str_eq(p.detail, detail);
    extract_free(&p);
}


/* "<p>", n times the text, the end; the caller's to free. */

static char *
extract_repeat(const char *text, size_t n, const char *end)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "<p>");

    for ( /* void */ ; n != 0; n--) {
        (void) sc_buf_add_cstr(&b, text);
    }

    ck_assert_int_eq(sc_buf_add_cstr(&b, end), SC_OK);

    return b.data;
}
