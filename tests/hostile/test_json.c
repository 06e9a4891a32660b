
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/hostile/raw.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define JSON_TIMEOUT    600

/* a text with its length, as NUL bytes may be inside */
#define TEXT(s)         s, sizeof(s) - 1


/* What RFC 8259 says of a text. */
typedef enum {
    JSON_ACCEPT,
    JSON_REFUSE,
    JSON_EITHER
} json_kind_e;

typedef struct {
    const char   *text;
    size_t        len;
    json_kind_e   kind;
} json_case_t;


static size_t json_body(gateway_t *g, const json_case_t *c);
static size_t json_value(gateway_t *g, const json_case_t *c);
static int json_same(const raw_reply_t *r, const json_case_t *c);
static size_t json_wrong(const char *where, const json_case_t *c,
    const raw_reply_t *r);
static void json_deep(const char *open, const char *close, size_t n,
    sc_buf_t *text);


static const json_case_t  json_cases[] = {

    /* values */
    { TEXT("null"), JSON_ACCEPT },
    { TEXT("true"), JSON_ACCEPT },
    { TEXT("false"), JSON_ACCEPT },
    { TEXT("[]"), JSON_ACCEPT },
    { TEXT("{}"), JSON_ACCEPT },
    { TEXT("[[],[[]],{}]"), JSON_ACCEPT },
    { TEXT("[null,1,\"1\",{}]"), JSON_ACCEPT },
    { TEXT("{\"\":0}"), JSON_ACCEPT },
    { TEXT("{\"a\":{\"a\":{}}}"), JSON_ACCEPT },
    { TEXT("{\"a\":[],\"b\":[]}"), JSON_ACCEPT },
    { TEXT(" \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 ] \t\r\n"), JSON_ACCEPT },
    { TEXT("\r{\r\"a\"\r:\r1\r}\r"), JSON_ACCEPT },

    { TEXT(""), JSON_REFUSE },
    { TEXT(" "), JSON_REFUSE },
    { TEXT("nul"), JSON_REFUSE },
    { TEXT("nulll"), JSON_REFUSE },
    { TEXT("Null"), JSON_REFUSE },
    { TEXT("TRUE"), JSON_REFUSE },
    { TEXT("undefined"), JSON_REFUSE },
    { TEXT("["), JSON_REFUSE },
    { TEXT("]"), JSON_REFUSE },
    { TEXT("[1"), JSON_REFUSE },
    { TEXT("[1,"), JSON_REFUSE },
    { TEXT("[1,]"), JSON_REFUSE },
    { TEXT("[,1]"), JSON_REFUSE },
    { TEXT("[1,,2]"), JSON_REFUSE },
    { TEXT("[1 2]"), JSON_REFUSE },
    { TEXT("[1:2]"), JSON_REFUSE },
    { TEXT("[1}"), JSON_REFUSE },
    { TEXT("[]]"), JSON_REFUSE },
    { TEXT("[][]"), JSON_REFUSE },
    { TEXT("[] x"), JSON_REFUSE },
    { TEXT("{"), JSON_REFUSE },
    { TEXT("}"), JSON_REFUSE },
    { TEXT("{\"a\"}"), JSON_REFUSE },
    { TEXT("{\"a\":}"), JSON_REFUSE },
    { TEXT("{\"a\" 1}"), JSON_REFUSE },
    { TEXT("{\"a\"::1}"), JSON_REFUSE },
    { TEXT("{\"a\":1,}"), JSON_REFUSE },
    { TEXT("{,\"a\":1}"), JSON_REFUSE },
    { TEXT("{\"a\":1 \"b\":2}"), JSON_REFUSE },
    { TEXT("{a:1}"), JSON_REFUSE },
    { TEXT("{1:1}"), JSON_REFUSE },
    { TEXT("{'a':1}"), JSON_REFUSE },
    { TEXT("{null:1}"), JSON_REFUSE },
    { TEXT("{\"a\":1}}"), JSON_REFUSE },
    { TEXT("{\"a\":1]"), JSON_REFUSE },
    { TEXT("/* a */ []"), JSON_REFUSE },
    { TEXT("[] // a"), JSON_REFUSE },
    { TEXT("[1] # a"), JSON_REFUSE },
    { TEXT("[\v]"), JSON_REFUSE },
    { TEXT("[\f1]"), JSON_REFUSE },
    { TEXT("[\xc2\xa0]"), JSON_REFUSE },
    { TEXT("[\xe2\x80\xa8]"), JSON_REFUSE },
    { TEXT("<null>"), JSON_REFUSE },
    { TEXT("a"), JSON_REFUSE },
    { TEXT("$"), JSON_REFUSE },
    { TEXT("*"), JSON_REFUSE },

    /* numbers */
    { TEXT("0"), JSON_ACCEPT },
    { TEXT("-0"), JSON_ACCEPT },
    { TEXT("-1"), JSON_ACCEPT },
    { TEXT("10"), JSON_ACCEPT },
    { TEXT("0.5"), JSON_ACCEPT },
    { TEXT("-0.5"), JSON_ACCEPT },
    { TEXT("1e2"), JSON_ACCEPT },
    { TEXT("1E+2"), JSON_ACCEPT },
    { TEXT("1e-2"), JSON_ACCEPT },
    { TEXT("0e0"), JSON_ACCEPT },
    { TEXT("1.5E3"), JSON_ACCEPT },
    { TEXT("9007199254740993"), JSON_ACCEPT },
    { TEXT("9223372036854775807"), JSON_ACCEPT },
    { TEXT("-9223372036854775808"), JSON_ACCEPT },

    { TEXT("9223372036854775808"), JSON_EITHER },
    { TEXT("123456789012345678901234567890"), JSON_EITHER },
    { TEXT("-123456789012345678901234567890"), JSON_EITHER },
    { TEXT("1e309"), JSON_EITHER },
    { TEXT("-1e309"), JSON_EITHER },
    { TEXT("1e-400"), JSON_EITHER },
    { TEXT("0.4e00669999999999999999999999999999999999999999"),
      JSON_EITHER },
    { TEXT("1e99999999999999999999"), JSON_EITHER },

    { TEXT("00"), JSON_REFUSE },
    { TEXT("01"), JSON_REFUSE },
    { TEXT("-01"), JSON_REFUSE },
    { TEXT("+1"), JSON_REFUSE },
    { TEXT("++1"), JSON_REFUSE },
    { TEXT("--1"), JSON_REFUSE },
    { TEXT("-"), JSON_REFUSE },
    { TEXT("- 1"), JSON_REFUSE },
    { TEXT(".5"), JSON_REFUSE },
    { TEXT("-.5"), JSON_REFUSE },
    { TEXT("1."), JSON_REFUSE },
    { TEXT("1.e2"), JSON_REFUSE },
    { TEXT("1e"), JSON_REFUSE },
    { TEXT("1e+"), JSON_REFUSE },
    { TEXT("1eE2"), JSON_REFUSE },
    { TEXT("1.2.3"), JSON_REFUSE },
    { TEXT("1 000"), JSON_REFUSE },
    { TEXT("1_000"), JSON_REFUSE },
    { TEXT("1,5"), JSON_REFUSE },
    { TEXT("0x1F"), JSON_REFUSE },
    { TEXT("1f"), JSON_REFUSE },
    { TEXT("NaN"), JSON_REFUSE },
    { TEXT("-NaN"), JSON_REFUSE },
    { TEXT("Infinity"), JSON_REFUSE },
    { TEXT("-Infinity"), JSON_REFUSE },
    { TEXT("\xef\xbc\x91"), JSON_REFUSE },
    { TEXT("1+2"), JSON_REFUSE },
    { TEXT("1-2"), JSON_REFUSE },

    /* strings */
    { TEXT("\"\""), JSON_ACCEPT },
    { TEXT("\" \""), JSON_ACCEPT },
    { TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), JSON_ACCEPT },
    { TEXT("\"\\u0041\\u00e9\\u20AC\""), JSON_ACCEPT },
    { TEXT("\"\\ud834\\udd1e\""), JSON_ACCEPT },
    { TEXT("\"\\uD83D\\uDE39 \\uD83D\\uDC8D\""), JSON_ACCEPT },
    { TEXT("\"\x7f\""), JSON_ACCEPT },
    { TEXT("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\""), JSON_ACCEPT },
    { TEXT("\"\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
      JSON_ACCEPT },
    { TEXT("\"\xe2\x80\xa8\xe2\x80\xa9\""), JSON_ACCEPT },
    { TEXT("\"\xef\xbb\xbf\""), JSON_ACCEPT },
    { TEXT("\"\\u2028\\ufeff\\uffff\""), JSON_ACCEPT },
    { TEXT("\"\\\\u0000\""), JSON_ACCEPT },
    { TEXT("\"\\u001f\\u0001\""), JSON_ACCEPT },

    { TEXT("\"\\u0000\""), JSON_EITHER },
    { TEXT("\"\\ud800\""), JSON_EITHER },
    { TEXT("\"\\udc00\""), JSON_EITHER },
    { TEXT("\"\\udd1e\\ud834\""), JSON_EITHER },
    { TEXT("\"\\ud800\\ud800\""), JSON_EITHER },
    { TEXT("\"\\ud800x\""), JSON_EITHER },
    { TEXT("\"\\ud800\\n\""), JSON_EITHER },
    { TEXT("\"\\uDADA\\u0041\""), JSON_EITHER },

    { TEXT("\""), JSON_REFUSE },
    { TEXT("\"a"), JSON_REFUSE },
    { TEXT("\"\\"), JSON_REFUSE },
    { TEXT("\"\\\""), JSON_REFUSE },
    { TEXT("'a'"), JSON_REFUSE },
    { TEXT("`a`"), JSON_REFUSE },
    { TEXT("\"a\" \"b\""), JSON_REFUSE },
    { TEXT("\"\\a\""), JSON_REFUSE },
    { TEXT("\"\\'\""), JSON_REFUSE },
    { TEXT("\"\\x41\""), JSON_REFUSE },
    { TEXT("\"\\0\""), JSON_REFUSE },
    { TEXT("\"\\U0041\""), JSON_REFUSE },
    { TEXT("\"\\u\""), JSON_REFUSE },
    { TEXT("\"\\u00\""), JSON_REFUSE },
    { TEXT("\"\\u00g0\""), JSON_REFUSE },
    { TEXT("\"\\u {0041}\""), JSON_REFUSE },
    { TEXT("\"\\ud834\\udd\""), JSON_REFUSE },
    { TEXT("\"\\\xf0\x9f\x98\x80\""), JSON_REFUSE },
    { TEXT("\"\n\""), JSON_REFUSE },
    { TEXT("\"\r\""), JSON_REFUSE },
    { TEXT("\"\t\""), JSON_REFUSE },
    { TEXT("\"\x01\""), JSON_REFUSE },
    { TEXT("\"\x1f\""), JSON_REFUSE },
    { TEXT("\"a\0b\""), JSON_REFUSE },

    /* bytes that are not UTF-8 */
    { TEXT("\"\x80\""), JSON_REFUSE },
    { TEXT("\"\xff\""), JSON_REFUSE },
    { TEXT("\"\xe9\""), JSON_REFUSE },
    { TEXT("\"\xc0\xaf\""), JSON_REFUSE },
    { TEXT("\"\xc1\xbf\""), JSON_REFUSE },
    { TEXT("\"\xe0\x80\xaf\""), JSON_REFUSE },
    { TEXT("\"\xe2\x82\""), JSON_REFUSE },
    { TEXT("\"\xed\xa0\x80\""), JSON_REFUSE },
    { TEXT("\"\xed\xbf\xbf\""), JSON_REFUSE },
    { TEXT("\"\xf0\x80\x80\xaf\""), JSON_REFUSE },
    { TEXT("\"\xf4\x90\x80\x80\""), JSON_REFUSE },
    { TEXT("\"\xf8\x88\x80\x80\x80\""), JSON_REFUSE },
    { TEXT("\"\xfc\x84\x80\x80\x80\x80\""), JSON_REFUSE },
    { TEXT("\xff"), JSON_REFUSE },
    { TEXT("[\xe9]"), JSON_REFUSE },
    { TEXT("{\"\xb9\":1}"), JSON_REFUSE },
    { TEXT("\xff\xfe[\0]\0"), JSON_REFUSE },
    { TEXT("\0[\0]"), JSON_REFUSE },
    { TEXT("[\0]"), JSON_REFUSE },
    { TEXT("[]\0"), JSON_REFUSE },
    { TEXT("\0"), JSON_REFUSE },
    { TEXT("1\0"), JSON_REFUSE },

    /* names twice: interoperable software has none (RFC 8259, 4) */
    { TEXT("{\"a\":1,\"a\":2}"), JSON_REFUSE },
    { TEXT("{\"a\":1,\"a\":1}"), JSON_REFUSE },
    { TEXT("{\"a\":1,\"\\u0061\":2}"), JSON_REFUSE },
    { TEXT("[{\"b\":{\"a\":1,\"c\":0,\"a\":2}}]"), JSON_REFUSE },
    { TEXT("{\"a\\u0000b\":1}"), JSON_EITHER }
};


