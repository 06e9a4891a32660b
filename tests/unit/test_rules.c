
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "common/rules/sc_rules.h"
#include "tests/support/suite.h"


#define RULES_NO_SELECTOR                                                   \
    "a rule needs a selector, such as \"xpath\" or \"css\", or \"each\" "   \
    "or \"fields\""

#define RULES_TWO(one, two)                                                 \
    "\"" one "\" and \"" two "\" are two ways to say it, and only one "     \
    "is allowed"


typedef struct {
    const char  *json;
    const char  *pointer;
    const char  *field;
    const char  *message;
} rules_case_t;


static const char  rules_page[] =
    "{\"fields\":{\"title\":\"//h1\",\"images\":[\"//img/@src\"],"
    "\"price\":{\"xpath\":\"//b\",\"type\":\"number\",\"default\":12.5,"
    "\"required\":true},\"urls\":[{\"xpath\":\"//a/@href\","
    "\"type\":\"url\"}],\"offers\":{\"each\":\"//li\",\"fields\":{"
    "\"seller\":\".//a\",\"tags\":{\"each\":\"./i\",\"fields\":{"
    "\"n\":{\"xpath\":\"count(.//u)\",\"type\":\"int\"}}}}}}}";


/* keys that are not known */

static const rules_case_t  rules_unknown[] = {
    { "{\"fields\":{\"a\":\"//a\"},\"matches\":{}}", "/matches", "",
      "unknown key \"matches\"" },
    { "{\"Strict\":true,\"fields\":{\"a\":\"//a\"}}", "/Strict", "",
      "unknown key \"Strict\"" },
    { "{\"sets\":{\"a\":{\"b\":\"//a\"}},\"strict\":true}", "/strict", "",
      "unknown key \"strict\"" },
    { "{\"sets\":{\"a\":{\"fields\":{\"b\":\"//a\"},\"x\":1}}}",
      "/sets/a/x", "", "unknown key \"x\"" },
    { "{\"sets\":{\"a\":{\"b\":\"//a\"}},\"fields\":{\"b\":\"//b\"}}",
      "/sets", "", "unknown key \"sets\"" },
    { "{\"fields\":{\"a\":\"//a\"},\"x/~y\":1}", "/x~1~0y", "",
      "unknown key \"x/~y\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"maximum\":1}}", "/a/maximum", "a",
      "unknown key \"maximum\"" },
    { "{\"a\":{\"dom\":\"a\"}}", "/a/dom", "a", "unknown key \"dom\"" },
    { "{\"a\":[{\"xpath\":\"//a\",\"\":1}]}", "/a/0/", "a",
      "unknown key \"\"" },
    { "{\"o\":{\"each\":\"//a\",\"most\":9,\"fields\":{\"a\":\".\"}}}",
      "/o/most", "o", "unknown key \"most\"" },
    { "{\"o\":{\"each\":{\"xpath\":\"//a\",\"type\":\"int\"},"
      "\"fields\":{\"a\":\".\"}}}", "/o/each/type", "o",
      "unknown key \"type\"" },
    { "{\"fields\":{\"o\":{\"each\":\"//a\",\"fields\":{\"b/c\":"
      "{\"xpath\":\".\",\"k\":1}}}}}",
      "/fields/o/fields/b~1c/k", "b/c", "unknown key \"k\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"x\\ny\":1}}", "/a/x\ny", "a",
      "unknown key \"x y\"" }
};


/* what does not have the shape of a rule set */

