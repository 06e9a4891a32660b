
/*
 * A page's text as its reader sees it.
 */

#ifndef VIEW_TEXT_H
#define VIEW_TEXT_H


#include "sidecar/views/view.h"


/*
 * Append a JSON string: the text of the page by the rules of innerText (HTML
 * Standard, 3.2.7), as far as they need no style sheet.  A block is on lines
 * of its own, a paragraph has an empty line before and after it, the cells of
 * a row are parted by tabs, <br> ends a line, <pre> is as it is written, and
 * white space is one space elsewhere.  What is not shown (view_unseen()) is
 * left out, and so are white space at the end and empty cells at a row's end.
 *
 * SC_OK; SC_ERROR when out's bound or memory is out, with out->failed set.
 */
int view_text(const view_t *v, sc_buf_t *out);


#endif /* VIEW_TEXT_H */
