
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/access/front.h"
#include "tests/access/hex.h"
#include "tests/access/recorder.h"
#include "tests/support/gateway.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define CREDENTIALS_TIMEOUT  600
#define CREDENTIALS_TEXT     4096

#define SECRET_FIELD     "kept-in-a-field"
#define SECRET_SESSION   "kept-in-a-session"
#define SECRET_COOKIE    "kept-in-a-cookie"
#define SECRET_BEARER    "kept-as-a-token"
#define SECRET_BASIC     "dXNlcjprZXB0LWFzLWEtd29yZA=="
#define SECRET_PROXY     "bWU6a2VwdC1mb3ItdGhlLXByb3h5"
#define SECRET_BODY      "kept-in-the-body"


/* How a page leads to another; with "" it leads there by its robots.txt. */
static const char *const  credentials_ways[] = {
    "r/301", "r/302", "r/303", "r/307", "r/308", "refresh", ""
};

#define CREDENTIALS_WAYS  (sizeof(credentials_ways) / sizeof(char *))


/*
 * From one place to another; host is 1 when it is the same one, to which
 * cookies are sent whatever its port, and secure when that is by TLS.
 */
typedef struct {
    const char  *from;
    const char  *to;
    int          other;
    int          host;
} credentials_move_t;


static const credentials_move_t  credentials_moves[] = {
    { "http://127.0.0.1", "http://127.0.0.2", 0, 0 },
    { "https://127.0.0.1", "https://127.0.0.2", 0, 0 },
    { "https://127.0.0.1", "http://127.0.0.2", 0, 0 },
    { "http://127.0.0.1", "https://127.0.0.2", 0, 0 },
    { "http://127.0.0.1", "http://127.0.0.2", 1, 0 },
    { "https://127.0.0.1", "http://127.0.0.1", 0, 1 },
    { "http://127.0.0.1", "https://127.0.0.1", 0, 1 },
    { "http://127.0.0.1", "http://127.0.0.1", 1, 1 }
};

#define CREDENTIALS_MOVES                                                    \
    (sizeof(credentials_moves) / sizeof(credentials_move_t))


typedef struct {
    gateway_t    g;
    front_t      front;
    recorder_t   one;
    recorder_t   two;
    size_t       runs;
    size_t       failures;
} credentials_t;


static void credentials_begin(credentials_t *t);
static void credentials_end(credentials_t *t);
static void credentials_forget(credentials_t *t);
static void credentials_url(char *url, size_t size, const char *place,
    const recorder_t *r, const char *way, const char *target);
static int credentials_extract(credentials_t *t, const char *url,
    const char *auth, const char *more);
static void credentials_move(credentials_t *t, const credentials_move_t *m,
    const char *way, const char *auth);
static void credentials_none(credentials_t *t, recorder_t *r,
    const char *place, int cookie, const char *what);
static const char *credentials_place(char *text, size_t size,
    const char *origin, const recorder_t *r);


START_TEST(credentials_do_not_follow_to_another_origin)
{
    size_t         i, k;
    credentials_t  t;

    credentials_begin(&t);

    for (i = 0; i < CREDENTIALS_MOVES; i++) {
        for (k = 0; k < CREDENTIALS_WAYS; k++) {
            credentials_move(&t, &credentials_moves[i], credentials_ways[k],
                             "{\"bearer\":\"" SECRET_BEARER "\"}");
            credentials_move(&t, &credentials_moves[i], credentials_ways[k],
                             "{\"basic\":{\"user\":\"user\",\"password\":"
                             "\"kept-as-a-word\"}}");
        }
    }

    proof_report("credentials", "D2", t.runs, t.failures, "%zu moves to "
                 "another host, port or scheme by 301, 302, 303, 307, 308, "
                 "refresh and robots.txt: no field, token, word, session's "
                 "field or cookie of the first origin came to the other",
                 CREDENTIALS_MOVES);
    credentials_end(&t);
}
END_TEST


