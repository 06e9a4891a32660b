
/*
 * An origin that is late: a page, SECONDS after it was asked for, at whatever
 * address of this machine.  At once are /robots.txt, which is not found, and
 * /held: how many wait now, and how many did at most.  Prints its port.
 *
 * usage: late PORT SECONDS
 */

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>


#define LATE_EVENTS     512
#define LATE_BACKLOG    65535
#define LATE_REQUEST    1024
#define LATE_FILES      65536


typedef struct late_conn_s  late_conn_t;

struct late_conn_s {
    late_conn_t  *next;
    late_conn_t  *prev;
    long          due;
    size_t        len;
    int           fd;
    int           waits;
    char          request[LATE_REQUEST + 1];
};


static int late_listen(int port);
static void late_accept(void);
static void late_read(late_conn_t *c);
static void late_request(late_conn_t *c);
static int late_answer_due(void);
static void late_answer(late_conn_t *c, const char *status, const char *body);
static void late_close(late_conn_t *c);
static long late_now(void);


static int           late_fd, late_epoll;
static long          late_delay, late_held, late_most;
static late_conn_t  *late_queue;        /* in order: all wait as long */
static late_conn_t   late_conns[LATE_FILES];


int
main(int argc, char **argv)
{
    int                 i, n;
    late_conn_t        *c;
    struct rlimit       r;
    struct epoll_event  events[LATE_EVENTS], ev = { .events = EPOLLIN };

    if (argc != 3) {
        (void) fprintf(stderr, "usage: late PORT SECONDS\n");
        return 2;
    }

    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max < LATE_FILES ? r.rlim_max : LATE_FILES;
        (void) setrlimit(RLIMIT_NOFILE, &r);
    }

    late_delay = strtol(argv[2], NULL, 10) * 1000;
    late_epoll = epoll_create1(EPOLL_CLOEXEC);

    if (late_epoll == -1
        || late_listen((int) strtol(argv[1], NULL, 10)) != 0
        || epoll_ctl(late_epoll, EPOLL_CTL_ADD, late_fd, &ev) != 0)
    {
        perror("late");
        return 1;
    }

    for ( ;; ) {
        n = epoll_wait(late_epoll, events, LATE_EVENTS, late_answer_due());

        if (n == -1 && errno != EINTR) {
            perror("late");
            return 1;
        }

        for (i = 0; i < n; i++) {
            c = events[i].data.ptr;
            c == NULL ? late_accept() : late_read(c);
        }
    }
}


static int
late_listen(int port)
{
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((in_port_t) port);
    len = sizeof(sin);

    late_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (late_fd == -1
        || bind(late_fd, (struct sockaddr *) &sin, sizeof(sin)) != 0
        || listen(late_fd, LATE_BACKLOG) != 0
        || getsockname(late_fd, (struct sockaddr *) &sin, &len) != 0)
    {
        return -1;
    }

    (void) printf("%d\n", ntohs(sin.sin_port));

    return fflush(stdout);
}


static void
late_accept(void)
{
    int                 fd;
    late_conn_t        *c;
    struct epoll_event  ev = { .events = EPOLLIN };

    while ((fd = accept4(late_fd, NULL, NULL, SOCK_NONBLOCK)) != -1) {
        c = &late_conns[fd];
        memset(c, 0, sizeof(late_conn_t));
        c->fd = fd;
        ev.data.ptr = c;

        if (epoll_ctl(late_epoll, EPOLL_CTL_ADD, fd, &ev) != 0) {
            late_close(c);
        }
    }
}


/* What comes after the request is an end of it: it is not waited for. */
static void
late_read(late_conn_t *c)
{
    ssize_t  n;

    n = read(c->fd, c->request + c->len, LATE_REQUEST - c->len);

    if (n == -1 && errno == EAGAIN) {
        return;
    }

    if (n <= 0 || c->waits) {
        late_close(c);
        return;
    }

    c->len += (size_t) n;
    if (strstr(c->request, "\r\n\r\n") != NULL) {
        late_request(c);
    }
}


static void
late_request(late_conn_t *c)
{
    char  text[64];

    if (strncmp(c->request, "GET /robots.txt ", 16) == 0) {
        late_answer(c, "404 Not Found", "");
        return;
    }

    if (strncmp(c->request, "GET /held ", 10) == 0) {
        (void) snprintf(text, sizeof(text), "%ld %ld\n", late_held, late_most);
        late_answer(c, "200 OK", text);
        return;
    }

    c->waits = 1;
    c->due = late_now() + late_delay;
    DL_APPEND(late_queue, c);
    late_held++;
    if (late_held > late_most) {
        late_most = late_held;
    }
}


/* Milliseconds to the next that is due, -1 is none. */
static int
late_answer_due(void)
{
    long  now = late_now();

    while (late_queue != NULL) {
        if (late_queue->due > now) {
            return (int) (late_queue->due - now);
        }

        late_answer(late_queue, "200 OK", "<!DOCTYPE html><title>late</title>"
                                          "<h1>At last</h1><p>A page.</p>\n");
    }

    return -1;
}


static void
late_answer(late_conn_t *c, const char *status, const char *body)
{
    (void) dprintf(c->fd, "HTTP/1.1 %s\r\nContent-Type: text/html\r\n"
                          "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                   status, strlen(body), body);
    late_close(c);
}


static void
late_close(late_conn_t *c)
{
    if (c->waits) {
        DL_DELETE(late_queue, c);
        late_held--;
    }

    (void) close(c->fd);
}


static long
late_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
