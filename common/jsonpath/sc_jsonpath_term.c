
#include <string.h>

#include "common/jsonpath/sc_jsonpath_internal.h"
#include "common/sc_json_of.h"


static int sc_jsonpath_literal(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_t *expr);
static int sc_jsonpath_number(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_t *expr);
static size_t sc_jsonpath_word_len(const sc_jsonpath_parser_t *parser);
static int sc_jsonpath_word(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_t *expr);
static int sc_jsonpath_arguments(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_t *call);
static int sc_jsonpath_check_argument(sc_jsonpath_parser_t *parser,
    const sc_jsonpath_expr_t *call, const sc_jsonpath_expr_t *arg);
static int sc_jsonpath_constant_pattern(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_t *call);


sc_jsonpath_expr_t *
sc_jsonpath_expr(sc_jsonpath_parser_t *parser, sc_jsonpath_expr_e type)
{
    sc_jsonpath_expr_t  *expr;

    expr = sc_jsonpath_alloc(parser, sizeof(sc_jsonpath_expr_t));
    if (expr == NULL) {
        return NULL;
    }

    expr->type = type;
    expr->at = parser->p;
    expr->owned = parser->path->exprs;
    parser->path->exprs = expr;

    return expr;
}


sc_jsonpath_expr_t *
sc_jsonpath_term(sc_jsonpath_parser_t *parser)
{
    int                  rc;
    char                 c;
    sc_jsonpath_expr_t  *expr;

    expr = sc_jsonpath_expr(parser, SC_JSONPATH_QUERY);
    if (expr == NULL) {
        return NULL;
    }

    c = sc_jsonpath_peek(parser);

    if (c == '@' || c == '$') {
        parser->p++;
        expr->query.relative = (c == '@');
        rc = sc_jsonpath_segments(parser, &expr->query);

    } else if (sc_jsonpath_word_len(parser) > 0) {
        rc = sc_jsonpath_word(parser, expr);

    } else {
        rc = sc_jsonpath_literal(parser, expr);
    }

    return (rc == SC_OK) ? expr : NULL;
}


int
sc_jsonpath_check_value(sc_jsonpath_parser_t *parser,
    const sc_jsonpath_expr_t *expr)
{
    if (expr->type == SC_JSONPATH_QUERY && !expr->query.singular) {
        return sc_jsonpath_fail(parser, expr->at, "a query that may find "
                                "more than one node has no \"value\"");
    }

    if (expr->type == SC_JSONPATH_CALL && expr->function->is_logical) {
        return sc_jsonpath_fail(parser, expr->at,
                                "the result of \"%s\" has no value",
                                expr->function->name);
    }

    return SC_OK;
}


static int
sc_jsonpath_literal(sc_jsonpath_parser_t *parser, sc_jsonpath_expr_t *expr)
{
    char      c;
    sc_str_t  s;

    c = sc_jsonpath_peek(parser);
    expr->type = SC_JSONPATH_LITERAL;

    if (c == '-' || (c >= '0' && c <= '9')) {
        return sc_jsonpath_number(parser, expr);
    }

    if (c != '"' && c != '\'') {
        return sc_jsonpath_expected(parser,
                                    "\"@\", \"$\", a literal or a function");
    }

    if (sc_jsonpath_string(parser, &s) != SC_OK) {
        return SC_ERROR;
    }

    expr->literal = json_stringn(s.data, s.len);

    return (expr->literal != NULL)
           ? SC_OK : sc_jsonpath_fail(parser, NULL, "out of memory");
}


/* RFC 9535 writes numbers as JSON does: jansson reads them. */

static int
sc_jsonpath_number(sc_jsonpath_parser_t *parser, sc_jsonpath_expr_t *expr)
{
    size_t       len;
    const char  *at;

    at = parser->p;

    while (parser->p < parser->last && *parser->p != '\0'
           && strchr("+-.0123456789eE", *parser->p) != NULL)
    {
        parser->p++;
    }

    len = (size_t) (parser->p - at);

    expr->literal = sc_json_of(at, len, JSON_DECODE_ANY, NULL);

    if (expr->literal == NULL) {
        expr->literal = sc_json_of(at, len,
                                   JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL,
                                   NULL);
    }

    if (expr->literal == NULL) {
        return sc_jsonpath_fail(parser, at, "\"%.*s\" is not a number",
                                sc_jsonpath_shown(at, len), at);
    }

    return SC_OK;
}


