
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/core/log.h"
#include "sidecar/jobs/jobs_internal.h"


/* nanoseconds of a bounded time that a crash may give back */
#define JOBS_UNSAVED    (10 * LOOP_SEC)


static json_t *jobs_work_spec(sc_str_t text);
static int jobs_work_text(jobs_work_t *w, const store_work_t *row);
static int64_t jobs_work_elapsed(const jobs_work_t *w);
static int64_t jobs_work_open(const jobs_work_t *w);
static void jobs_work_read(jobs_work_t *w);
static void jobs_work_told(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static void jobs_work_finish(jobs_work_t *w);
static store_state_t jobs_work_state(const jobs_work_t *w);
static void jobs_work_finished(void *data, store_status_t status);
static void jobs_work_session(const jobs_work_t *w);
static void jobs_work_saved(void *data, store_status_t status);


jobs_work_t *
jobs_work_make(jobs_t *jobs, const store_work_t *row)
{
    jobs_work_t  *w;

    w = calloc(1, sizeof(jobs_work_t));
    if (w == NULL) {
        return NULL;
    }

    w->jobs = jobs;
    sc_buf_init(&w->text, 0);
    loop_timer_init(&w->timer, jobs_start_timer, w);
    w->spec = jobs_work_spec(row->job.spec);

    if (w->spec == NULL || jobs_work_text(w, row) != SC_OK
        || jobs_crawl_read(w) != SC_OK)
    {
        jobs_work_free(w);
        return NULL;
    }

    if (json_object_get(w->spec, "priority") != NULL) {
        w->work.job.prio = -(int) json_integer_value(
                                json_object_get(w->spec, "priority"));
    }

    w->began = loop_now(jobs->loop);
    w->spent = json_integer_value(json_object_get(w->spec, "spent_ms"))
               * LOOP_MS;
    w->saved = w->spent;
    w->lane = strcmp(w->work.job.kind.data, "crawl") == 0 ? LANES_CRAWL
                                                          : LANES_BATCH;
    w->flow = frontier_flow(w->work.job.id);
    HASH_ADD(hh, jobs->works, work.job.id[0], ID_LEN, w);

    if (w->hh.tbl == NULL) {
        jobs_work_free(w);
        return NULL;
    }

    return w;
}


/* What is no JSON has no members; NULL when memory is out. */
static json_t *
jobs_work_spec(sc_str_t text)
{
    json_t        *spec;
    json_error_t   error;

    spec = sc_json_of(text.data, text.len, 0, &error);

    return (spec != NULL || error.line == 0) ? spec : json_object();
}


/* Its strings in one block; the rule set is known by its hash from now on. */
static int
jobs_work_text(jobs_work_t *w, const store_work_t *row)
{
    size_t         i, len;
    char          *p, *tags;
    const json_t  *json;
    store_work_t  *to = &w->work;
    sc_str_t      *strings[] = { &to->job.tenant, &to->job.kind,
                                 &to->job.url, &to->job.spec, &to->job.echo,
                                 &to->page, &to->rules_hash, &to->rules,
                                 &to->tags };

    *to = *row;
    json = json_object_get(w->spec, "tags");
    tags = json != NULL ? sc_json_text(json, JSON_COMPACT) : NULL;
    to->tags.data = tags;
    to->tags.len = tags != NULL ? strlen(tags) : 0;
    len = 0;

    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        len += strings[i]->len + 1;
    }

    p = sc_buf_reserve(&w->text, len);

    for (i = 0; p != NULL && i < sizeof(strings) / sizeof(strings[0]); i++) {
        if (strings[i]->len > 0) {
            memcpy(p, strings[i]->data, strings[i]->len);
        }

        p[strings[i]->len] = '\0';
        strings[i]->data = p;
        p += strings[i]->len + 1;
    }

    free(tags);
    to->job.error.len = 0;

    return (p != NULL && (json == NULL || tags != NULL)) ? SC_OK : SC_ERROR;
}


