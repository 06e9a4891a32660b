
#include "sidecar/jobs/jobs_internal.h"


/* how often it is looked what is over; and again while something was */
#define JOBS_SWEEP         (60 * LOOP_SEC)
#define JOBS_FIRST_SWEEP   LOOP_SEC
#define JOBS_SWEEP_AGAIN   (20 * LOOP_MS)


static void jobs_keep_sweep(loop_timer_t *timer);
static void jobs_keep_swept(void *data, store_status_t status, size_t added);


void
jobs_keep_open(jobs_t *jobs)
{
    loop_timer_init(&jobs->sweep, jobs_keep_sweep, jobs);
    (void) loop_timer_set(jobs->loop, &jobs->sweep, JOBS_FIRST_SWEEP);
}


void
jobs_keep_close(jobs_t *jobs)
{
    loop_timer_del(jobs->loop, &jobs->sweep);
}


static void
jobs_keep_sweep(loop_timer_t *timer)
{
    jobs_t        *jobs = timer->data;
    store_keep_t   keep;

    keep.now = id_now_ms();
    keep.rows = jobs->parts.settings->keep_rows;
    keep.bytes = jobs->parts.settings->keep_bytes;

    if (store_sweep(jobs->store, &keep, jobs_keep_swept, jobs) != SC_OK) {
        (void) loop_timer_set(jobs->loop, timer, JOBS_SWEEP);
    }
}


/* In small pieces, so that others can write in between. */
static void
jobs_keep_swept(void *data, store_status_t status, size_t added)
{
    jobs_t  *jobs = data;

    (void) loop_timer_set(jobs->loop, &jobs->sweep,
                          status == STORE_OK && added > 0 ? JOBS_SWEEP_AGAIN
                                                          : JOBS_SWEEP);
}
