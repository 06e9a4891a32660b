
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/api/problem.h"
#include "sidecar/api/server_internal.h"


static void server_request_hand(server_request_t *r);
static int server_request_watches(const server_request_t *r);
static void server_request_refuse(server_request_t *r);
static void server_request_unlink(server_request_t *r);
static void server_request_drain(loop_task_t *task);


server_request_t *
server_request_create(server_t *s, server_conn_t *conn, uint64_t id)
{
    server_request_t  *r;

    r = calloc(1, sizeof(server_request_t));
    if (r == NULL) {
        return NULL;
    }

    r->conn = conn;
    r->id = id;
    r->credit = -1;
    r->begun = loop_now(s->loop);
    r->window = conn != NULL ? conn->window : 0;
    r->drain.handler = server_request_drain;
    r->drain.data = r;
    sc_buf_init(&r->head, 0);
    sc_buf_init(&r->body, (size_t) s->settings->max_body);
    sc_buf_init(&r->out, 0);
    s->nopen++;

    if (conn != NULL) {
        DL_APPEND(conn->table[id % SERVER_BUCKETS], r);
        conn->nopen++;
    }

    return r;
}


server_request_t *
server_request_find(server_conn_t *conn, uint64_t id)
{
    server_request_t  *r;

    DL_FOREACH(conn->table[id % SERVER_BUCKETS], r) {
        if (r->id == id) {
            return r;
        }
    }

    return NULL;
}


void
server_request_opened(server_request_t *r)
{
    server_t  *s = server_request_server(r);

    if (s->streams != NULL && s->streams(r, s->data)) {
        r->streaming = 1;
        server_request_hand(r);
    }
}


void
server_request_part(server_request_t *r, sc_str_t part, int last)
{
    r->complete = last != 0;

    if (r->over) {
        if (last) {
            server_request_free(r);
        }

        return;
    }

    if (r->streaming) {
        if (r->part != NULL && !r->replied && !r->flowing) {
            r->part(r, part, last);
        }

        return;
    }

    if (!r->body.failed && sc_buf_add_str(&r->body, part) != SC_OK) {
        sc_buf_free(&r->body);
        r->body.failed = 1;
    }

    if (last) {
        server_request_hand(r);
    }
}


static void
server_request_hand(server_request_t *r)
{
    server_t  *s = server_request_server(r);

    r->handed = 1;

    if (s->draining && !server_request_watches(r)) {
        server_request_refuse(r);

    } else {
        s->handler(r, s->data);
    }
}


/* How it stops may be watched to its end. */
static int
server_request_watches(const server_request_t *r)
{
    size_t       len;
    const char  *path = r->target;

    len = strcspn(path, "?");

    return (len == sizeof("/metrics") - 1
            && memcmp(path, "/metrics", len) == 0)
           || (len == sizeof("/v1/status") - 1
               && memcmp(path, "/v1/status", len) == 0);
}


static void
server_request_refuse(server_request_t *r)
{
    sc_str_t   headers, body;
    sc_buf_t   text;
    problem_t  problem;

    static const char  draining[] = PROBLEM_CONTENT_TYPE "Retry-After: 5\r\n";

    problem_init(&problem, "/server/draining",
                 "the gateway is stopping and takes nothing new");

    sc_buf_init(&text, 0);
    (void) problem_write(&text, &problem, r->request_id);

    headers.data = draining;
    headers.len = sizeof(draining) - 1;
    body.data = text.data;
    body.len = text.len;

    server_reply(r, problem_status(problem.type), headers, body);
    sc_buf_free(&text);
}


void
server_hold(server_request_t *r, int on)
{
    server_conn_t  *conn = r->conn;

    if (conn == NULL || r->held == (on != 0)
        || (on && (r->replied || r->flowing)))
    {
        return;
    }

    r->held = on != 0;

    if (on) {
        conn->nheld++;

    } else {
        conn->nheld--;
        server_request_credit(r);
    }

    loop_defer(conn->server->loop, &conn->flush);
}


/* In lumps of a quarter of the window: a frame for each part were too many. */
void
server_request_credit(server_request_t *r)
{
    int64_t         used;
    server_conn_t  *conn = r->conn;

    used = conn->window - r->window;

    if (used == 0 || used < conn->window / 4 || r->held || r->complete) {
        return;
    }

    r->window = conn->window;
    (void) sc_frame_add(&conn->out, SC_FRAME_CREDIT, r->id, (uint64_t) used,
                        NULL, 0);
    loop_defer(conn->server->loop, &conn->flush);
}


void
server_request_over(server_request_t *r)
{
    if (r->complete) {
        server_request_free(r);
        return;
    }

    server_request_unlink(r);
    r->over = 1;
    r->conn->nover++;
    r->conn->server->nopen--;
    sc_buf_free(&r->body);
    sc_buf_free(&r->out);
}


void
server_request_free(server_request_t *r)
{
    server_conn_t  *conn = r->conn;

    if (r->held) {
        r->held = 0;
        conn->nheld--;
    }

    server_request_unlink(r);

    if (r->flowing) {
        server_count_stream(r, -1);
    }

    if (r->over) {
        conn->nover--;

    } else {
        server_request_server(r)->nopen--;
    }

    if (conn != NULL) {
        DL_DELETE(conn->table[r->id % SERVER_BUCKETS], r);
        conn->nopen--;

        /* the last one's end may be the end of the connection */
        loop_defer(conn->server->loop, &conn->flush);
    }

    if (r->handed && !r->replied && r->cancelled != NULL) {
        r->cancelled(r);
    }

    sc_buf_free(&r->head);
    sc_buf_free(&r->body);
    sc_buf_free(&r->out);
    free(r);
}


/* Nothing is sent of it any more. */
static void
server_request_unlink(server_request_t *r)
{
    loop_undefer(&r->drain);

    if (r->send_prev != NULL) {
        DL_DELETE2(r->conn->sending, r, send_prev, send_next);
        r->send_prev = NULL;
    }
}


server_t *
server_request_server(const server_request_t *r)
{
    return r->conn != NULL ? r->conn->server : r->local->server;
}


static void
server_request_drain(loop_task_t *task)
{
    server_request_t  *r = task->data;

    if (r->flowing && r->drained != NULL) {
        r->drained(r);
    }
}
