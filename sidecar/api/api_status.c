
#include "sidecar/api/api_internal.h"


/* What goes on, in numbers: of all tenants, of none by name. */
void
api_status(api_call_t *c)
{
    sc_buf_t         *b = &c->api->body;
    resolve_stats_t   dns;
    frontier_stats_t  f;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    frontier_stats(c->api->frontier, &f);
    resolve_stats(c->api->resolve, &dns);

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_printf(b, "{\"version\":\"" SCRAPED_VERSION "\","
                         "\"draining\":%s,\"loop_lag_ms\":%.3f,",
                         c->api->draining ? "true" : "false",
                         (double) loop_lag(c->api->loop) / (double) LOOP_MS);
    (void) sc_buf_printf(b, "\"jobs\":{\"unended\":%zu,\"fetching\":%zu,"
                         "\"extracting\":%zu,\"storing\":%zu},"
                         "\"ready\":{\"interactive\":%zu,\"batch\":%zu,"
                         "\"crawl\":%zu,\"waiting\":%zu},",
                         f.unended, f.fetching, f.extracting, f.storing,
                         f.ready[0], f.ready[1], f.ready[2], f.parked);
    (void) sc_buf_printf(b, "\"shared\":%llu,\"hosts\":%zu,"
                         "\"robots\":{\"origins\":%zu,\"bytes\":%zu},"
                         "\"fallen_fields\":%zu,",
                         (unsigned long long) f.shared,
                         hosts_count(c->api->hosts),
                         robots_cache_count(c->api->robots),
                         robots_cache_size(c->api->robots),
                         drift_fallen(c->api->drift));
    (void) sc_buf_printf(b, "\"dns\":{\"names\":%zu,\"hits\":%llu,"
                         "\"misses\":%llu,\"questions\":%llu}}", dns.names,
                         (unsigned long long) dns.hits,
                         (unsigned long long) dns.misses,
                         (unsigned long long) dns.questions);

    api_reply_send(c, 200);
}
