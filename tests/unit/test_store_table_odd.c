
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/support/storing.h"


#define COLUMNS(table)    (table), sizeof(table) / sizeof((table)[0])


static storing_t  t;


static const store_column_t  products[] = {
    { "sku", STORE_TEXT, 1 },
    { "title", STORE_TEXT, 0 },
    { "price", STORE_REAL, 0 }
};


START_TEST(names_of_columns_may_be_anything)
{
    char            longest[2049], data[8192];
    store_column_t  columns[] = {
        { "key of \"it\"", STORE_TEXT, 1 },
        { "it's", STORE_TEXT, 0 },
        { "a\\b", STORE_JSON, 0 },
        { "$.\"x\"", STORE_JSON, 0 },
        { "x]; DROP TABLE job --", STORE_TEXT, 0 },
        { "Stra\303\237e \360\237\230\200", STORE_TEXT, 0 },
        { "", STORE_TEXT, 0 },
        { "select", STORE_BOOLEAN, 0 },
        { "rowid", STORE_TEXT, 0 },
        { "n", STORE_TEXT, 0 }, { "j", STORE_TEXT, 0 },
        { "c0", STORE_TEXT, 0 },
        { longest, STORE_TEXT, 0 }
    };
    store_table_t  table = storing_table(COLUMNS(columns));

    memset(longest, 'y', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    table.history = 1;

    (void) snprintf(data, sizeof(data), "{\"key of \\\"it\\\"\":\"k\","
                    "\"it's\":\"1\",\"a\\\\b\":[2],\"$.\\\"x\\\"\":\"3\","
                    "\"x]; DROP TABLE job --\":\"4\","
                    "\"Stra\303\237e \360\237\230\200\":\"5\",\"\":\"6\","
                    "\"select\":true,\"rowid\":\"8\",\"n\":\"9\",\"j\":\"10\","
                    "\"c0\":\"11\",\"%s\":\"12\"}", longest);
    storing_fill(&t, 1, &table, data);
    storing_fill(&t, 2, &table, "{\"key of \\\"it\\\"\":\"k\"}");
    storing_counts(&t, 2, 0, 0);
    (void) snprintf(data, sizeof(data), "SELECT \"key of \"\"it\"\"\","
                    " \"it's\", \"a\\b\", \"$.\"\"x\"\"\","
                    " \"x]; DROP TABLE job --\","
                    " \"Stra\303\237e \360\237\230\200\", \"\", \"select\","
                    " \"rowid\", n, j, c0, \"%s\" FROM products_history",
                    longest);
    storing_reads(&t, data, "k|1|[2]|\"3\"|4|5|6|1|8|9|10|11|12\n");
}
END_TEST


START_TEST(names_that_stand_for_something_are_tables_like_others)
{
    size_t         i;
    char           sql[64];
    store_table_t  table = storing_table(COLUMNS(products));

    static const char *const  names[] = {
        "r", "u", "v", "t", "s", "m", "i", "w", "select", "excluded", "_",
        "main", "temp"
    };

    table.rows = "o";
    table.set = "s";
    table.history = 1;

    for (i = 0; i < sizeof(names) / sizeof(char *); i++) {
        table.name = names[i];
        storing_fill(&t, (unsigned) i * 2, &table,
                     "{\"s\":{\"o\":[{\"sku\":\"a\",\"price\":1}]}}");
        storing_fill(&t, (unsigned) i * 2 + 1, &table,
                     "{\"s\":{\"o\":[{\"sku\":\"a\",\"price\":2}]}}");
        (void) snprintf(sql, sizeof(sql), "SELECT n.price, h.price FROM"
                        " \"%s\" n, \"%s_history\" h", names[i], names[i]);
        storing_reads(&t, sql, "2.0|1.0\n");
    }
}
END_TEST


START_TEST(names_that_are_not_a_users_are_refused)
{
    size_t         i;
    store_table_t  table = storing_table(COLUMNS(products));

    static const char *const  names[] = {
        "", "Products", "1st", "a b", "a\"b", "\303\244", "job", "task",
        "queue", "result", "ruleset", "document", "page", "sqlite_master",
        "sqlite_", "products_history", "_history", "json_each", "json_tree",
        "pragma_table_info", "pragma_table_xinfo",
        "a234567890123456789012345678901234567890123456789012345678901234"
    };

    for (i = 0; i < sizeof(names) / sizeof(char *); i++) {
        ck_assert_msg(!store_table_name_ok(names[i]), "%s", names[i]);
        table.name = names[i];
        storing_fill(&t, (unsigned) i + 1, &table, "{\"sku\":\"a\"}");
        storing_counts(&t, 0, 0, i + 1);
    }

    ck_assert(store_table_name_ok("jobs"));
    ck_assert(store_table_name_ok("pages_1"));
    ck_assert(store_table_name_ok("_x"));
}
END_TEST


START_TEST(columns_of_the_gateways_own_are_refused)
{
    static const store_column_t  columns[] = {
        { "a", STORE_TEXT, 0 }, { "_at", STORE_TEXT, 0 }
    };
    store_table_t  table = storing_table(COLUMNS(columns));

    storing_fill(&t, 1, &table, "{\"a\":\"1\"}");
    table.ncolumns = 0;
    storing_fill(&t, 2, &table, "{\"a\":\"1\"}");
    storing_counts(&t, 0, 0, 2);
}
END_TEST


START_TEST(table_that_cannot_be_written_costs_its_rows_alone)
{
    size_t                n;
    store_job_t           job = storing_job(3);
    store_result_t        result = storing_result(3);
    store_table_t         good = storing_table(COLUMNS(products));
    store_table_t         bad = storing_table(COLUMNS(products));
    const store_table_t  *tables[] = { &bad, &good };

    storing_sql(&t, "CREATE VIEW offers AS SELECT 1 AS sku");
    bad.name = "offers";
    bad.history = 1;
    storing_fill(&t, 1, &good, "{\"sku\":\"a\"}");

    /* in one group with others */
    job.tenant = storing_str("");
    result.tenant = storing_str("");
    job.state = STORE_COMPLETED;
    result.data = storing_str("{\"sku\":\"b\"}");
    result.tables = tables;
    result.ntables = 2;
    ck_assert_int_eq(storing_end(t.store, &job, &result, storing_done,
                                      &t), SC_OK);

    for (n = 4; n < 20; n++) {
        job = storing_job((unsigned) n);
        ck_assert_int_eq(store_job_put(t.store, &job, storing_done, &t),
                         SC_OK);
    }

    ck_assert_int_eq(storing_wait_for(&t, 17), STORE_OK);
    storing_counts(&t, 2, 0, 1);
    storing_reads(&t, "SELECT sku FROM products", "a\nb\n");
    storing_reads(&t, "SELECT count(*) FROM job", "18\n");
    storing_reads(&t, "SELECT count(*) FROM result", "2\n");

    /* nothing of it is left, and it goes on once it can */
    storing_reads(&t, "SELECT count(*) FROM sqlite_master WHERE name GLOB"
                  " 'offers[_.]*'",
                  "0\n");
    storing_sql(&t, "DROP VIEW offers");
    storing_fill(&t, 30, &bad, "{\"sku\":\"c\"}");
    storing_reads(&t, "SELECT sku FROM offers", "c\n");
    storing_counts(&t, 3, 0, 1);
}
END_TEST


START_TEST(data_that_are_no_json_cost_their_rows_alone)
{
    store_table_t  table = storing_table(COLUMNS(products));

    storing_fill(&t, 1, &table, "{\"sku\":");
    storing_fill(&t, 2, &table, "{\"sku\":\"a\"}");
    storing_reads(&t, "SELECT _at FROM products", "3002\n");
    storing_reads(&t, "SELECT count(*) FROM result", "2\n");
    storing_counts(&t, 1, 0, 1);
}
END_TEST


START_TEST(table_that_somebody_dropped_is_made_again)
{
    store_table_t  table = storing_table(COLUMNS(products));

    storing_fill(&t, 1, &table, "{\"sku\":\"a\"}");
    storing_sql(&t, "DROP TABLE products");
    storing_fill(&t, 2, &table, "{\"sku\":\"b\"}");
    storing_reads(&t, "SELECT sku FROM products", "b\n");

    storing_sql(&t, "DROP TABLE products; CREATE TABLE products (sku)");
    storing_fill(&t, 3, &table, "{\"sku\":\"c\"}");
    storing_sql(&t, "DROP TABLE products");
    storing_fill(&t, 4, &table, "{\"sku\":\"d\"}");
    storing_reads(&t, "SELECT sku FROM products", "d\n");
    storing_counts(&t, 3, 0, 1);
}
END_TEST


START_TEST(job_that_had_ended_gives_no_rows)
{
    store_job_t           job = storing_job(1);
    store_result_t        result = storing_result(1);
    store_table_t         table = storing_table(COLUMNS(products));
    const store_table_t  *tables[] = { &table };

    storing_fill(&t, 1, &table, "{\"sku\":\"a\"}");
    job.tenant = storing_str("");
    result.tenant = storing_str("");
    job.state = STORE_COMPLETED;
    result.data = storing_str("{\"sku\":\"b\"}");
    result.tables = tables;
    result.ntables = 1;
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_CONFLICT);
    storing_reads(&t, "SELECT sku FROM products", "a\n");
}
END_TEST


