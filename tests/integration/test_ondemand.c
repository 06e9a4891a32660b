
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define ONDEMAND_TIMEOUT    60

/* a location with these directives, for nginx -t */
#define LOCATION(lines)                                                       \
    "server { location / { scrape_pass unix:/x.sock; scrape_url $arg_u; "     \
    lines " } }"


/* A configuration that nginx -t refuses, and what it must say. */
typedef struct {
    const char  *http;
    const char  *says;
} ondemand_wrong_t;


/*
 * A request, its status, what is in its answer, and what is not; NULL for
 * anything.
 */
typedef struct {
    const char  *path;
    long         status;
    const char  *has;
    const char  *lacks;
} ondemand_case_t;


static client_reply_t ondemand_get(gateway_t *g, const char *path,
    const char *headers);
static void ondemand_expect(gateway_t *g, const ondemand_case_t *c);
static void ondemand_file(gateway_t *g, const char *name, const char *fmt);
static long ondemand_hits(gateway_t *g, const char *path, long n);


static const char  ondemand_rules[] =
    "scrape_rules echo { method json=$.method; a json=$.headers.Xa;"
    " b json=$.headers.Xb; cookie json=$.headers.Cookie;"
    " }"
    "scrape_rules sent { method \"//h1\"; body \"//*[@id='body']\"; }"
    "scrape_rules page { title \"//h1\"; price \"//p[@class='price']\""
    " type=number; links \"//a/@href\" many; none \"//h6\"; }"
    "scrape_rules gate { title \"//h1\" required; price \"//h6\"; }"
    "scrape_request header Xa outer;";

static const ondemand_wrong_t  ondemand_wrong[] = {
    { LOCATION("scrape_request colour red;"), "unknown name \"colour\"" },
    { LOCATION("scrape_request colour red;"), "nginx.conf:" },
    { LOCATION("scrape_request header X-A;"),
      "invalid number of arguments in \"scrape_request header\"" },
    { LOCATION("scrape_request method GET POST;"),
      "invalid number of arguments in \"scrape_request method\"" },
    { LOCATION("scrape_request header \"X A\" v;"),
      "\"X A\" in \"scrape_request\" is not a token" },
    { LOCATION("scrape_request header Host v;"), "\"Host\" in" },
    { LOCATION("scrape_request header proxy-x v;"), "may not be set" },
    { LOCATION("scrape_request cookie \"a;b\" v;"), "is not a token" },
    { LOCATION("scrape_request header A 1; scrape_request header a 2;"),
      "is duplicate" },
    { LOCATION("scrape_request method GET; scrape_request method PUT;"),
      "is duplicate" },
    { LOCATION("scrape_request method \"G T\";"), "is not a method" },
    { LOCATION("scrape_request redirects many;"), "is not a whole number" },
    { LOCATION("scrape_request redirects -1;"), "is not a whole number" },
    { LOCATION("scrape_request max_bytes 10x;"), "is not a size" },
    { LOCATION("scrape_request total_timeout 5y5;"), "is not a time" },
    { LOCATION("scrape_request partial maybe;"),
      "is neither \"on\" nor \"off\"" },
    { LOCATION("scrape_request http 3;"), "is neither \"1.1\" nor \"2\"" },
    { LOCATION("scrape_request session a/b;"), "is not a session's name" },
    { LOCATION("scrape_request header A \"\x01\";"),
      "has a control character" },
    { LOCATION("scrape_request header A \"\xff\";"), "is not UTF-8" },
    { LOCATION("scrape_return colour;"),
      "\"colour\" in \"scrape_return\" is not known" },
    { LOCATION("scrape_return links links;"), "is there twice" },
    { LOCATION("scrape_return links; scrape_return meta;"), "is duplicate" },
    { LOCATION("scrape_return value=;"), "names no field" },
    { LOCATION("scrape_return data value=title;"),
      "is the whole answer" },
    { LOCATION(""), "\"scrape_url\" needs a \"scrape_use\", or" },
    { LOCATION("scrape_return value=t;"), "needs a \"scrape_use\" in" },
    { "scrape_rules p { t //h1; u //h2; }\n"
      LOCATION("scrape_use p; scrape_return value=tu;"),
      "\"tu\", which is no field of rule set \"p\"" },
    { "scrape_rules p { t //h1; } scrape_return html=u;"
      LOCATION("scrape_use p;"), "\"u\", which is no field" },
};


