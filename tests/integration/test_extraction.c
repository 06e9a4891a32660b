
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define EXTRACTION_TIMEOUT  60

/* A page of nginx's own, in single quotes. */
#define PAGE(path, type, fields, body)                                       \
    "location = " path " { types { } default_type \"" type "\"; " fields     \
    " return 200 '" body "'; }\n"

#define SHOP                                                                 \
    "<html><head><title>Shop</title>"                                        \
    "<meta property=og:title content=Mug><link rel=canonical href=/c>"       \
    "<script type=application/ld+json>{\"sku\":\"7\"}</script></head>"       \
    "<body><main><h1>Blue mug</h1><p class=price>1.234,50 EUR</p>"           \
    "<ul><li class=offer><a href=/a>A</a><b>5</b></li>"                      \
    "<li class=offer><a href=/b>B</a></li></ul></main></body></html>"


static client_reply_t ask(gateway_t *g, const char *path,
    const char *members, const char *headers);
static client_reply_t asked(gateway_t *g, const char *path,
    const char *members, const char *headers);
static void expect_data(gateway_t *g, const char *path, const char *members,
    const char *data);
static void expect_json(const client_reply_t *r, const char *path,
    const char *expected);
static void expect_refused(const char *http, const char *reason,
    const char *place);
static void write_file(char *path, size_t size, const char *text);


static const char  pages[] =
    PAGE("/shop", "text/html", "add_header X-Stock 3; add_header ETag '\"v\"';"
         "add_header Cache-Control max-age=60;", SHOP)
    PAGE("/feed", "application/rss+xml", "",
         "<?xml version=\"1.0\"?><rss xmlns:g=\"urn:goods\"><channel>"
         "<item><pubDate>Sat, 21 Nov 2026 13:00:00 GMT</pubDate>"
         "<link>/i/1</link><g:price>5</g:price></item>"
         "<item><link>/i/2</link></item></channel></rss>")
    PAGE("/api", "application/json", "",
         "{\"items\":[{\"n\":1,\"tags\":[\"a\",\"b\"]},{\"n\":null}],"
         "\"total\":2}")
    PAGE("/table", "text/html; charset=utf-8", "",
         "<!doctype html><table><tr><td>1</td></tr><p>out</p></table>")
    PAGE("/cyrillic", "text/html", "",
         "<h1>\xcf\xf0\xe8\xe2\xe5\xf2, \xee\xe1\xfb\xf7\xed\xfb\xe9 "
         "\xf2\xe5\xea\xf1\xf2 \xed\xe0 \xf0\xf3\xf1\xf1\xea\xee\xec "
         "\xff\xe7\xfb\xea\xe5 \xe1\xe5\xe7 \xee\xe1\xfa\xff\xe2\xeb\xe5"
         "\xed\xe8\xff \xea\xee\xe4\xe8\xf0\xee\xe2\xea\xe8</h1>")
    PAGE("/empty", "text/html", "", "")
    PAGE("/list", "text/html", "",
         "<ul><li><b>1</b></li><li class=ad><b>2</b></li><li><b>3</b></li>"
         "</ul>");


