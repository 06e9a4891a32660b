
/*
 * The limit of a fetch: libcurl alone, with handles and connections used
 * again, against the fetcher, which also judges the address and keeps the
 * deadlines.  Prints microseconds of CPU a page: ours, libcurl's.  The host
 * of the URL is an address in 127.0.0.0/8.
 *
 * usage: fetch URL PAGES CONNECTIONS
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <curl/curl.h>

#include "sidecar/fetch/fetch.h"


#define BENCH_ROUNDS    3
#define BENCH_AGENT     "bench/1"
#define BENCH_MAX_BODY  ((size_t) 16 << 20)


/*
 * begun, ended   pages of this round
 * length         of the first page; the others are to have it too
 * easy           libcurl's handles, one a connection
 */
typedef struct {
    url_t             url;
    long              pages;
    long              connections;
    long              begun;
    long              ended;
    size_t            length;
    CURLM            *multi;
    CURL            **easy;
    loop_t           *loop;
    fetcher_t        *fetcher;
    fetch_request_t   request;
} bench_t;


static void bench_open_libcurl(bench_t *b);
static void bench_open_ours(bench_t *b);
static double bench_round(bench_t *b, void (*round)(bench_t *b));
static double bench_cpu(void);
static void bench_libcurl(bench_t *b);
static size_t bench_body(char *part, size_t size, size_t n, void *data);
static void bench_libcurl_done(bench_t *b, CURL *easy, CURLcode code);
static void bench_ours(bench_t *b);
static void bench_ours_done(void *data, fetch_result_t *result);
static void bench_start(bench_t *b, CURL *easy);
static void bench_check(bench_t *b, long status, size_t len, const char *why);
static void bench_need(int ok, const char *what);


int
main(int argc, char **argv)
{
    int      i;
    char     err[256];
    double   libcurl = INFINITY, ours = INFINITY;
    bench_t  b;

    memset(&b, 0, sizeof(bench_t));

    if (argc == 4) {
        b.pages = strtol(argv[2], NULL, 10);
        b.connections = strtol(argv[3], NULL, 10);
    }

    if (b.pages < 1 || b.connections < 1 || b.connections > 10000) {
        (void) fprintf(stderr, "usage: fetch URL PAGES CONNECTIONS\n");
        return 2;
    }

    bench_need(url_parse(&b.url, argv[1], strlen(argv[1]), err, sizeof(err))
               == SC_OK, err);
    bench_open_libcurl(&b);
    bench_open_ours(&b);

    for (i = 0; i < BENCH_ROUNDS; i++) {
        libcurl = fmin(libcurl, bench_round(&b, bench_libcurl));
        ours = fmin(ours, bench_round(&b, bench_ours));
    }

    (void) printf("%.1f %.1f\n", ours, libcurl);

    return 0;
}


/* What decides about the bytes on the wire is as the fetcher has it. */
static void
bench_open_libcurl(bench_t *b)
{
    long       i;
    CURL      *c;
    sc_buf_t  *body;

    (void) curl_global_init(CURL_GLOBAL_DEFAULT);
    b->multi = curl_multi_init();
    b->easy = calloc((size_t) b->connections, sizeof(CURL *));
    body = calloc((size_t) b->connections, sizeof(sc_buf_t));
    bench_need(b->multi != NULL && b->easy != NULL && body != NULL,
               "memory is out");
    curl_multi_setopt(b->multi, CURLMOPT_MAXCONNECTS, b->connections);

    for (i = 0; i < b->connections; i++, body++) {
        c = curl_easy_init();
        bench_need(c != NULL, "memory is out");
        b->easy[i] = c;
        sc_buf_init(body, BENCH_MAX_BODY);

        curl_easy_setopt(c, CURLOPT_URL, b->url.text);
        curl_easy_setopt(c, CURLOPT_USERAGENT, BENCH_AGENT);
        curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING,
                         "gzip, deflate, br, zstd");
        curl_easy_setopt(c, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 10000L);
        curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, bench_body);
        curl_easy_setopt(c, CURLOPT_WRITEDATA, body);
        curl_easy_setopt(c, CURLOPT_PRIVATE, body);
    }
}


