
/*
 * The origin of a world (tests/access/world.h): an HTTP server in a thread, on
 * port 80 of every address.  Asked at an address that is not good it is the
 * canary, and counts.  A target in a path is written in hex, byte by byte:
 *
 *     /r/302/TARGET      a redirect there, with this status
 *     /two/302/TARGET    a redirect to that one
 *     /refresh/TARGET    a page with the field Refresh
 *     /meta/TARGET       a page with a meta refresh
 *     /link/TARGET       a page with this link
 *     /base/TARGET       a page with this base, and the link "x"
 *     /form/TARGET       a page with a login form that is sent there
 *     /hold/TARGET       the same as /link/, and the connection stays open
 *
 * All other paths have a page with the title "good".  Connections are closed
 * after each answer, but for /hold/ and what is asked for with it.
 *
 * robots.txt is that of the address 8.8.X.Y: its low 14 bits are the number
 * of a target in targets, the two above them say what is done with it:
 *
 *     0 nothing, 404     1 redirected there     2 "Sitemap: TARGET"
 *     3 "Sitemap:" of a file of the site that names TARGET
 */

#ifndef HOUSE_H
#define HOUSE_H


#include <pthread.h>
#include <stdatomic.h>

#include "common/sc_buf.h"


/*
 * canary   requests and connections at addresses that are not good
 * served   requests at the others
 * targets  the test's, ntargets of them
 * log      all that was received at the others, the test's to read when
 *          nothing is under way; house_forget() empties it
 */
typedef struct {
    int              fd;
    atomic_int       stop;
    size_t           canary;
    size_t           served;
    const char     **targets;
    size_t           ntargets;
    sc_buf_t         log;
    pthread_t        thread;
    pthread_mutex_t  mutex;
} house_t;


void house_start(house_t *s);
void house_stop(house_t *s);

/* The counters, and what is in the log: has it these bytes; 1 or 0. */
size_t house_canary(house_t *s);
size_t house_served(house_t *s);
int house_logged(house_t *s, const char *text);
void house_forget(house_t *s);


#endif /* HOUSE_H */
