
#include <string.h>

#include "common/xpath/sc_xpath_internal.h"


/* HTML's, and so not the vertical tab */
#define SC_XPATH_SPACE  " \t\r\n\f"


static xmlAttrPtr sc_xpath_class(xmlNodePtr node);
static int sc_xpath_in_class(const char *value, const char *name);
static int sc_xpath_is_token(const char *p, const char *name);


void
sc_xpath_str_concat(xmlXPathParserContextPtr ctxt, int nargs)
{
    int             i, n;
    size_t          len;
    xmlChar        *s;
    sc_buf_t        text;
    xmlNodeSetPtr   set;

    CHECK_ARITY(1);

    set = xmlXPathPopNodeSet(ctxt);
    sc_buf_init(&text, SC_XPATH_STRING);

    xmlXPathNodeSetSort(set);
    n = (set != NULL) ? set->nodeNr : 0;

    for (i = 0; i < n && !xmlXPathCheckError(ctxt); i++) {
        s = xmlXPathCastNodeToString(set->nodeTab[i]);
        len = (s != NULL) ? strlen((const char *) s) : 0;

        if (sc_xpath_spend(ctxt, sc_xpath_steps(len)) == SC_OK
            && sc_buf_add(&text, s, len) != SC_OK)
        {
            sc_xpath_fail(ctxt, "string is too long", NULL);
        }

        xmlFree(s);
    }

    xmlXPathFreeNodeSet(set);

    if (xmlXPathCheckError(ctxt)) {
        sc_buf_free(&text);
        return;
    }

    sc_xpath_return_buf(ctxt, &text);
}


void
sc_xpath_has_class(xmlXPathParserContextPtr ctxt, int nargs)
{
    int                 found, strings;
    size_t              len;
    xmlChar            *value;
    xmlAttrPtr          attr;
    xmlXPathObjectPtr   arg;

    if (nargs < 1) {
        sc_xpath_fail(ctxt, "has-class must have at least 1 argument", NULL);
        return;
    }

    attr = sc_xpath_class(ctxt->context->node);
    value = (attr != NULL) ? xmlNodeGetContent((xmlNodePtr) attr) : NULL;

    len = (value != NULL) ? strlen((const char *) value) : 0;

    if (sc_xpath_spend(ctxt, (size_t) nargs * sc_xpath_steps(len)) != SC_OK) {
        xmlFree(value);
        return;
    }

    found = (value != NULL);
    strings = 1;

    for ( /* void */ ; nargs > 0; nargs--) {
        arg = valuePop(ctxt);
        strings = strings && (arg != NULL && arg->type == XPATH_STRING);

        found = found && strings
                && sc_xpath_in_class((const char *) value,
                                     (const char *) arg->stringval);
        xmlXPathFreeObject(arg);
    }

    xmlFree(value);

    if (!strings) {
        sc_xpath_fail(ctxt, "has-class arguments must be strings", NULL);
        return;
    }

    valuePush(ctxt, xmlXPathNewBoolean(found));
}


static xmlAttrPtr
sc_xpath_class(xmlNodePtr node)
{
    if (node == NULL || node->type != XML_ELEMENT_NODE) {
        return NULL;
    }

    return xmlHasNsProp(node, (const xmlChar *) "class", NULL);
}


static int
sc_xpath_in_class(const char *value, const char *name)
{
    const char  *p;

    for (p = value + strspn(value, SC_XPATH_SPACE);
         *p != '\0';
         p += strspn(p, SC_XPATH_SPACE))
    {
        if (sc_xpath_is_token(p, name)) {
            return 1;
        }

        p += strcspn(p, SC_XPATH_SPACE);
    }

    return 0;
}


/*
 * Whether the class, or several neighbours with single spaces in the name,
 * are at p, which is not a space.
 */

static int
sc_xpath_is_token(const char *p, const char *name)
{
    size_t  n;

    if (*name == '\0') {
        return 0;
    }

    for ( /* void */ ; *name != '\0'; name++) {
        n = strspn(p, SC_XPATH_SPACE);

        if (*name == ' ') {
            p += n;

            if (n == 0 || *p == '\0') {
                return 0;
            }

        } else if (n != 0 || *p++ != *name) {
            return 0;
        }
    }

    return *p == '\0' || strchr(SC_XPATH_SPACE, *p) != NULL;
}
