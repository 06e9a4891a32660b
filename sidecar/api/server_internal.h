
/*
 * What the files of the server share; for sidecar/api/server*.c alone.
 *
 *     server.c          the server: accepting, draining, its end
 *     server_listen.c   the listening socket
 *     server_conn.c     a connection: bytes in, bytes out, its end
 *     server_frame.c    what each frame does
 *     server_open.c     the payload of open: request line and fields
 *     server_request.c  requests: their bodies, their ends
 *     server_reply.c    replies, within their credit
 *     server_stream.c   replies piece by piece
 *     server_local.c    requests without a connection
 *     server_rules.c    rule sets of all connections, each parsed once
 */

#ifndef SERVER_INTERNAL_H
#define SERVER_INTERNAL_H


#define HASH_NONFATAL_OOM    1
#include <uthash.h>

#include "sidecar/api/server.h"


#define SERVER_READ         65536       /* bytes taken from a socket at once */
#define SERVER_KEEP         65536       /* a buffer's memory, for next time */
#define SERVER_HIGH_WATER   262144      /* bytes out at which it is enough */
#define SERVER_SEND_MAX     1048576     /* bytes sent in a round */
#define SERVER_MAX_OPEN     4096        /* requests open on a connection */
#define SERVER_BUCKETS      256         /* a power of two */
#define SERVER_MAX_NAMES    4096        /* rule sets of a connection */
#define SERVER_MAX_IDLE     256         /* rule sets kept that none uses */
#define SERVER_PAUSE        (100 * LOOP_MS)     /* when out of descriptors */
#define SERVER_LINGER       (1000 * LOOP_MS)    /* for an error to be read */


typedef struct server_set_s   server_set_t;
typedef struct server_name_s  server_name_t;


/*
 * A rule set, by its hash.
 *
 * refs        names that mean it
 * next, prev  of those without any, the one longest unused first
 */
struct server_set_s {
    UT_hash_handle   hh;
    server_set_t    *next;
    server_set_t    *prev;
    sc_rules_t      *rules;
    size_t           refs;
};


/* What a connection calls a rule set. */
struct server_name_s {
    UT_hash_handle   hh;
    server_set_t    *set;
    char             name[];
};


/*
 * A connection of nginx.
 *
 * flush     sends, at the end of the round, what has been put into out
 * linger    closes it when the other side does not, after an error
 * in        the start of a frame whose rest has not arrived
 * out       frames; those before out_pos are sent
 * table     requests by the low bits of their id
 * sending   those that have bytes to send and credit for some, in turn
 * window    bytes of a request's body that nginx sends without credit; 0 =
 *           without a limit
 * nopen     requests in the table; nheld of them want nothing read, of nover
 *           only the rest of the body is awaited
 * greeted   hello has come
 * failed    an error frame was written: nothing more is understood
 * lingering it has been sent
 */
struct server_conn_s {
    server_t          *server;
    server_conn_t     *next;
    server_conn_t     *prev;
    loop_io_t          io;
    loop_task_t        flush;
    loop_timer_t       linger;
    sc_buf_t           in;
    sc_buf_t           out;
    size_t             out_pos;
    server_request_t  *table[SERVER_BUCKETS];
    server_request_t  *sending;
    int64_t            window;
    size_t             nopen;
    size_t             nheld;
    size_t             nover;
    server_name_t     *names;
    unsigned           greeted:1;
    unsigned           failed:1;
    unsigned           lingering:1;
};


/*
 * A request of our own: who is told, and what.
 *
 * task     hands the request to its handler; later, tells of its reply
 * request  NULL when it has ended
 */
struct server_local_s {
    server_t          *server;
    server_local_t    *next;
    server_local_t    *prev;
    server_request_t  *request;
    loop_task_t        task;
    server_told_pt     told;
    void              *data;
    int                status;
    int                lost;            /* the answer is not whole */
    sc_buf_t           headers;
    sc_buf_t           body;
};


/*
 * path      of the Unix socket, "" for TCP or when it is given up
 * pause     begins to accept again
 * conns     all connections
 * nconns    how many, and how many there may be: the other half of the
 * most      descriptors is for what they ask for
 * full      as many as there may be: who is next waits to be accepted
 * locals    requests of our own
 * nopen     requests whose reply has not been framed, of all
 * sets      rule sets by hash; idle are those that no connection names
 * read_buf  what was read last, of whatever connection
 */
