
#include <stdlib.h>
#include <string.h>

#include "sidecar/fetch/cookie.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_cookie_again(const cookie_t *c);


/* Lines of cookies: those that may be kept are read again as written. */
int
fuzz_cookie(const uint8_t *data, size_t size)
{
    int            rc;
    char           err[512];
    size_t         number, before;
    cookie_t       c;
    sc_str_t       in, line;
    cookie_part_t  part;

    in = fuzz_input(data, size);
    number = 0;

    for ( ;; ) {
        before = number;
        rc = cookie_next(&in, &line, &number);

        if (rc != SC_OK) {
            FUZZ_HELD(rc == SC_DECLINED && in.len == 0);
            return 0;
        }

        FUZZ_HELD(number > before && line.len > 0);

        if (cookie_parse(&c, line, err, sizeof(err)) == SC_OK
            && cookie_check(&c, &part, err, sizeof(err)) == SC_OK)
        {
            fuzz_cookie_again(&c);
        }
    }
}


static void
fuzz_cookie_again(const cookie_t *c)
{
    char           err[512];
    cookie_t       again;
    sc_buf_t       out;
    cookie_part_t  part;

    sc_buf_init(&out, 0);
    FUZZ_HELD(cookie_write(&out, c) == SC_OK);
    FUZZ_HELD(out.len > 0 && out.data[out.len - 1] == '\n');
    FUZZ_HELD(memchr(out.data, '\n', out.len) == out.data + out.len - 1);

    FUZZ_HELD(cookie_parse(&again, (sc_str_t) { out.len - 1, out.data }, err,
                           sizeof(err))
              == SC_OK);
    FUZZ_HELD(cookie_check(&again, &part, err, sizeof(err)) == SC_OK);
    FUZZ_HELD(fuzz_same(again.domain, c->domain));
    FUZZ_HELD(fuzz_same(again.path, c->path));
    FUZZ_HELD(fuzz_same(again.name, c->name));
    FUZZ_HELD(fuzz_same(again.value, c->value));
    FUZZ_HELD(again.expires == c->expires && again.secure == c->secure);
    FUZZ_HELD(again.http_only == c->http_only);
    FUZZ_HELD(again.host_only == c->host_only);

    (void) cookie_top(c);
    (void) cookie_promises(c);
    sc_buf_free(&out);
}
