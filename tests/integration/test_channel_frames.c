
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define FRAMES_TIMEOUT    120
#define FRAMES_REQUESTS   3
#define FRAMES_FILL       4     /* more than wait for a full listener */
#define FRAMES_FIELDS     65536
#define FRAMES_TOO_MUCH   (64 * 1024 * 1024)

#define FRAMES_GET        "GET /v1/a HTTP/1.1\r\nHost: a\r\n\r\n"
#define FRAMES_POST       "POST /v1/a HTTP/1.1\r\nHost: a\r\n"             \
                          "Content-Length: 2\r\n\r\nab"
#define FRAMES_LINES      "POST /v1/batch HTTP/1.1\r\nHost: a\r\n"         \
                          "Content-Length: 3\r\n\r\nab"
#define FRAMES_OK         "head #0 200 19\r\nContent-Length: 2\r\n"           \
                          "data #0 0 2\r\nokend #0 0 0\r\n"


/* What becomes of the first of three requests; of the others it is a 502. */
typedef enum {
    FRAMES_LOST = 0,
    FRAMES_CUT,
    FRAMES_WHOLE
} frames_fate_e;


/*
 * What scraped says, with "#0" for the id of the first request and "#9" for
 * one that nobody has, and what nginx's log says of it.
 */
typedef struct {
    const char    *text;
    const char    *says;
    frames_fate_e  fate;
} frames_case_t;


/*
 * Requests that are open, by their order.
 *
 * up  of each its connection, the same one over a channel
 */
typedef struct {
    framed_t    f;
    const char *upstream;
    int         client[FRAMES_REQUESTS];
    int         up[FRAMES_REQUESTS];
    uint64_t    id[FRAMES_REQUESTS];
    size_t      n;
} frames_t;


static void frames_start(frames_t *t, const char *upstream, const char *api,
    const char *server);
static void frames_stop(frames_t *t);
static void frames_open(frames_t *t, const char *request);
static uint64_t frames_next(int up, sc_frame_type_t type);
static void frames_say(frames_t *t, size_t i, const char *text);
static void frames_expect(frames_t *t, size_t i, int status,
    const char *body);
static void frames_expect_lost(frames_t *t, size_t i, frames_fate_e fate);
static void frames_logged(const frames_t *t, const char *says);
static void frames_close(frames_t *t);
static void frames_works(frames_t *t);
static void frames_cut(const char *upstream);
static void frames_long_head(const char *upstream);
static void frames_idle(const char *upstream);
static void frames_draining(const char *upstream);
static void frames_second(const char *upstream);
static void frames_unreached(const char *upstream, const char *request,
    int status);
static int frames_connect(unsigned port);
static int frames_listen(unsigned port, int backlog);


static const char  frames_channel[] = "scrape_channel;";
static const char  frames_keepalive[] = "keepalive 16;";

/* the whole channel is given up */
static const frames_case_t  frames_wrong[] = {
    { "", "closed the channel with 3 requests", FRAMES_LOST },
    { FRAMED_HELLO "head #0 200 10\r\nA: b",
      "closed the channel with 3 requests", FRAMES_LOST },
    { FRAMED_HELLO "da", "closed the channel with 3 requests", FRAMES_LOST },
    { "hello 0 2 0\r\n", "speaks protocol version 2, not 1", FRAMES_LOST },
    { "head #0 200 0\r\n", "before its hello", FRAMES_LOST },
    { FRAMED_HELLO FRAMED_HELLO, "an unexpected frame", FRAMES_LOST },
    { FRAMED_HELLO "error 0 0 2\r\nno", "the channel: \"no\"", FRAMES_LOST },
    { FRAMED_HELLO "data #9 0 1\r\na", "not open", FRAMES_LOST },
    { FRAMED_HELLO "head #9 200 0\r\n", "not open", FRAMES_LOST },
    { FRAMED_HELLO "end #9 0 0\r\n", "not open", FRAMES_LOST },
    { FRAMED_HELLO "data #0 0 1\r\na", "data before its head", FRAMES_LOST },
    { FRAMED_HELLO "data #0 0 1048577\r\n", "not a frame", FRAMES_LOST },
    { FRAMED_HELLO "\r\n\r\n", "not a frame", FRAMES_LOST },
    { FRAMED_HELLO "HTTP/1.1 200 OK\r\n", "not a frame", FRAMES_LOST },
    { FRAMED_HELLO "credit #0 5 1\r\na", "an unexpected frame", FRAMES_LOST },
    { FRAMED_HELLO "open #0 0 0\r\n", "not for it to send", FRAMES_LOST },
    { FRAMED_HELLO "end #0 0 1\r\na", "an end with a payload", FRAMES_LOST },
    { FRAMED_HELLO "head #0 200 0\r\ndata #0 0 2\r\nokhead #0 200 0\r\n",
      "a second head", FRAMES_CUT },
    { FRAMED_HELLO "head #0 200 0\r\ndata #0 0 2\r\nokdata #0 0 16385\r\n",
      "more data than a frame holds", FRAMES_CUT },
    { FRAMED_HELLO FRAMES_OK "data #0 0 1\r\na", "sent a frame",
      FRAMES_WHOLE }
};


