
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "tests/fuzz/fuzz.h"


static size_t fuzz_utf8_char(const unsigned char *p, size_t left);


void
fuzz_broken(const char *promise, const char *file, int line)
{
    (void) fprintf(stderr, "%s:%d: not held: %s\n", file, line, promise);
    abort();
}


sc_str_t
fuzz_input(const uint8_t *data, size_t size)
{
    return (sc_str_t) { size, (const char *) data };
}


unsigned
fuzz_byte(sc_str_t *in)
{
    unsigned  byte;

    if (in->len == 0) {
        return 0;
    }

    byte = (unsigned char) in->data[0];
    in->data++;
    in->len--;

    return byte;
}


sc_str_t
fuzz_line(sc_str_t *in)
{
    sc_str_t     line;
    const char  *end;

    line = *in;
    end = in->len > 0 ? memchr(in->data, '\n', in->len) : NULL;

    if (end == NULL) {
        in->data += in->len;
        in->len = 0;
        return line;
    }

    line.len = (size_t) (end - line.data);
    in->data += line.len + 1;
    in->len -= line.len + 1;

    return line;
}


char *
fuzz_text(sc_str_t s)
{
    char  *text;

    text = malloc(s.len + 1);
    if (text == NULL) {
        abort();
    }

    if (s.len > 0) {
        (void) memcpy(text, s.data, s.len);
    }

    text[s.len] = '\0';

    return text;
}


int
fuzz_utf8(sc_str_t s)
{
    size_t                n;
    const unsigned char  *p = (const unsigned char *) s.data;

    while (s.len > 0) {
        n = fuzz_utf8_char(p, s.len);
        if (n == 0) {
            return 0;
        }

        p += n;
        s.len -= n;
    }

    return 1;
}


static size_t
fuzz_utf8_char(const unsigned char *p, size_t left)
{
    size_t    i, n;
    uint32_t  c;

    if (p[0] < 0x80) {
        return 1;
    }

    n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n > left) {
        return 0;
    }

    c = p[0] & (0x7fu >> n);

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        c = (c << 6) | (p[i] & 0x3fu);
    }

    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)
        || (n == 3 && c < 0x800) || (n == 4 && c < 0x10000))
    {
        return 0;
    }

    return n;
}


int
fuzz_is_json(sc_str_t s)
{
    json_t  *json;

    json = json_loadb(s.data, s.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_decref(json);

    return json != NULL;
}


sc_str_t
fuzz_view(const sc_buf_t *b)
{
    return (sc_str_t) { b->len, b->data };
}


int
fuzz_same(sc_str_t a, sc_str_t b)
{
    return a.len == b.len
           && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
