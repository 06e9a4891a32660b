
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "sidecar/url/url_internal.h"
#include "sidecar/resolve/policy.h"


#define URL_SHOWN    64     /* bytes of a value in a message */


static int url_check(const char *s, size_t len, char *err, size_t errlen);
static int url_check_scheme(const char *s, size_t len, char *err,
    size_t errlen);
static int url_read(url_t *u, CURLU *c, const char *s, size_t len, char *err,
    size_t errlen);
static int url_split(CURLU *c, const char *s, size_t len, char *err,
    size_t errlen);
static const char *url_reason(CURLUcode rc);
static int url_read_host(url_t *u, CURLU *c, char *err, size_t errlen);
static int url_read_port(url_t *u, CURLU *c, char *err, size_t errlen);
static int url_build(url_t *u, CURLU *c, char *err, size_t errlen);
static void url_add_path(sc_buf_t *b, CURLU *c);
static void url_add_query(sc_buf_t *b, CURLU *c);
static void url_add_part(sc_buf_t *b, const char *part);


int
url_parse(url_t *u, const char *s, size_t len, char *err, size_t errlen)
{
    int     rc;
    CURLU  *c;

    memset(u, 0, sizeof(url_t));

    if (url_check(s, len, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    c = curl_url();
    if (c == NULL) {
        (void) snprintf(err, errlen, URL_NO_MEMORY);
        return SC_ERROR;
    }

    rc = url_read(u, c, s, len, err, errlen);
    curl_url_cleanup(c);

    if (rc != SC_OK) {
        url_free(u);
    }

    return rc;
}


int
url_copy(url_t *to, const url_t *from)
{
    *to = *from;
    to->text = strdup(from->text);

    if (to->text == NULL) {
        memset(to, 0, sizeof(url_t));
        return SC_ERROR;
    }

    return SC_OK;
}


void
url_free(url_t *u)
{
    free(u->text);
    memset(u, 0, sizeof(url_t));
}


/* What is refused before anybody may guess at it. */
static int
url_check(const char *s, size_t len, char *err, size_t errlen)
{
    size_t         i;
    unsigned char  c;

    if (len > URL_MAX) {
        (void) snprintf(err, errlen, "the URL is longer than %d bytes",
                        URL_MAX);
        return SC_ERROR;
    }

    for (i = 0; i < len; i++) {
        c = (unsigned char) s[i];

        if (c <= ' ' || c == 0x7f || c == '\\') {
            (void) snprintf(err, errlen, "the URL has white space, a control "
                            "character or a backslash at byte %zu", i + 1);
            return SC_ERROR;
        }
    }

    return url_check_scheme(s, len, err, errlen);
}


static int
url_check_scheme(const char *s, size_t len, char *err, size_t errlen)
{
    size_t  n;

    n = url_scheme(s, len);

    if (n == 0) {
        (void) snprintf(err, errlen, "the URL has no scheme");
        return SC_ERROR;
    }

    if (!(n == 5 && strncasecmp(s, "http:", n) == 0)
        && !(n == 6 && strncasecmp(s, "https:", n) == 0))
    {
        (void) snprintf(err, errlen, "scheme \"%.*s\" is not http or https",
                        (int) (n - 1 < URL_SHOWN ? n - 1 : URL_SHOWN), s);
        return SC_ERROR;
    }

    /* libcurl takes one slash and three for two */
    if (len < n + 3 || memcmp(s + n, "//", 2) != 0
        || strchr("/?#", s[n + 2]) != NULL)
    {
        (void) snprintf(err, errlen, "the URL has no host");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
url_read(url_t *u, CURLU *c, const char *s, size_t len, char *err,
    size_t errlen)
{
    if (url_split(c, s, len, err, errlen) != SC_OK
        || url_read_host(u, c, err, errlen) != SC_OK)
    {
        return SC_ERROR;
    }

    u->https = s[4] != ':';

    if (url_read_port(u, c, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    return url_build(u, c, err, errlen);
}


static int
url_split(CURLU *c, const char *s, size_t len, char *err, size_t errlen)
{
    char       *copy, *zone;
    CURLUcode   rc;

    copy = strndup(s, len);
    if (copy == NULL) {
        (void) snprintf(err, errlen, URL_NO_MEMORY);
        return SC_ERROR;
    }

    rc = curl_url_set(c, CURLUPART_URL, copy, CURLU_DISALLOW_USER);
    free(copy);

    if (rc != CURLUE_OK) {
        (void) snprintf(err, errlen, "%s", url_reason(rc));
        return SC_ERROR;
    }

    zone = NULL;

    if (curl_url_get(c, CURLUPART_ZONEID, &zone, 0) != CURLUE_NO_ZONEID) {
        curl_free(zone);
        (void) snprintf(err, errlen, "a zone id is not allowed");
        return SC_ERROR;
    }

    return SC_OK;
}


static const char *
url_reason(CURLUcode rc)
{
    switch (rc) {

    case CURLUE_OUT_OF_MEMORY:
        return URL_NO_MEMORY;

    case CURLUE_USER_NOT_ALLOWED:
        return "user information is not allowed";

    case CURLUE_NO_HOST:
        return "the URL has no host";

    case CURLUE_BAD_HOSTNAME:
    case CURLUE_BAD_IPV6:
        return "the host is neither a name nor an address";

    case CURLUE_BAD_PORT_NUMBER:
        return "the port is not a number up to 65535";

    default:
        return "the URL cannot be parsed";
    }
}


static int
url_read_host(url_t *u, CURLU *c, char *err, size_t errlen)
{
    int    rc;
    char  *host;

    host = NULL;

    if (curl_url_get(c, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        (void) snprintf(err, errlen, "the URL has no host");
        return SC_ERROR;
    }

    /* libcurl has undone its percent-encoding */
    rc = url_host(u->host, host);

    if (rc != SC_OK) {
        (void) snprintf(err, errlen,
                        "host \"%.*s\" is neither a name nor an address",
                        URL_SHOWN, host);
    }

    curl_free(host);

    return rc;
}


static int
url_read_port(url_t *u, CURLU *c, char *err, size_t errlen)
{
    char  *port;

    u->port = u->https ? 443 : 80;
    port = NULL;

    if (curl_url_get(c, CURLUPART_PORT, &port, 0) == CURLUE_OK) {
        u->port = (unsigned) strtoul(port, NULL, 10);
    }

    curl_free(port);

    if (!policy_allows_port(u->port)) {
        (void) snprintf(err, errlen, "port \"%u\" is not allowed", u->port);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
url_build(url_t *u, CURLU *c, char *err, size_t errlen)
{
    size_t    v6;
    sc_buf_t  b;

    sc_buf_init(&b, 0);

    (void) sc_buf_add_cstr(&b, u->https ? "https://" : "http://");
    v6 = strchr(u->host, ':') != NULL;
    (void) sc_buf_add(&b, "[", v6);
    (void) sc_buf_add_cstr(&b, u->host);
    (void) sc_buf_add(&b, "]", v6);

    if (u->port != (u->https ? 443u : 80u)) {
        (void) sc_buf_add_cstr(&b, ":");
        (void) sc_buf_add_int(&b, u->port);
    }

    url_add_path(&b, c);
    url_add_query(&b, c);

    if (b.failed || b.len > URL_MAX) {

        if (b.failed) {
            (void) snprintf(err, errlen, URL_NO_MEMORY);

        } else {
            (void) snprintf(err, errlen, "the URL is longer than %d bytes "
                            "when percent-encoded", URL_MAX);
        }

        sc_buf_free(&b);
        return SC_ERROR;
    }

    u->text = b.data;
    u->len = b.len;

    return SC_OK;
}


static void
url_add_path(sc_buf_t *b, CURLU *c)
{
    char    *path;
    size_t   start;

    path = NULL;
    start = b->len;

    /* the path is always there, if only as "/" */
    if (curl_url_get(c, CURLUPART_PATH, &path, 0) != CURLUE_OK) {
        b->failed = 1;
        return;
    }

    url_add_part(b, path);
    curl_free(path);

    /* libcurl has not seen those that were percent-encoded */
    if (!b->failed) {
        b->len = start + url_remove_dots(b->data + start, b->len - start);
        b->data[b->len] = '\0';
    }
}


static void
url_add_query(sc_buf_t *b, CURLU *c)
{
    char       *query;
    CURLUcode   rc;

    query = NULL;

    rc = curl_url_get(c, CURLUPART_QUERY, &query, 0);

    if (rc == CURLUE_OK) {
        (void) sc_buf_add_cstr(b, "?");
        url_add_part(b, query);

    } else if (rc != CURLUE_NO_QUERY) {
        b->failed = 1;
    }

    curl_free(query);
}


/* A path or query, with its percent-encoding as the canonical form has it. */
static void
url_add_part(sc_buf_t *b, const char *part)
{
    int     high, low;
    char    byte;
    size_t  n;

    while (*part != '\0') {
        n = strcspn(part, "%");
        (void) url_escape(b, part, n);
        part += n;

        if (*part == '\0') {
            return;
        }

        high = url_hex(part[1]);
        low = high >= 0 ? url_hex(part[2]) : -1;

        /* a '%' by itself: as data, or what follows might complete it */
        if (low < 0) {
            (void) sc_buf_add_cstr(b, "%25");
            part++;
            continue;
        }

        byte = (char) (high * 16 + low);

        if (url_unreserved(byte)) {
            (void) sc_buf_add(b, &byte, 1);

        } else {
            (void) sc_buf_printf(b, "%%%02X", (unsigned char) byte);
        }

        part += 3;
    }
}
