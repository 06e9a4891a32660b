
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/jobs/jobs_internal.h"


/*
 * Pages of a batch on their way: a block that is being filled, and those that
 * the store has been given.
 *
 * work      NULL when the job is not there any more
 * text      memory of the block's strings: room bytes, used of them
 * line      of the last page of the block; stored_line of what is on disk
 * flying    blocks on their way
 * beyond    pages of blocks on disk that are beyond the job's limits
 * waited    the caller was told to wait
 * reason    why the body ended early, NULL if it did not
 */
struct jobs_feed_s {
    jobs_feed_t       *next;
    jobs_feed_t       *prev;
    jobs_t            *jobs;
    jobs_work_t       *work;
    void             (*ready)(void *data);
    void              *data;
    store_job_t        rows[JOBS_BLOCK];
    size_t             n;
    char              *text;
    size_t             room;
    size_t             used;
    sc_buf_t           spec;
    store_status_t     status;
    frontier_status_t  refused;
    loop_task_t        task;
    size_t             flying;
    size_t             stored;
    size_t             beyond;
    int64_t            line;
    int64_t            stored_line;
    int64_t            rejected;
    char              *reason;
    jobs_done_pt       done;
    void              *done_data;
    unsigned           waited:1;
    unsigned           closing:1;
    unsigned           saving:1;
};


/* A block on its way. */
struct jobs_put_s {
    jobs_put_t   *next;
    jobs_put_t   *prev;
    jobs_feed_t  *feed;
    size_t        n;
    int64_t       line;
};


static int jobs_feed_row(jobs_feed_t *feed, const frontier_spec_t *spec,
    store_job_t *row);
static int jobs_feed_room(jobs_feed_t *feed, const store_job_t *row);
static void jobs_feed_keep(jobs_feed_t *feed, const store_job_t *from);
static void jobs_feed_copy(jobs_feed_t *feed, sc_str_t *s);
static int jobs_feed_flush(jobs_feed_t *feed);
static void jobs_feed_put(void *data, store_status_t status, size_t added);
static void jobs_feed_wake(jobs_feed_t *feed);
static void jobs_feed_fail(jobs_feed_t *feed, store_status_t status);
static void jobs_feed_task(loop_task_t *task);
static void jobs_feed_end(jobs_feed_t *feed);
static void jobs_feed_reason(const jobs_feed_t *feed);
static void jobs_feed_ended(void *data, store_status_t status);
static void jobs_feed_free(jobs_feed_t *feed);


jobs_feed_t *
jobs_feed_open(jobs_t *jobs, const char *id, sc_str_t tenant,
    void (*ready)(void *data), void *data)
{
    jobs_work_t  *w;
    jobs_feed_t  *feed;

    feed = calloc(1, sizeof(jobs_feed_t));
    if (feed == NULL) {
        return NULL;
    }

    feed->jobs = jobs;
    feed->ready = ready;
    feed->data = data;
    sc_buf_init(&feed->spec, 0);
    w = jobs_work_find(jobs, id, tenant);

    if (w == NULL || w->ending || w->lane != LANES_BATCH || jobs_stopped(w)) {
        feed->status = w != NULL ? STORE_CONFLICT : STORE_NOT_FOUND;
        DL_APPEND(jobs->lost, feed);
        return feed;
    }

    feed->work = w;
    w->work.closed = 0;
    (void) json_object_del(w->spec, "reason");
    DL_APPEND(w->feeds, feed);

    return feed;
}


int
jobs_feed_add(jobs_feed_t *feed, const frontier_spec_t *spec, int64_t line)
{
    store_job_t  row;

    if (feed->status != STORE_OK) {
        return SC_ERROR;
    }

    if (feed->n == 0) {
        feed->refused = frontier_accepts(feed->jobs->frontier,
                                         feed->work->work.job.tenant);
    }

    if (feed->refused != FRONTIER_OK
        || jobs_feed_row(feed, spec, &row) != SC_OK
        || jobs_feed_room(feed, &row) != SC_OK)
    {
        jobs_feed_fail(feed, STORE_FAILED);
        return SC_ERROR;
    }

    row.line = line;
    feed->line = line;
    jobs_feed_keep(feed, &row);

    if ((feed->n == JOBS_BLOCK || feed->used >= JOBS_BLOCK_BYTES)
        && jobs_feed_flush(feed) != SC_OK)
    {
        return SC_ERROR;
    }

    feed->waited = (feed->flying >= JOBS_BLOCKS || feed->n == JOBS_BLOCK
                    || feed->used >= JOBS_BLOCK_BYTES);

    return feed->waited ? SC_AGAIN : SC_OK;
}


