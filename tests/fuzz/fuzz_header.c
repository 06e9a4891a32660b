
#include <stdlib.h>
#include <string.h>

#include "sidecar/fetch/fetch.h"
#include "tests/fuzz/fuzz.h"


/*
 * A line that is a header's name, then its value: what may be sent cannot end
 * the line it is in.  And the name as a method.
 */
int
fuzz_header(const uint8_t *data, size_t size)
{
    char      err[512], *method;
    size_t    i;
    sc_str_t  name, value;

    value = fuzz_input(data, size);
    name = fuzz_line(&value);

    if (fetch_header_allowed(name, value, err, sizeof(err)) == SC_OK) {
        FUZZ_HELD(name.len > 0);

        for (i = 0; i < name.len; i++) {
            FUZZ_HELD((unsigned char) name.data[i] > ' '
                      && (unsigned char) name.data[i] < 0x7f
                      && name.data[i] != ':');
        }

        for (i = 0; i < value.len; i++) {
            FUZZ_HELD(value.data[i] != '\r' && value.data[i] != '\n'
                      && value.data[i] != '\0');
        }

    } else {
        FUZZ_HELD(memchr(err, '\0', sizeof(err)) != NULL);
    }

    method = fuzz_text(name);

    if (fetch_method_allowed(method)) {
        FUZZ_HELD(strpbrk(method, " \r\n\t:") == NULL && method[0] != '\0');
    }

    free(method);

    return 0;
}