START_TEST(what_is_asked_for_beside_the_data_comes_with_it)
{
    size_t              i;
    gateway_t           g;
    client_reply_t      r;
    gateway_options_t   o = { .server = pages };
    static const char  *absent[] = { "jsonld", "microdata", "raw", "sketch",
                                     "explain", "follow", "matched",
                                     "dropped" };

    gateway_start(&g, &o);

    r = asked(&g, "/shop", ",\"rules\":{\"t\":\"h1\"},\"return\":[\"data\","
              "\"links\",\"meta\",\"headers\",\"text\",\"markdown\"]", NULL);
    ck_assert_str_eq(client_str(&r, "data.t"), "Blue mug");
    ck_assert_ptr_nonnull(strstr(client_str(&r, "links[1].url"), "/a"));
    ck_assert_str_eq(client_str(&r, "meta.og.title"), "Mug");
    ck_assert_str_eq(client_str(&r, "meta.title"), "Shop");
    ck_assert_ptr_nonnull(strstr(client_str(&r, "markdown"), "# Blue mug"));
    ck_assert_ptr_nonnull(strstr(client_str(&r, "text"), "Blue mug"));
    ck_assert(json_is_array(client_get(&r, "headers")));
    ck_assert_ptr_nonnull(strstr(r.body, "[\"X-Stock\",\"3\"]"));

    for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        ck_assert_msg(client_get(&r, absent[i]) == NULL, "%s", absent[i]);
    }

    client_free(&r);

    r = asked(&g, "/shop", ",\"return\":[\"jsonld\",\"raw\",\"microdata\"]",
              NULL);
    ck_assert_str_eq(client_str(&r, "jsonld[0].sku"), "7");
    ck_assert_str_eq(client_str(&r, "raw"), SHOP);
    expect_json(&r, "microdata", "{\"items\":[]}");
    client_free(&r);

    r = ask(&g, "/shop", ",\"return\":[\"data\",\"pictures\"]", NULL);
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "pointer"), "/return/1");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(result_shows_later_what_was_shown_first)
{
    char               path[256];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    r = asked(&g, "/shop", ",\"rules\":{\"t\":\"h1\"},\"return\":[\"meta\"],"
              "\"explain\":true", NULL);
    (void) snprintf(path, sizeof(path), "%s", client_str(&r, "result"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "meta.title"), "Shop");
    ck_assert_str_eq(client_str(&r, "explain[0].field"), "t");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(explanation_tells_where_values_came_from)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    r = asked(&g, "/shop", ",\"rules\":{\"p\":{\"css\":[\"i\",\".price\"],"
              "\"transform\":[{\"regex\":\"[0-9.,]+\"},"
              "{\"number_locale\":\"de\"}],\"type\":\"number\"},"
              "\"n\":{\"css\":\"h1\",\"type\":\"int\"}},\"explain\":true",
              NULL);
    expect_json(&r, "data", "{\"p\":1234.5,\"n\":null}");
    expect_json(&r, "explain[0].used", "1");
    expect_json(&r, "explain[0].tries[0].matches", "0");
    ck_assert_str_eq(client_str(&r, "explain[0].tries[1].node"),
                     "/html/body/main/p");
    expect_json(&r, "explain[1].used", "null");
    ck_assert_str_eq(client_str(&r, "explain[1].tries[0].problems[0]"),
                     "\"Blue mug\" is not an integer");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(strict_set_fails_with_what_there_is)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    r = ask(&g, "/shop", ",\"rules\":{\"strict\":true,\"fields\":{"
            "\"t\":\"h1\",\"o\":{\"each\":\".offer\",\"fields\":{"
            "\"b\":{\"css\":\"b\",\"required\":true,\"type\":\"int\"}}}}}",
            NULL);
    ck_assert_int_eq(r.status, 422);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "application/problem+json");
    ck_assert_ptr_nonnull(strstr(client_str(&r, "type"),
                                 "/extract/required-missing"));
    expect_json(&r, "data", "{\"t\":\"Blue mug\",\"o\":[{\"b\":5},"
                            "{\"b\":null}]}");
    expect_json(&r, "missing", "[\"o[1].b\"]");
    expect_json(&r, "fetch.status", "200");
    client_free(&r);

    expect_data(&g, "/shop", ",\"rules\":{\"strict\":true,\"fields\":{"
                "\"t\":{\"css\":\"h1\",\"required\":true},\"i\":\"i\"}}",
                "{\"t\":\"Blue mug\",\"i\":null}");

    gateway_stop(&g);
}
END_TEST


