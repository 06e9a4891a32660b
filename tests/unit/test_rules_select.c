
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
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


#define WIDE      "(?i)[\\\\x{100}-\\\\x{10ffff}]"
#define WIDE_URL  "\"re:" WIDE "\","


/*
 * field    of ten, which are too much together
 * pointer  where that is said
 */
typedef struct {
    const char  *field;
    const char  *pointer;
} wide_case_t;


static sc_rules_t *wide_parsed(const char *field, int n,
    sc_rules_error_t *err);


static const wide_case_t  wide_cases[] = {
    { "{\"regex\":\"" WIDE "\"}", "/f9/regex" },
    { "{\"css\":\"a\",\"pattern\":\"" WIDE "\"}", "/f9/pattern" },
    { "{\"css\":\"a\",\"transform\":[{\"replace\":{\"with\":"
      "\"\",\"flags\":\"i\",\"pattern\":"
      "\"[\\\\x{100}-\\\\x{10ffff}]\"}}]}",
      "/f9/transform/0/replace/pattern" },
    { "{\"xpath\":\"//a[re:test(.,'[\\\\x{100}-\\\\x{10ffff}]','i')]\"}",
      "/f9/xpath" }
};


/* each is refused, at its pointer */

static const rules_case_t  select_bad[] = {
    { "{\"a\":{\"xpath\":[\"//a\",\"//b[\"]}}",
      "/a/xpath/1", 0, 4,
      "invalid XPath \"//b[\": invalid expression" },
    { "{\"a\":{\"first\":[\"//a\",{\"xpath\":[\"//b\",\"//c)\"]}]}}",
      "/a/first/1/xpath/1", 0, 4,
      "invalid XPath \"//c)\": invalid expression" },
    { "{\"a\":{\"each\":[\"//a\",\"//b[\"],\"fields\":{\"b\":\".\"}}}",
      "/a/each/1", 0, 4,
      "invalid XPath \"//b[\": invalid expression" },
    { "{\"a\":{\"css\":\"b|a\"}}",
      "/a/css", 0, 0,
      "invalid CSS \"b|a\": undefined namespace prefix \"b\"" },
    { "{\"a\":{\"json\":\"$.a[\"}}",
      "/a/json", 0, -1,
      "invalid JSON path \"$.a[\": " },
    { "{\"a\":{\"jsonld\":[\"$..a\",\"$..b[?\"]}}",
      "/a/jsonld/1", 0, -1,
      "invalid JSON path \"$..b[?\": " },
    { "{\"a\":{\"regex\":\"a(b\"}}",
      "/a/regex", 0, -1,
      "invalid regex \"a(b\": " },
    { "{\"a\":{\"regex\":[\"a\",\"(b\"]}}",
      "/a/regex/1", 0, -1,
      "invalid regex \"(b\": " },
    { "{\"a\":{\"regex\":\"a(b)\",\"group\":2}}",
      "/a/group", 0, 0,
      "the regex has no group 2" },
    { "{\"a\":{\"regex\":\"a(b)\",\"group\":-1}}",
      "/a/group", 0, 0,
      "the regex has no group -1" },
    { "{\"a\":{\"regex\":\"a(?<n>b)\",\"group\":\"m\"}}",
      "/a/group", 0, 0,
      "the regex has no group \"m\"" },
    { "{\"a\":{\"regex\":\"a\",\"flags\":\"ig\"}}",
      "/a/flags", 0, 0,
      "unknown flag in \"ig\"; there are i, m, s and x" },
    { "{\"a\":{\"first\":[{\"regex\":\"a\",\"group\":1}]}}",
      "/a/first/0/group", 0, 0,
      "the regex has no group 1" },
    { "{\"a\":{\"regex\":\"a(b)\",\"group\":1.5}}",
      "/a/group", 1, 0,
      "\"group\" is a number or a name, not a fraction" },
    { "{\"a\":{\"regex\":\"a(b)\",\"group\":null}}",
      "/a/group", 1, 0,
      "\"group\" is a number or a name, not null" },
    { "{\"a\":{\"regex\":\"a\",\"flags\":1}}",
      "/a/flags", 1, 0,
      "\"flags\" is a string, not a number" },
    { "{\"a\":{\"xpath\":\"//a\",\"flags\":\"i\"}}",
      "/a/flags", 1, 0,
      "\"flags\" needs \"regex\"" },
    { "{\"a\":{\"css\":\"a\",\"group\":1}}",
      "/a/group", 1, 0,
      "\"group\" needs \"regex\"" },
    { "{\"a\":{\"meta\":1}}",
      "/a/meta", 1, 0,
      "\"meta\" is a string or a list of strings, not a number" },
    { "{\"a\":{\"header\":[\"a\",1]}}",
      "/a/header/1", 1, 0,
      "\"header\" is a list of strings, and this is a number" },
    { "{\"a\":{\"json\":[]}}",
      "/a/json", 1, 0,
      "\"json\" is an empty list" },
    { "{\"a\":{\"first\":\"//a\"}}",
      "/a/first", 1, 0,
      "a list of selectors is wanted, not a string" },
    { "{\"a\":{\"first\":[]}}",
      "/a/first", 1, 0,
      "a list of selectors is wanted, not an empty one" },
    { "{\"a\":{\"first\":[\"//a\",[\"//b\"]]}}",
      "/a/first/1", 1, 0,
      "a selector is a string or an object, not a list" },
    { "{\"a\":{\"first\":[{}]}}",
      "/a/first/0", 1, 0,
      "a selector is missing, such as \"xpath\" or \"css\"" },
    { "{\"a\":{\"first\":[{\"first\":[\"//a\"]}]}}",
      "/a/first/0/first", 1, 0,
      "unknown key \"first\"" },
    { "{\"a\":{\"first\":[{\"xpath\":\"//a\",\"type\":\"int\"}]}}",
      "/a/first/0/type", 1, 0,
      "unknown key \"type\"" },
    { "{\"a\":{\"meta\":\"\"}}",
      "/a/meta", 0, 0,
      "the meta name is empty" },
    { "{\"a\":{\"header\":[\"a\",\"\"]}}",
      "/a/header/1", 0, 0,
      "the header name is empty" },
    { "{\"a\":[{\"const\":[1]}]}",
      "/a/0/const", 0, 0,
      "\"const\" does not select a list" },
    { "{\"a\":[{\"xpath\":[\"//a\",\"count(//a)\"]}]}",
      "/a/0/xpath/1", 0, 0,
      "\"count(//a)\" is not a node-set, and a list needs one" },
    { "{\"a\":{\"each\":{\"regex\":\"x\"},\"fields\":{\"b\":\".\"}}}",
      "/a/each/regex", 0, 0,
      "\"regex\" does not select elements or JSON values" },
    { "{\"a\":{\"each\":{\"meta\":\"x\"},\"fields\":{\"b\":\".\"}}}",
      "/a/each/meta", 0, 0,
      "\"meta\" does not select elements or JSON values" },
    { "{\"a\":{\"each\":{\"header\":\"x\"},\"fields\":{\"b\":\".\"}}}",
      "/a/each/header", 0, 0,
      "\"header\" does not select elements or JSON values" },
    { "{\"a\":{\"each\":{\"const\":\"x\"},\"fields\":{\"b\":\".\"}}}",
      "/a/each/const", 0, 0,
      "\"const\" does not select elements or JSON values" },
    { "{\"a\":{\"xpath\":[\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\","
      "\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//"
      "a\",\"//a\",\"//a\"]}}",
      "/a/xpath/16", 0, 0,
      "more than 16 selectors" },
    { "{\"a\":{\"first\":[\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\","
      "\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//a\",\"//"
      "a\",\"//a\",{\"const\":1}]}}",
      "/a/first/16/const", 0, 0,
      "more than 16 selectors" },
    { "{\"a\":{\"xpath\":\"//a\",\"get\":\"node\"}}",
      "/a/get", 1, 0,
      "unknown get \"node\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"get\":1}}",
      "/a/get", 1, 0,
      "\"get\" is a string, not a number" },
    { "{\"a\":{\"xpath\":\"//a\",\"get\":\"attr\"}}",
      "/a", 1, 0,
      "\"get\" of \"attr\" needs \"attr\", the attribute's name" },
    { "{\"a\":{\"xpath\":\"//a\",\"get\":\"html\",\"attr\":\"b\"}}",
      "/a/get", 1, 0,
      "\"get\" is \"attr\" where there is \"attr\", not \"html\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"attr\":\"\"}}",
      "/a/attr", 1, 0,
      "\"attr\" is empty" },
    { "{\"a\":{\"xpath\":\"//a\",\"attr\":[\"b\"]}}",
      "/a/attr", 1, 0,
      "\"attr\" is a string, not a list" },
    { "{\"a\":[{\"xpath\":\"//a\",\"get\":\"exists\"}]}",
      "/a/0/get", 1, 0,
      "\"exists\" is about all matches already, and does not go into a list" },
    { "{\"a\":[{\"xpath\":\"//a\",\"get\":\"count\"}]}",
      "/a/0/get", 1, 0,
      "\"count\" is about all matches already, and does not go into a list" },
    { "{\"a\":{\"xpath\":\"//a\",\"get\":\"count\",\"transform\":\"trim\"}}",
      "/a/transform", 1, 0,
      "\"transform\" does not go with \"get\" of \"count\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"min\":\"1\"}}",
      "/a/min", 1, 0,
      "\"min\" is a number, not a string" },
    { "{\"a\":{\"xpath\":\"//a\",\"max\":null}}",
      "/a/max", 1, 0,
      "\"max\" is a number, not null" },
    { "{\"a\":{\"xpath\":\"//a\",\"max\":1,\"min\":1.5}}",
      "/a/max", 0, 0,
      "\"max\" 1 is less than \"min\" 1.5" },
    { "{\"a\":{\"xpath\":\"//a\",\"max_items\":3}}",
      "/a/max_items", 1, 0,
      "\"max_items\" needs a list" },
    { "{\"a\":[{\"xpath\":\"//a\",\"max_items\":0}]}",
      "/a/0/max_items", 1, 0,
      "\"max_items\" is from 1 to 2147483647, not 0" },
    { "{\"a\":{\"xpath\":\"//a\",\"enum\":\"b\"}}",
      "/a/enum", 1, 0,
      "\"enum\" is a list of values, not a string" },
    { "{\"a\":{\"xpath\":\"//a\",\"enum\":[]}}",
      "/a/enum", 1, 0,
      "\"enum\" is a list of values, not an empty one" },
    { "{\"a\":{\"xpath\":\"//a\",\"enum\":[\"b\",null]}}",
      "/a/enum", 1, 0,
      "\"enum\" holds strings, numbers, true and false, not null" },
    { "{\"a\":{\"xpath\":\"//a\",\"pattern\":\"(b\"}}",
      "/a/pattern", 0, -1,
      "invalid regex \"(b\": " },
    { "{\"a\":{\"xpath\":\"//a\",\"pattern\":{}}}",
      "/a/pattern", 1, 0,
      "\"pattern\" is a regular expression in a string, not an object" }
};


