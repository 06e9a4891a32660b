
#include <string.h>

#include "sidecar/url/url_internal.h"


/* one bit a character, set for those that are percent-encoded */
static const uint32_t  url_escaped[] = {
    0xffffffff,     /* control characters */
    0x50000005,     /* space " < > */
    0x50000000,     /* \ ^ */
    0xb8000001,     /* ` { | } and delete */
    0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff
};


size_t
url_scheme(const char *s, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if ((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z')) {
            continue;
        }

        if (i == 0 || s[i] == '\0' || strchr("+-.0123456789", s[i]) == NULL) {
            return s[i] == ':' && i > 0 ? i + 1 : 0;
        }
    }

    return 0;
}


int
url_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_'
           || c == '~';
}


int
url_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = (char) (c | 0x20);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


int
url_escape(sc_buf_t *b, const char *s, size_t len)
{
    char           *p;
    size_t          i, n;
    unsigned char   c;

    n = len;

    for (i = 0; i < len; i++) {
        c = (unsigned char) s[i];
        n += url_escaped[c >> 5] >> (c & 31) & 1 ? 2 : 0;
    }

    p = sc_buf_reserve(b, n);
    if (p == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < len; i++) {
        c = (unsigned char) s[i];

        if (url_escaped[c >> 5] >> (c & 31) & 1) {
            *p++ = '%';
            *p++ = "0123456789ABCDEF"[c >> 4];
            *p++ = "0123456789ABCDEF"[c & 15];

        } else {
            *p++ = (char) c;
        }
    }

    b->len += n;

    return SC_OK;
}


size_t
url_remove_dots(char *path, size_t len)
{
    size_t  in, out, end, n;

    in = 0;
    out = 0;

    while (in < len) {
        for (end = in + 1; end < len && path[end] != '/'; end++) {
            /* void */
        }

        n = end - in;

        if ((n == 2 || n == 3) && memcmp(path + in, "/..", n) == 0) {

            /* ".." drops the last segment of what there is */
            while (n == 3 && out > 0 && path[--out] != '/') { /* void */ }

            if (end == len) {
                path[out++] = '/';
            }

        } else {
            memmove(path + out, path + in, n);
            out += n;
        }

        in = end;
    }

    return out;
}
