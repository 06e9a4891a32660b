
/*
 * How a selector is taken apart: tokens (sc_css_token.c), a tree
 * (sc_css_parse.c, sc_css_args.c), the text of the XPath (sc_css_xpath.c for
 * paths and compounds, sc_css_simple.c for attributes and pseudo-classes).
 * The terms are those of Selectors Level 4.
 */

#ifndef SC_CSS_INTERNAL_H
#define SC_CSS_INTERNAL_H


#include "common/css/sc_css.h"


/* Kinds of tokens; any other character stands for itself. */
typedef enum {
    SC_CSS_END,
    SC_CSS_SPACE,
    SC_CSS_IDENT,
    SC_CSS_HASH,
    SC_CSS_STRING,
    SC_CSS_DELIM
} sc_css_type_t;


/*
 * type   its kind
 * delim  the character of a DELIM, 0 for the others
 * start  where it begins, in bytes
 * end    where it ends
 * text   what an IDENT, a HASH (without "#") or a STRING says, unescaped and
 *        followed by a NUL that is not counted
 */
typedef struct {
    sc_css_type_t  type;
    char           delim;
    size_t         start;
    size_t         end;
    sc_str_t       text;
} sc_css_token_t;


/* Kinds of simple selectors. */
typedef enum {
    SC_CSS_ID,          /* #text */
    SC_CSS_CLASS,       /* .text */
    SC_CSS_ATTRIBUTE,   /* [ns|name op text flag] */
    SC_CSS_PSEUDO,      /* :name */
    SC_CSS_NTH,         /* :nth-…(an+b) */
    SC_CSS_TEXT,        /* :contains(text), :lang(text) */
    SC_CSS_NOT,         /* :not(list) */
    SC_CSS_IS,          /* :is(list), :where(list) */
    SC_CSS_HAS          /* :has(list) */
} sc_css_kind_t;


typedef struct sc_css_simple_s    sc_css_simple_t;
typedef struct sc_css_compound_s  sc_css_compound_t;
typedef struct sc_css_complex_s   sc_css_complex_t;


/*
 * A simple selector that is a condition.
 *
 * always  it is true of every element, so nothing is written for it
 * op      of an attribute: 0 exists, '=' equals, else the character before =
 * fold    of an attribute: compare without regard to the case of letters
 * pseudo  which pseudo-class, an index into sc_css_pseudos
 * start   where it stands, for errors
 */
struct sc_css_simple_s {
    sc_css_kind_t      kind;
    unsigned           always:1;
    unsigned           fold:1;
    char               op;
    int                pseudo;
    long               a;
    long               b;
    size_t             start;
    sc_str_t           ns;
    sc_str_t           name;
    sc_str_t           text;
    sc_css_complex_t  *list;
    sc_css_simple_t   *next;
};


/*
 * Simple selectors about one element.
 *
 * combinator  what stands left of it: ' ', '>', '+', '~'; ' ' for the first
 *             unless it begins a relative selector
 * name        the element; empty: any
 * scope       it has :scope
 * always      true of every element
 */
struct sc_css_compound_s {
    char                combinator;
    unsigned            scope:1;
    unsigned            always:1;
    size_t              start;
    sc_str_t            ns;
    sc_str_t            name;
    sc_css_simple_t    *simple;
    sc_css_compound_t  *prev;
    sc_css_compound_t  *next;
};


/*
 * Compounds joined by combinators.
 *
 * text  ends with ::text
 * attr  ends with ::attr(attr), when not empty
 */
struct sc_css_complex_s {
    unsigned            text:1;
    sc_str_t            attr;
    sc_css_compound_t  *first;
    sc_css_compound_t  *last;
    sc_css_complex_t   *next;
};


/*
 * One translation.  The blocks hold the tree and all its strings.
 *
 * pos    the byte after the current token
 * token  the current token
 * depth  functions, or predicates, that are open now
 */
