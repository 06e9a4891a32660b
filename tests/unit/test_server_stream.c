
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/process.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define STREAM_TIMEOUT    60
#define STREAM_GROWTH     1024      /* pages */
#define STREAM_FRAME      1000      /* bytes of a part */
#define STREAM_TRIES      100       /* of 1 ms, without room */


static void stream_expect_all(int fd, unsigned id, size_t n, unsigned end);
static void stream_answered(int fd, const char *target, const char *body);
static long stream_memory(void);
static size_t stream_fill(int fd, char *frame, size_t len, size_t *left);


START_TEST(a_body_is_given_in_the_parts_it_came_in)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    begin(fd, 1, 0, "POST /v1/parts HTTP/1.1\r\n");
    say(fd, "body 1 0 2\r\nabbody 1 0 0\r\nbody 1 0 1\r\nc");
    say(fd, "last 1 0 1\r\nd");
    expect_reply(fd, 1, "ab||c|Ld|");

    ask(fd, 1, 0, "POST /v1/parts HTTP/1.1\r\n", "");
    expect_reply(fd, 1, "L|");
    (void) close(fd);
}
END_TEST


START_TEST(a_reply_may_come_before_the_last_part)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    begin(fd, 1, 0, "POST /v1/parts/early HTTP/1.1\r\n");
    say(fd, "body 1 0 2\r\nab");
    expect_reply(fd, 1, "early");
    say(fd, "body 1 0 3\r\nxyzlast 1 0 1\r\nz");

    /* its id is free now, and is so after cancel, too */
    begin(fd, 1, 0, "POST /v1/parts/refused HTTP/1.1\r\n");
    expect_reply(fd, 1, "refused");
    say(fd, "body 1 0 1\r\nacancel 1 0 0\r\n");

    begin(fd, 1, 0, "POST /v1/parts/refused HTTP/1.1\r\n");
    expect_reply(fd, 1, "refused");
    ask(fd, 1, 0, "GET /v1/echo HTTP/1.1\r\n", "");
    expect_error(fd, "request \"1\" is open already");
    (void) close(fd);
}
END_TEST


START_TEST(credit_for_a_reply_that_is_over_means_nothing)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    begin(fd, 1, 2, "POST /v1/parts/refused HTTP/1.1\r\n");
    expect(fd, "head 1 200 19\r\nContent-Length: 7\r\ndata 1 0 2\r\nre");
    say(fd, "credit 1 5 0\r\n");
    expect(fd, "data 1 0 5\r\nfusedend 1 0 0\r\n");
    say(fd, "credit 1 100 0\r\n");
    ask(fd, 2, 0, "POST /v1/parts HTTP/1.1\r\n", "");
    expect_reply(fd, 2, "L|");
    say(fd, "last 1 0 0\r\n");
    ask(fd, 1, 0, "POST /v1/parts HTTP/1.1\r\n", "");
    expect_reply(fd, 1, "L|");
    (void) close(fd);
}
END_TEST


START_TEST(a_handler_is_told_when_the_body_stops_coming)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    begin(fd, 1, 0, "POST /v1/parts HTTP/1.1\r\n");
    say(fd, "body 1 0 2\r\nabcancel 1 0 0\r\n");
    expect(fd, "end 1 1 0\r\n");
    expect_cancelled();

    begin(fd, 1, 0, "POST /v1/parts HTTP/1.1\r\n");
    say(fd, "body 1 0 2\r\nab");
    stream_answered(fd, "/v1/parts/refused", "refused");
    (void) close(fd);
    expect_cancelled();
}
END_TEST


