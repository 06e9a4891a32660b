
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "tests/access/front.h"
#include "tests/access/gauge.h"
#include "tests/support/gateway.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define QUOTAS_TIMEOUT   3600
#define QUOTAS_CLIENTS   4
#define QUOTAS_TEXT      1024
#define QUOTAS_FETCHES   3
#define QUOTAS_RATE      400000     /* bytes a second */
#define QUOTAS_PAGE      100000     /* bytes */
#define QUOTAS_SLACK     131072     /* bytes that are read at once */
#define QUOTAS_BYTES     500000     /* a day */

#define ANNA             "X-Tenant: anna\r\n"
#define BERT             "X-Tenant: bert\r\n"


/*
 * What a client does: it asks so many times for a page of the gauge, whose
 * path is format with the client's number and that of the request.  Without a
 * format, fields is the name of a tenant, whose things it makes.
 */
typedef struct {
    const char  *fields;
    const char  *format;
    int          asked;
} quotas_client_t;


typedef struct {
    gateway_t  g;
    gauge_t    gauge;
    char       file[64];
} quotas_t;


static void quotas_begin(quotas_t *t, const char *lines);
static void quotas_end(quotas_t *t);
static void quotas_clients(quotas_t *t, const quotas_client_t *clients,
    size_t n, int *statuses);
static void quotas_client(quotas_t *t, const quotas_client_t *c, int number,
    int fd);
static int quotas_extract(quotas_t *t, front_t *f, const char *fields,
    const char *path, const char *session);
static void quotas_owner(quotas_t *t, const quotas_client_t *c, int number,
    int fd);
static int quotas_own(quotas_t *t, front_t *f, const char *name, int n);
static int quotas_sees(const front_t *f, const char *own, const char *not);
static long long quotas_usage(quotas_t *t, const char *who,
    const char *object, const char *member);
static double quotas_now(void);


START_TEST(fetches_at_once_are_never_more)
{
    int       statuses[600] = { 0 }, n = (int) proof_times("ACCESS_FETCHES",
                                                           200, 15);
    unsigned  most, others;
    quotas_t  t;

    const quotas_client_t  clients[] = {
        { ANNA, "/anna/200/20/%d-%d", n }, { ANNA, "/anna/200/20/%d-%d", n },
        { ANNA, "/anna/200/20/%d-%d", n }, { ANNA, "/anna/200/20/%d-%d", n },
        { ANNA, "/anna/200/20/%d-%d", n }, { ANNA, "/anna/200/20/%d-%d", n },
        { BERT, "/bert/200/20/%d-%d", n }, { BERT, "/bert/200/20/%d-%d", n }
    };

    quotas_begin(&t, "anna fetches=3\n");
    quotas_clients(&t, clients, 8, statuses);
    most = gauge_read(&t.gauge, &t.gauge.most[0]);
    others = gauge_read(&t.gauge, &t.gauge.most[1]);
    proof_report("quotas", "D7", (size_t) n * 8,
                 (size_t) (most != QUOTAS_FETCHES) + (statuses[200] != n * 8),
                 "fetches=3, 6 clients: at most %u at once, all answered; "
                 "2 of another tenant: %u at once", most, others);
    quotas_end(&t);
}
END_TEST


START_TEST(bytes_a_second_are_never_more)
{
    int        statuses[600] = { 0 };
    int        n = (int) proof_times("ACCESS_RATE", 25, 2);
    double     begun, took;
    quotas_t   t;
    long long  bytes = 4LL * n * QUOTAS_PAGE;

    const quotas_client_t  clients[] = {
        { ANNA, "/anna/100000/0/%d-%d", n },
        { ANNA, "/anna/100000/0/%d-%d", n },
        { ANNA, "/anna/100000/0/%d-%d", n },
        { ANNA, "/anna/100000/0/%d-%d", n }
    };

    quotas_begin(&t, "anna rate=400000\n");
    begun = quotas_now();
    quotas_clients(&t, clients, QUOTAS_CLIENTS, statuses);
    took = quotas_now() - begun;
    proof_report("quotas", "D7", 4 * (size_t) n,
                 (size_t) (statuses[200] != 4 * n)
                 + ((double) bytes > QUOTAS_RATE * (took + 1)
                                     + QUOTAS_SLACK),
                 "rate=400000, 4 clients: %lld bytes in %.1f s, of which the "
                 "first 400000 may come at once", bytes, took);
    quotas_end(&t);
}
END_TEST


