
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/ruling.h"
#include "tests/support/suite.h"


/* a set with a field of each shape, and more members */
#define SET(more)                                                             \
    "{\"fields\":{\"sku\":\"//b\",\"tags\":[\"//i\"],"                        \
    "\"offers\":{\"each\":\"//li\",\"fields\":{\"id\":\".//a\","              \
    "\"all\":[\".//i\"]}}}," more "}"

#define SIMILAR(with)  SET("\"match\":{\"similar_to\":" with "}")
#define STORE(with)    SET("\"store\":" with)
#define FOLLOW(with)   SET("\"follow\":" with)


START_TEST(set_of_fields_alone_has_the_defaults)
{
    sc_rules_t  *r;

    r = ruling_accepted("{\"fields\":{\"a\":\"//a\"}}");

    ck_assert_int_eq(r->parser, SC_PARSER_AUTO);
    ck_assert_uint_eq(r->nns, 0);
    ck_assert_uint_eq(r->match.url.n, 0);
    ck_assert_uint_eq(r->match.content_type.n, 0);
    ck_assert_ptr_null(r->match.similar_url);
    ck_assert_ptr_null(r->match.sketch);
    ck_assert_ptr_null(r->drop_if);
    ck_assert_ptr_null(r->table.table);
    ck_assert_uint_eq(r->nfollow, 0);
    ck_assert(!r->strict);

    sc_rules_free(r);
}
END_TEST


START_TEST(description_is_kept_in_the_json_alone)
{
    sc_rules_t            *r;
    static const ruling_t  wrong[] = {
        { SET("\"description\":1"), "/description",
          "\"description\" is a string, not a number" }
    };

    r = ruling_accepted(SET("\"description\":\"books\""));
    ck_assert_ptr_nonnull(strstr(r->json, "\"description\":\"books\""));
    sc_rules_free(r);

    ruling_shape(wrong, 1);
}
END_TEST


