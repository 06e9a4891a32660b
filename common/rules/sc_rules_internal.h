
/*
 * What the parts of the rule set code share; for common/rules/sc_rules*.c
 * alone.
 *
 *     sc_rules.c            the set or group, and its canonical JSON
 *     sc_rules_field.c      fields: their forms, all levels
 *     sc_rules_option.c     what a rule says beside its selectors
 *     sc_rules_select.c     its selectors, compiled
 *     sc_rules_transform.c  its transforms
 *     sc_rules_expr.c       expressions in a string of their own
 *     sc_rules_take.c       values of the simple kinds
 *     sc_rules_set.c        the members of a set beside its fields
 *     sc_rules_match.c      which pages it is for
 *     sc_rules_table.c      where its rows go
 *     sc_rules_follow.c     links to go on with
 *     sc_rules_json.c       values as JSON text, and the hash of it
 *     sc_rules_xpath.c      compiling an expression and its dry run
 *     sc_rules_scan.c       what compiling and the dry run cannot see
 *     sc_rules_error.c      the reason of a refusal
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
 * Regular expressions of a set or group.  One may take 64 KiB and is compiled
 * in about 2 ms at most; one that ignores case counts once more for each
 * SC_RULES_REGEX_WIDTH characters of its ranges, see sc_regex_width(), which
 * take at most 0.2 ms.
 */
#define SC_RULES_MAX_REGEX    1000
#define SC_RULES_REGEX_WIDTH  11000


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
 * rules     the set whose prefixes are known, or NULL
 * reason    why the last expression was refused, "" while it is not
 * column    1-based, in characters; 0 when unknown
 * nregex    what sc_rules_regex_counts() has counted, inside of XPath too
 * nodeset   the last expression yields a node-set
 */
