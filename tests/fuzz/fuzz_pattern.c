
#include <string.h>

#include "common/rules/sc_pattern.h"
#include "tests/fuzz/fuzz.h"


/* A line is a pattern, the rest what it is laid over. */
int
fuzz_pattern(const uint8_t *data, size_t size)
{
    int           fits;
    char          reason[256];
    sc_str_t      in, text;
    sc_pattern_t  p;

    in = fuzz_input(data, size);
    text = fuzz_line(&in);

    if (sc_pattern_compile(&p, text.data, text.len, reason, sizeof(reason))
        != SC_OK)
    {
        FUZZ_HELD(reason[0] != '\0');
        FUZZ_HELD(fuzz_utf8((sc_str_t) { strlen(reason), reason }));
        return 0;
    }

    FUZZ_HELD(text.len > 0 && text.len <= SC_PATTERN_MAX);
    FUZZ_HELD(strlen(p.text) == text.len);
    fits = sc_pattern_fits(&p, in.data, in.len);
    FUZZ_HELD(fits == 0 || fits == 1);
    sc_pattern_free(&p);

    return 0;
}
