
/*
 * What the files that write plans share.
 *
 *     store_plan.c        a plan as a whole, and what texts are made of
 *     store_plan_make.c   how a table is made, within bounds
 *     store_plan_rows.c   how rows get from the data into it
 */

#ifndef STORE_PLAN_H
#define STORE_PLAN_H


#include "common/sc_buf.h"
#include "sidecar/store/store_internal.h"


/* bytes of all texts of a plan */
#define STORE_PLAN_TEXT     4194304


/* What has a name of its own in the file. */
typedef enum {
    STORE_NAME_TABLE = 0,
    STORE_NAME_HISTORY,
    STORE_NAME_INDEX,
    STORE_NAMES
} store_name_t;


/*
 * A plan being written: its texts one behind the other.
 *
 * tenant         whose table it is
 * mark           the tenant as it is in names, where ASCII's case makes no
 *                difference: a capital letter and "^" have a "^" before them
 * names          by store_name_t; those of a tenant end in "@" and the mark
 * last           STORE_NAME_HISTORY where there is one, else the table's
 * keys, others   how many columns are of the key, and are not
 * each           rows are to be told apart: upsert or ignore, with a key
 * hash           of the key's columns, in hex: the value of _key
 */
typedef struct {
    const store_table_t  *table;
    sc_str_t              tenant;
    sc_buf_t              mark;
    sc_buf_t              names[STORE_NAMES];
    store_name_t          last;
    store_plan_t         *plan;
    sc_buf_t              text;
    size_t                nsteps;
    size_t                keys;
    size_t                others;
    unsigned              each:1;
    char                  hash[17];
} store_writing_t;


/* Add to the text: as it is; a number; in quotes, where those are doubled. */
void store_plan_say(store_writing_t *w, const char *text);
void store_plan_number(store_writing_t *w, size_t n);
void store_plan_quote(store_writing_t *w, char quote, const char *s);

/* A name, with the schema before it; the name as a text. */
void store_plan_name(store_writing_t *w, store_name_t name);
void store_plan_text(store_writing_t *w, store_name_t name);

/* The columns of the key's index, and its condition. */
void store_plan_key(store_writing_t *w);

/* What was said since the last step is one; one that sees to a bound. */
void store_plan_step(store_writing_t *w, db_count_t count, size_t skip);
void store_plan_bound(store_writing_t *w, const char *bound);

/* Steps: see to all bounds, then make what is missing. */
void store_plan_make(store_writing_t *w);

/*
 * Steps: count the rows without a key; put rows that will change into the
 * history; put the rows.
 */
void store_plan_keyless(store_writing_t *w);
void store_plan_history(store_writing_t *w);
void store_plan_put(store_writing_t *w);


#endif /* STORE_PLAN_H */
