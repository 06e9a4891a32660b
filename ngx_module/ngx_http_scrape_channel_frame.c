
#include "ngx_module/ngx_http_scrape_channel_internal.h"


static ngx_int_t ngx_http_scrape_channel_header(
    ngx_http_scrape_channel_t *channel, char **data, size_t *len);
static ngx_int_t ngx_http_scrape_channel_begin(
    ngx_http_scrape_channel_t *channel);
static ngx_int_t ngx_http_scrape_channel_allowed(
    ngx_http_scrape_channel_t *channel);
static ngx_int_t ngx_http_scrape_channel_slot_allowed(
    ngx_http_scrape_channel_t *channel, ngx_http_scrape_slot_t *slot);
static void ngx_http_scrape_channel_reply(ngx_http_scrape_slot_t *slot,
    sc_frame_t *f);
static ngx_int_t ngx_http_scrape_channel_payload(
    ngx_http_scrape_channel_t *channel, const char *data, size_t len);
static sc_buf_t *ngx_http_scrape_channel_into(
    ngx_http_scrape_channel_t *channel, size_t len);
static ngx_int_t ngx_http_scrape_channel_end(
    ngx_http_scrape_channel_t *channel);
static ngx_int_t ngx_http_scrape_channel_greet(
    ngx_http_scrape_channel_t *channel);
static void ngx_http_scrape_channel_credit(ngx_http_scrape_channel_t *channel);
static ngx_int_t ngx_http_scrape_channel_wrong(
    ngx_http_scrape_channel_t *channel, const char *what);


ngx_int_t
ngx_http_scrape_channel_input(ngx_http_scrape_channel_t *channel, char *data,
    size_t len)
{
    size_t     n;
    ngx_int_t  rc;

    while (len > 0) {

        if (channel->left == 0) {
            rc = ngx_http_scrape_channel_header(channel, &data, &len);

            if (rc == NGX_AGAIN) {
                return NGX_OK;
            }

            if (rc != NGX_OK
                || ngx_http_scrape_channel_begin(channel) != NGX_OK)
            {
                return NGX_ERROR;
            }

            continue;
        }

        n = ngx_min(channel->left, len);

        if (ngx_http_scrape_channel_payload(channel, data, n) != NGX_OK) {
            return NGX_ERROR;
        }

        data += n;
        len -= n;
    }

    return NGX_OK;
}


