
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sidecar/fetch/cookie.h"


#define COOKIE_HTTP_ONLY    "#HttpOnly_"
#define COOKIE_FIELDS       7
#define COOKIE_MAX_HOST     255

#define COOKIE_HOST_CHARS                                                     \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:"


static int cookie_check_domain(const cookie_t *c, char *err, size_t errlen);
static int cookie_check_text(sc_str_t s, const char *what, char *err,
    size_t errlen);
static int cookie_check_prefix(const cookie_t *c, cookie_part_t *part,
    char *err, size_t errlen);
static int cookie_prefixed(sc_str_t s, const char *prefix);
static size_t cookie_split(sc_str_t line, sc_str_t *fields);
static int cookie_bool(sc_str_t s, int *value);
static int cookie_number(sc_str_t s, int64_t *n);
static int cookie_wrong(char *err, size_t errlen, const char *what);


int
cookie_check(const cookie_t *c, cookie_part_t *part, char *err,
    size_t errlen)
{
    *part = COOKIE_DOMAIN;

    if (cookie_check_domain(c, err, errlen) != SC_OK) {
        return SC_DECLINED;
    }

    *part = COOKIE_PATH;

    if (c->path.len == 0 || c->path.data[0] != '/') {
        return cookie_wrong(err, errlen,
                            "the path of a cookie does not begin with \"/\"");
    }

    if (cookie_check_text(c->path, "path", err, errlen) != SC_OK) {
        return SC_DECLINED;
    }

    *part = COOKIE_NAME;

    if (c->name.len == 0 || memchr(c->name.data, '=', c->name.len) != NULL) {
        return cookie_wrong(err, errlen, c->name.len == 0
                            ? "the name of a cookie is empty"
                            : "the name of a cookie has a \"=\"");
    }

    if (cookie_check_text(c->name, "name", err, errlen) != SC_OK) {
        return SC_DECLINED;
    }

    *part = COOKIE_VALUE;

    if (cookie_check_text(c->value, "value", err, errlen) != SC_OK) {
        return SC_DECLINED;
    }

    *part = COOKIE_EXPIRES;

    if (c->expires < 0) {
        return cookie_wrong(err, errlen, "a cookie expires before 1970");
    }

    return cookie_check_prefix(c, part, err, errlen);
}


/* A public suffix of more labels than one is the origin's to misuse only. */
static int
cookie_check_domain(const cookie_t *c, char *err, size_t errlen)
{
    size_t           i;
    const sc_str_t  *d = &c->domain;

    for (i = 0; i < d->len; i++) {
        if (d->data[i] == '\0'
            || strchr(COOKIE_HOST_CHARS, d->data[i]) == NULL)
        {
            break;
        }
    }

    if (i != d->len || d->len == 0 || d->len > COOKIE_MAX_HOST
        || d->data[0] == '.')
    {
        return cookie_wrong(err, errlen,
                            "the domain of a cookie is not a host");
    }

    if (!c->host_only && cookie_top(c)) {
        (void) snprintf(err, errlen, "a cookie is for all of \"%.*s\"",
                        (int) d->len, d->data);
        return SC_DECLINED;
    }

    return SC_OK;
}


int
cookie_top(const cookie_t *c)
{
    const sc_str_t  *d = &c->domain;

    return d->len == 0
           || (memchr(d->data, '.', d->len) == NULL
               && (d->len != 9 || strncasecmp(d->data, "localhost", 9) != 0));
}


static int
cookie_check_text(sc_str_t s, const char *what, char *err, size_t errlen)
{
    size_t         i;
    unsigned char  ch;

    for (i = 0; i < s.len; i++) {
        ch = (unsigned char) s.data[i];

        if (ch < 0x20 || ch == 0x7f || ch == ';') {
            (void) snprintf(err, errlen, "the %s of a cookie has a control "
                            "character or \";\"", what);
            return SC_DECLINED;
        }
    }

    if (s.len > COOKIE_MAX_TEXT) {
        (void) snprintf(err, errlen, "the %s of a cookie is longer than "
                        "\"%d\" bytes", what, COOKIE_MAX_TEXT);
        return SC_DECLINED;
    }

    return SC_OK;
}


static int
cookie_check_prefix(const cookie_t *c, cookie_part_t *part, char *err,
    size_t errlen)
{
    int  host;

    host = cookie_prefixed(c->name, "__Host-");

    if (cookie_promises(c) && !c->secure) {
        *part = COOKIE_SECURE;
        return cookie_wrong(err, errlen, "a cookie named \"__Secure-\" or "
                            "\"__Host-\" is not secure");
    }

    if (host && (c->path.len != 1 || !c->host_only)) {
        *part = c->host_only ? COOKIE_PATH : COOKIE_DOMAIN;
        return cookie_wrong(err, errlen, "a cookie named \"__Host-\" is not "
                            "for one host and its path \"/\"");
    }

    return SC_OK;
}


int
cookie_promises(const cookie_t *c)
{
    return cookie_prefixed(c->name, "__Secure-")
           || cookie_prefixed(c->name, "__Host-");
}


