
/*
 * The soak: a mixed load that comes at a constant rate for a long time, and
 * what the processes use meanwhile.
 *
 *     soak.c           the run: capacity, the load, what is judged
 *     soak_mix.c       what is asked for
 *     soak_samples.c   what is used, as time goes on
 */
#ifndef SOAK_H
#define SOAK_H


#include "tests/support/ledger.h"
#include "tests/support/loading.h"
#include "tests/support/site.h"
#include "tests/support/watch.h"


#define SOAK_KEPT         1024      /* ids of jobs to be read */
#define SOAK_PROCESSES    16
#define SOAK_NAME         24


/*
 * What is asked for.
 *
 * rate      requests a second; 0 is as fast as they are answered
 * from      when the first one is due, on loading_now()
 * until     when there are to be no more
 * kept      ids of jobs that were accepted lately
 * sent      requests so far, of all runs
 * answered  as they should be
 * refused   429 or 503 with Retry-After
 * failed    anything else; status is the last of those
 * times     of the extracts that are waited for, since the last sample
 */
typedef struct {
    gateway_t        *g;
    site_t           *site;
    ledger_t         *ledger;
    double            rate;
    int64_t           from;
    int64_t           until;
    char              kept[SOAK_KEPT][LEDGER_ID];
    size_t            nkept;
    size_t            sent;
    size_t            answered;
    size_t            refused;
    size_t            failed;
    long              status;
    loading_times_t   times;
    void            (*tick)(void *data);
    void             *data;
} soak_mix_t;

/* for loading_run(), with a soak_mix_t */
int soak_mix_next(void *data, loading_request_t *r);
void soak_mix_done(void *data, const loading_request_t *r,
    const loading_reply_t *reply);


/* One process, by its place: one that is replaced goes on as it was. */
typedef struct {
    char    name[SOAK_NAME];
    long   *rss;
    long   *fds;
    long   *threads;
} soak_process_t;

/*
 * What was seen, at equal times.
 *
 * n         samples so far, of room
 * wal       KB of the store's write-ahead log
 * p50, p99  milliseconds, of the time before each
 */
typedef struct {
    gateway_t       *g;
    size_t           n;
    size_t           room;
    size_t           nprocesses;
    soak_process_t   processes[SOAK_PROCESSES];
    double          *at;
    long            *wal;
    double          *p50;
    double          *p99;
} soak_samples_t;


void soak_samples_create(soak_samples_t *s, gateway_t *g, size_t room);
void soak_samples_free(soak_samples_t *s);

/* Look at all of them, at so many seconds from the beginning. */
void soak_samples_take(soak_samples_t *s, double at, loading_times_t *times);

/* KB a second by which it grew, least squares over the second half. */
double soak_samples_slope(const soak_samples_t *s, const long *values);

/* The median of a third of them: the first is 0, the last 2. */
double soak_samples_third(const soak_samples_t *s, const double *values,
    size_t third);
double soak_samples_third_of(const soak_samples_t *s, const long *values,
    size_t third);


#endif /* SOAK_H */