/* What is as the job's is not said again: most pages are a URL. */
static int
jobs_feed_row(jobs_feed_t *feed, const frontier_spec_t *spec,
    store_job_t *row)
{
    sc_str_t             hash = { strlen(spec->rules_hash),
                                  spec->rules_hash };
    const jobs_work_t   *w = feed->work;
    const store_work_t  *work = &w->work;

    sc_buf_reset(&feed->spec);

    if (frontier_page_row(spec, work->job.id, row) != SC_OK
        || frontier_spec_text(spec, &feed->spec) != SC_OK)
    {
        return SC_ERROR;
    }

    row->tenant = work->job.tenant;
    row->lane = w->lane;
    row->flow = w->flow;

    if (feed->spec.len != work->page.len
        || memcmp(feed->spec.data, work->page.data, work->page.len) != 0)
    {
        row->spec = (sc_str_t) { feed->spec.len, feed->spec.data };
    }

    if (hash.len != work->rules_hash.len
        || memcmp(hash.data, work->rules_hash.data, hash.len) != 0)
    {
        row->rules_hash = hash;
        row->rules = spec->rules;
    }

    return SC_OK;
}


/* Strings stay where they are: a block ends where its memory does. */
static int
jobs_feed_room(jobs_feed_t *feed, const store_job_t *row)
{
    size_t  need = row->url.len + row->spec.len + row->rules_hash.len
                   + row->rules.len + row->echo.len;

    if (feed->n < JOBS_BLOCK && feed->room - feed->used >= need) {
        return SC_OK;
    }

    if (feed->n > 0
        && (jobs_feed_flush(feed) != SC_OK || feed->n > 0))
    {
        return SC_ERROR;
    }

    if (feed->room >= need && feed->room != 0) {
        return SC_OK;
    }

    free(feed->text);
    feed->room = need > JOBS_BLOCK_BYTES ? need : JOBS_BLOCK_BYTES;
    feed->text = malloc(feed->room);
    feed->room = feed->text != NULL ? feed->room : 0;

    return feed->text != NULL ? SC_OK : SC_ERROR;
}


static void
jobs_feed_keep(jobs_feed_t *feed, const store_job_t *from)
{
    store_job_t  *row = &feed->rows[feed->n++];

    *row = *from;
    jobs_feed_copy(feed, &row->url);
    jobs_feed_copy(feed, &row->spec);
    jobs_feed_copy(feed, &row->rules_hash);
    jobs_feed_copy(feed, &row->rules);
    jobs_feed_copy(feed, &row->echo);
}


static void
jobs_feed_copy(jobs_feed_t *feed, sc_str_t *s)
{
    char  *to = feed->text + feed->used;

    if (s->len > 0) {
        memcpy(to, s->data, s->len);
        s->data = to;
        feed->used += s->len;
    }
}


/* Before the job is on disk, its pages wait. */
static int
jobs_feed_flush(jobs_feed_t *feed)
{
    jobs_t         *jobs = feed->jobs;
    jobs_put_t     *put;
    jobs_work_t    *w = feed->work;
    store_pages_t   pages;

    if (feed->n == 0 || w->making) {
        return SC_OK;
    }

    memset(&pages, 0, sizeof(store_pages_t));
    pages.jobs = feed->rows;
    pages.n = feed->n;
    pages.max_pages = w->work.max_pages;
    pages.max_host_pages = w->work.max_host_pages;
    put = calloc(1, sizeof(jobs_put_t));

    if (put == NULL
        || store_pages_put(jobs->store, w->work.job.seq, w->work.job.tenant,
                           &pages, jobs_feed_put, put)
           != SC_OK)
    {
        free(put);
        jobs_feed_fail(feed, STORE_FAILED);
        return SC_ERROR;
    }

    put->feed = feed;
    put->n = feed->n;
    put->line = feed->line;
    DL_APPEND(jobs->puts, put);
    feed->n = 0;
    feed->used = 0;
    feed->flying++;

    return SC_OK;
}


