
#include <string.h>

#include "common/regex/sc_regex.h"


#define SC_REGEX_TOP  0x10ffff


/*
 * What stands in one place of a pattern.
 *
 * len   bytes
 * low   where a range begins, at the earliest, that begins with it
 * high  where a range ends, at the latest, that ends with it
 */
typedef struct {
    size_t    len;
    uint32_t  low;
    uint32_t  high;
} sc_regex_atom_t;


static int sc_regex_caseless(const char *p, const char *end,
    const char *flags);
static uint32_t sc_regex_high(const char *p, const char *end);
static void sc_regex_atom(const char *p, const char *end,
    sc_regex_atom_t *atom);
static void sc_regex_literal(const char *p, const char *end,
    sc_regex_atom_t *atom);
static void sc_regex_escape(const char *p, const char *end,
    sc_regex_atom_t *atom);
static void sc_regex_braced(const char *p, const char *end, unsigned base,
    sc_regex_atom_t *atom);
static size_t sc_regex_digits(const char *p, const char *end, unsigned base,
    size_t max, uint32_t *value);
static unsigned sc_regex_digit(char c);


/*
 * Each hyphen counts as if it were that of a range.  What a class is, and
 * where it ends, depends on too much to be read twice in two places, and
 * hyphens between characters far apart are rare outside of classes.
 */

size_t
sc_regex_width(const char *pattern, size_t len, const char *flags,
    size_t *beyond)
{
    size_t            width, last;
    uint32_t          low, high;
    const char       *p, *end;
    sc_regex_atom_t   atom;

    if (pattern == NULL) {
        return 0;
    }

    end = pattern + len;

    if (!sc_regex_caseless(pattern, end, flags)) {
        return 0;
    }

    width = 0;
    last = 0;
    low = SC_REGEX_TOP;

    for (p = pattern; p < end; p += atom.len) {
        sc_regex_atom(p, end, &atom);

        if (*p == '-') {
            high = sc_regex_high(p + 1, end);

            if (high >= low) {
                width += (size_t) (high - low) + 1;
            }

            if (beyond != NULL && width > SC_REGEX_WIDTH) {
                *beyond = last;
                beyond = NULL;
            }
        }

        low = atom.low;
        last = (size_t) (p - pattern);
    }

    return width;
}


/* Options in the pattern, as in "(?i)" or "(?^x-i:", can be anywhere. */

static int
sc_regex_caseless(const char *p, const char *end, const char *flags)
{
    if (flags != NULL && strchr(flags, 'i') != NULL) {
        return 1;
    }

    for ( ;; ) {
        p = memmem(p, (size_t) (end - p), "(?", 2);
        if (p == NULL) {
            return 0;
        }

        p += 2;

        while (p < end
               && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
                   || *p == '^' || *p == '-'))
        {
            if (*p++ == 'i') {
                return 1;
            }
        }
    }
}


/* After a hyphen \Q, \E and, in "(?xx)", blanks mean nothing. */

static uint32_t
sc_regex_high(const char *p, const char *end)
{
    sc_regex_atom_t  atom;

    while (p < end) {
        if (*p == ' ' || *p == '\t') {
            p++;

        } else if (end - p >= 2 && *p == '\\'
                   && (p[1] == 'Q' || p[1] == 'E'))
        {
            p += 2;

        } else {
            sc_regex_atom(p, end, &atom);
            return atom.high;
        }
    }

    return 0;
}


static void
sc_regex_atom(const char *p, const char *end, sc_regex_atom_t *atom)
{
    if (*p == '\\' && end - p >= 2) {
        sc_regex_escape(p, end, atom);

    } else {
        sc_regex_literal(p, end, atom);
    }
}


/* What is not UTF-8 is refused before it is compiled. */

static void
sc_regex_literal(const char *p, const char *end, sc_regex_atom_t *atom)
{
    size_t         n, i;
    uint32_t       c;
    unsigned char  first;

    first = (unsigned char) *p;
    n = (first >= 0xf0) ? 4 : (first >= 0xe0) ? 3 : (first >= 0xc0) ? 2 : 1;
    c = (n == 1) ? first : first & (0x7fu >> n);

    for (i = 1; i < n && p + i < end; i++) {
        c = (c << 6) | ((unsigned char) p[i] & 0x3f);
    }

    atom->len = i;
    atom->low = c;
    atom->high = c;
}


/* The escapes that are no character neither begin nor end a range. */

static void
sc_regex_escape(const char *p, const char *end, sc_regex_atom_t *atom)
{
    char    c;
    size_t  n;

    c = p[1];

    atom->len = 2;
    atom->low = 0;
    atom->high = 0x7f;

    if (c == 'c') {
        atom->len = (end - p >= 3) ? 3 : 2;

    } else if (c == 'o' || c == 'N' || (c == 'x' && end - p >= 3
                                        && p[2] == '{'))
    {
        sc_regex_braced(p, end, (c == 'o') ? 8 : 16, atom);

    } else if (c == 'x') {
        n = sc_regex_digits(p + 2, end, 16, 2, &atom->low);
        atom->high = atom->low;
        atom->len = 2 + n;

    } else if (c >= '0' && c <= '7') {
        n = sc_regex_digits(p + 1, end, 8, 3, &atom->low);
        atom->high = atom->low;
        atom->len = 1 + n;

    } else if (sc_regex_digit(c) == 36) {
        sc_regex_literal(p + 1, end, atom);
        atom->len++;
    }
}


/* \x{h}, \o{o} and \N{U+h}; what is not understood is taken for the widest. */

static void
sc_regex_braced(const char *p, const char *end, unsigned base,
    sc_regex_atom_t *atom)
{
    size_t       n;
    uint32_t     value;
    const char  *digits;

    digits = p + 3;

    if (p[1] == 'N') {
        if (end - p < 5 || memcmp(p + 2, "{U+", 3) != 0) {
            return;
        }

        digits = p + 5;
    }

    atom->high = SC_REGEX_TOP;

    if (end - p < 3 || p[2] != '{') {
        return;
    }

    n = sc_regex_digits(digits, end, base, (size_t) (end - digits), &value);

    if (n != 0 && digits + n < end && digits[n] == '}') {
        atom->low = value;
        atom->high = value;
        atom->len = (size_t) (digits - p) + n + 1;
    }
}


/* How many digits there are, at most max. */

static size_t
sc_regex_digits(const char *p, const char *end, unsigned base, size_t max,
    uint32_t *value)
{
    size_t    n;
    unsigned  digit;

    *value = 0;

    for (n = 0; n < max && p + n < end; n++) {
        digit = sc_regex_digit(p[n]);

        if (digit >= base) {
            break;
        }

        *value = *value * base + digit;

        if (*value > SC_REGEX_TOP) {
            *value = SC_REGEX_TOP;
        }
    }

    return n;
}


/* The value of a letter or digit as a digit, 36 for what is neither. */

static unsigned
sc_regex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned) (c - '0');
    }

    if (c >= 'a' && c <= 'z') {
        return (unsigned) (c - 'a') + 10;
    }

    if (c >= 'A' && c <= 'Z') {
        return (unsigned) (c - 'A') + 10;
    }

    return 36;
}
