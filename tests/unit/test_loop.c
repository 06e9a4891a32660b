
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <check.h>

#include "sidecar/loop/loop.h"
#include "tests/support/suite.h"


#define LOOP_MANY  600      /* more than are taken from epoll at once */


/* What the handlers below tell the tests. */
typedef struct {
    int             calls;
    int             limit;          /* stop the loop at this many calls */
    uint32_t        events;
    int64_t         now;
    char            order[32];
    loop_io_t      *io[2];
    loop_timer_t    timers[3];
} loop_test_t;


static void loop_test_setup(void);
static void loop_test_teardown(void);
static loop_io_t *loop_test_io(int count, loop_io_pt handler);
static void loop_test_read(loop_io_t *io);
static void loop_test_close(loop_io_t *io);
static void loop_test_note(char c);
static void loop_test_spend(int64_t ns);
static int64_t loop_test_clock(void);
static void loop_test_on_io(loop_io_t *io, uint32_t events);
static void loop_test_on_timer(loop_timer_t *timer);
static void loop_test_stop_io(loop_io_t *io, uint32_t events);
static void loop_test_stop_timer(loop_timer_t *timer);
static void loop_test_drop_both(loop_io_t *io, uint32_t events);
static void loop_test_reuse_other(loop_io_t *io, uint32_t events);
static void loop_test_mute_other(loop_io_t *io, uint32_t events);
static void loop_test_once(loop_io_t *io, uint32_t events);
static void loop_test_slow(loop_timer_t *timer);
static void loop_test_on_signal(int signo, void *data);


static loop_t       *loop;
static loop_test_t   t;

/* how epoll_wait() is to fail next, and how often it was called */
static int  loop_epoll_errno;
static int  loop_epoll_calls;


/* In the place of the C library's. */

int
epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
    loop_epoll_calls++;

    if (loop_epoll_errno != 0) {
        errno = loop_epoll_errno;
        loop_epoll_errno = 0;
        return -1;
    }

    return (int) syscall(SYS_epoll_pwait, epfd, events, max, timeout, NULL, 8);
}


START_TEST(readable_descriptor_is_told_to_its_handler)
{
    t.io[0] = loop_test_io(1, loop_test_stop_io);

    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_eq(t.calls, 1);
    ck_assert_uint_eq(t.events, EPOLLIN);

    loop_test_close(t.io[0]);
}
END_TEST


START_TEST(what_is_watched_for_can_be_changed)
{
    t.io[0] = loop_test_io(0, loop_test_stop_io);

    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN|EPOLLOUT), SC_OK);
    ck_assert_uint_eq(t.io[0]->events, EPOLLIN|EPOLLOUT);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_uint_eq(t.events, EPOLLOUT);

    loop_test_close(t.io[0]);
}
END_TEST


START_TEST(descriptor_watched_for_nothing_is_not_reported)
{
    t.io[0] = loop_test_io(1, loop_test_on_io);

    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], 0), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], 0), SC_OK);
    ck_assert_uint_eq(t.io[0]->events, 0);

    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 0), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_str_eq(t.order, "0");

    loop_test_close(t.io[0]);
}
END_TEST


START_TEST(end_of_a_peer_is_reported_unasked)
{
    int        fds[2];
    loop_io_t  io;

    ck_assert_int_eq(pipe(fds), 0);
    memset(&io, 0, sizeof(loop_io_t));
    io.fd = fds[1];
    io.handler = loop_test_stop_io;

    ck_assert_int_eq(loop_io_set(loop, &io, EPOLLPRI), SC_OK);
    (void) close(fds[0]);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_uint_eq(t.events, EPOLLERR);

    loop_io_del(loop, &io);
    (void) close(fds[1]);
}
END_TEST


START_TEST(descriptor_that_cannot_be_watched_is_refused)
{
    loop_io_t  io;

    memset(&io, 0, sizeof(loop_io_t));
    io.fd = -1;
    io.handler = loop_test_on_io;

    errno = 0;
    ck_assert_int_eq(loop_io_set(loop, &io, EPOLLIN), SC_ERROR);
    ck_assert_int_eq(errno, EBADF);
    ck_assert_uint_eq(io.events, 0);

    loop_io_del(loop, &io);
}
END_TEST


/* Both are ready in one round; whoever comes first frees both. */

