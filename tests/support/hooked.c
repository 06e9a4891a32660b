
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_core.h"
#include "tests/support/hooked.h"


#define HOOKED_WAIT    60       /* seconds */


static void *hooked_serve(void *data);
static void hooked_take(hooked_t *h, int fd);
static int hooked_read(int fd, sc_buf_t *b);
static int hooked_whole(const sc_buf_t *b);
static void hooked_answer(int fd, int status);


void
hooked_start(hooked_t *h, const int *statuses, size_t n)
{
    socklen_t           len;
    struct sockaddr_in  addr;

    memset(h, 0, sizeof(hooked_t));
    h->statuses = statuses;
    h->nstatuses = n;
    ck_assert_int_eq(pthread_mutex_init(&h->mutex, NULL), 0);
    ck_assert_int_eq(pthread_cond_init(&h->cond, NULL), 0);

    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(addr);

    h->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(h->fd, -1);
    ck_assert_int_eq(bind(h->fd, (struct sockaddr *) &addr, len), 0);
    ck_assert_int_eq(listen(h->fd, 64), 0);
    ck_assert_int_eq(getsockname(h->fd, (struct sockaddr *) &addr, &len), 0);
    (void) snprintf(h->url, sizeof(h->url), "http://127.0.0.1:%u/hook",
                    (unsigned) ntohs(addr.sin_port));
    ck_assert_int_eq(pthread_create(&h->thread, NULL, hooked_serve, h), 0);
}


void
hooked_stop(hooked_t *h)
{
    size_t  i;

    (void) shutdown(h->fd, SHUT_RDWR);
    ck_assert_int_eq(pthread_join(h->thread, NULL), 0);
    (void) close(h->fd);

    for (i = 0; i < h->nrequests; i++) {
        sc_buf_free(&h->requests[i]);
    }

    (void) pthread_cond_destroy(&h->cond);
    (void) pthread_mutex_destroy(&h->mutex);
}


/* One connection after another; the listener's end is this thread's. */
static void *
hooked_serve(void *data)
{
    int        fd;
    hooked_t  *h = data;

    while ((fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC)) != -1) {
        hooked_take(h, fd);
        (void) close(fd);
    }

    return NULL;
}


static void
hooked_take(hooked_t *h, int fd)
{
    size_t    n;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    if (hooked_read(fd, &b) != SC_OK || h->nrequests == HOOKED_MAX) {
        sc_buf_free(&b);
        return;
    }

    n = h->nrequests < h->nstatuses ? h->nrequests : h->nstatuses - 1;
    hooked_answer(fd, h->statuses[n]);

    (void) pthread_mutex_lock(&h->mutex);
    h->requests[h->nrequests++] = b;
    (void) pthread_cond_broadcast(&h->cond);
    (void) pthread_mutex_unlock(&h->mutex);
}


static int
hooked_read(int fd, sc_buf_t *b)
{
    char     *room;
    ssize_t   n;

    while (!hooked_whole(b)) {
        room = sc_buf_reserve(b, 4096);
        n = room != NULL ? read(fd, room, 4096) : -1;

        if (n <= 0) {
            return SC_ERROR;
        }

        b->len += (size_t) n;
        room[n] = '\0';
    }

    return SC_OK;
}


static int
hooked_whole(const sc_buf_t *b)
{
    const char  *body;

    if (b->len == 0 || strstr(b->data, "\r\n\r\n") == NULL) {
        return 0;
    }

    body = hooked_body(b->data);

    return b->len - (size_t) (body - b->data)
           >= strtoul(hooked_field(b->data, "Content-Length"), NULL, 10);
}


static void
hooked_answer(int fd, int status)
{
    int   len;
    char  text[128];

    len = snprintf(text, sizeof(text), "HTTP/1.1 %d Told\r\n"
                   "Content-Length: 2\r\nConnection: close\r\n\r\nok",
                   status);
    (void) send(fd, text, (size_t) len, MSG_NOSIGNAL);
}


const char *
hooked_request(hooked_t *h, size_t n)
{
    int              rc;
    struct timespec  until;

    (void) clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += HOOKED_WAIT;
    rc = 0;

    (void) pthread_mutex_lock(&h->mutex);

    while (h->nrequests <= n && rc == 0) {
        rc = pthread_cond_timedwait(&h->cond, &h->mutex, &until);
    }

    (void) pthread_mutex_unlock(&h->mutex);
    ck_assert_msg(h->nrequests > n, "request %zu did not come", n);

    return h->requests[n].data;
}


size_t
hooked_count(hooked_t *h)
{
    size_t  n;

    (void) pthread_mutex_lock(&h->mutex);
    n = h->nrequests;
    (void) pthread_mutex_unlock(&h->mutex);

    return n;
}


const char *
hooked_field(const char *request, const char *name)
{
    size_t       len;
    const char  *p, *end;

    static _Thread_local char  value[512];

    value[0] = '\0';
    len = strlen(name);
    end = strstr(request, "\r\n\r\n");

    for (p = strstr(request, "\r\n"); p != NULL && p < end;
         p = strstr(p + 2, "\r\n"))
    {
        if (strncasecmp(p + 2, name, len) == 0 && p[2 + len] == ':') {
            p += 2 + len + 1;
            p += strspn(p, " ");
            (void) snprintf(value, sizeof(value), "%.*s",
                            (int) strcspn(p, "\r"), p);
            break;
        }
    }

    return value;
}


const char *
hooked_body(const char *request)
{
    return strstr(request, "\r\n\r\n") + 4;
}