/* one request is given up, the others go on */
static const frames_case_t  frames_own[] = {
    { "end #0 0 0\r\n", "\"end\" before the reply's head", FRAMES_LOST },
    { "end #0 1 0\r\n", "\"end\" before the reply's head", FRAMES_LOST },
    { "head #0 99 0\r\n", "with status 99", FRAMES_LOST },
    { "head #0 600 0\r\n", "with status 600", FRAMES_LOST },
    { "head #0 200 5\r\nA b\r\n", "an invalid field", FRAMES_LOST },
    { "head #0 200 0\r\ndata #0 0 2\r\nokend #0 2 0\r\n", "could not finish",
      FRAMES_CUT }
};


/* bytes of nginx's log that have been looked at */
static size_t  frames_read;


START_TEST(frames_are_understood_wherever_they_are_cut)
{
    frames_cut(frames_channel);
    frames_cut(frames_keepalive);
}
END_TEST


START_TEST(replies_come_mixed_and_in_any_order)
{
    frames_t  t;

    frames_start(&t, frames_channel, NULL, NULL);
    frames_open(&t, FRAMES_GET);
    frames_open(&t, FRAMES_GET);
    frames_open(&t, FRAMES_GET);

    frames_say(&t, 2, FRAMED_HELLO "head #0 203 19\r\nContent-Length: 4\r\n");
    frames_say(&t, 0, "head #0 200 19\r\nContent-Length: 4\r\n");
    frames_say(&t, 2, "data #0 0 1\r\nc");
    frames_say(&t, 0, "data #0 0 2\r\naa");
    frames_say(&t, 1, "head #0 202 19\r\nContent-Length: 1\r\n"
                      "data #0 0 1\r\nbend #0 0 0\r\n");
    frames_say(&t, 2, "data #0 0 3\r\ncccend #0 0 0\r\n");
    frames_say(&t, 0, "data #0 0 2\r\naa");
    frames_expect(&t, 1, 202, "b");
    frames_expect(&t, 2, 203, "cccc");
    frames_say(&t, 0, "end #0 0 0\r\n");
    frames_expect(&t, 0, 200, "aaaa");

    frames_works(&t);
    frames_stop(&t);
}
END_TEST


START_TEST(a_head_too_long_is_one_request_s_alone)
{
    frames_long_head(frames_channel);
    frames_long_head(frames_keepalive);
}
END_TEST


START_TEST(a_channel_that_goes_wrong_is_given_up_and_made_anew)
{
    size_t                i, k;
    frames_t              t;
    const frames_case_t  *c = frames_wrong;

    frames_start(&t, frames_channel, NULL, NULL);

    for (i = 0; i < sizeof(frames_wrong) / sizeof(*c); i++, c++) {
        for (k = 0; k < FRAMES_REQUESTS; k++) {
            frames_open(&t, FRAMES_GET);
        }

        frames_say(&t, 0, c->text);
        (void) shutdown(t.up[0], SHUT_WR);

        for (k = 0; k < FRAMES_REQUESTS; k++) {
            frames_expect_lost(&t, k, k == 0 ? c->fate : FRAMES_LOST);
        }

        frames_logged(&t, c->says);
        frames_close(&t);
        frames_works(&t);
        frames_close(&t);
    }

    frames_stop(&t);
}
END_TEST


