
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/frontier/frontier_internal.h"


/* the numbers of a request, in the order they are kept */
#define REQUEST_NUMBERS    15

/* the flags, as bits of the last of them */
#define REQUEST_IGNORE_ROBOTS   1
#define REQUEST_RETRY_ANY       2
#define REQUEST_PARTIAL         4
#define REQUEST_META_REFRESH    8
#define REQUEST_INSECURE        16


static void frontier_request_numbers(const frontier_request_t *r,
    int64_t *n);
static void frontier_request_fields(sc_buf_t *b, const char *name,
    const fetch_header_t *fields, size_t n);
static int frontier_request_set(frontier_request_t *r, const json_t *numbers);
static const char *frontier_request_text(const json_t *json,
    const char *name);
static void frontier_request_read_fields(const json_t *list,
    fetch_header_t *to, size_t n);


/*
 * What a request is known by, besides: two that read the same are the same.
 * The body is a string of JSON, which has all bytes when it is UTF-8; the
 * API takes no other.
 */

int
frontier_request_write(const frontier_request_t *r, sc_buf_t *b)
{
    size_t       i;
    int64_t      n[REQUEST_NUMBERS];
    const char  *texts[][2] = { { "method", r->method },
                                { "session", r->session },
                                { "proxy", r->proxy },
                                { "source", r->source },
                                { "ca", r->ca },
                                { "cert", r->cert } };

    frontier_request_numbers(r, n);
    (void) sc_buf_add_cstr(b, "{\"numbers\":[");

    for (i = 0; i < REQUEST_NUMBERS; i++) {
        (void) sc_buf_add(b, ",", i > 0);
        (void) sc_buf_add_int(b, n[i]);
    }

    (void) sc_buf_add_cstr(b, "]");

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i][1] != NULL && texts[i][1][0] != '\0') {
            (void) sc_buf_add_cstr(b, ",\"");
            (void) sc_buf_add_cstr(b, texts[i][0]);
            (void) sc_buf_add_cstr(b, "\":");
            (void) sc_json_cstr(b, texts[i][1]);
        }
    }

    if (r->body.data != NULL) {
        (void) sc_buf_add_cstr(b, ",\"body\":");
        (void) sc_json_string(b, r->body.data, r->body.len);
    }

    frontier_request_fields(b, "headers", r->headers, r->nheaders);
    frontier_request_fields(b, "cookies", r->cookies, r->ncookies);

    return sc_buf_add_cstr(b, "}");
}


static void
frontier_request_numbers(const frontier_request_t *r, int64_t *n)
{
    const frontier_limits_t  *l = &r->limits;

    n[0] = l->connect_timeout;
    n[1] = l->total_timeout;
    n[2] = l->first_byte_timeout;
    n[3] = l->idle_timeout;
    n[4] = l->low_speed;
    n[5] = l->low_speed_time;
    n[6] = (int64_t) l->max_page;
    n[7] = l->max_redirects;
    n[8] = l->retries;
    n[9] = r->tls_min;
    n[10] = r->http;
    n[11] = r->wish.concurrency;
    n[12] = r->wish.delay;
    n[13] = r->wish.jitter;
    n[14] = (r->ignore_robots ? REQUEST_IGNORE_ROBOTS : 0)
            | (r->retry_any ? REQUEST_RETRY_ANY : 0)
            | (r->partial ? REQUEST_PARTIAL : 0)
            | (r->meta_refresh ? REQUEST_META_REFRESH : 0)
            | (r->insecure ? REQUEST_INSECURE : 0);
}


/* A flat list: name, value, name, value. */
static void
frontier_request_fields(sc_buf_t *b, const char *name,
    const fetch_header_t *fields, size_t n)
{
    size_t  i;

    if (n == 0) {
        return;
    }

    (void) sc_buf_printf(b, ",\"%s\":[", name);

    for (i = 0; i < n; i++) {
        (void) sc_buf_add_cstr(b, i > 0 ? "," : "");
        (void) sc_json_string(b, fields[i].name.data, fields[i].name.len);
        (void) sc_buf_add_cstr(b, ",");
        (void) sc_json_string(b, fields[i].value.data, fields[i].value.len);
    }

    (void) sc_buf_add_cstr(b, "]");
}


