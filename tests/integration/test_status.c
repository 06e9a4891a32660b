
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define STATUS_TIMEOUT    60
#define STATUS_OPEN       "application/openmetrics-text; version=1.0.0; "     \
                          "charset=utf-8"

/* what scraped has to say */
#define STATUS_METRICS    "# HELP scraped_jobs Jobs.\n"                       \
                          "# TYPE scraped_jobs counter\n"                     \
                          "scraped_jobs_total 7\n"                            \
                          "# EOF\n"


/* A configuration that nginx -t refuses, and what it must say. */
typedef struct {
    const char  *http;
    const char  *says;
} status_case_t;


static void status_real(const char *upstream);
static void status_start(framed_t *f, const char *upstream);
static void status_start_alone(gateway_t *g, gateway_options_t *o);
static char *status_ask(framed_t *f, const char *method, const char *path,
    const char *fields, const char *wanted, int status,
    const char *told, const char *body);
static void status_reply(int fd, uint64_t id, int status, const char *fields,
    const char *body);
static char *status_rest(int fd);
static void status_says(const char *doc, const char *text);
static char *status_parsed(framed_t *f, const char *format, const char *doc);


static const status_case_t  status_cases[] = {
    { "server {\nlocation /s {\nscrape_status;\n} }",
      "\"scrape_status\" needs a \"scrape_pass\"" },
    { "server {\nlocation /s {\nscrape_status;\n} }", "nginx.conf:17" },
    { "server { location / { scrape_pass unix:/x;"
      " location /s { scrape_status; } } }",
      "\"scrape_status\" needs a \"scrape_pass\"" },
    { "server { location /s { scrape_pass unix:/x; scrape_status html; } }",
      "invalid format \"html\"" },
    { "server { location /s { scrape_pass unix:/x; scrape_status;"
      " scrape_status json; } }", "is duplicate" }
};


START_TEST(a_wrong_status_location_is_told_by_nginx_t)
{
    int     rc;
    char   *said;
    size_t  i;

    for (i = 0; i < sizeof(status_cases) / sizeof(status_cases[0]); i++) {
        rc = gateway_nginx_test(status_cases[i].http, &said);
        ck_assert_msg(rc == 1 && strstr(said, "[emerg]") != NULL
                      && strstr(said, status_cases[i].says) != NULL,
                      "%s: %d %s", status_cases[i].http, rc, said);
        free(said);
    }
}
END_TEST


