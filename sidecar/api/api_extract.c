
#include <stdlib.h>
#include <string.h>

#include "common/sc_json.h"
#include "common/sc_json_of.h"
#include "sidecar/api/api_idem.h"
#include "sidecar/api/api_internal.h"


/* Retry-After in seconds, of a job that was accepted */
#define EXTRACT_RETRY    1

/* in the problem of a job whose client wanted no fetch */
#define EXTRACT_NOT_STORED  "\"type\":\"/fetch/not-stored\""


typedef int (*api_extract_parse_pt)(api_call_t *c, api_extract_t *e,
    problem_t *p);


static void api_extract_run(api_call_t *c, api_extract_parse_pt parse);
static void api_extract_submit(api_call_t *c, frontier_spec_t *spec);
static int api_extract_late(api_call_t *c, const frontier_spec_t *spec,
    int64_t wait);
static int api_extract_hold(api_call_t *c, int64_t wait);
static int api_extract_park(api_call_t *c, int64_t wait);
static void api_extract_waited(loop_timer_t *timer);
static void api_extract_persisted(void *data, store_status_t status);
static void api_extract_ended(void *data, const frontier_outcome_t *o);
static int api_extract_problem(api_call_t *c, const store_job_t *job);
static void api_extract_ignored(void *data, store_status_t status);


void
api_extract_post(api_call_t *c)
{
    if (api_call_bare(c) != SC_OK
        || api_idem_begin(c, api_extract_post) != SC_OK
        || api_room_check(c) != SC_OK)
    {
        return;
    }

    api_extract_run(c, api_body_parse);
}


void
api_extract_get(api_call_t *c)
{
    if (api_room_check(c) != SC_OK) {
        return;
    }

    api_extract_run(c, api_form_parse);
}


int
api_extract_url(api_call_t *c, api_extract_t *e, const char *s, size_t len,
    problem_t *p)
{
    e->spec.url = &e->url;

    return api_url(c, &e->url, s, len, p) == SC_OK
           ? api_usage_host(c, &e->url, p) : SC_ERROR;
}