START_TEST(a_wrong_line_is_told_by_nginx_t)
{
    int     rc;
    char   *said;
    size_t  i;

    for (i = 0; i < sizeof(ondemand_wrong) / sizeof(ondemand_wrong[0]); i++) {
        rc = gateway_nginx_test(ondemand_wrong[i].http, &said);
        ck_assert_msg(rc == 1 && strstr(said, "[emerg]") != NULL
                      && strstr(said, ondemand_wrong[i].says) != NULL,
                      "%s: %d %s", ondemand_wrong[i].http, rc, said);
        free(said);
    }
}
END_TEST


START_TEST(every_name_of_scrape_request_may_have_a_constant_or_a_variable)
{
    int    rc;
    char  *said;

    rc = gateway_nginx_test(LOCATION(
        "scrape_request method POST; scrape_request header X-A a$arg_a;"
        "scrape_request header X-B \"\"; scrape_request cookie c $arg_c;"
        "scrape_request body \"a\nb\"; scrape_request session $arg_s;"
        "scrape_request proxy pool:p; scrape_request source $arg_x;"
        "scrape_request http 1.1; scrape_request redirects 3;"
        "scrape_request retries $arg_r; scrape_request retry_unsafe on;"
        "scrape_request max_bytes 64k; scrape_request partial off;"
        "scrape_request meta_refresh $arg_m;"
        "scrape_request connect_timeout 500ms;"
        "scrape_request first_byte_timeout 2s;"
        "scrape_request idle_timeout 2; scrape_request total_timeout 1m;"
        "scrape_return data links text;"), &said);
    ck_assert_msg(rc == 0, "%s", said);
    free(said);
}
END_TEST


START_TEST(a_rule_set_may_stand_in_an_if_or_come_from_above)
{
    int    rc;
    char  *said;

    rc = gateway_nginx_test("scrape_rules p { t //h1; }" LOCATION(
        "if ($arg_a) { scrape_use p; } scrape_return value=t;"
        "location /a { return 204; }"), &said);
    ck_assert_msg(rc == 0, "%s", said);
    free(said);

    rc = gateway_nginx_test("scrape_rules p { t //h1; } scrape_use p;"
                            LOCATION("scrape_return value=t;"), &said);
    ck_assert_msg(rc == 0, "%s", said);
    free(said);
}
END_TEST