/* What is proven by their absence elsewhere is sent where it belongs. */
static void
credentials_move(credentials_t *t, const credentials_move_t *m,
    const char *way, const char *auth)
{
    char         from[CREDENTIALS_TEXT], to[CREDENTIALS_TEXT];
    char         origin[32], here[64], there[64];
    recorder_t  *other = m->other ? &t->two : &t->one;

    (void) snprintf(origin, sizeof(origin), "%s", m->from);

    if (way[0] == '\0') {
        /* a host that was not asked for it before */
        (void) snprintf(origin, sizeof(origin), "http://127.0.1.%zu",
                        t->runs % 250 + 1);
    }

    credentials_forget(t);
    (void) credentials_place(here, sizeof(here), origin, &t->one);
    (void) credentials_place(there, sizeof(there), m->to, other);
    credentials_url(to, sizeof(to), m->to, other, "", "");
    credentials_url(from, sizeof(from), origin, &t->one, way, to);

    if (way[0] == '\0') {
        (void) snprintf(t->one.robots, sizeof(t->one.robots), "%s", to);
    }

    t->runs++;

    if (credentials_extract(t, from, auth, "") != 200
        || recorder_seen(&t->one, here, SECRET_FIELD) == 0
        || recorder_seen(&t->one, here, SECRET_COOKIE) == 0
        || recorder_seen(&t->one, here, SECRET_SESSION) == 0
        || recorder_seen(&t->one, here, "Authorization: B") == 0
        || recorder_seen(other, there, "") == 0)
    {
        t->failures++;
        (void) printf("# %s to %s by %s: %d %.300s\n", m->from, m->to, way,
                      t->front.status, t->front.body);
    }

    /* robots.txt is nobody's page: not even the host's cookies are for it */
    credentials_none(t, other, there, m->host && way[0] != '\0', way);
    t->one.robots[0] = '\0';
}


/* cookie: those of the host are its own. */
static void
credentials_none(credentials_t *t, recorder_t *r, const char *place,
    int cookie, const char *what)
{
    size_t  i;

    static const char *const  secrets[] = {
        SECRET_FIELD, SECRET_SESSION, SECRET_BEARER, SECRET_BASIC,
        SECRET_PROXY, "Authorization:", SECRET_COOKIE
    };

    for (i = 0; i < sizeof(secrets) / sizeof(char *) - (cookie != 0); i++) {
        if (recorder_seen(r, place, secrets[i]) != 0) {
            t->failures++;
            (void) printf("# %s has %s by %s\n", place, secrets[i], what);
        }
    }
}


START_TEST(field_that_was_dropped_does_not_come_back)
{
    char           url[3][CREDENTIALS_TEXT], place[64], body[64];
    size_t         i;
    credentials_t  t;

    credentials_begin(&t);

    for (i = 0; i < CREDENTIALS_WAYS - 1; i++) {
        credentials_forget(&t);
        credentials_url(url[0], sizeof(url[0]), "http://127.0.0.1", &t.one,
                        "back", "");
        credentials_url(url[1], sizeof(url[1]), "http://127.0.0.2", &t.two,
                        credentials_ways[i], url[0]);
        credentials_url(url[2], sizeof(url[2]), "http://127.0.0.1", &t.one,
                        credentials_ways[i], url[1]);
        ck_assert_int_eq(credentials_extract(&t, url[2], "{\"bearer\":\""
                                             SECRET_BEARER "\"}", ""), 200);
        (void) credentials_place(place, sizeof(place), "http://127.0.0.1",
                                 &t.one);
        (void) snprintf(body, sizeof(body), "GET /back HTTP");
        t.runs++;
        t.failures += recorder_seen(&t.one, place, SECRET_BEARER) != 1
                      || recorder_seen(&t.one, place, SECRET_FIELD) != 1
                      || recorder_seen(&t.one, place, body) != 1;
        credentials_none(&t, &t.two, "http 127.0.0.2", 0,
                         credentials_ways[i]);
    }

    proof_report("credentials", "D2", t.runs, t.failures, "there and back "
                 "again: what was dropped on the way stays dropped");
    credentials_end(&t);
}
END_TEST


START_TEST(proxy_and_origin_learn_nothing_of_each_other)
{
    char           url[CREDENTIALS_TEXT], more[256], tunnel[64], host[64];
    int            i;
    credentials_t  t;

    credentials_begin(&t);

    for (i = 1; i <= 2; i++) {
        credentials_forget(&t);
        (void) snprintf(more, sizeof(more), ",\"proxy\":\"http://me:kept-for-"
                        "the-proxy@127.0.0.1:%u\"", t.one.port);
        (void) snprintf(url, sizeof(url), "https://127.0.0.%d:%u/", i,
                        t.two.port);
        ck_assert_int_eq(credentials_extract(&t, url, "{\"bearer\":\""
                                             SECRET_BEARER "\"}", more), 200);
        (void) snprintf(tunnel, sizeof(tunnel), "http 127.0.0.%d:%u", i,
                        t.two.port);
        (void) snprintf(host, sizeof(host), "https 127.0.0.%d:%u", i,
                        t.two.port);
        t.runs++;
        t.failures += recorder_seen(&t.one, tunnel, SECRET_PROXY) == 0
                      || recorder_seen(&t.one, tunnel, SECRET_BEARER) != 0
                      || recorder_seen(&t.one, tunnel, SECRET_COOKIE) != 0
                      || recorder_seen(&t.one, tunnel, SECRET_FIELD) != 0
                      || recorder_seen(&t.one, host, SECRET_PROXY) != 0
                      || recorder_seen(&t.one, host, "Proxy-") != 0
                      || recorder_seen(&t.one, host, SECRET_BEARER) == 0;
    }

    proof_report("credentials", "D2", t.runs, t.failures, "through a tunnel: "
                 "its credentials do not come to the origin, nor those of "
                 "the origin to it");
    credentials_end(&t);
}
END_TEST


