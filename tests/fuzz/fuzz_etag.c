
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/etag.h"
#include "tests/fuzz/fuzz.h"


/* If-None-Match and If-Match; what follows a line end is the tagged text. */
int
fuzz_etag(const uint8_t *data, size_t size)
{
    char      tag[65], quoted[68], *value;
    sc_str_t  in, made;

    in = fuzz_input(data, size);
    value = fuzz_text(fuzz_line(&in));
    FUZZ_HELD(etag_make(in, 0, tag, 16) == SC_OK);
    made = (sc_str_t) { 16, tag };
    FUZZ_HELD(strspn(tag, "0123456789abcdef") == 16 && tag[16] == '\0');

    if (etag_matches_strongly(value, made)) {
        FUZZ_HELD(etag_matches(value, made));
    }

    (void) etag_matches(value, fuzz_line(&in));
    quoted[0] = quoted[17] = '"';
    (void) memcpy(quoted + 1, tag, 16);
    quoted[18] = '\0';
    FUZZ_HELD(etag_matches(quoted, made));
    FUZZ_HELD(etag_matches_strongly(quoted, made));
    free(value);

    return 0;
}
