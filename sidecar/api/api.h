
/*
 * The HTTP API of docs/api.md: what a request asks for, and the answer's
 * status, fields and body.
 */

#ifndef API_H
#define API_H


#include "sidecar/api/server.h"
#include "sidecar/frontier/frontier.h"


typedef struct api_s  api_t;


/* All parts stay the caller's.  NULL when memory is out. */
api_t *api_create(loop_t *loop, const settings_t *settings,
    frontier_t *frontier, store_t *store);
void api_destroy(api_t *api);

/* From now on /readyz says 503 and nothing new is accepted. */
void api_drain(api_t *api);

/* A server_handler_pt; data is the api_t. */
void api_handle(server_request_t *r, void *data);


#endif /* API_H */
