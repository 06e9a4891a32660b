
#include <limits.h>
#include <string.h>

#include "sidecar/hosts/host.h"


/* the newest latency is so much of the average: one part in 8 */
#define HOST_LATENCY_WEIGHT    8


static int64_t host_add(int64_t a, int64_t b);
static int64_t host_max(int64_t a, int64_t b);
static int64_t host_min(int64_t a, int64_t b);
static int64_t host_robots(const host_state_t *h);
static int64_t host_jittered(int64_t delay, int64_t jitter, uint64_t random);
static void host_leave(host_state_t *h, int64_t now);
static int host_says_nothing(const host_outcome_t *outcome);
static int host_failed(const host_outcome_t *outcome);
static void host_fail(host_state_t *h, int64_t now);
static void host_open(host_state_t *h, int64_t now);
static void host_close(host_state_t *h);
static void host_retry(host_state_t *h, const host_outcome_t *outcome,
    int64_t now);
static void host_measure(host_state_t *h, const host_outcome_t *outcome);


void
host_init(host_state_t *h, const host_limits_t *limits)
{
    memset(h, 0, sizeof(host_state_t));
    h->limits = *limits;
    h->robots_delay = -1;
}


int64_t
host_wait(const host_state_t *h, const host_wish_t *wish, int64_t now)
{
    int      concurrency;
    int64_t  until;

    concurrency = h->limits.concurrency;

    if (wish != NULL && wish->concurrency > 0
        && wish->concurrency < concurrency)
    {
        concurrency = wish->concurrency;
    }

    /* the one that tries is alone, so that what ends then is known */
    if (h->breaker != HOST_CLOSED) {
        concurrency = 1;
    }

    if (h->running > 0 && h->running >= concurrency) {
        return HOST_BUSY;
    }

    until = host_max(h->next, h->blocked_until);

    /* a Crawl-delay may have been learned since next was set */
    if (h->begun != 0 && h->robots_delay > 0) {
        until = host_max(until, host_add(h->begun, host_robots(h)));
    }

    if (h->breaker == HOST_OPEN) {
        until = host_max(until, h->open_until);
    }

    return until > now ? until - now : 0;
}


void
host_begin(host_state_t *h, const host_wish_t *wish, int64_t now,
    uint64_t random)
{
    int64_t  delay;

    delay = host_jittered(host_delay(h), h->limits.jitter, random);
    delay = host_max(delay, host_robots(h));

    if (wish != NULL) {
        delay = host_max(delay,
                         host_jittered(wish->delay, wish->jitter, random));
    }

    h->running++;
    h->begun = now;
    h->next = host_add(now, delay);

    if (h->breaker == HOST_OPEN) {
        h->breaker = HOST_HALF_OPEN;
    }
}


void
host_end(host_state_t *h, const host_outcome_t *outcome, int64_t now)
{
    if (host_says_nothing(outcome)) {
        host_cancel(h, now);
        return;
    }

    if (host_failed(outcome)) {
        host_fail(h, now);

    } else {
        h->failures = 0;

        if (h->breaker == HOST_HALF_OPEN) {
            host_close(h);
        }
    }

    host_leave(h, now);
    host_retry(h, outcome, now);
    host_measure(h, outcome);
}


void
host_cancel(host_state_t *h, int64_t now)
{
    host_leave(h, now);
}


void
host_block(host_state_t *h, int64_t until)
{
    h->blocked_until = until;
    h->ordered = until != 0;
}


int
host_is_special(const host_state_t *h, int64_t now)
{
    return host_kept_until(h) > now;
}


int64_t
host_kept_until(const host_state_t *h)
{
    int64_t  since;

    if (h->breaker == HOST_CLOSED && h->failures == 0
        && !(h->limits.automatic && h->auto_delay > h->limits.delay))
    {
        return h->blocked_until;
    }

    since = h->begun;

    if (h->breaker != HOST_CLOSED) {
        since = host_max(since, h->open_until);
    }

    return host_max(h->blocked_until, host_add(since, HOST_MEMORY));
}


int64_t
host_delay(const host_state_t *h)
{
    int64_t  delay;

    delay = host_max(h->limits.delay, host_robots(h));

    if (h->limits.automatic) {
        delay = host_max(delay, h->auto_delay);
    }

    return delay;
}


