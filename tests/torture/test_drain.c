
#include <signal.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/torture.h"


#define DRAIN_TIMEOUT    3600
#define DRAIN_REST       500            /* ms between two, and more */
#define DRAIN_LONGEST    10000          /* ms, the setting drain_timeout */
#define DRAIN_SLACK      5000           /* of a busy machine, in full */


START_TEST(scraped_is_stopped_and_started_under_load)
{
    size_t      i, n, late;
    int64_t     from, drain, longest, first, slowest;
    torture_t  *t;

    n = proof_times("TORTURE_DRAINS", 20, 2);
    late = 0;
    longest = 0;
    slowest = 0;
    t = torture_start(&(torture_options_t) { .reasons = NULL });

    for (i = 0; i < n; i++) {
        process_pause((unsigned) (DRAIN_REST + proof_random(DRAIN_REST)));
        from = torture_now();
        ck_assert_int_eq(gateway_stop_sidecar(&t->gateway, SIGTERM), 0);
        drain = torture_now() - from;
        longest = drain > longest ? drain : longest;
        late += proof_full() && drain > DRAIN_LONGEST + DRAIN_SLACK;

        first = torture_restart(t);
        slowest = first > slowest ? first : slowest;
    }

    torture_finish(t, "drain");
    proof_report("drain", "it ends in time and begins again", n, late,
                 "at most %lld ms to the end, %lld ms to the first 202",
                 (long long) longest, (long long) slowest);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        scraped_is_stopped_and_started_under_load,
        NULL
    };

    return suite_run("drain", tests, DRAIN_TIMEOUT);
}
