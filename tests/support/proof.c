
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/support/proof.h"


/* of the detail */
#define PROOF_TEXT    512


static uint64_t proof_seed(void);


static uint64_t  proof_state;


int
proof_full(void)
{
    const char  *value;

    value = getenv("PROOF");

    return value != NULL && strcmp(value, "full") == 0;
}


size_t
proof_times(const char *name, size_t full, size_t brief)
{
    const char  *value;

    value = getenv(name);

    if (value != NULL && *value != '\0') {
        return strtoul(value, NULL, 10);
    }

    return proof_full() ? full : brief;
}


/* xorshift64*, Vigna 2014 */
size_t
proof_random(size_t n)
{
    if (proof_state == 0) {
        proof_state = proof_seed();
    }

    proof_state ^= proof_state >> 12;
    proof_state ^= proof_state << 25;
    proof_state ^= proof_state >> 27;

    return (size_t) (proof_state * UINT64_C(0x2545F4914F6CDD1D) >> 32) % n;
}


static uint64_t
proof_seed(void)
{
    return proof_times("PROOF_SEED", 1, 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
}


void
proof_report(const char *suite, const char *promise, size_t runs,
    size_t failures, const char *fmt, ...)
{
    char     detail[PROOF_TEXT];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(detail, sizeof(detail), fmt, args);
    va_end(args);

    (void) printf("{\"promise\":\"%s\",\"suite\":\"%s\",\"runs\":%zu,"
                  "\"failures\":%zu,\"detail\":\"%s\"}\n", promise, suite,
                  runs, failures, detail);
    (void) fflush(stdout);

    ck_assert_msg(runs > 0, "%s: nothing was tried", promise);
    ck_assert_msg(failures == 0, "%s: %zu of %zu failed: %s", promise,
                  failures, runs, detail);
}
