
/*
 * A cache of robots.txt on the faked fetcher, for one test: pages are asked
 * about and files answered in the test's order.
 */

#ifndef ROOM_H
#define ROOM_H


#include "sidecar/robots/robots_cache.h"


#define ROOM_TIMEOUT    (10 * LOOP_SEC)     /* of one file */
#define ROOM_MARGIN     (5 * LOOP_SEC)      /* a slow machine's own time */
#define ROOM_BYTES      (1 << 20)

/* more than an exchange under way is counted with, less than a file */
#define ROOM_EXCHANGE   1200

#define ROOM_SHOP       "http://shop.example"
#define ROOM_PAGE       ROOM_SHOP "/lamp"
#define ROOM_PRIVATE    ROOM_SHOP "/private/lamp"
#define ROOM_ROBOTS     ROOM_SHOP "/robots.txt"

#define ROOM_RULES      "User-agent: scraped\nDisallow: /private/\n" \
                        "Crawl-delay: 2\n"


typedef struct {
    loop_t          *loop;
    fetcher_t       *fetcher;
    robots_cache_t  *cache;
} room_t;


/*
 * What a robots_cache_pt was shown, and the verdict on page from inside it;
 * there it fetches for the page next, if any, or destroys the cache on leave.
 */
typedef struct {
    robots_cache_t    *cache;
    const char        *page;
    const char        *next;
    int                leave;
    int                called;
    int                status;
    fetch_error_t      error;
    robots_verdict_t   verdict;
} room_told_t;


void room_begin(room_t *r, size_t max_bytes);

/* Free all; nothing may be under way behind it. */
void room_end(room_t *r);

/* What is known about a page. */
robots_verdict_t room_verdict(room_t *r, const char *page);
robots_answer_t room_answer(robots_cache_t *c, const char *page);

/* robots_cache_fetch() for the page; with room_fetching() it must begin. */
int room_fetch(robots_cache_t *c, const char *page, room_told_t *told);
void room_fetching(room_t *r, const char *page, room_told_t *told);

/* Answer the fetch of url, and run the loop. */
void room_reply(room_t *r, const char *url, int status, const char *body);
void room_redirect(room_t *r, const char *url, int status,
    const char *location);
void room_fail(room_t *r, const char *url, fetch_error_t error);

/* Answer the fetch of ROOM_ROBOTS with what is too large. */
void room_too_large(room_t *r, int status, const char *location,
    const char *body);

/* Fetch the file of the origin with this page "/", and answer it. */
void room_fill(room_t *r, const char *page, const char *body);


#endif /* ROOM_H */
