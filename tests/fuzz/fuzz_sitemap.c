
#include <string.h>

#include "sidecar/crawl/crawl.h"
#include "tests/fuzz/found.h"
#include "tests/fuzz/fuzz.h"


/* A body that is said to be a sitemap, gzip or not. */
int
fuzz_sitemap(const uint8_t *data, size_t size)
{
    int             rc;
    char            err[256];
    sc_buf_t        out;
    crawl_scope_t  *scope;

    static const sc_str_t  any = sc_string("{\"preset\":\"any\"}");

    scope = found_scope(any, "http://a.example/");
    FUZZ_HELD(scope != NULL);
    sc_buf_init(&out, FOUND_ROOM);

    rc = crawl_sitemap(scope, "http://a.example/sitemap.xml",
                       fuzz_input(data, size), FOUND_NOW, &out, err,
                       sizeof(err));
    FUZZ_HELD(rc == SC_OK || rc == SC_DECLINED);
    FUZZ_HELD(rc == SC_OK || err[0] != '\0');
    found_lines(fuzz_view(&out), "si");

    sc_buf_free(&out);
    crawl_scope_free(scope);

    return 0;
}
