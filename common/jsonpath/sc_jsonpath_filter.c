
#include <string.h>

#include "common/jsonpath/sc_jsonpath_internal.h"


/* bytes of a string that are compared for one step */
#define SC_JSONPATH_COMPARED  4096


static int sc_jsonpath_exists(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_query_t *query, json_t *current);
static int sc_jsonpath_stop(void *data, json_t *value);
static int sc_jsonpath_compare(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_expr_t *expr, json_t *current);
static int sc_jsonpath_equal(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_value_t *a, const sc_jsonpath_value_t *b);
static int sc_jsonpath_same(sc_jsonpath_walk_t *walk, json_t *a, json_t *b);
static int sc_jsonpath_same_members(sc_jsonpath_walk_t *walk, json_t *a,
    json_t *b);
static int sc_jsonpath_same_elements(sc_jsonpath_walk_t *walk, json_t *a,
    json_t *b);
static int sc_jsonpath_less(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_value_t *a, const sc_jsonpath_value_t *b);
static int sc_jsonpath_order(sc_jsonpath_walk_t *walk, json_t *a, json_t *b,
    int *order);
static int sc_jsonpath_is_number(const sc_jsonpath_value_t *value);
static long double sc_jsonpath_to_number(const sc_jsonpath_value_t *value);


int
sc_jsonpath_test(sc_jsonpath_walk_t *walk, const sc_jsonpath_expr_t *expr,
    json_t *current)
{
    int                        rc, until;
    const sc_jsonpath_expr_t  *part;

    switch (expr->type) {

    case SC_JSONPATH_OR:
    case SC_JSONPATH_AND:
        until = (expr->type == SC_JSONPATH_OR);
        rc = !until;

        for (part = expr->first; part != NULL && rc == !until;
             part = part->next)
        {
            rc = sc_jsonpath_test(walk, part, current);
        }

        return rc;

    case SC_JSONPATH_NOT:
        rc = sc_jsonpath_test(walk, expr->first, current);
        return (rc == SC_ERROR) ? SC_ERROR : !rc;

    case SC_JSONPATH_COMPARE:
        return sc_jsonpath_compare(walk, expr, current);

    case SC_JSONPATH_QUERY:
        return sc_jsonpath_exists(walk, &expr->query, current);

    case SC_JSONPATH_CALL:
        return sc_jsonpath_call_match(walk, expr, current);

    default:
        return 0;
    }
}


int
sc_jsonpath_operand(sc_jsonpath_walk_t *walk, const sc_jsonpath_expr_t *expr,
    json_t *current, sc_jsonpath_value_t *value)
{
    int  rc;

    memset(value, 0, sizeof(sc_jsonpath_value_t));

    if (expr->type == SC_JSONPATH_LITERAL) {
        value->json = expr->literal;
        return SC_OK;
    }

    if (expr->type == SC_JSONPATH_CALL) {
        return sc_jsonpath_call(walk, expr, current, value);
    }

    rc = sc_jsonpath_query(walk, &expr->query, current, sc_jsonpath_stop,
                           &value->json);

    return (rc == SC_ERROR) ? SC_ERROR : SC_OK;
}


static int
sc_jsonpath_exists(sc_jsonpath_walk_t *walk, const sc_jsonpath_query_t *query,
    json_t *current)
{
    int      rc;
    json_t  *first;

    first = NULL;
    rc = sc_jsonpath_query(walk, query, current, sc_jsonpath_stop, &first);

    return (rc == SC_ERROR) ? SC_ERROR : first != NULL;
}


/* Keep the first node and end the walk. */

static int
sc_jsonpath_stop(void *data, json_t *value)
{
    json_t  **first;

    first = data;
    *first = value;

    return SC_DECLINED;
}


/* RFC 9535, 2.3.5.2.2: <= is "less or equal" even where nothing is less. */

static int
sc_jsonpath_compare(sc_jsonpath_walk_t *walk, const sc_jsonpath_expr_t *expr,
    json_t *current)
{
    int                  rc;
    sc_jsonpath_value_t  a, b;

    if (sc_jsonpath_operand(walk, expr->first, current, &a) != SC_OK
        || sc_jsonpath_operand(walk, expr->first->next, current, &b) != SC_OK)
    {
        return SC_ERROR;
    }

    switch (expr->op) {

    case SC_JSONPATH_EQ:
        return sc_jsonpath_equal(walk, &a, &b);

    case SC_JSONPATH_NE:
        rc = sc_jsonpath_equal(walk, &a, &b);
        return (rc == SC_ERROR) ? SC_ERROR : !rc;

    case SC_JSONPATH_LT:
        return sc_jsonpath_less(walk, &a, &b);

    case SC_JSONPATH_GT:
        return sc_jsonpath_less(walk, &b, &a);

    case SC_JSONPATH_LE:
        rc = sc_jsonpath_less(walk, &a, &b);
        break;

    default:
        rc = sc_jsonpath_less(walk, &b, &a);
        break;
    }

    return (rc != 0) ? rc : sc_jsonpath_equal(walk, &a, &b);
}


