
#include "ngx_module/ngx_http_scrape.h"

#include <fcntl.h>
#include <openssl/evp.h>


/*
 * First line of each key.  What is kept begins with the head frame as it came:
 * a change of the frames, or of the key, needs another name.
 */
#define NGX_HTTP_SCRAPE_CACHE_KEY     "scrape1\n"

#define NGX_HTTP_SCRAPE_BUFFERS       8
#define NGX_HTTP_SCRAPE_BUFFER_SIZE   16384
#define NGX_HTTP_SCRAPE_MAX_TEMP_FILE 1073741824

/* bytes read at a time of a body in a file */
#define NGX_HTTP_SCRAPE_HASH_SIZE     16384


#if (NGX_HTTP_CACHE)

static void ngx_http_scrape_cache_rest(ngx_http_upstream_conf_t *prev,
    ngx_http_upstream_conf_t *conf);
static void ngx_http_scrape_cache_zone(ngx_http_upstream_conf_t *prev,
    ngx_http_upstream_conf_t *conf);
static char *ngx_http_scrape_cache_buffers(ngx_conf_t *cf,
    ngx_http_upstream_conf_t *prev, ngx_http_upstream_conf_t *conf);
static void ngx_http_scrape_cache_sizes(ngx_http_upstream_conf_t *conf,
    size_t size);
static char *ngx_http_scrape_cache_check_sizes(ngx_conf_t *cf,
    ngx_http_upstream_conf_t *conf, size_t size);
static ngx_int_t ngx_http_scrape_cache_temp_path(ngx_conf_t *cf,
    ngx_http_upstream_conf_t *prev, ngx_http_upstream_conf_t *conf);
static ngx_int_t ngx_http_scrape_cache_beside(ngx_conf_t *cf,
    ngx_str_t *name);
static ngx_int_t ngx_http_scrape_key(ngx_http_request_t *r, sc_buf_t *key);
static void ngx_http_scrape_key_line(sc_buf_t *key, ngx_str_t *value);
static void ngx_http_scrape_key_field(ngx_http_request_t *r, sc_buf_t *key,
    const char *name);
static ngx_int_t ngx_http_scrape_key_body(ngx_http_request_t *r,
    sc_buf_t *key);
static ngx_int_t ngx_http_scrape_key_hash(ngx_http_request_t *r,
    EVP_MD_CTX *md);
static ngx_int_t ngx_http_scrape_key_file(ngx_buf_t *b, EVP_MD_CTX *md);
static ngx_int_t ngx_http_scrape_key_answer(ngx_http_request_t *r,
    ngx_http_scrape_loc_conf_t *slcf, sc_buf_t *key);
static void ngx_http_scrape_key_rules(ngx_http_request_t *r,
    ngx_http_scrape_loc_conf_t *slcf, sc_buf_t *key);
static ngx_int_t ngx_http_scrape_cache_room(ngx_http_request_t *r,
    ngx_temp_file_t *tf);


static ngx_conf_bitmask_t  ngx_http_scrape_cache_method_mask[] = {
    { ngx_string("GET"), NGX_HTTP_GET },
    { ngx_string("HEAD"), NGX_HTTP_HEAD },
    { ngx_string("QUERY"), NGX_HTTP_SCRAPE_QUERY },
    { ngx_null_string, 0 }
};