static const rules_case_t  rules_misshapen[] = {
    { "[]", "", "", "a rule set is an object, not a list" },
    { "{}", "", "", "no fields" },
    { "{\"fields\":null}", "/fields", "fields",
      "a rule is a string, a list or an object, not null" },
    { "{\"a\":12}", "/a", "a",
      "a rule is a string, a list or an object, not a number" },
    { "{\"a\":false}", "/a", "a",
      "a rule is a string, a list or an object, not true or false" },
    { "{\"\":\"//a\"}", "/", "", "a field's name is empty" },
    { "{\"a\\u0001\":\"//a\"}", "/a\x01", "a ",
      "control character in a field's name \"a \"" },
    { "{\"a\":[]}", "/a", "a", "a list holds one rule, not 0" },
    { "{\"a\":[\"//a\",\"//b\"]}", "/a", "a",
      "a list holds one rule, not 2" },
    { "{\"a\":[1]}", "/a/0", "a",
      "a rule in a list is a string or an object, not a number" },
    { "{\"a\":[[\"//a\"]]}", "/a/0", "a",
      "a rule in a list is a string or an object, not a list" },
    { "{\"a\":[{\"each\":\"//a\",\"fields\":{\"b\":\".\"}}]}", "/a/0", "a",
      "\"each\" gives a list already" },
    { "{\"a\":{}}", "/a", "a", RULES_NO_SELECTOR },
    { "{\"a\":{\"type\":\"int\"}}", "/a", "a", RULES_NO_SELECTOR },
    { "{\"a\":[{\"fields\":{\"b\":\".\"}}]}", "/a/0", "a",
      "\"fields\" gives one object already" },
    { "{\"a\":{\"fields\":{\"b\":\".\"},\"required\":true}}",
      "/a/required", "a", "\"required\" does not go with \"fields\"" },
    { "{\"a\":{\"fields\":[]}}", "/a/fields", "a",
      "\"fields\" is an object, not a list" },
    { "{\"a\":{\"xpath\":[]}}", "/a/xpath", "a",
      "\"xpath\" is an empty list" },
    { "{\"a\":{\"xpath\":null}}", "/a/xpath", "a",
      "\"xpath\" is a string or a list of strings, not null" },
    { "{\"a\":{\"xpath\":\"//a\",\"type\":\"duration\"}}", "/a/type", "a",
      "unknown type \"duration\"" },
    { "{\"a\":{\"xpath\":\"//a\",\"type\":1}}", "/a/type", "a",
      "\"type\" is a string, not a number" },
    { "{\"a\":{\"xpath\":\"//a\",\"required\":1}}", "/a/required", "a",
      "\"required\" is true or false, not a number" },
    { "{\"a\":{\"each\":\"//a\"}}", "/a", "a",
      "\"each\" needs \"fields\"" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":[]}}", "/a/fields", "a",
      "\"fields\" is an object, not a list" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":{}}}", "/a/fields", "a",
      "no fields" },
    { "{\"a\":{\"each\":{},\"fields\":{\"b\":\".\"}}}", "/a/each", "a",
      "a selector is missing, such as \"xpath\" or \"css\"" },
    { "{\"a\":{\"each\":1,\"fields\":{\"b\":\".\"}}}", "/a/each", "a",
      "a selector is a string or an object, not a number" },
    { "{\"a\":{\"each\":[],\"fields\":{\"b\":\".\"}}}", "/a/each", "a",
      "a list of selectors is wanted, not an empty one" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":{\"b\":\".\"},\"max\":0}}",
      "/a/max", "a", "\"max\" is from 1 to 2147483647, not 0" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":{\"b\":\".\"},\"max\":1.5}}",
      "/a/max", "a", "\"max\" is a whole number, not a fraction" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":{\"b\":\".\"},\"max\":\"1\"}}",
      "/a/max", "a", "\"max\" is a whole number, not a string" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":{\"b\":\".\"},\"drop_if\":[]}}",
      "/a/drop_if", "a",
      "\"drop_if\" is one expression in a string, not a list" },
    { "{\"a\":{\"xpath\":\"//a\",\"drop_if\":\"b\"}}", "/a/drop_if", "a",
      "\"drop_if\" needs \"each\"" },
    { "{\"sets\":{}}", "/sets", "", "no sets" },
    { "{\"sets\":{\"\":{\"a\":\"//a\"}}}", "/sets/", "",
      "a set's name is empty" },
    { "{\"sets\":{\"a\":[]}}", "/sets/a", "",
      "a rule set is an object, not a list" },
    { "{\"sets\":{\"a\":{\"b\":\"//a\"},\"c\":{}}}", "/sets/c", "",
      "no fields" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":{\"b\":\".\"},\"type\":\"int\"}}",
      "/a/type", "a", "\"type\" does not go with \"each\"" },
    { "{\"a\":{\"each\":\"//a\",\"fields\":{\"b\":\".\"},\"min\":1}}",
      "/a/min", "a", "\"min\" does not go with \"each\"" }
};


