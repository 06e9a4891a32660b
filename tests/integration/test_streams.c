
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>
#include <curl/curl.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define STREAMS_TIMEOUT    120
#define STREAMS_LARGE      ((size_t) 300 * 1048576)
#define STREAMS_REPLY      ((size_t) 100 * 1048576)
#define STREAMS_PIECE      65536
#define STREAMS_DATA       16384
#define STREAMS_GROWTH     8192         /* KiB of nginx's memory */
#define STREAMS_PATIENCE   20000        /* ms */
#define STREAMS_TRIES      100          /* of 1 ms, without room */

#define STREAMS_POST       " HTTP/1.1\r\nHost: a\r\n"                         \
                           "Content-Type: application/x-ndjson\r\n"


/* A reply on its way to nginx: what is left of a frame, bytes of data. */
typedef struct {
    int       up;
    char      frame[STREAMS_DATA + SC_FRAME_MAX_HEADER];
    size_t    len;
    size_t    left;
    size_t    sent;
    uint64_t  id;
} streams_reply_t;


static void streams_send_all(int client, int up, uint64_t id, size_t n);
static int streams_step(streams_reply_t *s);
static void streams_read_all(streams_reply_t *s, int client);
static void streams_expect_status(int client, const char *status);


START_TEST(lines_are_passed_on_as_they_come)
{
    int       client, up;
    char     *head;
    uint64_t  id;
    framed_t  f;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "POST /v1/batch" STREAMS_POST "Content-Length: 12\r\n"
                "Range: lines=0-\r\nIf-Range: x\r\nLast-Event-ID: 7\r\n\r\n"
                "one\ntwo\n");

    up = framed_accept(&f);
    id = framed_opened(up, &head);
    ck_assert_ptr_nonnull(strstr(head, "POST /v1/batch HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "Range: lines=0-\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "If-Range: x\r\n"));
    ck_assert_ptr_nonnull(strstr(head, "Last-Event-ID: 7\r\n"));
    free(head);
    framed_body(up, id, 8);

    say(client, "six\n");
    framed_body(up, id, 4);
    framed_last(up, id);

    say(up, FRAMED_HELLO);
    framed_reply(up, id, 202, "Content-Length: 2\r\n", "ok");
    streams_expect_status(client, "202");
    expect(client, "ok");

    /* both connections are kept, and a hello is said once only */
    say(client, "POST /v1/batch" STREAMS_POST "Content-Length: 2\r\n\r\na");
    expect(up, "open ");
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_kept_connection_carries_bodies_of_both_kinds)
{
    int       client, up;
    size_t    i;
    uint64_t  id;
    framed_t  f;

    static const char *const  requests[] = {
        "GET /v1/a HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /v1/a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n",
        "POST /v1/batch" STREAMS_POST "Content-Length: 3\r\n\r\n",
        "POST /v1/batch" STREAMS_POST "Content-Length: 0\r\n\r\n"
    };

    framed_start(&f, NULL);
    client = framed_client(&f);
    up = -1;

    for (i = 0; i < 12; i++) {
        say(client, "%s", requests[i % 4]);

        if (i % 4 == 1 || i % 4 == 2) {
            say(client, "abc");
        }

        if (up == -1) {
            up = framed_accept(&f);
            say(up, FRAMED_HELLO);
        }

        id = framed_opened(up, NULL);
        framed_body(up, id, i % 4 == 1 || i % 4 == 2 ? 3 : 0);
        framed_last(up, id);
        framed_reply(up, id, 200, "Content-Length: 2\r\n", "ok");
        streams_expect_status(client, "200");
        expect(client, "ok");
    }

    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_chunked_body_is_passed_on_as_it_comes)
{
    int       client, up;
    uint64_t  id;
    framed_t  f;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "POST /v1/batch" STREAMS_POST
                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_body(up, id, 4);
    say(client, "\r\n5\r\nef");
    framed_body(up, id, 2);
    say(client, "ghi\r\n0\r\n");
    framed_body(up, id, 3);
    say(client, "\r\n");
    framed_last(up, id);

    say(up, FRAMED_HELLO);
    framed_reply(up, id, 200, "", "ok");
    streams_expect_status(client, "200");
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_large_body_takes_no_memory_and_no_file)
{
    int                client, up;
    long               before;
    uint64_t           id;
    framed_t           f;
    gateway_options_t  o = { .api = "client_max_body_size 0;" };

    framed_start(&f, &o);
    client = framed_client(&f);
    say(client, "POST /v1/batch" STREAMS_POST "Content-Length: %zu\r\n\r\n",
        STREAMS_LARGE);
    up = framed_accept(&f);
    id = framed_opened(up, NULL);

    streams_send_all(client, up, id, STREAMS_LARGE / 10);
    before = framed_memory(&f);
    streams_send_all(client, up, id, STREAMS_LARGE - STREAMS_LARGE / 10);
    ck_assert_int_lt(framed_memory(&f), before + STREAMS_GROWTH);
    ck_assert_int_eq(framed_files(&f), 0);
    framed_last(up, id);

    say(up, FRAMED_HELLO);
    framed_reply(up, id, 202, "", "ok");
    streams_expect_status(client, "202");
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_buffer_longer_than_a_frame_is_cut)
{
    int                client, up;
    uint64_t           id;
    framed_t           f;
    gateway_options_t  o = {
        .api = "client_max_body_size 0; client_body_buffer_size 3m;"
    };

    framed_start(&f, &o);
    client = framed_client(&f);
    say(client, "POST /v1/batch" STREAMS_POST "Content-Length: %zu\r\n\r\n",
        STREAMS_REPLY / 4);
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    streams_send_all(client, up, id, STREAMS_REPLY / 4);
    framed_last(up, id);
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_body_is_waited_for_unless_it_is_lines)
{
    int       first, second, up;
    char     *head;
    framed_t  f;

    framed_start(&f, NULL);
    first = framed_client(&f);
    second = framed_client(&f);
    say(first, "POST /v1/extract HTTP/1.1\r\nHost: a\r\n"
               "Content-Type: application/json\r\n"
               "Content-Length: 4\r\n\r\n{}");
    say(second, "POST /v1/other" STREAMS_POST "Content-Length: 4\r\n\r\n{}");

    up = framed_accept(&f);
    (void) framed_opened(up, &head);
    ck_assert_ptr_nonnull(strstr(head, "POST /v1/other "));
    free(head);
    (void) close(up);

    say(first, "{}");
    up = framed_accept(&f);
    (void) framed_opened(up, &head);
    ck_assert_ptr_nonnull(strstr(head, "POST /v1/extract "));
    free(head);
    (void) close(up);
    (void) close(first);
    (void) close(second);
    framed_stop(&f);
}
END_TEST


