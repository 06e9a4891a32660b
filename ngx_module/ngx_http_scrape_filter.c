
#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_channel.h"


static ngx_int_t ngx_http_scrape_filter_header(ngx_http_scrape_ctx_t *ctx,
    u_char **pos, u_char *last);
static ngx_int_t ngx_http_scrape_filter_frame(ngx_http_scrape_ctx_t *ctx,
    sc_frame_t *f);
static ngx_int_t ngx_http_scrape_filter_length(ngx_http_scrape_ctx_t *ctx,
    sc_frame_t *f);
static ngx_int_t ngx_http_scrape_filter_end(ngx_http_scrape_ctx_t *ctx,
    sc_frame_t *f);
static ngx_int_t ngx_http_scrape_filter_data(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t ***ll, u_char *data, size_t len);
static ngx_int_t ngx_http_scrape_pipe_frames(ngx_event_pipe_t *p,
    ngx_buf_t *buf, ngx_buf_t **part);
static ngx_buf_t *ngx_http_scrape_pipe_data(ngx_event_pipe_t *p,
    ngx_buf_t *buf, size_t len);


ngx_int_t
ngx_http_scrape_filter_init(void *data)
{
    ngx_http_scrape_ctx_t  *ctx = data;
    ngx_http_upstream_t    *u = ctx->request->upstream;

    /* until end: a connection that is closed before is an error */
    u->length = !ctx->ended;

    if (u->buffering) {
        u->pipe->length = !ctx->ended;
        ngx_http_scrape_cache_reserve(ctx->request);
    }

    return NGX_OK;
}


void
ngx_http_scrape_filter_done(ngx_http_upstream_t *u, ngx_uint_t all)
{
    u->keepalive = all && !ngx_http_scrape_channel_is(u->peer.connection);
}


/* Take data frames out of what has been read behind the buffer's last. */
ngx_int_t
ngx_http_scrape_filter(void *data, ssize_t bytes)
{
    u_char                 *pos, *last;
    size_t                  len;
    ngx_buf_t              *b;
    ngx_int_t               rc;
    ngx_chain_t            *cl, **ll;
    ngx_http_upstream_t    *u;
    ngx_http_scrape_ctx_t  *ctx = data;

    u = ctx->request->upstream;
    b = &u->buffer;

    pos = b->last;
    last = pos + bytes;
    b->last = last;

    for (cl = u->out_bufs, ll = &u->out_bufs; cl; cl = cl->next) {
        ll = &cl->next;
    }

    while (pos < last) {

        if (ctx->left == 0) {
            rc = ngx_http_scrape_filter_header(ctx, &pos, last);

            if (rc == NGX_ERROR) {
                return NGX_ERROR;
            }

            /* what has come is sent before the connection is closed */
            if (rc == NGX_ABORT) {
                u->error = 1;
                return NGX_OK;
            }

            if (rc == NGX_DONE) {
                u->length = 0;
                ngx_http_scrape_filter_done(u, pos == last);
                return NGX_OK;
            }

            continue;
        }

        len = ngx_min(ctx->left, (size_t) (last - pos));

        if (ngx_http_scrape_filter_data(ctx, &ll, pos, len) != NGX_OK) {
            return NGX_ERROR;
        }

        pos += len;
        ctx->left -= len;
    }

    return NGX_OK;
}


/*
 * A frame's header may come in pieces; NGX_DONE for the reply's end, NGX_ABORT
 * for the end of one that lacks something.
 */
static ngx_int_t
ngx_http_scrape_filter_header(ngx_http_scrape_ctx_t *ctx, u_char **pos,
    u_char *last)
{
    size_t      used;
    sc_frame_t  f;

    while (*pos < last) {

        if (ctx->nhead == SC_FRAME_MAX_HEADER) {
            ctx->nhead = 0;
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "scraped sent a frame header that is too long");
            return NGX_ERROR;
        }

        ctx->head[ctx->nhead++] = (char) *(*pos)++;

        if (ctx->head[ctx->nhead - 1] != '\n') {
            continue;
        }

        if (sc_frame_parse(ctx->head, ctx->nhead, &f, &used) != SC_OK) {
            ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                          "scraped sent something that is not a frame");
            return NGX_ERROR;
        }

        ctx->nhead = 0;

        return ngx_http_scrape_filter_frame(ctx, &f);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_filter_frame(ngx_http_scrape_ctx_t *ctx, sc_frame_t *f)
{
    if (f->id == ctx->id && f->type == SC_FRAME_DATA) {
        return ngx_http_scrape_filter_length(ctx, f);
    }

    if (f->id == ctx->id && f->type == SC_FRAME_END && f->len == 0
        && f->arg != SC_FRAME_END_CANCELLED)
    {
        return ngx_http_scrape_filter_end(ctx, f);
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "scraped sent frame \"%s\" for request %uL inside the "
                  "reply to %uL", sc_frame_name(f->type), f->id, ctx->id);

    return NGX_ERROR;
}


