
/*
 * What the files of the fetcher share.
 *
 *     fetch.c           the life of an exchange: wait, resolve, hand over, end
 *     fetch_pin.c       the checked addresses, in libcurl's DNS cache
 *     fetch_copy.c      what was asked for, kept
 *     fetch_pace.c      its times, and bytes a second
 *     fetch_multi.c     libcurl's multi interface on the loop
 *     fetch_kept.c      connections that are used again
 *     fetch_options.c   what libcurl is told about an exchange
 *     fetch_buffer.c    what libcurl reads into
 *     fetch_transfer.c  what libcurl tells: sockets to open, headers, body
 *     fetch_head.c      the header lines of an answer
 *     fetch_decode.c    the content, out of its codings
 *     fetch_coding.c    each of these
 *     fetch_result.c    how it ended, in our words
 *     fetch_header.c    which fields a caller may send
 */

#ifndef FETCH_INTERNAL_H
#define FETCH_INTERNAL_H


#include <curl/curl.h>

#include "sidecar/fetch/fetch.h"
#include "sidecar/fetch/fetch_buffer.h"
#include "sidecar/fetch/fetch_coding.h"
#include "sidecar/fetch/jar_internal.h"


/* easy handles kept for the next exchange */
#define FETCH_SPARE         64

/* codings of a content */
#define FETCH_DECODE_MAX    5

/* of TCP */
#define FETCH_PORTS         65536


typedef struct fetch_pin_s  fetch_pin_t;


typedef enum {
    FETCH_WAITING = 0,      /* for one of max_connections */
    FETCH_RESOLVING,        /* the origin's name, then the proxy's */
    FETCH_TRANSFER,         /* libcurl has it */
    FETCH_ENDED             /* the callback is due */
} fetch_stage_t;


/*
 * What the header lines have said so far.  Of interim answers only the status
 * stays, until the next status line; trailers say nothing.
 *
 * bytes         of all lines, interim answers and trailers included
 * complete      the final answer's last line has come
 * cookies       it has set some
 * length        Content-Length, -1 if none
 * encoding      of all Content-Encoding fields; owned, NULL if none
 * content_type  … expires  the same
 * fields        all of them, as result.headers shows them
 */
typedef struct {
    size_t     bytes;
    int        status;
    unsigned   complete:1;
    unsigned   cookies:1;
    int64_t    length;
    char      *encoding;
    char      *content_type;
    char      *location;
    char      *etag;
    char      *last_modified;
    char      *retry_after;
    char      *cache_control;
    char      *age;
    char      *expires;
    sc_buf_t   fields;
} fetch_head_t;


/*
 * A coding of the content.
 *
 * state  its own
 * bytes  it was given, when another one stands before it
 * ended  no byte of it is missing
 */
typedef struct {
    const fetch_coding_t  *coding;
    void                  *state;
    size_t                 bytes;
    unsigned               ended:1;
} fetch_decode_stage_t;


/*
 * The codings of the content, in the order they were applied.
 *
 * opened  they are known: content has come
 * n       how many they are
 */
typedef struct {
    unsigned               opened:1;
    unsigned               n;
    fetch_decode_stage_t   stages[FETCH_DECODE_MAX];
} fetch_decode_t;


/*
 * An exchange.
 *
 * request    as asked for; what it points at is copied into url, text and
 *            headers
 * text       method, source, files and proxy
 * cookie     value of the caller's Cookie field, NULL if none
 * literal    the origin's host is an address
 * blocked    the policy refused an address that was to be dialled
 * starved    socket() failed for want of descriptors, ports or memory
 * unwatched  the loop could not watch a socket of it
 * reached    who was dialled, proxy or origin, has taken the connection
 * soiled     bytes that nobody asked for were on its connection before it
 * again      it was begun again, on a connection of its own
 * paused     libcurl holds back what comes until there is room in a rate
 * begun      when it was asked for,
 * handed     when libcurl got it, and
 * heard      when the origin last sent something, in fetch_clock()'s
 *            nanoseconds
 * pace       first byte, idle, or the end of a pause
 * pins       of the origin's name and of the proxy's
 * resolve    list for libcurl that pins the addresses
 * error      libcurl's own words
 */
struct fetch_s {
    fetcher_t           *fetcher;
    fetch_t             *next;
    fetch_t             *prev;
    fetch_stage_t        stage;
    fetch_pt             done;
    void                *data;
    loop_task_t          task;
    loop_timer_t         deadline;
    loop_timer_t         pace;

    fetch_request_t      request;
    url_t                url;
    proxy_t             *proxy;
    char                *text;
    char                *cookie;
    unsigned             method_head:1;
    unsigned             literal:1;
    unsigned             blocked:1;
    unsigned             starved:1;
    unsigned             unwatched:1;
    unsigned             reached:1;
    unsigned             soiled:1;
    unsigned             again:1;
    unsigned             paused:1;
    int64_t              begun;
    int64_t              handed;
    int64_t              heard;

    resolve_query_t     *query;
    CURL                *easy;
    fetch_pin_t         *pins[2];
    struct curl_slist   *headers;
    struct curl_slist   *resolve;
    char                 error[CURL_ERROR_SIZE];
    fetch_head_t         head;
    fetch_decode_t       decode;
    fetch_result_t       result;
};


/*
 * waiting   not begun for want of room, first come first
 * fetches   the others
 * nfetches  how many they are, at most max
 * pins      hash of the names fetches use, by "host:port"
 * rate      of all together
 * kept      by local port, the descriptor of the connection that has served
 *           an exchange in HTTP/1 last, which may be closed since; 0 if none
 * unpinned  entries for libcurl that take away pins nobody uses now
 */
