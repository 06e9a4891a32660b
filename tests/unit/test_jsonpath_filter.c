
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "common/jsonpath/sc_jsonpath.h"
#include "tests/support/suite.h"


#define COUNT(list)  (sizeof(list) / sizeof(list[0]))
#define STEPS        100000


/* an expression, the value that is "$", and whether the expression holds */

typedef struct {
    const char  *expr;
    const char  *root;
    int          holds;
} filter_truth_t;


/* a path, the value it is walked over, the array of what it finds */

typedef struct {
    const char  *path;
    const char  *root;
    const char  *found;
} filter_case_t;


typedef struct {
    const char  *path;
    int          column;
    const char  *message;
} filter_wrong_t;


#define COMPARED  "{\"obj\": {\"x\": \"y\"}, \"arr\": [2, 3]}"


static const filter_truth_t  filter_truths[] = {

    /* RFC 9535, table 11 */

    { "$.absent1 == $.absent2", COMPARED, 1 },
    { "$.absent1 <= $.absent2", COMPARED, 1 },
    { "$.absent == 'g'", COMPARED, 0 },
    { "$.absent1 != $.absent2", COMPARED, 0 },
    { "$.absent != 'g'", COMPARED, 1 },
    { "1 <= 2", COMPARED, 1 },
    { "1 > 2", COMPARED, 0 },
    { "13 == '13'", COMPARED, 0 },
    { "'a' <= 'b'", COMPARED, 1 },
    { "'a' > 'b'", COMPARED, 0 },
    { "$.obj == $.arr", COMPARED, 0 },
    { "$.obj != $.arr", COMPARED, 1 },
    { "$.obj == $.obj", COMPARED, 1 },
    { "$.obj != $.obj", COMPARED, 0 },
    { "$.arr == $.arr", COMPARED, 1 },
    { "$.arr != $.arr", COMPARED, 0 },
    { "$.obj == 17", COMPARED, 0 },
    { "$.obj != 17", COMPARED, 1 },
    { "$.obj <= $.arr", COMPARED, 0 },
    { "$.obj < $.arr", COMPARED, 0 },
    { "$.obj <= $.obj", COMPARED, 1 },
    { "$.arr <= $.arr", COMPARED, 1 },
    { "1 <= $.arr", COMPARED, 0 },
    { "1 >= $.arr", COMPARED, 0 },
    { "1 > $.arr", COMPARED, 0 },
    { "1 < $.arr", COMPARED, 0 },
    { "true <= true", COMPARED, 1 },
    { "true > true", COMPARED, 0 },

    /* Nothing is equal to nothing but itself, and null is a value */

    { "$.absent == null", COMPARED, 0 },
    { "$.absent >= $.missing", COMPARED, 1 },
    { "$.absent < $.missing", COMPARED, 0 },
    { "$.absent < 1", COMPARED, 0 },
    { "$.absent == false", COMPARED, 0 },
    { "length(1) == $.absent", COMPARED, 1 },
    { "length(1) == length(null)", COMPARED, 1 },
    { "value($.*) == $.absent", COMPARED, 1 },
    { "count($.absent) == $.absent", COMPARED, 0 },

    /* literals of different types */

    { "null == null", COMPARED, 1 },
    { "null <= null", COMPARED, 1 },
    { "null < null", COMPARED, 0 },
    { "null == false", COMPARED, 0 },
    { "null == 0", COMPARED, 0 },
    { "true == 1", COMPARED, 0 },
    { "true != false", COMPARED, 1 },
    { "false < true", COMPARED, 0 },
    { "'' == null", COMPARED, 0 },
    { "'1' < 2", COMPARED, 0 },

    /* numbers are what they are worth */

    { "1 == 1.0", COMPARED, 1 },
    { "100 == 1e2", COMPARED, 1 },
    { "100 == 1E+2", COMPARED, 1 },
    { "0.5 == 5e-1", COMPARED, 1 },
    { "-0 == 0", COMPARED, 1 },
    { "-0.0 == 0", COMPARED, 1 },
    { "-1 < 0.5", COMPARED, 1 },
    { "2 >= 2.0", COMPARED, 1 },
    { "9007199254740993 > 9007199254740992", COMPARED, 1 },
    { "9223372036854775807 < 9223372036854775808", COMPARED, 1 },
    { "123456789012345678901234567890 > 1e29", COMPARED, 1 },

    /* strings are ordered by their characters */

    { "'' < 'a'", COMPARED, 1 },
    { "'a' < 'ab'", COMPARED, 1 },
    { "'ab' > 'a'", COMPARED, 1 },
    { "'Z' < 'a'", COMPARED, 1 },
    { "'\\uffff' < '\\ud83d\\ude00'", COMPARED, 1 },
    { "'a\\u0000b' == 'a\\u0000c'", COMPARED, 0 },
    { "'a' == \"a\"", COMPARED, 1 },
    { "'\\u00e9' == '\xc3\xa9'", COMPARED, 1 },

    /* objects and arrays are compared by their parts */

    { "$.a == $.b", "{\"a\": {\"x\": 1, \"y\": [1]},"
      " \"b\": {\"y\": [1.0], \"x\": 1.0}}", 1 },
    { "$.a == $.b", "{\"a\": {\"x\": 1}, \"b\": {\"y\": 1}}", 0 },
    { "$.a == $.b", "{\"a\": {\"x\": 1}, \"b\": {\"x\": 1, \"y\": 1}}", 0 },
    { "$.a == $.b", "{\"a\": [1, 2], \"b\": [2, 1]}", 0 },
    { "$.a == $.b", "{\"a\": [1], \"b\": [1, 1]}", 0 },
    { "$.a == $.b", "{\"a\": [], \"b\": {}}", 0 },
    { "$.a == $.b", "{\"a\": [null, true, \"s\"],"
      " \"b\": [null, true, \"s\"]}", 1 },
    { "$.a <= $.b", "{\"a\": [1], \"b\": [2]}", 0 },

    /* singular queries */

    { "$['a'][0] == 5", "{\"a\": [5]}", 1 },
    { "$.a[-1] == 5", "{\"a\": [4, 5]}", 1 },
    { "$ .a [ 0 ] == 5", "{\"a\": [5]}", 1 },

    /* existence is not truth */

    { "$.a", "{\"a\": false}", 1 },
    { "$.a", "{\"a\": null}", 1 },
    { "!$.a", "{\"a\": null}", 0 },
    { "!$.b", "{\"a\": null}", 1 },
    { "$..b", "{\"a\": [{\"b\": 0}]}", 1 },
    { "$.*.*", "{\"a\": []}", 0 },
    { "$", "{\"a\": 1}", 1 },

    /* "&&" before "||", "!" before both */

    { "1==1 || 1==2 && 1==2", COMPARED, 1 },
    { "(1==1 || 1==2) && 1==2", COMPARED, 0 },
    { "1==2 && 1==2 || 1==1", COMPARED, 1 },
    { "!(1==1) || 1==2", COMPARED, 0 },
    { "!(1==1 && 1==2)", COMPARED, 1 },
    { "! ( 1 == 2 )", COMPARED, 1 },
    { "!$.absent && $.obj", COMPARED, 1 },
    { "1==1&&2==2&&3==3&&4==5", COMPARED, 0 },
    { "1==2||2==3||3==4||4==4", COMPARED, 1 },
    { "((((1==1))))", COMPARED, 1 },

    /* length() */

    { "length($.a) == 2", "{\"a\": [1, 2]}", 1 },
    { "length($.a) == 1", "{\"a\": {\"x\": [1, 2]}}", 1 },
    { "length($.a) == 3", "{\"a\": \"\xc3\xa9\xe2\x82\xac"
      "\xf0\x9f\x98\x80\"}", 1 },
    { "length($.a) == 0", "{\"a\": \"\"}", 1 },
    { "length($.a) == 0", "{\"a\": 0}", 0 },
    { "length('abc') == 3", COMPARED, 1 },
    { "length($.obj) < length($.arr)", COMPARED, 1 },
    { "length(length('ab')) == $.absent", COMPARED, 1 },
    { "length(value($..x)) == 1", COMPARED, 1 },
    { "length( $.arr ) == 2", COMPARED, 1 },
    { "2 == length($.arr)", COMPARED, 1 },

    /* count() and value() */

    { "count($.*) == 2", COMPARED, 1 },
    { "count($..*) == 5", COMPARED, 1 },
    { "count($.absent) == 0", COMPARED, 1 },
    { "count($['arr','arr']) == 2", COMPARED, 1 },
    { "count($.arr) == 1", COMPARED, 1 },
    { "count($.*) > 1.5", COMPARED, 1 },
    { "count($.*) != '2'", COMPARED, 1 },
    { "value($..x) == 'y'", COMPARED, 1 },
    { "value($.arr[*]) == 2", COMPARED, 0 },
    { "value($.arr) == $.arr", COMPARED, 1 },

    /* match() is for the whole, search() for a part */

    { "match('abc', 'a.c')", COMPARED, 1 },
    { "match('abcd', 'a.c')", COMPARED, 0 },
    { "match('xabc', 'a.c')", COMPARED, 0 },
    { "search('xabcd', 'a.c')", COMPARED, 1 },
    { "search('xabd', 'a.c')", COMPARED, 0 },
    { "match('abc', 'ab|abc')", COMPARED, 1 },
    { "match('abc\\n', 'abc')", COMPARED, 0 },
    { "match('abc\\n', 'abc$')", COMPARED, 0 },
    { "!match('abc', 'abd')", COMPARED, 1 },
    { "match('', '')", COMPARED, 1 },
    { "match('a', '')", COMPARED, 0 },
    { "search('a', '')", COMPARED, 1 },
    { "match('\\ud83d\\ude00', '.')", COMPARED, 1 },
    { "match('\\u2028', '.')", COMPARED, 1 },
    { "match('\\n', '.')", COMPARED, 0 },
    { "match('\\r', '.')", COMPARED, 0 },
    { "match('\\u00c9', '\\\\p{Lu}')", COMPARED, 1 },
    { "match('\\u00e9', '\\\\p{Lu}')", COMPARED, 0 },
    { "match('\\u0436', '[\\u0430-\\u044f]')", COMPARED, 1 },
    { "match('a\\u0000b', 'a.b')", COMPARED, 1 },
    { "match('a.c', 'a\\\\.c')", COMPARED, 1 },
    { "match(1, '1')", COMPARED, 0 },
    { "match('1', 1)", COMPARED, 0 },
    { "match(null, 'null')", COMPARED, 0 },
    { "match($.absent, '.*')", COMPARED, 0 },
    { "search($.arr, '2')", COMPARED, 0 },
    { "match(value($..x), '[y]')", COMPARED, 1 },

    /* patterns of the document; what is wrong there matches nothing */

    { "match($.s, $.p)", "{\"s\": \"abc\", \"p\": \"a.c\"}", 1 },
    { "match($.s, $.p)", "{\"s\": \"abc\", \"p\": \"b\"}", 0 },
    { "search($.s, $.p)", "{\"s\": \"abc\", \"p\": \"b\"}", 1 },
    { "search($.s, $.p)", "{\"s\": \"abc\", \"p\": \"(\"}", 0 },
    { "!search($.s, $.p)", "{\"s\": \"abc\", \"p\": \"(\"}", 1 },
    { "search($.s, $.p)", "{\"s\": \"abc\", \"p\": [\"b\"]}", 0 },
    { "search($.s, $.p)", "{\"s\": \"abc\", \"p\": \"\\\\C\"}", 0 },
    { "search($.s, $.p)", "{\"s\": \"abc\", \"p\": \"(?i)[A-Z]\"}", 1 },
    { "search($.s, $.p)",
      "{\"s\": \"abc\", \"p\": \"(?i)[A-\\\\x{ffff}]\"}", 0 },
    { "search($.s, $.absent)", "{\"s\": \"abc\"}", 0 }
};


