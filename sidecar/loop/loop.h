
/*
 * The one event loop of scraped: sockets by epoll, timers in a heap, signals
 * by signalfd, and work put off to the end of the round.  Everything here is
 * called from the loop's own thread.
 *
 * Handlers run one after another and must not block.  A handler may remove or
 * free any watcher, its own included: events of this round that were meant for
 * a removed watcher are dropped.
 */

#ifndef LOOP_H
#define LOOP_H


#include <sys/epoll.h>

#include "common/sc_core.h"
#include "sidecar/loop/heap.h"


typedef struct loop_s        loop_t;
typedef struct loop_io_s     loop_io_t;
typedef struct loop_timer_s  loop_timer_t;
typedef struct loop_task_s   loop_task_t;

typedef void (*loop_io_pt)(loop_io_t *io, uint32_t events);
typedef void (*loop_timer_pt)(loop_timer_t *timer);
typedef void (*loop_task_pt)(loop_task_t *task);
typedef void (*loop_signal_pt)(int signo, void *data);


/*
 * A watched descriptor, embedded in its owner.  Fill in fd, handler and data
 * (the rest zero), then loop_io_set().  events is kept by the loop.
 */
struct loop_io_s {
    int         fd;
    uint32_t    events;
    loop_io_pt  handler;
    void       *data;
};


/* A timer, embedded in its owner; loop_timer_init() before the first use. */
struct loop_timer_s {
    heap_node_t    node;        /* key = when, in loop_now()'s nanoseconds */
    loop_timer_pt  handler;
    void          *data;
};


/*
 * Work for the end of this round, embedded in its owner.  Fill in handler and
 * data, the rest zero; prev is NULL when it is not queued.
 */
struct loop_task_s {
    loop_task_t   *next;
    loop_task_t  **prev;
    loop_t        *loop;
    loop_task_pt   handler;
    void          *data;
};


#define LOOP_MS    ((int64_t) 1000000)      /* nanoseconds */
#define LOOP_SEC   ((int64_t) 1000000000)


/* NULL on failure, errno says why. */
loop_t *loop_create(void);

/* All watchers must have been removed; frees the loop. */
void loop_destroy(loop_t *loop);

/*
 * Serve events until loop_stop(), which lets the round it is called in end;
 * SC_OK, or SC_ERROR with errno when epoll itself fails.
 */
int loop_run(loop_t *loop);
void loop_stop(loop_t *loop);

/*
 * Monotonic nanoseconds, read once a round: cheap, and the same for all that
 * happens in one round.  Outside of loop_run(), the time it is.
 */
int64_t loop_now(const loop_t *loop);

/* The longest round so far, in nanoseconds, handlers only: the loop's lag. */
int64_t loop_lag(const loop_t *loop);

/*
 * Watch for events (EPOLLIN, EPOLLOUT, …; level-triggered); a second call
 * changes what is watched, 0 stops watching and keeps nothing in epoll.
 * EPOLLERR and EPOLLHUP are always reported.  SC_OK, or SC_ERROR with errno
 * and nothing changed.  loop_io_del() must come before close().
 */
int loop_io_set(loop_t *loop, loop_io_t *io, uint32_t events);
void loop_io_del(loop_t *loop, loop_io_t *io);

void loop_timer_init(loop_timer_t *timer, loop_timer_pt handler, void *data);

/*
 * Fire once, delay nanoseconds from loop_now() (0: in the next round; rounds
 * are as fine as milliseconds, never early); a timer that is set already is
 * moved.  SC_OK, or SC_ERROR when memory is out.
 */
int loop_timer_set(loop_t *loop, loop_timer_t *timer, int64_t delay);
void loop_timer_del(loop_t *loop, loop_timer_t *timer);

/* Run task->handler after the events of this round; once however often. */
void loop_defer(loop_t *loop, loop_task_t *task);
void loop_undefer(loop_task_t *task);

/*
 * Block the signals in signos (0-terminated) in this thread and those it
 * starts, and have the handler called for them from the loop.  At most once a
 * loop.  They stay blocked after loop_destroy(), and in what is executed: a
 * child must empty its mask first.  SC_OK, or SC_ERROR with errno.
 */
int loop_signals(loop_t *loop, const int *signos, loop_signal_pt handler,
    void *data);


#endif /* LOOP_H */
