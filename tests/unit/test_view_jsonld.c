
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>

#include "sidecar/views/view.h"
#include "tests/support/suite.h"


#define URL   "http://shop.example/a/p.html"
#define BASE  "http://shop.example/a/"


static void open_view(view_t *v, const char *html);
static void close_view(view_t *v);
static void expect(const char *html, const char *json);
static char *repeat(const char *before, const char *text, size_t n,
    const char *after);


START_TEST(blocks_are_a_list_and_lists_are_their_elements)
{
    expect("<script type=\"application/ld+json\">{\"a\":1}</script><"
           "p><script type=\" Application/LD+JSON; charset=utf-8\">["
           "{\"b\":[1.5,true,null]},\"x\"]</script><script>{\"c\":1}"
           "</script>",
           "[{\"a\":1},{\"b\":[1.5,true,null]},\"x\"]");
    expect("<p>",
           "[]");
}
END_TEST


START_TEST(an_integer_of_more_than_64_bits_is_a_number)
{
    expect("<script type=\"application/ld+json\">{\"sku\":\"A\","
           "\"gtin\":12345678901234567890,\"n\":7}</script>",
           "[{\"sku\":\"A\",\"gtin\":1.2345678901234567e+19,\"n\":7}]");
}
END_TEST


START_TEST(a_bad_block_is_left_out)
{
    expect("<script type=\"application/ld+json\">{\"a\":</script><sc"
           "ript type=\"application/ld+json\"></script><script type="
           "\"application/ld+json\">\"text\"</script><script type=\""
           "application/ld+json\">{\"b\":\"\\ud800\"}</script><scrip"
           "t type=\"application/ld+json\">{\"ok\":19.99}</script>",
           "[{\"ok\":19.99}]");
}
END_TEST


START_TEST(marks_around_the_json_are_ignored)
{
    expect("<script type=\"application/ld+json\">\n<!--\n{\"a\":1}\n"
           "-->\n</script><script type=\"application/ld+json\">//<!["
           "CDATA[\n{\"b\":2};\n//]]></script><script type=\"applica"
           "tion/ld+json\">/* <![CDATA[ */{\"c\":3}/* ]]> */;;</scri"
           "pt>",
           "[{\"a\":1},{\"b\":2},{\"c\":3}]");
}
END_TEST


START_TEST(control_characters_are_mended)
{
    expect("<script type=\"application/ld+json\">{\"a\":\"x\n\ty\\\nz"
           "\\\"\n\",\n\t\"b\":\"\\\\\"}</script>",
           "[{\"a\":\"x\\n\\ty\\nz\\\"\\n\",\"b\":\"\\\\\"}]");
}
END_TEST


START_TEST(the_last_of_equal_names_counts)
{
    expect("<script type=\"application/ld+json\">{\"a\":1,\"a\":2}</"
           "script>",
           "[{\"a\":2}]");
}
END_TEST


START_TEST(strings_keep_their_characters)
{
    expect("<script type=\"application/ld+json\">{\"a\":\"é \\u00e9 "
           "&amp; \\/\"}</script>",
           "[{\"a\":\"é é &amp; /\"}]");
}
END_TEST


START_TEST(the_value_is_the_same_as_the_text)
{
    json_t  *list;
    view_t   v;

    open_view(&v, "<script type='application/ld+json'>[{\"sku\":\"7\"}]"
              "</script>");
    list = view_jsonld_load(&v);

    ck_assert_uint_eq(json_array_size(list), 1);
    ck_assert_str_eq(json_string_value(json_object_get(
                         json_array_get(list, 0), "sku")), "7");

    json_decref(list);
    close_view(&v);
}
END_TEST


START_TEST(blocks_beyond_the_limits_are_left_out)
{
    char    *html;
    json_t  *list;
    view_t   v;

    html = repeat("", "<script type='application/ld+json'>{}</script>",
                  VIEW_MAX_JSONLD + 50, "");
    open_view(&v, html);
    list = view_jsonld_load(&v);
    ck_assert_uint_eq(json_array_size(list), VIEW_MAX_JSONLD);
    json_decref(list);
    close_view(&v);
    free(html);

    html = repeat("<script type='application/ld+json'>{\"a\":\"", "x",
                  VIEW_MAX_JSONLD_BLOCK, "\"}</script>");
    expect(html, "[]");
    free(html);
}
END_TEST


START_TEST(json_nested_without_end_is_left_out)
{
    char  *html;

    html = repeat("<script type='application/ld+json'>", "[", 100000,
                  "</script><script type='application/ld+json'>{}</script>");
    expect(html, "[{}]");
    free(html);

    html = repeat("<script type='application/ld+json'>", "\"\\\n", 100000,
                  "</script>");
    expect(html, "[]");
    free(html);
}
END_TEST


static void
open_view(view_t *v, const char *html)
{
    v->doc = htmlReadMemory(html, (int) strlen(html), URL, "utf-8",
                            HTML_PARSE_RECOVER | HTML_PARSE_NOERROR
                            | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    v->url = URL;
    v->base = BASE;

    ck_assert_ptr_nonnull(v->doc);
}


static void
close_view(view_t *v)
{
    xmlFreeDoc((xmlDoc *) v->doc);
}


static void
expect(const char *html, const char *json)
{
    view_t    v;
    sc_buf_t  out;

    open_view(&v, html);
    sc_buf_init(&out, 0);

    ck_assert_int_eq(view_jsonld(&v, &out), SC_OK);
    ck_assert_str_eq(out.data, json);

    sc_buf_free(&out);
    close_view(&v);
}


/* n times text, between two others. */

static char *
repeat(const char *before, const char *text, size_t n, const char *after)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, before);

    while (n-- > 0) {
        sc_buf_add_cstr(&b, text);
    }

    sc_buf_add_cstr(&b, after);
    ck_assert_int_eq(b.failed, 0);

    return b.data;
}


int
main(void)
{
    const TTest *const  tests[] = {
        blocks_are_a_list_and_lists_are_their_elements,
        a_bad_block_is_left_out,
        an_integer_of_more_than_64_bits_is_a_number,
        marks_around_the_json_are_ignored,
        control_characters_are_mended,
        the_last_of_equal_names_counts,
        strings_keep_their_characters,
        the_value_is_the_same_as_the_text,
        blocks_beyond_the_limits_are_left_out,
        json_nested_without_end_is_left_out,
        NULL
    };

    return suite_run("view_jsonld", tests, 20);
}
