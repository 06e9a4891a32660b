
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
#include "sidecar/fetch/jar.h"
#include "sidecar/fetch/rate.h"
#include "sidecar/loop/loop.h"
#include "sidecar/proxy/proxy.h"
#include "sidecar/resolve/policy.h"
#include "sidecar/resolve/resolve.h"
#include "sidecar/url/url.h"


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
    FETCH_PROXY,            /* /fetch/proxy: not reached, or it refuses us */
    FETCH_RESOURCES         /* ours: out of descriptors or memory; retry */
} fetch_error_t;


/* One header field to send or received. */
typedef struct {
    sc_str_t  name;
    sc_str_t  value;
} fetch_header_t;


/* The version of HTTP to speak. */
typedef enum {
    FETCH_HTTP_ANY = 0,     /* 2 where TLS offers it, else 1.1 */
    FETCH_HTTP_1_1,
    FETCH_HTTP_2            /* over TLS; without it by prior knowledge */
} fetch_http_t;


/*
 * How TLS is to be done; all 0 is as the system does it.
 *
 * insecure           the certificate is not verified
 * min_version        12 for TLS 1.2, 13 for 1.3; 0 is libcurl's
 * ca_file            certificates to trust in place of the system's
 * cert_file, key_file  the client's own, in PEM
 */
typedef struct {
    unsigned     insecure:1;
    int          min_version;
    const char  *ca_file;
    const char  *cert_file;
    const char  *key_file;
} fetch_tls_t;


/*
 * What to fetch.  Everything is copied by fetch_start() but body, jar and
 * rate, which must stay until the end; what is not set (0, NULL) is not
 * wanted, but for url, method, the connect and total times and max_body.
 *
 * method           a token, such as "GET"; only HEAD has an answer without
 *                  body
 * headers          sent after ours; checked with fetch_header_allowed()
 * body             content to send; its type is among the headers.  data NULL:
 *                  none
 * proxy            dialled in the origin's place.  The origin's name is
 *                  resolved and judged here all the same
 * proxy_trusted    its address is the operator's word, not a caller's
 * source           address or interface to dial from
 * jar              cookies to send, and where new ones go
 * rate             bytes a second, besides the fetcher's own
 * connect_timeout  nanoseconds for resolving and connecting, TLS included
 * first_byte_timeout  from the beginning to the first byte of the answer
 * idle_timeout     between two pieces of it
 * total_timeout    for the whole exchange
 * low_speed        least bytes a second, over low_speed_time seconds
 * max_body         bytes of decoded body; one more is FETCH_TOO_LARGE
 * partial          when its time is over in the body, what has come is the
 *                  answer
 * cut              the first max_body bytes of the body are the answer
 */
typedef struct {
    const url_t           *url;
    const char            *method;
    const fetch_header_t  *headers;
    size_t                 nheaders;
    sc_str_t               body;
    fetch_http_t           http;
    fetch_tls_t            tls;
    const proxy_t         *proxy;
    const char            *source;
    jar_t                 *jar;
    rate_t                *rate;
    int64_t                connect_timeout;
    int64_t                first_byte_timeout;
    int64_t                idle_timeout;
    int64_t                total_timeout;
    long                   low_speed;
    long                   low_speed_time;
    size_t                 max_body;
    unsigned               proxy_trusted:1;
    unsigned               partial:1;
    unsigned               cut:1;
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
 * last_modified, retry_after, cache_control, age, expires   the same
 * headers       the fields of the answer, "name: value" LF lines
 * body          decoded
 * bytes_wire    bytes of body as received, before decoding
 * code          libcurl's CURLcode, 0 when it did not fail
 * os_errno      errno of the failed call, 0 if none
 * partial       body is what had come when its time was over, or was cut
 * final         of FETCH_DNS: the name does not exist
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
    const char       *last_modified;
    const char       *retry_after;
    const char       *cache_control;
    const char       *age;
    const char       *expires;
    sc_str_t          headers;
    sc_buf_t          body;
    int64_t           bytes_wire;
    int               code;
    int               os_errno;
    unsigned          partial:1;
    unsigned          final:1;
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

/* Let all fetches together take so many bytes a second; 0 is no limit. */
void fetcher_limit(fetcher_t *f, int64_t bytes);

/*
 * Trust the certificates of this file (PEM) in place of the system's; "" is
 * the system's.  SC_OK, or SC_ERROR when memory is out.
 */
int fetcher_trust(fetcher_t *f, const char *ca_file);

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

/* Whether this is a method a caller may use: a token, not CONNECT or TRACE. */
int fetch_method_allowed(const char *method);

/* The problem type of an error, such as "/fetch/dns"; "" for FETCH_OK. */
const char *fetch_error_type(fetch_error_t error);


#endif /* FETCH_H */
