
/*
 * Results as JSON, NDJSON, CSV, XML, WARC or server-sent events: each item is
 * appended to a buffer by itself, so that a list of any length needs the
 * memory of one.  Pure.
 */

#ifndef EXPORT_H
#define EXPORT_H


#include <jansson.h>

#include "common/sc_buf.h"
#include "sidecar/store/store_list.h"


typedef enum {
    EXPORT_JSON = 0,        /* {"data": [item, …], "next": …} */
    EXPORT_NDJSON,          /* item LF */
    EXPORT_CSV,             /* RFC 4180, a header row first */
    EXPORT_XML,             /* <results><item>…</item></results> */
    EXPORT_WARC,            /* ISO 28500, WARC 1.1 */
    EXPORT_SSE,             /* WHATWG HTML, 9.2 */
    EXPORT_FORMATS
} export_format_t;


typedef struct export_s  export_t;


/*
 * base     what stands before /v1 in links
 * fields   what of the data is wanted, in order: names of members, or paths of
 *          them with dots between; NULL: all, of CSV then those of rules.  Not
 *          NULL and nfields 0: neither data nor what is shown beside them
 * rules    canonical JSON of the rule set whose results these are, "" if
 *          unknown: the columns of a CSV without fields are its fields, or, of
 *          a group or unknown, those of the first item
 */
typedef struct {
    export_format_t     format;
    const char         *base;
    const char *const  *fields;
    size_t              nfields;
    sc_str_t            rules;
} export_options_t;


/*
 * The media type that an Accept field (RFC 9110 12.5.1) prefers of those there
 * are, by q and then in the order above, without that of SSE; SC_OK, or
 * SC_DECLINED: 406.  "" is JSON.
 */
int export_accept(const char *accept, export_format_t *format);

/* The value of Content-Type. */
const char *export_type(export_format_t format);

/* NULL when memory is out; fields and rules are copied. */
export_t *export_create(const export_options_t *options);
void export_free(export_t *e);

/*
 * Append the beginning, an item, the end.  raw is the page as it came, of WARC
 * alone, or NULL; next is the link to the next page, of JSON alone, NULL for
 * none.  SC_OK, or SC_ERROR when memory is out.
 */
int export_begin(export_t *e, sc_buf_t *out);
int export_item(export_t *e, const store_result_t *result,
    const store_raw_t *raw, sc_buf_t *out);
int export_end(export_t *e, const char *next, sc_buf_t *out);

/* An item as JSON, docs/results.md: the same everywhere. */
int export_json_item(const char *base, const store_result_t *result,
    const char *const *fields, size_t nfields, sc_buf_t *out);

/* The word of a change: "new", "same", "changed" or "gone". */
const char *export_changed(store_change_t changed);

/* The event a result is in SSE: "result", "error" or "robots". */
const char *export_event(const store_result_t *result);

/* Append a time in milliseconds since 1970 as RFC 3339; SC_DECLINED when there
   is none, or it has no such form. */
int export_time(int64_t ms, sc_buf_t *out);

/*
 * How one JSON value becomes another, as a JSON Patch (RFC 6902) of add,
 * remove and replace, a list appended to out.  Lists are compared by the
 * longest common subsequence while they are short, else as a whole.
 */
int export_diff(const json_t *from, const json_t *to, sc_buf_t *out);


#endif /* EXPORT_H */
