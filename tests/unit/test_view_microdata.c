
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


START_TEST(an_item_has_its_type_identifier_and_properties)
{
    expect("<div itemscope itemtype=\"http://schema.org/P  http://x."
           "example/T\" itemid=\"#me\"><b itemprop=\"name\"> A \n <i"
           ">B</i></b></div>",
           "{\"items\":[{\"type\":[\"http://schema.org/P\",\"http://"
           "x.example/T\"],\"id\":\"http://shop.example/a/#me\",\"pr"
           "operties\":{\"name\":[\"A B\"]}}]}");
    expect("<div itemscope itemid=\"x\"></div>",
           "{\"items\":[{\"properties\":{}}]}");
    expect("<p>",
           "{\"items\":[]}");
    expect("<p itemprop=\"a\">x",
           "{\"items\":[]}");
}
END_TEST


START_TEST(a_value_is_where_its_element_keeps_it)
{
    expect("<div itemscope><meta itemprop=\"a\" content=\" m \"><img"
           " itemprop=\"b\" src=\"i.png\"><a itemprop=\"c\" href=\"x"
           "\">text</a><time itemprop=\"d\" datetime=\"2020-01-01\">"
           "then</time><time itemprop=\"e\">2021</time><data itempro"
           "p=\"f\" value=\"7\">seven</data><meter itemprop=\"g\" va"
           "lue=\"3\"></meter><object itemprop=\"h\" data=\"o\"></ob"
           "ject><img itemprop=\"i\"></div>",
           "{\"items\":[{\"properties\":{\"a\":[\" m \"],\"b\":[\"ht"
           "tp://shop.example/a/i.png\"],\"c\":[\"http://shop.exampl"
           "e/a/x\"],\"d\":[\"2020-01-01\"],\"e\":[\"2021\"],\"f\":["
           "\"7\"],\"g\":[\"3\"],\"h\":[\"http://shop.example/a/o\"]"
           ",\"i\":[\"\"]}}]}");
}
END_TEST


START_TEST(values_of_a_name_are_together_in_document_order)
{
    expect("<div itemscope><i itemprop=\"z\">1</i><i itemprop=\"a z "
           "a\">2</i><i itemprop=\"z\">3</i></div>",
           "{\"items\":[{\"properties\":{\"z\":[\"1\",\"2\",\"3\"],"
           "\"a\":[\"2\"]}}]}");
}
END_TEST


START_TEST(an_item_that_is_a_property_is_a_value)
{
    expect("<div itemscope><i itemprop=\"a\">1</i><p itemprop=\"offe"
           "r\" itemscope itemtype=\"O\"><i itemprop=\"price\">2</i>"
           "</p><i itemprop=\"b\">3</i></div>",
           "{\"items\":[{\"properties\":{\"a\":[\"1\"],\"offer\":[{"
           "\"type\":[\"O\"],\"properties\":{\"price\":[\"2\"]}}],\""
           "b\":[\"3\"]}}]}");
}
END_TEST


START_TEST(an_item_in_an_item_that_is_no_property_stands_alone)
{
    expect("<div itemscope><p itemscope><i itemprop=\"a\">1</i></p><"
           "/div>",
           "{\"items\":[{\"properties\":{}},{\"properties\":{\"a\":["
           "\"1\"]}}]}");
}
END_TEST


START_TEST(itemref_adds_elements_from_elsewhere)
{
    expect("<i id=\"x\" itemprop=\"a\">1</i><div itemscope itemref="
           "\"y  x none x\"><i itemprop=\"a\">2</i></div><div id=\"y"
           "\"><i itemprop=\"b\">3</i></div><i id=\"y\" itemprop=\"c"
           "\">4</i>",
           "{\"items\":[{\"properties\":{\"a\":[\"1\",\"2\"],\"b\":["
           "\"3\"]}}]}");
}
END_TEST


START_TEST(an_item_inside_itself_is_an_error)
{
    expect("<p itemscope itemref='x'></p>"
           "<p id='x' itemprop='a' itemscope itemref='y'></p>"
           "<p id='y' itemprop='b' itemscope itemref='x z'></p>"
           "<i id='z' itemprop='c'>1</i>",
           "{\"items\":[{\"properties\":{\"a\":[{\"properties\":{"
           "\"b\":[{\"properties\":{\"a\":[\"ERROR\"],"
           "\"c\":[\"1\"]}}]}}]}}]}");
}
END_TEST


