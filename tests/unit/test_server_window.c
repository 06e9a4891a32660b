
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/served.h"
#include "tests/support/suite.h"


#define WINDOW_TIMEOUT    60
#define WINDOW_PARTS      "POST /v1/parts HTTP/1.1\r\n"
#define WINDOW_HELD       "POST /v1/parts/held HTTP/1.1\r\n"
#define WINDOW_REFUSED    "POST /v1/parts/refused HTTP/1.1\r\n"


static int window_connect(const char *window);
static void window_body(int fd, unsigned id, size_t n);
static void window_answered(int fd);


START_TEST(a_whole_body_is_credited_as_it_comes)
{
    int     fd;
    size_t  i;

    fd = window_connect("1000");
    begin(fd, 1, 0, "POST /v1/echo HTTP/1.1\r\n");

    window_body(fd, 1, 249);
    window_answered(fd);
    window_body(fd, 1, 1);
    expect(fd, "credit 1 250 0\r\n");
    window_body(fd, 1, 750);
    expect(fd, "credit 1 750 0\r\n");

    /* what is larger than it may be is thrown away, and so never waits */
    for (i = 0; i < 10; i++) {
        window_body(fd, 1, 1000);
        expect(fd, "credit 1 1000 0\r\n");
    }

    say(fd, "last 1 0 0\r\n");
    expect_reply(fd, 1, "POST /v1/echo" SERVED_NOTHING "too large");

    ask(fd, 1, 0, "POST /v1/echo HTTP/1.1\r\n", "abc");
    expect_reply(fd, 1, "POST /v1/echo" SERVED_NOTHING "abc");
    (void) close(fd);
}
END_TEST


START_TEST(a_streamed_body_is_credited_as_it_is_used)
{
    int     fd;
    size_t  i;

    fd = window_connect("40");
    begin(fd, 1, 0, WINDOW_PARTS);

    for (i = 0; i < 5; i++) {
        window_body(fd, 1, 40);
        expect(fd, "credit 1 40 0\r\n");
    }

    say(fd, "cancel 1 0 0\r\n");
    expect(fd, "end 1 1 0\r\n");
    expect_cancelled();

    /* of the last part nothing is credited: there is no more */
    ask(fd, 1, 0, WINDOW_PARTS, "abcdefghijklmnopqrstuvwxyzabcdefghijklmn");
    expect_reply(fd, 1, "Labcdefghijklmnopqrstuvwxyzabcdefghijklmn|");
    (void) close(fd);
}
END_TEST


START_TEST(a_held_body_gets_no_credit_and_holds_nothing_else)
{
    int  fd;

    fd = window_connect("40");
    begin(fd, 1, 0, WINDOW_HELD);
    window_body(fd, 1, 30);
    window_body(fd, 1, 10);

    /* no other request was open, and yet they are read */
    window_answered(fd);
    window_answered(fd);

    ask(fd, 2, 0, "GET /v1/release HTTP/1.1\r\n", "");
    expect(fd, "credit 1 40 0\r\n");
    expect_reply(fd, 2, "released");

    window_body(fd, 1, 9);
    window_answered(fd);
    window_body(fd, 1, 1);
    expect(fd, "credit 1 10 0\r\n");
    say(fd, "cancel 1 0 0\r\n");
    expect(fd, "end 1 1 0\r\n");
    expect_cancelled();
    (void) close(fd);
}
END_TEST


START_TEST(a_held_body_is_cancelled_on_its_connection)
{
    int       fd;
    unsigned  id;

    fd = window_connect("40");

    for (id = 1; id <= 3; id++) {
        begin(fd, id, 0, WINDOW_HELD);
        window_body(fd, id, 40);
        say(fd, "cancel %u 0 0\r\n", id);
        expect(fd, "end %u 1 0\r\n", id);
        expect_cancelled();
    }

    window_answered(fd);
    (void) close(fd);
}
END_TEST


START_TEST(what_is_thrown_away_is_credited)
{
    int     fd;
    size_t  i;

    fd = window_connect("40");
    begin(fd, 1, 0, WINDOW_REFUSED);
    expect_reply(fd, 1, "refused");

    for (i = 0; i < 3; i++) {
        window_body(fd, 1, 40);
        expect(fd, "credit 1 40 0\r\n");
    }

    say(fd, "last 1 0 2\r\nab");
    window_answered(fd);

    /* while its reply waits for credit, too */
    begin(fd, 3, 3, WINDOW_REFUSED);
    expect(fd, "head 3 200 19\r\nContent-Length: 7\r\ndata 3 0 3\r\nref");
    window_body(fd, 3, 40);
    expect(fd, "credit 3 40 0\r\n");
    say(fd, "credit 3 4 0\r\n");
    expect(fd, "data 3 0 4\r\nusedend 3 0 0\r\n");
    say(fd, "cancel 3 0 0\r\n");
    window_answered(fd);
    (void) close(fd);
}
END_TEST


