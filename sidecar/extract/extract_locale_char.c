
#include <libxml/xmlstring.h>

#include "sidecar/extract/extract_locale.h"


static unsigned extract_char_ascii(unsigned c);
static unsigned extract_char_wide(int c, unsigned *digit);


/*
 * The zeros of other sets of digits: Arabic-Indic, Persian, Devanagari,
 * Bengali, Gujarati, Tamil, Telugu, Thai, full width
 */
static const int  extract_zeros[] = {
    0x660, 0x6f0, 0x966, 0x9e6, 0xae6, 0xbe6, 0xc66, 0xe50, 0xff10
};


extract_char_t
extract_char(sc_str_t text, size_t at)
{
    int             c, len;
    extract_char_t  found = { 0, 0, 0 };

    if (at >= text.len) {
        return found;
    }

    c = (unsigned char) text.data[at];
    found.len = 1;

    if (c < 0x80) {
        found.kind = extract_char_ascii((unsigned) c);
        found.digit = (unsigned) c - '0';
        return found;
    }

    len = (text.len - at < 4) ? (int) (text.len - at) : 4;
    c = xmlGetUTF8Char((const unsigned char *) text.data + at, &len);

    if (c > 0) {
        found.len = (size_t) len;
        found.kind = extract_char_wide(c, &found.digit);
    }

    return found;
}


extract_char_t
extract_char_before(sc_str_t text, size_t at)
{
    size_t          i;
    extract_char_t  c;

    if (at == 0) {
        return extract_char(text, text.len);
    }

    i = at - 1;

    while (i > 0 && at - i < 4
           && ((unsigned char) text.data[i] & 0xc0) == 0x80)
    {
        i--;
    }

    c = extract_char(text, i);

    if (c.len != at - i) {
        c.kind = 0;
        c.len = 1;
    }

    return c;
}


static unsigned
extract_char_ascii(unsigned c)
{
    if (c >= '0' && c <= '9') {
        return EXTRACT_DIGIT;
    }

    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
        return EXTRACT_WORD;
    }

    switch (c) {
    case '.':
        return EXTRACT_DOT;
    case ',':
        return EXTRACT_COMMA;
    case '\'':
        return EXTRACT_APOS;
    case ' ':
    case '\t':
    case '\n':
    case '\r':
        return EXTRACT_SPACE;
    case '-':
        return EXTRACT_MINUS;
    case '$':
        return EXTRACT_MONEY;
    case '(':
        return EXTRACT_OPEN;
    case ')':
        return EXTRACT_CLOSE;
    default:
        return 0;
    }
}


static unsigned
extract_char_wide(int c, unsigned *digit)
{
    size_t  i;

    for (i = 0; i < sizeof(extract_zeros) / sizeof(extract_zeros[0]); i++) {
        if (c >= extract_zeros[i] && c <= extract_zeros[i] + 9) {
            *digit = (unsigned) (c - extract_zeros[i]);
            return EXTRACT_DIGIT;
        }
    }

    if ((c >= 0xa2 && c <= 0xa5) || (c >= 0x20a0 && c <= 0x20cf)) {
        return EXTRACT_MONEY;
    }

    switch (c) {
    case 0xff0e:                 /* full width full stop */
        return EXTRACT_DOT;
    case 0xff0c:                 /* full width comma */
        return EXTRACT_COMMA;
    case 0x2019:                 /* right single quotation mark */
        return EXTRACT_APOS;
    case 0xa0:                   /* no-break, thin, narrow no-break space */
    case 0x2009:
    case 0x202f:
        return EXTRACT_NBSP;
    case 0x66b:                  /* Arabic separators */
        return EXTRACT_DECIMAL;
    case 0x66c:
        return EXTRACT_GROUP;
    case 0x2212:                 /* minus, en dash, full width hyphen */
    case 0x2013:
    case 0xff0d:
        return EXTRACT_MINUS;
    default:
        return (c >= 0xc0 && c < 0x2000) ? EXTRACT_WORD : 0;
    }
}
