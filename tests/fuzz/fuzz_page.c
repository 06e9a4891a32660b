
#include <stdlib.h>
#include <string.h>

#include "sidecar/page/page.h"
#include "sidecar/page/refresh.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_page_tree(const page_t *page);


/* A byte is the parser, a line the content type, the rest the body. */
int
fuzz_page(const uint8_t *data, size_t size)
{
    char     *type;
    page_t    page = { 0 };
    sc_str_t  in;

    in = fuzz_input(data, size);
    page.parser = (page_parser_t) (fuzz_byte(&in) % (PAGE_JSON + 1));
    page.html = page.parser == PAGE_AUTO && size % 2 ? PAGE_HTML5 : PAGE_HTML;
    type = fuzz_text(fuzz_line(&in));
    page.url = "http://a.example/";
    page.content_type = type;
    page.body = in;

    if (page_open(&page) == SC_OK) {
        FUZZ_HELD(page.doc != NULL && page.kind != PAGE_AUTO);
        FUZZ_HELD(fuzz_utf8(page.text));
        fuzz_page_tree(&page);

    } else {
        FUZZ_HELD(page.detail[0] != '\0');
        FUZZ_HELD(fuzz_utf8((sc_str_t) { strlen(page.detail), page.detail }));
    }

    page_close(&page);
    free(type);

    return 0;
}


/* What the tree is made of is UTF-8, and whole. */
static void
fuzz_page_tree(const page_t *page)
{
    int             delay;
    xmlChar        *text;
    sc_buf_t        out;
    const xmlNode  *root;

    sc_buf_init(&out, 0);

    if (page->kind != PAGE_JSON && page->kind != PAGE_XML
        && refresh_find(page->doc, page->url, &out, &delay) == SC_OK)
    {
        FUZZ_HELD(page->refreshes && delay >= 0);
    }

    sc_buf_free(&out);
    root = xmlDocGetRootElement(page->doc);

    if (root != NULL) {
        text = xmlNodeGetContent(root);
        FUZZ_HELD(text != NULL);
        FUZZ_HELD(fuzz_utf8((sc_str_t) { strlen((char *) text),
                                         (char *) text }));
        xmlFree(text);
    }
}
