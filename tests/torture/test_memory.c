
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/support/suite.h"
#include "tests/torture/torture.h"


#define MEMORY_TIMEOUT    3600
#define MEMORY_ROOM       4096          /* KiB that it may still have */
#define MEMORY_ROUND      1000          /* ms without memory */
#define MEMORY_REASONS    "/server/interrupted /server/out-of-memory "       \
                          "/server/out-of-resources /extract/failed "        \
                          "/extract/crashed "


static void memory_limit(pid_t pid, rlim_t limit);
static rlim_t memory_has(pid_t pid);
static int memory_ended(pid_t pid);


START_TEST(scraped_without_memory_loses_nothing_that_was_accepted)
{
    size_t      i, n, ended;
    torture_t  *t;

    n = proof_times("TORTURE_MEMORY", 20, 2);
    ended = 0;
    t = torture_start(&(torture_options_t) {
        .broken = 1,
        .reasons = MEMORY_REASONS
    });

    for (i = 0; i < n; i++) {
        process_pause((unsigned) proof_random(MEMORY_ROUND));
        memory_limit(t->gateway.scraped,
                     memory_has(t->gateway.scraped)
                     + proof_random(MEMORY_ROOM) * 1024);
        process_pause(MEMORY_ROUND);

        if (memory_ended(t->gateway.scraped)) {
            ended++;
            (void) gateway_stop_sidecar(&t->gateway, SIGKILL);
            (void) torture_restart(t);

        } else if (i % 2 == 0) {
            /* as the kernel does when there is none at all */
            (void) torture_kill(t);

        } else {
            memory_limit(t->gateway.scraped, RLIM_INFINITY);
        }
    }

    torture_finish(t, "memory");
    proof_report("memory", "it lives without memory", n, ended,
                 "%zu kills besides", (n + 1) / 2);
}
END_TEST


/* Of its address space; what it starts is free of it. */
static void
memory_limit(pid_t pid, rlim_t limit)
{
    struct rlimit  r;

    r.rlim_cur = limit;
    r.rlim_max = RLIM_INFINITY;
    ck_assert_int_eq(prlimit(pid, RLIMIT_AS, &r, NULL), 0);
}


/* Bytes. */
static rlim_t
memory_has(pid_t pid)
{
    char    path[64], text[128], *end;
    FILE   *f;
    rlim_t  n;

    (void) snprintf(path, sizeof(path), "/proc/%d/statm", (int) pid);
    f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_ptr_nonnull(fgets(text, sizeof(text), f));
    (void) fclose(f);
    n = strtoul(text, &end, 10) * 4096;
    ck_assert(n > 0);

    return n;
}


static int
memory_ended(pid_t pid)
{
    siginfo_t  info;

    memset(&info, 0, sizeof(info));
    ck_assert_int_eq(waitid(P_PID, (id_t) pid, &info,
                            WEXITED | WNOHANG | WNOWAIT), 0);

    return info.si_pid != 0;
}


int
main(void)
{
    const TTest  *tests[] = {
        scraped_without_memory_loses_nothing_that_was_accepted,
        NULL
    };

    return suite_run("memory", tests, MEMORY_TIMEOUT);
}