START_TEST(max_age_is_a_number_of_seconds)
{
    sc_rules_t            *r;
    static const char      said[] = "\"max_age\" is a number of seconds from "
                                    "0 to 31536000";
    static const ruling_t  wrong[] = {
        { SET("\"max_age\":-1"), "/max_age", said },
        { SET("\"max_age\":31536001"), "/max_age", said },
        { SET("\"max_age\":1.5"), "/max_age", said },
        { SET("\"max_age\":\"1\""), "/max_age", said }
    };

    r = ruling_accepted(SET("\"max_age\":0"));
    ck_assert_int_eq(r->max_age, 0);
    sc_rules_free(r);

    r = ruling_accepted(SET("\"max_age\":31536000"));
    ck_assert_int_eq(r->max_age, 31536000);
    sc_rules_free(r);

    r = ruling_accepted("{\"fields\":{\"a\":\"//a\"}}");
    ck_assert_int_eq(r->max_age, -1);
    sc_rules_free(r);

    ruling_shape(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(key_that_is_unknown_is_told_at_its_place)
{
    ruling_key(SET("\"Match\":{}"), "/Match", "unknown key \"Match\"");
    ruling_key(SET("\"match\":{\"urls\":[]}"), "/match/urls",
                "unknown key \"urls\"");
    ruling_key(SIMILAR("{\"uri\":1}"), "/match/similar_to/uri",
                "unknown key \"uri\"");
    ruling_key(STORE("{\"table\":\"t\",\"keys\":1}"), "/store/keys",
                "unknown key \"keys\"");
    ruling_key(FOLLOW("[{\"xpath\":\"//a\"},{\"x/y\":1}]"),
                "/follow/1/x~1y", "unknown key \"x/y\"");
}
END_TEST


START_TEST(parser_is_one_of_five)
{
    size_t                    i;
    char                      text[256];
    sc_rules_t               *r;
    static const char *const  names[] = {
        "auto", "html", "html5", "xml", "json"
    };
    static const ruling_t     wrong[] = {
        { SET("\"parser\":\"HTML\""), "/parser",
          "unknown parser \"HTML\"" },
        { SET("\"parser\":null"), "/parser",
          "\"parser\" is a string, not null" }
    };

    for (i = 0; i < 5; i++) {
        snprintf(text, sizeof(text),
                 "{\"fields\":{\"a\":{\"const\":1}},\"parser\":\"%s\"}",
                 names[i]);
        r = ruling_accepted(text);
        ck_assert_int_eq(r->parser, i);
        sc_rules_free(r);
    }

    ruling_shape(wrong, 2);
}
END_TEST


START_TEST(prefixes_of_the_set_are_known_to_its_expressions)
{
    sc_rules_t            *r;
    static const ruling_t  wrong[] = {
        { "{\"fields\":{\"a\":\"//h:id\"},\"ns\":{\"g\":\"urn:g\"}}",
          "/fields/a", NULL }
    };

    r = ruling_accepted("{\"fields\":{\"a\":\"//g:id\"},"
                 "\"drop_if\":\"not(//g:id)\","
                 "\"follow\":{\"xpath\":\"//_x-1.y:a\"},"
                 "\"ns\":{\"g\":\"urn:g\",\"_x-1.y\":\"urn:x\"}}");
    ck_assert_uint_eq(r->nns, 2);
    ck_assert_str_eq(r->ns[0].prefix, "g");
    ck_assert_str_eq(r->ns[0].uri, "urn:g");
    ck_assert_str_eq(r->ns[1].prefix, "_x-1.y");
    ck_assert_str_eq(r->ns[1].uri, "urn:x");
    sc_rules_free(r);

    ruling_rule(wrong, 1);
}
END_TEST


START_TEST(predefined_prefix_may_be_said_again_but_not_changed)
{
    sc_rules_t            *r;
    static const ruling_t  wrong[] = {
        { SET("\"ns\":{\"set\":\"urn:s\"}"), "/ns/set",
          "prefix \"set\" is \"http://exslt.org/sets\" always, not "
          "\"urn:s\"" },
        { SET("\"ns\":{\"str\":\"http://exslt.org/Strings\"}"), "/ns/str",
          "prefix \"str\" is \"http://exslt.org/strings\" always, not "
          "\"http://exslt.org/Strings\"" },
        { SET("\"ns\":{\"xml\":\"http://www.w3.org/XML/1998/namespace\"}"),
          "/ns/xml", "prefix \"xml\" belongs to XML itself" },
        { SET("\"ns\":{\"xmlns\":\"urn:x\"}"), "/ns/xmlns",
          "prefix \"xmlns\" belongs to XML itself" }
    };

    r = ruling_accepted(SET("\"ns\":{"
                     "\"re\":\"http://exslt.org/regular-expressions\","
                     "\"set\":\"http://exslt.org/sets\","
                     "\"str\":\"http://exslt.org/strings\"}"));
    ck_assert_uint_eq(r->nns, 3);
    sc_rules_free(r);

    ruling_rule(wrong, 4);
}
END_TEST


START_TEST(prefix_that_is_no_name_is_refused)
{
    size_t                    i;
    char                      text[256], pointer[32], message[256];
    ruling_t                  r;
    static const char *const  names[] = {
        "", "1a", "-a", ".a", "a:b", "a b", "\xc3\xa4"
    };

    for (i = 0; i < 7; i++) {
        snprintf(text, sizeof(text), SET("\"ns\":{\"%s\":\"urn:x\"}"),
                 names[i]);
        snprintf(pointer, sizeof(pointer), "/ns/%s", names[i]);
        snprintf(message, sizeof(message),
                 "\"%s\" is not a prefix, which is a letter or \"_\", then "
                 "letters, digits, \"-\", \"_\" and \".\"", names[i]);

        r.json = text;
        r.pointer = pointer;
        r.message = message;
        ruling_rule(&r, 1);
    }
}
END_TEST


START_TEST(namespaces_are_at_most_64_nonempty_strings)
{
    char                  *text;
    ruling_t               many;
    sc_rules_t            *r;
    static const ruling_t  wrong[] = {
        { SET("\"ns\":[]"), "/ns", "\"ns\" is an object, not a list" },
        { SET("\"ns\":{\"g\":1}"), "/ns/g", NULL },
        { SET("\"ns\":{\"g\":\"\"}"), "/ns/g", NULL }
    };

    ruling_shape(wrong, 3);

    text = ruling_numbered("{\"fields\":{\"a\":\"//a\"},\"ns\":{",
                    "\"p%zu\":\"urn:x\"", 64, "}}");
    r = ruling_accepted(text);
    ck_assert_uint_eq(r->nns, 64);
    sc_rules_free(r);
    free(text);

    text = ruling_numbered("{\"fields\":{\"a\":\"//a\"},\"ns\":{",
                    "\"p%zu\":\"urn:x\"", 65, "}}");
    many.json = text;
    many.pointer = "/ns";
    many.message = "more than 64 namespaces";
    ruling_shape(&many, 1);
    free(text);
}
END_TEST


START_TEST(patterns_are_a_string_or_a_list_of_them)
{
    sc_rules_t  *r;

    r = ruling_accepted(SET("\"match\":{\"url\":\"%/p/%\","
                     "\"content_type\":[\"text/html\",\"re:xml$\"]}"));

    ck_assert_uint_eq(r->match.url.n, 1);
    ck_assert(sc_patterns_fit(&r->match.url, "http://a/p/1", 12));
    ck_assert(!sc_patterns_fit(&r->match.url, "http://a/q/1", 12));
    ck_assert_uint_eq(r->match.content_type.n, 2);
    ck_assert(sc_patterns_fit(&r->match.content_type, "a/b+xml", 7));
    ck_assert(!sc_patterns_fit(&r->match.content_type, "text/htm", 8));

    sc_rules_free(r);
}
END_TEST


START_TEST(pattern_of_a_wrong_type_is_a_wrong_shape)
{
    static const ruling_t  wrong[] = {
        { SET("\"match\":[]"), "/match",
          "\"match\" is an object, not a list" },
        { SET("\"match\":{\"url\":1}"), "/match/url",
          "a pattern is a string, not a number" },
        { SET("\"match\":{\"url\":[]}"), "/match/url",
          "a list of patterns holds 1 to 256, not 0" },
        { SET("\"match\":{\"url\":[\"%\",\"re:a\",null]}"), "/match/url/2",
          "a pattern is a string, not null" },
        { SET("\"match\":{\"content_type\":[[\"%\"]]}"),
          "/match/content_type/0", "a pattern is a string, not a list" },
        { FOLLOW("{\"xpath\":\"//a\",\"allow\":{}}"), "/follow/allow",
          "a pattern is a string, not an object" }
    };

    ruling_shape(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(pattern_that_cannot_be_used_is_a_wrong_rule)
{
    static const ruling_t  wrong[] = {
        { SET("\"match\":{\"url\":\"\"}"), "/match/url",
          "invalid pattern \"\": the pattern is empty" },
        { SET("\"match\":{\"url\":[\"%\",\"re:a\",\"re:(\"]}"),
          "/match/url/2", NULL },
        { SET("\"match\":{\"content_type\":[\"re:\"]}"),
          "/match/content_type/0",
          "invalid pattern \"re:\": no expression after \"re:\"" },
        { FOLLOW("[{\"xpath\":\"//a\",\"deny\":[\"%\",\"re:[\"]}]"),
          "/follow/0/deny/1", NULL }
    };

    ruling_rule(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(list_of_more_patterns_than_allowed_is_refused)
{
    char        *text;
    ruling_t     many;
    sc_rules_t  *r;

    text = ruling_list("{\"fields\":{\"a\":\"//a\"},\"match\":{\"url\":[",
                   "\"%\"", SC_PATTERNS_MAX, "]}}");
    r = ruling_accepted(text);
    ck_assert_uint_eq(r->match.url.n, SC_PATTERNS_MAX);
    sc_rules_free(r);
    free(text);

    text = ruling_list("{\"fields\":{\"a\":\"//a\"},\"match\":{\"url\":[",
                   "\"%\"", SC_PATTERNS_MAX + 1, "]}}");
    many.json = text;
    many.pointer = "/match/url";
    many.message = "a list of patterns holds 1 to 256, not 257";
    ruling_shape(&many, 1);
    free(text);
}
END_TEST


START_TEST(similar_page_is_a_url_or_a_sketch_or_both)
{
    sc_rules_t  *r;

    r = ruling_accepted(SIMILAR("{\"url\":\"HTTPS://a.test/1\"}"));
    ck_assert_str_eq(r->match.similar_url, "HTTPS://a.test/1");
    ck_assert_ptr_null(r->match.sketch);
    ck_assert_double_eq(r->match.ratio, 0.45);
    sc_rules_free(r);

    r = ruling_accepted(SIMILAR("{\"sketch\":\"00ffAA\",\"ratio\":1}"));
    ck_assert_ptr_null(r->match.similar_url);
    ck_assert_str_eq(r->match.sketch, "00ffAA");
    ck_assert_double_eq(r->match.ratio, 1);
    sc_rules_free(r);

    r = ruling_accepted(SIMILAR("{\"sketch\":\"00\",\"url\":\"http://a\","
                         "\"ratio\":0}"));
    ck_assert_ptr_nonnull(r->match.similar_url);
    ck_assert_ptr_nonnull(r->match.sketch);
    ck_assert_double_eq(r->match.ratio, 0);
    sc_rules_free(r);
}
END_TEST


START_TEST(similar_page_that_is_none_is_refused)
{
    static const ruling_t  wrong[] = {
        { SIMILAR("\"http://a/\""), "/match/similar_to",
          "\"similar_to\" is an object, not a string" },
        { SIMILAR("{\"ratio\":0.5}"), "/match/similar_to",
          "\"similar_to\" needs \"url\" or \"sketch\"" },
        { SIMILAR("{\"url\":\"/p/1\"}"), "/match/similar_to/url",
          "\"/p/1\" is not an absolute http or https URL" },
        { SIMILAR("{\"url\":\"ftp://a/\"}"), "/match/similar_to/url",
          "\"ftp://a/\" is not an absolute http or https URL" },
        { SIMILAR("{\"url\":\"http:///p\"}"), "/match/similar_to/url",
          "\"http:///p\" is not an absolute http or https URL" },
        { SIMILAR("{\"url\":\"http://a/ b\"}"), "/match/similar_to/url",
          "\"http://a/ b\" is not an absolute http or https URL" },
        { SIMILAR("{\"url\":7}"), "/match/similar_to/url", NULL },
        { SIMILAR("{\"sketch\":\"0g\"}"), "/match/similar_to/sketch",
          "sketch \"0g\" is not pairs of hex digits" },
        { SIMILAR("{\"sketch\":\"000\"}"), "/match/similar_to/sketch",
          "sketch \"000\" is not pairs of hex digits" },
        { SIMILAR("{\"sketch\":\"00\",\"ratio\":1.5}"),
          "/match/similar_to/ratio",
          "ratio \"1.5\" is not between 0 and 1" },
        { SIMILAR("{\"sketch\":\"00\",\"ratio\":-1}"),
          "/match/similar_to/ratio", "ratio \"-1\" is not between 0 and 1" },
        { SIMILAR("{\"sketch\":\"00\",\"ratio\":\"1\"}"),
          "/match/similar_to/ratio", NULL }
    };

    ruling_shape(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(condition_to_drop_a_page_and_strictness_are_taken)
{
    sc_rules_t            *r;
    static const ruling_t  shape[] = {
        { SET("\"drop_if\":true"), "/drop_if", NULL },
        { SET("\"strict\":1"), "/strict", NULL }
    };
    static const ruling_t  rule[] = {
        { SET("\"drop_if\":\"not(//h1\""), "/drop_if", NULL },
        { SET("\"drop_if\":\"nosuch(//h1)\""), "/drop_if", NULL }
    };

    r = ruling_accepted(SET("\"drop_if\":\"not(//h1)\",\"strict\":true"));
    ck_assert_ptr_nonnull(r->drop_if);
    ck_assert(r->strict);
    sc_rules_free(r);

    r = ruling_accepted(SET("\"strict\":false"));
    ck_assert(!r->strict);
    sc_rules_free(r);

    ruling_shape(shape, 2);
    ruling_rule(rule, 2);
}
END_TEST


START_TEST(links_to_follow_are_taken)
{
    sc_rules_t  *r;

    r = ruling_accepted(FOLLOW("[{\"xpath\":\"//a[@rel='next']\","
                        "\"ruleset\":\"self\",\"pagination\":true},"
                        "{\"css\":\"a.item\",\"allow\":[\"%/p/%\"],"
                        "\"deny\":\"re:\\\\?sort=\","
                        "\"ruleset\":\"product@sha256:0a\","
                        "\"context\":{\"category\":\"$sku\",\"n\":1,"
                        "\"all\":\"$tags\",\"x\":null}},"
                        "{\"first\":[{\"css\":\"a\"},\"//a\"]}]"));

    ck_assert_uint_eq(r->nfollow, 3);
    ck_assert_uint_eq(r->follow[0].nselectors, 1);
    ck_assert_int_eq(r->follow[0].selectors[0].kind, SC_SELECT_XPATH);
    ck_assert_str_eq(r->follow[0].ruleset, "self");
    ck_assert(r->follow[0].pagination);
    ck_assert_ptr_null(r->follow[0].context);

    ck_assert_int_eq(r->follow[1].selectors[0].kind, SC_SELECT_CSS);
    ck_assert(sc_patterns_fit(&r->follow[1].allow, "a/p/1", 5));
    ck_assert(sc_patterns_fit(&r->follow[1].deny, "a?sort=1", 8));
    ck_assert_str_eq(r->follow[1].ruleset, "product@sha256:0a");
    ck_assert(!r->follow[1].pagination);
    ck_assert_str_eq(r->follow[1].context,
                     "{\"category\":\"$sku\",\"n\":1,\"all\":\"$tags\","
                     "\"x\":null}");

    ck_assert_uint_eq(r->follow[2].nselectors, 2);
    ck_assert_ptr_null(r->follow[2].ruleset);

    sc_rules_free(r);

    r = ruling_accepted(FOLLOW("{\"xpath\":[\"//a\",\"//b\"]}"));
    ck_assert_uint_eq(r->nfollow, 1);
    ck_assert_uint_eq(r->follow[0].nselectors, 2);
    sc_rules_free(r);
}
END_TEST


START_TEST(links_of_a_wrong_shape_are_refused)
{
    char                  *text;
    ruling_t               many;
    sc_rules_t            *r;
    static const ruling_t  wrong[] = {
        { FOLLOW("\"//a\""), "/follow",
          "what is followed is an object, not a string" },
        { FOLLOW("[{\"xpath\":\"//a\"},\"//a\"]"), "/follow/1",
          "what is followed is an object, not a string" },
        { FOLLOW("[{}]"), "/follow/0",
          "one of \"xpath\", \"css\" and \"first\" says what is followed" },
        { FOLLOW("[{\"xpath\":\"//a\",\"css\":\"a\"}]"), "/follow/0",
          "only one of \"xpath\", \"css\" and \"first\" says what is "
          "followed" },
        { FOLLOW("{\"first\":[\"//a\",{\"header\":\"link\"}]}"),
          "/follow/first/1", "what is followed is \"xpath\" or \"css\"" },
        { FOLLOW("{\"first\":7}"), "/follow/first", NULL },
        { FOLLOW("{\"xpath\":7}"), "/follow/xpath", NULL },
        { FOLLOW("{\"xpath\":\"//a\",\"pagination\":\"yes\"}"),
          "/follow/pagination", NULL },
        { FOLLOW("{\"xpath\":\"//a\",\"ruleset\":\"\"}"),
          "/follow/ruleset", NULL },
        { FOLLOW("{\"xpath\":\"//a\",\"ruleset\":\"a b\"}"),
          "/follow/ruleset", "\"a b\" is not a rule set's name" },
        { FOLLOW("{\"xpath\":\"//a\",\"context\":[]}"), "/follow/context",
          "\"context\" is an object, not a list" },
        { FOLLOW("{\"xpath\":\"//a\",\"context\":{\"a/b\":[1]}}"),
          "/follow/context/a~1b",
          "a value of \"context\" is a string, a number, true, false or "
          "null, not a list" }
    };

    ruling_shape(wrong, sizeof(wrong) / sizeof(wrong[0]));

    text = ruling_list("{\"fields\":{\"a\":\"//a\"},\"follow\":[",
                   "{\"xpath\":\"//a\"}", 32, "]}");
    r = ruling_accepted(text);
    ck_assert_uint_eq(r->nfollow, 32);
    sc_rules_free(r);
    free(text);

    text = ruling_list("{\"fields\":{\"a\":\"//a\"},\"follow\":[",
                   "{\"xpath\":\"//a\"}", 33, "]}");
    many.json = text;
    many.pointer = "/follow";
    many.message = "\"follow\" holds at most 32, not 33";
    ruling_shape(&many, 1);
    free(text);
}
END_TEST


START_TEST(links_that_cannot_be_found_are_refused)
{
    static const ruling_t  wrong[] = {
        { FOLLOW("[{\"xpath\":\"//a[\"}]"), "/follow/0/xpath", NULL },
        { FOLLOW("[{\"xpath\":\"count(//a)\"}]"), "/follow/0/xpath", NULL },
        { FOLLOW("[{\"css\":\"a[\"}]"), "/follow/0/css", NULL },
        { FOLLOW("[{\"xpath\":\"//a\",\"context\":{\"c\":\"$title\"}}]"),
          "/follow/0/context/c", "unknown field \"title\"" },
        { FOLLOW("[{\"xpath\":\"//a\",\"context\":{\"c\":\"$\"}}]"),
          "/follow/0/context/c", "unknown field \"\"" },
        { FOLLOW("[{\"xpath\":\"//a\",\"context\":{\"c\":\"$id\"}}]"),
          "/follow/0/context/c", "unknown field \"id\"" }
    };

    ruling_rule(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        set_of_fields_alone_has_the_defaults,
        description_is_kept_in_the_json_alone,
        max_age_is_a_number_of_seconds,
        key_that_is_unknown_is_told_at_its_place,
        parser_is_one_of_five,
        prefixes_of_the_set_are_known_to_its_expressions,
        predefined_prefix_may_be_said_again_but_not_changed,
        prefix_that_is_no_name_is_refused,
        namespaces_are_at_most_64_nonempty_strings,
        patterns_are_a_string_or_a_list_of_them,
        pattern_of_a_wrong_type_is_a_wrong_shape,
        pattern_that_cannot_be_used_is_a_wrong_rule,
        list_of_more_patterns_than_allowed_is_refused,
        similar_page_is_a_url_or_a_sketch_or_both,
        similar_page_that_is_none_is_refused,
        condition_to_drop_a_page_and_strictness_are_taken,
        links_to_follow_are_taken,
        links_of_a_wrong_shape_are_refused,
        links_that_cannot_be_found_are_refused,
        NULL
    };

    return suite_run("rules_set", tests, 30);
}
