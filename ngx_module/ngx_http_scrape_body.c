
#include "ngx_module/ngx_http_scrape.h"


/*
 * A request's body that is passed on as it comes: nginx hands it over in
 * buffers of its own, which go out where they are, each behind the header of
 * its frame.
 */


static ngx_int_t ngx_http_scrape_body_type(ngx_http_request_t *r);
static ngx_chain_t **ngx_http_scrape_body_head(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t **ll, ngx_chain_t **in);
static ngx_chain_t **ngx_http_scrape_body_buf(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t **ll, ngx_buf_t *b);
static ngx_chain_t **ngx_http_scrape_body_frame(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t **ll, sc_frame_type_t type, size_t len);
static ngx_chain_t **ngx_http_scrape_body_part(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t **ll, u_char *data, size_t len);
static ngx_buf_t *ngx_http_scrape_body_own(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t **ll);
static ngx_chain_t **ngx_http_scrape_body_link(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t **ll, ngx_buf_t *b);


/* bodies that are lines, each of which means something by itself */
static ngx_str_t  ngx_http_scrape_body_types[] = {
    ngx_string("application/x-ndjson"),
    ngx_string("application/ndjson"),
    ngx_string("application/jsonl"),
    ngx_null_string
};

static ngx_str_t  ngx_http_scrape_batch = ngx_string("/v1/batch");


ngx_uint_t
ngx_http_scrape_body_streams(ngx_http_request_t *r, ngx_str_t *target)
{
    ngx_str_t                   *batch = &ngx_http_scrape_batch;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (!slcf->upstream.request_buffering
        || ngx_http_scrape_body_type(r) == NGX_OK)
    {
        return 1;
    }

    return r->method == NGX_HTTP_POST
           && target->len >= batch->len
           && ngx_strncmp(target->data, batch->data, batch->len) == 0
           && (target->len == batch->len || target->data[batch->len] == '?');
}


static ngx_int_t
ngx_http_scrape_body_type(ngx_http_request_t *r)
{
    u_char     *end;
    ngx_str_t  *type, *value;

    if (r->headers_in.content_type == NULL) {
        return NGX_DECLINED;
    }

    value = &r->headers_in.content_type->value;

    for (type = ngx_http_scrape_body_types; type->len; type++) {

        if (value->len < type->len
            || ngx_strncasecmp(value->data, type->data, type->len) != 0)
        {
            continue;
        }

        end = value->data + type->len;

        if (value->len == type->len || *end == ';' || *end == ' ') {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_scrape_body_output(ngx_http_scrape_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_int_t             rc;
    ngx_chain_t          *out, **ll;
    ngx_http_request_t   *r = ctx->request;

    out = NULL;
    ll = ngx_http_scrape_body_head(ctx, &out, &in);

    for ( /* void */ ; in && ll; in = in->next) {
        ll = ngx_http_scrape_body_buf(ctx, ll, in->buf);
    }

    if (ll == NULL) {
        return NGX_ERROR;
    }

    *ll = NULL;

    rc = ngx_chain_writer(&r->upstream->writer, out);

    ngx_chain_update_chains(r->pool, &ctx->free, &ctx->busy, &out,
                            (ngx_buf_tag_t) &ngx_http_scrape_body_output);

    return rc;
}


/* What goes before the body is framed already. */
static ngx_chain_t **
ngx_http_scrape_body_head(ngx_http_scrape_ctx_t *ctx, ngx_chain_t **ll,
    ngx_chain_t **in)
{
    ngx_buf_t  *b;

    while (*in && ctx->open != NULL && ll) {
        b = (*in)->buf;
        *in = (*in)->next;

        if (b == ctx->open) {
            ctx->open = NULL;
        }

        ll = ngx_http_scrape_body_link(ctx, ll, b);
    }

    return ll;
}


static ngx_chain_t **
ngx_http_scrape_body_buf(ngx_http_scrape_ctx_t *ctx, ngx_chain_t **ll,
    ngx_buf_t *b)
{
    size_t  size;

    size = ngx_buf_in_memory(b) ? (size_t) (b->last - b->pos) : 0;

    /* what was there is sent before b is, and stays until b is sent */
    while (size > NGX_HTTP_SCRAPE_BODY_SIZE) {
        ll = ngx_http_scrape_body_frame(ctx, ll, SC_FRAME_BODY,
                                        NGX_HTTP_SCRAPE_BODY_SIZE);
        ll = ngx_http_scrape_body_part(ctx, ll, b->pos,
                                       NGX_HTTP_SCRAPE_BODY_SIZE);
        b->pos += NGX_HTTP_SCRAPE_BODY_SIZE;
        size -= NGX_HTTP_SCRAPE_BODY_SIZE;
    }

    if (size > 0) {
        ll = ngx_http_scrape_body_frame(ctx, ll, SC_FRAME_BODY, size);
        ll = ngx_http_scrape_body_link(ctx, ll, b);
    }

    if (b->last_buf) {
        b->last_buf = 0;
        ll = ngx_http_scrape_body_frame(ctx, ll, SC_FRAME_LAST, 0);
    }

    return ll;
}


/* A frame's header; ll NULL is passed on. */
static ngx_chain_t **
ngx_http_scrape_body_frame(ngx_http_scrape_ctx_t *ctx, ngx_chain_t **ll,
    sc_frame_type_t type, size_t len)
{
    ngx_buf_t   *b;
    sc_frame_t   f;

    b = ngx_http_scrape_body_own(ctx, ll);
    if (b == NULL) {
        return NULL;
    }

    f.type = type;
    f.id = ctx->id;
    f.arg = 0;
    f.len = len;

    b->pos = b->start;
    b->last = b->pos + sc_frame_header((char *) b->pos, &f);

    return &(*ll)->next;
}


static ngx_chain_t **
ngx_http_scrape_body_part(ngx_http_scrape_ctx_t *ctx, ngx_chain_t **ll,
    u_char *data, size_t len)
{
    ngx_buf_t  *b;

    b = ngx_http_scrape_body_own(ctx, ll);
    if (b == NULL) {
        return NULL;
    }

    b->pos = data;
    b->last = data + len;

    return &(*ll)->next;
}


/* A buffer of ours: at its start is room for a frame's header. */
static ngx_buf_t *
ngx_http_scrape_body_own(ngx_http_scrape_ctx_t *ctx, ngx_chain_t **ll)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (ll == NULL) {
        return NULL;
    }

    cl = ngx_chain_get_free_buf(ctx->request->pool, &ctx->free);
    if (cl == NULL) {
        return NULL;
    }

    b = cl->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(ctx->request->pool, SC_FRAME_MAX_HEADER);
        if (b->start == NULL) {
            return NULL;
        }

        b->end = b->start + SC_FRAME_MAX_HEADER;
        b->tag = (ngx_buf_tag_t) &ngx_http_scrape_body_output;
        b->temporary = 1;
    }

    *ll = cl;

    return b;
}


static ngx_chain_t **
ngx_http_scrape_body_link(ngx_http_scrape_ctx_t *ctx, ngx_chain_t **ll,
    ngx_buf_t *b)
{
    ngx_chain_t  *cl;

    if (ll == NULL) {
        return NULL;
    }

    cl = ngx_alloc_chain_link(ctx->request->pool);
    if (cl == NULL) {
        return NULL;
    }

    cl->buf = b;
    *ll = cl;

    return &cl->next;
}
