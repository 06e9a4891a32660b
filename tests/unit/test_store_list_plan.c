
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/support/storing.h"


typedef struct {
    const char  *name;
    const char  *text;
} plan_statement_t;


static int plan_has(const char *sql, const char *detail);
static const plan_statement_t *plan_statement(const char *name);
static void plan_never_scans(const char *const *names, size_t n,
    const char *const *tables, size_t ntables);


static storing_t  t;


static const plan_statement_t  plan_statements[] = {
#define STATEMENT(name, text)  { #name, (text) },
#include "sidecar/store/sql.def"
#include "sidecar/store/sql_work.def"
#include "sidecar/store/sql_list.def"
#undef STATEMENT
};


START_TEST(lists_of_results_with_a_filter_never_scan)
{
    static const char *const  names[] = {
        "LIST_JOB", "LIST_JOB_NEWEST", "LIST_FAILED", "LIST_FAILED_NEWEST",
        "LIST_URL", "LIST_URL_NEWEST", "LIST_HOST", "LIST_HOST_NEWEST",
        "LIST_RULESET", "LIST_RULESET_NEWEST", "LIST_CHANGED",
        "LIST_CHANGED_NEWEST", "LIST_WORDS", "LIST_WORDS_NEWEST", "LIST_TAG",
        "LIST_TAG_NEWEST", "LIST_ALL", "LIST_ALL_NEWEST"
    };
    static const char *const  tables[] = {
        "SCAN result", "SCAN n", "SCAN r", "SCAN job", "SCAN j", "SCAN t",
        "SCAN tag"
    };

    plan_never_scans(names, sizeof(names) / sizeof(names[0]), tables,
                     sizeof(tables) / sizeof(tables[0]));
}
END_TEST


START_TEST(lists_of_a_filter_seek_by_its_index)
{
    size_t  i;

    static const plan_statement_t  seeks[] = {
        { "LIST_JOB", "SEARCH n USING INDEX result_job (job=? AND seq>?)" },
        { "LIST_JOB_NEWEST",
          "SEARCH n USING INDEX result_job (job=? AND seq<?)" },
        { "LIST_FAILED",
          "SEARCH n USING INDEX result_failed (job=? AND seq>?)" },
        { "LIST_URL",
          "SEARCH n USING INDEX result_url (tenant=? AND url=? AND seq>?)" },
        { "LIST_HOST",
          "SEARCH n USING INDEX result_host (tenant=? AND host=? AND seq>?)"
        },
        { "LIST_RULESET", "SEARCH n USING INDEX result_ruleset"
          " (tenant=? AND ruleset=? AND seq>?)" },
        { "LIST_CHANGED",
          "SEARCH n USING INDEX result_changed (tenant=? AND at>?)" },
        { "LIST_TAG", "SEARCH t USING PRIMARY KEY"
          " (tenant=? AND name=? AND value=?)" },
        { "LIST_ALL",
          "SEARCH n USING INDEX result_tenant (tenant=? AND seq>?)" },
        { "LIST_ALL_NEWEST",
          "SEARCH n USING INDEX result_tenant (tenant=? AND seq<?)" },
        { "JOBS_LIST", "SEARCH n USING INDEX job_list"
          " (tenant=? AND seq<?)" },
        { "JOBS_LIST_STATE",
          "SEARCH n USING INDEX job_state (tenant=? AND state=? AND seq<?)" },
        { "JOBS_LIST_KIND",
          "SEARCH n USING INDEX job_kind (tenant=? AND kind=? AND seq<?)" },
        { "JOBS_LIST_TAG", "SEARCH t USING PRIMARY KEY"
          " (tenant=? AND name=? AND value=? AND job<?)" },
        { "PAGES_LIST", "SEARCH n USING COVERING INDEX job_parent"
          " (parent=? AND seq>?)" },
        { "MESSAGES_DUE",
          "SEARCH job_message USING INDEX outbox_due (due<?)" },
        { "MESSAGES_LIST",
          "SEARCH job_message USING INDEX outbox_job (job=?)" }
    };

    for (i = 0; i < sizeof(seeks) / sizeof(seeks[0]); i++) {
        ck_assert_msg(plan_has(plan_statement(seeks[i].name)->text,
                               seeks[i].text),
                      "%s: not %s", seeks[i].name, seeks[i].text);
    }
}
END_TEST


