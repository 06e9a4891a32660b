
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/crawl/crawl.h"
#include "sidecar/url/url_query.h"
#include "tests/support/suite.h"


#define CRAWL_TEST_NOW  1795000000      /* in November 2026 */


/*
 * start  a start URL, others are separated by spaces
 * scope, links  of a request, NULL for none
 */
typedef struct {
    const char       *start;
    const char       *scope;
    const char       *links;
    const char       *url;
    crawl_verdict_t   verdict;
} crawl_check_t;

typedef struct {
    const char  *scope;
    const char  *links;
    const char  *pointer;
    const char  *err;
} crawl_wrong_t;


static char *crawl_test_text(const char *start, const char *scope,
    const char *links, char *err, char *pointer);
static void crawl_test_all(const crawl_check_t *checks, size_t n);
static json_t *crawl_test_json(const char *text);


static const crawl_check_t  crawl_hosts[] = {
    { "http://a.example/x", NULL, NULL, "http://a.example/", CRAWL_IN },
    { "http://a.example/", NULL, NULL, "https://a.example/y", CRAWL_IN },
    { "http://a.example/", NULL, NULL, "http://a.example:8080/", CRAWL_OUT },
    { "http://a.example:8080/", NULL, NULL, "http://a.example:8080/y",
      CRAWL_IN },
    { "http://a.example:8080/", NULL, NULL, "http://a.example/y", CRAWL_OUT },
    { "http://a.example/", NULL, NULL, "http://www.a.example/", CRAWL_OUT },
    { "http://a.example/", NULL, NULL, "http://xa.example/", CRAWL_OUT },
    { "http://a.example/ http://b.example/", NULL, NULL, "http://b.example/",
      CRAWL_IN },
    { "http://[::1]:81/", NULL, NULL, "http://[::1]:81/y", CRAWL_IN },
    { "http://[::1]:81/", NULL, NULL, "http://[::1]/y", CRAWL_OUT },
    { "http://a.example/", "{\"preset\":\"www\"}", NULL,
      "http://www.a.example/", CRAWL_IN },
    { "http://www.a.example/", "{\"preset\":\"www\"}", NULL,
      "http://a.example/", CRAWL_IN },
    { "http://www.a.example/", "{\"preset\":\"www\"}", NULL,
      "http://b.a.example/", CRAWL_OUT },
    { "http://a.b.co.uk/", "{\"preset\":\"domain\"}", NULL,
      "http://c.b.co.uk:8443/", CRAWL_IN },
    { "http://a.b.co.uk/", "{\"preset\":\"domain\"}", NULL,
      "http://b.co.uk/", CRAWL_IN },
    { "http://a.b.co.uk/", "{\"preset\":\"domain\"}", NULL,
      "http://c.co.uk/", CRAWL_OUT },
    { "http://me.github.io/", "{\"preset\":\"domain\"}", NULL,
      "http://you.github.io/", CRAWL_OUT },
    { "http://www.b\xc3\xbc" "cher.de/", "{\"preset\":\"domain\"}", NULL,
      "http://shop.xn--bcher-kva.de/", CRAWL_IN },
    { "http://127.0.0.1/", "{\"preset\":\"domain\"}", NULL,
      "http://127.0.0.1:8080/", CRAWL_IN },
    { "http://127.0.0.1/", "{\"preset\":\"domain\"}", NULL,
      "http://1.127.0.0/", CRAWL_OUT },
    { "http://localhost/", "{\"preset\":\"domain\"}", NULL,
      "http://a.localhost/", CRAWL_OUT },
    { "http://a.example/", "{\"preset\":\"any\"}", NULL, "https://z.test:81/",
      CRAWL_IN },
    { "http://a.example/", "{\"subdomains\":true}", NULL,
      "http://x.y.a.example/", CRAWL_IN },
    { "http://a.example/", "{\"subdomains\":true}", NULL,
      "http://a.example/", CRAWL_IN },
    { "http://a.example/", "{\"subdomains\":true}", NULL,
      "http://ba.example/", CRAWL_OUT },
    { "http://a.example/", "{\"hosts\":[\"cdn.test\"]}", NULL,
      "http://cdn.test:8080/", CRAWL_IN },
    { "http://a.example/", "{\"hosts\":[\"cdn.test:80\"]}", NULL,
      "http://cdn.test:8080/", CRAWL_OUT },
    { "http://a.example/", "{\"hosts\":[\"CDN.test:8080\"]}", NULL,
      "http://cdn.test:8080/", CRAWL_IN },
    { "http://a.example/", "{\"hosts\":[\".cdn.test\"]}", NULL,
      "http://x.cdn.test/", CRAWL_IN },
    { "http://a.example/", "{\"hosts\":[\"cdn.test\"]}", NULL,
      "http://x.cdn.test/", CRAWL_OUT },
    { "http://a.example/", "{\"hosts\":[\"[::1]\"]}", NULL,
      "http://[::1]:9000/", CRAWL_IN },
    { "http://a.example/", "{\"external\":true}", NULL,
      "http://b.example/", CRAWL_EXTERNAL },
    { "http://a.example/", "{\"external\":true,\"deny\":[\"%b.ex%\"]}", NULL,
      "http://b.example/", CRAWL_DENIED },
    { "http://a.example/", "{\"external\":true,\"allow\":[\"%/p/%\"]}", NULL,
      "http://b.example/", CRAWL_EXTERNAL }
};


