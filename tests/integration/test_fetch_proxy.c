
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/fetching.h"
#include "tests/support/process.h"
#include "tests/support/proxied.h"
#include "tests/support/suite.h"
#include "tests/support/tls_origin.h"


#define PROXY_TIMEOUT    60
#define PROXY_TRIES      500      /* of 20 ms */


/* One thing to fetch, and how. */
typedef struct {
    fetching_t         fetching;
    fetching_answer_t  answer;
    proxy_t            proxy;
    fetch_request_t    request;
} proxy_test_t;


static void proxy_begin(proxy_test_t *t, const char *allow);
static void proxy_open(proxy_test_t *t, const char *server,
    const char *allow);
static pid_t proxy_names(const char *log, char *server, size_t size);
static void proxy_end(proxy_test_t *t);
static void proxy_use(proxy_test_t *t, const char *url);
static void proxy_get(proxy_test_t *t, const char *url);
static void proxy_expect_page(proxy_test_t *t, const char *text);
static void proxy_expect(proxy_test_t *t, fetch_error_t error,
    const char *detail);
static void proxy_through(proxied_kind_t kind, int login);
static void proxy_tunnel(proxied_kind_t kind, int login);
static void proxy_wrong_login(proxied_kind_t kind);
static void proxy_other_login(proxied_kind_t kind);
static void proxy_dead_origin(proxied_kind_t kind, int https);


START_TEST(a_page_comes_through_tinyproxy)
{
    proxy_through(PROXIED_TINYPROXY, 0);
    proxy_through(PROXIED_TINYPROXY, 1);
}
END_TEST


START_TEST(a_page_comes_through_squid)
{
    proxy_through(PROXIED_SQUID, 0);
    proxy_through(PROXIED_SQUID, 1);
}
END_TEST


START_TEST(a_page_comes_through_a_proxy_that_speaks_tls)
{
    proxy_through(PROXIED_SQUID_TLS, 0);
    proxy_through(PROXIED_SQUID_TLS, 1);
}
END_TEST


START_TEST(a_page_comes_through_socks)
{
    proxy_through(PROXIED_MICROSOCKS, 0);
    proxy_through(PROXIED_MICROSOCKS, 1);
}
END_TEST


START_TEST(https_goes_through_a_tunnel_of_tinyproxy)
{
    proxy_tunnel(PROXIED_TINYPROXY, 0);
    proxy_tunnel(PROXIED_TINYPROXY, 1);
}
END_TEST


START_TEST(https_goes_through_a_tunnel_of_squid)
{
    proxy_tunnel(PROXIED_SQUID, 0);
    proxy_tunnel(PROXIED_SQUID, 1);
}
END_TEST


START_TEST(https_goes_through_a_tunnel_inside_tls)
{
    proxy_tunnel(PROXIED_SQUID_TLS, 0);
    proxy_tunnel(PROXIED_SQUID_TLS, 1);
}
END_TEST


START_TEST(https_goes_through_socks)
{
    proxy_tunnel(PROXIED_MICROSOCKS, 0);
    proxy_tunnel(PROXIED_MICROSOCKS, 1);
}
END_TEST


START_TEST(wrong_credentials_are_the_proxys_refusal)
{
    proxy_wrong_login(PROXIED_TINYPROXY);
    proxy_wrong_login(PROXIED_SQUID);
    proxy_wrong_login(PROXIED_MICROSOCKS);
}
END_TEST


START_TEST(the_names_of_proxy_and_origin_are_resolved_here)
{
    char          url[128], server[32], dir[64], log[96];
    pid_t         names;
    size_t        i;
    proxied_t     p = { .kind = PROXIED_MICROSOCKS };
    proxy_test_t  t;

    static const char *const  schemes[] = { "socks5", "socks5h" };

    process_folder(dir, sizeof(dir));
    (void) snprintf(log, sizeof(log), "%s/log", dir);
    names = proxy_names(log, server, sizeof(server));
    proxied_start(&p);
    proxy_open(&t, server, "127.0.0.0/8");

    for (i = 0; i < 2; i++) {
        (void) snprintf(url, sizeof(url), "%s://here.test:%u", schemes[i],
                        p.port);
        proxy_use(&t, url);
        (void) snprintf(url, sizeof(url), "http://here.test:%u/page/3",
                        t.fetching.port);
        proxy_get(&t, url);
        proxy_expect_page(&t, "Product 3");
    }

    ck_assert_uint_gt(proxied_logged(&p, "connected to 127.0.0.1"), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "here.test"), 0);
    proxy_end(&t);
    proxied_stop(&p);
    (void) process_stop(names, SIGKILL);
    process_remove(dir);
}
END_TEST