static int
sc_jsonpath_equal(sc_jsonpath_walk_t *walk, const sc_jsonpath_value_t *a,
    const sc_jsonpath_value_t *b)
{
    if (sc_jsonpath_is_number(a) && sc_jsonpath_is_number(b)) {
        return sc_jsonpath_to_number(a) == sc_jsonpath_to_number(b);
    }

    if (a->is_count || b->is_count) {
        return 0;
    }

    if (a->json == NULL || b->json == NULL) {
        return a->json == b->json;
    }

    return sc_jsonpath_same(walk, a->json, b->json);
}


static int
sc_jsonpath_same(sc_jsonpath_walk_t *walk, json_t *a, json_t *b)
{
    int                  rc, order;
    sc_jsonpath_value_t  x, y;

    if (sc_jsonpath_visit(walk) != SC_OK) {
        return SC_ERROR;
    }

    rc = 0;

    if (json_is_number(a) && json_is_number(b)) {
        x = (sc_jsonpath_value_t) { .json = a };
        y = (sc_jsonpath_value_t) { .json = b };
        rc = sc_jsonpath_equal(walk, &x, &y);

    } else if (json_typeof(a) == json_typeof(b)) {

        switch (json_typeof(a)) {

        case JSON_OBJECT:
            rc = sc_jsonpath_same_members(walk, a, b);
            break;

        case JSON_ARRAY:
            rc = sc_jsonpath_same_elements(walk, a, b);
            break;

        case JSON_STRING:
            if (json_string_length(a) == json_string_length(b)) {
                rc = sc_jsonpath_order(walk, a, b, &order);
                rc = (rc == SC_ERROR) ? SC_ERROR : order == 0;
            }

            break;

        default:
            rc = 1;
            break;
        }
    }

    walk->depth--;

    return rc;
}


static int
sc_jsonpath_same_members(sc_jsonpath_walk_t *walk, json_t *a, json_t *b)
{
    int      rc;
    void    *iter;
    json_t  *other;

    rc = (json_object_size(a) == json_object_size(b));

    for (iter = json_object_iter(a); iter != NULL && rc == 1;
         iter = json_object_iter_next(a, iter))
    {
        other = json_object_getn(b, json_object_iter_key(iter),
                                 json_object_iter_key_len(iter));

        rc = (other == NULL) ? 0
             : sc_jsonpath_same(walk, json_object_iter_value(iter), other);
    }

    return rc;
}


static int
sc_jsonpath_same_elements(sc_jsonpath_walk_t *walk, json_t *a, json_t *b)
{
    int     rc;
    size_t  i, n;

    n = json_array_size(a);
    rc = (n == json_array_size(b));

    for (i = 0; i < n && rc == 1; i++) {
        rc = sc_jsonpath_same(walk, json_array_get(a, i),
                              json_array_get(b, i));
    }

    return rc;
}


static int
sc_jsonpath_less(sc_jsonpath_walk_t *walk, const sc_jsonpath_value_t *a,
    const sc_jsonpath_value_t *b)
{
    int  order;

    if (sc_jsonpath_is_number(a) && sc_jsonpath_is_number(b)) {
        return sc_jsonpath_to_number(a) < sc_jsonpath_to_number(b);
    }

    if (!json_is_string(a->json) || !json_is_string(b->json)) {
        return 0;
    }

    if (sc_jsonpath_order(walk, a->json, b->json, &order) != SC_OK) {
        return SC_ERROR;
    }

    return order < 0;
}


/* The order of the bytes of UTF-8 is that of the characters. */

static int
sc_jsonpath_order(sc_jsonpath_walk_t *walk, json_t *a, json_t *b, int *order)
{
    size_t  n, na, nb;

    na = json_string_length(a);
    nb = json_string_length(b);
    n = (na < nb) ? na : nb;

    if (sc_jsonpath_charge(walk, n / SC_JSONPATH_COMPARED) != SC_OK) {
        return SC_ERROR;
    }

    *order = memcmp(json_string_value(a), json_string_value(b), n);

    if (*order == 0) {
        *order = (na > nb) - (na < nb);
    }

    return SC_OK;
}


static int
sc_jsonpath_is_number(const sc_jsonpath_value_t *value)
{
    return value->is_count || json_is_number(value->json);
}


/* A long double of 64 bits of mantissa cuts no integer of jansson's. */

static long double
sc_jsonpath_to_number(const sc_jsonpath_value_t *value)
{
    if (value->is_count) {
        return (long double) value->count;
    }

    return json_is_integer(value->json)
           ? (long double) json_integer_value(value->json)
           : (long double) json_real_value(value->json);
}
