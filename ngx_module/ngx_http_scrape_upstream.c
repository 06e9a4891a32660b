
#include "ngx_module/ngx_http_scrape.h"


static ngx_int_t ngx_http_scrape_check_method(ngx_http_request_t *r,
    ngx_uint_t on_demand);
static ngx_int_t ngx_http_scrape_values(ngx_http_request_t *r,
    ngx_http_scrape_loc_conf_t *slcf, ngx_http_scrape_ctx_t *ctx);
static ngx_int_t ngx_http_scrape_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *value);
static ngx_int_t ngx_http_scrape_start(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);
static ngx_int_t ngx_http_scrape_output_filter(void *data, ngx_chain_t *in);
static ngx_int_t ngx_http_scrape_reinit_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_process_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_next_frame(ngx_http_request_t *r,
    sc_frame_t *f, sc_str_t *payload);
static ngx_int_t ngx_http_scrape_process_head(ngx_http_request_t *r,
    sc_frame_t *f, sc_str_t payload);
static ngx_int_t ngx_http_scrape_process_field(ngx_http_request_t *r,
    sc_str_t *name, sc_str_t *value);
static ngx_int_t ngx_http_scrape_process_bodyless(ngx_http_request_t *r,
    ngx_uint_t status);
static ngx_int_t ngx_http_scrape_filter_init(void *data);
static ngx_int_t ngx_http_scrape_filter(void *data, ssize_t bytes);
static ngx_int_t ngx_http_scrape_filter_header(ngx_http_scrape_ctx_t *ctx,
    u_char **pos, u_char *last);
static ngx_int_t ngx_http_scrape_filter_frame(ngx_http_scrape_ctx_t *ctx,
    sc_frame_t *f);
static ngx_int_t ngx_http_scrape_filter_data(ngx_http_scrape_ctx_t *ctx,
    ngx_chain_t ***ll, u_char *data, size_t len);
static void ngx_http_scrape_abort_request(ngx_http_request_t *r);
static void ngx_http_scrape_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc);


static ngx_str_t  ngx_http_scrape_query = ngx_string("QUERY");

/* numbers the frames of this worker's requests */
static uint64_t   ngx_http_scrape_last_id;


