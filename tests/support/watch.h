
/*
 * What a process uses, as the kernel tells it, and what scraped says of
 * itself.
 */
#ifndef WATCH_H
#define WATCH_H


#include <sys/types.h>

#include "tests/support/gateway.h"


/* The most children that are looked at. */
#define WATCH_CHILDREN    64


/*
 * rss      KB of memory now
 * peak     KB at most, so far
 * threads  of it
 * fds      that are open
 * cpu      milliseconds of processors used
 *
 * All are 0 when there is no such process.
 */
typedef struct {
    long  rss;
    long  peak;
    long  threads;
    long  fds;
    long  cpu;
} watch_t;


void watch_process(pid_t pid, watch_t *w);

/* Its children, the oldest first; how many there are. */
size_t watch_children(pid_t pid, pid_t children[WATCH_CHILDREN]);

/* Let the peak begin at what is used now. */
void watch_reset(pid_t pid);

/*
 * A number of scraped's, such as "lanes.ready.batch"; the gateway has a
 * location /metrics (WATCH_LOCATION).  -1 when there is none.
 */
#define WATCH_LOCATION    "location = /metrics { scrape_pass scrapers; }"

double watch_metric(gateway_t *g, const char *path);


#endif /* WATCH_H */
