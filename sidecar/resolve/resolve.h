
/*
 * Names to addresses with c-ares on the loop: no thread, nothing blocks.  An
 * answer is given as it came; whether its addresses may be dialled is
 * policy.h's question.
 */

#ifndef RESOLVE_H
#define RESOLVE_H


#include <sys/socket.h>

#include "sidecar/loop/loop.h"


#define RESOLVE_MAX_ADDRS    16     /* of one answer; more are dropped */


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
 * caller knows it by itself.  timeout is in nanoseconds.  NULL when memory is
 * out.
 */
resolve_query_t *resolve_name(resolve_t *r, const char *name, int64_t timeout,
    resolve_pt done, void *data);

/* Forget a query whose callback has not been called; it will not be. */
void resolve_cancel(resolve_query_t *q);


#endif /* RESOLVE_H */
