
#include <stdio.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/api/api_internal.h"
#include "sidecar/extract/extract.h"


#define CHECK_URL      "http://localhost/"
#define CHECK_TYPE     "text/html; charset=utf-8"
#define CHECK_UTF8     "; charset=utf-8"

#define CHECK_MAX_TYPE 256


typedef enum {
    CHECK_RULES = 0,
    CHECK_HTML,
    CHECK_AT,
    CHECK_CONTENT_TYPE,
    CHECK_BASE_URL,
    CHECK_EXPLAIN,
    CHECK_RETURN,
    CHECK_MEMBERS
} api_check_member_t;


/* A body that is read; its members are NULL when absent. */
typedef struct {
    api_call_t         *call;
    problem_t          *problem;
    json_t             *json;
    const json_t       *values[CHECK_MEMBERS];
    const api_rules_t  *set;
    unsigned            views;
} api_check_t;


static int api_check_parse(api_check_t *k);
static int api_check_members(api_check_t *k);
static int api_check_texts(api_check_t *k);
static int api_check_rules(api_check_t *k);
static void api_check_only(api_check_t *k);
static void api_check_keep(api_check_t *k);
static void api_check_head(api_call_t *c);
static int api_check_html(api_check_t *k);
static void api_check_type(const json_t *value, char *out);
static void api_check_extracted(void *data, const pool_result_t *result);
static void api_check_page(api_call_t *c, const pool_result_t *result);
static int api_check_url(api_check_t *k);
static int api_check_submit(api_check_t *k, api_extract_t *e);
static void api_check_ended(void *data, const frontier_outcome_t *o);
static void api_check_result(api_call_t *c, const frontier_outcome_t *o);
static int api_check_invalid(api_check_t *k, const char *key,
    const char *detail);


static const char *const  api_check_names[CHECK_MEMBERS] = {
    [CHECK_RULES] = "rules",
    [CHECK_HTML] = "html",
    [CHECK_AT] = "url",
    [CHECK_CONTENT_TYPE] = "content_type",
    [CHECK_BASE_URL] = "base_url",
    [CHECK_EXPLAIN] = "explain",
    [CHECK_RETURN] = "return"
};


void
api_check_post(api_call_t *c)
{
    int          rc;
    problem_t    p;
    api_check_t  k;

    if (api_call_bare(c) != SC_OK) {
        return;
    }

    memset(&k, 0, sizeof(api_check_t));
    k.call = c;
    k.problem = &p;

    rc = api_check_parse(&k);

    if (rc == SC_OK && k.values[CHECK_HTML] != NULL) {
        rc = api_check_html(&k);

    } else if (rc == SC_OK && k.values[CHECK_AT] != NULL) {
        rc = api_check_url(&k);

    } else if (rc == SC_OK) {
        api_check_only(&k);
    }

    json_decref(k.json);

    if (rc == SC_AGAIN) {
        api_need_wait(c, api_check_post);

    } else if (rc != SC_OK) {
        api_reply_problem(c, &p, 0);
    }
}


static int
api_check_parse(api_check_t *k)
{
    const char      *type = k->call->request->content_type;
    const sc_buf_t  *body = &k->call->request->body;

    if (api_json_type(type, k->problem) != SC_OK) {
        return SC_ERROR;
    }

    if (body->failed) {
        problem_init(k->problem, "/request/too-large", "the body is larger "
                     "than \"%zu\" bytes", body->max);
        return SC_ERROR;
    }

    k->json = api_ruleset_json(body, k->problem);

    if (k->json == NULL) {
        return SC_ERROR;
    }

    if (!json_is_object(k->json)) {
        return api_check_invalid(k, NULL, "the body is not an object");
    }

    if (api_check_members(k) != SC_OK || api_check_texts(k) != SC_OK) {
        return SC_ERROR;
    }

    if (api_views(k->values[CHECK_RETURN], k->values[CHECK_EXPLAIN],
                  &k->views, k->problem)
        != SC_OK)
    {
        return SC_ERROR;
    }

    return api_check_rules(k);
}


