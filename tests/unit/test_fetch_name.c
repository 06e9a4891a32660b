
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/fetching.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define NAME_ALLOW    "127.0.0.0/8"


/*
 * A DNS server on the loop of the test: each A question is answered with
 * addresses, separated by blanks; "" is no address at all.
 */
typedef struct {
    loop_io_t    io;
    char         server[32];
    const char  *addresses;
    unsigned     asked;
} name_server_t;


static void name_begin(fetching_t *f, name_server_t *s, const char *allow);
static void name_end(fetching_t *f, name_server_t *s);
static void name_answer(loop_io_t *io, uint32_t events);
static size_t name_records(name_server_t *s, unsigned char *out,
    size_t *count);
static void name_get(fetching_t *f, name_server_t *s, const char *addresses,
    const char *path, fetching_answer_t *a);


START_TEST(a_name_is_resolved_and_timed)
{
    char               host[64];
    name_server_t      s;
    fetching_t         f;
    fetching_answer_t  a;

    name_begin(&f, &s, NAME_ALLOW);
    name_get(&f, &s, "127.0.0.1", "/page/3", &a);

    ck_assert_msg(a.result.error == FETCH_OK, "%s", a.result.detail);
    ck_assert_str_eq(a.result.ip, "127.0.0.1");
    ck_assert(a.result.timings.dns >= 0);
    ck_assert(a.result.timings.connect >= a.result.timings.dns);
    ck_assert_ptr_nonnull(strstr(a.result.body.data, "Product 3"));
    fetching_free(&a);

    /* the origin is asked by the name */
    name_get(&f, &s, "127.0.0.1", "/echo", &a);
    (void) snprintf(host, sizeof(host), "\"Host\":\"shop.example:%u\"",
                    f.port);
    ck_assert_ptr_nonnull(strstr(a.result.body.data, host));
    fetching_free(&a);

    name_end(&f, &s);
}
END_TEST


START_TEST(a_name_of_etc_hosts_is_fetched)
{
    char               url[64];
    fetching_t         f;
    fetching_answer_t  a;

    fetching_begin(&f, "", NAME_ALLOW ", ::1", 10);
    (void) snprintf(url, sizeof(url), "http://localhost:%u/page", f.port);
    fetching_get(&f, url, NULL, &a);

    ck_assert_msg(a.result.error == FETCH_OK, "%s", a.result.detail);
    fetching_free(&a);
    fetching_end(&f);
}
END_TEST