START_TEST(a_reply_that_is_whole_is_not_lost_with_the_channel)
{
    frames_t  t;

    frames_start(&t, frames_channel, "limit_rate 100;", NULL);
    frames_open(&t, FRAMES_GET);
    frames_open(&t, FRAMES_GET);
    frames_say(&t, 0, FRAMED_HELLO FRAMES_OK);
    (void) shutdown(t.up[0], SHUT_WR);
    frames_expect(&t, 0, 200, "ok");
    frames_logged(&t, "closed the channel with 1 requests");
    frames_stop(&t);
}
END_TEST


START_TEST(a_reply_that_goes_wrong_leaves_the_channel_to_others)
{
    size_t                i;
    frames_t              t;
    const frames_case_t  *c = frames_own;

    frames_start(&t, frames_channel, NULL, NULL);

    for (i = 0; i < sizeof(frames_own) / sizeof(*c); i++, c++) {
        frames_open(&t, FRAMES_GET);
        frames_open(&t, FRAMES_GET);
        frames_say(&t, 0, FRAMED_HELLO);
        frames_say(&t, 0, c->text);
        frames_expect_lost(&t, 0, c->fate);
        frames_logged(&t, c->says);
        frames_say(&t, 1, FRAMES_OK);
        frames_expect(&t, 1, 200, "ok");
        frames_close(&t);
    }

    frames_stop(&t);
}
END_TEST


START_TEST(data_beyond_the_credit_ends_the_channel)
{
    char      *frame;
    size_t     sent, len;
    ssize_t    n;
    frames_t   t;

    frames_start(&t, frames_channel, NULL, NULL);
    frames_open(&t, FRAMES_GET);
    frames_open(&t, FRAMES_GET);
    frames_say(&t, 0, FRAMED_HELLO "head #0 200 0\r\n");

    frame = calloc(1, SC_FRAME_DATA_SIZE + SC_FRAME_MAX_HEADER);
    ck_assert_ptr_nonnull(frame);
    len = (size_t) snprintf(frame, SC_FRAME_MAX_HEADER,
                            "data %" PRIu64 " 0 %d\r\n", t.id[0],
                            SC_FRAME_DATA_SIZE);
    len += SC_FRAME_DATA_SIZE;
    n = 0;

    for (sent = 0; sent < FRAMES_TOO_MUCH && n >= 0; sent += len) {
        n = send(t.up[0], frame, len, MSG_NOSIGNAL);
    }

    free(frame);
    ck_assert_uint_lt(sent, FRAMES_TOO_MUCH);
    frames_expect_lost(&t, 1, FRAMES_LOST);
    frames_logged(&t, "more data than it had credit for");
    frames_close(&t);
    frames_works(&t);
    frames_stop(&t);
}
END_TEST


START_TEST(a_cancel_that_is_not_answered_holds_nobody_up)
{
    frames_t  t;

    frames_start(&t, frames_channel, NULL, NULL);
    frames_open(&t, FRAMES_GET);
    frames_open(&t, FRAMES_GET);
    frames_say(&t, 0, FRAMED_HELLO);
    (void) close(t.client[0]);
    t.client[0] = -1;
    ck_assert_uint_eq(frames_next(t.up[0], SC_FRAME_CANCEL), t.id[0]);
    frames_say(&t, 1, FRAMES_OK);
    frames_expect(&t, 1, 200, "ok");
    frames_works(&t);

    /* what comes for it still is thrown away; its end comes late */
    frames_say(&t, 0, "head #0 200 0\r\ndata #0 0 2\r\nok");
    frames_works(&t);
    frames_say(&t, 0, "end #0 1 0\r\n");
    frames_works(&t);
    frames_stop(&t);
}
END_TEST


START_TEST(an_end_may_cross_with_a_cancel)
{
    frames_t  t;

    frames_start(&t, frames_channel, NULL, NULL);
    frames_open(&t, FRAMES_GET);
    frames_say(&t, 0, FRAMED_HELLO);
    (void) close(t.client[0]);
    t.client[0] = -1;
    frames_say(&t, 0, FRAMES_OK);
    frames_works(&t);
    frames_stop(&t);
}
END_TEST


