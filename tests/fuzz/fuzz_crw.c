
#include <string.h>

#include "common/rules/sc_crw.h"
#include "common/rules/sc_rules.h"
#include "tests/fuzz/fuzz.h"


/* A template of Crawley's: what it is made into is JSON for a rule set. */
int
fuzz_crw(const uint8_t *data, size_t size)
{
    json_t            *json;
    sc_str_t           in;
    sc_rules_t        *rules;
    sc_crw_error_t     err = { 0 };
    sc_rules_error_t   wrong;

    in = fuzz_input(data, size);
    json = sc_crw_parse(in.data, in.len, &err);

    if (json == NULL) {
        FUZZ_HELD(err.line > 0 && strncmp(err.message, "line ", 5) == 0);
        FUZZ_HELD(fuzz_utf8((sc_str_t) { strlen(err.message), err.message }));
        return 0;
    }

    FUZZ_HELD(json_is_object(json));
    rules = sc_rules_parse(json, &wrong);
    sc_rules_free(rules);
    json_decref(json);

    return 0;
}
