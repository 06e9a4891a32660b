
#include <string.h>

#include "common/css/sc_css_internal.h"


/*
 * How the conditions of a compound are joined.
 *
 * start  where they begin in c->out
 * n      how many there are by now
 */
typedef struct {
    size_t    start;
    unsigned  n;
} sc_css_join_t;


static void sc_css_write_path(sc_css_t *c, const sc_css_complex_t *x);
static void sc_css_write_step(sc_css_t *c, const sc_css_compound_t *p);
static void sc_css_write_pseudo_element(sc_css_t *c,
    const sc_css_complex_t *x, size_t start);
static void sc_css_write_relative(sc_css_t *c, const sc_css_complex_t *x);
static void sc_css_write_predicate(sc_css_t *c, const sc_css_compound_t *p,
    unsigned named, unsigned back, unsigned nearest);
static void sc_css_write_conditions(sc_css_t *c, const sc_css_compound_t *p,
    unsigned named, unsigned back, unsigned nearest);
static void sc_css_write_back(sc_css_t *c, const sc_css_compound_t *p);
static void sc_css_write_name_test(sc_css_t *c, const sc_css_compound_t *p);
static void sc_css_join(sc_css_t *c, sc_css_join_t *j);


int
sc_css_write(sc_css_t *c, const sc_css_complex_t *list)
{
    const sc_css_complex_t  *x;

    for (x = list; x != NULL; x = x->next) {
        sc_buf_add_cstr(&c->out, (x != list) ? " | " : "");
        sc_buf_add_cstr(&c->out, "descendant-or-self::");
        sc_css_write_path(c, x);
    }

    return (c->err->message[0] == '\0') ? SC_OK : SC_ERROR;
}


void
sc_css_write_list(sc_css_t *c, const sc_css_complex_t *list,
    unsigned relative)
{
    unsigned                 many;
    const sc_css_complex_t  *x;

    many = (list->next != NULL);
    sc_buf_add_cstr(&c->out, many ? "(" : "");

    for (x = list; x != NULL; x = x->next) {
        sc_buf_add_cstr(&c->out, (x != list) ? ") or (" : "");

        if (relative) {
            sc_css_write_relative(c, x);

        } else {
            sc_css_write_conditions(c, x->last, 1, 1, 0);
        }
    }

    sc_buf_add_cstr(&c->out, many ? ")" : "");
}


void
sc_css_write_element(sc_css_t *c, const sc_css_compound_t *p)
{
    static const sc_str_t  any = sc_string("*");

    if (!sc_css_safe(p->ns, p->name) || (p->ns.len == 0 && p->name.len == 0)) {
        sc_buf_add_cstr(&c->out, "*");

    } else {
        sc_css_write_name(c, p->ns, (p->name.len != 0) ? p->name : any);
    }
}


/* Step by step downwards, as cssselect does. */

static void
sc_css_write_path(sc_css_t *c, const sc_css_complex_t *x)
{
    size_t                    start;
    const sc_css_compound_t  *p;

    start = c->out.len;

    for (p = x->first; p != NULL; p = p->next) {
        if (p != x->first) {
            sc_buf_add_cstr(&c->out,
                            (p->combinator == ' ') ? "/descendant-or-self::*/"
                            : (p->combinator == '>') ? "/"
                            : "/following-sibling::");
        }

        start = c->out.len;
        sc_css_write_step(c, p);
    }

    sc_css_write_pseudo_element(c, x, start);
}


static void
sc_css_write_step(sc_css_t *c, const sc_css_compound_t *p)
{
    /* the first node of descendant-or-self:: is the context, or the root */
    if (p->scope) {
        sc_buf_add_cstr(&c->out, "*[1]");
        sc_css_write_predicate(c, p, 1, 0, 0);
        return;
    }

    if (p->combinator == '+') {
        sc_buf_add_cstr(&c->out, "*");
        sc_css_write_predicate(c, p, 1, 0, 1);
        return;
    }

    sc_css_write_element(c, p);
    sc_css_write_predicate(c, p, 0, 0, 0);
}


/*
 * As parsel does: behind a descendant combinator, or at the beginning, a bare
 * pseudo-element is about the element left of it and all that is in it.
 */

static void
sc_css_write_pseudo_element(sc_css_t *c, const sc_css_complex_t *x,
    size_t start)
{
    unsigned               bare;
    static const sc_str_t  none = sc_null_string;

    bare = x->last->combinator == ' ' && x->last->always
           && x->last->simple == NULL && !c->out.failed;

    if (x->text) {
        if (bare) {
            /* over "*", and over the step "*" of "descendant-or-self::*" */
            c->out.len = (x->last != x->first) ? start - 2 : start;
            sc_buf_add_cstr(&c->out, "text()");
            return;
        }

        sc_buf_add_cstr(&c->out, "/text()");
    }

    if (x->attr.len != 0) {
        if (bare && x->last != x->first) {
            c->out.len = start - 1;
        }

        sc_buf_add_cstr(&c->out, "/");
        sc_css_write_attribute(c, none, x->attr);
    }
}


