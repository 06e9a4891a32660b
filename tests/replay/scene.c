
#include <stdio.h>
#include <string.h>

#include "tests/replay/scene.h"


/* as frontier_request.c writes what scene_spec() asks for */
#define SCENE_SPEC_JSON                                                       \
    "{\"cancel_alone\":false,\"waited\":false,\"request\":{\"numbers\":["     \
    "5000000000,20000000000,0,0,0,0,1048576,3,0,0,0,0,0,0,1],"                \
    "\"method\":\"GET\"}}"


static void scene_ready(void *data);
static int64_t scene_hash(sc_str_t s, const char *tail);
static void scene_told(void *data, const frontier_outcome_t *o);
static void scene_drained(void *data);
static const fake_row_t *scene_ended_row(const char *id, store_state_t state);


static url_t  scene_url;


void
scene_open(scene_t *s)
{
    memset(s, 0, sizeof(scene_t));

    s->settings.max_connections = 100;
    s->settings.max_queue = 100000;
    s->settings.tls_dir = "/tls";
    s->settings.html_parser = "html";
    s->settings.tenants = "";
    s->settings.page_cache = 1 << 20;
    s->limits.concurrency = 100000;

    s->loop = loop_create();
    ck_assert_ptr_nonnull(s->loop);

    s->fetcher = fetcher_create(s->loop, NULL, NULL, "test", 100);
    s->pool = pool_create(s->loop, NULL, 1, LOOP_SEC);
    s->store = store_open(s->loop, "", NULL, 0);
}


void
scene_begin(scene_t *s)
{
    frontier_parts_t  parts;

    parts = scene_parts(s);
    s->frontier = frontier_create(&parts);
    ck_assert_ptr_nonnull(s->frontier);
    fake_run(s->loop);
}


frontier_parts_t
scene_parts(scene_t *s)
{
    char  err[160];

    s->hosts = hosts_create(s->loop, s->store, &s->limits, scene_ready, s);
    s->robots = robots_cache_create(s->loop, s->fetcher, "scraped", 1 << 20,
                                    SCENE_TOTAL);
    s->sessions = sessions_create(s->loop, s->store);
    s->proxies = proxies_open("", err, sizeof(err));
    ck_assert(s->hosts != NULL && s->robots != NULL && s->sessions != NULL
              && s->proxies != NULL);

    if (s->settings.tenants[0] != '\0') {
        s->tenants = tenants_open(s->loop, &s->settings, s->store, err,
                                  sizeof(err));
        ck_assert_msg(s->tenants != NULL, "%s", err);
        ck_assert_int_eq(tenants_read(s->tenants, NULL, NULL), SC_OK);
    }

    return (frontier_parts_t) { s->loop, &s->settings, s->fetcher, s->pool,
                                s->store, s->hosts, s->robots, s->sessions,
                                NULL, s->proxies, s->tenants };
}


static void
scene_ready(void *data)
{
    scene_t  *s = data;

    frontier_begin(s->frontier);
}


void
scene_part(scene_t *s)
{
    sessions_destroy(s->sessions);
    hosts_destroy(s->hosts);
    robots_cache_destroy(s->robots);
    proxies_close(s->proxies);

    if (s->tenants != NULL) {
        tenants_close(s->tenants);
        s->tenants = NULL;
    }
}


void
scene_start(scene_t *s)
{
    scene_open(s);
    scene_begin(s);
}


void
scene_stop(scene_t *s)
{
    frontier_destroy(s->frontier);
    s->frontier = NULL;
    scene_part(s);
    fake_run(s->loop);
}


void
scene_close(scene_t *s)
{
    frontier_destroy(s->frontier);
    scene_part(s);
    store_close(s->store);
    pool_destroy(s->pool);
    fetcher_destroy(s->fetcher);
    loop_destroy(s->loop);
    url_free(&scene_url);
}


void
scene_end(scene_t *s)
{
    ck_assert_uint_eq(frontier_queued(s->frontier), 0);
    ck_assert_uint_eq(frontier_running(s->frontier), 0);
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_uint_eq(fake_pages(), 0);
    ck_assert_uint_eq(fake_rows_unended(), 0);
    ck_assert_uint_eq(fake_tasks(), 0);
    ck_assert_uint_eq(fake_queues(), 0);
    scene_close(s);
}


