
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "common/jsonpath/sc_jsonpath.h"
#include "tests/support/suite.h"


#define COUNT(list)  (sizeof(list) / sizeof(list[0]))
#define STEPS        100000


/* a path, the value it is walked over, the array of what it finds */

typedef struct {
    const char  *path;
    const char  *root;
    const char  *found;
} jsonpath_case_t;


typedef struct {
    const char  *path;
    int          column;
    const char  *message;
} jsonpath_wrong_t;


/* RFC 9535, figure 1 */

#define STORE  "{\"store\": {\"book\": ["                                    \
    "{\"category\": \"reference\", \"author\": \"Nigel Rees\","               \
    " \"title\": \"Sayings of the Century\", \"price\": 8.95},"               \
    "{\"category\": \"fiction\", \"author\": \"Evelyn Waugh\","               \
    " \"title\": \"Sword of Honour\", \"price\": 12.99},"                     \
    "{\"category\": \"fiction\", \"author\": \"Herman Melville\","            \
    " \"title\": \"Moby Dick\", \"isbn\": \"0-553-21311-3\","                 \
    " \"price\": 8.99},"                                                      \
    "{\"category\": \"fiction\", \"author\": \"J. R. R. Tolkien\","           \
    " \"title\": \"The Lord of the Rings\","                                  \
    " \"isbn\": \"0-395-19395-8\", \"price\": 22.99}],"                       \
    " \"bicycle\": {\"color\": \"red\", \"price\": 399}}}"


/* section 1.5, table 2; of a book that is found whole, its title */

static const jsonpath_case_t  jsonpath_store[] = {
    { "$.store.book[*].author", STORE,
      "[\"Nigel Rees\", \"Evelyn Waugh\", \"Herman Melville\","
      " \"J. R. R. Tolkien\"]" },
    { "$..author", STORE,
      "[\"Nigel Rees\", \"Evelyn Waugh\", \"Herman Melville\","
      " \"J. R. R. Tolkien\"]" },
    { "$.store..price", STORE, "[8.95, 12.99, 8.99, 22.99, 399]" },
    { "$..book[2].title", STORE, "[\"Moby Dick\"]" },
    { "$..book[2].author", STORE, "[\"Herman Melville\"]" },
    { "$..book[2].publisher", STORE, "[]" },
    { "$..book[-1].title", STORE, "[\"The Lord of the Rings\"]" },
    { "$..book[0,1].title", STORE,
      "[\"Sayings of the Century\", \"Sword of Honour\"]" },
    { "$..book[:2].title", STORE,
      "[\"Sayings of the Century\", \"Sword of Honour\"]" },
    { "$..book[?@.isbn].title", STORE,
      "[\"Moby Dick\", \"The Lord of the Rings\"]" },
    { "$..book[?@.price<10].title", STORE,
      "[\"Sayings of the Century\", \"Moby Dick\"]" },
    { "$.store.*.color", STORE, "[\"red\"]" },
    { "$.store.book[?@.price < $.store.bicycle.price].price", STORE,
      "[8.95, 12.99, 8.99, 22.99]" }
};


#define NAMES    "{\"o\": {\"j j\": {\"k.k\": 3}}, \"'\": {\"@\": 2}}"
#define MIXED    "{\"o\": {\"j\": 1, \"k\": 2}, \"a\": [5, 3]}"
#define LETTERS  "[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]"
#define DEEP     "{\"o\": {\"j\": 1, \"k\": 2},"                              \
                 " \"a\": [5, 3, [{\"j\": 4}, {\"k\": 6}]]}"


/* the example tables of sections 2.2 to 2.3.4, and of 2.5 and 2.6 */