/* A page is known to be too much when it is there: those under way end. */
START_TEST(bytes_of_a_day_are_counted_to_the_last)
{
    int        statuses[600] = { 0 };
    unsigned   done;
    quotas_t   t;
    long long  used;

    const quotas_client_t  clients[] = {
        { ANNA "Prefer: wait=1\r\n", "/anna/100000/20/%d-%d", 4 },
        { ANNA "Prefer: wait=1\r\n", "/anna/100000/20/%d-%d", 4 },
        { ANNA "Prefer: wait=1\r\n", "/anna/100000/20/%d-%d", 4 },
        { ANNA "Prefer: wait=1\r\n", "/anna/100000/20/%d-%d", 4 }
    };

    quotas_begin(&t, "anna bytes=500000\n");
    quotas_clients(&t, clients, QUOTAS_CLIENTS, statuses);
    used = quotas_usage(&t, ANNA, "today", "bytes");
    done = gauge_read(&t.gauge, &t.gauge.done[0]);
    proof_report("quotas", "D7", 16,
                 (size_t) (used != (long long) done * QUOTAS_PAGE)
                 + (used < QUOTAS_BYTES)
                 + (used >= QUOTAS_BYTES + QUOTAS_CLIENTS * QUOTAS_PAGE)
                 + (statuses[200] + statuses[202] + statuses[429] != 16)
                 + (statuses[429] == 0),
                 "bytes=500000, 4 clients: %u pages of 100000, %lld bytes "
                 "used, %d answered, %d wait for tomorrow, %d refused", done,
                 used, statuses[200], statuses[202], statuses[429]);
    ck_assert_int_eq(quotas_usage(&t, BERT, "today", "bytes"), 0);
    quotas_end(&t);
}
END_TEST


START_TEST(nothing_of_two_tenants_at_once_is_mixed)
{
    int       i, statuses[600] = { 0 };
    int       n = (int) proof_times("ACCESS_OWN", 500, 10);
    quotas_t  t;

    static const quotas_client_t  clients[] = {
        { "anna", NULL, 0 }, { "bert", NULL, 0 },
        { "anna", NULL, 1 }, { "bert", NULL, 1 }
    };

    quotas_client_t  who[QUOTAS_CLIENTS];

    quotas_begin(&t, "");

    for (i = 0; i < QUOTAS_CLIENTS; i++) {
        who[i] = clients[i];
        who[i].asked = n;
    }

    quotas_clients(&t, who, QUOTAS_CLIENTS, statuses);
    proof_report("quotas", "D6", (size_t) n * QUOTAS_CLIENTS,
                 (size_t) n * QUOTAS_CLIENTS - (size_t) statuses[200],
                 "4 clients of 2 tenants with the same Idempotency-Key, "
                 "session, URL, stored page and words to search for: each "
                 "had its own");
    quotas_end(&t);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        fetches_at_once_are_never_more,
        bytes_a_second_are_never_more,
        bytes_of_a_day_are_counted_to_the_last,
        nothing_of_two_tenants_at_once_is_mixed,
        NULL
    };

    return suite_run("quotas", tests, QUOTAS_TIMEOUT);
}


static void
quotas_begin(quotas_t *t, const char *lines)
{
    char               settings[256];
    gateway_options_t  o = { .api = "scrape_tenant $http_x_tenant;" };

    memset(t, 0, sizeof(quotas_t));
    process_file(t->file, sizeof(t->file), lines);
    (void) snprintf(settings, sizeof(settings), "tenants = %s\n"
                    "host_connections = 64\nrobots = ignore\n"
                    "drain_timeout = 500\n", t->file);
    o.settings = settings;
    gateway_start(&t->g, &o);
    gauge_start(&t->gauge);
}


static void
quotas_end(quotas_t *t)
{
    gateway_stop(&t->g);
    gauge_stop(&t->gauge);
    ck_assert_int_eq(unlink(t->file), 0);
}


/* Each a process; how often which status was answered. */
static void
quotas_clients(quotas_t *t, const quotas_client_t *clients, size_t n,
    int *statuses)
{
    int     status, fds[2];
    pid_t   pids[16];
    size_t  i;

    ck_assert_int_eq(pipe(fds), 0);

    for (i = 0; i < n; i++) {
        pids[i] = fork();
        ck_assert_int_ne(pids[i], -1);

        if (pids[i] == 0) {
            quotas_client(t, &clients[i], (int) i, fds[1]);
            _exit(0);
        }
    }

    (void) close(fds[1]);

    while (read(fds[0], &status, sizeof(status)) == sizeof(status)) {
        statuses[status >= 0 && status < 600 ? status : 0]++;
    }

    (void) close(fds[0]);

    for (i = 0; i < n; i++) {
        ck_assert_int_eq(process_wait(pids[i]), 0);
    }
}


