
/*
 * A rule set over a page in this process, and what comes of it.  Whatever
 * goes wrong fails the running test.
 */

#ifndef EXTRACTING_H
#define EXTRACTING_H


#include <jansson.h>

#include "sidecar/extract/extract.h"


/* the page's URL unless a test has another */
#define EXTRACTING_URL  "http://shop.example/p/42?x=1"


/*
 * A rule set over a page, and all that comes of it.
 *
 * type               the page's content type, NULL for text/html
 * headers            extract_page_t's, NULL for none
 * missing, warnings  JSON; NULL stands for an empty list
 */
typedef struct {
    const char  *rules;
    const char  *type;
    const char  *headers;
    const char  *body;
    const char  *data;
    const char  *missing;
    const char  *warnings;
} extracting_case_t;


/* A page with these bits of EXTRACT_*; extract_page_free() frees it. */
void extracting_page(extract_page_t *p, const char *type, const char *body,
    unsigned views);

/* Apply rules, which must be right: extract_page()'s answer. */
int extracting(const char *rules, extract_page_t *p);

/* See that all is as the case says. */
void extracting_expect(const extracting_case_t *c);

/*
 * Apply rules to a page of HTML and give the member of its view, which is
 * valid JSON as a whole; the caller's to free.
 */
json_t *extracting_view(const char *rules, const char *html,
    const char *member);

/* JSON on one line, as it was written; valid until the next call. */
const char *extracting_text(const json_t *json);


#endif /* EXTRACTING_H */