/* an expression is at fault */

static const rules_case_t  rules_wrong[] = {
    { "{\"a\":[\"count(//a)\"]}", "/a/0", "a",
      "\"count(//a)\" is not a node-set, and a list needs one" },
    { "{\"a\":[{\"xpath\":\"'x'\"}]}", "/a/0/xpath", "a",
      "\"'x'\" is not a node-set, and a list needs one" },
    { "{\"a\":{\"each\":\"string(//a)\",\"fields\":{\"b\":\".\"}}}",
      "/a/each", "a",
      "\"string(//a)\" is not a node-set, and a list needs one" },
    { "{\"a\":\"//h1[\"}", "/a", "a",
      "invalid XPath \"//h1[\": invalid expression" },
    { "{\"a\":{\"xpath\":\"\"}}", "/a/xpath", "a",
      "invalid XPath \"\": invalid expression" },
    { "{\"fields\":{\"o\":{\"each\":\"//a\",\"fields\":{\"b\":"
      "[\"//a\\n[\"]}}}}", "/fields/o/fields/b/0", "b",
      "invalid XPath \"//a [\": invalid expression" },
    { "{\"o\":{\"each\":\"//a\",\"fields\":{\"b\":\".\"},"
      "\"drop_if\":\"b[\"}}", "/o/drop_if", "o",
      "invalid XPath \"b[\": invalid expression" },
    { "{\"sets\":{\"s\":{\"sets\":{\"t\":{\"a\":\"//a\"}}}}}", "/sets/s",
      "", "\"s\" is a group in a group" },
    { "{\"sets\":{\"s\":{\"a\":\"//a\"},\"t\":{\"fields\":{\"b\":\"//[\"}}}}",
      "/sets/t/fields/b", "b", "invalid XPath \"//[\": invalid expression" }
};


/* two ways to say where values come from: the second one is too many */

static const rules_case_t  rules_twofold[] = {
    { "{\"a\":{\"xpath\":\"//a\",\"css\":\"a\"}}", "/a/css", "a",
      RULES_TWO("xpath", "css") },
    { "{\"a\":{\"css\":\"a\",\"type\":\"int\",\"xpath\":\"//a\"}}",
      "/a/xpath", "a", RULES_TWO("css", "xpath") },
    { "{\"a\":{\"const\":1,\"meta\":\"b\"}}", "/a/meta", "a",
      RULES_TWO("const", "meta") },
    { "{\"a\":[{\"first\":[\"//a\"],\"json\":\"b\"}]}", "/a/0/json", "a",
      RULES_TWO("first", "json") },
    { "{\"a\":{\"first\":[\"//b\",{\"json\":\"a\",\"jsonld\":\"b\"}]}}",
      "/a/first/1/jsonld", "a", RULES_TWO("json", "jsonld") },
    { "{\"a\":{\"each\":\"//a\",\"header\":\"b\","
      "\"fields\":{\"b\":\".\"}}}", "/a/header", "a",
      RULES_TWO("each", "header") },
    { "{\"a\":{\"each\":{\"css\":\"a\",\"xpath\":\"b\"},"
      "\"fields\":{\"b\":\".\"}}}", "/a/each/xpath", "a",
      RULES_TWO("css", "xpath") },
    { "{\"a\":{\"fields\":{\"b\":\".\"},\"regex\":\"b\"}}", "/a/regex",
      "a", RULES_TWO("fields", "regex") },
    { "{\"a\":{\"regex\":\"b\",\"fields\":{\"b\":\".\"}}}", "/a/fields",
      "a", RULES_TWO("regex", "fields") }
};


