
#include "sidecar/page/refresh.h"
#include "tests/fuzz/fuzz.h"


/* The value of a Refresh field. */
int
fuzz_refresh(const uint8_t *data, size_t size)
{
    int       rc, delay;
    sc_str_t  in, url;

    in = fuzz_input(data, size);
    rc = refresh_parse(in, &delay, &url);
    FUZZ_HELD(rc == SC_OK || rc == SC_DECLINED);

    if (rc == SC_OK) {
        FUZZ_HELD(delay >= 0);
        FUZZ_HELD(url.data == NULL
                  || (url.data >= in.data
                      && url.data + url.len <= in.data + in.len));
    }

    return 0;
}
