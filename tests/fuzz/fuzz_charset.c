
#include <stdlib.h>
#include <string.h>

#include "sidecar/page/charset.h"
#include "tests/fuzz/fuzz.h"


typedef void (*fuzz_detect_pt)(sc_str_t body, const char *content_type,
    charset_t *cs);


static const fuzz_detect_pt  fuzz_detects[] = {
    charset_detect, charset_detect_text, charset_detect_xml
};


/*
 * A byte says what is looked at, a line is the content type, the rest the
 * body: whatever it is, what comes out is UTF-8 without NUL.
 */
int
fuzz_charset(const uint8_t *data, size_t size)
{
    char       *type;
    size_t      valid;
    unsigned    way;
    charset_t   cs;
    sc_buf_t    space;
    sc_str_t    in, text;

    in = fuzz_input(data, size);
    way = fuzz_byte(&in) % 3;
    type = fuzz_text(fuzz_line(&in));
    fuzz_detects[way](in, type, &cs);
    FUZZ_HELD(cs.name != NULL && cs.from != NULL);
    FUZZ_HELD(strcmp(charset_lookup(cs.name, strlen(cs.name)), cs.name) == 0);

    sc_buf_init(&space, 0);
    FUZZ_HELD(charset_decode(cs.name, in, &space, &text) == SC_OK);
    FUZZ_HELD(fuzz_utf8(text));
    FUZZ_HELD(text.len == 0 || memchr(text.data, '\0', text.len) == NULL);

    valid = charset_valid(in.data, in.len);
    FUZZ_HELD(valid <= in.len && fuzz_utf8((sc_str_t) { valid, in.data }));
    (void) charset_prescan(in.data, in.len);
    (void) charset_parameter(type, strlen(type));

    sc_buf_free(&space);
    free(type);

    return 0;
}
