
#include "common/xpath/sc_xpath_internal.h"


/* what compares a pair of nodes is an eighth of a step */
#define SC_XPATH_PAIRS  8


typedef xmlNodeSetPtr (*sc_xpath_sets_pt)(xmlNodeSetPtr a, xmlNodeSetPtr b);


static void sc_xpath_set_combine(xmlXPathParserContextPtr ctxt, int nargs,
    sc_xpath_sets_pt combine);
static xmlNodeSetPtr sc_xpath_set_before(xmlNodeSetPtr a, xmlNodeSetPtr b);
static xmlNodeSetPtr sc_xpath_set_after(xmlNodeSetPtr a, xmlNodeSetPtr b);
static int sc_xpath_set_pop(xmlXPathParserContextPtr ctxt, int nargs,
    xmlNodeSetPtr *a, xmlNodeSetPtr *b);
static void sc_xpath_set_return(xmlXPathParserContextPtr ctxt,
    xmlNodeSetPtr set);


void
sc_xpath_set_difference(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_xpath_set_combine(ctxt, nargs, xmlXPathDifference);
}


void
sc_xpath_set_intersection(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_xpath_set_combine(ctxt, nargs, xmlXPathIntersection);
}


void
sc_xpath_set_leading(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_xpath_set_combine(ctxt, nargs, sc_xpath_set_before);
}


void
sc_xpath_set_trailing(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_xpath_set_combine(ctxt, nargs, sc_xpath_set_after);
}


void
sc_xpath_set_distinct(xmlXPathParserContextPtr ctxt, int nargs)
{
    xmlNodeSetPtr  set, result;

    CHECK_ARITY(1);

    set = xmlXPathPopNodeSet(ctxt);

    if (xmlXPathCheckError(ctxt)) {
        xmlXPathFreeNodeSet(set);
        return;
    }

    result = xmlXPathDistinct(set);
    if (result != set) {
        xmlXPathFreeNodeSet(set);
    }

    sc_xpath_set_return(ctxt, result);
}


void
sc_xpath_set_has_same_node(xmlXPathParserContextPtr ctxt, int nargs)
{
    int            same;
    xmlNodeSetPtr  a, b;

    if (sc_xpath_set_pop(ctxt, nargs, &a, &b) != SC_OK) {
        return;
    }

    same = xmlXPathHasSameNodes(a, b);
    xmlXPathFreeNodeSet(a);
    xmlXPathFreeNodeSet(b);

    valuePush(ctxt, xmlXPathNewBoolean(same));
}


static void
sc_xpath_set_combine(xmlXPathParserContextPtr ctxt, int nargs,
    sc_xpath_sets_pt combine)
{
    xmlNodeSetPtr  a, b, result;

    if (sc_xpath_set_pop(ctxt, nargs, &a, &b) != SC_OK) {
        return;
    }

    result = combine(a, b);

    if (result != a) {
        xmlXPathFreeNodeSet(a);
    }

    if (result != b) {
        xmlXPathFreeNodeSet(b);
    }

    sc_xpath_set_return(ctxt, result);
}


/*
 * What of a is before the first node of b.  xmlXPathLeading() takes the
 * second for the first.
 */

static xmlNodeSetPtr
sc_xpath_set_before(xmlNodeSetPtr a, xmlNodeSetPtr b)
{
    if (xmlXPathNodeSetIsEmpty(b)) {
        return a;
    }

    xmlXPathNodeSetSort(b);

    return xmlXPathNodeLeading(a, b->nodeTab[0]);
}


static xmlNodeSetPtr
sc_xpath_set_after(xmlNodeSetPtr a, xmlNodeSetPtr b)
{
    if (xmlXPathNodeSetIsEmpty(b)) {
        return a;
    }

    xmlXPathNodeSetSort(b);

    return xmlXPathNodeTrailing(a, b->nodeTab[0]);
}


/*
 * Two sets, and the work of comparing each node with each, which is what
 * libxml2 does.
 */

static int
sc_xpath_set_pop(xmlXPathParserContextPtr ctxt, int nargs, xmlNodeSetPtr *a,
    xmlNodeSetPtr *b)
{
    size_t  pairs;

    if (nargs != 2) {
        xmlXPathErr(ctxt, XPATH_INVALID_ARITY);
        return SC_ERROR;
    }

    *a = NULL;
    *b = xmlXPathPopNodeSet(ctxt);

    if (!xmlXPathCheckError(ctxt)) {
        *a = xmlXPathPopNodeSet(ctxt);
    }

    if (!xmlXPathCheckError(ctxt)) {
        pairs = (size_t) xmlXPathNodeSetGetLength(*a)
                * (size_t) xmlXPathNodeSetGetLength(*b);

        if (sc_xpath_spend(ctxt, 1 + pairs / SC_XPATH_PAIRS) == SC_OK) {
            return SC_OK;
        }
    }

    xmlXPathFreeNodeSet(*a);
    xmlXPathFreeNodeSet(*b);

    return SC_ERROR;
}


static void
sc_xpath_set_return(xmlXPathParserContextPtr ctxt, xmlNodeSetPtr set)
{
    xmlXPathObjectPtr  result;

    if (set == NULL) {
        set = xmlXPathNodeSetCreate(NULL);
    }

    result = (set != NULL) ? xmlXPathWrapNodeSet(set) : NULL;

    if (result == NULL) {
        xmlXPathFreeNodeSet(set);
        xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
        return;
    }

    valuePush(ctxt, result);
}
