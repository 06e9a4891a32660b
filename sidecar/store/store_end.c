
#include <string.h>

#include "sidecar/store/store_internal.h"


#define STORE_ROBOTS    "/policy/robots"


static void store_end_own(store_t *s, store_line_t *line,
    const store_end_t *end);
static void store_end_used(store_line_t *line, const store_end_t *end);
static void store_end_page(store_t *s, store_line_t *line,
    const store_end_t *end);
static void store_end_finish(store_line_t *line, const store_job_t *job);
static void store_end_seen(store_line_t *line, const store_end_t *end);
static void store_end_result(store_t *s, store_line_t *line,
    const store_end_t *end);
static void store_end_same(store_line_t *line, const store_result_t *r);
static void store_end_count(store_line_t *line, const store_end_t *end,
    int items, int unchanged);
static void store_end_tallies(store_line_t *line, const store_end_t *end);
static void store_told_ended(db_batch_t *batch);


int
store_end(store_t *s, const store_end_t *end, store_ended_pt done,
    void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .ended = done };

    if (end->job->parent == 0) {
        store_end_own(s, &line, end);
        line.pace = end->followed ? DB_SOON : DB_NOW;

    } else {
        store_end_page(s, &line, end);
        line.pace = DB_LATER;
    }

    return store_change(s, &line, store_told_ended, tell, data);
}


static void
store_end_own(store_t *s, store_line_t *line, const store_end_t *end)
{
    store_line_job(line, SQL_JOB_FINISH, end->job);

    if (end->job->due != 0) {
        store_line_op(line, SQL_TASK_CANCEL, STORE_OK);
        store_line_id(line, end->job->id);
    }

    store_end_used(line, end);

    if (end->result != NULL) {
        store_end_result(s, line, end);
    }

    store_line_messages(line, end->messages, end->nmessages);
}


/* A job that waits in a queue was counted when it was put there. */

static void
store_end_used(store_line_t *line, const store_end_t *end)
{
    store_usage_t       usage = end->usage;
    const store_job_t  *job = end->job;
    store_usage_t       one = { .day = store_day(job->created), .jobs = 1 };

    if (job->due == 0 && usage.pages > 0 && usage.day == one.day) {
        usage.jobs = 1;

    } else if (job->due == 0) {
        store_line_usage(line, job->tenant, &one);
    }

    store_line_usage(line, job->tenant, &usage);
}


static void
store_end_page(store_t *s, store_line_t *line, const store_end_t *end)
{
    int                 unless_same;
    size_t              seen, same, count;
    const store_job_t  *job = end->job;

    store_end_finish(line, job);
    store_line_usage(line, job->tenant, &end->usage);

    /* what failed may be tried again, and then meet itself */
    seen = line->nops;

    if (end->final != NULL && job->state == STORE_COMPLETED) {
        store_end_seen(line, end);
    }

    if (end->pages != NULL) {
        store_line_pages(line, job->parent, job->tenant, end->pages);
    }

    same = line->nops;
    unless_same = (end->result != NULL && !end->keep_same
                   && end->result->state == STORE_COMPLETED
                   && !end->result->gone);

    if (unless_same) {
        store_end_same(line, end->result);
    }

    if (end->result != NULL) {
        store_end_result(s, line, end);
    }

    store_line_messages(line, end->messages, end->nmessages);

    count = line->nops;
    store_end_count(line, end, end->result != NULL, 0);

    if (unless_same) {
        store_line_skip_some(line, same);
        store_end_count(line, end, 0, 1);
        store_line_tell(line, DB_TELL_UNCHANGED);
        store_line_skip_some(line, count);
    }

    if (end->final != NULL && job->state == STORE_COMPLETED) {
        store_line_skip_some(line, seen);
    }

    store_end_tallies(line, end);
}


static void
store_end_finish(store_line_t *line, const store_job_t *job)
{
    store_line_op(line, SQL_PAGE_FINISH, STORE_CONFLICT);
    store_line_number(line, job->parent);
    store_line_id(line, job->id);
    store_line_number(line, job->state);
    store_line_text(line, job->error);
    store_line_number(line, job->started);
    store_line_number(line, job->finished);
    store_line_number(line, job->seq);

    store_line_op(line, SQL_PAGE_TASK, STORE_OK);
    store_line_number(line, job->seq);
    store_line_id(line, job->id);
}


