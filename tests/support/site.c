
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <check.h>
#include <utlist.h>

#include "tests/support/process.h"
#include "tests/support/site.h"


#define SITE_EVENTS     256
#define SITE_BACKLOG    65535
#define SITE_REQUEST    2048
#define SITE_FILES      65536
#define SITE_NET        0x7f4d0000      /* 127.77.0.0 */
#define SITE_MS         INT64_C(1000000)

#define SITE_SMALL      "<!DOCTYPE html><title>small</title><h1>A page</h1>" \
                        "<p>Not more than that.</p>\n"


typedef struct site_conn_s  site_conn_t;

/*
 * One connection.
 *
 * host    the address that was connected to
 * when    the last bytes came
 * due     when the request is answered; a page is counted in seen->now
 * skip    bytes of a body that are still to come; nobody looks at them
 */
struct site_conn_s {
    site_conn_t  *next;
    site_conn_t  *prev;
    int           fd;
    unsigned      host;
    unsigned      waits:1;
    unsigned      page:1;
    unsigned      used:1;
    size_t        len;
    size_t        skip;
    int64_t       when;
    int64_t       due;
    char          request[SITE_REQUEST + 1];
};

/* What the process has. */
typedef struct {
    int              listener;
    int              epoll;
    site_options_t   options;
    site_seen_t     *seen;
    site_conn_t     *slow;
    site_conn_t     *conns;
    char           **pages;
} site_run_t;


static int site_listen(unsigned *port);
static char **site_pages(unsigned n);
static void site_run(site_run_t *s);
static int site_due(site_run_t *s);
static void site_accept(site_run_t *s);
static void site_read(site_run_t *s, site_conn_t *c);
static ssize_t site_receive(site_conn_t *c);
static void site_body(site_conn_t *c, const char *body);
static void site_request(site_run_t *s, site_conn_t *c);
static void site_see(site_run_t *s, site_conn_t *c);
static void site_answer(site_run_t *s, site_conn_t *c);
static void site_send(site_run_t *s, site_conn_t *c, const char *status,
    const char *body);
static void site_close(site_run_t *s, site_conn_t *c);
static int64_t site_now(void);


void
site_start(site_t *s, const site_options_t *options)
{
    pid_t       parent;
    site_run_t  run;

    memset(s, 0, sizeof(site_t));
    memset(&run, 0, sizeof(site_run_t));

    s->seen = mmap(NULL, sizeof(site_seen_t), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(s->seen != MAP_FAILED);

    run.listener = site_listen(&s->port);
    run.options = *options;
    run.seen = s->seen;
    run.pages = site_pages(options->pages);

    parent = getpid();
    s->pid = fork();
    ck_assert_int_ne(s->pid, -1);

    if (s->pid == 0) {
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);

        if (getppid() == parent) {
            site_run(&run);
        }

        _exit(1);
    }

    (void) close(run.listener);
}


/* On every address of the loopback, and nowhere else. */
static int
site_listen(unsigned *port)
{
    int                 fd;
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    len = sizeof(sin);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd == -1
        || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == -1
        || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int) { 1 },
                      sizeof(int)) == -1
        || bind(fd, (struct sockaddr *) &sin, sizeof(sin)) == -1
        || listen(fd, SITE_BACKLOG) == -1
        || getsockname(fd, (struct sockaddr *) &sin, &len) == -1)
    {
        ck_abort_msg("no origin: %s", strerror(errno));
    }

    *port = ntohs(sin.sin_port);

    return fd;
}


static char **
site_pages(unsigned n)
{
    char       dir[64], path[128], seed[32];
    char     **pages;
    unsigned   i;

    pages = calloc(n + 1, sizeof(char *));
    ck_assert_ptr_nonnull(pages);
    process_folder(dir, sizeof(dir));

    for (i = 0; i < n; i++) {
        (void) snprintf(path, sizeof(path), "%s/%u", dir, i);
        (void) snprintf(seed, sizeof(seed), "n=%u", i);
        (void) process_wait(process_start((char *[]) { "awk", "-v", seed,
                                "-f", "tests/bench/page.awk", NULL }, path,
                                NULL));
        pages[i] = process_read(path);
        ck_assert_uint_gt(strlen(pages[i]), 20000);
    }

    process_remove(dir);

    return pages;
}