START_TEST(a_connection_of_one_login_is_not_used_by_another)
{
    proxy_other_login(PROXIED_TINYPROXY);
    proxy_other_login(PROXIED_SQUID);
    proxy_other_login(PROXIED_MICROSOCKS);
}
END_TEST


START_TEST(a_dead_origin_is_not_the_proxys_failure)
{
    proxy_dead_origin(PROXIED_TINYPROXY, 1);
    proxy_dead_origin(PROXIED_SQUID, 1);
    proxy_dead_origin(PROXIED_MICROSOCKS, 0);
    proxy_dead_origin(PROXIED_MICROSOCKS, 1);
}
END_TEST


START_TEST(a_407_of_an_origin_behind_socks_is_an_answer)
{
    char          url[128];
    proxied_t     p = { .kind = PROXIED_MICROSOCKS };
    proxy_test_t  t;

    proxy_begin(&t, "127.0.0.0/8");
    proxied_start(&p);
    proxied_url(&p, "", url, sizeof(url));
    proxy_use(&t, url);
    proxy_get(&t, "/status/407");
    ck_assert_int_eq(t.answer.result.error, FETCH_OK);
    ck_assert_int_eq(t.answer.result.status, 407);
    proxied_stop(&p);
    proxy_end(&t);
}
END_TEST


START_TEST(a_proxy_that_is_not_there_is_the_proxys_failure)
{
    char          url[128];
    size_t        i;
    proxy_test_t  t;

    static const char *const  schemes[] = { "http", "https", "socks5" };

    proxy_begin(&t, "127.0.0.0/8");

    for (i = 0; i < 3; i++) {
        (void) snprintf(url, sizeof(url), "%s://127.0.0.1:%u", schemes[i],
                        process_port());
        proxy_use(&t, url);
        proxy_get(&t, "/page/1");
        proxy_expect(&t, FETCH_PROXY, "could not connect to the proxy "
                     "\"127.0.0.1\": connection refused");
    }

    proxy_end(&t);
}
END_TEST


START_TEST(a_proxy_whose_certificate_is_not_trusted_is_refused)
{
    char          url[128];
    proxied_t     p = { .kind = PROXIED_SQUID_TLS };
    tls_origin_t  o;
    proxy_test_t  t;
    char          cert[96];

    proxy_begin(&t, "127.0.0.0/8");
    tls_origin_start(&o);
    (void) snprintf(cert, sizeof(cert), "%s/good", o.dir);
    p.cert = cert;
    proxied_start(&p);
    proxied_url(&p, PROXIED_USER ":topsecret@", url, sizeof(url));
    proxy_use(&t, url);

    /* what a caller says of the origin is not said of the proxy */
    t.request.tls.insecure = 1;
    proxy_get(&t, "/page/1");
    ck_assert_int_ne(t.answer.result.error, FETCH_OK);
    ck_assert_uint_eq(proxied_logged_now(&p, "/page/1"), 0);

    proxied_stop(&p);
    tls_origin_stop(&o);
    proxy_end(&t);
}
END_TEST


START_TEST(a_proxy_at_an_address_that_is_not_allowed_is_not_dialled)
{
    int           fd;
    char          url[128];
    size_t        i;
    unsigned      port;
    proxy_test_t  t;

    static const char *const  forms[] = {
        "http://127.0.0.1:%u", "https://127.0.0.1:%u", "socks5://127.1:%u",
        "http://localhost:%u", "http://[::ffff:127.0.0.1]:%u",
        "socks5h://localhost:%u"
    };

    proxy_begin(&t, "");
    fd = proxied_deaf(0, &port);

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        (void) snprintf(url, sizeof(url), forms[i], port);
        proxy_use(&t, url);
        proxy_get(&t, "http://93.184.216.34/");
        proxy_expect(&t, FETCH_BLOCKED, "");
        ck_assert_int_eq(proxied_deaf_met(fd), 0);
    }

    (void) close(fd);
    proxy_end(&t);
}
END_TEST


