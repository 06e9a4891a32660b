
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_plan.h"


/* columns, so that SQLite's 2,000 leave room for ours */
#define STORE_PLAN_COLUMNS  1900


static int store_plan_write(store_writing_t *w);
static void store_plan_begin(store_writing_t *w, const store_table_t *table);
static void store_plan_limit(store_writing_t *w);
static void store_plan_table(store_writing_t *w, int history);
static void store_plan_declare(store_writing_t *w, const char *history);
static void store_plan_missing(store_writing_t *w, const char *history);
static void store_plan_index(store_writing_t *w);


static const char *const  store_plan_types[] = {
    [STORE_TEXT] = "TEXT",
    [STORE_INTEGER] = "INTEGER",
    [STORE_REAL] = "REAL",
    [STORE_BOOLEAN] = "BOOLEAN",
    [STORE_JSON] = "TEXT"
};


store_plan_t *
store_plan_create(const store_table_t *table)
{
    store_writing_t  w;

    if (table->ncolumns == 0 || table->ncolumns > STORE_PLAN_COLUMNS) {
        return NULL;
    }

    memset(&w, 0, sizeof(store_writing_t));
    w.plan = calloc(1, sizeof(store_plan_t));
    if (w.plan == NULL) {
        return NULL;
    }

    /* a limit; tables and what they lack, both; an index; what is done */
    w.plan->steps = calloc(1 + 2 * (2 + 2 * table->ncolumns) + 1 + 3,
                           sizeof(db_step_t));
    sc_buf_init(&w.text, STORE_PLAN_TEXT);
    store_plan_begin(&w, table);

    if (w.plan->steps == NULL || store_plan_write(&w) != SC_OK) {
        sc_buf_free(&w.text);
        store_plan_free(w.plan);
        return NULL;
    }

    return w.plan;
}


void
store_plan_free(store_plan_t *plan)
{
    free(plan->text);
    free(plan->name);
    free(plan->steps);
    free(plan);
}


static int
store_plan_write(store_writing_t *w)
{
    char          *p;
    size_t         i;
    store_plan_t  *plan = w->plan;

    store_plan_limit(w);
    store_plan_table(w, 0);

    if (w->table->history && w->each && w->table->mode == STORE_UPSERT) {
        store_plan_table(w, 1);
    }

    if (w->each) {
        store_plan_index(w);
    }

    plan->part.make = plan->steps;
    plan->part.nmake = w->nsteps;
    plan->steps[0].skip = w->nsteps - 1;

    if (w->each) {
        store_plan_keyless(w);

        if (w->table->history && w->table->mode == STORE_UPSERT
            && w->others > 0)
        {
            store_plan_history(w);
        }
    }

    store_plan_put(w);

    plan->name = strdup(w->table->name);

    if (w->text.failed || plan->name == NULL) {
        return SC_ERROR;
    }

    plan->part.name = plan->name;
    plan->part.steps = plan->steps + plan->part.nmake;
    plan->part.nsteps = w->nsteps - plan->part.nmake;
    plan->text = w->text.data;
    p = plan->text;

    for (i = 0; i < w->nsteps; i++) {
        plan->steps[i].text = p;
        p += strlen(p) + 1;
    }

    return SC_OK;
}


/*
 * The hash does not know the columns' order: fields of a rule set that change
 * places are still the same key.
 */

