
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "sidecar/page/dom.h"
#include "sidecar/url/url.h"
#include "sidecar/views/view_value.h"


#define VIEW_SPACE  " \t\n\f\r"

/* how much longer a text may be than what is left of it, collapsed */
#define VIEW_SPARE  4


void
view_value_collapse(sc_buf_t *out, size_t start, const char *text, size_t len)
{
    char        *w;
    unsigned     space;
    const char  *end;

    w = sc_buf_reserve(out, len);
    if (w == NULL) {
        return;
    }

    space = (out->len == start || w[-1] == ' ');

    for (end = text + len; text < end; text++) {
        if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n') {
            if (!space) {
                *w++ = ' ';
                space = 1;
            }

        } else {
            *w++ = *text;
            space = 0;
        }
    }

    *w = '\0';
    out->len = (size_t) (w - out->data);
}


void
view_value_trim(sc_buf_t *out, size_t start)
{
    if (out->len > start && out->data[out->len - 1] == ' ') {
        out->data[--out->len] = '\0';
    }
}


size_t
view_value_len(const char *text, size_t max)
{
    size_t  len;

    len = strnlen(text, max);

    if (text[len] != '\0') {
        while (len > 0 && ((unsigned char) text[len] & 0xc0) == 0x80) {
            len--;
        }
    }

    return len;
}


size_t
view_value_text(sc_buf_t *out, const xmlNode *node, size_t max, size_t nodes)
{
    size_t          seen, start, most;
    const char     *text;
    const xmlNode  *n;

    seen = 0;
    start = out->len;

    /* elements in one another share a text, which may be the whole page */
    most = max < SIZE_MAX / VIEW_SPARE ? max * VIEW_SPARE : max;

    for (n = dom_next(node, node); n != NULL; n = dom_next(n, node)) {
        if (seen++ == nodes || out->len - start > max) {
            break;
        }

        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
            && n->content != NULL)
        {
            text = (const char *) n->content;
            view_value_collapse(out, start, text, view_value_len(text, most));
        }
    }

    if (out->len - start > max) {
        out->len = start + view_value_len(out->data + start, max);
        out->data[out->len] = '\0';
    }

    view_value_trim(out, start);

    return seen;
}


int
view_value_url(const view_t *v, const char *ref, sc_buf_t *out)
{
    int     rc;
    size_t  start;

    ref += strspn(ref, VIEW_SPACE);

    if (*ref == '\0' || strnlen(ref, URL_MAX + 1) > URL_MAX) {
        return SC_DECLINED;
    }

    start = out->len;

    rc = url_resolve(v->base, ref, strlen(ref), out);

    if (rc == SC_OK && out->len - start > URL_MAX) {
        out->data[start] = '\0';
        out->len = start;
        return SC_DECLINED;
    }

    return rc;
}


int
view_value_is_http(const char *url)
{
    if (strncasecmp(url, "http", 4) != 0) {
        return 0;
    }

    url += 4;

    if (*url == 's' || *url == 'S') {
        url++;
    }

    return strncmp(url, "://", 3) == 0 && url[3] != '\0'
           && strchr("/?#:", url[3]) == NULL;
}


size_t
view_value_token(const char **p)
{
    *p += strspn(*p, VIEW_SPACE);

    return strcspn(*p, VIEW_SPACE);
}


int
view_value_has(const char *list, const char *token)
{
    size_t  n, len;

    if (list == NULL) {
        return 0;
    }

    len = strlen(token);

    while ((n = view_value_token(&list)) != 0) {
        if (n == len && strncasecmp(list, token, n) == 0) {
            return 1;
        }

        list += n;
    }

    return 0;
}


void
view_value_tokens(sc_buf_t *out, const char *list)
{
    size_t       n;
    const char  *comma;

    comma = "";
    sc_buf_add_cstr(out, "[");

    while (list != NULL && (n = view_value_token(&list)) != 0) {
        sc_buf_add_cstr(out, comma);
        sc_json_string(out, list, n);

        comma = ",";
        list += n;
    }

    sc_buf_add_cstr(out, "]");
}


void
view_value_string(sc_buf_t *out, sc_buf_t *text)
{
    if (text->failed) {
        out->failed = 1;
    }

    sc_json_string(out, text->len != 0 ? text->data : "", text->len);
    sc_buf_reset(text);
}
