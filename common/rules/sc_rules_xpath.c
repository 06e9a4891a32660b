
#include <stdio.h>
#include <string.h>

#include <libxml/HTMLtree.h>
#include <libxml/xpathInternals.h>

#include "common/xpath/sc_xpath.h"
#include "common/rules/sc_rules_internal.h"


#define SC_RULES_SPACE  " \t\r\n"
#define SC_RULES_NAME                                                        \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"


static int sc_rules_prepare(xmlXPathContextPtr ctx, const sc_rules_t *rules,
    int (*functions)(xmlXPathContextPtr));
static void sc_rules_xpath_end(sc_rules_xpath_t *x);
static void sc_rules_xpath_error(void *data, xmlErrorPtr error);
static void sc_rules_xpath_silent(void *data, const char *fmt, ...);
static int sc_rules_xpath_try(sc_rules_xpath_t *x, const char *expr);
static void sc_rules_xpath_cut(const char *expr, sc_buf_t *out);
static int sc_rules_xpath_axis(const char *name, size_t len);
static int sc_rules_xpath_call(const char *name, size_t len);


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

    return sc_rules_xpath_begin(x, NULL);
}


int
sc_rules_xpath_begin(sc_rules_xpath_t *x, const sc_rules_t *rules)
{
    sc_rules_xpath_end(x);

    x->rules = rules;

    x->ctx = xmlXPathNewContext(x->doc);
    if (x->ctx == NULL) {
        return SC_ERROR;
    }

    x->ctx->node = xmlDocGetRootElement(x->doc);
    x->ctx->opLimit = SC_RULES_DRY_STEPS;

    return sc_rules_prepare(x->ctx, rules, sc_xpath_register_dry);
}


void
sc_rules_xpath_close(sc_rules_xpath_t *x)
{
    sc_rules_xpath_end(x);
    xmlFreeDoc(x->doc);

    /* it holds a copy of the last expression that was refused */
    xmlResetLastError();

    xmlSetStructuredErrorFunc(x->structured_ctx, x->structured);
    xmlSetGenericErrorFunc(x->generic_ctx, x->generic);
}


int
sc_rules_context(xmlXPathContextPtr ctx, const sc_rules_t *rules)
{
    return sc_rules_prepare(ctx, rules, sc_xpath_register);
}


