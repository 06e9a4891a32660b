
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/api/api_idem.h"
#include "sidecar/api/api_internal.h"
#include "sidecar/metrics/metrics.h"


typedef void (*api_route_pt)(api_call_t *c);


/* A route; {id} stands for one segment, of any content. */
typedef struct {
    const char    *method;
    const char    *pattern;
    api_route_pt   handler;
} api_route_t;


static void api_call_route(api_call_t *c, sc_str_t path);
static int api_route_named(api_call_t *c, const api_route_t *route);
static int api_route_match(const char *pattern, sc_str_t path,
    sc_str_t *name);
static int api_route_method(const api_route_t *route, const char *method);
static void api_call_not_allowed(api_call_t *c, const char *pattern);
static void api_call_location(api_call_t *c);
static void api_call_cancelled(server_request_t *r);
static void api_call_free(api_call_t *c);
static void api_health(api_call_t *c);
static void api_ready(api_call_t *c);


#define API_ID    "{id}"

static const api_route_t  api_routes[] = {
    { "POST", "/v1/extract", api_extract_post },
    { "QUERY", "/v1/extract", api_extract_post },
    { "GET", "/v1/extract", api_extract_get },
    { "POST", "/v1/batch", api_batch_post },
    { "POST", "/v1/crawl", api_crawl_post },
    { "GET", "/v1/jobs", api_job_list },
    { "GET", "/v1/jobs/" API_ID, api_job_get },
    { "PUT", "/v1/jobs/" API_ID, api_job_put },
    { "PATCH", "/v1/jobs/" API_ID, api_job_patch },
    { "DELETE", "/v1/jobs/" API_ID, api_job_delete },
    { "POST", "/v1/jobs/" API_ID "/retry", api_job_retry },
    { "GET", "/v1/jobs/" API_ID "/results", api_result_list },
    { "GET", "/v1/jobs/" API_ID "/errors", api_job_errors },
    { "GET", "/v1/jobs/" API_ID "/pages", api_job_pages },
    { "GET", "/v1/jobs/" API_ID "/report", api_job_report },
    { "GET", "/v1/jobs/" API_ID "/events", api_event_stream },
    { "GET", "/v1/results", api_result_search },
    { "GET", "/v1/results/" API_ID, api_result_get },
    { "GET", "/v1/results/" API_ID "/raw", api_result_raw },
    { "GET", "/v1/results/" API_ID "/history", api_result_history },
    { "GET", "/v1/results/" API_ID "/diff", api_result_diff },
    { "GET", "/v1/schedules", api_schedule_list },
    { "GET", "/v1/schedules/" API_ID, api_schedule_get },
    { "PUT", "/v1/schedules/" API_ID, api_schedule_put },
    { "DELETE", "/v1/schedules/" API_ID, api_schedule_delete },
    { "GET", "/v1/sessions", api_session_list },
    { "GET", "/v1/sessions/" API_ID, api_session_get },
    { "PUT", "/v1/sessions/" API_ID, api_session_put },
    { "DELETE", "/v1/sessions/" API_ID, api_session_delete },
    { "GET", "/v1/hosts", api_host_list },
    { "GET", "/v1/hosts/" API_ID, api_host_get },
    { "PATCH", "/v1/hosts/" API_ID, api_host_patch },
    { "GET", "/v1/rulesets", api_ruleset_list },
    { "GET", "/v1/rulesets/" API_ID, api_ruleset_get },
    { "PUT", "/v1/rulesets/" API_ID, api_ruleset_put },
    { "DELETE", "/v1/rulesets/" API_ID, api_ruleset_delete },
    { "GET", "/v1/rulesets/" API_ID "/versions", api_ruleset_versions },
    { "GET", "/v1/rulesets/" API_ID "/drift", api_drift_get },
    { "POST", "/v1/rules/check", api_check_post },
    { "GET", "/v1/status", api_status },
    { "GET", "/v1/usage", api_usage_get },
    { "GET", "/healthz", api_health },
    { "GET", "/readyz", api_ready },
    { "GET", "/metrics", api_metrics },
    { NULL, NULL, NULL }
};


api_t *
api_create(const api_parts_t *parts)
{
    api_t  *api;

    api = calloc(1, sizeof(api_t));
    if (api == NULL) {
        return NULL;
    }

    api->loop = parts->loop;
    api->settings = parts->settings;
    api->frontier = parts->frontier;
    api->store = parts->store;
    api->hosts = parts->hosts;
    api->sessions = parts->sessions;
    api->drift = parts->drift;
    api->proxies = parts->proxies;
    api->robots = parts->robots;
    api->resolve = parts->resolve;
    api->jobs = parts->jobs;
    api->schedules = parts->schedules;
    api->tenants = parts->tenants;
    api->pool = parts->pool;
    metrics_set(METRICS_START, id_now_ms() * LOOP_MS);
    sc_buf_init(&api->headers, 0);
    sc_buf_init(&api->body, 0);
    sc_buf_init(&api->link, 0);

    api->rulesets = rulesets_create(api->loop, api->store);

    if (api->rulesets == NULL) {
        free(api);
        return NULL;
    }

    return api;
}


