
#include "tests/support/storing.h"


#define COLUMNS(table)    (table), sizeof(table) / sizeof((table)[0])


static storing_t  t;


static const store_column_t  products[] = {
    { "sku", STORE_TEXT, 1 },
    { "title", STORE_TEXT, 0 },
    { "price", STORE_REAL, 0 }
};


START_TEST(row_is_there_to_be_read_by_others_with_its_result)
{
    store_table_t  table = storing_table(COLUMNS(products));

    storing_fill(&t, 1, &table,
                 "{\"sku\":\"a\",\"title\":\"T\",\"price\":1.5}");
    storing_reads(&t, "SELECT title, price FROM products", "T|1.5\n");
    storing_reads(&t, "SELECT _seq, _tenant, _url, _at, _changed, _result ="
                  " (SELECT id FROM result) FROM products",
                  "1||http://a/1|3001|3001|1\n");
    storing_counts(&t, 1, 0, 0);
}
END_TEST


START_TEST(columns_have_the_types_they_were_given)
{
    static const store_column_t  columns[] = {
        { "t", STORE_TEXT, 0 }, { "i", STORE_INTEGER, 0 },
        { "r", STORE_REAL, 0 }, { "b", STORE_BOOLEAN, 0 },
        { "j", STORE_JSON, 0 }
    };
    store_table_t  table = storing_table(COLUMNS(columns));

    storing_fill(&t, 1, &table, "{\"t\":\"05\",\"i\":9007199254740993,\"r\":2,"
                 "\"b\":true,\"j\":{\"a\":[1,null]}}");
    storing_fill(&t, 2, &table, "{\"t\":7,\"i\":\"x\",\"r\":0.1,\"b\":false,"
                 "\"j\":\"s\"}");
    storing_fill(&t, 3, &table, "{\"t\":[1,\"2\"],\"i\":2.5,\"b\":null,"
                 "\"j\":null}");

    storing_reads(&t, "SELECT t, i, r, b, j FROM products",
                  "05|9007199254740993|2.0|1|{\"a\":[1,null]}\n"
                  "7|x|0.1|0|\"s\"\n[1,\"2\"]|2.5|NULL|NULL|NULL\n");
    storing_reads(&t, "SELECT typeof(t), typeof(i), typeof(r), typeof(b),"
                  " typeof(j) FROM products LIMIT 2",
                  "text|integer|real|integer|text\n"
                  "text|text|real|integer|text\n");
    storing_reads(&t, "SELECT group_concat(name || ' ' || type) FROM"
                  " pragma_table_info('products')",
                  "_seq INTEGER,_tenant TEXT,_url TEXT,_result TEXT,_at"
                  " INTEGER,_changed INTEGER,_key TEXT,t TEXT,i INTEGER,r"
                  " REAL,b BOOLEAN,j TEXT\n");
}
END_TEST


START_TEST(row_of_the_same_key_takes_the_place_of_the_former)
{
    store_table_t  table = storing_table(COLUMNS(products));

    storing_fill(&t, 1, &table, "{\"sku\":\"a\",\"title\":\"T\",\"price\":1}");
    storing_fill(&t, 2, &table, "{\"sku\":\"b\",\"title\":\"U\",\"price\":1}");
    storing_fill(&t, 3, &table, "{\"sku\":\"a\",\"title\":\"T\",\"price\":2}");
    storing_reads(&t, "SELECT sku, price, _seq, _url, _at, _changed FROM"
                  " products",
                  "a|2.0|1|http://a/3|3003|3003\n"
                  "b|1.0|2|http://a/2|3002|3002\n");
    storing_counts(&t, 3, 0, 0);
}
END_TEST


START_TEST(row_that_did_not_change_was_only_seen_again)
{
    store_table_t  table = storing_table(COLUMNS(products));

    storing_fill(&t, 1, &table, "{\"sku\":\"a\",\"title\":5,\"price\":1}");
    storing_fill(&t, 2, &table,
                 "{\"sku\":\"a\",\"title\":\"5\",\"price\":1.0}");
    storing_reads(&t, "SELECT _at, _changed FROM products", "3002|3001\n");

    /* nothing is a value, too */
    storing_fill(&t, 3, &table, "{\"sku\":\"a\",\"title\":\"5\"}");
    storing_fill(&t, 4, &table, "{\"sku\":\"a\",\"title\":\"5\"}");
    storing_reads(&t, "SELECT price, _at, _changed FROM products",
                  "NULL|3004|3003\n");
}
END_TEST


