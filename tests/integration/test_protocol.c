
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/framed.h"
#include "tests/support/served.h"
#include "tests/support/suite.h"


#define PROTOCOL_TIMEOUT    60
#define PROTOCOL_LONG       200     /* bytes; no header is so long */

#define PROTOCOL_GET        "GET /v1/a HTTP/1.1\r\nHost: a\r\n\r\n"


/*
 * What scraped says, with '#' for the id of the request, and what nginx's log
 * says of it.
 */
typedef struct {
    const char  *text;
    const char  *says;
} protocol_case_t;


static void protocol_say(int up, uint64_t id, const char *text);
static void protocol_logged(const framed_t *f, const char *says);
static void protocol_expect_502(int client);


static const protocol_case_t  protocol_heads[] = {
    { "", "prematurely closed" },
    { "he", "prematurely closed" },
    { FRAMED_HELLO "head # 200 10\r\nA: b", "prematurely closed" },
    { "HTTP/1.1 200 OK\r\n\r\n", "not a frame" },
    { "hello 0 2 0\r\n", "speaks protocol version 2, not 1" },
    { "error 0 0 9\r\nno, never", "closed the connection: \"no, never\"" },
    { FRAMED_HELLO "head #9 200 0\r\n", "answered request" },
    { FRAMED_HELLO "head # 99 0\r\n", "with status 99" },
    { FRAMED_HELLO "head # 600 0\r\n", "with status 600" },
    { FRAMED_HELLO "head # 200 5\r\nA b\r\n", "an invalid field" },
    { FRAMED_HELLO "head # 200 3\r\nA: ", "an invalid field" },
    { FRAMED_HELLO "head # 204 0\r\ndata # 0 1\r\na",
      "\"data\" in a reply without data" },
    { FRAMED_HELLO "data # 0 1\r\na", "\"data\" before the reply's head" },
    { FRAMED_HELLO "end # 0 0\r\n", "\"end\" before the reply's head" },
    { FRAMED_HELLO "open # 0 0\r\n", "\"open\" before the reply's head" }
};


/* after FRAMED_HELLO, a head and three bytes of data */
static const protocol_case_t  protocol_replies[] = {
    { "", "prematurely closed" },
    { "data # 0 9\r\nabc", "prematurely closed" },
    { "data #", "prematurely closed" },
    { "data #9 0 1\r\na", "inside the reply" },
    { "head # 200 0\r\n", "frame \"head\"" },
    { "error 0 0 1\r\na", "frame \"error\"" },
    { "end # 1 0\r\n", "frame \"end\"" },
    { "end #9 0 0\r\n", "frame \"end\"" },
    { "end # 0 1\r\na", "frame \"end\"" },
    { "nonsense\r\n", "not a frame" }
};


/* bytes of nginx's log that have been looked at */
static size_t  protocol_read;


