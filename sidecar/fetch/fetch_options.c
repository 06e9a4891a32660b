
#include <stdio.h>
#include <string.h>

#include "sidecar/fetch/fetch_internal.h"


/* idle, and in all, a connection is kept for seconds */
#define FETCH_MAX_IDLE     30L
#define FETCH_MAX_LIFE     120L

#define FETCH_ENCODINGS    "gzip, deflate, br, zstd"


static CURL *fetch_options_easy(fetcher_t *f);
static int fetch_options_once(fetcher_t *f, CURL *c);
static int fetch_options_set(fetch_t *fetch);
static int fetch_options_method(fetch_t *fetch);
static int fetch_options_tls(fetch_t *fetch);
static int fetch_options_proxy(fetch_t *fetch);
static int fetch_options_login(CURL *c, const char *user,
    const char *password);
static long fetch_options_version(const fetch_t *fetch);
static long fetch_options_connect(const fetch_t *fetch);


int
fetch_options_open(fetch_t *fetch)
{
    fetcher_t  *f = fetch->fetcher;

    fetch->easy = f->nspare > 0 ? f->spare[--f->nspare]
                                : fetch_options_easy(f);

    return fetch->easy != NULL ? fetch_options_set(fetch) : SC_ERROR;
}


static CURL *
fetch_options_easy(fetcher_t *f)
{
    CURL  *c;

    c = curl_easy_init();

    if (c != NULL && fetch_options_once(f, c) != SC_OK) {
        curl_easy_cleanup(c);
        return NULL;
    }

    return c;
}


/*
 * What is the same for every exchange; a handle keeps it.  Content is decoded
 * here: libcurl does not tell one that is cut off from a whole one.
 */

static int
fetch_options_once(fetcher_t *f, CURL *c)
{
    if (curl_easy_setopt(c, CURLOPT_USERAGENT, f->user_agent) != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING,
                            FETCH_ENCODINGS) != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https")
           != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
           != CURLE_OK)
    {
        return SC_ERROR;
    }

    curl_easy_setopt(c, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(c, CURLOPT_BUFFERSIZE, (long) FETCH_BUFFER);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 1L);
    curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_UNRESTRICTED_AUTH, 0L);
    curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
    curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(c, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, FETCH_MAX_IDLE);
    curl_easy_setopt(c, CURLOPT_MAXLIFETIME_CONN, FETCH_MAX_LIFE);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, fetch_transfer_socket);
    curl_easy_setopt(c, CURLOPT_RESOLVER_START_FUNCTION,
                     fetch_transfer_resolve);
    curl_easy_setopt(c, CURLOPT_PREREQFUNCTION, fetch_kept_check);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, fetch_transfer_header);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, fetch_transfer_body);

    return SC_OK;
}


/*
 * The total time is the deadline's, not libcurl's.  Pins never age; what
 * libcurl makes of a literal address is not to stay in its cache at all.
 */

static int
fetch_options_set(fetch_t *fetch)
{
    CURL  *c = fetch->easy;

    if (curl_easy_setopt(c, CURLOPT_URL, fetch->url.text) != CURLE_OK
        || fetch_options_method(fetch) != SC_OK
        || fetch_options_tls(fetch) != SC_OK
        || fetch_options_proxy(fetch) != SC_OK
        || curl_easy_setopt(c, CURLOPT_INTERFACE, fetch->request.source)
           != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_COOKIE, fetch->cookie) != CURLE_OK
        || jar_use(c, fetch->request.jar) != SC_OK)
    {
        return SC_ERROR;
    }

    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, fetch_options_version(fetch));
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, fetch->request.low_speed);
    curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
                     fetch->request.low_speed_time);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, fetch->headers);
    curl_easy_setopt(c, CURLOPT_RESOLVE, fetch->resolve);
    curl_easy_setopt(c, CURLOPT_DNS_CACHE_TIMEOUT, fetch->literal ? 0L : -1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
                     fetch_options_connect(fetch));
    curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 0L);
    curl_easy_setopt(c, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, fetch->error);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, fetch);
    curl_easy_setopt(c, CURLOPT_RESOLVER_START_DATA, fetch);
    curl_easy_setopt(c, CURLOPT_PREREQDATA, fetch);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, fetch);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, fetch);

    return SC_OK;
}


/* Whatever the handle did before, it is to do this and no more. */
static int
fetch_options_method(fetch_t *fetch)
{
    CURL                   *c = fetch->easy;
    const char             *method = fetch->request.method;
    const fetch_request_t  *r = &fetch->request;

    curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, NULL);

    if (fetch->method_head) {
        curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
        return SC_OK;
    }

    if (r->body.data != NULL || strcmp(method, "POST") == 0) {
        curl_easy_setopt(c, CURLOPT_POST, 1L);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t) r->body.len);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS,
                         r->body.data != NULL ? r->body.data : "");

    } else if (strcmp(method, "GET") == 0) {
        return SC_OK;
    }

    return curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK
           ? SC_OK : SC_ERROR;
}


