
#include <stdlib.h>

#include "sidecar/export/export.h"
#include "tests/fuzz/fuzz.h"


/* Accept: what is chosen is also chosen when it alone is asked for. */
int
fuzz_accept(const uint8_t *data, size_t size)
{
    int              rc;
    char            *text;
    export_format_t  format, again;

    text = fuzz_text(fuzz_input(data, size));
    rc = export_accept(text, &format);
    FUZZ_HELD(rc == SC_OK || rc == SC_DECLINED);

    if (rc == SC_OK) {
        FUZZ_HELD(format < EXPORT_SSE);
        FUZZ_HELD(export_accept(export_type(format), &again) == SC_OK);
        FUZZ_HELD(again == format);
    }

    free(text);

    return 0;
}
