
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/sc_json_of.h"
#include "sidecar/core/id.h"
#include "sidecar/export/export_internal.h"


#define WARC_DIGEST    32               /* bytes of SHA-256 */
#define WARC_URN       56               /* <urn:uuid:…> and its NUL */


static int export_warc_urn(const char *what, const char *id, char *urn);
static int export_warc_response(const store_result_t *result,
    const store_raw_t *raw, const json_t *fetch, const char *urn,
    sc_buf_t *out);
static int export_warc_metadata(export_t *e, const store_result_t *result,
    const json_t *fetch, const char *response, sc_buf_t *out);
static void export_warc_head(const char *type, const char *urn, int64_t at,
    sc_buf_t *out);
static void export_warc_target(const store_result_t *result,
    const json_t *fetch, sc_buf_t *out);
static int export_warc_digest(const char *field, sc_str_t bytes,
    sc_buf_t *out);
static int export_warc_block(const char *type, sc_str_t block,
    sc_buf_t *out);


int
export_warc_begin(export_t *e, sc_buf_t *out)
{
    char      id[ID_SIZE], urn[WARC_URN];
    sc_str_t  block;

    static const char  info[] =
        "software: scrape gateway\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/"
        "specifications/warc-format/warc-1.1/\r\n"
        "description: pages without the codings they came in, each with "
        "what was taken from it\r\n";

    (void) e;

    if (id_make(id, 0) != SC_OK
        || export_warc_urn("warcinfo", id, urn) != SC_OK)
    {
        return SC_ERROR;
    }

    export_warc_head("warcinfo", urn, id_now_ms(), out);
    block.data = info;
    block.len = sizeof(info) - 1;

    return export_warc_block("application/warc-fields", block, out);
}


/*
 * The name of a record: the first half of a hash of what it is about, as a
 * UUID of the kind that is anybody's own (RFC 9562, version 8).  So a result
 * has the same names in every file.
 */
static int
export_warc_urn(const char *what, const char *id, char *urn)
{
    int            i, n;
    char           text[64];
    unsigned char  d[WARC_DIGEST];

    n = snprintf(text, sizeof(text), "%s:%s", what, id);

    if (n < 0 || n >= (int) sizeof(text)
        || EVP_Digest(text, (size_t) n, d, NULL, EVP_sha256(), NULL) != 1)
    {
        return SC_ERROR;
    }

    d[6] = (unsigned char) (0x80 | (d[6] & 0x0f));
    d[8] = (unsigned char) (0x80 | (d[8] & 0x3f));
    n = snprintf(urn, WARC_URN, "<urn:uuid:");

    for (i = 0; i < 16; i++) {
        n += snprintf(urn + n, (size_t) (WARC_URN - n), "%s%02x",
                      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                      d[i]);
    }

    (void) snprintf(urn + n, (size_t) (WARC_URN - n), ">");

    return SC_OK;
}


int
export_warc_item(export_t *e, const store_result_t *result,
    const store_raw_t *raw, sc_buf_t *out)
{
    int      rc;
    char     urn[WARC_URN];
    json_t  *fetch;

    fetch = sc_json_of(result->fetch.data, result->fetch.len, EXPORT_READ,
                       NULL);
    rc = export_warc_urn("response", result->id, urn);

    if (rc == SC_OK && raw != NULL) {
        rc = export_warc_response(result, raw, fetch, urn, out);
    }

    if (rc == SC_OK) {
        rc = export_warc_metadata(e, result, fetch,
                                  raw != NULL ? urn : NULL, out);
    }

    json_decref(fetch);

    return rc;
}


