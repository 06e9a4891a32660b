
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/sc_json_of.h"
#include "sidecar/core/settings.h"
#include "sidecar/ctl/ctl_internal.h"


#define CTL_GATEWAY       "http://127.0.0.1:8080"

/* seconds to connect; seconds for all, which is longer than any long poll */
#define CTL_CONNECT       10L
#define CTL_TOTAL         300L

/* how often a busy gateway is asked again, and seconds between at most */
#define CTL_TRIES         30
#define CTL_PAUSE         10


static int ctl_http_url(ctl_t *c, const char *path, sc_buf_t *url);
static const char *ctl_http_gateway(const ctl_t *c);
static int ctl_http_set(ctl_t *c, const ctl_request_t *request,
    ctl_reply_t *reply);
static int ctl_http_send(CURL *curl, const ctl_request_t *request);
static size_t ctl_http_read(char *room, size_t size, size_t n, void *arg);
static struct curl_slist *ctl_http_fields(const ctl_t *c,
    const ctl_request_t *request);
static int ctl_http_add(struct curl_slist **list, const char *fmt,
    const char *value);
static int ctl_http_perform(ctl_t *c, const char *url, ctl_reply_t *reply);
static size_t ctl_http_body(char *data, size_t size, size_t n, void *arg);
static size_t ctl_http_header(char *data, size_t size, size_t n, void *arg);
static void ctl_http_link(ctl_reply_t *reply, const char *value, size_t len);
static int ctl_http_busy(const ctl_reply_t *reply);


int
ctl_http(ctl_t *c, const ctl_request_t *request, ctl_reply_t *reply)
{
    int                 rc;
    sc_buf_t            url;
    struct curl_slist  *fields;

    memset(reply, 0, sizeof(ctl_reply_t));
    sc_buf_init(&reply->body, CTL_MAX_INPUT);
    sc_buf_init(&url, 0);

    if (c->curl == NULL) {
        c->curl = curl_easy_init();
    }

    fields = ctl_http_fields(c, request);

    if (c->curl == NULL || fields == NULL
        || ctl_http_set(c, request, reply) != SC_OK
        || ctl_http_url(c, request->path, &url) != SC_OK
        || curl_easy_setopt(c->curl, CURLOPT_URL, url.data) != CURLE_OK
        || curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, fields) != CURLE_OK)
    {
        ctl_error("could not set up a request");
        rc = SC_ERROR;

    } else {
        rc = ctl_http_perform(c, ctl_http_gateway(c), reply);
    }

    curl_slist_free_all(fields);
    sc_buf_free(&url);

    return rc;
}


/* The origin of the gateway and, unless the path has it, its own path. */
static int
ctl_http_url(ctl_t *c, const char *path, sc_buf_t *url)
{
    size_t       len, origin;
    const char  *gateway, *p;

    gateway = ctl_http_gateway(c);

    if (ctl_begins(gateway, "unix:")) {
        gateway = "http://localhost";
    }

    p = strstr(gateway, "://");
    p = (p != NULL) ? p + 3 : gateway;
    origin = (size_t) (p - gateway) + strcspn(p, "/");

    len = strlen(gateway);

    while (len > origin && gateway[len - 1] == '/') {
        len--;
    }

    if (!ctl_begins(path, "/v1/")) {
        len = origin;
    }

    (void) sc_buf_add(url, gateway, len);

    return sc_buf_add_cstr(url, path);
}


static const char *
ctl_http_gateway(const ctl_t *c)
{
    const char  *gateway;

    gateway = c->values[CTL_OPT_GATEWAY];

    if (gateway == NULL) {
        gateway = getenv("SCRAPECTL_GATEWAY");
    }

    return gateway != NULL && *gateway != '\0' ? gateway : CTL_GATEWAY;
}


/*
 * No redirect is followed: a login is for the gateway.  Each exchange begins
 * with a clean handle, whose connection stays open.
 */
