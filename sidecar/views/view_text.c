
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/page/dom.h"
#include "sidecar/views/view_main.h"
#include "sidecar/views/view_text.h"


#define VIEW_TEXT_BLANK  " \t\n\f\r"


/*
 * What innerText calls required line breaks is kept back until there is text
 * for both sides of it, and so are white space and the tabs between cells.
 *
 * text    what has been written
 * breaks  line breaks wanted before what comes next
 * tabs    tabs wanted then
 * pre     elements around that keep white space
 * space   white space was met
 * begun   something stands on the line that is being written
 * row     something stands in the row of a table that is being written
 */
typedef struct {
    sc_buf_t  text;
    unsigned  breaks;
    unsigned  tabs;
    unsigned  pre;
    unsigned  space:1;
    unsigned  begun:1;
    unsigned  row:1;
} view_text_t;


static void view_text_walk(view_text_t *t, const xmlNode *root);
static int view_text_enter(view_text_t *t, const xmlNode *node);
static void view_text_leave(view_text_t *t, const xmlNode *node);
static void view_text_break(view_text_t *t, unsigned breaks);
static void view_text_cell(view_text_t *t, const xmlNode *cell);
static void view_text_line(view_text_t *t);
static void view_text_add(view_text_t *t, const xmlNode *node);
static void view_text_pre(view_text_t *t, const xmlNode *node);
static void view_text_put(view_text_t *t, const char *text, size_t len);


int
view_text(const view_t *v, sc_buf_t *out)
{
    size_t       n;
    view_text_t  t;

    memset(&t, 0, sizeof(view_text_t));
    sc_buf_init(&t.text, out->max);

    view_text_walk(&t, (const xmlNode *) v->doc);

    if (t.text.failed) {
        out->failed = 1;

    } else {
        n = t.text.len;

        while (n != 0 && strchr(VIEW_TEXT_BLANK, t.text.data[n - 1]) != NULL) {
            n--;
        }

        (void) sc_json_string(out, n != 0 ? t.text.data : "", n);
    }

    sc_buf_free(&t.text);

    return out->failed ? SC_ERROR : SC_OK;
}


static void
view_text_walk(view_text_t *t, const xmlNode *root)
{
    int             inside;
    const xmlNode  *n;

    n = root->children;

    while (n != NULL && !t->text.failed) {
        inside = view_text_enter(t, n);

        if (inside && n->children != NULL) {
            n = n->children;
            continue;
        }

        if (inside) {
            view_text_leave(t, n);
        }

        while (n->next == NULL && n->parent != root) {
            n = n->parent;
            view_text_leave(t, n);
        }

        n = n->next;
    }
}


/* Whether there is an element to look into, and to leave. */

static int
view_text_enter(view_text_t *t, const xmlNode *node)
{
    const view_tag_t  *tag;

    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        if (t->pre != 0) {
            view_text_pre(t, node);

        } else {
            view_text_add(t, node);
        }

        return 0;
    }

    if (node->type != XML_ELEMENT_NODE) {
        return 0;
    }

    tag = view_tag(node);

    if (view_unseen(node, tag)) {
        return 0;
    }

    switch (tag->kind) {

    case VIEW_BR:
        view_text_line(t);
        break;

    case VIEW_P:
        view_text_break(t, 2);
        break;

    case VIEW_PRE:
        view_text_break(t, 1);
        t->pre++;
        break;

    case VIEW_ROW:
        view_text_break(t, 1);
        t->tabs = 0;
        t->row = 0;
        break;

    default:
        view_text_break(t, (tag->flags & VIEW_BLOCK) != 0);
    }

    return 1;
}


static void
view_text_leave(view_text_t *t, const xmlNode *node)
{
    const view_tag_t  *tag;

    tag = view_tag(node);

    switch (tag->kind) {

    case VIEW_P:
        view_text_break(t, 2);
        break;

    case VIEW_PRE:
        view_text_break(t, 1);
        t->pre--;
        break;

    case VIEW_CELL:
        view_text_cell(t, node);
        break;

    case VIEW_ROW:
        t->tabs = 0;
        view_text_break(t, 1);
        break;

    default:
        view_text_break(t, (tag->flags & VIEW_BLOCK) != 0);
    }
}


/* A block that begins a cell is beside the cell before it. */

static void
view_text_break(view_text_t *t, unsigned breaks)
{
    if (breaks == 0) {
        return;
    }

    t->space = 0;

    if (t->tabs == 0 && breaks > t->breaks) {
        t->breaks = breaks;
    }
}


/* The blocks of a cell are parted from each other, not from the next cell. */

static void
view_text_cell(view_text_t *t, const xmlNode *cell)
{
    const xmlNode  *n;

    t->space = 0;

    for (n = cell->next; n != NULL; n = n->next) {
        if (n->type == XML_ELEMENT_NODE) {
            break;
        }
    }

    if (n == NULL) {
        return;
    }

    if (t->row) {
        t->breaks = 0;
    }

    t->tabs++;
}


/* The end of a line here is the first of the breaks a block wants. */

static void
view_text_line(view_text_t *t)
{
    t->space = 0;

    if (t->text.len != 0) {
        view_text_put(t, "\n", 1);
    }
}


static void
view_text_add(view_text_t *t, const xmlNode *node)
{
    size_t       n;
    const char  *p = (const char *) node->content;

    while (p != NULL && *p != '\0') {
        n = strspn(p, VIEW_TEXT_BLANK);

        if (n != 0) {
            t->space = 1;
            p += n;
        }

        n = strcspn(p, VIEW_TEXT_BLANK);

        if (n != 0) {
            view_text_put(t, p, n);
            p += n;
        }
    }
}


/*
 * The first line break is the tag's, not the text's; what is a line break
 * to HTML's preprocessing is one here (HTML Standard, 13.2.3.5).
 */

static void
view_text_pre(view_text_t *t, const xmlNode *node)
{
    size_t       n;
    const char  *p = (const char *) node->content;

    if (p == NULL) {
        return;
    }

    if (node->prev == NULL && view_tag(node->parent)->kind == VIEW_PRE) {
        p += (*p == '\r');
        p += (*p == '\n');
    }

    while (*p != '\0') {
        n = strcspn(p, "\r");

        if (n != 0) {
            view_text_put(t, p, n);
            p += n;

        } else {
            view_text_put(t, "\n", 1);
            p += (p[1] == '\n') ? 2 : 1;
        }
    }
}


static void
view_text_put(view_text_t *t, const char *text, size_t len)
{
    unsigned  i;

    if (t->text.len != 0) {
        for (i = t->begun ? 0 : 1; i < t->breaks; i++) {
            (void) sc_buf_add(&t->text, "\n", 1);
        }
    }

    if (t->tabs != 0) {
        for (i = 0; i < t->tabs; i++) {
            (void) sc_buf_add(&t->text, "\t", 1);
        }

    } else if (t->space && t->begun && t->breaks == 0) {
        (void) sc_buf_add(&t->text, " ", 1);
    }

    (void) sc_buf_add(&t->text, text, len);

    t->breaks = 0;
    t->tabs = 0;
    t->space = 0;
    t->begun = (text[len - 1] != '\n');
    t->row = 1;
}
