
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/support/storing.h"


#define COLUMNS(table)    (table), sizeof(table) / sizeof((table)[0])


static storing_t  t;

static atomic_int  changer_ends;
static sem_t       changer_changed;


static const store_column_t  products[] = {
    { "sku", STORE_TEXT, 1 },
    { "title", STORE_TEXT, 0 }
};


static void make_tables(const char *format, unsigned from, unsigned n);
static store_column_t *make_columns(unsigned from, unsigned n);
static void free_columns(store_column_t *columns, unsigned n);
static void *changer_main(void *data);


START_TEST(tables_of_tenants_are_apart)
{
    store_table_t  table = storing_table(COLUMNS(products));

    table.history = 1;
    storing_fill_as(&t, 1, "acme", &table, "{\"sku\":\"a\",\"title\":\"1\"}");
    storing_fill_as(&t, 2, "umbra", &table, "{\"sku\":\"a\",\"title\":\"2\"}");
    storing_fill_as(&t, 3, "", &table, "{\"sku\":\"a\",\"title\":\"3\"}");
    storing_fill_as(&t, 4, "acme", &table, "{\"sku\":\"a\",\"title\":\"4\"}");
    storing_reads(&t, "SELECT _tenant, title FROM \"products@acme\"",
                  "acme|4\n");
    storing_reads(&t, "SELECT _tenant, title FROM \"products@umbra\"",
                  "umbra|2\n");
    storing_reads(&t, "SELECT _tenant, title FROM products", "|3\n");
    storing_reads(&t, "SELECT _tenant, title FROM"
                  " \"products_history@acme\"", "acme|1\n");
    storing_reads(&t, "SELECT count(*) FROM products_history", "0\n");
    storing_counts(&t, 4, 0, 0);
}
END_TEST


START_TEST(columns_types_and_keys_of_tenants_are_apart)
{
    static const store_column_t  columns[] = {
        { "SKU", STORE_INTEGER, 0 }, { "price", STORE_REAL, 1 }
    };
    store_table_t  one = storing_table(COLUMNS(products));
    store_table_t  two = storing_table(COLUMNS(columns));

    /* the version is the same, too */
    storing_fill_as(&t, 1, "acme", &one, "{\"sku\":\"07\",\"title\":\"T\"}");
    storing_fill_as(&t, 2, "umbra", &two, "{\"SKU\":7,\"price\":1}");
    storing_fill_as(&t, 3, "acme", &one, "{\"sku\":\"07\",\"title\":\"U\"}");
    storing_fill_as(&t, 4, "umbra", &two, "{\"SKU\":8,\"price\":1}");
    storing_reads(&t, "SELECT sku, title FROM \"products@acme\"", "07|U\n");
    storing_reads(&t, "SELECT sku, price FROM \"products@umbra\"",
                  "8|1.0\n");
    storing_reads(&t, "SELECT count(*), (SELECT count(*) FROM"
                  " pragma_table_info('products@umbra')) FROM"
                  " pragma_table_info('products@acme')", "9|9\n");
    storing_reads(&t, "SELECT count(*), (SELECT count(*) FROM"
                  " pragma_index_list('products@umbra')) FROM"
                  " pragma_index_list('products@acme')", "1|1\n");
    storing_counts(&t, 4, 0, 0);
}
END_TEST


