
/*
 * The politeness owed to one host, whoever asks for its pages: how many
 * fetches at once, how long between two, and when to leave it alone.  Pure:
 * time is given, in loop_now()'s nanoseconds, and nothing is called.
 */

#ifndef HOST_H
#define HOST_H


#include "sidecar/fetch/fetch.h"


#define HOST_BUSY           (-1)    /* of host_wait(): until one ends */

#define HOST_MAX_DELAY      (60 * LOOP_SEC)     /* automatic, and of robots */
#define HOST_MAX_RETRY      (3600 * LOOP_SEC)   /* of Retry-After */

/* the breaker: first and longest time open, times in a row that are counted */
#define HOST_FIRST_OPEN     (10 * LOOP_SEC)
#define HOST_LONGEST_OPEN   (600 * LOOP_SEC)
#define HOST_MAX_OPENED     30

/* how long failures and latency count after the last fetch */
#define HOST_MEMORY         (3600 * LOOP_SEC)


/* What the operator wants for a host, by default or by name. */
typedef struct {
    int       concurrency;      /* fetches at once, from 1 */
    int64_t   delay;            /* nanoseconds from begin to begin */
    int64_t   jitter;           /* at most so much more or less, at random */
    int       failures;         /* in a row that open the breaker, 0: never */
    unsigned  automatic:1;      /* delay follows the host's latency */
} host_limits_t;


typedef enum {
    HOST_CLOSED = 0,        /* all is well */
    HOST_OPEN,              /* nothing is begun until it is half open */
    HOST_HALF_OPEN          /* one fetch tries */
} host_breaker_t;


/*
 * limits         in force
 * robots_delay   of its robots.txt, -1 if none
 * latency        moving average, nanoseconds, 0 before the first
 * auto_delay     what latency asks for when limits.automatic
 * running        fetches begun and not ended
 * begun          when the last fetch began, 0 before the first
 * next           nothing may begin before
 * blocked_until  asked for by Retry-After or by the operator, 0 if not
 * ordered        the block is the operator's
 * open_until     of the breaker
 * opened         times in a row the breaker opened
 * failures       in a row
 */
typedef struct {
    host_limits_t    limits;
    int64_t          robots_delay;
    int64_t          latency;
    int64_t          auto_delay;
    int              running;
    int64_t          begun;
    int64_t          next;
    int64_t          blocked_until;
    host_breaker_t   breaker;
    int64_t          open_until;
    int              opened;
    int              failures;
    unsigned         ordered:1;
} host_state_t;


/*
 * What one fetch may ask for beyond the limits: only more politeness.  The
 * delay after it is the longer of the host's and the wish's, each with its
 * jitter, and all wait for it: a host sees one crawler.
 */
typedef struct {
    int      concurrency;       /* 0: no wish */
    int64_t  delay;             /* 0: no wish */
    int64_t  jitter;
} host_wish_t;


/*
 * How a fetch ended.
 *
 * latency      nanoseconds from begin to the first byte, -1 if none came
 * retry_after  nanoseconds the host asked for, -1 if it did not
 */
typedef struct {
    fetch_error_t  error;
    int            status;
    int64_t        latency;
    int64_t        retry_after;
} host_outcome_t;


void host_init(host_state_t *h, const host_limits_t *limits);

/*
 * How long a fetch with this wish (NULL: none) has to wait: 0 when it may
 * begin, HOST_BUSY when a fetch must end first.  A Crawl-delay counts from
 * the last fetch, learned before or after it, and no jitter makes it shorter.
 */
int64_t host_wait(const host_state_t *h, const host_wish_t *wish,
    int64_t now);

/*
 * A fetch begins, of which host_wait() said 0.  random is any number; it makes
 * the jitter.  A half-open breaker waits for this one.
 */
void host_begin(host_state_t *h, const host_wish_t *wish, int64_t now,
    uint64_t random);

/*
 * A fetch that began has ended; or was cancelled, which says nothing about
 * the host.
 *
 * Failures are what says the host is not well: no connection (DNS, connect,
 * TLS), a timeout, and the statuses 429, 500, 502, 503 and 504; what is ours
 * or a proxy's (FETCH_BLOCKED, FETCH_RESOURCES, FETCH_PROXY) says nothing.
 * limits.failures of them in a row open the breaker, for HOST_FIRST_OPEN and
 * twice as long each time in a row; then, when those begun before have ended,
 * one fetch tries, and closes or opens it again; one that says nothing leaves
 * that to the next.  429 and 503 with retry_after block the host for so long,
 * at most HOST_MAX_RETRY; a block is never shortened by a fetch.
 *
 * latency moves the average, and auto_delay towards latency / concurrency, as
 * Scrapy's AutoThrottle does: the mean of the old delay and that, never below
 * limits.delay, at most HOST_MAX_DELAY, and never down for an answer that is
 * no success.
 */
void host_end(host_state_t *h, const host_outcome_t *outcome, int64_t now);
void host_cancel(host_state_t *h, int64_t now);

/* The operator lets nothing begin before until; 0 ends a block. */
void host_block(host_state_t *h, int64_t until);

/*
 * Whether there is anything to keep that the limits do not say: a block, a
 * breaker that is not closed, failures, a delay made longer by latency; the
 * last three for HOST_MEMORY.  host_kept_until() is when that ends if nothing
 * happens.
 */
int host_is_special(const host_state_t *h, int64_t now);
int64_t host_kept_until(const host_state_t *h);

/*
 * The delay in force between two fetches, without jitter and wish.
 */
int64_t host_delay(const host_state_t *h);

/*
 * Nanoseconds that a Retry-After asks for (RFC 9110 10.2.3): seconds, or an
 * HTTP-date, seen at now_ms, milliseconds since 1970.  -1 when value is
 * neither; 0 for the past.
 */
int64_t host_retry_after(const char *value, int64_t now_ms);


#endif /* HOST_H */
