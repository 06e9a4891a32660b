
#include <string.h>

#include "common/sc_frame.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_frame_again(const sc_frame_t *f, const char *line,
    size_t used);
static void fuzz_frame_fields(sc_str_t payload);


/* Frames as they come over the wire, one after another, then their fields. */
int
fuzz_frame(const uint8_t *data, size_t size)
{
    int          rc;
    size_t       used, n;
    sc_str_t     in;
    sc_frame_t   f;

    in = fuzz_input(data, size);

    for ( ;; ) {
        used = 0;
        rc = sc_frame_parse(in.data, in.len, &f, &used);
        FUZZ_HELD(rc == SC_OK || rc == SC_AGAIN || rc == SC_ERROR);

        if (rc != SC_OK) {
            FUZZ_HELD(rc == SC_ERROR || in.len < SC_FRAME_MAX_HEADER);
            return 0;
        }

        FUZZ_HELD(used <= in.len && used <= SC_FRAME_MAX_HEADER);
        FUZZ_HELD(f.type < SC_FRAME_TYPES && f.len <= SC_FRAME_MAX_PAYLOAD);
        fuzz_frame_again(&f, in.data, used);

        in.data += used;
        in.len -= used;
        n = f.len < in.len ? f.len : in.len;
        fuzz_frame_fields((sc_str_t) { n, in.data });
        in.data += n;
        in.len -= n;
    }
}


/* There is one way to write a header: the one that was read. */
static void
fuzz_frame_again(const sc_frame_t *f, const char *line, size_t used)
{
    char         out[SC_FRAME_MAX_HEADER];
    size_t       part;
    sc_frame_t   less;

    FUZZ_HELD(sc_frame_header(out, f) == used);
    FUZZ_HELD(memcmp(out, line, used) == 0);

    FUZZ_HELD(sc_frame_parse(line, used - 1, &less, &part) == SC_AGAIN);
    FUZZ_HELD(sc_frame_parse(line, used / 2, &less, &part) == SC_AGAIN);
}


static void
fuzz_frame_fields(sc_str_t payload)
{
    int       rc;
    sc_str_t  rest, name, value;

    rest = payload;

    while ((rc = sc_frame_field(&rest, &name, &value)) == SC_OK) {
        FUZZ_HELD(name.len > 0 && name.data >= payload.data);
        FUZZ_HELD(value.data + value.len <= payload.data + payload.len);
        FUZZ_HELD(rest.len < payload.len);
    }

    FUZZ_HELD(rc == SC_DECLINED || rc == SC_ERROR);
}
