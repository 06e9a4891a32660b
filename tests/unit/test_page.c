
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/xpath.h>

#include "common/sc_core.h"
#include "sidecar/page/arena.h"
#include "sidecar/page/page.h"
#include "tests/support/suite.h"


#define PAGE_DEEP  100000


/* What a page without an order is taken as. */
typedef struct {
    const char     *type;
    const char     *body;
    page_parser_t   kind;
} page_kind_case_t;


/* An XPath expression's string value over a page. */
typedef struct {
    const char  *body;
    const char  *xpath;
    const char  *value;
} page_value_t;


static void page_arena(size_t size);
static int page_take(page_t *page, page_parser_t parser, const char *body,
    size_t len);
static void page_value(const page_t *page, const char *xpath,
    const char *value);
static void page_values(page_parser_t parser, const page_value_t *v,
    size_t n);
static char *page_repeat(const char *unit, size_t n, const char *tail,
    size_t *len);


static const page_kind_case_t  page_kinds[] = {
    { "text/html", "<p>", PAGE_HTML },
    { "text/html; charset=utf-8", "{}", PAGE_HTML },
    { "application/xhtml+xml", "<html xmlns='x'/>", PAGE_HTML },
    { "text/plain", "<?xml version='1.0'?><a/>", PAGE_HTML },
    { "text/xml", "<a/>", PAGE_XML },
    { "Application/XML; charset=utf-8", "<a/>", PAGE_XML },
    { "application/rss+xml", "<rss/>", PAGE_XML },
    { " application/atom+XML;x=y", "<feed/>", PAGE_XML },
    { "application/json", "{}", PAGE_JSON },
    { "application/ld+json", "[]", PAGE_JSON },
    { "+xml", "<p>", PAGE_HTML },
    { "", "<p>", PAGE_HTML },
    { "", "", PAGE_HTML },
    { "", " \n{\"a\": 1}", PAGE_JSON },
    { "", "<?xml version='1.0'?><feed/>", PAGE_XML },
    { "", "\xef\xbb\xbf<?xml version='1.0'?><feed/>", PAGE_XML },
    { "", "<?xml version='1.0'?>\n<!DOCTYPE html><html></html>", PAGE_HTML },
    { "", "<?xml version='1.0'?>\n<html></html>", PAGE_HTML }
};


static const page_value_t  page_html5_values[] = {
    /* what stands in a table and may not is put before it */
    { "<table>a<tr><td>b<div>c</div></table>d",
      "name(//table/preceding-sibling::node()[1])", "" },
    { "<table>a<tr>b<td>c</table>d",
      "//table/preceding-sibling::text()", "ab" },
    { "<table><tr><td>x</table>", "name(//tr/..)", "tbody" },

    /* formatting goes on across blocks and is mended where it overlaps */
    { "<b>1<p>2</b>3</p>", "//p/b", "2" },
    { "<b>1<p>2</b>3</p>", "count(//b)", "2" },
    { "<p>1<b>2<i>3</b>4</i>5</p>", "//p/i", "4" },
    { "<a href=x>1<a href=y>2</a>", "count(//a//a)", "0" },

    /* ends that are implied */
    { "<p>1<p>2<div>3</div>", "count(//body/*)", "3" },
    { "<ul><li>1<li>2</ul>", "//li[2]", "2" },
    { "<dl><dt>a<dd>b<dt>c</dl>", "count(//dl/*)", "3" },
    { "<select><option>1<option>2</select>", "count(//option)", "2" },
    { "x</br>y</p>z", "count(//br) + 10 * count(//p)", "11" },

    /* a template's contents are its children, and no document's head */
    { "<template><tr><td>x</template>", "//head/template/tr/td", "x" },

    /* names of SVG and MathML, which are in no namespace */
    { "<svg viewbox='0 0 1 1'><foreignobject><p>x</foreignobject></svg>",
      "//svg[@viewBox]/foreignObject/p", "x" },
    { "<svg><a xlink:href=u xml:lang=en>x</a></svg>",
      "//svg/a[@*[name()='xlink:href']='u' and @*[name()='xml:lang']='en']",
      "x" },
    { "<math definitionurl=u><mi>x</mi></math>",
      "//math[@definitionURL='u']/mi", "x" },
    { "<svg><![CDATA[a<b]]></svg>", "//svg", "a<b" },

    /* elements of no standard, and words of any case */
    { "<X-Card Data-ID=7>x</x-card>", "//x-card[@data-id=7]", "x" },
    { "<image src=a>", "//img/@src", "a" },
    { "<p a=1 A=2 a=3>", "//p/@a", "1" },
    { "<input checked>", "count(//input[@checked=''])", "1" },

    /* text that is no markup */
    { "<title><b>x</b></title>", "//head/title", "<b>x</b>" },
    { "<textarea>\n<p>x</textarea>", "//textarea", "<p>x" },
    { "<script>'<p>'</script>", "//script", "'<p>'" },
    { "<!-- a --><p><!-- b -->", "concat(//comment()[1], //p/comment())",
      " a  b " },
    { "&lt;&amp;&eacute;&#x20ac;&notit;&#0;&nosuch;", "//body",
      "<&\xc3\xa9\xe2\x82\xac\xc2\xacit;\xef\xbf\xbd&nosuch;" },

    /* IDs */
    { "<p id=a>x</p><p id=b>y</p>", "id('b')", "y" },
    { "<a name=top>x</a>", "id('top')", "x" },
    { "<p id=a>x</p><p id=a>y</p>", "id('a')", "x" },
    { "<p id=''>x</p>", "count(id(''))", "0" }
};


