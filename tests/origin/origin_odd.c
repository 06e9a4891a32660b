
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/origin/origin.h"


#define ODD_MAX_BYTES    (8 * 1024 * 1024)
#define ODD_PAGE         "<html><body><h1>Odd</h1></body></html>"


static int origin_odd_repeat(const origin_request_t *r, const char *head,
    const char *piece, const char *tail, long n);


int
origin_odd_status(const origin_request_t *r)
{
    return origin_send_text(r, "HTTP/1.1 999 Odd\r\nContent-Length: 38\r\n"
                              "Content-Type: text/html\r\n\r\n" ODD_PAGE);
}


/* No version, no header: as it was before HTTP/1.0. */
int
origin_odd_version(const origin_request_t *r)
{
    (void) origin_send_text(r, ODD_PAGE);

    return 0;
}


/* A body where none may be. */
int
origin_odd_body(const origin_request_t *r)
{
    char  head[128];

    (void) snprintf(head, sizeof(head), "HTTP/1.1 %ld Odd\r\n"
                    "Content-Length: 38\r\n\r\n" ODD_PAGE,
                    origin_number(r, "status", 204));
    (void) origin_send_text(r, head);

    return 0;
}


/* To itself, until the cookie comes back. */
int
origin_cookie_wall(const origin_request_t *r)
{
    char  cookie[256];

    if (origin_field(r, "Cookie", cookie, sizeof(cookie))
        && strstr(cookie, "wall=open") != NULL)
    {
        return origin_reply_page(r, 200, "", "Behind the wall");
    }

    return origin_reply_page(r, 302, "Set-Cookie: wall=open; Path=/\r\n"
                             "Location: /cookie-wall\r\n", "Wall");
}


int
origin_cookies(const origin_request_t *r)
{
    long  i, n;
    char  line[64];

    n = origin_number(r, "n", 10000);

    if (!origin_send_text(r, "HTTP/1.1 200 OK\r\n")) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        (void) snprintf(line, sizeof(line), "Set-Cookie: c%ld=%ld\r\n", i, i);

        if (!origin_send_text(r, line)) {
            return 0;
        }
    }

    return origin_send_text(r, "Content-Length: 38\r\n\r\n" ODD_PAGE);
}


int
origin_nested(const origin_request_t *r)
{
    return origin_odd_repeat(r, "<html><body><h1>Nested</h1>", "<div>", "",
                             origin_number(r, "n", 100000));
}


int
origin_attributes(const origin_request_t *r)
{
    return origin_odd_repeat(r, "<html><body><h1>Many</h1><p ", NULL, ">",
                             origin_number(r, "n", 100000));
}


/* One text of this many times 16 bytes. */
int
origin_long_text(const origin_request_t *r)
{
    return origin_odd_repeat(r, "<html><body><h1>Long</h1><p>",
                             "0123456789abcdef", "",
                             origin_number(r, "n", 50000));
}


/* UTF-16, and nothing that says so. */
int
origin_utf16(const origin_request_t *r)
{
    size_t  i;
    char    body[2 * sizeof(ODD_PAGE)];

    for (i = 0; i < sizeof(ODD_PAGE) - 1; i++) {
        body[2 * i] = ODD_PAGE[i];
        body[2 * i + 1] = '\0';
    }

    return origin_reply(r, 200, "Content-Type: text/html\r\n", body,
                        2 * (sizeof(ODD_PAGE) - 1));
}


/* piece NULL: attributes, each with another name. */
static int
origin_odd_repeat(const origin_request_t *r, const char *head,
    const char *piece, const char *tail, long n)
{
    int      keep;
    char    *body;
    long     i;
    size_t   len;

    body = malloc(ODD_MAX_BYTES);
    if (body == NULL) {
        return 0;
    }

    len = (size_t) snprintf(body, ODD_MAX_BYTES, "%s", head);

    for (i = 0; i < n && len < ODD_MAX_BYTES - 64; i++) {
        if (piece == NULL) {
            len += (size_t) snprintf(body + len, 32, " a%ld=1", i);

        } else {
            len += (size_t) snprintf(body + len, 32, "%s", piece);
        }
    }

    len += (size_t) snprintf(body + len, 32, "%s", tail);
    keep = origin_reply(r, 200, "Content-Type: text/html\r\n", body, len);
    free(body);

    return keep;
}
