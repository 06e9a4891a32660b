
/*
 * What the files of extract share:
 *
 *     extract.c            a page: which sets are for it, what is told
 *     extract_field.c      rules over a place of the page
 *     extract_select.c     what a selector finds there
 *     extract_value.c      the text or markup of what was found
 *     extract_texts.c      texts under way
 *     extract_transform.c  what is done to them
 *     extract_tags.c       markup to text
 *     extract_locale.c     numbers as people write them; extract_locale_char.c
 *     extract_date.c       dates as people write them; extract_date_*.c
 *     extract_type.c       text to JSON of its type
 *     extract_warn.c       what is told about a value
 *     extract_explain.c    how each field came to its value
 *     extract_match.c      whether a set is for this page
 *     extract_follow.c     links a crawl goes on with
 *     extract_view.c       what is asked for beside the data
 *     extract_form.c       a form or a check instead of rules
 *     extract_doc.c        the page itself: its document, evaluation in it
 */

#ifndef EXTRACT_INTERNAL_H
#define EXTRACT_INTERNAL_H


#include "sidecar/extract/extract.h"
#include "sidecar/views/view.h"


/* an error of XPath's own numbering as libxml2 reports it */
#define EXTRACT_XPATH_ERROR(code)  (XML_XPATH_EXPRESSION_OK + (code))

#define EXTRACT_NO_STEPS   EXTRACT_XPATH_ERROR(XPATH_OP_LIMIT_EXCEEDED)
#define EXTRACT_NO_MEMORY  XML_ERR_NO_MEMORY

/* What has been loaded of a page, bits. */
#define EXTRACT_LOADED_JSON     1u
#define EXTRACT_LOADED_JSONLD   2u
#define EXTRACT_LOADED_HEADERS  4u

#define EXTRACT_TOO_MUCH   "the page needs more memory than a page may have"


/*
 * Texts under way, in one buffer, each followed by a NUL.
 *
 * absent   it stands for a match without a value: null in a list
 */
typedef struct {
    size_t    start;
    size_t    len;
    unsigned  absent:1;
} extract_text_t;


typedef struct {
    sc_buf_t         bytes;
    extract_text_t  *list;
    size_t           n;
    size_t           cap;
} extract_texts_t;


/* How often a field was looked for, and how often there was a value. */
typedef struct {
    uint32_t  found;
    uint32_t  looked;
} extract_fill_t;


/*
 * A page under way.
 *
 * rules     the set that is applied, of a group the present one
 * text      a value before it is converted; used again for each
 * scratch   a resolved URL or a message; used again for each
 * base      what references resolve against, "" until it is needed
 * texts     values of a field with transforms, used again for each; spare is
 *           the other one for a transform that makes new texts
 * json      the page as JSON, loaded when first asked for; NULL if it is not
 * jsonld    the page's JSON-LD as one list, loaded when first asked for
 * headers   the response's fields, loaded when first asked for
 * loaded    which of the three have been tried, EXTRACT_LOADED_*
 * steps     what JSONPath may still do on this page
 * fill      by the number of the field
 * explain   how fields came to their values, nothing when nobody asks;
 *           explained is how many are in it; tries and problems those of
 *           the one that is open while explaining
 * followed  links of the sets that were applied, follows of them
 * incomplete  a required value of the present set is missing
 */
typedef struct {
    extract_page_t      *page;
    const sc_rules_t    *rules;
    page_t               parsed;
    xmlDocPtr            doc;
    xmlXPathContextPtr   xpath;
    sc_buf_t             text;
    sc_buf_t             scratch;
    sc_buf_t             base;
    extract_texts_t      texts;
    extract_texts_t      spare;
    json_t              *json;
    json_t              *jsonld;
    json_t              *headers;
    unsigned             loaded;
    size_t               steps;
    extract_fill_t      *fill;
    sc_buf_t             explain;
    size_t               explained;
    size_t               tries;
    size_t               problems;
    unsigned             explaining:1;
    sc_buf_t             followed;
    size_t               follows;
    size_t               warnings;
    size_t               missing;
    unsigned             incomplete:1;
} extract_t;


typedef struct extract_at_s  extract_at_t;

