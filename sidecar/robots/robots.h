
/*
 * What a robots.txt allows: RFC 9309, and the Crawl-delay that most crawlers
 * know besides.  Text in, answers out: no loop, no network, no clock.
 */

#ifndef ROBOTS_H
#define ROBOTS_H


#include "common/sc_buf.h"


#define ROBOTS_MAX_SIZE       512000    /* bytes read, RFC 9309 2.5 */
#define ROBOTS_MAX_RULES      20000     /* kept; the rest is passed over */
#define ROBOTS_MAX_SITEMAPS   100
#define ROBOTS_MAX_WORK       8388608   /* octets searched for one answer */
#define ROBOTS_MAX_DELAY      ((int64_t) 86400000000000)    /* a day */


typedef struct robots_s  robots_t;


/*
 * Read text for the crawler whose product token is agent, such as "scraped":
 * the groups whose User-agent lines name it are one, compared without case
 * and without a version; when none does, those of "*".  Of text, the first
 * ROBOTS_MAX_SIZE bytes count, without a line that is cut there.  Line ends
 * are LF, CR or CR LF; a byte order mark is passed over; what cannot be read
 * is passed over, as the RFC asks.  Never refuses anything: NULL only when
 * memory is out.
 */
robots_t *robots_parse(sc_str_t text, const char *agent);

void robots_free(robots_t *robots);

/*
 * Whether this crawler may fetch target, the path and query of a canonical
 * URL ("/a/b?c").  The longest rule that matches decides, Allow when two are
 * of one length; none allows.  '*' stands for any octets, '$' at the end for
 * the end.  Percent-encoding is compared as RFC 9309 2.2.2 says, on both
 * sides: "%61" is "a", "%3b" is ";", but "%2F" is "/" only in a query.
 * "/robots.txt" is always allowed.
 *
 * A rule takes time proportional to the length of target, whatever its stars;
 * when all together search more than ROBOTS_MAX_WORK octets, it is 0.  So it
 * is when memory is out.
 */
int robots_allowed(const robots_t *robots, sc_str_t target);

/*
 * Nanoseconds of Crawl-delay of this crawler's group, the longest if there are
 * several, at most ROBOTS_MAX_DELAY; -1 if it has none.
 */
int64_t robots_delay(const robots_t *robots);

/*
 * The Sitemap lines, wherever they stand; NULL behind the last.  URLs as
 * written, those that are relative are so to the robots.txt; not checked but
 * for control characters: a line that has some is passed over.
 */
const char *robots_sitemap(const robots_t *robots, size_t i);

/* Bytes of memory it takes, for caches that count. */
size_t robots_size(const robots_t *robots);


#endif /* ROBOTS_H */
