
#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_status.h"
#include "ngx_module/ngx_http_scrape_zone.h"


/* How nginx's own status is told (RFC 9457). */
typedef struct {
    ngx_uint_t                 status;
    const char                *type;
    const char                *title;
    const char                *detail;
} ngx_http_scrape_problem_t;


static ngx_int_t ngx_http_scrape_problem_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_scrape_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_header(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_http_variable_value_t *id);
static ngx_int_t ngx_http_scrape_add_request_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *vv);
static ngx_http_scrape_ctx_t *ngx_http_scrape_problem_ctx(
    ngx_http_request_t *r);
static const ngx_http_scrape_problem_t *ngx_http_scrape_problem_find(
    ngx_uint_t status, const char *type);
static ngx_int_t ngx_http_scrape_problem_write(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_http_variable_value_t *id);
static void ngx_http_scrape_problem_headers(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);
static void ngx_http_scrape_problem_retry(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);
static ngx_int_t ngx_http_scrape_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_scrape_body_send(ngx_http_request_t *r,
    ngx_chain_t *out);


static const ngx_http_scrape_problem_t  ngx_http_scrape_problems[] = {

    { NGX_HTTP_BAD_REQUEST, "/request/invalid", "Invalid request",
      "the request is malformed" },

    { NGX_HTTP_UNAUTHORIZED, "/auth/missing", "Authentication required",
      "the request carries no valid credentials" },

    { NGX_HTTP_FORBIDDEN, "/auth/forbidden", "Forbidden",
      "access is not allowed" },

    { NGX_HTTP_NOT_FOUND, "/request/not-found", "Not found",
      "there is nothing at this path" },

    { NGX_HTTP_NOT_ALLOWED, "/request/method-not-allowed",
      "Method not allowed", "the method is not among those of Allow" },

    { NGX_HTTP_REQUEST_TIME_OUT, "/request/timeout", "Request timeout",
      "the request did not arrive in time" },

    { NGX_HTTP_LENGTH_REQUIRED, "/request/length-required",
      "Length required", "the request needs a Content-Length" },

    { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "/request/too-large",
      "Request too large", "the body is larger than is accepted here" },

    { NGX_HTTP_REQUEST_URI_TOO_LARGE, "/request/uri-too-long",
      "URI too long", "the URI is longer than is accepted here" },

    { NGX_HTTP_TOO_MANY_REQUESTS, "/limits/rate", "Too many requests",
      "requests come faster than is accepted here" },

    { NGX_HTTP_BAD_GATEWAY, "/server/sidecar-down", "Sidecar unreachable",
      "no sidecar gave a usable answer" },

    { NGX_HTTP_SERVICE_UNAVAILABLE, "/server/unavailable",
      "Service unavailable", "the service takes no more requests now" },

    { NGX_HTTP_GATEWAY_TIME_OUT, "/server/sidecar-timeout",
      "Sidecar too slow", "the sidecar did not answer in time" },

    /* what a hold answers for scraped, which has the same titles */
    { NGX_HTTP_SERVICE_UNAVAILABLE, "/limits/queue-full", "Queue full", NULL },

    { NGX_HTTP_TOO_MANY_REQUESTS, "/limits/key-quota", "Too much queued",
      NULL },

    { NGX_HTTP_SERVICE_UNAVAILABLE, "/limits/host-busy", "Host has to wait",
      NULL },

    { 0, "/server/error", "Error", "the request could not be served" }
};


