
#include <string.h>

#include "sidecar/session/session_internal.h"
#include "tests/fuzz/fuzz.h"


/* A byte is the format, the rest what a session is to be. */
int
fuzz_session(const uint8_t *data, size_t size)
{
    int                rc;
    unsigned           how;
    sc_str_t           in;
    session_doc_t      doc;
    session_error_t    err;

    in = fuzz_input(data, size);
    how = fuzz_byte(&in);
    rc = session_read(&doc, in, how & 1 ? SESSION_NETSCAPE : SESSION_JSON,
                      how >> 1 & 1, &err);

    if (rc != SC_OK) {
        FUZZ_HELD(rc == SC_DECLINED && err.detail[0] != '\0');
        FUZZ_HELD(err.pointer[0] == '\0' || err.pointer[0] == '/');
        return 0;
    }

    FUZZ_HELD(doc.nheaders <= SESSION_MAX_HEADERS);
    FUZZ_HELD(doc.login == NULL || doc.login_text != NULL);
    json_decref(session_cookies_json(fuzz_view(&doc.cookies)));
    session_doc_free(&doc);

    return 0;
}
