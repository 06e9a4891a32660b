
#include "ngx_module/ngx_http_scrape.h"
#include "ngx_module/ngx_http_scrape_status.h"
#include "ngx_module/ngx_http_scrape_zone.h"


static ngx_int_t ngx_http_scrape_postconfiguration(ngx_conf_t *cf);


static ngx_conf_bitmask_t  ngx_http_scrape_next_upstream_masks[] = {
    { ngx_string("error"), NGX_HTTP_UPSTREAM_FT_ERROR },
    { ngx_string("timeout"), NGX_HTTP_UPSTREAM_FT_TIMEOUT },
    { ngx_string("invalid_header"), NGX_HTTP_UPSTREAM_FT_INVALID_HEADER },
    { ngx_string("non_idempotent"), NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT },
    { ngx_string("http_500"), NGX_HTTP_UPSTREAM_FT_HTTP_500 },
    { ngx_string("http_502"), NGX_HTTP_UPSTREAM_FT_HTTP_502 },
    { ngx_string("http_503"), NGX_HTTP_UPSTREAM_FT_HTTP_503 },
    { ngx_string("http_504"), NGX_HTTP_UPSTREAM_FT_HTTP_504 },
    { ngx_string("http_404"), NGX_HTTP_UPSTREAM_FT_HTTP_404 },
    { ngx_string("http_429"), NGX_HTTP_UPSTREAM_FT_HTTP_429 },
    { ngx_string("updating"), NGX_HTTP_UPSTREAM_FT_UPDATING },
    { ngx_string("off"), NGX_HTTP_UPSTREAM_FT_OFF },
    { ngx_null_string, 0 }
};


/* where most directives may stand */
#define NGX_HTTP_SCRAPE_ANYWHERE                                              \
    NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF

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
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE12,
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
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_HTTP_LIF_CONF|NGX_CONF_TAKE1,
      ngx_http_scrape_use,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_wait"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_scrape_loc_conf_t, wait),
      NULL },

    { ngx_string("scrape_tenant"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_scrape_loc_conf_t, tenant),
      NULL },

    { ngx_string("scrape_request"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE23,
      ngx_http_scrape_option,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_return"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_scrape_return,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_scrape_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_hold"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_http_scrape_hold,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_scrape_loc_conf_t, hold),
      NULL },

    { ngx_string("scrape_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_scrape_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_bind"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE12,
      ngx_http_upstream_bind_set_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(local),
      NULL },

    { ngx_string("scrape_socket_keepalive"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(socket_keepalive),
      NULL },

    { ngx_string("scrape_connect_timeout"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(connect_timeout),
      NULL },

    { ngx_string("scrape_send_timeout"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(send_timeout),
      NULL },

    { ngx_string("scrape_read_timeout"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(read_timeout),
      NULL },

    { ngx_string("scrape_buffer_size"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(buffer_size),
      NULL },

    { ngx_string("scrape_request_buffering"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(request_buffering),
      NULL },

    { ngx_string("scrape_ignore_client_abort"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(ignore_client_abort),
      NULL },

    { ngx_string("scrape_intercept_errors"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(intercept_errors),
      NULL },

    { ngx_string("scrape_next_upstream"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(next_upstream),
      &ngx_http_scrape_next_upstream_masks },

    { ngx_string("scrape_next_upstream_tries"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(next_upstream_tries),
      NULL },

    { ngx_string("scrape_next_upstream_timeout"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(next_upstream_timeout),
      NULL },

    { ngx_string("scrape_buffers"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE2,
      ngx_conf_set_bufs_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(bufs),
      NULL },

    { ngx_string("scrape_busy_buffers_size"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(busy_buffers_size_conf),
      NULL },

    { ngx_string("scrape_temp_path"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1234,
      ngx_conf_set_path_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(temp_path),
      NULL },

    { ngx_string("scrape_max_temp_file_size"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(max_temp_file_size_conf),
      NULL },

    { ngx_string("scrape_temp_file_write_size"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(temp_file_write_size_conf),
      NULL },

    { ngx_string("scrape_ignore_headers"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(ignore_headers),
      &ngx_http_upstream_ignore_headers_masks },

#if (NGX_HTTP_CACHE)

    { ngx_string("scrape_cache"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_scrape_cache,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_cache_key"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_scrape_cache_key,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_cache_path"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_2MORE,
      ngx_http_file_cache_set_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_scrape_main_conf_t, caches),
      &ngx_http_scrape_module },

    { ngx_string("scrape_cache_bypass"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_set_predicate_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_bypass),
      NULL },

    { ngx_string("scrape_no_cache"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_set_predicate_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(no_cache),
      NULL },

    { ngx_string("scrape_cache_valid"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_file_cache_valid_set_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_valid),
      NULL },

    { ngx_string("scrape_cache_min_uses"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_min_uses),
      NULL },

    { ngx_string("scrape_cache_max_range_offset"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_off_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_max_range_offset),
      NULL },

    { ngx_string("scrape_cache_use_stale"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_use_stale),
      &ngx_http_scrape_next_upstream_masks },

    { ngx_string("scrape_cache_methods"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_scrape_cache_methods,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("scrape_cache_lock"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_lock),
      NULL },

    { ngx_string("scrape_cache_lock_timeout"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_lock_timeout),
      NULL },

    { ngx_string("scrape_cache_lock_age"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_lock_age),
      NULL },

    { ngx_string("scrape_cache_revalidate"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_revalidate),
      NULL },

    { ngx_string("scrape_cache_background_update"),
      NGX_HTTP_SCRAPE_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      NGX_HTTP_SCRAPE_UPSTREAM(cache_background_update),
      NULL },

#endif

      ngx_null_command
};


static ngx_http_module_t  ngx_http_scrape_module_ctx = {
    ngx_http_scrape_add_variables,         /* preconfiguration */
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


static ngx_int_t
ngx_http_scrape_postconfiguration(ngx_conf_t *cf)
{
    ngx_str_t                     name = ngx_string("request_id");
    ngx_http_handler_pt          *log;
    ngx_http_core_main_conf_t    *cmcf;
    ngx_http_scrape_main_conf_t  *smcf;

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    smcf->request_id = ngx_http_get_variable_index(cf, &name);
    if (smcf->request_id == NGX_ERROR) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    log = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (log == NULL) {
        return NGX_ERROR;
    }

    *log = ngx_http_scrape_count;

    if (ngx_http_scrape_hold_init(cf, smcf) != NGX_OK
        || ngx_http_scrape_status_init(cf, smcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_scrape_rules_init(cf, smcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_scrape_check(cf, smcf);
}
