
/*
 * Where a page leads, for a crawl: the part of a worker that knows scopes.
 */

#ifndef WORKER_FOUND_H
#define WORKER_FOUND_H


#include "sidecar/crawl/crawl.h"
#include "sidecar/extract/extract.h"


/*
 * scope    the last one, kept for the next page; NULL before the first
 * text     what it was made of
 * robots   directives of the page at hand
 * headers  its, as extract_page_t's
 * now      seconds since 1970
 * out      what was found, lines of crawl.h
 */
typedef struct {
    crawl_scope_t  *scope;
    sc_buf_t        text;
    sc_buf_t        robots;
    sc_str_t        headers;
    int64_t         now;
    sc_buf_t        out;
} worker_found_t;


/* Of a struct that is zeroed. */
void worker_found_init(worker_found_t *f);
void worker_found_free(worker_found_t *f);

/*
 * Look with this scope from here on; nothing is done when it is the last one.
 * SC_OK, or SC_ERROR when it is none.
 */
int worker_found_scope(worker_found_t *f, sc_str_t text);

/* An extract_opened_pt; data is a worker_found_t. */
int worker_found_page(void *data, const view_t *view, sc_str_t follow);

/* A sitemap: SC_OK, or SC_ERROR with a sentence in page->detail. */
int worker_found_sitemap(worker_found_t *f, extract_page_t *page);


#endif /* WORKER_FOUND_H */
