
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <check.h>

#include "common/sc_buf.h"
#include "common/sc_frame.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define SIDECAR_TIMEOUT    60
#define SIDECAR_TRIES      500      /* of 20 ms, for a start */


/* A scraped alone, and one connection to its socket. */
typedef struct {
    char      dir[64];
    pid_t     pid;
    int       fd;
    sc_buf_t  in;
} sidecar_t;


static void sidecar_start(sidecar_t *s);
static void sidecar_stop(sidecar_t *s);
static void sidecar_connect(sidecar_t *s);
static void sidecar_say(sidecar_t *s, const char *bytes);
static sc_frame_t sidecar_expect(sidecar_t *s, sc_frame_type_t type,
    uint64_t id, uint64_t arg);
static int sidecar_read(sidecar_t *s);
static void sidecar_expect_close(sidecar_t *s);


static const char  sidecar_hello[] = "hello 0 1 10\r\nName: test";


START_TEST(a_hello_is_answered_with_a_hello)
{
    sidecar_t  s;

    sidecar_start(&s);
    sidecar_say(&s, "hello 0 1 12\r\nName: test\r\n");
    (void) sidecar_expect(&s, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION);
    sidecar_stop(&s);
}
END_TEST


START_TEST(a_request_is_answered_with_head_data_end)
{
    sidecar_t  s;

    sidecar_start(&s);
    sidecar_say(&s, "hello 0 1 12\r\nName: test\r\n"
                "open 7 0 23\r\nGET /healthz HTTP/1.1\r\n"
                "last 7 0 0\r\n");
    (void) sidecar_expect(&s, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION);
    (void) sidecar_expect(&s, SC_FRAME_HEAD, 7, 200);
    (void) sidecar_expect(&s, SC_FRAME_DATA, 7, 0);
    (void) sidecar_expect(&s, SC_FRAME_END, 7, SC_FRAME_END_DONE);
    sidecar_stop(&s);
}
END_TEST


START_TEST(data_waits_for_credit_and_others_go_on)
{
    sidecar_t   s;
    sc_frame_t  f;

    sidecar_start(&s);
    sidecar_say(&s, "hello 0 1 12\r\nName: test\r\n"
                "open 1 3 23\r\nGET /healthz HTTP/1.1\r\nlast 1 0 0\r\n");
    (void) sidecar_expect(&s, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION);
    (void) sidecar_expect(&s, SC_FRAME_HEAD, 1, 200);
    f = sidecar_expect(&s, SC_FRAME_DATA, 1, 0);
    ck_assert_uint_eq(f.len, 3);

    sidecar_say(&s,
                "open 2 0 23\r\nGET /healthz HTTP/1.1\r\nlast 2 0 0\r\n");
    (void) sidecar_expect(&s, SC_FRAME_HEAD, 2, 200);
    (void) sidecar_expect(&s, SC_FRAME_DATA, 2, 0);
    (void) sidecar_expect(&s, SC_FRAME_END, 2, SC_FRAME_END_DONE);

    sidecar_say(&s, "credit 1 1000 0\r\n");
    (void) sidecar_expect(&s, SC_FRAME_DATA, 1, 0);
    (void) sidecar_expect(&s, SC_FRAME_END, 1, SC_FRAME_END_DONE);
    sidecar_stop(&s);
}
END_TEST


START_TEST(a_cancel_is_answered_with_one_end)
{
    sidecar_t  s;

    sidecar_start(&s);
    sidecar_say(&s, "hello 0 1 12\r\nName: test\r\n"
                "open 5 0 27\r\nPOST /v1/extract HTTP/1.1\r\n"
                "cancel 5 0 0\r\n"
                "open 6 0 23\r\nGET /healthz HTTP/1.1\r\nlast 6 0 0\r\n");
    (void) sidecar_expect(&s, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION);
    (void) sidecar_expect(&s, SC_FRAME_END, 5, SC_FRAME_END_CANCELLED);
    (void) sidecar_expect(&s, SC_FRAME_HEAD, 6, 200);
    sidecar_stop(&s);
}
END_TEST


START_TEST(another_version_is_an_error_and_the_end)
{
    sidecar_t  s;

    sidecar_start(&s);
    sidecar_say(&s, "hello 0 2 12\r\nName: test\r\n");
    (void) sidecar_expect(&s, SC_FRAME_ERROR, 0, 0);
    sidecar_expect_close(&s);
    sidecar_stop(&s);
}
END_TEST