START_TEST(a_reference_to_the_item_or_what_it_is_in_adds_nothing)
{
    expect("<div id='x'><p id='y' itemscope itemref='y x'>"
           "<i itemprop='a'>1</i></p></div>",
           "{\"items\":[{\"properties\":{\"a\":[\"1\"]}}]}");
}
END_TEST


START_TEST(what_was_in_the_elements_is_there_afterwards)
{
    int        mark;
    view_t     v;
    xmlNode   *root;
    sc_buf_t   out;

    open_view(&v, "<div itemscope><i itemprop='a'>1</i></div>");
    root = xmlDocGetRootElement((xmlDoc *) v.doc);
    root->_private = &mark;
    sc_buf_init(&out, 0);

    ck_assert_int_eq(view_microdata(&v, &out), SC_OK);
    ck_assert_ptr_eq(root->_private, &mark);
    ck_assert_ptr_null(root->children->_private);

    sc_buf_free(&out);
    close_view(&v);
}
END_TEST


START_TEST(items_nested_without_end_end_in_an_error)
{
    char      *xml;
    view_t     v;
    sc_buf_t   b, out;

    xml = repeat("", "<p itemscope='' itemprop='a'>", 20000, "");
    sc_buf_init(&b, 0);
    sc_buf_init(&out, 0);
    sc_buf_add_cstr(&b, "<r><p itemscope=''>");
    sc_buf_add_cstr(&b, xml);
    free(xml);
    xml = repeat("", "</p>", 20001, "</r>");
    sc_buf_add_cstr(&b, xml);

    v.url = URL;
    v.base = BASE;
    v.doc = xmlReadMemory(b.data, (int) b.len, URL, NULL, XML_PARSE_HUGE);
    ck_assert_ptr_nonnull(v.doc);
    ck_assert_int_eq(view_microdata(&v, &out), SC_OK);
    ck_assert_ptr_nonnull(strstr(out.data, "[\"ERROR\"]"));

    sc_buf_free(&out);
    sc_buf_free(&b);
    close_view(&v);
    free(xml);
}
END_TEST


START_TEST(items_that_multiply_by_itemref_end)
{
    size_t     i;
    view_t     v;
    json_t    *json;
    sc_buf_t   html, out;

    sc_buf_init(&html, 0);
    sc_buf_init(&out, 256 * 1024 * 1024);
    sc_buf_add_cstr(&html, "<p itemscope itemref='a0 b0'></p>");

    for (i = 0; i < 31; i++) {
        sc_buf_printf(&html, "<p id='a%zu' itemprop='a' itemscope "
                      "itemref='a%zu b%zu'></p><p id='b%zu' itemprop='b' "
                      "itemscope itemref='a%zu b%zu'></p>",
                      i, i + 1, i + 1, i, i + 1, i + 1);
    }

    open_view(&v, html.data);
    ck_assert_int_eq(view_microdata(&v, &out), SC_OK);

    /* what is left is JSON still */
    json = json_loadb(out.data, out.len, 0, NULL);
    ck_assert_ptr_nonnull(json);

    json_decref(json);
    sc_buf_free(&out);
    sc_buf_free(&html);
    close_view(&v);
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

    ck_assert_int_eq(view_microdata(&v, &out), SC_OK);
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
        an_item_has_its_type_identifier_and_properties,
        a_value_is_where_its_element_keeps_it,
        values_of_a_name_are_together_in_document_order,
        an_item_that_is_a_property_is_a_value,
        an_item_in_an_item_that_is_no_property_stands_alone,
        itemref_adds_elements_from_elsewhere,
        an_item_inside_itself_is_an_error,
        a_reference_to_the_item_or_what_it_is_in_adds_nothing,
        what_was_in_the_elements_is_there_afterwards,
        items_nested_without_end_end_in_an_error,
        items_that_multiply_by_itemref_end,
        NULL
    };

    return suite_run("view_microdata", tests, 20);
}
