
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "tests/origin/origin.h"


#define ORIGIN_MAX_LINE     1024    /* of a chunk's length or a trailer */
#define ORIGIN_MAX_LINES    100     /* trailers */
#define ORIGIN_GONE         -1


static int origin_body_whole(origin_conn_t *c, size_t len, char **body);
static int origin_body_chunks(origin_conn_t *c, char **body, size_t *len);
static int origin_body_chunk(origin_conn_t *c, size_t *size);
static int origin_body_trailers(origin_conn_t *c);
static int origin_line(origin_conn_t *c, char *line, size_t size);
static int origin_take(origin_conn_t *c, void *out, size_t len);


int
origin_body(origin_conn_t *c, const origin_request_t *r, char **body,
    size_t *len)
{
    char  value[64];
    char  *end;
    int    chunked;

    *body = NULL;
    *len = 0;

    chunked = origin_field(r, "Transfer-Encoding", value, sizeof(value));

    if (chunked && strcasecmp(value, "chunked") != 0) {
        return 501;
    }

    if (origin_field(r, "Content-Length", value, sizeof(value))) {
        errno = 0;
        *len = strtoul(value, &end, 10);

        if (value[0] < '0' || value[0] > '9' || *end != '\0' || chunked) {
            return 400;
        }

        if (errno != 0 || *len > ORIGIN_MAX_BODY) {
            return 413;
        }
    }

    if (c->used == c->len && (chunked || *len > 0)
        && origin_field(r, "Expect", value, sizeof(value))
        && strcasecmp(value, "100-continue") == 0
        && !origin_send_text(r, "HTTP/1.1 100 Continue\r\n\r\n"))
    {
        return ORIGIN_GONE;
    }

    return chunked ? origin_body_chunks(c, body, len)
                   : origin_body_whole(c, *len, body);
}


static int
origin_body_whole(origin_conn_t *c, size_t len, char **body)
{
    *body = malloc(len + 1);

    if (*body == NULL || !origin_take(c, *body, len)) {
        return ORIGIN_GONE;
    }

    (*body)[len] = '\0';

    return 0;
}


static int
origin_body_chunks(origin_conn_t *c, char **body, size_t *len)
{
    int     rc;
    char    end[2];
    char   *more;
    size_t  size;

    for ( ;; ) {
        rc = origin_body_chunk(c, &size);

        if (rc != 0) {
            return rc;
        }

        if (size > ORIGIN_MAX_BODY - *len) {
            return 413;
        }

        more = realloc(*body, *len + size + 1);

        if (more == NULL) {
            return ORIGIN_GONE;
        }

        *body = more;

        if (size == 0) {
            more[*len] = '\0';
            return origin_body_trailers(c);
        }

        if (!origin_take(c, more + *len, size) || !origin_take(c, end, 2)) {
            return ORIGIN_GONE;
        }

        if (end[0] != '\r' || end[1] != '\n') {
            return 400;
        }

        *len += size;
    }
}


/* The line before a chunk; an extension says nothing to this server. */
static int
origin_body_chunk(origin_conn_t *c, size_t *size)
{
    int    rc;
    char   line[ORIGIN_MAX_LINE];
    char  *end;

    rc = origin_line(c, line, sizeof(line));

    if (rc != 0) {
        return rc;
    }

    errno = 0;
    *size = strtoul(line, &end, 16);

    if (end == line || line[0] == '-' || line[0] == '+'
        || (*end != '\0' && *end != ';' && *end != ' '))
    {
        return 400;
    }

    return errno != 0 ? 413 : 0;
}


static int
origin_body_trailers(origin_conn_t *c)
{
    int   i, rc;
    char  line[ORIGIN_MAX_LINE];

    for (i = 0; i < ORIGIN_MAX_LINES; i++) {
        rc = origin_line(c, line, sizeof(line));

        if (rc != 0 || line[0] == '\0') {
            return rc;
        }
    }

    return 400;
}


/* A line without its end. */
static int
origin_line(origin_conn_t *c, char *line, size_t size)
{
    size_t  n;

    for (n = 0; n < size; n++) {
        if (!origin_take(c, line + n, 1)) {
            return ORIGIN_GONE;
        }

        if (line[n] == '\n') {
            if (n == 0 || line[n - 1] != '\r') {
                return 400;
            }

            line[n - 1] = '\0';

            return 0;
        }
    }

    return 400;
}


/* From the connection's buffer, then from the connection. */
static int
origin_take(origin_conn_t *c, void *out, size_t len)
{
    char     *p = out;
    size_t    n;
    ssize_t   got;

    n = c->len - c->used < len ? c->len - c->used : len;
    memcpy(p, c->data + c->used, n);
    c->used += n;

    while (n < len) {
        got = recv(c->fd, p + n, len - n, 0);

        if (got == -1 && errno == EINTR) {
            continue;
        }

        if (got <= 0) {
            return 0;
        }

        n += (size_t) got;
    }

    return 1;
}
