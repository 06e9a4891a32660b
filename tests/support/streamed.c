
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/streamed.h"


#define STREAMED_PIECE    50000


typedef void (*streamed_pt)(server_t *s, server_request_t *r,
    const char *rest);

/* A target begins with name; what follows is the handler's. */
typedef struct {
    const char   *name;
    streamed_pt   handler;
} streamed_case_t;


/* A flowing reply's: bytes sent and bytes to send. */
typedef struct {
    size_t  at;
    size_t  n;
    int     complete;
} streamed_flow_t;


static void streamed_early(server_t *s, server_request_t *r,
    const char *rest);
static void streamed_early_part(server_request_t *r, sc_str_t part, int last);
static void streamed_refused(server_t *s, server_request_t *r,
    const char *rest);
static void streamed_held(server_t *s, server_request_t *r, const char *rest);
static void streamed_held_part(server_request_t *r, sc_str_t part, int last);
static void streamed_parts(server_t *s, server_request_t *r,
    const char *rest);
static void streamed_part(server_request_t *r, sc_str_t part, int last);
static void streamed_release(server_t *s, server_request_t *r,
    const char *rest);
static void streamed_flow(server_t *s, server_request_t *r, const char *rest);
static void streamed_flow_on(server_request_t *r);
static void streamed_kept_add(server_t *s, server_request_t *r,
    const char *rest);
static void streamed_kept_end(server_t *s, server_request_t *r,
    const char *rest);
static void streamed_keep(server_t *s, server_request_t *r, const char *rest);
static void streamed_local(server_t *s, server_request_t *r,
    const char *rest);
static void streamed_told(void *data, int status, sc_str_t headers,
    sc_str_t body);
static void streamed_reply(server_request_t *r, const char *text, size_t len);


static const streamed_case_t  streamed_cases[] = {
    { "/v1/parts/early", streamed_early },
    { "/v1/parts/refused", streamed_refused },
    { "/v1/parts/held", streamed_held },
    { "/v1/parts", streamed_parts },
    { "/v1/release", streamed_release },
    { "/v1/flow/", streamed_flow },
    { "/v1/kept/add/", streamed_kept_add },
    { "/v1/kept/end", streamed_kept_end },
    { "/v1/kept", streamed_keep },
    { "/v1/local", streamed_local }
};

#define STREAMED_CASES  (sizeof(streamed_cases) / sizeof(streamed_cases[0]))


static server_request_t  *streamed_reading;     /* is held */
static server_request_t  *streamed_writing;     /* is kept */
static sc_buf_t           streamed_body;


int
streamed_wanted(const server_request_t *r, void *data)
{
    (void) data;

    return strncmp(r->target, "/v1/parts", 9) == 0;
}


int
streamed_handle(server_t *s, server_request_t *r,
    void (*cancelled)(server_request_t *r))
{
    size_t                  i, len;
    const streamed_case_t  *c;

    for (i = 0; i < STREAMED_CASES; i++) {
        c = &streamed_cases[i];
        len = strlen(c->name);

        if (strncmp(r->target, c->name, len) == 0) {
            r->cancelled = cancelled;
            c->handler(s, r, r->target + len);
            return 1;
        }
    }

    return 0;
}


static void
streamed_early(server_t *s, server_request_t *r, const char *rest)
{
    (void) s;
    (void) rest;

    r->part = streamed_early_part;
}


static void
streamed_early_part(server_request_t *r, sc_str_t part, int last)
{
    (void) part;
    (void) last;

    streamed_reply(r, "early", 5);
}


static void
streamed_refused(server_t *s, server_request_t *r, const char *rest)
{
    (void) s;
    (void) rest;

    streamed_reply(r, "refused", 7);
}


static void
streamed_held(server_t *s, server_request_t *r, const char *rest)
{
    streamed_parts(s, r, rest);
    r->part = streamed_held_part;
    streamed_reading = r;
}


static void
streamed_held_part(server_request_t *r, sc_str_t part, int last)
{
    r->part = streamed_part;
    server_hold(r, 1);
    streamed_part(r, part, last);
}


