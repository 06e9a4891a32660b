
/*
 * Patterns over URLs and other names, as rule sets and crawls write them: a
 * '%' stands for any run of characters, an empty one too, all else for
 * itself, over the whole text and with regard to case; there is no escape
 * for '%', which any run covers.  "re:" and a regular expression fits where
 * that is found.
 */

#ifndef SC_PATTERN_H
#define SC_PATTERN_H


#include "common/regex/sc_regex.h"
#include "common/sc_core.h"


#define SC_PATTERN_MAX   2048           /* bytes of one */
#define SC_PATTERNS_MAX  256            /* of a list */


/*
 * One pattern.  text is as it was written, with its "re:", NUL-terminated;
 * regex is NULL for a wildcard.  Not thread-safe, as regex is not.
 */
typedef struct {
    char        *text;
    sc_regex_t  *regex;
} sc_pattern_t;


typedef struct {
    sc_pattern_t  *list;
    size_t         n;
} sc_patterns_t;


/*
 * Compile one of 1 to SC_PATTERN_MAX bytes of UTF-8.  SC_OK, or SC_ERROR with
 * a sentence in reason, of size bytes; "memory is out" is one.  *p needs no
 * initial value, and is to be freed after SC_OK only.
 */
int sc_pattern_compile(sc_pattern_t *p, const char *text, size_t len,
    char *reason, size_t size);
void sc_pattern_free(sc_pattern_t *p);

/* Free a list and what is in it, and make it empty. */
void sc_patterns_free(sc_patterns_t *patterns);

/*
 * Whether a pattern, or one of a list, fits; an empty list does not.  A
 * regular expression that gives up at its limits, or is given what is not
 * UTF-8, does not fit.  A wildcard takes time linear in text and pattern, a
 * regular expression what its limits allow.
 */
int sc_pattern_fits(const sc_pattern_t *p, const char *text, size_t len);
int sc_patterns_fit(const sc_patterns_t *patterns, const char *text,
    size_t len);


#endif /* SC_PATTERN_H */
