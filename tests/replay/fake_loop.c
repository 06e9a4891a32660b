
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/loop/loop_internal.h"
#include "tests/replay/fake.h"


static void fake_tick(loop_task_t *task);


static int64_t  fake_passed;


void
fake_run(loop_t *loop)
{
    loop_task_t  tick;

    tick = (loop_task_t) { .handler = fake_tick, .data = loop };
    loop_defer(loop, &tick);

    ck_assert_int_eq(loop_run(loop), SC_OK);
}


/* Stop when nothing but the end of this round is left in the list. */
static void
fake_tick(loop_task_t *task)
{
    loop_t  *loop = task->data;

    if (loop->tasks == &loop->mark && loop->mark.next == &loop->end) {
        loop_stop(loop);
        return;
    }

    loop_defer(loop, task);
}


void
fake_pass(loop_t *loop, int64_t ns)
{
    fake_passed += ns;
    fake_run(loop);
}


/* In place of libc's: the loop's clock, ahead by what a test let pass. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int64_t  now;

    if (syscall(SYS_clock_gettime, clock, ts) == -1) {
        return -1;
    }

    if (clock == CLOCK_MONOTONIC) {
        now = ts->tv_sec * LOOP_SEC + ts->tv_nsec + fake_passed;
        ts->tv_sec = now / LOOP_SEC;
        ts->tv_nsec = now % LOOP_SEC;
    }

    return 0;
}
