
/*
 * Questions in SQL to a store's file, asked from another process than the
 * gateway's: read-only, of a file that may not be trusted.  The gateway goes
 * on meanwhile; a question sees the file as it was when it began.
 */

#ifndef STORE_SQL_H
#define STORE_SQL_H


#include "common/sc_core.h"


typedef struct store_sql_s  store_sql_t;


typedef enum {
    STORE_SQL_NULL = 0,
    STORE_SQL_INTEGER,
    STORE_SQL_REAL,
    STORE_SQL_TEXT,
    STORE_SQL_BLOB
} store_sql_type_t;


/*
 * A value, valid until the callback returns.
 *
 * text     of any type as text; NUL-terminated, may have NULs in it; bytes of
 *          a blob
 * integer  of STORE_SQL_INTEGER
 * real     of STORE_SQL_REAL
 */
typedef struct {
    store_sql_type_t   type;
    sc_str_t           text;
    int64_t            integer;
    double             real;
} store_sql_value_t;


/*
 * A row of n columns, whose names are in names.  The first call has values
 * NULL and is before any row; there is none when the statement has no
 * columns.  Anything but SC_OK ends the question.
 */
typedef int (*store_sql_row_pt)(void *data, size_t n,
    const char *const *names, const store_sql_value_t *values);


/*
 * Open a file, which must be there, so that nothing can be written, attached
 * or loaded.  It waits up to 5 seconds where the file is locked.  NULL with a
 * sentence in err.
 */
store_sql_t *store_sql_open(const char *path, char *err, size_t errlen);

/*
 * Ask one statement; blanks and ";" may follow it.  SC_OK, SC_DECLINED when
 * row wanted no more, or SC_ERROR with a sentence in err.
 */
int store_sql_run(store_sql_t *s, const char *sql, store_sql_row_pt row,
    void *data, char *err, size_t errlen);

/* NULL is allowed. */
void store_sql_close(store_sql_t *s);


#endif /* STORE_SQL_H */
