
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/replay/jobs_scene.h"
#include "tests/support/process.h"
#include "tests/support/suite.h"


#define SHOP    JOBS_SHOP


static void order(jobs_scene_t *js, const char *next);
static void links(char *found, size_t size, const char *prefix, int n);


START_TEST(a_crawl_follows_what_its_pages_lead_to)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    jobs_scene_page(&js, "/", "l " SHOP "/a\nl " SHOP "/b\n");
    ck_assert_uint_eq(fake_fetches(), 2);
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    jobs_scene_page(&js, "/a", "l " SHOP "/\nl " SHOP "/b\n");
    jobs_scene_page(&js, "/b", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->found, 3);
    ck_assert_int_eq(fake_work_page(id, SHOP "/a")->job.depth, 1);
    ck_assert_int_eq(fake_work_page(id, SHOP "/a")->results, 1);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_page_is_looked_for_links_with_the_scope_of_its_job)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"max_depth\":1"), id);
    scene_answer_page(&js.scene, SHOP "/");
    ck_assert_uint_eq(fake_page(SHOP "/")->scope.len, strlen("SCOPE"));
    fake_page_answer_found(SHOP "/", SCENE_DATA, "l " SHOP "/a\nx "
                           "http://else.example/\n");
    fake_run(js.scene.loop);

    /* the last ones lead nowhere */
    scene_answer_page(&js.scene, SHOP "/a");
    ck_assert_uint_eq(fake_page(SHOP "/a")->scope.len, 0);
    scene_answer_page(&js.scene, "http://else.example/");
    ck_assert_uint_eq(fake_page("http://else.example/")->scope.len, 0);
    ck_assert_int_eq(jobs_scene_serve(&js), 0);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_page_of_a_host_that_is_not_allowed_is_out_of_scope)
{
    char          file[64], id[ID_SIZE];
    jobs_scene_t  js;

    process_file(file, sizeof(file), "anna hosts=shop.example\n");

    jobs_scene_start(&js);
    jobs_scene_crash(&js);
    js.scene.settings.tenants = file;
    jobs_scene_again(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    jobs_scene_page(&js, "/", "l http://else.example/\nl " SHOP "/a\nx "
                    "http://www.shop.example/\n");
    ck_assert_int_eq(jobs_scene_counts(id)->found, 2);
    jobs_scene_page(&js, "/a", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    jobs_scene_end(&js);
    ck_assert_int_eq(unlink(file), 0);
}
END_TEST


START_TEST(a_page_is_seen_once_with_any_query_if_that_is_ignored)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"ignore_query\":true"), id);
    jobs_scene_page(&js, "/", "l " SHOP "/a?x=1\nl " SHOP "/a?x=2\nl " SHOP
                    "/?q\n");
    ck_assert_uint_eq(fake_work_pages(id), 2);
    ck_assert_int_eq(jobs_scene_serve(&js), 1);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(without_dedupe_a_page_is_fetched_each_time)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"dedupe\":\"none\",\"max_depth\":1"),
                     id);
    jobs_scene_page(&js, "/", "l " SHOP "/a\nl " SHOP "/a\nl " SHOP "/\n");
    ck_assert_int_eq(jobs_scene_counts(id)->found, 4);
    (void) jobs_scene_serve(&js);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 4);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_redirect_to_a_page_that_was_seen_is_a_duplicate)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    jobs_scene_page(&js, "/", "l " SHOP "/old\nl " SHOP "/new\n");
    jobs_scene_page(&js, "/new", "");
    scene_redirect(&js.scene, SHOP "/old", "/new");
    jobs_scene_page(&js, "/new", "l " SHOP "/never\n");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->duplicates, 1);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 2);
    ck_assert_int_eq(fake_work_page(id, SHOP "/old")->results, 0);
    ck_assert_ptr_null(fake_work_page(id, SHOP "/never"));
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_redirect_to_a_new_page_is_not_followed_again)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    scene_redirect(&js.scene, SHOP "/", "/home");
    jobs_scene_page(&js, "/home", "l " SHOP "/home\n");
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->found, 1);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 1);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(limits_bound_the_pages_of_all_hosts_and_of_one)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, "{\"limits\":{\"pages\":3},\"crawl\":{\"starts\":"
                     "[\"" SHOP "/\"],\"scope\":\"S\"}}", id);
    jobs_scene_page(&js, "/", "l " SHOP "/a\nl " SHOP "/b\nl " SHOP "/c\n");
    ck_assert_int_eq(jobs_scene_serve(&js), 2);
    ck_assert_int_eq(jobs_scene_counts(id)->found, 3);

    jobs_scene_crawl(&js, "{\"limits\":{\"per_host_pages\":2},\"crawl\":"
                     "{\"starts\":[\"" SHOP "/\"],\"scope\":\"S\"}}", id);
    jobs_scene_page(&js, "/", "l " SHOP "/a\nl " SHOP "/b\nl "
                    "http://b.example/\n");
    ck_assert_int_eq(jobs_scene_serve(&js), 2);
    ck_assert_int_eq(jobs_scene_counts(id)->found, 3);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_crawl_goes_breadth_first_or_depth_first)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    js.scene.settings.max_connections = 1;
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    order(&js, "/c");
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"order\":\"depth\""), id);
    order(&js, "/a/1");
    jobs_scene_end(&js);
}
END_TEST


