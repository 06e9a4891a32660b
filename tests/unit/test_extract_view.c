
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/page/arena.h"
#include "tests/support/extracting.h"
#include "tests/support/suite.h"


#define VIEW_ALL  (EXTRACT_LINKS | EXTRACT_META | EXTRACT_JSONLD            \
                   | EXTRACT_MICRODATA | EXTRACT_HEADERS | EXTRACT_TEXT     \
                   | EXTRACT_MARKDOWN | EXTRACT_RAW | EXTRACT_FOLLOW        \
                   | EXTRACT_SKETCH | EXTRACT_EXPLAIN)

#define VIEW_HEADERS  "[[\"ETag\",\"\\\"v1\\\"\"],[\"X-A\",\"1\"]]"


static const char  view_html[] =
    "<html lang=en><head><title>Mug</title><base href='/b/'>"
    "<meta property=og:title content=M><link rel=canonical href=c>"
    "<script type='application/ld+json'>{\"@type\":\"Product\",\"sku\":\"7\"}"
    "</script></head><body><main><h1>Blue mug</h1>"
    "<p>A mug that is blue, and <a href='next?a=1#x'>another</a>.</p>"
    "<div itemscope itemtype='http://schema.org/Offer'>"
    "<span itemprop=price>5</span></div></main></body></html>";

static const char  view_rules[] =
    "{\"ns\":{\"x\":\"urn:x\"},\"fields\":{\"t\":\"h1\","
    "\"h\":{\"header\":\"etag\"},\"j\":{\"jsonld\":\"$..sku\"},"
    "\"m\":{\"meta\":\"og:title\"},\"c\":{\"const\":[1]},"
    "\"r\":{\"regex\":\"<h1>(\\\\w+)\"},"
    "\"u\":{\"css\":\"a::attr(href)\",\"type\":\"url\"},"
    "\"s\":{\"xpath\":\"re:replace(//h1,'B','','b')\"},"
    "\"d\":{\"css\":\"h1\",\"transform\":[\"lower\",{\"split\":\" \"}]},"
    "\"o\":{\"each\":\"p\",\"fields\":{\"a\":{\"xpath\":[\"i\",\"a\"],"
    "\"get\":\"html\"}}}},"
    "\"follow\":[{\"css\":\"a\",\"ruleset\":\"self\","
    "\"context\":{\"from\":\"$t\"}}]}";


static void view_page(extract_page_t *p);