static const crawl_check_t  crawl_patterns[] = {
    { "http://a.example/", "{\"allow\":[\"%/c/%\",\"%/p/%\"]}", NULL,
      "http://a.example/p/1", CRAWL_IN },
    { "http://a.example/", "{\"allow\":[\"%/c/%\",\"%/p/%\"]}", NULL,
      "http://a.example/x/1", CRAWL_DENIED },
    { "http://a.example/", "{\"allow\":[],\"deny\":[]}", NULL,
      "http://a.example/x/1", CRAWL_IN },
    { "http://a.example/", "{\"deny\":[\"re:/print/\"]}", NULL,
      "http://a.example/print/1", CRAWL_DENIED },
    { "http://a.example/", "{\"deny\":[\"re:/print/\"]}", NULL,
      "http://a.example/p/1", CRAWL_IN },
    { "http://a.example/", "{\"allow\":[\"%\"],\"deny\":[\"%.pdf\"]}", NULL,
      "http://a.example/p/1.pdf", CRAWL_DENIED },
    { "http://a.example/", "{\"allow\":[\"%\"]}", NULL,
      "http://b.example/p", CRAWL_OUT },
    { "http://a.example/", "{\"allow\":[\"re:(?i)/P/[0-9]+$\"]}", NULL,
      "http://a.example/p/17", CRAWL_IN },
    { "http://a.example/", "{\"deny\":[\"re:^(a+)+$\"]}", NULL,
      "http://a.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", CRAWL_IN }
};


static const crawl_wrong_t  crawl_wrong[] = {
    { "[]", NULL, "/scope", "\"scope\" is not an object" },
    { NULL, "1", "/links", "\"links\" is not an object" },
    { "{\"prset\":1}", NULL, "/scope/prset",
      "\"prset\" is not known here" },
    { NULL, "{\"a/b~\":1}", "/links/a~1b~0", "\"a/b~\" is not known here" },
    { "{\"preset\":\"all\"}", NULL, "/scope/preset",
      "\"preset\" is none of host, www, domain and any" },
    { "{\"preset\":1}", NULL, "/scope/preset",
      "\"preset\" is none of host, www, domain and any" },
    { "{\"subdomains\":1}", NULL, "/scope/subdomains",
      "\"subdomains\" is not true or false" },
    { "{\"external\":\"yes\"}", NULL, "/scope/external",
      "\"external\" is not true or false" },
    { "{\"allow\":\"%\"}", NULL, "/scope/allow", "\"allow\" is not a list" },
    { "{\"allow\":[\"a\",\"b\",\"c\",\"\"]}", NULL, "/scope/allow/3",
      "the pattern is empty" },
    { "{\"deny\":[7]}", NULL, "/scope/deny/0", "the pattern is not a string" },
    { "{\"deny\":[\"re:\"]}", NULL, "/scope/deny/0",
      "no expression after \"re:\"" },
    { "{\"hosts\":[\"a/b\"]}", NULL, "/scope/hosts/0", "\"a/b\" is no host" },
    { "{\"hosts\":[\"a\",\"u@b\"]}", NULL, "/scope/hosts/1",
      "\"u@b\" is no host" },
    { "{\"hosts\":[\"\"]}", NULL, "/scope/hosts/0", "\"\" is no host" },
    { "{\"hosts\":[\".\"]}", NULL, "/scope/hosts/0", "\".\" is no host" },
    { "{\"hosts\":[\"a:b\"]}", NULL, "/scope/hosts/0", "\"a:b\" is no host" },
    { "{\"hosts\":[1]}", NULL, "/scope/hosts/0", "\"\" is no host" },
    { NULL, "{\"from\":\"a\"}", "/links/from", "\"from\" is not a list" },
    { NULL, "{\"from\":[\"a\",\"img\"]}", "/links/from/1",
      "\"from\" has none of a, area, link, iframe, form and text" },
    { NULL, "{\"ignore_query\":0}", "/links/ignore_query",
      "\"ignore_query\" is not true or false" },
    { NULL, "{\"nofollow\":true}", "/links/nofollow",
      "\"nofollow\" is none of obey and ignore" }
};


