
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <libxml/HTMLparser.h>
#include <libxml/xpathInternals.h>

#include "common/xpath/sc_xpath.h"
#include "common/sc_buf.h"
#include "tests/support/suite.h"


#define FUNCTIONS_COUNT(a)  ((int) (sizeof(a) / sizeof(a[0])))


/*
 * result   what string() makes of it; the nodes' strings with "|" behind
 *          each when it is a set.  All of them are what lxml gives.
 */
typedef struct {
    const char  *xpath;
    const char  *result;
} functions_case_t;


typedef struct {
    xmlDocPtr            doc;
    xmlXPathContextPtr   ctx;
    char                 message[256];
} functions_page_t;


static const char  functions_html[] =
    "<html><body><p class=\"a b\">x1</p><p class=\"B\">y22 \xc3\xa9</p>"
    "<p>z</p><q class=\"\ta \n b\f\r c\">1</q><q class=\"\">2</q>"
    "<q class=\"a\v" "b\xc2\xa0" "c\">3</q></body></html>";


static const functions_case_t  functions_re[] = {
    { "re:test('abc', 'b')", "true" },
    { "re:test('abc', 'B')", "false" },
    { "re:test('abc', 'B', 'i')", "true" },
    { "re:test('abc', 'B', 'gi')", "true" },
    { "re:test('abc', 'b', '')", "true" },
    { "re:test(//p, 'x\\d')", "true" },
    { "re:test(//p, 'y')", "false" },
    { "re:test(//none, '^$')", "true" },
    { "re:test('a', '')", "true" },
    { "re:test('\xc3\xa9\xc3\x89', '^\\w\\w$')", "true" },
    { "re:test('\xc3\x89', '\xc3\xa9', 'i')", "true" },
    { "count(//p[re:test(., '\\d')])", "2" },
    { "//p[re:test(@class, '^[a-z]')]", "x1|" },
    { "re:match('http://www.bayes.co.uk/xml/index.xml?/xml/utils/"
      "rechecker.xml', '(\\w+):\\/\\/([^/:]+)(:\\d*)?([^# ]*)')",
      "http://www.bayes.co.uk/xml/index.xml?/xml/utils/rechecker.xml|http|"
      "www.bayes.co.uk||/xml/index.xml?/xml/utils/rechecker.xml|" },
    { "re:match('This is a test string', '(\\w+)', 'g')",
      "This|is|a|test|string|" },
    { "re:match('This is a test string', '([a-z])+ ', 'g')", "s|s|a|t|" },
    { "re:match('This is a test string', '([a-z])+ ', 'gi')", "s|s|a|t|" },
    { "re:match('a1b2', '([a-z])(\\d)', 'g')", "a1|b2|" },
    { "re:match('a1bc', '([a-z])(\\d)?', 'g')", "a1|b|c|" },
    { "re:match('a1b2', '[a-z]\\d', 'g')", "a1|b2|" },
    { "re:match('abxd', 'x*', 'g')", "||x|||" },
    { "re:match('abc', 'z')", "" },
    { "re:match('abc', 'z', 'g')", "" },
    { "re:match('abc', 'b(z)?(c)')", "bc||c|" },
    { "re:match(//p[2], '\\d+')", "22|" },
    { "count(re:match('abc', 'b')/..)", "1" },
    { "count(re:match('abc', 'b')/ancestor::node())", "2" },
    { "name(re:match('abc', 'b')/..)", "matches" },
    { "name(re:match('abc', 'b'))", "match" },
    { "string(re:match('abc', 'b(c)')[2])", "c" },
    { "re:match('abc', 'b')[1]/following-sibling::*", "" },
    { "count(re:match('a', 'a') | re:match('a', 'a'))", "2" },
    { "re:replace('aabb', 'a', '', 'x')", "xabb" },
    { "re:replace('aabb', 'a', 'g', 'x')", "xxbb" },
    { "re:replace('aabb', 'z', 'g', 'x')", "aabb" },
    { "re:replace('abc', '(b)', '', '[\\1]')", "a[b]c" },
    { "re:replace('abc', '(b)', '', '[\\g<1>]')", "a[b]c" },
    { "re:replace('abc', '(?P<n>b)', '', '[\\g<n>]')", "a[b]c" },
    { "re:replace('abc', '(b)', '', '$1')", "a$1c" },
    { "re:replace('abc', '(b)', '', '${1}')", "a${1}c" },
    { "re:replace('abc', 'b', '', '\\\\')", "a\\c" },
    { "re:replace('abc', 'b', '', '\\n')", "a\nc" },
    { "re:replace('abc', 'b', '', '\\.')", "a\\.c" },
    { "re:replace('abc', 'b(z)?', '', '[\\1]')", "a[]c" },
    { "re:replace('abc', 'b', '', '\\101')", "aAc" },
    { "re:replace('abc', 'b', '', '\\351')", "a\xc3\xa9" "c" },
    { "re:replace('abc', 'b', '', '\\044')", "a$c" },
    { "re:replace('abc', 'b', '', '\\g<0>')", "abc" },
    { "re:replace('abxd', 'x*', 'g', '-')", "-a-b--d-" },
    { "re:replace('a', 'A', 'i', 'b')", "b" },
    { "re:replace('a', 'A', 'gi', 'b')", "b" },
    { "re:replace(//p[2], '\\d', 'g', '')", "y \xc3\xa9" }
};


