
#include "sidecar/fetch/rate.h"


#define RATE_SECOND    ((int64_t) 1000000000)


static void rate_fill(rate_t *rate, int64_t now);


void
rate_init(rate_t *rate, int64_t per_second, int64_t now)
{
    rate->per_second = per_second;
    rate->level = per_second;
    rate->at = now;
}


int64_t
rate_wait(rate_t *rate, int64_t now)
{
    if (rate->per_second == 0) {
        return 0;
    }

    rate_fill(rate, now);

    if (rate->level > 0) {
        return 0;
    }

    /* rounded up: who comes then finds a byte */
    return (1 - rate->level) * RATE_SECOND / rate->per_second + 1;
}


void
rate_take(rate_t *rate, int64_t bytes, int64_t now)
{
    if (rate->per_second == 0) {
        return;
    }

    rate_fill(rate, now);
    rate->level -= bytes;
}


int
rate_full(rate_t *rate, int64_t now)
{
    if (rate->per_second == 0) {
        return 1;
    }

    rate_fill(rate, now);

    return rate->level == rate->per_second;
}


static void
rate_fill(rate_t *rate, int64_t now)
{
    int64_t  passed, bytes;

    passed = now - rate->at;

    /* a second fills it from empty, and no product overflows */
    if (passed > RATE_SECOND) {
        bytes = rate->per_second * (passed / RATE_SECOND);
        rate->at += passed - passed % RATE_SECOND;
        passed %= RATE_SECOND;
        rate->level += bytes;
    }

    bytes = rate->per_second * passed / RATE_SECOND;

    if (bytes > 0) {
        rate->level += bytes;
        rate->at += bytes * RATE_SECOND / rate->per_second;
    }

    if (rate->level > rate->per_second) {
        rate->level = rate->per_second;
    }
}