START_TEST(each_request_has_a_time_limit_of_its_own)
{
    frames_t  t;

    frames_start(&t, frames_channel, "scrape_read_timeout 200ms;",
                 "location = /v1/slow { scrape_pass scrapers; "
                 "scrape_read_timeout 60s; }");

    frames_open(&t, "GET /v1/slow HTTP/1.1\r\nHost: a\r\n\r\n");
    frames_open(&t, FRAMES_GET);
    frames_say(&t, 0, FRAMED_HELLO "head #0 200 0\r\ndata #0 0 1\r\no");
    frames_expect(&t, 1, 504, NULL);
    ck_assert_uint_eq(frames_next(t.up[1], SC_FRAME_CANCEL), t.id[1]);
    frames_say(&t, 1, "end #0 1 0\r\n");
    frames_say(&t, 0, "data #0 0 1\r\nkend #0 0 0\r\n");
    frames_expect(&t, 0, 200, "1\r\no\r\n1\r\nk\r\n0\r\n\r\n");
    frames_works(&t);
    frames_stop(&t);
}
END_TEST


START_TEST(a_connection_that_is_closed_while_idle_is_made_anew)
{
    frames_idle(frames_channel);
    frames_idle(frames_keepalive);
}
END_TEST


START_TEST(a_draining_sidecar_s_503_is_the_client_s)
{
    frames_draining(frames_channel);
    frames_draining(frames_keepalive);
}
END_TEST


START_TEST(when_one_sidecar_dies_another_is_asked)
{
    frames_second(frames_channel);
    frames_second(frames_keepalive);
}
END_TEST


START_TEST(what_never_left_goes_to_the_next_server)
{
    frames_unreached(frames_channel, FRAMES_GET, 200);
    frames_unreached(frames_channel, FRAMES_POST, 200);
    frames_unreached(frames_keepalive, FRAMES_POST, 200);

    /* a part of its body has gone by */
    frames_unreached(frames_channel, FRAMES_LINES, 502);
}
END_TEST


static void
frames_start(frames_t *t, const char *upstream, const char *api,
    const char *server)
{
    gateway_options_t  o;

    memset(t, 0, sizeof(frames_t));
    memset(&o, 0, sizeof(gateway_options_t));
    t->upstream = upstream;
    o.upstream = upstream;
    o.api = api;
    o.server = server;
    o.one_worker = 1;
    frames_read = 0;
    framed_start(&t->f, &o);
}


static void
frames_stop(frames_t *t)
{
    frames_close(t);
    framed_stop(&t->f);
}


/* A request of a client of its own, read up to its last. */
static void
frames_open(frames_t *t, const char *request)
{
    size_t  i = t->n++;

    ck_assert_uint_lt(i, FRAMES_REQUESTS);
    t->client[i] = framed_client(&t->f);
    say(t->client[i], "%s", request);

    t->up[i] = i > 0 && strstr(t->upstream, "channel") != NULL
               ? t->up[0] : framed_accept(&t->f);
    t->id[i] = frames_next(t->up[i], SC_FRAME_OPEN);
    ck_assert_uint_eq(frames_next(t->up[i], SC_FRAME_LAST), t->id[i]);
}


/* The next frame of this type, and whose it is. */
static uint64_t
frames_next(int up, sc_frame_type_t type)
{
    sc_frame_t  f;

    do {
        free(framed_next(up, &f));
    } while (f.type != type);

    return f.id;
}


static void
frames_say(frames_t *t, size_t i, const char *text)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    for ( /* void */ ; *text != '\0'; text++) {
        if (*text == '#') {
            (void) sc_buf_printf(&b, "%" PRIu64, t->id[i] + (text[1] == '9'));
            text++;

        } else {
            (void) sc_buf_add(&b, text, 1);
        }
    }

    if (b.len > 0) {
        say(t->up[i], "%s", b.data);
    }

    sc_buf_free(&b);
}


static void
frames_expect(frames_t *t, size_t i, int status, const char *body)
{
    char   line[32];
    char  *head;

    head = framed_head(t->client[i]);
    (void) snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    ck_assert_msg(strncmp(head, line, strlen(line)) == 0, "%s", head);
    free(head);

    if (body != NULL) {
        expect(t->client[i], "%s", body);
    }
}