START_TEST(names_of_tenants_may_be_anything)
{
    size_t         i;
    char           sql[512];
    store_table_t  table = storing_table(COLUMNS(products));

    /* tenants, and what is behind the "@" in SQL */
    static const char *const  tenants[][2] = {
        { "it's", "it's" }, { "\"quoted\"", "\"\"quoted\"\"" },
        { "x\"; DROP TABLE job; --", "x\"\"; ^D^R^O^P ^T^A^B^L^E job; --" },
        { "a@b", "a@b" }, { "b", "b" }, { "_history", "_history" },
        { "x.key.0123456789abcdef", "x.key.0123456789abcdef" },
        { "alice", "alice" }, { "Alice", "^Alice" }, { "^alice", "^^alice" },
        { "^Alice", "^^^Alice" }, { "\377\300", "\377\300" },
        { "Stra\303\237e\n", "^Stra\303\237e\n" }, { " ", " " }, { "]", "]" },
        { "%s?1", "%s?1" }
    };

    table.history = 1;

    for (i = 0; i < sizeof(tenants) / sizeof(tenants[0]); i++) {
        storing_fill_as(&t, (unsigned) i * 3 + 1, tenants[i][0], &table,
                        "{\"sku\":\"a\",\"title\":\"1\"}");
        table.ncolumns = 1;
        table.version = "2";
        storing_fill_as(&t, (unsigned) i * 3 + 2, tenants[i][0], &table,
                        "{\"sku\":\"b\"}");
        table.ncolumns = 2;
        table.version = "1";
        storing_fill_as(&t, (unsigned) i * 3 + 3, tenants[i][0], &table,
                        "{\"sku\":\"a\",\"title\":\"2\"}");
        (void) snprintf(sql, sizeof(sql), "SELECT n.title, h.title, (SELECT"
                        " count(*) FROM \"products@%s\") FROM"
                        " \"products@%s\" n, \"products_history@%s\" h"
                        " WHERE n.sku = 'a'",
                        tenants[i][1], tenants[i][1], tenants[i][1]);
        storing_reads(&t, sql, "2|1|2\n");
    }

    storing_counts(&t, 3 * i, 0, 0);
}
END_TEST


START_TEST(columns_are_added_after_a_tenant_of_odd_bytes)
{
    store_table_t  table = storing_table(COLUMNS(products));

    table.ncolumns = 1;
    storing_fill_as(&t, 1, "\"\303\237\377", &table, "{\"sku\":\"a\"}");
    table.ncolumns = 2;
    table.version = "2";
    storing_fill_as(&t, 2, "\"\303\237\377", &table,
                    "{\"sku\":\"a\",\"title\":\"T\"}");
    storing_reads(&t, "SELECT title FROM \"products@\"\"\303\237\377\"",
                  "T\n");
    storing_counts(&t, 2, 0, 0);
}
END_TEST


START_TEST(tenant_has_so_many_tables_and_others_theirs)
{
    store_table_t  table = storing_table(COLUMNS(products));

    make_tables("CREATE TABLE \"p%u@acme\" (a)", 0, STORE_TENANT_TABLES - 1);
    table.history = 1;
    storing_fill_as(&t, 1, "acme", &table, "{\"sku\":\"a\"}");
    storing_counts(&t, 0, 0, 1);
    storing_reads(&t, "SELECT count(*) FROM sqlite_master WHERE name"
                  " GLOB 'products*'", "0\n");

    /* without a history it is the last one */
    table.history = 0;
    table.version = "2";
    storing_fill_as(&t, 2, "acme", &table, "{\"sku\":\"a\"}");
    storing_counts(&t, 1, 0, 1);
    table.name = "offers";
    storing_fill_as(&t, 3, "acme", &table, "{\"sku\":\"a\"}");
    storing_counts(&t, 1, 0, 2);

    storing_fill_as(&t, 4, "me", &table, "{\"sku\":\"a\"}");
    storing_fill_as(&t, 5, "b@acme", &table, "{\"sku\":\"a\"}");
    storing_fill_as(&t, 6, "", &table, "{\"sku\":\"a\"}");
    storing_counts(&t, 4, 0, 2);

    /* one that is there goes on, and may have more columns */
    table.name = "products";
    table.columns = products + 1;
    table.ncolumns = 1;
    table.version = "3";
    storing_fill_as(&t, 7, "acme", &table, "{\"title\":\"T\"}");
    storing_counts(&t, 5, 0, 2);
}
END_TEST


START_TEST(no_tenant_has_so_many_tables_too)
{
    store_table_t  table = storing_table(COLUMNS(products));

    make_tables("CREATE TABLE p%u (a)", 0, STORE_TENANT_TABLES - 1);
    storing_fill(&t, 1, &table, "{\"sku\":\"a\"}");
    storing_counts(&t, 1, 0, 0);
    table.name = "offers";
    storing_fill(&t, 2, &table, "{\"sku\":\"a\"}");
    storing_counts(&t, 1, 0, 1);
    storing_fill_as(&t, 3, "acme", &table, "{\"sku\":\"a\"}");
    storing_counts(&t, 2, 0, 1);
}
END_TEST


