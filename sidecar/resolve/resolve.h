
/*
 * Names to addresses with c-ares on the loop: no thread, nothing blocks.  An
 * answer is given as it came; whether its addresses may be dialled is
 * policy.h's question, also of an answer from the cache.
 *
 * Answers are kept, by the name in lower case, for the least TTL of their
 * records, CNAMEs included, and for RESOLVE_MAX_TTL at most.  TTL 0 is for
 * those who wait at that moment and is not kept; nor is a timeout.  However
 * many look up a name, one question about it is under way; it goes on when
 * all of them have gone, and its answer is kept.
 */

#ifndef RESOLVE_H
#define RESOLVE_H


#include <sys/socket.h>

#include "sidecar/loop/loop.h"


#define RESOLVE_MAX_ADDRS      16       /* of one answer; more are dropped */
#define RESOLVE_MAX_NAME       255      /* bytes; from 1, or it is no name */

/* names kept, those used last; questions under way, the others wait in line */
#define RESOLVE_MAX_NAMES      10000
#define RESOLVE_MAX_QUESTIONS  2000

/* how long answers are kept, at most or as there is no TTL; seconds */
#define RESOLVE_MAX_TTL        3600
#define RESOLVE_HOSTS_TTL      60       /* found in /etc/hosts */
#define RESOLVE_NEGATIVE_TTL   30       /* no such name, no address */
#define RESOLVE_FAILED_TTL     1        /* RFC 9520, 3.2: not less */


typedef struct resolve_s        resolve_t;
typedef struct resolve_query_s  resolve_query_t;


typedef enum {
    RESOLVE_OK = 0,
    RESOLVE_NOT_FOUND,      /* the name does not exist or has no address */
    RESOLVE_TIMEOUT,
    RESOLVE_FAILED          /* the server failed, or sent nonsense */
} resolve_status_t;


/*
 * An answer; valid during the callback only.
 *
 * addrs     port is 0; IPv6 and IPv4 interleaved as RFC 8305 asks
 * detail    one lower-case phrase on failure, else ""
 */
typedef struct {
    resolve_status_t         status;
    size_t                   naddrs;
    struct sockaddr_storage  addrs[RESOLVE_MAX_ADDRS];
    const char              *detail;
} resolve_answer_t;


/*
 * Counters since resolve_create(), and names as it is now.
 *
 * hits       queries answered from the cache
 * negative   of these, the answers without an address
 * misses     the others: they asked, or joined a question under way
 * questions  names asked about, the ones that /etc/hosts answers included
 * names      kept now; some may be out of date
 */
typedef struct {
    uint64_t  hits;
    uint64_t  negative;
    uint64_t  misses;
    uint64_t  questions;
    size_t    names;
} resolve_stats_t;


/* Called once, from the loop, never from inside resolve_name(). */
typedef void (*resolve_pt)(void *data, const resolve_answer_t *answer);


/*
 * server is "ADDR:PORT" ("[::1]:53"), or "" for the system's servers.  NULL
 * on failure with a sentence in err.
 */
resolve_t *resolve_create(loop_t *loop, const char *server, char *err,
    size_t errlen);

/* Every query must have ended. */
void resolve_destroy(resolve_t *r);

/*
 * Look up both families of name (a NUL-terminated host name in ASCII), with
 * /etc/hosts first and without search domains.  An address is no name: the
 * caller knows it by itself.  timeout is in nanoseconds, the time in line
 * included.  NULL when memory is out.
 */
resolve_query_t *resolve_name(resolve_t *r, const char *name, int64_t timeout,
    resolve_pt done, void *data);

/* Forget a query whose callback has not been called; it will not be. */
void resolve_cancel(resolve_query_t *q);

void resolve_stats(const resolve_t *r, resolve_stats_t *stats);


#endif /* RESOLVE_H */
