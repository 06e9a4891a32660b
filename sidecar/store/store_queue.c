
#include <stdlib.h>

#include "sidecar/store/store_internal.h"


static void store_told_flows(db_batch_t *batch);
static void store_told_queue(db_batch_t *batch);
static void store_queue_answer(const db_batch_t *batch, store_job_t *jobs,
    store_queue_answer_t *answer);


int
store_job_defer(store_t *s, const store_job_t *job, int64_t due,
    store_done_pt done, void *data)
{
    store_line_t  line = { 0 };

    /* by what its row says, before that changes; an ended one has no task */
    store_line_op(&line, SQL_TASK_CANCEL, STORE_OK);
    store_line_id(&line, job->id);

    store_line_op(&line, SQL_JOB_DEFER, STORE_CONFLICT);
    store_line_id(&line, job->id);
    store_line_number(&line, due);
    store_line_number(&line, job->tries);

    store_line_op(&line, SQL_TASK_DEFER, STORE_OK);
    store_line_id(&line, job->id);

    store_line_queue(&line, job, due);

    return store_write(s, &line, done, data);
}


int
store_queue_settle(store_t *s, int lane, int64_t flow, int64_t host,
    int64_t not_before)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_QUEUE_SETTLE, STORE_OK);
    store_line_number(&line, lane);
    store_line_number(&line, flow);
    store_line_number(&line, host);
    store_line_number(&line, not_before);

    store_line_op(&line, SQL_QUEUE_DROP, STORE_OK);
    store_line_number(&line, lane);
    store_line_number(&line, flow);
    store_line_number(&line, host);

    return store_write(s, &line, NULL, NULL);
}


int
store_queue_flows(store_t *s, store_flows_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .flows = done };

    store_line_op(&line, SQL_QUEUE_FLOWS, STORE_OK);

    return store_read(s, &line, store_told_flows, tell, data);
}


int
store_queue_next(store_t *s, const store_queue_ask_t *ask,
    store_queue_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .queue = done };

    store_line_op(&line, SQL_QUEUE_NEXT, STORE_OK);
    store_line_number(&line, ask->lane);
    store_line_number(&line, ask->flow);
    store_line_number(&line, ask->now);
    store_line_number(&line, ask->after_due);
    store_line_number(&line, ask->after_host);
    store_line_number(&line, (int64_t) ask->hosts);
    store_line_number(&line, (int64_t) ask->each);

    return store_read(s, &line, store_told_queue, tell, data);
}


int
store_queue_more(store_t *s, int64_t flow, int64_t host, int64_t now,
    size_t limit, store_jobs_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .jobs = done };

    store_line_op(&line, SQL_QUEUE_MORE, STORE_OK);
    store_line_number(&line, flow);
    store_line_number(&line, host);
    store_line_number(&line, now);
    store_line_number(&line, (int64_t) limit);

    return store_read(s, &line, store_told_jobs, tell, data);
}


int
store_unended_count(store_t *s, store_jobs_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .jobs = done };

    store_line_op(&line, SQL_TASK_COUNT, STORE_OK);

    return store_read(s, &line, store_told_count, tell, data);
}


static void
store_told_flows(db_batch_t *batch)
{
    void          *array;
    size_t         n;
    db_row_t      *row;
    store_call_t  *call = (store_call_t *) batch;
    store_flow_t  *flow;

    if (store_told_array(batch, sizeof(store_flow_t), &array, &n) != SC_OK) {
        batch->status = STORE_FAILED;
    }

    flow = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        store_row_flow(row, flow++);
    }

    if (call->tell.flows != NULL) {
        call->tell.flows(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}


static void
store_told_queue(db_batch_t *batch)
{
    void                  *array;
    size_t                 n;
    store_call_t          *call = (store_call_t *) batch;
    store_queue_answer_t   answer = { 0 };

    if (store_told_array(batch, sizeof(store_job_t), &array, &n) != SC_OK) {
        batch->status = STORE_FAILED;
    }

    if (array != NULL) {
        store_queue_answer(batch, array, &answer);
    }

    if (call->tell.queue != NULL) {
        call->tell.queue(call->data, batch->status, &answer);
    }

    free(array);
    store_call_end(call);
}


/* A host without jobs has a row without one. */
static void
store_queue_answer(const db_batch_t *batch, store_job_t *jobs,
    store_queue_answer_t *answer)
{
    int64_t          due, host;
    const db_row_t  *row;

    answer->jobs = jobs;

    for (row = batch->rows; row != NULL; row = row->next) {
        store_row_queue(row, &jobs[answer->n], &host, &due);
        answer->n += jobs[answer->n].id[0] != '\0';

        if (answer->hosts == 0 || answer->host != host
            || answer->due != due)
        {
            answer->hosts++;
        }

        answer->host = host;
        answer->due = due;
    }
}