static const page_value_t  page_xml_values[] = {
    { "<rss version='2.0' xmlns:dc='urn:dc'><channel><item>"
      "<dc:creator>A</dc:creator><link>u</link></item></channel></rss>",
      "/rss/channel/item/*[namespace-uri()='urn:dc' and "
      "local-name()='creator']", "A" },
    { "<rss><link>u</link></rss>", "/rss/link", "u" },
    { "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title></feed>",
      "/*[namespace-uri()='http://www.w3.org/2005/Atom']/*", "T" },
    { "<a><![CDATA[<b>&amp;]]>&lt;&#65;</a>", "/a", "<b>&amp;<A" },
    { "<a xml:id='x'>1</a>", "id('x')", "1" },
    { "<?xml version='1.0' encoding='utf-16'?><a>\xc3\xa9</a>", "/a",
      "\xc3\xa9" },
    { "<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>", "/a",
      "\xc3\xa9" },
    { "<?xml version='1.0' encoding=\"windows-1251\" ?><a>\xc4\xe0</a>",
      "/a", "\xd0\x94\xd0\xb0" }
};


static const char  page_laughs[] =
    "<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'ha'>"
    "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
    "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><l>&c;</l>";


START_TEST(its_kind_follows_from_content_type_and_content)
{
    size_t         i;
    page_t         page;
    page_parser_t  kind;

    for (i = 0; i < sizeof(page_kinds) / sizeof(page_kinds[0]); i++) {
        memset(&page, 0, sizeof(page_t));
        page.url = "http://a.example/";
        page.content_type = page_kinds[i].type;
        page.body.data = page_kinds[i].body;
        page.body.len = strlen(page_kinds[i].body);
        kind = page_kinds[i].kind;

        ck_assert_int_eq(page_open(&page), SC_OK);
        ck_assert_int_eq(page.kind, kind);
        ck_assert_ptr_nonnull(page.doc);
        page_close(&page);

        page.html = PAGE_HTML5;
        ck_assert_int_eq(page_open(&page), SC_OK);
        ck_assert_int_eq(page.kind, kind == PAGE_HTML ? PAGE_HTML5 : kind);
        page_close(&page);
    }
}
END_TEST


START_TEST(what_the_rules_ask_for_goes_before_the_content_type)
{
    page_t  page;

    memset(&page, 0, sizeof(page_t));
    page.url = "http://a.example/";
    page.content_type = "application/json";
    page.body.data = "<p>x</p>";
    page.body.len = 8;
    page.parser = PAGE_XML;

    ck_assert_int_eq(page_open(&page), SC_OK);
    ck_assert_int_eq(page.kind, PAGE_XML);
    page_value(&page, "/p", "x");
    page_close(&page);
}
END_TEST


START_TEST(html5_is_what_a_browser_makes_of_it)
{
    page_values(PAGE_HTML5, page_html5_values,
                sizeof(page_html5_values) / sizeof(page_html5_values[0]));
}
END_TEST


START_TEST(html5_is_the_same_in_an_arena)
{
    page_arena((size_t) 64 << 20);
    arena_begin();

    page_values(PAGE_HTML5, page_html5_values,
                sizeof(page_html5_values) / sizeof(page_html5_values[0]));

    ck_assert(!arena_failed());
    arena_end();
}
END_TEST