void
jobs_work_free(jobs_work_t *w)
{
    jobs_t  *jobs = w->jobs;

    store_forget(jobs->store, w);
    loop_timer_del(jobs->loop, &w->timer);
    jobs_feed_lost(w);
    jobs_crawl_lost(w);

    if (w->hh.tbl != NULL) {
        HASH_DEL(jobs->works, w);
    }

    if (w->indexed) {
        HASH_DELETE(hh_seq, jobs->by_seq, w);
    }

    jobs_crawl_free(&w->crawl);
    json_decref(w->spec);
    sc_buf_free(&w->text);
    free(w);
}


jobs_work_t *
jobs_work_find(jobs_t *jobs, const char *id, sc_str_t tenant)
{
    jobs_work_t  *w;

    HASH_FIND(hh, jobs->works, id, ID_LEN, w);

    if (w == NULL || w->work.job.tenant.len != tenant.len
        || (tenant.len != 0
            && memcmp(w->work.job.tenant.data, tenant.data, tenant.len) != 0))
    {
        return NULL;
    }

    return w;
}


int
jobs_work_index(jobs_work_t *w, int64_t seq)
{
    jobs_t  *jobs = w->jobs;

    w->work.job.seq = seq;
    HASH_ADD(hh_seq, jobs->by_seq, work.job.seq, sizeof(int64_t), w);
    w->indexed = (w->hh_seq.tbl != NULL);

    return w->indexed ? SC_OK : SC_ERROR;
}


void
jobs_work_apply(jobs_work_t *w)
{
    frontier_t  *f = w->jobs->frontier;
    json_t      *most = json_object_get(w->spec, "max_concurrency");

    frontier_flow_limit(f, w->lane, w->flow, w->work.job.tenant,
                        json_integer_value(most));

    /* without memory for it, the tick tells it again */
    w->untold = (json_object_get(w->spec, "politeness") != NULL
                 && jobs_work_polite(w) != SC_OK);

    if (w->work.job.state == STORE_PAUSED
        && frontier_flow_pause(f, w->lane, w->flow, w->work.job.tenant, 1)
           != SC_OK)
    {
        w->untold = 1;
    }
}


/* What its pages ask for, whatever their own specs say. */
int
jobs_work_polite(jobs_work_t *w)
{
    host_wish_t    wish;
    const json_t  *json = json_object_get(w->spec, "politeness");

    wish.concurrency = (int) json_integer_value(
                                 json_object_get(json, "per_host"));
    wish.delay = json_integer_value(json_object_get(json, "delay_ms"))
                 * LOOP_MS;
    wish.jitter = json_integer_value(json_object_get(json, "jitter_ms"))
                  * LOOP_MS;

    return frontier_flow_wish(w->jobs->frontier, w->lane, w->flow,
                              w->work.job.tenant, &wish);
}


int64_t
jobs_work_limit(const jobs_work_t *w, const char *name)
{
    return json_integer_value(json_object_get(
                                  json_object_get(w->spec, "limits"), name));
}


int
jobs_work_save(jobs_work_t *w, store_done_pt done, void *data)
{
    int    rc;
    char  *text;

    if (jobs_work_limit(w, "seconds") > 0) {
        w->saved = jobs_work_elapsed(w);
        (void) json_object_set_new(w->spec, "spent_ms",
                                   json_integer(w->saved / LOOP_MS));
    }

    text = sc_json_text(w->spec, JSON_COMPACT);
    if (text == NULL) {
        w->unsaved = 1;
        return SC_ERROR;
    }

    w->work.job.spec.data = text;
    w->work.job.spec.len = strlen(text);
    w->work.max_pages = jobs_work_limit(w, "pages");
    w->work.max_host_pages = jobs_work_limit(w, "per_host_pages");

    if (w->work.max_pages == 0 && w->lane == LANES_CRAWL) {
        w->work.max_pages = w->jobs->parts.settings->crawl_pages;
    }

    rc = store_work_set(w->jobs->store, &w->work,
                        done != NULL ? done : jobs_work_saved,
                        done != NULL ? data : w);
    w->work.job.spec = (sc_str_t) { 0, "" };
    w->unsaved = (rc != SC_OK);
    free(text);

    return rc;
}