START_TEST(a_held_body_stays_in_the_socket)
{
    int      fd, other;
    char     frame[STREAM_FRAME + 32];
    size_t   len, left, n;
    ssize_t  sent;

    len = (size_t) snprintf(frame, sizeof(frame), "body 1 0 %d\r\n",
                            STREAM_FRAME);
    memset(frame + len, 'x', STREAM_FRAME);
    len += STREAM_FRAME;

    fd = served_connect();
    other = served_connect();
    greet(fd);
    greet(other);

    begin(fd, 1, 0, "POST /v1/parts/held HTTP/1.1\r\n");
    say(fd, "body 1 0 1\r\na");
    n = stream_fill(fd, frame, len, &left);
    ck_assert_uint_lt(n, 2000);

    ask(other, 1, 0, "GET /v1/release HTTP/1.1\r\n", "");
    expect_reply(other, 1, "released");

    sent = send(fd, frame + len - left, left, MSG_NOSIGNAL);
    ck_assert_int_eq(sent, left);
    say(fd, "last 1 0 0\r\n");
    expect(fd, "head 1 200 ");
    len = n * (STREAM_FRAME + 1) + sizeof("a|L|") - 1;
    len = (size_t) snprintf(frame, sizeof(frame), "Content-Length: %zu\r\n",
                            len);
    expect(fd, "%zu\r\n%s", len, frame);
    stream_expect_all(fd, 1, n * (STREAM_FRAME + 1) + 4, 0);

    (void) close(fd);
    (void) close(other);
}
END_TEST


START_TEST(the_end_of_a_held_connection_is_seen)
{
    int     fd;
    char    frame[] = "body 1 0 1\r\nb";
    size_t  left;

    fd = served_connect();
    greet(fd);
    begin(fd, 1, 0, "POST /v1/parts/held HTTP/1.1\r\n");
    (void) stream_fill(fd, frame, sizeof(frame) - 1, &left);
    (void) close(fd);
    expect_cancelled();
}
END_TEST


START_TEST(others_go_on_beside_a_held_body)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/never HTTP/1.1\r\n", "");
    begin(fd, 2, 0, "POST /v1/parts/held HTTP/1.1\r\n");
    say(fd, "body 2 0 1\r\na");
    stream_answered(fd, "/v1/echo", "POST /v1/echo" SERVED_NOTHING "x");
    say(fd, "body 2 0 1\r\nblast 2 0 1\r\nc");
    expect_reply(fd, 2, "a|b|Lc|");

    /* the held one was the last but one: the connection is read on */
    stream_answered(fd, "/v1/echo", "POST /v1/echo" SERVED_NOTHING "x");
    (void) close(fd);
    expect_cancelled();
}
END_TEST


START_TEST(a_reply_of_unknown_length_is_drained_to_its_end)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/flow/5000000 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\n");
    stream_expect_all(fd, 1, 5000000, 0);

    ask(fd, 1, 0, "GET /v1/flow/0 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\nend 1 0 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(a_slow_reader_takes_no_memory)
{
    int       fd;
    long      before;
    size_t    left;
    unsigned  id;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/flow/60000000 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\n");

    for (left = 60000000; left > 40000000; /* void */) {
        left -= expect_data(fd, &id);
    }

    before = stream_memory();

    while (left > 10000000) {
        left -= expect_data(fd, &id);
    }

    /* a sanitizer keeps what is freed */
    if (!process_sanitized()) {
        ck_assert_int_lt(stream_memory(), before + STREAM_GROWTH);
    }

    stream_expect_all(fd, 1, left, 0);
    (void) close(fd);
}
END_TEST


START_TEST(a_reply_that_lacks_something_is_aborted)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/flow/300000/cut HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\n");
    stream_expect_all(fd, 1, 300000, 2);

    ask(fd, 1, 0, "GET /v1/flow/0/cut HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\nend 1 2 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(of_a_reply_to_head_only_the_head_is_sent)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "HEAD /v1/flow/200000 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\nend 1 0 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(what_is_added_leaves_within_its_credit)
{
    int  fd, other;

    fd = served_connect();
    other = served_connect();
    greet(fd);
    greet(other);
    ask(fd, 1, 3, "GET /v1/kept HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 13\r\nX-Test: yes\r\n");

    stream_answered(other, "/v1/kept/add/abcde", "left 5");
    expect(fd, "data 1 0 3\r\nabc");
    stream_answered(other, "/v1/kept/add/f", "left 3");
    say(fd, "credit 1 100 0\r\n");
    expect(fd, "data 1 0 3\r\ndef");
    stream_answered(other, "/v1/kept/add/ghi", "left 3");
    expect(fd, "data 1 0 3\r\nghi");
    stream_answered(other, "/v1/kept/end", "ended");
    expect(fd, "end 1 0 0\r\n");

    (void) close(fd);
    (void) close(other);
}
END_TEST


START_TEST(a_handler_is_told_when_its_flowing_reply_is_cut)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/kept HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 13\r\nX-Test: yes\r\n");
    say(fd, "cancel 1 0 0\r\n");
    expect(fd, "end 1 1 0\r\n");
    expect_cancelled();

    ask(fd, 1, 10, "GET /v1/flow/200000 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\ndata 1 0 10\r\n0123456789");
    (void) close(fd);
    expect_cancelled();
}
END_TEST


START_TEST(a_drain_lets_replies_flow_and_refuses_new_bodies)
{
    int  fd, idle;

    fd = served_connect();
    idle = served_connect();
    greet(fd);
    greet(idle);
    ask(fd, 1, 10, "GET /v1/flow/200000 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\ndata 1 0 10\r\n0123456789");

    ck_assert_int_eq(kill(served_pid, SIGUSR1), 0);
    expect_closed(idle);
    begin(fd, 2, 0, "POST /v1/parts HTTP/1.1\r\n");
    expect(fd, "head 2 503 ");
    (void) close(fd);
    (void) close(idle);
    expect_cancelled();
}
END_TEST


START_TEST(a_drained_connection_is_closed_when_its_reply_has_flowed)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 10, "GET /v1/flow/200000 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 0\r\ndata 1 0 10\r\n0123456789");
    ck_assert_int_eq(kill(served_pid, SIGUSR1), 0);
    say(fd, "credit 1 1000000 0\r\n");
    stream_expect_all(fd, 1, 199990, 0);
    expect_closed(fd);
    (void) close(fd);
}
END_TEST


