
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "common/sc_peek.h"


#define PEEK_KEY        16          /* bytes of a name that are compared */
#define PEEK_BOM        "\xef\xbb\xbf"


/* Where the glance is, and what it found. */
typedef struct {
    const char  *p;
    const char  *end;
    char        *out;
    size_t      *len;
    unsigned     defaults:1;        /* a member of this name was passed */
} peek_t;


static int peek_value(peek_t *s);
static int peek_object(peek_t *s, int inner);
static int peek_member(peek_t *s, int inner);
static int peek_list(peek_t *s);
static int peek_is(const char *key, size_t len, const char *name);
static void peek_blank(peek_t *s);
static int peek_string(peek_t *s, char *out, size_t size, size_t *len);
static size_t peek_escape(peek_t *s, char *out);
static unsigned peek_unit(peek_t *s);
static size_t peek_utf8(char *out, unsigned long c);
static int peek_hex(char c);
static void peek_skip(peek_t *s);
static sc_str_t peek_authority(sc_str_t url);
static size_t peek_decode(sc_str_t text, char *out);
static size_t peek_v6(char *out, size_t len);
static size_t peek_v4(char *out, size_t len);


int
sc_peek_url(sc_str_t text, char *out, size_t *len)
{
    peek_t  s;

    memset(&s, 0, sizeof(peek_t));
    s.p = text.data;
    s.end = text.data + text.len;
    s.out = out;
    s.len = len;

    if (text.len >= sizeof(PEEK_BOM) - 1
        && memcmp(s.p, PEEK_BOM, sizeof(PEEK_BOM) - 1) == 0)
    {
        s.p += sizeof(PEEK_BOM) - 1;
    }

    if (peek_value(&s) == SC_OK) {
        return SC_OK;
    }

    /* what goes for all lines may stand before them */
    return s.defaults ? peek_value(&s) : SC_DECLINED;
}


static int
peek_value(peek_t *s)
{
    peek_blank(s);

    if (s->p == s->end) {
        return SC_DECLINED;
    }

    if (*s->p == '"') {
        return peek_string(s, s->out, SC_PEEK_URL, s->len);
    }

    return *s->p == '{' ? peek_object(s, 0) : SC_DECLINED;
}


/* SC_DECLINED: there is none in it, and p is behind it. */
static int
peek_object(peek_t *s, int inner)
{
    int  rc;

    s->p++;

    for ( ;; ) {
        peek_blank(s);

        if (s->p == s->end) {
            return SC_DECLINED;
        }

        if (*s->p == '}') {
            s->p++;
            return SC_DECLINED;
        }

        if (*s->p == ',') {
            s->p++;
            continue;
        }

        rc = peek_member(s, inner);

        if (rc != SC_AGAIN) {
            return rc;
        }
    }
}


/* SC_AGAIN: it is another one. */
static int
peek_member(peek_t *s, int inner)
{
    char    key[PEEK_KEY];
    size_t  len;

    if (*s->p != '"' || peek_string(s, key, PEEK_KEY, &len) != SC_OK) {
        s->p = s->end;
        return SC_DECLINED;
    }

    peek_blank(s);

    if (s->p == s->end || *s->p != ':') {
        s->p = s->end;
        return SC_DECLINED;
    }

    s->p++;
    peek_blank(s);

    if (s->p < s->end && *s->p == '"' && peek_is(key, len, "url")) {
        return peek_string(s, s->out, SC_PEEK_URL, s->len);
    }

    if (s->p < s->end && *s->p == '[' && !inner
        && (peek_is(key, len, "urls") || peek_is(key, len, "requests")))
    {
        return peek_list(s);
    }

    s->defaults |= !inner && peek_is(key, len, "defaults");
    peek_skip(s);

    return SC_AGAIN;
}


static int
peek_list(peek_t *s)
{
    s->p++;
    peek_blank(s);

    if (s->p < s->end && *s->p == '"') {
        return peek_string(s, s->out, SC_PEEK_URL, s->len);
    }

    if (s->p < s->end && *s->p == '{') {
        return peek_object(s, 1);
    }

    return SC_DECLINED;
}


static int
peek_is(const char *key, size_t len, const char *name)
{
    return len == strlen(name) && memcmp(key, name, len) == 0;
}


static void
peek_blank(peek_t *s)
{
    while (s->p < s->end
           && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r'
               || *s->p == '\n'))
    {
        s->p++;
    }
}


/* What has no room is passed over; one without its end is none. */
static int
peek_string(peek_t *s, char *out, size_t size, size_t *len)
{
    char    c[4];
    size_t  n;

    *len = 0;

    for (s->p++; s->p < s->end; /* void */) {
        if (*s->p == '"') {
            s->p++;
            return SC_OK;
        }

        n = 1;
        c[0] = *s->p++;

        if (c[0] == '\\') {
            n = peek_escape(s, c);
        }

        if (n > size - *len) {
            size = *len;
            continue;
        }

        memcpy(out + *len, c, n);
        *len += n;
    }

    return SC_DECLINED;
}


