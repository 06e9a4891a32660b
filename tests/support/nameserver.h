
/*
 * A name server for tests, on 127.0.0.1 and on the loop of what is tested.
 * The first label of a name says how it is answered:
 *
 *     both       3 addresses of IPv4 and 2 of IPv6
 *     v4only     1 of IPv4              v6only    1 of IPv6
 *     many       20 of IPv4             manyboth  12 of IPv4, 16 of IPv6
 *     empty      none                   (others)  the name does not exist
 *     servfail   the server failed      refused   the server refuses
 *     truncated  "ask over TCP", and there 40 of each
 *     deaf       "ask over TCP", and there silence
 *     silent     never                  held      by nameserver_release()
 *     garbage    what is no answer      spoofed   with another query's id
 *     late       1 of IPv4, after delay
 *
 * The addresses are 192.0.2.0, 192.0.2.1, … and 2001:db8::, 2001:db8::1, …
 */

#ifndef NAMESERVER_H
#define NAMESERVER_H


#include <netinet/in.h>

#include "sidecar/loop/loop.h"


#define NAMESERVER_PACKET    4096


typedef struct nameserver_late_s  nameserver_late_t;


/*
 * address  for resolve_create()
 * ttl      of the records, in seconds; the test's to set, 0 at first
 * delay    of "late", in nanoseconds; the same
 * asked    number of queries so far
 * last     name of the last query
 * nheld    answers that wait for nameserver_release()
 *
 * The rest is its own.
 */
typedef struct {
    loop_t              *loop;
    loop_io_t            udp;
    loop_io_t            tcp;
    loop_io_t            conn;
    char                 address[32];
    uint32_t             ttl;
    int64_t              delay;
    int                  asked;
    char                 last[256];
    struct sockaddr_in   peer;
    unsigned char        held[2][NAMESERVER_PACKET];
    size_t               held_len[2];
    int                  nheld;
    loop_timer_t         timer;
    nameserver_late_t   *late;
} nameserver_t;


/* Begin to answer; the test fails when that cannot be. */
void nameserver_start(nameserver_t *ns, loop_t *loop);

/* Close everything; harmless when it was closed before. */
void nameserver_stop(nameserver_t *ns);

/* Send the answers that were held, the oldest first. */
void nameserver_release(nameserver_t *ns);


#endif /* NAMESERVER_H */
