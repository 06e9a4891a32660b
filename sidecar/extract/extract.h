
/*
 * One page and one rule set to JSON, or one of its forms to what is to be
 * sent: the pure part of extraction, without process or I/O.  docs/rules.md
 * says what each rule means.
 */

#ifndef EXTRACT_H
#define EXTRACT_H


#include "common/rules/sc_rules.h"
#include "common/sc_buf.h"
#include "sidecar/page/page.h"
#include "sidecar/url/url.h"
#include "sidecar/views/view.h"


#define EXTRACT_MAX_DATA      8388608   /* bytes of JSON, 8 MiB */
#define EXTRACT_MAX_OPS       5000000   /* steps of one evaluation */
#define EXTRACT_MAX_MATCHES   100000    /* of one list, the rest is left out */
#define EXTRACT_MAX_WARNINGS  20        /* then one that says there are more */
#define EXTRACT_MAX_MISSING   1000      /* paths listed */
#define EXTRACT_MAX_EXPLAIN   1048576   /* bytes of explanation, 1 MiB */


/* What of a page is asked for beside its data; bits. */
#define EXTRACT_LINKS      0x001u
#define EXTRACT_META       0x002u
#define EXTRACT_JSONLD     0x004u
#define EXTRACT_MICRODATA  0x008u
#define EXTRACT_HEADERS    0x010u
#define EXTRACT_TEXT       0x020u
#define EXTRACT_MARKDOWN   0x040u
#define EXTRACT_RAW        0x080u
#define EXTRACT_FOLLOW     0x100u
#define EXTRACT_SKETCH     0x200u
#define EXTRACT_EXPLAIN    0x400u


/* The bit that a client's word for it stands for, 0 for none. */
unsigned extract_view_bit(const char *name);


/*
 * Called by extract_page() once all else is done, with the document, which is
 * closed after that, and the JSON list of what "follow" of the rules found, as
 * docs/returned.md has it.  SC_OK, or SC_ERROR with which the page fails:
 * memory is out.
 */
typedef int (*extract_opened_pt)(void *data, const view_t *view,
    sc_str_t follow);


/*
 * A page: what is set by the caller, and what came out.
 *
 * url, content_type, body   as pool.h's
 * headers       JSON text of the response's fields: a list of lists of name
 *               and value; "" when there are none
 * views         bits of EXTRACT_*
 * html          the parser HTML gets when the rule set does not say
 * opened        who wants to see the document, with opened_data; NULL: nobody
 *
 * charset, charset_from     static strings, as page.h's
 * data, missing, warnings   initialised by the caller and appended to: any
 *               JSON value, and two lists; data may not become longer than
 *               EXTRACT_MAX_DATA
 * view          the same for the JSON object of what views asked for, "" if
 *               nothing: a member a bit, called as docs/rules.md says
 * fill          JSON: an object of the sets that were applied, "" the name of
 *               one that has none, each a list of [times there was a value,
 *               times it was looked for] by the number of the field
 * refresh, refresh_delay    are pool.h's, "" when there is no meta refresh or
 *               it is longer than a URL may be
 * matched       the set was for this page; else data is null
 * dropped       "drop_if" was true: data is null
 * incomplete    the set is strict and a required value is missing
 */
typedef struct {
    const char         *url;
    const char         *content_type;
    sc_str_t            body;
    sc_str_t            headers;
    unsigned            views;
    page_parser_t       html;
    extract_opened_pt   opened;
    void               *opened_data;

    const char         *charset;
    const char         *charset_from;
    sc_buf_t            data;
    sc_buf_t            missing;
    sc_buf_t            warnings;
    sc_buf_t            view;
    sc_buf_t            fill;
    unsigned            matched:1;
    unsigned            dropped:1;
    unsigned            incomplete:1;
    int                 refresh_delay;
    char                refresh[URL_MAX + 1];
    char                detail[256];
} extract_page_t;


/* Initialise, reset and free the buffers of a page that is zeroed. */
void extract_page_init(extract_page_t *page);
void extract_page_reset(extract_page_t *page);
void extract_page_free(extract_page_t *page);

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
 *
 * Of a group data is an object with a member for each set that is for this
 * page, and names begin with the set's: "product.offers[3].seller".
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

/*
 * Load whatever files the libraries below load when first used; before a
 * sandbox forbids that.  SC_OK or SC_ERROR.
 */
int extract_prepare(void);

/*
 * Ask the page under way to end; from a signal handler of the same thread.
 * The expression that is evaluated ends at its next step, and no other
 * begins, until extract_resume(): before the clock of another page starts.
 * extract_interrupted() tells whether it has been asked.
 */
void extract_interrupt(void);
void extract_resume(void);
int extract_interrupted(void);


#endif /* EXTRACT_H */
