
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

#define STORE(with)    SET("\"store\":" with)


START_TEST(table_takes_rows_by_page)
{
    sc_rules_t  *r;

    r = ruling_accepted(STORE("{\"table\":\"products\",\"key\":[\"sku\"],"
                       "\"mode\":\"upsert\",\"history\":true}"));
    ck_assert_str_eq(r->table.table, "products");
    ck_assert_uint_eq(r->table.nkey, 1);
    ck_assert_str_eq(r->table.key[0], "sku");
    ck_assert_int_eq(r->table.mode, SC_STORE_UPSERT);
    ck_assert_ptr_null(r->table.rows);
    ck_assert(r->table.history);
    sc_rules_free(r);

    r = ruling_accepted(STORE("{\"table\":\"_t1\",\"key\":\"sku\","
                       "\"mode\":\"ignore\"}"));
    ck_assert_str_eq(r->table.key[0], "sku");
    ck_assert_int_eq(r->table.mode, SC_STORE_IGNORE);
    ck_assert(!r->table.history);
    sc_rules_free(r);
}
END_TEST


START_TEST(table_takes_rows_by_item)
{
    sc_rules_t            *r;
    static const ruling_t  wrong[] = {
        { STORE("{\"table\":\"t\",\"rows\":\"none\"}"), "/store/rows",
          "unknown field \"none\"" },
        { STORE("{\"table\":\"t\",\"rows\":\"tags\"}"), "/store/rows",
          "field \"tags\" has no \"each\" to make rows of" },
        { STORE("{\"table\":\"t\",\"rows\":\"offers\",\"key\":\"sku\"}"),
          "/store/key", "unknown field \"sku\"" },
        { STORE("{\"table\":\"t\",\"rows\":\"offers\","
                "\"key\":[\"id\",\"all\"]}"),
          "/store/key/1",
          "field \"all\" is not one value, and a key needs one" }
    };

    r = ruling_accepted(STORE("{\"table\":\"t\",\"rows\":\"offers\","
                       "\"key\":\"id\"}"));
    ck_assert_str_eq(r->table.rows, "offers");
    ck_assert_str_eq(r->table.key[0], "id");
    sc_rules_free(r);

    ruling_rule(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(mode_that_is_not_said_follows_from_the_key)
{
    sc_rules_t  *r;

    r = ruling_accepted(STORE("{\"table\":\"t\"}"));
    ck_assert_int_eq(r->table.mode, SC_STORE_APPEND);
    sc_rules_free(r);

    r = ruling_accepted(STORE("{\"table\":\"t\",\"key\":\"sku\"}"));
    ck_assert_int_eq(r->table.mode, SC_STORE_UPSERT);
    sc_rules_free(r);
}
END_TEST


START_TEST(table_name_that_sql_or_the_gateway_would_mistake_is_refused)
{
    size_t                    i;
    char                      text[512], message[256];
    ruling_t                  r;
    static const char *const  taken[] = {
        "job", "task", "queue", "ruleset", "result", "document", "page",
        "sqlite_x", "t_history", "_history"
    };
    static const char *const  malformed[] = {
        "Products", "1t", "t-1", "a b", "t\xc3\xa4", "a;b", "main.t"
    };

    r.json = text;
    r.pointer = "/store/table";
    r.message = message;

    for (i = 0; i < sizeof(taken) / sizeof(char *); i++) {
        snprintf(text, sizeof(text), STORE("{\"table\":\"%s\"}"), taken[i]);
        snprintf(message, sizeof(message),
                 "table \"%s\" is the gateway's own", taken[i]);
        ruling_rule(&r, 1);
    }

    for (i = 0; i < sizeof(malformed) / sizeof(char *); i++) {
        snprintf(text, sizeof(text), STORE("{\"table\":\"%s\"}"),
                 malformed[i]);
        snprintf(message, sizeof(message),
                 "\"%s\" is not a table's name, which is a lower-case letter "
                 "or \"_\", then those and digits", malformed[i]);
        ruling_rule(&r, 1);
    }
}
END_TEST


START_TEST(table_of_a_wrong_shape_is_refused)
{
    static const ruling_t  wrong[] = {
        { STORE("\"t\""), "/store",
          "\"store\" is an object, not a string" },
        { STORE("{}"), "/store", "\"store\" needs \"table\"" },
        { STORE("{\"table\":\"\"}"), "/store/table", NULL },
        { STORE("{\"table\":\"t\",\"key\":[]}"), "/store/key",
          "a key is 1 to 16 fields, not 0" },
        { STORE("{\"table\":\"t\",\"key\":[\"sku\",1]}"), "/store/key/1",
          "a key is a field's name in a string, not a number" },
        { STORE("{\"table\":\"t\",\"key\":{}}"), "/store/key",
          "a key is a field's name in a string, not an object" },
        { STORE("{\"table\":\"t\",\"mode\":\"Append\"}"), "/store/mode",
          "unknown mode \"Append\"" },
        { STORE("{\"table\":\"t\",\"mode\":0}"), "/store/mode",
          "\"mode\" is a string, not a number" },
        { STORE("{\"table\":\"t\",\"rows\":[\"offers\"]}"), "/store/rows",
          NULL },
        { STORE("{\"table\":\"t\",\"history\":\"yes\"}"), "/store/history",
          NULL }
    };

    ruling_shape(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(key_is_of_fields_with_one_value_each_once)
{
    static const ruling_t  wrong[] = {
        { STORE("{\"table\":\"t\",\"key\":\"SKU\"}"), "/store/key",
          "unknown field \"SKU\"" },
        { STORE("{\"table\":\"t\",\"key\":[\"sku\",\"tags\"]}"),
          "/store/key/1",
          "field \"tags\" is not one value, and a key needs one" },
        { STORE("{\"table\":\"t\",\"key\":\"offers\"}"), "/store/key",
          "field \"offers\" is not one value, and a key needs one" },
        { STORE("{\"table\":\"t\",\"key\":[\"sku\",\"sku\"]}"),
          "/store/key/1", "field \"sku\" is in the key twice" }
    };

    ruling_rule(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(mode_without_what_it_needs_is_refused)
{
    static const ruling_t  wrong[] = {
        { STORE("{\"table\":\"t\",\"mode\":\"upsert\"}"), "/store/mode",
          "mode \"upsert\" needs \"key\"" },
        { STORE("{\"table\":\"t\",\"mode\":\"ignore\"}"), "/store/mode",
          "mode \"ignore\" needs \"key\"" },
        { STORE("{\"table\":\"t\",\"history\":true}"), "/store/history",
          "\"history\" needs mode \"upsert\", not \"append\"" },
        { STORE("{\"table\":\"t\",\"key\":\"sku\",\"mode\":\"ignore\","
                "\"history\":true}"), "/store/history",
          "\"history\" needs mode \"upsert\", not \"ignore\"" }
    };

    ruling_rule(wrong, sizeof(wrong) / sizeof(wrong[0]));
}
END_TEST


START_TEST(columns_that_sqlite_would_take_for_one_are_refused)
{
    sc_rules_t            *r;
    static const ruling_t  wrong[] = {
        { "{\"fields\":{\"Title\":\"//a\",\"b\":\"//b\",\"tITLE\":\"//c\"},"
          "\"store\":{\"table\":\"t\"}}", "/fields/tITLE",
          "column \"tITLE\" is \"Title\" too, as case makes no difference" },
        { "{\"fields\":{\"o\":{\"each\":\"//a\",\"fields\":"
          "{\"x\":\"./a\",\"X\":\"./b\"}}},"
          "\"store\":{\"table\":\"t\",\"rows\":\"o\"}}",
          "/fields/o/fields/X",
          "column \"X\" is \"x\" too, as case makes no difference" },
        { "{\"fields\":{\"_id\":\"//a\"},\"store\":{\"table\":\"t\"}}",
          "/fields/_id",
          "column \"_id\" begins with \"_\", which is for the gateway's "
          "own" }
    };

    ruling_rule(wrong, sizeof(wrong) / sizeof(wrong[0]));

    /* what is no column may be called anything */
    r = ruling_accepted("{\"fields\":{\"_a\":\"//a\",\"_A\":\"//a\","
                 "\"o\":{\"each\":\"//a\",\"fields\":{\"x\":\"./a\"}}},"
                 "\"store\":{\"table\":\"t\",\"rows\":\"o\"}}");
    sc_rules_free(r);

    r = ruling_accepted("{\"fields\":{\"_a\":\"//a\",\"_A\":\"//a\"}}");
    sc_rules_free(r);
}
END_TEST


START_TEST(table_has_a_hundred_columns_at_most)
{
    char        *json;
    ruling_t     r;
    sc_rules_t  *rules;

    json = ruling_numbered("{\"fields\":{", "\"f%zu\":\"//a\"", 100,
                           "},\"store\":{\"table\":\"t\"}}");
    rules = ruling_accepted(json);
    sc_rules_free(rules);
    free(json);

    json = ruling_numbered("{\"fields\":{", "\"f%zu\":\"//a\"", 102,
                           "},\"store\":{\"table\":\"t\"}}");
    r.json = json;
    r.pointer = "/fields/f100";
    r.message = "more than 100 columns in table \"t\"";
    ruling_rule(&r, 1);
    free(json);

    json = ruling_numbered("{\"fields\":{\"o\":{\"each\":\"//a\","
                           "\"fields\":{", "\"f%zu\":\"./a\"", 101,
                           "}}},\"store\":{\"table\":\"t\","
                           "\"rows\":\"o\"}}");
    r.json = json;
    r.pointer = "/fields/o/fields/f100";
    ruling_rule(&r, 1);
    free(json);
}
END_TEST


START_TEST(refusal_about_a_column_names_its_field)
{
    sc_rules_error_t  err;

    ruling_refused(&(ruling_t) { "{\"fields\":{\"_id\":\"//a\"},"
                           "\"store\":{\"table\":\"t\"}}", "/fields/_id",
                           NULL }, &err);
    ck_assert_str_eq(err.field, "_id");

    ruling_refused(&(ruling_t) { STORE("{\"table\":\"job\"}"), "/store/table",
                           NULL }, &err);
    ck_assert_str_eq(err.field, "");
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        table_takes_rows_by_page,
        table_takes_rows_by_item,
        mode_that_is_not_said_follows_from_the_key,
        table_name_that_sql_or_the_gateway_would_mistake_is_refused,
        table_of_a_wrong_shape_is_refused,
        key_is_of_fields_with_one_value_each_once,
        mode_without_what_it_needs_is_refused,
        columns_that_sqlite_would_take_for_one_are_refused,
        table_has_a_hundred_columns_at_most,
        refusal_about_a_column_names_its_field,
        NULL
    };

    return suite_run("rules_table", tests, 30);
}
