
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "tests/support/gateway.h"
#include "tests/support/httpbin.h"
#include "tests/support/suite.h"


#define HTTPBIN_TIMEOUT    90


/* The gateway and httpbin. */
typedef struct {
    gateway_t  gateway;
    httpbin_t  httpbin;
} bin_t;


/*
 * A fetch and what httpbin says of it.
 *
 * path     of httpbin
 * request  the member of this name
 * status   of the page
 * member   of the JSON that is the page; NULL: the page is none
 * value    that member, as JSON
 */
typedef struct {
    const char  *path;
    const char  *request;
    long         status;
    const char  *member;
    const char  *value;
} bin_case_t;


static void bin_begin(bin_t *b);
static void bin_end(bin_t *b);
static client_reply_t bin_fetch(bin_t *b, const char *path,
    const char *request);
static void bin_expect(bin_t *b, const bin_case_t *cases, size_t n);
static int bin_says(const client_reply_t *r, const bin_case_t *c);
static json_t *bin_page(const client_reply_t *r);
static void bin_expect_redirect(bin_t *b, const char *method, int status,
    const char *then, const char *data);


#define COUNT(cases)    (sizeof(cases) / sizeof(cases[0]))


static const bin_case_t  bin_methods[] = {
    { "/anything", "{}", 200, "method", "\"GET\"" },
    { "/anything", "{\"method\":\"GET\"}", 200, "method", "\"GET\"" },
    { "/anything", "{\"method\":\"POST\"}", 200, "method", "\"POST\"" },
    { "/anything", "{\"method\":\"PUT\"}", 200, "method", "\"PUT\"" },
    { "/anything", "{\"method\":\"PATCH\"}", 200, "method", "\"PATCH\"" },
    { "/anything", "{\"method\":\"DELETE\"}", 200, "method", "\"DELETE\"" },
    { "/anything", "{\"method\":\"HEAD\"}", 200, NULL, NULL },
    { "/get", "{\"method\":\"OPTIONS\"}", 200, NULL, NULL },
    { "/get", "{\"method\":\"POST\"}", 405, NULL, NULL }
};


#define BODY_JSON    "\"json\":{\"a\":[1,true,null,\"\u00fc\"],\"b\":{}}"
#define BODY_FORM    "\"form\":{\"a b\":\"c&d=e+f\",\"u\":\"\u00fc\"}"
#define BODY_LIST    "\"form\":{\"a\":[\"1\",\"2\"],\"b\":\"3\"}"
#define BODY_RAW     "\"body\":\"raw, of 2 lines\\n\u20ac\""
#define BODY_MINE    BODY_RAW ",\"headers\":{\"Content-Type\":\"text/x\"}"

static const bin_case_t  bin_bodies[] = {
    { "/anything", "{\"method\":\"POST\"," BODY_JSON "}", 200, "json",
      "{\"a\":[1,true,null,\"\u00fc\"],\"b\":{}}" },
    { "/anything", "{\"method\":\"POST\"," BODY_JSON "}", 200,
      "headers.Content-Type", "\"application/json\"" },
    { "/anything", "{\"method\":\"PUT\"," BODY_JSON "}", 200, "json.a[0]",
      "1" },
    { "/anything", "{\"method\":\"PATCH\"," BODY_JSON "}", 200, "json.a[1]",
      "true" },
    { "/anything", "{\"method\":\"DELETE\"," BODY_JSON "}", 200, "json.b",
      "{}" },
    { "/anything", "{\"method\":\"POST\"," BODY_FORM "}", 200, "form",
      "{\"a b\":\"c&d=e+f\",\"u\":\"\u00fc\"}" },
    { "/anything", "{\"method\":\"POST\"," BODY_FORM "}", 200,
      "headers.Content-Type", "\"application/x-www-form-urlencoded\"" },
    { "/anything", "{\"method\":\"PUT\"," BODY_LIST "}", 200, "form",
      "{\"a\":[\"1\",\"2\"],\"b\":\"3\"}" },
    { "/anything", "{\"method\":\"POST\"," BODY_RAW "}", 200, "data",
      "\"raw, of 2 lines\\n\u20ac\"" },
    { "/anything", "{\"method\":\"POST\"," BODY_MINE "}", 200,
      "headers.Content-Type", "\"text/x\"" },
    { "/anything", "{\"method\":\"PATCH\"," BODY_MINE "}", 200, "data",
      "\"raw, of 2 lines\\n\u20ac\"" },
    { "/anything", "{\"method\":\"POST\",\"body\":\"\"}", 200, "data",
      "\"\"" }
};


