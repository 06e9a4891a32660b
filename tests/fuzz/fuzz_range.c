
#include <stdlib.h>

#include "sidecar/api/range.h"
#include "tests/fuzz/fuzz.h"


/* Two bytes are the size; the part that is sent lies inside of it. */
int
fuzz_range(const uint8_t *data, size_t size)
{
    int       rc;
    char     *text;
    size_t    whole, first, len;
    sc_str_t  in;

    in = fuzz_input(data, size);
    whole = fuzz_byte(&in);
    whole = whole << 8 | fuzz_byte(&in);
    text = fuzz_text(in);
    first = len = 0;
    rc = range_parse(text, whole, &first, &len);
    FUZZ_HELD(rc == SC_OK || rc == SC_DECLINED || rc == SC_ERROR);

    if (rc == SC_OK) {
        FUZZ_HELD(len > 0 && first < whole && len <= whole - first);
    }

    free(text);

    return 0;
}