static const jsonpath_case_t  jsonpath_examples[] = {
    { "$", "{\"k\": \"v\"}", "[{\"k\": \"v\"}]" },

    { "$.o['j j']", NAMES, "[{\"k.k\": 3}]" },
    { "$.o['j j']['k.k']", NAMES, "[3]" },
    { "$.o[\"j j\"][\"k.k\"]", NAMES, "[3]" },
    { "$[\"'\"][\"@\"]", NAMES, "[2]" },

    { "$[*]", MIXED, "[{\"j\": 1, \"k\": 2}, [5, 3]]" },
    { "$.o[*]", MIXED, "[1, 2]" },
    { "$.o[*, *]", MIXED, "[1, 2, 1, 2]" },
    { "$.a[*]", MIXED, "[5, 3]" },

    { "$[1]", "[\"a\", \"b\"]", "[\"b\"]" },
    { "$[-2]", "[\"a\", \"b\"]", "[\"a\"]" },

    { "$[1:3]", LETTERS, "[\"b\", \"c\"]" },
    { "$[5:]", LETTERS, "[\"f\", \"g\"]" },
    { "$[1:5:2]", LETTERS, "[\"b\", \"d\"]" },
    { "$[5:1:-2]", LETTERS, "[\"f\", \"d\"]" },
    { "$[::-1]", LETTERS,
      "[\"g\", \"f\", \"e\", \"d\", \"c\", \"b\", \"a\"]" },

    { "$[0, 3]", LETTERS, "[\"a\", \"d\"]" },
    { "$[0:2, 5]", LETTERS, "[\"a\", \"b\", \"f\"]" },
    { "$[0, 0]", LETTERS, "[\"a\", \"a\"]" },

    { "$..j", DEEP, "[1, 4]" },
    { "$..[0]", DEEP, "[5, {\"j\": 4}]" },
    { "$..[*]", DEEP,
      "[{\"j\": 1, \"k\": 2}, [5, 3, [{\"j\": 4}, {\"k\": 6}]], 1, 2, 5, 3,"
      " [{\"j\": 4}, {\"k\": 6}], {\"j\": 4}, {\"k\": 6}, 4, 6]" },
    { "$..*", DEEP,
      "[{\"j\": 1, \"k\": 2}, [5, 3, [{\"j\": 4}, {\"k\": 6}]], 1, 2, 5, 3,"
      " [{\"j\": 4}, {\"k\": 6}], {\"j\": 4}, {\"k\": 6}, 4, 6]" },
    { "$..o", DEEP, "[{\"j\": 1, \"k\": 2}]" },
    { "$.o..[*, *]", DEEP, "[1, 2, 1, 2]" },
    { "$.a..[0, 1]", DEEP, "[5, 3, {\"j\": 4}, {\"k\": 6}]" },

    { "$.a", "{\"a\": null, \"b\": [null], \"c\": [{}], \"null\": 1}",
      "[null]" },
    { "$.a[0]", "{\"a\": null, \"b\": [null]}", "[]" },
    { "$.a.d", "{\"a\": null, \"b\": [null]}", "[]" },
    { "$.b[0]", "{\"a\": null, \"b\": [null]}", "[null]" },
    { "$.b[*]", "{\"a\": null, \"b\": [null]}", "[null]" },
    { "$.b[?@]", "{\"a\": null, \"b\": [null]}", "[null]" },
    { "$.b[?@==null]", "{\"a\": null, \"b\": [null]}", "[null]" },
    { "$.c[?@.d==null]", "{\"c\": [{}]}", "[]" },
    { "$.null", "{\"null\": 1}", "[1]" }
};


