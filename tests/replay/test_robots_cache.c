
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/replay/fake.h"
#include "tests/replay/room.h"
#include "tests/support/suite.h"


#define OTHER    "https://other.example/robots.txt"


static robots_verdict_t after_status(int status);


START_TEST(a_file_is_fetched_and_its_rules_hold)
{
    room_t           r;
    room_told_t      told;
    robots_answer_t  a;

    room_begin(&r, ROOM_BYTES);
    a = room_answer(r.cache, ROOM_PAGE);
    ck_assert_int_eq(a.verdict, ROBOTS_UNKNOWN);
    ck_assert_int_eq(a.delay, -1);
    ck_assert_uint_eq(robots_cache_count(r.cache), 0);

    room_fetching(&r, ROOM_PAGE, &told);
    ck_assert_str_eq(fake_fetch(ROOM_ROBOTS)->method, "GET");
    ck_assert_uint_ge(fake_fetch(ROOM_ROBOTS)->max_body, ROBOTS_MAX_SIZE);
    ck_assert_int_le(fake_fetch(ROOM_ROBOTS)->total_timeout, ROOM_TIMEOUT);
    ck_assert_int_gt(fake_fetch(ROOM_ROBOTS)->connect_timeout, 0);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_FETCHING);

    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.status, 200);
    ck_assert_int_eq(told.verdict, ROBOTS_ALLOWED);

    a = room_answer(r.cache, ROOM_PRIVATE);
    ck_assert_int_eq(a.verdict, ROBOTS_DISALLOWED);
    ck_assert_int_eq(a.delay, 2 * LOOP_SEC);
    ck_assert_int_eq(a.error, FETCH_OK);
    ck_assert_str_eq(a.detail, "");
    ck_assert_int_eq(room_verdict(&r, ROOM_PAGE "?a=/private/"),
                     ROBOTS_ALLOWED);
    ck_assert_int_eq(room_verdict(&r, ROOM_ROBOTS), ROBOTS_ALLOWED);
    room_end(&r);
}
END_TEST


START_TEST(there_is_one_fetch_however_many_ask)
{
    room_t       r;
    room_told_t  told, second;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PAGE, &told);
    memset(&second, 0, sizeof(second));
    ck_assert_int_eq(room_fetch(r.cache, ROOM_PRIVATE, &second), SC_DECLINED);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_FETCHING);
    ck_assert_uint_eq(fake_fetches_begun(), 1);

    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    ck_assert_int_eq(room_fetch(r.cache, ROOM_PRIVATE, &second), SC_DECLINED);
    fake_run(r.loop);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(second.called, 0);
    ck_assert_uint_eq(fake_fetches_begun(), 1);
    ck_assert_uint_eq(robots_cache_count(r.cache), 1);
    room_end(&r);
}
END_TEST


START_TEST(each_scheme_host_and_port_has_its_own)
{
    size_t              i;
    room_t              r;
    char                url[64];
    room_told_t         told;
    static const char  *origins[] = {
        "http://shop.example", "https://shop.example",
        "http://shop.example:8080", "http://shop.example.net",
        "http://[2001:db8::1]"
    };

    room_begin(&r, ROOM_BYTES);

    for (i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
        (void) snprintf(url, sizeof(url), "%s/a?b#c", origins[i]);
        ck_assert_int_eq(room_verdict(&r, url), ROBOTS_UNKNOWN);
        room_fetching(&r, url, &told);
        (void) snprintf(url, sizeof(url), "%s/robots.txt", origins[i]);
        room_reply(&r, url, 200, ROOM_RULES);
        ck_assert_uint_eq(robots_cache_count(r.cache), i + 1);
    }

    ck_assert_int_eq(room_verdict(&r, "http://shop.example:80/private/"),
                     ROBOTS_DISALLOWED);
    room_end(&r);
}
END_TEST


START_TEST(a_file_is_believed_for_a_day)
{
    room_t           r;
    room_told_t      told;
    robots_answer_t  a;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PRIVATE, &told);
    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);

    fake_pass(r.loop, ROBOTS_MAX_AGE - ROOM_MARGIN);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_DISALLOWED);
    fake_pass(r.loop, ROOM_MARGIN);
    a = room_answer(r.cache, ROOM_PRIVATE);
    ck_assert_int_eq(a.verdict, ROBOTS_UNKNOWN);
    ck_assert_int_eq(a.delay, -1);

    room_fetching(&r, ROOM_PRIVATE, &told);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_FETCHING);
    room_reply(&r, ROOM_ROBOTS, 200, "User-agent: *\nAllow: /\n");
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_ALLOWED);
    ck_assert_uint_eq(robots_cache_count(r.cache), 1);
    room_end(&r);
}
END_TEST


