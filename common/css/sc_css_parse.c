
#include "common/css/sc_css_internal.h"


static sc_css_complex_t *sc_css_group(sc_css_t *c, unsigned relative);
static int sc_css_complex(sc_css_t *c, sc_css_complex_t *x,
    unsigned relative);
static int sc_css_combinator(sc_css_t *c, sc_css_compound_t *p);
static int sc_css_ends(const sc_css_t *c);
static int sc_css_compound(sc_css_t *c, sc_css_complex_t *x,
    sc_css_compound_t *p);
static int sc_css_element(sc_css_t *c, sc_css_compound_t *p);
static int sc_css_simple(sc_css_t *c, sc_css_compound_t *p,
    sc_css_simple_t *s);
static int sc_css_colon(sc_css_t *c, sc_css_complex_t *x,
    sc_css_compound_t *p, sc_css_simple_t *s);
static int sc_css_scope(sc_css_t *c, sc_css_compound_t *p, size_t start);
static int sc_css_function(sc_css_t *c, sc_css_simple_t *s);
static int sc_css_any_always(const sc_css_complex_t *list);
static int sc_css_pseudo_element(sc_css_t *c, sc_css_complex_t *x,
    size_t start);


sc_css_complex_t *
sc_css_parse(sc_css_t *c)
{
    if (sc_css_next(c) != SC_OK) {
        return NULL;
    }

    return sc_css_group(c, 0);
}


sc_css_complex_t *
sc_css_parse_list(sc_css_t *c, unsigned relative)
{
    sc_css_complex_t  *list;

    if (c->depth == SC_CSS_MAX_DEPTH) {
        sc_css_fail(c, c->token.start, "nested more than %d levels deep",
                    SC_CSS_MAX_DEPTH);
        return NULL;
    }

    c->depth++;

    if (sc_css_take(c, '(') != SC_OK) {
        return NULL;
    }

    list = sc_css_group(c, relative);
    c->depth--;

    if (list == NULL || sc_css_take(c, ')') != SC_OK) {
        return NULL;
    }

    return list;
}


static sc_css_complex_t *
sc_css_group(sc_css_t *c, unsigned relative)
{
    sc_css_complex_t  *list, **last;

    last = &list;

    for ( ;; ) {
        *last = sc_css_alloc(c, sizeof(**last));

        if (*last == NULL || sc_css_skip(c) != SC_OK
            || sc_css_complex(c, *last, relative) != SC_OK)
        {
            return NULL;
        }

        if (!sc_css_is(c, ',')) {
            return list;
        }

        if (sc_css_next(c) != SC_OK) {
            return NULL;
        }

        last = &(*last)->next;
    }
}


static int
sc_css_complex(sc_css_t *c, sc_css_complex_t *x, unsigned relative)
{
    sc_css_compound_t  *p;

    for ( ;; ) {
        p = sc_css_alloc(c, sizeof(*p));
        if (p == NULL) {
            return SC_ERROR;
        }

        p->combinator = ' ';

        if ((relative || x->last != NULL) && sc_css_combinator(c, p) != SC_OK)
        {
            return SC_ERROR;
        }

        p->prev = x->last;

        if (x->last != NULL) {
            x->last->next = p;

        } else {
            x->first = p;
        }

        x->last = p;

        if (sc_css_compound(c, x, p) != SC_OK || sc_css_skip(c) != SC_OK) {
            return SC_ERROR;
        }

        if (c->token.type == SC_CSS_END || sc_css_is(c, ',')
            || (c->depth > 0 && sc_css_is(c, ')')))
        {
            return SC_OK;
        }
    }
}


/* A combinator that is not there is the descendant combinator. */

static int
sc_css_combinator(sc_css_t *c, sc_css_compound_t *p)
{
    if (!sc_css_is(c, '>') && !sc_css_is(c, '+') && !sc_css_is(c, '~')) {
        return SC_OK;
    }

    p->combinator = c->token.delim;

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    return sc_css_skip(c);
}


static int
sc_css_compound(sc_css_t *c, sc_css_complex_t *x, sc_css_compound_t *p)
{
    sc_css_simple_t  *s, **last;

    last = &p->simple;
    p->start = c->token.start;

    if (x->text || x->attr.len != 0) {
        return sc_css_expected(c, "the end after a pseudo-element");
    }

    if (sc_css_element(c, p) != SC_OK) {
        return SC_ERROR;
    }

    p->always = (p->ns.len == 0 && p->name.len == 0);

    while (!sc_css_ends(c)) {
        if (x->text || x->attr.len != 0) {
            return sc_css_expected(c, "the end after a pseudo-element");
        }

        s = sc_css_alloc(c, sizeof(*s));
        if (s == NULL) {
            return SC_ERROR;
        }

        s->start = c->token.start;

        if (sc_css_is(c, ':')) {
            if (sc_css_colon(c, x, p, s) != SC_OK) {
                return SC_ERROR;
            }

            /* :scope and the pseudo-elements are not conditions */
            if (s->name.len == 0) {
                continue;
            }

        } else if (sc_css_simple(c, p, s) != SC_OK) {
            return SC_ERROR;
        }

        p->always &= s->always;
        *last = s;
        last = &s->next;
    }

    return (c->token.start != p->start)
           ? SC_OK : sc_css_expected(c, "a selector");
}


