
#include <limits.h>
#include <string.h>

#include <libxml/HTMLparser.h>

#include "sidecar/page/arena.h"
#include "sidecar/page/page_internal.h"


/* ignoring what a <meta> says: the bytes are UTF-8 by now; the limits that
   HUGE lifts would silently leave out the rest of a page */
#define PAGE_HTML_OPTIONS  (HTML_PARSE_RECOVER | HTML_PARSE_NONET             \
                            | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING       \
                            | HTML_PARSE_COMPACT | HTML_PARSE_IGNORE_ENC      \
                            | XML_PARSE_HUGE)


/*
 * libxml2 gives the part it had when memory ran out; that is not this page.
 * The names that the parser has met tell whether there can be a refresh.
 */

int
page_html(page_t *page)
{
    int                failed;
    htmlParserCtxtPtr  ctxt;

    ctxt = htmlNewParserCtxt();
    if (ctxt == NULL) {
        return page_fail(page, PAGE_NO_MEMORY);
    }

    page->doc = htmlCtxtReadMemory(ctxt, page->text.data,
                                   (int) page->text.len, NULL, "UTF-8",
                                   PAGE_HTML_OPTIONS);

    failed = (ctxt->errNo == XML_ERR_NO_MEMORY) || arena_failed();
    page->refreshes = (xmlDictExists(ctxt->dict, BAD_CAST "http-equiv", -1)
                       != NULL);

    if (!arena_active()) {
        htmlFreeParserCtxt(ctxt);
    }

    return failed ? page_fail(page, PAGE_TOO_MUCH) : SC_OK;
}
