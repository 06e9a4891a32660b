
#include <string.h>

#include "sidecar/page/dom.h"
#include "sidecar/page/page.h"
#include "sidecar/views/view_main.h"
#include "sidecar/views/view_markdown.h"
#include "sidecar/views/view_sketch.h"
#include "sidecar/views/view_text.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_ROOM  1048576


typedef int (*fuzz_view_pt)(const view_t *v, sc_buf_t *out);


static void fuzz_views_page(const view_t *v);
static void fuzz_views_sketch(const xmlDoc *doc);


static const fuzz_view_pt  fuzz_views_all[] = {
    view_links, view_meta, view_jsonld, view_microdata, view_text,
    view_markdown
};


/* A byte is the parser, the rest a page of HTML: each view of it is JSON. */
int
fuzz_views(const uint8_t *data, size_t size)
{
    view_t    v;
    page_t    page = { 0 };
    sc_str_t  in;

    in = fuzz_input(data, size);
    page.parser = fuzz_byte(&in) % 2 ? PAGE_HTML5 : PAGE_HTML;
    page.url = "http://a.example/b/c?d=e";
    page.content_type = "text/html; charset=utf-8";
    page.body = in;

    if (page_open(&page) == SC_OK) {
        v.doc = page.doc;
        v.url = v.base = page.url;
        fuzz_views_page(&v);
        fuzz_views_sketch(page.doc);
    }

    page_close(&page);

    return 0;
}


static void
fuzz_views_page(const view_t *v)
{
    int       rc;
    size_t    i;
    sc_buf_t  out;

    for (i = 0; i < sizeof(fuzz_views_all) / sizeof(fuzz_views_all[0]); i++) {
        sc_buf_init(&out, FUZZ_ROOM);
        rc = fuzz_views_all[i](v, &out);
        FUZZ_HELD(rc == SC_OK || out.failed);

        if (rc == SC_OK) {
            FUZZ_HELD(fuzz_is_json(fuzz_view(&out)));
        }

        sc_buf_free(&out);
    }

    sc_buf_init(&out, FUZZ_ROOM);
    rc = view_meta_value(v, "og:title", &out);
    FUZZ_HELD(rc == SC_DECLINED || fuzz_utf8(fuzz_view(&out)));
    sc_buf_free(&out);
    (void) view_main(v);
}


static void
fuzz_views_sketch(const xmlDoc *doc)
{
    char           hex[VIEW_SKETCH_TEXT + 1];
    view_sketch_t  sketch, again;

    (void) view_sketch(doc, &sketch);
    view_sketch_text(&sketch, hex);
    FUZZ_HELD(view_sketch_parse(hex, VIEW_SKETCH_TEXT, &again) == SC_OK);
    FUZZ_HELD(memcmp(&again, &sketch, sizeof(sketch)) == 0);
    FUZZ_HELD(view_sketch_ratio(&sketch, &again) == 1.0);
}