START_TEST(each_view_is_a_member_of_its_name)
{
    size_t              i;
    char                member[32];
    json_t             *view;
    extract_page_t      p;
    static const char  *names[] = { "links", "meta", "jsonld", "microdata",
                                    "headers", "text", "markdown", "raw",
                                    "follow", "sketch", "explain" };

    view_page(&p);
    ck_assert_int_eq(extracting(view_rules, &p), SC_OK);

    view = json_loads(p.view.data, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(view != NULL, "%s", p.view.data);
    ck_assert_uint_eq(json_object_size(view), 11);

    for (i = 0; i < 11; i++) {
        ck_assert_uint_eq(extract_view_bit(names[i]), 1u << i);
        (void) snprintf(member, sizeof(member), "\"%s\":", names[i]);
        ck_assert_ptr_nonnull(json_object_get(view, names[i]));
        ck_assert_ptr_nonnull(strstr(p.view.data, member));
    }

    ck_assert_uint_eq(extract_view_bit("data"), 0);
    ck_assert_uint_eq(extract_view_bit(""), 0);

    ck_assert_str_eq(extracting_text(json_object_get(view, "headers")),
                     VIEW_HEADERS);
    ck_assert_str_eq(json_string_value(json_object_get(view, "raw")),
                     view_html);
    ck_assert_str_eq(extracting_text(json_object_get(view, "follow")),
                     "[{\"url\":\"http://shop.example/b/next?a=1#x\","
                     "\"ruleset\":\"self\",\"context\":"
                     "{\"from\":\"Blue mug\"}}]");
    ck_assert_ptr_nonnull(strstr(extracting_text(json_object_get(view,
                                                                 "jsonld")),
                                 "\"sku\":\"7\""));
    ck_assert_ptr_nonnull(strstr(extracting_text(json_object_get(view,
                                                                 "links")),
                                 "http://shop.example/b/next?a=1"));
    ck_assert_ptr_nonnull(strstr(json_string_value(
                                     json_object_get(view, "markdown")),
                                 "# Blue mug"));
    ck_assert_ptr_nonnull(strstr(json_string_value(
                                     json_object_get(view, "text")),
                                 "A mug that is blue, and another."));

    json_decref(view);
    extract_page_free(&p);
}
END_TEST


START_TEST(the_context_of_one_follow_is_not_that_of_the_next)
{
    json_t             *view;
    extract_page_t      p;
    static const char  rules[] =
        "{\"fields\":{\"t\":\"h1\"},\"follow\":["
        "{\"css\":\"a\",\"context\":{\"from\":\"$t\"}},"
        "{\"css\":\"a\",\"pagination\":true}]}";

    view_page(&p);
    ck_assert_int_eq(extracting(rules, &p), SC_OK);

    view = json_loads(p.view.data, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(view != NULL, "%s", p.view.data);
    ck_assert_str_eq(extracting_text(json_object_get(view, "follow")),
                     "[{\"url\":\"http://shop.example/b/next?a=1#x\","
                     "\"context\":{\"from\":\"Blue mug\"}},"
                     "{\"url\":\"http://shop.example/b/next?a=1#x\","
                     "\"pagination\":true}]");

    json_decref(view);
    extract_page_free(&p);
}
END_TEST


START_TEST(views_of_pages_without_a_tree_are_there)
{
    size_t              i;
    json_t             *view;
    extract_page_t      p;
    static const char  *bodies[] = { "", "{\"a\":1}", "[", "\xff\xfe",
                                     "<r><a/></r>", "plain" };
    static const char  *types[] = { "text/html", "application/json",
                                    "application/json", "text/html",
                                    "text/xml", "text/plain" };

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        extracting_page(&p, types[i], bodies[i], VIEW_ALL);
        ck_assert_msg(extracting(view_rules, &p) == SC_OK, "%s: %s",
                      bodies[i], p.detail);

        view = json_loads(p.view.data, JSON_REJECT_DUPLICATES, NULL);
        ck_assert_msg(view != NULL, "%s", p.view.data);
        ck_assert_uint_eq(json_object_size(view), 11);
        ck_assert_str_eq(extracting_text(json_object_get(view, "headers")),
                         "[]");
        json_decref(view);
        extract_page_free(&p);
    }
}
END_TEST


START_TEST(page_without_views_has_none)
{
    extract_page_t  p;

    view_page(&p);
    p.views = 0;
    ck_assert_int_eq(extracting(view_rules, &p), SC_OK);
    ck_assert_uint_eq(p.view.len, 0);
    extract_page_free(&p);
}
END_TEST


START_TEST(view_longer_than_its_bound_fails_the_page)
{
    char            *html;
    const size_t     len = 5 * 1024 * 1024;
    extract_page_t   p;

    html = malloc(len + 1);
    ck_assert_ptr_nonnull(html);
    memset(html, '\\', len);
    html[len] = '\0';

    extracting_page(&p, NULL, html, EXTRACT_RAW);
    ck_assert_int_eq(extracting("{\"a\":{\"const\":1}}", &p), SC_ERROR);
    ck_assert_str_eq(p.detail, "what is asked for beside the data is too "
                               "long");
    extract_page_free(&p);
    free(html);
}
END_TEST


START_TEST(page_used_again_begins_anew)
{
    char               *first;
    sc_rules_t         *rules;
    extract_page_t      p;
    sc_rules_error_t    err;

    rules = sc_rules_parse_text(view_rules, strlen(view_rules), &err);
    ck_assert_ptr_nonnull(rules);
    view_page(&p);

    ck_assert_int_eq(extract_page(rules, &p), SC_OK);
    first = strdup(p.view.data);
    ck_assert_ptr_nonnull(first);

    extract_page_reset(&p);
    ck_assert_int_eq(extract_page(rules, &p), SC_OK);
    ck_assert_str_eq(p.view.data, first);
    ck_assert_int_eq(strncmp(p.data.data, "{\"t\":\"Blue mug\",", 16), 0);

    free(first);
    extract_page_free(&p);
    sc_rules_free(rules);
}
END_TEST


/* As a worker has it: what is not libxml2's own must be freed all the same. */

START_TEST(pages_in_an_arena_say_what_they_say_without)
{
    int                i;
    char              *data, *view;
    sc_rules_t        *rules, *group;
    extract_page_t     p;
    sc_rules_error_t   err;

    static const char  text[] =
        "{\"sets\":{\"a\":{\"parser\":\"html5\",\"fields\":{\"t\":\"h1\","
        "\"j\":{\"jsonld\":\"$..sku\"}}},\"b\":{\"t\":\"h1\","
        "\"j\":{\"jsonld\":\"$..sku\"},"
        "\"s\":{\"xpath\":\"re:replace(//h1,'B','','b')\"}}}}";

    ck_assert_int_eq(arena_init(64 * 1024 * 1024), 0);

    rules = sc_rules_parse_text(view_rules, strlen(view_rules), &err);
    group = sc_rules_parse_text(text, strlen(text), &err);
    ck_assert_ptr_nonnull(rules);
    ck_assert_ptr_nonnull(group);

    view_page(&p);
    ck_assert_int_eq(extract_page(rules, &p), SC_OK);
    data = strdup(p.data.data);
    view = strdup(p.view.data);

    for (i = 0; i < 3; i++) {
        extract_page_reset(&p);
        arena_begin();
        ck_assert_int_eq(extract_page(rules, &p), SC_OK);
        arena_end();
        ck_assert_str_eq(p.data.data, data);
        ck_assert_str_eq(p.view.data, view);

        extract_page_reset(&p);
        arena_begin();
        ck_assert_int_eq(extract_page(group, &p), SC_OK);
        arena_end();
        ck_assert_str_eq(p.data.data,
                         "{\"a\":{\"t\":\"Blue mug\",\"j\":\"7\"},"
                         "\"b\":{\"t\":\"Blue mug\",\"j\":\"7\","
                         "\"s\":\"blue mug\"}}");
    }

    free(view);
    free(data);
    extract_page_free(&p);
    sc_rules_free(group);
    sc_rules_free(rules);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        each_view_is_a_member_of_its_name,
        the_context_of_one_follow_is_not_that_of_the_next,
        views_of_pages_without_a_tree_are_there,
        page_without_views_has_none,
        view_longer_than_its_bound_fails_the_page,
        page_used_again_begins_anew,
        pages_in_an_arena_say_what_they_say_without,
        NULL
    };

    return suite_run("extract_view", tests, 60);
}


static void
view_page(extract_page_t *p)
{
    extracting_page(p, NULL, view_html, VIEW_ALL);
    p->headers.data = VIEW_HEADERS;
    p->headers.len = strlen(VIEW_HEADERS);
}
