
#include <stdlib.h>
#include <string.h>

#include "sidecar/fetch/http_date.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_NOW    ((int64_t) 1790000000000)
#define FUZZ_10000  ((int64_t) 253402300800000)     /* a leap second away */


/* A date that was read is written so that the same one is read again. */
int
fuzz_http_date(const uint8_t *data, size_t size)
{
    char     *text, out[HTTP_DATE_SIZE];
    int64_t   ms, again;

    text = fuzz_text(fuzz_input(data, size));
    ms = -7;

    if (http_date_parse(text, FUZZ_NOW, &ms) != SC_OK) {
        FUZZ_HELD(ms == -7);
        free(text);
        return 0;
    }

    FUZZ_HELD(ms % 1000 == 0);
    free(text);

    if (http_date_format(out, ms) != SC_OK) {
        FUZZ_HELD(ms >= FUZZ_10000);
        return 0;
    }

    FUZZ_HELD(strlen(out) < sizeof(out));
    FUZZ_HELD(http_date_parse(out, FUZZ_NOW, &again) == SC_OK);
    FUZZ_HELD(again == ms);

    return 0;
}