static int
cookie_prefixed(sc_str_t s, const char *prefix)
{
    size_t  len = strlen(prefix);

    return s.len >= len && strncasecmp(s.data, prefix, len) == 0;
}


int
cookie_parse(cookie_t *c, sc_str_t line, char *err, size_t errlen)
{
    int       tail, secure;
    size_t    n;
    sc_str_t  fields[COOKIE_FIELDS];

    memset(c, 0, sizeof(cookie_t));

    if (line.len > COOKIE_MAX_LINE) {
        return cookie_wrong(err, errlen, "a cookie is too long");
    }

    if (cookie_prefixed(line, COOKIE_HTTP_ONLY)) {
        c->http_only = 1;
        line.data += sizeof(COOKIE_HTTP_ONLY) - 1;
        line.len -= sizeof(COOKIE_HTTP_ONLY) - 1;
    }

    n = cookie_split(line, fields);

    if (n != COOKIE_FIELDS) {
        (void) snprintf(err, errlen, "a cookie has \"%zu\" fields with tabs "
                        "between them, not \"%d\"", n, COOKIE_FIELDS);
        return SC_DECLINED;
    }

    if (cookie_bool(fields[1], &tail) != SC_OK
        || cookie_bool(fields[3], &secure) != SC_OK)
    {
        return cookie_wrong(err, errlen, "field \"2\" or \"4\" of a cookie is "
                            "neither \"TRUE\" nor \"FALSE\"");
    }

    if (cookie_number(fields[4], &c->expires) != SC_OK) {
        return cookie_wrong(err, errlen,
                            "field \"5\" of a cookie is not a whole number");
    }

    c->domain = fields[0];
    c->path = fields[2];
    c->name = fields[5];
    c->value = fields[6];
    c->host_only = !tail;
    c->secure = secure != 0;

    if (c->domain.len > 0 && c->domain.data[0] == '.') {
        c->domain.data++;
        c->domain.len--;
    }

    return SC_OK;
}


/* How many there are; those above the seventh are not kept. */
static size_t
cookie_split(sc_str_t line, sc_str_t *fields)
{
    size_t       n;
    sc_str_t     field;
    const char  *tab;

    for (n = 0; /* void */ ; n++) {
        tab = line.len > 0 ? memchr(line.data, '\t', line.len) : NULL;
        field.data = line.data;
        field.len = tab != NULL ? (size_t) (tab - line.data) : line.len;

        if (n < COOKIE_FIELDS) {
            fields[n] = field;
        }

        if (tab == NULL) {
            return n + 1;
        }

        line.data += field.len + 1;
        line.len -= field.len + 1;
    }
}


static int
cookie_bool(sc_str_t s, int *value)
{
    *value = s.len == 4 && strncasecmp(s.data, "TRUE", 4) == 0;

    return *value || (s.len == 5 && strncasecmp(s.data, "FALSE", 5) == 0)
           ? SC_OK : SC_DECLINED;
}


static int
cookie_number(sc_str_t s, int64_t *n)
{
    size_t  i;

    *n = 0;

    for (i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9' || *n > INT64_MAX / 10 - 1) {
            return SC_DECLINED;
        }

        *n = *n * 10 + (s.data[i] - '0');
    }

    return s.len > 0 ? SC_OK : SC_DECLINED;
}


static int
cookie_wrong(char *err, size_t errlen, const char *what)
{
    (void) snprintf(err, errlen, "%s", what);

    return SC_DECLINED;
}


int
cookie_write(sc_buf_t *out, const cookie_t *c)
{
    (void) sc_buf_printf(out, "%s%s%.*s\t%s\t",
                         c->http_only ? COOKIE_HTTP_ONLY : "",
                         c->host_only ? "" : ".", (int) c->domain.len,
                         c->domain.data, c->host_only ? "FALSE" : "TRUE");
    (void) sc_buf_add_str(out, c->path);
    (void) sc_buf_printf(out, "\t%s\t%lld\t", c->secure ? "TRUE" : "FALSE",
                         (long long) c->expires);
    (void) sc_buf_add_str(out, c->name);
    (void) sc_buf_add_cstr(out, "\t");
    (void) sc_buf_add_str(out, c->value);

    return sc_buf_add_cstr(out, "\n");
}


int
cookie_next(sc_str_t *text, sc_str_t *line, size_t *number)
{
    size_t       len;
    const char  *lf;

    while (text->len > 0) {
        lf = memchr(text->data, '\n', text->len);
        len = lf != NULL ? (size_t) (lf - text->data) : text->len;

        line->data = text->data;
        line->len = len;
        text->data += len + (lf != NULL);
        text->len -= len + (lf != NULL);
        ++*number;

        if (line->len > 0 && line->data[line->len - 1] == '\r') {
            line->len--;
        }

        for (len = 0; len < line->len; len++) {
            if (line->data[len] != ' ' && line->data[len] != '\t') {
                break;
            }
        }

        if (len < line->len
            && (line->data[0] != '#'
                || cookie_prefixed(*line, COOKIE_HTTP_ONLY)))
        {
            return SC_OK;
        }
    }

    return SC_DECLINED;
}