static const bin_case_t  bin_headers[] = {
    { "/headers", "{\"headers\":{\"X-One\":\"1\",\"X-Two\":\"b, c\"}}", 200,
      "headers.X-One", "\"1\"" },
    { "/headers", "{\"headers\":{\"X-One\":\"1\",\"X-Two\":\"b, c\"}}", 200,
      "headers.X-Two", "\"b, c\"" },
    { "/headers", "{\"headers\":{\"Accept-Language\":\"de\"}}", 200,
      "headers.Accept-Language", "\"de\"" },
    { "/user-agent", "{\"headers\":{\"User-Agent\":\"one of mine/1\"}}", 200,
      "user-agent", "\"one of mine/1\"" },
    { "/get?a=1&a=2&b=%26", "{}", 200, "args",
      "{\"a\":[\"1\",\"2\"],\"b\":\"&\"}" }
};


/* A job's cookies are its own; the last row would see those before. */
static const bin_case_t  bin_cookies[] = {
    { "/cookies", "{\"cookies\":{\"a\":\"b\",\"c\":\"d e\"}}", 200, "cookies",
      "{\"a\":\"b\",\"c\":\"d e\"}" },
    { "/cookies/set?one=1&two=2", "{}", 200, "cookies",
      "{\"one\":\"1\",\"two\":\"2\"}" },
    { "/cookies/set/one/1", "{\"cookies\":{\"a\":\"b\"}}", 200, "cookies",
      "{\"a\":\"b\",\"one\":\"1\"}" },
    { "/cookies/set/a/new", "{\"cookies\":{\"a\":\"old\"}}", 200, "cookies",
      "{\"a\":\"new\"}" },
    { "/cookies/delete?a", "{\"cookies\":{\"a\":\"b\",\"c\":\"d\"}}", 200,
      "cookies", "{\"c\":\"d\"}" },
    { "/cookies", "{}", 200, "cookies", "{}" }
};


#define AUTH_BASIC(user, password)                                           \
    "{\"auth\":{\"basic\":{\"user\":\"" user "\",\"password\":\"" password   \
    "\"}}}"
#define AUTH_BEARER    "{\"auth\":{\"bearer\":\"token.1\"}}"

static const bin_case_t  bin_auths[] = {
    { "/basic-auth/me/secret", AUTH_BASIC("me", "secret"), 200, "user",
      "\"me\"" },
    { "/basic-auth/me/s:%C3%BC", AUTH_BASIC("me", "s:\u00fc"), 200,
      "authenticated", "true" },
    { "/basic-auth/me/secret", AUTH_BASIC("me", "guess"), 401, NULL, NULL },
    { "/basic-auth/me/secret", "{}", 401, NULL, NULL },
    { "/bearer", AUTH_BEARER, 200, "token", "\"token.1\"" },
    { "/bearer", "{}", 401, NULL, NULL },
    { "/redirect-to?url=/bearer", AUTH_BEARER, 200, "token",
      "\"token.1\"" }
};


static const bin_case_t  bin_codings[] = {
    { "/gzip", "{}", 200, "gzipped", "true" },
    { "/deflate", "{}", 200, "deflated", "true" },
    { "/brotli", "{}", 200, "brotli", "true" }
};


static const bin_case_t  bin_statuses[] = {
    { "/status/418", "{}", 418, NULL, NULL },
    { "/status/404", "{}", 404, NULL, NULL },
    { "/status/500", "{}", 500, NULL, NULL },
    { "/status/200", "{}", 200, NULL, NULL }
};


START_TEST(every_method_arrives)
{
    bin_t  b;

    bin_begin(&b);
    bin_expect(&b, bin_methods, COUNT(bin_methods));
    bin_end(&b);
}
END_TEST


START_TEST(every_kind_of_body_arrives)
{
    bin_t  b;

    bin_begin(&b);
    bin_expect(&b, bin_bodies, COUNT(bin_bodies));
    bin_end(&b);
}
END_TEST


START_TEST(header_fields_and_the_query_arrive)
{
    bin_t  b;

    bin_begin(&b);
    bin_expect(&b, bin_headers, COUNT(bin_headers));
    bin_end(&b);
}
END_TEST


START_TEST(cookies_are_sent_taken_and_kept_for_one_job)
{
    bin_t  b;

    bin_begin(&b);
    bin_expect(&b, bin_cookies, COUNT(bin_cookies));
    bin_end(&b);
}
END_TEST


