
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "sidecar/loop/loop_internal.h"


static void loop_signal_read(loop_io_t *io, uint32_t events);


int
loop_signals(loop_t *loop, const int *signos, loop_signal_pt handler,
    void *data)
{
    int        rc;
    sigset_t   set;

    if (loop->signals.fd != -1) {
        errno = EBUSY;
        return SC_ERROR;
    }

    (void) sigemptyset(&set);

    for ( /* void */ ; *signos != 0; signos++) {
        if (sigaddset(&set, *signos) == -1) {
            return SC_ERROR;
        }
    }

    /* a signal that is not blocked would not wait for its descriptor */

    rc = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (rc != 0) {
        errno = rc;
        return SC_ERROR;
    }

    loop->signals.fd = signalfd(-1, &set, SFD_NONBLOCK|SFD_CLOEXEC);
    if (loop->signals.fd == -1) {
        return SC_ERROR;
    }

    loop->signals.handler = loop_signal_read;
    loop->signals.data = loop;
    loop->on_signal = handler;
    loop->signal_data = data;

    return loop_io_set(loop, &loop->signals, EPOLLIN);
}


static void
loop_signal_read(loop_io_t *io, uint32_t events)
{
    loop_t                  *loop = io->data;
    struct signalfd_siginfo  info;

    (void) events;

    while (read(io->fd, &info, sizeof(info)) == (ssize_t) sizeof(info)) {
        loop->on_signal((int) info.ssi_signo, loop->signal_data);
    }
}
