
#include "ngx_module/ngx_http_scrape_zone.h"


#define NGX_HTTP_SCRAPE_MIN_ZONE   (8 * ngx_pagesize)


static ngx_int_t ngx_http_scrape_zone_value(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *name, ssize_t *size);
static ngx_int_t ngx_http_scrape_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_msec_t ngx_http_scrape_elapsed(ngx_http_request_t *r);


const ngx_msec_t  ngx_http_scrape_bounds[] = {
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000, 60000
};


/* what is counted without a zone */
static ngx_http_scrape_counters_t  ngx_http_scrape_own;
static ngx_http_scrape_gauges_t    ngx_http_scrape_own_gauges;


char *
ngx_http_scrape_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_main_conf_t  *smcf = conf;

    ssize_t                       size;
    ngx_str_t                    *value, name;

    if (smcf->zone != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_scrape_zone_value(cf, &value[1], &name, &size) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* not the tag of the cache's zones: theirs have other data */
    smcf->zone = ngx_shared_memory_add(cf, &name, size, &ngx_http_scrape_own);
    if (smcf->zone == NULL) {
        return NGX_CONF_ERROR;
    }

    smcf->zone->init = ngx_http_scrape_zone_init;
    smcf->zone->data = ngx_pcalloc(cf->pool, sizeof(ngx_http_scrape_zone_t));

    return smcf->zone->data != NULL ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* "name:size", as in every zone; "zone=" may stand before it. */
static ngx_int_t
ngx_http_scrape_zone_value(ngx_conf_t *cf, ngx_str_t *value, ngx_str_t *name,
    ssize_t *size)
{
    u_char     *p;
    ngx_str_t   s, text;

    text = *value;

    if (ngx_strncmp(text.data, "zone=", 5) == 0) {
        text.data += 5;
        text.len -= 5;
    }

    p = (u_char *) ngx_strchr(text.data, ':');

    if (p == NULL || p == text.data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone size \"%V\"", value);
        return NGX_ERROR;
    }

    name->data = text.data;
    name->len = p - text.data;
    s.data = p + 1;
    s.len = text.data + text.len - s.data;
    *size = ngx_parse_size(&s);

    if (*size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone size \"%V\"", value);
        return NGX_ERROR;
    }

    if (*size < (ssize_t) NGX_HTTP_SCRAPE_MIN_ZONE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "zone \"%V\" is too small",
                           value);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* A reload with the same name and size goes on with what there is. */
static ngx_int_t
ngx_http_scrape_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_scrape_zone_t    *old = data;
    ngx_http_scrape_zone_t    *zone = shm_zone->data;
    ngx_http_scrape_shared_t  *shared;

    zone->pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (old != NULL) {
        zone->shared = old->shared;
        return NGX_OK;
    }

    if (shm_zone->shm.exists) {
        zone->shared = zone->pool->data;
        return NGX_OK;
    }

    shared = ngx_slab_calloc(zone->pool, sizeof(ngx_http_scrape_shared_t));
    if (shared == NULL) {
        return NGX_ERROR;
    }

    /* a full zone is ordinary: the oldest hold goes */
    zone->pool->log_nomem = 0;
    zone->pool->data = shared;
    zone->shared = shared;

    ngx_rbtree_init(&shared->holds, &shared->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&shared->queue);

    return NGX_OK;
}


ngx_http_scrape_zone_t *
ngx_http_scrape_zone_of(ngx_http_scrape_main_conf_t *smcf)
{
    return smcf->zone != NULL ? smcf->zone->data : NULL;
}


ngx_http_scrape_counters_t *
ngx_http_scrape_counters(ngx_http_scrape_main_conf_t *smcf)
{
    ngx_http_scrape_zone_t  *zone;

    zone = ngx_http_scrape_zone_of(smcf);

    return zone != NULL ? &zone->shared->counters : &ngx_http_scrape_own;
}


ngx_http_scrape_gauges_t *
ngx_http_scrape_gauges(ngx_http_scrape_main_conf_t *smcf)
{
    ngx_http_scrape_zone_t  *zone;

    zone = ngx_http_scrape_zone_of(smcf);

    return zone != NULL && ngx_process_slot < NGX_HTTP_SCRAPE_PROCESSES
           ? &zone->shared->gauges[ngx_process_slot]
           : &ngx_http_scrape_own_gauges;
}


void
ngx_http_scrape_gauges_clear(ngx_http_scrape_main_conf_t *smcf)
{
    ngx_http_scrape_gauges_t    *own;
    ngx_http_scrape_counters_t  *n;

    n = ngx_http_scrape_counters(smcf);
    own = ngx_http_scrape_gauges(smcf);

    (void) ngx_atomic_fetch_add(&n->channels,
                                -(ngx_atomic_int_t) own->channels);
    (void) ngx_atomic_fetch_add(&n->slots, -(ngx_atomic_int_t) own->slots);

    ngx_memzero(own, sizeof(ngx_http_scrape_gauges_t));
}


ngx_int_t
ngx_http_scrape_count(ngx_http_request_t *r)
{
    ngx_uint_t                    i;
    ngx_msec_t                    ms;
    ngx_http_scrape_counters_t   *n;
    ngx_http_scrape_main_conf_t  *smcf;

    if (r->content_handler != ngx_http_scrape_handler) {
        return NGX_OK;
    }

    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);
    n = ngx_http_scrape_counters(smcf);

    i = (r->err_status ? r->err_status : r->headers_out.status) / 100;
    (void) ngx_atomic_fetch_add(&n->requests[i > 5 ? 5 : i], 1);

    ms = ngx_http_scrape_elapsed(r);

    for (i = 0; i < NGX_HTTP_SCRAPE_BUCKETS - 1; i++) {
        if (ms <= ngx_http_scrape_bounds[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&n->latency[i], 1);
    (void) ngx_atomic_fetch_add(&n->latency_ms, ms);

    /* the body of a request is not its subrequests' */
    if (r == r->main && r->headers_in.content_length_n > 0) {
        (void) ngx_atomic_fetch_add(&n->bytes_in,
                                    r->headers_in.content_length_n);
    }

#if (NGX_HTTP_CACHE)

    if (r->upstream != NULL && r->upstream->cache_status) {
        i = ngx_min(r->upstream->cache_status, NGX_HTTP_CACHE_HIT);
        (void) ngx_atomic_fetch_add(&n->cache[i], 1);
    }

#endif

    return NGX_OK;
}


static ngx_msec_t
ngx_http_scrape_elapsed(ngx_http_request_t *r)
{
    ngx_time_t      *tp;
    ngx_msec_int_t   ms;

    tp = ngx_timeofday();
    ms = (ngx_msec_int_t) ((tp->sec - r->start_sec) * 1000
                           + (tp->msec - r->start_msec));

    return (ngx_msec_t) ngx_max(ms, 0);
}
