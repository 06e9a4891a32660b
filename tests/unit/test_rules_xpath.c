
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <libxml/HTMLparser.h>
#include <libxml/xmlerror.h>

#include "common/sc_buf.h"
#include "common/rules/sc_rules.h"
#include "tests/support/suite.h"


typedef struct {
    const char  *xpath;
    int          column;
    const char  *reason;
} xpath_case_t;


typedef struct {
    const char  *selector;
    int          xpath;
} xpath_look_case_t;


/* what libxml2 or our own reading finds, and where */

static const xpath_case_t  xpath_bad[] = {
    { "//h1[", 5, "invalid expression" },
    { "//a[position() = ]", 18, "invalid expression" },
    { "//h1[\xc3\xa9[", 7, "invalid expression" },
    { "'abc", 4, "unfinished literal" },
    { "//a[position", 12, "invalid predicate" },
    { "//a)", 4, "invalid expression" },
    { "(//a", 4, "invalid expression" },
    { "", 1, "invalid expression" },
    { "id(", 3, "unbalanced parentheses" },
    { "foo(//a)", 1, "unregistered function \"foo\"" },
    { "//a[foo()]", 5, "unregistered function \"foo\"" },
    { "//a[re:tests(@b, 'c')]", 5, "unregistered function \"re:tests\"" },
    { "//a[re:test(@b, 'c(')]", 18, "invalid regex \"c(\": missing closing "
      "parenthesis" },
    { "//a[re:test(@b, 'c', 'iq')]", 18, "invalid regex \"c\": unknown "
      "flag, \"g\", \"i\", \"m\", \"s\" and \"x\" are known" },
    { "//a[test(@b, 'c')]", 5, "unregistered function \"test\"" },
    { "//a[re:test(@b)]", 5, "invalid number of arguments in \"re:test\"" },
    { "//a[matches(@b, 'c')]/@d", 5, "unregistered function \"matches\"" },
    { "//a[@b and ends-with (@b, 'c')]", 12,
      "unregistered function \"ends-with\"" },
    { "//\xc3\xa9[f()]", 5, "unregistered function \"f\"" },
    { "//a[xml:foo()]", 5, "unregistered function \"xml:foo\"" },
    { "$v", 1, "undefined variable \"$v\"" },
    { "//a[@b = $v-w]", 10, "undefined variable \"$v-w\"" },
    { "//x:a", 3, "undefined namespace prefix \"x\"" },
    { "//a[x:b]", 5, "undefined namespace prefix \"x\"" },
    { "//a/@x:b", 6, "undefined namespace prefix \"x\"" },
    { "a[b/x:*]", 5, "undefined namespace prefix \"x\"" },
    { "//a[st:tokenize(.)]", 5, "undefined namespace prefix \"st\"" },
    { "//a[abcdefghijklmnopqrstuvwxyzabcdefghij:b]", 5,
      "undefined namespace prefix \"abcdefghijklmnopqrstuvwxyzabcdefghij\"" },
    { "concat('a')", 1, "invalid number of arguments in \"concat\"" },
    { "//a[contains(@b)]", 5, "invalid number of arguments in \"contains\"" },
    { "//a[not()]", 5, "invalid number of arguments in \"not\"" },
    { "//a[last(1)]", 5, "invalid number of arguments in \"last\"" },
    { "//a[substring(., 1, 2, 3)]", 5,
      "invalid number of arguments in \"substring\"" },
    { "//a[contains(concat(1, 2), 3, 4)]", 5,
      "invalid number of arguments in \"contains\"" },
    { "count('a')", 0, "invalid type" },
    { "//a | 'b'", 0, "invalid type" }
};


static const char *const  xpath_good[] = {
    "//h1",
    "h1",
    "*",
    "* * *",
    "/",
    ".",
    "..",
    "@*",
    "'$v x:y foo('",
    "\"it's\"",
    "1 div 2 mod 3 - -4.5 * .5",
    "div div div",
    "and and or or mod",
    "//a[@b and (c or d)]",
    "(//a)[1] | //b[last() - 1]/c",
    "text ()",
    "//comment()|//processing-instruction('x')|//node()",
    "self :: a/child::b[descendant-or-self::c]",
    "//a[@xml:lang = 'en']/xml:*",
    "//a[not(contains(translate(., 'AB', 'ab'), \"b\"))]/@href",
    "concat(1, 2, 3, 4, 5)",
    "substring(normalize-space(), 2)",
    "substring(//a, 1, 2)",
    "string-length() > count(//a[position() < 3])",
    "lang('en') or boolean(id('x')) = true()",
    "sum(//a) + floor(1) + ceiling(2) + round(3) + number()",
    "//a-b.c/_d",
    "//\xc3\xa9l\xc3\xa9ment",
    "//a[.= ..]",
    "//a[re:test (@href, '^/p/', 'i')]/re:x",
    "re:replace(//a, 'b', 'g', 'c')",
    "//a[re:test(@b, concat('(', 'c)'))]",
    "//a[re:test(@b, 'c', \"i\" )][re:match(., \"(d)\" ,'g')]",
    "set:distinct(//a | //b)/@c",
    "//a[has-class('b', 'c')]",
    "local-name(..)"
};


