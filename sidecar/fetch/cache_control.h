
/*
 * What a client says about stored pages: Cache-Control in a request (RFC 9111
 * 5.2.1), and what that means for a page of a certain age.  Pure.
 */

#ifndef CACHE_CONTROL_H
#define CACHE_CONTROL_H


#include <stdint.h>


#define CACHE_ANY    INT64_MAX      /* of max_stale: without a value */


/*
 * The directives; times are in milliseconds, -1 for one that is not there.
 *
 * present  there is one that is known here: whoever says nothing gets a fresh
 *          page, and leaves none behind
 */
typedef struct {
    unsigned  present:1;
    unsigned  no_cache:1;
    unsigned  no_store:1;
    unsigned  only_if_cached:1;
    int64_t   max_age;
    int64_t   max_stale;
    int64_t   min_fresh;
} cache_request_t;


/* What is to be done. */
typedef enum {
    CACHE_FETCH = 0,        /* fetch it */
    CACHE_USE,              /* the stored page will do */
    CACHE_CHECK,            /* ask the origin whether it has changed */
    CACHE_FAIL              /* only a stored page would do, and none does */
} cache_verdict_t;


/*
 * Read a field's value, "" when it is not there.  What is not known or not
 * well written is passed over; of a directive that is there twice, the
 * stricter one counts.
 */
void cache_request_parse(cache_request_t *c, const char *value);

/* Whether stored pages are to be looked at; whether this one is to be kept. */
int cache_looks(const cache_request_t *c);
int cache_keeps(const cache_request_t *c);

/*
 * Judge a stored page of this age, -1 when there is none.  lifetime is how
 * long the origin said it was fresh, -1 when it did not; max-age stands in its
 * place.  Ages and lifetimes are in milliseconds.
 *
 *     nothing          CACHE_FETCH
 *     no-store         CACHE_FETCH
 *     no-cache         CACHE_CHECK
 *     max-age=N        a page not older than N will do
 *     max-stale=N      one that is older by N than it may be, too
 *     min-fresh=N      it must be so for N more
 *     only-if-cached   any page will do, if nothing else is said of its age;
 *                      CACHE_FAIL in the place of a fetch or a check
 */
cache_verdict_t cache_judge(const cache_request_t *c, int64_t age,
    int64_t lifetime);

/*
 * How long the origin said that its answer is fresh (RFC 9111 4.2.1): the
 * first of s-maxage (pages are kept for more than one client), max-age and
 * Expires, less its Age; -1 when it did not.  What says so twice is as short
 * as the shorter, what cannot be read is 0, as are no-cache and no-store.
 * Fields that are not there are "".
 */
int64_t cache_lifetime(const char *cache_control, const char *expires,
    const char *age, int64_t now_ms);


#endif /* CACHE_CONTROL_H */
