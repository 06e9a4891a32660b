
#include <string.h>

#include "sidecar/extract/extract_internal.h"
#include "sidecar/extract/extract_locale.h"


/* name may be a language alone or with a region; indian: 12,34,567 */
typedef struct {
    const char  *name;
    unsigned     decimal;
    unsigned     groups;
    unsigned     indian:1;
} extract_locale_t;


/*
 * A number as it is written: runs of digits with n separators between them.
 *
 * first, prev, last  lengths of the first run, the one before the last, the
 *                    last
 * groups             separators of groups that the locale has
 * before, final      separators but the last one, and that
 * threes, twos       all runs between first and prev have that length
 * zero               the first digit is 0
 */
typedef struct {
    size_t    start;
    size_t    end;
    size_t    n;
    size_t    first;
    size_t    prev;
    size_t    last;
    unsigned  groups;
    unsigned  before;
    unsigned  final;
    unsigned  threes:1;
    unsigned  twos:1;
    unsigned  zero:1;
} extract_shape_t;


static const extract_locale_t *extract_locale_find(const char *name);
static int extract_number_start(const extract_locale_t *locale, sc_str_t text,
    extract_shape_t *s);
static void extract_number_shape(sc_str_t text, extract_shape_t *s);
static size_t extract_number_run(sc_str_t text, size_t at, size_t most,
    size_t *n);
static unsigned extract_number_goes_on(sc_str_t text, size_t at,
    const extract_shape_t *s);
static void extract_number_add(extract_shape_t *s, unsigned kind,
    size_t digits);
static int extract_number_point(const extract_locale_t *locale,
    const extract_shape_t *s, unsigned *point);
static int extract_number_auto(const extract_shape_t *s, unsigned *point);
static int extract_number_grouped(const extract_shape_t *s, unsigned indian,
    unsigned point);
static int extract_number_negative(sc_str_t text, const extract_shape_t *s);
static size_t extract_number_money(sc_str_t text, size_t at);
static int extract_number_minus(sc_str_t text, size_t at);
static int extract_number_ends_in_minus(sc_str_t text, size_t at);
static int extract_number_enclosed(sc_str_t text, size_t begin, size_t end);
static void extract_number_write(sc_str_t text, const extract_shape_t *s,
    unsigned point, unsigned negative, sc_buf_t *out);


/* CLDR's, and what else is common there; the first is "auto" */

static const extract_locale_t  extract_locales[] = {
    { "auto", 0, EXTRACT_GROUPS, 1 },
    { "ar", EXTRACT_DOT, EXTRACT_COMMA, 0 },
    { "cs", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "da", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_NBSP, 0 },
    { "de", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_NBSP, 0 },
    { "de-CH", EXTRACT_DOT, EXTRACT_APOS | EXTRACT_NBSP, 0 },
    { "de-LI", EXTRACT_DOT, EXTRACT_APOS | EXTRACT_NBSP, 0 },
    { "el", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_NBSP, 0 },
    { "en", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 0 },
    { "en-IN", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 1 },
    { "es", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_SPACES, 0 },
    { "es-MX", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 0 },
    { "es-US", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 0 },
    { "fi", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "fr", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "hi", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 1 },
    { "hu", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "it", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_NBSP, 0 },
    { "it-CH", EXTRACT_DOT, EXTRACT_APOS | EXTRACT_NBSP, 0 },
    { "ja", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 0 },
    { "ko", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 0 },
    { "nb", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "nl", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_NBSP, 0 },
    { "pl", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "pt", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_SPACES, 0 },
    { "ro", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_NBSP, 0 },
    { "ru", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "sv", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "tr", EXTRACT_COMMA, EXTRACT_DOT | EXTRACT_NBSP, 0 },
    { "uk", EXTRACT_COMMA, EXTRACT_SPACES, 0 },
    { "zh", EXTRACT_DOT, EXTRACT_COMMA | EXTRACT_NBSP, 0 }
};


