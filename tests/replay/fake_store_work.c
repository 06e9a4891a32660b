
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake_store.h"


/*
 * A write: what it comes with, what it does, if anything, and whom it tells.
 */
typedef struct {
    fake_op_t                op;
    const store_work_t      *work;
    const store_message_t   *messages;
    size_t                   nmessages;
    int64_t                  numbers[4];
    void                   (*run)(store_t *s, fake_call_t *c);
    store_done_pt            done;
    store_seq_pt             done_seq;
    store_added_pt           done_added;
} fake_write_t;


static void fake_work_copy(store_work_t *to, const store_work_t *from,
    sc_buf_t *text);
static int fake_work_is_unended(const fake_work_t *w);
static int fake_work_write(store_t *s, const fake_write_t *with, void *data);
static void fake_work_tell(fake_call_t *c);
static void fake_work_put_do(store_t *s, fake_call_t *c);
static void fake_work_set_do(store_t *s, fake_call_t *c);
static void fake_work_open_do(store_t *s, fake_call_t *c);
static void fake_work_finish_do(store_t *s, fake_call_t *c);
static void fake_work_cancel_do(store_t *s, fake_call_t *c);
static void fake_work_retry_do(store_t *s, fake_call_t *c);
static void fake_work_purge_do(store_t *s, fake_call_t *c);
static void fake_messages_do(store_t *s, fake_call_t *c);
static fake_call_t *fake_works_call(store_t *s, fake_op_t op,
    store_works_pt done, void *data);
static void fake_works_tell(fake_call_t *c);


fake_work_t *
fake_work_find(store_t *s, int64_t seq)
{
    fake_work_t  *w;

    HASH_FIND(hh, s->works, &seq, sizeof(seq), w);

    return w;
}


static void
fake_work_copy(store_work_t *to, const store_work_t *from, sc_buf_t *text)
{
    *to = *from;
    fake_copy_strings((sc_str_t *[]) { &to->job.tenant, &to->job.kind,
                                       &to->job.url, &to->job.spec,
                                       &to->job.echo, &to->job.error,
                                       &to->page, &to->rules_hash,
                                       &to->rules, &to->tags },
                      10, text);
}


static int
fake_work_is_unended(const fake_work_t *w)
{
    return w->work.job.state == STORE_QUEUED
           || w->work.job.state == STORE_RUNNING
           || w->work.job.state == STORE_PAUSED;
}


int
store_work_put(store_t *s, const store_work_t *work, const store_doc_t *docs,
    size_t ndocs, int must_not_exist, store_seq_pt done, void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_PUT, .work = work,
        .run = fake_work_put_do, .done_seq = done
    };

    (void) docs;
    (void) ndocs;
    (void) must_not_exist;

    return fake_work_write(s, &with, data);
}


static int
fake_work_write(store_t *s, const fake_write_t *with, void *data)
{
    fake_call_t  *c;

    c = fake_end_call(s, with->op, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    if (with->work != NULL) {
        fake_work_copy(&c->end->work, with->work, &c->end->text);
    }

    fake_end_messages(c->end, with->messages, with->nmessages);
    memcpy(c->end->numbers, with->numbers, sizeof(c->end->numbers));
    c->end->done_added = with->done_added;
    c->end->done_seq = with->done_seq;
    c->done = with->done;
    c->run = with->run != NULL ? with->run : fake_messages_do;
    c->tell = fake_work_tell;
    fake_call_write(s, c);

    return SC_OK;
}


static void
fake_work_tell(fake_call_t *c)
{
    if (c->end->done_added != NULL) {
        c->end->done_added(c->data, c->status, c->end->added);

    } else if (c->end->done_seq != NULL) {
        c->end->done_seq(c->data, c->status, c->end->seq);
    }
}


static void
fake_work_put_do(store_t *s, fake_call_t *c)
{
    fake_work_t  *w;

    w = calloc(1, sizeof(fake_work_t));
    ck_assert_ptr_nonnull(w);
    fake_work_copy(&w->work, &c->end->work, &w->text);
    w->seq = ++s->seq;
    w->work.job.seq = w->seq;
    HASH_ADD(hh, s->works, seq, sizeof(w->seq), w);
    c->end->seq = w->seq;
}


int
store_work_set(store_t *s, const store_work_t *work, store_done_pt done,
    void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_SET, .work = work,
        .run = fake_work_set_do, .done = done
    };

    return fake_work_write(s, &with, data);
}


