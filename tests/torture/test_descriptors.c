
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/watch.h"


#define DESCRIPTORS_TIMEOUT    1200
#define DESCRIPTORS_SETTLE     900
#define DESCRIPTORS_TRIES      1500     /* of 20 ms */
#define DESCRIPTORS_HOSTS      300
#define DESCRIPTORS_LATE       1500     /* ms, of a page; in brief, a third */
#define DESCRIPTORS_IDLE       20       /* % of a processor */
#define DESCRIPTORS_BUSY       60
#define DESCRIPTORS_WATCHED    1000     /* ms */

#define DESCRIPTORS_FEW        "ulimit -n 128; exec \"$0\" -c \"$1\""

/* each request has a connection of its own to scraped */
#define DESCRIPTORS_SETTINGS   "robots = ignore\n" \
                               "total_timeout = 120000\n"


typedef struct {
    site_t      site;
    gateway_t   g;
    offering_t  o;
} descriptors_t;


static void descriptors_begin(descriptors_t *t, size_t jobs,
    unsigned late);
static void descriptors_few(descriptors_t *t);
static void descriptors_ready(gateway_t *g);
static void descriptors_end(descriptors_t *t);
static long descriptors_cpu(pid_t pid, unsigned ms);
static size_t descriptors_blamed(descriptors_t *t);
static void descriptors_connections(gateway_t *g);
static void descriptors_log(gateway_t *g);


START_TEST(jobs_wait_for_descriptors_and_blame_nobody)
{
    long           busy, idle;
    size_t         wrong;
    watch_t        w;
    descriptors_t  t;

    descriptors_begin(&t, proof_times("TORTURE_DESCRIPTORS", 1000, 130),
                      DESCRIPTORS_LATE);
    descriptors_few(&t);
    offering_run(&t.o, &t.g, 16);

    /* all that there can be are waited for: nothing is to be done */
    busy = descriptors_cpu(t.g.scraped, DESCRIPTORS_WATCHED);
    watch_process(t.g.scraped, &w);
    ledger_settle(t.o.ledger, &t.g, DESCRIPTORS_SETTLE);
    idle = descriptors_cpu(t.g.scraped, DESCRIPTORS_WATCHED);

    wrong = t.o.jobs - t.o.accepted + ledger_verify(t.o.ledger, &t.g);
    wrong += descriptors_blamed(&t);
    wrong += busy > DESCRIPTORS_BUSY;
    wrong += idle > DESCRIPTORS_IDLE;

    proof_report("descriptors", "B9: want of descriptors is nobody's fault",
                 t.o.jobs, wrong, "128 descriptors, %ld in use while pages "
                 "waited: %ld %% of a processor, %ld %% when all was done; "
                 "the origin was asked %u times", w.fds, busy, idle,
                 t.site.seen->pages);
    descriptors_end(&t);
}
END_TEST


START_TEST(clients_wait_for_connections_that_cannot_be_accepted)
{
    long           cpu;
    size_t         wrong;
    int64_t        from, took;
    watch_t        before, after;
    descriptors_t  t;

    descriptors_begin(&t, proof_times("TORTURE_CLIENTS", 1000, 200),
                      DESCRIPTORS_LATE / 5);
    descriptors_few(&t);
    t.o.headers = "Prefer: wait=50";
    watch_process(t.g.scraped, &before);
    from = loading_now();

    /* more clients than there are descriptors */
    offering_run(&t.o, &t.g, 200);
    took = (loading_now() - from) / 1000000;
    watch_process(t.g.scraped, &after);
    cpu = took > 0 ? (after.cpu - before.cpu) * 100 / (long) took : 0;
    ledger_settle(t.o.ledger, &t.g, DESCRIPTORS_SETTLE);

    wrong = t.o.failed + ledger_verify(t.o.ledger, &t.g);
    wrong += descriptors_blamed(&t);
    wrong += t.o.done == 0 || cpu > DESCRIPTORS_BUSY;

    proof_report("descriptors", "B9: clients that cannot be accepted wait",
                 t.o.jobs, wrong, "200 clients and 128 descriptors: %zu "
                 "answered, %zu accepted, %zu refused with Retry-After, %zu "
                 "otherwise (%ld), in %.1f s, %ld %% of a processor", t.o.done,
                 t.o.accepted, t.o.refused, t.o.failed, t.o.status,
                 (double) took / 1000, cpu);
    descriptors_end(&t);
}
END_TEST


START_TEST(nginx_without_connections_loses_nothing_that_was_accepted)
{
    long           idle;
    size_t         wrong, again;
    pid_t          workers[WATCH_CHILDREN];
    descriptors_t  t;

    descriptors_begin(&t, proof_times("TORTURE_CONNECTIONS", 1000, 200), 0);
    descriptors_connections(&t.g);
    offering_run(&t.o, &t.g, 300);
    again = t.o.failed + t.o.refused;

    ledger_settle(t.o.ledger, &t.g, DESCRIPTORS_SETTLE);
    ck_assert_uint_gt(watch_children(t.g.nginx, workers), 0);
    idle = descriptors_cpu(workers[0], DESCRIPTORS_WATCHED);

    /* and then it goes on */
    t.o.failed = 0;
    offering_run(&t.o, &t.g, 8);
    ledger_settle(t.o.ledger, &t.g, DESCRIPTORS_SETTLE);

    wrong = t.o.failed + ledger_verify(t.o.ledger, &t.g);
    wrong += descriptors_blamed(&t);
    wrong += idle > DESCRIPTORS_IDLE;
    descriptors_log(&t.g);

    proof_report("descriptors", "B9: nginx without connections loses nothing",
                 2 * t.o.jobs, wrong, "64 connections a worker, 300 clients: "
                 "%zu of %zu were not accepted, all of %zu with 8 clients; "
                 "then %ld %% of a processor", again, t.o.jobs, t.o.jobs,
                 idle);
    descriptors_end(&t);
}
END_TEST