START_TEST(credentials_in_a_url_are_refused)
{
    char           url[CREDENTIALS_TEXT], to[CREDENTIALS_TEXT];
    size_t         i;
    credentials_t  t;

    credentials_begin(&t);
    (void) snprintf(to, sizeof(to), "http://user:kept-as-a-word@127.0.0.1:%u/",
                    t.one.port);
    ck_assert_int_eq(credentials_extract(&t, to, "{}", ""), 400);
    t.runs++;

    for (i = 0; i < CREDENTIALS_WAYS - 1; i++) {
        credentials_forget(&t);
        credentials_url(url, sizeof(url), "http://127.0.0.2", &t.two,
                        credentials_ways[i], to);
        (void) credentials_extract(&t, url, "{\"bearer\":\"x\"}", "");
        t.runs++;
        t.failures += recorder_seen(&t.one, "http 127.0.0.1", "") != 0
                      || t.front.status == 200;
    }

    proof_report("credentials", "D2", t.runs, t.failures, "a URL with a user "
                 "and a word, of a request and of redirects, is not asked");
    credentials_end(&t);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        credentials_do_not_follow_to_another_origin,
        field_that_was_dropped_does_not_come_back,
        proxy_and_origin_learn_nothing_of_each_other,
        credentials_in_a_url_are_refused,
        NULL
    };

    return suite_run("credentials", tests, CREDENTIALS_TIMEOUT);
}


static void
credentials_begin(credentials_t *t)
{
    char               settings[256];
    gateway_options_t  o = { 0 };

    memset(t, 0, sizeof(credentials_t));
    recorder_start(&t->one);
    recorder_start(&t->two);
    (void) snprintf(settings, sizeof(settings), "ca_file = %s\n"
                    "drain_timeout = 500\nretries = 0\n"
                    "host_delay = 0\n", t->one.ca);
    o.settings = settings;
    gateway_start(&t->g, &o);
    front_open(&t->front, strrchr(t->g.url, ':') + 1);
    ck_assert_int_lt(front_ask(&t->front, "PUT", "/v1/sessions/s", "",
                               "{\"headers\":{\"X-Session\":\""
                               SECRET_SESSION "\"}}"), 300);
}


static void
credentials_end(credentials_t *t)
{
    front_close(&t->front);
    gateway_stop(&t->g);
    recorder_stop(&t->one);
    recorder_stop(&t->two);
}


static void
credentials_forget(credentials_t *t)
{
    recorder_forget(&t->one);
    recorder_forget(&t->two);
}


static void
credentials_url(char *url, size_t size, const char *place,
    const recorder_t *r, const char *way, const char *target)
{
    char  hex[CREDENTIALS_TEXT];

    hex[0] = '\0';

    if (strlen(target) < sizeof(hex) / 2) {
        hex_write(hex, target, strlen(target));
    }

    (void) snprintf(url, size, "%s:%u/%s%s%s", place, r->port, way,
                    way[0] != '\0' && hex[0] != '\0' ? "/" : "",
                    way[0] != '\0' ? hex : "");
}


static int
credentials_extract(credentials_t *t, const char *url, const char *auth,
    const char *more)
{
    char  body[2 * CREDENTIALS_TEXT];

    (void) snprintf(body, sizeof(body), "{\"url\":\"%s\",\"rules\":{\"title\":"
                    "\"//h1\"},\"request\":{\"meta_refresh\":true,\"tls\":{"
                    "\"verify\":false},\"headers\":{\"X-Key\":\"" SECRET_FIELD
                    "\"},\"cookies\":{\"c\":\"" SECRET_COOKIE "\"},"
                    "\"session\":\"s\",\"auth\":%s%s}}", url, auth, more);

    return front_ask(&t->front, "POST", "/v1/extract", "Cache-Control: "
                     "no-cache\r\n", body);
}


/* As recorder_seen() has it. */
static const char *
credentials_place(char *text, size_t size, const char *origin,
    const recorder_t *r)
{
    const char  *colon = strchr(origin, ':');

    (void) snprintf(text, size, "%.*s %s:%u", (int) (colon - origin), origin,
                    colon + 3, r->port);

    return text;
}
