
#include <string.h>
#include <sys/random.h>

#include <utlist.h>

#include "sidecar/frontier/frontier_internal.h"


static int frontier_retry_wanted(const frontier_flight_t *fl);
static int frontier_retry_status(int status);
static int frontier_retry_error(const fetch_result_t *page);
static int frontier_retry_idempotent(const char *method);
static int64_t frontier_retry_delay(const frontier_flight_t *fl);
static int frontier_retry_later(frontier_flight_t *fl, int64_t delay);


int
frontier_retry(frontier_flight_t *fl)
{
    int64_t      delay;
    frontier_t  *f = fl->frontier;

    if (fl->tries >= fl->request.limits.retries || f->draining
        || fl->spent >= fl->request.limits.total_timeout
        || !frontier_retry_wanted(fl))
    {
        return SC_DECLINED;
    }

    delay = frontier_retry_delay(fl);

    if (frontier_record_retry(fl, delay) != SC_OK) {
        return SC_DECLINED;
    }

    fl->tries++;
    metrics_add(METRICS_RETRIES, 1);

    if (frontier_retry_later(fl, delay) == SC_OK) {
        return SC_OK;
    }

    frontier_flight_blank(fl);
    frontier_flight_park(fl, delay);

    return SC_OK;
}


static int
frontier_retry_wanted(const frontier_flight_t *fl)
{
    const fetch_result_t  *page = &fl->page;

    if (!fl->request.retry_any && !frontier_retry_idempotent(fl->method)) {
        return 0;
    }

    return page->error == FETCH_OK ? frontier_retry_status(page->status)
                                   : frontier_retry_error(page);
}


static int
frontier_retry_status(int status)
{
    return status == 408 || status == 425 || status == 429
           || (status >= 500 && status != 501 && status != 505);
}


static int
frontier_retry_error(const fetch_result_t *page)
{
    switch (page->error) {

    case FETCH_DNS:
        /* a name that is not there is not there a moment later either */
        return !page->final;

    case FETCH_CONNECT:
    case FETCH_PROTOCOL:
    case FETCH_TIMEOUT:
    case FETCH_PROXY:
        return 1;

    default:
        return 0;
    }
}


/* RFC 9110 9.2.2 */
static int
frontier_retry_idempotent(const char *method)
{
    size_t  i;

    static const char *const  methods[] = { "GET", "HEAD", "OPTIONS", "PUT",
                                            "DELETE" };

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i], method) == 0) {
            return 1;
        }
    }

    return 0;
}


/* Twice as long each time, half of it at random; at least what was asked. */
static int64_t
frontier_retry_delay(const frontier_flight_t *fl)
{
    int       i;
    int64_t   delay, asked;
    uint32_t  random;

    delay = FRONTIER_FIRST_RETRY;

    for (i = 0; i < fl->tries && delay < FRONTIER_LAST_RETRY; i++) {
        delay *= 2;
    }

    if (delay > FRONTIER_LAST_RETRY) {
        delay = FRONTIER_LAST_RETRY;
    }

    if (getrandom(&random, sizeof(random), GRND_NONBLOCK)
        != (ssize_t) sizeof(random))
    {
        random = 0;
    }

    delay = delay / 2 + (int64_t) (random % 1024) * (delay / 2) / 1024;
    asked = host_retry_after(fl->page.retry_after, id_now_ms());

    if (asked > HOST_MAX_RETRY) {
        asked = HOST_MAX_RETRY;
    }

    return asked > delay ? asked : delay;
}


/* A long pause is the store's matter, when nobody waits here. */
static int
frontier_retry_later(frontier_flight_t *fl, int64_t delay)
{
    int64_t          due;
    frontier_job_t  *j, *tmp;

    if (delay < FRONTIER_LONG_RETRY || fl->jobs == NULL) {
        return SC_DECLINED;
    }

    DL_FOREACH(fl->jobs, j) {
        if (j->durability != JOB_DURABLE || j->waits != NULL
            || j->queue == NULL)
        {
            return SC_DECLINED;
        }
    }

    due = id_now_ms() + delay / LOOP_MS;

    DL_FOREACH_SAFE(fl->jobs, j, tmp) {
        j->row.tries = fl->tries;

        if (frontier_queue_defer(j, due) != SC_OK) {
            return SC_DECLINED;
        }
    }

    return SC_OK;
}