START_TEST(libxml2_html_is_as_it_was)
{
    page_t  page;

    ck_assert_int_eq(page_take(&page, PAGE_HTML, "<p id=a>x<p>y", 13), SC_OK);
    ck_assert_int_eq(page.kind, PAGE_HTML);
    page_value(&page, "/html/body/p[2]", "y");
    page_value(&page, "id('a')", "x");
    page_close(&page);
}
END_TEST


START_TEST(a_page_without_bytes_is_a_document_without_nodes)
{
    page_t         page;
    page_parser_t  parser;

    for (parser = PAGE_HTML; parser <= PAGE_HTML5; parser++) {
        ck_assert_int_eq(page_take(&page, parser, "", 0), SC_OK);
        ck_assert_ptr_nonnull(page.doc);
        ck_assert_int_eq(page.doc->type, XML_HTML_DOCUMENT_NODE);
        ck_assert_ptr_null(page.doc->children);
        page_close(&page);
    }
}
END_TEST


START_TEST(a_document_type_keeps_its_identifiers)
{
    page_t       page;
    const char  *body = "<!DOCTYPE html PUBLIC '-//A//B' 'u'><p>x";

    ck_assert_int_eq(page_take(&page, PAGE_HTML5, body, strlen(body)), SC_OK);
    ck_assert_ptr_nonnull(page.doc->intSubset);
    ck_assert_str_eq((const char *) page.doc->intSubset->name, "html");
    ck_assert_str_eq((const char *) page.doc->intSubset->ExternalID,
                     "-//A//B");
    ck_assert_str_eq((const char *) page.doc->intSubset->SystemID, "u");
    ck_assert_str_eq((const char *) page.doc->encoding, "UTF-8");
    page_close(&page);
}
END_TEST


START_TEST(elements_know_their_lines)
{
    page_t      page;
    xmlNodePtr  node;

    ck_assert_int_eq(page_take(&page, PAGE_HTML5, "<html>\n<head>\n<title>",
                               21), SC_OK);
    node = xmlDocGetRootElement(page.doc);
    ck_assert_int_eq(xmlGetLineNo(node), 1);
    ck_assert_int_eq(xmlGetLineNo(node->children), 2);
    page_close(&page);
}
END_TEST


START_TEST(nul_and_what_is_not_utf8_are_replaced)
{
    page_t         page;
    page_parser_t  parser;

    for (parser = PAGE_HTML; parser <= PAGE_XML; parser++) {
        memset(&page, 0, sizeof(page_t));
        page.url = "http://a.example/";
        page.content_type = "text/html; charset=utf-8";
        page.body.data = "<p>a\0b\xff</p>";
        page.body.len = 11;
        page.parser = parser;

        ck_assert_int_eq(page_open(&page), SC_OK);
        ck_assert_str_eq(page.charset, "utf-8");
        ck_assert_str_eq(page.charset_from, "header");
        page_value(&page, "//p", "a\xef\xbf\xbd" "b\xef\xbf\xbd");
        page_close(&page);
    }
}
END_TEST


START_TEST(a_possible_refresh_is_noticed)
{
    page_t         page;
    page_parser_t  parser;
    const char    *body = "<META HTTP-EQUIV=refresh content='0;url=b'>";

    for (parser = PAGE_HTML; parser <= PAGE_HTML5; parser++) {
        ck_assert_int_eq(page_take(&page, parser, body, strlen(body)), SC_OK);
        ck_assert(page.refreshes);
        page_close(&page);

        ck_assert_int_eq(page_take(&page, parser, "<p>http-equiv", 13),
                         SC_OK);
        ck_assert(!page.refreshes);
        page_close(&page);
    }
}
END_TEST


START_TEST(elements_nested_deeply_are_all_there)
{
    char    *body;
    size_t   len;
    page_t   page;

    page_arena((size_t) 256 << 20);
    body = page_repeat("<span>", PAGE_DEEP, "x", &len);
    ck_assert_int_eq(page_take(&page, PAGE_HTML5, body, len), SC_OK);
    page_value(&page, "count(//span)", "100000");
    page_close(&page);

    arena_begin();
    ck_assert_int_eq(page_take(&page, PAGE_HTML5, body, len), SC_OK);
    page_value(&page, "count(//span)", "100000");
    page_close(&page);
    arena_end();

    free(body);
}
END_TEST


/* a frameset takes away the body, and all that is in it */

