
#include <string.h>

#include "sidecar/api/api_list.h"
#include "sidecar/api/etag.h"


static void api_result_url(api_call_t *c, const char *value);
static void api_result_read(void *data, store_status_t status,
    const store_result_t *result);
static void api_result_reply(api_call_t *c, const store_result_t *result);


int
api_result_newest(api_call_t *c)
{
    char             err[8];
    query_t          query;
    export_format_t  format;

    if (export_accept(c->request->accept, &format) != SC_OK
        || format != EXPORT_JSON)
    {
        return 0;
    }

    if (query_parse(&query, c->query, err, sizeof(err)) != SC_OK) {
        return 0;
    }

    if (query.n != 1 || strcmp(query.params[0].name, "url") != 0) {
        query_free(&query);
        return 0;
    }

    api_result_url(c, query.params[0].value);
    query_free(&query);

    return 1;
}


static void
api_result_url(api_call_t *c, const char *value)
{
    int        rc;
    url_t      url;
    sc_str_t   text;
    problem_t  p;

    rc = api_url(c, &url, value, strlen(value), &p);

    if (rc != SC_OK) {
        problem_parameter(&p, "url");
        api_reply_problem(c, &p, 0);
        return;
    }

    text.data = url.text;
    text.len = url.len;

    rc = store_result_newest(c->api->store, text, c->tenant, api_result_read,
                             c);
    url_free(&url);

    api_reply_later(c, rc);
}


void
api_result_get(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_result_not_found(c);
        return;
    }

    api_reply_later(c, store_result_get(c->api->store, c->id, c->tenant,
                                        api_result_read, c));
}


static void
api_result_read(void *data, store_status_t status,
    const store_result_t *result)
{
    api_call_t  *c = data;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_result_not_found(c);

    } else if (status != STORE_OK) {
        api_reply_store(c, status);

    } else {
        api_result_reply(c, result);
    }
}


static void
api_result_reply(api_call_t *c, const store_result_t *result)
{
    sc_buf_t  *h = &c->api->headers;

    api_tell_result(c, result);
    api_reply_begin(c, API_PRIVATE "Vary: Accept\r\nContent-Location: ");
    (void) sc_buf_add_cstr(h, api_reply_link(c, "/v1/results/", result->id,
                                             ""));
    (void) sc_buf_printf(h, "\r\nETag: \"%.*s\"\r\n", (int) result->etag.len,
                         result->etag.data);

    if (etag_matches(c->request->if_none_match, result->etag)) {
        api_reply_send(c, 304);
        return;
    }

    (void) sc_buf_add_cstr(h, API_JSON);
    api_reply_add_item(c, result);
    api_reply_send(c, 200);
}


void
api_result_not_found(api_call_t *c)
{
    api_reply_error(c, "/result/not-found", "there is no such result");
}
