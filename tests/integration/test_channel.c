
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


#define CHANNEL_TIMEOUT    120
#define CHANNEL_WORKERS    2
#define CHANNEL_CLIENTS    200
#define CHANNEL_PAGES      30
#define CHANNEL_PAGE       900000       /* bytes of such a page */
#define CHANNEL_LINES      150000       /* of a large batch */
#define CHANNEL_GROWTH     16384        /* KiB */
#define CHANNEL_TRIES      500
#define CHANNEL_ROW        20           /* answers in a row */
#define CHANNEL_LIMIT      5000         /* ms for a small answer */

#define CHANNEL_HTTP       " HTTP/1.1\r\nHost: a\r\n"
#define CHANNEL_JSON       "Content-Type: application/json\r\n"


/* What nginx -t says of what stands in an upstream block. */
typedef struct {
    const char  *upstream;
    const char  *said;
} channel_conf_t;


static void channel_start(framed_t *f, const char *upstream);
static int channel_ask(const framed_t *f, const char *method,
    const char *path, const char *fields, const char *body);
static int channel_hang(const framed_t *f);
static void channel_extract(const framed_t *f, int page);
static void channel_answers(const framed_t *f);
static int channel_connections(const framed_t *f);
static void channel_job(const framed_t *f, const char *page, int pages,
    const char *members, char *path, size_t size);
static void channel_ended(const framed_t *f, const char *path);
static long channel_memory(pid_t pid);
static long channel_number(const char *path, const char *word);
static void channel_status(int client, const char *status);
static pid_t channel_worker(const framed_t *f);


static const channel_conf_t  channel_confs[] = {
    { "scrape_channel;", "test is successful" },
    { "scrape_channel slots=1;", "test is successful" },
    { "least_conn; scrape_channel slots=4096;", "test is successful" },
    { "zone a 64k; hash $uri consistent; scrape_channel;",
      "test is successful" },
    { "scrape_channel slots=0;", "invalid parameter \"slots=0\", slots may "
                                 "be 1 to 4096 in " },
    { "scrape_channel slots=4097;", "invalid parameter \"slots=4097\"" },
    { "scrape_channel slots=;", "invalid parameter \"slots=\"" },
    { "scrape_channel many;", "invalid parameter \"many\"" },
    { "scrape_channel; scrape_channel;",
      "\"scrape_channel\" directive is duplicate in " },
    { "keepalive 4; scrape_channel;",
      "\"scrape_channel\" and \"keepalive\" in one upstream in " },
    { "scrape_channel; keepalive 4;",
      "\"scrape_channel\" must come after the balancer of upstream \"u\" and "
      "without \"keepalive\" in " },
    { "scrape_channel; least_conn;",
      "\"scrape_channel\" must come after the balancer of upstream \"u\"" },
    { "scrape_channel; ip_hash;",
      "\"scrape_channel\" must come after the balancer of upstream \"u\"" }
};


START_TEST(a_wrong_block_is_told_with_its_line)
{
    int                    rc;
    char                   http[256];
    char                  *said;
    size_t                 i;
    const channel_conf_t  *c;

    for (i = 0; i < sizeof(channel_confs) / sizeof(channel_confs[0]); i++) {
        c = &channel_confs[i];
        (void) snprintf(http, sizeof(http),
                        "upstream u { server 127.0.0.1:1; %s }", c->upstream);
        rc = gateway_nginx_test(http, &said);

        ck_assert_msg(strstr(said, c->said) != NULL, "%s: %s", c->upstream,
                      said);
        ck_assert_int_eq(rc == 0, strstr(c->said, "successful") != NULL);
        ck_assert(rc == 0 || strstr(said, "nginx.conf:") != NULL);
        free(said);
    }
}
END_TEST


