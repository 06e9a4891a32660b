
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_crw.h"
#include "common/rules/sc_rules.h"
#include "tests/support/suite.h"


#define PAGE  "PAGE => http://a.test/1\n"


static void gives(const char *text, const char *expected);
static void accepted(const json_t *json);
static void refused(const char *text, size_t line, size_t column,
    const char *message);
static void refused_bytes(const char *text, size_t len, size_t line,
    size_t column, const char *message);


/* examples/pypi_crawler_dsl of Crawley: the last blanks are its own */

START_TEST(page_with_a_url_takes_pages_like_that_one)
{
    gives("PAGE => http://pypi.python.org/pypi/cilantro/0.9b4 \n"
          "my_table.my_field_0 -> /html/body/div[5]/ul/li/span \n"
          "my_table.my_field_1 -> /html/body/div[5]/ul/li[3]/span \n",
          "{\"match\":{\"similar_to\":"
          "{\"url\":\"http://pypi.python.org/pypi/cilantro/0.9b4\"}},"
          "\"fields\":{\"my_field_0\":\"/html/body/div[5]/ul/li/span\","
          "\"my_field_1\":\"/html/body/div[5]/ul/li[3]/span\"},"
          "\"store\":{\"table\":\"my_table\",\"mode\":\"append\"}}");
}
END_TEST


START_TEST(page_with_a_wildcard_takes_pages_by_url)
{
    gives("PAGE => %a.test/p/%\nt.c -> //h1",
          "{\"match\":{\"url\":[\"%a.test/p/%\"]},"
          "\"fields\":{\"c\":\"//h1\"},"
          "\"store\":{\"table\":\"t\",\"mode\":\"append\"}}");
    gives("PAGE => https://a.test/%\nt.c -> //h1",
          "{\"match\":{\"url\":[\"https://a.test/%\"]},"
          "\"fields\":{\"c\":\"//h1\"},"
          "\"store\":{\"table\":\"t\",\"mode\":\"append\"}}");
    gives("PAGE => re:/p/[0-9]+$\nt.c -> //h1",
          "{\"match\":{\"url\":[\"re:/p/[0-9]+$\"]},"
          "\"fields\":{\"c\":\"//h1\"},"
          "\"store\":{\"table\":\"t\",\"mode\":\"append\"}}");
}
END_TEST


START_TEST(escape_in_a_url_is_not_a_wildcard)
{
    gives("PAGE => HTTPS://a.test/a%20b?x=>y->z#f\nt.c -> //h1",
          "{\"match\":{\"similar_to\":"
          "{\"url\":\"HTTPS://a.test/a%20b?x=>y->z#f\"}},"
          "\"fields\":{\"c\":\"//h1\"},"
          "\"store\":{\"table\":\"t\",\"mode\":\"append\"}}");
}
END_TEST


START_TEST(blanks_comments_and_line_ends_make_no_difference)
{
    gives("\xef\xbb\xbf# a shop\r\n\r\n\tpage=>http://a.test/1\r\n"
          "   # its books\r\n T . c->a#b \r\n\r\n",
          "{\"match\":{\"similar_to\":{\"url\":\"http://a.test/1\"}},"
          "\"fields\":{\"c\":\"a#b\"},"
          "\"store\":{\"table\":\"t\",\"mode\":\"append\"}}");
}
END_TEST


START_TEST(selector_is_xpath_or_css_by_its_looks)
{
    gives(PAGE
          "t.a -> //a[. = 'x=>y->z']\n"
          "t.b -> div.x > a[href='/p@q']\n"
          "t.c -> html/body/h1\n"
          "t.d -> div[@id='x']\n"
          "t.e -> id('x')/a\n"
          "t.f -> h1",
          "{\"match\":{\"similar_to\":{\"url\":\"http://a.test/1\"}},"
          "\"fields\":{\"a\":\"//a[. = 'x=>y->z']\","
          "\"b\":\"div.x > a[href='/p@q']\","
          "\"c\":{\"xpath\":\"html/body/h1\"},"
          "\"d\":{\"xpath\":\"div[@id='x']\"},"
          "\"e\":\"id('x')/a\","
          "\"f\":\"h1\"},"
          "\"store\":{\"table\":\"t\",\"mode\":\"append\"}}");
}
END_TEST


START_TEST(column_given_twice_prefers_the_last_selector)
{
    gives(PAGE "t.c -> //h1\nt.c -> //h2\nT.c -> html/h3",
          "{\"match\":{\"similar_to\":{\"url\":\"http://a.test/1\"}},"
          "\"fields\":{\"c\":{\"first\":[{\"xpath\":\"html/h3\"},"
          "\"//h2\",\"//h1\"]}},"
          "\"store\":{\"table\":\"t\",\"mode\":\"append\"}}");
}
END_TEST