START_TEST(no_tables_are_made_when_there_are_too_many)
{
    store_table_t  table = storing_table(COLUMNS(products));

    storing_fill(&t, 1, &table, "{\"sku\":\"a\"}");
    make_tables("CREATE TABLE \"p@%u\" (a)", 0, STORE_TABLES_MAX);
    table.name = "offers";
    storing_fill(&t, 2, &table, "{\"sku\":\"b\"}");
    storing_fill_as(&t, 3, "acme", &table, "{\"sku\":\"b\"}");
    storing_counts(&t, 1, 0, 2);

    /* one that is there is written, also by others */
    table.name = "products";
    table.version = "2";
    table.ncolumns = 1;
    storing_fill(&t, 4, &table, "{\"sku\":\"c\"}");
    storing_reads(&t, "SELECT sku FROM products", "a\nc\n");
    storing_counts(&t, 2, 0, 2);
}
END_TEST


START_TEST(table_has_so_many_columns)
{
    store_table_t    table;
    store_column_t  *columns;

    columns = make_columns(0, STORE_TABLE_COLUMNS + 1);
    table = storing_table(columns, STORE_TABLE_COLUMNS);
    columns[0].key = 1;
    table.history = 1;
    storing_fill(&t, 1, &table, "{\"f0\":1,\"f199\":2}");
    storing_fill(&t, 2, &table, "{\"f0\":1,\"f199\":3}");
    storing_counts(&t, 2, 0, 0);

    /* one more is one too many, and is not added to either table */
    table.columns = columns + 1;
    table.version = "2";
    storing_fill(&t, 3, &table, "{\"f200\":1}");
    storing_counts(&t, 2, 0, 1);
    storing_reads(&t, "SELECT f199 FROM products", "3\n");
    storing_reads(&t, "SELECT f199 FROM products_history", "2\n");
    storing_reads(&t, "SELECT count(*) FROM pragma_table_info('products')"
                  " WHERE name = 'f200'", "0\n");

    /* nor is a table made of them */
    table.columns = columns;
    table.ncolumns++;
    table.name = "offers";
    storing_fill(&t, 4, &table, "{\"f200\":1}");
    storing_counts(&t, 2, 0, 2);
    storing_reads(&t, "SELECT count(*) FROM sqlite_master WHERE name ="
                  " 'offers'", "0\n");
    free_columns(columns, STORE_TABLE_COLUMNS + 1);
}
END_TEST


START_TEST(result_adds_so_many_columns)
{
    store_job_t           job = storing_job(3);
    store_result_t        result = storing_result(3);
    store_table_t         one, two;
    store_column_t       *columns;
    const store_table_t  *tables[] = { &one, &two };

    columns = make_columns(0, 150);
    one = storing_table(columns, 1);
    two = one;
    two.name = "offers";
    storing_fill_as(&t, 1, "acme", &one, "{\"f0\":1}");
    storing_fill_as(&t, 2, "acme", &two, "{\"f0\":1}");
    one.ncolumns = 150;
    one.version = "2";
    two.ncolumns = 150;
    two.version = "2";

    /* the second table has to wait for another result */
    job.state = STORE_COMPLETED;
    result.data = storing_str("{\"f149\":1}");
    result.tables = tables;
    result.ntables = 2;
    ck_assert_int_eq(storing_finish(&t, &job, &result), STORE_OK);
    storing_counts(&t, 3, 0, 1);
    storing_reads(&t, "SELECT count(*) FROM"
                  " pragma_table_info('offers@acme')", "8\n");
    storing_fill_as(&t, 4, "acme", &two, "{\"f149\":2}");
    storing_counts(&t, 4, 0, 1);
    storing_reads(&t, "SELECT f149 FROM \"offers@acme\"", "NULL\n2\n");
    free_columns(columns, 150);
}
END_TEST


