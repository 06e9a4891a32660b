
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/frontier/frontier_internal.h"
#include "tests/replay/scene.h"
#include "tests/support/suite.h"


#define SHOP    "http://shop.example"
#define PAGE    SHOP "/lamp"
#define AWAY    "http://other.example/lamp"


static void page_url(char *url, size_t size, int i);
static void submit_pages(scene_t *s, int n);
static int complete_pages(scene_t *s, int n);
static void submit_wish(scene_t *s, const char *url, host_wish_t wish,
    char *id);
static void fail_pages(scene_t *s, int from, int n, fetch_error_t error);


START_TEST(a_host_has_no_more_fetches_at_once_than_it_may)
{
    int      i;
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 2;
    scene_begin(&s);
    submit_pages(&s, 5);

    for (i = 5; i > 0; i--) {
        ck_assert_uint_eq(fake_fetches(), i < 2 ? i : 2);
        ck_assert_int_eq(complete_pages(&s, 1), 1);
    }

    scene_end(&s);
}
END_TEST


static void
page_url(char *url, size_t size, int i)
{
    (void) snprintf(url, size, SHOP "/%d", i);
}


static void
submit_pages(scene_t *s, int n)
{
    int   i;
    char  id[ID_SIZE], url[64];

    for (i = 0; i < n; i++) {
        page_url(url, sizeof(url), i);
        scene_submit(s, url, id);
    }

    fake_run(s->loop);
}


/* Complete what is being fetched, at most n; how many it were. */
static int
complete_pages(scene_t *s, int n)
{
    int             i;
    char            url[64];
    const fetch_t  *fetch;

    for (i = 0; i < n && (fetch = fake_fetch(NULL)) != NULL; i++) {
        (void) snprintf(url, sizeof(url), "%s", fetch->url.data);
        scene_complete(s, url);
    }

    return i;
}


START_TEST(a_host_that_is_busy_holds_up_no_other)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 1;
    scene_begin(&s);
    submit_pages(&s, 20);
    scene_submit(&s, AWAY, id);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 2);
    scene_complete(&s, AWAY);
    ck_assert_int_eq(complete_pages(&s, 100), 20);
    scene_end(&s);
}
END_TEST


START_TEST(a_delay_lies_between_two_fetches_of_a_host)
{
    int      i;
    scene_t  s;

    scene_open(&s);
    s.limits.delay = 2 * LOOP_SEC;
    scene_begin(&s);
    submit_pages(&s, 3);

    /* an earlier process may have fetched just before */
    fake_spend(s.loop, 10 * LOOP_MS);

    for (i = 0; i < 3; i++) {
        fake_spend(s.loop, 2 * LOOP_SEC - 20 * LOOP_MS);
        ck_assert_uint_eq(fake_fetches(), 0);
        fake_spend(s.loop, 20 * LOOP_MS);
        ck_assert_uint_eq(fake_fetches(), 1);
        (void) complete_pages(&s, 1);
    }

    scene_end(&s);
}
END_TEST


START_TEST(a_wish_for_a_longer_delay_is_kept_by_all)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_wish(&s, PAGE, (host_wish_t) { 0, 5 * LOOP_SEC, 0 }, id);
    fake_run(s.loop);
    scene_complete(&s, PAGE);
    scene_submit(&s, SHOP "/other", id);
    fake_spend(s.loop, 5 * LOOP_SEC - 10 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 20 * LOOP_MS);
    scene_complete(&s, SHOP "/other");
    scene_end(&s);
}
END_TEST


static void
submit_wish(scene_t *s, const char *url, host_wish_t wish, char *id)
{
    frontier_spec_t  spec;

    spec = scene_spec(url);
    spec.request.wish = wish;
    scene_submit_spec(s, &spec, id);
}