static void
sc_css_write_relative(sc_css_t *c, const sc_css_complex_t *x)
{
    sc_buf_add_cstr(&c->out,
                    (x->first->combinator == ' ') ? "descendant::"
                    : (x->first->combinator == '>') ? "./"
                    : "following-sibling::");
    sc_css_write_path(c, x);
}


static void
sc_css_write_predicate(sc_css_t *c, const sc_css_compound_t *p,
    unsigned named, unsigned back, unsigned nearest)
{
    size_t  start;

    start = c->out.len;
    sc_buf_add_cstr(&c->out, "[");
    sc_css_write_conditions(c, p, named, back, nearest);

    if (c->out.len == start + 1) {
        c->out.len = start;

    } else {
        sc_buf_add_cstr(&c->out, "]");
    }
}


/*
 * named    the name is a condition too
 * back     what stands left of p is a condition too
 * nearest  the element is the first one on its axis
 */

static void
sc_css_write_conditions(sc_css_t *c, const sc_css_compound_t *p,
    unsigned named, unsigned back, unsigned nearest)
{
    sc_css_join_t           j;
    const sc_css_simple_t  *s;

    j.start = c->out.len;
    j.n = 0;

    if (!sc_css_safe(p->ns, p->name)) {
        sc_css_join(c, &j);
        sc_css_write_name_test(c, p);
        named = 0;
    }

    for (s = p->simple; s != NULL; s = s->next) {
        if (!s->always) {
            sc_css_join(c, &j);
            sc_css_write_simple(c, p, s);
        }
    }

    if (named && (p->name.len != 0 || p->ns.len != 0)) {
        sc_css_join(c, &j);
        sc_css_write_name_test(c, p);
    }

    if (back && p->prev != NULL) {
        sc_css_join(c, &j);
        sc_css_write_back(c, p);
    }

    if (nearest) {
        sc_css_join(c, &j);
        sc_buf_add_cstr(&c->out, "position() = 1");
    }

    sc_buf_add_cstr(&c->out, (j.n > 1) ? ")" : "");
}


/*
 * There is an element left of p that is what p->prev says.  The axes go
 * backwards, so the nearest sibling is the first.
 */

static void
sc_css_write_back(sc_css_t *c, const sc_css_compound_t *p)
{
    if (c->depth == SC_CSS_MAX_DEPTH) {
        sc_css_fail(c, p->start, "nested more than %d levels deep",
                    SC_CSS_MAX_DEPTH);
        return;
    }

    c->depth++;

    if (p->combinator == '+') {
        sc_buf_add_cstr(&c->out, "preceding-sibling::*");
        sc_css_write_predicate(c, p->prev, 1, 1, 1);

    } else {
        sc_buf_add_cstr(&c->out, (p->combinator == ' ') ? "ancestor::"
                                 : (p->combinator == '>') ? "parent::"
                                 : "preceding-sibling::");
        sc_css_write_element(c, p->prev);
        sc_css_write_predicate(c, p->prev, 0, 1, 0);
    }

    c->depth--;
}


/* A prefix of the document need not be the one that is registered. */

static void
sc_css_write_name_test(sc_css_t *c, const sc_css_compound_t *p)
{
    char      *name;
    size_t     n;
    sc_str_t   full;

    if (p->ns.len != 0 && sc_css_safe(p->ns, p->name)) {
        sc_buf_add_cstr(&c->out, "self::");
        sc_css_write_element(c, p);
        return;
    }

    sc_buf_add_cstr(&c->out, "name() = ");

    if (p->ns.len == 0) {
        sc_css_write_literal(c, "", p->name, "", c->html);
        return;
    }

    n = p->ns.len + 1 + p->name.len;

    name = sc_css_alloc(c, n);
    if (name == NULL) {
        return;
    }

    memcpy(name, p->ns.data, p->ns.len);
    name[p->ns.len] = ':';
    memcpy(name + p->ns.len + 1, p->name.len ? p->name.data : "", p->name.len);

    full.data = name;
    full.len = n;

    sc_css_write_literal(c, "", full, "", 0);
}


/* The second condition puts the first one into parentheses. */

static void
sc_css_join(sc_css_t *c, sc_css_join_t *j)
{
    if (++j->n == 1) {
        return;
    }

    if (j->n == 2 && sc_buf_reserve(&c->out, 1) != NULL) {
        memmove(c->out.data + j->start + 1, c->out.data + j->start,
                c->out.len - j->start);
        c->out.data[j->start] = '(';
        c->out.len++;
    }

    sc_buf_add_cstr(&c->out, ") and (");
}