static const functions_case_t  functions_other[] = {
    { "set:difference(//p, //p[2])", "x1|z|" },
    { "set:difference(//p, //none)", "x1|y22 \xc3\xa9|z|" },
    { "set:difference(//none, //p)", "" },
    { "set:difference(//p, //p)", "" },
    { "set:intersection(//p, //p[2])", "y22 \xc3\xa9|" },
    { "set:intersection(//p, //none)", "" },
    { "set:distinct(//p | //p/@class)", "x1|a b|y22 \xc3\xa9|B|z|" },
    { "set:distinct(//p/@class)", "a b|B|" },
    { "set:distinct(re:match('abab', '.', 'g'))", "a|b|" },
    { "set:distinct(//none)", "" },
    { "set:has-same-node(//p, //p[1])", "true" },
    { "set:has-same-node(//p[2], //p[1])", "false" },
    { "set:has-same-node(//none, //p[1])", "false" },
    { "set:leading(//p, //p[2])", "x1|" },
    { "set:leading(//p, //p[position() > 1])", "x1|" },
    { "set:trailing(//p, //p[2])", "z|" },
    { "set:leading(//p, //none)", "x1|y22 \xc3\xa9|z|" },
    { "set:trailing(//p, //none)", "x1|y22 \xc3\xa9|z|" },
    { "set:leading(//p, //body)", "" },
    { "set:trailing(//p, //body)", "" },
    { "set:leading(//none, //p)", "" },
    { "str:concat(//p)", "x1y22 \xc3\xa9z" },
    { "str:concat(//p/@class)", "a bB" },
    { "str:concat(//none)", "" },
    { "//*[has-class('a')]", "x1|1|" },
    { "//*[has-class('a', 'b')]", "x1|1|" },
    { "//*[has-class('b', 'a')]", "x1|1|" },
    { "//*[has-class('a', 'c')]", "1|" },
    { "//*[has-class('A')]", "" },
    { "//*[has-class('B')]", "y22 \xc3\xa9|" },
    { "//*[has-class('')]", "" },
    { "//*[has-class('a', '')]", "" },
    { "//*[has-class('a b')]", "x1|1|" },
    { "//*[has-class('b c')]", "1|" },
    { "//*[has-class('a  b')]", "" },
    { "//*[has-class(' a')]", "" },
    { "//*[has-class('a ')]", "" },
    { "//*[has-class('c ')]", "" },
    { "//*[has-class('a\tb')]", "" },
    { "//*[has-class('aa')]", "" },
    { "//*[has-class('a b c d')]", "" },
    { "//*[not(has-class('a'))][self::p or self::q]",
      "y22 \xc3\xa9|z|2|3|" },
    { "//none[has-class()]", "" }
};


/* where lxml has another answer, or stops with an assertion */

