
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/jobs/jobs_internal.h"


static sc_str_t jobs_hook_scope(void *data, const store_job_t *row);
static int jobs_hook_ending(void *data, const frontier_page_t *page,
    store_end_t *end);
static int jobs_hook_messages(jobs_t *jobs, jobs_work_t *w,
    const frontier_page_t *page, store_end_t *end);
static int jobs_hook_own(jobs_t *jobs, const char *job,
    const frontier_page_t *page, store_end_t *end);
static size_t jobs_hook_found(void *data, const store_job_t *row,
    sc_str_t found);
static void jobs_hook_ended(void *data, const store_job_t *row,
    store_status_t status, const store_ended_t *ended);
static void jobs_hook_count(jobs_work_t *w, const store_job_t *row,
    const store_ended_t *ended);
static jobs_work_t *jobs_hook_find(jobs_t *jobs, const store_job_t *row);


const frontier_hooks_t  jobs_hooks = {
    jobs_hook_scope,
    jobs_hook_ending,
    jobs_hook_found,
    jobs_hook_ended
};


/* The last pages that are wanted lead nowhere. */
static sc_str_t
jobs_hook_scope(void *data, const store_job_t *row)
{
    sc_str_t      none = { 0, "" };
    jobs_work_t  *w;

    w = jobs_hook_find(data, row);
    if (w == NULL) {
        return none;
    }

    jobs_work_started(w);

    if (row->role != STORE_SITEMAP
        && (row->depth >= w->crawl.max_depth || w->crawl.only_sitemaps))
    {
        return none;
    }

    return w->crawl.scope;
}


/* What may fail for want of memory comes first: all else is said once. */
static int
jobs_hook_ending(void *data, const frontier_page_t *page, store_end_t *end)
{
    jobs_t       *jobs = data;
    jobs_work_t  *w;

    w = jobs_hook_find(jobs, page->row);

    if (w != NULL) {
        jobs_work_started(w);
    }

    if (jobs_hook_messages(jobs, w, page, end) != SC_OK) {
        return SC_ERROR;
    }

    if (w != NULL && w->lane == LANES_CRAWL
        && page->row->state != STORE_CANCELLED
        && jobs_crawl_ending(w, page, end) != SC_OK)
    {
        return SC_ERROR;
    }

    jobs_tell_drift(jobs, page->row->parent == 0 ? page->row->id
                                                 : page->row->parent_id,
                    page->drift);

    if (w != NULL) {
        w->work.counts.bytes += end->bytes;
    }

    return SC_OK;
}


/* The job's webhook is that of its pages, too. */
static int
jobs_hook_messages(jobs_t *jobs, jobs_work_t *w, const frontier_page_t *page,
    store_end_t *end)
{
    const json_t  *webhook;

    if (page->row->parent == 0) {
        return jobs_hook_own(jobs, page->row->id, page, end);
    }

    if (w == NULL) {
        return SC_OK;
    }

    webhook = json_object_get(w->spec, "webhook");

    if (webhook != NULL) {
        return jobs_messages_page(jobs, webhook, w->work.job.id, page, end);
    }

    return jobs_hook_own(jobs, w->work.job.id, page, end);
}


/* A webhook that the page came with. */
static int
jobs_hook_own(jobs_t *jobs, const char *job, const frontier_page_t *page,
    store_end_t *end)
{
    int            rc;
    json_t        *webhook;
    json_error_t   error;

    if (page->webhook.len == 0) {
        return SC_OK;
    }

    webhook = sc_json_of(page->webhook.data, page->webhook.len, 0, &error);

    if (webhook == NULL) {
        /* what cannot be read will not be readable later */
        return error.line > 0 ? SC_OK : SC_ERROR;
    }

    rc = jobs_messages_page(jobs, webhook, job, page, end);
    json_decref(webhook);

    return rc;
}


static size_t
jobs_hook_found(void *data, const store_job_t *row, sc_str_t found)
{
    jobs_work_t  *w;

    w = jobs_hook_find(data, row);

    if (w == NULL || w->lane != LANES_CRAWL || jobs_stopped(w)) {
        return found.len;
    }

    return jobs_crawl_some(w, row, found);
}


static void
jobs_hook_ended(void *data, const store_job_t *row, store_status_t status,
    const store_ended_t *ended)
{
    jobs_t       *jobs = data;
    jobs_work_t  *w;

    if (jobs->wake && jobs->parts.webhooks != NULL) {
        jobs->wake = 0;
        webhooks_wake(jobs->parts.webhooks);
    }

    if (row->parent == 0) {
        jobs_tell(jobs, row->id, JOBS_RESULT | JOBS_STATE | JOBS_ENDED);
        return;
    }

    w = jobs_hook_find(jobs, row);

    if (w == NULL || status != STORE_OK) {
        return;
    }

    jobs_hook_count(w, row, ended);

    if (ended->seq != 0) {
        jobs_tell(jobs, w->work.job.id, JOBS_RESULT);
    }

    jobs_work_check(w);
}


static void
jobs_hook_count(jobs_work_t *w, const store_job_t *row,
    const store_ended_t *ended)
{
    store_counts_t  *c = &w->work.counts;

    w->quiet = 0;
    c->found += (int64_t) ended->added;
    c->completed += (row->state == STORE_COMPLETED);
    c->failed += (row->state == STORE_FAILED_JOB);
    c->cancelled += (row->state == STORE_CANCELLED);
    c->duplicates += ended->duplicate;
    c->unchanged += ended->unchanged;
    c->items += (ended->seq != 0);

    if (ended->added > 0) {
        frontier_flow_fed(w->jobs->frontier, w->lane, w->flow,
                          w->work.job.tenant, ended->added);
    }
}


static jobs_work_t *
jobs_hook_find(jobs_t *jobs, const store_job_t *row)
{
    jobs_work_t  *w;

    if (row->parent == 0) {
        return NULL;
    }

    HASH_FIND(hh_seq, jobs->by_seq, &row->parent, sizeof(int64_t), w);

    return w;
}
