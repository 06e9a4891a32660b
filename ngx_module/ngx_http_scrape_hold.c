
#include "ngx_module/ngx_http_scrape_zone.h"


#define NGX_HTTP_SCRAPE_MAX_HOLD   86400
#define NGX_HTTP_SCRAPE_HOLD_KEY   1024

/* paths whose requests make jobs, and are about one page */
#define NGX_HTTP_SCRAPE_MAKES      1
#define NGX_HTTP_SCRAPE_EXTRACTS   2


/* What requests are held for. */
typedef enum {
    NGX_HTTP_SCRAPE_HOLD_QUEUE = 0,
    NGX_HTTP_SCRAPE_HOLD_TENANT,
    NGX_HTTP_SCRAPE_HOLD_HOST,
    NGX_HTTP_SCRAPE_HOLDS
} ngx_http_scrape_hold_e;


/* How a kind is called by scraped, and answered to the client. */
typedef struct {
    sc_str_t                   name;
    ngx_uint_t                 status;
    const char                *type;
    const char                *detail;
} ngx_http_scrape_hold_kind_t;


/* A hold in the zone; its key's text stands behind it. */
typedef struct {
    ngx_str_node_t             node;
    ngx_queue_t                queue;
    ngx_msec_t                 expires;
} ngx_http_scrape_hold_t;


/* A key: the kind, upstream's name, and whom or what it is about. */
typedef struct {
    ngx_str_t                  text;
    uint32_t                   hash;
    u_char                     data[NGX_HTTP_SCRAPE_HOLD_KEY];
} ngx_http_scrape_hold_key_t;


static ngx_int_t ngx_http_scrape_hold_parse(sc_str_t *value,
    ngx_http_scrape_hold_e *kind, ngx_uint_t *seconds);
static ngx_int_t ngx_http_scrape_hold_key(ngx_http_request_t *r,
    ngx_http_scrape_hold_e kind, ngx_http_scrape_hold_key_t *key);
static void ngx_http_scrape_hold_set(ngx_http_scrape_zone_t *zone,
    ngx_http_scrape_hold_key_t *key, ngx_msec_t expires);
static ngx_http_scrape_hold_t *ngx_http_scrape_hold_alloc(
    ngx_http_scrape_zone_t *zone, ngx_http_scrape_hold_key_t *key);
static void ngx_http_scrape_hold_drop(ngx_http_scrape_zone_t *zone,
    ngx_http_scrape_hold_t *hold);
#if (NGX_HTTP_CACHE)
static ngx_int_t ngx_http_scrape_hold_nowhere(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us);
static ngx_int_t ngx_http_scrape_hold_no_peer(ngx_peer_connection_t *pc,
    void *data);
#endif
static ngx_uint_t ngx_http_scrape_hold_makes(ngx_http_request_t *r);
static ngx_msec_t ngx_http_scrape_hold_left(ngx_http_request_t *r,
    ngx_http_scrape_zone_t *zone, ngx_http_scrape_hold_e kind);


static const ngx_http_scrape_hold_kind_t  ngx_http_scrape_hold_kinds[] = {

    { sc_string("queue"), NGX_HTTP_SERVICE_UNAVAILABLE, "/limits/queue-full",
      "the queue is full: scraped said so a moment ago" },

    { sc_string("tenant"), NGX_HTTP_TOO_MANY_REQUESTS, "/limits/key-quota",
      "the tenant has used up its share: scraped said so a moment ago" },

    { sc_string("host"), NGX_HTTP_SERVICE_UNAVAILABLE, "/limits/host-busy",
      "the host is to be left alone: scraped said so a moment ago" }
};


#if (NGX_HTTP_CACHE)

/* where requests go that are held, for an old answer */
static ngx_http_upstream_srv_conf_t  ngx_http_scrape_hold_upstream = {
    .peer = { .init = ngx_http_scrape_hold_nowhere }
};

#endif


char *
ngx_http_scrape_hold(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_scrape_loc_conf_t  *slcf = conf;

    char                         *rc;
    ngx_http_scrape_main_conf_t  *smcf;

    rc = ngx_conf_set_flag_slot(cf, cmd, conf);

    if (rc != NGX_CONF_OK || !slcf->hold) {
        return rc;
    }

    smcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_scrape_module);

    if (smcf->hold.file == NULL) {
        smcf->hold.file = cf->conf_file->file.name.data;
        smcf->hold.line = cf->conf_file->line;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_scrape_hold_init(ngx_conf_t *cf, ngx_http_scrape_main_conf_t *smcf)
{
    if (smcf->hold.file == NULL || smcf->zone != NULL) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"scrape_hold\" needs a \"scrape_zone\" in %s:%ui",
                  smcf->hold.file, smcf->hold.line);

    return NGX_ERROR;
}


