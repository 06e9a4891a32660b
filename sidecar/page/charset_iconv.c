
#include <errno.h>
#include <iconv.h>
#include <string.h>

#include "sidecar/page/charset_internal.h"


/* a converter may hold a character back */
#define CHARSET_HELD   16

#define CHARSET_COUNT  (sizeof(charset_iconvs) / sizeof(charset_iconvs[0]))


typedef struct {
    const char  *name;
    const char  *iconv;
} charset_iconv_t;


static int charset_iconv(iconv_t cd, char **in, size_t *left, sc_buf_t *out);
static iconv_t charset_iconv_open(const char *name);


/* what glibc calls them */

static const charset_iconv_t  charset_iconvs[] = {
    { "ibm866", "IBM866" },
    { "iso-8859-2", "ISO-8859-2" },
    { "iso-8859-3", "ISO-8859-3" },
    { "iso-8859-4", "ISO-8859-4" },
    { "iso-8859-5", "ISO-8859-5" },
    { "iso-8859-6", "ISO-8859-6" },
    { "iso-8859-7", "ISO-8859-7" },
    { "iso-8859-8", "ISO-8859-8" },
    { "iso-8859-8-i", "ISO-8859-8" },
    { "iso-8859-10", "ISO-8859-10" },
    { "iso-8859-13", "ISO-8859-13" },
    { "iso-8859-14", "ISO-8859-14" },
    { "iso-8859-15", "ISO-8859-15" },
    { "iso-8859-16", "ISO-8859-16" },
    { "koi8-r", "KOI8-R" },
    { "koi8-u", "KOI8-U" },
    { "macintosh", "MACINTOSH" },
    { "windows-874", "CP874" },
    { "windows-1250", "WINDOWS-1250" },
    { "windows-1251", "WINDOWS-1251" },
    { "windows-1253", "WINDOWS-1253" },
    { "windows-1254", "WINDOWS-1254" },
    { "windows-1255", "WINDOWS-1255" },
    { "windows-1256", "WINDOWS-1256" },
    { "windows-1257", "WINDOWS-1257" },
    { "windows-1258", "WINDOWS-1258" },
    { "x-mac-cyrillic", "MAC-CYRILLIC" },
    { "gbk", "GB18030" },
    { "gb18030", "GB18030" },
    { "big5", "BIG5-HKSCS" },
    { "euc-jp", "EUC-JP-MS" },
    { "iso-2022-jp", "ISO-2022-JP" },
    { "shift_jis", "CP932" },
    { "euc-kr", "UHC" },
    { "utf-16be", "UTF-16BE" },
    { "utf-16le", "UTF-16LE" }
};


/* open for as long as the process is, so that their modules stay loaded */

static iconv_t   charset_kept[CHARSET_COUNT];
static unsigned  charset_preloaded;


int
charset_convert_iconv(const char *name, sc_str_t body, sc_buf_t *out)
{
    int      err;
    char    *in;
    size_t   left, unit;
    iconv_t  cd;

    cd = charset_iconv_open(name);
    if (cd == (iconv_t) -1) {
        /* a system without this module: its ASCII is right at least */
        return errno == ENOMEM ? SC_ERROR : charset_convert_1252(body, out);
    }

    in = (char *) body.data;
    left = body.len;
    unit = (strncmp(name, "utf-16", 6) == 0) ? 2 : 1;

    while (left != 0 && !out->failed) {
        err = charset_iconv(cd, &in, &left, out);

        if (err == EILSEQ || err == EINVAL) {
            (void) sc_buf_add(out, CHARSET_BAD, 3);

            if (err == EINVAL || left < unit) {
                break;
            }

            in += unit;
            left -= unit;
        }
    }

    left = 0;
    (void) charset_iconv(cd, NULL, &left, out);
    (void) iconv_close(cd);

    return out->failed ? SC_ERROR : SC_OK;
}


int
charset_iconv_preload(void)
{
    int     rc;
    size_t  i;

    rc = SC_OK;
    charset_preloaded = 1;

    for (i = 0; i < CHARSET_COUNT; i++) {
        if (charset_kept[i] != NULL) {
            continue;
        }

        charset_kept[i] = iconv_open("UTF-8", charset_iconvs[i].iconv);

        if (charset_kept[i] == (iconv_t) -1) {
            charset_kept[i] = NULL;
            rc = SC_ERROR;
        }
    }

    return rc;
}


/* One step, or with in NULL the end, of a conversion; 0 or its errno. */

static int
charset_iconv(iconv_t cd, char **in, size_t *left, sc_buf_t *out)
{
    int     err;
    char   *w;
    size_t  room;

    room = 4 * (*left < CHARSET_CHUNK ? *left : CHARSET_CHUNK) + CHARSET_HELD;

    w = sc_buf_reserve(out, room);
    if (w == NULL) {
        return ENOMEM;
    }

    err = iconv(cd, in, left, &w, &room) == (size_t) -1 ? errno : 0;
    *w = '\0';
    out->len = (size_t) (w - out->data);

    return err;
}


static iconv_t
charset_iconv_open(const char *name)
{
    size_t  i;

    for (i = 0; i < CHARSET_COUNT; i++) {
        if (charset_preloaded && charset_kept[i] == NULL) {
            /* it would be looked for in files, which may be shut by now */
            continue;
        }

        if (strcmp(charset_iconvs[i].name, name) == 0) {
            return iconv_open("UTF-8", charset_iconvs[i].iconv);
        }
    }

    errno = EINVAL;

    return (iconv_t) -1;
}