static void
quotas_client(quotas_t *t, const quotas_client_t *c, int number, int fd)
{
    int      i, status;
    char     path[QUOTAS_TEXT];
    front_t  front;

    if (c->format == NULL) {
        quotas_owner(t, c, number, fd);
        return;
    }

    front_open(&front, strrchr(t->g.url, ':') + 1);

    for (i = 0; i < c->asked; i++) {
        (void) snprintf(path, sizeof(path), "%.*s%d-%d",
                        (int) strcspn(c->format, "%"), c->format, number, i);
        status = quotas_extract(t, &front, c->fields, path, "");

        if (write(fd, &status, sizeof(status)) != sizeof(status)) {
            break;
        }
    }

    front_close(&front);
}


static int
quotas_extract(quotas_t *t, front_t *f, const char *fields, const char *path,
    const char *session)
{
    char  body[2 * QUOTAS_TEXT];

    (void) snprintf(body, sizeof(body), "{\"url\":\"http://127.0.0.1:%u%s\","
                    "\"rules\":{\"title\":\"//h1\"}%s}", t->gauge.port, path,
                    session);

    return front_ask(f, "POST", "/v1/extract", fields, body);
}


static void
quotas_owner(quotas_t *t, const quotas_client_t *c, int number, int fd)
{
    int      i, status;
    front_t  front;

    front_open(&front, strrchr(t->g.url, ':') + 1);

    for (i = 0; i < c->asked; i++) {
        status = quotas_own(t, &front, c->fields,
                            number / 2 * c->asked + i) ? 200 : 0;

        if (write(fd, &status, sizeof(status)) != sizeof(status)) {
            break;
        }
    }

    front_close(&front);
}


/*
 * Each tenant has a cookie by the same session's name, which its pages show.
 * With the same key, and at the other's pages, it is told nothing of that.
 */
static int
quotas_own(quotas_t *t, front_t *f, const char *name, int n)
{
    int          right, anna = strcmp(name, "anna") == 0;
    char         fields[256], path[64];
    const char  *own = anna ? "first" : "second";
    const char  *not = anna ? "second" : "first";

    static const char  session[] = ",\"request\":{\"session\":\"s\"}";

    (void) snprintf(fields, sizeof(fields), "X-Tenant: %s\r\n", name);
    (void) snprintf(path, sizeof(path), "/own/%s/cookie-%d", own, n);
    right = quotas_extract(t, f, fields, path, session) == 200;
    (void) snprintf(fields, sizeof(fields), "X-Tenant: %s\r\n"
                    "Idempotency-Key: \"key-%d\"\r\n", name, n);
    (void) snprintf(path, sizeof(path), "/own/%s?page-%d", own, n);
    right &= quotas_extract(t, f, fields, path, session) == 200
             && quotas_sees(f, own, not)
             && strcasestr(f->head, "Idempotent-Replayed") == NULL;
    (void) snprintf(fields, sizeof(fields), "X-Tenant: %s\r\n"
                    "Cache-Control: only-if-cached\r\n", name);
    (void) snprintf(path, sizeof(path), "/own/%s?page-%d", not, n);
    right &= quotas_extract(t, f, fields, path, session) == 504
             && !quotas_sees(f, not, own);
    (void) snprintf(fields, sizeof(fields), "X-Tenant: %s\r\n", name);
    (void) snprintf(path, sizeof(path), "/v1/results?q=%s", own);
    right &= front_ask(f, "GET", path, fields, NULL) == 200
             && quotas_sees(f, own, not);
    (void) snprintf(path, sizeof(path), "/v1/results?q=%s", not);

    return right && front_ask(f, "GET", path, fields, NULL) == 200
           && !quotas_sees(f, not, own);
}


/* The cookie of the one, and not that of the other. */
static int
quotas_sees(const front_t *f, const char *own, const char *not)
{
    char  wanted[32], other[32];

    (void) snprintf(wanted, sizeof(wanted), "\"who=%s\"", own);
    (void) snprintf(other, sizeof(other), "\"who=%s\"", not);

    return strstr(f->body, wanted) != NULL && strstr(f->body, other) == NULL;
}


static long long
quotas_usage(quotas_t *t, const char *who, const char *object,
    const char *member)
{
    json_t     *json;
    front_t     front;
    long long   value;

    front_open(&front, strrchr(t->g.url, ':') + 1);
    ck_assert_int_eq(front_ask(&front, "GET", "/v1/usage", who, NULL), 200);
    json = front_json(&front);
    value = json_integer_value(json_object_get(json_object_get(json, object),
                                               member));
    json_decref(json);
    front_close(&front);

    return value;
}


static double
quotas_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (double) ts.tv_sec + (double) ts.tv_nsec / 1e9;
}
