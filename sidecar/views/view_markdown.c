
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_markdown_internal.h"


/* what is looked at to tell a notice or a form from content: text in bytes */
#define VIEW_MD_NOTICE_TEXT   3000
#define VIEW_MD_FORM_TEXT     1500
#define VIEW_MD_LOOK_NODES    300

/* how far up a header's article is looked for, in elements */
#define VIEW_MD_HEADER_LEVELS  16


static void view_md_page(view_md_t *m);
static int view_md_enter(view_md_t *m, const xmlNode *node);
static int view_md_skips(const view_md_t *m, const xmlNode *node,
    const view_tag_t *tag);
static int view_md_skips_header(const view_md_t *m, const xmlNode *node);
static int view_md_skips_words(const xmlNode *node);
static size_t view_md_look(const xmlNode *root, size_t max, size_t *links);
static int view_md_element(view_md_t *m, const xmlNode *node,
    const view_tag_t *tag);
static int view_md_inline(view_md_t *m, const xmlNode *node,
    const view_tag_t *tag);
static int view_md_in_table(view_md_t *m, const xmlNode *node,
    view_kind_t kind);
static void view_md_enter_heading(view_md_t *m, const xmlNode *node);
static void view_md_enter_term(view_md_t *m, const xmlNode *node,
    view_kind_t kind);
static void view_md_break(view_md_t *m);
static void view_md_leave(view_md_t *m, const xmlNode *node);
static void view_md_leave_block(view_md_t *m, const xmlNode *node,
    const view_tag_t *tag);


/* A page that has nothing but navigation is not empty. */

int
view_markdown(const view_t *v, sc_buf_t *out)
{
    view_md_t  m;

    memset(&m, 0, sizeof(view_md_t));
    m.view = v;
    sc_buf_init(&m.out, out->max);
    sc_buf_init(&m.text, out->max);
    sc_buf_init(&m.line, out->max);
    sc_buf_init(&m.row, out->max);
    sc_buf_init(&m.url, 0);

    m.root = view_main(v);

    if (m.root != NULL) {
        view_md_page(&m);

        if (m.out.len == 0 && !m.out.failed) {
            m.root = view_body(v);
            m.all = 1;
            view_md_page(&m);
        }
    }

    if (m.out.failed || m.text.failed || m.line.failed || m.row.failed
        || m.url.failed)
    {
        out->failed = 1;

    } else {
        (void) sc_json_string(out, m.out.len != 0 ? m.out.data : "",
                              m.out.len);
    }

    free(m.marks);
    sc_buf_free(&m.url);
    sc_buf_free(&m.row);
    sc_buf_free(&m.line);
    sc_buf_free(&m.text);
    sc_buf_free(&m.out);

    return out->failed ? SC_ERROR : SC_OK;
}


static void
view_md_page(view_md_t *m)
{
    int             inside;
    const xmlNode  *n;

    n = m->root->children;

    while (n != NULL && !m->out.failed && !m->text.failed) {
        inside = view_md_enter(m, n);

        if (inside && n->children != NULL) {
            n = n->children;
            continue;
        }

        if (inside) {
            view_md_leave(m, n);
        }

        while (n->next == NULL && n->parent != m->root) {
            n = n->parent;
            view_md_leave(m, n);
        }

        n = n->next;
    }

    view_md_paragraph(m);
}


/* Whether there is an element to look into, and to leave. */

static int
view_md_enter(view_md_t *m, const xmlNode *node)
{
    const view_tag_t  *tag;

    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        if (node->content != NULL) {
            view_md_text(m, (const char *) node->content);
        }

        return 0;
    }

    if (node->type != XML_ELEMENT_NODE) {
        return 0;
    }

    tag = view_tag(node);

    if (view_unseen(node, tag)
        || (!m->all && view_md_skips(m, node, tag)))
    {
        return 0;
    }

    return (tag->flags & VIEW_BLOCK) || tag->kind == VIEW_ROW
           || tag->kind == VIEW_CELL
           ? view_md_element(m, node, tag) : view_md_inline(m, node, tag);
}