START_TEST(the_request_is_made_of_variables)
{
    size_t             i;
    gateway_t          g;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location /echo { scrape_pass scrapers; scrape_use echo;"
                  " scrape_url $arg_u; scrape_request header Xb $arg_b;"
                  " scrape_request cookie c \"v$arg_c\";"
                  " scrape_request redirects $arg_n;"
                  " scrape_request total_timeout $arg_t;"
                  " scrape_request session $arg_s;"
                  " scrape_request proxy $arg_p; }"
                  "location /outer { scrape_pass scrapers; scrape_use echo;"
                  " scrape_url $arg_u; }"
                  "location /sent { scrape_pass scrapers; scrape_use sent;"
                  " scrape_url $arg_u; scrape_request method $arg_m;"
                  " scrape_request body \"$arg_b\n\\\"\"; }"
    };

    static const ondemand_case_t  cases[] = {
        { "/echo?b=%C3%A9x&u=%s/echo", 200, "\"b\":\"%C3%A9x\"", NULL },
        { "/echo?u=%s/echo", 200, "\"cookie\":\"c=v\"", "outer" },
        { "/echo?u=%s/echo", 200, "\"b\":null", NULL },
        { "/outer?u=%s/echo", 200, "\"a\":\"outer\"", NULL },
        { "/echo?n=x&u=%s/echo", 400,
          "the value of \\\"redirects\\\" is not a whole number", NULL },
        { "/echo?n=99999&u=%s/echo", 400, "\"/request/redirects\"", NULL },
        { "/echo?n=0&u=%s/redirect?to=/page", 502, "/fetch/redirects", NULL },
        { "/echo?t=1ms&u=%s/delay?ms=2000", 504, "/fetch/timeout", NULL },
        { "/echo?s=no-such&u=%s/echo", 200, NULL, NULL },
        { "/echo?p=pool:no-such&u=%s/echo", 400, "\"/request/proxy\"", NULL },
        { "/sent?m=POST&b=hello&u=%s/method", 200, "\"method\":\"POST\"",
          NULL },
        { "/sent?m=POST&b=hello&u=%s/method", 200, "hello", NULL },
        { "/sent?m=TRACE&u=%s/method", 400, "\"/request/method\"", NULL },
        { "/sent?m=A/B&u=%s/method", 400, "is not a method", NULL },
        { "/echo?u=nonsense", 400, "/request/invalid", NULL },
        { "/echo?u=ftp://x/", 400, "/request/invalid", NULL },
        { "/echo", 400, "the URL to extract is empty", NULL }
    };

    gateway_start(&g, &o);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ondemand_expect(&g, &cases[i]);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(what_is_not_text_is_refused_before_it_is_sent)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location / { scrape_pass scrapers; scrape_use echo;"
                  " scrape_url $arg_u; scrape_request header Xb $http_x;"
                  " scrape_request body $http_y; }"
    };

    gateway_start(&g, &o);

    r = ondemand_get(&g, "/?u=%s/echo", "X: a\xff");
    ck_assert_msg(r.status == 400 && strstr(r.body, "is not UTF-8") != NULL,
                  "%s", r.body);
    client_free(&r);

    r = ondemand_get(&g, "/?u=%s/echo", "X: a\tb");
    ck_assert_msg(r.status == 400
                  && strstr(r.body, "has a control character") != NULL,
                  "%s", r.body);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(the_answer_has_what_the_location_returns)
{
    size_t             i;
    gateway_t          g;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location /links { scrape_pass scrapers;"
                  " scrape_url $arg_u; scrape_return links text; }"
                  "location /both { scrape_pass scrapers; scrape_use page;"
                  " scrape_url $arg_u; scrape_return data meta; }"
                  "location /nothing { scrape_pass scrapers;"
                  " scrape_url $arg_u; if ($arg_x) { scrape_use page; } }"
    };

    static const ondemand_case_t  cases[] = {
        { "/links?u=%s/page/1", 200, "\"links\":[", NULL },
        { "/links?u=%s/page/1", 200, "\"text\":", "\"meta\"" },
        { "/both?u=%s/page/1", 200, "\"title\":\"Product 1\"", NULL },
        { "/both?u=%s/page/1", 200, "\"meta\":", "\"links\":[{" },
        { "/nothing?u=%s/page/1", 400, "without a rule set", NULL }
    };

    gateway_start(&g, &o);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ondemand_expect(&g, &cases[i]);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(the_answer_may_be_one_value)
{
    char               header[200];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "scrape_use page;"
                  "location /title { scrape_pass scrapers;"
                  " scrape_url $arg_u; scrape_return value=title; }"
                  "location /links { scrape_pass scrapers;"
                  " scrape_url $arg_u; scrape_return html=links; }"
                  "location /price { scrape_pass scrapers;"
                  " scrape_url $arg_u; scrape_return value=price; }"
                  "location /none { scrape_pass scrapers;"
                  " scrape_url $arg_u; scrape_return value=none; }"
                  "location /late { scrape_pass scrapers; scrape_wait 0;"
                  " scrape_url $arg_u; scrape_return value=title; }"
    };

    gateway_start(&g, &o);

    r = ondemand_get(&g, "/title?u=%s/page/1", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "Product 1");
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "text/plain; charset=utf-8");
    (void) snprintf(header, sizeof(header), "If-None-Match: %.150s",
                    client_header(&r, "ETag"));
    client_free(&r);

    r = ondemand_get(&g, "/title?u=%s/page/1", header);
    ck_assert_int_eq(r.status, 304);
    ck_assert_uint_eq(r.len, 0);
    client_free(&r);

    r = ondemand_get(&g, "/title?u=%s/page/1", "Range: bytes=0-2");
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "Product 1");
    client_free(&r);

    r = ondemand_get(&g, "/links?u=%s/page/1", NULL);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "text/html; charset=utf-8");
    ck_assert_msg(strncmp(r.body, "[&quot;", 7) == 0
                  && strstr(r.body, "a=1&amp;b=2") != NULL, "%s", r.body);
    client_free(&r);

    r = ondemand_get(&g, "/price?u=%s/page/1", NULL);
    ck_assert_str_eq(r.body, "1.9");
    client_free(&r);

    r = ondemand_get(&g, "/none?u=%s/page/1", NULL);
    ck_assert_int_eq(r.status, 404);
    ck_assert_str_eq(client_str(&r, "type"), "/extract/missing");
    client_free(&r);

    r = ondemand_get(&g, "/title?u=%s/status/403", NULL);
    ck_assert_int_eq(r.status, 404);
    ck_assert_str_eq(client_str(&r, "type"), "/extract/missing");
    client_free(&r);

    r = ondemand_get(&g, "/late?u=%s/page/1", NULL);
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/extract/late");
    ck_assert_str_eq(client_header(&r, "Retry-After"), "1");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(what_one_client_would_not_wait_for_is_not_kept_for_others)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = "scrape_rules page { title \"//h1\"; }"
                "scrape_cache_path cache keys_zone=pages:1m;",
        .server = "location /t { scrape_pass scrapers; scrape_use page;"
                  " scrape_url $arg_u; scrape_return value=title;"
                  " scrape_wait 10s; scrape_cache_valid any 1m;"
                  " scrape_cache pages; }"
    };

    gateway_start(&g, &o);

    r = ondemand_get(&g, "/t?u=%s/delay?ms=500", "Prefer: wait=0");
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/extract/late");
    client_free(&r);

    r = ondemand_get(&g, "/t?u=%s/delay?ms=500", NULL);
    ck_assert_int_ne(r.status, 504);
    client_free(&r);

    r = ondemand_get(&g, "/t?u=%s/page/1", "Cache-Control: only-if-cached");
    ck_assert_int_eq(r.status, 504);
    ck_assert_str_eq(client_str(&r, "type"), "/fetch/not-stored");
    client_free(&r);

    r = ondemand_get(&g, "/t?u=%s/page/1", NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(ssi_includes_are_fetched_side_by_side)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location /corpus/ { ssi on; ssi_types text/plain; }"
                  "location = /title { internal; scrape_pass scrapers;"
                  " scrape_use page; scrape_url http://$arg_u;"
                  " scrape_return value=title; }"
                  "location = /links { scrape_pass scrapers;"
                  " scrape_use page; scrape_url http://$arg_u;"
                  " scrape_return value=links; }"
    };

    gateway_start(&g, &o);
    ondemand_file(&g, "corpus/page.html",
        "<!--# include virtual=\"/title?u=%s/page/1\" -->|"
        "<!--# include virtual=\"/title?u=%s/page/2\" -->|"
        "<!--# include virtual=\"/title?u=%s/page/3\" wait=\"yes\" -->|"
        "<!--# include virtual=\"/links?u=%s/page/4\" set=\"links\" -->"
        "<!--# echo var=\"links\" -->|"
        "<!--# include virtual=\"/v1/extract?url=http%3A//%s/page/5"
        "&return=text\" -->|end");

    r = ondemand_get(&g, "/corpus/page.html",
                     "Prefer: respond-async\nIdempotency-Key: x");
    ck_assert_int_eq(r.status, 200);
    ck_assert_msg(strncmp(r.body, "Product 1|Product 2|Product 3|[&quot;", 37)
                  == 0, "%s", r.body);
    ck_assert_msg(strstr(r.body, "a=1&amp;b=2") != NULL, "%s", r.body);
    ck_assert_msg(strstr(r.body, "\"text\":") != NULL, "%s", r.body);
    ck_assert_msg(strstr(r.body, "|end") != NULL, "%s", r.body);
    client_free(&r);

    r = ondemand_get(&g, "/title?u=x", NULL);
    ck_assert_int_eq(r.status, 404);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_gate_lets_in_with_a_value_and_not_without)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location = /in/title { internal; scrape_pass scrapers;"
                  " scrape_use gate; scrape_url $page;"
                  " scrape_return value=title; scrape_intercept_errors on;"
                  " error_page 404 502 504 = @no; }"
                  "location = /in/price { internal; scrape_pass scrapers;"
                  " scrape_use gate; scrape_url $page;"
                  " scrape_return value=price; scrape_intercept_errors on;"
                  " error_page 404 502 504 = @no; }"
                  "location = /in/late { internal; scrape_pass scrapers;"
                  " scrape_use gate; scrape_url $page; scrape_wait 0;"
                  " scrape_return value=title; scrape_intercept_errors on;"
                  " error_page 404 502 504 = @no; }"
                  "location @no { return 403; }"
                  "location /yes { set $page $arg_u; auth_request /in/title;"
                  " try_files $uri /said; }"
                  "location /no { set $page $arg_u; auth_request /in/price;"
                  " try_files $uri /said; }"
                  "location /late { set $page $arg_u; auth_request /in/late;"
                  " try_files $uri /said; }"
                  "location = /said { internal; return 200 in; }"
    };

    gateway_start(&g, &o);

    r = ondemand_get(&g, "/yes?u=%s/page/1", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "in");
    client_free(&r);

    r = ondemand_get(&g, "/no?u=%s/page/1", NULL);
    ck_assert_int_eq(r.status, 403);
    client_free(&r);

    r = ondemand_get(&g, "/late?u=%s/page/1", NULL);
    ck_assert_int_eq(r.status, 403);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_mirror_extracts_what_goes_by)
{
    char               body[256];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location = /seen { internal; scrape_pass scrapers;"
                  " scrape_use page; scrape_url $arg_u; scrape_wait 0; }"
                  "location /corpus/ { mirror /seen; }"
                  "location /post/ { mirror /v1/extract;"
                  " proxy_pass http://$http_host/v1/extract; }"
    };

    gateway_start(&g, &o);

    ondemand_file(&g, "corpus/page.html", "gone");

    r = ondemand_get(&g, "/corpus/page.html?u=%s/page/7", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "gone");
    client_free(&r);
    ck_assert_int_eq(ondemand_hits(&g, "/page/7", 1), 1);

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/page/8\","
                    "\"ruleset\":\"page\"}", g.origin);
    r = gateway_request(&g, "POST", "/post/", NULL, body);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);
    ck_assert_int_ge(ondemand_hits(&g, "/page/8", 1), 1);

    gateway_stop(&g);
}
END_TEST


