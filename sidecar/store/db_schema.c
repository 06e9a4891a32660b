
#include <stdio.h>
#include <string.h>

#include "sidecar/store/db_internal.h"


/* What a file says of itself; all 0 in one that is empty. */
typedef struct {
    int  application;
    int  version;
    int  tables;
} db_header_t;


static int db_schema_header(db_conn_t *c, db_header_t *h);
static int db_schema_journal(db_conn_t *c);
static int db_schema_create(db_conn_t *c);
static int db_schema_migrate(db_conn_t *c);


static const char *const  db_schema[] = {
#define SCHEMA(text)  (text),
#include "sidecar/store/schema.def"
#undef SCHEMA
};


/* From the version before to this one. */

static const char  db_migration[] =
    "PRAGMA synchronous = FULL;"
    "BEGIN IMMEDIATE;"
    "ALTER TABLE result ADD COLUMN view TEXT NOT NULL DEFAULT '';"
    "PRAGMA user_version = 3;"
    "COMMIT";


int
db_schema_open(db_conn_t *c, const char *path, char *err, size_t errlen)
{
    int          empty, older;
    db_header_t  h;

    if (db_schema_header(c, &h) != SC_OK) {
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

    if (db_schema_journal(c) != SC_OK
        || (empty && db_schema_create(c) != SC_OK)
        || (older && db_schema_migrate(c) != SC_OK))
    {
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


/* What it answers is the mode it got, which need not be ours. */

static int
db_schema_journal(db_conn_t *c)
{
    int            rc;
    const char    *mode;
    sqlite3_stmt  *stmt;

    if (db_conn_exec(c, "PRAGMA page_size = 4096") != SC_OK
        || sqlite3_prepare_v2(c->sqlite, "PRAGMA journal_mode = WAL", -1,
                              &stmt, NULL)
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
    size_t  i;
    char    ours[80];

    (void) snprintf(ours, sizeof(ours), "PRAGMA application_id = %d;"
                    "PRAGMA user_version = %d", DB_APPLICATION_ID,
                    DB_VERSION);

    if (db_conn_exec(c, "PRAGMA synchronous = FULL; BEGIN IMMEDIATE")
        != SC_OK)
    {
        return SC_ERROR;
    }

    for (i = 0; i < sizeof(db_schema) / sizeof(db_schema[0]); i++) {
        if (db_conn_exec(c, db_schema[i]) != SC_OK) {
            return SC_ERROR;
        }
    }

    if (db_conn_exec(c, ours) != SC_OK) {
        return SC_ERROR;
    }

    return db_conn_exec(c, "COMMIT");
}


/* One that fails is undone as its connection closes. */

static int
db_schema_migrate(db_conn_t *c)
{
    return db_conn_exec(c, db_migration);
}
