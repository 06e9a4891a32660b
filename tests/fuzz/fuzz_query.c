
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/query.h"
#include "tests/fuzz/fuzz.h"


/* A query string: each parameter can be asked for by its name. */
int
fuzz_query(const uint8_t *data, size_t size)
{
    int       rc;
    char      err[256], *text;
    size_t    i;
    query_t   q;

    text = fuzz_text(fuzz_input(data, size));
    rc = query_parse(&q, text, err, sizeof(err));

    if (rc != SC_OK) {
        FUZZ_HELD(rc == SC_ERROR && q.n == 0 && q.params == NULL);
        free(text);
        return 0;
    }

    FUZZ_HELD(q.n <= QUERY_MAX_PARAMS);

    for (i = 0; i < q.n; i++) {
        FUZZ_HELD(strlen(q.params[i].name) + strlen(q.params[i].value)
                  <= strlen(text));
    }

    FUZZ_HELD(q.n == 0 || query_get(&q, q.params[0].name)
              == q.params[0].value);

    query_free(&q);
    free(text);

    return 0;
}
