
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_idem.h"
#include "sidecar/api/api_internal.h"
#include "sidecar/core/log.h"
#include "sidecar/export/export.h"


/* Retry-After of what is only for a moment */
#define API_RETRY    5


void
api_reply_begin(api_call_t *c, const char *headers)
{
    sc_buf_reset(&c->api->headers);
    sc_buf_reset(&c->api->body);
    (void) sc_buf_add_cstr(&c->api->headers, headers);
}


void
api_reply_send(api_call_t *c, int status)
{
    sc_str_t   headers, body;
    sc_buf_t  *h = &c->api->headers, *b = &c->api->body;

    if (c->applied[0] != '\0' && status < 300) {
        (void) sc_buf_printf(h, "Preference-Applied: %s\r\n", c->applied);
    }

    if (h->failed || b->failed || c->api->link.failed) {
        log_error("memory is out, a reply is not what it should be");
        sc_buf_free(h);
        sc_buf_free(b);
        sc_buf_free(&c->api->link);
        status = problem_status("/server/out-of-memory");
    }

    if (c->idem != NULL && api_idem_keep(c, status) == SC_OK) {
        return;
    }

    api_tell(c, h);

    headers.data = h->data;
    headers.len = h->len;
    body.data = b->data;
    body.len = b->len;

    server_reply(c->request, status, headers, body);

    if (b->cap > SC_FRAME_MAX_PAYLOAD) {
        sc_buf_free(b);
    }

    api_call_done(c);
}


void
api_reply_problem(api_call_t *c, const problem_t *p, int retry)
{
    api_reply_begin(c, PROBLEM_CONTENT_TYPE);
    api_reply_retry(c, p, retry);
    (void) problem_write(&c->api->body, p, c->request->request_id);
    api_reply_send(c, problem_status(p->type));
}


void
api_reply_retry(api_call_t *c, const problem_t *p, int retry)
{
    if (retry == 0 && problem_status(p->type) == 503) {
        retry = API_RETRY;
    }

    if (retry > 0) {
        (void) sc_buf_printf(&c->api->headers, "Retry-After: %d\r\n", retry);
        api_room_hold(c, p->type, retry);
    }
}


void
api_reply_error(api_call_t *c, const char *type, const char *detail)
{
    problem_t  p;

    problem_init(&p, type, "%s", detail);
    api_reply_problem(c, &p, 0);
}


void
api_reply_no_memory(api_call_t *c)
{
    api_reply_error(c, "/server/out-of-memory",
                    "the gateway is out of memory");
}


void
api_reply_later(api_call_t *c, int rc)
{
    if (rc != SC_OK) {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
}


void
api_reply_store(api_call_t *c, store_status_t status)
{
    switch (status) {

    case STORE_FULL:
        api_reply_error(c, "/server/storage-full",
                        "the gateway's disk is full");
        break;

    case STORE_CONFLICT:
        api_reply_error(c, "/job/state", "the job has ended already");
        break;

    default:
        api_reply_error(c, "/server/storage-failed",
                        "the gateway's store does not work");
    }
}


const char *
api_reply_link(api_call_t *c, const char *path, const char *id,
    const char *tail)
{
    sc_buf_t  *b = &c->api->link;

    sc_buf_reset(b);
    (void) sc_buf_add_cstr(b, c->request->base);
    (void) sc_buf_add_cstr(b, path);
    (void) sc_buf_add_cstr(b, id);
    (void) sc_buf_add_cstr(b, tail);

    return b->failed ? "" : b->data;
}


void
api_reply_add_link(api_call_t *c, const char *name, const char *path,
    const char *id, const char *tail)
{
    (void) sc_buf_printf(&c->api->body, ",\"%s\":", name);
    (void) sc_json_cstr(&c->api->body, api_reply_link(c, path, id, tail));
}


void
api_reply_add_members(api_call_t *c, sc_str_t object)
{
    if (object.len > sizeof("{}") - 1) {
        (void) sc_buf_add_cstr(&c->api->body, ",");
        (void) sc_buf_add(&c->api->body, object.data + 1, object.len - 2);
    }
}


void
api_reply_add_json(api_call_t *c, const char *name, sc_str_t json)
{
    (void) sc_buf_printf(&c->api->body, ",\"%s\":", name);

    if (json.len > 0) {
        (void) sc_buf_add_str(&c->api->body, json);

    } else {
        (void) sc_buf_add_cstr(&c->api->body, "null");
    }
}


void
api_reply_add_time(api_call_t *c, const char *name, int64_t ms)
{
    sc_buf_t  *b = &c->api->body;

    (void) sc_buf_printf(b, ",\"%s\":", name);

    if (ms <= 0) {
        (void) sc_buf_add_cstr(b, "null");
        return;
    }

    (void) sc_buf_add_cstr(b, "\"");
    (void) export_time(ms, b);
    (void) sc_buf_add_cstr(b, "\"");
}


void
api_reply_add_links(api_call_t *c, const char *id, int cancel)
{
    sc_buf_t  *b = &c->api->body;

    (void) sc_buf_add_cstr(b, ",\"links\":{\"self\":");
    (void) sc_json_cstr(b, api_reply_link(c, "/v1/jobs/", id, ""));
    api_reply_add_link(c, "results", "/v1/jobs/", id, "/results");
    api_reply_add_link(c, "events", "/v1/jobs/", id, "/events");

    if (cancel) {
        api_reply_add_link(c, "cancel", "/v1/jobs/", id, "");
    }

    (void) sc_buf_add_cstr(b, "}");
}


void
api_reply_add_item(api_call_t *c, const store_result_t *result)
{
    (void) export_json_item(c->request->base, result, NULL, 0,
                            &c->api->body);
}


void
api_reply_add_data(api_call_t *c, const store_result_t *result)
{
    api_reply_add_json(c, "data", result->data);
    api_reply_add_json(c, "missing", result->missing);
    api_reply_add_json(c, "warnings", result->warnings);
    api_reply_add_members(c, result->view);
}
