
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "tests/origin/origin.h"


#define HOSTILE_ZEROS    (8 * 1024 * 1024)
#define HOSTILE_MAX      (64 * 1024)       /* of what is compressed */
#define HOSTILE_BLOCKS   800
#define HOSTILE_TYPE     "Content-Type: text/html\r\n"
#define HOSTILE_HEAD     "HTTP/1.1 200 OK\r\n" HOSTILE_TYPE


static size_t origin_gzip_bytes(const char *in, size_t len, char *out,
    size_t size);


/* 100 MiB of zeros: what brotli -q 11 -w 24 makes of them */
static const unsigned char  origin_brotli[] = {
    0xcf, 0xff, 0xff, 0x7f, 0xf8, 0x27, 0x00, 0xe2, 0xb1, 0x40, 0x20, 0xf7,
    0xfe, 0x9f, 0xff, 0xff, 0xff, 0xf0, 0x4f, 0x00, 0xc4, 0x61, 0x01, 0x80,
    0xee, 0xfd, 0x3f, 0xff, 0xff, 0xff, 0xe1, 0x9f, 0x00, 0x88, 0xc3, 0x22,
    0x00, 0xdd, 0xfb, 0x7f, 0xfe, 0xff, 0xff, 0xc3, 0x3f, 0x01, 0x10, 0x87,
    0x05, 0x00, 0xba, 0xf7, 0xff, 0xfc, 0xff, 0xff, 0x87, 0x7f, 0x02, 0x20,
    0x0e, 0x0b, 0x00, 0x74, 0xef, 0xff, 0xf9, 0xff, 0xff, 0x0f, 0xff, 0x04,
    0x40, 0x1c, 0x16, 0x00, 0xe8, 0xde, 0xff, 0xe7, 0xff, 0xff, 0x0f, 0xfe,
    0x09, 0x80, 0x38, 0x2c, 0x00, 0xd0, 0xbd, 0xff, 0x01
};


/* Each names ten of the one before. */
static const char  origin_xml_laughs[] =
    "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [\n"
    "<!ENTITY a \"ha\">\n"
    "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">\n"
    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">\n"
    "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">\n"
    "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">\n"
    "<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">\n"
    "<!ENTITY g \"&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;\">\n"
    "<!ENTITY h \"&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;\">\n"
    "<!ENTITY i \"&h;&h;&h;&h;&h;&h;&h;&h;&h;&h;\">\n"
    "<!ENTITY x SYSTEM \"file:///etc/passwd\">\n"
    "]>\n<r><h1>&i;</h1><p>&x;</p></r>\n";


int
origin_huge_length(const origin_request_t *r)
{
    (void) origin_send_text(r, HOSTILE_HEAD
                            "Content-Length: 99999999999999999999\r\n\r\n"
                            "<h1>Huge</h1>");

    return 0;
}


int
origin_text_length(const origin_request_t *r)
{
    (void) origin_send_text(r, HOSTILE_HEAD
                            "Content-Length: twelve\r\n\r\n<h1>Text</h1>");

    return 0;
}


int
origin_huge_chunk(const origin_request_t *r)
{
    (void) origin_send_text(r, HOSTILE_HEAD
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "ffffffffffffffffffff\r\n<h1>Huge</h1>");

    return 0;
}


int
origin_folded_header(const origin_request_t *r)
{
    return origin_send_text(r, HOSTILE_HEAD "X-Long: a\r\n   b\r\n\tc\r\n"
                            "Content-Length: 15\r\n\r\n<h1>Folded</h1>");
}


int
origin_half(const origin_request_t *r)
{
    (void) origin_send_text(r, HOSTILE_HEAD "Content-Length: 26\r\n\r\n"
                            "<h1>Half</h1>");

    return origin_hang(r);
}


int
origin_gzip_twice(const origin_request_t *r)
{
    int      keep;
    char    *zeros, *once, *twice;
    size_t   len;

    keep = 0;
    zeros = calloc(1, HOSTILE_ZEROS);
    once = malloc(HOSTILE_MAX);
    twice = malloc(HOSTILE_MAX);

    if (zeros != NULL && once != NULL && twice != NULL) {
        len = origin_gzip_bytes(zeros, HOSTILE_ZEROS, once, HOSTILE_MAX);
        len = origin_gzip_bytes(once, len, twice, HOSTILE_MAX);
        keep = origin_reply(r, 200, HOSTILE_TYPE
                            "Content-Encoding: gzip, gzip\r\n", twice, len);
    }

    free(zeros);
    free(once);
    free(twice);

    return keep;
}


