
#include <string.h>

#include "tests/support/extracting.h"
#include "tests/support/suite.h"


static const extracting_case_t  field_cases[] = {

    /* what of a match is the value */

    { "{\"a\":{\"xpath\":\"//p\",\"get\":\"text\"},"
      "\"b\":{\"xpath\":\"//p\",\"get\":\"raw\"},"
      "\"c\":{\"xpath\":\"//p\",\"get\":\"html\"},"
      "\"d\":{\"xpath\":\"//p\",\"get\":\"inner_html\"},"
      "\"e\":{\"xpath\":\"//p\",\"attr\":\"id\"},"
      "\"f\":{\"xpath\":\"//p\",\"type\":\"html\"},"
      "\"g\":{\"xpath\":\"//p\",\"type\":\"html\",\"get\":\"text\"}}", NULL,
      NULL, "<p id=' i  j '> a  <b>b</b> </p>",
      "{\"a\":\"a b\",\"b\":\" a  b \","
      "\"c\":\"<p id=\\\" i  j \\\"> a  <b>b</b> </p>\","
      "\"d\":\" a  <b>b</b> \",\"e\":\"i j\","
      "\"f\":\"<p id=\\\" i  j \\\"> a  <b>b</b> </p>\",\"g\":\"a b\"}", NULL,
      NULL },
    { "{\"a\":{\"css\":\"p\",\"attr\":\"none\",\"required\":true},"
      "\"b\":[{\"css\":\"p\",\"attr\":\"id\"}]}", NULL, NULL,
      "<p id=1><p>", "{\"a\":null,\"b\":[\"1\",null]}", "[\"a\"]", NULL },
    { "{\"a\":{\"css\":\"p\",\"get\":\"exists\"},"
      "\"b\":{\"css\":\"i\",\"get\":\"exists\",\"required\":true},"
      "\"c\":{\"css\":\"p\",\"get\":\"count\"},"
      "\"d\":{\"css\":\"i\",\"get\":\"count\"},"
      "\"e\":{\"css\":[\"i\",\"p\"],\"get\":\"count\"},"
      "\"f\":{\"css\":\"p\",\"get\":\"exists\",\"type\":\"int\"},"
      "\"g\":{\"css\":\"i\",\"get\":\"exists\",\"type\":\"string\"}}", NULL,
      NULL, "<p>1<p>2", "{\"a\":true,\"b\":false,\"c\":2,\"d\":0,\"e\":2,"
      "\"f\":1,\"g\":false}", NULL, NULL },
    { "{\"a\":{\"regex\":\"\\\\d\",\"get\":\"count\"},"
      "\"b\":{\"header\":\"x\",\"get\":\"exists\"},"
      "\"c\":{\"meta\":\"x\",\"get\":\"count\"},"
      "\"d\":{\"jsonld\":\"$..x\",\"get\":\"count\"}}", NULL, NULL,
      "1 2 3<meta name=x content=1><meta name=x content=2>"
      "<script type='application/ld+json'>[{\"x\":1},{\"x\":null}]</script>",
      "{\"a\":6,\"b\":false,\"c\":2,\"d\":2}", NULL, NULL },
    { "{\"a\":{\"css\":\"p\",\"get\":\"count\",\"max\":1},"
      "\"b\":{\"css\":\"i\",\"get\":\"count\",\"min\":1,\"default\":7},"
      "\"c\":{\"css\":\"p\",\"get\":\"exists\",\"enum\":[false],"
      "\"required\":true}}", NULL, NULL, "<p>1<p>2",
      "{\"a\":null,\"b\":7,\"c\":null}", "[\"c\"]",
      "[\"\\\"a\\\": \\\"2\\\" is above the maximum\","
      "\"\\\"b\\\": \\\"0\\\" is below the minimum\","
      "\"\\\"c\\\": \\\"true\\\" is not one of the enum\"]" },

    /* types */

    { "{\"a\":{\"css\":\"p\",\"type\":\"date\"},"
      "\"b\":{\"css\":\"p\",\"type\":\"datetime\"},"
      "\"c\":{\"css\":\"i\",\"type\":\"date\"}}", NULL, NULL,
      "<p>2026-11-21T13:00:00Z</p><i>soon</i>",
      "{\"a\":\"2026-11-21\",\"b\":\"2026-11-21T13:00:00Z\",\"c\":null}",
      NULL, "[\"\\\"c\\\": \\\"soon\\\" is not a date that can only be read "
      "one way\"]" },
    { "{\"a\":{\"css\":\"script\",\"type\":\"json\"},"
      "\"b\":{\"css\":\"p\",\"type\":\"json\"},"
      "\"c\":{\"css\":\"i\",\"type\":\"json\"}}", NULL, NULL,
      "<script>{\"k\":[1, \"</b>\",null]}</script><p>{\"k\"</p><i> 5 </i>",
      "{\"a\":{\"k\":[1,\"</b>\",null]},\"b\":null,\"c\":5}", NULL,
      "[\"\\\"b\\\": \\\"{\\\"k\\\"\\\" is not JSON\"]" },
    { "{\"a\":{\"json\":\"$.u\",\"type\":\"url\"},"
      "\"b\":{\"json\":\"$.n\",\"type\":\"number\"},"
      "\"c\":{\"json\":\"$.n\",\"type\":\"int\"},"
      "\"d\":{\"json\":\"$.l\",\"type\":\"number\"},"
      "\"e\":{\"json\":\"$.t\",\"type\":\"bool\"},"
      "\"f\":{\"json\":\"$.z\",\"type\":\"bool\"},"
      "\"g\":{\"json\":\"$.l\",\"type\":\"json\"}}", "application/json", NULL,
      "{\"u\":\"/x\",\"n\":\"1.5\",\"l\":[1],\"t\":true,\"z\":0}",
      "{\"a\":\"http://shop.example/x\",\"b\":1.5,\"c\":null,\"d\":null,"
      "\"e\":true,\"f\":false,\"g\":[1]}", NULL,
      "[\"\\\"c\\\": \\\"1.5\\\" is not an integer\","
      "\"\\\"d\\\": a list is not of the field's type\"]" },
    { "{\"a\":{\"json\":\"$.a\",\"type\":\"int\"},"
      "\"b\":{\"json\":\"$.b\",\"type\":\"bool\"},"
      "\"c\":{\"json\":\"$.c\",\"type\":\"number\"},"
      "\"d\":{\"json\":\"$.a\"}}", "application/json", NULL,
      "{\"a\":\"12\\u0000x\",\"b\":\"yes\\u0000x\",\"c\":\"1.5\\u0000x\"}",
      "{\"a\":null,\"b\":null,\"c\":null,\"d\":\"12\\u0000x\"}", NULL,
      "[\"\\\"a\\\": \\\"12\\\" is not an integer\","
      "\"\\\"b\\\": \\\"yes\\\" is not a boolean\","
      "\"\\\"c\\\": \\\"1.5\\\" is not a number\"]" },

    /* what is allowed */

    { "{\"a\":[{\"css\":\"p\",\"type\":\"int\",\"min\":2,\"max\":3}],"
      "\"b\":[{\"css\":\"p\",\"type\":\"number\",\"min\":2.5}],"
      "\"c\":{\"xpath\":\"count(//p)\",\"max\":3}}", NULL, NULL,
      "<p>1<p>2<p>3<p>4",
      "{\"a\":[null,2,3,null],\"b\":[null,null,3,4],\"c\":null}", NULL,
      "[\"\\\"a[0]\\\": \\\"1\\\" is below the minimum\","
      "\"\\\"a[3]\\\": \\\"4\\\" is above the maximum\","
      "\"\\\"b[0]\\\": \\\"1\\\" is below the minimum\","
      "\"\\\"b[1]\\\": \\\"2\\\" is below the minimum\","
      "\"\\\"c\\\": \\\"4\\\" is above the maximum\"]" },
    { "{\"a\":[{\"css\":\"p\",\"min\":2,\"max\":3}]}", NULL, NULL,
      "<p>a<p>\xc3\xa9\xe2\x82\xac<p>abcd",
      "{\"a\":[null,\"\xc3\xa9\xe2\x82\xac\",null]}", NULL,
      "[\"\\\"a[0]\\\": \\\"a\\\" is below the minimum\","
      "\"\\\"a[2]\\\": \\\"abcd\\\" is above the maximum\"]" },
    { "{\"a\":[{\"css\":\"p\",\"enum\":[\"new\",\"used\"]}],"
      "\"b\":[{\"css\":\"i\",\"type\":\"int\",\"enum\":[1.0,2]}],"
      "\"c\":{\"const\":true,\"enum\":[1,true]}}", NULL, NULL,
      "<p>new<p>broken</p><i>1</i><i>3</i>",
      "{\"a\":[\"new\",null],\"b\":[1,null],\"c\":true}", NULL,
      "[\"\\\"a[1]\\\": \\\"broken\\\" is not one of the enum\","
      "\"\\\"b[1]\\\": \\\"3\\\" is not one of the enum\"]" },
    { "{\"a\":{\"css\":[\"p\",\"i\"],\"pattern\":\"^[A-Z]\\\\d$\"},"
      "\"b\":{\"css\":\"p\",\"pattern\":\"^x\",\"default\":\"d\"}}", NULL,
      NULL, "<p>a1</p><i>A1</i>", "{\"a\":\"A1\",\"b\":\"d\"}", NULL,
      "[\"\\\"a\\\": \\\"a1\\\" does not fit the pattern\","
      "\"\\\"b\\\": \\\"a1\\\" does not fit the pattern\"]" },

    /* split and join */

    { "{\"a\":{\"css\":\"p\",\"transform\":[{\"split\":\",\"},\"trim\"]},"
      "\"b\":{\"css\":\"p\",\"transform\":[{\"split\":\",\"}],"
      "\"type\":\"int\"},"
      "\"c\":[{\"css\":\"i\",\"transform\":[{\"join\":\"-\"}]}],"
      "\"d\":{\"css\":\"u\",\"transform\":[{\"split\":\",\"}]},"
      "\"e\":{\"css\":\"p\",\"transform\":[{\"split\":\",\"}],"
      "\"max_items\":2,\"type\":\"int\"}}", NULL, NULL,
      "<p>1, 2,x</p><i>a</i><i>b</i>",
      "{\"a\":[\"1\",\"2\",\"x\"],\"b\":[1,null,null],\"c\":\"a-b\","
      "\"d\":[],\"e\":[1,null]}", NULL,
      "[\"\\\"b[1]\\\": \\\" 2\\\" is not an integer\","
      "\"\\\"b[2]\\\": \\\"x\\\" is not an integer\","
      "\"\\\"e[1]\\\": \\\" 2\\\" is not an integer\"]" },
    { "{\"a\":[{\"css\":\"p\",\"max_items\":2}],"
      "\"b\":[{\"css\":\"p\",\"max_items\":2,\"transform\":[\"upper\"]}],"
      "\"c\":[{\"css\":\"i\",\"transform\":[\"upper\"],"
      "\"required\":true}]}", NULL, NULL, "<p>a<p>b<p>c",
      "{\"a\":[\"a\",\"b\"],\"b\":[\"A\",\"B\"],\"c\":[]}", "[\"c\"]",
      NULL },
    { "{\"a\":[{\"css\":\"i\",\"transform\":[{\"join\":\"-\"}]}],"
      "\"b\":[{\"css\":\"i\",\"transform\":[{\"join\":\"-\"}],"
      "\"default\":\"none\"}]}", NULL, NULL, "<p>",
      "{\"a\":null,\"b\":\"none\"}", NULL, NULL },

    /* objects and lists of them */

    { "{\"o\":{\"fields\":{\"t\":\"//h1\",\"p\":{\"fields\":{"
      "\"n\":{\"css\":\"p\",\"type\":\"int\",\"required\":true}}}}}}", NULL,
      NULL, "<h1>T</h1>", "{\"o\":{\"t\":\"T\",\"p\":{\"n\":null}}}",
      "[\"o.p.n\"]", NULL },
    { "{\"o\":{\"each\":\"li\",\"fields\":{\"x\":{\"fields\":{\"t\":\"b\"}}"
      "}}}", NULL, NULL, "<ul><li><b>1</b><li><b>2</b>",
      "{\"o\":[{\"x\":{\"t\":\"1\"}},{\"x\":{\"t\":\"2\"}}]}", NULL, NULL },
    { "{\"o\":{\"each\":\"li\",\"max\":2,\"fields\":{\"t\":\".\"}},"
      "\"q\":{\"each\":\"li\",\"drop_if\":\"@x\",\"fields\":{"
      "\"t\":{\"xpath\":\"b\",\"required\":true}}}}", NULL, NULL,
      "<ul><li x=1>1<li>2<li x=1>3<li><b>4</b>",
      "{\"o\":[{\"t\":\"1\"},{\"t\":\"2\"}],"
      "\"q\":[{\"t\":null},{\"t\":\"4\"}]}", "[\"q[0].t\"]", NULL },
    { "{\"o\":{\"each\":\"li\",\"max\":2,\"drop_if\":\"@x\",\"fields\":{"
      "\"t\":\".\"}}}", NULL, NULL, "<ul><li x=1>1<li>2<li>3",
      "{\"o\":[{\"t\":\"2\"}]}", NULL, NULL },
    { "{\"a\":{\"each\":\"li\",\"drop_if\":\"true()\",\"required\":true,"
      "\"fields\":{\"t\":\".\"}},"
      "\"b\":{\"each\":\"li\",\"drop_if\":\"true()\",\"default\":\"none\","
      "\"fields\":{\"t\":\".\"}},"
      "\"c\":{\"each\":{\"first\":[\"li\",\"p\"]},\"drop_if\":\"self::li\","
      "\"fields\":{\"t\":\".\"}}}", NULL, NULL, "<ul><li>1</ul><p>2",
      "{\"a\":[],\"b\":\"none\",\"c\":[{\"t\":\"2\"}]}", "[\"a\"]", NULL }
};