static const jsonpath_case_t  jsonpath_selectors[] = {

    /* nothing is found where the kind of value does not fit */

    { "$.a", "[1]", "[]" },
    { "$[0]", "{\"0\": 1}", "[]" },
    { "$['0']", "[1]", "[]" },
    { "$[*]", "\"text\"", "[]" },
    { "$..a", "7", "[]" },
    { "$[1:2]", "{\"a\": 1}", "[]" },
    { "$[0:1]", "\"text\"", "[]" },

    /* indices and slices at and beyond the ends */

    { "$[7]", LETTERS, "[]" },
    { "$[-7]", LETTERS, "[\"a\"]" },
    { "$[-8]", LETTERS, "[]" },
    { "$[9007199254740991]", LETTERS, "[]" },
    { "$[-9007199254740991]", LETTERS, "[]" },
    { "$[::0]", LETTERS, "[]" },
    { "$[5:9007199254740991]", LETTERS, "[\"f\", \"g\"]" },
    { "$[-9007199254740991:1]", LETTERS, "[\"a\"]" },
    { "$[::9007199254740991]", LETTERS, "[\"a\"]" },
    { "$[::-9007199254740991]", LETTERS, "[\"g\"]" },
    { "$[100:4:-1]", LETTERS, "[\"g\", \"f\"]" },
    { "$[-2:]", LETTERS, "[\"f\", \"g\"]" },
    { "$[:-5]", LETTERS, "[\"a\", \"b\"]" },
    { "$[:-6:-1]", LETTERS, "[\"g\", \"f\", \"e\", \"d\", \"c\"]" },
    { "$[1:1]", LETTERS, "[]" },
    { "$[3:1]", LETTERS, "[]" },
    { "$[1:3:-1]", LETTERS, "[]" },
    { "$[:]", "[]", "[]" },
    { "$[::-1]", "[]", "[]" },
    { "$[ 1 : 4 : 2 ]", LETTERS, "[\"b\", \"d\"]" },
    { "$[1::]", "[1, 2]", "[2]" },

    /* blanks */

    { "$ \t\n\r.a [ 'b' , 'c' ] [0]", "{\"a\": {\"b\": [1], \"c\": [2]}}",
      "[1, 2]" },
    { "$\n[?\n@.a\n==\n1\n]", "[{\"a\": 1}]", "[{\"a\": 1}]" },

    /* names */

    { "$.a_1", "{\"a_1\": 1}", "[1]" },
    { "$.\xc3\xa9t\xc3\xa9", "{\"\xc3\xa9t\xc3\xa9\": 1}", "[1]" },
    { "$.\xf0\x9f\x98\x80", "{\"\xf0\x9f\x98\x80\": 1}", "[1]" },
    { "$['']", "{\"\": 1}", "[1]" },
    { "$['a','b']", "{\"b\": 1, \"a\": 2}", "[2, 1]" },
    { "$.true.null", "{\"true\": {\"null\": 1}}", "[1]" },
    { "$['\\b\\f\\n\\r\\t\\/\\\\']", "{\"\\b\\f\\n\\r\\t/\\\\\": 1}", "[1]" },
    { "$['\\'\"']", "{\"'\\\"\": 1}", "[1]" },
    { "$[\"'\\\"\"]", "{\"'\\\"\": 1}", "[1]" },
    { "$['\\u0041\\u00e9\\u20AC']", "{\"A\xc3\xa9\xe2\x82\xac\": 1}", "[1]" },
    { "$['\\uD83D\\ude00']", "{\"\xf0\x9f\x98\x80\": 1}", "[1]" },
    { "$['\x7f']", "{\"\x7f\": 1}", "[1]" },

    /* members keep their order, and a value may be found twice */

    { "$.*", "{\"z\": 1, \"a\": 2, \"m\": 3}", "[1, 2, 3]" },
    { "$['z', *]", "{\"z\": 1, \"a\": 2}", "[1, 1, 2]" },
    { "$..a..b", "{\"a\": {\"a\": {\"b\": 1}}}", "[1, 1]" },
    { "$..['a',1]", "[1, [2, 3], {\"a\": 4}]", "[[2, 3], 3, 4]" },

    /* without "$" */

    { "items[0].name", "{\"items\": [{\"name\": \"x\"}]}", "[\"x\"]" },
    { "items", "{\"items\": 1}", "[1]" },
    { "[1]", "[1, 2]", "[2]" },
    { ".a", "{\"a\": 1}", "[1]" },
    { "..a", "[{\"a\": 1}, {\"a\": 2}]", "[1, 2]" },
    { "*.a", "[{\"a\": 1}, {\"a\": 2}]", "[1, 2]" },
    { "length", "{\"length\": 1}", "[1]" }
};


