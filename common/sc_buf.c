
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_buf.h"


#define SC_BUF_MIN_CAP  64
#define SC_BUF_DIGITS   20


static int sc_buf_grow(sc_buf_t *b, size_t need);


void
sc_buf_init(sc_buf_t *b, size_t max)
{
    b->data = NULL;
    b->len = 0;
    b->cap = 0;
    b->max = (max == 0 || max > SIZE_MAX / 2) ? SIZE_MAX / 2 : max;
    b->failed = 0;
}


void
sc_buf_free(sc_buf_t *b)
{
    free(b->data);
    sc_buf_init(b, b->max);
}


void
sc_buf_reset(sc_buf_t *b)
{
    b->len = 0;
    b->failed = 0;

    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}


char *
sc_buf_reserve(sc_buf_t *b, size_t n)
{
    if (b->failed) {
        return NULL;
    }

    /* the room for the NUL is not counted in max */
    if (n > b->max - b->len) {
        b->failed = 1;
        return NULL;
    }

    if (b->len + n >= b->cap && sc_buf_grow(b, b->len + n + 1) != SC_OK) {
        b->failed = SC_BUF_MEMORY;
        return NULL;
    }

    /* the caller's n bytes end in a NUL once they are written */
    b->data[b->len + n] = '\0';

    return b->data + b->len;
}


int
sc_buf_add(sc_buf_t *b, const void *data, size_t len)
{
    char  *p;

    p = sc_buf_reserve(b, len);
    if (p == NULL) {
        return SC_ERROR;
    }

    if (len != 0) {
        memcpy(p, data, len);
        b->len += len;
    }

    return SC_OK;
}


int
sc_buf_add_str(sc_buf_t *b, sc_str_t s)
{
    return sc_buf_add(b, s.data, s.len);
}


int
sc_buf_add_cstr(sc_buf_t *b, const char *s)
{
    return sc_buf_add(b, s, strlen(s));
}


int
sc_buf_add_int(sc_buf_t *b, int64_t n)
{
    char      text[SC_BUF_DIGITS], *p;
    uint64_t  rest;

    p = text + sizeof(text);
    rest = n < 0 ? 0 - (uint64_t) n : (uint64_t) n;

    do {
        *--p = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);

    if (n < 0) {
        *--p = '-';
    }

    return sc_buf_add(b, p, (size_t) (text + sizeof(text) - p));
}


/* Most texts fit; of one that does not, or is refused, nothing stays. */

int
sc_buf_printf(sc_buf_t *b, const char *fmt, ...)
{
    int       n;
    char     *p;
    size_t    room;
    va_list   args;

    room = b->failed ? 0 : b->cap - b->len;
    p = room != 0 ? b->data + b->len : NULL;

    va_start(args, fmt);
    n = vsnprintf(p, room, fmt, args);
    va_end(args);

    if (n >= 0 && (size_t) n < room && (size_t) n <= b->max - b->len) {
        b->len += (size_t) n;
        return SC_OK;
    }

    if (room != 0) {
        *p = '\0';
    }

    if (n < 0) {
        b->failed = 1;
        return SC_ERROR;
    }

    p = sc_buf_reserve(b, (size_t) n);
    if (p == NULL) {
        return SC_ERROR;
    }

    va_start(args, fmt);
    vsnprintf(p, (size_t) n + 1, fmt, args);
    va_end(args);

    b->len += (size_t) n;

    return SC_OK;
}


void
sc_buf_consume(sc_buf_t *b, size_t n)
{
    /* data may still be NULL */
    if (n == 0) {
        return;
    }

    b->len -= n;
    memmove(b->data, b->data + n, b->len);
    b->data[b->len] = '\0';
}


/*
 * Doubling keeps a long series of small appends linear; the bound is not
 * doubled past, so that a small bound costs little memory.
 */

static int
sc_buf_grow(sc_buf_t *b, size_t need)
{
    char    *data;
    size_t   cap;

    cap = (b->cap > b->max / 2) ? b->max + 1 : b->cap * 2;

    if (cap < SC_BUF_MIN_CAP) {
        cap = SC_BUF_MIN_CAP;
    }

    if (cap < need) {
        cap = need;
    }

    data = realloc(b->data, cap);
    if (data == NULL) {
        return SC_ERROR;
    }

    b->data = data;
    b->cap = cap;

    return SC_OK;
}
