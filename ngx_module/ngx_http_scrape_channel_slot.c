
#include "ngx_module/ngx_http_scrape_channel_internal.h"


/* memory that a slot without a request keeps for the next one */
#define NGX_HTTP_SCRAPE_SLOT_KEEP  4096


static ngx_http_scrape_slot_t *ngx_http_scrape_slot_make(
    ngx_http_scrape_channel_t *channel);
static void ngx_http_scrape_slot_init(ngx_http_scrape_slot_t *slot,
    ngx_log_t *log);


ngx_http_scrape_slot_t *
ngx_http_scrape_slot_take(ngx_http_scrape_channel_t *channel, ngx_log_t *log)
{
    ngx_queue_t             *q;
    ngx_http_scrape_slot_t  *slot;

    if (!ngx_queue_empty(&channel->free)) {
        q = ngx_queue_head(&channel->free);
        ngx_queue_remove(q);
        slot = ngx_queue_data(q, ngx_http_scrape_slot_t, queue);

    } else {
        slot = ngx_http_scrape_slot_make(channel);
        if (slot == NULL) {
            return NULL;
        }
    }

    ngx_http_scrape_slot_init(slot, log);

    channel->used++;
    ngx_http_scrape_gauge_add(channel, slots, 1);

    return slot;
}


static ngx_http_scrape_slot_t *
ngx_http_scrape_slot_make(ngx_http_scrape_channel_t *channel)
{
    ngx_http_scrape_slot_t  *slot;

    if (channel->nslots == channel->max) {
        return NULL;
    }

    slot = ngx_pcalloc(channel->pool, sizeof(ngx_http_scrape_slot_t));
    if (slot == NULL) {
        return NULL;
    }

    slot->channel = channel;
    slot->place = channel->nslots;
    sc_buf_init(&slot->head, 0);
    sc_buf_init(&slot->data, NGX_HTTP_SCRAPE_WINDOW);

    channel->slots[channel->nslots++] = slot;

    return slot;
}


/*
 * Events that are active already are nothing to nginx's event module, which
 * so never hears of a descriptor that is shared.
 */
static void
ngx_http_scrape_slot_init(ngx_http_scrape_slot_t *slot, ngx_log_t *log)
{
    ngx_connection_t           *c = &slot->c;
    ngx_http_scrape_slot_t      was = *slot;
    ngx_http_scrape_channel_t  *channel = slot->channel;

    ngx_memzero(slot, sizeof(ngx_http_scrape_slot_t));

    slot->channel = channel;
    slot->place = was.place;
    slot->head = was.head;
    slot->data = was.data;

    slot->state = NGX_HTTP_SCRAPE_SLOT_USED;
    slot->id = (++channel->serial << NGX_HTTP_SCRAPE_PLACE_BITS) | slot->place;
    slot->credit = NGX_HTTP_SCRAPE_WINDOW;
    slot->window = NGX_HTTP_SCRAPE_BODY_WINDOW;

    c->pool = was.c.pool;
    c->fd = channel->connection->fd;
    c->type = SOCK_STREAM;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
    c->start_time = ngx_current_msec;
    c->log = log;
    c->log_error = NGX_ERROR_ERR;
    c->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;
    c->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;

    c->recv = ngx_http_scrape_slot_recv;
    c->recv_chain = ngx_http_scrape_slot_recv_chain;
    c->send = ngx_http_scrape_slot_send;
    c->send_chain = ngx_http_scrape_slot_send_chain;

    c->read = &slot->read;
    slot->read.data = c;
    slot->read.log = log;
    slot->read.active = 1;

    c->write = &slot->write;
    slot->write.data = c;
    slot->write.log = log;
    slot->write.write = 1;
    slot->write.active = 1;
    slot->write.ready = 1;
}


void
ngx_http_scrape_slot_give(ngx_http_scrape_slot_t *slot)
{
    ngx_uint_t                  cancel;
    ngx_event_t                *ev[] = { &slot->read, &slot->write };
    ngx_http_scrape_channel_t  *channel = slot->channel;
    ngx_uint_t                  i;

    for (i = 0; i < 2; i++) {
        if (ev[i]->timer_set) {
            ngx_del_timer(ev[i]);
        }

        if (ev[i]->posted) {
            ngx_delete_posted_event(ev[i]);
        }

        ev[i]->log = ngx_cycle->log;
    }

    slot->c.log = ngx_cycle->log;

    if (slot->c.pool != NULL) {
        slot->c.pool->log = ngx_cycle->log;
    }

    if (slot->waiting) {
        slot->waiting = 0;
        ngx_queue_remove(&slot->queue);
    }

    channel->used--;

    cancel = !slot->lost && slot->opened
             && (!slot->ended || !slot->last_sent);

    if (cancel) {
        ngx_http_scrape_channel_add(channel, SC_FRAME_CANCEL, slot->id, 0,
                                    NULL, 0);
        ngx_http_scrape_count_add(channel, channel_cancels, 1);
    }

    if (cancel && !slot->ended) {
        ngx_http_scrape_slot_empty(&slot->head);
        ngx_http_scrape_slot_empty(&slot->data);
        slot->state = NGX_HTTP_SCRAPE_SLOT_CANCELLED;
        slot->cancelled_at = ngx_current_msec;
        ngx_queue_insert_tail(&channel->cancelled, &slot->queue);

    } else {
        ngx_http_scrape_slot_recycle(slot);
    }

    ngx_http_scrape_channel_left(channel);
}


void
ngx_http_scrape_slot_empty(sc_buf_t *b)
{
    if (b->cap > NGX_HTTP_SCRAPE_SLOT_KEEP) {
        sc_buf_free(b);

    } else {
        sc_buf_reset(b);
    }
}


void
ngx_http_scrape_slot_recycle(ngx_http_scrape_slot_t *slot)
{
    if (slot->state == NGX_HTTP_SCRAPE_SLOT_CANCELLED) {
        ngx_queue_remove(&slot->queue);
    }

    ngx_http_scrape_slot_empty(&slot->head);
    ngx_http_scrape_slot_empty(&slot->data);

    slot->state = NGX_HTTP_SCRAPE_SLOT_FREE;
    ngx_queue_insert_head(&slot->channel->free, &slot->queue);

    ngx_http_scrape_gauge_add(slot->channel, slots, -1);
}


void
ngx_http_scrape_slot_free(ngx_http_scrape_slot_t *slot)
{
    sc_buf_free(&slot->head);
    sc_buf_free(&slot->data);

    if (slot->c.pool != NULL) {
        ngx_destroy_pool(slot->c.pool);
    }
}


/* The upstream is called later: it may end the request, and so the slot. */
void
ngx_http_scrape_slot_wake(ngx_http_scrape_slot_t *slot)
{
    slot->read.ready = 1;

    if (!slot->read.posted) {
        ngx_post_event(&slot->read, &ngx_posted_events);
    }
}


/* What has come whole is still read. */
void
ngx_http_scrape_slot_lose(ngx_http_scrape_slot_t *slot)
{
    slot->c.fd = (ngx_socket_t) -1;
    slot->lost = 1;

    if (slot->waiting) {
        slot->waiting = 0;
        ngx_queue_remove(&slot->queue);
    }

    if (!slot->ended) {
        ngx_http_scrape_slot_wake(slot);
    }
}
