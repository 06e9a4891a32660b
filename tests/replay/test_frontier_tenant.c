
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define PAGE     "http://shop.example/lamp"
#define OTHER    "http://other.example/lamp"
#define DAY      (86401 * LOOP_SEC)


static void tenant_begin(scene_t *s, const char *lines);
static void tenant_lines(scene_t *s, const char *lines);
static void tenant_end(scene_t *s);
static void tenant_url(char *url, size_t size, int i);
static void tenant_durable(scene_t *s, int n);
static void tenant_complete(scene_t *s, int n);
static void tenant_complete_all(scene_t *s);
static store_usage_t tenant_stored(int64_t days);
static int64_t tenant_pages(scene_t *s);


static char  tenant_file[64];


START_TEST(pages_of_a_day_are_as_many_as_the_file_says)
{
    scene_t  s;

    tenant_begin(&s, "anna pages=3\n");
    tenant_durable(&s, 5);
    ck_assert_uint_eq(fake_fetches(), 3);
    tenant_complete(&s, 3);
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_int_eq(frontier_accepts(s.frontier, SCENE_TENANT),
                     FRONTIER_TENANT_PAGES);
    ck_assert_int_eq(frontier_accepts(s.frontier, SCENE_OTHER), FRONTIER_OK);

    /* they wait: an hour before midnight as well as now */
    fake_spend(s.loop, 23 * 3600 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_uint_eq(frontier_queued(s.frontier), 2);
    fake_spend(s.loop, 3600 * LOOP_SEC + LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 2);

    tenant_complete_all(&s);

    ck_assert_int_eq(tenant_stored(0).pages, 2);
    ck_assert_int_eq(tenant_stored(1).pages, 3);
    tenant_end(&s);
}
END_TEST


static void
tenant_begin(scene_t *s, const char *lines)
{
    scene_open(s);
    process_file(tenant_file, sizeof(tenant_file), lines);
    s->settings.tenants = tenant_file;
    scene_begin(s);
}


static void
tenant_lines(scene_t *s, const char *lines)
{
    char  err[160];

    process_write(tenant_file, lines);
    ck_assert_int_eq(tenants_reload(s->tenants, err, sizeof(err)), SC_OK);
    fake_run(s->loop);
}


static void
tenant_end(scene_t *s)
{
    scene_end(s);
    ck_assert_int_eq(unlink(tenant_file), 0);
}


/* Jobs that nobody waits for, each with a page of its own. */
static void
tenant_durable(scene_t *s, int n)
{
    int   i;
    char  id[ID_SIZE], url[64];

    for (i = 0; i < n; i++) {
        tenant_url(url, sizeof(url), i);
        scene_submit_durable(s, url, id);
    }
}


static void
tenant_url(char *url, size_t size, int i)
{
    (void) snprintf(url, size, "http://shop.example/%d", i);
}


static void
tenant_complete(scene_t *s, int n)
{
    int   i;
    char  url[64];

    for (i = 0; i < n; i++) {
        tenant_url(url, sizeof(url), i);
        scene_complete(s, url);
    }
}


/* Whatever is under way. */
static void
tenant_complete_all(scene_t *s)
{
    char  url[64];

    while (fake_fetches() > 0 || fake_pages() > 0) {
        if (fake_fetches() > 0) {
            (void) snprintf(url, sizeof(url), "%s",
                            fake_fetch_at(0)->url.data);
            fake_fetch_answer(url, 200, NULL, "<p>x</p>");

        } else {
            (void) snprintf(url, sizeof(url), "%s", fake_page_at(0)->url);
            fake_page_answer(url, POOL_OK, SCENE_DATA);
        }

        fake_run(s->loop);
    }
}


/* What is on disk of so many days ago. */
static store_usage_t
tenant_stored(int64_t days)
{
    return fake_usage(SCENE_TENANT, tenants_today() - days);
}


static int64_t
tenant_pages(scene_t *s)
{
    store_usage_t  usage;

    ck_assert_int_eq(tenants_usage(s->tenants, SCENE_TENANT, &usage), SC_OK);

    return usage.pages;
}


START_TEST(what_waits_goes_on_when_the_file_gives_more)
{
    scene_t  s;

    tenant_begin(&s, "anna pages=1\n");
    tenant_durable(&s, 4);
    tenant_complete(&s, 1);
    ck_assert_uint_eq(fake_fetches(), 0);

    tenant_lines(&s, "anna pages=3\n");
    ck_assert_uint_eq(fake_fetches(), 2);
    tenant_lines(&s, "# nobody\n");
    ck_assert_uint_eq(fake_fetches(), 3);

    tenant_complete_all(&s);

    ck_assert_int_eq(tenant_pages(&s), 4);
    tenant_end(&s);
}
END_TEST


START_TEST(file_that_is_wrong_changes_nothing)
{
    char     err[160];
    scene_t  s;

    tenant_begin(&s, "anna pages=1\n");
    tenant_durable(&s, 2);
    tenant_complete(&s, 1);
    process_write(tenant_file, "anna pages=9\nbert pages=many\n");
    ck_assert_int_eq(tenants_reload(s.tenants, err, sizeof(err)), SC_ERROR);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 0);
    tenant_lines(&s, "anna pages=2\n");
    tenant_complete_all(&s);
    tenant_end(&s);
}
END_TEST


