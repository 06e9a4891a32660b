
#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_status.h"
#include "ngx_module/ngx_http_scrape_zone.h"


static ngx_int_t ngx_http_scrape_build_open(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, sc_buf_t *head);
static ngx_uint_t ngx_http_scrape_unmounted(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);
static void ngx_http_scrape_add_field(sc_buf_t *b, const char *name,
    ngx_str_t *value);
static void ngx_http_scrape_add_client_fields(ngx_http_request_t *r,
    sc_buf_t *b);
static ngx_str_t *ngx_http_scrape_client_field(ngx_http_request_t *r,
    ngx_table_elt_t *h);
static ngx_uint_t ngx_http_scrape_is_condition(ngx_str_t *name);
static void ngx_http_scrape_add_condition(ngx_http_request_t *r, sc_buf_t *b);
static ngx_chain_t **ngx_http_scrape_add_bytes(ngx_http_request_t *r,
    ngx_chain_t **ll, u_char *data, size_t len);
static ngx_chain_t **ngx_http_scrape_add_frame(ngx_http_request_t *r,
    ngx_chain_t **ll, sc_frame_t *f, u_char *payload);
static ngx_chain_t **ngx_http_scrape_add_body(ngx_http_request_t *r,
    ngx_chain_t **ll, uint64_t id);
static ngx_chain_t **ngx_http_scrape_add_part(ngx_http_request_t *r,
    ngx_chain_t **ll, uint64_t id, ngx_buf_t *body, off_t at, size_t len);
static ngx_int_t ngx_http_scrape_uri(ngx_http_request_t *r,
    ngx_str_t *target);
static u_char *ngx_http_scrape_args(u_char *p, ngx_str_t *args);
static ngx_int_t ngx_http_scrape_path(ngx_str_t *target);


/* What of the client's fields scraped is told; docs/protocol.md names them. */
static ngx_str_t  ngx_http_scrape_client_fields[] = {
    ngx_string("Content-Type"),
    ngx_string("Accept"),
    ngx_string("Prefer"),
    ngx_string("Cache-Control"),
    ngx_string("If-None-Match"),
    ngx_string("If-Match"),
    ngx_string("If-Modified-Since"),
    ngx_string("Idempotency-Key"),
    ngx_string("Last-Event-ID"),
    ngx_string("Range"),
    ngx_string("If-Range"),
    ngx_null_string
};

/* the same for a part of a page: what else the client said is of the page */
static ngx_str_t  ngx_http_scrape_page_fields[] = {
    ngx_string("Cache-Control"),
    ngx_null_string
};


ngx_int_t
ngx_http_scrape_create_request(ngx_http_request_t *r)
{
    sc_buf_t                      head;
    sc_frame_t                    f;
    ngx_chain_t                  *chain, **ll, **last;
    ngx_http_scrape_ctx_t        *ctx;
    ngx_http_scrape_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);
    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    /* it was not in the cache, so scraped would be asked now */
    if (ctx->cached && ngx_http_scrape_hold_check(r, ctx) != NGX_OK) {
        return ngx_http_scrape_hold_stale(r, ctx) == NGX_OK ? NGX_OK
                                                            : NGX_ERROR;
    }

    sc_buf_init(&head, SC_FRAME_MAX_PAYLOAD);

    if (ngx_http_scrape_build_open(r, ctx, &head) != NGX_OK) {
        sc_buf_free(&head);
        return NGX_ERROR;
    }

    chain = NULL;
    ll = ngx_http_scrape_add_bytes(r, &chain, smcf->hello.data,
                                   smcf->hello.len);

    /* one request at a time: the socket itself holds scraped back */
    f.type = SC_FRAME_OPEN;
    f.id = ctx->id;
    f.arg = 0;
    f.len = head.len;

    last = ll;
    ll = ngx_http_scrape_add_frame(r, ll, &f, (u_char *) head.data);
    sc_buf_free(&head);

    if (r->request_body_no_buffering) {
        ctx->open = ll != NULL ? (*last)->buf : NULL;
        r->upstream->request_bufs = chain;
        return ll != NULL ? NGX_OK : NGX_ERROR;
    }

    if (r->upstream->conf->pass_request_body && ctx->url.data == NULL
        && (r == r->main || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))))
    {
        ll = ngx_http_scrape_add_body(r, ll, ctx->id);
    }

    f.type = SC_FRAME_LAST;
    f.len = 0;

    ll = ngx_http_scrape_add_frame(r, ll, &f, NULL);

    if (ll == NULL) {
        return NGX_ERROR;
    }

    *ll = NULL;
    r->upstream->request_bufs = chain;

    return NGX_OK;
}


