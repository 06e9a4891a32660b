
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/rules/sc_rules_internal.h"


#define SC_RULES_MAX_TABLE    63        /* bytes of its name */
#define SC_RULES_MAX_NAME     1024      /* bytes of a field's name here */
#define SC_RULES_MAX_KEY      16        /* fields of a key */
#define SC_RULES_MAX_COLUMNS  100


/*
 * The fields that become columns: those of the set, or of its field rows.
 *
 * path   where they stand in the JSON, for messages
 */
typedef struct {
    const sc_field_t       *fields;
    size_t                  n;
    const sc_rules_path_t  *path;
} sc_rules_columns_t;


static int sc_rules_table_name(sc_rules_parser_t *p,
    const sc_rules_path_t *path, const char *name);
static int sc_rules_table_taken(const char *name);
static int sc_rules_rows(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const sc_rules_t *rules, const sc_field_t **rows);
static int sc_rules_columns(sc_rules_parser_t *p, const char *table,
    const sc_rules_columns_t *columns);
static int sc_rules_unlike(sc_rules_parser_t *p,
    const sc_rules_columns_t *columns, const sc_field_t **sorted);
static int sc_rules_by_name(const void *one, const void *two);
static int sc_rules_store_key(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_columns_t *columns,
    sc_table_t *table);
static int sc_rules_key_field(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_columns_t *columns,
    sc_table_t *table);
static int sc_rules_key_fit(sc_rules_parser_t *p, const char *name,
    const sc_rules_path_t *path, const sc_rules_columns_t *columns,
    const sc_table_t *table);
static int sc_rules_mode(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_table_t *table);
static int sc_rules_history(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_table_t *table);


static const char *const  sc_rules_table_keys[] = {
    "table", "key", "rows", "mode", "history"
};


/* tables of the gateway's own, in the same database */

static const char *const  sc_rules_own_tables[] = {
    "job", "task", "queue", "ruleset", "result", "document", "page"
};


/* beginnings of names that mean something to SQLite */

static const char *const  sc_rules_own_prefixes[] = {
    "sqlite_", "json_", "pragma_", "fts", "rtree", "dbstat", "bytecode",
    "tables_used", "generate_series"
};


static const char *const  sc_rules_modes[] = {
    [SC_STORE_UPSERT] = "upsert",
    [SC_STORE_APPEND] = "append",
    [SC_STORE_IGNORE] = "ignore"
};


int
sc_rules_table(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_rules_t *rules)
{
    json_t              *key;
    sc_table_t          *table;
    const sc_field_t    *rows;
    sc_rules_path_t      fields, row, children, here;
    sc_rules_columns_t   columns;

    table = &rules->table;
    rows = NULL;

    if (!json_is_object(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"store\" is an object, not %s",
                               sc_rules_kind(value));
    }

    if (sc_rules_known(p, value, path, sc_rules_words(sc_rules_table_keys))
        != SC_OK
        || sc_rules_take_text(p, value, "table", path, SC_RULES_MAX_TABLE,
                              &table->table) != SC_OK
        || sc_rules_take_text(p, value, "rows", path, SC_RULES_MAX_NAME,
                              &table->rows) != SC_OK
        || sc_rules_table_name(p, path, table->table) != SC_OK
        || sc_rules_rows(p, path, rules, &rows) != SC_OK)
    {
        return SC_ERROR;
    }

    fields = sc_rules_below(path->up, "fields");
    row = sc_rules_below(&fields, rows == NULL ? "" : rows->name);
    children = sc_rules_below(&row, "fields");

    columns.fields = (rows == NULL) ? rules->fields : rows->fields;
    columns.n = (rows == NULL) ? rules->nfields : rows->nfields;
    columns.path = (rows == NULL) ? &fields : &children;

    if (sc_rules_columns(p, table->table, &columns) != SC_OK) {
        return SC_ERROR;
    }

    key = json_object_get(value, "key");
    here = sc_rules_below(path, "key");

    if (key != NULL
        && sc_rules_store_key(p, key, &here, &columns, table) != SC_OK)
    {
        return SC_ERROR;
    }

    if (sc_rules_mode(p, value, path, table) != SC_OK) {
        return SC_ERROR;
    }

    return sc_rules_history(p, value, path, table);
}


