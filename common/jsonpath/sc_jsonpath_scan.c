
#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/jsonpath/sc_jsonpath_internal.h"


#define SC_JSONPATH_SHOWN  40      /* bytes of a value in a message */

#define sc_jsonpath_is_continuation(c)  (((unsigned char) (c) & 0xc0) == 0x80)
#define sc_jsonpath_is_digit(c)         ((c) >= '0' && (c) <= '9')


struct sc_jsonpath_block_s {
    sc_jsonpath_block_t  *next;
    max_align_t           data[];
};


static size_t sc_jsonpath_utf8_len(const char *p, const char *last);
static int sc_jsonpath_escape(sc_jsonpath_parser_t *parser, char quote,
    char **out);
static int sc_jsonpath_unicode(sc_jsonpath_parser_t *parser, uint32_t *code);
static int sc_jsonpath_hex4(sc_jsonpath_parser_t *parser, uint32_t *code);
static char *sc_jsonpath_put_utf8(char *out, uint32_t code);


void *
sc_jsonpath_alloc(sc_jsonpath_parser_t *parser, size_t size)
{
    sc_jsonpath_block_t  *block;

    block = calloc(1, sizeof(sc_jsonpath_block_t) + size);

    if (block == NULL) {
        (void) sc_jsonpath_fail(parser, NULL, "out of memory");
        return NULL;
    }

    block->next = parser->path->blocks;
    parser->path->blocks = block;

    return block->data;
}


void
sc_jsonpath_free_blocks(sc_jsonpath_t *path)
{
    sc_jsonpath_block_t  *block, *next;

    for (block = path->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }

    path->blocks = NULL;
}


int
sc_jsonpath_fail(sc_jsonpath_parser_t *parser, const char *at,
    const char *fmt, ...)
{
    va_list      args;
    const char  *p;

    va_start(args, fmt);
    (void) vsnprintf(parser->err->message, sizeof(parser->err->message), fmt,
                     args);
    va_end(args);

    parser->err->column = 0;

    if (at == NULL) {
        return SC_ERROR;
    }

    parser->err->column = 1;

    for (p = parser->start; p < at; p++) {
        parser->err->column += !sc_jsonpath_is_continuation(*p);
    }

    return SC_ERROR;
}


int
sc_jsonpath_expected(sc_jsonpath_parser_t *parser, const char *what)
{
    size_t       n;
    const char  *p;

    p = parser->p;

    if (p == parser->last) {
        return sc_jsonpath_fail(parser, p, "expected %s, got the end", what);
    }

    if ((unsigned char) *p < 0x20 || *p == 0x7f) {
        return sc_jsonpath_fail(parser, p, "expected %s, got \"\\u%04x\"",
                                what, (unsigned) *p);
    }

    n = sc_jsonpath_name_len(parser);

    return sc_jsonpath_fail(parser, p, "expected %s, got \"%.*s\"", what,
                            sc_jsonpath_shown(p, n > 0 ? n : 1), p);
}


int
sc_jsonpath_shown(const char *text, size_t len)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < len && i <= SC_JSONPATH_SHOWN; i++) {
        if (!sc_jsonpath_is_continuation(text[i])) {
            n = i;
        }

        if ((unsigned char) text[i] < 0x20) {
            return (int) i;
        }
    }

    return (int) (i == len ? len : n);
}


char
sc_jsonpath_peek(const sc_jsonpath_parser_t *parser)
{
    return (parser->p < parser->last) ? *parser->p : '\0';
}


int
sc_jsonpath_skip(sc_jsonpath_parser_t *parser, const char *text)
{
    size_t  n;

    n = strlen(text);

    if ((size_t) (parser->last - parser->p) < n
        || memcmp(parser->p, text, n) != 0)
    {
        return 0;
    }

    parser->p += n;

    return 1;
}


void
sc_jsonpath_blanks(sc_jsonpath_parser_t *parser)
{
    while (parser->p < parser->last
           && (*parser->p == ' ' || *parser->p == '\t'
               || *parser->p == '\n' || *parser->p == '\r'))
    {
        parser->p++;
    }
}


