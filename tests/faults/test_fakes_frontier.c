
#include <stdio.h>
#include <string.h>

#include "tests/faults/fault.h"
#include "tests/replay/jobs_scene.h"


#define FAULTS_PAGE     JOBS_SHOP "/lamp"
#define FAULTS_OLD      JOBS_SHOP "/old"
#define FAULTS_ROBOTS   JOBS_SHOP "/robots.txt"

#define FAULTS_RULES    "User-agent: *\nDisallow: /private/\n"
#define FAULTS_FOUND    "l " JOBS_SHOP "/a\nl " JOBS_SHOP "/b\n"

#define FAULTS_FOLLOWED                                                       \
    "f " JOBS_SHOP "/a {\"ruleset\":\"self\",\"context\":{\"n\":7}}\n"

#define FAULTS_HOOKED                                                         \
    "{\"webhook\":{\"url\":\"http://me.example/\","                           \
    "\"events\":[\"completed\",\"result.completed\"]}}"

/* all that is tried again has been by then */
#define FAULTS_LONG     (7200 * LOOP_SEC)

/* answers of a scene, more than any has */
#define FAULTS_ROUNDS   200


static int faults_create(void);
static int faults_page(void);
static int faults_durable(void);
static int faults_batch(void);
static int faults_crawl(void);
static int faults_paused(void);
static int faults_followed(void);
static void faults_start(void);
static int faults_submit(const frontier_spec_t *spec, char *id);
static int faults_make(const char *kind, const char *spec, int open, char *id);
static int faults_feed(const char *id);
static void faults_serve(void);
static void faults_answer(const char *url);
static void faults_say_row(const char *id);
static void faults_say_work(const char *id);
static int faults_finish(void);


static const fault_scene_t  faults_scenes[] = {
    { "frontier and jobs made", FAULT_OURS, faults_create, NULL, 0, 0 },
    { "page with robots, a redirect and retries", FAULT_OURS, faults_page,
      NULL, 0, 0 },
    { "durable page", FAULT_OURS, faults_durable, NULL, 0, 0 },
    { "batch to its end", FAULT_OURS, faults_batch, NULL, 0, 0 },
    { "crawl to its end", FAULT_OURS, faults_crawl, NULL, 0, 0 },
    { "batch paused before it has pages", FAULT_OURS, faults_paused, NULL, 0,
      0 },
    { "crawl that follows a rule", FAULT_OURS, faults_followed, NULL, 0, 0 }
};


static jobs_scene_t  js;
static int           faults_refused;
static int           faults_wrong;
static int           faults_busy;
static const char   *faults_found = FAULTS_FOUND;


int
main(void)
{
    fault_sample(0, 60);

    return fault_suite("fakes_frontier", faults_scenes,
                       sizeof(faults_scenes) / sizeof(faults_scenes[0]));
}


static int
faults_create(void)
{
    jobs_parts_t      parts;
    frontier_parts_t  below;

    fault_hold();
    memset(&js, 0, sizeof(jobs_scene_t));
    scene_open(&js.scene);
    below = scene_parts(&js.scene);
    fault_release();

    memset(&parts, 0, sizeof(jobs_parts_t));
    js.scene.frontier = frontier_create(&below);
    parts.loop = js.scene.loop;
    parts.settings = &js.scene.settings;
    parts.store = js.scene.store;
    parts.frontier = js.scene.frontier;
    parts.robots = js.scene.robots;
    js.jobs = (parts.frontier != NULL) ? jobs_create(&parts) : NULL;
    faults_refused = (js.jobs == NULL);

    fault_hold();

    if (js.jobs != NULL) {
        jobs_destroy(js.jobs);
    }

    if (js.scene.frontier != NULL) {
        scene_close(&js.scene);

    } else {
        scene_part(&js.scene);
        store_close(js.scene.store);
        pool_destroy(js.scene.pool);
        fetcher_destroy(js.scene.fetcher);
        loop_destroy(js.scene.loop);
    }

    fault_release();

    return faults_refused ? SC_ERROR : SC_OK;
}


static int
faults_page(void)
{
    char             id[ID_SIZE];
    frontier_spec_t  spec;

    faults_start();
    fault_hold();
    spec = scene_robots_spec(FAULTS_OLD);
    spec.request.limits.retries = 2;
    fault_release();

    if (faults_submit(&spec, id) == SC_OK) {
        faults_serve();
        faults_say_row(id);
    }

    return faults_finish();
}


