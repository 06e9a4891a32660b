
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <utlist.h>

#include "sidecar/lanes/lanes_internal.h"


static void lanes_insert(lanes_queue_t *q, lanes_item_t *item, int front);
static lanes_item_t *lanes_lane_next(lanes_t *s, lanes_lane_t lane);
static lanes_share_t *lanes_turn_share(lanes_t *s, lanes_lane_t lane);
static lanes_flow_t *lanes_turn_flow(lanes_share_t *share);
static lanes_item_t *lanes_begin(lanes_t *s, lanes_queue_t *q);
static uint64_t lanes_random(void);


lanes_t *
lanes_create(loop_t *loop, const lanes_limits_t *limits,
    void (*ready)(void *data), void *data)
{
    lanes_t  *s;

    s = calloc(1, sizeof(lanes_t));
    if (s == NULL) {
        return NULL;
    }

    s->loop = loop;
    s->limits = *limits;
    s->ready = ready;
    s->data = data;

    return s;
}


void
lanes_destroy(lanes_t *s)
{
    lanes_flow_t    *f, *tmp;
    lanes_tenant_t  *t, *next;

    HASH_ITER(hh, s->flows, f, tmp) {
        f->limit = 0;
        lanes_flow_release(s, f);
    }

    /* those that are idle */
    HASH_ITER(hh, s->tenants, t, next) {
        lanes_tenant_free(s, t);
    }

    free(s);
}


int
lanes_push(lanes_t *s, lanes_item_t *item, int front)
{
    lanes_queue_t  *q;

    q = lanes_queue_get(s, item);
    if (q == NULL) {
        return SC_ERROR;
    }

    item->queue = q;
    lanes_insert(q, item, front);
    q->n++;
    s->counts[item->lane]++;

    /* the host has said what it thinks of the first */
    if (q->items == item) {
        lanes_host_update(q->key.host);
    }

    return SC_OK;
}


/* Behind those of its priority, or before them; most go to the end. */
static void
lanes_insert(lanes_queue_t *q, lanes_item_t *item, int front)
{
    lanes_item_t  *i;

    if (front) {
        DL_FOREACH(q->items, i) {
            if (i->priority <= item->priority) {
                DL_PREPEND_ELEM(q->items, i, item);
                return;
            }
        }

        DL_APPEND(q->items, item);
        return;
    }

    if (q->items == NULL || q->items->prev->priority >= item->priority) {
        DL_APPEND(q->items, item);
        return;
    }

    DL_FOREACH(q->items, i) {
        if (i->priority < item->priority) {
            break;
        }
    }

    DL_PREPEND_ELEM(q->items, i, item);
}


void
lanes_remove(lanes_t *s, lanes_item_t *item)
{
    int             first;
    lanes_queue_t  *q = item->queue;

    first = (q->items == item);
    DL_DELETE(q->items, item);
    item->queue = NULL;
    q->n--;
    s->counts[item->lane]--;

    if (q->items == NULL) {
        lanes_queue_release(s, q);

    } else if (first) {
        lanes_host_update(q->key.host);
    }
}


/*
 * A lane goes before those below it, but does not starve them: after so many
 * turns it leaves one to the next that has something.
 */

lanes_item_t *
lanes_next(lanes_t *s, lanes_lane_t last)
{
    int            below;
    lanes_lane_t   lane;
    lanes_item_t  *item;

    for (lane = LANES_INTERACTIVE; lane <= last; lane++) {
        if (s->lanes[lane] == NULL) {
            continue;
        }

        below = (lane < last && s->lanes[lane + 1] != NULL);

        if (below && s->turns[lane] >= LANES_LANE_TURNS) {
            s->turns[lane] = 0;
            continue;
        }

        item = lanes_lane_next(s, lane);

        if (item != NULL) {
            s->turns[lane] += below;
            return item;
        }
    }

    /* the lanes below had nothing after all */
    for (lane = LANES_INTERACTIVE; lane <= last; lane++) {
        item = lanes_lane_next(s, lane);

        if (item != NULL) {
            return item;
        }
    }

    return NULL;
}


static lanes_item_t *
lanes_lane_next(lanes_t *s, lanes_lane_t lane)
{
    lanes_flow_t   *f;
    lanes_queue_t  *q;
    lanes_share_t  *share;

    share = lanes_turn_share(s, lane);
    if (share == NULL) {
        return NULL;
    }

    f = lanes_turn_flow(share);
    q = f->ready;

    /* the next page of the flow is for another host */
    DL_DELETE(f->ready, q);
    DL_APPEND(f->ready, q);

    share->credit--;
    f->credit--;

    return lanes_begin(s, q);
}