START_TEST(watcher_freed_by_an_earlier_handler_is_not_called)
{
    t.io[0] = loop_test_io(1, loop_test_drop_both);
    t.io[1] = loop_test_io(1, loop_test_drop_both);

    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[1], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_eq(t.calls, 1);
}
END_TEST


START_TEST(watcher_put_to_another_use_does_not_get_the_old_event)
{
    t.io[0] = loop_test_io(1, loop_test_reuse_other);
    t.io[1] = loop_test_io(1, loop_test_reuse_other);

    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[1], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_eq(t.calls, 1);

    loop_test_close(t.io[0]);
    loop_test_close(t.io[1]);
}
END_TEST


START_TEST(event_no_longer_watched_for_is_not_reported)
{
    t.io[0] = loop_test_io(1, loop_test_mute_other);
    t.io[1] = loop_test_io(1, loop_test_mute_other);

    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_io_set(loop, t.io[1], EPOLLIN), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_eq(t.calls, 1);

    loop_test_close(t.io[0]);
    loop_test_close(t.io[1]);
}
END_TEST


START_TEST(more_descriptors_than_fit_in_a_round_are_all_served)
{
    int         i;
    loop_io_t  *io[LOOP_MANY];

    t.limit = LOOP_MANY;

    for (i = 0; i < LOOP_MANY; i++) {
        io[i] = loop_test_io(1, loop_test_once);
        ck_assert_int_eq(loop_io_set(loop, io[i], EPOLLIN), SC_OK);
    }

    ck_assert_int_eq(loop_run(loop), SC_OK);
    ck_assert_int_eq(t.calls, LOOP_MANY);

    for (i = 0; i < LOOP_MANY; i++) {
        loop_test_close(io[i]);
    }
}
END_TEST


START_TEST(time_stands_still_in_a_round_and_goes_on_outside)
{
    int64_t  before, after;

    before = loop_now(loop);
    loop_timer_init(&t.timers[0], loop_test_slow, NULL);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 0), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);
    after = loop_now(loop);

    ck_assert_int_lt(before, t.now);
    ck_assert_int_ge(after - t.now, 2 * LOOP_MS);
}
END_TEST


START_TEST(longest_round_is_remembered)
{
    ck_assert_int_eq(loop_lag(loop), 0);

    loop_timer_init(&t.timers[0], loop_test_slow, NULL);
    loop_timer_init(&t.timers[1], loop_test_stop_timer, NULL);
    t.limit = 2;
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 0), SC_OK);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[1], LOOP_MS), SC_OK);
    ck_assert_int_eq(loop_run(loop), SC_OK);

    ck_assert_int_ge(loop_lag(loop), 2 * LOOP_MS);
}
END_TEST


START_TEST(loop_stopped_before_it_runs_returns_at_once_and_can_run_again)
{
    loop_timer_init(&t.timers[0], loop_test_stop_timer, NULL);
    ck_assert_int_eq(loop_timer_set(loop, &t.timers[0], 0), SC_OK);

    loop_stop(loop);
    ck_assert_int_eq(loop_run(loop), SC_OK);
    ck_assert_int_eq(t.calls, 0);

    ck_assert_int_eq(loop_run(loop), SC_OK);
    ck_assert_int_eq(t.calls, 1);
}
END_TEST


START_TEST(interrupted_wait_is_no_failure)
{
    loop_epoll_errno = EINTR;
    t.io[0] = loop_test_io(1, loop_test_stop_io);
    ck_assert_int_eq(loop_io_set(loop, t.io[0], EPOLLIN), SC_OK);

    ck_assert_int_eq(loop_run(loop), SC_OK);
    ck_assert_int_eq(t.calls, 1);
    ck_assert_int_eq(loop_epoll_calls, 2);

    loop_test_close(t.io[0]);
}
END_TEST


START_TEST(failure_of_epoll_ends_the_loop)
{
    loop_epoll_errno = EINVAL;

    errno = 0;
    ck_assert_int_eq(loop_run(loop), SC_ERROR);
    ck_assert_int_eq(errno, EINVAL);
}
END_TEST


START_TEST(signals_reach_the_handler_from_the_loop)
{
    static const int  signos[] = { SIGTERM, SIGUSR1, 0 };

    t.limit = 2;
    ck_assert_int_eq(loop_signals(loop, signos, loop_test_on_signal, &t),
                     SC_OK);

    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert_int_eq(raise(SIGUSR1), 0);
    ck_assert_int_eq(t.calls, 0);

    ck_assert_int_eq(loop_run(loop), SC_OK);
    ck_assert_int_eq(t.calls, 2);
    ck_assert_ptr_nonnull(strchr(t.order, 'T'));
    ck_assert_ptr_nonnull(strchr(t.order, 'U'));
}
END_TEST


