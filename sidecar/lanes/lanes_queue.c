
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/lanes/lanes_internal.h"


static lanes_flow_t *lanes_flow_find(const lanes_t *s, lanes_lane_t lane,
    uint64_t flow, lanes_flow_key_t *key);


lanes_queue_t *
lanes_queue_get(lanes_t *s, const lanes_item_t *item)
{
    lanes_queue_t      *q;
    lanes_queue_key_t   key;

    memset(&key, 0, sizeof(key));
    key.flow = lanes_flow_get(s, item->lane, item->flow, item->tenant);
    key.host = lanes_host_get(s, item->host);

    if (key.flow == NULL || key.host == NULL) {
        goto failed;
    }

    HASH_FIND(hh, s->queues, &key, sizeof(key), q);
    if (q != NULL) {
        return q;
    }

    q = calloc(1, sizeof(lanes_queue_t));
    if (q == NULL) {
        goto failed;
    }

    q->key = key;
    HASH_ADD(hh, s->queues, key, sizeof(key), q);

    if (q->hh.tbl == NULL) {
        free(q);
        goto failed;
    }

    key.flow->queues++;
    DL_APPEND2(key.host->queues, q, host_prev, host_next);

    return q;

failed:

    if (key.flow != NULL) {
        lanes_flow_release(s, key.flow);
    }

    if (key.host != NULL) {
        lanes_host_release(key.host);
    }

    return NULL;
}


void
lanes_queue_release(lanes_t *s, lanes_queue_t *q)
{
    lanes_flow_t  *f = q->key.flow;
    lanes_host_t  *h = q->key.host;

    if (q->items != NULL) {
        return;
    }

    lanes_queue_unready(s, q);
    HASH_DEL(s->queues, q);
    DL_DELETE2(h->queues, q, host_prev, host_next);
    f->queues--;
    free(q);

    lanes_flow_release(s, f);
    lanes_host_release(h);
}


void
lanes_queue_ready(lanes_t *s, lanes_queue_t *q)
{
    lanes_flow_t  *f = q->key.flow;

    if (q->ready) {
        return;
    }

    q->ready = 1;
    DL_APPEND(f->ready, q);
    lanes_flow_update(s, f);
    s->ready(s->data);
}


void
lanes_queue_unready(lanes_t *s, lanes_queue_t *q)
{
    lanes_flow_t  *f = q->key.flow;

    if (!q->ready) {
        return;
    }

    q->ready = 0;
    DL_DELETE(f->ready, q);
    lanes_flow_update(s, f);
}


void
lanes_flow_update(lanes_t *s, lanes_flow_t *f)
{
    unsigned        may;
    lanes_share_t  *share = f->share;

    may = (f->ready != NULL
           && (f->limit == 0 || f->running < f->limit));

    if (may == f->listed) {
        return;
    }

    f->listed = may & 1u;

    if (may) {
        if (share->ready == NULL) {
            DL_APPEND(s->lanes[share->lane], share);
        }

        DL_APPEND(share->ready, f);
        return;
    }

    DL_DELETE(share->ready, f);

    if (share->ready == NULL) {
        DL_DELETE(s->lanes[share->lane], share);
    }
}


int
lanes_flow_limit(lanes_t *s, lanes_lane_t lane, uint64_t flow,
    sc_str_t tenant, int64_t n)
{
    lanes_flow_t  *f;

    f = lanes_flow_get(s, lane, flow, tenant);
    if (f == NULL) {
        return SC_ERROR;
    }

    f->limit = n;
    lanes_flow_update(s, f);
    lanes_flow_release(s, f);
    s->ready(s->data);

    return SC_OK;
}


lanes_flow_t *
lanes_flow_get(lanes_t *s, lanes_lane_t lane, uint64_t flow, sc_str_t tenant)
{
    lanes_flow_t      *f;
    lanes_tenant_t    *t;
    lanes_flow_key_t   key;

    f = lanes_flow_find(s, lane, flow, &key);
    if (f != NULL) {
        return f;
    }

    t = lanes_tenant_get(s, tenant);
    if (t == NULL) {
        return NULL;
    }

    f = calloc(1, sizeof(lanes_flow_t));
    if (f == NULL) {
        lanes_tenant_release(s, t);
        return NULL;
    }

    f->key = key;
    f->share = &t->shares[lane];
    HASH_ADD(hh, s->flows, key, sizeof(key), f);

    if (f->hh.tbl == NULL) {
        free(f);
        lanes_tenant_release(s, t);
        return NULL;
    }

    t->refs++;

    return f;
}


void
lanes_flow_release(lanes_t *s, lanes_flow_t *f)
{
    lanes_tenant_t  *t = f->share->tenant;

    if (f->queues > 0 || f->running > 0 || f->limit > 0) {
        return;
    }

    HASH_DEL(s->flows, f);
    free(f);
    t->refs--;
    lanes_tenant_release(s, t);
}


size_t
lanes_flow_running(const lanes_t *s, lanes_lane_t lane, uint64_t flow)
{
    lanes_flow_t      *f;
    lanes_flow_key_t   key;

    f = lanes_flow_find(s, lane, flow, &key);

    return f != NULL ? (size_t) f->running : 0;
}


/* NULL when there is none; *key is what it is found by, filled in. */

static lanes_flow_t *
lanes_flow_find(const lanes_t *s, lanes_lane_t lane, uint64_t flow,
    lanes_flow_key_t *key)
{
    lanes_flow_t  *f;

    memset(key, 0, sizeof(lanes_flow_key_t));
    key->flow = flow;
    key->lane = lane;

    HASH_FIND(hh, s->flows, key, sizeof(lanes_flow_key_t), f);

    return f;
}
