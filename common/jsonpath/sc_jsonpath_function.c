
#include <stdio.h>
#include <string.h>

#include "common/jsonpath/sc_jsonpath_internal.h"
#include "common/regex/sc_regex.h"


#define SC_JSONPATH_MATCH_LIMIT  100000
#define SC_JSONPATH_MATCH_DEPTH  10000
#define SC_JSONPATH_MATCH_HEAP   16384      /* KiB */
#define SC_JSONPATH_PATTERN_MAX  10000      /* bytes */
#define SC_JSONPATH_WIDTH        2048       /* see sc_regex_width() */

/*
 * What one step pays for: bytes of a string whose characters are counted,
 * of a subject, of a pattern that is compiled; and what a match costs that
 * runs into its limit.
 */
#define SC_JSONPATH_COUNTED      1024
#define SC_JSONPATH_MATCHED      64
#define SC_JSONPATH_COMPILED     4
#define SC_JSONPATH_LIMIT_STEPS  1000


typedef struct {
    size_t   n;
    json_t  *first;
} sc_jsonpath_count_t;


static int sc_jsonpath_count(void *data, json_t *value);
static int sc_jsonpath_length(sc_jsonpath_walk_t *walk, json_t *json,
    sc_jsonpath_value_t *value);
static int sc_jsonpath_match(sc_jsonpath_walk_t *walk, const pcre2_code *code,
    json_t *subject);
static int sc_jsonpath_match_init(sc_jsonpath_walk_t *walk);


static const sc_jsonpath_function_t  sc_jsonpath_functions[] = {
    { "length", SC_JSONPATH_LENGTH, 1, 0, 0 },
    { "count", SC_JSONPATH_COUNT, 1, 1, 0 },
    { "value", SC_JSONPATH_VALUE, 1, 1, 0 },
    { "match", SC_JSONPATH_MATCH, 2, 0, 1 },
    { "search", SC_JSONPATH_SEARCH, 2, 0, 1 },
    { NULL, 0, 0, 0, 0 }
};


const sc_jsonpath_function_t *
sc_jsonpath_function(const char *name, size_t len)
{
    const sc_jsonpath_function_t  *f;

    for (f = sc_jsonpath_functions; f->name != NULL; f++) {
        if (strlen(f->name) == len && memcmp(f->name, name, len) == 0) {
            return f;
        }
    }

    return NULL;
}


pcre2_code *
sc_jsonpath_pattern(const char *text, size_t len, int whole, char *message,
    size_t size)
{
    int                     error;
    uint32_t                options;
    PCRE2_SIZE              at;
    pcre2_code             *code;
    pcre2_compile_context  *context;

    if (sc_regex_width(text, len, NULL, NULL) > SC_JSONPATH_WIDTH) {
        (void) snprintf(message, size,
                        "its ranges are too wide to ignore case");
        return NULL;
    }

    context = pcre2_compile_context_create(NULL);

    if (context == NULL) {
        (void) snprintf(message, size, "out of memory");
        return NULL;
    }

    (void) pcre2_set_max_pattern_length(context, SC_JSONPATH_PATTERN_MAX);
    (void) pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);

    options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C
              | (whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0);

    code = pcre2_compile((PCRE2_SPTR) text, len, options, &error, &at,
                         context);

    pcre2_compile_context_free(context);

    if (code == NULL && size > 0) {
        (void) pcre2_get_error_message(error, (PCRE2_UCHAR *) message, size);
    }

    return code;
}


int
sc_jsonpath_call(sc_jsonpath_walk_t *walk, const sc_jsonpath_expr_t *call,
    json_t *current, sc_jsonpath_value_t *value)
{
    sc_jsonpath_count_t  count;
    sc_jsonpath_value_t  arg;

    if (call->function->id == SC_JSONPATH_LENGTH) {
        if (sc_jsonpath_operand(walk, call->first, current, &arg) != SC_OK) {
            return SC_ERROR;
        }

        return sc_jsonpath_length(walk, arg.json, value);
    }

    count.n = 0;
    count.first = NULL;

    if (sc_jsonpath_query(walk, &call->first->query, current,
                          sc_jsonpath_count, &count)
        != SC_OK)
    {
        return SC_ERROR;
    }

    if (call->function->id == SC_JSONPATH_COUNT) {
        value->is_count = 1;
        value->count = count.n;

    } else if (count.n == 1) {
        value->json = count.first;
    }

    return SC_OK;
}


