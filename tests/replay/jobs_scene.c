
#include <stdio.h>
#include <string.h>

#include "tests/replay/jobs_scene.h"


static void jobs_scene_open(jobs_scene_t *js);
static void jobs_scene_ready(void *data);
static void jobs_scene_url(const char *path, char *url, size_t size);


void
jobs_scene_start(jobs_scene_t *js)
{
    memset(js, 0, sizeof(jobs_scene_t));
    scene_open(&js->scene);
    js->scene.settings.crawl_pages = 10000;
    js->scene.settings.keep_time = 1000;
    jobs_scene_open(js);
}


void
jobs_scene_begin(jobs_scene_t *js, unsigned connections, const char *spec,
    int n, char *id)
{
    jobs_scene_start(js);
    js->scene.settings.max_connections = connections;
    jobs_scene_batch(js, spec, n, id);
}


jobs_feed_t *
jobs_scene_begin_feed(jobs_scene_t *js, char *id)
{
    jobs_scene_start(js);

    return jobs_scene_open_batch(js, "{}", id);
}


/* The loop runs when both are there. */
static void
jobs_scene_open(jobs_scene_t *js)
{
    jobs_parts_t      parts;
    frontier_parts_t  below;

    below = scene_parts(&js->scene);
    js->scene.frontier = frontier_create(&below);
    ck_assert_ptr_nonnull(js->scene.frontier);
    memset(&parts, 0, sizeof(jobs_parts_t));
    parts.loop = js->scene.loop;
    parts.settings = &js->scene.settings;
    parts.store = js->scene.store;
    parts.frontier = js->scene.frontier;
    parts.robots = js->scene.robots;
    js->jobs = jobs_create(&parts);
    ck_assert_ptr_nonnull(js->jobs);
    fake_run(js->scene.loop);
}


void
jobs_scene_crash(jobs_scene_t *js)
{
    jobs_destroy(js->jobs);
    scene_stop(&js->scene);
}


void
jobs_scene_again(jobs_scene_t *js)
{
    jobs_scene_open(js);
}


void
jobs_scene_end(jobs_scene_t *js)
{
    fake_spend(js->scene.loop, 2 * LOOP_SEC);
    jobs_destroy(js->jobs);
    scene_end(&js->scene);
}


void
jobs_scene_ended(jobs_scene_t *js, const char *id, store_state_t state)
{
    ck_assert_int_eq(jobs_scene_state(id), state);
    jobs_scene_end(js);
}


void
jobs_scene_close(jobs_scene_t *js)
{
    jobs_destroy(js->jobs);
    scene_close(&js->scene);
}


void
jobs_scene_make(jobs_scene_t *js, const char *kind, const char *spec,
    int open, char *id)
{
    jobs_told_t  told;

    jobs_scene_new(js, kind, spec, open, id, &told);
    jobs_scene_succeed(js, &told);
}


void
jobs_scene_new(jobs_scene_t *js, const char *kind, const char *spec, int open,
    char *id, jobs_told_t *told)
{
    jobs_new_t       job;
    frontier_spec_t  page;

    page = scene_spec(JOBS_SHOP "/");
    page.url = NULL;
    memset(&job, 0, sizeof(jobs_new_t));
    job.tenant = SCENE_TENANT;
    job.kind = kind;
    job.page = &page;
    job.spec = (sc_str_t) { strlen(spec), spec };
    job.open = open & 1u;

    *told = JOBS_UNTOLD;
    jobs_scene_id(job.spec, id);
    ck_assert_int_eq(jobs_make(js->jobs, &job, id, jobs_scene_done, told),
                     FRONTIER_OK);
    ck_assert_int_eq(told->called, 0);
}


void
jobs_scene_id(sc_str_t spec, char *id)
{
    json_t  *json;

    json = json_loadb(spec.data, spec.len, 0, NULL);
    ck_assert_int_eq(jobs_id(json, "", id), SC_OK);
    json_decref(json);
}


void
jobs_scene_crawl(jobs_scene_t *js, const char *spec, char *id)
{
    jobs_scene_make(js, "crawl", spec, 0, id);
}


void
jobs_scene_batch(jobs_scene_t *js, const char *spec, int n, char *id)
{
    int           i;
    jobs_feed_t  *feed;
    jobs_told_t   told = JOBS_UNTOLD;

    feed = jobs_scene_open_batch(js, spec, id);

    for (i = 0; i < n; i++) {
        if (jobs_scene_add(feed, i) == SC_AGAIN) {
            fake_run(js->scene.loop);
        }
    }

    ck_assert_int_eq(jobs_feed_close(feed, 0, "", jobs_scene_told, &told),
                     SC_OK);
    jobs_scene_succeed(js, &told);
    ck_assert_uint_eq(told.added, (size_t) n);
}


