
#include <stdlib.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/torture.h"


#define KILL_TIMEOUT    3600
#define KILL_LONGEST    500             /* ms between two kills */
#define KILL_LEAST      5
#define KILL_REST       10              /* kills, then there is time to work */
#define KILL_REST_MS    2500


static int kill_order(const void *one, const void *two);


START_TEST(a_kill_of_scraped_at_any_moment_loses_nothing_that_was_accepted)
{
    size_t      i, n;
    int64_t    *first;
    torture_t  *t;

    n = proof_times("TORTURE_KILLS", 200, 4);
    first = calloc(n, sizeof(int64_t));
    ck_assert_ptr_nonnull(first);
    t = torture_start(&(torture_options_t) {
        .reasons = "/server/interrupted "
    });

    for (i = 0; i < n; i++) {
        process_pause((unsigned) (KILL_LEAST + proof_random(KILL_LONGEST
                                                            - KILL_LEAST)));

        if (proof_full() && i % KILL_REST == KILL_REST - 1) {
            process_pause(KILL_REST_MS);
        }

        first[i] = torture_kill(t);
    }

    torture_finish(t, "kill_scraped");

    qsort(first, n, sizeof(int64_t), kill_order);
    proof_report("kill_scraped", "after a kill it accepts again", n, 0,
                 "first 202 after %lld ms, 99 in 100 after %lld ms, all after "
                 "%lld ms", (long long) first[n / 2],
                 (long long) first[n * 99 / 100], (long long) first[n - 1]);
    free(first);
}
END_TEST


static int
kill_order(const void *one, const void *two)
{
    const int64_t  *a = one, *b = two;

    return (*a > *b) - (*a < *b);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_kill_of_scraped_at_any_moment_loses_nothing_that_was_accepted,
        NULL
    };

    return suite_run("kill_scraped", tests, KILL_TIMEOUT);
}
