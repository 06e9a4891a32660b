
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_main.h"
#include "tests/support/suite.h"


#define MAIN_SENTENCE                                                         \
    "Tea, which is a drink, is made of leaves, and it is drunk hot or cold. "
#define MAIN_TEXT    "<p>" MAIN_SENTENCE MAIN_SENTENCE MAIN_SENTENCE "</p>"
#define MAIN_LINKS   "<ul><li><a href=a>Tea, green, from the hills of Uji"    \
                     "</a><li><a href=b>Tea, black, from the plains</a></ul>"


/* The id of the element with the main content, or its name without one. */
typedef struct {
    const char  *html;
    const char  *found;
} main_case_t;


static void main_same(const main_case_t *cases, size_t n);


static const main_case_t  main_named[] = {
    { "<nav>" MAIN_LINKS "</nav><main id=x>" MAIN_TEXT "</main>", "x" },
    { "<div>" MAIN_LINKS "</div><div role=main id=x>" MAIN_TEXT "</div>",
      "x" },
    { "<main id=m><article id=x>" MAIN_TEXT MAIN_TEXT
      "</article><p>" MAIN_SENTENCE "</main>", "x" },
    { "<article id=x><h1>t</h1>" MAIN_TEXT "</article>"
      "<div>" MAIN_TEXT "</div>", "x" },
    { "<main></main><div id=x>" MAIN_TEXT "</div>", "x" },
    { "<main hidden>" MAIN_TEXT "</main><div id=x>" MAIN_TEXT "</div>", "x" },
    { "<main id=x><article>" MAIN_TEXT "</article><article>" MAIN_TEXT
      "</article></main>", "x" },
    { "<main id=m><div class=menu>" MAIN_LINKS MAIN_LINKS MAIN_LINKS
      MAIN_LINKS MAIN_LINKS MAIN_LINKS "</div><div id=x>" MAIN_TEXT
      "</div></main>", "x" }
};

static const main_case_t  main_scored[] = {
    { "<div>" MAIN_LINKS "</div><div id=x>" MAIN_TEXT MAIN_TEXT "</div>"
      "<div>" MAIN_LINKS "</div>", "x" },
    { "<div id=y><div id=x>" MAIN_TEXT "</div></div>", "x" },
    { "<div id=x><div>" MAIN_TEXT "</div><div>" MAIN_TEXT "</div></div>"
      "<div>" MAIN_LINKS "</div>", "x" },
    { "<div id=x>" MAIN_TEXT "</div><div class=sidebar>" MAIN_TEXT "</div>",
      "x" },
    { "<div id=x>" MAIN_TEXT "</div><div id=userComments>" MAIN_TEXT
      MAIN_TEXT "</div>", "x" },
    { "<div id=x>" MAIN_TEXT "</div><div class='a cookie-bar'>" MAIN_TEXT
      "</div>", "x" },
    { "<div id=x>" MAIN_TEXT "</div><footer>" MAIN_TEXT "</footer><aside>"
      MAIN_TEXT "</aside><div role=complementary>" MAIN_TEXT "</div>", "x" },
    { "<div id=x><h1>Tea</h1><div>" MAIN_TEXT "</div></div>"
      "<div>" MAIN_LINKS "</div>", "x" },
    { "<form><table><tr><td>" MAIN_LINKS "<td id=x>" MAIN_TEXT
      "</table></form>", "x" },
    { "<script>" MAIN_TEXT MAIN_TEXT "</script><div id=x>" MAIN_TEXT
      "</div>", "x" }
};

static const main_case_t  main_none[] = {
    { "<p>a</p>", "body" },
    { "<div>a</div><div>b</div>", "body" },
    { "<div>" MAIN_TEXT "</div><div>" MAIN_TEXT "</div>", "body" },
    { "<nav>" MAIN_LINKS "</nav>", "body" }
};


START_TEST(element_named_main_or_article_is_found)
{
    main_same(main_named, sizeof(main_named) / sizeof(main_case_t));
}
END_TEST