static int
sc_css_ends(const sc_css_t *c)
{
    return c->token.type == SC_CSS_END || c->token.type == SC_CSS_SPACE
           || sc_css_is(c, ',') || sc_css_is(c, '>') || sc_css_is(c, '+')
           || sc_css_is(c, '~') || (c->depth > 0 && sc_css_is(c, ')'));
}


/* [ns|]name; a namespace that is "*" or empty is none, as in cssselect. */

static int
sc_css_element(sc_css_t *c, sc_css_compound_t *p)
{
    if (c->token.type == SC_CSS_IDENT || sc_css_is(c, '*')) {
        p->name = c->token.text;

        if (sc_css_next(c) != SC_OK) {
            return SC_ERROR;
        }
    }

    if (!sc_css_is(c, '|')) {
        return SC_OK;
    }

    p->ns = p->name;

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (c->token.type != SC_CSS_IDENT && !sc_css_is(c, '*')) {
        return sc_css_expected(c, "an element name or \"*\"");
    }

    p->name = c->token.text;

    return sc_css_next(c);
}


static int
sc_css_simple(sc_css_t *c, sc_css_compound_t *p, sc_css_simple_t *s)
{
    if (c->token.type == SC_CSS_HASH) {
        s->kind = SC_CSS_ID;
        s->text = c->token.text;
        return sc_css_next(c);
    }

    if (sc_css_is(c, '[')) {
        s->kind = SC_CSS_ATTRIBUTE;
        return sc_css_parse_attribute(c, s);
    }

    if (!sc_css_is(c, '.')) {
        return sc_css_expected(c, (p->start == c->token.start)
                                  ? "a selector"
                                  : "a selector or a combinator");
    }

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (c->token.type != SC_CSS_IDENT) {
        return sc_css_expected(c, "a class name");
    }

    s->kind = SC_CSS_CLASS;
    s->text = c->token.text;

    return sc_css_next(c);
}


/* What begins with ":"; s->name stays empty when it is no condition. */

static int
sc_css_colon(sc_css_t *c, sc_css_complex_t *x, sc_css_compound_t *p,
    sc_css_simple_t *s)
{
    sc_str_t  name;

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_css_is(c, ':')) {
        return sc_css_pseudo_element(c, x, s->start);
    }

    if (c->token.type != SC_CSS_IDENT) {
        return sc_css_expected(c, "the name of a pseudo-class");
    }

    name = c->token.text;

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_css_equals(name, "scope") && !sc_css_is(c, '(')) {
        return sc_css_scope(c, p, s->start);
    }

    s->pseudo = sc_css_pseudo(name, sc_css_is(c, '('));

    if (s->pseudo < 0) {
        return sc_css_fail(c, s->start, "unknown pseudo-class \":%.*s%s\"",
                           (int) name.len, name.data,
                           sc_css_is(c, '(') ? "()" : "");
    }

    s->name = name;
    s->kind = sc_css_pseudos[s->pseudo].kind;

    if (s->kind == SC_CSS_NTH && sc_css_pseudos[s->pseudo].of_type
        && p->name.len == 0)
    {
        return sc_css_fail(c, s->start, "\":%.*s\" needs an element name",
                           (int) name.len, name.data);
    }

    return sc_css_is(c, '(') ? sc_css_function(c, s) : SC_OK;
}


static int
sc_css_scope(sc_css_t *c, sc_css_compound_t *p, size_t start)
{
    if (p->prev != NULL || c->depth > 0) {
        return sc_css_fail(c, start,
                           "\":scope\" is not at the start of the selector");
    }

    p->scope = 1;
    p->always = 0;

    return SC_OK;
}


static int
sc_css_function(sc_css_t *c, sc_css_simple_t *s)
{
    switch (s->kind) {

    case SC_CSS_NTH:
        return sc_css_parse_nth(c, s);

    case SC_CSS_TEXT:
        return sc_css_parse_argument(c, &s->text);

    default:
        break;
    }

    s->list = sc_css_parse_list(c, s->kind == SC_CSS_HAS);
    if (s->list == NULL) {
        return SC_ERROR;
    }

    s->always = (s->kind == SC_CSS_IS && sc_css_any_always(s->list));

    /* nothing is left for :not(*), which is never true */
    if (s->kind == SC_CSS_NOT && sc_css_any_always(s->list)) {
        s->list = NULL;
    }

    return SC_OK;
}


static int
sc_css_any_always(const sc_css_complex_t *list)
{
    const sc_css_complex_t  *x;

    for (x = list; x != NULL; x = x->next) {
        if (x->first == x->last && x->first->always) {
            return 1;
        }
    }

    return 0;
}


static int
sc_css_pseudo_element(sc_css_t *c, sc_css_complex_t *x, size_t start)
{
    sc_str_t  name;

    if (c->depth > 0) {
        return sc_css_fail(c, start, "a pseudo-element inside a function");
    }

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (c->token.type != SC_CSS_IDENT) {
        return sc_css_expected(c, "the name of a pseudo-element");
    }

    name = c->token.text;

    if (sc_css_next(c) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_css_equals(name, "attr") && sc_css_is(c, '(')) {
        return sc_css_parse_argument(c, &x->attr);
    }

    if (!sc_css_equals(name, "text") || sc_css_is(c, '(')) {
        return sc_css_fail(c, start, "unknown pseudo-element \"::%.*s%s\"",
                           (int) name.len, name.data,
                           sc_css_is(c, '(') ? "()" : "");
    }

    x->text = 1;

    return SC_OK;
}