#define FILTERED  "{\"a\": [3, 5, 1, 2, 4, 6, {\"b\": \"j\"},"                \
    " {\"b\": \"k\"}, {\"b\": {}}, {\"b\": \"kilo\"}],"                       \
    " \"o\": {\"p\": 1, \"q\": 2, \"r\": 3, \"s\": 5, \"t\": {\"u\": 6}},"    \
    " \"e\": \"f\"}"

#define FILTERED_A  "[3, 5, 1, 2, 4, 6, {\"b\": \"j\"}, {\"b\": \"k\"},"      \
    " {\"b\": {}}, {\"b\": \"kilo\"}]"


static const filter_case_t  filter_cases[] = {

    /* RFC 9535, table 12 */

    { "$.a[?@.b == 'kilo']", FILTERED, "[{\"b\": \"kilo\"}]" },
    { "$.a[?(@.b == 'kilo')]", FILTERED, "[{\"b\": \"kilo\"}]" },
    { "$.a[?@>3.5]", FILTERED, "[5, 4, 6]" },
    { "$.a[?@.b]", FILTERED, "[{\"b\": \"j\"}, {\"b\": \"k\"}, {\"b\": {}},"
      " {\"b\": \"kilo\"}]" },
    { "$[?@.*]", FILTERED, "[" FILTERED_A ", {\"p\": 1, \"q\": 2, \"r\": 3,"
      " \"s\": 5, \"t\": {\"u\": 6}}]" },
    { "$[?@[?@.b]]", FILTERED, "[" FILTERED_A "]" },
    { "$.o[?@<3, ?@<3]", FILTERED, "[1, 2, 1, 2]" },
    { "$.a[?@<2 || @.b == \"k\"]", FILTERED, "[1, {\"b\": \"k\"}]" },
    { "$.a[?match(@.b, \"[jk]\")]", FILTERED,
      "[{\"b\": \"j\"}, {\"b\": \"k\"}]" },
    { "$.a[?search(@.b, \"[jk]\")]", FILTERED,
      "[{\"b\": \"j\"}, {\"b\": \"k\"}, {\"b\": \"kilo\"}]" },
    { "$.o[?@>1 && @<4]", FILTERED, "[2, 3]" },
    { "$.o[?@.u || @.x]", FILTERED, "[{\"u\": 6}]" },
    { "$.a[?@.b == $.x]", FILTERED, "[3, 5, 1, 2, 4, 6]" },
    { "$.a[?@ == @]", FILTERED, FILTERED_A },

    /* section 2.4 */

    { "$[?length(@.authors) >= 2].id",
      "[{\"id\": 1, \"authors\": [\"a\", \"b\"]},"
      " {\"id\": 2, \"authors\": [\"a\"]}, {\"id\": 3}]", "[1]" },
    { "$[?count(@.*.author) >= 2].id",
      "[{\"id\": 1, \"x\": {\"author\": 1}, \"y\": {\"author\": 2}},"
      " {\"id\": 2, \"x\": {\"author\": 1}}]", "[1]" },
    { "$[?match(@.date, \"1974-05-..\")].date",
      "[{\"date\": \"1974-05-11\"}, {\"date\": \"1974-05-1\"},"
      " {\"date\": \"1974-06-11\"}]", "[\"1974-05-11\"]" },
    { "$[?search(@.author, \"[BR]ob\")].author",
      "[{\"author\": \"Uncle Bob\"}, {\"author\": \"Robert\"},"
      " {\"author\": \"bob\"}]", "[\"Uncle Bob\", \"Robert\"]" },
    { "$[?value(@..color) == \"red\"].id",
      "[{\"id\": 1, \"color\": \"red\"}, {\"id\": 2, \"color\": \"blue\"},"
      " {\"id\": 3, \"x\": {\"color\": \"red\"}},"
      " {\"id\": 4, \"color\": \"red\", \"x\": {\"color\": \"red\"}}]",
      "[1, 3]" },

    /* filters in filters, beside other selectors, below descendants */

    { "$[?@.a[?@ > 1]].id", "[{\"id\": 1, \"a\": [1]},"
      " {\"id\": 2, \"a\": [1, 2]}]", "[2]" },
    { "$[0, ?@ > 1, -1]", "[1, 2]", "[1, 2, 2]" },
    { "$..[?@.k == 1].v", "{\"x\": [{\"k\": 1, \"v\": 2}],"
      " \"y\": {\"k\": 1, \"v\": 3}}", "[3, 2]" },
    { "$.items[?@.id == $.want].name", "{\"want\": 2, \"items\":"
      " [{\"id\": 1, \"name\": \"a\"}, {\"id\": 2, \"name\": \"b\"}]}",
      "[\"b\"]" },
    { "items[?@.id == 2].name", "{\"items\":"
      " [{\"id\": 1, \"name\": \"a\"}, {\"id\": 2, \"name\": \"b\"}]}",
      "[\"b\"]" },
    { "$[?@.a]", "\"text\"", "[]" },
    { "$[?!@.a]", "[1, {\"a\": 1}, {\"b\": 1}]", "[1, {\"b\": 1}]" },
    { "$[?@['a','b']]", "[{\"b\": 1}, {\"c\": 1}]", "[{\"b\": 1}]" },
    { "$[?@[1:]]", "[[1], [1, 2]]", "[[1, 2]]" }
};