static void
frames_expect_lost(frames_t *t, size_t i, frames_fate_e fate)
{
    switch (fate) {

    case FRAMES_LOST:
        frames_expect(t, i, 502, NULL);
        break;

    case FRAMES_CUT:
        frames_expect(t, i, 200, "2\r\nok\r\n");
        expect_closed(t->client[i]);
        break;

    default:
        frames_expect(t, i, 200, "ok");
        break;
    }
}


static void
frames_logged(const frames_t *t, const char *says)
{
    char   path[128];
    char  *log;

    (void) snprintf(path, sizeof(path), "%s/nginx.log", t->f.gateway.dir);
    log = process_read(path);
    ck_assert_msg(strstr(log + frames_read, says) != NULL,
                  "\"%s\" is not in: %s", says, log + frames_read);
    frames_read = strlen(log);
    free(log);
}


/* Clients, and what nginx connected for them. */
static void
frames_close(frames_t *t)
{
    size_t  i;

    for (i = 0; i < t->n; i++) {
        if (t->client[i] != -1) {
            (void) close(t->client[i]);
        }

        if (i == 0 || t->up[i] != t->up[0]) {
            (void) close(t->up[i]);
        }
    }

    t->n = 0;
}


/* One more request is answered, over what connection there is. */
static void
frames_works(frames_t *t)
{
    frames_t  one = *t;

    if (t->n == 0) {
        frames_open(t, FRAMES_GET);
        frames_say(t, 0, FRAMED_HELLO FRAMES_OK);
        frames_expect(t, 0, 200, "ok");
        return;
    }

    one.client[0] = framed_client(&t->f);
    say(one.client[0], "%s", FRAMES_GET);
    one.id[0] = frames_next(one.up[0], SC_FRAME_OPEN);
    frames_say(&one, 0, FRAMES_OK);
    frames_expect(&one, 0, 200, "ok");
    (void) close(one.client[0]);
}


static void
frames_cut(const char *upstream)
{
    char      text[256], first[256];
    size_t    cut, len;
    frames_t  t;

    frames_start(&t, upstream, NULL, NULL);
    frames_works(&t);

    for (cut = 1, len = 2; cut < len; cut++) {
        say(t.client[0], "%s", FRAMES_GET);
        t.id[0] = frames_next(t.up[0], SC_FRAME_OPEN);
        ck_assert_uint_eq(frames_next(t.up[0], SC_FRAME_LAST), t.id[0]);

        len = (size_t) snprintf(text, sizeof(text), "head %" PRIu64 " 200 19"
                                "\r\nContent-Length: 2\r\n"
                                "data %" PRIu64 " 0 1\r\n"
                                "odata %" PRIu64 " 0 1\r\n"
                                "kend %" PRIu64 " 0 0\r\n", t.id[0], t.id[0],
                                t.id[0], t.id[0]);
        memcpy(first, text, cut);
        first[cut] = '\0';
        say(t.up[0], "%s", first);
        process_pause(1);
        say(t.up[0], "%s", text + cut);
        frames_expect(&t, 0, 200, "ok");
    }

    frames_stop(&t);
}


static void
frames_long_head(const char *upstream)
{
    char      *fields;
    frames_t   t;

    frames_start(&t, upstream, NULL, NULL);
    frames_open(&t, FRAMES_GET);
    frames_open(&t, FRAMES_GET);

    fields = malloc(FRAMES_FIELDS + 1);
    ck_assert_ptr_nonnull(fields);
    memset(fields, 'x', FRAMES_FIELDS);
    memcpy(fields, "A: ", 3);
    memcpy(fields + FRAMES_FIELDS - 2, "\r\n", 3);

    frames_say(&t, 0, FRAMED_HELLO);
    say(t.up[0], "head %" PRIu64 " 200 %d\r\n%s", t.id[0], FRAMES_FIELDS,
        fields);
    free(fields);
    frames_expect(&t, 0, 502, NULL);

    if (t.up[1] != t.up[0]) {
        frames_say(&t, 1, FRAMED_HELLO);
    }

    frames_say(&t, 1, FRAMES_OK);
    frames_expect(&t, 1, 200, "ok");
    frames_stop(&t);
}


static void
frames_idle(const char *upstream)
{
    size_t    i;
    frames_t  t;

    frames_start(&t, upstream, NULL, NULL);

    for (i = 0; i < 10; i++) {
        frames_works(&t);
        frames_close(&t);
    }

    frames_stop(&t);
}


