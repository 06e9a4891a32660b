
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utlist.h>

#include "sidecar/api/server_internal.h"
#include "sidecar/core/log.h"
#include "sidecar/metrics/metrics.h"


#define SERVER_SHOWN    40      /* bytes of what is not a frame */


static void server_conn_event(loop_io_t *io, uint32_t events);
static void server_conn_read(server_conn_t *conn);
static size_t server_conn_parse(server_conn_t *conn, const char *data,
    size_t len);
static void server_conn_not_a_frame(server_conn_t *conn, const char *data,
    size_t len);
static void server_conn_flush(loop_task_t *task);
static uint32_t server_conn_events(const server_conn_t *conn, size_t left);
static int server_conn_send(server_conn_t *conn);
static void server_conn_sent(server_conn_t *conn);
static void server_conn_linger(loop_timer_t *timer);
static void server_conn_cancel_all(server_conn_t *conn);


void
server_conn_create(server_t *s, int fd)
{
    int             on;
    server_conn_t  *conn;

    conn = calloc(1, sizeof(server_conn_t));
    if (conn == NULL) {
        log_error("memory is out, a connection is refused");
        (void) close(fd);
        return;
    }

    /* fails on a Unix socket, which has no such delay */
    on = 1;
    (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    conn->server = s;
    conn->io.fd = fd;
    conn->io.handler = server_conn_event;
    conn->io.data = conn;
    conn->flush.handler = server_conn_flush;
    conn->flush.data = conn;
    loop_timer_init(&conn->linger, server_conn_linger, conn);
    sc_buf_init(&conn->in, 0);
    sc_buf_init(&conn->out, 0);

    if (loop_io_set(s->loop, &conn->io, EPOLLIN) != SC_OK) {
        log_error("could not watch a connection: %m");
        (void) close(fd);
        free(conn);
        return;
    }

    DL_APPEND(s->conns, conn);
    s->nconns++;
    metrics_add(METRICS_ACCEPTED, 1);
}


void
server_conn_close(server_conn_t *conn)
{
    server_t  *s = conn->server;

    server_conn_cancel_all(conn);
    server_rules_release(conn);

    loop_undefer(&conn->flush);
    loop_timer_del(s->loop, &conn->linger);
    loop_io_del(s->loop, &conn->io);
    (void) close(conn->io.fd);

    sc_buf_free(&conn->in);
    sc_buf_free(&conn->out);
    DL_DELETE(s->conns, conn);
    s->nconns--;
    free(conn);
}


void
server_conn_fail(server_conn_t *conn, const char *fmt, ...)
{
    char     text[512];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    log_warn("protocol error on a connection of nginx: %s", text);

    server_conn_cancel_all(conn);

    (void) sc_frame_add(&conn->out, SC_FRAME_ERROR, 0, 0, text, strlen(text));
    conn->failed = 1;
    loop_defer(conn->server->loop, &conn->flush);
    (void) loop_timer_set(conn->server->loop, &conn->linger, SERVER_LINGER);
}


static void
server_conn_event(loop_io_t *io, uint32_t events)
{
    server_conn_t  *conn = io->data;

    if (events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) {
        server_conn_close(conn);
        return;
    }

    if (events & EPOLLOUT) {
        loop_defer(conn->server->loop, &conn->flush);
    }

    if (events & EPOLLIN) {
        server_conn_read(conn);
    }
}


static void
server_conn_read(server_conn_t *conn)
{
    size_t     used, len;
    ssize_t    n;
    server_t  *s = conn->server;

    n = recv(conn->io.fd, s->read_buf, sizeof(s->read_buf), 0);

    if (n <= 0) {
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            server_conn_close(conn);
        }

        return;
    }

    len = (size_t) n;
    metrics_add(METRICS_RECEIVED, n);

    if (conn->failed) {
        return;
    }

    if (conn->in.len == 0) {
        used = server_conn_parse(conn, s->read_buf, len);
        (void) sc_buf_add(&conn->in, s->read_buf + used, len - used);

    } else {
        if (sc_buf_add(&conn->in, s->read_buf, len) == SC_OK) {
            used = server_conn_parse(conn, conn->in.data, conn->in.len);
            sc_buf_consume(&conn->in, used);
        }

        if (conn->in.len == 0 && conn->in.cap > SERVER_KEEP) {
            sc_buf_free(&conn->in);
        }
    }

    if (conn->in.failed) {
        log_error("memory is out, a connection is closed");
        server_conn_close(conn);
    }
}


