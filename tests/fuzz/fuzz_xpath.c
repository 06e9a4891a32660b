
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules.h"
#include "tests/fuzz/fuzz.h"


/* An expression: what yields a node-set for sure may stand anywhere. */
int
fuzz_xpath(const uint8_t *data, size_t size)
{
    int                any, nodeset;
    char              *expr;
    sc_rules_error_t   err = { 0 };

    expr = fuzz_text(fuzz_input(data, size));
    any = sc_rules_check_xpath(expr, 0, &err);
    FUZZ_HELD(any == SC_OK || err.message[0] != '\0');
    FUZZ_HELD(any == SC_OK
              || fuzz_utf8((sc_str_t) { strlen(err.message), err.message }));

    nodeset = sc_rules_check_xpath(expr, 1, &err);
    FUZZ_HELD(nodeset != SC_OK || any == SC_OK);
    free(expr);

    return 0;
}
