
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/torture/torture.h"


#define TORTURE_HEAD      8192          /* bytes of a request's head */
#define TORTURE_SLOW      20            /* ms, that a plain page may take */
#define TORTURE_EIGHTH    8             /* page of a host that blocks */
#define TORTURE_ROUND     15            /* pages of one that fails 3 times */


/* What a connection's thread is given. */
typedef struct {
    int     fd;
    void  (*serve)(int fd, void *data);
    void   *data;
} torture_thread_t;


/* A host, and the memory it is part of. */
typedef struct {
    torture_t  *t;
    int         host;
} torture_origin_t;


static void *torture_accept(void *data);
static void *torture_thread(void *data);
static void torture_origin_serve(int fd, void *data);
static void torture_origin_answer(torture_origin_t *o, int fd,
    const char *path);
static int torture_origin_status(torture_origin_t *o);
static void torture_origin_log(torture_origin_t *o, int fd, int status,
    int robots);
static int torture_origin_page(const char *path, char *text, size_t size);


int
torture_listen(char *url, size_t size)
{
    int                 fd;
    socklen_t           len;
    struct sockaddr_in  addr;

    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(addr);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *) &addr, len), 0);
    ck_assert_int_eq(listen(fd, 512), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *) &addr, &len), 0);
    (void) snprintf(url, size, "http://127.0.0.1:%u",
                    (unsigned) ntohs(addr.sin_port));

    return fd;
}


void
torture_serve(int listener, void (*serve)(int fd, void *data), void *data)
{
    pthread_t          id;
    torture_thread_t  *thread;

    thread = malloc(sizeof(torture_thread_t));
    ck_assert_ptr_nonnull(thread);
    thread->fd = listener;
    thread->serve = serve;
    thread->data = data;
    ck_assert_int_eq(pthread_create(&id, NULL, torture_accept, thread), 0);
    (void) pthread_detach(id);
}


static void *
torture_accept(void *data)
{
    int                fd;
    pthread_t          id;
    torture_thread_t  *c, *l = data;

    while ((fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC)) != -1) {
        c = malloc(sizeof(torture_thread_t));
        ck_assert_ptr_nonnull(c);
        *c = *l;
        c->fd = fd;

        if (pthread_create(&id, NULL, torture_thread, c) == 0) {
            (void) pthread_detach(id);

        } else {
            (void) close(fd);
            free(c);
        }
    }

    free(l);

    return NULL;
}


static void *
torture_thread(void *data)
{
    torture_thread_t  *c = data;

    c->serve(c->fd, c->data);
    (void) close(c->fd);
    free(c);

    return NULL;
}


size_t
torture_read(int fd, char *text, size_t size, const char *until)
{
    size_t  len, more;

    len = 0;
    text[0] = '\0';

    while (strstr(text, until) == NULL) {
        more = torture_more(fd, text, len, size);

        if (more == 0) {
            return 0;
        }

        len += more;
    }

    return len;
}


size_t
torture_more(int fd, char *text, size_t len, size_t size)
{
    ssize_t  n;

    n = len + 1 < size ? recv(fd, text + len, size - 1 - len, 0) : 0;

    if (n <= 0) {
        return 0;
    }

    text[len + (size_t) n] = '\0';

    return (size_t) n;
}


void
torture_origin_listen(torture_t *t)
{
    int  i;

    for (i = 0; i < TORTURE_HOSTS; i++) {
        t->listeners[i] = torture_listen(t->hosts[i], sizeof(t->hosts[i]));
    }
}


void
torture_origin_run(torture_t *t)
{
    int                      i;
    static torture_origin_t  origins[TORTURE_HOSTS];

    for (i = 0; i < TORTURE_HOSTS; i++) {
        origins[i].t = t;
        origins[i].host = i;
        torture_serve(t->listeners[i], torture_origin_serve, &origins[i]);
    }

    for ( ;; ) {
        (void) pause();
    }
}