START_TEST(json_texts_are_taken_or_refused_as_rfc_8259_says)
{
    size_t     i, n, step, tried, failures;
    gateway_t  g;

    gateway_start(&g, NULL);
    n = sizeof(json_cases) / sizeof(json_cases[0]);
    step = proof_times("HOSTILE_STEP", 1, 9);
    tried = 0;
    failures = 0;

    for (i = 0; i < n; i += step, tried++) {
        failures += json_body(&g, &json_cases[i])
                    + json_value(&g, &json_cases[i]);
    }

    proof_report("json", "JSON is taken or refused as RFC 8259 says",
                 2 * tried, failures, "%zu texts, each as a body and as a "
                 "value", tried);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_byte_order_mark_is_refused_or_passed_over)
{
    gateway_t    g;
    raw_reply_t  r;

    static const char  text[] = "\xef\xbb\xbf{\"rules\":{\"a\":\"//a\"}}";

    gateway_start(&g, NULL);
    r = raw_request(&g, "POST", "/v1/rules/check",
                    "Content-Type: application/json\r\n", text,
                    sizeof(text) - 1);
    ck_assert_msg(r.status == 200 || (r.status == 400 && raw_is_problem(&r)),
                  "%s", r.data);
    raw_free(&r);
    gateway_stop(&g);
}
END_TEST


