
#include <string.h>

#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>

#include "sidecar/views/view_markdown.h"
#include "tests/support/suite.h"


#define MARKDOWN_PARSE  (HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING            \
                         | XML_PARSE_HUGE)


typedef struct {
    const char  *html;
    const char  *markdown;
} markdown_case_t;


static void markdown_same(const markdown_case_t *cases, size_t n);
static json_t *markdown_of(const char *html, size_t len, size_t max);
static void markdown_deep(const char *tags, const char *expected);


static const markdown_case_t  markdown_blocks[] = {
    { "<h1>a</h1><p>b\n c</p><h6> d </h6>", "# a\n\nb c\n\n###### d" },
    { "<h2>a #</h2><h2>b#</h2><h2>##</h2>", "## a \\#\n\n## b#\n\n## \\##" },
    { "<h2></h2><p></p><div><div>a</div>b</div>", "a\n\nb" },
    { "<h2>a<br>b<div>c</div></h2>", "## a b c" },
    { "<div>a<br>b<br></div>c", "a\\\nb\n\nc" },
    { "<div>a<br><br>b</div>", "a\n\nb" },
    { "<hr>a<hr>b", "a\n\n---\n\nb" },
    { "<blockquote><p>a<p>b</blockquote><blockquote>c</blockquote>",
      "> a\n>\n> b\n\n> c" },
    { "<dl><dt>a<dd>b<dd>c<dt>d<dd>e</dl>",
      "**a**\n\n- b\n- c\n\n**d**\n\n- e" },
    { "<figure><img src=i.png alt='a]'><figcaption>b</figcaption></figure>",
      "![a\\]](http://a.example/d/i.png)\n\nb" },
    { "<div>&nbsp; a&nbsp;b &nbsp;</div>", "a b" },
    { "", "" }
};

static const markdown_case_t  markdown_lists[] = {
    { "<ul><li>a<li>b</ul>", "- a\n- b" },
    { "<ol><li>a<li>b</ol>", "1. a\n2. b" },
    { "<ol start=9><li>a<li>b</ol>", "9. a\n10. b" },
    { "<ol start=-1><li>a</ol>", "1. a" },
    { "<ol start=99999999999><li>a</ol>", "1. a" },
    { "<ul><li>a<ul><li>b</ul><li>c</ul>", "- a\n  - b\n- c" },
    { "<ul><li>a<ol start=2><li>b</ol></ul>", "- a\n\n  2. b" },
    { "<ul><li><ul><li>a</ul></ul>", "- - a" },
    { "<ul><li></li><li>a</ul>", "- a" },
    { "<ol><li><p>a<p>b<li>c</ol>", "1. a\n\n   b\n\n2. c" },
    { "<ul><li>a</ul><ul><li>b</ul><p>c", "- a\n\n* b\n\nc" },
    { "<ol><li>a</ol><ol><li>b</ol>", "1. a\n\n1) b" },
    { "<ul><li><blockquote>a</blockquote><pre>b</pre></ul>",
      "- > a\n\n  ```\n  b\n  ```" },
    { "<ul><li>a<li><hr><li>b</ul>", "- a\n- ___\n\n- b" }
};

static const markdown_case_t  markdown_formats[] = {
    { "<p><b>a</b> <em>b</em> <del>c</del>", "**a** _b_ ~~c~~" },
    { "<p>a<b> b </b>c<i> </i>d<b></b>", "a **b** c d" },
    { "<p>a<b>b</b>c<i>d</i>e", "a**b**c*d*e" },
    { "<p><b>a</b><b>b</b> <i><b>c</b></i>", "**ab** _**c**_" },
    { "<p><b>a<b>b</b></b>c", "**ab**c" },
    { "<p>a<b>(b)</b>c <b>(d)</b>", "a(b)c **(d)**" },
    { "<p>a<i>b</i><b>c</b>d", "a*b*cd" },
    { "<p><i>a</i><b>b</b>", "_a_**b**" },
    { "<b><div>a</div><div>b</div></b>",
      "**a**\n\n**b**" },
    { "<p>a <q>b </q>", "a “b”" }
};

static const markdown_case_t  markdown_links[] = {
    { "<p><a href='/b?c'>a</a>", "[a](http://a.example/b?c)" },
    { "<p><a href='b'> <b>a</b> [x]</a>c",
      "[**a** \\[x\\]](http://a.example/d/b)c" },
    { "<p><a href='mailto:b@c.example'>a</a>", "[a](mailto:b@c.example)" },
    { "<p><a href='javascript:b'>a</a> <a href='ftp://b/'>c</a> <a>d</a>",
      "a c d" },
    { "<p><a href=b></a>a<a href=b> </a>c", "a c" },
    { "<p><a href='/b(c)'>a</a>", "[a](http://a.example/b\\(c\\))" },
    { "<p>a!<a href='/b'>c</a>", "a\\![c](http://a.example/b)" },
    { "<a href=/b><img src=/c alt=d><h2>e</h2></a>",
      "[![d](http://a.example/c)](http://a.example/b)\n\n"
      "## [e](http://a.example/b)" },
    { "<p>a<img src='data:image/gif;base64,x' data-src=/b>",
      "a![](http://a.example/b)" },
    { "<p>a<img src=/b width=1 height=1><img>c", "ac" },
    { "<h2>a<a href='#b'>\xc2\xb6</a></h2>", "## a" }
};

