
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "sidecar/store/store_sql.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


/*
 * What rows came: "name=value" with ',' between and ';' after each, the types
 * as letters.
 */
typedef struct {
    char    text[4096];
    size_t  rows;
    size_t  stop;
} sql_rows_t;


static void sql_make(char *dir, size_t size, char *path, size_t len);
static int sql_row(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values);
static void sql_refused(store_sql_t *s, const char *sql, const char *told);


START_TEST(rows_come_with_names_and_types)
{
    char          dir[64], path[128], err[256];
    sql_rows_t    rows;
    store_sql_t  *s;

    sql_make(dir, sizeof(dir), path, sizeof(path));
    memset(&rows, 0, sizeof(sql_rows_t));

    s = store_sql_open(path, err, sizeof(err));
    ck_assert_ptr_nonnull(s);

    ck_assert_int_eq(store_sql_run(s, "SELECT a, b FROM t ORDER BY rowid; -- x"
                                   "\n ;", sql_row, &rows, err, sizeof(err)),
                     SC_OK);
    ck_assert_str_eq(rows.text, "a|b;a=1:1,b=x:3;a=1.5:2,b=:0;a=abc:4,b=:3;");

    store_sql_close(s);
    process_remove(dir);
}
END_TEST


START_TEST(without_rows_there_are_the_names)
{
    char          dir[64], path[128], err[256];
    sql_rows_t    rows;
    store_sql_t  *s;

    sql_make(dir, sizeof(dir), path, sizeof(path));
    memset(&rows, 0, sizeof(sql_rows_t));

    s = store_sql_open(path, err, sizeof(err));
    ck_assert_ptr_nonnull(s);
    ck_assert_int_eq(store_sql_run(s, "SELECT a AS x FROM t WHERE 0", sql_row,
                                   &rows, err, sizeof(err)), SC_OK);
    ck_assert_str_eq(rows.text, "x;");

    store_sql_close(s);
    process_remove(dir);
}
END_TEST


START_TEST(who_wants_no_more_rows_gets_none)
{
    char          dir[64], path[128], err[256];
    sql_rows_t    rows;
    store_sql_t  *s;

    sql_make(dir, sizeof(dir), path, sizeof(path));
    memset(&rows, 0, sizeof(sql_rows_t));
    rows.stop = 1;

    s = store_sql_open(path, err, sizeof(err));
    ck_assert_ptr_nonnull(s);
    ck_assert_int_eq(store_sql_run(s, "SELECT a FROM t", sql_row, &rows, err,
                                   sizeof(err)), SC_DECLINED);
    ck_assert_uint_eq(rows.rows, 1);

    store_sql_close(s);
    process_remove(dir);
}
END_TEST


START_TEST(nothing_is_written_attached_or_loaded)
{
    char          dir[64], path[128], err[256], sql[256];
    sql_rows_t    rows;
    struct stat   st;
    store_sql_t  *s;

    sql_make(dir, sizeof(dir), path, sizeof(path));

    s = store_sql_open(path, err, sizeof(err));
    ck_assert_ptr_nonnull(s);

    sql_refused(s, "INSERT INTO t VALUES (1, 2)", "only read");
    sql_refused(s, "CREATE TABLE u (x)", "only read");
    sql_refused(s, "PRAGMA journal_mode = delete", "");
    sql_refused(s, "SELECT load_extension('x')", "");
    sql_refused(s, "SELECT 1; DELETE FROM t", "more than one statement");
    sql_refused(s, "", "no statement");
    sql_refused(s, "SELECT FROM", "syntax error");

    (void) snprintf(sql, sizeof(sql), "ATTACH '%s/other.db' AS o", dir);
    sql_refused(s, sql, "");
    (void) snprintf(sql, sizeof(sql), "%s/other.db", dir);
    ck_assert_int_ne(stat(sql, &st), 0);

    (void) snprintf(sql, sizeof(sql), "VACUUM INTO '%s/copy.db'", dir);
    sql_refused(s, sql, "");
    (void) snprintf(sql, sizeof(sql), "%s/copy.db", dir);
    ck_assert_int_ne(stat(sql, &st), 0);

    memset(&rows, 0, sizeof(sql_rows_t));
    ck_assert_int_eq(store_sql_run(s, "SELECT count(*) AS n FROM t", sql_row,
                                   &rows, err, sizeof(err)), SC_OK);
    ck_assert_str_eq(rows.text, "n;n=3:1;");

    store_sql_close(s);
    process_remove(dir);
}
END_TEST