START_TEST(deep_elements_that_are_taken_away_spare_the_stack)
{
    char    *body;
    size_t   len;
    page_t   page;

    body = page_repeat("<span>", 4 * PAGE_DEEP, "<frameset>", &len);
    ck_assert_int_eq(page_take(&page, PAGE_HTML5, body, len), SC_ERROR);
    ck_assert_str_eq(page.detail,
                     "the page's elements are nested too deeply");
    page_close(&page);

    ck_assert_int_eq(page_take(&page, PAGE_HTML5, "<p>y", 4), SC_OK);
    page_value(&page, "//p", "y");
    page_close(&page);

    free(body);
}
END_TEST


START_TEST(text_beside_text_is_one_node)
{
    char    *body;
    size_t   len;
    page_t   page;

    body = page_repeat("<tr>abc", 20000, "", &len);
    memcpy(body, "<table>", 7);
    ck_assert_int_eq(page_take(&page, PAGE_HTML5, body, len), SC_OK);
    page_value(&page, "count(//body/text())", "1");
    page_close(&page);
    free(body);
}
END_TEST


START_TEST(an_element_bears_a_thousand_attributes)
{
    char    *body;
    size_t   i, len, n;
    page_t   page;

    body = malloc(32000);
    ck_assert_ptr_nonnull(body);
    len = (size_t) snprintf(body, 32000, "<p");

    for (i = 0; i < 1000; i++) {
        n = (size_t) snprintf(body + len, 32000 - len, " a%zu='%zu'", i, i);
        len += n;
    }

    body[len++] = '>';

    ck_assert_int_eq(page_take(&page, PAGE_HTML5, body, len), SC_OK);
    page_value(&page, "count(//p/@*)", "1000");
    page_value(&page, "//p/@a999", "999");
    page_close(&page);
    free(body);
}
END_TEST


START_TEST(a_page_larger_than_the_arena_is_refused)
{
    char           *body;
    size_t          len;
    page_t          page;
    page_parser_t   parser;

    body = page_repeat("<p a=b>text", 20000, "", &len);
    page_arena((size_t) 1 << 20);

    for (parser = PAGE_HTML; parser <= PAGE_HTML5; parser++) {
        arena_begin();
        ck_assert_int_eq(page_take(&page, parser, body, len), SC_ERROR);
        ck_assert_str_eq(page.detail, "the page needs more memory than a page"
                         " may have");
        page_close(&page);
        arena_end();

        arena_begin();
        ck_assert_int_eq(page_take(&page, parser, "<p>y", 4), SC_OK);
        page_value(&page, "//p", "y");
        page_close(&page);
        arena_end();
    }

    free(body);
}
END_TEST


START_TEST(xml_keeps_its_names)
{
    page_values(PAGE_XML, page_xml_values,
                sizeof(page_xml_values) / sizeof(page_xml_values[0]));
}
END_TEST


START_TEST(xml_with_a_document_type_is_refused)
{
    page_t       page;
    const char  *plain = "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>";

    ck_assert_int_eq(page_take(&page, PAGE_XML, page_laughs,
                               sizeof(page_laughs) - 1), SC_ERROR);
    ck_assert_str_eq(page.detail, "the XML has a document type declaration, "
                     "which is not taken");
    page_close(&page);

    ck_assert_int_eq(page_take(&page, PAGE_XML, plain, strlen(plain)),
                     SC_ERROR);
    ck_assert_str_eq(page.detail, "the XML has a document type declaration, "
                     "which is not taken");
    page_close(&page);
}
END_TEST


START_TEST(xml_that_is_not_well_formed_is_refused_with_its_line)
{
    page_t  page;

    ck_assert_int_eq(page_take(&page, PAGE_XML, "<a>\n<b></a>", 11),
                     SC_ERROR);
    ck_assert_str_eq(page.detail, "the XML is not well-formed: line 2: "
                     "Opening and ending tag mismatch: b line 2 and a");
    page_close(&page);

    ck_assert_int_eq(page_take(&page, PAGE_XML, "<a>&nbsp;</a>", 13),
                     SC_ERROR);
    ck_assert_str_eq(page.detail, "the XML is not well-formed: line 1: "
                     "Entity 'nbsp' not defined");
    page_close(&page);

    ck_assert_int_eq(page_take(&page, PAGE_XML, "", 0), SC_ERROR);
    ck_assert_str_eq(page.detail, "the XML is not well-formed: it is empty");
    page_close(&page);
}
END_TEST


