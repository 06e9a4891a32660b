
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_check.h"


/* what a byte is inside a string; 0 for one that ends it or is escaped */
#define CHECK_PLAIN  1
#define CHECK_LEAD   2


/*
 * p      what is next; at end nothing is
 * open   a bit for each level: 1 for an object, 0 for a list
 */
typedef struct {
    const unsigned char  *p;
    const unsigned char  *end;
    size_t                depth;
    unsigned char         open[SC_JSON_DEPTH / 8];
} sc_json_check_t;


static int sc_json_check_value(sc_json_check_t *c);
static int sc_json_check_closed(sc_json_check_t *c);
static int sc_json_check_more(sc_json_check_t *c);
static int sc_json_check_open(sc_json_check_t *c, int object);
static int sc_json_check_in_object(const sc_json_check_t *c);
static int sc_json_check_name(sc_json_check_t *c);
static int sc_json_check_scalar(sc_json_check_t *c);
static int sc_json_check_word(sc_json_check_t *c, const char *word);
static int sc_json_check_number(sc_json_check_t *c);
static int sc_json_check_digits(sc_json_check_t *c);
static int sc_json_check_string(sc_json_check_t *c);
static int sc_json_check_escape(sc_json_check_t *c);
static int sc_json_check_hex(sc_json_check_t *c, unsigned *code);
static int sc_json_check_utf8(sc_json_check_t *c);
static void sc_json_check_blank(sc_json_check_t *c);
static int sc_json_check_take(sc_json_check_t *c, unsigned char sign);


static const unsigned char  sc_json_check_kinds[256] = {
    [0x20 ... 0x21] = CHECK_PLAIN,
    [0x23 ... 0x5b] = CHECK_PLAIN,
    [0x5d ... 0x7f] = CHECK_PLAIN,
    [0xc2 ... 0xf4] = CHECK_LEAD
};


int
sc_json_check(const char *text, size_t len)
{
    int              rc;
    sc_json_check_t  c;

    if (len == 0) {
        return SC_ERROR;
    }

    memset(&c, 0, sizeof(sc_json_check_t));
    c.p = (const unsigned char *) text;
    c.end = c.p + len;

    do {
        rc = sc_json_check_value(&c);

        if (rc == SC_OK) {
            rc = sc_json_check_closed(&c);
        }
    } while (rc == SC_AGAIN);

    return rc == SC_OK && c.p == c.end ? SC_OK : SC_ERROR;
}


/* SC_OK behind a value, SC_AGAIN where the first of a new level is due. */
static int
sc_json_check_value(sc_json_check_t *c)
{
    sc_json_check_blank(c);

    if (sc_json_check_take(c, '[')) {
        sc_json_check_blank(c);

        return sc_json_check_take(c, ']') ? SC_OK : sc_json_check_open(c, 0);
    }

    if (sc_json_check_take(c, '{')) {
        sc_json_check_blank(c);

        if (sc_json_check_take(c, '}')) {
            return SC_OK;
        }

        return sc_json_check_name(c) == SC_OK ? sc_json_check_open(c, 1)
                                              : SC_ERROR;
    }

    return sc_json_check_scalar(c);
}


/* What ends here; SC_AGAIN where another value is due, SC_OK at the end. */
static int
sc_json_check_closed(sc_json_check_t *c)
{
    for ( ;; ) {
        sc_json_check_blank(c);

        if (c->depth == 0) {
            return SC_OK;
        }

        if (sc_json_check_take(c, ',')) {
            return sc_json_check_more(c);
        }

        if (!sc_json_check_take(c, sc_json_check_in_object(c) ? '}' : ']')) {
            return SC_ERROR;
        }

        c->depth--;
    }
}


static int
sc_json_check_more(sc_json_check_t *c)
{
    if (!sc_json_check_in_object(c)) {
        return SC_AGAIN;
    }

    sc_json_check_blank(c);

    return sc_json_check_name(c) == SC_OK ? SC_AGAIN : SC_ERROR;
}


static int
sc_json_check_open(sc_json_check_t *c, int object)
{
    unsigned char  bit = (unsigned char) (1u << (c->depth % 8));

    if (c->depth == SC_JSON_DEPTH) {
        return SC_ERROR;
    }

    if (object) {
        c->open[c->depth / 8] |= bit;

    } else {
        c->open[c->depth / 8] &= (unsigned char) ~bit;
    }

    c->depth++;

    return SC_AGAIN;
}


static int
sc_json_check_in_object(const sc_json_check_t *c)
{
    size_t  level = c->depth - 1;

    return (c->open[level / 8] >> (level % 8)) & 1;
}