static sc_rules_t *
select_accept(const char *text)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text(text, strlen(text), &err);
    ck_assert_msg(rules != NULL, "%s: %s", text, err.message);

    return rules;
}


START_TEST(wrong_selector_or_option_is_refused_at_its_pointer)
{
    sc_rules_error_t     err;
    const rules_case_t  *c;

    c = &select_bad[_i];

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


START_TEST(every_way_to_select_is_understood)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = select_accept("{\"a\":{\"css\":\"h1\"},\"b\":{\"json\":\"$.b\"},"
                          "\"c\":{\"jsonld\":\"$..c\"},"
                          "\"d\":{\"meta\":\"og:title\"},"
                          "\"e\":{\"header\":\"etag\"},"
                          "\"f\":{\"const\":{\"g\":[1, 0.1]}},"
                          "\"g\":{\"regex\":\"b(c)\"},"
                          "\"h\":\"h1::text\"}");
    f = rules->fields;

    ck_assert_int_eq(f[0].selectors[0].kind, SC_SELECT_CSS);
    ck_assert_str_eq(f[0].selectors[0].text, "h1");
    ck_assert_ptr_nonnull(f[0].selectors[0].comp);
    ck_assert_int_eq(f[1].selectors[0].kind, SC_SELECT_JSON);
    ck_assert_ptr_nonnull(f[1].selectors[0].path);
    ck_assert_int_eq(f[2].selectors[0].kind, SC_SELECT_JSONLD);
    ck_assert_ptr_nonnull(f[2].selectors[0].path);
    ck_assert_int_eq(f[3].selectors[0].kind, SC_SELECT_META);
    ck_assert_str_eq(f[3].selectors[0].text, "og:title");
    ck_assert_int_eq(f[4].selectors[0].kind, SC_SELECT_HEADER);
    ck_assert_int_eq(f[5].selectors[0].kind, SC_SELECT_CONST);
    ck_assert_str_eq(f[5].selectors[0].text, "{\"g\":[1,0.1]}");
    ck_assert_int_eq(f[6].selectors[0].kind, SC_SELECT_REGEX);
    ck_assert_ptr_nonnull(f[6].selectors[0].regex);
    ck_assert_int_eq(f[7].selectors[0].kind, SC_SELECT_CSS);
    ck_assert_str_eq(f[7].selectors[0].text, "h1::text");

    sc_rules_free(rules);
}
END_TEST


