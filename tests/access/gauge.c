
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include <check.h>

#include "tests/access/gauge.h"
#include "tests/support/process.h"


#define GAUGE_HEAD   16384
#define GAUGE_STACK  (256 * 1024)
#define GAUGE_OK     "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"       \
                     "Connection: close\r\nCache-Control: max-age=600\r\n"


typedef struct {
    gauge_t  *gauge;
    int       fd;
} gauge_conn_t;


static void *gauge_run(void *data);
static void gauge_begin(gauge_t *g, int fd);
static void *gauge_serve(void *data);
static void gauge_answer(gauge_t *g, int fd, char *head);
static void gauge_page(gauge_t *g, int fd, int who, char *rest);
static void gauge_own(gauge_t *g, int fd, const char *path,
    const char *fields);
static void gauge_send(int fd, const char *bytes, size_t len);


static const char *const  gauge_names[GAUGE_NAMES] = { "/anna/", "/bert/" };


void
gauge_start(gauge_t *g)
{
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(g, 0, sizeof(gauge_t));
    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);
    g->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(g->fd != -1 && bind(g->fd, (struct sockaddr *) &sin, len) == 0
              && listen(g->fd, 256) == 0
              && getsockname(g->fd, (struct sockaddr *) &sin, &len) == 0);
    g->port = ntohs(sin.sin_port);
    ck_assert_int_eq(pthread_mutex_init(&g->mutex, NULL), 0);
    ck_assert_int_eq(pthread_create(&g->thread, NULL, gauge_run, g), 0);
}


void
gauge_stop(gauge_t *g)
{
    g->stop = 1;
    ck_assert_int_eq(pthread_join(g->thread, NULL), 0);

    while (gauge_read(g, &g->threads) != 0) {
        process_pause(5);
    }

    (void) close(g->fd);
    (void) pthread_mutex_destroy(&g->mutex);
}


unsigned
gauge_read(gauge_t *g, const unsigned *number)
{
    unsigned  n;

    (void) pthread_mutex_lock(&g->mutex);
    n = *number;
    (void) pthread_mutex_unlock(&g->mutex);

    return n;
}


static void *
gauge_run(void *data)
{
    int             fd;
    gauge_t        *g = data;
    struct pollfd   p = { g->fd, POLLIN, 0 };

    while (!g->stop) {
        if (poll(&p, 1, 20) != 1) {
            continue;
        }

        fd = accept4(g->fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd != -1) {
            gauge_begin(g, fd);
        }
    }

    return NULL;
}


static void
gauge_begin(gauge_t *g, int fd)
{
    pthread_t        thread;
    gauge_conn_t    *c;
    pthread_attr_t   attr;

    c = malloc(sizeof(gauge_conn_t));

    if (c == NULL) {
        (void) close(fd);
        return;
    }

    c->gauge = g;
    c->fd = fd;
    (void) pthread_mutex_lock(&g->mutex);
    g->threads++;
    (void) pthread_mutex_unlock(&g->mutex);
    (void) pthread_attr_init(&attr);
    (void) pthread_attr_setstacksize(&attr, GAUGE_STACK);
    (void) pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);

    if (pthread_create(&thread, &attr, gauge_serve, c) != 0) {
        (void) gauge_serve(c);
    }

    (void) pthread_attr_destroy(&attr);
}


static void *
gauge_serve(void *data)
{
    char            head[GAUGE_HEAD];
    size_t          len;
    ssize_t         n;
    gauge_conn_t    c = *(gauge_conn_t *) data;
    struct timeval  patience = { 5, 0 };

    free(data);
    (void) setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
                      sizeof(patience));

    for (len = 0; len < sizeof(head) - 1; len += (size_t) n) {
        n = recv(c.fd, head + len, sizeof(head) - 1 - len, 0);

        if (n <= 0) {
            break;
        }

        head[len + (size_t) n] = '\0';

        if (strstr(head, "\r\n\r\n") != NULL) {
            gauge_answer(c.gauge, c.fd, head);
            break;
        }
    }

    (void) close(c.fd);
    (void) pthread_mutex_lock(&c.gauge->mutex);
    c.gauge->threads--;
    (void) pthread_mutex_unlock(&c.gauge->mutex);

    return NULL;
}


static void
gauge_answer(gauge_t *g, int fd, char *head)
{
    int          i;
    size_t       len;
    const char  *path = head + strcspn(head, " ") + 1;

    for (i = 0; i < GAUGE_NAMES; i++) {
        len = strlen(gauge_names[i]);

        if (strncmp(path, gauge_names[i], len) == 0) {
            gauge_page(g, fd, i, (char *) path + len);
            return;
        }
    }

    if (strncmp(path, "/own/", 5) == 0) {
        gauge_own(g, fd, path + 5, head + strcspn(head, "\r"));
        return;
    }

    gauge_send(fd, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 38);
}


static void
gauge_page(gauge_t *g, int fd, int who, char *rest)
{
    char           head[256], *end, *body;
    size_t         bytes;
    unsigned long  ms;

    bytes = strtoul(rest, &end, 10);
    ms = *end == '/' ? strtoul(end + 1, NULL, 10) : 0;
    body = malloc(bytes + 1);

    if (body == NULL) {
        return;
    }

    memset(body, 'x', bytes);
    (void) pthread_mutex_lock(&g->mutex);
    g->now[who]++;
    g->most[who] = g->now[who] > g->most[who] ? g->now[who] : g->most[who];
    (void) pthread_mutex_unlock(&g->mutex);
    process_pause((unsigned) ms);

    /* it is over before its last byte is there: the next may come at once */
    (void) pthread_mutex_lock(&g->mutex);
    g->now[who]--;
    g->done[who]++;
    (void) pthread_mutex_unlock(&g->mutex);
    (void) snprintf(head, sizeof(head), GAUGE_OK "Content-Length: %zu\r\n\r\n",
                    bytes);
    gauge_send(fd, head, strlen(head));
    gauge_send(fd, body, bytes);
    free(body);
}


static void
gauge_own(gauge_t *g, int fd, const char *path, const char *fields)
{
    char         out[2048], body[1024];
    const char  *cookie;

    (void) pthread_mutex_lock(&g->mutex);
    g->own++;
    (void) pthread_mutex_unlock(&g->mutex);
    cookie = strcasestr(fields, "\r\nCookie: ");
    cookie = (cookie != NULL) ? cookie + 10 : "-";
    (void) snprintf(body, sizeof(body), "<title>own</title><h1>%.*s</h1>",
                    (int) (strcspn(cookie, "\r") < 256
                           ? strcspn(cookie, "\r") : 256), cookie);
    (void) snprintf(out, sizeof(out), GAUGE_OK "Set-Cookie: who=%.*s; Path=/"
                    "\r\nContent-Length: %zu\r\n\r\n%s",
                    (int) strcspn(path, " ?/"), path, strlen(body), body);
    gauge_send(fd, out, strlen(out));
}


static void
gauge_send(int fd, const char *bytes, size_t len)
{
    ssize_t  n;

    for ( /* void */ ; len > 0; len -= (size_t) n) {
        n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return;
        }

        bytes += n;
    }
}