void
api_destroy(api_t *api)
{
    api_call_t  *c, *tmp;

    DL_FOREACH_SAFE(api->calls, c, tmp) {
        api_call_free(c);
    }

    api_idem_end(api);
    frontier_forget(api->frontier, api);
    rulesets_destroy(api->rulesets);
    api_similar_free(api);
    api_rules_free(api);
    sc_buf_free(&api->headers);
    sc_buf_free(&api->body);
    sc_buf_free(&api->link);
    free(api);
}


void
api_served(api_t *api, const server_t *server)
{
    api->server = server;
}


void
api_drain(api_t *api)
{
    api_call_t  *c, *tmp;

    api->draining = 1;

    /* a job that is on disk may not be worked on before the next start */
    DL_FOREACH_SAFE(api->calls, c, tmp) {
        if (c->polling) {
            api_job_hurry(c);
        }
    }
}


int
api_streams(const server_request_t *r, void *data)
{
    (void) data;

    return api_batch_streams(r);
}


void
api_handle(server_request_t *r, void *data)
{
    size_t       len;
    api_t       *api = data;
    sc_str_t     path;
    api_call_t  *c;

    c = calloc(1, sizeof(api_call_t));

    if (c == NULL) {
        path.data = NULL;
        path.len = 0;
        server_reply(r, problem_status("/server/out-of-memory"), path, path);
        return;
    }

    c->api = api;
    c->max_age = -1;
    c->request = r;
    c->tenant.data = r->tenant;
    c->tenant.len = strlen(r->tenant);
    loop_timer_init(&c->timer, NULL, c);
    sc_buf_init(&c->told, 0);
    DL_APPEND(api->calls, c);
    api_room_look(api);

    r->ctx = c;
    r->cancelled = api_call_cancelled;

    len = strcspn(r->target, "?");
    c->query = r->target + len + (r->target[len] == '?');
    path.data = r->target;
    path.len = len;

    if (r->url[0] != '\0' || r->use[0] != '\0') {
        api_call_location(c);
        return;
    }

    api_call_route(c, path);
}


static void
api_call_route(api_call_t *c, sc_str_t path)
{
    const char         *pattern;
    const api_route_t  *route;

    pattern = NULL;

    for (route = api_routes; route->method != NULL; route++) {
        if (!api_route_match(route->pattern, path, &c->name)) {
            continue;
        }

        if (id_valid(c->name.data, c->name.len)) {
            memcpy(c->id, c->name.data, c->name.len);
            c->id[c->name.len] = '\0';
        }

        if (api_route_method(route, c->request->method)) {
            if (api_route_named(c, route)) {
                api_name_find(c, route->handler);

            } else {
                route->handler(c);
            }

            return;
        }

        pattern = route->pattern;
    }

    if (pattern != NULL) {
        api_call_not_allowed(c, pattern);
        return;
    }

    api_reply_error(c, "/request/not-found", "there is nothing at this path");
}


/* A job is called by the caller's id; one that is put may not be there. */
static int
api_route_named(api_call_t *c, const api_route_t *route)
{
    static const char  jobs[] = "/v1/jobs/" API_ID;

    return c->id[0] == '\0' && route->handler != api_job_put
           && strncmp(route->pattern, jobs, sizeof(jobs) - 1) == 0
           && api_name_check(c->name) == SC_OK;
}


static int
api_route_match(const char *pattern, sc_str_t path, sc_str_t *name)
{
    size_t       len;
    const char  *p, *end, *slash;

    p = path.data;
    end = p + path.len;

    for ( /* void */ ; *pattern != '\0' && *pattern != '{'; pattern++, p++) {
        if (p == end || *p != *pattern) {
            return 0;
        }
    }

    name->len = 0;

    if (*pattern == '\0') {
        return p == end;
    }

    slash = memchr(p, '/', (size_t) (end - p));
    len = (size_t) ((slash != NULL ? slash : end) - p);
    pattern += sizeof(API_ID) - 1;

    if (len == 0 || strlen(pattern) != (size_t) (end - p) - len
        || memcmp(pattern, p + len, (size_t) (end - p) - len) != 0)
    {
        return 0;
    }

    name->data = p;
    name->len = len;

    return 1;
}


