
#include <stdio.h>
#include <string.h>

#include "sidecar/store/store_internal.h"


/* A query that must give the one value expected, and what is wrong if not. */
typedef struct {
    const char  *sql;
    const char  *expected;
    const char  *wrong;
} store_rule_t;


static int store_check_rule(store_db_t *db, const store_rule_t *rule,
    char *err, size_t errlen);


static const store_rule_t  store_rules[] = {
    { "PRAGMA integrity_check(1)", "ok", "the file is corrupt" },
    { "SELECT count(*) FROM (SELECT job FROM result GROUP BY shard, job"
      " HAVING count(*) > 1)", "0", "a job has two results" },
    { "SELECT count(*) FROM job j WHERE state = 2 AND NOT EXISTS"
      " (SELECT 1 FROM result r WHERE r.shard = j.shard AND r.job = j.id)",
      "0", "a completed job has no result" },
    { "SELECT count(*) FROM result r WHERE NOT EXISTS"
      " (SELECT 1 FROM job j WHERE j.shard = r.shard AND j.id = r.job"
      " AND j.state >= 2)", "0", "a result has no ended job" },
    { "SELECT count(*) FROM job WHERE ruleset NOT IN"
      " (SELECT hash FROM ruleset)", "0", "a job's rule set is missing" }
};


int
store_check(const char *path, char *err, size_t errlen)
{
    int         rc;
    size_t      i;
    store_db_t  db;

    memset(&db, 0, sizeof(store_db_t));
    rc = store_db_open(&db, path, SQLITE_OPEN_READONLY, err, errlen);

    for (i = 0; rc == SC_OK && i < sizeof(store_rules) / sizeof(store_rule_t);
         i++)
    {
        rc = store_check_rule(&db, &store_rules[i], err, errlen);
    }

    store_db_close(&db);

    return rc;
}


static int
store_check_rule(store_db_t *db, const store_rule_t *rule, char *err,
    size_t errlen)
{
    int            rc;
    const char    *value;
    sqlite3_stmt  *stmt;

    value = "";
    rc = sqlite3_prepare_v2(db->db, rule->sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
        value = (const char *) sqlite3_column_text(stmt, 0);
    }

    rc = value != NULL && strcmp(value, rule->expected) == 0 ? SC_OK
                                                             : SC_ERROR;
    if (rc != SC_OK) {
        (void) snprintf(err, errlen, "%s: \"%s\"", rule->wrong,
                        value != NULL && value[0] != '\0'
                        ? value : sqlite3_errmsg(db->db));
    }

    (void) sqlite3_finalize(stmt);

    return rc;
}
