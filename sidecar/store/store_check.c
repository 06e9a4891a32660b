
#include <stdio.h>
#include <string.h>

#include "sidecar/store/db_internal.h"


/* A query that must give this one value, and what is wrong if not. */
typedef struct {
    const char  *sql;
    const char  *expected;
    const char  *wrong;
} store_rule_t;


static int store_check_rule(sqlite3 *db, const store_rule_t *rule, char *err,
    size_t errlen);


/* a job of many pages has a row in job_work */
#define STORE_MANY      "EXISTS (SELECT 1 FROM job_work w"                    \
                        " WHERE w.job = job.seq)"
#define STORE_SINGLE    "NOT " STORE_MANY

/*
 * Of a job that has ended, pages may be on their way out: there may be fewer
 * than were counted.
 */
#define STORE_COUNTED(what, rows)                                             \
    "SELECT count(*) FROM (SELECT job_work." what " AS n, state IN (0, 1, 6)" \
    " AS open, (SELECT count(*) FROM " rows ") AS there"                      \
    " FROM job_work JOIN job ON job.seq = job_work.job) WHERE there > n"      \
    " OR (open AND there < n)"
#define STORE_PAGES(state)                                                    \
    "job p WHERE p.parent = job.seq AND p.parent <> 0" state


static const store_rule_t  store_rules[] = {
    { "PRAGMA integrity_check(1)", "ok", "the file is corrupt" },
    { "SELECT count(*) FROM job WHERE state NOT BETWEEN 0 AND 6", "0",
      "a job is in no known state" },
    { "SELECT count(*) FROM (SELECT job AS id FROM result GROUP BY job"
      " HAVING count(*) > 1) r JOIN job ON job.shard = " SQL_SHARD("r.id")
      " AND job.id = r.id WHERE " STORE_SINGLE, "0",
      "a job has two results" },
    { "SELECT count(*) FROM job WHERE state = 2 AND parent = 0 AND"
      " " STORE_SINGLE " AND NOT EXISTS"
      " (SELECT 1 FROM result r WHERE r.job = job.id)", "0",
      "a completed job has no result" },
    { "SELECT count(*) FROM result r WHERE NOT EXISTS"
      " (SELECT 1 FROM job WHERE job.id = r.job"
      " AND job.shard = " SQL_SHARD("r.job")
      " AND job.tenant = r.tenant AND job.parent = 0"
      " AND (job.state >= 2 OR " STORE_MANY "))", "0",
      "a result has no ended job" },
    { "SELECT count(*) FROM job WHERE state < 2 AND " STORE_SINGLE
      " AND NOT EXISTS"
      " (SELECT 1 FROM task t WHERE t.shard = 0 AND t.flow = job.flow"
      " AND t.host = job.host AND t.prio = job.prio AND t.due = job.due"
      " AND t.job = job.seq)", "0",
      "a job that has not ended is in no queue" },
    { "SELECT count(*) FROM task WHERE NOT EXISTS"
      " (SELECT 1 FROM job WHERE seq = task.job AND state < 2)", "0",
      "a queue has a job that has ended" },
    /* or all queues of a job's pages are gone: it is being cancelled */
    { "SELECT count(*) FROM task t JOIN job ON job.seq = t.job"
      " WHERE NOT EXISTS (SELECT 1 FROM queue q WHERE q.shard = 0"
      " AND q.lane = job.lane AND q.flow = t.flow AND q.host = t.host"
      " AND q.due < 9223372036854775807)"
      " AND (job.parent = 0 OR EXISTS (SELECT 1 FROM queue q"
      " WHERE q.shard = 0 AND q.lane = job.lane AND q.flow = t.flow))", "0",
      "a queue that has a job is not found" },
    { "SELECT (SELECT count(*) FROM task)"
      " - (SELECT count(*) FROM job WHERE state < 2 AND " STORE_SINGLE ")",
      "0", "a job is in a queue twice" },
    { "SELECT count(*) FROM (SELECT ruleset AS hash FROM job"
      " UNION ALL SELECT ruleset FROM job_work) WHERE hash <> ''"
      " AND hash NOT IN (SELECT hash FROM ruleset WHERE shard = 0)", "0",
      "a job's rule set is missing" },
    { "SELECT count(*) FROM job WHERE parent <> 0"
      " AND parent NOT IN (SELECT job FROM job_work)", "0",
      "a page has no job" },
    { STORE_COUNTED("found", STORE_PAGES("")), "0",
      "a job has other pages than it counts" },
    { STORE_COUNTED("completed", STORE_PAGES(" AND p.state = 2")), "0",
      "a job has other completed pages than it counts" },
    { STORE_COUNTED("failed", STORE_PAGES(" AND p.state = 3")), "0",
      "a job has other failed pages than it counts" },
    { STORE_COUNTED("cancelled", STORE_PAGES(" AND p.state = 4")), "0",
      "a job has other cancelled pages than it counts" },
    { STORE_COUNTED("items", "result r WHERE r.job = job.id AND r.state = 2"),
      "0", "a job has other items than it counts" },
    { "SELECT count(*) FROM job_work WHERE completed < items + duplicates"
      " + unchanged OR failed < robots", "0",
      "a job counts more of some pages than of all" },
    { "SELECT count(*) FROM result_raw WHERE result NOT IN"
      " (SELECT seq FROM result)", "0", "a page is kept of no result" },
    { "SELECT count(*) FROM result_text_docsize WHERE id NOT IN"
      " (SELECT seq FROM result)", "0", "words are kept of no result" }
};


int
store_check(const char *path, char *err, size_t errlen)
{
    int        rc;
    size_t     i;
    db_conn_t  c;

    memset(&c, 0, sizeof(db_conn_t));

    /* it prepares all statements: a file of another schema is refused */
    rc = db_conn_open_reader(&c, path, err, errlen);

    for (i = 0; rc == SC_OK && i < sizeof(store_rules) / sizeof(store_rule_t);
         i++)
    {
        rc = store_check_rule(c.sqlite, &store_rules[i], err, errlen);
    }

    db_conn_close(&c);

    return rc;
}


static int
store_check_rule(sqlite3 *db, const store_rule_t *rule, char *err,
    size_t errlen)
{
    int            rc;
    const char    *value;
    sqlite3_stmt  *stmt;

    value = NULL;
    stmt = NULL;

    if (sqlite3_prepare_v2(db, rule->sql, -1, &stmt, NULL) == SQLITE_OK
        && sqlite3_step(stmt) == SQLITE_ROW)
    {
        value = (const char *) sqlite3_column_text(stmt, 0);
    }

    rc = SC_OK;

    if (value == NULL || strcmp(value, rule->expected) != 0) {
        (void) snprintf(err, errlen, "%s: \"%s\"", rule->wrong,
                        value != NULL ? value : sqlite3_errmsg(db));
        rc = SC_ERROR;
    }

    (void) sqlite3_finalize(stmt);

    return rc;
}
