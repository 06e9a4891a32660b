
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "sidecar/proxy/proxy.h"
#include "sidecar/url/url.h"


#define PROXY_SHOWN    64       /* bytes of a value in a message */


typedef struct {
    const char    *name;
    proxy_kind_t   kind;
} proxy_scheme_t;


static int proxy_check(const char *url, size_t len, char *err, size_t errlen);
static int proxy_read_scheme(proxy_t *p, sc_str_t *rest, char *err,
    size_t errlen);
static int proxy_read(proxy_t *p, sc_str_t rest, char *err, size_t errlen);
static int proxy_read_login(proxy_t *p, sc_str_t login, char *err,
    size_t errlen);
static int proxy_decode(char *out, const char *what, sc_str_t s, char *err,
    size_t errlen);
static int proxy_encoded(sc_str_t s);
static int proxy_read_place(proxy_t *p, sc_str_t place, char *err,
    size_t errlen);
static size_t proxy_find_port(sc_str_t place);
static int proxy_refuse(char *err, size_t errlen, const char *why);


static const proxy_scheme_t  proxy_schemes[] = {
    { "http", PROXY_HTTP },
    { "https", PROXY_HTTPS },
    { "socks5", PROXY_SOCKS5 },
    { "socks5h", PROXY_SOCKS5 }
};


