
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/store/store_internal.h"


static int store_submit(store_t *s, store_line_t *line, int write,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data);
static store_call_t *store_call_create(const store_line_t *line);
static void store_told(db_batch_t *batch);


int
store_write(store_t *s, store_line_t *line, store_done_pt done, void *data)
{
    store_tell_t  tell = { .done = done };

    line->pace = (done == NULL) ? DB_LATER : DB_NOW;

    return store_submit(s, line, 1, store_told, tell, data);
}


int
store_change(store_t *s, store_line_t *line, void (*told)(db_batch_t *batch),
    store_tell_t tell, void *data)
{
    return store_submit(s, line, 1, told, tell, data);
}


int
store_read(store_t *s, store_line_t *line, void (*told)(db_batch_t *batch),
    store_tell_t tell, void *data)
{
    return store_submit(s, line, 0, told, tell, data);
}


static int
store_submit(store_t *s, store_line_t *line, int write,
    void (*told)(db_batch_t *batch), store_tell_t tell, void *data)
{
    store_call_t  *call;

    call = line->failed || s->closing ? NULL : store_call_create(line);

    free(line->ops);
    free(line->args);

    if (call == NULL) {
        store_parts_free(line->parts, line->nparts);
        return SC_ERROR;
    }

    call->batch.write = write ? 1 : 0;
    call->batch.pace = line->pace;
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
    db_value_t    *arg, *args;
    store_call_t  *call;

    size = sizeof(store_call_t) + line->nops * sizeof(db_op_t)
           + line->nargs * sizeof(db_value_t);

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
    args = (db_value_t *) (call->ops + line->nops);
    memcpy(call->ops, line->ops, line->nops * sizeof(db_op_t));

    if (line->nargs != 0) {
        memcpy(args, line->args, line->nargs * sizeof(db_value_t));
    }

    call->batch.nops = line->nops;
    call->batch.ops = call->ops;
    call->batch.nparts = line->nparts;
    call->batch.parts = line->parts;
    call->batch.parted = line->parted;
    call->batch.words = line->words;
    call->batch.search = line->search;
    call->parts = line->parts;

    for (arg = args, i = 0; i < line->nops; i++) {
        call->ops[i].args = arg;
        arg += call->ops[i].nargs;
    }

    p = (char *) arg;

    for (arg = args; arg < args + line->nargs; arg++) {
        if (arg->text != NULL) {
            memcpy(p, arg->text, (size_t) arg->n);
            arg->text = p;
            p += arg->n;
        }
    }

    return call;
}


void
store_call_end(store_call_t *call)
{
    DL_DELETE(call->store->calls, call);
    db_rows_free(call->batch.rows);
    store_parts_free(call->parts, call->batch.nparts);
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


void
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


void
store_told_added(db_batch_t *batch)
{
    store_call_t  *call = (store_call_t *) batch;

    if (call->tell.added != NULL) {
        call->tell.added(call->data, batch->status,
                         batch->status == STORE_OK
                         ? (size_t) batch->told[DB_TELL_ADDED] : 0);
    }

    store_call_end(call);
}


void
store_told_seq(db_batch_t *batch)
{
    store_call_t  *call = (store_call_t *) batch;

    if (call->tell.seq != NULL) {
        call->tell.seq(call->data, batch->status,
                       batch->status == STORE_OK && batch->rows != NULL
                       ? batch->rows->values[0].n : 0);
    }

    store_call_end(call);
}


void
store_told_works(db_batch_t *batch)
{
    void          *array;
    size_t         n;
    db_row_t      *row;
    store_call_t  *call = (store_call_t *) batch;
    store_work_t  *works;

    if (store_told_array(batch, sizeof(store_work_t), &array, &n) != SC_OK) {
        batch->status = STORE_FAILED;
    }

    works = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        store_row_work(row, works++);
    }

    if (call->tell.works != NULL) {
        call->tell.works(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}


void
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


void
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


void
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


void
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

int
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
