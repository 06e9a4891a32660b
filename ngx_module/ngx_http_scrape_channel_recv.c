
#include "ngx_module/ngx_http_scrape_channel_internal.h"


static ssize_t ngx_http_scrape_slot_received(ngx_http_scrape_slot_t *slot,
    size_t n);
static size_t ngx_http_scrape_slot_read(ngx_http_scrape_slot_t *slot,
    u_char *buf, size_t size);
static size_t ngx_http_scrape_slot_next(ngx_http_scrape_slot_t *slot,
    const char **from);
static void ngx_http_scrape_slot_pre(ngx_http_scrape_slot_t *slot,
    sc_frame_type_t type, uint64_t arg, size_t len);
static void ngx_http_scrape_slot_consume(ngx_http_scrape_slot_t *slot,
    size_t n);
static void ngx_http_scrape_slot_credit(ngx_http_scrape_slot_t *slot);


ssize_t
ngx_http_scrape_slot_recv(ngx_connection_t *c, u_char *buf, size_t size)
{
    ngx_http_scrape_slot_t  *slot = (ngx_http_scrape_slot_t *) c;

    return ngx_http_scrape_slot_received(slot,
                                         ngx_http_scrape_slot_read(slot, buf,
                                                                   size));
}


ssize_t
ngx_http_scrape_slot_recv_chain(ngx_connection_t *c, ngx_chain_t *cl,
    off_t limit)
{
    size_t                   n, size, total;
    ngx_http_scrape_slot_t  *slot = (ngx_http_scrape_slot_t *) c;

    total = 0;

    for ( /* void */ ; cl; cl = cl->next) {
        size = cl->buf->end - cl->buf->last;

        if (limit > 0) {
            size = ngx_min(size, (size_t) limit - total);
        }

        n = ngx_http_scrape_slot_read(slot, cl->buf->last, size);
        total += n;

        if (n < size || (limit > 0 && (off_t) total == limit)) {
            break;
        }
    }

    return ngx_http_scrape_slot_received(slot, total);
}


/* What to answer when n bytes were read. */
static ssize_t
ngx_http_scrape_slot_received(ngx_http_scrape_slot_t *slot, size_t n)
{
    size_t       more;
    const char  *from;

    more = ngx_http_scrape_slot_next(slot, &from);
    slot->read.ready = more > 0 || (n > 0 && slot->lost && !slot->ended);

    if (n > 0) {
        return (ssize_t) n;
    }

    if (more == 0 && (slot->lost || slot->ended)) {
        slot->read.eof = 1;
        return 0;
    }

    return NGX_AGAIN;
}


static size_t
ngx_http_scrape_slot_read(ngx_http_scrape_slot_t *slot, u_char *buf,
    size_t size)
{
    size_t       n, total;
    const char  *from;

    for (total = 0; total < size; total += n) {
        n = ngx_min(ngx_http_scrape_slot_next(slot, &from), size - total);
        if (n == 0) {
            break;
        }

        ngx_memcpy(buf + total, from, n);
        ngx_http_scrape_slot_consume(slot, n);
    }

    ngx_http_scrape_slot_credit(slot);

    return total;
}


/* The next bytes to be read, as many as there are in one place. */
static size_t
ngx_http_scrape_slot_next(ngx_http_scrape_slot_t *slot, const char **from)
{
    size_t  n;

    if (slot->head_pos < slot->head.len) {
        *from = slot->head.data + slot->head_pos;
        return slot->head.len - slot->head_pos;
    }

    if (slot->pre_pos == slot->pre_len && slot->left == 0) {
        n = slot->data.len - slot->data_pos;

        if (n > 0) {
            slot->left = ngx_min(n, SC_FRAME_DATA_SIZE);
            ngx_http_scrape_slot_pre(slot, SC_FRAME_DATA, 0, slot->left);

        } else if (slot->ended && !slot->end_read) {
            slot->end_read = 1;
            ngx_http_scrape_slot_pre(slot, SC_FRAME_END, slot->end_arg, 0);
        }
    }

    if (slot->pre_pos < slot->pre_len) {
        *from = slot->pre + slot->pre_pos;
        return slot->pre_len - slot->pre_pos;
    }

    *from = slot->data.data + slot->data_pos;

    return slot->left;
}


static void
ngx_http_scrape_slot_pre(ngx_http_scrape_slot_t *slot, sc_frame_type_t type,
    uint64_t arg, size_t len)
{
    sc_frame_t  f;

    f.type = type;
    f.id = slot->rid;
    f.arg = arg;
    f.len = len;

    slot->pre_pos = 0;
    slot->pre_len = sc_frame_header(slot->pre, &f);
}


static void
ngx_http_scrape_slot_consume(ngx_http_scrape_slot_t *slot, size_t n)
{
    if (slot->head_pos < slot->head.len) {
        slot->head_pos += n;

        if (slot->head_pos == slot->head.len) {
            ngx_http_scrape_slot_empty(&slot->head);
            slot->head_pos = 0;
        }

        return;
    }

    if (slot->pre_pos < slot->pre_len) {
        slot->pre_pos += n;
        return;
    }

    slot->data_pos += n;
    slot->left -= n;
    slot->consumed += n;

    if (slot->data_pos == slot->data.len) {
        sc_buf_reset(&slot->data);
        slot->data_pos = 0;
    }
}


static void
ngx_http_scrape_slot_credit(ngx_http_scrape_slot_t *slot)
{
    if (slot->consumed < NGX_HTTP_SCRAPE_WINDOW / 2 || slot->ended
        || slot->lost)
    {
        return;
    }

    ngx_http_scrape_channel_add(slot->channel, SC_FRAME_CREDIT, slot->id,
                                slot->consumed, NULL, 0);
    ngx_http_scrape_count_add(slot->channel, channel_credits, 1);

    slot->credit += slot->consumed;
    slot->consumed = 0;
}