#define TERM  "expected \"@\", \"$\", a literal or a function, got "


static const filter_wrong_t  filter_wrong[] = {
    { "$[?]", 4, TERM "\"]\"" },
    { "$[?", 4, TERM "the end" },
    { "$[?@.a", 7, "expected \",\" or \"]\", got the end" },
    { "$[?a]", 4, TERM "\"a\"" },
    { "$[?price < 10]", 4, TERM "\"price\"" },
    { "$[?@.a == b]", 11, TERM "\"b\"" },
    { "$[?@.a == True]", 11, TERM "\"True\"" },
    { "$[?@.a == trueish]", 11, TERM "\"trueish\"" },
    { "$[?@.a = 1]", 8, "expected \",\" or \"]\", got \"=\"" },
    { "$[?@.a === 1]", 10, TERM "\"=\"" },
    { "$[?@.a == 1 == 2]", 13, "expected \",\" or \"]\", got \"=\"" },
    { "$[?@.a == ]", 11, TERM "\"]\"" },
    { "$[?@.a == [1]]", 11, TERM "\"[\"" },
    { "$[?@.a == {}]", 11, TERM "\"{\"" },
    { "$[?@.a == 01]", 11, "\"01\" is not a number" },
    { "$[?@.a == 1.]", 11, "\"1.\" is not a number" },
    { "$[?@.a == .5]", 11, TERM "\".\"" },
    { "$[?@.a == +1]", 11, TERM "\"+\"" },
    { "$[?@.a == -]", 11, "\"-\" is not a number" },
    { "$[?@.a == 1e]", 11, "\"1e\" is not a number" },
    { "$[?@.a == 1e999]", 11, "\"1e999\" is not a number" },
    { "$[?@.a &&]", 10, TERM "\"]\"" },
    { "$[?@.a & @.b]", 8, "expected \",\" or \"]\", got \"&\"" },
    { "$[?@.a || ]", 11, TERM "\"]\"" },
    { "$[?&& @.a]", 4, TERM "\"&\"" },
    { "$[?(@.a]", 8, "expected \")\", got \"]\"" },
    { "$[?@.a)]", 7, "expected \",\" or \"]\", got \")\"" },
    { "$[?()]", 5, TERM "\")\"" },
    { "$[?!!@.a]", 5, TERM "\"!\"" },
    { "$[?!@.a == 1]", 9, "expected \",\" or \"]\", got \"=\"" },
    { "$[?(@.a) == 1]", 10, "expected \",\" or \"]\", got \"=\"" },
    { "$[?1 == (@.a)]", 9, TERM "\"(\"" },
    { "$[?1]", 4, "the literal \"1\" is compared to nothing" },
    { "$[?true]", 4, "the literal \"true\" is compared to nothing" },
    { "$[?@.a && 'x']", 11, "the literal \"'x'\" is compared to nothing" },
    { "$[?!null]", 5, "the literal \"null\" is compared to nothing" },
    { "$[?@.* == 1]", 4, "a query that may find more than one node has no"
      " \"value\"" },
    { "$[?1 == @..a]", 9, "a query that may find more than one node has no"
      " \"value\"" },
    { "$[?@['a','b'] == 1]", 4, "a query that may find more than one node"
      " has no \"value\"" },
    { "$[?@[0:1] == 1]", 4, "a query that may find more than one node has"
      " no \"value\"" },
    { "$[?@[?@.a] == 1]", 4, "a query that may find more than one node has"
      " no \"value\"" },
    { "$[?@.a[01] == 1]", 8, "\"01\" is not how an integer is written" },

    /* RFC 9535, section 2.4.9 */

    { "$[?length(@.*) < 3]", 11, "a query that may find more than one node"
      " has no \"value\"" },
    { "$[?count(1) == 1]", 10, "the argument of \"count\" is not a query" },
    { "$[?count(foo(@.*)) == 1]", 10, "there is no function \"foo\"" },
    { "$[?match(@.timezone, 'Europe/.*') == true]", 4,
      "the result of \"match\" has no value" },
    { "$[?value(@..color)]", 4,
      "the result of \"value\" is compared to nothing" },
    { "$[?bar(@.a)]", 4, "there is no function \"bar\"" },

    /* functions */

    { "$[?length()]", 11, TERM "\")\"" },
    { "$[?length(@.a, 1) == 1]", 14, "expected \")\", got \",\"" },
    { "$[?length(@.a]", 14, "expected \")\", got \"]\"" },
    { "$[?length (@.a) == 1]", 4, TERM "\"length\"" },
    { "$[?length(@.a)]", 4,
      "the result of \"length\" is compared to nothing" },
    { "$[?!count(@.a)]", 5, "the result of \"count\" is compared to nothing" },
    { "$[?length(match(@, 'a')) == 1]", 11,
      "the result of \"match\" has no value" },
    { "$[?length(@.a == 1) == 1]", 15, "expected \")\", got \"=\"" },
    { "$[?count(length(@)) == 1]", 10,
      "the argument of \"count\" is not a query" },
    { "$[?value('a') == 1]", 10, "the argument of \"value\" is not a query" },
    { "$[?match(@.a)]", 13, "expected \",\", got \")\"" },
    { "$[?match(@.*, 'a')]", 10, "a query that may find more than one node"
      " has no \"value\"" },
    { "$[?match(@.a, 'b', 'c')]", 18, "expected \")\", got \",\"" },
    { "$[?Length(@) == 1]", 4, TERM "\"Length\"" },
    { "$[?search(@.a, '(')]", 16,
      "the pattern \"(\" is wrong: missing closing parenthesis" },
    { "$[?@.\xc3\xa9 == 1 && match(@.a, 'x[')]", 27,
      "the pattern \"x[\" is wrong: missing terminating ] for character"
      " class" },
    { "$[?search(@.a, 'a\\n(')]", 16,
      "the pattern \"a\" is wrong: missing closing parenthesis" },
    { "$[?search(@.a, '(?i)[ -\\uff00]')]", 16,
      "the pattern \"(?i)[ -\xef\xbc\x80]\" is wrong: its ranges are too wide"
      " to ignore case" }
};


