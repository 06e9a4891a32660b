
/*
 * What the suites of this folder share: a batch of lines that are each told
 * what they must come to, and numbers of a running process.
 */
#ifndef HOSTILE_H
#define HOSTILE_H


#include <jansson.h>

#include "tests/support/gateway.h"


/*
 * A page, and what must come of it.
 *
 * url     whole, or a path of the test origin
 * more    further members of its line (", \"name\": value"), "" for none
 * type    of its problem; NULL when it must complete
 * title   its data's "title"; NULL when it is not looked at
 * status  in its "fetch"; 0 when it is not looked at
 */
typedef struct {
    const char  *url;
    const char  *more;
    const char  *type;
    const char  *title;
    int          status;
} hostile_page_t;


/*
 * Send n lines as one batch, whose defaults are this JSON, wait until it has
 * ended, at most this many seconds, and read all results.  pages[lines[i]] is
 * what line i is.  Returns how many did not come to what they must; the first
 * few are told on standard error.
 */
size_t hostile_batch(gateway_t *g, const char *defaults,
    const hostile_page_t *pages, const size_t *lines, size_t n,
    unsigned seconds);

/*
 * A row in which each of the bad numbers 0 to bad - 1 is times times, and so
 * many are good, from bad on, shuffled; to be freed.  *n tells how many.
 */
size_t *hostile_shuffle(size_t bad, size_t times, size_t good, size_t *n);

/* KiB of a process: "VmRSS" now, "VmHWM" at the most. */
long hostile_memory(pid_t pid, const char *name);

/*
 * A number of GET /metrics by its whole name with labels, such as
 * "scraped_extract_killed_total"; 0 when it is not there.
 */
double hostile_metric(gateway_t *g, const char *name);

/* The server's text with this location: hostile_metric() needs it. */
#define HOSTILE_METRICS    "location = /metrics { scrape_pass scrapers; }"


#endif /* HOSTILE_H */
