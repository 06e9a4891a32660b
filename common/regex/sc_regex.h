
/*
 * Regular expressions of strangers over text of strangers: PCRE2 in UTF mode
 * with Unicode properties, and a bound on all that it does.  No JIT: memory
 * that is writable and executable has no place in a sandbox.
 *
 * A pattern keeps its subject and what it has matched, so that one thread may
 * use it for one subject at a time.
 */

#ifndef SC_REGEX_H
#define SC_REGEX_H


#include <signal.h>
#include <stddef.h>

#include "common/sc_core.h"
#include "common/sc_buf.h"


#define SC_REGEX_PATTERN   2048               /* bytes of a pattern */
#define SC_REGEX_COMPILED  ((size_t) 1 << 20) /* bytes compiled */
#define SC_REGEX_NESTING   100                /* parentheses in parentheses */
#define SC_REGEX_STEPS     100000             /* for each place to begin at */
#define SC_REGEX_DEPTH     10000              /* of backtracking */
#define SC_REGEX_HEAP      (20 * 1024)        /* KiB of one match */
#define SC_REGEX_GROUPS    1000               /* groups of a pattern */
#define SC_REGEX_WIDTH     ((size_t) 2 * 0x110000)   /* see sc_regex_width() */


typedef struct sc_regex_s  sc_regex_t;


/*
 * message  lower case, no full stop
 * column   the character of the pattern or replacement at which it was seen,
 *          from 1
 */
typedef struct {
    char  message[256];
    int   column;
} sc_regex_error_t;


/*
 * LIMIT  a bound was met before there was an answer: steps, depth, memory,
 *        the room in a buffer, or the stop flag
 * ERROR  the subject is not UTF-8, the offset is not at a character of it,
 *        the replacement is not valid, or memory is short
 */
typedef enum {
    SC_REGEX_MATCH = 0,
    SC_REGEX_NO_MATCH,
    SC_REGEX_LIMIT,
    SC_REGEX_ERROR
} sc_regex_result_t;


/*
 * Compile.  flags is NULL or any of i (without regard to case), m (^ and $ at
 * each line), s (. is any character), x (white space and comments in the
 * pattern) and g, which is the caller's and means nothing here.  NULL with
 * err filled when the pattern, a flag or the size is refused.
 */
sc_regex_t *sc_regex_compile(const char *pattern, size_t len,
    const char *flags, sc_regex_error_t *err);

void sc_regex_free(sc_regex_t *re);

/*
 * How many characters the ranges of a pattern have together, as "a-z" has 26:
 * when it ignores case, by its flags or by options in it, PCRE2 looks for the
 * other case of each of them, which takes 5 to 15 ns.  0 for a pattern that
 * regards case.  Never too few but for some hundred characters of a range;
 * too many when a hyphen outside of a class has characters far apart at its
 * sides.  When it is more than SC_REGEX_WIDTH, which is refused, *beyond is
 * the offset of the first range that is too much; beyond may be NULL.
 */
size_t sc_regex_width(const char *pattern, size_t len, const char *flags,
    size_t *beyond);

/*
 * Let a flag end matching, from a signal handler for instance: while *stop is
 * not 0 every match is SC_REGEX_LIMIT, at latest when the place in the
 * subject that it tries has taken its SC_REGEX_STEPS.  For all patterns of the
 * process; NULL, as at the start, for none.
 */
void sc_regex_watch(const volatile sig_atomic_t *stop);


/*
 * Find the first match that begins at or after offset bytes; what is before
 * offset is seen by lookbehind and \b.  The subject must stay where it is as
 * long as its groups or sc_regex_next() are wanted.
 */
sc_regex_result_t sc_regex_match(sc_regex_t *re, sc_str_t subject,
    size_t offset);

/*
 * The next match of the same subject, after SC_REGEX_MATCH only.  It begins
 * where the last one ended; after an empty match it is another one or begins
 * at least one character later, so that a loop always ends.
 */
sc_regex_result_t sc_regex_next(sc_regex_t *re);

/* Groups of the pattern without group 0, the whole match. */
unsigned sc_regex_ngroups(const sc_regex_t *re);

/*
 * What the last match has of group n, a view of the subject.  SC_DECLINED and
 * an empty view when the group took no part in it or there is none such.
 */
int sc_regex_group(const sc_regex_t *re, unsigned n, sc_str_t *group);

/* The number of the group of that name, -1 when there is none. */
int sc_regex_group_number(const sc_regex_t *re, const char *name, size_t len);


/*
 * Append the subject to out with the first match, or all, replaced.  In the
 * replacement $1 and ${1} are a group, $0 the whole match, ${name} a named
 * group, $$ a dollar sign; a group without part in the match is empty.  A
 * group that does not exist or another $ is an error.
 *
 * SC_REGEX_MATCH when something was replaced; SC_REGEX_NO_MATCH when the
 * subject was appended as it is.  Otherwise out holds what it held before,
 * and out->failed is set if it was its room that ended.
 */
sc_regex_result_t sc_regex_replace(sc_regex_t *re, sc_str_t subject,
    sc_str_t replacement, int all, sc_buf_t *out);

/* Whether a replacement fits the pattern: SC_OK, or SC_ERROR with err. */
int sc_regex_check_replacement(const sc_regex_t *re, sc_str_t replacement,
    sc_regex_error_t *err);


#endif /* SC_REGEX_H */
