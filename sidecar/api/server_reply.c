
#include <stdio.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/api/server_internal.h"


#define SERVER_LENGTH_MAX    48     /* "Content-Length: " and its digits */


static void server_reply_body(server_request_t *r, sc_str_t body);
static size_t server_reply_share(const server_request_t *r);
static void server_reply_data(server_request_t *r, const char *data,
    size_t len);
static void server_reply_framed(server_request_t *r);


void
server_reply(server_request_t *r, int status, sc_str_t headers, sc_str_t body)
{
    size_t  length = body.len;

    if (server_reply_bodiless(r, status)) {
        body.len = 0;
    }

    server_hold(r, 0);
    r->replied = 1;
    server_count(r, status);

    if (r->conn == NULL) {
        server_local_head(r, status, headers);
        server_local_add(r, body);
        server_local_end(r);
        return;
    }

    loop_defer(r->conn->server->loop, &r->conn->flush);

    if (status == 204 || status == 304) {
        length = SIZE_MAX;
    }

    if (server_reply_head(r, status, headers, length) != SC_OK) {
        /* out has failed: the connection is closed when it is flushed */
        return;
    }

    server_reply_body(r, body);
}


static void
server_reply_body(server_request_t *r, sc_str_t body)
{
    server_conn_t  *conn = r->conn;

    if (body.len == 0) {
        server_reply_end(r, SC_FRAME_END_DONE);
        return;
    }

    /* most replies are short, and are framed without another copy */
    if (body.len <= SC_FRAME_DATA_SIZE && conn->sending == NULL
        && (r->credit == -1 || (uint64_t) r->credit >= body.len))
    {
        server_reply_data(r, body.data, body.len);
        server_reply_end(r, SC_FRAME_END_DONE);
        return;
    }

    if (sc_buf_add(&r->out, body.data, body.len) != SC_OK) {
        server_reply_end(r, SC_FRAME_END_ABORTED);
        return;
    }

    server_reply_ready(r);
}


int
server_reply_bodiless(const server_request_t *r, int status)
{
    return status == 204 || status == 304 || strcmp(r->method, "HEAD") == 0;
}


int
server_reply_head(server_request_t *r, int status, sc_str_t headers,
    size_t length)
{
    int         n;
    char        line[SERVER_LENGTH_MAX], start[SC_FRAME_MAX_HEADER];
    size_t      len;
    sc_buf_t   *out = &r->conn->out;
    sc_frame_t  f;

    n = 0;

    if (length != SIZE_MAX) {
        n = snprintf(line, sizeof(line), "Content-Length: %zu\r\n", length);
    }

    f.type = SC_FRAME_HEAD;
    f.id = r->id;
    f.arg = (uint64_t) status;
    f.len = headers.len + (size_t) n;

    len = sc_frame_header(start, &f);

    (void) sc_buf_add(out, start, len);
    (void) sc_buf_add_str(out, headers);

    return sc_buf_add(out, line, (size_t) n);
}


/*
 * One data frame of each reply in turn, until nothing may be sent or enough is
 * on its way; then the next one is the first the next time.  What was sent
 * before makes room first.
 */
void
server_reply_fill(server_conn_t *conn)
{
    size_t             n;
    server_request_t  *r;

    if (conn->sending == NULL) {
        return;
    }

    if (conn->out_pos > 0 && conn->out_pos >= conn->out.len / 2) {
        sc_buf_consume(&conn->out, conn->out_pos);
        conn->out_pos = 0;
    }

    while ((r = conn->sending) != NULL
           && conn->out.len - conn->out_pos < SERVER_HIGH_WATER)
    {
        DL_DELETE2(conn->sending, r, send_prev, send_next);
        r->send_prev = NULL;

        n = server_reply_share(r);
        server_reply_data(r, r->out.data + r->out_pos, n);
        r->out_pos += n;
        server_reply_framed(r);
    }
}


void
server_reply_ready(server_request_t *r)
{
    if (r->send_prev == NULL && server_reply_share(r) > 0) {
        DL_APPEND2(r->conn->sending, r, send_prev, send_next);
    }
}


/* Bytes of its reply that may go into the next data frame. */
static size_t
server_reply_share(const server_request_t *r)
{
    size_t  n;

    n = r->out.len - r->out_pos;

    if (n > SC_FRAME_DATA_SIZE) {
        n = SC_FRAME_DATA_SIZE;
    }

    if (r->credit != -1 && (uint64_t) r->credit < n) {
        n = (size_t) r->credit;
    }

    return n;
}


static void
server_reply_data(server_request_t *r, const char *data, size_t len)
{
    (void) sc_frame_add(&r->conn->out, SC_FRAME_DATA, r->id, 0, data, len);

    if (r->credit != -1) {
        r->credit -= (int64_t) len;
    }
}


/* A part of a reply is on its way: see what is left of it. */
static void
server_reply_framed(server_request_t *r)
{
    if (r->flowing) {
        server_stream_drain(r);
    }

    if (r->out_pos < r->out.len) {
        server_reply_ready(r);
        return;
    }

    if (r->flowing) {
        r->out_pos = 0;

        if (r->out.cap > SERVER_KEEP) {
            sc_buf_free(&r->out);

        } else {
            sc_buf_reset(&r->out);
        }

        return;
    }

    server_reply_end(r, r->cut ? SC_FRAME_END_ABORTED : SC_FRAME_END_DONE);
}


void
server_reply_end(server_request_t *r, sc_frame_end_t why)
{
    (void) sc_frame_add(&r->conn->out, SC_FRAME_END, r->id, why, NULL, 0);
    server_request_over(r);
}
