
#include <stdlib.h>
#include <string.h>

#include "common/css/sc_css_internal.h"


#define SC_CSS_UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SC_CSS_LOWER  "abcdefghijklmnopqrstuvwxyz"


static void sc_css_write_includes(sc_css_t *c, const sc_css_simple_t *s);
static void sc_css_write_compare(sc_css_t *c, const sc_css_simple_t *s);
static void sc_css_write_contains(sc_css_t *c, const sc_css_simple_t *s);
static void sc_css_write_folded(sc_css_t *c, const sc_css_simple_t *s);
static void sc_css_write_text(sc_css_t *c, const sc_css_simple_t *s);
static void sc_css_write_nth(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s);
static void sc_css_write_bound(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s);
static void sc_css_write_modulo(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s);
static void sc_css_write_count(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_pseudo_t *pseudo);
static size_t sc_css_characters(sc_str_t s);
static int sc_css_safe_name(sc_str_t s);


void
sc_css_write_simple(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s)
{
    const sc_css_pseudo_t  *pseudo;

    pseudo = &sc_css_pseudos[s->pseudo];

    switch (s->kind) {

    case SC_CSS_ID:
        sc_buf_add_cstr(&c->out, "@id = ");
        sc_css_write_literal(c, "", s->text, "", 0);
        break;

    case SC_CSS_CLASS:
        sc_css_write_includes(c, s);
        break;

    case SC_CSS_ATTRIBUTE:
        sc_css_write_compare(c, s);
        break;

    case SC_CSS_PSEUDO:
        sc_buf_add_cstr(&c->out, c->html ? pseudo->html : pseudo->xml);
        break;

    case SC_CSS_NTH:
        sc_css_write_nth(c, p, s);
        break;

    case SC_CSS_TEXT:
        sc_css_write_text(c, s);
        break;

    case SC_CSS_NOT:
        if (s->list == NULL) {
            sc_buf_add_cstr(&c->out, "0");
            break;
        }

        sc_buf_add_cstr(&c->out, "not(");
        sc_css_write_list(c, s->list, 0);
        sc_buf_add_cstr(&c->out, ")");
        break;

    default:
        sc_css_write_list(c, s->list, s->kind == SC_CSS_HAS);
    }
}


void
sc_css_write_name(sc_css_t *c, sc_str_t ns, sc_str_t name)
{
    char    *p;
    size_t   i;

    if (ns.len != 0) {
        sc_buf_add_str(&c->out, ns);
        sc_buf_add_cstr(&c->out, ":");
    }

    p = sc_buf_reserve(&c->out, name.len);
    if (p == NULL) {
        return;
    }

    for (i = 0; i < name.len; i++) {
        p[i] = name.data[i];

        if (c->html && p[i] >= 'A' && p[i] <= 'Z') {
            p[i] = (char) (p[i] | 0x20);
        }
    }

    c->out.len += name.len;
}


void
sc_css_write_attribute(sc_css_t *c, sc_str_t ns, sc_str_t name)
{
    char      *p;
    sc_str_t   full;

    if (sc_css_safe(ns, name)) {
        sc_buf_add_cstr(&c->out, "@");
        sc_css_write_name(c, ns, name);
        return;
    }

    sc_buf_add_cstr(&c->out, "attribute::*[name() = ");
    full = name;

    if (ns.len != 0) {
        full.len = ns.len + 1 + name.len;

        p = sc_css_alloc(c, full.len);
        if (p == NULL) {
            return;
        }

        memcpy(p, ns.data, ns.len);
        p[ns.len] = ':';
        memcpy(p + ns.len + 1, name.data, name.len);
        full.data = p;
    }

    sc_css_write_literal(c, "", full, "", c->html && ns.len == 0);
    sc_buf_add_cstr(&c->out, "]");
}


/* XPath has no escapes: what has both quotes is put together from parts. */

