
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sidecar/fetch/fetch_internal.h"


/* CURLE_TOO_LARGE, which libcurl has since 8.6 */
#define FETCH_RESULT_TOO_LARGE  100


static void fetch_result_connect_late(fetch_t *fetch, int64_t timeout);
static int fetch_result_is_proxys(const fetch_t *fetch);
static void fetch_result_info(fetch_t *fetch);
static void fetch_result_peer(fetch_t *fetch);
static void fetch_result_timings(fetch_t *fetch);
static double fetch_result_since(const fetch_t *fetch, CURLINFO info);
static void fetch_result_curl(fetch_t *fetch, CURLcode rc);
static void fetch_result_proxy(fetch_t *fetch);
static void fetch_result_slow(fetch_t *fetch);
static void fetch_result_connect(fetch_t *fetch);
static void fetch_result_lost(fetch_t *fetch);
static void fetch_result_partial(fetch_t *fetch);
static void fetch_result_memory(fetch_t *fetch, int rc);
static int fetch_result_errno(const fetch_t *fetch);
static const char *fetch_result_words(fetch_t *fetch, CURLcode rc);
static const char *fetch_result_lower(char *text);
static long long fetch_result_ms(int64_t ns);


static const char *const  fetch_types[] = {
    [FETCH_OK] = "",
    [FETCH_DNS] = "/fetch/dns",
    [FETCH_BLOCKED] = "/policy/egress-blocked",
    [FETCH_CONNECT] = "/fetch/connect",
    [FETCH_TLS] = "/fetch/tls",
    [FETCH_PROTOCOL] = "/fetch/protocol",
    [FETCH_TOO_LARGE] = "/fetch/too-large",
    [FETCH_TIMEOUT] = "/fetch/timeout",
    [FETCH_PROXY] = "/fetch/proxy",
    [FETCH_RESOURCES] = "/server/out-of-resources"
};


const char *
fetch_error_type(fetch_error_t error)
{
    return fetch_types[error];
}


void
fetch_result_fail(fetch_t *fetch, fetch_error_t error, const char *fmt, ...)
{
    va_list          args;
    fetch_result_t  *r = &fetch->result;

    if (r->error != FETCH_OK) {
        return;
    }

    r->error = error;
    va_start(args, fmt);
    (void) vsnprintf(r->detail, sizeof(r->detail), fmt, args);
    va_end(args);
}


/* Nothing tells how far it came. */
void
fetch_result_blocked(fetch_t *fetch)
{
    fetch->result.ip[0] = '\0';
    fetch->result.code = 0;
    fetch->result.os_errno = 0;
    fetch_result_fail(fetch, FETCH_BLOCKED,
                      "the address of the origin is not allowed");
}


void
fetch_result_late(fetch_t *fetch, int64_t time)
{
    long long  ms;

    ms = fetch_result_ms(time);

    if (fetch->stage == FETCH_TRANSFER) {
        fetch_result_info(fetch);
    }

    if (fetch->unwatched) {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");

    } else if (fetch->stage == FETCH_WAITING) {
        fetch_result_fail(fetch, FETCH_RESOURCES,
                          "no connection was free for %lld ms", ms);

    } else if (fetch->stage == FETCH_RESOLVING) {
        fetch_result_fail(fetch, FETCH_TIMEOUT, "resolving \"%.100s\" took "
                          "longer than %lld ms", fetch->url.host, ms);

    } else if (fetch->result.timings.connect < 0) {
        fetch_result_connect_late(fetch, time);

    } else if (fetch->result.status == 0) {
        fetch_result_fail(fetch, FETCH_TIMEOUT,
                          "the origin sent no answer within %lld ms", ms);

    } else if (fetch->request.partial && fetch->head.complete) {
        fetch->result.partial = 1;

    } else if (time == fetch->request.idle_timeout) {
        fetch_result_fail(fetch, FETCH_TIMEOUT, "the origin sent nothing for "
                          "%lld ms, in the middle of its answer", ms);

    } else {
        fetch_result_fail(fetch, FETCH_TIMEOUT, "the origin sent only a part "
                          "of its answer within %lld ms", ms);
    }
}


