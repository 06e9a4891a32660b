
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "common/sc_core.h"
#include "sidecar/api/range.h"


static const char *range_number(const char *s, size_t *n);
static int range_suffix(const char *s, size_t size, size_t *first,
    size_t *len);


int
range_parse(const char *value, size_t size, size_t *first, size_t *len)
{
    size_t       last;
    const char  *s;

    if (strncasecmp(value, "bytes=", 6) != 0) {
        return SC_DECLINED;
    }

    s = value + 6;
    s += strspn(s, " \t");

    if (*s == '-') {
        return range_suffix(s + 1, size, first, len);
    }

    s = range_number(s, first);

    if (s == NULL || *s++ != '-') {
        return SC_DECLINED;
    }

    last = SIZE_MAX;

    if (*s >= '0' && *s <= '9') {
        s = range_number(s, &last);
    }

    if (s[strspn(s, " \t")] != '\0' || last < *first) {
        return SC_DECLINED;
    }

    if (*first >= size) {
        return SC_ERROR;
    }

    last = last < size ? last : size - 1;
    *len = last - *first + 1;

    return SC_OK;
}


/* What follows the digits, NULL when there are none; too many are many. */
static const char *
range_number(const char *s, size_t *n)
{
    if (*s < '0' || *s > '9') {
        return NULL;
    }

    for (*n = 0; *s >= '0' && *s <= '9'; s++) {
        *n = *n > (SIZE_MAX - 9) / 10 ? SIZE_MAX
                                      : *n * 10 + (size_t) (*s - '0');
    }

    return s;
}


static int
range_suffix(const char *s, size_t size, size_t *first, size_t *len)
{
    s = range_number(s, len);

    if (s == NULL || s[strspn(s, " \t")] != '\0') {
        return SC_DECLINED;
    }

    if (*len == 0 || size == 0) {
        return SC_ERROR;
    }

    *len = *len < size ? *len : size;
    *first = size - *len;

    return SC_OK;
}
