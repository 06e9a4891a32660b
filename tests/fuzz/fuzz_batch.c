
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_batch.h"
#include "tests/fuzz/calling.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_LINES  64


static void fuzz_batch_read(api_batch_t *b, sc_str_t text);
static void fuzz_batch_lines(api_batch_t *b);
static void fuzz_batch_free(api_batch_t *b);


/* A byte says whether it is lines; the rest is a body of POST /v1/batch. */
int
fuzz_batch(const uint8_t *data, size_t size)
{
    sc_str_t     in;
    calling_t    t;
    api_batch_t  b = { 0 };

    in = fuzz_input(data, size);
    b.ndjson = fuzz_byte(&in) & 1;
    b.call = &t.call;
    b.last = 1;

    calling_begin(&t, in, "application/json");
    api_extract_init(&t.call, &b.defaults);
    api_extract_init(&t.call, &b.page);
    FUZZ_HELD(api_work_init(&b.work) == SC_OK);
    fuzz_batch_read(&b, in);
    fuzz_batch_free(&b);
    calling_end(&t);

    return 0;
}


static void
fuzz_batch_read(api_batch_t *b, sc_str_t text)
{
    int        rc;
    problem_t  p = { 0 };
    sc_str_t   first;

    sc_buf_init(&b->text, 0);
    sc_buf_init(&b->rules, 0);
    sc_buf_init(&b->echo, 0);
    sc_buf_init(&b->rejected, 0);
    FUZZ_HELD(sc_buf_add(&b->text, text.data, text.len) == SC_OK);
    first = fuzz_view(&b->text);

    if (b->ndjson && api_batch_next(b, &first) != SC_OK) {
        return;
    }

    rc = api_batch_head(b, first, &p);

    if (rc == SC_ERROR) {
        calling_refused(&p);

    } else if (rc != SC_AGAIN) {
        if (b->ndjson && rc == SC_OK) {
            api_batch_step(b);
        }

        fuzz_batch_lines(b);
    }
}


/* Each line is a page, or is refused with what is wrong with it. */
static void
fuzz_batch_lines(api_batch_t *b)
{
    int              i, rc;
    problem_t        p;
    sc_str_t         line;
    frontier_spec_t  spec;

    for (i = 0; i < FUZZ_LINES; i++) {
        if (api_batch_next(b, &line) != SC_OK) {
            return;
        }

        (void) memset(&p, 0, sizeof(p));
        rc = api_batch_page(b, line, &spec, &p);

        if (rc == SC_AGAIN) {
            return;
        }

        if (rc == SC_ERROR) {
            calling_refused(&p);
            api_batch_reject(b, &p);
        }

        api_batch_step(b);
    }
}


static void
fuzz_batch_free(api_batch_t *b)
{
    api_work_free(&b->work);
    json_decref(b->base);
    api_extract_free(&b->defaults);
    api_extract_free(&b->page);
    url_free(&b->url);
    sc_buf_free(&b->rules);
    sc_buf_free(&b->text);
    sc_buf_free(&b->echo);
    sc_buf_free(&b->rejected);
}