int
frontier_request_read(frontier_request_t *r, const json_t *json,
    fetch_header_t **fields)
{
    const json_t  *headers, *cookies, *body;

    memset(r, 0, sizeof(frontier_request_t));
    *fields = NULL;

    if (frontier_request_set(r, json_object_get(json, "numbers")) != SC_OK) {
        return SC_ERROR;
    }

    r->method = frontier_request_text(json, "method");
    r->session = frontier_request_text(json, "session");
    r->proxy = frontier_request_text(json, "proxy");
    r->source = frontier_request_text(json, "source");
    r->ca = frontier_request_text(json, "ca");
    r->cert = frontier_request_text(json, "cert");

    body = json_object_get(json, "body");

    if (body != NULL) {
        r->body.data = json_string_value(body);
        r->body.len = json_string_length(body);
    }

    headers = json_object_get(json, "headers");
    cookies = json_object_get(json, "cookies");
    r->nheaders = json_array_size(headers) / 2;
    r->ncookies = json_array_size(cookies) / 2;

    if (r->nheaders + r->ncookies == 0) {
        return SC_OK;
    }

    *fields = calloc(r->nheaders + r->ncookies, sizeof(fetch_header_t));
    if (*fields == NULL) {
        return SC_ERROR;
    }

    frontier_request_read_fields(headers, *fields, r->nheaders);
    frontier_request_read_fields(cookies, *fields + r->nheaders, r->ncookies);
    r->headers = *fields;
    r->cookies = *fields + r->nheaders;

    return SC_OK;
}


static int
frontier_request_set(frontier_request_t *r, const json_t *numbers)
{
    size_t              i;
    int64_t             n[REQUEST_NUMBERS];
    frontier_limits_t  *l = &r->limits;

    if (json_array_size(numbers) != REQUEST_NUMBERS) {
        return SC_ERROR;
    }

    for (i = 0; i < REQUEST_NUMBERS; i++) {
        n[i] = json_integer_value(json_array_get(numbers, i));
    }

    l->connect_timeout = n[0];
    l->total_timeout = n[1];
    l->first_byte_timeout = n[2];
    l->idle_timeout = n[3];
    l->low_speed = (long) n[4];
    l->low_speed_time = (long) n[5];
    l->max_page = (size_t) n[6];
    l->max_redirects = (int) n[7];
    l->retries = (int) n[8];
    r->tls_min = (int) n[9];
    r->http = (fetch_http_t) n[10];
    r->wish.concurrency = (int) n[11];
    r->wish.delay = n[12];
    r->wish.jitter = n[13];
    r->ignore_robots = (n[14] & REQUEST_IGNORE_ROBOTS) != 0;
    r->retry_any = (n[14] & REQUEST_RETRY_ANY) != 0;
    r->partial = (n[14] & REQUEST_PARTIAL) != 0;
    r->meta_refresh = (n[14] & REQUEST_META_REFRESH) != 0;
    r->insecure = (n[14] & REQUEST_INSECURE) != 0;

    return SC_OK;
}


static const char *
frontier_request_text(const json_t *json, const char *name)
{
    const char  *text;

    text = json_string_value(json_object_get(json, name));

    return text != NULL ? text : "";
}


static void
frontier_request_read_fields(const json_t *list, fetch_header_t *to,
    size_t n)
{
    size_t         i;
    sc_str_t      *s;
    const json_t  *item;

    for (i = 0; i < n * 2; i++) {
        item = json_array_get(list, i);
        s = i % 2 ? &to[i / 2].value : &to[i / 2].name;
        s->data = json_string_value(item);
        s->len = json_string_length(item);
    }
}
