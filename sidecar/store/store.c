
#include <stdio.h>
#include <stdlib.h>

#include <utlist.h>

#include "sidecar/store/store_internal.h"


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
    store_plans_free(s);
    free(s);
}


int
store_job_put(store_t *s, const store_job_t *job, store_done_pt done,
    void *data)
{
    store_line_t   line = { 0 };
    store_usage_t  usage = { .day = store_day(job->created), .jobs = 1 };

    store_line_job(&line, SQL_JOB_PUT, job);

    if (job->due != 0) {
        store_line_task(&line, job);
        store_line_queue(&line, job, job->due);
    }

    store_line_usage(&line, job->tenant, &usage);

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

    store_line_op(&line, SQL_TASK_CANCEL, STORE_OK);
    store_line_id(&line, id);

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


void
store_waiting(const store_t *s, size_t *writes, size_t *reads,
    size_t *searches)
{
    db_waiting(s->db, writes, reads, searches);
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