/*
 * Do what the whole frames in data say; how many bytes they have.  A frame is
 * at most SC_FRAME_MAX_PAYLOAD long, and so is, about, what is left.
 */
static size_t
server_conn_parse(server_conn_t *conn, const char *data, size_t len)
{
    int         rc;
    size_t      pos, used;
    sc_frame_t  f;

    pos = 0;

    while (pos < len) {
        rc = sc_frame_parse(data + pos, len - pos, &f, &used);

        if (rc == SC_ERROR) {
            server_conn_not_a_frame(conn, data + pos, len - pos);
            return len;
        }

        if (rc == SC_AGAIN || f.len > len - pos - used) {
            break;
        }

        server_frame(conn, &f, data + pos + used);

        if (conn->failed) {
            return len;
        }

        pos += used + f.len;
    }

    return pos;
}


static void
server_conn_not_a_frame(server_conn_t *conn, const char *data, size_t len)
{
    size_t  n;

    for (n = 0; n < len && n < SERVER_SHOWN; n++) {
        if (data[n] < 0x20 || data[n] == 0x7f) {
            break;
        }
    }

    server_conn_fail(conn, "\"%.*s\" does not begin a frame", (int) n, data);
}


static void
server_conn_flush(loop_task_t *task)
{
    size_t          left;
    server_conn_t  *conn = task->data;
    server_t       *s = conn->server;

    if (server_conn_send(conn) != SC_OK) {
        server_conn_close(conn);
        return;
    }

    left = conn->out.len - conn->out_pos;

    if (left == 0) {
        if (s->draining && conn->nopen == 0 && conn->in.len == 0) {
            server_conn_close(conn);
            return;
        }

        server_conn_sent(conn);
    }

    if (loop_io_set(s->loop, &conn->io, server_conn_events(conn, left))
        != SC_OK)
    {
        log_error("could not watch a connection: %m");
        server_conn_close(conn);
    }
}


static uint32_t
server_conn_events(const server_conn_t *conn, size_t left)
{
    uint32_t  events;

    events = left > 0 ? EPOLLOUT : 0;

    /* its bytes stay where they are, and its end is seen all the same */
    if (conn->window == 0 && conn->nheld > 0 && conn->nheld == conn->nopen) {
        return events | EPOLLRDHUP;
    }

    /* who does not read its replies is not read from */
    return left < SERVER_HIGH_WATER ? events | EPOLLIN : events;
}


/* SC_OK when all is sent, the socket takes no more, or others have a turn. */
static int
server_conn_send(server_conn_t *conn)
{
    size_t   sent;
    ssize_t  n;

    for (sent = 0; /* void */; sent += (size_t) n) {
        server_reply_fill(conn);

        if (conn->out.failed) {
            log_error("memory is out, a connection is closed");
            return SC_ERROR;
        }

        if (conn->out_pos == conn->out.len || sent >= SERVER_SEND_MAX) {
            return SC_OK;
        }

        n = send(conn->io.fd, conn->out.data + conn->out_pos,
                 conn->out.len - conn->out_pos, MSG_NOSIGNAL);

        if (n == -1) {
            return errno == EAGAIN || errno == EINTR ? SC_OK : SC_ERROR;
        }

        conn->out_pos += (size_t) n;
        metrics_add(METRICS_SENT, n);
    }
}


static void
server_conn_sent(server_conn_t *conn)
{
    conn->out_pos = 0;

    if (conn->out.cap > SERVER_KEEP) {
        sc_buf_free(&conn->out);

    } else {
        sc_buf_reset(&conn->out);
    }

    /* closed with bytes unread, TCP would take the error frame back */
    if (conn->failed && !conn->lingering) {
        conn->lingering = 1;
        (void) shutdown(conn->io.fd, SHUT_WR);
    }
}


static void
server_conn_linger(loop_timer_t *timer)
{
    server_conn_close(timer->data);
}


static void
server_conn_cancel_all(server_conn_t *conn)
{
    size_t  i;

    for (i = 0; i < SERVER_BUCKETS && conn->nopen > 0; i++) {
        while (conn->table[i] != NULL) {
            server_request_free(conn->table[i]);
        }
    }
}
