
#include <string.h>

#include "sidecar/extract/extract_internal.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_number_of(const char *locale, sc_str_t text);


/* A number as people write it: what is made of it has digits and a point. */
int
fuzz_number(const uint8_t *data, size_t size)
{
    size_t    i;
    sc_str_t  in;

    static const char *const  locales[] = { "auto", "de", "en", "fr", "ar" };

    in = fuzz_input(data, size);

    for (i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
        fuzz_number_of(locales[i], in);
    }

    return 0;
}


static void
fuzz_number_of(const char *locale, sc_str_t text)
{
    size_t    n;
    sc_buf_t  out;

    sc_buf_init(&out, 0);

    if (extract_locale(locale, text, &out) == SC_OK) {
        n = strspn(out.data, "0123456789.-");
        FUZZ_HELD(out.len > 0 && n == out.len);

    } else {
        FUZZ_HELD(out.len == 0);
    }

    sc_buf_free(&out);
}
