
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_core.h"
#include "sidecar/core/id.h"
#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define VARIABLES_TIMEOUT    60
#define VARIABLES_TRIES      250        /* of 20 ms, for a line of the log */


static void expect_told(const client_reply_t *r, const char *name,
    const char *value);
static void expect_seen(framed_t *f, const char *request, const char *host,
    const char *slot);
static char *ask_framed(framed_t *f, const char *request, const char *fields,
    char **open);
static void expect_slot(const char *open, const char *slot);
static char *replaced(char *text, const char *what, const char *with);
static char *last_line(gateway_t *g, const char *name);


#define TOLD                                                                  \
    "add_header T-Job $scrape_job always;"                                    \
    "add_header T-State $scrape_state always;"                                \
    "add_header T-Host $scrape_host always;"                                  \
    "add_header T-Shard $scrape_shard always;"                                \
    "add_header T-Ruleset $scrape_ruleset always;"                            \
    "add_header T-Status $scrape_fetch_status always;"                        \
    "add_header T-Time $scrape_fetch_time always;"                            \
    "add_header T-Pages $scrape_pages always;"                                \
    "add_header T-Bytes $scrape_bytes always;"                                \
    "add_header T-Queue $scrape_queue always;"                                \
    "access_log told.log told;"

#define FORMAT                                                                \
    "log_format told 'job=$scrape_job state=$scrape_state host=$scrape_host " \
    "shard=$scrape_shard rules=$scrape_ruleset status=$scrape_fetch_status "  \
    "time=$scrape_fetch_time pages=$scrape_pages bytes=$scrape_bytes "        \
    "queue=$scrape_queue';"

static const gateway_options_t  telling = {
    .http = FORMAT "scrape_rules heading { title //h1; }",
    .api = TOLD,
    .server = "location = /price { scrape_pass scrapers; scrape_use heading;"
              " scrape_url $arg_page; " TOLD "}"
              "location = /plain { " TOLD " return 200; }"
              "location = /closed { scrape_pass scrapers; deny all;"
              " scrape_url $arg_page; scrape_use heading; " TOLD "}",
    .settings = "robots = ignore\nretries = 0\n"
};

/* of 127.0.0.1 */
static char  slot_local[4];


