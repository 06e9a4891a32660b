
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/proxied.h"
#include "tests/support/suite.h"
#include "tests/support/tls_origin.h"


#define PROXIES_TIMEOUT    120
#define PROXIES_TRIES      250      /* of 20 ms */
#define PROXIES_RULES      "{\"title\":\"//h1\"}"


/*
 * A gateway, an origin with TLS, and a file of pools.
 *
 * dir   where
 * file  the pools are
 */
typedef struct {
    gateway_t      gateway;
    tls_origin_t   tls;
    char           dir[64];
    char           file[96];
} proxies_t;


static void proxies_begin(proxies_t *t, const char *settings);
static void proxies_end(proxies_t *t);
static void proxies_pool(proxies_t *t, const char *text);
static client_reply_t proxies_extract(proxies_t *t, const char *page,
    const char *proxy, const char *more);
static void proxies_expect_page(client_reply_t *r, const char *title);
static void proxies_expect_problem(client_reply_t *r, long status,
    const char *type);
static void proxies_expect_no_secret(const char *text);
static void proxies_check_log(proxies_t *t, const char *name);
static void proxies_wait_log(proxies_t *t, const char *text);
static void proxies_through(proxied_kind_t kind, int login);
static void proxies_tunnel(proxied_kind_t kind, int login);
static void proxies_wrong_login(proxied_kind_t kind);
static void proxies_line(const proxied_t *p, const char *login, char *line,
    size_t size);


START_TEST(a_page_comes_through_tinyproxy)
{
    proxies_through(PROXIED_TINYPROXY, 0);
    proxies_through(PROXIED_TINYPROXY, 1);
}
END_TEST


START_TEST(a_page_comes_through_squid)
{
    proxies_through(PROXIED_SQUID, 0);
    proxies_through(PROXIED_SQUID, 1);
}
END_TEST


START_TEST(a_page_comes_through_a_proxy_that_speaks_tls)
{
    proxies_through(PROXIED_SQUID_TLS, 1);
}
END_TEST


START_TEST(a_page_comes_through_socks)
{
    proxies_through(PROXIED_MICROSOCKS, 0);
    proxies_through(PROXIED_MICROSOCKS, 1);
}
END_TEST


START_TEST(https_goes_through_a_tunnel)
{
    proxies_tunnel(PROXIED_TINYPROXY, 1);
    proxies_tunnel(PROXIED_SQUID, 1);
    proxies_tunnel(PROXIED_MICROSOCKS, 1);
}
END_TEST


START_TEST(wrong_credentials_are_a_failure_of_the_proxy)
{
    proxies_wrong_login(PROXIED_SQUID);
    proxies_wrong_login(PROXIED_MICROSOCKS);
}
END_TEST


START_TEST(a_dead_proxy_is_a_failure_of_the_proxy)
{
    char            url[128];
    proxies_t       t;
    client_reply_t  r;

    proxies_begin(&t, "");
    (void) snprintf(url, sizeof(url), "http://me:topsecret@127.0.0.1:%u",
                    process_port());
    r = proxies_extract(&t, "/page/1", url, ",\"retries\":0");
    proxies_expect_problem(&r, 502, "/fetch/proxy");
    ck_assert_int_eq(gateway_hits(&t.gateway, "/page/1"), 0);
    proxies_end(&t);
}
END_TEST


START_TEST(a_proxy_url_that_is_wrong_is_refused_with_its_place)
{
    size_t          i;
    proxies_t       t;
    client_reply_t  r;

    static const char *const  urls[] = {
        "", "127.0.0.1:3128", "ftp://127.0.0.1:3128", "http://127.0.0.1",
        "http://127.0.0.1:0", "http://127.0.0.1:70000", "http://127.0.0.1:22",
        "http://127.0.0.1:3128/path", "http://me:topsecret@127.0.0.1",
        "http://me:top/secret@127.0.0.1:3128",
        "http://me:topsecret%0a@127.0.0.1:3128", "pool:", "pool:none",
        "pool:eu/secret"
    };

    proxies_begin(&t, "");

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        r = proxies_extract(&t, "/page/1", urls[i], "");
        ck_assert_msg(strcmp(client_str(&r, "pointer"), "/request/proxy")
                      == 0, "\"%s\": %s", urls[i], r.body);
        proxies_expect_problem(&r, 400, "/request/invalid");
    }

    proxies_end(&t);
}
END_TEST