int
sc_jsonpath_call_match(sc_jsonpath_walk_t *walk,
    const sc_jsonpath_expr_t *call, json_t *current)
{
    int                  rc;
    size_t               len;
    pcre2_code          *code;
    sc_jsonpath_value_t  subject, pattern;

    if (sc_jsonpath_operand(walk, call->first, current, &subject) != SC_OK
        || sc_jsonpath_operand(walk, call->first->next, current, &pattern)
           != SC_OK)
    {
        return SC_ERROR;
    }

    if (!json_is_string(subject.json) || !json_is_string(pattern.json)) {
        return 0;
    }

    if (call->code != NULL) {
        return sc_jsonpath_match(walk, call->code, subject.json);
    }

    len = json_string_length(pattern.json);

    if (sc_jsonpath_charge(walk, len / SC_JSONPATH_COMPILED) != SC_OK) {
        return SC_ERROR;
    }

    code = sc_jsonpath_pattern(json_string_value(pattern.json), len,
                               call->function->id == SC_JSONPATH_MATCH, NULL,
                               0);
    if (code == NULL) {
        return 0;
    }

    rc = sc_jsonpath_match(walk, code, subject.json);
    pcre2_code_free(code);

    return rc;
}


static int
sc_jsonpath_count(void *data, json_t *value)
{
    sc_jsonpath_count_t  *count;

    count = data;

    if (count->n++ == 0) {
        count->first = value;
    }

    return SC_OK;
}


static int
sc_jsonpath_length(sc_jsonpath_walk_t *walk, json_t *json,
    sc_jsonpath_value_t *value)
{
    size_t       i, n;
    const char  *p;

    if (json_is_object(json) || json_is_array(json)) {
        value->is_count = 1;
        value->count = json_object_size(json) + json_array_size(json);

        return SC_OK;
    }

    if (!json_is_string(json)) {
        return SC_OK;
    }

    p = json_string_value(json);
    n = json_string_length(json);

    if (sc_jsonpath_charge(walk, n / SC_JSONPATH_COUNTED) != SC_OK) {
        return SC_ERROR;
    }

    value->is_count = 1;

    for (i = 0; i < n; i++) {
        value->count += (((unsigned char) p[i] & 0xc0) != 0x80);
    }

    return SC_OK;
}


static int
sc_jsonpath_match(sc_jsonpath_walk_t *walk, const pcre2_code *code,
    json_t *subject)
{
    int     rc;
    size_t  len;

    len = json_string_length(subject);

    if (sc_jsonpath_match_init(walk) != SC_OK
        || sc_jsonpath_charge(walk, len / SC_JSONPATH_MATCHED) != SC_OK)
    {
        return SC_ERROR;
    }

    rc = pcre2_match(code, (PCRE2_SPTR) json_string_value(subject), len, 0, 0,
                     walk->match, walk->limits);

    if (rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT
        || rc == PCRE2_ERROR_HEAPLIMIT)
    {
        return sc_jsonpath_charge(walk, SC_JSONPATH_LIMIT_STEPS);
    }

    return (rc == PCRE2_ERROR_NOMEMORY) ? SC_ERROR : rc >= 0;
}


/* One pair of places is enough: where a match lies is not asked for. */

static int
sc_jsonpath_match_init(sc_jsonpath_walk_t *walk)
{
    if (walk->match == NULL) {
        walk->match = pcre2_match_data_create(1, NULL);
    }

    if (walk->limits == NULL) {
        walk->limits = pcre2_match_context_create(NULL);
        if (walk->limits == NULL) {
            return SC_ERROR;
        }

        (void) pcre2_set_match_limit(walk->limits, SC_JSONPATH_MATCH_LIMIT);
        (void) pcre2_set_depth_limit(walk->limits, SC_JSONPATH_MATCH_DEPTH);
        (void) pcre2_set_heap_limit(walk->limits, SC_JSONPATH_MATCH_HEAP);
    }

    return (walk->match != NULL) ? SC_OK : SC_ERROR;
}