START_TEST(json_that_is_deep_is_a_problem)
{
    size_t       i, j, n, failures, depth;
    gateway_t    g;
    sc_buf_t     text;
    raw_reply_t  r;

    static const char *const  pairs[][2] = {
        { "[", "]" }, { "[", "" }, { "{\"a\":", "}" }, { "{\"a\":", "" },
        { "[{\"a\":", "}]" }, { "\"\\", "" }, { "[\"", "" }
    };

    gateway_start(&g, NULL);
    n = sizeof(pairs) / sizeof(pairs[0]);
    failures = 0;

    for (i = 0; i < n; i++) {
        for (j = 0; j < 3; j++) {
            depth = j == 0 ? 3000 : j == 1 ? 20000 : 150000;
            json_deep(pairs[i][0], pairs[i][1], depth, &text);
            r = raw_request(&g, "POST", "/v1/extract",
                            "Content-Type: application/json\r\n", text.data,
                            text.len);
            failures += (r.status != 400 && r.status != 413)
                        || !raw_is_problem(&r);
            raw_free(&r);
            sc_buf_free(&text);
        }
    }

    proof_report("json", "JSON that is deep is a problem", 3 * n, failures,
                 "up to 150000 levels");
    gateway_stop(&g);
}
END_TEST


/* As a whole body: what is JSON is not what the API wants. */
static size_t
json_body(gateway_t *g, const json_case_t *c)
{
    int          ok, syntax;
    size_t       wrong;
    raw_reply_t  r;

    r = raw_request(g, "POST", "/v1/extract",
                    "Content-Type: application/json\r\n", c->text, c->len);
    syntax = strcmp(json_string_value(json_object_get(r.json, "type")) != NULL
                    ? json_string_value(json_object_get(r.json, "type")) : "",
                    "/request/invalid-json") == 0;
    ok = r.status == 400 && raw_is_problem(&r)
         && (c->kind == JSON_EITHER || syntax == (c->kind == JSON_REFUSE));
    wrong = ok ? 0 : json_wrong("body", c, &r);
    raw_free(&r);

    return wrong;
}