static sc_rules_t *
rules_accept(const char *text)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text(text, strlen(text), &err);

    ck_assert_msg(rules != NULL, "%s: %s", text, err.message);

    return rules;
}


static void
rules_refuse(const char *text, sc_rules_error_t *err)
{
    memset(err, 0xff, sizeof(sc_rules_error_t));

    ck_assert_ptr_null(sc_rules_parse_text(text, strlen(text), err));
}


static void
rules_check_case(const rules_case_t *c, sc_rules_error_t *err)
{
    rules_refuse(c->json, err);

    ck_assert_str_eq(err->message, c->message);
    ck_assert_str_eq(err->pointer, c->pointer);
    ck_assert_str_eq(err->field, c->field);
}


START_TEST(wrapped_set_may_have_no_fields)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse_text("{\"fields\":{}}", 13, &err);

    ck_assert_ptr_nonnull(rules);
    ck_assert_uint_eq(rules->nfields, 0);
    ck_assert_str_eq(rules->json, "{\"fields\":{}}");

    sc_rules_free(rules);
}
END_TEST


START_TEST(every_kind_of_field_is_understood)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = rules_accept(rules_page);
    f = rules->fields;

    ck_assert_uint_eq(rules->nfields, 5);

    ck_assert_str_eq(f[0].name, "title");
    ck_assert_str_eq(f[0].selectors[0].text, "//h1");
    ck_assert_uint_eq(f[0].nselectors, 1);
    ck_assert_int_eq(f[0].type, SC_TYPE_STRING);
    ck_assert_uint_eq(f[0].many, 0);
    ck_assert_uint_eq(f[0].required, 0);
    ck_assert_ptr_null(f[0].fallback);
    ck_assert_ptr_null(f[0].fields);

    ck_assert_str_eq(f[1].selectors[0].text, "//img/@src");
    ck_assert_uint_eq(f[1].many, 1);
    ck_assert_uint_eq(f[1].list, 1);

    ck_assert_int_eq(f[2].type, SC_TYPE_NUMBER);
    ck_assert_uint_eq(f[2].required, 1);
    ck_assert_str_eq(f[2].fallback, "12.5");

    ck_assert_int_eq(f[3].type, SC_TYPE_URL);
    ck_assert_uint_eq(f[3].many, 1);

    ck_assert_str_eq(f[4].selectors[0].text, "//li");
    ck_assert_uint_eq(f[4].each, 1);
    ck_assert_uint_eq(f[4].nfields, 2);
    ck_assert_str_eq(f[4].fields[1].name, "tags");

    f = f[4].fields[1].fields;

    ck_assert_str_eq(f[0].selectors[0].text, "count(.//u)");
    ck_assert_int_eq(f[0].type, SC_TYPE_INT);

    sc_rules_free(rules);
}
END_TEST


START_TEST(bare_map_and_wrapped_form_are_one_set)
{
    sc_rules_t  *bare, *wrapped;

    bare = rules_accept("{ \"b\" : \"//b\", \"a\": [ \"//a\" ] }");
    wrapped = rules_accept("{\"fields\": {\"b\":\"//b\",\"a\":[\"//a\"]}}");

    ck_assert_str_eq(bare->json,
                     "{\"fields\":{\"b\":\"//b\",\"a\":[\"//a\"]}}");
    ck_assert_uint_eq(bare->json_len, strlen(bare->json));
    ck_assert_str_eq(bare->json, wrapped->json);
    ck_assert_str_eq(bare->hash, wrapped->hash);

    sc_rules_free(bare);
    sc_rules_free(wrapped);
}
END_TEST


START_TEST(field_may_be_called_fields)
{
    sc_rules_t  *rules;

    rules = rules_accept("{\"fields\":\"//a\",\"b\":\"//b\"}");
    ck_assert_uint_eq(rules->nfields, 2);
    ck_assert_str_eq(rules->fields[0].name, "fields");
    ck_assert_str_eq(rules->json,
                     "{\"fields\":{\"fields\":\"//a\",\"b\":\"//b\"}}");
    sc_rules_free(rules);

    rules = rules_accept("{\"fields\":{\"fields\":[\"//a\"]}}");
    ck_assert_str_eq(rules->fields[0].name, "fields");
    ck_assert_uint_eq(rules->fields[0].many, 1);
    sc_rules_free(rules);
}
END_TEST


