
#include "ngx_module/ngx_http_scrape_channel_internal.h"


static ngx_int_t ngx_http_scrape_slot_send_buf(ngx_http_scrape_slot_t *slot,
    ngx_buf_t *b);
static ngx_int_t ngx_http_scrape_slot_send_frame(ngx_http_scrape_slot_t *slot,
    ngx_buf_t *b);
static ngx_int_t ngx_http_scrape_slot_send_open(ngx_http_scrape_slot_t *slot,
    ngx_buf_t *b, size_t len);
static void ngx_http_scrape_slot_send_last(ngx_http_scrape_slot_t *slot);
static ngx_int_t ngx_http_scrape_slot_send_body(ngx_http_scrape_slot_t *slot,
    ngx_buf_t *b);
static ngx_int_t ngx_http_scrape_slot_wait(ngx_http_scrape_slot_t *slot);


/* The upstream sends chains only. */
ssize_t
ngx_http_scrape_slot_send(ngx_connection_t *c, u_char *buf, size_t size)
{
    return NGX_ERROR;
}


ngx_chain_t *
ngx_http_scrape_slot_send_chain(ngx_connection_t *c, ngx_chain_t *in,
    off_t limit)
{
    ngx_int_t                rc;
    ngx_http_scrape_slot_t  *slot = (ngx_http_scrape_slot_t *) c;

    if (slot->lost) {
        c->write->error = 1;
        return NGX_CHAIN_ERROR;
    }

    for ( /* void */ ; in; in = in->next) {

        if (ngx_buf_special(in->buf)) {
            continue;
        }

        rc = ngx_http_scrape_slot_send_buf(slot, in->buf);

        if (rc == NGX_AGAIN) {
            c->write->ready = 0;
            return in;
        }

        if (rc != NGX_OK) {
            c->write->error = 1;
            return NGX_CHAIN_ERROR;
        }
    }

    return NULL;
}


/*
 * Only whole frames go into the channel, which others use, even when this
 * request ends here: a payload gets headers for as much of it as there is.
 */
static ngx_int_t
ngx_http_scrape_slot_send_buf(ngx_http_scrape_slot_t *slot, ngx_buf_t *b)
{
    u_char     *pos;
    ngx_int_t   rc;

    if (!ngx_buf_in_memory(b)) {
        ngx_log_error(NGX_LOG_ERR, slot->c.log, 0,
                      "a part of the request to scraped is not in memory");
        return NGX_ERROR;
    }

    while (b->pos < b->last) {
        pos = b->pos;

        rc = slot->out_left == 0 ? ngx_http_scrape_slot_send_frame(slot, b)
                                 : ngx_http_scrape_slot_send_body(slot, b);
        if (rc != NGX_OK) {
            return rc;
        }

        slot->c.sent += b->pos - pos;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_slot_send_frame(ngx_http_scrape_slot_t *slot, ngx_buf_t *b)
{
    size_t      used, size;
    sc_frame_t  f;

    size = b->last - b->pos;

    if (sc_frame_parse((char *) b->pos, size, &f, &used) == SC_OK) {

        if (f.type == SC_FRAME_OPEN && f.len <= size - used
            && !slot->opened)
        {
            slot->rid = f.id;
            b->pos += used;

            if (ngx_http_scrape_slot_send_open(slot, b, f.len) == NGX_OK) {
                return NGX_OK;
            }

            b->pos -= used;

            return NGX_AGAIN;
        }

        if (f.type == SC_FRAME_BODY || f.type == SC_FRAME_LAST) {
            b->pos += used;
            slot->out_left = f.len;
            slot->out_last = f.type == SC_FRAME_LAST;

            if (f.len == 0) {
                ngx_http_scrape_slot_send_last(slot);
            }

            return NGX_OK;
        }
    }

    ngx_log_error(NGX_LOG_ERR, slot->c.log, 0,
                  "a request to scraped is not in frames");

    return NGX_ERROR;
}


/* Requests come before bodies: these wait at half of what is too much. */
static ngx_int_t
ngx_http_scrape_slot_send_open(ngx_http_scrape_slot_t *slot, ngx_buf_t *b,
    size_t len)
{
    ngx_http_scrape_channel_t  *channel = slot->channel;

    if (ngx_http_scrape_channel_pending(channel)
        >= 2 * NGX_HTTP_SCRAPE_CHANNEL_OUT)
    {
        return ngx_http_scrape_slot_wait(slot);
    }

    ngx_http_scrape_channel_add(channel, SC_FRAME_OPEN, slot->id,
                                NGX_HTTP_SCRAPE_WINDOW, b->pos, len);
    b->pos += len;
    slot->opened = 1;

    return NGX_OK;
}


static void
ngx_http_scrape_slot_send_last(ngx_http_scrape_slot_t *slot)
{
    if (slot->out_last) {
        ngx_http_scrape_channel_add(slot->channel, SC_FRAME_LAST, slot->id, 0,
                                    NULL, 0);
        slot->last_sent = 1;
    }
}


static ngx_int_t
ngx_http_scrape_slot_send_body(ngx_http_scrape_slot_t *slot, ngx_buf_t *b)
{
    size_t                      n;
    ngx_http_scrape_channel_t  *channel = slot->channel;

    if (slot->window == 0) {
        slot->starved = 1;
        return NGX_AGAIN;
    }

    if (slot->turn == 0) {

        if (!ngx_queue_empty(&channel->waiting)
            || ngx_http_scrape_channel_pending(channel)
               >= NGX_HTTP_SCRAPE_CHANNEL_OUT)
        {
            return ngx_http_scrape_slot_wait(slot);
        }

        slot->turn = NGX_HTTP_SCRAPE_BODY_SIZE;
    }

    n = ngx_min(slot->out_left, (size_t) (b->last - b->pos));
    n = ngx_min(n, slot->window);
    n = ngx_min(n, slot->turn);

    ngx_http_scrape_channel_add(channel, SC_FRAME_BODY, slot->id, 0, b->pos,
                                n);

    b->pos += n;
    slot->out_left -= n;
    slot->window -= n;
    slot->turn -= n;

    if (slot->out_left == 0) {
        ngx_http_scrape_slot_send_last(slot);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_slot_wait(ngx_http_scrape_slot_t *slot)
{
    if (!slot->waiting) {
        slot->waiting = 1;
        ngx_queue_insert_tail(&slot->channel->waiting, &slot->queue);
    }

    return NGX_AGAIN;
}


void
ngx_http_scrape_slot_turns(ngx_http_scrape_channel_t *channel)
{
    size_t                   size;
    ngx_queue_t             *q;
    ngx_http_scrape_slot_t  *slot;

    size = ngx_http_scrape_channel_pending(channel);

    while (!ngx_queue_empty(&channel->waiting)
           && size < NGX_HTTP_SCRAPE_CHANNEL_OUT)
    {
        q = ngx_queue_head(&channel->waiting);
        ngx_queue_remove(q);

        slot = ngx_queue_data(q, ngx_http_scrape_slot_t, queue);
        slot->waiting = 0;
        slot->turn = NGX_HTTP_SCRAPE_BODY_SIZE;
        slot->write.ready = 1;
        ngx_post_event(&slot->write, &ngx_posted_events);

        size += NGX_HTTP_SCRAPE_BODY_SIZE;
    }
}
