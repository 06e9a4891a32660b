
/*
 * The HTTP API of docs/api.md: what a request asks for, and the answer's
 * status, fields and body.
 */

#ifndef API_H
#define API_H


#include "sidecar/api/server.h"
#include "sidecar/jobs/jobs.h"
#include "sidecar/schedule/schedules.h"


typedef struct api_s  api_t;


/* The parts the API works with; they stay the caller's. */
typedef struct {
    loop_t            *loop;
    const settings_t  *settings;
    frontier_t        *frontier;
    store_t           *store;
    hosts_t           *hosts;
    sessions_t        *sessions;
    drift_t           *drift;
    proxies_t         *proxies;
    robots_cache_t    *robots;
    resolve_t         *resolve;
    jobs_t            *jobs;
    schedules_t       *schedules;
    tenants_t         *tenants;
    pool_t            *pool;
} api_parts_t;


/* NULL when memory is out. */
api_t *api_create(const api_parts_t *parts);
void api_destroy(api_t *api);

/* Who serves it, for what is told of it; NULL: nobody. */
void api_served(api_t *api, const server_t *server);

/* From now on /readyz says 503 and nothing new is accepted. */
void api_drain(api_t *api);

/*
 * A server_handler_pt and a server_streams_pt; data is the api_t.
 */
void api_handle(server_request_t *r, void *data);
int api_streams(const server_request_t *r, void *data);


#endif /* API_H */
