
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


START_TEST(links_are_absolute_and_in_document_order)
{
    expect("<a href=\"x\"> one\n <b>two</b> </a><a href=\"//h.exampl"
           "e/#top\">",
           "[{\"url\":\"http://shop.example/a/x\",\"text\":\"one two"
           "\",\"rel\":[],\"tag\":\"a\",\"nofollow\":false},{\"url\""
           ":\"http://h.example/\",\"text\":\"\",\"rel\":[],\"tag\":"
           "\"a\",\"nofollow\":false}]");
    expect("<p>none",
           "[]");
}
END_TEST


START_TEST(only_http_and_https_with_a_host_is_a_link)
{
    expect("<a href=\"mailto:a@b.example\"></a><a href=\"javascript:"
           "x()\"></a><a></a><a href=\"\"></a><a href=\"ftp://f.exam"
           "ple/\"></a><a href=\"data:text/html,x\"></a><a href=\"ht"
           "tps://s.example\">s</a>",
           "[{\"url\":\"https://s.example\",\"text\":\"s\",\"rel\":["
           "],\"tag\":\"a\",\"nofollow\":false}]");
}
END_TEST


START_TEST(each_tag_leads_by_its_attribute)
{
    expect("<link rel=\"stylesheet\" href=\"c\"><map><area href=\"d"
           "\" alt=\"D\"></map><iframe src=\"e\" title=\"E\">x</ifra"
           "me><form action=\"f\">text</form>",
           "[{\"url\":\"http://shop.example/a/c\",\"text\":\"\",\"re"
           "l\":[\"stylesheet\"],\"tag\":\"link\",\"nofollow\":false"
           "},{\"url\":\"http://shop.example/a/d\",\"text\":\"D\",\""
           "rel\":[],\"tag\":\"area\",\"nofollow\":false},{\"url\":"
           "\"http://shop.example/a/e\",\"text\":\"E\",\"rel\":[],\""
           "tag\":\"iframe\",\"nofollow\":false},{\"url\":\"http://s"
           "hop.example/a/f\",\"text\":\"\",\"rel\":[],\"tag\":\"for"
           "m\",\"nofollow\":false}]");
}
END_TEST


START_TEST(a_place_in_the_page_leads_to_it_and_nothing_nowhere)
{
    expect("<a href=\"\">no</a><a href=\"#a\">one</a><a href=\"#b\">two"
           "</a>",
           "[{\"url\":\"" BASE "\",\"text\":\"one\",\"rel\":[],"
           "\"tag\":\"a\",\"nofollow\":false}]");
}
END_TEST


START_TEST(the_same_link_is_listed_once_for_each_tag)
{
    expect("<a href=\"x\">one</a><a href=\"x#part\">two</a><form act"
           "ion=\"x\"></form>",
           "[{\"url\":\"http://shop.example/a/x\",\"text\":\"one\","
           "\"rel\":[],\"tag\":\"a\",\"nofollow\":false},{\"url\":\""
           "http://shop.example/a/x\",\"text\":\"\",\"rel\":[],\"tag"
           "\":\"form\",\"nofollow\":false}]");
}
END_TEST


START_TEST(rel_is_a_list_and_tells_nofollow)
{
    expect("<a rel=\" next  NoFollow\" href=\"x\"></a>",
           "[{\"url\":\"http://shop.example/a/x\",\"text\":\"\",\"re"
           "l\":[\"next\",\"NoFollow\"],\"tag\":\"a\",\"nofollow\":t"
           "rue}]");
    expect("<a rel=\"nofollowed\" href=\"x\"></a>",
           "[{\"url\":\"http://shop.example/a/x\",\"text\":\"\",\"re"
           "l\":[\"nofollowed\"],\"tag\":\"a\",\"nofollow\":false}]");
}
END_TEST


