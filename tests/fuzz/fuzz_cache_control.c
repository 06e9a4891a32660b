
#include <stdlib.h>
#include <string.h>

#include "sidecar/fetch/cache_control.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_NOW  ((int64_t) 1790000000000)


static void fuzz_cache_judge(const cache_request_t *c, int64_t lifetime);


/* Lines: Cache-Control of both sides, Expires, Age. */
int
fuzz_cache_control(const uint8_t *data, size_t size)
{
    char             *asked, *expires, *age;
    int64_t           lifetime;
    sc_str_t          in;
    cache_request_t   c;

    in = fuzz_input(data, size);
    asked = fuzz_text(fuzz_line(&in));
    expires = fuzz_text(fuzz_line(&in));
    age = fuzz_text(in);

    cache_request_parse(&c, asked);
    FUZZ_HELD(c.max_age >= -1 && c.max_stale >= -1 && c.min_fresh >= -1);
    lifetime = cache_lifetime(asked, expires, age, FUZZ_NOW);
    FUZZ_HELD(lifetime >= -1);
    fuzz_cache_judge(&c, lifetime);

    free(asked);
    free(expires);
    free(age);

    return 0;
}


static void
fuzz_cache_judge(const cache_request_t *c, int64_t lifetime)
{
    cache_verdict_t  none, fresh, old;

    none = cache_judge(c, -1, -1);
    fresh = cache_judge(c, 0, lifetime);
    old = cache_judge(c, INT64_MAX / 2, lifetime);

    FUZZ_HELD(none == CACHE_FETCH || none == CACHE_FAIL);
    FUZZ_HELD(c->present || (none == CACHE_FETCH && fresh == CACHE_FETCH));
    FUZZ_HELD(old != CACHE_USE || fresh == CACHE_USE);
    FUZZ_HELD(!c->no_store || fresh != CACHE_USE);
}