static void
frames_draining(const char *upstream)
{
    frames_t  t;

    frames_start(&t, upstream, NULL, NULL);
    frames_open(&t, FRAMES_GET);
    frames_say(&t, 0, FRAMED_HELLO "head #0 503 42\r\n"
                      "Content-Type: text/plain\r\nRetry-After: 5\r\n"
                      "data #0 0 2\r\nokend #0 0 0\r\n");
    (void) shutdown(t.up[0], SHUT_RDWR);
    frames_expect(&t, 0, 503, "2\r\nok\r\n0\r\n\r\n");
    frames_close(&t);
    frames_works(&t);
    frames_stop(&t);
}


static void
frames_second(const char *upstream)
{
    int       second;
    char      block[128];
    unsigned  port;
    frames_t  t;

    port = process_port();
    (void) snprintf(block, sizeof(block), "server 127.0.0.1:%u backup; %s",
                    port, upstream);
    second = frames_listen(port, 16);

    frames_start(&t, block, NULL, NULL);
    frames_open(&t, FRAMES_GET);
    (void) close(t.up[0]);

    t.up[0] = accept(second, NULL, NULL);
    ck_assert_int_ne(t.up[0], -1);
    t.id[0] = frames_next(t.up[0], SC_FRAME_OPEN);
    frames_say(&t, 0, FRAMED_HELLO FRAMES_OK);
    frames_expect(&t, 0, 200, "ok");
    frames_stop(&t);
    (void) close(second);
}


/* The first server takes no connection, not even by refusing it. */
static void
frames_unreached(const char *upstream, const char *request, int status)
{
    int       i, first, fill[FRAMES_FILL];
    char      block[128];
    char     *head;
    unsigned  port;
    frames_t  t;

    port = process_port();
    first = frames_listen(port, 0);

    for (i = 0; i < FRAMES_FILL; i++) {
        fill[i] = frames_connect(port);
    }

    (void) snprintf(block, sizeof(block), "server 127.0.0.1:%u weight=9; %s",
                    port, upstream);
    frames_start(&t, block, "scrape_connect_timeout 200ms;", NULL);

    if (status == 200) {
        frames_open(&t, request);
        frames_say(&t, 0, FRAMED_HELLO FRAMES_OK);
        frames_expect(&t, 0, status, "ok");

    } else {
        t.client[0] = framed_client(&t.f);
        say(t.client[0], "%s", request);
        head = framed_head(t.client[0]);
        ck_assert_int_eq(strtol(head + 9, NULL, 10), status);
        free(head);
        (void) close(t.client[0]);
    }

    frames_stop(&t);

    for (i = 0; i < FRAMES_FILL; i++) {
        (void) close(fill[i]);
    }

    (void) close(first);
}


static int
frames_connect(unsigned port)
{
    int                 fd;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((uint16_t) port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ck_assert_int_ne(fd, -1);
    (void) connect(fd, (struct sockaddr *) &sin, sizeof(sin));

    return fd;
}


static int
frames_listen(unsigned port, int backlog)
{
    int                 fd, on;
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((uint16_t) port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ne(fd, -1);
    on = 1;
    (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    ck_assert_int_eq(bind(fd, (struct sockaddr *) &sin, sizeof(sin)), 0);
    ck_assert_int_eq(listen(fd, backlog), 0);

    return fd;
}


int
main(void)
{
    const TTest  *tests[] = {
        frames_are_understood_wherever_they_are_cut,
        replies_come_mixed_and_in_any_order,
        a_head_too_long_is_one_request_s_alone,
        a_channel_that_goes_wrong_is_given_up_and_made_anew,
        a_reply_that_is_whole_is_not_lost_with_the_channel,
        a_reply_that_goes_wrong_leaves_the_channel_to_others,
        data_beyond_the_credit_ends_the_channel,
        a_cancel_that_is_not_answered_holds_nobody_up,
        an_end_may_cross_with_a_cancel,
        each_request_has_a_time_limit_of_its_own,
        a_connection_that_is_closed_while_idle_is_made_anew,
        a_draining_sidecar_s_503_is_the_client_s,
        when_one_sidecar_dies_another_is_asked,
        what_never_left_goes_to_the_next_server,
        NULL
    };

    return suite_run("channel frames", tests, FRAMES_TIMEOUT);
}
