
#include <stdlib.h>
#include <string.h>

#include "common/sc_buf.h"
#include "sidecar/core/log.h"
#include "sidecar/store/store_internal.h"


/* bytes of a name and of what a plan is kept by */
#define STORE_NAME_MAX    63
#define STORE_KEY_MAX     8192

/* tables that one of FTS5 is made of */
#define STORE_FTS         5


static int store_table_starts(const char *name, const char *prefix);
static int store_table_ok(const store_table_t *table);
static store_plan_t *store_plan_get(store_t *s, const store_table_t *table,
    sc_str_t tenant);
static int store_plan_kept_by(const store_table_t *table, sc_str_t tenant,
    sc_buf_t *key);
static store_plan_t *store_plan_find(store_t *s, const sc_buf_t *key);
static void store_plan_keep(store_t *s, store_plan_t *plan, sc_buf_t *key);
static void store_plan_release(store_plan_t *plan);


/* Ours, each as "CREATE TABLE NAME (…". */

static const char *const  store_tables[] = {
#define SCHEMA(text)  (text),
#include "sidecar/store/schema.def"
#undef SCHEMA
};


/*
 * What SQLite would take for its own; a table with the name of a function that
 * gives rows hides that from every statement.
 */

static const char *const  store_reserved[] = {
    "sqlite_", "json_", "pragma_", "fts", "rtree", "dbstat", "bytecode",
    "tables_used", "generate_series", "job_", "result_"
};


int
store_table_name_ok(const char *name)
{
    size_t       i, len;
    const char  *ours;

    len = strlen(name);

    if (len == 0 || len > STORE_NAME_MAX || (name[0] >= '0' && name[0] <= '9')
        || strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") != len
        || (len >= 8 && strcmp(name + len - 8, "_history") == 0))
    {
        return 0;
    }

    for (i = 0; i < sizeof(store_reserved) / sizeof(char *); i++) {
        if (store_table_starts(name, store_reserved[i])) {
            return 0;
        }
    }

    for (i = 0; i < sizeof(store_tables) / sizeof(char *); i++) {
        ours = store_tables[i];

        if (store_table_starts(ours, "CREATE TABLE ")) {
            ours += sizeof("CREATE TABLE ") - 1;

            if (store_table_starts(ours, name) && ours[len] == ' ') {
                return 0;
            }
        }
    }

    return 1;
}


size_t
store_table_own(void)
{
    size_t       i, n;
    const char  *ours;

    n = 0;

    for (i = 0; i < sizeof(store_tables) / sizeof(char *); i++) {
        ours = store_tables[i];
        n += store_table_starts(ours, "CREATE TABLE ") ? 1 : 0;
        n += store_table_starts(ours, "CREATE VIRTUAL ") ? STORE_FTS : 0;
    }

    return n;
}


static int
store_table_starts(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}


void
store_table_counts(const store_t *s, store_table_counts_t *counts)
{
    *counts = s->counts;
}


void
store_line_tables(store_line_t *line, store_t *s, const store_result_t *r)
{
    size_t         i;
    store_plan_t  *plan;

    if (r->ntables == 0 || r->data.len == 0) {
        return;
    }

    line->parted = line->nops - 1;
    line->parts = calloc(r->ntables, sizeof(db_part_t *));

    for (i = 0; i < r->ntables; i++) {
        plan = line->parts != NULL
               ? store_plan_get(s, r->tables[i], r->tenant) : NULL;

        if (plan != NULL) {
            plan->refs++;
            plan->used = ++s->uses;
            line->parts[line->nparts++] = &plan->part;

        } else {
            s->counts.failed++;
            log_warn("table \"%s\" was given nothing: it cannot be made",
                     r->tables[i]->name);
        }
    }
}


static store_plan_t *
store_plan_get(store_t *s, const store_table_t *table, sc_str_t tenant)
{
    sc_buf_t       key;
    store_plan_t  *plan;

    plan = NULL;
    sc_buf_init(&key, STORE_KEY_MAX);

    if (store_table_ok(table)
        && store_plan_kept_by(table, tenant, &key) == SC_OK)
    {
        plan = store_plan_find(s, &key);

        if (plan == NULL) {
            plan = store_plan_create(table, tenant);

            if (plan != NULL) {
                store_plan_keep(s, plan, &key);
            }
        }
    }

    sc_buf_free(&key);

    return plan;
}


static int
store_table_ok(const store_table_t *table)
{
    size_t  i;

    if (!store_table_name_ok(table->name)) {
        return 0;
    }

    for (i = 0; i < table->ncolumns; i++) {
        if (table->columns[i].name[0] == '_') {
            return 0;
        }
    }

    return 1;
}


/* Each with its NUL, the tenant last; what is not there has none. */

static int
store_plan_kept_by(const store_table_t *table, sc_str_t tenant,
    sc_buf_t *key)
{
    size_t       i;
    const char  *texts[] = { table->name, table->version, table->set,
                             table->rows };

    for (i = 0; i < sizeof(texts) / sizeof(char *); i++) {
        (void) sc_buf_add(key, texts[i] != NULL ? "=" : "-", 1);

        if (texts[i] != NULL) {
            (void) sc_buf_add(key, texts[i], strlen(texts[i]) + 1);
        }
    }

    (void) sc_buf_add_str(key, tenant);

    return key->failed ? SC_ERROR : SC_OK;
}


static store_plan_t *
store_plan_find(store_t *s, const sc_buf_t *key)
{
    size_t         i;
    store_plan_t  *plan;

    for (i = 0; i < STORE_PLANS; i++) {
        plan = s->plans[i];

        if (plan != NULL && plan->key_len == key->len
            && memcmp(plan->key, key->data, key->len) == 0)
        {
            return plan;
        }
    }

    return NULL;
}


/* The one that was not used for longest makes place. */

static void
store_plan_keep(store_t *s, store_plan_t *plan, sc_buf_t *key)
{
    size_t  i, oldest;

    plan->refs = 1;
    plan->key = key->data;
    plan->key_len = key->len;
    sc_buf_init(key, 0);

    oldest = 0;

    for (i = 0; i < STORE_PLANS; i++) {
        if (s->plans[i] == NULL) {
            oldest = i;
            break;
        }

        if (s->plans[i]->used < s->plans[oldest]->used) {
            oldest = i;
        }
    }

    if (s->plans[oldest] != NULL) {
        store_plan_release(s->plans[oldest]);
    }

    s->plans[oldest] = plan;
}


static void
store_plan_release(store_plan_t *plan)
{
    if (--plan->refs == 0) {
        free(plan->key);
        store_plan_free(plan);
    }
}


void
store_parts_free(const db_part_t **parts, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        store_plan_release((store_plan_t *) parts[i]);
    }

    free(parts);
}


void
store_plans_free(store_t *s)
{
    size_t  i;

    for (i = 0; i < STORE_PLANS; i++) {
        if (s->plans[i] != NULL) {
            store_plan_release(s->plans[i]);
        }
    }
}