static int
faults_durable(void)
{
    char             id[ID_SIZE];
    scene_done_t     done = { 0, STORE_FAILED };
    frontier_spec_t  spec;

    faults_start();
    fault_hold();
    spec = scene_retry_spec(FAULTS_PAGE);
    fault_release();

    if (faults_submit(&spec, id) == SC_OK) {
        if (frontier_persist(js.scene.frontier, id, scene_done, &done)
            != SC_OK)
        {
            faults_refused = 1;
            done.called = 1;
        }

        faults_serve();
        faults_say_row(id);
        faults_wrong |= (done.called != 1);
    }

    return faults_finish();
}


static int
faults_batch(void)
{
    char  id[ID_SIZE];

    faults_start();

    if (faults_make("batch", FAULTS_HOOKED, 1, id) == SC_OK) {
        faults_refused |= (faults_feed(id) != SC_OK);
        faults_serve();
        faults_say_work(id);
    }

    return faults_finish();
}


static int
faults_crawl(void)
{
    char  id[ID_SIZE];

    faults_start();

    if (faults_make("crawl", JOBS_CRAWL(""), 0, id) == SC_OK) {
        faults_serve();
        faults_say_work(id);
    }

    return faults_finish();
}


/* Nothing of what was told to be paused begins. */
static int
faults_paused(void)
{
    char         id[ID_SIZE];
    jobs_told_t  told = JOBS_UNTOLD;

    faults_start();
    fault_hold();
    (void) faults_make("batch", "{}", 1, id);
    fault_release();

    if (jobs_pause(js.jobs, id, SCENE_TENANT, 1, jobs_scene_told, &told)
        != SC_OK)
    {
        faults_refused = 1;

    } else {
        fake_run(js.scene.loop);
        faults_wrong |= (told.called != 1);
        faults_refused |= (told.status != STORE_OK);
    }

    fault_hold();
    (void) faults_feed(id);
    fake_run(js.scene.loop);
    faults_wrong |= (!faults_refused && fake_fetches() != 0);
    (void) jobs_pause(js.jobs, id, SCENE_TENANT, 0, NULL, NULL);
    faults_serve();
    faults_say_work(id);
    fault_release();

    return faults_finish();
}


/* What is said of a page that is led to comes with it. */
static int
faults_followed(void)
{
    char               id[ID_SIZE];
    const fake_row_t  *row;

    faults_start();
    faults_found = FAULTS_FOLLOWED;

    if (faults_make("crawl", JOBS_CRAWL(""), 0, id) == SC_OK) {
        faults_serve();
        faults_say_work(id);
    }

    if (!faults_refused) {
        row = fake_work_page(id, JOBS_SHOP "/a");
        fault_say_str(row != NULL ? row->job.context
                                  : (sc_str_t) sc_string("none"));
    }

    faults_found = FAULTS_FOUND;

    return faults_finish();
}


static void
faults_start(void)
{
    fault_hold();
    jobs_scene_start(&js);
    fault_release();
    faults_refused = 0;
    faults_wrong = 0;
    faults_busy = 0;
}


static int
faults_submit(const frontier_spec_t *spec, char *id)
{
    if (frontier_submit(js.scene.frontier, spec, id) != FRONTIER_OK) {
        faults_refused = 1;
        return SC_ERROR;
    }

    return SC_OK;
}


static int
faults_make(const char *kind, const char *spec, int open, char *id)
{
    jobs_new_t       job;
    jobs_told_t      told = JOBS_UNTOLD;
    frontier_spec_t  page;

    fault_hold();
    page = scene_spec(JOBS_SHOP "/");
    page.url = NULL;
    page.request.limits.retries = 2;
    memset(&job, 0, sizeof(jobs_new_t));
    job.tenant = SCENE_TENANT;
    job.kind = kind;
    job.page = &page;
    job.spec = (sc_str_t) { strlen(spec), spec };
    job.open = open & 1u;
    jobs_scene_id(job.spec, id);
    fault_release();

    if (jobs_make(js.jobs, &job, id, jobs_scene_done, &told) != FRONTIER_OK) {
        faults_refused = 1;
        return SC_ERROR;
    }

    fake_run(js.scene.loop);
    faults_wrong |= (told.called != 1);
    faults_refused |= (told.status != STORE_OK);

    return told.status == STORE_OK ? SC_OK : SC_ERROR;
}


