
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


static void submit(scene_t *s, sc_str_t tenant, const char *host, int page,
    int waited);
static void submit_all(scene_t *s, sc_str_t tenant, const char *host, int n,
    int waited);
static void add_rows(sc_str_t tenant, const char *host, int64_t flow, int n);
static int serve(scene_t *s, int n, const char *host);
static void serve_large(scene_t *s);


START_TEST(a_page_somebody_waits_for_goes_before_others)
{
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;
    submit_all(&s, SCENE_TENANT, "batch", 5, 0);
    fake_run(s.loop);
    submit_all(&s, SCENE_TENANT, "waited", 3, 1);
    ck_assert_int_eq(serve(&s, 1, "batch"), 1);
    ck_assert_int_eq(serve(&s, 3, "waited"), 3);
    ck_assert_int_eq(serve(&s, 100, "batch"), 4);
    scene_end(&s);
}
END_TEST


static void
submit(scene_t *s, sc_str_t tenant, const char *host, int page, int waited)
{
    char             id[ID_SIZE], url[64];
    frontier_spec_t  spec;

    (void) snprintf(url, sizeof(url), "http://%s.example/%d", host, page);
    spec = scene_spec(url);
    spec.tenant = tenant;
    spec.waited = waited != 0;
    scene_submit_spec(s, &spec, id);
}


static void
submit_all(scene_t *s, sc_str_t tenant, const char *host, int n, int waited)
{
    int  i;

    for (i = 0; i < n; i++) {
        submit(s, tenant, host, i, waited);
    }
}


/* Complete n pages, or as many as there are; how many were of this host. */
static int
serve(scene_t *s, int n, const char *host)
{
    int             of;
    char            url[64];
    const fetch_t  *fetch;

    for (of = 0; n > 0 && (fetch = fake_fetch(NULL)) != NULL; n--) {
        (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
        of += strncmp(url + strlen("http://"), host, strlen(host)) == 0;
        scene_complete(s, url);
    }

    return of;
}


START_TEST(pages_nobody_waits_for_are_not_starved)
{
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;
    submit_all(&s, SCENE_TENANT, "waited", 60, 1);
    submit_all(&s, SCENE_TENANT, "batch", 20, 0);
    fake_run(s.loop);
    ck_assert_int_eq(serve(&s, 45, "batch"), 5);
    (void) serve(&s, 100, "");
    scene_end(&s);
}
END_TEST


START_TEST(some_connections_are_left_for_those_who_wait)
{
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 20;
    submit_all(&s, SCENE_TENANT, "batch", 30, 0);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 18);
    submit_all(&s, SCENE_TENANT, "waited", 5, 1);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 20);
    ck_assert_int_eq(serve(&s, 100, "waited"), 5);
    scene_end(&s);
}
END_TEST


START_TEST(who_waits_does_not_stand_behind_pages_for_the_workers)
{
    scene_t  s;

    scene_start(&s);
    fake_pool_load(10);
    submit_all(&s, SCENE_TENANT, "batch", 3, 0);
    submit_all(&s, SCENE_TENANT, "waited", 2, 1);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 2);
    fake_pool_load(0);
    ck_assert_int_eq(serve(&s, 100, "batch"), 3);
    scene_end(&s);
}
END_TEST


START_TEST(who_waits_stands_behind_very_many_pages_for_the_workers)
{
    scene_t  s;

    scene_start(&s);
    submit_all(&s, SCENE_TENANT, "batch", 1, 0);
    fake_run(s.loop);
    fake_pool_load(1000);
    submit_all(&s, SCENE_TENANT, "waited", 2, 1);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 1);
    scene_answer_page(&s, "http://batch.example/0");
    fake_pool_load(0);
    fake_page_answer("http://batch.example/0", POOL_OK, SCENE_DATA);
    fake_run(s.loop);
    ck_assert_int_eq(serve(&s, 100, "waited"), 2);
    scene_end(&s);
}
END_TEST


START_TEST(two_tenants_have_their_turns)
{
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;
    submit_all(&s, SCENE_TENANT, "anna", 100, 0);
    fake_run(s.loop);
    submit_all(&s, SCENE_OTHER, "bert", 60, 0);

    /* who comes first has one turn more */
    ck_assert_int_eq(serve(&s, 88, "bert"), 40);
    (void) serve(&s, 200, "");
    scene_end(&s);
}
END_TEST


START_TEST(two_flows_of_a_tenant_have_their_turns)
{
    scene_t  s;

    scene_open(&s);
    s.settings.max_connections = 1;
    add_rows(SCENE_TENANT, "one", 1, 200);
    add_rows(SCENE_TENANT, "two", 2, 100);
    scene_begin(&s);
    ck_assert_int_eq(serve(&s, 64, "two"), 32);
    ck_assert_int_eq(serve(&s, 500, "two"), 68);
    scene_end(&s);
}
END_TEST


static void
add_rows(sc_str_t tenant, const char *host, int64_t flow, int n)
{
    int   i;
    char  id[ID_SIZE], url[64];

    for (i = 0; i < n; i++) {
        (void) snprintf(url, sizeof(url), "http://%s.example/%d", host, i);
        scene_add(&(scene_row_t) { tenant, url, flow, 0, 0, 0 }, id);
    }
}


START_TEST(a_flow_with_more_jobs_has_no_more_of_its_tenants_turns)
{
    scene_t  s;

    scene_open(&s);
    s.settings.max_connections = 1;
    add_rows(SCENE_TENANT, "one", 1, 100);
    add_rows(SCENE_TENANT, "two", 2, 100);
    add_rows(SCENE_TENANT, "three", 3, 100);
    add_rows(SCENE_OTHER, "bert", 4, 100);
    scene_begin(&s);
    ck_assert_int_eq(serve(&s, 96, "bert"), 48);
    (void) serve(&s, 500, "");
    scene_end(&s);
}
END_TEST