static void
jobs_feed_put(void *data, store_status_t status, size_t added)
{
    jobs_put_t   *put = data;
    jobs_feed_t  *feed = put->feed;
    jobs_work_t  *w = feed->work;
    jobs_t       *jobs = feed->jobs;
    size_t        n = put->n;
    int64_t       line = put->line;

    DL_DELETE(jobs->puts, put);
    free(put);
    feed->flying--;

    if (status != STORE_OK) {
        jobs_feed_fail(feed, status);

    } else {
        feed->stored += added;
        feed->beyond += n - added;
        feed->stored_line = line;

        if (w != NULL) {
            w->work.counts.found += (int64_t) added;
            frontier_flow_fed(jobs->frontier, w->lane, w->flow,
                              w->work.job.tenant, added);
        }
    }

    jobs_feed_wake(feed);
}


static void
jobs_feed_wake(jobs_feed_t *feed)
{
    if (feed->closing) {
        jobs_feed_end(feed);
        return;
    }

    if (feed->waited && feed->flying < JOBS_BLOCKS) {
        feed->waited = 0;
        feed->ready(feed->data);
    }
}


/* The first failure is told; what is in memory is given up. */
static void
jobs_feed_fail(jobs_feed_t *feed, store_status_t status)
{
    if (feed->status == STORE_OK) {
        feed->status = status;
    }

    feed->n = 0;
    feed->used = 0;
}


store_status_t
jobs_feed_status(const jobs_feed_t *feed)
{
    return feed->status;
}


frontier_status_t
jobs_feed_refused(const jobs_feed_t *feed)
{
    return feed->refused;
}


size_t
jobs_feed_stored(const jobs_feed_t *feed)
{
    return feed->stored;
}


int64_t
jobs_feed_line(const jobs_feed_t *feed)
{
    return feed->stored_line;
}


int
jobs_feed_close(jobs_feed_t *feed, int64_t rejected, const char *reason,
    jobs_done_pt done, void *data)
{
    feed->done = done;
    feed->done_data = data;
    feed->ready = NULL;
    feed->rejected = rejected;
    feed->reason = reason[0] != '\0' ? strdup(reason) : NULL;
    feed->closing = 1;

    if (feed->work != NULL && feed->status == STORE_OK) {
        (void) jobs_feed_flush(feed);
    }

    feed->task.handler = jobs_feed_task;
    feed->task.data = feed;
    loop_defer(feed->jobs->loop, &feed->task);

    return SC_OK;
}


void
jobs_feed_abort(jobs_feed_t *feed, int64_t rejected, const char *reason)
{
    (void) jobs_feed_close(feed, rejected, reason, NULL, NULL);
}


static void
jobs_feed_task(loop_task_t *task)
{
    jobs_feed_end(task->data);
}


/* All blocks are there: the batch is closed, unless others feed it too. */
static void
jobs_feed_end(jobs_feed_t *feed)
{
    jobs_work_t  *w = feed->work;

    if (feed->flying > 0 || feed->saving || (w != NULL && w->making)) {
        return;
    }

    if (w == NULL || w->ending) {
        jobs_feed_ended(feed, feed->status != STORE_OK ? feed->status
                                                       : STORE_CONFLICT);
        return;
    }

    w->work.counts.rejected += feed->rejected;
    w->work.closed = (feed->next == NULL && w->feeds == feed);

    if (!jobs_stopped(w)) {
        jobs_feed_reason(feed);
    }

    feed->saving = 1;

    if (jobs_work_save(w, jobs_feed_ended, feed) != SC_OK) {
        feed->saving = 0;
        jobs_feed_ended(feed, STORE_FAILED);
    }
}


/* Why there is less in the job than was sent. */
static void
jobs_feed_reason(const jobs_feed_t *feed)
{
    char         text[64];
    const char  *reason = feed->reason;

    if (reason == NULL && feed->beyond > 0) {
        (void) snprintf(text, sizeof(text), "%zu pages beyond its limits",
                        feed->beyond);
        reason = text;
    }

    if (reason != NULL) {
        (void) json_object_set_new(feed->work->spec, "reason",
                                   json_string(reason));
    }
}


