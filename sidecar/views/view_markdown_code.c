
#include <ctype.h>
#include <string.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_markdown_internal.h"


/* the name of a language in a class is at most so long */
#define VIEW_MD_LANGUAGE  32


static int view_md_code_text(view_md_t *m, const xmlNode *root);
static void view_md_pre_text(view_md_t *m, const xmlNode *root);
static void view_md_pre_add(sc_buf_t *out, const char *p);
static size_t view_md_ticks(const sc_buf_t *text);
static void view_md_fence(sc_buf_t *out, size_t ticks);
static const char *view_md_language(const xmlNode *node, size_t *len);


int
view_md_code(view_md_t *m, const xmlNode *node)
{
    size_t       i, ticks, plain;
    const char  *p;

    if (m->code != NULL) {
        return 0;
    }

    if (!view_md_code_text(m, node)) {
        m->code = node;
        return 0;
    }

    if (m->line.len == 0) {
        return 1;
    }

    ticks = view_md_ticks(&m->line) + 1;
    p = m->line.data;

    view_md_raw(m, "", 0);

    if (m->text.len != 0 && m->text.data[m->text.len - 1] == '`') {
        (void) sc_buf_add_cstr(&m->text, " ");
    }

    view_md_fence(&m->text, ticks);

    if (p[0] == '`' || p[m->line.len - 1] == '`') {
        (void) sc_buf_add_cstr(&m->text, " ");
    }

    plain = 0;

    for (i = 0; m->table != NULL && i < m->line.len; i++) {
        if (p[i] == '|') {
            (void) sc_buf_add(&m->text, p + plain, i - plain);
            (void) sc_buf_add_cstr(&m->text, "\\");
            plain = i;
        }
    }

    (void) sc_buf_add(&m->text, p + plain, m->line.len - plain);

    if (p[0] == '`' || p[m->line.len - 1] == '`') {
        (void) sc_buf_add_cstr(&m->text, " ");
    }

    view_md_fence(&m->text, ticks);

    return 1;
}


void
view_md_fenced(view_md_t *m, const xmlNode *node)
{
    size_t       n, ticks;
    const char  *p, *end, *language;

    view_md_clear(&m->line);
    view_md_pre_text(m, node);

    n = m->line.len;

    while (n != 0 && strchr(VIEW_MD_BLANK, m->line.data[n - 1]) != NULL) {
        n--;
    }

    if (n == 0) {
        return;
    }

    m->line.len = n;
    m->line.data[n] = '\0';

    ticks = view_md_ticks(&m->line);
    ticks = (ticks < 3) ? 3 : ticks + 1;

    view_md_begin(m, 0);
    view_md_fence(&m->out, ticks);

    language = view_md_language(node, &n);
    (void) sc_buf_add(&m->out, language, n);

    for (p = m->line.data; p != NULL; p = end) {
        end = strchr(p, '\n');
        n = (end != NULL) ? (size_t) (end - p) : strlen(p);

        view_md_newline(m, n == 0);
        (void) sc_buf_add(&m->out, p, n);

        if (end != NULL) {
            end++;
        }
    }

    view_md_newline(m, 0);
    view_md_fence(&m->out, ticks);
}


/*
 * The text in m->line, on one line.  Not of an element that has more in it
 * than text: a reader would lose it.
 */

static int
view_md_code_text(view_md_t *m, const xmlNode *root)
{
    size_t             len;
    unsigned           space;
    const char        *p;
    const xmlNode     *n;
    const view_tag_t  *tag;

    view_md_clear(&m->line);
    space = 0;

    for (n = dom_next(root, root); n != NULL; n = dom_next(n, root)) {

        if (n->type == XML_ELEMENT_NODE) {
            tag = view_tag(n);

            if ((tag->flags & (VIEW_BLOCK|VIEW_UNSEEN|VIEW_CONTROL))
                || tag->kind == VIEW_BR || tag->kind == VIEW_CELL
                || tag->kind == VIEW_IMG)
            {
                return 0;
            }
        }

        if (n->type != XML_TEXT_NODE || n->content == NULL) {
            continue;
        }

        for (p = (const char *) n->content; *p != '\0'; p += len) {
            len = view_md_blank(p);

            if (len != 0) {
                space = 1;
                continue;
            }

            len = view_md_word(p);

            if (space && m->line.len != 0) {
                (void) sc_buf_add_cstr(&m->line, " ");
            }

            space = 0;
            (void) sc_buf_add(&m->line, p, len);
        }
    }

    return 1;
}


/* The text in m->line as it is written, without empty lines before it. */

static void
view_md_pre_text(view_md_t *m, const xmlNode *root)
{
    const xmlNode     *n;
    const view_tag_t  *tag;

    n = dom_next(root, root);

    while (n != NULL) {

        if (n->type == XML_ELEMENT_NODE) {
            tag = view_tag(n);

            if (view_unseen(n, tag)) {
                n = dom_after(n, root);
                continue;
            }

            if (tag->kind == VIEW_BR
                || ((tag->flags & VIEW_BLOCK) && m->line.len != 0
                    && m->line.data[m->line.len - 1] != '\n'))
            {
                (void) sc_buf_add_cstr(&m->line, "\n");
            }
        }

        if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE)
            && n->content != NULL)
        {
            view_md_pre_add(&m->line, (const char *) n->content);
        }

        n = dom_next(n, root);
    }
}


/* What is a line break to HTML's preprocessing is one here. */

static void
view_md_pre_add(sc_buf_t *out, const char *p)
{
    size_t  n;

    if (out->len == 0) {
        p += strspn(p, "\r\n");
    }

    while (*p != '\0') {
        n = strcspn(p, "\r");
        (void) sc_buf_add(out, p, n);
        p += n;

        if (*p == '\r') {
            (void) sc_buf_add_cstr(out, "\n");
            p += (p[1] == '\n') ? 2 : 1;
        }
    }
}


/* The longest run of back-ticks. */

static size_t
view_md_ticks(const sc_buf_t *text)
{
    size_t  i, run, longest;

    run = 0;
    longest = 0;

    for (i = 0; i < text->len; i++) {
        run = (text->data[i] == '`') ? run + 1 : 0;

        if (run > longest) {
            longest = run;
        }
    }

    return longest;
}


static void
view_md_fence(sc_buf_t *out, size_t ticks)
{
    char  *p;

    p = sc_buf_reserve(out, ticks);

    if (p != NULL) {
        memset(p, '`', ticks);
        out->len += ticks;
    }
}


/* What HTML proposes: the word behind "language-" in the class of <code>. */

static const char *
view_md_language(const xmlNode *node, size_t *len)
{
    size_t          i, n;
    const char     *class;
    const xmlNode  *at[2];

    at[0] = node;
    at[1] = node->children;

    while (at[1] != NULL && at[1]->type != XML_ELEMENT_NODE) {
        at[1] = at[1]->next;
    }

    for (i = 0; i < 2; i++) {
        class = (at[i] != NULL) ? dom_attr(at[i], "class") : NULL;
        class = (class != NULL) ? strstr(class, "lang") : NULL;

        if (class == NULL) {
            continue;
        }

        class += (strncmp(class, "language", 8) == 0) ? 8 : 4;

        if (*class++ != '-') {
            continue;
        }

        for (n = 0; isalnum((unsigned char) class[n])
                    || (class[n] != '\0' && strchr("+-#._", class[n]) != NULL);
             n++)
        {
            /* to the end of the name */
        }

        if (n != 0 && n <= VIEW_MD_LANGUAGE) {
            *len = n;
            return class;
        }
    }

    *len = 0;

    return "";
}
