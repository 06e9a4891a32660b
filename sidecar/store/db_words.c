
#include "sidecar/store/db_internal.h"


/*
 * FTS5 copies all places of a word at once when it merges segments, and a word
 * that is in every result has many: merge seldom, and never because of their
 * number alone.
 */
static const char  db_words_merges[] =
    "INSERT INTO result_text (result_text, rank)"
    " SELECT column1, column2 FROM (VALUES ('automerge', 64),"
    " ('crisismerge', 512)) WHERE column1 NOT IN"
    " (SELECT k FROM result_text_config)";


int
db_words_open(db_conn_t *c)
{
    return db_conn_exec(c, db_words_merges);
}


store_status_t
db_words_note(db_conn_t *c, int64_t *seq)
{
    int            rc;
    sqlite3_stmt  *stmt = c->stmts[SQL_WORDS_FROM];

    rc = sqlite3_step(stmt);

    if (rc == SQLITE_ROW) {
        *seq = sqlite3_column_int64(stmt, 0);
        rc = SQLITE_OK;
    }

    (void) sqlite3_reset(stmt);

    return db_conn_status(c, rc);
}


store_status_t
db_words_put(db_conn_t *c, int64_t seq)
{
    int              rc;
    store_status_t   status;
    sqlite3_stmt    *stmt = c->stmts[SQL_WORDS_PUT];

    rc = sqlite3_bind_int64(stmt, 1, seq);

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }

    status = db_conn_status(c, rc);
    (void) sqlite3_reset(stmt);

    /* nothing is there that could be in the way of another */
    return status == STORE_CONFLICT ? STORE_FAILED : status;
}