static int
ctl_http_set(ctl_t *c, const ctl_request_t *request, ctl_reply_t *reply)
{
    CURL        *curl = c->curl;
    CURLcode     rc;
    const char  *gateway, *user;

    gateway = ctl_http_gateway(c);
    user = c->values[CTL_OPT_USER];

    if (user == NULL) {
        user = getenv("SCRAPECTL_USER");
    }

    curl_easy_reset(curl);

    (void) curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void) curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CTL_CONNECT);
    (void) curl_easy_setopt(curl, CURLOPT_TIMEOUT, CTL_TOTAL);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ctl_http_body);
    (void) curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    (void) curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, ctl_http_header);
    (void) curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);

    rc = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");

    if (rc == CURLE_OK) {
        rc = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    }

    if (rc == CURLE_OK) {
        rc = curl_easy_setopt(curl, CURLOPT_USERAGENT,
                              "scrapectl/" SCRAPED_VERSION);
    }

    if (rc == CURLE_OK && ctl_begins(gateway, "unix:")) {
        rc = curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, gateway + 5);
    }

    if (rc == CURLE_OK && user != NULL) {
        rc = curl_easy_setopt(curl, CURLOPT_USERPWD, user);
    }

    return rc == CURLE_OK ? ctl_http_send(curl, request) : SC_ERROR;
}


/* A body that is read may take as long as its file is long. */
static int
ctl_http_send(CURL *curl, const ctl_request_t *request)
{
    CURLcode  rc;

    if (request->type == NULL) {
        return SC_OK;
    }

    if (request->read != NULL) {
        (void) curl_easy_setopt(curl, CURLOPT_TIMEOUT, 0L);
        (void) curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        (void) curl_easy_setopt(curl, CURLOPT_READDATA, (void *) request);
        rc = curl_easy_setopt(curl, CURLOPT_READFUNCTION, ctl_http_read);

    } else {
        (void) curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                                (curl_off_t) request->body.len);
        rc = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.data);
    }

    return rc == CURLE_OK ? SC_OK : SC_ERROR;
}


static size_t
ctl_http_read(char *room, size_t size, size_t n, void *arg)
{
    size_t                len;
    const ctl_request_t  *request = arg;

    len = request->read(request->data, room, size * n);

    return len == CTL_READ_FAILED ? CURL_READFUNC_ABORT : len;
}


/* NULL when memory is out. */
static struct curl_slist *
ctl_http_fields(const ctl_t *c, const ctl_request_t *request)
{
    int                 rc;
    size_t              i;
    struct curl_slist  *list;

    list = NULL;

    /* curl would wait for a 100 before a long body */
    rc = ctl_http_add(&list, "Expect:%s", "");

    if (rc == SC_OK && request->type != NULL) {
        rc = ctl_http_add(&list, "Content-Type: %s", request->type);
    }

    if (rc == SC_OK && request->prefer != NULL) {
        rc = ctl_http_add(&list, "Prefer: %s", request->prefer);
    }

    for (i = 0; rc == SC_OK && i < c->nheaders; i++) {
        rc = ctl_http_add(&list, "%s", c->headers[i]);
    }

    if (rc != SC_OK) {
        curl_slist_free_all(list);
        return NULL;
    }

    return list;
}


static int
ctl_http_add(struct curl_slist **list, const char *fmt, const char *value)
{
    sc_buf_t            b;
    const char         *hole;
    struct curl_slist  *more;

    hole = strstr(fmt, "%s");

    sc_buf_init(&b, 0);
    (void) sc_buf_add(&b, fmt, (size_t) (hole - fmt));
    more = sc_buf_add_cstr(&b, value) == SC_OK
           ? curl_slist_append(*list, b.data) : NULL;
    sc_buf_free(&b);

    if (more == NULL) {
        return SC_ERROR;
    }

    *list = more;

    return SC_OK;
}


static int
ctl_http_perform(ctl_t *c, const char *url, ctl_reply_t *reply)
{
    CURLcode    rc;
    curl_off_t  wait;

    rc = curl_easy_perform(c->curl);

    if (rc == CURLE_WRITE_ERROR && reply->body.failed) {
        ctl_error("an answer of \"%s\" is longer than %d bytes", url,
                  CTL_MAX_INPUT);
        return SC_ERROR;
    }

    if (rc != CURLE_OK) {
        ctl_error("no answer from the gateway \"%s\": %s", url,
                  curl_easy_strerror(rc));
        return SC_ERROR;
    }

    wait = 0;
    (void) curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &reply->status);
    (void) curl_easy_getinfo(c->curl, CURLINFO_RETRY_AFTER, &wait);

    reply->retry_after = (int) (wait > CTL_PAUSE ? CTL_PAUSE : wait);

    if (reply->body.len != 0) {
        reply->json = sc_json_of(reply->body.data, reply->body.len,
                                 JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    }

    return SC_OK;
}


