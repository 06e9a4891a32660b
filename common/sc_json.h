
/*
 * Writing JSON (RFC 8259) straight into a buffer, for the paths where
 * building a tree first would cost more than the work itself.  Reading JSON is
 * jansson's.
 */

#ifndef SC_JSON_H
#define SC_JSON_H


#include <jansson.h>

#include "common/sc_buf.h"


/*
 * Append s as a JSON string with its quotes.  s must be UTF-8; a byte that is
 * not part of well-formed UTF-8 (RFC 3629) becomes U+FFFD, so that the output
 * is always valid.  Control characters, '"' and '\' are escaped; '/' and
 * non-ASCII are written as they are.  s may be NULL when len is 0.  SC_OK, or
 * SC_ERROR with b->failed set.
 */
int sc_json_string(sc_buf_t *b, const char *s, size_t len);

/*
 * Bytes of the character of more than one that is at p, of len bytes and at
 * least one; 0 when it is not well-formed UTF-8.
 */
size_t sc_json_utf8(const unsigned char *p, size_t len);

/* Whether s is well-formed UTF-8, as above: 1 or 0. */
int sc_json_is_utf8(sc_str_t s);

/* As sc_json_string() a NUL-terminated string; NULL is written as null. */
int sc_json_cstr(sc_buf_t *b, const char *s);

/*
 * Append a number with the fewest digits that read back as the same double;
 * an integral value up to 2^53 is written without exponent or point, and so
 * is minus zero, as 0; NaN and infinities, which JSON lacks, are written as
 * null.
 */
int sc_json_number(sc_buf_t *b, double n);

/*
 * Append any value, without blanks, members in the order they are in.  A
 * failure shows in b->failed.  Values are as deep as jansson reads them.
 */
void sc_json_value(sc_buf_t *b, const json_t *json);


#endif /* SC_JSON_H */
