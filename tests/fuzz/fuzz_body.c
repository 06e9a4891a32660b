
#include <string.h>

#include "tests/fuzz/calling.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_body_taken(const api_extract_t *e);


/* The body of POST /v1/extract. */
int
fuzz_body(const uint8_t *data, size_t size)
{
    int            rc;
    calling_t      t;
    problem_t      p = { 0 };
    api_extract_t  e;

    calling_begin(&t, fuzz_input(data, size), "application/json");
    api_extract_init(&t.call, &e);
    rc = api_body_parse(&t.call, &e, &p);

    if (rc == SC_OK) {
        fuzz_body_taken(&e);

    } else if (rc == SC_ERROR) {
        calling_refused(&p);

    } else {
        FUZZ_HELD(rc == SC_AGAIN && t.call.need != NULL);
    }

    api_extract_free(&e);
    calling_end(&t);

    return 0;
}


/* What is asked for is a URL, and headers that end no line. */
static void
fuzz_body_taken(const api_extract_t *e)
{
    char             err[256];
    size_t           i;
    fetch_header_t   h;

    FUZZ_HELD(e->url.text != NULL && e->url.len <= URL_MAX);
    FUZZ_HELD(e->nheaders <= API_MAX_HEADERS);
    FUZZ_HELD(e->spec.request.limits.max_redirects >= 0);

    for (i = 0; i < e->nheaders; i++) {
        h = e->headers[i];
        FUZZ_HELD(fetch_header_allowed(h.name, h.value, err, sizeof(err))
                  == SC_OK);
    }

    FUZZ_HELD(e->echo.len == 0 || fuzz_is_json(fuzz_view(&e->echo)));
    FUZZ_HELD(e->tags.len == 0 || fuzz_is_json(fuzz_view(&e->tags)));
    FUZZ_HELD(e->webhook.len == 0 || fuzz_is_json(fuzz_view(&e->webhook)));
}
