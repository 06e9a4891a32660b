
/*
 * The robots.txt of each origin (scheme, host, port), fetched once however
 * many ask, kept for a day.  It asks nobody's leave: the frontier begins a
 * fetch when the host may be fetched from.
 */

#ifndef ROBOTS_CACHE_H
#define ROBOTS_CACHE_H


#include "sidecar/fetch/fetch.h"
#include "sidecar/robots/robots.h"


#define ROBOTS_MAX_AGE         (86400 * LOOP_SEC)       /* RFC 9309 2.4 */
#define ROBOTS_MAX_REDIRECTS   5        /* RFC 9309 2.3.1.2 */

/*
 * How long it is believed that a file could not be had; and that its origin
 * could not be reached, so that who tries again asks again.
 */
#define ROBOTS_RETRY           (60 * LOOP_SEC)
#define ROBOTS_RETRY_SOON      (100 * LOOP_MS)


typedef struct robots_cache_s  robots_cache_t;


typedef enum {
    ROBOTS_UNKNOWN = 0,     /* not fetched yet, or too old: begin a fetch */
    ROBOTS_FETCHING,
    ROBOTS_ALLOWED,         /* by a rule, by none, or the file is 4xx */
    ROBOTS_DISALLOWED,      /* by a rule */
    ROBOTS_UNAVAILABLE,     /* 5xx, 429, or redirected too often: disallowed */
    ROBOTS_UNREACHABLE      /* no answer: disallowed, error says why */
} robots_verdict_t;


/*
 * What is known about a URL.
 *
 * delay   Crawl-delay in nanoseconds, -1 if none
 * error   of the last fetch when unreachable, else FETCH_OK
 * detail  one lower-case sentence when unavailable or unreachable, else "";
 *         valid until the calling handler returns or calls
 *         robots_cache_fetch()
 */
typedef struct {
    robots_verdict_t   verdict;
    int64_t            delay;
    fetch_error_t      error;
    const char        *detail;
} robots_answer_t;


/*
 * agent is the product token of our User-Agent.  At most max_bytes are kept,
 * those asked for longest ago go first; what is being fetched and what was
 * asked for last stay whatever their size.  timeout, in nanoseconds, is for
 * one file with all its redirects.  loop and fetcher stay the caller's.  NULL
 * when memory is out.
 */
robots_cache_t *robots_cache_create(loop_t *loop, fetcher_t *fetcher,
    const char *agent, size_t max_bytes, int64_t timeout);

/* Fetches under way are cancelled, their callbacks do not come. */
void robots_cache_destroy(robots_cache_t *c);

/* What is known about this URL now. */
void robots_cache_check(robots_cache_t *c, const url_t *url,
    robots_answer_t *answer);

/*
 * Called once, from the loop, never from inside robots_cache_fetch(): the
 * verdict is there.  result is the last exchange, for the host's politeness,
 * of another host when there was a redirect to it; valid during the callback.
 */
typedef void (*robots_cache_pt)(void *data, const fetch_result_t *result);

/*
 * Fetch the robots.txt of this URL's origin, whose verdict is
 * ROBOTS_UNKNOWN; redirects are followed, to other hosts too.  like, unless
 * NULL, says through which proxy, from where, and how strict with TLS.  SC_OK;
 * SC_DECLINED, and done is not called, when the verdict is another; SC_ERROR
 * when memory is out.
 */
int robots_cache_fetch(robots_cache_t *c, const url_t *url,
    const fetch_request_t *like, robots_cache_pt done, void *data);

/*
 * The i-th Sitemap line of the file of this URL's origin, as robots_sitemap()
 * says; NULL also when the file is not known or there is none.  Valid until
 * the next call that may fetch or forget.
 */
const char *robots_cache_sitemap(const robots_cache_t *c, const url_t *url,
    size_t i);

/* Bytes kept; origins known. */
size_t robots_cache_size(const robots_cache_t *c);
size_t robots_cache_count(const robots_cache_t *c);


#endif /* ROBOTS_CACHE_H */