START_TEST(a_tenant_has_no_more_connections_than_it_may)
{
    int      i;
    char     host[16];
    scene_t  s;

    scene_open(&s);
    s.settings.tenant_connections = 2;
    scene_begin(&s);

    for (i = 0; i < 5; i++) {
        (void) snprintf(host, sizeof(host), "anna%d", i);
        submit(&s, SCENE_TENANT, host, i, 1);
    }

    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 2);
    submit_all(&s, SCENE_OTHER, "bert", 1, 0);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 3);
    ck_assert_int_eq(serve(&s, 1, "anna"), 1);
    ck_assert_uint_eq(fake_fetches(), 3);
    ck_assert_int_eq(serve(&s, 100, "anna"), 4);
    scene_end(&s);
}
END_TEST


START_TEST(pages_of_a_tenant_share_its_rate)
{
    const rate_t  *rate;
    scene_t        s;

    scene_open(&s);
    s.settings.tenant_rate = 100000;
    scene_begin(&s);
    submit_all(&s, SCENE_TENANT, "anna", 2, 0);
    submit_all(&s, SCENE_OTHER, "bert", 1, 0);
    fake_run(s.loop);
    rate = fake_fetch("http://anna.example/0")->rate;
    ck_assert_ptr_nonnull(rate);
    ck_assert_ptr_eq(fake_fetch("http://anna.example/1")->rate, rate);
    ck_assert_ptr_ne(fake_fetch("http://bert.example/0")->rate, rate);
    (void) serve(&s, 100, "");
    scene_end(&s);
}
END_TEST


START_TEST(large_pages_cost_a_tenant_its_turns)
{
    scene_t  s;

    scene_start(&s);
    s.settings.max_connections = 1;
    submit_all(&s, SCENE_TENANT, "anna", 60, 0);
    submit_all(&s, SCENE_OTHER, "bert", 60, 0);
    fake_run(s.loop);
    serve_large(&s);
    scene_end(&s);
}
END_TEST


/* Half a megabyte is eight turns more: while anna has one, bert has many. */
static void
serve_large(scene_t *s)
{
    int     i, anna;
    char   *large;
    char    url[64];
    size_t  size = 8 * LANES_COST_BYTES;

    anna = 0;
    large = malloc(size + 1);
    ck_assert_ptr_nonnull(large);
    memset(large, 'x', size);
    large[size] = '\0';

    for (i = 0; fake_fetch(NULL) != NULL; i++) {
        (void) snprintf(url, sizeof(url), "%s", fake_fetch(NULL)->url.data);
        anna += i < 60 && strstr(url, "anna") != NULL;
        fake_fetch_answer(url, 200, NULL,
                          strstr(url, "anna") != NULL ? large : "");
        fake_run(s->loop);
        fake_page_answer(url, POOL_OK, SCENE_DATA);
        fake_run(s->loop);
    }

    free(large);
    ck_assert_int_eq(i, 120);
    ck_assert_int_gt(anna, 3);
    ck_assert_int_lt(anna, 18);
}


START_TEST(a_higher_priority_goes_first)
{
    int      i;
    char     id[ID_SIZE], url[64];
    scene_t  s;

    scene_open(&s);
    s.settings.max_connections = 1;

    for (i = 0; i < 40; i++) {
        (void) snprintf(url, sizeof(url), "http://shop.example/%d", i % 20);
        scene_add(&(scene_row_t) { SCENE_TENANT, url, 0, 0, i % 20 - 10, 0 },
                  id);
    }

    scene_begin(&s);

    for (i = 19; i >= 0; i--) {
        (void) snprintf(url, sizeof(url), "http://shop.example/%d", i);
        ck_assert_msg(fake_fetch(url) != NULL, "%s is not the next", url);
        scene_answer_page(&s, url);
        fake_page_answer(url, POOL_OK, SCENE_DATA);
        fake_page_answer(url, POOL_OK, SCENE_DATA);
        fake_run(s.loop);
    }

    scene_end(&s);
}
END_TEST


START_TEST(a_new_job_of_a_higher_priority_goes_first_too)
{
    char             id[ID_SIZE];
    scene_t          s;
    frontier_spec_t  spec;

    scene_start(&s);
    s.settings.max_connections = 1;
    submit_all(&s, SCENE_TENANT, "shop", 5, 0);
    fake_run(s.loop);
    spec = scene_spec("http://shop.example/urgent");
    spec.priority = 50;
    scene_submit_spec(&s, &spec, id);
    (void) serve(&s, 1, "");
    scene_complete(&s, "http://shop.example/urgent");
    ck_assert_int_eq(serve(&s, 100, "shop"), 4);
    scene_end(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_page_somebody_waits_for_goes_before_others,
        pages_nobody_waits_for_are_not_starved,
        some_connections_are_left_for_those_who_wait,
        who_waits_does_not_stand_behind_pages_for_the_workers,
        who_waits_stands_behind_very_many_pages_for_the_workers,
        two_tenants_have_their_turns,
        two_flows_of_a_tenant_have_their_turns,
        a_flow_with_more_jobs_has_no_more_of_its_tenants_turns,
        a_tenant_has_no_more_connections_than_it_may,
        pages_of_a_tenant_share_its_rate,
        large_pages_cost_a_tenant_its_turns,
        a_higher_priority_goes_first,
        a_new_job_of_a_higher_priority_goes_first_too,
        NULL
    };

    return suite_run("frontier_lanes", tests, 30);
}