/* The answer to auth_request and mirror is a status, so no more is sent. */
ngx_uint_t
ngx_http_scrape_head_only(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx)
{
    if (r->upstream->method.len > 0) {
        /* for the cache, which keeps what GET brings */
        return 0;
    }

    return (r->method & NGX_HTTP_HEAD)
           || (r != r->main && r->header_only && !ctx->cached
               && (r->method & NGX_HTTP_GET));
}


static ngx_int_t
ngx_http_scrape_build_open(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx,
    sc_buf_t *head)
{
    ngx_str_t                     target, id, slot, accept;
    ngx_http_variable_value_t    *vv;
    ngx_http_scrape_loc_conf_t   *slcf;
    ngx_http_scrape_main_conf_t  *smcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);

    if (ctx->url.data != NULL) {
        ngx_str_set(&target, "/v1/extract");

    } else if (ngx_http_scrape_target(r, &target) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_scrape_head_only(r, ctx)) {
        (void) sc_buf_add_cstr(head, "HEAD");

    } else if (r->upstream->method.len > 0) {
        (void) sc_buf_add(head, r->upstream->method.data,
                          r->upstream->method.len);

    } else {
        (void) sc_buf_add(head, r->method_name.data, r->method_name.len);
    }

    (void) sc_buf_add(head, " ", 1);
    (void) sc_buf_add(head, target.data, target.len);
    (void) sc_buf_add_cstr(head, " HTTP/1.1\r\n");

    if (slcf->status) {
        accept = ngx_http_scrape_status_accept(r);
        ngx_http_scrape_add_field(head, "Accept", &accept);

    } else {
        ngx_http_scrape_add_client_fields(r, head);
        ngx_http_scrape_add_condition(r, head);
    }

    vv = ngx_http_get_indexed_variable(r, smcf->request_id);

    if (vv != NULL && !vv->not_found) {
        id.data = vv->data;
        id.len = vv->len;
        ngx_http_scrape_add_field(head, "Scrape-Request-Id", &id);
    }

    if (!ngx_http_scrape_unmounted(r, ctx)) {
        ngx_http_scrape_add_field(head, "Scrape-Base", &slcf->base);
    }

    ngx_http_scrape_add_field(head, "Scrape-Tenant", &ctx->tenant);

    if (ctx->url.data != NULL) {
        ngx_http_scrape_add_field(head, "Scrape-Url", &ctx->url);
        ngx_http_scrape_add_field(head, "Scrape-Use", &slcf->use);
        (void) ngx_http_scrape_options_add(r, ctx, head);
    }

    slot = ngx_http_scrape_slot(r);
    ngx_http_scrape_add_field(head, "Scrape-Slot", &slot);

    if (slcf->wait != NGX_CONF_UNSET_MSEC) {
        (void) sc_buf_printf(head, "Scrape-Wait: %lu\r\n",
                             (unsigned long) slcf->wait);
    }

    return head->failed ? NGX_ERROR : NGX_OK;
}


/* The API is below no location that is a page's, unless its name says so. */
static ngx_uint_t
ngx_http_scrape_unmounted(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx)
{
    ngx_http_core_loc_conf_t    *clcf;
    ngx_http_scrape_loc_conf_t  *slcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    return ctx->url.data != NULL && slcf->base.len + 1 >= clcf->name.len;
}


/* An empty value is not told; one with control characters was refused. */
static void
ngx_http_scrape_add_field(sc_buf_t *b, const char *name, ngx_str_t *value)
{
    if (value->len > 0) {
        (void) sc_buf_add_cstr(b, name);
        (void) sc_buf_add(b, ": ", 2);
        (void) sc_buf_add(b, value->data, value->len);
        (void) sc_buf_add(b, "\r\n", 2);
    }
}


static void
ngx_http_scrape_add_client_fields(ngx_http_request_t *r, sc_buf_t *b)
{
    ngx_str_t             *name;
    ngx_table_elt_t       *h;
    ngx_http_scrape_at_t   at;

    ngx_memzero(&at, sizeof(ngx_http_scrape_at_t));

    while ((h = ngx_http_scrape_next_field(r, &at, NULL)) != NULL) {
        name = ngx_http_scrape_client_field(r, h);

        if (name != NULL
            && !(r->upstream->cacheable && ngx_http_scrape_is_condition(name)))
        {
            ngx_http_scrape_add_field(b, (char *) name->data, &h->value);
        }
    }
}


