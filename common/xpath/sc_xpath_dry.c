
#include "common/xpath/sc_xpath_internal.h"


static void sc_xpath_drop(xmlXPathParserContextPtr ctxt, int n);


/* What a pattern finds is the page's; here nothing is looked for. */

void
sc_xpath_dry_test(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_xpath_drop(ctxt, nargs);
    valuePush(ctxt, xmlXPathNewBoolean(0));
}


void
sc_xpath_dry_match(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_xpath_drop(ctxt, nargs);
    valuePush(ctxt, xmlXPathNewNodeSet(NULL));
}


/* The string as it is: what replaces it would make it grow. */

void
sc_xpath_dry_replace(xmlXPathParserContextPtr ctxt, int nargs)
{
    xmlChar  *s;

    sc_xpath_drop(ctxt, nargs - 1);
    s = xmlXPathPopString(ctxt);

    if (s != NULL) {
        valuePush(ctxt, xmlXPathWrapString(s));
    }
}


static void
sc_xpath_drop(xmlXPathParserContextPtr ctxt, int n)
{
    while (n-- > 0) {
        xmlXPathFreeObject(valuePop(ctxt));
    }
}
