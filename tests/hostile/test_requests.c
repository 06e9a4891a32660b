
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/hostile/raw.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define REQUESTS_TIMEOUT    1800
#define REQUESTS_ANSWER     5000        /* ms, for those that must answer */
#define REQUESTS_SILENCE    80          /* ms, until one is given up */
#define REQUESTS_MAX        8192
#define REQUESTS_CHANGES    4           /* to one request */
#define REQUESTS_ASK        100         /* a good one after so many */

#define TEXT(s)             { sizeof(s) - 1, s }


/* Bytes, and the statuses that may answer them. */
typedef struct {
    sc_str_t  text;
    int       statuses[4];
} requests_case_t;


static void requests_mutated(const char *upstream, const char *promise);
static size_t requests_seed(const gateway_t *g, char *out);
static size_t requests_change(char *data, size_t len);
static size_t requests_insert(char *data, size_t len, size_t at,
    const char *bytes, size_t n);
static size_t requests_cut(char *data, size_t len, size_t at, size_t n);
static size_t requests_wrong(const char *data, size_t len,
    const raw_reply_t *r);
static int requests_announced(const raw_reply_t *r);
static void requests_good(gateway_t *g);


/* %s is the origin. */
static const char *const  requests_seeds[] = {
    "POST /v1/extract HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
    "\r\nContent-Length: 100\r\nConnection: close\r\n\r\n"
    "{\"url\":\"%s/page/1\",\"rules\":{\"title\":\"//h1\",\"p\":\".price\"}"
    ",\"echo\":{\"row\":17}}          ",
    "POST /v1/extract HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
    "\r\nTransfer-Encoding: chunked\r\nPrefer: wait=2\r\n\r\n"
    "5\r\n{\"url\r\n1\r\n\"\r\n24\r\n:\"%s/page/1\",\r\n"
    "1b\r\n\"rules\":{\"title\":\"//h1\"}}  \r\n0\r\n\r\n",
    "GET /v1/extract?url=%s/page/2&xpath.title=//h1&return=links HTTP/1.1\r\n"
    "Host: a\r\nAccept: application/json\r\n\r\n",
    "POST /v1/batch?xpath.title=//h1 HTTP/1.1\r\nHost: a\r\nContent-Type: "
    "application/x-ndjson\r\nContent-Length: 70\r\nIdempotency-Key: abc\r\n"
    "\r\n\"%s/page/1\"\n\"http://127.0.0.1:1024/page/2\"\n\n\n\n\n\n\n\n\n\n",
    "GET /v1/jobs?limit=3&state=completed HTTP/1.1\r\nHost: a\r\n\r\n"
    "GET /v1/status HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /v1/results?url=%s/page/1 HTTP/1.1\r\nHost: a\r\n"
    "If-None-Match: \"x\"\r\nRange: bytes=0-3\r\n\r\n",
    "PUT /v1/sessions/shop HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain"
    "\r\nContent-Length: 40\r\n\r\n.shop.example\tTRUE\t/\tFALSE\t0\tcur\tEUR"
    "\r\n     ",
    "PUT /v1/rulesets/product HTTP/1.1\r\nHost: a\r\nIf-Match: *\r\n"
    "Content-Type: application/json\r\nContent-Length: 24\r\n\r\n"
    "{\"fields\":{\"t\":\"//h1\"}}  ",
    "PATCH /v1/hosts/127.0.0.1 HTTP/1.1\r\nHost: a\r\n"
    "Content-Type: application/json\r\nContent-Length: 14\r\n\r\n"
    "{\"delay_ms\":0}",
    "DELETE /v1/jobs/b1c01KAJ8Q5W0000000000000000 HTTP/1.1\r\nHost: a\r\n"
    "\r\n",
    "QUERY /v1/extract HTTP/1.1\r\nHost: a\r\nContent-Type: application/json"
    "\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
    "HEAD /healthz HTTP/1.0\r\n\r\n",
    "POST /v1/crawl HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    "Content-Length: 80\r\n\r\n{\"urls\":[\"%s/page/1\"],\"max_depth\":0,"
    "\"rules\":{\"t\":\"h1\"}}                   ",
    "POST /v1/rules/check HTTP/1.1\r\nHost: a\r\nContent-Type: "
    "application/json\r\nContent-Length: 60\r\n\r\n"
    "{\"rules\":{\"t\":\"//h1\"},\"html\":\"<h1>a</h1>\"}                 "
};


/* What is put in or in the place of other bytes. */
static const sc_str_t  requests_words[] = {
    TEXT("\r\n"), TEXT("\n"), TEXT("\r"), TEXT("\0"), TEXT("\r\n\r\n"),
    TEXT("Content-Length: 0\r\n"),
    TEXT("Content-Length: 99999999999999999\r\n"),
    TEXT("Content-Length: -1\r\n"), TEXT("Content-Length: 5, 5\r\n"),
    TEXT("Transfer-Encoding: chunked\r\n"),
    TEXT("Transfer-Encoding: chunked, chunked\r\n"),
    TEXT("Transfer-Encoding: identity\r\n"), TEXT("Transfer-Encoding:\r\n"),
    TEXT("Expect: 100-continue\r\n"), TEXT("Connection: close\r\n"),
    TEXT("Connection: keep-alive\r\n"), TEXT("Upgrade: h2c\r\n"),
    TEXT("Prefer: respond-async\r\n"), TEXT("Prefer: wait=0\r\n"),
    TEXT("Prefer: wait=99999999999999999999\r\n"),
    TEXT("Accept: text/csv\r\n"),
    TEXT("Host: b\r\n"), TEXT("X: \xff\xfe\r\n"), TEXT("HTTP/1.1"),
    TEXT("HTTP/9.9"), TEXT("HTTP/1.0"), TEXT("%00"), TEXT("%ff"), TEXT("%"),
    TEXT("../"), TEXT("//"), TEXT("\\"), TEXT("?"), TEXT("&"), TEXT("#"),
    TEXT(";"), TEXT("ffffffffffffffff\r\n"), TEXT("-1\r\n"), TEXT("0\r\n"),
    TEXT("\"\""), TEXT("{"), TEXT("["), TEXT("null"), TEXT("1e999"),
    TEXT("\\u0000"), TEXT("\\ud800"), TEXT("18446744073709551616"),
    TEXT("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), TEXT("PRI * HTTP/2.0\r\n\r\n")
};


#define POST    "POST /v1/extract HTTP/1.1\r\nHost: a\r\n"                    \
                "Content-Type: application/json\r\n"

static const requests_case_t  requests_cases[] = {
    { TEXT("GET /healthz HTTP/1.0\r\n\r\n"), { 200 } },
    { TEXT("GET /healthz\r\n"), { 200, 400 } },
    { TEXT("GET /healthz HTTP/1.1\r\n\r\n"), { 400 } },
    { TEXT("GET /healthz HTTP/2.5\r\nHost: a\r\n\r\n"), { 505 } },
    { TEXT("get /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), { 400 } },
    { TEXT("GET /v1/\0status HTTP/1.1\r\nHost: a\r\n\r\n"), { 400 } },
    { TEXT("GET /v1/%00status HTTP/1.1\r\nHost: a\r\n\r\n"), { 400 } },
    { TEXT("GET /v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), { 400 } },
    { TEXT("GET /v1/status HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n"), { 400 } },
    { TEXT(POST "Content-Length: x\r\n\r\n{}"), { 400 } },
    { TEXT(POST "Content-Length: -2\r\n\r\n{}"), { 400 } },
    { TEXT(POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
      { 400 } },
    { TEXT(POST "Content-Length: 99999999999999999999\r\n\r\n{}"), { 400 } },
    { TEXT(POST "Content-Length: 9999999999\r\n\r\n{}"), { 413 } },
    { TEXT(POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
           "2\r\n{}\r\n0\r\n\r\n"), { 400 } },
    { TEXT(POST "Transfer-Encoding: xchunked\r\n\r\n{}"), { 400, 501 } },
    { TEXT(POST "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
      { 400 } },
    { TEXT(POST "Transfer-Encoding: chunked\r\n\r\n"
           "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"), { 400, 413 } },
    { TEXT(POST "Transfer-Encoding: chunked\r\n\r\nfffffff\r\n{}"),
      { 400, 413 } },
    { TEXT(POST "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n"
           "\r\n"), { 400 } },
    { TEXT(POST "\r\n"), { 400, 411 } },
    { TEXT(POST "Content-Length: 2\r\n\r\n{}GET /healthz HTTP/1.1\r\n"
           "Host: a\r\nConnection: close\r\n\r\n"), { 400 } },
    { TEXT("\r\n\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n"), { 200, 400 } },
    { TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
      { 400 } }
};


START_TEST(wrong_framing_is_refused)
{
    size_t              i, j, n, failures;
    gateway_t           g;
    raw_reply_t         r;
    gateway_options_t   o = { .api = "client_max_body_size 1m;" };

    gateway_start(&g, &o);
    n = sizeof(requests_cases) / sizeof(requests_cases[0]);
    failures = 0;

    for (i = 0; i < n; i++) {
        r = raw_exchange(&g, requests_cases[i].text.data,
                         requests_cases[i].text.len, 0, REQUESTS_ANSWER);

        for (j = 0; j < 4 && r.status != requests_cases[i].statuses[j]; j++) {
            /* void */
        }

        if (j == 4) {
            failures++;
            (void) fprintf(stderr, "%.*s: %.300s\n",
                           (int) requests_cases[i].text.len,
                           requests_cases[i].text.data, r.data);
        }

        raw_free(&r);
    }

    requests_good(&g);
    gateway_stop(&g);
    proof_report("requests", "wrong framing is refused", n, failures,
                 "lengths, codings, versions, NUL bytes");
}
END_TEST


START_TEST(a_large_body_is_a_problem_of_its_own)
{
    size_t              i, failures;
    sc_buf_t            body;
    gateway_t           g;
    raw_reply_t         r;
    gateway_options_t   o = { .api = "client_max_body_size 8m;" };

    static const char  piece[] = "                                        ";

    gateway_start(&g, &o);
    sc_buf_init(&body, 0);

    while (body.len < 4 * 1024 * 1024 && !body.failed) {
        (void) sc_buf_add(&body, piece, sizeof(piece) - 1);
    }

    ck_assert(!body.failed);

    failures = 0;

    for (i = 0; i < 8; i++) {
        r = raw_request(&g, "POST", "/v1/extract",
                        "Content-Type: application/json\r\n", body.data,
                        body.len);
        failures += r.status != 413 || !raw_is_problem(&r);
        raw_free(&r);
        requests_good(&g);
    }

    sc_buf_free(&body);
    gateway_stop(&g);
    proof_report("requests", "a large body is a problem", 8, failures,
                 "4 MB where 1 MB is taken");
}
END_TEST


START_TEST(pipelined_requests_are_answered_in_order)
{
    size_t       i, found;
    sc_buf_t     out;
    gateway_t    g;
    const char  *p;
    raw_reply_t  r;

    static const char  one[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                               "GET /v1/jobs/none HTTP/1.1\r\nHost: a\r\n\r\n"
                               POST "Content-Length: 2\r\n\r\n{}";
    static const char  end[] = "GET /healthz HTTP/1.0\r\n\r\n";

    static const char *const  statuses[] = { "200", "404", "400" };

    gateway_start(&g, NULL);
    sc_buf_init(&out, 0);

    for (i = 0; i < 200; i++) {
        ck_assert_int_eq(sc_buf_add(&out, one, sizeof(one) - 1), SC_OK);
    }

    ck_assert_int_eq(sc_buf_add(&out, end, sizeof(end) - 1), SC_OK);
    r = raw_exchange(&g, out.data, out.len, 0, REQUESTS_ANSWER);
    found = 0;

    for (p = strstr(r.data, "HTTP/1.1 "); p != NULL && found < 600;
         p = strstr(p + 9, "HTTP/1.1 "), found++)
    {
        if (strncmp(p + 9, statuses[found % 3], 3) != 0) {
            break;
        }
    }

    raw_free(&r);
    sc_buf_free(&out);
    gateway_stop(&g);
    proof_report("requests", "pipelined requests are answered in order", 600,
                 600 - found, "%zu in order", found);
}
END_TEST


START_TEST(mutated_requests_kill_nobody)
{
    requests_mutated("keepalive 16;", "mutated requests kill nobody");
}
END_TEST


START_TEST(mutated_requests_over_a_channel_kill_nobody)
{
    requests_mutated("scrape_channel;",
                     "mutated requests over a channel kill nobody");
}
END_TEST


static void
requests_mutated(const char *upstream, const char *promise)
{
    char                data[REQUESTS_MAX];
    size_t              i, j, n, len, answered, failures, by[6];
    gateway_t           g;
    raw_reply_t         r;
    gateway_options_t   o = { .upstream = upstream,
                              .settings = "robots = ignore\nretries = 0\n"
                                          "host_failures = 0\nwait = 200\n"
                                          "total_timeout = 1000\n" };

    gateway_start(&g, &o);
    n = proof_times("HOSTILE_MUTATED", 10000, 60);
    answered = 0;
    failures = 0;
    memset(by, 0, sizeof(by));

    for (i = 0; i < n; i++) {
        len = requests_seed(&g, data);

        for (j = proof_random(REQUESTS_CHANGES) + 1; j > 0; j--) {
            len = requests_change(data, len);
        }

        r = raw_exchange(&g, data, len, 0, REQUESTS_SILENCE);
        answered += r.status != 0;
        by[r.status / 100 < 6 ? r.status / 100 : 0]++;
        failures += requests_wrong(data, len, &r);
        raw_free(&r);

        if (i % REQUESTS_ASK == REQUESTS_ASK - 1) {
            requests_good(&g);
        }
    }

    requests_good(&g);
    gateway_stop(&g);
    proof_report("requests", promise, n, failures, "%zu answered: %zu 2xx, "
                 "%zu 3xx, %zu 4xx, %zu 5xx that are announced", answered,
                 by[2], by[3], by[4], by[5]);
}


static size_t
requests_seed(const gateway_t *g, char *out)
{
    int          len;
    size_t       at;
    const char  *seed, *p;

    seed = requests_seeds[proof_random(sizeof(requests_seeds)
                                       / sizeof(requests_seeds[0]))];
    p = strstr(seed, "%s");

    if (p == NULL) {
        at = strlen(seed);
        memcpy(out, seed, at);
        return at;
    }

    len = snprintf(out, REQUESTS_MAX, "%.*s%s%s", (int) (p - seed), seed,
                   g->origin, p + 2);

    return (size_t) len;
}


/* A byte, a word put in, a piece cut out, a piece twice, or the end cut. */
static size_t
requests_change(char *data, size_t len)
{
    char             piece[256];
    size_t           at, n;
    const sc_str_t  *word;

    at = proof_random(len + 1);
    n = proof_random(sizeof(piece));
    n = n < len - at ? n : len - at;

    switch (proof_random(7)) {

    case 0:
        if (at < len) {
            data[at] = (char) proof_random(256);
        }

        return len;

    case 1:
    case 2:
    case 3:
        word = &requests_words[proof_random(sizeof(requests_words)
                                            / sizeof(requests_words[0]))];
        return requests_insert(data, len, at, word->data, word->len);

    case 4:
        return requests_cut(data, len, at, n);

    case 5:
        memcpy(piece, data + at, n);
        return requests_insert(data, len, at, piece, n);

    default:
        return at > 8 ? at : len;
    }
}


static size_t
requests_insert(char *data, size_t len, size_t at, const char *bytes, size_t n)
{
    if (len + n > REQUESTS_MAX) {
        return len;
    }

    memmove(data + at + n, data + at, len - at);
    memcpy(data + at, bytes, n);

    return len + n;
}


static size_t
requests_cut(char *data, size_t len, size_t at, size_t n)
{
    if (n == len) {
        return len;
    }

    memmove(data + at, data + at + n, len - at - n);

    return len - n;
}


/* No answer at all is one: a request that is not whole has none. */
static size_t
requests_wrong(const char *data, size_t len, const raw_reply_t *r)
{
    if (r->status < 500 || requests_announced(r)) {
        return 0;
    }

    (void) fprintf(stderr, "--- %.*s\n--- %.800s\n", (int) len, data, r->data);

    return 1;
}


/* nginx's own about the protocol, and the page's and limits of the API. */
static int
requests_announced(const raw_reply_t *r)
{
    const char  *type;

    if (r->status == 501 || r->status == 505) {
        return 1;
    }

    /* the answer may be in chunks */
    type = strstr(r->data, "\"type\":\"");

    return type != NULL
           && (strncmp(type + 8, "/fetch/", 7) == 0
               || strncmp(type + 8, "/extract/", 9) == 0
               || strncmp(type + 8, "/limits/", 8) == 0);
}


static void
requests_good(gateway_t *g)
{
    client_reply_t  r;

    r = gateway_extract(g, "/page/7", "{\"title\":\"//h1\"}", "",
                        "Prefer: wait=20");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.title"), "Product 7");
    client_free(&r);
}


int
main(void)
{
    const TTest  *tests[] = {
        wrong_framing_is_refused,
        a_large_body_is_a_problem_of_its_own,
        pipelined_requests_are_answered_in_order,
        mutated_requests_kill_nobody,
        mutated_requests_over_a_channel_kill_nobody,
        NULL
    };

    return suite_run("requests", tests, REQUESTS_TIMEOUT);
}
