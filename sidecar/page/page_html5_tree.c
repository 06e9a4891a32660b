
#include <limits.h>
#include <string.h>

#include <libxml/HTMLtree.h>

#include "sidecar/page/arena.h"
#include "sidecar/page/page_internal.h"


/* text that libxml2 keeps in a node itself, where elements have properties */
#define PAGE_HTML5_COMPACT  (2 * sizeof(void *))


/*
 * names    those of known elements in the document's dictionary, NULL before
 *          they are met
 * anchor   that of <a>, whose name attribute is an ID as well
 */
typedef struct {
    xmlDocPtr       doc;
    xmlDictPtr      dict;
    const xmlChar  *id;
    const xmlChar  *name;
    const xmlChar  *anchor;
    const xmlChar  *names[GUMBO_TAG_LAST];
    unsigned        marked:1;
} page_html5_tree_t;


static int page_html5_open(page_html5_tree_t *t, const GumboDocument *from);
static int page_html5_children(page_html5_tree_t *t,
    const GumboDocument *from);
static int page_html5_subtree(page_html5_tree_t *t, GumboNode *root);
static unsigned *page_html5_cursor(GumboNode *node);
static xmlNodePtr page_html5_element(page_html5_tree_t *t, xmlNodePtr parent,
    const GumboElement *from);
static const xmlChar *page_html5_name(page_html5_tree_t *t,
    const GumboElement *from);
static const xmlChar *page_html5_unknown(page_html5_tree_t *t,
    GumboStringPiece tag);
static int page_html5_attribute(page_html5_tree_t *t, xmlNodePtr node,
    xmlAttrPtr *last, const GumboAttribute *from);
static const xmlChar *page_html5_attribute_name(page_html5_tree_t *t,
    const GumboAttribute *from);
static int page_html5_value(page_html5_tree_t *t, xmlAttrPtr attr,
    const char *value);
static int page_html5_text(page_html5_tree_t *t, xmlNodePtr parent,
    const GumboVector *from, unsigned *i);
static int page_html5_is_text(const page_html5_tree_t *t,
    const GumboNode *node);
static const char *page_html5_string(const page_html5_tree_t *t,
    const char *s);
static int page_html5_comment(page_html5_tree_t *t, xmlNodePtr parent,
    const GumboText *from);
static void page_html5_add(page_html5_tree_t *t, xmlNodePtr parent,
    xmlNodePtr node, unsigned line);


/*
 * What an element has been told apart by is left out of the tree: names of
 * SVG and MathML have no namespace, as with libxml2's own HTML parser, so
 * that //svg finds it, and a template's contents are its children.
 */

int
page_html5_tree(page_t *page, const GumboNode *document, int marked)
{
    int                rc;
    page_html5_tree_t  t;

    memset(&t, 0, sizeof(page_html5_tree_t));

    page->doc = htmlNewDocNoDtD(NULL, NULL);
    if (page->doc == NULL) {
        return page_fail(page, PAGE_TOO_MUCH);
    }

    t.doc = page->doc;
    t.marked = (marked != 0);

    rc = page_html5_open(&t, &document->v.document);

    if (rc == SC_OK) {
        rc = page_html5_children(&t, &document->v.document);
    }

    if (rc != SC_OK || arena_failed()) {
        return page_fail(page, PAGE_TOO_MUCH);
    }

    page->refreshes = (xmlDictExists(t.dict, BAD_CAST "http-equiv", -1)
                       != NULL);

    return SC_OK;
}


/* Gumbo does not say where the document type was; it is put first. */