jobs_feed_t *
jobs_scene_open_batch(jobs_scene_t *js, const char *spec, char *id)
{
    jobs_scene_make(js, "batch", spec, 1, id);

    return jobs_scene_feed(js, id);
}


jobs_feed_t *
jobs_scene_feed(jobs_scene_t *js, const char *id)
{
    jobs_feed_t  *feed;

    feed = jobs_feed_open(js->jobs, id, SCENE_TENANT, jobs_scene_ready, js);
    ck_assert_ptr_nonnull(feed);

    return feed;
}


static void
jobs_scene_ready(void *data)
{
    jobs_scene_t  *js = data;

    js->ready++;
}


int
jobs_scene_add(jobs_feed_t *feed, int n)
{
    char             url[64];
    frontier_spec_t  spec;

    (void) snprintf(url, sizeof(url), JOBS_SHOP "/%d", n);
    spec = scene_spec(url);

    return jobs_feed_add(feed, &spec, n + 1);
}


void
jobs_scene_ask(jobs_scene_t *js, jobs_scene_pt call, const char *id,
    jobs_told_t *told)
{
    *told = JOBS_UNTOLD;
    ck_assert_int_eq(call(js->jobs, id, SCENE_TENANT, jobs_scene_told, told),
                     SC_OK);
}


size_t
jobs_scene_do(jobs_scene_t *js, jobs_scene_pt call, const char *id)
{
    jobs_told_t  told;

    jobs_scene_ask(js, call, id, &told);
    jobs_scene_succeed(js, &told);

    return told.added;
}


void
jobs_scene_succeed(jobs_scene_t *js, const jobs_told_t *told)
{
    fake_run(js->scene.loop);
    ck_assert_int_eq(told->called, 1);
    ck_assert_int_eq(told->status, STORE_OK);
}


void
jobs_scene_told(void *data, store_status_t status, size_t added)
{
    jobs_told_t  *told = data;

    told->called++;
    told->status = status;
    told->added = added;
}


void
jobs_scene_done(void *data, store_status_t status)
{
    jobs_scene_told(data, status, 0);
}


static void
jobs_scene_url(const char *path, char *url, size_t size)
{
    (void) snprintf(url, size, "%s%s", path[0] == '/' ? JOBS_SHOP : "", path);
}


void
jobs_scene_page(jobs_scene_t *js, const char *path, const char *found)
{
    char  url[256];

    jobs_scene_url(path, url, sizeof(url));
    fake_fetch_answer(url, 200, NULL, "<h1>Lamp</h1>");
    fake_run(js->scene.loop);
    fake_page_answer_found(url, SCENE_DATA, found);
    fake_run(js->scene.loop);
}


void
jobs_scene_fail(jobs_scene_t *js, const char *path)
{
    char  url[256];

    jobs_scene_url(path, url, sizeof(url));
    fake_fetch_fail(url, FETCH_TLS);
    fake_run(js->scene.loop);
}


int
jobs_scene_serve(jobs_scene_t *js)
{
    int                    n;
    char                   url[256];
    const fetch_t         *fetch;
    const pool_request_t  *page;

    for (n = 0; /* void */ ; n++) {
        while ((page = fake_page_at(0)) != NULL) {
            (void) snprintf(url, sizeof(url), "%s", page->url);
            fake_page_answer(url, POOL_OK, SCENE_DATA);
            fake_run(js->scene.loop);
        }

        fetch = fake_fetch(NULL);

        if (fetch == NULL) {
            return n;
        }

        (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
        fake_fetch_answer(url, 200, NULL, "<h1>Lamp</h1>");
        fake_run(js->scene.loop);
    }
}


size_t
jobs_scene_wanted(const char *path)
{
    char  url[256];

    jobs_scene_url(path, url, sizeof(url));

    return fake_fetches_of(url);
}


store_state_t
jobs_scene_state(const char *id)
{
    ck_assert_ptr_nonnull(fake_work(id));

    return fake_work(id)->job.state;
}


const store_counts_t *
jobs_scene_counts(const char *id)
{
    ck_assert_ptr_nonnull(fake_work(id));

    return &fake_work(id)->counts;
}


const char *
jobs_scene_reason(const char *id)
{
    static char  reason[64];
    json_t      *spec;
    const char  *text;

    spec = json_loads(fake_work(id)->job.spec.data, 0, NULL);
    text = json_string_value(json_object_get(spec, "reason"));
    (void) snprintf(reason, sizeof(reason), "%s", text != NULL ? text : "");
    json_decref(spec);

    return reason;
}