START_TEST(fallbacks_keep_the_order_they_are_written_in)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = select_accept("{\"a\":{\"xpath\":[\"//a\",\"//b\"]},"
                          "\"b\":{\"first\":[\"//a\",\"h1\","
                          "{\"meta\":[\"c\",\"d\"]},{\"const\":null}]},"
                          "\"c\":{\"each\":[\"//li\",\"dd\"],"
                          "\"fields\":{\"d\":\".\"}}}");
    f = rules->fields;

    ck_assert_uint_eq(f[0].nselectors, 2);
    ck_assert_str_eq(f[0].selectors[1].text, "//b");

    ck_assert_uint_eq(f[1].nselectors, 5);
    ck_assert_int_eq(f[1].selectors[0].kind, SC_SELECT_XPATH);
    ck_assert_int_eq(f[1].selectors[1].kind, SC_SELECT_CSS);
    ck_assert_str_eq(f[1].selectors[3].text, "d");
    ck_assert_str_eq(f[1].selectors[4].text, "null");

    ck_assert_uint_eq(f[2].nselectors, 2);
    ck_assert_int_eq(f[2].selectors[1].kind, SC_SELECT_CSS);

    sc_rules_free(rules);
}
END_TEST


START_TEST(group_is_the_first_one_unless_told)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = select_accept("{\"a\":{\"regex\":\"b\"},"
                          "\"b\":{\"regex\":[\"b(c)\",\"d\"]},"
                          "\"c\":{\"regex\":\"b(c)\",\"group\":0},"
                          "\"d\":{\"regex\":\"(b)(c)\",\"group\":2},"
                          "\"e\":{\"regex\":\"(b)(?<n>C)\",\"group\":\"n\","
                          "\"flags\":\"imsx\"}}");
    f = rules->fields;

    ck_assert_int_eq(f[0].selectors[0].group, 0);
    ck_assert_int_eq(f[1].selectors[0].group, 1);
    ck_assert_int_eq(f[1].selectors[1].group, 0);
    ck_assert_int_eq(f[2].selectors[0].group, 0);
    ck_assert_int_eq(f[3].selectors[0].group, 2);
    ck_assert_int_eq(f[4].selectors[0].group, 2);

    sc_rules_free(rules);
}
END_TEST