static void
fake_work_set_do(store_t *s, fake_call_t *c)
{
    sc_buf_t             text;
    fake_work_t         *w;
    store_work_t         work;
    const store_work_t  *to = &c->end->work;

    w = fake_work_find(s, to->job.seq);

    if (w == NULL || !fake_work_is_unended(w)) {
        c->status = STORE_CONFLICT;
        return;
    }

    work = w->work;
    work.job.state = to->job.state;
    work.job.started = to->job.started;
    work.job.spec = to->job.spec;
    work.closed = to->closed;
    work.max_pages = to->max_pages;
    work.max_host_pages = to->max_host_pages;
    work.counts.rejected = to->counts.rejected;
    fake_work_copy(&w->work, &work, &text);
    sc_buf_free(&w->text);
    w->text = text;
}


int
store_work_open(store_t *s, const store_work_t *work, store_done_pt done,
    void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_SET, .work = work,
        .run = fake_work_open_do, .done = done
    };

    return fake_work_write(s, &with, data);
}


static void
fake_work_open_do(store_t *s, fake_call_t *c)
{
    fake_work_t  *w;

    w = fake_work_find(s, c->end->work.job.seq);

    if (w == NULL || (w->work.job.state != STORE_COMPLETED
                      && w->work.job.state != STORE_FAILED_JOB))
    {
        c->status = STORE_CONFLICT;
        return;
    }

    c->end->work.job.state = STORE_RUNNING;
    w->work.job.state = STORE_RUNNING;
    w->work.job.finished = 0;
    w->work.job.expires = 0;
    fake_work_set_do(s, c);
}


int
store_work_finish(store_t *s, const store_work_t *work,
    const store_message_t *messages, size_t nmessages, store_done_pt done,
    void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_FINISH, .work = work,
        .messages = messages, .nmessages = nmessages,
        .run = fake_work_finish_do, .done = done
    };

    return fake_work_write(s, &with, data);
}


static void
fake_work_finish_do(store_t *s, fake_call_t *c)
{
    fake_work_t  *w;

    w = fake_work_find(s, c->end->work.job.seq);

    if (w == NULL || !fake_work_is_unended(w)) {
        c->status = STORE_CONFLICT;
        return;
    }

    w->work.job.state = c->end->work.job.state;
    w->work.job.finished = c->end->work.job.finished;
    w->work.job.expires = c->end->work.job.expires;
    fake_end_told(s, c->end);
}


int
store_work_cancel(store_t *s, int64_t job, int64_t flow, int64_t at,
    store_added_pt done, void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_CANCEL, .numbers = { job, flow, at },
        .run = fake_work_cancel_do, .done_added = done
    };

    return fake_work_write(s, &with, data);
}


/* A few at a time, so that there is more than one. */
static void
fake_work_cancel_do(store_t *s, fake_call_t *c)
{
    fake_row_t   *row;
    fake_work_t  *w;

    w = fake_work_find(s, c->end->numbers[0]);

    DL_FOREACH(s->rows, row) {
        if (c->end->added == 2) {
            break;
        }

        if (row->job.parent == w->seq && fake_row_is_unended(row)) {
            fake_task_del(s, row, &row->job);
            row->job.state = STORE_CANCELLED;
            row->job.finished = c->end->numbers[2];
            w->work.counts.cancelled++;
            c->end->added++;
        }
    }
}


int
store_work_retry(store_t *s, int64_t job, int64_t after, int64_t due,
    store_seq_pt done, void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_RETRY, .numbers = { job, after, due },
        .run = fake_work_retry_do, .done_seq = done
    };

    return fake_work_write(s, &with, data);
}


static void
fake_work_retry_do(store_t *s, fake_call_t *c)
{
    fake_row_t   *row;
    fake_work_t  *w;

    w = fake_work_find(s, c->end->numbers[0]);
    w->work.job.state = STORE_RUNNING;

    DL_FOREACH(s->rows, row) {
        if (row->job.parent == w->seq && row->job.state == STORE_FAILED_JOB
            && row->job.seq > c->end->numbers[1])
        {
            row->job.state = STORE_QUEUED;
            row->job.due = c->end->numbers[2];
            row->job.attempts = 0;
            row->job.tries = 0;
            w->work.counts.items -= row->results;
            row->results = 0;
            fake_task_put(s, row);
            fake_queue_put(s, &row->job);
            w->work.counts.failed--;
            c->end->seq = row->job.seq;
            return;
        }
    }
}


int
store_work_purge(store_t *s, int64_t job, store_added_pt done, void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_PURGE, .numbers = { job },
        .run = fake_work_purge_do, .done_added = done
    };

    return fake_work_write(s, &with, data);
}


static void
fake_work_purge_do(store_t *s, fake_call_t *c)
{
    fake_row_t   *row, *tmp;
    fake_work_t  *w;

    w = fake_work_find(s, c->end->numbers[0]);

    if (w == NULL) {
        return;
    }

    DL_FOREACH_SAFE(s->rows, row, tmp) {
        if (row->job.parent == w->seq) {
            HASH_DELETE(hh, s->by_id, row);
            DL_DELETE(s->rows, row);
            fake_row_free(row);
            c->end->added++;
        }
    }

    if (c->end->added == 0) {
        HASH_DELETE(hh, s->works, w);
        sc_buf_free(&w->text);
        free(w);
    }
}


