
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_peek.h"
#include "sidecar/url/url.h"
#include "tests/support/suite.h"


typedef struct {
    const char  *text;
    const char  *found;         /* NULL: nothing */
} peek_case_t;


static void expect_url(const char *text, size_t len, const char *found);
static void expect_host(const char *url, const char *host);
static void peek_add_tests(Suite *suite);


static const peek_case_t  peek_urls[] = {
    { "{\"url\":\"http://a/\"}", "http://a/" },
    { " {\"rules\":{\"url\":\"no\"},\n\t\"url\" : \"http://a/\"}",
      "http://a/" },
    { "{\"urls\":[\"http://a/\",\"http://b/\"]}", "http://a/" },
    { "{\"urls\":[ {\"echo\":[1,{}],\"url\":\"http://a/\"}]}", "http://a/" },
    { "{\"tags\":{\"urls\":[\"no\"]},\"requests\":[{\"url\":\"http://a/\"}]}",
      "http://a/" },
    { "{\"defaults\":{\"rules\":{}},\"urls\":[\"http://a/\"]}", "http://a/" },
    { "{\"defaults\":{\"url\":\"no\"}}\n\n{\"url\":\"http://a/\"}\n",
      "http://a/" },
    { "{\"defaults\":{}}\n\"http://a/\"\n", "http://a/" },
    { "{\"url\":\"http://a/\"}\n{\"url\":\"http://b/\"}\n", "http://a/" },
    { "\xef\xbb\xbf\"http://a/\"\n\"http://b/\"\n", "http://a/" },
    { "{\"echo\":\"\\\"}{\\\\\",\"url\":\"http:\\/\\/a\\u002f\"}",
      "http://a/" },
    { "{\"\\u0075rl\":\"http://a/\\u00e4\\u20ac\\ud83d\\ude00\\t\"}",
      "http://a/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\t" },
    { "{\"url\":null,\"urls\":{\"url\":\"no\"}}", NULL },
    { "{\"urls\":[]}", NULL },
    { "{\"urls\":[[\"http://a/\"]]}", NULL },
    { "{\"requests\":[{\"urls\":[\"no\"]}]}", NULL },
    { "{\"url\":\"http://a/", NULL },
    { "{\"url\":\"http://a/\\", NULL },
    { "{\"url\":\"http://a/\\u00", NULL },
    { "{\"url\"", NULL },
    { "{\"url\":", NULL },
    { "{\"echo\":[[[", NULL },
    { "{\"rules\":{}}\n{\"url\":\"http://b/\"}", NULL },
    { "[\"http://a/\"]", NULL },
    { "{}", NULL },
    { "{url:1}", NULL },
    { "", NULL }
};


/* as written, and the same as the fetcher has it */
static const peek_case_t  peek_hosts[] = {
    { "http://a.example/", "a.example" },
    { "HTTPS://A.Example:8443/x?y=http://b/#z", "a.example" },
    { "http://a.example.", "a.example" },
    { "http://a.example?q", "a.example" },
    { "http://a%2Eexample/", "a.example" },
    { "http://127.0.0.1:80/", "127.0.0.1" },
    { "http://0x7f.1/", "127.0.0.1" },
    { "http://[2001:DB8:0:0::1]:8080/", "2001:db8::1" },
    { "http://xn--bcher-kva.example/", "xn--bcher-kva.example" }
};


static const peek_case_t  peek_alone[] = {
    { "a.example", "a.example" },
    { "A.example:8080/x", "a.example" },
    { "http://me@you:pw@a.example/", "a.example" },
    { "http://b\xc3\xbc" "cher.example/", "b\xc3\xbc" "cher.example" },
    { "http://a b/", "" },
    { "http://[::g]/", "" },
    { "http://[::1/", "" },
    { "http:///x", "" },
    { "http://%00/", "" },
    { "http://", "" },
    { "", "" }
};


START_TEST(the_first_page_of_a_body_is_found)
{
    const peek_case_t  *c = &peek_urls[_i];

    expect_url(c->text, strlen(c->text), c->found);
}
END_TEST


