
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <check.h>

#include "common/sc_buf.h"
#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define BATCH_TIMEOUT    60

#define BATCH_NDJSON     "Content-Type: application/x-ndjson"
#define BATCH_KEY        "Idempotency-Key: \"k-1\""


static client_reply_t batch_lines(gateway_t *g, const char *query,
    const char *headers, const sc_buf_t *lines);
static void batch_line(gateway_t *g, sc_buf_t *b, int page);
static client_reply_t batch_ended(gateway_t *g, const char *id);
static int batch_begin(gateway_t *g, const char *field);
static void batch_send(int fd, const char *text);
static void batch_job(gateway_t *g, char *path, size_t size);
static long batch_int(const client_reply_t *r, const char *path);
static void batch_results(gateway_t *g, const char *id, size_t n);


static const char  batch_rules[] = "xpath.title=//h1";


START_TEST(a_json_body_of_urls_is_a_batch)
{
    char            body[1024];
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\","
                    "\"%s/page/2\"],\"defaults\":{\"rules\":"
                    "{\"title\":\"//h1\"}},\"tags\":{\"team\":\"a\"}}",
                    g.origin, g.origin);
    r = gateway_request(&g, "POST", "/v1/batch", NULL, body);

    ck_assert_int_eq(r.status, 202);
    ck_assert_str_eq(client_str(&r, "kind"), "batch");
    ck_assert_int_eq(batch_int(&r, "accepted"), 2);
    ck_assert_int_eq(batch_int(&r, "rejected_count"), 0);
    ck_assert_ptr_nonnull(strstr(client_header(&r, "Location"),
                                 client_str(&r, "id")));

    s = batch_ended(&g, client_str(&r, "id"));
    ck_assert_str_eq(client_str(&s, "state"), "completed");
    ck_assert_int_eq(batch_int(&s, "stats.completed"), 2);
    batch_results(&g, client_str(&r, "id"), 2);

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(lines_of_ndjson_are_pages)
{
    int             i;
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    for (i = 0; i < 1200; i++) {
        batch_line(&g, &lines, i);
    }

    r = batch_lines(&g, batch_rules, NULL, &lines);

    ck_assert_int_eq(r.status, 202);
    ck_assert_int_eq(batch_int(&r, "accepted"), 1200);

    s = batch_ended(&g, client_str(&r, "id"));
    ck_assert_int_eq(batch_int(&s, "stats.total"), 1200);
    ck_assert_int_eq(batch_int(&s, "stats.completed"), 1200);

    client_free(&r);
    client_free(&s);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_first_line_has_defaults_and_what_is_the_jobs)
{
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    (void) sc_buf_printf(&lines, "\xef\xbb\xbf{\"defaults\":{\"rules\":"
                         "{\"title\":\"//h1\"},\"request\":{\"headers\":"
                         "{\"X-A\":\"1\"}}},\"tags\":{\"a\":\"b\"},"
                         "\"echo\":{\"n\":1}}\r\n\r\n");
    (void) sc_buf_printf(&lines, "\"%s/page/1\"\r\n", g.origin);
    (void) sc_buf_printf(&lines, "{\"url\":\"%s/page/2\",\"echo\":[1.50]}\n",
                         g.origin);
    (void) sc_buf_printf(&lines, "{\"url\":\"%s/page/3\",\"rules\":"
                         "{\"other\":\"//h1\"}}", g.origin);

    r = batch_lines(&g, "", "Prefer: wait=20", &lines);

    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "state"), "completed");
    ck_assert_int_eq(batch_int(&r, "stats.completed"), 3);
    ck_assert_int_eq(batch_int(&r, "echo.n"), 1);
    ck_assert_str_eq(client_str(&r, "tags.a"), "b");

    s = gateway_request(&g, "GET", client_str(&r, "links.results"), NULL,
                        NULL);
    ck_assert_ptr_nonnull(strstr(s.body, "\"other\":"));
    ck_assert_ptr_nonnull(strstr(s.body, "\"echo\":[1.50]"));
    ck_assert_ptr_nonnull(strstr(s.body, "\"line\":4"));

    client_free(&r);
    client_free(&s);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(lines_that_are_wrong_are_rejected_by_themselves)
{
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    (void) sc_buf_add_cstr(&lines, "{\"url\":\n");
    batch_line(&g, &lines, 1);
    (void) sc_buf_add_cstr(&lines, "{\"url\":\"ftp://a.example/\"}\n");
    (void) sc_buf_add_cstr(&lines, "{\"url\":\"http://a.example/\","
                           "\"url\":\"http://b.example/\"}\n");
    (void) sc_buf_add_cstr(&lines, "[]\n7\n{}\n");
    (void) sc_buf_add_cstr(&lines, "{\"url\":\"http://a.example/\","
                           "\"nonsense\":1}\n");
    (void) sc_buf_add_cstr(&lines, "{\"url\":\"http://a.example/\","
                           "\"tags\":{}}\n");
    batch_line(&g, &lines, 2);

    r = batch_lines(&g, batch_rules, NULL, &lines);

    ck_assert_int_eq(r.status, 202);
    ck_assert_int_eq(batch_int(&r, "accepted"), 2);
    ck_assert_int_eq(batch_int(&r, "rejected_count"), 8);
    ck_assert_int_eq(batch_int(&r, "rejected[0].line"), 1);
    ck_assert_str_eq(client_str(&r, "rejected[0].type"),
                     "/request/invalid-json");
    ck_assert_int_eq(batch_int(&r, "rejected[1].line"), 3);
    ck_assert_str_eq(client_str(&r, "rejected[1].pointer"), "/url");
    ck_assert_str_eq(client_str(&r, "rejected[2].type"),
                     "/request/invalid-json");
    ck_assert_str_eq(client_str(&r, "rejected[6].type"),
                     "/request/unknown-field");
    ck_assert_str_eq(client_str(&r, "rejected[7].pointer"), "/tags");

    client_free(&r);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_line_that_is_too_long_is_passed_over)
{
    int                i;
    sc_buf_t           lines;
    gateway_t          g;
    client_reply_t     r;
    gateway_options_t  o = { .api = "client_max_body_size 0;" };

    gateway_start(&g, &o);
    sc_buf_init(&lines, 0);

    batch_line(&g, &lines, 1);

    for (i = 0; i < 200000; i++) {
        (void) sc_buf_add_cstr(&lines, "too long a ");
    }

    (void) sc_buf_add_cstr(&lines, "\n");
    batch_line(&g, &lines, 2);
    r = batch_lines(&g, batch_rules, NULL, &lines);

    ck_assert_int_eq(r.status, 202);
    ck_assert_int_eq(batch_int(&r, "accepted"), 2);
    ck_assert_int_eq(batch_int(&r, "rejected_count"), 1);
    ck_assert_int_eq(batch_int(&r, "rejected[0].line"), 2);
    ck_assert_str_eq(client_str(&r, "rejected[0].type"),
                     "/request/too-large");

    client_free(&r);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(what_has_no_page_at_all_is_refused)
{
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    (void) sc_buf_add_cstr(&lines, "\n\n");
    r = batch_lines(&g, batch_rules, NULL, &lines);
    ck_assert_int_eq(r.status, 400);
    client_free(&r);

    (void) sc_buf_add_cstr(&lines, "nothing\n");
    r = batch_lines(&g, batch_rules, NULL, &lines);
    ck_assert_int_eq(r.status, 400);
    ck_assert_int_eq(batch_int(&r, "rejected[0].line"), 3);
    client_free(&r);

    r = gateway_request(&g, "POST", "/v1/batch", NULL, "{\"urls\":[]}");
    ck_assert_int_eq(r.status, 400);
    client_free(&r);

    r = gateway_request(&g, "POST", "/v1/batch", NULL, "{\"urls\":[],"
                        "\"requests\":[]}");
    ck_assert_int_eq(r.status, 400);
    ck_assert_str_eq(client_str(&r, "pointer"), "/requests");
    client_free(&r);

    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(pages_are_added_to_a_batch_under_way)
{
    char               query[128];
    sc_buf_t           lines;
    gateway_t          g;
    client_reply_t     r, s;
    gateway_options_t  o = { .settings = "host_delay = 60000\n" };

    gateway_start(&g, &o);
    sc_buf_init(&lines, 0);

    batch_line(&g, &lines, 1);
    batch_line(&g, &lines, 2);
    r = batch_lines(&g, batch_rules, NULL, &lines);
    ck_assert_int_eq(r.status, 202);

    (void) snprintf(query, sizeof(query), "%s&append_to=%s", batch_rules,
                    client_str(&r, "id"));
    s = batch_lines(&g, query, NULL, &lines);
    ck_assert_int_eq(s.status, 202);
    ck_assert_str_eq(client_str(&s, "id"), client_str(&r, "id"));
    ck_assert_int_eq(batch_int(&s, "accepted"), 2);
    client_free(&s);

    s = gateway_request(&g, "GET", client_str(&r, "links.self"), NULL, NULL);
    ck_assert_int_eq(batch_int(&s, "stats.total"), 4);
    client_free(&r);
    client_free(&s);

    r = batch_lines(&g, "append_to=0001KAJ8Q5W0000000000000000000&"
                    "xpath.a=//a", NULL, &lines);
    ck_assert_int_eq(r.status, 404);

    client_free(&r);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(nothing_is_added_to_a_batch_that_was_cancelled)
{
    char               query[128];
    sc_buf_t           lines;
    gateway_t          g;
    client_reply_t     r, s;
    gateway_options_t  o = { .settings = "host_delay = 60000\n" };

    gateway_start(&g, &o);
    sc_buf_init(&lines, 0);

    batch_line(&g, &lines, 1);
    batch_line(&g, &lines, 2);
    r = batch_lines(&g, batch_rules, NULL, &lines);
    s = gateway_request(&g, "DELETE", client_str(&r, "links.self"), NULL,
                        NULL);
    ck_assert_int_eq(s.status, 200);
    ck_assert_str_eq(client_str(&s, "state"), "cancelled");
    client_free(&s);

    (void) snprintf(query, sizeof(query), "%s&append_to=%s", batch_rules,
                    client_str(&r, "id"));
    s = batch_lines(&g, query, NULL, &lines);
    ck_assert_int_eq(s.status, 409);
    ck_assert_str_eq(client_str(&s, "type"), "/job/state");

    client_free(&r);
    client_free(&s);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_full_queue_keeps_what_it_has_taken)
{
    int                i;
    sc_buf_t           lines;
    gateway_t          g;
    client_reply_t     r, s;
    gateway_options_t  o = { .settings = "max_queue = 700\n"
                                         "host_delay = 60000\n" };

    gateway_start(&g, &o);
    sc_buf_init(&lines, 0);

    for (i = 0; i < 1000; i++) {
        batch_line(&g, &lines, i);
    }

    r = batch_lines(&g, batch_rules, NULL, &lines);

    ck_assert_int_eq(r.status, 503);
    ck_assert_str_eq(client_str(&r, "type"), "/limits/queue-full");
    ck_assert_str_ne(client_header(&r, "Retry-After"), "");
    ck_assert_int_eq(batch_int(&r, "accepted"), batch_int(&r, "line"));
    ck_assert_int_ge(batch_int(&r, "accepted"), 600);
    ck_assert_int_le(batch_int(&r, "accepted"), 700);

    s = gateway_request(&g, "GET", client_str(&r, "links.self"), NULL, NULL);
    ck_assert_int_eq(s.status, 200);
    ck_assert_int_eq(batch_int(&s, "stats.total"),
                     batch_int(&r, "accepted"));

    client_free(&r);
    client_free(&s);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(pages_beyond_the_limits_are_counted)
{
    char            body[1024];
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);

    (void) snprintf(body, sizeof(body), "{\"urls\":[\"%s/page/1\","
                    "\"%s/page/2\",\"%s/page/3\"],\"defaults\":"
                    "{\"rules\":{\"title\":\"//h1\"}},"
                    "\"limits\":{\"pages\":1}}",
                    g.origin, g.origin, g.origin);
    r = gateway_request(&g, "POST", "/v1/batch", NULL, body);
    ck_assert_int_eq(r.status, 202);
    ck_assert_int_eq(batch_int(&r, "accepted"), 1);

    s = batch_ended(&g, client_str(&r, "id"));
    ck_assert_int_eq(batch_int(&s, "stats.total"), 1);
    ck_assert_str_eq(client_str(&s, "reason"), "2 pages beyond its limits");

    client_free(&r);
    client_free(&s);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_body_that_stops_half_way_leaves_what_has_come)
{
    int             fd;
    char            path[128];
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    batch_line(&g, &lines, 1);
    batch_line(&g, &lines, 2);
    (void) sc_buf_add_cstr(&lines, "{\"url\":");
    fd = batch_begin(&g, "");
    batch_send(fd, lines.data);
    batch_job(&g, path, sizeof(path));
    (void) close(fd);

    r = gateway_request(&g, "GET", path, "Prefer: wait=30", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_int_eq(batch_int(&r, "stats.completed"), 2);
    ck_assert_str_eq(client_str(&r, "reason"),
                     "the body stopped after line 2");

    client_free(&r);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_body_that_a_crash_cut_is_taken_anew)
{
    int             fd;
    char            path[128];
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    batch_line(&g, &lines, 1);
    fd = batch_begin(&g, BATCH_KEY "\r\n");
    batch_send(fd, lines.data);
    batch_job(&g, path, sizeof(path));
    (void) gateway_stop_sidecar(&g, 9);
    (void) close(fd);
    gateway_start_sidecar(&g);

    r = gateway_request(&g, "GET", path, "Prefer: wait=30", NULL);
    ck_assert_str_eq(client_str(&r, "reason"),
                     "the body stopped with the gateway");
    client_free(&r);

    batch_line(&g, &lines, 2);
    r = batch_lines(&g, batch_rules, BATCH_KEY, &lines);
    ck_assert_int_eq(r.status, 202);
    ck_assert_str_eq(client_header(&r, "Idempotent-Replayed"), "");
    ck_assert_int_eq(batch_int(&r, "accepted"), 2);

    s = batch_lines(&g, batch_rules, BATCH_KEY, &lines);
    ck_assert_str_eq(client_header(&s, "Idempotent-Replayed"), "true");
    ck_assert_str_eq(s.body, r.body);

    client_free(&r);
    client_free(&s);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(pages_are_added_to_a_batch_that_has_ended)
{
    char            query[128];
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r, s;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    batch_line(&g, &lines, 1);
    r = batch_lines(&g, batch_rules, "Prefer: wait=30", &lines);
    ck_assert_str_eq(client_str(&r, "state"), "completed");

    (void) snprintf(query, sizeof(query), "append_to=%s&%s",
                    client_str(&r, "id"), batch_rules);
    s = batch_lines(&g, query, NULL, &lines);
    ck_assert_int_eq(s.status, 202);
    ck_assert_int_eq(batch_int(&s, "accepted"), 1);
    ck_assert_str_eq(client_str(&s, "id"), client_str(&r, "id"));
    client_free(&s);

    s = batch_ended(&g, client_str(&r, "id"));
    ck_assert_str_eq(client_str(&s, "state"), "completed");
    ck_assert_int_eq(batch_int(&s, "stats.completed"), 2);
    client_free(&s);

    /* what is the job's is not said again */
    (void) snprintf(query, sizeof(query), "append_to=%s&keep_ms=1&%s",
                    client_str(&r, "id"), batch_rules);
    s = batch_lines(&g, query, NULL, &lines);
    ck_assert_int_eq(s.status, 400);

    client_free(&r);
    client_free(&s);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


START_TEST(a_batch_is_cancelled_while_its_body_comes)
{
    int             fd;
    char            path[128], answer[1024];
    ssize_t         n;
    sc_buf_t        lines;
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);
    sc_buf_init(&lines, 0);

    batch_line(&g, &lines, 1);
    fd = batch_begin(&g, "");
    batch_send(fd, lines.data);
    batch_job(&g, path, sizeof(path));

    r = gateway_request(&g, "DELETE", path, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    client_free(&r);

    batch_send(fd, lines.data);
    batch_send(fd, "");
    n = recv(fd, answer, sizeof(answer) - 1, 0);
    ck_assert_int_gt(n, 0);
    answer[n] = '\0';
    ck_assert_ptr_nonnull(strstr(answer, " 409 "));

    (void) close(fd);
    sc_buf_free(&lines);
    gateway_stop(&g);
}
END_TEST


static client_reply_t
batch_lines(gateway_t *g, const char *query, const char *headers,
    const sc_buf_t *lines)
{
    char  url[512], all[512];

    (void) snprintf(url, sizeof(url), "%s/v1/batch%s%s", g->url,
                    query[0] != '\0' ? "?" : "", query);
    (void) snprintf(all, sizeof(all), "%s%s%s", BATCH_NDJSON,
                    headers != NULL ? "\n" : "",
                    headers != NULL ? headers : "");

    return client_request("POST", url, all, lines->data);
}


static void
batch_line(gateway_t *g, sc_buf_t *b, int page)
{
    (void) sc_buf_printf(b, "{\"url\":\"%s/page/%d\"}\n", g->origin, page);
}


static client_reply_t
batch_ended(gateway_t *g, const char *id)
{
    char  path[128];

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s", id);

    return gateway_request(g, "GET", path, "Prefer: wait=30", NULL);
}


/* A request whose body has not come. */
static int
batch_begin(gateway_t *g, const char *field)
{
    int                 fd;
    char                head[256];
    struct sockaddr_in  addr;

    memset(&addr, 0, sizeof(struct sockaddr_in));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons((uint16_t) strtol(strrchr(g->url, ':') + 1, NULL,
                                            10));
    fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *) &addr,
                             sizeof(struct sockaddr_in)), 0);

    (void) snprintf(head, sizeof(head), "POST /v1/batch?%s HTTP/1.1\r\n"
                    "Host: a\r\n" BATCH_NDJSON "\r\n%s"
                    "Transfer-Encoding: chunked\r\n\r\n", batch_rules,
                    field);
    ck_assert_int_eq(send(fd, head, strlen(head), 0), (ssize_t) strlen(head));

    return fd;
}


/* A chunk; an empty one is the end. */
static void
batch_send(int fd, const char *text)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    (void) sc_buf_printf(&b, "%zx\r\n%s\r\n", strlen(text), text);
    ck_assert_int_eq(send(fd, b.data, b.len, 0), (ssize_t) b.len);
    sc_buf_free(&b);
}


/* The path of the only job, once there is one. */
static void
batch_job(gateway_t *g, char *path, size_t size)
{
    size_t          n;
    client_reply_t  r;

    do {
        process_pause(10);
        r = gateway_request(g, "GET", "/v1/jobs", NULL, NULL);
        ck_assert_int_eq(r.status, 200);
        n = json_array_size(client_get(&r, "data"));
        (void) snprintf(path, size, "/v1/jobs/%s",
                        client_str(&r, "data[0].id"));
        client_free(&r);
    } while (n == 0);
}


static long
batch_int(const client_reply_t *r, const char *path)
{
    const json_t  *n = client_get(r, path);

    ck_assert_msg(json_is_integer(n), "no \"%s\" in %s", path, r->body);

    return (long) json_integer_value(n);
}


static void
batch_results(gateway_t *g, const char *id, size_t n)
{
    char            path[128];
    client_reply_t  r;

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s/results", id);
    r = gateway_request(g, "GET", path, NULL, NULL);

    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), n);
    client_free(&r);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_json_body_of_urls_is_a_batch,
        lines_of_ndjson_are_pages,
        a_first_line_has_defaults_and_what_is_the_jobs,
        lines_that_are_wrong_are_rejected_by_themselves,
        a_line_that_is_too_long_is_passed_over,
        what_has_no_page_at_all_is_refused,
        pages_are_added_to_a_batch_under_way,
        nothing_is_added_to_a_batch_that_was_cancelled,
        a_full_queue_keeps_what_it_has_taken,
        pages_beyond_the_limits_are_counted,
        a_body_that_stops_half_way_leaves_what_has_come,
        a_body_that_a_crash_cut_is_taken_anew,
        pages_are_added_to_a_batch_that_has_ended,
        a_batch_is_cancelled_while_its_body_comes,
        NULL
    };

    return suite_run("batch", tests, BATCH_TIMEOUT);
}
