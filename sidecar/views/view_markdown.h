
/*
 * A page's main content as text that people and programs read alike.
 */

#ifndef VIEW_MARKDOWN_H
#define VIEW_MARKDOWN_H


#include "sidecar/views/view.h"


/*
 * Append a JSON string: what view_main() finds, as CommonMark 0.30 with the
 * tables and the strikethrough of GitHub Flavored Markdown 0.29, without any
 * HTML.  Navigation, footers, forms and notices inside are left out.
 *
 * Links and images are absolute, made so against v->base, and of http, https
 * and, links only, mailto; other links are their text.  A table that lays out
 * a page is text; so is one that has more than 64 columns.  Lists and quotes
 * nested deeper than 32 levels are not nested any further.
 *
 * SC_OK; SC_ERROR when out's bound or memory is out, with out->failed set.
 */
int view_markdown(const view_t *v, sc_buf_t *out);


#endif /* VIEW_MARKDOWN_H */
