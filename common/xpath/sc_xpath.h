
/*
 * Functions for XPath 1.0 expressions that the recommendation does not have,
 * on contexts of libxml2, and what names there are for those who check
 * expressions.
 *
 *   re   http://exslt.org/regular-expressions
 *        test(string, pattern[, flags])
 *        match(string, pattern[, flags])
 *        replace(string, pattern, flags, replacement)
 *   set  http://exslt.org/sets
 *        difference, intersection, distinct, has-same-node, leading, trailing
 *   str  http://exslt.org/strings
 *        concat(node-set)
 *   has-class(name, ...) without a prefix: whether the context node is an
 *        element with all these classes
 *
 * They answer what lxml answers.  So match() gives "match" elements: the
 * whole match and each group, or with the flag g one for each match with its
 * groups joined, or all of it when it has none.  replace() replaces the first
 * match, or all with g; in its replacement \1, \g<1> and \g<name> are groups,
 * \\ is a backslash, and \n \r \t \f \v \a \b and octal \0oo are characters.
 * Differently from lxml, arguments become strings as in the core functions
 * (true() is "true"), the flags m, s and x are known, others refused, and
 * patterns are PCRE2's within the bounds of sc_regex.h.
 *
 * A pattern that is refused, a bound met, or a wrong argument ends the
 * evaluation; the error's message says why.  Work is counted in the context's
 * opCount, and ended by its opLimit.
 *
 * For one thread: compiled patterns are kept for the process.
 */

#ifndef SC_XPATH_H
#define SC_XPATH_H


#include <stddef.h>

#include <libxml/xpath.h>

#include "common/sc_core.h"


#define SC_XPATH_ANY       ((unsigned) -1)      /* as many as there are */
#define SC_XPATH_MATCHES   10000                /* of one re:match() */
#define SC_XPATH_STRING    ((size_t) 16 << 20)  /* bytes one may make */
#define SC_XPATH_PATTERNS  16                   /* kept compiled, last used */


/*
 * prefix  "" for none
 * min     arguments at least
 * max     and at most
 * call    what answers, NULL when it is libxml2, in the core library
 * dry     what does in a dry run
 */
typedef struct {
    const char        *prefix;
    const char        *name;
    unsigned           min;
    unsigned           max;
    xmlXPathFunction   call;
    xmlXPathFunction   dry;
} sc_xpath_function_t;


/*
 * Make the functions and their prefixes known to a context.  Prefixes that
 * are registered later with xmlXPathRegisterNs() win.  The context's function
 * lookup is taken.  SC_OK, or SC_ERROR when memory is short.
 */
int sc_xpath_register(xmlXPathContextPtr ctx);

/*
 * The same for trying out what an expression yields, not what: re: functions
 * look for nothing and make nothing, so that whoever writes the expression
 * cannot make it work on more than it holds.  An expression that was evaluated
 * in such a context is of no use in another: libxml2 keeps in it which
 * functions it has called.
 */
int sc_xpath_register_dry(xmlXPathContextPtr ctx);

/*
 * Free the nodes that re:match() has made for a context.  After all objects
 * that the context has given are freed, and before it is.  Not needed when
 * libxml2's memory is given up as a whole.
 */
void sc_xpath_release(xmlXPathContextPtr ctx);

/* Free the patterns that are kept; they are not in libxml2's memory. */
void sc_xpath_cleanup(void);

/*
 * All functions that an expression may call: the 27 of the recommendation's
 * core library and those above.
 */
const sc_xpath_function_t *sc_xpath_functions(size_t *n);

/* The namespace of a prefix known from the start, NULL when it is not. */
const char *sc_xpath_namespace(const char *prefix);


#endif /* SC_XPATH_H */