START_TEST(other_locations_fall_back_on_one)
{
    size_t             i;
    gateway_t          g;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location @page { scrape_pass scrapers; scrape_use page;"
                  " scrape_url $arg_u; scrape_return value=title; }"
                  "location /try/ { try_files $uri @page; }"
                  "location /err/ { error_page 404 = @page; }"
                  "location /redir/ { error_page 404 = /named?u=$arg_u; }"
                  "location = /named { internal; scrape_pass scrapers;"
                  " scrape_use page; scrape_url $arg_u;"
                  " scrape_return value=title; }"
                  "location = /page { internal; scrape_pass scrapers;"
                  " scrape_use page; scrape_url $page;"
                  " scrape_return value=title; }"
                  "location /if/ { if ($arg_u) { scrape_pass scrapers;"
                  " scrape_use page; scrape_url $arg_u; } return 204; }"
                  "location /inner/ { scrape_pass scrapers; scrape_use page;"
                  " scrape_url $arg_u; if ($arg_x) { set $x 1; } }"
                  "location /limit/ { scrape_pass scrapers; scrape_use page;"
                  " scrape_url $arg_u; scrape_return value=title;"
                  " limit_except POST { allow 127.0.0.1; deny all; } }"
                  "location /deny/ { scrape_pass scrapers; scrape_use page;"
                  " scrape_url $arg_u; limit_except POST { deny all; } }"
                  "location /before/ { set $page $arg_u;"
                  " add_before_body /page;"
                  " default_type text/html; return 200 after; }"
                  "location /old/ { rewrite ^/old/(.*)$ /v1/$1 last; }"
                  "location /break/ { rewrite ^ /v1/extract break;"
                  " scrape_pass scrapers; }"
    };

    static const ondemand_case_t  cases[] = {
        { "/try/x?u=%s/page/1", 200, "Product 1", NULL },
        { "/err/x?u=%s/page/2", 200, "Product 2", NULL },
        { "/redir/x?u=%s/page/3", 200, "Product 3", NULL },
        { "/inner/x?u=%s/page/4", 200, "Product 4", NULL },
        { "/inner/x?x=1&u=%s/page/4", 200, "Product 4", NULL },
        { "/limit/x?u=%s/page/5", 200, "Product 5", NULL },
        { "/deny/x?u=%s/page/5", 403, "/auth/forbidden", NULL },
        { "/if/x", 204, NULL, NULL },
        { "/before/x?u=%s/page/6", 200, "Product 6after", NULL },
        { "/old/extract?url=%s/page/7&return=text", 200, "Product 7", NULL },
        { "/old/extract?url=%s/page/7&xpath.a%20b=//h1", 200, "\"a b\"",
          NULL },
        { "/old/no%3Fsuch", 404, "/request/not-found", NULL },
        { "/break/?url=%s/page/8&return=text", 200, "Product 8", NULL }
    };

    gateway_start(&g, &o);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ondemand_expect(&g, &cases[i]);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(a_method_that_is_no_reading_is_refused)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = ondemand_rules,
        .server = "location /p { scrape_pass scrapers; scrape_use page;"
                  " scrape_url $arg_u; }"
    };

    gateway_start(&g, &o);

    r = gateway_request(&g, "POST", "/p?u=http://127.0.0.1/", NULL, "{}");
    ck_assert_int_eq(r.status, 405);
    ck_assert_str_eq(client_header(&r, "Allow"), "GET, HEAD");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_wrong_line_is_told_by_nginx_t,
        every_name_of_scrape_request_may_have_a_constant_or_a_variable,
        a_rule_set_may_stand_in_an_if_or_come_from_above,
        the_request_is_made_of_variables,
        what_is_not_text_is_refused_before_it_is_sent,
        the_answer_has_what_the_location_returns,
        the_answer_may_be_one_value,
        what_one_client_would_not_wait_for_is_not_kept_for_others,
        ssi_includes_are_fetched_side_by_side,
        a_gate_lets_in_with_a_value_and_not_without,
        a_mirror_extracts_what_goes_by,
        other_locations_fall_back_on_one,
        a_method_that_is_no_reading_is_refused,
        NULL
    };

    return suite_run("ondemand", tests, ONDEMAND_TIMEOUT);
}


