
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/calling.h"
#include "tests/fuzz/fuzz.h"


/*
 * GET /v1/extract: its query string; then what a location of nginx gives: an
 * address, options as JSON, what is returned.
 */
int
fuzz_options(const uint8_t *data, size_t size)
{
    int            rc;
    char          *query, *url, *options, *returns;
    sc_str_t       in;
    calling_t      t;
    problem_t      p = { 0 };
    api_extract_t  e;

    static const sc_str_t  none = sc_string("");

    in = fuzz_input(data, size);
    query = fuzz_text(fuzz_line(&in));
    url = fuzz_text(fuzz_line(&in));
    options = fuzz_text(fuzz_line(&in));
    returns = fuzz_text(in);

    calling_begin(&t, none, "");
    t.call.query = query;
    t.request.url = url;
    t.request.options = options;
    t.request.returns = returns;
    api_extract_init(&t.call, &e);
    rc = api_form_parse(&t.call, &e, &p);

    if (rc == SC_ERROR) {
        calling_refused(&p);
    }

    api_extract_free(&e);
    calling_end(&t);
    free(query);
    free(url);
    free(options);
    free(returns);

    return 0;
}
