
/*
 * httpbin for tests: an origin of another make, which tells what it was sent.
 * It is Debian's, run by gunicorn.  Whatever goes wrong here fails the running
 * test.
 */

#ifndef HTTPBIN_H
#define HTTPBIN_H


#include <sys/types.h>


/*
 * url  "http://127.0.0.1:PORT"
 * dir  where its log is
 */
typedef struct {
    char   url[32];
    char   dir[64];
    pid_t  pid;
} httpbin_t;


/* Start it and wait until it listens. */
void httpbin_start(httpbin_t *h);

/* Stop it. */
void httpbin_stop(httpbin_t *h);


#endif /* HTTPBIN_H */
