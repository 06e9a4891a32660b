
#include "ngx_module/ngx_http_scrape.h"


static ngx_int_t ngx_http_scrape_merge_hide(ngx_conf_t *cf,
    ngx_http_scrape_loc_conf_t *prev, ngx_http_scrape_loc_conf_t *conf);
static void ngx_http_scrape_set_base(ngx_http_scrape_loc_conf_t *slcf,
    ngx_http_core_loc_conf_t *clcf);
static ngx_uint_t ngx_http_scrape_is_path(ngx_str_t *rest);


/* Fields of scraped's that are not the client's business: none. */
static ngx_str_t  ngx_http_scrape_hide_headers[] = {
    ngx_null_string
};


void *
ngx_http_scrape_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_scrape_main_conf_t  *smcf;

    smcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_scrape_main_conf_t));
    if (smcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&smcf->rulesets, cf->pool, 4,
                       sizeof(ngx_http_scrape_ruleset_t))
        != NGX_OK
        || ngx_array_init(&smcf->uses, cf->pool, 4,
                          sizeof(ngx_http_scrape_use_t))
           != NGX_OK
        || ngx_array_init(&smcf->zones, cf->pool, 4,
                          sizeof(ngx_http_scrape_use_t))
           != NGX_OK
        || ngx_array_init(&smcf->passes, cf->pool, 4,
                          sizeof(ngx_http_scrape_pass_t))
           != NGX_OK
        || ngx_array_init(&smcf->caches, cf->pool, 4,
                          sizeof(ngx_http_file_cache_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return smcf;
}


void *
ngx_http_scrape_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_scrape_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_scrape_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->upstream.next_upstream = 0;
     *     conf->upstream.temp_path = NULL;
     *     conf->use = { 0, NULL };
     *     conf->wanted = { 0, NULL };
     *     conf->cache_key = NULL;
     *     conf->status = NGX_HTTP_SCRAPE_STATUS_OFF;
     */

    ngx_str_set(&conf->base, "");

    conf->url = NGX_CONF_UNSET_PTR;
    conf->tenant = NGX_CONF_UNSET_PTR;
    conf->options = NGX_CONF_UNSET_PTR;
    conf->wait = NGX_CONF_UNSET_MSEC;
    conf->hold = NGX_CONF_UNSET;

    conf->upstream.local = NGX_CONF_UNSET_PTR;
    conf->upstream.socket_keepalive = NGX_CONF_UNSET;
    conf->upstream.next_upstream_tries = NGX_CONF_UNSET_UINT;
    conf->upstream.connect_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.send_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.read_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.next_upstream_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.buffer_size = NGX_CONF_UNSET_SIZE;
    conf->upstream.request_buffering = NGX_CONF_UNSET;
    conf->upstream.ignore_client_abort = NGX_CONF_UNSET;
    conf->upstream.intercept_errors = NGX_CONF_UNSET;
    conf->upstream.hide_headers = NGX_CONF_UNSET_PTR;
    conf->upstream.pass_headers = NGX_CONF_UNSET_PTR;

    ngx_http_scrape_cache_create(conf);

    /* the hardcoded values */
    conf->upstream.pass_request_headers = 1;
    conf->upstream.pass_request_body = 1;
    conf->upstream.module.len = sizeof("scrape") - 1;
    conf->upstream.module.data = (u_char *) "scrape";

    return conf;
}


