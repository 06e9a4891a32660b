
#include <string.h>

#include "sidecar/page/charset_internal.h"


/* how much of a body is looked at for a <meta> */
#define CHARSET_PRESCAN  1024

#define CHARSET_ONES     UINT64_C(0x0101010101010101)
#define CHARSET_HIGHS    UINT64_C(0x8080808080808080)


static int charset_declared(sc_str_t body, const char *content_type,
    charset_t *cs);
static void charset_undeclared(sc_str_t body, charset_t *cs);
static size_t charset_bom(sc_str_t body, const char **name);
static int charset_convert(const char *name, sc_str_t body, sc_buf_t *out);
static int charset_repair(sc_buf_t *out, sc_str_t text, size_t valid);
static size_t charset_bad(const unsigned char *p, size_t len);
static size_t charset_sequence(const unsigned char *p, size_t len,
    size_t *good);


const uint16_t  charset_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
    0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178
};


void
charset_detect(sc_str_t body, const char *content_type, charset_t *cs)
{
    size_t  len;

    if (charset_declared(body, content_type, cs)) {
        return;
    }

    len = body.len < CHARSET_PRESCAN ? body.len : CHARSET_PRESCAN;

    cs->from = "meta";
    cs->name = len != 0 ? charset_prescan(body.data, len) : NULL;

    if (cs->name == NULL) {
        charset_undeclared(body, cs);
    }
}


void
charset_detect_text(sc_str_t body, const char *content_type, charset_t *cs)
{
    if (!charset_declared(body, content_type, cs)) {
        charset_undeclared(body, cs);
    }
}


void
charset_detect_xml(sc_str_t body, const char *content_type, charset_t *cs)
{
    if (charset_declared(body, content_type, cs)) {
        return;
    }

    cs->from = "xml";
    cs->name = charset_xml(body);
    if (cs->name != NULL) {
        return;
    }

    cs->name = "utf-8";
    cs->from = charset_valid(body.data, body.len) == body.len ? "valid-utf-8"
                                                              : "default";
}


int
charset_decode(const char *name, sc_str_t body, sc_buf_t *space,
    sc_str_t *text)
{
    int          rc;
    size_t       n;
    sc_buf_t     out;
    const char  *bom;

    sc_buf_reset(space);

    n = charset_bom(body, &bom);
    if (n != 0 && strcmp(bom, name) == 0) {
        body.data += n;
        body.len -= n;
    }

    if (strcmp(name, "utf-8") != 0) {
        if (charset_convert(name, body, space) != SC_OK) {
            return SC_ERROR;
        }

        body.data = space->data;
        body.len = space->len;
    }

    *text = body;

    n = charset_valid(body.data, body.len);
    if (n == body.len) {
        return SC_OK;
    }

    sc_buf_init(&out, space->max);
    rc = charset_repair(&out, body, n);
    sc_buf_free(space);
    *space = out;
    text->data = out.data;
    text->len = out.len;

    return rc;
}


int
charset_preload(void)
{
    int  rc;

    rc = charset_iconv_preload();

    return charset_guess_preload() == SC_OK ? rc : SC_ERROR;
}


/* Eight bytes at a time while they are ASCII and none is NUL. */

size_t
charset_valid(const char *data, size_t len)
{
    size_t                i, n, good;
    uint64_t              word;
    const unsigned char  *p;

    p = (const unsigned char *) data;

    for (i = 0; i < len; /* void */ ) {

        if (len - i >= sizeof(word)) {
            memcpy(&word, p + i, sizeof(word));

            if ((((word - CHARSET_ONES) | word) & CHARSET_HIGHS) == 0) {
                i += sizeof(word);
                continue;
            }
        }

        if (p[i] != '\0' && p[i] < 0x80) {
            i++;
            continue;
        }

        n = charset_sequence(p + i, len - i, &good);
        if (n == 0 || n != good) {
            return i;
        }

        i += n;
    }

    return len;
}


static int
charset_declared(sc_str_t body, const char *content_type, charset_t *cs)
{
    cs->from = "bom";

    if (charset_bom(body, &cs->name) != 0) {
        return 1;
    }

    cs->from = "header";
    cs->name = charset_parameter(content_type, strlen(content_type));

    return cs->name != NULL;
}