START_TEST(an_extract_is_told_of)
{
    char           *line;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &telling);

    r = gateway_extract(&g, "/page/1", "{\"title\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(r.status, 200);
    expect_told(&r, "T-Job", client_str(&r, "id"));
    expect_told(&r, "T-State", "completed");
    expect_told(&r, "T-Host", "127.0.0.1");
    expect_told(&r, "T-Shard", slot_local);
    expect_told(&r, "T-Ruleset", "");
    expect_told(&r, "T-Status", "200");
    expect_told(&r, "T-Pages", "");
    expect_told(&r, "T-Queue", "0");
    ck_assert_ptr_nonnull(strstr(client_header(&r, "T-Time"), "."));
    ck_assert_int_gt(strtol(client_header(&r, "T-Bytes"), NULL, 10), 0);
    expect_told(&r, "Scrape-Job", "");
    expect_told(&r, "Scrape-Queue", "");
    ck_assert_int_eq(strncmp(client_str(&r, "id"), slot_local, 3), 0);

    line = last_line(&g, "told.log");
    ck_assert_ptr_nonnull(strstr(line, client_str(&r, "id")));
    ck_assert_ptr_nonnull(strstr(line, " state=completed host=127.0.0.1 "));
    ck_assert_ptr_nonnull(strstr(line, " pages=- "));
    free(line);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_location_of_its_own_is_told_of)
{
    char            path[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &telling);

    (void) snprintf(path, sizeof(path), "/price?page=%s/page/2", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    expect_told(&r, "T-Ruleset", "heading");
    expect_told(&r, "T-Host", "127.0.0.1");
    expect_told(&r, "T-State", "completed");
    client_free(&r);

    r = gateway_request(&g, "GET", "/price?page=http://127.0.0.1:65321/", NULL,
                        NULL);
    ck_assert_int_eq(r.status, 502);
    expect_told(&r, "T-Ruleset", "heading");
    expect_told(&r, "T-State", "failed");
    expect_told(&r, "T-Status", "");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_job_and_its_results_are_told_of)
{
    char            body[512], path[128], job[ID_SIZE];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &telling);

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\","
                    "\"%s/page/2\"],\"defaults\":{\"rules\":"
                    "{\"title\":\"//h1\"}}}", g.origin, g.origin);
    r = gateway_request(&g, "POST", "/v1/batch", NULL, body);
    ck_assert_int_eq(r.status, 202);
    expect_told(&r, "T-State", "running");
    expect_told(&r, "T-Shard", slot_local);
    (void) snprintf(job, sizeof(job), "%s", client_str(&r, "id"));
    expect_told(&r, "T-Job", job);
    client_free(&r);

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s?include=results", job);
    r = gateway_request(&g, "GET", path, "Prefer: wait=20", NULL);
    ck_assert_int_eq(r.status, 200);
    expect_told(&r, "T-State", "completed");
    expect_told(&r, "T-Pages", "2");
    expect_told(&r, "T-Status", "");
    expect_told(&r, "T-Shard", slot_local);
    expect_told(&r, "T-Host", "");
    ck_assert_int_gt(strtol(client_header(&r, "T-Bytes"), NULL, 10), 0);

    (void) snprintf(path, sizeof(path), "/v1/results/%s",
                    client_str(&r, "data[1].id"));
    client_free(&r);

    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    expect_told(&r, "T-Job", job);
    expect_told(&r, "T-State", "completed");
    expect_told(&r, "T-Status", "200");
    client_free(&r);

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/results", job);
    r = gateway_request(&g, "GET", path, "Accept: text/csv", NULL);
    ck_assert_int_eq(r.status, 200);
    expect_told(&r, "T-Job", job);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(all_are_empty_where_nothing_is_scraped)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &telling);

    r = gateway_request(&g, "GET", "/plain", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    expect_told(&r, "T-Job", "");
    expect_told(&r, "T-Host", "");
    expect_told(&r, "T-Shard", "");
    expect_told(&r, "T-Queue", "");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(what_nginx_refuses_had_a_host_all_the_same)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &telling);

    r = gateway_request(&g, "GET", "/closed?page=http://a.example/", NULL,
                        NULL);
    ck_assert_int_eq(r.status, 403);
    expect_told(&r, "T-Host", "a.example");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(what_scraped_tells_is_taken_as_it_is)
{
    char      *head, *open;
    framed_t   f;

    framed_start(&f, &telling);

    head = ask_framed(&f, "GET /v1/jobs/x HTTP/1.1\r\n",
                      "Scrape-Job: j\r\nSCRAPE-STATE: odd one\r\n"
                      "Scrape-Fetch: 404 12345 17\r\nScrape-Later: x\r\n"
                      "Scrape-Queue: 3\r\nScrape-Hold: queue 0\r\n", &open);
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-Job: j\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-State: odd one\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-Status: 404\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-Time: 12.345\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-Bytes: 17\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-Queue: 3\r\n"));
    ck_assert_ptr_null(strcasestr(head, "\nscrape-"));
    free(head);
    free(open);

    head = ask_framed(&f, "GET /v1/jobs/x HTTP/1.1\r\n",
                      "Scrape-Fetch: 404\r\nScrape-Pages: 7\r\n", &open);
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-Status: 404\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nT-Pages: 7\r\n"));
    ck_assert_ptr_null(strstr(head, "\r\nT-Time:"));
    free(head);
    free(open);

    framed_stop(&f);
}
END_TEST


