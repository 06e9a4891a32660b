
#include <string.h>

#include <check.h>

#include "common/rules/sc_rules.h"
#include "tests/support/suite.h"


/*
 * syntax   as in sc_rules_error_t
 * column   -1: one that is known
 * message  how it begins
 */
typedef struct {
    const char  *json;
    const char  *pointer;
    unsigned     syntax;
    int          column;
    const char  *message;
} rules_case_t;


/* each is refused, at its pointer */

static const rules_case_t  transform_bad[] = {
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":1}}",
      "/a/transform", 1, 0,
      "a transform is a string or an object, not a number" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":[\"trim\",[]]}}",
      "/a/transform/1", 1, 0,
      "a transform is a string or an object, not a list" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":\"trimm\"}}",
      "/a/transform", 1, 0,
      "unknown transform \"trimm\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":[\"lower\",\"split\"]}}",
      "/a/transform/1", 1, 0,
      "\"split\" needs a value: {\"split\": ...}" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{}}}",
      "/a/transform", 1, 0,
      "the transform is missing, such as \"replace\" or \"split\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"group\":1}}}",
      "/a/transform", 1, 0,
      "the transform is missing, such as \"replace\" or \"split\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":[\"trim\",{\"trim\":1}]}}",
      "/a/transform/1/trim", 1, 0,
      "unknown key \"trim\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"split\":\",\",\"join\":\""
      " \"}}}",
      "/a/transform/join", 0, 0,
      "\"split\" and \"join\" are two ways to say it, and only one is allow"
      "ed" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"split\":\",\",\"flags\":"
      "\"i\"}}}",
      "/a/transform/flags", 1, 0,
      "\"flags\" needs \"regex\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"join\":\",\",\"index\":1}"
      "}}",
      "/a/transform/index", 1, 0,
      "\"index\" needs \"split\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":\"a\"}}}",
      "/a/transform/replace", 1, 0,
      "\"replace\" is a list of two strings or an object, not a string" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":[\"a\"]}}}",
      "/a/transform/replace", 1, 0,
      "\"replace\" is two strings, what and with what" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":[\"a\",1]}}}",
      "/a/transform/replace", 1, 0,
      "\"replace\" is two strings, what and with what" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":[\"\",\"b\"]}}}",
      "/a/transform/replace", 1, 0,
      "\"replace\" of an empty string" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":{\"pattern\":\""
      "a\",\"by\":\"b\"}}}}",
      "/a/transform/replace/by", 1, 0,
      "unknown key \"by\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":{\"pattern\":\""
      "a\"}}}}",
      "/a/transform/replace/with", 1, 0,
      "\"with\" is a string, not nothing" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":{\"with\":\"a\""
      "}}}}",
      "/a/transform/replace/pattern", 1, 0,
      "\"pattern\" is a regular expression in a string, not nothing" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":{\"pattern\":\""
      "(a\",\"with\":\"b\"}}}}",
      "/a/transform/replace/pattern", 0, -1,
      "invalid regex \"(a\": " },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":{\"pattern\":\""
      "a\",\"with\":\"b$2\"}}}}",
      "/a/transform/replace/with", 0, -1,
      "invalid replacement \"b$2\": " },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"replace\":{\"pattern\":\""
      "a\",\"with\":\"b\",\"flags\":\"q\"}}}}",
      "/a/transform/replace/flags", 0, 0,
      "unknown flag in \"q\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"regex\":\"[a\"}}}",
      "/a/transform/regex", 0, -1,
      "invalid regex \"[a\": " },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"regex\":[\"a\"]}}}",
      "/a/transform/regex", 1, 0,
      "\"regex\" is a regular expression in a string, not a list" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"regex\":\"(a)\",\"group\""
      ":2}}}",
      "/a/transform/group", 0, 0,
      "the regex has no group 2" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":[\"trim\",{\"regex\":\"(a)\""
      ",\"group\":\"b\"}]}}",
      "/a/transform/1/group", 0, 0,
      "the regex has no group \"b\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"split\":\"\"}}}",
      "/a/transform/split", 1, 0,
      "\"split\" is empty" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"split\":1}}}",
      "/a/transform/split", 1, 0,
      "\"split\" is a string, not a number" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"split\":\",\",\"index\":"
      "\"1\"}}}",
      "/a/transform/index", 1, 0,
      "\"index\" is a whole number, not a string" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"split\":\",\",\"index\":0"
      ".5}}}",
      "/a/transform/index", 1, 0,
      "\"index\" is a whole number, not a fraction" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"split\":\",\",\"index\":5"
      "000000000}}}",
      "/a/transform/index", 1, 0,
      "\"index\" is a whole number, not so large a one" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"join\":null}}}",
      "/a/transform/join", 1, 0,
      "\"join\" is a string, not null" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"number_locale\":\"xx\"}}}",
      "/a/transform/number_locale", 0, 0,
      "unknown locale \"xx\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"number_locale\":1}}}",
      "/a/transform/number_locale", 1, 0,
      "\"number_locale\" is a string, not a number" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"date_format\":\"%d.%Q\"}}"
      "}",
      "/a/transform/date_format", 0, 4,
      "invalid date format \"%d.%Q\": unknown conversion" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"date_format\":\"\\u00e9%"
      "\"}}}",
      "/a/transform/date_format", 0, 2,
      "invalid date format \"é%\": \"%\" at its end" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"date_format\":\"\"}}}",
      "/a/transform/date_format", 1, 0,
      "\"date_format\" is empty" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"date_format\":{\"to\":\"%"
      "d\"}}}}",
      "/a/transform/date_format/from", 1, 0,
      "\"from\" is a string, not nothing" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"date_format\":{\"from\":"
      "\"%d\",\"to\":\"%%%!\"}}}}",
      "/a/transform/date_format/to", 0, 3,
      "invalid date format \"%%%!\": unknown conversion" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":{\"date_format\":{\"from\":"
      "\"%d\",\"in\":\"%d\"}}}}",
      "/a/transform/date_format/in", 1, 0,
      "unknown key \"in\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"transform\":[\"trim\",\"trim\",\"trim\","
      "\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"tri"
      "m\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\","
      "\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"tri"
      "m\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\",\"trim\"]}"
      "}",
      "/a/transform/32", 0, 0,
      "more than 32 transforms" }
};


