
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

/*
 * Make the tag of a text, without quotes: so many digits, an even number to
 * 64, of its SHA-256 in hex; tag has room for them and a NUL.  What is told of
 * the same text in several ways has a variant for each of them, else 0.
 * SC_OK, or SC_ERROR when memory is out, and the tag is "".
 */
int etag_make(sc_str_t text, unsigned char variant, char *tag, size_t digits);


#endif /* ETAG_H */
