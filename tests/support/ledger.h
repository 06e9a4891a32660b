
/*
 * The book of what was accepted: every job that was answered 202, to be
 * compared with what became of it.
 *
 * It is in memory that child processes share: loads write it from processes
 * of their own, which may be killed.
 */
#ifndef LEDGER_H
#define LEDGER_H


#include <stddef.h>

#include "tests/support/gateway.h"


/* longest id, with its NUL */
#define LEDGER_ID    40


/*
 * One accepted job.
 *
 * id      of the job
 * pages   its pages, 0 when that is not known before its end (a crawl)
 */
typedef struct {
    char      id[LEDGER_ID];
    unsigned  pages;
} ledger_entry_t;

typedef struct ledger_s  ledger_t;


/* A book with room for max jobs; fails the test when there is no memory. */
ledger_t *ledger_create(size_t max);
void ledger_destroy(ledger_t *l);

/* Write down a job that was answered 202; from any process. */
void ledger_add(ledger_t *l, const char *id, unsigned pages);

/* How many there are, and the nth. */
size_t ledger_count(const ledger_t *l);
const ledger_entry_t *ledger_get(const ledger_t *l, size_t n);

/*
 * Wait until the gateway has nothing unended, at most this many seconds; fails
 * the test when that does not come.
 */
void ledger_settle(ledger_t *l, gateway_t *g, unsigned seconds);

/*
 * Read every job, and its results, through the gateway: it must be there, in
 * one final state, with accepted = completed + failed + cancelled and, where
 * pages is known, as many as it had.  The first few that are not so are told
 * on standard error.  Returns how many are not so.
 */
size_t ledger_verify(ledger_t *l, gateway_t *g);

/*
 * See that the store of a gateway whose scraped has ended is whole
 * (store_check()); fails the test otherwise.
 */
void ledger_whole(gateway_t *g);


#endif /* LEDGER_H */