START_TEST(a_proxy_of_the_operators_may_be_anywhere_the_origin_may_not)
{
    char          url[128];
    proxied_t     p = { .kind = PROXIED_TINYPROXY, .v6 = 1 };
    proxy_test_t  t;

    proxy_begin(&t, "127.0.0.0/8");
    proxied_start(&p);
    proxied_url(&p, "", url, sizeof(url));
    proxy_use(&t, url);
    proxy_get(&t, "/page/1");
    proxy_expect(&t, FETCH_BLOCKED, "");

    t.request.proxy_trusted = 1;
    proxy_get(&t, "/page/2");
    proxy_expect_page(&t, "Product 2");

    (void) snprintf(url, sizeof(url), "http://[::1]:%u/page/3", p.port);
    proxy_get(&t, url);
    proxy_expect(&t, FETCH_BLOCKED, "");

    ck_assert_uint_gt(proxied_logged(&p, "/page/2"), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "/page/1"), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "/page/3"), 0);
    proxied_stop(&p);
    proxy_end(&t);
}
END_TEST


START_TEST(a_proxy_that_cannot_be_connected_to_in_time_has_failed)
{
    int           fd;
    char          url[128];
    size_t        i;
    unsigned      port;
    proxy_test_t  t;

    static const char *const  schemes[] = { "http", "https", "socks5" };

    proxy_begin(&t, "127.0.0.0/8");
    fd = proxied_full(&port);
    t.request.connect_timeout = 200 * LOOP_MS;

    for (i = 0; i < 3; i++) {
        (void) snprintf(url, sizeof(url), "%s://127.0.0.1:%u", schemes[i],
                        port);
        proxy_use(&t, url);
        proxy_get(&t, "/page/1");
        proxy_expect(&t, FETCH_PROXY, "connecting to the proxy "
                     "\"127.0.0.1\" took longer than 200 ms");
    }

    (void) close(fd);
    proxy_end(&t);
}
END_TEST


START_TEST(a_proxy_that_never_answers_ends_in_time)
{
    int           fd;
    char          url[128];
    size_t        i;
    unsigned      port;
    proxy_test_t  t;

    static const char *const  schemes[] = { "http", "https", "socks5" };

    proxy_begin(&t, "127.0.0.0/8");
    fd = proxied_deaf(0, &port);
    t.request.connect_timeout = 200 * LOOP_MS;
    t.request.total_timeout = 400 * LOOP_MS;

    for (i = 0; i < 3; i++) {
        (void) snprintf(url, sizeof(url), "%s://127.0.0.1:%u", schemes[i],
                        port);
        proxy_use(&t, url);
        proxy_get(&t, "/page/1");
        proxy_expect(&t, FETCH_TIMEOUT, "");
        ck_assert_int_eq(proxied_deaf_met(fd), 1);
    }

    (void) close(fd);
    proxy_end(&t);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_page_comes_through_tinyproxy,
        a_page_comes_through_squid,
        a_page_comes_through_a_proxy_that_speaks_tls,
        a_page_comes_through_socks,
        https_goes_through_a_tunnel_of_tinyproxy,
        https_goes_through_a_tunnel_of_squid,
        https_goes_through_a_tunnel_inside_tls,
        https_goes_through_socks,
        wrong_credentials_are_the_proxys_refusal,
        the_names_of_proxy_and_origin_are_resolved_here,
        a_connection_of_one_login_is_not_used_by_another,
        a_dead_origin_is_not_the_proxys_failure,
        a_407_of_an_origin_behind_socks_is_an_answer,
        a_proxy_that_is_not_there_is_the_proxys_failure,
        a_proxy_whose_certificate_is_not_trusted_is_refused,
        a_proxy_at_an_address_that_is_not_allowed_is_not_dialled,
        a_proxy_of_the_operators_may_be_anywhere_the_origin_may_not,
        a_proxy_that_cannot_be_connected_to_in_time_has_failed,
        a_proxy_that_never_answers_ends_in_time,
        NULL
    };

    return suite_run("fetch_proxy", tests, PROXY_TIMEOUT);
}


static void
proxy_begin(proxy_test_t *t, const char *allow)
{
    proxy_open(t, "", allow);
}


