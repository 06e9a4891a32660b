
#include <string.h>
#include <strings.h>

#include "common/css/sc_css_internal.h"


static void sc_css_comments(sc_css_t *c);
static int sc_css_ident_at(const sc_css_t *c, size_t pos);
static int sc_css_name_char(const sc_css_t *c, size_t pos);
static int sc_css_start_char(const sc_css_t *c, size_t pos);
static int sc_css_escape_at(const sc_css_t *c, size_t pos);
static int sc_css_name(sc_css_t *c, size_t pos);
static int sc_css_string(sc_css_t *c);
static size_t sc_css_after(const sc_css_t *c, size_t pos);
static char *sc_css_escape(sc_css_t *c, size_t *pos, char *out);
static char *sc_css_utf8(char *out, unsigned code);
static size_t sc_css_newline(const sc_css_t *c, size_t pos);
static int sc_css_space(int ch);
static int sc_css_hex(int ch);


int
sc_css_next(sc_css_t *c)
{
    char             ch;
    sc_css_token_t  *t;

    sc_css_comments(c);

    t = &c->token;
    memset(t, 0, sizeof(*t));
    t->start = c->pos;
    t->end = c->pos;

    if (c->pos == c->len) {
        return SC_OK;
    }

    ch = c->css[c->pos];

    if (sc_css_space(ch)) {
        t->type = SC_CSS_SPACE;

        while (c->pos < c->len && sc_css_space(c->css[c->pos])) {
            c->pos++;
        }

        t->end = c->pos;
        return SC_OK;
    }

    if (sc_css_ident_at(c, c->pos)) {
        t->type = SC_CSS_IDENT;
        return sc_css_name(c, c->pos);
    }

    if (ch == '#' && sc_css_name_char(c, c->pos + 1)) {
        t->type = SC_CSS_HASH;
        return sc_css_name(c, c->pos + 1);
    }

    if (ch == '"' || ch == '\'') {
        t->type = SC_CSS_STRING;
        return sc_css_string(c);
    }

    t->type = SC_CSS_DELIM;
    t->delim = ch;
    t->end = ++c->pos;

    return SC_OK;
}


