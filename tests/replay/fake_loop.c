
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/loop/loop_internal.h"
#include "tests/replay/fake.h"


/* where the clocks begin: somewhere, and on 2027-01-01 */
#define FAKE_MONOTONIC    (1000 * LOOP_SEC)
#define FAKE_REALTIME     (1798761600 * LOOP_SEC)


static void fake_tick(loop_task_t *task);
static int64_t fake_max(int64_t a, int64_t b);


static int64_t  fake_passed;
static int64_t  fake_read;


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


void
fake_spend(loop_t *loop, int64_t ns)
{
    int64_t       until;
    heap_node_t  *node;

    until = loop_now(loop) + ns;

    while ((node = heap_min(&loop->timers)) != NULL && node->key <= until) {
        fake_passed += fake_max(node->key - loop_now(loop), 0);
        fake_run(loop);
    }

    fake_pass(loop, fake_max(until - loop_now(loop), 0));
}


static int64_t
fake_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}


/* In place of libc's.  Rounds may differ in time, as they do. */
int
clock_gettime(clockid_t clock, struct timespec *ts)
{
    int64_t  now;

    switch (clock) {

    case CLOCK_MONOTONIC:
        now = FAKE_MONOTONIC + fake_passed + ++fake_read;
        break;

    case CLOCK_REALTIME:
        now = FAKE_REALTIME + fake_passed;
        break;

    default:
        return (int) syscall(SYS_clock_gettime, clock, ts);
    }

    ts->tv_sec = now / LOOP_SEC;
    ts->tv_nsec = now % LOOP_SEC;

    return 0;
}
