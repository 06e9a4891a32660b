
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "tests/origin/origin.h"


#define ORIGIN_STACK      (256 * 1024)
#define ORIGIN_MAX_HITS   10000     /* paths that are counted */
#define ORIGIN_MAX_DRAIN  (64 * 1024 * 1024)


/*
 * A path and what answers it; the path may be followed by a slash and more.
 */
typedef struct {
    const char         *path;
    origin_handler_pt   handler;
} origin_route_t;


static int origin_listen(const char *port);
static void origin_accept(int fd);
static void *origin_serve(void *data);
static char *origin_head(origin_conn_t *c);
static int origin_request(origin_conn_t *c, char *end);
static int origin_parts(origin_request_t *r, char *head);
static int origin_answer(origin_conn_t *c, origin_request_t *r);
static void origin_drain(const origin_conn_t *c);
static int origin_route(origin_request_t *r);
static int origin_hits(const origin_request_t *r);


static const origin_route_t  origin_routes[] = {

    /*
     * /page, /page/N         a small page: h1, price, links
     * /status/CODE           that status
     * /redirect?to=URL       there, with status=302 or another
     * /redirect-loop         to itself
     * /redirect-chain/N      N redirects, then a page
     * /big?bytes=N           exactly N bytes of HTML
     * /gzip?bytes=N          the same, compressed
     * /echo                  the request as JSON
     * /charset/NAME          a page in that charset
     * /etag                  ETag "v1", honours If-None-Match
     * /delay?ms=N            a page, later
     * /robots.txt            everything but /private, or as set
     * /204                   no content
     * /cookie                sets one and says whether it came
     * /interim               103 with a Location before the answer
     * /trailers              chunked, with trailer fields
     * /slow-first?ms=N       silence, then a page
     * /slow-body?ms=N        the headers, then ten chunks, each N ms late;
     *                        with chunk=BYTES of each and chunks=NUMBER
     * /hits                  requests for each path so far, as JSON
     */

    { "/page", origin_page },
    { "/status", origin_status },
    { "/redirect", origin_redirect },
    { "/redirect-loop", origin_redirect_loop },
    { "/redirect-chain", origin_redirect_chain },
    { "/big", origin_big },
    { "/gzip", origin_gzip },
    { "/echo", origin_echo },
    { "/charset", origin_charset },
    { "/etag", origin_etag },
    { "/delay", origin_delay },
    { "/robots.txt", origin_robots },
    { "/204", origin_no_content },
    { "/cookie", origin_cookie },
    { "/interim", origin_interim },
    { "/trailers", origin_trailers },
    { "/slow-first", origin_slow_first },
    { "/slow-body", origin_slow_body },
    { "/hits", origin_hits },

    /*
     * /method                h1: the method; id=body, type, cookie, auth and
     *                        agent: the body and these fields
     * /set-cookie?name=N&value=V
     *                        Set-Cookie: N=V; Path=/, and with to=URL as the
     *                        last parameter a redirect (status=302) there
     * /show-cookie           h1: the Cookie field
     * /refresh?to=URL        a page whose meta element goes there, to=URL is
     *                        the last parameter; with delay=SECONDS
     */

    { "/method", origin_method },
    { "/set-cookie", origin_set_cookie },
    { "/show-cookie", origin_show_cookie },
    { "/refresh", origin_refresh },

    /*
     * /flaky?key=K&fail=N    the first N requests (1) with this key fail with
     *                        status=503 (0: a reset), then a page
     * /retry-after?key=K&fail=N&value=V
     *                        the same with Retry-After: V (1)
     * /robots-set            a PUT or POST: its body is /robots.txt from now
     *                        on, with status=200 (0: a reset)
     * /validate?etag=E       ETag: E and a Last-Modified; 304 when the request
     *                        has that one.  /hits has its answers, too, as
     *                        "/validate 200" and "/validate 304"
     */

    { "/flaky", origin_flaky },
    { "/retry-after", origin_retry_after },
    { "/robots-set", origin_robots_set },
    { "/validate", origin_validate },

    /*
     * /login                 GET: a form with a token that counts once.  POST
     *                        of it with user "user" and password "secret": a
     *                        session cookie and a redirect to /private; else
     *                        403 and the form again
     * /private               with the cookie a page with a link to /logout,
     *                        403 without
     * /logout                ends the session, redirects to /login
     */

    { "/login", origin_login },
    { "/private", origin_private },
    { "/logout", origin_logout },

    /*
     * /hang                  never answers
     * /hang-headers          stops in the middle of the headers
     * /drip                  a byte of body a second
     * /drip-headers          a byte of headers a second
     * /endless               a body without end
     * /short                 10 bytes of body where 100 were announced
     * /long                  100 bytes of body where 10 were announced
     * /reset                 a reset in the middle of the body
     * /reset-early           a reset in the place of an answer
     * /close                 closed in the place of an answer
     * /garbage               something that is not HTTP
     * /headers-bomb          headers without end
     * /interim-bomb          interim answers without end
     * /trailers-bomb         trailers without end
     * /header-line?bytes=N   one header of N bytes, then a page
     * /gzip-bomb?bytes=N     N zeros, compressed
     * /gzip-lie              says gzip and is none
     * /bad-chunk             a chunk whose length is none
     * /cut-chunk             closed in the middle of a chunk
     * /negative-length       a Content-Length of -5
     * /two-lengths           two that differ
     * /nul                   a page with NUL bytes
     * /nul-header            a header with a NUL byte
     */

    { "/hang", origin_hang },
    { "/hang-headers", origin_hang_headers },
    { "/drip", origin_drip },
    { "/drip-headers", origin_drip_headers },
    { "/endless", origin_endless },
    { "/short", origin_short },
    { "/long", origin_long },
    { "/reset", origin_reset },
    { "/reset-early", origin_reset_early },
    { "/close", origin_close },
    { "/garbage", origin_garbage },
    { "/headers-bomb", origin_headers_bomb },
    { "/interim-bomb", origin_interim_bomb },
    { "/trailers-bomb", origin_trailers_bomb },
    { "/header-line", origin_header_line },
    { "/gzip-bomb", origin_gzip_bomb },
    { "/gzip-lie", origin_gzip_lie },
    { "/bad-chunk", origin_bad_chunk },
    { "/cut-chunk", origin_cut_chunk },
    { "/negative-length", origin_negative_length },
    { "/two-lengths", origin_two_lengths },
    { "/nul", origin_nul },
    { "/nul-header", origin_nul_header },

    /*
     * /odd-status            status 999
     * /odd-version           a page without status line and header
     * /odd-body?status=N     a body with status N (204)
     * /cookie-wall           redirects to itself until its cookie comes back
     * /cookies?n=N           N cookies (10000), then a page
     * /nested?n=N            N open elements (100000)
     * /attributes?n=N        an element with N attributes (100000)
     * /long-text?n=N         a text of 16 N bytes (50000)
     * /utf16                 UTF-16 that nothing tells of
     */
    { "/odd-status", origin_odd_status },
    { "/odd-version", origin_odd_version },
    { "/odd-body", origin_odd_body },
    { "/cookie-wall", origin_cookie_wall },
    { "/cookies", origin_cookies },
    { "/nested", origin_nested },
    { "/attributes", origin_attributes },
    { "/long-text", origin_long_text },
    { "/utf16", origin_utf16 },

    /*
     * /huge-length           a Content-Length of twenty digits
     * /text-length           one that is no number
     * /huge-chunk            a chunk of twenty hexadecimal digits
     * /folded-header         a field that goes on in lines of blanks
     * /half                  half of an announced body, then silence
     * /gzip-twice            8 MB of zeros, compressed twice
     * /gzip-chain            nine codings, one upon the other
     * /brotli-bomb           100 MB of zeros in brotli
     * /zstd-bomb             100 MB of zeros in zstd, which nobody asked for
     * /odd-coding            a coding there is not
     * /lying-charset         says utf-8 and is windows-1252
     * /laughs                XML whose entities grow without end
     * /coded/NAME            a page in gzip, members (of gzip), deflate, bare
     *                        (deflate), br, zstd, frames (of zstd), chain (of
     *                        gzip and br): the first bytes=N of it and more=N
     *                        zeros, with a length, end=close or end=chunk; or
     *                        with transfer=CODING
     * /surplus               204, and behind it bytes that are a page's
     * /surplus-late          a page, and bytes in the place of the next one
     * /gzip-hollow           a page and 8 MB that are none of it, compressed
     *                        twice
     * /sitemap-self          an index of sitemaps that has itself
     * /sitemap-gzip          a sitemap, compressed twice
     */
    { "/huge-length", origin_huge_length },
    { "/text-length", origin_text_length },
    { "/huge-chunk", origin_huge_chunk },
    { "/folded-header", origin_folded_header },
    { "/half", origin_half },
    { "/gzip-twice", origin_gzip_twice },
    { "/gzip-chain", origin_gzip_chain },
    { "/brotli-bomb", origin_brotli_bomb },
    { "/zstd-bomb", origin_zstd_bomb },
    { "/odd-coding", origin_odd_coding },
    { "/lying-charset", origin_lying_charset },
    { "/laughs", origin_laughs },
    { "/coded", origin_coded },
    { "/surplus", origin_surplus },
    { "/surplus-late", origin_surplus_late },
    { "/gzip-hollow", origin_gzip_hollow },
    { "/sitemap-self", origin_sitemap_self },
    { "/sitemap-gzip", origin_sitemap_gzip }
};