/* The client was told Content-Length, and the cache keeps it. */
static ngx_int_t
ngx_http_scrape_filter_length(ngx_http_scrape_ctx_t *ctx, sc_frame_t *f)
{
    off_t  length;

    length = ctx->request->upstream->headers_in.content_length_n;
    ctx->received += f->len;
    ctx->left = f->len;

    if (length == -1 || ctx->received <= length) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "scraped sent more data than its Content-Length of %O",
                  length);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_scrape_filter_end(ngx_http_scrape_ctx_t *ctx, sc_frame_t *f)
{
    off_t  length;

    length = ctx->request->upstream->headers_in.content_length_n;

    if (f->arg == SC_FRAME_END_ABORTED) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "scraped could not finish its reply");
        return NGX_ABORT;
    }

    if (length != -1 && ctx->received < length) {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "scraped ended its reply after %O bytes of %O",
                      ctx->received, length);
        return NGX_ABORT;
    }

    ctx->ended = 1;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_scrape_filter_data(ngx_http_scrape_ctx_t *ctx, ngx_chain_t ***ll,
    u_char *data, size_t len)
{
    ngx_chain_t          *cl;
    ngx_http_upstream_t  *u = ctx->request->upstream;

    cl = ngx_chain_get_free_buf(ctx->request->pool, &u->free_bufs);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    **ll = cl;
    *ll = &cl->next;

    cl->buf->start = data;
    cl->buf->pos = data;
    cl->buf->last = data + len;
    cl->buf->end = cl->buf->last;
    cl->buf->flush = 1;
    cl->buf->memory = 1;
    cl->buf->tag = u->output.tag;

    return NGX_OK;
}


/*
 * The same out of a buffer of the pipe's, which is free for reading again when
 * the last part of it (last_shadow) has been sent.
 */
ngx_int_t
ngx_http_scrape_pipe_filter(ngx_event_pipe_t *p, ngx_buf_t *buf)
{
    ngx_buf_t              *part;
    ngx_http_scrape_ctx_t  *ctx = p->input_ctx;

    if (buf->pos == buf->last || p->upstream_error) {
        return NGX_OK;
    }

    if (ctx->ended) {
        ngx_http_scrape_filter_done(ctx->request->upstream, 0);
        return NGX_OK;
    }

    part = NULL;

    if (ngx_http_scrape_pipe_frames(p, buf, &part) != NGX_OK) {
        return NGX_ERROR;
    }

    if (part != NULL) {
        part->shadow = buf;
        part->last_shadow = 1;
        return NGX_OK;
    }

    return ngx_event_pipe_add_free_buf(p, buf);
}


/* length is how much more the pipe should read before it asks again. */
static ngx_int_t
ngx_http_scrape_pipe_frames(ngx_event_pipe_t *p, ngx_buf_t *buf,
    ngx_buf_t **part)
{
    size_t                   len;
    ngx_int_t                rc;
    ngx_buf_t              **prev;
    ngx_http_scrape_ctx_t   *ctx = p->input_ctx;

    prev = &buf->shadow;

    while (buf->pos < buf->last) {

        if (ctx->left == 0) {
            rc = ngx_http_scrape_filter_header(ctx, &buf->pos, buf->last);

            if (rc == NGX_ERROR) {
                return NGX_ERROR;
            }

            if (rc == NGX_ABORT) {
                p->upstream_error = 1;
                return NGX_OK;
            }

            if (rc == NGX_DONE) {
                p->length = 0;
                ngx_http_scrape_filter_done(ctx->request->upstream,
                                            buf->pos == buf->last);
                return NGX_OK;
            }

            continue;
        }

        len = ngx_min(ctx->left, (size_t) (buf->last - buf->pos));

        *part = ngx_http_scrape_pipe_data(p, buf, len);
        if (*part == NULL) {
            return NGX_ERROR;
        }

        *prev = *part;
        prev = &(*part)->shadow;
        buf->pos += len;
        ctx->left -= len;
    }

    p->length = ctx->left ? (off_t) ctx->left : 1;

    return NGX_OK;
}


static ngx_buf_t *
ngx_http_scrape_pipe_data(ngx_event_pipe_t *p, ngx_buf_t *buf, size_t len)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(p->pool, &p->free);
    if (cl == NULL) {
        return NULL;
    }

    b = cl->buf;
    ngx_memzero(b, sizeof(ngx_buf_t));

    b->start = buf->start;
    b->pos = buf->pos;
    b->last = buf->pos + len;
    b->end = buf->end;
    b->tag = p->tag;
    b->num = buf->num;
    b->temporary = 1;
    b->recycled = 1;

    if (p->in) {
        *p->last_in = cl;

    } else {
        p->in = cl;
    }

    p->last_in = &cl->next;

    return b;
}