/* Nothing behind it is done for a page that was met already. */

static void
store_end_seen(store_line_t *line, const store_end_t *end)
{
    store_line_op(line, SQL_PAGE_DUPLICATE, STORE_OK);
    store_line_tell(line, DB_TELL_DUPLICATE);
    store_line_number(line, end->job->parent);
    store_line_number(line, *end->final);
    store_line_number(line, end->bytes);
    store_line_number(line, end->wire);

    store_line_op(line, SQL_PAGE_FINAL, STORE_OK);
    store_line_number(line, end->job->parent);
    store_line_number(line, *end->final);
}


static void
store_end_result(store_t *s, store_line_t *line, const store_end_t *end)
{
    store_line_result(line, end->result, end->job);
    store_line_tables(line, s, end->result);

    store_line_op(line, SQL_RESULT_TOLD, STORE_FAILED);
    store_line_keep(line);

    if (end->raw.data != NULL) {
        store_line_op(line, SQL_RAW_PUT, STORE_FAILED);
        store_line_text(line, end->head);
        store_line_text(line, end->raw);
    }

    line->words = (!s->mute && end->result->state == STORE_COMPLETED);
}


/* Whether there is such a result already, which is as good. */

static void
store_end_same(store_line_t *line, const store_result_t *r)
{
    store_line_op(line, SQL_RESULT_SAME, STORE_OK);
    store_line_text(line, r->tenant);
    store_line_text(line, r->url);
    store_line_text(line, r->digest);
    store_line_text(line, r->data);
}


static void
store_end_count(store_line_t *line, const store_end_t *end, int items,
    int unchanged)
{
    int             completed, failed;
    store_state_t   state = end->job->state;

    completed = (state == STORE_COMPLETED);
    failed = (state == STORE_FAILED_JOB);

    store_line_op(line, SQL_PAGE_COUNT, STORE_OK);
    store_line_number(line, end->job->parent);
    store_line_number(line, completed);
    store_line_number(line, failed);
    store_line_number(line, state == STORE_CANCELLED);
    store_line_number(line, failed
                            && end->error.len == sizeof(STORE_ROBOTS) - 1
                            && memcmp(end->error.data, STORE_ROBOTS,
                                      sizeof(STORE_ROBOTS) - 1) == 0);
    store_line_number(line, completed && unchanged);
    store_line_number(line, completed && items);
    store_line_number(line, end->bytes);
    store_line_number(line, end->wire);
}


static void
store_end_tallies(store_line_t *line, const store_end_t *end)
{
    if (end->status != 0) {
        store_line_tally(line, end->job->parent, "status:");
        store_line_number(line, end->status);
    }

    if (end->error.len != 0) {
        store_line_tally(line, end->job->parent, "error:");
        store_line_text(line, end->error);
    }
}


static void
store_told_ended(db_batch_t *batch)
{
    store_t        *s;
    store_call_t   *call = (store_call_t *) batch;
    store_ended_t   ended = { 0 };

    s = call->store;

    if (batch->status == STORE_OK) {
        s->counts.rows += (uint64_t) batch->counts[DB_CHANGED];
        s->counts.keyless += (uint64_t) batch->counts[DB_FOUND];
        s->counts.failed += batch->failed;

        ended.added = (size_t) batch->told[DB_TELL_ADDED];
        ended.duplicate = batch->told[DB_TELL_DUPLICATE] != 0;
        ended.unchanged = batch->told[DB_TELL_UNCHANGED] != 0;
        ended.changed = ended.unchanged ? STORE_SAME : STORE_NEW;
    }

    if (batch->status == STORE_OK && batch->rows != NULL) {
        ended.seq = batch->rows->values[0].n;
        ended.changed = (store_change_t) batch->rows->values[1].n;
    }

    if (call->tell.ended != NULL) {
        call->tell.ended(call->data, batch->status, &ended);
    }

    store_call_end(call);
}
