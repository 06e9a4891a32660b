
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "common/sc_json_of.h"
#include "sidecar/api/api_internal.h"


#define CONTENT_MAX_CREDENTIALS    1024


static int api_content_once(api_option_t *o, const char *type);
static int api_content_pairs(sc_buf_t *b, const char *name,
    const json_t *value);
static void api_content_encode(sc_buf_t *b, const char *s, size_t len);
static int api_content_basic(api_option_t *o, const json_t *value);
static int api_content_bearer(api_option_t *o, const json_t *value);
static int api_content_authorize(api_option_t *o, const char *scheme,
    const char *credentials);
static int api_content_field(api_option_t *o, const char *name,
    const char *value);
static int api_content_has(const api_extract_t *e, const char *name);


static const api_member_t  api_content_auths[] = {
    { "basic", api_content_basic },
    { "bearer", api_content_bearer },
    { NULL, NULL }
};


int
api_content_body(api_option_t *o, const json_t *value)
{
    sc_str_t  text = { json_string_length(value), json_string_value(value) };

    if (!json_is_string(value)) {
        return api_option_invalid(o, "\"body\" is not a string");
    }

    if (api_content_once(o, "text/plain; charset=utf-8") != SC_OK) {
        return SC_ERROR;
    }

    (void) sc_buf_add_str(&o->extract->content, text);

    return SC_OK;
}


/* As HTML's forms are sent, in the order they are written. */
int
api_content_form(api_option_t *o, const json_t *object)
{
    size_t       i;
    json_t      *value, *one;
    const char  *name;
    sc_buf_t    *b = &o->extract->content;

    if (!json_is_object(object)) {
        return api_option_invalid(o, "this is not an object");
    }

    if (api_content_once(o, "application/x-www-form-urlencoded") != SC_OK) {
        return SC_ERROR;
    }

    json_object_foreach((json_t *) object, name, value) {
        if (json_is_array(value)) {
            json_array_foreach(value, i, one) {
                if (api_content_pairs(b, name, one) != SC_OK) {
                    return api_option_refused(o, name, "this has more than "
                                              "strings");
                }
            }

        } else if (api_content_pairs(b, name, value) != SC_OK) {
            return api_option_refused(o, name, "this is neither a string nor "
                                      "a list of strings");
        }
    }

    return SC_OK;
}


int
api_content_json(api_option_t *o, const json_t *value)
{
    char  *text;

    if (api_content_once(o, "application/json") != SC_OK) {
        return SC_ERROR;
    }

    text = sc_json_text(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL) {
        return api_option_no_memory(o);
    }

    (void) sc_buf_add_cstr(&o->extract->content, text);
    free(text);

    return SC_OK;
}


static int
api_content_once(api_option_t *o, const char *type)
{
    if (o->extract->type != NULL) {
        return api_option_invalid(o, "\"body\", \"form\" and \"json\" exclude "
                                  "each other");
    }

    o->extract->type = type;

    return SC_OK;
}


static int
api_content_pairs(sc_buf_t *b, const char *name, const json_t *value)
{
    if (!json_is_string(value)) {
        return SC_ERROR;
    }

    (void) sc_buf_add_cstr(b, b->len > 0 ? "&" : "");
    api_content_encode(b, name, strlen(name));
    (void) sc_buf_add_cstr(b, "=");
    api_content_encode(b, json_string_value(value),
                       json_string_length(value));

    return SC_OK;
}


/* The URL standard's application/x-www-form-urlencoded percent-encode set. */
static void
api_content_encode(sc_buf_t *b, const char *s, size_t len)
{
    size_t         i;
    unsigned char  c;

    for (i = 0; i < len; i++) {
        c = (unsigned char) s[i];

        if (c == ' ') {
            (void) sc_buf_add_cstr(b, "+");

        } else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                   || (c >= 'a' && c <= 'z')
                   || (c != '\0' && strchr("*-._", c) != NULL))
        {
            (void) sc_buf_add(b, &s[i], 1);

        } else {
            (void) sc_buf_printf(b, "%%%02X", c);
        }
    }
}


