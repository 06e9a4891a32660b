
#include <stdio.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/session/session_internal.h"


#define SESSION_COOKIE_POINTER    32


/* Members of a cookie, in the order of the bits that say they are there. */
typedef enum {
    SESSION_NAME = 0,
    SESSION_VALUE,
    SESSION_VALUE_HEX,
    SESSION_DOMAIN,
    SESSION_PATH,
    SESSION_EXPIRES,
    SESSION_SECURE,
    SESSION_HTTP_ONLY,
    SESSION_HOST_ONLY,
    SESSION_MEMBERS
} session_cookie_member_t;


/*
 * A cookie that is read.
 *
 * pointer  to it
 * bytes    of a value in hex
 */
typedef struct {
    cookie_t          cookie;
    const json_t     *members[SESSION_MEMBERS];
    char              pointer[SESSION_COOKIE_POINTER];
    char              bytes[COOKIE_MAX_TEXT];
    session_error_t  *err;
} session_cookie_t;


static int session_cookie_read(session_cookie_t *c, const json_t *object);
static int session_cookie_members(session_cookie_t *c, const json_t *object);
static int session_cookie_text(session_cookie_t *c,
    session_cookie_member_t member, sc_str_t *text);
static int session_cookie_value(session_cookie_t *c);
static int session_cookie_expires(session_cookie_t *c);
static int session_cookie_flag(session_cookie_t *c,
    session_cookie_member_t member, int *flag);
static int session_cookie_flags(session_cookie_t *c);
static int session_cookie_check(session_cookie_t *c);
static int session_cookie_digit(char ch);
static int session_cookie_kept(const cookie_t *c);
static json_t *session_cookie_json(const cookie_t *c);
static int session_cookie_set_value(json_t *object, sc_str_t value);


static const char *const  session_cookie_names[SESSION_MEMBERS] = {
    [SESSION_NAME] = "name",
    [SESSION_VALUE] = "value",
    [SESSION_VALUE_HEX] = "value_hex",
    [SESSION_DOMAIN] = "domain",
    [SESSION_PATH] = "path",
    [SESSION_EXPIRES] = "expires",
    [SESSION_SECURE] = "secure",
    [SESSION_HTTP_ONLY] = "http_only",
    [SESSION_HOST_ONLY] = "host_only"
};