static void
store_plan_begin(store_writing_t *w, const store_table_t *table)
{
    size_t       i;
    uint64_t     sum, hash;
    const char  *p;

    w->table = table;
    sum = 0;

    for (i = 0; i < table->ncolumns; i++) {
        if (!table->columns[i].key) {
            w->others++;
            continue;
        }

        w->keys++;
        hash = 14695981039346656037ULL;

        for (p = table->columns[i].name; *p != '\0'; p++) {
            hash ^= (unsigned char) (*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
            hash *= 1099511628211ULL;
        }

        sum += hash;
    }

    w->each = (w->keys > 0 && table->mode != STORE_APPEND);

    for (i = 0; i < 16; i++) {
        w->hash[i] = "0123456789abcdef"[sum >> (60 - 4 * i) & 15];
    }
}


/*
 * Nothing is made when this finds a row: each change of the schema is read
 * again by every connection, all of it.
 */

static void
store_plan_limit(store_writing_t *w)
{
    store_plan_say(w, "SELECT 1 FROM (SELECT count(*) AS n, sum(name = '");
    store_plan_say(w, w->table->name);
    store_plan_say(w, "') AS known FROM sqlite_master"
                   " WHERE type = 'table') WHERE known = 0 AND n >= ");
    store_plan_number(w, STORE_TABLES_MAX);
    store_plan_step(w, DB_NO_COUNT, 0);
}


/* Make the table, or its history, or what it lacks. */

static void
store_plan_table(store_writing_t *w, int history)
{
    const char  *suffix = history ? "_history" : "";

    store_plan_declare(w, suffix);
    store_plan_missing(w, suffix);
}


static void
store_plan_declare(store_writing_t *w, const char *history)
{
    size_t  i;

    store_plan_say(w, "CREATE TABLE IF NOT EXISTS ");
    store_plan_name(w, history);
    store_plan_say(w, history[0] == '\0' ? " (_seq INTEGER PRIMARY KEY"
                                         : " (_seq INTEGER NOT NULL");
    store_plan_say(w, ", _tenant TEXT NOT NULL, _url TEXT NOT NULL"
                   ", _result TEXT NOT NULL, _at INTEGER NOT NULL"
                   ", _changed INTEGER NOT NULL");
    store_plan_say(w, history[0] == '\0' ? ", _key TEXT"
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
store_plan_missing(store_writing_t *w, const char *history)
{
    size_t                 i;
    const store_table_t   *t = w->table;
    const store_column_t  *c;

    store_plan_say(w, "WITH w (name) AS (VALUES ");

    for (i = 0; i < t->ncolumns; i++) {
        store_plan_say(w, i > 0 ? ", (" : "(");
        store_plan_quote(w, '\'', t->columns[i].name);
        store_plan_say(w, ")");
    }

    store_plan_say(w, ") SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM w"
                   " WHERE lower(name) NOT IN (SELECT lower(i.name)"
                   " FROM pragma_table_xinfo('");
    store_plan_say(w, t->name);
    store_plan_say(w, history);
    store_plan_say(w, "', 'main') AS i))");
    store_plan_step(w, DB_NO_COUNT, 2 * t->ncolumns);

    for (i = 0; i < t->ncolumns; i++) {
        c = &t->columns[i];

        store_plan_say(w, "SELECT 1 FROM pragma_table_xinfo('");
        store_plan_say(w, t->name);
        store_plan_say(w, history);
        store_plan_say(w, "', 'main') WHERE lower(name) = lower(");
        store_plan_quote(w, '\'', c->name);
        store_plan_say(w, ")");
        store_plan_step(w, DB_NO_COUNT, 1);

        store_plan_say(w, "ALTER TABLE ");
        store_plan_name(w, history);
        store_plan_say(w, " ADD COLUMN ");
        store_plan_quote(w, '"', c->name);
        store_plan_say(w, " ");
        store_plan_say(w, store_plan_types[c->type]);
        store_plan_step(w, DB_NO_COUNT, 0);
    }
}


/* A name with a dot is never a table's. */

static void
store_plan_index(store_writing_t *w)
{
    store_plan_say(w, "CREATE UNIQUE INDEX IF NOT EXISTS main.\"");
    store_plan_say(w, w->table->name);
    store_plan_say(w, ".key.");
    store_plan_say(w, w->hash);
    store_plan_say(w, "\" ON ");
    store_plan_quote(w, '"', w->table->name);
    store_plan_key(w);
    store_plan_step(w, DB_NO_COUNT, 0);
}


void
store_plan_key(store_writing_t *w)
{
    size_t                i;
    const store_table_t  *t = w->table;

    store_plan_say(w, " (_tenant");

    for (i = 0; i < t->ncolumns; i++) {
        if (t->columns[i].key) {
            store_plan_say(w, ", ");
            store_plan_quote(w, '"', t->columns[i].name);
        }
    }

    store_plan_say(w, ") WHERE _key = '");
    store_plan_say(w, w->hash);
    store_plan_say(w, "'");
}


/* With its schema, it is not taken for one of WITH. */

void
store_plan_name(store_writing_t *w, const char *history)
{
    store_plan_say(w, "main.\"");
    store_plan_say(w, w->table->name);
    store_plan_say(w, history);
    store_plan_say(w, "\"");
}


void
store_plan_step(store_writing_t *w, db_count_t count, size_t skip)
{
    db_step_t  *step = &w->plan->steps[w->nsteps++];

    (void) sc_buf_add(&w->text, "", 1);
    step->count = count;
    step->skip = skip;
}


void
store_plan_say(store_writing_t *w, const char *text)
{
    (void) sc_buf_add_cstr(&w->text, text);
}


void
store_plan_number(store_writing_t *w, size_t n)
{
    (void) sc_buf_printf(&w->text, "%zu", n);
}


void
store_plan_quote(store_writing_t *w, char quote, const char *s)
{
    const char  *p;

    (void) sc_buf_add(&w->text, &quote, 1);

    for (p = strchr(s, quote); p != NULL; p = strchr(s, quote)) {
        (void) sc_buf_add(&w->text, s, (size_t) (p - s) + 1);
        (void) sc_buf_add(&w->text, &quote, 1);
        s = p + 1;
    }

    store_plan_say(w, s);
    (void) sc_buf_add(&w->text, &quote, 1);
}