static const jsonpath_wrong_t  jsonpath_wrong[] = {
    { "", 1, "expected \"$\" or a name, got the end" },
    { " $", 1, "expected \"$\" or a name, got \" \"" },
    { "$ ", 2, "expected \".\", \"[\" or the end, got \" \"" },
    { "$.a\n", 4, "expected \".\", \"[\" or the end, got \"\\u000a\"" },
    { "@.a", 1, "expected \"$\" or a name, got \"@\"" },
    { "1", 1, "expected \"$\" or a name, got \"1\"" },
    { "$a", 2, "expected \".\", \"[\" or the end, got \"a\"" },
    { "$.", 3, "expected a name or \"*\", got the end" },
    { "$..", 4, "expected a name, \"*\" or \"[\", got the end" },
    { "$...a", 4, "expected a name, \"*\" or \"[\", got \".\"" },
    { "$. a", 3, "expected a name or \"*\", got \" \"" },
    { "$.1", 3, "expected a name or \"*\", got \"1\"" },
    { "$.'a'", 3, "expected a name or \"*\", got \"'\"" },
    { "$.a-b", 4, "expected \".\", \"[\" or the end, got \"-\"" },
    { "$[", 3, "expected a quoted name, an index, \"*\" or \"?\","
      " got the end" },
    { "$[]", 3, "expected a quoted name, an index, \"*\" or \"?\","
      " got \"]\"" },
    { "$[name]", 3, "expected a quoted name, an index, \"*\" or \"?\","
      " got \"name\"" },
    { "$[0,]", 5, "expected a quoted name, an index, \"*\" or \"?\","
      " got \"]\"" },
    { "$[0 1]", 5, "expected \",\" or \"]\", got \"1\"" },
    { "$[0", 4, "expected \",\" or \"]\", got the end" },
    { "$[1:2:3:4]", 8, "expected \",\" or \"]\", got \":\"" },
    { "$[1.0]", 4, "expected \",\" or \"]\", got \".\"" },
    { "$[01]", 3, "\"01\" is not how an integer is written" },
    { "$[-0]", 3, "\"-0\" is not how an integer is written" },
    { "$[1:-01]", 5, "\"-01\" is not how an integer is written" },
    { "$[-]", 4, "expected a digit, got \"]\"" },
    { "$[9007199254740992]", 3,
      "\"9007199254740992\" is beyond the integers of a path" },
    { "$[::-9007199254740992]", 5,
      "\"-9007199254740992\" is beyond the integers of a path" },
    { "$[99999999999999999999999999999999999999999999999999]", 3,
      "\"9999999999999999999999999999999999999999\" is beyond the integers"
      " of a path" },
    { "$['a]", 3, "the string lacks its end" },
    { "$['a\\", 3, "the string lacks its end" },
    { "$['a\\']", 3, "the string lacks its end" },
    { "$['\\a']", 5, "expected an escape after \"\\\", got \"a\"" },
    { "$['\\\"']", 5, "expected an escape after \"\\\", got \"\"\"" },
    { "$[\"\\'\"]", 5, "expected an escape after \"\\\", got \"'\"" },
    { "$['a\tb']", 5, "expected the control as an escape, got \"\\u0009\"" },
    { "$['\\u12g4']", 8, "expected four hexadecimal digits, got \"g4\"" },
    { "$['\\u12']", 8, "expected four hexadecimal digits, got \"'\"" },
    { "$['\\ud800']", 4, "\"\\ud800\" is half of a pair of surrogates" },
    { "$['\\udc00']", 4, "\"\\udc00\" is half of a pair of surrogates" },
    { "$['\\ud800\\u0041']", 4, "\"\\ud800\" is half of a pair of"
      " surrogates" },
    { "$['\\ud800\\ug']", 12, "expected four hexadecimal digits, got \"g\"" },
    { "$.\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!", 6,
      "expected \".\", \"[\" or the end, got \"!\"" },
    { "$.\xc3\xa9\xff", 4, "the byte \"0xff\" is not UTF-8 here" },
    { "$.\xed\xa0\x80", 3, "the byte \"0xed\" is not UTF-8 here" },
    { "$.a\xc3", 4, "the byte \"0xc3\" is not UTF-8 here" }
};


static int
jsonpath_collect(void *data, json_t *value)
{
    return json_array_append(data, value) == 0 ? SC_OK : SC_ERROR;
}


static void
jsonpath_check(const jsonpath_case_t *c)
{
    char                 *text;
    size_t                steps;
    json_t               *root, *expected, *found;
    sc_jsonpath_t        *path;
    sc_jsonpath_error_t   err;

    steps = STEPS;
    root = json_loads(c->root, JSON_DECODE_ANY, NULL);
    expected = json_loads(c->found, 0, NULL);
    found = json_array();
    ck_assert_ptr_nonnull(root);
    ck_assert_ptr_nonnull(expected);

    memset(&err, 0, sizeof(err));
    path = sc_jsonpath_compile(c->path, strlen(c->path), &err);
    ck_assert_msg(path != NULL, "%s: %s", c->path, err.message);

    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_OK);

    text = json_dumps(found, 0);
    ck_assert_msg(json_equal(found, expected), "%s: %s", c->path, text);

    free(text);
    sc_jsonpath_free(path);
    json_decref(found);
    json_decref(expected);
    json_decref(root);
}


START_TEST(bookstore_of_the_rfc_answers_as_printed)
{
    jsonpath_check(&jsonpath_store[_i]);
}
END_TEST


START_TEST(every_node_of_the_bookstore_is_below_its_root)
{
    jsonpath_case_t  all;

    all = (jsonpath_case_t) { "$[?count(@..*) == 27]", "[" STORE "]",
                              "[" STORE "]" };
    jsonpath_check(&all);
}
END_TEST