static const functions_case_t  functions_own[] = {
    { "re:test(12, '^12$')", "true" },
    { "re:test(true(), '^true$')", "true" },
    { "re:test('a\nb', '^b', 'm')", "true" },
    { "re:test('a\nb', 'a.b', 's')", "true" },
    { "re:test('ab', 'a b', 'x')", "true" },
    { "//text()[has-class('a')]", "" },
    { "//@*[has-class('a')]", "" },
    { "/self::node()[has-class('a')]", "" }
};


static const functions_case_t  functions_errors[] = {
    { "re:test('a')", "Invalid number of arguments" },
    { "re:test('a', 'b', 'i', 'i')", "Invalid number of arguments" },
    { "re:match('a')", "Invalid number of arguments" },
    { "re:replace('a', 'b', 'c')", "Invalid number of arguments" },
    { "re:test('abc', '(')",
      "invalid regular expression: missing closing parenthesis" },
    { "//p[re:test(., '*')]", "invalid regular expression: "
      "quantifier does not follow a repeatable item" },
    { "re:test('abc', 'b', 'q')", "invalid regular expression: unknown flag, "
      "\"g\", \"i\", \"m\", \"s\" and \"x\" are known" },
    { "re:match('abc', '[')", "invalid regular expression: "
      "missing terminating ] for character class" },
    { "re:test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+$')",
      "regular expression exceeds its limits" },
    { "re:match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+$', 'g')",
      "regular expression exceeds its limits" },
    { "re:replace('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', '(a+)+$', 'g', '')",
      "regular expression exceeds its limits" },
    { "re:replace('abc', 'b', '', '\\q')",
      "invalid replacement: bad escape in the replacement" },
    { "re:replace('abc', 'b', '', '\\')",
      "invalid replacement: bad escape in the replacement" },
    { "re:replace('abc', 'b', '', '\\0')",
      "invalid replacement: bad escape in the replacement" },
    { "re:replace('abc', 'b', '', '\\g<1')",
      "invalid replacement: bad group name in the replacement" },
    { "re:replace('abc', 'b', '', '\\g<>')",
      "invalid replacement: bad group name in the replacement" },
    { "re:replace('abc', 'b', '', '\\2')",
      "invalid replacement: there is no such group" },
    { "re:replace('abc', 'b', '', '\\12')",
      "invalid replacement: there is no such group" },
    { "set:difference('a', //p)", "Invalid type" },
    { "set:difference(//p, 'a')", "Invalid type" },
    { "set:difference(//p)", "Invalid number of arguments" },
    { "set:distinct('a')", "Invalid type" },
    { "set:distinct(//p, //p)", "Invalid number of arguments" },
    { "set:has-same-node(1, //p)", "Invalid type" },
    { "str:concat('a')", "Invalid type" },
    { "str:concat()", "Invalid number of arguments" },
    { "//p[has-class()]", "has-class must have at least 1 argument" },
    { "//p[has-class(1)]", "has-class arguments must be strings" },
    { "//p[has-class(@class)]", "has-class arguments must be strings" },
    { "//p[has-class('a', .)]", "has-class arguments must be strings" },
    { "re:nothing()", "Unregistered function" },
    { "set:test('a', 'b')", "Unregistered function" },
    { "re:has-class('a')", "Unregistered function" },
    { "test('a', 'b')", "Unregistered function" }
};


static void functions_open(functions_page_t *page, const char *html);
static void functions_close(functions_page_t *page);
static void functions_error(void *data, xmlErrorPtr error);
static void functions_silent(void *data, const char *fmt, ...);
static char *functions_eval(functions_page_t *page, const char *xpath);
static void functions_expect(const functions_case_t *c);
static char *functions_wide(const char *unit, int n);


START_TEST(regular_expression_functions_answer_as_lxml)
{
    functions_expect(&functions_re[_i]);
}
END_TEST


START_TEST(other_functions_answer_as_lxml_and_parsel)
{
    functions_expect(&functions_other[_i]);
}
END_TEST


START_TEST(functions_differ_from_lxml_where_it_is_said)
{
    functions_expect(&functions_own[_i]);
}
END_TEST


