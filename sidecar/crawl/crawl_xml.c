
#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "sidecar/crawl/crawl_internal.h"
#include "sidecar/page/arena.h"


/* nothing is fetched, libxml2's limits stay, and the characters are UTF-8,
   whatever the declaration says; as there are no declarations, entities are
   the five of XML, and of those in attributes the characters are given */
#define CRAWL_XML_OPTIONS  (XML_PARSE_NONET | XML_PARSE_NOERROR               \
                            | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC      \
                            | XML_PARSE_NOENT)

#define CRAWL_XML_DATE     64       /* bytes of a date */


/*
 * A format: its root, the elements inside it that lead somewhere, and what in
 * those has the URL, the same as an attribute, another URL, and the date;
 * NULL for what it has not.
 */
typedef struct {
    const char  *root;
    const char  *entry;
    const char  *url;
    const char  *attr;
    const char  *other;
    const char  *date;
    char         kind;
} crawl_format_t;


/*
 * A document under way.
 *
 * depth   of the element that is open; entry is the entry's, 0 outside one
 * prefix  the entry's, which its parts have, too; libxml2's
 * into    where the text of the open element goes, NULL: nowhere
 * detail  why it is no sitemap, "" if nothing is wrong so far
 */
typedef struct {
    crawl_found_t         *f;
    const crawl_format_t  *format;
    size_t                 depth;
    size_t                 entry;
    const xmlChar         *prefix;
    sc_buf_t              *into;
    sc_buf_t               url;
    sc_buf_t               other;
    sc_buf_t               date;
    int                    rc;
    char                   detail[200];
} crawl_xml_t;


static void crawl_xml_init(crawl_xml_t *x, crawl_found_t *f);
static int crawl_xml_parse(crawl_xml_t *x, sc_str_t text);
static void crawl_xml_sax(xmlSAXHandler *sax);
static void crawl_xml_doctype(void *data, const xmlChar *name,
    const xmlChar *external_id, const xmlChar *system_id);
static void crawl_xml_error(void *data, xmlErrorPtr error);
static void crawl_xml_start(void *data, const xmlChar *name,
    const xmlChar *prefix, const xmlChar *uri, int nnames,
    const xmlChar **names, int nattrs, int ndefaulted,
    const xmlChar **attrs);
static void crawl_xml_root(crawl_xml_t *x, xmlParserCtxtPtr ctxt,
    const char *name);
static void crawl_xml_part(crawl_xml_t *x, const char *name,
    const xmlChar **attrs, int nattrs);
static void crawl_xml_link(crawl_xml_t *x, const xmlChar **attrs,
    int nattrs);
static sc_str_t crawl_xml_attr(const xmlChar **attrs, int nattrs,
    const char *name);
static int crawl_xml_is(sc_str_t s, const char *word);
static void crawl_xml_text(void *data, const xmlChar *text, int len);
static void crawl_xml_end(void *data, const xmlChar *name,
    const xmlChar *prefix, const xmlChar *uri);
static int crawl_xml_entry(crawl_xml_t *x);


static const crawl_format_t  crawl_formats[] = {
    { "urlset", "url", "loc", NULL, NULL, "lastmod", 's' },
    { "sitemapindex", "sitemap", "loc", NULL, NULL, "lastmod", 'i' },
    { "rss", "item", "link", NULL, "guid", NULL, 's' },
    { "RDF", "item", "link", NULL, NULL, NULL, 's' },
    { "feed", "entry", NULL, "link", NULL, "updated", 's' }
};


/* What was whole before an error counts. */

int
crawl_xml(crawl_found_t *f, sc_str_t text, char *err, size_t errlen)
{
    int          rc;
    crawl_xml_t  x;

    crawl_xml_init(&x, f);

    rc = crawl_xml_parse(&x, text);

    if (rc == SC_OK) {
        rc = x.rc == SC_ERROR ? SC_ERROR : SC_OK;
    }

    if (rc == SC_OK && x.detail[0] != '\0'
        && (f->n == 0 || x.format == NULL))
    {
        (void) snprintf(err, errlen, "%s", x.detail);
        rc = SC_DECLINED;
    }

    sc_buf_free(&x.url);
    sc_buf_free(&x.other);
    sc_buf_free(&x.date);

    return rc;
}


