
#include <string.h>

#include "common/xpath/sc_xpath_internal.h"


/*
 * The arguments of one call, each NULL when there is none, and what they
 * compile to.
 */
typedef struct {
    sc_regex_t  *re;
    xmlChar     *subject;
    xmlChar     *pattern;
    xmlChar     *flags;
    xmlChar     *replacement;
    sc_str_t     text;
    unsigned     all:1;
} sc_xpath_regex_t;


static int sc_xpath_regex_open(xmlXPathParserContextPtr ctxt, int nargs,
    int min, int max, sc_xpath_regex_t *r);
static void sc_xpath_regex_close(sc_xpath_regex_t *r);
static xmlChar *sc_xpath_regex_pop(xmlXPathParserContextPtr ctxt,
    int present);
static void sc_xpath_regex_end(xmlXPathParserContextPtr ctxt,
    sc_regex_result_t result);
static xmlNodePtr sc_xpath_regex_root(xmlXPathParserContextPtr ctxt);
static sc_regex_result_t sc_xpath_regex_groups(xmlXPathParserContextPtr ctxt,
    sc_regex_t *re, xmlNodePtr root, xmlNodeSetPtr set);
static sc_regex_result_t sc_xpath_regex_all(xmlXPathParserContextPtr ctxt,
    sc_regex_t *re, xmlNodePtr root, xmlNodeSetPtr set);
static int sc_xpath_regex_joined(xmlXPathParserContextPtr ctxt,
    sc_regex_t *re, xmlNodePtr root, xmlNodeSetPtr set);
static int sc_xpath_regex_add(xmlXPathParserContextPtr ctxt, xmlNodePtr root,
    xmlNodeSetPtr set, const char *data, size_t len);
static int sc_xpath_regex_replacement(xmlXPathParserContextPtr ctxt,
    sc_xpath_regex_t *r, sc_buf_t *replacement);


void
sc_xpath_re_test(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_xpath_regex_t   r;
    sc_regex_result_t  result;

    if (sc_xpath_regex_open(ctxt, nargs, 2, 3, &r) != SC_OK) {
        return;
    }

    result = sc_regex_match(r.re, r.text, 0);
    sc_xpath_regex_close(&r);
    sc_xpath_regex_end(ctxt, result);

    if (!xmlXPathCheckError(ctxt)) {
        valuePush(ctxt, xmlXPathNewBoolean(result == SC_REGEX_MATCH));
    }
}


void
sc_xpath_re_match(xmlXPathParserContextPtr ctxt, int nargs)
{
    xmlNodePtr         root;
    xmlNodeSetPtr      set;
    sc_xpath_regex_t   r;
    sc_regex_result_t  result;

    if (sc_xpath_regex_open(ctxt, nargs, 2, 3, &r) != SC_OK) {
        return;
    }

    set = xmlXPathNodeSetCreate(NULL);
    result = sc_regex_match(r.re, r.text, 0);

    if (set != NULL && result == SC_REGEX_MATCH) {
        root = sc_xpath_regex_root(ctxt);

        if (root != NULL) {
            result = r.all ? sc_xpath_regex_all(ctxt, r.re, root, set)
                           : sc_xpath_regex_groups(ctxt, r.re, root, set);
        }
    }

    sc_xpath_regex_close(&r);
    sc_xpath_regex_end(ctxt, result);

    if (set == NULL) {
        xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
    }

    if (xmlXPathCheckError(ctxt)) {
        xmlXPathFreeNodeSet(set);
        return;
    }

    valuePush(ctxt, xmlXPathWrapNodeSet(set));
}


