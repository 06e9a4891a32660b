
#include <string.h>

#include "sidecar/store/store_internal.h"


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
    job->due = (v++)->n;
    job->expires = (v++)->n;
    job->parent = (v++)->n;
    store_row_id(job->parent_id, v++);
    job->line = (v++)->n;
    job->depth = (int) (v++)->n;
    job->role = (store_role_t) (v++)->n;
    job->context = store_row_text(v);
    job->tags.data = NULL;
    job->tags.len = 0;
}


void
store_row_work(const db_row_t *row, store_work_t *work)
{
    const db_value_t  *v = row->values + STORE_JOB_COLUMNS;

    store_row_job(row, &work->job);

    work->page = store_row_text(v++);
    work->rules_hash = store_row_text(v++);
    work->rules = store_row_text(v++);
    work->tags = store_row_text(v++);
    work->max_pages = (v++)->n;
    work->max_host_pages = (v++)->n;
    work->closed = (v++)->n != 0;
    work->counts.found = (v++)->n;
    work->counts.completed = (v++)->n;
    work->counts.failed = (v++)->n;
    work->counts.cancelled = (v++)->n;
    work->counts.robots = (v++)->n;
    work->counts.duplicates = (v++)->n;
    work->counts.unchanged = (v++)->n;
    work->counts.items = (v++)->n;
    work->counts.bytes = (v++)->n;
    work->counts.wire = (v++)->n;
    work->counts.rejected = v->n;
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
    r->view = store_row_text(v++);
    r->host = store_row_text(v++);
    r->ruleset = store_row_text(v++);
    r->digest = store_row_text(v++);
    r->changed = (store_change_t) (v++)->n;
    r->gone = r->changed == STORE_GONE;
    r->line = (v++)->n;
    r->depth = (int) (v++)->n;
    r->context = store_row_text(v);
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


/* The file is not to be trusted with our memory: "" for what is no id. */

void
store_row_id(char *id, const db_value_t *value)
{
    memset(id, 0, ID_SIZE);

    if (value->text != NULL && value->n == ID_LEN) {
        memcpy(id, value->text, ID_LEN);
    }
}


sc_str_t
store_row_text(const db_value_t *value)
{
    sc_str_t  s = sc_null_string;

    if (value->text != NULL) {
        s.data = value->text;
        s.len = (size_t) value->n;
    }

    return s;
}