START_TEST(what_is_lines_is_told_by_path_type_or_directive)
{
    int       client, up;
    size_t    i;
    uint64_t  id;
    framed_t  f;

    static const char *const  requests[] = {
        "POST /v1/batch?a=b HTTP/1.1\r\nContent-Type: application/json\r\n",
        "POST /v1/batch HTTP/1.1\r\n",
        "PUT /v1/a HTTP/1.1\r\nContent-Type: Application/NDJSON\r\n",
        "POST /v1/a HTTP/1.1\r\n"
        "Content-Type: application/x-ndjson; charset=utf-8\r\n",
        "POST /v1/a HTTP/1.1\r\nContent-Type: application/jsonl\r\n",
        "POST /off/v1/a HTTP/1.1\r\nContent-Type: text/plain\r\n"
    };

    gateway_options_t  o = {
        .server = "location /off/v1/ { scrape_pass scrapers;"
                  " scrape_request_buffering off; }"
    };

    framed_start(&f, &o);

    for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        client = framed_client(&f);
        say(client, "%sHost: a\r\nContent-Length: 9\r\n\r\nab", requests[i]);
        up = framed_accept(&f);
        id = framed_opened(up, NULL);
        framed_body(up, id, 2);
        (void) close(client);
        expect_closed(up);
        (void) close(up);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(a_location_of_its_own_may_take_the_lines)
{
    int       client, up;
    char     *head;
    size_t    i;
    uint64_t  id;
    framed_t  f;

    static const char *const  names[] = { "a", "b", "c" };

    gateway_options_t  o = {
        .server = "location /a/v1/batch { scrape_pass scrapers; }"
                  "location = /b/v1/batch { scrape_pass scrapers; }"
                  "location /c/ { scrape_pass scrapers; }"
    };

    framed_start(&f, &o);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        client = framed_client(&f);
        say(client, "POST /%s/v1/batch" STREAMS_POST
                    "Content-Length: 9\r\n\r\nab", names[i]);
        up = framed_accept(&f);
        id = framed_opened(up, &head);
        ck_assert_int_eq(strncmp(head, "POST /v1/batch ", 15), 0);
        ck_assert_ptr_nonnull(strstr(head, "Scrape-Base: /"));
        ck_assert_int_eq(strncmp(strstr(head, "Scrape-Base: /") + 14,
                                 names[i], 1), 0);
        free(head);
        framed_body(up, id, 2);
        (void) close(client);
        expect_closed(up);
        (void) close(up);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(a_reply_may_come_while_the_body_does)
{
    int       client, up;
    uint64_t  id;
    framed_t  f;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "POST /v1/batch" STREAMS_POST
                "Content-Length: 900000\r\n\r\nab");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_body(up, id, 2);
    say(up, FRAMED_HELLO);
    framed_reply(up, id, 400, "Content-Length: 2\r\n", "no");
    streams_expect_status(client, "400");
    expect(client, "no");

    /* the rest was not sent: the connection is of no more use */
    expect_closed(up);
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_body_sent_in_part_is_not_sent_again)
{
    int            client, up;
    uint64_t       id;
    framed_t       f;
    struct pollfd  pfd;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "PUT /v1/a" STREAMS_POST "Content-Length: 9\r\n\r\nab");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_body(up, id, 2);
    (void) close(up);
    streams_expect_status(client, "502");

    pfd.fd = f.listener;
    pfd.events = POLLIN;
    ck_assert_int_eq(poll(&pfd, 1, 0), 0);
    (void) close(client);
    framed_stop(&f);
}
END_TEST