void
sc_xpath_re_replace(xmlXPathParserContextPtr ctxt, int nargs)
{
    sc_buf_t           text, replacement;
    sc_str_t           template;
    sc_xpath_regex_t   r;
    sc_regex_result_t  result;

    if (sc_xpath_regex_open(ctxt, nargs, 4, 4, &r) != SC_OK) {
        return;
    }

    sc_buf_init(&text, SC_XPATH_STRING);
    sc_buf_init(&replacement, SC_XPATH_STRING);

    if (sc_xpath_regex_replacement(ctxt, &r, &replacement) == SC_OK) {
        template.data = replacement.data;
        template.len = replacement.len;

        result = sc_regex_replace(r.re, r.text, template, r.all, &text);

        if (text.failed) {
            sc_xpath_fail(ctxt, "string is too long", NULL);

        } else {
            sc_xpath_regex_end(ctxt, result);
        }
    }

    sc_buf_free(&replacement);
    sc_xpath_regex_close(&r);

    if (xmlXPathCheckError(ctxt)
        || sc_xpath_spend(ctxt, sc_xpath_steps(text.len)) != SC_OK)
    {
        sc_buf_free(&text);
        return;
    }

    sc_xpath_return_buf(ctxt, &text);
}


static int
sc_xpath_regex_open(xmlXPathParserContextPtr ctxt, int nargs, int min,
    int max, sc_xpath_regex_t *r)
{
    const char        *flags;
    sc_regex_error_t   err;

    memset(r, 0, sizeof(sc_xpath_regex_t));

    if (nargs < min || nargs > max) {
        xmlXPathErr(ctxt, XPATH_INVALID_ARITY);
        return SC_ERROR;
    }

    r->replacement = sc_xpath_regex_pop(ctxt, nargs > 3);
    r->flags = sc_xpath_regex_pop(ctxt, nargs > 2);
    r->pattern = sc_xpath_regex_pop(ctxt, 1);
    r->subject = sc_xpath_regex_pop(ctxt, 1);

    if (xmlXPathCheckError(ctxt)) {
        sc_xpath_regex_close(r);
        return SC_ERROR;
    }

    r->text.data = (const char *) r->subject;
    r->text.len = strlen(r->text.data);

    flags = (r->flags != NULL) ? (const char *) r->flags : "";
    r->all = (strchr(flags, 'g') != NULL);

    if (sc_xpath_spend(ctxt, sc_xpath_steps(r->text.len)
                             + sc_xpath_pattern_steps((char *) r->pattern,
                                                      flags))
        == SC_OK)
    {
        r->re = sc_xpath_pattern((const char *) r->pattern, flags, &err);

        if (r->re != NULL) {
            return SC_OK;
        }

        sc_xpath_fail(ctxt, "invalid regular expression", err.message);
    }

    sc_xpath_regex_close(r);

    return SC_ERROR;
}


static void
sc_xpath_regex_close(sc_xpath_regex_t *r)
{
    xmlFree(r->replacement);
    xmlFree(r->flags);
    xmlFree(r->pattern);
    xmlFree(r->subject);

    memset(r, 0, sizeof(sc_xpath_regex_t));
}


/* Not NULL when present, or the error is set. */

static xmlChar *
sc_xpath_regex_pop(xmlXPathParserContextPtr ctxt, int present)
{
    xmlChar  *s;

    if (!present || xmlXPathCheckError(ctxt)) {
        return NULL;
    }

    s = xmlXPathPopString(ctxt);

    if (s == NULL && !xmlXPathCheckError(ctxt)) {
        xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
    }

    return s;
}


static void
sc_xpath_regex_end(xmlXPathParserContextPtr ctxt, sc_regex_result_t result)
{
    if (xmlXPathCheckError(ctxt)) {
        return;
    }

    if (result == SC_REGEX_LIMIT) {
        sc_xpath_fail(ctxt, "regular expression exceeds its limits", NULL);

    } else if (result == SC_REGEX_ERROR) {
        sc_xpath_fail(ctxt, "regular expression cannot be applied", NULL);
    }
}


/* A document for each call, so that what is made has no other siblings. */

static xmlNodePtr
sc_xpath_regex_root(xmlXPathParserContextPtr ctxt)
{
    xmlDocPtr           doc;
    xmlNodePtr          root;
    xmlXPathContextPtr  ctx;

    ctx = ctxt->context;

    doc = xmlNewDoc(NULL);
    root = (doc != NULL)
           ? xmlNewDocNode(doc, NULL, (const xmlChar *) "matches", NULL)
           : NULL;

    if (root == NULL) {
        xmlFreeDoc(doc);
        xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
        return NULL;
    }

    xmlDocSetRootElement(doc, root);

    doc->_private = ctx->funcLookupData;
    ctx->funcLookupData = doc;

    return root;
}


