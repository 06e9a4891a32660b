
/*
 * What a browser without scripts would send for a form of a page: HTML's
 * "constructing the entry list" and "form submission algorithm", as the press
 * of its first submit button.  Pure: no process, no I/O.
 *
 * Left out of HTML's steps: image buttons, dirname, the values that colors
 * and ranges have without a value, and a page's own encoding (accept-charset
 * too), all is sent in UTF-8.  An element belongs to the form it is inside in
 * libxml2's tree, or that its form attribute names.
 */

#ifndef FORM_H
#define FORM_H


#include <libxml/tree.h>

#include "common/sc_buf.h"


#define FORM_MAX_FILL  1000


/* A value of ours, UTF-8; both are the caller's. */
typedef struct {
    const char  *name;
    const char  *value;
} form_fill_t;


/*
 * What is to be sent.  The caller initialises url and body and frees them.
 *
 * method  "GET" or "POST"
 * url     absolute http or https URL without a fragment
 * body    of POST: application/x-www-form-urlencoded; else empty
 * detail  one lower-case sentence when the form cannot be sent
 */
typedef struct {
    const char  *method;
    sc_buf_t     url;
    sc_buf_t     body;
    char         detail[256];
} form_t;


/*
 * The form a node belongs to: itself, the owner of a control, else the one it
 * is inside; an attribute or a text is its element's.  NULL when none.
 */
const xmlNode *form_of(const xmlNode *node);

/*
 * Construct the submission of a form of the document at url.  Each name of
 * fill, which are not more than FORM_MAX_FILL and not the same twice, is sent
 * once with its value: in place of the first control of this name, whatever
 * that is worth, the others are left out; at the end when there is no such
 * control or it is disabled.  The submit button is the first that is not
 * disabled, but one that fill names comes before, and best one with the value
 * that fill gives.
 *
 * SC_OK, or SC_ERROR with detail: the form wants another encoding, closes a
 * dialog, its action is not http or https, or memory is out.
 */
int form_submit(const xmlNode *node, const char *url, const form_fill_t *fill,
    size_t nfill, form_t *form);


#endif /* FORM_H */