START_TEST(wrong_call_is_an_error_with_its_reason)
{
    char                    *result;
    functions_page_t         page;
    const functions_case_t  *c;

    c = &functions_errors[_i];
    functions_open(&page, functions_html);

    result = functions_eval(&page, c->xpath);

    ck_assert_ptr_null(result);
    ck_assert_str_eq(page.message, c->result);

    /* the context is good for the next expression */
    result = functions_eval(&page, "re:replace('a', 'a', '', 'b')");
    ck_assert_str_eq(result, "b");
    free(result);

    functions_close(&page);
}
END_TEST


START_TEST(message_goes_to_the_handler_of_the_context_first)
{
    functions_page_t  page, other;

    functions_open(&page, functions_html);
    memset(&other, 0, sizeof(functions_page_t));

    page.ctx->error = functions_error;
    page.ctx->userData = &other;

    ck_assert_ptr_null(functions_eval(&page, "re:test('abc', '(')"));
    ck_assert_str_eq(other.message, "invalid regular expression: missing "
                     "closing parenthesis");
    ck_assert_str_eq(page.message, "");

    functions_close(&page);
}
END_TEST


START_TEST(error_without_any_handler_is_an_error_still)
{
    functions_page_t  page;

    functions_open(&page, functions_html);
    xmlSetStructuredErrorFunc(NULL, NULL);

    ck_assert_ptr_null(functions_eval(&page, "re:test('abc', '(')"));

    functions_close(&page);
}
END_TEST


START_TEST(more_patterns_than_are_kept_are_used_in_turn)
{
    int                i, round;
    char               xpath[64], expected[16], *result;
    functions_page_t   page;

    functions_open(&page, functions_html);

    for (round = 0; round < 3; round++) {
        for (i = 0; i < 2 * SC_XPATH_PATTERNS + 1; i++) {
            snprintf(xpath, sizeof(xpath),
                     "re:match('<%d>', '^<(%d)>$')[2]", i, i);
            snprintf(expected, sizeof(expected), "%d|", i);

            result = functions_eval(&page, xpath);
            ck_assert_str_eq(result, expected);
            free(result);
        }
    }

    functions_close(&page);
}
END_TEST


START_TEST(same_pattern_with_other_flags_is_another)
{
    char              *result;
    functions_page_t   page;

    functions_open(&page, functions_html);

    result = functions_eval(&page, "concat(re:test('A', 'a'), "
                            "re:test('A', 'a', 'i'), re:test('A', 'a'))");
    ck_assert_str_eq(result, "falsetruefalse");
    free(result);

    functions_close(&page);
}
END_TEST


START_TEST(one_call_matches_so_many_times_at_most)
{
    char              *html, *result;
    functions_page_t   page;

    html = functions_wide("a", SC_XPATH_MATCHES);
    functions_open(&page, html);
    free(html);

    result = functions_eval(&page, "count(re:match(/, 'a', 'g'))");
    ck_assert_str_eq(result, "10000");
    free(result);

    ck_assert_ptr_null(functions_eval(&page,
                                      "count(re:match(/, 'a|$', 'g'))"));
    ck_assert_str_eq(page.message, "regular expression exceeds its limits");

    functions_close(&page);
}
END_TEST


START_TEST(result_is_at_most_its_limit_long)
{
    char              *html;
    functions_page_t   page;

    html = functions_wide("a", 20000);
    functions_open(&page, html);
    free(html);

    ck_assert_ptr_null(functions_eval(&page, "re:replace(/, 'a', 'g', "
                                      "string(/))"));
    ck_assert_str_eq(page.message, "string is too long");

    functions_close(&page);
}
END_TEST