static int
page_html5_open(page_html5_tree_t *t, const GumboDocument *from)
{
    const char  *public_id, *system_id;

    t->dict = xmlDictCreate();
    if (t->dict == NULL) {
        return SC_ERROR;
    }

    t->doc->dict = t->dict;
    t->doc->encoding = xmlStrdup(BAD_CAST "UTF-8");
    t->id = xmlDictLookup(t->dict, BAD_CAST "id", 2);
    t->name = xmlDictLookup(t->dict, BAD_CAST "name", 4);
    t->anchor = xmlDictLookup(t->dict, BAD_CAST "a", 1);

    if (t->doc->encoding == NULL || t->id == NULL || t->name == NULL
        || t->anchor == NULL)
    {
        return SC_ERROR;
    }

    if (!from->has_doctype) {
        return SC_OK;
    }

    public_id = from->public_identifier;
    system_id = from->system_identifier;

    if (xmlCreateIntSubset(t->doc, BAD_CAST from->name,
                           public_id[0] != '\0' ? BAD_CAST public_id : NULL,
                           system_id[0] != '\0' ? BAD_CAST system_id : NULL)
        == NULL)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


static int
page_html5_children(page_html5_tree_t *t, const GumboDocument *from)
{
    int         rc;
    unsigned    i;
    GumboNode  *node;

    rc = SC_OK;

    for (i = 0; i < from->children.length && rc == SC_OK; i++) {
        node = from->children.data[i];

        if (node->type == GUMBO_NODE_ELEMENT) {
            rc = page_html5_subtree(t, node);

        } else if (node->type == GUMBO_NODE_COMMENT
                   && !page_html5_is_text(t, node))
        {
            rc = page_html5_comment(t, (xmlNodePtr) t->doc, &node->v.text);
        }
    }

    return rc;
}


/* Each element remembers which of its children comes next. */

static int
page_html5_subtree(page_html5_tree_t *t, GumboNode *root)
{
    int           rc;
    unsigned     *i;
    GumboNode    *g, *child;
    xmlNodePtr    node;
    GumboVector  *from;

    g = root;
    node = page_html5_element(t, (xmlNodePtr) t->doc, &root->v.element);
    *page_html5_cursor(root) = 0;
    rc = (node != NULL) ? SC_OK : SC_ERROR;

    while (rc == SC_OK) {
        i = page_html5_cursor(g);
        from = &g->v.element.children;

        if (*i == from->length) {
            if (g == root) {
                break;
            }

            g = g->parent;
            node = node->parent;
            continue;
        }

        child = from->data[*i];

        if (page_html5_is_text(t, child)) {
            rc = page_html5_text(t, node, from, i);
            continue;
        }

        (*i)++;

        if (child->type == GUMBO_NODE_COMMENT) {
            rc = page_html5_comment(t, node, &child->v.text);
            continue;
        }

        node = page_html5_element(t, node, &child->v.element);
        rc = (node != NULL) ? SC_OK : SC_ERROR;
        child->parent = g;
        *page_html5_cursor(child) = 0;
        g = child;
    }

    return rc;
}


/* A field of Gumbo's that nobody reads any more. */

static unsigned *
page_html5_cursor(GumboNode *node)
{
    return &node->v.element.end_pos.offset;
}


static xmlNodePtr
page_html5_element(page_html5_tree_t *t, xmlNodePtr parent,
    const GumboElement *from)
{
    unsigned        i;
    xmlNodePtr      node;
    xmlAttrPtr      last;
    const xmlChar  *name;

    name = page_html5_name(t, from);
    if (name == NULL) {
        return NULL;
    }

    node = xmlNewNodeEatName(NULL, (xmlChar *) name);
    if (node == NULL) {
        return NULL;
    }

    page_html5_add(t, parent, node, from->start_pos.line);

    last = NULL;

    for (i = 0; i < from->attributes.length; i++) {
        if (page_html5_attribute(t, node, &last, from->attributes.data[i])
            != SC_OK)
        {
            return NULL;
        }
    }

    return node;
}


static const xmlChar *
page_html5_name(page_html5_tree_t *t, const GumboElement *from)
{
    const char        *name;
    GumboStringPiece   tag;

    tag = from->original_tag;

    if (from->tag == GUMBO_TAG_UNKNOWN
        || from->tag_namespace == GUMBO_NAMESPACE_SVG)
    {
        gumbo_tag_from_original_text(&tag);
    }

    if (from->tag_namespace == GUMBO_NAMESPACE_SVG && tag.length != 0) {
        name = gumbo_normalize_svg_tagname(&tag);
        if (name != NULL) {
            return xmlDictLookup(t->dict, BAD_CAST name, -1);
        }
    }

    if (from->tag == GUMBO_TAG_UNKNOWN) {
        return page_html5_unknown(t, tag);
    }

    if (t->names[from->tag] == NULL) {
        name = gumbo_normalized_tagname(from->tag);
        t->names[from->tag] = xmlDictLookup(t->dict, BAD_CAST name, -1);
    }

    return t->names[from->tag];
}


static const xmlChar *
page_html5_unknown(page_html5_tree_t *t, GumboStringPiece tag)
{
    size_t          i;
    xmlChar        *copy;
    const xmlChar  *name;

    copy = xmlStrndup(BAD_CAST tag.data, (int) tag.length);
    if (copy == NULL) {
        return NULL;
    }

    for (i = 0; i < tag.length; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z') {
            copy[i] = (xmlChar) (copy[i] | 0x20);
        }
    }

    name = xmlDictLookup(t->dict, copy, (int) tag.length);
    xmlFree(copy);

    return name;
}


static int
page_html5_attribute(page_html5_tree_t *t, xmlNodePtr node, xmlAttrPtr *last,
    const GumboAttribute *from)
{
    xmlAttrPtr  attr;

    attr = xmlMalloc(sizeof(xmlAttr));
    if (attr == NULL) {
        return SC_ERROR;
    }

    memset(attr, 0, sizeof(xmlAttr));
    attr->type = XML_ATTRIBUTE_NODE;
    attr->name = page_html5_attribute_name(t, from);
    attr->parent = node;
    attr->doc = t->doc;
    attr->prev = *last;

    if (*last != NULL) {
        (*last)->next = attr;

    } else {
        node->properties = attr;
    }

    *last = attr;

    if (attr->name == NULL) {
        return SC_ERROR;
    }

    return page_html5_value(t, attr, page_html5_string(t, from->value));
}


