
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define HOLD_TIMEOUT    60
#define HOLD_PATIENCE   20000
#define HOLD_PAGE       "/v1/extract?url=http://a.test/1"
#define HOLD_OTHER      "/v1/extract?url=http://b.test/1"


/* A configuration that nginx -t refuses, and what it must say. */
typedef struct {
    const char  *http;
    const char  *says;
} hold_case_t;


static void hold_start(framed_t *f);
static int hold_send(framed_t *f, const char *method, const char *path,
    const char *fields);
static void hold_answer(framed_t *f, int client, int status,
    const char *fields);
static void hold_pass(framed_t *f, const char *method, const char *path,
    const char *fields, const char *told);
static void hold_held(framed_t *f, const char *method, const char *path,
    const char *fields, long status, const char *type);
static int hold_asked(const framed_t *f, int client);
static int hold_workers(framed_t *f);


static const hold_case_t  hold_cases[] = {
    { "scrape_zone a;", "invalid zone size \"a\"" },
    { "scrape_zone :1m;", "invalid zone size \":1m\"" },
    { "scrape_zone a:much;", "invalid zone size \"a:much\"" },
    { "scrape_zone a:10k;", "zone \"a:10k\" is too small" },
    { "scrape_zone zone=a:10k;", "zone \"zone=a:10k\" is too small" },
    { "scrape_zone a:1m; scrape_zone b:1m;", "is duplicate" },
    { "limit_req_zone $uri zone=a:1m rate=1r/s; scrape_zone a:1m;",
      "the shared memory zone \"a\" is already declared" },
    { "scrape_hold maybe;", "invalid value \"maybe\"" },
    { "scrape_hold off;\nserver {\nlocation /x/ {\nscrape_hold on; } }",
      "\"scrape_hold\" needs a \"scrape_zone\" in " },
    { "scrape_hold off;\nserver {\nlocation /x/ {\nscrape_hold on; } }",
      "nginx.conf:18" }
};


START_TEST(a_wrong_zone_is_told_with_its_line)
{
    int     rc;
    char   *said;
    size_t  i;

    for (i = 0; i < sizeof(hold_cases) / sizeof(hold_cases[0]); i++) {
        rc = gateway_nginx_test(hold_cases[i].http, &said);
        ck_assert_msg(rc == 1 && strstr(said, "[emerg]") != NULL
                      && strstr(said, hold_cases[i].says) != NULL,
                      "%s: %d %s", hold_cases[i].http, rc, said);
        free(said);
    }
}
END_TEST


START_TEST(a_full_queue_holds_all_that_makes_jobs)
{
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", HOLD_PAGE, "", "Scrape-Hold: queue 50\r\n");

    hold_held(&f, "GET", HOLD_PAGE, NULL, 503, "/limits/queue-full");
    hold_held(&f, "GET", HOLD_OTHER, NULL, 503, "/limits/queue-full");
    hold_held(&f, "POST", "/v1/extract", NULL, 503, "/limits/queue-full");
    hold_held(&f, "QUERY", "/v1/extract", NULL, 503, "/limits/queue-full");
    hold_held(&f, "POST", "/v1/crawl", NULL, 503, "/limits/queue-full");
    hold_held(&f, "PUT", "/v1/jobs/0001", NULL, 503, "/limits/queue-full");
    hold_held(&f, "GET", "/one?u=http://c.test/", NULL, 503,
              "/limits/queue-full");

    framed_stop(&f);
}
END_TEST


START_TEST(reads_and_cancels_are_never_held)
{
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", HOLD_PAGE, "", "Scrape-Hold: queue 50\r\n");

    hold_pass(&f, "GET", "/v1/jobs", "", "");
    hold_pass(&f, "GET", "/v1/jobs/0001", "", "");
    hold_pass(&f, "DELETE", "/v1/jobs/0001", "", "");
    hold_pass(&f, "GET", "/v1/results/0001", "", "");
    hold_pass(&f, "GET", "/v1/status", "", "");
    hold_pass(&f, "GET", "/readyz", "", "");

    framed_stop(&f);
}
END_TEST


START_TEST(a_tenant_s_hold_is_of_that_tenant_alone)
{
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", HOLD_PAGE, "X-Tenant: alice\r\n",
              "Scrape-Hold: tenant 60\r\n");

    hold_held(&f, "GET", HOLD_PAGE, "X-Tenant: alice", 429,
              "/limits/key-quota");
    hold_held(&f, "POST", "/v1/crawl", "X-Tenant: alice", 429,
              "/limits/key-quota");
    hold_pass(&f, "GET", HOLD_PAGE, "X-Tenant: bob\r\n", "");
    hold_pass(&f, "GET", HOLD_PAGE, "", "");

    framed_stop(&f);
}
END_TEST