START_TEST(a_body_too_large_is_refused_while_it_comes)
{
    int                client, up;
    uint64_t           id;
    framed_t           f;
    gateway_options_t  o = { .api = "client_max_body_size 1000;" };

    framed_start(&f, &o);
    client = framed_client(&f);
    say(client, "POST /v1/batch" STREAMS_POST
                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_body(up, id, 3);
    say(client, "fff\r\nx");
    streams_expect_status(client, "413");
    expect_closed(up);
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_reply_is_passed_on_as_it_comes)
{
    int       client, up;
    char     *head;
    uint64_t  id;
    framed_t  f;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "GET /v1/events HTTP/1.1\r\nHost: a\r\n"
                "Accept: text/event-stream\r\n\r\n");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);

    say(up, FRAMED_HELLO "head %" PRIu64 " 200 33\r\n"
            "Content-Type: text/event-stream\r\n", id);
    head = framed_head(client);
    ck_assert_ptr_nonnull(strstr(head, "\r\nTransfer-Encoding: chunked\r\n"));
    free(head);
    say(up, "data %" PRIu64 " 0 7\r\n: ping\n", id);
    expect(client, "7\r\n: ping\n\r\n");
    say(up, "data %" PRIu64 " 0 8\r\nda", id);
    expect(client, "2\r\nda\r\n");
    say(up, "ta: 1\nend %" PRIu64 " 0 0\r\n", id);
    expect(client, "6\r\nta: 1\n\r\n0\r\n\r\n");
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_compressed_reply_is_passed_on_as_it_comes)
{
    int                client, up;
    char               byte;
    uint64_t           id;
    framed_t           f;
    gateway_options_t  o = {
        .api = "gzip on; gzip_types text/event-stream;"
    };

    framed_start(&f, &o);
    client = framed_client(&f);
    say(client, "GET /v1/events HTTP/1.1\r\nHost: a\r\n"
                "Accept-Encoding: gzip\r\n\r\n");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    say(up, FRAMED_HELLO "head %" PRIu64 " 200 33\r\n"
            "Content-Type: text/event-stream\r\n"
            "data %" PRIu64 " 0 7\r\n: ping\n", id, id);
    free(framed_head(client));
    ck_assert_uint_eq(expect_bytes(client, &byte, 1), 1);
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_client_of_the_old_version_gets_the_bytes_alone)
{
    int       client, up;
    char     *head;
    uint64_t  id;
    framed_t  f;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "GET /v1/events HTTP/1.0\r\n\r\n");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    say(up, FRAMED_HELLO);
    framed_reply(up, id, 200, "", "text");
    head = framed_head(client);
    ck_assert_ptr_null(strstr(head, "chunked"));
    ck_assert_ptr_nonnull(strstr(head, "\r\nConnection: close\r\n"));
    free(head);
    expect(client, "text");
    expect_closed(client);
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_slow_client_holds_a_large_reply_back)
{
    int              client, tries;
    long             before;
    framed_t         f;
    streams_reply_t  s;

    memset(&s, 0, sizeof(streams_reply_t));
    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "GET /v1/export HTTP/1.0\r\n\r\n");
    s.up = framed_accept(&f);
    s.id = framed_opened(s.up, NULL);
    framed_last(s.up, s.id);
    say(s.up, FRAMED_HELLO "head %" PRIu64 " 200 0\r\n", s.id);
    free(framed_head(client));
    before = framed_memory(&f);

    for (tries = 0; tries < STREAMS_TRIES; tries++) {
        while (streams_step(&s)) {
            tries = 0;
        }

        process_pause(1);
    }

    ck_assert_uint_lt(s.sent, STREAMS_REPLY / 4);
    ck_assert_int_lt(framed_memory(&f), before + STREAMS_GROWTH);

    streams_read_all(&s, client);
    say(s.up, "end %" PRIu64 " 0 0\r\n", s.id);
    expect_closed(client);
    (void) close(client);
    (void) close(s.up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_reply_that_is_aborted_has_no_end)
{
    int       client, up;
    char      path[128];
    char     *log;
    uint64_t  id;
    framed_t  f;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "GET /v1/export HTTP/1.1\r\nHost: a\r\n\r\n");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    say(up, FRAMED_HELLO "head %" PRIu64 " 200 0\r\ndata %" PRIu64
        " 0 3\r\nabcend %" PRIu64 " 2 0\r\n", id, id, id);
    free(framed_head(client));
    expect(client, "3\r\nabc\r\n");
    expect_closed(client);
    expect_closed(up);
    (void) close(client);
    (void) close(up);

    (void) snprintf(path, sizeof(path), "%s/nginx.log", f.gateway.dir);
    log = process_read(path);
    ck_assert_ptr_nonnull(strstr(log, "scraped could not finish its reply"));
    ck_assert_ptr_nonnull(strstr(log, "[error]"));
    free(log);
    framed_stop(&f);
}
END_TEST