static int
filter_collect(void *data, json_t *value)
{
    return json_array_append(data, value) == 0 ? SC_OK : SC_ERROR;
}


/* What the path finds, as a new array; ends the test when it finds none. */

static json_t *
filter_walk(const char *text, json_t *root, size_t *steps, int *rc)
{
    json_t               *found;
    sc_jsonpath_t        *path;
    sc_jsonpath_error_t   err;

    memset(&err, 0, sizeof(err));
    path = sc_jsonpath_compile(text, strlen(text), &err);
    ck_assert_msg(path != NULL, "%s: %s", text, err.message);

    found = json_array();
    *rc = sc_jsonpath_eval(path, root, steps, filter_collect, found);
    sc_jsonpath_free(path);

    return found;
}


START_TEST(expression_holds_as_the_rfc_says)
{
    int                    rc;
    char                   text[256];
    size_t                 steps;
    json_t                *root, *found;
    const filter_truth_t  *c;

    c = &filter_truths[_i];
    steps = STEPS;
    root = json_loads(c->root, 0, NULL);
    (void) snprintf(text, sizeof(text), "$[?%s]", c->expr);

    found = filter_walk(text, root, &steps, &rc);
    ck_assert_int_eq(rc, SC_OK);
    ck_assert_msg(json_array_size(found)
                  == (c->holds ? json_object_size(root) : 0), "%s", text);

    json_decref(found);
    json_decref(root);
}
END_TEST