int
session_cookies_read(sc_buf_t *out, const json_t *cookies,
    session_error_t *err)
{
    int               rc;
    size_t            i;
    session_cookie_t  c;

    if (!json_is_array(cookies)) {
        return session_wrong(err, "", "cookies", "this is neither a list nor "
                             "a text of Netscape's format");
    }

    if (json_array_size(cookies) > JAR_MAX_COOKIES) {
        return session_wrong(err, "", "cookies",
                             "there are more than \"%d\" cookies",
                             JAR_MAX_COOKIES);
    }

    for (i = 0; i < json_array_size(cookies); i++) {
        memset(&c, 0, sizeof(session_cookie_t));
        c.err = err;
        (void) snprintf(c.pointer, sizeof(c.pointer), "/cookies/%zu", i);

        rc = session_cookie_read(&c, json_array_get(cookies, i));

        if (rc != SC_OK) {
            return rc;
        }

        if (cookie_write(out, &c.cookie) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
session_cookie_read(session_cookie_t *c, const json_t *object)
{
    sc_str_t  *domain = &c->cookie.domain;

    if (session_cookie_members(c, object) != SC_OK) {
        return SC_DECLINED;
    }

    c->cookie.path.data = "/";
    c->cookie.path.len = 1;
    c->cookie.host_only = 1;

    if (session_cookie_text(c, SESSION_NAME, &c->cookie.name) != SC_OK
        || session_cookie_text(c, SESSION_DOMAIN, domain) != SC_OK
        || session_cookie_value(c) != SC_OK
        || session_cookie_expires(c) != SC_OK
        || (c->members[SESSION_PATH] != NULL
            && session_cookie_text(c, SESSION_PATH, &c->cookie.path)
               != SC_OK))
    {
        return SC_DECLINED;
    }

    if (domain->len > 0 && domain->data[0] == '.') {
        domain->data++;
        domain->len--;
        c->cookie.host_only = 0;
    }

    if (session_cookie_flags(c) != SC_OK) {
        return SC_DECLINED;
    }

    return session_cookie_check(c);
}


static int
session_cookie_members(session_cookie_t *c, const json_t *object)
{
    size_t       i;
    json_t      *value;
    const char  *key;

    if (!json_is_object(object)) {
        return session_wrong(c->err, c->pointer, NULL,
                             "this is not an object");
    }

    json_object_foreach((json_t *) object, key, value) {
        for (i = 0; i < SESSION_MEMBERS; i++) {
            if (strcmp(session_cookie_names[i], key) == 0) {
                break;
            }
        }

        if (i == SESSION_MEMBERS) {
            return session_unknown(c->err, c->pointer, key);
        }

        c->members[i] = value;
    }

    return SC_OK;
}


static int
session_cookie_text(session_cookie_t *c, session_cookie_member_t member,
    sc_str_t *text)
{
    const char    *name = session_cookie_names[member];
    const json_t  *value = c->members[member];

    if (value == NULL) {
        return session_wrong(c->err, c->pointer, name, "\"%s\" is missing",
                             name);
    }

    if (!json_is_string(value)) {
        return session_wrong(c->err, c->pointer, name,
                             "this is not a string");
    }

    text->data = json_string_value(value);
    text->len = json_string_length(value);

    return SC_OK;
}


/* In hex when it is not UTF-8, which JSON would need. */
static int
session_cookie_value(session_cookie_t *c)
{
    int        high, low;
    size_t     i;
    sc_str_t   hex = sc_null_string, *value = &c->cookie.value;

    if (c->members[SESSION_VALUE_HEX] == NULL) {
        return session_cookie_text(c, SESSION_VALUE, value);
    }

    if (c->members[SESSION_VALUE] != NULL) {
        return session_wrong(c->err, c->pointer, "value_hex", "\"value\" and "
                             "\"value_hex\" exclude each other");
    }

    if (session_cookie_text(c, SESSION_VALUE_HEX, &hex) != SC_OK) {
        return SC_DECLINED;
    }

    for (i = 0; i + 1 < hex.len && i / 2 < sizeof(c->bytes); i += 2) {
        high = session_cookie_digit(hex.data[i]);
        low = session_cookie_digit(hex.data[i + 1]);

        if (high < 0 || low < 0) {
            break;
        }

        c->bytes[i / 2] = (char) (high << 4 | low);
    }

    if (i != hex.len) {
        return session_wrong(c->err, c->pointer, "value_hex",
                             "this is not hex of at most \"%d\" bytes",
                             COOKIE_MAX_TEXT);
    }

    value->data = c->bytes;
    value->len = i / 2;

    return SC_OK;
}


static int
session_cookie_digit(char ch)
{
    const char         *pos;
    static const char   digits[] = "0123456789abcdef";

    pos = ch != '\0' ? strchr(digits, ch) : NULL;

    return pos != NULL ? (int) (pos - digits) : -1;
}


static int
session_cookie_expires(session_cookie_t *c)
{
    const json_t  *value = c->members[SESSION_EXPIRES];

    if (value == NULL || json_is_null(value)) {
        return SC_OK;
    }

    if (!json_is_integer(value) || json_integer_value(value) <= 0) {
        return session_wrong(c->err, c->pointer, "expires", "this is neither "
                             "null nor a number of seconds since 1970");
    }

    c->cookie.expires = json_integer_value(value);

    return SC_OK;
}


static int
session_cookie_flags(session_cookie_t *c)
{
    int  secure, http_only, host_only;

    secure = 0;
    http_only = 0;
    host_only = c->cookie.host_only;

    if (session_cookie_flag(c, SESSION_SECURE, &secure) != SC_OK
        || session_cookie_flag(c, SESSION_HTTP_ONLY, &http_only) != SC_OK
        || session_cookie_flag(c, SESSION_HOST_ONLY, &host_only) != SC_OK)
    {
        return SC_DECLINED;
    }

    c->cookie.secure = secure != 0;
    c->cookie.http_only = http_only != 0;
    c->cookie.host_only = host_only != 0;

    return SC_OK;
}


static int
session_cookie_flag(session_cookie_t *c, session_cookie_member_t member,
    int *flag)
{
    const json_t  *value = c->members[member];

    if (value == NULL) {
        return SC_OK;
    }

    if (!json_is_boolean(value)) {
        return session_wrong(c->err, c->pointer, session_cookie_names[member],
                             "this is neither true nor false");
    }

    *flag = json_is_true(value);

    return SC_OK;
}


static int
session_cookie_check(session_cookie_t *c)
{
    char           why[256];
    cookie_part_t  part;

    static const session_cookie_member_t  members[] = {
        [COOKIE_DOMAIN] = SESSION_DOMAIN,
        [COOKIE_PATH] = SESSION_PATH,
        [COOKIE_NAME] = SESSION_NAME,
        [COOKIE_VALUE] = SESSION_VALUE,
        [COOKIE_EXPIRES] = SESSION_EXPIRES,
        [COOKIE_SECURE] = SESSION_SECURE
    };

    if (cookie_check(&c->cookie, &part, why, sizeof(why)) != SC_OK) {
        return session_wrong(c->err, c->pointer,
                             session_cookie_names[members[part]], "%s", why);
    }

    return SC_OK;
}


json_t *
session_cookies_json(sc_str_t lines)
{
    char       err[160];
    size_t     number;
    json_t    *array, *object;
    cookie_t   cookie;
    sc_str_t   line;

    array = json_array();
    number = 0;

    while (array != NULL && cookie_next(&lines, &line, &number) == SC_OK) {
        if (cookie_parse(&cookie, line, err, sizeof(err)) != SC_OK) {
            continue;
        }

        if (!session_cookie_kept(&cookie)) {
            continue;
        }

        /* appending NULL fails, too */
        object = session_cookie_json(&cookie);

        if (json_array_append_new(array, object) != 0) {
            json_decref(array);
            return NULL;
        }
    }

    return array;
}


/* One whose name or path is not UTF-8 is not. */
static int
session_cookie_kept(const cookie_t *c)
{
    return sc_json_is_utf8(c->name) && sc_json_is_utf8(c->domain)
           && sc_json_is_utf8(c->path);
}


static json_t *
session_cookie_json(const cookie_t *c)
{
    json_t  *object;

    object = json_pack("{s:s%,s:s%,s:s%,s:o,s:b,s:b,s:b}",
                       "name", c->name.data, c->name.len,
                       "domain", c->domain.data, c->domain.len,
                       "path", c->path.data, c->path.len,
                       "expires", c->expires != 0 ? json_integer(c->expires)
                                                  : json_null(),
                       "secure", (int) c->secure,
                       "http_only", (int) c->http_only,
                       "host_only", (int) c->host_only);

    if (object != NULL
        && session_cookie_set_value(object, c->value) != SC_OK)
    {
        json_decref(object);
        return NULL;
    }

    return object;
}


static int
session_cookie_set_value(json_t *object, sc_str_t value)
{
    int       rc;
    size_t    i;
    json_t   *text;
    sc_buf_t  hex;

    text = json_stringn(value.data, value.len);

    if (text != NULL || sc_json_is_utf8(value)) {
        return json_object_set_new(object, "value", text) == 0 ? SC_OK
                                                               : SC_ERROR;
    }

    sc_buf_init(&hex, 0);

    for (i = 0; i < value.len; i++) {
        (void) sc_buf_printf(&hex, "%02x", (unsigned char) value.data[i]);
    }

    rc = hex.len > 0 && !hex.failed
         && json_object_set_new(object, "value_hex", json_string(hex.data))
            == 0 ? SC_OK : SC_ERROR;
    sc_buf_free(&hex);

    return rc;
}
