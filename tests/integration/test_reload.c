
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


/*
 * Reloads while requests are under way.  SCRAPE_RELOADS says how many, 5
 * unless it is set.
 */

#define RELOAD_TIMEOUT    240
#define RELOAD_TIMES      5
#define RELOAD_CLIENTS    256
#define RELOAD_STREAMS    16
#define RELOAD_PAGES      4000
#define RELOAD_ROUNDS     2048          /* answers between two reloads */
#define RELOAD_PATIENCE   20000         /* ms */
#define RELOAD_TRIES      1000          /* of 10 ms, for workers to go */

#define RELOAD_REQUEST    "GET /healthz HTTP/1.1\r\nHost: a\r\n"             \
                          "Connection: close\r\n\r\n"


/* A client that asks again and again: what it has of its present answer. */
typedef struct {
    size_t  len;
    char    text[4096];
} reload_client_t;


/* n clients of those are there. */
typedef struct {
    int              n;
    framed_t         f;
    struct pollfd    fds[RELOAD_CLIENTS];
    reload_client_t  clients[RELOAD_CLIENTS];
    int              streams[RELOAD_STREAMS];
    long             answers;
} reload_t;


static void reload_start(reload_t *l, const char *upstream, int clients);
static void reload_begin(reload_t *l, int i);
static void reload_run(reload_t *l, long answers);
static void reload_read(reload_t *l, int i);
static void reload_streams(reload_t *l);
static void reload_streams_go_on(reload_t *l);
static void reload_stop(reload_t *l);
static void reload_wait_workers(reload_t *l);
static int reload_workers(reload_t *l);
static int reload_times(void);


static reload_t  reload;


START_TEST(a_reload_costs_no_request_of_a_channel)
{
    int        i;
    reload_t  *l = &reload;

    reload_start(l, "scrape_channel;", RELOAD_CLIENTS);
    reload_streams(l);

    for (i = 0; i < reload_times(); i++) {
        ck_assert_int_eq(kill(l->f.gateway.nginx, SIGHUP), 0);
        reload_run(l, RELOAD_ROUNDS);
        reload_streams_go_on(l);
    }

    reload_stop(l);
}
END_TEST


START_TEST(a_reload_from_one_transport_to_the_other_costs_no_request)
{
    int        i;
    char       path[128];
    char      *conf, *at;
    reload_t  *l = &reload;

    static const char  *const  transports[] = {
        "keepalive 16;  ", "scrape_channel;"
    };

    reload_start(l, transports[1], RELOAD_CLIENTS / 4);
    (void) snprintf(path, sizeof(path), "%.64s/nginx.conf",
                    l->f.gateway.dir);
    conf = process_read(path);
    at = strstr(conf, transports[1]);
    ck_assert_ptr_nonnull(at);

    for (i = 0; i < 4; i++) {
        memcpy(at, transports[i % 2], strlen(transports[1]));
        process_write(path, conf);
        ck_assert_int_eq(kill(l->f.gateway.nginx, SIGHUP), 0);
        reload_run(l, RELOAD_ROUNDS);
    }

    free(conf);
    reload_stop(l);
}
END_TEST


static void
reload_start(reload_t *l, const char *upstream, int clients)
{
    int                i;
    gateway_options_t  o = { .upstream = upstream };

    gateway_start(&l->f.gateway, &o);
    l->n = clients;

    for (i = 0; i < l->n; i++) {
        reload_begin(l, i);
    }

    for (i = 0; i < RELOAD_STREAMS; i++) {
        l->streams[i] = -1;
    }
}


static void
reload_begin(reload_t *l, int i)
{
    l->fds[i].fd = framed_client(&l->f);
    l->fds[i].events = POLLIN;
    l->clients[i].len = 0;
    say(l->fds[i].fd, RELOAD_REQUEST);
}


/* Let the clients ask until so many more were answered. */
static void
reload_run(reload_t *l, long answers)
{
    int  i;

    for (l->answers = 0; l->answers < answers; /* void */ ) {
        ck_assert_int_ge(poll(l->fds, (nfds_t) l->n, RELOAD_PATIENCE), 1);

        for (i = 0; i < l->n; i++) {
            if (l->fds[i].revents != 0) {
                reload_read(l, i);
            }
        }
    }
}