START_TEST(xml_nested_deeply_is_refused)
{
    char    *body;
    size_t   len;
    page_t   page;

    body = page_repeat("<a>", PAGE_DEEP, "", &len);
    ck_assert_int_eq(page_take(&page, PAGE_XML, body, len), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(page.detail, "line 1: Excessive depth"));
    page_close(&page);
    free(body);
}
END_TEST


START_TEST(json_is_text_and_an_empty_document)
{
    page_t       page;
    const char  *body = "\xef\xbb\xbf{\"a\": \"<meta charset=koi8-r>\"}";

    ck_assert_int_eq(page_take(&page, PAGE_JSON, body, strlen(body)), SC_OK);
    ck_assert_str_eq(page.charset_from, "bom");
    ck_assert_uint_eq(page.text.len, strlen(body) - 3);
    ck_assert_mem_eq(page.text.data, body + 3, page.text.len);
    ck_assert_ptr_null(page.doc->children);
    page_close(&page);

    ck_assert_int_eq(page_take(&page, PAGE_JSON, body + 3, strlen(body) - 3),
                     SC_OK);
    ck_assert_str_eq(page.charset, "utf-8");
    ck_assert_str_eq(page.charset_from, "valid-utf-8");
    page_close(&page);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        what_the_rules_ask_for_goes_before_the_content_type,
        html5_is_what_a_browser_makes_of_it,
        html5_is_the_same_in_an_arena,
        libxml2_html_is_as_it_was,
        a_page_without_bytes_is_a_document_without_nodes,
        a_document_type_keeps_its_identifiers,
        elements_know_their_lines,
        nul_and_what_is_not_utf8_are_replaced,
        a_possible_refresh_is_noticed,
        elements_nested_deeply_are_all_there,
        deep_elements_that_are_taken_away_spare_the_stack,
        text_beside_text_is_one_node,
        an_element_bears_a_thousand_attributes,
        a_page_larger_than_the_arena_is_refused,
        xml_keeps_its_names,
        xml_with_a_document_type_is_refused,
        xml_that_is_not_well_formed_is_refused_with_its_line,
        xml_nested_deeply_is_refused,
        json_is_text_and_an_empty_document,
        its_kind_follows_from_content_type_and_content,
        NULL
    };

    return suite_run("page", tests, 60);
}


/* What libxml2 makes once has to outlive a page. */

static void
page_arena(size_t size)
{
    ck_assert_int_eq(arena_init(size), SC_OK);
    xmlInitParser();
}


static int
page_take(page_t *page, page_parser_t parser, const char *body, size_t len)
{
    memset(page, 0, sizeof(page_t));
    page->url = "http://a.example/";
    page->content_type = "";
    page->body.data = body;
    page->body.len = len;
    page->parser = parser;

    return page_open(page);
}


static void
page_value(const page_t *page, const char *xpath, const char *value)
{
    xmlChar             *string;
    xmlXPathObjectPtr    object;
    xmlXPathContextPtr   context;

    context = xmlXPathNewContext(page->doc);
    ck_assert_ptr_nonnull(context);

    object = xmlXPathEvalExpression(BAD_CAST xpath, context);
    ck_assert_msg(object != NULL, "%s", xpath);

    string = xmlXPathCastToString(object);
    ck_assert_msg(strcmp((const char *) string, value) == 0,
                  "%.*s: %s is \"%s\"", (int) page->body.len,
                  page->body.data, xpath, (const char *) string);

    xmlFree(string);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
}


static void
page_values(page_parser_t parser, const page_value_t *v, size_t n)
{
    size_t  i;
    page_t  page;

    for (i = 0; i < n; i++) {
        ck_assert_msg(page_take(&page, parser, v[i].body, strlen(v[i].body))
                      == SC_OK, "%s: %s", v[i].body, page.detail);
        page_value(&page, v[i].xpath, v[i].value);
        page_close(&page);
    }
}


static char *
page_repeat(const char *unit, size_t n, const char *tail, size_t *len)
{
    char    *body;
    size_t   i, size, end;

    size = strlen(unit);
    end = strlen(tail);

    body = malloc(n * size + end + 1);
    ck_assert_ptr_nonnull(body);

    for (i = 0; i < n; i++) {
        memcpy(body + i * size, unit, size);
    }

    memcpy(body + n * size, tail, end + 1);
    *len = n * size + end;

    return body;
}