START_TEST(css_has_another_xpath_for_xml_only_where_it_differs)
{
    sc_rules_t  *rules;

    rules = select_accept("{\"a\":\"h1\",\"b\":\"pubDate\"}");

    ck_assert_ptr_null(rules->fields[0].selectors[0].comp_xml);
    ck_assert_ptr_nonnull(rules->fields[1].selectors[0].comp_xml);

    sc_rules_free(rules);
}
END_TEST


START_TEST(wrong_css_is_refused_at_its_own_column)
{
    sc_rules_error_t   err;
    static const char  text[] = "{\"a\":\"h1[\"}";

    ck_assert_ptr_null(sc_rules_parse_text(text, strlen(text), &err));
    ck_assert_str_eq(err.pointer, "/a");
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_int_ge(err.column, 3);
    ck_assert_int_le(err.column, 4);
    ck_assert_mem_eq(err.message, "invalid CSS \"h1[\": ", 19);
}
END_TEST


START_TEST(prefixes_of_the_set_are_known_to_all_its_expressions)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;
    static const char  text[] =
        "{\"sets\":{\"s\":{\"ns\":{\"g\":\"urn:g\",\"x\":"
        "\"http://exslt.org/regular-expressions\"},\"fields\":{"
        "\"a\":\"//g:a/@g:b\",\"b\":\"g|a\","
        "\"c\":\"//c[x:test(., '^a')]\"}},\"t\":{\"a\":\"//g:a\"}}}";

    ck_assert_ptr_null(sc_rules_parse_text(text, strlen(text), &err));
    ck_assert_str_eq(err.pointer, "/sets/t/a");
    ck_assert_str_eq(err.message, "invalid XPath \"//g:a\": undefined "
                     "namespace prefix \"g\"");
    ck_assert_int_eq(err.column, 3);

    rules = select_accept("{\"fields\":{\"a\":\"//a[re:test(@b, 'c')]\","
                          "\"b\":\"re:match('aa', 'a')\"}}");
    sc_rules_free(rules);
}
END_TEST


