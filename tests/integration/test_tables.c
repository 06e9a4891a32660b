
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <sqlite3.h>

#include "common/sc_buf.h"
#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define TABLES_TIMEOUT  60

#define SKU    "\"sku\":{\"css\":\".sku\",\"type\":\"int\"}"
#define STORE  "\"store\":{\"table\":\"products\",\"key\":[\"sku\"],"         \
               "\"mode\":\"upsert\",\"history\":true}"

/* A page of nginx's own, in single quotes; its text may say $arg_x. */
#define PAGE(path, body)                                                     \
    "location = " path " { types { } default_type text/html;"                \
    " return 200 '" body "'; }\n"


static void extract(gateway_t *g, const char *path, const char *rules,
    long status);
static void extract_as(gateway_t *g, const char *tenant, const char *path,
    const char *rules);
static void expect_rows(gateway_t *g, const char *sql, const char *rows);
static sqlite3 *rows_open(gateway_t *g);


static const char  pages[] =
    PAGE("/p", "<h1>$arg_t</h1><i class=sku>$arg_s</i><b>$arg_p</b>"
         "<u>yes</u><ul><li>a<li>b</ul>")
    PAGE("/list", "<ul><li><i>1</i><b>$arg_a</b></li>"
         "<li><i>2</i><b>$arg_b</b></li><li><b>none</b></li></ul>");

static const char  product[] =
    "{\"fields\":{" SKU ",\"title\":\"h1\","
    "\"price\":{\"css\":\"b\",\"type\":\"number\"},"
    "\"stock\":{\"css\":\"u\",\"type\":\"bool\"},"
    "\"tags\":[\"li\"],\"more\":{\"fields\":{\"t\":\"h1\"}}}," STORE "}";