ngx_table_elt_t *
ngx_http_scrape_next_field(ngx_http_request_t *r, ngx_http_scrape_at_t *at,
    const char *name)
{
    size_t            len;
    ngx_table_elt_t  *h;

    len = name != NULL ? ngx_strlen(name) : 0;

    if (at->part == NULL) {
        at->part = &r->headers_in.headers.part;
    }

    for ( ;; ) {
        if (at->next == at->part->nelts) {
            if (at->part->next == NULL) {
                return NULL;
            }

            at->part = at->part->next;
            at->next = 0;
            continue;
        }

        h = at->part->elts;
        h += at->next++;

        if (name == NULL
            || (h->key.len == len
                && ngx_strncasecmp(h->key.data, (u_char *) name, len) == 0))
        {
            return h;
        }
    }
}


ngx_uint_t
ngx_http_scrape_fields_valid(ngx_http_request_t *r)
{
    size_t                 i;
    u_char                 c;
    ngx_table_elt_t       *h;
    ngx_http_scrape_at_t   at;

    ngx_memzero(&at, sizeof(ngx_http_scrape_at_t));

    while ((h = ngx_http_scrape_next_field(r, &at, NULL)) != NULL) {
        if (ngx_http_scrape_client_field(r, h) == NULL) {
            continue;
        }

        for (i = 0; i < h->value.len; i++) {
            c = h->value.data[i];

            if ((c < 0x20 && c != '\t') || c == 0x7f) {
                return 0;
            }
        }
    }

    return 1;
}


/* Its name as scraped is told it, NULL for one that is not. */
static ngx_str_t *
ngx_http_scrape_client_field(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    ngx_str_t  *name;

    name = (r == r->main || r->background) ? ngx_http_scrape_client_fields
                                           : ngx_http_scrape_page_fields;

    for ( /* void */ ; name->len; name++) {
        if (h->key.len == name->len
            && ngx_strncasecmp(h->key.data, name->data, name->len) == 0)
        {
            return name;
        }
    }

    return NULL;
}


/* What nginx itself answers from what the cache keeps. */
static ngx_uint_t
ngx_http_scrape_is_condition(ngx_str_t *name)
{
    return ngx_strncmp(name->data, "If-", 3) == 0
           || ngx_strcmp(name->data, "Range") == 0;
}


/* Whether what is kept, and too old, is still right. */
static void
ngx_http_scrape_add_condition(ngx_http_request_t *r, sc_buf_t *b)
{
#if (NGX_HTTP_CACHE)

    u_char                date[sizeof("Mon, 28 Sep 1970 06:00:00 GMT")];
    ngx_str_t             value;
    ngx_http_upstream_t  *u = r->upstream;

    if (!u->cacheable || !u->conf->cache_revalidate
        || u->cache_status != NGX_HTTP_CACHE_EXPIRED)
    {
        return;
    }

    ngx_http_scrape_add_field(b, "If-None-Match", &r->cache->etag);

    if (r->cache->last_modified != -1) {
        value.data = date;
        value.len = ngx_http_time(date, r->cache->last_modified) - date;
        ngx_http_scrape_add_field(b, "If-Modified-Since", &value);
    }

#endif
}


/* A buffer over bytes that outlive the request; ll NULL is passed on. */
static ngx_chain_t **
ngx_http_scrape_add_bytes(ngx_http_request_t *r, ngx_chain_t **ll,
    u_char *data, size_t len)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (ll == NULL) {
        return NULL;
    }

    b = ngx_calloc_buf(r->pool);
    cl = ngx_alloc_chain_link(r->pool);

    if (b == NULL || cl == NULL) {
        return NULL;
    }

    b->start = data;
    b->pos = data;
    b->last = data + len;
    b->end = b->last;
    b->memory = 1;

    cl->buf = b;
    cl->next = NULL;
    *ll = cl;

    return &cl->next;
}


/* A frame's header, and its payload too when it is given. */
static ngx_chain_t **
ngx_http_scrape_add_frame(ngx_http_request_t *r, ngx_chain_t **ll,
    sc_frame_t *f, u_char *payload)
{
    size_t   len;
    u_char  *p;

    if (ll == NULL) {
        return NULL;
    }

    p = ngx_pnalloc(r->pool, SC_FRAME_MAX_HEADER + (payload ? f->len : 0));
    if (p == NULL) {
        return NULL;
    }

    len = sc_frame_header((char *) p, f);

    if (payload != NULL) {
        ngx_memcpy(p + len, payload, f->len);
        len += f->len;
    }

    return ngx_http_scrape_add_bytes(r, ll, p, len);
}