START_TEST(table_of_keys_alone_notes_when_they_were_seen)
{
    static const store_column_t  columns[] = {
        { "a", STORE_TEXT, 1 }, { "b", STORE_INTEGER, 1 }
    };
    store_table_t  table = storing_table(COLUMNS(columns));

    table.history = 1;
    storing_fill(&t, 1, &table, "{\"a\":\"x\",\"b\":1}");
    storing_fill(&t, 2, &table, "{\"a\":\"x\",\"b\":1}");
    storing_fill(&t, 3, &table, "{\"a\":\"x\",\"b\":2}");
    storing_reads(&t, "SELECT a, b, _at, _changed FROM products",
                  "x|1|3002|3001\nx|2|3003|3003\n");
    storing_counts(&t, 3, 0, 0);
}
END_TEST


START_TEST(table_that_is_appended_to_has_every_row)
{
    store_table_t  table = storing_table(COLUMNS(products));

    table.mode = STORE_APPEND;
    storing_fill(&t, 1, &table, "{\"sku\":\"a\",\"price\":1}");
    storing_fill(&t, 2, &table, "{\"sku\":\"a\",\"price\":1}");
    storing_fill(&t, 3, &table, "{\"sku\":null,\"price\":3}");
    storing_reads(&t, "SELECT sku, price, _at FROM products",
                  "a|1.0|3001\na|1.0|3002\nNULL|3.0|3003\n");
    storing_counts(&t, 3, 0, 0);
}
END_TEST


START_TEST(table_without_a_key_has_every_row)
{
    static const store_column_t  columns[] = { { "a", STORE_TEXT, 0 } };
    store_table_t  table = storing_table(COLUMNS(columns));

    table.history = 1;
    storing_fill(&t, 1, &table, "{\"a\":1}");
    table.mode = STORE_IGNORE;
    table.version = "2";
    storing_fill(&t, 2, &table, "{\"a\":1}");
    storing_reads(&t, "SELECT a, _key FROM products", "1|NULL\n1|NULL\n");
}
END_TEST


START_TEST(row_that_came_first_stays_when_others_are_ignored)
{
    store_table_t  table = storing_table(COLUMNS(products));

    table.mode = STORE_IGNORE;
    table.rows = "offers";
    storing_fill(&t, 1, &table, "{\"offers\":[{\"sku\":\"a\",\"price\":1},"
                 "{\"sku\":\"a\",\"price\":2},{\"sku\":\"b\"}]}");
    storing_fill(&t, 2, &table, "{\"offers\":[{\"sku\":\"a\",\"price\":3}]}");
    storing_reads(&t, "SELECT sku, price, _at FROM products",
                  "a|1.0|3001\nb|NULL|3001\n");
    storing_counts(&t, 2, 0, 0);
}
END_TEST


START_TEST(what_a_row_was_is_kept_when_it_changes)
{
    store_table_t  table = storing_table(COLUMNS(products));

    table.history = 1;
    storing_fill(&t, 1, &table, "{\"sku\":\"a\",\"title\":\"T\",\"price\":1}");
    storing_fill(&t, 2, &table, "{\"sku\":\"a\",\"title\":\"T\",\"price\":1}");
    storing_fill(&t, 3, &table, "{\"sku\":\"a\",\"title\":\"T\",\"price\":2}");
    storing_fill(&t, 4, &table, "{\"sku\":\"a\",\"title\":null,\"price\":2}");
    storing_reads(&t, "SELECT sku, title, price, _seq, _tenant, _url, _at,"
                  " _changed, _until FROM products_history",
                  "a|T|1.0|1||http://a/2|3002|3001|3003\n"
                  "a|T|2.0|1||http://a/3|3003|3003|3004\n");
    storing_reads(&t, "SELECT title, price FROM products", "NULL|2.0\n");
}
END_TEST


START_TEST(list_of_rows_is_a_row_an_item)
{
    store_table_t  table = storing_table(COLUMNS(products));

    table.rows = "offers";
    table.history = 1;
    storing_fill(&t, 1, &table, "{\"title\":\"no\",\"offers\":["
                 "{\"sku\":\"a\",\"title\":\"1\"},7,null,[],"
                 "{\"sku\":\"b\",\"title\":\"2\"}]}");

    /* of one key the last counts, and only against what was there */
    storing_fill(&t, 2, &table, "{\"offers\":[{\"sku\":\"a\",\"title\":\"3\"},"
                 "{\"sku\":\"c\"},{\"sku\":\"a\",\"title\":\"4\"}]}");
    storing_fill(&t, 3, &table, "{\"offers\":[{\"sku\":\"a\",\"title\":\"5\"},"
                 "{\"sku\":\"a\",\"title\":\"4\"}]}");
    storing_reads(&t, "SELECT sku, title, _changed FROM products",
                  "a|4|3002\nb|2|3001\nc|NULL|3002\n");
    storing_reads(&t, "SELECT sku, title, _until FROM products_history",
                  "a|1|3002\n");
}
END_TEST


