
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


START_TEST(a_page_that_says_nothing_has_every_member)
{
    expect("<p>x",
           "{\"title\":null,\"description\":null,\"canonical\":null,"
           "\"robots\":null,\"lang\":null,\"author\":null,\"keywords"
           "\":null,\"viewport\":null,\"generator\":null,\"icon\":nu"
           "ll,\"amp\":null,\"next\":null,\"prev\":null,\"og\":{},\""
           "twitter\":{},\"article\":{},\"alternates\":[],\"feeds\":"
           "[]}");
}
END_TEST


START_TEST(what_the_head_says_is_collapsed_and_absolute)
{
    expect("<html lang=\"de\"><head><title> A \n B </title><meta nam"
           "e=\"Description\" content=\" d  e \"><link rel=\"canonic"
           "al\" href=\"c\"><link rel=\"shortcut icon\" href=\"/i.pn"
           "g\"><link rel=\"amphtml\" href=\"amp\"><link rel=\"next"
           "\" href=\"2\"><link rel=\"prev\" href=\"0\"><meta name="
           "\"author\" content=\"N\"><meta name=\"keywords\" content"
           "=\"k\"><meta name=\"viewport\" content=\"v\"><meta name="
           "\"generator\" content=\"g\">",
           "{\"title\":\"A B\",\"description\":\"d e\",\"canonical\""
           ":\"http://shop.example/a/c\",\"robots\":null,\"lang\":\""
           "de\",\"author\":\"N\",\"keywords\":\"k\",\"viewport\":\""
           "v\",\"generator\":\"g\",\"icon\":\"http://shop.example/i"
           ".png\",\"amp\":\"http://shop.example/a/amp\",\"next\":\""
           "http://shop.example/a/2\",\"prev\":\"http://shop.example"
           "/a/0\",\"og\":{},\"twitter\":{},\"article\":{},\"alterna"
           "tes\":[],\"feeds\":[]}");
}
END_TEST


START_TEST(the_first_value_that_is_not_empty_counts)
{
    expect("<title> </title><title>T</title><meta name=\"description"
           "\" content=\"\"><meta name=\"description\" content=\"one"
           "\"><meta name=\"description\" content=\"two\">",
           "{\"title\":\"T\",\"description\":\"one\",\"canonical\":n"
           "ull,\"robots\":null,\"lang\":null,\"author\":null,\"keyw"
           "ords\":null,\"viewport\":null,\"generator\":null,\"icon"
           "\":null,\"amp\":null,\"next\":null,\"prev\":null,\"og\":"
           "{},\"twitter\":{},\"article\":{},\"alternates\":[],\"fee"
           "ds\":[]}");
}
END_TEST


START_TEST(the_title_of_a_drawing_is_not_the_pages)
{
    expect("<svg><title>no</title></svg><p>",
           "{\"title\":null,\"description\":null,\"canonical\":null,"
           "\"robots\":null,\"lang\":null,\"author\":null,\"keywords"
           "\":null,\"viewport\":null,\"generator\":null,\"icon\":nu"
           "ll,\"amp\":null,\"next\":null,\"prev\":null,\"og\":{},\""
           "twitter\":{},\"article\":{},\"alternates\":[],\"feeds\":"
           "[]}");
}
END_TEST


START_TEST(all_robots_directives_are_told)
{
    expect("<meta name=\"robots\" content=\"noindex\"><meta name=\"R"
           "OBOTS\" content=\"nofollow\">",
           "{\"title\":null,\"description\":null,\"canonical\":null,"
           "\"robots\":\"noindex, nofollow\",\"lang\":null,\"author"
           "\":null,\"keywords\":null,\"viewport\":null,\"generator"
           "\":null,\"icon\":null,\"amp\":null,\"next\":null,\"prev"
           "\":null,\"og\":{},\"twitter\":{},\"article\":{},\"altern"
           "ates\":[],\"feeds\":[]}");
}
END_TEST