/* A header that comes in pieces is put together in channel->head. */
static ngx_int_t
ngx_http_scrape_channel_header(ngx_http_scrape_channel_t *channel,
    char **data, size_t *len)
{
    int     rc;
    size_t  n, had, used;

    had = channel->nhead;

    if (had == 0) {
        rc = sc_frame_parse(*data, *len, &channel->f, &used);

    } else {
        n = ngx_min(*len, SC_FRAME_MAX_HEADER - had);
        ngx_memcpy(channel->head + had, *data, n);
        rc = sc_frame_parse(channel->head, had + n, &channel->f, &used);
    }

    if (rc == SC_OK) {
        channel->nhead = 0;
        *data += used - had;
        *len -= used - had;

        return NGX_OK;
    }

    if (rc != SC_AGAIN || *len > SC_FRAME_MAX_HEADER - had) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "scraped at \"%V\" sent something that is not a frame",
                      &channel->name);
        return NGX_ERROR;
    }

    ngx_memcpy(channel->head + had, *data, *len);
    channel->nhead += *len;

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_scrape_channel_begin(ngx_http_scrape_channel_t *channel)
{
    sc_frame_t              *f = &channel->f;
    ngx_uint_t               place;
    ngx_http_scrape_slot_t  *slot;

    ngx_http_scrape_count_add(channel, channel_frames_in, 1);

    channel->slot = NULL;
    sc_buf_reset(&channel->text);

    if (f->id != 0) {
        place = f->id & NGX_HTTP_SCRAPE_PLACE_MASK;
        slot = place < channel->nslots ? channel->slots[place] : NULL;

        if (slot != NULL && slot->id == f->id
            && slot->state != NGX_HTTP_SCRAPE_SLOT_FREE)
        {
            channel->slot = slot;
        }
    }

    if (ngx_http_scrape_channel_allowed(channel) != NGX_OK) {
        return NGX_ERROR;
    }

    slot = channel->slot;

    if (slot != NULL && slot->state == NGX_HTTP_SCRAPE_SLOT_USED) {

        if (ngx_http_scrape_channel_slot_allowed(channel, slot) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_scrape_channel_reply(slot, f);
    }

    channel->left = f->len;

    return f->len == 0 ? ngx_http_scrape_channel_end(channel) : NGX_OK;
}


/* Whether such a frame may come now. */
static ngx_int_t
ngx_http_scrape_channel_allowed(ngx_http_scrape_channel_t *channel)
{
    const char  *what;
    sc_frame_t  *f = &channel->f;

    what = NULL;

    switch (f->type) {

    case SC_FRAME_HELLO:
        what = f->id != 0 || channel->greeted ? "an unexpected frame" : NULL;
        break;

    case SC_FRAME_ERROR:
        what = f->id != 0 ? "an unexpected frame" : NULL;
        break;

    case SC_FRAME_CREDIT:
        what = f->len != 0 || !channel->greeted ? "an unexpected frame" : NULL;
        break;

    case SC_FRAME_HEAD:
    case SC_FRAME_DATA:
    case SC_FRAME_END:

        if (!channel->greeted) {
            what = "a frame before its hello";

        } else if (channel->slot == NULL) {
            what = "a frame for a request that is not open";

        } else if (f->type == SC_FRAME_END && f->len != 0) {
            what = "an end with a payload";
        }

        break;

    default:
        what = "a frame that is not for it to send";
    }

    return what != NULL ? ngx_http_scrape_channel_wrong(channel, what)
                        : NGX_OK;
}


/* The same for a frame of a reply that somebody waits for. */
static ngx_int_t
ngx_http_scrape_channel_slot_allowed(ngx_http_scrape_channel_t *channel,
    ngx_http_scrape_slot_t *slot)
{
    const char  *what;
    sc_frame_t  *f = &channel->f;

    what = NULL;

    if (f->type == SC_FRAME_CREDIT) {
        return NGX_OK;
    }

    if (!slot->opened) {
        what = "a frame for a request that is not open";

    } else if (slot->ended) {
        what = "a frame after its end";

    } else if (f->type == SC_FRAME_HEAD && slot->headed) {
        what = "a second head";

    } else if (f->type == SC_FRAME_DATA) {

        if (!slot->headed) {
            what = "data before its head";

        } else if (f->len > SC_FRAME_DATA_SIZE) {
            what = "more data than a frame holds";

        } else if (f->len > slot->credit) {
            what = "more data than it had credit for";
        }
    }

    return what != NULL ? ngx_http_scrape_channel_wrong(channel, what)
                        : NGX_OK;
}


/* A head is given on as a frame; of data, only how much is counted. */
static void
ngx_http_scrape_channel_reply(ngx_http_scrape_slot_t *slot, sc_frame_t *f)
{
    sc_frame_t  head;

    if (f->type == SC_FRAME_DATA) {
        slot->credit -= f->len;
        return;
    }

    if (f->type != SC_FRAME_HEAD) {
        return;
    }

    slot->headed = 1;
    head = *f;
    head.id = slot->rid;

    if (sc_buf_reserve(&slot->head, SC_FRAME_MAX_HEADER) != NULL) {
        slot->head.len = sc_frame_header(slot->head.data, &head);
    }
}


static ngx_int_t
ngx_http_scrape_channel_payload(ngx_http_scrape_channel_t *channel,
    const char *data, size_t len)
{
    sc_buf_t  *b;

    b = ngx_http_scrape_channel_into(channel, len);

    if (b != NULL && sc_buf_add(b, data, len) != SC_OK) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "no memory for what scraped at \"%V\" sent",
                      &channel->name);
        return NGX_ERROR;
    }

    channel->left -= len;

    if (channel->slot != NULL && channel->f.type == SC_FRAME_DATA && b) {
        ngx_http_scrape_slot_wake(channel->slot);
    }

    return channel->left == 0 ? ngx_http_scrape_channel_end(channel) : NGX_OK;
}


