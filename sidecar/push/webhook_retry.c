
#include <stdlib.h>
#include <sys/random.h>

#include "sidecar/fetch/http_date.h"
#include "sidecar/push/webhooks_internal.h"


static int64_t webhook_asked(const char *value, int64_t now);


int
webhook_lasting(const fetch_result_t *result)
{
    int  status = result->status;

    if (result->error != FETCH_OK) {
        return result->error == FETCH_BLOCKED;
    }

    return status >= 300 && status < 500 && status != 408 && status != 425
           && status != 429;
}


int64_t
webhooks_retry(int tries)
{
    static const int64_t  seconds[] = { 5, 60, 300, 900, 3600, 21600, 86400 };

    if (tries < 1 || (size_t) tries > sizeof(seconds) / sizeof(seconds[0])) {
        return -1;
    }

    return seconds[tries - 1] * 1000;
}


int64_t
webhook_delay(int tries, const char *retry_after, int64_t now)
{
    int64_t   delay, asked;
    uint32_t  random;

    delay = webhooks_retry(tries);
    if (delay < 0) {
        return -1;
    }

    if (getrandom(&random, sizeof(random), GRND_NONBLOCK)
        != (ssize_t) sizeof(random))
    {
        random = 0;
    }

    delay += (int64_t) (random % 2001) * delay / 10000 - delay / 10;
    asked = webhook_asked(retry_after, now);

    return asked > delay ? asked : delay;
}


/* Milliseconds of a Retry-After (RFC 9110 10.2.3), 0 for what is none. */
static int64_t
webhook_asked(const char *value, int64_t now)
{
    char     *end;
    int64_t   ms;

    ms = 0;

    if (value == NULL || value[0] == '\0') {
        return 0;
    }

    if (value[0] >= '0' && value[0] <= '9') {
        ms = strtoll(value, &end, 10);
        ms = *end != '\0' ? 0
             : ms > WEBHOOKS_LONGEST / 1000 ? WEBHOOKS_LONGEST : ms * 1000;

    } else if (http_date_parse(value, now, &ms) == SC_OK) {
        ms -= now;
    }

    return ms > WEBHOOKS_LONGEST ? WEBHOOKS_LONGEST : ms;
}