START_TEST(data_of_another_shape_have_no_rows)
{
    size_t         i;
    store_table_t  table = storing_table(COLUMNS(products));

    static const char *const  data[] = {
        "null", "[]", "7", "[{\"sku\":\"a\"}]", "{}", "{\"offers\":null}",
        "{\"offers\":{\"sku\":\"a\"}}", "{\"offers\":\"[1]\"}",
        "{\"offers\":[]}", "[[{\"sku\":\"a\"}]]", "",
        "{\"0\":1,\"offers\":[\"{\\\"sku\\\":1}\"]}"
    };

    table.rows = "offers";

    for (i = 0; i < sizeof(data) / sizeof(char *); i++) {
        storing_fill(&t, (unsigned) i + 1, &table, data[i]);
    }

    storing_reads(&t, "SELECT count(*) FROM products", "0\n");
    storing_counts(&t, 0, 0, 0);

    table.rows = NULL;
    table.set = "offers";
    table.version = "2";
    storing_fill(&t, 101, &table, "null");
    storing_fill(&t, 102, &table, "{\"offers\":[{\"sku\":\"a\"}]}");
    storing_fill(&t, 103, &table, "{\"other\":{\"sku\":\"a\"}}");
    storing_counts(&t, 0, 0, 0);
}
END_TEST


START_TEST(rows_are_found_in_their_set_of_a_group)
{
    store_table_t  page = storing_table(COLUMNS(products));
    store_table_t  list = storing_table(COLUMNS(products));

    page.set = "it's \"one\"";
    list.set = "two";
    list.rows = "of\\fers";
    list.name = "offers";

    storing_fill(&t, 1, &page, "{\"it's \\\"one\\\"\":{\"sku\":\"p\"},"
                 "\"two\":{\"of\\\\fers\":[{\"sku\":\"q\"}]}}");
    storing_fill(&t, 2, &list, "{\"it's \\\"one\\\"\":{\"sku\":\"p\"},"
                 "\"two\":{\"of\\\\fers\":[{\"sku\":\"q\"}]}}");
    storing_reads(&t, "SELECT sku FROM products", "p\n");
    storing_reads(&t, "SELECT sku FROM offers", "q\n");
}
END_TEST


START_TEST(one_result_fills_several_tables)
{
    store_job_t           job = storing_job(1);
    store_result_t        result = storing_result(1);
    store_table_t         one = storing_table(COLUMNS(products));
    store_table_t         two = storing_table(COLUMNS(products));
    const store_table_t  *tables[] = { &one, &two };

    two.name = "offers";
    two.rows = "offers";
    job.state = STORE_COMPLETED;
    result.data = storing_str("{\"sku\":\"a\",\"offers\":[{\"sku\":\"b\"},"
                              "{\"sku\":\"c\"}]}");
    result.tables = tables;
    result.ntables = 2;
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_OK);
    storing_reads(&t, "SELECT sku FROM \"products@acme\" UNION ALL"
                  " SELECT sku FROM \"offers@acme\"",
                  "a\nb\nc\n");
}
END_TEST


START_TEST(row_without_its_key_is_counted_not_written)
{
    store_table_t  table = storing_table(COLUMNS(products));

    table.rows = "offers";
    storing_fill(&t, 1, &table, "{\"offers\":[{\"sku\":null,\"price\":1},"
                 "{\"price\":2},{\"sku\":\"a\",\"price\":3}]}");
    table.mode = STORE_IGNORE;
    table.version = "2";
    storing_fill(&t, 2, &table,
                 "{\"offers\":[{\"sku\":null},{\"sku\":\"b\"}]}");
    storing_reads(&t, "SELECT sku FROM products", "a\nb\n");
    storing_counts(&t, 2, 3, 0);
}
END_TEST