START_TEST(hash_is_the_sha256_of_the_canonical_json)
{
    sc_rules_t  *rules;

    rules = rules_accept("{\"title\":\"//h1\"}");

    ck_assert_str_eq(rules->json, "{\"fields\":{\"title\":\"//h1\"}}");
    ck_assert_str_eq(rules->hash,
                     "sha256:ae5f8e36e78d852091097bde3d2c968d"
                     "9446a0fdbc0232d92e20fd908db14c26");

    sc_rules_free(rules);
}
END_TEST


START_TEST(canonical_json_is_its_own_canonical_json)
{
    sc_rules_t  *rules, *again;

    rules = rules_accept("{\"n\":{\"xpath\":\"//\\u00e9\",\"default\":[0.1, "
                         "1.0, -0.0, -0, 1e20, 9007199254740993, \"\\n\\/\", "
                         "null, true, false, {}, [], {\"b\":1,\"a\":2}]}}");

    ck_assert_str_eq(rules->json,
                     "{\"fields\":{\"n\":{\"xpath\":\"//\xc3\xa9\","
                     "\"default\":[0.1,1,0,0,1e+20,9007199254740993,\"\\n/\","
                     "null,true,false,{},[],{\"b\":1,\"a\":2}]}}}");

    again = rules_accept(rules->json);
    ck_assert_str_eq(again->json, rules->json);
    ck_assert_str_eq(again->hash, rules->hash);

    sc_rules_free(rules);
    sc_rules_free(again);
}
END_TEST


START_TEST(fields_are_numbered_parents_first)
{
    sc_field_t  *f;
    sc_rules_t  *rules;

    rules = rules_accept("{\"a\":\"//a\",\"b\":{\"fields\":{\"c\":\"//c\","
                         "\"d\":{\"each\":\"//d\",\"fields\":"
                         "{\"e\":\".\"}}}},\"f\":\"//f\"}");
    f = rules->fields;

    ck_assert_uint_eq(rules->total, 6);
    ck_assert_uint_eq(f[0].index, 0);
    ck_assert_uint_eq(f[1].index, 1);
    ck_assert_uint_eq(f[1].fields[0].index, 2);
    ck_assert_uint_eq(f[1].fields[1].index, 3);
    ck_assert_uint_eq(f[1].fields[1].fields[0].index, 4);
    ck_assert_uint_eq(f[2].index, 5);

    ck_assert_uint_eq(f[1].each, 0);
    ck_assert_uint_eq(f[1].many, 0);
    ck_assert_uint_eq(f[1].nselectors, 0);
    ck_assert_uint_eq(f[1].nfields, 2);

    sc_rules_free(rules);
}
END_TEST


START_TEST(default_may_be_null)
{
    sc_rules_t  *rules;

    rules = rules_accept("{\"a\":{\"xpath\":\"//a\",\"default\":null}}");
    ck_assert_str_eq(rules->fields[0].fallback, "null");
    sc_rules_free(rules);
}
END_TEST


START_TEST(unknown_key_is_refused_with_its_pointer)
{
    sc_rules_error_t  err;

    rules_check_case(&rules_unknown[_i], &err);
    ck_assert_uint_eq(err.syntax, 1);
    ck_assert_uint_eq(err.unknown, 1);
    ck_assert_int_eq(err.column, 0);
}
END_TEST


START_TEST(set_without_its_shape_is_refused)
{
    sc_rules_error_t  err;

    rules_check_case(&rules_misshapen[_i], &err);
    ck_assert_uint_eq(err.syntax, 1);
    ck_assert_uint_eq(err.unknown, 0);
    ck_assert_int_eq(err.column, 0);
}
END_TEST


START_TEST(rule_that_says_it_twice_is_refused_at_the_second)
{
    sc_rules_error_t  err;

    rules_check_case(&rules_twofold[_i], &err);
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_uint_eq(err.unknown, 0);
}
END_TEST


