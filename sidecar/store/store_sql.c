
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_sql.h"


#define STORE_SQL_BUSY      5000        /* ms */
#define STORE_SQL_LENGTH    134217728   /* bytes of a value or row, 128 MiB */


/* A handle; a layer of its own so that SQL stays below this header. */
struct store_sql_s {
    sqlite3  *sqlite;
};


/*
 * A question under way.
 *
 * names, values   n of each, one allocation
 */
typedef struct {
    sqlite3_stmt       *stmt;
    size_t              n;
    const char        **names;
    store_sql_value_t  *values;
} store_sql_ask_t;


static int store_sql_guard(sqlite3 *sqlite);
static int store_sql_prepare(store_sql_t *s, const char *sql,
    store_sql_ask_t *ask, char *err, size_t errlen);
static int store_sql_rest(sqlite3 *sqlite, const char *rest);
static int store_sql_room(store_sql_ask_t *ask);
static int store_sql_rows(store_sql_ask_t *ask, store_sql_row_pt row,
    void *data);
static void store_sql_value(sqlite3_stmt *stmt, int i,
    store_sql_value_t *value);


store_sql_t *
store_sql_open(const char *path, char *err, size_t errlen)
{
    int           rc;
    store_sql_t  *s;

    s = calloc(1, sizeof(store_sql_t));
    if (s == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    rc = sqlite3_open_v2(path, &s->sqlite,
                         SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        rc = store_sql_guard(s->sqlite);
    }

    if (rc != SQLITE_OK) {
        (void) snprintf(err, errlen, "could not open \"%s\": %s", path,
                        s->sqlite != NULL ? sqlite3_errmsg(s->sqlite)
                                          : sqlite3_errstr(rc));
        store_sql_close(s);
        return NULL;
    }

    return s;
}


/* ATTACH would make files, even of a connection that only reads. */
static int
store_sql_guard(sqlite3 *sqlite)
{
    (void) sqlite3_busy_timeout(sqlite, STORE_SQL_BUSY);
    (void) sqlite3_limit(sqlite, SQLITE_LIMIT_LENGTH, STORE_SQL_LENGTH);
    (void) sqlite3_limit(sqlite, SQLITE_LIMIT_ATTACHED, 0);
    (void) sqlite3_db_config(sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void) sqlite3_db_config(sqlite, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void) sqlite3_db_config(sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0,
                             NULL);

    return sqlite3_exec(sqlite, "PRAGMA query_only = 1", NULL, NULL, NULL);
}


int
store_sql_run(store_sql_t *s, const char *sql, store_sql_row_pt row,
    void *data, char *err, size_t errlen)
{
    int              rc;
    store_sql_ask_t  ask;

    memset(&ask, 0, sizeof(store_sql_ask_t));

    /* tables that are made meanwhile are not seen */
    (void) sqlite3_exec(s->sqlite, "BEGIN", NULL, NULL, NULL);
    rc = store_sql_prepare(s, sql, &ask, err, errlen);

    if (rc == SC_OK) {
        rc = store_sql_rows(&ask, row, data);

        if (rc == SC_ERROR) {
            (void) snprintf(err, errlen, "%s", sqlite3_errmsg(s->sqlite));
        }
    }

    free(ask.names);
    free(ask.values);
    (void) sqlite3_finalize(ask.stmt);
    (void) sqlite3_exec(s->sqlite, "ROLLBACK", NULL, NULL, NULL);

    return rc;
}


static int
store_sql_prepare(store_sql_t *s, const char *sql, store_sql_ask_t *ask,
    char *err, size_t errlen)
{
    int          rc;
    const char  *rest;

    rc = sqlite3_prepare_v2(s->sqlite, sql, -1, &ask->stmt, &rest);

    if (rc != SQLITE_OK) {
        (void) snprintf(err, errlen, "%s", sqlite3_errmsg(s->sqlite));
        return SC_ERROR;
    }

    if (ask->stmt == NULL) {
        (void) snprintf(err, errlen, "there is no statement");
        return SC_ERROR;
    }

    if (!sqlite3_stmt_readonly(ask->stmt)) {
        (void) snprintf(err, errlen, "the store is only read here");
        return SC_ERROR;
    }

    if (store_sql_rest(s->sqlite, rest) != SC_OK) {
        (void) snprintf(err, errlen, "there is more than one statement");
        return SC_ERROR;
    }

    if (store_sql_room(ask) != SC_OK) {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


/* Blanks, ";" and comments are no statement. */
static int
store_sql_rest(sqlite3 *sqlite, const char *rest)
{
    int            rc;
    sqlite3_stmt  *stmt;

    while (*rest != '\0') {
        rc = sqlite3_prepare_v2(sqlite, rest, -1, &stmt, &rest);

        if (rc != SQLITE_OK || stmt != NULL) {
            (void) sqlite3_finalize(stmt);
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
store_sql_room(store_sql_ask_t *ask)
{
    size_t  i;

    ask->n = (size_t) sqlite3_column_count(ask->stmt);
    ask->names = calloc(ask->n + 1, sizeof(char *));
    ask->values = calloc(ask->n + 1, sizeof(store_sql_value_t));

    if (ask->names == NULL || ask->values == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < ask->n; i++) {
        ask->names[i] = sqlite3_column_name(ask->stmt, (int) i);

        if (ask->names[i] == NULL) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
store_sql_rows(store_sql_ask_t *ask, store_sql_row_pt row, void *data)
{
    int  i, rc;

    if (ask->n != 0 && row(data, ask->n, ask->names, NULL) != SC_OK) {
        return SC_DECLINED;
    }

    for ( ;; ) {
        rc = sqlite3_step(ask->stmt);

        if (rc == SQLITE_DONE) {
            return SC_OK;
        }

        if (rc != SQLITE_ROW) {
            return SC_ERROR;
        }

        for (i = 0; i < (int) ask->n; i++) {
            store_sql_value(ask->stmt, i, &ask->values[i]);
        }

        if (row(data, ask->n, ask->names, ask->values) != SC_OK) {
            return SC_DECLINED;
        }
    }
}


static void
store_sql_value(sqlite3_stmt *stmt, int i, store_sql_value_t *value)
{
    memset(value, 0, sizeof(store_sql_value_t));

    switch (sqlite3_column_type(stmt, i)) {

    case SQLITE_INTEGER:
        value->type = STORE_SQL_INTEGER;
        value->integer = sqlite3_column_int64(stmt, i);
        break;

    case SQLITE_FLOAT:
        value->type = STORE_SQL_REAL;
        value->real = sqlite3_column_double(stmt, i);
        break;

    case SQLITE_TEXT:
        value->type = STORE_SQL_TEXT;
        break;

    case SQLITE_BLOB:
        value->type = STORE_SQL_BLOB;
        value->text.data = sqlite3_column_blob(stmt, i);
        value->text.len = (size_t) sqlite3_column_bytes(stmt, i);
        return;

    default:
        value->type = STORE_SQL_NULL;
        return;
    }

    value->text.data = (const char *) sqlite3_column_text(stmt, i);
    value->text.len = (size_t) sqlite3_column_bytes(stmt, i);

    if (value->text.data == NULL) {
        value->text.len = 0;
    }
}


void
store_sql_close(store_sql_t *s)
{
    if (s != NULL) {
        (void) sqlite3_close(s->sqlite);
        free(s);
    }
}