START_TEST(what_is_not_a_frame_is_an_error_and_the_end)
{
    sidecar_t  s;

    sidecar_start(&s);
    sidecar_say(&s, "GET / HTTP/1.1\r\n\r\n");
    (void) sidecar_expect(&s, SC_FRAME_ERROR, 0, 0);
    sidecar_expect_close(&s);

    /* others are served all the same */
    (void) close(s.fd);
    sc_buf_reset(&s.in);
    sidecar_connect(&s);
    sidecar_say(&s, "hello 0 1 12\r\nName: test\r\n");
    (void) sidecar_expect(&s, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION);
    sidecar_stop(&s);
}
END_TEST


START_TEST(a_connection_lost_in_a_frame_harms_nobody)
{
    sidecar_t  s;

    sidecar_start(&s);
    sidecar_say(&s, sidecar_hello);
    (void) close(s.fd);
    sidecar_connect(&s);
    sidecar_say(&s, "hello 0 1 12\r\nName: test\r\n");
    (void) sidecar_expect(&s, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION);
    sidecar_stop(&s);
}
END_TEST


static void
sidecar_start(sidecar_t *s)
{
    char  listen[128], store[128], log[128], program[256];

    memset(s, 0, sizeof(sidecar_t));
    process_folder(s->dir, sizeof(s->dir));

    (void) snprintf(listen, sizeof(listen), "--listen=unix:%s/s", s->dir);
    (void) snprintf(store, sizeof(store), "--store=%s/db", s->dir);
    (void) snprintf(log, sizeof(log), "%s/log", s->dir);
    (void) snprintf(program, sizeof(program), "%s/scraped", process_build());

    s->pid = process_start((char *[]) { program, listen, store, NULL }, log,
                           NULL);
    sc_buf_init(&s->in, 0);
    sidecar_connect(s);
}


static void
sidecar_stop(sidecar_t *s)
{
    (void) close(s->fd);
    ck_assert_int_eq(process_stop(s->pid, SIGTERM), 0);
    sc_buf_free(&s->in);
    process_remove(s->dir);
}


static void
sidecar_connect(sidecar_t *s)
{
    int                 i;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    (void) snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/s", s->dir);

    for (i = 0; i < SIDECAR_TRIES; i++) {
        s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (connect(s->fd, (struct sockaddr *) &sun, sizeof(sun)) == 0) {
            return;
        }

        (void) close(s->fd);
        process_pause(20);
    }

    ck_abort_msg("scraped does not listen");
}


static void
sidecar_say(sidecar_t *s, const char *bytes)
{
    ck_assert_int_eq(write(s->fd, bytes, strlen(bytes)),
                     (ssize_t) strlen(bytes));
}


/* The next frame, whole, and taken out of what was read. */
static sc_frame_t
sidecar_expect(sidecar_t *s, sc_frame_type_t type, uint64_t id, uint64_t arg)
{
    int         rc;
    size_t      used;
    sc_frame_t  f;

    for ( ;; ) {
        rc = sc_frame_parse(s->in.data, s->in.len, &f, &used);
        ck_assert_int_ne(rc, SC_ERROR);

        if (rc == SC_OK && s->in.len >= used + f.len) {
            break;
        }

        ck_assert_int_gt(sidecar_read(s), 0);
    }

    ck_assert_str_eq(sc_frame_name(f.type), sc_frame_name(type));
    ck_assert_uint_eq(f.id, id);
    ck_assert_uint_eq(f.arg, arg);
    sc_buf_consume(&s->in, used + f.len);

    return f;
}


static int
sidecar_read(sidecar_t *s)
{
    char     part[4096];
    ssize_t  n;

    n = read(s->fd, part, sizeof(part));

    if (n > 0) {
        ck_assert_int_eq(sc_buf_add(&s->in, part, (size_t) n), SC_OK);
    }

    return (int) n;
}


static void
sidecar_expect_close(sidecar_t *s)
{
    ck_assert_uint_eq(s->in.len, 0);
    ck_assert_int_le(sidecar_read(s), 0);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_hello_is_answered_with_a_hello,
        a_request_is_answered_with_head_data_end,
        data_waits_for_credit_and_others_go_on,
        a_cancel_is_answered_with_one_end,
        another_version_is_an_error_and_the_end,
        what_is_not_a_frame_is_an_error_and_the_end,
        a_connection_lost_in_a_frame_harms_nobody,
        NULL
    };

    return suite_run("sidecar", tests, SIDECAR_TIMEOUT);
}
