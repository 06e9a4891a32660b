
/*
 * Whether bytes of somebody else's are JSON (RFC 8259), without reading them
 * into values: nothing is allocated, and each byte is looked at once.
 */

#ifndef SC_JSON_CHECK_H
#define SC_JSON_CHECK_H


#include "common/sc_core.h"


/* as deep as jansson reads */
#define SC_JSON_DEPTH  2048


/*
 * SC_OK for one value of well-formed UTF-8 (RFC 3629) that may stand in the
 * middle of other JSON and in a line of its own: there is nothing beside it,
 * and of blanks only U+0020.  SC_ERROR for what is not JSON, has half of a
 * surrogate pair, or is deeper than SC_JSON_DEPTH.
 */
int sc_json_check(const char *text, size_t len);


#endif /* SC_JSON_CHECK_H */
