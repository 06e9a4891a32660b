
/*
 * What the service manager that started scraped gives and is told: a socket
 * that already listens, sd_listen_fds(3), how far scraped has come,
 * sd_notify(3), and that it is alive, sd_watchdog_enabled(3).  Without one, as
 * on a terminal, nothing is given and nobody is told.
 */

#ifndef SERVICE_H
#define SERVICE_H


#include <stddef.h>
#include <stdint.h>


/*
 * The descriptor of the socket that was passed: *fd, which is the caller's
 * from here on, does not block and is closed on exec; -1 when none was passed.
 * What else the environment said of it is gone after the call: processes that
 * are started do not see it, and a second call finds none.  SC_OK, or SC_ERROR
 * with a sentence in err when there is more than one, or it is no stream
 * socket that listens.
 */
int service_socket(int *fd, char *err, size_t errlen);

/* Tell that scraped serves, or that it is about to end. */
void service_ready(void);
void service_stopping(void);

/*
 * How often, in nanoseconds, service_alive() is to be called, half the time
 * after which the manager takes scraped for hung; 0 when it does not watch.
 */
int64_t service_interval(void);
void service_alive(void);


#endif /* SERVICE_H */