/*
 * Where in the data a value is: a member called name, or with name NULL an
 * element of a list.  Each level keeps its own on the stack.
 */
struct extract_at_s {
    const extract_at_t  *parent;
    const char          *name;
    size_t               index;
};


/*
 * Where in the page a rule is applied: a node, and inside an "each" of JSON
 * the value it stands at, borrowed; NULL outside.
 */
typedef struct {
    const xmlNode  *node;
    json_t         *json;
} extract_here_t;


/*
 * What a selector found: n matches, of one of three kinds.
 *
 * object   XPath and CSS; one that is no node-set counts as one match
 * json     a list of values
 * texts    in x->texts
 * raw      strings of json are the value itself: their white space stays
 */
typedef struct {
    size_t             n;
    xmlXPathObjectPtr  object;
    json_t            *json;
    extract_texts_t   *texts;
    unsigned           raw:1;
} extract_found_t;


/* extract_field.c: append an object of fields to the data. */
int extract_object(extract_t *x, const extract_here_t *here,
    const sc_field_t *fields, size_t n, const extract_at_t *at);


/*
 * extract_select.c.  SC_OK with at least one match, SC_DECLINED without (an
 * expression that failed is a warning), SC_ERROR with page->detail.  Release
 * what was found in every case.  Without all
 * the first match is enough.
 */
int extract_select(extract_t *x, const extract_here_t *here,
    const sc_selector_t *selector, unsigned all, const extract_at_t *at,
    extract_found_t *found);
void extract_found_free(extract_found_t *found);

/* An XPath's truth at a node: 1 or 0; -1 with page->detail. */
int extract_condition(extract_t *x, const xmlNode *node,
    xmlXPathCompExprPtr comp, const extract_at_t *at);


/*
 * extract_value.c: append what get makes of a node to out: its text with white
 * space collapsed (a space may be last), raw, markup.  attr is for
 * SC_GET_ATTR.  SC_OK, SC_DECLINED when there is no such attribute.
 */
int extract_value(extract_t *x, const xmlNode *node, sc_get_t get,
    const char *attr, sc_buf_t *out);

/*
 * The text that was written into b, which ends with a NUL even when it is
 * empty; without the space that collapsed text may have behind it.
 */
sc_str_t extract_trimmed(sc_buf_t *b, const sc_field_t *field);

/* The page's URL, or what the first <base href> of the page makes of it. */
const char *extract_base(extract_t *x);

/* The page as views have it. */
view_t extract_viewed(extract_t *x);


/* extract_texts.c: SC_OK or SC_ERROR when memory is out. */
void extract_texts_init(extract_texts_t *t, size_t max);
void extract_texts_free(extract_texts_t *t);
void extract_texts_reset(extract_texts_t *t);
int extract_texts_add(extract_texts_t *t, const char *data, size_t len);
int extract_texts_absent(extract_texts_t *t);

/*
 * The bytes added to t->bytes since the last text become a text; for who
 * writes there at once.
 */
int extract_texts_end(extract_texts_t *t);

/* A text, valid until the next one is added. */
sc_str_t extract_texts_get(const extract_texts_t *t, size_t i);


/*
 * extract_transform.c: what the field's transforms make of x->texts, in their
 * order.  A text that one of them cannot be applied to is absent from there
 * on, and told.  SC_OK, or SC_ERROR with page->detail.
 */
int extract_transform(extract_t *x, const sc_field_t *field,
    const extract_at_t *at);

/*
 * extract_locale.c: append the number that text is in a locale ("de", "auto")
 * as digits with a '.'; white space, currency signs and letters around it are
 * left out.  SC_OK or SC_DECLINED.
 */
int extract_locale(const char *locale, sc_str_t text, sc_buf_t *out);

/*
 * extract_date.c: append the date, or with time the date and time, that text
 * is, as ISO 8601: "2026-11-21", "2026-11-21T13:00:00Z", or with the offset
 * that was written; without a zone it is taken as UTC.  Read are ISO 8601,
 * RFC 9110's three forms, RFC 5322's, times in seconds since 1970, and dates
 * with the month in words in the common European languages; 01/02/2026 is
 * ambiguous and not read without a format.  SC_OK or SC_DECLINED.
 */