typedef struct {
    xmlDocPtr               doc;
    xmlXPathContextPtr      ctx;
    const sc_rules_t       *rules;
    xmlStructuredErrorFunc  structured;
    void                   *structured_ctx;
    xmlGenericErrorFunc     generic;
    void                   *generic_ctx;
    char                    reason[SC_RULES_REASON];
    int                     column;
    size_t                  nregex;
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

/*
 * Refuse an expression for a reason and at a column of it: what is its
 * language, as in "invalid XPath "//a[": invalid expression".
 */
int sc_rules_invalid(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *what, const char *text, const char *reason, int column);

/* Refuse a key that says what the first one of its object says already. */
int sc_rules_ambiguous(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *first);

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
 * What a value must be, told at its place when it is not.  key is looked up
 * in object; one that is not there leaves *out as it is.  The text is a copy,
 * the caller's: at least one byte, at most max, no NUL.
 */
int sc_rules_take_flag(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, unsigned *out);
int sc_rules_take_text(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, size_t max, char **out);
int sc_rules_take_number(sc_rules_parser_t *p, json_t *object,
    const char *key, const sc_rules_path_t *path, double *out);

/* A whole number from 1 to 2^31 - 1. */
int sc_rules_take_items(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, size_t *out);

/* One of n words: its number. */
int sc_rules_take_word(sc_rules_parser_t *p, json_t *object, const char *key,
    const sc_rules_path_t *path, const char *const *words, size_t n,
    size_t *out);

/* A list of patterns, or one in a string. */
int sc_rules_take_patterns(sc_rules_parser_t *p, json_t *object,
    const char *key, const sc_rules_path_t *path, sc_patterns_t *patterns);

/*
 * A copy of a value that is a string, refused when it is longer than max
 * bytes or holds a NUL; what is its name in the message.
 */
int sc_rules_text(sc_rules_parser_t *p, const json_t *value,
    const sc_rules_path_t *path, const char *what, size_t max, char **out);

/* Refuse the first key of object that is not one of n names. */
int sc_rules_known(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char *const *names, size_t n);

/* The number of a word in a table of n, n when it is not there. */
size_t sc_rules_which(const char *word, const char *const *words, size_t n);

/* The table, and how many words it has. */
#define sc_rules_words(table)  table, sizeof(table) / sizeof(char *)


/* What selectors must give; see sc_rules_selectors(). */
#define SC_RULES_ANY      0
#define SC_RULES_NODES    1     /* nodes, or values of JSON */
#define SC_RULES_MATCHES  2     /* any number of values: not one of XPath */


/*
 * Selectors of a rule: value is a bare selector in a string, an object with
 * one of the keys of sc_select_t ("xpath", "css", "regex" with "group" and
 * "flags", "json", "jsonld", "meta", "header", "const"), whose value is one
 * or a list, or an object with "first", a list of the former, or such a list
 * itself.  Two such keys at once are refused; other keys of the object are
 * not looked at.  What was made belongs to *list even after a failure.
 */
int sc_rules_selectors(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, unsigned give, sc_selector_t **list,
    size_t *n);
void sc_rules_free_selectors(sc_selector_t *list, size_t n);

/* An XPath in a string of its own, of any type, into *comp. */
int sc_rules_condition(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, xmlXPathCompExprPtr *comp);

/* A regular expression in a string; flags may be NULL. */
int sc_rules_pattern(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, const char *flags, sc_regex_t **out);

/*
 * Count a regular expression before it is compiled: 1, or 0 when it is more
 * than the set may have.  flags may be NULL.
 */
int sc_rules_regex_counts(sc_rules_xpath_t *x, const char *pattern,
    size_t len, const char *flags);

/* The same for one that is no part of an XPath: SC_OK, or it is refused. */
int sc_rules_regex_room(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *pattern, size_t len, const char *flags);

/*
 * Members of an object about a regular expression: "flags", letters of
 * "imsx", borrowed, NULL when there are none; "group", a number or name of
 * re's groups, else 1 if it has groups and 0, all that matched, if not.
 */
int sc_rules_flags(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const char **flags);
int sc_rules_group(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, const sc_regex_t *re, int *group);

/* "required" and "default". */
int sc_rules_presence(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);

/* Whether key is one way to select, or "first". */
int sc_rules_selects(const char *key);

/*
 * One field of any form; its name is the last key of path.  depth is how many
 * "fields" are around it.
 */
int sc_rules_field(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, unsigned depth, sc_field_t *field);

/* A map of fields, made the caller's before they are looked at. */
int sc_rules_fields(sc_rules_parser_t *p, json_t *map,
    const sc_rules_path_t *path, unsigned depth, sc_field_t **fields,
    size_t *nfields);
void sc_rules_free_fields(sc_field_t *fields, size_t nfields);

/* The field of that name among n, NULL when there is none. */
const sc_field_t *sc_rules_find(const sc_field_t *fields, size_t n,
    const char *name);

/* A copy of the last key of path, which is to name a field or a set. */
int sc_rules_name(sc_rules_parser_t *p, const sc_rules_path_t *path,
    const char *what, char **name);

/*
 * One rule that is an object, without "each": all but its selectors and name;
 * and the list of its transforms.
 */
int sc_rules_options(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_field_t *field);
int sc_rules_transforms(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_field_t *field);
void sc_rules_free_transforms(sc_transform_t *list, size_t n);

/*
 * The members of a set beside "fields", in two steps: those that expressions
 * need ("ns", "parser") before the fields are parsed, the rest ("match",
 * "drop_if", "strict", "store", "follow") after.  The first also refuses keys
 * that are not known.  What was made belongs to rules.
 */
int sc_rules_set_before(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules);
int sc_rules_set_after(sc_rules_parser_t *p, json_t *object,
    const sc_rules_path_t *path, sc_rules_t *rules);
void sc_rules_set_free(sc_rules_t *rules);

/* Parts of the second step; value is not NULL. */
int sc_rules_match(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_match_t *match);
int sc_rules_table(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_rules_t *rules);
int sc_rules_follow(sc_rules_parser_t *p, json_t *value,
    const sc_rules_path_t *path, sc_rules_t *rules);


/* SC_OK, or SC_ERROR when memory is out; either way close it. */
int sc_rules_xpath_open(sc_rules_xpath_t *x);
void sc_rules_xpath_close(sc_rules_xpath_t *x);

/*
 * Begin another set, with its prefixes, when rules is not NULL, and all of
 * SC_RULES_DRY_STEPS.  SC_OK, or SC_ERROR when memory is out.
 */
int sc_rules_xpath_begin(sc_rules_xpath_t *x, const sc_rules_t *rules);

/*
 * Compile and dry-run.  The caller owns the result; NULL with reason and
 * column set when refused.
 */
xmlXPathCompExprPtr sc_rules_xpath_compile(sc_rules_xpath_t *x,
    const char *expr);

/* The same for what CSS was translated to: a path, whatever it is. */
xmlXPathCompExprPtr sc_rules_xpath_path(sc_rules_xpath_t *x,
    const char *expr);

/* Compile only. */
xmlXPathCompExprPtr sc_rules_xpath_only(sc_rules_xpath_t *x,
    const char *expr);

/*
 * The 1-based character that is at offset bytes; the last one when the
 * expression ends too early.
 */
int sc_rules_column(const char *expr, size_t offset);


/*
 * Look through an expression that compiles for names nobody has defined, for
 * calls with a wrong number of arguments, and for patterns that are no regular
 * expressions, wherever they stand: the dry run never enters a predicate of an
 * empty node-set.  SC_OK, or SC_ERROR with reason and column set.
 */
int sc_rules_scan(sc_rules_xpath_t *x, const char *expr);


/* A value as JSON text, the caller's. */
int sc_rules_json(sc_rules_parser_t *p, const json_t *value, char **out);

/* Name the bytes: "sha256:", 64 hex digits and a NUL.  SC_OK or SC_ERROR. */
int sc_rules_hash(char *out, const char *data, size_t len);


#endif /* SC_RULES_INTERNAL_H */
