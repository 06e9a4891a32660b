
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/views/view_markdown_internal.h"


/* what CommonMark makes of a character beside a marker */
typedef enum {
    VIEW_MD_CHAR_SPACE,
    VIEW_MD_CHAR_MARK,      /* punctuation */
    VIEW_MD_CHAR_WORD,
    VIEW_MD_CHAR_EITHER     /* word or punctuation */
} view_md_char_t;


static void view_md_pair(view_md_t *m, size_t open);
static int view_md_star_beside(const view_md_t *m, size_t i);
static view_md_char_t view_md_before(const view_md_t *m, size_t i);
static view_md_char_t view_md_after(const view_md_t *m, size_t i);
static view_md_char_t view_md_char(const char *p, size_t len);
static view_md_char_t view_md_char_wide(const unsigned char *s, size_t len);
static int view_md_flanks(view_md_char_t outside, view_md_char_t inside);


size_t
view_md_mark(view_md_t *m, view_md_format_t format, int opens)
{
    size_t           size;
    view_md_mark_t  *mark;

    if (m->n_marks == m->size_marks) {
        size = (m->size_marks != 0) ? 2 * m->size_marks : 64;
        mark = realloc(m->marks, size * sizeof(view_md_mark_t));
        if (mark == NULL) {
            m->out.failed = 1;
            return 0;
        }

        m->marks = mark;
        m->size_marks = size;
    }

    mark = &m->marks[m->n_marks];
    memset(mark, 0, sizeof(view_md_mark_t));
    mark->at = m->text.len;
    mark->format = format;
    mark->opens = (opens != 0);

    return m->n_marks++;
}


void
view_md_marked(view_md_t *m)
{
    size_t                 i, at;
    const char            *text = m->text.data;
    const view_md_mark_t  *mark;

    for (i = 0; i < m->n_marks; i++) {
        if (m->marks[i].opens && !m->marks[i].gone) {
            view_md_pair(m, i);
        }
    }

    view_md_clear(&m->line);
    at = 0;

    for (i = 0; i < m->n_marks; i++) {
        mark = &m->marks[i];

        if (mark->gone) {
            continue;
        }

        (void) sc_buf_add(&m->line, text + at, mark->at - at);
        at = mark->at;

        switch (mark->format) {

        case VIEW_MD_STRONG:
            (void) sc_buf_add_cstr(&m->line, "**");
            break;

        case VIEW_MD_EM:
            (void) sc_buf_add_cstr(&m->line, mark->star ? "*" : "_");
            break;

        default:
            (void) sc_buf_add_cstr(&m->line, "~~");
        }
    }

    (void) sc_buf_add(&m->line, text + at, m->text.len - at);
}


/*
 * Choose the marker of a pair, or none: a run of markers opens or closes only
 * beside certain characters (CommonMark 6.2), and runs of two elements that
 * touch are taken for one.
 */

static void
view_md_pair(view_md_t *m, size_t open)
{
    size_t           close;
    view_md_char_t   before, after;
    view_md_mark_t  *o, *c;

    o = &m->marks[open];
    close = o->pair;
    c = &m->marks[close];

    before = view_md_before(m, open);
    after = view_md_after(m, close);

    if (!view_md_flanks(before, view_md_after(m, open))
        || !view_md_flanks(after, view_md_before(m, close)))
    {
        o->gone = 1;
        c->gone = 1;
        return;
    }

    if (o->format == VIEW_MD_DEL) {
        return;
    }

    if (o->format == VIEW_MD_EM && before <= VIEW_MD_CHAR_MARK
        && after <= VIEW_MD_CHAR_MARK)
    {
        return;
    }

    o->star = 1;
    c->star = 1;

    if (view_md_star_beside(m, open) || view_md_star_beside(m, close)) {
        o->gone = 1;
        c->gone = 1;
    }
}


/* Whether a marker of stars touches this one. */

static int
view_md_star_beside(const view_md_t *m, size_t i)
{
    size_t                 j;
    const view_md_mark_t  *mark = &m->marks[i];

    for (j = i; j-- != 0 && m->marks[j].at == mark->at; ) {
        if (!m->marks[j].gone && m->marks[j].star) {
            return 1;
        }
    }

    for (j = i + 1; j < m->n_marks && m->marks[j].at == mark->at; j++) {
        if (!m->marks[j].gone && m->marks[j].star) {
            return 1;
        }
    }

    return 0;
}


static view_md_char_t
view_md_before(const view_md_t *m, size_t i)
{
    size_t  j, n, at;

    at = m->marks[i].at;

    for (j = i; j-- != 0 && m->marks[j].at == at; ) {
        if (!m->marks[j].gone) {
            return VIEW_MD_CHAR_MARK;
        }
    }

    n = at;

    while (n != 0 && ((unsigned char) m->text.data[--n] & 0xc0) == 0x80) {
        /* to the first byte of the character */
    }

    return view_md_char(m->text.data + n, at - n);
}


static view_md_char_t
view_md_after(const view_md_t *m, size_t i)
{
    size_t  j, at;

    at = m->marks[i].at;

    for (j = i + 1; j < m->n_marks && m->marks[j].at == at; j++) {
        if (!m->marks[j].gone) {
            return VIEW_MD_CHAR_MARK;
        }
    }

    return view_md_char(m->text.data + at, m->text.len - at);
}


static view_md_char_t
view_md_char(const char *p, size_t len)
{
    unsigned char  c;

    if (len == 0) {
        return VIEW_MD_CHAR_SPACE;
    }

    c = (unsigned char) *p;

    if (c >= 0x80) {
        return view_md_char_wide((const unsigned char *) p, len);
    }

    if (c <= ' ') {
        return VIEW_MD_CHAR_SPACE;
    }

    /* where "~~" strikes through, what is behind it may count instead */

    if (c == '~') {
        return VIEW_MD_CHAR_EITHER;
    }

    return isalnum(c) ? VIEW_MD_CHAR_WORD : VIEW_MD_CHAR_MARK;
}


/*
 * Outside ASCII, the blocks that have nearly all punctuation and spaces
 * (General Punctuation up to Dingbats, CJK Symbols, Fullwidth Forms, emoji);
 * letters are nearly everywhere else.
 */

static view_md_char_t
view_md_char_wide(const unsigned char *s, size_t len)
{
    unsigned  next = (len > 1) ? s[1] : 0;

    if (s[0] == 0xe2 && next == 0x80 && len > 2 && s[2] <= 0x8a) {
        return VIEW_MD_CHAR_SPACE;
    }

    if (s[0] == 0xe3 && next == 0x80) {
        return len > 2 && s[2] == 0x80 ? VIEW_MD_CHAR_SPACE
                                       : VIEW_MD_CHAR_EITHER;
    }

    return s[0] == 0xc2 || (s[0] == 0xe2 && next < 0xb0) || s[0] >= 0xef
           ? VIEW_MD_CHAR_EITHER : VIEW_MD_CHAR_WORD;
}


/* Whether a marker between these is left-flanking, seen from its side. */

static int
view_md_flanks(view_md_char_t outside, view_md_char_t inside)
{
    if (inside == VIEW_MD_CHAR_SPACE) {
        return 0;
    }

    return inside == VIEW_MD_CHAR_WORD || outside <= VIEW_MD_CHAR_MARK;
}
