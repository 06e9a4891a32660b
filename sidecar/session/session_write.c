
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/sc_json_of.h"
#include "sidecar/session/session_internal.h"


#define SESSION_NETSCAPE_HEAD    "# Netscape HTTP Cookie File\n"


static int session_show_json(const session_node_t *node, sc_str_t name,
    sc_str_t cookies, sc_buf_t *out);
static json_t *session_json(const session_node_t *node, sc_str_t cookies);
static int session_hide(json_t *json);
static json_t *session_time(int64_t ms);
static int session_dump(json_t *json, sc_buf_t *out);


int
session_write(const session_node_t *node, sc_str_t cookies, sc_buf_t *out)
{
    json_t  *json;

    json = session_json(node, cookies);

    if (json != NULL
        && json_object_set_new(json, "logged_in",
                               json_integer(node->doc.logged_in))
           != 0)
    {
        json_decref(json);
        return SC_ERROR;
    }

    return session_dump(json, out);
}


int
session_show(session_t *session, sc_str_t name, session_format_t format,
    sc_buf_t *out)
{
    int       rc;
    sc_buf_t  cookies;
    sc_str_t  lines;

    if (format == SESSION_NETSCAPE) {
        return sc_buf_add_cstr(out, SESSION_NETSCAPE_HEAD) == SC_OK
               ? jar_save(session->jar, out) : SC_ERROR;
    }

    sc_buf_init(&cookies, 0);
    rc = jar_save(session->jar, &cookies);
    lines.data = cookies.data;
    lines.len = cookies.len;

    if (rc == SC_OK) {
        rc = session_show_json((session_node_t *) session, name, lines, out);
    }

    sc_buf_free(&cookies);

    return rc;
}


static int
session_show_json(const session_node_t *node, sc_str_t name,
    sc_str_t cookies, sc_buf_t *out)
{
    json_t  *json, *shown;

    json = session_json(node, cookies);
    if (json == NULL) {
        return SC_ERROR;
    }

    shown = json_pack("{s:s%}", "name", name.data, name.len);

    if (session_hide(json) != SC_OK || shown == NULL
        || json_object_update(shown, json) != 0
        || json_object_set_new(shown, "logged_in",
                               session_time(node->doc.logged_in))
           != 0)
    {
        json_decref(json);
        json_decref(shown);
        return SC_ERROR;
    }

    json_decref(json);

    return session_dump(shown, out);
}


/* The members that are stored, shown and put. */
static json_t *
session_json(const session_node_t *node, sc_str_t cookies)
{
    json_t  *list;

    list = session_cookies_json(cookies);

    if (list == NULL) {
        return NULL;
    }

    return json_pack("{s:o,s:o,s:O?}", "cookies", list,
                     "headers", node->doc.fields != NULL
                                ? json_incref(node->doc.fields)
                                : json_object(),
                     "login", node->doc.login);
}


/* The login is the session's own: a copy is changed. */
static int
session_hide(json_t *json)
{
    json_t      *login, *fill, *value;
    const char  *key;

    if (json_object_get(json_object_get(json, "login"), "fill") == NULL) {
        return SC_OK;
    }

    login = json_copy(json_object_get(json, "login"));
    fill = json_object();

    json_object_foreach(json_object_get(login, "fill"), key, value) {
        if (json_object_set_new(fill, key, json_string(SESSION_HIDDEN))
            != 0)
        {
            json_decref(fill);
            json_decref(login);
            return SC_ERROR;
        }
    }

    if (json_object_set_new(login, "fill", fill) != 0) {
        json_decref(login);
        return SC_ERROR;
    }

    return json_object_set_new(json, "login", login) == 0 ? SC_OK : SC_ERROR;
}


static json_t *
session_time(int64_t ms)
{
    char       date[32];
    time_t     sec = (time_t) (ms / 1000);
    struct tm  tm;

    if (ms <= 0 || gmtime_r(&sec, &tm) == NULL
        || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
    {
        return json_null();
    }

    return json_sprintf("%s.%03dZ", date, (int) (ms % 1000));
}


static int
session_dump(json_t *json, sc_buf_t *out)
{
    int    rc;
    char  *text;

    if (json == NULL) {
        return SC_ERROR;
    }

    text = sc_json_text(json, JSON_COMPACT);
    json_decref(json);

    rc = text != NULL ? sc_buf_add_cstr(out, text) : SC_ERROR;
    free(text);

    return rc;
}
