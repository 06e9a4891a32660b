
#include "tests/fuzz/found.h"
#include "tests/fuzz/fuzz.h"


/* A line is a crawl's scope, the rest a URL that may be in it. */
int
fuzz_scope(const uint8_t *data, size_t size)
{
    char            err[256];
    url_t           url;
    sc_str_t        in, scoped;
    crawl_scope_t  *scope;

    in = fuzz_input(data, size);
    scoped = fuzz_line(&in);

    if (url_parse(&url, in.data, in.len, err, sizeof(err)) != SC_OK) {
        return 0;
    }

    scope = found_scope(scoped, "http://www.a.example:8080/");

    if (scope != NULL) {
        FUZZ_HELD(crawl_scope_check(scope, &url, FOUND_NOW) <= CRAWL_TRAP);
        crawl_scope_free(scope);
    }

    /* a text that is no scope's own is refused */
    crawl_scope_free(crawl_scope_create(scoped));
    url_free(&url);

    return 0;
}
