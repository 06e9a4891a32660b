
#include <stdlib.h>

#include "sidecar/api/api_list.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_HASH  0x1234567890abcdefu


/* A cursor: one that is taken is of this list, and says the same again. */
int
fuzz_cursor(const uint8_t *data, size_t size)
{
    char      *text;
    int64_t    seq, again;
    sc_buf_t   out;

    text = fuzz_text(fuzz_input(data, size));
    seq = (int64_t) size * 7919;

    if (api_cursor_read(text, FUZZ_HASH, &seq) == SC_OK) {
        FUZZ_HELD(seq >= 0);
        FUZZ_HELD(api_cursor_read(text, FUZZ_HASH + 1, &again)
                  == SC_DECLINED);
    }

    sc_buf_init(&out, 0);
    api_cursor_write(FUZZ_HASH, seq, &out);
    FUZZ_HELD(api_cursor_read(out.data, FUZZ_HASH, &again) == SC_OK);
    FUZZ_HELD(again == seq);
    sc_buf_free(&out);
    free(text);

    return 0;
}
