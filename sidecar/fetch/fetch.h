
/*
 * One HTTP exchange with one origin: resolve, check the addresses, connect,
 * send, receive.  A redirect is an answer like any other: following it is the
 * frontier's work, hop by hop.  All on the loop, by libcurl's
 * multi_socket_action.
 *
 * Whatever the origin does, an exchange ends once: in a result with an HTTP
 * status, or in one of fetch_error_t, inside its deadline.
 */

#ifndef FETCH_H
#define FETCH_H


#include "common/sc_buf.h"
#include "sidecar/url/url.h"
#include "sidecar/loop/loop.h"
#include "sidecar/resolve/policy.h"
#include "sidecar/resolve/resolve.h"


#define FETCH_MAX_HEADERS    65536      /* bytes of headers and trailers */


typedef struct fetcher_s  fetcher_t;
typedef struct fetch_s    fetch_t;


/* Why there is no usable answer; the API's problem types (docs/api.md). */
typedef enum {
    FETCH_OK = 0,
    FETCH_DNS,              /* /fetch/dns */
    FETCH_BLOCKED,          /* /policy/egress-blocked */
    FETCH_CONNECT,          /* /fetch/connect: refused, reset, unreachable */
    FETCH_TLS,              /* /fetch/tls */
    FETCH_PROTOCOL,         /* /fetch/protocol: not HTTP, wrong length, … */
    FETCH_TOO_LARGE,        /* /fetch/too-large: body or headers */
    FETCH_TIMEOUT,          /* /fetch/timeout */
    FETCH_RESOURCES         /* ours: out of descriptors or memory; retry */
} fetch_error_t;


/* One header field to send or received. */
typedef struct {
    sc_str_t  name;
    sc_str_t  value;
} fetch_header_t;


/*
 * What to fetch.  Everything is copied by fetch_start().
 *
 * method           "GET" or "HEAD"
 * headers          sent after ours; checked with fetch_header_allowed()
 * connect_timeout  nanoseconds for resolving and connecting, TLS included
 * total_timeout    nanoseconds for the whole exchange
 * max_body         bytes of decoded body; one more is FETCH_TOO_LARGE
 */
typedef struct {
    const url_t           *url;
    const char            *method;
    const fetch_header_t  *headers;
    size_t                 nheaders;
    int64_t                connect_timeout;
    int64_t                total_timeout;
    size_t                 max_body;
} fetch_request_t;


/* Milliseconds since the exchange began; -1 for what did not happen. */
typedef struct {
    double  dns;            /* the name was resolved */
    double  connect;        /* TCP was connected; 0 on a reused connection */
    double  tls;            /* TLS was set up; -1 for http */
    double  first_byte;     /* the first byte of the answer came */
    double  total;
} fetch_timings_t;


/*
 * How the exchange ended.  Valid during the callback only, except body, which
 * the callback may take by copying the struct and clearing the original.
 *
 * status        HTTP status; 0 when none but interim ones was received
 * detail        one lower-case sentence on error, else ""; may be shown to
 *               the caller: for FETCH_BLOCKED it does not name the address
 * http          "1.0", "1.1", "2" or ""
 * ip            address of the peer, "" if none
 * content_type  value of Content-Type, "" if none
 * location      value of Location, "" if none
 * etag          value of ETag, "" if none
 * body          decoded
 * bytes_wire    bytes of body as received, before decoding
 */
typedef struct {
    fetch_error_t     error;
    char              detail[256];
    int               status;
    const char       *http;
    char              ip[64];
    const char       *content_type;
    const char       *location;
    const char       *etag;
    sc_buf_t          body;
    int64_t           bytes_wire;
    fetch_timings_t   timings;
} fetch_result_t;


/* Called once, from the loop, never from inside fetch_start(). */
typedef void (*fetch_pt)(void *data, fetch_result_t *result);


/*
 * resolve and policy stay the caller's and must outlive the fetcher.
 * max_connections bounds the sockets open at once, idle ones included; fetches
 * above it wait for their turn, their time runs.  NULL on failure.
 */
fetcher_t *fetcher_create(loop_t *loop, resolve_t *resolve,
    const policy_t *policy, const char *user_agent, long max_connections);

/*
 * Every fetch must have ended or been cancelled.  Not from inside a callback.
 */
void fetcher_destroy(fetcher_t *f);

/* NULL when memory is out. */
fetch_t *fetch_start(fetcher_t *f, const fetch_request_t *request,
    fetch_pt done, void *data);

/* End a fetch whose callback has not been called; its socket is closed. */
void fetch_cancel(fetch_t *fetch);

/*
 * Whether a caller may send this field: the name is a token (RFC 9110 5.6.2)
 * and not one of Host, Content-Length, Transfer-Encoding, Connection, Expect,
 * TE, Trailer, Upgrade, Keep-Alive, Proxy-*; the value holds no control
 * character but tab.  SC_OK, or SC_ERROR with a sentence in err.
 */
int fetch_header_allowed(sc_str_t name, sc_str_t value, char *err,
    size_t errlen);

/* The problem type of an error, such as "/fetch/dns"; "" for FETCH_OK. */
const char *fetch_error_type(fetch_error_t error);


#endif /* FETCH_H */
