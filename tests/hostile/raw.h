
/*
 * Bytes sent to nginx as they are, and what it answers: for requests that no
 * library would send.
 */
#ifndef RAW_H
#define RAW_H


#include <stddef.h>

#include "tests/support/gateway.h"


/*
 * status   of the first answer; 0 when there was none
 * data     all that came, NUL-terminated
 * body     of the first answer, inside data; "" when there is none
 * len      of body
 * json     the body as JSON, or NULL
 * ended    the connection was closed by the other side
 */
typedef struct {
    int      status;
    int      ended;
    char    *data;
    char    *body;
    size_t   len;
    json_t  *json;
} raw_reply_t;


/* A connection to the gateway; fails the test when there is none. */
int raw_connect(const gateway_t *g);

/*
 * Send these bytes on a connection of their own, end the sending side when
 * half is set, and read until the end, or until nothing has come for so many
 * milliseconds, a quarter of them once something has.  raw_free() frees what
 * the reply has.
 */
raw_reply_t raw_exchange(const gateway_t *g, const char *data, size_t len,
    int half, int timeout);

/* A whole request with this body; fields are lines with CR LF, or "". */
raw_reply_t raw_request(const gateway_t *g, const char *method,
    const char *path, const char *fields, const char *body, size_t len);

void raw_free(raw_reply_t *r);

/*
 * Whether it is a problem of RFC 9457 as the API's are: its media type, and in
 * JSON "type", "title" and the status of the answer.
 */
int raw_is_problem(const raw_reply_t *r);


#endif /* RAW_H */
