
#include <stdlib.h>
#include <string.h>

#include "common/jsonpath/sc_jsonpath_internal.h"


static int sc_jsonpath_top(sc_jsonpath_parser_t *parser);
static int sc_jsonpath_is_singular(const sc_jsonpath_query_t *query);
static int sc_jsonpath_segment(sc_jsonpath_parser_t *parser,
    sc_jsonpath_segment_t ***tail);
static int sc_jsonpath_dotted(sc_jsonpath_parser_t *parser,
    sc_jsonpath_segment_t *segment);
static int sc_jsonpath_bracketed(sc_jsonpath_parser_t *parser,
    sc_jsonpath_segment_t *segment);
static int sc_jsonpath_selector(sc_jsonpath_parser_t *parser,
    sc_jsonpath_selector_t *selector);
static int sc_jsonpath_index_or_slice(sc_jsonpath_parser_t *parser,
    sc_jsonpath_selector_t *selector);
static int sc_jsonpath_slice_part(sc_jsonpath_parser_t *parser, int64_t *n);


sc_jsonpath_t *
sc_jsonpath_compile(const char *text, size_t len, sc_jsonpath_error_t *err)
{
    sc_jsonpath_error_t   unread;
    sc_jsonpath_parser_t  parser;

    memset(&parser, 0, sizeof(parser));
    parser.start = text;
    parser.p = text;
    parser.last = text + len;
    parser.err = (err != NULL) ? err : &unread;
    parser.path = calloc(1, sizeof(sc_jsonpath_t));

    if (parser.path == NULL) {
        (void) sc_jsonpath_fail(&parser, NULL, "out of memory");
        return NULL;
    }

    if (sc_jsonpath_check_utf8(&parser) != SC_OK
        || sc_jsonpath_top(&parser) != SC_OK)
    {
        sc_jsonpath_free(parser.path);
        return NULL;
    }

    return parser.path;
}


void
sc_jsonpath_free(sc_jsonpath_t *path)
{
    sc_jsonpath_expr_t  *expr;

    if (path == NULL) {
        return;
    }

    for (expr = path->exprs; expr != NULL; expr = expr->owned) {
        json_decref(expr->literal);
        pcre2_code_free(expr->code);
    }

    sc_jsonpath_free_blocks(path);
    free(path);
}


int
sc_jsonpath_segments(sc_jsonpath_parser_t *parser, sc_jsonpath_query_t *query)
{
    char                     c;
    const char              *p;
    sc_jsonpath_segment_t  **tail;

    for (tail = &query->first; *tail != NULL; tail = &(*tail)->next) {
        /* void */
    }

    for ( ;; ) {
        p = parser->p;
        sc_jsonpath_blanks(parser);
        c = sc_jsonpath_peek(parser);

        if (c != '.' && c != '[') {
            parser->p = p;
            break;
        }

        if (sc_jsonpath_segment(parser, &tail) != SC_OK) {
            return SC_ERROR;
        }
    }

    query->singular = sc_jsonpath_is_singular(query);

    return SC_OK;
}


/* The whole text; what stands before the first segment may be left out. */

static int
sc_jsonpath_top(sc_jsonpath_parser_t *parser)
{
    char                    c;
    sc_jsonpath_query_t    *query;
    sc_jsonpath_segment_t  *segment;

    query = &parser->path->query;
    c = sc_jsonpath_peek(parser);

    if (!sc_jsonpath_skip(parser, "$") && c != '.' && c != '[') {
        if (c != '*' && sc_jsonpath_name_len(parser) == 0) {
            return sc_jsonpath_expected(parser, "\"$\" or a name");
        }

        segment = sc_jsonpath_alloc(parser, sizeof(sc_jsonpath_segment_t));
        if (segment == NULL) {
            return SC_ERROR;
        }

        query->first = segment;

        if (sc_jsonpath_dotted(parser, segment) != SC_OK) {
            return SC_ERROR;
        }
    }

    if (sc_jsonpath_segments(parser, query) != SC_OK) {
        return SC_ERROR;
    }

    if (parser->p < parser->last) {
        return sc_jsonpath_expected(parser, "\".\", \"[\" or the end");
    }

    return SC_OK;
}


static int
sc_jsonpath_is_singular(const sc_jsonpath_query_t *query)
{
    const sc_jsonpath_segment_t   *segment;
    const sc_jsonpath_selector_t  *selector;

    for (segment = query->first; segment != NULL; segment = segment->next) {
        selector = segment->first;

        if (segment->descendant || selector->next != NULL
            || (selector->type != SC_JSONPATH_NAME
                && selector->type != SC_JSONPATH_INDEX))
        {
            return 0;
        }
    }

    return 1;
}


static int
sc_jsonpath_segment(sc_jsonpath_parser_t *parser,
    sc_jsonpath_segment_t ***tail)
{
    sc_jsonpath_segment_t  *segment;

    segment = sc_jsonpath_alloc(parser, sizeof(sc_jsonpath_segment_t));
    if (segment == NULL) {
        return SC_ERROR;
    }

    **tail = segment;
    *tail = &segment->next;

    if (sc_jsonpath_skip(parser, "..")) {
        segment->descendant = 1;

        return (sc_jsonpath_peek(parser) == '[')
               ? sc_jsonpath_bracketed(parser, segment)
               : sc_jsonpath_dotted(parser, segment);
    }

    if (sc_jsonpath_skip(parser, ".")) {
        return sc_jsonpath_dotted(parser, segment);
    }

    return sc_jsonpath_bracketed(parser, segment);
}