START_TEST(table_has_so_many_keys)
{
    unsigned         i;
    char             version[16], data[32];
    store_table_t    table;
    store_column_t  *columns;

    columns = make_columns(0, STORE_TABLE_KEYS + 1);
    table = storing_table(columns, STORE_TABLE_KEYS + 1);
    table.version = version;

    for (i = 0; i <= STORE_TABLE_KEYS; i++) {
        columns[i].key = 1;
        (void) snprintf(version, sizeof(version), "%u", i);
        (void) snprintf(data, sizeof(data), "{\"f%u\":1}", i);
        storing_fill(&t, i + 1, &table, data);
        columns[i].key = 0;
    }

    storing_counts(&t, STORE_TABLE_KEYS, 0, 1);

    /* the former keys go on, and what has none */
    columns[0].key = 1;
    storing_fill(&t, 20, &table, "{\"f0\":1}");
    storing_counts(&t, STORE_TABLE_KEYS, 0, 2);
    (void) snprintf(version, sizeof(version), "new");
    storing_fill(&t, 21, &table, "{\"f0\":1}");
    columns[0].key = 0;
    (void) snprintf(version, sizeof(version), "none");
    storing_fill(&t, 22, &table, "{\"f0\":1}");
    storing_counts(&t, STORE_TABLE_KEYS + 2, 0, 2);
    storing_reads(&t, "SELECT count(*) FROM pragma_index_list('products')",
                  "8\n");
    free_columns(columns, STORE_TABLE_KEYS + 1);
}
END_TEST


START_TEST(what_is_there_is_read_while_tables_are_made_all_the_time)
{
    unsigned   n;
    pthread_t  changer;

    storing_put_n(&t, 1);
    make_tables("CREATE TABLE \"p@%u\" (a, b, c, d, e, f, g, h)", 0, 1000);
    ck_assert_int_eq(sem_init(&changer_changed, 0, 0), 0);
    changer_ends = 0;
    ck_assert_int_eq(pthread_create(&changer, NULL, changer_main, t.path), 0);

    ck_assert_int_eq(sem_wait(&changer_changed), 0);

    for (n = 0; n < 300; n++) {
        ck_assert_int_eq(storing_wait(&t, store_job_get(t.store,
                                                        storing_id(1),
                                                        storing_str("acme"),
                                                        storing_told_job,
                                                        &t)),
                         STORE_OK);
    }

    changer_ends = 1;
    ck_assert_int_eq(pthread_join(changer, NULL), 0);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        tables_of_tenants_are_apart,
        columns_types_and_keys_of_tenants_are_apart,
        names_of_tenants_may_be_anything,
        columns_are_added_after_a_tenant_of_odd_bytes,
        tenant_has_so_many_tables_and_others_theirs,
        no_tenant_has_so_many_tables_too,
        no_tables_are_made_when_there_are_too_many,
        table_has_so_many_columns,
        result_adds_so_many_columns,
        table_has_so_many_keys,
        what_is_there_is_read_while_tables_are_made_all_the_time,
        NULL
    };

    return storing_run("store tables, own", tests, &t);
}


/* In one transaction, by another connection. */

static void
make_tables(const char *format, unsigned from, unsigned n)
{
    char      name[16], sql[128];
    size_t    head;
    unsigned  i;
    sqlite3  *db;

    head = strcspn(format, "%");
    ck_assert_int_eq(sqlite3_open(t.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);

    for (i = from; i < from + n; i++) {
        (void) snprintf(name, sizeof(name), "%u", i);
        (void) snprintf(sql, sizeof(sql), "%.*s%s%s", (int) head, format,
                        name, format + head + 2);
        ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    }

    ck_assert_int_eq(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}


static store_column_t *
make_columns(unsigned from, unsigned n)
{
    char            *name;
    unsigned         i;
    store_column_t  *columns;

    columns = calloc(n, sizeof(store_column_t));
    ck_assert_ptr_nonnull(columns);

    for (i = 0; i < n; i++) {
        ck_assert_int_gt(asprintf(&name, "f%u", from + i), 0);
        columns[i].name = name;
        columns[i].type = STORE_INTEGER;
    }

    return columns;
}


static void
free_columns(store_column_t *columns, unsigned n)
{
    while (n-- > 0) {
        free((char *) columns[n].name);
    }

    free(columns);
}


/* Changes the schema faster than a large one is read. */

static void *
changer_main(void *data)
{
    sqlite3  *db;

    if (sqlite3_open(data, &db) != SQLITE_OK) {
        return NULL;
    }

    (void) sqlite3_busy_timeout(db, 5000);
    (void) sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL);

    while (!changer_ends) {
        (void) sqlite3_exec(db, "CREATE TABLE x (a)", NULL, NULL, NULL);
        (void) sqlite3_exec(db, "DROP TABLE x", NULL, NULL, NULL);
        (void) sem_post(&changer_changed);
    }

    (void) sqlite3_close(db);

    return NULL;
}