int
extract_locale(const char *locale, sc_str_t text, sc_buf_t *out)
{
    unsigned                 point;
    extract_shape_t          s;
    const extract_locale_t  *l;

    l = extract_locale_find(locale);

    if (l == NULL || extract_number_start(l, text, &s) != SC_OK) {
        return SC_DECLINED;
    }

    extract_number_shape(text, &s);

    if (extract_number_point(l, &s, &point) != SC_OK
        || extract_number_grouped(&s, l->indian, point) != SC_OK)
    {
        return SC_DECLINED;
    }

    extract_number_write(text, &s, point,
                         extract_number_negative(text, &s) != 0, out);

    return SC_OK;
}


/* A region that is not listed writes as its language does. */

static const extract_locale_t *
extract_locale_find(const char *name)
{
    size_t                   i, len;
    const extract_locale_t  *l, *language;

    len = strcspn(name, "-");
    language = NULL;

    for (i = 0; i < sizeof(extract_locales) / sizeof(extract_locales[0]); i++)
    {
        l = &extract_locales[i];

        if (strcmp(l->name, name) == 0) {
            return l;
        }

        if (strlen(l->name) == len && strncmp(l->name, name, len) == 0) {
            language = l;
        }
    }

    return language;
}


/* The first digit, or a decimal point before it that no word ends with. */

static int
extract_number_start(const extract_locale_t *locale, sc_str_t text,
    extract_shape_t *s)
{
    size_t          at;
    unsigned        points;
    extract_char_t  c, point, before;

    memset(s, 0, sizeof(extract_shape_t));

    for (at = 0; at < text.len; at += c.len) {
        c = extract_char(text, at);

        if (c.kind == EXTRACT_DIGIT) {
            break;
        }
    }

    if (at >= text.len) {
        return SC_DECLINED;
    }

    s->start = at;
    s->groups = locale->groups | EXTRACT_GROUP;

    points = EXTRACT_DECIMAL;
    points |= (locale->decimal != 0) ? locale->decimal
                                     : EXTRACT_DOT | EXTRACT_COMMA;

    point = extract_char_before(text, at);

    if (point.kind & points) {
        before = extract_char_before(text, at - point.len);

        if (!(before.kind & (EXTRACT_WORD | EXTRACT_POINTS | EXTRACT_CLOSE))) {
            s->start = at - point.len;
        }
    }

    return SC_OK;
}


static void
extract_number_shape(sc_str_t text, extract_shape_t *s)
{
    size_t          at, digits;
    unsigned        kind;
    extract_char_t  c;

    at = s->start;
    c = extract_char(text, at);
    s->zero = (c.kind == EXTRACT_DIGIT && c.digit == 0);
    s->threes = 1;
    s->twos = 1;

    at = extract_number_run(text, at, text.len, &s->first);
    s->last = s->first;

    for ( ;; ) {
        kind = extract_number_goes_on(text, at, s);

        if (kind == 0) {
            break;
        }

        at += extract_char(text, at).len;
        at = extract_number_run(text, at, text.len, &digits);
        extract_number_add(s, kind, digits);
    }

    s->end = at;
}


/* Where a run of digits, of which at most so many are wanted, ends. */

static size_t
extract_number_run(sc_str_t text, size_t at, size_t most, size_t *n)
{
    extract_char_t  c;

    for (*n = 0; *n < most; (*n)++) {
        c = extract_char(text, at);

        if (c.kind != EXTRACT_DIGIT) {
            break;
        }

        at += c.len;
    }

    return at;
}


/*
 * The separator that the number goes on behind, or 0.  What is as often
 * between two numbers belongs to one only when it makes a group of three, and
 * nothing but groups are in front of it.
 */