/* "%s" in the path is the origin. */
static client_reply_t
ondemand_get(gateway_t *g, const char *path, const char *headers)
{
    char         full[1024];
    const char  *origin;

    origin = strstr(path, "%s");

    if (origin == NULL) {
        return gateway_request(g, "GET", path, headers, NULL);
    }

    (void) snprintf(full, sizeof(full), "%.*s%s%s", (int) (origin - path),
                    path, g->origin, origin + 2);

    return gateway_request(g, "GET", full, headers, NULL);
}


static void
ondemand_expect(gateway_t *g, const ondemand_case_t *c)
{
    client_reply_t  r;

    r = ondemand_get(g, c->path, NULL);
    ck_assert_msg(r.status == c->status
                  && (c->has == NULL || strstr(r.body, c->has) != NULL)
                  && (c->lacks == NULL || strstr(r.body, c->lacks) == NULL),
                  "%s: %ld %s", c->path, r.status, r.body);
    client_free(&r);
}


/* A page of nginx's own; each "%s" in it is the origin's host and port. */
static void
ondemand_file(gateway_t *g, const char *name, const char *fmt)
{
    char         path[256], text[4096];
    size_t       len, n;
    const char  *at;

    for (len = 0; *fmt != '\0' && len < sizeof(text); fmt = at + 2) {
        at = strstr(fmt, "%s");
        n = at != NULL ? (size_t) (at - fmt) : strlen(fmt);
        len += (size_t) snprintf(text + len, sizeof(text) - len, "%.*s%s",
                                 (int) n, fmt,
                                 at != NULL ? g->origin + 7 : "");

        if (at == NULL) {
            break;
        }
    }

    ck_assert_uint_lt(len, sizeof(text));
    (void) snprintf(path, sizeof(path), "%s/www/%s", g->dir, name);
    process_write(path, text);
}


/* How often the origin was asked for this, once it was n times. */
static long
ondemand_hits(gateway_t *g, const char *path, long n)
{
    int   i;
    long  hits;

    for (i = 0; i < 500; i++) {
        hits = gateway_hits(g, path);

        if (hits >= n) {
            break;
        }

        process_pause(10);
    }

    return hits;
}