static const xpath_look_case_t  xpath_looks[] = {
    { "/", 1 },
    { "//h1", 1 },
    { ".//a", 1 },
    { ".", 1 },
    { "..", 1 },
    { "./a", 1 },
    { "../a", 1 },
    { ". | //a", 1 },
    { ".\t", 1 },
    { ".price", 0 },
    { " .price > a", 0 },
    { "._", 0 },
    { ".-a", 0 },
    { "(//a)[1]", 1 },
    { "@href", 1 },
    { " \n//a", 1 },
    { "count(//a)", 1 },
    { "normalize-space (.)", 1 },
    { "text()", 1 },
    { "self::a", 1 },
    { "descendant-or-self ::a", 1 },
    { "", 0 },
    { " ", 0 },
    { "h1", 0 },
    { "h1.title", 0 },
    { "#id", 0 },
    { "*", 0 },
    { "a:not(.b)", 0 },
    { "h1::text", 0 },
    { "img::attr(src)", 0 },
    { "selfish::a", 0 },
    { "re:replace(//a, 'b', '', 'c')", 1 },
    { "re:not(b)", 0 },
    { "a:test(b)", 0 },
    { "re:", 0 },
    { "::self", 0 },
    { "[href]", 0 },
    { "'a'", 0 },
    { "$v", 0 }
};


/* {"a":{"xpath": ...}} with the expression escaped by jansson. */

static sc_rules_t *
xpath_parse(const char *xpath, sc_rules_error_t *err)
{
    json_t      *json;
    sc_rules_t  *rules;

    json = json_pack("{s:{s:s}}", "a", "xpath", xpath);
    ck_assert_ptr_nonnull(json);

    rules = sc_rules_parse(json, err);
    json_decref(json);

    return rules;
}


START_TEST(invalid_xpath_is_refused_with_reason_and_column)
{
    char                       message[256];
    sc_rules_error_t           err;
    const xpath_case_t  *c;

    c = &xpath_bad[_i];

    ck_assert_ptr_null(xpath_parse(c->xpath, &err));

    snprintf(message, sizeof(message), "invalid XPath \"%s\": %s", c->xpath,
             c->reason);

    ck_assert_str_eq(err.message, message);
    ck_assert_int_eq(err.column, c->column);
    ck_assert_str_eq(err.pointer, "/a/xpath");
}
END_TEST


START_TEST(valid_xpath_is_accepted)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = xpath_parse(xpath_good[_i], &err);
    ck_assert_msg(rules != NULL, "%s", err.message);
    sc_rules_free(rules);
}
END_TEST


START_TEST(selector_is_told_from_css_by_its_looks)
{
    ck_assert_int_eq(!!sc_rules_is_xpath(xpath_looks[_i].selector),
                     xpath_looks[_i].xpath);
}
END_TEST


START_TEST(expression_with_a_nul_is_refused)
{
    json_t            *json;
    sc_rules_error_t   err;

    json = json_loads("{\"a\":\"//a\\u0000b\"}", JSON_ALLOW_NUL, NULL);
    ck_assert_ptr_nonnull(json);

    ck_assert_ptr_null(sc_rules_parse(json, &err));
    ck_assert_str_eq(err.message, "XPath \"//a\" holds a NUL");

    json_decref(json);
}
END_TEST


START_TEST(expression_is_at_most_its_limit_long)
{
    char               xpath[SC_RULES_MAX_XPATH + 2];
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    memset(xpath, 'a', sizeof(xpath));
    memcpy(xpath, "//", 2);

    xpath[SC_RULES_MAX_XPATH] = '\0';
    rules = xpath_parse(xpath, &err);
    ck_assert_ptr_nonnull(rules);
    sc_rules_free(rules);

    xpath[SC_RULES_MAX_XPATH] = 'a';
    xpath[SC_RULES_MAX_XPATH + 1] = '\0';
    ck_assert_ptr_null(xpath_parse(xpath, &err));
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_ptr_nonnull(strstr(err.message, "longer than 2048 bytes"));
}
END_TEST