static pthread_mutex_t   origin_lock = PTHREAD_MUTEX_INITIALIZER;
static json_t           *origin_counts;


int
main(int argc, char **argv)
{
    int  fd;

    if (argc != 2) {
        (void) fprintf(stderr, "usage: origin PORT\n"
                       "Serve on 127.0.0.1; port 0 takes a free one.\n");
        return EXIT_FAILURE;
    }

    origin_counts = json_object();
    fd = origin_listen(argv[1]);

    if (origin_counts == NULL || fd == -1) {
        perror("origin");
        return EXIT_FAILURE;
    }

    origin_accept(fd);

    return EXIT_FAILURE;
}


static int
origin_listen(const char *port)
{
    int                 fd, one;
    long                n;
    socklen_t           len;
    struct sockaddr_in  sin;

    n = origin_parse(port, -1);

    if (n < 0 || n > 65535) {
        errno = EINVAL;
        return -1;
    }

    memset(&sin, 0, sizeof(struct sockaddr_in));
    sin.sin_family = AF_INET;
    sin.sin_port = htons((in_port_t) n);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(sin);

    one = 1;
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd == -1
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1
        || bind(fd, (struct sockaddr *) &sin, len) == -1
        || listen(fd, 4096) == -1
        || getsockname(fd, (struct sockaddr *) &sin, &len) == -1)
    {
        return -1;
    }

    (void) printf("%u\n", (unsigned) ntohs(sin.sin_port));
    (void) fflush(stdout);

    return fd;
}


