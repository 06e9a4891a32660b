
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/worker/pool.h"
#include "sidecar/worker/worker.h"
#include "tests/support/suite.h"


#define POOL_TEST_RULES  "{\"fields\":{\"a\":\"//p\"}}"


/* What became of a page. */
typedef struct {
    loop_t         *loop;
    pool_status_t   status;
    char            data[64];
    char            form[256];
    size_t          form_len;
    char            refresh[64];
    int             refresh_delay;
    char            detail[128];
} pool_page_t;


/* What every test has: a pool of one worker. */
typedef struct {
    loop_t  *loop;
    pool_t  *pool;
} pool_test_t;


static void pool_test_start(pool_test_t *t);
static void pool_test_stop(pool_test_t *t);
static void pool_test_signal(int signo, void *data);
static void pool_test_html(pool_test_t *t, pool_page_t *page,
    const char *rules, sc_str_t body);
static void pool_test_form(pool_test_t *t, pool_page_t *page,
    const char *form, const char *html);
static void pool_test_run(pool_test_t *t, pool_page_t *page,
    pool_request_t *r);
static void pool_test_done(void *data, const pool_result_t *result);
static void pool_test_copy(char *out, size_t size, sc_str_t text);


START_TEST(meta_refresh_of_a_page_comes_with_its_data)
{
    pool_page_t  page;
    pool_test_t  t;

    pool_test_start(&t);
    pool_test_html(&t, &page, POOL_TEST_RULES, (sc_str_t) sc_string(
                   "<META HTTP-EQUIV=refresh CONTENT='3; URL=a'><p>x"));
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    ck_assert_str_eq(page.refresh, "http://shop.example/a");
    ck_assert_int_eq(page.refresh_delay, 3);
    ck_assert_str_eq(page.form, "");

    /* nothing of it stays for the next */
    pool_test_html(&t, &page, POOL_TEST_RULES, (sc_str_t) sc_string(
                   "<meta http-equiv=x content='3; url=a'><p>y"));
    ck_assert_str_eq(page.data, "{\"a\":\"y\"}");
    ck_assert_str_eq(page.refresh, "");
    ck_assert_int_eq(page.refresh_delay, 0);
    pool_test_stop(&t);
}
END_TEST


START_TEST(meta_refresh_longer_than_a_url_is_none)
{
    char         *bytes;
    sc_str_t      body;
    pool_page_t   page;
    pool_test_t   t;

    body.len = 10 << 20;
    bytes = malloc(body.len);
    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'z', body.len);
    memcpy(bytes, "<p>x</p><meta http-equiv=refresh content=1;", 43);
    bytes[body.len - 1] = '>';
    body.data = bytes;

    pool_test_start(&t);
    pool_test_html(&t, &page, POOL_TEST_RULES, body);
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    ck_assert_str_eq(page.refresh, "");
    ck_assert_int_eq(page.refresh_delay, 0);
    pool_test_stop(&t);
    free(bytes);
}
END_TEST


START_TEST(form_comes_back_as_what_to_send)
{
    pool_page_t  page;
    pool_test_t  t;

    pool_test_start(&t);
    pool_test_form(&t, &page, "{\"form\":\"//form[1]\",\"fill\":"
                   "{\"u\":\"m\u00e9\",\"p\":\"a&b\"},\"check\":\"\"}",
                   "<form action=/in method=post><input type=hidden name=t "
                   "value='\"'><input name=u></form>");
    ck_assert_int_eq(page.status, POOL_OK);
    ck_assert_str_eq(page.form, "{\"method\":\"POST\","
                     "\"url\":\"http://shop.example/in\","
                     "\"body\":\"t=%22&u=m%C3%A9&p=a%26b\"}");
    ck_assert_str_eq(page.data, "");

    pool_test_form(&t, &page, "{\"form\":\"//input\"}",
                   "<form action='/s?a'><input name=q>");
    ck_assert_str_eq(page.form, "{\"method\":\"GET\","
                     "\"url\":\"http://shop.example/s?q=\",\"body\":\"\"}");

    /* and the next is an ordinary page */
    pool_test_html(&t, &page, POOL_TEST_RULES,
                   (sc_str_t) sc_string("<p>x"));
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    ck_assert_str_eq(page.form, "");
    pool_test_stop(&t);
}
END_TEST


START_TEST(check_comes_back_as_a_boolean)
{
    size_t                    i;
    pool_page_t               page;
    pool_test_t               t;
    static const char *const  cases[][2] = {
        { "{\"check\":\"//a[@href='/logout']\"}", "{\"ok\":true}" },
        { "{\"form\":\"\",\"check\":\"//p\"}", "{\"ok\":false}" },
        { "{\"check\":\"count(//a) = 2\"}", "{\"ok\":false}" },
        { "{\"check\":\"string(//a)\"}", "{\"ok\":true}" },
        { "{\"check\":\"//p\",\"form\":\"//form\"}",
          "{\"ok\":false,\"method\":\"GET\","
          "\"url\":\"http://shop.example/?\",\"body\":\"\"}" },
        { "{}", "{}" }
    };

    pool_test_start(&t);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pool_test_form(&t, &page, cases[i][0],
                       "<meta http-equiv=refresh content='0;/home'>"
                       "<a href=/logout>out</a><form></form>");
            ck_assert_int_eq(page.status, POOL_OK);
        ck_assert_str_eq(page.form, cases[i][1]);
        ck_assert_str_eq(page.refresh, "http://shop.example/home");
    }

    pool_test_stop(&t);
}
END_TEST