/* Gumbo has taken the prefix off where it stands for a namespace. */

static const xmlChar *
page_html5_attribute_name(page_html5_tree_t *t, const GumboAttribute *from)
{
    const char  *prefix;

    switch (from->attr_namespace) {

    case GUMBO_ATTR_NAMESPACE_XLINK:
        prefix = "xlink";
        break;

    case GUMBO_ATTR_NAMESPACE_XML:
        prefix = "xml";
        break;

    case GUMBO_ATTR_NAMESPACE_XMLNS:
        prefix = (strcmp(from->name, "xmlns") != 0) ? "xmlns" : NULL;
        break;

    default:
        prefix = NULL;
        break;
    }

    if (prefix == NULL) {
        return xmlDictLookup(t->dict, BAD_CAST from->name, -1);
    }

    return xmlDictQLookup(t->dict, BAD_CAST prefix, BAD_CAST from->name);
}


/* XPath's id() knows what libxml2's own HTML parser would have told it. */

static int
page_html5_value(page_html5_tree_t *t, xmlAttrPtr attr, const char *value)
{
    xmlNodePtr  text;

    if (value[0] == '\0') {
        return SC_OK;
    }

    text = xmlNewDocText(t->doc, BAD_CAST value);
    if (text == NULL) {
        return SC_ERROR;
    }

    text->parent = (xmlNodePtr) attr;
    attr->children = text;
    attr->last = text;

    if (text->content == NULL) {
        return SC_ERROR;
    }

    if (attr->name == t->id
        || (attr->name == t->name && attr->parent->name == t->anchor))
    {
        (void) xmlAddID(NULL, t->doc, BAD_CAST value, attr);
    }

    return SC_OK;
}


/* Text that Gumbo has put beside each other is one node. */

static int
page_html5_text(page_html5_tree_t *t, xmlNodePtr parent,
    const GumboVector *from, unsigned *i)
{
    char             *w;
    size_t            len, n;
    unsigned          first, end;
    xmlNodePtr        node;
    const GumboNode  *g;

    len = 0;
    first = *i;

    for (end = first; end < from->length; end++) {
        g = from->data[end];

        if (!page_html5_is_text(t, g)) {
            break;
        }

        if (g->type != GUMBO_NODE_COMMENT) {
            len += strlen(page_html5_string(t, g->v.text.text));
        }
    }

    *i = end;

    if (len == 0) {
        return SC_OK;
    }

    node = xmlNewText(NULL);
    if (node == NULL) {
        return SC_ERROR;
    }

    g = from->data[first];
    page_html5_add(t, parent, node, g->v.text.start_pos.line);

    if (len < PAGE_HTML5_COMPACT) {
        node->content = (xmlChar *) &node->properties;

    } else {
        node->content = xmlMalloc(len + 1);
        if (node->content == NULL) {
            return SC_ERROR;
        }
    }

    w = (char *) node->content;

    for ( /* void */ ; first < end; first++) {
        g = from->data[first];

        if (g->type != GUMBO_NODE_COMMENT) {
            n = strlen(g->v.text.text);
            memcpy(w, g->v.text.text, n);
            w += n;
        }
    }

    *w = '\0';

    return SC_OK;
}


/* a mark is text of no length */

static int
page_html5_is_text(const page_html5_tree_t *t, const GumboNode *node)
{
    return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE
           || node->type == GUMBO_NODE_CDATA
           || (t->marked && page_html5_is_mark(node));
}


/* What Gumbo made is its caller's to change. */

static const char *
page_html5_string(const page_html5_tree_t *t, const char *s)
{
    if (t->marked) {
        page_html5_unmark((char *) s);
    }

    return s;
}


static int
page_html5_comment(page_html5_tree_t *t, xmlNodePtr parent,
    const GumboText *from)
{
    xmlNodePtr  node;

    node = xmlNewDocComment(t->doc,
                            BAD_CAST page_html5_string(t, from->text));
    if (node == NULL) {
        return SC_ERROR;
    }

    page_html5_add(t, parent, node, from->start_pos.line);

    return node->content != NULL ? SC_OK : SC_ERROR;
}


static void
page_html5_add(page_html5_tree_t *t, xmlNodePtr parent, xmlNodePtr node,
    unsigned line)
{
    node->doc = t->doc;
    node->line = (unsigned short) (line < USHRT_MAX ? line : USHRT_MAX);
    node->parent = parent;
    node->prev = parent->last;

    if (parent->last != NULL) {
        parent->last->next = node;

    } else {
        parent->children = node;
    }

    parent->last = node;
}
