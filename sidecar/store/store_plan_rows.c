
#include "sidecar/store/store_plan.h"


/* parameters of RESULT_PUT, whose values these statements are given */
#define STORE_P_ID        "?2"
#define STORE_P_TENANT    "?4"
#define STORE_P_URL       "?5"
#define STORE_P_DATA      "?8"
#define STORE_P_AT        "?14"


static void store_plan_conflict(store_writing_t *w);
static void store_plan_rows(store_writing_t *w);
static void store_plan_source(store_writing_t *w);
static void store_plan_chosen(store_writing_t *w);
static void store_plan_value(store_writing_t *w, const store_column_t *c);
static void store_plan_odd(store_writing_t *w, const store_column_t *c);
static int store_plan_is_plain(const char *name);
static void store_plan_columns(store_writing_t *w, const char *before);
static void store_plan_vectors(store_writing_t *w, const char *other);


void
store_plan_keyless(store_writing_t *w)
{
    size_t                i;
    const char           *or;
    const store_table_t  *t = w->table;

    store_plan_say(w, "WITH r (n, j) AS MATERIALIZED (");
    store_plan_source(w);
    store_plan_say(w, ") SELECT count(*) FROM r WHERE ");
    or = "";

    for (i = 0; i < t->ncolumns; i++) {
        if (t->columns[i].key) {
            store_plan_say(w, or);
            store_plan_value(w, &t->columns[i]);
            store_plan_say(w, " IS NULL");
            or = " OR ";
        }
    }

    store_plan_step(w, DB_FOUND, 0);
}


/* Rows as they were, of those that will change. */

void
store_plan_history(store_writing_t *w)
{
    size_t                i;
    const store_table_t  *t = w->table;

    store_plan_rows(w);
    store_plan_say(w, "INSERT INTO ");
    store_plan_name(w, STORE_NAME_HISTORY);
    store_plan_say(w, " (_seq, _tenant, _url, _result, _at, _changed, _until");
    store_plan_columns(w, "");
    store_plan_say(w, ") SELECT t._seq, t._tenant, t._url, t._result, t._at,"
                   " t._changed, " STORE_P_AT);
    store_plan_columns(w, "t.");
    store_plan_say(w, " FROM v CROSS JOIN ");
    store_plan_name(w, STORE_NAME_TABLE);
    store_plan_say(w, " AS t");
    store_plan_chosen(w);
    store_plan_say(w, " AND t._tenant = " STORE_P_TENANT " AND t._key = '");
    store_plan_say(w, w->hash);
    store_plan_say(w, "'");

    for (i = 0; i < t->ncolumns; i++) {
        if (t->columns[i].key) {
            store_plan_say(w, " AND t.");
            store_plan_quote(w, '"', t->columns[i].name);
            store_plan_say(w, " = v.c");
            store_plan_number(w, i);
        }
    }

    store_plan_say(w, " AND ");
    store_plan_vectors(w, "v.");
    store_plan_step(w, DB_NO_COUNT, 0);
}


void
store_plan_put(store_writing_t *w)
{
    size_t  i;

    store_plan_rows(w);
    store_plan_say(w, "INSERT INTO ");
    store_plan_name(w, STORE_NAME_TABLE);
    store_plan_say(w, " AS t (_tenant, _url, _result, _at, _changed, _key");
    store_plan_columns(w, "");
    store_plan_say(w, ") SELECT " STORE_P_TENANT ", " STORE_P_URL ", "
                   STORE_P_ID ", " STORE_P_AT ", " STORE_P_AT);

    if (w->each) {
        store_plan_say(w, ", '");
        store_plan_say(w, w->hash);
        store_plan_say(w, "'");

    } else {
        store_plan_say(w, ", NULL");
    }

    for (i = 0; i < w->table->ncolumns; i++) {
        store_plan_say(w, ", c");
        store_plan_number(w, i);
    }

    store_plan_say(w, " FROM v");
    store_plan_chosen(w);
    store_plan_say(w, " ORDER BY n");

    if (w->each) {
        store_plan_conflict(w);
    }

    store_plan_step(w, DB_CHANGED, 0);
}


static void
store_plan_conflict(store_writing_t *w)
{
    size_t                i;
    const store_table_t  *t = w->table;

    store_plan_say(w, " ON CONFLICT");
    store_plan_key(w);

    if (t->mode == STORE_IGNORE) {
        store_plan_say(w, " DO NOTHING");
        return;
    }

    store_plan_say(w, " DO UPDATE SET _url = excluded._url,"
                   " _result = excluded._result, _at = excluded._at");

    if (w->others == 0) {
        return;
    }

    store_plan_say(w, ", _changed = CASE WHEN ");
    store_plan_vectors(w, "excluded.");
    store_plan_say(w, " THEN excluded._at ELSE t._changed END");

    for (i = 0; i < t->ncolumns; i++) {
        if (!t->columns[i].key) {
            store_plan_say(w, ", ");
            store_plan_quote(w, '"', t->columns[i].name);
            store_plan_say(w, " = excluded.");
            store_plan_quote(w, '"', t->columns[i].name);
        }
    }
}


/*
 * What the data say, as v: n is the number of a row, c0 and so on are its
 * columns, last is 1 in the last row of its key.
 */