START_TEST(rows_are_undone_with_the_batch_of_another_that_fails)
{
    store_job_t           job = storing_job(1);
    store_result_t        result = storing_result(1);
    store_table_t         table = storing_table(COLUMNS(products));
    const store_table_t  *tables[] = { &table };

    /* the second result has the id of the first: its job is undone */
    storing_fill(&t, 9, &table, "{\"sku\":\"z\"}");
    table.version = "2";
    table.name = "offers";
    job.tenant = storing_str("");
    result.tenant = storing_str("");
    job.state = STORE_COMPLETED;
    result.data = storing_str("{\"sku\":\"a\"}");
    result.tables = tables;
    result.ntables = 1;
    ck_assert_int_eq(storing_end(t.store, &job, &result, storing_done,
                                      &t), SC_OK);
    memcpy(job.id, storing_id(2), ID_SIZE);
    memcpy(result.job, storing_id(2), ID_SIZE);
    result.data = storing_str("{\"sku\":\"b\"}");
    ck_assert_int_eq(storing_end(t.store, &job, &result, storing_done,
                                      &t), SC_OK);
    ck_assert_int_eq(storing_wait_for(&t, 2), STORE_CONFLICT);
    storing_reads(&t, "SELECT sku FROM offers", "a\n");
    storing_counts(&t, 2, 0, 0);
}
END_TEST


