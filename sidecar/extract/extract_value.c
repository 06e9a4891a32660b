
#include <string.h>

#include <libxml/HTMLtree.h>

#include "sidecar/extract/extract_internal.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_value.h"


static void extract_string(sc_buf_t *out, const xmlNode *node, unsigned raw);
static void extract_chars(sc_buf_t *out, const xmlChar *text, unsigned raw);
static int extract_attribute(const xmlNode *node, const char *name,
    sc_buf_t *out);
static void extract_markup(extract_t *x, const xmlNode *node, unsigned inner,
    sc_buf_t *out);
static void extract_serialize(extract_t *x, const xmlNode *node,
    sc_buf_t *out);
static int extract_write(void *data, const char *bytes, int len);


int
extract_value(extract_t *x, const xmlNode *node, sc_get_t get,
    const char *attr, sc_buf_t *out)
{
    switch (get) {

    case SC_GET_ATTR:
        return extract_attribute(node, attr, out);

    case SC_GET_HTML:
    case SC_GET_INNER_HTML:
        extract_markup(x, node, get == SC_GET_INNER_HTML, out);
        return SC_OK;

    default:
        extract_string(out, node, get == SC_GET_RAW);
        return SC_OK;
    }
}


sc_str_t
extract_trimmed(sc_buf_t *b, const sc_field_t *field)
{
    sc_str_t  text;

    if (field->get == SC_GET_TEXT || field->get == SC_GET_ATTR) {
        view_value_trim(b, 0);
    }

    if (b->len == 0) {
        sc_buf_add(b, "", 0);
    }

    text.data = b->data;
    text.len = b->len;

    return text;
}


/*
 * The string value of XPath.  A namespace node is not an xmlNode and shares
 * its type field only.
 */

static void
extract_string(sc_buf_t *out, const xmlNode *node, unsigned raw)
{
    const xmlNode  *n;

    switch (node->type) {

    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
    case XML_COMMENT_NODE:
    case XML_PI_NODE:
        extract_chars(out, node->content, raw);
        break;

    case XML_NAMESPACE_DECL:
        extract_chars(out, ((const xmlNs *) node)->href, raw);
        break;

    default:
        for (n = dom_next(node, node); n != NULL; n = dom_next(n, node)) {
            if (n->type == XML_TEXT_NODE
                || n->type == XML_CDATA_SECTION_NODE)
            {
                extract_chars(out, n->content, raw);
            }
        }
    }
}


static void
extract_chars(sc_buf_t *out, const xmlChar *text, unsigned raw)
{
    const char  *s;

    s = (const char *) text;

    if (s == NULL) {
        return;
    }

    if (raw) {
        (void) sc_buf_add_cstr(out, s);

    } else {
        view_value_collapse(out, 0, s, strlen(s));
    }
}


/* Of XML the name is as written, prefix and all. */

static int
extract_attribute(const xmlNode *node, const char *name, sc_buf_t *out)
{
    const xmlAttr  *attr;

    if (node->type != XML_ELEMENT_NODE) {
        return SC_DECLINED;
    }

    for (attr = node->properties; attr != NULL; attr = attr->next) {
        if (strcmp((const char *) attr->name, name) == 0) {
            extract_string(out, (const xmlNode *) attr, 0);
            return SC_OK;
        }
    }

    return SC_DECLINED;
}


/* What has no markup, such as an attribute, is its text. */

static void
extract_markup(extract_t *x, const xmlNode *node, unsigned inner,
    sc_buf_t *out)
{
    const xmlNode  *child;

    switch (node->type) {

    case XML_ELEMENT_NODE:
    case XML_DOCUMENT_NODE:
    case XML_HTML_DOCUMENT_NODE:
        break;

    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
    case XML_COMMENT_NODE:
    case XML_PI_NODE:
        if (!inner) {
            extract_serialize(x, node, out);
            return;
        }

        /* fall through */

    default:
        extract_string(out, node, 1);
        return;
    }

    if (!inner && node->type == XML_ELEMENT_NODE) {
        extract_serialize(x, node, out);
        return;
    }

    for (child = node->children; child != NULL; child = child->next) {
        extract_serialize(x, child, out);
    }
}


static void
extract_serialize(extract_t *x, const xmlNode *node, sc_buf_t *out)
{
    xmlOutputBufferPtr  buffer;

    buffer = xmlOutputBufferCreateIO(extract_write, NULL, out, NULL);

    if (buffer == NULL) {
        out->failed = 1;
        return;
    }

    if (x->parsed.kind == PAGE_XML) {
        xmlNodeDumpOutput(buffer, x->doc, (xmlNodePtr) node, 0, 0, "UTF-8");

    } else {
        htmlNodeDumpFormatOutput(buffer, x->doc, (xmlNodePtr) node, "UTF-8",
                                 0);
    }

    (void) xmlOutputBufferClose(buffer);
}


static int
extract_write(void *data, const char *bytes, int len)
{
    sc_buf_t  *out = data;

    return sc_buf_add(out, bytes, (size_t) len) == SC_OK ? len : -1;
}
