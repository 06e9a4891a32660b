
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


/*
 * One request, from its last byte to its end.
 *
 * method, target     NUL-terminated, as in the open frame; never NULL
 * tenant … request_id  Scrape-* fields of the frame, "" when absent
 * wait               Scrape-Wait in milliseconds, -1 when absent
 * content_type … if_none_match  the client's fields, "" when absent; the
 *                    values of a field sent more than once, joined by ", "
 * body               the whole body; body.failed when it passed max_body
 * ctx                the handler's own; NULL at first
 * cancelled          the handler's, called when the request ends before its
 *                    reply was given: cancel frame or lost connection.  The
 *                    request is freed after it returns
 *
 * next … out_pos, but for head and what points into it, are the server's.
 */
struct server_request_s {
    server_conn_t     *conn;
    server_request_t  *next;            /* of those with a like id */
    server_request_t  *prev;
    server_request_t  *send_next;       /* of those with a reply to send */
    server_request_t  *send_prev;
    uint64_t           id;
    int64_t            credit;          /* bytes left; -1 = unlimited */
    sc_buf_t           head;            /* what the pointers below point at */
    char              *method;
    char              *target;
    char              *tenant;
    char              *base;
    char              *url;
    char              *use;
    char              *request_id;
    char              *content_type;
    char              *accept;
    char              *prefer;
    char              *cache_control;
    char              *if_match;
    char              *if_none_match;
    char              *idempotency_key;
    int64_t            wait;
    sc_buf_t           body;
    unsigned           complete:1;      /* its last part has come */
    unsigned           replied:1;
    sc_buf_t           out;             /* reply body not framed yet */
    size_t             out_pos;

    void              *ctx;
    void             (*cancelled)(server_request_t *r);
};


/* Called when a request is complete.  It must lead to one server_reply(). */
typedef void (*server_handler_pt)(server_request_t *r, void *data);


/*
 * Listen on settings->listen.  A Unix socket that nobody serves is replaced;
 * one that is served is an error.  NULL on failure with a sentence in err.
 */
server_t *server_create(loop_t *loop, const settings_t *settings,
    server_handler_pt handler, void *data, char *err, size_t errlen);

/*
 * Stop accepting, answer new requests 503 /server/draining, close each
 * connection when nothing is open on it.
 */
void server_drain(server_t *s);

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
 * The rule set a connection calls by this name or, "sha256:…", by its hash;
 * NULL if none.  It lives as long as the connection.
 */
const sc_rules_t *server_rules(const server_conn_t *conn, const char *name);


#endif /* SERVER_H */
