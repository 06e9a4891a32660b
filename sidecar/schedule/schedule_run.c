
#include <stdio.h>
#include <string.h>

#include "sidecar/core/log.h"
#include "sidecar/metrics/metrics.h"
#include "sidecar/schedule/schedules_internal.h"


static void schedule_queue(schedule_t *schedule, int64_t at);
static void schedules_arm(schedules_t *s);
static void schedule_due(schedule_t *schedule);
static void schedule_asked(void *data, store_status_t status,
    const store_job_t *job);
static void schedule_pass(schedule_t *schedule);
static void schedule_begin(schedule_t *schedule);
static void schedule_noted(void *data, store_status_t status);
static void schedule_later(schedule_t *schedule);
static void schedule_over(schedule_t *schedule);
static void schedule_save(schedule_t *schedule);
static void schedule_refused(schedule_t *schedule);


void
schedule_changed(schedule_t *schedule)
{
    heap_remove(&schedule->all->heap, &schedule->node);

    if (!schedule->set || schedule->ops > 0 || schedule->asking
        || schedule->saving)
    {
        return;
    }

    if (schedule->dirty) {
        schedule_save(schedule);
    }

    if (schedule->doc.mark.next >= 0) {
        schedule_queue(schedule, schedule->doc.mark.next);
    }
}


static void
schedule_queue(schedule_t *schedule, int64_t at)
{
    schedules_t  *s = schedule->all;

    /* its room was made with it */
    schedule->node.key = at;
    (void) heap_insert(&s->heap, &schedule->node);
    schedules_arm(s);
}


static void
schedules_arm(schedules_t *s)
{
    int64_t       delay, ms;
    heap_node_t  *node;

    node = heap_min(&s->heap);

    if (node == NULL || s->draining || s->begun >= SCHEDULES_AT_ONCE) {
        return;
    }

    delay = SCHEDULES_LOOK;
    ms = node->key - id_now_ms();

    if (ms < delay / LOOP_MS) {
        delay = ms > 0 ? ms * LOOP_MS : 0;
    }

    (void) loop_timer_set(s->loop, &s->timer, delay);
}


void
schedules_look(schedules_t *s)
{
    int64_t       now;
    schedule_t   *schedule;
    heap_node_t  *node;

    now = id_now_ms();

    while (!s->draining && s->begun < SCHEDULES_AT_ONCE
           && (node = heap_min(&s->heap)) != NULL && node->key <= now)
    {
        heap_remove(&s->heap, node);
        schedule = (schedule_t *) ((char *) node
                                   - offsetof(schedule_t, node));
        s->begun++;
        schedule_due(schedule);
    }

    schedules_arm(s);
}


static void
schedule_due(schedule_t *schedule)
{
    schedule_doc_t  *doc = &schedule->doc;

    if (schedule->running) {
        schedule_pass(schedule);

    } else if (doc->overlap || doc->mark.job[0] == '\0') {
        schedule_begin(schedule);

    } else if (store_job_get(schedule->all->store, doc->mark.job,
                             schedule->tenant, schedule_asked, schedule)
               == SC_OK)
    {
        schedule->asking = 1;

    } else {
        schedule_later(schedule);
    }
}


static void
schedule_asked(void *data, store_status_t status, const store_job_t *job)
{
    schedule_t  *schedule = data;

    schedule->asking = 0;

    if (!schedule->set || schedule->ops > 0 || schedule->all->draining) {
        schedule_over(schedule);

    } else if (status == STORE_OK
               && (job->state == STORE_QUEUED || job->state == STORE_RUNNING
                   || job->state == STORE_PAUSED))
    {
        schedule_pass(schedule);

    } else if (status == STORE_OK || status == STORE_NOT_FOUND) {
        schedule_begin(schedule);

    } else {
        schedule_later(schedule);
    }
}


static void
schedule_pass(schedule_t *schedule)
{
    int64_t  now;

    now = id_now_ms();
    schedule->doc.mark.skipped = now;
    metrics_add(METRICS_RUNS + 2, 1);
    schedule_doc_next(&schedule->doc, now);
    schedule->dirty = 1;
    schedule_over(schedule);
}


/* That it is run is on disk first: it is not run twice, whatever happens. */
static void
schedule_begin(schedule_t *schedule)
{
    int64_t           now;
    schedule_mark_t  *mark = &schedule->doc.mark;

    now = id_now_ms();
    schedule->before = *mark;
    mark->last = now;
    mark->status = 0;
    mark->job[0] = '\0';
    schedule_doc_next(&schedule->doc, now);
    schedule->saving = 1;

    if (schedule_store(schedule, &schedule->doc, schedule_noted, schedule)
        != SC_OK)
    {
        schedule->saving = 0;
        *mark = schedule->before;
        schedule_later(schedule);
    }
}


static void
schedule_noted(void *data, store_status_t status)
{
    schedule_t   *schedule = data;
    schedules_t  *s = schedule->all;
    sc_str_t      body = { schedule->doc.body.len, schedule->doc.body.data };

    schedule->saving = 0;

    if (status != STORE_OK) {
        schedule->doc.mark = schedule->before;
        schedule_later(schedule);
        return;
    }

    schedule->running = 1;
    schedule_changed(schedule);
    s->calling = schedule;
    s->run(s->data, schedule->tenant, schedule->name, schedule->doc.kind,
           body);
    s->calling = NULL;
}


/* The store or the caller does not work: it is due still. */
static void
schedule_later(schedule_t *schedule)
{
    schedules_t  *s = schedule->all;

    s->begun--;
    heap_remove(&s->heap, &schedule->node);

    if (schedule->set && schedule->ops == 0) {
        schedule_queue(schedule, id_now_ms() + SCHEDULES_RETRY / LOOP_MS);
    }

    schedule_settle(schedule);
    schedules_arm(s);
}


/* A run is over, or was not to be. */
static void
schedule_over(schedule_t *schedule)
{
    schedules_t  *s = schedule->all;

    s->begun--;
    schedule_changed(schedule);
    schedule_settle(schedule);
    schedules_arm(s);
}


/* It is not waited for: what is lost is how the last run went. */
static void
schedule_save(schedule_t *schedule)
{
    schedule->dirty = 0;

    if (schedule_store(schedule, &schedule->doc, NULL, NULL) != SC_OK) {
        log_error("memory is out, the last run of schedule \"%s\" is not "
                  "noted", schedule->key);
    }
}


void
schedules_ran(schedules_t *s, sc_str_t tenant, const char *name, int status,
    const char *job)
{
    sc_str_t      key, text = { strlen(name), name };
    schedule_t   *schedule;

    sc_buf_reset(&s->key);

    if (schedules_key(&s->key, tenant, text) != SC_OK) {
        return;
    }

    key.data = s->key.data;
    key.len = s->key.len;
    schedule = schedule_find(s, key);

    if (schedule == NULL || !schedule->running) {
        return;
    }

    schedule->running = 0;

    if (s->calling == schedule) {
        schedule_refused(schedule);
        return;
    }

    metrics_add(METRICS_RUNS + (status >= 300), 1);

    if (schedule->set) {
        schedule->dirty = 1;
        schedule->doc.mark.status = status;
        (void) snprintf(schedule->doc.mark.job, ID_SIZE, "%s",
                        id_valid(job, strlen(job)) ? job : "");
    }

    schedule_over(schedule);
}


/* The request was not made: this time is not over. */
static void
schedule_refused(schedule_t *schedule)
{
    if (schedule->set && schedule->ops == 0) {
        schedule->doc.mark = schedule->before;
        schedule_save(schedule);
    }

    schedule_later(schedule);
}