/* When the connection stood, before TLS, not every libcurl tells in time. */
static void
fetch_result_connect_late(fetch_t *fetch, int64_t timeout)
{
    if (fetch->request.proxy != NULL && !fetch->reached) {
        fetch_result_fail(fetch, FETCH_PROXY, "connecting to the proxy "
                          "\"%.100s\" took longer than %lld ms",
                          fetch->proxy->host, fetch_result_ms(timeout));
        return;
    }

    fetch_result_fail(fetch, FETCH_TIMEOUT, "connecting to \"%.100s\"%s took "
                      "longer than %lld ms", fetch->url.host,
                      fetch->url.https ? " with TLS" : "",
                      fetch_result_ms(timeout));
}


void
fetch_result_set(fetch_t *fetch, CURLcode rc)
{
    fetch_result_info(fetch);
    fetch->result.code = (int) rc;

    if (rc != CURLE_OK && fetch->result.partial) {
        /* it was ended here, as asked for */
        fetch->result.code = 0;

    } else if (rc != CURLE_OK) {
        fetch->result.os_errno = fetch_result_errno(fetch);
        fetch_result_curl(fetch, rc);

    } else if (fetch->result.status == 407 && fetch_result_is_proxys(fetch)) {
        fetch_result_fail(fetch, FETCH_PROXY, "the proxy wants other "
                          "credentials");

    } else if (fetch->result.status == 0) {
        fetch_result_fail(fetch, FETCH_PROTOCOL,
                          "the origin sent no final answer");

    } else if (fetch_decode_unended(fetch) != NULL) {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content ended after "
                          "%lld bytes, in the middle of its encoding \"%s\"",
                          (long long) fetch->result.bytes_wire,
                          fetch_decode_unended(fetch));
    }
}


/* Behind SOCKS and in a tunnel only the origin is heard. */
static int
fetch_result_is_proxys(const fetch_t *fetch)
{
    return fetch->request.proxy != NULL && !fetch->url.https
           && fetch->proxy->kind != PROXY_SOCKS5;
}


static void
fetch_result_info(fetch_t *fetch)
{
    curl_off_t       wire;
    fetch_result_t  *r = &fetch->result;

    wire = 0;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    r->bytes_wire = wire;

    /* an interim answer is none */
    r->status = fetch->head.status >= 200 ? fetch->head.status : 0;

    fetch_result_peer(fetch);
    fetch_result_timings(fetch);
}


static void
fetch_result_peer(fetch_t *fetch)
{
    char            *ip;
    long             version;
    fetch_result_t  *r = &fetch->result;

    ip = NULL;
    version = 0;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_PRIMARY_IP, &ip);
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_HTTP_VERSION, &version);
    (void) snprintf(r->ip, sizeof(r->ip), "%s", ip != NULL ? ip : "");

    if (r->status == 0) {
        return;
    }

    switch (version) {

    case CURL_HTTP_VERSION_1_0:
        r->http = "1.0";
        break;

    case CURL_HTTP_VERSION_1_1:
        r->http = "1.1";
        break;

    case CURL_HTTP_VERSION_2_0:
        r->http = "2";
        break;

    default:
        break;
    }
}


static void
fetch_result_timings(fetch_t *fetch)
{
    long              opened;
    fetch_timings_t  *t = &fetch->result.timings;

    opened = 0;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_NUM_CONNECTS, &opened);

    t->connect = fetch_result_since(fetch, CURLINFO_CONNECT_TIME_T);
    t->first_byte = fetch_result_since(fetch, CURLINFO_STARTTRANSFER_TIME_T);

    if (fetch->url.https) {
        t->tls = fetch_result_since(fetch, CURLINFO_APPCONNECT_TIME_T);
    }

    if (opened == 0 && t->first_byte >= 0) {
        t->connect = 0;
        t->tls = fetch->url.https ? 0 : -1;
    }
}


