
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"
#include "tests/support/tls_origin.h"


#define TLS_TIMEOUT    60
#define TLS_PAGES      20       /* at once, over one connection */
#define TLS_FAILED     502      /* and /fetch/tls */


/* The gateway, and the origin it trusts. */
typedef struct {
    gateway_t     gateway;
    tls_origin_t  origin;
} tls_t;


/* A fetch, its "tls" member, and the status: of the page or TLS_FAILED. */
typedef struct {
    size_t       url;
    const char  *tls;
    long         status;
} tls_case_t;


static void tls_begin(tls_t *t);
static void tls_end(tls_t *t);
static client_reply_t tls_fetch(tls_t *t, const char *url, const char *path,
    const char *request, const char *prefer);
static void tls_expect(tls_t *t, const tls_case_t *cases, size_t n);
static void tls_follow(tls_t *t, const char *job);


#define AT(member)    offsetof(tls_origin_t, member)


static const tls_case_t  tls_certificates[] = {
    { AT(good), "{}", 200 },
    { AT(expired), "{}", TLS_FAILED },
    { AT(wrong_host), "{}", TLS_FAILED },
    { AT(self_signed), "{}", TLS_FAILED }
};

/* What one of these may use must not serve the next. */
static const tls_case_t  tls_unverified[] = {
    { AT(expired), "{\"verify\":false}", 200 },
    { AT(expired), "{\"verify\":true}", TLS_FAILED },
    { AT(wrong_host), "{\"verify\":false}", 200 },
    { AT(wrong_host), "{}", TLS_FAILED },
    { AT(self_signed), "{\"verify\":false}", 200 },
    { AT(self_signed), "{}", TLS_FAILED }
};

static const tls_case_t  tls_named[] = {
    { AT(self_signed), "{\"ca\":\"self\"}", 200 },
    { AT(good), "{\"ca\":\"origin\"}", 200 },
    { AT(good), "{\"ca\":\"self\"}", TLS_FAILED },
    { AT(good), "{\"ca\":\"nobody\"}", TLS_FAILED },
    { AT(good), "{\"cert\":\"nobody\"}", TLS_FAILED },
    { AT(self_signed), "{}", TLS_FAILED }
};

static const tls_case_t  tls_versions[] = {
    { AT(old), "{}", 200 },
    { AT(old), "{\"min\":\"1.2\"}", 200 },
    { AT(old), "{\"min\":\"1.3\"}", TLS_FAILED },
    { AT(good), "{\"min\":\"1.3\"}", 200 }
};

static const tls_case_t  tls_clients[] = {
    { AT(mutual), "{}", 400 },
    { AT(mutual), "{\"cert\":\"client\"}", 200 },
    { AT(mutual), "{\"cert\":\"stranger\"}", 400 },
    { AT(mutual), "{}", 400 }
};


START_TEST(a_page_comes_over_the_version_of_http_that_was_asked_for)
{
    tls_t           t;
    client_reply_t  r;

    tls_begin(&t);

    r = tls_fetch(&t, t.origin.good, "/", "{\"http\":\"2\"}", NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "fetch.http"), "2");
    ck_assert_str_eq(client_str(&r, "data.title"), "HTTP/2.0");
    ck_assert_str_eq(client_str(&r, "data.tls"), "TLSv1.3");
    client_free(&r);

    r = tls_fetch(&t, t.origin.good, "/", "{\"http\":\"1.1\"}", NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "fetch.http"), "1.1");
    ck_assert_str_eq(client_str(&r, "data.title"), "HTTP/1.1");
    client_free(&r);

    r = tls_fetch(&t, t.origin.good, "/", "{}", NULL);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "fetch.http"), "2");
    client_free(&r);

    tls_end(&t);
}
END_TEST


START_TEST(twenty_pages_at_once_go_over_one_connection)
{
    int                    i;
    char                   path[32], jobs[TLS_PAGES][128];
    tls_t                  t;
    client_reply_t         r;
    tls_origin_request_t   requests[TLS_PAGES];

    tls_begin(&t);

    for (i = 0; i < TLS_PAGES; i++) {
        (void) snprintf(path, sizeof(path), "/slow/%d", i);
        r = tls_fetch(&t, t.origin.good, path, "{\"http\":\"2\"}",
                      "Prefer: respond-async");
        ck_assert_msg(r.status == 202, "%s", r.body);
        (void) snprintf(jobs[i], sizeof(jobs[i]), "%.100s",
                        client_header(&r, "Location"));
        client_free(&r);
    }

    for (i = 0; i < TLS_PAGES; i++) {
        tls_follow(&t, jobs[i]);
    }

    tls_origin_requests(&t.origin, "/slow/", requests, TLS_PAGES);

    /* the log has them in the order they ended */
    for (i = 1; i < TLS_PAGES; i++) {
        ck_assert_uint_eq(requests[i].connection, requests[0].connection);
        ck_assert_double_lt(requests[i].begun, requests[0].ended);
    }

    tls_end(&t);
}
END_TEST


START_TEST(a_certificate_that_is_not_the_hosts_is_refused)
{
    tls_t  t;

    tls_begin(&t);
    tls_expect(&t, tls_certificates,
               sizeof(tls_certificates) / sizeof(tls_certificates[0]));
    tls_end(&t);
}
END_TEST