START_TEST(an_answer_after_a_day_is_new_all_the_same)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PRIVATE, &told);
    fake_pass(r.loop, ROBOTS_MAX_AGE + ROOM_MARGIN);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_FETCHING);
    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    ck_assert_int_eq(told.verdict, ROBOTS_DISALLOWED);
    fake_pass(r.loop, ROBOTS_MAX_AGE - ROOM_MARGIN);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_DISALLOWED);
    room_end(&r);
}
END_TEST


START_TEST(a_client_error_allows_all_for_a_day)
{
    room_t       r;
    room_told_t  told;

    ck_assert_int_eq(after_status(400), ROBOTS_ALLOWED);
    ck_assert_int_eq(after_status(401), ROBOTS_ALLOWED);
    ck_assert_int_eq(after_status(403), ROBOTS_ALLOWED);
    ck_assert_int_eq(after_status(410), ROBOTS_ALLOWED);
    ck_assert_int_eq(after_status(499), ROBOTS_ALLOWED);

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PRIVATE, &told);
    room_reply(&r, ROOM_ROBOTS, 404, ROOM_RULES);
    fake_pass(r.loop, ROBOTS_MAX_AGE - ROOM_MARGIN);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_ALLOWED);
    fake_pass(r.loop, ROOM_MARGIN);
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_UNKNOWN);
    room_end(&r);
}
END_TEST


/* What is said of a page that the rules in its body disallow. */
static robots_verdict_t
after_status(int status)
{
    room_t            r;
    room_told_t       told;
    robots_verdict_t  v;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PRIVATE, &told);
    room_reply(&r, ROOM_ROBOTS, status, ROOM_RULES);
    v = room_verdict(&r, ROOM_PRIVATE);
    room_end(&r);

    return v;
}


START_TEST(any_success_has_rules)
{
    ck_assert_int_eq(after_status(200), ROBOTS_DISALLOWED);
    ck_assert_int_eq(after_status(203), ROBOTS_DISALLOWED);
}
END_TEST


START_TEST(an_empty_file_allows_all)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PAGE, &told);
    room_reply(&r, ROOM_ROBOTS, 204, "");
    ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_ALLOWED);
    room_end(&r);
}
END_TEST


START_TEST(a_server_error_disallows_all_for_a_minute)
{
    room_t           r;
    room_told_t      told;
    robots_answer_t  a;

    ck_assert_int_eq(after_status(429), ROBOTS_UNAVAILABLE);
    ck_assert_int_eq(after_status(500), ROBOTS_UNAVAILABLE);
    ck_assert_int_eq(after_status(599), ROBOTS_UNAVAILABLE);
    ck_assert_int_eq(after_status(999), ROBOTS_UNAVAILABLE);
    ck_assert_int_eq(after_status(304), ROBOTS_UNAVAILABLE);

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PAGE, &told);
    room_reply(&r, ROOM_ROBOTS, 503, "");
    ck_assert_int_eq(told.status, 503);

    fake_pass(r.loop, ROBOTS_RETRY - ROOM_MARGIN);
    a = room_answer(r.cache, ROOM_PAGE);
    ck_assert_int_eq(a.verdict, ROBOTS_UNAVAILABLE);
    ck_assert_int_eq(a.error, FETCH_OK);
    ck_assert_int_eq(a.delay, -1);
    ck_assert_str_eq(a.detail, "robots.txt is answered with status 503");

    fake_pass(r.loop, ROOM_MARGIN);
    ck_assert_int_eq(room_verdict(&r, ROOM_PAGE), ROBOTS_UNKNOWN);
    ck_assert_str_eq(room_answer(r.cache, ROOM_PAGE).detail, "");
    room_fetching(&r, ROOM_PAGE, &told);
    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    a = room_answer(r.cache, ROOM_PAGE);
    ck_assert_int_eq(a.verdict, ROBOTS_ALLOWED);
    ck_assert_str_eq(a.detail, "");
    room_end(&r);
}
END_TEST


START_TEST(rules_that_are_too_old_do_not_hold_when_there_are_no_new_ones)
{
    room_t           r;
    room_told_t      told;
    robots_answer_t  a;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PAGE, &told);
    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    fake_pass(r.loop, ROBOTS_MAX_AGE);
    room_fetching(&r, ROOM_PAGE, &told);
    room_reply(&r, ROOM_ROBOTS, 500, "");

    a = room_answer(r.cache, ROOM_PAGE);
    ck_assert_int_eq(a.verdict, ROBOTS_UNAVAILABLE);
    ck_assert_int_eq(a.delay, -1);
    room_end(&r);
}
END_TEST


