
#include "sidecar/extract/extract_transform.h"
#include "tests/fuzz/fuzz.h"


/* Markup that is made text: UTF-8 stays UTF-8, and gets no longer. */
int
fuzz_tags(const uint8_t *data, size_t size)
{
    sc_buf_t  out;
    sc_str_t  in;

    in = fuzz_input(data, size);
    sc_buf_init(&out, 0);
    extract_strip_tags(in, &out);
    FUZZ_HELD(!out.failed && out.len <= in.len + 1);
    FUZZ_HELD(!fuzz_utf8(in) || fuzz_utf8(fuzz_view(&out)));
    sc_buf_free(&out);

    return 0;
}