START_TEST(a_host_s_hold_is_of_extracts_of_that_host)
{
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", HOLD_PAGE, "", "Scrape-Hold: host 60\r\n");

    hold_held(&f, "GET", HOLD_PAGE, NULL, 503, "/limits/host-busy");
    hold_held(&f, "GET", "/one?u=http://A.test/2", NULL, 503,
              "/limits/host-busy");
    hold_pass(&f, "GET", HOLD_OTHER, "", "");
    hold_pass(&f, "POST", "/v1/crawl", "", "");

    framed_stop(&f);
}
END_TEST


START_TEST(a_location_without_scrape_hold_is_not_held)
{
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", HOLD_PAGE, "", "Scrape-Hold: queue 50\r\n");
    hold_pass(&f, "GET", "/free" HOLD_PAGE, "", "");

    framed_stop(&f);
}
END_TEST


START_TEST(a_hold_ends_by_itself)
{
    int       client, held;
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", HOLD_PAGE, "", "Scrape-Hold: queue 1\r\n");

    for (held = 0; /* void */ ; held++) {
        client = hold_send(&f, "GET", HOLD_PAGE, "");

        if (hold_asked(&f, client)) {
            break;
        }

        free(framed_head(client));
        ck_assert_int_eq(close(client), 0);
        process_pause(20);
    }

    ck_assert_int_gt(held, 0);
    hold_answer(&f, client, 200, "");

    framed_stop(&f);
}
END_TEST


START_TEST(zero_seconds_lift_a_hold)
{
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", "/v1/jobs", "", "Scrape-Hold: queue 0\r\n");
    hold_pass(&f, "GET", HOLD_PAGE, "", "Scrape-Hold: queue 50\r\n");
    hold_held(&f, "GET", HOLD_PAGE, NULL, 503, "/limits/queue-full");

    hold_pass(&f, "GET", "/v1/jobs", "", "Scrape-Hold: queue 0\r\n");
    hold_pass(&f, "GET", HOLD_PAGE, "", "");

    framed_stop(&f);
}
END_TEST


START_TEST(what_is_not_a_hold_is_ignored)
{
    char      told[64];
    size_t    i;
    framed_t  f;

    static const char *const  wrong[] = {
        "queue", "queue ", "queue -1", "queue 86401", "queue 5x", "queue  5",
        "queues 5", "other 5", "5", "queue 99999999999999999999", "Queue 5"
    };

    hold_start(&f);

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void) snprintf(told, sizeof(told), "Scrape-Hold: %s\r\n", wrong[i]);
        hold_pass(&f, "GET", HOLD_PAGE, "", told);
    }

    hold_pass(&f, "GET", HOLD_PAGE, "", "");

    framed_stop(&f);
}
END_TEST


START_TEST(a_hold_is_kept_over_a_reload)
{
    framed_t  f;

    hold_start(&f);
    hold_pass(&f, "GET", HOLD_PAGE, "", "Scrape-Hold: queue 600\r\n");
    ck_assert_int_eq(kill(f.gateway.nginx, SIGHUP), 0);

    while (hold_workers(&f) < 4) {
        process_pause(5);
    }

    hold_held(&f, "GET", HOLD_PAGE, NULL, 503, "/limits/queue-full");
    hold_held(&f, "GET", HOLD_PAGE, NULL, 503, "/limits/queue-full");

    framed_stop(&f);
}
END_TEST


START_TEST(the_oldest_hold_goes_when_the_zone_is_full)
{
    int       i;
    char      fields[64];
    framed_t  f;

    hold_start(&f);

    for (i = 0; i < 400; i++) {
        (void) snprintf(fields, sizeof(fields), "X-Tenant: t%d\r\n", i);
        hold_pass(&f, "GET", HOLD_PAGE, fields, "Scrape-Hold: tenant 600\r\n");
    }

    hold_held(&f, "GET", HOLD_PAGE, "X-Tenant: t399", 429,
              "/limits/key-quota");
    hold_pass(&f, "GET", HOLD_PAGE, "X-Tenant: t0\r\n", "");

    framed_stop(&f);
}
END_TEST