static int
api_route_method(const api_route_t *route, const char *method)
{
    if (strcmp(method, "HEAD") == 0) {
        method = "GET";
    }

    return strcmp(route->method, method) == 0;
}


static void
api_call_not_allowed(api_call_t *c, const char *pattern)
{
    problem_t           p;
    sc_buf_t           *headers = &c->api->headers;
    const char         *comma;
    const api_route_t  *route;

    problem_init(&p, "/request/method-not-allowed",
                 "method \"%.32s\" is not allowed here", c->request->method);

    api_reply_begin(c, PROBLEM_CONTENT_TYPE "Allow: ");
    comma = "";

    for (route = api_routes; route->method != NULL; route++) {
        if (strcmp(route->pattern, pattern) != 0) {
            continue;
        }

        (void) sc_buf_add_cstr(headers, comma);
        (void) sc_buf_add_cstr(headers, route->method);
        comma = ", ";

        if (strcmp(route->method, "GET") == 0) {
            (void) sc_buf_add_cstr(headers, ", HEAD");
        }
    }

    (void) sc_buf_add_cstr(headers, "\r\n");
    (void) problem_write(&c->api->body, &p, c->request->request_id);
    api_reply_send(c, problem_status(p.type));
}


/* A location that extracts what its variable names. */
static void
api_call_location(api_call_t *c)
{
    problem_t    p;
    const char  *method = c->request->method;

    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
        api_extract_get(c);
        return;
    }

    problem_init(&p, "/request/method-not-allowed",
                 "method \"%.32s\" is not allowed here", method);

    api_reply_begin(c, PROBLEM_CONTENT_TYPE "Allow: GET, HEAD\r\n");
    (void) problem_write(&c->api->body, &p, c->request->request_id);
    api_reply_send(c, problem_status(p.type));
}


int
api_call_query(api_call_t *c, query_t *q, const char *const *names)
{
    char                err[200];
    size_t              i;
    problem_t           p;
    const char *const  *name;

    if (query_parse(q, c->query, err, sizeof(err)) != SC_OK) {
        api_reply_error(c, "/request/invalid", err);
        return SC_ERROR;
    }

    for (i = 0; i < q->n; i++) {
        for (name = names; *name != NULL; name++) {
            if (strcmp(*name, q->params[i].name) == 0) {
                break;
            }
        }

        if (*name != NULL) {
            continue;
        }

        problem_init(&p, "/request/unknown-field",
                     "parameter \"%.100s\" is not known here",
                     q->params[i].name);
        problem_parameter(&p, q->params[i].name);
        query_free(q);
        api_reply_problem(c, &p, 0);

        return SC_ERROR;
    }

    return SC_OK;
}


int
api_call_bare(api_call_t *c)
{
    query_t  query;

    static const char *const  names[] = { NULL };

    if (api_call_query(c, &query, names) != SC_OK) {
        return SC_ERROR;
    }

    query_free(&query);

    return SC_OK;
}


void
api_call_done(api_call_t *c)
{
    c->request = NULL;

    /* the job ended before it was made durable: that is still to be told */
    if (c->persisting) {
        loop_timer_del(c->api->loop, &c->timer);
        return;
    }

    api_call_free(c);
}


static void
api_call_cancelled(server_request_t *r)
{
    api_call_free(r->ctx);
}


static void
api_call_free(api_call_t *c)
{
    api_t  *api = c->api;

    if (c->wait != NULL) {
        frontier_unwait(c->wait);
    }

    if (c->persisting || c->cancelling) {
        frontier_forget(api->frontier, c);
    }

    if (c->making) {
        jobs_forget(api->jobs, c);
    }

    if (c->reading) {
        store_forget(api->store, c);
        sessions_forget(api->sessions, c);
        rulesets_forget(api->rulesets, c);
        schedules_forget(api->schedules, c);
    }

    if (c->check != NULL) {
        frontier_check_cancel(c->check);
    }

    if (c->own_free != NULL) {
        c->own_free(c);
    }

    api_need_free(c);
    api_idem_free(c);
    sc_buf_free(&c->told);

    loop_timer_del(api->loop, &c->timer);
    DL_DELETE(api->calls, c);
    free(c);
}


static void
api_health(api_call_t *c)
{
    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(&c->api->body, "{\"status\":\"ok\"}");
    api_reply_send(c, 200);
}


static void
api_ready(api_call_t *c)
{
    if (c->api->draining) {
        api_reply_error(c, "/server/draining",
                        "the gateway is stopping and takes nothing new");
        return;
    }

    api_reply_begin(c, API_JSON API_NO_STORE);
    (void) sc_buf_add_cstr(&c->api->body, "{\"status\":\"ready\"}");
    api_reply_send(c, 200);
}