START_TEST(a_wish_to_be_alone_waits_for_the_others)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    submit_pages(&s, 2);
    submit_wish(&s, PAGE, (host_wish_t) { 1, 0, 0 }, id);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 2);
    (void) complete_pages(&s, 1);
    ck_assert_ptr_null(fake_fetch(PAGE));
    (void) complete_pages(&s, 1);
    scene_complete(&s, PAGE);
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_host_that_fails_in_a_row_is_left_alone_and_tried)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 3;
    s.limits.failures = 3;
    scene_begin(&s);
    submit_pages(&s, 10);
    fail_pages(&s, 0, 3, FETCH_CONNECT);
    ck_assert_uint_eq(fake_fetches(), 0);

    /* others do not mind */
    scene_submit(&s, AWAY, id);
    fake_run(s.loop);
    scene_complete(&s, AWAY);

    /* one tries, and it is no better */
    fake_spend(s.loop, HOST_FIRST_OPEN - 10 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 20 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 1);
    fail_pages(&s, 3, 1, FETCH_CONNECT);
    fake_spend(s.loop, 2 * HOST_FIRST_OPEN - 50 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 0);

    /* one tries, and it is */
    fake_spend(s.loop, 100 * LOOP_MS);
    ck_assert_uint_eq(fake_fetches(), 1);
    (void) complete_pages(&s, 1);
    ck_assert_uint_eq(fake_fetches(), 3);
    ck_assert_int_eq(complete_pages(&s, 100), 5);
    scene_end(&s);
}
END_TEST


static void
fail_pages(scene_t *s, int from, int n, fetch_error_t error)
{
    int   i;
    char  url[64];

    for (i = from; i < from + n; i++) {
        page_url(url, sizeof(url), i);
        fake_fetch_fail(url, error);
    }

    fake_run(s->loop);
}


START_TEST(failures_of_proxies_are_not_the_hosts)
{
    int              i;
    char             id[ID_SIZE], url[64];
    scene_t          s;
    frontier_spec_t  spec;

    scene_open(&s);
    s.limits.failures = 3;
    scene_begin(&s);

    for (i = 0; i < 5; i++) {
        page_url(url, sizeof(url), i);
        spec = scene_spec(url);
        spec.request.proxy = "http://proxy.example:8080";
        scene_submit_spec(&s, &spec, id);
    }

    fake_run(s.loop);
    ck_assert_str_eq(fake_fetch(url)->proxy, "proxy.example");
    ck_assert(!fake_fetch(url)->proxy_trusted);
    fail_pages(&s, 0, 5, FETCH_PROXY);
    scene_check_failed(id, "/fetch/proxy", 502);

    scene_submit(&s, PAGE, id);
    fake_run(s.loop);
    scene_complete(&s, PAGE);
    scene_end(&s);
}
END_TEST


START_TEST(a_host_is_known_by_how_its_fetches_ended)
{
    scene_t        s;
    const host_t  *host;

    scene_start(&s);
    submit_pages(&s, 3);
    host = hosts_find(s.hosts, "shop.example");
    ck_assert_ptr_nonnull(host);
    ck_assert_int_eq(host->state.running, 3);
    fail_pages(&s, 0, 1, FETCH_TIMEOUT);
    ck_assert_int_eq(host->fetches, 3);
    ck_assert_int_eq(host->errors, 1);
    ck_assert_str_eq(host->last_error, "/fetch/timeout");
    ck_assert_int_eq(host->state.running, 2);
    ck_assert_int_eq(complete_pages(&s, 10), 2);
    scene_end(&s);
}
END_TEST


START_TEST(a_cancelled_fetch_gives_its_place_at_the_host_up)
{
    char          id[ID_SIZE], other[ID_SIZE];
    scene_t       s;
    scene_done_t  done = { 0, STORE_FAILED };

    scene_open(&s);
    s.limits.concurrency = 1;
    scene_begin(&s);
    scene_submit(&s, PAGE, id);
    scene_submit(&s, SHOP "/other", other);
    fake_run(s.loop);
    ck_assert_int_eq(frontier_cancel(s.frontier, id, SCENE_TENANT, scene_done,
                                     &done), SC_OK);
    fake_run(s.loop);
    scene_complete(&s, SHOP "/other");
    scene_check_cancelled(id);
    scene_end(&s);
}
END_TEST