static void
jobs_work_saved(void *data, store_status_t status)
{
    jobs_work_t  *w = data;

    if (status == STORE_FULL || status == STORE_FAILED) {
        w->unsaved = 1;
    }
}


void
jobs_work_started(jobs_work_t *w)
{
    store_job_t    *j = &w->work.job;
    store_state_t   was;

    w->quiet = 0;

    if (j->started != 0) {
        return;
    }

    was = j->state;

    if (j->state == STORE_QUEUED) {
        j->state = STORE_RUNNING;
    }

    if (jobs_messages_work(w, "job.started") != SC_OK
        || jobs_messages_put(w->jobs) != SC_OK)
    {
        /* the next page says so */
        j->state = was;
        return;
    }

    j->started = id_now_ms();
    w->began = loop_now(w->jobs->loop);
    w->spent = 0;
    (void) jobs_work_save(w, NULL, NULL);
    jobs_tell(w->jobs, j->id, JOBS_STATE);
}


void
jobs_work_halt(jobs_work_t *w, int on)
{
    store_job_t  *j = &w->work.job;

    w->spent = jobs_work_elapsed(w);
    w->began = loop_now(w->jobs->loop);

    if (on) {
        j->state = STORE_PAUSED;

    } else {
        j->state = j->started != 0 ? STORE_RUNNING : STORE_QUEUED;
    }
}


void
jobs_work_close(jobs_work_t *w, const char *reason)
{
    w->work.closed = 1;
    (void) json_object_set_new(w->spec, "reason", json_string(reason));
    (void) jobs_work_save(w, NULL, NULL);
}


/* By the clock that nobody sets, while it is not paused and we run. */
static int64_t
jobs_work_elapsed(const jobs_work_t *w)
{
    if (w->work.job.started == 0) {
        return 0;
    }

    if (w->work.job.state == STORE_PAUSED) {
        return w->spent;
    }

    return w->spent + loop_now(w->jobs->loop) - w->began;
}


void
jobs_work_tick(jobs_work_t *w)
{
    int64_t  bytes, seconds;

    if (w->making || w->ending) {
        return;
    }

    if (w->unsaved) {
        (void) jobs_work_save(w, NULL, NULL);
    }

    if (w->untold) {
        jobs_work_apply(w);
    }

    if (jobs_stopped(w)) {
        jobs_stop_go_on(w);
        return;
    }

    bytes = jobs_work_limit(w, "bytes");
    seconds = jobs_work_limit(w, "seconds");

    if ((bytes > 0 && w->work.counts.bytes >= bytes)
        || (seconds > 0 && jobs_work_elapsed(w) / LOOP_SEC >= seconds))
    {
        jobs_stop(w, "limits");
        return;
    }

    w->unsaved |= (seconds > 0
                   && jobs_work_elapsed(w) - w->saved >= JOBS_UNSAVED);

    if (++w->quiet >= JOBS_QUIET) {
        w->quiet = 0;
        jobs_work_read(w);
        return;
    }

    jobs_work_check(w);
}


static int64_t
jobs_work_open(const jobs_work_t *w)
{
    const store_counts_t  *c = &w->work.counts;

    return c->found - c->completed - c->failed - c->cancelled;
}


/* What is counted here may be wrong: the store has the last word. */
void
jobs_work_check(jobs_work_t *w)
{
    if (w->stopping) {
        return;
    }

    if (jobs_stopped(w)
        || (w->work.closed && w->feeds == NULL && jobs_work_open(w) <= 0))
    {
        jobs_work_read(w);
    }
}


static void
jobs_work_read(jobs_work_t *w)
{
    if (w->reading || w->ending || w->making || w->starting
        || w->putting > 0)
    {
        return;
    }

    if (store_work_get(w->jobs->store, w->work.job.id, w->work.job.tenant,
                       jobs_work_told, w)
        == SC_OK)
    {
        w->reading = 1;
    }
}