START_TEST(other_names_stand_in_for_lang_icon_and_prev)
{
    expect("<meta http-equiv=\"Content-Language\" content=\"fr\"><li"
           "nk rel=\"apple-touch-icon\" href=\"t\"><link rel=\"previ"
           "ous\" href=\"p\">",
           "{\"title\":null,\"description\":null,\"canonical\":null,"
           "\"robots\":null,\"lang\":\"fr\",\"author\":null,\"keywor"
           "ds\":null,\"viewport\":null,\"generator\":null,\"icon\":"
           "\"http://shop.example/a/t\",\"amp\":null,\"next\":null,"
           "\"prev\":\"http://shop.example/a/p\",\"og\":{},\"twitter"
           "\":{},\"article\":{},\"alternates\":[],\"feeds\":[]}");
}
END_TEST


START_TEST(groups_are_told_by_their_prefix)
{
    expect("<meta property=\"og:title\" content=\"O\"><meta property"
           "=\"OG:image\" content=\"1\"><meta name=\"og:image\" cont"
           "ent=\"2\"><meta name=\"twitter:card\" content=\"c\"><met"
           "a property=\"article:tag\" content=\"t\"><meta property="
           "\"og:\" content=\"x\"><meta property=\"ogx:a\" content="
           "\"x\"><meta property=\"og:empty\" content=\" \">",
           "{\"title\":null,\"description\":null,\"canonical\":null,"
           "\"robots\":null,\"lang\":null,\"author\":null,\"keywords"
           "\":null,\"viewport\":null,\"generator\":null,\"icon\":nu"
           "ll,\"amp\":null,\"next\":null,\"prev\":null,\"og\":{\"ti"
           "tle\":\"O\",\"image\":[\"1\",\"2\"]},\"twitter\":{\"card"
           "\":\"c\"},\"article\":{\"tag\":\"t\"},\"alternates\":[],"
           "\"feeds\":[]}");
}
END_TEST


START_TEST(one_element_may_speak_for_two_groups)
{
    expect("<meta property=\"og:title\" name=\"twitter:title\" conte"
           "nt=\"O\">",
           "{\"title\":null,\"description\":null,\"canonical\":null,"
           "\"robots\":null,\"lang\":null,\"author\":null,\"keywords"
           "\":null,\"viewport\":null,\"generator\":null,\"icon\":nu"
           "ll,\"amp\":null,\"next\":null,\"prev\":null,\"og\":{\"ti"
           "tle\":\"O\"},\"twitter\":{\"title\":\"O\"},\"article\":{"
           "},\"alternates\":[],\"feeds\":[]}");
}
END_TEST


START_TEST(alternates_and_feeds_are_apart)
{
    expect("<link rel=\"alternate\" hreflang=\"fr\" href=\"/fr\"><li"
           "nk rel=\"alternate\" type=\"application/rss+xml\" title="
           "\"News &quot;&amp;&quot;\" href=\"rss\"><link rel=\"alte"
           "rnate stylesheet\" type=\"text/css\" href=\"s\">",
           "{\"title\":null,\"description\":null,\"canonical\":null,"
           "\"robots\":null,\"lang\":null,\"author\":null,\"keywords"
           "\":null,\"viewport\":null,\"generator\":null,\"icon\":nu"
           "ll,\"amp\":null,\"next\":null,\"prev\":null,\"og\":{},\""
           "twitter\":{},\"article\":{},\"alternates\":[{\"url\":\"h"
           "ttp://shop.example/fr\",\"hreflang\":\"fr\",\"type\":nul"
           "l},{\"url\":\"http://shop.example/a/s\",\"hreflang\":nul"
           "l,\"type\":\"text/css\"}],\"feeds\":[{\"url\":\"http://s"
           "hop.example/a/rss\",\"type\":\"application/rss+xml\",\"t"
           "itle\":\"News \\\"&\\\"\"}]}");
}
END_TEST