/* A name that needs no quotes in SQL, whoever writes it there. */

static int
sc_rules_table_name(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *name)
{
    size_t           n;
    sc_rules_path_t  here;

    if (name == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "\"store\" needs \"table\"");
    }

    here = sc_rules_below(path, "table");
    n = strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789");

    if (name[n] != '\0' || strchr("0123456789", name[0]) != NULL) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "\"%s\" is not a table's name, which is a "
                               "lower-case letter or \"_\", then those and "
                               "digits", sc_rules_quoted(p, name));
    }

    if (sc_rules_table_taken(name)) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "table \"%s\" is the gateway's own", name);
    }

    return SC_OK;
}


static int
sc_rules_table_taken(const char *name)
{
    size_t  i, len;

    len = sizeof(sc_rules_own_tables) / sizeof(char *);

    if (sc_rules_which(name, sc_rules_own_tables, len) != len) {
        return 1;
    }

    for (i = 0; i < sizeof(sc_rules_own_prefixes) / sizeof(char *); i++) {
        len = strlen(sc_rules_own_prefixes[i]);

        if (strncmp(name, sc_rules_own_prefixes[i], len) == 0) {
            return 1;
        }
    }

    len = strlen(name);

    return len >= sizeof("_history") - 1
           && strcmp(name + len - (sizeof("_history") - 1), "_history") == 0;
}


static int
sc_rules_rows(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const sc_rules_t *rules, const sc_field_t **rows)
{
    const char       *name;
    sc_rules_path_t   here;

    name = rules->table.rows;
    if (name == NULL) {
        return SC_OK;
    }

    here = sc_rules_below(path, "rows");
    *rows = sc_rules_find(rules->fields, rules->nfields, name);

    if (*rows == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "unknown field \"%s\"",
                               sc_rules_quoted(p, name));
    }

    if (!(*rows)->each) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "field \"%s\" has no \"each\" to make rows of",
                               sc_rules_quoted(p, name));
    }

    return SC_OK;
}


static int
sc_rules_columns(sc_rules_parser_t *p, const char *table,
    const sc_rules_columns_t *columns)
{
    int                 rc;
    size_t              i;
    sc_rules_path_t     here;
    const sc_field_t  **sorted;

    if (columns->n > SC_RULES_MAX_COLUMNS) {
        here = sc_rules_below(columns->path,
                              columns->fields[SC_RULES_MAX_COLUMNS].name);
        here.field = here.key;
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "more than %d columns in table \"%s\"",
                               SC_RULES_MAX_COLUMNS, table);
    }

    sorted = calloc(columns->n + 1, sizeof(sc_field_t *));
    if (sorted == NULL) {
        return sc_rules_no_memory(p);
    }

    for (i = 0; i < columns->n; i++) {
        sorted[i] = &columns->fields[i];

        if (sorted[i]->name[0] == '_') {
            here = sc_rules_below(columns->path, sorted[i]->name);
            here.field = sorted[i]->name;
            free(sorted);
            return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                                   "column \"%s\" begins with \"_\", which "
                                   "is for the gateway's own",
                                   sc_rules_quoted(p, here.key));
        }
    }

    qsort(sorted, columns->n, sizeof(sc_field_t *), sc_rules_by_name);
    rc = sc_rules_unlike(p, columns, sorted);
    free(sorted);

    return rc;
}


/* SQLite compares the names of columns without regard to ASCII's case. */

static int
sc_rules_unlike(sc_rules_parser_t *p, const sc_rules_columns_t *columns,
    const sc_field_t **sorted)
{
    char             first[SC_RULES_SHOWN];
    size_t           i;
    sc_rules_path_t  here;

    for (i = 1; i < columns->n; i++) {
        if (strcasecmp(sorted[i - 1]->name, sorted[i]->name) != 0) {
            continue;
        }

        here = sc_rules_below(columns->path, sorted[i]->name);
        here.field = sorted[i]->name;

        sc_rules_shown(first, sizeof(first), sorted[i - 1]->name,
                       strlen(sorted[i - 1]->name));

        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "column \"%s\" is \"%s\" too, as case makes "
                               "no difference",
                               sc_rules_quoted(p, sorted[i]->name), first);
    }

    return SC_OK;
}