/* server: for resolve_create() */
static void
proxy_open(proxy_test_t *t, const char *server, const char *allow)
{
    memset(t, 0, sizeof(proxy_test_t));
    fetching_begin(&t->fetching, server, allow, 10);
    t->request = fetching_request();
    t->request.proxy = &t->proxy;
    t->request.connect_timeout = 10 * LOOP_SEC;
    t->request.total_timeout = 20 * LOOP_SEC;
}


/* Start a name server that knows here.test: localhost may be ::1 as well. */
static pid_t
proxy_names(const char *log, char *server, size_t size)
{
    int       i;
    char      port[32];
    pid_t     pid;
    unsigned  number;

    number = process_port();
    (void) snprintf(port, sizeof(port), "--port=%u", number);
    (void) snprintf(server, size, "127.0.0.1:%u", number);

    pid = process_start((char *[]) { "/usr/sbin/dnsmasq",
                        "--keep-in-foreground", "--conf-file=/dev/null", port,
                        "--listen-address=127.0.0.1", "--bind-interfaces",
                        "--user=", "--pid-file=", "--no-resolv", "--no-hosts",
                        "--local=/test/", "--host-record=here.test,127.0.0.1",
                        NULL }, log, NULL);

    for (i = 0; i < PROXY_TRIES && !process_listens(number); i++) {
        process_pause(20);
    }

    return pid;
}


static void
proxy_end(proxy_test_t *t)
{
    fetching_free(&t->answer);
    fetching_end(&t->fetching);
}


static void
proxy_use(proxy_test_t *t, const char *url)
{
    char  err[256];

    if (proxy_parse(&t->proxy, url, strlen(url), err, sizeof(err)) != SC_OK) {
        ck_abort_msg("%s: %s", url, err);
    }
}


/* The answer of the one before is freed. */
static void
proxy_get(proxy_test_t *t, const char *url)
{
    fetching_free(&t->answer);
    fetching_get(&t->fetching, url, &t->request, &t->answer);
}


static void
proxy_expect_page(proxy_test_t *t, const char *text)
{
    const fetch_result_t  *r = &t->answer.result;

    ck_assert_msg(r->error == FETCH_OK, "%s: %s", fetch_error_type(r->error),
                  r->detail);
    ck_assert_int_eq(r->status, 200);
    ck_assert_ptr_nonnull(strstr(r->body.data, text));
}


/* detail "": any */
static void
proxy_expect(proxy_test_t *t, fetch_error_t error, const char *detail)
{
    const fetch_result_t  *r = &t->answer.result;

    ck_assert_msg(r->error == error, "%s, status %d: %s",
                  fetch_error_type(r->error), r->status, r->detail);
    ck_assert_str_ne(r->detail, "");

    if (detail[0] != '\0') {
        ck_assert_str_eq(r->detail, detail);
    }

    ck_assert_ptr_null(strstr(r->detail, "secret"));
    ck_assert_ptr_null(strstr(r->detail, PROXIED_USER));
}


static void
proxy_through(proxied_kind_t kind, int login)
{
    char          url[128], cert[96], port[16];
    proxied_t     p = { .kind = kind, .login = login, .cert = cert };
    tls_origin_t  o;
    proxy_test_t  t;

    tls_origin_start(&o);
    (void) snprintf(cert, sizeof(cert), "%s/good", o.dir);
    proxied_start(&p);
    proxied_url(&p, NULL, url, sizeof(url));

    proxy_begin(&t, "127.0.0.0/8");
    ck_assert_int_eq(fetcher_trust(t.fetching.fetcher, o.ca_file), SC_OK);
    proxy_use(&t, url);
    proxy_get(&t, "/page/7");
    proxy_expect_page(&t, "Product 7");

    (void) snprintf(port, sizeof(port), ":%u", t.fetching.port);
    ck_assert_uint_gt(proxied_logged(&p, port), 0);

    proxy_end(&t);
    proxied_stop(&p);
    tls_origin_stop(&o);
}


static void
proxy_tunnel(proxied_kind_t kind, int login)
{
    char          url[128], cert[96], page[128];
    proxied_t     p = { .kind = kind, .login = login, .cert = cert };
    tls_origin_t  o;
    proxy_test_t  t;

    tls_origin_start(&o);
    (void) snprintf(cert, sizeof(cert), "%s/good", o.dir);
    (void) snprintf(page, sizeof(page), "%s/in", o.good);
    proxied_start(&p);
    proxied_url(&p, NULL, url, sizeof(url));

    proxy_begin(&t, "127.0.0.0/8");
    ck_assert_int_eq(fetcher_trust(t.fetching.fetcher, o.ca_file), SC_OK);
    proxy_use(&t, url);
    proxy_get(&t, page);
    proxy_expect_page(&t, "<p id=\"path\">/in</p>");
    proxy_expect_page(&t, "<h1>HTTP/2.0</h1>");

    /* squid tells when it is over */
    proxy_end(&t);
    ck_assert_uint_gt(proxied_logged(&p, strrchr(o.good, ':')), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "/in"), 0);
    proxied_stop(&p);
    tls_origin_stop(&o);
}