static ngx_http_module_t  ngx_http_scrape_problem_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_scrape_problem_init,          /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_scrape_problem_module = {
    NGX_MODULE_V1,
    &ngx_http_scrape_problem_module_ctx,   /* module context */
    NULL,                                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


static ngx_int_t
ngx_http_scrape_problem_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_scrape_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_scrape_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_header_filter(ngx_http_request_t *r)
{
    ngx_http_scrape_ctx_t        *ctx;
    ngx_http_variable_value_t    *id;
    ngx_http_scrape_loc_conf_t   *slcf;
    ngx_http_scrape_main_conf_t  *smcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (slcf->upstream.upstream == NULL) {
        return ngx_http_next_header_filter(r);
    }

    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);
    id = ngx_http_get_indexed_variable(r, smcf->request_id);

    if (ngx_http_scrape_add_request_id(r, id) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx = ngx_http_scrape_problem_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_scrape_header(r, ctx, id) != NGX_OK) {
        return NGX_ERROR;
    }

    if (r != r->main) {
        (void) ngx_http_scrape_count(r);
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_scrape_header(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx,
    ngx_http_variable_value_t *id)
{
    ngx_int_t  rc;

    /* the log is to have it, too */
    if (ctx->held && !ctx->replied
        && r->headers_out.status >= NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        r->err_status = ctx->held;
        r->headers_out.status = ctx->held;
        r->headers_out.status_line.len = 0;
    }

    rc = ngx_http_scrape_status_header(r, ctx);

    if (rc != NGX_DECLINED || ctx->replied
        || r->headers_out.status < NGX_HTTP_BAD_REQUEST)
    {
        return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
    }

    if (ngx_http_scrape_problem_write(r, ctx, id) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_scrape_problem_headers(r, ctx);

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_add_request_id(ngx_http_request_t *r,
    ngx_http_variable_value_t *vv)
{
    ngx_table_elt_t  *h;

    if (vv == NULL || vv->not_found) {
        return NGX_OK;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));
    h->hash = 1;
    ngx_str_set(&h->key, "X-Request-Id");
    h->value.len = vv->len;
    h->value.data = vv->data;

    return NGX_OK;
}


/* A request refused before our handler has no context yet. */
static ngx_http_scrape_ctx_t *
ngx_http_scrape_problem_ctx(ngx_http_request_t *r)
{
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if (ctx == NULL) {
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_scrape_ctx_t));

        if (ctx != NULL) {
            ctx->request = r;
            ngx_http_set_ctx(r, ctx, ngx_http_scrape_module);
        }
    }

    return ctx;
}


static const ngx_http_scrape_problem_t *
ngx_http_scrape_problem_find(ngx_uint_t status, const char *type)
{
    const ngx_http_scrape_problem_t  *p;

    for (p = ngx_http_scrape_problems; type != NULL && p->status; p++) {
        if (p->status == status && ngx_strcmp(p->type, type) == 0) {
            return p;
        }
    }

    for (p = ngx_http_scrape_problems; p->status; p++) {
        if (p->status == status) {
            break;
        }
    }

    return p;
}


static ngx_int_t
ngx_http_scrape_problem_write(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_http_variable_value_t *id)
{
    sc_buf_t                          b;
    ngx_str_t                         text;
    const ngx_http_scrape_problem_t  *p;

    p = ngx_http_scrape_problem_find(r->headers_out.status, ctx->type);

    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "{\"type\":");
    (void) sc_json_cstr(&b, ctx->type != NULL ? ctx->type : p->type);
    (void) sc_buf_add_cstr(&b, ",\"title\":");
    (void) sc_json_cstr(&b, p->title);
    (void) sc_buf_printf(&b, ",\"status\":%u,\"detail\":",
                         (unsigned) r->headers_out.status);
    (void) sc_json_cstr(&b, ctx->detail != NULL ? ctx->detail : p->detail);

    if (id != NULL && !id->not_found) {
        (void) sc_buf_add_cstr(&b, ",\"request_id\":");
        (void) sc_json_string(&b, (char *) id->data, id->len);
    }

    (void) sc_buf_add_cstr(&b, "}\n");

    text.data = (u_char *) b.data;
    text.len = b.len;
    ctx->body.len = b.len;
    ctx->body.data = b.failed ? NULL : ngx_pstrdup(r->pool, &text);
    sc_buf_free(&b);

    return ctx->body.data != NULL ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_scrape_problem_headers(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx)
{
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    if (ctx->held) {
        ngx_http_scrape_problem_retry(r, ctx);
    }

    r->headers_out.content_length_n = ctx->body.len;
    ngx_str_set(&r->headers_out.content_type, "application/problem+json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.charset.len = 0;
}


static void
ngx_http_scrape_problem_retry(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx)
{
    u_char           *p;
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);

    if (h != NULL) {
        ngx_memzero(h, sizeof(ngx_table_elt_t));
    }

    if (h == NULL || p == NULL) {
        return;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Retry-After");
    h->value.data = p;
    h->value.len = ngx_sprintf(p, "%ui", ctx->retry_after) - p;
}


/* nginx's page is dropped; the problem document goes out in its place. */
static ngx_int_t
ngx_http_scrape_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t              *b;
    ngx_chain_t             out, *cl;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if (ctx == NULL || ctx->body.data == NULL || in == NULL) {
        return ngx_http_scrape_body_send(r, in);
    }

    if (ctx->around) {
        return ngx_http_scrape_status_body(r, ctx, &in) == NGX_OK
               ? ngx_http_scrape_body_send(r, in) : NGX_ERROR;
    }

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    if (ctx->body_sent) {
        return ngx_http_next_body_filter(r, NULL);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    ctx->body_sent = 1;

    b->pos = ctx->body.data;
    b->last = b->pos + ctx->body.len;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_scrape_body_send(r, &out);
}


static ngx_int_t
ngx_http_scrape_body_send(ngx_http_request_t *r, ngx_chain_t *out)
{
    off_t                         size;
    ngx_chain_t                  *cl;
    ngx_http_scrape_counters_t   *n;
    ngx_http_scrape_main_conf_t  *smcf;

    if (r->content_handler == ngx_http_scrape_handler) {
        size = 0;

        for (cl = out; cl; cl = cl->next) {
            size += ngx_buf_size(cl->buf);
        }

        smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);
        n = ngx_http_scrape_counters(smcf);

        if (size > 0) {
            (void) ngx_atomic_fetch_add(&n->bytes_out, size);
        }
    }

    return ngx_http_next_body_filter(r, out);
}
