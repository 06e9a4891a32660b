
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/core/log.h"
#include "sidecar/jobs/jobs_internal.h"


/* jobs that are read at once after a start */
#define JOBS_LOAD    64


static void jobs_load(jobs_t *jobs);
static void jobs_load_told(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static int jobs_load_one(jobs_t *jobs, const store_work_t *row);
static void jobs_tick(loop_timer_t *timer);
static int jobs_make_row(jobs_t *jobs, const jobs_new_t *job,
    store_work_t *row, sc_buf_t *page);
static sc_str_t jobs_make_url(const json_t *spec);
static void jobs_make_limits(const jobs_t *jobs, store_work_t *row,
    const json_t *spec);
static void jobs_made(void *data, store_status_t status, int64_t seq);


jobs_t *
jobs_create(const jobs_parts_t *parts)
{
    jobs_t  *jobs;

    jobs = calloc(1, sizeof(jobs_t));
    if (jobs == NULL) {
        return NULL;
    }

    jobs->parts = *parts;
    jobs->loop = parts->loop;
    jobs->store = parts->store;
    jobs->frontier = parts->frontier;
    jobs->watch_task.handler = jobs_watch_task;
    jobs->watch_task.data = jobs;
    loop_timer_init(&jobs->tick, jobs_tick, jobs);

    if (loop_timer_set(jobs->loop, &jobs->tick, JOBS_TICK) != SC_OK) {
        free(jobs);
        return NULL;
    }

    jobs_messages_open(jobs);
    jobs_keep_open(jobs);
    frontier_hook(jobs->frontier, &jobs_hooks, jobs);

    /* what a page leads to is known by its job alone */
    frontier_hold(jobs->frontier, 1);
    jobs_load(jobs);

    return jobs;
}


void
jobs_destroy(jobs_t *jobs)
{
    jobs_work_t  *w, *tmp;

    frontier_hook(jobs->frontier, NULL, NULL);
    frontier_forget(jobs->frontier, jobs);
    store_forget(jobs->store, jobs);
    jobs_change_close(jobs);
    jobs_feed_close_all(jobs);

    HASH_ITER(hh, jobs->works, w, tmp) {
        jobs_work_free(w);
    }

    jobs_watch_close(jobs);
    jobs_keep_close(jobs);
    jobs_messages_close(jobs);
    jobs_pages_reset(&jobs->pages);
    loop_timer_del(jobs->loop, &jobs->tick);
    free(jobs);
}


static void
jobs_load(jobs_t *jobs)
{
    if (store_works_unended(jobs->store, jobs->after, JOBS_LOAD,
                            jobs_load_told, jobs)
        != SC_OK)
    {
        log_error("memory is out, jobs are taken up from the store later");
        return;
    }

    jobs->loading = 1;
}


static void
jobs_load_told(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    size_t   i;
    jobs_t  *jobs = data;

    jobs->loading = 0;

    if (status != STORE_OK) {
        log_error("the unended jobs in the store could not be read");
        return;
    }

    for (i = 0; i < n; i++) {
        if (jobs_load_one(jobs, &works[i]) != SC_OK) {
            log_error("memory is out, jobs are taken up from the store "
                      "later");
            return;
        }

        jobs->after = works[i].job.seq;
    }

    if (n > 0) {
        jobs_load(jobs);
        return;
    }

    jobs->loaded = 1;
    frontier_hold(jobs->frontier, 0);
}


static int
jobs_load_one(jobs_t *jobs, const store_work_t *row)
{
    jobs_work_t  *w;

    HASH_FIND(hh, jobs->works, row->job.id, ID_LEN, w);
    if (w != NULL) {
        return SC_OK;
    }

    w = jobs_work_make(jobs, row);

    if (w == NULL) {
        return SC_ERROR;
    }

    if (jobs_work_index(w, row->job.seq) != SC_OK) {
        jobs_work_free(w);
        return SC_ERROR;
    }

    jobs_work_apply(w);

    if (jobs_stopped(w)) {
        jobs_stop_go_on(w);

    } else if (w->lane == LANES_CRAWL && !w->work.closed) {
        jobs_start(w);

    } else {
        if (!w->work.closed) {
            jobs_work_close(w, "the body stopped with the gateway");
        }

        jobs_work_check(w);
    }

    return SC_OK;
}


static void
jobs_tick(loop_timer_t *timer)
{
    jobs_t       *jobs = timer->data;
    jobs_work_t  *w, *tmp;

    (void) loop_timer_set(jobs->loop, timer, JOBS_TICK);

    if (!jobs->loaded) {
        if (!jobs->loading) {
            jobs_load(jobs);
        }

        return;
    }

    HASH_ITER(hh, jobs->works, w, tmp) {
        jobs_work_tick(w);
    }
}


int
jobs_id(const json_t *spec, const char *slot, char *id)
{
    char       err[160];
    url_t      url;
    sc_str_t   start;
    unsigned   n;

    start = jobs_make_url(spec);
    n = id_slot_or(slot, "");

    if (slot[0] == '\0'
        && url_parse(&url, start.data, start.len, err, sizeof(err)) == SC_OK)
    {
        n = id_slot(url.host, strlen(url.host));
        url_free(&url);
    }

    return id_make(id, n);
}


frontier_status_t
jobs_make(jobs_t *jobs, const jobs_new_t *job, const char *id,
    store_done_pt done, void *data)
{
    json_t             *spec;
    sc_buf_t            page;
    jobs_work_t        *w;
    store_work_t        row;
    frontier_status_t   status;

    status = frontier_accepts(jobs->frontier, job->tenant);

    if (status != FRONTIER_OK) {
        return status;
    }

    w = NULL;
    sc_buf_init(&page, 0);
    memset(&row, 0, sizeof(store_work_t));
    spec = sc_json_of(job->spec.data, job->spec.len, 0, NULL);
    row.job.url = jobs_make_url(spec);
    memcpy(row.job.id, id, ID_SIZE);
    jobs_make_limits(jobs, &row, spec);

    if (spec != NULL && jobs_make_row(jobs, job, &row, &page) == SC_OK) {
        w = jobs_work_make(jobs, &row);
    }

    json_decref(spec);
    sc_buf_free(&page);

    if (w == NULL) {
        return FRONTIER_NO_MEMORY;
    }

    w->making = 1;
    w->made = done;
    w->made_data = data;

    if (store_work_put(jobs->store, &w->work, job->docs, job->ndocs,
                       job->fresh, jobs_made, w)
        != SC_OK)
    {
        jobs_work_free(w);
        return FRONTIER_NO_MEMORY;
    }

    frontier_tenant_job(jobs->frontier, job->tenant);

    return FRONTIER_OK;
}


static int
jobs_make_row(jobs_t *jobs, const jobs_new_t *job, store_work_t *row,
    sc_buf_t *page)
{
    store_job_t            *j = &row->job;
    const frontier_spec_t  *spec = job->page;

    (void) jobs;

    if (frontier_spec_text(spec, page) != SC_OK) {
        return SC_ERROR;
    }

    j->tenant = job->tenant;
    j->kind.data = job->kind;
    j->kind.len = strlen(job->kind);
    j->state = STORE_QUEUED;
    j->spec = job->spec;
    j->echo = job->echo;
    j->prio = -job->priority;
    j->created = id_now_ms();
    row->page.data = page->data;
    row->page.len = page->len;
    row->rules = spec->rules;
    row->rules_hash.data = spec->rules_hash;
    row->rules_hash.len = strlen(spec->rules_hash);
    row->closed = (strcmp(job->kind, "batch") == 0 && !job->open);

    return SC_OK;
}


/* Of the first start. */
static sc_str_t
jobs_make_url(const json_t *spec)
{
    const json_t  *start;

    start = json_array_get(json_object_get(json_object_get(spec, "crawl"),
                                           "starts"), 0);

    if (start == NULL) {
        return (sc_str_t) { 0, "" };
    }

    return (sc_str_t) { json_string_length(start), json_string_value(start) };
}


static void
jobs_make_limits(const jobs_t *jobs, store_work_t *row, const json_t *spec)
{
    const json_t  *limits;

    limits = json_object_get(spec, "limits");
    row->max_pages = json_integer_value(json_object_get(limits, "pages"));
    row->max_host_pages = json_integer_value(
                              json_object_get(limits, "per_host_pages"));

    if (row->max_pages == 0 && json_object_get(spec, "crawl") != NULL) {
        row->max_pages = jobs->parts.settings->crawl_pages;
    }
}


static void
jobs_made(void *data, store_status_t status, int64_t seq)
{
    jobs_work_t    *w = data;
    store_done_pt   made = w->made;

    w->making = 0;

    if (status == STORE_OK && jobs_work_index(w, seq) != SC_OK) {
        status = STORE_FAILED;
    }

    if (status != STORE_OK) {
        if (made != NULL) {
            made(w->made_data, status);
        }

        jobs_work_free(w);
        return;
    }

    w->began = loop_now(w->jobs->loop);
    metrics_add(METRICS_MADE + (size_t) w->lane, 1);
    jobs_work_apply(w);

    if (w->lane == LANES_CRAWL) {
        jobs_start(w);
        return;
    }

    w->made = NULL;

    if (made != NULL) {
        made(w->made_data, STORE_OK);

    } else if (w->feeds == NULL && !w->work.closed) {
        jobs_work_close(w, "the body stopped after line 0");
    }

    jobs_feed_known(w);
    jobs_work_check(w);
}


void
jobs_now(const jobs_t *jobs, const char *id, jobs_now_t *now)
{
    jobs_work_t  *w;

    memset(now, 0, sizeof(jobs_now_t));
    HASH_FIND(hh, jobs->works, id, ID_LEN, w);

    if (w != NULL) {
        now->running = frontier_flow_busy(jobs->frontier, w->lane, w->flow);
        now->next = frontier_flow_next(jobs->frontier, w->lane, w->flow);
    }
}


void
jobs_running(const jobs_t *jobs, size_t *batches, size_t *crawls,
    size_t *paused)
{
    const jobs_work_t  *w;

    *batches = 0;
    *crawls = 0;
    *paused = 0;

    for (w = jobs->works; w != NULL; w = w->hh.next) {
        *batches += w->lane == LANES_BATCH;
        *crawls += w->lane == LANES_CRAWL;
        *paused += w->work.job.state == STORE_PAUSED;
    }
}


void
jobs_forget(jobs_t *jobs, void *data)
{
    jobs_work_t  *w, *tmp;

    HASH_ITER(hh, jobs->works, w, tmp) {
        if (w->made_data == data) {
            w->made = NULL;
        }
    }

    jobs_feed_forget(jobs, data);
    jobs_change_forget(jobs, data);
}
