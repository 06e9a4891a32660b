
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <zlib.h>

#include "sidecar/crawl/crawl_internal.h"
#include "sidecar/page/charset.h"


#define CRAWL_SITEMAP_CHUNK  262144
#define CRAWL_SITEMAP_GZIP   (15 + 16)      /* window bits, gzip alone */
#define CRAWL_SITEMAP_BLANK  " \t\r\n"

#define CRAWL_SITEMAP_MEMORY  "memory is out"


static int crawl_sitemap_fail(char *err, size_t errlen, const char *why);
static int crawl_sitemap_packed(sc_str_t body);
static int crawl_sitemap_unpack(sc_str_t body, sc_buf_t *out, char *err,
    size_t errlen);
static int crawl_sitemap_inflate(z_stream *z, sc_buf_t *out, char *err,
    size_t errlen);
static int crawl_sitemap_next(z_stream *z);
static int crawl_sitemap_read(crawl_found_t *f, sc_str_t body, char *err,
    size_t errlen);
static int crawl_sitemap_text(crawl_found_t *f, sc_str_t text, char *err,
    size_t errlen);
static int crawl_sitemap_line(crawl_found_t *f, const char *line,
    size_t len);


int
crawl_sitemap(const crawl_scope_t *scope, const char *url, sc_str_t body,
    int64_t now, sc_buf_t *out, char *err, size_t errlen)
{
    int            rc;
    sc_buf_t       unpacked;
    crawl_found_t  f;

    sc_buf_init(&unpacked, CRAWL_MAX_SITEMAP_BYTES);
    crawl_found_init(&f, scope, url, now, CRAWL_MAX_SITEMAP, out);

    rc = SC_OK;

    if (crawl_sitemap_packed(body)) {
        rc = crawl_sitemap_unpack(body, &unpacked, err, errlen);
        body.data = unpacked.data;
        body.len = unpacked.len;
    }

    if (rc == SC_OK && body.len > CRAWL_MAX_SITEMAP_BYTES) {
        rc = crawl_sitemap_fail(err, errlen, "the sitemap is longer than 50 "
                                "MiB");
    }

    if (rc == SC_OK) {
        rc = crawl_sitemap_read(&f, body, err, errlen);
    }

    if (rc == SC_ERROR || out->failed) {
        (void) crawl_sitemap_fail(err, errlen, CRAWL_SITEMAP_MEMORY);
        rc = SC_ERROR;
    }

    crawl_found_free(&f);
    sc_buf_free(&unpacked);

    return rc;
}


static int
crawl_sitemap_fail(char *err, size_t errlen, const char *why)
{
    (void) snprintf(err, errlen, "%s", why);

    return SC_DECLINED;
}


static int
crawl_sitemap_packed(sc_str_t body)
{
    return body.len > 2 && memcmp(body.data, "\x1f\x8b", 2) == 0;
}


static int
crawl_sitemap_unpack(sc_str_t body, sc_buf_t *out, char *err, size_t errlen)
{
    int       rc;
    z_stream  z;

    memset(&z, 0, sizeof(z_stream));

    if (inflateInit2(&z, CRAWL_SITEMAP_GZIP) != Z_OK) {
        return SC_ERROR;
    }

    z.next_in = (Bytef *) body.data;
    z.avail_in = (uInt) body.len;

    rc = crawl_sitemap_inflate(&z, out, err, errlen);
    (void) inflateEnd(&z);

    return rc;
}


static int
crawl_sitemap_inflate(z_stream *z, sc_buf_t *out, char *err, size_t errlen)
{
    int      rc;
    char    *room;
    size_t   size;

    do {
        size = out->max - out->len;

        if (size == 0) {
            return crawl_sitemap_fail(err, errlen, "the sitemap is longer "
                                      "than 50 MiB unpacked");
        }

        size = size < CRAWL_SITEMAP_CHUNK ? size : CRAWL_SITEMAP_CHUNK;

        room = sc_buf_reserve(out, size);
        if (room == NULL) {
            return SC_ERROR;
        }

        z->next_out = (Bytef *) room;
        z->avail_out = (uInt) size;

        rc = inflate(z, Z_NO_FLUSH);

        out->len += size - z->avail_out;
        out->data[out->len] = '\0';

        if (rc == Z_STREAM_END) {
            rc = crawl_sitemap_next(z);
        }

    } while (rc == Z_OK && (z->avail_in != 0 || z->avail_out == 0));

    if (rc == Z_MEM_ERROR) {
        return SC_ERROR;
    }

    return rc == Z_STREAM_END ? SC_OK
           : crawl_sitemap_fail(err, errlen, "the sitemap is gzip that is "
                                "damaged or ends too early");
}


/* Z_OK when there is another member, else Z_STREAM_END (RFC 1952, 2.2). */

static int
crawl_sitemap_next(z_stream *z)
{
    if (z->avail_in < 2 || memcmp(z->next_in, "\x1f\x8b", 2) != 0) {
        return Z_STREAM_END;
    }

    return inflateReset(z);
}


static int
crawl_sitemap_read(crawl_found_t *f, sc_str_t body, char *err, size_t errlen)
{
    int         rc;
    size_t      blank;
    sc_buf_t    space;
    sc_str_t    text;
    charset_t   cs;

    sc_buf_init(&space, 0);
    charset_detect_xml(body, "", &cs);

    if (charset_decode(cs.name, body, &space, &text) != SC_OK) {
        sc_buf_free(&space);
        return SC_ERROR;
    }

    for (blank = 0; blank < text.len
         && strchr(CRAWL_SITEMAP_BLANK, text.data[blank]) != NULL; blank++)
    {
        /* void */
    }

    text.data += blank;
    text.len -= blank;

    rc = (text.len != 0 && text.data[0] == '<')
         ? crawl_xml(f, text, err, errlen)
         : crawl_sitemap_text(f, text, err, errlen);

    sc_buf_free(&space);

    return rc;
}


/* What does not begin with a URL is something else. */

static int
crawl_sitemap_text(crawl_found_t *f, sc_str_t text, char *err, size_t errlen)
{
    int          rc;
    size_t       len;
    const char  *p, *end;

    p = text.data;
    end = text.data + text.len;
    rc = SC_OK;

    if (text.len < 8 || (strncasecmp(p, "http://", 7) != 0
                         && strncasecmp(p, "https://", 8) != 0))
    {
        return crawl_sitemap_fail(err, errlen, "the sitemap is neither XML "
                                  "nor a list of URLs");
    }

    while (p < end && rc != SC_ERROR && !crawl_found_full(f)) {
        for (len = 0; p + len < end && p[len] != '\n' && p[len] != '\r';
             len++)
        {
            /* void */
        }

        rc = crawl_sitemap_line(f, p, len);
        p += len + 1;
    }

    return rc == SC_ERROR ? SC_ERROR : SC_OK;
}


static int
crawl_sitemap_line(crawl_found_t *f, const char *line, size_t len)
{
    int    rc;
    url_t  url;

    static const sc_str_t  none = sc_null_string;

    if (len < 8 || len > URL_MAX) {
        return SC_DECLINED;
    }

    rc = crawl_found_url(f, line, len, &url);

    if (rc != SC_OK) {
        return rc;
    }

    if (crawl_scope_check(f->scope, &url, f->now) == CRAWL_IN) {
        rc = crawl_found_line(f, 's', &url, none);
    }

    url_free(&url);

    return rc;
}