START_TEST(pages_under_way_end_when_the_bytes_are_used_up)
{
    scene_t  s;

    tenant_begin(&s, "anna bytes=10 fetches=2\n");
    tenant_durable(&s, 3);
    ck_assert_uint_eq(fake_fetches(), 2);
    fake_fetch_answer("http://shop.example/0", 200, NULL, "0123456789abcdef");
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 1);
    ck_assert_int_eq(frontier_accepts(s.frontier, SCENE_TENANT),
                     FRONTIER_TENANT_BYTES);
    fake_fetch_answer("http://shop.example/1", 200, NULL, "0123");
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 0);

    tenant_complete_all(&s);

    ck_assert_int_eq(tenant_stored(0).bytes, 20);
    fake_spend(s.loop, DAY);
    tenant_complete_all(&s);
    ck_assert_uint_eq(frontier_queued(s.frontier), 0);
    tenant_end(&s);
}
END_TEST


START_TEST(fetches_at_once_are_the_tenants_own)
{
    scene_t  s;

    tenant_begin(&s, "anna fetches=2\n* fetches=1\n");
    tenant_durable(&s, 4);
    ck_assert_uint_eq(fake_fetches(), 2);
    ck_assert_int_eq(frontier_tenant_fetching(s.frontier, SCENE_TENANT), 2);
    ck_assert_uint_eq(frontier_tenant_queued(s.frontier, SCENE_TENANT), 4);
    tenant_lines(&s, "* fetches=1\nanna\n");
    ck_assert_uint_eq(fake_fetches(), 4);

    tenant_complete_all(&s);

    tenant_end(&s);
}
END_TEST


START_TEST(queue_of_a_tenant_takes_the_place_of_the_setting)
{
    scene_t  s;

    tenant_begin(&s, "anna queue=2\n- queue=0\n");
    s.settings.tenant_queue = 1;
    tenant_durable(&s, 1);
    ck_assert_int_eq(frontier_accepts(s.frontier, SCENE_TENANT), FRONTIER_OK);
    tenant_durable(&s, 1);
    ck_assert_int_eq(frontier_accepts(s.frontier, SCENE_TENANT),
                     FRONTIER_TENANT_FULL);
    ck_assert_int_eq(frontier_accepts(s.frontier, SCENE_OTHER), FRONTIER_OK);

    tenant_complete_all(&s);

    tenant_end(&s);
}
END_TEST


START_TEST(page_that_jobs_share_is_used_once)
{
    char     id[ID_SIZE];
    scene_t  s;

    tenant_begin(&s, "anna pages=5\n");
    scene_submit_durable(&s, PAGE, id);
    scene_submit_durable(&s, PAGE, id);
    ck_assert_uint_eq(fake_fetches(), 1);
    scene_answer_page(&s, PAGE);
    ck_assert_int_eq(tenant_pages(&s), 1);
    ck_assert_int_eq(tenant_stored(0).pages, 0);

    tenant_complete_all(&s);

    ck_assert_int_eq(tenant_stored(0).pages, 1);
    tenant_end(&s);
}
END_TEST


