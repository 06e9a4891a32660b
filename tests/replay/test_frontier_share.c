
#include <stdio.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define HOSTS      100

/* so many turns that others had before: what was begun, and one quantum */
#define SLACK      32

#define BATCH_A    7
#define BATCH_B    8


static void many_begin(scene_t *s);
static void add_rows(sc_str_t tenant, int64_t flow, const char *name, int n);
static void feed(scene_t *s, sc_str_t tenant, int64_t flow, const char *name,
    int n);
static int others_before(scene_t *s, const char *name, int n);
static int serve_one(scene_t *s, const char *name);
static void submit(scene_t *s, const char *url, int priority, int waited,
    char *id);


START_TEST(a_tenant_is_read_though_another_fills_the_window)
{
    scene_t  s;

    many_begin(&s);
    feed(&s, SCENE_OTHER, BATCH_B, "few", 200);
    ck_assert_int_le(others_before(&s, "few", 190), 190 + SLACK);
    scene_close(&s);
}
END_TEST


/* Twenty fetches at once, and 20,000 jobs of one flow on many hosts. */
static void
many_begin(scene_t *s)
{
    scene_open(s);
    s->settings.max_connections = 20;
    s->limits.concurrency = 4;
    add_rows(SCENE_TENANT, BATCH_A, "many", 20000);
    scene_begin(s);
    (void) others_before(s, "many", 100);
}


static void
add_rows(sc_str_t tenant, int64_t flow, const char *name, int n)
{
    int   i;
    char  id[ID_SIZE], url[64];

    for (i = 0; i < n; i++) {
        (void) snprintf(url, sizeof(url), "http://%s%d.example/%d/%d", name,
                        i % HOSTS, (int) flow, i);
        scene_add(&(scene_row_t) { tenant, url, flow, 0, 0, 0 }, id);
    }
}


static void
feed(scene_t *s, sc_str_t tenant, int64_t flow, const char *name, int n)
{
    add_rows(tenant, flow, name, n);
    frontier_flow_fed(s->frontier, SCENE_BATCH, flow, tenant, (size_t) n);
    fake_run(s->loop);
}


/* Complete what is fetched until n of this name are: how many others were. */
static int
others_before(scene_t *s, const char *name, int n)
{
    int  others, is;

    for (others = 0; n > 0; /* void */) {
        is = serve_one(s, name);
        ck_assert_int_ge(is, 0);
        n -= is;
        others += !is;
    }

    return others;
}


