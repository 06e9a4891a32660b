
#include <string.h>
#include <strings.h>

#include "sidecar/page/page_internal.h"


/*
 * Gumbo forgets to end the text before </form>, which then lands outside of
 * the form.  A comment ends it: one is put there, which becomes no node.
 * Where the same letters are no end tag, it is taken out of the string again.
 */

int
page_html5_mark(sc_str_t text, sc_buf_t *out)
{
    const char  *p, *done, *end;

    if (memchr(text.data, PAGE_HTML5_TOLD, text.len) != NULL) {
        return SC_DECLINED;
    }

    done = text.data;
    end = text.data + text.len;

    for (p = done; (p = memchr(p, '<', (size_t) (end - p))) != NULL; p++) {
        if (end - p > 6 && p[1] == '/' && strncasecmp(p, "</form", 6) == 0) {
            sc_buf_add(out, done, (size_t) (p - done));
            sc_buf_add_cstr(out, PAGE_HTML5_MARK);
            done = p;
        }
    }

    if (done == text.data) {
        return SC_DECLINED;
    }

    return sc_buf_add(out, done, (size_t) (end - done));
}


int
page_html5_is_mark(const GumboNode *node)
{
    return node->type == GUMBO_NODE_COMMENT
           && node->v.text.text[0] == PAGE_HTML5_MARK[1]
           && node->v.text.text[1] == PAGE_HTML5_MARK[2];
}


void
page_html5_unmark(char *s)
{
    char    *p, *w;
    size_t   n;

    n = strlen(PAGE_HTML5_MARK);
    p = strchr(s, PAGE_HTML5_TOLD);

    if (p == NULL) {
        return;
    }

    w = s;

    while ((p = strstr(s, PAGE_HTML5_MARK)) != NULL) {
        memmove(w, s, (size_t) (p - s));
        w += p - s;
        s = p + n;
    }

    memmove(w, s, strlen(s) + 1);
}