START_TEST(several_tables_and_pages_make_a_group)
{
    gives("PAGE => %/1\na.x -> //h1\nb.y -> //h2\na.z -> //h3\n"
          "PAGE => %/2\na.x -> //h4\n",
          "{\"sets\":{"
          "\"a\":{\"match\":{\"url\":[\"%/1\"]},"
          "\"fields\":{\"x\":\"//h1\",\"z\":\"//h3\"},"
          "\"store\":{\"table\":\"a\",\"mode\":\"append\"}},"
          "\"b\":{\"match\":{\"url\":[\"%/1\"]},"
          "\"fields\":{\"y\":\"//h2\"},"
          "\"store\":{\"table\":\"b\",\"mode\":\"append\"}},"
          "\"a_2\":{\"match\":{\"url\":[\"%/2\"]},"
          "\"fields\":{\"x\":\"//h4\"},"
          "\"store\":{\"table\":\"a\",\"mode\":\"append\"}}}}");
}
END_TEST


START_TEST(number_of_a_set_passes_over_a_table_of_that_name)
{
    gives("PAGE => %/1\na.x -> //h1\na_2.x -> //h1\nPAGE => %/2\n"
          "a.x -> //h1\n",
          "{\"sets\":{"
          "\"a\":{\"match\":{\"url\":[\"%/1\"]},"
          "\"fields\":{\"x\":\"//h1\"},"
          "\"store\":{\"table\":\"a\",\"mode\":\"append\"}},"
          "\"a_2\":{\"match\":{\"url\":[\"%/1\"]},"
          "\"fields\":{\"x\":\"//h1\"},"
          "\"store\":{\"table\":\"a_2\",\"mode\":\"append\"}},"
          "\"a_3\":{\"match\":{\"url\":[\"%/2\"]},"
          "\"fields\":{\"x\":\"//h1\"},"
          "\"store\":{\"table\":\"a\",\"mode\":\"append\"}}}}");
}
END_TEST


START_TEST(line_without_an_arrow_is_refused_where_it_ends)
{
    refused(PAGE "\nmy_model = /html/body \n", 3, 22,
            "line 3: expected \"->\"");
    refused("PAGE http://a.test/", 1, 5, "line 1: expected \"=>\"");
    refused(PAGE "\xc3\xa4\xc3\xb6", 2, 3, "line 2: expected \"->\"");
}
END_TEST


START_TEST(side_of_an_arrow_that_is_missing_is_refused)
{
    refused("PAGE =>  ", 1, 8, "line 1: expected a URL after \"=>\"");
    refused("=> http://a.test/", 1, 1,
            "line 1: expected \"PAGE\" before \"=>\"");
    refused(PAGE "t.c ->", 2, 7, "line 2: expected a selector after \"->\"");
    refused(PAGE " -> //h1", 2, 2,
            "line 2: expected \"table.column\" before \"->\"");
    refused(PAGE "my_model -> /html -> other", 2, 1,
            "line 2: expected \"table.column\" before \"->\"");
}
END_TEST


START_TEST(name_that_is_none_is_refused)
{
    refused(PAGE ".c -> //h1", 2, 1, "line 2: expected the name of a table");
    refused(PAGE "t. -> //h1", 2, 3, "line 2: expected the name of a column");
    refused(PAGE "t.1 -> //h1", 2, 3,
            "line 2: \"1\" is not the name of a column, which is letters, "
            "digits and \"_\", at most 63");
    refused(PAGE "t.a.b -> //h1", 2, 3,
            "line 2: \"a.b\" is not the name of a column, which is letters, "
            "digits and \"_\", at most 63");
    refused(PAGE "t;drop.a -> //h1", 2, 1,
            "line 2: \"t;drop\" is not the name of a table, which is "
            "letters, digits and \"_\", at most 63");
}
END_TEST


START_TEST(name_of_64_bytes_is_refused_and_one_of_63_is_not)
{
    char             text[256];
    json_t          *json;
    sc_crw_error_t   err;

    snprintf(text, sizeof(text), PAGE "%063d.%063d -> //h1", 0, 0);
    memset(text + sizeof(PAGE) - 1, 'a', 63);
    memset(text + sizeof(PAGE) + 63, 'b', 63);

    json = sc_crw_parse(text, strlen(text), &err);
    ck_assert_ptr_nonnull(json);
    accepted(json);
    json_decref(json);

    snprintf(text, sizeof(text), PAGE "%064d.c -> //h1", 0);
    memset(text + sizeof(PAGE) - 1, 'a', 64);
    ck_assert_ptr_null(sc_crw_parse(text, strlen(text), &err));
    ck_assert_uint_eq(err.line, 2);
}
END_TEST


