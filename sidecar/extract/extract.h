
/*
 * One page and one rule set to JSON, or one of its forms to what is to be
 * sent: the pure part of extraction, without process or I/O.  docs/rules.md
 * says what each rule means.
 */

#ifndef EXTRACT_H
#define EXTRACT_H


#include "common/sc_buf.h"
#include "common/rules/sc_rules.h"
#include "sidecar/url/url.h"


#define EXTRACT_MAX_DATA      8388608   /* bytes of JSON, 8 MiB */
#define EXTRACT_MAX_OPS       5000000   /* steps of one evaluation */
#define EXTRACT_MAX_MATCHES   100000    /* of one list, the rest is left out */
#define EXTRACT_MAX_WARNINGS  20        /* then one that says there are more */
#define EXTRACT_MAX_MISSING   1000      /* paths listed */


/*
 * url, content_type and body as pool.h's; charset and charset_from are static
 * strings.  data, missing and warnings are initialised by the caller and
 * appended to, an object and two lists; data may not become longer than
 * EXTRACT_MAX_DATA.  refresh and refresh_delay are pool.h's, "" when there is
 * no meta refresh or it is longer than a URL may be.
 */
typedef struct {
    const char  *url;
    const char  *content_type;
    sc_str_t     body;

    const char  *charset;
    const char  *charset_from;
    sc_buf_t     data;
    sc_buf_t     missing;
    sc_buf_t     warnings;
    int          refresh_delay;
    char         refresh[URL_MAX + 1];
    char         detail[256];
} extract_page_t;


/*
 * SC_OK, or SC_ERROR with a sentence in page->detail: the body could not be
 * parsed, memory ran out, the data is too long, or an expression did more
 * work than is allowed.
 *
 * A field without a value, because nothing matched, what matched could not be
 * made into its type, or its expression failed on this page, is its default,
 * or else null, of a list []; a required one is named in missing whether it
 * has a default or not.  All but the first of these reasons is a warning.
 * Names are paths: "offers[3].seller".
 */
int extract_page(const sc_rules_t *rules, extract_page_t *page);

/*
 * Do to the page what spec, the JSON of a pool_request_t's form, says, and
 * append the JSON of a pool_result_t's form to out, which may not become
 * longer than EXTRACT_MAX_DATA; data, missing and warnings are not touched.
 * SC_OK, or SC_ERROR with a sentence in page->detail: as above, or spec is
 * not what it should be, there is no such form, or it cannot be sent.
 */
int extract_form(sc_str_t spec, extract_page_t *page, sc_buf_t *out);


#endif /* EXTRACT_H */
