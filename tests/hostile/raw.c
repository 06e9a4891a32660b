
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/hostile/raw.h"


#define RAW_TIMEOUT    20000        /* ms, of a request that is one */
#define RAW_PIECE      65536


static void raw_talk(int fd, const char *data, size_t len, int half,
    int timeout, sc_buf_t *in, raw_reply_t *r);
static int raw_read(int fd, sc_buf_t *in, raw_reply_t *r);
static size_t raw_write(int fd, const char *data, size_t len);
static void raw_parse(raw_reply_t *r, size_t len);


int
raw_connect(const gateway_t *g)
{
    int                 fd;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((in_port_t) strtoul(strrchr(g->url, ':') + 1, NULL,
                                             10));
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(connect(fd, (struct sockaddr *) &sin, sizeof(sin)), 0);

    return fd;
}


raw_reply_t
raw_exchange(const gateway_t *g, const char *data, size_t len, int half,
    int timeout)
{
    int          fd;
    sc_buf_t     in;
    raw_reply_t  r;

    (void) signal(SIGPIPE, SIG_IGN);
    memset(&r, 0, sizeof(raw_reply_t));
    sc_buf_init(&in, 0);

    fd = raw_connect(g);
    raw_talk(fd, data, len, half, timeout, &in, &r);
    (void) close(fd);

    ck_assert_ptr_nonnull(sc_buf_reserve(&in, 1));
    in.data[in.len] = '\0';
    r.data = in.data;
    raw_parse(&r, in.len);

    return r;
}


/* It is read while it is sent: the other side may answer early, and stop. */
static void
raw_talk(int fd, const char *data, size_t len, int half, int timeout,
    sc_buf_t *in, raw_reply_t *r)
{
    size_t         n;
    struct pollfd  p;

    p.fd = fd;

    for ( ;; ) {
        p.events = len > 0 ? POLLIN | POLLOUT : POLLIN;

        if (poll(&p, 1, in->len > 0 ? timeout / 4 : timeout) <= 0) {
            return;
        }

        if ((p.revents & (POLLIN | POLLHUP | POLLERR))
            && !raw_read(fd, in, r))
        {
            return;
        }

        if (len > 0 && (p.revents & POLLOUT)) {
            n = raw_write(fd, data, len);
            data += n;
            len = n == 0 ? 0 : len - n;

            if (len == 0 && half) {
                (void) shutdown(fd, SHUT_WR);
            }
        }
    }
}


/* 0 at the end. */
static int
raw_read(int fd, sc_buf_t *in, raw_reply_t *r)
{
    ssize_t  n;

    ck_assert_ptr_nonnull(sc_buf_reserve(in, RAW_PIECE));
    n = recv(fd, in->data + in->len, RAW_PIECE, 0);

    if (n <= 0) {
        r->ended = 1;
        return 0;
    }

    in->len += (size_t) n;

    return 1;
}


/* 0 when the other side takes no more. */
static size_t
raw_write(int fd, const char *data, size_t len)
{
    ssize_t  n;

    n = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

    return n > 0 ? (size_t) n : 0;
}


/* Chunks are not put together: requests by HTTP/1.0 get none. */
static void
raw_parse(raw_reply_t *r, size_t len)
{
    char  *end;

    end = memmem(r->data, len, "\r\n\r\n", 4);
    r->body = end != NULL ? end + 4 : r->data + len;
    r->len = len - (size_t) (r->body - r->data);

    if (len > 12 && strncmp(r->data, "HTTP/1.", 7) == 0) {
        r->status = (int) strtol(r->data + 9, NULL, 10);
    }

    r->json = json_loadb(r->body, r->len, JSON_DECODE_ANY, NULL);
}


raw_reply_t
raw_request(const gateway_t *g, const char *method, const char *path,
    const char *fields, const char *body, size_t len)
{
    char         head[256];
    sc_buf_t     out;
    raw_reply_t  r;

    sc_buf_init(&out, 0);
    (void) snprintf(head, sizeof(head), " HTTP/1.0\r\nHost: localhost\r\n"
                    "Content-Length: %zu\r\n", len);

    ck_assert(sc_buf_add(&out, method, strlen(method)) == SC_OK
              && sc_buf_add(&out, " ", 1) == SC_OK
              && sc_buf_add(&out, path, strlen(path)) == SC_OK
              && sc_buf_add(&out, head, strlen(head)) == SC_OK
              && sc_buf_add(&out, fields, strlen(fields)) == SC_OK
              && sc_buf_add(&out, "\r\n", 2) == SC_OK
              && sc_buf_add(&out, body, len) == SC_OK);

    r = raw_exchange(g, out.data, out.len, 0, RAW_TIMEOUT);
    sc_buf_free(&out);
    ck_assert_msg(r.ended, "%s %s: no whole answer", method, path);

    return r;
}


void
raw_free(raw_reply_t *r)
{
    free(r->data);
    json_decref(r->json);
    memset(r, 0, sizeof(raw_reply_t));
}


int
raw_is_problem(const raw_reply_t *r)
{
    return strcasestr(r->data, "\r\nContent-Type: application/problem+json")
           != NULL
           && json_is_string(json_object_get(r->json, "type"))
           && json_is_string(json_object_get(r->json, "title"))
           && json_integer_value(json_object_get(r->json, "status"))
              == r->status;
}
