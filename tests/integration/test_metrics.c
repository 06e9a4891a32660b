
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/hooked.h"
#include "tests/support/suite.h"


#define METRICS_TIMEOUT    120
#define METRICS_PYTHON     "/usr/bin/python3"
#define METRICS_PARSER     "/usr/lib/python3/dist-packages/prometheus_client"
#define METRICS_ORACLE     "tests/oracle/openmetrics.py"


static double number(gateway_t *g, const char *path);
static double number_in(const client_reply_t *r, const char *path);
static void expect(const client_reply_t *r, const char *path, double value);
static void extract(gateway_t *g, const char *page, const char *members,
    const char *headers, long status);
static void ask(gateway_t *g, const char *method, const char *path,
    const char *body, char *id, size_t size);
static void wait_for(gateway_t *g, const char *path, double value);
static client_reply_t all(gateway_t *g);
static void oracle(gateway_t *g, const char *format);


static const gateway_options_t  open_options = {
    .server = "location = /metrics { scrape_pass scrapers; }",
    .settings = "robots = ignore\nhost_failures = 0\n"
                "extract_timeout = 800\nresolver = 127.0.0.1:1\n"
                "retries = 2\n"
};

static const gateway_options_t  narrow_options = {
    .server = "location = /metrics { scrape_pass scrapers; }",
    .settings = "robots = ignore\nhost_connections = 1\n"
};

static const gateway_options_t  tenant_options = {
    .server = "location = /metrics { scrape_pass scrapers;"
              " scrape_tenant $http_x_tenant; }"
};

static const gateway_options_t  polite_options = {
    .server = "location = /metrics { scrape_pass scrapers; }",
    .settings = "retries = 0\nhost_failures = 1\n"
};


