
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "common/sc_core.h"
#include "sidecar/core/service.h"


static int service_check(int fd, int n, char *err, size_t errlen);


int
service_socket(int *fd, char *err, size_t errlen)
{
    int  i, n;

    *fd = -1;
    n = sd_listen_fds(1);

    if (n == 0) {
        return SC_OK;
    }

    if (n < 0) {
        errno = -n;
        (void) snprintf(err, errlen, "could not take the socket that was "
                        "passed: %m");
        return SC_ERROR;
    }

    if (service_check(SD_LISTEN_FDS_START, n, err, errlen) != SC_OK) {

        for (i = 0; i < n; i++) {
            (void) close(SD_LISTEN_FDS_START + i);
        }

        return SC_ERROR;
    }

    *fd = SD_LISTEN_FDS_START;

    return SC_OK;
}


static int
service_check(int fd, int n, char *err, size_t errlen)
{
    int  flags;

    if (n > 1) {
        (void) snprintf(err, errlen, "%d sockets were passed, one is possible",
                        n);
        return SC_ERROR;
    }

    if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
        (void) snprintf(err, errlen, "what was passed as descriptor %d is "
                        "no stream socket that listens", fd);
        return SC_ERROR;
    }

    flags = fcntl(fd, F_GETFL);

    if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1) {
        (void) snprintf(err, errlen, "could not use descriptor %d: %m", fd);
        return SC_ERROR;
    }

    return SC_OK;
}


void
service_ready(void)
{
    (void) sd_notify(0, "READY=1");
}


void
service_stopping(void)
{
    (void) sd_notify(0, "STOPPING=1");
}


int64_t
service_interval(void)
{
    uint64_t  usec;

    if (sd_watchdog_enabled(0, &usec) <= 0 || usec > INT64_MAX / 1000) {
        return 0;
    }

    return (int64_t) usec * 1000 / 2;
}


void
service_alive(void)
{
    (void) sd_notify(0, "WATCHDOG=1");
}