static int
export_warc_response(const store_result_t *result, const store_raw_t *raw,
    const json_t *fetch, const char *urn, sc_buf_t *out)
{
    int          rc;
    sc_str_t     block;
    sc_buf_t     http;
    const char  *ip;

    export_warc_head("response", urn, result->at, out);
    export_warc_target(result, fetch, out);
    ip = json_string_value(json_object_get(fetch, "ip"));

    if (ip != NULL && ip[strspn(ip, "0123456789abcdefABCDEF.:")] == '\0') {
        (void) sc_buf_printf(out, "WARC-IP-Address: %s\r\n", ip);
    }

    sc_buf_init(&http, 0);
    rc = export_warc_http(result, raw, &http);

    if (rc == SC_OK) {
        rc = export_warc_digest("WARC-Payload-Digest", raw->body, out);
    }

    if (rc == SC_OK) {
        block.data = http.data;
        block.len = http.len;
        rc = export_warc_block("application/http;msgtype=response", block,
                               out);
    }

    sc_buf_free(&http);

    return rc;
}


static int
export_warc_metadata(export_t *e, const store_result_t *result,
    const json_t *fetch, const char *response, sc_buf_t *out)
{
    int       rc;
    char      urn[WARC_URN];
    sc_str_t  block;
    sc_buf_t  item;

    if (export_warc_urn("metadata", result->id, urn) != SC_OK) {
        return SC_ERROR;
    }

    export_warc_head("metadata", urn, result->at, out);
    export_warc_target(result, fetch, out);

    if (response != NULL) {
        (void) sc_buf_printf(out, "WARC-Concurrent-To: %s\r\n", response);
    }

    sc_buf_init(&item, 0);
    rc = export_json_item(e->base, result,
                          e->all ? NULL : (const char *const *) e->fields,
                          e->nfields, &item);

    if (rc == SC_OK) {
        block.data = item.data;
        block.len = item.len;
        rc = export_warc_block("application/json", block, out);
    }

    sc_buf_free(&item);

    return rc;
}


static void
export_warc_head(const char *type, const char *urn, int64_t at,
    sc_buf_t *out)
{
    (void) sc_buf_printf(out, "WARC/1.1\r\nWARC-Type: %s\r\n"
                         "WARC-Record-ID: %s\r\nWARC-Date: ", type, urn);

    if (export_time(at, out) != SC_OK) {
        (void) sc_buf_add_cstr(out, "1970-01-01T00:00:00Z");
    }

    (void) sc_buf_add_cstr(out, "\r\n");
}


/* Where the page was at last; URLs have no blanks or line ends. */
static void
export_warc_target(const store_result_t *result, const json_t *fetch,
    sc_buf_t *out)
{
    const char  *url;

    url = json_string_value(json_object_get(fetch, "final_url"));

    (void) sc_buf_add_cstr(out, "WARC-Target-URI: ");

    if (url != NULL && url[0] != '\0' && url[strcspn(url, " \r\n")] == '\0')
    {
        (void) sc_buf_add_cstr(out, url);

    } else {
        (void) sc_buf_add_str(out, result->url);
    }

    (void) sc_buf_add_cstr(out, "\r\n");
}


static int
export_warc_digest(const char *field, sc_str_t bytes, sc_buf_t *out)
{
    int            i;
    unsigned char  d[WARC_DIGEST];

    if (EVP_Digest(bytes.len > 0 ? bytes.data : "", bytes.len, d, NULL,
                   EVP_sha256(), NULL)
        != 1)
    {
        return SC_ERROR;
    }

    (void) sc_buf_printf(out, "%s: sha256:", field);

    for (i = 0; i < WARC_DIGEST; i++) {
        (void) sc_buf_printf(out, "%02x", d[i]);
    }

    return sc_buf_add_cstr(out, "\r\n");
}


static int
export_warc_block(const char *type, sc_str_t block, sc_buf_t *out)
{
    if (export_warc_digest("WARC-Block-Digest", block, out) != SC_OK) {
        return SC_ERROR;
    }

    (void) sc_buf_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n"
                         "\r\n", type, block.len);
    (void) sc_buf_add_str(out, block);

    return sc_buf_add_cstr(out, "\r\n\r\n");
}
