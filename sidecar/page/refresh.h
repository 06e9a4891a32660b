
/*
 * A document that sends its reader on: HTML's shared declarative refresh
 * steps, which <meta http-equiv="refresh" content="5; url=next"> and the
 * header Refresh have in common.
 */

#ifndef REFRESH_H
#define REFRESH_H


#include <libxml/tree.h>

#include "common/sc_buf.h"


/*
 * Read the value of content or of the header.  SC_OK, or SC_DECLINED when it
 * is no refresh.  *delay is in seconds, INT_MAX when it is more, a fraction
 * is cut off.  url is inside content, a reference; its data is NULL when there
 * is none: the document is to be loaded again.
 */
int refresh_parse(sc_str_t content, int *delay, sc_str_t *url);

/*
 * Find the first meta element that is a valid refresh.  SC_OK with its delay
 * and the absolute URL appended to out: the document's own, which is url,
 * when the element names none.  SC_DECLINED when there is none, or it leads
 * to a javascript: URL; SC_ERROR when memory is out.
 *
 * One inside <noscript> is left out: such pages mean readers that they have
 * nothing for.
 */
int refresh_find(const xmlDoc *doc, const char *url, sc_buf_t *out,
    int *delay);


#endif /* REFRESH_H */