START_TEST(example_of_the_rfc_answers_as_printed)
{
    jsonpath_check(&jsonpath_examples[_i]);
}
END_TEST


START_TEST(selector_finds_what_it_names_in_order)
{
    jsonpath_check(&jsonpath_selectors[_i]);
}
END_TEST


START_TEST(wrong_path_is_refused_with_its_column)
{
    sc_jsonpath_error_t      err;
    const jsonpath_wrong_t  *c;

    c = &jsonpath_wrong[_i];

    ck_assert_ptr_null(sc_jsonpath_compile(c->path, strlen(c->path), &err));
    ck_assert_str_eq(err.message, c->message);
    ck_assert_int_eq(err.column, c->column);
}
END_TEST


START_TEST(wrong_path_is_refused_without_anybody_to_tell)
{
    ck_assert_ptr_null(sc_jsonpath_compile("$[", 2, NULL));
    sc_jsonpath_free(NULL);
}
END_TEST


START_TEST(nul_in_a_path_is_no_end_of_it)
{
    sc_jsonpath_error_t  err;

    ck_assert_ptr_null(sc_jsonpath_compile("$.a\0.b", 6, &err));
    ck_assert_int_eq(err.column, 4);
    ck_assert_ptr_null(sc_jsonpath_compile("$[0]\0", 5, &err));
    ck_assert_int_eq(err.column, 5);
    ck_assert_ptr_null(sc_jsonpath_compile("$['a\0']", 7, &err));
    ck_assert_int_eq(err.column, 5);
}
END_TEST


START_TEST(escaped_nul_is_part_of_a_name)
{
    size_t          steps;
    json_t         *root, *found;
    sc_jsonpath_t  *path;

    steps = STEPS;
    found = json_array();
    root = json_object();
    json_object_setn_new(root, "a\0b", 3, json_integer(1));
    json_object_set_new(root, "a", json_integer(2));

    path = sc_jsonpath_compile("$['a\\u0000b']", 13, NULL);
    ck_assert_ptr_nonnull(path);
    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_OK);
    ck_assert_uint_eq(json_array_size(found), 1);
    ck_assert_int_eq(json_integer_value(json_array_get(found, 0)), 1);

    sc_jsonpath_free(path);
    json_decref(found);
    json_decref(root);
}
END_TEST


START_TEST(every_cut_of_a_path_is_refused_or_works)
{
    char                 *cut;
    size_t                n, steps;
    json_t               *root, *found;
    sc_jsonpath_t        *path;
    static const char     text[] = "$..a['\\u00e9\\ud83d\\ude00',-1,1:2:3]"
                                   "[?!(@.b<=-1.5e3||match(@.c,'\xc3\xa9.'))"
                                   "&&count($..*)!=length('x')]";

    root = json_pack("{s:[{s:i}]}", "a", "b", 1);
    found = json_array();

    for (n = 0; n < sizeof(text); n++) {
        cut = malloc(n > 0 ? n : 1);
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, text, n);
        path = sc_jsonpath_compile(cut, n, NULL);
        free(cut);

        if (path != NULL) {
            steps = STEPS;
            ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps,
                                              jsonpath_collect, found),
                             SC_OK);
            sc_jsonpath_free(path);
        }
    }

    json_decref(found);
    json_decref(root);
}
END_TEST


static int
jsonpath_enough(void *data, json_t *value)
{
    (void) value;

    return (--*(int *) data > 0) ? SC_OK : 77;
}


START_TEST(callback_ends_the_walk_with_its_own_result)
{
    int             want;
    size_t          steps;
    json_t         *root;
    sc_jsonpath_t  *path;

    want = 2;
    steps = STEPS;
    root = json_loads(LETTERS, 0, NULL);
    path = sc_jsonpath_compile("$[*]", 4, NULL);

    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_enough,
                                      &want), 77);
    ck_assert_int_eq(want, 0);
    ck_assert_uint_eq(steps, STEPS - 3);

    sc_jsonpath_free(path);
    json_decref(root);
}
END_TEST