START_TEST(no_answer_disallows_all_and_says_why)
{
    room_t           r;
    room_told_t      told;
    fetch_error_t    error;
    robots_answer_t  a;

    for (error = FETCH_DNS; error <= FETCH_RESOURCES; error++) {
        room_begin(&r, ROOM_BYTES);
        room_fetching(&r, ROOM_PAGE, &told);
        room_fail(&r, ROOM_ROBOTS, error);
        ck_assert_int_eq(told.called, 1);
        ck_assert_int_eq(told.error, error);

        /* of a way that was closed, nothing is believed of the origin */
        if (error != FETCH_PROXY && error != FETCH_BLOCKED) {
            a = room_answer(r.cache, ROOM_PAGE);
            ck_assert_int_eq(a.verdict, ROBOTS_UNREACHABLE);
            ck_assert_int_eq(a.error, error);
            ck_assert_ptr_nonnull(strstr(a.detail, "the fetch failed with"));
            fake_pass(r.loop, ROBOTS_RETRY_SOON);
        }

        ck_assert_int_eq(room_verdict(&r, ROOM_PAGE), ROBOTS_UNKNOWN);
        room_end(&r);
    }
}
END_TEST


START_TEST(redirects_are_followed_to_other_hosts_too)
{
    size_t            i;
    room_t            r;
    room_told_t       told;
    static const int  statuses[] = { 301, 302, 303, 307, 308 };

    for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        room_begin(&r, ROOM_BYTES);
        room_fetching(&r, ROOM_PRIVATE, &told);
        room_redirect(&r, ROOM_ROBOTS, statuses[i], " ../a/./robots#b ");
        room_redirect(&r, ROOM_SHOP "/a/robots", statuses[i], OTHER "#b");
        ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_FETCHING);
        ck_assert_int_eq(told.called, 0);

        room_reply(&r, OTHER, 200, ROOM_RULES);
        ck_assert_int_eq(told.called, 1);
        ck_assert_int_eq(told.status, 200);
        ck_assert_int_eq(room_verdict(&r, ROOM_PRIVATE), ROBOTS_DISALLOWED);

        /* the other host's own is not known by that */
        ck_assert_int_eq(room_verdict(&r, OTHER), ROBOTS_UNKNOWN);
        ck_assert_uint_eq(robots_cache_count(r.cache), 1);
        room_end(&r);
    }
}
END_TEST


START_TEST(five_redirects_are_followed_and_no_more)
{
    int              i;
    room_t           r;
    room_told_t      told;
    robots_answer_t  a;

    room_begin(&r, ROOM_BYTES);

    for (i = 0; i < 2; i++) {
        room_fetching(&r, ROOM_PRIVATE, &told);
        room_redirect(&r, ROOM_ROBOTS, 301, "/1");
        room_redirect(&r, ROOM_SHOP "/1", 301, "/2");
        room_redirect(&r, ROOM_SHOP "/2", 301, "/3");
        room_redirect(&r, ROOM_SHOP "/3", 301, "/4");
        room_redirect(&r, ROOM_SHOP "/4", 301, "/5");
        ck_assert_int_eq(told.called, 0);

        if (i == 0) {
            room_reply(&r, ROOM_SHOP "/5", 200, ROOM_RULES);
            ck_assert_int_eq(told.verdict, ROBOTS_DISALLOWED);
            fake_pass(r.loop, ROBOTS_MAX_AGE);
        }
    }

    room_redirect(&r, ROOM_SHOP "/5", 301, "/6");
    ck_assert_uint_eq(fake_fetches(), 0);
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.status, 301);
    a = room_answer(r.cache, ROOM_PRIVATE);
    ck_assert_int_eq(a.verdict, ROBOTS_UNAVAILABLE);
    ck_assert_str_eq(a.detail, "robots.txt is redirected more than 5 times");
    room_end(&r);
}
END_TEST


START_TEST(a_redirect_to_what_cannot_be_fetched_disallows)
{
    size_t              i;
    room_t              r;
    room_told_t         told;
    robots_answer_t     a;
    static const char  *locations[] = {
        "ftp://shop.example/robots.txt", "http://a:b@shop.example/",
        "http://shop.example:22/robots.txt", "http://", "file:///etc/passwd",
        "", NULL
    };

    for (i = 0; i < sizeof(locations) / sizeof(locations[0]); i++) {
        room_begin(&r, ROOM_BYTES);
        room_fetching(&r, ROOM_PAGE, &told);
        room_redirect(&r, ROOM_ROBOTS, 302, locations[i]);
        ck_assert_int_eq(told.called, 1);

        a = room_answer(r.cache, ROOM_PAGE);
        ck_assert_int_eq(a.verdict, ROBOTS_UNAVAILABLE);
        ck_assert_int_ne(a.detail[0], '\0');
        room_end(&r);
    }
}
END_TEST