START_TEST(wrong_expression_is_refused_with_its_pointer)
{
    sc_rules_error_t  err;

    rules_check_case(&rules_wrong[_i], &err);
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_uint_eq(err.unknown, 0);
}
END_TEST


START_TEST(text_that_is_not_json_is_refused)
{
    sc_rules_error_t  err;

    rules_refuse("", &err);
    ck_assert_uint_eq(err.syntax, 1);
    ck_assert_str_eq(err.pointer, "");

    rules_refuse("{\"a\":\"//a\"", &err);
    ck_assert_uint_eq(err.syntax, 1);
    ck_assert_ptr_nonnull(strstr(err.message, "line 1, column 10"));

    rules_refuse("{\"a\":\"//a\"} x\n\x01", &err);
    ck_assert_ptr_null(strpbrk(err.message, "\n\x01"));

    rules_refuse("{\"a\":\"\xff\"}", &err);
    rules_refuse("{\"a\":\"//a\\u0000\"}", &err);
    rules_refuse("\"//a\"", &err);
    ck_assert_uint_eq(err.syntax, 1);
}
END_TEST


START_TEST(duplicate_key_is_refused)
{
    sc_rules_error_t  err;

    rules_refuse("{\"a\":\"//a\",\"a\":\"//b\"}", &err);
    ck_assert_uint_eq(err.syntax, 1);
    ck_assert_ptr_nonnull(strstr(err.message, "duplicate"));
}
END_TEST


/* fields "f0", "f1" and so on, of one level */

static char *
rules_wide(int n)
{
    int       i;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    for (i = 0; i < n; i++) {
        sc_buf_printf(&b, "%c\"f%d\":\"//a[%d]\"", i == 0 ? '{' : ',', i, i);
    }

    sc_buf_add_cstr(&b, "}");
    ck_assert_int_eq(b.failed, 0);

    return b.data;
}


START_TEST(set_has_at_most_its_limit_of_fields)
{
    char              *text;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    text = rules_wide(SC_RULES_MAX_FIELDS);
    rules = rules_accept(text);
    ck_assert_uint_eq(rules->nfields, SC_RULES_MAX_FIELDS);
    sc_rules_free(rules);
    free(text);

    text = rules_wide(SC_RULES_MAX_FIELDS + 1);
    rules_refuse(text, &err);
    ck_assert_str_eq(err.message, "more than 1000 fields");
    ck_assert_str_eq(err.pointer, "/f1000");
    ck_assert_str_eq(err.field, "f1000");
    ck_assert_uint_eq(err.syntax, 0);
    free(text);

    text = rules_wide(10 * SC_RULES_MAX_FIELDS);
    rules_refuse(text, &err);
    ck_assert_str_eq(err.pointer, "/f1000");
    free(text);
}
END_TEST


static char *
rules_deep(int n)
{
    int       i;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    for (i = 0; i < n; i++) {
        sc_buf_add_cstr(&b, "{\"o\":{\"each\":\".//li\",\"fields\":");
    }

    sc_buf_add_cstr(&b, "{\"a\":\".\"}");

    for (i = 0; i < n; i++) {
        sc_buf_add_cstr(&b, "}}");
    }

    ck_assert_int_eq(b.failed, 0);

    return b.data;
}


START_TEST(set_is_at_most_its_limit_deep)
{
    char              *text;
    sc_rules_error_t   err;

    text = rules_deep(SC_RULES_MAX_DEPTH);
    sc_rules_free(rules_accept(text));
    free(text);

    text = rules_deep(SC_RULES_MAX_DEPTH + 1);
    rules_refuse(text, &err);
    ck_assert_str_eq(err.message,
                     "fields are nested more than 16 levels deep");
    ck_assert_uint_eq(err.syntax, 0);
    ck_assert_uint_eq(strlen(err.pointer), strlen("/o/fields") * 16 + 2);
    free(text);
}
END_TEST


