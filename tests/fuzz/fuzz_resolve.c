
#include <string.h>

#include "sidecar/url/url.h"
#include "tests/fuzz/fuzz.h"


/*
 * References of a page: a line that is its URL, then one that is resolved.
 * What comes out is absolute, and resolving it gives it again.
 */
int
fuzz_resolve(const uint8_t *data, size_t size)
{
    int       rc;
    char      err[256];
    url_t     base;
    sc_buf_t  out, again;
    sc_str_t  in, line;

    in = fuzz_input(data, size);
    line = fuzz_line(&in);

    if (url_parse(&base, line.data, line.len, err, sizeof(err)) != SC_OK) {
        return 0;
    }

    sc_buf_init(&out, 0);
    sc_buf_init(&again, 0);

    rc = url_resolve(base.text, in.data, in.len, &out);
    FUZZ_HELD(rc == SC_OK || rc == SC_DECLINED);

    if (rc == SC_OK) {
        FUZZ_HELD(out.len > 0 && strlen(out.data) == out.len);
        rc = url_resolve(base.text, out.data, out.len, &again);
        FUZZ_HELD(rc == SC_OK);
        FUZZ_HELD(fuzz_same(fuzz_view(&out), fuzz_view(&again)));

    } else {
        FUZZ_HELD(out.len == 0);
    }

    sc_buf_free(&out);
    sc_buf_free(&again);
    url_free(&base);

    return 0;
}