static const markdown_case_t  markdown_code[] = {
    { "<p>a <code>b  c</code>", "a `b c`" },
    { "<p><code>a`b</code> <code>`</code> <code>\\*&lt;</code>",
      "``a`b`` `` ` `` `\\*<`" },
    { "<p><code></code>a<code>b</code><code>c</code>", "a`b` `c`" },
    { "<code><p>a</p><p>b</p></code>", "a\n\nb" },
    { "<pre>a\n  *b*\n\nc\n</pre>", "```\na\n  *b*\n\nc\n```" },
    { "<pre><code class='x language-c++'>a</code></pre>",
      "```c++\na\n```" },
    { "<pre class=lang-js>a</pre><pre class=slanguage>b</pre>",
      "```js\na\n```\n\n```\nb\n```" },
    { "<pre>a\n```\n</pre>", "````\na\n```\n````" },
    { "<pre>a<br>b<div>c</div>d\r\ne</pre>", "```\na\nb\ncd\ne\n```" },
    { "<pre> \n</pre>a", "a" }
};

static const markdown_case_t  markdown_tables[] = {
    { "<table><tr><th>a<th>b<tr><td>c|d<td><code>e|f</code></table>",
      "| a | b |\n| --- | --- |\n| c\\|d | `e\\|f` |" },
    { "<table><caption>x</caption><tr><th>a<td>b<tr><th>c<td>d<p>e</table>",
      "x\n\n| | |\n| --- | --- |\n| a | b |\n| c | d e |" },
    { "<table><tr><td>a<td>b<tr><td>c<td>d<br>e</table>",
      "| | |\n| --- | --- |\n| a | b |\n| c | d e |" },
    { "<table><tr><th>a<th colspan=2>b<tr><td rowspan=2>c<td>d<td>e"
      "<tr><td>f</table>",
      "| a | b | |\n| --- | --- | --- |\n| c | d | e |\n| | f | |" },
    { "<table><tr><td>a<td>b<tr><td>c</table>", "a b\n\nc" },
    { "<table><tr><td><table><tr><th>a<th>b<tr><td>c<td>d</table>"
      "<td>e</table>", "| a | b |\n| --- | --- |\n| c | d |\n\ne" },
    { "<table role=presentation><tr><th>a<th>b<tr><td>c<td>d</table>",
      "a b\n\nc d" },
    { "<table><tr><th colspan=65>a<th>b<tr><td>c</table>", "a b\n\nc" }
};

static const markdown_case_t  markdown_escapes[] = {
    { "<p>*a* _b_ c_d 2 * 3 `e` [f](g) \\h",
      "\\*a\\* \\_b\\_ c_d 2 * 3 \\`e\\` \\[f\\](g) \\\\h" },
    { "<p>a &lt; b &lt;c&gt; &amp; &amp;amp; &amp;d",
      "a < b \\<c> & \\&amp; \\&d" },
    { "<p># a<p>#a<p>&gt; a<p>+ a<p>- a<p>-a<p>---<p>* a",
      "\\# a\n\n#a\n\n\\> a\n\n\\+ a\n\n\\- a\n\n-a\n\n\\---\n\n\\* a" },
    { "<p>1. a<p>1.5 a<p>12) a<p>1234567890. a",
      "1\\. a\n\n1.5 a\n\n12\\) a\n\n1234567890. a" },
    { "<p>a<br>===<br>---<br># b", "a\\\n\\===\\\n\\---\\\n\\# b" },
    { "<p>~~a~~ ~b", "\\~\\~a\\~\\~ ~b" },
    { "<p>a | b", "a | b" },
    { "<p>http://b.example/c_d?e=f&amp;g", "http://b.example/c_d?e=f\\&g" }
};

static const markdown_case_t  markdown_beside[] = {
    { "<nav>a</nav><aside>b</aside><footer>c</footer><header>d</header>"
      "<p>e", "e" },
    { "<article><header><h1>a</h1></header>b</article>", "# a\n\nb" },
    { "<form><label>a</label><input></form><button>b</button><p>c", "c" },
    { "<div class='cookie-banner'>a</div><div id=gdprNotice>b</div><p>c",
      "c" },
    { "<div class=share><a href=x>a</a></div><div class=comments>b</div>",
      "b" },
    { "<script>a</script><style>b</style><p hidden>c</p><p>d", "d" },
    { "<nav><a href=/b>a</a></nav>", "[a](http://a.example/b)" }
};