START_TEST(a_request_that_verifies_nothing_does_so_for_itself_alone)
{
    tls_t  t;

    tls_begin(&t);
    tls_expect(&t, tls_unverified,
               sizeof(tls_unverified) / sizeof(tls_unverified[0]));
    tls_end(&t);
}
END_TEST


START_TEST(a_request_names_whom_it_trusts)
{
    tls_t  t;

    tls_begin(&t);
    tls_expect(&t, tls_named, sizeof(tls_named) / sizeof(tls_named[0]));
    tls_end(&t);
}
END_TEST


START_TEST(a_version_below_the_least_is_not_spoken)
{
    tls_t  t;

    tls_begin(&t);
    tls_expect(&t, tls_versions,
               sizeof(tls_versions) / sizeof(tls_versions[0]));
    tls_end(&t);
}
END_TEST


START_TEST(a_client_certificate_is_shown_by_those_who_name_it)
{
    tls_t           t;
    client_reply_t  r;

    tls_begin(&t);
    tls_expect(&t, tls_clients, sizeof(tls_clients) / sizeof(tls_clients[0]));

    r = tls_fetch(&t, t.origin.mutual, "/", "{\"tls\":{\"cert\":\"client\"}}",
                  NULL);
    ck_assert_str_eq(client_str(&r, "data.client"), "CN=client");
    client_free(&r);

    tls_end(&t);
}
END_TEST


START_TEST(a_file_outside_the_folder_cannot_be_named)
{
    size_t           i;
    char             request[128], pointer[64];
    tls_t            t;
    client_reply_t   r;

    static const char  *members[] = { "ca", "cert" };

    tls_begin(&t);

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        (void) snprintf(request, sizeof(request),
                        "{\"tls\":{\"%s\":\"../tls/origin\"}}", members[i]);
        (void) snprintf(pointer, sizeof(pointer), "/request/tls/%s",
                        members[i]);

        r = tls_fetch(&t, t.origin.good, "/", request, NULL);
        ck_assert_msg(r.status == 400, "%s", r.body);
        ck_assert_str_eq(client_str(&r, "type"), "/request/invalid");
        ck_assert_str_eq(client_str(&r, "pointer"), pointer);
        client_free(&r);
    }

    tls_end(&t);
}
END_TEST


/* A robots.txt that TLS does not let through would be an answer of its own. */
static void
tls_begin(tls_t *t)
{
    char               settings[512];
    gateway_options_t  o = { .settings = settings };

    tls_origin_start(&t->origin);
    (void) snprintf(settings, sizeof(settings),
                    "ca_file = %s\n"
                    "tls_dir = %s\n"
                    "robots = ignore\n"
                    "retries = 0\n"
                    "host_failures = 0\n"
                    "host_connections = %d\n",
                    t->origin.ca_file, t->origin.dir, TLS_PAGES);
    gateway_start(&t->gateway, &o);
}


static void
tls_end(tls_t *t)
{
    gateway_stop(&t->gateway);
    tls_origin_stop(&t->origin);
}


static client_reply_t
tls_fetch(tls_t *t, const char *url, const char *path, const char *request,
    const char *prefer)
{
    char  body[1024];

    (void) snprintf(body, sizeof(body),
                    "{\"url\":\"%s%s\",\"request\":%s,"
                    "\"rules\":{\"title\":\"//h1\","
                    "\"tls\":\"//*[@id='tls']\","
                    "\"client\":\"//*[@id='client']\"}}",
                    url, path, request);

    return gateway_request(&t->gateway, "POST", "/v1/extract", prefer, body);
}


static void
tls_expect(tls_t *t, const tls_case_t *cases, size_t n)
{
    size_t            i;
    char              request[256];
    const char       *url;
    json_int_t        status;
    client_reply_t    r;

    for (i = 0; i < n; i++) {
        url = (char *) &t->origin + cases[i].url;
        (void) snprintf(request, sizeof(request), "{\"tls\":%s}",
                        cases[i].tls);
        r = tls_fetch(t, url, "/", request, NULL);

        if (cases[i].status == TLS_FAILED) {
            ck_assert_msg(r.status == TLS_FAILED
                          && strcmp(client_str(&r, "type"), "/fetch/tls")
                             == 0,
                          "%zu, %s: %ld %s", i, request, r.status, r.body);

        } else {
            status = json_integer_value(client_get(&r, "fetch.status"));
            ck_assert_msg(r.status == 200 && status == cases[i].status,
                          "%zu, %s: %ld %s", i, request, r.status, r.body);
        }

        client_free(&r);
    }
}


static void
tls_follow(tls_t *t, const char *job)
{
    client_reply_t  r;

    r = gateway_request(&t->gateway, "GET", job, "Prefer: wait=30", NULL);
    ck_assert_msg(strcmp(client_str(&r, "state"), "completed") == 0, "%s",
                  r.body);
    client_free(&r);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_page_comes_over_the_version_of_http_that_was_asked_for,
        twenty_pages_at_once_go_over_one_connection,
        a_certificate_that_is_not_the_hosts_is_refused,
        a_request_that_verifies_nothing_does_so_for_itself_alone,
        a_request_names_whom_it_trusts,
        a_version_below_the_least_is_not_spoken,
        a_client_certificate_is_shown_by_those_who_name_it,
        a_file_outside_the_folder_cannot_be_named,
        NULL
    };

    return suite_run("tls", tests, TLS_TIMEOUT);
}
