
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>

#include "sidecar/page/arena.h"
#include "sidecar/page/charset.h"
#include "sidecar/extract/extract_internal.h"
#include "sidecar/page/refresh.h"


/* ignoring what a <meta> says: the bytes are UTF-8 by now; the limits that
   HUGE lifts would silently leave out the rest of a page */
#define EXTRACT_OPTIONS  (HTML_PARSE_RECOVER | HTML_PARSE_NONET               \
                          | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING         \
                          | HTML_PARSE_COMPACT | HTML_PARSE_IGNORE_ENC        \
                          | XML_PARSE_HUGE)


static int extract_parse(extract_t *x, sc_str_t text);
static void extract_refresh(extract_t *x);
static void extract_silent(void *data, xmlErrorPtr error);


int
extract_open(extract_t *x, extract_page_t *page)
{
    int        rc;
    sc_str_t   text;
    sc_buf_t   space;
    charset_t  cs;

    memset(x, 0, sizeof(extract_t));
    x->page = page;
    sc_buf_init(&x->text, EXTRACT_MAX_DATA);
    sc_buf_init(&x->scratch, EXTRACT_MAX_DATA);
    sc_buf_init(&x->base, 0);

    page->detail[0] = '\0';
    page->refresh[0] = '\0';
    page->refresh_delay = 0;

    charset_detect(page->body, page->content_type, &cs);
    page->charset = cs.name;
    page->charset_from = cs.from;

    sc_buf_init(&space, 0);

    if (charset_decode(cs.name, page->body, &space, &text) != SC_OK) {
        rc = extract_fail(page, "memory is out");

    } else {
        rc = extract_parse(x, text);
    }

    sc_buf_free(&space);

    if (rc != SC_OK) {
        return SC_ERROR;
    }

    x->xpath = xmlXPathNewContext(x->doc);
    if (x->xpath == NULL) {
        return extract_fail(page, "memory is out");
    }

    x->xpath->error = extract_silent;

    return SC_OK;
}


/* An arena's document goes with the arena. */

void
extract_close(extract_t *x)
{
    if (!arena_active()) {
        xmlXPathFreeContext(x->xpath);
        xmlFreeDoc(x->doc);
    }

    sc_buf_free(&x->base);
    sc_buf_free(&x->scratch);
    sc_buf_free(&x->text);
}


xmlXPathObjectPtr
extract_xpath(extract_t *x, const xmlNode *node, xmlXPathCompExprPtr comp,
    int *code)
{
    xmlXPathObjectPtr  object;

    /* libxml2 counts on over all evaluations of a context */

    x->xpath->node = (xmlNode *) node;
    x->xpath->opLimit = EXTRACT_MAX_OPS;
    x->xpath->opCount = 0;

    object = xmlXPathCompiledEval(comp, x->xpath);
    if (object != NULL) {
        return object;
    }

    *code = x->xpath->lastError.code;

    if (*code != EXTRACT_NO_STEPS
        && (*code == EXTRACT_XPATH_ERROR(XPATH_MEMORY_ERROR)
            || arena_failed()))
    {
        *code = EXTRACT_NO_MEMORY;
    }

    xmlResetError(&x->xpath->lastError);

    return NULL;
}


int
extract_fail(extract_page_t *page, const char *detail)
{
    (void) snprintf(page->detail, sizeof(page->detail), "%s", detail);

    return SC_ERROR;
}


/*
 * libxml2 gives the part it had when memory ran out; that is not this page.
 * A page without any markup or text is an empty document.  The names that the
 * parser has met tell whether there can be a refresh at all.
 */

static int
extract_parse(extract_t *x, sc_str_t text)
{
    int                refreshes, failed;
    htmlParserCtxtPtr  ctxt;

    if (text.len > INT_MAX) {
        return extract_fail(x->page, "the page is too large");
    }

    ctxt = htmlNewParserCtxt();
    if (ctxt == NULL) {
        return extract_fail(x->page, "memory is out");
    }

    if (text.len != 0) {
        x->doc = htmlCtxtReadMemory(ctxt, text.data, (int) text.len, NULL,
                                    "UTF-8", EXTRACT_OPTIONS);
    }

    failed = (ctxt->errNo == XML_ERR_NO_MEMORY) || arena_failed();
    refreshes = (xmlDictExists(ctxt->dict, BAD_CAST "http-equiv", -1) != NULL);

    if (x->doc == NULL && !failed) {
        x->doc = htmlNewDocNoDtD(NULL, NULL);
        failed = (x->doc == NULL);
    }

    if (!arena_active()) {
        htmlFreeParserCtxt(ctxt);
    }

    if (failed) {
        return extract_fail(x->page, EXTRACT_TOO_MUCH);
    }

    if (refreshes) {
        extract_refresh(x);
    }

    return SC_OK;
}


/* What cannot be told, being too long, is not there. */

static void
extract_refresh(extract_t *x)
{
    int              delay;
    extract_page_t  *page = x->page;

    if (refresh_find(x->doc, page->url, &x->scratch, &delay) == SC_OK
        && x->scratch.len < sizeof(page->refresh))
    {
        memcpy(page->refresh, x->scratch.data, x->scratch.len + 1);
        page->refresh_delay = delay;
    }
}


/* Without a handler libxml2 prints the expression to standard error. */

static void
extract_silent(void *data, xmlErrorPtr error)
{
    (void) data;
    (void) error;
}