static void
site_run(site_run_t *s)
{
    int                 i, n;
    site_conn_t        *c;
    struct rlimit       r;
    struct epoll_event  events[SITE_EVENTS], ev = { .events = EPOLLIN };

    if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
        r.rlim_cur = r.rlim_max < SITE_FILES ? r.rlim_max : SITE_FILES;
        (void) setrlimit(RLIMIT_NOFILE, &r);
    }

    s->conns = calloc(SITE_FILES, sizeof(site_conn_t));
    s->epoll = epoll_create1(EPOLL_CLOEXEC);

    if (s->conns == NULL || s->epoll == -1
        || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &ev) == -1)
    {
        return;
    }

    for ( ;; ) {
        n = epoll_wait(s->epoll, events, SITE_EVENTS, site_due(s));

        for (i = 0; i < n; i++) {
            c = events[i].data.ptr;

            if (c == NULL) {
                site_accept(s);

            } else {
                site_read(s, c);
            }
        }
    }
}


/* Answer what is due; milliseconds to the next, -1 for none. */
static int
site_due(site_run_t *s)
{
    int64_t       now;
    site_conn_t  *c;

    now = site_now();

    while (s->slow != NULL) {
        c = s->slow;

        if (c->due > now) {
            return (int) ((c->due - now) / SITE_MS) + 1;
        }

        DL_DELETE(s->slow, c);
        c->waits = 0;
        site_answer(s, c);
    }

    return -1;
}


static void
site_accept(site_run_t *s)
{
    int                  fd;
    socklen_t            len;
    site_conn_t         *c;
    struct sockaddr_in   sin;
    struct epoll_event   ev = { .events = EPOLLIN };

    while ((fd = accept4(s->listener, NULL, NULL,
                         SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1)
    {
        len = sizeof(sin);

        if (fd >= SITE_FILES
            || getsockname(fd, (struct sockaddr *) &sin, &len) == -1)
        {
            (void) close(fd);
            continue;
        }

        c = &s->conns[fd];
        memset(c, 0, sizeof(site_conn_t));
        c->fd = fd;
        c->host = (unsigned) ntohl(sin.sin_addr.s_addr) & (SITE_HOSTS - 1);
        ev.data.ptr = c;
        (void) setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int) { 1 },
                          sizeof(int));
        (void) epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev);
    }
}


static void
site_read(site_run_t *s, site_conn_t *c)
{
    char     *end;
    size_t    skipped;
    ssize_t   n;

    n = site_receive(c);

    if (n == -1 && errno == EAGAIN) {
        return;
    }

    /* whoever sends more while it waits, or too much, has given up */
    if (n <= 0 || ((c->waits || c->page) && c->skip == 0)) {
        site_close(s, c);
        return;
    }

    skipped = (size_t) n < c->skip ? (size_t) n : c->skip;
    c->skip -= skipped;
    c->len += (size_t) n - skipped;
    c->request[c->len] = '\0';
    end = strstr(c->request, "\r\n\r\n");

    if (end != NULL) {
        site_body(c, end + 4);
        site_request(s, c);
    }
}


/* A client sends its next request when it was answered this one. */
static void
site_body(site_conn_t *c, const char *body)
{
    size_t       n, come;
    const char  *p;

    p = strcasestr(c->request, "\r\nContent-Length:");

    if (p != NULL && p < body) {
        n = strtoul(p + 17, NULL, 10);
        come = (size_t) (c->request + c->len - body);
        c->skip = n > come ? n - come : 0;
    }
}


/* With the time the kernel got it, whenever we come to read it. */
static ssize_t
site_receive(site_conn_t *c)
{
    char              room[256];
    ssize_t           n;
    struct iovec      iov;
    struct msghdr     msg;
    struct cmsghdr   *cmsg;
    struct timespec   ts;

    iov.iov_base = c->request + c->len;
    iov.iov_len = SITE_REQUEST - c->len;
    memset(&msg, 0, sizeof(msg));
    msg.msg_iov = &iov;
    msg.msg_iovlen = 1;
    msg.msg_control = room;
    msg.msg_controllen = sizeof(room);

    n = recvmsg(c->fd, &msg, 0);

    if (n <= 0) {
        return n;
    }

    c->when = site_now();

    for (cmsg = CMSG_FIRSTHDR(&msg); cmsg != NULL;
         cmsg = CMSG_NXTHDR(&msg, cmsg))
    {
        if (cmsg->cmsg_level == SOL_SOCKET
            && cmsg->cmsg_type == SCM_TIMESTAMPNS)
        {
            memcpy(&ts, CMSG_DATA(cmsg), sizeof(ts));
            c->when = ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
        }
    }

    return n;
}


