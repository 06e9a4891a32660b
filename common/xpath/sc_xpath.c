
#include <string.h>

#include "common/xpath/sc_xpath_internal.h"


typedef struct {
    const char  *prefix;
    const char  *uri;
} sc_xpath_namespace_t;


static int sc_xpath_register_as(xmlXPathContextPtr ctx,
    xmlXPathFuncLookupFunc lookup);
static xmlXPathFunction sc_xpath_lookup(void *data, const xmlChar *name,
    const xmlChar *uri);
static xmlXPathFunction sc_xpath_lookup_dry(void *data, const xmlChar *name,
    const xmlChar *uri);
static const sc_xpath_function_t *sc_xpath_find(const xmlChar *name,
    const xmlChar *uri);


static const sc_xpath_namespace_t  sc_xpath_namespaces[] = {
    { "re", "http://exslt.org/regular-expressions" },
    { "set", "http://exslt.org/sets" },
    { "str", "http://exslt.org/strings" }
};


/* the core function library is XPath 1.0, section 4 */

static const sc_xpath_function_t  sc_xpath_table[] = {
    { "", "last", 0, 0, NULL, NULL },
    { "", "position", 0, 0, NULL, NULL },
    { "", "count", 1, 1, NULL, NULL },
    { "", "id", 1, 1, NULL, NULL },
    { "", "local-name", 0, 1, NULL, NULL },
    { "", "namespace-uri", 0, 1, NULL, NULL },
    { "", "name", 0, 1, NULL, NULL },
    { "", "string", 0, 1, NULL, NULL },
    { "", "concat", 2, SC_XPATH_ANY, NULL, NULL },
    { "", "starts-with", 2, 2, NULL, NULL },
    { "", "contains", 2, 2, NULL, NULL },
    { "", "substring-before", 2, 2, NULL, NULL },
    { "", "substring-after", 2, 2, NULL, NULL },
    { "", "substring", 2, 3, NULL, NULL },
    { "", "string-length", 0, 1, NULL, NULL },
    { "", "normalize-space", 0, 1, NULL, NULL },
    { "", "translate", 3, 3, NULL, NULL },
    { "", "boolean", 1, 1, NULL, NULL },
    { "", "not", 1, 1, NULL, NULL },
    { "", "true", 0, 0, NULL, NULL },
    { "", "false", 0, 0, NULL, NULL },
    { "", "lang", 1, 1, NULL, NULL },
    { "", "number", 0, 1, NULL, NULL },
    { "", "sum", 1, 1, NULL, NULL },
    { "", "floor", 1, 1, NULL, NULL },
    { "", "ceiling", 1, 1, NULL, NULL },
    { "", "round", 1, 1, NULL, NULL },
    { "", "has-class", 1, SC_XPATH_ANY, sc_xpath_has_class,
      sc_xpath_has_class },
    { "re", "test", 2, 3, sc_xpath_re_test, sc_xpath_dry_test },
    { "re", "match", 2, 3, sc_xpath_re_match, sc_xpath_dry_match },
    { "re", "replace", 4, 4, sc_xpath_re_replace, sc_xpath_dry_replace },
    { "set", "difference", 2, 2, sc_xpath_set_difference,
      sc_xpath_set_difference },
    { "set", "intersection", 2, 2, sc_xpath_set_intersection,
      sc_xpath_set_intersection },
    { "set", "distinct", 1, 1, sc_xpath_set_distinct, sc_xpath_set_distinct },
    { "set", "has-same-node", 2, 2, sc_xpath_set_has_same_node,
      sc_xpath_set_has_same_node },
    { "set", "leading", 2, 2, sc_xpath_set_leading, sc_xpath_set_leading },
    { "set", "trailing", 2, 2, sc_xpath_set_trailing, sc_xpath_set_trailing },
    { "str", "concat", 1, 1, sc_xpath_str_concat, sc_xpath_str_concat }
};


int
sc_xpath_register(xmlXPathContextPtr ctx)
{
    return sc_xpath_register_as(ctx, sc_xpath_lookup);
}


int
sc_xpath_register_dry(xmlXPathContextPtr ctx)
{
    return sc_xpath_register_as(ctx, sc_xpath_lookup_dry);
}


void
sc_xpath_release(xmlXPathContextPtr ctx)
{
    xmlDocPtr  doc, next;

    if (ctx->funcLookupFunc != sc_xpath_lookup) {
        return;
    }

    for (doc = ctx->funcLookupData; doc != NULL; doc = next) {
        next = doc->_private;
        xmlFreeDoc(doc);
    }

    ctx->funcLookupData = NULL;
}


const sc_xpath_function_t *
sc_xpath_functions(size_t *n)
{
    *n = sizeof(sc_xpath_table) / sizeof(sc_xpath_function_t);

    return sc_xpath_table;
}


const char *
sc_xpath_namespace(const char *prefix)
{
    size_t  i, n;

    n = sizeof(sc_xpath_namespaces) / sizeof(sc_xpath_namespace_t);

    for (i = 0; i < n; i++) {
        if (strcmp(sc_xpath_namespaces[i].prefix, prefix) == 0) {
            return sc_xpath_namespaces[i].uri;
        }
    }

    return NULL;
}


/* funcLookupData is the list of documents that re:match() has made. */

static int
sc_xpath_register_as(xmlXPathContextPtr ctx, xmlXPathFuncLookupFunc lookup)
{
    size_t  i, n;

    n = sizeof(sc_xpath_namespaces) / sizeof(sc_xpath_namespace_t);

    for (i = 0; i < n; i++) {
        if (xmlXPathRegisterNs(ctx,
                               (const xmlChar *) sc_xpath_namespaces[i].prefix,
                               (const xmlChar *) sc_xpath_namespaces[i].uri)
            != 0)
        {
            return SC_ERROR;
        }
    }

    xmlXPathRegisterFuncLookup(ctx, lookup, NULL);

    return SC_OK;
}


static xmlXPathFunction
sc_xpath_lookup(void *data, const xmlChar *name, const xmlChar *uri)
{
    const sc_xpath_function_t  *f;

    (void) data;

    f = sc_xpath_find(name, uri);

    return (f != NULL) ? f->call : NULL;
}


static xmlXPathFunction
sc_xpath_lookup_dry(void *data, const xmlChar *name, const xmlChar *uri)
{
    const sc_xpath_function_t  *f;

    (void) data;

    f = sc_xpath_find(name, uri);

    return (f != NULL) ? f->dry : NULL;
}


/* By the namespace, for an expression may use another prefix for it. */

static const sc_xpath_function_t *
sc_xpath_find(const xmlChar *name, const xmlChar *uri)
{
    size_t                      i, n;
    const char                 *expected;
    const sc_xpath_function_t  *f;

    n = sizeof(sc_xpath_table) / sizeof(sc_xpath_function_t);

    for (i = 0; i < n; i++) {
        f = &sc_xpath_table[i];

        if (strcmp(f->name, (const char *) name) != 0) {
            continue;
        }

        expected = sc_xpath_namespace(f->prefix);

        if ((uri == NULL && expected == NULL)
            || (uri != NULL && expected != NULL
                && strcmp((const char *) uri, expected) == 0))
        {
            return f;
        }
    }

    return NULL;
}