/* The second page is under way when the first one's links are known. */
static void
order(jobs_scene_t *js, const char *next)
{
    jobs_scene_page(js, "/", "l " SHOP "/a\nl " SHOP "/b\nl " SHOP "/c\n");
    jobs_scene_page(js, "/a", "l " SHOP "/a/1\n");
    jobs_scene_page(js, "/b", "");
    ck_assert_uint_eq(jobs_scene_wanted(next), 1);
    (void) jobs_scene_serve(js);
}


START_TEST(follow_gives_a_page_its_rule_set_and_its_context)
{
    char               id[ID_SIZE];
    jobs_scene_t       js;
    const fake_row_t  *row;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"sets\":{\"product\":\"sha-p\"}"),
                     id);
    jobs_scene_page(&js, "/", "f " SHOP "/p {\"ruleset\":\"product\","
                    "\"context\":{\"a\":1,\"b\":1}}\n");
    row = fake_work_page(id, SHOP "/p");
    ck_assert_str_eq(row->job.rules_hash.data, "sha-p");
    ck_assert_str_eq(row->job.context.data, "{\"a\":1,\"b\":1}");

    jobs_scene_page(&js, "/p", "f " SHOP "/p2 {\"ruleset\":\"self\","
                    "\"context\":{\"b\":2}}\nl " SHOP "/q\n");
    row = fake_work_page(id, SHOP "/p2");
    ck_assert_str_eq(row->job.rules_hash.data, "sha-p");
    ck_assert_str_eq(row->job.context.data, "{\"a\":1,\"b\":2}");
    row = fake_work_page(id, SHOP "/q");
    ck_assert_str_eq(row->job.rules_hash.data, "sha256-0123");
    ck_assert_uint_eq(row->job.context.len, 0);
    (void) jobs_scene_serve(&js);
    row = fake_work_page(id, SHOP "/p2");
    ck_assert_str_eq(row->result.context.data, "{\"a\":1,\"b\":2}");
    jobs_scene_end(&js);
}
END_TEST