static void
origin_accept(int fd)
{
    int              one;
    pthread_t        thread;
    origin_conn_t   *c;
    pthread_attr_t   attr;
    struct timespec  breath;

    one = 1;
    breath.tv_sec = 0;
    breath.tv_nsec = 5000000;
    (void) pthread_attr_init(&attr);
    (void) pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void) pthread_attr_setstacksize(&attr, ORIGIN_STACK);

    for ( ;; ) {
        c = calloc(1, sizeof(origin_conn_t));
        if (c == NULL) {
            return;
        }

        c->fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

        if (c->fd == -1) {
            /* out of descriptors, most likely, until others are closed */
            free(c);
            (void) nanosleep(&breath, NULL);
            continue;
        }

        (void) setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));

        if (pthread_create(&thread, &attr, origin_serve, c) != 0) {
            (void) close(c->fd);
            free(c);
        }
    }
}


static void *
origin_serve(void *data)
{
    char           *end;
    origin_conn_t  *c = data;

    c->data = malloc(ORIGIN_MAX_REQUEST + 1);

    if (c->data != NULL) {
        do {
            end = origin_head(c);
        } while (end != NULL && origin_request(c, end));
    }

    (void) close(c->fd);
    free(c->data);
    free(c);

    return NULL;
}


/* Read until a head is complete; where its last line begins, or NULL. */
static char *
origin_head(origin_conn_t *c)
{
    char     *end;
    ssize_t   n;

    for ( ;; ) {
        c->data[c->len] = '\0';
        end = strstr(c->data, "\r\n\r\n");

        if (end != NULL) {
            return end + 2;
        }

        n = recv(c->fd, c->data + c->len, ORIGIN_MAX_REQUEST - c->len, 0);

        if (n <= 0) {
            return NULL;
        }

        c->len += (size_t) n;
    }
}