START_TEST(walk_ends_when_its_steps_are_used_up)
{
    size_t          steps;
    json_t         *root, *found;
    sc_jsonpath_t  *path;

    root = json_loads(LETTERS, 0, NULL);
    found = json_array();
    path = sc_jsonpath_compile("$[*]", 4, NULL);

    steps = 8;
    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_OK);
    ck_assert_uint_eq(steps, 0);
    ck_assert_uint_eq(json_array_size(found), 7);

    json_array_clear(found);
    steps = 7;
    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_ERROR);
    ck_assert_uint_eq(steps, 0);
    ck_assert_uint_eq(json_array_size(found), 6);

    steps = 0;
    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_ERROR);

    sc_jsonpath_free(path);
    json_decref(found);
    json_decref(root);
}
END_TEST


START_TEST(segments_that_multiply_are_held_by_the_steps)
{
    size_t              steps;
    json_t             *root, *found;
    sc_jsonpath_t      *path;
    static const char   text[] = "$[*,*,*,*][*,*,*,*][*,*,*,*][*,*,*,*]"
                                 "[*,*,*,*][*,*,*,*][*,*,*,*][*,*,*,*]"
                                 "..*..*..*";

    root = json_loads("[[[[[[[[[[[[1]]]]]]]]]]]]", 0, NULL);
    found = json_array();
    path = sc_jsonpath_compile(text, sizeof(text) - 1, NULL);

    steps = STEPS;
    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_ERROR);
    ck_assert_uint_eq(steps, 0);

    sc_jsonpath_free(path);
    json_decref(found);
    json_decref(root);
}
END_TEST


/* arrays in arrays, depth of them, around a 7 */

static json_t *
jsonpath_nest(int depth)
{
    json_t  *outer, *inner;

    inner = json_integer(7);

    while (depth-- > 0) {
        outer = json_array();
        json_array_append_new(outer, inner);
        inner = outer;
    }

    return inner;
}


START_TEST(deepest_value_that_can_be_read_is_walked)
{
    size_t          steps;
    json_t         *root, *found;
    sc_jsonpath_t  *path;

    root = jsonpath_nest(2047);
    found = json_array();
    path = sc_jsonpath_compile("$..[?@ == 7]", 12, NULL);

    steps = STEPS;
    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_OK);
    ck_assert_uint_eq(json_array_size(found), 1);

    sc_jsonpath_free(path);
    json_decref(found);
    json_decref(root);
}
END_TEST


START_TEST(filters_over_deep_values_do_not_exhaust_the_stack)
{
    size_t              steps;
    json_t             *root, *found;
    sc_jsonpath_t      *path;
    static const char   text[] = "$..[?$..[?$..[?$..[?$..[?@ == 1]]]]]";

    root = jsonpath_nest(2047);
    found = json_array();
    path = sc_jsonpath_compile(text, sizeof(text) - 1, NULL);
    ck_assert_ptr_nonnull(path);

    steps = (size_t) STEPS * 1000;
    ck_assert_int_eq(sc_jsonpath_eval(path, root, &steps, jsonpath_collect,
                                      found), SC_ERROR);
    ck_assert_uint_gt(steps, 0);

    sc_jsonpath_free(path);
    json_decref(found);
    json_decref(root);
}
END_TEST


static void
jsonpath_add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, bookstore_of_the_rfc_answers_as_printed, 0,
                        COUNT(jsonpath_store));
    tcase_add_test(tc, every_node_of_the_bookstore_is_below_its_root);
    tcase_add_loop_test(tc, example_of_the_rfc_answers_as_printed, 0,
                        COUNT(jsonpath_examples));
    tcase_add_loop_test(tc, selector_finds_what_it_names_in_order, 0,
                        COUNT(jsonpath_selectors));
    tcase_add_loop_test(tc, wrong_path_is_refused_with_its_column, 0,
                        COUNT(jsonpath_wrong));
    tcase_add_test(tc, wrong_path_is_refused_without_anybody_to_tell);
    tcase_add_test(tc, nul_in_a_path_is_no_end_of_it);
    tcase_add_test(tc, escaped_nul_is_part_of_a_name);
    tcase_add_test(tc, every_cut_of_a_path_is_refused_or_works);
    tcase_add_test(tc, callback_ends_the_walk_with_its_own_result);
    tcase_add_test(tc, walk_ends_when_its_steps_are_used_up);
    tcase_add_test(tc, segments_that_multiply_are_held_by_the_steps);
    tcase_add_test(tc, deepest_value_that_can_be_read_is_walked);
    tcase_add_test(tc, filters_over_deep_values_do_not_exhaust_the_stack);
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("jsonpath");
    tc = tcase_create("jsonpath");
    tcase_set_timeout(tc, 60);

    jsonpath_add_tests(tc);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
