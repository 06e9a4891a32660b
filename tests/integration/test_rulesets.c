
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define RULESETS_TIMEOUT    60


static void rulesets_put(gateway_t *g, const char *path, const char *rules,
    long status);
static long rulesets_status(gateway_t *g, const char *method,
    const char *path, const char *headers, const char *body);
static client_reply_t rulesets_extract(gateway_t *g, const char *page,
    const char *members, const char *headers);
static void rulesets_title(gateway_t *g, const char *members,
    const char *title);
static client_reply_t rulesets_check(gateway_t *g, const char *members);


#define PATH     "/v1/rulesets/shop"
#define CHECK    "/v1/rules/check"
#define CRAWLEY  "Content-Type: text/x-crawley"

#define TITLE    "{\"title\":\"//h1\"}"
#define PRICE    "{\"title\":{\"xpath\":\"//p\",\"type\":\"string\"}}"

#define PAGE     "<html><h1>Mug</h1><p>12.50</p></html>"


static const gateway_options_t  tenants = {
    .api = "scrape_tenant $http_x_tenant;"
};


START_TEST(a_rule_set_is_used_by_name_by_version_and_by_hash)
{
    char            hash[80], member[160];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = gateway_request(&g, "PUT", PATH, NULL, TITLE);
    ck_assert_msg(r.status == 201, "%ld %s", r.status, r.body);
    ck_assert_str_eq(client_header(&r, "Location"), PATH);
    ck_assert_str_eq(client_str(&r, "name"), "shop");
    ck_assert_str_eq(client_str(&r, "ruleset"), PATH);
    ck_assert_int_eq(json_integer_value(client_get(&r, "version")), 1);
    (void) snprintf(hash, sizeof(hash), "%s", client_str(&r, "hash"));
    client_free(&r);

    rulesets_put(&g, PATH, PRICE, 200);

    rulesets_title(&g, ",\"ruleset\":\"shop\"", "1.90");
    rulesets_title(&g, ",\"ruleset\":\"shop@2\"", "1.90");
    rulesets_title(&g, ",\"ruleset\":\"shop@1\"", "Product 1");
    (void) snprintf(member, sizeof(member), ",\"ruleset\":\"%s\"", hash);
    rulesets_title(&g, member, "Product 1");

    /* it is on disk */
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    gateway_start_sidecar(&g);
    rulesets_title(&g, ",\"ruleset\":\"shop\"", "1.90");
    rulesets_title(&g, member, "Product 1");

    gateway_stop(&g);
}
END_TEST


