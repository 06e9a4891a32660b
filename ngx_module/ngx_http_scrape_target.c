
#include "ngx_module/ngx_http_scrape.h"
#include "common/sc_peek.h"


/* bytes of a body that are looked at */
#define NGX_HTTP_SCRAPE_PREFIX  65536

/* an id is three hex digits and the 26 of a ULID (sidecar/core/id.h) */
#define NGX_HTTP_SCRAPE_SLOT    3
#define NGX_HTTP_SCRAPE_ID      29


static ngx_int_t ngx_http_scrape_host_find(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx, ngx_str_t *host);
static ngx_int_t ngx_http_scrape_host_on_demand(ngx_http_request_t *r,
    ngx_str_t *value, ngx_str_t *host);
static ngx_int_t ngx_http_scrape_host_named(ngx_http_request_t *r,
    ngx_str_t *host);
static ngx_int_t ngx_http_scrape_host_query(ngx_http_request_t *r,
    ngx_str_t *host);
static ngx_int_t ngx_http_scrape_arg(ngx_http_request_t *r, char *name,
    ngx_str_t *value);
static ngx_int_t ngx_http_scrape_decode(ngx_http_request_t *r,
    ngx_str_t *value);
static ngx_int_t ngx_http_scrape_host_body(ngx_http_request_t *r,
    ngx_str_t *host);
static ngx_int_t ngx_http_scrape_prefix(ngx_http_request_t *r,
    ngx_str_t *text);
static ssize_t ngx_http_scrape_prefix_add(ngx_buf_t *b, u_char *out,
    size_t size);
static ngx_int_t ngx_http_scrape_host_url(ngx_http_request_t *r,
    sc_str_t url, ngx_str_t *host);
static ngx_uint_t ngx_http_scrape_has_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_segment(ngx_http_request_t *r, char *path,
    ngx_str_t *name);
static ngx_int_t ngx_http_scrape_slot_named(ngx_http_request_t *r,
    ngx_str_t *slot);
static ngx_int_t ngx_http_scrape_slot_id(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *slot);
static ngx_uint_t ngx_http_scrape_is_id(ngx_str_t *name);
static ngx_uint_t ngx_http_scrape_makes(ngx_http_request_t *r);
static ngx_int_t ngx_http_scrape_slot_of(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *slot);


/* paths whose next segment is an id, or a name that a client gave */
static char  *ngx_http_scrape_named[] = {
    "/v1/jobs/", "/v1/results/", "/v1/schedules/", NULL
};

static ngx_str_t  ngx_http_scrape_makers[] = {
    ngx_string("/v1/extract"),
    ngx_string("/v1/batch"),
    ngx_string("/v1/crawl"),
    ngx_null_string
};


ngx_str_t
ngx_http_scrape_host(ngx_http_request_t *r)
{
    ngx_str_t               host;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if (ctx != NULL && ctx->host_known) {
        return ctx->host;
    }

    if (ngx_http_scrape_host_find(r, ctx, &host) != NGX_OK) {
        ngx_str_null(&host);
    }

    if (ctx != NULL && (ctx->url.data != NULL || r->request_body != NULL
                        || !ngx_http_scrape_has_body(r)))
    {
        ctx->host = host;
        ctx->host_known = 1;
    }

    return host;
}


