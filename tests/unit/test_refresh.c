
#include <limits.h>
#include <string.h>

#include <libxml/HTMLparser.h>

#include "sidecar/page/refresh.h"
#include "tests/support/suite.h"


#define REFRESH_URL  "http://shop.example/a/b?c"


/* url is NULL when there is none, delay is -1 when it is no refresh. */
typedef struct {
    const char  *text;
    int          delay;
    const char  *url;
} refresh_case_t;


static void refresh_same(const char *text, int rc, int delay, sc_str_t url,
    const refresh_case_t *c);


static const refresh_case_t  refresh_values[] = {
    { "5;url=x", 5, "x" },
    { "5; url=x", 5, "x" },
    { "  5 ;  url = x", 5, "x" },
    { "5,url=x", 5, "x" },
    { "5 url=x", 5, "x" },
    { "5\t\n\f\rx", 5, "x" },
    { "5;URL=x", 5, "x" },
    { "5;uRl='x'", 5, "x" },
    { "5;url=\"x\"y", 5, "x" },
    { "5;url='x\"y'z", 5, "x\"y" },
    { "5;url='x", 5, "x" },
    { "5;'x'", 5, "x" },
    { "5;\"x y", 5, "x y" },
    { "5;x", 5, "x" },
    { "5;/u", 5, "/u" },
    { "5;u", 5, "u" },
    { "5;ur=x", 5, "ur=x" },
    { "5;urls=x", 5, "urls=x" },
    { "5;url", 5, "url" },
    { "5;url x", 5, "url x" },
    { "5;url=", 5, "" },
    { "5;url=''", 5, "" },
    { "5;url= x y ", 5, "x y " },
    { "5;;x", 5, ";x" },
    { "0.9;x", 0, "x" },
    { "1.2.3;x", 1, "x" },
    { ".5;x", 0, "x" },
    { ".;x", 0, "x" },
    { "5", 5, NULL },
    { "5;", 5, NULL },
    { "5 , ", 5, NULL },
    { " 5 ", 5, NULL },
    { "99999999999999999999;x", INT_MAX, "x" },
    { "2147483648", INT_MAX, NULL },
    { "", -1, NULL },
    { " ", -1, NULL },
    { "url=x", -1, NULL },
    { ";url=x", -1, NULL },
    { "-1;x", -1, NULL },
    { "+1;x", -1, NULL },
    { "5x", -1, NULL },
    { "5:x", -1, NULL }
};


static const refresh_case_t  refresh_pages[] = {
    { "<meta http-equiv=refresh content='0;url=x'>", 0,
      "http://shop.example/a/x" },
    { "<META HTTP-EQUIV=Refresh CONTENT='3;url=//o.example'>", 3,
      "http://o.example" },
    { "<p>x<div><meta http-equiv=refresh content='1;url=/x'></div>", 1,
      "http://shop.example/x" },
    { "<base href=/d/><meta http-equiv=refresh content='1;url=x'>", 1,
      "http://shop.example/d/x" },
    { "<meta http-equiv=refresh content='1;url=x'><base href=/d/>", 1,
      "http://shop.example/d/x" },
    { "<base href=/d/><meta http-equiv=refresh content=7>", 7, REFRESH_URL },
    { "<meta http-equiv=refresh content='1;url='>", 1, REFRESH_URL },
    { "<meta http-equiv=refresh content='1;url=a&amp;b=&eacute;'>", 1,
      "http://shop.example/a/a&b=%C3%A9" },
    { "<meta http-equiv=refresh content='1;url=x'>"
      "<meta http-equiv=refresh content='2;url=y'>", 1,
      "http://shop.example/a/x" },
    { "<meta http-equiv=refresh><meta http-equiv=refresh content=''>"
      "<meta http-equiv=refresh content='nonsense'>"
      "<meta http-equiv=refresh content='1;url=http://a b/'>"
      "<meta http-equiv=refresh content='1;url=JavaScript:x'>"
      "<meta http-equiv=refresh content='2;url=y'>", 2,
      "http://shop.example/a/y" },
    { "<meta http-equiv=refresh content='1;url=java\nscript:x'>", -1, NULL },
    { "<meta http-equiv=refreshed content='1;url=x'>", -1, NULL },
    { "<meta name=refresh content='1;url=x'>", -1, NULL },
    { "<p http-equiv=refresh content='1;url=x'>", -1, NULL },
    { "<!--<meta http-equiv=refresh content='1;url=x'>-->", -1, NULL },
    { "<script>'<meta http-equiv=refresh content=\"1;url=x\">'</script>", -1,
      NULL },
    { "<noscript><meta http-equiv=refresh content='1;url=x'></noscript>"
      "<template><meta http-equiv=refresh content='1;url=x'></template>"
      "<textarea><meta http-equiv=refresh content='1;url=x'></textarea>", -1,
      NULL },
    { "<noscript><meta http-equiv=refresh content='1;url=x'></noscript>"
      "<meta http-equiv=refresh content='2;url=y'>", 2,
      "http://shop.example/a/y" },
    { "<p>x", -1, NULL }
};