int
api_url(api_call_t *c, url_t *url, const char *s, size_t len, problem_t *p)
{
    char  err[256];

    if (url_parse(url, s, len, err, sizeof(err)) != SC_OK) {
        problem_init(p, "/request/invalid", "%s", err);
        return SC_ERROR;
    }

    if (url_canonical(url, api_url_options(c->api->settings)) != SC_OK) {
        url_free(url);
        problem_init(p, "/server/out-of-memory", "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


unsigned
api_url_options(const settings_t *settings)
{
    return (settings->url_sort ? URL_SORT_QUERY : 0)
           | (settings->url_strip_tracking ? URL_STRIP_TRACKING : 0)
           | (settings->url_strip_session ? URL_STRIP_SESSION : 0);
}


int
api_extract_ruleset(api_call_t *c, api_extract_t *e, const char *name,
    problem_t *p)
{
    int                 rc;
    api_named_t         named;
    const api_rules_t  *set;

    rc = api_ruleset_find(c, name, &named, p);

    if (rc != SC_OK) {
        return rc;
    }

    e->spec.ruleset = name;

    if (named.similar) {
        rc = api_rules_use(c, &named.json, NULL, "", &set, p);

        if (rc != SC_OK) {
            return rc;
        }

        named.json = set->json;
        named.hash = set->hash;
    }

    e->spec.rules = named.json;
    e->spec.rules_hash = named.hash;

    return SC_OK;
}


/* Without rules, for who wants only what else a page says. */
int
api_extract_bare(api_call_t *c, api_extract_t *e, problem_t *p)
{
    sc_rules_error_t    err;
    const api_rules_t  *set;

    static const sc_str_t  text = sc_string("{\"fields\":{}}");

    set = api_rules_get(c->api, text, NULL, &err);

    if (set == NULL) {
        api_rules_problem(p, &err);
        return SC_ERROR;
    }

    e->spec.rules = set->json;
    e->spec.rules_hash = set->hash;

    return SC_OK;
}


static void
api_extract_run(api_call_t *c, api_extract_parse_pt parse)
{
    int            rc;
    problem_t      p;
    api_extract_t  e;

    api_extract_init(c, &e);
    rc = parse(c, &e, &p);

    if (rc == SC_OK) {
        if (e.spec.request.method == NULL) {
            e.spec.request.method = "GET";
        }

        c->max_age = api_rules_max_age(c->api, e.spec.rules);
        api_extract_submit(c, &e.spec);

    } else if (rc == SC_AGAIN) {
        api_need_wait(c, parse == api_body_parse ? api_extract_post
                                                 : api_extract_get);

    } else {
        api_reply_problem(c, &p, 0);
    }

    api_extract_free(&e);
}


void
api_extract_free(api_extract_t *e)
{
    url_free(&e->url);
    sc_buf_free(&e->echo);
    sc_buf_free(&e->auth);
    sc_buf_free(&e->content);
    sc_buf_free(&e->tags);
    sc_buf_free(&e->webhook);
    json_decref(e->json);
    query_free(&e->query);
}


void
api_extract_init(api_call_t *c, api_extract_t *e)
{
    const settings_t    *s = c->api->settings;
    frontier_request_t  *r = &e->spec.request;

    memset(e, 0, sizeof(api_extract_t));
    sc_buf_init(&e->echo, 0);
    sc_buf_init(&e->auth, 0);
    sc_buf_init(&e->content, 0);
    sc_buf_init(&e->tags, 0);
    sc_buf_init(&e->webhook, 0);

    e->spec.tenant = c->tenant;
    e->spec.cache_control = c->request->cache_control;
    e->spec.slot = c->request->slot;
    e->spec.ruleset = "";
    r->session = "";
    r->proxy = "";
    r->source = "";
    r->ca = "";
    r->cert = "";
    r->ignore_robots = (strcmp(s->robots, "ignore") == 0);
    r->limits.connect_timeout = s->connect_timeout * LOOP_MS;
    r->limits.total_timeout = s->total_timeout * LOOP_MS;
    r->limits.first_byte_timeout = s->first_byte_timeout * LOOP_MS;
    r->limits.idle_timeout = s->idle_timeout * LOOP_MS;
    r->limits.max_page = (size_t) s->max_page;
    r->limits.max_redirects = (int) s->max_redirects;
    r->limits.retries = (int) s->retries;
}


static void
api_extract_submit(api_call_t *c, frontier_spec_t *spec)
{
    int                rc;
    int64_t            wait;
    frontier_t        *f = c->api->frontier;
    frontier_status_t  status;

    wait = api_extract_wait(c, c->request->wait >= 0
                               ? c->request->wait : c->api->settings->wait);
    spec->waited = (wait > 0);

    if (api_extract_late(c, spec, wait * LOOP_MS)) {
        return;
    }

    status = frontier_submit(f, spec, c->id);

    if (status != FRONTIER_OK) {
        api_extract_refused(c, status);
        return;
    }

    api_room_taken(c->api, 1);
    rc = api_idem_ahead(c);

    if (rc == SC_OK) {
        rc = api_extract_hold(c, wait);
    }

    if (rc != SC_OK) {
        /* nothing is half accepted */
        (void) frontier_cancel(f, c->id, c->tenant, api_extract_ignored,
                               c->api);
        api_reply_no_memory(c);
    }
}


int
api_extract_join(api_call_t *c)
{
    store_job_t  job;

    if (frontier_peek(c->api->frontier, c->id, c->tenant, &job) != SC_OK) {
        return SC_DECLINED;
    }

    return api_extract_hold(c, api_extract_wait(c, c->request->wait >= 0
                                                   ? c->request->wait
                                                   : c->api->settings->wait));
}


/* Until the job is durable, or it has ended or the wait is over. */
static int
api_extract_hold(api_call_t *c, int64_t wait)
{
    int  rc;

    if (wait > 0) {
        return api_extract_park(c, wait);
    }

    rc = frontier_persist(c->api->frontier, c->id, api_extract_persisted, c);
    c->persisting = (rc == SC_OK);

    return rc;
}


/* Who wants no answer but in time is told at once that there will be none. */
static int
api_extract_late(api_call_t *c, const frontier_spec_t *spec, int64_t wait)
{
    host_t     *host;
    int64_t     left;
    prefer_t    prefer;
    problem_t   p;

    prefer_parse(&prefer, c->request->prefer);

    if (!prefer.strict || wait == 0) {
        return 0;
    }

    host = hosts_get(c->api->hosts, spec->url);

    if (host == NULL) {
        api_reply_no_memory(c);
        return 1;
    }

    left = host_wait(&host->state, &spec->request.wish,
                     loop_now(c->api->loop));

    if (left <= wait) {
        hosts_release(c->api->hosts, host);
        return 0;
    }

    problem_init(&p, "/limits/host-busy", "host \"%s\" may be fetched from in "
                 "%lld ms", host->name, (long long) (left / LOOP_MS));
    hosts_release(c->api->hosts, host);
    api_tell_host(c, (sc_str_t) { spec->url->len, spec->url->text });
    api_reply_problem(c, &p, (int) (left / LOOP_SEC) + 1);

    return 1;
}


void
api_extract_refused(api_call_t *c, frontier_status_t status)
{
    problem_t  p;

    if (api_room_problem(c, status, &p)) {
        api_reply_problem(c, &p, api_room_retry(c, status));

    } else {
        api_reply_error(c, p.type, p.detail);
    }
}


int64_t
api_extract_wait(api_call_t *c, int64_t otherwise)
{
    int64_t            wait;
    prefer_t           prefer;
    const settings_t  *s = c->api->settings;

    prefer_parse(&prefer, c->request->prefer);

    if (prefer.wait >= 0) {
        wait = prefer.wait * 1000;

    } else if (prefer.async) {
        wait = 0;

    } else {
        wait = otherwise;
    }

    if (wait > s->max_wait) {
        wait = s->max_wait;
    }

    if (prefer.wait >= 0) {
        prefer.wait = wait / 1000;
    }

    prefer_applied(&prefer, c->applied, sizeof(c->applied));

    return wait;
}


static int
api_extract_park(api_call_t *c, int64_t wait)
{
    api_t  *api = c->api;

    loop_timer_init(&c->timer, api_extract_waited, c);

    if (loop_timer_set(api->loop, &c->timer, wait * LOOP_MS) != SC_OK) {
        return SC_ERROR;
    }

    c->wait = frontier_wait(api->frontier, c->id, c->tenant,
                            api_extract_ended, c);

    return c->wait != NULL ? SC_OK : SC_ERROR;
}


/* The wait is over before the page is: the job is made durable, then told. */
static void
api_extract_waited(loop_timer_t *timer)
{
    api_call_t  *c = timer->data;

    if (frontier_persist(c->api->frontier, c->id, api_extract_persisted, c)
        != SC_OK)
    {
        api_reply_no_memory(c);
        return;
    }

    c->persisting = 1;
}


static void
api_extract_persisted(void *data, store_status_t status)
{
    api_call_t  *c = data;

    c->persisting = 0;

    if (c->request == NULL) {
        api_call_done(c);

    } else if (status == STORE_OK && api_value_wanted(c)) {
        api_value_late(c);

    } else if (status == STORE_OK) {
        api_extract_accepted(c);

    } else {
        api_reply_store(c, status);
    }
}


void
api_extract_accepted(api_call_t *c)
{
    api_t         *api = c->api;
    store_job_t    job;
    store_state_t  state;

    state = STORE_QUEUED;
    job.url = (sc_str_t) sc_null_string;

    if (frontier_peek(api->frontier, c->id, c->tenant, &job) == SC_OK
        && job.state != STORE_QUEUED)
    {
        /* an end that is not on disk cannot be read yet */
        state = STORE_RUNNING;
    }

    api_tell_job(c, c->id, state);
    api_tell_host(c, job.url);
    api_reply_begin(c, API_JSON "Cache-Control: no-store\r\nLocation: ");
    (void) sc_buf_add_cstr(&api->headers,
                           api_reply_link(c, "/v1/jobs/", c->id, ""));
    (void) sc_buf_printf(&api->headers, "\r\nRetry-After: %d\r\n",
                         EXTRACT_RETRY);

    (void) sc_buf_printf(&api->body, "{\"id\":\"%s\",\"kind\":\"extract\","
                         "\"state\":\"%s\"", c->id, store_state_word(state));
    api_reply_add_links(c, c->id, 1);
    (void) sc_buf_add_cstr(&api->body, "}");

    api_reply_send(c, 202);
}


static void
api_extract_ended(void *data, const frontier_outcome_t *o)
{
    api_call_t  *c = data;

    c->wait = NULL;
    loop_timer_del(c->api->loop, &c->timer);

    if (o->result != NULL) {
        api_tell_result(c, o->result);

    } else {
        api_tell_job(c, o->job->id, o->job->state);
    }

    api_tell_host(c, o->job->url);

    if (o->stored != STORE_OK) {
        api_reply_store(c, o->stored);

    } else if (o->job->state == STORE_CANCELLED) {
        api_reply_error(c, "/job/state", "the job was cancelled");

    } else if (o->job->state == STORE_COMPLETED && o->result != NULL) {
        api_extract_completed(c, o->result, o->age);

    } else {
        api_extract_failed(c, o->job);
    }
}


void
api_extract_completed(api_call_t *c, const store_result_t *result,
    int64_t age)
{
    api_t     *api = c->api;
    sc_buf_t  *b = &api->body, *h = &api->headers;

    if (api_value_wanted(c)) {
        api_value_completed(c, result, age);
        return;
    }

    api_reply_begin(c, API_JSON "Content-Location: ");
    (void) sc_buf_add_cstr(h, api_reply_link(c, "/v1/results/", result->id,
                                             ""));
    (void) sc_buf_printf(h, "\r\nETag: \"%.*s\"\r\nLink: <",
                         (int) result->etag.len, result->etag.data);
    (void) sc_buf_add_cstr(h, api_reply_link(c, "/v1/jobs/", c->id, ""));
    (void) sc_buf_add_cstr(h, ">; rel=\"monitor\"\r\n");

    if (age >= 0) {
        (void) sc_buf_printf(h, "Age: %lld\r\n", (long long) (age / 1000));
    }

    api_extract_keep(c, result);

    (void) sc_buf_printf(b, "{\"id\":\"%s\",\"state\":\"completed\","
                         "\"url\":", c->id);
    (void) sc_json_string(b, result->url.data, result->url.len);
    api_reply_add_json(c, "fetch", result->fetch);
    api_reply_add_data(c, result);
    api_reply_add_link(c, "result", "/v1/results/", result->id, "");

    if (result->echo.len > 0) {
        api_reply_add_json(c, "echo", result->echo);
    }

    (void) sc_buf_add_cstr(b, "}");

    api_reply_send(c, 200);
}


void
api_extract_keep(api_call_t *c, const store_result_t *result)
{
    sc_buf_t  *h = &c->api->headers;

    if (strcmp(c->request->method, "POST") == 0 || result->missing.len > 2) {
        (void) sc_buf_add_cstr(h, API_NO_STORE);

    } else if (c->max_age >= 0) {
        (void) sc_buf_printf(h, "Cache-Control: max-age=%d\r\n", c->max_age);
    }
}


void
api_extract_failed(api_call_t *c, const store_job_t *job)
{
    int  status;

    api_reply_begin(c, PROBLEM_CONTENT_TYPE);
    status = api_extract_problem(c, job);

    if (status == 0) {
        /* memory was out when the job failed */
        api_reply_no_memory(c);
        return;
    }

    if (status == 503) {
        (void) sc_buf_printf(&c->api->headers, "Retry-After: %d\r\n",
                             EXTRACT_RETRY);
    }

    /* whether it may be fetched the client says: no answer for others */
    if (memmem(job->error.data, job->error.len, EXTRACT_NOT_STORED,
               sizeof(EXTRACT_NOT_STORED) - 1)
        != NULL)
    {
        (void) sc_buf_add_cstr(&c->api->headers, API_NO_STORE);
    }

    api_reply_send(c, status);
}


/*
 * The problem that ended the job, with what belongs to this request: members
 * are added in the place of its last brace.  Its status; 0 if there is none.
 */
static int
api_extract_problem(api_call_t *c, const store_job_t *job)
{
    json_int_t   status;
    json_t      *json;
    sc_buf_t    *b = &c->api->body;

    json = sc_json_of(job->error.len > 0 ? job->error.data : "",
                      job->error.len, 0, NULL);
    status = json_integer_value(json_object_get(json, "status"));
    json_decref(json);

    if (status < 400 || status > 599) {
        return 0;
    }

    (void) sc_buf_add(b, job->error.data, job->error.len - 1);
    api_reply_add_link(c, "instance", "/v1/jobs/", job->id, "");

    if (c->need != NULL) {
        (void) sc_buf_add_cstr(b, ",\"pointer\":");
        (void) sc_json_cstr(b, api_need_pointer(c));
    }

    if (c->request->request_id[0] != '\0') {
        (void) sc_buf_add_cstr(b, ",\"request_id\":");
        (void) sc_json_cstr(b, c->request->request_id);
    }

    (void) sc_buf_add_cstr(b, "}");

    return (int) status;
}


/* Of a job nobody was told about. */
static void
api_extract_ignored(void *data, store_status_t status)
{
    (void) data;
    (void) status;
}
