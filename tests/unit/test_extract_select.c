
#include <string.h>

#include "tests/support/extracting.h"
#include "tests/support/suite.h"


#define JSON  "application/json"
#define XML   "application/xml"


static const extracting_case_t  select_cases[] = {

    /* XPath and CSS */

    { "{\"a\":\"h1\",\"b\":[\"a::attr(href)\"],\"c\":\"p::text\"}", NULL,
      NULL, "<h1> T </h1><a href=1>x</a><a href=2>y</a><p>z<i>q</i></p>",
      "{\"a\":\"T\",\"b\":[\"1\",\"2\"],\"c\":\"z\"}", NULL, NULL },
    { "{\"a\":[\"//b | //a\"],\"b\":[\"b, a\"]}", NULL, NULL,
      "<a>1</a><b>2</b><a>3</a>",
      "{\"a\":[\"1\",\"2\",\"3\"],\"b\":[\"1\",\"2\",\"3\"]}", NULL, NULL },
    { "{\"a\":{\"css\":[\"i\",\"b\"]},\"b\":\"P\"}", NULL, NULL,
      "<b>1</b><p>2</p>", "{\"a\":\"1\",\"b\":\"2\"}", NULL, NULL },
    { "{\"o\":{\"each\":\"li\",\"fields\":{\"t\":\"b\",\"u\":\"a::attr(href)"
      "\"}}}", NULL, NULL,
      "<b>out</b><ul><li><b>1</b><li><a href=x>", "{\"o\":[{\"t\":\"1\","
      "\"u\":null},{\"t\":null,\"u\":\"x\"}]}", NULL, NULL },

    /* regex */

    { "{\"a\":{\"regex\":\"sku=(\\\\w+)\"},"
      "\"b\":{\"regex\":\"(\\\\w+)=(\\\\w+)\",\"group\":1},"
      "\"c\":{\"regex\":\"(\\\\w+)=(\\\\w+)\",\"group\":0},"
      "\"d\":[{\"regex\":\"\\\\d+\"}],"
      "\"e\":{\"regex\":\"SKU=(.*?);\",\"flags\":\"i\"},"
      "\"f\":{\"regex\":\"nothing\"}}", NULL, NULL,
      "<script>sku=A1;qty=22;</script>",
      "{\"a\":\"A1\",\"b\":\"sku\",\"c\":\"sku=A1\",\"d\":[\"1\",\"22\"],"
      "\"e\":\"A1\",\"f\":null}", NULL, NULL },
    { "{\"a\":[{\"regex\":\"x|(\\\\d)\",\"group\":1}],"
      "\"b\":[{\"regex\":\"q*\",\"group\":0,\"max_items\":3}]}", NULL, NULL,
      "x1x2", "{\"a\":[\"1\",\"2\"],\"b\":[\"\",\"\",\"\"]}", NULL, NULL },

    /* JSON bodies */

    { "{\"a\":{\"json\":\"$.t\"},\"b\":[{\"json\":\"$.p[*].n\"}],"
      "\"c\":{\"json\":\"$.p[0].n\",\"type\":\"string\"},"
      "\"d\":{\"json\":\"$.ok\"},\"e\":{\"json\":\"$.p[1]\"},"
      "\"f\":{\"json\":\"$.none\"},\"g\":{\"json\":\"$.nil\"}}", JSON, NULL,
      "{\"t\":\"x\",\"ok\":true,\"nil\":null,"
      "\"p\":[{\"n\":1},{\"n\":2.5}]}",
      "{\"a\":\"x\",\"b\":[1,2.5],\"c\":1,\"d\":true,\"e\":{\"n\":2.5},"
      "\"f\":null,\"g\":null}", NULL, NULL },
    { "{\"o\":{\"each\":{\"json\":\"$.p[*]\"},\"fields\":{"
      "\"n\":{\"json\":\"$.n\",\"type\":\"int\",\"required\":true},"
      "\"v\":{\"each\":{\"json\":\"$.v[*]\"},\"fields\":{"
      "\"s\":{\"json\":\"$\"}}}}}}", JSON, NULL,
      "{\"n\":9,\"p\":[{\"n\":1,\"v\":[\"a\",\"b\"]},{\"v\":[]}]}",
      "{\"o\":[{\"n\":1,\"v\":[{\"s\":\"a\"},{\"s\":\"b\"}]},"
      "{\"n\":null,\"v\":[]}]}", "[\"o[1].n\"]", NULL },
    { "{\"a\":{\"json\":\"$.n\"},\"b\":{\"json\":\"$.n\",\"type\":\"int\"},"
      "\"c\":{\"json\":\"$.big\"}}", JSON, NULL,
      "{\"n\":9223372036854775807,\"big\":1e300}",
      "{\"a\":9223372036854775807,\"b\":9223372036854775807,"
      "\"c\":1e+300}", NULL, NULL },
    { "{\"a\":{\"json\":\"$.x\"}}", NULL, NULL, "<p>not JSON",
      "{\"a\":null}", NULL, NULL },
    { "{\"a\":{\"json\":\"$.x\"},\"b\":\"//p\"}", JSON, NULL, "{broken",
      "{\"a\":null,\"b\":null}", NULL,
      "[\"the page's JSON cannot be read, line 1, column 7: string or '}' "
      "expected near 'broken'\"]" },
    { "{\"a\":{\"json\":\"$.x\"}}", JSON, NULL, "", "{\"a\":null}", NULL,
      "[\"the page's JSON cannot be read, line 1, column 0: unexpected token "
      "near end of file\"]" },
    { "{\"a\":{\"json\":\"$..x\",\"transform\":[\"upper\"]},"
      "\"b\":[{\"json\":\"$..x\",\"transform\":[\"upper\"]}]}", JSON, NULL,
      "[{\"x\":null},{\"x\":\"q\"},{\"x\":true},{\"x\":[1]}]",
      "{\"a\":null,\"b\":[null,\"Q\",\"TRUE\",\"[1]\"]}", NULL, NULL },

    /* JSON-LD */

    { "{\"a\":{\"jsonld\":\"$..sku\"},\"b\":{\"jsonld\":\"$[0].name\"},"
      "\"c\":{\"jsonld\":\"$..none\"},"
      "\"o\":{\"each\":{\"jsonld\":\"$..offers[*]\"},\"fields\":{"
      "\"p\":{\"json\":\"$.price\",\"type\":\"number\"},"
      "\"h\":\"//h1\"}}}", NULL, NULL,
      "<h1>H</h1><script type='application/ld+json'>{\"name\":\"N\","
      "\"sku\":\"7\",\"offers\":[{\"price\":\"1.5\"},{\"price\":2}]}"
      "</script><script type='application/ld+json'>{oops</script>",
      "{\"a\":\"7\",\"b\":\"N\",\"c\":null,\"o\":[{\"p\":1.5,\"h\":\"H\"},"
      "{\"p\":2,\"h\":\"H\"}]}", NULL, NULL },
    { "{\"a\":{\"jsonld\":\"$[0]\"}}", NULL, NULL, "<p>none",
      "{\"a\":null}", NULL, NULL },

    /* meta */

    { "{\"a\":{\"meta\":\"og:title\"},\"b\":[{\"meta\":\"author\"}],"
      "\"c\":{\"meta\":\"none\"},\"d\":[{\"meta\":\"none\"}]}", NULL, NULL,
      "<meta property=og:title content='T'><meta name=author content=A>"
      "<meta name=Author content=B>",
      "{\"a\":\"T\",\"b\":[\"A\",\"B\"],\"c\":null,\"d\":[]}", NULL, NULL },

    /* the response's fields */

    { "{\"a\":{\"header\":\"ETag\"},\"b\":[{\"header\":\"link\"}],"
      "\"c\":{\"header\":\"x-count\",\"type\":\"int\"},"
      "\"d\":{\"header\":\"none\"}}", NULL,
      "[[\"etag\",\"\\\"v1\\\"\"],[\"Link\",\"<a>\"],[\"LINK\",\"<b>\"],"
      "[\"X-Count\",\"12\"]]", "<p>",
      "{\"a\":\"\\\"v1\\\"\",\"b\":[\"<a>\",\"<b>\"],\"c\":12,\"d\":null}",
      NULL, NULL },
    { "{\"a\":{\"header\":\"etag\"}}", NULL, "not JSON", "<p>",
      "{\"a\":null}", NULL, NULL },
    { "{\"a\":{\"header\":\"etag\"}}", NULL,
      "[1,[],[\"etag\"],[\"etag\",5],{\"etag\":1},[null,null]]", "<p>",
      "{\"a\":null}", NULL, NULL },

    /* constants */

    { "{\"a\":{\"const\":\"shop\"},\"b\":{\"const\":{\"k\":[1,null]}},"
      "\"c\":{\"const\":5},\"d\":{\"const\":false},\"e\":{\"const\":null},"
      "\"f\":{\"const\":[\"x\"]}}", NULL, NULL, "<p>",
      "{\"a\":\"shop\",\"b\":{\"k\":[1,null]},\"c\":5,\"d\":false,"
      "\"e\":null,\"f\":[\"x\"]}", NULL, NULL },
    { "{\"a\":{\"first\":[\"//i\",{\"const\":\"none\"}]},"
      "\"o\":{\"each\":\"//p\",\"fields\":{\"k\":{\"const\":1}}}}", NULL,
      NULL, "<p>1<p>2", "{\"a\":\"none\",\"o\":[{\"k\":1},{\"k\":1}]}", NULL,
      NULL },

    /* XML */

    { "{\"ns\":{\"g\":\"http://base.google.com/ns/1.0\"},\"fields\":{"
      "\"d\":\"pubDate\",\"p\":\"//g:price\",\"q\":[\"g|price\"],"
      "\"n\":{\"css\":\"pubdate\"},\"l\":\"//item/link\"}}", XML, NULL,
      "<?xml version='1.0'?><rss xmlns:x='http://base.google.com/ns/1.0'>"
      "<item><pubDate>Mon</pubDate><link>/a</link><x:price>1</x:price>"
      "</item></rss>",
      "{\"d\":\"Mon\",\"p\":\"1\",\"q\":[\"1\"],\"n\":null,\"l\":\"/a\"}",
      NULL, NULL },
    { "{\"a\":\"pubDate\",\"b\":\"PUBDATE\"}", NULL, NULL,
      "<pubDate>x</pubDate>", "{\"a\":\"x\",\"b\":\"x\"}", NULL, NULL },
    { "{\"parser\":\"xml\",\"fields\":{\"a\":\"//Item/@Id\",\"b\":\"//p\"}}",
      NULL, NULL, "<r><Item Id='7'/><p>a<![CDATA[<b>]]></p></r>",
      "{\"a\":\"7\",\"b\":\"a<b>\"}", NULL, NULL },
    { "{\"parser\":\"json\",\"fields\":{\"a\":{\"json\":\"$[1]\"}}}", NULL,
      NULL, "[1,2]", "{\"a\":2}", NULL, NULL },

    /* the first selector that gives a value */

    { "{\"a\":{\"first\":[\"//i\",{\"css\":\"b\"},{\"meta\":\"x\"}]},"
      "\"b\":{\"first\":[{\"jsonld\":\"$..x\"},{\"json\":\"$.x\"},"
      "{\"header\":\"x\"},{\"regex\":\"<b>(.)\"}]}}", NULL, NULL,
      "<meta name=x content=m><b>1</b>", "{\"a\":\"1\",\"b\":\"1\"}", NULL,
      NULL },
    { "{\"a\":{\"xpath\":[\"//b\",\"//i\"],\"type\":\"int\"}}", NULL, NULL,
      "<b>x</b><i>7</i>", "{\"a\":7}", NULL,
      "[\"\\\"a\\\": \\\"x\\\" is not an integer\"]" },
    { "{\"a\":{\"xpath\":[\"//b\",\"//i\"],\"transform\":["
      "{\"regex\":\"(\\\\d+)\"}],\"required\":true}}", NULL, NULL,
      "<b>x</b><i>n 7</i>", "{\"a\":\"7\"}", NULL,
      "[\"\\\"a\\\": \\\"x\\\" does not match the pattern\"]" },
    { "{\"a\":{\"first\":[{\"css\":\"a::attr(href)\"},\"//b\"]}}", NULL,
      NULL, "<a name=x>n</a><b>1</b>", "{\"a\":\"1\"}", NULL, NULL },
    { "{\"a\":{\"xpath\":[\"//a\",\"//b\"],\"attr\":\"href\"}}", NULL, NULL,
      "<a name=x>n</a><b href=1>", "{\"a\":\"1\"}", NULL, NULL },
    { "{\"o\":{\"each\":{\"first\":[\"//i\",\".b\",{\"jsonld\":\"$..x\"}]},"
      "\"fields\":{\"t\":\".\"}}}", NULL, NULL, "<p class=b>1<p class=b>2",
      "{\"o\":[{\"t\":\"1\"},{\"t\":\"2\"}]}", NULL, NULL },
    { "{\"a\":[{\"xpath\":[\"//i\",\"//b\"]}]}", NULL, NULL, "<b>1</b>",
      "{\"a\":[\"1\"]}", NULL, NULL }
};


