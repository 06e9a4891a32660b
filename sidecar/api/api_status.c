
#include "sidecar/api/api_internal.h"
#include "sidecar/metrics/metrics.h"


static void api_status_pages(const api_t *api, sc_buf_t *b);
static void api_status_lanes(sc_buf_t *b);
static void api_status_parts(const api_t *api, sc_buf_t *b);
static void api_status_rest(sc_buf_t *b);
static void api_status_labels(sc_buf_t *b, size_t cell);
static long long api_status_get(size_t cell);


/* What goes on, in numbers: of all tenants, of none by name. */
void
api_status(api_call_t *c)
{
    api_t     *api = c->api;
    sc_buf_t  *b = &api->body;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    api_numbers(api);

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_printf(b, "{\"version\":\"" SCRAPED_VERSION "\","
                         "\"draining\":%s,\"uptime_ms\":%lld,"
                         "\"loop_lag_ms\":%.3f,",
                         api->draining ? "true" : "false",
                         (long long) id_now_ms()
                         - api_status_get(METRICS_START) / LOOP_MS,
                         (double) loop_lag(api->loop) / (double) LOOP_MS);
    api_status_pages(api, b);
    api_status_lanes(b);
    api_status_parts(api, b);
    api_status_rest(b);

    api_reply_send(c, 200);
}


static void
api_status_pages(const api_t *api, sc_buf_t *b)
{
    frontier_stats_t  f;

    frontier_stats(api->frontier, &f);

    (void) sc_buf_printf(b, "\"jobs\":{\"unended\":%zu,\"fetching\":%zu,"
                         "\"extracting\":%zu,\"storing\":%zu,"
                         "\"batches\":%lld,\"crawls\":%lld,\"paused\":%lld},"
                         "\"ready\":{\"interactive\":%zu,\"batch\":%zu,"
                         "\"crawl\":%zu,\"waiting\":%zu},\"shared\":%llu,",
                         f.unended, f.fetching, f.extracting, f.storing,
                         api_status_get(METRICS_RUNNING),
                         api_status_get(METRICS_RUNNING + 1),
                         api_status_get(METRICS_PAUSED),
                         f.ready[0], f.ready[1], f.ready[2], f.parked,
                         (unsigned long long) f.shared);
}


static void
api_status_lanes(sc_buf_t *b)
{
    size_t                   i;
    const metrics_family_t  *f = metrics_family(METRICS_LANE_READY);

    (void) sc_buf_add_cstr(b, "\"lanes\":{");

    for (i = 0; i < f->nvalues; i++) {
        (void) sc_buf_printf(b, "%s\"%s\":{\"ready\":%lld,\"waiting\":%lld,"
                             "\"under_way\":%lld}", i > 0 ? "," : "",
                             f->label[i + 1],
                             api_status_get(METRICS_LANE_READY + i),
                             api_status_get(METRICS_LANE_WAITING + i),
                             api_status_get(METRICS_LANE_RUNNING + i));
    }

    (void) sc_buf_add_cstr(b, "},\"pages\":");
    api_status_labels(b, METRICS_PAGES);
}


static void
api_status_parts(const api_t *api, sc_buf_t *b)
{
    (void) sc_buf_printf(b, ",\"hosts\":%zu,\"hosts_suspended\":%lld,"
                         "\"hosts_blocked\":%lld,"
                         "\"robots\":{\"origins\":%zu,\"bytes\":%zu},"
                         "\"fallen_fields\":%zu,",
                         hosts_count(api->hosts),
                         api_status_get(METRICS_HOSTS + 1),
                         api_status_get(METRICS_HOSTS + 2),
                         robots_cache_count(api->robots),
                         robots_cache_size(api->robots),
                         drift_fallen(api->drift));
    (void) sc_buf_printf(b, "\"dns\":{\"names\":%lld,\"hits\":%lld,"
                         "\"misses\":%lld,\"questions\":%lld,"
                         "\"failures\":%lld},\"workers\":",
                         api_status_get(METRICS_DNS_NAMES),
                         api_status_get(METRICS_DNS_HITS),
                         api_status_get(METRICS_DNS_MISSES),
                         api_status_get(METRICS_DNS_ASKED),
                         api_status_get(METRICS_DNS_FAILED));
    api_status_labels(b, METRICS_WORKERS);
}


static void
api_status_rest(sc_buf_t *b)
{
    (void) sc_buf_add_cstr(b, ",\"store\":{\"queue\":");
    api_status_labels(b, METRICS_STORE_QUEUE);
    (void) sc_buf_printf(b, ",\"bytes\":%lld,\"wal_bytes\":%lld},",
                         api_status_get(METRICS_STORE_SIZE),
                         api_status_get(METRICS_WAL_SIZE));
    (void) sc_buf_printf(b, "\"connections\":%lld,\"requests\":%lld,"
                         "\"streams\":", api_status_get(METRICS_CONNECTIONS),
                         api_status_get(METRICS_OPEN));
    api_status_labels(b, METRICS_STREAMS);
    (void) sc_buf_printf(b, ",\"webhooks\":%lld,\"schedules\":%lld,"
                         "\"memory_bytes\":%lld,\"open_fds\":%lld}",
                         api_status_get(METRICS_SENDING),
                         api_status_get(METRICS_SCHEDULES),
                         api_status_get(METRICS_MEMORY),
                         api_status_get(METRICS_FDS));
}


/* An object of what a family with one label has. */
static void
api_status_labels(sc_buf_t *b, size_t cell)
{
    size_t                   i;
    const metrics_family_t  *f = metrics_family(cell);

    for (i = 0; i < f->nvalues; i++) {
        (void) sc_buf_printf(b, "%s\"%s\":%lld", i == 0 ? "{" : ",",
                             f->label[i + 1], api_status_get(cell + i));
    }

    (void) sc_buf_add_cstr(b, "}");
}


static long long
api_status_get(size_t cell)
{
    return (long long) metrics_get(cell);
}
