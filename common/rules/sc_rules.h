
/*
 * Rule sets: what to take from a page, as the caller wrote it in JSON
 * (docs/rules.md), parsed, compiled and dry-run.  nginx -t, the API,
 * scrapectl and the extract workers use this same code, so that a rule
 * accepted by one is accepted by all.  A rule set never changes once made,
 * and is named by the hash of its canonical JSON.
 *
 * Needs libxml2, jansson and PCRE2.  No I/O; not thread-safe (a rule set
 * belongs to one thread).
 */

#ifndef SC_RULES_H
#define SC_RULES_H


#include <jansson.h>
#include <libxml/xpath.h>

#include "common/jsonpath/sc_jsonpath.h"
#include "common/regex/sc_regex.h"
#include "common/rules/sc_pattern.h"
#include "common/sc_core.h"


#define SC_RULES_MAX_XPATH       2048   /* bytes of one expression */
#define SC_RULES_MAX_FIELDS      1000   /* fields of a set, all levels */
#define SC_RULES_MAX_DEPTH       16     /* levels of nested "fields" */
#define SC_RULES_MAX_SELECTORS   16     /* of one field */
#define SC_RULES_MAX_TRANSFORMS  32     /* of one field */
#define SC_RULES_MAX_SETS        32     /* of a group */
#define SC_RULES_MAX_AGE         31536000   /* seconds: a year */
#define SC_RULES_HASH_LEN        71     /* "sha256:" and 64 hex digits */


/* What a value is turned into. */
typedef enum {
    SC_TYPE_STRING = 0,
    SC_TYPE_INT,
    SC_TYPE_NUMBER,
    SC_TYPE_BOOL,
    SC_TYPE_URL,
    SC_TYPE_DATE,           /* "2026-11-21" */
    SC_TYPE_DATETIME,       /* RFC 3339 */
    SC_TYPE_HTML,           /* text; what is taken is markup, unless told */
    SC_TYPE_JSON            /* text that is JSON, given as what it says */
} sc_type_t;


/* What of a match is the value. */
typedef enum {
    SC_GET_TEXT = 0,        /* its string value, white space collapsed */
    SC_GET_RAW,             /* its string value as it is */
    SC_GET_HTML,            /* its markup */
    SC_GET_INNER_HTML,      /* the markup inside it */
    SC_GET_ATTR,            /* an attribute of it */
    SC_GET_EXISTS,          /* whether there is a match */
    SC_GET_COUNT            /* how many there are */
} sc_get_t;


/* Where a selector looks. */
typedef enum {
    SC_SELECT_XPATH = 0,
    SC_SELECT_CSS,
    SC_SELECT_REGEX,        /* the page's characters */
    SC_SELECT_JSON,         /* a JSON body; inside an "each" of JSON, it */
    SC_SELECT_JSONLD,       /* all JSON-LD of the page, as one list */
    SC_SELECT_META,         /* <meta>, by name or property */
    SC_SELECT_HEADER,       /* the response's header */
    SC_SELECT_CONST         /* the value itself, any JSON */
} sc_select_t;


typedef enum {
    SC_TRANSFORM_TRIM = 0,
    SC_TRANSFORM_COLLAPSE,
    SC_TRANSFORM_LOWER,
    SC_TRANSFORM_UPPER,
    SC_TRANSFORM_STRIP_TAGS,
    SC_TRANSFORM_ABSOLUTE,
    SC_TRANSFORM_REPLACE,
    SC_TRANSFORM_REGEX,
    SC_TRANSFORM_SPLIT,
    SC_TRANSFORM_JOIN,
    SC_TRANSFORM_NUMBER_LOCALE,
    SC_TRANSFORM_DATE_FORMAT
} sc_transform_kind_t;


typedef enum {
    SC_STORE_UPSERT = 0,    /* a row of the same key is replaced */
    SC_STORE_APPEND,        /* every page is a row */
    SC_STORE_IGNORE         /* a row of the same key stays */
} sc_store_mode_t;


