
#include "sidecar/export/export.h"
#include "tests/fuzz/fuzz.h"


/* A line is a value, the rest another: the way from one to the other. */
int
fuzz_diff(const uint8_t *data, size_t size)
{
    json_t    *from, *to;
    sc_buf_t   out;
    sc_str_t   in, line;

    in = fuzz_input(data, size);
    line = fuzz_line(&in);
    from = json_loadb(line.data, line.len, JSON_DECODE_ANY, NULL);
    to = json_loadb(in.data, in.len, JSON_DECODE_ANY, NULL);
    sc_buf_init(&out, 0);

    if (from != NULL && to != NULL) {
        FUZZ_HELD(export_diff(from, to, &out) == SC_OK);
        FUZZ_HELD(fuzz_is_json(fuzz_view(&out)));
        FUZZ_HELD(!json_equal(from, to) || out.len == 2);
    }

    sc_buf_free(&out);
    json_decref(from);
    json_decref(to);

    return 0;
}