static void
charset_undeclared(sc_str_t body, charset_t *cs)
{
    size_t  valid;

    valid = charset_valid(body.data, body.len);

    cs->name = "utf-8";
    cs->from = "valid-utf-8";

    if (valid == body.len) {
        return;
    }

    cs->from = "detected";
    cs->name = charset_guess(body);

    if (cs->name == NULL) {
        cs->name = "windows-1252";
        cs->from = "default";
    }
}


/* The length of a byte order mark, and whose it is; 0 when there is none. */

static size_t
charset_bom(sc_str_t body, const char **name)
{
    if (body.len >= 3 && memcmp(body.data, "\xef\xbb\xbf", 3) == 0) {
        *name = "utf-8";
        return 3;
    }

    if (body.len >= 2 && memcmp(body.data, "\xff\xfe", 2) == 0) {
        *name = "utf-16le";
        return 2;
    }

    if (body.len >= 2 && memcmp(body.data, "\xfe\xff", 2) == 0) {
        *name = "utf-16be";
        return 2;
    }

    return 0;
}


static int
charset_convert(const char *name, sc_str_t body, sc_buf_t *out)
{
    if (strcmp(name, "windows-1252") == 0) {
        return charset_convert_1252(body, out);
    }

    return charset_convert_iconv(name, body, out);
}


/* The default of the Web is converted here: no module has to be loaded. */

int
charset_convert_1252(sc_str_t body, sc_buf_t *out)
{
    char                 *w;
    size_t                i, n;
    uint32_t              c;
    const unsigned char  *p;

    p = (const unsigned char *) body.data;

    while (body.len != 0) {
        n = body.len < CHARSET_CHUNK ? body.len : CHARSET_CHUNK;

        w = sc_buf_reserve(out, 3 * n);
        if (w == NULL) {
            return SC_ERROR;
        }

        for (i = 0; i < n; i++) {
            c = (p[i] >= 0x80 && p[i] <= 0x9f) ? charset_1252[p[i] - 0x80]
                                               : p[i];

            if (c < 0x80) {
                *w++ = (char) c;

            } else if (c < 0x800) {
                *w++ = (char) (0xc0 | (c >> 6));
                *w++ = (char) (0x80 | (c & 0x3f));

            } else {
                *w++ = (char) (0xe0 | (c >> 12));
                *w++ = (char) (0x80 | ((c >> 6) & 0x3f));
                *w++ = (char) (0x80 | (c & 0x3f));
            }
        }

        *w = '\0';
        out->len = (size_t) (w - out->data);
        p += n;
        body.len -= n;
    }

    return SC_OK;
}


/* Copy text, of which the first valid bytes are good. */

static int
charset_repair(sc_buf_t *out, sc_str_t text, size_t valid)
{
    sc_buf_add(out, text.data, valid);

    text.data += valid;
    text.len -= valid;

    while (text.len != 0) {
        valid = charset_bad((const unsigned char *) text.data, text.len);
        sc_buf_add(out, CHARSET_BAD, 3);

        text.data += valid;
        text.len -= valid;

        valid = charset_valid(text.data, text.len);
        sc_buf_add(out, text.data, valid);

        text.data += valid;
        text.len -= valid;
    }

    return out->failed ? SC_ERROR : SC_OK;
}


/* How many bytes one U+FFFD stands for: the longest start of a sequence. */

static size_t
charset_bad(const unsigned char *p, size_t len)
{
    size_t  good;

    (void) charset_sequence(p, len, &good);

    return good != 0 ? good : 1;
}


/*
 * The length the sequence at p claims (0: nothing begins with this byte), and
 * in *good how many of its bytes are as they must be.  The second byte's
 * range excludes overlong forms, surrogates and what is above U+10FFFF.
 */

static size_t
charset_sequence(const unsigned char *p, size_t len, size_t *good)
{
    size_t         i, n;
    unsigned char  lo, hi;

    *good = 0;

    if (p[0] < 0xc2 || p[0] > 0xf4) {
        return 0;
    }

    n = (p[0] >= 0xf0) ? 4 : (p[0] >= 0xe0) ? 3 : 2;
    lo = (p[0] == 0xe0) ? 0xa0 : (p[0] == 0xf0) ? 0x90 : 0x80;
    hi = (p[0] == 0xed) ? 0x9f : (p[0] == 0xf4) ? 0x8f : 0xbf;

    for (i = 1; i < n && i < len; i++) {
        if (p[i] < lo || p[i] > hi) {
            break;
        }

        lo = 0x80;
        hi = 0xbf;
    }

    *good = i;

    return n;
}
