
#include <ctype.h>
#include <string.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_markdown_internal.h"


/* characters that may have to be escaped, and the first byte of U+00A0 */
#define VIEW_MD_SPECIAL    "\\`*_[]<&~|"
#define VIEW_MD_NBSP       "\xc2\xa0"

/* how often one link is written: once in each block inside it */
#define VIEW_MD_LINKS      16

/* an entity's name has at most so many characters (HTML Standard, 13.5) */
#define VIEW_MD_ENTITY     33


static void view_md_lead(view_md_t *m);
static void view_md_openings(view_md_t *m);
static void view_md_bang(view_md_t *m);
static size_t view_md_again(view_md_t *m, view_md_format_t format);
static void view_md_closing(view_md_t *m, view_md_open_t *o);
static int view_md_last(const view_md_t *m);
static int view_md_special(const view_md_t *m, int before, const char *p,
    int after);
static int view_md_is_word(int c);
static int view_md_is_entity(const char *p);


size_t
view_md_blank(const char *p)
{
    size_t  n;

    n = 0;

    for ( ;; ) {
        n += strspn(p + n, VIEW_MD_BLANK);

        if (strncmp(p + n, VIEW_MD_NBSP, 2) != 0) {
            return n;
        }

        n += 2;
    }
}


size_t
view_md_word(const char *p)
{
    size_t  n;

    n = 0;

    for ( ;; ) {
        n += strcspn(p + n, VIEW_MD_BLANK "\xc2");

        if (p[n] != VIEW_MD_NBSP[0] || p[n + 1] == VIEW_MD_NBSP[1]) {
            return n;
        }

        n++;
    }
}


void
view_md_text(view_md_t *m, const char *text)
{
    size_t       n;
    const char  *p = text;

    while (*p != '\0') {
        n = view_md_blank(p);

        if (n != 0) {
            m->space = 1;
            p += n;
        }

        n = view_md_word(p);

        if (n != 0) {
            view_md_lead(m);
            view_md_escape(m, p, n);
            p += n;
        }
    }
}


void
view_md_words(view_md_t *m, const char *text)
{
    size_t       n;
    const char  *p = text + view_md_blank(text);

    while (*p != '\0') {
        n = view_md_word(p);
        view_md_escape(m, p, n);
        p += n;
        n = view_md_blank(p);
        p += n;

        if (n != 0 && *p != '\0') {
            (void) sc_buf_add_cstr(&m->text, " ");
        }
    }
}


void
view_md_raw(view_md_t *m, const char *text, size_t len)
{
    view_md_lead(m);
    (void) sc_buf_add(&m->text, text, len);
}


void
view_md_br(view_md_t *m)
{
    if (m->heading != NULL || m->table != NULL) {
        m->space = 1;

    } else if (m->br) {
        view_md_paragraph(m);

    } else {
        m->br = (m->text.len != 0);
    }
}


void
view_md_open(view_md_t *m, const xmlNode *node, view_md_format_t format)
{
    unsigned  i;

    for (i = 0; i < m->n_opens; i++) {
        if (m->opens[i].format == format) {
            return;
        }
    }

    m->opens[m->n_opens].node = node;
    m->opens[m->n_opens].format = format;
    m->opens[m->n_opens].times = 0;
    m->n_opens++;
}


void
view_md_close(view_md_t *m, const xmlNode *node)
{
    if (m->n_opens == 0 || m->opens[m->n_opens - 1].node != node) {
        return;
    }

    m->n_opens--;

    if (m->n_open > m->n_opens) {
        view_md_closing(m, &m->opens[m->n_opens]);
        m->n_open = m->n_opens;
    }
}


int
view_md_finish(view_md_t *m)
{
    while (m->n_open != 0) {
        m->n_open--;
        view_md_closing(m, &m->opens[m->n_open]);
    }

    m->space = 0;
    m->br = 0;

    if (m->text.len == 0 || m->text.failed || m->out.failed) {
        return 0;
    }

    view_md_marked(m);
    view_md_clear(&m->text);
    m->n_marks = 0;

    return 1;
}