typedef struct {
    const char        *css;
    size_t             len;
    size_t             pos;
    sc_css_token_t     token;
    unsigned           html;
    unsigned           depth;
    void              *blocks;
    sc_buf_t           out;
    sc_css_error_t    *err;
} sc_css_t;


/*
 * The pseudo-classes that are known.
 *
 * kind     what the parser makes of it
 * axis     of NTH and its fixed forms: which siblings are counted, NULL: both
 * of_type  siblings of the same name
 * fixed    :first-child and the like, that take no argument
 * html     of PSEUDO: the condition in HTML
 * xml      and elsewhere
 */
typedef struct {
    const char     *name;
    sc_css_kind_t   kind;
    const char     *axis;
    unsigned        of_type:1;
    unsigned        fixed:1;
    const char     *html;
    const char     *xml;
} sc_css_pseudo_t;

extern const sc_css_pseudo_t  sc_css_pseudos[];

/* The index of the pseudo-class, with or without an argument, or -1. */
int sc_css_pseudo(sc_str_t name, unsigned function);


/* Zeroed memory that lives as long as c; NULL with the error said. */
void *sc_css_alloc(sc_css_t *c, size_t size);

/* Say what is wrong at byte start; returns SC_ERROR.  Later ones are lost. */
int sc_css_fail(sc_css_t *c, size_t start, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* As "expected WHAT, found TOKEN" about the current token. */
int sc_css_expected(sc_css_t *c, const char *what);


/* Go to the next token; SC_OK or SC_ERROR. */
int sc_css_next(sc_css_t *c);

/* Go to the next token that is no white space, if the current one is. */
int sc_css_skip(sc_css_t *c);

/* Take this delimiter, or fail. */
int sc_css_take(sc_css_t *c, char delim);

/* The current token is this delimiter. */
int sc_css_is(const sc_css_t *c, char delim);

/* s is word, letters of either case. */
int sc_css_equals(sc_str_t s, const char *word);


/* Parse all of css into a list. */
sc_css_complex_t *sc_css_parse(sc_css_t *c);

/* Parse the list inside a function, up to and with its parenthesis. */
sc_css_complex_t *sc_css_parse_list(sc_css_t *c, unsigned relative);

/* Parse "[…]", at "[". */
int sc_css_parse_attribute(sc_css_t *c, sc_css_simple_t *s);

/* Parse an+b and the parenthesis behind it; the current token is "(". */
int sc_css_parse_nth(sc_css_t *c, sc_css_simple_t *s);

/* Parse one string or identifier and the parenthesis; at "(". */
int sc_css_parse_argument(sc_css_t *c, sc_str_t *text);


/* Write the whole group to c->out. */
int sc_css_write(sc_css_t *c, const sc_css_complex_t *list);

/* Write a list as conditions joined by "or"; relative: seen downwards. */
void sc_css_write_list(sc_css_t *c, const sc_css_complex_t *list,
    unsigned relative);

/* Write one condition about the element of p. */
void sc_css_write_simple(sc_css_t *c, const sc_css_compound_t *p,
    const sc_css_simple_t *s);

/* Write the node test of p as it stands in a step. */
void sc_css_write_element(sc_css_t *c, const sc_css_compound_t *p);

/* Write [ns:]name, in lower case when it is HTML. */
void sc_css_write_name(sc_css_t *c, sc_str_t ns, sc_str_t name);

/* Write an attribute's step. */
void sc_css_write_attribute(sc_css_t *c, sc_str_t ns, sc_str_t name);

/* Write head, s and tail as one literal; lower: its letters in lower case. */
void sc_css_write_literal(sc_css_t *c, const char *head, sc_str_t s,
    const char *tail, unsigned lower);

/* The name can stand in XPath as it is. */
int sc_css_safe(sc_str_t ns, sc_str_t name);


#endif /* SC_CSS_INTERNAL_H */
