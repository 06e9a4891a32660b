
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/rules/sc_rules.h"
#include "common/sc_json_of.h"
#include "sidecar/session/session_internal.h"


/* A member, and what takes it; none may be told twice. */
typedef struct {
    const char  *name;
    int        (*handler)(session_doc_t *doc, const json_t *value,
                          session_error_t *err);
    int          stored;        /* only in the store */
} session_member_t;


static int session_read_json(session_doc_t *doc, sc_str_t text, int stored,
    session_error_t *err);
static int session_read_members(session_doc_t *doc, json_t *json, int stored,
    session_error_t *err);
static int session_read_cookies(session_doc_t *doc, const json_t *value,
    session_error_t *err);
static int session_read_headers(session_doc_t *doc, const json_t *value,
    session_error_t *err);
static int session_read_header(fetch_header_t *h, const char *name,
    const json_t *value, session_error_t *err);
static int session_read_login(session_doc_t *doc, const json_t *value,
    session_error_t *err);
static int session_read_url(const json_t *value, session_error_t *err);
static int session_read_xpath(const json_t *value, const char *key,
    session_error_t *err);
static int session_read_fill(const json_t *value, session_error_t *err);
static int session_read_time(session_doc_t *doc, const json_t *value,
    session_error_t *err);
static int session_read_jar(const sc_buf_t *cookies, session_format_t format,
    session_error_t *err);


static const session_member_t  session_members[] = {
    { "cookies", session_read_cookies, 0 },
    { "headers", session_read_headers, 0 },
    { "login", session_read_login, 0 },
    { "logged_in", session_read_time, 1 },
    { NULL, NULL, 0 }
};


int
session_read(session_doc_t *doc, sc_str_t text, session_format_t format,
    int stored, session_error_t *err)
{
    int  rc;

    session_doc_init(doc);
    memset(err, 0, sizeof(session_error_t));

    rc = format == SESSION_JSON ? session_read_json(doc, text, stored, err)
                                : sc_buf_add_str(&doc->cookies, text);

    if (rc == SC_OK) {
        rc = session_read_jar(&doc->cookies, format, err);
    }

    if (rc != SC_OK) {
        session_doc_free(doc);
    }

    return rc;
}


void
session_doc_init(session_doc_t *doc)
{
    memset(doc, 0, sizeof(session_doc_t));
    sc_buf_init(&doc->cookies, 0);
}


void
session_doc_free(session_doc_t *doc)
{
    sc_buf_free(&doc->cookies);
    json_decref(doc->fields);
    free(doc->headers);
    json_decref(doc->login);
    free(doc->login_text);
    session_doc_init(doc);
}


static int
session_read_json(session_doc_t *doc, sc_str_t text, int stored,
    session_error_t *err)
{
    int           rc;
    json_t       *json;
    json_error_t  where;

    json = sc_json_of(text.len > 0 ? text.data : "", text.len,
                      JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);

    if (json == NULL && where.line == 0) {
        return SC_ERROR;
    }

    if (json == NULL) {
        err->json = 1;
        err->line = where.line;
        err->column = where.column;
        (void) snprintf(err->detail, sizeof(err->detail), "%s", where.text);
        return SC_DECLINED;
    }

    rc = json_is_object(json)
         ? session_read_members(doc, json, stored, err)
         : session_wrong(err, "", NULL, "the body is not an object");
    json_decref(json);

    return rc;
}


static int
session_read_members(session_doc_t *doc, json_t *json, int stored,
    session_error_t *err)
{
    int                      rc;
    json_t                  *value;
    const char              *key;
    const session_member_t  *m;

    json_object_foreach(json, key, value) {
        for (m = session_members; m->name != NULL; m++) {
            if (strcmp(m->name, key) == 0 && (stored || !m->stored)) {
                break;
            }
        }

        if (m->name == NULL) {
            return session_unknown(err, "", key);
        }

        rc = m->handler(doc, value, err);

        if (rc != SC_OK) {
            return rc;
        }
    }

    return SC_OK;
}


static int
session_read_cookies(session_doc_t *doc, const json_t *value,
    session_error_t *err)
{
    if (json_is_string(value)) {
        return sc_buf_add(&doc->cookies, json_string_value(value),
                          json_string_length(value));
    }

    return session_cookies_read(&doc->cookies, value, err);
}


static int
session_read_headers(session_doc_t *doc, const json_t *value,
    session_error_t *err)
{
    size_t           size;
    json_t          *field;
    const char      *key;
    fetch_header_t  *h;

    if (!json_is_object(value)) {
        return session_wrong(err, "", "headers", "this is not an object");
    }

    if (json_object_size(value) > SESSION_MAX_HEADERS) {
        return session_wrong(err, "", "headers",
                             "there are more than \"%d\" fields",
                             SESSION_MAX_HEADERS);
    }

    doc->fields = json_incref((json_t *) value);
    doc->headers = calloc(json_object_size(value) + 1,
                          sizeof(fetch_header_t));
    if (doc->headers == NULL) {
        return SC_ERROR;
    }

    size = 0;

    json_object_foreach((json_t *) value, key, field) {
        h = &doc->headers[doc->nheaders];

        if (session_read_header(h, key, field, err) != SC_OK) {
            return SC_DECLINED;
        }

        doc->nheaders++;
        size += h->name.len + h->value.len;

        if (size > SESSION_MAX_FIELDS) {
            return session_wrong(err, "/headers", key,
                                 "the fields are longer than \"%d\" bytes",
                                 SESSION_MAX_FIELDS);
        }
    }

    return SC_OK;
}