int
api_content_auth(api_option_t *o, const json_t *value)
{
    if (json_object_size(value) != 1) {
        return api_option_invalid(o, "this is not an object with \"basic\" or "
                                  "\"bearer\"");
    }

    return api_option_object(o, "/request/auth", value, api_content_auths);
}


/* RFC 7617: the user has no colon, neither has control characters. */
static int
api_content_basic(api_option_t *o, const json_t *value)
{
    size_t          len;
    unsigned char   text[CONTENT_MAX_CREDENTIALS * 4 / 3 + 8];
    char            pair[CONTENT_MAX_CREDENTIALS];
    const char     *user, *password;

    user = json_string_value(json_object_get(value, "user"));
    password = json_string_value(json_object_get(value, "password"));

    if (user == NULL || password == NULL || json_object_size(value) != 2
        || strchr(user, ':') != NULL)
    {
        return api_option_invalid(o, "this is not an object with \"user\", "
                                  "that has no colon, and \"password\"");
    }

    len = strlen(user) + 1 + strlen(password);

    if (len >= sizeof(pair)) {
        return api_option_invalid(o, "the credentials are too long");
    }

    memcpy(pair, user, strlen(user));
    pair[strlen(user)] = ':';
    memcpy(pair + strlen(user) + 1, password, strlen(password));
    (void) EVP_EncodeBlock(text, (const unsigned char *) pair, (int) len);

    return api_content_authorize(o, "Basic", (const char *) text);
}


static int
api_content_bearer(api_option_t *o, const json_t *value)
{
    const char  *token = json_string_value(value);

    if (token == NULL || token[0] == '\0'
        || strlen(token) > CONTENT_MAX_CREDENTIALS)
    {
        return api_option_invalid(o, "\"bearer\" is not a token");
    }

    return api_content_authorize(o, "Bearer", token);
}


static int
api_content_authorize(api_option_t *o, const char *scheme,
    const char *credentials)
{
    sc_buf_t  *b = &o->extract->auth;

    if (sc_buf_printf(b, "%s %s", scheme, credentials) != SC_OK) {
        return api_option_no_memory(o);
    }

    return SC_OK;
}


int
api_content_finish(api_option_t *o)
{
    api_extract_t       *e = o->extract;
    frontier_request_t  *r = o->request;

    o->base = "/request";
    o->key = "auth";

    if (e->auth.len > 0
        && api_content_field(o, "Authorization", e->auth.data) != SC_OK)
    {
        return SC_ERROR;
    }

    if (e->type != NULL) {
        if (e->content.failed || sc_buf_reserve(&e->content, 1) == NULL) {
            return api_option_no_memory(o);
        }

        if (!api_content_has(e, "Content-Type")
            && api_content_field(o, "Content-Type", e->type) != SC_OK)
        {
            return SC_ERROR;
        }

        r->body.data = e->content.data;
        r->body.len = e->content.len;

        if (r->method == NULL) {
            r->method = "POST";
        }
    }

    if (r->method == NULL) {
        r->method = "GET";
    }

    r->headers = e->headers;
    r->nheaders = e->nheaders;

    return SC_OK;
}


static int
api_content_field(api_option_t *o, const char *name, const char *value)
{
    char            err[200];
    api_extract_t  *e = o->extract;
    fetch_header_t  h = { { strlen(name), name }, { strlen(value), value } };

    if (e->nheaders == API_MAX_HEADERS) {
        return api_option_invalid(o, "there are too many fields");
    }

    if (fetch_header_allowed(h.name, h.value, err, sizeof(err)) != SC_OK) {
        return api_option_invalid(o, err);
    }

    e->headers[e->nheaders++] = h;

    return SC_OK;
}


static int
api_content_has(const api_extract_t *e, const char *name)
{
    size_t  i;

    for (i = 0; i < e->nheaders; i++) {
        if (e->headers[i].name.len == strlen(name)
            && strncasecmp(e->headers[i].name.data, name, strlen(name)) == 0)
        {
            return 1;
        }
    }

    return 0;
}