void
view_md_escape(view_md_t *m, const char *text, size_t len)
{
    int     before, after;
    size_t  i, plain;

    plain = 0;
    before = view_md_last(m);

    for (i = 0; i < len; i++) {
        if (strchr(VIEW_MD_SPECIAL, text[i]) != NULL) {
            after = view_md_blank(text + i + 1) != 0 ? ' ' : text[i + 1];

            if (view_md_special(m, before, text + i, after)) {
                (void) sc_buf_add(&m->text, text + plain, i - plain);
                (void) sc_buf_add_cstr(&m->text, "\\");
                plain = i;
            }
        }

        before = (unsigned char) text[i];
    }

    (void) sc_buf_add(&m->text, text + plain, len - plain);
}


/* Before text: what white space there was, and what formats it. */

static void
view_md_lead(view_md_t *m)
{
    if (m->text.len != 0) {
        if (m->br) {
            (void) sc_buf_add_cstr(&m->text, "\\\n");

        } else if (m->space) {
            (void) sc_buf_add_cstr(&m->text, " ");
        }
    }

    m->br = 0;
    m->space = 0;

    view_md_openings(m);
}


static void
view_md_openings(view_md_t *m)
{
    view_md_open_t  *o;

    for ( /* void */ ; m->n_open < m->n_opens; m->n_open++) {
        o = &m->opens[m->n_open];

        if (o->format != VIEW_MD_LINK) {
            o->mark = view_md_again(m, o->format);
            continue;
        }

        if (o->times++ < VIEW_MD_LINKS) {
            view_md_bang(m);
            (void) sc_buf_add_cstr(&m->text, "[");
        }
    }
}


/* "!" in front of a link would make an image of it. */

static void
view_md_bang(view_md_t *m)
{
    size_t  i, len;

    len = m->text.len;

    if (len == 0 || m->text.data[len - 1] != '!') {
        return;
    }

    for (i = m->n_marks; i-- != 0 && m->marks[i].at == len; ) {
        m->marks[i].at++;
    }

    m->text.len--;
    (void) sc_buf_add_cstr(&m->text, "\\!");
}


/* A mark that opens; where the same has just closed it goes on instead. */

static size_t
view_md_again(view_md_t *m, view_md_format_t format)
{
    size_t           i;
    view_md_mark_t  *mark;

    for (i = m->n_marks; i-- != 0 && m->marks[i].at == m->text.len; ) {
        mark = &m->marks[i];

        if (mark->gone) {
            continue;
        }

        if (mark->opens || mark->format != format) {
            break;
        }

        mark->gone = 1;
        return mark->pair;
    }

    return view_md_mark(m, format, 1);
}


static void
view_md_closing(view_md_t *m, view_md_open_t *o)
{
    size_t  i;

    if (o->format == VIEW_MD_LINK) {
        if (o->times <= VIEW_MD_LINKS) {
            view_md_target(m, o->node);
        }

        return;
    }

    i = view_md_mark(m, o->format, 0);

    if (!m->out.failed) {
        m->marks[i].pair = o->mark;
        m->marks[o->mark].pair = i;
    }
}


/* The character before what is about to be written. */

static int
view_md_last(const view_md_t *m)
{
    if (m->n_marks != 0 && m->marks[m->n_marks - 1].at == m->text.len) {
        return '*';
    }

    return m->text.len != 0 ? (unsigned char) m->text.data[m->text.len - 1]
                            : '\n';
}


/* after is NUL at the end of a text: anything may follow. */

static int
view_md_special(const view_md_t *m, int before, const char *p, int after)
{
    switch (*p) {

    case '*':
        return before != ' ' || after != ' ';

    case '_':
        return !view_md_is_word(before) || !view_md_is_word(after);

    case '<':
        return after == '\0' || strchr("/!?", after) != NULL
               || isalpha((unsigned char) after);

    case '&':
        return view_md_is_entity(p + 1);

    case '~':
        return before == '~' || before == '*' || after == '~'
               || after == '\0' || view_md_is_word(before);

    case '|':
        return m->table != NULL;

    default:
        return 1;
    }
}


static int
view_md_is_word(int c)
{
    return isalnum((unsigned char) c) || (c & 0x80);
}


static int
view_md_is_entity(const char *p)
{
    size_t  n;

    if (*p == '#') {
        p++;
    }

    for (n = 0; n < VIEW_MD_ENTITY && isalnum((unsigned char) p[n]); n++) {
        /* to the semicolon */
    }

    return n != 0 && (p[n] == ';' || p[n] == '\0');
}
