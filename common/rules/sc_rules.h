
/*
 * Rule sets: what to take from a page, as the caller wrote it in JSON
 * (docs/rules.md), parsed, compiled and dry-run.  nginx -t, the API and the
 * extract workers use this same code, so that a rule accepted by one is
 * accepted by all.  A rule set never changes once made, and is named by the
 * hash of its canonical JSON.
 *
 * Needs libxml2 and jansson.  No I/O; not thread-safe (a rule set belongs to
 * one thread).
 */

#ifndef SC_RULES_H
#define SC_RULES_H


#include <jansson.h>
#include <libxml/xpath.h>

#include "common/sc_core.h"


#define SC_RULES_MAX_XPATH    2048      /* bytes of one expression */
#define SC_RULES_MAX_FIELDS   1000      /* fields of a set, all levels */
#define SC_RULES_MAX_DEPTH    16        /* levels of nested "each" */
#define SC_RULES_HASH_LEN     71        /* "sha256:" and 64 hex digits */


typedef enum {
    SC_TYPE_STRING = 0,
    SC_TYPE_INT,
    SC_TYPE_NUMBER,
    SC_TYPE_BOOL,
    SC_TYPE_URL
} sc_type_t;


typedef struct sc_field_s  sc_field_t;
typedef struct sc_rules_s  sc_rules_t;


/*
 * One field.  All pointers are owned by the rule set.
 *
 * name      NUL-terminated, UTF-8
 * xpath     the expression as written; of an "each" field, what it repeats
 * comp      the same compiled; may be evaluated any number of times
 * type      what the value is turned into
 * many      every match, as a list; else the first; set for "each" too
 * required  a missing value is listed in "missing"
 * fallback  JSON text of "default", NULL when there is none
 * fields    children of an "each" field, else NULL
 * nfields   number of children
 */
struct sc_field_s {
    char               *name;
    char               *xpath;
    xmlXPathCompExprPtr comp;
    sc_type_t           type;
    unsigned            many:1;
    unsigned            required:1;
    char               *fallback;
    sc_field_t         *fields;
    size_t              nfields;
};


/*
 * A rule set.
 *
 * fields, nfields   top level, in the order they were written
 * json              canonical JSON: no spaces, members in the order written,
 *                   always in the {"fields":{…}} form; NUL-terminated
 * json_len          its length
 * hash              "sha256:" and the hex SHA-256 of json, NUL-terminated
 */
struct sc_rules_s {
    sc_field_t  *fields;
    size_t       nfields;
    char        *json;
    size_t       json_len;
    char         hash[SC_RULES_HASH_LEN + 1];
};


/*
 * Why a rule set was refused.
 *
 * syntax    1: the JSON does not have a rule set's shape (the API's 400);
 *           0: the shape is right, an expression in it is not (422)
 * unknown   with syntax, the reason is a key that is not known
 * pointer   JSON Pointer (RFC 6901) to what is wrong, from the rule set's own
 *           root ("" is the root), NUL-terminated, cut at its size
 * field     name of the field, "" when it is none's fault
 * message   one lower-case sentence with the value in it
 * column    1-based column in the expression, in characters; the last one
 *           when it ends too early, 0 when unknown
 */
typedef struct {
    unsigned  syntax:1;
    unsigned  unknown:1;
    char      pointer[512];
    char      field[128];
    char      message[512];
    int       column;
} sc_rules_error_t;


/*
 * Parse, compile and dry-run a rule set from its JSON: an object with
 * "fields", or the bare map of fields.  The dry run evaluates each expression
 * over an empty document, which finds what compiling cannot: unknown
 * functions, prefixes, variables and wrong numbers of arguments.  "each" and
 * lists need a node-set.  NULL on failure with *err filled in.  json is only
 * read; it stays the caller's.
 */
sc_rules_t *sc_rules_parse(const json_t *json, sc_rules_error_t *err);

/*
 * The same from text.  A text that is not JSON fills *err with syntax = 1
 * and pointer "".
 */
sc_rules_t *sc_rules_parse_text(const char *text, size_t len,
    sc_rules_error_t *err);

/* Free a rule set; NULL is allowed. */
void sc_rules_free(sc_rules_t *rules);

/*
 * Whether a bare selector is written as XPath: it begins with '/', '.', '(',
 * '@', a function call or an axis.  Other selectors are reserved for CSS and
 * refused.
 */
int sc_rules_is_xpath(const char *selector);

/*
 * Check an expression that stands alone the way a set's bare selectors are:
 * written as XPath, at most SC_RULES_MAX_XPATH bytes, compiled, dry-run; with
 * nodeset it must yield a node-set.  SC_OK, or SC_ERROR with message, and
 * column when that is known, in *err, whose pointer and field are "".
 */
int sc_rules_check_xpath(const char *expr, int nodeset,
    sc_rules_error_t *err);


#endif /* SC_RULES_H */