void
sc_css_write_literal(sc_css_t *c, const char *head, sc_str_t s,
    const char *tail, unsigned lower)
{
    char         quote, *text;
    size_t       i, n, len, run;
    const char  *comma;

    n = strlen(head);
    len = n + s.len + strlen(tail);

    text = sc_css_alloc(c, len + 1);
    if (text == NULL) {
        return;
    }

    memcpy(text, head, n);
    memcpy(text + n + s.len, tail, strlen(tail));

    for (i = 0; i < s.len; i++) {
        text[n + i] = (lower && s.data[i] >= 'A' && s.data[i] <= 'Z')
                      ? (char) (s.data[i] | 0x20) : s.data[i];
    }

    if (memchr(text, '\'', len) == NULL || memchr(text, '"', len) == NULL) {
        quote = (memchr(text, '\'', len) == NULL) ? '\'' : '"';
        sc_buf_printf(&c->out, "%c%.*s%c", quote, (int) len, text, quote);
        return;
    }

    sc_buf_add_cstr(&c->out, "concat(");
    comma = "";

    for (i = 0; i < len; i += run) {
        run = strspn(text + i, "'");
        quote = (run != 0) ? '"' : '\'';
        run = (run != 0) ? run : strcspn(text + i, "'");
        sc_buf_printf(&c->out, "%s%c%.*s%c", comma, quote, (int) run,
                      text + i, quote);
        comma = ",";
    }

    sc_buf_add_cstr(&c->out, ")");
}


int
sc_css_safe(sc_str_t ns, sc_str_t name)
{
    return (ns.len == 0 || sc_css_safe_name(ns))
           && (name.len == 0 || sc_css_safe_name(name));
}


/* .text and [name~=text] */

static void
sc_css_write_includes(sc_css_t *c, const sc_css_simple_t *s)
{
    size_t                 i;
    sc_css_simple_t        class;
    static const sc_str_t  name = sc_string("class");

    class = *s;

    if (s->kind == SC_CSS_CLASS) {
        class.name = name;
    }

    for (i = 0; i < s->text.len; i++) {
        if (strchr(" \t\r\n\f", s->text.data[i]) != NULL) {
            break;
        }
    }

    /* nothing is between white space, and white space is not in a word */
    if (i != s->text.len || i == 0) {
        sc_buf_add_cstr(&c->out, "0");
        return;
    }

    sc_css_write_attribute(c, class.ns, class.name);
    sc_buf_add_cstr(&c->out, " and contains(concat(' ', normalize-space(");
    sc_css_write_folded(c, &class);
    sc_buf_add_cstr(&c->out, "), ' '), ");
    sc_css_write_literal(c, " ", s->text, " ", s->fold);
    sc_buf_add_cstr(&c->out, ")");
}


static void
sc_css_write_compare(sc_css_t *c, const sc_css_simple_t *s)
{
    switch (s->op) {

    case '\0':
        sc_css_write_attribute(c, s->ns, s->name);
        return;

    case '~':
        sc_css_write_includes(c, s);
        return;

    case '^':
    case '$':
    case '*':
        sc_css_write_contains(c, s);
        return;

    case '|':
        sc_css_write_attribute(c, s->ns, s->name);
        sc_buf_add_cstr(&c->out, " and (");
        break;

    case '!':
        if (s->text.len != 0) {
            sc_buf_add_cstr(&c->out, "not(");
            sc_css_write_attribute(c, s->ns, s->name);
            sc_buf_add_cstr(&c->out, ") or ");
        }

        break;
    }

    sc_css_write_folded(c, s);
    sc_buf_add_cstr(&c->out, (s->op == '!') ? " != " : " = ");
    sc_css_write_literal(c, "", s->text, "", s->fold);

    if (s->op == '|') {
        sc_buf_add_cstr(&c->out, " or starts-with(");
        sc_css_write_folded(c, s);
        sc_buf_add_cstr(&c->out, ", ");
        sc_css_write_literal(c, "", s->text, "-", s->fold);
        sc_buf_add_cstr(&c->out, "))");
    }
}


/* Of an empty string, none of the three is true (Selectors 4, 6.2). */

static void
sc_css_write_contains(sc_css_t *c, const sc_css_simple_t *s)
{
    if (s->text.len == 0) {
        sc_buf_add_cstr(&c->out, "0");
        return;
    }

    sc_css_write_attribute(c, s->ns, s->name);
    sc_buf_add_cstr(&c->out, (s->op == '^') ? " and starts-with("
                             : (s->op == '*') ? " and contains("
                             : " and substring(");
    sc_css_write_folded(c, s);

    if (s->op == '$') {
        sc_buf_add_cstr(&c->out, ", string-length(");
        sc_css_write_attribute(c, s->ns, s->name);
        sc_buf_printf(&c->out, ")-%zu) = ", sc_css_characters(s->text) - 1);

    } else {
        sc_buf_add_cstr(&c->out, ", ");
    }

    sc_css_write_literal(c, "", s->text, "", s->fold);
    sc_buf_add_cstr(&c->out, (s->op != '$') ? ")" : "");
}