static void
xpath_foreign_structured(void *data, xmlErrorPtr error)
{
    (void) error;

    ++*(int *) data;
}


static void
xpath_foreign_generic(void *data, const char *fmt, ...)
{
    (void) fmt;

    ++*(int *) data;
}


START_TEST(expression_alone_is_checked_as_one_of_a_set)
{
    char              expr[SC_RULES_MAX_XPATH + 2];
    sc_rules_error_t  err;

    ck_assert_int_eq(sc_rules_check_xpath("//form[1]", 1, &err), SC_OK);
    ck_assert_str_eq(err.message, "");
    ck_assert_int_eq(sc_rules_check_xpath("count(//a)", 0, &err), SC_OK);

    ck_assert_int_eq(sc_rules_check_xpath("count(//a)", 1, &err), SC_ERROR);
    ck_assert_str_eq(err.message, "\"count(//a)\" is not a node-set");

    ck_assert_int_eq(sc_rules_check_xpath("//a[foo()]", 0, &err), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err.message, "unregistered function"));
    ck_assert_int_eq(err.column, 5);
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_str_eq(err.pointer, "");
    ck_assert_str_eq(err.field, "");

    ck_assert_int_eq(sc_rules_check_xpath("form.login", 1, &err), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err.message, "is not XPath"));

    ck_assert_int_eq(sc_rules_check_xpath("", 0, &err), SC_ERROR);
    ck_assert_int_eq(sc_rules_check_xpath("//a\xff", 0, &err), SC_ERROR);
    ck_assert_str_eq(err.message, "the XPath is not UTF-8");

    memset(expr, '(', sizeof(expr));
    expr[sizeof(expr) - 1] = '\0';
    ck_assert_int_eq(sc_rules_check_xpath(expr, 0, &err), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(err.message, "is longer than"));
}
END_TEST


START_TEST(error_handlers_of_others_are_put_back_and_not_called)
{
    int                calls;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    calls = 0;
    xmlSetStructuredErrorFunc(&calls, xpath_foreign_structured);
    xmlSetGenericErrorFunc(&calls, xpath_foreign_generic);

    ck_assert_ptr_null(xpath_parse("//h1[", &err));
    ck_assert_ptr_null(xpath_parse("count('a')", &err));

    rules = xpath_parse("//h1", &err);
    ck_assert_ptr_nonnull(rules);
    sc_rules_free(rules);

    ck_assert_int_eq(calls, 0);
    ck_assert_ptr_eq(xmlStructuredError, xpath_foreign_structured);
    ck_assert_ptr_eq(xmlStructuredErrorContext, &calls);
    ck_assert_ptr_eq(xmlGenericError, xpath_foreign_generic);
    ck_assert_ptr_eq(xmlGenericErrorContext, &calls);
}
END_TEST


START_TEST(refusal_writes_nothing_to_stderr)
{
    int                saved, in[2];
    char               byte;
    size_t             i, n;
    sc_rules_error_t   err;

    ck_assert_int_eq(pipe(in), 0);
    saved = dup(STDERR_FILENO);
    dup2(in[1], STDERR_FILENO);
    close(in[1]);

    n = sizeof(xpath_bad) / sizeof(xpath_bad[0]);

    for (i = 0; i < n; i++) {
        xpath_parse(xpath_bad[i].xpath, &err);
    }

    dup2(saved, STDERR_FILENO);
    close(saved);

    ck_assert_int_eq(read(in[0], &byte, 1), 0);
    close(in[0]);
}
END_TEST


START_TEST(costly_dry_run_ends_at_its_limit)
{
    int                i;
    sc_buf_t           b;
    sc_rules_error_t   err;

    sc_buf_init(&b, 0);

    for (i = 0; i < 60; i++) {
        sc_buf_add_cstr(&b, i == 0 ? "(/|/*)" : "[(/|/*)");
    }

    for (i = 1; i < 60; i++) {
        sc_buf_add_cstr(&b, "]");
    }

    ck_assert_int_eq(b.failed, 0);
    ck_assert_ptr_null(xpath_parse(b.data, &err));
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_ptr_nonnull(strstr(err.message, "operation limit exceeded"));

    sc_buf_free(&b);
}
END_TEST