START_TEST(element_with_most_text_outside_of_links_is_found)
{
    main_same(main_scored, sizeof(main_scored) / sizeof(main_case_t));
}
END_TEST


START_TEST(page_without_main_content_is_its_body)
{
    main_same(main_none, sizeof(main_none) / sizeof(main_case_t));
}
END_TEST


START_TEST(document_without_elements_has_none)
{
    view_t     v;
    xmlDocPtr  doc;

    doc = htmlNewDocNoDtD(NULL, NULL);
    ck_assert_ptr_nonnull(doc);

    v.doc = doc;
    v.url = "http://a.example/";
    v.base = v.url;
    ck_assert_ptr_null(view_main(&v));

    xmlFreeDoc(doc);
}
END_TEST


START_TEST(every_element_in_the_table_is_found)
{
    size_t             i;
    xmlNodePtr         node;
    const view_tag_t  *tag;
    static const char *names[] = {
        "a", "address", "article", "aside", "b", "blockquote", "br", "code",
        "div", "h6", "header", "nav", "p", "pre", "script", "table", "td",
        "ul", "video", "xmp"
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        node = xmlNewNode(NULL, BAD_CAST names[i]);
        ck_assert_ptr_nonnull(node);
        tag = view_tag(node);
        ck_assert_str_eq(tag->name, names[i]);
        xmlFreeNode(node);
    }

    node = xmlNewNode(NULL, BAD_CAST "x-unknown");
    ck_assert_int_eq(view_tag(node)->kind, VIEW_OTHER);
    ck_assert_uint_eq(view_tag(node)->flags, 0);
    xmlFreeNode(node);
}
END_TEST


START_TEST(words_are_parted_by_signs_and_by_case)
{
    size_t      i;
    xmlNodePtr  node;
    static const struct {
        const char  *class;
        unsigned     flags;
    } cases[] = {
        { "article", VIEW_WORD_CONTENT },
        { "x-article_y", VIEW_WORD_CONTENT },
        { "mainContent", VIEW_WORD_CONTENT },
        { "postComments", VIEW_WORD_CONTENT | VIEW_WORD_BESIDE },
        { "SIDEBAR", VIEW_WORD_BESIDE },
        { "CookieConsent2", VIEW_WORD_NOTICE },
        { "header lead cadres", 0 },
        { "averyveryverylongwordsidebar", 0 },
        { "", 0 }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        node = xmlNewNode(NULL, BAD_CAST "div");
        ck_assert_ptr_nonnull(node);
        xmlNewProp(node, BAD_CAST "class", BAD_CAST cases[i].class);
        ck_assert_msg(view_words(node) == cases[i].flags, "\"%s\": %u",
                      cases[i].class, view_words(node));
        xmlFreeNode(node);
    }
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        element_named_main_or_article_is_found,
        element_with_most_text_outside_of_links_is_found,
        page_without_main_content_is_its_body,
        document_without_elements_has_none,
        every_element_in_the_table_is_found,
        words_are_parted_by_signs_and_by_case,
        NULL
    };

    return suite_run("view_main", tests, 20);
}


static void
main_same(const main_case_t *cases, size_t n)
{
    size_t          i;
    view_t          v;
    xmlDocPtr       doc;
    const char     *found;
    const xmlNode  *node;

    for (i = 0; i < n; i++) {
        doc = htmlReadMemory(cases[i].html, (int) strlen(cases[i].html), NULL,
                             "UTF-8",
                             HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
        ck_assert_ptr_nonnull(doc);

        v.doc = doc;
        v.url = "http://a.example/";
        v.base = v.url;

        node = view_main(&v);
        ck_assert_ptr_nonnull(node);

        found = dom_attr(node, "id");
        found = (found != NULL) ? found : (const char *) node->name;
        ck_assert_msg(strcmp(found, cases[i].found) == 0, "%zu: %s of %s", i,
                      found, cases[i].html);

        xmlFreeDoc(doc);
    }
}
