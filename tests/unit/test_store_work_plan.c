
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/support/storing.h"


typedef struct {
    const char  *name;
    const char  *text;
} plan_statement_t;


static int plan_walks(sqlite3 *db, const plan_statement_t *s);
static int plan_is_found(const char *what);


static storing_t  t;


static const plan_statement_t  plan_statements[] = {
#define STATEMENT(name, text)  { #name, (text) },
#include "sidecar/store/sql.def"
#include "sidecar/store/sql_work.def"
#undef STATEMENT
};


/* What may be walked through: a few rows that were found before. */

static const char *const  plan_found[] = {
    "CONSTANT", "level", "flows", "lost", "q", "f"
};


START_TEST(no_statement_walks_through_a_table)
{
    size_t    i;
    sqlite3  *db;

    ck_assert_int_eq(sqlite3_open(t.path, &db), SQLITE_OK);

    for (i = 0; i < sizeof(plan_statements) / sizeof(plan_statements[0]);
         i++)
    {
        if (strcmp(plan_statements[i].name, "TASK_COUNT") != 0
            && strcmp(plan_statements[i].name, "PAGE_TRIM") != 0)
        {
            ck_assert_msg(!plan_walks(db, &plan_statements[i]), "%s",
                          plan_statements[i].name);
        }
    }

    /* those two do, so that it would be seen */
    for (i = 0; strcmp(plan_statements[i].name, "TASK_COUNT") != 0; i++) {
        /* void */
    }

    ck_assert(plan_walks(db, &plan_statements[i]));
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST


static int
plan_walks(sqlite3 *db, const plan_statement_t *s)
{
    int            walks;
    char           sql[8192];
    const char    *detail;
    sqlite3_stmt  *stmt;

    ck_assert_uint_lt(strlen(s->text), sizeof(sql) - 32);
    (void) snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", s->text);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK,
                  "%s: %s", s->name, sqlite3_errmsg(db));
    walks = 0;

    while (sqlite3_step(stmt) == SQLITE_ROW) {
        detail = (const char *) sqlite3_column_text(stmt, 3);

        if (detail != NULL && strncmp(detail, "SCAN ", 5) == 0
            && !plan_is_found(detail + 5))
        {
            walks = 1;
        }
    }

    (void) sqlite3_finalize(stmt);

    return walks;
}


static int
plan_is_found(const char *what)
{
    size_t  i, len;

    if (strncmp(what, "(subquery-", 10) == 0
        || strstr(what, " VIRTUAL TABLE ") != NULL
        || strstr(what, " CONSTANT ROWS") != NULL)
    {
        return 1;
    }

    len = strcspn(what, " ");

    for (i = 0; i < sizeof(plan_found) / sizeof(char *); i++) {
        if (strlen(plan_found[i]) == len
            && strncmp(what, plan_found[i], len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


int
main(void)
{
    const TTest  *tests[] = {
        no_statement_walks_through_a_table,
        NULL
    };

    return storing_run("store work's plans", tests, &t);
}
