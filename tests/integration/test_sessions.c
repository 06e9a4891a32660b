
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/gateway.h"
#include "tests/support/suite.h"


#define SESSIONS_TIMEOUT    60


/* A request that is wrong, and what it is told. */
typedef struct {
    const char  *method;
    const char  *path;
    const char  *headers;
    const char  *body;
    long         status;
    const char  *type;
    const char  *pointer;
} sessions_case_t;


static void sessions_set(gateway_t *g, const char *session, const char *name,
    const char *value, const char *headers);
static void sessions_expect(gateway_t *g, const char *session,
    const char *cookies, const char *headers);
static long sessions_status(gateway_t *g, const char *method,
    const char *path, const char *headers, const char *body);


#define PATH      "/v1/sessions/shop"
#define NETSCAPE  "Content-Type: text/plain"

static const char  title_rule[] = "{\"title\":\"//h1\"}";

static const gateway_options_t  tenants = {
    .api = "scrape_tenant $http_x_tenant;"
};

static const sessions_case_t  sessions_cases[] = {
    { "GET", PATH, NULL, NULL, 404, "/session/not-found", NULL },
    { "DELETE", PATH, NULL, NULL, 404, "/session/not-found", NULL },
    { "GET", "/v1/sessions/a%20b", NULL, NULL, 404, "/session/not-found",
      NULL },
    { "PUT", "/v1/sessions/a%20b", NULL, "{}", 400, "/request/invalid",
      NULL },
    { "PUT", PATH, NULL, "{", 400, "/request/invalid-json", NULL },
    { "PUT", PATH, NULL, "{\"colour\":1}", 400, "/request/unknown-field",
      "/colour" },
    { "PUT", PATH, NULL, "{\"cookies\":[{\"name\":\"a\"}]}", 400,
      "/request/invalid", "/cookies/0/domain" },
    { "PUT", PATH, NULL, "{\"headers\":{\"x/y\":\"\"}}", 400,
      "/request/invalid", "/headers/x~1y" },
    { "PUT", PATH, NETSCAPE, "hello", 400, "/request/invalid", "" },
    { "PUT", PATH, "Content-Type: text/html", "{}", 415,
      "/request/unsupported-media-type", NULL },
    { "PUT", PATH "?x=1", NULL, "{}", 400, "/request/unknown-field", NULL },
    { "POST", PATH, NULL, "{}", 405, "/request/method-not-allowed", NULL },
    { "POST", "/v1/sessions", NULL, "{}", 405, "/request/method-not-allowed",
      NULL },
    { "GET", PATH "?format=xml", NULL, NULL, 400, "/request/invalid", NULL },
    { "GET", "/v1/sessions?limit=0", NULL, NULL, 400, "/request/invalid",
      NULL },
    { "GET", "/v1/sessions?after=%2F", NULL, NULL, 400, "/request/invalid",
      NULL }
};


START_TEST(a_cookie_one_extract_gets_the_next_one_sends)
{
    gateway_t  g;

    gateway_start(&g, NULL);

    sessions_expect(&g, "shop", "", NULL);
    sessions_set(&g, "shop", "id", "42", NULL);
    sessions_expect(&g, "shop", "id=42", NULL);
    sessions_expect(&g, "news", "", NULL);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_session_survives_a_restart)
{
    gateway_t  g;

    gateway_start(&g, NULL);

    sessions_set(&g, "shop", "id", "42", NULL);
    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    gateway_start_sidecar(&g);
    sessions_expect(&g, "shop", "id=42", NULL);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_session_is_one_tenant_s)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, &tenants);

    sessions_set(&g, "shop", "id", "42", "X-Tenant: acme");
    sessions_expect(&g, "shop", "id=42", "X-Tenant: acme");
    sessions_expect(&g, "shop", "", "X-Tenant: other");

    ck_assert_int_eq(sessions_status(&g, "GET", PATH, "X-Tenant: other",
                                     NULL),
                     404);
    ck_assert_int_eq(sessions_status(&g, "DELETE", PATH, "X-Tenant: other",
                                     NULL),
                     404);

    r = gateway_request(&g, "GET", "/v1/sessions", "X-Tenant: other", NULL);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 0);
    client_free(&r);

    sessions_expect(&g, "shop", "id=42", "X-Tenant: acme");
    gateway_stop(&g);
}
END_TEST


START_TEST(a_session_that_is_put_is_used_and_shown)
{
    char            body[512], lines[256];
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    (void) snprintf(body, sizeof(body), "{\"cookies\":[{\"name\":\"a\","
                    "\"value\":\"1\",\"domain\":\"127.0.0.1\"}],"
                    "\"login\":{\"url\":\"%s/\",\"fill\":{\"p\":\"pass\"}}}",
                    g.origin);
    r = gateway_request(&g, "PUT", PATH, NULL, body);
    ck_assert_int_eq(r.status, 201);
    ck_assert_str_eq(client_header(&r, "Location"), PATH);
    client_free(&r);

    r = gateway_request(&g, "GET", PATH, NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_header(&r, "Cache-Control"), "no-store");
    ck_assert_str_eq(client_str(&r, "cookies[0].value"), "1");
    ck_assert_str_eq(client_str(&r, "login.fill.p"), "***");
    ck_assert_ptr_null(strstr(r.body, "pass"));
    client_free(&r);

    /* the whole of it is replaced */
    (void) snprintf(lines, sizeof(lines), "# mine\n"
                    "127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t2\n");
    ck_assert_int_eq(sessions_status(&g, "PUT", PATH, NETSCAPE, lines), 200);
    sessions_expect(&g, "shop", "b=2", NULL);

    r = gateway_request(&g, "GET", PATH, "Accept: text/plain", NULL);
    ck_assert_str_eq(client_header(&r, "Content-Type"),
                     "text/plain; charset=utf-8");
    ck_assert_str_eq(r.body, "# Netscape HTTP Cookie File\n"
                     "127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t2\n");
    client_free(&r);

    r = gateway_request(&g, "GET", PATH "?format=json", "Accept: text/plain",
                        NULL);
    ck_assert(json_is_null(client_get(&r, "login")));
    client_free(&r);

    ck_assert_int_eq(sessions_status(&g, "DELETE", PATH, NULL, NULL), 204);
    ck_assert_int_eq(sessions_status(&g, "GET", PATH, NULL, NULL), 404);
    sessions_expect(&g, "shop", "", NULL);

    gateway_stop(&g);
}
END_TEST


