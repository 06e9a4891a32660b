
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake_store.h"


static void fake_end_do(store_t *s, fake_call_t *c);
static int fake_end_seen(store_t *s, int64_t job, int64_t name);
static int fake_end_same(store_t *s, const fake_row_t *row);
static void fake_end_count(store_t *s, const fake_call_t *c, int had);
static void fake_end_tell(fake_call_t *c);
static size_t fake_end_of_host(const store_t *s, int64_t job, int64_t host);
static void fake_pages_do(store_t *s, fake_call_t *c);
static void fake_pages_tell(fake_call_t *c);


int
store_end(store_t *s, const store_end_t *end, store_ended_pt done, void *data)
{
    fake_end_t   *e;
    fake_call_t  *c;

    c = fake_end_call(s, FAKE_FINISH, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    e = c->end;
    c->row = fake_row_make(end->job, end->result);
    c->has_result = end->result != NULL;
    c->run = fake_end_do;
    c->tell = done != NULL ? fake_end_tell : NULL;
    e->done_ended = done;
    e->keep_same = end->keep_same;
    e->bytes = end->bytes;
    e->wire = end->wire;
    e->usage = end->usage;
    e->robots = (end->error.len == strlen("/policy/robots")
                 && memcmp(end->error.data, "/policy/robots", end->error.len)
                    == 0);
    fake_end_messages(e, end->messages, end->nmessages);

    if (end->final != NULL) {
        e->final = *end->final;
        e->has_final = 1;
    }

    if (end->pages != NULL) {
        fake_end_pages(c, end->pages, end->job->tenant, end->job->parent);
    }

    fake_call_write(s, c);

    return SC_OK;
}


fake_call_t *
fake_end_call(store_t *s, fake_op_t op, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, op, data);

    if (c != NULL) {
        c->end = calloc(1, sizeof(fake_end_t));
        ck_assert_ptr_nonnull(c->end);
        sc_buf_init(&c->end->message, 0);
        sc_buf_init(&c->end->text, 0);
    }

    return c;
}


void
fake_end_messages(fake_end_t *end, const store_message_t *messages, size_t n)
{
    end->nmessages = n;

    if (n > 0) {
        (void) sc_buf_add_str(&end->message, messages[n - 1].body);
    }
}


void
fake_end_told(store_t *s, const fake_end_t *end)
{
    if (end->nmessages > 0) {
        s->messages += end->nmessages;
        sc_buf_free(&s->message);
        sc_buf_init(&s->message, 0);
        (void) sc_buf_add_cstr(&s->message, end->message.data);
    }
}


void
fake_end_pages(fake_call_t *c, const store_pages_t *pages, sc_str_t tenant,
    int64_t job)
{
    size_t        i;
    fake_end_t   *end = c->end;
    store_job_t   row;

    ck_assert_uint_le(pages->n, STORE_PAGES_MAX);
    end->rows = calloc(pages->n + 1, sizeof(fake_row_t *));
    ck_assert_ptr_nonnull(end->rows);

    for (i = 0; i < pages->n; i++) {
        row = pages->jobs[i];
        row.tenant = tenant;
        row.parent = job;
        end->rows[i] = fake_row_make(&row, NULL);
    }

    if (pages->seen != NULL) {
        end->seen = malloc((pages->n + 1) * sizeof(int64_t));
        ck_assert_ptr_nonnull(end->seen);
        memcpy(end->seen, pages->seen, pages->n * sizeof(int64_t));
    }

    end->n = pages->n;
    end->numbers[0] = job;
    end->max_pages = pages->max_pages;
    end->max_host_pages = pages->max_host_pages;
}


static void
fake_end_do(store_t *s, fake_call_t *c)
{
    int          had;
    int64_t      parent = c->row->job.parent;
    sc_str_t     tenant = c->row->job.tenant;
    fake_end_t  *end = c->end;

    had = c->has_result;

    if (end->has_final && fake_end_seen(s, parent, end->final)) {
        end->ended.duplicate = 1;
        c->has_result = 0;

    } else if (c->has_result && !end->keep_same
               && fake_end_same(s, c->row))
    {
        end->ended.unchanged = 1;
        c->has_result = 0;
    }

    c->row->result.seq = s->results + 1;
    fake_end_count(s, c, had);
    c->status = fake_row_do(s, c);

    if (c->status != STORE_OK) {
        memset(&end->ended, 0, sizeof(store_ended_t));
        return;
    }

    if (end->usage.pages > 0) {
        fake_usage_add(s, tenant, &end->usage);
    }
}