static int
view_md_skips(const view_md_t *m, const xmlNode *node, const view_tag_t *tag)
{
    size_t  links;

    if (tag->flags & VIEW_CONTROL) {
        return 1;
    }

    if (tag->kind == VIEW_HEADER) {
        return view_md_skips_header(m, node);
    }

    if (view_beside(node, tag)) {
        return 1;
    }

    if (tag->kind == VIEW_FORM
        && view_md_look(node, VIEW_MD_FORM_TEXT, &links) <= VIEW_MD_FORM_TEXT)
    {
        return 1;
    }

    return (tag->flags & VIEW_BLOCK) && view_md_skips_words(node);
}


/* The header of a page, not that of an article or of a part of it. */

static int
view_md_skips_header(const view_md_t *m, const xmlNode *node)
{
    int                i;
    const xmlNode     *n;
    const view_tag_t  *tag;

    n = node->parent;

    for (i = 0; i < VIEW_MD_HEADER_LEVELS && n != NULL; i++) {
        tag = view_tag(n);

        if (tag->kind == VIEW_ARTICLE || tag->kind == VIEW_MAIN) {
            return 0;
        }

        if (n == m->root) {
            break;
        }

        n = n->parent;
    }

    return view_tag(m->root)->kind == VIEW_BODY;
}


/* Words alone may be wrong: a notice is short, and bars are full of links. */

static int
view_md_skips_words(const xmlNode *node)
{
    size_t    text, links;
    unsigned  words;

    words = view_words(node);

    if (words & VIEW_WORD_NOTICE) {
        return view_md_look(node, VIEW_MD_NOTICE_TEXT, &links)
               <= VIEW_MD_NOTICE_TEXT;
    }

    if ((words & VIEW_WORD_BESIDE) && !(words & VIEW_WORD_CONTENT)) {
        text = view_md_look(node, VIEW_MD_NOTICE_TEXT, &links);

        return text <= VIEW_MD_NOTICE_TEXT && 2 * links >= text;
    }

    return 0;
}


/* Bytes of text in an element, and in its links; max + 1 for more. */

static size_t
view_md_look(const xmlNode *root, size_t max, size_t *links)
{
    size_t          text, i;
    const char     *p;
    const xmlNode  *n, *link;

    text = 0;
    link = NULL;
    *links = 0;
    n = dom_next(root, root);

    for (i = 0; n != NULL; i++) {
        if (i == VIEW_MD_LOOK_NODES) {
            return max + 1;
        }

        if (dom_is(n, "a")) {
            link = n;
        }

        if (n->type == XML_TEXT_NODE && n->content != NULL) {
            for (p = (const char *) n->content; *p != '\0'; p++) {
                if ((unsigned char) *p > ' ') {
                    *links += (link != NULL && n->parent == link);

                    if (++text > max) {
                        return text;
                    }
                }
            }
        }

        n = dom_is(n, "script") || dom_is(n, "style") ? dom_after(n, root)
                                                      : dom_next(n, root);
    }

    return text;
}


static int
view_md_inline(view_md_t *m, const xmlNode *node, const view_tag_t *tag)
{
    switch (tag->kind) {

    case VIEW_A:
        if (view_md_is_anchor(m, node)) {
            return 0;
        }

        view_md_link(m, node);
        break;

    case VIEW_BR:
        view_md_br(m);
        break;

    case VIEW_CODE:
        return !view_md_code(m, node);

    case VIEW_DEL:
        view_md_open(m, node, VIEW_MD_DEL);
        break;

    case VIEW_EM:
        view_md_open(m, node, VIEW_MD_EM);
        break;

    case VIEW_IMG:
        view_md_image(m, node);
        break;

    case VIEW_Q:
        view_md_text(m, "“");
        break;

    case VIEW_STRONG:
        view_md_open(m, node, VIEW_MD_STRONG);
        break;

    default:
        break;
    }

    return 1;
}