static void
bench_open_ours(bench_t *b)
{
    char        err[256];
    policy_t   *policy;
    resolve_t  *resolve;

    b->loop = loop_create();
    bench_need(b->loop != NULL, "memory is out");
    resolve = resolve_create(b->loop, "", err, sizeof(err));
    bench_need(resolve != NULL, err);
    policy = policy_create("127.0.0.0/8", err, sizeof(err));
    bench_need(policy != NULL, err);
    b->fetcher = fetcher_create(b->loop, resolve, policy, BENCH_AGENT,
                                b->connections);
    bench_need(b->fetcher != NULL, "memory is out");

    b->request.url = &b->url;
    b->request.method = "GET";
    b->request.http = FETCH_HTTP_1_1;
    b->request.connect_timeout = 5 * LOOP_SEC;
    b->request.total_timeout = 10 * LOOP_SEC;
    b->request.max_body = BENCH_MAX_BODY;
}


/* Microseconds of CPU a page. */
static double
bench_round(bench_t *b, void (*round)(bench_t *b))
{
    double  begun = bench_cpu();

    b->begun = 0;
    b->ended = 0;
    round(b);

    return (bench_cpu() - begun) / (double) b->pages;
}


static double
bench_cpu(void)
{
    struct rusage  u;

    (void) getrusage(RUSAGE_SELF, &u);

    return (double) (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6
           + (double) (u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}


static void
bench_libcurl(bench_t *b)
{
    int       n;
    CURLMsg  *msg;

    while (b->begun < b->connections && b->begun < b->pages) {
        bench_start(b, b->easy[b->begun]);
    }

    while (b->ended < b->pages) {
        bench_need(curl_multi_perform(b->multi, &n) == CURLM_OK,
                   "libcurl failed");

        while ((msg = curl_multi_info_read(b->multi, &n)) != NULL) {
            bench_libcurl_done(b, msg->easy_handle, msg->data.result);
        }

        (void) curl_multi_poll(b->multi, NULL, 0, 1000, NULL);
    }
}


static size_t
bench_body(char *part, size_t size, size_t n, void *data)
{
    return sc_buf_add(data, part, size * n) == SC_OK ? size * n : 0;
}


static void
bench_libcurl_done(bench_t *b, CURL *easy, CURLcode code)
{
    long       status = 0;
    void      *private = NULL;
    sc_buf_t  *body;

    (void) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void) curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
    (void) curl_multi_remove_handle(b->multi, easy);
    body = private;
    bench_check(b, status, body->len,
                code != CURLE_OK ? curl_easy_strerror(code) : "");
    sc_buf_reset(body);

    if (b->begun < b->pages) {
        bench_start(b, easy);
    }
}


static void
bench_ours(bench_t *b)
{
    while (b->begun < b->connections && b->begun < b->pages) {
        bench_start(b, NULL);
    }

    bench_need(loop_run(b->loop) == SC_OK, "the loop failed");
}


static void
bench_ours_done(void *data, fetch_result_t *result)
{
    bench_t  *b = data;

    bench_check(b, result->status, result->body.len, result->detail);

    if (b->begun < b->pages) {
        bench_start(b, NULL);

    } else if (b->ended == b->pages) {
        loop_stop(b->loop);
    }
}


/* Without a handle it is ours to fetch. */
static void
bench_start(bench_t *b, CURL *easy)
{
    b->begun++;
    bench_need(easy != NULL
               ? curl_multi_add_handle(b->multi, easy) == CURLM_OK
               : fetch_start(b->fetcher, &b->request, bench_ours_done, b)
                 != NULL, "could not begin a page");
}


static void
bench_check(bench_t *b, long status, size_t len, const char *why)
{
    b->length = b->length == 0 ? len : b->length;

    if (status != 200 || len == 0 || len != b->length || why[0] != '\0') {
        (void) fprintf(stderr, "a page came with status %ld and %zu of %zu "
                       "bytes: ", status, len, b->length);
        bench_need(0, why);
    }

    b->ended++;
}


static void
bench_need(int ok, const char *what)
{
    if (!ok) {
        (void) fprintf(stderr, "%s\n", what);
        exit(1);
    }
}