static void
jobs_work_told(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    jobs_work_t  *w = data;

    w->reading = 0;

    if (status == STORE_NOT_FOUND && w->putting == 0) {
        /* it was deleted while it was tried again */
        jobs_work_finished(w, status);
        return;
    }

    if (status != STORE_OK || n != 1) {
        return;
    }

    w->work.counts = works[0].counts;

    if (w->putting > 0
        || (!jobs_stopped(w) && (!w->work.closed || w->feeds != NULL)))
    {
        return;
    }

    if (jobs_work_open(w) <= 0) {
        jobs_work_finish(w);

    } else if (jobs_stopped(w)) {
        jobs_stop_go_on(w);
    }
}


static void
jobs_work_finish(jobs_work_t *w)
{
    int64_t           keep;
    jobs_t           *jobs = w->jobs;
    store_job_t      *j = &w->work.job;
    store_state_t     was = j->state;
    const json_t     *ms = json_object_get(w->spec, "keep_ms");
    jobs_messages_t  *m = &jobs->messages;

    j->state = jobs_work_state(w);
    j->finished = id_now_ms();
    keep = ms != NULL ? json_integer_value(ms)
                      : jobs->parts.settings->keep_time;
    j->expires = keep > 0 ? j->finished + keep : 0;

    jobs_messages_reset(jobs);

    if ((j->state != STORE_CANCELLED
         && jobs_messages_work(w, j->state == STORE_COMPLETED
                                  ? "job.completed" : "job.failed")
            != SC_OK)
        || store_work_finish(jobs->store, &w->work, m->list, m->n,
                             jobs_work_finished, w)
           != SC_OK)
    {
        j->state = was;
        return;
    }

    w->ending = 1;
}


static store_state_t
jobs_work_state(const jobs_work_t *w)
{
    const char            *reason;
    const store_counts_t  *c = &w->work.counts;

    reason = json_string_value(json_object_get(w->spec, "reason"));

    if (jobs_stopped(w) && reason != NULL && strcmp(reason, "cancelled") == 0)
    {
        return STORE_CANCELLED;
    }

    return c->completed == 0 && c->failed > 0 ? STORE_FAILED_JOB
                                              : STORE_COMPLETED;
}


static void
jobs_work_finished(void *data, store_status_t status)
{
    host_wish_t   wish = { 0, 0, 0 };
    jobs_work_t  *w = data;
    jobs_t       *jobs = w->jobs;
    store_job_t  *j = &w->work.job;

    w->ending = 0;

    if (status == STORE_FULL || status == STORE_FAILED) {
        /* the tick tries again */
        j->state = j->started != 0 ? STORE_RUNNING : STORE_QUEUED;
        return;
    }

    if (status == STORE_OK) {
        metrics_add(METRICS_ENDED + (size_t) w->lane * METRICS_N_STATE
                    + (size_t) (j->state - STORE_COMPLETED), 1);
    }

    frontier_flow_limit(jobs->frontier, w->lane, w->flow, j->tenant, 0);
    (void) frontier_flow_wish(jobs->frontier, w->lane, w->flow, j->tenant,
                              &wish);
    (void) frontier_flow_pause(jobs->frontier, w->lane, w->flow, j->tenant,
                               0);
    jobs_tell(jobs, j->id, JOBS_STATE | JOBS_ENDED);

    if (jobs->parts.webhooks != NULL) {
        webhooks_wake(jobs->parts.webhooks);
    }

    jobs_work_session(w);
    jobs_change_ended(w);
    jobs_work_free(w);
}


/* Of its login; pages that failed may be tried again with it. */
static void
jobs_work_session(const jobs_work_t *w)
{
    char      text[sizeof(JOBS_SESSION) + ID_SIZE];
    sc_str_t  name;

    name.data = text;
    name.len = (size_t) snprintf(text, sizeof(text), JOBS_SESSION "%s",
                                 w->work.job.id);

    if (w->work.counts.failed == 0
        && memmem(w->work.page.data, w->work.page.len, text, name.len)
           != NULL)
    {
        frontier_session_drop(w->jobs->frontier, w->work.job.tenant, name);
    }
}
