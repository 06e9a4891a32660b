
#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_channel.h"
#include "ngx_module/ngx_http_scrape_zone.h"


static ngx_int_t ngx_http_scrape_check_method(ngx_http_request_t *r,
    ngx_uint_t on_demand);
static ngx_int_t ngx_http_scrape_values(ngx_http_request_t *r,
    ngx_http_scrape_loc_conf_t *slcf, ngx_http_scrape_ctx_t *ctx);
static ngx_int_t ngx_http_scrape_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *value);
static ngx_int_t ngx_http_scrape_start(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_str_t *target);
static ngx_int_t ngx_http_scrape_start_cache(ngx_http_request_t *r);
static void ngx_http_scrape_begin(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_output_filter(void *data, ngx_chain_t *in);
static ngx_int_t ngx_http_scrape_reinit_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_process_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_next_frame(ngx_http_request_t *r,
    sc_frame_t *f, sc_str_t *payload);
static ngx_int_t ngx_http_scrape_process_head(ngx_http_request_t *r,
    sc_frame_t *f, sc_str_t payload);
static ngx_int_t ngx_http_scrape_process_fields(ngx_http_request_t *r,
    ngx_uint_t status, sc_str_t rest);
static ngx_int_t ngx_http_scrape_process_field(ngx_http_request_t *r,
    sc_str_t *name, sc_str_t *value);
static ngx_int_t ngx_http_scrape_check_kept(ngx_http_request_t *r);
static void ngx_http_scrape_process_age(ngx_http_request_t *r,
    ngx_uint_t status, time_t age);
static ngx_int_t ngx_http_scrape_process_bodyless(ngx_http_request_t *r,
    ngx_uint_t status);
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

    rc = ngx_http_scrape_check_method(r, slcf->url != NULL || slcf->status);
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

        /* another location may have begun with it, before a redirect */
        r->request_body_no_buffering = 0;

        ngx_str_set(&target, "/v1/extract");

    } else if (ngx_http_scrape_target(r, &target) != NGX_OK) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (ngx_http_scrape_start(r, ctx, &target) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (slcf->url != NULL) {
        r->main->count++;
        ngx_http_scrape_begin(r);
        return NGX_DONE;
    }

    r->request_body_no_buffering = ngx_http_scrape_body_streams(r, &target);

    rc = ngx_http_read_client_request_body(r, ngx_http_scrape_begin);

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
    if (!ngx_http_scrape_fields_valid(r)) {
        ctx->detail = "a field of the request has a control character";
        return NGX_HTTP_BAD_REQUEST;
    }

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

        switch (ngx_http_scrape_options_read(r, ctx)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            return NGX_HTTP_BAD_REQUEST;

        default:
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
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
ngx_http_scrape_start(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx,
    ngx_str_t *target)
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
    u->conf = &slcf->plain;

    u->create_request = ngx_http_scrape_create_request;
    u->reinit_request = ngx_http_scrape_reinit_request;
    u->process_header = ngx_http_scrape_process_header;
    u->abort_request = ngx_http_scrape_abort_request;
    u->finalize_request = ngx_http_scrape_finalize_request;

    u->input_filter_init = ngx_http_scrape_filter_init;
    u->input_filter = ngx_http_scrape_filter;
    u->input_filter_ctx = ctx;

    if (slcf->upstream.cache && ngx_http_scrape_cache_wanted(r, target)) {
        ctx->cached = 1;
        return ngx_http_scrape_start_cache(r);
    }

    return NGX_OK;
}


/* Only what goes through a pipe, in buffers, can be kept. */
static ngx_int_t
ngx_http_scrape_start_cache(ngx_http_request_t *r)
{
#if (NGX_HTTP_CACHE)

    ngx_http_upstream_t          *u = r->upstream;
    ngx_http_scrape_loc_conf_t   *slcf;
    ngx_http_scrape_main_conf_t  *smcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);

    u->pipe = ngx_pcalloc(r->pool, sizeof(ngx_event_pipe_t));
    if (u->pipe == NULL) {
        return NGX_ERROR;
    }

    u->pipe->input_filter = ngx_http_scrape_pipe_filter;
    u->pipe->input_ctx = u->input_filter_ctx;
    u->buffering = 1;

    u->conf = &slcf->upstream;
    u->caches = &smcf->caches;
    u->create_key = ngx_http_scrape_cache_create_key;

#endif

    return NGX_OK;
}


/* What a hold keeps from scraped may still come from the cache. */
static void
ngx_http_scrape_begin(ngx_http_request_t *r)
{
    ngx_int_t               rc;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if (!ctx->cached) {
        rc = ngx_http_scrape_hold_check(r, ctx);

        if (rc != NGX_OK) {
            ngx_http_finalize_request(r, rc);
            return;
        }
    }

    ngx_http_upstream_init(r);
}