static sc_regex_result_t
sc_xpath_regex_groups(xmlXPathParserContextPtr ctxt, sc_regex_t *re,
    xmlNodePtr root, xmlNodeSetPtr set)
{
    unsigned  n;
    sc_str_t  group;

    for (n = 0; n <= sc_regex_ngroups(re); n++) {
        (void) sc_regex_group(re, n, &group);

        if (sc_xpath_regex_add(ctxt, root, set, group.data, group.len)
            != SC_OK)
        {
            return SC_REGEX_ERROR;
        }
    }

    return SC_REGEX_MATCH;
}


static sc_regex_result_t
sc_xpath_regex_all(xmlXPathParserContextPtr ctxt, sc_regex_t *re,
    xmlNodePtr root, xmlNodeSetPtr set)
{
    sc_regex_result_t  result;

    result = SC_REGEX_MATCH;

    while (result == SC_REGEX_MATCH) {
        if (set->nodeNr >= SC_XPATH_MATCHES) {
            return SC_REGEX_LIMIT;
        }

        if (sc_xpath_regex_joined(ctxt, re, root, set) != SC_OK) {
            return SC_REGEX_ERROR;
        }

        result = sc_regex_next(re);
    }

    return result;
}


static int
sc_xpath_regex_joined(xmlXPathParserContextPtr ctxt, sc_regex_t *re,
    xmlNodePtr root, xmlNodeSetPtr set)
{
    int       rc;
    unsigned  n, ngroups;
    sc_buf_t  text;
    sc_str_t  group;

    ngroups = sc_regex_ngroups(re);

    if (ngroups <= 1) {
        (void) sc_regex_group(re, ngroups, &group);
        return sc_xpath_regex_add(ctxt, root, set, group.data, group.len);
    }

    sc_buf_init(&text, SC_XPATH_STRING);

    for (n = 1; n <= ngroups; n++) {
        (void) sc_regex_group(re, n, &group);
        (void) sc_buf_add_str(&text, group);
    }

    if (text.failed) {
        sc_xpath_fail(ctxt, "string is too long", NULL);
        rc = SC_ERROR;

    } else {
        rc = sc_xpath_regex_add(ctxt, root, set, text.data, text.len);
    }

    sc_buf_free(&text);

    return rc;
}


static int
sc_xpath_regex_add(xmlXPathParserContextPtr ctxt, xmlNodePtr root,
    xmlNodeSetPtr set, const char *data, size_t len)
{
    xmlNodePtr  node, text;

    if (sc_xpath_spend(ctxt, sc_xpath_steps(len)) != SC_OK) {
        return SC_ERROR;
    }

    node = xmlNewDocNode(root->doc, NULL, (const xmlChar *) "match", NULL);

    if (node == NULL || xmlAddChild(root, node) == NULL) {
        xmlFreeNode(node);
        xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
        return SC_ERROR;
    }

    if (len != 0) {
        text = xmlNewDocTextLen(root->doc, (const xmlChar *) data, (int) len);

        if (text == NULL || xmlAddChild(node, text) == NULL) {
            xmlFreeNode(text);
            xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
            return SC_ERROR;
        }
    }

    if (xmlXPathNodeSetAddUnique(set, node) != 0) {
        xmlXPathErr(ctxt, XPATH_MEMORY_ERROR);
        return SC_ERROR;
    }

    return SC_OK;
}


/* What the replacement is written in, and whether it fits the pattern. */

static int
sc_xpath_regex_replacement(xmlXPathParserContextPtr ctxt,
    sc_xpath_regex_t *r, sc_buf_t *replacement)
{
    sc_str_t           template;
    const char        *why;
    sc_regex_error_t   err;

    if (sc_xpath_replacement((const char *) r->replacement, replacement, &why)
        != SC_OK)
    {
        sc_xpath_fail(ctxt, "invalid replacement", why);
        return SC_ERROR;
    }

    template.data = replacement->data;
    template.len = replacement->len;

    if (sc_regex_check_replacement(r->re, template, &err) != SC_OK) {
        sc_xpath_fail(ctxt, "invalid replacement", err.message);
        return SC_ERROR;
    }

    return SC_OK;
}
