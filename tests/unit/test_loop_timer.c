
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/loop/loop.h"
#include "tests/support/suite.h"


/* What the handlers below tell the tests. */
typedef struct {
    int             calls;
    int             limit;          /* stop the loop at this many calls */
    int64_t         now;
    char            order[32];
    loop_io_t      *io[2];
    loop_timer_t    timers[3];
    loop_task_t     tasks[3];
} loop_test_t;


static void loop_test_setup(void);
static void loop_test_teardown(void);
static loop_io_t *loop_test_io(int count, loop_io_pt handler);
static void loop_test_read(loop_io_t *io);
static void loop_test_close(loop_io_t *io);
static void loop_test_task(int i, loop_task_pt handler);
static void loop_test_note(char c);
static void loop_test_spend(int64_t ns);
static int64_t loop_test_clock(void);
static void loop_test_on_io(loop_io_t *io, uint32_t events);
static void loop_test_on_timer(loop_timer_t *timer);
static void loop_test_on_task(loop_task_t *task);
static void loop_test_stop_io(loop_io_t *io, uint32_t events);
static void loop_test_stop_timer(loop_timer_t *timer);
static void loop_test_once(loop_io_t *io, uint32_t events);
static void loop_test_del_others(loop_timer_t *timer);
static void loop_test_again(loop_timer_t *timer);
static void loop_test_defer_all(loop_timer_t *timer);
static void loop_test_undefer_next(loop_task_t *task);
static void loop_test_defer_again(loop_task_t *task);


static loop_t       *loop;
static loop_test_t   t;

/* how often the loop has waited */
static int  loop_epoll_calls;


/* In the place of the C library's. */

int
epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
    loop_epoll_calls++;

    return (int) syscall(SYS_epoll_pwait, epfd, events, max, timeout, NULL, 8);
}


START_TEST(timer_does_not_fire_before_its_time)
{
    int64_t  begun;

    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);

    begun = loop_test_clock();
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 5 * LOOP_MS + 1),
                     SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_ge(loop_test_clock() - begun, 5 * LOOP_MS + 1);
    ck_assert_int_ge(t.now, t.timers[0].node.key);
    ck_assert_str_eq(t.order, "0");
}
END_TEST


START_TEST(timer_between_two_milliseconds_costs_no_empty_rounds)
{
    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);

    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 4 * LOOP_MS + 7),
                     SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_le(loop_epoll_calls, 2);
}
END_TEST


START_TEST(timers_fire_in_the_order_of_their_times)
{
    t.limit = 3;
    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);
    loop_timer_init(&t.timers[1], loop_test_on_timer, NULL);
    loop_timer_init(&t.timers[2], loop_test_on_timer, NULL);

    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 4 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[1], 3 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[2], 1 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "210");
}
END_TEST


START_TEST(timer_set_again_is_moved_and_fires_once)
{
    t.limit = 3;
    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);
    loop_timer_init(&t.timers[1], loop_test_on_timer, NULL);
    loop_timer_init(&t.timers[2], loop_test_on_timer, NULL);

    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 6 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[1], 1 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[2], 600 * LOOP_SEC),
                     SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[1], 4 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[2], 2 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "210");
}
END_TEST


START_TEST(timer_deleted_in_the_round_it_is_due_does_not_fire)
{
    int  i;

    for (i = 0; i < 3; i++) {
        loop_timer_init(&t.timers[i], loop_test_del_others, NULL);
        ck_assert_int_eq(loop_timer_set(loop, &t.timers[i], 0), SC_OK);
    }

    ck_assert_int_eq(loop_run(loop), SC_OK);
    ck_assert_int_eq(t.calls, 1);

    loop_timer_del(loop, &t.timers[0]);
}
END_TEST


START_TEST(delays_without_sense_are_bounded)
{
    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);
    loop_timer_init(&t.timers[1], loop_test_on_timer, NULL);

    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], INT64_MIN), SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[1], INT64_MAX), SC_OK);
    ck_assert_int_eq(t.timers[1].node.key, INT64_MAX);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "0");

    /* alone, it makes the longest wait there is; woken by a descriptor */

    t.io[0] = loop_test_io(1, loop_test_stop_io);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);
    ck_assert_str_eq(t.order, "0i");

    loop_test_close(t.io[0]);
}
END_TEST


