
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/jobs/jobs_internal.h"


static jobs_watched_t *jobs_watched_get(jobs_t *jobs, const char *id);
static void jobs_watch_free(jobs_watch_t *watch);


jobs_watch_t *
jobs_watch(jobs_t *jobs, const char *id, jobs_watch_pt told, void *data)
{
    jobs_watch_t    *watch;
    jobs_watched_t  *watched;

    watch = calloc(1, sizeof(jobs_watch_t));
    if (watch == NULL) {
        return NULL;
    }

    watched = jobs_watched_get(jobs, id);
    if (watched == NULL) {
        free(watch);
        return NULL;
    }

    sc_buf_init(&watch->drift, JOBS_MAX_DRIFT);
    watch->jobs = jobs;
    watch->told = told;
    watch->data = data;
    memcpy(watch->id, watched->id, ID_SIZE);
    DL_APPEND(watched->watches, watch);

    return watch;
}


static jobs_watched_t *
jobs_watched_get(jobs_t *jobs, const char *id)
{
    jobs_watched_t  *watched;

    HASH_FIND(hh, jobs->watched, id, ID_LEN, watched);
    if (watched != NULL) {
        return watched;
    }

    watched = calloc(1, sizeof(jobs_watched_t));
    if (watched == NULL) {
        return NULL;
    }

    memcpy(watched->id, id, ID_LEN);
    HASH_ADD(hh, jobs->watched, id[0], ID_LEN, watched);

    if (watched->hh.tbl == NULL) {
        free(watched);
        return NULL;
    }

    return watched;
}


void
jobs_unwatch(jobs_watch_t *watch)
{
    jobs_t          *jobs = watch->jobs;
    jobs_watched_t  *watched;

    HASH_FIND(hh, jobs->watched, watch->id, ID_LEN, watched);
    DL_DELETE(watched->watches, watch);

    if (watched->watches == NULL) {
        HASH_DEL(jobs->watched, watched);
        free(watched);
    }

    if (watch->what != 0) {
        DL_DELETE2(jobs->told, watch, told_prev, told_next);
    }

    jobs_watch_free(watch);
}


static void
jobs_watch_free(jobs_watch_t *watch)
{
    sc_buf_free(&watch->drift);
    free(watch);
}


void
jobs_watch_drift(jobs_watch_t *watch, sc_buf_t *out)
{
    (void) sc_buf_add(out, watch->drift.data, watch->drift.len);
    sc_buf_free(&watch->drift);
    sc_buf_init(&watch->drift, JOBS_MAX_DRIFT);
}


void
jobs_tell(jobs_t *jobs, const char *id, unsigned what)
{
    jobs_watch_t    *watch;
    jobs_watched_t  *watched;

    HASH_FIND(hh, jobs->watched, id, ID_LEN, watched);
    if (watched == NULL) {
        return;
    }

    DL_FOREACH(watched->watches, watch) {
        if (watch->what == 0) {
            DL_APPEND2(jobs->told, watch, told_prev, told_next);
        }

        watch->what |= what;
    }

    loop_defer(jobs->loop, &jobs->watch_task);
}


void
jobs_tell_drift(jobs_t *jobs, const char *id, sc_str_t event)
{
    jobs_watch_t    *watch;
    jobs_watched_t  *watched;

    HASH_FIND(hh, jobs->watched, id, ID_LEN, watched);

    if (watched == NULL || event.len == 0) {
        return;
    }

    DL_FOREACH(watched->watches, watch) {
        if (watch->drift.len + event.len < JOBS_MAX_DRIFT) {
            (void) sc_buf_printf(&watch->drift, "%.*s\n", (int) event.len,
                                 event.data);
        }
    }

    jobs_tell(jobs, id, JOBS_DRIFT);
}


/* Whoever is told may stop watching, and so may others. */
void
jobs_watch_task(loop_task_t *task)
{
    unsigned       what;
    jobs_t        *jobs = task->data;
    jobs_watch_t  *watch;

    while ((watch = jobs->told) != NULL) {
        DL_DELETE2(jobs->told, watch, told_prev, told_next);
        what = watch->what;
        watch->what = 0;
        watch->told(watch->data, what);
    }
}


void
jobs_watch_close(jobs_t *jobs)
{
    jobs_watch_t    *watch, *wtmp;
    jobs_watched_t  *watched, *tmp;

    loop_undefer(&jobs->watch_task);

    HASH_ITER(hh, jobs->watched, watched, tmp) {
        HASH_DEL(jobs->watched, watched);

        DL_FOREACH_SAFE(watched->watches, watch, wtmp) {
            jobs_watch_free(watch);
        }

        free(watched);
    }
}
