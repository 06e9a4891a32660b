
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "sidecar/extract/extract.h"
#include "tests/fuzz/budget.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_VIEWS  0x7ffu


static void fuzz_extract_page(const sc_rules_t *rules, unsigned ways,
    sc_str_t headers, sc_str_t body);
static void fuzz_extract_json(const extract_page_t *page);
static int fuzz_extract_opened(void *data, const view_t *view,
    sc_str_t follow);


/*
 * A byte says how, then lines: a rule set, the answer's fields as JSON; the
 * rest is a page.  All that comes of it is JSON, in the time it is given.
 */
int
fuzz_extract(const uint8_t *data, size_t size)
{
    unsigned           ways;
    sc_str_t           in, text, headers;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    in = fuzz_input(data, size);
    ways = fuzz_byte(&in);
    text = fuzz_line(&in);
    headers = fuzz_line(&in);
    rules = sc_rules_parse_text(text.data, text.len, &err);

    if (rules != NULL) {
        fuzz_extract_page(rules, ways, headers, in);
        sc_rules_free(rules);
    }

    return 0;
}


static void
fuzz_extract_page(const sc_rules_t *rules, unsigned ways, sc_str_t headers,
    sc_str_t body)
{
    int             rc;
    extract_page_t  page = { 0 };

    static const char *const  types[] = {
        "text/html", "text/html; charset=utf-8", "application/json",
        "application/xml"
    };

    extract_page_init(&page);
    page.url = "http://shop.example/p/42?x=1";
    page.content_type = types[ways & 3];
    page.html = ways & 4 ? PAGE_HTML5 : PAGE_HTML;
    page.views = ways & 8 ? FUZZ_VIEWS : 0;
    page.opened = fuzz_extract_opened;
    page.body = body;

    if (fuzz_is_json(headers) && headers.data[0] == '[') {
        page.headers = headers;
    }

    budget_begin();
    rc = extract_page(rules, &page);
    budget_end();

    FUZZ_HELD(rc == SC_OK || rc == SC_ERROR);
    FUZZ_HELD(rc == SC_OK || page.detail[0] != '\0');

    if (rc == SC_OK) {
        fuzz_extract_json(&page);
    }

    extract_page_free(&page);
}


static void
fuzz_extract_json(const extract_page_t *page)
{
    FUZZ_HELD(page->data.len <= EXTRACT_MAX_DATA);
    FUZZ_HELD(fuzz_is_json(fuzz_view(&page->data)));
    FUZZ_HELD(fuzz_is_json(fuzz_view(&page->missing)));
    FUZZ_HELD(fuzz_is_json(fuzz_view(&page->warnings)));
    FUZZ_HELD(page->view.len == 0 || fuzz_is_json(fuzz_view(&page->view)));
    FUZZ_HELD(page->fill.len == 0 || fuzz_is_json(fuzz_view(&page->fill)));
    FUZZ_HELD(memchr(page->refresh, '\0', sizeof(page->refresh)) != NULL);
}


static int
fuzz_extract_opened(void *data, const view_t *view, sc_str_t follow)
{
    (void) data;

    FUZZ_HELD(view->doc != NULL && view->base != NULL);
    FUZZ_HELD(follow.len == 0 || fuzz_is_json(follow));

    return SC_OK;
}
