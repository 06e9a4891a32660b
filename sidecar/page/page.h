
/*
 * A page: bytes in, document out.  The encoding is found, the bytes become
 * valid UTF-8, and the parser that fits makes a tree of libxml2's of them,
 * whichever it is, so that everything after this knows one kind of tree.
 */

#ifndef PAGE_H
#define PAGE_H


#include <libxml/tree.h>

#include "common/sc_buf.h"


/* room for the sentence that says why there is no document */
#define PAGE_MAX_DETAIL  256


/*
 * How a page is read.
 *
 * PAGE_AUTO   by its content type, without one by its first bytes:
 *             application/json and +json are JSON; text/xml, application/xml
 *             and +xml are XML, but for application/xhtml+xml, which is HTML
 *             as all others are
 * PAGE_HTML   libxml2's HTML parser: what lxml and parsel see
 * PAGE_HTML5  the HTML Standard's tree construction: what a browser sees
 * PAGE_XML    well-formed XML, namespaces and all, but no document type
 * PAGE_JSON   text only
 *
 * Trees of both HTML parsers are alike: names in lower case and in no
 * namespace, those of SVG and MathML too (//svg finds them), attributes such
 * as xlink:href as they are written, a template's contents its children.
 * Under PAGE_HTML5 SVG's names have SVG's case: foreignObject, viewBox.
 */
typedef enum {
    PAGE_AUTO = 0,
    PAGE_HTML,
    PAGE_HTML5,
    PAGE_XML,
    PAGE_JSON
} page_parser_t;


/*
 * Set by the caller, who keeps it until page_close():
 *
 * url           absolute; the document's
 * content_type  the header's value, "" without one
 * body          the bytes as they came
 * parser        what the rules ask for
 * html          PAGE_HTML or PAGE_HTML5: what HTML gets under PAGE_AUTO;
 *               PAGE_AUTO stands for PAGE_HTML
 *
 * Set by page_open():
 *
 * kind          what it was taken as, never PAGE_AUTO
 * charset       static; lower case, as the Encoding Standard calls it
 * charset_from  static; "bom", "header", "meta", "xml" (an XML declaration),
 *               "valid-utf-8", "detected" or "default"
 * text          valid UTF-8 without NUL and byte order mark; in body or space
 * doc           never NULL after SC_OK; of JSON and of a page without any
 *               markup or text an HTML document without nodes
 * refreshes     whether there may be a <meta http-equiv>: an attribute of
 *               that name was met; 0 means that there is none
 * detail        why there is no document: a sentence without a full stop
 */
typedef struct {
    const char     *url;
    const char     *content_type;
    sc_str_t        body;
    page_parser_t   parser;
    page_parser_t   html;

    page_parser_t   kind;
    const char     *charset;
    const char     *charset_from;
    sc_str_t        text;
    sc_buf_t        space;
    xmlDocPtr       doc;
    unsigned        refreshes:1;
    char            detail[PAGE_MAX_DETAIL];
} page_t;


/*
 * SC_OK, or SC_ERROR with a detail: the page is not well-formed XML, too
 * large, or needs more memory than there is.  page_close() follows either.
 *
 * Time grows with the square of what nests, and of one element's attributes:
 * it is the caller's to bound.  Before the first page of an arena there are
 * xmlInitParser() and charset_preload().
 */
int page_open(page_t *page);

/* An arena's document goes with the arena, and is left alone here. */
void page_close(page_t *page);


#endif /* PAGE_H */