ngx_uint_t
ngx_http_scrape_holds(ngx_http_scrape_main_conf_t *smcf)
{
    ngx_queue_t             *q;
    ngx_uint_t               n;
    ngx_http_scrape_hold_t  *hold;
    ngx_http_scrape_zone_t  *zone;

    zone = ngx_http_scrape_zone_of(smcf);

    if (zone == NULL || zone->shared->nholds == 0) {
        return 0;
    }

    n = 0;
    ngx_shmtx_lock(&zone->pool->mutex);

    for (q = ngx_queue_head(&zone->shared->queue);
         q != ngx_queue_sentinel(&zone->shared->queue);
         q = ngx_queue_next(q))
    {
        hold = ngx_queue_data(q, ngx_http_scrape_hold_t, queue);
        n += (ngx_msec_int_t) (hold->expires - ngx_current_msec) > 0;
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return n;
}


void
ngx_http_scrape_hold_keep(ngx_http_request_t *r, sc_str_t *value)
{
    ngx_uint_t                    seconds;
    ngx_http_scrape_zone_t       *zone;
    ngx_http_scrape_hold_e        kind;
    ngx_http_scrape_hold_key_t    key;
    ngx_http_scrape_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);
    zone = ngx_http_scrape_zone_of(smcf);

    if (zone == NULL
        || ngx_http_scrape_hold_parse(value, &kind, &seconds) != NGX_OK
        || ngx_http_scrape_hold_key(r, kind, &key) != NGX_OK
        || (seconds == 0 && zone->shared->nholds == 0))
    {
        return;
    }

    ngx_shmtx_lock(&zone->pool->mutex);

    ngx_http_scrape_hold_set(zone, &key, seconds == 0
                             ? 0 : ngx_current_msec + seconds * 1000);

    ngx_shmtx_unlock(&zone->pool->mutex);
}


static ngx_int_t
ngx_http_scrape_hold_parse(sc_str_t *value, ngx_http_scrape_hold_e *kind,
    ngx_uint_t *seconds)
{
    ngx_int_t        n;
    ngx_uint_t       i;
    const sc_str_t  *name;

    for (i = 0; i < NGX_HTTP_SCRAPE_HOLDS; i++) {
        name = &ngx_http_scrape_hold_kinds[i].name;

        if (value->len > name->len + 1 && value->data[name->len] == ' '
            && ngx_memcmp(value->data, name->data, name->len) == 0)
        {
            break;
        }
    }

    if (i == NGX_HTTP_SCRAPE_HOLDS) {
        return NGX_DECLINED;
    }

    n = ngx_atoi((u_char *) value->data + name->len + 1,
                 value->len - name->len - 1);

    if (n < 0 || n > NGX_HTTP_SCRAPE_MAX_HOLD) {
        return NGX_DECLINED;
    }

    *kind = (ngx_http_scrape_hold_e) i;
    *seconds = (ngx_uint_t) n;

    return NGX_OK;
}


/* Of several servers each has a queue: a slot's requests go to one of them. */
static ngx_int_t
ngx_http_scrape_hold_key(ngx_http_request_t *r, ngx_http_scrape_hold_e kind,
    ngx_http_scrape_hold_key_t *key)
{
    u_char                        *last;
    ngx_str_t                      what;
    ngx_http_scrape_ctx_t         *ctx;
    ngx_http_upstream_srv_conf_t  *uscf;

    uscf = r->upstream->conf->upstream;
    ctx = ngx_http_get_module_ctx(r, ngx_http_scrape_module);
    ngx_str_null(&what);

    if (kind == NGX_HTTP_SCRAPE_HOLD_TENANT) {
        what = ctx->tenant;

    } else if (kind == NGX_HTTP_SCRAPE_HOLD_HOST) {
        what = ngx_http_scrape_host(r);

        if (what.len == 0) {
            return NGX_DECLINED;
        }

    } else if (uscf->servers != NULL && uscf->servers->nelts > 1) {
        what = ngx_http_scrape_slot(r);
    }

    if (uscf->host.len + what.len + 2 > NGX_HTTP_SCRAPE_HOLD_KEY) {
        return NGX_DECLINED;
    }

    last = key->data;
    *last++ = (u_char) ('0' + kind);
    last = ngx_cpymem(last, uscf->host.data, uscf->host.len);
    *last++ = '\n';

    if (what.len > 0) {
        last = ngx_cpymem(last, what.data, what.len);
    }

    key->text.data = key->data;
    key->text.len = last - key->data;
    key->hash = ngx_crc32_short(key->text.data, key->text.len);

    return NGX_OK;
}


