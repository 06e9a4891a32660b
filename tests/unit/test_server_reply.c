
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/process.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define SERVER_TIMEOUT    60
#define REPLY_MANY        40
#define REPLY_OPEN        4096      /* as many as may be */


static void server_test_create_fails(const char *listen, const char *says);


START_TEST(a_request_is_answered_by_head_data_and_end)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 7, 0, "GET /v1/size/12 HTTP/1.1\r\n", "");
    expect(fd, "head 7 200 33\r\nX-Test: yes\r\nContent-Length: 12\r\n"
               "data 7 0 12\r\n012345678901end 7 0 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(a_reply_waits_for_credit_and_others_do_not)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 4, "GET /v1/size/10 HTTP/1.1\r\n", "");
    expect_head(fd, 1, 10);
    expect(fd, "data 1 0 4\r\n0123");
    ask(fd, 2, 0, "GET /v1/size/2 HTTP/1.1\r\n", "");
    expect_head(fd, 2, 2);
    expect(fd, "data 2 0 2\r\n01end 2 0 0\r\n");
    say(fd, "credit 1 1 0\r\n");
    expect(fd, "data 1 0 1\r\n4");
    say(fd, "credit 1 9223372036854775807 0\r\ncredit 77 1 0\r\n");
    expect(fd, "data 1 0 5\r\n56789end 1 0 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(long_replies_take_turns)
{
    int       fd;
    size_t    n, left[3] = { 0, 100000, 100000 };
    unsigned  id, last, turns;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 1, "GET /v1/size/100001 HTTP/1.1\r\n", "");
    expect_head(fd, 1, 100001);
    expect(fd, "data 1 0 1\r\n0");
    ask(fd, 2, 1, "GET /v1/size/100001 HTTP/1.1\r\n", "");
    expect_head(fd, 2, 100001);
    expect(fd, "data 2 0 1\r\n0");

    say(fd, "credit 1 200000 0\r\ncredit 2 200000 0\r\n");

    last = 0;
    turns = 0;

    while (left[1] > 0 || left[2] > 0) {
        n = expect_data(fd, &id);
        ck_assert_uint_le(n, SC_FRAME_DATA_SIZE);
        ck_assert_uint_le(n, left[id]);
        left[id] -= n;
        turns += id != last;
        last = id;

        if (left[id] == 0) {
            expect(fd, "end %u 0 0\r\n", id);
        }
    }

    ck_assert_uint_ge(turns, 7);
    (void) close(fd);
}
END_TEST


START_TEST(of_forty_long_replies_none_is_left_behind)
{
    int       fd;
    size_t    left;
    unsigned  id, whose;
    sc_buf_t  frames;

    fd = served_connect();
    greet(fd);
    sc_buf_init(&frames, 0);

    for (id = 1; id <= REPLY_MANY; id++) {
        (void) sc_buf_printf(&frames, "open %u 0 30\r\n"
                             "GET /v1/size/100000 HTTP/1.1\r\n"
                             "last %u 0 0\r\n", id, id);
    }

    say(fd, "%s", frames.data);
    sc_buf_free(&frames);

    for (id = 1; id <= REPLY_MANY; id++) {
        expect_head(fd, id, 100000);
    }

    /* more than the socket and what is kept for it take */
    for (left = 100000; left > 0; left -= left < SC_FRAME_DATA_SIZE
                                         ? left : SC_FRAME_DATA_SIZE)
    {
        for (id = 1; id <= REPLY_MANY; id++) {
            (void) expect_data(fd, &whose);
            ck_assert_uint_eq(whose, id);

            if (left <= SC_FRAME_DATA_SIZE) {
                expect(fd, "end %u 0 0\r\n", id);
            }
        }
    }

    (void) close(fd);
}
END_TEST


START_TEST(replies_without_credit_are_in_nobody_s_way)
{
    int       fd;
    unsigned  id;

    fd = served_connect();
    greet(fd);

    for (id = 1; id < REPLY_OPEN; id++) {
        ask(fd, id, 1, "GET /v1/size/3 HTTP/1.1\r\n", "");
        expect_head(fd, id, 3);
        expect(fd, "data %u 0 1\r\n0", id);
    }

    ask(fd, REPLY_OPEN, 0, "GET /v1/size/3 HTTP/1.1\r\n", "");
    expect_head(fd, REPLY_OPEN, 3);
    expect(fd, "data %u 0 3\r\n012end %u 0 0\r\n", REPLY_OPEN, REPLY_OPEN);

    for (id = REPLY_OPEN - 1; id > 0; id--) {
        say(fd, "credit %u 0 0\r\ncredit %u 2 0\r\n", id, id);
        expect(fd, "data %u 0 2\r\n12end %u 0 0\r\n", id, id);
    }

    (void) close(fd);
}
END_TEST


START_TEST(as_many_as_may_be_open_are_cancelled_and_opened_again)
{
    int       fd;
    unsigned  id, turn;

    fd = served_connect();
    greet(fd);

    for (turn = 0; turn < 2; turn++) {
        for (id = 1; id <= REPLY_OPEN; id++) {
            ask(fd, id, 1, "GET /v1/never HTTP/1.1\r\n", "");
        }

        for (id = 1; id <= REPLY_OPEN; id++) {
            say(fd, "cancel %u 0 0\r\n", id);
            expect(fd, "end %u 1 0\r\n", id);
            expect_cancelled();
        }
    }

    (void) close(fd);
}
END_TEST


START_TEST(a_slow_reader_gets_all_of_a_long_reply)
{
    int       fd;
    size_t    n, left;
    unsigned  id;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/size/8000000 HTTP/1.1\r\n", "");
    expect_head(fd, 1, 8000000);
    ask(fd, 2, 0, "HEAD /v1/size/1 HTTP/1.1\r\n", "");

    /* the second reply may stand between any two parts of the first */
    for (left = 8000000; left > 0; left -= n) {
        n = expect_data(fd, &id);
        ck_assert_uint_eq(id, 1);
        ck_assert_uint_le(n, left);

        if (left == 8000000) {
            ck_assert_uint_eq(n, SC_FRAME_DATA_SIZE);
        }
    }

    expect(fd, "end 1 0 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(who_does_not_read_replies_is_not_read_from)
{
    int       fd, n;
    size_t    asked, i;
    char      frames[128];
    unsigned  id;

    fd = served_connect();
    greet(fd);

    n = snprintf(frames, sizeof(frames), "open 1 0 29\r\n"
                 "GET /v1/size/16384 HTTP/1.1\r\nlast 1 0 0\r\n");

    for (asked = 0; /* void */; asked++) {
        if (send(fd, frames, (size_t) n, MSG_DONTWAIT | MSG_NOSIGNAL) != n) {
            break;
        }

        ck_assert_uint_lt(asked, 100000);

        if (asked % 16 == 0) {
            process_pause(1);
        }
    }

    for (i = 0; i < asked; i++) {
        expect_head(fd, 1, 16384);
        ck_assert_uint_eq(expect_data(fd, &id), 16384);
        expect(fd, "end 1 0 0\r\n");
    }

    (void) close(fd);
}
END_TEST


START_TEST(replies_without_a_body_have_no_data)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "HEAD /v1/size/12 HTTP/1.1\r\n", "");
    expect_head(fd, 1, 12);
    expect(fd, "end 1 0 0\r\n");
    ask(fd, 1, 0, "GET /v1/status/304 HTTP/1.1\r\n", "");
    expect(fd, "head 1 304 0\r\nend 1 0 0\r\n");
    ask(fd, 1, 0, "GET /v1/status/204 HTTP/1.1\r\n", "");
    expect(fd, "head 1 204 0\r\nend 1 0 0\r\n");
    ask(fd, 1, 0, "GET /v1/size/0 HTTP/1.1\r\n", "");
    expect_head(fd, 1, 0);
    expect(fd, "end 1 0 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(cancel_ends_a_request_and_its_handler_is_told)
{
    int  fd;

    fd = served_connect();
    greet(fd);

    ask(fd, 1, 0, "GET /v1/never HTTP/1.1\r\n", "");
    say(fd, "cancel 1 0 0\r\n");
    expect(fd, "end 1 1 0\r\n");
    expect_cancelled();

    /* its last part has not come: the handler does not know it */
    say(fd, "open 2 0 24\r\nGET /v1/never HTTP/1.1\r\ncancel 2 0 0\r\n");
    expect(fd, "end 2 1 0\r\n");

    /* the reply is cut off */
    ask(fd, 3, 2, "GET /v1/size/9 HTTP/1.1\r\n", "");
    expect_head(fd, 3, 9);
    expect(fd, "data 3 0 2\r\n01");
    say(fd, "cancel 3 0 0\r\ncancel 3 0 0\r\ncancel 4 0 0\r\n");
    expect(fd, "end 3 1 0\r\n");

    ask(fd, 5, 0, "GET /v1/size/1 HTTP/1.1\r\n", "");
    expect_head(fd, 5, 1);
    expect(fd, "data 5 0 1\r\n0end 5 0 0\r\n");
    (void) close(fd);
}
END_TEST


START_TEST(a_lost_connection_cancels_what_is_open_on_it)
{
    int  fd;

    fd = served_connect();
    greet(fd);
    ask(fd, 1, 0, "GET /v1/never HTTP/1.1\r\n", "");
    ask(fd, 257, 0, "GET /v1/never HTTP/1.1\r\n", "");
    ask(fd, 3, 0, "GET /v1/size/1 HTTP/1.1\r\n", "");
    expect(fd, "head 3");
    (void) close(fd);
    expect_cancelled();
    expect_cancelled();
}
END_TEST


START_TEST(a_drain_answers_what_is_open_and_refuses_what_is_new)
{
    int   fd, idle;
    char  buf[4096];

    fd = served_connect();
    idle = served_connect();
    greet(fd);
    greet(idle);

    ask(fd, 1, 4, "GET /v1/size/8 HTTP/1.1\r\n", "");
    expect_head(fd, 1, 8);
    expect(fd, "data 1 0 4\r\n0123");

    ck_assert_int_eq(kill(served_pid, SIGUSR1), 0);
    expect_closed(idle);
    ck_assert_int_eq(access(served_path, F_OK), -1);

    ask(fd, 2, 0, "GET /v1/echo HTTP/1.1\r\n"
                  "Scrape-Request-Id: r-7\r\n", "");
    expect(fd, "head 2 503 ");
    memset(buf, 0, sizeof(buf));

    while (strstr(buf, "end 2 0 0\r\n") == NULL) {
        ck_assert_uint_eq(expect_bytes(fd, buf + strlen(buf), 1), 1);
    }

    ck_assert_ptr_nonnull(strstr(buf, "Retry-After: "));
    ck_assert_ptr_nonnull(strstr(buf, "application/problem+json"));
    ck_assert_ptr_nonnull(strstr(buf, "\"type\":\"/server/draining\""));
    ck_assert_ptr_nonnull(strstr(buf, "\"request_id\":\"r-7\""));

    /* how it stops may be watched */
    ask(fd, 3, 0, "GET /metrics HTTP/1.1\r\n", "");
    say(fd, "cancel 3 0 0\r\n");
    expect(fd, "end 3 1 0\r\n");

    say(fd, "credit 1 4 0\r\n");
    expect(fd, "data 1 0 4\r\n4567end 1 0 0\r\n");
    expect_closed(fd);
    (void) close(fd);
    (void) close(idle);
}
END_TEST


START_TEST(connections_wait_while_descriptors_are_out)
{
    int  first, second, third;

    served_stop();
    served_few = 1;
    served_start();

    first = served_connect();
    greet(first);
    second = served_connect();
    third = served_connect();
    (void) close(first);
    greet(second);
    (void) close(second);
    greet(third);
    (void) close(third);
}
END_TEST


START_TEST(an_old_socket_is_replaced_and_a_served_one_is_not)
{
    int   fd;
    char  file[128], at[256];

    server_test_create_fails(served_at, "another process serves it");

    ck_assert_int_eq(process_stop(served_pid, SIGKILL), 128 + SIGKILL);
    ck_assert_int_eq(access(served_path, F_OK), 0);
    served_start();
    fd = served_connect();
    greet(fd);
    (void) close(fd);

    (void) snprintf(file, sizeof(file), "%s/file", served_dir);
    process_write(file, "kept");
    (void) snprintf(at, sizeof(at), "unix:%s", file);
    server_test_create_fails(at, "not a socket");
    ck_assert_int_eq(access(file, F_OK), 0);
}
END_TEST


START_TEST(the_socket_has_the_mode_of_the_settings)
{
    struct stat  st;

    ck_assert_int_eq(stat(served_path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0640);
}
END_TEST


START_TEST(addresses_to_listen_on_are_checked)
{
    size_t  i;

    static const char *const  wrong[][2] = {
        { "unix:", "1 to" },
        { "unix:/nowhere/at/all.sock", "could not listen" },
        { "unix:/" "0123456789012345678901234567890123456789012345678901234"
          "5678901234567890123456789012345678901234567890123456789", "1 to" },
        { "localhost", "neither" },
        { "localhost:80", "neither" },
        { "127.0.0.1:", "neither" },
        { "127.0.0.1:http", "neither" },
        { ":80", "neither" },
        { "[]:80", "neither" },
        { "192.0.2.1:1", "could not listen" }
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        server_test_create_fails(wrong[i][0], wrong[i][1]);
    }
}
END_TEST


START_TEST(tcp_is_listened_on_as_well)
{
    char       at[64], err[256];
    size_t     i;
    loop_t    *loop;
    server_t  *s;

    static const char *const  hosts[] = { "127.0.0.1", "[::1]" };

    for (i = 0; i < 2; i++) {
        (void) snprintf(at, sizeof(at), "%s:%u", hosts[i], process_port());
        served_settings.listen = at;
        loop = loop_create();
        s = server_create(loop, &served_settings, -1, served_handle, NULL,
                          NULL, err, sizeof(err));
        ck_assert_msg(s != NULL, "%s", err);
        server_destroy(s);
        loop_destroy(loop);
    }
}
END_TEST


static void
server_test_create_fails(const char *at, const char *says)
{
    char     err[256] = "";
    char     name[256];
    loop_t  *l;

    (void) snprintf(name, sizeof(name), "%s", at);
    served_settings.listen = name;
    l = loop_create();
    ck_assert_ptr_null(server_create(l, &served_settings, -1, served_handle,
                                     NULL, NULL, err, sizeof(err)));
    ck_assert_msg(strstr(err, says) != NULL, "%s: %s", at, err);
    loop_destroy(l);
    served_settings.listen = served_at;
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("server replies");
    tc = tcase_create("server replies");
    tcase_set_timeout(tc, SERVER_TIMEOUT);
    tcase_add_checked_fixture(tc, served_setup, served_teardown);

    tcase_add_test(tc, a_request_is_answered_by_head_data_and_end);
    tcase_add_test(tc, a_reply_waits_for_credit_and_others_do_not);
    tcase_add_test(tc, long_replies_take_turns);
    tcase_add_test(tc, of_forty_long_replies_none_is_left_behind);
    tcase_add_test(tc, replies_without_credit_are_in_nobody_s_way);
    tcase_add_test(tc, as_many_as_may_be_open_are_cancelled_and_opened_again);
    tcase_add_test(tc, a_slow_reader_gets_all_of_a_long_reply);
    tcase_add_test(tc, who_does_not_read_replies_is_not_read_from);
    tcase_add_test(tc, replies_without_a_body_have_no_data);
    tcase_add_test(tc, cancel_ends_a_request_and_its_handler_is_told);
    tcase_add_test(tc, a_lost_connection_cancels_what_is_open_on_it);
    tcase_add_test(tc, a_drain_answers_what_is_open_and_refuses_what_is_new);
    tcase_add_test(tc, connections_wait_while_descriptors_are_out);
    tcase_add_test(tc, an_old_socket_is_replaced_and_a_served_one_is_not);
    tcase_add_test(tc, the_socket_has_the_mode_of_the_settings);
    tcase_add_test(tc, addresses_to_listen_on_are_checked);
    tcase_add_test(tc, tcp_is_listened_on_as_well);

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
