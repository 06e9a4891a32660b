
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_check.h"
#include "tests/support/suite.h"


static int json_check(const char *text);


static const char *const  json_good[] = {
    "0", "-0", "12", "-1.5", "1e9", "1.25E-7", "3e+1", "true", "false",
    "null", "\"\"", "\"a\"", "\"\xc3\xa4\"", "\"\xe2\x82\xac\"",
    "\"\xf0\x9f\x98\x80\"", "\"\x7f\"", "\"\\u0000\"", "\"\\ud83d\\uDE00\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "[]", "{}", "[ ]", "{ }", " [1, 2] ",
    "[[],[[]]]", "{\"a\":1}", "{\"a\":{\"b\":[]},\"c\":\"d\"}",
    "{ \"a\" : [ 1 , {} ] }", "[null,true,false,0,\"\"]"
};


static const char *const  json_bad[] = {
    "", " ", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN",
    "Infinity", "tru", "trues", "True", "nul", "\"", "\"a", "'a'", "\"\n\"",
    "\"\t\"", "\"\x1f\"", "\"\\x\"", "\"\\\"", "\"\\u12\"", "\"\\u12g4\"",
    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\ud800\"", "\"\\ud800\\n\"",
    "\"\x80\"", "\"\xc0\xaf\"", "\"\xc3\"", "\"\xe0\x80\xaf\"",
    "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"",
    "\"\xff\"", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{",
    "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
    "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1]", "{,}", "1 2", "1,2", "[]]",
    "{}{}", "[]\n", "\n[]", "[1,\n2]", "[1,\r2]", "[1,\t2]", "//1", "[1]#"
};


START_TEST(json_is_what_the_grammar_says)
{
    size_t  i;

    for (i = 0; i < sizeof(json_good) / sizeof(char *); i++) {
        ck_assert_msg(json_check(json_good[i]) == SC_OK, "%s", json_good[i]);
    }
}
END_TEST


START_TEST(what_is_not_json_in_a_line_of_its_own_is_refused)
{
    size_t  i;

    for (i = 0; i < sizeof(json_bad) / sizeof(char *); i++) {
        ck_assert_msg(json_check(json_bad[i]) == SC_ERROR, "%s", json_bad[i]);
    }

    ck_assert_int_eq(sc_json_check("1\0", 2), SC_ERROR);
    ck_assert_int_eq(sc_json_check("\"\0\"", 3), SC_ERROR);
    ck_assert_int_eq(sc_json_check("\"\\\0\"", 4), SC_ERROR);
}
END_TEST


START_TEST(levels_have_a_bound)
{
    char  text[2 * SC_JSON_DEPTH + 2];

    memset(text, '[', SC_JSON_DEPTH + 1);
    memset(text + SC_JSON_DEPTH + 1, ']', SC_JSON_DEPTH + 1);
    ck_assert_int_eq(sc_json_check(text + 1, 2 * SC_JSON_DEPTH), SC_OK);
    text[SC_JSON_DEPTH + 1] = '1';
    text[SC_JSON_DEPTH] = '[';
    ck_assert_int_eq(sc_json_check(text, SC_JSON_DEPTH + 2), SC_ERROR);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        json_is_what_the_grammar_says,
        what_is_not_json_in_a_line_of_its_own_is_refused,
        levels_have_a_bound,
        NULL
    };

    return suite_run("json_check", tests, 10);
}


/* In memory of its own size, so that no byte behind it is looked at. */
static int
json_check(const char *text)
{
    int     rc;
    char   *copy;
    size_t  len = strlen(text);

    copy = malloc(len + (len == 0));
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    rc = sc_json_check(copy, len);
    free(copy);

    return rc;
}