static unsigned
extract_number_goes_on(sc_str_t text, size_t at, const extract_shape_t *s)
{
    size_t          digits;
    extract_char_t  c;

    c = extract_char(text, at);

    if (!(c.kind & (EXTRACT_POINTS | s->groups))) {
        return 0;
    }

    (void) extract_number_run(text, at + c.len, 4, &digits);

    if (digits == 0) {
        return 0;
    }

    if (!(c.kind & EXTRACT_GROUPS) || c.kind == EXTRACT_GROUP) {
        return c.kind;
    }

    if (digits != 3 || s->first == 0 || s->first > 3 || s->zero
        || ((s->before | s->final) & ~EXTRACT_GROUPS))
    {
        return 0;
    }

    return c.kind;
}


static void
extract_number_add(extract_shape_t *s, unsigned kind, size_t digits)
{
    if (s->n >= 2) {
        s->threes &= (s->prev == 3);
        s->twos &= (s->prev == 2);
    }

    s->before |= s->final;
    s->final = kind;
    s->prev = s->last;
    s->last = digits;
    s->n++;
}


/* The separator that is the decimal one, 0 when there is none. */

static int
extract_number_point(const extract_locale_t *locale,
    const extract_shape_t *s, unsigned *point)
{
    *point = 0;

    if (s->n == 0) {
        return SC_OK;
    }

    if (locale->decimal == 0) {
        return extract_number_auto(s, point);
    }

    if (s->final & (locale->decimal | EXTRACT_DECIMAL)) {
        *point = s->final;

    } else if (!(s->final & s->groups)) {
        return SC_DECLINED;
    }

    return (s->before & ~s->groups) ? SC_DECLINED : SC_OK;
}


/* One point with three digits behind it makes a group, as in 1,234. */

static int
extract_number_auto(const extract_shape_t *s, unsigned *point)
{
    if (s->final & EXTRACT_GROUPS) {
        return (s->before & EXTRACT_POINTS) ? SC_DECLINED : SC_OK;
    }

    if (s->before & s->final) {
        return (s->before == s->final && s->final != EXTRACT_DECIMAL)
               ? SC_OK : SC_DECLINED;
    }

    if (s->n > 1 || s->final == EXTRACT_DECIMAL || s->last != 3
        || s->first == 0 || s->first > 3 || s->zero)
    {
        *point = s->final;
    }

    return SC_OK;
}


static int
extract_number_grouped(const extract_shape_t *s, unsigned indian,
    unsigned point)
{
    size_t    n, last;
    unsigned  threes, twos;

    n = s->n - (point != 0);

    if (n == 0) {
        return SC_OK;
    }

    last = (point != 0) ? s->prev : s->last;
    threes = s->threes;
    twos = (indian && s->twos && s->first <= 2);

    if (point == 0 && n > 1) {
        threes &= (s->prev == 3);
        twos &= (s->prev == 2);
    }

    return (s->first == 0 || s->first > 3 || s->zero || last != 3
            || !(threes || twos)) ? SC_DECLINED : SC_OK;
}


static int
extract_number_negative(sc_str_t text, const extract_shape_t *s)
{
    size_t  at;

    at = extract_number_money(text, s->start);

    return extract_number_minus(text, at)
           || extract_number_ends_in_minus(text, s->end)
           || extract_number_enclosed(text, s->start, s->end);
}


/* Where the currency in front of a number begins, with white space. */

static size_t
extract_number_money(sc_str_t text, size_t at)
{
    size_t          i;
    unsigned        kinds;
    extract_char_t  c;

    kinds = EXTRACT_SPACES | EXTRACT_MONEY;

    for (i = at; i > 0; i -= c.len) {
        c = extract_char_before(text, i);

        if (!(c.kind & kinds)) {
            break;
        }

        if (c.kind == EXTRACT_MONEY) {
            at = i - c.len;
            kinds = EXTRACT_MONEY;
        }
    }

    return at;
}


/*
 * A hyphen in a word, a dash in a sentence and that of a range are no minus;
 * with a space behind it only the first character is one.
 */