char *
ngx_http_scrape_cache(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t *slcf = conf;

    ngx_str_t                         *value;
    ngx_http_complex_value_t          *cv;
    ngx_http_scrape_main_conf_t       *smcf;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    if (slcf->upstream.cache != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        slcf->upstream.cache = 0;
        return NGX_CONF_OK;
    }

    cv = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (cv == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = cv;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    slcf->upstream.cache = 1;

    if (cv->lengths != NULL) {
        slcf->upstream.cache_value = cv;
        return NGX_CONF_OK;
    }

    slcf->upstream.cache_zone = ngx_shared_memory_add(cf, &value[1], 0,
                                                      &ngx_http_scrape_module);
    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    return slcf->upstream.cache_zone
           && ngx_http_scrape_uses(cf, &smcf->zones, &value[1]) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_scrape_cache_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t *slcf = conf;

    ngx_str_t                         *value;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    if (slcf->cache_key != NULL) {
        return "is duplicate";
    }

    slcf->cache_key = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (slcf->cache_key == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = slcf->cache_key;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* The stock setter, for the methods that may be kept here. */
char *
ngx_http_scrape_cache_methods(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_command_t  command = *cmd;

    command.offset = offsetof(ngx_http_scrape_loc_conf_t,
                              upstream.cache_methods);
    command.post = ngx_http_scrape_cache_method_mask;

    return ngx_conf_set_bitmask_slot(cf, &command, conf);
}


void
ngx_http_scrape_cache_create(ngx_http_scrape_loc_conf_t *conf)
{
    ngx_http_upstream_conf_t  *u = &conf->upstream;

    u->busy_buffers_size_conf = NGX_CONF_UNSET_SIZE;
    u->max_temp_file_size_conf = NGX_CONF_UNSET_SIZE;
    u->temp_file_write_size_conf = NGX_CONF_UNSET_SIZE;

    u->cache = NGX_CONF_UNSET;
    u->cache_min_uses = NGX_CONF_UNSET_UINT;
    u->cache_max_range_offset = NGX_CONF_UNSET;
    u->cache_bypass = NGX_CONF_UNSET_PTR;
    u->no_cache = NGX_CONF_UNSET_PTR;
    u->cache_valid = NGX_CONF_UNSET_PTR;
    u->cache_lock = NGX_CONF_UNSET;
    u->cache_lock_timeout = NGX_CONF_UNSET_MSEC;
    u->cache_lock_age = NGX_CONF_UNSET_MSEC;
    u->cache_revalidate = NGX_CONF_UNSET;
    u->cache_background_update = NGX_CONF_UNSET;

    /* the hardcoded values: HEAD is answered from what GET would bring */
    u->cache_convert_head = 1;
    u->force_ranges = 1;
}


char *
ngx_http_scrape_cache_merge(ngx_conf_t *cf, ngx_http_scrape_loc_conf_t *prev,
    ngx_http_scrape_loc_conf_t *conf)
{
    if (conf->cache_key == NULL) {
        conf->cache_key = prev->cache_key;
    }

    ngx_conf_merge_bitmask_value(conf->upstream.ignore_headers,
                                 prev->upstream.ignore_headers,
                                 NGX_CONF_BITMASK_SET);

    ngx_http_scrape_cache_rest(&prev->upstream, &conf->upstream);

    ngx_http_scrape_cache_zone(&prev->upstream, &conf->upstream);

    if (ngx_http_scrape_cache_buffers(cf, &prev->upstream, &conf->upstream)
        != NGX_CONF_OK
        || ngx_http_scrape_cache_temp_path(cf, &prev->upstream,
                                           &conf->upstream)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static void
ngx_http_scrape_cache_rest(ngx_http_upstream_conf_t *prev,
    ngx_http_upstream_conf_t *conf)
{
    ngx_conf_merge_uint_value(conf->cache_min_uses, prev->cache_min_uses, 1);
    ngx_conf_merge_off_value(conf->cache_max_range_offset,
                             prev->cache_max_range_offset,
                             NGX_MAX_OFF_T_VALUE);
    ngx_conf_merge_bitmask_value(conf->cache_use_stale, prev->cache_use_stale,
                                 (NGX_CONF_BITMASK_SET
                                  |NGX_HTTP_UPSTREAM_FT_OFF));

    if (conf->cache_use_stale & NGX_HTTP_UPSTREAM_FT_OFF) {
        conf->cache_use_stale = NGX_CONF_BITMASK_SET
                                |NGX_HTTP_UPSTREAM_FT_OFF;
    }

    if (conf->cache_use_stale & NGX_HTTP_UPSTREAM_FT_ERROR) {
        conf->cache_use_stale |= NGX_HTTP_UPSTREAM_FT_NOLIVE;
    }

    if (conf->cache_methods == 0) {
        conf->cache_methods = prev->cache_methods;
    }

    conf->cache_methods |= NGX_HTTP_GET|NGX_HTTP_HEAD;

    ngx_conf_merge_ptr_value(conf->cache_bypass, prev->cache_bypass, NULL);
    ngx_conf_merge_ptr_value(conf->no_cache, prev->no_cache, NULL);
    ngx_conf_merge_ptr_value(conf->cache_valid, prev->cache_valid, NULL);
    ngx_conf_merge_value(conf->cache_lock, prev->cache_lock, 0);
    ngx_conf_merge_msec_value(conf->cache_lock_timeout,
                              prev->cache_lock_timeout, 5000);
    ngx_conf_merge_msec_value(conf->cache_lock_age, prev->cache_lock_age,
                              5000);
    ngx_conf_merge_value(conf->cache_revalidate, prev->cache_revalidate, 0);
    ngx_conf_merge_value(conf->cache_background_update,
                         prev->cache_background_update, 0);
}


static void
ngx_http_scrape_cache_zone(ngx_http_upstream_conf_t *prev,
    ngx_http_upstream_conf_t *conf)
{
    if (conf->cache == NGX_CONF_UNSET) {
        ngx_conf_merge_value(conf->cache, prev->cache, 0);

        conf->cache_zone = prev->cache_zone;
        conf->cache_value = prev->cache_value;
    }
}


/* Only what may be kept goes through buffers: without a cache any will do. */
static char *
ngx_http_scrape_cache_buffers(ngx_conf_t *cf, ngx_http_upstream_conf_t *prev,
    ngx_http_upstream_conf_t *conf)
{
    size_t  size;

    ngx_conf_merge_bufs_value(conf->bufs, prev->bufs, NGX_HTTP_SCRAPE_BUFFERS,
                              NGX_HTTP_SCRAPE_BUFFER_SIZE);
    ngx_conf_merge_size_value(conf->busy_buffers_size_conf,
                              prev->busy_buffers_size_conf,
                              NGX_CONF_UNSET_SIZE);
    ngx_conf_merge_size_value(conf->temp_file_write_size_conf,
                              prev->temp_file_write_size_conf,
                              NGX_CONF_UNSET_SIZE);
    ngx_conf_merge_size_value(conf->max_temp_file_size_conf,
                              prev->max_temp_file_size_conf,
                              NGX_CONF_UNSET_SIZE);

    if (!conf->cache) {
        return NGX_CONF_OK;
    }

    if (conf->bufs.num < 2) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "there must be at least 2 \"scrape_buffers\"");
        return NGX_CONF_ERROR;
    }

    size = ngx_max(conf->buffer_size, conf->bufs.size);
    ngx_http_scrape_cache_sizes(conf, size);

    return ngx_http_scrape_cache_check_sizes(cf, conf, size);
}


static void
ngx_http_scrape_cache_sizes(ngx_http_upstream_conf_t *conf, size_t size)
{
    conf->busy_buffers_size = conf->busy_buffers_size_conf;
    conf->temp_file_write_size = conf->temp_file_write_size_conf;
    conf->max_temp_file_size = conf->max_temp_file_size_conf;

    if (conf->busy_buffers_size == NGX_CONF_UNSET_SIZE) {
        conf->busy_buffers_size = ngx_min(2 * size, (conf->bufs.num - 1)
                                                    * conf->bufs.size);
    }

    if (conf->temp_file_write_size == NGX_CONF_UNSET_SIZE) {
        conf->temp_file_write_size = 2 * size;
    }

    if (conf->max_temp_file_size == NGX_CONF_UNSET_SIZE) {
        conf->max_temp_file_size = NGX_HTTP_SCRAPE_MAX_TEMP_FILE;
    }
}


static char *
ngx_http_scrape_cache_check_sizes(ngx_conf_t *cf,
    ngx_http_upstream_conf_t *conf, size_t size)
{
    const char  *wrong;

    wrong = NULL;

    if (conf->busy_buffers_size < size) {
        wrong = "\"scrape_busy_buffers_size\" must be at least the greater of "
                "\"scrape_buffer_size\" and one of the \"scrape_buffers\"";

    } else if (conf->busy_buffers_size
               > (conf->bufs.num - 1) * conf->bufs.size)
    {
        wrong = "\"scrape_busy_buffers_size\" must be at most the size of all "
                "\"scrape_buffers\" minus one of them";

    } else if (conf->temp_file_write_size < size) {
        wrong = "\"scrape_temp_file_write_size\" must be at least the greater "
                "of \"scrape_buffer_size\" and one of the \"scrape_buffers\"";

    } else if (conf->max_temp_file_size != 0
               && conf->max_temp_file_size < size)
    {
        wrong = "\"scrape_max_temp_file_size\" must be 0 or at least the "
                "greater of \"scrape_buffer_size\" and one of the "
                "\"scrape_buffers\"";
    }

    if (wrong != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", wrong);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* nginx makes each folder it is told of as it starts: only for a cache. */
static ngx_int_t
ngx_http_scrape_cache_temp_path(ngx_conf_t *cf, ngx_http_upstream_conf_t *prev,
    ngx_http_upstream_conf_t *conf)
{
    char             *rv;
    ngx_path_init_t   init = { ngx_string("scrape_temp"), { 1, 2, 0 } };

    if (conf->temp_path == NULL) {
        conf->temp_path = prev->temp_path;
    }

    if (!conf->cache || conf->temp_path != NULL) {
        return NGX_OK;
    }

    if (ngx_strcmp(cf->cycle->prefix.data, NGX_PREFIX) == 0
        && ngx_http_scrape_cache_beside(cf, &init.name) != NGX_OK)
    {
        return NGX_ERROR;
    }

    rv = ngx_conf_merge_path_value(cf, &conf->temp_path, NULL, &init);

    return rv == NGX_CONF_OK ? NGX_OK : NGX_ERROR;
}


/*
 * Where nginx was built to keep its own: below the prefix that it was built
 * with, packages have nothing that is written to.
 */
static ngx_int_t
ngx_http_scrape_cache_beside(ngx_conf_t *cf, ngx_str_t *name)
{
    size_t     len;
    ngx_str_t  proxy = ngx_string(NGX_HTTP_PROXY_TEMP_PATH);

    for (len = proxy.len; len > 0 && proxy.data[len - 1] != '/'; len--) {
        /* void */
    }

    if (len == 0) {
        return NGX_OK;
    }

    name->len = len + sizeof("scrape") - 1;
    name->data = ngx_pnalloc(cf->pool, name->len + 1);

    if (name->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_sprintf(name->data, "%*sscrape%Z", len, proxy.data);

    return NGX_OK;
}


ngx_uint_t
ngx_http_scrape_cache_wanted(ngx_http_request_t *r, ngx_str_t *target)
{
    u_char                      *end;
    ngx_str_t                    path = *target;
    ngx_http_scrape_loc_conf_t  *slcf;

    static ngx_str_t  extract = ngx_string("/v1/extract");
    static ngx_str_t  result = ngx_string("/v1/results/");

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (!(r->method & slcf->upstream.cache_methods)) {
        return 0;
    }

    end = ngx_strlchr(path.data, path.data + path.len, '?');

    if (end != NULL) {
        path.len = end - path.data;
    }

    if (path.len == extract.len
        && ngx_strncmp(path.data, extract.data, extract.len) == 0)
    {
        /* the key needs all of the body */
        return r->method != NGX_HTTP_SCRAPE_QUERY
               || !ngx_http_scrape_body_streams(r, target);
    }

    return r->method != NGX_HTTP_SCRAPE_QUERY
           && path.len > result.len
           && ngx_strncmp(path.data, result.data, result.len) == 0
           && ngx_strlchr(path.data + result.len, path.data + path.len, '/')
              == NULL;
}


ngx_int_t
ngx_http_scrape_cache_create_key(ngx_http_request_t *r)
{
    sc_buf_t    key;
    ngx_int_t   rc;
    ngx_str_t  *part;

    part = ngx_array_push(&r->cache->keys);
    if (part == NULL) {
        return NGX_ERROR;
    }

    sc_buf_init(&key, 0);
    rc = ngx_http_scrape_key(r, &key);

    part->len = key.len;
    part->data = ngx_pnalloc(r->pool, key.len + 1);

    if (rc != NGX_OK || key.failed || part->data == NULL) {
        sc_buf_free(&key);
        return NGX_ERROR;
    }

    ngx_memcpy(part->data, key.data, key.len);
    sc_buf_free(&key);

    return NGX_OK;
}


/*
 * Lines, none of which can hold an end of line, so that no value can pass for
 * two: whose it is, the method, of QUERY what was sent.  The last part, which
 * may hold any, is the answer's: scrape_cache_key or what it would depend on.
 */
static ngx_int_t
ngx_http_scrape_key(ngx_http_request_t *r, sc_buf_t *key)
{
    ngx_str_t                    value;
    ngx_http_scrape_ctx_t       *ctx;
    ngx_http_scrape_loc_conf_t  *slcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);
    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    (void) sc_buf_add_cstr(key, NGX_HTTP_SCRAPE_CACHE_KEY);
    ngx_http_scrape_key_line(key, &ctx->tenant);

    if (r->method == NGX_HTTP_SCRAPE_QUERY) {
        (void) sc_buf_add_cstr(key, "QUERY\n");
        ngx_http_scrape_key_field(r, key, "Content-Type");

        if (ngx_http_scrape_key_body(r, key) != NGX_OK) {
            return NGX_ERROR;
        }

    } else {
        (void) sc_buf_add_cstr(key, "GET\n");
    }

    if (slcf->cache_key == NULL) {
        return ngx_http_scrape_key_answer(r, slcf, key);
    }

    if (ngx_http_complex_value(r, slcf->cache_key, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_scrape_key_line(key, &value);

    return NGX_OK;
}


static void
ngx_http_scrape_key_line(sc_buf_t *key, ngx_str_t *value)
{
    (void) sc_buf_add(key, value->data, value->len);
    (void) sc_buf_add(key, "\n", 1);
}


/* A line for a field of the client's; sent more than once, with commas. */
static void
ngx_http_scrape_key_field(ngx_http_request_t *r, sc_buf_t *key,
    const char *name)
{
    ngx_table_elt_t       *h;
    ngx_http_scrape_at_t   at;

    ngx_memzero(&at, sizeof(ngx_http_scrape_at_t));

    while ((h = ngx_http_scrape_next_field(r, &at, name)) != NULL) {
        (void) sc_buf_add(key, h->value.data, h->value.len);
        (void) sc_buf_add(key, ",", 1);
    }

    (void) sc_buf_add(key, "\n", 1);
}


static ngx_int_t
ngx_http_scrape_key_body(ngx_http_request_t *r, sc_buf_t *key)
{
    u_char         digest[EVP_MAX_MD_SIZE], hex[2 * EVP_MAX_MD_SIZE];
    ngx_int_t      rc;
    ngx_str_t      value;
    EVP_MD_CTX    *md;
    unsigned int   n;

    md = EVP_MD_CTX_new();
    if (md == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1
        && ngx_http_scrape_key_hash(r, md) == NGX_OK
        && EVP_DigestFinal_ex(md, digest, &n) == 1)
    {
        value.data = hex;
        value.len = ngx_hex_dump(hex, digest, n) - hex;
        ngx_http_scrape_key_line(key, &value);
        rc = NGX_OK;
    }

    EVP_MD_CTX_free(md);

    return rc;
}


static ngx_int_t
ngx_http_scrape_key_hash(ngx_http_request_t *r, EVP_MD_CTX *md)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = r->request_body ? r->request_body->bufs : NULL; cl;
         cl = cl->next)
    {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            if (EVP_DigestUpdate(md, b->pos, b->last - b->pos) != 1) {
                return NGX_ERROR;
            }

        } else if (b->in_file && ngx_http_scrape_key_file(b, md) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_key_file(ngx_buf_t *b, EVP_MD_CTX *md)
{
    off_t    at;
    size_t   want;
    u_char   part[NGX_HTTP_SCRAPE_HASH_SIZE];
    ssize_t  n;

    for (at = b->file_pos; at < b->file_last; at += n) {
        want = ngx_min((off_t) sizeof(part), b->file_last - at);
        n = ngx_read_file(b->file, part, want, at);

        if (n <= 0 || EVP_DigestUpdate(md, part, n) != 1) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_key_answer(ngx_http_request_t *r,
    ngx_http_scrape_loc_conf_t *slcf, sc_buf_t *key)
{
    ngx_str_t               target;
    ngx_http_scrape_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);

    if (ctx->url.data != NULL) {
        target = ctx->url;

    } else if (ngx_http_scrape_target(r, &target) != NGX_OK) {
        return NGX_ERROR;
    }

    (void) sc_buf_add_cstr(key, ctx->url.data != NULL ? "url\n" : "target\n");
    ngx_http_scrape_key_line(key, &slcf->base);
    ngx_http_scrape_key_line(key, &target);
    ngx_http_scrape_key_field(r, key, "Accept");
    ngx_http_scrape_key_rules(r, slcf, key);

    return ctx->url.data != NULL ? ngx_http_scrape_options_add(r, ctx, key)
                                 : NGX_OK;
}


/* A reload with other rules under the same name makes other answers. */
static void
ngx_http_scrape_key_rules(ngx_http_request_t *r,
    ngx_http_scrape_loc_conf_t *slcf, sc_buf_t *key)
{
    ngx_str_t                     name;
    ngx_http_scrape_ctx_t        *ctx;
    ngx_http_scrape_ruleset_t    *set;
    ngx_http_scrape_main_conf_t  *smcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);

    if (ctx->url.data != NULL) {
        name = slcf->use;

    } else if (ngx_http_arg(r, (u_char *) "ruleset", 7, &name) != NGX_OK) {
        ngx_str_null(&name);
    }

    set = ngx_http_scrape_rules_find(smcf, &name);
    ngx_http_scrape_key_line(key, set != NULL ? &set->hash : &name);
}


void
ngx_http_scrape_cache_reserve(ngx_http_request_t *r)
{
    ngx_event_pipe_t     *p;
    ngx_http_upstream_t  *u = r->upstream;

    p = u->pipe;

    if (!u->cacheable || ngx_http_scrape_cache_room(r, p->temp_file) == NGX_OK)
    {
        return;
    }

    ngx_http_file_cache_free(r->cache, p->temp_file);

    u->cacheable = 0;
    p->cacheable = 0;
    p->buf_to_file = NULL;
    p->max_temp_file_size = 0;
}


static ngx_int_t
ngx_http_scrape_cache_room(ngx_http_request_t *r, ngx_temp_file_t *tf)
{
    off_t  size;

    if (ngx_create_temp_file(&tf->file, tf->path, tf->pool, tf->persistent,
                             tf->clean, tf->access)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    size = r->upstream->headers_in.content_length_n;

    if (size == -1) {
        return NGX_OK;
    }

    size += r->cache->body_start;

    if (fallocate(tf->file.fd, FALLOC_FL_KEEP_SIZE, 0, size) == -1
        && (ngx_errno == NGX_ENOSPC || ngx_errno == EDQUOT
            || ngx_errno == EFBIG))
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, ngx_errno,
                      "no room for an answer of %O bytes in the cache", size);
        return NGX_DECLINED;
    }

    return NGX_OK;
}

#else

void
ngx_http_scrape_cache_reserve(ngx_http_request_t *r)
{
}


void
ngx_http_scrape_cache_create(ngx_http_scrape_loc_conf_t *conf)
{
    conf->upstream.busy_buffers_size_conf = NGX_CONF_UNSET_SIZE;
    conf->upstream.max_temp_file_size_conf = NGX_CONF_UNSET_SIZE;
    conf->upstream.temp_file_write_size_conf = NGX_CONF_UNSET_SIZE;
}


char *
ngx_http_scrape_cache_merge(ngx_conf_t *cf, ngx_http_scrape_loc_conf_t *prev,
    ngx_http_scrape_loc_conf_t *conf)
{
    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_scrape_cache_wanted(ngx_http_request_t *r, ngx_str_t *target)
{
    return 0;
}

#endif