START_TEST(each_fetch_goes_where_its_own_answer_says)
{
    name_server_t      s;
    fetching_t         f;
    fetching_answer_t  a;

    name_begin(&f, &s, NAME_ALLOW);

    /* the origin closes this connection: the next must open its own */
    name_get(&f, &s, "127.0.0.1", "/gzip-bomb?bytes=10", &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    /* where the origin does not listen */
    name_get(&f, &s, "127.0.0.2", "/page", &a);
    ck_assert_int_eq(a.result.error, FETCH_CONNECT);
    fetching_free(&a);

    name_get(&f, &s, "127.0.0.1", "/page", &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    name_end(&f, &s);
}
END_TEST


START_TEST(a_name_that_moves_to_a_private_address_is_refused)
{
    name_server_t      s;
    fetching_t         f;
    fetching_answer_t  a;

    name_begin(&f, &s, NAME_ALLOW);

    name_get(&f, &s, "127.0.0.1", "/page", &a);
    ck_assert_int_eq(a.result.error, FETCH_OK);
    fetching_free(&a);

    /* though a connection to the old address is kept */
    name_get(&f, &s, "10.1.2.3", "/page", &a);
    ck_assert_int_eq(a.result.error, FETCH_BLOCKED);
    fetching_free(&a);

    name_end(&f, &s);
}
END_TEST


START_TEST(one_address_that_is_not_allowed_refuses_all)
{
    size_t             i;
    name_server_t      s;
    fetching_t         f;
    fetching_answer_t  a;
    const char        *mixed[] = { "127.0.0.1 10.1.2.3",
                                   "10.1.2.3 127.0.0.1",
                                   "127.0.0.1 127.0.0.2 169.254.169.254" };

    name_begin(&f, &s, NAME_ALLOW);

    for (i = 0; i < 3; i++) {
        name_get(&f, &s, mixed[i], "/page", &a);
        ck_assert_int_eq(a.result.error, FETCH_BLOCKED);
        ck_assert_int_eq(a.result.status, 0);
        fetching_free(&a);
    }

    name_end(&f, &s);
}
END_TEST


START_TEST(a_refusal_does_not_name_the_address)
{
    size_t             i;
    char               url[128];
    fetching_t         f;
    fetching_answer_t  a;
    const char        *hosts[] = { "127.0.0.1", "localhost", "[::1]",
                                   "[::ffff:127.0.0.1]", "0x7f000001",
                                   "169.254.169.254", "10.0.0.1" };

    fetching_begin(&f, "", "", 10);

    for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        (void) snprintf(url, sizeof(url), "http://%s:%u/page", hosts[i],
                        f.port);
        fetching_get(&f, url, NULL, &a);

        ck_assert_msg(a.result.error == FETCH_BLOCKED, "%s: %s", url,
                      a.result.detail);
        ck_assert_str_eq(a.result.ip, "");
        ck_assert_ptr_null(strpbrk(a.result.detail, "0123456789:"));
        fetching_free(&a);
    }

    fetching_end(&f);
}
END_TEST


START_TEST(a_second_address_is_tried)
{
    name_server_t      s;
    fetching_t         f;
    fetching_answer_t  a;

    name_begin(&f, &s, NAME_ALLOW);
    name_get(&f, &s, "127.0.0.2 127.0.0.1", "/page", &a);

    ck_assert_msg(a.result.error == FETCH_OK, "%s", a.result.detail);
    ck_assert_str_eq(a.result.ip, "127.0.0.1");

    fetching_free(&a);
    name_end(&f, &s);
}
END_TEST


START_TEST(a_name_that_is_none_is_told)
{
    name_server_t      s;
    fetching_t         f;
    fetching_answer_t  a;

    name_begin(&f, &s, NAME_ALLOW);
    name_get(&f, &s, "", "/page", &a);

    ck_assert_int_eq(a.result.error, FETCH_DNS);
    ck_assert_ptr_nonnull(strstr(a.result.detail, "\"shop.example\""));
    ck_assert(a.result.timings.dns == -1);

    fetching_free(&a);
    name_end(&f, &s);
}
END_TEST


START_TEST(a_name_server_that_is_silent_costs_its_time_only)
{
    name_server_t      s;
    fetching_t         f;
    fetch_request_t    r;
    fetching_answer_t  a;

    name_begin(&f, &s, NAME_ALLOW);
    s.addresses = NULL;

    r = fetching_request();
    r.connect_timeout = 300 * LOOP_MS;
    fetching_get(&f, "http://shop.example/", &r, &a);
    ck_assert_int_eq(a.result.error, FETCH_DNS);
    ck_assert(a.elapsed >= 299);
    fetching_free(&a);

    r.total_timeout = 200 * LOOP_MS;
    fetching_get(&f, "http://shop.example/", &r, &a);
    ck_assert(a.result.error == FETCH_TIMEOUT
              || a.result.error == FETCH_DNS);
    ck_assert(a.elapsed >= 199);
    fetching_free(&a);

    ck_assert_uint_gt(s.asked, 0);
    name_end(&f, &s);
}
END_TEST


START_TEST(a_fetch_is_cancelled_while_its_name_is_resolved)
{
    fetch_t           *fetch;
    name_server_t      s;
    fetching_t         f;
    fetching_answer_t  a, b;

    name_begin(&f, &s, NAME_ALLOW);
    s.addresses = NULL;

    fetch = fetching_start(&f, "http://shop.example/", NULL, &a);
    (void) fetching_start(&f, "/page", NULL, &b);
    fetching_run(&f, 1);
    fetch_cancel(fetch);
    ck_assert_uint_eq(a.calls, 0);
    ck_assert_uint_eq(b.calls, 1);
    fetching_free(&b);

    fetching_get(&f, "/delay?ms=350", NULL, &b);
    ck_assert_uint_eq(a.calls, 0);
    fetching_free(&b);

    name_end(&f, &s);
}
END_TEST


START_TEST(many_names_are_fetched_at_once)
{
    int                i, round;
    char               url[128];
    name_server_t      s;
    fetching_t         f;
    fetch_request_t    r;
    fetching_answer_t  a[30];

    name_begin(&f, &s, NAME_ALLOW);
    s.addresses = "127.0.0.1";
    r = fetching_request();
    r.connect_timeout = 5 * LOOP_SEC;
    r.total_timeout = 10 * LOOP_SEC;

    for (round = 0; round < 3; round++) {
        for (i = 0; i < 30; i++) {
            (void) snprintf(url, sizeof(url), "http://h%d.example:%u/page/%d",
                            i % 20, f.port, i);
            (void) fetching_start(&f, url, &r, &a[i]);
        }

        fetching_run(&f, 30);

        for (i = 0; i < 30; i++) {
            ck_assert_msg(a[i].result.error == FETCH_OK, "%s",
                          a[i].result.detail);
            fetching_free(&a[i]);
        }
    }

    name_end(&f, &s);
}
END_TEST


static void
name_begin(fetching_t *f, name_server_t *s, const char *allow)
{
    socklen_t           len;
    struct sockaddr_in  sin;

    memset(s, 0, sizeof(name_server_t));
    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);

    s->io.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    s->io.handler = name_answer;
    s->io.data = s;

    ck_assert_int_eq(bind(s->io.fd, (struct sockaddr *) &sin, len), 0);
    ck_assert_int_eq(getsockname(s->io.fd, (struct sockaddr *) &sin, &len),
                     0);
    (void) snprintf(s->server, sizeof(s->server), "127.0.0.1:%u",
                    (unsigned) ntohs(sin.sin_port));

    fetching_begin(f, s->server, allow, 10);
    ck_assert_int_eq(loop_io_set(f->loop, &s->io, EPOLLIN), SC_OK);
}