START_TEST(page_that_is_dropped_or_not_meant_says_so)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    r = asked(&g, "/shop", ",\"rules\":{\"drop_if\":\"//h1\",\"fields\":{"
              "\"t\":\"h1\"}},\"return\":[\"data\",\"meta\"]", NULL);
    expect_json(&r, "data", "null");
    expect_json(&r, "dropped", "true");
    ck_assert_str_eq(client_str(&r, "meta.title"), "Shop");
    client_free(&r);

    r = asked(&g, "/shop", ",\"rules\":{\"match\":{\"url\":[\"%/other/%\"]},"
              "\"strict\":true,\"fields\":{\"t\":{\"css\":\"i\","
              "\"required\":true}}}", NULL);
    expect_json(&r, "data", "null");
    expect_json(&r, "matched", "false");
    expect_json(&r, "missing", "[]");
    client_free(&r);

    r = asked(&g, "/shop", ",\"rules\":{\"match\":{\"content_type\":"
              "[\"application/xml\"]},\"parser\":\"xml\",\"fields\":{"
              "\"t\":\"h1\"}}", NULL);
    expect_json(&r, "matched", "false");
    client_free(&r);

    expect_data(&g, "/list", ",\"rules\":{\"o\":{\"each\":\"li\","
                "\"drop_if\":\"@class=\\\"ad\\\"\",\"fields\":{\"n\":{"
                "\"css\":\"b\",\"type\":\"int\"}}}}",
                "{\"o\":[{\"n\":1},{\"n\":3}]}");

    gateway_stop(&g);
}
END_TEST


START_TEST(group_gives_the_data_of_each_set_that_matches)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    r = asked(&g, "/shop", ",\"rules\":{\"sets\":{"
              "\"feed\":{\"parser\":\"xml\",\"match\":{\"content_type\":"
              "[\"%+xml\"]},\"fields\":{\"d\":\"pubDate\"}},"
              "\"page\":{\"parser\":\"html5\",\"fields\":{\"t\":\"h1\","
              "\"x\":{\"css\":\"i\",\"required\":true}}}}}", NULL);
    expect_json(&r, "data", "{\"page\":{\"t\":\"Blue mug\",\"x\":null}}");
    expect_json(&r, "missing", "[\"page.x\"]");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(feed_is_read_as_xml)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    expect_data(&g, "/feed", ",\"rules\":{\"ns\":{\"g\":\"urn:goods\"},"
                "\"fields\":{\"o\":{\"each\":\"item\",\"fields\":{"
                "\"d\":{\"css\":\"pubDate\",\"type\":\"datetime\"},"
                "\"p\":{\"xpath\":\"g:price\",\"type\":\"number\"},"
                "\"l\":\"link\"}}}}",
                "{\"o\":[{\"d\":\"2026-11-21T13:00:00Z\",\"p\":5,"
                "\"l\":\"/i/1\"},{\"d\":null,\"p\":null,\"l\":\"/i/2\"}]}");

    gateway_stop(&g);
}
END_TEST


START_TEST(json_is_read_by_paths)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    expect_data(&g, "/api", ",\"rules\":{\"n\":{\"json\":\"$.total\"},"
                "\"o\":{\"each\":{\"json\":\"$.items[*]\"},\"fields\":{"
                "\"n\":{\"json\":\"$.n\",\"type\":\"int\"},"
                "\"t\":[{\"json\":\"$.tags[*]\"}]}}}",
                "{\"n\":2,\"o\":[{\"n\":1,\"t\":[\"a\",\"b\"]},"
                "{\"n\":null,\"t\":[]}]}");
    expect_data(&g, "/shop", ",\"rules\":{\"n\":{\"json\":\"$.total\"}}",
                "{\"n\":null}");

    gateway_stop(&g);
}
END_TEST