static int
sc_rules_by_name(const void *one, const void *two)
{
    int                rc;
    const sc_field_t  *a, *b;

    a = *(const sc_field_t *const *) one;
    b = *(const sc_field_t *const *) two;

    rc = strcasecmp(a->name, b->name);

    if (rc != 0) {
        return rc;
    }

    return (a > b) - (a < b);
}


static int
sc_rules_store_key(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_columns_t *columns,
    sc_table_t *table)
{
    char              index[24];
    size_t            i, n;
    sc_rules_path_t   here;

    n = json_is_array(value) ? json_array_size(value) : 1;

    if (n == 0 || n > SC_RULES_MAX_KEY) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a key is 1 to %d fields, not %zu",
                               SC_RULES_MAX_KEY, n);
    }

    table->nkey = 0;
    table->key = calloc(n, sizeof(char *));
    if (table->key == NULL) {
        return sc_rules_no_memory(p);
    }

    if (!json_is_array(value)) {
        return sc_rules_key_field(p, value, path, columns, table);
    }

    for (i = 0; i < n; i++) {
        snprintf(index, sizeof(index), "%zu", i);
        here = sc_rules_below(path, index);

        if (sc_rules_key_field(p, json_array_get(value, i), &here, columns,
                               table) != SC_OK)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
sc_rules_key_field(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const sc_rules_columns_t *columns,
    sc_table_t *table)
{
    char  *name;

    if (!json_is_string(value)) {
        return sc_rules_refuse(p->err, SC_RULES_SHAPE, path,
                               "a key is a field's name in a string, not %s",
                               sc_rules_kind(value));
    }

    if (sc_rules_key_fit(p, json_string_value(value), path, columns, table)
        != SC_OK)
    {
        return SC_ERROR;
    }

    name = strdup(json_string_value(value));
    if (name == NULL) {
        return sc_rules_no_memory(p);
    }

    table->key[table->nkey++] = name;

    return SC_OK;
}


static int
sc_rules_key_fit(sc_rules_parser_t *p, const char *name,
    const sc_rules_path_t *path, const sc_rules_columns_t *columns,
    const sc_table_t *table)
{
    size_t             i;
    const sc_field_t  *field;

    field = sc_rules_find(columns->fields, columns->n, name);

    if (field == NULL) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "unknown field \"%s\"",
                               sc_rules_quoted(p, name));
    }

    if (field->list || field->each || field->fields != NULL) {
        return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                               "field \"%s\" is not one value, and a key "
                               "needs one", sc_rules_quoted(p, name));
    }

    for (i = 0; i < table->nkey; i++) {
        if (strcmp(table->key[i], name) == 0) {
            return sc_rules_refuse(p->err, SC_RULES_RULE, path,
                                   "field \"%s\" is in the key twice",
                                   sc_rules_quoted(p, name));
        }
    }

    return SC_OK;
}


/* Without a mode a key says that rows are replaced. */

static int
sc_rules_mode(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_table_t *table)
{
    size_t           mode;
    sc_rules_path_t  here;

    mode = (table->nkey != 0) ? SC_STORE_UPSERT : SC_STORE_APPEND;

    if (sc_rules_take_word(p, object, "mode", path,
                           sc_rules_words(sc_rules_modes), &mode) != SC_OK)
    {
        return SC_ERROR;
    }

    table->mode = (sc_store_mode_t) mode;

    if (table->mode != SC_STORE_APPEND && table->nkey == 0) {
        here = sc_rules_below(path, "mode");
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "mode \"%s\" needs \"key\"",
                               sc_rules_modes[mode]);
    }

    return SC_OK;
}


static int
sc_rules_history(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_table_t *table)
{
    unsigned         history;
    sc_rules_path_t  here;

    history = 0;

    if (sc_rules_take_flag(p, object, "history", path, &history) != SC_OK) {
        return SC_ERROR;
    }

    if (history && table->mode != SC_STORE_UPSERT) {
        here = sc_rules_below(path, "history");
        return sc_rules_refuse(p->err, SC_RULES_RULE, &here,
                               "\"history\" needs mode \"upsert\", not "
                               "\"%s\"", sc_rules_modes[table->mode]);
    }

    table->history = (history != 0);

    return SC_OK;
}
