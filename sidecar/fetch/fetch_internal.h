
/*
 * What the files of the fetcher share.
 *
 *     fetch.c           the life of an exchange: wait, resolve, hand over, end
 *     fetch_pin.c       the checked addresses, in libcurl's DNS cache
 *     fetch_copy.c      what was asked for, kept
 *     fetch_pace.c      its times, and bytes a second
 *     fetch_multi.c     libcurl's multi interface on the loop
 *     fetch_options.c   what libcurl is told about an exchange
 *     fetch_transfer.c  what libcurl tells: sockets to open, headers, body
 *     fetch_head.c      the header lines of an answer
 *     fetch_result.c    how it ended, in our words
 *     fetch_header.c    which fields a caller may send
 */

#ifndef FETCH_INTERNAL_H
#define FETCH_INTERNAL_H


#include <curl/curl.h>

#include "sidecar/fetch/fetch.h"
#include "sidecar/fetch/jar_internal.h"


/* easy handles kept for the next exchange */
#define FETCH_SPARE    64


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
 * content_type  … expires  owned, NULL if none
 * fields        all of them, as result.headers shows them
 */
typedef struct {
    size_t     bytes;
    int        status;
    unsigned   complete:1;
    unsigned   cookies:1;
    int64_t    length;
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
    fetch_result_t       result;
};


/*
 * waiting   not begun for want of room, first come first
 * fetches   the others
 * nfetches  how many they are, at most max
 * pins      hash of the names fetches use, by "host:port"
 * rate      of all together
 * unpinned  entries for libcurl that take away pins nobody uses now
 */
struct fetcher_s {
    loop_t              *loop;
    resolve_t           *resolve;
    const policy_t      *policy;
    char                *user_agent;
    char                *ca_file;
    char                 encodings[64];
    CURLM               *multi;
    loop_timer_t         timer;
    fetch_t             *waiting;
    fetch_t             *fetches;
    size_t               nfetches;
    size_t               max;
    rate_t               rate;
    fetch_pin_t         *pins;
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
 * fetch_pace_heard() when the origin sent something.  fetch_pace_take() says
 * whether len bytes may be taken now; if not, libcurl is to hold them back,
 * and is asked again in time.
 */
void fetch_pace_begin(fetch_t *fetch);
void fetch_pace_heard(fetch_t *fetch);
int fetch_pace_take(fetch_t *fetch, size_t len);
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
 * Give the exchange an easy handle that is told all about it, and take it
 * back.  SC_OK, or SC_ERROR when memory is out.
 */
int fetch_options_open(fetch_t *fetch);
void fetch_options_close(fetch_t *fetch);
void fetch_options_free(fetcher_t *f);

/* fetch_transfer.c: libcurl's callbacks */
curl_socket_t fetch_transfer_socket(void *data, curlsocktype purpose,
    struct curl_sockaddr *addr);
int fetch_transfer_resolve(void *resolver, void *reserved, void *data);
size_t fetch_transfer_header(char *line, size_t size, size_t n, void *data);
size_t fetch_transfer_body(char *part, size_t size, size_t n, void *data);

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
