
#include <stdlib.h>
#include <string.h>

#include "common/sc_hash.h"
#include "sidecar/store/store_plan.h"


/* columns, so that SQLite's 2,000 leave room for ours */
#define STORE_PLAN_COLUMNS  1900


static int store_plan_write(store_writing_t *w);
static void store_plan_begin(store_writing_t *w, const store_table_t *table);
static int store_plan_names(store_writing_t *w);
static void store_plan_end(store_writing_t *w);


store_plan_t *
store_plan_create(const store_table_t *table, sc_str_t tenant)
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

    /* bounds; tables and what they lack, both; an index; what is done */
    w.plan->steps = calloc(7 + 2 * (2 + 2 * table->ncolumns) + 1 + 3,
                           sizeof(db_step_t));
    sc_buf_init(&w.text, STORE_PLAN_TEXT);
    w.tenant = tenant;
    store_plan_begin(&w, table);

    if (w.plan->steps == NULL || store_plan_names(&w) != SC_OK
        || store_plan_write(&w) != SC_OK)
    {
        sc_buf_free(&w.text);
        store_plan_free(w.plan);
        w.plan = NULL;
    }

    store_plan_end(&w);

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

    store_plan_make(w);
    plan->part.make = plan->steps;
    plan->part.nmake = w->nsteps;

    if (w->each) {
        store_plan_keyless(w);

        if (w->last == STORE_NAME_HISTORY && w->others > 0) {
            store_plan_history(w);
        }
    }

    store_plan_put(w);

    plan->name = strdup(w->names[STORE_NAME_TABLE].data);

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
    char         c;
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
        hash = SC_FNV1A;

        for (p = table->columns[i].name; *p != '\0'; p++) {
            c = (char) (*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
            hash = sc_fnv1a(hash, &c, 1);
        }

        sum += hash;
    }

    w->each = (w->keys > 0 && table->mode != STORE_APPEND);
    w->last = (w->each && table->history && table->mode == STORE_UPSERT)
              ? STORE_NAME_HISTORY : STORE_NAME_TABLE;

    for (i = 0; i < 16; i++) {
        w->hash[i] = "0123456789abcdef"[sum >> (60 - 4 * i) & 15];
    }
}


/* An index has a dot before any "@", and a table none. */

static int
store_plan_names(store_writing_t *w)
{
    int         i;
    size_t      n;
    const char  *c;

    static const char *const  suffixes[STORE_NAMES] = {
        [STORE_NAME_TABLE] = "",
        [STORE_NAME_HISTORY] = "_history",
        [STORE_NAME_INDEX] = ".key."
    };

    sc_buf_init(&w->mark, STORE_PLAN_TEXT);
    (void) sc_buf_add_cstr(&w->mark, "");

    for (n = 0; n < w->tenant.len; n++) {
        c = &w->tenant.data[n];

        if (*c == '\0') {
            return SC_ERROR;
        }

        if ((*c >= 'A' && *c <= 'Z') || *c == '^') {
            (void) sc_buf_add(&w->mark, "^", 1);
        }

        (void) sc_buf_add(&w->mark, c, 1);
    }

    for (i = 0; i < STORE_NAMES; i++) {
        sc_buf_init(&w->names[i], STORE_PLAN_TEXT);
        (void) sc_buf_printf(&w->names[i], "%s%s%s%s%s", w->table->name,
                             suffixes[i],
                             i == STORE_NAME_INDEX ? w->hash : "",
                             w->tenant.len != 0 ? "@" : "", w->mark.data);

        if (w->mark.failed || w->names[i].failed) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static void
store_plan_end(store_writing_t *w)
{
    int  i;

    sc_buf_free(&w->mark);

    for (i = 0; i < STORE_NAMES; i++) {
        sc_buf_free(&w->names[i]);
    }
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
store_plan_name(store_writing_t *w, store_name_t name)
{
    store_plan_say(w, "main.");
    store_plan_quote(w, '"', w->names[name].data);
}


void
store_plan_text(store_writing_t *w, store_name_t name)
{
    store_plan_quote(w, '\'', w->names[name].data);
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
store_plan_bound(store_writing_t *w, const char *bound)
{
    w->plan->steps[w->nsteps].bound = bound;
    store_plan_step(w, DB_NO_COUNT, 0);
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