START_TEST(curl_tells_an_aborted_reply_from_a_whole_one)
{
    int             up;
    char            url[128];
    size_t          i;
    pid_t           pid;
    uint64_t        id;
    framed_t        f;
    client_reply_t  r;

    static const int  codes[] = { CURLE_OK, CURLE_PARTIAL_FILE };

    framed_start(&f, NULL);
    (void) snprintf(url, sizeof(url), "%s/v1/export", f.gateway.url);

    for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        pid = fork();
        ck_assert_int_ne(pid, -1);

        if (pid == 0) {
            _exit(client_try(&r, "GET", url, NULL, NULL, STREAMS_PATIENCE));
        }

        up = framed_accept(&f);
        id = framed_opened(up, NULL);
        framed_last(up, id);
        say(up, FRAMED_HELLO "head %" PRIu64 " 200 0\r\ndata %" PRIu64
            " 0 3\r\nabcend %" PRIu64 " %d 0\r\n", id, id, id,
            codes[i] == CURLE_OK ? 0 : 2);
        ck_assert_int_eq(process_wait(pid), codes[i]);
        (void) close(up);
    }

    framed_stop(&f);
}
END_TEST


/* The client's socket takes what it can, nginx's is read meanwhile. */
static void
streams_send_all(int client, int up, uint64_t id, size_t n)
{
    char        piece[STREAMS_PIECE];
    size_t      left;
    ssize_t     sent;
    sc_frame_t  f;

    memset(piece, '\n', sizeof(piece));
    left = n;

    while (n > 0) {
        sent = 0;

        if (left > 0) {
            sent = send(client, piece, left < sizeof(piece) ? left
                                                            : sizeof(piece),
                        MSG_DONTWAIT | MSG_NOSIGNAL);
            ck_assert(sent > 0 || errno == EAGAIN);
        }

        if (sent > 0) {
            left -= (size_t) sent;
            continue;
        }

        free(framed_next(up, &f));
        ck_assert_int_eq(f.type, SC_FRAME_BODY);
        ck_assert_uint_eq(f.id, id);
        ck_assert_uint_le(f.len, n);
        n -= f.len;
    }
}


