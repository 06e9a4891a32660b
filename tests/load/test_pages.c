
#include <check.h>

#include "tests/support/offering.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/support/watch.h"


#define PAGES_TIMEOUT    3600
#define PAGES_SETTLE     3000
#define PAGES_HOSTS      100
#define PAGES_MEMORY     (300 * 1024)       /* KB, of scraped */


START_TEST(jobs_on_many_hosts_end_in_bounded_memory)
{
    size_t      wrong, runs;
    site_t      site;
    int64_t     from, took;
    watch_t     w;
    gateway_t   g;
    offering_t  o;

    offering_begin(&o, &site, proof_times("LOAD_PAGES", 20000, 300),
                   PAGES_HOSTS, "/p/");
    runs = o.jobs;
    site_start(&site, &(site_options_t) { .pages = proof_full() ? 100 : 3 });
    gateway_start(&g, NULL);

    from = loading_now();
    offering_run(&o, &g, 64);
    ledger_settle(o.ledger, &g, PAGES_SETTLE);
    took = loading_now() - from;
    watch_process(g.scraped, &w);
    wrong = o.jobs - o.accepted + ledger_verify(o.ledger, &g);

    /* each was asked for once: none was lost, none was fetched twice */
    wrong += site.seen->pages != o.jobs;
    wrong += w.peak > PAGES_MEMORY && !process_sanitized();
    gateway_stop(&g);

    proof_report("pages", "A2: jobs end to end, in 300 MB at most", runs,
                 wrong, "%u hosts, pages of 30 KB, robots obeyed: %.0f "
                 "pages/s, at most %ld MB of scraped, %u pages asked for",
                 PAGES_HOSTS, (double) o.jobs * 1e9 / (double) took,
                 w.peak / 1024, site.seen->pages);

    offering_end(&o);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        jobs_on_many_hosts_end_in_bounded_memory,
        NULL
    };

    return suite_run("pages", tests, PAGES_TIMEOUT);
}