START_TEST(the_cache_still_answers_while_the_queue_is_held)
{
    framed_t        f;
    client_reply_t  r;

    hold_start(&f);
    hold_pass(&f, "GET", "/kept?u=http://a.test/1", "",
              "Cache-Control: max-age=60\r\n");
    hold_pass(&f, "GET", "/v1/jobs", "", "Scrape-Hold: queue 60\r\n");

    r = gateway_request(&f.gateway, "GET", "/kept?u=http://a.test/1", NULL,
                        NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    hold_held(&f, "GET", "/kept?u=http://a.test/2", NULL, 503,
              "/limits/queue-full");

    framed_stop(&f);
}
END_TEST


/* and what nobody answers is nobody's to wait for: nginx would alert */
START_TEST(an_old_answer_is_better_than_that_of_a_hold)
{
    framed_t        f;
    client_reply_t  r;

    static const char  old[] = "Cache-Control: max-age=9\r\nAge: 10\r\n";

    hold_start(&f);
    hold_pass(&f, "GET", "/old?u=http://a.test/1", "", old);
    hold_pass(&f, "GET", "/kept?u=http://a.test/2", "", old);
    hold_pass(&f, "GET", HOLD_PAGE, "X-Tenant: bob\r\n",
              "Scrape-Hold: tenant 60\r\n");
    hold_pass(&f, "GET", "/v1/jobs", "", "Scrape-Hold: queue 60\r\n");

    r = gateway_request(&f.gateway, "GET", "/old?u=http://a.test/1", NULL,
                        NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(r.body, "{}");
    ck_assert_str_eq(client_header(&r, "X-Cache"), "STALE");
    client_free(&r);

    hold_held(&f, "GET", "/old?u=http://a.test/3", NULL, 503,
              "/limits/queue-full");
    hold_held(&f, "GET", "/kept?u=http://a.test/2", NULL, 503,
              "/limits/queue-full");

    hold_pass(&f, "GET", "/v1/jobs", "", "Scrape-Hold: queue 0\r\n");
    hold_held(&f, "GET", "/old?u=http://a.test/1", "X-Tenant: bob", 429,
              "/limits/key-quota");
    hold_pass(&f, "GET", "/old?u=http://a.test/1", "", "");

    framed_stop(&f);
}
END_TEST


START_TEST(the_real_scraped_is_not_asked_while_its_queue_is_full)
{
    int                i;
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = "scrape_zone holds:64k;",
        .api = "scrape_hold on;",
        .settings = "max_queue = 1"
    };

    static const char *const  says[] = { "the queue has \"1\" jobs",
                                         "a moment ago", "a moment ago" };

    gateway_start(&g, &o);

    r = gateway_extract(&g, "/delay?ms=2000", "{\"t\":\"//h1\"}", "",
                        "Prefer: respond-async");
    ck_assert_int_eq(r.status, 202);
    client_free(&r);

    for (i = 0; i < 3; i++) {
        r = gateway_extract(&g, "/page/1", "{\"t\":\"//h1\"}", "",
                            "Prefer: respond-async");
        ck_assert_int_eq(r.status, 503);
        ck_assert_str_eq(client_str(&r, "type"), "/limits/queue-full");
        ck_assert_str_eq(client_str(&r, "title"), "Queue full");
        ck_assert_msg(strstr(client_str(&r, "detail"), says[i]) != NULL, "%s",
                      r.body);
        ck_assert_int_gt(strtol(client_header(&r, "Retry-After"), NULL, 10),
                         0);
        ck_assert_str_eq(client_header(&r, "Scrape-Hold"), "");
        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


/* A connection for each request: the listener tells which are made. */
static void
hold_start(framed_t *f)
{
    gateway_options_t  o = {
        .http = "scrape_zone holds:32k; scrape_tenant $http_x_tenant;"
                " scrape_rules p { t //h1; }"
                " scrape_cache_path cache keys_zone=pages:1m;",
        .api = "scrape_hold on;",
        .upstream = " ",
        .server = "location /free/v1/ { scrape_pass scrapers; }"
                  "location = /one { scrape_pass scrapers; scrape_hold on;"
                  " scrape_url $arg_u; scrape_use p; }"
                  "location = /kept { scrape_pass scrapers; scrape_hold on;"
                  " scrape_url $arg_u; scrape_use p; scrape_cache pages;"
                  " scrape_cache_key $arg_u; scrape_cache_valid 200 1m; }"
                  "location = /old { scrape_pass scrapers; scrape_hold on;"
                  " scrape_url $arg_u; scrape_use p; scrape_cache pages;"
                  " scrape_cache_use_stale http_503; scrape_cache_lock on;"
                  " scrape_cache_key $arg_u;"
                  " add_header X-Cache $upstream_cache_status; }"
    };

    framed_start(f, &o);
}


static int
hold_send(framed_t *f, const char *method, const char *path,
    const char *fields)
{
    int  client;

    client = framed_client(f);
    say(client, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Content-Length: 0\r\n%s\r\n", method, path, fields);

    return client;
}


/* scraped is asked, and says this. */
static void
hold_answer(framed_t *f, int client, int status, const char *fields)
{
    int        fd;
    char       line[32], *head;
    uint64_t   id;

    fd = framed_accept(f);
    id = framed_opened(fd, NULL);
    say(fd, FRAMED_HELLO);
    framed_reply(fd, id, status, fields, "{}");

    head = framed_head(client);
    (void) snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    ck_assert_msg(strncmp(head, line, strlen(line)) == 0, "%s", head);
    ck_assert_ptr_null(strstr(head, "Scrape-Hold"));
    free(head);

    ck_assert_int_eq(close(client), 0);
    ck_assert_int_eq(close(fd), 0);
}


static void
hold_pass(framed_t *f, const char *method, const char *path,
    const char *fields, const char *told)
{
    hold_answer(f, hold_send(f, method, path, fields), 200, told);
}


/* nginx answers so, and scraped is not asked. */
static void
hold_held(framed_t *f, const char *method, const char *path,
    const char *fields, long status, const char *type)
{
    char            url[256];
    long            left;
    client_reply_t  r;
    struct pollfd   pfd;

    (void) snprintf(url, sizeof(url), "%s%s", f->gateway.url, path);
    ck_assert_msg(client_try(&r, method, url, fields,
                             strcmp(method, "GET") == 0 ? NULL : "",
                             HOLD_PATIENCE) == 0,
                  "%s %s is not held", method, path);
    ck_assert_msg(r.status == status, "%s %s: %ld %s", method, path, r.status,
                  r.body);
    ck_assert_str_eq(client_str(&r, "type"), type);
    ck_assert_int_eq(json_integer_value(client_get(&r, "status")), status);
    ck_assert_ptr_nonnull(strstr(client_str(&r, "detail"), "a moment ago"));

    left = strtol(client_header(&r, "Retry-After"), NULL, 10);
    ck_assert_int_gt(left, 30);
    ck_assert_int_le(left, 600);
    client_free(&r);

    pfd.fd = f->listener;
    pfd.events = POLLIN;
    ck_assert_int_eq(poll(&pfd, 1, 0), 0);
}


/* Whether scraped is asked before the client has its answer. */
static int
hold_asked(const framed_t *f, int client)
{
    struct pollfd  pfd[2];

    pfd[0].fd = f->listener;
    pfd[0].events = POLLIN;
    pfd[1].fd = client;
    pfd[1].events = POLLIN;

    ck_assert_int_gt(poll(pfd, 2, HOLD_PATIENCE), 0);

    return (pfd[0].revents & POLLIN) != 0;
}


/* Workers that were ever started. */
static int
hold_workers(framed_t *f)
{
    int    n;
    char   path[128], *log, *p;

    (void) snprintf(path, sizeof(path), "%s/nginx.log", f->gateway.dir);
    log = process_read(path);
    n = 0;

    for (p = log; (p = strstr(p, "start worker process ")) != NULL; p++) {
        n++;
    }

    free(log);

    return n;
}


int
main(void)
{
    const TTest *const  tests[] = {
        a_wrong_zone_is_told_with_its_line,
        a_full_queue_holds_all_that_makes_jobs,
        reads_and_cancels_are_never_held,
        a_tenant_s_hold_is_of_that_tenant_alone,
        a_host_s_hold_is_of_extracts_of_that_host,
        a_location_without_scrape_hold_is_not_held,
        a_hold_ends_by_itself,
        zero_seconds_lift_a_hold,
        what_is_not_a_hold_is_ignored,
        a_hold_is_kept_over_a_reload,
        the_oldest_hold_goes_when_the_zone_is_full,
        the_cache_still_answers_while_the_queue_is_held,
        an_old_answer_is_better_than_that_of_a_hold,
        the_real_scraped_is_not_asked_while_its_queue_is_full,
        NULL
    };

    return suite_run("hold", tests, HOLD_TIMEOUT);
}
