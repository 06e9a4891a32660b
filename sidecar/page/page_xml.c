
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "sidecar/page/arena.h"
#include "sidecar/page/page_internal.h"


/* nothing is mended or fetched, no entity is put in, and libxml2's limits
   on depth and length stay; the characters are UTF-8, whatever the
   declaration says */
#define PAGE_XML_OPTIONS  (XML_PARSE_NONET | XML_PARSE_NOERROR                \
                           | XML_PARSE_NOWARNING | XML_PARSE_COMPACT          \
                           | XML_PARSE_IGNORE_ENC)


static void page_xml_doctype(void *data, const xmlChar *name,
    const xmlChar *external_id, const xmlChar *system_id);
static void page_xml_error(void *data, xmlErrorPtr error);


int
page_xml(page_t *page)
{
    int               failed;
    xmlParserCtxtPtr  ctxt;

    if (page->text.len == 0) {
        return page_fail(page, "the XML is not well-formed: it is empty");
    }

    ctxt = xmlNewParserCtxt();
    if (ctxt == NULL) {
        return page_fail(page, PAGE_NO_MEMORY);
    }

    ctxt->_private = page;
    ctxt->sax->internalSubset = page_xml_doctype;
    ctxt->sax->serror = page_xml_error;

    page->doc = xmlCtxtReadMemory(ctxt, page->text.data, (int) page->text.len,
                                  NULL, "UTF-8", PAGE_XML_OPTIONS);

    failed = (ctxt->errNo == XML_ERR_NO_MEMORY) || arena_failed();

    if (!arena_active()) {
        xmlFreeParserCtxt(ctxt);
    }

    if (failed) {
        return page_fail(page, PAGE_TOO_MUCH);
    }

    if (page->detail[0] != '\0') {
        return SC_ERROR;
    }

    return page->doc != NULL
           ? SC_OK : page_fail(page, "the XML is not well-formed");
}


/* Without a declaration there are no entities to expand or to fetch. */

static void
page_xml_doctype(void *data, const xmlChar *name, const xmlChar *external_id,
    const xmlChar *system_id)
{
    xmlParserCtxtPtr  ctxt = data;

    (void) name;
    (void) external_id;
    (void) system_id;

    (void) page_fail(ctxt->_private, "the XML has a document type declaration,"
                     " which is not taken");

    xmlStopParser(ctxt);
}


/* The first is the reason; what is not fatal is well-formed. */

static void
page_xml_error(void *data, xmlErrorPtr error)
{
    page_t  *page;

    page = ((xmlParserCtxtPtr) data)->_private;

    if (error->level != XML_ERR_FATAL || page->detail[0] != '\0') {
        return;
    }

    (void) page_fail(page, "the XML is not well-formed: line %d: %.*s",
                     error->line, (int) strcspn(error->message, "\r\n"),
                     error->message);
}
