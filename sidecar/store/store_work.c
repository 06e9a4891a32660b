
#include "sidecar/store/store_internal.h"


static void store_work_members(store_line_t *line, const store_work_t *work);


int
store_work_put(store_t *s, const store_work_t *work, const store_doc_t *docs,
    size_t ndocs, int must_not_exist, store_seq_pt done, void *data)
{
    size_t         i;
    store_job_t    job = work->job;
    store_tell_t   tell = { .seq = done };
    store_line_t   line = { 0 };
    store_usage_t  usage = { .day = store_day(job.created), .jobs = 1 };

    if (ndocs > STORE_DOCS_MAX) {
        return SC_ERROR;
    }

    for (i = 0; i < ndocs; i++) {
        store_line_doc(&line, must_not_exist ? SQL_DOC_NEW : SQL_DOC_PUT,
                       &docs[i]);
    }

    job.tags = work->tags;
    store_line_job(&line, SQL_JOB_PUT, &job);
    store_line_ruleset(&line, job.tenant, work->rules_hash, work->rules);

    store_line_op(&line, SQL_WORK_PUT, STORE_FAILED);
    store_line_keep(&line);
    store_line_text(&line, work->page);
    store_line_text(&line, work->rules_hash);
    store_line_text(&line, work->tags);
    store_line_number(&line, work->max_pages);
    store_line_number(&line, work->max_host_pages);
    store_line_number(&line, work->closed);
    store_line_number(&line, work->counts.rejected);

    store_line_usage(&line, job.tenant, &usage);

    return store_change(s, &line, store_told_seq, tell, data);
}


int
store_work_set(store_t *s, const store_work_t *work, store_done_pt done,
    void *data)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_WORK_STATE, STORE_CONFLICT);
    store_line_number(&line, work->job.seq);
    store_line_number(&line, work->job.state);
    store_line_number(&line, work->job.started);
    store_line_text(&line, work->job.spec);

    store_work_members(&line, work);

    return store_write(s, &line, done, data);
}


static void
store_work_members(store_line_t *line, const store_work_t *work)
{
    store_line_op(line, SQL_WORK_SET, STORE_CONFLICT);
    store_line_number(line, work->job.seq);
    store_line_number(line, work->closed);
    store_line_number(line, work->max_pages);
    store_line_number(line, work->max_host_pages);
    store_line_number(line, work->counts.rejected);
}


int
store_work_open(store_t *s, const store_work_t *work, store_done_pt done,
    void *data)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_WORK_OPEN, STORE_CONFLICT);
    store_line_number(&line, work->job.seq);
    store_line_text(&line, work->job.spec);
    store_work_members(&line, work);

    return store_write(s, &line, done, data);
}


int
store_work_finish(store_t *s, const store_work_t *work,
    const store_message_t *messages, size_t nmessages, store_done_pt done,
    void *data)
{
    store_line_t  line = { 0 };

    store_line_op(&line, SQL_WORK_FINISH, STORE_CONFLICT);
    store_line_number(&line, work->job.seq);
    store_line_number(&line, work->job.state);
    store_line_text(&line, work->job.error);
    store_line_number(&line, work->job.started);
    store_line_number(&line, work->job.finished);
    store_line_number(&line, work->job.expires);

    store_line_messages(&line, messages, nmessages);

    return store_write(s, &line, done, data);
}


int
store_works_unended(store_t *s, int64_t after, size_t limit,
    store_works_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .works = done };

    store_line_op(&line, SQL_WORKS_UNENDED, STORE_OK);
    store_line_number(&line, after);
    store_line_number(&line, limit < INT64_MAX ? (int64_t) limit : INT64_MAX);

    return store_read(s, &line, store_told_works, tell, data);
}


int
store_work_get(store_t *s, const char *id, sc_str_t tenant,
    store_works_pt done, void *data)
{
    store_line_t  line = { 0 };
    store_tell_t  tell = { .works = done };

    store_line_op(&line, SQL_WORK_GET, STORE_NOT_FOUND);
    store_line_id(&line, id);
    store_line_text(&line, tenant);

    return store_read(s, &line, store_told_works, tell, data);
}


void
store_search(store_t *s, int on)
{
    s->mute = !on;
}