/* The share whose turn it is; those without credit get some and go behind. */
static lanes_share_t *
lanes_turn_share(lanes_t *s, lanes_lane_t lane)
{
    size_t          n;
    lanes_share_t  *share;

    DL_COUNT(s->lanes[lane], share, n);

    while (n > 0 && (share = s->lanes[lane]) != NULL) {

        if (!lanes_tenant_may(share->tenant)) {
            n--;

        } else if (share->credit > 0) {
            return share;

        } else {
            share->credit += LANES_QUANTUM;
        }

        DL_DELETE(s->lanes[lane], share);
        DL_APPEND(s->lanes[lane], share);
    }

    return NULL;
}


static lanes_flow_t *
lanes_turn_flow(lanes_share_t *share)
{
    lanes_flow_t  *f;

    while ((f = share->ready)->credit <= 0) {
        f->credit += LANES_QUANTUM;
        DL_DELETE(share->ready, f);
        DL_APPEND(share->ready, f);
    }

    return f;
}


static lanes_item_t *
lanes_begin(lanes_t *s, lanes_queue_t *q)
{
    lanes_flow_t  *f = q->key.flow;
    lanes_host_t  *h = q->key.host;
    lanes_item_t  *item = q->items;

    DL_DELETE(q->items, item);
    q->n--;
    s->counts[item->lane]--;

    item->queue = NULL;
    item->account = f;
    f->running++;
    f->share->tenant->running++;
    h->running++;

    host_begin(&h->host->state, &item->wish, loop_now(s->loop),
               lanes_random());
    h->host->fetches++;

    if (q->items == NULL) {
        lanes_queue_release(s, q);
    }

    lanes_flow_update(s, f);
    lanes_host_update(h);

    return item;
}


void
lanes_end(lanes_t *s, lanes_item_t *item, const host_outcome_t *outcome,
    int64_t bytes)
{
    lanes_flow_t  *f = item->account;
    lanes_host_t  *h = item->host->data;

    f->credit -= bytes / LANES_COST_BYTES;
    f->share->credit -= bytes / LANES_COST_BYTES;

    if (outcome != NULL) {
        host_end(&item->host->state, outcome, loop_now(s->loop));

    } else {
        host_cancel(&item->host->state, loop_now(s->loop));
    }

    item->account = NULL;
    f->running--;
    f->share->tenant->running--;
    lanes_flow_update(s, f);
    lanes_flow_release(s, f);

    h->running--;
    lanes_host_update(h);
    lanes_host_release(h);

    /* a tenant at its limit may go on */
    s->ready(s->data);
}


rate_t *
lanes_rate(lanes_item_t *item)
{
    rate_t  *rate = &item->account->share->tenant->rate;

    return rate->per_second > 0 ? rate : NULL;
}


void
lanes_host_changed(lanes_t *s, host_t *host)
{
    (void) s;

    if (host->data != NULL) {
        lanes_host_update(host->data);
    }
}


int64_t
lanes_wait(const lanes_t *s, const lanes_item_t *item)
{
    return host_wait(&item->host->state, &item->wish, loop_now(s->loop));
}


size_t
lanes_queued(const lanes_item_t *item)
{
    return item->queue->n;
}


lanes_item_t *
lanes_last(const lanes_item_t *item)
{
    return item->queue->items->prev;
}


size_t
lanes_count(const lanes_t *s)
{
    int     i;
    size_t  n;

    n = 0;

    for (i = 0; i < LANES_N; i++) {
        n += s->counts[i];
    }

    return n;
}


size_t
lanes_waiting(const lanes_t *s, lanes_lane_t lane)
{
    return s->counts[lane];
}


void
lanes_stats(const lanes_t *s, lanes_stats_t *stats)
{
    const lanes_flow_t   *f;
    const lanes_queue_t  *q;

    memset(stats, 0, sizeof(lanes_stats_t));

    for (f = s->flows; f != NULL; f = f->hh.next) {
        stats->running[f->key.lane] += (size_t) f->running;
    }

    for (q = s->queues; q != NULL; q = q->hh.next) {
        if (q->ready) {
            stats->ready[q->key.flow->key.lane] += q->n;

        } else {
            stats->waiting[q->key.flow->key.lane] += q->n;
        }
    }
}


lanes_item_t *
lanes_any(lanes_t *s)
{
    return s->queues != NULL ? s->queues->items : NULL;
}


/* For jitter only. */
static uint64_t
lanes_random(void)
{
    static uint64_t  state;

    if (state == 0
        && getrandom(&state, sizeof(state), GRND_NONBLOCK)
           != (ssize_t) sizeof(state))
    {
        state = 1;
    }

    /* xorshift64, Marsaglia 2003 */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;

    return state;
}
