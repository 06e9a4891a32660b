
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sidecar/loop/loop_internal.h"
#include "sidecar/metrics/metrics.h"


static int64_t loop_clock(void);
static void loop_scrub(loop_t *loop, const loop_io_t *io);
static int loop_wait(loop_t *loop);
static int loop_timeout(loop_t *loop, int64_t now);
static void loop_events(loop_t *loop);
static void loop_timers(loop_t *loop);
static void loop_tasks(loop_t *loop);


loop_t *
loop_create(void)
{
    loop_t  *loop;

    loop = calloc(1, sizeof(loop_t));
    if (loop == NULL) {
        return NULL;
    }

    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll == -1) {
        free(loop);
        return NULL;
    }

    heap_init(&loop->timers);
    loop->signals.fd = -1;
    loop->tasks = &loop->end;
    loop->end.prev = &loop->tasks;

    return loop;
}


void
loop_destroy(loop_t *loop)
{
    if (loop->signals.fd != -1) {
        (void) close(loop->signals.fd);
    }

    (void) close(loop->epoll);
    heap_free(&loop->timers);
    free(loop);
}


int
loop_run(loop_t *loop)
{
    int  rc;

    rc = SC_OK;
    loop->now = loop_clock();
    loop->running = 1;

    while (!loop->stopped) {
        rc = loop_wait(loop);
        if (rc != SC_OK) {
            break;
        }

        loop_events(loop);
        loop_timers(loop);
        loop_tasks(loop);
    }

    loop->running = 0;
    loop->stopped = 0;

    return rc;
}


void
loop_stop(loop_t *loop)
{
    loop->stopped = 1;
}


int64_t
loop_now(const loop_t *loop)
{
    return loop->running ? loop->now : loop_clock();
}


int64_t
loop_lag(const loop_t *loop)
{
    return loop->lag;
}


int
loop_io_set(loop_t *loop, loop_io_t *io, uint32_t events)
{
    int                 op;
    struct epoll_event  ev;

    if (events == io->events) {
        return SC_OK;
    }

    if (events == 0) {
        loop_io_del(loop, io);
        return SC_OK;
    }

    op = io->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    ev.events = events;
    ev.data.ptr = io;

    if (epoll_ctl(loop->epoll, op, io->fd, &ev) == -1) {
        return SC_ERROR;
    }

    io->events = events;

    return SC_OK;
}


void
loop_io_del(loop_t *loop, loop_io_t *io)
{
    if (io->events == 0) {
        return;
    }

    /* it fails for a descriptor that is closed, which epoll has forgotten */

    (void) epoll_ctl(loop->epoll, EPOLL_CTL_DEL, io->fd, NULL);
    io->events = 0;
    loop_scrub(loop, io);
}


void
loop_timer_init(loop_timer_t *timer, loop_timer_pt handler, void *data)
{
    timer->node.key = 0;
    timer->node.index = HEAP_NONE;
    timer->handler = handler;
    timer->data = data;
}


int
loop_timer_set(loop_t *loop, loop_timer_t *timer, int64_t delay)
{
    int64_t  now;

    now = loop_now(loop);

    /* later than now: a timer set by a timer is not due in the same round */

    if (delay < 1) {
        delay = 1;
    }

    heap_remove(&loop->timers, &timer->node);
    timer->node.key = delay > INT64_MAX - now ? INT64_MAX : now + delay;

    return heap_insert(&loop->timers, &timer->node);
}


void
loop_timer_del(loop_t *loop, loop_timer_t *timer)
{
    heap_remove(&loop->timers, &timer->node);
}


void
loop_defer(loop_t *loop, loop_task_t *task)
{
    if (task->prev != NULL) {
        return;
    }

    task->next = &loop->end;
    task->prev = loop->end.prev;
    *task->prev = task;
    loop->end.prev = &task->next;
}


void
loop_undefer(loop_task_t *task)
{
    if (task->prev == NULL) {
        return;
    }

    /* there is always a next one: the end of the list is a task, too */

    *task->prev = task->next;
    task->next->prev = task->prev;
    task->next = NULL;
    task->prev = NULL;
}


static int64_t
loop_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * LOOP_SEC + ts.tv_nsec;
}


/*
 * The events of this round are in hand already; those of io must not find
 * it, as its memory may be somebody else's by then.
 */

static void
loop_scrub(loop_t *loop, const loop_io_t *io)
{
    int  i;

    for (i = loop->at; i < loop->nevents; i++) {
        if (loop->events[i].data.ptr == io) {
            loop->events[i].data.ptr = NULL;
        }
    }
}


/*
 * Two looks at the clock a round: the first ends the round before, the second
 * is the time of this one, as the wait between them may be long.
 */

static int
loop_wait(loop_t *loop)
{
    int      n;
    int64_t  now;

    now = loop_clock();

    metrics_observe(METRICS_ROUND, METRICS_SECONDS, now - loop->now);

    if (now - loop->now > loop->lag) {
        loop->lag = now - loop->now;
    }

    n = epoll_wait(loop->epoll, loop->events, LOOP_EVENTS,
                   loop_timeout(loop, now));

    if (n == -1) {
        if (errno != EINTR) {
            return SC_ERROR;
        }

        n = 0;
    }

    loop->at = 0;
    loop->nevents = n;
    loop->now = loop_clock();

    return SC_OK;
}


/*
 * Milliseconds to the next timer, rounded up: rounded down, the last part of
 * one would be spent in rounds that do nothing.
 */

static int
loop_timeout(loop_t *loop, int64_t now)
{
    int64_t       left;
    heap_node_t  *node;

    if (loop->tasks != &loop->end) {
        return 0;
    }

    node = heap_min(&loop->timers);

    if (node == NULL) {
        return -1;
    }

    left = node->key - now;

    if (left <= 0) {
        return 0;
    }

    left = (left - 1) / LOOP_MS + 1;

    return left < INT_MAX ? (int) left : INT_MAX;
}


static void
loop_events(loop_t *loop)
{
    uint32_t    events;
    loop_io_t  *io;

    while (loop->at < loop->nevents) {
        io = loop->events[loop->at].data.ptr;
        events = loop->events[loop->at].events;
        loop->at++;

        if (io == NULL) {
            continue;
        }

        /* an earlier handler may have changed what is watched for */

        events &= io->events | EPOLLERR | EPOLLHUP;

        if (events != 0) {
            io->handler(io, events);
        }
    }
}


static void
loop_timers(loop_t *loop)
{
    heap_node_t   *node;
    loop_timer_t  *timer;

    for ( ;; ) {
        node = heap_min(&loop->timers);

        if (node == NULL || node->key > loop->now) {
            return;
        }

        heap_remove(&loop->timers, node);

        timer = (loop_timer_t *) ((char *) node
                                  - offsetof(loop_timer_t, node));
        timer->handler(timer);
    }
}


/*
 * The mark parts the tasks of this round from those that they put off anew:
 * a list of its own would not do, as loop_undefer() does not know which one
 * its task is in.
 */

static void
loop_tasks(loop_t *loop)
{
    loop_task_t  *task;

    loop_defer(loop, &loop->mark);

    while (loop->tasks != &loop->mark) {
        task = loop->tasks;
        loop_undefer(task);
        task->handler(task);
    }

    loop_undefer(&loop->mark);
}
