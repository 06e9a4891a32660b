
/*
 * Between the files of this folder.
 */

#ifndef SC_XPATH_INTERNAL_H
#define SC_XPATH_INTERNAL_H


#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "common/sc_core.h"
#include "common/sc_buf.h"
#include "common/regex/sc_regex.h"
#include "common/xpath/sc_xpath.h"


/*
 * The functions, each called with nargs arguments on the stack of ctxt and
 * leaving one result there, or an error in ctxt.
 */

void sc_xpath_re_test(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_re_match(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_re_replace(xmlXPathParserContextPtr ctxt, int nargs);

void sc_xpath_set_difference(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_set_intersection(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_set_distinct(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_set_has_same_node(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_set_leading(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_set_trailing(xmlXPathParserContextPtr ctxt, int nargs);

void sc_xpath_str_concat(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_has_class(xmlXPathParserContextPtr ctxt, int nargs);

/* What stands for re: functions in a dry run. */
void sc_xpath_dry_test(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_dry_match(xmlXPathParserContextPtr ctxt, int nargs);
void sc_xpath_dry_replace(xmlXPathParserContextPtr ctxt, int nargs);


/* End the evaluation with a message: why, and detail when it is not NULL. */
void sc_xpath_fail(xmlXPathParserContextPtr ctxt, const char *why,
    const char *detail);

/*
 * Count work as that many steps of the expression.  SC_ERROR, with the error
 * set, when the context's limit of steps does not allow it.
 */
int sc_xpath_spend(xmlXPathParserContextPtr ctxt, size_t steps);

/* The steps that work on so many bytes counts as. */
size_t sc_xpath_steps(size_t bytes);

/* A string object of b's bytes is the result; b is freed. */
void sc_xpath_return_buf(xmlXPathParserContextPtr ctxt, sc_buf_t *b);


/* What compiling it counts as: nothing when it is kept. */
size_t sc_xpath_pattern_steps(const char *pattern, const char *flags);

/*
 * The compiled pattern, kept here until others push it out: it is good until
 * the next call.  NULL with err.
 */
sc_regex_t *sc_xpath_pattern(const char *pattern, const char *flags,
    sc_regex_error_t *err);

/*
 * Append to out what sc_regex_replace() takes for a replacement that is
 * written with backslashes.  SC_OK, or SC_ERROR with *why.
 */
int sc_xpath_replacement(const char *s, sc_buf_t *out, const char **why);


#endif /* SC_XPATH_INTERNAL_H */
