
#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define POLITE_TIMEOUT    3600
#define POLITE_SETTLE     3000
#define POLITE_HOSTS      50
#define POLITE_AT_ONCE    2
#define POLITE_GAP        100       /* ms */
#define POLITE_SLACK      90        /* ms, from the turn to the wire */
#define POLITE_BUSY       600       /* the same on a busy machine, in brief */
#define POLITE_LATE       150       /* ms: there are two at once */

#define POLITE_SETTINGS   "host_connections = 2\n" \
                          "host_delay = 100\n" \
                          "total_timeout = 600000\n"


static size_t polite_judge(const site_t *s, double *least, unsigned *most);


START_TEST(no_host_is_asked_more_often_or_by_more_than_it_may_be)
{
    size_t      wrong;
    double      least;
    site_t      site;
    unsigned    most;
    gateway_t   g;
    offering_t  o;

    offering_begin(&o, &site, proof_times("LOAD_POLITE", 20000, 500),
                   POLITE_HOSTS, "/slow/");
    site_start(&site, &(site_options_t) {
        .delay = POLITE_LATE,
        .gap = POLITE_GAP,
        .slack = proof_full() ? POLITE_SLACK : POLITE_BUSY
    });
    gateway_start(&g, &(gateway_options_t) { .settings = POLITE_SETTINGS });

    offering_run(&o, &g, 64);
    ledger_settle(o.ledger, &g, POLITE_SETTLE);
    wrong = polite_judge(&site, &least, &most);
    wrong += o.jobs - o.accepted + ledger_verify(o.ledger, &g);
    gateway_stop(&g);

    proof_report("polite", "A6: limits of hosts are kept", o.jobs, wrong,
                 "%d hosts of %d connections and %d ms: at most %u at once, "
                 "%.1f ms between two at least, %u pages asked for",
                 POLITE_HOSTS, POLITE_AT_ONCE, POLITE_GAP, most, least,
                 site.seen->pages);

    offering_end(&o);
}
END_TEST


/* How often a limit was not kept, robots.txt among what was asked for. */
static size_t
polite_judge(const site_t *s, double *least, unsigned *most)
{
    size_t              wrong;
    unsigned            i;
    const site_host_t  *h;

    wrong = 0;
    *most = 0;
    *least = 1e9;

    for (i = 0; i < POLITE_HOSTS; i++) {
        h = &s->seen->hosts[i];
        wrong += h->early + (h->most > POLITE_AT_ONCE);
        *most = h->most > *most ? h->most : *most;

        if (h->asked > 1 && (double) h->least / 1e6 < *least) {
            *least = (double) h->least / 1e6;
        }
    }

    return wrong;
}


int
main(void)
{
    const TTest  *tests[] = {
        no_host_is_asked_more_often_or_by_more_than_it_may_be,
        NULL
    };

    return suite_run("polite", tests, POLITE_TIMEOUT);
}