START_TEST(new_version_adds_its_columns)
{
    static const store_column_t  columns[] = {
        { "SKU", STORE_TEXT, 1 }, { "colour", STORE_TEXT, 0 },
        { "price", STORE_TEXT, 0 }
    };
    store_table_t  old = storing_table(COLUMNS(products));
    store_table_t  new = storing_table(COLUMNS(columns));

    old.history = 1;
    new.history = 1;
    new.version = "2";
    storing_fill(&t, 1, &old, "{\"sku\":\"a\",\"title\":\"T\",\"price\":1}");
    storing_fill(&t, 2, &new, "{\"SKU\":\"a\",\"colour\":\"red\","
                 "\"price\":\"2 EUR\"}");
    storing_fill(&t, 3, &new, "{\"SKU\":\"b\",\"colour\":\"blue\"}");

    /* the first one goes on, too */
    storing_fill(&t, 4, &old, "{\"sku\":\"b\",\"title\":\"U\"}");
    storing_reads(&t, "SELECT sku, title, price, colour FROM products",
                  "a|T|2 EUR|red\nb|U|NULL|blue\n");
    storing_reads(&t, "SELECT sku, title, price, colour, _until FROM"
                  " products_history",
                  "a|NULL|1.0|NULL|3002\nb|NULL|NULL|NULL|3004\n");
    storing_counts(&t, 4, 0, 0);
}
END_TEST


START_TEST(new_key_leaves_the_rows_of_the_former_alone)
{
    static const store_column_t  columns[] = {
        { "sku", STORE_TEXT, 0 }, { "title", STORE_TEXT, 1 }
    };
    store_table_t  old = storing_table(COLUMNS(products));
    store_table_t  new = storing_table(COLUMNS(columns));

    new.version = "2";
    storing_fill(&t, 1, &old, "{\"sku\":\"a\",\"title\":\"T\"}");
    storing_fill(&t, 2, &old, "{\"sku\":\"b\",\"title\":\"T\"}");
    storing_fill(&t, 3, &new, "{\"sku\":\"a\",\"title\":\"T\"}");
    storing_fill(&t, 4, &new, "{\"sku\":\"c\",\"title\":\"T\"}");
    storing_reads(&t, "SELECT sku, title, _at FROM products",
                  "a|T|3001\nb|T|3002\nc|T|3004\n");
    storing_counts(&t, 4, 0, 0);
}
END_TEST


START_TEST(fields_that_change_places_are_the_same_key)
{
    static const store_column_t  one[] = {
        { "a", STORE_TEXT, 1 }, { "b", STORE_TEXT, 1 }
    };
    static const store_column_t  two[] = {
        { "b", STORE_TEXT, 1 }, { "a", STORE_TEXT, 1 }
    };
    store_table_t  old = storing_table(COLUMNS(one));
    store_table_t  new = storing_table(COLUMNS(two));

    new.version = "2";
    storing_fill(&t, 1, &old, "{\"a\":\"1\",\"b\":\"2\"}");
    storing_fill(&t, 2, &new, "{\"a\":\"1\",\"b\":\"2\"}");
    storing_reads(&t, "SELECT a, b, _at FROM products", "1|2|3002\n");
}
END_TEST


START_TEST(tables_outlive_the_store)
{
    store_table_t  table = storing_table(COLUMNS(products));

    storing_fill(&t, 1, &table, "{\"sku\":\"a\"}");
    storing_close(&t);
    storing_open(&t);
    storing_fill(&t, 2, &table, "{\"sku\":\"a\",\"title\":\"T\"}");
    storing_reads(&t, "SELECT title, _seq, _at FROM products", "T|1|3002\n");
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        row_is_there_to_be_read_by_others_with_its_result,
        columns_have_the_types_they_were_given,
        row_of_the_same_key_takes_the_place_of_the_former,
        row_that_did_not_change_was_only_seen_again,
        table_of_keys_alone_notes_when_they_were_seen,
        table_that_is_appended_to_has_every_row,
        table_without_a_key_has_every_row,
        row_that_came_first_stays_when_others_are_ignored,
        what_a_row_was_is_kept_when_it_changes,
        list_of_rows_is_a_row_an_item,
        data_of_another_shape_have_no_rows,
        rows_are_found_in_their_set_of_a_group,
        one_result_fills_several_tables,
        row_without_its_key_is_counted_not_written,
        new_version_adds_its_columns,
        new_key_leaves_the_rows_of_the_former_alone,
        fields_that_change_places_are_the_same_key,
        tables_outlive_the_store,
        NULL
    };

    return storing_run("store tables", tests, &t);
}
