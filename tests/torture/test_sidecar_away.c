
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/proof.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define AWAY_TIMEOUT    600
#define AWAY_TRIES      1500        /* of 20 ms, until it is back */
#define AWAY_BESIDE     5           /* other requests for one to scraped */

#define AWAY_API                                                              \
    "scrape_read_timeout 250ms; scrape_connect_timeout 250ms;"


/* What was asked, and what of it went wrong. */
typedef struct {
    size_t  runs;
    size_t  failures;
    size_t  by[3];
} away_t;


static void away_ask(gateway_t *g, away_t *a, size_t n);
static void away_beside(gateway_t *g, away_t *a);
static void away_back(gateway_t *g);
static void away_report(const char *promise, const away_t *a);
static int away_connect(const framed_t *f);


static const gateway_options_t  away_options[] = {
    { .api = AWAY_API, .upstream = "keepalive 16;",
      .server = "location = /plain { return 200 plain; }" },
    { .api = AWAY_API, .upstream = "scrape_channel;",
      .server = "location = /plain { return 200 plain; }" }
};


START_TEST(a_sidecar_that_stands_still_is_answered_for)
{
    size_t     i, n;
    away_t     a = { 0 };
    gateway_t  g;

    /* each takes a quarter of a second */
    n = proof_times("TORTURE_STOPPED", 60, 2);

    for (i = 0; i < 2; i++) {
        gateway_start(&g, &away_options[i]);
        ck_assert_int_eq(kill(g.scraped, SIGSTOP), 0);
        away_ask(&g, &a, n);
        ck_assert_int_eq(kill(g.scraped, SIGCONT), 0);
        away_back(&g);
        gateway_stop(&g);
    }

    away_report("a stopped scraped is answered for, and comes back", &a);
}
END_TEST


START_TEST(a_socket_that_is_missing_is_answered_for)
{
    char       path[128];
    size_t     i;
    away_t     a = { 0 };
    gateway_t  g;

    for (i = 0; i < 2; i++) {
        gateway_start(&g, &away_options[i]);
        ck_assert_int_eq(gateway_stop_sidecar(&g, SIGKILL), 128 + SIGKILL);
        (void) snprintf(path, sizeof(path), "%s/scraped.sock", g.dir);
        (void) unlink(path);
        away_ask(&g, &a, proof_times("TORTURE_MISSING", 200, 5));
        gateway_start_sidecar(&g);
        away_back(&g);
        gateway_stop(&g);
    }

    away_report("a missing socket is answered for, and comes back", &a);
}
END_TEST


START_TEST(a_backlog_that_is_full_is_answered_for)
{
    int       fds[64];
    size_t    i, j;
    away_t    a = { 0 };
    framed_t  f;

    for (i = 0; i < 2; i++) {
        framed_start(&f, &away_options[i]);
        ck_assert_int_eq(listen(f.listener, 0), 0);

        for (j = 0; j < 4; j++) {
            fds[j] = away_connect(&f);
        }

        away_ask(&f.gateway, &a, proof_times("TORTURE_BACKLOG", 100, 2));

        for (j = 0; j < 4; j++) {
            (void) close(fds[j]);
        }

        framed_stop(&f);
    }

    away_report("a full backlog is answered for", &a);
}
END_TEST


START_TEST(half_a_frame_is_answered_for)
{
    int     fd;
    size_t  i, j, k, n;
    pid_t   pid;
    away_t  a = { 0 };

    framed_t  f;

    static const char *const  halves[] = {
        "hel", "hello 0 1 15\r\nName: ", FRAMED_HELLO,
        FRAMED_HELLO "head 1 200 100\r\nContent-", FRAMED_HELLO "head 1 2"
    };

    n = sizeof(halves) / sizeof(halves[0]);

    for (i = 0; i < 2; i++) {
        framed_start(&f, &away_options[i]);

        /* whoever connects is told the same half, and then nothing */
        pid = fork();
        ck_assert_int_ne(pid, -1);

        for (k = 0; pid == 0; k++) {
            fd = accept(f.listener, NULL, NULL);
            (void) send(fd, halves[k % n], strlen(halves[k % n]),
                        MSG_NOSIGNAL);
        }

        for (j = 0; j < proof_times("TORTURE_HALVES", 20, 1); j++) {
            away_ask(&f.gateway, &a, n);
        }

        (void) process_stop(pid, SIGKILL);
        framed_stop(&f);
    }

    away_report("half a frame is answered for", &a);
}
END_TEST


/* Requests that scraped would have to answer, and others beside them. */
static void
away_ask(gateway_t *g, away_t *a, size_t n)
{
    int             right;
    size_t          i;
    client_reply_t  r;

    for (i = 0; i < n; i++) {
        r = gateway_extract(g, "/page/1", "{\"title\":\"//h1\"}", "", NULL);
        right = r.status >= 502 && r.status <= 504
                && strcmp(client_header(&r, "Content-Type"),
                          "application/problem+json") == 0
                && strncmp(client_str(&r, "type"), "/server/", 8) == 0;

        if (right) {
            a->by[r.status - 502]++;

        } else {
            a->failures++;
            (void) fprintf(stderr, "%ld %.500s\n", r.status, r.body);
        }

        a->runs++;
        client_free(&r);
        away_beside(g, a);
    }
}


static void
away_beside(gateway_t *g, away_t *a)
{
    size_t          i;
    client_reply_t  r;

    for (i = 0; i < AWAY_BESIDE; i++) {
        r = gateway_request(g, "GET", "/plain", NULL, NULL);
        a->failures += r.status != 200 || strcmp(r.body, "plain") != 0;
        a->runs++;
        client_free(&r);
    }
}


/* Nobody is told: it is found by the next requests. */
static void
away_back(gateway_t *g)
{
    int             i;
    long            status;
    client_reply_t  r;

    status = 0;

    for (i = 0; i < AWAY_TRIES && status != 200; i++) {
        r = gateway_extract(g, "/page/42", "{\"title\":\"//h1\"}", "", NULL);
        status = r.status;
        ck_assert(status != 200
                  || strcmp(client_str(&r, "data.title"), "Product 42") == 0);
        client_free(&r);
        process_pause(status != 200 ? 20 : 0);
    }

    ck_assert_int_eq(status, 200);
}


static void
away_report(const char *promise, const away_t *a)
{
    proof_report("sidecar_away", promise, a->runs, a->failures, "over "
                 "keepalive and channel: %zu times 502, %zu 503, %zu 504, the "
                 "others beside them unharmed", a->by[0], a->by[1], a->by[2]);
}


static int
away_connect(const framed_t *f)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(struct sockaddr_un));
    sun.sun_family = AF_UNIX;
    (void) snprintf(sun.sun_path, sizeof(sun.sun_path), "%.80s/scraped.sock",
                    f->gateway.dir);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ck_assert_int_ne(fd, -1);
    (void) connect(fd, (struct sockaddr *) &sun, sizeof(sun));

    return fd;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_sidecar_that_stands_still_is_answered_for,
        a_socket_that_is_missing_is_answered_for,
        a_backlog_that_is_full_is_answered_for,
        half_a_frame_is_answered_for,
        NULL
    };

    return suite_run("sidecar_away", tests, AWAY_TIMEOUT);
}