START_TEST(an_override_changes_how_its_pages_are_fetched)
{
    char             id[ID_SIZE];
    char            *text;
    json_t          *spec, *overrides;
    sc_buf_t         page;
    jobs_scene_t     js;
    frontier_spec_t  other;

    jobs_scene_start(&js);
    other = scene_spec(SHOP "/");
    other.request.method = "POST";
    sc_buf_init(&page, 0);
    ck_assert_int_eq(frontier_spec_text(&other, &page), SC_OK);
    spec = json_loads(JOBS_CRAWL(""), 0, NULL);
    overrides = json_pack("[{s:s, s:s}]", "match", "%/search%", "spec",
                          page.data);
    json_object_set_new(json_object_get(spec, "crawl"), "overrides",
                        overrides);
    text = json_dumps(spec, 0);
    jobs_scene_crawl(&js, text, id);
    jobs_scene_page(&js, "/", "l " SHOP "/search\nl " SHOP "/a\n");
    ck_assert_str_eq(fake_fetch(SHOP "/search")->method, "POST");
    ck_assert_str_eq(fake_fetch(SHOP "/a")->method, "GET");
    (void) jobs_scene_serve(&js);
    free(text);
    json_decref(spec);
    sc_buf_free(&page);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(more_links_than_one_call_takes_are_all_put)
{
    char          id[ID_SIZE];
    char         *found;
    jobs_scene_t  js;

    jobs_scene_start(&js);
    js.scene.settings.max_connections = 1;
    found = malloc(200000);
    ck_assert_ptr_nonnull(found);
    links(found, 200000, "l " SHOP "/", 2500);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"max_depth\":1"), id);
    jobs_scene_page(&js, "/", found);
    ck_assert_int_eq(jobs_scene_counts(id)->found, 2501);
    ck_assert_int_eq(jobs_scene_serve(&js), 2500);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    free(found);
    jobs_scene_end(&js);
}
END_TEST


static void
links(char *found, size_t size, const char *prefix, int n)
{
    int     i;
    size_t  len;

    len = 0;

    for (i = 0; i < n; i++) {
        len += (size_t) snprintf(found + len, size - len, "%s%d\n", prefix,
                                 i);
    }
}


