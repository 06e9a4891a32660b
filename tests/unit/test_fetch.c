
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "tests/support/fetching.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define FETCH_ALLOW    "127.0.0.0/8, ::1/128"

/* of those that end by it */
#define FETCH_SHORT    (400 * LOOP_MS)

/* a deadline may be missed by what a busy machine takes */
#define FETCH_SLACK    10000.0


/* What an origin does, and how its one outcome is called. */
typedef struct {
    const char     *path;
    fetch_error_t   error;
    int             status;
    const char     *detail;
} fetch_fault_t;


static fetch_request_t fetch_short(void);
static void fetch_check_detail(const char *detail);
static const char *fetch_echo(const json_t *json, const char *name);
static json_t *fetch_json(const fetching_answer_t *a);


static const fetch_fault_t  fetch_faults[] = {
    { "/hang", FETCH_TIMEOUT, 0, "400 ms" },
    { "/hang-headers", FETCH_TIMEOUT, 200, "400 ms" },
    { "/drip", FETCH_TIMEOUT, 200, "400 ms" },
    { "/drip-headers", FETCH_TIMEOUT, 0, "400 ms" },
    { "/delay?ms=5000", FETCH_TIMEOUT, 0, "400 ms" },
    { "/endless", FETCH_TOO_LARGE, 200, "10000 bytes" },
    { "/big?bytes=10001", FETCH_TOO_LARGE, 200, "10000 bytes" },
    { "/big?bytes=20000000", FETCH_TOO_LARGE, 200, "10000 bytes" },
    { "/gzip?bytes=10001", FETCH_TOO_LARGE, 200, "10000 bytes" },
    { "/gzip-bomb?bytes=100000000", FETCH_TOO_LARGE, 200, "10000 bytes" },
    { "/headers-bomb", FETCH_TOO_LARGE, 200, "65536 bytes" },
    { "/interim-bomb", FETCH_TOO_LARGE, 0, "65536 bytes" },
    { "/trailers-bomb", FETCH_TOO_LARGE, 200, "65536 bytes" },
    { "/header-line?bytes=66000", FETCH_TOO_LARGE, 200, "header" },
    { "/header-line?bytes=300000", FETCH_TOO_LARGE, 200, "header" },
    { "/short", FETCH_PROTOCOL, 200, "10 of 100 bytes" },
    { "/cut-chunk", FETCH_PROTOCOL, 200, "ended" },
    { "/bad-chunk", FETCH_PROTOCOL, 200, "chunk" },
    { "/garbage", FETCH_PROTOCOL, 0, "HTTP" },
    { "/close", FETCH_PROTOCOL, 0, "without an answer" },
    { "/negative-length", FETCH_PROTOCOL, 200, "ength" },
    { "/two-lengths", FETCH_PROTOCOL, 200, "\"5\" and \"12\"" },
    { "/nul-header", FETCH_PROTOCOL, 200, "header" },
    { "/gzip-lie", FETCH_PROTOCOL, 200, "encoding" },
    { "/reset", FETCH_CONNECT, -1, "reset" },
    { "/reset-early", FETCH_CONNECT, 0, "reset" },
    { "/bad-chunk", FETCH_PROTOCOL, 200, "chunk" }
};