START_TEST(name_is_at_most_the_limit_of_expressions_long)
{
    int                i;
    sc_buf_t           b;
    sc_rules_error_t   err;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "{\"a\":{\"meta\":\"");

    for (i = 0; i <= SC_RULES_MAX_XPATH; i++) {
        sc_buf_add_cstr(&b, "m");
    }

    sc_buf_add_cstr(&b, "\"}}");

    ck_assert_ptr_null(sc_rules_parse_text(b.data, b.len, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "is longer than 2048 bytes"));
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_str_eq(err.pointer, "/a/meta");

    sc_buf_free(&b);
}
END_TEST


START_TEST(regular_expressions_of_a_set_are_counted)
{
    int                i;
    sc_buf_t           b;
    sc_rules_error_t   err;

    sc_buf_init(&b, 0);

    for (i = 0; i < 501; i++) {
        sc_buf_printf(&b, "%s\"f%d\":{\"xpath\":\"//a[re:test(., 'b')]\","
                      "\"pattern\":\"c\"}", i == 0 ? "{" : ",", i);
    }

    sc_buf_add_cstr(&b, "}");
    ck_assert_int_eq(b.failed, 0);

    ck_assert_ptr_null(sc_rules_parse_text(b.data, b.len, &err));
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_str_eq(err.pointer, "/f500/pattern");
    ck_assert_str_eq(err.message, "more than 1000 regular expressions, or "
                     "fewer with wide ranges that ignore case");

    sc_buf_free(&b);
}
END_TEST


/* each has room for nine ranges of all characters and not for ten */

START_TEST(wide_ranges_without_case_count_as_more)
{
    sc_rules_t         *rules;
    sc_rules_error_t    err;
    const wide_case_t  *c;

    c = &wide_cases[_i];

    rules = wide_parsed(c->field, 9, &err);
    ck_assert_msg(rules != NULL, "%s: %s", err.pointer, err.message);
    sc_rules_free(rules);

    ck_assert_ptr_null(wide_parsed(c->field, 10, &err));
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_str_eq(err.pointer, c->pointer);
    ck_assert_ptr_nonnull(strstr(err.message, "ranges that ignore case"));
}
END_TEST


START_TEST(wide_ranges_without_case_count_in_the_patterns_of_urls)
{
    sc_rules_error_t  err;
    const char       *text;

    text = "{\"fields\":{\"a\":\"b\"},\"match\":{\"url\":["
           WIDE_URL WIDE_URL WIDE_URL WIDE_URL WIDE_URL
           WIDE_URL WIDE_URL WIDE_URL WIDE_URL "\"re:" WIDE "\"]}}";

    ck_assert_ptr_null(sc_rules_parse_text(text, strlen(text), &err));
    ck_assert_str_eq(err.pointer, "/match/url/9");
    ck_assert_ptr_nonnull(strstr(err.message, "ranges that ignore case"));
}
END_TEST


START_TEST(what_is_got_tells_the_type_and_the_type_what_is_got)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = select_accept("{\"a\":{\"xpath\":\"//a\",\"get\":\"exists\"},"
                          "\"b\":{\"xpath\":\"//a\",\"get\":\"count\"},"
                          "\"c\":{\"xpath\":\"//a\",\"type\":\"html\"},"
                          "\"d\":{\"xpath\":\"//a\",\"type\":\"html\","
                          "\"get\":\"raw\"},"
                          "\"e\":{\"xpath\":\"//a\",\"attr\":\"href\"},"
                          "\"f\":{\"xpath\":\"//a\",\"attr\":\"href\","
                          "\"get\":\"attr\",\"type\":\"html\"},"
                          "\"g\":{\"xpath\":\"//a\",\"type\":\"html\","
                          "\"get\":\"text\"}}");
    f = rules->fields;

    ck_assert_int_eq(f[0].get, SC_GET_EXISTS);
    ck_assert_int_eq(f[0].type, SC_TYPE_BOOL);
    ck_assert_int_eq(f[1].get, SC_GET_COUNT);
    ck_assert_int_eq(f[1].type, SC_TYPE_INT);
    ck_assert_int_eq(f[2].get, SC_GET_HTML);
    ck_assert_int_eq(f[3].get, SC_GET_RAW);
    ck_assert_int_eq(f[4].get, SC_GET_ATTR);
    ck_assert_str_eq(f[4].attr, "href");
    ck_assert_int_eq(f[5].get, SC_GET_ATTR);
    ck_assert_int_eq(f[6].get, SC_GET_TEXT);

    sc_rules_free(rules);
}
END_TEST


