
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <zlib.h>

#include "tests/origin/origin.h"


#define ORIGIN_FOREVER    -1
#define ORIGIN_SECOND     1000
#define ORIGIN_LATE       10000


static int origin_drop(const origin_request_t *r);
static int origin_repeat(const origin_request_t *r, const char *text);
static int origin_drip_text(const origin_request_t *r, const char *text);


int
origin_hang(const origin_request_t *r)
{
    (void) origin_wait(r, ORIGIN_FOREVER);

    return 0;
}


int
origin_hang_headers(const origin_request_t *r)
{
    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/ht");

    return origin_hang(r);
}


int
origin_drip(const origin_request_t *r)
{
    return origin_send_text(r, "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/html\r\n\r\n")
           && origin_drip_text(r, "<h1>A byte a second</h1>");
}


int
origin_drip_headers(const origin_request_t *r)
{
    return origin_drip_text(r, "HTTP/1.1 200 OK\r\nX-Slow: 1");
}


/* A byte a second, the text over and over. */
static int
origin_drip_text(const origin_request_t *r, const char *text)
{
    const char  *p;

    for (p = text; ; p++) {
        if (*p == '\0') {
            p = text;
        }

        if (!origin_send(r, p, 1) || origin_wait(r, ORIGIN_SECOND)) {
            return 0;
        }
    }
}


int
origin_endless(const origin_request_t *r)
{
    return origin_send_text(r, "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/html\r\n\r\n")
           && origin_repeat(r, "<p>and on, and on, and on</p>\n");
}


/* Until the peer has enough; 16 KB at a time. */
static int
origin_repeat(const origin_request_t *r, const char *text)
{
    char    block[16384];
    size_t  len, n;

    len = strlen(text);

    for (n = 0; n + len <= sizeof(block); n += len) {
        memcpy(block + n, text, len);
    }

    while (origin_send(r, block, n)) {
        /* void */
    }

    return 0;
}


int
origin_short(const origin_request_t *r)
{
    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            "Content-Length: 100\r\n\r\n<h1>Short<");

    return 0;
}


int
origin_long(const origin_request_t *r)
{
    char  body[101];

    memset(body, 'x', 100);
    body[100] = '\0';

    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            "Content-Length: 10\r\n\r\n");
    (void) origin_send_text(r, body);

    return 0;
}


/*
 * A reader that takes 16 KB at a time finds a page where the next answer
 * should be.
 */
int
origin_surplus(const origin_request_t *r)
{
    char    data[16384 + 256];
    size_t  len;

    static const char  head[] = "HTTP/1.1 204 No Content\r\n\r\n";
    static const char  page[] = "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n"
                                "\r\n<h1>Surplus</h1>";

    len = 16384 + sizeof(page) - 1;
    memset(data, 'x', sizeof(data));
    memcpy(data, head, sizeof(head) - 1);
    memcpy(data + 16384, page, sizeof(page) - 1);

    return origin_send(r, data, len);
}


/* The next request has come when it is sent. */
int
origin_surplus_late(const origin_request_t *r)
{
    struct pollfd  p = { r->fd, POLLIN, 0 };

    return origin_reply_page(r, 200, "", "Late")
           && poll(&p, 1, ORIGIN_LATE) == 1
           && origin_send_text(r, "<p>surplus</p>\r\n");
}


int
origin_reset(const origin_request_t *r)
{
    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            "Content-Length: 1000\r\n\r\n<h1>Reset</h1>");

    return origin_drop(r);
}


int
origin_reset_early(const origin_request_t *r)
{
    return origin_drop(r);
}


/* Closing is then a reset, and what is not received yet is lost. */
static int
origin_drop(const origin_request_t *r)
{
    struct linger  linger;

    linger.l_onoff = 1;
    linger.l_linger = 0;
    (void) setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));

    return 0;
}


int
origin_close(const origin_request_t *r)
{
    (void) r;

    return 0;
}


