
#include "ngx_module/ngx_http_scrape.h"


static ngx_int_t ngx_http_scrape_postconfiguration(ngx_conf_t *cf);
static void *ngx_http_scrape_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_scrape_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_scrape_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_scrape_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void ngx_http_scrape_set_base(ngx_http_scrape_loc_conf_t *slcf,
    ngx_http_core_loc_conf_t *clcf);
static ngx_uint_t ngx_http_scrape_is_path(ngx_str_t *rest);


static ngx_conf_bitmask_t  ngx_http_scrape_next_upstream_masks[] = {
    { ngx_string("error"), NGX_HTTP_UPSTREAM_FT_ERROR },
    { ngx_string("timeout"), NGX_HTTP_UPSTREAM_FT_TIMEOUT },
    { ngx_string("invalid_header"), NGX_HTTP_UPSTREAM_FT_INVALID_HEADER },
    { ngx_string("non_idempotent"), NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT },
    { ngx_string("http_500"), NGX_HTTP_UPSTREAM_FT_HTTP_500 },
    { ngx_string("http_503"), NGX_HTTP_UPSTREAM_FT_HTTP_503 },
    { ngx_string("http_429"), NGX_HTTP_UPSTREAM_FT_HTTP_429 },
    { ngx_string("off"), NGX_HTTP_UPSTREAM_FT_OFF },
    { ngx_null_string, 0 }
};


/* what stock setters fill in, at its place in our location's configuration */
#define NGX_HTTP_SCRAPE_UPSTREAM(field)                                       \
    offsetof(ngx_http_scrape_loc_conf_t, upstream.field)


static ngx_command_t  ngx_http_scrape_commands[] = {

    { ngx_string("scrape_pass"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_CONF_TAKE1,
      ngx_http_scrape_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_rules"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_scrape_rules_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_rules_file"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_scrape_rules_file,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_url"),
      NGX_HTTP_LOC_CONF|NGX_HTTP_LIF_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_scrape_loc_conf_t, url),
      NULL },

    { ngx_string("scrape_use"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
                        |NGX_HTTP_LIF_CONF|NGX_CONF_TAKE1,
      ngx_http_scrape_use,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_wait"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_scrape_loc_conf_t, wait),
      NULL },

    { ngx_string("scrape_tenant"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_scrape_loc_conf_t, tenant),
      NULL },

    { ngx_string("scrape_bind"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_upstream_bind_set_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(local),
      NULL },

    { ngx_string("scrape_socket_keepalive"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(socket_keepalive),
      NULL },

    { ngx_string("scrape_connect_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(connect_timeout),
      NULL },

    { ngx_string("scrape_send_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(send_timeout),
      NULL },

    { ngx_string("scrape_read_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(read_timeout),
      NULL },

    { ngx_string("scrape_buffer_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(buffer_size),
      NULL },

    { ngx_string("scrape_request_buffering"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(request_buffering),
      NULL },

    { ngx_string("scrape_ignore_client_abort"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(ignore_client_abort),
      NULL },

    { ngx_string("scrape_intercept_errors"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(intercept_errors),
      NULL },

    { ngx_string("scrape_next_upstream"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(next_upstream),
      &ngx_http_scrape_next_upstream_masks },

    { ngx_string("scrape_next_upstream_tries"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(next_upstream_tries),
      NULL },

    { ngx_string("scrape_next_upstream_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(next_upstream_timeout),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_scrape_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_scrape_postconfiguration,     /* postconfiguration */

    ngx_http_scrape_create_main_conf,      /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_scrape_create_loc_conf,       /* create location configuration */
    ngx_http_scrape_merge_loc_conf         /* merge location configuration */
};


ngx_module_t  ngx_http_scrape_module = {
    NGX_MODULE_V1,
    &ngx_http_scrape_module_ctx,           /* module context */
    ngx_http_scrape_commands,              /* module directives */
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


/* Fields of scraped's that are not the client's business: none. */
static ngx_str_t  ngx_http_scrape_hide_headers[] = {
    ngx_null_string
};


static ngx_int_t
ngx_http_scrape_postconfiguration(ngx_conf_t *cf)
{
    ngx_str_t                     name = ngx_string("request_id");
    ngx_http_scrape_main_conf_t  *smcf;

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    smcf->request_id = ngx_http_get_variable_index(cf, &name);
    if (smcf->request_id == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_http_scrape_rules_init(cf, smcf);
}


static void *
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
           != NGX_OK)
    {
        return NULL;
    }

    return smcf;
}


static void *
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
     */

    ngx_str_set(&conf->base, "");

    conf->url = NGX_CONF_UNSET_PTR;
    conf->tenant = NGX_CONF_UNSET_PTR;
    conf->wait = NGX_CONF_UNSET_MSEC;

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

    /* the hardcoded values */
    conf->upstream.pass_request_headers = 1;
    conf->upstream.pass_request_body = 1;
    conf->upstream.module.len = sizeof("scrape") - 1;
    conf->upstream.module.data = (u_char *) "scrape";

    return conf;
}


static char *
ngx_http_scrape_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_hash_init_t              hash;
    ngx_http_scrape_loc_conf_t  *prev = parent;
    ngx_http_scrape_loc_conf_t  *conf = child;

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

    if (conf->upstream.upstream == NULL) {
        conf->upstream.upstream = prev->upstream.upstream;
        conf->base = prev->base;
    }

    hash.max_size = 64;
    hash.bucket_size = ngx_align(64, ngx_cacheline_size);
    hash.name = "scrape_headers_hash";

    if (ngx_http_upstream_hide_headers_hash(cf, &conf->upstream,
                                            &prev->upstream,
                                            ngx_http_scrape_hide_headers,
                                            &hash)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_scrape_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t *slcf = conf;

    ngx_url_t                   u;
    ngx_str_t                  *value;
    ngx_http_core_loc_conf_t   *clcf;

    if (slcf->upstream.upstream) {
        return "is duplicate";
    }

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
        ngx_null_string
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