START_TEST(fetch_that_reaches_no_origin_is_not_counted)
{
    char     id[ID_SIZE];
    scene_t  s;

    tenant_begin(&s, "anna pages=5\n");
    scene_submit_durable(&s, PAGE, id);
    fake_fetch_fail(PAGE, FETCH_CONNECT);
    fake_run(s.loop);
    ck_assert_int_eq(tenant_pages(&s), 0);

    scene_submit_durable(&s, PAGE, id);
    fake_fetch_answer(PAGE, 404, NULL, "none");
    fake_run(s.loop);

    tenant_complete_all(&s);

    ck_assert_int_eq(tenant_pages(&s), 1);
    ck_assert_int_eq(tenant_stored(0).pages, 1);
    ck_assert_int_eq(tenant_stored(0).bytes, 4);
    tenant_end(&s);
}
END_TEST


START_TEST(page_that_was_fetched_counts_when_its_job_is_cancelled)
{
    char          id[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_OK };

    tenant_begin(&s, "anna pages=5\n");
    scene_submit_durable(&s, PAGE, id);
    scene_answer_page(&s, PAGE);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_TENANT, scene_done,
                                     &done), SC_OK);
    fake_run(s.loop);
    ck_assert_int_eq(done.status, STORE_OK);
    ck_assert_int_eq(tenant_stored(0).pages, 1);
    tenant_end(&s);
}
END_TEST


START_TEST(what_was_used_is_known_after_a_start)
{
    char           id[ID_SIZE];
    scene_t        s;
    store_usage_t  usage = { .tenant = SCENE_TENANT, .pages = 2 };

    tenant_begin(&s, "anna pages=3\n");
    usage.day = tenants_today();
    ck_assert_int_eq(store_usage_put(s.store, &usage), SC_OK);
    fake_run(s.loop);
    scene_stop(&s);
    scene_begin(&s);
    ck_assert_int_eq(tenant_pages(&s), 2);
    scene_submit_durable(&s, PAGE, id);
    scene_complete(&s, PAGE);
    ck_assert_int_eq(frontier_accepts(s.frontier, SCENE_TENANT),
                     FRONTIER_TENANT_PAGES);
    tenant_end(&s);
}
END_TEST


START_TEST(redirect_to_a_host_that_is_not_allowed_is_not_followed)
{
    char     id[ID_SIZE];
    scene_t  s;

    tenant_begin(&s, "anna hosts=.shop.example\n");
    scene_submit_durable(&s, PAGE, id);
    scene_redirect(&s, PAGE, "http://www.shop.example/lamp");
    scene_redirect(&s, "http://www.shop.example/lamp", OTHER);
    ck_assert_uint_eq(fake_fetches(), 0);
    scene_check_failed(id, "/policy/host-not-allowed", 403);
    ck_assert_int_eq(tenant_stored(0).pages, 1);
    tenant_end(&s);
}
END_TEST


START_TEST(tenant_that_waits_for_the_day_does_not_stand_in_others_way)
{
    int           i;
    char          id[ID_SIZE];
    scene_t       s;
    scene_row_t   row = { .tenant = SCENE_TENANT, .url = PAGE };

    tenant_begin(&s, "anna pages=1\n");
    tenant_durable(&s, 1);
    tenant_complete(&s, 1);

    for (i = 0; i < 2 * FRONTIER_WINDOW; i++) {
        scene_add(&row, id);
    }

    row.tenant = SCENE_OTHER;
    row.url = OTHER;
    scene_add(&row, id);
    fake_spend(s.loop, 3 * LOOP_SEC);
    scene_stop(&s);
    scene_begin(&s);
    fake_spend(s.loop, 3 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 1);
    ck_assert_uint_eq(fake_fetches_of(OTHER), 1);
    scene_complete(&s, OTHER);
    ck_assert_uint_eq(frontier_queued(s.frontier), 2 * FRONTIER_WINDOW);
    scene_close(&s);
    ck_assert_int_eq(unlink(tenant_file), 0);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        pages_of_a_day_are_as_many_as_the_file_says,
        what_waits_goes_on_when_the_file_gives_more,
        file_that_is_wrong_changes_nothing,
        pages_under_way_end_when_the_bytes_are_used_up,
        fetches_at_once_are_the_tenants_own,
        queue_of_a_tenant_takes_the_place_of_the_setting,
        page_that_jobs_share_is_used_once,
        fetch_that_reaches_no_origin_is_not_counted,
        page_that_was_fetched_counts_when_its_job_is_cancelled,
        what_was_used_is_known_after_a_start,
        redirect_to_a_host_that_is_not_allowed_is_not_followed,
        tenant_that_waits_for_the_day_does_not_stand_in_others_way,
        NULL
    };

    return suite_run("frontier_tenant", tests, 60);
}
