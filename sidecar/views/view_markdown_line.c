
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_markdown_internal.h"


/* numbers of items have at most nine digits */
#define VIEW_MD_NUMBER_MAX  999999999

#define VIEW_MD_NOTHING     ((size_t) -1)


static void view_md_part(view_md_t *m, int pending);
static int view_md_may_follow(const view_md_t *m);
static void view_md_prefix(view_md_t *m, unsigned depth, int blank);
static void view_md_lines(view_md_t *m);
static size_t view_md_start(const char *line);
static int view_md_start_ends(const char *p);
static void view_md_list(view_md_t *m, view_md_frame_t *f);
static void view_md_item(view_md_t *m, view_md_frame_t *f);


void
view_md_paragraph(view_md_t *m)
{
    if (!view_md_finish(m)) {
        return;
    }

    view_md_begin(m, 1);
    view_md_lines(m);
}


/* A run of "#" at the end would be taken for the heading's own. */

void
view_md_heading(view_md_t *m, unsigned level)
{
    size_t  n;

    if (!view_md_finish(m)) {
        return;
    }

    view_md_begin(m, 0);
    (void) sc_buf_add(&m->out, "###### " + (6 - level), level + 1);

    n = m->line.len;

    while (n != 0 && m->line.data[n - 1] == '#') {
        n--;
    }

    if (n != m->line.len && (n == 0 || m->line.data[n - 1] == ' ')) {
        (void) sc_buf_add(&m->out, m->line.data, n);
        (void) sc_buf_add_cstr(&m->out, "\\");
        (void) sc_buf_add(&m->out, m->line.data + n, m->line.len - n);
        return;
    }

    (void) sc_buf_add(&m->out, m->line.data, m->line.len);
}


/* Behind an item's marker hyphens would be part of one long rule. */

void
view_md_rule(view_md_t *m)
{
    unsigned  item;

    view_md_paragraph(m);

    if (m->out.len == 0) {
        return;
    }

    item = (m->depth != 0 && m->frames[m->depth - 1].pending);
    view_md_begin(m, 0);
    (void) sc_buf_add_cstr(&m->out, item ? "___" : "---");
}


void
view_md_begin(view_md_t *m, int paragraph)
{
    unsigned  pending;

    pending = (m->depth != 0 && m->frames[m->depth - 1].pending);

    if (m->out.len != 0) {
        view_md_part(m, pending);
    }

    view_md_prefix(m, m->depth, 0);

    m->common = m->depth;
    m->ended_kind = VIEW_OTHER;
    m->tight = (paragraph && pending);
}


void
view_md_newline(view_md_t *m, int blank)
{
    (void) sc_buf_add_cstr(&m->out, "\n");
    view_md_prefix(m, m->depth, blank);
}


void
view_md_clear(sc_buf_t *b)
{
    int  failed;

    failed = b->failed;
    sc_buf_reset(b);
    b->failed = failed;
}


void
view_md_push(view_md_t *m, const xmlNode *node, view_kind_t kind)
{
    view_md_frame_t  *f;

    if (m->depth == VIEW_MD_DEPTH) {
        return;
    }

    f = &m->frames[m->depth];
    memset(f, 0, sizeof(view_md_frame_t));
    f->node = node;
    f->kind = kind;

    if (kind == VIEW_LI) {
        view_md_item(m, f);

    } else if (kind != VIEW_QUOTE) {
        view_md_list(m, f);
    }

    m->depth++;
}


/* A list that wrote nothing does not keep the next one from its bullet. */

void
view_md_pop(view_md_t *m, const xmlNode *node)
{
    view_md_frame_t  *f;

    if (m->depth == 0 || m->frames[m->depth - 1].node != node) {
        return;
    }

    m->depth--;
    f = &m->frames[m->depth];

    if ((f->kind == VIEW_UL || f->kind == VIEW_OL) && m->common > m->depth) {
        m->ended_depth = m->depth;
        m->ended_kind = f->kind;
        m->ended_bullet = f->bullet;
    }

    if (m->common > m->depth) {
        m->common = m->depth;
    }
}


/* An empty line, which the next item of a list does without. */

static void
view_md_part(view_md_t *m, int pending)
{
    (void) sc_buf_add_cstr(&m->out, "\n");

    if (!m->tight || !pending || !view_md_may_follow(m)) {
        view_md_prefix(m, m->common, 1);
        (void) sc_buf_add_cstr(&m->out, "\n");
    }
}


/*
 * Not a list behind another, for the look of it; and one that begins with
 * another number than 1 cannot follow a paragraph so (CommonMark 5.3).
 */