/* Serve the first request of the buffer, and drop it from there. */
static int
origin_request(origin_conn_t *c, char *end)
{
    int                keep;
    char               value[32];
    origin_request_t   r;

    c->used = (size_t) (end + 2 - c->data);
    *end = '\0';
    r.fd = c->fd;

    if (!origin_parts(&r, c->data)) {
        return 0;
    }

    keep = origin_answer(c, &r);

    if (origin_field(&r, "Connection", value, sizeof(value))
        && strcmp(value, "close") == 0)
    {
        keep = 0;
    }

    memmove(c->data, c->data + c->used, c->len - c->used);
    c->len -= c->used;

    return keep;
}


/* Take the head apart; nonzero when it is one. */
static int
origin_parts(origin_request_t *r, char *head)
{
    char  *space, *line, *query;

    line = strstr(head, "\r\n");
    space = memchr(head, ' ', (size_t) (line - head));

    if (space == NULL || space[1] != '/') {
        return 0;
    }

    *line = '\0';
    *space = '\0';
    r->method = head;
    r->path = space + 1;
    r->query = "";
    r->fields = line + 2;

    space = strchr(r->path, ' ');

    if (space == NULL) {
        return 0;
    }

    *space = '\0';
    query = strchr(r->path, '?');

    if (query != NULL) {
        *query = '\0';
        r->query = query + 1;
    }

    return 1;
}


static int
origin_answer(origin_conn_t *c, origin_request_t *r)
{
    int   keep, status;
    char  *body;

    status = origin_body(c, r, &body, &r->body_len);
    r->body = body != NULL ? body : "";

    if (status == 0) {
        keep = origin_route(r);

    } else {
        keep = 0;

        if (status > 0
            && origin_reply_page(r, status, "Connection: close\r\n",
                                 "Not with this body"))
        {
            origin_drain(c);
        }
    }

    free(body);

    return keep;
}


/* A close that finds bytes unread is a reset, which can overtake an answer. */
static void
origin_drain(const origin_conn_t *c)
{
    char     block[4096];
    size_t   n;
    ssize_t  got;

    (void) shutdown(c->fd, SHUT_WR);

    for (n = 0; n < ORIGIN_MAX_DRAIN; n += (size_t) got) {
        got = recv(c->fd, block, sizeof(block), 0);

        if (got <= 0) {
            return;
        }
    }
}


static int
origin_route(origin_request_t *r)
{
    size_t                 i, len;
    const origin_route_t  *route;

    origin_hit(r->path);

    for (i = 0; i < sizeof(origin_routes) / sizeof(origin_routes[0]); i++) {
        route = &origin_routes[i];
        len = strlen(route->path);

        if (strncmp(r->path, route->path, len) != 0) {
            continue;
        }

        if (r->path[len] == '\0' || r->path[len] == '/') {
            r->rest = r->path[len] == '/' ? r->path + len + 1 : "";
            return route->handler(r);
        }
    }

    return origin_reply_page(r, 404, "", "Not found");
}


void
origin_hit(const char *name)
{
    json_int_t  n;

    (void) pthread_mutex_lock(&origin_lock);

    n = json_integer_value(json_object_get(origin_counts, name));

    if (n > 0 || json_object_size(origin_counts) < ORIGIN_MAX_HITS) {
        (void) json_object_set_new(origin_counts, name, json_integer(n + 1));
    }

    (void) pthread_mutex_unlock(&origin_lock);
}


static int
origin_hits(const origin_request_t *r)
{
    int    keep;
    char  *text;

    (void) pthread_mutex_lock(&origin_lock);
    text = json_dumps(origin_counts, JSON_COMPACT);
    (void) pthread_mutex_unlock(&origin_lock);

    if (text == NULL) {
        return 0;
    }

    keep = origin_reply(r, 200, "Content-Type: application/json\r\n", text,
                        strlen(text));
    free(text);

    return keep;
}
