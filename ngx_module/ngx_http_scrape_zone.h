
/*
 * scrape_zone: what the workers share.
 *
 * Holds: while scraped has no room, or a host or a tenant is to be left alone,
 * it says for how long (field Scrape-Hold); until then the workers of a
 * location with scrape_hold on answer 503 or 429 with Retry-After by
 * themselves.
 *
 * Counters: for scrape_status; they only grow, but for those called a gauge.
 *
 *     ngx_http_scrape_zone.c    the directive and the zone, what is counted
 *     ngx_http_scrape_hold.c    scrape_hold
 */

#ifndef _NGX_HTTP_SCRAPE_ZONE_H_INCLUDED_
#define _NGX_HTTP_SCRAPE_ZONE_H_INCLUDED_


#include "ngx_module/ngx_http_scrape.h"


/* upper bounds of the latency histogram's buckets, the last has none */
#define NGX_HTTP_SCRAPE_BUCKETS    14


/*
 * Pairs "out" and "in" stand together: scrape_status reads them as arrays.
 *
 * requests       ended, by the class of their status: 1xx at 0
 * cache          by r->upstream->cache_status: NGX_HTTP_CACHE_*
 * latency        ended within each bound, in buckets that do not overlap;
 *                latency_ms is their sum
 * bytes_in, bytes_out  bodies of requests, and of replies
 * held           answered by a hold, without scraped
 * channels, slots  gauges: channels connected, requests on them
 * channel_*      flushes and the frames they carried, frames that came, bytes
 *                both ways, credits and cancels sent; lost: channels that
 *                ended with requests on them; full: requests refused
 */
typedef struct {
    ngx_atomic_t               requests[6];
    ngx_atomic_t               cache[NGX_HTTP_CACHE_HIT + 1];
    ngx_atomic_t               latency[NGX_HTTP_SCRAPE_BUCKETS];
    ngx_atomic_t               latency_ms;
    ngx_atomic_t               bytes_in;
    ngx_atomic_t               bytes_out;
    ngx_atomic_t               held;
    ngx_atomic_t               channels;
    ngx_atomic_t               slots;
    ngx_atomic_t               channel_flushes;
    ngx_atomic_t               channel_frames_out;
    ngx_atomic_t               channel_frames_in;
    ngx_atomic_t               channel_bytes_out;
    ngx_atomic_t               channel_bytes_in;
    ngx_atomic_t               channel_credits;
    ngx_atomic_t               channel_cancels;
    ngx_atomic_t               channel_lost;
    ngx_atomic_t               channel_full;
} ngx_http_scrape_counters_t;


/* processes of nginx whose part of the gauges is told apart */
#define NGX_HTTP_SCRAPE_PROCESSES  256


/* What of the gauges is one process's, which alone writes it. */
typedef struct {
    ngx_uint_t                 channels;
    ngx_uint_t                 slots;
} ngx_http_scrape_gauges_t;


/*
 * What the zone holds; all but counters and gauges under the mutex of its slab
 * pool.
 *
 * gauges   by ngx_process_slot: what a worker that was killed leaves behind is
 *          taken back by the one in its place
 * holds    ngx_http_scrape_hold.c's, by the hash of their key
 * queue    the same, the one kept last first
 * nholds   how many; read without the mutex to see that there is none
 */
typedef struct {
    ngx_http_scrape_counters_t  counters;
    ngx_http_scrape_gauges_t   gauges[NGX_HTTP_SCRAPE_PROCESSES];
    ngx_rbtree_t               holds;
    ngx_rbtree_node_t          sentinel;
    ngx_queue_t                queue;
    ngx_atomic_t               nholds;
} ngx_http_scrape_shared_t;


/* The zone in this process: what ngx_shm_zone_t's data is. */
typedef struct {
    ngx_slab_pool_t           *pool;
    ngx_http_scrape_shared_t  *shared;
} ngx_http_scrape_zone_t;


/* The bounds in milliseconds, NGX_HTTP_SCRAPE_BUCKETS - 1 of them. */
extern const ngx_msec_t  ngx_http_scrape_bounds[];

/* The setter of scrape_zone. */
char *ngx_http_scrape_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* The zone, NULL without one. */
ngx_http_scrape_zone_t *ngx_http_scrape_zone_of(
    ngx_http_scrape_main_conf_t *smcf);

/* Counters of the zone, never NULL: without a zone they are this worker's. */
ngx_http_scrape_counters_t *ngx_http_scrape_counters(
    ngx_http_scrape_main_conf_t *smcf);

/*
 * This process's part of the gauges; gauges_clear: take it back, when the
 * process begins or ends.
 */
ngx_http_scrape_gauges_t *ngx_http_scrape_gauges(
    ngx_http_scrape_main_conf_t *smcf);
void ngx_http_scrape_gauges_clear(ngx_http_scrape_main_conf_t *smcf);

/*
 * The handler of the log phase: counts a request of a location of ours.
 * Subrequests do not get there: the filters of ngx_http_scrape_problem.c call
 * it for them when their status is known, and bytes_out are counted there.
 */
ngx_int_t ngx_http_scrape_count(ngx_http_request_t *r);

/* Once all is read: no scrape_hold without a zone; NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_scrape_hold_init(ngx_conf_t *cf,
    ngx_http_scrape_main_conf_t *smcf);

/* The setter of scrape_hold. */
char *ngx_http_scrape_hold(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Holds there are now, for scrape_status. */
ngx_uint_t ngx_http_scrape_holds(ngx_http_scrape_main_conf_t *smcf);

/*
 * Keep what a Scrape-Hold says of this request's queue, tenant or host: a word
 * of these, a blank, and seconds from 1 to 86400, or 0 to lift the hold.
 * Anything else is ignored.
 *
 * Whether one keeps this request from scraped: NGX_OK, or the status to answer
 * with, ctx->type, detail, held and retry_after being set.  Both know the
 * request's target and host.
 */
void ngx_http_scrape_hold_keep(ngx_http_request_t *r, sc_str_t *value);
ngx_int_t ngx_http_scrape_hold_check(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);

/*
 * Of a request that one keeps, in its create_request: NGX_OK when what the
 * cache has of it, which is too old, is sent as if scraped had answered the
 * hold's status; NGX_DECLINED when it has none, or scrape_cache_use_stale says
 * nothing of that status: the request is to end, and is no more what others
 * wait for in the cache.
 */
ngx_int_t ngx_http_scrape_hold_stale(ngx_http_request_t *r,
    ngx_http_scrape_ctx_t *ctx);


#endif /* _NGX_HTTP_SCRAPE_ZONE_H_INCLUDED_ */
