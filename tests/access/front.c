
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "tests/access/front.h"


#define FRONT_REQUEST    262144
#define FRONT_TIMEOUT    60         /* s */


static void front_connect(front_t *f);
static int front_send(front_t *f, const char *bytes, size_t n);
static int front_read(front_t *f, int head);
static size_t front_length(const char *head, int *chunked);
static int front_whole(front_t *f, size_t n, size_t at, int head);


void
front_open(front_t *f, const char *at)
{
    memset(f, 0, sizeof(front_t));
    f->fd = -1;
    (void) snprintf(f->at, sizeof(f->at), "%s", at);
    f->room = malloc(FRONT_ANSWER + 1);
    ck_assert_ptr_nonnull(f->room);
}


void
front_close(front_t *f)
{
    if (f->fd != -1) {
        (void) close(f->fd);
        f->fd = -1;
    }

    free(f->room);
    f->room = NULL;
}


int
front_ask(front_t *f, const char *method, const char *path,
    const char *headers, const char *body)
{
    int     n, tries;
    char   *request;

    request = malloc(FRONT_REQUEST);
    ck_assert_ptr_nonnull(request);

    if (body != NULL) {
        n = snprintf(request, FRONT_REQUEST, "%s %s HTTP/1.1\r\nHost: h\r\n"
                     "%sContent-Type: application/json\r\n"
                     "Content-Length: %zu\r\n\r\n%s", method, path, headers,
                     strlen(body), body);

    } else {
        n = snprintf(request, FRONT_REQUEST, "%s %s HTTP/1.1\r\nHost: h\r\n"
                     "%s\r\n", method, path, headers);
    }

    ck_assert(n > 0 && n < FRONT_REQUEST);
    f->status = 0;

    /* a connection that was kept may just have been closed */
    for (tries = 0; tries < 2 && f->status == 0; tries++) {
        if (f->fd == -1) {
            front_connect(f);
        }

        if (!front_send(f, request, (size_t) n)
            || !front_read(f, strcmp(method, "HEAD") == 0))
        {
            (void) close(f->fd);
            f->fd = -1;
        }
    }

    free(request);
    ck_assert_msg(f->status != 0, "%s %s is not answered", method, path);

    return f->status;
}


static void
front_connect(front_t *f)
{
    struct timeval      limit = { .tv_sec = FRONT_TIMEOUT };
    struct sockaddr_un  un = { .sun_family = AF_UNIX };
    struct sockaddr_in  in = { .sin_family = AF_INET };

    if (f->at[0] == '/') {
        (void) snprintf(un.sun_path, sizeof(un.sun_path), "%.100s", f->at);
        f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ck_assert_int_eq(connect(f->fd, (struct sockaddr *) &un, sizeof(un)),
                         0);

    } else {
        in.sin_port = htons((uint16_t) strtoul(f->at, NULL, 10));
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ck_assert_int_eq(connect(f->fd, (struct sockaddr *) &in, sizeof(in)),
                         0);
    }

    (void) setsockopt(f->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}


static int
front_send(front_t *f, const char *bytes, size_t n)
{
    ssize_t  sent;

    while (n > 0) {
        sent = send(f->fd, bytes, n, MSG_NOSIGNAL);

        if (sent <= 0) {
            return 0;
        }

        bytes += sent;
        n -= (size_t) sent;
    }

    return 1;
}


/* An answer; 1 or 0.  head when it has no body in any case. */
static int
front_read(front_t *f, int head)
{
    char    *end;
    size_t   n, at;
    ssize_t  got;

    n = 0;
    at = 0;
    got = 0;

    for ( ;; ) {
        if (at > 0 && front_whole(f, n, at, head)) {
            break;
        }

        got = recv(f->fd, f->room + n, FRONT_ANSWER - n, 0);

        if (got <= 0) {
            break;
        }

        n += (size_t) got;
        f->room[n] = '\0';
        end = at == 0 ? strstr(f->room, "\r\n\r\n") : NULL;

        if (end != NULL) {
            at = (size_t) (end - f->room) + 4;
        }
    }

    if (at == 0 || strncmp(f->room, "HTTP/1.", 7) != 0) {
        return 0;
    }

    f->room[at - 1] = '\0';
    f->head = f->room;
    f->body = f->room + at;
    f->len = n - at;
    f->status = (int) strtol(f->room + 9, NULL, 10);

    if (strcasestr(f->head, "\r\nConnection: close") != NULL || got <= 0)
    {
        (void) close(f->fd);
        f->fd = -1;
    }

    return 1;
}


/* Whether all has come that the head, which ends at at, says. */
static int
front_whole(front_t *f, size_t n, size_t at, int head)
{
    int     chunked;
    char    kept;
    size_t  length;

    kept = f->room[at];
    f->room[at] = '\0';
    length = front_length(f->room, &chunked);
    f->room[at] = kept;

    if (head) {
        return 1;
    }

    if (chunked) {
        return n >= at + 5 && memcmp(f->room + n - 5, "0\r\n\r\n", 5) == 0;
    }

    return n >= at + length;
}


static size_t
front_length(const char *head, int *chunked)
{
    const char  *field;

    *chunked = strcasestr(head, "\r\nTransfer-Encoding: chunked") != NULL;
    field = strcasestr(head, "\r\nContent-Length: ");

    return field != NULL ? strtoul(field + 18, NULL, 10) : 0;
}


int
front_raw(front_t *f, const void *bytes, size_t n)
{
    if (f->fd != -1) {
        (void) close(f->fd);
    }

    front_connect(f);
    f->status = 0;
    f->head = "";
    f->body = "";
    f->len = 0;

    if (front_send(f, bytes, n)) {
        (void) front_read(f, 0);
    }

    if (f->fd != -1) {
        (void) close(f->fd);
        f->fd = -1;
    }

    return f->status;
}


json_t *
front_json(const front_t *f)
{
    return json_loadb(f->body, f->len, JSON_DECODE_ANY, NULL);
}
