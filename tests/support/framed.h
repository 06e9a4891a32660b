
/*
 * scraped played by a test: it accepts nginx's connection and speaks
 * docs/protocol.md by hand, frame by frame, so that a test decides what comes
 * when, half of it, or something else.  The client is a socket of the test,
 * too.  Bytes are said and expected with say() and expect() of
 * tests/support/served.h.
 */

#ifndef FRAMED_H
#define FRAMED_H


#include "common/sc_frame.h"
#include "tests/support/gateway.h"


/* what scraped says first */
#define FRAMED_HELLO    "hello 0 1 15\r\nName: scraped\r\n"


/*
 * A gateway without scraped, whose place the test takes.
 *
 * listener  where nginx connects
 */
typedef struct {
    gateway_t  gateway;
    int        listener;
} framed_t;


/*
 * Start nginx; options may be NULL.  Without upstream it is as in gateway.h.
 */
void framed_start(framed_t *f, const gateway_options_t *options);

/* Stop it; fails the test as gateway_stop() does. */
void framed_stop(framed_t *f);

/* A client's connection to nginx, and nginx's next one to us. */
int framed_client(const framed_t *f);
int framed_accept(const framed_t *f);

/* Read a frame; its payload is to be freed and has a NUL behind it. */
char *framed_next(int fd, sc_frame_t *f);

/*
 * Read up to open: the id of the request; its request line and fields go to
 * head, to be freed, when it is not NULL.
 */
uint64_t framed_opened(int fd, char **head);

/* Read body frames until there are n bytes; then last. */
void framed_body(int fd, uint64_t id, size_t n);
void framed_last(int fd, uint64_t id);

/* Answer with this status, and fields and body as they are. */
void framed_reply(int fd, uint64_t id, int status, const char *fields,
    const char *body);

/* Read up to the blank line behind an HTTP head; to be freed. */
char *framed_head(int fd);

/* Resident memory of nginx's workers, in KiB; its files in body/. */
long framed_memory(const framed_t *f);
int framed_files(const framed_t *f);


#endif /* FRAMED_H */