START_TEST(a_page_comes_whole)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    fetching_get(&f, "/page/7", NULL, &a);

    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_str_eq(a.result.detail, "");
    ck_assert_int_eq(a.result.status, 200);
    ck_assert_str_eq(a.http, "1.1");
    ck_assert_str_eq(a.result.ip, "127.0.0.1");
    ck_assert_str_eq(a.content_type, "text/html; charset=utf-8");
    ck_assert_str_eq(a.location, "");
    ck_assert_str_eq(a.etag, "");
    ck_assert_ptr_nonnull(strstr(a.result.body.data, "<h1>Product 7</h1>"));
    ck_assert_int_eq(a.result.bytes_wire, (int64_t) a.result.body.len);

    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(every_fault_has_its_one_outcome_inside_the_deadline)
{
    size_t                i;
    fetching_t            f;
    fetch_request_t       r;
    fetching_answer_t     a;
    const fetch_fault_t  *fault;

    fetching_begin(&f, "", FETCH_ALLOW, 10);

    for (i = 0; i < sizeof(fetch_faults) / sizeof(fetch_faults[0]); i++) {
        fault = &fetch_faults[i];
        r = fault->error == FETCH_TIMEOUT ? fetch_short()
                                          : fetching_request();
        fetching_get(&f, fault->path, &r, &a);

        ck_assert_msg(a.result.error == fault->error
                      && (a.result.status == fault->status
                          || fault->status == -1)
                      && strstr(a.result.detail, fault->detail) != NULL,
                      "%s: %d, %d, %s", fault->path, (int) a.result.error,
                      a.result.status, a.result.detail);
        fetch_check_detail(a.result.detail);
        ck_assert_msg(a.elapsed < (double) r.total_timeout / LOOP_MS
                                  + FETCH_SLACK,
                      "%s: %.0f ms", fault->path, a.elapsed);
        ck_assert_uint_le(a.result.body.len, 10000);
        fetching_free(&a);
    }

    /* the connections of the broken ones are not used again */
    fetching_get(&f, "/page", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


static fetch_request_t
fetch_short(void)
{
    fetch_request_t  r;

    r = fetching_request();
    r.total_timeout = FETCH_SHORT;

    return r;
}


START_TEST(a_deadline_is_not_early)
{
    fetching_t         f;
    fetch_request_t    r;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    r = fetch_short();
    fetching_get(&f, "/hang", &r, &a);

    ck_assert_int_eq(a.result.error, FETCH_TIMEOUT);
    ck_assert(a.elapsed >= 399);

    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(any_status_is_an_answer)
{
    int                i;
    char               path[64];
    fetching_t         f;
    fetching_answer_t  a;
    static const int   statuses[] = { 204, 304, 404, 418, 500, 503, 599 };

    fetching_begin(&f, "", FETCH_ALLOW, 10);

    for (i = 0; i < 7; i++) {
        (void) snprintf(path, sizeof(path), "/status/%d", statuses[i]);
        fetching_get(&f, path, NULL, &a);
        ck_assert_int_eq(a.result.error, FETCH_OK);
        ck_assert_int_eq(a.result.status, statuses[i]);
        fetching_free(&a);
    }

    fetching_end(&f);
}
END_TEST


START_TEST(a_redirect_is_told_and_not_followed)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    fetching_get(&f, "/redirect?to=..%2f%2fa%20b&status=307", NULL, &a);

    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_int_eq(a.result.status, 307);
    ck_assert_str_eq(a.location, "..//a b");

    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(what_an_interim_answer_or_a_trailer_says_does_not_count)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);

    fetching_get(&f, "/interim", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_int_eq(a.result.status, 200);
    ck_assert_str_eq(a.location, "");
    ck_assert_str_eq(a.content_type, "text/html; charset=utf-8");
    fetching_free(&a);

    fetching_get(&f, "/trailers", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_str_eq(a.content_type, "text/html");
    ck_assert_str_eq(a.result.body.data, "<h1>Whole</h1>");
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(an_etag_comes_back_and_is_honoured)
{
    fetch_header_t     h = { sc_string("If-None-Match"),
                             sc_string("\"v1\"") };
    fetching_t         f;
    fetch_request_t    r;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);

    fetching_get(&f, "/etag", NULL, &a);
    ck_assert_int_eq(a.result.status, 200);
    ck_assert_str_eq(a.etag, "\"v1\"");
    fetching_free(&a);

    r = fetching_request();
    r.headers = &h;
    r.nheaders = 1;
    fetching_get(&f, "/etag", &r, &a);
    ck_assert_int_eq(a.result.status, 304);
    ck_assert_uint_eq(a.result.body.len, 0);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(a_compressed_page_is_decoded_and_counted_as_received)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    fetching_get(&f, "/gzip?bytes=10000", NULL, &a);

    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_uint_eq(a.result.body.len, 10000);
    ck_assert_int_gt(a.result.bytes_wire, 0);
    ck_assert_int_lt(a.result.bytes_wire, 1000);
    ck_assert_str_eq(a.result.body.data + 10000 - 15, "</body></html>\n");

    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(a_body_of_just_the_limit_is_taken)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);

    fetching_get(&f, "/big?bytes=10000", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_uint_eq(a.result.body.len, 10000);
    fetching_free(&a);

    fetching_get(&f, "/nul", NULL, &a);
    ck_assert_uint_eq(a.result.body.len, 34);
    ck_assert_int_eq(memcmp(a.result.body.data, "<h1>a\0b<", 8), 0);
    fetching_free(&a);

    fetching_get(&f, "/long", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_uint_eq(a.result.body.len, 10);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(headers_of_just_under_the_limit_are_taken)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    fetching_get(&f, "/header-line?bytes=65000", NULL, &a);

    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_str_eq(a.result.body.data, "<h1>Long</h1>");

    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(a_head_has_no_body_and_no_limit_on_the_one_it_would_have)
{
    fetching_t         f;
    fetch_request_t    r;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    r = fetching_request();
    r.method = "HEAD";

    fetching_get(&f, "/big?bytes=20000", &r, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_int_eq(a.result.status, 200);
    ck_assert_str_eq(a.content_type, "text/html");
    ck_assert_uint_eq(a.result.body.len, 0);
    fetching_free(&a);

    /* the handle that did a HEAD does a GET again */
    fetching_get(&f, "/page", NULL, &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert_uint_gt(a.result.body.len, 0);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(the_caller_s_fields_are_sent_once_each)
{
    json_t            *json;
    fetching_t         f;
    fetch_header_t     h[3] = {
        { sc_string("X-Api-Key"), sc_string("a: b; c") },
        { sc_string("X-Empty"), sc_null_string },
        { sc_string("Accept-Language"), sc_string("de, en;q=0.5") }
    };
    fetch_request_t    r;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    r = fetching_request();
    r.headers = h;
    r.nheaders = 3;

    fetching_get(&f, "/echo?q=1", &r, &a);
    json = fetch_json(&a);
    ck_assert_str_eq(json_string_value(json_object_get(json, "method")),
                     "GET");
    ck_assert_str_eq(json_string_value(json_object_get(json, "query")),
                     "q=1");
    ck_assert_str_eq(fetch_echo(json, "X-Api-Key"), "a: b; c");
    ck_assert_str_eq(fetch_echo(json, "X-Empty"), "");
    ck_assert_str_eq(fetch_echo(json, "Accept-Language"), "de, en;q=0.5");
    ck_assert_str_eq(fetch_echo(json, "User-Agent"), "tester/1");
    ck_assert_str_eq(fetch_echo(json, "Host"), f.origin + 7);
    ck_assert_ptr_nonnull(strstr(fetch_echo(json, "Accept-Encoding"),
                                 "gzip"));
    json_decref(json);
    fetching_free(&a);

    /* and not with the next one */
    fetching_get(&f, "/echo", NULL, &a);
    json = fetch_json(&a);
    ck_assert_ptr_null(fetch_echo(json, "X-Api-Key"));
    json_decref(json);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(a_cookie_is_not_kept)
{
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);

    fetching_get(&f, "/cookie", NULL, &a);
    fetching_free(&a);
    fetching_get(&f, "/cookie", NULL, &a);
    ck_assert_ptr_nonnull(strstr(a.result.body.data, "No cookie came"));
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(timings_are_in_order)
{
    fetching_t                f;
    fetching_answer_t         a;
    const fetch_timings_t    *t = &a.result.timings;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    fetching_get(&f, "/delay?ms=50", NULL, &a);

    ck_assert_int_eq(a.result.error, FETCH_OK);
    ck_assert(t->dns == -1 && t->tls == -1);
    ck_assert(t->connect > 0 && t->connect < t->first_byte);
    ck_assert(t->first_byte >= 49 && t->first_byte <= t->total + 1);
    ck_assert(t->total <= a.elapsed + 1);
    fetching_free(&a);

    /* on the same connection */
    fetching_get(&f, "/page", NULL, &a);
    ck_assert(t->connect == 0);
    ck_assert(t->first_byte > 0);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(what_did_not_happen_has_no_time)
{
    fetching_t                f;
    fetch_request_t           r;
    fetching_answer_t         a;
    const fetch_timings_t    *t = &a.result.timings;

    fetching_begin(&f, "", FETCH_ALLOW, 10);

    r = fetch_short();
    fetching_get(&f, "/hang", &r, &a);
    ck_assert(t->connect > 0 && t->first_byte == -1);
    ck_assert(t->total >= 399);
    fetching_free(&a);

    fetching_get(&f, "http://10.0.0.1/", NULL, &a);
    ck_assert(t->dns == -1 && t->connect == -1 && t->tls == -1
              && t->first_byte == -1 && t->total >= 0);
    fetching_free(&a);

    fetching_end(&f);
}
END_TEST


START_TEST(a_port_where_nobody_listens_is_told)
{
    char               url[64];
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    (void) snprintf(url, sizeof(url), "http://127.0.0.1:%u/", process_port());
    fetching_get(&f, url, NULL, &a);

    ck_assert_int_eq(a.result.error, FETCH_CONNECT);
    ck_assert_int_eq(a.result.status, 0);
    ck_assert_ptr_nonnull(strstr(a.result.detail, "connection refused"));
    ck_assert_str_eq(a.http, "");
    fetch_check_detail(a.result.detail);

    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(an_origin_that_does_not_speak_tls_is_told)
{
    char               url[64];
    fetching_t         f;
    fetch_request_t    r;
    fetching_answer_t  a;

    fetching_begin(&f, "", FETCH_ALLOW, 10);
    (void) snprintf(url, sizeof(url), "https://127.0.0.1:%u/garbage", f.port);
    r = fetch_short();
    fetching_get(&f, url, &r, &a);

    /* the origin takes the handshake for a request that is never whole */
    ck_assert(a.result.error == FETCH_TLS || a.result.error == FETCH_TIMEOUT);
    ck_assert_ptr_nonnull(strstr(a.result.detail, "TLS"));
    ck_assert(a.elapsed < 400 + FETCH_SLACK);
    ck_assert(a.result.timings.tls == -1);
    fetch_check_detail(a.result.detail);

    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


/* Lower case but for names, no full stop, and the value in it. */
static void
fetch_check_detail(const char *detail)
{
    size_t  len;

    len = strlen(detail);
    ck_assert_uint_gt(len, 0);
    ck_assert_msg(!isupper((unsigned char) detail[0])
                  || isupper((unsigned char) detail[1]), "%s", detail);
    ck_assert_msg(detail[len - 1] != '.' && detail[len - 1] != '\n', "%s",
                  detail);
}


static json_t *
fetch_json(const fetching_answer_t *a)
{
    json_t  *json;

    ck_assert_int_eq(a->result.error, FETCH_OK);
    json = json_loadb(a->result.body.data, a->result.body.len, 0, NULL);
    ck_assert_ptr_nonnull(json);

    return json;
}


static const char *
fetch_echo(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json_object_get(json, "headers"),
                                             name));
}


int
main(void)
{
    const TTest  *tests[] = {
        a_page_comes_whole,
        every_fault_has_its_one_outcome_inside_the_deadline,
        a_deadline_is_not_early,
        any_status_is_an_answer,
        a_redirect_is_told_and_not_followed,
        what_an_interim_answer_or_a_trailer_says_does_not_count,
        an_etag_comes_back_and_is_honoured,
        a_compressed_page_is_decoded_and_counted_as_received,
        a_body_of_just_the_limit_is_taken,
        headers_of_just_under_the_limit_are_taken,
        a_head_has_no_body_and_no_limit_on_the_one_it_would_have,
        the_caller_s_fields_are_sent_once_each,
        a_cookie_is_not_kept,
        timings_are_in_order,
        what_did_not_happen_has_no_time,
        a_port_where_nobody_listens_is_told,
        an_origin_that_does_not_speak_tls_is_told,
        NULL
    };

    return suite_run("fetch", tests, 60);
}
