
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/watch.h"
#include "tests/support/zone.h"


#define DEAD_TIMEOUT    1200
#define DEAD_SETTLE     600
#define DEAD_CLIENTS    16
#define DEAD_WAIT       2000        /* ms, connect_timeout: for a name, too */
#define DEAD_ROUND      0.25        /* s, of 99 % of rounds, in full */


typedef struct {
    site_t      site;
    zone_t      zone;
    gateway_t   g;
    offering_t  dead;
    offering_t  alone;
    offering_t  beside;
} dead_t;


static void dead_begin(dead_t *t, size_t n);
static void dead_offer(dead_t *t, offering_t *o, const char *names,
    unsigned first, size_t n);
static void dead_end(dead_t *t);


START_TEST(names_that_nobody_answers_for_hold_up_nobody_else)
{
    double   p99, most;
    dead_t   t;
    size_t   n, wrong;
    watch_t  before, after;

    n = proof_times("LOAD_DEAD", 1000, 100);
    dead_begin(&t, n);
    offering_run(&t.alone, &t.g, DEAD_CLIENTS);
    watch_process(t.g.scraped, &before);

    /* while they are waited for */
    offering_run(&t.dead, &t.g, 64);
    offering_run(&t.beside, &t.g, DEAD_CLIENTS);
    watch_process(t.g.scraped, &after);

    ledger_settle(t.dead.ledger, &t.g, DEAD_SETTLE);
    p99 = watch_metric(&t.g, "loop.round_seconds.p99");
    most = watch_metric(&t.g, "loop.round_max_seconds");

    wrong = t.dead.jobs - t.dead.accepted
            + ledger_verify(t.dead.ledger, &t.g);
    wrong += 2 * n - t.alone.done - t.beside.done;
    wrong += t.site.seen->pages != 2 * n;
    wrong += after.threads != before.threads;
    wrong += p99 < 0 || (proof_full() && p99 > DEAD_ROUND);

    proof_report("dead_names", "A7: dead names hold up nobody", 3 * n, wrong,
                 "%zu names without an answer beside %zu good ones: these "
                 "took p50 %.1f ms, p99 %.1f ms, alone %.1f and %.1f; 99 %% "
                 "of the rounds %.1f ms, the longest %.1f ms; %ld threads "
                 "added", n, n, loading_percentile(&t.beside.times, 0.5),
                 loading_percentile(&t.beside.times, 0.99),
                 loading_percentile(&t.alone.times, 0.5),
                 loading_percentile(&t.alone.times, 0.99), p99 * 1000,
                 most * 1000, after.threads - before.threads);
    dead_end(&t);
}
END_TEST


static void
dead_begin(dead_t *t, size_t n)
{
    char  settings[256];

    memset(t, 0, sizeof(dead_t));
    site_start(&t->site, &(site_options_t) { .delay = 0 });
    zone_start(&t->zone);
    (void) snprintf(settings, sizeof(settings),
                    "resolver = 127.0.0.1:%u\nmax_connections = %zu\n"
                    "connect_timeout = %d\nretries = 0\nrobots = ignore\n",
                    t->zone.port, 2 * n, DEAD_WAIT);
    gateway_start(&t->g, &(gateway_options_t) { .settings = settings,
                                                .server = WATCH_LOCATION });

    dead_offer(t, &t->dead, "dead", 0, n);
    t->dead.headers = NULL;
    t->dead.ledger = ledger_create(n);
    dead_offer(t, &t->alone, "good", 0, n);
    dead_offer(t, &t->beside, "good", (unsigned) n, n);
}


static void
dead_offer(dead_t *t, offering_t *o, const char *names, unsigned first,
    size_t n)
{
    o->site = &t->site;
    o->jobs = n;
    o->first = first;
    o->hosts = (unsigned) n;
    o->names = names;
    o->path = "/p/";
    o->headers = "Prefer: wait=40";
}


static void
dead_end(dead_t *t)
{
    gateway_stop(&t->g);
    zone_stop(&t->zone);
    site_stop(&t->site);
    ledger_destroy(t->dead.ledger);
    loading_times_free(&t->dead.times);
    loading_times_free(&t->alone.times);
    loading_times_free(&t->beside.times);
}


int
main(void)
{
    const TTest  *tests[] = {
        names_that_nobody_answers_for_hold_up_nobody_else,
        NULL
    };

    return suite_run("dead_names", tests, DEAD_TIMEOUT);
}