static void
streamed_parts(server_t *s, server_request_t *r, const char *rest)
{
    (void) s;
    (void) rest;

    sc_buf_free(&streamed_body);
    sc_buf_init(&streamed_body, 0);
    r->part = streamed_part;

    if (r->body.len > 0 || r->complete) {
        streamed_reply(r, "not in parts", 12);
    }
}


static void
streamed_part(server_request_t *r, sc_str_t part, int last)
{
    if (last) {
        (void) sc_buf_add_cstr(&streamed_body, "L");
    }

    (void) sc_buf_add_str(&streamed_body, part);
    (void) sc_buf_add_cstr(&streamed_body, "|");

    if (last) {
        streamed_reply(r, streamed_body.data, streamed_body.len);
        sc_buf_free(&streamed_body);
    }
}


static void
streamed_release(server_t *s, server_request_t *r, const char *rest)
{
    (void) s;
    (void) rest;

    server_hold(streamed_reading, 0);
    streamed_reply(r, "released", 8);
}


static void
streamed_flow(server_t *s, server_request_t *r, const char *rest)
{
    char             *end;
    sc_str_t          none = sc_null_string;
    streamed_flow_t  *flow;

    (void) s;

    flow = (streamed_flow_t *) (void *) sc_buf_reserve(&r->body,
                                                      sizeof(*flow));
    flow->at = 0;
    flow->n = (size_t) strtoll(rest, &end, 10);
    flow->complete = strcmp(end, "/cut") != 0;

    r->ctx = flow;
    r->drained = streamed_flow_on;
    server_stream(r, 200, none);
}


static void
streamed_flow_on(server_request_t *r)
{
    char              piece[STREAMED_PIECE];
    size_t            i;
    sc_str_t          part;
    streamed_flow_t  *flow = r->ctx;

    if (flow->at == flow->n) {
        server_stream_end(r, flow->complete);
        return;
    }

    for (i = 0; i < STREAMED_PIECE && flow->at < flow->n; i++) {
        piece[i] = (char) ('0' + flow->at++ % 10);
    }

    part.data = piece;
    part.len = i;
    server_stream_add(r, part);
}


static void
streamed_kept_add(server_t *s, server_request_t *r, const char *rest)
{
    int       n;
    char      text[64];
    sc_str_t  part;

    (void) s;

    part.data = rest;
    part.len = strlen(rest);
    server_stream_add(streamed_writing, part);

    n = snprintf(text, sizeof(text), "left %zu",
                 server_stream_left(streamed_writing));
    streamed_reply(r, text, (size_t) n);
}


static void
streamed_kept_end(server_t *s, server_request_t *r, const char *rest)
{
    (void) s;
    (void) rest;

    server_stream_end(streamed_writing, 1);
    streamed_reply(r, "ended", 5);
}


static void
streamed_keep(server_t *s, server_request_t *r, const char *rest)
{
    sc_str_t  headers = sc_string("X-Test: yes\r\n");

    (void) s;
    (void) rest;

    streamed_writing = r;
    server_stream(r, 200, headers);
}


static void
streamed_local(server_t *s, server_request_t *r, const char *rest)
{
    sc_str_t  tenant, body;

    tenant.data = r->tenant;
    tenant.len = strlen(r->tenant);
    body.data = r->body.data;
    body.len = r->body.len;

    if (server_local(s, r->method, rest, tenant, body, streamed_told, r)
        != SC_OK)
    {
        streamed_reply(r, "refused", 7);
    }
}


static void
streamed_told(void *data, int status, sc_str_t headers, sc_str_t body)
{
    sc_buf_t  b;

    sc_buf_init(&b, 0);
    (void) sc_buf_printf(&b, "%d\r\n", status);
    (void) sc_buf_add_str(&b, headers);
    (void) sc_buf_add_str(&b, body);
    streamed_reply(data, b.data, b.len);
    sc_buf_free(&b);
}


static void
streamed_reply(server_request_t *r, const char *text, size_t len)
{
    sc_str_t  none = sc_null_string;
    sc_str_t  body;

    body.data = text;
    body.len = len;
    server_reply(r, 200, none, body);
}