static int
sc_rules_prepare(xmlXPathContextPtr ctx, const sc_rules_t *rules,
    int (*functions)(xmlXPathContextPtr))
{
    size_t  i;

    if (functions(ctx) != SC_OK) {
        return SC_ERROR;
    }

    for (i = 0; rules != NULL && i < rules->nns; i++) {
        if (xmlXPathRegisterNs(ctx, (const xmlChar *) rules->ns[i].prefix,
                               (const xmlChar *) rules->ns[i].uri) != 0)
        {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


xmlXPathCompExprPtr
sc_rules_xpath_compile(sc_rules_xpath_t *x, const char *expr)
{
    xmlXPathCompExprPtr  comp;

    comp = sc_rules_xpath_path(x, expr);

    if (comp != NULL && sc_rules_xpath_try(x, expr) != SC_OK) {
        xmlXPathFreeCompExpr(comp);
        return NULL;
    }

    return comp;
}


xmlXPathCompExprPtr
sc_rules_xpath_path(sc_rules_xpath_t *x, const char *expr)
{
    xmlXPathCompExprPtr  comp;

    comp = sc_rules_xpath_only(x, expr);

    if (comp != NULL && sc_rules_scan(x, expr) != SC_OK) {
        xmlXPathFreeCompExpr(comp);
        return NULL;
    }

    x->nodeset = 1;

    return comp;
}


xmlXPathCompExprPtr
sc_rules_xpath_only(sc_rules_xpath_t *x, const char *expr)
{
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
        x->column = sc_rules_column(expr, (size_t) x->column);

        return NULL;
    }

    x->column = 0;

    return comp;
}


int
sc_rules_is_xpath(const char *selector)
{
    size_t       len;
    const char  *p, *end;

    p = selector + strspn(selector, SC_RULES_SPACE);

    if (*p == '.') {
        return strchr("/." SC_RULES_SPACE, p[1]) != NULL;
    }

    if (*p != '\0' && strchr("/(@", *p) != NULL) {
        return 1;
    }

    /* no CSS begins with "name("; "name::" may, unless it is an axis */
    len = strspn(p, SC_RULES_NAME);
    end = p + len + strspn(p + len, SC_RULES_SPACE);

    if (len == 0) {
        return 0;
    }

    if (end[0] == ':' && end[1] == ':') {
        return sc_rules_xpath_axis(p, len);
    }

    return *end == '(' || (p[len] == ':' && sc_rules_xpath_call(p, len));
}


int
sc_rules_column(const char *expr, size_t offset)
{
    int     column;
    size_t  i;

    column = 0;

    for (i = 0; i <= offset && expr[i] != '\0'; i++) {
        column += ((expr[i] & 0xc0) != 0x80);
    }

    return (column == 0) ? 1 : column;
}


/* What re:match() has made belongs to the context, and goes before it. */

static void
sc_rules_xpath_end(sc_rules_xpath_t *x)
{
    if (x->ctx != NULL) {
        sc_xpath_release(x->ctx);
        xmlXPathFreeContext(x->ctx);
        x->ctx = NULL;
    }
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


/*
 * Steps are not counted anew: the set as a whole has SC_RULES_DRY_STEPS.  What
 * is not counted is work on strings: those of the expression are cut to a
 * character each, which changes nothing about what it yields.
 */

static int
sc_rules_xpath_try(sc_rules_xpath_t *x, const char *expr)
{
    sc_buf_t             cut;
    xmlXPathObjectPtr    result;
    xmlXPathCompExprPtr  comp;

    sc_buf_init(&cut, 0);
    sc_rules_xpath_cut(expr, &cut);

    comp = cut.failed ? NULL : xmlXPathCtxtCompile(x->ctx,
                                                   (xmlChar *) cut.data);
    result = (comp != NULL) ? xmlXPathCompiledEval(comp, x->ctx) : NULL;

    xmlXPathFreeCompExpr(comp);
    sc_buf_free(&cut);

    if (result == NULL || x->reason[0] != '\0') {
        if (x->reason[0] == '\0') {
            snprintf(x->reason, sizeof(x->reason), (comp != NULL)
                     ? "it has no value" : "memory is out");
        }

        x->column = 0;
        xmlXPathFreeObject(result);

        return SC_ERROR;
    }

    x->nodeset = (result->type == XPATH_NODESET);
    xmlXPathFreeObject(result);

    return SC_OK;
}


static void
sc_rules_xpath_cut(const char *expr, sc_buf_t *out)
{
    char         quote;
    const char  *p, *end;

    for (p = expr; *p != '\0'; p = end) {
        end = p + strcspn(p, "'\"");
        (void) sc_buf_add(out, p, (size_t) (end - p));

        if (*end == '\0') {
            break;
        }

        quote = *end;
        p = end + 1;
        end = p + (*p != quote && *p != '\0');

        while ((*end & 0xc0) == 0x80) {
            end++;
        }

        (void) sc_buf_add(out, &quote, 1);
        (void) sc_buf_add(out, p, (size_t) (end - p));
        (void) sc_buf_add(out, &quote, 1);

        end += strcspn(end, quote == '\'' ? "'" : "\"");
        end += (*end != '\0');
    }

    (void) sc_buf_add(out, "", 1);
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


/* "a:not(b)" is CSS: the prefix and the function must be known. */

static int
sc_rules_xpath_call(const char *name, size_t len)
{
    size_t                      i, n, local;
    const sc_xpath_function_t  *f;

    local = strspn(name + len + 1, SC_RULES_NAME);
    f = sc_xpath_functions(&n);

    for (i = 0; i < n; i++) {
        if (strlen(f[i].prefix) == len && strlen(f[i].name) == local
            && memcmp(f[i].prefix, name, len) == 0
            && memcmp(f[i].name, name + len + 1, local) == 0)
        {
            return 1;
        }
    }

    return 0;
}