START_TEST(signals_are_taken_once_a_loop)
{
    static const int  signos[] = { SIGUSR2, 0 };

    ck_assert_int_eq(loop_signals(loop, signos, loop_test_on_signal, &t),
                     SC_OK);
    errno = 0;
    ck_assert_int_eq(loop_signals(loop, signos, loop_test_on_signal, &t),
                     SC_ERROR);
    ck_assert_int_eq(errno, EBUSY);
}
END_TEST


START_TEST(number_that_is_no_signal_is_refused)
{
    static const int  signos[] = { SIGUSR2, 4711, 0 };

    errno = 0;
    ck_assert_int_eq(loop_signals(loop, signos, loop_test_on_signal, &t),
                     SC_ERROR);
    ck_assert_int_eq(errno, EINVAL);
}
END_TEST


static void
loop_test_setup(void)
{
    memset(&t, 0, sizeof(loop_test_t));
    t.limit = 1;
    loop_epoll_errno = 0;
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

    t.events = events;
    loop_test_note('i');
}


static void
loop_test_on_timer(loop_timer_t *timer)
{
    t.now = loop_now(loop);
    loop_test_note((char) ('0' + (timer - t.timers)));
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
loop_test_drop_both(loop_io_t *io, uint32_t events)
{
    loop_test_on_io(io, events);
    loop_test_close(t.io[0]);
    loop_test_close(t.io[1]);
}


/* The other one's memory and descriptor number are given to a new watcher. */

static void
loop_test_reuse_other(loop_io_t *io, uint32_t events)
{
    int         fd;
    loop_io_t  *other;

    loop_test_on_io(io, events);

    other = t.io[io == t.io[0]];
    fd = other->fd;
    loop_io_del(loop, other);
    (void) close(fd);

    other->fd = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);
    ck_assert_int_eq(other->fd, fd);
    ck_assert_int_eq(loop_io_set(loop, other, EPOLLIN), SC_OK);
}


static void
loop_test_mute_other(loop_io_t *io, uint32_t events)
{
    loop_test_on_io(io, events);
    ck_assert_int_eq(loop_io_set(loop, t.io[io == t.io[0]], EPOLLPRI), SC_OK);
}


static void
loop_test_once(loop_io_t *io, uint32_t events)
{
    loop_test_read(io);
    loop_test_on_io(io, events);
}


static void
loop_test_slow(loop_timer_t *timer)
{
    int64_t  now;

    now = loop_now(loop);
    loop_test_spend(2 * LOOP_MS);
    ck_assert_int_eq(loop_now(loop), now);
    loop_test_on_timer(timer);
}


static void
loop_test_on_signal(int signo, void *data)
{
    ck_assert_ptr_eq(data, &t);
    loop_test_note(signo == SIGTERM ? 'T' : 'U');
}


int
main(void)
{
    int           i;
    Suite        *suite;
    TCase        *tc;
    const TTest  *tests[] = {
        readable_descriptor_is_told_to_its_handler,
        what_is_watched_for_can_be_changed,
        descriptor_watched_for_nothing_is_not_reported,
        end_of_a_peer_is_reported_unasked,
        descriptor_that_cannot_be_watched_is_refused,
        watcher_freed_by_an_earlier_handler_is_not_called,
        watcher_put_to_another_use_does_not_get_the_old_event,
        event_no_longer_watched_for_is_not_reported,
        more_descriptors_than_fit_in_a_round_are_all_served,
        time_stands_still_in_a_round_and_goes_on_outside,
        longest_round_is_remembered,
        loop_stopped_before_it_runs_returns_at_once_and_can_run_again,
        interrupted_wait_is_no_failure,
        failure_of_epoll_ends_the_loop,
        signals_reach_the_handler_from_the_loop,
        signals_are_taken_once_a_loop,
        number_that_is_no_signal_is_refused,
        NULL
    };

    suite = suite_create("loop");
    tc = tcase_create("loop");
    tcase_add_checked_fixture(tc, loop_test_setup, loop_test_teardown);
    tcase_set_timeout(tc, 10);

    for (i = 0; tests[i] != NULL; i++) {
        tcase_add_test(tc, tests[i]);
    }

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}
