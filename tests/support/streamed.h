
/*
 * What the handler of tests/support/served.h does with requests and replies
 * that come and go in parts:
 *
 *     /v1/parts          the parts of the body, each with '|' behind it, once
 *                        the last has come; 'L' before the last
 *     /v1/parts/early    "early", when the first part comes
 *     /v1/parts/refused  "refused", before any part
 *     /v1/parts/held     as /v1/parts, but nothing is read after the first
 *                        part until /v1/release
 *     /v1/release        "released"
 *     /v1/flow/N         N bytes, the ten digits in turn, added by drained()
 *                        in pieces of 50000
 *     /v1/flow/N/cut     the same, and then it lacks something
 *     /v1/kept           a reply that is begun, and goes on by:
 *     /v1/kept/add/TEXT  adds TEXT; "left N" says how much is left
 *     /v1/kept/end       ends it
 *     /v1/local/PATH     what a request of our own with this method, body and
 *                        tenant for /PATH is told: STATUS, headers and body
 */

#ifndef STREAMED_H
#define STREAMED_H


#include "sidecar/api/server.h"


/* server_create()'s streams: /v1/parts and all below it. */
int streamed_wanted(const server_request_t *r, void *data);

/* 1 when the request is one of these, and was taken. */
int streamed_handle(server_t *s, server_request_t *r,
    void (*cancelled)(server_request_t *r));


#endif /* STREAMED_H */
