
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "common/css/sc_css.h"
#include "tests/support/suite.h"


/* "ids" are those of the elements, or the text of other nodes, in order */

typedef struct {
    const char  *css;
    const char  *ids;
} css_match_t;


static void css_all(const css_match_t *m);
static void css_found(const char *css, const char *ids);
static void css_nodes(const xmlNodeSet *set, sc_buf_t *out);


static const char  css_page[] =
    "<html id=html lang=en><body id=body>"
    "<div id=d1 class='item big' data-n='it&#39;s \"x\"'>"
    "<h2 id=h1>One</h2><p id=p1 class=lead>first <b id=b1>bold</b></p>"
    "<p id=p2 lang=fr-CA>second</p></div>"
    "<div id=d2 class=item><h2 id=h2>Two</h2>"
    "<ul id=u1><li id=l1>a</li><li id=l2 class=on>b</li><li id=l3>c</li>"
    "<li id=l4>d</li><li id=l5>e</li></ul><p id=p3></p></div>"
    "<form id=f1><input id=i1 type=checkbox checked>"
    "<input id=i2 type=text disabled><select id=s1>"
    "<option id=o1 selected>x</option><option id=o2 disabled>y</option>"
    "</select><fieldset id=fs disabled><button id=bt>z</button></fieldset>"
    "</form><a id=a1 href='/x.PDF' title='the end'>link</a>"
    "<a id=a2 href='https://h/x.pdf'>more</a><a id=a3>none</a></body></html>";


static const css_match_t  css_basic[] = {
    { "h2", "h1 h2" },
    { "H2", "h1 h2" },
    { "#p2", "p2" },
    { ".item", "d1 d2" },
    { "div.item.big", "d1" },
    { "h2, #p3, h2", "h1 h2 p3" },
    { "div b", "b1" },
    { "div > b", "" },
    { "h2 + p", "p1" },
    { "h2 ~ p", "p1 p2 p3" },
    { "div.big + div > ul li.on", "l2" },
    { "*#d1>*", "h1 p1 p2" },
    { NULL, NULL }
};


static const css_match_t  css_attributes[] = {
    { "[data-n]", "d1" },
    { "[data-n='it\\'s \"x\"']", "d1" },
    { "[class=item]", "d2" },
    { "[class~=big]", "d1" },
    { "[class~='']", "" },
    { "[lang|=fr]", "p2" },
    { "[lang|=f]", "" },
    { "[href^='https:']", "a2" },
    { "[href^='']", "" },
    { "[href$='.pdf']", "a2" },
    { "[href$='.pdf' i]", "a1 a2" },
    { "[HREF='/X.pdf' I]", "a1" },
    { "[title~=END i]", "a1" },
    { "[href*=x]", "a1 a2" },
    { "a[href!='/x.PDF']", "a2 a3" },
    { "a[href='/x.pdf' s]", "" },
    { NULL, NULL }
};


static const css_match_t  css_structure[] = {
    { "li:nth-child(odd)", "l1 l3 l5" },
    { "li:nth-child(2n)", "l2 l4" },
    { "li:nth-child(-n+2)", "l1 l2" },
    { "li:nth-child(n + 4)", "l4 l5" },
    { "li:nth-child(-2n+3)", "l1 l3" },
    { "li:nth-child(0)", "" },
    { "li:nth-last-child(2)", "l4" },
    { "p:nth-of-type(2)", "p2" },
    { "p:nth-last-of-type(1)", "p2 p3" },
    { "p:first-child", "" },
    { "p:first-of-type", "p1 p3" },
    { "div > :last-child", "p2 p3" },
    { "p:last-of-type", "p2 p3" },
    { "b:only-child", "b1" },
    { "p:only-of-type", "p3" },
    { "p:empty", "p3" },
    { ":root", "html" },
    { ":scope > body > div", "d1 d2" },
    { ":scope.none", "" },
    { "p:contains('second')", "p2" },
    { "p:contains('st bo')", "p1" },
    { "p:lang(fr)", "p2" },
    { "p:lang(EN)", "p1 p3" },
    { "a:link", "a1 a2" },
    { "form :checked", "i1 o1" },
    { "form :disabled", "i2 o2 fs bt" },
    { "form :enabled", "i1 s1 o1" },
    { "a:hover, a:visited, a:focus, a:active, a:target", "" },
    { NULL, NULL }
};


static const css_match_t  css_logic[] = {
    { "p:not(.lead)", "p2 p3" },
    { "p:not(.lead, :empty)", "p2" },
    { "p:not(#d1 p)", "p3" },
    { "p:not(h2 + p)", "p2 p3" },
    { "p:not(div > h2 ~ p)", "" },
    { "li:not(:not(.on))", "l2" },
    { "p:not(*)", "" },
    { "h2:is(#d2 > *)", "h2" },
    { "div :is(h2, .on)", "h1 h2 l2" },
    { ".item:is(.big, ul)", "d1" },
    { ":where(.on + li, li + .on)", "l2 l3" },
    { "li:matches(.on ~ *)", "l3 l4 l5" },
    { ":is(#d1 p b, #d2 ul > .on)", "b1 l2" },
    { "li:is(*)", "l1 l2 l3 l4 l5" },
    { NULL, NULL }
};


