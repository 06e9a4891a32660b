
/*
 * The parsers behind page_open().  Each reads page->text and sets page->doc,
 * or gives SC_ERROR with a detail; page_close() frees what it left there.
 */

#ifndef PAGE_INTERNAL_H
#define PAGE_INTERNAL_H


#include <gumbo.h>

#include "sidecar/page/page.h"


#define PAGE_NO_MEMORY   "memory is out"
#define PAGE_TOO_MUCH    "the page needs more memory than a page may have"

/* a bogus comment of U+10FFFD, told by its first byte: pages have nothing
   of that plane */
#define PAGE_HTML5_MARK  "<?\xf4\x8f\xbf\xbd>"
#define PAGE_HTML5_TOLD  0xf4


int page_html(page_t *page);
int page_html5(page_t *page);
int page_xml(page_t *page);

/*
 * Make libxml2's tree of Gumbo's, which it writes to, in page->doc; marked
 * when what Gumbo read came from page_html5_mark().
 */
int page_html5_tree(page_t *page, const GumboNode *document, int marked);

/*
 * Append text with a mark before each </form to out.  SC_DECLINED when there
 * is none, or the text has what marks are told by; SC_ERROR when memory is
 * out.
 */
int page_html5_mark(sc_str_t text, sc_buf_t *out);

/* Whether a node is one, and a string without them. */
int page_html5_is_mark(const GumboNode *node);
void page_html5_unmark(char *s);

/* The document of a page that has none. */
int page_empty(page_t *page);

/* SC_ERROR, with this sentence in page->detail. */
int page_fail(page_t *page, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


#endif /* PAGE_INTERNAL_H */
