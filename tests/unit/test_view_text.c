
#include <string.h>

#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>

#include "sidecar/views/view_text.h"
#include "tests/support/suite.h"


typedef struct {
    const char  *html;
    const char  *text;
} text_case_t;


static void text_same(const text_case_t *cases, size_t n);
static json_t *text_of(const char *html, size_t len, size_t max);


static const text_case_t  text_lines[] = {
    { "<p>a  \n b\t<b> c</b> </p>", "a b c" },
    { "<div>a</div><div>b</div>c", "a\nb\nc" },
    { "<p>a</p><p>b</p><div>c</div>", "a\n\nb\n\nc" },
    { "<div><div><div>a</div></div></div><div>b</div>", "a\nb" },
    { "a<br>b<br><br>c", "a\nb\n\nc" },
    { "<div>a<br></div><div>b</div>", "a\nb" },
    { "<div>a</div><br><div>b</div>", "a\n\nb" },
    { "<h1>a</h1><h2>b</h2><ul><li>c</li><li>d</li></ul>", "a\nb\nc\nd" },
    { "<p></p><div></div>a<p></p><div> </div>", "a" },
    { "a<span>b</span><i>c</i>", "abc" },
    { "a&nbsp; b", "a\xc2\xa0 b" },
    { "<select><option>a</option><option>b</option></select>", "a\nb" },
    { "", "" },
    { " ", "" }
};

static const text_case_t  text_tables[] = {
    { "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr>"
      "</table>e", "a\tb\nc\td\ne" },
    { "<table><tr> <td> a </td> <td> b </td> </tr></table>", "a\tb" },
    { "<table><tr><td></td><td>b</td><td></td></tr><tr><td></td></tr>"
      "<tr><td>c</td></tr></table>", "\tb\nc" },
    { "<table><tr><td><p>a</p></td><td><p>b</p><p>c</p></td></tr></table>",
      "a\tb\n\nc" },
    { "<div>x<table><caption>a</caption><tr><td>b</td></tr></table>y",
      "x\na\nb\ny" }
};

static const text_case_t  text_pre[] = {
    { "<pre>\n a\n\n  b </pre>c", " a\n\n  b \nc" },
    { "<pre>a\n</pre><div>b</div>", "a\nb" },
    { "<pre>a\r\nb\rc</pre>", "a\nb\nc" },
    { "<pre>a <b> b </b></pre> c  d", "a  b \nc d" }
};

static const text_case_t  text_unseen[] = {
    { "<html><head><title>t</title></head><body>a", "a" },
    { "a<script>b</script><style>c</style><template>d</template>"
      "<noscript>e</noscript><!-- f -->", "a" },
    { "<div>a<p hidden>b</p><div aria-hidden=true>c</div>", "a\nc" },
    { "a<i style='display:none'>b</i><i style='color:red; Display : "
      "none !important'>c</i>", "a" },
    { "<i style='display:none;display:inline'>a</i>"
      "<i style='background:url(;display:none)'>b</i>"
      "<i style='xdisplay:none'>c</i><i style='display:nonesuch'>d</i>",
      "abcd" },
    { "a<img alt=b><textarea>c</textarea><dialog>d</dialog>"
      "<dialog open>e</dialog>", "a\ne" }
};


START_TEST(blocks_are_lines_and_paragraphs_are_apart)
{
    text_same(text_lines, sizeof(text_lines) / sizeof(text_case_t));
}
END_TEST


START_TEST(cells_of_a_row_are_parted_by_tabs)
{
    text_same(text_tables, sizeof(text_tables) / sizeof(text_case_t));
}
END_TEST


START_TEST(preformatted_text_is_as_it_is_written)
{
    text_same(text_pre, sizeof(text_pre) / sizeof(text_case_t));
}
END_TEST


START_TEST(what_is_not_shown_is_left_out)
{
    text_same(text_unseen, sizeof(text_unseen) / sizeof(text_case_t));
}
END_TEST


START_TEST(text_beyond_the_bound_fails)
{
    json_t  *text;

    text = text_of("<p>abcdefgh", 11, 10);
    ck_assert_ptr_nonnull(text);
    json_decref(text);

    ck_assert_ptr_null(text_of("<p>abcdefghi", 12, 10));
    ck_assert_ptr_null(text_of("<p>abcdefghijklm", 16, 10));
}
END_TEST


START_TEST(nesting_of_any_depth_is_walked)
{
    int       i;
    json_t   *text;
    sc_buf_t  html;

    sc_buf_init(&html, 0);

    for (i = 0; i < 100000; i++) {
        sc_buf_add_cstr(&html, i % 2 ? "<div>" : "<span>");
    }

    sc_buf_add_cstr(&html, "x");
    text = text_of(html.data, html.len, 0);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(json_string_value(text), "x");

    json_decref(text);
    sc_buf_free(&html);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        blocks_are_lines_and_paragraphs_are_apart,
        cells_of_a_row_are_parted_by_tabs,
        preformatted_text_is_as_it_is_written,
        what_is_not_shown_is_left_out,
        text_beyond_the_bound_fails,
        nesting_of_any_depth_is_walked,
        NULL
    };

    return suite_run("view_text", tests, 20);
}


static void
text_same(const text_case_t *cases, size_t n)
{
    size_t   i;
    json_t  *text;

    for (i = 0; i < n; i++) {
        text = text_of(cases[i].html, strlen(cases[i].html), 0);
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(strcmp(json_string_value(text), cases[i].text) == 0,
                      "\"%s\" is \"%s\", not \"%s\"", cases[i].html,
                      json_string_value(text), cases[i].text);
        json_decref(text);
    }
}


/* The view of a page, NULL when it fails. */

static json_t *
text_of(const char *html, size_t len, size_t max)
{
    int         rc;
    view_t      v;
    json_t     *text;
    sc_buf_t    out;
    xmlDocPtr   doc;

    doc = htmlReadMemory(html, (int) len, NULL, "UTF-8",
                         HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING
                         | XML_PARSE_HUGE);
    if (doc == NULL) {
        doc = htmlNewDocNoDtD(NULL, NULL);
    }

    v.doc = doc;
    v.url = "http://a.example/";
    v.base = v.url;
    sc_buf_init(&out, max);

    rc = view_text(&v, &out);
    ck_assert_int_eq(rc, out.failed ? SC_ERROR : SC_OK);

    text = (rc == SC_OK)
           ? json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL) : NULL;
    ck_assert(rc != SC_OK || text != NULL);

    sc_buf_free(&out);
    xmlFreeDoc(doc);

    return text;
}