START_TEST(basic_and_bearer_credentials_are_accepted)
{
    bin_t  b;

    bin_begin(&b);
    bin_expect(&b, bin_auths, COUNT(bin_auths));
    bin_end(&b);
}
END_TEST


START_TEST(credentials_do_not_follow_a_redirect_to_another_origin)
{
    char            path[160];
    bin_t           b;
    client_reply_t  r;

    bin_begin(&b);

    (void) snprintf(path, sizeof(path), "/redirect-to?url=%s/method",
                    b.gateway.origin);

    r = bin_fetch(&b, path, AUTH_BASIC("me", "secret"));
    ck_assert_str_eq(client_str(&r, "data.title"), "GET");
    ck_assert(json_is_string(client_get(&r, "data.auth")));
    ck_assert_str_eq(client_str(&r, "data.auth"), "");
    client_free(&r);

    r = bin_fetch(&b, path, AUTH_BEARER);
    ck_assert_str_eq(client_str(&r, "data.title"), "GET");
    ck_assert_str_eq(client_str(&r, "data.auth"), "");
    client_free(&r);

    bin_end(&b);
}
END_TEST


START_TEST(redirects_are_followed_as_far_as_allowed)
{
    size_t          i;
    char            end[64];
    bin_t           b;
    client_reply_t  r;

    static const char  *paths[] = { "/redirect/5", "/relative-redirect/5",
                                    "/absolute-redirect/5" };

    bin_begin(&b);
    (void) snprintf(end, sizeof(end), "%s/get", b.httpbin.url);

    for (i = 0; i < COUNT(paths); i++) {
        r = bin_fetch(&b, paths[i], "{\"redirects\":5}");
        ck_assert_msg(r.status == 200, "%s", r.body);
        ck_assert_str_eq(client_str(&r, "fetch.final_url"), end);
        ck_assert_uint_eq(json_array_size(client_get(&r, "fetch.redirects")),
                          5);
        ck_assert_int_eq(json_integer_value(
                             client_get(&r, "fetch.redirects[4].status")),
                         302);
        client_free(&r);

        r = bin_fetch(&b, paths[i], "{\"redirects\":4}");
        ck_assert_int_eq(r.status, 502);
        ck_assert_str_eq(client_str(&r, "type"), "/fetch/redirects");
        client_free(&r);
    }

    bin_end(&b);
}
END_TEST


/* RFC 9110, 15.4; for 301 and 302 what browsers do, a POST becomes a GET. */
START_TEST(a_redirect_changes_the_method_as_its_status_says)
{
    bin_t  b;

    bin_begin(&b);

    bin_expect_redirect(&b, "GET", 301, "GET", "");
    bin_expect_redirect(&b, "POST", 301, "GET", "");
    bin_expect_redirect(&b, "POST", 302, "GET", "");
    bin_expect_redirect(&b, "POST", 303, "GET", "");
    bin_expect_redirect(&b, "POST", 307, "POST", "sent");
    bin_expect_redirect(&b, "POST", 308, "POST", "sent");
    bin_expect_redirect(&b, "PUT", 303, "GET", "");
    bin_expect_redirect(&b, "PUT", 307, "PUT", "sent");
    bin_expect_redirect(&b, "DELETE", 308, "DELETE", "sent");

    bin_end(&b);
}
END_TEST


START_TEST(every_content_coding_is_undone)
{
    bin_t  b;

    bin_begin(&b);
    bin_expect(&b, bin_codings, COUNT(bin_codings));
    bin_end(&b);
}
END_TEST


START_TEST(every_status_is_an_answer)
{
    bin_t  b;

    bin_begin(&b);
    bin_expect(&b, bin_statuses, COUNT(bin_statuses));
    bin_end(&b);
}
END_TEST


START_TEST(a_late_answer_is_waited_for_until_the_deadline)
{
    bin_t           b;
    client_reply_t  r;

    bin_begin(&b);

    r = bin_fetch(&b, "/delay/1", "{}");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_double_ge(json_number_value(
                            client_get(&r, "fetch.timings_ms.total")), 1000);
    client_free(&r);

    r = bin_fetch(&b, "/delay/5", "{\"timeouts\":{\"total_ms\":500}}");
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/fetch/timeout");
    client_free(&r);

    r = bin_fetch(&b, "/delay/5", "{\"timeouts\":{\"first_byte_ms\":500}}");
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/fetch/timeout");
    client_free(&r);

    bin_end(&b);
}
END_TEST