START_TEST(timer_that_sets_itself_lets_descriptors_have_their_turn)
{
    t.io[0] = loop_test_io(1, loop_test_stop_io);
    loop_timer_init(&t.timers[0], loop_test_again, NULL);

    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 0), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    /* once in the round of the descriptor, and not again */

    ck_assert_int_le(t.calls, 2);

    loop_timer_del(loop, &t.timers[0]);
    loop_test_close(t.io[0]);
}
END_TEST


START_TEST(tasks_run_after_events_and_timers_in_the_order_they_came)
{
    int  i;

    for (i = 0; i < 3; i++) {
        loop_test_task(i, loop_test_on_task);
    }

    t.limit = 5;
    t.io[0] = loop_test_io(1, loop_test_once);
    loop_timer_init(&t.timers[0], loop_test_defer_all, NULL);

    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 0), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    loop_test_spend(1);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "i0abc");

    loop_test_close(t.io[0]);
}
END_TEST


START_TEST(task_deferred_twice_runs_once)
{
    loop_test_task(0, loop_test_on_task);
    loop_test_task(1, loop_test_on_task);
    t.limit = 2;

    loop_defer(loop, &t.tasks[0]);
    loop_defer(loop, &t.tasks[1]);
    loop_defer(loop, &t.tasks[0]);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "ab");
    ck_assert_ptr_null(t.tasks[0].prev);
}
END_TEST


START_TEST(task_taken_back_does_not_run)
{
    int  i;

    for (i = 0; i < 3; i++) {
        loop_test_task(i, loop_test_on_task);
        loop_defer(loop, &t.tasks[i]);
    }

    t.limit = 2;

    /* the last, the first, and one that is not queued */

    loop_undefer(&t.tasks[2]);
    loop_undefer(&t.tasks[0]);
    loop_undefer(&t.tasks[0]);
    loop_defer(loop, &t.tasks[2]);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "bc");
}
END_TEST


START_TEST(task_can_take_back_the_next_one)
{
    loop_test_task(0, loop_test_undefer_next);
    loop_test_task(1, loop_test_on_task);
    loop_test_task(2, loop_test_on_task);
    t.limit = 2;

    loop_defer(loop, &t.tasks[0]);
    loop_defer(loop, &t.tasks[1]);
    loop_defer(loop, &t.tasks[2]);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "ac");
}
END_TEST


START_TEST(task_that_defers_itself_lets_descriptors_have_their_turn)
{
    loop_test_task(0, loop_test_defer_again);
    t.io[0] = loop_test_io(1, loop_test_stop_io);

    loop_defer(loop, &t.tasks[0]);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "ia");

    loop_undefer(&t.tasks[0]);
    loop_test_close(t.io[0]);
}
END_TEST


/* Nothing but the task can wake this loop. */

START_TEST(task_deferred_by_a_task_is_not_waited_for)
{
    t.limit = 3;
    loop_test_task(0, loop_test_defer_again);

    loop_defer(loop, &t.tasks[0]);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "aaa");

    loop_undefer(&t.tasks[0]);
}
END_TEST


START_TEST(timer_set_before_the_loop_runs_counts_from_then)
{
    int64_t  begun;

    loop_test_spend(3 * LOOP_MS);
    begun = loop_test_clock();
    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 3 * LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_ge(loop_test_clock() - begun, 3 * LOOP_MS);
}
END_TEST


static void
loop_test_setup(void)
{
    memset(&t, 0, sizeof(loop_test_t));
    t.limit = 1;
    loop_epoll_calls = 0;

    loop = loop_create();
    ck_assert_ptr_nonnull(loop);
}


static void
loop_test_teardown(void)
{
    loop_destroy(loop);
}


/* An eventfd, readable when count is not 0 and always writable. */

static loop_io_t *
loop_test_io(int count, loop_io_pt handler)
{
    loop_io_t  *io;

    io = calloc(1, sizeof(loop_io_t));
    ck_assert_ptr_nonnull(io);

    io->fd = eventfd((unsigned) count, EFD_NONBLOCK|EFD_CLOEXEC);
    ck_assert_int_ne(io->fd, -1);
    io->handler = handler;

    return io;
}


