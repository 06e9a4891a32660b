
/*
 * An origin that keeps what it is sent: HTTP and HTTPS on one port of all of
 * 127.0.0.0/8, told apart by the first byte, in threads of the test's process.
 * A target in a path is written in hex, byte by byte:
 *
 *     /r/307/TARGET      a redirect there, with this status
 *     /refresh/TARGET    a page with the field Refresh and a meta refresh
 *
 * A proxy's CONNECT is answered, and what comes through the tunnel as well: it
 * is kept with the scheme "https", the CONNECT itself with "http".
 *
 * robots.txt is 404, or a redirect with status 302 to robots when that is set.
 * All other paths have a page with the title "good", and set a cookie.
 */

#ifndef RECORDER_H
#define RECORDER_H


#include <pthread.h>
#include <stdatomic.h>

#include "common/sc_buf.h"


/*
 * port    of both
 * ca      file with the certificate's own issuer, for the setting ca_file
 * robots  where robots.txt leads, "" when there is none
 */
typedef struct {
    int              fd;
    atomic_int       stop;
    unsigned         port;
    char             dir[64];
    char             ca[96];
    char             robots[4096];
    void            *tls;
    sc_buf_t         log;
    pthread_t        thread;
    pthread_mutex_t  mutex;
} recorder_t;


void recorder_start(recorder_t *r);
void recorder_stop(recorder_t *r);

/*
 * The heads that came to this place ("http 127.0.0.2:PORT", scheme and Host)
 * and have this text, its letters' case being no matter; "" is in all.
 */
size_t recorder_seen(recorder_t *r, const char *place, const char *text);

/* Forget all of them. */
void recorder_forget(recorder_t *r);


#endif /* RECORDER_H */