START_TEST(filter_finds_the_children_it_holds_for)
{
    int                   rc;
    char                 *text;
    size_t                steps;
    json_t               *root, *expected, *found;
    const filter_case_t  *c;

    c = &filter_cases[_i];
    steps = STEPS;
    root = json_loads(c->root, JSON_DECODE_ANY, NULL);
    expected = json_loads(c->found, 0, NULL);
    ck_assert_ptr_nonnull(expected);

    found = filter_walk(c->path, root, &steps, &rc);
    ck_assert_int_eq(rc, SC_OK);

    text = json_dumps(found, 0);
    ck_assert_msg(json_equal(found, expected), "%s: %s", c->path, text);

    free(text);
    json_decref(found);
    json_decref(expected);
    json_decref(root);
}
END_TEST


START_TEST(wrong_filter_is_refused_with_its_column)
{
    sc_jsonpath_error_t    err;
    const filter_wrong_t  *c;

    c = &filter_wrong[_i];

    ck_assert_ptr_null(sc_jsonpath_compile(c->path, strlen(c->path), &err));
    ck_assert_str_eq(err.message, c->message);
    ck_assert_int_eq(err.column, c->column);
}
END_TEST


/* n times open, the middle, n times close */

static size_t
filter_nest(char *out, size_t n, const char *open, const char *middle,
    const char *close)
{
    char    *p;
    size_t   i;

    p = out;
    *p = '\0';

    p += snprintf(p, 16, "$[?");

    for (i = 0; i < n; i++) {
        p += snprintf(p, 16, "%s", open);
    }

    p += snprintf(p, 16, "%s", middle);

    for (i = 0; i < n; i++) {
        p += snprintf(p, 16, "%s", close);
    }

    p += snprintf(p, 16, "]");

    return (size_t) (p - out);
}


