
#include <string.h>

#include "sidecar/page/dom.h"
#include "sidecar/url/url.h"


static const char *dom_base_href(const xmlNode *doc);


const xmlNode *
dom_next(const xmlNode *node, const xmlNode *root)
{
    if (node->children != NULL
        && (node->type == XML_ELEMENT_NODE || node == root))
    {
        return node->children;
    }

    return dom_after(node, root);
}


const xmlNode *
dom_after(const xmlNode *node, const xmlNode *root)
{
    while (node != root && node->next == NULL) {
        node = node->parent;
    }

    return node != root ? node->next : NULL;
}


int
dom_is(const xmlNode *node, const char *name)
{
    /* most are told apart by their first letter: walks ask this a lot */
    return node != NULL && node->type == XML_ELEMENT_NODE
           && node->name[0] == (xmlChar) name[0]
           && strcmp((const char *) node->name, name) == 0;
}


const char *
dom_attr(const xmlNode *node, const char *name)
{
    const xmlAttr  *a;

    for (a = node->properties; a != NULL; a = a->next) {
        if (strcmp((const char *) a->name, name) == 0) {
            return a->children != NULL && a->children->content != NULL
                   ? (const char *) a->children->content : "";
        }
    }

    return NULL;
}


void
dom_base(const xmlDoc *doc, const char *url, sc_buf_t *out)
{
    int          rc;
    const char  *href;

    href = dom_base_href((const xmlNode *) doc);

    /* it is looked at again for each reference of the page */
    rc = (href == NULL || strlen(href) > URL_MAX)
         ? SC_DECLINED : url_resolve(url, href, strlen(href), out);

    if (rc == SC_DECLINED) {
        (void) sc_buf_add_cstr(out, url);

    } else if (rc != SC_OK) {
        out->failed = SC_BUF_MEMORY;
    }
}


static const char *
dom_base_href(const xmlNode *doc)
{
    const char     *href;
    const xmlNode  *n;

    for (n = dom_next(doc, doc); n != NULL; n = dom_next(n, doc)) {
        if (dom_is(n, "base") && (href = dom_attr(n, "href")) != NULL) {
            return href;
        }
    }

    return NULL;
}
