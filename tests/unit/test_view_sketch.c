
#include <string.h>

#include <libxml/HTMLparser.h>

#include "common/sc_buf.h"
#include "sidecar/views/view_sketch.h"
#include "tests/support/suite.h"


static void sketch(view_sketch_t *s, const char *html);
static void sketch_product(view_sketch_t *s, unsigned rows, const char *text);


START_TEST(the_same_tags_with_other_words_are_alike)
{
    view_sketch_t  a, b;

    sketch(&a, "<div class=x><p>one<b>two</b></p><ul><li>1<li>2</ul></div>");
    sketch(&b, "<div id=y><p>eins<b>zwei</b></p><ul><li>3<li>4</ul></div>");

    ck_assert_double_eq(view_sketch_ratio(&a, &b), 1);
}
END_TEST


START_TEST(how_often_a_part_is_repeated_does_not_count)
{
    view_sketch_t  a, b;

    sketch_product(&a, 5, "x");
    sketch_product(&b, 500, "other");

    ck_assert_double_ge(view_sketch_ratio(&a, &b), 0.95);
}
END_TEST


START_TEST(a_template_with_a_part_more_is_alike_still)
{
    view_sketch_t  a, b;

    sketch_product(&a, 5, "x");
    sketch_product(&b, 5, "<form><label>l</label><input><button>b</button>");

    ck_assert_double_ge(view_sketch_ratio(&a, &b), 0.45);
    ck_assert_double_lt(view_sketch_ratio(&a, &b), 1);
}
END_TEST


START_TEST(another_template_is_not_alike)
{
    view_sketch_t  a, b;

    sketch_product(&a, 5, "x");
    sketch(&b, "<section><h3><em>a</em></h3><article><blockquote><p>b</p>"
           "</blockquote><dl><dt>c<dd>d<dt>e<dd>f</dl></article>"
           "</section><aside><ol><li><i>g</i><li><i>h</i></ol></aside>");

    ck_assert_double_lt(view_sketch_ratio(&a, &b), 0.2);
}
END_TEST


START_TEST(the_order_of_tags_counts)
{
    view_sketch_t  a, b;

    sketch(&a, "<i></i><b></b><u></u><s></s><em></em><q></q>");
    sketch(&b, "<q></q><em></em><s></s><u></u><b></b><i></i>");

    ck_assert_double_lt(view_sketch_ratio(&a, &b), 0.5);
}
END_TEST


START_TEST(a_page_shorter_than_a_run_has_a_sketch)
{
    view_sketch_t  a, b;

    sketch(&a, "<p>");
    sketch(&b, "<q>");

    ck_assert_double_eq(view_sketch_ratio(&a, &a), 1);
    ck_assert_double_lt(view_sketch_ratio(&a, &b), 0.1);
}
END_TEST


START_TEST(a_document_without_elements_is_declined)
{
    xmlDoc         *doc;
    view_sketch_t   s;

    doc = xmlNewDoc((const xmlChar *) "1.0");
    ck_assert_int_eq(view_sketch(doc, &s), SC_DECLINED);
    xmlFreeDoc(doc);
}
END_TEST


START_TEST(a_sketch_comes_back_from_its_text)
{
    char           hex[VIEW_SKETCH_TEXT + 1];
    view_sketch_t  a, b;

    sketch_product(&a, 3, "x");
    view_sketch_text(&a, hex);

    ck_assert_uint_eq(strlen(hex), VIEW_SKETCH_TEXT);
    ck_assert_int_eq(view_sketch_parse(hex, VIEW_SKETCH_TEXT, &b), SC_OK);
    ck_assert_mem_eq(&a, &b, sizeof(view_sketch_t));
}
END_TEST


START_TEST(text_that_is_no_sketch_is_refused)
{
    char           hex[VIEW_SKETCH_TEXT + 1];
    view_sketch_t  s;

    memset(hex, 'a', sizeof(hex));

    ck_assert_int_eq(view_sketch_parse(hex, VIEW_SKETCH_TEXT, &s), SC_OK);
    ck_assert_int_eq(view_sketch_parse(hex, VIEW_SKETCH_TEXT - 1, &s),
                     SC_ERROR);
    ck_assert_int_eq(view_sketch_parse(hex, VIEW_SKETCH_TEXT + 1, &s),
                     SC_ERROR);
    ck_assert_int_eq(view_sketch_parse("", 0, &s), SC_ERROR);

    hex[7] = 'g';
    ck_assert_int_eq(view_sketch_parse(hex, VIEW_SKETCH_TEXT, &s), SC_ERROR);

    hex[7] = 'A';
    ck_assert_int_eq(view_sketch_parse(hex, VIEW_SKETCH_TEXT, &s), SC_ERROR);
}
END_TEST


/* Sketches are kept: another answer would make all of them worthless. */

START_TEST(the_sketch_of_a_page_never_changes)
{
    char           hex[VIEW_SKETCH_TEXT + 1];
    view_sketch_t  s;

    sketch(&s, "<ul><li><b>1</b></li></ul>");
    view_sketch_text(&s, hex);
    hex[16] = '\0';

    ck_assert_str_eq(hex, "f33ce883b7ede968");
}
END_TEST


static void
sketch(view_sketch_t *s, const char *html)
{
    xmlDoc  *doc;

    doc = htmlReadMemory(html, (int) strlen(html), NULL, "utf-8",
                         HTML_PARSE_RECOVER | HTML_PARSE_NOERROR
                         | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    ck_assert_ptr_nonnull(doc);
    ck_assert_int_eq(view_sketch(doc, s), SC_OK);
    xmlFreeDoc(doc);
}


static void
sketch_product(view_sketch_t *s, unsigned rows, const char *text)
{
    unsigned  i;
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    sc_buf_add_cstr(&b, "<title>t</title><link><header><nav><a>1</a><a>2</a>"
                    "<a>3</a></nav></header><main><h1>h</h1><div><img>"
                    "<span>p</span><small>s</small></div><table>");

    for (i = 0; i < rows; i++) {
        sc_buf_add_cstr(&b, "<tr><th>k</th><td><b>v</b></td></tr>");
    }

    sc_buf_printf(&b, "</table><p>%s</p></main><footer><p>f<a>4</a></p>"
                  "</footer>", text);

    sketch(s, b.data);
    sc_buf_free(&b);
}


int
main(void)
{
    const TTest *const  tests[] = {
        the_same_tags_with_other_words_are_alike,
        how_often_a_part_is_repeated_does_not_count,
        a_template_with_a_part_more_is_alike_still,
        another_template_is_not_alike,
        the_order_of_tags_counts,
        a_page_shorter_than_a_run_has_a_sketch,
        a_document_without_elements_is_declined,
        a_sketch_comes_back_from_its_text,
        text_that_is_no_sketch_is_refused,
        the_sketch_of_a_page_never_changes,
        NULL
    };

    return suite_run("view_sketch", tests, 20);
}
