
#include <string.h>

#include "sidecar/store/store_internal.h"


static int64_t store_shard(const char *id);
static void store_row_id(char *id, const db_value_t *value);
static sc_str_t store_row_text(const db_value_t *value);


void
store_line_op(store_line_t *line, db_sql_t sql, store_status_t none)
{
    db_op_t  *op = &line->ops[line->nops++];

    op->sql = sql;
    op->none = none;
    op->nargs = 0;
    op->args = &line->args[line->nargs];
}


void
store_line_number(store_line_t *line, int64_t n)
{
    db_value_t  *value = &line->args[line->nargs++];

    value->text = NULL;
    value->n = n;
    line->ops[line->nops - 1].nargs++;
}


void
store_line_text(store_line_t *line, sc_str_t s)
{
    db_value_t  *value = &line->args[line->nargs++];

    value->text = s.len != 0 ? s.data : "";
    value->n = (int64_t) s.len;
    line->ops[line->nops - 1].nargs++;
}


void
store_line_cstr(store_line_t *line, const char *s)
{
    sc_str_t  text = { strlen(s), s };

    store_line_text(line, text);
}


void
store_line_id(store_line_t *line, const char *id)
{
    store_line_number(line, store_shard(id));
    store_line_cstr(line, id);
}


void
store_line_job(store_line_t *line, db_sql_t sql, const store_job_t *job)
{
    store_line_op(line, sql, STORE_CONFLICT);
    store_line_id(line, job->id);
    store_line_text(line, job->tenant);
    store_line_text(line, job->kind);
    store_line_number(line, job->state);
    store_line_text(line, job->url);
    store_line_text(line, job->spec);
    store_line_text(line, job->rules_hash);
    store_line_text(line, job->echo);
    store_line_text(line, job->error);
    store_line_number(line, job->created);
    store_line_number(line, job->started);
    store_line_number(line, job->finished);
    store_line_number(line, job->attempts);
    store_line_number(line, job->tries);
    store_line_number(line, job->lane);
    store_line_number(line, job->flow);
    store_line_number(line, job->host);
    store_line_number(line, job->prio);
    store_line_number(line, job->due);

    if (job->rules_hash.len != 0) {
        store_line_op(line, SQL_RULESET_PUT, STORE_OK);
        store_line_text(line, job->rules_hash);
        store_line_text(line, job->rules);
    }
}


void
store_line_task(store_line_t *line, const store_job_t *job)
{
    store_line_op(line, SQL_TASK_PUT, STORE_OK);
    store_line_number(line, job->flow);
    store_line_number(line, job->host);
    store_line_number(line, job->prio);
    store_line_number(line, job->due);
}


void
store_line_queue(store_line_t *line, const store_job_t *job, int64_t due)
{
    store_line_op(line, SQL_QUEUE_PUT, STORE_OK);
    store_line_number(line, job->lane);
    store_line_number(line, job->flow);
    store_line_number(line, job->host);
    store_line_text(line, job->tenant);
    store_line_number(line, due);
}


void
store_line_result(store_line_t *line, const store_result_t *r,
    const store_job_t *job)
{
    store_line_op(line, SQL_RESULT_PUT, STORE_FAILED);
    store_line_id(line, r->id);
    store_line_cstr(line, r->job);
    store_line_text(line, r->tenant);
    store_line_text(line, r->url);
    store_line_number(line, r->state);
    store_line_text(line, r->fetch);
    store_line_text(line, r->data);
    store_line_text(line, r->missing);
    store_line_text(line, r->warnings);
    store_line_text(line, r->echo.len != 0 ? r->echo : job->echo);
    store_line_text(line, r->error);
    store_line_text(line, r->etag);
    store_line_number(line, r->at);
    store_line_text(line, r->view);
}


void
store_row_job(const db_row_t *row, store_job_t *job)
{
    const db_value_t  *v = row->values;

    store_row_id(job->id, v++);
    job->seq = (v++)->n;
    job->tenant = store_row_text(v++);
    job->kind = store_row_text(v++);
    job->state = (store_state_t) (v++)->n;
    job->url = store_row_text(v++);
    job->spec = store_row_text(v++);
    job->rules_hash = store_row_text(v++);
    job->rules = store_row_text(v++);
    job->echo = store_row_text(v++);
    job->error = store_row_text(v++);
    job->created = (v++)->n;
    job->started = (v++)->n;
    job->finished = (v++)->n;
    job->attempts = (int) (v++)->n;
    job->tries = (int) (v++)->n;
    job->lane = (int) (v++)->n;
    job->flow = (v++)->n;
    job->host = (v++)->n;
    job->prio = (int) (v++)->n;
    job->due = v->n;
}


void
store_row_page(const db_row_t *row, store_page_t *page)
{
    const db_value_t  *v = row->values;

    page->key = store_row_text(v++);
    page->at = (v++)->n;
    page->lifetime = (v++)->n;
    page->etag = store_row_text(v++);
    page->modified = store_row_text(v++);
    page->head = store_row_text(v++);
    page->body = store_row_text(v);
}


void
store_row_flow(const db_row_t *row, store_flow_t *flow)
{
    const db_value_t  *v = row->values;

    flow->lane = (int) (v++)->n;
    flow->flow = (v++)->n;
    flow->tenant = store_row_text(v);
}


void
store_row_queue(const db_row_t *row, store_job_t *job, int64_t *host,
    int64_t *due)
{
    store_row_job(row, job);

    *host = row->values[STORE_JOB_COLUMNS].n;
    *due = row->values[STORE_JOB_COLUMNS + 1].n;
}


void
store_row_result(const db_row_t *row, store_result_t *r)
{
    const db_value_t  *v = row->values;

    store_row_id(r->id, v++);
    store_row_id(r->job, v++);
    r->seq = (v++)->n;
    r->tenant = store_row_text(v++);
    r->url = store_row_text(v++);
    r->state = (store_state_t) (v++)->n;
    r->fetch = store_row_text(v++);
    r->data = store_row_text(v++);
    r->missing = store_row_text(v++);
    r->warnings = store_row_text(v++);
    r->echo = store_row_text(v++);
    r->error = store_row_text(v++);
    r->etag = store_row_text(v++);
    r->at = (v++)->n;
    r->view = store_row_text(v);
    r->tables = NULL;
    r->ntables = 0;
}


void
store_row_doc(const db_row_t *row, store_doc_t *doc)
{
    const db_value_t  *v = row->values;

    doc->kind = store_row_text(v++);
    doc->tenant = store_row_text(v++);
    doc->name = store_row_text(v++);
    doc->body = store_row_text(v++);
    doc->at = v->n;
}


/* The number in an id's first three digits; anything for what is no id. */

static int64_t
store_shard(const char *id)
{
    int          i;
    int64_t      shard;
    const char  *p;

    static const char  hex[] = "0123456789abcdef";

    shard = 0;

    for (i = 0; i < 3 && id[i] != '\0'; i++) {
        p = strchr(hex, id[i]);
        shard = shard * 16 + (p != NULL ? p - hex : 0);
    }

    return shard;
}


/* The file is not to be trusted with our memory: "" for what is no id. */

static void
store_row_id(char *id, const db_value_t *value)
{
    memset(id, 0, ID_SIZE);

    if (value->text != NULL && value->n == ID_LEN) {
        memcpy(id, value->text, ID_LEN);
    }
}


static sc_str_t
store_row_text(const db_value_t *value)
{
    sc_str_t  s = sc_null_string;

    if (value->text != NULL) {
        s.data = value->text;
        s.len = (size_t) value->n;
    }

    return s;
}