START_TEST(rules_and_pages_need_each_other)
{
    refused("", 1, 1, "line 1: expected \"PAGE => \" and a URL");
    refused("# nothing\n\n", 2, 1,
            "line 2: expected \"PAGE => \" and a URL");
    refused("t.c -> //h1\n" PAGE, 1, 1,
            "line 1: expected \"PAGE => \" and a URL before the first field");
    refused(PAGE "\n" PAGE "t.c -> //h1", 3, 1,
            "line 3: nothing is taken from the page of line 1");
    refused(PAGE, 1, 1, "line 1: nothing is taken from the page of line 1");
}
END_TEST


START_TEST(page_that_can_never_be_met_is_refused)
{
    refused("PAGE => www.a.test/\nt.c -> //h1", 1, 9,
            "line 1: expected a URL of http or https, or a pattern with "
            "\"%\"");
    refused("PAGE => http://\nt.c -> //h1", 1, 9,
            "line 1: expected a URL of http or https, or a pattern with "
            "\"%\"");
    refused("PAGE => r", 1, 9,
            "line 1: expected a URL of http or https, or a pattern with "
            "\"%\"");
}
END_TEST


START_TEST(bytes_that_are_not_text_are_refused)
{
    refused_bytes("PAGE => %\nt.c -> \xff", 18, 2, 1,
                  "line 2: not text in UTF-8");
    refused_bytes("PAGE => %\nt.c -> a\0b", 20, 2, 1,
                  "line 2: not text in UTF-8");
}
END_TEST


START_TEST(seventeenth_selector_of_a_column_is_refused)
{
    char    text[512];
    int     i;
    size_t  n;

    n = (size_t) snprintf(text, sizeof(text), PAGE);

    for (i = 0; i < 17; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n, "t.c -> //h1\n");
    }

    refused(text, 18, 3,
            "line 18: column \"c\" has more than 16 selectors");
}
END_TEST


START_TEST(thirty_third_set_is_refused)
{
    char    text[1024];
    int     i;
    size_t  n;

    n = (size_t) snprintf(text, sizeof(text), PAGE);

    for (i = 0; i < 33; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n, "t%d.c -> //h1\n",
                               i);
    }

    refused(text, 34, 1,
            "line 34: more than 32 tables, counted a page at a time");
}
END_TEST


static void
gives(const char *text, const char *expected)
{
    char            *copy, *found;
    json_t          *json;
    sc_crw_error_t   err;

    /* without a NUL after it, so that a read too far is seen */
    copy = malloc(strlen(text));
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, strlen(text));

    json = sc_crw_parse(copy, strlen(text), &err);
    ck_assert_msg(json != NULL, "%s: %s", text, err.message);
    free(copy);

    found = json_dumps(json, JSON_COMPACT);
    ck_assert_str_eq(found, expected);
    free(found);

    accepted(json);
    json_decref(json);
}


static void
accepted(const json_t *json)
{
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    rules = sc_rules_parse(json, &err);
    ck_assert_msg(rules != NULL, "%s: %s", err.pointer, err.message);
    sc_rules_free(rules);
}


static void
refused(const char *text, size_t line, size_t column, const char *message)
{
    refused_bytes(text, strlen(text), line, column, message);
}


static void
refused_bytes(const char *text, size_t len, size_t line, size_t column,
    const char *message)
{
    char            *copy;
    sc_crw_error_t   err;

    copy = malloc(len + 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    copy[len] = '\0';

    /* the byte after the text is out of bounds for all but its own text */
    copy = realloc(copy, len == 0 ? 1 : len);
    ck_assert_ptr_nonnull(copy);

    ck_assert_ptr_null(sc_crw_parse(copy, len, &err));
    ck_assert_str_eq(err.message, message);
    ck_assert_uint_eq(err.line, line);
    ck_assert_uint_eq(err.column, column);

    free(copy);
}


int
main(void)
{
    const TTest  *tests[] = {
        page_with_a_url_takes_pages_like_that_one,
        page_with_a_wildcard_takes_pages_by_url,
        escape_in_a_url_is_not_a_wildcard,
        blanks_comments_and_line_ends_make_no_difference,
        selector_is_xpath_or_css_by_its_looks,
        column_given_twice_prefers_the_last_selector,
        several_tables_and_pages_make_a_group,
        number_of_a_set_passes_over_a_table_of_that_name,
        line_without_an_arrow_is_refused_where_it_ends,
        side_of_an_arrow_that_is_missing_is_refused,
        name_that_is_none_is_refused,
        name_of_64_bytes_is_refused_and_one_of_63_is_not,
        rules_and_pages_need_each_other,
        page_that_can_never_be_met_is_refused,
        bytes_that_are_not_text_are_refused,
        seventeenth_selector_of_a_column_is_refused,
        thirty_third_set_is_refused,
        NULL
    };

    return suite_run("crw", tests, 10);
}
