
/*
 * What the files of extract share:
 *
 *     extract.c        rules over a page
 *     extract_value.c  a value from what an expression gave
 *     extract_form.c   a form or a check instead of rules
 *     extract_doc.c    the page itself: its document, evaluation in it
 */

#ifndef EXTRACT_INTERNAL_H
#define EXTRACT_INTERNAL_H


#include "sidecar/extract/extract.h"


/* an error of XPath's own numbering as libxml2 reports it */
#define EXTRACT_XPATH_ERROR(code)  (XML_XPATH_EXPRESSION_OK + (code))

#define EXTRACT_NO_STEPS   EXTRACT_XPATH_ERROR(XPATH_OP_LIMIT_EXCEEDED)
#define EXTRACT_NO_MEMORY  XML_ERR_NO_MEMORY

#define EXTRACT_TOO_MUCH   "the page needs more memory than a page may have"


/*
 * A page under way.
 *
 * text      a value before it is converted; used again for each
 * scratch   a resolved URL or a message; used again for each
 * base      what references resolve against, "" until it is needed
 */
typedef struct {
    extract_page_t      *page;
    xmlDocPtr            doc;
    xmlXPathContextPtr   xpath;
    sc_buf_t             text;
    sc_buf_t             scratch;
    sc_buf_t             base;
    size_t               warnings;
    size_t               missing;
} extract_t;


typedef struct extract_at_s  extract_at_t;

/*
 * Where in the data a value is: a member called name, or with name NULL an
 * element of a list.  Each level keeps its own on the stack.
 */
struct extract_at_s {
    const extract_at_t  *parent;
    const char          *name;
    size_t               index;
};


/*
 * Append the JSON of a node's string value, or of an expression's string,
 * number or boolean, to the data.  SC_OK; SC_DECLINED when it has no value of
 * this type, nothing is written then but a warning.
 */
int extract_node(extract_t *x, sc_type_t type, const extract_at_t *at,
    const xmlNode *node);
int extract_scalar(extract_t *x, sc_type_t type, const extract_at_t *at,
    const xmlXPathObject *object);

/*
 * Add a warning about the value at a place: the place, the value in quotes
 * unless it is NULL, what is wrong.
 */
void extract_warn(extract_t *x, const extract_at_t *at, const char *value,
    const char *what);

/* Append a place's name to out. */
void extract_path(const extract_at_t *at, sc_buf_t *out);


/*
 * Parse the page into x, which is zeroed by that, and see whether it has a
 * meta refresh.  SC_OK, or SC_ERROR with page->detail; either way close it.
 */
int extract_open(extract_t *x, extract_page_t *page);
void extract_close(extract_t *x);

/*
 * Evaluate from a node within EXTRACT_MAX_OPS.  NULL when that failed, *code
 * is libxml2's error then: EXTRACT_NO_STEPS when it did more work than that,
 * EXTRACT_NO_MEMORY whatever libxml2 calls it.
 */
xmlXPathObjectPtr extract_xpath(extract_t *x, const xmlNode *node,
    xmlXPathCompExprPtr comp, int *code);

/* Put a sentence in page->detail; SC_ERROR. */
int extract_fail(extract_page_t *page, const char *detail);


#endif /* EXTRACT_INTERNAL_H */
