
#include <stdio.h>
#include <string.h>

#include "common/sc_hash.h"
#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"
#include "sidecar/api/etag.h"


/* Retry-After in seconds, of a page that is still under way */
#define VALUE_RETRY    1

#define VALUE_TEXT     "value="
#define VALUE_HTML     "html="


static int api_value_status(const store_result_t *result);
static void api_value_send(api_call_t *c, int html);
static const char *api_value_field(const api_call_t *c);
static int api_value_html(const api_call_t *c);
static void api_value_add(sc_buf_t *b, const json_t *value, int html);
static void api_value_escape(sc_buf_t *b, const char *s, size_t len);


int
api_value_wanted(const api_call_t *c)
{
    return api_value_field(c) != NULL;
}


void
api_value_late(api_call_t *c)
{
    problem_t  p;

    problem_init(&p, "/extract/late", "the page is not there yet, its job is "
                 "\"%s\"", c->id);

    /* how long to wait the client says: this is no answer for others */
    api_reply_begin(c, PROBLEM_CONTENT_TYPE API_NO_STORE);
    (void) sc_buf_printf(&c->api->headers, "Retry-After: %d\r\n",
                         VALUE_RETRY);
    (void) problem_write(&c->api->body, &p, c->request->request_id);
    api_reply_send(c, problem_status(p.type));
}


void
api_value_completed(api_call_t *c, const store_result_t *result, int64_t age)
{
    int          html, status;
    json_t      *data, *value;
    sc_buf_t    *h = &c->api->headers;
    problem_t    p;
    const char  *field;

    field = api_value_field(c);
    html = api_value_html(c);
    status = api_value_status(result);

    if (status >= 400) {
        problem_init(&p, "/extract/missing", "the origin answered %d for "
                     "the page of \"%.100s\"", status, field);
        api_reply_problem(c, &p, 0);
        return;
    }

    data = sc_json_of(result->data.len > 0 ? result->data.data : "",
                      result->data.len, 0, NULL);
    value = json_object_get(data, field);

    if (value == NULL || json_is_null(value)) {
        json_decref(data);
        problem_init(&p, "/extract/missing", "the page has no \"%.100s\"",
                     field);
        api_reply_problem(c, &p, 0);
        return;
    }

    api_reply_begin(c, html ? "Content-Type: text/html; charset=utf-8\r\n"
                            : "Content-Type: text/plain; charset=utf-8\r\n");
    (void) sc_buf_add_cstr(h, "Link: <");
    (void) sc_buf_add_cstr(h, api_reply_link(c, "/v1/jobs/", c->id, ""));
    (void) sc_buf_add_cstr(h, ">; rel=\"monitor\"\r\n");

    if (age >= 0) {
        (void) sc_buf_printf(h, "Age: %lld\r\n", (long long) (age / 1000));
    }

    api_extract_keep(c, result);
    api_value_add(&c->api->body, value, html);
    json_decref(data);

    api_value_send(c, html);
}


/* A bare value has no status beside it: that of an error page is none. */
static int
api_value_status(const store_result_t *result)
{
    int      status;
    json_t  *fetch;

    fetch = sc_json_of(result->fetch.len > 0 ? result->fetch.data : "",
                       result->fetch.len, 0, NULL);
    status = (int) json_integer_value(json_object_get(fetch, "status"));
    json_decref(fetch);

    return status;
}


/* The tag is the value's own: the result's changes with each fetch. */
static void
api_value_send(api_call_t *c, int html)
{
    char       text[32];
    sc_str_t   tag;
    sc_buf_t  *b = &c->api->body;

    tag.data = text;
    tag.len = (size_t) snprintf(text, sizeof(text), "%c%016llx",
                                html ? 'h' : 'v',
                                (unsigned long long) sc_fnv1a(SC_FNV1A,
                                                              b->data,
                                                              b->len));
    (void) sc_buf_printf(&c->api->headers, "ETag: \"%s\"\r\n", text);

    api_reply_send(c, etag_matches(c->request->if_none_match, tag) ? 304
                                                                   : 200);
}


/* NULL when the whole answer is wanted. */
static const char *
api_value_field(const api_call_t *c)
{
    const char  *words = c->request->returns;

    if (strncmp(words, VALUE_TEXT, sizeof(VALUE_TEXT) - 1) == 0) {
        return words + sizeof(VALUE_TEXT) - 1;
    }

    return api_value_html(c) ? words + sizeof(VALUE_HTML) - 1 : NULL;
}


static int
api_value_html(const api_call_t *c)
{
    return strncmp(c->request->returns, VALUE_HTML, sizeof(VALUE_HTML) - 1)
           == 0;
}


static void
api_value_add(sc_buf_t *b, const json_t *value, int html)
{
    sc_str_t  s;
    sc_buf_t  text;

    sc_buf_init(&text, 0);

    if (json_is_string(value)) {
        s.data = json_string_value(value);
        s.len = json_string_length(value);

    } else {
        sc_json_value(&text, value);
        s.data = text.data;
        s.len = text.len;
    }

    if (html) {
        api_value_escape(b, s.data, s.len);

    } else {
        (void) sc_buf_add_str(b, s);
    }

    b->failed |= text.failed;
    sc_buf_free(&text);
}


/* So that it is text wherever text or a quoted attribute may stand. */
static void
api_value_escape(sc_buf_t *b, const char *s, size_t len)
{
    size_t       i, from;
    const char  *entity;

    for (i = from = 0; i < len; i++) {

        switch (s[i]) {

        case '&':
            entity = "&amp;";
            break;

        case '<':
            entity = "&lt;";
            break;

        case '>':
            entity = "&gt;";
            break;

        case '"':
            entity = "&quot;";
            break;

        case '\'':
            entity = "&#39;";
            break;

        default:
            continue;
        }

        (void) sc_buf_add(b, s + from, i - from);
        (void) sc_buf_add_cstr(b, entity);
        from = i + 1;
    }

    (void) sc_buf_add(b, s + from, len - from);
}
