
#include <stdio.h>
#include <string.h>

#include "sidecar/store/db_internal.h"


/* so large a file is seen to be whole before it is used: half a second */
#define DB_CHECKED    (128 * 1024 * 1024)


/* What a file says of itself; all 0 in one that is empty. */
typedef struct {
    int  application;
    int  version;
    int  tables;
} db_header_t;


static int db_schema_header(db_conn_t *c, db_header_t *h);
static int db_schema_whole(db_conn_t *c, const char *path, char *err,
    size_t errlen);
static int db_schema_bring(db_conn_t *c, int empty, int older);
static int db_schema_journal(db_conn_t *c);
static int db_schema_create(db_conn_t *c);
static int db_schema_migrate(db_conn_t *c);
static int db_schema_make(db_conn_t *c, int former);
static int db_schema_is_added(const char *text);


static const char *const  db_schema[] = {
#define SCHEMA(text)  (text),
#include "sidecar/store/schema.def"
#undef SCHEMA
};


/* What the version before had not. */

static const char *const  db_added[] = {
    "job_ruleset", "job_usage", "usage_day"
};

static const char  db_owners[] =
    "INSERT OR IGNORE INTO job_ruleset (tenant, hash)"
    " SELECT DISTINCT tenant, ruleset FROM job WHERE ruleset <> '';"
    "INSERT OR IGNORE INTO job_ruleset (tenant, hash)"
    " SELECT job.tenant, w.ruleset FROM job_work w JOIN job"
    " ON job.seq = w.job WHERE w.ruleset <> '';"
    "INSERT OR IGNORE INTO job_ruleset (tenant, hash)"
    " SELECT tenant, json_extract(body, '$.hash') FROM document"
    " WHERE kind = 'ruleset-version' AND json_valid(body)"
    " AND json_type(body, '$.hash') = 'text'";


