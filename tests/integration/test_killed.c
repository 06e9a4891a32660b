
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define KILLED_TIMEOUT   60
#define KILLED_REQUESTS  3
#define KILLED_TRIES     1000
#define KILLED_ACCEPT    "Accept: application/openmetrics-text"


static int killed_hang(const framed_t *f);
static void killed_expect(framed_t *f, const char *line);
static pid_t killed_worker(const framed_t *f);


START_TEST(a_killed_worker_s_share_of_the_gauges_is_taken_back)
{
    int       i, clients[KILLED_REQUESTS];
    char      log[128];
    framed_t  f;

    gateway_options_t  o = {
        .http = "scrape_zone numbers:64k;",
        .server = "location = /status { scrape_pass scrapers;"
                  " scrape_status; }",
        .upstream = "scrape_channel;",
        .one_worker = 1
    };

    gateway_start(&f.gateway, &o);

    for (i = 0; i < KILLED_REQUESTS; i++) {
        clients[i] = killed_hang(&f);
    }

    /* the request for the numbers is one, too */
    killed_expect(&f, "\nnginx_scrape_channel_requests 4\n");
    ck_assert_int_eq(kill(killed_worker(&f), SIGKILL), 0);

    for (i = 0; i < KILLED_REQUESTS; i++) {
        expect_closed(clients[i]);
        (void) close(clients[i]);
    }

    killed_expect(&f, "\nnginx_scrape_channel_requests 1\n");
    killed_expect(&f, "\nnginx_scrape_channels 1\n");

    /* the master's alert of it is right */
    (void) snprintf(log, sizeof(log), "%s/nginx.log", f.gateway.dir);
    ck_assert_int_eq(truncate(log, 0), 0);
    gateway_stop(&f.gateway);
}
END_TEST


/* A request that is not answered for long. */
static int
killed_hang(const framed_t *f)
{
    int   client;
    char  body[256];

    client = framed_client(f);
    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/hang\",\"rules\":"
                    "{\"t\":\"//h1\"}}", f->gateway.origin);
    say(client, "POST /v1/extract HTTP/1.1\r\nHost: a\r\n"
                "Content-Type: application/json\r\nPrefer: wait=60\r\n"
                "Content-Length: %zu\r\n\r\n%s", strlen(body), body);

    return client;
}


/* The numbers have this line, at last. */
static void
killed_expect(framed_t *f, const char *line)
{
    int             i, found;
    client_reply_t  r;

    found = 0;

    for (i = 0; i < KILLED_TRIES && !found; i++) {
        r = gateway_request(&f->gateway, "GET", "/status", KILLED_ACCEPT,
                            NULL);
        found = r.status == 200 && strstr(r.body, line) != NULL;
        client_free(&r);

        if (!found) {
            process_pause(5);
        }
    }

    ck_assert_msg(found, "no number is \"%s\"", line + 1);
}


/* nginx's only worker. */
static pid_t
killed_worker(const framed_t *f)
{
    char   path[96], text[64];
    FILE  *children;
    pid_t  pid;

    (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
                    (int) f->gateway.nginx, (int) f->gateway.nginx);
    children = fopen(path, "r");
    ck_assert_ptr_nonnull(children);
    ck_assert_ptr_nonnull(fgets(text, sizeof(text), children));
    (void) fclose(children);
    pid = (pid_t) strtol(text, NULL, 10);
    ck_assert_int_gt(pid, 1);

    return pid;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_killed_worker_s_share_of_the_gauges_is_taken_back,
        NULL
    };

    return suite_run("killed", tests, KILLED_TIMEOUT);
}