static int
view_md_may_follow(const view_md_t *m)
{
    unsigned                i;
    const view_md_frame_t  *f;

    for (i = m->common; i < m->depth; i++) {
        f = &m->frames[i];

        if (f->kind == VIEW_QUOTE
            || (f->kind == VIEW_OL && f->first && f->number != 2)
            || (f->kind != VIEW_LI && m->ended_kind != VIEW_OTHER
                && m->ended_depth == i))
        {
            return 0;
        }
    }

    return 1;
}


/* An empty line has no white space at its end. */

static void
view_md_prefix(view_md_t *m, unsigned depth, int blank)
{
    unsigned          i;
    view_md_frame_t  *f;

    if (blank) {
        while (depth != 0 && m->frames[depth - 1].kind != VIEW_QUOTE) {
            depth--;
        }
    }

    for (i = 0; i < depth; i++) {
        f = &m->frames[i];

        if (f->kind == VIEW_QUOTE) {
            (void) sc_buf_add_cstr(&m->out,
                                   blank && i + 1 == depth ? ">" : "> ");

        } else if (f->pending && !blank) {
            (void) sc_buf_add_cstr(&m->out, f->marker);
            f->pending = 0;

            if (i != 0) {
                m->frames[i - 1].first = 0;
            }

        } else {
            (void) sc_buf_printf(&m->out, "%*s", (int) f->width, "");
        }
    }
}


static void
view_md_lines(view_md_t *m)
{
    size_t       n;
    const char  *p, *end;

    p = m->line.data;

    if (m->line.failed) {
        return;
    }

    for ( ;; ) {
        n = view_md_start(p);

        if (n != VIEW_MD_NOTHING) {
            (void) sc_buf_add(&m->out, p, n);
            (void) sc_buf_add_cstr(&m->out, "\\");
            p += n;
        }

        end = strchr(p, '\n');
        if (end == NULL) {
            break;
        }

        (void) sc_buf_add(&m->out, p, (size_t) (end - p));
        view_md_newline(m, 0);
        p = end + 1;
    }

    (void) sc_buf_add_cstr(&m->out, p);
}


/* Where to put a backslash so that the line does not begin a block. */

static size_t
view_md_start(const char *line)
{
    size_t  n;

    switch (line[0]) {

    case '>':
        return 0;

    case '#':
        n = strspn(line, "#");
        return n <= 6 && view_md_start_ends(line + n) ? 0 : VIEW_MD_NOTHING;

    case '+':
    case '-':
        if (view_md_start_ends(line + 1)) {
            return 0;
        }

        /* fall through */

    case '=':
        n = strspn(line, line[0] == '-' ? "- " : "=");
        n += strspn(line + n, " ");
        return line[n] == '\0' || line[n] == '\n' || line[n] == '\\'
               ? 0 : VIEW_MD_NOTHING;

    default:
        n = strspn(line, "0123456789");
        return n != 0 && n <= 9 && (line[n] == '.' || line[n] == ')')
               && view_md_start_ends(line + n + 1) ? n : VIEW_MD_NOTHING;
    }
}


static int
view_md_start_ends(const char *p)
{
    return *p == '\0' || *p == ' ' || *p == '\n'
           || (p[0] == '\\' && p[1] == '\n');
}


/* Two lists of a kind in a row are told apart by their bullets. */

static void
view_md_list(view_md_t *m, view_md_frame_t *f)
{
    char        *end;
    const char  *start;

    f->first = 1;
    f->number = -1;
    f->bullet = '-';

    if (f->kind == VIEW_OL) {
        start = dom_attr(f->node, "start");
        f->number = (start != NULL) ? strtol(start, &end, 10) : 1;

        if (f->number < 0 || f->number > VIEW_MD_NUMBER_MAX
            || (start != NULL && end == start))
        {
            f->number = 1;
        }

        f->bullet = '.';
    }

    if (m->ended_kind == f->kind && m->ended_depth == m->depth) {
        if (f->kind == VIEW_OL) {
            f->bullet = (m->ended_bullet == '.') ? ')' : '.';

        } else {
            f->bullet = (m->ended_bullet == '-') ? '*' : '-';
        }
    }
}


static void
view_md_item(view_md_t *m, view_md_frame_t *f)
{
    view_md_frame_t  *list;

    f->number = -1;
    f->bullet = '-';
    f->pending = 1;

    list = (m->depth != 0) ? f - 1 : NULL;

    if (list != NULL && (list->kind == VIEW_UL || list->kind == VIEW_OL)) {
        f->bullet = list->bullet;
        f->number = list->number;

        if (list->number >= 0 && list->number < VIEW_MD_NUMBER_MAX) {
            list->number++;
        }
    }

    f->width = (unsigned) (f->number < 0
        ? snprintf(f->marker, sizeof(f->marker), "%c ", f->bullet)
        : snprintf(f->marker, sizeof(f->marker), "%ld%c ", f->number,
                   f->bullet));
}
