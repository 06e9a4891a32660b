
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_crawl.h"
#include "tests/fuzz/calling.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_crawl_read(api_call_t *c, sc_str_t text);
static void fuzz_crawl_free(api_crawl_t *cr);


/* The body of POST /v1/crawl. */
int
fuzz_crawl(const uint8_t *data, size_t size)
{
    calling_t  t;
    sc_str_t   in;

    in = fuzz_input(data, size);
    calling_begin(&t, in, "application/json");
    fuzz_crawl_read(&t.call, in);
    calling_end(&t);

    return 0;
}


static void
fuzz_crawl_read(api_call_t *c, sc_str_t text)
{
    int          rc;
    problem_t    p = { 0 };
    api_crawl_t  cr = { 0 };

    cr.call = c;
    FUZZ_HELD(api_work_init(&cr.work) == SC_OK);
    api_extract_init(c, &cr.page);
    sc_buf_init(&cr.text, 0);
    sc_buf_init(&cr.rules, 0);
    FUZZ_HELD(sc_buf_add(&cr.text, text.data, text.len) == SC_OK);

    rc = api_crawl_read(&cr, &p);

    if (rc == SC_ERROR) {
        calling_refused(&p);

    } else if (rc == SC_OK) {
        FUZZ_HELD(cr.nstarts > 0 && cr.nstarts <= CRAWL_MAX_STARTS);
        FUZZ_HELD(json_is_object(cr.crawl));
    }

    fuzz_crawl_free(&cr);
}


static void
fuzz_crawl_free(api_crawl_t *cr)
{
    size_t  i;

    for (i = 0; i < cr->nstarts; i++) {
        url_free(&cr->starts[i]);
    }

    api_work_free(&cr->work);
    api_extract_free(&cr->page);
    sc_buf_free(&cr->rules);
    sc_buf_free(&cr->text);
    json_decref(cr->json);
    json_decref(cr->own);
    json_decref(cr->crawl);
    free(cr->starts);
}
