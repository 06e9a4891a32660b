
/*
 * A mixed load on a whole gateway, to be tortured meanwhile, and the judgement
 * at the end.
 *
 * Its parts are processes of their own, which share this memory: an origin
 * with a few hosts that keeps a log, a receiver of webhooks, clients that make
 * jobs and read them as a sane client would, with Idempotency-Key and further
 * tries, and readers of events that come again with Last-Event-ID.
 *
 *     torture.c            start, end, what is reported
 *     torture_origin.c     the hosts
 *     torture_judge.c      whether they were asked politely
 *     torture_hooks.c      the receiver
 *     torture_send.c       the clients
 *     torture_retry.c      one request, until it is answered
 *     torture_stream.c     the readers
 *     torture_verify.c     what became of all jobs
 *     torture_process.c    processes, looked at from outside
 */
#ifndef TORTURE_H
#define TORTURE_H


#include <stdatomic.h>
#include <stdint.h>

#include "tests/support/ledger.h"


#define TORTURE_PARTS    16             /* processes, at most */
#define TORTURE_JOBS     200000
#define TORTURE_HITS     600000
#define TORTURE_KILLED   2000

/* milliseconds: the delay of hosts that have one, and of Retry-After */
#define TORTURE_DELAY    400
#define TORTURE_BLOCK    2000

/* pages of each crawl */
#define TORTURE_SITE     15


/* The hosts of the origin. */
typedef enum {
    TORTURE_PLAIN = 0,
    TORTURE_LIMITED,        /* has a delay of its own, by PATCH */
    TORTURE_CRAWL_DELAY,    /* says so in its robots.txt */
    TORTURE_WISHED,         /* each request for it wishes for a delay */
    TORTURE_BLOCKING,       /* says 429 with Retry-After now and then */
    TORTURE_FAILING,        /* fails three times in a row now and then */
    TORTURE_HOSTS
} torture_host_t;


/* A fetch, as the origin saw it: when in milliseconds of CLOCK_MONOTONIC. */
typedef struct {
    int64_t  at;
    int      host;
    int      status;
    int      robots;
} torture_hit_t;


/*
 * A job that a client makes; its number is in its tags, its key and the
 * metadata of its webhook.
 *
 * id        that it was answered with, once it is accepted
 * made      jobs with this number that the gateway has
 * hooked    it has a webhook
 * accepted  it was answered
 * ends      messages of its end that came
 */
typedef struct {
    char         id[LEDGER_ID];
    unsigned     made;
    int          hooked;
    atomic_int   accepted;
    atomic_uint  ends;
} torture_job_t;


/*
 * What is counted.
 *
 * requests   of clients, each with all its tries
 * again      answers after which they tried again: 429, 502, 503, 504
 * cut        connections that ended without an answer
 * odd        answers that are not announced, or have not what they should
 * given_up   requests that had no answer in the end
 * streams    jobs read to their end as events
 * resumed    times a reader came again
 * rows       it was told
 * gaps       rows it was not told, or twice
 * messages   of webhooks, taken or refused
 * pages      that ended
 * failed     of them
 */
typedef struct {
    atomic_size_t  requests;
    atomic_size_t  again;
    atomic_size_t  cut;
    atomic_size_t  odd;
    atomic_size_t  given_up;
    atomic_size_t  streams;
    atomic_size_t  resumed;
    atomic_size_t  rows;
    atomic_size_t  gaps;
    atomic_size_t  messages;
    size_t         pages;
    size_t         failed;
} torture_counts_t;


typedef struct torture_s  torture_t;


/*
 * How it is to be.
 *
 * options   of the gateway
 * clients   processes that make jobs; 0: two
 * close     each request has a connection of its own
 * cuts      connections may end without an answer: nginx itself is hurt
 * broken    the store may be answered for as one that does not work
 * reasons   why pages may fail, types of problems with a blank behind each
 * alerts    what the log of nginx may have, a word of such lines; may be NULL
 * before    called when all is started, before there is a load; may be NULL
 */
typedef struct {
    gateway_options_t  options;
    int                clients;
    int                close;
    int                cuts;
    int                broken;
    const char        *reasons;
    const char        *alerts;
    void             (*before)(torture_t *t);
} torture_options_t;


struct torture_s {
    torture_options_t  o;
    gateway_t          gateway;
    ledger_t          *ledger;
    pid_t              parts[TORTURE_PARTS];
    size_t             nparts;
    size_t             ngone;
    atomic_int         go;
    atomic_int         stop;

    /* "http://127.0.0.1:PORT" */
    char               hosts[TORTURE_HOSTS][64];
    int                listeners[TORTURE_HOSTS];
    atomic_int         turns[TORTURE_HOSTS];
    _Atomic int64_t    due[TORTURE_HOSTS];
    torture_hit_t      hits[TORTURE_HITS];
    atomic_size_t      nhits;
    int64_t            killed[TORTURE_KILLED];
    size_t             nkilled;

    char               hook[64];
    int                hook_fd;

    torture_job_t      jobs[TORTURE_JOBS];
    atomic_size_t      njobs;

    torture_counts_t   counts;
};


/* Start everything; the load runs when it returns. */
torture_t *torture_start(const torture_options_t *o);

/*
 * End the load, wait until all jobs have ended, judge, stop the gateway and
 * report, as promises of this suite, what does not belong to one torture.
 */
void torture_finish(torture_t *t, const char *suite);

/*
 * Kill scraped, see that its store is whole, and start it again.  Returns the
 * milliseconds from the start to the first 202.
 */
int64_t torture_kill(torture_t *t);

/* Start it again after whatever ended it; the same. */
int64_t torture_restart(torture_t *t);

/* Fork a part; it is expected to end well within what is started. */
void torture_part(torture_t *t, void (*run)(torture_t *t));

/* The job with this number is accepted, and known by this id. */
void torture_accept_job(torture_t *t, size_t n, const char *id,
    unsigned pages);

/* Parts. */
void torture_origin_listen(torture_t *t);
void torture_origin_run(torture_t *t);
void torture_hooks_listen(torture_t *t);
void torture_hooks_run(torture_t *t);
void torture_send_run(torture_t *t);
void torture_stream_run(torture_t *t);

/* A listener at a port of its own, whose URL is copied into url. */
int torture_listen(char *url, size_t size);

/* A thread for each connection, for ever. */
void torture_serve(int listener, void (*serve)(int fd, void *data),
    void *data);

/*
 * Read until there is this text; how much there is, 0 at the end or beyond
 * size.  Read what comes next behind len bytes; how much, 0 the same.
 */
size_t torture_read(int fd, char *text, size_t size, const char *until);
size_t torture_more(int fd, char *text, size_t len, size_t size);

/*
 * Send a request until it has an answer that is final, counting; nonzero when
 * it has one, and reply is to be freed.
 */
int torture_ask(torture_t *t, client_reply_t *reply, const char *method,
    const char *path, const char *headers, const char *body);

/* How many fetches were impolite, of how many; the first are told. */
size_t torture_judge(torture_t *t, size_t *judged);

/* How many jobs are lost, not whole or made twice; the first are told. */
size_t torture_verify(torture_t *t);

/* Wait for messages of all ends; how many do not come, of how many. */
size_t torture_hooks_missed(torture_t *t, size_t *expected);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t torture_now(void);

/* A child of this process at random, 0 when there is none; how many. */
pid_t torture_child(pid_t pid);
size_t torture_children(pid_t pid);

/* Descriptors, and bytes of memory shared with children, of a process. */
size_t torture_descriptors(pid_t pid);
size_t torture_shared(pid_t pid);


#endif /* TORTURE_H */
