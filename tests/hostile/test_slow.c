
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "tests/hostile/raw.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define SLOW_TIMEOUT    900
#define SLOW_MAX        1000
#define SLOW_KINDS      3
#define SLOW_TRIES      3000        /* of 10 ms */


/* What a slow client sends at once, and what byte by byte. */
typedef struct {
    const char  *begin;
    const char  *drip;
} slow_kind_t;


static void slow_room(gateway_t *g);
static void slow_open(const gateway_t *g, int *fds, size_t n);
static void slow_drip(const int *fds, size_t n, size_t round);
static size_t slow_closed(const int *fds, size_t n);
static size_t slow_good(gateway_t *g, size_t i);


/* Heads, bodies, and readers who take nothing of what they ask for. */
static const slow_kind_t  slow_kinds[SLOW_KINDS] = {
    { "POST /v1/extract HTTP/1.1\r\nHost: a\r\nX-Slow: ", "a" },
    { "POST /v1/extract HTTP/1.1\r\nHost: a\r\nContent-Type: "
      "application/json\r\nContent-Length: 100000\r\n\r\n{", " " },
    { "GET /v1/jobs/JOB/results HTTP/1.1\r\nHost: a\r\nAccept: "
      "application/x-ndjson\r\n\r\n", "" }
};


static char  slow_job[64];


START_TEST(slow_clients_keep_nobody_else_waiting)
{
    int                 fds[SLOW_MAX];
    size_t              i, n, good, failures, closed;
    gateway_t           g;
    client_reply_t      r;
    struct rlimit       many;
    gateway_options_t   o = {
        .settings = "robots = ignore\n",
        .http = "client_header_timeout 600s; client_body_timeout 600s;"
    };

    n = proof_times("HOSTILE_SLOW", SLOW_MAX, 100);
    n = n < SLOW_MAX ? n : SLOW_MAX;
    good = proof_times("HOSTILE_SLOW_GOOD", 2000, 60);

    many.rlim_cur = many.rlim_max = 8192;
    (void) setrlimit(RLIMIT_NOFILE, &many);
    gateway_start(&g, &o);
    slow_room(&g);

    r = gateway_extract(&g, "/big?bytes=200000", "{\"all\":[\"//p\"]}", "",
                        NULL);
    ck_assert_msg(r.status == 200, "%ld", r.status);
    (void) snprintf(slow_job, sizeof(slow_job), "%.60s",
                    client_str(&r, "id"));
    client_free(&r);

    slow_open(&g, fds, n);
    failures = 0;

    for (i = 0; i < good; i++) {
        slow_drip(fds, n, i);
        failures += slow_good(&g, i);
    }

    closed = slow_closed(fds, n);

    for (i = 0; i < n; i++) {
        (void) close(fds[i]);
    }

    failures += slow_good(&g, good);
    gateway_stop(&g);
    proof_report("slow", "slow clients keep nobody else waiting", good + 1,
                 failures, "%zu slow connections, %zu of them closed "
                 "meanwhile", n, closed);
}
END_TEST


/* More connections than nginx has in other tests, by a reload. */
static void
slow_room(gateway_t *g)
{
    int    i, ended;
    char   path[128];
    char  *text, *p;

    (void) snprintf(path, sizeof(path), "%s/nginx.conf", g->dir);
    text = process_read(path);
    p = strstr(text, "worker_connections 512; }");
    ck_assert_ptr_nonnull(p);
    memcpy(p, "worker_connections 4096;}", 25);
    process_write(path, text);
    free(text);

    (void) snprintf(path, sizeof(path), "%s/nginx.log", g->dir);
    ck_assert_int_eq(kill(g->nginx, SIGHUP), 0);
    ended = 0;

    for (i = 0; i < SLOW_TRIES && !ended; i++) {
        process_pause(10);
        text = process_read(path);
        p = strstr(text, "exited with code 0");
        ended = p != NULL && strstr(p + 1, "exited with code 0") != NULL;
        free(text);
    }

    ck_assert(ended);
}


static void
slow_open(const gateway_t *g, int *fds, size_t n)
{
    int          small;
    char         text[512];
    size_t       i;
    const char  *begin, *p;

    small = 1024;

    for (i = 0; i < n; i++) {
        begin = slow_kinds[i % SLOW_KINDS].begin;
        p = strstr(begin, "JOB");
        fds[i] = raw_connect(g);

        if (p == NULL) {
            (void) snprintf(text, sizeof(text), "%s", begin);

        } else {
            (void) snprintf(text, sizeof(text), "%.*s%s%s", (int) (p - begin),
                            begin, slow_job, p + 3);
            (void) setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small,
                              sizeof(small));
        }

        ck_assert_int_eq(send(fds[i], text, strlen(text), MSG_NOSIGNAL),
                         (int) strlen(text));
    }
}


/* A byte from one in ten of them. */
static void
slow_drip(const int *fds, size_t n, size_t round)
{
    char         byte[1];
    size_t       i;
    const char  *drip;

    for (i = round % 10; i < n; i += 10) {
        drip = slow_kinds[i % SLOW_KINDS].drip;

        if (*drip != '\0') {
            (void) send(fds[i], drip, 1, MSG_NOSIGNAL | MSG_DONTWAIT);

        } else {
            (void) recv(fds[i], byte, 1, MSG_DONTWAIT);
        }
    }
}


static size_t
slow_closed(const int *fds, size_t n)
{
    size_t         i, closed;
    struct pollfd  p;

    closed = 0;

    for (i = 0; i < n; i++) {
        p.fd = fds[i];
        p.events = POLLRDHUP;
        closed += poll(&p, 1, 0) > 0
                  && (p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
    }

    return closed;
}


static size_t
slow_good(gateway_t *g, size_t i)
{
    int             right;
    char            page[64], title[64];
    client_reply_t  r;

    (void) snprintf(page, sizeof(page), "/page/%zu", i + 1);
    (void) snprintf(title, sizeof(title), "Product %zu", i + 1);
    r = gateway_extract(g, page, "{\"title\":\"//h1\"}", "",
                        "Prefer: wait=30");
    right = r.status == 200
            && strcmp(client_str(&r, "data.title"), title) == 0;

    if (!right) {
        (void) fprintf(stderr, "%ld %.500s\n", r.status, r.body);
    }

    client_free(&r);

    return right ? 0 : 1;
}


int
main(void)
{
    const TTest  *tests[] = {
        slow_clients_keep_nobody_else_waiting,
        NULL
    };

    return suite_run("slow", tests, SLOW_TIMEOUT);
}