/* The hello is for a new connection: a kept one has had it. */
static ngx_int_t
ngx_http_scrape_output_filter(void *data, ngx_chain_t *in)
{
    ngx_http_scrape_ctx_t  *ctx = data;
    ngx_http_upstream_t    *u = ctx->request->upstream;

    if (!ctx->opened && in != NULL) {
        ctx->opened = 1;

        if (u->peer.cached
            || ngx_http_scrape_channel_is(u->peer.connection))
        {
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
    ngx_memzero(&ctx->told, sizeof(ngx_http_scrape_told_t));
    ctx->nhead = 0;
    ctx->left = 0;
    ctx->received = 0;
    ctx->ended = 0;

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
    ngx_http_upstream_t    *u = r->upstream;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if ((f->id != ctx->id && !r->cached) || f->arg < 200 || f->arg > 599) {
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

    rc = ngx_http_scrape_process_fields(r, (ngx_uint_t) f->arg, payload);

    if (rc != NGX_OK) {
        return rc;
    }

    u->headers_in.status_n = (ngx_uint_t) f->arg;

    if (u->state && u->state->status == 0) {
        u->state->status = (ngx_uint_t) f->arg;
    }

    ctx->replied = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_process_fields(ngx_http_request_t *r, ngx_uint_t status,
    sc_str_t rest)
{
    int       rc;
    time_t    age;
    sc_str_t  name, value;

    age = 0;

    while ((rc = sc_frame_field(&rest, &name, &value)) == SC_OK) {

        if (ngx_http_scrape_process_field(r, &name, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (name.len == 3
            && ngx_strncasecmp((u_char *) name.data, (u_char *) "Age", 3) == 0)
        {
            age = ngx_atotm((u_char *) value.data, value.len);
        }
    }

    if (rc != SC_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "scraped sent an invalid field");
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

    if (r->cached) {
        return ngx_http_scrape_check_kept(r);
    }

    ngx_http_scrape_process_age(r, status, age);

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

    if (name->len > 7
        && ngx_strncasecmp((u_char *) name->data, (u_char *) "Scrape-", 7)
           == 0)
    {
        return ngx_http_scrape_tell(r, name, value);
    }

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


/* A file of the cache's that was cut short is as good as none. */
static ngx_int_t
ngx_http_scrape_check_kept(ngx_http_request_t *r)
{
#if (NGX_HTTP_CACHE)

    off_t                 kept;
    ngx_http_upstream_t  *u = r->upstream;

    kept = r->cache->length - r->cache->body_start;

    if (u->headers_in.content_length_n != -1
        && u->headers_in.content_length_n != kept)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "cache file \"%s\" has %O bytes of %O",
                      r->cache->file.name.data, kept,
                      u->headers_in.content_length_n);
        return NGX_HTTP_UPSTREAM_INVALID_HEADER;
    }

#endif

    return NGX_OK;
}


/*
 * nginx counts from now, which is right for a page fetched now.  A client may
 * ask for one that scraped has, of any age: not for everybody else.
 */
static void
ngx_http_scrape_process_age(ngx_http_request_t *r, ngx_uint_t status,
    time_t age)
{
#if (NGX_HTTP_CACHE)

    time_t  valid, now = ngx_time();

    if (age <= 0 || r->cache == NULL) {
        return;
    }

    if (r->cache->valid_sec == 0) {
        valid = ngx_http_file_cache_valid(r->upstream->conf->cache_valid,
                                          status);
        r->cache->valid_sec = valid > 0 ? now + valid : 0;
    }

    if (r->cache->valid_sec > now) {
        /* nginx takes the last second for a fresh one */
        valid = r->cache->valid_sec - age;
        r->cache->valid_sec = valid > now ? valid : now - 1;
    }

#endif
}


/*
 * A reply without data is whole with its end: nginx asks no filter about it,
 * so the end is taken here, for the connection to be kept.
 */
static ngx_int_t
ngx_http_scrape_process_bodyless(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_int_t               rc;
    sc_str_t                payload;
    sc_frame_t              f;
    ngx_http_upstream_t    *u = r->upstream;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if (!ngx_http_scrape_head_only(r, ctx)
        && status != NGX_HTTP_NO_CONTENT && status != NGX_HTTP_NOT_MODIFIED)
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

    if (!r->cached) {
        ctx->ended = 1;
        ngx_http_scrape_filter_done(u, u->buffer.pos == u->buffer.last);
    }

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
