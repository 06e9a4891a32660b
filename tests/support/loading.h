
/*
 * Many requests at once, from the test's own process: so many connections
 * that each send the next request when the one before was answered, or when
 * its time has come.
 */
#ifndef LOADING_H
#define LOADING_H


#include <stddef.h>
#include <stdint.h>

#include "tests/support/ledger.h"


#define LOADING_PATH    1024


/*
 * One request, filled in by whoever makes them; all of it is empty before.
 *
 * n        which one: 0, 1, …
 * method   NULL is POST with a body, GET without one
 * path     with the leading slash; kept until it is answered, as body is
 * headers  NULL, or "Name: value" lines separated by \n
 * body     NULL for none; malloc()ed, freed when it was answered
 * due      when it is to be sent, on loading_now(); 0 is at once
 * data     whatever its maker wants to know when it is answered
 */
typedef struct {
    size_t       n;
    const char  *method;
    char         path[LOADING_PATH];
    const char  *headers;
    char        *body;
    int64_t      due;
    size_t       data;
} loading_request_t;

/*
 * What came of it; valid during the callback.
 *
 * error    0, or libcurl's CURLcode: there was no answer
 * body     NUL-terminated
 * retry    seconds of Retry-After, -1 without
 * time     nanoseconds from when it was due, not from when it could be sent:
 *          what waited for a free connection counts
 */
typedef struct {
    int          error;
    long         status;
    const char  *body;
    size_t       len;
    long         retry;
    int64_t      time;
} loading_reply_t;


/* Make the nth request; 0 when there are no more. */
typedef int (*loading_next_pt)(void *data, loading_request_t *r);

typedef void (*loading_done_pt)(void *data, const loading_request_t *r,
    const loading_reply_t *reply);


/* Times, to be sorted by loading_percentile(); grows as needed. */
typedef struct {
    int64_t  *times;
    size_t    n;
    size_t    room;
} loading_times_t;


/*
 * Send requests to the gateway at url ("http://127.0.0.1:PORT") over so many
 * connections until next() says 0 and all were answered, each within timeout
 * milliseconds.  Fails the test only for want of memory.
 */
void loading_run(const char *url, size_t connections, long timeout,
    loading_next_pt next, loading_done_pt done, void *data);

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t loading_now(void);

void loading_times_add(loading_times_t *t, int64_t time);

/* The time that so much of them (0 to 1) are not above, in milliseconds. */
double loading_percentile(loading_times_t *t, double part);
void loading_times_free(loading_times_t *t);

/* The id of a reply that names one; 0 when it does not. */
int loading_id(const loading_reply_t *reply, char id[LEDGER_ID]);


#endif /* LOADING_H */
