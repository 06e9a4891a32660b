
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake.h"


/*
 * One call: a write is done when its turn comes, a read is done at once and
 * told when its turn comes.
 */
typedef struct fake_call_s  fake_call_t;

struct fake_call_s {
    fake_call_t     *next;
    fake_call_t     *prev;
    fake_op_t        op;
    fake_row_t      *row;
    int              has_result;
    int64_t          at;
    store_status_t   status;
    store_job_t     *jobs;
    sc_buf_t        *texts;
    size_t           n;
    store_done_pt    done;
    store_jobs_pt    done_jobs;
    void            *data;
};


struct store_s {
    loop_t       *loop;
    loop_task_t   task;
    fake_row_t   *by_id;
    fake_row_t   *rows;
    fake_call_t  *writes;
    fake_call_t  *reads;
    int64_t       seq;
    size_t        calls[FAKE_OPS];
    int           held[FAKE_OPS];
    size_t        refused[FAKE_OPS];
    size_t        scripted[FAKE_OPS];
    store_status_t  answers[FAKE_OPS];
};


static int fake_store_read(store_t *s, fake_op_t op, int64_t after,
    size_t limit, store_jobs_pt done, void *data);
static int fake_store_write(store_t *s, fake_op_t op, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data);
static fake_call_t *fake_call_make(store_t *s, fake_op_t op);
static void fake_store_work(loop_task_t *task);
static void fake_store_tell_read(store_t *s, fake_call_t *c);
static store_status_t fake_store_do(store_t *s, fake_call_t *c);
static store_status_t fake_store_change(fake_row_t *row, fake_call_t *c);
static void fake_store_insert(store_t *s, fake_row_t *row);
static void fake_store_result(fake_row_t *row, fake_call_t *c);
static int fake_row_is_unended(const fake_row_t *row);
static fake_row_t *fake_row_find(const char *id);
static fake_row_t *fake_row_make(const store_job_t *job,
    const store_result_t *result);
static void fake_copy_job(store_job_t *to, const store_job_t *from,
    sc_buf_t *text);
static void fake_copy_strings(sc_str_t *const *strings, size_t n,
    sc_buf_t *text);
static void fake_call_free(fake_call_t *c);
static void fake_row_free(fake_row_t *row);


static store_t  fake_store;


store_t *
store_open(loop_t *loop, const char *path, char *err, size_t errlen)
{
    (void) path;
    (void) err;
    (void) errlen;

    memset(&fake_store, 0, sizeof(store_t));
    fake_store.loop = loop;
    fake_store.task.handler = fake_store_work;
    fake_store.task.data = &fake_store;

    return &fake_store;
}


void
store_close(store_t *s)
{
    fake_row_t   *row, *tmp;
    fake_call_t  *c, *ctmp;

    memset(s->held, 0, sizeof(s->held));
    loop_undefer(&s->task);
    fake_store_work(&s->task);

    DL_FOREACH_SAFE(s->reads, c, ctmp) {
        fake_call_free(c);
    }

    HASH_CLEAR(hh, s->by_id);

    DL_FOREACH_SAFE(s->rows, row, tmp) {
        fake_row_free(row);
    }
}


int
store_job_put(store_t *s, const store_job_t *job, store_done_pt done,
    void *data)
{
    return fake_store_write(s, FAKE_PUT, job, NULL, done, data);
}


int
store_job_start(store_t *s, const char *id, int64_t at, store_done_pt done,
    void *data)
{
    store_job_t  job;

    memset(&job, 0, sizeof(store_job_t));
    memcpy(job.id, id, ID_SIZE);
    job.started = at;

    return fake_store_write(s, FAKE_START, &job, NULL, done, data);
}


int
store_job_finish(store_t *s, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data)
{
    return fake_store_write(s, FAKE_FINISH, job, result, done, data);
}


int
store_job_cancel(store_t *s, const char *id, sc_str_t tenant, int64_t at,
    store_done_pt done, void *data)
{
    store_job_t  job;

    memset(&job, 0, sizeof(store_job_t));
    memcpy(job.id, id, ID_SIZE);
    job.tenant = tenant;
    job.finished = at;

    return fake_store_write(s, FAKE_CANCEL, &job, NULL, done, data);
}


int
store_jobs_unended(store_t *s, int64_t after, size_t limit,
    store_jobs_pt done, void *data)
{
    return fake_store_read(s, FAKE_UNENDED, after, limit, done, data);
}


int
store_unended_count(store_t *s, store_jobs_pt done, void *data)
{
    return fake_store_read(s, FAKE_COUNT, 0, 0, done, data);
}