/* libcurl counts microseconds from when it was handed the exchange. */
static double
fetch_result_since(const fetch_t *fetch, CURLINFO info)
{
    curl_off_t  us;

    us = 0;
    (void) curl_easy_getinfo(fetch->easy, info, &us);

    if (us == 0) {
        return -1;
    }

    return (double) us / 1000
           + (double) (fetch->handed - fetch->begun) / (double) LOOP_MS;
}


static void
fetch_result_curl(fetch_t *fetch, CURLcode rc)
{
    switch ((int) rc) {

    case CURLE_COULDNT_CONNECT:
        fetch_result_connect(fetch);
        return;

    case CURLE_OPERATION_TIMEDOUT:
        fetch_result_slow(fetch);
        return;

    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        fetch_result_lost(fetch);
        return;

    case CURLE_PROXY:
        fetch_result_proxy(fetch);
        return;

    case CURLE_PARTIAL_FILE:
        fetch_result_partial(fetch);
        return;

    case CURLE_OUT_OF_MEMORY:
    case FETCH_RESULT_TOO_LARGE:
        fetch_result_memory(fetch, rc);
        return;

    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        fetch_result_fail(fetch, FETCH_TLS, "no TLS with the origin: %.200s",
                          fetch_result_words(fetch, rc));
        return;

    /* only when the pins could not be read, or are gone */
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SETOPT_OPTION_SYNTAX:
    case CURLE_FAILED_INIT:
        fetch_result_fail(fetch, FETCH_RESOURCES,
                          "no connection could be made ready");
        return;

    case CURLE_GOT_NOTHING:
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the origin closed the "
                          "connection without an answer");
        return;

    case CURLE_UNSUPPORTED_PROTOCOL:
        fetch_result_fail(fetch, FETCH_PROTOCOL,
                          "the origin sent something that is not HTTP");
        return;

    case CURLE_BAD_CONTENT_ENCODING:
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content is not in the "
                          "encoding that the origin says");
        return;

    default:
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the origin's answer is not "
                          "right: %.200s", fetch_result_words(fetch, rc));
    }
}


/* Of SOCKS: what it says of the origin is not the proxy's failure. */
static void
fetch_result_proxy(fetch_t *fetch)
{
    long  code;

    code = CURLPX_OK;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_PROXY_ERROR, &code);

    switch (code) {

    case CURLPX_REPLY_NETWORK_UNREACHABLE:
    case CURLPX_REPLY_HOST_UNREACHABLE:
    case CURLPX_REPLY_CONNECTION_REFUSED:
    case CURLPX_REPLY_TTL_EXPIRED:
        fetch_result_fail(fetch, FETCH_CONNECT, "the proxy could not connect "
                          "to \"%.100s\"", fetch->url.host);
        return;

    default:
        fetch_result_fail(fetch, FETCH_PROXY, "the proxy refuses: %.200s",
                          fetch_result_words(fetch, CURLE_PROXY));
    }
}


/* Of libcurl's own times: for connecting, and for a least speed. */
static void
fetch_result_slow(fetch_t *fetch)
{
    if (fetch->result.timings.first_byte < 0 || fetch->request.low_speed == 0)
    {
        fetch_result_connect_late(fetch, fetch->request.connect_timeout);

    } else if (fetch->request.partial && fetch->head.complete) {
        fetch->result.partial = 1;

    } else {
        fetch_result_fail(fetch, FETCH_TIMEOUT, "the origin sent less than "
                          "%ld bytes a second for %ld s",
                          fetch->request.low_speed,
                          fetch->request.low_speed_time);
    }
}


