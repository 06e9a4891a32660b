
#include <stdio.h>

#include "common/xpath/sc_xpath_internal.h"


#define SC_XPATH_STEP_BYTES  16


static int sc_xpath_raise(xmlXPathParserContextPtr ctxt, const char *message);


/* libxml2 itself knows no message but those of its codes. */

void
sc_xpath_fail(xmlXPathParserContextPtr ctxt, const char *why,
    const char *detail)
{
    char  message[512];

    snprintf(message, sizeof(message), "%s%s%s\n", why,
             (detail != NULL) ? ": " : "", (detail != NULL) ? detail : "");

    if (sc_xpath_raise(ctxt, message) != SC_OK) {
        xmlXPathErr(ctxt, XPATH_EXPR_ERROR);
    }
}


int
sc_xpath_spend(xmlXPathParserContextPtr ctxt, size_t steps)
{
    unsigned long       limit;
    xmlXPathContextPtr  ctx;

    ctx = ctxt->context;
    limit = ctx->opLimit;

    if (limit == 0) {
        return SC_OK;
    }

    if (ctx->opCount > limit || steps > limit - ctx->opCount) {
        ctx->opCount = limit;
        xmlXPathErr(ctxt, XPATH_OP_LIMIT_EXCEEDED);
        return SC_ERROR;
    }

    ctx->opCount += steps;

    return SC_OK;
}


size_t
sc_xpath_steps(size_t bytes)
{
    return 1 + bytes / SC_XPATH_STEP_BYTES;
}


void
sc_xpath_return_buf(xmlXPathParserContextPtr ctxt, sc_buf_t *b)
{
    xmlChar            *s;
    xmlXPathObjectPtr   result;

    s = xmlStrndup((const xmlChar *) ((b->data != NULL) ? b->data : ""),
                   (int) b->len);
    sc_buf_free(b);

    result = (s != NULL) ? xmlXPathWrapString(s) : NULL;

    if (result == NULL) {
        xmlFree(s);
        xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
        return;
    }

    valuePush(ctxt, result);
}


/* As libxml2 raises its own, to the context's handler or the thread's. */

static int
sc_xpath_raise(xmlXPathParserContextPtr ctxt, const char *message)
{
    void                     *data;
    xmlError                 *error;
    xmlStructuredErrorFunc    handler;

    handler = ctxt->context->error;
    data = ctxt->context->userData;

    if (handler == NULL) {
        handler = xmlStructuredError;
        data = xmlStructuredErrorContext;
    }

    if (handler == NULL) {
        return SC_DECLINED;
    }

    ctxt->error = XPATH_EXPR_ERROR;

    error = &ctxt->context->lastError;
    xmlResetError(error);

    error->domain = XML_FROM_XPATH;
    error->code = XML_XPATH_EXPR_ERROR;
    error->level = XML_ERR_ERROR;
    error->message = (char *) xmlStrdup((const xmlChar *) message);
    error->str1 = (char *) xmlStrdup(ctxt->base);
    error->node = ctxt->context->debugNode;

    if (ctxt->base != NULL) {
        error->int1 = (int) (ctxt->cur - ctxt->base);
    }

    handler(data, error);

    return SC_OK;
}
