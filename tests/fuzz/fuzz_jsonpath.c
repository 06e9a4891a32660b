
#include <string.h>

#include "common/jsonpath/sc_jsonpath.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_STEPS  100000


static int fuzz_jsonpath_found(void *data, json_t *value);


/* A line is a path, the rest the JSON it is walked in, within its budget. */
int
fuzz_jsonpath(const uint8_t *data, size_t size)
{
    int                  rc;
    size_t               steps, found;
    json_t              *json;
    sc_str_t             in, text;
    sc_jsonpath_t       *path;
    sc_jsonpath_error_t  err;

    in = fuzz_input(data, size);
    text = fuzz_line(&in);
    path = sc_jsonpath_compile(text.data, text.len, &err);

    if (path == NULL) {
        FUZZ_HELD(err.message[0] != '\0' && err.column >= 0);
        FUZZ_HELD(fuzz_utf8((sc_str_t) { strlen(err.message), err.message }));
        return 0;
    }

    json = json_loadb(in.data, in.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    if (json != NULL) {
        steps = FUZZ_STEPS;
        found = 0;
        rc = sc_jsonpath_eval(path, json, &steps, fuzz_jsonpath_found, &found);
        FUZZ_HELD(rc == SC_OK || rc == SC_ERROR);
        FUZZ_HELD(steps <= FUZZ_STEPS && found <= FUZZ_STEPS);
    }

    json_decref(json);
    sc_jsonpath_free(path);

    return 0;
}


static int
fuzz_jsonpath_found(void *data, json_t *value)
{
    size_t  *found = data;

    FUZZ_HELD(value != NULL);
    (*found)++;

    return SC_OK;
}