int
db_schema_open(db_conn_t *c, const char *path, char *err, size_t errlen)
{
    int          empty, older;
    db_header_t  h;

    if (db_schema_header(c, &h) != SC_OK) {
        c->corrupt = (sqlite3_errcode(c->sqlite) == SQLITE_CORRUPT);
        (void) snprintf(err, errlen, "the store \"%s\" cannot be read and is "
                        "left as it is: %s", path, sqlite3_errmsg(c->sqlite));
        return SC_ERROR;
    }

    empty = (h.application == 0 && h.version == 0 && h.tables == 0);
    older = (h.version == DB_VERSION - 1);

    if (!empty && h.application != DB_APPLICATION_ID) {
        (void) snprintf(err, errlen, "\"%s\" is another program's file and "
                        "left as it is", path);
        return SC_ERROR;
    }

    if (!empty && !older && h.version != DB_VERSION) {
        (void) snprintf(err, errlen, "the store \"%s\" is of version \"%d\", "
                        "not %d, and left as it is", path, h.version,
                        DB_VERSION);
        return SC_ERROR;
    }

    if (!empty && db_schema_whole(c, path, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    if (db_schema_bring(c, empty, older) != SC_OK) {
        (void) snprintf(err, errlen, "could not use the store \"%s\": %s",
                        path, sqlite3_errmsg(c->sqlite));
        return SC_ERROR;
    }

    return SC_OK;
}


/* What tells our files from others; SC_ERROR as SQLite says. */

static int
db_schema_header(db_conn_t *c, db_header_t *h)
{
    sqlite3_stmt  *stmt;

    static const char  sql[] =
        "SELECT application_id, user_version,"
        " (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_application_id, pragma_user_version";

    if (db_conn_exec(c, "PRAGMA cell_size_check = ON") != SC_OK
        || sqlite3_prepare_v2(c->sqlite, sql, -1, &stmt, NULL) != SQLITE_OK)
    {
        return SC_ERROR;
    }

    if (sqlite3_step(stmt) != SQLITE_ROW) {
        (void) sqlite3_finalize(stmt);
        return SC_ERROR;
    }

    h->application = sqlite3_column_int(stmt, 0);
    h->version = sqlite3_column_int(stmt, 1);
    h->tables = sqlite3_column_int(stmt, 2);
    (void) sqlite3_finalize(stmt);

    return SC_OK;
}


/* One that is larger takes too long; what it reads of it is seen then. */

static int
db_schema_whole(db_conn_t *c, const char *path, char *err, size_t errlen)
{
    int            rc;
    const char    *said;
    sqlite3_stmt  *stmt;

    static const char  sql[] =
        "SELECT i.integrity_check FROM pragma_page_count p"
        " CROSS JOIN pragma_page_size s"
        " CROSS JOIN pragma_integrity_check(1) i"
        " WHERE p.page_count * s.page_size <= ?1";

    stmt = NULL;
    said = NULL;
    rc = sqlite3_prepare_v2(c->sqlite, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK) {
        (void) sqlite3_bind_int(stmt, 1, DB_CHECKED);
        rc = sqlite3_step(stmt);
    }

    if (rc == SQLITE_ROW) {
        said = (const char *) sqlite3_column_text(stmt, 0);
        rc = (said != NULL && strcmp(said, "ok") == 0) ? SQLITE_DONE : rc;
    }

    if (rc != SQLITE_DONE) {
        c->corrupt = (rc == SQLITE_ROW || rc == SQLITE_CORRUPT);
        (void) snprintf(err, errlen, "the store \"%s\" is corrupt and left "
                        "as it is: %s", path,
                        said != NULL ? said : sqlite3_errmsg(c->sqlite));
    }

    (void) sqlite3_finalize(stmt);

    return rc == SQLITE_DONE ? SC_OK : SC_ERROR;
}


/* Into our journal mode, and to our version. */

static int
db_schema_bring(db_conn_t *c, int empty, int older)
{
    /* these would write to one that is there, which may be refused yet */
    if (empty && db_conn_exec(c, "PRAGMA page_size = 4096;"
                              "PRAGMA auto_vacuum = INCREMENTAL")
                 != SC_OK)
    {
        return SC_ERROR;
    }

    if (db_schema_journal(c) != SC_OK) {
        return SC_ERROR;
    }

    if (empty) {
        return db_schema_create(c);
    }

    return older ? db_schema_migrate(c) : SC_OK;
}


/* What it answers is the mode it got, which need not be ours. */

static int
db_schema_journal(db_conn_t *c)
{
    int            rc;
    const char    *mode;
    sqlite3_stmt  *stmt;

    if (sqlite3_prepare_v2(c->sqlite, "PRAGMA journal_mode = WAL", -1, &stmt,
                           NULL)
        != SQLITE_OK)
    {
        return SC_ERROR;
    }

    rc = SC_ERROR;

    if (sqlite3_step(stmt) == SQLITE_ROW) {
        mode = (const char *) sqlite3_column_text(stmt, 0);
        rc = (mode != NULL && strcmp(mode, "wal") == 0) ? SC_OK : SC_ERROR;
    }

    (void) sqlite3_finalize(stmt);

    return rc;
}


static int
db_schema_create(db_conn_t *c)
{
    char  ours[64];

    (void) snprintf(ours, sizeof(ours), "PRAGMA application_id = %d",
                    DB_APPLICATION_ID);

    if (db_conn_exec(c, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE")
        != SC_OK
        || db_schema_make(c, 0) != SC_OK
        || db_conn_exec(c, ours) != SC_OK)
    {
        return SC_ERROR;
    }

    return db_conn_exec(c, "COMMIT");
}


/* One that fails is undone as its connection closes. */

static int
db_schema_migrate(db_conn_t *c)
{
    if (db_conn_exec(c, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE")
        != SC_OK
        || db_schema_make(c, 1) != SC_OK
        || db_conn_exec(c, db_owners) != SC_OK)
    {
        return SC_ERROR;
    }

    return db_conn_exec(c, "COMMIT");
}


/* Make all; of a file of the version before, what it has not. */

static int
db_schema_make(db_conn_t *c, int former)
{
    size_t  i;
    char    version[64];

    for (i = 0; i < sizeof(db_schema) / sizeof(db_schema[0]); i++) {
        if (former && !db_schema_is_added(db_schema[i])) {
            continue;
        }

        if (db_conn_exec(c, db_schema[i]) != SC_OK) {
            return SC_ERROR;
        }
    }

    (void) snprintf(version, sizeof(version), "PRAGMA user_version = %d",
                    DB_VERSION);

    return db_conn_exec(c, version);
}


/* By the name, behind "CREATE … TABLE" or "CREATE … INDEX". */

static int
db_schema_is_added(const char *text)
{
    size_t       i, len;
    const char  *name;

    name = strstr(text, "TABLE ");

    if (name == NULL) {
        name = strstr(text, "INDEX ");
    }

    if (name == NULL) {
        return 0;
    }

    name += sizeof("TABLE ") - 1;
    len = strcspn(name, " ");

    for (i = 0; i < sizeof(db_added) / sizeof(db_added[0]); i++) {
        if (strlen(db_added[i]) == len
            && strncmp(db_added[i], name, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