static void
jobs_feed_ended(void *data, store_status_t status)
{
    jobs_feed_t  *feed = data;
    jobs_work_t  *w = feed->work;

    if (w != NULL && status != STORE_OK && status != STORE_CONFLICT) {
        w->unsaved = 1;
    }

    if (feed->status == STORE_OK) {
        feed->status = status;
    }

    feed->saving = 0;

    if (feed->done != NULL) {
        feed->done(feed->done_data, feed->status, feed->stored);
    }

    jobs_feed_free(feed);

    if (w != NULL) {
        jobs_work_check(w);
    }
}


static void
jobs_feed_free(jobs_feed_t *feed)
{
    jobs_put_t  *put, *tmp;
    jobs_t      *jobs = feed->jobs;

    DL_FOREACH_SAFE(jobs->puts, put, tmp) {
        if (put->feed == feed) {
            store_forget(jobs->store, put);
            DL_DELETE(jobs->puts, put);
            free(put);
        }
    }

    if (feed->work != NULL) {
        DL_DELETE(feed->work->feeds, feed);

    } else {
        DL_DELETE(jobs->lost, feed);
    }

    store_forget(jobs->store, feed);
    loop_undefer(&feed->task);
    sc_buf_free(&feed->spec);
    free(feed->reason);
    free(feed->text);
    free(feed);
}


/* The job is on disk: what waited for that goes on. */
void
jobs_feed_known(jobs_work_t *w)
{
    jobs_feed_t  *feed, *tmp;

    DL_FOREACH_SAFE(w->feeds, feed, tmp) {
        if (feed->closing || feed->n == JOBS_BLOCK
            || feed->used >= JOBS_BLOCK_BYTES)
        {
            (void) jobs_feed_flush(feed);
        }

        jobs_feed_wake(feed);
    }
}


/* It takes no more; who feeds learns it from the next page. */
void
jobs_feed_refuse(jobs_work_t *w)
{
    jobs_feed_t  *feed, *tmp;

    DL_FOREACH_SAFE(w->feeds, feed, tmp) {
        jobs_feed_fail(feed, STORE_CONFLICT);

        if (feed->waited && !feed->closing) {
            feed->waited = 0;
            feed->ready(feed->data);
        }
    }
}


/* Blocks on their way are told to nobody but the feed. */
void
jobs_feed_lost(jobs_work_t *w)
{
    jobs_t       *jobs = w->jobs;
    jobs_feed_t  *feed, *tmp;

    DL_FOREACH_SAFE(w->feeds, feed, tmp) {
        DL_DELETE(w->feeds, feed);
        DL_APPEND(jobs->lost, feed);
        feed->work = NULL;
        jobs_feed_fail(feed, STORE_CONFLICT);

        if (feed->saving) {
            store_forget(jobs->store, feed);
            feed->saving = 0;
        }

        if (feed->closing) {
            loop_defer(jobs->loop, &feed->task);

        } else if (feed->waited) {
            feed->waited = 0;
            feed->ready(feed->data);
        }
    }
}


void
jobs_feed_forget(jobs_t *jobs, void *data)
{
    jobs_feed_t  *feed;
    jobs_work_t  *w, *tmp;

    HASH_ITER(hh, jobs->works, w, tmp) {
        DL_FOREACH(w->feeds, feed) {
            feed->done = feed->done_data == data ? NULL : feed->done;
        }
    }

    DL_FOREACH(jobs->lost, feed) {
        feed->done = feed->done_data == data ? NULL : feed->done;
    }
}


/* Before the jobs themselves go; who feeds is not told. */
void
jobs_feed_close_all(jobs_t *jobs)
{
    jobs_feed_t  *feed, *ftmp;
    jobs_work_t  *w, *tmp;

    HASH_ITER(hh, jobs->works, w, tmp) {
        DL_FOREACH_SAFE(w->feeds, feed, ftmp) {
            jobs_feed_free(feed);
        }
    }

    DL_FOREACH_SAFE(jobs->lost, feed, ftmp) {
        jobs_feed_free(feed);
    }
}
