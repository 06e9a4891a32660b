
#include <string.h>
#include <strings.h>

#include "common/sc_json_of.h"
#include "sidecar/export/export_internal.h"


static void export_http_field(const char *name, const json_t *value,
    sc_buf_t *out);
static int export_http_coding(const char *name);
static int export_http_name(const char *name);
static void export_http_value(const char *value, sc_buf_t *out);


/*
 * The body has lost its codings, and a response of HTTP/2 never had this form:
 * fields that would be wrong of it go by the name that archives give them.
 */
int
export_warc_http(const store_result_t *result, const store_raw_t *raw,
    sc_buf_t *out)
{
    size_t         i;
    json_t        *head, *fetch;
    long long      status;
    const json_t  *fields, *field;

    head = sc_json_of(raw->head.data, raw->head.len, EXPORT_READ, NULL);
    fetch = sc_json_of(result->fetch.data, result->fetch.len, EXPORT_READ,
                       NULL);
    status = json_integer_value(json_object_get(fetch, "status"));
    fields = json_is_array(head) ? head : json_object_get(head, "headers");

    (void) sc_buf_printf(out, "HTTP/1.1 %03d \r\n",
                         status >= 100 && status <= 999 ? (int) status : 200);

    json_array_foreach(fields, i, field) {
        export_http_field(json_string_value(json_array_get(field, 0)),
                          json_array_get(field, 1), out);
    }

    (void) sc_buf_printf(out, "Content-Length: %zu\r\n\r\n", raw->body.len);
    (void) sc_buf_add_str(out, raw->body);
    json_decref(head);
    json_decref(fetch);

    return out->failed ? SC_ERROR : SC_OK;
}


static void
export_http_field(const char *name, const json_t *value, sc_buf_t *out)
{
    if (name == NULL || !json_is_string(value) || !export_http_name(name)) {
        return;
    }

    (void) sc_buf_printf(out, "%s%s: ", export_http_coding(name)
                                        ? "X-Archive-Orig-" : "", name);
    export_http_value(json_string_value(value), out);
    (void) sc_buf_add_cstr(out, "\r\n");
}


static int
export_http_coding(const char *name)
{
    return strcasecmp(name, "content-encoding") == 0
           || strcasecmp(name, "transfer-encoding") == 0
           || strcasecmp(name, "content-length") == 0;
}


/* A token of RFC 9110. */
static int
export_http_name(const char *name)
{
    static const char  token[] = "!#$%&'*+-.^_`|~0123456789"
                                 "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return name[0] != '\0' && name[strspn(name, token)] == '\0';
}


/* Nothing ends the line too early. */
static void
export_http_value(const char *value, sc_buf_t *out)
{
    size_t  len;

    for ( ;; ) {
        len = strcspn(value, "\r\n");
        (void) sc_buf_add(out, value, len);

        if (value[len] == '\0') {
            return;
        }

        (void) sc_buf_add_cstr(out, " ");
        value += len + 1;
    }
}
