
#include "sidecar/store/store_plan.h"


#define STORE_PLAN_STR(n)     #n
#define STORE_PLAN_AT_MOST(n) "at most " STORE_PLAN_STR(n)


static void store_plan_tables(store_writing_t *w);
static void store_plan_is_there(store_writing_t *w, store_name_t name);
static void store_plan_count(store_writing_t *w);
static void store_plan_room(store_writing_t *w, store_name_t name);
static void store_plan_wanted(store_writing_t *w, store_name_t name);
static void store_plan_keys(store_writing_t *w);
static void store_plan_declare(store_writing_t *w, store_name_t name);
static void store_plan_missing(store_writing_t *w, store_name_t name);
static void store_plan_index(store_writing_t *w);


static const char *const  store_plan_types[] = {
    [STORE_TEXT] = "TEXT",
    [STORE_INTEGER] = "INTEGER",
    [STORE_REAL] = "REAL",
    [STORE_BOOLEAN] = "BOOLEAN",
    [STORE_JSON] = "TEXT"
};


/*
 * Bounds come first: nothing is made where one is met.  Each change of the
 * schema is read again by every connection, all of it.
 */

void
store_plan_make(store_writing_t *w)
{
    store_name_t  i;

    store_plan_tables(w);

    for (i = STORE_NAME_TABLE; i <= w->last; i++) {
        store_plan_room(w, i);
    }

    if (w->each) {
        store_plan_keys(w);
    }

    for (i = STORE_NAME_TABLE; i <= w->last; i++) {
        store_plan_declare(w, i);
        store_plan_missing(w, i);
    }

    if (w->each) {
        store_plan_index(w);
    }
}


/* Whether there may be more tables, if any is missing. */

static void
store_plan_tables(store_writing_t *w)
{
    store_plan_say(w, "SELECT 1 WHERE ");
    store_plan_is_there(w, STORE_NAME_TABLE);

    if (w->last == STORE_NAME_HISTORY) {
        store_plan_say(w, " AND ");
        store_plan_is_there(w, STORE_NAME_HISTORY);
    }

    store_plan_step(w, DB_NO_COUNT, 2);

    store_plan_count(w);
    store_plan_say(w, ") > ");
    store_plan_number(w, STORE_TABLES_MAX);
    store_plan_bound(w, "all tenants have "
                     STORE_PLAN_AT_MOST(STORE_TABLES_MAX) " tables");

    store_plan_count(w);

    if (w->tenant.len != 0) {
        store_plan_say(w, " AND substr(name, instr(name, '@') + 1) = ");
        store_plan_quote(w, '\'', w->mark.data);
        store_plan_say(w, " AND instr(name, '@') > 0) > ");
        store_plan_number(w, STORE_TENANT_TABLES);

    } else {
        store_plan_say(w, " AND instr(name, '@') = 0"
                       " AND name NOT GLOB 'sqlite_*') > ");
        store_plan_number(w, STORE_TENANT_TABLES + store_table_own());
    }

    store_plan_bound(w, "a tenant has "
                     STORE_PLAN_AT_MOST(STORE_TENANT_TABLES) " tables");
}


static void
store_plan_is_there(store_writing_t *w, store_name_t name)
{
    store_plan_say(w, "EXISTS (SELECT 1 FROM pragma_table_xinfo(");
    store_plan_text(w, name);
    store_plan_say(w, ", 'main'))");
}


/* How many tables there will be; the caller says of whom, and closes it. */

static void
store_plan_count(store_writing_t *w)
{
    store_name_t  i;

    store_plan_say(w, "SELECT 1 WHERE 0");

    for (i = STORE_NAME_TABLE; i <= w->last; i++) {
        store_plan_say(w, " + (NOT ");
        store_plan_is_there(w, i);
        store_plan_say(w, ")");
    }

    store_plan_say(w, " + (SELECT count(*) FROM main.sqlite_master"
                   " WHERE type = 'table'");
}


/* Whether a table may have those columns besides its own. */

static void
store_plan_room(store_writing_t *w, store_name_t name)
{
    store_plan_wanted(w, name);
    store_plan_say(w, " SELECT 1 WHERE (SELECT count(*) FROM i"
                   " WHERE substr(name, 1, 1) <> '_') + (SELECT count(*)"
                   " FROM w WHERE name NOT IN i) > ");
    store_plan_number(w, STORE_TABLE_COLUMNS);
    store_plan_bound(w, "a table has "
                     STORE_PLAN_AT_MOST(STORE_TABLE_COLUMNS) " columns");
}


