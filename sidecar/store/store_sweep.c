
#include "sidecar/store/store_internal.h"


/* How long answers to idempotency keys are kept: 24 hours. */
#define STORE_IDEM_MS    86400000

/* Pages that may be free in the file: not worth moving others for. */
#define STORE_FREE_PAGES    1000

#define STORE_VACUUM_INCREMENTAL    2


/*
 * What was found, see SWEEP_LOOK and SWEEP_OLDEST; lists are JSON, "[]" when
 * they are empty.  rest: of jobs' other rows; stale: what belongs to no job.
 */
typedef struct {
    sc_str_t  emptying;
    sc_str_t  results;
    sc_str_t  pages;
    int       rest;
    sc_str_t  over;
    sc_str_t  tombs;
    int       stale;
    int64_t   used;
    int64_t   unused;
    int       vacuum;
    sc_str_t  oldest;
} store_found_t;


static void store_told_look(db_batch_t *batch);
static void store_row_found(const db_row_t *row, store_found_t *found);
static int store_found_any(sc_str_t list);
static void store_sweep_line(store_line_t *line, const store_found_t *found,
    int64_t now);
static void store_sweep_expire(store_line_t *line, sc_str_t list);
static void store_sweep_emptying(store_line_t *line,
    const store_found_t *found, int64_t now);
static void store_sweep_op(store_line_t *line, db_sql_t sql, sc_str_t list);


int
store_sweep(store_t *s, const store_keep_t *keep, store_added_pt done,
    void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .added = done };

    line.search = 1;
    store_line_op(&line, SQL_SWEEP_LOOK, STORE_FAILED);
    store_line_number(&line, keep->now);
    store_line_number(&line, keep->now - STORE_IDEM_MS);
    store_line_number(&line, STORE_LIST_BYTES);
    store_line_number(&line, keep->now - STORE_TOMBSTONE);
    store_line_number(&line, store_day(keep->now) - STORE_USAGE_DAYS);

    store_line_op(&line, SQL_SWEEP_OLDEST, STORE_FAILED);
    store_line_number(&line, keep->now);
    store_line_number(&line, keep->rows);
    store_line_number(&line, keep->bytes);

    return store_read(s, &line, store_told_look, tell, data);
}


int64_t
store_bytes(const store_t *s)
{
    return s->bytes;
}


static void
store_told_look(db_batch_t *batch)
{
    int64_t        now;
    store_t       *s;
    store_line_t   line = { 0 };
    store_call_t  *call = (store_call_t *) batch;
    store_found_t  found;

    s = call->store;
    now = batch->ops[0].args[0].n;

    if (batch->status == STORE_OK) {
        store_row_found(batch->rows, &found);
        s->bytes = found.used;
        store_sweep_line(&line, &found, now);
    }

    if (line.nops != 0
        && store_change(s, &line, store_told_added, call->tell, call->data)
           != SC_OK)
    {
        line.nops = 0;
        batch->status = STORE_FAILED;
    }

    if (line.nops == 0 && call->tell.added != NULL) {
        call->tell.added(call->data, batch->status, 0);
    }

    store_call_end(call);
}


/* A row of SWEEP_LOOK and behind it one of SWEEP_OLDEST. */

static void
store_row_found(const db_row_t *row, store_found_t *found)
{
    int64_t            pages, unused;
    const db_value_t  *v = row->values;

    found->emptying = store_row_text(v++);
    found->results = store_row_text(v++);
    found->pages = store_row_text(v++);
    found->rest = (v++)->n != 0;
    found->over = store_row_text(v++);
    found->tombs = store_row_text(v++);
    found->stale = (v++)->n != 0;
    pages = (v++)->n;
    unused = (v++)->n;
    found->used = (pages - unused) * (v++)->n;
    found->unused = unused;
    found->vacuum = (v->n == STORE_VACUUM_INCREMENTAL);
    found->oldest = store_row_text(&row->next->values[0]);
}


static int
store_found_any(sc_str_t list)
{
    return list.len > sizeof("[]") - 1;
}


/* What was begun is ended first; nothing is added when nothing is to do. */

static void
store_sweep_line(store_line_t *line, const store_found_t *found, int64_t now)
{
    if (store_found_any(found->emptying)) {
        store_sweep_emptying(line, found, now);

    } else if (store_found_any(found->over)) {
        store_sweep_expire(line, found->over);

    } else if (store_found_any(found->tombs)) {
        store_sweep_op(line, SQL_SWEEP_JOBS, found->tombs);

    } else if (store_found_any(found->oldest)) {
        store_sweep_expire(line, found->oldest);

    } else if (found->stale) {
        store_line_op(line, SQL_SWEEP_IDEM, STORE_OK);
        store_line_number(line, now - STORE_IDEM_MS);
        store_line_tell(line, DB_TELL_ADDED);
        store_line_op(line, SQL_SWEEP_TOLD, STORE_OK);
        store_line_number(line, now - STORE_TOMBSTONE);
        store_line_tell(line, DB_TELL_ADDED);
        store_line_op(line, SQL_SWEEP_USAGE, STORE_OK);
        store_line_number(line, store_day(now) - STORE_USAGE_DAYS);
        store_line_tell(line, DB_TELL_ADDED);

    } else if (found->vacuum && found->unused > STORE_FREE_PAGES) {
        store_line_op(line, SQL_SWEEP_VACUUM, STORE_OK);
        store_line_tell(line, DB_TELL_ADDED);
    }
}


static void
store_sweep_expire(store_line_t *line, sc_str_t list)
{
    store_line_op(line, SQL_SWEEP_NAMES, STORE_OK);
    store_line_text(line, list);
    store_line_op(line, SQL_SWEEP_SESSIONS, STORE_OK);
    store_line_text(line, list);
    store_sweep_op(line, SQL_SWEEP_EXPIRE, list);
}


/* Of jobs that have expired: first what they gave, last their counts. */

static void
store_sweep_emptying(store_line_t *line, const store_found_t *found,
    int64_t now)
{
    if (store_found_any(found->results)) {
        store_sweep_op(line, SQL_SWEEP_WORDS, found->results);
        store_sweep_op(line, SQL_SWEEP_RAWS, found->results);
        store_sweep_op(line, SQL_SWEEP_RESULTS, found->results);

    } else if (store_found_any(found->pages)) {
        store_sweep_op(line, SQL_SWEEP_TASKS, found->pages);
        store_sweep_op(line, SQL_SWEEP_JOBS, found->pages);

    } else if (found->rest) {
        store_sweep_op(line, SQL_SWEEP_SEEN, found->emptying);
        store_sweep_op(line, SQL_SWEEP_TALLY, found->emptying);
        store_sweep_op(line, SQL_SWEEP_TAG, found->emptying);
        store_sweep_op(line, SQL_SWEEP_OUTBOX, found->emptying);

    } else {
        store_sweep_op(line, SQL_SWEEP_TASKS, found->emptying);
        store_sweep_op(line, SQL_SWEEP_WORK, found->emptying);
        store_sweep_op(line, SQL_SWEEP_EMPTIED, found->emptying);
        store_line_number(line, now + STORE_TOMBSTONE);
    }
}


static void
store_sweep_op(store_line_t *line, db_sql_t sql, sc_str_t list)
{
    store_line_op(line, sql, STORE_OK);
    store_line_text(line, list);
    store_line_tell(line, DB_TELL_ADDED);
}
