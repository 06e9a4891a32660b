
#include <stdlib.h>
#include <string.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_list.h"
#include "sidecar/api/etag.h"
#include "sidecar/api/range.h"


/* bytes of a media type that is told again */
#define RAW_TYPE    200


static void api_raw_found(void *data, store_status_t status,
    const store_result_t *result);
static void api_raw_type(const store_result_t *result, sc_buf_t *out);
static void api_raw_free(api_call_t *c);
static void api_raw_read(void *data, store_status_t status,
    const store_raw_t *raw);
static void api_raw_begin(api_call_t *c);
static sc_str_t api_raw_tag(api_call_t *c);
static int api_raw_range(api_call_t *c, size_t size, size_t *first,
    size_t *len);
static void api_raw_beyond(api_call_t *c, size_t size);


void
api_result_raw(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_result_not_found(c);
        return;
    }

    api_reply_later(c, store_result_get(c->api->store, c->id, c->tenant,
                                        api_raw_found, c));
}


static void
api_raw_found(void *data, store_status_t status,
    const store_result_t *result)
{
    sc_buf_t     type;
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        if (status == STORE_NOT_FOUND) {
            api_result_not_found(c);

        } else {
            api_reply_store(c, status);
        }

        return;
    }

    sc_buf_init(&type, 0);
    api_raw_type(result, &type);
    c->own = type.data;
    c->own_free = api_raw_free;

    if (type.failed
        || store_raw_get(c->api->store, c->id, c->tenant, api_raw_read, c)
           != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
}


/* The origin's, if it has the form of one. */
static void
api_raw_type(const store_result_t *result, sc_buf_t *out)
{
    json_t      *fetch;
    const char  *type;

    static const char  plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789"
                                 "!#$&^_.+-/;=\"' ";

    fetch = sc_json_of(result->fetch.data, result->fetch.len, JSON_ALLOW_NUL,
                       NULL);
    type = json_string_value(json_object_get(fetch, "content_type"));

    if (type == NULL || strlen(type) > RAW_TYPE || strchr(type, '/') == NULL
        || type[strspn(type, plain)] != '\0')
    {
        type = "application/octet-stream";
    }

    (void) sc_buf_add_cstr(out, type);
    json_decref(fetch);
}


static void
api_raw_free(api_call_t *c)
{
    free(c->own);
}


static void
api_raw_read(void *data, store_status_t status, const store_raw_t *raw)
{
    int          rc;
    size_t       first, len;
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_reply_error(c, "/result/not-found", "the page was not kept as it "
                        "came: \"keep_raw\" of the request asks for that");
        return;
    }

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_raw_begin(c);

    if (etag_matches(c->request->if_none_match, api_raw_tag(c))) {
        api_reply_send(c, 304);
        return;
    }

    rc = api_raw_range(c, raw->body.len, &first, &len);

    if (rc == SC_ERROR) {
        api_raw_beyond(c, raw->body.len);
        return;
    }

    (void) sc_buf_printf(&c->api->headers, "Content-Type: %s\r\n",
                         (const char *) c->own);

    if (rc == SC_OK) {
        (void) sc_buf_printf(&c->api->headers, "Content-Range: bytes "
                             "%zu-%zu/%zu\r\n", first, first + len - 1,
                             raw->body.len);
        (void) sc_buf_add(&c->api->body, raw->body.data + first, len);
        api_reply_send(c, 206);
        return;
    }

    (void) sc_buf_add_str(&c->api->body, raw->body);
    api_reply_send(c, 200);
}


/* It is somebody else's: no browser is to run it as if it were ours. */
static void
api_raw_begin(api_call_t *c)
{
    sc_str_t  tag;

    tag = api_raw_tag(c);
    api_reply_begin(c, API_PRIVATE "Accept-Ranges: bytes\r\n"
                    "X-Content-Type-Options: nosniff\r\n"
                    "Content-Security-Policy: sandbox; default-src 'none'\r\n"
                    "Content-Disposition: attachment\r\n");
    (void) sc_buf_printf(&c->api->headers, "ETag: \"%.*s\"\r\n",
                         (int) tag.len, tag.data);
}


/* A result never changes, and neither does its page. */
static sc_str_t
api_raw_tag(api_call_t *c)
{
    sc_str_t  tag;

    tag.data = c->id;
    tag.len = strlen(c->id);

    return tag;
}


/* If-Range: with a date or another tag all of it is sent. */
static int
api_raw_range(api_call_t *c, size_t size, size_t *first, size_t *len)
{
    const server_request_t  *r = c->request;

    if (strcmp(r->method, "GET") != 0
        || (r->if_range[0] != '\0'
            && (strchr(r->if_range, '*') != NULL
                || !etag_matches_strongly(r->if_range, api_raw_tag(c)))))
    {
        return SC_DECLINED;
    }

    return range_parse(r->range, size, first, len);
}


static void
api_raw_beyond(api_call_t *c, size_t size)
{
    problem_t  p;

    problem_init(&p, "/request/range", "the page has %zu bytes", size);
    api_reply_begin(c, PROBLEM_CONTENT_TYPE);
    (void) sc_buf_printf(&c->api->headers, "Content-Range: bytes */%zu\r\n",
                         size);
    (void) problem_write(&c->api->body, &p, c->request->request_id);
    api_reply_send(c, problem_status(p.type));
}
