
#include <stdlib.h>
#include <string.h>

#include "sidecar/api/api_internal.h"
#include "sidecar/api/etag.h"


#define RESULT_LIMIT        100
#define RESULT_MAX_LIMIT    1000

/* of one tenant, and of use only with its tag */
#define RESULT_CACHE        "Cache-Control: private, no-cache\r\n"


static int api_result_limit(api_call_t *c, const query_t *query);
static void api_result_listed(void *data, store_status_t status,
    const store_result_t *results, size_t n);
static void api_result_job(void *data, store_status_t status,
    const store_job_t *job);
static void api_result_reply_list(api_call_t *c,
    const store_result_t *results, size_t n);
static void api_result_no_job(api_call_t *c);
static void api_result_read(void *data, store_status_t status,
    const store_result_t *result);
static void api_result_reply(api_call_t *c, const store_result_t *result);
static void api_result_not_found(api_call_t *c);


void
api_result_list(api_call_t *c)
{
    int      rc;
    query_t  query;

    static const char *const  names[] = { "limit", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return;
    }

    rc = api_result_limit(c, &query);
    query_free(&query);

    if (rc != SC_OK) {
        return;
    }

    if (c->id[0] == '\0') {
        api_result_no_job(c);
        return;
    }

    if (store_job_results(c->api->store, c->id, c->tenant, 0, c->limit,
                          api_result_listed, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
}


static int
api_result_limit(api_call_t *c, const query_t *query)
{
    char        *end;
    long long    n;
    problem_t    p;
    const char  *limit;

    c->limit = RESULT_LIMIT;

    limit = query_get(query, "limit");
    if (limit == NULL) {
        return SC_OK;
    }

    n = strtoll(limit, &end, 10);

    if (limit[0] < '0' || limit[0] > '9' || *end != '\0' || n < 1
        || n > RESULT_MAX_LIMIT)
    {
        problem_init(&p, "/request/invalid", "\"limit\" is not a whole number "
                     "from \"1\" to \"%d\"", RESULT_MAX_LIMIT);
        problem_parameter(&p, "limit");
        api_reply_problem(c, &p, 0);
        return SC_ERROR;
    }

    c->limit = (size_t) n;

    return SC_OK;
}


static void
api_result_listed(void *data, store_status_t status,
    const store_result_t *results, size_t n)
{
    api_t        *api;
    api_call_t   *c = data;
    store_job_t   job;

    c->reading = 0;
    api = c->api;

    if (status == STORE_NOT_FOUND) {
        api_result_no_job(c);
        return;
    }

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    if (n > 0
        || frontier_peek(api->frontier, c->id, c->tenant, &job) == SC_OK)
    {
        api_result_reply_list(c, results, n);
        return;
    }

    /* no results yet, or no such job */
    if (store_job_get(api->store, c->id, c->tenant, api_result_job, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
}


static void
api_result_job(void *data, store_status_t status, const store_job_t *job)
{
    api_call_t  *c = data;

    (void) job;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_result_no_job(c);

    } else if (status != STORE_OK) {
        api_reply_store(c, status);

    } else {
        api_result_reply_list(c, NULL, 0);
    }
}


/* An extract has one result at most: there is never a next page. */
static void
api_result_reply_list(api_call_t *c, const store_result_t *results, size_t n)
{
    size_t     i;
    sc_buf_t  *b = &c->api->body;

    api_reply_begin(c, API_JSON "Cache-Control: no-store\r\n");
    (void) sc_buf_add_cstr(b, "{\"data\":[");

    for (i = 0; i < n; i++) {
        (void) sc_buf_add_cstr(b, i ? "," : "");
        api_reply_add_item(c, &results[i]);
    }

    (void) sc_buf_add_cstr(b, "],\"next\":null}");

    api_reply_send(c, 200);
}


static void
api_result_no_job(api_call_t *c)
{
    api_reply_error(c, "/job/not-found", "there is no such job");
}


void
api_result_newest(api_call_t *c)
{
    int          rc;
    url_t        url;
    query_t      query;
    sc_str_t     text;
    problem_t    p;
    const char  *value;

    static const char *const  names[] = { "url", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return;
    }

    value = query_get(&query, "url");

    if (value == NULL) {
        problem_init(&p, "/request/invalid", "parameter \"url\" is missing");
        rc = SC_ERROR;

    } else {
        rc = api_url(c, &url, value, strlen(value), &p);
    }

    query_free(&query);

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

    if (rc != SC_OK) {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
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

    if (store_result_get(c->api->store, c->id, c->tenant, api_result_read, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
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

    api_reply_begin(c, RESULT_CACHE "Content-Location: ");
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


static void
api_result_not_found(api_call_t *c)
{
    api_reply_error(c, "/result/not-found", "there is no such result");
}
