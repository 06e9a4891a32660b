
#include <stdlib.h>
#include <string.h>

#include "sidecar/resolve/policy.h"
#include "sidecar/url/url.h"
#include "sidecar/url/url_query.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_url_canonical(const url_t *u);
static void fuzz_url_options(const url_t *u, unsigned options);


/*
 * URLs: what was made canonical stays as it is, and is a URL without anything
 * that is refused.
 */
int
fuzz_url(const uint8_t *data, size_t size)
{
    char      err[512];
    url_t     u;
    sc_str_t  in;

    in = fuzz_input(data, size);

    if (url_parse(&u, in.data, in.len, err, sizeof(err)) != SC_OK) {
        FUZZ_HELD(u.text == NULL && err[0] != '\0');
        return 0;
    }

    fuzz_url_canonical(&u);
    fuzz_url_options(&u, size & 7);
    url_free(&u);

    return 0;
}


static void
fuzz_url_canonical(const url_t *u)
{
    char    err[512];
    size_t  i;
    url_t   again;

    FUZZ_HELD(strlen(u->text) == u->len && u->len <= URL_MAX);
    FUZZ_HELD(u->host[0] != '\0' && strlen(u->host) <= URL_HOST_MAX);
    FUZZ_HELD(strncmp(u->text, u->https ? "https://" : "http://",
                      u->https ? 8 : 7) == 0);
    FUZZ_HELD(policy_allows_port(u->port));

    for (i = 0; i < u->len; i++) {
        FUZZ_HELD(u->text[i] > ' ' && u->text[i] < 0x7f);
        FUZZ_HELD(u->text[i] != '#' && u->text[i] != '\\');
    }

    FUZZ_HELD(url_parse(&again, u->text, u->len, err, sizeof(err)) == SC_OK);
    FUZZ_HELD(strcmp(again.text, u->text) == 0);
    FUZZ_HELD(strcmp(again.host, u->host) == 0);
    FUZZ_HELD(again.port == u->port && again.https == u->https);
    url_free(&again);
}


static void
fuzz_url_options(const url_t *u, unsigned options)
{
    char    *once;
    url_t    copy;

    FUZZ_HELD(url_copy(&copy, u) == SC_OK);
    FUZZ_HELD(url_canonical(&copy, options) == SC_OK);
    FUZZ_HELD(copy.len <= u->len);
    fuzz_url_canonical(&copy);

    once = fuzz_text((sc_str_t) { copy.len, copy.text });
    FUZZ_HELD(url_canonical(&copy, options) == SC_OK);
    FUZZ_HELD(strcmp(once, copy.text) == 0);

    free(once);
    url_free(&copy);
}
