
#include "ngx_module/ngx_http_scrape_channel_internal.h"


/* bytes for a read(), and reads in a row before others have their turn */
#define NGX_HTTP_SCRAPE_CHANNEL_READ    65536
#define NGX_HTTP_SCRAPE_CHANNEL_READS   8

/* bytes of out that were sent before the rest is moved, and that it keeps */
#define NGX_HTTP_SCRAPE_CHANNEL_SENT    65536


static void ngx_http_scrape_channel_flush(ngx_http_scrape_channel_t *channel);
static ngx_int_t ngx_http_scrape_channel_send(
    ngx_http_scrape_channel_t *channel);
static void ngx_http_scrape_channel_sent(ngx_http_scrape_channel_t *channel);
static ngx_int_t ngx_http_scrape_channel_connected(ngx_connection_t *c);
static ngx_int_t ngx_http_scrape_channel_drain(
    ngx_http_scrape_channel_t *channel);
static ngx_int_t ngx_http_scrape_channel_read(
    ngx_http_scrape_channel_t *channel);
static void ngx_http_scrape_channel_eof(ngx_http_scrape_channel_t *channel);


/* what has come is used up before the next channel is read */
static char  ngx_http_scrape_channel_buf[NGX_HTTP_SCRAPE_CHANNEL_READ];


size_t
ngx_http_scrape_channel_pending(ngx_http_scrape_channel_t *channel)
{
    return channel->out.len - channel->out_pos;
}


void
ngx_http_scrape_channel_add(ngx_http_scrape_channel_t *channel,
    sc_frame_type_t type, uint64_t id, uint64_t arg, const void *payload,
    size_t len)
{
    (void) sc_frame_add(&channel->out, type, id, arg, payload, len);

    ngx_http_scrape_count_add(channel, channel_frames_out, 1);
    ngx_http_scrape_channel_post(channel);

    if (type == SC_FRAME_CANCEL && !channel->timer.timer_set) {
        ngx_add_timer(&channel->timer, NGX_HTTP_SCRAPE_CANCEL_TIMEOUT);
    }
}


void
ngx_http_scrape_channel_post(ngx_http_scrape_channel_t *channel)
{
    if (!channel->flush.posted) {
        ngx_post_event(&channel->flush, &ngx_posted_events);
    }
}


void
ngx_http_scrape_channel_flush_handler(ngx_event_t *ev)
{
    ngx_connection_t  *c = ev->data;

    ngx_http_scrape_channel_flush(c->data);
}


/*
 * When scraped has gone it may have left replies, or why it went: they are
 * read first.
 */
static void
ngx_http_scrape_channel_flush(ngx_http_scrape_channel_t *channel)
{
    if (channel->connecting) {
        return;
    }

    if (ngx_http_scrape_channel_send(channel) != NGX_OK) {

        if (ngx_http_scrape_channel_read(channel) != NGX_ERROR) {
            ngx_http_scrape_channel_eof(channel);
        }

        return;
    }

    ngx_http_scrape_slot_turns(channel);

    /* those whose turn it is may have nothing to say */
    if (!ngx_queue_empty(&channel->waiting)
        && ngx_http_scrape_channel_pending(channel)
           < NGX_HTTP_SCRAPE_CHANNEL_OUT
        && !channel->flush.posted)
    {
        ngx_post_event(&channel->flush, &ngx_posted_next_events);
    }
}


static ngx_int_t
ngx_http_scrape_channel_send(ngx_http_scrape_channel_t *channel)
{
    ssize_t            n;
    ngx_connection_t  *c = channel->connection;

    if (channel->out.failed) {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "no memory for requests to scraped at \"%V\"",
                      &channel->name);
        return NGX_ERROR;
    }

    if (ngx_http_scrape_channel_pending(channel) == 0) {
        return NGX_OK;
    }

    ngx_http_scrape_count_add(channel, channel_flushes, 1);

    while (ngx_http_scrape_channel_pending(channel) > 0 && c->write->ready) {

        n = c->send(c, (u_char *) channel->out.data + channel->out_pos,
                    ngx_http_scrape_channel_pending(channel));

        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (n > 0) {
            channel->out_pos += n;
            ngx_http_scrape_count_add(channel, channel_bytes_out, n);
        }
    }

    ngx_http_scrape_channel_sent(channel);

    return ngx_handle_write_event(c->write, 0);
}


