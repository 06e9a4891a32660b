
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/support/httpbin.h"
#include "tests/support/process.h"


/* the one whose modules are Debian's, whatever else is installed */
#define HTTPBIN_PYTHON    "/usr/bin/python3"
#define HTTPBIN_TRIES     3000      /* of 20 ms */


void
httpbin_start(httpbin_t *h)
{
    int       i;
    char      log[96];
    unsigned  port;

    memset(h, 0, sizeof(httpbin_t));
    process_folder(h->dir, sizeof(h->dir));
    port = process_port();
    (void) snprintf(h->url, sizeof(h->url), "http://127.0.0.1:%u", port);
    (void) snprintf(log, sizeof(log), "%s/httpbin.log", h->dir);

    h->pid = process_start((char *[]) { HTTPBIN_PYTHON, "-m", "gunicorn",
                                        "--bind", h->url + strlen("http://"),
                                        "--worker-class", "gthread",
                                        "--threads", "8", "httpbin:app",
                                        NULL },
                           log, NULL);

    for (i = 0; i < HTTPBIN_TRIES; i++) {
        if (process_listens(port)) {
            return;
        }

        process_pause(20);
    }

    ck_abort_msg("httpbin does not listen: %s", process_read(log));
}


void
httpbin_stop(httpbin_t *h)
{
    (void) process_stop(h->pid, SIGTERM);
    process_remove(h->dir);
}