START_TEST(the_host_is_found_wherever_the_request_has_it)
{
    framed_t  f;

    framed_start(&f, &telling);

    expect_seen(&f, "GET /v1/extract?title=//h1&url=http%3A%2F%2FA.example:1/"
                " HTTP/1.1\r\n\r\n", "a.example", NULL);
    expect_seen(&f, "GET /v1/results?host=a.example HTTP/1.1\r\n\r\n",
                "a.example", NULL);
    expect_seen(&f, "PATCH /v1/hosts/a.example:8080 HTTP/1.1\r\n"
                "Content-Length: 2\r\n\r\n{}", "a.example", NULL);
    expect_seen(&f, "POST /v1/crawl HTTP/1.1\r\nContent-Length: 22\r\n\r\n"
                "{\"urls\":[\"a.example\"]}\n", "a.example", NULL);
    expect_seen(&f, "POST /v1/batch HTTP/1.1\r\nContent-Length: 28\r\n\r\n"
                "{\"defaults\":{}}\n\"a.example\"\n", "a.example", NULL);
    expect_seen(&f, "GET /price?page=http%3A%2F%2FA.example%3A1%2Fb"
                " HTTP/1.1\r\n\r\n", "a.example", NULL);
    expect_seen(&f, "GET /v1/results?job=0123456789 HTTP/1.1\r\n\r\n", NULL,
                "0123456789");
    expect_seen(&f, "PUT /v1/jobs/today HTTP/1.1\r\nContent-Length: 23\r\n\r\n"
                "{\"url\":\"http://a.test\"}\n", "a.test", "today");
    expect_seen(&f, "GET /v1/schedules/a HTTP/1.1\r\n\r\n", NULL, "a");
    expect_seen(&f, "GET /v1/jobs HTTP/1.1\r\n\r\n", NULL, "");
    expect_seen(&f, "GET /v1/rulesets/a HTTP/1.1\r\n\r\n", NULL, "");

    framed_stop(&f);
}
END_TEST