START_TEST(openmetrics_of_both_are_one_document)
{
    char      *doc, *said;
    framed_t   f;

    status_start(&f, " ");
    doc = status_ask(&f, "GET", "/status", "Accept: " STATUS_OPEN "\r\n",
                     "application/openmetrics-text", 200, "", STATUS_METRICS);
    status_says(doc, "Content-Type: " STATUS_OPEN "\r\n");

    said = status_parsed(&f, "openmetrics", doc);
    status_says(said, "nginx_scrape_build info - 1\n");
    status_says(said, "nginx_scrape_requests counter - 5\n");
    status_says(said, "nginx_scrape_body_bytes counter bytes 2\n");
    status_says(said, "nginx_scrape_request_duration_seconds histogram"
                " seconds 16\n");
    status_says(said, "nginx_scrape_holds gauge - 1\n");
    status_says(said, "scraped_jobs counter - 1\n");
    status_says(doc, "\nnginx_scrape_sidecar_up 1\n");
    status_says(doc, "\nnginx_scrape_shared 1\n");
    free(said);
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(the_text_format_of_prometheus_is_one_too)
{
    char      *doc, *said;
    framed_t   f;

    status_start(&f, " ");
    doc = status_ask(&f, "GET", "/status",
                     "Accept: text/plain;version=0.0.4;q=1,*/*;q=0.1\r\n",
                     "text/plain; version=0.0.4", 200, "",
                     "# HELP scraped_jobs_total Jobs.\n"
                     "# TYPE scraped_jobs_total counter\n"
                     "scraped_jobs_total 7\n");
    status_says(doc, "Content-Type: text/plain; version=0.0.4;"
                " charset=utf-8\r\n");
    ck_assert_ptr_null(strstr(doc, "# EOF"));
    ck_assert_ptr_null(strstr(doc, "# UNIT"));

    said = status_parsed(&f, "prometheus", doc);
    status_says(said, "nginx_scrape_requests counter - 5\n");
    status_says(said, "nginx_scrape_build_info gauge - 1\n");
    status_says(said, "scraped_jobs counter - 1\n");
    free(said);
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(json_has_a_member_for_each)
{
    char      *doc;
    json_t    *json, *nginx;
    framed_t   f;

    status_start(&f, " ");
    doc = status_ask(&f, "GET", "/status?format=json", "", "application/json",
                     200, "", "{\"jobs\":7}");
    status_says(doc, "Content-Type: application/json\r\n");

    json = json_loads(strstr(doc, "\r\n\r\n") + 4, JSON_REJECT_DUPLICATES,
                      NULL);
    ck_assert_msg(json != NULL, "%s", doc);
    ck_assert_uint_eq(json_object_size(json), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(
                         json_object_get(json, "scraped"), "jobs")), 7);

    nginx = json_object_get(json, "nginx");
    ck_assert(json_is_true(json_object_get(nginx, "sidecar_up")));
    ck_assert_uint_eq(json_object_size(json_object_get(nginx, "requests")), 5);
    ck_assert(json_is_integer(json_object_get(nginx, "channels")));
    ck_assert(json_is_integer(json_object_get(json_object_get(
                  json_object_get(nginx, "request_duration_seconds"),
                  "buckets"), "+Inf")));
    json_decref(json);
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(people_get_text)
{
    char      *doc;
    framed_t   f;

    status_start(&f, " ");
    doc = status_ask(&f, "GET", "/status", "Accept: text/html,*/*;q=0.8\r\n",
                     "text/plain", 200, "", "scraped 1\n");
    status_says(doc, "Content-Type: text/plain; charset=utf-8\r\n");
    status_says(doc, "\r\n\r\nnginx 1.");
    status_says(doc, "\nrequests  ");
    status_says(doc, "\n\nscraped 1\n");
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(the_format_of_the_query_wins_then_that_of_the_location)
{
    framed_t  f;

    status_start(&f, " ");
    free(status_ask(&f, "GET", "/status?format=openmetrics",
                    "Accept: application/json\r\n",
                    "application/openmetrics-text", 200, "", "# EOF\n"));
    free(status_ask(&f, "GET", "/status?format=text",
                    "Accept: application/json\r\n", "text/plain", 200, "",
                    "x\n"));
    free(status_ask(&f, "GET", "/status?format=nonsense",
                    "Accept: application/json\r\n", "application/json", 200,
                    "", "{}"));
    free(status_ask(&f, "GET", "/json", "Accept: text/plain\r\n",
                    "application/json", 200, "", "{}"));
    free(status_ask(&f, "GET", "/json?format=prometheus", "",
                    "text/plain; version=0.0.4", 200, "", "x 1\n"));

    framed_stop(&f);
}
END_TEST


START_TEST(a_length_that_is_known_is_that_of_the_whole)
{
    char      *doc, length[64];
    framed_t   f;

    status_start(&f, " ");
    (void) snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
                    strlen(STATUS_METRICS));

    doc = status_ask(&f, "GET", "/status?format=openmetrics", "",
                     "application/openmetrics-text", 200, length,
                     STATUS_METRICS);
    (void) snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
                    strlen(strstr(doc, "\r\n\r\n") + 4));
    status_says(doc, length);
    free(doc);

    doc = status_ask(&f, "GET", "/status?format=json", "", "application/json",
                     200, "Content-Length: 2\r\n", "{}");
    (void) snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
                    strlen(strstr(doc, "\r\n\r\n") + 4));
    status_says(doc, length);
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(head_has_the_fields_alone)
{
    char      *doc;
    framed_t   f;

    status_start(&f, " ");
    doc = status_ask(&f, "HEAD", "/status?format=openmetrics", "",
                     "application/openmetrics-text", 200, "", NULL);
    status_says(doc, "HTTP/1.1 200 OK\r\n");
    status_says(doc, "Content-Type: " STATUS_OPEN "\r\n");
    ck_assert_str_eq(strstr(doc, "\r\n\r\n"), "\r\n\r\n");
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(without_scraped_the_document_is_the_module_s)
{
    size_t             i;
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .server = "location = /status { scrape_pass scrapers;"
                  " scrape_status; }"
    };

    static const struct {
        const char  *path;
        const char  *says;
    }  docs[] = {
        { "/status?format=text", "\nscraped does not answer\n" },
        { "/status?format=json", ",\"scraped\":null}\n" },
        { "/status?format=openmetrics", "\nnginx_scrape_sidecar_up 0\n" },
        { "/status?format=openmetrics", "\n# EOF\n" },
        { "/status?format=openmetrics", "\nnginx_scrape_shared 0\n" },
        { "/status?format=prometheus", "\nnginx_scrape_sidecar_up 0\n" }
    };

    status_start_alone(&g, &o);

    for (i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
        r = gateway_request(&g, "GET", docs[i].path, NULL, NULL);
        ck_assert_int_eq(r.status, 200);
        ck_assert_ptr_nonnull(strstr(r.body, docs[i].says));
        client_free(&r);
    }

    r = gateway_request(&g, "HEAD", "/status", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(an_answer_that_is_no_document_is_left_out)
{
    size_t     i;
    char      *doc, *said;
    framed_t   f;

    static const int  statuses[] = { 404, 500, 503, 206 };

    status_start(&f, " ");

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        doc = status_ask(&f, "GET", "/status?format=openmetrics", "",
                         "application/openmetrics-text", statuses[i],
                         "Content-Type: application/problem+json\r\n"
                         "Content-Length: 2\r\n", "{}");
        status_says(doc, "HTTP/1.1 200 OK\r\n");
        status_says(doc, "\nnginx_scrape_sidecar_up 0\n");
        ck_assert_ptr_null(strstr(doc, "{}"));

        said = status_parsed(&f, "openmetrics", doc);
        free(said);
        free(doc);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(what_nginx_refuses_stays_a_problem)
{
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = {
        .server = "location = /status { scrape_pass scrapers;"
                  " scrape_status; }"
                  "location = /denied { scrape_pass scrapers;"
                  " scrape_status; deny all; }"
                  "location = /off { scrape_pass scrapers;"
                  " scrape_status; if ($arg_x) { return 503; } }"
    };

    status_start_alone(&g, &o);

    r = gateway_request(&g, "GET", "/denied", NULL, NULL);
    ck_assert_int_eq(r.status, 403);
    ck_assert_str_eq(client_str(&r, "type"), "/auth/forbidden");
    client_free(&r);

    r = gateway_request(&g, "POST", "/status", NULL, "{}");
    ck_assert_int_eq(r.status, 405);
    ck_assert_str_eq(client_header(&r, "Allow"), "GET, HEAD");
    client_free(&r);

    r = gateway_request(&g, "GET", "/off?x=1", NULL, NULL);
    ck_assert_int_eq(r.status, 503);
    client_free(&r);

    r = gateway_request(&g, "GET", "/off", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(requests_are_counted_by_class_time_and_bytes)
{
    int        i;
    char      *doc;
    framed_t   f;

    status_start(&f, " ");

    for (i = 0; i < 3; i++) {
        free(status_ask(&f, "GET", "/v1/jobs", "", NULL, 200, "", "12345"));
    }

    free(status_ask(&f, "GET", "/v1/jobs/0001", "", NULL, 404, "", "no"));

    doc = status_ask(&f, "GET", "/status?format=openmetrics", "",
                     "application/openmetrics-text", 200, "", "# EOF\n");
    status_says(doc, "\nnginx_scrape_requests_total{class=\"2xx\"} 3\n");
    status_says(doc, "\nnginx_scrape_requests_total{class=\"4xx\"} 1\n");
    status_says(doc, "\nnginx_scrape_requests_total{class=\"5xx\"} 0\n");
    status_says(doc, "\nnginx_scrape_body_bytes_total{direction=\"out\"} 17"
                "\n");
    status_says(doc, "\nnginx_scrape_request_duration_seconds_bucket"
                "{le=\"+Inf\"} 4\n");
    status_says(doc, "\nnginx_scrape_request_duration_seconds_count 4\n");
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(a_subrequest_is_counted_once)
{
    char      *doc;
    framed_t   f;

    status_start(&f, " ");
    free(status_ask(&f, "GET", "/around", "", NULL, 200, "", "12345"));

    doc = status_ask(&f, "GET", "/status?format=openmetrics", "",
                     "application/openmetrics-text", 200, "", "# EOF\n");
    status_says(doc, "\nnginx_scrape_requests_total{class=\"2xx\"} 1\n");
    status_says(doc, "\nnginx_scrape_body_bytes_total{direction=\"out\"} 5"
                "\n");
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(the_document_can_be_a_part_of_a_page)
{
    char      *doc;
    framed_t   f;

    status_start(&f, " ");
    doc = status_ask(&f, "GET", "/page", "", "application/json", 200, "",
                     "{\"jobs\":7}");
    status_says(doc, "\r\n[");
    status_says(doc, ",\"scraped\":{\"jobs\":7}}\n");
    free(doc);

    framed_stop(&f);
}
END_TEST


START_TEST(the_connection_is_kept_for_the_next)
{
    int        fd, client;
    char      *head, *doc;
    size_t     i, len;
    uint64_t   id;
    framed_t   f;

    status_start(&f, "keepalive 1;");
    fd = -1;
    client = framed_client(&f);

    for (i = 0; i < 3; i++) {
        say(client, "GET /status?format=json HTTP/1.1\r\nHost: x\r\n\r\n");

        if (fd == -1) {
            fd = framed_accept(&f);
            say(fd, FRAMED_HELLO);
        }

        id = framed_opened(fd, NULL);
        framed_last(fd, id);
        framed_reply(fd, id, 200, "Content-Length: 2\r\n", "{}");

        head = framed_head(client);
        status_says(head, "HTTP/1.1 200 OK\r\n");
        status_says(head, "Content-Length: ");
        len = strtoul(strstr(head, "Content-Length: ") + 16, NULL, 10);
        free(head);

        doc = calloc(1, len + 1);
        ck_assert_ptr_nonnull(doc);
        ck_assert_uint_eq(expect_bytes(client, doc, len), len);
        status_says(doc, ",\"scraped\":{}}\n");
        free(doc);
    }

    ck_assert_int_eq(close(client), 0);
    ck_assert_int_eq(close(fd), 0);
    framed_stop(&f);
}
END_TEST


START_TEST(of_the_real_scraped_it_is_whole)
{
    status_real("keepalive 16;");
}
END_TEST


START_TEST(over_a_channel_it_is_the_same)
{
    status_real("scrape_channel;");
}
END_TEST


/* The whole gateway, connected in this way. */
static void
status_real(const char *upstream)
{
    char              *said;
    framed_t           f;
    client_reply_t     r;
    gateway_options_t  o = {
        .http = "scrape_zone shared:64k;",
        .server = "location = /status { scrape_pass scrapers;"
                  " scrape_status; }"
    };

    memset(&f, 0, sizeof(framed_t));
    o.upstream = upstream;
    gateway_start(&f.gateway, &o);

    r = gateway_extract(&f.gateway, "/page/1", "{\"t\":\"//h1\"}", "", NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    r = gateway_request(&f.gateway, "GET", "/status?format=openmetrics", NULL,
                        NULL);
    status_says(r.body, "\nnginx_scrape_sidecar_up 1\n");
    said = status_parsed(&f, "openmetrics", r.body);
    status_says(said, "\nscraped_");
    free(said);
    client_free(&r);

    r = gateway_request(&f.gateway, "GET", "/status?format=prometheus", NULL,
                        NULL);
    said = status_parsed(&f, "prometheus", r.body);
    status_says(said, "\nscraped_");
    free(said);
    client_free(&r);

    r = gateway_request(&f.gateway, "GET", "/status", "Accept:"
                        " application/json", NULL);
    ck_assert_ptr_nonnull(r.json);
    ck_assert(json_is_object(client_get(&r, "scraped")));
    ck_assert_int_eq(json_integer_value(client_get(&r, "nginx.channels")) > 0,
                     strstr(upstream, "channel") != NULL);
    client_free(&r);

    r = gateway_request(&f.gateway, "GET", "/status", NULL, NULL);
    status_says(r.body, "\n\nscraped ");
    client_free(&r);

    gateway_stop(&f.gateway);
}


static void
status_start(framed_t *f, const char *upstream)
{
    char               path[128];
    gateway_options_t  o = {
        .http = "scrape_zone shared:64k;",
        .server = "location = /status { scrape_pass scrapers;"
                  " scrape_status; }"
                  "location = /json { scrape_pass scrapers;"
                  " scrape_status json; }"
                  "location /corpus/ { }"
                  "location = /around { add_before_body /v1/jobs;"
                  " addition_types *; try_files /corpus/part.txt =404; }"
                  "location = /page { add_after_body /json;"
                  " addition_types *; try_files /corpus/part.txt =404; }"
    };

    o.upstream = upstream;
    framed_start(f, &o);

    (void) snprintf(path, sizeof(path), "%s/www/corpus/part.txt",
                    f->gateway.dir);
    process_write(path, "[");
}


/* nginx, with nobody behind it. */
static void
status_start_alone(gateway_t *g, gateway_options_t *o)
{
    o->no_sidecar = 1;
    gateway_start(g, o);

    while (!process_listens((unsigned) strtoul(strrchr(g->url, ':') + 1, NULL,
                                               10)))
    {
        process_pause(5);
    }
}


/*
 * A client asks, scraped is asked for /metrics with this Accept (NULL: for
 * what the path says) and answers; the whole answer to the client, its body
 * without chunks.
 */
static char *
status_ask(framed_t *f, const char *method, const char *path,
    const char *fields, const char *wanted, int status, const char *told,
    const char *body)
{
    int        fd, client;
    char      *head, *doc, line[128];
    uint64_t   id;

    client = framed_client(f);

    /* of this version, for an answer without chunks */
    say(client, "%s %s HTTP/1.%d\r\nHost: x\r\nConnection: close\r\n%s\r\n",
        method, path, strcmp(method, "HEAD") == 0, fields);

    fd = framed_accept(f);
    id = framed_opened(fd, &head);

    if (wanted != NULL) {
        (void) snprintf(line, sizeof(line), "%s /metrics HTTP/1.1\r\n"
                        "Accept: %s\r\n", method, wanted);
        ck_assert_msg(strncmp(head, line, strlen(line)) == 0, "%s", head);
    }

    free(head);
    framed_last(fd, id);
    say(fd, FRAMED_HELLO);
    status_reply(fd, id, status, told, body);

    doc = status_rest(client);
    ck_assert_int_eq(close(client), 0);
    ck_assert_int_eq(close(fd), 0);

    return doc;
}


static void
status_reply(int fd, uint64_t id, int status, const char *fields,
    const char *body)
{
    if (body != NULL) {
        framed_reply(fd, id, status, fields, body);
        return;
    }

    say(fd, "head %" PRIu64 " %d %zu\r\n%send %" PRIu64 " 0 0\r\n", id, status,
        strlen(fields), fields, id);
}


/* All up to the connection's end. */
static char *
status_rest(int fd)
{
    char    *doc;
    size_t   size = 262144;

    doc = calloc(1, size);
    ck_assert_ptr_nonnull(doc);
    ck_assert_uint_lt(expect_bytes(fd, doc, size), size);
    ck_assert_ptr_nonnull(strstr(doc, "\r\n\r\n"));

    return doc;
}


static void
status_says(const char *doc, const char *text)
{
    ck_assert_msg(strstr(doc, text) != NULL, "no \"%s\" in: %.3000s", text,
                  doc);
}


/* What the parser says of the document, which may have an HTTP head. */
static char *
status_parsed(framed_t *f, const char *format, const char *doc)
{
    int          rc;
    char         file[128], log[128], *said;
    const char  *body;
    char        *argv[] = { "/usr/bin/python3", "tests/oracle/openmetrics.py",
                            (char *) format, file, NULL };

    body = strstr(doc, "\r\n\r\n");
    (void) snprintf(file, sizeof(file), "%s/metrics", f->gateway.dir);
    (void) snprintf(log, sizeof(log), "%s/parsed.log", f->gateway.dir);
    (void) unlink(log);
    process_write(file, body != NULL ? body + 4 : doc);

    rc = process_wait(process_start(argv, log, NULL));
    said = process_read(log);
    ck_assert_msg(rc == 0, "%s", said);

    return said;
}


int
main(void)
{
    const TTest *const  tests[] = {
        a_wrong_status_location_is_told_by_nginx_t,
        openmetrics_of_both_are_one_document,
        the_text_format_of_prometheus_is_one_too,
        json_has_a_member_for_each,
        people_get_text,
        the_format_of_the_query_wins_then_that_of_the_location,
        a_length_that_is_known_is_that_of_the_whole,
        head_has_the_fields_alone,
        without_scraped_the_document_is_the_module_s,
        an_answer_that_is_no_document_is_left_out,
        what_nginx_refuses_stays_a_problem,
        requests_are_counted_by_class_time_and_bytes,
        a_subrequest_is_counted_once,
        the_document_can_be_a_part_of_a_page,
        the_connection_is_kept_for_the_next,
        of_the_real_scraped_it_is_whole,
        over_a_channel_it_is_the_same,
        NULL
    };

    return suite_run("status", tests, STATUS_TIMEOUT);
}