static void
crawl_xml_init(crawl_xml_t *x, crawl_found_t *f)
{
    memset(x, 0, sizeof(crawl_xml_t));
    x->f = f;
    sc_buf_init(&x->url, URL_MAX);
    sc_buf_init(&x->other, URL_MAX);
    sc_buf_init(&x->date, CRAWL_XML_DATE);
}


static int
crawl_xml_parse(crawl_xml_t *x, sc_str_t text)
{
    int               failed;
    xmlParserCtxtPtr  ctxt;

    ctxt = xmlNewParserCtxt();
    if (ctxt == NULL) {
        return SC_ERROR;
    }

    ctxt->_private = x;
    crawl_xml_sax(ctxt->sax);

    (void) xmlCtxtReadMemory(ctxt, text.data, (int) text.len, NULL, "UTF-8",
                             CRAWL_XML_OPTIONS);

    failed = (ctxt->errNo == XML_ERR_NO_MEMORY)
             || (arena_active() && arena_failed());

    if (!arena_active()) {
        xmlFreeParserCtxt(ctxt);
    }

    return failed ? SC_ERROR : SC_OK;
}


/* Without those that make a tree. */

static void
crawl_xml_sax(xmlSAXHandler *sax)
{
    memset(sax, 0, sizeof(xmlSAXHandler));
    sax->initialized = XML_SAX2_MAGIC;
    sax->internalSubset = crawl_xml_doctype;
    sax->startElementNs = crawl_xml_start;
    sax->endElementNs = crawl_xml_end;
    sax->characters = crawl_xml_text;
    sax->cdataBlock = crawl_xml_text;
    sax->serror = crawl_xml_error;
}


/* Without a declaration there are no entities to expand or to fetch. */

static void
crawl_xml_doctype(void *data, const xmlChar *name, const xmlChar *external_id,
    const xmlChar *system_id)
{
    crawl_xml_t       *x;
    xmlParserCtxtPtr   ctxt = data;

    (void) name;
    (void) external_id;
    (void) system_id;

    x = ctxt->_private;
    (void) snprintf(x->detail, sizeof(x->detail), "the sitemap has a document "
                    "type declaration, which is not taken");

    xmlStopParser(ctxt);
}


static void
crawl_xml_error(void *data, xmlErrorPtr error)
{
    crawl_xml_t  *x;

    x = ((xmlParserCtxtPtr) data)->_private;

    if (error->level != XML_ERR_FATAL || x->detail[0] != '\0') {
        return;
    }

    (void) snprintf(x->detail, sizeof(x->detail), "the sitemap is not "
                    "well-formed XML: line %d: %.*s", error->line,
                    (int) strcspn(error->message, "\r\n"), error->message);
}


static void
crawl_xml_start(void *data, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int nnames, const xmlChar **names, int nattrs,
    int ndefaulted, const xmlChar **attrs)
{
    crawl_xml_t       *x;
    xmlParserCtxtPtr   ctxt = data;

    (void) uri;
    (void) nnames;
    (void) names;
    (void) ndefaulted;

    x = ctxt->_private;
    x->depth++;
    x->into = NULL;

    if (x->depth == 1) {
        crawl_xml_root(x, ctxt, (const char *) name);

    } else if (x->entry == 0) {
        if (strcmp((const char *) name, x->format->entry) == 0) {
            x->entry = x->depth;
            x->prefix = prefix;
            sc_buf_reset(&x->url);
            sc_buf_reset(&x->other);
            sc_buf_reset(&x->date);
        }

    } else if (x->depth == x->entry + 1 && xmlStrEqual(prefix, x->prefix)) {
        crawl_xml_part(x, (const char *) name, attrs, nattrs);
    }
}


static void
crawl_xml_root(crawl_xml_t *x, xmlParserCtxtPtr ctxt, const char *name)
{
    size_t  i;

    for (i = 0; i < sizeof(crawl_formats) / sizeof(crawl_formats[0]); i++) {
        if (strcmp(name, crawl_formats[i].root) == 0) {
            x->format = &crawl_formats[i];
            return;
        }
    }

    (void) snprintf(x->detail, sizeof(x->detail), "\"%.64s\" is the root of "
                    "no sitemap", name);

    xmlStopParser(ctxt);
}


