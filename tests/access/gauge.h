
/*
 * An origin that measures: in a thread for each connection of the test's
 * process, with one request each.  "/NAME/BYTES/MS/…" waits so many
 * milliseconds, then answers a page of exactly so many bytes; it counts for
 * the NAME ("anna", "bert").  A NAME may be followed by anything: "/own/…"
 * answers at once a page whose h1 is the cookie it got, "-" for none, and sets
 * the cookie "who" to what follows.
 */

#ifndef GAUGE_H
#define GAUGE_H


#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>


#define GAUGE_NAMES  2


/*
 * Of each name: requests under way, the most there were, and answered; and of
 * all "/own/" how many were asked.
 */
typedef struct {
    int              fd;
    atomic_int       stop;
    unsigned         port;
    unsigned         now[GAUGE_NAMES];
    unsigned         most[GAUGE_NAMES];
    unsigned         done[GAUGE_NAMES];
    unsigned         own;
    unsigned         threads;
    pthread_t        thread;
    pthread_mutex_t  mutex;
} gauge_t;


void gauge_start(gauge_t *g);
void gauge_stop(gauge_t *g);

/* Of one of the numbers above, as it is now. */
unsigned gauge_read(gauge_t *g, const unsigned *number);


#endif /* GAUGE_H */