START_TEST(nesting_stops_at_its_limit)
{
    char                 text[2048];
    size_t               len;
    sc_jsonpath_t       *path;
    sc_jsonpath_error_t  err;

    len = filter_nest(text, 63, "(", "@.a", ")");
    path = sc_jsonpath_compile(text, len, &err);
    ck_assert_ptr_nonnull(path);
    sc_jsonpath_free(path);

    len = filter_nest(text, 64, "(", "@.a", ")");
    ck_assert_ptr_null(sc_jsonpath_compile(text, len, &err));
    ck_assert_str_eq(err.message, "the path nests more than \"64\" deep");
    ck_assert_int_eq(err.column, 68);

    len = filter_nest(text, 64, "@[?", "@.a", "]");
    ck_assert_ptr_null(sc_jsonpath_compile(text, len, &err));
    ck_assert_int_eq(err.column, 196);

    len = filter_nest(text, 64, "length(", "@.a", ")");
    ck_assert_ptr_null(sc_jsonpath_compile(text, len, &err));
    ck_assert_str_eq(err.message, "the path nests more than \"64\" deep");

    len = filter_nest(text, 500, "!(", "@.a", ")");
    ck_assert_ptr_null(sc_jsonpath_compile(text, len, &err));
}
END_TEST


START_TEST(nesting_side_by_side_is_not_deep)
{
    char            text[2048];
    size_t          len;
    sc_jsonpath_t  *path;

    len = filter_nest(text, 100, "(@.a)||", "length(@.a)==1", "&&!(@.b)");
    path = sc_jsonpath_compile(text, len, NULL);
    ck_assert_ptr_nonnull(path);
    sc_jsonpath_free(path);
}
END_TEST