START_TEST(a_body_may_end_anywhere)
{
    size_t              len, end;
    char                out[SC_PEEK_URL];
    char               *copy;
    sc_str_t            text;
    const peek_case_t  *c = &peek_urls[_i];

    for (end = 0; end <= strlen(c->text); end++) {
        copy = malloc(end + 1);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, c->text, end);

        /* a sanitizer sees what is read behind it */
        copy = realloc(copy, end > 0 ? end : 1);
        text.data = copy;
        text.len = end;

        if (sc_peek_url(text, out, &len) == SC_OK) {
            ck_assert_ptr_nonnull(c->found);
            ck_assert_uint_eq(len, strlen(c->found));
        }

        free(copy);
    }
}
END_TEST


START_TEST(a_long_url_is_cut_and_a_deep_body_is_passed_over)
{
    char      text[20000], out[SC_PEEK_URL];
    size_t    len;
    sc_str_t  body = { sizeof(text), text };

    memset(text, 'a', sizeof(text));
    memcpy(text, "{\"url\":\"", 8);
    memcpy(text + sizeof(text) - 2, "\"}", 2);
    ck_assert_int_eq(sc_peek_url(body, out, &len), SC_OK);
    ck_assert_uint_eq(len, SC_PEEK_URL);

    memset(text, '[', sizeof(text));
    memcpy(text, "{\"echo\":", 8);
    ck_assert_int_eq(sc_peek_url(body, out, &len), SC_DECLINED);
}
END_TEST


START_TEST(a_host_is_what_the_fetcher_makes_of_it)
{
    char                err[200];
    url_t               url;
    const peek_case_t  *c = &peek_hosts[_i];

    expect_host(c->text, c->found);
    ck_assert_int_eq(url_parse(&url, c->text, strlen(c->text), err,
                               sizeof(err)), SC_OK);
    ck_assert_str_eq(url.host, c->found);
    url_free(&url);
}
END_TEST


START_TEST(a_host_is_found_in_what_is_no_url_too)
{
    expect_host(peek_alone[_i].text, peek_alone[_i].found);
}
END_TEST


START_TEST(a_host_that_is_too_long_is_none)
{
    char  text[400];

    memset(text, 'a', sizeof(text));
    text[SC_PEEK_HOST - 1] = '\0';
    expect_host(text, text);
    text[SC_PEEK_HOST - 1] = 'a';
    text[SC_PEEK_HOST] = '\0';
    expect_host(text, "");
}
END_TEST


static void
expect_url(const char *text, size_t len, const char *found)
{
    char      out[SC_PEEK_URL];
    size_t    n;
    sc_str_t  body = { len, text };

    if (found == NULL) {
        ck_assert_int_eq(sc_peek_url(body, out, &n), SC_DECLINED);
        return;
    }

    ck_assert_int_eq(sc_peek_url(body, out, &n), SC_OK);
    ck_assert_uint_eq(n, strlen(found));
    ck_assert_mem_eq(out, found, n);
}


static void
expect_host(const char *url, const char *host)
{
    char      out[SC_PEEK_HOST];
    sc_str_t  text = { strlen(url), url };

    ck_assert_uint_eq(sc_peek_host(text, out), strlen(host));
    ck_assert_str_eq(out, host);
}


static void
peek_add_tests(Suite *suite)
{
    TCase   *tc;
    size_t   n;

    n = sizeof(peek_urls) / sizeof(peek_urls[0]);
    tc = tcase_create("url");

    tcase_add_loop_test(tc, the_first_page_of_a_body_is_found, 0, n);
    tcase_add_loop_test(tc, a_body_may_end_anywhere, 0, n);
    tcase_add_test(tc, a_long_url_is_cut_and_a_deep_body_is_passed_over);
    suite_add_tcase(suite, tc);

    tc = tcase_create("host");

    tcase_add_loop_test(tc, a_host_is_what_the_fetcher_makes_of_it, 0,
                        sizeof(peek_hosts) / sizeof(peek_hosts[0]));
    tcase_add_loop_test(tc, a_host_is_found_in_what_is_no_url_too, 0,
                        sizeof(peek_alone) / sizeof(peek_alone[0]));
    tcase_add_test(tc, a_host_that_is_too_long_is_none);
    suite_add_tcase(suite, tc);
}


int
main(void)
{
    Suite  *suite;

    suite = suite_create("peek");
    peek_add_tests(suite);

    return suite_run_all(suite);
}
