
/*
 * Origins of many hosts, in a process of their own: every address of
 * 127.77.0.0/16 is one.  They are well-behaved, and keep a record of how they
 * were asked.
 *
 *     /robots.txt    404
 *     /slow…         a page, delay milliseconds later
 *     /hang…         nothing, ever
 *     (others)       a page, at once
 */
#ifndef SITE_H
#define SITE_H


#include <stdint.h>
#include <sys/types.h>


#define SITE_HOSTS    65536


/*
 * What was seen of one host, by what the kernel says came when.
 *
 * asked      requests
 * now        of them not answered, and the most there ever were
 * last       when the last one came, ns
 * pace       when one may come that keeps the least gap on the average
 * least      the shortest time between two, ns; 0 before the second
 * early      requests that came before their time, beyond slack
 */
typedef struct {
    uint32_t  asked;
    uint32_t  now;
    uint32_t  most;
    uint32_t  early;
    int64_t   last;
    int64_t   pace;
    int64_t   least;
} site_host_t;

/*
 * Of all, in memory that is shared with the process.
 *
 * pages     asked for, robots.txt not among them
 * now       of these not answered, and the most there ever were
 * order     hosts of the pages, in the order they came in (the first
 *           SITE_ORDER)
 */
#define SITE_ORDER    262144

typedef struct {
    uint32_t     pages;
    uint32_t     now;
    uint32_t     most;
    uint16_t     order[SITE_ORDER];
    site_host_t  hosts[SITE_HOSTS];
} site_seen_t;

/*
 * delay    of /slow, milliseconds
 * gap      least time between two requests of a host, milliseconds: those are
 *          early that come sooner, over any number of them, by more than slack
 * slack    milliseconds
 * pages    how many different pages of 30 KB there are (tests/bench/page.awk);
 *          0: one of 100 bytes
 */
typedef struct {
    unsigned  delay;
    unsigned  gap;
    unsigned  slack;
    unsigned  pages;
} site_options_t;

typedef struct {
    unsigned      port;
    pid_t         pid;
    site_seen_t  *seen;
} site_t;


/* Begin to answer; fails the test when that cannot be. */
void site_start(site_t *s, const site_options_t *options);
void site_stop(site_t *s);

/* "http://127.77.X.Y:PORT" of a host. */
void site_url(const site_t *s, unsigned host, char *url, size_t size);


#endif /* SITE_H */
