
#include <string.h>

#include "sidecar/core/field.h"


const char *
field_blank(const char *p)
{
    return p + strspn(p, " \t");
}


const char *
field_skip(const char *p)
{
    sc_str_t  skipped;

    while (*p != '\0' && *p != ',') {
        p = *p == '"' ? field_quoted(p, &skipped) : p + 1;
    }

    return p;
}


const char *
field_quoted(const char *p, sc_str_t *text)
{
    text->data = ++p;

    while (*p != '\0' && *p != '"') {
        p += (p[0] == '\\' && p[1] != '\0') ? 2 : 1;
    }

    text->len = (size_t) (p - text->data);

    return *p == '"' ? p + 1 : p;
}


int64_t
field_seconds(sc_str_t text, int64_t most)
{
    size_t   i;
    int64_t  n;

    if (text.len == 0) {
        return -1;
    }

    n = 0;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return -1;
        }

        n = n * 10 + text.data[i] - '0';

        if (n > most) {
            n = most;
        }
    }

    return n;
}
