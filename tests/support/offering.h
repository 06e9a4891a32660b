
/*
 * Extracts, offered to a gateway all at once: what was answered 202 is
 * written down in a ledger, what was refused is counted.
 */
#ifndef OFFERING_H
#define OFFERING_H


#include "tests/support/ledger.h"
#include "tests/support/loading.h"
#include "tests/support/site.h"


/*
 * What is offered:
 *
 * jobs      how many
 * first     host of the site, and how many: job n is for first + n % hosts
 * hosts
 * names     "http://PREFIX%u.test:PORT" of a host is "PREFIX%u" here, NULL for
 *           its address
 * path      such as "/p/"; the number of the job follows
 * members   further JSON members (", \"priority\": 1"), or NULL
 * headers   NULL is "Prefer: respond-async"
 *
 * and what came of it:
 *
 * accepted  answered 202, and in the ledger when there is one
 * done      answered 200
 * refused   answered 429 or 503 with Retry-After
 * failed    answered anything else, or not at all
 * status    the last of those, 0 for no answer
 * times     of all answers
 */
typedef struct {
    site_t           *site;
    ledger_t         *ledger;
    size_t            jobs;
    unsigned          first;
    unsigned          hosts;
    const char       *names;
    const char       *path;
    const char       *members;
    const char       *headers;
    size_t            accepted;
    size_t            done;
    size_t            refused;
    size_t            failed;
    long              status;
    loading_times_t   times;
} offering_t;


/*
 * Make one of so many jobs, with a ledger of as many, for the first hosts of a
 * site that its caller starts; free it, and stop the site.
 */
void offering_begin(offering_t *o, site_t *site, size_t jobs, unsigned hosts,
    const char *path);
void offering_end(offering_t *o);

/* Offer them over so many connections, and wait for the answers. */
void offering_run(offering_t *o, gateway_t *g, size_t connections);

/* The body of the nth, to be freed. */
char *offering_body(const offering_t *o, size_t n);

/* Count what came of one, and write it down. */
void offering_count(offering_t *o, const loading_reply_t *reply);


#endif /* OFFERING_H */
