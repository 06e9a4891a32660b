
/*
 * Answers of an extract worker that has become somebody else's: one that is
 * right, what can be done to it, and what the pool must make of that.
 */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H


#include "sidecar/worker/wire.h"


#define WORKER_ANSWER_ROOM  4096


typedef enum {
    WORKER_ANSWER_RIGHT = 0,
    WORKER_ANSWER_WRONG,        /* refused as soon as it is there */
    WORKER_ANSWER_SHORT         /* what it counts has not come */
} worker_answer_verdict_t;


/* len bytes as they go over the socket. */
typedef struct {
    char    bytes[WORKER_ANSWER_ROOM];
    size_t  len;
} worker_answer_t;


/*
 * An answer to the page of this number, with something in each part; name is
 * in its data.
 */
void worker_answer(worker_answer_t *a, uint64_t number, const char *name);

/* Change it, in the same way for the same seed. */
void worker_answer_mutate(worker_answer_t *a, uint64_t seed);

/*
 * What it is, as an answer to an ordinary page of this number with a scope;
 * head is filled in when it is long enough.  It is read by other means than
 * the pool's.
 */
worker_answer_verdict_t worker_answer_judge(const worker_answer_t *a,
    uint64_t number, wire_reply_t *head);


#endif /* WORKER_ANSWER_H */
