
/*
 * What a compiled path is made of, and what the files of this room say to
 * each other.  The names are those of RFC 9535's grammar.  Every part lives in
 * memory of its path and is freed with it, without a walk over the parts.
 */

#ifndef SC_JSONPATH_INTERNAL_H
#define SC_JSONPATH_INTERNAL_H


#define PCRE2_CODE_UNIT_WIDTH  8

#include <stdint.h>
#include <pcre2.h>

#include "common/jsonpath/sc_jsonpath.h"


#define SC_JSONPATH_PARSE_DEPTH  64
#define SC_JSONPATH_EVAL_DEPTH   4096
#define SC_JSONPATH_MAX_INTEGER  9007199254740991LL    /* 2^53 - 1 */


typedef struct sc_jsonpath_expr_s      sc_jsonpath_expr_t;
typedef struct sc_jsonpath_selector_s  sc_jsonpath_selector_t;
typedef struct sc_jsonpath_segment_s   sc_jsonpath_segment_t;
typedef struct sc_jsonpath_block_s     sc_jsonpath_block_t;


typedef enum {
    SC_JSONPATH_NAME,
    SC_JSONPATH_WILDCARD,
    SC_JSONPATH_INDEX,
    SC_JSONPATH_SLICE,
    SC_JSONPATH_FILTER
} sc_jsonpath_selector_e;


/*
 * One selector of a segment.
 *
 * name       the member of SC_JSONPATH_NAME
 * start      the index of SC_JSONPATH_INDEX, or where a slice starts
 * end, step  of a slice; has_start and has_end tell which were written
 * filter     the logical expression of SC_JSONPATH_FILTER
 */
struct sc_jsonpath_selector_s {
    sc_jsonpath_selector_e   type;
    unsigned                 has_start:1;
    unsigned                 has_end:1;
    int64_t                  start;
    int64_t                  end;
    int64_t                  step;
    sc_str_t                 name;
    sc_jsonpath_expr_t      *filter;
    sc_jsonpath_selector_t  *next;
};


/* What is written as .name, [...], ..name or ..[...]. */
struct sc_jsonpath_segment_s {
    unsigned                 descendant:1;
    sc_jsonpath_selector_t  *first;
    sc_jsonpath_segment_t   *next;
};


/*
 * A query: the segments after "$", or after "@" when relative.  It is singular
 * when it can find one node at most (RFC 9535, 2.3.5.1).
 */
typedef struct {
    unsigned                relative:1;
    unsigned                singular:1;
    sc_jsonpath_segment_t  *first;
} sc_jsonpath_query_t;


typedef enum {
    SC_JSONPATH_OR,         /* of the list first */
    SC_JSONPATH_AND,        /* of the list first */
    SC_JSONPATH_NOT,        /* of first */
    SC_JSONPATH_COMPARE,    /* first with first->next */
    SC_JSONPATH_LITERAL,
    SC_JSONPATH_QUERY,      /* an operand, or a test of existence */
    SC_JSONPATH_CALL        /* of function with the list first */
} sc_jsonpath_expr_e;


/* Operators: the others are these two negated, swapped or joined. */
typedef enum {
    SC_JSONPATH_EQ,
    SC_JSONPATH_NE,
    SC_JSONPATH_LT,
    SC_JSONPATH_LE,
    SC_JSONPATH_GT,
    SC_JSONPATH_GE
} sc_jsonpath_op_e;


typedef enum {
    SC_JSONPATH_LENGTH,
    SC_JSONPATH_COUNT,
    SC_JSONPATH_VALUE,
    SC_JSONPATH_MATCH,
    SC_JSONPATH_SEARCH
} sc_jsonpath_function_e;


/*
 * A function extension (RFC 9535, 2.4): whether its arguments are of
 * NodesType (otherwise ValueType), and its result LogicalType (otherwise
 * ValueType).
 */
typedef struct {
    const char              *name;
    sc_jsonpath_function_e   id;
    unsigned                 nargs;
    unsigned                 takes_nodes:1;
    unsigned                 is_logical:1;
} sc_jsonpath_function_t;


/*
 * One part of a filter's expression.
 *
 * at       where it starts in the text
 * code     the constant pattern of match() or search()
 * next     the next of the list it is in
 * owned    the path's list of all its expressions
 */
struct sc_jsonpath_expr_s {
    sc_jsonpath_expr_e             type;
    sc_jsonpath_op_e               op;
    const char                    *at;
    json_t                        *literal;
    pcre2_code                    *code;
    const sc_jsonpath_function_t  *function;
    sc_jsonpath_query_t            query;
    sc_jsonpath_expr_t            *first;
    sc_jsonpath_expr_t            *next;
    sc_jsonpath_expr_t            *owned;
};


struct sc_jsonpath_s {
    sc_jsonpath_query_t   query;
    sc_jsonpath_expr_t   *exprs;
    sc_jsonpath_block_t  *blocks;
};


/* Where a compilation is: the bytes start..last, p is the next one. */
typedef struct {
    const char           *start;
    const char           *p;
    const char           *last;
    unsigned              depth;
    sc_jsonpath_t        *path;
    sc_jsonpath_error_t  *err;
} sc_jsonpath_parser_t;


