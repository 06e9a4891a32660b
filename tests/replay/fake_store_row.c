
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <utlist.h>

#include "tests/replay/fake_store.h"


static int fake_row_write(store_t *s, fake_op_t op, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data);
static store_status_t fake_row_change(store_t *s, fake_row_t *row,
    fake_call_t *c);
static void fake_row_finish(fake_row_t *row, fake_call_t *c);


int
store_job_put(store_t *s, const store_job_t *job, store_done_pt done,
    void *data)
{
    return fake_row_write(s, FAKE_PUT, job, NULL, done, data);
}


int
store_job_start(store_t *s, const char *id, int64_t at, store_done_pt done,
    void *data)
{
    store_job_t  job;

    memset(&job, 0, sizeof(store_job_t));
    memcpy(job.id, id, ID_SIZE);
    job.started = at;

    return fake_row_write(s, FAKE_START, &job, NULL, done, data);
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

    return fake_row_write(s, FAKE_CANCEL, &job, NULL, done, data);
}


int
store_job_defer(store_t *s, const store_job_t *job, int64_t due,
    store_done_pt done, void *data)
{
    int           rc;
    fake_call_t  *c;

    rc = fake_row_write(s, FAKE_DEFER, job, NULL, done, data);

    if (rc == SC_OK) {
        c = s->writes->prev;
        c->due = due;
    }

    return rc;
}


static int
fake_row_write(store_t *s, fake_op_t op, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data)
{
    fake_call_t  *c;

    c = fake_call_make(s, op, data);
    if (c == NULL) {
        return SC_ERROR;
    }

    c->row = fake_row_make(job, result);
    c->has_result = result != NULL;
    c->done = done;
    fake_call_write(s, c);

    return SC_OK;
}


fake_row_t *
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
                                       &r->view, &r->echo, &r->error,
                                       &r->etag, &r->host, &r->ruleset,
                                       &r->digest, &r->context },
                      14, &row->result_text);
    r->tables = NULL;

    return row;
}


store_status_t
fake_row_do(store_t *s, fake_call_t *c)
{
    fake_row_t  *row;

    row = fake_row_find(c->row->job.id);

    if (row == NULL && (c->op == FAKE_PUT || c->op == FAKE_FINISH)) {
        row = c->row;
        c->row = NULL;
        row->results = c->has_result;
        fake_row_insert(s, row);

        if (c->op == FAKE_PUT && row->job.due != 0) {
            fake_task_put(s, row);
            fake_queue_put(s, &row->job);
        }

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

    return fake_row_is_unended(row) ? fake_row_change(s, row, c)
                                    : STORE_CONFLICT;
}


fake_row_t *
fake_row_find(const char *id)
{
    fake_row_t  *row;

    HASH_FIND(hh, fake_store.by_id, id, ID_LEN, row);

    return row;
}


void
fake_row_insert(store_t *s, fake_row_t *row)
{
    row->job.seq = ++s->seq;
    HASH_ADD(hh, s->by_id, job.id[0], ID_LEN, row);
    DL_APPEND(s->rows, row);
}


static store_status_t
fake_row_change(store_t *s, fake_row_t *row, fake_call_t *c)
{
    const store_job_t  *job = &c->row->job;

    switch (c->op) {

    case FAKE_START:
        row->job.state = STORE_RUNNING;
        row->job.started = job->started;
        row->job.attempts++;
        break;

    case FAKE_DEFER:
        fake_task_del(s, row, job);
        row->job.state = STORE_QUEUED;
        row->job.due = c->due;
        row->job.tries = job->tries;
        row->job.attempts -= row->job.attempts > 0;
        fake_task_put(s, row);
        fake_queue_put(s, &row->job);
        break;

    case FAKE_CANCEL:
        fake_task_del(s, row, &row->job);
        row->job.state = STORE_CANCELLED;
        row->job.finished = job->finished;
        break;

    default:
        if (job->due != 0) {
            fake_task_del(s, row, job);
        }

        fake_row_finish(row, c);
    }

    return STORE_OK;
}


static void
fake_row_finish(fake_row_t *row, fake_call_t *c)
{
    int          attempts;
    int64_t      seq, due;
    store_job_t  job;

    seq = row->job.seq;
    due = row->job.due;
    attempts = row->job.attempts;
    job = c->row->job;

    sc_buf_free(&row->text);
    fake_copy_job(&row->job, &job, &row->text);
    row->job.seq = seq;
    row->job.due = due;
    row->job.attempts = attempts;

    if (c->has_result) {
        row->results++;
        row->result = c->row->result;
        sc_buf_free(&row->result_text);
        row->result_text = c->row->result_text;
        memset(&c->row->result_text, 0, sizeof(sc_buf_t));
    }
}


int
fake_row_is_unended(const fake_row_t *row)
{
    return row->job.state == STORE_QUEUED || row->job.state == STORE_RUNNING;
}


void
fake_rows_free(store_t *s)
{
    fake_row_t  *row, *tmp;

    HASH_CLEAR(hh, s->by_id);

    DL_FOREACH_SAFE(s->rows, row, tmp) {
        fake_row_free(row);
    }
}


void
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
    fake_row_t  *row;

    row = fake_row_make(job, NULL);
    fake_row_insert(&fake_store, row);

    if (job->due != 0) {
        fake_task_put(&fake_store, row);
        fake_queue_put(&fake_store, &row->job);
    }
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
store_table_name_ok(const char *name)
{
    (void) name;

    return 1;
}


void
store_table_counts(const store_t *s, store_table_counts_t *counts)
{
    (void) s;

    memset(counts, 0, sizeof(store_table_counts_t));
}


int
store_check(const char *path, char *err, size_t errlen)
{
    (void) path;
    (void) err;
    (void) errlen;

    return SC_ERROR;
}
