
#include <string.h>

#include "common/xpath/sc_xpath_internal.h"


typedef struct {
    const char  *prefix;
    const char  *uri;
} sc_xpath_namespace_t;


/* dry: what stands for it in a dry run */

typedef struct {
    const char        *prefix;
    const char        *name;
    xmlXPathFunction   function;
    xmlXPathFunction   dry;
} sc_xpath_call_t;


static int sc_xpath_register_as(xmlXPathContextPtr ctx,
    xmlXPathFuncLookupFunc lookup);
static xmlXPathFunction sc_xpath_lookup(void *data, const xmlChar *name,
    const xmlChar *uri);
static xmlXPathFunction sc_xpath_lookup_dry(void *data, const xmlChar *name,
    const xmlChar *uri);
static const sc_xpath_call_t *sc_xpath_find(const xmlChar *name,
    const xmlChar *uri);


static const sc_xpath_namespace_t  sc_xpath_namespaces[] = {
    { "re", "http://exslt.org/regular-expressions" },
    { "set", "http://exslt.org/sets" },
    { "str", "http://exslt.org/strings" }
};


/* the core function library is XPath 1.0, section 4 */

static const sc_xpath_function_t  sc_xpath_table[] = {
    { "", "last", 0, 0 },
    { "", "position", 0, 0 },
    { "", "count", 1, 1 },
    { "", "id", 1, 1 },
    { "", "local-name", 0, 1 },
    { "", "namespace-uri", 0, 1 },
    { "", "name", 0, 1 },
    { "", "string", 0, 1 },
    { "", "concat", 2, SC_XPATH_ANY },
    { "", "starts-with", 2, 2 },
    { "", "contains", 2, 2 },
    { "", "substring-before", 2, 2 },
    { "", "substring-after", 2, 2 },
    { "", "substring", 2, 3 },
    { "", "string-length", 0, 1 },
    { "", "normalize-space", 0, 1 },
    { "", "translate", 3, 3 },
    { "", "boolean", 1, 1 },
    { "", "not", 1, 1 },
    { "", "true", 0, 0 },
    { "", "false", 0, 0 },
    { "", "lang", 1, 1 },
    { "", "number", 0, 1 },
    { "", "sum", 1, 1 },
    { "", "floor", 1, 1 },
    { "", "ceiling", 1, 1 },
    { "", "round", 1, 1 },
    { "", "has-class", 1, SC_XPATH_ANY },
    { "re", "test", 2, 3 },
    { "re", "match", 2, 3 },
    { "re", "replace", 4, 4 },
    { "set", "difference", 2, 2 },
    { "set", "intersection", 2, 2 },
    { "set", "distinct", 1, 1 },
    { "set", "has-same-node", 2, 2 },
    { "set", "leading", 2, 2 },
    { "set", "trailing", 2, 2 },
    { "str", "concat", 1, 1 }
};


static const sc_xpath_call_t  sc_xpath_calls[] = {
    { "", "has-class", sc_xpath_has_class, sc_xpath_has_class },
    { "re", "test", sc_xpath_re_test, sc_xpath_dry_test },
    { "re", "match", sc_xpath_re_match, sc_xpath_dry_match },
    { "re", "replace", sc_xpath_re_replace, sc_xpath_dry_replace },
    { "set", "difference", sc_xpath_set_difference,
      sc_xpath_set_difference },
    { "set", "intersection", sc_xpath_set_intersection,
      sc_xpath_set_intersection },
    { "set", "distinct", sc_xpath_set_distinct,
      sc_xpath_set_distinct },
    { "set", "has-same-node", sc_xpath_set_has_same_node,
      sc_xpath_set_has_same_node },
    { "set", "leading", sc_xpath_set_leading,
      sc_xpath_set_leading },
    { "set", "trailing", sc_xpath_set_trailing,
      sc_xpath_set_trailing },
    { "str", "concat", sc_xpath_str_concat,
      sc_xpath_str_concat }
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
    const sc_xpath_call_t  *call;

    (void) data;

    call = sc_xpath_find(name, uri);

    return call != NULL ? call->function : NULL;
}


static xmlXPathFunction
sc_xpath_lookup_dry(void *data, const xmlChar *name, const xmlChar *uri)
{
    const sc_xpath_call_t  *call;

    (void) data;

    call = sc_xpath_find(name, uri);

    return call != NULL ? call->dry : NULL;
}


/* By the namespace, for an expression may use another prefix for it. */

static const sc_xpath_call_t *
sc_xpath_find(const xmlChar *name, const xmlChar *uri)
{
    size_t                  i, n;
    const char             *expected;
    const sc_xpath_call_t  *call;

    n = sizeof(sc_xpath_calls) / sizeof(sc_xpath_call_t);

    for (i = 0; i < n; i++) {
        call = &sc_xpath_calls[i];

        if (strcmp(call->name, (const char *) name) != 0) {
            continue;
        }

        expected = sc_xpath_namespace(call->prefix);

        if ((uri == NULL && expected == NULL)
            || (uri != NULL && expected != NULL
                && strcmp((const char *) uri, expected) == 0))
        {
            return call;
        }
    }

    return NULL;
}
