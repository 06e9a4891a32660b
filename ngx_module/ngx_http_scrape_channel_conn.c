
#include "ngx_module/ngx_http_scrape_channel_internal.h"


static ngx_http_scrape_channel_t *ngx_http_scrape_channel_find(
    ngx_http_scrape_channel_conf_t *conf, ngx_peer_connection_t *pc);
static ngx_http_scrape_channel_t *ngx_http_scrape_channel_create(
    ngx_http_scrape_channel_conf_t *conf, ngx_http_request_t *r,
    ngx_peer_connection_t *pc);
static ngx_int_t ngx_http_scrape_channel_connect(
    ngx_http_scrape_channel_t *channel, ngx_http_request_t *r,
    ngx_peer_connection_t *pc);
static void ngx_http_scrape_channel_open(ngx_http_scrape_channel_t *channel,
    ngx_connection_t *c);
static void ngx_http_scrape_channel_timer_handler(ngx_event_t *ev);
static void ngx_http_scrape_channel_destroy(
    ngx_http_scrape_channel_t *channel);


ngx_int_t
ngx_http_scrape_channel_get(ngx_http_scrape_channel_conf_t *conf,
    ngx_http_request_t *r, ngx_peer_connection_t *pc,
    ngx_http_scrape_channel_t **channel)
{
    ngx_int_t  rc;

    *channel = ngx_http_scrape_channel_find(conf, pc);
    if (*channel != NULL) {
        return NGX_OK;
    }

    *channel = ngx_http_scrape_channel_create(conf, r, pc);
    if (*channel == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_scrape_channel_connect(*channel, r, pc);

    if (rc != NGX_OK) {
        ngx_http_scrape_channel_destroy(*channel);
        *channel = NULL;
    }

    return rc;
}


static ngx_http_scrape_channel_t *
ngx_http_scrape_channel_find(ngx_http_scrape_channel_conf_t *conf,
    ngx_peer_connection_t *pc)
{
    ngx_queue_t                *q;
    ngx_http_scrape_channel_t  *channel;

    for (q = ngx_queue_head(&conf->channels);
         q != ngx_queue_sentinel(&conf->channels);
         q = ngx_queue_next(q))
    {
        channel = ngx_queue_data(q, ngx_http_scrape_channel_t, queue);

        if (ngx_memn2cmp((u_char *) channel->sockaddr,
                         (u_char *) pc->sockaddr, channel->socklen,
                         pc->socklen)
            == 0)
        {
            return channel;
        }
    }

    return NULL;
}


static ngx_http_scrape_channel_t *
ngx_http_scrape_channel_create(ngx_http_scrape_channel_conf_t *conf,
    ngx_http_request_t *r, ngx_peer_connection_t *pc)
{
    ngx_pool_t                   *pool;
    ngx_http_scrape_channel_t    *channel;
    ngx_http_scrape_main_conf_t  *smcf;

    pool = ngx_create_pool(4096, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    channel = ngx_pcalloc(pool, sizeof(ngx_http_scrape_channel_t));
    if (channel == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);

    channel->pool = pool;
    channel->conf = conf;
    channel->counters = ngx_http_scrape_counters(smcf);
    channel->gauges = ngx_http_scrape_gauges(smcf);
    channel->max = conf->slots;
    sc_buf_init(&channel->out, 0);
    sc_buf_init(&channel->text, SC_FRAME_MAX_PAYLOAD);
    ngx_queue_init(&channel->free);
    ngx_queue_init(&channel->cancelled);
    ngx_queue_init(&channel->waiting);

    channel->slots = ngx_palloc(pool, channel->max * sizeof(void *));
    channel->sockaddr = ngx_palloc(pool, pc->socklen);
    channel->socklen = pc->socklen;
    channel->name.len = pc->name->len;
    channel->name.data = ngx_pstrdup(pool, pc->name);

    if (channel->slots == NULL || channel->sockaddr == NULL
        || channel->name.data == NULL)
    {
        ngx_destroy_pool(pool);
        return NULL;
    }

    ngx_memcpy(channel->sockaddr, pc->sockaddr, pc->socklen);

    (void) sc_buf_add(&channel->out, smcf->channel_hello.data,
                      smcf->channel_hello.len);

    return channel;
}


static ngx_int_t
ngx_http_scrape_channel_connect(ngx_http_scrape_channel_t *channel,
    ngx_http_request_t *r, ngx_peer_connection_t *pc)
{
    ngx_int_t              rc;
    ngx_peer_connection_t  peer;

    ngx_memzero(&peer, sizeof(ngx_peer_connection_t));

    peer.sockaddr = channel->sockaddr;
    peer.socklen = channel->socklen;
    peer.name = &channel->name;
    peer.get = ngx_event_get_peer;
    peer.log = pc->log;
    peer.log_error = NGX_ERROR_ERR;
    peer.local = pc->local;
    peer.so_keepalive = pc->so_keepalive;

    rc = ngx_event_connect_peer(&peer);

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        return rc;
    }

    ngx_http_scrape_channel_open(channel, peer.connection);

    if (rc == NGX_AGAIN) {
        channel->connecting = 1;
        ngx_add_timer(peer.connection->write,
                      r->upstream->conf->connect_timeout);
        return NGX_OK;
    }

    (void) ngx_tcp_nodelay(peer.connection);
    ngx_http_scrape_channel_post(channel);

    return NGX_OK;
}


/* From here on it is nobody's: no request's log, no request's end. */
static void
ngx_http_scrape_channel_open(ngx_http_scrape_channel_t *channel,
    ngx_connection_t *c)
{
    c->data = channel;
    c->log = ngx_cycle->log;
    c->read->log = c->log;
    c->write->log = c->log;
    c->read->handler = ngx_http_scrape_channel_read_handler;
    c->write->handler = ngx_http_scrape_channel_write_handler;
    c->idle = 1;

    channel->connection = c;

    channel->flush.data = c;
    channel->flush.log = c->log;
    channel->flush.handler = ngx_http_scrape_channel_flush_handler;

    channel->timer.data = c;
    channel->timer.log = c->log;
    channel->timer.handler = ngx_http_scrape_channel_timer_handler;
    channel->timer.cancelable = 1;

    ngx_queue_insert_head(&channel->conf->channels, &channel->queue);
    ngx_http_scrape_gauge_add(channel, channels, 1);
}


/* The cancel that has waited longest, which may be another by now. */
static void
ngx_http_scrape_channel_timer_handler(ngx_event_t *ev)
{
    ngx_msec_int_t              left;
    ngx_connection_t           *c = ev->data;
    ngx_http_scrape_slot_t     *slot;
    ngx_http_scrape_channel_t  *channel = c->data;

    if (ngx_queue_empty(&channel->cancelled)) {
        return;
    }

    slot = ngx_queue_data(ngx_queue_head(&channel->cancelled),
                          ngx_http_scrape_slot_t, queue);
    left = (ngx_msec_int_t) (slot->cancelled_at
                             + NGX_HTTP_SCRAPE_CANCEL_TIMEOUT
                             - ngx_current_msec);

    if (left > 0) {
        ngx_add_timer(ev, (ngx_msec_t) left);
        return;
    }

    ngx_log_error(NGX_LOG_ERR, c->log, 0,
                  "scraped at \"%V\" did not answer a cancel in time",
                  &channel->name);
    ngx_http_scrape_channel_close(channel);
}


void
ngx_http_scrape_channel_left(ngx_http_scrape_channel_t *channel)
{
    if (channel->used > 0) {
        return;
    }

    if (channel->connection == NULL) {
        ngx_http_scrape_channel_destroy(channel);

    } else if (channel->draining || ngx_exiting) {
        ngx_http_scrape_channel_close(channel);
    }
}


/*
 * Out of the list first, so that nobody who tries again comes back to it; its
 * memory stays for the slots that upstreams have.
 */
ngx_uint_t
ngx_http_scrape_channel_unanswered(ngx_http_scrape_channel_t *channel)
{
    ngx_uint_t               i, n;
    ngx_http_scrape_slot_t  *slot;

    n = 0;

    for (i = 0; i < channel->nslots; i++) {
        slot = channel->slots[i];
        n += slot->state == NGX_HTTP_SCRAPE_SLOT_USED && !slot->ended;
    }

    return n;
}


void
ngx_http_scrape_channel_close(ngx_http_scrape_channel_t *channel)
{
    ngx_uint_t               i;
    ngx_connection_t        *c = channel->connection;
    ngx_http_scrape_slot_t  *slot;

    ngx_queue_remove(&channel->queue);
    ngx_http_scrape_gauge_add(channel, channels, -1);

    if (ngx_http_scrape_channel_unanswered(channel) > 0) {
        ngx_http_scrape_count_add(channel, channel_lost, 1);
    }

    if (channel->flush.posted) {
        ngx_delete_posted_event(&channel->flush);
    }

    if (channel->timer.timer_set) {
        ngx_del_timer(&channel->timer);
    }

    channel->connection = NULL;
    ngx_close_connection(c);

    for (i = 0; i < channel->nslots; i++) {
        slot = channel->slots[i];

        if (slot->state == NGX_HTTP_SCRAPE_SLOT_USED) {
            ngx_http_scrape_slot_lose(slot);

        } else if (slot->state == NGX_HTTP_SCRAPE_SLOT_CANCELLED) {
            ngx_http_scrape_slot_recycle(slot);
        }
    }

    if (channel->used == 0) {
        ngx_http_scrape_channel_destroy(channel);
    }
}


static void
ngx_http_scrape_channel_destroy(ngx_http_scrape_channel_t *channel)
{
    ngx_uint_t  i;

    for (i = 0; i < channel->nslots; i++) {
        ngx_http_scrape_slot_free(channel->slots[i]);
    }

    sc_buf_free(&channel->out);
    sc_buf_free(&channel->text);
    ngx_destroy_pool(channel->pool);
}
