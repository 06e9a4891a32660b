
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLtree.h>

#include "sidecar/page/arena.h"
#include "sidecar/page/charset.h"
#include "sidecar/page/page_internal.h"


#define PAGE_BLANK   " \t\r\n"

/* how much of a page without a content type is looked at */
#define PAGE_SNIFF   1024


static page_parser_t page_kind(const page_t *page);
static page_parser_t page_kind_type(const char *type, size_t len);
static page_parser_t page_kind_content(sc_str_t body);
static int page_ends(const char *s, size_t len, const char *end);
static int page_parse(page_t *page);
static void page_cut(char *detail);


int
page_open(page_t *page)
{
    charset_t  cs;

    page->kind = page_kind(page);
    page->text.data = NULL;
    page->text.len = 0;
    page->doc = NULL;
    page->refreshes = 0;
    page->detail[0] = '\0';
    sc_buf_init(&page->space, 0);

    if (page->kind == PAGE_XML) {
        charset_detect_xml(page->body, page->content_type, &cs);

    } else if (page->kind == PAGE_JSON) {
        charset_detect_text(page->body, page->content_type, &cs);

    } else {
        charset_detect(page->body, page->content_type, &cs);
    }

    page->charset = cs.name;
    page->charset_from = cs.from;

    if (charset_decode(cs.name, page->body, &page->space, &page->text)
        != SC_OK)
    {
        return page_fail(page, PAGE_NO_MEMORY);
    }

    return page_parse(page);
}


void
page_close(page_t *page)
{
    if (!arena_active()) {
        xmlFreeDoc(page->doc);
    }

    page->doc = NULL;
    sc_buf_free(&page->space);
}


int
page_empty(page_t *page)
{
    page->doc = htmlNewDocNoDtD(NULL, NULL);

    return page->doc != NULL ? SC_OK : page_fail(page, PAGE_TOO_MUCH);
}


int
page_fail(page_t *page, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(page->detail, sizeof(page->detail), fmt, args);
    va_end(args);

    page_cut(page->detail);

    return SC_ERROR;
}


static page_parser_t
page_kind(const page_t *page)
{
    size_t          len;
    const char     *type;
    page_parser_t   kind;

    if (page->parser != PAGE_AUTO) {
        return page->parser;
    }

    type = page->content_type + strspn(page->content_type, PAGE_BLANK);
    len = strcspn(type, ";" PAGE_BLANK);

    kind = (len != 0) ? page_kind_type(type, len)
                      : page_kind_content(page->body);

    if (kind != PAGE_HTML) {
        return kind;
    }

    return page->html == PAGE_HTML5 ? PAGE_HTML5 : PAGE_HTML;
}


static page_parser_t
page_kind_type(const char *type, size_t len)
{
    if (page_ends(type, len, "+json")
        || (len == 16 && strncasecmp(type, "application/json", 16) == 0))
    {
        return PAGE_JSON;
    }

    if (len == 21 && strncasecmp(type, "application/xhtml+xml", 21) == 0) {
        return PAGE_HTML;
    }

    if (page_ends(type, len, "+xml")
        || (len == 8 && strncasecmp(type, "text/xml", 8) == 0)
        || (len == 15 && strncasecmp(type, "application/xml", 15) == 0))
    {
        return PAGE_XML;
    }

    return PAGE_HTML;
}


/* An XML declaration may stand before XHTML, which is HTML here. */

static page_parser_t
page_kind_content(sc_str_t body)
{
    size_t  i, n;

    if (body.len >= 3 && memcmp(body.data, "\xef\xbb\xbf", 3) == 0) {
        body.data += 3;
        body.len -= 3;
    }

    n = body.len < PAGE_SNIFF ? body.len : PAGE_SNIFF;

    if (n >= 5 && memcmp(body.data, "<?xml", 5) == 0) {
        for (i = 5; i + 5 <= n; i++) {
            if (strncasecmp(body.data + i, "<html", 5) == 0
                || strncasecmp(body.data + i, "<!doc", 5) == 0)
            {
                return PAGE_HTML;
            }
        }

        return PAGE_XML;
    }

    for (i = 0; i < n && strchr(PAGE_BLANK, body.data[i]) != NULL; i++) {
        /* void */
    }

    return i < n && (body.data[i] == '{' || body.data[i] == '[')
           ? PAGE_JSON : PAGE_HTML;
}


static int
page_ends(const char *s, size_t len, const char *end)
{
    size_t  n;

    n = strlen(end);

    return len > n && strncasecmp(s + len - n, end, n) == 0;
}


static int
page_parse(page_t *page)
{
    int  rc;

    if (page->text.len > INT_MAX) {
        return page_fail(page, "the page is too large");
    }

    rc = SC_OK;

    if (page->kind == PAGE_XML) {
        rc = page_xml(page);

    } else if (page->kind == PAGE_HTML5 && page->text.len != 0) {
        rc = page_html5(page);

    } else if (page->kind == PAGE_HTML && page->text.len != 0) {
        rc = page_html(page);
    }

    if (rc == SC_OK && page->doc == NULL) {
        rc = page_empty(page);
    }

    return rc;
}


/* A sentence cut for want of room ends with a whole character. */

static void
page_cut(char *detail)
{
    detail[charset_valid(detail, strlen(detail))] = '\0';
}