START_TEST(the_format_is_asked_for_or_accepted)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);

    r = gateway_request(&g, "GET", "/metrics", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "text/plain; charset=utf-8");
    ck_assert_str_eq(client_header(&r, "Cache-Control"), "no-store");
    ck_assert(strncmp(r.body, "scraped ", 8) == 0);
    client_free(&r);

    r = gateway_request(&g, "GET", "/metrics",
                        "Accept: application/openmetrics-text", NULL);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "application/openmetrics-text; version=1.0.0; "
                     "charset=utf-8");
    ck_assert_str_eq(r.body + r.len - 6, "# EOF\n");
    client_free(&r);

    r = gateway_request(&g, "GET", "/metrics?format=prometheus",
                        "Accept: application/json", NULL);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "text/plain; version=0.0.4; charset=utf-8");
    client_free(&r);

    r = gateway_request(&g, "HEAD", "/metrics?format=json", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Content-Type"), "application/json");
    ck_assert_uint_eq(r.len, 0);
    client_free(&r);

    r = gateway_request(&g, "GET", "/metrics?format=xml", NULL, NULL);
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "parameter"), "format");
    client_free(&r);

    r = gateway_request(&g, "POST", "/metrics", NULL, "{}");
    ck_assert_int_eq(r.status, 405);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_tenant_does_not_find_it)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &tenant_options);

    r = gateway_request(&g, "GET", "/metrics", "X-Tenant: shop", NULL);
    ck_assert_int_eq(r.status, 404);
    ck_assert_ptr_null(strstr(r.body, "scraped_"));
    client_free(&r);

    r = gateway_request(&g, "GET", "/metrics", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(other_programs_read_it)
{
    gateway_t  g;

    if (access(METRICS_PARSER, R_OK) != 0) {
        (void) printf("metrics: SKIPPED, python3-prometheus-client is not "
                      "installed\n");
        return;
    }

    gateway_start(&g, &open_options);
    extract(&g, "/page/1", "", NULL, 200);
    oracle(&g, "openmetrics");
    oracle(&g, "prometheus");
    gateway_stop(&g);
}
END_TEST


START_TEST(a_page_moves_what_it_touches)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);

    extract(&g, "/page/1", "", NULL, 200);
    r = all(&g);
    expect(&r, "pages.ended.completed", 1);
    expect(&r, "pages.ended.failed", 0);
    expect(&r, "pages.queue_seconds.count", 1);
    expect(&r, "pages.duration_seconds.count", 1);
    expect(&r, "jobs.made.extract", 1);
    expect(&r, "jobs.ended.extract.completed", 1);
    expect(&r, "fetch.exchanges.ok", 1);
    expect(&r, "fetch.answers.2xx", 1);
    expect(&r, "fetch.duration_seconds.count", 1);
    expect(&r, "fetch.first_byte_seconds.count", 1);
    expect(&r, "fetch.connect_seconds.count", 1);
    expect(&r, "fetch.tls_seconds.count", 0);
    expect(&r, "extract.pages.ok", 1);
    expect(&r, "extract.page_seconds.count", 1);
    expect(&r, "server.requests.extract.2xx", 1);
    ck_assert_double_gt(number_in(&r, "fetch.wire_bytes"), 100);
    ck_assert_double_gt(number_in(&r, "fetch.decoded_bytes"), 100);
    ck_assert_double_gt(number_in(&r, "server.received_bytes"), 100);
    ck_assert_double_gt(number_in(&r, "server.sent_bytes"), 100);
    client_free(&r);

    extract(&g, "/gzip", "", NULL, 200);
    r = all(&g);
    ck_assert_double_gt(number_in(&r, "fetch.decoded_bytes"),
                        number_in(&r, "fetch.wire_bytes"));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(failures_retries_and_redirects_are_told_apart)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);

    extract(&g, "/redirect?to=/page/2", "", NULL, 200);
    r = all(&g);
    expect(&r, "pages.redirects", 1);
    expect(&r, "fetch.answers.3xx", 1);
    expect(&r, "fetch.exchanges.ok", 2);
    expect(&r, "pages.ended.completed", 1);
    client_free(&r);

    extract(&g, "/flaky?key=a&fail=2&status=503", "", NULL, 200);
    r = all(&g);
    expect(&r, "pages.retries", 2);
    expect(&r, "fetch.answers.5xx", 2);
    client_free(&r);

    extract(&g, "/garbage", ",\"request\":{\"retries\":0}", NULL, 502);
    r = all(&g);
    expect(&r, "pages.ended.failed", 1);
    expect(&r, "pages.failed./fetch/protocol", 1);
    expect(&r, "fetch.exchanges.protocol", 1);
    expect(&r, "jobs.ended.extract.failed", 1);
    expect(&r, "server.requests.extract.5xx", 1);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_worker_that_is_killed_is_counted)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);

    /* libxml2 compares each attribute with all before it */
    extract(&g, "/attributes?n=200000", "", NULL, 504);

    r = all(&g);
    expect(&r, "extract.pages.timeout", 1);
    expect(&r, "extract.killed", 1);
    expect(&r, "pages.failed./extract/timeout", 1);
    client_free(&r);

    /* as many as there were at the start, and one more */
    r = all(&g);
    wait_for(&g, "extract.started", number_in(&r, "extract.workers.idle")
                                    + number_in(&r, "extract.workers.busy")
                                    + number_in(&r, "extract.workers.down")
                                    + number_in(&r, "extract.workers.dying")
                                    + number_in(&r,
                                                "extract.workers.starting")
                                    + 1);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(stored_pages_are_hit_or_missed)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);

    extract(&g, "/page/1", "", "Cache-Control: max-age=60", 200);
    r = all(&g);
    expect(&r, "cache.lookups.miss", 1);
    expect(&r, "cache.lookups.hit", 0);
    client_free(&r);

    extract(&g, "/page/1", "", "Cache-Control: max-age=60", 200);
    extract(&g, "/validate?etag=%22v%22", "", "Cache-Control: max-age=0",
            200);
    extract(&g, "/validate?etag=%22v%22", "", "Cache-Control: max-age=0",
            200);
    r = all(&g);
    expect(&r, "cache.lookups.hit", 1);
    expect(&r, "cache.lookups.miss", 3);
    expect(&r, "cache.revalidated", 1);
    expect(&r, "fetch.exchanges.ok", 3);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(robots_and_hosts_are_counted)
{
    char            url[160];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &polite_options);

    (void) snprintf(url, sizeof(url), "%s/robots-set?status=200", g.origin);
    r = client_request("PUT", url, NULL,
                       "User-agent: *\nDisallow: /page/2\n");
    ck_assert_int_lt(r.status, 300);
    client_free(&r);

    extract(&g, "/page/2", "", NULL, 403);
    r = all(&g);
    expect(&r, "robots.answers.disallowed", 1);
    expect(&r, "robots.answers.allowed", 0);
    expect(&r, "robots.origins", 1);
    expect(&r, "pages.failed./policy/robots", 1);
    expect(&r, "hosts.count.suspended", 0);
    client_free(&r);

    extract(&g, "/reset-early", "", NULL, 502);
    r = all(&g);
    expect(&r, "robots.answers.allowed", 1);
    expect(&r, "hosts.count.known", 1);
    expect(&r, "hosts.count.suspended", 1);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(names_are_counted)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);

    r = gateway_request(&g, "POST", "/v1/extract", NULL,
                        "{\"url\":\"http://nothing.invalid/\","
                        "\"request\":{\"retries\":0},"
                        "\"rules\":{\"t\":\"//h1\"}}");
    client_free(&r);
    wait_for(&g, "pages.failed./fetch/dns", 1);

    r = all(&g);
    ck_assert_double_ge(number_in(&r, "dns.misses"), 1);
    ck_assert_double_ge(number_in(&r, "dns.questions"), 1);
    ck_assert_double_ge(number_in(&r, "dns.failures"), 1);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(jobs_commits_and_webhooks_are_counted)
{
    int             refused[] = { 410 };
    char            body[512], id[64];
    hooked_t        h;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);
    hooked_start(&h, refused, 1);

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\","
                    "\"%s/page/2\"],\"defaults\":{\"rules\":"
                    "{\"title\":\"//h1\"}},\"webhook\":{\"url\":\"%s\","
                    "\"events\":[\"completed\"]}}",
                    g.origin, g.origin, h.url);
    ask(&g, "POST", "/v1/batch", body, id, sizeof(id));
    wait_for(&g, "jobs.ended.batch.completed", 1);
    wait_for(&g, "webhooks.attempts.given_up", 1);
    wait_for(&g, "jobs.running.batch", 0);

    r = all(&g);
    expect(&r, "jobs.made.batch", 1);
    expect(&r, "jobs.made.extract", 0);
    expect(&r, "pages.ended.completed", 2);
    expect(&r, "store.transactions.failed", 0);
    ck_assert_double_ge(number_in(&r, "store.transactions.committed"), 2);
    ck_assert_double_eq(number_in(&r, "store.transactions.committed"),
                        number_in(&r, "store.commit_seconds.count"));
    ck_assert_double_eq(number_in(&r, "store.transactions.committed"),
                        number_in(&r, "store.group_batches.count"));
    ck_assert_double_ge(number_in(&r, "store.rows"), 5);
    ck_assert_double_gt(number_in(&r, "store.file_bytes")
                        + number_in(&r, "store.wal_bytes"), 4096);
    client_free(&r);

    hooked_stop(&h);
    gateway_stop(&g);
}
END_TEST


