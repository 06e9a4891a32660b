
/*
 * JSONPath (RFC 9535) over jansson's values: a path is compiled once and then
 * walked over any number of values.  All of the RFC is known: name, wildcard,
 * index, slice and filter selectors, child and descendant segments, and the
 * functions length(), count(), value(), match() and search().
 *
 * Beyond the RFC a path may leave out its "$": "items[0].name" is
 * "$.items[0].name", "[0]" is "$[0]".  The patterns of match() and search()
 * are PCRE2's, of which I-Regexp (RFC 9485) is a part: "." matches all but CR
 * and LF, match() holds for the whole string only.  One that ignores case by
 * "(?i)" may have ranges of some 2000 characters.  A constant pattern that
 * does not compile makes the path fail, one out of the document matches
 * nothing; so does a match that exceeds its limits.
 */

#ifndef SC_JSONPATH_H
#define SC_JSONPATH_H


#include <jansson.h>

#include "common/sc_core.h"


/* A compiled path: never changed by a walk, so several may share it. */
typedef struct sc_jsonpath_s  sc_jsonpath_t;


/*
 * Why a path did not compile.
 *
 * message  one line with what was found in quotes
 * column   where in the path, in characters from 1; 0 when unknown
 */
typedef struct {
    char  message[256];
    int   column;
} sc_jsonpath_error_t;


/*
 * Called for each node of the result, in the order of the RFC; members of an
 * object come in the order jansson keeps, which is that of their insertion.
 * value is borrowed from the root, which must not be changed before the walk
 * is over.  SC_OK to go on; anything else ends the walk and is its result.
 */
typedef int (*sc_jsonpath_pt)(void *data, json_t *value);


/*
 * Compile len bytes of UTF-8.  The syntax and the types of the functions'
 * arguments are checked here (RFC 9535, 2.4.3); indices lie within
 * +-(2^53 - 1), and parentheses, functions and filters nest at most 64 deep.
 * NULL on failure, err (which may be NULL) says why.  text is copied.
 */
sc_jsonpath_t *sc_jsonpath_compile(const char *text, size_t len,
    sc_jsonpath_error_t *err);

/* Free a path; NULL is allowed. */
void sc_jsonpath_free(sc_jsonpath_t *path);

/*
 * Call found for each node of root that path selects.  *steps is the budget:
 * each node that is visited takes one, those of the filters' own queries and
 * comparisons too, and a long string takes more when it is compared, measured
 * or matched; what is left stays in *steps.
 *
 * SC_OK, or what found returned, or SC_ERROR when *steps is used up, memory
 * is short, or filters over deep values would nest more than 4096 deep.  The
 * nodes found until then have been given to found.
 */
int sc_jsonpath_eval(const sc_jsonpath_t *path, json_t *root, size_t *steps,
    sc_jsonpath_pt found, void *data);


#endif /* SC_JSONPATH_H */