START_TEST(a_page_in_chunks_and_one_of_html_are_read)
{
    bin_t           b;
    client_reply_t  r;

    bin_begin(&b);

    r = bin_fetch(&b, "/stream/3", "{}");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "data.body"), "\"id\": 2"));
    client_free(&r);

    r = bin_fetch(&b, "/html", "{}");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.title"),
                     "Herman Melville - Moby-Dick");
    client_free(&r);

    bin_end(&b);
}
END_TEST


static void
bin_begin(bin_t *b)
{
    gateway_options_t  o = { .settings = "robots = ignore\n"
                                         "retries = 0\n"
                                         "host_failures = 0\n" };

    httpbin_start(&b->httpbin);
    gateway_start(&b->gateway, &o);
}


static void
bin_end(bin_t *b)
{
    gateway_stop(&b->gateway);
    httpbin_stop(&b->httpbin);
}


static client_reply_t
bin_fetch(bin_t *b, const char *path, const char *request)
{
    char  body[1024];

    (void) snprintf(body, sizeof(body),
                    "{\"url\":\"%s%s\",\"request\":%s,"
                    "\"rules\":{\"body\":{\"regex\":\"(?s).+\"},"
                    "\"title\":\"//h1\","
                    "\"auth\":\"//*[@id='auth']\"}}",
                    b->httpbin.url, path, request);

    return gateway_request(&b->gateway, "POST", "/v1/extract", NULL, body);
}


static void
bin_expect(bin_t *b, const bin_case_t *cases, size_t n)
{
    size_t             i;
    json_int_t         status;
    client_reply_t     r;
    const bin_case_t  *c;

    for (i = 0; i < n; i++) {
        c = &cases[i];
        r = bin_fetch(b, c->path, c->request);
        status = json_integer_value(client_get(&r, "fetch.status"));

        ck_assert_msg(r.status == 200 && status == c->status
                      && (c->member == NULL || bin_says(&r, c)),
                      "%s, %s: %ld %s", c->path, c->request, r.status,
                      r.body);
        client_free(&r);
    }
}


static int
bin_says(const client_reply_t *r, const bin_case_t *c)
{
    int             same;
    json_t         *value;
    client_reply_t  page;

    memset(&page, 0, sizeof(client_reply_t));
    page.json = bin_page(r);
    value = json_loads(c->value, JSON_DECODE_ANY, NULL);
    ck_assert_ptr_nonnull(value);

    same = json_equal(client_get(&page, c->member), value);
    json_decref(value);
    client_free(&page);

    return same;
}


/* The JSON that a page of httpbin is; in HTML it is text. */
static json_t *
bin_page(const client_reply_t *r)
{
    return json_loads(client_str(r, "data.body"), 0, NULL);
}


static void
bin_expect_redirect(bin_t *b, const char *method, int status,
    const char *then, const char *data)
{
    int             ok;
    char            path[64], request[128];
    json_t         *page;
    const char     *said;
    client_reply_t  r;

    (void) snprintf(path, sizeof(path),
                    "/redirect-to?url=/anything&status_code=%d", status);
    (void) snprintf(request, sizeof(request), "{\"method\":\"%s\"%s}", method,
                    strcmp(method, "GET") == 0 ? "" : ",\"body\":\"sent\"");

    r = bin_fetch(b, path, request);
    page = bin_page(&r);
    said = json_string_value(json_object_get(page, "method"));
    ok = said != NULL && strcmp(said, then) == 0;
    said = json_string_value(json_object_get(page, "data"));
    ok = ok && said != NULL && strcmp(said, data) == 0;

    ck_assert_msg(ok, "%s, %d: %s", method, status, r.body);
    json_decref(page);
    client_free(&r);
}


int
main(void)
{
    const TTest  *tests[] = {
        every_method_arrives,
        every_kind_of_body_arrives,
        header_fields_and_the_query_arrive,
        cookies_are_sent_taken_and_kept_for_one_job,
        basic_and_bearer_credentials_are_accepted,
        credentials_do_not_follow_a_redirect_to_another_origin,
        redirects_are_followed_as_far_as_allowed,
        a_redirect_changes_the_method_as_its_status_says,
        every_content_coding_is_undone,
        every_status_is_an_answer,
        a_late_answer_is_waited_for_until_the_deadline,
        a_page_in_chunks_and_one_of_html_are_read,
        NULL
    };

    return suite_run("httpbin", tests, HTTPBIN_TIMEOUT);
}