START_TEST(form_that_is_not_there_fails_the_page)
{
    size_t                    i;
    pool_page_t               page;
    pool_test_t               t;
    static const char *const  cases[][2] = {
        { "{\"form\":\"//form[2]\"}",
          "\"//form[2]\" selects nothing on the page" },
        { "{\"form\":\"//p\"}", "\"//p\" selects what is in no form" },
        { "{\"form\":\"1\"}", "\"1\" selects no form" },
        { "{\"form\":\"//form[\"}", "\"//form[\" does not compile" },
        { "{\"check\":\"f()\"}",
          "\"f()\" failed on this page, libxml2 says 1209" },
        { "{\"form\":\"//form\"}", "the form wants multipart/form-data" },
        { "{\"form\":\"//form\",\"fill\":{\"a\":1}}",
          "a value to fill in is not a string" },
        { "{\"form\":\"//form\",\"fill\":[]}",
          "the form was asked for with what is not such a request" },
        { "{\"form\":1}",
          "the form was asked for with what is not such a request" },
        { "[]", "the form was asked for with what is not such a request" },
        { "{", "the form was asked for with what is not such a request" }
    };

    pool_test_start(&t);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        pool_test_form(&t, &page, cases[i][0], "<p>x</p><form method=post "
                       "enctype=multipart/form-data></form>");
            ck_assert_int_eq(page.status, POOL_FAILED);
        ck_assert_str_eq(page.detail, cases[i][1]);
        ck_assert_str_eq(page.form, "");
        ck_assert_str_eq(page.refresh, "");
    }

    pool_test_stop(&t);
}
END_TEST


START_TEST(check_that_takes_too_many_steps_fails_the_page)
{
    int          i;
    sc_buf_t     html;
    pool_page_t  page;
    pool_test_t  t;

    sc_buf_init(&html, 0);

    for (i = 0; i < 5000; i++) {
        sc_buf_add_cstr(&html, "<p>x</p>");
    }

    pool_test_start(&t);
    pool_test_form(&t, &page, "{\"check\":\"//p[count(//p) = 1]\"}",
                   html.data);
    ck_assert_int_eq(page.status, POOL_FAILED);
    ck_assert_str_eq(page.detail,
                     "\"//p[count(//p) = 1]\" takes more than 5000000 steps");

    pool_test_form(&t, &page, "{\"check\":\"count(//p) = 5000\"}",
                   html.data);
    ck_assert_str_eq(page.form, "{\"ok\":true}");
    pool_test_stop(&t);
    sc_buf_free(&html);
}
END_TEST


START_TEST(form_larger_than_the_socket_holds_arrives)
{
    int          i;
    sc_buf_t     form, html;
    pool_page_t  page;
    pool_test_t  t;

    sc_buf_init(&form, 0);
    sc_buf_init(&html, 0);
    sc_buf_add_cstr(&form, "{\"form\":\"//form\",\"fill\":{\"a\":\"");
    sc_buf_add_cstr(&html, "<form method=post>");

    for (i = 0; i < 100000; i++) {
        sc_buf_add_cstr(&form, "12345678");
        sc_buf_add_cstr(&html, "<input name=b value=1>");
    }

    sc_buf_add_cstr(&form, "\"}}");

    pool_test_start(&t);
    pool_test_form(&t, &page, form.data, html.data);
    ck_assert_str_eq(page.detail, "");
    ck_assert_uint_eq(page.form_len,
                      strlen("{\"method\":\"POST\",\"url\":"
                             "\"http://shop.example/\",\"body\":\"&a=\"}")
                      + 100000 * strlen("b=1&12345678") - 1);
    pool_test_stop(&t);
    sc_buf_free(&form);
    sc_buf_free(&html);
}
END_TEST


START_TEST(more_values_than_may_be_filled_in_fail_the_page)
{
    int          i;
    sc_buf_t     form;
    pool_page_t  page;
    pool_test_t  t;

    sc_buf_init(&form, 0);
    sc_buf_add_cstr(&form, "{\"form\":\"//form\",\"fill\":{");

    for (i = 0; i <= 1000; i++) {
        sc_buf_printf(&form, "%s\"f%d\":\"\"", i == 0 ? "" : ",", i);
    }

    sc_buf_add_cstr(&form, "}}");

    pool_test_start(&t);
    pool_test_form(&t, &page, form.data, "<form></form>");
    ck_assert_int_eq(page.status, POOL_FAILED);
    ck_assert_str_eq(page.detail,
                     "1001 values to fill in are more than 1000");
    pool_test_stop(&t);
    sc_buf_free(&form);
}
END_TEST