static extract_page_t  field_page;


START_TEST(field_is_what_its_rule_says)
{
    extracting_expect(&field_cases[_i]);
}
END_TEST


START_TEST(page_that_drop_if_is_true_of_has_no_data)
{
    extract_page_t  *p = &field_page;

    extracting_page(p, NULL, "<p>x", 0);
    ck_assert_int_eq(extracting("{\"fields\":{\"a\":{\"xpath\":\"//i\","
                                "\"required\":true}},\"strict\":true,"
                                "\"drop_if\":\"not(//h1)\"}", p), SC_OK);
    ck_assert_str_eq(p->data.data, "null");
    ck_assert_str_eq(p->missing.data, "[]");
    ck_assert_str_eq(p->fill.data, "{}");
    ck_assert(p->matched && p->dropped && !p->incomplete);
    extract_page_free(p);

    extracting_page(p, NULL, "<h1>x", 0);
    ck_assert_int_eq(extracting("{\"fields\":{\"a\":\"//h1\"},"
                                "\"drop_if\":\"not(//h1)\"}", p), SC_OK);
    ck_assert_str_eq(p->data.data, "{\"a\":\"x\"}");
    ck_assert(p->matched && !p->dropped);
    extract_page_free(p);
}
END_TEST


START_TEST(strict_set_tells_that_a_required_value_is_missing)
{
    extract_page_t     *p = &field_page;
    static const char   rules[] = "{\"fields\":{\"o\":{\"each\":\"p\","
                                  "\"fields\":{\"t\":{\"css\":\"b\","
                                  "\"required\":true}}}},\"strict\":true}";

    extracting_page(p, NULL, "<p><b>1</b><p>2", 0);
    ck_assert_int_eq(extracting(rules, p), SC_OK);
    ck_assert_str_eq(p->data.data, "{\"o\":[{\"t\":\"1\"},{\"t\":null}]}");
    ck_assert_str_eq(p->missing.data, "[\"o[1].t\"]");
    ck_assert(p->incomplete);
    extract_page_free(p);

    extracting_page(p, NULL, "<p><b>1</b>", 0);
    ck_assert_int_eq(extracting(rules, p), SC_OK);
    ck_assert(!p->incomplete);
    extract_page_free(p);

    extracting_page(p, NULL, "<p>1", 0);
    ck_assert_int_eq(extracting("{\"a\":{\"css\":\"b\",\"required\":true}}",
                                p), SC_OK);
    ck_assert(!p->incomplete);
    extract_page_free(p);
}
END_TEST