/* A feed that fails is closed, as a body that ends early is. */
static int
faults_feed(const char *id)
{
    int           rc, n;
    char          url[64];
    jobs_feed_t  *feed;
    jobs_told_t   told = JOBS_UNTOLD;

    feed = jobs_feed_open(js.jobs, id, SCENE_TENANT, NULL, NULL);

    if (feed == NULL) {
        return SC_ERROR;
    }

    rc = SC_OK;

    for (n = 0; n < 3 && rc == SC_OK; n++) {
        frontier_spec_t  spec;

        fault_hold();
        (void) snprintf(url, sizeof(url), JOBS_SHOP "/%d", n);
        spec = scene_spec(url);
        fault_release();
        rc = jobs_feed_add(feed, &spec, n + 1);
    }

    if (jobs_feed_close(feed, 0, "", jobs_scene_told, &told) != SC_OK) {
        return SC_ERROR;
    }

    fake_run(js.scene.loop);
    faults_wrong |= (told.called != 1);

    return (rc == SC_OK && told.status == STORE_OK) ? SC_OK : SC_ERROR;
}


/* Answer whatever is asked for, and let time pass, until all has ended. */
static void
faults_serve(void)
{
    int                    i;
    char                   url[256];
    const fetch_t         *fetch;
    const pool_request_t  *page;

    for (i = 0; i < FAULTS_ROUNDS; i++) {
        fake_run(js.scene.loop);
        page = fake_page_at(0);
        fetch = fake_fetch(NULL);

        if (page != NULL) {
            (void) snprintf(url, sizeof(url), "%s", page->url);
            fake_page_answer_found(url, SCENE_DATA,
                                   strcmp(url, JOBS_SHOP "/") == 0
                                   ? faults_found : "");

        } else if (fetch != NULL) {
            (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
            faults_answer(url);

        } else if (fake_rows_unended() != 0
                   || frontier_queued(js.scene.frontier) != 0)
        {
            fake_spend(js.scene.loop, FAULTS_LONG / 20);

        } else {
            break;
        }
    }

    fake_spend(js.scene.loop, 2 * LOOP_SEC);
}


/* The first answer of a page is that it has no time. */
static void
faults_answer(const char *url)
{
    if (strcmp(url, FAULTS_ROBOTS) == 0) {
        fake_fetch_answer(url, 200, NULL, FAULTS_RULES);

    } else if (strcmp(url, FAULTS_OLD) == 0) {
        fake_fetch_answer(url, 302, FAULTS_PAGE, "");

    } else if (strcmp(url, FAULTS_PAGE) == 0 && faults_busy++ == 0) {
        fake_fetch_answer(url, 503, NULL, "");

    } else {
        fake_fetch_answer(url, 200, NULL, "<h1>Lamp</h1>");
    }
}


static void
faults_say_row(const char *id)
{
    const fake_row_t  *row;

    row = fake_row(id);

    if (row == NULL || row->job.state != STORE_COMPLETED) {
        faults_refused = 1;
        return;
    }

    fault_say("%d %d ", (int) row->job.state, row->results);
    fault_say_str(row->result.data);
}


static void
faults_say_work(const char *id)
{
    const store_work_t  *work;

    work = fake_work(id);

    if (work == NULL || work->job.state != STORE_COMPLETED
        || work->counts.failed != 0)
    {
        faults_refused = 1;
        return;
    }

    fault_say("%d found %d completed %d messages %zu", (int) work->job.state,
              (int) work->counts.found, (int) work->counts.completed,
              fake_messages());
}


/* Nothing may be left that has not ended, but what a store does not know. */
static int
faults_finish(void)
{
    fault_hold();

    if (fake_rows_unended() != 0 || frontier_running(js.scene.frontier) != 0
        || frontier_queued(js.scene.frontier) != 0 || fake_fetches() != 0
        || fake_pages() != 0)
    {
        (void) fprintf(stderr, "left: rows %zu, running %zu, queued %zu, "
                       "fetches %zu, pages %zu\n", fake_rows_unended(),
                       (size_t) frontier_running(js.scene.frontier),
                       (size_t) frontier_queued(js.scene.frontier),
                       fake_fetches(), fake_pages());
        faults_wrong = 1;
    }

    jobs_scene_close(&js);
    fault_release();

    if (faults_wrong) {
        return SC_DECLINED;
    }

    return faults_refused ? SC_ERROR : SC_OK;
}