START_TEST(a_proxy_at_an_address_that_is_not_allowed_is_not_dialled)
{
    int             fd;
    char            url[128];
    size_t          i;
    unsigned        port;
    proxies_t       t;
    client_reply_t  r;

    static const char *const  forms[] = {
        "http://[::1]:%u", "https://[::1]:%u", "socks5://[0:0::0:1]:%u",
        "socks5h://me:topsecret@[::1]:%u"
    };

    proxies_begin(&t, "");
    fd = proxied_deaf(1, &port);

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        (void) snprintf(url, sizeof(url), forms[i], port);
        r = proxies_extract(&t, "/page/1", url, "");
        ck_assert_ptr_null(strstr(r.body, "::1"));
        proxies_expect_problem(&r, 403, "/policy/egress-blocked");
    }

    ck_assert_int_eq(proxied_deaf_met(fd), 0);
    ck_assert_int_eq(gateway_hits(&t.gateway, "/page/1"), 0);
    (void) close(fd);
    proxies_end(&t);
}
END_TEST


START_TEST(an_origin_that_is_not_allowed_is_not_asked_for_through_a_proxy)
{
    char            url[128], line[160];
    proxied_t       p = { .kind = PROXIED_TINYPROXY };
    proxies_t       t;
    client_reply_t  r;

    proxied_start(&p);
    proxied_url(&p, NULL, url, sizeof(url));
    proxies_begin(&t, "");
    proxies_line(&p, NULL, line, sizeof(line));
    proxies_pool(&t, line);

    r = proxies_extract(&t, "http://[::1]:8080/", url, "");
    proxies_expect_problem(&r, 403, "/policy/egress-blocked");
    r = proxies_extract(&t, "http://10.0.0.1/", "pool:eu", "");
    proxies_expect_problem(&r, 403, "/policy/egress-blocked");
    r = proxies_extract(&t, "/redirect?to=http://169.254.169.254/", url, "");
    proxies_expect_problem(&r, 403, "/policy/egress-blocked");

    ck_assert_uint_gt(proxied_logged(&p, "/redirect"), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "GET http://[::1]"), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "GET http://10."), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "GET http://169."), 0);
    proxies_end(&t);
    proxied_stop(&p);
}
END_TEST


START_TEST(a_pool_gives_each_proxy_its_turn)
{
    int             i;
    char            line[3][160], text[512], page[32];
    proxied_t       p[3];
    proxies_t       t;
    client_reply_t  r;

    static const proxied_kind_t  kinds[] = {
        PROXIED_TINYPROXY, PROXIED_SQUID, PROXIED_MICROSOCKS
    };

    memset(p, 0, sizeof(p));

    for (i = 0; i < 3; i++) {
        p[i].kind = kinds[i];
        p[i].login = 1;
        proxied_start(&p[i]);
        proxies_line(&p[i], NULL, line[i], sizeof(line[i]));
    }

    (void) snprintf(text, sizeof(text), "# ours\n%s%s%s", line[0], line[1],
                    line[2]);
    proxies_begin(&t, "robots = ignore\n");
    proxies_pool(&t, text);

    for (i = 0; i < 6; i++) {
        (void) snprintf(page, sizeof(page), "/page/%d", i);
        r = proxies_extract(&t, page, "pool:eu", "");
        (void) snprintf(page, sizeof(page), "Product %d", i);
        proxies_expect_page(&r, page);
    }

    /* through SOCKS both pages may go over one connection */
    ck_assert_uint_eq(proxied_logged(&p[0], "GET http"), 2);
    ck_assert_uint_gt(proxied_logged(&p[1], "/page/4"), 0);
    ck_assert_uint_eq(proxied_logged_now(&p[1], "GET http"), 2);
    ck_assert_uint_gt(proxied_logged(&p[2], "connected to"), 0);
    proxies_end(&t);

    for (i = 0; i < 3; i++) {
        proxied_stop(&p[i]);
    }
}
END_TEST


