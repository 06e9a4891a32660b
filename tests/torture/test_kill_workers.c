
#include <signal.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/torture.h"


#define WORKERS_TIMEOUT    3600
#define WORKERS_LONGEST    500          /* ms between two kills */
#define WORKERS_LEAST      5


START_TEST(a_kill_of_extract_workers_costs_the_page_they_had_at_most)
{
    size_t      i, n, killed;
    pid_t       pid;
    torture_t  *t;

    n = proof_times("TORTURE_WORKER_KILLS", 100, 4);
    killed = 0;
    t = torture_start(&(torture_options_t) {
        .options.settings = "workers = 2\n",
        .reasons = "/extract/crashed "
    });

    for (i = 0; killed < n; i++) {
        ck_assert_msg(i < n * 100, "there are no workers to be killed");
        process_pause((unsigned) (WORKERS_LEAST
                                  + proof_random(WORKERS_LONGEST
                                                 - WORKERS_LEAST)));
        pid = torture_child(t->gateway.scraped);
        killed += pid > 0 && kill(pid, SIGKILL) == 0;
    }

    torture_finish(t, "kill_workers");
    proof_report("kill_workers", "a killed worker costs no other page", killed,
                 t->counts.failed > killed ? t->counts.failed - killed : 0,
                 "%zu pages failed of %zu", t->counts.failed,
                 t->counts.pages);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_kill_of_extract_workers_costs_the_page_they_had_at_most,
        NULL
    };

    return suite_run("kill_workers", tests, WORKERS_TIMEOUT);
}