ngx_int_t
ngx_http_scrape_handler(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_str_t                    target;
    ngx_http_scrape_ctx_t       *ctx;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_scrape_ctx_t));
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->request = r;
    ctx->id = ++ngx_http_scrape_last_id;
    ngx_http_set_ctx(r, ctx, ngx_http_scrape_module);

    rc = ngx_http_scrape_check_method(r, slcf->url != NULL);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_scrape_values(r, slcf, ctx);
    if (rc != NGX_OK) {
        return rc;
    }

    if (slcf->url != NULL) {
        rc = ngx_http_discard_request_body(r);
        if (rc != NGX_OK) {
            return rc;
        }

    } else if (ngx_http_scrape_target(r, &target) != NGX_OK) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (ngx_http_scrape_start(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (slcf->url != NULL) {
        r->main->count++;
        ngx_http_upstream_init(r);
        return NGX_DONE;
    }

    r->request_body_no_buffering = ngx_http_scrape_body_streams(r, &target);

    rc = ngx_http_read_client_request_body(r, ngx_http_upstream_init);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static ngx_int_t
ngx_http_scrape_check_method(ngx_http_request_t *r, ngx_uint_t on_demand)
{
    ngx_table_elt_t  *allow;

    if (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) {
        return NGX_OK;
    }

    if (!on_demand
        && ((r->method & (NGX_HTTP_POST|NGX_HTTP_PUT|NGX_HTTP_PATCH
                          |NGX_HTTP_DELETE))
            || (r->method_name.len == ngx_http_scrape_query.len
                && ngx_strncmp(r->method_name.data,
                               ngx_http_scrape_query.data,
                               ngx_http_scrape_query.len)
                   == 0)))
    {
        return NGX_OK;
    }

    allow = ngx_list_push(&r->headers_out.headers);
    if (allow == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(allow, sizeof(ngx_table_elt_t));
    allow->hash = 1;
    ngx_str_set(&allow->key, "Allow");

    if (on_demand) {
        ngx_str_set(&allow->value, "GET, HEAD");

    } else {
        ngx_str_set(&allow->value,
                    "GET, HEAD, POST, QUERY, PUT, PATCH, DELETE");
    }

    return NGX_HTTP_NOT_ALLOWED;
}


static ngx_int_t
ngx_http_scrape_values(ngx_http_request_t *r,
    ngx_http_scrape_loc_conf_t *slcf, ngx_http_scrape_ctx_t *ctx)
{
    if (slcf->tenant != NULL) {
        if (ngx_http_scrape_value(r, slcf->tenant, &ctx->tenant) != NGX_OK) {
            ctx->detail = "the tenant has a control character";
            return NGX_HTTP_BAD_REQUEST;
        }
    }

    if (slcf->url != NULL) {
        if (ngx_http_scrape_value(r, slcf->url, &ctx->url) != NGX_OK) {
            ctx->detail = "the URL has a control character";
            return NGX_HTTP_BAD_REQUEST;
        }

        if (ctx->url.len == 0) {
            ctx->detail = "the URL to extract is empty";
            return NGX_HTTP_BAD_REQUEST;
        }
    }

    return NGX_OK;
}


/* It goes into a line of its own: nothing may end that line early. */
static ngx_int_t
ngx_http_scrape_value(ngx_http_request_t *r, ngx_http_complex_value_t *cv,
    ngx_str_t *value)
{
    size_t  i;

    if (ngx_http_complex_value(r, cv, value) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] < 0x20 || value->data[i] == 0x7f) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_start(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx)
{
    ngx_http_upstream_t         *u;
    ngx_http_scrape_loc_conf_t  *slcf;

    if (ngx_http_upstream_create(r) != NGX_OK) {
        return NGX_ERROR;
    }

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);
    u = r->upstream;

    ngx_str_set(&u->schema, "scrape://");
    u->output.tag = (ngx_buf_tag_t) &ngx_http_scrape_module;
    u->output.output_filter = ngx_http_scrape_output_filter;
    u->output.filter_ctx = ctx;
    u->conf = &slcf->upstream;

    u->create_request = ngx_http_scrape_create_request;
    u->reinit_request = ngx_http_scrape_reinit_request;
    u->process_header = ngx_http_scrape_process_header;
    u->abort_request = ngx_http_scrape_abort_request;
    u->finalize_request = ngx_http_scrape_finalize_request;

    u->input_filter_init = ngx_http_scrape_filter_init;
    u->input_filter = ngx_http_scrape_filter;
    u->input_filter_ctx = ctx;

    return NGX_OK;
}


/* The hello is for a new connection: a kept one has had it. */
static ngx_int_t
ngx_http_scrape_output_filter(void *data, ngx_chain_t *in)
{
    ngx_http_scrape_ctx_t  *ctx = data;
    ngx_http_upstream_t    *u = ctx->request->upstream;

    if (!ctx->opened && in != NULL) {
        ctx->opened = 1;

        if (u->peer.cached) {
            in->buf->pos = in->buf->last;
            in = in->next;
        }
    }

    if (ctx->request->request_body_no_buffering) {
        return ngx_http_scrape_body_output(ctx, in);
    }

    return ngx_chain_writer(&u->writer, in);
}


static ngx_int_t
ngx_http_scrape_reinit_request(ngx_http_request_t *r)
{
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    ctx->opened = 0;
    ctx->replied = 0;
    ctx->nhead = 0;
    ctx->left = 0;

    return NGX_OK;
}


/* Frames up to the reply's head; pos is left behind it. */
static ngx_int_t
ngx_http_scrape_process_header(ngx_http_request_t *r)
{
    ngx_int_t    rc;
    sc_str_t     payload;
    sc_frame_t   f;

    for ( ;; ) {
        rc = ngx_http_scrape_next_frame(r, &f, &payload);
        if (rc != NGX_OK) {
            return rc;
        }

        if (f.type == SC_FRAME_HELLO && f.arg == SC_PROTOCOL_VERSION) {
            r->upstream->buffer.pos = (u_char *) payload.data + payload.len;
            continue;
        }

        if (f.type == SC_FRAME_HEAD) {
            return ngx_http_scrape_process_head(r, &f, payload);
        }

        break;
    }

    if (f.type == SC_FRAME_HELLO) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped speaks protocol version %uL, not %d",
                      f.arg, SC_PROTOCOL_VERSION);

    } else if (f.type == SC_FRAME_ERROR) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped closed the connection: \"%*s\"",
                      payload.len, payload.data);

    } else {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped sent frame \"%s\" before the reply's head",
                      sc_frame_name(f.type));
    }

    return NGX_HTTP_UPSTREAM_INVALID_HEADER;
}