int
store_work_prio(store_t *s, int64_t job, int64_t after, int prio,
    store_seq_pt done, void *data)
{
    fake_write_t  with = {
        .op = FAKE_WORK_PRIO, .numbers = { job, after, prio },
        .done_seq = done
    };

    return fake_work_write(s, &with, data);
}


int
store_messages_put(store_t *s, const store_message_t *messages, size_t n,
    store_done_pt done, void *data)
{
    fake_write_t  with = {
        .op = FAKE_MESSAGES, .messages = messages, .nmessages = n,
        .run = fake_messages_do, .done = done
    };

    return fake_work_write(s, &with, data);
}


static void
fake_messages_do(store_t *s, fake_call_t *c)
{
    fake_end_told(s, c->end);
}


int
store_sweep(store_t *s, const store_keep_t *keep, store_added_pt done,
    void *data)
{
    fake_write_t  with = {
        .op = FAKE_SWEEP,
        .numbers = { keep->now, keep->rows, keep->bytes },
        .done_added = done
    };

    return fake_work_write(s, &with, data);
}


int
store_works_unended(store_t *s, int64_t after, size_t limit,
    store_works_pt done, void *data)
{
    fake_call_t  *c;
    fake_work_t  *w, *tmp;

    c = fake_works_call(s, FAKE_WORKS, done, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    HASH_ITER(hh, s->works, w, tmp) {
        if (w->seq > after && c->end->n < limit && fake_work_is_unended(w)) {
            c->end->works[c->end->n++] = w;
        }
    }

    return SC_OK;
}


/* What it finds is to be put into its works, n of them. */
static fake_call_t *
fake_works_call(store_t *s, fake_op_t op, store_works_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_end_call(s, op, data);
    if (c == NULL) {
        return NULL;
    }

    c->end->works = calloc(HASH_COUNT(s->works) + 1, sizeof(fake_work_t *));
    ck_assert_ptr_nonnull(c->end->works);
    c->end->done_works = done;
    c->tell = fake_works_tell;
    fake_call_read(s, c);

    return c;
}


int
store_work_get(store_t *s, const char *id, sc_str_t tenant,
    store_works_pt done, void *data)
{
    fake_call_t  *c;
    fake_work_t  *w, *tmp;

    c = fake_works_call(s, FAKE_WORK_GET, done, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    HASH_ITER(hh, s->works, w, tmp) {
        if (strcmp(w->work.job.id, id) == 0
            && w->work.job.tenant.len == tenant.len)
        {
            c->end->works[0] = w;
            c->end->n = 1;
        }
    }

    c->status = c->end->n == 1 ? c->status : STORE_NOT_FOUND;

    return SC_OK;
}


/* As they are now: nobody here looks between the call and its answer. */
static void
fake_works_tell(fake_call_t *c)
{
    size_t        i;
    store_work_t  works[64];

    ck_assert_uint_le(c->end->n, 64);

    for (i = 0; i < c->end->n; i++) {
        works[i] = c->end->works[i]->work;
    }

    c->end->done_works(c->data, c->status, works, c->end->n);
}


void
fake_works_free(store_t *s)
{
    fake_seen_t  *seen, *stmp;
    fake_work_t  *w, *tmp;

    HASH_ITER(hh, s->works, w, tmp) {
        HASH_DEL(s->works, w);
        sc_buf_free(&w->text);
        free(w);
    }

    HASH_ITER(hh, s->seen, seen, stmp) {
        HASH_DEL(s->seen, seen);
        free(seen);
    }

    sc_buf_free(&s->message);
}


const store_work_t *
fake_work(const char *id)
{
    fake_work_t  *w, *tmp;

    HASH_ITER(hh, fake_store.works, w, tmp) {
        if (strcmp(w->work.job.id, id) == 0) {
            return &w->work;
        }
    }

    return NULL;
}


const fake_row_t *
fake_work_page(const char *id, const char *url)
{
    fake_row_t  *row;

    DL_FOREACH(fake_store.rows, row) {
        if (row->job.parent != 0 && strcmp(row->job.parent_id, id) == 0
            && strcmp(row->job.url.data, url) == 0)
        {
            return row;
        }
    }

    return NULL;
}


size_t
fake_work_pages(const char *id)
{
    size_t       n;
    fake_row_t  *row;

    n = 0;

    DL_FOREACH(fake_store.rows, row) {
        n += row->job.parent != 0 && strcmp(row->job.parent_id, id) == 0;
    }

    return n;
}


const char *
fake_message(void)
{
    return fake_store.message.len != 0 ? fake_store.message.data : "";
}


size_t
fake_messages(void)
{
    return fake_store.messages;
}