struct fetcher_s {
    loop_t              *loop;
    resolve_t           *resolve;
    const policy_t      *policy;
    char                *user_agent;
    char                *ca_file;
    CURLM               *multi;
    loop_timer_t         timer;
    fetch_t             *waiting;
    fetch_t             *fetches;
    size_t               nfetches;
    size_t               max;
    rate_t               rate;
    fetch_pin_t         *pins;
    int                 *kept;
    struct curl_slist   *unpinned;
    CURL                *spare[FETCH_SPARE];
    size_t               nspare;
};


/*
 * fetch.c.  fetch_end() takes the exchange away from everybody and has the
 * callback called at the end of this round, with what is in result;
 * fetch_allows() asks the policy about an address, and logs a refusal.
 */
void fetch_end(fetch_t *fetch);
int fetch_allows(const fetch_t *fetch, const struct sockaddr *sa);
int64_t fetch_clock(void);

/* fetch_copy.c; SC_OK, or SC_ERROR when memory is out. */
int fetch_copy(fetch_t *fetch, const fetch_request_t *request);

/*
 * fetch_pace.c.  fetch_pace_begin() when libcurl has the exchange,
 * fetch_pace_heard() when the origin sent something.  fetch_pace_ready() says
 * whether content may be taken now; if not, libcurl is to hold it back, and is
 * asked again in time.  fetch_pace_take() when so much came of it, decoded.
 */
void fetch_pace_begin(fetch_t *fetch);
void fetch_pace_heard(fetch_t *fetch);
int fetch_pace_ready(fetch_t *fetch);
void fetch_pace_take(fetch_t *fetch, size_t len);
void fetch_pace_timeout(loop_timer_t *timer);

/*
 * Pin a name to its addresses; until fetch_unpin() libcurl needs no resolver
 * for it.  At most two an exchange.  SC_OK, or SC_ERROR when memory is out.
 */
int fetch_pin(fetch_t *fetch, const char *host, unsigned port,
    const resolve_answer_t *answer);
void fetch_unpin(fetch_t *fetch);

/*
 * fetch_multi.c; SC_OK or SC_ERROR.  fetch_multi_add() lets libcurl begin at
 * once, so that the exchange may have ended when it returns.
 */
int fetch_multi_create(fetcher_t *f, long max_connections);
void fetch_multi_destroy(fetcher_t *f);
int fetch_multi_add(fetch_t *fetch);
void fetch_multi_remove(fetch_t *fetch);

/* Let libcurl go on with a paused exchange, which may end in here. */
void fetch_multi_resume(fetch_t *fetch);

/*
 * fetch_kept.c: an answer is that to this request, and not what was left of
 * one before it, which some libcurls take for it.  fetch_kept_note() when an
 * exchange has gone well; fetch_kept_check() is libcurl's callback.
 * fetch_kept_again() begins one again, once, that met such bytes: SC_OK, or
 * SC_DECLINED when it has ended, SC_ERROR when memory is out.
 */
void fetch_kept_note(fetch_t *fetch);
int fetch_kept_check(void *data, char *ip, char *local_ip, int port,
    int local);
int fetch_kept_again(fetch_t *fetch, CURLcode rc);

/*
 * Give the exchange an easy handle that is told all about it, and take it
 * back.  SC_OK, or SC_ERROR when memory is out.
 */
int fetch_options_open(fetch_t *fetch);
void fetch_options_close(fetch_t *fetch);

/* It is to be done again, on a new connection. */
void fetch_options_again(fetch_t *fetch);
void fetch_options_free(fetcher_t *f);

/* fetch_transfer.c: libcurl's callbacks */
curl_socket_t fetch_transfer_socket(void *data, curlsocktype purpose,
    struct curl_sockaddr *addr);
int fetch_transfer_resolve(void *resolver, void *reserved, void *data);
size_t fetch_transfer_header(char *line, size_t size, size_t n, void *data);
size_t fetch_transfer_body(char *part, size_t size, size_t n, void *data);

/*
 * Add to the body.  SC_ERROR when the exchange must end here; why is in its
 * result.
 */
int fetch_transfer_keep(fetch_t *fetch, const char *part, size_t len);

/*
 * fetch_decode.c.  fetch_decode_add() takes in content as it was sent and
 * gives it decoded to fetch_transfer_keep(); SC_ERROR as there.
 * fetch_decode_unended() is the name of a coding whose end has not come, NULL
 * when none is missing.
 */
int fetch_decode_add(fetch_t *fetch, const char *part, size_t len);
const char *fetch_decode_unended(const fetch_t *fetch);
void fetch_decode_free(fetch_decode_t *d);

/*
 * Take in a header line, with its line end.  SC_ERROR when the exchange must
 * end here; why is in its result.
 */
int fetch_head_line(fetch_t *fetch, sc_str_t line);
void fetch_head_free(fetch_head_t *head);

/* Why it failed; the first reason stays. */
void fetch_result_fail(fetch_t *fetch, fetch_error_t error, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* It was refused by the policy: said without the address. */
void fetch_result_blocked(fetch_t *fetch);

/*
 * Its time is over: all of it, or the one for the first byte or the next; ms
 * is how long that was.
 */
void fetch_result_late(fetch_t *fetch, int64_t time);

/* What is known once libcurl is done with it; rc is its verdict. */
void fetch_result_set(fetch_t *fetch, CURLcode rc);


#endif /* FETCH_INTERNAL_H */
