
/*
 * Bytes a second, as a bucket that fills all the time and may be overdrawn
 * once: who finds it empty waits.  Pure: time is given, in loop_now()'s
 * nanoseconds.
 */

#ifndef RATE_H
#define RATE_H


#include <stdint.h>


/*
 * per_second  0 is no limit
 * level       bytes that may be taken, at most those of one second; negative
 *             when overdrawn
 * at          when level was right
 */
typedef struct {
    int64_t  per_second;
    int64_t  level;
    int64_t  at;
} rate_t;


/* A bucket that is full. */
void rate_init(rate_t *rate, int64_t per_second, int64_t now);

/* Nanoseconds until something may be taken, 0 for now. */
int64_t rate_wait(rate_t *rate, int64_t now);

/* Take so many bytes, of which rate_wait() said 0. */
void rate_take(rate_t *rate, int64_t bytes, int64_t now);

/* Whether it is as full as a new one. */
int rate_full(rate_t *rate, int64_t now);


#endif /* RATE_H */