START_TEST(selector_finds_what_it_says)
{
    extracting_expect(&select_cases[_i]);
}
END_TEST


START_TEST(pattern_that_works_too_long_is_a_warning_and_no_value)
{
    static char     html[60001];
    extract_page_t  p;

    memset(html, 'a', sizeof(html) - 1);
    extracting_page(&p, NULL, html, 0);

    ck_assert_int_eq(extracting("{\"a\":{\"regex\":\"(a+)+[bc]\"},"
                                "\"b\":{\"const\":1}}", &p), SC_OK);
    ck_assert_str_eq(p.data.data, "{\"a\":null,\"b\":1}");
    ck_assert_ptr_nonnull(strstr(p.warnings.data, "than a pattern may"));
    extract_page_free(&p);
}
END_TEST


START_TEST(path_that_works_too_long_is_a_warning_and_no_value)
{
    size_t           i;
    sc_buf_t         b;
    extract_page_t   p;

    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "[0");

    for (i = 0; i < 4000; i++) {
        (void) sc_buf_add_cstr(&b, ",{\"x\":1}");
    }

    ck_assert_int_eq(sc_buf_add_cstr(&b, "]"), SC_OK);
    extracting_page(&p, JSON, b.data, 0);

    ck_assert_int_eq(extracting("{\"a\":[{\"json\":\"$[?count($..*) > 1]\"}],"
                                "\"b\":{\"json\":\"$[0]\"}}", &p), SC_OK);
    ck_assert_str_eq(p.data.data, "{\"a\":[],\"b\":null}");
    ck_assert_ptr_nonnull(strstr(p.warnings.data, "than a path may"));
    extract_page_free(&p);
    sc_buf_free(&b);
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("extract_select");
    tc = tcase_create("extract_select");
    tcase_set_timeout(tc, 60);

    tcase_add_loop_test(tc, selector_finds_what_it_says, 0,
                        sizeof(select_cases) / sizeof(select_cases[0]));
    tcase_add_test(tc,
                   pattern_that_works_too_long_is_a_warning_and_no_value);
    tcase_add_test(tc, path_that_works_too_long_is_a_warning_and_no_value);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