START_TEST(a_drained_connection_is_closed_when_a_refused_body_has_ended)
{
    int  fd, other;

    fd = served_connect();
    other = served_connect();
    greet(fd);
    greet(other);
    begin(fd, 1, 0, "POST /v1/parts/refused HTTP/1.1\r\n");
    expect_reply(fd, 1, "refused");

    /* the other one is closed by the drain, and so it has begun */
    ck_assert_int_eq(kill(served_pid, SIGUSR1), 0);
    expect_closed(other);
    say(fd, "body 1 0 1\r\nalast 1 0 0\r\n");
    expect_closed(fd);
    (void) close(fd);
    (void) close(other);
}
END_TEST


START_TEST(a_request_of_our_own_is_told_its_reply)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "POST /v1/local/v1/echo?a=b HTTP/1.1\r\n"
                  "Scrape-Tenant: alice\r\n", "text");
    expect_reply(fd, 1, "200\r\nPOST /v1/echo?a=b|application/json|alice||||"
                 "|||-1|text");
    ask(fd, 1, 0, "GET /v1/local/v1/rules/none HTTP/1.1\r\n", "");
    expect_reply(fd, 1, "200\r\nnone");
    ask(fd, 1, 0, "GET /v1/local/v1/size/3 HTTP/1.1\r\n", "");
    expect_reply(fd, 1, "200\r\nX-Test: yes\r\n012");
    ask(fd, 1, 0, "GET /v1/local/v2 HTTP/1.1\r\n", "");
    expect_reply(fd, 1, "refused");
    ask(fd, 1, 0, "POST /v1/local/v1/parts HTTP/1.1\r\n", "text");
    expect_reply(fd, 1, "200\r\nnot in parts");
    (void) close(fd);
}
END_TEST


START_TEST(of_a_reply_that_flows_to_our_own_a_mebibyte_is_kept)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/local/v1/flow/30 HTTP/1.1\r\n", "");
    expect_reply(fd, 1, "200\r\n012345678901234567890123456789");
    ask(fd, 1, 0, "GET /v1/local/v1/flow/3000000 HTTP/1.1\r\n", "");
    expect(fd, "head 1 200 25\r\nContent-Length: 1048581\r\n");
    stream_expect_all(fd, 1, 1048576 + 5, 0);
    (void) close(fd);
}
END_TEST


