
#include <string.h>
#include <strings.h>

#include "sidecar/url/url_internal.h"


/*
 * The five parts of a reference, each with its delimiter: "http:", "//host",
 * "/path", "?query", "#fragment".  What is undefined is empty, and the parts
 * in a row are the reference.
 */
typedef struct {
    sc_str_t  scheme;
    sc_str_t  authority;
    sc_str_t  path;
    sc_str_t  query;
    sc_str_t  fragment;
} url_ref_t;


static int url_clean(sc_buf_t *b, const char *base, const char *s,
    size_t len);
static int url_unwrap(sc_buf_t *b, const char *s, size_t len);
static int url_blank(char c);
static void url_turn_slashes(sc_buf_t *ref, const char *base);
static int url_transform(const char *base, const sc_buf_t *ref,
    sc_buf_t *out);
static void url_split(url_ref_t *r, const char *s, size_t len);
static size_t url_until(const char *s, size_t len, const char *set);
static sc_str_t url_take(sc_str_t *rest, size_t len);
static int url_authority(const url_ref_t *r);
static void url_merge(url_ref_t *r, const url_ref_t *b, sc_str_t *directory);


int
url_resolve(const char *base, const char *ref, size_t len, sc_buf_t *out)
{
    int       rc;
    size_t    start;
    sc_buf_t  clean;

    start = out->len;
    sc_buf_init(&clean, 0);

    rc = url_clean(&clean, base, ref, len);

    if (rc == SC_OK) {
        rc = url_transform(base, &clean, out);
    }

    sc_buf_free(&clean);

    if (rc != SC_OK && out->len > start) {
        out->len = start;
        out->data[start] = '\0';
    }

    return rc;
}


/*
 * As browsers do: no white space around it, no line ends or tabs inside (a
 * page's author wraps long links), backslashes for slashes where a path is
 * one, the rest percent-encoded.
 */
static int
url_clean(sc_buf_t *b, const char *base, const char *s, size_t len)
{
    int       rc;
    sc_buf_t  plain;

    sc_buf_init(&plain, 0);

    rc = url_unwrap(&plain, s, len);

    if (rc == SC_OK) {
        url_turn_slashes(&plain, base);
        rc = url_escape(b, plain.data, plain.len);
    }

    sc_buf_free(&plain);

    return rc;
}


static int
url_unwrap(sc_buf_t *b, const char *s, size_t len)
{
    size_t  n;

    while (len > 0 && url_blank(s[0])) {
        s++;
        len--;
    }

    while (len > 0 && url_blank(s[len - 1])) {
        len--;
    }

    /* an empty one has bytes too */
    if (sc_buf_reserve(b, len) == NULL) {
        return SC_ERROR;
    }

    while (len > 0) {
        n = url_until(s, len, "\t\n\r");
        (void) sc_buf_add(b, s, n);

        s += n;
        len -= n;

        if (len > 0) {
            s++;
            len--;
        }
    }

    return SC_OK;
}


static int
url_blank(char c)
{
    return (unsigned char) c <= ' ';
}


/* Only http and https know no other use of a backslash. */
static void
url_turn_slashes(sc_buf_t *ref, const char *base)
{
    char        *p, *end;
    size_t       n;
    const char  *scheme;

    scheme = ref->data;
    n = url_scheme(ref->data, ref->len);

    if (n == 0) {
        scheme = base;
        n = url_scheme(base, strlen(base));
    }

    if (!(n == 5 && strncasecmp(scheme, "http:", n) == 0)
        && !(n == 6 && strncasecmp(scheme, "https:", n) == 0))
    {
        return;
    }

    end = ref->data + url_until(ref->data, ref->len, "?#");

    for (p = ref->data; p < end; p++) {
        if (*p == '\\') {
            *p = '/';
        }
    }
}


/* RFC 3986 5.2.2 and 5.3. */
static int
url_transform(const char *base, const sc_buf_t *ref, sc_buf_t *out)
{
    size_t     start;
    sc_str_t   directory = sc_null_string;
    url_ref_t  b, r;

    url_split(&b, base, strlen(base));
    url_split(&r, ref->data, ref->len);

    if (!url_authority(&r)) {
        return SC_DECLINED;
    }

    if (r.scheme.len == 0) {

        /* there is nowhere to go from inside a mailto: */
        if (b.scheme.len == 0 || b.authority.len == 0) {
            return SC_DECLINED;
        }

        r.scheme = b.scheme;

        if (r.authority.len == 0) {
            r.authority = b.authority;
            url_merge(&r, &b, &directory);
        }
    }

    (void) sc_buf_add_str(out, r.scheme);
    (void) sc_buf_add_str(out, r.authority);

    start = out->len;

    (void) sc_buf_add_str(out, directory);
    (void) sc_buf_add_str(out, r.path);

    if (!out->failed && out->len > start && out->data[start] == '/') {
        out->len = start + url_remove_dots(out->data + start,
                                           out->len - start);
    }

    /* the path would be read as an authority */
    if (!out->failed && r.authority.len == 0 && out->len - start >= 2
        && memcmp(out->data + start, "//", 2) == 0)
    {
        return SC_DECLINED;
    }

    (void) sc_buf_add_str(out, r.query);

    return sc_buf_add_str(out, r.fragment);
}


/* The regular expression of RFC 3986, appendix B, with a scheme's grammar. */
static void
url_split(url_ref_t *r, const char *s, size_t len)
{
    sc_str_t  rest = { len, s };

    r->scheme = url_take(&rest, url_scheme(s, len));
    r->authority = url_take(&rest, 0);

    if (rest.len >= 2 && rest.data[0] == '/' && rest.data[1] == '/') {
        r->authority = url_take(&rest, 2 + url_until(rest.data + 2,
                                                     rest.len - 2, "/?#"));
    }

    r->path = url_take(&rest, url_until(rest.data, rest.len, "?#"));
    r->query = url_take(&rest, url_until(rest.data, rest.len, "#"));
    r->fragment = rest;
}


static size_t
url_until(const char *s, size_t len, const char *set)
{
    size_t  i, n;

    n = strlen(set);

    for (i = 0; i < len && memchr(set, s[i], n) == NULL; i++) { /* void */ }

    return i;
}


static sc_str_t
url_take(sc_str_t *rest, size_t len)
{
    sc_str_t  part = { len, rest->data };

    rest->data += len;
    rest->len -= len;

    return part;
}


/* Whether what was written as an authority may be one. */
static int
url_authority(const url_ref_t *r)
{
    if (r->authority.len == 0) {
        return 1;
    }

    if (r->authority.len > 2) {
        return memmem(r->authority.data, r->authority.len, "%20", 3) == NULL;
    }

    /* file:///path does without a host */
    return r->scheme.len == 5 && strncasecmp(r->scheme.data, "file:", 5) == 0;
}


/* A reference to the same host: what it takes from the base's path. */
static void
url_merge(url_ref_t *r, const url_ref_t *b, sc_str_t *directory)
{
    size_t                 len;
    static const sc_str_t  root = sc_string("/");

    if (r->path.len == 0) {
        r->path = b->path;

        if (r->query.len == 0) {
            r->query = b->query;
        }

        return;
    }

    if (r->path.data[0] == '/') {
        return;
    }

    for (len = b->path.len; len > 0 && b->path.data[len - 1] != '/'; len--) {
        /* void */
    }

    *directory = b->path;
    directory->len = len;

    if (len == 0) {
        *directory = root;
    }
}