char *
ngx_http_scrape_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_scrape_loc_conf_t *prev = parent;
    ngx_http_scrape_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t  *clcf;

    prev->inside |= conf->use.len > 0 || conf->wanted.len > 0;

    ngx_conf_merge_ptr_value(conf->url, prev->url, NULL);
    ngx_conf_merge_ptr_value(conf->tenant, prev->tenant, NULL);
    ngx_conf_merge_str_value(conf->use, prev->use, "");

    if (conf->wait == NGX_CONF_UNSET_MSEC) {
        conf->wait = prev->wait;
    }

    ngx_conf_merge_ptr_value(conf->upstream.local, prev->upstream.local,
                             NULL);
    ngx_conf_merge_value(conf->upstream.socket_keepalive,
                         prev->upstream.socket_keepalive, 0);
    ngx_conf_merge_uint_value(conf->upstream.next_upstream_tries,
                              prev->upstream.next_upstream_tries, 0);
    ngx_conf_merge_msec_value(conf->upstream.connect_timeout,
                              prev->upstream.connect_timeout, 5000);
    ngx_conf_merge_msec_value(conf->upstream.send_timeout,
                              prev->upstream.send_timeout, 60000);
    ngx_conf_merge_msec_value(conf->upstream.read_timeout,
                              prev->upstream.read_timeout, 60000);
    ngx_conf_merge_msec_value(conf->upstream.next_upstream_timeout,
                              prev->upstream.next_upstream_timeout, 0);
    ngx_conf_merge_size_value(conf->upstream.buffer_size,
                              prev->upstream.buffer_size, 16384);
    ngx_conf_merge_value(conf->upstream.request_buffering,
                         prev->upstream.request_buffering, 1);
    ngx_conf_merge_value(conf->upstream.ignore_client_abort,
                         prev->upstream.ignore_client_abort, 0);
    ngx_conf_merge_value(conf->upstream.intercept_errors,
                         prev->upstream.intercept_errors, 0);
    ngx_conf_merge_bitmask_value(conf->upstream.next_upstream,
                                 prev->upstream.next_upstream,
                                 (NGX_CONF_BITMASK_SET
                                  |NGX_HTTP_UPSTREAM_FT_ERROR
                                  |NGX_HTTP_UPSTREAM_FT_TIMEOUT));

    if (conf->upstream.next_upstream & NGX_HTTP_UPSTREAM_FT_OFF) {
        conf->upstream.next_upstream = NGX_CONF_BITMASK_SET
                                       |NGX_HTTP_UPSTREAM_FT_OFF;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->noname && conf->upstream.upstream == NULL) {
        conf->upstream.upstream = prev->upstream.upstream;
        conf->base = prev->base;

        /* an "if" has none of its own */
        conf->status = ngx_max(conf->status, prev->status);
    }

    /* what limit_except lets through is still ours */
    if (clcf->lmt_excpt && clcf->handler == NULL
        && conf->upstream.upstream != NULL)
    {
        clcf->handler = ngx_http_scrape_handler;
    }

    if (ngx_http_scrape_merge_hide(cf, prev, conf) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_ptr_value(conf->options, prev->options, NULL);
    ngx_conf_merge_str_value(conf->wanted, prev->wanted, "");
    ngx_conf_merge_value(conf->hold, prev->hold, 0);

    if (ngx_http_scrape_cache_merge(cf, prev, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    conf->plain = conf->upstream;
    conf->plain.cache = 0;
    conf->plain.force_ranges = 0;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_scrape_merge_hide(ngx_conf_t *cf, ngx_http_scrape_loc_conf_t *prev,
    ngx_http_scrape_loc_conf_t *conf)
{
    ngx_hash_init_t  hash;

    hash.max_size = 64;
    hash.bucket_size = ngx_align(64, ngx_cacheline_size);
    hash.name = "scrape_headers_hash";

    return ngx_http_upstream_hide_headers_hash(cf, &conf->upstream,
                                               &prev->upstream,
                                               ngx_http_scrape_hide_headers,
                                               &hash);
}


char *
ngx_http_scrape_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t *slcf = conf;

    ngx_url_t                     u;
    ngx_str_t                    *value;
    ngx_http_scrape_pass_t       *pass;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_scrape_main_conf_t  *smcf;

    if (slcf->upstream.upstream) {
        return "is duplicate";
    }

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    pass = ngx_array_push(&smcf->passes);
    if (pass == NULL) {
        return NGX_CONF_ERROR;
    }

    pass->slcf = slcf;
    pass->file = cf->conf_file->file.name.data;
    pass->line = cf->conf_file->line;

    value = cf->args->elts;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = value[1];
    u.no_resolve = 1;

    slcf->upstream.upstream = ngx_http_upstream_add(cf, &u, 0);
    if (slcf->upstream.upstream == NULL) {
        return NGX_CONF_ERROR;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    clcf->handler = ngx_http_scrape_handler;

    if (clcf->name.len && clcf->name.data[clcf->name.len - 1] == '/') {
        clcf->auto_redirect = 1;
    }

    ngx_http_scrape_set_base(slcf, clcf);

    return NGX_CONF_OK;
}


/*
 * "/scraper/v1/" and "/scraper/v1/batch" are "/scraper".  Without such a path
 * in it, a prefix is all of it, and any other name has none.
 */
static void
ngx_http_scrape_set_base(ngx_http_scrape_loc_conf_t *slcf,
    ngx_http_core_loc_conf_t *clcf)
{
    size_t     i;
    ngx_str_t  rest;

    if (clcf->named || clcf->noname
#if (NGX_PCRE)
        || clcf->regex != NULL
#endif
       )
    {
        return;
    }

    for (i = 0; i < clcf->name.len; i++) {
        rest.data = clcf->name.data + i;
        rest.len = clcf->name.len - i;

        if (ngx_http_scrape_is_path(&rest)) {
            break;
        }
    }

    if (i == clcf->name.len && clcf->exact_match) {
        return;
    }

    if (i == clcf->name.len && clcf->auto_redirect) {
        i--;
    }

    slcf->base.len = i;
    slcf->base.data = clcf->name.data;
}


static ngx_uint_t
ngx_http_scrape_is_path(ngx_str_t *rest)
{
    ngx_str_t  *path;

    static ngx_str_t  paths[] = {
        ngx_string("/v1"), ngx_string("/healthz"), ngx_string("/readyz"),
        ngx_string("/metrics"), ngx_null_string
    };

    for (path = paths; path->len; path++) {

        if (rest->len >= path->len
            && ngx_strncmp(rest->data, path->data, path->len) == 0
            && (rest->len == path->len
                || (path == paths && rest->data[path->len] == '/')))
        {
            return 1;
        }
    }

    return 0;
}