/* expires 0: lift it. */
static void
ngx_http_scrape_hold_set(ngx_http_scrape_zone_t *zone,
    ngx_http_scrape_hold_key_t *key, ngx_msec_t expires)
{
    ngx_http_scrape_hold_t  *hold;

    hold = (ngx_http_scrape_hold_t *) ngx_str_rbtree_lookup(
               &zone->shared->holds, &key->text, key->hash);

    if (expires == 0) {
        if (hold != NULL) {
            ngx_http_scrape_hold_drop(zone, hold);
        }

        return;
    }

    if (hold != NULL) {
        ngx_queue_remove(&hold->queue);

    } else {
        hold = ngx_http_scrape_hold_alloc(zone, key);

        if (hold == NULL) {
            return;
        }
    }

    hold->expires = expires;
    ngx_queue_insert_head(&zone->shared->queue, &hold->queue);
}


static ngx_http_scrape_hold_t *
ngx_http_scrape_hold_alloc(ngx_http_scrape_zone_t *zone,
    ngx_http_scrape_hold_key_t *key)
{
    size_t                   size;
    ngx_queue_t             *q;
    ngx_http_scrape_hold_t  *hold;

    size = sizeof(ngx_http_scrape_hold_t) + key->text.len;

    for ( ;; ) {
        hold = ngx_slab_alloc_locked(zone->pool, size);

        if (hold != NULL || ngx_queue_empty(&zone->shared->queue)) {
            break;
        }

        q = ngx_queue_last(&zone->shared->queue);
        ngx_http_scrape_hold_drop(zone, ngx_queue_data(q,
                                      ngx_http_scrape_hold_t, queue));
    }

    if (hold == NULL) {
        return NULL;
    }

    hold->node.node.key = key->hash;
    hold->node.str.len = key->text.len;
    hold->node.str.data = (u_char *) (hold + 1);
    ngx_memcpy(hold->node.str.data, key->text.data, key->text.len);

    ngx_rbtree_insert(&zone->shared->holds, &hold->node.node);
    zone->shared->nholds++;

    return hold;
}


static void
ngx_http_scrape_hold_drop(ngx_http_scrape_zone_t *zone,
    ngx_http_scrape_hold_t *hold)
{
    ngx_queue_remove(&hold->queue);
    ngx_rbtree_delete(&zone->shared->holds, &hold->node.node);
    zone->shared->nholds--;
    ngx_slab_free_locked(zone->pool, hold);
}