START_TEST(an_upstream_with_a_channel_is_for_this_protocol_alone)
{
    framed_t           f;
    client_reply_t     r;
    gateway_options_t  o = {
        .upstream = "scrape_channel;",
        .server = "location /other { proxy_pass http://scrapers; }"
    };

    gateway_start(&f.gateway, &o);
    r = gateway_request(&f.gateway, "GET", "/other", NULL, NULL);
    ck_assert_int_eq(r.status, 500);
    client_free(&r);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(many_requests_share_a_connection)
{
    int       i, clients[CHANNEL_CLIENTS];
    char      body[256];
    framed_t  f;

    channel_start(&f, "scrape_channel;");

    for (i = 0; i < CHANNEL_CLIENTS; i++) {
        (void) snprintf(body, sizeof(body), "{\"url\":\"%s/page/%d\","
                        "\"rules\":{\"t\":\"//h1\"}}", f.gateway.origin, i);
        clients[i] = channel_ask(&f, "POST", "/v1/extract", "", body);
    }

    for (i = 0; i < CHANNEL_CLIENTS; i++) {
        channel_status(clients[i], "200");
        (void) close(clients[i]);
    }

    ck_assert_int_ge(channel_connections(&f), 1);
    ck_assert_int_le(channel_connections(&f), CHANNEL_WORKERS);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_slow_client_of_an_export_holds_nobody_up)
{
    int       i, slow[4];
    char      job[128], path[192], page[64];
    char     *head;
    long      nginx, scraped;
    framed_t  f;

    channel_start(&f, "scrape_channel;");
    (void) snprintf(page, sizeof(page), "/big?bytes=%d&n=", CHANNEL_PAGE);
    channel_job(&f, page, CHANNEL_PAGES, "", job, sizeof(job));
    channel_ended(&f, job);
    (void) snprintf(path, sizeof(path), "%s/results", job);

    for (i = 0; i < 4; i++) {
        channel_answers(&f);
    }

    nginx = framed_memory(&f);
    scraped = channel_memory(f.gateway.scraped);

    for (i = 0; i < 4; i++) {
        slow[i] = channel_ask(&f, "GET", path,
                              "Accept: application/x-ndjson\r\n", NULL);
        head = framed_head(slow[i]);
        ck_assert_ptr_nonnull(strstr(head, "200 OK"));
        free(head);
    }

    for (i = 0; i < CHANNEL_ROW; i++) {
        channel_extract(&f, i);
    }

    ck_assert_int_lt(framed_memory(&f), nginx + CHANNEL_GROWTH);
    ck_assert_int_lt(channel_memory(f.gateway.scraped),
                     scraped + 4 * CHANNEL_GROWTH);

    for (i = 0; i < 4; i++) {
        (void) close(slow[i]);
    }

    channel_answers(&f);
    ck_assert_int_le(channel_connections(&f), CHANNEL_WORKERS);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_large_reply_comes_whole)
{
    char            job[128], path[192], page[64];
    size_t          i, lines;
    framed_t        f;
    client_reply_t  r;

    channel_start(&f, "scrape_channel slots=4;");
    (void) snprintf(page, sizeof(page), "/big?bytes=%d&n=", CHANNEL_PAGE);
    channel_job(&f, page, CHANNEL_PAGES, "", job, sizeof(job));
    channel_ended(&f, job);
    (void) snprintf(path, sizeof(path), "%s/results", job);
    r = gateway_request(&f.gateway, "GET", path,
                        "Accept: application/x-ndjson", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_gt(r.len, (size_t) CHANNEL_PAGES * CHANNEL_PAGE / 2);

    for (i = 0, lines = 0; i < r.len; i++) {
        lines += r.body[i] == '\n';
    }

    ck_assert_uint_eq(lines, CHANNEL_PAGES);
    client_free(&r);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_large_reply_comes_whole_through_the_cache)
{
    int                i;
    char               path[256];
    size_t             len;
    framed_t           f;
    client_reply_t     r;
    gateway_options_t  o = {
        .upstream = "scrape_channel slots=4;",
        .http = "scrape_cache_path cache keys_zone=pages:1m;",
        .api = "scrape_cache pages; scrape_cache_valid 1m;"
               "scrape_ignore_headers Cache-Control Expires;"
               "add_header X-Cache $upstream_cache_status;"
    };

    gateway_start(&f.gateway, &o);
    (void) snprintf(path, sizeof(path), "/v1/extract?xpath.t=//body&url="
                    "%.60s/big?bytes=%d", f.gateway.origin, CHANNEL_PAGE);

    for (i = 0, len = 0; i < 2; i++) {
        r = gateway_request(&f.gateway, "GET", path, NULL, NULL);
        ck_assert_msg(r.status == 200, "%s", r.body);
        ck_assert_str_eq(client_header(&r, "X-Cache"),
                         i == 0 ? "MISS" : "HIT");
        ck_assert(i == 0 || r.len == len);
        ck_assert_uint_gt(r.len, CHANNEL_PAGE / 2);
        ck_assert_ptr_nonnull(r.json);
        len = r.len;
        client_free(&r);
    }

    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_client_that_leaves_before_the_head_leaves_no_slot_behind)
{
    int       i;
    framed_t  f;

    channel_start(&f, "scrape_channel slots=1;");

    for (i = 0; i < 10; i++) {
        (void) close(channel_hang(&f));
        channel_answers(&f);
    }

    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_client_that_leaves_amid_the_data_leaves_no_slot_behind)
{
    int       i, client;
    char      job[128], path[192], page[64];
    framed_t  f;

    channel_start(&f, "scrape_channel slots=1;");
    (void) snprintf(page, sizeof(page), "/big?bytes=%d&n=", CHANNEL_PAGE);
    channel_job(&f, page, 8, "", job, sizeof(job));
    channel_ended(&f, job);
    (void) snprintf(path, sizeof(path), "%s/results", job);

    for (i = 0; i < 10; i++) {
        client = channel_ask(&f, "GET", path,
                             "Accept: application/x-ndjson\r\n", NULL);
        free(framed_head(client));
        (void) close(client);
        channel_answers(&f);
    }

    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_client_that_leaves_amid_its_body_leaves_no_slot_behind)
{
    int       i, client;
    framed_t  f;

    channel_start(&f, "scrape_channel slots=1;");

    for (i = 0; i < 10; i++) {
        client = framed_client(&f);
        say(client, "POST /v1/batch" CHANNEL_HTTP
                    "Content-Type: application/x-ndjson\r\n"
                    "Content-Length: 900000\r\n\r\n");
        say(client, "\"%s/page/%d\"\n", f.gateway.origin, i);
        (void) close(client);
        channel_answers(&f);
    }

    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_request_too_many_is_told_when_to_come_again)
{
    int            i;
    char          *head;
    framed_t       f;
    struct pollfd  held[2 * CHANNEL_WORKERS];

    channel_start(&f, "scrape_channel slots=1;");

    for (i = 0; i < 2 * CHANNEL_WORKERS; i++) {
        held[i].fd = channel_hang(&f);
        held[i].events = POLLIN;
    }

    /* whichever has a slot is silent */
    ck_assert_int_ge(poll(held, 2 * CHANNEL_WORKERS, CHANNEL_LIMIT), 1);

    for (i = 0; i < 2 * CHANNEL_WORKERS; i++) {

        if (held[i].revents != 0) {
            head = framed_head(held[i].fd);
            ck_assert_msg(strncmp(head + 9, "503", 3) == 0, "%s", head);
            ck_assert_ptr_nonnull(strstr(head, "\r\nRetry-After: 1\r\n"));
            free(head);
            expect(held[i].fd, "{\"type\":\"/limits/channel-full\"");
        }

        (void) close(held[i].fd);
    }

    channel_answers(&f);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(requests_of_a_sidecar_that_dies_are_told_and_the_next_are_served)
{
    int       i, j, clients[20];
    framed_t  f;

    channel_start(&f, "scrape_channel;");

    for (i = 0; i < 3; i++) {

        for (j = 0; j < 20; j++) {
            clients[j] = channel_hang(&f);
        }

        channel_extract(&f, i);
        ck_assert_int_eq(gateway_stop_sidecar(&f.gateway, SIGKILL),
                         128 + SIGKILL);

        for (j = 0; j < 20; j++) {
            channel_status(clients[j], "502");
            (void) close(clients[j]);
        }

        gateway_start_sidecar(&f.gateway);
        channel_answers(&f);
    }

    ck_assert_int_le(channel_connections(&f), CHANNEL_WORKERS);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(replies_without_data_end)
{
    int             i;
    char            job[128], tag[128], path[160];
    framed_t        f;
    client_reply_t  r;

    channel_start(&f, "scrape_channel slots=2;");
    channel_job(&f, "/page/", 2, "", job, sizeof(job));
    channel_ended(&f, job);
    r = gateway_request(&f.gateway, "GET", job, NULL, NULL);
    (void) snprintf(tag, sizeof(tag), "If-None-Match: %s",
                    client_header(&r, "ETag"));
    client_free(&r);
    (void) snprintf(path, sizeof(path), "%s/events", job);

    for (i = 0; i < CHANNEL_ROW; i++) {
        r = gateway_request(&f.gateway, "HEAD", job, NULL, NULL);
        ck_assert_int_eq(r.status, 200);
        client_free(&r);
        r = gateway_request(&f.gateway, "GET", job, tag, NULL);
        ck_assert_int_eq(r.status, 304);
        client_free(&r);
        r = gateway_request(&f.gateway, "GET", path, "Last-Event-ID: 2",
                            NULL);
        ck_assert_int_eq(r.status, 204);
        client_free(&r);
    }

    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_body_larger_than_all_windows_lets_others_through)
{
    int         i, client, sent;
    char        line[128];
    size_t      at, n;
    ssize_t     said;
    sc_buf_t    lines;
    framed_t    f;

    gateway_options_t  o = {
        .upstream = "scrape_channel;", .api = "client_max_body_size 0;"
    };

    gateway_start(&f.gateway, &o);
    sc_buf_init(&lines, 0);

    /* none of them is a page that may be fetched */
    for (i = 0; i < CHANNEL_LINES; i++) {
        n = (size_t) snprintf(line, sizeof(line), "\"http://10.0.0.1/%0100d"
                              "\"\n", i);
        (void) sc_buf_add(&lines, line, n);
    }

    client = framed_client(&f);
    say(client, "POST /v1/batch?xpath.t=//h1" CHANNEL_HTTP
                "Content-Type: application/x-ndjson\r\n"
                "Content-Length: %zu\r\n\r\n", lines.len);

    for (at = 0, sent = 0; at < lines.len; at += (size_t) said) {
        n = lines.len - at < 1048576 ? lines.len - at : 1048576;
        said = send(client, lines.data + at, n, MSG_NOSIGNAL);
        ck_assert_int_gt(said, 0);
        channel_extract(&f, sent++);
    }

    sc_buf_free(&lines);
    channel_status(client, "202");
    (void) close(client);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_body_kept_in_a_file_is_sent_from_it)
{
    char            rules[65536 * 4];
    size_t          n;
    framed_t        f;
    client_reply_t  r;

    channel_start(&f, "scrape_channel;");
    n = (size_t) snprintf(rules, sizeof(rules), "{\"url\":\"%s/page/1\","
                          "\"rules\":{\"t\":\"//h1\"},\"echo\":\"",
                          f.gateway.origin);
    memset(rules + n, 'x', sizeof(rules) - n);
    memcpy(rules + sizeof(rules) - 4, "\"}", 3);
    r = gateway_request(&f.gateway, "POST", "/v1/extract", NULL, rules);
    ck_assert_msg(r.status == 200 || r.status == 400, "%s", r.body);
    client_free(&r);
    channel_answers(&f);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(events_come_as_they_happen)
{
    int       client;
    char      job[128], path[160], events[64];
    framed_t  f;

    channel_start(&f, "scrape_channel;");
    channel_job(&f, "/page/", 40, ",\"politeness\":{\"delay_ms\":50}", job,
                sizeof(job));
    (void) snprintf(path, sizeof(path), "%s/events", job);
    client = channel_ask(&f, "GET", path, "", NULL);
    channel_status(client, "200");
    memset(events, 0, sizeof(events));
    ck_assert_uint_gt(expect_bytes(client, events, sizeof(events) - 1), 0);
    ck_assert_ptr_nonnull(strstr(events, "\r\nretry: 3000\n\n"));
    channel_extract(&f, 1);
    channel_ended(&f, job);
    (void) close(client);
    gateway_stop(&f.gateway);
}
END_TEST


START_TEST(a_worker_that_is_killed_takes_its_channel_along)
{
    int       i;
    pid_t     pid;
    framed_t  f;

    channel_start(&f, "scrape_channel;");

    for (i = 0; i < CHANNEL_WORKERS; i++) {
        (void) close(channel_hang(&f));
        pid = channel_worker(&f);
        ck_assert_int_eq(kill(pid, SIGTERM), 0);

        while (channel_worker(&f) == pid) {
            process_pause(5);
        }

        channel_answers(&f);
    }

    gateway_stop(&f.gateway);
}
END_TEST


static void
channel_start(framed_t *f, const char *upstream)
{
    gateway_options_t  o = { .upstream = upstream };

    gateway_start(&f->gateway, &o);
}


/* A request on a connection of its own. */
static int
channel_ask(const framed_t *f, const char *method, const char *path,
    const char *fields, const char *body)
{
    int  client;

    client = framed_client(f);

    if (body == NULL) {
        say(client, "%s %s" CHANNEL_HTTP "%s\r\n", method, path, fields);

    } else {
        say(client, "%s %s" CHANNEL_HTTP CHANNEL_JSON "%s"
                    "Content-Length: %zu\r\n\r\n%s", method, path, fields,
            strlen(body), body);
    }

    return client;
}


/* A request that is not answered for long. */
static int
channel_hang(const framed_t *f)
{
    char  body[256];

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s/hang\",\"rules\":"
                    "{\"t\":\"//h1\"}}", f->gateway.origin);

    return channel_ask(f, "POST", "/v1/extract", "Prefer: wait=60\r\n", body);
}


/* One that is answered at once, whatever else there is. */
static void
channel_extract(const framed_t *f, int page)
{
    char            url[128];
    client_reply_t  r;

    (void) snprintf(url, sizeof(url), "%s/v1/jobs/none-%d", f->gateway.url,
                    page);
    ck_assert_int_eq(client_try(&r, "GET", url, NULL, NULL, CHANNEL_LIMIT),
                     0);
    ck_assert_msg(r.status == 404 || r.status == 400, "%ld %s", r.status,
                  r.body);
    client_free(&r);
}


/* Each of some requests in a row gets its answer, at last: no slot is lost. */
static void
channel_answers(const framed_t *f)
{
    int       i, row, client;
    char     *head;

    for (i = 0, row = 0; i < CHANNEL_TRIES && row < CHANNEL_ROW; i++) {
        client = channel_ask(f, "GET", "/healthz", "", NULL);
        head = framed_head(client);
        row = strncmp(head + 9, "200", 3) == 0 ? row + 1 : 0;
        free(head);
        (void) close(client);

        if (row == 0) {
            process_pause(5);
        }
    }

    ck_assert_int_eq(row, CHANNEL_ROW);
}


/* Connections that scraped has of nginx: the listener is not one. */
static int
channel_connections(const framed_t *f)
{
    int      n;
    FILE    *table;
    char    *line;
    size_t   size;

    table = fopen("/proc/net/unix", "r");
    ck_assert_ptr_nonnull(table);
    line = NULL;
    size = 0;
    n = 0;

    while (getline(&line, &size, table) > 0) {
        n += strstr(line, " 0001 03 ") != NULL
             && strstr(line, f->gateway.dir) != NULL;
    }

    free(line);
    (void) fclose(table);

    return n;
}


/* A batch of pages page1, page2 and so on; its path. */
static void
channel_job(const framed_t *f, const char *page, int pages,
    const char *members, char *path, size_t size)
{
    int             i;
    sc_buf_t        body;
    client_reply_t  r;

    sc_buf_init(&body, 0);
    (void) sc_buf_add_cstr(&body, "{\"urls\":[");

    for (i = 1; i <= pages; i++) {
        (void) sc_buf_printf(&body, "%s\"%s%s%d\"", i > 1 ? "," : "",
                             f->gateway.origin, page, i);
    }

    (void) sc_buf_printf(&body, "],\"defaults\":{\"rules\":{\"t\":\"//body\"}"
                         "%s}}", members);
    r = gateway_request((gateway_t *) &f->gateway, "POST", "/v1/batch", NULL,
                        body.data);
    ck_assert_msg(r.status == 202, "%s", r.body);
    (void) snprintf(path, size, "/v1/jobs/%s", client_str(&r, "id"));
    client_free(&r);
    sc_buf_free(&body);
}


static void
channel_ended(const framed_t *f, const char *path)
{
    client_reply_t  r;

    r = gateway_request((gateway_t *) &f->gateway, "GET", path,
                        "Prefer: wait=60", NULL);
    ck_assert_msg(strcmp(client_str(&r, "state"), "completed") == 0, "%s",
                  r.body);
    client_free(&r);
}


/* Resident memory of a process in KiB. */
static long
channel_memory(pid_t pid)
{
    char  path[64];

    (void) snprintf(path, sizeof(path), "/proc/%d/status", (int) pid);

    return channel_number(path, "VmRSS:");
}


/* The number that stands behind a word at a line's start. */
static long
channel_number(const char *path, const char *word)
{
    long     n;
    FILE    *f;
    char    *line;
    size_t   size;

    f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    line = NULL;
    size = 0;

    do {
        ck_assert_int_gt(getline(&line, &size, f), 0);
    } while (strncmp(line, word, strlen(word)) != 0);

    n = strtol(line + strlen(word), NULL, 10);
    free(line);
    (void) fclose(f);

    return n;
}


static void
channel_status(int client, const char *status)
{
    char  *head;

    head = framed_head(client);
    ck_assert_msg(strncmp(head + 9, status, 3) == 0, "%s", head);
    free(head);
}


/* The first of nginx's workers. */
static pid_t
channel_worker(const framed_t *f)
{
    char  path[96];

    (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
                    (int) f->gateway.nginx, (int) f->gateway.nginx);

    return (pid_t) channel_number(path, "");
}


int
main(void)
{
    const TTest  *tests[] = {
        a_wrong_block_is_told_with_its_line,
        an_upstream_with_a_channel_is_for_this_protocol_alone,
        many_requests_share_a_connection,
        a_slow_client_of_an_export_holds_nobody_up,
        a_large_reply_comes_whole,
        a_large_reply_comes_whole_through_the_cache,
        a_client_that_leaves_before_the_head_leaves_no_slot_behind,
        a_client_that_leaves_amid_the_data_leaves_no_slot_behind,
        a_client_that_leaves_amid_its_body_leaves_no_slot_behind,
        a_request_too_many_is_told_when_to_come_again,
        requests_of_a_sidecar_that_dies_are_told_and_the_next_are_served,
        replies_without_data_end,
        a_body_larger_than_all_windows_lets_others_through,
        a_body_kept_in_a_file_is_sent_from_it,
        events_come_as_they_happen,
        a_worker_that_is_killed_takes_its_channel_along,
        NULL
    };

    return suite_run("channel", tests, CHANNEL_TIMEOUT);
}