static void
store_plan_rows(store_writing_t *w)
{
    size_t                i;
    const char           *comma;
    const store_table_t  *t = w->table;

    store_plan_say(w, "WITH r (n, j) AS MATERIALIZED (");
    store_plan_source(w);
    store_plan_say(w, "), u (n");

    for (i = 0; i < t->ncolumns; i++) {
        store_plan_say(w, ", c");
        store_plan_number(w, i);
    }

    store_plan_say(w, ") AS MATERIALIZED (SELECT n");

    for (i = 0; i < t->ncolumns; i++) {
        store_plan_say(w, ", ");
        store_plan_value(w, &t->columns[i]);
    }

    store_plan_say(w, " FROM r), v AS (SELECT *, ");

    if (!w->each || t->mode != STORE_UPSERT || t->rows == NULL) {
        store_plan_say(w, "1 AS last FROM u) ");
        return;
    }

    store_plan_say(w, "row_number() OVER (PARTITION BY ");
    comma = "c";

    for (i = 0; i < t->ncolumns; i++) {
        if (t->columns[i].key) {
            store_plan_say(w, comma);
            store_plan_number(w, i);
            comma = ", c";
        }
    }

    store_plan_say(w, " ORDER BY n DESC) AS last FROM u) ");
}


/* Rows of the data and their numbers; what is not of that shape has none. */

static void
store_plan_source(store_writing_t *w)
{
    const store_table_t  *t = w->table;

    if (t->set == NULL && t->rows == NULL) {
        store_plan_say(w, "SELECT 0, " STORE_P_DATA
                       " WHERE json_type(" STORE_P_DATA ") = 'object'");
        return;
    }

    if (t->rows == NULL) {
        store_plan_say(w, "SELECT 0, s.value FROM json_each(" STORE_P_DATA
                       ") AS s WHERE s.type = 'object' AND s.key = ");
        store_plan_quote(w, '\'', t->set);
        return;
    }

    store_plan_say(w, "SELECT i.key, i.value FROM json_each(" STORE_P_DATA
                   ") AS ");

    if (t->set != NULL) {
        store_plan_say(w, "s CROSS JOIN json_each(CASE s.type WHEN 'object'"
                       " THEN s.value ELSE '{}' END) AS ");
    }

    store_plan_say(w, "m CROSS JOIN json_each(CASE m.type WHEN 'array'"
                   " THEN m.value ELSE '[]' END) AS i"
                   " WHERE i.type = 'object' AND m.key = ");
    store_plan_quote(w, '\'', t->rows);

    if (t->set != NULL) {
        store_plan_say(w, " AND s.key = ");
        store_plan_quote(w, '\'', t->set);
    }
}


/* The rows of v that are written. */

static void
store_plan_chosen(store_writing_t *w)
{
    size_t  i;

    store_plan_say(w, " WHERE v.last = 1");

    for (i = 0; w->each && i < w->table->ncolumns; i++) {
        if (w->table->columns[i].key) {
            store_plan_say(w, " AND v.c");
            store_plan_number(w, i);
            store_plan_say(w, " IS NOT NULL");
        }
    }
}


/* A member of the row j; a JSON null is none. */

static void
store_plan_value(store_writing_t *w, const store_column_t *c)
{
    sc_buf_t  path;

    if (!store_plan_is_plain(c->name)) {
        store_plan_odd(w, c);
        return;
    }

    sc_buf_init(&path, STORE_PLAN_TEXT);
    (void) sc_buf_printf(&path, "$.\"%s\"", c->name);

    if (path.failed) {
        w->text.failed = 1;
        sc_buf_free(&path);
        return;
    }

    if (c->type == STORE_JSON) {
        store_plan_say(w, "nullif(j -> ");
        store_plan_quote(w, '\'', path.data);
        store_plan_say(w, ", 'null')");

    } else {
        store_plan_say(w, "json_extract(j, ");
        store_plan_quote(w, '\'', path.data);
        store_plan_say(w, ")");
    }

    sc_buf_free(&path);
}


/*
 * A label of a JSON path cannot hold a quote, nor, in some versions of SQLite,
 * what JSON escapes: such names are compared with the members'.
 */

static void
store_plan_odd(store_writing_t *w, const store_column_t *c)
{
    store_plan_say(w, "(SELECT ");

    if (c->type == STORE_JSON) {
        store_plan_say(w, "CASE WHEN m.type = 'null' THEN NULL"
                       " WHEN m.type IN ('true', 'false') THEN m.type"
                       " WHEN m.type IN ('array', 'object') THEN m.value"
                       " ELSE json_quote(m.value) END");
    } else {
        store_plan_say(w, "m.value");
    }

    store_plan_say(w, " FROM json_each(r.j) AS m WHERE m.key = ");
    store_plan_quote(w, '\'', c->name);
    store_plan_say(w, " LIMIT 1)");
}


static int
store_plan_is_plain(const char *name)
{
    const char  *p;

    for (p = name; *p != '\0'; p++) {
        if ((unsigned char) *p < 0x20 || *p == '"' || *p == '\\') {
            return 0;
        }
    }

    return name[0] != '\0';
}


static void
store_plan_columns(store_writing_t *w, const char *before)
{
    size_t  i;

    for (i = 0; i < w->table->ncolumns; i++) {
        store_plan_say(w, ", ");
        store_plan_say(w, before);
        store_plan_quote(w, '"', w->table->columns[i].name);
    }
}


/* Whether a column that is not of the key differs. */

static void
store_plan_vectors(store_writing_t *w, const char *other)
{
    int                   theirs;
    size_t                i;
    const char           *comma;
    const store_table_t  *t = w->table;

    for (theirs = 0; theirs < 2; theirs++) {
        store_plan_say(w, theirs ? " IS NOT (" : "(");
        comma = "";

        for (i = 0; i < t->ncolumns; i++) {
            if (t->columns[i].key) {
                continue;
            }

            store_plan_say(w, comma);
            store_plan_say(w, theirs ? other : "t.");
            comma = ", ";

            if (theirs && other[0] == 'v') {
                store_plan_say(w, "c");
                store_plan_number(w, i);

            } else {
                store_plan_quote(w, '"', t->columns[i].name);
            }
        }

        store_plan_say(w, ")");
    }
}
