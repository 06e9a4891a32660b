
#include <string.h>

#include "sidecar/api/etag.h"


int
etag_matches(const char *value, sc_str_t tag)
{
    size_t  len;

    value += strspn(value, " \t,");

    if (value[0] == '*') {
        return value[1 + strspn(value + 1, " \t")] == '\0';
    }

    while (*value != '\0') {
        if (value[0] == 'W' && value[1] == '/') {
            value += 2;
        }

        if (*value != '"') {
            return 0;
        }

        len = strcspn(++value, "\"");

        if (value[len] == '\0') {
            return 0;
        }

        if (len == tag.len && memcmp(value, tag.data, len) == 0) {
            return 1;
        }

        value += len + 1;
        value += strspn(value, " \t,");
    }

    return 0;
}
