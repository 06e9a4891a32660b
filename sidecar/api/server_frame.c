
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "sidecar/api/server_internal.h"


#define SERVER_WINDOW         "Body-Window"
#define SERVER_WINDOW_DIGITS  18        /* of less than 2^63 */


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
static int server_frame_fields(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static int server_frame_window(server_conn_t *conn, sc_str_t value);
static void server_frame_rules(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_open(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_body(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_credit(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);
static void server_frame_cancel(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);


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
    int        n;
    char       text[256];
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

    if (server_frame_fields(conn, f, payload) != SC_OK) {
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


static int
server_frame_fields(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    int       rc;
    sc_str_t  rest, name, value;

    rest.data = payload;
    rest.len = f->len;

    while ((rc = sc_frame_field(&rest, &name, &value)) == SC_OK) {
        if (name.len == sizeof(SERVER_WINDOW) - 1
            && strncasecmp(name.data, SERVER_WINDOW, name.len) == 0
            && server_frame_window(conn, value) != SC_OK)
        {
            server_conn_fail(conn, "\"" SERVER_WINDOW "\" is \"%.*s\", not "
                             "a number of bytes",
                             (int) (value.len < 100 ? value.len : 100),
                             value.data);
            return SC_ERROR;
        }
    }

    if (rc == SC_ERROR) {
        server_conn_fail(conn, "a field of frame \"hello\" is not "
                         "\"Name: value\"");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
server_frame_window(server_conn_t *conn, sc_str_t value)
{
    int64_t  n;

    if (server_number(value, SERVER_WINDOW_DIGITS, &n) != SC_OK) {
        return SC_ERROR;
    }

    conn->window = n;

    return n > 0 ? SC_OK : SC_ERROR;
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

    r = server_request_create(conn->server, conn, f->id);
    if (r == NULL) {
        server_conn_fail(conn, "memory is out");
        return;
    }

    r->credit = f->arg == 0 ? -1 : (int64_t) f->arg;
    text.data = payload;
    text.len = f->len;

    if (server_open_parse(r, text, err, sizeof(err)) != SC_OK) {
        server_conn_fail(conn, "frame \"open\": %s", err);
        return;
    }

    server_request_opened(r);
}


static void
server_frame_body(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    sc_str_t           part;
    server_request_t  *r;

    r = server_request_find(conn, f->id);

    if (r == NULL || r->complete) {
        server_conn_fail(conn, "frame \"%s\": request \"%" PRIu64 "\" %s",
                         sc_frame_name(f->type), f->id,
                         r == NULL ? "is not open" : "has its last part");
        return;
    }

    if (conn->window != 0 && (uint64_t) r->window < f->len) {
        server_conn_fail(conn, "frame \"%s\": request \"%" PRIu64 "\" sends "
                         "\"%zu\" bytes and has credit for \"%" PRId64 "\"",
                         sc_frame_name(f->type), f->id, f->len, r->window);
        return;
    }

    part.data = payload;
    part.len = f->len;

    if (conn->window == 0) {
        server_request_part(r, part, f->type == SC_FRAME_LAST);
        return;
    }

    r->window -= (int64_t) f->len;
    server_request_part(r, part, f->type == SC_FRAME_LAST);

    /* it may be gone */
    r = server_request_find(conn, f->id);

    if (r != NULL) {
        server_request_credit(r);
    }
}


static void
server_frame_credit(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    server_request_t  *r;

    (void) payload;

    r = server_request_find(conn, f->id);

    if (r == NULL || r->over || r->credit == -1) {
        return;
    }

    if ((int64_t) f->arg > INT64_MAX - r->credit) {
        r->credit = INT64_MAX;

    } else {
        r->credit += (int64_t) f->arg;
    }

    server_reply_ready(r);

    if (r->send_prev != NULL) {
        loop_defer(conn->server->loop, &conn->flush);
    }
}


static void
server_frame_cancel(server_conn_t *conn, const sc_frame_t *f,
    const char *payload)
{
    unsigned           over;
    server_request_t  *r;

    (void) payload;

    r = server_request_find(conn, f->id);
    if (r == NULL) {
        return;
    }

    over = r->over;
    server_request_free(r);

    if (over) {
        return;
    }

    (void) sc_frame_add(&conn->out, SC_FRAME_END, f->id,
                        SC_FRAME_END_CANCELLED, NULL, 0);
    loop_defer(conn->server->loop, &conn->flush);
}
