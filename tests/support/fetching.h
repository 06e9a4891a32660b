
/*
 * Fetching for tests: the fetcher as scraped has it, on a loop of its own,
 * and the test origin.  Whatever goes wrong fails the running test.
 */

#ifndef FETCHING_H
#define FETCHING_H


#include <sys/types.h>

#include "sidecar/fetch/fetch.h"


/*
 * loop … fetcher  the real ones
 * pid             the origin
 * origin          "http://127.0.0.1:PORT", without a slash
 * port            of it
 * left            answers that fetching_run() still waits for
 */
typedef struct {
    loop_t     *loop;
    resolve_t  *resolve;
    policy_t   *policy;
    fetcher_t  *fetcher;
    pid_t       pid;
    char        origin[64];
    unsigned    port;
    size_t      left;
} fetching_t;


/*
 * An answer that outlives its callback.  Must not be moved.
 *
 * calls    times the callback was called
 * result   as it came; its strings point into the arrays below
 * elapsed  milliseconds from fetching_start() to the callback
 */
typedef struct {
    fetching_t      *fetching;
    unsigned         calls;
    fetch_result_t   result;
    char             http[8];
    char             content_type[256];
    char             location[1024];
    char             etag[256];
    int64_t          begun;
    double           elapsed;
} fetching_answer_t;


/*
 * Start an origin and a fetcher.  server is resolve_create()'s, allow
 * policy_create()'s.
 */
void fetching_begin(fetching_t *f, const char *server, const char *allow,
    long max_connections);

/* End both. */
void fetching_end(fetching_t *f);

/* A GET within 20 seconds, 10,000 bytes of body at most. */
fetch_request_t fetching_request(void);

/*
 * Start a fetch.  url is absolute, or a path of the origin.  The answer
 * appears in *answer, which the caller frees with fetching_free().
 */
fetch_t *fetching_start(fetching_t *f, const char *url,
    const fetch_request_t *request, fetching_answer_t *answer);

/* The same with a callback of the test's, which calls fetching_done(). */
fetch_t *fetching_start_with(fetching_t *f, const char *url,
    const fetch_request_t *request, fetching_answer_t *answer, fetch_pt done);

/* A fetch_pt, data is the answer. */
void fetching_done(void *data, fetch_result_t *result);

/* Run the loop until so many more callbacks were called. */
void fetching_run(fetching_t *f, size_t answers);

/* Start one, run until it has ended. */
void fetching_get(fetching_t *f, const char *url,
    const fetch_request_t *request, fetching_answer_t *answer);

void fetching_free(fetching_answer_t *answer);

/* Descriptors this process has open. */
size_t fetching_descriptors(void);


#endif /* FETCHING_H */