START_TEST(work_counts_as_steps_of_the_expression)
{
    int                i;
    char              *html;
    functions_page_t   page;

    static const char *const  costly[] = {
        "re:match(/, 'a', 'g')",
        "//b[re:test(/, 'z')]",
        "//b[re:replace(/, 'z', 'g', '')]",
        "set:difference(//b, //b)",
        "set:intersection(//b, //b)",
        "set:has-same-node(//b, //i)",
        "//b[str:concat(/)]",
        "//b[has-class('a')]"
    };

    html = functions_wide("<b class=a>a</b>", 2000);
    functions_open(&page, html);
    free(html);

    for (i = 0; i < FUNCTIONS_COUNT(costly); i++) {
        page.ctx->opLimit = (i == 0 || i == 5) ? 1000 : 10000;
        page.ctx->opCount = 0;
        page.message[0] = '\0';

        ck_assert_ptr_null(functions_eval(&page, costly[i]));
        ck_assert_str_eq(page.message, "Operation limit exceeded");
    }

    functions_close(&page);
}
END_TEST


START_TEST(functions_are_found_under_any_prefix_of_their_namespace)
{
    char              *result;
    functions_page_t   page;

    functions_open(&page, functions_html);

    ck_assert_int_eq(xmlXPathRegisterNs(page.ctx, BAD_CAST "r",
                         BAD_CAST "http://exslt.org/regular-expressions"),
                     0);
    ck_assert_int_eq(xmlXPathRegisterNs(page.ctx, BAD_CAST "str",
                                        BAD_CAST "http://example.com/"),
                     0);

    result = functions_eval(&page, "r:test('a', 'a')");
    ck_assert_str_eq(result, "true");
    free(result);

    ck_assert_ptr_null(functions_eval(&page, "str:concat(//p)"));

    functions_close(&page);
}
END_TEST


START_TEST(table_names_every_function_that_is_there)
{
    size_t                      i, n;
    unsigned                    arg;
    sc_buf_t                    call;
    functions_page_t            page;
    const sc_xpath_function_t  *f;

    functions_open(&page, functions_html);
    f = sc_xpath_functions(&n);
    ck_assert_uint_eq(n, 27 + 1 + 3 + 6 + 1);

    for (i = 0; i < n; i++) {
        sc_buf_init(&call, 0);
        (void) sc_buf_printf(&call, "%s%s%s(", f[i].prefix,
                             (f[i].prefix[0] != '\0') ? ":" : "", f[i].name);

        for (arg = 0; arg < f[i].min; arg++) {
            (void) sc_buf_printf(&call, "%s//none", arg == 0 ? "" : ", ");
        }

        ck_assert_int_eq(sc_buf_add_cstr(&call, ")"), SC_OK);

        page.message[0] = '\0';
        free(functions_eval(&page, call.data));
        ck_assert_str_ne(page.message, "Unregistered function");
        ck_assert_str_ne(page.message, "Invalid number of arguments");
        ck_assert_uint_le(f[i].min, f[i].max);

        sc_buf_free(&call);
    }

    functions_close(&page);
}
END_TEST


START_TEST(namespaces_known_from_the_start_are_the_ones_of_exslt)
{
    ck_assert_str_eq(sc_xpath_namespace("re"),
                     "http://exslt.org/regular-expressions");
    ck_assert_str_eq(sc_xpath_namespace("set"), "http://exslt.org/sets");
    ck_assert_str_eq(sc_xpath_namespace("str"), "http://exslt.org/strings");
    ck_assert_ptr_null(sc_xpath_namespace(""));
    ck_assert_ptr_null(sc_xpath_namespace("r"));
}
END_TEST


