
/*
 * Rule sets in tests: which are accepted, and what is said of those that are
 * not.  Whatever is otherwise fails the running test.
 */

#ifndef RULING_H
#define RULING_H


#include <check.h>
#include <stddef.h>

#include "common/rules/sc_rules.h"


/*
 * A refusal.
 *
 * json     the rule set
 * pointer  to what is wrong
 * message  the whole message, or NULL when only its being there matters
 */
typedef struct {
    const char  *json;
    const char  *pointer;
    const char  *message;
} ruling_t;


/* The rule set, the caller's. */
sc_rules_t *ruling_accepted(const char *json);

/* Each of n is refused: its shape; an expression or name; an unknown key. */
void ruling_shape(const ruling_t *r, size_t n);
void ruling_rule(const ruling_t *r, size_t n);
void ruling_key(const char *json, const char *pointer, const char *message);

/* One is refused, for whatever reason. */
void ruling_refused(const ruling_t *r, sc_rules_error_t *err);

/*
 * A text with n times one, commas between, for the caller to free; the other
 * takes a format of a size_t, the number of each from 0.
 */
char *ruling_list(const char *before, const char *one, size_t n,
    const char *after);
char *ruling_numbered(const char *before, const char *fmt, size_t n,
    const char *after);


#endif /* RULING_H */
