
/*
 * What the files of the fetcher share.
 *
 *     fetch.c           the life of an exchange: wait, resolve, hand over, end
 *     fetch_pin.c       the checked addresses, in libcurl's DNS cache
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


/* easy handles kept for the next exchange */
#define FETCH_SPARE    64


typedef struct fetch_pin_s  fetch_pin_t;


typedef enum {
    FETCH_WAITING = 0,      /* for one of max_connections */
    FETCH_RESOLVING,
    FETCH_TRANSFER,         /* libcurl has it */
    FETCH_ENDED             /* the callback is due */
} fetch_stage_t;


/*
 * What the header lines have said so far.  Of interim answers only the status
 * stays, until the next status line; trailers say nothing.
 *
 * bytes         of all lines, interim answers and trailers included
 * complete      the final answer's last line has come
 * length        Content-Length, -1 if none
 * content_type  … etag  owned, NULL if none
 */
typedef struct {
    size_t     bytes;
    int        status;
    unsigned   complete:1;
    int64_t    length;
    char      *content_type;
    char      *location;
    char      *etag;
} fetch_head_t;


/*
 * An exchange.  The request is copied: url, headers and the rest live in it.
 *
 * blocked    the policy refused an address that was to be dialled
 * starved    socket() failed for want of descriptors, ports or memory
 * unwatched  the loop could not watch a socket of it
 * begun      when it was asked for, and
 * handed     when libcurl got it, in fetch_clock()'s nanoseconds
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

    url_t                url;
    unsigned             method_head:1;
    unsigned             literal:1;
    unsigned             blocked:1;
    unsigned             starved:1;
    unsigned             unwatched:1;
    int64_t              connect_timeout;
    int64_t              total_timeout;
    size_t               max_body;
    int64_t              begun;
    int64_t              handed;

    resolve_query_t     *query;
    CURL                *easy;
    fetch_pin_t         *pin;
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
 * unpinned  entries for libcurl that take away pins nobody uses now
 */
struct fetcher_s {
    loop_t              *loop;
    resolve_t           *resolve;
    const policy_t      *policy;
    char                *user_agent;
    char                 encodings[64];
    CURLM               *multi;
    loop_timer_t         timer;
    fetch_t             *waiting;
    fetch_t             *fetches;
    size_t               nfetches;
    size_t               max;
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

/*
 * Pin the name of the exchange to the addresses; until fetch_unpin() libcurl
 * needs no resolver for it.  SC_OK, or SC_ERROR when memory is out.
 */
int fetch_pin(fetch_t *fetch, const resolve_answer_t *answer);
void fetch_unpin(fetch_t *fetch);

/*
 * fetch_multi.c; SC_OK or SC_ERROR.  fetch_multi_add() lets libcurl begin at
 * once, so that the exchange may have ended when it returns.
 */
int fetch_multi_create(fetcher_t *f, long max_connections);
void fetch_multi_destroy(fetcher_t *f);
int fetch_multi_add(fetch_t *fetch);
void fetch_multi_remove(fetch_t *fetch);

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

/* Its time is over. */
void fetch_result_late(fetch_t *fetch);

/* What is known once libcurl is done with it; rc is its verdict. */
void fetch_result_set(fetch_t *fetch, CURLcode rc);


#endif /* FETCH_INTERNAL_H */