static int
fetch_options_tls(fetch_t *fetch)
{
    long                min;
    CURL               *c = fetch->easy;
    const char         *ca;
    const fetch_tls_t  *tls = &fetch->request.tls;

    min = tls->min_version == 13 ? CURL_SSLVERSION_TLSv1_3
          : tls->min_version == 12 ? CURL_SSLVERSION_TLSv1_2
          : CURL_SSLVERSION_DEFAULT;
    ca = tls->ca_file != NULL ? tls->ca_file : fetch->fetcher->ca_file;

    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, tls->insecure ? 0L : 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, tls->insecure ? 0L : 2L);
    curl_easy_setopt(c, CURLOPT_SSLVERSION, min);

    if (curl_easy_setopt(c, CURLOPT_CAINFO, ca) != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_PROXY_CAINFO, ca) != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_SSLCERT, tls->cert_file) != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_SSLKEY, tls->key_file) != CURLE_OK)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


/*
 * Without one, http_proxy and the like would be dialled in the origin's
 * place.  The names are resolved here: of SOCKS, too, libcurl gets addresses.
 */

static int
fetch_options_proxy(fetch_t *fetch)
{
    int             v6;
    char            url[300];
    CURL           *c = fetch->easy;
    const proxy_t  *p = fetch->request.proxy;

    static const char *const  schemes[] = {
        [PROXY_HTTP] = "http",
        [PROXY_HTTPS] = "https",
        [PROXY_SOCKS5] = "socks5"
    };

    url[0] = '\0';

    if (p != NULL) {
        v6 = strchr(p->host, ':') != NULL;
        (void) snprintf(url, sizeof(url), "%s://%s%s%s:%u", schemes[p->kind],
                        v6 ? "[" : "", p->host, v6 ? "]" : "", p->port);
    }

    if (curl_easy_setopt(c, CURLOPT_PROXY, url) != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_NOPROXY, p != NULL ? "" : "*")
           != CURLE_OK)
    {
        return SC_ERROR;
    }

    return fetch_options_login(c, p != NULL ? p->user : "",
                               p != NULL ? p->password : "");
}


/*
 * Of a name and a password in one, every libcurl undoes percent-encoding; of
 * those set one by one, only some do.  Taken away one by one they are gone
 * from all: of none in one, some keep what an earlier fetch has set.
 */
static int
fetch_options_login(CURL *c, const char *user, const char *password)
{
    int       rc;
    char     *name, *secret;
    sc_buf_t  login;

    if (curl_easy_setopt(c, CURLOPT_PROXYUSERNAME, NULL) != CURLE_OK
        || curl_easy_setopt(c, CURLOPT_PROXYPASSWORD, NULL) != CURLE_OK)
    {
        return SC_ERROR;
    }

    if (user[0] == '\0') {
        return SC_OK;
    }

    name = curl_easy_escape(NULL, user, 0);
    secret = curl_easy_escape(NULL, password, 0);

    sc_buf_init(&login, 0);

    rc = name != NULL && secret != NULL
         && sc_buf_printf(&login, "%s:%s", name, secret) == SC_OK
         && curl_easy_setopt(c, CURLOPT_PROXYUSERPWD, login.data) == CURLE_OK;

    sc_buf_free(&login);
    curl_free(name);
    curl_free(secret);

    return rc ? SC_OK : SC_ERROR;
}


static long
fetch_options_version(const fetch_t *fetch)
{
    switch (fetch->request.http) {

    case FETCH_HTTP_1_1:
        return CURL_HTTP_VERSION_1_1;

    case FETCH_HTTP_2:
        return fetch->url.https ? CURL_HTTP_VERSION_2TLS
                                : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;

    default:

        /* where it cannot be HTTP/2, none waits to see whether it is */
        return fetch->url.https ? CURL_HTTP_VERSION_2TLS
                                : CURL_HTTP_VERSION_1_1;
    }
}


/* What resolving has left of it; 0 would be no limit to libcurl. */
static long
fetch_options_connect(const fetch_t *fetch)
{
    int64_t  left;

    left = fetch->request.connect_timeout - (fetch->handed - fetch->begun);

    return left > LOOP_MS ? (long) (left / LOOP_MS) : 1;
}


void
fetch_options_again(fetch_t *fetch)
{
    curl_easy_setopt(fetch->easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(fetch->easy, CURLOPT_CONNECTTIMEOUT_MS,
                     fetch_options_connect(fetch));
}


/*
 * The handle forgets the exchange, which it outlives.  Only errno it never
 * forgets, so one that has seen any is not kept.
 */

void
fetch_options_close(fetch_t *fetch)
{
    long        err;
    CURL       *c = fetch->easy;
    fetcher_t  *f = fetch->fetcher;

    if (c == NULL) {
        return;
    }

    fetch->easy = NULL;
    err = 0;
    (void) curl_easy_getinfo(c, CURLINFO_OS_ERRNO, &err);

    if (err != 0 || f->nspare == FETCH_SPARE) {
        curl_easy_cleanup(c);
        return;
    }

    (void) jar_use(c, NULL);
    curl_easy_setopt(c, CURLOPT_COOKIE, NULL);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(c, CURLOPT_RESOLVE, NULL);
    curl_easy_setopt(c, CURLOPT_PRIVATE, NULL);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, NULL);
    f->spare[f->nspare++] = c;
}


void
fetch_options_free(fetcher_t *f)
{
    while (f->nspare > 0) {
        curl_easy_cleanup(f->spare[--f->nspare]);
    }
}
