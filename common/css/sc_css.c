
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/css/sc_css_internal.h"


#define SC_CSS_BLOCK  4096
#define SC_CSS_ALIGN  (sizeof(void *) - 1)
#define SC_CSS_FOUND  40


typedef struct sc_css_block_s {
    struct sc_css_block_s  *next;
    size_t                  used;
    size_t                  size;
    char                    data[];
} sc_css_block_t;


static int sc_css_check(sc_css_t *c);
static size_t sc_css_character(const unsigned char *p, size_t len,
    unsigned *code);
static int sc_css_translate(sc_css_t *c, sc_buf_t *out);
static int sc_css_full(sc_css_t *c, const sc_buf_t *b);


int
sc_css_xpath(const char *css, size_t len, unsigned html, sc_buf_t *out,
    sc_css_error_t *err)
{
    int              rc;
    sc_css_t         c;
    sc_css_block_t  *b, *next;

    memset(&c, 0, sizeof(c));
    memset(err, 0, sizeof(*err));

    c.css = css;
    c.len = len;
    c.html = html;
    c.err = err;

    sc_buf_init(&c.out, SC_CSS_MAX);

    rc = (sc_css_check(&c) == SC_OK) ? sc_css_translate(&c, out) : SC_ERROR;

    sc_buf_free(&c.out);

    for (b = c.blocks; b != NULL; b = next) {
        next = b->next;
        free(b);
    }

    return rc;
}


void *
sc_css_alloc(sc_css_t *c, size_t size)
{
    size_t           room;
    sc_css_block_t  *b;

    size = (size + SC_CSS_ALIGN) & ~SC_CSS_ALIGN;
    b = c->blocks;

    if (b == NULL || b->size - b->used < size) {
        room = (size > SC_CSS_BLOCK) ? size : SC_CSS_BLOCK;

        b = calloc(1, sizeof(*b) + room);
        if (b == NULL) {
            sc_css_fail(c, SIZE_MAX, "no memory for the selector");
            return NULL;
        }

        b->size = room;
        b->next = c->blocks;
        c->blocks = b;
    }

    b->used += size;

    return b->data + b->used - size;
}


int
sc_css_fail(sc_css_t *c, size_t start, const char *fmt, ...)
{
    int      column;
    size_t   i;
    va_list  args;

    if (c->err->message[0] != '\0') {
        return SC_ERROR;
    }

    va_start(args, fmt);
    vsnprintf(c->err->message, sizeof(c->err->message), fmt, args);
    va_end(args);

    if (start != SIZE_MAX) {
        column = 1;

        for (i = 0; i < start; i++) {
            column += ((unsigned char) c->css[i] & 0xc0) != 0x80;
        }

        c->err->column = column;
    }

    return SC_ERROR;
}


int
sc_css_expected(sc_css_t *c, const char *what)
{
    size_t                 n;
    const char            *more;
    const sc_css_token_t  *t;

    t = &c->token;

    if (t->type == SC_CSS_END) {
        return sc_css_fail(c, t->start, "expected %s, found the end", what);
    }

    n = t->end - t->start;
    more = "";

    if (n > SC_CSS_FOUND) {
        n = SC_CSS_FOUND;
        more = "...";

        while (((unsigned char) c->css[t->start + n] & 0xc0) == 0x80) {
            n--;
        }
    }

    return sc_css_fail(c, t->start, "expected %s, found \"%.*s%s\"", what,
                       (int) n, c->css + t->start, more);
}


/*
 * Only what XML can hold (XML 1.0, 2.2) gets in, as XPath takes no more; a
 * form feed is CSS white space.
 */

static int
sc_css_check(sc_css_t *c)
{
    size_t    i, n;
    unsigned  code;

    if (c->len > SC_CSS_MAX) {
        return sc_css_fail(c, SIZE_MAX,
                           "the selector is longer than %d bytes",
                           SC_CSS_MAX);
    }

    for (i = 0; i < c->len; i += n) {
        n = sc_css_character((const unsigned char *) c->css + i, c->len - i,
                             &code);
        if (n == 0) {
            return sc_css_fail(c, i, "the byte 0x%02x is not UTF-8",
                               (unsigned char) c->css[i]);
        }

        if ((code < 0x20 && (code == 0 || strchr("\t\n\f\r", (int) code)
                                          == NULL))
            || code == 0xfffe || code == 0xffff)
        {
            return sc_css_fail(c, i, "the character U+%04X is not allowed",
                               code);
        }
    }

    return SC_OK;
}


/* The length of the well-formed sequence (RFC 3629) at p, 0 if it is none. */

static size_t
sc_css_character(const unsigned char *p, size_t len, unsigned *code)
{
    size_t                 i, n;
    static const unsigned  least[] = { 0, 0, 0x80, 0x800, 0x10000 };

    *code = p[0];

    if (p[0] < 0x80) {
        return 1;
    }

    n = (p[0] >= 0xf0) ? 4 : (p[0] >= 0xe0) ? 3 : 2;

    if (p[0] < 0xc2 || p[0] > 0xf4 || n > len) {
        return 0;
    }

    *code = p[0] & (0x7fu >> n);

    for (i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        *code = *code << 6 | (p[i] & 0x3f);
    }

    if (*code < least[n] || *code > 0x10ffff
        || (*code >= 0xd800 && *code <= 0xdfff))
    {
        return 0;
    }

    return n;
}


static int
sc_css_translate(sc_css_t *c, sc_buf_t *out)
{
    const sc_css_complex_t  *list;

    list = sc_css_parse(c);

    if (list == NULL || sc_css_write(c, list) != SC_OK) {
        return SC_ERROR;
    }

    if (c->out.failed) {
        return sc_css_full(c, &c->out);
    }

    if (sc_buf_add(out, c->out.data, c->out.len) != SC_OK) {
        return sc_css_full(c, out);
    }

    return SC_OK;
}


static int
sc_css_full(sc_css_t *c, const sc_buf_t *b)
{
    return sc_css_fail(c, SIZE_MAX, (b->failed == SC_BUF_MEMORY)
                                    ? "no memory for the selector"
                                    : "the selector becomes too long");
}