START_TEST(what_a_redirect_leads_to_decides)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, ROOM_BYTES);

    room_fetching(&r, ROOM_PAGE, &told);
    room_redirect(&r, ROOM_ROBOTS, 302, OTHER);
    room_fail(&r, OTHER, FETCH_BLOCKED);
    ck_assert_int_eq(told.error, FETCH_BLOCKED);
    ck_assert_int_eq(told.verdict, ROBOTS_UNKNOWN);

    room_fetching(&r, ROOM_PAGE, &told);
    room_redirect(&r, ROOM_ROBOTS, 302, OTHER);
    room_reply(&r, OTHER, 404, "");
    ck_assert_int_eq(told.verdict, ROBOTS_ALLOWED);
    room_end(&r);
}
END_TEST


START_TEST(one_timeout_is_for_all_redirects)
{
    room_t           r;
    room_told_t      told;
    robots_answer_t  a;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PAGE, &told);
    fake_pass(r.loop, ROOM_TIMEOUT - ROOM_MARGIN);
    room_redirect(&r, ROOM_ROBOTS, 302, "/1");
    ck_assert_int_le(fake_fetch(ROOM_SHOP "/1")->total_timeout, ROOM_MARGIN);
    ck_assert_int_le(fake_fetch(ROOM_SHOP "/1")->connect_timeout, ROOM_MARGIN);
    ck_assert_int_gt(fake_fetch(ROOM_SHOP "/1")->total_timeout, 0);

    fake_pass(r.loop, ROOM_MARGIN);
    room_redirect(&r, ROOM_SHOP "/1", 302, "/2");
    ck_assert_uint_eq(fake_fetches(), 0);
    a = room_answer(r.cache, ROOM_PAGE);
    ck_assert_int_eq(a.verdict, ROBOTS_UNREACHABLE);
    ck_assert_int_eq(a.error, FETCH_TIMEOUT);
    room_end(&r);
}
END_TEST


START_TEST(no_more_of_a_file_is_fetched_than_counts)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PRIVATE, &told);
    ck_assert_uint_eq(fake_fetch(ROOM_ROBOTS)->max_body, ROBOTS_MAX_SIZE);
    ck_assert(fake_fetch(ROOM_ROBOTS)->cut);
    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    ck_assert_int_eq(told.verdict, ROBOTS_DISALLOWED);
    room_end(&r);
}
END_TEST


/* The fetcher takes nothing of what it was told will be too large. */
START_TEST(a_file_whose_beginning_did_not_come_disallows)
{
    room_t           r;
    room_told_t      told;
    robots_answer_t  a;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PAGE, &told);
    room_too_large(&r, 200, NULL, "");
    a = room_answer(r.cache, ROOM_PAGE);
    ck_assert_int_eq(a.verdict, ROBOTS_UNREACHABLE);
    ck_assert_int_eq(a.error, FETCH_TOO_LARGE);
    room_end(&r);
}
END_TEST


START_TEST(a_status_that_decides_may_have_too_large_a_body)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, ROOM_BYTES);

    room_fetching(&r, ROOM_PAGE, &told);
    room_too_large(&r, 302, "/other", "");
    room_reply(&r, ROOM_SHOP "/other", 503, "");
    ck_assert_int_eq(told.verdict, ROBOTS_UNAVAILABLE);

    fake_pass(r.loop, ROBOTS_RETRY);
    room_fetching(&r, ROOM_PAGE, &told);
    room_too_large(&r, 404, NULL, "");
    ck_assert_int_eq(told.verdict, ROBOTS_ALLOWED);
    room_end(&r);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        a_file_is_fetched_and_its_rules_hold,
        there_is_one_fetch_however_many_ask,
        each_scheme_host_and_port_has_its_own,
        a_file_is_believed_for_a_day,
        an_answer_after_a_day_is_new_all_the_same,
        a_client_error_allows_all_for_a_day,
        any_success_has_rules,
        an_empty_file_allows_all,
        a_server_error_disallows_all_for_a_minute,
        rules_that_are_too_old_do_not_hold_when_there_are_no_new_ones,
        no_answer_disallows_all_and_says_why,
        redirects_are_followed_to_other_hosts_too,
        five_redirects_are_followed_and_no_more,
        a_redirect_to_what_cannot_be_fetched_disallows,
        what_a_redirect_leads_to_decides,
        one_timeout_is_for_all_redirects,
        no_more_of_a_file_is_fetched_than_counts,
        a_file_whose_beginning_did_not_come_disallows,
        a_status_that_decides_may_have_too_large_a_body,
        NULL
    };

    return suite_run("robots_cache", tests, 10);
}
