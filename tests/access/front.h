
/*
 * A fast client of nginx: HTTP/1.1 over a kept connection, at a Unix socket
 * or a port, byte by byte what the test wants.
 */

#ifndef FRONT_H
#define FRONT_H


#include <jansson.h>
#include <stddef.h>


#define FRONT_ANSWER    (1 << 20)


/*
 * at      "/path" of a Unix socket, or a port of 127.0.0.1 as text
 * status  of the last answer, 0 when there was none
 * head    its head, and body, its body, NUL-terminated, valid until the next
 * len     of the body
 */
typedef struct {
    int      fd;
    char     at[128];
    int      status;
    char    *head;
    char    *body;
    size_t   len;
    char    *room;
} front_t;


void front_open(front_t *f, const char *at);
void front_close(front_t *f);

/*
 * Ask and read the answer; a body is sent as JSON.  headers are "Name:
 * value\r\n" lines, "" for none.  Returns the status; the test fails when
 * there is no answer.
 */
int front_ask(front_t *f, const char *method, const char *path,
    const char *headers, const char *body);

/*
 * Send these bytes on a new connection, and read up to the end of the answer
 * or of the connection; the status, 0 for none.
 */
int front_raw(front_t *f, const void *bytes, size_t n);

/* The body as JSON, to be freed by json_decref(); NULL when it is not. */
json_t *front_json(const front_t *f);


#endif /* FRONT_H */
