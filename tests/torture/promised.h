
/*
 * A load of a store in which it is written down what the store called back as
 * done, and when: so that it can be seen what a disk must still have.
 *
 * Jobs of their own, batches with pages, results with rows of a table and
 * words, messages for webhooks, documents, and sweeps of what is over.
 */

#ifndef PROMISED_H
#define PROMISED_H


#include "tests/support/storing.h"


/* pages of a batch; each PROMISED_EVERY-th unit is one */
#define PROMISED_PAGES    5
#define PROMISED_EVERY    6

/* units under way at once, at most */
#define PROMISED_LANES    8

/* documents that are written again and again */
#define PROMISED_DOCS     4

/* a few of these are more than the WAL has between two checkpoints */
#define PROMISED_HEAVY    (2 * 1024 * 1024)

/* not promised */
#define PROMISED_NEVER    SIZE_MAX

/*
 * When it was called back: how much was written down by then, see power.h.
 *
 * put, ended  of a job, a page or a batch
 */
typedef struct {
    size_t  put;
    size_t  ended;
} promised_job_t;

/* A version of a document, and which of them it is of. */
typedef struct {
    unsigned  doc;
    size_t    put;
} promised_doc_t;

typedef struct promised_s  promised_t;


/* A unit that is under way: a job, or a batch. */
typedef struct {
    promised_t  *p;
    unsigned     unit;
    unsigned     step;
    int64_t      seq;
} promised_lane_t;


/*
 * t         the store's, opened by its owner
 * units     how many there are to do in all; next: which is next, before until
 * lanes     how many are under way at once; busy: how many are
 * weight    bytes of each job's spec, up to PROMISED_HEAVY; 0: its own
 * answered  calls that were called back as done; refused: those that failed
 * jobs      by number; docs: by version, nversions of them
 */
struct promised_s {
    storing_t        *t;
    unsigned          units;
    unsigned          next;
    unsigned          until;
    size_t            lanes;
    size_t            busy;
    size_t            weight;
    size_t            refused;
    size_t            answered;
    promised_lane_t   lane[PROMISED_LANES];
    promised_job_t   *jobs;
    promised_doc_t   *docs;
    unsigned          nversions;
    unsigned          sweeping:1;
};


/*
 * A loop and a folder for a store above power.h, which is not opened yet; and
 * their end, the store being closed.
 */
void promised_set_up(storing_t *t);
void promised_tear_down(storing_t *t);

/* A load of that many units, on a store; nothing is begun. */
void promised_create(promised_t *p, storing_t *t, unsigned units,
    size_t lanes);
void promised_destroy(promised_t *p);

/* How many jobs and pages that makes. */
unsigned promised_jobs(const promised_t *p);

/* Do the next n units, and come back when they are done, or refused. */
void promised_run(promised_t *p, unsigned n);

/*
 * See that a closed file has everything that was called back when so much was
 * written down; what is missing is told on standard error, the first few.
 * Returns how much it is.
 */
size_t promised_missing(const promised_t *p, const char *path, size_t count);


#endif /* PROMISED_H */
