
/*
 * The listening side of docs/protocol.md: accepts nginx's connections, reads
 * frames, keeps the requests open on each connection, and sends replies within
 * their credit.  What a request means is api.h's.
 */

#ifndef SERVER_H
#define SERVER_H


#include "common/sc_buf.h"
#include "common/sc_frame.h"
#include "common/rules/sc_rules.h"
#include "sidecar/core/settings.h"
#include "sidecar/loop/loop.h"


typedef struct server_s          server_t;
typedef struct server_conn_s     server_conn_t;
typedef struct server_request_s  server_request_t;
typedef struct server_local_s    server_local_t;


/*
 * One request, from its last byte, or its head when it is streaming, to its
 * end.
 *
 * method, target     NUL-terminated, as in the open frame; never NULL
 * tenant … request_id  Scrape-* fields of the frame, "" when absent
 * wait               Scrape-Wait in milliseconds, -1 when absent
 * content_type … last_event_id  the client's fields, "" when absent; the
 *                    values of a field sent more than once, joined by ", "
 * body               the whole body; body.failed when it passed max_body
 * streaming          its body is given in parts, as they come: body is empty
 * part               the handler's, called for each part of such a body that
 *                    has come after the handler was called; last with the last
 *                    one, which may be empty.  It may reply: what is left of
 *                    the body is thrown away then
 * drained            the handler's, called from the loop when little is left
 *                    of a reply that was begun with server_stream(), at first
 *                    when it was begun: more may be added
 * ctx                the handler's own; NULL at first
 * cancelled          the handler's, called when the request ends before its
 *                    reply was given to its end: cancel frame or lost
 *                    connection, while its body comes, too.  The request is
 *                    freed after it returns
 *
 * conn is NULL for a request of server_local().  next … local, but for head
 * and what points into it, are the server's.
 */
struct server_request_s {
    server_conn_t     *conn;
    server_request_t  *next;            /* of those with a like id */
    server_request_t  *prev;
    server_request_t  *send_next;       /* of those with a reply to send */
    server_request_t  *send_prev;
    uint64_t           id;
    int64_t            credit;          /* bytes left; -1 = unlimited */
    int64_t            begun;           /* loop_now() when its head came */
    int64_t            window;          /* bytes of body that may come */
    sc_buf_t           head;            /* what the pointers below point at */
    char              *method;
    char              *target;
    char              *tenant;
    char              *base;
    char              *url;
    char              *use;
    char              *options;         /* of scrape_request: JSON */
    char              *returns;         /* of scrape_return: words */
    char              *slot;
    char              *request_id;
    char              *content_type;
    char              *accept;
    char              *prefer;
    char              *cache_control;
    char              *if_match;
    char              *if_none_match;
    char              *idempotency_key;
    char              *range;
    char              *if_range;
    char              *last_event_id;
    int64_t            wait;
    sc_buf_t           body;
    unsigned           complete:1;      /* its last part has come */
    unsigned           streaming:1;
    unsigned           replied:1;       /* the handler has done its part */
    unsigned           flowing:1;       /* its reply is not complete */
    unsigned           handed:1;        /* the handler knows it */
    unsigned           held:1;
    unsigned           silent:1;        /* its reply has no data */
    unsigned           cut:1;           /* its reply lacks something */
    unsigned           over:1;          /* replied to before its last part */
    sc_buf_t           out;             /* reply body not framed yet */
    size_t             out_pos;
    loop_task_t        drain;           /* calls drained() */
    server_local_t    *local;

    void             (*part)(server_request_t *r, sc_str_t part, int last);
    void             (*drained)(server_request_t *r);
    void              *ctx;
    void             (*cancelled)(server_request_t *r);
};


/*
 * Called when a request is complete, or, when its body is streamed, when its
 * head has come.  It must lead to one server_reply() or server_stream_end().
 */
typedef void (*server_handler_pt)(server_request_t *r, void *data);

/*
 * Whether the body of a request whose head has come is wanted in parts; it
 * may set nothing of r.
 */
typedef int (*server_streams_pt)(const server_request_t *r, void *data);


/* bytes of a streamed reply that are held before drained() is called */
#define SERVER_STREAM_LOW    65536

/* bytes that are kept of a streamed reply to a request of our own */
#define SERVER_LOCAL_MAX     1048576


/*
 * Serve the socket fd, which listens already and is the server's from here on,
 * or, when fd is -1, listen on settings->listen.  A Unix socket that nobody
 * serves is replaced; one that is served is an error.  NULL on failure with a
 * sentence in err.
 */
server_t *server_create(loop_t *loop, const settings_t *settings, int fd,
    server_handler_pt handler, server_streams_pt streams, void *data,
    char *err, size_t errlen);

/*
 * Stop accepting, answer new requests 503 /server/draining, close each
 * connection when nothing is open on it.
 */
void server_drain(server_t *s);

/* Connections of nginx that are open. */
size_t server_connections(const server_t *s);

/* Requests that have come and whose reply has not left yet. */
size_t server_open(const server_t *s);

/* Close everything; requests still open are cancelled. */
void server_destroy(server_t *s);

/*
 * Answer a request and end it: r is freed when the last byte has been handed
 * over, and must not be touched after this call.  headers are "Name: value"
 * CR LF lines, Content-Length not among them; body is copied.  A reply to
 * HEAD, and one with status 204 or 304, is sent without body.
 */
void server_reply(server_request_t *r, int status, sc_str_t headers,
    sc_str_t body);

/*
 * The same piece by piece, for a reply whose length nobody knows: the head,
 * then any number of parts, which are copied, then the end.  complete 0 says
 * that something is missing: the client's connection is closed without the
 * end of the body.  A client that reads slowly leaves parts here:
 * server_stream_left() bytes of them; add more when drained() is called.
 * Nothing is sent of a reply to HEAD but its head.  Once a reply has begun, no
 * further part of the request's body is given.  server_stream_end() ends the
 * request as server_reply() does.
 */
void server_stream(server_request_t *r, int status, sc_str_t headers);
void server_stream_add(server_request_t *r, sc_str_t part);
size_t server_stream_left(const server_request_t *r);
void server_stream_end(server_request_t *r, int complete);

/*
 * Take nothing more of a streamed body (on), until it is wanted again.  Parts
 * that are on their way still come.  Where nginx has told its Body-Window,
 * those are no more than the window, as no credit is given meanwhile, and
 * nothing else on the connection is held.  Elsewhere its connection is not
 * read, unless other requests are open on it: up to 64 KiB and a frame have
 * been read.  A reply, when it begins, ends this.
 */
void server_hold(server_request_t *r, int on);

/*
 * A request of our own, as if it had come from nginx: for what the clock asks
 * for.  target, tenant and body are copied; told is called once with the
 * answer, from the loop, not from inside; or from server_destroy(), with 503
 * when there is none yet.  Of a streamed answer it gets SERVER_LOCAL_MAX bytes
 * at most; of one that is not whole, for want of memory or else, status 0 and
 * nothing more.  SC_OK, or SC_ERROR when memory is out, the target is not ours
 * or body is longer than max_body: then nothing is told.
 */
typedef void (*server_told_pt)(void *data, int status, sc_str_t headers,
    sc_str_t body);

int server_local(server_t *s, const char *method, const char *target,
    sc_str_t tenant, sc_str_t body, server_told_pt told, void *data);

/*
 * The rule set a connection calls by this name or, "sha256:…", by its hash;
 * NULL if none.  It lives as long as the connection.
 */
const sc_rules_t *server_rules(const server_conn_t *conn, const char *name);


#endif /* SERVER_H */