static const css_match_t  css_relations[] = {
    { "div:has(ul)", "d2" },
    { "div:has(> b)", "" },
    { "div:has(b)", "d1" },
    { "div:has(> ul > .on)", "d2" },
    { "div:has(ul + p)", "d2" },
    { "h2:has(+ p.lead)", "h1" },
    { "h2:has(+ p.none)", "" },
    { "h2:has(~ p:empty)", "h2" },
    { "h2:has(~ p b)", "h1" },
    { "li:has(+ .on), li:has(~ #l5)", "l1 l2 l3 l4" },
    { "div:has(b, .on)", "d1 d2" },
    { "div:not(:has(ul))", "d1" },
    { "div:has(p:not(:has(*), :empty)).big", "d1" },
    { "div:has(body b)", "" },
    { NULL, NULL }
};


static const css_match_t  css_pseudo_elements[] = {
    { "h2::text", "One Two" },
    { "#p1::text", "first " },
    { "#p1 ::text", "first  bold" },
    { "#p1 *::text", "first  bold" },
    { "#p1 > ::text", "bold" },
    { "#p1 b::text, #h1::text", "One bold" },
    { "a::attr(href)", "/x.PDF https://h/x.pdf" },
    { "#a1::attr(TITLE)", "the end" },
    { "::attr(title)", "the end" },
    { "#d2 ::attr(class)", "item on" },
    { "h2 + ::text", "first " },
    { "#d2 > h2 ~ ul > :nth-child(2)::text", "b" },
    { NULL, NULL }
};


START_TEST(types_classes_ids_and_combinators_find_their_elements)
{
    css_all(css_basic);
}
END_TEST


START_TEST(attribute_selectors_compare_values)
{
    css_all(css_attributes);
}
END_TEST


START_TEST(pseudo_classes_look_at_place_and_state)
{
    css_all(css_structure);
}
END_TEST


START_TEST(not_and_is_take_lists_of_complex_selectors)
{
    css_all(css_logic);
}
END_TEST


START_TEST(has_takes_relative_selectors)
{
    css_all(css_relations);
}
END_TEST


START_TEST(pseudo_elements_give_text_and_attributes)
{
    css_all(css_pseudo_elements);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        types_classes_ids_and_combinators_find_their_elements,
        attribute_selectors_compare_values,
        pseudo_classes_look_at_place_and_state,
        not_and_is_take_lists_of_complex_selectors,
        has_takes_relative_selectors,
        pseudo_elements_give_text_and_attributes,
        NULL
    };

    return suite_run("css_match", tests, 10);
}


static void
css_all(const css_match_t *m)
{
    for ( /* void */ ; m->css != NULL; m++) {
        css_found(m->css, m->ids);
    }
}


static void
css_found(const char *css, const char *ids)
{
    htmlDocPtr           doc;
    sc_buf_t             xpath, found;
    sc_css_error_t       err;
    xmlXPathObjectPtr    object;
    xmlXPathContextPtr   context;

    sc_buf_init(&xpath, 0);
    sc_buf_init(&found, 0);
    sc_buf_add_cstr(&found, "");

    ck_assert_msg(sc_css_xpath(css, strlen(css), 1, &xpath, &err) == SC_OK,
                  "%s: %s", css, err.message);

    doc = htmlReadMemory(css_page, sizeof(css_page) - 1, NULL, "UTF-8",
                         HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    ck_assert_ptr_nonnull(doc);

    context = xmlXPathNewContext(doc);
    ck_assert_ptr_nonnull(context);

    context->node = (xmlNodePtr) doc;

    object = xmlXPathEval((const xmlChar *) xpath.data, context);
    ck_assert_msg(object != NULL, "%s: %s", css, xpath.data);

    xmlXPathNodeSetSort(object->nodesetval);
    css_nodes(object->nodesetval, &found);
    ck_assert_msg(strcmp(found.data, ids) == 0, "%s: %s is not %s", css,
                  found.data, ids);

    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
    xmlFreeDoc(doc);
    sc_buf_free(&xpath);
    sc_buf_free(&found);
}


static void
css_nodes(const xmlNodeSet *set, sc_buf_t *out)
{
    int       i;
    xmlChar  *text;

    for (i = 0; set != NULL && i < set->nodeNr; i++) {
        text = (set->nodeTab[i]->type == XML_ELEMENT_NODE)
               ? xmlGetProp(set->nodeTab[i], (const xmlChar *) "id")
               : xmlNodeGetContent(set->nodeTab[i]);
        ck_assert_ptr_nonnull(text);

        sc_buf_printf(out, "%s%s", (i != 0) ? " " : "", (char *) text);
        xmlFree(text);
    }
}