START_TEST(bounds_choices_and_pattern_are_kept)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = select_accept("{\"a\":[{\"xpath\":\"//a\",\"min\":-1,\"max\":2.5,"
                          "\"max_items\":7,\"enum\":[\"b\",1,true],"
                          "\"pattern\":\"^b\"}],"
                          "\"b\":{\"each\":\"//a\",\"max\":3,"
                          "\"drop_if\":\"not(b)\",\"required\":true,"
                          "\"default\":[],\"fields\":{\"c\":\".\"}}}");
    f = rules->fields;

    ck_assert_uint_eq(f[0].has_min, 1);
    ck_assert_uint_eq(f[0].has_max, 1);
    ck_assert(f[0].min == -1 && f[0].max == 2.5);
    ck_assert_uint_eq(f[0].max_items, 7);
    ck_assert_uint_eq(json_array_size(f[0].choices), 3);
    ck_assert_ptr_nonnull(f[0].pattern);

    ck_assert_uint_eq(f[1].max_items, 3);
    ck_assert_uint_eq(f[1].has_max, 0);
    ck_assert_ptr_nonnull(f[1].drop_if);
    ck_assert_uint_eq(f[1].required, 1);
    ck_assert_str_eq(f[1].fallback, "[]");

    sc_rules_free(rules);
}
END_TEST


#define select_count(table)  (int) (sizeof(table) / sizeof(table[0]))


/* A set of n times the same field. */

static sc_rules_t *
wide_parsed(const char *field, int n, sc_rules_error_t *err)
{
    int          i;
    sc_buf_t     b;
    sc_rules_t  *rules;

    sc_buf_init(&b, 0);

    for (i = 0; i < n; i++) {
        sc_buf_printf(&b, "%s\"f%d\":%s", i == 0 ? "{" : ",", i, field);
    }

    sc_buf_add_cstr(&b, "}");
    ck_assert_int_eq(b.failed, 0);

    rules = sc_rules_parse_text(b.data, b.len, err);
    sc_buf_free(&b);

    return rules;
}


static void
select_add_tests(Suite *suite)
{
    TCase  *tc;

    tc = tcase_create("select");

    tcase_add_loop_test(tc, wrong_selector_or_option_is_refused_at_its_pointer,
                        0, select_count(select_bad));
    tcase_add_test(tc, every_way_to_select_is_understood);
    tcase_add_test(tc, fallbacks_keep_the_order_they_are_written_in);
    tcase_add_test(tc, group_is_the_first_one_unless_told);
    tcase_add_test(tc, css_has_another_xpath_for_xml_only_where_it_differs);
    tcase_add_test(tc, wrong_css_is_refused_at_its_own_column);
    tcase_add_test(tc, prefixes_of_the_set_are_known_to_all_its_expressions);
    tcase_add_test(tc, name_is_at_most_the_limit_of_expressions_long);
    tcase_add_test(tc, regular_expressions_of_a_set_are_counted);
    tcase_add_loop_test(tc, wide_ranges_without_case_count_as_more, 0,
                        select_count(wide_cases));
    tcase_add_test(tc, wide_ranges_without_case_count_in_the_patterns_of_urls);
    tcase_add_test(tc, what_is_got_tells_the_type_and_the_type_what_is_got);
    tcase_add_test(tc, bounds_choices_and_pattern_are_kept);

    suite_add_tcase(suite, tc);
}


int
main(void)
{
    Suite  *suite;

    suite = suite_create("rules_select");
    select_add_tests(suite);

    return suite_run_all(suite);
}