START_TEST(a_link_without_text_has_that_of_its_image_or_title)
{
    expect("<a href=\"x\"><img alt=\" I \n m \"></a><a href=\"y\" ti"
           "tle=\"Y\"> </a>",
           "[{\"url\":\"http://shop.example/a/x\",\"text\":\"I m\","
           "\"rel\":[],\"tag\":\"a\",\"nofollow\":false},{\"url\":\""
           "http://shop.example/a/y\",\"text\":\"Y\",\"rel\":[],\"ta"
           "g\":\"a\",\"nofollow\":false}]");
}
END_TEST


START_TEST(what_a_template_holds_is_no_link)
{
    expect("<template><a href=\"x\"></a></template><a href=\"y\"></a"
           ">",
           "[{\"url\":\"http://shop.example/a/y\",\"text\":\"\",\"re"
           "l\":[],\"tag\":\"a\",\"nofollow\":false}]");
}
END_TEST


START_TEST(a_long_text_is_cut_between_characters)
{
    char      *html;
    view_t     v;
    sc_buf_t   out;

    html = repeat("<a href='x'>a", "\xc3\xa9", 100000, "</a>");
    open_view(&v, html);
    sc_buf_init(&out, 0);

    ck_assert_int_eq(view_links(&v, &out), SC_OK);
    ck_assert_uint_lt(out.len, VIEW_MAX_LINK_TEXT + 128);
    ck_assert_ptr_nonnull(strstr(out.data, "\xc3\xa9\",\"rel\""));

    sc_buf_free(&out);
    close_view(&v);
    free(html);
}
END_TEST


START_TEST(no_more_links_than_the_limit_are_listed)
{
    size_t     i, n;
    char      *p;
    view_t     v;
    sc_buf_t   html, out;

    sc_buf_init(&html, 0);
    sc_buf_init(&out, 0);

    for (i = 0; i < 2 * VIEW_MAX_LINKS; i++) {
        sc_buf_printf(&html, "<a href='%zu'></a><a href='%zu'></a>", i, i);
    }

    open_view(&v, html.data);
    ck_assert_int_eq(view_links(&v, &out), SC_OK);

    n = 0;

    for (p = out.data; (p = strstr(p, "\"url\"")) != NULL; p++) {
        n++;
    }

    ck_assert_uint_eq(n, VIEW_MAX_LINKS);
    ck_assert_ptr_nonnull(strstr(out.data, "/a/9999\""));

    sc_buf_free(&out);
    sc_buf_free(&html);
    close_view(&v);
}
END_TEST


START_TEST(a_url_or_base_beyond_the_limit_makes_no_link)
{
    char      *html, *base;
    view_t     v;
    sc_buf_t   out;

    html = repeat("<a href='", "x", 9000, "'></a>");
    expect(html, "[]");
    free(html);

    base = repeat("http://shop.example/", "x", 9000, "/");
    open_view(&v, "<a href='x'></a>");
    v.base = base;
    sc_buf_init(&out, 0);

    ck_assert_int_eq(view_links(&v, &out), SC_OK);
    ck_assert_str_eq(out.data, "[]");

    sc_buf_free(&out);
    close_view(&v);
    free(base);
}
END_TEST


START_TEST(links_that_do_not_fit_fail)
{
    view_t    v;
    sc_buf_t  out;

    open_view(&v, "<a href='x'>one</a>");
    sc_buf_init(&out, 20);

    ck_assert_int_eq(view_links(&v, &out), SC_ERROR);
    ck_assert_int_eq(out.failed, 1);

    sc_buf_free(&out);
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

    ck_assert_int_eq(view_links(&v, &out), SC_OK);
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
        links_are_absolute_and_in_document_order,
        only_http_and_https_with_a_host_is_a_link,
        each_tag_leads_by_its_attribute,
        a_place_in_the_page_leads_to_it_and_nothing_nowhere,
        the_same_link_is_listed_once_for_each_tag,
        rel_is_a_list_and_tells_nofollow,
        a_link_without_text_has_that_of_its_image_or_title,
        what_a_template_holds_is_no_link,
        a_long_text_is_cut_between_characters,
        no_more_links_than_the_limit_are_listed,
        a_url_or_base_beyond_the_limit_makes_no_link,
        links_that_do_not_fit_fail,
        NULL
    };

    return suite_run("view_links", tests, 20);
}