static int
sc_json_check_name(sc_json_check_t *c)
{
    if (!sc_json_check_take(c, '"') || sc_json_check_string(c) != SC_OK) {
        return SC_ERROR;
    }

    sc_json_check_blank(c);

    return sc_json_check_take(c, ':') ? SC_OK : SC_ERROR;
}


static int
sc_json_check_scalar(sc_json_check_t *c)
{
    if (c->p == c->end) {
        return SC_ERROR;
    }

    switch (*c->p) {

    case '"':
        c->p++;
        return sc_json_check_string(c);

    case 't':
        return sc_json_check_word(c, "true");

    case 'f':
        return sc_json_check_word(c, "false");

    case 'n':
        return sc_json_check_word(c, "null");

    default:
        return sc_json_check_number(c);
    }
}


static int
sc_json_check_word(sc_json_check_t *c, const char *word)
{
    size_t  len = strlen(word);

    if ((size_t) (c->end - c->p) < len || memcmp(c->p, word, len) != 0) {
        return SC_ERROR;
    }

    c->p += len;

    return SC_OK;
}


static int
sc_json_check_number(sc_json_check_t *c)
{
    (void) sc_json_check_take(c, '-');

    if (!sc_json_check_take(c, '0') && sc_json_check_digits(c) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_json_check_take(c, '.') && sc_json_check_digits(c) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_json_check_take(c, 'e') || sc_json_check_take(c, 'E')) {
        if (!sc_json_check_take(c, '+')) {
            (void) sc_json_check_take(c, '-');
        }

        return sc_json_check_digits(c);
    }

    return SC_OK;
}


static int
sc_json_check_digits(sc_json_check_t *c)
{
    const unsigned char  *begin = c->p;

    while (c->p < c->end && *c->p >= '0' && *c->p <= '9') {
        c->p++;
    }

    return c->p > begin ? SC_OK : SC_ERROR;
}


/* Behind its first quote. */
static int
sc_json_check_string(sc_json_check_t *c)
{
    int  rc;

    for (rc = SC_OK; rc == SC_OK && c->p < c->end; /* void */ ) {
        if (sc_json_check_kinds[*c->p] == CHECK_PLAIN) {
            c->p++;

        } else if (sc_json_check_kinds[*c->p] == CHECK_LEAD) {
            rc = sc_json_check_utf8(c);

        } else if (sc_json_check_take(c, '"')) {
            return SC_OK;

        } else {
            rc = sc_json_check_escape(c);
        }
    }

    return SC_ERROR;
}


static int
sc_json_check_escape(sc_json_check_t *c)
{
    unsigned  code, low;

    if (!sc_json_check_take(c, '\\') || c->p == c->end) {
        return SC_ERROR;
    }

    if (*c->p != 'u') {
        return memchr("\"\\/bfnrt", *c->p++, 8) != NULL ? SC_OK : SC_ERROR;
    }

    if (sc_json_check_hex(c, &code) != SC_OK) {
        return SC_ERROR;
    }

    if (code < 0xd800 || code > 0xdfff) {
        return SC_OK;
    }

    return code <= 0xdbff && sc_json_check_take(c, '\\')
           && sc_json_check_hex(c, &low) == SC_OK
           && low >= 0xdc00 && low <= 0xdfff ? SC_OK : SC_ERROR;
}


/* The letter u and four digits. */
static int
sc_json_check_hex(sc_json_check_t *c, unsigned *code)
{
    int          i;
    const char  *digit;

    static const char  digits[] = "0123456789abcdef";

    if (!sc_json_check_take(c, 'u') || c->end - c->p < 4) {
        return SC_ERROR;
    }

    *code = 0;

    for (i = 0; i < 4; i++, c->p++) {
        digit = memchr(digits, *c->p >= 'A' && *c->p <= 'F' ? *c->p | 0x20
                                                            : *c->p, 16);
        if (digit == NULL) {
            return SC_ERROR;
        }

        *code = *code << 4 | (unsigned) (digit - digits);
    }

    return SC_OK;
}


/* The second byte's range excludes overlong forms and surrogates. */
static int
sc_json_check_utf8(sc_json_check_t *c)
{
    size_t  n;

    n = sc_json_utf8(c->p, (size_t) (c->end - c->p));
    c->p += n;

    return n != 0 ? SC_OK : SC_ERROR;
}


static void
sc_json_check_blank(sc_json_check_t *c)
{
    while (sc_json_check_take(c, ' ')) {
        /* it is the only one that may be */
    }
}


static int
sc_json_check_take(sc_json_check_t *c, unsigned char sign)
{
    if (c->p == c->end || *c->p != sign) {
        return 0;
    }

    c->p++;

    return 1;
}
