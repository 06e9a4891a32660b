
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/watch.h"


#define HELD_TIMEOUT    600
#define HELD_SETTLE     300
#define HELD_DELAY      5000        /* ms, until the origin answers */
#define HELD_THREADS    8           /* of scraped */
#define HELD_FILES      200         /* besides a connection each */
#define HELD_OF_HOST    8
#define HELD_TRIES      2000        /* of 10 ms */


static unsigned held_most(const site_t *site, pid_t scraped, size_t jobs,
    watch_t *w);


START_TEST(thousands_of_pages_wait_at_once_without_a_thread_each)
{
    char        settings[256];
    size_t      wrong;
    site_t      site;
    watch_t     w;
    int64_t     from, took;
    unsigned    most;
    gateway_t   g;
    offering_t  o;

    offering_begin(&o, &site, proof_times("LOAD_HELD", 2000, 200), 500,
                   "/slow/");

    /* a tenth of max_connections is kept for those who wait themselves */
    (void) snprintf(settings, sizeof(settings),
                    "max_connections = %zu\nrobots = ignore\n",
                    o.jobs + o.jobs / 8);
    site_start(&site, &(site_options_t) {
        .delay = proof_full() ? HELD_DELAY : HELD_DELAY / 2 });
    gateway_start(&g, &(gateway_options_t) { .settings = settings });

    from = loading_now();
    offering_run(&o, &g, 64);
    most = held_most(&site, g.scraped, o.jobs, &w);
    ledger_settle(o.ledger, &g, HELD_SETTLE);
    took = loading_now() - from;

    wrong = o.jobs - o.accepted + ledger_verify(o.ledger, &g);
    wrong += w.threads > HELD_THREADS && !process_sanitized();
    wrong += (size_t) w.fds > o.jobs + HELD_FILES;
    gateway_stop(&g);

    proof_report("held", "A3: pages that wait cost no thread", o.jobs, wrong,
                 "%u at the origin at once, which is late by its delay; all "
                 "done after %.1f s; %ld threads and %ld descriptors of "
                 "scraped at most", most, (double) took / 1e9, w.threads,
                 w.fds);

    offering_end(&o);
}
END_TEST


START_TEST(a_host_that_is_new_is_asked_for_all_pages_at_once)
{
    site_t      site;
    gateway_t   g;
    offering_t  o;

    offering_begin(&o, &site, HELD_OF_HOST, 1, "/slow/");
    site_start(&site, &(site_options_t) { .delay = HELD_DELAY / 2 });
    gateway_start(&g, &(gateway_options_t) { .settings =
                      "robots = ignore\nhost_connections = 8\n" });

    offering_run(&o, &g, 1);
    ledger_settle(o.ledger, &g, HELD_SETTLE);
    proof_report("held", "A3: none waits for the first answer of its host",
                 o.jobs, o.jobs - site.seen->most,
                 "%u pages of one host were asked for before any was "
                 "answered", site.seen->most);

    gateway_stop(&g);
    offering_end(&o);
}
END_TEST


/* Look on until all have been asked for: the most that waited, and cost. */
static unsigned
held_most(const site_t *site, pid_t scraped, size_t jobs, watch_t *w)
{
    int      i;
    watch_t  now;

    memset(w, 0, sizeof(watch_t));

    for (i = 0; i < HELD_TRIES; i++) {
        watch_process(scraped, &now);
        w->threads = now.threads > w->threads ? now.threads : w->threads;
        w->fds = now.fds > w->fds ? now.fds : w->fds;

        if (site->seen->pages >= jobs) {
            break;
        }

        process_pause(10);
    }

    return site->seen->most;
}


int
main(void)
{
    const TTest  *tests[] = {
        thousands_of_pages_wait_at_once_without_a_thread_each,
        a_host_that_is_new_is_asked_for_all_pages_at_once,
        NULL
    };

    return suite_run("held", tests, HELD_TIMEOUT);
}