START_TEST(schedules_are_counted)
{
    char            body[512];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &open_options);

    (void) snprintf(body, sizeof(body), "{\"every_ms\":1000,\"kind\":"
                    "\"extract\",\"body\":{\"url\":\"%s/page/1\",\"rules\":"
                    "{\"t\":\"//h1\"}}}", g.origin);
    r = gateway_request(&g, "PUT", "/v1/schedules/s", NULL, body);
    ck_assert_int_lt(r.status, 300);
    client_free(&r);
    ck_assert_double_eq(number(&g, "schedules.count"), 1);
    wait_for(&g, "schedules.runs.accepted", 1);
    r = gateway_request(&g, "DELETE", "/v1/schedules/s", NULL, NULL);
    client_free(&r);
    wait_for(&g, "schedules.count", 0);

    gateway_stop(&g);
}
END_TEST


START_TEST(lanes_and_streams_say_what_goes_on)
{
    char        body[512], url[160], log[96], id[64];
    pid_t       pid;
    gateway_t   g;
    char       *argv[] = { "/usr/bin/curl", "-sN", url, NULL };

    gateway_start(&g, &narrow_options);

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/delay?ms=4000\","
                    "\"%s/page/1\",\"%s/page/2\"],\"defaults\":"
                    "{\"rules\":{\"title\":\"//h1\"}}}", g.origin, g.origin,
                    g.origin);
    ask(&g, "POST", "/v1/batch", body, id, sizeof(id));
    wait_for(&g, "lanes.under_way.batch", 1);
    ck_assert_double_eq(number(&g, "jobs.running.batch"), 1);

    (void) snprintf(url, sizeof(url), "%s/v1/jobs/%s/events", g.url, id);
    (void) snprintf(log, sizeof(log), "%s/curl.log", g.dir);
    pid = process_start(argv, log, NULL);
    wait_for(&g, "server.streams_open.events", 1);

    /* one who leaves before it is over */
    (void) process_stop(pid, SIGTERM);
    wait_for(&g, "server.streams_open.events", 0);

    wait_for(&g, "pages.ended.completed", 3);
    wait_for(&g, "lanes.under_way.batch", 0);
    ck_assert_double_eq(number(&g, "lanes.waiting.batch"), 0);

    gateway_stop(&g);
}
END_TEST


