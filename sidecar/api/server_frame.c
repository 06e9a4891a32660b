
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <utlist.h>

#include "sidecar/api/problem.h"
#include "sidecar/api/server_internal.h"
#include "sidecar/core/log.h"


typedef void (*server_frame_pt)(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);


/*
 * What nginx may send.
 *
 * handler   NULL for what only scraped sends
 * request   it belongs to a request, else to none
 * arg       it has an argument, else 0
 * empty     it has no payload
 */
typedef struct {
    server_frame_pt  handler;
    unsigned         request:1;
    unsigned         arg:1;
    unsigned         empty:1;
} server_frame_def_t;


static int server_frame_check(server_conn_t *conn, const sc_frame_t *f);
static void server_frame_hello(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_rules(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_open(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_body(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_complete(server_request_t *r);
static void server_frame_credit(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_cancel(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static server_request_t *server_request_find(server_conn_t *conn,
    uint64_t id);


static const server_frame_def_t  server_frames[SC_FRAME_TYPES] = {
    [SC_FRAME_HELLO] = { server_frame_hello, 0, 1, 0 },
    [SC_FRAME_RULES] = { server_frame_rules, 0, 0, 0 },
    [SC_FRAME_OPEN] = { server_frame_open, 1, 1, 0 },
    [SC_FRAME_BODY] = { server_frame_body, 1, 0, 0 },
    [SC_FRAME_LAST] = { server_frame_body, 1, 0, 0 },
    [SC_FRAME_CREDIT] = { server_frame_credit, 1, 1, 1 },
    [SC_FRAME_CANCEL] = { server_frame_cancel, 1, 0, 1 }
};


void
server_frame(server_conn_t *conn, const sc_frame_t *f, const char *payload)
{
    if (server_frame_check(conn, f) == SC_OK) {
        server_frames[f->type].handler(conn, f, payload);
    }
}


static int
server_frame_check(server_conn_t *conn, const sc_frame_t *f)
{
    const char                *name = sc_frame_name(f->type);
    const server_frame_def_t  *def = &server_frames[f->type];

    if (def->handler == NULL) {
        server_conn_fail(conn, "frame \"%s\" is not nginx's to send", name);
        return SC_ERROR;
    }

    if (!conn->greeted && f->type != SC_FRAME_HELLO) {
        server_conn_fail(conn, "the first frame is \"%s\", not \"hello\"",
                         name);
        return SC_ERROR;
    }

    if ((f->id != 0) != def->request) {
        server_conn_fail(conn, "frame \"%s\" has id \"%" PRIu64 "\"", name,
                         f->id);
        return SC_ERROR;
    }

    if (f->arg != 0 && !def->arg) {
        server_conn_fail(conn, "frame \"%s\" has argument \"%" PRIu64 "\"",
                         name, f->arg);
        return SC_ERROR;
    }

    if (f->len != 0 && def->empty) {
        server_conn_fail(conn, "frame \"%s\" has a payload of \"%zu\" bytes",
                         name, f->len);
        return SC_ERROR;
    }

    return SC_OK;
}


static void
server_frame_hello(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    int        rc, n;
    char       text[256];
    sc_str_t   rest, name, value;
    server_t  *s = conn->server;

    if (conn->greeted) {
        server_conn_fail(conn, "frame \"hello\" came twice");
        return;
    }

    if (f->arg != SC_PROTOCOL_VERSION) {
        server_conn_fail(conn, "protocol version \"%" PRIu64 "\" is not "
                         "spoken here, \"%d\" is", f->arg,
                         SC_PROTOCOL_VERSION);
        return;
    }

    rest.data = payload;
    rest.len = f->len;

    do {
        rc = sc_frame_field(&rest, &name, &value);
    } while (rc == SC_OK);

    if (rc == SC_ERROR) {
        server_conn_fail(conn, "a field of frame \"hello\" is not "
                         "\"Name: value\"");
        return;
    }

    conn->greeted = 1;

    n = snprintf(text, sizeof(text), "Name: scraped\r\n"
                 "Version: " SCRAPED_VERSION "\r\n"
                 "Pid: %ld\r\nMax-Body: %" PRId64 "\r\n",
                 (long) getpid(), s->settings->max_body);

    (void) sc_frame_add(&conn->out, SC_FRAME_HELLO, 0, SC_PROTOCOL_VERSION,
                        text, (size_t) n);
    loop_defer(s->loop, &conn->flush);
}


static void
server_frame_rules(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    char      err[512];
    sc_str_t  text;

    text.data = payload;
    text.len = f->len;

    if (server_rules_add(conn, text, err, sizeof(err)) != SC_OK) {
        server_conn_fail(conn, "frame \"rules\": %s", err);
    }
}


static void
server_frame_open(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    char               err[256];
    sc_str_t           text;
    server_t          *s = conn->server;
    server_request_t  *r;

    if (conn->nopen >= SERVER_MAX_OPEN) {
        server_conn_fail(conn, "more than \"%d\" requests are open",
                         SERVER_MAX_OPEN);
        return;
    }

    if (server_request_find(conn, f->id) != NULL) {
        server_conn_fail(conn, "frame \"open\": request \"%" PRIu64 "\" is "
                         "open already", f->id);
        return;
    }

    r = calloc(1, sizeof(server_request_t));
    if (r == NULL) {
        server_conn_fail(conn, "memory is out");
        return;
    }

    r->conn = conn;
    r->id = f->id;
    r->credit = f->arg == 0 ? -1 : (int64_t) f->arg;
    sc_buf_init(&r->head, 0);
    sc_buf_init(&r->body, (size_t) s->settings->max_body);
    sc_buf_init(&r->out, 0);

    DL_APPEND(conn->table[r->id % SERVER_BUCKETS], r);
    conn->nopen++;
    s->nopen++;

    text.data = payload;
    text.len = f->len;

    if (server_open_parse(r, text, err, sizeof(err)) != SC_OK) {
        server_conn_fail(conn, "frame \"open\": %s", err);
    }
}


static void
server_frame_body(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    server_request_t  *r;

    r = server_request_find(conn, f->id);

    if (r == NULL || r->complete) {
        server_conn_fail(conn, "frame \"%s\": request \"%" PRIu64 "\" %s",
                         sc_frame_name(f->type), f->id,
                         r == NULL ? "is not open" : "has its last part");
        return;
    }

    if (!r->body.failed && sc_buf_add(&r->body, payload, f->len) != SC_OK) {
        sc_buf_free(&r->body);
        r->body.failed = 1;
    }

    if (f->type == SC_FRAME_LAST) {
        r->complete = 1;
        server_frame_complete(r);
    }
}


static void
server_frame_complete(server_request_t *r)
{
    sc_str_t   headers, body;
    sc_buf_t   text;
    problem_t  problem;
    server_t  *s = r->conn->server;

    static const char  draining[] = PROBLEM_CONTENT_TYPE "Retry-After: 5\r\n";

    if (!s->draining) {
        s->handler(r, s->data);
        return;
    }

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


static void
server_frame_credit(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    server_request_t  *r;

    (void) payload;

    r = server_request_find(conn, f->id);

    if (r == NULL || r->credit == -1) {
        return;
    }

    if ((int64_t) f->arg > INT64_MAX - r->credit) {
        r->credit = INT64_MAX;

    } else {
        r->credit += (int64_t) f->arg;
    }

    if (r->replied) {
        loop_defer(conn->server->loop, &conn->flush);
    }
}


static void
server_frame_cancel(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    server_request_t  *r;

    (void) payload;

    r = server_request_find(conn, f->id);
    if (r == NULL) {
        return;
    }

    server_request_free(r);
    (void) sc_frame_add(&conn->out, SC_FRAME_END, f->id,
                        SC_FRAME_END_CANCELLED, NULL, 0);
    loop_defer(conn->server->loop, &conn->flush);
}


void
server_request_free(server_request_t *r)
{
    server_conn_t  *conn = r->conn;

    DL_DELETE(conn->table[r->id % SERVER_BUCKETS], r);
    conn->nopen--;
    conn->server->nopen--;

    if (r->send_prev != NULL) {
        DL_DELETE2(conn->sending, r, send_prev, send_next);
    }

    if (r->complete && !r->replied && r->cancelled != NULL) {
        r->cancelled(r);
    }

    sc_buf_free(&r->head);
    sc_buf_free(&r->body);
    sc_buf_free(&r->out);
    free(r);
}


static server_request_t *
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