/* As the value of echo: what is taken comes back. */
static size_t
json_value(gateway_t *g, const json_case_t *c)
{
    int          ok;
    char         head[256];
    size_t       wrong;
    sc_buf_t     text;
    raw_reply_t  r;

    sc_buf_init(&text, 0);
    (void) snprintf(head, sizeof(head), "{\"url\":\"%s/page/1\",\"rules\":"
                    "{\"t\":\"h1\"},\"echo\":", g->origin);
    ck_assert(sc_buf_add(&text, head, strlen(head)) == SC_OK
              && sc_buf_add(&text, c->text, c->len) == SC_OK
              && sc_buf_add(&text, "}", 1) == SC_OK);

    r = raw_request(g, "POST", "/v1/extract",
                    "Content-Type: application/json\r\n", text.data,
                    text.len);
    ok = c->kind == JSON_ACCEPT ? r.status == 200
         : c->kind == JSON_REFUSE ? r.status == 400
         : r.status == 200 || r.status == 400;
    ok = ok && (r.status == 200 ? json_same(&r, c) : raw_is_problem(&r));
    wrong = ok ? 0 : json_wrong("value", c, &r);

    raw_free(&r);
    sc_buf_free(&text);

    return wrong;
}


static int
json_same(const raw_reply_t *r, const json_case_t *c)
{
    int      same;
    json_t  *sent;

    /* as a number it may be larger than what reads it here */
    if (r->json == NULL) {
        return c->kind == JSON_EITHER
               && memmem(r->body, r->len, c->text, c->len) != NULL;
    }

    sent = json_loadb(c->text, c->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    same = sent == NULL || json_equal(sent, json_object_get(r->json, "echo"));
    json_decref(sent);

    return same;
}


static size_t
json_wrong(const char *where, const json_case_t *c, const raw_reply_t *r)
{
    (void) fprintf(stderr, "as a %s: %.100s (%zu bytes): %.600s\n", where,
                   c->text, c->len, r->data);

    return 1;
}


static void
json_deep(const char *open, const char *close, size_t n, sc_buf_t *text)
{
    size_t  i;

    sc_buf_init(text, 0);

    for (i = 0; i < 2 * n; i++) {
        (void) sc_buf_add_cstr(text, i < n ? open : close);
    }

    ck_assert(!text->failed);
}


int
main(void)
{
    const TTest  *tests[] = {
        json_texts_are_taken_or_refused_as_rfc_8259_says,
        a_byte_order_mark_is_refused_or_passed_over,
        json_that_is_deep_is_a_problem,
        NULL
    };

    return suite_run("json", tests, JSON_TIMEOUT);
}
