
#include <string.h>

#include <libxml/parser.h>

#include "sidecar/export/export.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_export_all(export_format_t format, const store_result_t *r,
    const store_raw_t *raw, sc_str_t rules);
static void fuzz_export_right(export_format_t format, sc_str_t out);


/*
 * A byte is the format, then lines: the rules' canonical form, a page's head;
 * the rest is the data of a result, if it is JSON, else the page.
 */
int
fuzz_export(const uint8_t *data, size_t size)
{
    sc_str_t         in, rules, head;
    store_raw_t      raw;
    store_result_t   r = { .id = "0000000000000000000000000000",
                           .job = "0000000000000000000000000000" };
    export_format_t  format;

    static const sc_str_t  url = sc_string("http://a.example/");
    static const sc_str_t  empty = sc_string("{}");
    static const sc_str_t  list = sc_string("[]");

    in = fuzz_input(data, size);
    format = (export_format_t) (fuzz_byte(&in) % EXPORT_FORMATS);
    rules = fuzz_line(&in);
    head = fuzz_line(&in);

    r.url = url;
    r.state = STORE_COMPLETED;
    r.at = 1790000000000;
    r.fetch = empty;
    r.data = fuzz_is_json(in) ? in : empty;
    r.missing = r.warnings = list;
    raw.head = fuzz_is_json(head) ? head : empty;
    raw.body = in;
    fuzz_export_all(format, &r, &raw, fuzz_is_json(rules) ? rules : raw.head);

    return 0;
}


static void
fuzz_export_all(export_format_t format, const store_result_t *r,
    const store_raw_t *raw, sc_str_t rules)
{
    export_t          *e;
    sc_buf_t           out;
    export_options_t   options = { .format = format, .base = "/v1",
                                   .rules = rules };

    e = export_create(&options);
    FUZZ_HELD(e != NULL);
    sc_buf_init(&out, 0);
    FUZZ_HELD(export_begin(e, &out) == SC_OK);
    FUZZ_HELD(export_item(e, r, raw, &out) == SC_OK);
    FUZZ_HELD(export_item(e, r, NULL, &out) == SC_OK);
    FUZZ_HELD(export_end(e, NULL, &out) == SC_OK);
    fuzz_export_right(format, fuzz_view(&out));
    sc_buf_free(&out);
    export_free(e);
}


/* What came out is what it says it is. */
static void
fuzz_export_right(export_format_t format, sc_str_t out)
{
    xmlDocPtr  doc;

    FUZZ_HELD(format == EXPORT_WARC || fuzz_utf8(out));

    if (format == EXPORT_JSON) {
        FUZZ_HELD(fuzz_is_json(out));

    } else if (format == EXPORT_XML) {
        doc = xmlReadMemory(out.data, (int) out.len, NULL, NULL,
                            XML_PARSE_NOERROR | XML_PARSE_NOWARNING
                            | XML_PARSE_NONET | XML_PARSE_HUGE);
        FUZZ_HELD(doc != NULL);
        xmlFreeDoc(doc);

    } else if (format == EXPORT_NDJSON) {
        while (out.len > 0) {
            FUZZ_HELD(fuzz_is_json(fuzz_line(&out)));
        }
    }
}