START_TEST(a_pool_goes_from_a_dead_proxy_to_a_live_one)
{
    int             i;
    char            line[160], text[512], page[32];
    proxied_t       p = { .kind = PROXIED_TINYPROXY, .login = 1 };
    proxies_t       t;
    client_reply_t  r;

    proxied_start(&p);
    proxies_line(&p, NULL, line, sizeof(line));
    (void) snprintf(text, sizeof(text), "eu http://127.0.0.1:%u\n%s"
                    "eu socks5://127.0.0.1:%u\n", process_port(), line,
                    process_port());
    proxies_begin(&t, "");
    proxies_pool(&t, text);

    for (i = 0; i < 6; i++) {
        (void) snprintf(page, sizeof(page), "/page/%d", i);
        r = proxies_extract(&t, page, "pool:eu", ",\"retries\":2");
        (void) snprintf(page, sizeof(page), "Product %d", i);
        proxies_expect_page(&r, page);
    }

    proxies_end(&t);
    proxied_stop(&p);
}
END_TEST


START_TEST(a_proxy_of_a_pool_that_failed_is_left_alone)
{
    int             fd, i;
    char            line[160], text[512], page[32];
    unsigned        port;
    proxied_t       p = { .kind = PROXIED_TINYPROXY };
    proxies_t       t;
    client_reply_t  r;

    /* its port is not taken by another while the test runs */
    fd = proxied_full(&port);
    proxied_start(&p);
    proxies_line(&p, NULL, line, sizeof(line));
    (void) snprintf(text, sizeof(text), "eu http://127.0.0.1:%u\n%s", port,
                    line);
    proxies_begin(&t, "connect_timeout = 500\nrobots = ignore\n");
    proxies_pool(&t, text);

    r = proxies_extract(&t, "/page/1", "pool:eu", ",\"retries\":0");
    proxies_expect_problem(&r, 502, "/fetch/proxy");

    for (i = 2; i < 6; i++) {
        (void) snprintf(page, sizeof(page), "/page/%d", i);
        r = proxies_extract(&t, page, "pool:eu", ",\"retries\":0");
        (void) snprintf(page, sizeof(page), "Product %d", i);
        proxies_expect_page(&r, page);
    }

    (void) close(fd);
    proxies_end(&t);
    proxied_stop(&p);
}
END_TEST


START_TEST(a_pool_may_be_at_an_address_that_callers_may_not_name)
{
    char            line[160], url[128];
    proxied_t       p = { .kind = PROXIED_TINYPROXY, .v6 = 1 };
    proxies_t       t;
    client_reply_t  r;

    proxied_start(&p);
    proxied_url(&p, NULL, url, sizeof(url));
    proxies_line(&p, NULL, line, sizeof(line));
    proxies_begin(&t, "");
    proxies_pool(&t, line);

    r = proxies_extract(&t, "/page/1", url, "");
    proxies_expect_problem(&r, 403, "/policy/egress-blocked");
    r = proxies_extract(&t, "/page/2", "pool:eu", "");
    proxies_expect_page(&r, "Product 2");

    ck_assert_uint_gt(proxied_logged(&p, "/page/2"), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "/page/1"), 0);
    proxies_end(&t);
    proxied_stop(&p);
}
END_TEST


START_TEST(sighup_reads_the_pools_again)
{
    char            line[160];
    proxied_t       p = { .kind = PROXIED_TINYPROXY };
    proxies_t       t;
    client_reply_t  r;

    proxied_start(&p);
    proxies_line(&p, NULL, line, sizeof(line));
    proxies_begin(&t, "");

    r = proxies_extract(&t, "/page/1", "pool:eu", "");
    proxies_expect_problem(&r, 400, "/request/invalid");

    proxies_pool(&t, line);
    r = proxies_extract(&t, "/page/1", "pool:eu", "");
    proxies_expect_page(&r, "Product 1");

    /* one that is wrong changes nothing */
    process_write(t.file, "eu http://me:topsecret@127.0.0.1:0\n");
    ck_assert_int_eq(kill(t.gateway.scraped, SIGHUP), 0);
    proxies_wait_log(&t, "port \"0\" is not allowed in ");
    r = proxies_extract(&t, "/page/2", "pool:eu", "");
    proxies_expect_page(&r, "Product 2");

    proxies_end(&t);
    proxied_stop(&p);
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
        https_goes_through_a_tunnel,
        wrong_credentials_are_a_failure_of_the_proxy,
        a_dead_proxy_is_a_failure_of_the_proxy,
        a_proxy_url_that_is_wrong_is_refused_with_its_place,
        a_proxy_at_an_address_that_is_not_allowed_is_not_dialled,
        an_origin_that_is_not_allowed_is_not_asked_for_through_a_proxy,
        a_pool_gives_each_proxy_its_turn,
        a_pool_goes_from_a_dead_proxy_to_a_live_one,
        a_proxy_of_a_pool_that_failed_is_left_alone,
        a_pool_may_be_at_an_address_that_callers_may_not_name,
        sighup_reads_the_pools_again,
        NULL
    };

    return suite_run("proxies", tests, PROXIES_TIMEOUT);
}


