
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_internal.h"


static db_sql_t store_list_sql(const store_results_ask_t *ask);
static const char *store_list_filter(const char *filter);
static int64_t store_list_limit(size_t limit);
static db_sql_t store_jobs_sql(const store_jobs_ask_t *ask);
static void store_told_tallies(db_batch_t *batch);
static void store_told_raw(db_batch_t *batch);


int
store_results_list(store_t *s, const store_results_ask_t *ask,
    store_results_pt done, void *data)
{
    int64_t       from;
    store_line_t  line = { 0 };
    store_tell_t  tell = { .results = done };

    from = (ask->newest && ask->after == 0) ? INT64_MAX : ask->after;

    store_line_op(&line, store_list_sql(ask), STORE_OK);

    line.search = (store_list_filter(ask->job)[0] == '\0');

    if (!line.failed) {
        line.ops[0].mistakes = (store_list_filter(ask->q)[0] != '\0');
    }

    store_line_text(&line, ask->tenant);
    store_line_number(&line, from);
    store_line_number(&line, store_list_limit(ask->limit));
    store_line_number(&line, STORE_LIST_BYTES);
    store_line_cstr(&line, store_list_filter(ask->job));
    store_line_number(&line, ask->failed);
    store_line_cstr(&line, store_list_filter(ask->url));
    store_line_cstr(&line, store_list_filter(ask->host));
    store_line_cstr(&line, store_list_filter(ask->ruleset));
    store_line_number(&line, ask->changed_since);
    store_line_cstr(&line, store_list_filter(ask->tag_name));
    store_line_cstr(&line, store_list_filter(ask->tag_value));
    store_line_cstr(&line, store_list_filter(ask->q));

    return store_read(s, &line, store_told_results, tell, data);
}


/* By the filter that leaves the fewest. */

static db_sql_t
store_list_sql(const store_results_ask_t *ask)
{
    size_t    i;
    db_sql_t  sql;

    const struct {
        int       given;
        db_sql_t  sql;
    } by[] = {
        { store_list_filter(ask->q)[0] != '\0', SQL_LIST_WORDS },
        { store_list_filter(ask->job)[0] != '\0',
          ask->failed ? SQL_LIST_FAILED : SQL_LIST_JOB },
        { store_list_filter(ask->url)[0] != '\0', SQL_LIST_URL },
        { store_list_filter(ask->tag_name)[0] != '\0', SQL_LIST_TAG },
        { store_list_filter(ask->host)[0] != '\0', SQL_LIST_HOST },
        { store_list_filter(ask->ruleset)[0] != '\0', SQL_LIST_RULESET },
        { ask->changed_since != 0, SQL_LIST_CHANGED },
    };

    sql = SQL_LIST_ALL;

    for (i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
        if (by[i].given) {
            sql = by[i].sql;
            break;
        }
    }

    /* each has its opposite behind it */
    return ask->newest ? sql + 1 : sql;
}


static const char *
store_list_filter(const char *filter)
{
    return filter != NULL ? filter : "";
}


static int64_t
store_list_limit(size_t limit)
{
    return limit < STORE_LIST_MAX ? (int64_t) limit : STORE_LIST_MAX;
}


size_t
store_job_size(const store_job_t *job)
{
    return job->spec.len + job->echo.len + job->error.len + job->url.len;
}


/* SQL_RESULT_SIZE, which counts the characters of some. */
size_t
store_result_size(const store_result_t *r)
{
    return r->data.len + r->fetch.len + r->missing.len + r->warnings.len
           + r->view.len + r->echo.len + r->error.len + r->context.len
           + r->url.len + 256;
}


int
store_jobs_list(store_t *s, const store_jobs_ask_t *ask, store_works_pt done,
    void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .works = done };

    line.search = 1;
    store_line_op(&line, store_jobs_sql(ask), STORE_OK);
    store_line_text(&line, ask->tenant);
    store_line_number(&line, ask->before != 0 ? ask->before : INT64_MAX);
    store_line_number(&line, store_list_limit(ask->limit));
    store_line_number(&line, STORE_LIST_BYTES);
    store_line_number(&line, ask->state);
    store_line_cstr(&line, store_list_filter(ask->kind));
    store_line_number(&line, ask->since);
    store_line_number(&line, ask->until);
    store_line_cstr(&line, store_list_filter(ask->tag_name));
    store_line_cstr(&line, store_list_filter(ask->tag_value));

    return store_read(s, &line, store_told_works, tell, data);
}


/* Extracts are most of all jobs, batches and crawls a few. */

static db_sql_t
store_jobs_sql(const store_jobs_ask_t *ask)
{
    const char  *kind = store_list_filter(ask->kind);

    if (store_list_filter(ask->tag_name)[0] != '\0') {
        return SQL_JOBS_LIST_TAG;
    }

    if (kind[0] != '\0' && strcmp(kind, "extract") != 0) {
        return SQL_JOBS_LIST_KIND;
    }

    return ask->state != -1 ? SQL_JOBS_LIST_STATE : SQL_JOBS_LIST;
}


int
store_pages_list(store_t *s, int64_t job, int64_t after, size_t limit,
    store_jobs_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .jobs = done };

    store_line_op(&line, SQL_PAGES_LIST, STORE_OK);
    store_line_number(&line, job);
    store_line_number(&line, after);
    store_line_number(&line, store_list_limit(limit));
    store_line_number(&line, STORE_LIST_BYTES);

    return store_read(s, &line, store_told_jobs, tell, data);
}


int
store_tallies(store_t *s, int64_t job, store_tallies_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .tallies = done };

    store_line_op(&line, SQL_TALLIES, STORE_OK);
    store_line_number(&line, job);

    return store_read(s, &line, store_told_tallies, tell, data);
}


int
store_raw_get(store_t *s, const char *result, sc_str_t tenant,
    store_raw_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .raw = done };

    store_line_op(&line, SQL_RAW_GET, STORE_NOT_FOUND);
    store_line_id(&line, result);
    store_line_text(&line, tenant);

    return store_read(s, &line, store_told_raw, tell, data);
}


static void
store_told_tallies(db_batch_t *batch)
{
    void           *array;
    size_t          n;
    db_row_t       *row;
    store_call_t   *call = (store_call_t *) batch;
    store_tally_t  *tally;

    if (store_told_array(batch, sizeof(store_tally_t), &array, &n) != SC_OK) {
        batch->status = STORE_FAILED;
    }

    tally = array;

    for (row = batch->rows; array != NULL && row != NULL; row = row->next) {
        tally->name = store_row_text(&row->values[0]);
        tally->n = row->values[1].n;
        tally++;
    }

    if (call->tell.tallies != NULL) {
        call->tell.tallies(call->data, batch->status, array, n);
    }

    free(array);
    store_call_end(call);
}


static void
store_told_raw(db_batch_t *batch)
{
    store_raw_t    raw;
    store_call_t  *call = (store_call_t *) batch;

    if (call->tell.raw == NULL) {
        /* nobody is to be told */

    } else if (batch->status != STORE_OK) {
        call->tell.raw(call->data, batch->status, NULL);

    } else {
        raw.head = store_row_text(&batch->rows->values[0]);
        raw.body = store_row_text(&batch->rows->values[1]);
        call->tell.raw(call->data, STORE_OK, &raw);
    }

    store_call_end(call);
}
