
/*
 * A network namespace in which every address of IPv4 and IPv6 is this
 * machine's, so that a connection to a forbidden address is made, and seen,
 * when it is tried.  Good are 8.8.0.0/16 and 2a00:1450::/32, where tests have
 * their origins: they are globally routable and need no allow_addresses.
 * 9.9.9.9 and 2a01::9 are addresses of an interface: the machine's own.
 *
 * What is sent to any other address is seen on the wire, whatever the port and
 * whether or not anything listens there.
 */

#ifndef WORLD_H
#define WORLD_H


#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>


#define WORLD_OWN_V4    "9.9.9.9"
#define WORLD_OWN_V6    "2a01::9"
#define WORLD_NAMES     "8.8.8.8:53"        /* setting "resolver" */

/* of what is told of a packet */
#define WORLD_TEXT      96


/*
 * touched  TCP connections begun and datagrams sent, to what is not good
 * first    the first of them, as text
 *
 * The rest is its own.
 */
typedef struct {
    int              fd;
    atomic_int       stop;
    size_t           touched;
    size_t           markers;
    char             first[WORLD_TEXT];
    pthread_t        thread;
    pthread_mutex_t  mutex;
} world_t;


/*
 * Put this process, and those it starts from now on, into such a namespace.
 * 1, or 0 when that cannot be done here, with a line on standard output that
 * says so; the test has nothing to do then.
 */
int world_enter(void);

/* Begin to look.  From now on nothing but what is tested may send. */
void world_watch(world_t *w);

/*
 * How much was sent to what is not good, up to now; it is read as touched is,
 * but after the last packet has been looked at.  It begins anew at 0.
 */
size_t world_touched(world_t *w);

void world_close(world_t *w);

/* Give this machine an address, "8.8.3.3/32", or take it away; 0 if done. */
int world_address(const char *address, int add);

/* Whether an address of these bytes (4 or 16 of them) is a good one. */
int world_good(const unsigned char *addr, size_t len);


#endif /* WORLD_H */