int
sc_jsonpath_enter(sc_jsonpath_parser_t *parser)
{
    if (parser->depth == SC_JSONPATH_PARSE_DEPTH) {
        return sc_jsonpath_fail(parser, parser->p,
                                "the path nests more than \"%d\" deep",
                                SC_JSONPATH_PARSE_DEPTH);
    }

    parser->depth++;

    return SC_OK;
}


size_t
sc_jsonpath_name_len(const sc_jsonpath_parser_t *parser)
{
    char         c;
    const char  *p;

    for (p = parser->p; p < parser->last; p++) {
        c = *p;

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
            || (unsigned char) c >= 0x80)
        {
            continue;
        }

        if (p == parser->p || !sc_jsonpath_is_digit(c)) {
            break;
        }
    }

    return (size_t) (p - parser->p);
}


int
sc_jsonpath_check_utf8(sc_jsonpath_parser_t *parser)
{
    size_t       n;
    const char  *p;

    for (p = parser->start; p < parser->last; p += n) {
        n = sc_jsonpath_utf8_len(p, parser->last);

        if (n == 0) {
            return sc_jsonpath_fail(parser, p,
                                    "the byte \"0x%02x\" is not UTF-8 here",
                                    (unsigned char) *p);
        }
    }

    return SC_OK;
}


int
sc_jsonpath_integer(sc_jsonpath_parser_t *parser, int64_t *n)
{
    int          negative;
    const char  *at, *digits;

    at = parser->p;
    negative = sc_jsonpath_skip(parser, "-");
    digits = parser->p;
    *n = 0;

    while (sc_jsonpath_is_digit(sc_jsonpath_peek(parser))) {
        if (*n <= SC_JSONPATH_MAX_INTEGER) {
            *n = *n * 10 + (*parser->p - '0');
        }

        parser->p++;
    }

    if (parser->p == digits) {
        return sc_jsonpath_expected(parser, "a digit");
    }

    if (*digits == '0' && (negative || parser->p > digits + 1)) {
        return sc_jsonpath_fail(parser, at,
                                "\"%.*s\" is not how an integer is written",
                                sc_jsonpath_shown(at, (size_t)
                                                  (parser->p - at)), at);
    }

    if (*n > SC_JSONPATH_MAX_INTEGER) {
        return sc_jsonpath_fail(parser, at,
                                "\"%.*s\" is beyond the integers of a path",
                                sc_jsonpath_shown(at, (size_t)
                                                  (parser->p - at)), at);
    }

    *n = negative ? -*n : *n;

    return SC_OK;
}


int
sc_jsonpath_string(sc_jsonpath_parser_t *parser, sc_str_t *s)
{
    char        *buf, *out, quote;
    const char  *at, *end;

    at = parser->p;
    quote = *parser->p++;

    for (end = parser->p; end < parser->last && *end != quote; end++) {
        if (*end == '\\' && end + 1 < parser->last) {
            end++;
        }
    }

    if (end >= parser->last) {
        return sc_jsonpath_fail(parser, at, "the string lacks its end");
    }

    /* no escape is longer than what it is written as */

    buf = sc_jsonpath_alloc(parser, (size_t) (end - at));
    if (buf == NULL) {
        return SC_ERROR;
    }

    out = buf;

    while (parser->p < end) {
        if (*parser->p == '\\') {
            if (sc_jsonpath_escape(parser, quote, &out) != SC_OK) {
                return SC_ERROR;
            }

        } else if ((unsigned char) *parser->p < 0x20) {
            return sc_jsonpath_expected(parser, "the control as an escape");

        } else {
            *out++ = *parser->p++;
        }
    }

    parser->p++;
    s->data = buf;
    s->len = (size_t) (out - buf);

    return SC_OK;
}


/*
 * The length of the well-formed sequence at p, 0 when there is none (RFC
 * 3629): the second byte's range excludes overlong forms, surrogates and what
 * is above U+10FFFF.
 */