/* Where the payload belongs; NULL when nobody waits for it any more. */
static sc_buf_t *
ngx_http_scrape_channel_into(ngx_http_scrape_channel_t *channel, size_t len)
{
    ngx_http_scrape_slot_t  *slot = channel->slot;

    if (channel->f.type != SC_FRAME_HEAD && channel->f.type != SC_FRAME_DATA) {
        return &channel->text;
    }

    if (slot == NULL || slot->state != NGX_HTTP_SCRAPE_SLOT_USED) {
        return NULL;
    }

    if (channel->f.type == SC_FRAME_HEAD) {
        return &slot->head;
    }

    if (slot->data_pos > 0
        && slot->data.len + len > NGX_HTTP_SCRAPE_WINDOW)
    {
        sc_buf_consume(&slot->data, slot->data_pos);
        slot->data_pos = 0;
    }

    return &slot->data;
}


/* The whole frame has come. */
static ngx_int_t
ngx_http_scrape_channel_end(ngx_http_scrape_channel_t *channel)
{
    sc_frame_t              *f = &channel->f;
    ngx_http_scrape_slot_t  *slot = channel->slot;

    switch (f->type) {

    case SC_FRAME_HELLO:
        return ngx_http_scrape_channel_greet(channel);

    case SC_FRAME_ERROR:
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "scraped at \"%V\" closed the channel: \"%*s\"",
                      &channel->name, channel->text.len, channel->text.data);
        return NGX_ERROR;

    case SC_FRAME_CREDIT:
        ngx_http_scrape_channel_credit(channel);
        return NGX_OK;

    default:
        break;
    }

    if (slot->state == NGX_HTTP_SCRAPE_SLOT_CANCELLED) {

        if (f->type == SC_FRAME_END) {
            ngx_http_scrape_slot_recycle(slot);
        }

        return NGX_OK;
    }

    if (f->type == SC_FRAME_END) {
        slot->ended = 1;
        slot->end_arg = f->arg;
    }

    if (f->type != SC_FRAME_DATA) {
        ngx_http_scrape_slot_wake(slot);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_channel_greet(ngx_http_scrape_channel_t *channel)
{
    if (channel->f.arg != SC_PROTOCOL_VERSION) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "scraped at \"%V\" speaks protocol version %uL, not %d",
                      &channel->name, channel->f.arg, SC_PROTOCOL_VERSION);
        return NGX_ERROR;
    }

    channel->greeted = 1;

    return NGX_OK;
}


static void
ngx_http_scrape_channel_credit(ngx_http_scrape_channel_t *channel)
{
    ngx_http_scrape_slot_t  *slot = channel->slot;

    if (slot == NULL || slot->state != NGX_HTTP_SCRAPE_SLOT_USED) {
        return;
    }

    /* both are below 2^63 */
    slot->window = ngx_min(slot->window + channel->f.arg,
                           (uint64_t) INT64_MAX);

    if (slot->starved && slot->window > 0) {
        slot->starved = 0;
        slot->write.ready = 1;

        if (!slot->write.posted) {
            ngx_post_event(&slot->write, &ngx_posted_events);
        }
    }
}


static ngx_int_t
ngx_http_scrape_channel_wrong(ngx_http_scrape_channel_t *channel,
    const char *what)
{
    sc_frame_t  *f = &channel->f;

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "scraped at \"%V\" sent %s: frame \"%s\" of %uz bytes for "
                  "request %uL", &channel->name, what, sc_frame_name(f->type),
                  f->len, f->id);

    return NGX_ERROR;
}