/* The answer to a read is made at once: what is written later is not in it. */
static int
fake_store_read(store_t *s, fake_op_t op, int64_t after, size_t limit,
    store_jobs_pt done, void *data)
{
    fake_row_t   *row;
    fake_call_t  *c;

    c = fake_call_make(s, op);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->done_jobs = done;
    c->data = data;
    c->jobs = calloc(limit + 1, sizeof(store_job_t));
    c->texts = calloc(limit + 1, sizeof(sc_buf_t));
    ck_assert(c->jobs != NULL && c->texts != NULL);

    DL_FOREACH(s->rows, row) {
        if (c->status != STORE_OK || row->job.seq <= after
            || !fake_row_is_unended(row))
        {
            continue;
        }

        if (op == FAKE_UNENDED) {
            if (c->n == limit) {
                break;
            }

            fake_copy_job(&c->jobs[c->n], &row->job, &c->texts[c->n]);
        }

        c->n++;
    }

    DL_APPEND(s->reads, c);

    return SC_OK;
}


static int
fake_store_write(store_t *s, fake_op_t op, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, op);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->row = fake_row_make(job, result);
    c->has_result = result != NULL;
    c->done = done;
    c->data = data;
    DL_APPEND(s->writes, c);

    return SC_OK;
}


static fake_call_t *
fake_call_make(store_t *s, fake_op_t op)
{
    fake_call_t  *c;

    s->calls[op]++;

    if (s->refused[op] > 0) {
        s->refused[op]--;
        return NULL;
    }

    c = calloc(1, sizeof(fake_call_t));
    ck_assert_ptr_nonnull(c);
    c->op = op;

    if (s->scripted[op] > 0) {
        s->scripted[op]--;
        c->status = s->answers[op];
    }

    loop_defer(s->loop, &s->task);

    return c;
}


/* Writes keep their order: those behind a held one wait with it. */
static void
fake_store_work(loop_task_t *task)
{
    store_t      *s = task->data;
    fake_call_t  *c, *tmp;

    while ((c = s->writes) != NULL && !s->held[c->op]) {
        DL_DELETE(s->writes, c);

        if (c->status == STORE_OK) {
            c->status = fake_store_do(s, c);
        }

        if (c->done != NULL) {
            c->done(c->data, c->status);
        }

        fake_call_free(c);
    }

    DL_FOREACH_SAFE(s->reads, c, tmp) {
        if (!s->held[c->op]) {
            fake_store_tell_read(s, c);
        }
    }
}


static void
fake_store_tell_read(store_t *s, fake_call_t *c)
{
    int  found;

    found = c->status == STORE_OK && c->op == FAKE_UNENDED;

    DL_DELETE(s->reads, c);

    if (c->done_jobs != NULL) {
        c->done_jobs(c->data, c->status, found ? c->jobs : NULL, c->n);
    }

    fake_call_free(c);
}


static store_status_t
fake_store_do(store_t *s, fake_call_t *c)
{
    fake_row_t  *row;

    row = fake_row_find(c->row->job.id);

    if (row == NULL && (c->op == FAKE_PUT || c->op == FAKE_FINISH)) {
        row = c->row;
        c->row = NULL;
        row->results = c->has_result;
        fake_store_insert(s, row);
        return STORE_OK;
    }

    if (row == NULL) {
        return c->op == FAKE_CANCEL ? STORE_NOT_FOUND : STORE_CONFLICT;
    }

    ck_assert_int_ne(c->op, FAKE_PUT);

    if (c->op == FAKE_CANCEL
        && (row->job.tenant.len != c->row->job.tenant.len
            || strcmp(row->job.tenant.data, c->row->job.tenant.data) != 0))
    {
        return STORE_NOT_FOUND;
    }

    return fake_row_is_unended(row) ? fake_store_change(row, c)
                                    : STORE_CONFLICT;
}


static store_status_t
fake_store_change(fake_row_t *row, fake_call_t *c)
{
    switch (c->op) {

    case FAKE_START:
        row->job.state = STORE_RUNNING;
        row->job.started = c->row->job.started;
        row->job.attempts++;
        break;

    case FAKE_CANCEL:
        row->job.state = STORE_CANCELLED;
        row->job.finished = c->row->job.finished;
        break;

    default:
        c->row->job.attempts = row->job.attempts;
        sc_buf_free(&row->text);
        fake_copy_job(&row->job, &c->row->job, &row->text);
        fake_store_result(row, c);
    }

    return STORE_OK;
}


static void
fake_store_insert(store_t *s, fake_row_t *row)
{
    row->job.seq = ++s->seq;
    HASH_ADD(hh, s->by_id, job.id[0], ID_LEN, row);
    DL_APPEND(s->rows, row);
}


static void
fake_store_result(fake_row_t *row, fake_call_t *c)
{
    if (!c->has_result) {
        return;
    }

    row->results++;
    row->result = c->row->result;
    sc_buf_free(&row->result_text);
    row->result_text = c->row->result_text;
    memset(&c->row->result_text, 0, sizeof(sc_buf_t));
}


static int
fake_row_is_unended(const fake_row_t *row)
{
    return row->job.state == STORE_QUEUED || row->job.state == STORE_RUNNING;
}


static fake_row_t *
fake_row_find(const char *id)
{
    fake_row_t  *row;

    HASH_FIND(hh, fake_store.by_id, id, ID_LEN, row);

    return row;
}