int
proxy_parse(proxy_t *p, const char *url, size_t len, char *err, size_t errlen)
{
    sc_str_t  rest;

    memset(p, 0, sizeof(proxy_t));

    if (proxy_check(url, len, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    rest.data = url;
    rest.len = len;

    if (proxy_read_scheme(p, &rest, err, errlen) != SC_OK
        || proxy_read(p, rest, err, errlen) != SC_OK)
    {
        memset(p, 0, sizeof(proxy_t));
        return SC_ERROR;
    }

    return SC_OK;
}


static int
proxy_check(const char *url, size_t len, char *err, size_t errlen)
{
    size_t         i;
    unsigned char  c;

    if (len > PROXY_MAX_URL) {
        (void) snprintf(err, errlen, "the proxy URL is longer than %d bytes",
                        PROXY_MAX_URL);
        return SC_ERROR;
    }

    for (i = 0; i < len; i++) {
        c = (unsigned char) url[i];

        if (c <= ' ' || c == 0x7f || c == '\\') {
            (void) snprintf(err, errlen, "the proxy URL has white space, a "
                            "control character or a backslash at byte %zu",
                            i + 1);
            return SC_ERROR;
        }
    }

    return SC_OK;
}


/* What stands before "://" is shown; a password stands behind a ':'. */
static int
proxy_read_scheme(proxy_t *p, sc_str_t *rest, char *err, size_t errlen)
{
    size_t       i, n;
    const char  *colon;

    colon = rest->len > 0 ? memchr(rest->data, ':', rest->len) : NULL;
    n = colon != NULL ? (size_t) (colon - rest->data) : 0;

    if (n == 0 || rest->len < n + 3 || memcmp(colon, "://", 3) != 0) {
        return proxy_refuse(err, errlen, "the proxy URL has no scheme");
    }

    for (i = 0; i < sizeof(proxy_schemes) / sizeof(proxy_schemes[0]); i++) {
        if (strlen(proxy_schemes[i].name) == n
            && strncasecmp(proxy_schemes[i].name, rest->data, n) == 0)
        {
            p->kind = proxy_schemes[i].kind;
            rest->data += n + 3;
            rest->len -= n + 3;

            return SC_OK;
        }
    }

    (void) snprintf(err, errlen, "scheme \"%.*s\" of the proxy is not http, "
                    "https, socks5 or socks5h",
                    (int) (n < PROXY_SHOWN ? n : PROXY_SHOWN), rest->data);

    return SC_ERROR;
}


/*
 * A password with a character that ends the user information early would be
 * taken for a host or a path, and be shown as one: an '@' stands once at most,
 * and before the first '/', '?' and '#'.
 */

static int
proxy_read(proxy_t *p, sc_str_t rest, char *err, size_t errlen)
{
    size_t       i, end, at, ats;
    sc_str_t     login, place;

    ats = 0;
    at = 0;
    end = rest.len;

    for (i = 0; i < rest.len; i++) {
        if (rest.data[i] == '@') {
            ats++;
            at = i;

        } else if (end == rest.len && memchr("/?#", rest.data[i], 3) != NULL) {
            end = i;
        }
    }

    if (ats > 1 || at > end) {
        return proxy_refuse(err, errlen, "the user or password of the proxy "
                            "has a \"@\", \"/\", \"?\" or \"#\" that is not "
                            "percent-encoded");
    }

    if (rest.len - end > 1 || (rest.len > end && rest.data[end] != '/')) {
        return proxy_refuse(err, errlen, "the proxy URL has more behind its "
                            "port than a slash");
    }

    login.data = rest.data;
    login.len = at;
    place.data = rest.data + at + ats;
    place.len = end - at - ats;

    if (proxy_read_login(p, login, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    return proxy_read_place(p, place, err, errlen);
}


static int
proxy_read_login(proxy_t *p, sc_str_t login, char *err, size_t errlen)
{
    sc_str_t     password;
    const char  *colon;

    password.data = NULL;
    password.len = 0;
    colon = login.len > 0 ? memchr(login.data, ':', login.len) : NULL;

    if (colon != NULL) {
        password.data = colon + 1;
        password.len = login.len - (size_t) (colon + 1 - login.data);
        login.len = (size_t) (colon - login.data);
    }

    if (proxy_decode(p->user, "user", login, err, errlen) != SC_OK
        || proxy_decode(p->password, "password", password, err, errlen)
           != SC_OK)
    {
        return SC_ERROR;
    }

    if (p->user[0] == '\0' && p->password[0] != '\0') {
        return proxy_refuse(err, errlen,
                            "the proxy URL has a password without a user");
    }

    if (p->kind != PROXY_SOCKS5 && strchr(p->user, ':') != NULL) {
        return proxy_refuse(err, errlen, "the user of the proxy has a colon, "
                            "which HTTP does not allow");
    }

    return SC_OK;
}


/* out has room for 255 bytes, the most that SOCKS can send (RFC 1929 2). */
static int
proxy_decode(char *out, const char *what, sc_str_t s, char *err,
    size_t errlen)
{
    int    i, len;
    char  *plain;

    if (s.len == 0) {
        return SC_OK;
    }

    if (!proxy_encoded(s)) {
        (void) snprintf(err, errlen, "the %s of the proxy has a \"%%\" that "
                        "is not percent-encoding", what);
        return SC_ERROR;
    }

    plain = curl_easy_unescape(NULL, s.data, (int) s.len, &len);
    if (plain == NULL) {
        return proxy_refuse(err, errlen, "memory is out");
    }

    if (len > 255) {
        (void) snprintf(err, errlen, "the %s of the proxy is longer than 255 "
                        "bytes", what);
        curl_free(plain);
        return SC_ERROR;
    }

    for (i = 0; i < len; i++) {
        if ((unsigned char) plain[i] < ' ' || plain[i] == 0x7f) {
            (void) snprintf(err, errlen, "the %s of the proxy has a control "
                            "character", what);
            curl_free(plain);
            return SC_ERROR;
        }
    }

    memcpy(out, plain, (size_t) len);
    out[len] = '\0';
    curl_free(plain);

    return SC_OK;
}


/* Whether each '%' begins an octet; curl_easy_unescape() lets others pass. */
static int
proxy_encoded(sc_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '%'
            && (s.len - i < 3 || !isxdigit((unsigned char) s.data[i + 1])
                || !isxdigit((unsigned char) s.data[i + 2])))
        {
            return 0;
        }
    }

    return 1;
}


/* Host and port are an origin's, so the same is taken and refused. */
static int
proxy_read_place(proxy_t *p, sc_str_t place, char *err, size_t errlen)
{
    int     n;
    char    text[PROXY_MAX_URL + 16], why[256];
    url_t   u;

    if (proxy_find_port(place) == 0) {
        return proxy_refuse(err, errlen, "the proxy URL has no port");
    }

    n = snprintf(text, sizeof(text), "http://%.*s/", (int) place.len,
                 place.data);

    if (url_parse(&u, text, (size_t) n, why, sizeof(why)) != SC_OK) {
        (void) snprintf(err, errlen, "the proxy is wrong: %s", why);
        return SC_ERROR;
    }

    (void) snprintf(p->host, sizeof(p->host), "%s", u.host);
    p->port = u.port;
    url_free(&u);

    return SC_OK;
}


/* Digits of the port of "host:port"; a ':' inside brackets is none's. */
static size_t
proxy_find_port(sc_str_t place)
{
    size_t  i, digits;

    digits = 0;

    for (i = place.len; i > 0 && isdigit((unsigned char) place.data[i - 1]);
         i--)
    {
        digits++;
    }

    return i > 0 && place.data[i - 1] == ':' ? digits : 0;
}


static int
proxy_refuse(char *err, size_t errlen, const char *why)
{
    (void) snprintf(err, errlen, "%s", why);

    return SC_ERROR;
}