/* Behind the end of the inner content are zeros, which nobody wants. */
int
origin_gzip_hollow(const origin_request_t *r)
{
    int      keep;
    char    *inner, *outer;
    size_t   len;

    static const char  page[] = "<h1>Hollow</h1>";

    keep = 0;
    inner = calloc(1, HOSTILE_ZEROS);
    outer = malloc(HOSTILE_MAX);

    if (inner != NULL && outer != NULL) {
        (void) origin_gzip_bytes(page, sizeof(page) - 1, inner, HOSTILE_MAX);
        len = origin_gzip_bytes(inner, HOSTILE_ZEROS, outer, HOSTILE_MAX);
        keep = origin_reply(r, 200, HOSTILE_TYPE
                            "Content-Encoding: gzip, gzip\r\n", outer, len);
    }

    free(inner);
    free(outer);

    return keep;
}


int
origin_gzip_chain(const origin_request_t *r)
{
    return origin_reply(r, 200, HOSTILE_TYPE
                        "Content-Encoding: gzip, gzip, gzip\r\n"
                        "Content-Encoding: deflate, gzip, gzip\r\n"
                        "Content-Encoding: gzip, br, gzip\r\n",
                        "\x1f\x8b\x08", 3);
}


int
origin_brotli_bomb(const origin_request_t *r)
{
    return origin_reply(r, 200, HOSTILE_TYPE "Content-Encoding: br\r\n",
                        (const char *) origin_brotli, sizeof(origin_brotli));
}


/* Blocks of RFC 8878 that say "128 KB of this byte"; the last is marked. */
int
origin_zstd_bomb(const origin_request_t *r)
{
    char    body[6 + 4 * HOSTILE_BLOCKS];
    size_t  i;

    memcpy(body, "\x28\xb5\x2f\xfd\x00\x38", 6);

    for (i = 0; i < HOSTILE_BLOCKS; i++) {
        memcpy(body + 6 + 4 * i, i < HOSTILE_BLOCKS - 1 ? "\x02\x00\x10"
                                                        : "\x03\x00\x10",
               4);
    }

    return origin_reply(r, 200, HOSTILE_TYPE "Content-Encoding: zstd\r\n",
                        body, sizeof(body));
}


int
origin_odd_coding(const origin_request_t *r)
{
    static const char  body[] = "<h1>Odd</h1>";

    return origin_reply(r, 200, HOSTILE_TYPE "Content-Encoding: xyzzy\r\n",
                        body, sizeof(body) - 1);
}


int
origin_lying_charset(const origin_request_t *r)
{
    static const char  body[] = "<meta charset=\"shift_jis\">"
                                "<h1>Caf\xe9 \xfc" "ber</h1>";

    return origin_reply(r, 200, "Content-Type: text/html; charset=utf-8\r\n",
                        body, sizeof(body) - 1);
}


int
origin_laughs(const origin_request_t *r)
{
    return origin_reply(r, 200, "Content-Type: application/xml\r\n",
                        origin_xml_laughs, sizeof(origin_xml_laughs) - 1);
}


int
origin_sitemap_self(const origin_request_t *r)
{
    char  host[128], body[512];

    if (!origin_field(r, "Host", host, sizeof(host))) {
        return 0;
    }

    (void) snprintf(body, sizeof(body), "<?xml version=\"1.0\"?>"
                    "<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/"
                    "sitemap/0.9\"><sitemap><loc>http://%s/sitemap-self</loc>"
                    "</sitemap><sitemap><loc>http://%s/sitemap-gzip</loc>"
                    "</sitemap></sitemapindex>", host, host);

    return origin_reply(r, 200, "Content-Type: application/xml\r\n", body,
                        strlen(body));
}


int
origin_sitemap_gzip(const origin_request_t *r)
{
    char    host[128], body[512], once[1024], twice[2048];
    size_t  len;

    if (!origin_field(r, "Host", host, sizeof(host))) {
        return 0;
    }

    (void) snprintf(body, sizeof(body), "<?xml version=\"1.0\"?>"
                    "<urlset xmlns=\"http://www.sitemaps.org/schemas/"
                    "sitemap/0.9\"><url><loc>http://%s/page/1</loc></url>"
                    "</urlset>", host);
    len = origin_gzip_bytes(body, strlen(body), once, sizeof(once));
    len = origin_gzip_bytes(once, len, twice, sizeof(twice));

    return origin_reply(r, 200, "Content-Type: application/gzip\r\n", twice,
                        len);
}


/* How long it is compressed, 0 when it does not fit. */
static size_t
origin_gzip_bytes(const char *in, size_t len, char *out, size_t size)
{
    int       rc;
    z_stream  z;

    memset(&z, 0, sizeof(z_stream));

    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY)
        != Z_OK)
    {
        return 0;
    }

    z.next_in = (unsigned char *) in;
    z.avail_in = (unsigned) len;
    z.next_out = (unsigned char *) out;
    z.avail_out = (unsigned) size;
    rc = deflate(&z, Z_FINISH);
    len = z.total_out;
    (void) deflateEnd(&z);

    return rc == Z_STREAM_END ? len : 0;
}