START_TEST(a_file_that_is_not_there_is_not_made)
{
    char         dir[64], path[128], err[256];
    struct stat  st;

    process_folder(dir, sizeof(dir));
    (void) snprintf(path, sizeof(path), "%s/none.db", dir);

    ck_assert_ptr_null(store_sql_open(path, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "could not open \""));
    ck_assert_int_ne(stat(path, &st), 0);

    process_remove(dir);
}
END_TEST


START_TEST(a_file_of_another_kind_is_told)
{
    char          dir[64], path[128], err[256];
    sql_rows_t    rows;
    store_sql_t  *s;

    process_folder(dir, sizeof(dir));
    (void) snprintf(path, sizeof(path), "%s/text", dir);
    process_write(path, "this is a text, and not a database at all\n");
    memset(&rows, 0, sizeof(sql_rows_t));

    s = store_sql_open(path, err, sizeof(err));

    if (s != NULL) {
        ck_assert_int_eq(store_sql_run(s, "SELECT * FROM t", sql_row, &rows,
                                       err, sizeof(err)), SC_ERROR);
    }

    ck_assert_ptr_nonnull(strstr(err, "not a database"));

    store_sql_close(s);
    process_remove(dir);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        rows_come_with_names_and_types,
        without_rows_there_are_the_names,
        who_wants_no_more_rows_gets_none,
        nothing_is_written_attached_or_loaded,
        a_file_that_is_not_there_is_not_made,
        a_file_of_another_kind_is_told,
        NULL
    };

    return suite_run("ctl sql", tests, 30);
}


/* A file with a table of three rows, as a gateway's has write-ahead log. */
static void
sql_make(char *dir, size_t size, char *path, size_t len)
{
    sqlite3  *db;

    process_folder(dir, size);
    (void) snprintf(path, len, "%s/store.db", dir);

    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(db, "PRAGMA journal_mode = wal;"
                                  "CREATE TABLE t (a, b);"
                                  "INSERT INTO t VALUES (1, 'x'),"
                                  " (1.5, NULL), (x'616263', '')", NULL, NULL,
                                  NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}


static int
sql_row(void *data, size_t n, const char *const *names,
    const store_sql_value_t *values)
{
    size_t       i, len;
    sql_rows_t  *rows = data;

    for (i = 0; i < n; i++) {
        len = strlen(rows->text);

        if (values == NULL) {
            (void) snprintf(rows->text + len, sizeof(rows->text) - len, "%s%s",
                            i != 0 ? "|" : "", names[i]);
            continue;
        }

        (void) snprintf(rows->text + len, sizeof(rows->text) - len,
                        "%s%s=%.*s:%d", i != 0 ? "," : "", names[i],
                        (int) values[i].text.len,
                        values[i].text.len != 0 ? values[i].text.data : "",
                        (int) values[i].type);
    }

    len = strlen(rows->text);
    (void) snprintf(rows->text + len, sizeof(rows->text) - len, ";");

    if (values != NULL) {
        rows->rows++;
    }

    return rows->stop != 0 && rows->rows == rows->stop ? SC_ERROR : SC_OK;
}


static void
sql_refused(store_sql_t *s, const char *sql, const char *told)
{
    char        err[256];
    sql_rows_t  rows;

    memset(&rows, 0, sizeof(sql_rows_t));
    err[0] = '\0';

    if (store_sql_run(s, sql, sql_row, &rows, err, sizeof(err)) != SC_ERROR
        || strstr(err, told) == NULL)
    {
        ck_abort_msg("\"%s\": \"%s\" %s", sql, err, rows.text);
    }
}
