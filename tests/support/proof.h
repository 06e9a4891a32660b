
/*
 * What a program needs that proves a promise: how often to try, and one line
 * that says what came of it.
 *
 * The programs of tests/torture, tests/load, tests/hostile and tests/access
 * are suites as the others are.  `make test` runs them in brief, so that they
 * stay true; `make prove`, or the target named after the folder, runs them in
 * full (PROOF=full in the environment).
 */
#ifndef PROOF_H
#define PROOF_H


#include <stddef.h>


/* Whether this is a run in full; 1 or 0. */
int proof_full(void);

/*
 * How often: the number that the environment has by this name
 * ("TORTURE_KILLS"), or else full in a run in full, brief otherwise.
 */
size_t proof_times(const char *name, size_t full, size_t brief);

/* A number of [0, n); the same row of numbers for the same $PROOF_SEED. */
size_t proof_random(size_t n);

/*
 * Print one line of JSON to standard output,
 *
 *     {"promise":…,"suite":…,"runs":N,"failures":N,"detail":…}
 *
 * and fail the running test when there was a failure, or no run at all.
 */
void proof_report(const char *suite, const char *promise, size_t runs,
    size_t failures, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));


#endif /* PROOF_H */
