
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_crawl.h"
#include "sidecar/api/api_idem.h"


/* of the tenant's last crawls, so many are looked at for the one before */
#define CRAWL_LOOKED    100


static void api_crawl_go(api_call_t *c);
static int api_crawl_create(api_call_t *c, sc_str_t text);
static void api_crawl_free(api_call_t *c);
static void api_crawl_begin(api_call_t *c);
static void api_crawl_since(api_call_t *c);
static int api_crawl_incremental(api_crawl_t *cr, const char **since,
    problem_t *p);
static int api_crawl_look(api_call_t *c, const char *since);
static void api_crawl_found(void *data, store_status_t status,
    const store_work_t *works, size_t n);
static const store_work_t *api_crawl_before(const api_crawl_t *cr,
    const store_work_t *works, size_t n);
static void api_crawl_login(api_call_t *c);
static int api_crawl_session(api_call_t *c, json_t *login, problem_t *p);
static void api_crawl_opened(void *data, store_status_t status, int existed);
static void api_crawl_job(api_call_t *c);
static void api_crawl_made(void *data, store_status_t status);
static void api_crawl_forgotten(void *data, store_status_t status,
    int existed);


void
api_crawl_post(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK) {
        return;
    }

    if (api_idem_begin(c, api_crawl_go) == SC_OK) {
        api_crawl_go(c);
    }
}


static void
api_crawl_go(api_call_t *c)
{
    sc_str_t   text = { c->request->body.len, c->request->body.data };
    problem_t  p;

    if (api_room_check(c) != SC_OK) {
        return;
    }

    if (api_body_check(c, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);
        return;
    }

    api_crawl_make(c, text);
}


void
api_crawl_make(api_call_t *c, sc_str_t text)
{
    if (api_crawl_create(c, text) != SC_OK) {
        api_reply_no_memory(c);
        return;
    }

    api_crawl_begin(c);
}


static int
api_crawl_create(api_call_t *c, sc_str_t text)
{
    api_crawl_t  *cr;

    cr = calloc(1, sizeof(api_crawl_t));
    if (cr == NULL) {
        return SC_ERROR;
    }

    cr->call = c;
    api_extract_init(c, &cr->page);
    sc_buf_init(&cr->rules, 0);
    sc_buf_init(&cr->text, 0);
    cr->wait = api_extract_wait(c, 0);
    c->own = cr;
    c->own_free = api_crawl_free;

    if (api_work_init(&cr->work) != SC_OK
        || sc_buf_add(&cr->text, text.len > 0 ? text.data : "", text.len)
           != SC_OK)
    {
        return SC_ERROR;
    }

    return SC_OK;
}


static void
api_crawl_free(api_call_t *c)
{
    size_t        i;
    api_crawl_t  *cr = c->own;

    if (cr->opened && !cr->made) {
        /* it holds what it logs in with */
        api_crawl_forget(c);
    }

    for (i = 0; i < cr->nstarts; i++) {
        url_free(&cr->starts[i]);
    }

    api_park_free(&cr->park);
    api_work_free(&cr->work);
    api_extract_free(&cr->page);
    sc_buf_free(&cr->rules);
    sc_buf_free(&cr->text);
    json_decref(cr->json);
    json_decref(cr->own);
    json_decref(cr->crawl);
    free(cr->starts);
    free(cr);
    c->own = NULL;
    c->own_free = NULL;
}


static void
api_crawl_begin(api_call_t *c)
{
    problem_t  p;

    switch (api_crawl_read(c->own, &p)) {

    case SC_OK:
        api_crawl_since(c);
        break;

    case SC_AGAIN:
        api_need_wait(c, api_crawl_begin);
        break;

    default:
        api_reply_problem(c, &p, 0);
    }
}


static void
api_crawl_since(api_call_t *c)
{
    problem_t     p;
    const char   *since;
    api_crawl_t  *cr = c->own;

    if (api_crawl_incremental(cr, &since, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);

    } else if (since == NULL) {
        api_crawl_login(c);

    } else if (api_crawl_look(c, since) == SC_OK) {
        c->reading = 1;

    } else {
        api_reply_no_memory(c);
    }
}


static int
api_crawl_incremental(api_crawl_t *cr, const char **since, problem_t *p)
{
    json_t      *object, *value;
    const char  *key;

    static const char  base[] = "/incremental";

    *since = NULL;
    object = json_object_get(cr->json, "incremental");

    if (object != NULL && !json_is_object(object)) {
        return api_work_refused(p, base, NULL, "this is not an object");
    }

    json_object_foreach(object, key, value) {
        if (strcmp(key, "since_job") == 0) {
            *since = json_string_value(value);

            if (*since == NULL
                || (strcmp(*since, "last") != 0
                    && !id_valid(*since, strlen(*since))))
            {
                return api_work_refused(p, base, key, "this is neither "
                                        "\"last\" nor the id of a job");
            }

        } else if (strcmp(key, "skip_unchanged") != 0) {
            return api_work_unknown(p, base, key);

        } else if (!json_is_boolean(value)
                   || json_object_set(cr->crawl, key, value) != 0)
        {
            return api_work_refused(p, base, key,
                                    "this is neither true nor false");
        }
    }

    return SC_OK;
}