START_TEST(table_is_read_while_it_is_written)
{
    unsigned        n;
    sqlite3        *db;
    sqlite3_stmt   *stmt;
    store_table_t   table = storing_table(COLUMNS(products));

    table.mode = STORE_APPEND;
    storing_fill(&t, 1, &table, "{\"sku\":\"a\"}");
    ck_assert_int_eq(sqlite3_open_v2(t.path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT count(*) FROM products,"
                                        " (VALUES (1), (2))", -1, &stmt,
                                        NULL), SQLITE_OK);

    for (n = 2; n < 20; n++) {
        ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
        ck_assert_int_eq(sqlite3_column_int(stmt, 0), (int) n * 2 - 2);
        storing_fill(&t, n, &table, "{\"sku\":\"a\"}");
        ck_assert_int_eq(sqlite3_reset(stmt), SQLITE_OK);
    }

    ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST


START_TEST(more_tables_than_are_kept_go_on)
{
    char           name[16], version[16];
    unsigned       n;
    store_table_t  table = storing_table(COLUMNS(products));

    table.name = name;
    table.version = version;

    for (n = 0; n < 300; n++) {
        (void) snprintf(name, sizeof(name), "p%u", n % 100);
        (void) snprintf(version, sizeof(version), "%u", n % 150);
        storing_fill(&t, n, &table, "{\"sku\":\"a\"}");
    }

    storing_counts(&t, 300, 0, 0);
    storing_reads(&t, "SELECT _at FROM p99", "3299\n");
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        names_of_columns_may_be_anything,
        names_that_stand_for_something_are_tables_like_others,
        names_that_are_not_a_users_are_refused,
        columns_of_the_gateways_own_are_refused,
        table_that_cannot_be_written_costs_its_rows_alone,
        data_that_are_no_json_cost_their_rows_alone,
        table_that_somebody_dropped_is_made_again,
        job_that_had_ended_gives_no_rows,
        rows_are_undone_with_the_batch_of_another_that_fails,
        table_is_read_while_it_is_written,
        more_tables_than_are_kept_go_on,
        NULL
    };

    return storing_run("store tables, odd", tests, &t);
}
