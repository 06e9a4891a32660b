
#include <string.h>

#include "common/sc_peek.h"
#include "tests/fuzz/fuzz.h"


/* A body whose page's host the module looks for, and a URL by itself. */
int
fuzz_peek(const uint8_t *data, size_t size)
{
    int       rc;
    char      url[SC_PEEK_URL], host[SC_PEEK_HOST], again[SC_PEEK_HOST];
    size_t    len, n, i;
    sc_str_t  in;

    in = fuzz_input(data, size);
    len = 0;
    rc = sc_peek_url(in, url, &len);
    FUZZ_HELD(rc == SC_OK || rc == SC_DECLINED);

    if (rc == SC_OK) {
        FUZZ_HELD(len <= SC_PEEK_URL);
        in.data = url;
        in.len = len;
    }

    n = sc_peek_host(in, host);
    FUZZ_HELD(n < SC_PEEK_HOST && strlen(host) == n);

    for (i = 0; i < n; i++) {
        FUZZ_HELD((unsigned char) host[i] > ' ' && host[i] != 0x7f);
        FUZZ_HELD(host[i] < 'A' || host[i] > 'Z');
    }

    (void) sc_peek_host((sc_str_t) { n, host }, again);

    return 0;
}