START_TEST(release_of_a_context_that_is_not_ours_does_nothing)
{
    xmlXPathContextPtr  ctx;

    ctx = xmlXPathNewContext(NULL);
    ck_assert_ptr_nonnull(ctx);
    ctx->funcLookupData = ctx;

    sc_xpath_release(ctx);

    ck_assert_ptr_eq(ctx->funcLookupData, ctx);
    xmlXPathFreeContext(ctx);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("xpath_functions");
    tc = tcase_create("xpath_functions");

    tcase_add_loop_test(tc, regular_expression_functions_answer_as_lxml, 0,
                        FUNCTIONS_COUNT(functions_re));
    tcase_add_loop_test(tc, other_functions_answer_as_lxml_and_parsel, 0,
                        FUNCTIONS_COUNT(functions_other));
    tcase_add_loop_test(tc, functions_differ_from_lxml_where_it_is_said, 0,
                        FUNCTIONS_COUNT(functions_own));
    tcase_add_loop_test(tc, wrong_call_is_an_error_with_its_reason, 0,
                        FUNCTIONS_COUNT(functions_errors));
    tcase_add_test(tc, message_goes_to_the_handler_of_the_context_first);
    tcase_add_test(tc, error_without_any_handler_is_an_error_still);
    tcase_add_test(tc, more_patterns_than_are_kept_are_used_in_turn);
    tcase_add_test(tc, same_pattern_with_other_flags_is_another);
    tcase_add_test(tc, one_call_matches_so_many_times_at_most);
    tcase_add_test(tc, result_is_at_most_its_limit_long);
    tcase_add_test(tc, work_counts_as_steps_of_the_expression);
    tcase_add_test(tc,
                   functions_are_found_under_any_prefix_of_their_namespace);
    tcase_add_test(tc, table_names_every_function_that_is_there);
    tcase_add_test(tc, namespaces_known_from_the_start_are_the_ones_of_exslt);
    tcase_add_test(tc, release_of_a_context_that_is_not_ours_does_nothing);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


static void
functions_open(functions_page_t *page, const char *html)
{
    memset(page, 0, sizeof(functions_page_t));

    page->doc = htmlReadMemory(html, (int) strlen(html), NULL, "UTF-8",
                               HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    ck_assert_ptr_nonnull(page->doc);

    page->ctx = xmlXPathNewContext(page->doc);
    ck_assert_ptr_nonnull(page->ctx);

    xmlSetStructuredErrorFunc(page, functions_error);
    xmlSetGenericErrorFunc(NULL, functions_silent);

    ck_assert_int_eq(sc_xpath_register(page->ctx), SC_OK);
}


static void
functions_close(functions_page_t *page)
{
    sc_xpath_release(page->ctx);
    xmlXPathFreeContext(page->ctx);
    xmlFreeDoc(page->doc);
    sc_xpath_cleanup();
    xmlCleanupParser();
}


static void
functions_error(void *data, xmlErrorPtr error)
{
    functions_page_t  *page;

    page = data;

    if (page->message[0] != '\0') {
        return;
    }

    snprintf(page->message, sizeof(page->message), "%.*s",
             (int) strcspn(error->message, "\n"), error->message);
}


static void
functions_silent(void *data, const char *fmt, ...)
{
    (void) data;
    (void) fmt;
}


/* The result as text, to be freed; NULL on an error. */

static char *
functions_eval(functions_page_t *page, const char *xpath)
{
    int                 i;
    xmlChar            *s;
    sc_buf_t            text;
    xmlXPathObjectPtr   result;

    result = xmlXPathEvalExpression(BAD_CAST xpath, page->ctx);
    if (result == NULL) {
        return NULL;
    }

    sc_buf_init(&text, 0);
    ck_assert_int_eq(sc_buf_add_cstr(&text, ""), SC_OK);

    if (result->type == XPATH_NODESET) {
        for (i = 0; i < xmlXPathNodeSetGetLength(result->nodesetval); i++) {
            s = xmlXPathCastNodeToString(result->nodesetval->nodeTab[i]);
            (void) sc_buf_printf(&text, "%s|", (const char *) s);
            xmlFree(s);
        }

    } else {
        s = xmlXPathCastToString(result);
        (void) sc_buf_add_cstr(&text, (const char *) s);
        xmlFree(s);
    }

    xmlXPathFreeObject(result);

    return text.data;
}


static void
functions_expect(const functions_case_t *c)
{
    char              *result;
    functions_page_t   page;

    functions_open(&page, functions_html);

    result = functions_eval(&page, c->xpath);
    ck_assert_str_eq(page.message, "");
    ck_assert_ptr_nonnull(result);
    ck_assert_str_eq(result, c->result);
    free(result);

    functions_close(&page);
}


/* A page of the unit n times, to be freed. */

static char *
functions_wide(const char *unit, int n)
{
    int       i;
    sc_buf_t  html;

    sc_buf_init(&html, 0);

    for (i = 0; i < n; i++) {
        (void) sc_buf_add_cstr(&html, unit);
    }

    ck_assert_ptr_nonnull(html.data);

    return html.data;
}