static int
extract_number_minus(sc_str_t text, size_t at)
{
    size_t          spaces;
    extract_char_t  c;

    spaces = 0;
    c = extract_char_before(text, at);

    while (c.kind & EXTRACT_SPACES) {
        at -= c.len;
        spaces++;
        c = extract_char_before(text, at);
    }

    if (c.kind != EXTRACT_MINUS) {
        return 0;
    }

    at -= c.len;
    c = extract_char_before(text, at);

    if (c.len == 0) {
        return 1;
    }

    return spaces == 0
           && !(c.kind & (EXTRACT_WORD | EXTRACT_DIGIT | EXTRACT_MINUS));
}


/* Right behind the number, with no other number to come. */

static int
extract_number_ends_in_minus(sc_str_t text, size_t at)
{
    extract_char_t  c;

    c = extract_char(text, at);

    if (c.kind != EXTRACT_MINUS) {
        return 0;
    }

    at += c.len;
    c = extract_char(text, at);

    if (c.kind & (EXTRACT_WORD | EXTRACT_MINUS)) {
        return 0;
    }

    for ( /* void */ ; c.len != 0; at += c.len, c = extract_char(text, at)) {
        if (c.kind == EXTRACT_DIGIT) {
            return 0;
        }
    }

    return 1;
}


/*
 * Parentheses as bookkeepers write them: around all there is, money. "(123)"
 * is more often a count.
 */

static int
extract_number_enclosed(sc_str_t text, size_t begin, size_t end)
{
    size_t          at;
    unsigned        open, money;
    extract_char_t  c;

    open = 0;
    money = 0;

    for (at = begin; at > 0; at -= c.len) {
        c = extract_char_before(text, at);
        money |= (c.kind == EXTRACT_MONEY);

        if (c.kind == EXTRACT_OPEN && !open) {
            open = 1;

        } else if (!(c.kind & (EXTRACT_SPACES | EXTRACT_MONEY))) {
            return 0;
        }
    }

    for (at = end; open && at < text.len; at += c.len) {
        c = extract_char(text, at);
        money |= (c.kind == EXTRACT_MONEY);

        if (c.kind == EXTRACT_CLOSE) {
            open = 0;

        } else if (!(c.kind & (EXTRACT_SPACES | EXTRACT_MONEY))) {
            return 0;
        }
    }

    for ( /* void */ ; at < text.len; at += c.len) {
        c = extract_char(text, at);
        money |= (c.kind == EXTRACT_MONEY);

        if (!(c.kind & (EXTRACT_SPACES | EXTRACT_MONEY))) {
            return 0;
        }
    }

    return begin != 0 && at > end && !open && money;
}


/* Without zeros in front, and no minus at a zero. */

static void
extract_number_write(sc_str_t text, const extract_shape_t *s, unsigned point,
    unsigned negative, sc_buf_t *out)
{
    char            digit;
    size_t          at, n, start;
    unsigned        sign;
    extract_char_t  c;

    start = out->len;
    sign = 0;
    n = 0;

    if (negative) {
        sc_buf_add(out, "-", 1);
    }

    for (at = s->start; at < s->end; at += c.len) {
        c = extract_char(text, at);
        digit = (char) ('0' + c.digit);

        if (c.kind != EXTRACT_DIGIT) {
            n++;

            if (point == 0 || n != s->n) {
                continue;
            }

            if (out->len == start + negative) {
                sc_buf_add(out, "0", 1);
            }

            digit = '.';

        } else if (digit == '0' && out->len == start + negative) {
            continue;

        } else if (digit != '0') {
            sign = negative;
        }

        sc_buf_add(out, &digit, 1);
    }

    if (out->len == start + negative) {
        sc_buf_add(out, "0", 1);
    }

    if (negative && !sign && !out->failed) {
        memmove(out->data + start, out->data + start + 1, out->len - start);
        out->len--;
    }
}