START_TEST(value_is_read_as_html_does)
{
    int       rc, delay;
    size_t    i;
    sc_str_t  text, url;

    for (i = 0; i < sizeof(refresh_values) / sizeof(refresh_case_t); i++) {
        text.data = refresh_values[i].text;
        text.len = strlen(text.data);
        rc = refresh_parse(text, &delay, &url);
        refresh_same(text.data, rc, delay, url, &refresh_values[i]);
    }
}
END_TEST


START_TEST(value_need_not_end_in_a_nul)
{
    int       delay;
    sc_str_t  url;
    sc_str_t  text = { 7, "5;url=xyz" };

    ck_assert_int_eq(refresh_parse(text, &delay, &url), SC_OK);
    ck_assert_uint_eq(url.len, 1);

    text.len = 4;
    ck_assert_int_eq(refresh_parse(text, &delay, &url), SC_OK);
    ck_assert_uint_eq(url.len, 2);

    text.len = 1;
    ck_assert_int_eq(refresh_parse(text, &delay, &url), SC_OK);
    ck_assert_ptr_null(url.data);
}
END_TEST


START_TEST(first_valid_meta_of_a_page_is_found)
{
    int          rc, delay;
    size_t       i;
    sc_buf_t     out;
    sc_str_t     url;
    xmlDocPtr    doc;
    const char  *html;

    for (i = 0; i < sizeof(refresh_pages) / sizeof(refresh_case_t); i++) {
        html = refresh_pages[i].text;
        doc = htmlReadMemory(html, (int) strlen(html), NULL, "UTF-8",
                             HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
        ck_assert_ptr_nonnull(doc);

        sc_buf_init(&out, 0);
        rc = refresh_find(doc, REFRESH_URL, &out, &delay);
        url.data = out.data;
        url.len = out.len;
        refresh_same(html, rc, delay, url, &refresh_pages[i]);

        if (rc != SC_OK) {
            ck_assert_uint_eq(out.len, 0);
        }

        sc_buf_free(&out);
        xmlFreeDoc(doc);
    }
}
END_TEST


START_TEST(page_of_nothing_but_refreshes_takes_no_longer)
{
    int        i, delay;
    sc_buf_t   html, out;
    xmlDocPtr  doc;

    sc_buf_init(&html, 0);
    sc_buf_init(&out, 0);

    for (i = 0; i < 100000; i++) {
        sc_buf_add_cstr(&html, "<meta http-equiv=refresh "
                               "content='1;javascript:x'>");
    }

    doc = htmlReadMemory(html.data, (int) html.len, NULL, "UTF-8",
                         HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    ck_assert_ptr_nonnull(doc);
    ck_assert_int_eq(refresh_find(doc, REFRESH_URL, &out, &delay),
                     SC_DECLINED);

    xmlFreeDoc(doc);
    sc_buf_free(&html);
    sc_buf_free(&out);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        value_is_read_as_html_does,
        value_need_not_end_in_a_nul,
        first_valid_meta_of_a_page_is_found,
        page_of_nothing_but_refreshes_takes_no_longer,
        NULL
    };

    return suite_run("refresh", tests, 20);
}


static void
refresh_same(const char *text, int rc, int delay, sc_str_t url,
    const refresh_case_t *c)
{
    if (c->delay == -1) {
        ck_assert_msg(rc == SC_DECLINED, "\"%s\" is a refresh", text);
        return;
    }

    ck_assert_msg(rc == SC_OK, "\"%s\" is no refresh", text);
    ck_assert_msg(delay == c->delay, "\"%s\": %d", text, delay);

    if (c->url == NULL) {
        ck_assert_msg(url.data == NULL, "\"%s\" has a URL", text);
        return;
    }

    ck_assert_msg(url.data != NULL && url.len == strlen(c->url)
                  && memcmp(url.data, c->url, url.len) == 0,
                  "\"%s\": \"%.*s\"", text, (int) url.len,
                  url.data != NULL ? url.data : "none");
}