int extract_date(sc_str_t text, unsigned time, sc_buf_t *out);

/*
 * The same by strptime()'s conversions, written by strftime()'s (to NULL: ISO
 * 8601, with the time when the format reads one).
 */
int extract_date_format(sc_str_t text, const char *from, const char *to,
    sc_buf_t *out);


/*
 * extract_type.c: append the JSON of a text, a number or a boolean, as the
 * field's type has it, to the data, if it is what the field's pattern, enum,
 * min and max allow.  SC_OK; SC_DECLINED when it is not, nothing is written
 * then but a warning; SC_ERROR with page->detail.  The text is followed by a
 * NUL and not in x->scratch.
 */
int extract_typed(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, sc_str_t text);
int extract_typed_number(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, double n);
int extract_typed_bool(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, int truth);

/*
 * The same for a value of JSON.  A number or boolean without a type of the
 * field's own is given as it is, as those of XPath are, and so is a list or
 * an object; null is no value.
 */
int extract_typed_json(extract_t *x, const sc_field_t *field,
    const extract_at_t *at, const json_t *value);


/*
 * extract_warn.c: add a warning about the value at a place: the place, the
 * value in quotes unless it is NULL, what is wrong.  It is explained too.
 */
void extract_warn(extract_t *x, const extract_at_t *at, const char *value,
    const char *what);

/* Append a place's name to out. */
void extract_path(const extract_at_t *at, sc_buf_t *out);

/* Put a sentence in page->detail; SC_ERROR. */
int extract_fail(extract_page_t *page, const char *detail);


/*
 * extract_explain.c: for each field at each place an object, in the order
 * they were evaluated: {"field", "tries": [{"selector", "kind", "matches",
 * "node", "line", "value", "problems": […]}], "used"}.  All do nothing when
 * nobody asks.
 *
 * begin    a field at a place
 * try      its next selector, and what it found: NULL if nothing
 * problem  what was wrong with the value, or a transform that failed
 * end      used says whether the last selector gave the value; before the
 *          fields of an "each" are begun, and again after them
 */
void extract_explain_begin(extract_t *x, const extract_at_t *at);
void extract_explain_try(extract_t *x, const sc_selector_t *selector,
    const extract_found_t *found);
void extract_explain_problem(extract_t *x, const char *value,
    const char *what);
void extract_explain_end(extract_t *x, unsigned used);


/*
 * extract_match.c: whether the set is for this page: 1 or 0.  The second
 * looks at its URL and type only, not at what is in it.
 */
int extract_match(extract_t *x, const sc_match_t *match);
int extract_match_named(const extract_page_t *page, const sc_match_t *match);

/*
 * extract_follow.c: add the links of the present set's "follow" to
 * x->followed: {"url", "ruleset", "pagination", "context", "set"}, those that
 * are not set left out.  The data of the set is data.  SC_OK, or SC_ERROR
 * with page->detail.
 */
int extract_follow(extract_t *x, sc_str_t data);

/* extract_view.c: fill page->view.  SC_OK, or SC_ERROR with page->detail. */
int extract_view(extract_t *x);


/*
 * extract_doc.c: parse the page into x, which is zeroed by that, as the
 * parser says, and see whether it has a meta refresh.  SC_OK, or SC_ERROR
 * with page->detail; either way close it.
 *
 * extract_unparse() and then extract_parse() take another parser for the same
 * page.
 */
int extract_open(extract_t *x, extract_page_t *page, sc_parser_t parser);
int extract_parse(extract_t *x, sc_parser_t parser);
void extract_unparse(extract_t *x);
void extract_close(extract_t *x);

/*
 * Evaluate from a node within EXTRACT_MAX_OPS.  NULL when that failed, *code
 * is libxml2's error then: EXTRACT_NO_STEPS when it did more work than that,
 * EXTRACT_NO_MEMORY whatever libxml2 calls it.
 */
xmlXPathObjectPtr extract_xpath(extract_t *x, const xmlNode *node,
    xmlXPathCompExprPtr comp, int *code);


#endif /* EXTRACT_INTERNAL_H */