frontier_spec_t
scene_spec(const char *url)
{
    char             err[160];
    frontier_spec_t  spec;

    url_free(&scene_url);
    ck_assert_int_eq(url_parse(&scene_url, url, strlen(url), err,
                               sizeof(err)), SC_OK);

    memset(&spec, 0, sizeof(frontier_spec_t));
    spec.tenant = SCENE_TENANT;
    spec.url = &scene_url;
    spec.rules = (sc_str_t) sc_string("{\"fields\":{\"title\":\"//h1\"}}");
    spec.rules_hash = "sha256-0123";
    spec.request.method = "GET";
    spec.request.session = "";
    spec.request.proxy = "";
    spec.request.source = "";
    spec.request.ca = "";
    spec.request.cert = "";
    spec.request.ignore_robots = 1;
    spec.request.limits.connect_timeout = 5 * LOOP_SEC;
    spec.request.limits.total_timeout = SCENE_TOTAL;
    spec.request.limits.max_page = 1 << 20;
    spec.request.limits.max_redirects = 3;
    spec.cache_control = "";
    spec.ruleset = "";
    spec.echo = (sc_str_t) sc_string("{\"n\":1}");

    return spec;
}


frontier_spec_t
scene_robots_spec(const char *url)
{
    frontier_spec_t  spec;

    spec = scene_spec(url);
    spec.request.ignore_robots = 0;

    return spec;
}


frontier_spec_t
scene_retry_spec(const char *url)
{
    frontier_spec_t  spec;

    spec = scene_spec(url);
    spec.request.limits.retries = 2;

    return spec;
}


void
scene_submit(scene_t *s, const char *url, char *id)
{
    frontier_spec_t  spec;

    spec = scene_spec(url);
    scene_submit_spec(s, &spec, id);
}


void
scene_submit_spec(scene_t *s, const frontier_spec_t *spec, char *id)
{
    ck_assert_int_eq(frontier_submit(s->frontier, spec, id), FRONTIER_OK);
}


void
scene_submit_durable(scene_t *s, const char *url, char *id)
{
    scene_submit(s, url, id);
    scene_persist(s, id);
}


void
scene_persist(scene_t *s, const char *id)
{
    scene_done_t  done = { 0, STORE_FAILED };

    ck_assert_int_eq(frontier_persist(s->frontier, id, scene_done, &done),
                     SC_OK);
    fake_run(s->loop);
    ck_assert_int_eq(done.called, 1);
    ck_assert_int_eq(done.status, STORE_OK);
}


void
scene_wait(scene_t *s, const char *id, scene_told_t *told)
{
    memset(told, 0, sizeof(scene_told_t));
    told->wait = frontier_wait(s->frontier, id, SCENE_TENANT, scene_told,
                               told);
    ck_assert_ptr_nonnull(told->wait);
}


/* What is said to be stored is. */
static void
scene_told(void *data, const frontier_outcome_t *o)
{
    scene_told_t      *told = data;
    const fake_row_t  *row;

    told->called++;
    told->state = o->job->state;
    told->stored = o->stored;
    told->has_result = o->result != NULL;

    if (o->result != NULL) {
        (void) snprintf(told->data, sizeof(told->data), "%.*s",
                        (int) o->result->data.len, o->result->data.data);
    }

    if (o->stored == STORE_OK) {
        row = fake_row(o->job->id);
        ck_assert_ptr_nonnull(row);
        ck_assert_int_eq(row->job.state, o->job->state);
        ck_assert_int_eq(row->results, told->has_result);
    }
}


void
scene_done(void *data, store_status_t status)
{
    scene_done_t  *done = data;

    done->called++;
    done->status = status;
}


void
scene_drain(scene_t *s, int64_t timeout)
{
    frontier_drain(s->frontier, timeout, scene_drained, s);
}


static void
scene_drained(void *data)
{
    scene_t  *s = data;

    s->drained++;
}


void
scene_answer_page(scene_t *s, const char *url)
{
    fake_fetch_answer(url, 200, NULL, "<h1>Lamp</h1>");
    fake_run(s->loop);
}


void
scene_complete(scene_t *s, const char *url)
{
    scene_answer_page(s, url);
    fake_page_answer(url, POOL_OK, SCENE_DATA);
    fake_run(s->loop);
}


void
scene_redirect(scene_t *s, const char *url, const char *location)
{
    fake_fetch_answer(url, 302, location, "moved");
    fake_run(s->loop);
}


void
scene_check_completed(const char *id)
{
    const fake_row_t  *row;

    row = scene_ended_row(id, STORE_COMPLETED);
    ck_assert_int_eq(row->results, 1);
    ck_assert_int_eq(row->result.state, STORE_COMPLETED);
    ck_assert_str_eq(row->result.data.data, SCENE_DATA);
    ck_assert_str_eq(row->result.missing.data, "[]");
    ck_assert_str_eq(row->result.warnings.data, "[]");
    ck_assert_str_eq(row->result.error.data, "");
    ck_assert_str_eq(row->result.job, id);
    ck_assert_int_eq(strncmp(row->result.etag.data, "sha256-", 7), 0);
    ck_assert_uint_eq(row->result.etag.len, 7 + 64);
}