/* How a page is parsed. */
typedef enum {
    SC_PARSER_AUTO = 0,
    SC_PARSER_HTML,
    SC_PARSER_HTML5,
    SC_PARSER_XML,
    SC_PARSER_JSON
} sc_parser_t;


typedef struct sc_field_s  sc_field_t;
typedef struct sc_rules_s  sc_rules_t;


/*
 * One selector.  All pointers are owned by the rule set.
 *
 * text      as written; of SC_SELECT_CONST its JSON text
 * comp      XPath, and CSS for a tree of HTML; evaluated any number of times
 * comp_xml  CSS for a tree of XML; NULL when it is the same as comp
 * path      json and jsonld
 * regex     regex; its group number group is the value
 */
typedef struct {
    sc_select_t          kind;
    char                *text;
    xmlXPathCompExprPtr  comp;
    xmlXPathCompExprPtr  comp_xml;
    sc_jsonpath_t       *path;
    sc_regex_t          *regex;
    int                  group;
} sc_selector_t;


/*
 * One transform; what has no use is NULL or 0.
 *
 * from     replace: literal text; split, join: separator; number_locale: a
 *          locale's name; date_format: how to read, as strptime() says
 * to       replace: what comes instead ($1 is a group if there is a regex);
 *          date_format: how to write, NULL for ISO 8601
 * regex    regex; replace, when it is by pattern
 * group    regex: which group is the value
 * index    split: which part is the value, from the end when negative
 * indexed  split: index is set; else all parts are values
 */
typedef struct {
    sc_transform_kind_t  kind;
    char                *from;
    char                *to;
    sc_regex_t          *regex;
    int                  group;
    int                  index;
    unsigned             indexed:1;
} sc_transform_t;


/*
 * One field.  All pointers are owned by the rule set.
 *
 * name        NUL-terminated, UTF-8
 * selectors   the first that matches gives the value; of an "each" field,
 *             what it repeats; none of an object, which is where its parent
 *             is
 * get, attr   attr is the attribute's name with SC_GET_ATTR, else NULL
 * type        what the value is turned into
 * transforms  before that, in order
 * many        every match; else the first; set for "each" too
 * list        what comes out is a list: many or split, and not joined after
 * each        one object a match; an object field has fields without each
 * required    a missing value is listed in "missing"
 * fallback    JSON text of "default", NULL when there is none
 * min, max    bounds when has_min, has_max: of a number its value, of text
 *             its length in characters
 * max_items   of a list and of each: at most so many, 0 for no bound
 * choices     "enum": a list of JSON values, NULL when any is right
 * pattern     what the text must match before it gets its type, or NULL
 * drop_if     of "each": an XPath that is true for an item to be left out
 * fields      children of an "each" or object field, else NULL
 * nfields     number of children
 * index       number of this field in the set in the order they were
 *             written, a parent before its children
 */
struct sc_field_s {
    char                *name;
    sc_selector_t       *selectors;
    size_t               nselectors;
    sc_get_t             get;
    char                *attr;
    sc_type_t            type;
    sc_transform_t      *transforms;
    size_t               ntransforms;
    unsigned             many:1;
    unsigned             list:1;
    unsigned             each:1;
    unsigned             required:1;
    unsigned             has_min:1;
    unsigned             has_max:1;
    double               min;
    double               max;
    size_t               max_items;
    json_t              *choices;
    sc_regex_t          *pattern;
    xmlXPathCompExprPtr  drop_if;
    char                *fallback;
    sc_field_t          *fields;
    size_t               nfields;
    size_t               index;
};


/*
 * Which pages a set is for; each part that is there must fit.
 *
 * url           one of these patterns, over the whole final URL
 * content_type  one of these, over the type without parameters
 * similar_url   page whose tags this one's are to be like, NULL if none; a
 *               set with one is made usable by giving it the sketch
 * sketch        the tags of that page (sidecar/views/view_sketch.h), or NULL
 * ratio         how like, 0 to 1
 */
typedef struct {
    sc_patterns_t  url;
    sc_patterns_t  content_type;
    char          *similar_url;
    char          *sketch;
    double         ratio;
} sc_match_t;