/* There are no pools yet. */
static void
proxies_begin(proxies_t *t, const char *settings)
{
    char               all[512];
    gateway_options_t  o;

    memset(t, 0, sizeof(proxies_t));
    tls_origin_start(&t->tls);
    process_folder(t->dir, sizeof(t->dir));
    (void) snprintf(t->file, sizeof(t->file), "%s/proxies", t->dir);
    process_write(t->file, "# none\n");

    (void) snprintf(all, sizeof(all), "proxies = %s\nca_file = %s\n%s",
                    t->file, t->tls.ca_file, settings);
    memset(&o, 0, sizeof(gateway_options_t));
    o.settings = all;
    gateway_start(&t->gateway, &o);
}


/* Nobody has written a password into a log. */
static void
proxies_end(proxies_t *t)
{
    proxies_check_log(t, "scraped.log");
    proxies_check_log(t, "nginx.log");
    gateway_stop(&t->gateway);
    tls_origin_stop(&t->tls);
    process_remove(t->dir);
}


static void
proxies_check_log(proxies_t *t, const char *name)
{
    char   path[128];
    char  *log;

    (void) snprintf(path, sizeof(path), "%s/%s", t->gateway.dir, name);
    log = process_read(path);
    proxies_expect_no_secret(log);
    free(log);
}