START_TEST(the_fields_of_a_session_are_sent)
{
    gateway_t       g;
    client_reply_t  r;

    gateway_start(&g, NULL);

    ck_assert_int_eq(sessions_status(&g, "PUT", PATH, NULL,
                                     "{\"headers\":{\"Cookie\":\"c=3\"}}"),
                     201);
    r = gateway_extract(&g, "/show-cookie", title_rule,
                        ",\"request\":{\"session\":\"shop\"}", NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_str_eq(client_str(&r, "data.title"), "c=3");
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(sessions_are_listed_page_by_page)
{
    char            next[256];
    size_t          i;
    gateway_t       g;
    client_reply_t  r;

    static const char *const  paths[] = {
        "/v1/sessions/c", "/v1/sessions/a", "/v1/sessions/b"
    };

    gateway_start(&g, NULL);

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        ck_assert_int_eq(sessions_status(&g, "PUT", paths[i], NULL, "{}"),
                         201);
    }

    r = gateway_request(&g, "GET", "/v1/sessions?limit=2", NULL, NULL);
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 2);
    ck_assert_str_eq(client_str(&r, "data[0].name"), "a");
    ck_assert_str_eq(client_str(&r, "data[1].session"), "/v1/sessions/b");
    (void) snprintf(next, sizeof(next), "%s", client_str(&r, "next"));
    client_free(&r);

    r = gateway_request(&g, "GET", next, NULL, NULL);
    ck_assert_uint_eq(json_array_size(client_get(&r, "data")), 1);
    ck_assert_str_eq(client_str(&r, "data[0].name"), "c");
    ck_assert(json_is_null(client_get(&r, "next")));
    client_free(&r);

    gateway_stop(&g);
}
END_TEST


START_TEST(a_wrong_request_is_told_what_is_wrong)
{
    size_t                  i;
    gateway_t               g;
    client_reply_t          r;
    const sessions_case_t  *c;

    gateway_start(&g, NULL);

    for (i = 0; i < sizeof(sessions_cases) / sizeof(sessions_cases[0]); i++) {
        c = &sessions_cases[i];
        r = gateway_request(&g, c->method, c->path, c->headers, c->body);

        ck_assert_msg(r.status == c->status, "%s %s: %ld", c->method,
                      c->path, r.status);
        ck_assert_str_eq(client_str(&r, "type"), c->type);

        if (c->pointer != NULL) {
            ck_assert_str_eq(client_str(&r, "pointer"), c->pointer);
        }

        client_free(&r);
    }

    gateway_stop(&g);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_cookie_one_extract_gets_the_next_one_sends,
        a_session_survives_a_restart,
        a_session_is_one_tenant_s,
        a_session_that_is_put_is_used_and_shown,
        the_fields_of_a_session_are_sent,
        sessions_are_listed_page_by_page,
        a_wrong_request_is_told_what_is_wrong,
        NULL
    };

    return suite_run("sessions", tests, SESSIONS_TIMEOUT);
}


/* Have the origin set a cookie in this session. */
static void
sessions_set(gateway_t *g, const char *session, const char *name,
    const char *value, const char *headers)
{
    char            page[128], members[128];
    client_reply_t  r;

    (void) snprintf(page, sizeof(page), "/set-cookie?name=%s&value=%s", name,
                    value);
    (void) snprintf(members, sizeof(members),
                    ",\"request\":{\"session\":\"%s\"}", session);
    r = gateway_extract(g, page, title_rule, members, headers);
    ck_assert_msg(r.status == 200, "%s", r.body);
    client_free(&r);
}


/* See which cookies are sent in it. */
static void
sessions_expect(gateway_t *g, const char *session, const char *cookies,
    const char *headers)
{
    char            members[128];
    client_reply_t  r;

    (void) snprintf(members, sizeof(members),
                    ",\"request\":{\"session\":\"%s\"}", session);
    r = gateway_extract(g, "/show-cookie", title_rule, members, headers);
    ck_assert_msg(r.status == 200, "%s", r.body);
    ck_assert_str_eq(client_str(&r, "data.title"), cookies);
    client_free(&r);
}


static long
sessions_status(gateway_t *g, const char *method, const char *path,
    const char *headers, const char *body)
{
    long            status;
    client_reply_t  r;

    r = gateway_request(g, method, path, headers, body);
    status = r.status;
    client_free(&r);

    return status;
}
