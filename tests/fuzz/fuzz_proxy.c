
#include <string.h>

#include "sidecar/proxy/proxy.h"
#include "tests/fuzz/fuzz.h"


static int fuzz_proxy_secret(sc_str_t url);


/* The URL of a proxy; its password, hunter2, is nowhere told. */
int
fuzz_proxy(const uint8_t *data, size_t size)
{
    char      err[512];
    size_t    i;
    proxy_t   p;
    sc_str_t  in;

    in = fuzz_input(data, size);

    if (proxy_parse(&p, in.data, in.len, err, sizeof(err)) != SC_OK) {
        FUZZ_HELD(err[0] != '\0');
        FUZZ_HELD(!fuzz_proxy_secret(in) || strstr(err, "hunter2") == NULL);
        return 0;
    }

    FUZZ_HELD(p.kind <= PROXY_SOCKS5 && p.host[0] != '\0');
    FUZZ_HELD(p.port > 0 && p.port < 65536);
    FUZZ_HELD(p.user[0] != '\0' || p.password[0] == '\0');
    FUZZ_HELD(p.kind == PROXY_SOCKS5 || strchr(p.user, ':') == NULL);

    for (i = 0; p.user[i] != '\0'; i++) {
        FUZZ_HELD((unsigned char) p.user[i] >= ' ' && p.user[i] != 0x7f);
    }

    for (i = 0; p.password[i] != '\0'; i++) {
        FUZZ_HELD((unsigned char) p.password[i] >= ' '
                  && p.password[i] != 0x7f);
    }

    return 0;
}


/* Whether the word stands there as a password, and nowhere else. */
static int
fuzz_proxy_secret(sc_str_t url)
{
    size_t       before;
    const char  *at;

    at = memmem(url.data, url.len, ":hunter2@", 9);
    if (at == NULL) {
        return 0;
    }

    before = (size_t) (at - url.data);

    return memmem(url.data, before, "://", 3) != NULL
           && memmem(url.data, before, "hunter2", 7) == NULL
           && memmem(at + 9, url.len - before - 9, "hunter2", 7) == NULL;
}