static void
proxy_wrong_login(proxied_kind_t kind)
{
    char          url[128], page[128];
    size_t        i;
    proxied_t     p = { .kind = kind, .login = 1 };
    tls_origin_t  o;
    proxy_test_t  t;

    static const char *const  logins[] = {
        "", PROXIED_USER ":othersecret@", PROXIED_USER "@",
        "other:topsecret@"
    };

    tls_origin_start(&o);
    (void) snprintf(page, sizeof(page), "%s/in", o.good);
    proxied_start(&p);
    proxy_begin(&t, "127.0.0.0/8");
    ck_assert_int_eq(fetcher_trust(t.fetching.fetcher, o.ca_file), SC_OK);

    for (i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
        proxied_url(&p, logins[i], url, sizeof(url));
        proxy_use(&t, url);
        proxy_get(&t, "/page/1");

        /* tinyproxy says 401, which an origin may say as well */
        if (kind == PROXIED_TINYPROXY && i > 0) {
            ck_assert_int_eq(t.answer.result.status, 401);

        } else {
            proxy_expect(&t, FETCH_PROXY, "");
        }

        proxy_get(&t, page);
        proxy_expect(&t, FETCH_PROXY, "");
    }

    proxy_end(&t);
    proxied_stop(&p);
    tls_origin_stop(&o);
}


static void
proxy_other_login(proxied_kind_t kind)
{
    char          url[128], page[128];
    size_t        i;
    proxied_t     p = { .kind = kind, .login = 1 };
    tls_origin_t  o;
    proxy_test_t  t;

    static const char *const  logins[] = {
        "", PROXIED_USER ":othersecret@", "other:topsecret@"
    };

    tls_origin_start(&o);
    (void) snprintf(page, sizeof(page), "%s/in", o.good);
    proxied_start(&p);
    proxy_begin(&t, "127.0.0.0/8");
    ck_assert_int_eq(fetcher_trust(t.fetching.fetcher, o.ca_file), SC_OK);

    for (i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
        proxied_url(&p, NULL, url, sizeof(url));
        proxy_use(&t, url);
        proxy_get(&t, page);
        proxy_expect_page(&t, "<p id=\"path\">/in</p>");

        /* with the same one it is */
        proxy_get(&t, page);
        proxy_expect_page(&t, "<p id=\"path\">/in</p>");
        ck_assert_double_eq(t.answer.result.timings.connect, 0);

        proxied_url(&p, logins[i], url, sizeof(url));
        proxy_use(&t, url);
        proxy_get(&t, page);
        proxy_expect(&t, FETCH_PROXY, "");
    }

    /* nor is a login kept for who has none, without a tunnel */
    proxied_url(&p, NULL, url, sizeof(url));
    proxy_use(&t, url);
    proxy_get(&t, "/page/1");
    proxy_expect_page(&t, "Product 1");
    proxied_url(&p, "", url, sizeof(url));
    proxy_use(&t, url);
    proxy_get(&t, "/page/1");
    proxy_expect(&t, FETCH_PROXY, "");

    proxy_end(&t);
    proxied_stop(&p);
    tls_origin_stop(&o);
}


static void
proxy_dead_origin(proxied_kind_t kind, int https)
{
    char          url[128], page[128];
    proxied_t     p = { .kind = kind };
    proxy_test_t  t;

    proxied_start(&p);
    proxied_url(&p, "", url, sizeof(url));
    proxy_begin(&t, "127.0.0.0/8");
    proxy_use(&t, url);

    (void) snprintf(page, sizeof(page), "http%s://127.0.0.1:%u/",
                    https ? "s" : "", process_port());
    proxy_get(&t, page);
    proxy_expect(&t, FETCH_CONNECT, "");

    proxy_end(&t);
    proxied_stop(&p);
}
