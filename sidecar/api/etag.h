
/* Entity tags in conditional requests (RFC 9110 8.8.3, 13.1.2). */

#ifndef ETAG_H
#define ETAG_H


#include "common/sc_core.h"


/*
 * Whether the value of If-None-Match names this tag, given without quotes, by
 * weak comparison; "*" names every one, "" none.  1 or 0.
 */
int etag_matches(const char *value, sc_str_t tag);

/* Whether that of If-Match does, by strong comparison: no weak one is it. */
int etag_matches_strongly(const char *value, sc_str_t tag);


#endif /* ETAG_H */