/* The body as nginx has it, in memory or in a file, cut into frames. */
static ngx_chain_t **
ngx_http_scrape_add_body(ngx_http_request_t *r, ngx_chain_t **ll, uint64_t id)
{
    off_t         at, size, len;
    ngx_chain_t  *body;

    for (body = r->upstream->request_bufs; body; body = body->next) {
        size = ngx_buf_size(body->buf);

        for (at = 0; at < size; at += len) {
            len = ngx_min(size - at, NGX_HTTP_SCRAPE_BODY_SIZE);
            ll = ngx_http_scrape_add_part(r, ll, id, body->buf, at,
                                          (size_t) len);
        }
    }

    return ll;
}


static ngx_chain_t **
ngx_http_scrape_add_part(ngx_http_request_t *r, ngx_chain_t **ll, uint64_t id,
    ngx_buf_t *body, off_t at, size_t len)
{
    ngx_buf_t    *b;
    sc_frame_t    f;
    ngx_chain_t  *cl;

    f.type = SC_FRAME_BODY;
    f.id = id;
    f.arg = 0;
    f.len = len;

    ll = ngx_http_scrape_add_frame(r, ll, &f, NULL);

    b = ngx_alloc_buf(r->pool);
    cl = ngx_alloc_chain_link(r->pool);

    if (ll == NULL || b == NULL || cl == NULL) {
        return NULL;
    }

    ngx_memcpy(b, body, sizeof(ngx_buf_t));
    b->last_buf = 0;
    b->last_in_chain = 0;

    if (ngx_buf_in_memory(body)) {
        b->pos = body->pos + at;
        b->last = b->pos + len;
        b->start = b->pos;
        b->end = b->last;
    }

    if (body->in_file) {
        b->file_pos = body->file_pos + at;
        b->file_last = b->file_pos + len;
    }

    cl->buf = b;
    cl->next = NULL;
    *ll = cl;

    return &cl->next;
}


ngx_int_t
ngx_http_scrape_target(ngx_http_request_t *r, ngx_str_t *target)
{
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (slcf->status) {
        ngx_str_set(target, "/metrics");
        return NGX_OK;
    }

    if (r->valid_unparsed_uri) {
        *target = r->unparsed_uri;

    } else if (ngx_http_scrape_uri(r, target) != NGX_OK) {
        return NGX_ERROR;
    }

    if (target->len >= slcf->base.len
        && ngx_strncmp(target->data, slcf->base.data, slcf->base.len) == 0)
    {
        target->data += slcf->base.len;
        target->len -= slcf->base.len;

    } else if (r->valid_unparsed_uri) {
        return NGX_DECLINED;
    }

    return ngx_http_scrape_path(target);
}


/* That of a subrequest, or one that was rewritten. */
static ngx_int_t
ngx_http_scrape_uri(ngx_http_request_t *r, ngx_str_t *target)
{
    u_char     *p;
    uintptr_t   escape;

    escape = 2 * ngx_escape_uri(NULL, r->uri.data, r->uri.len,
                                NGX_ESCAPE_URI);

    p = ngx_pnalloc(r->pool, r->uri.len + escape + 1 + 3 * r->args.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    target->data = p;

    if (escape > 0) {
        p = (u_char *) ngx_escape_uri(p, r->uri.data, r->uri.len,
                                      NGX_ESCAPE_URI);

    } else {
        p = ngx_cpymem(p, r->uri.data, r->uri.len);
    }

    if (r->args.len > 0) {
        *p++ = '?';
        p = ngx_http_scrape_args(p, &r->args);
    }

    target->len = p - target->data;

    return NGX_OK;
}


/* Variables, of which they may be made, are decoded: no line may end here. */
static u_char *
ngx_http_scrape_args(u_char *p, ngx_str_t *args)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < args->len; i++) {
        c = args->data[i];

        if (c <= ' ' || c == 0x7f) {
            p = ngx_sprintf(p, "%%%02Xi", (ngx_int_t) c);

        } else {
            *p++ = c;
        }
    }

    return p;
}


static ngx_int_t
ngx_http_scrape_path(ngx_str_t *target)
{
    u_char     *end;
    ngx_str_t   path;

    path = *target;
    end = ngx_strlchr(path.data, path.data + path.len, '?');

    if (end != NULL) {
        path.len = end - path.data;
    }

    if ((path.len > 4 && ngx_strncmp(path.data, "/v1/", 4) == 0)
        || (path.len == 8 && ngx_strncmp(path.data, "/healthz", 8) == 0)
        || (path.len == 7 && ngx_strncmp(path.data, "/readyz", 7) == 0)
        || (path.len == 8 && ngx_strncmp(path.data, "/metrics", 8) == 0))
    {
        return NGX_OK;
    }

    return NGX_DECLINED;
}