/* The names of the columns it is to have, w, and of those it has, i. */

static void
store_plan_wanted(store_writing_t *w, store_name_t name)
{
    size_t                i;
    const store_table_t  *t = w->table;

    store_plan_say(w, "WITH v (name) AS (VALUES ");

    for (i = 0; i < t->ncolumns; i++) {
        store_plan_say(w, i > 0 ? ", (" : "(");
        store_plan_quote(w, '\'', t->columns[i].name);
        store_plan_say(w, ")");
    }

    store_plan_say(w, "), w (name) AS (SELECT lower(v.name) FROM v),"
                   " i (name) AS MATERIALIZED (SELECT lower(p.name)"
                   " FROM pragma_table_xinfo(");
    store_plan_text(w, name);
    store_plan_say(w, ", 'main') AS p)");
}


static void
store_plan_keys(store_writing_t *w)
{
    store_plan_say(w, "SELECT 1 FROM pragma_index_list(");
    store_plan_text(w, STORE_NAME_TABLE);
    store_plan_say(w, ", 'main') WHERE name = ");
    store_plan_text(w, STORE_NAME_INDEX);
    store_plan_step(w, DB_NO_COUNT, 1);

    store_plan_say(w, "SELECT 1 WHERE (SELECT count(*)"
                   " FROM pragma_index_list(");
    store_plan_text(w, STORE_NAME_TABLE);
    store_plan_say(w, ", 'main') WHERE instr(name, '.key.') > 0) >= ");
    store_plan_number(w, STORE_TABLE_KEYS);
    store_plan_bound(w, "a table has "
                     STORE_PLAN_AT_MOST(STORE_TABLE_KEYS) " keys");
}


static void
store_plan_declare(store_writing_t *w, store_name_t name)
{
    size_t  i;

    store_plan_say(w, "CREATE TABLE IF NOT EXISTS ");
    store_plan_name(w, name);
    store_plan_say(w, name == STORE_NAME_TABLE
                   ? " (_seq INTEGER PRIMARY KEY"
                   : " (_seq INTEGER NOT NULL");
    store_plan_say(w, ", _tenant TEXT NOT NULL, _url TEXT NOT NULL"
                   ", _result TEXT NOT NULL, _at INTEGER NOT NULL"
                   ", _changed INTEGER NOT NULL");
    store_plan_say(w, name == STORE_NAME_TABLE ? ", _key TEXT"
                                               : ", _until INTEGER NOT NULL");

    for (i = 0; i < w->table->ncolumns; i++) {
        store_plan_say(w, ", ");
        store_plan_quote(w, '"', w->table->columns[i].name);
        store_plan_say(w, " ");
        store_plan_say(w, store_plan_types[w->table->columns[i].type]);
    }

    store_plan_say(w, ")");
    store_plan_step(w, DB_NO_COUNT, 0);
}


/* One look when all are there, else one for each. */

static void
store_plan_missing(store_writing_t *w, store_name_t name)
{
    size_t                 i;
    const store_table_t   *t = w->table;
    const store_column_t  *c;

    store_plan_wanted(w, name);
    store_plan_say(w, " SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM w"
                   " WHERE name NOT IN i)");
    store_plan_step(w, DB_NO_COUNT, 2 * t->ncolumns);

    for (i = 0; i < t->ncolumns; i++) {
        c = &t->columns[i];

        store_plan_say(w, "SELECT 1 FROM pragma_table_xinfo(");
        store_plan_text(w, name);
        store_plan_say(w, ", 'main') WHERE lower(name) = lower(");
        store_plan_quote(w, '\'', c->name);
        store_plan_say(w, ")");
        store_plan_step(w, DB_NO_COUNT, 1);

        store_plan_say(w, "ALTER TABLE ");
        store_plan_name(w, name);
        store_plan_say(w, " ADD COLUMN ");
        store_plan_quote(w, '"', c->name);
        store_plan_say(w, " ");
        store_plan_say(w, store_plan_types[c->type]);
        store_plan_step(w, DB_ADDED, 0);
    }
}


static void
store_plan_index(store_writing_t *w)
{
    store_plan_say(w, "CREATE UNIQUE INDEX IF NOT EXISTS ");
    store_plan_name(w, STORE_NAME_INDEX);
    store_plan_say(w, " ON ");
    store_plan_quote(w, '"', w->names[STORE_NAME_TABLE].data);
    store_plan_key(w);
    store_plan_step(w, DB_NO_COUNT, 0);
}