static void
site_request(site_run_t *s, site_conn_t *c)
{
    const char  *path;

    path = strchr(c->request, ' ');
    path = path != NULL ? path + 1 : "";
    site_see(s, c);

    if (strncmp(path, "/robots.txt", 11) == 0) {
        site_answer(s, c);
        return;
    }

    c->page = 1;

    if (s->seen->pages < SITE_ORDER) {
        s->seen->order[s->seen->pages] = (uint16_t) c->host;
    }

    s->seen->pages++;

    if (++s->seen->now > s->seen->most) {
        s->seen->most = s->seen->now;
    }

    if (strncmp(path, "/hang", 5) == 0) {
        return;
    }

    if (strncmp(path, "/slow", 5) == 0) {
        c->waits = 1;
        c->due = site_now() + s->options.delay * SITE_MS;
        DL_APPEND(s->slow, c);
        return;
    }

    site_answer(s, c);
}


static void
site_see(site_run_t *s, site_conn_t *c)
{
    int64_t       gap;
    site_host_t  *h;

    h = &s->seen->hosts[c->host];
    gap = c->when - h->last;

    if (h->asked > 0 && (h->least == 0 || gap < h->least)) {
        h->least = gap > 0 ? gap : 1;
    }

    if (h->asked > 0 && c->when < h->pace - s->options.slack * SITE_MS) {
        h->early++;
    }

    if (c->when > h->pace) {
        h->pace = c->when;
    }

    h->pace += s->options.gap * SITE_MS;
    h->last = c->when;
    h->asked++;
    c->used = 1;

    if (++h->now > h->most) {
        h->most = h->now;
    }
}


static void
site_answer(site_run_t *s, site_conn_t *c)
{
    unsigned  n;

    if (!c->page) {
        site_send(s, c, "404 Not Found", "");
        return;
    }

    if (s->options.pages == 0) {
        site_send(s, c, "200 OK", SITE_SMALL);
        return;
    }

    n = (unsigned) strtoul(c->request + strcspn(c->request, "0123456789 "),
                           NULL, 10);
    n = (n + c->host * 31 + s->seen->pages) % s->options.pages;
    site_send(s, c, "200 OK", s->pages[n]);
}


/* The request is over before the client can see its end. */
static void
site_send(site_run_t *s, site_conn_t *c, const char *status,
    const char *body)
{
    int      on;
    char     head[256];
    size_t   len, n;
    ssize_t  sent;

    s->seen->hosts[c->host].now--;
    s->seen->now -= c->page;
    c->used = 0;
    c->page = 0;
    c->len = 0;

    len = strlen(body);
    n = (size_t) snprintf(head, sizeof(head),
                          "HTTP/1.1 %s\r\nContent-Type: text/html; "
                          "charset=utf-8\r\nContent-Length: %zu\r\n\r\n",
                          status, len);
    on = MSG_NOSIGNAL | (len > 0 ? MSG_MORE : 0);
    sent = send(c->fd, head, n, on);

    if (sent != (ssize_t) n
        || send(c->fd, body, len, MSG_NOSIGNAL) != (ssize_t) len)
    {
        site_close(s, c);
    }
}


static void
site_close(site_run_t *s, site_conn_t *c)
{
    if (c->waits) {
        DL_DELETE(s->slow, c);
        c->waits = 0;
    }

    s->seen->hosts[c->host].now -= c->used;
    s->seen->now -= c->page;
    c->page = 0;
    c->used = 0;
    (void) close(c->fd);
}


/* As the kernel says when what came. */
static int64_t
site_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_REALTIME, &ts);

    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}


void
site_stop(site_t *s)
{
    (void) process_stop(s->pid, SIGKILL);
    (void) munmap(s->seen, sizeof(site_seen_t));
}


void
site_url(const site_t *s, unsigned host, char *url, size_t size)
{
    (void) snprintf(url, size, "http://127.77.%u.%u:%u", host >> 8 & 255,
                    host & 255, s->port);
}
