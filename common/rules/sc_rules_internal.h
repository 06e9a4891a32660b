
/*
 * What the parts of the rule set code share; for common/rules/sc_rules*.c alone.
 *
 *     sc_rules.c         the set: JSON into fields, all levels
 *     sc_rules_field.c   one rule: its keys, options and expression
 *     sc_rules_json.c    canonical JSON and its hash
 *     sc_rules_xpath.c   compiling an expression and its dry run
 *     sc_rules_scan.c    what compiling and the dry run cannot see
 *     sc_rules_error.c   the reason of a refusal
 */

#ifndef SC_RULES_INTERNAL_H
#define SC_RULES_INTERNAL_H


#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include "common/sc_buf.h"
#include "common/rules/sc_rules.h"


#define SC_RULES_SHOWN     160      /* room for a value in a message */
#define SC_RULES_REASON    256      /* room for why an XPath is refused */

/*
 * Steps of libxml2 that the dry runs of one set may take together: a thousand
 * honest fields need a tenth of it, and it is spent in well under 100 ms.
 */
#define SC_RULES_DRY_STEPS  500000


/*
 * Where a value stands in the JSON: one key and the value around it.  The
 * root has neither.  Lives on the stack of the functions that descend.
 *
 * field   name of the field the value belongs to, "" at the top
 */
typedef struct sc_rules_path_s  sc_rules_path_t;

struct sc_rules_path_s {
    const sc_rules_path_t  *up;
    const char             *key;
    const char             *field;
};


/* whose fault a refusal is; see sc_rules_error_t */
typedef enum {
    SC_RULES_SHAPE = 0,     /* syntax */
    SC_RULES_UNKNOWN,       /* syntax and unknown */
    SC_RULES_RULE           /* neither */
} sc_rules_fault_t;


/*
 * What expressions are tried in: an empty HTML document, and libxml2's error
 * handlers of this thread, ours while it is open.
 *
 * reason    why the last expression was refused, "" while it is not
 * column    1-based, in characters; 0 when unknown
 * nodeset   the last expression yields a node-set
 */
typedef struct {
    xmlDocPtr               doc;
    xmlXPathContextPtr      ctx;
    xmlStructuredErrorFunc  structured;
    void                   *structured_ctx;
    xmlGenericErrorFunc     generic;
    void                   *generic_ctx;
    char                    reason[SC_RULES_REASON];
    int                     column;
    unsigned                nodeset:1;
} sc_rules_xpath_t;


/* One parse: what every level of it needs. */
typedef struct {
    sc_rules_error_t  *err;
    sc_rules_xpath_t   xpath;
    size_t             nfields;             /* so far, all levels */
    char               shown[SC_RULES_SHOWN];
} sc_rules_parser_t;


/* The place of a key inside path. */
sc_rules_path_t sc_rules_below(const sc_rules_path_t *path, const char *key);

/*
 * Fill in *err; path may be NULL when no value is at fault.  Always SC_ERROR,
 * to be returned at once.
 */
int sc_rules_refuse(sc_rules_error_t *err, sc_rules_fault_t fault,
    const sc_rules_path_t *path, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int sc_rules_no_memory(sc_rules_parser_t *p);

/* What a JSON value is, for a message: "a list". */
const char *sc_rules_kind(const json_t *json);

/*
 * Copy s for a message: control characters become spaces, and what does not
 * fit in size (at least 8) is cut between two characters and ended with
 * "...".  Returns out, NUL-terminated.
 */
char *sc_rules_shown(char *out, size_t size, const char *s, size_t len);

/* The same in the parser's own room, until the next call. */
const char *sc_rules_quoted(sc_rules_parser_t *p, const char *s);


/*
 * A bare selector, which must be XPath by its looks, or a rule with "xpath"
 * and its options: checked, compiled and put into *field, whose "many" says
 * whether a node-set is needed.  value is a string, object an object.
 */
int sc_rules_selector(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field);
int sc_rules_object(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);

/* Refuse keys that are not known, or not of a rule with (group) "each". */
int sc_rules_keys(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, unsigned group);


/* SC_OK, or SC_ERROR when memory is out; either way close it. */
int sc_rules_xpath_open(sc_rules_xpath_t *x);
void sc_rules_xpath_close(sc_rules_xpath_t *x);

/*
 * Compile and dry-run.  The caller owns the result; NULL with reason and
 * column set when refused.
 */
xmlXPathCompExprPtr sc_rules_xpath_compile(sc_rules_xpath_t *x,
    const char *expr);


/*
 * Look through an expression that compiles for names nobody has defined, and
 * for calls with a wrong number of arguments, wherever they stand: the dry
 * run never enters a predicate of an empty node-set.  SC_OK, or SC_ERROR
 * with the reason and the offset in bytes of what is wrong.
 */
int sc_rules_scan(const char *expr, char *reason, size_t size,
    size_t *offset);


/* Append canonical JSON; a failure shows in b->failed. */
void sc_rules_json(sc_buf_t *b, const json_t *json);

/* Name the bytes: "sha256:", 64 hex digits and a NUL.  SC_OK or SC_ERROR. */
int sc_rules_hash(char *out, const char *data, size_t len);


#endif /* SC_RULES_INTERNAL_H */