static void
loop_test_read(loop_io_t *io)
{
    uint64_t  n;

    ck_assert_int_eq(read(io->fd, &n, sizeof(n)), sizeof(n));
}


static void
loop_test_close(loop_io_t *io)
{
    loop_io_del(loop, io);
    (void) close(io->fd);
    free(io);
}


static void
loop_test_task(int i, loop_task_pt handler)
{
    t.tasks[i].handler = handler;
}


static void
loop_test_note(char c)
{
    if ((size_t) t.calls < sizeof(t.order) - 1) {
        t.order[t.calls] = c;
    }

    if (++t.calls >= t.limit) {
        loop_stop(loop);
    }
}


static void
loop_test_spend(int64_t ns)
{
    int64_t  until;

    until = loop_test_clock() + ns;

    while (loop_test_clock() < until) {
        /* a handler that is slow */
    }
}


static int64_t
loop_test_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * LOOP_SEC + ts.tv_nsec;
}


static void
loop_test_on_io(loop_io_t *io, uint32_t events)
{
    (void) io;
    (void) events;

    loop_test_note('i');
}


static void
loop_test_on_timer(loop_timer_t *timer)
{
    t.now = loop_now(loop);
    loop_test_note((char) ('0' + (timer - t.timers)));
}


static void
loop_test_on_task(loop_task_t *task)
{
    loop_test_note((char) ('a' + (task - t.tasks)));
}


static void
loop_test_stop_io(loop_io_t *io, uint32_t events)
{
    loop_test_on_io(io, events);
    loop_stop(loop);
}


static void
loop_test_stop_timer(loop_timer_t *timer)
{
    loop_test_on_timer(timer);
    loop_stop(loop);
}


static void
loop_test_once(loop_io_t *io, uint32_t events)
{
    loop_test_read(io);
    loop_test_on_io(io, events);
}


static void
loop_test_del_others(loop_timer_t *timer)
{
    int  i;

    loop_test_on_timer(timer);

    for (i = 0; i < 3; i++) {
        loop_timer_del(loop, &t.timers[i]);
    }
}


static void
loop_test_again(loop_timer_t *timer)
{
    t.limit = 1000;
    loop_test_on_timer(timer);
    ck_assert_int_eq(loop_timer_set(loop, timer, 0), SC_OK);
}


static void
loop_test_defer_all(loop_timer_t *timer)
{
    int  i;

    for (i = 0; i < 3; i++) {
        loop_defer(loop, &t.tasks[i]);
    }

    loop_test_on_timer(timer);
}


static void
loop_test_undefer_next(loop_task_t *task)
{
    loop_test_on_task(task);
    loop_undefer(task + 1);
}


static void
loop_test_defer_again(loop_task_t *task)
{
    loop_test_on_task(task);
    loop_defer(loop, task);
}


int
main(void)
{
    int           i;
    Suite        *suite;
    TCase        *tc;
    const TTest  *tests[] = {
        timer_does_not_fire_before_its_time,
        timer_between_two_milliseconds_costs_no_empty_rounds,
        timers_fire_in_the_order_of_their_times,
        timer_set_again_is_moved_and_fires_once,
        timer_deleted_in_the_round_it_is_due_does_not_fire,
        delays_without_sense_are_bounded,
        timer_that_sets_itself_lets_descriptors_have_their_turn,
        tasks_run_after_events_and_timers_in_the_order_they_came,
        task_deferred_twice_runs_once,
        task_taken_back_does_not_run,
        task_can_take_back_the_next_one,
        task_that_defers_itself_lets_descriptors_have_their_turn,
        task_deferred_by_a_task_is_not_waited_for,
        timer_set_before_the_loop_runs_counts_from_then,
        NULL
    };

    suite = suite_create("loop_timer");
    tc = tcase_create("loop_timer");
    tcase_add_checked_fixture(tc, loop_test_setup, loop_test_teardown);
    tcase_set_timeout(tc, 10);

    for (i = 0; tests[i] != NULL; i++) {
        tcase_add_test(tc, tests[i]);
    }

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