/* Neither is negative unless it means "none"; the end of time is the most. */
static int64_t
host_add(int64_t a, int64_t b)
{
    int64_t  sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}


static int64_t
host_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}


static int64_t
host_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}


static int64_t
host_robots(const host_state_t *h)
{
    return host_min(h->robots_delay, HOST_MAX_DELAY);
}


/* Each nanosecond of delay - jitter to delay + jitter has the same chance. */
static int64_t
host_jittered(int64_t delay, int64_t jitter, uint64_t random)
{
    uint64_t  span;

    if (jitter <= 0) {
        return delay;
    }

    delay = host_max(delay, 0);
    jitter = host_min(jitter, INT64_MAX / 4);
    span = 2 * (uint64_t) jitter + 1;

    return host_max(host_add(delay - jitter, (int64_t) (random % span)), 0);
}


/* A half-open breaker that nobody has opened or closed waits for another. */
static void
host_leave(host_state_t *h, int64_t now)
{
    if (h->running > 0) {
        h->running--;
    }

    if (h->breaker == HOST_HALF_OPEN) {
        h->breaker = HOST_OPEN;
        h->open_until = now;
    }
}


static int
host_says_nothing(const host_outcome_t *outcome)
{
    return outcome->error == FETCH_BLOCKED
           || outcome->error == FETCH_PROXY
           || outcome->error == FETCH_RESOURCES;
}


static int
host_failed(const host_outcome_t *outcome)
{
    switch (outcome->error) {

    case FETCH_DNS:
    case FETCH_CONNECT:
    case FETCH_TLS:
    case FETCH_TIMEOUT:
        return 1;

    default:
        break;
    }

    switch (outcome->status) {

    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        return 1;

    default:
        return 0;
    }
}


static void
host_fail(host_state_t *h, int64_t now)
{
    if (h->failures < INT_MAX) {
        h->failures++;
    }

    if (h->limits.failures == 0) {
        if (h->breaker == HOST_HALF_OPEN) {
            host_close(h);
        }

        return;
    }

    /* while it is open, those end that were begun before: they open nothing */
    if (h->breaker == HOST_HALF_OPEN
        || (h->breaker == HOST_CLOSED && h->failures >= h->limits.failures))
    {
        host_open(h, now);
    }
}


static void
host_open(host_state_t *h, int64_t now)
{
    int64_t  open;

    if (h->opened < HOST_MAX_OPENED) {
        h->opened++;
    }

    open = host_min(HOST_FIRST_OPEN << (h->opened - 1), HOST_LONGEST_OPEN);

    h->breaker = HOST_OPEN;
    h->open_until = host_add(now, open);
}


static void
host_close(host_state_t *h)
{
    h->breaker = HOST_CLOSED;
    h->open_until = 0;
    h->opened = 0;
    h->failures = 0;
}


static void
host_retry(host_state_t *h, const host_outcome_t *outcome, int64_t now)
{
    int64_t  until;

    if ((outcome->status != 429 && outcome->status != 503)
        || outcome->retry_after <= 0)
    {
        return;
    }

    until = host_add(now, host_min(outcome->retry_after, HOST_MAX_RETRY));

    if (until > h->blocked_until) {
        h->blocked_until = until;
        h->ordered = 0;
    }
}


static void
host_measure(host_state_t *h, const host_outcome_t *outcome)
{
    int64_t  old, delay;

    if (outcome->latency < 0) {
        return;
    }

    if (h->latency == 0) {
        h->latency = outcome->latency;

    } else {
        h->latency += (outcome->latency - h->latency) / HOST_LATENCY_WEIGHT;
    }

    if (!h->limits.automatic) {
        return;
    }

    old = host_max(h->auto_delay, h->limits.delay);
    delay = outcome->latency / host_max(h->limits.concurrency, 1);
    delay = host_min(old / 2 + delay / 2, HOST_MAX_DELAY);
    delay = host_max(delay, h->limits.delay);

    /* pages that say an error are made sooner than others */
    if (delay < old && (outcome->error != FETCH_OK
                        || outcome->status < 200 || outcome->status > 299))
    {
        delay = old;
    }

    h->auto_delay = delay;
}