START_TEST(html5_puts_what_no_table_may_have_before_it)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    static const char  fields[] =
        "\"in\":{\"css\":\"table p\",\"get\":\"exists\"},"
        "\"body\":{\"css\":\"tbody\",\"get\":\"exists\"},"
        "\"before\":{\"xpath\":\"//p/following-sibling::table\","
        "\"get\":\"exists\"}";
    char               members[512];

    gateway_start(&g, &o);

    (void) snprintf(members, sizeof(members), ",\"rules\":{%s}", fields);
    expect_data(&g, "/table", members,
                "{\"in\":true,\"body\":false,\"before\":false}");

    (void) snprintf(members, sizeof(members), ",\"rules\":{\"parser\":"
                    "\"html5\",\"fields\":{%s}}", fields);
    expect_data(&g, "/table", members,
                "{\"in\":false,\"body\":true,\"before\":true}");

    gateway_stop(&g);

    o.settings = "html_parser = html5";
    gateway_start(&g, &o);

    (void) snprintf(members, sizeof(members), ",\"rules\":{%s}", fields);
    expect_data(&g, "/table", members,
                "{\"in\":false,\"body\":true,\"before\":true}");

    (void) snprintf(members, sizeof(members), ",\"rules\":{\"parser\":"
                    "\"html\",\"fields\":{%s}}", fields);
    expect_data(&g, "/table", members,
                "{\"in\":true,\"body\":false,\"before\":false}");

    gateway_stop(&g);
}
END_TEST


START_TEST(fields_of_the_response_are_there_when_the_page_is_a_stored_one)
{
    size_t             i;
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    /* the first does not ask for them, and yet they are kept */

    for (i = 0; i < 3; i++) {
        r = asked(&g, "/shop", i == 0
                  ? ",\"rules\":{\"t\":\"h1\"}"
                  : ",\"rules\":{\"s\":{\"header\":\"x-stock\","
                    "\"type\":\"int\"},\"e\":{\"header\":\"ETag\"},"
                    "\"n\":{\"header\":\"none\"}},\"return\":[\"headers\"]",
                  "Cache-Control: max-age=300");

        if (i != 0) {
            ck_assert_str_eq(client_str(&r, "fetch.from_cache"), "hit");
            expect_json(&r, "data", "{\"s\":3,\"e\":\"\\\"v\\\"\","
                                    "\"n\":null}");
            ck_assert_ptr_nonnull(strstr(r.body, "[\"X-Stock\",\"3\"]"));
        }

        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


START_TEST(fields_of_the_response_are_values_of_a_page_just_fetched)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    expect_data(&g, "/shop", ",\"rules\":{\"s\":{\"header\":\"X-Stock\"},"
                "\"t\":{\"header\":\"content-type\"}}",
                "{\"s\":\"3\",\"t\":\"text/html\"}");

    gateway_stop(&g);
}
END_TEST


START_TEST(page_that_does_not_say_its_encoding_is_guessed)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    r = asked(&g, "/cyrillic", ",\"rules\":{\"t\":\"h1\"}", NULL);
    ck_assert_str_eq(client_str(&r, "fetch.charset"), "windows-1251");
    ck_assert_str_eq(client_str(&r, "fetch.charset_from"), "detected");
    ck_assert_int_eq(strncmp(client_str(&r, "data.t"),
                             "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5"
                             "\xd1\x82, ", 14), 0);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(query_string_takes_selectors_of_any_kind)
{
    char               path[512];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    (void) snprintf(path, sizeof(path), "/v1/extract?url=%s/shop&css.t=h1"
                    "&css.l%%5B%%5D=a::attr(href)&jsonld.s=$..sku"
                    "&meta.o=og:title&header.n=x-stock&regex.r=(B)lue"
                    "&xpath.c=count(//li)&return=meta,text", g.url);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    expect_json(&r, "data", "{\"t\":\"Blue mug\",\"l\":[\"/a\",\"/b\"],"
                "\"s\":\"7\",\"o\":\"Mug\",\"n\":\"3\",\"r\":\"B\","
                "\"c\":2}");
    ck_assert_str_eq(client_str(&r, "meta.title"), "Shop");
    ck_assert_ptr_nonnull(strstr(client_str(&r, "text"), "Blue mug"));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(pages_of_a_rule_set_are_counted)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .server = pages,
        .http = "scrape_rules shop { title \"h1\"; none \"video\"; }"
    };

    gateway_start(&g, &o);

    r = gateway_request(&g, "GET", "/v1/rulesets/shop/drift", NULL, NULL);
    ck_assert_int_eq(r.status, 404);
    client_free(&r);

    expect_data(&g, "/shop", ",\"ruleset\":\"shop\"",
                "{\"title\":\"Blue mug\",\"none\":null}");
    expect_data(&g, "/list", ",\"ruleset\":\"shop\"",
                "{\"title\":null,\"none\":null}");
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    gateway_start_sidecar(&g);

    r = gateway_request(&g, "GET", "/v1/rulesets/sh%6Fp/drift", NULL, NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "ruleset"), "shop");
    expect_json(&r, "pages", "2");
    ck_assert_str_eq(client_str(&r, "fields[1].field"), "none");
    expect_json(&r, "events", "[]");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(empty_page_has_no_values)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    expect_data(&g, "/empty", ",\"rules\":{\"a\":\"h1\",\"b\":[\"a\"],"
                "\"c\":{\"css\":\"h1\",\"get\":\"count\"}},\"return\":["
                "\"links\",\"meta\",\"jsonld\",\"microdata\",\"headers\","
                "\"text\",\"markdown\",\"raw\",\"sketch\"],"
                "\"explain\":true", "{\"a\":null,\"b\":[],\"c\":0}");

    gateway_stop(&g);
}
END_TEST


