
#include <stdio.h>
#include <string.h>

#include <libxml/HTMLtree.h>

#include "common/rules/sc_rules_internal.h"


static void sc_rules_xpath_error(void *data, xmlErrorPtr error);
static void sc_rules_xpath_silent(void *data, const char *fmt, ...);
static int sc_rules_xpath_try(sc_rules_xpath_t *x, xmlXPathCompExprPtr comp);
static int sc_rules_xpath_column(const char *expr, size_t offset);
static int sc_rules_xpath_axis(const char *name, size_t len);


static const char *const  sc_rules_axes[] = {
    "ancestor", "ancestor-or-self", "attribute", "child", "descendant",
    "descendant-or-self", "following", "following-sibling", "namespace",
    "parent", "preceding", "preceding-sibling", "self"
};


/*
 * The handlers are this thread's, and others use them: nginx's xslt filter in
 * the same process does.  They must be ours from the first expression on, for
 * libxml2 prints to stderr otherwise.
 */

int
sc_rules_xpath_open(sc_rules_xpath_t *x)
{
    xmlNodePtr  root;

    memset(x, 0, sizeof(sc_rules_xpath_t));

    x->structured = xmlStructuredError;
    x->structured_ctx = xmlStructuredErrorContext;
    x->generic = xmlGenericError;
    x->generic_ctx = xmlGenericErrorContext;

    xmlSetStructuredErrorFunc(x, sc_rules_xpath_error);
    xmlSetGenericErrorFunc(NULL, sc_rules_xpath_silent);

    x->doc = htmlNewDoc(NULL, NULL);
    root = xmlNewDocNode(x->doc, NULL, (const xmlChar *) "html", NULL);

    if (x->doc == NULL || root == NULL) {
        xmlFreeNode(root);
        return SC_ERROR;
    }

    xmlDocSetRootElement(x->doc, root);

    x->ctx = xmlXPathNewContext(x->doc);
    if (x->ctx == NULL) {
        return SC_ERROR;
    }

    x->ctx->node = root;
    x->ctx->opLimit = SC_RULES_DRY_STEPS;

    return SC_OK;
}


void
sc_rules_xpath_close(sc_rules_xpath_t *x)
{
    xmlXPathFreeContext(x->ctx);
    xmlFreeDoc(x->doc);

    /* it holds a copy of the last expression that was refused */
    xmlResetLastError();

    xmlSetStructuredErrorFunc(x->structured_ctx, x->structured);
    xmlSetGenericErrorFunc(x->generic_ctx, x->generic);
}


xmlXPathCompExprPtr
sc_rules_xpath_compile(sc_rules_xpath_t *x, const char *expr)
{
    size_t               offset;
    xmlXPathCompExprPtr  comp;

    x->reason[0] = '\0';
    x->column = 0;
    x->nodeset = 0;

    comp = xmlXPathCtxtCompile(x->ctx, (const xmlChar *) expr);

    if (comp == NULL) {
        if (x->reason[0] == '\0') {
            snprintf(x->reason, sizeof(x->reason), "it does not compile");
        }

        /* libxml2's handler has left an offset */
        x->column = sc_rules_xpath_column(expr, (size_t) x->column);

        return NULL;
    }

    x->column = 0;

    if (sc_rules_scan(expr, x->reason, sizeof(x->reason), &offset) != SC_OK) {
        x->column = sc_rules_xpath_column(expr, offset);
        xmlXPathFreeCompExpr(comp);
        return NULL;
    }

    if (sc_rules_xpath_try(x, comp) != SC_OK) {
        xmlXPathFreeCompExpr(comp);
        return NULL;
    }

    return comp;
}


int
sc_rules_is_xpath(const char *selector)
{
    size_t       len;
    const char  *p, *end;

    p = selector + strspn(selector, " \t\r\n");

    if (*p != '\0' && strchr("/.(@", *p) != NULL) {
        return 1;
    }

    /* no CSS begins with "name("; "name::" may, unless it is an axis */
    len = strspn(p, "abcdefghijklmnopqrstuvwxyz"
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    end = p + len + strspn(p + len, " \t\r\n");

    if (len == 0) {
        return 0;
    }

    return *end == '('
           || (end[0] == ':' && end[1] == ':' && sc_rules_xpath_axis(p, len));
}


/*
 * The first error is the one that tells; later ones follow from it.  Its
 * column is still an offset here: the expression it counts in is known later.
 */

static void
sc_rules_xpath_error(void *data, xmlErrorPtr error)
{
    size_t             n;
    const char        *message;
    sc_rules_xpath_t  *x;

    x = data;

    if (x->reason[0] != '\0') {
        return;
    }

    message = (error->message != NULL) ? error->message : "it is refused";
    n = strcspn(message, "\r\n");

    snprintf(x->reason, sizeof(x->reason), "%.*s", (int) n, message);

    if (x->reason[0] >= 'A' && x->reason[0] <= 'Z') {
        x->reason[0] = (char) (x->reason[0] - 'A' + 'a');
    }

    x->column = (error->int1 > 0) ? error->int1 : 0;
}


static void
sc_rules_xpath_silent(void *data, const char *fmt, ...)
{
    (void) data;
    (void) fmt;
}


/* Steps are not counted anew: the set as a whole has SC_RULES_DRY_STEPS. */

static int
sc_rules_xpath_try(sc_rules_xpath_t *x, xmlXPathCompExprPtr comp)
{
    xmlXPathObjectPtr  result;

    result = xmlXPathCompiledEval(comp, x->ctx);

    if (result == NULL || x->reason[0] != '\0') {
        if (x->reason[0] == '\0') {
            snprintf(x->reason, sizeof(x->reason), "it has no value");
        }

        x->column = 0;
        xmlXPathFreeObject(result);

        return SC_ERROR;
    }

    x->nodeset = (result->type == XPATH_NODESET);
    xmlXPathFreeObject(result);

    return SC_OK;
}


/*
 * The 1-based character that is at offset bytes; the last one when the
 * expression ends too early.
 */

static int
sc_rules_xpath_column(const char *expr, size_t offset)
{
    int     column;
    size_t  i;

    column = 0;

    for (i = 0; i <= offset && expr[i] != '\0'; i++) {
        column += ((expr[i] & 0xc0) != 0x80);
    }

    return (column == 0) ? 1 : column;
}


static int
sc_rules_xpath_axis(const char *name, size_t len)
{
    size_t  i;

    for (i = 0; i < sizeof(sc_rules_axes) / sizeof(char *); i++) {
        if (strlen(sc_rules_axes[i]) == len
            && memcmp(sc_rules_axes[i], name, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
