
#include "sidecar/api/api_internal.h"
#include "sidecar/metrics/metrics.h"


static int api_metrics_format(api_call_t *c, const char *name,
    metrics_format_t *format);


/* The operator's: a tenant's location does not lead here. */
void
api_metrics(api_call_t *c)
{
    int               rc;
    sc_buf_t         *headers = &c->api->headers;
    query_t           query;
    metrics_format_t  format;

    static const char *const  names[] = { "format", NULL };

    if (c->tenant.len > 0) {
        api_reply_error(c, "/request/not-found",
                        "there is nothing at this path");
        return;
    }

    if (api_call_query(c, &query, names) != SC_OK) {
        return;
    }

    rc = api_metrics_format(c, query_get(&query, names[0]), &format);
    query_free(&query);

    if (rc != SC_OK) {
        return;
    }

    api_numbers(c->api);

    api_reply_begin(c, API_NO_STORE "Vary: Accept\r\n");
    (void) sc_buf_printf(headers, "Content-Type: %s\r\n",
                         metrics_content_type(format));
    (void) metrics_write(&c->api->body, format, SCRAPED_VERSION);
    api_reply_send(c, 200);
}


static int
api_metrics_format(api_call_t *c, const char *name, metrics_format_t *format)
{
    problem_t  p;

    if (name == NULL) {
        *format = metrics_format_accepted(c->request->accept);
        return SC_OK;
    }

    if (metrics_format_named(name, format) == SC_OK) {
        return SC_OK;
    }

    problem_init(&p, "/request/invalid", "format is \"%.32s\", none of "
                 "\"openmetrics\", \"prometheus\", \"json\" and \"text\"",
                 name);
    problem_parameter(&p, "format");
    api_reply_problem(c, &p, 0);

    return SC_ERROR;
}
