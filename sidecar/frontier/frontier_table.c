
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"


/* rule sets with tables that are kept, the one longest unused first */
#define FRONTIER_MAX_TABLES  256

/* without this in its canonical JSON a rule set has no table */
#define FRONTIER_TABLE_MARK  "\"store\":"


/*
 * The tables of a rule set, or of the sets of a group.
 *
 * rules    what all names below are of
 * tables   n of them; list points at each
 * columns  of all tables, one after the other
 */
struct frontier_table_s {
    UT_hash_handle          hh;
    char                    hash[SC_RULES_HASH_LEN + 1];
    sc_rules_t             *rules;
    store_table_t          *tables;
    const store_table_t   **list;
    store_column_t         *columns;
    size_t                  n;
};


static frontier_table_t *frontier_table_get(frontier_t *f,
    const frontier_job_t *j);
static frontier_table_t *frontier_table_make(const frontier_job_t *j);
static int frontier_table_fill(frontier_table_t *t);
static void frontier_table_set(frontier_table_t *t, const sc_rules_t *set,
    store_column_t **column);
static store_column_type_t frontier_table_type(const sc_field_t *field);
static int frontier_table_is_key(const sc_table_t *table, const char *name);
static const sc_field_t *frontier_table_rows(const sc_rules_t *set);
static void frontier_table_free(frontier_table_t *t);


void
frontier_table_give(frontier_job_t *j)
{
    frontier_table_t  *t;

    j->result.tables = NULL;
    j->result.ntables = 0;

    if (j->row.rules.len == 0
        || strstr(j->row.rules.data, FRONTIER_TABLE_MARK) == NULL)
    {
        return;
    }

    t = frontier_table_get(j->frontier, j);

    if (t != NULL) {
        j->result.tables = t->list;
        j->result.ntables = t->n;
    }
}


void
frontier_tables_free(frontier_t *f)
{
    frontier_table_t  *t, *tmp;

    HASH_ITER(hh, f->tables, t, tmp) {
        HASH_DEL(f->tables, t);
        frontier_table_free(t);
    }
}


static frontier_table_t *
frontier_table_get(frontier_t *f, const frontier_job_t *j)
{
    frontier_table_t  *t, *oldest;

    HASH_FIND_STR(f->tables, j->row.rules_hash.data, t);

    if (t != NULL) {
        /* to the end, as the last to be dropped */
        HASH_DEL(f->tables, t);
        HASH_ADD_STR(f->tables, hash, t);
        return t;
    }

    if (HASH_COUNT(f->tables) >= FRONTIER_MAX_TABLES) {
        oldest = f->tables;
        HASH_DEL(f->tables, oldest);
        frontier_table_free(oldest);
    }

    t = frontier_table_make(j);

    if (t != NULL) {
        HASH_ADD_STR(f->tables, hash, t);
    }

    return t;
}


static frontier_table_t *
frontier_table_make(const frontier_job_t *j)
{
    frontier_table_t  *t;
    sc_rules_error_t   err;

    t = calloc(1, sizeof(frontier_table_t));
    if (t == NULL) {
        return NULL;
    }

    (void) snprintf(t->hash, sizeof(t->hash), "%s", j->row.rules_hash.data);
    t->rules = sc_rules_parse_text(j->row.rules.data, j->row.rules.len, &err);

    if (t->rules == NULL || frontier_table_fill(t) != SC_OK) {
        frontier_table_free(t);
        return NULL;
    }

    return t;
}


static int
frontier_table_fill(frontier_table_t *t)
{
    size_t             i, total, sets;
    store_column_t    *column;
    const sc_rules_t  *rules = t->rules;

    total = rules->total;
    sets = (rules->nsets != 0) ? rules->nsets : 1;

    for (i = 0; i < rules->nsets; i++) {
        total += rules->sets[i].total;
    }

    t->tables = calloc(sets, sizeof(store_table_t));
    t->list = calloc(sets, sizeof(store_table_t *));
    t->columns = calloc(total + 1, sizeof(store_column_t));

    if (t->tables == NULL || t->list == NULL || t->columns == NULL) {
        return SC_ERROR;
    }

    column = t->columns;

    for (i = 0; i < rules->nsets; i++) {
        frontier_table_set(t, &rules->sets[i], &column);
    }

    frontier_table_set(t, rules, &column);

    return SC_OK;
}


static void
frontier_table_set(frontier_table_t *t, const sc_rules_t *set,
    store_column_t **column)
{
    size_t             i, n;
    store_table_t     *table;
    const sc_field_t  *fields, *rows;

    if (set->table.table == NULL) {
        return;
    }

    rows = frontier_table_rows(set);
    fields = (rows != NULL) ? rows->fields : set->fields;
    n = (rows != NULL) ? rows->nfields : set->nfields;

    table = &t->tables[t->n];
    table->name = set->table.table;
    table->version = t->hash;
    table->set = set->name;
    table->rows = set->table.rows;
    table->columns = *column;
    table->ncolumns = n;
    table->history = set->table.history;

    switch (set->table.mode) {

    case SC_STORE_APPEND:
        table->mode = STORE_APPEND;
        break;

    case SC_STORE_IGNORE:
        table->mode = STORE_IGNORE;
        break;

    default:
        table->mode = STORE_UPSERT;
        break;
    }

    for (i = 0; i < n; i++) {
        (*column)->name = fields[i].name;
        (*column)->type = frontier_table_type(&fields[i]);
        (*column)->key = frontier_table_is_key(&set->table, fields[i].name);
        (*column)++;
    }

    if (n != 0) {
        t->list[t->n++] = table;
    }
}


static store_column_type_t
frontier_table_type(const sc_field_t *field)
{
    if (field->list || field->fields != NULL) {
        return STORE_JSON;
    }

    switch (field->type) {

    case SC_TYPE_INT:
        return STORE_INTEGER;

    case SC_TYPE_NUMBER:
        return STORE_REAL;

    case SC_TYPE_BOOL:
        return STORE_BOOLEAN;

    case SC_TYPE_JSON:
        return STORE_JSON;

    default:
        return STORE_TEXT;
    }
}


static int
frontier_table_is_key(const sc_table_t *table, const char *name)
{
    size_t  i;

    for (i = 0; i < table->nkey; i++) {
        if (strcmp(table->key[i], name) == 0) {
            return 1;
        }
    }

    return 0;
}


static const sc_field_t *
frontier_table_rows(const sc_rules_t *set)
{
    size_t  i;

    for (i = 0; set->table.rows != NULL && i < set->nfields; i++) {
        if (strcmp(set->fields[i].name, set->table.rows) == 0) {
            return &set->fields[i];
        }
    }

    return NULL;
}


static void
frontier_table_free(frontier_table_t *t)
{
    sc_rules_free(t->rules);
    free(t->columns);
    free(t->list);
    free(t->tables);
    free(t);
}
