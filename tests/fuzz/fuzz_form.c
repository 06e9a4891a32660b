
#include "sidecar/extract/extract.h"
#include "tests/fuzz/budget.h"
#include "tests/fuzz/fuzz.h"


/* A line says what is done with a form, the rest is the page it is on. */
int
fuzz_form(const uint8_t *data, size_t size)
{
    int             rc;
    sc_buf_t        out;
    sc_str_t        in, spec;
    extract_page_t  page = { 0 };

    in = fuzz_input(data, size);
    spec = fuzz_line(&in);

    extract_page_init(&page);
    page.url = "http://shop.example/login";
    page.content_type = "text/html; charset=utf-8";
    page.html = size % 2 ? PAGE_HTML5 : PAGE_HTML;
    page.body = in;
    sc_buf_init(&out, EXTRACT_MAX_DATA);

    budget_begin();
    rc = extract_form(spec, &page, &out);
    budget_end();

    FUZZ_HELD(rc == SC_OK || page.detail[0] != '\0');

    if (rc == SC_OK) {
        FUZZ_HELD(fuzz_is_json(fuzz_view(&out)));
    }

    sc_buf_free(&out);
    extract_page_free(&page);

    return 0;
}