static int
view_md_element(view_md_t *m, const xmlNode *node, const view_tag_t *tag)
{
    if (m->table != NULL || tag->kind == VIEW_CELL) {
        return view_md_in_table(m, node, tag->kind);
    }

    view_md_break(m);

    if (m->heading != NULL) {
        return 1;
    }

    switch (tag->kind) {

    case VIEW_H1:
    case VIEW_H2:
    case VIEW_H3:
    case VIEW_H4:
    case VIEW_H5:
    case VIEW_H6:
        view_md_enter_heading(m, node);
        break;

    case VIEW_DD:
    case VIEW_DT:
        view_md_enter_term(m, node, tag->kind);
        break;

    case VIEW_HR:
        view_md_rule(m);
        break;

    case VIEW_LI:
    case VIEW_OL:
    case VIEW_QUOTE:
    case VIEW_UL:
        view_md_push(m, node, tag->kind);
        break;

    case VIEW_PRE:
        view_md_fenced(m, node);
        return 0;

    case VIEW_TABLE:
        view_md_table(m, node);
        break;

    default:
        break;
    }

    return 1;
}


/* The cells of a table that lays out text are parted by a space. */

static int
view_md_in_table(view_md_t *m, const xmlNode *node, view_kind_t kind)
{
    if (m->table != NULL && kind == VIEW_ROW) {
        view_md_row(m);

    } else if (m->table != NULL && kind == VIEW_CELL) {
        view_md_cell(m, node);

    } else {
        m->space = 1;
    }

    return 1;
}


/*
 * A heading that has blocks of other kinds in it, such as one that nobody
 * closed, is none.  The search ends at the next heading: it is not repeated.
 */

static void
view_md_enter_heading(view_md_t *m, const xmlNode *node)
{
    view_kind_t     kind;
    const xmlNode  *n;

    for (n = dom_next(node, node); n != NULL; n = dom_next(n, node)) {
        if (n->type != XML_ELEMENT_NODE) {
            continue;
        }

        kind = view_tag(n)->kind;

        if ((kind >= VIEW_H1 && kind <= VIEW_H6) || kind == VIEW_P
            || kind == VIEW_UL || kind == VIEW_OL || kind == VIEW_TABLE
            || kind == VIEW_PRE || kind == VIEW_QUOTE)
        {
            return;
        }
    }

    m->heading = node;
}


/* libxml2 puts a term or description into the one whose end is left out. */

static void
view_md_enter_term(view_md_t *m, const xmlNode *node, view_kind_t kind)
{
    if (dom_is(node->parent, "dd")) {
        view_md_pop(m, node->parent);

    } else if (dom_is(node->parent, "dt")) {
        view_md_close(m, node->parent);
    }

    if (kind == VIEW_DD) {
        view_md_push(m, node, VIEW_LI);

    } else {
        view_md_open(m, node, VIEW_MD_STRONG);
    }
}


/* A block begins or ends. */

static void
view_md_break(view_md_t *m)
{
    if (m->heading != NULL || m->table != NULL) {
        m->space = 1;

    } else {
        view_md_paragraph(m);
    }
}


static void
view_md_leave(view_md_t *m, const xmlNode *node)
{
    const view_tag_t  *tag;

    tag = view_tag(node);

    if (tag->flags & VIEW_BLOCK) {
        view_md_leave_block(m, node, tag);
        return;
    }

    switch (tag->kind) {

    case VIEW_A:
    case VIEW_DEL:
    case VIEW_EM:
    case VIEW_STRONG:
        view_md_close(m, node);
        break;

    case VIEW_CELL:
        if (m->table != NULL) {
            view_md_cell_end(m);
        }

        break;

    case VIEW_CODE:
        if (m->code == node) {
            m->code = NULL;
        }

        break;

    case VIEW_Q:
        m->space = 0;
        view_md_text(m, "”");
        break;

    case VIEW_ROW:
        if (m->table != NULL) {
            view_md_row_end(m, node);

        } else {
            view_md_break(m);
        }

        break;

    default:
        break;
    }
}


static void
view_md_leave_block(view_md_t *m, const xmlNode *node, const view_tag_t *tag)
{
    if (node == m->heading) {
        view_md_heading(m, (unsigned) (tag->kind - VIEW_H1) + 1);
        m->heading = NULL;
        return;
    }

    if (node == m->table) {
        m->table = NULL;
    }

    if (tag->kind == VIEW_CAPTION && m->table != NULL && m->rows == 0) {
        view_md_paragraph(m);
        return;
    }

    view_md_break(m);
    view_md_close(m, node);
    view_md_pop(m, node);
}
