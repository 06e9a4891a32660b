
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/url/url.h"
#include "sidecar/views/view_markdown_internal.h"


static int view_md_is_dot(const xmlNode *node, const char *name);
static void view_md_destination(view_md_t *m);


int
view_md_url(view_md_t *m, const char *ref, int image)
{
    int          rc;
    size_t       i, n;
    static const char  *schemes[] = { "http://", "https://", "mailto:" };

    n = strlen(ref);

    if (n > URL_MAX || strncasecmp(ref, "javascript:", 11) == 0) {
        return 0;
    }

    view_md_clear(&m->url);
    rc = url_resolve(m->view->base, ref, n, &m->url);

    if (rc != SC_OK || m->url.len > URL_MAX) {
        m->out.failed |= (rc == SC_ERROR);
        return 0;
    }

    for (i = 0; i < (image ? 2 : 3); i++) {
        if (strncasecmp(m->url.data, schemes[i], strlen(schemes[i])) == 0) {
            return 1;
        }
    }

    return 0;
}


void
view_md_link(view_md_t *m, const xmlNode *node)
{
    const char  *href;

    href = dom_attr(node, "href");

    if (href != NULL && view_md_url(m, href, 0)) {
        view_md_open(m, node, VIEW_MD_LINK);
    }
}


/* The sign at the end of a heading that links to the heading itself. */

int
view_md_is_anchor(const view_md_t *m, const xmlNode *node)
{
    size_t          i, n;
    const char     *href, *p;
    const xmlNode  *text;

    href = (m->heading != NULL) ? dom_attr(node, "href") : NULL;
    text = node->children;

    if (href == NULL || href[0] != '#' || text == NULL
        || text->type != XML_TEXT_NODE || text->next != NULL)
    {
        return 0;
    }

    p = (const char *) text->content;
    p += strspn(p, VIEW_MD_BLANK);
    n = strcspn(p, VIEW_MD_BLANK);

    for (i = 0; i < n; i++) {
        if (strchr("#\xc2\xb6\xa7", p[i]) == NULL) {
            return 0;
        }
    }

    return p[n] == '\0';
}


void
view_md_target(view_md_t *m, const xmlNode *node)
{
    const char  *href;

    href = dom_attr(node, "href");

    (void) sc_buf_add_cstr(&m->text, "](");

    if (href != NULL && view_md_url(m, href, 0)) {
        view_md_destination(m);
    }

    (void) sc_buf_add_cstr(&m->text, ")");
}


/* Pages that load images late have the real one in another attribute. */

void
view_md_image(view_md_t *m, const xmlNode *node)
{
    const char  *alt, *src;

    if (view_md_is_dot(node, "width") || view_md_is_dot(node, "height")) {
        return;
    }

    src = dom_attr(node, "src");

    if (src == NULL || *src == '\0' || !view_md_url(m, src, 1)) {
        src = dom_attr(node, "data-src");

        if (src == NULL || *src == '\0' || !view_md_url(m, src, 1)) {
            return;
        }
    }

    alt = dom_attr(node, "alt");

    view_md_raw(m, "![", 2);

    if (alt != NULL) {
        view_md_words(m, alt);
    }

    (void) view_md_url(m, src, 1);
    (void) sc_buf_add_cstr(&m->text, "](");
    view_md_destination(m);
    (void) sc_buf_add_cstr(&m->text, ")");
}


/* One pixel is not there to be seen. */

static int
view_md_is_dot(const xmlNode *node, const char *name)
{
    const char  *value;

    value = dom_attr(node, name);

    return value != NULL && (value[0] == '0' || value[0] == '1')
           && (value[1] == '\0' || strcmp(value + 1, "px") == 0);
}


/* What ends a destination or would be read as an escape is escaped. */

static void
view_md_destination(view_md_t *m)
{
    size_t       i, plain;
    const char  *p = m->url.data;

    plain = 0;

    for (i = 0; i < m->url.len; i++) {
        if ((unsigned char) p[i] > ' ' && p[i] != 0x7f
            && strchr("()\\<>&|", p[i]) == NULL)
        {
            continue;
        }

        if (p[i] == '&' && memchr(p + i, ';', m->url.len - i) == NULL) {
            continue;
        }

        (void) sc_buf_add(&m->text, p + plain, i - plain);
        plain = i;

        if ((unsigned char) p[i] <= ' ' || p[i] == 0x7f || p[i] == '|') {
            (void) sc_buf_printf(&m->text, "%%%02X", (unsigned char) p[i]);
            plain++;

        } else {
            (void) sc_buf_add_cstr(&m->text, "\\");
        }
    }

    (void) sc_buf_add(&m->text, p + plain, m->url.len - plain);
}
