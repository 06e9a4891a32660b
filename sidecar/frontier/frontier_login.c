
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "common/sc_json_of.h"
#include "sidecar/frontier/frontier_internal.h"


/* the form that a session does not name */
#define LOGIN_FORM    "//form[.//input[@type='password']]"


typedef enum {
    LOGIN_PAGE = 0,     /* the page with the form */
    LOGIN_SENT          /* what came for it */
} frontier_login_stage_t;


/*
 * The way into a session.  The flights that wait for it hold the session.
 *
 * waiting        flights; there is one at least
 * spec, request  of the first of them: the login's pages are fetched alike
 * what           the session's "login"
 * form           what the worker is to do with the page
 */
struct frontier_login_s {
    frontier_login_t         *next;
    frontier_login_t         *prev;
    frontier_t               *frontier;
    session_t                *session;
    sc_buf_t                  tenant;
    size_t                    waiting;
    frontier_login_stage_t    stage;
    json_t                   *spec;
    frontier_request_t        request;
    fetch_header_t           *fields;
    json_t                   *what;
    char                     *form;
    frontier_flight_t        *flight;
    pool_task_t              *task;
};


static frontier_login_t *frontier_login_find(frontier_t *f,
    const session_t *session);
static frontier_login_t *frontier_login_create(frontier_flight_t *fl);
static int frontier_login_fetch(frontier_login_t *l, const char *url,
    const char *method, sc_str_t body);
static int frontier_login_ask(frontier_login_t *l);
static json_t *frontier_login_question(const frontier_login_t *l);
static void frontier_login_told(void *data, const pool_result_t *result);
static int frontier_login_send(frontier_login_t *l, sc_str_t form);
static void frontier_login_end(frontier_login_t *l, const char *detail);
static void frontier_login_free(frontier_login_t *l);


int
frontier_login_wait(frontier_flight_t *fl)
{
    frontier_t        *f = fl->frontier;
    frontier_login_t  *l;

    if (fl->session->login[0] == '\0' || fl->session->logged_in != 0) {
        return SC_DECLINED;
    }

    l = frontier_login_find(f, fl->session);

    if (l == NULL) {
        l = frontier_login_create(fl);

        if (l == NULL) {
            return SC_ERROR;
        }
    }

    fl->waiting = l;
    l->waiting++;
    frontier_flight_park(fl, FRONTIER_FOREVER);

    return SC_OK;
}


void
frontier_session_drop(frontier_t *f, sc_str_t tenant, sc_str_t name)
{
    (void) session_delete(f->parts.sessions, tenant, name, NULL, NULL);
}


static frontier_login_t *
frontier_login_find(frontier_t *f, const session_t *session)
{
    frontier_login_t  *l;

    DL_FOREACH(f->logins, l) {
        if (l->session == session) {
            return l;
        }
    }

    return NULL;
}


static frontier_login_t *
frontier_login_create(frontier_flight_t *fl)
{
    sc_str_t           none = sc_null_string;
    frontier_t        *f = fl->frontier;
    frontier_login_t  *l;

    l = calloc(1, sizeof(frontier_login_t));
    if (l == NULL) {
        return NULL;
    }

    l->frontier = f;
    l->session = fl->session;
    l->spec = sc_json_of(fl->jobs->row.spec.data, fl->jobs->row.spec.len, 0,
                         NULL);
    l->what = sc_json_of(fl->session->login, strlen(fl->session->login), 0,
                         NULL);
    sc_buf_init(&l->tenant, 0);
    (void) sc_buf_add_str(&l->tenant, fl->item.tenant);
    DL_APPEND(f->logins, l);

    if (l->what == NULL || l->tenant.failed
        || frontier_request_read(&l->request,
                                 json_object_get(l->spec, "request"),
                                 &l->fields)
           != SC_OK
        || frontier_login_fetch(l, json_string_value(
                                       json_object_get(l->what, "url")),
                                "GET", none)
           != SC_OK)
    {
        frontier_login_free(l);
        return NULL;
    }

    return l;
}


/* A page like those of the session's jobs, but before them. */
static int
frontier_login_fetch(frontier_login_t *l, const char *url,
    const char *method, sc_str_t body)
{
    sc_buf_t             b;
    store_job_t          row;
    frontier_request_t   request = l->request;

    static const fetch_header_t  type = {
        sc_string("Content-Type"),
        sc_string("application/x-www-form-urlencoded")
    };

    request.method = method;
    request.session = "";
    request.body = body;
    request.ncookies = 0;
    request.meta_refresh = 0;
    request.headers = &type;
    request.nheaders = body.data != NULL;

    sc_buf_init(&b, 0);
    (void) sc_buf_add_cstr(&b, "{\"request\":");
    (void) frontier_request_write(&request, &b);
    (void) sc_buf_add_cstr(&b, "}");

    memset(&row, 0, sizeof(store_job_t));
    row.tenant.data = l->tenant.data;
    row.tenant.len = l->tenant.len;
    row.url.data = url;
    row.url.len = strlen(url);
    row.spec.data = b.data;
    row.spec.len = b.len;

    l->flight = b.failed ? NULL
                : frontier_flight_create(l->frontier, &row,
                                         LANES_INTERACTIVE);
    sc_buf_free(&b);

    if (l->flight == NULL) {
        return SC_ERROR;
    }

    l->flight->login = l;
    l->flight->jar = jar_ref(l->session->jar);

    return frontier_flight_push(l->flight, 0);
}


