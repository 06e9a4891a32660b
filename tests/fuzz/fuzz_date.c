
#include <stdlib.h>
#include <string.h>

#include "sidecar/extract/extract_internal.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_date_read(sc_str_t text, unsigned time);


/*
 * Lines: how a date is read and how written; the rest is the date, as it may
 * stand on a page.  What was made ISO 8601 is read as the same.
 */
int
fuzz_date(const uint8_t *data, size_t size)
{
    char      *from, *to;
    sc_buf_t   out;
    sc_str_t   in;

    in = fuzz_input(data, size);
    from = fuzz_text(fuzz_line(&in));
    to = fuzz_text(fuzz_line(&in));

    fuzz_date_read(in, 0);
    fuzz_date_read(in, 1);

    sc_buf_init(&out, 0);
    (void) extract_date_format(in, from, NULL, &out);
    (void) extract_date_format(in, from, to, &out);
    sc_buf_free(&out);

    free(from);
    free(to);

    return 0;
}


static void
fuzz_date_read(sc_str_t text, unsigned time)
{
    sc_buf_t  once, again;

    sc_buf_init(&once, 0);
    sc_buf_init(&again, 0);

    if (extract_date(text, time, &once) == SC_OK) {
        FUZZ_HELD(once.len >= 10 && once.data[4] == '-');
        FUZZ_HELD(extract_date(fuzz_view(&once), time, &again) == SC_OK);
        FUZZ_HELD(fuzz_same(fuzz_view(&once), fuzz_view(&again)));

    } else {
        FUZZ_HELD(once.len == 0);
    }

    sc_buf_free(&once);
    sc_buf_free(&again);
}
