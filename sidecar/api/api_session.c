
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/sc_json.h"
#include "sidecar/api/api_list.h"


#define SESSION_TEXT    "Content-Type: text/plain; charset=utf-8\r\n"


static void api_session_listed(void *data, store_status_t status,
    const store_doc_t *docs, size_t n);
static int api_session_shape(api_call_t *c, session_format_t *format);
static session_format_t api_session_accepted(const char *accept);
static void api_session_opened(api_call_t *c, store_status_t status,
    session_t *session, session_format_t format);
static void api_session_json(void *data, store_status_t status,
    session_t *session);
static void api_session_netscape(void *data, store_status_t status,
    session_t *session);
static int api_session_sent(api_call_t *c, session_format_t *format);
static void api_session_problem(api_call_t *c, const session_error_t *err);
static void api_session_replaced(void *data, store_status_t status,
    int existed);
static void api_session_deleted(void *data, store_status_t status,
    int existed);
static int api_session_is(const char *type, size_t len, const char *name);
static void api_session_not_found(api_call_t *c);


void
api_session_list(api_call_t *c)
{
    int       rc;
    query_t   query;
    sc_str_t  after;

    static const char *const  names[] = { "limit", "after", NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return;
    }

    rc = api_list_by_name(c, &query, "session", session_name_check, &after);

    if (rc == SC_OK) {
        /* one more tells whether there are more */
        rc = store_docs_list(c->api->store, "session", c->tenant, after,
                             c->limit + 1, api_session_listed, c);

        if (rc == SC_OK) {
            c->reading = 1;

        } else {
            api_reply_no_memory(c);
        }
    }

    query_free(&query);
}


static void
api_session_listed(void *data, store_status_t status,
    const store_doc_t *docs, size_t n)
{
    char         name[SESSION_NAME_MAX + 1], tail[32];
    size_t       i;
    sc_buf_t    *b;
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    b = &c->api->body;
    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(b, "{\"data\":[");

    name[0] = '\0';

    for (i = 0; i < n && i < c->limit; i++) {
        (void) snprintf(name, sizeof(name), "%.*s", (int) docs[i].name.len,
                        docs[i].name.data);
        (void) sc_buf_add_cstr(b, i ? ",{\"name\":" : "{\"name\":");
        (void) sc_json_cstr(b, name);
        api_reply_add_time(c, "at", docs[i].at);
        api_reply_add_link(c, "session", "/v1/sessions/", name, "");
        (void) sc_buf_add_cstr(b, "}");
    }

    (void) sc_buf_add_cstr(b, "]");

    if (n > c->limit) {
        (void) snprintf(tail, sizeof(tail), "&limit=%zu", c->limit);
        api_reply_add_link(c, "next", "/v1/sessions?after=", name, tail);

    } else {
        (void) sc_buf_add_cstr(b, ",\"next\":null");
    }

    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, 200);
}


void
api_session_get(api_call_t *c)
{
    session_pt        opened;
    session_format_t  format;

    if (api_session_shape(c, &format) != SC_OK) {
        return;
    }

    if (session_name_check(c->name) != SC_OK) {
        api_session_not_found(c);
        return;
    }

    opened = format == SESSION_NETSCAPE ? api_session_netscape
                                        : api_session_json;

    if (session_open(c->api->sessions, c->tenant, c->name, opened, c)
        == NULL)
    {
        api_reply_no_memory(c);
        return;
    }

    c->reading = 1;
}


/* The parameter, or else the field, says how it is to be shown. */
static int
api_session_shape(api_call_t *c, session_format_t *format)
{
    int          rc;
    query_t      query;
    const char  *word;

    static const char *const  names[] = { "format", NULL };

    *format = SESSION_JSON;

    if (api_call_query(c, &query, names) != SC_OK) {
        return SC_DECLINED;
    }

    rc = SC_OK;
    word = query_get(&query, "format");

    if (word == NULL) {
        *format = api_session_accepted(c->request->accept);

    } else if (strcmp(word, "netscape") == 0) {
        *format = SESSION_NETSCAPE;

    } else if (strcmp(word, "json") != 0) {
        rc = api_list_wrong(c, "format", "\"format\" is neither \"json\" "
                            "nor \"netscape\"");
    }

    query_free(&query);

    return rc;
}


/* The first of the types there are that is named. */
static session_format_t
api_session_accepted(const char *accept)
{
    size_t  len;

    while (*accept != '\0') {
        accept += strspn(accept, " \t,");
        len = strcspn(accept, "; \t,");

        if (api_session_is(accept, len, "text/plain")
            || api_session_is(accept, len, "text/*"))
        {
            return SESSION_NETSCAPE;
        }

        if (api_session_is(accept, len, "application/json")
            || api_session_is(accept, len, "application/*")
            || api_session_is(accept, len, "*/*"))
        {
            break;
        }

        accept += strcspn(accept, ",");
    }

    return SESSION_JSON;
}


static void
api_session_json(void *data, store_status_t status, session_t *session)
{
    api_session_opened(data, status, session, SESSION_JSON);
}


