
#include "ngx_module/ngx_http_scrape_status.h"


/* the first number of a family, where it stands among all */
#define NGX_HTTP_SCRAPE_FAMILY(field)                                         \
    offsetof(ngx_http_scrape_counters_t, field)


static const char *const  ngx_http_scrape_classes[] = {
    NULL, "1xx", "2xx", "3xx", "4xx", "5xx"
};

/* by NGX_HTTP_CACHE_* */
static const char *const  ngx_http_scrape_cache_names[] = {
    NULL, "miss", "bypass", "expired", "stale", "updating", "revalidated",
    "hit"
};

static const char *const  ngx_http_scrape_in_out[] = { "in", "out" };
static const char *const  ngx_http_scrape_out_in[] = { "out", "in" };


const char *const  ngx_http_scrape_bound_names[] = {
    "0.001", "0.002", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5",
    "1.0", "2.5", "10.0", "60.0", "+Inf"
};


const ngx_http_scrape_family_t  ngx_http_scrape_families[] = {

    { "requests", 0, NULL,
      "Requests ended in locations of scraped, by the class of their status.",
      "class", ngx_http_scrape_classes, 6,
      NGX_HTTP_SCRAPE_FAMILY(requests) },

    { "cache_requests", 0, NULL,
      "Requests of locations with a cache, by what it had for them.",
      "status", ngx_http_scrape_cache_names, NGX_HTTP_CACHE_HIT + 1,
      NGX_HTTP_SCRAPE_FAMILY(cache) },

    { "body_bytes", 0, "bytes",
      "Bodies of requests (in), and of replies before compression (out).",
      "direction", ngx_http_scrape_in_out, 2,
      NGX_HTTP_SCRAPE_FAMILY(bytes_in) },

    { "held_requests", 0, NULL,
      "Requests answered by a hold of the zone, without scraped.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(held) },

    { "channels", 1, NULL,
      "Channels that are connected.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(channels) },

    { "channel_requests", 1, NULL,
      "Requests on the channels.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(slots) },

    { "channel_flushes", 0, NULL,
      "Writes to channels, each with the frames of one round.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(channel_flushes) },

    { "channel_frames", 0, NULL,
      "Frames sent to scraped (out) and come from it (in) on channels.",
      "direction", ngx_http_scrape_out_in, 2,
      NGX_HTTP_SCRAPE_FAMILY(channel_frames_out) },

    { "channel_bytes", 0, "bytes",
      "The same in bytes.",
      "direction", ngx_http_scrape_out_in, 2,
      NGX_HTTP_SCRAPE_FAMILY(channel_bytes_out) },

    { "channel_credits", 0, NULL,
      "Frames credit sent on channels.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(channel_credits) },

    { "channel_cancels", 0, NULL,
      "Frames cancel sent on channels: the client had left.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(channel_cancels) },

    { "channel_losses", 0, NULL,
      "Channels that ended with requests on them.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(channel_lost) },

    { "channel_refusals", 0, NULL,
      "Requests refused because the channel had no room for them.",
      NULL, NULL, 1,
      NGX_HTTP_SCRAPE_FAMILY(channel_full) },

    { NULL, 0, NULL, NULL, NULL, NULL, 0, 0 }
};