void
frontier_login_leave(frontier_flight_t *fl)
{
    frontier_login_t  *l = fl->waiting;

    if (l == NULL) {
        return;
    }

    fl->waiting = NULL;
    l->waiting--;

    if (l->waiting == 0) {
        frontier_login_free(l);
    }
}


void
frontier_login_landed(frontier_flight_t *fl)
{
    frontier_login_t  *l = fl->login;

    session_touch(l->session);

    if (fl->page.status >= 400) {
        frontier_login_end(l, "the origin answered with an error");
        return;
    }

    if (l->stage == LOGIN_SENT
        && json_object_get(l->what, "check") == NULL)
    {
        frontier_login_end(l, NULL);
        return;
    }

    if (frontier_login_ask(l) != SC_OK) {
        frontier_login_end(l, "memory is out");
    }
}


void
frontier_login_failed(frontier_flight_t *fl, const char *detail)
{
    char  text[256];

    (void) snprintf(text, sizeof(text), "%s", detail);
    frontier_login_end(fl->login, text);
}


static int
frontier_login_ask(frontier_login_t *l)
{
    json_t             *question;
    pool_request_t      request;
    frontier_flight_t  *fl = l->flight;

    question = frontier_login_question(l);
    free(l->form);
    l->form = question != NULL ? sc_json_text(question, JSON_COMPACT) : NULL;
    json_decref(question);

    if (l->form == NULL) {
        return SC_ERROR;
    }

    memset(&request, 0, sizeof(pool_request_t));
    request.url = fl->hop.text;
    request.content_type = fl->content_type;
    request.rules_hash = "";
    request.body.data = fl->page.body.data;
    request.body.len = fl->page.body.len;
    request.form.data = l->form;
    request.form.len = strlen(l->form);
    request.urgent = 1;

    l->task = pool_submit(l->frontier->parts.pool, &request,
                          frontier_login_told, l);

    return l->task != NULL ? SC_OK : SC_ERROR;
}


static json_t *
frontier_login_question(const frontier_login_t *l)
{
    json_t  *form, *fill;

    if (l->stage == LOGIN_SENT) {
        return json_pack("{s:O}", "check",
                         json_object_get(l->what, "check"));
    }

    form = json_object_get(l->what, "from_form");
    fill = json_object_get(l->what, "fill");

    return json_pack("{s:o,s:o}", "form",
                     form != NULL ? json_incref(form)
                                  : json_string(LOGIN_FORM),
                     "fill", fill != NULL ? json_incref(fill)
                                          : json_object());
}


static void
frontier_login_told(void *data, const pool_result_t *result)
{
    json_t            *json;
    frontier_login_t  *l = data;

    l->task = NULL;

    if (result->status != POOL_OK) {
        frontier_login_failed(l->flight, result->detail);
        return;
    }

    if (l->stage == LOGIN_PAGE) {
        if (frontier_login_send(l, result->form) != SC_OK) {
            frontier_login_end(l, "its form could not be sent");
        }

        return;
    }

    json = sc_json_of(result->form.data, result->form.len, 0, NULL);
    frontier_login_end(l, json_is_true(json_object_get(json, "ok"))
                          ? NULL
                          : "the page behind it does not pass the check");
    json_decref(json);
}


/* A worker has met the page: what it says is not to be trusted either. */
static int
frontier_login_send(frontier_login_t *l, sc_str_t form)
{
    int          rc;
    json_t      *json;
    sc_str_t     body = sc_null_string;
    const char  *url, *method;

    json = sc_json_of(form.data, form.len, 0, NULL);
    url = json_string_value(json_object_get(json, "url"));
    method = json_string_value(json_object_get(json, "method"));

    if (url == NULL || method == NULL || !fetch_method_allowed(method)) {
        json_decref(json);
        return SC_ERROR;
    }

    frontier_flight_free(l->flight);
    l->flight = NULL;
    l->stage = LOGIN_SENT;

    if (strcmp(method, "POST") == 0) {
        body.data = json_string_value(json_object_get(json, "body"));
        body.len = json_string_length(json_object_get(json, "body"));
    }

    rc = frontier_login_fetch(l, url, method, body);
    json_decref(json);

    return rc;
}


/* detail NULL: we are in. */
static void
frontier_login_end(frontier_login_t *l, const char *detail)
{
    char                text[320];
    frontier_t         *f = l->frontier;
    frontier_flight_t  *fl, *tmp;

    if (detail == NULL) {
        session_logged_in(l->session, id_now_ms());
    }

    (void) snprintf(text, sizeof(text), "the session could not be logged "
                    "in: %.250s", detail != NULL ? detail : "");

    /* the last one to leave takes the login along */
    DL_FOREACH_SAFE(f->parked, fl, tmp) {
        if (fl->waiting != l) {
            continue;
        }

        frontier_flight_unpark(fl);
        frontier_login_leave(fl);

        if (detail == NULL) {
            frontier_flight_again(fl);

        } else {
            frontier_flight_fail(fl, "/fetch/login-failed", text);
        }
    }
}


static void
frontier_login_free(frontier_login_t *l)
{
    if (l->task != NULL) {
        pool_cancel(l->task);
    }

    if (l->flight != NULL) {
        frontier_flight_free(l->flight);
    }

    DL_DELETE(l->frontier->logins, l);
    json_decref(l->spec);
    json_decref(l->what);
    free(l->fields);
    free(l->form);
    sc_buf_free(&l->tenant);
    free(l);
}