static int
api_check_members(api_check_t *k)
{
    size_t       i;
    json_t      *value;
    const char  *key;

    json_object_foreach(k->json, key, value) {
        for (i = 0; i < CHECK_MEMBERS; i++) {
            if (strcmp(api_check_names[i], key) == 0) {
                break;
            }
        }

        if (i == CHECK_MEMBERS) {
            problem_init(k->problem, "/request/unknown-field",
                         "\"%.100s\" is not known here", key);
            problem_pointer(k->problem, "", key);
            return SC_ERROR;
        }

        k->values[i] = value;
    }

    if (k->values[CHECK_RULES] == NULL) {
        return api_check_invalid(k, "rules", "\"rules\" is missing");
    }

    if (k->values[CHECK_HTML] != NULL && k->values[CHECK_AT] != NULL) {
        return api_check_invalid(k, "url",
                                 "\"html\" and \"url\" exclude each other");
    }

    return SC_OK;
}


static int
api_check_texts(api_check_t *k)
{
    size_t  i;

    for (i = CHECK_HTML; i <= CHECK_BASE_URL; i++) {
        if (k->values[i] != NULL && !json_is_string(k->values[i])) {
            return api_check_invalid(k, api_check_names[i],
                                     "this is not a string");
        }
    }

    for (i = CHECK_CONTENT_TYPE; i <= CHECK_BASE_URL; i++) {
        if (k->values[i] != NULL && k->values[CHECK_HTML] == NULL) {
            return api_check_invalid(k, api_check_names[i],
                                     "this goes with \"html\" only");
        }
    }

    return SC_OK;
}


/* Whatever is wrong with rules is 422 here. */
static int
api_check_rules(api_check_t *k)
{
    problem_t  *p = k->problem;

    if (api_rules_take(k->call, NULL, k->values[CHECK_RULES], "/rules",
                       &k->set, p)
        != SC_OK)
    {
        p->type = problem_status(p->type) == 400 ? "/rules/invalid" : p->type;
        return SC_ERROR;
    }

    /* without a page, none that it is to be like is fetched */
    if (!k->set->similar
        || (k->values[CHECK_HTML] == NULL && k->values[CHECK_AT] == NULL))
    {
        return SC_OK;
    }

    return api_similar_complete(k->call, "/rules", &k->set, p);
}


static void
api_check_only(api_check_t *k)
{
    api_call_t  *c = k->call;

    api_check_keep(k);
    api_check_head(c);
    (void) sc_buf_add_cstr(&c->api->body, "}");
    api_reply_send(c, 200);
}


/* What is told of the rules alone. */
static void
api_check_keep(api_check_t *k)
{
    api_call_t  *c = k->call;

    memcpy(c->hash, k->set->hash, sizeof(c->hash));
    c->total = k->set->total;
}


static void
api_check_head(api_call_t *c)
{
    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_printf(&c->api->body,
                         "{\"valid\":true,\"hash\":\"%s\",\"fields\":%zu",
                         c->hash, c->total);
}