static void
name_end(fetching_t *f, name_server_t *s)
{
    loop_io_del(f->loop, &s->io);
    fetching_end(f);
    (void) close(s->io.fd);
}


static void
name_get(fetching_t *f, name_server_t *s, const char *addresses,
    const char *path, fetching_answer_t *a)
{
    char  url[256];

    s->addresses = addresses;
    (void) snprintf(url, sizeof(url), "http://shop.example:%u%s", f->port,
                    path);
    fetching_get(f, url, NULL, a);
}


/* The question comes back as it was, with records behind it. */
static void
name_answer(loop_io_t *io, uint32_t events)
{
    size_t                    len, count;
    ssize_t                   n;
    socklen_t                 fromlen;
    unsigned char             p[1024];
    name_server_t            *s = io->data;
    struct sockaddr_storage   from;

    (void) events;

    fromlen = sizeof(from);
    n = recvfrom(io->fd, p, 512, 0, (struct sockaddr *) &from, &fromlen);
    ck_assert_int_gt(n, 16);
    s->asked++;

    if (s->addresses == NULL) {
        return;
    }

    /* the name, its type and class; what else was sent is left out */
    len = 12;

    while (p[len] != 0) {
        len += p[len] + 1u;
    }

    len += 5;
    count = 0;

    if (p[len - 3] == 1) {
        len += name_records(s, p + len, &count);
    }

    p[2] = 0x81;
    p[3] = s->addresses[0] == '\0' ? 0x83 : 0x80;
    p[7] = (unsigned char) count;
    memset(p + 8, 0, 4);

    (void) sendto(io->fd, p, len, 0, (struct sockaddr *) &from, fromlen);
}


static size_t
name_records(name_server_t *s, unsigned char *out, size_t *count)
{
    char                        text[64];
    size_t                      len, n;
    const char                 *p;
    static const unsigned char  head[] = { 0xc0, 12, 0, 1, 0, 1,
                                           0, 0, 0, 0, 0, 4 };

    len = 0;

    for (p = s->addresses; *p != '\0'; p += strspn(p, " ")) {
        n = strcspn(p, " ");
        memcpy(text, p, n);
        text[n] = '\0';
        p += n;

        memcpy(out + len, head, sizeof(head));
        len += sizeof(head);
        ck_assert_int_eq(inet_pton(AF_INET, text, out + len), 1);
        len += 4;
        (*count)++;
    }

    return len;
}


int
main(void)
{
    const TTest  *tests[] = {
        a_name_is_resolved_and_timed,
        a_name_of_etc_hosts_is_fetched,
        each_fetch_goes_where_its_own_answer_says,
        a_name_that_moves_to_a_private_address_is_refused,
        one_address_that_is_not_allowed_refuses_all,
        a_refusal_does_not_name_the_address,
        a_second_address_is_tried,
        a_name_that_is_none_is_told,
        a_name_server_that_is_silent_costs_its_time_only,
        a_fetch_is_cancelled_while_its_name_is_resolved,
        many_names_are_fetched_at_once,
        NULL
    };

    return suite_run("fetch_name", tests, 60);
}