START_TEST(columns_have_the_types_of_their_fields)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    extract(&g, "/p?s=7&t=Mug&p=12.5", product, 200);
    expect_rows(&g, "select sku, title, price, stock, tags, more "
                "from products", "7|Mug|12.5|1|[\"a\",\"b\"]|{\"t\":\"Mug\"}"
                "\n");
    expect_rows(&g, "select typeof(sku), typeof(title), typeof(price), "
                "typeof(stock), typeof(tags) from products",
                "integer|text|real|integer|text\n");

    extract(&g, "/p?s=8&t=Cup&p=none", product, 200);
    expect_rows(&g, "select sku, price is null from products order by sku",
                "7|0\n8|1\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(row_of_the_same_key_is_replaced_and_what_it_was_kept)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    extract(&g, "/p?s=7&t=Mug&p=12.5", product, 200);
    extract(&g, "/p?s=7&t=Mug&p=12.5", product, 200);
    expect_rows(&g, "select count(*) from products_history", "0\n");

    extract(&g, "/p?s=7&t=Mug&p=11", product, 200);
    extract(&g, "/p?s=9&t=Jug&p=3", product, 200);
    expect_rows(&g, "select sku, price from products order by sku",
                "7|11.0\n9|3.0\n");
    expect_rows(&g, "select sku, price from products_history", "7|12.5\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(row_without_its_key_is_not_stored)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    extract(&g, "/p?s=x&t=Mug", product, 200);
    extract(&g, "/p?s=7&t=Mug", product, 200);
    expect_rows(&g, "select sku from products", "7\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(modes_append_and_ignore_leave_what_there_is)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    static const char  append[] =
        "{\"fields\":{" SKU ",\"title\":\"h1\"},"
        "\"store\":{\"table\":\"seen\"}}";
    static const char  ignore[] =
        "{\"fields\":{" SKU ",\"title\":\"h1\"},"
        "\"store\":{\"table\":\"firsts\",\"key\":\"sku\","
        "\"mode\":\"ignore\"}}";

    gateway_start(&g, &o);

    extract(&g, "/p?s=7&t=Mug", append, 200);
    extract(&g, "/p?s=7&t=Jug", append, 200);
    expect_rows(&g, "select sku, title from seen order by title",
                "7|Jug\n7|Mug\n");

    extract(&g, "/p?s=7&t=Mug", ignore, 200);
    extract(&g, "/p?s=7&t=Jug", ignore, 200);
    expect_rows(&g, "select sku, title from firsts", "7|Mug\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(items_of_an_each_are_rows)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    static const char  rules[] =
        "{\"fields\":{\"o\":{\"each\":\"li\",\"fields\":{"
        "\"sku\":{\"css\":\"i\",\"type\":\"int\"},"
        "\"price\":{\"css\":\"b\",\"type\":\"number\"}}}},"
        "\"store\":{\"table\":\"offers\",\"rows\":\"o\",\"key\":[\"sku\"],"
        "\"history\":true}}";

    gateway_start(&g, &o);

    extract(&g, "/list?a=5&b=6", rules, 200);
    expect_rows(&g, "select sku, price from offers order by sku",
                "1|5.0\n2|6.0\n");

    extract(&g, "/list?a=5&b=7", rules, 200);
    expect_rows(&g, "select sku, price from offers order by sku",
                "1|5.0\n2|7.0\n");
    expect_rows(&g, "select sku, price from offers_history", "2|6.0\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(each_set_of_a_group_has_a_table)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    static const char  rules[] =
        "{\"sets\":{\"page\":{\"fields\":{\"t\":\"h1\"},"
        "\"store\":{\"table\":\"titles\"}},"
        "\"other\":{\"match\":{\"url\":[\"%/none\"]},\"fields\":{"
        "\"t\":\"h1\"},\"store\":{\"table\":\"others\"}},"
        "\"bare\":{\"fields\":{\"t\":\"h1\"}},"
        "\"goods\":{\"fields\":{" SKU "}," STORE "}}}";

    gateway_start(&g, &o);

    extract(&g, "/p?s=7&t=Mug", rules, 200);
    expect_rows(&g, "select t from titles", "Mug\n");
    expect_rows(&g, "select sku from products", "7\n");
    expect_rows(&g, "select count(*) from sqlite_master where "
                "name in ('bare', 'goods')", "0\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(new_version_brings_its_columns)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    extract(&g, "/p?s=7&t=Mug", "{\"fields\":{" SKU "}," STORE "}", 200);
    extract(&g, "/p?s=8&t=Cup",
            "{\"fields\":{" SKU ",\"title\":\"h1\"}," STORE "}", 200);
    expect_rows(&g, "select sku, title from products order by sku",
                "7|\n8|Cup\n");

    /* and the former one goes on */
    extract(&g, "/p?s=9&t=Jug", "{\"fields\":{" SKU "}," STORE "}", 200);
    expect_rows(&g, "select sku, title from products order by sku",
                "7|\n8|Cup\n9|\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(page_without_data_gives_no_row)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    extract(&g, "/p?s=1&t=Mug", "{\"drop_if\":\"//h1\",\"fields\":{" SKU "},"
            STORE "}", 200);
    extract(&g, "/p?s=2&t=Mug", "{\"match\":{\"url\":[\"%/none\"]},"
            "\"fields\":{" SKU "}," STORE "}", 200);
    extract(&g, "/p?s=3&t=Mug", "{\"strict\":true,\"fields\":{" SKU ","
            "\"v\":{\"css\":\"video\",\"required\":true}}," STORE "}", 422);
    extract(&g, "/p?s=4&t=Mug", product, 200);
    expect_rows(&g, "select sku from products", "4\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(tables_are_there_after_a_restart)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    extract(&g, "/p?s=7&t=Mug&p=1", product, 200);
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    gateway_start_sidecar(&g);

    extract(&g, "/p?s=7&t=Mug&p=2", product, 200);
    extract(&g, "/p?s=8&t=Cup&p=3", product, 200);
    expect_rows(&g, "select sku, price from products order by sku",
                "7|2.0\n8|3.0\n");
    expect_rows(&g, "select price from products_history", "1.0\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(tables_of_tenants_are_apart)
{
    gateway_t          g;
    gateway_options_t  o = {
        .server = pages,
        .api = "scrape_tenant $http_x_tenant;"
    };

    gateway_start(&g, &o);

    extract_as(&g, "alice", "/p?s=7&t=Mug", product);
    extract_as(&g, "Bob", "/p?s=7&t=Cup",
               "{\"fields\":{\"sku\":\".sku\",\"name\":\"h1\"},"
               "\"store\":{\"table\":\"products\",\"key\":\"name\"}}");
    extract(&g, "/p?s=8&t=Jug", product, 200);
    expect_rows(&g, "select title, typeof(sku) from \"products@alice\"",
                "Mug|integer\n");
    expect_rows(&g, "select name, typeof(sku) from \"products@^Bob\"",
                "Cup|text\n");
    expect_rows(&g, "select title from products", "Jug\n");

    gateway_stop(&g);
}
END_TEST


START_TEST(text_of_a_page_stays_text)
{
    gateway_t          g;
    gateway_options_t  o = { .server = pages };

    gateway_start(&g, &o);

    extract(&g, "/p?s=7&t=Robert%27);%20drop%20table%20products;--", product,
            200);
    expect_rows(&g, "select sku from products", "7\n");

    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        columns_have_the_types_of_their_fields,
        row_of_the_same_key_is_replaced_and_what_it_was_kept,
        row_without_its_key_is_not_stored,
        modes_append_and_ignore_leave_what_there_is,
        items_of_an_each_are_rows,
        each_set_of_a_group_has_a_table,
        new_version_brings_its_columns,
        page_without_data_gives_no_row,
        tables_are_there_after_a_restart,
        tables_of_tenants_are_apart,
        text_of_a_page_stays_text,
        NULL
    };

    return suite_run("tables", tests, TABLES_TIMEOUT);
}


/* Extract a page of nginx's. */
static void
extract(gateway_t *g, const char *path, const char *rules, long status)
{
    char            body[4096];
    client_reply_t  r;

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s%s\",\"rules\":%s}",
                    g->url, path, rules);
    r = gateway_request(g, "POST", "/v1/extract", NULL, body);
    ck_assert_msg(r.status == status, "%s: %ld %s", body, r.status, r.body);
    client_free(&r);
}


/* The same for a tenant; it must go well. */
static void
extract_as(gateway_t *g, const char *tenant, const char *path,
    const char *rules)
{
    char            body[4096], header[64];
    client_reply_t  r;

    (void) snprintf(header, sizeof(header), "X-Tenant: %s", tenant);
    (void) snprintf(body, sizeof(body), "{\"url\":\"%s%s\",\"rules\":%s}",
                    g->url, path, rules);
    r = gateway_request(g, "POST", "/v1/extract", header, body);
    ck_assert_msg(r.status == 200, "%s: %ld %s", body, r.status, r.body);
    client_free(&r);
}


/* What another process reads while the gateway runs: rows, joined by '|'. */
static void
expect_rows(gateway_t *g, const char *sql, const char *rows)
{
    int            i;
    sqlite3       *db;
    sc_buf_t       b;
    const char    *text;
    sqlite3_stmt  *stmt;

    db = rows_open(g);
    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "");

    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
                  "%s: %s", sql, sqlite3_errmsg(db));

    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (i = 0; i < sqlite3_column_count(stmt); i++) {
            text = (const char *) sqlite3_column_text(stmt, i);
            (void) sc_buf_printf(&b, "%s%s", i != 0 ? "|" : "",
                                 text != NULL ? text : "");
        }

        (void) sc_buf_add_cstr(&b, "\n");
    }

    ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_str_eq(b.data, rows);
    sc_buf_free(&b);
}


static sqlite3 *
rows_open(gateway_t *g)
{
    char      path[128];
    sqlite3  *db;

    (void) snprintf(path, sizeof(path), "%s/scraped.db", g->dir);
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_busy_timeout(db, 5000), SQLITE_OK);

    return db;
}
