
/*
 * What HTML's algorithms need of libxml2's tree: document order, attributes,
 * and what references in a document resolve against.  The parser has made
 * names of elements and attributes lower-case.
 */

#ifndef DOM_H
#define DOM_H


#include <libxml/tree.h>

#include "common/sc_buf.h"


/* The node after this one in document order, inside root; NULL at the end. */
const xmlNode *dom_next(const xmlNode *node, const xmlNode *root);

/* The same without what is inside this node. */
const xmlNode *dom_after(const xmlNode *node, const xmlNode *root);

/* Whether a node is an element of this name; node may be NULL. */
int dom_is(const xmlNode *node, const char *name);

/* An element's attribute, "" without a value, NULL when it has none. */
const char *dom_attr(const xmlNode *node, const char *name);

/*
 * Append the document base URL: what the first <base href>, unless it is
 * longer than URL_MAX, makes of url, the document's own, else url.  A failure
 * shows in out->failed.
 */
void dom_base(const xmlDoc *doc, const char *url, sc_buf_t *out);


#endif /* DOM_H */