struct server_s {
    loop_t             *loop;
    const settings_t   *settings;
    server_handler_pt   handler;
    server_streams_pt   streams;
    void               *data;
    loop_io_t           listener;
    char                path[108];
    loop_timer_t        pause;
    server_conn_t      *conns;
    size_t              nconns;
    size_t              most;
    server_local_t     *locals;
    size_t              nopen;
    server_set_t       *sets;
    server_set_t       *idle;
    size_t              nidle;
    unsigned            draining:1;
    unsigned            closing:1;
    unsigned            full:1;
    char                read_buf[SERVER_READ];
};


/*
 * server_listen.c: the descriptor of a socket that listens where listen says,
 * with path filled in for a Unix socket; -1 with a sentence in err.
 */
int server_listen(const char *listen, int mode, char *path, size_t size,
    char *err, size_t errlen);

/* server_conn.c: the descriptor is the connection's from now on. */
void server_conn_create(server_t *s, int fd);
void server_conn_close(server_conn_t *conn);

/* Say what is wrong, and end the connection. */
void server_conn_fail(server_conn_t *conn, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* server_frame.c: a frame with its whole payload. */
void server_frame(server_conn_t *conn, const sc_frame_t *f,
    const char *payload);

/*
 * server_request.c: a request of a connection, or of our own when conn is
 * NULL; NULL when memory is out.
 */
server_request_t *server_request_create(server_t *s, server_conn_t *conn,
    uint64_t id);

/* That of this id, NULL if none. */
server_request_t *server_request_find(server_conn_t *conn, uint64_t id);

/* Its fields are there: who wants its body in parts gets it now. */
void server_request_opened(server_request_t *r);

/* The next part of its body; it may be gone afterwards. */
void server_request_part(server_request_t *r, sc_str_t part, int last);

/* Give credit for the bytes of its body that are used, if they are many. */
void server_request_credit(server_request_t *r);

/* Its reply has been framed; what is left of its body is thrown away. */
void server_request_over(server_request_t *r);

/*
 * Take a request out of its connection and free it; before its reply is
 * complete, its handler is told.
 */
void server_request_free(server_request_t *r);

server_t *server_request_server(const server_request_t *r);

/*
 * server_open.c: fill in r->head and what points into it.  SC_OK, or SC_ERROR
 * with a sentence in err.
 */
int server_open_parse(server_request_t *r, sc_str_t payload, char *err,
    size_t errlen);

/* A field's number, of 1 to so many decimal digits: SC_OK or SC_ERROR. */
int server_number(sc_str_t text, size_t digits, int64_t *n);

/* server_count.c: it is replied to with this status; a stream, till its end */
void server_count(const server_request_t *r, int status);
void server_count_stream(const server_request_t *r, int n);

/* server_reply.c: frame what credit and high water let through. */
void server_reply_fill(server_conn_t *conn);

/* It waits for its turn when it has bytes to send and credit for them. */
void server_reply_ready(server_request_t *r);

/*
 * The head's frame; length is SIZE_MAX for a reply whose length is not told.
 * SC_OK, or SC_ERROR when memory is out.
 */
int server_reply_head(server_request_t *r, int status, sc_str_t headers,
    size_t length);

/* Whether such a reply has no data. */
int server_reply_bodiless(const server_request_t *r, int status);

/* The end's frame; the request may be gone afterwards. */
void server_reply_end(server_request_t *r, sc_frame_end_t why);

/* server_stream.c: have drained() called, if little is left. */
void server_stream_drain(server_request_t *r);

/* server_local.c: the same for a request of our own. */
void server_local_head(server_request_t *r, int status, sc_str_t headers);
void server_local_add(server_request_t *r, sc_str_t part);
void server_local_end(server_request_t *r);

/* Cancel all of them, and tell so. */
void server_local_free(server_t *s);

/*
 * server_rules.c: take the payload of a rules frame.  SC_OK, or SC_ERROR with
 * a sentence in err.
 */
int server_rules_add(server_conn_t *conn, sc_str_t payload, char *err,
    size_t errlen);

/* Forget the names of a connection; all rule sets. */
void server_rules_release(server_conn_t *conn);
void server_rules_free(server_t *s);


#endif /* SERVER_INTERNAL_H */