static void
fetch_result_connect(fetch_t *fetch)
{
    int   err;
    char  text[128];

    err = fetch_result_errno(fetch);

    if (fetch->starved || err == EADDRNOTAVAIL || err == ENOBUFS) {
        fetch_result_fail(fetch, FETCH_RESOURCES,
                          "no descriptor, port or memory for a connection");
        return;
    }

    if (fetch->blocked) {
        fetch_result_blocked(fetch);
        return;
    }

    (void) snprintf(text, sizeof(text), "%s",
                    err != 0 ? strerror(err) : "no address answers");

    if (fetch->request.proxy != NULL) {
        fetch_result_fail(fetch, FETCH_PROXY, "could not connect to the "
                          "proxy \"%.100s\": %s", fetch->proxy->host,
                          fetch_result_lower(text));
        return;
    }

    fetch_result_fail(fetch, FETCH_CONNECT, "could not connect to \"%.100s\": "
                      "%s", fetch->url.host, fetch_result_lower(text));
}


/* libcurl says the same of a lost connection and of a broken chunk. */
static void
fetch_result_lost(fetch_t *fetch)
{
    int    err;
    long   tunnel;
    char   text[128];

    tunnel = 0;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);

    /* by 5xx it says that the origin cannot be reached */
    if (tunnel >= 500) {
        fetch_result_fail(fetch, FETCH_CONNECT, "the proxy could not connect "
                          "to \"%.100s\": it answered \"%ld\"",
                          fetch->url.host, tunnel);
        return;
    }

    if (tunnel >= 300) {
        fetch_result_fail(fetch, FETCH_PROXY, "the proxy answered \"%ld\"",
                          tunnel);
        return;
    }

    err = fetch_result_errno(fetch);

    if (err == 0 && strstr(fetch->error, "Connection reset") != NULL) {
        err = ECONNRESET;
    }

    if (err != 0) {
        (void) snprintf(text, sizeof(text), "%s", strerror(err));
        fetch_result_fail(fetch, FETCH_CONNECT, "the connection to \"%.100s\" "
                          "was lost: %s", fetch->url.host,
                          fetch_result_lower(text));
        return;
    }

    fetch_result_fail(fetch, strstr(fetch->error, "SSL") != NULL
                             ? FETCH_TLS : FETCH_PROTOCOL,
                      "the origin's answer broke off: %.200s",
                      fetch_result_words(fetch, CURLE_RECV_ERROR));
}


static void
fetch_result_partial(fetch_t *fetch)
{
    if (fetch->head.length > 0) {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content ended after "
                          "%lld of %lld bytes",
                          (long long) fetch->result.bytes_wire,
                          (long long) fetch->head.length);

    } else {
        fetch_result_fail(fetch, FETCH_PROTOCOL, "the content ended in the "
                          "middle, after %lld bytes",
                          (long long) fetch->result.bytes_wire);
    }
}


/* Older ones have no other word for a header line above libcurl's limit. */
static void
fetch_result_memory(fetch_t *fetch, int rc)
{
    if (fetch->result.timings.first_byte >= 0
        && (rc == FETCH_RESULT_TOO_LARGE || !fetch->head.complete))
    {
        fetch_result_fail(fetch, FETCH_TOO_LARGE, "a header has more than %d "
                          "bytes", FETCH_MAX_HEADERS);

    } else {
        fetch_result_fail(fetch, FETCH_RESOURCES, "memory is out");
    }
}


static int
fetch_result_errno(const fetch_t *fetch)
{
    long  err;

    err = 0;
    (void) curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &err);

    return (int) err;
}


static const char *
fetch_result_words(fetch_t *fetch, CURLcode rc)
{
    size_t  len;

    if (fetch->error[0] == '\0') {
        (void) snprintf(fetch->error, sizeof(fetch->error), "%s",
                        curl_easy_strerror(rc));
    }

    len = strlen(fetch->error);

    while (len > 0 && strchr(". \r\n", fetch->error[len - 1]) != NULL) {
        fetch->error[--len] = '\0';
    }

    return fetch_result_lower(fetch->error);
}


/* "Connection refused" in a sentence; "SSL: …" stays. */
static const char *
fetch_result_lower(char *text)
{
    if (isupper((unsigned char) text[0]) && islower((unsigned char) text[1])) {
        text[0] = (char) tolower((unsigned char) text[0]);
    }

    return text;
}


static long long
fetch_result_ms(int64_t ns)
{
    return (long long) (ns / LOOP_MS);
}
