
#include <limits.h>
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/page/refresh.h"
#include "sidecar/url/url.h"


#define REFRESH_BLANK   " \t\n\f\r"
#define REFRESH_DIGITS  "0123456789"


static int refresh_time(sc_str_t *in, int *delay);
static void refresh_url(sc_str_t *in, sc_str_t *url);
static int refresh_key(sc_str_t *in);
static void refresh_skip(sc_str_t *in, const char *set);
static int refresh_take(sc_str_t *in, char c);
static const xmlNode *refresh_meta(const xmlNode *node, const xmlNode *root);
static int refresh_is_meta(const xmlNode *node);
static int refresh_resolve(const xmlDoc *doc, const char *url, sc_str_t ref,
    sc_buf_t *base, sc_buf_t *out);


int
refresh_parse(sc_str_t content, int *delay, sc_str_t *url)
{
    sc_str_t  in = content;

    url->data = NULL;
    url->len = 0;

    refresh_skip(&in, REFRESH_BLANK);

    if (refresh_time(&in, delay) != SC_OK) {
        return SC_DECLINED;
    }

    if (in.len == 0) {
        return SC_OK;
    }

    if (memchr(";," REFRESH_BLANK, in.data[0], sizeof(";," REFRESH_BLANK) - 1)
        == NULL)
    {
        return SC_DECLINED;
    }

    refresh_skip(&in, REFRESH_BLANK);

    if (!refresh_take(&in, ';')) {
        (void) refresh_take(&in, ',');
    }

    refresh_skip(&in, REFRESH_BLANK);

    if (in.len != 0) {
        refresh_url(&in, url);
    }

    return SC_OK;
}


/* The first that is valid decides, wherever it leads. */

int
refresh_find(const xmlDoc *doc, const char *url, sc_buf_t *out, int *delay)
{
    int             rc;
    sc_buf_t        base;
    sc_str_t        content, ref;
    const xmlNode  *n, *root = (const xmlNode *) doc;

    rc = SC_DECLINED;
    sc_buf_init(&base, 0);

    for (n = refresh_meta(root, root); n != NULL && rc == SC_DECLINED;
         n = refresh_meta(n, root))
    {
        content.data = dom_attr(n, "content");
        content.len = strlen(content.data);

        if (refresh_parse(content, delay, &ref) == SC_OK) {
            rc = refresh_resolve(doc, url, ref, &base, out);
        }
    }

    sc_buf_free(&base);

    return rc;
}


/* Whole seconds; ".5" is none, and what follows a point is not looked at. */

static int
refresh_time(sc_str_t *in, int *delay)
{
    size_t     i, n;
    long long  time;

    time = 0;
    n = in->len;

    for (i = 0; i < n && in->data[i] >= '0' && in->data[i] <= '9'; i++) {
        time = time * 10 + (in->data[i] - '0');

        if (time > INT_MAX) {
            time = INT_MAX;
        }
    }

    if (i == 0 && (n == 0 || in->data[0] != '.')) {
        return SC_DECLINED;
    }

    *delay = (int) time;
    refresh_skip(in, REFRESH_DIGITS ".");

    return SC_OK;
}


/* "url=" may be missing, and what only begins like it is the reference. */

static void
refresh_url(sc_str_t *in, sc_str_t *url)
{
    char         quote;
    const char  *end;

    *url = *in;

    if ((in->data[0] == 'u' || in->data[0] == 'U') && !refresh_key(in)) {
        return;
    }

    quote = (in->len != 0) ? in->data[0] : '\0';

    if (quote == '"' || quote == '\'') {
        in->data++;
        in->len--;
        end = memchr(in->data, quote, in->len);

        if (end != NULL) {
            in->len = (size_t) (end - in->data);
        }
    }

    *url = *in;
}


static int
refresh_key(sc_str_t *in)
{
    if (in->len < 3 || strncasecmp(in->data, "url", 3) != 0) {
        return 0;
    }

    in->data += 3;
    in->len -= 3;
    refresh_skip(in, REFRESH_BLANK);

    if (!refresh_take(in, '=')) {
        return 0;
    }

    refresh_skip(in, REFRESH_BLANK);

    return 1;
}


static void
refresh_skip(sc_str_t *in, const char *set)
{
    size_t  n;

    n = strlen(set);

    while (in->len != 0 && memchr(set, in->data[0], n) != NULL) {
        in->data++;
        in->len--;
    }
}


static int
refresh_take(sc_str_t *in, char c)
{
    if (in->len == 0 || in->data[0] != c) {
        return 0;
    }

    in->data++;
    in->len--;

    return 1;
}


/*
 * The next candidate.  What is inside a template is not of the document, and
 * to HTML, unlike to libxml2, what is inside a textarea is text.
 */

static const xmlNode *
refresh_meta(const xmlNode *node, const xmlNode *root)
{
    node = dom_next(node, root);

    while (node != NULL) {

        /* most elements are told by a letter: this is for whole pages */

        switch (node->type == XML_ELEMENT_NODE ? node->name[0] : '\0') {

        case 'm':
            if (refresh_is_meta(node)) {
                return node;
            }

            break;

        case 'n':
        case 't':
            if (dom_is(node, "noscript") || dom_is(node, "template")
                || dom_is(node, "textarea"))
            {
                node = dom_after(node, root);
                continue;
            }

            break;

        default:
            break;
        }

        node = dom_next(node, root);
    }

    return NULL;
}


static int
refresh_is_meta(const xmlNode *node)
{
    const char  *equiv;

    if (!dom_is(node, "meta")) {
        return 0;
    }

    equiv = dom_attr(node, "http-equiv");

    return equiv != NULL && strcasecmp(equiv, "refresh") == 0
           && dom_attr(node, "content") != NULL;
}


static int
refresh_resolve(const xmlDoc *doc, const char *url, sc_str_t ref,
    sc_buf_t *base, sc_buf_t *out)
{
    int     rc;
    size_t  start;

    if (ref.data == NULL) {
        return sc_buf_add_cstr(out, url);
    }

    if (base->len == 0) {
        dom_base(doc, url, base);

        if (base->failed) {
            return SC_ERROR;
        }
    }

    start = out->len;
    rc = url_resolve(base->data, ref.data, ref.len, out);

    if (rc == SC_OK
        && strncasecmp(out->data + start, "javascript:", 11) == 0)
    {
        out->len = start;
        out->data[start] = '\0';
        return SC_DECLINED;
    }

    return rc;
}