static void
crawl_xml_part(crawl_xml_t *x, const char *name, const xmlChar **attrs,
    int nattrs)
{
    const crawl_format_t  *format = x->format;

    if (format->attr != NULL && strcmp(name, format->attr) == 0) {
        crawl_xml_link(x, attrs, nattrs);

    } else if (format->url != NULL && strcmp(name, format->url) == 0) {
        x->into = &x->url;

    } else if (format->date != NULL && strcmp(name, format->date) == 0) {
        x->into = &x->date;

    } else if (format->other != NULL && strcmp(name, format->other) == 0
               && !crawl_xml_is(crawl_xml_attr(attrs, nattrs, "isPermaLink"),
                                "false"))
    {
        x->into = &x->other;
    }

    /* what comes twice counts once */

    if (x->into != NULL && x->into->len != 0) {
        x->into = NULL;
    }
}


/* RFC 4287, 4.2.7.2: without rel it is an alternate. */

static void
crawl_xml_link(crawl_xml_t *x, const xmlChar **attrs, int nattrs)
{
    sc_str_t  rel, href;

    rel = crawl_xml_attr(attrs, nattrs, "rel");
    href = crawl_xml_attr(attrs, nattrs, "href");

    if (x->url.len == 0 && href.len <= URL_MAX
        && (rel.len == 0 || crawl_xml_is(rel, "alternate")))
    {
        (void) sc_buf_add_str(&x->url, href);
    }
}


/* libxml2 has five pointers an attribute: its name first, its value last. */

static sc_str_t
crawl_xml_attr(const xmlChar **attrs, int nattrs, const char *name)
{
    int       i;
    sc_str_t  value = sc_null_string;

    for (i = 0; i < nattrs; i++, attrs += 5) {
        if (attrs[1] == NULL && strcmp((const char *) attrs[0], name) == 0) {
            value.data = (const char *) attrs[3];
            value.len = (size_t) (attrs[4] - attrs[3]);
            break;
        }
    }

    return value;
}


static int
crawl_xml_is(sc_str_t s, const char *word)
{
    return s.len == strlen(word) && memcmp(s.data, word, s.len) == 0;
}


/* What is too long is cut, and with that no URL and no date. */

static void
crawl_xml_text(void *data, const xmlChar *text, int len)
{
    crawl_xml_t  *x;

    x = ((xmlParserCtxtPtr) data)->_private;

    if (x->into != NULL && len > 0) {
        (void) sc_buf_add(x->into, text, (size_t) len);
    }
}


static void
crawl_xml_end(void *data, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
    crawl_xml_t       *x;
    xmlParserCtxtPtr   ctxt = data;

    (void) name;
    (void) prefix;
    (void) uri;

    x = ctxt->_private;
    x->into = NULL;

    if (x->entry != 0 && x->depth == x->entry) {
        x->entry = 0;
        x->rc = crawl_xml_entry(x);

        if (x->rc == SC_ERROR || crawl_found_full(x->f)) {
            xmlStopParser(ctxt);
        }
    }

    x->depth--;
}


static int
crawl_xml_entry(crawl_xml_t *x)
{
    int              rc;
    char             json[48];
    url_t            url;
    int64_t          seconds;
    sc_str_t         text = { 0, json };
    const sc_buf_t  *ref;

    ref = x->url.len != 0 ? &x->url : &x->other;

    if (x->url.failed == SC_BUF_MEMORY || x->other.failed == SC_BUF_MEMORY
        || x->date.failed == SC_BUF_MEMORY)
    {
        return SC_ERROR;
    }

    if (ref->failed || ref->len == 0) {
        return SC_DECLINED;
    }

    rc = crawl_found_url(x->f, ref->data, ref->len, &url);

    if (rc != SC_OK) {
        return rc;
    }

    if (x->date.len != 0 && !x->date.failed
        && crawl_date(x->date.data, &seconds) == SC_OK)
    {
        text.len = (size_t) snprintf(json, sizeof(json), "{\"lastmod\":%lld}",
                                     (long long) seconds);
    }

    if (x->format->kind == 'i'
        || crawl_scope_check(x->f->scope, &url, x->f->now) == CRAWL_IN)
    {
        rc = crawl_found_line(x->f, x->format->kind, &url, text);
    }

    url_free(&url);

    return rc;
}
