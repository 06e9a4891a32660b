
#include "common/jsonpath/sc_jsonpath_internal.h"


static sc_jsonpath_expr_t *sc_jsonpath_list(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_e type);
static sc_jsonpath_expr_t *sc_jsonpath_basic(sc_jsonpath_parser_t *parser);
static sc_jsonpath_expr_t *sc_jsonpath_negated(sc_jsonpath_parser_t *parser);
static sc_jsonpath_expr_t *sc_jsonpath_paren(sc_jsonpath_parser_t *parser);
static sc_jsonpath_expr_t *sc_jsonpath_compared(sc_jsonpath_parser_t *parser,
    sc_jsonpath_expr_t *left, sc_jsonpath_op_e op);
static int sc_jsonpath_op(sc_jsonpath_parser_t *parser, sc_jsonpath_op_e *op);
static int sc_jsonpath_check_test(sc_jsonpath_parser_t *parser,
    const sc_jsonpath_expr_t *expr);


sc_jsonpath_expr_t *
sc_jsonpath_logic(sc_jsonpath_parser_t *parser)
{
    sc_jsonpath_expr_t  *expr;

    if (sc_jsonpath_enter(parser) != SC_OK) {
        return NULL;
    }

    expr = sc_jsonpath_list(parser, SC_JSONPATH_OR);
    parser->depth--;

    return expr;
}


/* Alternatives joined by "||", each of them terms joined by "&&". */

static sc_jsonpath_expr_t *
sc_jsonpath_list(sc_jsonpath_parser_t *parser, sc_jsonpath_expr_e type)
{
    const char          *p;
    sc_jsonpath_expr_t  *list, **tail;

    list = sc_jsonpath_expr(parser, type);
    if (list == NULL) {
        return NULL;
    }

    tail = &list->first;

    for ( ;; ) {
        *tail = (type == SC_JSONPATH_OR)
                ? sc_jsonpath_list(parser, SC_JSONPATH_AND)
                : sc_jsonpath_basic(parser);

        if (*tail == NULL) {
            return NULL;
        }

        tail = &(*tail)->next;

        p = parser->p;
        sc_jsonpath_blanks(parser);

        if (!sc_jsonpath_skip(parser, type == SC_JSONPATH_OR ? "||" : "&&")) {
            parser->p = p;
            break;
        }

        sc_jsonpath_blanks(parser);
    }

    /* a list of one is that one */

    return (list->first->next != NULL) ? list : list->first;
}


static sc_jsonpath_expr_t *
sc_jsonpath_basic(sc_jsonpath_parser_t *parser)
{
    const char          *p;
    sc_jsonpath_op_e     op;
    sc_jsonpath_expr_t  *expr;

    if (sc_jsonpath_skip(parser, "!")) {
        return sc_jsonpath_negated(parser);
    }

    if (sc_jsonpath_peek(parser) == '(') {
        return sc_jsonpath_paren(parser);
    }

    expr = sc_jsonpath_term(parser);
    if (expr == NULL) {
        return NULL;
    }

    p = parser->p;
    sc_jsonpath_blanks(parser);

    if (sc_jsonpath_op(parser, &op)) {
        return sc_jsonpath_compared(parser, expr, op);
    }

    parser->p = p;

    return (sc_jsonpath_check_test(parser, expr) == SC_OK) ? expr : NULL;
}


/* "!" binds closer than a comparison, and RFC 9535 allows none behind it. */

static sc_jsonpath_expr_t *
sc_jsonpath_negated(sc_jsonpath_parser_t *parser)
{
    sc_jsonpath_expr_t  *not;

    not = sc_jsonpath_expr(parser, SC_JSONPATH_NOT);
    if (not == NULL) {
        return NULL;
    }

    sc_jsonpath_blanks(parser);

    if (sc_jsonpath_peek(parser) == '(') {
        not->first = sc_jsonpath_paren(parser);
        return (not->first != NULL) ? not : NULL;
    }

    not->first = sc_jsonpath_term(parser);

    if (not->first == NULL
        || sc_jsonpath_check_test(parser, not->first) != SC_OK)
    {
        return NULL;
    }

    return not;
}


static sc_jsonpath_expr_t *
sc_jsonpath_paren(sc_jsonpath_parser_t *parser)
{
    sc_jsonpath_expr_t  *expr;

    parser->p++;
    sc_jsonpath_blanks(parser);

    expr = sc_jsonpath_logic(parser);
    if (expr == NULL) {
        return NULL;
    }

    sc_jsonpath_blanks(parser);

    if (!sc_jsonpath_skip(parser, ")")) {
        (void) sc_jsonpath_expected(parser, "\")\"");
        return NULL;
    }

    return expr;
}


static sc_jsonpath_expr_t *
sc_jsonpath_compared(sc_jsonpath_parser_t *parser, sc_jsonpath_expr_t *left,
    sc_jsonpath_op_e op)
{
    sc_jsonpath_expr_t  *expr, *right;

    expr = sc_jsonpath_expr(parser, SC_JSONPATH_COMPARE);

    if (expr == NULL || sc_jsonpath_check_value(parser, left) != SC_OK) {
        return NULL;
    }

    sc_jsonpath_blanks(parser);

    right = sc_jsonpath_term(parser);

    if (right == NULL || sc_jsonpath_check_value(parser, right) != SC_OK) {
        return NULL;
    }

    expr->op = op;
    expr->first = left;
    left->next = right;

    return expr;
}


static int
sc_jsonpath_op(sc_jsonpath_parser_t *parser, sc_jsonpath_op_e *op)
{
    size_t  i;

    static const struct {
        const char        *text;
        sc_jsonpath_op_e   op;
    } ops[] = {
        { "==", SC_JSONPATH_EQ }, { "!=", SC_JSONPATH_NE },
        { "<=", SC_JSONPATH_LE }, { ">=", SC_JSONPATH_GE },
        { "<", SC_JSONPATH_LT }, { ">", SC_JSONPATH_GT }
    };

    for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        if (sc_jsonpath_skip(parser, ops[i].text)) {
            *op = ops[i].op;
            return 1;
        }
    }

    return 0;
}


/* Whether it may stand alone: as a test. */

static int
sc_jsonpath_check_test(sc_jsonpath_parser_t *parser,
    const sc_jsonpath_expr_t *expr)
{
    if (expr->type == SC_JSONPATH_LITERAL) {
        return sc_jsonpath_fail(parser, expr->at,
                                "the literal \"%.*s\" is compared to nothing",
                                sc_jsonpath_shown(expr->at, (size_t)
                                                  (parser->p - expr->at)),
                                expr->at);
    }

    if (expr->type == SC_JSONPATH_CALL && !expr->function->is_logical) {
        return sc_jsonpath_fail(parser, expr->at,
                                "the result of \"%s\" is compared to nothing",
                                expr->function->name);
    }

    return SC_OK;
}