START_TEST(long_names_and_values_are_cut_between_characters)
{
    int                i;
    sc_buf_t           b;
    sc_rules_error_t   err;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "{\"~");

    for (i = 0; i < 600; i++) {
        sc_buf_add_cstr(&b, "\xc3\xa9");
    }

    sc_buf_add_cstr(&b, "\":\"//a");

    for (i = 0; i < 600; i++) {
        sc_buf_add_cstr(&b, "\xe2\x82\xac");
    }

    sc_buf_add_cstr(&b, "[\"}");
    rules_refuse(b.data, &err);
    sc_buf_free(&b);

    ck_assert_uint_eq(strlen(err.pointer), 511);
    ck_assert_mem_eq(err.pointer, "/~0\xc3\xa9", 5);

    ck_assert_uint_ge(strlen(err.field), 120);
    ck_assert_str_eq(err.field + strlen(err.field) - 5, "\xc3\xa9...");

    ck_assert_mem_eq(err.message, "invalid XPath \"//a\xe2\x82\xac", 21);
    ck_assert_ptr_nonnull(strstr(err.message,
                                 "\xe2\x82\xac...\": invalid expression"));
}
END_TEST


START_TEST(escape_in_a_cut_pointer_stays_whole)
{
    char               text[1024];
    sc_rules_error_t   err;

    memset(text, '~', sizeof(text));

    memcpy(text, "{\"", 2);
    memcpy(text + 600, "\":1}", 5);
    rules_refuse(text, &err);

    ck_assert_uint_eq(strlen(err.pointer), 511);
    ck_assert_str_eq(err.pointer + 509, "~0");

    text[2] = 'a';
    rules_refuse(text, &err);

    ck_assert_uint_eq(strlen(err.pointer), 510);
    ck_assert_str_eq(err.pointer + 508, "~0");
}
END_TEST


START_TEST(nothing_is_freed_without_harm)
{
    sc_rules_error_t  err;

    sc_rules_free(NULL);

    ck_assert_ptr_null(sc_rules_parse(NULL, &err));
    ck_assert_uint_eq(err.syntax, 1);
}
END_TEST


#define rules_count(table)  (int) (sizeof(table) / sizeof(table[0]))


static void
rules_add_tests(Suite *suite)
{
    TCase  *tc;

    tc = tcase_create("rules");

    tcase_add_test(tc, wrapped_set_may_have_no_fields);
    tcase_add_test(tc, every_kind_of_field_is_understood);
    tcase_add_test(tc, bare_map_and_wrapped_form_are_one_set);
    tcase_add_test(tc, field_may_be_called_fields);
    tcase_add_test(tc, hash_is_the_sha256_of_the_canonical_json);
    tcase_add_test(tc, canonical_json_is_its_own_canonical_json);
    tcase_add_test(tc, fields_are_numbered_parents_first);
    tcase_add_test(tc, default_may_be_null);
    tcase_add_loop_test(tc, unknown_key_is_refused_with_its_pointer, 0,
                        rules_count(rules_unknown));
    tcase_add_loop_test(tc, set_without_its_shape_is_refused, 0,
                        rules_count(rules_misshapen));
    tcase_add_loop_test(tc, wrong_expression_is_refused_with_its_pointer, 0,
                        rules_count(rules_wrong));
    tcase_add_loop_test(tc, rule_that_says_it_twice_is_refused_at_the_second,
                        0, rules_count(rules_twofold));
    tcase_add_test(tc, text_that_is_not_json_is_refused);
    tcase_add_test(tc, duplicate_key_is_refused);
    tcase_add_test(tc, set_has_at_most_its_limit_of_fields);
    tcase_add_test(tc, set_is_at_most_its_limit_deep);
    tcase_add_test(tc, long_names_and_values_are_cut_between_characters);
    tcase_add_test(tc, escape_in_a_cut_pointer_stays_whole);
    tcase_add_test(tc, nothing_is_freed_without_harm);

    suite_add_tcase(suite, tc);
}


int
main(void)
{
    Suite  *suite;

    suite = suite_create("rules");
    rules_add_tests(suite);

    return suite_run_all(suite);
}