START_TEST(fill_counts_how_often_each_field_had_a_value)
{
    extract_page_t  *p = &field_page;

    extracting_page(p, NULL, "<h1>T</h1><ul><li><b>1</b><li>2<li>", 0);
    ck_assert_int_eq(extracting("{\"t\":\"h1\",\"o\":{\"each\":\"li\","
                                "\"fields\":{\"b\":\"b\",\"i\":\"i\"}},"
                                "\"d\":{\"css\":\"i\",\"default\":1},"
                                "\"e\":{\"css\":\"i\",\"get\":\"exists\"}}",
                                p), SC_OK);
    ck_assert_str_eq(p->fill.data,
                     "{\"\":[[1,1],[1,1],[1,3],[0,3],[0,1],[1,1]]}");
    extract_page_free(p);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("extract_field");
    tc = tcase_create("extract_field");
    tcase_set_timeout(tc, 60);

    tcase_add_loop_test(tc, field_is_what_its_rule_says, 0,
                        sizeof(field_cases) / sizeof(field_cases[0]));
    tcase_add_test(tc, page_that_drop_if_is_true_of_has_no_data);
    tcase_add_test(tc, strict_set_tells_that_a_required_value_is_missing);
    tcase_add_test(tc, fill_counts_how_often_each_field_had_a_value);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
