
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "tests/origin/origin.h"


static int origin_pick(const char *text, const char *name, int rest,
    char *out, size_t size);
static size_t origin_decode(const char *s, size_t len, char *out,
    size_t size);
static void origin_plus(char *s);


int
origin_send(const origin_request_t *r, const void *data, size_t len)
{
    ssize_t      n;
    const char  *p = data;

    while (len > 0) {
        n = send(r->fd, p, len, MSG_NOSIGNAL);

        if (n == -1) {
            if (errno == EINTR) {
                continue;
            }

            return 0;
        }

        p += n;
        len -= (size_t) n;
    }

    return 1;
}


int
origin_send_text(const origin_request_t *r, const char *text)
{
    return origin_send(r, text, strlen(text));
}


int
origin_reply(const origin_request_t *r, int status, const char *fields,
    const char *body, size_t len)
{
    int     n, keep;
    char   *out;
    size_t  size;

    size = strlen(fields) + len + 128;
    out = malloc(size);

    if (out == NULL) {
        return 0;
    }

    if (status == 204 || status == 304) {
        n = snprintf(out, size, "HTTP/1.1 %d Status\r\n%s\r\n", status,
                     fields);
        len = 0;

    } else {
        n = snprintf(out, size, "HTTP/1.1 %d Status\r\n%s"
                     "Content-Length: %zu\r\n\r\n", status, fields, len);
    }

    if (strcmp(r->method, "HEAD") == 0) {
        len = 0;
    }

    memcpy(out + n, body, len);
    keep = origin_send(r, out, (size_t) n + len);
    free(out);

    return keep;
}


int
origin_reply_page(const origin_request_t *r, int status, const char *fields,
    const char *title)
{
    int   n;
    char  head[2048], body[1024];

    (void) snprintf(head, sizeof(head),
                    "Content-Type: text/html; charset=utf-8\r\n%s", fields);
    n = snprintf(body, sizeof(body),
                 "<!doctype html>\n<html lang=\"en\">\n<head>"
                 "<meta charset=\"utf-8\"><title>%.200s</title></head>\n"
                 "<body>\n<h1>%.200s</h1>\n</body>\n</html>\n",
                 title, title);

    return origin_reply(r, status, head, body, (size_t) n);
}


int
origin_param(const origin_request_t *r, const char *name, char *out,
    size_t size)
{
    return origin_pick(r->query, name, 0, out, size);
}


int
origin_param_rest(const origin_request_t *r, const char *name, char *out,
    size_t size)
{
    return origin_pick(r->query, name, 1, out, size);
}


int
origin_form(const origin_request_t *r, const char *name, char *out,
    size_t size)
{
    int    found;
    char  *text;

    text = strdup(r->body);

    if (text == NULL) {
        return 0;
    }

    origin_plus(text);
    found = origin_pick(text, name, 0, out, size);
    free(text);

    return found;
}


/* A space is a '+' in a form; one that was a '+' is encoded. */
static void
origin_plus(char *s)
{
    for (s = strchr(s, '+'); s != NULL; s = strchr(s, '+')) {
        *s = ' ';
    }
}


static int
origin_pick(const char *text, const char *name, int rest, char *out,
    size_t size)
{
    size_t       len, n;
    const char  *p, *end;

    len = strlen(name);

    for (p = text; *p != '\0'; p = *end == '&' ? end + 1 : end) {
        end = strchrnul(p, '&');

        if (strncmp(p, name, len) == 0 && p[len] == '=') {
            p += len + 1;
            n = rest ? strlen(p) : (size_t) (end - p);
            n = origin_decode(p, n, out, size);
            out[n] = '\0';
            return 1;
        }
    }

    return 0;
}


static size_t
origin_decode(const char *s, size_t len, char *out, size_t size)
{
    char    hex[3];
    char   *end;
    size_t  i, n;

    n = 0;

    for (i = 0; i < len && n < size - 1; i++) {
        out[n] = s[i];

        if (s[i] == '%' && i + 2 < len) {
            memcpy(hex, s + i + 1, 2);
            hex[2] = '\0';
            out[n] = (char) strtol(hex, &end, 16);
            i += 2;
        }

        n++;
    }

    return n;
}


long
origin_number(const origin_request_t *r, const char *name, long none)
{
    char  text[32];

    if (!origin_param(r, name, text, sizeof(text))) {
        return none;
    }

    return origin_parse(text, none);
}


int
origin_ms(const origin_request_t *r, int none)
{
    long  ms;

    ms = origin_number(r, "ms", none);

    return ms < INT_MAX ? (int) ms : INT_MAX;
}


long
origin_parse(const char *text, long none)
{
    char  *end;
    long   n;

    errno = 0;
    n = strtol(text, &end, 10);

    if (end == text || errno != 0 || n < 0) {
        return none;
    }

    return n;
}


int
origin_field(const origin_request_t *r, const char *name, char *out,
    size_t size)
{
    size_t       len, n;
    const char  *line, *end;

    len = strlen(name);

    for (line = r->fields; *line != '\0'; line = end + 2) {
        end = strstr(line, "\r\n");

        if (end == NULL) {
            break;
        }

        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 1;
            line += strspn(line, " \t");
            n = (size_t) (end - line);
            n = n < size - 1 ? n : size - 1;
            memcpy(out, line, n);
            out[n] = '\0';
            return 1;
        }
    }

    return 0;
}


int
origin_wait(const origin_request_t *r, int ms)
{
    struct pollfd  p;

    /* only its end: POLLIN would wake for bytes that come late */
    p.fd = r->fd;
    p.events = POLLRDHUP;

    return poll(&p, 1, ms) > 0;
}


void
origin_escape(FILE *out, const char *text, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        switch (text[i]) {

        case '&':
            (void) fputs("&amp;", out);
            break;

        case '<':
            (void) fputs("&lt;", out);
            break;

        case '>':
            (void) fputs("&gt;", out);
            break;

        case '"':
            (void) fputs("&quot;", out);
            break;

        default:
            (void) fputc(text[i], out);
        }
    }
}
