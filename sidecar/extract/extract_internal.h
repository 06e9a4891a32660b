
/*
 * What the files of extract share: the page under way, and how a value is
 * made from what an expression gave.
 */

#ifndef EXTRACT_INTERNAL_H
#define EXTRACT_INTERNAL_H


#include "sidecar/extract/extract.h"


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

/* The node after this one in document order, inside root; NULL at the end. */
const xmlNode *extract_next(const xmlNode *node, const xmlNode *root);


#endif /* EXTRACT_INTERNAL_H */