START_TEST(the_process_and_its_status_say_the_same)
{
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, &open_options);
    extract(&g, "/page/1", "", NULL, 200);

    r = all(&g);
    s = gateway_request(&g, "GET", "/v1/status", NULL, NULL);
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(client_str(&s, "version"),
                     client_str(&r, "build.version"));
    expect(&s, "pages.completed", 1);
    expect(&s, "jobs.unended", 0);
    expect(&s, "lanes.interactive.under_way", 0);
    expect(&s, "hosts", number_in(&r, "hosts.count.known"));
    expect(&s, "hosts_suspended", 0);
    expect(&s, "workers.busy", 0);
    expect(&s, "connections", number_in(&r, "server.connections"));
    expect(&s, "requests", 1);
    expect(&s, "streams.events", 0);
    ck_assert_double_ge(number_in(&s, "uptime_ms"), 0);
    ck_assert_double_gt(number_in(&r, "process.resident_memory_bytes"),
                        1000000);
    ck_assert_double_gt(number_in(&r, "process.cpu_seconds"), 0);
    ck_assert_double_gt(number_in(&r, "process.open_fds"), 5);
    ck_assert_double_gt(number_in(&r, "process.start_time_seconds"), 1.6e9);
    ck_assert_double_gt(number_in(&r, "loop.round_seconds.count"), 0);
    ck_assert_double_gt(number_in(&r, "server.accepted"), 0);
    client_free(&s);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


static double
number(gateway_t *g, const char *path)
{
    double          value;
    client_reply_t  r;

    r = all(g);
    value = number_in(&r, path);
    client_free(&r);

    return value;
}


static double
number_in(const client_reply_t *r, const char *path)
{
    const json_t  *value;

    value = client_get(r, path);
    ck_assert_msg(json_is_number(value), "no %s", path);

    return json_number_value(value);
}


static void
expect(const client_reply_t *r, const char *path, double value)
{
    double  is;

    is = number_in(r, path);
    ck_assert_msg(is == value, "%s is %g, not %g", path, is, value);
}


static void
extract(gateway_t *g, const char *page, const char *members,
    const char *headers, long status)
{
    client_reply_t  r;

    r = gateway_extract(g, page, "{\"title\":\"//h1\"}", members, headers);
    ck_assert_msg(r.status == status, "%s: %ld %s", page, r.status, r.body);
    client_free(&r);
}


/* Make something that has an id. */
static void
ask(gateway_t *g, const char *method, const char *path, const char *body,
    char *id, size_t size)
{
    client_reply_t  r;

    r = gateway_request(g, method, path, NULL, body);
    ck_assert_msg(r.status == 202, "%ld %s", r.status, r.body);
    (void) snprintf(id, size, "%s", client_str(&r, "id"));
    ck_assert_str_ne(id, "");
    client_free(&r);
}


static void
wait_for(gateway_t *g, const char *path, double value)
{
    int     i;
    double  is;

    for (i = 0; i < 1000; i++) {
        is = number(g, path);

        if (is == value) {
            return;
        }

        (void) usleep(20000);
    }

    ck_abort_msg("%s is %g and does not become %g", path, is, value);
}


static client_reply_t
all(gateway_t *g)
{
    client_reply_t  r;

    r = gateway_request(g, "GET", "/metrics", "Accept: application/json",
                        NULL);
    ck_assert_msg(r.status == 200 && r.json != NULL, "%ld", r.status);

    return r;
}


static void
oracle(gateway_t *g, const char *format)
{
    int             rc;
    char            path[64], file[96], log[96], command[256], *said;
    pid_t           pid;
    char           *argv[] = { "/bin/sh", "-c", command, NULL };
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "/metrics?format=%s", format);
    (void) snprintf(file, sizeof(file), "%s/metrics.txt", g->dir);
    (void) snprintf(log, sizeof(log), "%s/oracle.log", g->dir);
    (void) snprintf(command, sizeof(command), METRICS_PYTHON " "
                    METRICS_ORACLE " %s %s", format, file);

    r = gateway_request(g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    process_write(file, r.body);
    client_free(&r);

    (void) unlink(log);
    pid = process_start(argv, log, NULL);
    rc = process_wait(pid);
    said = process_read(log);
    ck_assert_msg(rc == 0, "%s", said);
    ck_assert_msg(strstr(said, "scraped_store_commit_seconds histogram")
                  != NULL, "%s", said);
    free(said);
}


int
main(void)
{
    const TTest  *tests[] = {
        the_format_is_asked_for_or_accepted,
        a_tenant_does_not_find_it,
        other_programs_read_it,
        a_page_moves_what_it_touches,
        failures_retries_and_redirects_are_told_apart,
        a_worker_that_is_killed_is_counted,
        stored_pages_are_hit_or_missed,
        robots_and_hosts_are_counted,
        names_are_counted,
        jobs_commits_and_webhooks_are_counted,
        schedules_are_counted,
        lanes_and_streams_say_what_goes_on,
        the_process_and_its_status_say_the_same,
        NULL
    };

    return suite_run("metrics of the gateway", tests, METRICS_TIMEOUT);
}