/* Whether it was there; it is now. */
static int
fake_end_seen(store_t *s, int64_t job, int64_t name)
{
    int64_t       key[2] = { job, name };
    fake_seen_t  *seen;

    HASH_FIND(hh, s->seen, key, sizeof(key), seen);

    if (seen != NULL) {
        return 1;
    }

    seen = calloc(1, sizeof(fake_seen_t));
    ck_assert_ptr_nonnull(seen);
    memcpy(seen->key, key, sizeof(key));
    HASH_ADD(hh, s->seen, key, sizeof(key), seen);

    return 0;
}


static int
fake_end_same(store_t *s, const fake_row_t *row)
{
    fake_row_t  *other;

    DL_FOREACH(s->rows, other) {
        if (other->results > 0
            && strcmp(other->result.url.data, row->result.url.data) == 0
            && strcmp(other->result.digest.data, row->result.digest.data)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* An end that will be a conflict counts nothing. */
static void
fake_end_count(store_t *s, const fake_call_t *c, int had)
{
    fake_end_t         *end = c->end;
    fake_work_t        *w;
    fake_row_t         *row;
    store_counts_t     *counts;
    const store_job_t  *job = &c->row->job;

    (void) had;
    row = fake_row_find(job->id);

    if (row != NULL && !fake_row_is_unended(row)) {
        return;
    }

    if (c->has_result) {
        end->ended.seq = ++s->results;
        fake_end_told(s, end);
    }

    w = fake_work_find(s, job->parent);

    if (w == NULL) {
        return;
    }

    if (!end->ended.duplicate) {
        end->ended.added = fake_end_put(s, end);
    }

    counts = &w->work.counts;
    counts->completed += (job->state == STORE_COMPLETED);
    counts->failed += (job->state == STORE_FAILED_JOB);
    counts->cancelled += (job->state == STORE_CANCELLED);
    counts->robots += end->robots;
    counts->duplicates += end->ended.duplicate;
    counts->unchanged += end->ended.unchanged;
    counts->items += c->has_result;
    counts->bytes += end->bytes;
    counts->wire += end->wire;
}


static void
fake_end_tell(fake_call_t *c)
{
    static const store_ended_t  nothing;

    c->end->done_ended(c->data, c->status,
                       c->status == STORE_OK ? &c->end->ended : &nothing);
}


size_t
fake_end_put(store_t *s, const fake_end_t *end)
{
    size_t        i, added;
    fake_row_t   *row;
    fake_work_t  *w;

    added = 0;
    w = fake_work_find(s, end->numbers[0]);

    for (i = 0; w != NULL && i < end->n; i++) {
        row = end->rows[i];

        if ((end->max_pages > 0 && w->work.counts.found >= end->max_pages)
            || (end->max_host_pages > 0
                && (int64_t) fake_end_of_host(s, w->seq, row->job.host)
                   >= end->max_host_pages)
            || (end->seen != NULL && fake_end_seen(s, w->seq, end->seen[i])))
        {
            continue;
        }

        if (row->job.spec.len == 0) {
            row->job.spec = w->work.page;
        }

        if (row->job.rules_hash.len == 0) {
            row->job.rules_hash = w->work.rules_hash;
            row->job.rules = w->work.rules;
        }

        memcpy(row->job.parent_id, w->work.job.id, ID_SIZE);
        row = fake_row_make(&row->job, NULL);
        fake_row_insert(s, row);
        fake_task_put(s, row);
        fake_queue_put(s, &row->job);
        w->work.counts.found++;
        added++;
    }

    return added;
}


static size_t
fake_end_of_host(const store_t *s, int64_t job, int64_t host)
{
    size_t             n;
    const fake_row_t  *row;

    n = 0;

    DL_FOREACH(s->rows, row) {
        n += row->job.parent == job && row->job.host == host;
    }

    return n;
}


int
store_pages_put(store_t *s, int64_t job, sc_str_t tenant,
    const store_pages_t *pages, store_added_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_end_call(s, FAKE_PAGES, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    fake_end_pages(c, pages, tenant, job);
    c->end->done_added = done;
    c->run = fake_pages_do;
    c->tell = done != NULL ? fake_pages_tell : NULL;
    fake_call_write(s, c);

    return SC_OK;
}


static void
fake_pages_do(store_t *s, fake_call_t *c)
{
    if (fake_work_find(s, c->end->numbers[0]) == NULL) {
        c->status = STORE_NOT_FOUND;
        return;
    }

    c->end->added = fake_end_put(s, c->end);
}


static void
fake_pages_tell(fake_call_t *c)
{
    c->end->done_added(c->data, c->status, c->end->added);
}


void
fake_end_free(fake_end_t *end)
{
    size_t  i;

    for (i = 0; end->rows != NULL && i < end->n; i++) {
        fake_row_free(end->rows[i]);
    }

    free(end->rows);
    free(end->seen);
    free(end->works);
    sc_buf_free(&end->message);
    sc_buf_free(&end->text);
    free(end);
}