static fake_row_t *
fake_row_make(const store_job_t *job, const store_result_t *result)
{
    fake_row_t      *row;
    store_result_t  *r;

    row = calloc(1, sizeof(fake_row_t));
    ck_assert_ptr_nonnull(row);
    fake_copy_job(&row->job, job, &row->text);

    if (result == NULL) {
        return row;
    }

    r = &row->result;
    *r = *result;
    fake_copy_strings((sc_str_t *[]) { &r->tenant, &r->url, &r->fetch,
                                       &r->data, &r->missing, &r->warnings,
                                       &r->echo, &r->error, &r->etag },
                      9, &row->result_text);

    return row;
}


static void
fake_copy_job(store_job_t *to, const store_job_t *from, sc_buf_t *text)
{
    int64_t  seq;

    seq = to->seq != 0 ? to->seq : from->seq;
    *to = *from;
    to->seq = seq;
    fake_copy_strings((sc_str_t *[]) { &to->tenant, &to->kind, &to->url,
                                       &to->spec, &to->rules_hash, &to->rules,
                                       &to->echo, &to->error },
                      8, text);
}


static void
fake_copy_strings(sc_str_t *const *strings, size_t n, sc_buf_t *text)
{
    char    *p;
    size_t   i, len;

    len = n;

    for (i = 0; i < n; i++) {
        len += strings[i]->len;
    }

    sc_buf_init(text, 0);
    p = sc_buf_reserve(text, len);
    ck_assert_ptr_nonnull(p);

    for (i = 0; i < n; i++) {
        if (strings[i]->len > 0) {
            memcpy(p, strings[i]->data, strings[i]->len);
        }

        strings[i]->data = p;
        p += strings[i]->len;
        *p++ = '\0';
    }
}


void
store_forget(store_t *s, void *data)
{
    fake_call_t  *c;

    DL_FOREACH(s->writes, c) {
        c->done = c->data == data ? NULL : c->done;
    }

    DL_FOREACH(s->reads, c) {
        c->done_jobs = c->data == data ? NULL : c->done_jobs;
    }
}


static void
fake_call_free(fake_call_t *c)
{
    size_t  i;

    for (i = 0; c->texts != NULL && i < c->n && c->op == FAKE_UNENDED; i++) {
        sc_buf_free(&c->texts[i]);
    }

    if (c->row != NULL) {
        fake_row_free(c->row);
    }

    free(c->texts);
    free(c->jobs);
    free(c);
}


static void
fake_row_free(fake_row_t *row)
{
    sc_buf_free(&row->text);
    sc_buf_free(&row->result_text);
    free(row);
}


const fake_row_t *
fake_row(const char *id)
{
    return fake_row_find(id);
}


size_t
fake_rows(void)
{
    return HASH_COUNT(fake_store.by_id);
}


size_t
fake_rows_unended(void)
{
    size_t       n;
    fake_row_t  *row;

    n = 0;

    DL_FOREACH(fake_store.rows, row) {
        n += fake_row_is_unended(row);
    }

    return n;
}


void
fake_row_add(const store_job_t *job)
{
    fake_store_insert(&fake_store, fake_row_make(job, NULL));
}


size_t
fake_calls(fake_op_t op)
{
    return fake_store.calls[op];
}


void
fake_store_hold(fake_op_t op, int hold)
{
    fake_store.held[op] = hold;
    loop_defer(fake_store.loop, &fake_store.task);
}


void
fake_store_answer(fake_op_t op, store_status_t status, size_t n)
{
    fake_store.answers[op] = status;
    fake_store.scripted[op] = n;
}


void
fake_store_refuse(fake_op_t op, size_t n)
{
    fake_store.refused[op] = n;
}


/* The frontier leaves these to the API. */
int
store_job_get(store_t *s, const char *id, sc_str_t tenant, store_job_pt done,
    void *data)
{
    (void) s;
    (void) id;
    (void) tenant;
    (void) done;
    (void) data;

    return SC_ERROR;
}


int
store_job_results(store_t *s, const char *job, sc_str_t tenant, int64_t after,
    size_t limit, store_results_pt done, void *data)
{
    (void) s;
    (void) job;
    (void) tenant;
    (void) after;
    (void) limit;
    (void) done;
    (void) data;

    return SC_ERROR;
}


int
store_result_get(store_t *s, const char *id, sc_str_t tenant,
    store_result_pt done, void *data)
{
    (void) s;
    (void) id;
    (void) tenant;
    (void) done;
    (void) data;

    return SC_ERROR;
}


int
store_result_newest(store_t *s, sc_str_t url, sc_str_t tenant,
    store_result_pt done, void *data)
{
    (void) s;
    (void) url;
    (void) tenant;
    (void) done;
    (void) data;

    return SC_ERROR;
}


int
store_check(const char *path, char *err, size_t errlen)
{
    (void) path;
    (void) err;
    (void) errlen;

    return SC_ERROR;
}