static void
ngx_http_scrape_channel_sent(ngx_http_scrape_channel_t *channel)
{
    if (channel->out_pos == channel->out.len) {
        channel->out_pos = 0;

        if (channel->out.cap > NGX_HTTP_SCRAPE_CHANNEL_SENT) {
            sc_buf_free(&channel->out);

        } else {
            sc_buf_reset(&channel->out);
        }

    } else if (channel->out_pos >= NGX_HTTP_SCRAPE_CHANNEL_SENT) {
        sc_buf_consume(&channel->out, channel->out_pos);
        channel->out_pos = 0;
    }
}


void
ngx_http_scrape_channel_write_handler(ngx_event_t *wev)
{
    ngx_connection_t           *c = wev->data;
    ngx_http_scrape_channel_t  *channel = c->data;

    if (wev->timedout) {
        ngx_log_error(NGX_LOG_ERR, c->log, NGX_ETIMEDOUT,
                      "connect() to scraped at \"%V\" timed out",
                      &channel->name);
        ngx_http_scrape_channel_close(channel);
        return;
    }

    if (channel->connecting) {

        if (ngx_http_scrape_channel_connected(c) != NGX_OK) {
            ngx_http_scrape_channel_close(channel);
            return;
        }

        channel->connecting = 0;
        ngx_del_timer(wev);
    }

    ngx_http_scrape_channel_flush(channel);
}


static ngx_int_t
ngx_http_scrape_channel_connected(ngx_connection_t *c)
{
    int                         err;
    socklen_t                   len;
    ngx_http_scrape_channel_t  *channel = c->data;

    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    if (err != 0) {
        ngx_log_error(NGX_LOG_ERR, c->log, err,
                      "connect() to scraped at \"%V\" failed",
                      &channel->name);
        return NGX_ERROR;
    }

    (void) ngx_tcp_nodelay(c);

    return NGX_OK;
}


void
ngx_http_scrape_channel_read_handler(ngx_event_t *rev)
{
    ngx_connection_t           *c = rev->data;
    ngx_http_scrape_channel_t  *channel = c->data;

    if (c->close && ngx_http_scrape_channel_drain(channel) != NGX_OK) {
        return;
    }

    if (channel->connecting) {
        return;
    }

    (void) ngx_http_scrape_channel_read(channel);
}


/* The worker is to end: at once, or when those that are served are done. */
static ngx_int_t
ngx_http_scrape_channel_drain(ngx_http_scrape_channel_t *channel)
{
    ngx_connection_t  *c = channel->connection;

    if (channel->used == 0 || c->error) {
        ngx_http_scrape_channel_close(channel);
        return NGX_DONE;
    }

    c->close = 0;
    c->idle = 0;
    channel->draining = 1;

    return NGX_OK;
}


/* NGX_ERROR when the channel is no more. */
static ngx_int_t
ngx_http_scrape_channel_read(ngx_http_scrape_channel_t *channel)
{
    ssize_t            n;
    ngx_uint_t         i;
    ngx_connection_t  *c = channel->connection;

    for (i = 0; i < NGX_HTTP_SCRAPE_CHANNEL_READS; i++) {

        n = c->recv(c, (u_char *) ngx_http_scrape_channel_buf,
                    NGX_HTTP_SCRAPE_CHANNEL_READ);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == 0 || n == NGX_ERROR) {
            ngx_http_scrape_channel_eof(channel);
            return NGX_ERROR;
        }

        ngx_http_scrape_count_add(channel, channel_bytes_in, n);

        if (ngx_http_scrape_channel_input(channel,
                                          ngx_http_scrape_channel_buf, n)
            != NGX_OK)
        {
            ngx_http_scrape_channel_close(channel);
            return NGX_ERROR;
        }

        if (!c->read->ready) {
            break;
        }
    }

    if (i == NGX_HTTP_SCRAPE_CHANNEL_READS && !c->read->posted) {
        ngx_post_event(c->read, &ngx_posted_next_events);
    }

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_http_scrape_channel_close(channel);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_scrape_channel_eof(ngx_http_scrape_channel_t *channel)
{
    ngx_uint_t  n;

    n = ngx_http_scrape_channel_unanswered(channel);

    if (n > 0) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "scraped at \"%V\" closed the channel with %ui "
                      "requests on it", &channel->name, n);
    }

    ngx_http_scrape_channel_close(channel);
}