/* One frame, or what is left of it; 0 when there is no room for it. */
static int
streams_step(streams_reply_t *s)
{
    int      n;
    ssize_t  sent;

    if (s->left == 0 && s->sent < STREAMS_REPLY) {
        n = snprintf(s->frame, sizeof(s->frame), "data %" PRIu64 " 0 %d\r\n",
                     s->id, STREAMS_DATA);
        memset(s->frame + n, 'x', STREAMS_DATA);
        s->len = (size_t) n + STREAMS_DATA;
        s->left = s->len;
        s->sent += STREAMS_DATA;
    }

    if (s->left == 0) {
        return 0;
    }

    sent = send(s->up, s->frame + s->len - s->left, s->left,
                MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent == -1) {
        ck_assert_int_eq(errno, EAGAIN);
        return 0;
    }

    s->left -= (size_t) sent;

    return 1;
}


static void
streams_read_all(streams_reply_t *s, int client)
{
    char      piece[STREAMS_PIECE];
    size_t    got;
    ssize_t   n;

    for (got = 0; got < STREAMS_REPLY; got += (size_t) n) {
        while (streams_step(s)) {
            /* void */
        }

        n = recv(client, piece, sizeof(piece), 0);
        ck_assert_int_gt(n, 0);
    }
}


static void
streams_expect_status(int client, const char *status)
{
    char  *head;

    head = framed_head(client);
    ck_assert_msg(strncmp(head, "HTTP/1.1 ", 9) == 0
                  && strncmp(head + 9, status, 3) == 0, "%s", head);
    free(head);
}


int
main(void)
{
    const TTest  *tests[] = {
        lines_are_passed_on_as_they_come,
        a_kept_connection_carries_bodies_of_both_kinds,
        a_chunked_body_is_passed_on_as_it_comes,
        a_large_body_takes_no_memory_and_no_file,
        a_buffer_longer_than_a_frame_is_cut,
        a_body_is_waited_for_unless_it_is_lines,
        what_is_lines_is_told_by_path_type_or_directive,
        a_location_of_its_own_may_take_the_lines,
        a_reply_may_come_while_the_body_does,
        a_body_sent_in_part_is_not_sent_again,
        a_body_too_large_is_refused_while_it_comes,
        a_reply_is_passed_on_as_it_comes,
        a_compressed_reply_is_passed_on_as_it_comes,
        a_client_of_the_old_version_gets_the_bytes_alone,
        a_slow_client_holds_a_large_reply_back,
        a_reply_that_is_aborted_has_no_end,
        curl_tells_an_aborted_reply_from_a_whole_one,
        NULL
    };

    return suite_run("streams", tests, STREAMS_TIMEOUT);
}
