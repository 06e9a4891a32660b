
#include <string.h>

#include "common/sc_hash.h"
#include "sidecar/push/webhooks_internal.h"


/* what an attempt is thought to take at least */
#define WEBHOOK_LEAST  (2 * LOOP_MS)


static webhook_host_t *webhook_host(webhooks_t *w, const url_t *url);


void
webhook_host_took(webhooks_t *w, const url_t *url, int64_t took)
{
    webhook_host_t  *host;

    host = webhook_host(w, url);
    host->takes = host->takes != 0 ? (3 * host->takes + took) / 4 : took;
}


/*
 * The first of each look stay, for the host not to wait for them; each other
 * has a turn of its own, so that few are due before they can go.  Until the
 * host's pace is known turns would be much too early.
 */
int64_t
webhook_host_turn(webhooks_t *w, const url_t *url, int64_t busy)
{
    int64_t          now, each, latest;
    webhook_host_t  *host;

    host = webhook_host(w, url);

    if (host->look != w->looks) {
        host->look = w->looks;
        host->waiting = 0;
    }

    if (host->waiting++ < WEBHOOKS_PER_HOST
        || (host->takes == 0 && busy < WEBHOOKS_SLOW))
    {
        return 0;
    }

    now = loop_now(w->loop);
    latest = now + WEBHOOKS_PUT_OFF;
    each = host->takes > busy ? host->takes : busy;
    each = each > WEBHOOK_LEAST ? each : WEBHOOK_LEAST;

    host->turn = host->turn > now ? host->turn : now;
    host->turn += each / WEBHOOKS_PER_HOST;
    host->turn = host->turn < latest ? host->turn : latest;

    return host->turn - now;
}


/* Of two hosts in one place the later is known. */
static webhook_host_t *
webhook_host(webhooks_t *w, const url_t *url)
{
    uint64_t         hash;
    webhook_host_t  *host;

    hash = SC_FNV1A ^ (url->port << 1 | url->https);
    hash = sc_fnv1a(hash, url->host, strlen(url->host));
    hash ^= hash >> 32;
    host = &w->hosts[hash % WEBHOOKS_HOSTS];

    if (host->hash != hash) {
        host->hash = hash;
        host->takes = 0;
        host->turn = 0;
        host->look = 0;
    }

    return host;
}