static size_t
ctl_http_body(char *data, size_t size, size_t n, void *arg)
{
    ctl_reply_t  *reply = arg;

    return sc_buf_add(&reply->body, data, size * n) == SC_OK ? n : 0;
}


static size_t
ctl_http_header(char *data, size_t size, size_t n, void *arg)
{
    static const char  link[] = "link:";

    if (size * n >= sizeof(link) - 1
        && strncasecmp(data, link, sizeof(link) - 1) == 0)
    {
        ctl_http_link(arg, data + sizeof(link) - 1,
                      size * n - (sizeof(link) - 1));
    }

    return n;
}


/*
 * RFC 8288, as much as the gateway writes of it: <path>; rel="next".  Only a
 * path is followed, so that a login stays with the gateway.
 */
static void
ctl_http_link(ctl_reply_t *reply, const char *value, size_t len)
{
    char        *text, *p, *end, *next;
    static char  rel[] = "rel=\"next\"";

    text = strndup(value, len);
    if (text == NULL) {
        return;
    }

    for (p = strchr(text, '<'); p != NULL; p = next) {
        end = strchr(p, '>');
        if (end == NULL) {
            break;
        }

        *end++ = '\0';
        next = strchr(end, '<');

        if (next != NULL) {
            *next = '\0';
        }

        if (p[1] == '/' && p[2] != '/' && strstr(end, rel) != NULL
            && strlen(p + 1) < sizeof(reply->next))
        {
            memcpy(reply->next, p + 1, strlen(p + 1) + 1);
        }

        if (next != NULL) {
            *next = '<';
        }
    }

    free(text);
}


int
ctl_http_patient(ctl_t *c, const ctl_request_t *request, ctl_reply_t *reply)
{
    int  tries;

    for (tries = 1; /* void */ ; tries++) {

        if (ctl_http(c, request, reply) != SC_OK) {
            return SC_ERROR;
        }

        if (!ctl_http_busy(reply) || tries == CTL_TRIES) {
            return SC_OK;
        }

        (void) sleep((unsigned) reply->retry_after);
        ctl_reply_free(reply);
    }
}


/* What says when to come again is not about the page. */
static int
ctl_http_busy(const ctl_reply_t *reply)
{
    return (reply->status == 503 || reply->status == 429)
           && reply->retry_after > 0;
}


int
ctl_http_get(ctl_t *c, const char *path, const char *prefer,
    ctl_reply_t *reply)
{
    ctl_request_t  request;

    memset(&request, 0, sizeof(ctl_request_t));
    request.method = "GET";
    request.path = path;
    request.prefer = prefer;

    return ctl_http_patient(c, &request, reply);
}


void
ctl_reply_free(ctl_reply_t *reply)
{
    sc_buf_free(&reply->body);
    json_decref(reply->json);
    reply->json = NULL;
}


int
ctl_problem(const char *about, const ctl_reply_t *reply)
{
    const char     *text, *pointer;
    const json_t   *problem = reply->json, *column;

    text = ctl_json_str(problem, "detail");

    if (*text == '\0') {
        text = ctl_json_str(problem, "title");
    }

    pointer = ctl_json_str(problem, "pointer");
    column = json_object_get(problem, "column");

    if (json_is_integer(column)) {
        ctl_error("%s: %s%s%s (column %d; %ld %s)", about, pointer,
                  *pointer != '\0' ? ": " : "", text,
                  (int) json_integer_value(column), reply->status,
                  ctl_json_str(problem, "type"));

    } else if (*text != '\0') {
        ctl_error("%s: %s%s%s (%ld %s)", about, pointer,
                  *pointer != '\0' ? ": " : "", text, reply->status,
                  ctl_json_str(problem, "type"));

    } else {
        ctl_error("%s: the gateway answered %ld", about, reply->status);
    }

    return CTL_FAILED;
}


void
ctl_http_escape(sc_buf_t *b, const char *text)
{
    static const char  plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for ( /* void */ ; *text != '\0'; text++) {
        (void) sc_buf_printf(b, strchr(plain, *text) != NULL ? "%c" : "%%%02X",
                             (unsigned char) *text);
    }
}