START_TEST(many_links_are_put_a_few_in_each_round)
{
    char          id[ID_SIZE];
    char         *found;
    size_t        calls;
    jobs_scene_t  js;

    jobs_scene_start(&js);
    js.scene.settings.max_connections = 1;
    found = malloc(200000);
    ck_assert_ptr_nonnull(found);
    links(found, 200000, "l " SHOP "/", 2500);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"max_depth\":1"), id);
    calls = fake_calls(FAKE_PAGES);
    jobs_scene_page(&js, "/", found);
    ck_assert_uint_ge(fake_calls(FAKE_PAGES) - calls, 8);
    ck_assert_int_eq(jobs_scene_serve(&js), 2500);
    free(found);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(links_that_were_not_put_are_put_again)
{
    char          id[ID_SIZE];
    char         *found;
    jobs_scene_t  js;

    jobs_scene_start(&js);
    js.scene.settings.max_connections = 1;
    found = malloc(200000);
    ck_assert_ptr_nonnull(found);
    links(found, 200000, "l " SHOP "/", 2500);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"max_depth\":1"), id);
    fake_store_answer(FAKE_PAGES, STORE_FULL, 3);
    fake_store_answer(FAKE_FINISH, STORE_FULL, 1);
    jobs_scene_page(&js, "/", found);
    fake_spend(js.scene.loop, 10 * LOOP_SEC);
    ck_assert_int_eq(jobs_scene_counts(id)->found, 2501);
    ck_assert_int_eq(jobs_scene_serve(&js), 2500);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    free(found);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(sitemaps_that_robots_txt_names_are_read)
{
    char                   id[ID_SIZE];
    jobs_scene_t           js;
    const pool_request_t  *page;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"sitemap\":\"include\",\"since\":"
                                     "5000000"), id);
    ck_assert_uint_eq(jobs_scene_wanted("/robots.txt"), 1);
    jobs_scene_page(&js, "/", "");
    ck_assert_int_eq(jobs_scene_state(id), STORE_RUNNING);
    fake_fetch_answer(SHOP "/robots.txt", 200, NULL,
                      "Sitemap: " SHOP "/map.xml\n");
    fake_run(js.scene.loop);
    fake_spend(js.scene.loop, LOOP_SEC);
    ck_assert_uint_eq(jobs_scene_wanted("/map.xml"), 1);
    scene_answer_page(&js.scene, SHOP "/map.xml");
    page = fake_page(SHOP "/map.xml");
    ck_assert_uint_eq(page->sitemap, 1);
    ck_assert_uint_eq(page->scope.len, strlen("SCOPE"));
    fake_page_answer_found(SHOP "/map.xml", "", "s " SHOP "/old "
                           "{\"lastmod\":4999}\ns " SHOP "/young "
                           "{\"lastmod\":5000}\ns " SHOP "/plain\ni " SHOP
                           "/more.xml\n");
    fake_run(js.scene.loop);
    ck_assert_ptr_null(fake_work_page(id, SHOP "/old"));
    ck_assert_uint_eq(fake_fetches(), 3);
    ck_assert_int_eq(fake_work_page(id, SHOP "/map.xml")->results, 0);
    ck_assert_int_eq(fake_work_page(id, SHOP "/more.xml")->job.role,
                     STORE_SITEMAP);
    ck_assert_int_eq(jobs_scene_serve(&js), 3);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 3);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_site_without_robots_txt_is_asked_for_its_sitemap)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"sitemap\":\"only\""), id);
    ck_assert_uint_eq(fake_fetches(), 1);
    fake_fetch_answer(SHOP "/robots.txt", 404, NULL, "");
    fake_run(js.scene.loop);
    fake_spend(js.scene.loop, LOOP_SEC);
    ck_assert_uint_eq(fake_fetches(), 1);

    /* there is none: that is no failure, nor a page */
    fake_fetch_answer(SHOP "/sitemap.xml", 404, NULL, "");
    fake_run(js.scene.loop);
    fake_run(js.scene.loop);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 0);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(robots_txt_that_may_not_be_fetched_is_not_asked_for_without_end)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"sitemap\":\"only\""), id);
    fake_fetch_fail(SHOP "/robots.txt", FETCH_BLOCKED);
    fake_run(js.scene.loop);
    fake_spend(js.scene.loop, LOOP_SEC);
    ck_assert_uint_eq(jobs_scene_wanted("/robots.txt"), 0);
    fake_fetch_answer(SHOP "/sitemap.xml", 404, NULL, "");
    fake_run(js.scene.loop);
    fake_run(js.scene.loop);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(pages_of_sitemaps_alone_lead_nowhere)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"sitemap\":\"only\""), id);
    fake_fetch_answer(SHOP "/robots.txt", 404, NULL, "");
    fake_run(js.scene.loop);
    fake_spend(js.scene.loop, LOOP_SEC);
    jobs_scene_page(&js, "/sitemap.xml", "s " SHOP "/a\n");
    scene_answer_page(&js.scene, SHOP "/a");
    ck_assert_uint_eq(fake_page(SHOP "/a")->scope.len, 0);
    (void) jobs_scene_serve(&js);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 1);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(sitemaps_of_sitemaps_end)
{
    int           i;
    char          id[ID_SIZE], path[64], found[128];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"sitemap\":\"only\""), id);
    fake_fetch_answer(SHOP "/robots.txt", 200, NULL,
                      "Sitemap: " SHOP "/0.xml\n");
    fake_run(js.scene.loop);
    fake_spend(js.scene.loop, LOOP_SEC);

    for (i = 0; i <= 3; i++) {
        (void) snprintf(path, sizeof(path), "/%d.xml", i);
        (void) snprintf(found, sizeof(found), "i " SHOP "/%d.xml\n", i + 1);
        jobs_scene_page(&js, path, found);
    }

    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_crawl_loses_nothing_in_a_crash)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    jobs_scene_page(&js, "/", "l " SHOP "/a\nl " SHOP "/b\n");

    /* its end is not on disk */
    fake_store_answer(FAKE_FINISH, STORE_FAILED, 1);
    jobs_scene_page(&js, "/a", "l " SHOP "/c\n");
    ck_assert_ptr_null(fake_work_page(id, SHOP "/c"));
    jobs_scene_crash(&js);
    jobs_scene_again(&js);
    jobs_scene_page(&js, "/a", "l " SHOP "/c\n");
    ck_assert_int_eq(jobs_scene_serve(&js), 2);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 4);
    ck_assert_int_eq(fake_work_page(id, SHOP "/a")->results, 1);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(a_crawl_whose_starts_were_not_stored_begins_after_a_crash)
{
    char             id[ID_SIZE];
    jobs_new_t       job;
    jobs_scene_t     js;
    frontier_spec_t  page;

    jobs_scene_start(&js);
    page = scene_spec(SHOP "/");
    memset(&job, 0, sizeof(jobs_new_t));
    job.tenant = SCENE_TENANT;
    job.kind = "crawl";
    job.page = &page;
    job.spec = (sc_str_t) sc_string(JOBS_CRAWL(""));
    fake_store_hold(FAKE_PAGES, 1);
    jobs_scene_id(job.spec, id);
    ck_assert_int_eq(jobs_make(js.jobs, &job, id, NULL, NULL), FRONTIER_OK);
    fake_run(js.scene.loop);
    ck_assert_uint_eq(fake_work_pages(id), 0);
    jobs_scene_crash(&js);
    fake_store_hold(FAKE_PAGES, 0);
    jobs_scene_again(&js);
    ck_assert_int_eq(jobs_scene_serve(&js), 1);
    ck_assert_int_eq(jobs_scene_state(id), STORE_COMPLETED);
    jobs_scene_end(&js);
}
END_TEST