START_TEST(an_id_leads_where_its_digits_say)
{
    char      *head, *open;
    size_t     i;
    framed_t   f;

    static const char *const  requests[] = {
        "GET /v1/jobs/abc01ARZ3NDEKTSV4RRFFQ69G5FAV HTTP/1.1\r\n",
        "GET /v1/jobs/abc01ARZ3NDEKTSV4RRFFQ69G5FAV/results HTTP/1.1\r\n",
        "GET /v1/results/abc01ARZ3NDEKTSV4RRFFQ69G5FAV/raw HTTP/1.1\r\n",
        "GET /v1/results?job=abc01ARZ3NDEKTSV4RRFFQ69G5FAV HTTP/1.1\r\n",
        "POST /v1/batch?append_to=abc01ARZ3NDEKTSV4RRFFQ69G5FAV HTTP/1.1\r\n"
    };

    framed_start(&f, &telling);

    for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        head = ask_framed(&f, requests[i], "", &open);
        ck_assert_ptr_nonnull(strstr(head, "\r\nT-Shard: abc\r\n"));
        expect_slot(open, "abc");
        free(head);
        free(open);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(what_makes_a_job_has_a_shard_without_a_host)
{
    char      *head, *open, *shard;
    framed_t   f;

    framed_start(&f, &telling);

    head = ask_framed(&f, "POST /v1/batch HTTP/1.1\r\n"
                      "Content-Type: application/x-ndjson\r\n"
                      "Content-Length: 0\r\n", "", &open);
    shard = strstr(head, "\r\nT-Shard: ");
    ck_assert_ptr_nonnull(shard);
    shard[sizeof("\r\nT-Shard: ") - 1 + 3] = '\0';
    expect_slot(open, shard + sizeof("\r\nT-Shard: ") - 1);
    free(head);
    free(open);

    framed_stop(&f);
}
END_TEST


/* The host where a body is in a file, and behind its first part. */
START_TEST(a_body_in_a_file_is_looked_into)
{
    char               request[9000];
    framed_t           f;
    gateway_options_t  o = telling;

    o.api = TOLD "client_body_in_file_only clean;";
    framed_start(&f, &o);

    (void) snprintf(request, sizeof(request), "POST /v1/extract HTTP/1.1\r\n"
                    "Content-Length: 8000\r\n\r\n{\"echo\":\"%0*d\","
                    "\"url\":\"http://a.example/\"}",
                    8000 - (int) strlen("{\"echo\":\"\",\"url\":"
                                        "\"http://a.example/\"}"), 7);
    expect_seen(&f, request, "a.example", NULL);

    framed_stop(&f);
}
END_TEST


START_TEST(a_host_to_be_left_alone_is_told)
{
    char               path[256];
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = telling;

    o.http = FORMAT "scrape_rules heading { title //h1; } scrape_zone a:64k;"
             "scrape_hold on;";
    o.settings = "robots = ignore\nretries = 0\nhost_failures = 1\n";
    gateway_start(&g, &o);

    r = gateway_request(&g, "GET", "/price?page=http://127.0.0.2:65321/",
                        NULL, NULL);
    ck_assert_int_eq(r.status, 502);
    expect_told(&r, "T-State", "failed");
    client_free(&r);

    r = gateway_request(&g, "GET", "/price?page=http://127.0.0.2:65321/",
                        NULL, NULL);
    ck_assert_int_eq(r.status, 503);
    ck_assert_str_eq(client_str(&r, "type"), "/limits/host-busy");
    expect_told(&r, "T-State", "");
    ck_assert_int_gt(strtol(client_header(&r, "Retry-After"), NULL, 10), 0);
    client_free(&r);

    (void) snprintf(path, sizeof(path), "/price?page=%s/page/2", g.origin);
    r = gateway_request(&g, "GET", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(the_example_is_a_configuration)
{
    int     rc;
    char    dir[64], conf[128], log[128], module[600], pid[128];
    char   *text, *top, *said;
    size_t  i;

    const char *const  paths[][2] = {
        { "modules/ngx_http_scrape_module.so", module },
        { "/etc/scraped/rules", "rules" },
        { "/var/cache/nginx-scrape", "cache" },
        { "/var/log/nginx/scrape.log", "access.log" },
        { "listen 80;", "listen 127.0.0.1:8000;" }
    };

    top = getcwd(NULL, 0);
    ck_assert_ptr_nonnull(top);
    (void) snprintf(module, sizeof(module), "%s%s%s/ngx_http_scrape_module.so",
                    process_build()[0] == '/' ? "" : top,
                    process_build()[0] == '/' ? "" : "/", process_build());
    free(top);
    process_folder(dir, sizeof(dir));
    text = process_read("conf/nginx.conf");

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        text = replaced(text, paths[i][0], paths[i][1]);
    }

    (void) snprintf(conf, sizeof(conf), "%s/rules", dir);
    ck_assert_int_eq(mkdir(conf, 0755), 0);
    (void) snprintf(conf, sizeof(conf), "%s/rules/product.conf", dir);
    said = process_read("conf/rules/product.conf");
    process_write(conf, said);
    free(said);

    (void) snprintf(conf, sizeof(conf), "%s/nginx.conf", dir);
    (void) snprintf(log, sizeof(log), "%s/log", dir);
    (void) snprintf(pid, sizeof(pid), "pid %s/pid;", dir);
    process_write(conf, text);
    free(text);

    rc = process_wait(process_start((char *[]) { "nginx", "-t", "-p", dir,
                                                 "-e", "stderr", "-g", pid,
                                                 "-c", conf, NULL },
                                    log, NULL));
    said = process_read(log);
    ck_assert_msg(rc == 0 || process_sanitized(), "%s", said);
    free(said);
    process_remove(dir);
}
END_TEST


static void
expect_told(const client_reply_t *r, const char *name, const char *value)
{
    ck_assert_str_eq(client_header(r, name), value);
}


/* slot is the name it is of; NULL: of the host. */
static void
expect_seen(framed_t *f, const char *request, const char *host,
    const char *slot)
{
    char  *head, *open;
    char   line[64], digits[8];

    head = ask_framed(f, request, "", &open);

    if (host != NULL) {
        (void) snprintf(line, sizeof(line), "\r\nT-Host: %s\r\n", host);
        ck_assert_msg(strstr(head, line) != NULL, "%s: %s", request, head);

    } else {
        ck_assert_ptr_null(strstr(head, "\r\nT-Host:"));
    }

    slot = slot != NULL ? slot : host;
    digits[0] = '\0';

    if (slot[0] != '\0') {
        (void) snprintf(digits, sizeof(digits), "%03x",
                        id_slot(slot, strlen(slot)));
    }

    expect_slot(open, digits);
    free(head);
    free(open);
}


/* Answer it with these fields: the head that the client gets. */
static char *
ask_framed(framed_t *f, const char *request, const char *fields, char **open)
{
    int        client, fd;
    char      *head, *end;
    uint64_t   id;

    client = framed_client(f);
    end = strstr(request, "\r\n\r\n");

    if (end == NULL) {
        say(client, "%sHost: localhost\r\nConnection: close\r\n\r\n",
            request);

    } else {
        say(client, "%.*sHost: localhost\r\nConnection: close\r\n\r\n%s",
            (int) (end + 2 - request), request, end + 4);
    }

    fd = framed_accept(f);
    say(fd, "%s", FRAMED_HELLO);
    id = framed_opened(fd, open);
    framed_reply(fd, id, 200, fields, "{}");
    head = framed_head(client);
    (void) close(fd);
    (void) close(client);

    return head;
}


static void
expect_slot(const char *open, const char *slot)
{
    char         line[64];
    const char  *p;

    p = strstr(open, "Scrape-Slot: ");

    if (slot[0] == '\0') {
        ck_assert_ptr_null(p);
        return;
    }

    (void) snprintf(line, sizeof(line), "Scrape-Slot: %s\r\n", slot);
    ck_assert_ptr_nonnull(p);
    ck_assert_int_eq(strncmp(p, line, strlen(line)), 0);
}


static char *
replaced(char *text, const char *what, const char *with)
{
    int    rc;
    char  *at, *all;

    at = strstr(text, what);
    ck_assert_msg(at != NULL, "there is no \"%s\"", what);

    rc = asprintf(&all, "%.*s%s%s", (int) (at - text), text, with,
                  at + strlen(what));
    ck_assert_int_ne(rc, -1);
    free(text);

    return all;
}


/* nginx writes it when the reply has left. */
static char *
last_line(gateway_t *g, const char *name)
{
    int    i;
    char   path[128];
    char  *text;

    (void) snprintf(path, sizeof(path), "%s/%s", g->dir, name);

    for (i = 0; i < VARIABLES_TRIES; i++) {
        text = process_read(path);

        if (strchr(text, '\n') != NULL) {
            return text;
        }

        free(text);
        process_pause(20);
    }

    ck_abort_msg("nothing is logged in %s", path);

    return NULL;
}


int
main(void)
{
    const TTest *const  tests[] = {
        an_extract_is_told_of,
        a_location_of_its_own_is_told_of,
        a_job_and_its_results_are_told_of,
        all_are_empty_where_nothing_is_scraped,
        what_nginx_refuses_had_a_host_all_the_same,
        what_scraped_tells_is_taken_as_it_is,
        the_host_is_found_wherever_the_request_has_it,
        an_id_leads_where_its_digits_say,
        what_makes_a_job_has_a_shard_without_a_host,
        a_body_in_a_file_is_looked_into,
        a_host_to_be_left_alone_is_told,
        the_example_is_a_configuration,
        NULL
    };

    (void) snprintf(slot_local, sizeof(slot_local), "%03x",
                    id_slot("127.0.0.1", 9));

    return suite_run("variables", tests, VARIABLES_TIMEOUT);
}
