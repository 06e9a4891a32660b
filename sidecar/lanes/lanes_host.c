
#include <stdlib.h>

#include <utlist.h>

#include "sidecar/lanes/lanes_internal.h"


static void lanes_host_timeout(loop_timer_t *timer);


lanes_host_t *
lanes_host_get(lanes_t *s, host_t *host)
{
    lanes_host_t  *h = host->data;

    if (h != NULL) {
        return h;
    }

    h = calloc(1, sizeof(lanes_host_t));
    if (h == NULL) {
        return NULL;
    }

    h->sched = s;
    h->host = host;
    loop_timer_init(&h->timer, lanes_host_timeout, h);
    host->data = h;

    return h;
}


void
lanes_host_release(lanes_host_t *h)
{
    if (h->queues != NULL || h->running > 0) {
        return;
    }

    loop_timer_del(h->sched->loop, &h->timer);
    h->host->data = NULL;
    free(h);
}


/* A queue is as ready as its first item. */
void
lanes_host_update(lanes_host_t *h)
{
    int64_t         now, wait, least;
    lanes_t        *s = h->sched;
    lanes_queue_t  *q;

    now = loop_now(s->loop);
    least = INT64_MAX;

    DL_FOREACH2(h->queues, q, host_next) {
        wait = host_wait(&h->host->state, &q->items->wish, now);

        if (wait == 0) {
            lanes_queue_ready(s, q);
            continue;
        }

        lanes_queue_unready(s, q);

        if (wait != HOST_BUSY && wait < least) {
            least = wait;
        }
    }

    if (least == INT64_MAX) {
        loop_timer_del(s->loop, &h->timer);

    } else {
        /* without memory for it, the next push or end looks again */
        (void) loop_timer_set(s->loop, &h->timer, least);
    }
}


static void
lanes_host_timeout(loop_timer_t *timer)
{
    lanes_host_update(timer->data);
}