START_TEST(pages_that_are_as_they_were_are_not_kept_if_not_wanted)
{
    char          id[ID_SIZE];
    jobs_scene_t  js;

    jobs_scene_start(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(""), id);
    (void) jobs_scene_serve(&js);
    jobs_scene_crawl(&js, JOBS_CRAWL(",\"skip_unchanged\":true"), id);
    (void) jobs_scene_serve(&js);
    ck_assert_int_eq(jobs_scene_counts(id)->unchanged, 1);
    ck_assert_int_eq(jobs_scene_counts(id)->items, 0);
    jobs_scene_end(&js);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        a_crawl_follows_what_its_pages_lead_to,
        a_page_is_looked_for_links_with_the_scope_of_its_job,
        a_page_of_a_host_that_is_not_allowed_is_out_of_scope,
        a_page_is_seen_once_with_any_query_if_that_is_ignored,
        without_dedupe_a_page_is_fetched_each_time,
        a_redirect_to_a_page_that_was_seen_is_a_duplicate,
        a_redirect_to_a_new_page_is_not_followed_again,
        limits_bound_the_pages_of_all_hosts_and_of_one,
        a_crawl_goes_breadth_first_or_depth_first,
        follow_gives_a_page_its_rule_set_and_its_context,
        an_override_changes_how_its_pages_are_fetched,
        more_links_than_one_call_takes_are_all_put,
        many_links_are_put_a_few_in_each_round,
        links_that_were_not_put_are_put_again,
        sitemaps_that_robots_txt_names_are_read,
        a_site_without_robots_txt_is_asked_for_its_sitemap,
        robots_txt_that_may_not_be_fetched_is_not_asked_for_without_end,
        pages_of_sitemaps_alone_lead_nowhere,
        sitemaps_of_sitemaps_end,
        a_crawl_loses_nothing_in_a_crash,
        a_crawl_whose_starts_were_not_stored_begins_after_a_crash,
        pages_that_are_as_they_were_are_not_kept_if_not_wanted,
        NULL
    };

    return suite_run("jobs_crawl", tests, 60);
}
