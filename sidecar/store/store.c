
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/store/store_internal.h"


typedef struct store_call_s  store_call_t;


/* Whom to tell: the one that the call's kind has; NULL for nobody. */
typedef union {
    store_done_pt     done;
    store_job_pt      job;
    store_jobs_pt     jobs;
    store_result_pt   result;
    store_results_pt  results;
} store_tell_t;


/*
 * One call, from store_submit() to its callback.  The texts of args follow
 * them.
 *
 * batch   first: the driver gives it back
 */
struct store_call_s {
    db_batch_t     batch;
    store_t       *store;
    store_call_t  *next;
    store_call_t  *prev;
    store_tell_t   tell;
    void          *data;
    db_op_t        ops[STORE_OPS];
    db_value_t     args[];
};


/*
 * calls     all that are not called back
 * closing   no more are taken
 */
struct store_s {
    db_t          *db;
    store_call_t  *calls;
    unsigned       closing:1;
};


static int store_write(store_t *s, const store_line_t *line,
    store_done_pt done, void *data);
static int store_read(store_t *s, const store_line_t *line,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data);
static int store_submit(store_t *s, store_call_t *call,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data);
static store_call_t *store_call_create(const store_line_t *line);
static void store_call_end(store_call_t *call);
static void store_told(db_batch_t *batch);
static void store_told_job(db_batch_t *batch);
static void store_told_jobs(db_batch_t *batch);
static void store_told_count(db_batch_t *batch);
static void store_told_result(db_batch_t *batch);
static void store_told_results(db_batch_t *batch);
static int store_told_array(db_batch_t *batch, size_t size, void **array,
    size_t *n);


store_t *
store_open(loop_t *loop, const char *path, char *err, size_t errlen)
{
    store_t  *s;

    s = calloc(1, sizeof(store_t));
    if (s == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    s->db = db_open(loop, path, err, errlen);
    if (s->db == NULL) {
        free(s);
        return NULL;
    }

    return s;
}


void
store_close(store_t *s)
{
    s->closing = 1;
    db_close(s->db);
    free(s);
}


int
store_job_put(store_t *s, const store_job_t *job, store_done_pt done,
    void *data)
{
    store_line_t  line = { 0 };

    store_line_job(&line, SQL_JOB_PUT, job);

    return store_write(s, &line, done, data);
}


int
store_job_start(store_t *s, const char *id, int64_t at, store_done_pt done,
    void *data)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_JOB_START, STORE_CONFLICT);
    store_line_id(&line, id);
    store_line_number(&line, at);

    return store_write(s, &line, done, data);
}


int
store_job_finish(store_t *s, const store_job_t *job,
    const store_result_t *result, store_done_pt done, void *data)
{
    store_line_t  line = { 0 };

    store_line_job(&line, SQL_JOB_FINISH, job);

    if (result != NULL) {
        store_line_result(&line, result, job);
    }

    return store_write(s, &line, done, data);
}


int
store_job_cancel(store_t *s, const char *id, sc_str_t tenant, int64_t at,
    store_done_pt done, void *data)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_JOB_EXISTS, STORE_NOT_FOUND);
    store_line_id(&line, id);
    store_line_text(&line, tenant);

    store_line_op(&line, SQL_JOB_CANCEL, STORE_CONFLICT);
    store_line_id(&line, id);
    store_line_number(&line, at);

    return store_write(s, &line, done, data);
}


int
store_job_get(store_t *s, const char *id, sc_str_t tenant, store_job_pt done,
    void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .job = done };

    store_line_op(&line, SQL_JOB_GET, STORE_NOT_FOUND);
    store_line_id(&line, id);
    store_line_text(&line, tenant);

    return store_read(s, &line, store_told_job, tell, data);
}


int
store_jobs_unended(store_t *s, int64_t after, size_t limit,
    store_jobs_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .jobs = done };

    store_line_op(&line, SQL_JOBS_UNENDED, STORE_OK);
    store_line_number(&line, after);
    store_line_number(&line, limit < INT64_MAX ? (int64_t) limit : INT64_MAX);

    return store_read(s, &line, store_told_jobs, tell, data);
}


int
store_job_results(store_t *s, const char *job, sc_str_t tenant,
    int64_t after, size_t limit, store_results_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .results = done };

    store_line_op(&line, SQL_JOB_RESULTS, STORE_OK);
    store_line_cstr(&line, job);
    store_line_text(&line, tenant);
    store_line_number(&line, after);
    store_line_number(&line, limit < INT64_MAX ? (int64_t) limit : INT64_MAX);

    return store_read(s, &line, store_told_results, tell, data);
}


int
store_result_get(store_t *s, const char *id, sc_str_t tenant,
    store_result_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .result = done };

    store_line_op(&line, SQL_RESULT_GET, STORE_NOT_FOUND);
    store_line_id(&line, id);
    store_line_text(&line, tenant);

    return store_read(s, &line, store_told_result, tell, data);
}


int
store_result_newest(store_t *s, sc_str_t url, sc_str_t tenant,
    store_result_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .result = done };

    store_line_op(&line, SQL_RESULT_NEWEST, STORE_NOT_FOUND);
    store_line_text(&line, tenant);
    store_line_text(&line, url);

    return store_read(s, &line, store_told_result, tell, data);
}


int
store_unended_count(store_t *s, store_jobs_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .jobs = done };

    store_line_op(&line, SQL_UNENDED_COUNT, STORE_OK);

    return store_read(s, &line, store_told_count, tell, data);
}


