
#include <string.h>

#include <libxml/xpath.h>

#include "common/css/sc_css.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_css_ignore(void *data, xmlErrorPtr error);


/* A selector, for HTML and for XML: what it becomes is an XPath. */
int
fuzz_css(const uint8_t *data, size_t size)
{
    unsigned             html;
    sc_buf_t             out;
    sc_str_t             in;
    sc_css_error_t       err;
    xmlXPathCompExprPtr  comp;

    in = fuzz_input(data, size);
    xmlSetStructuredErrorFunc(NULL, fuzz_css_ignore);

    for (html = 0; html < 2; html++) {
        sc_buf_init(&out, 0);

        if (sc_css_xpath(in.data, in.len, html, &out, &err) == SC_OK) {
            FUZZ_HELD(out.len > 0 && out.len <= SC_CSS_MAX);
            FUZZ_HELD(fuzz_utf8(fuzz_view(&out)));
            comp = xmlXPathCompile((const xmlChar *) out.data);
            FUZZ_HELD(comp != NULL);
            xmlXPathFreeCompExpr(comp);

        } else {
            FUZZ_HELD(out.len == 0 && err.column >= 0);
            FUZZ_HELD(err.message[0] != '\0');
            FUZZ_HELD(fuzz_utf8((sc_str_t) { strlen(err.message),
                                             err.message }));
        }

        sc_buf_free(&out);
    }

    return 0;
}


static void
fuzz_css_ignore(void *data, xmlErrorPtr error)
{
    (void) data;
    (void) error;
}
