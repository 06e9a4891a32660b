
#include <stdio.h>
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/store/store_internal.h"


#define STORE_BUSY_MS       5000
#define STORE_MAX_LENGTH    (32 * 1024 * 1024)


static int store_db_exec(store_db_t *db, const char *sql, char *err,
    size_t errlen);
static int store_db_number(store_db_t *db, const char *sql, int64_t *n,
    char *err, size_t errlen);
static int store_db_create(store_db_t *db, char *err, size_t errlen);


static const char *const  store_sql[] = {
#define STATEMENT(name, text)  [SQL_##name] = (text),
#include "sidecar/store/sql.def"
#undef STATEMENT
};


static const char  store_pragmas[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA trusted_schema = OFF;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA mmap_size = 0;"
    "PRAGMA wal_autocheckpoint = 4000;"
    "PRAGMA journal_size_limit = 67108864;";


/*
 * shard stands in every key, so that rows can be dealt out to several files
 * or servers one day.
 */
static const char  store_schema[] =
    "PRAGMA page_size = 4096;"
    "CREATE TABLE ruleset ("
    "  hash TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE job ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT, shard INTEGER NOT NULL,"
    "  id TEXT NOT NULL, tenant TEXT NOT NULL, kind TEXT NOT NULL,"
    "  state INTEGER NOT NULL, url TEXT NOT NULL, spec TEXT NOT NULL,"
    "  ruleset TEXT NOT NULL, echo TEXT NOT NULL, error TEXT NOT NULL,"
    "  created INTEGER NOT NULL, started INTEGER NOT NULL,"
    "  finished INTEGER NOT NULL, attempts INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX job_id ON job (shard, id);"
    "CREATE INDEX job_unended ON job (seq) WHERE state < 2;"
    "CREATE TABLE result ("
    "  seq INTEGER PRIMARY KEY AUTOINCREMENT, shard INTEGER NOT NULL,"
    "  id TEXT NOT NULL, job TEXT NOT NULL, tenant TEXT NOT NULL,"
    "  url TEXT NOT NULL, state INTEGER NOT NULL, fetch TEXT NOT NULL,"
    "  data TEXT NOT NULL, missing TEXT NOT NULL, warnings TEXT NOT NULL,"
    "  error TEXT NOT NULL, etag TEXT NOT NULL, at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX result_id ON result (shard, id);"
    "CREATE INDEX result_job ON result (shard, job, seq);"
    "CREATE INDEX result_url ON result (tenant, url, seq) WHERE state = 2;";


int
store_db_open(store_db_t *db, const char *path, int flags, char *err,
    size_t errlen)
{
    int  rc;

    rc = sqlite3_open_v2(path, &db->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc != SQLITE_OK) {
        (void) snprintf(err, errlen, "could not open the store \"%s\": %s",
                        path, db->db != NULL ? sqlite3_errmsg(db->db)
                                             : sqlite3_errstr(rc));
        return SC_ERROR;
    }

    (void) sqlite3_busy_timeout(db->db, STORE_BUSY_MS);
    (void) sqlite3_limit(db->db, SQLITE_LIMIT_LENGTH, STORE_MAX_LENGTH);
    (void) sqlite3_db_config(db->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);

    return SC_OK;
}


void
store_db_close(store_db_t *db)
{
    int  i;

    for (i = 0; i < SQL_N; i++) {
        (void) sqlite3_finalize(db->sql[i]);
        db->sql[i] = NULL;
    }

    (void) sqlite3_close(db->db);
    db->db = NULL;
}


/* See that the file is ours and of our version; make the schema if empty. */
int
store_db_schema(store_db_t *db, const char *path, char *err, size_t errlen)
{
    int64_t  application, version, tables;
    char     why[256];

    if (store_db_number(db, "PRAGMA application_id", &application, why,
                        sizeof(why)) != SC_OK
        || store_db_number(db, "PRAGMA user_version", &version, why,
                           sizeof(why)) != SC_OK
        || store_db_number(db, "SELECT count(*) FROM sqlite_master", &tables,
                           why, sizeof(why)) != SC_OK)
    {
        (void) snprintf(err, errlen, "the store \"%s\" is refused and left "
                        "as it is: %s", path, why);
        return SC_ERROR;
    }

    if (tables > 0 && (application != STORE_APPLICATION_ID
                       || version != STORE_VERSION))
    {
        (void) snprintf(err, errlen, "the store \"%s\" is refused and left "
                        "as it is: it is not ours, or its version \"%lld\" "
                        "is not %d", path, (long long) version,
                        STORE_VERSION);
        return SC_ERROR;
    }

    if (tables == 0 && store_db_create(db, why, sizeof(why)) != SC_OK) {
        (void) snprintf(err, errlen, "could not make the store \"%s\": %s",
                        path, why);
        return SC_ERROR;
    }

    if (store_db_exec(db, store_pragmas, why, sizeof(why)) != SC_OK) {
        (void) snprintf(err, errlen, "could not set up the store \"%s\": %s",
                        path, why);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
store_db_create(store_db_t *db, char *err, size_t errlen)
{
    char  sql[sizeof(store_schema) + 256];

    (void) snprintf(sql, sizeof(sql),
                    "BEGIN IMMEDIATE; %s PRAGMA application_id = %d;"
                    "PRAGMA user_version = %d; COMMIT;", store_schema,
                    STORE_APPLICATION_ID, STORE_VERSION);

    return store_db_exec(db, sql, err, errlen);
}


static int
store_db_exec(store_db_t *db, const char *sql, char *err, size_t errlen)
{
    if (sqlite3_exec(db->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        (void) snprintf(err, errlen, "%s", sqlite3_errmsg(db->db));
        return SC_ERROR;
    }

    return SC_OK;
}


static int
store_db_number(store_db_t *db, const char *sql, int64_t *n, char *err,
    size_t errlen)
{
    int            rc;
    sqlite3_stmt  *stmt;

    rc = sqlite3_prepare_v2(db->db, sql, -1, &stmt, NULL);

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }

    if (rc != SQLITE_ROW) {
        (void) snprintf(err, errlen, "%s", sqlite3_errmsg(db->db));
        (void) sqlite3_finalize(stmt);
        return SC_ERROR;
    }

    *n = sqlite3_column_int64(stmt, 0);
    (void) sqlite3_finalize(stmt);

    return SC_OK;
}


int
store_db_prepare(store_db_t *db, char *err, size_t errlen)
{
    int  i, rc;

    for (i = 0; i < SQL_N; i++) {
        rc = sqlite3_prepare_v3(db->db, store_sql[i], -1,
                                SQLITE_PREPARE_PERSISTENT, &db->sql[i], NULL);

        if (rc != SQLITE_OK) {
            (void) snprintf(err, errlen, "could not prepare \"%.80s\": %s",
                            store_sql[i], sqlite3_errmsg(db->db));
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* Views are bound as they are: they outlive the statement's run. */
void
store_db_bind_str(store_db_t *db, store_sql_t sql, int i, sc_str_t s)
{
    (void) sqlite3_bind_text64(db->sql[sql], i, s.len > 0 ? s.data : "",
                               s.len, SQLITE_STATIC, SQLITE_UTF8);
}


void
store_db_bind_int(store_db_t *db, store_sql_t sql, int i, int64_t n)
{
    (void) sqlite3_bind_int64(db->sql[sql], i, n);
}


/* The first two parameters of many statements: shard and id. */
void
store_db_bind_id(store_db_t *db, store_sql_t sql, const char *id)
{
    store_db_bind_int(db, sql, 1, store_shard(id));
    (void) sqlite3_bind_text(db->sql[sql], 2, id, -1, SQLITE_STATIC);
}


/* Run a statement that gives no row; SQLITE_DONE when all went well. */
int
store_db_run(store_db_t *db, store_sql_t sql)
{
    int  rc;

    rc = sqlite3_step(db->sql[sql]);
    store_db_reset(db, sql);

    return rc;
}


void
store_db_reset(store_db_t *db, store_sql_t sql)
{
    (void) sqlite3_reset(db->sql[sql]);
}


/* An error in our words; what nobody can answer for is logged. */
store_status_t
store_db_status(store_db_t *db, int rc)
{
    switch (rc & 0xff) {

    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return STORE_OK;

    case SQLITE_CONSTRAINT:
        return STORE_CONFLICT;

    case SQLITE_FULL:
        log_error("the disk of the store is full");
        return STORE_FULL;

    default:
        log_error("the store failed: %s", sqlite3_errmsg(db->db));
        return STORE_FAILED;
    }
}


/* The number in an id's first three digits. */
int
store_shard(const char *id)
{
    int          i, shard;
    const char  *p;

    static const char  hex[] = "0123456789abcdef";

    shard = 0;

    for (i = 0; i < 3 && id[i] != '\0'; i++) {
        p = strchr(hex, id[i]);
        shard = shard * 16 + (p != NULL ? (int) (p - hex) : 0);
    }

    return shard;
}
