
/*
 * A call of the API that is not of any server: for what reads its request
 * alone.  There are no named rule sets, no tenants' file and no proxies, and
 * the settings are the usual ones.
 */

#ifndef CALLING_H
#define CALLING_H


#include "sidecar/api/api_internal.h"


typedef struct {
    server_request_t  request;
    api_call_t        call;
} calling_t;


/* Begin a call with this body, copied; end it. */
void calling_begin(calling_t *t, sc_str_t body, const char *content_type);
void calling_end(calling_t *t);

/* A problem is told: its type is ours, and so are its words. */
void calling_refused(const problem_t *p);


#endif /* CALLING_H */
