
#include "sidecar/fetch/fetch_internal.h"


static int fetch_pace_rated(const fetch_t *fetch);
static void fetch_pace_set(fetch_t *fetch, int64_t delay);
static int64_t fetch_pace_limit(const fetch_t *fetch);
static int64_t fetch_pace_wait(fetch_t *fetch, int64_t now);


void
fetch_pace_begin(fetch_t *fetch)
{
    int64_t  limit = fetch->request.first_byte_timeout;

    fetch->heard = fetch->handed;

    if (limit > 0) {
        fetch_pace_set(fetch, limit - (fetch->handed - fetch->begun));
    }
}


/* The timer is not moved for each piece: it looks when it fires. */
void
fetch_pace_heard(fetch_t *fetch)
{
    int  first = fetch->head.bytes == 0;

    if (fetch->request.idle_timeout == 0 && !first) {
        return;
    }

    fetch->heard = fetch_clock();

    if (first) {
        fetch_pace_set(fetch, fetch->request.idle_timeout);
    }
}


int
fetch_pace_ready(fetch_t *fetch)
{
    int64_t  wait;

    wait = fetch_pace_rated(fetch) ? fetch_pace_wait(fetch, fetch_clock()) : 0;

    if (wait > 0) {
        fetch->paused = 1;
        fetch_pace_set(fetch, wait);
    }

    return wait <= 0;
}


void
fetch_pace_take(fetch_t *fetch, size_t len)
{
    int64_t  now;
    rate_t  *own = fetch->request.rate;

    if (!fetch_pace_rated(fetch)) {
        return;
    }

    now = fetch_clock();
    rate_take(&fetch->fetcher->rate, (int64_t) len, now);

    if (own != NULL) {
        rate_take(own, (int64_t) len, now);
    }
}


static int
fetch_pace_rated(const fetch_t *fetch)
{
    return fetch->fetcher->rate.per_second != 0 || fetch->request.rate != NULL;
}


void
fetch_pace_timeout(loop_timer_t *timer)
{
    int64_t   limit, left;
    fetch_t  *fetch = timer->data;

    if (fetch->paused) {
        fetch->paused = 0;
        fetch->heard = fetch_clock();
        fetch_pace_set(fetch, fetch->request.idle_timeout);
        fetch_multi_resume(fetch);
        return;
    }

    limit = fetch_pace_limit(fetch);
    left = limit - (fetch_clock() - fetch->heard);

    if (fetch->head.bytes > 0 && left > 0) {
        fetch_pace_set(fetch, left);
        return;
    }

    fetch_result_late(fetch, limit);
    fetch_end(fetch);
}


/* 0 is for what has no limit. */
static void
fetch_pace_set(fetch_t *fetch, int64_t delay)
{
    loop_t  *loop = fetch->fetcher->loop;

    if (delay == 0) {
        loop_timer_del(loop, &fetch->pace);

    } else {
        /* without memory for it, the deadline still ends the exchange */
        (void) loop_timer_set(loop, &fetch->pace, delay > 0 ? delay : 0);
    }
}


static int64_t
fetch_pace_limit(const fetch_t *fetch)
{
    return fetch->head.bytes == 0 ? fetch->request.first_byte_timeout
                                  : fetch->request.idle_timeout;
}


static int64_t
fetch_pace_wait(fetch_t *fetch, int64_t now)
{
    int64_t  all, own;

    all = rate_wait(&fetch->fetcher->rate, now);
    own = fetch->request.rate != NULL ? rate_wait(fetch->request.rate, now)
                                      : 0;

    return all > own ? all : own;
}
