
#include <string.h>

#include "sidecar/fetch/http_date.h"
#include "sidecar/hosts/host.h"


static int64_t host_retry_seconds(const char *s, size_t len);
static int64_t host_retry_scale(int64_t n, int64_t unit);


int64_t
host_retry_after(const char *value, int64_t now_ms)
{
    size_t   len;
    int64_t  date;

    if (value == NULL) {
        return -1;
    }

    value += strspn(value, " \t");
    len = strlen(value);

    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
        len--;
    }

    if (len > 0 && strspn(value, "0123456789") == len) {
        return host_retry_seconds(value, len);
    }

    if (http_date_parse(value, now_ms, &date) != SC_OK) {
        return -1;
    }

    return date > now_ms ? host_retry_scale(date - now_ms, LOOP_MS) : 0;
}


static int64_t
host_retry_seconds(const char *s, size_t len)
{
    size_t   i;
    int64_t  n;

    n = 0;

    for (i = 0; i < len; i++) {
        n = host_retry_scale(n, 10);

        if (__builtin_add_overflow(n, s[i] - '0', &n)) {
            return INT64_MAX;
        }
    }

    return host_retry_scale(n, LOOP_SEC);
}


static int64_t
host_retry_scale(int64_t n, int64_t unit)
{
    int64_t  product;

    return __builtin_mul_overflow(n, unit, &product) ? INT64_MAX : product;
}