START_TEST(hosts_of_a_scope_are_what_its_preset_means)
{
    crawl_test_all(crawl_hosts, sizeof(crawl_hosts) / sizeof(crawl_hosts[0]));
}
END_TEST


START_TEST(patterns_allow_and_deny_within_the_hosts)
{
    crawl_test_all(crawl_patterns,
                   sizeof(crawl_patterns) / sizeof(crawl_patterns[0]));
}
END_TEST


START_TEST(what_is_wrong_in_a_scope_is_named_with_its_place)
{
    char    err[256], pointer[128], *text;
    size_t  i;

    for (i = 0; i < sizeof(crawl_wrong) / sizeof(crawl_wrong[0]); i++) {
        text = crawl_test_text("http://a.example/", crawl_wrong[i].scope,
                               crawl_wrong[i].links, err, pointer);
        ck_assert_ptr_null(text);
        ck_assert_str_eq(err, crawl_wrong[i].err);
        ck_assert_str_eq(pointer, crawl_wrong[i].pointer);
    }
}
END_TEST


START_TEST(text_of_a_scope_is_the_same_for_the_same_scope)
{
    char  err[256], pointer[128], *one, *two;

    one = crawl_test_text("http://b.example/ http://a.example/ "
                          "http://b.example/x", "{\"deny\":[\"x\"],"
                          "\"external\":false}", NULL, err, pointer);
    two = crawl_test_text("http://a.example/ http://b.example/",
                          "{\"external\":false,\"deny\":[\"x\"],"
                          "\"preset\":\"host\"}",
                          "{\"from\":[\"area\",\"a\",\"a\"]}", err, pointer);

    ck_assert_str_eq(one, two);
    ck_assert_str_eq(one, "{\"deny\":[\"x\"],\"from\":[\"a\",\"area\"],"
                     "\"hosts\":[\"a.example\",\"b.example\"],\"obey\":true,"
                     "\"options\":3}");

    free(one);
    free(two);
}
END_TEST


START_TEST(scope_that_is_too_long_is_refused)
{
    char         err[256], pointer[128], *text, *pattern;
    size_t       i;
    json_t      *scope, *list;

    list = json_array();
    pattern = calloc(1, 2001);
    ck_assert_ptr_nonnull(pattern);
    memset(pattern, 'x', 2000);

    for (i = 0; i < 40; i++) {
        (void) json_array_append_new(list, json_string(pattern));
    }

    scope = json_pack("{s:o}", "allow", list);
    text = crawl_scope_text(scope, NULL, NULL, 0, 0, err, sizeof(err),
                            pointer, sizeof(pointer));
    ck_assert_ptr_null(text);
    ck_assert_str_eq(pointer, "/scope");
    ck_assert_ptr_nonnull(strstr(err, "longer than 65536 bytes"));

    free(pattern);
    json_decref(scope);
}
END_TEST


START_TEST(lists_beyond_their_bounds_are_refused)
{
    char     err[256], pointer[128];
    size_t   i;
    json_t  *scope, *list;

    list = json_array();

    for (i = 0; i < 257; i++) {
        (void) json_array_append_new(list, json_string("x"));
    }

    scope = json_pack("{s:o}", "deny", list);
    ck_assert_ptr_null(crawl_scope_text(scope, NULL, NULL, 0, 0, err,
                                        sizeof(err), pointer,
                                        sizeof(pointer)));
    ck_assert_str_eq(pointer, "/scope/deny");
    ck_assert_str_eq(err, "\"deny\" has more than 256 elements");

    (void) json_array_clear(list);
    (void) json_array_append_new(list, json_string("re:(?i)[\\x{0}-\\x{9fff}"
                                                   "\\x{f000}-\\x{10ffff}]"));
    (void) json_array_append_new(list, json_string("x"));
    ck_assert_ptr_null(crawl_scope_text(scope, NULL, NULL, 0, 0, err,
                                        sizeof(err), pointer,
                                        sizeof(pointer)));
    ck_assert_str_eq(pointer, "/scope/deny/0");
    ck_assert_ptr_nonnull(strstr(err, "too wide ranges"));

    json_decref(scope);
}
END_TEST


