
#include <string.h>

#include "common/sc_frame.h"


#define SC_FRAME_MAX_DIGITS  20


static int sc_frame_word(const char **pos, const char *last,
    sc_frame_type_t *type);
static int sc_frame_number(const char **pos, const char *last, uint64_t max,
    uint64_t *n);
static int sc_frame_byte(const char **pos, const char *last, char c);
static char *sc_frame_digits(char *p, uint64_t n);
static int sc_frame_field_name(unsigned char c);
static int sc_frame_field_text(unsigned char c);


static const sc_str_t  sc_frame_words[SC_FRAME_TYPES] = {
    [SC_FRAME_HELLO] = sc_string("hello"),
    [SC_FRAME_RULES] = sc_string("rules"),
    [SC_FRAME_OPEN] = sc_string("open"),
    [SC_FRAME_BODY] = sc_string("body"),
    [SC_FRAME_LAST] = sc_string("last"),
    [SC_FRAME_CREDIT] = sc_string("credit"),
    [SC_FRAME_CANCEL] = sc_string("cancel"),
    [SC_FRAME_HEAD] = sc_string("head"),
    [SC_FRAME_DATA] = sc_string("data"),
    [SC_FRAME_END] = sc_string("end"),
    [SC_FRAME_ERROR] = sc_string("error")
};


/* the largest ID, ARG and LEN */

static const uint64_t  sc_frame_max[] = {
    INT64_MAX, INT64_MAX, SC_FRAME_MAX_PAYLOAD
};


/*
 * The header is read anew with every part that arrives: it is short, seldom
 * comes in parts, and so needs no state between calls.  SC_FRAME_MAX_HEADER
 * needs no test of its own, since every part of the header has its limit.
 */

int
sc_frame_parse(const char *data, size_t len, sc_frame_t *f, size_t *used)
{
    int              rc;
    size_t           i;
    uint64_t         n[3];
    const char      *p, *last;
    sc_frame_type_t  type;

    if (len == 0) {
        return SC_AGAIN;
    }

    p = data;
    last = data + len;

    rc = sc_frame_word(&p, last, &type);

    for (i = 0; rc == SC_OK && i < 3; i++) {
        rc = sc_frame_byte(&p, last, ' ');

        if (rc == SC_OK) {
            rc = sc_frame_number(&p, last, sc_frame_max[i], &n[i]);
        }
    }

    if (rc == SC_OK) {
        rc = sc_frame_byte(&p, last, '\r');
    }

    if (rc == SC_OK) {
        rc = sc_frame_byte(&p, last, '\n');
    }

    if (rc != SC_OK) {
        return rc;
    }

    f->type = type;
    f->id = n[0];
    f->arg = n[1];
    f->len = (size_t) n[2];
    *used = (size_t) (p - data);

    return SC_OK;
}


/* Written by hand: it runs for every 16 KB of every reply. */

size_t
sc_frame_header(char *out, const sc_frame_t *f)
{
    char      *p;
    sc_str_t   word;

    word = sc_frame_words[f->type];

    memcpy(out, word.data, word.len);
    p = out + word.len;

    *p++ = ' ';
    p = sc_frame_digits(p, f->id);
    *p++ = ' ';
    p = sc_frame_digits(p, f->arg);
    *p++ = ' ';
    p = sc_frame_digits(p, f->len);
    *p++ = '\r';
    *p++ = '\n';

    return (size_t) (p - out);
}


int
sc_frame_add(sc_buf_t *b, sc_frame_type_t type, uint64_t id, uint64_t arg,
    const char *payload, size_t len)
{
    char        header[SC_FRAME_MAX_HEADER];
    char       *p;
    size_t      n;
    sc_frame_t  f;

    if (len > SC_FRAME_MAX_PAYLOAD) {
        b->failed = 1;
        return SC_ERROR;
    }

    f.type = type;
    f.id = id;
    f.arg = arg;
    f.len = len;

    n = sc_frame_header(header, &f);

    /* one reservation, so that a header never stands without its payload */
    p = sc_buf_reserve(b, n + len);
    if (p == NULL) {
        return SC_ERROR;
    }

    memcpy(p, header, n);

    if (len != 0) {
        memcpy(p + n, payload, len);
    }

    b->len += n + len;

    return SC_OK;
}


const char *
sc_frame_name(sc_frame_type_t type)
{
    if ((unsigned) type >= SC_FRAME_TYPES) {
        return "unknown";
    }

    return sc_frame_words[type].data;
}


int
sc_frame_field(sc_str_t *rest, sc_str_t *name, sc_str_t *value)
{
    const char  *p, *start, *last;

    if (rest->len == 0) {
        return SC_DECLINED;
    }

    start = rest->data;
    last = start + rest->len;

    for (p = start; p < last && sc_frame_field_name(*p); p++) {
        /* void */
    }

    if (p == start || last - p < 2 || p[0] != ':' || p[1] != ' ') {
        return SC_ERROR;
    }

    name->data = start;
    name->len = (size_t) (p - start);

    start = p + 2;

    for (p = start; p < last && sc_frame_field_text(*p); p++) {
        /* void */
    }

    if (last - p < 2 || p[0] != '\r' || p[1] != '\n') {
        return SC_ERROR;
    }

    value->data = start;
    value->len = (size_t) (p - start);

    rest->data = p + 2;
    rest->len = (size_t) (last - rest->data);

    return SC_OK;
}


/* Every byte that has arrived must agree with one of the words. */

static int
sc_frame_word(const char **pos, const char *last, sc_frame_type_t *type)
{
    int          i;
    size_t       n, have;
    const char  *word;

    have = (size_t) (last - *pos);

    for (i = 0; i < SC_FRAME_TYPES; i++) {
        word = sc_frame_words[i].data;
        n = sc_frame_words[i].len;

        if (memcmp(*pos, word, have < n ? have : n) != 0) {
            continue;
        }

        if (have < n) {
            return SC_AGAIN;
        }

        *type = (sc_frame_type_t) i;
        *pos += n;

        return SC_OK;
    }

    return SC_ERROR;
}


/* Stops at the first byte that is not a digit, or says that none is left. */

static int
sc_frame_number(const char **pos, const char *last, uint64_t max, uint64_t *n)
{
    uint64_t     v, digit;
    const char  *p;

    v = 0;

    for (p = *pos; p < last && *p >= '0' && *p <= '9'; p++) {
        digit = (uint64_t) (*p - '0');

        /* a leading zero, or more than max */
        if ((p != *pos && **pos == '0') || v > (max - digit) / 10) {
            return SC_ERROR;
        }

        v = v * 10 + digit;
    }

    if (p == last) {
        return SC_AGAIN;
    }

    if (p == *pos) {
        return SC_ERROR;
    }

    *pos = p;
    *n = v;

    return SC_OK;
}


static int
sc_frame_byte(const char **pos, const char *last, char c)
{
    if (*pos == last) {
        return SC_AGAIN;
    }

    if (**pos != c) {
        return SC_ERROR;
    }

    (*pos)++;

    return SC_OK;
}


static char *
sc_frame_digits(char *p, uint64_t n)
{
    char   digits[SC_FRAME_MAX_DIGITS];
    char  *d;

    d = digits + sizeof(digits);

    do {
        *--d = (char) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    memcpy(p, d, (size_t) (digits + sizeof(digits) - d));

    return p + (digits + sizeof(digits) - d);
}


/* RFC 9110, token */

static int
sc_frame_field_name(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9'))
    {
        return 1;
    }

    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}


/* bytes above ASCII are text: RFC 9110 calls them obs-text */

static int
sc_frame_field_text(unsigned char c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7f);
}