static void
sc_css_write_folded(sc_css_t *c, const sc_css_simple_t *s)
{
    sc_buf_add_cstr(&c->out, s->fold ? "translate(" : "");
    sc_css_write_attribute(c, s->ns, s->name);
    sc_buf_add_cstr(&c->out, s->fold ? ", '" SC_CSS_UPPER "', '"
                                       SC_CSS_LOWER "')" : "");
}


static void
sc_css_write_text(sc_css_t *c, const sc_css_simple_t *s)
{
    if (!sc_css_equals(s->name, "lang") || !c->html) {
        sc_buf_add_cstr(&c->out, sc_css_equals(s->name, "lang")
                                 ? "lang(" : "contains(., ");
        sc_css_write_literal(c, "", s->text, "", 0);
        sc_buf_add_cstr(&c->out, ")");
        return;
    }

    sc_buf_add_cstr(&c->out, "ancestor-or-self::*[@lang][1][starts-with("
                             "concat(translate(@lang, '" SC_CSS_UPPER "', '"
                             SC_CSS_LOWER "'), '-'), ");
    sc_css_write_literal(c, "", s->text, "-", 1);
    sc_buf_add_cstr(&c->out, ")]");
}


/*
 * An element is the (an+b)th when an+b-1 siblings are before it, for some
 * n >= 0 (Selectors 4, 13.3); the text is as cssselect writes it.
 */

static void
sc_css_write_nth(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s)
{
    long                    b;
    unsigned                bound;
    const sc_css_pseudo_t  *pseudo;

    pseudo = &sc_css_pseudos[s->pseudo];
    b = s->b - 1;

    if (pseudo->fixed) {
        sc_css_write_count(c, p, pseudo);
        sc_buf_printf(&c->out, " = %d", pseudo->axis == NULL);
        return;
    }

    if (s->a == 0) {
        sc_css_write_count(c, p, pseudo);
        sc_buf_printf(&c->out, " = %ld", b);
        return;
    }

    if (s->a < 0 && b < 0) {
        sc_buf_add_cstr(&c->out, "0");
        return;
    }

    bound = (s->a < 0 || b > 0);

    if (s->a == 1 || s->a == -1) {
        sc_css_write_bound(c, p, s);

    } else if (bound) {
        sc_buf_add_cstr(&c->out, "(");
        sc_css_write_bound(c, p, s);
        sc_buf_add_cstr(&c->out, ") and (");
        sc_css_write_modulo(c, p, s);
        sc_buf_add_cstr(&c->out, ")");

    } else {
        sc_css_write_modulo(c, p, s);
    }
}


/* n >= 0 bounds an+b-1 below or above by b-1. */

static void
sc_css_write_bound(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s)
{
    sc_css_write_count(c, p, &sc_css_pseudos[s->pseudo]);
    sc_buf_printf(&c->out, " %s %ld", (s->a < 0) ? "<=" : ">=", s->b - 1);
}


/* an+b-1 is a multiple of a away from b-1. */

static void
sc_css_write_modulo(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s)
{
    long                    a, rest;
    const sc_css_pseudo_t  *pseudo;

    pseudo = &sc_css_pseudos[s->pseudo];
    a = labs(s->a);
    rest = ((1 - s->b) % a + a) % a;

    sc_buf_add_cstr(&c->out, (rest != 0) ? "(" : "");
    sc_css_write_count(c, p, pseudo);

    if (rest != 0) {
        sc_buf_printf(&c->out, " +%ld)", rest);
    }

    sc_buf_printf(&c->out, " mod %ld = 0", s->a);
}


static void
sc_css_write_count(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_pseudo_t *pseudo)
{
    sc_buf_printf(&c->out, "count(%s::",
                  (pseudo->axis != NULL) ? pseudo->axis : "parent::*/child");

    if (!pseudo->of_type) {
        sc_buf_add_cstr(&c->out, "*");

    } else {
        sc_css_write_element(c, p);

        if (!sc_css_safe(p->ns, p->name)) {
            sc_buf_add_cstr(&c->out, "[name() = ");
            sc_css_write_literal(c, "", p->name, "", c->html);
            sc_buf_add_cstr(&c->out, "]");
        }
    }

    sc_buf_add_cstr(&c->out, ")");
}


static size_t
sc_css_characters(sc_str_t s)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < s.len; i++) {
        n += ((unsigned char) s.data[i] & 0xc0) != 0x80;
    }

    return n;
}


static int
sc_css_safe_name(sc_str_t s)
{
    size_t  n;

    n = strspn(s.data, SC_CSS_UPPER SC_CSS_LOWER "_0123456789.-");

    return n >= s.len && strchr("0123456789.-", s.data[0]) == NULL;
}