START_TEST(text_that_is_no_scope_is_not_compiled)
{
    size_t    i;
    sc_str_t  text;

    static const char *const  wrong[] = {
        "", "{", "[]", "7", "{\"hosts\":[1]}", "{\"hosts\":[\"a/b\"]}",
        "{\"allow\":[\"re:(\"]}", "{\"deny\":[\"\"]}"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        text.data = wrong[i];
        text.len = strlen(wrong[i]);
        ck_assert_ptr_null(crawl_scope_create(text));
    }

    crawl_scope_free(NULL);
}
END_TEST


START_TEST(name_of_a_url_depends_on_job_and_url)
{
    int64_t  a;

    a = crawl_seen("j1", "http://a.example/x?y=1", 0);

    ck_assert_int_gt(a, 0);
    ck_assert_int_eq(a, crawl_seen("j1", "http://a.example/x?y=1", 0));
    ck_assert_int_ne(a, crawl_seen("j2", "http://a.example/x?y=1", 0));
    ck_assert_int_ne(a, crawl_seen("j1", "http://a.example/x?y=2", 0));
    ck_assert_int_ne(a, crawl_seen("j1h", "ttp://a.example/x?y=1", 0));
    ck_assert_int_eq(crawl_seen("j1", "http://a.example/x?y=2", 1),
                     crawl_seen("j1", "http://a.example/x", 0));
    ck_assert_int_eq(crawl_seen("j1", "http://a.example/x", 1),
                     crawl_seen("j1", "http://a.example/x", 0));

    /* the first 63 bits of SHA-256 of "j" NUL "http://a.example/" */
    ck_assert_int_eq(crawl_seen("j", "http://a.example/", 0),
                     INT64_C(2539175681255843286));
}
END_TEST


static char *
crawl_test_text(const char *start, const char *scope, const char *links,
    char *err, char *pointer)
{
    char    *text;
    url_t    urls[4];
    size_t   n, i, len;
    json_t  *s, *l;

    for (n = 0; *start != '\0'; n++) {
        len = strcspn(start, " ");
        ck_assert_int_eq(url_parse(&urls[n], start, len, err, 256), SC_OK);
        start += len + (start[len] == ' ');
    }

    s = crawl_test_json(scope);
    l = crawl_test_json(links);

    text = crawl_scope_text(s, l, urls, n,
                            URL_SORT_QUERY | URL_STRIP_TRACKING, err, 256,
                            pointer, 128);

    json_decref(s);
    json_decref(l);

    for (i = 0; i < n; i++) {
        url_free(&urls[i]);
    }

    return text;
}


static void
crawl_test_all(const crawl_check_t *checks, size_t n)
{
    char            err[256], pointer[128], *made;
    url_t           url;
    size_t          i;
    sc_str_t        text;
    crawl_scope_t  *scope;

    for (i = 0; i < n; i++) {
        made = crawl_test_text(checks[i].start, checks[i].scope,
                               checks[i].links, err, pointer);
        ck_assert_msg(made != NULL, "%s: %s", checks[i].scope, err);
        text.data = made;
        text.len = strlen(made);

        scope = crawl_scope_create(text);
        ck_assert_ptr_nonnull(scope);

        ck_assert_int_eq(url_parse(&url, checks[i].url,
                                   strlen(checks[i].url), err, sizeof(err)),
                         SC_OK);
        ck_assert_msg(crawl_scope_check(scope, &url, CRAWL_TEST_NOW)
                      == checks[i].verdict, "%s of %s in %s", checks[i].url,
                      checks[i].start, made);

        url_free(&url);
        crawl_scope_free(scope);
        free(made);
    }
}


static json_t *
crawl_test_json(const char *text)
{
    json_t  *json;

    if (text == NULL) {
        return NULL;
    }

    json = json_loads(text, JSON_DECODE_ANY, NULL);
    ck_assert_ptr_nonnull(json);

    return json;
}


int
main(void)
{
    const TTest *const  tests[] = {
        hosts_of_a_scope_are_what_its_preset_means,
        patterns_allow_and_deny_within_the_hosts,
        what_is_wrong_in_a_scope_is_named_with_its_place,
        text_of_a_scope_is_the_same_for_the_same_scope,
        scope_that_is_too_long_is_refused,
        lists_beyond_their_bounds_are_refused,
        text_that_is_no_scope_is_not_compiled,
        name_of_a_url_depends_on_job_and_url,
        NULL
    };

    return suite_run("crawl", tests, 60);
}