START_TEST(more_than_the_window_is_an_error)
{
    int  fd;

    fd = window_connect("10");
    begin(fd, 1, 0, WINDOW_PARTS);
    window_body(fd, 1, 11);
    expect_error(fd, "frame \"body\": request \"1\" sends \"11\" bytes and "
                 "has credit for \"10\"");
    expect_cancelled();
    (void) close(fd);

    fd = window_connect("10");
    begin(fd, 2, 0, WINDOW_HELD);
    window_body(fd, 2, 10);
    window_answered(fd);
    say(fd, "last 2 0 1\r\na");
    expect_error(fd, "frame \"last\": request \"2\" sends \"1\" bytes and "
                 "has credit for \"0\"");
    expect_cancelled();
    (void) close(fd);
}
END_TEST


START_TEST(each_request_has_a_window_of_its_own)
{
    int       fd;
    unsigned  id;

    fd = window_connect("200000");

    for (id = 1; id <= 40; id++) {
        begin(fd, id, 0, WINDOW_PARTS);
        window_body(fd, id, 49999);
    }

    for (id = 1; id <= 40; id++) {
        window_body(fd, id, 1);
        expect(fd, "credit %u 50000 0\r\n", id);
    }

    (void) close(fd);

    for (id = 1; id <= 40; id++) {
        expect_cancelled();
    }
}
END_TEST


START_TEST(a_window_of_one_byte_is_enough)
{
    int     fd;
    size_t  i;

    fd = window_connect("1");
    begin(fd, 1, 0, WINDOW_PARTS);

    for (i = 0; i < 3; i++) {
        window_body(fd, 1, 0);
        window_body(fd, 1, 1);
        expect(fd, "credit 1 1 0\r\n");
    }

    say(fd, "last 1 0 1\r\nb");
    expect_reply(fd, 1, "|x||x||x|Lb|");
    (void) close(fd);
}
END_TEST


START_TEST(a_window_that_is_not_a_number_is_an_error)
{
    int     fd;
    size_t  i;
    char    said[128];

    static const char *const  wrong[] = {
        "", "0", "-1", "1k", "4.5", "1234567890123456789"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        fd = served_connect();
        say(fd, "hello 0 1 %zu\r\nbody-window: %s\r\n",
            sizeof("body-window: \r\n") - 1 + strlen(wrong[i]), wrong[i]);
        (void) snprintf(said, sizeof(said), "\"Body-Window\" is \"%s\", not",
                        wrong[i]);
        expect_error(fd, said);
        (void) close(fd);
    }
}
END_TEST


static int
window_connect(const char *window)
{
    int  fd;

    fd = served_connect();
    say(fd, "hello 0 1 %zu\r\nName: test\r\nBody-Window: %s\r\n",
        sizeof("Name: test\r\nBody-Window: \r\n") - 1 + strlen(window),
        window);
    expect_hello(fd);

    return fd;
}


static void
window_body(int fd, unsigned id, size_t n)
{
    char  *text;

    text = calloc(1, n + 1);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', n);
    say(fd, "body %u 0 %zu\r\n%s", id, n, text);
    free(text);
}


/* Nothing came before, and another request is answered. */
static void
window_answered(int fd)
{
    ask(fd, 99, 0, "GET /v1/echo HTTP/1.1\r\n", "");
    expect_reply(fd, 99, "GET /v1/echo" SERVED_NOTHING);
}


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    tc = tcase_create("server window");
    tcase_set_timeout(tc, WINDOW_TIMEOUT);
    tcase_add_checked_fixture(tc, served_setup, served_teardown);

    tcase_add_test(tc, a_whole_body_is_credited_as_it_comes);
    tcase_add_test(tc, a_streamed_body_is_credited_as_it_is_used);
    tcase_add_test(tc, a_held_body_gets_no_credit_and_holds_nothing_else);
    tcase_add_test(tc, a_held_body_is_cancelled_on_its_connection);
    tcase_add_test(tc, what_is_thrown_away_is_credited);
    tcase_add_test(tc, more_than_the_window_is_an_error);
    tcase_add_test(tc, each_request_has_a_window_of_its_own);
    tcase_add_test(tc, a_window_of_one_byte_is_enough);
    tcase_add_test(tc, a_window_that_is_not_a_number_is_an_error);

    suite = suite_create("server window");
    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