static size_t
sc_jsonpath_utf8_len(const char *p, const char *last)
{
    size_t         i, n;
    unsigned char  c, lo, hi;

    c = (unsigned char) p[0];

    if (c < 0x80) {
        return 1;
    }

    n = (c >= 0xf0) ? 4 : (c >= 0xe0) ? 3 : 2;

    if (c < 0xc2 || c > 0xf4 || (size_t) (last - p) < n) {
        return 0;
    }

    lo = (c == 0xe0) ? 0xa0 : (c == 0xf0) ? 0x90 : 0x80;
    hi = (c == 0xed) ? 0x9f : (c == 0xf4) ? 0x8f : 0xbf;

    if ((unsigned char) p[1] < lo || (unsigned char) p[1] > hi) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if (!sc_jsonpath_is_continuation(p[i])) {
            return 0;
        }
    }

    return n;
}


static int
sc_jsonpath_escape(sc_jsonpath_parser_t *parser, char quote, char **out)
{
    char               c;
    uint32_t           code;
    const char        *p;
    static const char  from[] = "bfnrt/\\";
    static const char  to[] = "\b\f\n\r\t/\\";

    c = parser->p[1];

    if (c == 'u') {
        if (sc_jsonpath_unicode(parser, &code) != SC_OK) {
            return SC_ERROR;
        }

        *out = sc_jsonpath_put_utf8(*out, code);

        return SC_OK;
    }

    p = (c == quote) ? NULL : memchr(from, c, sizeof(from) - 1);

    if (c != quote && p == NULL) {
        parser->p++;
        return sc_jsonpath_expected(parser, "an escape after \"\\\"");
    }

    *(*out)++ = (p == NULL) ? quote : to[p - from];
    parser->p += 2;

    return SC_OK;
}


/* One escape with \u, or two of them that are a pair of surrogates. */

static int
sc_jsonpath_unicode(sc_jsonpath_parser_t *parser, uint32_t *code)
{
    uint32_t     low;
    const char  *at;

    at = parser->p;

    if (sc_jsonpath_hex4(parser, code) != SC_OK) {
        return SC_ERROR;
    }

    if (*code < 0xd800 || *code > 0xdfff) {
        return SC_OK;
    }

    low = 0;

    if (*code <= 0xdbff && parser->last - parser->p > 2
        && parser->p[0] == '\\' && parser->p[1] == 'u'
        && sc_jsonpath_hex4(parser, &low) != SC_OK)
    {
        return SC_ERROR;
    }

    if (low < 0xdc00 || low > 0xdfff) {
        return sc_jsonpath_fail(parser, at,
                                "\"%.6s\" is half of a pair of surrogates",
                                at);
    }

    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);

    return SC_OK;
}


static int
sc_jsonpath_hex4(sc_jsonpath_parser_t *parser, uint32_t *code)
{
    char      c;
    unsigned  i;

    parser->p += 2;
    *code = 0;

    for (i = 0; i < 4; i++, parser->p++) {
        c = sc_jsonpath_peek(parser);

        if (!isxdigit((unsigned char) c)) {
            return sc_jsonpath_expected(parser, "four hexadecimal digits");
        }

        *code = (*code << 4)
                | (uint32_t) (sc_jsonpath_is_digit(c) ? c - '0'
                              : (c | 0x20) - 'a' + 10);
    }

    return SC_OK;
}


static char *
sc_jsonpath_put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        *out++ = (char) code;

    } else if (code < 0x800) {
        *out++ = (char) (0xc0 | (code >> 6));
        *out++ = (char) (0x80 | (code & 0x3f));

    } else if (code < 0x10000) {
        *out++ = (char) (0xe0 | (code >> 12));
        *out++ = (char) (0x80 | ((code >> 6) & 0x3f));
        *out++ = (char) (0x80 | (code & 0x3f));

    } else {
        *out++ = (char) (0xf0 | (code >> 18));
        *out++ = (char) (0x80 | ((code >> 12) & 0x3f));
        *out++ = (char) (0x80 | ((code >> 6) & 0x3f));
        *out++ = (char) (0x80 | (code & 0x3f));
    }

    return out;
}