static void
descriptors_begin(descriptors_t *t, size_t jobs, unsigned late)
{
    static const gateway_options_t  options = {
        .settings = DESCRIPTORS_SETTINGS,
        .upstream = "keepalive 1;",
        .server = WATCH_LOCATION
    };

    late = proof_full() ? late : late / 3;
    memset(t, 0, sizeof(descriptors_t));
    site_start(&t->site, &(site_options_t) { .delay = late });
    gateway_start(&t->g, &options);

    /* one test offers as many again */
    offering_begin(&t->o, &t->site, 2 * jobs, DESCRIPTORS_HOSTS, "/slow/");
    t->o.jobs = jobs;
}


/* Start scraped anew with few descriptors. */
static void
descriptors_few(descriptors_t *t)
{
    char  conf[128], log[128], program[256];

    ck_assert_int_eq(gateway_stop_sidecar(&t->g, SIGTERM), 0);
    (void) snprintf(conf, sizeof(conf), "%s/scraped.conf", t->g.dir);
    (void) snprintf(log, sizeof(log), "%s/scraped.log", t->g.dir);
    (void) snprintf(program, sizeof(program), "%s/scraped", process_build());
    t->g.scraped = process_start((char *[]) { "sh", "-c", DESCRIPTORS_FEW,
                                              program, conf, NULL }, log,
                                 NULL);
    descriptors_ready(&t->g);
}


static void
descriptors_ready(gateway_t *g)
{
    int             i, rc;
    char            url[128];
    client_reply_t  r;

    (void) snprintf(url, sizeof(url), "%s/readyz", g->url);

    for (i = 0; i < DESCRIPTORS_TRIES; i++) {
        rc = client_try(&r, "GET", url, NULL, NULL, 1000);
        rc = rc == 0 && r.status == 200;
        client_free(&r);

        if (rc) {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("the gateway in %s does not become ready", g->dir);
}


static void
descriptors_end(descriptors_t *t)
{
    gateway_stop(&t->g);
    offering_end(&t->o);
}


/* Hundredths of a processor that it uses in this time. */
static long
descriptors_cpu(pid_t pid, unsigned ms)
{
    watch_t  before, after;

    watch_process(pid, &before);
    process_pause(ms);
    watch_process(pid, &after);

    return (after.cpu - before.cpu) * 100 / (long) ms;
}


/* Pages that failed, and hosts that count as failing. */
static size_t
descriptors_blamed(descriptors_t *t)
{
    double  failed, suspended;

    failed = watch_metric(&t->g, "pages.ended.failed");
    suspended = watch_metric(&t->g, "hosts.count.suspended");
    ck_assert_msg(failed >= 0 && suspended >= 0, "no such number");

    return (size_t) (failed + suspended);
}


/* Give nginx fewer connections; its workers are new ones then. */
static void
descriptors_connections(gateway_t *g)
{
    int     i;
    char    path[128], *text, *p;
    pid_t   before[WATCH_CHILDREN], after[WATCH_CHILDREN];
    size_t  n;

    (void) snprintf(path, sizeof(path), "%s/nginx.conf", g->dir);
    text = process_read(path);
    p = strstr(text, "worker_connections 512;");
    ck_assert_ptr_nonnull(p);
    memcpy(p, "worker_connections  64;", 23);
    process_write(path, text);
    free(text);

    n = watch_children(g->nginx, before);
    (void) kill(g->nginx, SIGHUP);

    for (i = 0; i < DESCRIPTORS_TRIES; i++) {
        if (watch_children(g->nginx, after) == n && after[0] != before[0]
            && after[0] != before[n - 1])
        {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("nginx in %s keeps its workers", g->dir);
}


/* That connections are not enough is what was asked for: no other alert. */
static void
descriptors_log(gateway_t *g)
{
    char  path[128], *text, *p;

    (void) snprintf(path, sizeof(path), "%s/nginx.log", g->dir);
    text = process_read(path);

    for (p = strstr(text, "[alert]"); p != NULL;
         p = strstr(p + 1, "[alert]"))
    {
        ck_assert_msg(strstr(p, "worker_connections are not enough") != NULL
                      && strstr(p, "worker_connections are not enough")
                         < p + strcspn(p, "\n"), "%.300s", p);
        memcpy(p, "(alert)", 7);
    }

    process_write(path, text);
    free(text);
}


int
main(void)
{
    const TTest  *tests[] = {
        jobs_wait_for_descriptors_and_blame_nobody,
        clients_wait_for_connections_that_cannot_be_accepted,
        nginx_without_connections_loses_nothing_that_was_accepted,
        NULL
    };

    return suite_run("descriptors", tests, DESCRIPTORS_TIMEOUT);
}
