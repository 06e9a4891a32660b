
/*
 * A location with scrape_cache whose scraped a test plays (framed.h): what is
 * asked of it, and what a client gets; X-Cache is $upstream_cache_status.
 * What does not come as it should fails the test.
 */

#ifndef CACHED_H
#define CACHED_H


#include "tests/support/framed.h"


#define CACHED_TARGET    "/v1/extract?url=http%3A%2F%2Fa%2F"

#define CACHED_MAX_AGE   "Cache-Control: max-age=100\r\n"

/* kept, and too old at once */
#define CACHED_OLD       CACHED_MAX_AGE "Age: 200\r\n"

/* bytes of the longest body */
#define CACHED_BIG       200000

/* for configurations: a cache called "pages" in the folder "cache" */
#define CACHED_ZONE      "scrape_cache_path cache keys_zone=pages:1m;"


/* Start nginx with such a location and what api says of it. */
void cached_start(framed_t *f, const char *api);

/*
 * Send a request of this line and these fields, which may have the body with
 * them; the client's connection.
 */
int cached_ask(const framed_t *f, const char *line, const char *fields);

/* Answer nginx's next request, and say what it was, to be freed. */
char *cached_answer(const framed_t *f, int status, const char *fields,
    const char *body);

/* Write these fields and the body's Content-Length. */
void cached_length(char *fields, size_t size, const char *others,
    const char *body);

/*
 * Read the client's answer up to its end and close it: its status, X-Cache
 * (NULL: any) and body, or the media type of a problem.
 */
void cached_expect(int client, const char *status, const char *cached,
    const char *body);

/*
 * Ask, answer with fields that have what is kept, and see the client get it;
 * of fetch() the target is CACHED_TARGET.  hit(): from the cache alone.
 */
void cached_miss(const framed_t *f, const char *line, const char *fields,
    const char *kept, const char *body);
void cached_fetch(const framed_t *f, const char *cached, const char *kept,
    const char *body);
void cached_hit(const framed_t *f, const char *line, const char *fields,
    const char *body);

/* Whether nginx has a connection that was not accepted yet. */
int cached_is_asked(const framed_t *f);

/* The path of a file in the cache, to be freed; NULL when there is none. */
char *cached_file(const framed_t *f);

/*
 * nginx calls a file it cannot use critical: see that its log says this, and
 * empty it.
 */
void cached_forget_log(const framed_t *f, const char *says);


#endif /* CACHED_H */