static int
api_crawl_look(api_call_t *c, const char *since)
{
    store_jobs_ask_t  ask;

    if (strcmp(since, "last") != 0) {
        return store_work_get(c->api->store, since, c->tenant,
                              api_crawl_found, c);
    }

    memset(&ask, 0, sizeof(store_jobs_ask_t));
    ask.tenant = c->tenant;
    ask.state = -1;
    ask.kind = API_CRAWL;
    ask.tag_name = "";
    ask.tag_value = "";
    ask.limit = CRAWL_LOOKED;

    return store_jobs_list(c->api->store, &ask, api_crawl_found, c);
}


static void
api_crawl_found(void *data, store_status_t status, const store_work_t *works,
    size_t n)
{
    problem_t            p;
    api_call_t          *c = data;
    const char          *since;
    api_crawl_t         *cr = c->own;
    const store_work_t  *before;

    c->reading = 0;

    if (status != STORE_OK && status != STORE_NOT_FOUND) {
        api_reply_store(c, status);
        return;
    }

    since = json_string_value(
                json_object_get(json_object_get(cr->json, "incremental"),
                                "since_job"));

    if (strcmp(since, "last") == 0) {
        before = api_crawl_before(cr, works, n);

    } else if (n == 0) {
        problem_init(&p, "/job/not-found", "there is no such job");
        problem_pointer(&p, "/incremental", "since_job");
        api_reply_problem(c, &p, 0);
        return;

    } else {
        before = works;
    }

    if (before != NULL
        && json_object_set_new(cr->crawl, "since",
                               json_integer(before->job.created))
           != 0)
    {
        api_reply_no_memory(c);
        return;
    }

    api_crawl_login(c);
}


/* The newest that has ended and began where this one begins. */
static const store_work_t *
api_crawl_before(const api_crawl_t *cr, const store_work_t *works, size_t n)
{
    size_t           i;
    const url_t     *start = &cr->starts[0];
    const sc_str_t  *url;

    for (i = 0; i < n; i++) {
        url = &works[i].job.url;

        if (works[i].job.state == STORE_COMPLETED && url->len == start->len
            && memcmp(url->data, start->text, start->len) == 0)
        {
            return &works[i];
        }
    }

    return NULL;
}


static void
api_crawl_login(api_call_t *c)
{
    json_t       *login;
    problem_t     p;
    api_crawl_t  *cr = c->own;

    login = json_object_get(cr->json, "login");

    if (login == NULL) {
        api_crawl_job(c);

    } else if (api_crawl_session(c, login, &p) != SC_OK) {
        api_reply_problem(c, &p, 0);

    } else {
        cr->opened = 1;
        c->reading = 1;
    }
}


static int
api_crawl_session(api_call_t *c, json_t *login, problem_t *p)
{
    int               rc;
    sc_buf_t          text;
    sc_str_t          body, name;
    api_crawl_t      *cr = c->own;
    session_error_t   err;

    sc_buf_init(&text, 0);
    (void) sc_buf_add_cstr(&text, "{\"login\":");
    sc_json_value(&text, login);
    (void) sc_buf_add_cstr(&text, "}");

    body.data = text.data;
    body.len = text.len;
    name.data = cr->session;
    name.len = strlen(cr->session);

    rc = text.failed ? SC_ERROR
                     : session_put(c->api->sessions, c->tenant, name, body,
                                   SESSION_JSON, api_crawl_opened, c, &err);
    sc_buf_free(&text);

    if (rc == SC_DECLINED) {
        problem_init(p, err.unknown ? "/request/unknown-field"
                                    : "/request/invalid", "%s", err.detail);
        problem_pointer(p, err.pointer, err.has_key ? err.key : NULL);

    } else if (rc != SC_OK) {
        problem_init(p, "/server/out-of-memory", "memory is out");
    }

    return rc;
}


static void
api_crawl_opened(void *data, store_status_t status, int existed)
{
    api_call_t  *c = data;

    (void) existed;

    c->reading = 0;

    if (status != STORE_OK) {
        api_reply_store(c, status);
        return;
    }

    api_crawl_job(c);
}


static void
api_crawl_job(api_call_t *c)
{
    api_crawl_t        *cr = c->own;
    frontier_status_t   status;

    status = api_work_make(c, &cr->work, API_CRAWL, &cr->page.spec,
                           json_incref(cr->crawl), api_crawl_made);

    if (status != FRONTIER_OK) {
        api_extract_refused(c, status);
        return;
    }

    cr->made = 1;
    c->making = 1;

    if (cr->wait > 0) {
        (void) api_park_watch(&cr->park, c);
    }
}


static void
api_crawl_made(void *data, store_status_t status)
{
    api_call_t   *c = data;
    api_crawl_t  *cr = c->own;

    c->making = 0;
    cr->made = (status == STORE_OK);

    if (status == STORE_CONFLICT && c->put_name[0] != '\0') {
        api_crawl_free(c);
        api_job_put_again(c);

    } else if (status != STORE_OK) {
        api_reply_store(c, status);

    } else {
        api_room_taken(c->api, cr->nstarts);

        if (cr->park.watch != NULL) {
            api_park_wait(&cr->park, cr->wait);
            return;
        }

        api_work_reply(c, API_CRAWL);
    }
}


void
api_crawl_forget(api_call_t *c)
{
    char      text[sizeof(CRAWL_SESSION) + ID_SIZE];
    sc_str_t  name;

    (void) snprintf(text, sizeof(text), CRAWL_SESSION "%s", c->id);
    name.data = text;
    name.len = strlen(text);

    (void) session_delete(c->api->sessions, c->tenant, name,
                          api_crawl_forgotten, c->api);
}


static void
api_crawl_forgotten(void *data, store_status_t status, int existed)
{
    (void) data;
    (void) status;
    (void) existed;
}