START_TEST(a_request_of_our_own_ends_with_the_server)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/local/v1/kept HTTP/1.1\r\n", "");
    stream_answered(fd, "/v1/echo", "POST /v1/echo" SERVED_NOTHING "x");
    served_stop();
    expect_cancelled();
    (void) close(fd);
    served_start();
}
END_TEST


/* n bytes in data frames, and the end with this argument. */
static void
stream_expect_all(int fd, unsigned id, size_t n, unsigned end)
{
    size_t    len;
    unsigned  whose;

    while (n > 0) {
        len = expect_data(fd, &whose);
        ck_assert_uint_eq(whose, id);
        ck_assert_uint_le(len, n);
        n -= len;
    }

    expect(fd, "end %u %u 0\r\n", id, end);
}


static void
stream_answered(int fd, const char *target, const char *body)
{
    char  head[128];

    (void) snprintf(head, sizeof(head), "POST %s HTTP/1.1\r\n", target);
    ask(fd, 99, 0, head, "x");
    expect_reply(fd, 99, body);
}


/* Of the server, in pages. */
static long
stream_memory(void)
{
    long   size, resident;
    char   path[64], line[128];
    char  *end;
    FILE  *f;

    (void) snprintf(path, sizeof(path), "/proc/%d/statm", (int) served_pid);
    f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(line, sizeof(line), f));
    (void) fclose(f);

    size = strtol(line, &end, 10);
    resident = strtol(end, NULL, 10);
    ck_assert_int_lt(resident, size);

    return resident;
}


/*
 * Send the frame again and again until there is no room for a while: how often
 * it was begun, and how much of the last one is left to send.
 */
static size_t
stream_fill(int fd, char *frame, size_t len, size_t *left)
{
    size_t   n, tries;
    ssize_t  sent;

    n = 0;
    *left = 0;

    for (tries = 0; tries < STREAM_TRIES; /* void */) {
        ck_assert_uint_lt(n, 1000000);

        if (*left == 0) {
            *left = len;
            n++;
        }

        sent = send(fd, frame + len - *left, *left,
                    MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent == -1) {
            ck_assert_int_eq(errno, EAGAIN);
            process_pause(1);
            tries++;
            continue;
        }

        *left -= (size_t) sent;
        tries = 0;
    }

    return n;
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("server streams");
    tc = tcase_create("server streams");
    tcase_set_timeout(tc, STREAM_TIMEOUT);
    tcase_add_checked_fixture(tc, served_setup, served_teardown);

    tcase_add_test(tc, a_body_is_given_in_the_parts_it_came_in);
    tcase_add_test(tc, a_reply_may_come_before_the_last_part);
    tcase_add_test(tc, credit_for_a_reply_that_is_over_means_nothing);
    tcase_add_test(tc, a_handler_is_told_when_the_body_stops_coming);
    tcase_add_test(tc, a_held_body_stays_in_the_socket);
    tcase_add_test(tc, the_end_of_a_held_connection_is_seen);
    tcase_add_test(tc, others_go_on_beside_a_held_body);
    tcase_add_test(tc, a_reply_of_unknown_length_is_drained_to_its_end);
    tcase_add_test(tc, a_slow_reader_takes_no_memory);
    tcase_add_test(tc, a_reply_that_lacks_something_is_aborted);
    tcase_add_test(tc, of_a_reply_to_head_only_the_head_is_sent);
    tcase_add_test(tc, what_is_added_leaves_within_its_credit);
    tcase_add_test(tc, a_handler_is_told_when_its_flowing_reply_is_cut);
    tcase_add_test(tc, a_drain_lets_replies_flow_and_refuses_new_bodies);
    tcase_add_test(tc,
                   a_drained_connection_is_closed_when_its_reply_has_flowed);
    tcase_add_test(tc,
                a_drained_connection_is_closed_when_a_refused_body_has_ended);
    tcase_add_test(tc, a_request_of_our_own_is_told_its_reply);
    tcase_add_test(tc, of_a_reply_that_flows_to_our_own_a_mebibyte_is_kept);
    tcase_add_test(tc, a_request_of_our_own_ends_with_the_server);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