/* A whole frame at the buffer's pos; pos is not moved. */
static ngx_int_t
ngx_http_scrape_next_frame(ngx_http_request_t *r, sc_frame_t *f,
    sc_str_t *payload)
{
    size_t      used, len;
    ngx_buf_t  *b = &r->upstream->buffer;

    len = b->last - b->pos;

    switch (sc_frame_parse((char *) b->pos, len, f, &used)) {

    case SC_OK:
        break;

    case SC_AGAIN:
        return NGX_AGAIN;

    default:
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped sent something that is not a frame");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    if (len - used < f->len) {
        return NGX_AGAIN;
    }

    payload->data = (char *) b->pos + used;
    payload->len = f->len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_process_head(ngx_http_request_t *r, sc_frame_t *f,
    sc_str_t payload)
{
    u_char                 *pos;
    ngx_int_t               rc;
    sc_str_t                rest, name, value;
    ngx_http_upstream_t    *u = r->upstream;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if (f->id != ctx->id || f->arg < 200 || f->arg > 599) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped answered request %uL with status %uL "
                      "when asked %uL", f->id, f->arg, ctx->id);
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    pos = u->buffer.pos;
    u->buffer.pos = (u_char *) payload.data + payload.len;

    rc = ngx_http_scrape_process_bodyless(r, (ngx_uint_t) f->arg);

    if (rc != NGX_OK) {
        u->buffer.pos = pos;
        return rc;
    }

    rest = payload;

    while ((rc = sc_frame_field(&rest, &name, &value)) == SC_OK) {
        if (ngx_http_scrape_process_field(r, &name, &value) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (rc != SC_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped sent an invalid field");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    u->headers_in.status_n = (ngx_uint_t) f->arg;

    if (u->state && u->state->status == 0) {
        u->state->status = (ngx_uint_t) f->arg;
    }

    ctx->replied = 1;

    return NGX_OK;
}


/* As ngx_http_proxy_process_header() does for a header line. */
static ngx_int_t
ngx_http_scrape_process_field(ngx_http_request_t *r, sc_str_t *name,
    sc_str_t *value)
{
    u_char                         *p;
    ngx_table_elt_t                *h;
    ngx_http_upstream_header_t     *hh;
    ngx_http_upstream_main_conf_t  *umcf;

    umcf = ngx_http_get_module_main_conf(r, ngx_http_upstream_module);

    h = ngx_list_push(&r->upstream->headers_in.headers);
    p = ngx_pnalloc(r->pool, 2 * name->len + value->len + 3);

    if (h == NULL || p == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->key.len = name->len;
    h->key.data = p;
    p = ngx_cpymem(p, name->data, name->len);
    *p++ = '\0';

    h->value.len = value->len;
    h->value.data = p;
    p = ngx_cpymem(p, value->data, value->len);
    *p++ = '\0';

    h->lowcase_key = p;
    h->hash = ngx_hash_strlow(p, h->key.data, h->key.len);

    hh = ngx_hash_find(&umcf->headers_in_hash, h->hash, h->lowcase_key,
                       h->key.len);

    if (hh && hh->handler(r, h, hh->offset) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * A reply without data is whole with its end: nginx asks no filter about it,
 * so the end is taken here, for the connection to be kept.
 */
static ngx_int_t
ngx_http_scrape_process_bodyless(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_int_t             rc;
    sc_str_t              payload;
    sc_frame_t            f;
    ngx_http_upstream_t  *u = r->upstream;

    if (!(r->method & NGX_HTTP_HEAD) && status != NGX_HTTP_NO_CONTENT
        && status != NGX_HTTP_NOT_MODIFIED)
    {
        return NGX_OK;
    }

    rc = ngx_http_scrape_next_frame(r, &f, &payload);
    if (rc != NGX_OK) {
        return rc;
    }

    if (f.type != SC_FRAME_END) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped sent frame \"%s\" in a reply without data",
                      sc_frame_name(f.type));
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    u->buffer.pos = (u_char *) payload.data + payload.len;
    u->keepalive = u->buffer.pos == u->buffer.last;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_filter_init(void *data)
{
    ngx_http_scrape_ctx_t  *ctx = data;

    /* until end: a connection that is closed before is an error */
    ctx->request->upstream->length = 1;

    return NGX_OK;
}


/* Take data frames out of what has been read behind the buffer's last. */
static ngx_int_t
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
                return NGX_OK;
            }

            if (rc == NGX_DONE) {
                u->length = 0;
                u->keepalive = pos == last;
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
        ctx->left = f->len;
        return NGX_OK;
    }

    if (f->id == ctx->id && f->type == SC_FRAME_END && f->len == 0
        && f->arg == SC_FRAME_END_DONE)
    {
        return NGX_DONE;
    }

    if (f->id == ctx->id && f->type == SC_FRAME_END && f->len == 0
        && f->arg == SC_FRAME_END_ABORTED)
    {
        ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                      "scraped could not finish its reply");
        ctx->request->upstream->error = 1;
        return NGX_ABORT;
    }

    ngx_log_error(NGX_LOG_ERR, ctx->request->connection->log, 0,
                  "scraped sent frame \"%s\" for request %uL inside the "
                  "reply to %uL", sc_frame_name(f->type), f->id, ctx->id);

    return NGX_ERROR;
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


static void
ngx_http_scrape_abort_request(ngx_http_request_t *r)
{
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "abort http scrape request");
}


static void
ngx_http_scrape_finalize_request(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "finalize http scrape request");
}
