
#include <stdlib.h>

#include "sidecar/page/page.h"
#include "tests/fuzz/budget.h"
#include "tests/fuzz/found.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_harvest_page(const crawl_scope_t *scope, const char *robots,
    sc_str_t follow, sc_str_t body);


/*
 * Lines: a crawl's scope, what the page says to robots, a "follow" list; the
 * rest is the page.
 */
int
fuzz_harvest(const uint8_t *data, size_t size)
{
    char           *robots;
    sc_str_t        in, scoped, follow;
    crawl_scope_t  *scope;

    in = fuzz_input(data, size);
    scoped = fuzz_line(&in);
    robots = fuzz_text(fuzz_line(&in));
    follow = fuzz_line(&in);
    follow.len = fuzz_is_json(follow) ? follow.len : 0;
    scope = found_scope(scoped, "http://a.example/b/");

    if (scope != NULL) {
        fuzz_harvest_page(scope, robots, follow, in);
        crawl_scope_free(scope);
    }

    free(robots);

    return 0;
}


static void
fuzz_harvest_page(const crawl_scope_t *scope, const char *robots,
    sc_str_t follow, sc_str_t body)
{
    view_t    v;
    page_t    page = { 0 };
    sc_buf_t  out;

    page.url = "http://a.example/b/";
    page.content_type = "text/html; charset=utf-8";
    page.body = body;
    sc_buf_init(&out, FOUND_ROOM);
    budget_begin();

    if (page_open(&page) == SC_OK) {
        v.doc = page.doc;
        v.url = v.base = page.url;
        FUZZ_HELD(crawl_harvest(scope, &v, robots, follow, FOUND_NOW, &out)
                  == SC_OK);
        found_lines(fuzz_view(&out), "lxf");
    }

    budget_end();
    page_close(&page);
    sc_buf_free(&out);
}