static sc_rules_t *
transform_accept(const char *text)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text(text, strlen(text), &err);
    ck_assert_msg(rules != NULL, "%s: %s", text, err.message);

    return rules;
}


START_TEST(wrong_transform_is_refused_at_its_pointer)
{
    sc_rules_error_t     err;
    const rules_case_t  *c;

    c = &transform_bad[_i];

    ck_assert_ptr_null(sc_rules_parse_text(c->json, strlen(c->json), &err));

    ck_assert_str_eq(err.pointer, c->pointer);
    ck_assert_msg(strncmp(err.message, c->message, strlen(c->message)) == 0,
                  "%s: %s", c->json, err.message);
    ck_assert_uint_eq(err.syntax, c->syntax);
    ck_assert_str_eq(err.field, "a");

    if (c->column == -1) {
        ck_assert_int_gt(err.column, 0);

    } else {
        ck_assert_int_eq(err.column, c->column);
    }
}
END_TEST


START_TEST(transforms_keep_their_order_and_values)
{
    sc_rules_t      *rules;
    sc_transform_t  *t;

    rules = transform_accept(
        "{\"a\":{\"xpath\":\"//a\",\"transform\":[\"trim\",\"strip_tags\","
        "\"absolute\",{\"replace\":[\",\",\"\"]},"
        "{\"replace\":{\"pattern\":\"(B)\",\"with\":\"$1\",\"flags\":\"i\"}},"
        "{\"regex\":\"a(?<n>b)\",\"group\":\"n\"},{\"regex\":\"a\"},"
        "{\"split\":\",\",\"index\":-1},{\"join\":\"\"},"
        "{\"number_locale\":\"de\"},{\"date_format\":\"%d.%m.%Y\"},"
        "{\"date_format\":{\"from\":\"%s\",\"to\":\"%F\"}}]}}");

    ck_assert_uint_eq(rules->fields[0].ntransforms, 12);
    t = rules->fields[0].transforms;

    ck_assert_int_eq(t[0].kind, SC_TRANSFORM_TRIM);
    ck_assert_int_eq(t[1].kind, SC_TRANSFORM_STRIP_TAGS);
    ck_assert_int_eq(t[2].kind, SC_TRANSFORM_ABSOLUTE);
    ck_assert_int_eq(t[3].kind, SC_TRANSFORM_REPLACE);
    ck_assert_str_eq(t[3].from, ",");
    ck_assert_str_eq(t[3].to, "");
    ck_assert_ptr_null(t[3].regex);
    ck_assert_ptr_nonnull(t[4].regex);
    ck_assert_str_eq(t[4].to, "$1");
    ck_assert_int_eq(t[5].kind, SC_TRANSFORM_REGEX);
    ck_assert_int_eq(t[5].group, 1);
    ck_assert_int_eq(t[6].group, 0);
    ck_assert_int_eq(t[7].index, -1);
    ck_assert_uint_eq(t[7].indexed, 1);
    ck_assert_int_eq(t[8].kind, SC_TRANSFORM_JOIN);
    ck_assert_str_eq(t[9].from, "de");
    ck_assert_ptr_null(t[10].to);
    ck_assert_str_eq(t[11].from, "%s");
    ck_assert_str_eq(t[11].to, "%F");

    sc_rules_free(rules);
}
END_TEST