static void
proxies_wait_log(proxies_t *t, const char *text)
{
    int    i, found;
    char   path[128];
    char  *log;

    (void) snprintf(path, sizeof(path), "%s/scraped.log", t->gateway.dir);

    for (i = 0; i < PROXIES_TRIES; i++) {
        log = process_read(path);
        found = strstr(log, text) != NULL;
        free(log);

        if (found) {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("scraped did not log \"%s\"", text);
}


/* Change the pools, among them "eu", and wait until it is known. */
static void
proxies_pool(proxies_t *t, const char *text)
{
    int             i;
    long            status;
    client_reply_t  r;

    process_write(t->file, text);
    ck_assert_int_eq(kill(t->gateway.scraped, SIGHUP), 0);

    for (i = 0; i < PROXIES_TRIES; i++) {
        /* a page that is refused after the pool was looked for */
        r = gateway_request(&t->gateway, "POST", "/v1/extract", NULL,
                            "{\"url\":\"http://127.0.0.1:1/\",\"rules\":"
                            PROXIES_RULES ",\"request\":{\"proxy\":"
                            "\"pool:eu\",\"unknown\":1}}");
        status = strstr(r.body, "/request/proxy") == NULL ? 0 : r.status;
        client_free(&r);

        if (status == 0) {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("the pools are not read again");
}


/* page is of the gateway's origin, or absolute. */
static client_reply_t
proxies_extract(proxies_t *t, const char *page, const char *proxy,
    const char *more)
{
    char  body[2048];

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s%s\",\"rules\":%s,"
                    "\"request\":{\"proxy\":\"%s\"%s}}",
                    page[0] == '/' ? t->gateway.origin : "", page,
                    PROXIES_RULES, proxy, more);

    return gateway_request(&t->gateway, "POST", "/v1/extract",
                           "Prefer: wait=30", body);
}


/* And free the reply. */
static void
proxies_expect_page(client_reply_t *r, const char *title)
{
    ck_assert_msg(r->status == 200
                  && strcmp(client_str(r, "data.title"), title) == 0,
                  "%ld %s", r->status, r->body);
    proxies_expect_no_secret(r->body);
    proxies_expect_no_secret(r->headers);
    client_free(r);
}


static void
proxies_expect_problem(client_reply_t *r, long status, const char *type)
{
    ck_assert_msg(r->status == status
                  && strcmp(client_str(r, "type"), type) == 0,
                  "%ld %s", r->status, r->body);
    proxies_expect_no_secret(r->body);
    proxies_expect_no_secret(r->headers);
    client_free(r);
}


static void
proxies_expect_no_secret(const char *text)
{
    ck_assert_msg(strstr(text, "secret") == NULL, "%s", text);
    ck_assert_msg(strstr(text, PROXIED_USER) == NULL, "%s", text);
}


/* The proxy says so, and the origin was asked once. */
static void
proxies_through(proxied_kind_t kind, int login)
{
    char            url[128], cert[96], job[160], port[16];
    proxied_t       p = { .kind = kind, .login = login, .cert = cert };
    proxies_t       t;
    client_reply_t  r;

    proxies_begin(&t, "");
    (void) snprintf(cert, sizeof(cert), "%s/good", t.tls.dir);
    proxied_start(&p);
    proxied_url(&p, NULL, url, sizeof(url));

    r = proxies_extract(&t, "/page/7", url, "");
    (void) snprintf(job, sizeof(job), "/v1/jobs/%.100s",
                    client_str(&r, "id"));
    proxies_expect_page(&r, "Product 7");

    (void) snprintf(port, sizeof(port), "%s", strrchr(t.gateway.origin, ':'));
    ck_assert_uint_gt(proxied_logged(&p, port), 0);
    ck_assert_int_eq(gateway_hits(&t.gateway, "/page/7"), 1);

    r = gateway_request(&t.gateway, "GET", job, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    proxies_expect_no_secret(r.body);
    client_free(&r);

    proxies_end(&t);
    proxied_stop(&p);
}


static void
proxies_tunnel(proxied_kind_t kind, int login)
{
    char            url[128], page[128];
    proxied_t       p = { .kind = kind, .login = login };
    proxies_t       t;
    client_reply_t  r;

    proxies_begin(&t, "");
    proxied_start(&p);
    proxied_url(&p, NULL, url, sizeof(url));

    (void) snprintf(page, sizeof(page), "%s/in", t.tls.good);
    r = proxies_extract(&t, page, url, "");
    proxies_expect_page(&r, "HTTP/2.0");
    (void) snprintf(page, sizeof(page), "%s", strrchr(t.tls.good, ':'));

    /* squid tells when the tunnel is over */
    ck_assert_int_eq(gateway_stop_sidecar(&t.gateway, SIGTERM), 0);
    ck_assert_uint_gt(proxied_logged(&p, page), 0);
    ck_assert_uint_eq(proxied_logged_now(&p, "/in"), 0);

    proxies_end(&t);
    proxied_stop(&p);
}


static void
proxies_wrong_login(proxied_kind_t kind)
{
    char            url[128], page[128];
    size_t          i;
    proxied_t       p = { .kind = kind, .login = 1 };
    proxies_t       t;
    client_reply_t  r;

    static const char *const  logins[] = {
        "", PROXIED_USER ":othersecret@", "other:topsecret@"
    };

    proxies_begin(&t, "");
    (void) snprintf(page, sizeof(page), "%s/in", t.tls.good);
    proxied_start(&p);

    for (i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
        proxied_url(&p, logins[i], url, sizeof(url));
        r = proxies_extract(&t, "/page/1", url, ",\"retries\":0");
        proxies_expect_problem(&r, 502, "/fetch/proxy");
        r = proxies_extract(&t, page, url, ",\"retries\":0");
        proxies_expect_problem(&r, 502, "/fetch/proxy");
    }

    ck_assert_int_eq(gateway_hits(&t.gateway, "/page/1"), 0);
    proxies_end(&t);
    proxied_stop(&p);
}


/* Its line of the pool "eu". */
static void
proxies_line(const proxied_t *p, const char *login, char *line, size_t size)
{
    char  url[128];

    proxied_url(p, login, url, sizeof(url));
    (void) snprintf(line, size, "eu %s\n", url);
}