/* A prefix of the set's own and the namespace it stands for. */
typedef struct {
    char  *prefix;
    char  *uri;
} sc_ns_t;


/*
 * Where the set's rows go; table is NULL when nowhere.
 *
 * key      names of fields that make a row what it is
 * rows     an "each" field of the top level: a row an item of it, whose
 *          columns are its fields; NULL: a row a page
 * history  what a row was is kept when it changes
 */
typedef struct {
    char             *table;
    char            **key;
    size_t            nkey;
    char             *rows;
    sc_store_mode_t   mode;
    unsigned          history:1;
} sc_table_t;


/*
 * Links that a crawl goes on with.
 *
 * selectors   elements with a link, or attributes or text that are one
 * allow, deny patterns over the absolute URL; deny wins
 * ruleset     what the pages behind are read with: a name, "self", or NULL
 * context     JSON object for the pages behind, whose strings may name
 *             fields: "$title"; NULL if none
 */
typedef struct {
    sc_selector_t  *selectors;
    size_t          nselectors;
    sc_patterns_t   allow;
    sc_patterns_t   deny;
    char           *ruleset;
    char           *context;
    unsigned        pagination:1;
} sc_follow_t;


/*
 * A rule set, or a group of them (nsets is not 0 then, and of the rest only
 * json and hash are used).
 *
 * name              its name in a group, else NULL
 * fields, nfields   top level, in the order they were written
 * total             fields of all levels; their index is below it
 * drop_if           an XPath that is true for a page without data, or NULL
 * strict            a page without a required value is a failure
 * max_age           seconds for which an answer may be given again, 0 to
 *                   SC_RULES_MAX_AGE; -1 when it does not say
 * json              canonical JSON: no spaces, members in the order written,
 *                   always in the {"fields":{…}} form; NUL-terminated
 * json_len          its length
 * hash              "sha256:" and the hex SHA-256 of json, NUL-terminated
 */
struct sc_rules_s {
    char                *name;
    sc_field_t          *fields;
    size_t               nfields;
    size_t               total;
    sc_parser_t          parser;
    sc_match_t           match;
    sc_ns_t             *ns;
    size_t               nns;
    xmlXPathCompExprPtr  drop_if;
    sc_table_t           table;
    sc_follow_t         *follow;
    size_t               nfollow;
    unsigned             strict:1;
    int                  max_age;
    sc_rules_t          *sets;
    size_t               nsets;
    char                *json;
    size_t               json_len;
    char                 hash[SC_RULES_HASH_LEN + 1];
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
 * "fields", the bare map of fields, or a group {"sets": {name: set, …}}.  A
 * dry run evaluates each expression over an empty document, which finds what
 * compiling cannot: unknown functions, prefixes, variables and wrong numbers
 * of arguments.  "each" and lists need a node-set.  NULL on failure with *err
 * filled in.  json is only read; it stays the caller's.
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

/* The key of a rule that makes a selector of that kind: "xpath". */
const char *sc_rules_select_name(sc_select_t kind);

/*
 * Whether a bare selector is written as XPath: it begins with '/', '.'
 * followed by '/' or '.' or nothing, '(', '@', a function call or an axis.
 * Other selectors are CSS.
 */
int sc_rules_is_xpath(const char *selector);

/*
 * Check an expression that stands alone: a bare selector as in a rule set, at
 * most SC_RULES_MAX_XPATH bytes, XPath by its looks, compiled, dry-run; with
 * nodeset it must yield a node-set.  SC_OK, or SC_ERROR with message, and
 * column when that is known, in *err, whose pointer and field are "".
 */
int sc_rules_check_xpath(const char *expr, int nodeset,
    sc_rules_error_t *err);

/*
 * Make a context of libxml2 ready for the expressions of rule sets: the
 * functions of common/xpath and the set's prefixes; rules may be NULL.
 * SC_OK or SC_ERROR when memory is out.
 */
int sc_rules_context(xmlXPathContextPtr ctx, const sc_rules_t *rules);


#endif /* SC_RULES_H */