START_TEST(one_transform_needs_no_list)
{
    sc_rules_t  *rules;

    rules = transform_accept("{\"a\":{\"css\":\"a\",\"transform\":\"upper\"},"
                             "\"b\":{\"css\":\"a\",\"transform\":[]}}");

    ck_assert_uint_eq(rules->fields[0].ntransforms, 1);
    ck_assert_int_eq(rules->fields[0].transforms[0].kind,
                     SC_TRANSFORM_UPPER);
    ck_assert_uint_eq(rules->fields[1].ntransforms, 0);

    sc_rules_free(rules);
}
END_TEST


START_TEST(splitting_makes_a_list_and_joining_ends_it)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = transform_accept(
        "{\"a\":{\"css\":\"a\",\"transform\":{\"split\":\",\"}},"
        "\"b\":{\"css\":\"a\",\"transform\":{\"split\":\",\",\"index\":0}},"
        "\"c\":{\"css\":\"a\",\"transform\":[{\"split\":\",\"},"
        "{\"join\":\" \"}]},"
        "\"d\":[{\"css\":\"a\",\"transform\":{\"join\":\" \"}}],"
        "\"e\":[{\"css\":\"a\",\"transform\":[{\"join\":\",\"},"
        "{\"split\":\",\"}],\"max_items\":2}],"
        "\"f\":{\"css\":\"a\",\"transform\":{\"split\":\",\"},"
        "\"max_items\":2}}");
    f = rules->fields;

    ck_assert_uint_eq(f[0].list, 1);
    ck_assert_uint_eq(f[0].many, 0);
    ck_assert_uint_eq(f[1].list, 0);
    ck_assert_uint_eq(f[2].list, 0);
    ck_assert_uint_eq(f[3].list, 0);
    ck_assert_uint_eq(f[3].many, 1);
    ck_assert_uint_eq(f[4].list, 1);
    ck_assert_uint_eq(f[5].max_items, 2);

    sc_rules_free(rules);
}
END_TEST


START_TEST(joined_list_has_no_number_of_items)
{
    sc_rules_error_t   err;
    static const char  text[] =
        "{\"a\":[{\"css\":\"a\",\"transform\":{\"join\":\" \"},"
        "\"max_items\":2}]}";

    ck_assert_ptr_null(sc_rules_parse_text(text, strlen(text), &err));
    ck_assert_str_eq(err.pointer, "/a/0/max_items");
    ck_assert_str_eq(err.message, "\"max_items\" needs a list");
}
END_TEST


#define transform_count(table)  (int) (sizeof(table) / sizeof(table[0]))


static void
transform_add_tests(Suite *suite)
{
    TCase  *tc;

    tc = tcase_create("transform");

    tcase_add_loop_test(tc, wrong_transform_is_refused_at_its_pointer, 0,
                        transform_count(transform_bad));
    tcase_add_test(tc, transforms_keep_their_order_and_values);
    tcase_add_test(tc, one_transform_needs_no_list);
    tcase_add_test(tc, splitting_makes_a_list_and_joining_ends_it);
    tcase_add_test(tc, joined_list_has_no_number_of_items);

    suite_add_tcase(suite, tc);
}


int
main(void)
{
    Suite  *suite;

    suite = suite_create("rules_transform");
    transform_add_tests(suite);

    return suite_run_all(suite);
}