/*
 * An old worker closes connections that it has read nothing from; a client may
 * ask again then.
 */
static void
reload_read(reload_t *l, int i)
{
    ssize_t           n;
    reload_client_t  *c = &l->clients[i];

    n = recv(l->fds[i].fd, c->text + c->len, sizeof(c->text) - 1 - c->len, 0);

    if (n > 0) {
        c->len += (size_t) n;
        return;
    }

    c->text[c->len] = '\0';
    ck_assert_msg(n == 0 || c->len == 0, "%s", strerror(errno));
    ck_assert_msg(c->len == 0 || strncmp(c->text, "HTTP/1.1 200 ", 13) == 0,
                  "\"%s\"", c->text);
    (void) close(l->fds[i].fd);
    l->answers += c->len > 0;
    reload_begin(l, i);
}


/* Streams of a job that goes on for longer than the test. */
static void
reload_streams(reload_t *l)
{
    int             i;
    sc_buf_t        body;
    client_reply_t  r;

    sc_buf_init(&body, 0);
    (void) sc_buf_add_cstr(&body, "{\"urls\":[");

    for (i = 0; i < RELOAD_PAGES; i++) {
        (void) sc_buf_printf(&body, "%s\"%s/page/%d\"", i > 0 ? "," : "",
                             l->f.gateway.origin, i);
    }

    (void) sc_buf_add_cstr(&body, "],\"defaults\":{\"rules\":{\"t\":\"//h1\"},"
                           "\"politeness\":{\"delay_ms\":100}}}");
    r = gateway_request(&l->f.gateway, "POST", "/v1/batch", NULL, body.data);
    ck_assert_msg(r.status == 202, "%s", r.body);
    sc_buf_free(&body);

    for (i = 0; i < RELOAD_STREAMS; i++) {
        l->streams[i] = framed_client(&l->f);
        say(l->streams[i], "GET /v1/jobs/%s/events HTTP/1.1\r\nHost: a\r\n"
                           "\r\n", client_str(&r, "id"));
        free(framed_head(l->streams[i]));
    }

    client_free(&r);
}


/* Something comes on each of them, and none ends. */
static void
reload_streams_go_on(reload_t *l)
{
    int      i;
    char     text[65536];
    ssize_t  n;

    for (i = 0; i < RELOAD_STREAMS; i++) {
        n = recv(l->streams[i], text, sizeof(text) - 1, 0);
        ck_assert_int_gt(n, 0);
        text[n] = '\0';
        ck_assert_ptr_null(strstr(text, "\r\n0\r\n\r\n"));
    }
}


/* Old workers stay for their streams, and for nothing else. */
static void
reload_stop(reload_t *l)
{
    int  i;

    for (i = 0; i < l->n; i++) {
        (void) close(l->fds[i].fd);
    }

    for (i = 0; i < RELOAD_STREAMS; i++) {
        if (l->streams[i] != -1) {
            (void) close(l->streams[i]);
        }
    }

    reload_wait_workers(l);
    gateway_stop(&l->f.gateway);
}


static void
reload_wait_workers(reload_t *l)
{
    int  i;

    for (i = 0; i < RELOAD_TRIES; i++) {
        if (reload_workers(l) == 2) {
            return;
        }

        process_pause(10);
    }

    ck_abort_msg("old workers do not end");
}


static int
reload_workers(reload_t *l)
{
    int    n;
    char   path[128], line[512];
    FILE  *f;
    char  *p, *rest;

    (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
                    (int) l->f.gateway.nginx, (int) l->f.gateway.nginx);
    f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    n = 0;

    if (fgets(line, sizeof(line), f) != NULL) {

        for (p = strtok_r(line, " ", &rest); p != NULL;
             p = strtok_r(NULL, " ", &rest))
        {
            n++;
        }
    }

    (void) fclose(f);

    return n;
}


static int
reload_times(void)
{
    const char  *times;

    times = getenv("SCRAPE_RELOADS");

    return times != NULL ? (int) strtol(times, NULL, 10) : RELOAD_TIMES;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_reload_costs_no_request_of_a_channel,
        a_reload_from_one_transport_to_the_other_costs_no_request,
        NULL
    };

    return suite_run("reload", tests, RELOAD_TIMEOUT);
}