/* What follows a dot: "*" or a name without quotes. */

static int
sc_jsonpath_dotted(sc_jsonpath_parser_t *parser,
    sc_jsonpath_segment_t *segment)
{
    char                    *name;
    size_t                   len;
    sc_jsonpath_selector_t  *selector;

    selector = sc_jsonpath_alloc(parser, sizeof(sc_jsonpath_selector_t));
    if (selector == NULL) {
        return SC_ERROR;
    }

    segment->first = selector;

    if (sc_jsonpath_skip(parser, "*")) {
        selector->type = SC_JSONPATH_WILDCARD;
        return SC_OK;
    }

    len = sc_jsonpath_name_len(parser);

    if (len == 0) {
        return sc_jsonpath_expected(parser, segment->descendant
                                    ? "a name, \"*\" or \"[\""
                                    : "a name or \"*\"");
    }

    name = sc_jsonpath_alloc(parser, len);
    if (name == NULL) {
        return SC_ERROR;
    }

    memcpy(name, parser->p, len);
    parser->p += len;

    selector->type = SC_JSONPATH_NAME;
    selector->name.data = name;
    selector->name.len = len;

    return SC_OK;
}


static int
sc_jsonpath_bracketed(sc_jsonpath_parser_t *parser,
    sc_jsonpath_segment_t *segment)
{
    sc_jsonpath_selector_t  *selector, **tail;

    tail = &segment->first;

    do {
        parser->p++;
        sc_jsonpath_blanks(parser);

        selector = sc_jsonpath_alloc(parser, sizeof(sc_jsonpath_selector_t));

        if (selector == NULL
            || sc_jsonpath_selector(parser, selector) != SC_OK)
        {
            return SC_ERROR;
        }

        *tail = selector;
        tail = &selector->next;

        sc_jsonpath_blanks(parser);

    } while (sc_jsonpath_peek(parser) == ',');

    if (!sc_jsonpath_skip(parser, "]")) {
        return sc_jsonpath_expected(parser, "\",\" or \"]\"");
    }

    return SC_OK;
}


static int
sc_jsonpath_selector(sc_jsonpath_parser_t *parser,
    sc_jsonpath_selector_t *selector)
{
    char  c;

    c = sc_jsonpath_peek(parser);

    switch (c) {

    case '"':
    case '\'':
        selector->type = SC_JSONPATH_NAME;
        return sc_jsonpath_string(parser, &selector->name);

    case '*':
        parser->p++;
        selector->type = SC_JSONPATH_WILDCARD;
        return SC_OK;

    case '?':
        parser->p++;
        sc_jsonpath_blanks(parser);
        selector->type = SC_JSONPATH_FILTER;
        selector->filter = sc_jsonpath_logic(parser);
        return (selector->filter != NULL) ? SC_OK : SC_ERROR;

    default:
        break;
    }

    if (c == ':' || c == '-' || (c >= '0' && c <= '9')) {
        return sc_jsonpath_index_or_slice(parser, selector);
    }

    return sc_jsonpath_expected(parser,
                                "a quoted name, an index, \"*\" or \"?\"");
}


static int
sc_jsonpath_index_or_slice(sc_jsonpath_parser_t *parser,
    sc_jsonpath_selector_t *selector)
{
    int          rc;
    const char  *p;

    selector->type = SC_JSONPATH_INDEX;
    selector->step = 1;

    rc = sc_jsonpath_slice_part(parser, &selector->start);
    if (rc == SC_ERROR) {
        return SC_ERROR;
    }

    selector->has_start = (rc == SC_OK);

    p = parser->p;
    sc_jsonpath_blanks(parser);

    if (!sc_jsonpath_skip(parser, ":")) {
        parser->p = p;
        return SC_OK;
    }

    selector->type = SC_JSONPATH_SLICE;
    sc_jsonpath_blanks(parser);

    rc = sc_jsonpath_slice_part(parser, &selector->end);
    if (rc == SC_ERROR) {
        return SC_ERROR;
    }

    selector->has_end = (rc == SC_OK);
    sc_jsonpath_blanks(parser);

    if (!sc_jsonpath_skip(parser, ":")) {
        return SC_OK;
    }

    sc_jsonpath_blanks(parser);
    rc = sc_jsonpath_slice_part(parser, &selector->step);

    return (rc == SC_ERROR) ? SC_ERROR : SC_OK;
}


/* SC_OK, SC_ERROR, or SC_DECLINED and n as it was when none is written. */

static int
sc_jsonpath_slice_part(sc_jsonpath_parser_t *parser, int64_t *n)
{
    char  c;

    c = sc_jsonpath_peek(parser);

    if (c != '-' && (c < '0' || c > '9')) {
        return SC_DECLINED;
    }

    return sc_jsonpath_integer(parser, n);
}
