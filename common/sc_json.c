
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"


#define SC_JSON_MAX_INTEGER  9007199254740992.0    /* 2^53 */
#define SC_JSON_NUMBER_SIZE  40


static void sc_json_escape(sc_buf_t *b, unsigned char c);
static void sc_json_shortest(char *out, size_t size, double n);
static void sc_json_point(char *s);


/* bytes that stand for themselves inside a string */

static const unsigned char  sc_json_plain[256] = {
    [0x20] = 1, [0x21] = 1, [0x23 ... 0x5b] = 1, [0x5d ... 0x7f] = 1
};


int
sc_json_string(sc_buf_t *b, const char *s, size_t len)
{
    size_t                n;
    const unsigned char  *p, *run, *last;

    /* an empty buffer has no bytes */
    p = (const unsigned char *) (len != 0 ? s : "");
    last = p + len;

    sc_buf_add(b, "\"", 1);

    while (p < last) {
        run = p;

        while (p < last) {
            n = sc_json_plain[*p] ? 1 : sc_json_utf8(p, (size_t) (last - p));
            if (n == 0) {
                break;
            }

            p += n;
        }

        sc_buf_add(b, run, (size_t) (p - run));

        if (p < last) {
            sc_json_escape(b, *p++);
        }
    }

    return sc_buf_add(b, "\"", 1);
}


int
sc_json_cstr(sc_buf_t *b, const char *s)
{
    if (s == NULL) {
        return sc_buf_add_cstr(b, "null");
    }

    return sc_json_string(b, s, strlen(s));
}


int
sc_json_number(sc_buf_t *b, double n)
{
    char  text[SC_JSON_NUMBER_SIZE];

    if (!isfinite(n)) {
        return sc_buf_add_cstr(b, "null");
    }

    if (n >= -SC_JSON_MAX_INTEGER && n <= SC_JSON_MAX_INTEGER
        && n == (double) (long long) n)
    {
        return sc_buf_printf(b, "%lld", (long long) n);
    }

    sc_json_shortest(text, sizeof(text), n);

    return sc_buf_add_cstr(b, text);
}


/*
 * The second byte's range excludes overlong forms, surrogates and what is
 * above U+10FFFF.
 */

size_t
sc_json_utf8(const unsigned char *p, size_t len)
{
    size_t         i, n;
    unsigned char  lo, hi;

    n = (p[0] >= 0xf0) ? 4 : (p[0] >= 0xe0) ? 3 : 2;

    if (p[0] < 0xc2 || p[0] > 0xf4 || len < n) {
        return 0;
    }

    lo = (p[0] == 0xe0) ? 0xa0 : (p[0] == 0xf0) ? 0x90 : 0x80;
    hi = (p[0] == 0xed) ? 0x9f : (p[0] == 0xf4) ? 0x8f : 0xbf;

    if (p[1] < lo || p[1] > hi) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) {
            return 0;
        }
    }

    return n;
}


int
sc_json_is_utf8(sc_str_t s)
{
    size_t                i, n;
    const unsigned char  *p;

    for (i = 0; i < s.len; i += n) {
        p = (const unsigned char *) s.data + i;
        n = (*p < 0x80) ? 1 : sc_json_utf8(p, s.len - i);

        if (n == 0) {
            return 0;
        }
    }

    return 1;
}


/* A byte that cannot stand for itself: escaped, or U+FFFD instead of it. */

static void
sc_json_escape(sc_buf_t *b, unsigned char c)
{
    const char         *p;
    static const char   from[] = "\"\\\b\f\n\r\t";
    static const char   to[] = "\"\\bfnrt";

    if (c >= 0x80) {
        sc_buf_add_cstr(b, "\xef\xbf\xbd");
        return;
    }

    p = memchr(from, c, sizeof(from) - 1);

    if (p != NULL) {
        sc_buf_printf(b, "\\%c", to[p - from]);

    } else {
        sc_buf_printf(b, "\\u%04x", c);
    }
}


/*
 * Fifteen digits are always kept by a normal double, so that its shortest
 * form, if it has fewer, is found at once; a subnormal keeps less.
 */

static void
sc_json_shortest(char *out, size_t size, double n)
{
    int  digits;

    digits = (fpclassify(n) == FP_SUBNORMAL) ? 1 : 15;

    do {
        snprintf(out, size, "%.*g", digits, n);
    } while (strtod(out, NULL) != n && ++digits <= 17);

    sc_json_point(out);
}


/* The locale's decimal point, one byte or more, becomes JSON's. */

static void
sc_json_point(char *s)
{
    char        *p;
    size_t       n;
    const char  *point;

    point = localeconv()->decimal_point;
    p = strstr(s, point);

    if (p != NULL && *point != '\0') {
        n = strlen(point);
        *p = '.';
        memmove(p + 1, p + n, strlen(p + n) + 1);
    }
}
