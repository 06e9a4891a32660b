
/*
 * What the values of many HTTP fields are made of: lists of words, some with a
 * quoted string or a number of seconds (RFC 9110 5.6, RFC 9111 1.2.2).
 */

#ifndef FIELD_H
#define FIELD_H


#include <stdint.h>

#include "common/sc_core.h"


/* Past blanks; past all to the next comma that is not quoted, or the end. */
const char *field_blank(const char *p);
const char *field_skip(const char *p);

/*
 * Past the quoted string at p.  *text is what it has between its quotes, with
 * its escapes; up to the end of the value when the second quote is not there.
 */
const char *field_quoted(const char *p, sc_str_t *text);

/*
 * A number of digits alone, or most, below 2^59, if it is more than that; -1
 * if it is none.
 */
int64_t field_seconds(sc_str_t text, int64_t most);


#endif /* FIELD_H */
