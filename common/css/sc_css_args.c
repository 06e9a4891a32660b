
#include <string.h>
#include <strings.h>

#include "common/css/sc_css_internal.h"


#define SC_CSS_DIGITS  9


static int sc_css_attribute_name(sc_css_t *c, sc_css_simple_t *s);
static int sc_css_operator(sc_css_t *c, sc_css_simple_t *s);
static int sc_css_value(sc_css_t *c, sc_css_simple_t *s);
static size_t sc_css_an_plus_b(const sc_css_t *c, size_t pos,
    sc_css_simple_t *s);
static size_t sc_css_plus_b(const sc_css_t *c, size_t pos,
    sc_css_simple_t *s);
static size_t sc_css_word(const sc_css_t *c, size_t pos, const char *word);
static size_t sc_css_blanks(const sc_css_t *c, size_t pos);
static size_t sc_css_sign(const sc_css_t *c, size_t pos, long *sign);
static size_t sc_css_digits(const sc_css_t *c, size_t pos, long *n);


int
sc_css_parse_attribute(sc_css_t *c, sc_css_simple_t *s)
{
    if (sc_css_next(c) != SC_OK || sc_css_skip(c) != SC_OK
        || sc_css_attribute_name(c, s) != SC_OK || sc_css_skip(c) != SC_OK)
    {
        return SC_ERROR;
    }

    /* "|=" may be taken already */
    if (s->op == 0 && sc_css_is(c, ']')) {
        return sc_css_next(c);
    }

    if (s->op == 0 && sc_css_operator(c, s) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_css_skip(c) != SC_OK || sc_css_value(c, s) != SC_OK) {
        return SC_ERROR;
    }

    return sc_css_take(c, ']');
}


/*
 * The current token is "(".  The inside of it is read as characters: the
 * tokens of CSS cut "2n-1" and "2n -1" differently.
 */

int
sc_css_parse_nth(sc_css_t *c, sc_css_simple_t *s)
{
    size_t  pos, end;

    pos = sc_css_blanks(c, c->pos);
    end = sc_css_an_plus_b(c, pos, s);

    if (end != 0) {
        pos = sc_css_blanks(c, end);

        if (sc_css_word(c, pos, "of") != 0) {
            return sc_css_fail(c, pos, "\"of\" is not supported here");
        }
    }

    c->pos = pos;

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (end == 0) {
        return sc_css_expected(c, "an+b");
    }

    /* n+b with b up to 1 counts everything */
    s->always = (s->a == 1 && s->b <= 1);

    return sc_css_take(c, ')');
}


int
sc_css_parse_argument(sc_css_t *c, sc_str_t *text)
{
    if (sc_css_next(c) != SC_OK || sc_css_skip(c) != SC_OK) {
        return SC_ERROR;
    }

    if ((c->token.type != SC_CSS_STRING && c->token.type != SC_CSS_IDENT)) {
        return sc_css_expected(c, "a string or an identifier");
    }

    if (c->token.text.len == 0) {
        return sc_css_fail(c, c->token.start, "the argument is empty");
    }

    *text = c->token.text;

    if (sc_css_next(c) != SC_OK || sc_css_skip(c) != SC_OK) {
        return SC_ERROR;
    }

    return sc_css_take(c, ')');
}


static int
sc_css_attribute_name(sc_css_t *c, sc_css_simple_t *s)
{
    if (c->token.type == SC_CSS_IDENT || sc_css_is(c, '*')) {
        s->name = c->token.text;

        if (sc_css_next(c) != SC_OK) {
            return SC_ERROR;
        }

        if (!sc_css_is(c, '|')) {
            return (s->name.len != 0) ? SC_OK : sc_css_expected(c, "\"|\"");
        }
    }

    if (!sc_css_is(c, '|')) {
        return sc_css_expected(c, "an attribute name");
    }

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (s->name.len != 0 && sc_css_is(c, '=')) {
        s->op = '|';
        return sc_css_next(c);
    }

    if (c->token.type != SC_CSS_IDENT) {
        return sc_css_expected(c, "an attribute name");
    }

    s->ns = s->name;
    s->name = c->token.text;

    return sc_css_next(c);
}