/* Requests of a connection, one at a time; they have no body. */
static void
torture_origin_serve(int fd, void *data)
{
    int                on;
    char               head[TORTURE_HEAD], *path;
    torture_origin_t  *o = data;

    on = 1;
    (void) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    while (torture_read(fd, head, sizeof(head), "\r\n\r\n") != 0) {
        path = head + strcspn(head, " ");
        path += *path == ' ';
        path[strcspn(path, " ")] = '\0';
        torture_origin_answer(o, fd, path);
    }
}


static void
torture_origin_answer(torture_origin_t *o, int fd, const char *path)
{
    int   status, robots, n, len;
    char  text[2048], head[512];

    robots = strcmp(path, "/robots.txt") == 0;
    status = robots ? 200 : torture_origin_status(o);
    torture_origin_log(o, fd, status, robots);

    if (o->host == TORTURE_PLAIN && !robots) {
        process_pause((unsigned) (torture_now() % TORTURE_SLOW));
    }

    n = robots ? snprintf(text, sizeof(text), "User-agent: *\n%s%.1f\n",
                          o->host == TORTURE_CRAWL_DELAY ? "Crawl-delay: "
                                                         : "# ",
                          TORTURE_DELAY / 1000.0)
               : torture_origin_page(path, text, sizeof(text));
    len = snprintf(head, sizeof(head), "HTTP/1.1 %d Said\r\n"
                   "Content-Type: text/%s\r\nContent-Length: %d\r\n",
                   status, robots ? "plain" : "html", n);

    if (status == 429) {
        len += snprintf(head + len, sizeof(head) - (size_t) len,
                        "Retry-After: %d\r\n", TORTURE_BLOCK / 1000);
    }

    len += snprintf(head + len, sizeof(head) - (size_t) len, "\r\n");
    (void) send(fd, head, (size_t) len, MSG_NOSIGNAL | MSG_MORE);
    (void) send(fd, text, (size_t) n, MSG_NOSIGNAL);
}


static int
torture_origin_status(torture_origin_t *o)
{
    int  turn;

    turn = atomic_fetch_add(&o->t->turns[o->host], 1);

    if (o->host == TORTURE_BLOCKING && turn % TORTURE_EIGHTH == 0) {
        return 429;
    }

    if (o->host == TORTURE_FAILING && turn % TORTURE_ROUND < 3) {
        return 500;
    }

    return 200;
}


/*
 * When the request came, by the kernel's clock: this thread may have waited
 * for a processor.
 */
static void
torture_origin_log(torture_origin_t *o, int fd, int status, int robots)
{
    size_t           n;
    socklen_t        len;
    torture_hit_t   *hit;
    struct tcp_info  info;

    memset(&info, 0, sizeof(info));
    len = sizeof(info);
    (void) getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);

    n = atomic_fetch_add(&o->t->nhits, 1);
    ck_assert_uint_lt(n, TORTURE_HITS);
    hit = &o->t->hits[n];
    hit->host = o->host;
    hit->status = status;
    hit->robots = robots;
    hit->at = torture_now() - (int64_t) info.tcpi_last_data_recv;
}


/* "/site/K/N" leads to 2N and 2N + 1, up to TORTURE_SITE. */
static int
torture_origin_page(const char *path, char *text, size_t size)
{
    int            n, i;
    char          *end;
    unsigned long  site, page;

    n = snprintf(text, size, "<!doctype html><title>Page</title>"
                 "<h1>Page %.200s</h1>", path);

    if (strncmp(path, "/site/", 6) != 0) {
        return n;
    }

    site = strtoul(path + 6, &end, 10);
    page = strtoul(end + (*end == '/'), NULL, 10);

    for (i = 0; i < 2; i++) {

        if (2 * page + (unsigned) i <= TORTURE_SITE) {
            n += snprintf(text + n, size - (size_t) n,
                          "<a href=\"/site/%lu/%lu\">%d</a>", site,
                          2 * page + (unsigned) i, i);
        }
    }

    return n;
}