static ngx_int_t
ngx_http_scrape_host_find(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx,
    ngx_str_t *host)
{
    ngx_str_t                    value;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (slcf->url != NULL) {
        /* one that was refused before our handler has an empty context */
        if (ctx != NULL && ctx->url.data != NULL) {
            value = ctx->url;

        } else if (ngx_http_complex_value(r, slcf->url, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_scrape_host_on_demand(r, &value, host);
    }

    if (ngx_http_scrape_host_named(r, host) == NGX_OK
        || ngx_http_scrape_host_query(r, host) == NGX_OK)
    {
        return NGX_OK;
    }

    return ngx_http_scrape_host_body(r, host);
}


/* As scraped reads it: one without "://" was encoded as a whole. */
static ngx_int_t
ngx_http_scrape_host_on_demand(ngx_http_request_t *r, ngx_str_t *value,
    ngx_str_t *host)
{
    sc_str_t  url;

    url.data = (char *) value->data;
    url.len = value->len;

    if (url.len > 0 && memmem(url.data, url.len, "://", 3) == NULL) {

        if (ngx_http_scrape_decode(r, value) != NGX_OK) {
            return NGX_ERROR;
        }

        url.data = (char *) value->data;
        url.len = value->len;
    }

    return ngx_http_scrape_host_url(r, url, host);
}


static ngx_int_t
ngx_http_scrape_host_named(ngx_http_request_t *r, ngx_str_t *host)
{
    sc_str_t   url;
    ngx_str_t  name;

    if (ngx_http_scrape_segment(r, "/v1/hosts/", &name) != NGX_OK) {
        return NGX_DECLINED;
    }

    url.data = (char *) name.data;
    url.len = name.len;

    return ngx_http_scrape_host_url(r, url, host);
}


/* A parameter is one of scraped's: "+" in it is a space. */
static ngx_int_t
ngx_http_scrape_host_query(ngx_http_request_t *r, ngx_str_t *host)
{
    sc_str_t   url;
    ngx_str_t  value;

    if (ngx_http_scrape_arg(r, "url", &value) != NGX_OK
        && ngx_http_scrape_arg(r, "host", &value) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    url.data = (char *) value.data;
    url.len = value.len;

    return ngx_http_scrape_host_url(r, url, host);
}


/* Its value, percent-encoding undone; of what is long, the beginning. */
static ngx_int_t
ngx_http_scrape_arg(ngx_http_request_t *r, char *name, ngx_str_t *value)
{
    if (ngx_http_arg(r, (u_char *) name, ngx_strlen(name), value) != NGX_OK
        || value->len == 0)
    {
        return NGX_DECLINED;
    }

    return ngx_http_scrape_decode(r, value);
}


static ngx_int_t
ngx_http_scrape_decode(ngx_http_request_t *r, ngx_str_t *value)
{
    u_char  *p, *src;
    size_t   len;

    len = ngx_min(value->len, SC_PEEK_URL);
    src = value->data;

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    ngx_unescape_uri(&p, &src, len, 0);
    value->len = p - value->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_host_body(ngx_http_request_t *r, ngx_str_t *host)
{
    char       found[SC_PEEK_URL];
    size_t     len;
    sc_str_t   url, body;
    ngx_int_t  rc;
    ngx_str_t  text;

    if (!ngx_http_scrape_has_body(r)
        || ngx_http_scrape_prefix(r, &text) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    body.data = (char *) text.data;
    body.len = text.len;

    rc = sc_peek_url(body, found, &len);

    if (rc != SC_OK) {
        return NGX_DECLINED;
    }

    url.data = found;
    url.len = len;

    return ngx_http_scrape_host_url(r, url, host);
}


/* What of the beginning is there; it is copied when it is not in one piece. */
static ngx_int_t
ngx_http_scrape_prefix(ngx_http_request_t *r, ngx_str_t *text)
{
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (r->request_body == NULL || r->request_body->bufs == NULL) {
        return NGX_DECLINED;
    }

    cl = r->request_body->bufs;
    b = cl->buf;

    if (ngx_buf_in_memory(b)
        && (cl->next == NULL || b->last - b->pos >= NGX_HTTP_SCRAPE_PREFIX))
    {
        text->data = b->pos;
        text->len = ngx_min(b->last - b->pos, NGX_HTTP_SCRAPE_PREFIX);
        return NGX_OK;
    }

    text->len = 0;
    text->data = ngx_palloc(r->pool, NGX_HTTP_SCRAPE_PREFIX);

    if (text->data == NULL) {
        return NGX_ERROR;
    }

    for ( /* void */ ; cl; cl = cl->next) {
        n = ngx_http_scrape_prefix_add(cl->buf, text->data + text->len,
                                       NGX_HTTP_SCRAPE_PREFIX - text->len);
        if (n < 0) {
            return NGX_ERROR;
        }

        text->len += n;
    }

    return NGX_OK;
}


static ssize_t
ngx_http_scrape_prefix_add(ngx_buf_t *b, u_char *out, size_t size)
{
    off_t  len;

    len = ngx_min(ngx_buf_size(b), (off_t) size);

    if (len <= 0) {
        return 0;
    }

    if (ngx_buf_in_memory(b)) {
        ngx_memcpy(out, b->pos, (size_t) len);
        return (ssize_t) len;
    }

    return ngx_read_file(b->file, out, (size_t) len, b->file_pos);
}


static ngx_int_t
ngx_http_scrape_host_url(ngx_http_request_t *r, sc_str_t url,
    ngx_str_t *host)
{
    char    found[SC_PEEK_HOST];
    size_t  len;

    len = sc_peek_host(url, found);

    if (len == 0) {
        return NGX_DECLINED;
    }

    host->len = len;
    host->data = ngx_pnalloc(r->pool, len);

    if (host->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(host->data, found, len);

    return NGX_OK;
}


/* A subrequest shows the body of its parent. */
static ngx_uint_t
ngx_http_scrape_has_body(ngx_http_request_t *r)
{
    return !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_DELETE));
}


/* The segment of the target that follows a path. */
static ngx_int_t
ngx_http_scrape_segment(ngx_http_request_t *r, char *path, ngx_str_t *name)
{
    size_t      len;
    u_char     *p, *last;
    ngx_str_t   target;

    len = ngx_strlen(path);

    if (ngx_http_scrape_target(r, &target) != NGX_OK
        || target.len <= len
        || ngx_strncmp(target.data, path, len) != 0)
    {
        return NGX_DECLINED;
    }

    last = target.data + target.len;
    name->data = target.data + len;

    for (p = name->data; p < last && *p != '/' && *p != '?'; p++) {
        /* void */
    }

    name->len = p - name->data;

    return name->len > 0 ? NGX_OK : NGX_DECLINED;
}


/*
 * What makes a job, and tells no host as yet, goes anywhere: scraped is told
 * where, so that its id leads there again.
 */
ngx_str_t
ngx_http_scrape_slot(ngx_http_request_t *r)
{
    ngx_str_t                     slot, name;
    ngx_http_variable_value_t    *vv;
    ngx_http_scrape_main_conf_t  *smcf;

    ngx_str_null(&slot);

    if (ngx_http_scrape_slot_named(r, &slot) == NGX_OK) {
        return slot;
    }

    name = ngx_http_scrape_host(r);

    if (name.len == 0 && ngx_http_scrape_makes(r)) {
        smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);
        vv = ngx_http_get_indexed_variable(r, smcf->request_id);

        if (vv != NULL && !vv->not_found) {
            name.data = vv->data;
            name.len = vv->len;
        }
    }

    if (name.len > 0) {
        (void) ngx_http_scrape_slot_of(r, &name, &slot);
    }

    return slot;
}


static ngx_int_t
ngx_http_scrape_slot_named(ngx_http_request_t *r, ngx_str_t *slot)
{
    char                       **path;
    ngx_str_t                    name;
    ngx_http_scrape_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (slcf->url != NULL) {
        return NGX_DECLINED;
    }

    for (path = ngx_http_scrape_named; *path != NULL; path++) {
        if (ngx_http_scrape_segment(r, *path, &name) == NGX_OK) {
            return ngx_http_scrape_slot_id(r, &name, slot);
        }
    }

    if (ngx_http_scrape_arg(r, "append_to", &name) == NGX_OK
        || ngx_http_scrape_arg(r, "job", &name) == NGX_OK)
    {
        return ngx_http_scrape_slot_id(r, &name, slot);
    }

    return NGX_DECLINED;
}


/* A name of the client's is where it was put: its own slot is that. */
static ngx_int_t
ngx_http_scrape_slot_id(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *slot)
{
    if (!ngx_http_scrape_is_id(name)) {
        return ngx_http_scrape_slot_of(r, name, slot);
    }

    slot->data = name->data;
    slot->len = NGX_HTTP_SCRAPE_SLOT;

    return NGX_OK;
}


static ngx_uint_t
ngx_http_scrape_is_id(ngx_str_t *name)
{
    u_char      c;
    ngx_uint_t  i;

    if (name->len != NGX_HTTP_SCRAPE_ID) {
        return 0;
    }

    for (i = 0; i < NGX_HTTP_SCRAPE_ID; i++) {
        c = name->data[i];

        if (c >= '0' && c <= '9') {
            continue;
        }

        if (i < NGX_HTTP_SCRAPE_SLOT ? c < 'a' || c > 'f' : c < 'A' || c > 'Z')
        {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_scrape_makes(ngx_http_request_t *r)
{
    ngx_str_t   target, *path;

    if (!ngx_http_scrape_has_body(r)
        || ngx_http_scrape_target(r, &target) != NGX_OK)
    {
        return 0;
    }

    for (path = ngx_http_scrape_makers; path->len; path++) {
        if (target.len >= path->len
            && ngx_strncmp(target.data, path->data, path->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_scrape_slot_of(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *slot)
{
    slot->data = ngx_pnalloc(r->pool, NGX_HTTP_SCRAPE_SLOT);

    if (slot->data == NULL) {
        slot->len = 0;
        return NGX_ERROR;
    }

    slot->len = NGX_HTTP_SCRAPE_SLOT;
    (void) ngx_sprintf(slot->data, "%03xi",
                       (ngx_uint_t) (ngx_crc32_long(name->data, name->len)
                                     & 0xfff));

    return NGX_OK;
}
