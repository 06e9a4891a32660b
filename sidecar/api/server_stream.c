
#include "sidecar/api/server_internal.h"


void
server_stream(server_request_t *r, int status, sc_str_t headers)
{
    server_hold(r, 0);
    r->flowing = 1;
    server_count(r, status);
    server_count_stream(r, 1);
    r->silent = server_reply_bodiless(r, status) != 0;

    if (r->conn == NULL) {
        server_local_head(r, status, headers);

    } else {
        /* when memory is out, the connection is closed when it is flushed */
        (void) server_reply_head(r, status, headers, SIZE_MAX);
        loop_defer(r->conn->server->loop, &r->conn->flush);
    }

    server_stream_drain(r);
}


void
server_stream_add(server_request_t *r, sc_str_t part)
{
    if (r->silent || r->cut) {
        server_stream_drain(r);
        return;
    }

    if (r->conn == NULL) {
        server_local_add(r, part);
        server_stream_drain(r);
        return;
    }

    if (part.len == 0) {
        return;
    }

    if (r->out_pos > 0 && r->out_pos >= r->out.len / 2) {
        sc_buf_consume(&r->out, r->out_pos);
        r->out_pos = 0;
    }

    if (sc_buf_add_str(&r->out, part) != SC_OK) {
        r->cut = 1;
        server_stream_drain(r);
        return;
    }

    server_reply_ready(r);
    loop_defer(r->conn->server->loop, &r->conn->flush);
}


size_t
server_stream_left(const server_request_t *r)
{
    return r->out.len - r->out_pos;
}


void
server_stream_end(server_request_t *r, int complete)
{
    r->flowing = 0;
    server_count_stream(r, -1);
    r->replied = 1;
    r->cut |= !complete;
    loop_undefer(&r->drain);

    if (r->conn == NULL) {
        server_local_end(r);
        return;
    }

    loop_defer(r->conn->server->loop, &r->conn->flush);

    if (server_stream_left(r) == 0) {
        server_reply_end(r, r->cut ? SC_FRAME_END_ABORTED
                                   : SC_FRAME_END_DONE);
    }
}


void
server_stream_drain(server_request_t *r)
{
    if (r->flowing && server_stream_left(r) <= SERVER_STREAM_LOW) {
        loop_defer(server_request_server(r)->loop, &r->drain);
    }
}
