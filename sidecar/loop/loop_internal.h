
/*
 * The loop's inside; for sidecar/loop/loop*.c alone.
 *
 *     loop.c           events, timers, tasks
 *     loop_signal.c    signals, as one more descriptor
 */

#ifndef LOOP_INTERNAL_H
#define LOOP_INTERNAL_H


#include "sidecar/loop/loop.h"


#define LOOP_EVENTS    256      /* taken from epoll at once */


/*
 * epoll        descriptor of epoll
 * at           events[at..nevents) are still to be handled in this round
 * nevents      events of this round
 * timers       all that are set
 * now          when this round began
 * lag          the longest round
 * tasks        first of those put off; &end when there is none
 * end          last of the list, never run; end.prev is where to append
 * mark         where the tasks of this round end
 * signals      signalfd, -1 until loop_signals()
 * on_signal    whom to tell, with signal_data
 * running      in loop_run()
 * stopped      it returns after this round
 */
struct loop_s {
    int                 epoll;
    int                 at;
    int                 nevents;
    heap_t              timers;
    int64_t             now;
    int64_t             lag;

    loop_task_t        *tasks;
    loop_task_t         end;
    loop_task_t         mark;

    loop_io_t           signals;
    loop_signal_pt      on_signal;
    void               *signal_data;

    unsigned            running:1;
    unsigned            stopped:1;

    struct epoll_event  events[LOOP_EVENTS];
};


#endif /* LOOP_INTERNAL_H */