START_TEST(blocks_are_parted_by_empty_lines)
{
    markdown_same(markdown_blocks,
                  sizeof(markdown_blocks) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(lists_are_nested_and_told_apart)
{
    markdown_same(markdown_lists,
                  sizeof(markdown_lists) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(emphasis_is_written_where_it_is_read_as_such)
{
    markdown_same(markdown_formats,
                  sizeof(markdown_formats) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(links_and_images_are_absolute)
{
    markdown_same(markdown_links,
                  sizeof(markdown_links) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(fences_are_longer_than_what_is_inside)
{
    markdown_same(markdown_code,
                  sizeof(markdown_code) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(tables_of_data_are_tables_and_others_are_text)
{
    markdown_same(markdown_tables,
                  sizeof(markdown_tables) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(text_that_looks_like_markup_is_escaped)
{
    markdown_same(markdown_escapes,
                  sizeof(markdown_escapes) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(what_is_beside_the_content_is_left_out)
{
    markdown_same(markdown_beside,
                  sizeof(markdown_beside) / sizeof(markdown_case_t));
}
END_TEST


START_TEST(markdown_beyond_the_bound_fails)
{
    json_t  *text;

    text = markdown_of("<h1>abcdef", 10, 10);
    ck_assert_ptr_nonnull(text);
    json_decref(text);

    ck_assert_ptr_null(markdown_of("<h1>abcdefg", 11, 10));
    ck_assert_ptr_null(markdown_of("<pre>a", 6, 9));
}
END_TEST


START_TEST(nesting_of_any_depth_is_walked)
{
    markdown_deep("<div><span>", "x");
    markdown_deep("<b><i>", "**_x_**");
    markdown_deep("<code><font>", "`x`");
    markdown_deep("<table><tr><td>", "x");
    markdown_deep("<h1><form>", "x");
    markdown_deep("<div class=cookie><header>", "x");
}
END_TEST


START_TEST(quotes_are_nested_up_to_the_bound)
{
    size_t       i;
    json_t      *text;
    sc_buf_t     html;
    const char  *p;

    sc_buf_init(&html, 0);

    for (i = 0; i < 100000; i++) {
        sc_buf_add_cstr(&html, "<blockquote>");
    }

    sc_buf_add_cstr(&html, "x");
    text = markdown_of(html.data, html.len, 0);
    ck_assert_ptr_nonnull(text);
    p = json_string_value(text);
    ck_assert_uint_eq(strspn(p, "> "), (size_t) 2 * 32);
    ck_assert_str_eq(p + (size_t) 2 * 32, "x");

    json_decref(text);
    sc_buf_free(&html);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        blocks_are_parted_by_empty_lines,
        lists_are_nested_and_told_apart,
        emphasis_is_written_where_it_is_read_as_such,
        links_and_images_are_absolute,
        fences_are_longer_than_what_is_inside,
        tables_of_data_are_tables_and_others_are_text,
        text_that_looks_like_markup_is_escaped,
        what_is_beside_the_content_is_left_out,
        markdown_beyond_the_bound_fails,
        nesting_of_any_depth_is_walked,
        quotes_are_nested_up_to_the_bound,
        NULL
    };

    return suite_run("view_markdown", tests, 60);
}


static void
markdown_same(const markdown_case_t *cases, size_t n)
{
    size_t       i;
    json_t      *text;
    const char  *p;

    for (i = 0; i < n; i++) {
        text = markdown_of(cases[i].html, strlen(cases[i].html), 0);
        ck_assert_ptr_nonnull(text);
        p = json_string_value(text);
        ck_assert_msg(strcmp(p, cases[i].markdown) == 0,
                      "%s\nis\n%s\nnot\n%s", cases[i].html, p,
                      cases[i].markdown);
        json_decref(text);
    }
}


/* The view of a page, NULL when it fails. */

static json_t *
markdown_of(const char *html, size_t len, size_t max)
{
    int        rc;
    view_t     v;
    json_t    *text;
    sc_buf_t   out;
    xmlDocPtr  doc;

    doc = htmlReadMemory(html, (int) len, NULL, "UTF-8", MARKDOWN_PARSE);
    if (doc == NULL) {
        doc = htmlNewDocNoDtD(NULL, NULL);
    }

    v.doc = doc;
    v.url = "http://a.example/d/";
    v.base = v.url;
    sc_buf_init(&out, max);

    rc = view_markdown(&v, &out);
    ck_assert_int_eq(rc, out.failed ? SC_ERROR : SC_OK);

    text = (rc == SC_OK)
           ? json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL) : NULL;
    ck_assert(rc != SC_OK || text != NULL);

    sc_buf_free(&out);
    xmlFreeDoc(doc);

    return text;
}


/* Tags nested 50,000 times around an "x". */

static void
markdown_deep(const char *tags, const char *expected)
{
    int       i;
    json_t   *text;
    sc_buf_t  html;

    sc_buf_init(&html, 0);

    for (i = 0; i < 50000; i++) {
        sc_buf_add_cstr(&html, tags);
    }

    sc_buf_add_cstr(&html, "x");
    text = markdown_of(html.data, html.len, 0);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(json_string_value(text), expected);

    json_decref(text);
    sc_buf_free(&html);
}
