
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/prefer.h"
#include "tests/fuzz/fuzz.h"


/* What is said to be applied asks for the same when it is read. */
int
fuzz_prefer(const uint8_t *data, size_t size)
{
    char     *text, applied[256];
    prefer_t  p, again;

    text = fuzz_text(fuzz_input(data, size));
    prefer_parse(&p, text);
    FUZZ_HELD(p.wait >= -1 && p.wait <= PREFER_MAX_WAIT);

    prefer_applied(&p, applied, sizeof(applied));
    prefer_parse(&again, applied);
    FUZZ_HELD(again.wait == p.wait && again.async == p.async);
    FUZZ_HELD(again.strict == p.strict);
    free(text);

    return 0;
}