void
store_forget(store_t *s, void *data)
{
    store_call_t  *call;

    DL_FOREACH(s->calls, call) {
        if (call->data == data) {
            call->tell.done = NULL;
        }
    }
}


static int
store_write(store_t *s, const store_line_t *line, store_done_pt done,
    void *data)
{
    store_call_t  *call;
    store_tell_t   tell = { .done = done };

    call = store_call_create(line);

    if (call != NULL) {
        call->batch.write = 1;
    }

    return store_submit(s, call, store_told, tell, data);
}


static int
store_read(store_t *s, const store_line_t *line,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data)
{
    return store_submit(s, store_call_create(line), told, tell, data);
}


static int
store_submit(store_t *s, store_call_t *call,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data)
{
    if (call == NULL || s->closing) {
        free(call);
        return SC_ERROR;
    }

    call->batch.done = told;
    call->store = s;
    call->tell = tell;
    call->data = data;

    DL_APPEND(s->calls, call);
    db_submit(s->db, &call->batch);

    return SC_OK;
}


/* All that the line says, in one piece of memory. */

static store_call_t *
store_call_create(const store_line_t *line)
{
    char          *p;
    size_t         i, size;
    db_op_t       *op;
    db_value_t    *arg;
    store_call_t  *call;

    size = sizeof(store_call_t) + line->nargs * sizeof(db_value_t);

    for (i = 0; i < line->nargs; i++) {
        if (line->args[i].text != NULL) {
            size += (size_t) line->args[i].n;
        }
    }

    call = malloc(size);
    if (call == NULL) {
        return NULL;
    }

    memset(call, 0, sizeof(store_call_t));
    memcpy(call->ops, line->ops, line->nops * sizeof(db_op_t));
    memcpy(call->args, line->args, line->nargs * sizeof(db_value_t));

    call->batch.nops = line->nops;
    call->batch.ops = call->ops;

    for (op = call->ops; op < call->ops + line->nops; op++) {
        op->args = call->args + (op->args - line->args);
    }

    p = (char *) (call->args + line->nargs);

    for (arg = call->args; arg < call->args + line->nargs; arg++) {
        if (arg->text != NULL) {
            memcpy(p, arg->text, (size_t) arg->n);
            arg->text = p;
            p += arg->n;
        }
    }

    return call;
}


static void
store_call_end(store_call_t *call)
{
    DL_DELETE(call->store->calls, call);
    db_rows_free(call->batch.rows);
    free(call);
}


static void
store_told(db_batch_t *batch)
{
    store_call_t  *call = (store_call_t *) batch;

    if (call->tell.done != NULL) {
        call->tell.done(call->data, batch->status);
    }

    store_call_end(call);
}


static void
store_told_job(db_batch_t *batch)
{
    store_job_t    job;
    store_call_t  *call = (store_call_t *) batch;

    if (call->tell.job == NULL) {
        /* nobody is to be told */

    } else if (batch->status != STORE_OK) {
        call->tell.job(call->data, batch->status, NULL);

    } else {
        store_row_job(batch->rows, &job);
        call->tell.job(call->data, STORE_OK, &job);
    }

    store_call_end(call);
}


static void
store_told_jobs(db_batch_t *batch)
{
    void          *array;
    size_t         n;
    db_row_t      *row;
    store_job_t   *jobs;
    store_call_t  *call = (store_call_t *) batch;

    if (store_told_array(batch, sizeof(store_job_t), &array, &n) != SC_OK) {
        batch->status = STORE_FAILED;
    }

    jobs = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        store_row_job(row, jobs++);
    }

    if (call->tell.jobs != NULL) {
        call->tell.jobs(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}


static void
store_told_count(db_batch_t *batch)
{
    size_t         n;
    store_call_t  *call = (store_call_t *) batch;

    n = batch->status == STORE_OK ? (size_t) batch->rows->values[0].n : 0;

    if (call->tell.jobs != NULL) {
        call->tell.jobs(call->data, batch->status, NULL, n);
    }

    store_call_end(call);
}


static void
store_told_result(db_batch_t *batch)
{
    store_call_t    *call = (store_call_t *) batch;
    store_result_t   result;

    if (call->tell.result == NULL) {
        /* nobody is to be told */

    } else if (batch->status != STORE_OK) {
        call->tell.result(call->data, batch->status, NULL);

    } else {
        store_row_result(batch->rows, &result);
        call->tell.result(call->data, STORE_OK, &result);
    }

    store_call_end(call);
}


static void
store_told_results(db_batch_t *batch)
{
    void            *array;
    size_t           n;
    db_row_t        *row;
    store_call_t    *call = (store_call_t *) batch;
    store_result_t  *results;

    if (store_told_array(batch, sizeof(store_result_t), &array, &n) != SC_OK)
    {
        batch->status = STORE_FAILED;
    }

    results = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        store_row_result(row, results++);
    }

    if (call->tell.results != NULL) {
        call->tell.results(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}


/* Room for all rows; NULL and 0 when there are none to be shown. */

static int
store_told_array(db_batch_t *batch, size_t size, void **array, size_t *n)
{
    size_t     count;
    db_row_t  *row;

    *array = NULL;
    *n = 0;

    if (batch->status != STORE_OK || batch->rows == NULL) {
        return SC_OK;
    }

    count = 0;

    for (row = batch->rows; row != NULL; row = row->next) {
        count++;
    }

    *array = calloc(count, size);
    if (*array == NULL) {
        return SC_ERROR;
    }

    *n = count;

    return SC_OK;
}