static void
api_session_netscape(void *data, store_status_t status, session_t *session)
{
    api_session_opened(data, status, session, SESSION_NETSCAPE);
}


static void
api_session_opened(api_call_t *c, store_status_t status, session_t *session,
    session_format_t format)
{
    int  rc;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    if (!session_exists(session)) {
        session_release(session);
        api_session_not_found(c);
        return;
    }

    /* cookies are secrets */
    api_reply_begin(c, format == SESSION_NETSCAPE
                       ? SESSION_TEXT API_NO_STORE "Vary: Accept\r\n"
                       : API_JSON API_NO_STORE "Vary: Accept\r\n");
    rc = session_show(session, c->name, format, &c->api->body);
    session_release(session);

    if (rc != SC_OK) {
        api_reply_no_memory(c);
        return;
    }

    api_reply_send(c, 200);
}


void
api_session_put(api_call_t *c)
{
    sc_str_t          text;
    problem_t         p;
    session_error_t   err;
    session_format_t  format;
    const sc_buf_t   *body = &c->request->body;

    if (api_call_bare(c) != SC_OK || api_session_sent(c, &format) != SC_OK) {
        return;
    }

    if (session_name_check(c->name) != SC_OK) {
        problem_init(&p, "/request/invalid", "a session's name has \"1\" to "
                     "\"%d\" letters, digits, \".\", \"_\" and \"-\"",
                     SESSION_NAME_MAX);
        api_reply_problem(c, &p, 0);
        return;
    }

    text.data = body->data;
    text.len = body->len;

    switch (session_put(c->api->sessions, c->tenant, c->name, text, format,
                        api_session_replaced, c, &err))
    {

    case SC_OK:
        c->reading = 1;
        break;

    case SC_DECLINED:
        api_session_problem(c, &err);
        break;

    default:
        api_reply_no_memory(c);
    }
}


/* How the body is written, which is there in full. */
static int
api_session_sent(api_call_t *c, session_format_t *format)
{
    size_t           len;
    problem_t        p;
    const char      *type = c->request->content_type;
    const sc_buf_t  *body = &c->request->body;

    type += strspn(type, " \t");
    len = strcspn(type, "; \t");

    if (body->failed) {
        problem_init(&p, "/request/too-large", "the body is larger than "
                     "\"%zu\" bytes", body->max);

    } else if (api_session_is(type, len, "text/plain")) {
        *format = SESSION_NETSCAPE;
        return SC_OK;

    } else if (len == 0 || api_session_is(type, len, "application/json")) {
        *format = SESSION_JSON;
        return SC_OK;

    } else {
        problem_init(&p, "/request/unsupported-media-type",
                     "the body is \"%.100s\", neither \"application/json\" "
                     "nor \"text/plain\"", type);
    }

    api_reply_problem(c, &p, 0);

    return SC_DECLINED;
}


static void
api_session_problem(api_call_t *c, const session_error_t *err)
{
    problem_t    p;
    const char  *type;

    type = err->json ? "/request/invalid-json"
           : err->unknown ? "/request/unknown-field" : "/request/invalid";

    problem_init(&p, type, "%s", err->detail);

    if (err->json) {
        p.line = err->line;
        p.column = err->column;

    } else {
        problem_pointer(&p, err->pointer, err->has_key ? err->key : NULL);
    }

    api_reply_problem(c, &p, 0);
}


static void
api_session_replaced(void *data, store_status_t status, int existed)
{
    char         name[SESSION_NAME_MAX + 1];
    sc_buf_t    *h, *b;
    api_call_t  *c = data;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    (void) snprintf(name, sizeof(name), "%.*s", (int) c->name.len,
                    c->name.data);
    h = &c->api->headers;
    b = &c->api->body;

    api_reply_begin(c, API_JSON API_NO_STORE);

    if (!existed) {
        (void) sc_buf_printf(h, "Location: %s\r\n",
                             api_reply_link(c, "/v1/sessions/", name, ""));
    }

    (void) sc_buf_add_cstr(b, "{\"name\":");
    (void) sc_json_cstr(b, name);
    api_reply_add_link(c, "session", "/v1/sessions/", name, "");
    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, existed ? 200 : 201);
}


void
api_session_delete(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (session_name_check(c->name) != SC_OK) {
        api_session_not_found(c);
        return;
    }

    api_reply_later(c, session_delete(c->api->sessions, c->tenant, c->name,
                                      api_session_deleted, c));
}


static void
api_session_deleted(void *data, store_status_t status, int existed)
{
    api_call_t  *c = data;

    (void) existed;

    c->reading = 0;

    if (status == STORE_NOT_FOUND) {
        api_session_not_found(c);

    } else if (status != STORE_OK) {
        api_reply_store(c, status);

    } else {
        api_reply_begin(c, "");
        api_reply_send(c, 204);
    }
}


static int
api_session_is(const char *type, size_t len, const char *name)
{
    return len == strlen(name) && strncasecmp(type, name, len) == 0;
}


static void
api_session_not_found(api_call_t *c)
{
    api_reply_error(c, "/session/not-found", "there is no such session");
}