START_TEST(a_redirect_leaves_one_host_and_waits_for_the_other)
{
    char     one[ID_SIZE], two[ID_SIZE], three[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    s.limits.concurrency = 1;
    scene_begin(&s);
    scene_submit(&s, PAGE, one);
    scene_submit(&s, SHOP "/other", two);
    scene_submit(&s, "http://other.example/", three);
    fake_run(s.loop);
    scene_redirect(&s, PAGE, AWAY);
    ck_assert_ptr_nonnull(fake_fetch(SHOP "/other"));
    ck_assert_ptr_null(fake_fetch(AWAY));
    scene_complete(&s, "http://other.example/");
    scene_complete(&s, AWAY);
    scene_complete(&s, SHOP "/other");
    scene_check_completed(one);
    scene_end(&s);
}
END_TEST


START_TEST(the_operator_blocks_a_host_and_opens_it)
{
    scene_t   s;
    host_t   *host;

    scene_start(&s);
    host = hosts_make(s.hosts, "shop.example");
    ck_assert_ptr_nonnull(host);
    host_block(&host->state, loop_now(s.loop) + 3600 * LOOP_SEC);
    hosts_changed(s.hosts, host);
    frontier_host_changed(s.frontier, host);
    submit_pages(&s, 3);
    fake_spend(s.loop, 600 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);

    host_block(&host->state, 0);
    hosts_changed(s.hosts, host);
    frontier_host_changed(s.frontier, host);
    fake_run(s.loop);
    ck_assert_int_eq(complete_pages(&s, 10), 3);
    scene_end(&s);
}
END_TEST


START_TEST(new_limits_of_a_host_are_in_force_at_once)
{
    scene_t   s;
    host_t   *host;

    scene_open(&s);
    s.limits.concurrency = 1;
    scene_begin(&s);
    submit_pages(&s, 5);
    ck_assert_uint_eq(fake_fetches(), 1);
    host = hosts_make(s.hosts, "shop.example");
    host->state.limits.concurrency = 4;
    host->custom = 1;
    hosts_changed(s.hosts, host);
    frontier_host_changed(s.frontier, host);
    fake_run(s.loop);
    ck_assert_uint_eq(fake_fetches(), 4);
    ck_assert_int_eq(complete_pages(&s, 10), 5);
    scene_end(&s);
}
END_TEST


START_TEST(a_block_outlives_the_process)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_start(&s);
    scene_submit_durable(&s, PAGE, id);
    fake_fetch_answer_later(PAGE, 503, "300");
    fake_run(s.loop);
    fake_page_answer(PAGE, POOL_OK, SCENE_DATA);
    fake_run(s.loop);
    scene_submit_durable(&s, SHOP "/other", id);
    ck_assert_uint_eq(fake_fetches(), 0);
    scene_stop(&s);
    ck_assert_str_ne(fake_doc("host", "", "shop.example"), "");

    scene_begin(&s);
    fake_spend(s.loop, 290 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 0);
    fake_spend(s.loop, 15 * LOOP_SEC);
    scene_complete(&s, SHOP "/other");
    scene_check_completed(id);
    scene_end(&s);
}
END_TEST


START_TEST(nothing_is_fetched_before_the_hosts_are_known)
{
    char     id[ID_SIZE];
    scene_t  s;

    scene_open(&s);
    fake_store_hold(FAKE_DOC_LIST, 1);
    scene_row(AWAY, 0, id);
    scene_begin(&s);
    scene_submit(&s, PAGE, id);
    fake_spend(s.loop, 5 * LOOP_SEC);
    ck_assert_uint_eq(fake_fetches_begun(), 0);

    fake_store_hold(FAKE_DOC_LIST, 0);
    fake_run(s.loop);
    scene_complete(&s, PAGE);
    scene_complete(&s, AWAY);
    scene_end(&s);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_host_has_no_more_fetches_at_once_than_it_may,
        a_host_that_is_busy_holds_up_no_other,
        a_delay_lies_between_two_fetches_of_a_host,
        a_wish_for_a_longer_delay_is_kept_by_all,
        a_wish_to_be_alone_waits_for_the_others,
        a_host_that_fails_in_a_row_is_left_alone_and_tried,
        failures_of_proxies_are_not_the_hosts,
        a_host_is_known_by_how_its_fetches_ended,
        a_cancelled_fetch_gives_its_place_at_the_host_up,
        a_redirect_leaves_one_host_and_waits_for_the_other,
        the_operator_blocks_a_host_and_opens_it,
        new_limits_of_a_host_are_in_force_at_once,
        a_block_outlives_the_process,
        nothing_is_fetched_before_the_hosts_are_known,
        NULL
    };

    return suite_run("frontier_polite", tests, 30);
}