START_TEST(names_in_messages_are_cut_between_characters)
{
    char                 text[256];
    sc_jsonpath_error_t  err;

    (void) snprintf(text, sizeof(text), "$[?x%s]",
                    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                    );

    ck_assert_ptr_null(sc_jsonpath_compile(text, strlen(text), &err));
    ck_assert_str_eq(err.message, TERM
                     "\"x"
                     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                     "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\"");
    ck_assert_int_eq(err.column, 4);
}
END_TEST


START_TEST(filters_own_queries_take_steps)
{
    int      rc;
    size_t   i, steps;
    json_t  *root, *found;

    root = json_array();

    for (i = 0; i < 100; i++) {
        json_array_append_new(root, json_integer((json_int_t) i));
    }

    steps = STEPS;
    found = filter_walk("$[?count($..*) == 100]", root, &steps, &rc);
    ck_assert_int_eq(rc, SC_OK);
    ck_assert_uint_eq(json_array_size(found), 100);
    ck_assert_uint_lt(steps, STEPS - 100 * 100);
    json_decref(found);

    steps = 5000;
    found = filter_walk("$[?count($..*) == 100]", root, &steps, &rc);
    ck_assert_int_eq(rc, SC_ERROR);
    ck_assert_uint_eq(steps, 0);
    json_decref(found);

    steps = 5000;
    found = filter_walk("$[?!($ == $)]", root, &steps, &rc);
    ck_assert_int_eq(rc, SC_ERROR);
    json_decref(found);

    steps = 5000;
    found = filter_walk("$[?@ < 50 && $.a || !($ != $)]", root, &steps, &rc);
    ck_assert_int_eq(rc, SC_ERROR);
    json_decref(found);

    json_decref(root);
}
END_TEST


