
/*
 * A receiver of webhooks for tests: an HTTP server in a thread, which keeps
 * what it is sent and answers as it is told.
 */

#ifndef HOOKED_H
#define HOOKED_H


#include <pthread.h>

#include "common/sc_buf.h"


#define HOOKED_MAX     64


/*
 * statuses   of the answers in order; the last one is that of all others
 * requests   nrequests of them as they came, head and body, NUL-terminated
 */
typedef struct {
    int              fd;
    char             url[64];       /* "http://127.0.0.1:PORT/hook" */
    const int       *statuses;
    size_t           nstatuses;
    sc_buf_t         requests[HOOKED_MAX];
    size_t           nrequests;
    pthread_t        thread;
    pthread_mutex_t  mutex;
    pthread_cond_t   cond;
} hooked_t;


void hooked_start(hooked_t *h, const int *statuses, size_t n);
void hooked_stop(hooked_t *h);

/* The n-th request, from 0: waits until it has come, a minute at most. */
const char *hooked_request(hooked_t *h, size_t n);

/* How many have come. */
size_t hooked_count(hooked_t *h);

/*
 * A field's value, "" if it is missing, valid until the next call; the body.
 */
const char *hooked_field(const char *request, const char *name);
const char *hooked_body(const char *request);


#endif /* HOOKED_H */
