
#include <string.h>

#include "sidecar/push/webhooks.h"
#include "tests/fuzz/fuzz.h"


/* What a caller says of a webhook: made complete, it is complete. */
int
fuzz_webhook(const uint8_t *data, size_t size)
{
    char         err[512];
    json_t      *json, *once, *again;
    sc_str_t     in;
    const char  *key;

    in = fuzz_input(data, size);
    json = json_loadb(in.data, in.len, JSON_DECODE_ANY, NULL);

    if (json == NULL) {
        return 0;
    }

    once = webhooks_check(json, err, sizeof(err), &key);
    FUZZ_HELD(once != NULL || err[0] != '\0');

    if (once != NULL) {
        again = webhooks_check(once, err, sizeof(err), &key);
        FUZZ_HELD(again != NULL && json_equal(once, again));
        json_decref(again);
    }

    json_decref(once);
    json_decref(json);

    return 0;
}