START_TEST(lists_of_jobs_and_messages_never_scan_or_sort)
{
    static const char *const  names[] = {
        "JOBS_LIST", "JOBS_LIST_STATE", "JOBS_LIST_KIND", "JOBS_LIST_TAG",
        "PAGES_LIST", "TALLIES", "RAW_GET", "MESSAGE_SET", "MESSAGES_DUE",
        "MESSAGES_LIST"
    };
    static const char *const  tables[] = {
        "SCAN job", "SCAN n", "SCAN j", "SCAN t", "SCAN result",
        "USE TEMP B-TREE FOR ORDER BY"
    };

    plan_never_scans(names, sizeof(names) / sizeof(names[0]), tables,
                     sizeof(tables) / sizeof(tables[0]));
}
END_TEST


START_TEST(the_sweep_never_scans_but_to_count)
{
    static const char *const  names[] = {
        "SWEEP_LOOK", "SWEEP_EXPIRE", "SWEEP_TASKS", "SWEEP_WORDS",
        "SWEEP_RAWS", "SWEEP_RESULTS", "SWEEP_JOBS", "SWEEP_SEEN",
        "SWEEP_TALLY", "SWEEP_TAG", "SWEEP_OUTBOX", "SWEEP_WORK",
        "SWEEP_EMPTIED", "SWEEP_IDEM"
    };
    static const char *const  tables[] = {
        "SCAN job", "SCAN p", "SCAN j", "SCAN task", "SCAN result", "SCAN r",
        "SCAN raw", "SCAN d", "SCAN s", "SCAN seen", "SCAN tally",
        "SCAN tag", "SCAN outbox", "SCAN work", "SCAN document"
    };

    plan_never_scans(names, sizeof(names) / sizeof(names[0]), tables,
                     sizeof(tables) / sizeof(tables[0]));
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        lists_of_results_with_a_filter_never_scan,
        lists_of_a_filter_seek_by_its_index,
        lists_of_jobs_and_messages_never_scan_or_sort,
        the_sweep_never_scans_but_to_count,
        NULL
    };

    return storing_run("store_list_plan", tests, &t);
}


/* Whether a line of the plan is that, or begins with it and a blank. */

static int
plan_has(const char *sql, const char *detail)
{
    int            found;
    char          *explain;
    size_t         len;
    sqlite3       *db;
    const char    *line;
    sqlite3_stmt  *stmt;

    found = 0;
    len = strlen(detail);
    explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    ck_assert_ptr_nonnull(explain);
    ck_assert_int_eq(sqlite3_open(t.path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(db, explain, -1, &stmt, NULL),
                     SQLITE_OK);

    while (sqlite3_step(stmt) == SQLITE_ROW) {
        line = (const char *) sqlite3_column_text(stmt, 3);
        found |= strncmp(line, detail, len) == 0
                 && (line[len] == '\0' || line[len] == ' ');
    }

    (void) sqlite3_finalize(stmt);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    sqlite3_free(explain);

    return found;
}


static const plan_statement_t *
plan_statement(const char *name)
{
    size_t  i;

    for (i = 0; i < sizeof(plan_statements) / sizeof(plan_statements[0]); i++)
    {
        if (strcmp(plan_statements[i].name, name) == 0) {
            return &plan_statements[i];
        }
    }

    ck_abort_msg("there is no statement \"%s\"", name);
}


static void
plan_never_scans(const char *const *names, size_t n,
    const char *const *tables, size_t ntables)
{
    size_t  i, j;

    for (i = 0; i < n; i++) {
        for (j = 0; j < ntables; j++) {
            ck_assert_msg(!plan_has(plan_statement(names[i])->text,
                                    tables[j]),
                          "%s: %s", names[i], tables[j]);
        }
    }
}