START_TEST(what_does_not_become_a_reply_is_a_502_problem)
{
    int                     client, up;
    size_t                  i;
    uint64_t                id;
    framed_t                f;
    const protocol_case_t  *c = protocol_heads;

    framed_start(&f, NULL);

    for (i = 0; i < sizeof(protocol_heads) / sizeof(*c); i++, c++) {
        client = framed_client(&f);
        say(client, PROTOCOL_GET);
        up = framed_accept(&f);
        id = framed_opened(up, NULL);
        framed_last(up, id);
        protocol_say(up, id, c->text);
        (void) close(up);
        protocol_expect_502(client);
        protocol_logged(&f, c->says);
        (void) close(client);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(a_reply_that_goes_wrong_has_no_end)
{
    int                     client, up;
    size_t                  i;
    uint64_t                id;
    framed_t                f;
    const protocol_case_t  *c = protocol_replies;

    framed_start(&f, NULL);

    for (i = 0; i < sizeof(protocol_replies) / sizeof(*c); i++, c++) {
        client = framed_client(&f);
        say(client, PROTOCOL_GET);
        up = framed_accept(&f);
        id = framed_opened(up, NULL);
        framed_last(up, id);
        protocol_say(up, id, FRAMED_HELLO "head # 200 0\r\n"
                             "data # 0 3\r\nabc");
        free(framed_head(client));
        expect(client, "3\r\nabc\r\n");

        protocol_say(up, id, c->text);
        (void) close(up);

        /* part of a frame may still come, the end of the body does not */
        if (strcmp(c->text, "data # 0 9\r\nabc") == 0) {
            expect(client, "3\r\nabc\r\n");
        }

        expect_closed(client);
        protocol_logged(&f, c->says);
        (void) close(client);
    }

    framed_stop(&f);
}
END_TEST


START_TEST(a_frame_header_without_end_is_given_up)
{
    int       client, up;
    char      text[PROTOCOL_LONG + 1];
    uint64_t  id;
    framed_t  f;

    memset(text, 'd', PROTOCOL_LONG);
    text[PROTOCOL_LONG] = '\0';

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, PROTOCOL_GET);
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    protocol_say(up, id, FRAMED_HELLO "head # 200 0\r\n");
    free(framed_head(client));
    protocol_say(up, id, text);
    expect_closed(client);
    protocol_logged(&f, "a frame header that is too long");
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_reply_is_understood_byte_by_byte)
{
    int          client, up;
    char         byte[2] = "";
    uint64_t     id;
    framed_t     f;
    const char  *p;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, "GET /v1/a HTTP/1.0\r\n\r\n");
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);

    for (p = FRAMED_HELLO "head # 203 6\r\nA: b\r\ndata # 0 3\r\nabc"
             "data # 0 0\r\ndata # 0 1\r\ndend # 0 0\r\n";
         *p != '\0'; p++)
    {
        byte[0] = *p;
        protocol_say(up, id, byte);
    }

    free(framed_head(client));
    expect(client, "abcd");
    expect_closed(client);
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


START_TEST(a_connection_that_says_more_than_asked_is_not_kept)
{
    int       client, up;
    uint64_t  id;
    framed_t  f;

    framed_start(&f, NULL);
    client = framed_client(&f);
    say(client, PROTOCOL_GET);
    up = framed_accept(&f);
    id = framed_opened(up, NULL);
    framed_last(up, id);
    protocol_say(up, id, FRAMED_HELLO "head # 200 19\r\n"
                         "Content-Length: 2\r\ndata # 0 2\r\nok"
                         "end # 0 0\r\nend # 0 0\r\n");
    free(framed_head(client));
    expect(client, "ok");
    expect_closed(up);

    say(client, PROTOCOL_GET);
    (void) close(up);
    up = framed_accept(&f);
    (void) framed_opened(up, NULL);
    (void) close(client);
    (void) close(up);
    framed_stop(&f);
}
END_TEST


static void
protocol_say(int up, uint64_t id, const char *text)
{
    char      number[32];
    sc_buf_t  b;

    (void) snprintf(number, sizeof(number), "%" PRIu64, id);
    sc_buf_init(&b, 0);

    for ( /* void */ ; *text != '\0'; text++) {
        if (*text == '#') {
            (void) sc_buf_add_cstr(&b, number);

        } else {
            (void) sc_buf_add(&b, text, 1);
        }
    }

    if (b.len > 0) {
        say(up, "%s", b.data);
    }

    sc_buf_free(&b);
}


/* nginx says it before it closes the client's connection. */
static void
protocol_logged(const framed_t *f, const char *says)
{
    char   path[128];
    char  *log;

    (void) snprintf(path, sizeof(path), "%s/nginx.log", f->gateway.dir);
    log = process_read(path);
    ck_assert_msg(strstr(log + protocol_read, says) != NULL,
                  "\"%s\" is not in: %s", says, log + protocol_read);
    protocol_read = strlen(log);
    free(log);
}


static void
protocol_expect_502(int client)
{
    char  *head;

    head = framed_head(client);
    ck_assert_msg(strncmp(head, "HTTP/1.1 502 ", 13) == 0, "%s", head);
    ck_assert_ptr_nonnull(strstr(head, "application/problem+json"));
    free(head);
}


int
main(void)
{
    const TTest  *tests[] = {
        what_does_not_become_a_reply_is_a_502_problem,
        a_reply_that_goes_wrong_has_no_end,
        a_frame_header_without_end_is_given_up,
        a_reply_is_understood_byte_by_byte,
        a_connection_that_says_more_than_asked_is_not_kept,
        NULL
    };

    return suite_run("protocol", tests, PROTOCOL_TIMEOUT);
}