ngx_int_t
ngx_http_scrape_hold_check(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx)
{
    ngx_msec_t                          left;
    ngx_uint_t                          i, n;
    ngx_http_scrape_zone_t             *zone;
    ngx_http_scrape_loc_conf_t         *slcf;
    ngx_http_scrape_main_conf_t        *smcf;
    const ngx_http_scrape_hold_kind_t  *kind;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_scrape_module);
    zone = ngx_http_scrape_zone_of(smcf);

    if (!slcf->hold || zone == NULL || zone->shared->nholds == 0) {
        return NGX_OK;
    }

    switch (ngx_http_scrape_hold_makes(r)) {

    case NGX_HTTP_SCRAPE_MAKES:
        n = NGX_HTTP_SCRAPE_HOLD_HOST;
        break;

    case NGX_HTTP_SCRAPE_EXTRACTS:
        n = NGX_HTTP_SCRAPE_HOLDS;
        break;

    default:
        return NGX_OK;
    }

    for (i = 0; i < n; i++) {
        left = ngx_http_scrape_hold_left(r, zone, i);

        if (left == 0) {
            continue;
        }

        kind = &ngx_http_scrape_hold_kinds[i];
        ctx->held = kind->status;
        ctx->retry_after = (left + 999) / 1000;
        ctx->type = kind->type;
        ctx->detail = kind->detail;
        (void) ngx_atomic_fetch_add(&zone->shared->counters.held, 1);

        return (ngx_int_t) kind->status;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_scrape_hold_stale(ngx_http_request_t *r, ngx_http_scrape_ctx_t *ctx)
{
#if (NGX_HTTP_CACHE)

    ngx_uint_t                 why;
    ngx_http_upstream_t       *u = r->upstream;
    ngx_http_upstream_conf_t  *conf;

    why = ctx->held == NGX_HTTP_TOO_MANY_REQUESTS
          ? NGX_HTTP_UPSTREAM_FT_HTTP_429 : NGX_HTTP_UPSTREAM_FT_HTTP_503;

    conf = NULL;

    if (u->cache_status == NGX_HTTP_CACHE_EXPIRED
        && (u->conf->cache_use_stale & why))
    {
        conf = ngx_palloc(r->pool, sizeof(ngx_http_upstream_conf_t));
    }

    if (conf == NULL) {
        /* it is for the next one to fetch it */
        ngx_http_file_cache_free(r->cache, NULL);
        return NGX_DECLINED;
    }

    *conf = *u->conf;
    conf->upstream = &ngx_http_scrape_hold_upstream;
    conf->cache_use_stale |= NGX_HTTP_UPSTREAM_FT_ERROR;
    u->conf = conf;

    return NGX_OK;

#else

    return NGX_DECLINED;

#endif
}


#if (NGX_HTTP_CACHE)

/* No server, and no other to try: an error, for which there is the cache. */
static ngx_int_t
ngx_http_scrape_hold_nowhere(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us)
{
    r->upstream->peer.get = ngx_http_scrape_hold_no_peer;
    r->upstream->peer.tries = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_scrape_hold_no_peer(ngx_peer_connection_t *pc, void *data)
{
    return NGX_DECLINED;
}

#endif


/* Which of the two the request does; 0 for what only reads or changes jobs. */
static ngx_uint_t
ngx_http_scrape_hold_makes(ngx_http_request_t *r)
{
    u_char                      *end;
    ngx_str_t                    target;
    ngx_uint_t                   i;
    ngx_http_scrape_loc_conf_t  *slcf;

    static const struct {
        ngx_str_t   path;
        ngx_uint_t  does;
    }  paths[] = {
        { ngx_string("/v1/extract"), NGX_HTTP_SCRAPE_EXTRACTS },
        { ngx_string("/v1/batch"), NGX_HTTP_SCRAPE_MAKES },
        { ngx_string("/v1/crawl"), NGX_HTTP_SCRAPE_MAKES }
    };

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_scrape_module);

    if (slcf->url != NULL) {
        return NGX_HTTP_SCRAPE_EXTRACTS;
    }

    if ((r->method & (NGX_HTTP_DELETE|NGX_HTTP_PATCH))
        || ngx_http_scrape_target(r, &target) != NGX_OK)
    {
        return 0;
    }

    end = ngx_strlchr(target.data, target.data + target.len, '?');

    if (end != NULL) {
        target.len = end - target.data;
    }

    if ((r->method & NGX_HTTP_PUT) && target.len > 9
        && ngx_memcmp(target.data, "/v1/jobs/", 9) == 0)
    {
        return NGX_HTTP_SCRAPE_MAKES;
    }

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (target.len == paths[i].path.len
            && ngx_memcmp(target.data, paths[i].path.data, target.len) == 0)
        {
            return paths[i].does;
        }
    }

    return 0;
}


/* Milliseconds that it has to wait still: a hold that is over is taken out. */
static ngx_msec_t
ngx_http_scrape_hold_left(ngx_http_request_t *r, ngx_http_scrape_zone_t *zone,
    ngx_http_scrape_hold_e kind)
{
    ngx_msec_int_t               left;
    ngx_http_scrape_hold_t      *hold;
    ngx_http_scrape_hold_key_t   key;

    if (ngx_http_scrape_hold_key(r, kind, &key) != NGX_OK) {
        return 0;
    }

    left = 0;
    ngx_shmtx_lock(&zone->pool->mutex);

    hold = (ngx_http_scrape_hold_t *) ngx_str_rbtree_lookup(
               &zone->shared->holds, &key.text, key.hash);

    if (hold != NULL) {
        left = (ngx_msec_int_t) (hold->expires - ngx_current_msec);

        if (left <= 0) {
            ngx_http_scrape_hold_drop(zone, hold);
            left = 0;
        }
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return (ngx_msec_t) left;
}