/*
 * Where a walk is.  depth counts the calls that are open for nodes; the
 * members of PCRE2 are made by the first match and freed after the walk.
 */
typedef struct {
    json_t               *root;
    size_t               *steps;
    unsigned              depth;
    pcre2_match_data     *match;
    pcre2_match_context  *limits;
} sc_jsonpath_walk_t;


/*
 * The value of an operand: Nothing when json is NULL and is_count is not set;
 * is_count means the number count.  json is borrowed.
 */
typedef struct {
    unsigned   is_count:1;
    size_t     count;
    json_t    *json;
} sc_jsonpath_value_t;


/* sc_jsonpath_scan.c: bytes of the text */

/* Zeroed memory that lives as long as the path; NULL has set the error. */
void *sc_jsonpath_alloc(sc_jsonpath_parser_t *parser, size_t size);

/* Free all that sc_jsonpath_alloc() gave for the path. */
void sc_jsonpath_free_blocks(sc_jsonpath_t *path);

/* Set the error that is at this byte; SC_ERROR. */
int sc_jsonpath_fail(sc_jsonpath_parser_t *parser, const char *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Set the error: at p is something else than what; SC_ERROR. */
int sc_jsonpath_expected(sc_jsonpath_parser_t *parser, const char *what);

/* How many bytes of this text a message shows: whole characters, on a line. */
int sc_jsonpath_shown(const char *text, size_t len);

/* The next byte, NUL at the end. */
char sc_jsonpath_peek(const sc_jsonpath_parser_t *parser);

/* Step over this text when it is next; whether it was. */
int sc_jsonpath_skip(sc_jsonpath_parser_t *parser, const char *text);

/* Step over blanks. */
void sc_jsonpath_blanks(sc_jsonpath_parser_t *parser);

/* Go one level down: SC_OK, or SC_ERROR when that is too deep. */
int sc_jsonpath_enter(sc_jsonpath_parser_t *parser);

/* The length of the member-name-shorthand at p, 0 when there is none. */
size_t sc_jsonpath_name_len(const sc_jsonpath_parser_t *parser);

/* Check that the whole text is UTF-8; SC_OK or SC_ERROR. */
int sc_jsonpath_check_utf8(sc_jsonpath_parser_t *parser);

/* Read an index, and a quoted string; SC_OK or SC_ERROR. */
int sc_jsonpath_integer(sc_jsonpath_parser_t *parser, int64_t *n);
int sc_jsonpath_string(sc_jsonpath_parser_t *parser, sc_str_t *s);


/* sc_jsonpath_parse.c: read segments as long as there are any */

int sc_jsonpath_segments(sc_jsonpath_parser_t *parser,
    sc_jsonpath_query_t *query);


/* sc_jsonpath_logic.c: read a logical-expr; NULL has set the error */

sc_jsonpath_expr_t *sc_jsonpath_logic(sc_jsonpath_parser_t *parser);


/* sc_jsonpath_term.c: queries, literals and calls in it */

/* A new expression of the path, which starts at p; NULL has set the error. */
sc_jsonpath_expr_t *sc_jsonpath_expr(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_e type);

/* Read one; NULL has set the error. */
sc_jsonpath_expr_t *sc_jsonpath_term(sc_jsonpath_parser_t *parser);

/* Whether it may be compared: it is one value at most; SC_OK or SC_ERROR. */
int sc_jsonpath_check_value(sc_jsonpath_parser_t *parser,
    const sc_jsonpath_expr_t *expr);


/* sc_jsonpath_function.c: the functions and their patterns */

/* The function of this name, NULL when there is none. */
const sc_jsonpath_function_t *sc_jsonpath_function(const char *name,
    size_t len);

/*
 * Compile a pattern for the whole string or a part of it.  NULL on failure,
 * with the reason in message when size is not 0.
 */
pcre2_code *sc_jsonpath_pattern(const char *text, size_t len, int whole,
    char *message, size_t size);

/* Call a function for its value: SC_OK or SC_ERROR. */
int sc_jsonpath_call(sc_jsonpath_walk_t *walk, const sc_jsonpath_expr_t *call,
    json_t *current, sc_jsonpath_value_t *value);

/* Call match() or search(): 1, 0 or SC_ERROR. */
int sc_jsonpath_call_match(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_expr_t *call, json_t *current);


/* sc_jsonpath_filter.c: the meaning of expressions for the node current */

/* Whether the node passes: 1, 0 or SC_ERROR. */
int sc_jsonpath_test(sc_jsonpath_walk_t *walk, const sc_jsonpath_expr_t *expr,
    json_t *current);

/* The value of an operand: SC_OK or SC_ERROR. */
int sc_jsonpath_operand(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_expr_t *expr, json_t *current,
    sc_jsonpath_value_t *value);


/* sc_jsonpath_eval.c: the walk itself */

/* Walk a query of a filter; as sc_jsonpath_eval(). */
int sc_jsonpath_query(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_query_t *query, json_t *current, sc_jsonpath_pt found,
    void *data);

/* Take n steps, and go one level down taking one: SC_OK or SC_ERROR. */
int sc_jsonpath_charge(sc_jsonpath_walk_t *walk, size_t n);
int sc_jsonpath_visit(sc_jsonpath_walk_t *walk);


#endif /* SC_JSONPATH_INTERNAL_H */
