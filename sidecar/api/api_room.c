
#include <string.h>

#include "sidecar/api/api_internal.h"
#include "sidecar/store/store_list.h"


#define ROOM_SAMPLE      LOOP_SEC
#define ROOM_MAX_RETRY   3600

/* Retry-After when nothing is known of how fast the queue empties */
#define ROOM_RETRY       10

/* Scrape-Hold: it is asked again, for a file of tenants may give more */
#define ROOM_HOLD        60


static int api_room_pace(api_t *api);


int
api_room_check(api_call_t *c)
{
    int64_t  max = c->api->settings->max_store;

    if (max == 0 || store_bytes(c->api->store) < max) {
        return SC_OK;
    }

    api_reply_error(c, "/server/storage-full",
                    "the gateway's store has as many bytes as it may");

    return SC_ERROR;
}


void
api_room_taken(api_t *api, size_t n)
{
    api->taken += n;
}


frontier_status_t
api_room_more(api_call_t *c)
{
    return frontier_accepts(c->api->frontier, c->tenant);
}


void
api_room_look(api_t *api)
{
    int64_t        now = loop_now(api->loop);
    api_sample_t  *s;

    s = &api->samples[(api->nsamples + API_SAMPLES - 1) % API_SAMPLES];

    if (api->nsamples > 0 && now - s->at < ROOM_SAMPLE) {
        return;
    }

    s = &api->samples[api->nsamples++ % API_SAMPLES];
    s->at = now;
    s->taken = api->taken;
    s->left = frontier_queued(api->frontier);
}


int
api_room_retry(api_call_t *c, frontier_status_t status)
{
    return status == FRONTIER_TENANT_PAGES || status == FRONTIER_TENANT_BYTES
           ? tenants_rest() : api_room_pace(c->api);
}


/* What ended in the last seconds is what was taken less what came to stay. */
static int
api_room_pace(api_t *api)
{
    double               ended, span, left;
    const api_sample_t  *s;

    left = (double) frontier_queued(api->frontier);

    if (api->nsamples == 0) {
        return ROOM_RETRY;
    }

    s = &api->samples[api->nsamples < API_SAMPLES
                      ? 0 : api->nsamples % API_SAMPLES];
    span = (double) (loop_now(api->loop) - s->at) / (double) LOOP_SEC;
    ended = (double) (api->taken - s->taken) + (double) s->left - left;

    if (span < 1 || ended <= 0) {
        return ROOM_RETRY;
    }

    left = left * span / ended;

    return left < 1 ? 1 : left > ROOM_MAX_RETRY ? ROOM_MAX_RETRY : (int) left;
}


int
api_room_problem(api_call_t *c, frontier_status_t status, problem_t *p)
{
    tenant_limits_t    limits;
    const settings_t  *s = c->api->settings;

    tenants_limits(c->api->tenants, s, c->tenant, &limits);

    switch (status) {

    case FRONTIER_QUEUE_FULL:
        problem_init(p, "/limits/queue-full",
                     "the queue has \"%lld\" jobs, as many as it may",
                     (long long) s->max_queue);
        return 1;

    case FRONTIER_TENANT_FULL:
        problem_init(p, "/limits/key-quota",
                     "\"%lld\" jobs are queued, as many as may be",
                     (long long) limits.queue);
        return 1;

    case FRONTIER_TENANT_PAGES:
        problem_init(p, "/limits/key-quota", "the \"%lld\" pages of today "
                     "are used up", (long long) limits.pages);
        return 1;

    case FRONTIER_TENANT_BYTES:
        problem_init(p, "/limits/key-quota", "the \"%lld\" bytes of today "
                     "are used up", (long long) limits.bytes);
        return 1;

    case FRONTIER_DRAINING:
        problem_init(p, "/server/draining",
                     "the gateway is stopping and takes nothing new");
        return 0;

    default:
        problem_init(p, "/server/out-of-memory",
                     "the gateway is out of memory");
        return 0;
    }
}


void
api_room_hold(api_call_t *c, const char *type, int seconds)
{
    const char  *whose;

    if (strcmp(type, "/limits/queue-full") == 0) {
        whose = "queue";

    } else if (strcmp(type, "/limits/key-quota") == 0) {
        whose = "tenant";

    } else {
        return;
    }

    (void) sc_buf_printf(&c->api->headers, "Scrape-Hold: %s %d\r\n", whose,
                         seconds < ROOM_HOLD ? seconds : ROOM_HOLD);
}
