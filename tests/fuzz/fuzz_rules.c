
#include <string.h>

#include "common/rules/sc_rules.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_rules_again(const sc_rules_t *rules);
static void fuzz_rules_error(const sc_rules_error_t *err);


/* A rule set: its canonical form means the same, and is its own. */
int
fuzz_rules(const uint8_t *data, size_t size)
{
    sc_str_t           in;
    sc_rules_t        *rules;
    sc_rules_error_t   err = { 0 };

    in = fuzz_input(data, size);
    rules = sc_rules_parse_text(in.data, in.len, &err);

    if (rules == NULL) {
        fuzz_rules_error(&err);
        return 0;
    }

    fuzz_rules_again(rules);
    sc_rules_free(rules);

    return 0;
}


static void
fuzz_rules_again(const sc_rules_t *rules)
{
    sc_rules_t        *again;
    sc_rules_error_t   err;

    FUZZ_HELD(strlen(rules->json) == rules->json_len);
    FUZZ_HELD(strlen(rules->hash) == SC_RULES_HASH_LEN);
    FUZZ_HELD(rules->total <= SC_RULES_MAX_FIELDS);

    again = sc_rules_parse_text(rules->json, rules->json_len, &err);
    FUZZ_HELD(again != NULL);
    FUZZ_HELD(strcmp(again->json, rules->json) == 0);
    FUZZ_HELD(strcmp(again->hash, rules->hash) == 0);
    FUZZ_HELD(again->total == rules->total && again->nsets == rules->nsets);
    sc_rules_free(again);
}


static void
fuzz_rules_error(const sc_rules_error_t *err)
{
    sc_str_t  message, pointer;

    message = (sc_str_t) { strlen(err->message), err->message };
    pointer = (sc_str_t) { strlen(err->pointer), err->pointer };
    FUZZ_HELD(message.len > 0 && message.len < sizeof(err->message));
    FUZZ_HELD(fuzz_utf8(message) && fuzz_utf8(pointer));
    FUZZ_HELD(pointer.len == 0 || pointer.data[0] == '/');
    FUZZ_HELD(err->column >= 0);
}