static size_t
peek_escape(peek_t *s, char *out)
{
    unsigned long  c, low;
    const char    *at;

    static const char  from[] = "bfnrt", to[] = "\b\f\n\r\t";

    if (s->p == s->end) {
        return 0;
    }

    if (*s->p != 'u') {
        at = memchr(from, *s->p, sizeof(from) - 1);
        out[0] = at != NULL ? to[at - from] : *s->p;
        s->p++;
        return 1;
    }

    s->p++;
    c = peek_unit(s);

    if (c >= 0xd800 && c < 0xdc00 && s->end - s->p >= 6
        && s->p[0] == '\\' && s->p[1] == 'u')
    {
        s->p += 2;
        low = peek_unit(s);
        c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
    }

    return peek_utf8(out, c);
}


/* Four hex digits; a digit that is none is 0, for what is wrong anyway. */
static unsigned
peek_unit(peek_t *s)
{
    int       digit;
    unsigned  i, c;

    c = 0;

    for (i = 0; i < 4 && s->p < s->end && *s->p != '"'; i++) {
        digit = peek_hex(*s->p++);
        c = c << 4 | (digit >= 0 ? (unsigned) digit : 0);
    }

    return c;
}


static size_t
peek_utf8(char *out, unsigned long c)
{
    if (c < 0x80) {
        out[0] = (char) c;
        return 1;
    }

    if (c < 0x800) {
        out[0] = (char) (0xc0 | c >> 6);
        out[1] = (char) (0x80 | (c & 0x3f));
        return 2;
    }

    if (c < 0x10000) {
        out[0] = (char) (0xe0 | c >> 12);
        out[1] = (char) (0x80 | (c >> 6 & 0x3f));
        out[2] = (char) (0x80 | (c & 0x3f));
        return 3;
    }

    out[0] = (char) (0xf0 | c >> 18);
    out[1] = (char) (0x80 | (c >> 12 & 0x3f));
    out[2] = (char) (0x80 | (c >> 6 & 0x3f));
    out[3] = (char) (0x80 | (c & 0x3f));

    return 4;
}


static int
peek_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c = (char) (c | 0x20);

    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* A value of any depth: brackets are counted, strings passed over. */
static void
peek_skip(peek_t *s)
{
    char    none;
    size_t  len, depth;

    depth = 0;

    while (s->p < s->end) {
        switch (*s->p) {

        case '"':
            (void) peek_string(s, &none, 0, &len);
            continue;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            if (depth == 0) {
                return;
            }

            depth--;
            break;

        case ',':
            if (depth == 0) {
                return;
            }

            break;

        default:
            break;
        }

        s->p++;
    }
}


size_t
sc_peek_host(sc_str_t url, char *out)
{
    size_t       i, len;
    sc_str_t     host;
    const char  *end;

    host = peek_authority(url);

    if (host.len > 0 && host.data[0] == '[') {
        end = memchr(host.data, ']', host.len);
        host.data++;
        host.len = end != NULL ? (size_t) (end - host.data) : 0;
        len = peek_v6(out, peek_decode(host, out));

    } else {
        end = host.len > 0 ? memchr(host.data, ':', host.len) : NULL;
        host.len = end != NULL ? (size_t) (end - host.data) : host.len;
        len = peek_decode(host, out);

        if (len > 0 && out[len - 1] == '.') {
            len--;
        }
    }

    for (i = 0; i < len; i++) {
        if ((unsigned char) out[i] <= ' ' || out[i] == 0x7f) {
            len = 0;

        } else if (out[i] >= 'A' && out[i] <= 'Z') {
            out[i] = (char) (out[i] | 0x20);
        }
    }

    out[len] = '\0';

    return peek_v4(out, len);
}


static sc_str_t
peek_authority(sc_str_t url)
{
    size_t       i;
    sc_str_t     host = url;
    const char  *at;

    if (url.len == 0) {
        return host;
    }

    at = memmem(url.data, url.len, "://", 3);

    if (at != NULL) {
        host.data = at + 3;
        host.len = url.len - (size_t) (host.data - url.data);
    }

    for (i = 0; i < host.len; i++) {
        if (memchr("/?#\\", host.data[i], 4) != NULL) {
            break;
        }
    }

    host.len = i;
    at = memrchr(host.data, '@', host.len);

    if (at != NULL) {
        host.len -= (size_t) (at + 1 - host.data);
        host.data = at + 1;
    }

    return host;
}


/* 0 when it is too long. */
static size_t
peek_decode(sc_str_t text, char *out)
{
    int     high, low;
    size_t  i, len;

    len = 0;

    for (i = 0; i < text.len; i++) {
        if (len == SC_PEEK_HOST - 1) {
            return 0;
        }

        out[len] = text.data[i];

        if (text.data[i] == '%' && text.len - i > 2) {
            high = peek_hex(text.data[i + 1]);
            low = peek_hex(text.data[i + 2]);

            if (high >= 0 && low >= 0) {
                out[len] = (char) (high << 4 | low);
                i += 2;
            }
        }

        len++;
    }

    return len;
}


static size_t
peek_v6(char *out, size_t len)
{
    struct in6_addr  addr;

    out[len] = '\0';

    if (inet_pton(AF_INET6, out, &addr) != 1
        || inet_ntop(AF_INET6, &addr, out, SC_PEEK_HOST) == NULL)
    {
        return 0;
    }

    return strlen(out);
}


/* An address in another notation is that address. */
static size_t
peek_v4(char *out, size_t len)
{
    struct in_addr  addr;

    if (len > 0 && inet_aton(out, &addr) == 1
        && inet_ntop(AF_INET, &addr, out, SC_PEEK_HOST) != NULL)
    {
        return strlen(out);
    }

    return len;
}
