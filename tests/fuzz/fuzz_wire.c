
#include <string.h>

#include "sidecar/worker/wire.h"
#include "tests/fuzz/fuzz.h"


static void fuzz_wire_reply(const char *data, size_t size);
static void fuzz_wire_request(const char *data, size_t size);


/* The head of a message between scraped and a worker that is not itself. */
int
fuzz_wire(const uint8_t *data, size_t size)
{
    fuzz_wire_reply((const char *) data, size);
    fuzz_wire_request((const char *) data, size);

    return 0;
}


static void
fuzz_wire_reply(const char *data, size_t size)
{
    size_t        len, sum;
    wire_reply_t  r = { 0 };

    (void) memcpy(&r, data, size < sizeof(r) ? size : sizeof(r));
    r.magic = size % 8 ? WIRE_MAGIC : r.magic;

    if (wire_reply_check(&r, &len) != SC_OK) {
        return;
    }

    sum = (size_t) r.data + r.missing + r.warnings + r.view + r.fill + r.form
          + r.found + r.refresh;
    FUZZ_HELD(len == sum && len <= WIRE_MAX_REPLY);
    FUZZ_HELD(r.status == WIRE_OK || len == 0);
    FUZZ_HELD(strlen(r.charset) < sizeof(r.charset));
    FUZZ_HELD(strlen(r.charset_from) < sizeof(r.charset_from));
    FUZZ_HELD(strlen(r.detail) < sizeof(r.detail));
    FUZZ_HELD(r.refresh_delay >= 0 && r.elapsed >= 0);
}


static void
fuzz_wire_request(const char *data, size_t size)
{
    size_t          len, sum;
    wire_request_t  r = { 0 };

    (void) memcpy(&r, data, size < sizeof(r) ? size : sizeof(r));
    r.magic = size % 8 ? WIRE_MAGIC : r.magic;

    if (wire_request_check(&r, &len) != SC_OK) {
        return;
    }

    sum = (size_t) r.url + r.content_type + r.headers + r.form + r.scope
          + r.rules + r.body;
    FUZZ_HELD(len == sum && r.slot < WIRE_SLOTS);
    FUZZ_HELD(r.url > 0 && r.content_type > 0);
}