int
sc_css_skip(sc_css_t *c)
{
    while (c->token.type == SC_CSS_SPACE) {
        if (sc_css_next(c) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


int
sc_css_take(sc_css_t *c, char delim)
{
    char  what[] = "\"?\"";

    if (!sc_css_is(c, delim)) {
        what[1] = delim;
        return sc_css_expected(c, what);
    }

    return sc_css_next(c);
}


int
sc_css_is(const sc_css_t *c, char delim)
{
    return c->token.type == SC_CSS_DELIM && c->token.delim == delim;
}


int
sc_css_equals(sc_str_t s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.data, word, s.len) == 0;
}


/* One without an end goes to the end of the input (CSS Syntax 3, 4.3.2). */

static void
sc_css_comments(sc_css_t *c)
{
    const char  *end;

    while (c->len - c->pos >= 2 && memcmp(c->css + c->pos, "/*", 2) == 0) {
        end = memmem(c->css + c->pos + 2, c->len - c->pos - 2, "*/", 2);
        c->pos = (end != NULL) ? (size_t) (end - c->css) + 2 : c->len;
    }
}


static int
sc_css_ident_at(const sc_css_t *c, size_t pos)
{
    if (pos < c->len && c->css[pos] == '-') {
        pos++;
        return sc_css_start_char(c, pos)
               || (pos < c->len && c->css[pos] == '-');
    }

    return sc_css_start_char(c, pos);
}


static int
sc_css_name_char(const sc_css_t *c, size_t pos)
{
    return sc_css_start_char(c, pos)
           || (pos < c->len && (c->css[pos] == '-'
                                || (c->css[pos] >= '0'
                                    && c->css[pos] <= '9')));
}


static int
sc_css_start_char(const sc_css_t *c, size_t pos)
{
    unsigned char  ch;

    if (pos >= c->len) {
        return 0;
    }

    ch = (unsigned char) c->css[pos];

    return ch >= 0x80 || ch == '_' || ((ch | 0x20) >= 'a'
                                       && (ch | 0x20) <= 'z')
           || sc_css_escape_at(c, pos);
}


static int
sc_css_escape_at(const sc_css_t *c, size_t pos)
{
    return c->css[pos] == '\\' && pos + 1 < c->len
           && sc_css_newline(c, pos + 1) == 0;
}


/* The name that begins at pos; the token keeps its own start. */

static int
sc_css_name(sc_css_t *c, size_t pos)
{
    char    *p, *out;
    size_t   end;

    for (end = pos; sc_css_name_char(c, end); /* void */) {
        end = sc_css_after(c, end);
    }

    /* U+FFFD is three bytes for the two of an escape */
    out = sc_css_alloc(c, (end - pos) * 2);
    if (out == NULL) {
        return SC_ERROR;
    }

    p = out;

    while (sc_css_name_char(c, pos)) {
        if (c->css[pos] != '\\') {
            *p++ = c->css[pos++];
            continue;
        }

        p = sc_css_escape(c, &pos, p);
        if (p == NULL) {
            return SC_ERROR;
        }
    }

    c->token.text.data = out;
    c->token.text.len = (size_t) (p - out);
    c->token.end = pos;
    c->pos = pos;

    return SC_OK;
}


static int
sc_css_string(sc_css_t *c)
{
    char     quote, *p, *out;
    size_t   pos, end;

    quote = c->css[c->pos];
    pos = c->pos + 1;

    for (end = pos; end < c->len && c->css[end] != quote; /* void */) {
        if (sc_css_newline(c, end) != 0) {
            return sc_css_fail(c, end, "a line ends inside a string");
        }

        end = sc_css_after(c, end);
    }

    if (end >= c->len) {
        return sc_css_fail(c, c->pos, "the string has no end");
    }

    out = sc_css_alloc(c, (end - pos) * 2 + 1);
    if (out == NULL) {
        return SC_ERROR;
    }

    p = out;

    while (pos < end) {
        if (c->css[pos] != '\\') {
            *p++ = c->css[pos++];

        } else if (sc_css_newline(c, pos + 1) != 0) {
            pos += 1 + sc_css_newline(c, pos + 1);

        } else {
            p = sc_css_escape(c, &pos, p);
            if (p == NULL) {
                return SC_ERROR;
            }
        }
    }

    c->token.text.data = out;
    c->token.text.len = (size_t) (p - out);
    c->token.end = end + 1;
    c->pos = end + 1;

    return SC_OK;
}


/* Where the byte or the escape at pos ends (CSS Syntax 3, 4.3.7). */

static size_t
sc_css_after(const sc_css_t *c, size_t pos)
{
    int  i;

    if (c->css[pos] != '\\') {
        return pos + 1;
    }

    if (sc_css_newline(c, ++pos) != 0) {
        return pos + sc_css_newline(c, pos);
    }

    if (pos == c->len || sc_css_hex(c->css[pos]) < 0) {
        return pos + 1;
    }

    for (i = 0; i < 6 && pos < c->len && sc_css_hex(c->css[pos]) >= 0; i++) {
        pos++;
    }

    if (sc_css_newline(c, pos) != 0) {
        return pos + sc_css_newline(c, pos);
    }

    return pos + (pos < c->len && sc_css_space(c->css[pos]));
}


/* *pos is at the backslash and goes behind the escape. */

static char *
sc_css_escape(sc_css_t *c, size_t *pos, char *out)
{
    int       digit;
    size_t    p, end;
    unsigned  code;

    p = *pos + 1;
    end = sc_css_after(c, *pos);

    if (sc_css_hex(c->css[p]) < 0) {
        *out++ = c->css[p];
        *pos = end;
        return out;
    }

    code = 0;

    while (p < end) {
        digit = sc_css_hex(c->css[p++]);
        code = (digit >= 0) ? code * 16 + (unsigned) digit : code;
    }

    if ((code != 0 && code < 0x20 && strchr("\t\n\r", (int) code) == NULL)
        || code == 0xfffe || code == 0xffff)
    {
        sc_css_fail(c, *pos, "the character U+%04X is not allowed", code);
        return NULL;
    }

    *pos = end;

    return sc_css_utf8(out, code);
}


/* What is no character becomes U+FFFD. */

static char *
sc_css_utf8(char *out, unsigned code)
{
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        code = 0xfffd;
    }

    if (code < 0x80) {
        *out++ = (char) code;
        return out;
    }

    if (code < 0x800) {
        *out++ = (char) (0xc0 | code >> 6);

    } else {
        if (code < 0x10000) {
            *out++ = (char) (0xe0 | code >> 12);

        } else {
            *out++ = (char) (0xf0 | code >> 18);
            *out++ = (char) (0x80 | (code >> 12 & 0x3f));
        }

        *out++ = (char) (0x80 | (code >> 6 & 0x3f));
    }

    *out++ = (char) (0x80 | (code & 0x3f));

    return out;
}


/* The length of the line end at pos, 0 when there is none. */

static size_t
sc_css_newline(const sc_css_t *c, size_t pos)
{
    if (pos + 1 < c->len && memcmp(c->css + pos, "\r\n", 2) == 0) {
        return 2;
    }

    return pos < c->len && (c->css[pos] == '\n' || c->css[pos] == '\r'
                            || c->css[pos] == '\f');
}


static int
sc_css_space(int ch)
{
    return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\f';
}


static int
sc_css_hex(int ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    return (ch >= 'a' && ch <= 'f') ? ch - 'a' + 10 : -1;
}
