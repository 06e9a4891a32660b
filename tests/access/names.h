
/*
 * A name server for tests that answers what a name says, at 8.8.8.8 of a
 * world (tests/access/world.h), in a thread.  Labels, in front of others:
 *
 *     a7f000001      has the address 127.0.0.1
 *     q<32 digits>   has this address of IPv6
 *     cname          is an alias of the name behind it
 *     flip           has the first address of the labels behind it when it is
 *                    asked for the first time, the second one the next time,
 *                    and so on, one of each kind at a time; with TTL 0
 *
 * A name may have several addresses.  One that says nothing has 127.0.0.1 and
 * ::1: a name server is hostile.
 */

#ifndef NAMES_H
#define NAMES_H


#include <pthread.h>
#include <stdatomic.h>


typedef struct {
    int         fd;
    atomic_int  stop;
    pthread_t   thread;
} names_t;


void names_start(names_t *ns);
void names_stop(names_t *ns);


#endif /* NAMES_H */