static int
api_check_html(api_check_t *k)
{
    int                     rc;
    char                    type[CHECK_MAX_TYPE + sizeof(CHECK_UTF8)];
    url_t                   url;
    api_call_t             *c = k->call;
    const char             *base;
    const json_t           *html = k->values[CHECK_HTML];
    frontier_check_spec_t   spec;

    base = json_string_value(k->values[CHECK_BASE_URL]);
    base = base != NULL ? base : CHECK_URL;
    rc = api_url(c, &url, base, strlen(base), k->problem);

    if (rc != SC_OK) {
        problem_pointer(k->problem, "", "base_url");
        return rc;
    }

    api_check_type(k->values[CHECK_CONTENT_TYPE], type);
    api_check_keep(k);
    spec.rules = k->set->json;
    spec.rules_hash = k->set->hash;
    spec.url = url.text;
    spec.content_type = type;
    spec.body.data = json_string_value(html);
    spec.body.len = json_string_length(html);
    spec.views = k->views;

    c->check = frontier_check(c->api->frontier, &spec, api_check_extracted,
                              c);
    url_free(&url);

    if (c->check == NULL) {
        problem_init(k->problem, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


/* A text of JSON is UTF-8, whatever the page says of itself. */
static void
api_check_type(const json_t *value, char *out)
{
    const char  *type = json_string_value(value);

    if (type == NULL || strpbrk(type, "\r\n") != NULL
        || strlen(type) > CHECK_MAX_TYPE)
    {
        memcpy(out, CHECK_TYPE, sizeof(CHECK_TYPE));
        return;
    }

    (void) snprintf(out, CHECK_MAX_TYPE + sizeof(CHECK_UTF8), "%s%s", type,
                    strcasestr(type, "charset=") == NULL ? CHECK_UTF8 : "");
}


static void
api_check_extracted(void *data, const pool_result_t *result)
{
    sc_buf_t    *b;
    api_call_t  *c = data;

    c->check = NULL;
    b = &c->api->body;
    api_check_head(c);

    if (result->status == POOL_OK) {
        api_check_page(c, result);

    } else {
        (void) sc_buf_printf(b, ",\"error\":{\"type\":\"%s\",\"detail\":",
                             pool_status_type(result->status));
        (void) sc_json_cstr(b, result->detail != NULL ? result->detail : "");
        (void) sc_buf_add_cstr(b, "}");
    }

    (void) sc_buf_add_cstr(b, "}");
    api_reply_send(c, 200);
}


static void
api_check_page(api_call_t *c, const pool_result_t *result)
{
    sc_buf_t  *b = &c->api->body;

    api_reply_add_json(c, "data", result->data);
    api_reply_add_json(c, "missing", result->missing);
    api_reply_add_json(c, "warnings", result->warnings);

    if (!result->matched) {
        (void) sc_buf_add_cstr(b, ",\"matched\":false");

    } else if (result->dropped) {
        (void) sc_buf_add_cstr(b, ",\"dropped\":true");
    }

    if (result->incomplete) {
        (void) sc_buf_add_cstr(b, ",\"incomplete\":true");
    }

    api_reply_add_members(c, result->view);
}


/* A job like others: it is fetched, told and kept as they are. */
static int
api_check_url(api_check_t *k)
{
    int            rc;
    const char    *url = json_string_value(k->values[CHECK_AT]);
    api_extract_t  e;

    api_extract_init(k->call, &e);
    rc = api_extract_url(k->call, &e, url, strlen(url), k->problem);

    if (rc == SC_OK) {
        rc = api_check_submit(k, &e);

    } else {
        problem_pointer(k->problem, "", "url");
    }

    api_extract_free(&e);

    return rc;
}


static int
api_check_submit(api_check_t *k, api_extract_t *e)
{
    char                id[ID_SIZE];
    api_call_t         *c = k->call;
    frontier_status_t   status;

    e->spec.rules = k->set->json;
    e->spec.rules_hash = k->set->hash;
    e->spec.request.method = "GET";
    e->spec.views = k->views;
    e->spec.cancel_alone = 1;
    e->spec.waited = 1;
    api_check_keep(k);
    status = frontier_submit(c->api->frontier, &e->spec, id);

    if (status != FRONTIER_OK) {
        api_extract_refused(c, status);
        return SC_OK;
    }

    c->wait = frontier_wait(c->api->frontier, id, c->tenant, api_check_ended,
                            c);

    if (c->wait == NULL) {
        problem_init(k->problem, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


static void
api_check_ended(void *data, const frontier_outcome_t *o)
{
    api_call_t  *c = data;

    c->wait = NULL;

    if (o->stored != STORE_OK) {
        api_reply_store(c, o->stored);

    } else if (o->job->state == STORE_CANCELLED) {
        api_reply_error(c, "/job/state", "the job was cancelled");

    } else {
        api_check_head(c);
        api_check_result(c, o);
        (void) sc_buf_add_cstr(&c->api->body, "}");
        api_reply_send(c, 200);
    }
}


static void
api_check_result(api_call_t *c, const frontier_outcome_t *o)
{
    sc_buf_t              *b = &c->api->body;
    const store_result_t  *result = o->result;

    if (o->job->state != STORE_COMPLETED || result == NULL) {
        api_reply_add_json(c, "error", o->job->error);
        api_reply_add_link(c, "job", "/v1/jobs/", o->job->id, "");
        return;
    }

    (void) sc_buf_add_cstr(b, ",\"url\":");
    (void) sc_json_string(b, result->url.data, result->url.len);
    api_reply_add_json(c, "fetch", result->fetch);
    api_reply_add_data(c, result);
    api_reply_add_link(c, "result", "/v1/results/", result->id, "");
}


static int
api_check_invalid(api_check_t *k, const char *key, const char *detail)
{
    problem_init(k->problem, "/request/invalid", "%s", detail);
    problem_pointer(k->problem, "", key);

    return SC_ERROR;
}
