
#include <string.h>

#include "sidecar/schedule/schedules_internal.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_NOW  ((int64_t) 1790000000000)


static void fuzz_schedule_doc(schedule_doc_t *doc);


/* A schedule as it is put, and as it is kept. */
int
fuzz_schedule(const uint8_t *data, size_t size)
{
    char             err[256];
    json_t          *json;
    sc_str_t         in;
    const char      *key;
    schedule_doc_t   doc;

    in = fuzz_input(data, size);
    json = json_loadb(in.data, in.len, JSON_DECODE_ANY, NULL);

    if (json != NULL
        && schedules_check(json, err, sizeof(err), &key) == SC_OK)
    {
        FUZZ_HELD(schedule_doc_make(&doc, json, FUZZ_NOW) == SC_OK);
        fuzz_schedule_doc(&doc);
        schedule_doc_free(&doc);
    }

    if (schedule_doc_read(&doc, in) == SC_OK) {
        fuzz_schedule_doc(&doc);
        schedule_doc_free(&doc);
    }

    json_decref(json);

    return 0;
}


/* It is read again as it was written. */
static void
fuzz_schedule_doc(schedule_doc_t *doc)
{
    sc_buf_t        out, again;
    schedule_doc_t  copy;

    schedule_doc_next(doc, FUZZ_NOW);
    FUZZ_HELD(doc->mark.next == -1 || doc->mark.next > FUZZ_NOW);

    sc_buf_init(&out, 0);
    sc_buf_init(&again, 0);
    FUZZ_HELD(schedule_doc_write(doc, &out) == SC_OK);
    FUZZ_HELD(schedule_doc_read(&copy, fuzz_view(&out)) == SC_OK);
    FUZZ_HELD(schedule_doc_write(&copy, &again) == SC_OK);
    FUZZ_HELD(fuzz_same(fuzz_view(&out), fuzz_view(&again)));
    schedule_doc_free(&copy);
    sc_buf_free(&out);
    sc_buf_free(&again);
}
