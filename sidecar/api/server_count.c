
#include "sidecar/api/server_internal.h"
#include "sidecar/metrics/metrics.h"


size_t
server_connections(const server_t *s)
{
    size_t                n;
    const server_conn_t  *conn;

    n = 0;

    for (conn = s->conns; conn != NULL; conn = conn->next) {
        n++;
    }

    return n;
}


void
server_count(const server_request_t *r, int status)
{
    size_t   route;
    loop_t  *loop = server_request_server(r)->loop;

    route = r->url[0] != '\0' || r->use[0] != '\0' ? METRICS_ROUTE_LOCATION
                                                   : metrics_route(r->target);

    metrics_add(METRICS_REQUESTS + route * METRICS_N_STATUS
                + metrics_status(status), 1);
    metrics_observe(METRICS_REQUEST, METRICS_SECONDS,
                    loop_now(loop) - r->begun);
}


void
server_count_stream(const server_request_t *r, int n)
{
    metrics_add(METRICS_STREAMS + metrics_stream(r->target), n);
}
