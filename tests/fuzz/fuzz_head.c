
#include <stdlib.h>
#include <string.h>

#include "sidecar/fetch/fetch_internal.h"
#include "tests/fuzz/fuzz.h"


/* The head of an origin's answer, line by line. */
int
fuzz_head(const uint8_t *data, size_t size)
{
    char      *copy;
    size_t     left;
    fetch_t   *fetch;
    sc_str_t   in, line;

    in = fuzz_input(data, size);
    fetch = calloc(1, sizeof(fetch_t));
    FUZZ_HELD(fetch != NULL);
    fetch->request.max_body = 65536;

    while (in.len > 0) {
        left = in.len;
        line = fuzz_line(&in);
        line.len = left - in.len;
        copy = fuzz_text(line);
        line.data = copy;

        if (fetch_head_line(fetch, line) != SC_OK) {
            in.len = 0;
        }

        free(copy);
    }

    FUZZ_HELD(fetch->head.length >= -1 && fetch->head.status >= 0);
    FUZZ_HELD(fetch->head.bytes <= FETCH_MAX_HEADERS + size);
    fetch_head_free(&fetch->head);
    free(fetch);

    return 0;
}