void
scene_check_failed(const char *id, const char *type, int status)
{
    json_t            *problem;
    const fake_row_t  *row;

    row = scene_ended_row(id, STORE_FAILED_JOB);
    ck_assert_int_eq(row->results, 1);
    ck_assert_int_eq(row->result.state, STORE_FAILED_JOB);
    ck_assert_str_eq(row->result.data.data, "");
    ck_assert_str_eq(row->result.error.data, row->job.error.data);

    problem = json_loads(row->job.error.data, 0, NULL);
    ck_assert_ptr_nonnull(problem);
    ck_assert_str_eq(json_string_value(json_object_get(problem, "type")),
                     type);
    ck_assert_int_eq(json_integer_value(json_object_get(problem, "status")),
                     status);
    ck_assert(json_is_string(json_object_get(problem, "title")));
    ck_assert_uint_gt(json_string_length(json_object_get(problem, "detail")),
                      0);
    ck_assert(json_is_boolean(json_object_get(problem, "retryable")));
    ck_assert(json_is_object(json_object_get(problem, "fetch")));
    json_decref(problem);
}


void
scene_check_cancelled(const char *id)
{
    ck_assert_int_eq(scene_ended_row(id, STORE_CANCELLED)->results, 0);
}


static const fake_row_t *
scene_ended_row(const char *id, store_state_t state)
{
    const fake_row_t  *row;

    row = fake_row(id);
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->job.state, state);
    ck_assert_int_ge(row->job.finished, row->job.created);
    ck_assert_int_ge(row->job.finished, row->job.started);

    return row;
}


json_t *
scene_fetch_object(const char *id)
{
    json_t            *fetch;
    const fake_row_t  *row;

    row = fake_row(id);
    ck_assert_ptr_nonnull(row);

    fetch = json_loads(row->result.fetch.data, 0, NULL);
    ck_assert_msg(fetch != NULL, "not JSON: %s", row->result.fetch.data);

    return fetch;
}


void
scene_row(const char *url, int attempts, char *id)
{
    scene_row_t  row = { SCENE_TENANT, url, 0, attempts, 0, 0 };

    scene_add(&row, id);
}


void
scene_add(const scene_row_t *row, char *id)
{
    char         err[160];
    url_t        url;
    sc_str_t     host;
    store_job_t  job;

    ck_assert_int_eq(url_parse(&url, row->url, strlen(row->url), err,
                               sizeof(err)), SC_OK);
    host = (sc_str_t) { strlen(url.host), url.host };

    memset(&job, 0, sizeof(store_job_t));
    ck_assert_int_eq(id_make(job.id, id_slot(host.data, host.len)), SC_OK);

    job.tenant = row->tenant;
    job.kind = (sc_str_t) sc_string("extract");
    job.state = row->attempts > 0 ? STORE_RUNNING : STORE_QUEUED;
    job.url = (sc_str_t) { strlen(row->url), row->url };
    job.spec = (sc_str_t) sc_string(SCENE_SPEC_JSON);
    job.rules_hash = (sc_str_t) sc_string("sha256-0123");
    job.rules = (sc_str_t) sc_string("{}");
    job.created = 1;
    job.attempts = row->attempts;
    job.lane = SCENE_BATCH;
    job.flow = row->flow != 0 ? row->flow
                              : scene_hash(row->tenant, "/extract");
    job.host = scene_hash(host, "");
    job.prio = -row->priority;
    job.due = id_now_ms() + row->due;

    fake_row_add(&job);
    memcpy(id, job.id, ID_SIZE);
    url_free(&url);
}


/* The frontier's, so that rows and new jobs stand in the same queues. */
static int64_t
scene_hash(sc_str_t s, const char *tail)
{
    size_t    i, len;
    uint64_t  h;

    h = 0xcbf29ce484222325u;
    len = s.len + strlen(tail);

    for (i = 0; i < len; i++) {
        h ^= (unsigned char) (i < s.len ? s.data[i] : tail[i - s.len]);
        h *= 0x100000001b3u;
    }

    return (int64_t) (h & INT64_MAX);
}


store_state_t
scene_state(scene_t *s, const char *id)
{
    store_job_t  job;

    if (frontier_peek(s->frontier, id, SCENE_TENANT, &job) == SC_OK) {
        return job.state;
    }

    ck_assert_ptr_nonnull(fake_row(id));

    return fake_row(id)->job.state;
}
