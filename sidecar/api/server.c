
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utlist.h>

#include "sidecar/api/server_internal.h"
#include "sidecar/core/log.h"


/* connections accepted before others get their turn */
#define SERVER_ACCEPTS    64


static size_t server_most(void);
static void server_accept(loop_io_t *io, uint32_t events);
static int server_accept_full(server_t *s);
static void server_accept_failed(server_t *s);
static void server_pause(server_t *s);
static void server_unpause(loop_timer_t *timer);
static void server_close_listener(server_t *s);


server_t *
server_create(loop_t *loop, const settings_t *settings, int fd,
    server_handler_pt handler, server_streams_pt streams, void *data,
    char *err, size_t errlen)
{
    server_t  *s;

    s = calloc(1, sizeof(server_t));
    if (s == NULL) {
        (void) snprintf(err, errlen, "memory is out");

        if (fd != -1) {
            (void) close(fd);
        }

        return NULL;
    }

    s->loop = loop;
    s->settings = settings;
    s->handler = handler;
    s->streams = streams;
    s->data = data;
    s->most = server_most();
    loop_timer_init(&s->pause, server_unpause, s);

    s->listener.handler = server_accept;
    s->listener.data = s;
    s->listener.fd = fd;

    if (fd == -1) {
        s->listener.fd = server_listen(settings->listen,
                                       (int) settings->listen_mode, s->path,
                                       sizeof(s->path), err, errlen);
    }

    if (s->listener.fd == -1) {
        free(s);
        return NULL;
    }

    if (loop_io_set(loop, &s->listener, EPOLLIN) != SC_OK) {
        (void) snprintf(err, errlen, "could not watch \"%s\": %m",
                        settings->listen);
        server_close_listener(s);
        free(s);
        return NULL;
    }

    return s;
}


/* Those who wait for pages are not to have all descriptors of the pages. */
static size_t
server_most(void)
{
    struct rlimit  limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == -1
        || limit.rlim_cur == RLIM_INFINITY)
    {
        return SIZE_MAX;
    }

    return (size_t) limit.rlim_cur / 2;
}


void
server_drain(server_t *s)
{
    server_conn_t  *conn;

    s->draining = 1;
    server_close_listener(s);

    /* flushing closes those on which nothing is open */
    DL_FOREACH(s->conns, conn) {
        loop_defer(s->loop, &conn->flush);
    }
}


size_t
server_open(const server_t *s)
{
    size_t                n = s->nopen;
    const server_conn_t  *conn;

    DL_FOREACH(s->conns, conn) {
        n += conn->out.len > conn->out_pos && conn->nopen == conn->nover;
    }

    return n;
}


void
server_destroy(server_t *s)
{
    server_close_listener(s);
    server_local_free(s);

    while (s->conns != NULL) {
        server_conn_close(s->conns);
    }

    server_rules_free(s);
    free(s);
}


static void
server_accept(loop_io_t *io, uint32_t events)
{
    int        i, fd;
    server_t  *s = io->data;

    (void) events;

    for (i = 0; i < SERVER_ACCEPTS && !server_accept_full(s); i++) {
        fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd == -1) {
            server_accept_failed(s);
            return;
        }

        server_conn_create(s, fd);
    }
}


static int
server_accept_full(server_t *s)
{
    if (s->nconns < s->most) {
        s->full = 0;
        return 0;
    }

    if (!s->full) {
        log_warn("%zu connections of nginx are open, half of the "
                 "descriptors: others have to wait", s->nconns);
    }

    s->full = 1;
    server_pause(s);

    return 1;
}


static void
server_accept_failed(server_t *s)
{
    switch (errno) {

    case EAGAIN:
    case EINTR:
    case ECONNABORTED:
        return;

    default:
        break;
    }

    log_warn("could not accept a connection: %m");
    server_pause(s);
}


/* The next connection stays in the queue and would wake us without end. */
static void
server_pause(server_t *s)
{
    if (loop_timer_set(s->loop, &s->pause, SERVER_PAUSE) == SC_OK) {
        loop_io_del(s->loop, &s->listener);
    }
}


static void
server_unpause(loop_timer_t *timer)
{
    server_t  *s = timer->data;

    if (loop_io_set(s->loop, &s->listener, EPOLLIN) != SC_OK) {
        log_warn("could not watch \"%s\": %m", s->settings->listen);
        (void) loop_timer_set(s->loop, timer, SERVER_PAUSE);
    }
}


/*
 * The path goes first, and once: it may soon be that of another process, which
 * serves it in our place.
 */
static void
server_close_listener(server_t *s)
{
    loop_timer_del(s->loop, &s->pause);

    if (s->listener.fd == -1) {
        return;
    }

    if (s->path[0] != '\0') {
        (void) unlink(s->path);
    }

    loop_io_del(s->loop, &s->listener);
    (void) close(s->listener.fd);
    s->listener.fd = -1;
}
