
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/torture/promised.h"


/* so many are told */
#define PROMISED_TOLD    5


/* What a file says of a number; all 0 when it is not there. */
typedef struct {
    unsigned  there:1;
    unsigned  state:4;
    unsigned  results:4;
    unsigned  rows:4;
    unsigned  messages:4;
} promised_found_t;


/* What is read of a file. */
typedef struct {
    sqlite3           *db;
    promised_found_t  *jobs;
    size_t             n;
    unsigned           docs[PROMISED_DOCS];
    size_t             missing;
} promised_file_t;


/* A row of values. */
typedef void (*promised_row_pt)(promised_file_t *f, sqlite3_stmt *stmt);


static void promised_query(promised_file_t *f, const char *sql,
    promised_row_pt row);
static void promised_row_job(promised_file_t *f, sqlite3_stmt *stmt);
static void promised_row_result(promised_file_t *f, sqlite3_stmt *stmt);
static void promised_row_row(promised_file_t *f, sqlite3_stmt *stmt);
static void promised_row_message(promised_file_t *f, sqlite3_stmt *stmt);
static void promised_row_doc(promised_file_t *f, sqlite3_stmt *stmt);
static promised_found_t *promised_found(promised_file_t *f,
    sqlite3_stmt *stmt);
static void promised_compare(const promised_t *p, promised_file_t *f,
    size_t n, size_t count);
static void promised_tell(promised_file_t *f, const char *what, size_t n);


size_t
promised_missing(const promised_t *p, const char *path, size_t count)
{
    size_t           i;
    promised_file_t  f;

    memset(&f, 0, sizeof(promised_file_t));
    f.n = (size_t) p->units * 8;
    f.jobs = calloc(f.n, sizeof(promised_found_t));
    ck_assert_ptr_nonnull(f.jobs);
    ck_assert_int_eq(sqlite3_open_v2(path, &f.db, SQLITE_OPEN_READONLY, NULL),
                     SQLITE_OK);

    promised_query(&f, "SELECT id, state FROM job", promised_row_job);
    promised_query(&f, "SELECT id FROM result", promised_row_result);
    promised_query(&f, "SELECT id FROM job_message", promised_row_message);
    promised_query(&f, "SELECT name, body FROM document WHERE kind = 'host'",
                   promised_row_doc);
    promised_query(&f, "SELECT _result FROM \"pages@acme\"", promised_row_row);

    for (i = 0; i < f.n; i++) {
        promised_compare(p, &f, i, count);
    }

    for (i = 1; i <= p->nversions; i++) {
        if (p->docs[i].put <= count && f.docs[p->docs[i].doc] < i) {
            promised_tell(&f, "a document's version", i);
        }
    }

    (void) sqlite3_close(f.db);
    free(f.jobs);

    return f.missing;
}


/* A table of users that was never made has no rows. */

static void
promised_query(promised_file_t *f, const char *sql, promised_row_pt row)
{
    sqlite3_stmt  *stmt;

    if (sqlite3_prepare_v2(f->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        ck_assert_msg(strstr(sql, "pages@acme") != NULL, "%s: %s", sql,
                      sqlite3_errmsg(f->db));
        return;
    }

    while (sqlite3_step(stmt) == SQLITE_ROW) {
        row(f, stmt);
    }

    ck_assert_int_eq(sqlite3_finalize(stmt), SQLITE_OK);
}


static void
promised_row_job(promised_file_t *f, sqlite3_stmt *stmt)
{
    promised_found_t  *found = promised_found(f, stmt);

    found->there = 1;
    found->state = (unsigned) sqlite3_column_int(stmt, 1) & 15;
}


static void
promised_row_result(promised_file_t *f, sqlite3_stmt *stmt)
{
    promised_found(f, stmt)->results++;
}


static void
promised_row_row(promised_file_t *f, sqlite3_stmt *stmt)
{
    promised_found(f, stmt)->rows++;
}


static void
promised_row_message(promised_file_t *f, sqlite3_stmt *stmt)
{
    promised_found(f, stmt)->messages++;
}


static void
promised_row_doc(promised_file_t *f, sqlite3_stmt *stmt)
{
    f->docs[sqlite3_column_int(stmt, 0) % PROMISED_DOCS]
        = (unsigned) sqlite3_column_int(stmt, 1);
}


static promised_found_t *
promised_found(promised_file_t *f, sqlite3_stmt *stmt)
{
    unsigned     n;
    const char  *id;

    id = (const char *) sqlite3_column_text(stmt, 0);
    ck_assert_ptr_nonnull(id);
    n = storing_number(id);
    ck_assert_uint_lt(n, f->n);

    return &f->jobs[n];
}


/* Of what expired only the row is left, and the rows of tables. */

static void
promised_compare(const promised_t *p, promised_file_t *f, size_t n,
    size_t count)
{
    int                      page, many;
    promised_found_t        *found = &f->jobs[n];
    const promised_job_t    *job = &p->jobs[n];

    many = (n / 8 % PROMISED_EVERY == PROMISED_EVERY - 1);
    page = (n % 8 != 0);

    if (job->put <= count && !found->there) {
        promised_tell(f, "a job", n);
    }

    if (job->ended > count) {
        return;
    }

    if (found->state != STORE_COMPLETED && found->state != STORE_EXPIRED) {
        promised_tell(f, "an end", n);
        return;
    }

    if (found->state == STORE_COMPLETED && found->messages == 0) {
        promised_tell(f, "a message", n);
    }

    if (many && !page) {
        return;
    }

    if (found->state == STORE_COMPLETED && found->results != 1) {
        promised_tell(f, "a result", n);
    }

    if (found->rows != 1) {
        promised_tell(f, "a row of a table", n);
    }
}


static void
promised_tell(promised_file_t *f, const char *what, size_t n)
{
    if (f->missing++ < PROMISED_TOLD) {
        (void) fprintf(stderr, "%s is missing: %zu\n", what, n);
    }
}