START_TEST(url_longer_than_any_may_be_is_not_the_forms)
{
    int          i;
    sc_buf_t     html;
    pool_page_t  page;
    pool_test_t  t;

    sc_buf_init(&html, 0);
    sc_buf_add_cstr(&html, "<form><input name=a value=");

    for (i = 0; i < 1024; i++) {
        sc_buf_add_cstr(&html, "12345678");
    }

    pool_test_start(&t);
    sc_buf_add_cstr(&html, ">");
    pool_test_form(&t, &page, "{\"form\":\"//form\"}", html.data);
    ck_assert_int_eq(page.status, POOL_FAILED);
    ck_assert_str_eq(page.detail, "the form leads to a URL of 8215 bytes, "
                                  "more than 8192");
    pool_test_stop(&t);
    sc_buf_free(&html);
}
END_TEST


START_TEST(failed_form_does_not_cost_a_rule_set_its_place)
{
    sc_str_t     body = sc_string("<p>x");
    pool_page_t  page;
    pool_test_t  t;

    pool_test_start(&t);
    pool_test_html(&t, &page, POOL_TEST_RULES, body);
    pool_test_form(&t, &page, "{\"form\":\"//form\"}", "");
    ck_assert_int_eq(page.status, POOL_FAILED);

    pool_test_html(&t, &page, "not sent again", body);
    ck_assert_str_eq(page.data, "{\"a\":\"x\"}");
    pool_test_stop(&t);
}
END_TEST


int
main(int argc, char **argv)
{
    const TTest *const  tests[] = {
        meta_refresh_of_a_page_comes_with_its_data,
        meta_refresh_longer_than_a_url_is_none,
        form_comes_back_as_what_to_send,
        check_comes_back_as_a_boolean,
        form_that_is_not_there_fails_the_page,
        check_that_takes_too_many_steps_fails_the_page,
        form_larger_than_the_socket_holds_arrives,
        more_values_than_may_be_filled_in_fail_the_page,
        url_longer_than_any_may_be_is_not_the_forms,
        failed_form_does_not_cost_a_rule_set_its_place,
        NULL
    };

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return worker_main();
    }

    return suite_run("pool_form", tests, 60);
}


static void
pool_test_start(pool_test_t *t)
{
    static const int  signals[] = { SIGCHLD, 0 };

    ck_assert_int_eq(log_open("/dev/null", LOG_ERROR), SC_OK);

    t->loop = loop_create();
    ck_assert_ptr_nonnull(t->loop);
    ck_assert_int_eq(loop_signals(t->loop, signals, pool_test_signal, t),
                     SC_OK);

    t->pool = pool_create(t->loop, NULL, 1, 20 * LOOP_SEC);
    ck_assert_ptr_nonnull(t->pool);
}


static void
pool_test_stop(pool_test_t *t)
{
    pool_destroy(t->pool);
    loop_destroy(t->loop);
}


static void
pool_test_signal(int signo, void *data)
{
    pool_test_t  *t = data;

    (void) signo;
    pool_reap(t->pool);
}


static void
pool_test_html(pool_test_t *t, pool_page_t *page, const char *rules,
    sc_str_t body)
{
    pool_request_t  r;

    memset(&r, 0, sizeof(pool_request_t));
    r.rules.data = rules;
    r.rules.len = strlen(rules);
    r.rules_hash = "r";
    r.body = body;

    pool_test_run(t, page, &r);
}


static void
pool_test_form(pool_test_t *t, pool_page_t *page, const char *form,
    const char *html)
{
    pool_request_t  r;

    memset(&r, 0, sizeof(pool_request_t));
    r.form.data = form;
    r.form.len = strlen(form);
    r.body.data = html;
    r.body.len = strlen(html);

    pool_test_run(t, page, &r);
}


static void
pool_test_run(pool_test_t *t, pool_page_t *page, pool_request_t *r)
{
    memset(page, 0, sizeof(pool_page_t));
    page->loop = t->loop;
    r->url = "http://shop.example/";
    r->content_type = "";

    ck_assert_ptr_nonnull(pool_submit(t->pool, r, pool_test_done, page));
    ck_assert_int_eq(loop_run(t->loop), SC_OK);
}


static void
pool_test_done(void *data, const pool_result_t *r)
{
    pool_page_t  *page = data;

    page->status = r->status;
    page->refresh_delay = r->refresh_delay;
    page->form_len = r->form.len;
    pool_test_copy(page->data, sizeof(page->data), r->data);
    pool_test_copy(page->form, sizeof(page->form), r->form);
    (void) snprintf(page->refresh, sizeof(page->refresh), "%s", r->refresh);
    (void) snprintf(page->detail, sizeof(page->detail), "%s", r->detail);

    loop_stop(page->loop);
}


static void
pool_test_copy(char *out, size_t size, sc_str_t text)
{
    (void) snprintf(out, size, "%.*s", (int) text.len,
                    text.len != 0 ? text.data : "");
}