START_TEST(rules_of_nginx_are_of_any_kind)
{
    gateway_t          g;
    gateway_options_t  o = {
        .server = pages,
        .http = "scrape_rules shop {\n"
                "    title    \"h1\" required;\n"
                "    price    \".price\" type=number"
                " 'transform=[{\"regex\":\"[0-9.,]+\"},"
                "{\"number_locale\":\"de\"}]';\n"
                "    sku      \"jsonld=$..sku\";\n"
                "    og       \"meta=og:title\";\n"
                "    stock    \"header=X-Stock\" type=int;\n"
                "    links    \"a::attr(href)\" many;\n"
                "    offers   \"li.offer\" each max=1;\n"
                "    offers.n \"a\";\n"
                "}"
    };

    gateway_start(&g, &o);

    expect_data(&g, "/shop", ",\"ruleset\":\"shop\"",
                "{\"title\":\"Blue mug\",\"price\":1234.5,\"sku\":\"7\","
                "\"og\":\"Mug\",\"stock\":3,\"links\":[\"/a\",\"/b\"],"
                "\"offers\":[{\"n\":\"A\"}]}");

    gateway_stop(&g);
}
END_TEST


START_TEST(rules_of_a_file_are_of_the_whole_language)
{
    char               path[128], http[256];
    gateway_t          g;
    gateway_options_t  o = { .server = pages, .http = http };

    write_file(path, sizeof(path),
               "{\"match\":{\"url\":[\"%/shop\"]},\"parser\":\"html5\","
               "\"fields\":{\"t\":\"h1\"}}\n");
    (void) snprintf(http, sizeof(http), "scrape_rules_file shop %s;", path);
    gateway_start(&g, &o);

    expect_data(&g, "/shop", ",\"ruleset\":\"shop\"",
                "{\"t\":\"Blue mug\"}");
    expect_data(&g, "/list", ",\"ruleset\":\"shop\"", "null");

    gateway_stop(&g);
    (void) remove(path);
}
END_TEST


START_TEST(wrong_rules_are_told_with_their_place)
{
    char  path[128], http[256];

    expect_refused("scrape_rules s {\n a \"h1\";\n b \"h1[\";\n}",
                   "in field \"b\" of rule set \"s\"", "nginx.conf:");
    expect_refused("scrape_rules s {\n a \"jsonld=$[\";\n}",
                   "in field \"a\" of rule set \"s\"", "nginx.conf:");
    expect_refused("scrape_rules s {\n a \"h1\" type=float;\n}", "float",
                   "nginx.conf:");

    write_file(path, sizeof(path),
               "{\"fields\":{\"t\":\"h1\",\n\"o\":{\"each\":\"li\","
               "\"fields\":{\"x\":\"//b[\"}}}}");
    (void) snprintf(http, sizeof(http), "scrape_rules_file s %s;", path);
    expect_refused(http, "/fields/o/fields/x", path);
    (void) remove(path);

    write_file(path, sizeof(path), "{\"fields\":\n{\"t\":}}");
    (void) snprintf(http, sizeof(http), "scrape_rules_file s %s;", path);
    expect_refused(http, "invalid JSON in line 2, column 6", path);
    (void) remove(path);

    (void) snprintf(http, sizeof(http), "scrape_rules_file s %s;", path);
    expect_refused(http, "No such file", path);
}
END_TEST


