
/*
 * A name server for whole gateways, in a process of its own, over UDP and
 * TCP; "resolver = 127.0.0.1:PORT" in the settings.  The letters that a name
 * begins with, before its number, say how it is answered; N is the number.
 *
 *     goodN     127.77.X.Y of host N (site.h)    zeroN   the same, TTL 0
 *     deadN     never                            nxN     there is no such name
 *     failN     the server failed                emptyN  no address
 *     loopN     an alias of itself
 *     cutN      "ask over TCP", and there nothing
 *     longN     "ask over TCP", and there 500 addresses
 *     hugeN     the same with 1,000
 *     noiseN    bytes that are no answer
 *     otherN    the answer to another question
 *
 * Of AAAA there are none.
 */
#ifndef ZONE_H
#define ZONE_H


#include <sys/types.h>


/* asked is in memory that is shared with the process: questions so far. */
typedef struct {
    unsigned   port;
    pid_t      pid;
    unsigned  *asked;
} zone_t;


/* Begin to answer; fails the test when that cannot be. */
void zone_start(zone_t *z);

/* Die, and begin anew at the same port. */
void zone_kill(zone_t *z);
void zone_again(zone_t *z);

void zone_stop(zone_t *z);


#endif /* ZONE_H */
