
#include "ngx_module/ngx_http_scrape_status.h"


static ngx_uint_t ngx_http_scrape_status_failed(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);
static void ngx_http_scrape_status_fields(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, off_t length);
static ngx_chain_t *ngx_http_scrape_status_part(ngx_http_request_t *r,
    ngx_str_t *text);
static ngx_int_t ngx_http_scrape_status_tail(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_chain_t *in);


ngx_int_t
ngx_http_scrape_status_header(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx)
{
    off_t                        length;
    ngx_uint_t                   alone;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (slcf->status == NGX_HTTP_SCRAPE_STATUS_OFF || ctx->id == 0) {
        return NGX_DECLINED;
    }

    alone = ngx_http_scrape_status_failed(r, ctx);

    if (!alone && !ctx->replied) {
        return NGX_DECLINED;
    }

    if (ngx_http_scrape_status_write(r, alone, &ctx->body, &ctx->tail)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->around = !alone;
    length = ctx->body.len;

    if (!alone) {
        length = r->headers_out.content_length_n;

        if (length >= 0) {
            length += ctx->body.len + ctx->tail.len;
        }
    }

    ngx_http_scrape_status_fields(r, ctx, length);

    return NGX_OK;
}


/* Asked, it gave no numbers; what nginx refused before is left as it is. */
static ngx_uint_t
ngx_http_scrape_status_failed(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx)
{
    if (ctx->replied) {
        return r->headers_out.status != NGX_HTTP_OK;
    }

    return r->upstream != NULL
           && r->headers_out.status >= NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static void
ngx_http_scrape_status_fields(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, off_t length)
{
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    if (r->err_status) {
        r->err_status = NGX_HTTP_OK;
    }

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.status_line.len = 0;
    r->headers_out.content_length_n = length;
    r->headers_out.content_type = ngx_http_scrape_status_type(r);
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.charset.len = 0;
}


ngx_int_t
ngx_http_scrape_status_body(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t **in)
{
    ngx_chain_t  *cl;

    if (*in == NULL) {
        return NGX_OK;
    }

    if (ngx_http_scrape_status_tail(r, ctx, *in) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!ctx->body_sent) {
        ctx->body_sent = 1;

        cl = ngx_http_scrape_status_part(r, &ctx->body);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->next = *in;
        *in = cl;
    }

    return NGX_OK;
}


static ngx_chain_t *
ngx_http_scrape_status_part(ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = ngx_calloc_buf(r->pool);
    cl = ngx_alloc_chain_link(r->pool);

    if (b == NULL || cl == NULL) {
        return NULL;
    }

    b->pos = text->data;
    b->last = text->data + text->len;
    b->memory = 1;

    cl->buf = b;
    cl->next = NULL;

    return cl;
}


/* It is the last then, and what was the last may be nothing but that. */
static ngx_int_t
ngx_http_scrape_status_tail(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for ( /* void */ ; in; in = in->next) {
        b = in->buf;

        if (b->last_buf || (r != r->main && b->last_in_chain && b->sync)) {
            break;
        }
    }

    if (in == NULL || ctx->tail.len == 0) {
        return NGX_OK;
    }

    cl = ngx_http_scrape_status_part(r, &ctx->tail);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf->last_buf = b->last_buf;
    cl->buf->last_in_chain = 1;
    cl->next = in->next;

    b->last_buf = 0;
    b->last_in_chain = 0;
    b->sync = ngx_buf_size(b) == 0;

    in->next = cl;
    ctx->tail.len = 0;

    return NGX_OK;
}