START_TEST(wrong_rules_of_a_request_are_told_with_a_pointer)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    r = ask(&g, "/shop", ",\"rules\":{\"o\":{\"each\":\"li\",\"fields\":{"
            "\"x\":{\"css\":[\"b\",\"b[\"]}}}}", NULL);
    ck_assert_int_eq(r.status, 422);
    ck_assert_str_eq(client_str(&r, "pointer"), "/rules/o/fields/x/css/1");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        what_is_asked_for_beside_the_data_comes_with_it,
        result_shows_later_what_was_shown_first,
        explanation_tells_where_values_came_from,
        strict_set_fails_with_what_there_is,
        page_that_is_dropped_or_not_meant_says_so,
        group_gives_the_data_of_each_set_that_matches,
        feed_is_read_as_xml,
        json_is_read_by_paths,
        html5_puts_what_no_table_may_have_before_it,
        fields_of_the_response_are_there_when_the_page_is_a_stored_one,
        fields_of_the_response_are_values_of_a_page_just_fetched,
        page_that_does_not_say_its_encoding_is_guessed,
        query_string_takes_selectors_of_any_kind,
        pages_of_a_rule_set_are_counted,
        empty_page_has_no_values,
        rules_of_nginx_are_of_any_kind,
        rules_of_a_file_are_of_the_whole_language,
        wrong_rules_are_told_with_their_place,
        wrong_rules_of_a_request_are_told_with_a_pointer,
        NULL
    };

    return suite_run("extraction", tests, EXTRACTION_TIMEOUT);
}


/* Extract a page of nginx's, with further members of the request. */
static client_reply_t
ask(gateway_t *g, const char *path, const char *members, const char *headers)
{
    char  body[4096];

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s%s\"%s}", g->url, path,
                    members);

    return gateway_request(g, "POST", "/v1/extract", headers, body);
}


/* The same, and it is answered well. */
static client_reply_t
asked(gateway_t *g, const char *path, const char *members,
    const char *headers)
{
    client_reply_t  r;

    r = ask(g, path, members, headers);
    ck_assert_msg(r.status == 200, "%s%s: %ld %s", path, members, r.status,
                  r.body);
    ck_assert_ptr_nonnull(r.json);

    return r;
}


static void
expect_data(gateway_t *g, const char *path, const char *members,
    const char *data)
{
    client_reply_t  r;

    r = asked(g, path, members, NULL);
    expect_json(&r, "data", data);
    client_free(&r);
}


static void
expect_json(const client_reply_t *r, const char *path, const char *expected)
{
    char          *text;
    const json_t  *json;

    json = client_get(r, path);
    ck_assert_msg(json != NULL, "no %s in %s", path, r->body);
    text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    ck_assert_ptr_nonnull(text);
    ck_assert_msg(strcmp(text, expected) == 0, "%s is %s\nnot %s\n%s", path,
                  text, expected, r->body);
    free(text);
}


static void
expect_refused(const char *http, const char *reason, const char *place)
{
    char  *said;

    ck_assert_int_ne(gateway_nginx_test(http, &said), 0);
    ck_assert_ptr_nonnull(strstr(said, "[emerg]"));
    ck_assert_msg(strstr(said, reason) != NULL, "\"%s\" is not in:\n%s",
                  reason, said);
    ck_assert_msg(strstr(said, place) != NULL, "\"%s\" is not in:\n%s",
                  place, said);
    free(said);
}


/* A new file with this text; its path. */
static void
write_file(char *path, size_t size, const char *text)
{
    char  dir[64];

    process_folder(dir, sizeof(dir));
    process_remove(dir);
    (void) snprintf(path, size, "%s.json", dir);
    process_write(path, text);
}