static size_t
sc_jsonpath_word_len(const sc_jsonpath_parser_t *parser)
{
    char         c;
    const char  *p;

    for (p = parser->p; p < parser->last; p++) {
        c = *p;

        if (c >= 'a' && c <= 'z') {
            continue;
        }

        if (p == parser->p || (c != '_' && (c < '0' || c > '9'))) {
            break;
        }
    }

    return (size_t) (p - parser->p);
}


/* true, false, null, or a function's name and its arguments. */

static int
sc_jsonpath_word(sc_jsonpath_parser_t *parser, sc_jsonpath_expr_t *expr)
{
    size_t       len;
    const char  *at;

    at = parser->p;
    len = sc_jsonpath_word_len(parser);
    parser->p += len;

    if (sc_jsonpath_peek(parser) == '(') {
        expr->type = SC_JSONPATH_CALL;
        expr->function = sc_jsonpath_function(at, len);

        if (expr->function != NULL) {
            return sc_jsonpath_arguments(parser, expr);
        }

        return sc_jsonpath_fail(parser, at, "there is no function \"%.*s\"",
                                sc_jsonpath_shown(at, len), at);
    }

    expr->type = SC_JSONPATH_LITERAL;

    if (len == 4 && memcmp(at, "true", 4) == 0) {
        expr->literal = json_true();

    } else if (len == 5 && memcmp(at, "false", 5) == 0) {
        expr->literal = json_false();

    } else if (len == 4 && memcmp(at, "null", 4) == 0) {
        expr->literal = json_null();

    } else {
        parser->p = at;
        return sc_jsonpath_expected(parser,
                                    "\"@\", \"$\", a literal or a function");
    }

    return SC_OK;
}


static int
sc_jsonpath_arguments(sc_jsonpath_parser_t *parser, sc_jsonpath_expr_t *call)
{
    unsigned              n;
    const char           *end;
    sc_jsonpath_expr_t  **tail;

    if (sc_jsonpath_enter(parser) != SC_OK) {
        return SC_ERROR;
    }

    tail = &call->first;

    for (n = 0; n < call->function->nargs; n++) {
        end = (n == 0) ? "(" : ",";

        if (!sc_jsonpath_skip(parser, end)) {
            return sc_jsonpath_expected(parser, "\",\"");
        }

        sc_jsonpath_blanks(parser);

        *tail = sc_jsonpath_term(parser);

        if (*tail == NULL
            || sc_jsonpath_check_argument(parser, call, *tail) != SC_OK)
        {
            return SC_ERROR;
        }

        tail = &(*tail)->next;

        sc_jsonpath_blanks(parser);
    }

    if (!sc_jsonpath_skip(parser, ")")) {
        return sc_jsonpath_expected(parser, "\")\"");
    }

    parser->depth--;

    return call->function->is_logical
           ? sc_jsonpath_constant_pattern(parser, call) : SC_OK;
}


static int
sc_jsonpath_check_argument(sc_jsonpath_parser_t *parser,
    const sc_jsonpath_expr_t *call, const sc_jsonpath_expr_t *arg)
{
    if (!call->function->takes_nodes) {
        return sc_jsonpath_check_value(parser, arg);
    }

    if (arg->type != SC_JSONPATH_QUERY) {
        return sc_jsonpath_fail(parser, arg->at,
                                "the argument of \"%s\" is not a query",
                                call->function->name);
    }

    return SC_OK;
}


static int
sc_jsonpath_constant_pattern(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_t *call)
{
    char                       why[128];
    size_t                     len;
    const char                *text;
    const sc_jsonpath_expr_t  *arg;

    arg = call->first->next;

    if (arg->type != SC_JSONPATH_LITERAL || !json_is_string(arg->literal)) {
        return SC_OK;
    }

    text = json_string_value(arg->literal);
    len = json_string_length(arg->literal);

    call->code = sc_jsonpath_pattern(text, len,
                                     call->function->id == SC_JSONPATH_MATCH,
                                     why, sizeof(why));

    if (call->code == NULL) {
        return sc_jsonpath_fail(parser, arg->at,
                                "the pattern \"%.*s\" is wrong: %s",
                                sc_jsonpath_shown(text, len), text, why);
    }

    return SC_OK;
}
