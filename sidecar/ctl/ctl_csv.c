
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


void
ctl_csv(sc_buf_t *b, size_t n, const char *text, size_t len)
{
    size_t  i;

    (void) sc_buf_add_cstr(b, n != 0 ? "," : "");

    for (i = 0; i < len && text[i] != '\0'
                && strchr(",\"\r\n", text[i]) == NULL; i++)
    {
        /* void */
    }

    if (i == len && len != 0) {
        (void) sc_buf_add(b, text, len);
        return;
    }

    (void) sc_buf_add_cstr(b, "\"");

    for (i = 0; i < len; i++) {
        (void) sc_buf_add(b, text + i, 1);

        if (text[i] == '"') {
            (void) sc_buf_add_cstr(b, "\"");
        }
    }

    (void) sc_buf_add_cstr(b, "\"");
}


int
ctl_csv_json(sc_buf_t *b, size_t n, const json_t *value)
{
    int       rc;
    sc_buf_t  text;

    if (value == NULL || json_is_null(value)) {
        return sc_buf_add_cstr(b, n != 0 ? "," : "");
    }

    if (json_is_string(value)) {
        ctl_csv(b, n, json_string_value(value), json_string_length(value));
        return b->failed ? SC_ERROR : SC_OK;
    }

    sc_buf_init(&text, 0);
    rc = ctl_json(value, 1, &text);

    if (rc == SC_OK) {
        ctl_csv(b, n, text.data, text.len);
    }

    sc_buf_free(&text);

    return rc != SC_OK || b->failed ? SC_ERROR : SC_OK;
}
