
/*
 * What robots.c and robots_match.c share.
 *
 *     robots.c        the lines of a file, and which of them are ours
 *     robots_match.c  paths: their normal form, and rules against them
 */

#ifndef ROBOTS_INTERNAL_H
#define ROBOTS_INTERNAL_H


#include "sidecar/robots/robots.h"


/*
 * A rule.  Its pattern, in normal form, is a part of robots_s.patterns; each
 * '*' in it is a wildcard.
 *
 * octets    of the rule as a canonical URL would have it: the longest decides
 * anchored  it ended in '$', which is not in the pattern
 * query     it has a query: compared with the target's other form
 */
typedef struct {
    uint32_t  start;
    uint32_t  len;
    uint32_t  octets;
    unsigned  allow:1;
    unsigned  anchored:1;
    unsigned  query:1;
} robots_rule_t;


/* sitemaps are one behind the other, each with its NUL. */
struct robots_s {
    robots_rule_t  *rules;
    size_t          nrules;
    size_t          max_rules;
    sc_buf_t        patterns;
    sc_buf_t        sitemaps;
    size_t          nsitemaps;
    int64_t         delay;
};


/*
 * Append the normal form of path to patterns and fill in rule, but for allow.
 * SC_OK, or SC_ERROR when memory is out.
 */
int robots_match_compile(robots_rule_t *rule, sc_str_t path,
    sc_buf_t *patterns);


#endif /* ROBOTS_INTERNAL_H */