static int
sc_css_operator(sc_css_t *c, sc_css_simple_t *s)
{
    if (c->token.type != SC_CSS_DELIM
        || memchr("=~|^$*!", c->token.delim, 7) == NULL)
    {
        return sc_css_expected(c, "an operator or \"]\"");
    }

    s->op = c->token.delim;

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    return (s->op != '=') ? sc_css_take(c, '=') : SC_OK;
}


static int
sc_css_value(sc_css_t *c, sc_css_simple_t *s)
{
    if (c->token.type != SC_CSS_STRING && c->token.type != SC_CSS_IDENT) {
        return sc_css_expected(c, "a string or an identifier");
    }

    s->text = c->token.text;

    if (sc_css_next(c) != SC_OK || sc_css_skip(c) != SC_OK) {
        return SC_ERROR;
    }

    if (c->token.type != SC_CSS_IDENT) {
        return SC_OK;
    }

    s->fold = sc_css_equals(c->token.text, "i");

    if (!s->fold && !sc_css_equals(c->token.text, "s")) {
        return sc_css_expected(c, "\"i\", \"s\" or \"]\"");
    }

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    return sc_css_skip(c);
}


/* CSS Syntax 3, section 6; where it ends, or 0. */

static size_t
sc_css_an_plus_b(const sc_css_t *c, size_t pos, sc_css_simple_t *s)
{
    long    sign, n;
    size_t  end;

    s->a = 2;
    s->b = 1;
    end = sc_css_word(c, pos, "odd");

    if (end != 0) {
        return end;
    }

    s->b = 0;
    end = sc_css_word(c, pos, "even");

    if (end != 0) {
        return end;
    }

    end = sc_css_sign(c, pos, &sign);
    pos = end;
    end = sc_css_digits(c, pos, &n);

    if (end < c->len && (c->css[end] | 0x20) == 'n') {
        s->a = (end != pos) ? sign * n : sign;
        return sc_css_plus_b(c, end + 1, s);
    }

    s->a = 0;
    s->b = sign * n;

    return (end != pos) ? end : 0;
}


/* What follows the n: nothing, or a sign and digits. */

static size_t
sc_css_plus_b(const sc_css_t *c, size_t pos, sc_css_simple_t *s)
{
    long    sign, n;
    size_t  end, start;

    start = sc_css_blanks(c, pos);
    end = sc_css_sign(c, start, &sign);

    if (end == start) {
        return pos;
    }

    start = sc_css_blanks(c, end);
    end = sc_css_digits(c, start, &n);
    s->b = sign * n;

    return (end != start) ? end : 0;
}


/* The end of the word at pos in letters of either case, or 0. */

static size_t
sc_css_word(const sc_css_t *c, size_t pos, const char *word)
{
    size_t  n;

    n = strlen(word);

    return (c->len - pos >= n && strncasecmp(c->css + pos, word, n) == 0)
           ? pos + n : 0;
}


static size_t
sc_css_blanks(const sc_css_t *c, size_t pos)
{
    while (pos < c->len && strchr(" \t\r\n\f", c->css[pos]) != NULL) {
        pos++;
    }

    return pos;
}


static size_t
sc_css_sign(const sc_css_t *c, size_t pos, long *sign)
{
    *sign = 1;

    if (pos < c->len && (c->css[pos] == '+' || c->css[pos] == '-')) {
        *sign = (c->css[pos] == '-') ? -1 : 1;
        pos++;
    }

    return pos;
}


/* At most nine digits; with more the next one is what is not expected. */

static size_t
sc_css_digits(const sc_css_t *c, size_t pos, long *n)
{
    size_t  end;

    *n = 0;
    end = pos;

    while (end < c->len && end - pos < SC_CSS_DIGITS
           && c->css[end] >= '0' && c->css[end] <= '9')
    {
        *n = *n * 10 + (c->css[end++] - '0');
    }

    return end;
}
