
#include <stdlib.h>

#include <utlist.h>

#include "sidecar/api/problem.h"
#include "sidecar/api/server_internal.h"


static void server_request_hand(server_request_t *r);
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

    if (s->draining) {
        server_request_refuse(r);

    } else {
        s->handler(r, s->data);
    }
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

    if (conn == NULL || r->held == (on != 0)) {
        return;
    }

    r->held = on != 0;

    if (on) {
        conn->nheld++;

    } else {
        conn->nheld--;
    }

    loop_defer(conn->server->loop, &conn->flush);
}


void
server_request_over(server_request_t *r)
{
    if (r->complete) {
        server_request_free(r);
        return;
    }

    server_hold(r, 0);
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

    server_hold(r, 0);
    server_request_unlink(r);

    if (r->over) {
        conn->nover--;

    } else {
        server_request_server(r)->nopen--;
    }

    if (conn != NULL) {
        DL_DELETE(conn->table[r->id % SERVER_BUCKETS], r);
        conn->nopen--;
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