int
origin_garbage(const origin_request_t *r)
{
    (void) origin_send_text(r, "220 mail.example ESMTP\r\n"
                            "500 unrecognized command\r\n");

    return 0;
}


int
origin_headers_bomb(const origin_request_t *r)
{
    return origin_send_text(r, "HTTP/1.1 200 OK\r\n")
           && origin_repeat(r, "X-More: and more, and more, and more\r\n");
}


int
origin_interim_bomb(const origin_request_t *r)
{
    return origin_repeat(r, "HTTP/1.1 100 Continue\r\n\r\n");
}


int
origin_trailers_bomb(const origin_request_t *r)
{
    return origin_send_text(r, "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/html\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "c\r\n<h1>Big</h1>\r\n0\r\n")
           && origin_repeat(r, "X-More: and more, and more, and more\r\n");
}


int
origin_header_line(const origin_request_t *r)
{
    int    keep;
    char  *line;
    long   n;

    n = origin_number(r, "bytes", 1000);
    line = n < 64L * 1024 * 1024 ? malloc((size_t) n + 1) : NULL;

    if (line == NULL) {
        return 0;
    }

    memset(line, 'x', (size_t) n);
    line[n] = '\0';

    keep = origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n"
                            "Content-Type: text/html\r\nX-Long: ")
           && origin_send_text(r, line)
           && origin_send_text(r, "\r\n\r\n<h1>Long</h1>");
    free(line);

    return keep;
}


int
origin_gzip_bomb(const origin_request_t *r)
{
    int             rc;
    long            left;
    z_stream        z;
    unsigned char   zeros[16384], out[16384];

    memset(&z, 0, sizeof(z_stream));
    memset(zeros, 0, sizeof(zeros));
    left = origin_number(r, "bytes", 104857600);

    if (!origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                          "Content-Encoding: gzip\r\n\r\n")
        || deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY)
           != Z_OK)
    {
        return 0;
    }

    do {
        if (z.avail_in == 0 && left > 0) {
            z.next_in = zeros;
            z.avail_in = left < (long) sizeof(zeros) ? (unsigned) left
                                                     : sizeof(zeros);
            left -= z.avail_in;
        }

        z.next_out = out;
        z.avail_out = sizeof(out);
        rc = deflate(&z, left > 0 ? Z_NO_FLUSH : Z_FINISH);

    } while (origin_send(r, out, sizeof(out) - z.avail_out) && rc == Z_OK);

    (void) deflateEnd(&z);

    return 0;
}


int
origin_gzip_lie(const origin_request_t *r)
{
    static const char  body[] = "<h1>This is plain text</h1>";

    return origin_reply(r, 200, "Content-Type: text/html\r\n"
                        "Content-Encoding: gzip\r\n", body, sizeof(body) - 1);
}


int
origin_bad_chunk(const origin_request_t *r)
{
    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "c\r\n<h1>Bad</h1>\r\nzz\r\n<p>chunk</p>\r\n");

    return 0;
}


int
origin_cut_chunk(const origin_request_t *r)
{
    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "ff\r\n<h1>Cut</h1>");

    return 0;
}


int
origin_negative_length(const origin_request_t *r)
{
    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            "Content-Length: -5\r\n\r\n<h1>Less</h1>");

    return 0;
}


int
origin_two_lengths(const origin_request_t *r)
{
    (void) origin_send_text(r, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                            "Content-Length: 5\r\nContent-Length: 12\r\n\r\n"
                            "<h1>Two</h1>");

    return 0;
}


int
origin_nul(const origin_request_t *r)
{
    static const char  body[] = "<h1>a\0b</h1>\n<p title=\"c\0d\">\0</p>\n";

    return origin_reply(r, 200, "Content-Type: text/html\r\n", body,
                        sizeof(body) - 1);
}


int
origin_nul_header(const origin_request_t *r)
{
    static const char  text[] = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n"
                                "X-Nul: a\0b\r\n\r\n<h1>Nul</h1>";

    return origin_send(r, text, sizeof(text) - 1);
}