START_TEST(what_is_shown_is_the_rules_and_their_hash)
{
    char            tag[96], header[128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    rulesets_put(&g, PATH, TITLE, 201);
    rulesets_put(&g, PATH, PRICE, 200);

    r = gateway_request(&g, "GET", PATH "@1", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "{\"fields\":" TITLE "}");
    ck_assert_str_eq(client_header(&r, "Content-Type"), "application/json");
    ck_assert_str_eq(client_header(&r, "Content-Location"), PATH "@1");
    ck_assert_ptr_nonnull(strstr(client_header(&r, "Last-Modified"), "GMT"));
    (void) snprintf(tag, sizeof(tag), "%s", client_header(&r, "ETag"));
    ck_assert_msg(strncmp(tag, "\"sha256:", 8) == 0, "%s", tag);
    client_free(&r);

    r = gateway_request(&g, "GET", "/v1/rulesets/shop%401", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "ETag"), tag);
    client_free(&r);

    (void) snprintf(header, sizeof(header), "If-None-Match: %s", tag);
    ck_assert_int_eq(rulesets_status(&g, "GET", PATH "@1", header, NULL),
                     304);

    r = gateway_request(&g, "GET", PATH, header, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Content-Location"), PATH "@2");
    client_free(&r);

    r = gateway_request(&g, "GET", PATH "/versions", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 2);
    ck_assert_str_eq(client_str(&r, "data[1].ruleset"), PATH "@2");
    ck_assert(json_is_null(client_get(&r, "next")));
    client_free(&r);

    r = gateway_request(&g, "GET", PATH "/versions?limit=1", NULL, NULL);
    ck_assert_str_eq(client_str(&r, "next"),
                     PATH "/versions?limit=1&cursor=1");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_change_is_made_only_under_its_condition)
{
    char            mine[128], weak[128];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    ck_assert_int_eq(rulesets_status(&g, "PUT", PATH, "If-None-Match: *",
                                     TITLE),
                     201);
    ck_assert_int_eq(rulesets_status(&g, "PUT", PATH, "If-None-Match: *",
                                     PRICE),
                     412);

    r = gateway_request(&g, "GET", PATH, NULL, NULL);
    (void) snprintf(mine, sizeof(mine), "If-Match: %s",
                    client_header(&r, "ETag"));
    (void) snprintf(weak, sizeof(weak), "If-Match: W/%s",
                    client_header(&r, "ETag"));
    client_free(&r);

    ck_assert_int_eq(rulesets_status(&g, "PUT", PATH, weak, PRICE), 412);
    ck_assert_int_eq(rulesets_status(&g, "PUT", PATH, mine, PRICE), 200);

    /* who had the first version comes too late */
    r = gateway_request(&g, "PUT", PATH, mine, "{\"a\":\"//a\"}");
    ck_assert_int_eq(r.status, 412);
    ck_assert_str_eq(client_str(&r, "type"), "/ruleset/changed");
    client_free(&r);
    ck_assert_int_eq(rulesets_status(&g, "DELETE", PATH, mine, NULL), 412);

    ck_assert_int_eq(rulesets_status(&g, "PUT", PATH, "If-Match: *", PRICE),
                     200);
    r = gateway_request(&g, "GET", PATH, NULL, NULL);
    ck_assert_str_eq(client_header(&r, "Content-Location"), PATH "@2");
    client_free(&r);

    ck_assert_int_eq(rulesets_status(&g, "DELETE", PATH, "If-Match: *", NULL),
                     204);
    ck_assert_int_eq(rulesets_status(&g, "GET", PATH, NULL, NULL), 404);
    r = rulesets_extract(&g, "/page/1", ",\"ruleset\":\"shop\"", NULL);
    ck_assert_int_eq(r.status, 404);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_rule_set_is_one_tenant_s)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &tenants);

    ck_assert_int_eq(rulesets_status(&g, "PUT", PATH, "X-Tenant: acme",
                                     TITLE),
                     201);
    ck_assert_int_eq(rulesets_status(&g, "GET", PATH, "X-Tenant: other",
                                     NULL),
                     404);
    ck_assert_int_eq(rulesets_status(&g, "DELETE", PATH, "X-Tenant: other",
                                     NULL),
                     404);

    r = rulesets_extract(&g, "/page/1", ",\"ruleset\":\"shop\"",
                         "X-Tenant: other");
    ck_assert_int_eq(r.status, 404);
    ck_assert_str_eq(client_str(&r, "type"), "/ruleset/unknown");
    client_free(&r);

    r = gateway_request(&g, "GET", "/v1/rulesets", "X-Tenant: other", NULL);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 0);
    client_free(&r);

    r = rulesets_extract(&g, "/page/1", ",\"ruleset\":\"shop\"",
                         "X-Tenant: acme");
    ck_assert_str_eq(client_str(&r, "data.title"), "Product 1");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(rule_sets_are_listed_page_by_page)
{
    char            next[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    rulesets_put(&g, "/v1/rulesets/c", TITLE, 201);
    rulesets_put(&g, "/v1/rulesets/a", TITLE, 201);
    rulesets_put(&g, "/v1/rulesets/b", TITLE, 201);
    rulesets_put(&g, "/v1/rulesets/b", PRICE, 200);

    r = gateway_request(&g, "GET", "/v1/rulesets?limit=2", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 2);
    ck_assert_str_eq(client_str(&r, "data[0].name"), "a");
    ck_assert_int_eq(json_integer_value(client_get(&r, "data[1].version")),
                     2);
    ck_assert_ptr_nonnull(strstr(client_header(&r, "Link"), "rel=\"next\""));
    (void) snprintf(next, sizeof(next), "%s", client_str(&r, "next"));
    client_free(&r);

    r = gateway_request(&g, "GET", next, NULL, NULL);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 1);
    ck_assert_str_eq(client_str(&r, "data[0].name"), "c");
    ck_assert(json_is_null(client_get(&r, "next")));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(nginx_s_rule_set_goes_before_one_of_the_same_name)
{
    gateway_t  g;

    static const gateway_options_t  options = {
        .http = "scrape_rules shop { title \"//h1\"; }"
    };

    gateway_start(&g, &options);

    rulesets_put(&g, PATH, PRICE, 201);
    rulesets_title(&g, ",\"ruleset\":\"shop\"", "Product 1");
    rulesets_title(&g, ",\"ruleset\":\"shop@1\"", "1.90");

    gateway_stop(&g);
}
END_TEST


START_TEST(rules_are_laid_over_a_rule_set)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    rulesets_put(&g, PATH, "{\"fields\":{\"a\":\"//h1\",\"b\":\"//p\"},"
                 "\"drop_if\":\"//nothing\"}", 201);

    r = rulesets_extract(&g, "/page/1", ",\"ruleset\":\"shop\","
                         "\"rules\":{\"b\":\"//title\",\"c\":{\"const\":7}}",
                         NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_ptr_nonnull(strstr(r.body, "\"data\":{\"a\":\"Product 1\","
                                         "\"b\":\"Product 1\",\"c\":7}"));
    client_free(&r);

    r = rulesets_extract(&g, "/page/1", ",\"ruleset\":\"shop\","
                         "\"rules\":{\"fields\":{},\"drop_if\":\"//h1\"}",
                         NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert(json_is_null(client_get(&r, "data")));
    ck_assert(json_is_true(client_get(&r, "dropped")));
    client_free(&r);

    /* what was laid over it has not changed it */
    r = rulesets_extract(&g, "/page/1", ",\"ruleset\":\"shop\"", NULL);
    ck_assert_ptr_nonnull(strstr(r.body, "\"data\":{\"a\":\"Product 1\","
                                         "\"b\":\"1.90\"}"));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(several_rule_sets_read_one_page)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    rulesets_put(&g, "/v1/rulesets/list", "{\"links\":[\"//a/@href\"]}", 201);
    rulesets_put(&g, "/v1/rulesets/product", TITLE, 201);
    rulesets_put(&g, "/v1/rulesets/product", PRICE, 200);
    rulesets_put(&g, "/v1/rulesets/other", "{\"match\":{\"url\":"
                 "\"%/other/%\"},\"fields\":" TITLE "}", 201);

    r = rulesets_extract(&g, "/page/1", ",\"rulesets\":[\"list\","
                         "\"product@1\",\"product\",\"other\"]", NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_ptr_nonnull(strstr(r.body, "\"data\":{\"list\":{\"links\":["));
    ck_assert_ptr_nonnull(strstr(r.body, "\"product@1\":{\"title\":"
                                         "\"Product 1\"}"));
    ck_assert_str_eq(client_str(&r, "data.product.title"), "1.90");
    ck_assert_ptr_null(client_get(&r, "data.other"));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_template_of_crawley_becomes_a_rule_set)
{
    char            template[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    (void) snprintf(template, sizeof(template), "PAGE => %s/page/1\n"
                    "book.title -> //h1\nbook.price -> p.price\n", g.origin);

    r = gateway_request(&g, "PUT", PATH, CRAWLEY, template);
    ck_assert_msg(r.status == 201, "%s", r.body);
    client_free(&r);

    r = gateway_request(&g, "GET", PATH, NULL, NULL);
    ck_assert_str_eq(client_str(&r, "store.table"), "book");
    ck_assert_uint_gt(strlen(client_str(&r, "match.similar_to.sketch")), 100);
    client_free(&r);

    r = rulesets_extract(&g, "/page/9", ",\"ruleset\":\"shop\"", NULL);
    ck_assert_str_eq(client_str(&r, "data.title"), "Product 9");
    ck_assert_str_eq(client_str(&r, "data.price"), "9.90");
    client_free(&r);

    r = rulesets_extract(&g, "/show-cookie", ",\"ruleset\":\"shop\"", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert(json_is_null(client_get(&r, "data")));
    ck_assert(json_is_false(client_get(&r, "matched")));
    client_free(&r);

    ck_assert_int_eq(gateway_hits(&g, "/page/1"), 1);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_to_be_like_is_fetched_once_and_remembered)
{
    char            members[512];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    (void) snprintf(members, sizeof(members), ",\"rules\":{\"sets\":{\"a\":{"
                    "\"match\":{\"similar_to\":{\"url\":\"%s/page/1\"}},"
                    "\"fields\":" TITLE "},\"b\":" TITLE "}}", g.origin);

    r = rulesets_extract(&g, "/page/2", members, NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.a.title"), "Product 2");
    ck_assert_str_eq(client_str(&r, "data.b.title"), "Product 2");
    client_free(&r);

    r = rulesets_extract(&g, "/show-cookie", members, NULL);
    ck_assert_ptr_null(client_get(&r, "data.a"));
    ck_assert_ptr_nonnull(client_get(&r, "data.b"));
    client_free(&r);

    ck_assert_int_eq(gateway_hits(&g, "/page/1"), 1);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_to_be_like_that_cannot_be_had_is_told)
{
    char            rules[256], members[300];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(rules, sizeof(rules), "{\"match\":{\"similar_to\":{"
                    "\"url\":\"%s/status/404\"}},\"fields\":" TITLE "}",
                    g.origin);
    r = gateway_request(&g, "PUT", PATH, NULL, rules);
    ck_assert_int_eq(r.status, 422);
    ck_assert_str_eq(client_str(&r, "pointer"), "/match/similar_to/url");
    client_free(&r);

    (void) snprintf(rules, sizeof(rules), "{\"match\":{\"similar_to\":{"
                    "\"url\":\"%s/garbage\"}},\"fields\":" TITLE "}",
                    g.origin);
    r = gateway_request(&g, "PUT", PATH, NULL, rules);
    ck_assert_msg(r.status == 502, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "type"), "/fetch/protocol");
    ck_assert_str_eq(client_str(&r, "pointer"), "/match/similar_to/url");
    client_free(&r);
    ck_assert_int_eq(rulesets_status(&g, "GET", PATH, NULL, NULL), 404);

    (void) snprintf(members, sizeof(members), ",\"rules\":%s", rules);
    r = rulesets_extract(&g, "/page/1", members, NULL);
    ck_assert_int_eq(r.status, 502);
    ck_assert_str_eq(client_str(&r, "pointer"),
                     "/rules/match/similar_to/url");
    client_free(&r);

    r = gateway_request(&g, "PUT", PATH, NULL, "{\"match\":{\"similar_to\":{"
                        "\"url\":\"http://u:p@a.example/\"}},\"fields\":"
                        TITLE "}");
    ck_assert_int_eq(r.status / 100, 4);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(rules_are_checked_without_a_page)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = rulesets_check(&g, "\"rules\":{\"a\":\"//h1\",\"b\":{\"each\":"
                       "\"//li\",\"fields\":{\"c\":\"./a\"}}}");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert(json_is_true(client_get(&r, "valid")));
    ck_assert_int_eq(json_integer_value(client_get(&r, "fields")), 3);
    ck_assert_uint_eq(strlen(client_str(&r, "hash")), 71);
    ck_assert_ptr_null(client_get(&r, "data"));
    client_free(&r);

    /* no page is fetched for that */
    r = rulesets_check(&g, "\"rules\":{\"match\":{\"similar_to\":{\"url\":"
                       "\"http://nowhere.invalid/\"}},\"fields\":" TITLE "}");
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(rules_are_tried_on_a_page_that_is_sent)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    r = rulesets_check(&g, "\"rules\":{\"a\":\"//h1\",\"b\":{\"xpath\":"
                       "\"//h2\",\"required\":true},\"u\":{\"xpath\":"
                       "\"'x'\",\"type\":\"url\"}},\"html\":\"" PAGE "\","
                       "\"base_url\":\"http://shop.example/p/\","
                       "\"explain\":true");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.a"), "Mug");
    ck_assert_str_eq(client_str(&r, "data.u"), "http://shop.example/p/x");
    ck_assert_str_eq(client_str(&r, "missing[0]"), "b");
    ck_assert_uint_eq(json_array_size(client_get(&r, "warnings")), 0);
    ck_assert_uint_gt(json_array_size(client_get(&r, "explain")), 0);
    client_free(&r);

    /* what is sent is UTF-8, whatever it says */
    r = rulesets_check(&g, "\"rules\":" TITLE ",\"html\":\"<meta charset="
                       "iso-8859-1><h1>\xc3\xa4</h1>\"");
    ck_assert_str_eq(client_str(&r, "data.title"), "\xc3\xa4");
    client_free(&r);

    r = rulesets_check(&g, "\"rules\":{\"n\":{\"json\":\"$.n\"}},\"html\":"
                       "\"{\\\"n\\\":7}\",\"content_type\":"
                       "\"application/json\"");
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_ptr_nonnull(strstr(r.body, "\"data\":{\"n\":"));
    client_free(&r);

    /* nothing of it is kept */
    r = gateway_request(&g, "GET", "/v1/results?url=http://shop.example/p/",
                        NULL, NULL);
    ck_assert_int_eq(r.status, 404);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(rules_are_tried_on_a_page_that_is_fetched)
{
    char            members[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(members, sizeof(members), "\"rules\":" TITLE ",\"url\":"
                    "\"%s/page/3\",\"return\":[\"meta\"]", g.origin);
    r = rulesets_check(&g, members);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert(json_is_true(client_get(&r, "valid")));
    ck_assert_str_eq(client_str(&r, "data.title"), "Product 3");
    ck_assert_int_eq(json_integer_value(client_get(&r, "fetch.status")), 200);
    ck_assert_ptr_nonnull(client_get(&r, "meta"));
    client_free(&r);

    (void) snprintf(members, sizeof(members), "\"rules\":" TITLE ",\"url\":"
                    "\"%s/garbage\"", g.origin);
    r = rulesets_check(&g, members);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert(json_is_true(client_get(&r, "valid")));
    ck_assert_str_eq(client_str(&r, "error.type"), "/fetch/protocol");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_query_string_has_all_selectors)
{
    char            path[512];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    rulesets_put(&g, PATH, "{\"a\":\"//h1\",\"b\":\"//p\"}", 201);

    (void) snprintf(path, sizeof(path), "/v1/extract?url=%s/page/1"
                    "&css.a=p.price&css.l%%5B%%5D=li+a::attr(href)"
                    "&header.h=content-type&regex.r=Product+([0-9])"
                    "&xpath.x=//title&return=meta,links", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.a"), "1.90");
    ck_assert_str_eq(client_str(&r, "data.l[0]"), "/page/2");
    ck_assert_msg(strcmp(client_str(&r, "data.h"),
                         "text/html; charset=utf-8") == 0, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.x"), "Product 1");
    ck_assert_ptr_nonnull(client_get(&r, "data.r"));
    ck_assert_ptr_nonnull(client_get(&r, "meta"));
    ck_assert_ptr_nonnull(client_get(&r, "links"));
    client_free(&r);

    (void) snprintf(path, sizeof(path), "/v1/extract?url=%s/page/1"
                    "&ruleset=shop&css.b=title", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_ptr_nonnull(strstr(r.body, "\"data\":{\"a\":\"Product 1\","
                                         "\"b\":\"Product 1\"}"));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_rule_set_is_used_by_name_by_version_and_by_hash,
        what_is_shown_is_the_rules_and_their_hash,
        a_change_is_made_only_under_its_condition,
        a_rule_set_is_one_tenant_s,
        rule_sets_are_listed_page_by_page,
        nginx_s_rule_set_goes_before_one_of_the_same_name,
        rules_are_laid_over_a_rule_set,
        several_rule_sets_read_one_page,
        a_template_of_crawley_becomes_a_rule_set,
        a_page_to_be_like_is_fetched_once_and_remembered,
        a_page_to_be_like_that_cannot_be_had_is_told,
        rules_are_checked_without_a_page,
        rules_are_tried_on_a_page_that_is_sent,
        rules_are_tried_on_a_page_that_is_fetched,
        a_query_string_has_all_selectors,
        NULL
    };

    return suite_run("rulesets", tests, RULESETS_TIMEOUT);
}


static void
rulesets_put(gateway_t *g, const char *path, const char *rules, long status)
{
    client_reply_t  r;

    r = gateway_request(g, "PUT", path, NULL, rules);
    ck_assert_msg(r.status == status, "%ld %s", r.status, r.body);
    client_free(&r);
}


static long
rulesets_status(gateway_t *g, const char *method, const char *path,
    const char *headers, const char *body)
{
    long            status;
    client_reply_t  r;

    r = gateway_request(g, method, path, headers, body);
    status = r.status;
    client_free(&r);

    return status;
}


/* Extract a page of the origin with further members of the body. */
static client_reply_t
rulesets_extract(gateway_t *g, const char *page, const char *members,
    const char *headers)
{
    char  body[1024];

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s%s\"%s}", g->origin,
                    page, members);

    return gateway_request(g, "POST", "/v1/extract", headers, body);
}


static void
rulesets_title(gateway_t *g, const char *members, const char *title)
{
    client_reply_t  r;

    r = rulesets_extract(g, "/page/1", members, NULL);
    ck_assert_msg(r.status == 200, "%s: %s", members, r.body);
    ck_assert_str_eq(client_str(&r, "data.title"), title);
    client_free(&r);
}


static client_reply_t
rulesets_check(gateway_t *g, const char *members)
{
    char  body[1024];

    (void) snprintf(body, sizeof(body), "{%s}", members);

    return gateway_request(g, "POST", CHECK, NULL, body);
}