/* The page that is fetched longest: is it of this name?  -1: there is none. */
static int
serve_one(scene_t *s, const char *name)
{
    char            url[64];
    const fetch_t  *fetch = fake_fetch(NULL);

    if (fetch == NULL) {
        return -1;
    }

    (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
    scene_complete(s, url);

    return strncmp(url + strlen("http://"), name, strlen(name)) == 0;
}


START_TEST(a_batch_is_read_though_another_of_its_tenant_fills_the_window)
{
    scene_t  s;

    many_begin(&s);
    feed(&s, SCENE_TENANT, BATCH_B, "few", 200);
    ck_assert_int_le(others_before(&s, "few", 190), 190 + SLACK);
    scene_close(&s);
}
END_TEST


START_TEST(a_tenant_with_many_batches_has_no_more_than_one_with_one)
{
    int      i;
    scene_t  s;

    scene_open(&s);
    s.settings.max_connections = 20;

    for (i = 0; i < 400; i++) {
        add_rows(SCENE_TENANT, 100 + i, "many", 30);
    }

    scene_begin(&s);
    (void) others_before(&s, "many", 100);
    feed(&s, SCENE_OTHER, BATCH_B, "few", 100);
    ck_assert_int_le(others_before(&s, "few", 95), 95 + SLACK);
    ck_assert_uint_le(HASH_COUNT(s.frontier->jobs), FRONTIER_MAX_JOBS);
    scene_close(&s);
}
END_TEST


START_TEST(very_many_tenants_stay_within_memory)
{
    int       i, n;
    char      name[16];
    scene_t   s;
    sc_str_t  tenant;

    scene_open(&s);
    s.settings.max_connections = 20;

    for (i = 0; i < 600; i++) {
        tenant.data = name;
        tenant.len = (size_t) snprintf(name, sizeof(name), "t%d", i);
        add_rows(tenant, 100 + i, "host", 20);
    }

    scene_begin(&s);

    for (n = 0; serve_one(&s, "host") == 1; n++) {
        ck_assert_uint_le(HASH_COUNT(s.frontier->jobs),
                          FRONTIER_MAX_JOBS + 2000);
    }

    ck_assert_int_eq(n, 600 * 20);
    scene_end(&s);
}
END_TEST


START_TEST(a_single_job_stays_in_memory_though_another_fills_the_window)
{
    char     id[ID_SIZE];
    scene_t  s;

    many_begin(&s);
    submit(&s, "http://single.example/", 0, 0, id);
    scene_persist(&s, id);
    ck_assert_int_le(others_before(&s, "single", 1), SLACK);
    scene_close(&s);
}
END_TEST


static void
submit(scene_t *s, const char *url, int priority, int waited, char *id)
{
    frontier_spec_t  spec = scene_spec(url);

    spec.priority = priority;
    spec.waited = waited != 0;
    scene_submit_spec(s, &spec, id);
}


START_TEST(a_higher_priority_goes_before_what_fills_the_window)
{
    int      i;
    char     id[ID_SIZE], url[64];
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;

    for (i = 0; i < 2 * FRONTIER_WINDOW; i++) {
        (void) snprintf(url, sizeof(url), "http://many.example/%d", i);
        submit(&s, url, 0, 0, id);
        scene_persist(&s, id);
    }

    submit(&s, "http://many.example/urgent", 50, 0, id);
    scene_persist(&s, id);
    ck_assert_int_eq(serve_one(&s, "many.example/"), 1);
    ck_assert_int_eq(serve_one(&s, "many.example/urgent"), 1);
    scene_check_completed(id);
    scene_close(&s);
}
END_TEST


START_TEST(a_batch_is_read_though_very_many_wait_for_their_pages)
{
    int      i;
    char     id[ID_SIZE], url[64];
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;

    for (i = 0; i < 3 * FRONTIER_WINDOW; i++) {
        (void) snprintf(url, sizeof(url), "http://waited%d.example/", i);
        submit(&s, url, 0, 1, id);
    }

    fake_run(s.loop);
    feed(&s, SCENE_OTHER, BATCH_B, "few", 100);
    ck_assert_int_le(others_before(&s, "few", 50), 50 * LANES_LANE_TURNS
                                                   + SLACK);
    scene_close(&s);
}
END_TEST


START_TEST(hosts_that_wait_do_not_keep_others_of_their_flow_unread)
{
    int      i, n;
    char     name[32];
    host_t  *host;
    scene_t  s;

    many_begin(&s);
    feed(&s, SCENE_OTHER, BATCH_B, "few", 4000);

    /* most of what is in memory may not begin for long */
    for (i = 0; i < HOSTS - 1; i++) {
        (void) snprintf(name, sizeof(name), "few%d.example", i);
        host = hosts_make(s.hosts, name);
        ck_assert_ptr_nonnull(host);
        host_block(&host->state, loop_now(s.loop) + 100 * LOOP_SEC);
        hosts_changed(s.hosts, host);
        frontier_host_changed(s.frontier, host);
    }

    for (i = 0, n = 0; i < 2000; i++) {
        fake_spend(s.loop, LOOP_SEC / 40);
        n += serve_one(&s, "few99.") == 1;
    }

    ck_assert_int_eq(n, 40);
    scene_close(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_tenant_is_read_though_another_fills_the_window,
        a_batch_is_read_though_another_of_its_tenant_fills_the_window,
        a_tenant_with_many_batches_has_no_more_than_one_with_one,
        very_many_tenants_stay_within_memory,
        a_single_job_stays_in_memory_though_another_fills_the_window,
        a_higher_priority_goes_before_what_fills_the_window,
        a_batch_is_read_though_very_many_wait_for_their_pages,
        hosts_that_wait_do_not_keep_others_of_their_flow_unread,
        NULL
    };

    return suite_run("frontier_share", tests, 120);
}