START_TEST(a_value_is_found_by_any_of_its_names)
{
    size_t                   i;
    view_t                   v;
    sc_buf_t                 out;
    static const char *const  names[][2] = {
        { "OG:Title",   "o"                          },
        { "author",     "n"                          },
        { "price",      "p"                          },
        { "refresh",    "5"                          },
        { "title",      "T"                          },
        { "lang",       "de"                         },
        { "canonical",  "http://shop.example/a/c"    },
        { "icon",       "http://shop.example/a/i"    },
    };

    open_view(&v, "<html lang='de'><meta name='title' content='meta'>"
              "<title> T </title><meta property='og:title' content=' o '>"
              "<meta name='Author' content='n'><link rel='icon' href='i'>"
              "<meta itemprop='price' content='p'>"
              "<meta http-equiv='refresh' content='5'>"
              "<link rel='canonical' href='c'>");
    sc_buf_init(&out, 0);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        sc_buf_reset(&out);
        ck_assert_int_eq(view_meta_value(&v, names[i][0], &out), SC_OK);
        ck_assert_str_eq(out.data, names[i][1]);
    }

    sc_buf_free(&out);
    close_view(&v);
}
END_TEST


START_TEST(a_value_that_is_not_there_is_declined)
{
    view_t    v;
    sc_buf_t  out;

    open_view(&v, "<meta name='a' content=' '><meta name='b'>");
    sc_buf_init(&out, 0);
    sc_buf_add_cstr(&out, "kept");

    ck_assert_int_eq(view_meta_value(&v, "a", &out), SC_DECLINED);
    ck_assert_int_eq(view_meta_value(&v, "b", &out), SC_DECLINED);
    ck_assert_int_eq(view_meta_value(&v, "", &out), SC_DECLINED);
    ck_assert_int_eq(view_meta_values(&v, "title", &out), SC_DECLINED);
    ck_assert_str_eq(out.data, "kept");

    sc_buf_free(&out);
    close_view(&v);
}
END_TEST


START_TEST(all_values_are_told_with_a_nul_behind_each)
{
    view_t    v;
    sc_buf_t  out;

    open_view(&v, "<meta property='og:image' content='a'>"
              "<meta property='og:image' content=''>"
              "<meta property='og:image' content='bc'>");
    sc_buf_init(&out, 0);

    ck_assert_int_eq(view_meta_values(&v, "og:image", &out), SC_OK);
    ck_assert_uint_eq(out.len, 5);
    ck_assert_mem_eq(out.data, "a\0bc\0", 5);

    sc_buf_free(&out);
    close_view(&v);
}
END_TEST


START_TEST(a_head_without_end_is_cut_short)
{
    char      *html;
    view_t     v;
    sc_buf_t   out;

    html = repeat("", "<meta property='og:a' content='1'>", 50000, "");
    open_view(&v, html);
    sc_buf_init(&out, 0);

    ck_assert_int_eq(view_meta_values(&v, "og:a", &out), SC_OK);
    ck_assert_uint_eq(out.len, 2 * VIEW_MAX_META);

    sc_buf_reset(&out);
    ck_assert_int_eq(view_meta(&v, &out), SC_OK);

    sc_buf_reset(&out);
    out.max = 100;
    ck_assert_int_eq(view_meta(&v, &out), SC_ERROR);

    sc_buf_free(&out);
    close_view(&v);
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

    ck_assert_int_eq(view_meta(&v, &out), SC_OK);
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
        a_page_that_says_nothing_has_every_member,
        what_the_head_says_is_collapsed_and_absolute,
        the_first_value_that_is_not_empty_counts,
        the_title_of_a_drawing_is_not_the_pages,
        all_robots_directives_are_told,
        other_names_stand_in_for_lang_icon_and_prev,
        groups_are_told_by_their_prefix,
        one_element_may_speak_for_two_groups,
        alternates_and_feeds_are_apart,
        a_value_is_found_by_any_of_its_names,
        a_value_that_is_not_there_is_declined,
        all_values_are_told_with_a_nul_behind_each,
        a_head_without_end_is_cut_short,
        NULL
    };

    return suite_run("view_meta", tests, 20);
}
