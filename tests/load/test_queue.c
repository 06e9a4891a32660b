
#include <stdio.h>

#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/watch.h"


#define QUEUE_TIMEOUT    3600
#define QUEUE_SETTLE     1800
#define QUEUE_CLIENTS    64
#define QUEUE_GROWTH     (64 * 1024)        /* KB, while it is full */


START_TEST(a_full_queue_refuses_the_rest_and_does_what_it_took)
{
    char        settings[256];
    long        unended;
    size_t      cap, wrong;
    site_t      site;
    watch_t     full, after;
    gateway_t   g;
    offering_t  o;

    cap = proof_times("LOAD_QUEUE", 10000, 400);
    offering_begin(&o, &site, cap * 5, 50, "/slow/");

    /* it is filled much faster than it empties */
    (void) snprintf(settings, sizeof(settings),
                    "max_queue = %zu\nmax_connections = 100\n"
                    "robots = ignore\n", cap);
    site_start(&site, &(site_options_t) {
        .delay = proof_full() ? 1000 : 500 });
    gateway_start(&g, &(gateway_options_t) { .settings = settings,
                                             .server = WATCH_LOCATION });

    o.jobs = cap;
    offering_run(&o, &g, QUEUE_CLIENTS);
    watch_process(g.scraped, &full);

    o.jobs = cap * 4;
    offering_run(&o, &g, QUEUE_CLIENTS);
    watch_process(g.scraped, &after);
    unended = (long) watch_metric(&g, "pages.unended");

    wrong = o.failed;
    wrong += o.accepted + o.refused != cap * 5;
    wrong += o.refused == 0;
    wrong += unended <= 0 || unended > (long) cap;
    wrong += after.rss > full.rss + QUEUE_GROWTH;

    ledger_settle(o.ledger, &g, QUEUE_SETTLE);
    wrong += ledger_verify(o.ledger, &g);
    gateway_stop(&g);

    proof_report("queue", "A4: a full queue keeps its bound", cap * 5, wrong,
                 "a queue of %zu: %zu accepted, %zu refused with "
                 "Retry-After, %zu answered otherwise; then %ld unended; RSS "
                 "%ld MB when full, %ld MB after", cap, o.accepted, o.refused,
                 o.failed, unended, full.rss / 1024, after.rss / 1024);

    offering_end(&o);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_full_queue_refuses_the_rest_and_does_what_it_took,
        NULL
    };

    return suite_run("queue", tests, QUEUE_TIMEOUT);
}
