
#include <math.h>
#include <string.h>

#include "common/sc_json.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_json_text(sc_str_t in);
static void fuzz_json_number(sc_str_t in);
static void fuzz_json_value(sc_str_t in);


/* Writing JSON: any bytes as a string, eight of them as a number, a value. */
int
fuzz_json(const uint8_t *data, size_t size)
{
    sc_str_t  in;

    in = fuzz_input(data, size);
    fuzz_json_text(in);
    fuzz_json_number(in);
    fuzz_json_value(in);

    return 0;
}


static void
fuzz_json_text(sc_str_t in)
{
    json_t    *json;
    sc_buf_t   out;

    sc_buf_init(&out, 0);
    FUZZ_HELD(sc_json_string(&out, in.data, in.len) == SC_OK);
    json = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                      NULL);
    FUZZ_HELD(json_is_string(json));

    if (fuzz_utf8(in)) {
        FUZZ_HELD(fuzz_same(in, (sc_str_t) { json_string_length(json),
                                             json_string_value(json) }));
    }

    json_decref(json);
    sc_buf_free(&out);
}


static void
fuzz_json_number(sc_str_t in)
{
    double     n;
    json_t    *json;
    sc_buf_t   out;

    if (in.len < sizeof(n)) {
        return;
    }

    (void) memcpy(&n, in.data, sizeof(n));
    sc_buf_init(&out, 0);
    FUZZ_HELD(sc_json_number(&out, n) == SC_OK);
    json = json_loadb(out.data, out.len,
                      JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
    FUZZ_HELD(isfinite(n) ? json_number_value(json) == n
                          : json_is_null(json));
    json_decref(json);
    sc_buf_free(&out);
}


static void
fuzz_json_value(sc_str_t in)
{
    json_t    *json, *again;
    sc_buf_t   out;

    json = json_loadb(in.data, in.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (json == NULL) {
        return;
    }

    sc_buf_init(&out, 0);
    sc_json_value(&out, json);
    again = json_loadb(out.data, out.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                       NULL);
    FUZZ_HELD(again != NULL);
    json_decref(again);
    json_decref(json);
    sc_buf_free(&out);
}