static int
session_read_header(fetch_header_t *h, const char *name, const json_t *value,
    session_error_t *err)
{
    char  why[200];

    if (!json_is_string(value)) {
        return session_wrong(err, "/headers", name, "this is not a string");
    }

    h->name.data = name;
    h->name.len = strlen(name);
    h->value.data = json_string_value(value);
    h->value.len = json_string_length(value);

    if (fetch_header_allowed(h->name, h->value, why, sizeof(why)) != SC_OK) {
        return session_wrong(err, "/headers", name, "%s", why);
    }

    return SC_OK;
}


static int
session_read_login(session_doc_t *doc, const json_t *value,
    session_error_t *err)
{
    int          rc;
    json_t      *member;
    const char  *key;

    if (json_is_null(value)) {
        return SC_OK;
    }

    if (!json_is_object(value)) {
        return session_wrong(err, "", "login", "this is not an object");
    }

    if (json_object_get(value, "url") == NULL) {
        return session_wrong(err, "/login", "url", "\"url\" is missing");
    }

    json_object_foreach((json_t *) value, key, member) {
        if (strcmp(key, "url") == 0) {
            rc = session_read_url(member, err);

        } else if (strcmp(key, "from_form") == 0
                   || strcmp(key, "check") == 0)
        {
            rc = session_read_xpath(member, key, err);

        } else if (strcmp(key, "fill") == 0) {
            rc = session_read_fill(member, err);

        } else {
            rc = session_unknown(err, "/login", key);
        }

        if (rc != SC_OK) {
            return rc;
        }
    }

    doc->login = json_incref((json_t *) value);
    doc->login_text = sc_json_text(value, JSON_COMPACT);

    return doc->login_text != NULL ? SC_OK : SC_ERROR;
}


static int
session_read_url(const json_t *value, session_error_t *err)
{
    char   why[256];
    url_t  url;

    if (!json_is_string(value)) {
        return session_wrong(err, "/login", "url", "this is not a string");
    }

    if (url_parse(&url, json_string_value(value), json_string_length(value),
                  why, sizeof(why))
        != SC_OK)
    {
        return session_wrong(err, "/login", "url", "%s", why);
    }

    url_free(&url);

    return SC_OK;
}


/* An expression is held to what is held to in a rule. */
static int
session_read_xpath(const json_t *value, const char *key,
    session_error_t *err)
{
    json_t            *rule;
    sc_rules_t        *rules;
    sc_rules_error_t   why;

    if (!json_is_string(value)) {
        return session_wrong(err, "/login", key, "this is not a string");
    }

    /* what is filled in is an element; what is checked may be a number */
    rule = json_pack(strcmp(key, "check") == 0 ? "{s:O}" : "{s:[O]}", key,
                     value);
    if (rule == NULL) {
        return SC_ERROR;
    }

    rules = sc_rules_parse(rule, &why);
    json_decref(rule);

    if (rules == NULL) {
        return session_wrong(err, "/login", key, "%s", why.message);
    }

    sc_rules_free(rules);

    return SC_OK;
}


static int
session_read_fill(const json_t *value, session_error_t *err)
{
    size_t       size;
    json_t      *text;
    const char  *key;

    if (!json_is_object(value)) {
        return session_wrong(err, "/login", "fill", "this is not an object");
    }

    if (json_object_size(value) > SESSION_MAX_FILL) {
        return session_wrong(err, "/login", "fill",
                             "there are more than \"%d\" fields",
                             SESSION_MAX_FILL);
    }

    size = 0;

    json_object_foreach((json_t *) value, key, text) {
        if (!json_is_string(text)) {
            return session_wrong(err, "/login/fill", key,
                                 "this is not a string");
        }

        if (strcmp(json_string_value(text), SESSION_HIDDEN) == 0) {
            return session_wrong(err, "/login/fill", key, "\""
                                 SESSION_HIDDEN "\" stands for a value that "
                                 "is not shown");
        }

        size += strlen(key) + json_string_length(text);

        if (size > SESSION_MAX_FIELDS) {
            return session_wrong(err, "/login/fill", key,
                                 "the fields are longer than \"%d\" bytes",
                                 SESSION_MAX_FIELDS);
        }
    }

    return SC_OK;
}


static int
session_read_time(session_doc_t *doc, const json_t *value,
    session_error_t *err)
{
    if (!json_is_integer(value)) {
        return session_wrong(err, "", "logged_in", "this is not a time");
    }

    doc->logged_in = json_integer_value(value);

    return SC_OK;
}


/* What the jar would refuse is to be known now. */
static int
session_read_jar(const sc_buf_t *cookies, session_format_t format,
    session_error_t *err)
{
    int        rc;
    char       why[256];
    jar_t     *jar;
    sc_str_t   text = { cookies->len, cookies->data };

    if (text.len == 0) {
        return SC_OK;
    }

    jar = jar_create();
    if (jar == NULL) {
        return SC_ERROR;
    }

    rc = jar_load(jar, text, why, sizeof(why));
    jar_unref(jar);

    if (rc == SC_DECLINED) {
        return session_wrong(err, "", format == SESSION_JSON ? "cookies"
                                                             : NULL,
                             "%s", why);
    }

    return rc;
}


int
session_wrong(session_error_t *err, const char *pointer, const char *key,
    const char *fmt, ...)
{
    va_list  args;

    (void) snprintf(err->pointer, sizeof(err->pointer), "%s", pointer);
    (void) snprintf(err->key, sizeof(err->key), "%s", key != NULL ? key : "");
    err->has_key = key != NULL;

    va_start(args, fmt);
    (void) vsnprintf(err->detail, sizeof(err->detail), fmt, args);
    va_end(args);

    return SC_DECLINED;
}


int
session_unknown(session_error_t *err, const char *pointer, const char *key)
{
    err->unknown = 1;

    return session_wrong(err, pointer, key, "\"%.100s\" is not known here",
                         key);
}