/* A dry run that did what they say would take longer than a test may. */

START_TEST(expressions_that_make_their_strings_grow_are_not_worked_on)
{
    int                i;
    sc_buf_t           b;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "{");

    for (i = 0; i < 100; i++) {
        (void) sc_buf_printf(&b, "%s\"f%d\":{\"xpath\":\"translate(re:replace("
                             "re:replace('%0100d','0','g','%0200d'),'0','g',"
                             "'%0300d'),'%0600d','')\"}", i != 0 ? "," : "",
                             i, 0, 0, 0, 0);
    }

    sc_buf_add_cstr(&b, "}");
    ck_assert_int_eq(b.failed, 0);

    rules = sc_rules_parse_text(b.data, b.len, &err);
    ck_assert_msg(rules != NULL, "%s", err.message);
    ck_assert_uint_eq(rules->nfields, 100);

    sc_rules_free(rules);
    sc_buf_free(&b);
}
END_TEST


START_TEST(deeply_nested_parentheses_are_survived)
{
    char               xpath[SC_RULES_MAX_XPATH + 1];
    sc_rules_error_t   err;

    memset(xpath, '(', sizeof(xpath) - 1);
    xpath[sizeof(xpath) - 1] = '\0';
    ck_assert_ptr_null(xpath_parse(xpath, &err));

    memset(xpath, '-', sizeof(xpath) - 2);
    xpath[sizeof(xpath) - 2] = '1';
    sc_rules_free(xpath_parse(xpath, &err));

    memset(xpath, ')', sizeof(xpath) - 1);
    memset(xpath, '(', SC_RULES_MAX_XPATH / 2 - 1);
    xpath[SC_RULES_MAX_XPATH / 2 - 1] = '1';
    xpath[SC_RULES_MAX_XPATH - 1] = '\0';
    sc_rules_free(xpath_parse(xpath, &err));
}
END_TEST


START_TEST(compiled_expression_is_evaluated_any_number_of_times)
{
    int                  i;
    htmlDocPtr           doc;
    sc_rules_t          *rules;
    const char           html[] = "<p>a<p>b<p>c";
    xmlXPathObjectPtr    result;
    sc_rules_error_t     err;
    xmlXPathContextPtr   ctx;

    rules = xpath_parse("//p[starts-with(., 'b')]", &err);
    ck_assert_ptr_nonnull(rules);
    doc = htmlReadMemory(html, sizeof(html) - 1, NULL, "UTF-8",
                         HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);

    for (i = 0; i < 3; i++) {
        ctx = xmlXPathNewContext(doc);
        result = xmlXPathCompiledEval(rules->fields[0].selectors[0].comp, ctx);

        ck_assert_ptr_nonnull(result);
        ck_assert_int_eq(result->nodesetval->nodeNr, 1);

        xmlXPathFreeObject(result);
        xmlXPathFreeContext(ctx);
    }

    xmlFreeDoc(doc);
    sc_rules_free(rules);
}
END_TEST


#define xpath_count(table)  (int) (sizeof(table) / sizeof(table[0]))


static void
xpath_add_tests(Suite *suite)
{
    TCase  *tc;

    tc = tcase_create("xpath");

    tcase_add_loop_test(tc, invalid_xpath_is_refused_with_reason_and_column,
                        0, xpath_count(xpath_bad));
    tcase_add_loop_test(tc, valid_xpath_is_accepted, 0,
                        xpath_count(xpath_good));
    tcase_add_loop_test(tc, selector_is_told_from_css_by_its_looks, 0,
                        xpath_count(xpath_looks));
    tcase_add_test(tc, expression_with_a_nul_is_refused);
    tcase_add_test(tc, expression_is_at_most_its_limit_long);
    tcase_add_test(tc, expression_alone_is_checked_as_one_of_a_set);
    tcase_add_test(tc, error_handlers_of_others_are_put_back_and_not_called);
    tcase_add_test(tc, refusal_writes_nothing_to_stderr);
    tcase_add_test(tc, costly_dry_run_ends_at_its_limit);
    tcase_add_test(tc,
                   expressions_that_make_their_strings_grow_are_not_worked_on);
    tcase_add_test(tc, deeply_nested_parentheses_are_survived);
    tcase_add_test(tc, compiled_expression_is_evaluated_any_number_of_times);

    suite_add_tcase(suite, tc);
}


int
main(void)
{
    Suite  *suite;

    suite = suite_create("rules_xpath");
    xpath_add_tests(suite);

    return suite_run_all(suite);
}
