
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


static const store_rule_t  store_rules[] = {
    { "PRAGMA integrity_check(1)", "ok", "the file is corrupt" },
    { "SELECT count(*) FROM job WHERE state NOT BETWEEN 0 AND 4", "0",
      "a job is in no known state" },
    { "SELECT count(*) FROM (SELECT 1 FROM result GROUP BY job"
      " HAVING count(*) > 1)", "0", "a job has two results" },
    { "SELECT count(*) FROM job WHERE state = 2 AND NOT EXISTS"
      " (SELECT 1 FROM result r WHERE r.job = job.id)", "0",
      "a completed job has no result" },
    { "SELECT count(*) FROM result r WHERE NOT EXISTS"
      " (SELECT 1 FROM job WHERE job.id = r.job AND job.shard = r.shard"
      " AND job.tenant = r.tenant AND job.state >= 2)", "0",
      "a result has no ended job" },
    { "SELECT count(*) FROM job WHERE state < 2 AND NOT EXISTS"
      " (SELECT 1 FROM task t WHERE t.shard = 0 AND t.flow = job.flow"
      " AND t.host = job.host AND t.prio = job.prio AND t.due = job.due"
      " AND t.job = job.seq)", "0",
      "a job that has not ended is in no queue" },
    { "SELECT count(*) FROM task WHERE NOT EXISTS"
      " (SELECT 1 FROM job WHERE seq = task.job AND state < 2)", "0",
      "a queue has a job that has ended" },
    { "SELECT count(*) FROM task t WHERE NOT EXISTS"
      " (SELECT 1 FROM job JOIN queue q ON q.shard = 0 AND q.lane = job.lane"
      " AND q.flow = t.flow AND q.host = t.host"
      " AND q.due < 9223372036854775807 WHERE job.seq = t.job)", "0",
      "a queue that has a job is not found" },
    { "SELECT (SELECT count(*) FROM task)"
      " - (SELECT count(*) FROM job WHERE state < 2)", "0",
      "a job is in a queue twice" },
    { "SELECT count(*) FROM job WHERE ruleset <> '' AND ruleset NOT IN"
      " (SELECT hash FROM ruleset WHERE shard = 0)", "0",
      "a job's rule set is missing" }
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