START_TEST(long_strings_take_more_steps_than_short_ones)
{
    int                        rc;
    char                      *text;
    size_t                     i, steps;
    json_t                    *root, *found;
    static const char *const   paths[] = {
        "$[?length(@) == 1]", "$[?@ == $[1]]", "$[?@ < $[1]]",
        "$[?search(@, 'b')]", "$[?search('', @)]"
    };

    text = malloc(1000000);
    ck_assert_ptr_nonnull(text);
    memset(text, 'a', 1000000);

    root = json_array();
    json_array_append_new(root, json_stringn(text, 1000000));
    json_array_append_new(root, json_stringn(text, 1000000));
    free(text);

    for (i = 0; i < COUNT(paths); i++) {
        steps = 200;
        found = filter_walk(paths[i], root, &steps, &rc);
        ck_assert_int_eq(rc, SC_ERROR);
        ck_assert_uint_eq(steps, 0);
        json_decref(found);
    }

    json_decref(root);
}
END_TEST


START_TEST(match_that_runs_into_its_limit_is_none_and_dear)
{
    int      rc;
    size_t   steps;
    json_t  *root, *found;

    root = json_loads("[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]",
                      0, NULL);

    steps = STEPS;
    found = filter_walk("$[?match(@, '(a+)+b|(a|a)*c')]", root, &steps, &rc);
    ck_assert_int_eq(rc, SC_OK);
    ck_assert_uint_eq(json_array_size(found), 0);
    ck_assert_uint_lt(steps, STEPS - 1000);
    json_decref(found);

    steps = 500;
    found = filter_walk("$[?match(@, '(a|a)*c|(a+)+b')]", root, &steps, &rc);
    ck_assert_int_eq(rc, SC_ERROR);
    json_decref(found);

    json_decref(root);
}
END_TEST


static void
filter_add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, expression_holds_as_the_rfc_says, 0,
                        COUNT(filter_truths));
    tcase_add_loop_test(tc, filter_finds_the_children_it_holds_for, 0,
                        COUNT(filter_cases));
    tcase_add_loop_test(tc, wrong_filter_is_refused_with_its_column, 0,
                        COUNT(filter_wrong));
    tcase_add_test(tc, nesting_stops_at_its_limit);
    tcase_add_test(tc, nesting_side_by_side_is_not_deep);
    tcase_add_test(tc, names_in_messages_are_cut_between_characters);
    tcase_add_test(tc, filters_own_queries_take_steps);
    tcase_add_test(tc, long_strings_take_more_steps_than_short_ones);
    tcase_add_test(tc, match_that_runs_into_its_limit_is_none_and_dear);
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("jsonpath filter");
    tc = tcase_create("jsonpath filter");
    tcase_set_timeout(tc, 60);

    filter_add_tests(tc);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
