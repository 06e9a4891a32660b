
#include <string.h>

#include "tests/replay/fake.h"
#include "tests/replay/room.h"
#include "tests/support/suite.h"


START_TEST(those_asked_for_longest_ago_go_first)
{
    room_t       r;
    room_told_t  told;
    size_t       one;

    room_begin(&r, ROOM_BYTES);
    room_fill(&r, "http://a.example/", ROOM_RULES);
    one = robots_cache_size(r.cache);
    ck_assert_uint_gt(one, sizeof(ROOM_RULES));
    room_end(&r);

    /* room for three; the one that is fetched counts with its exchange */
    room_begin(&r, one * 3 + ROOM_EXCHANGE);
    room_fill(&r, "http://a.example/", ROOM_RULES);
    room_fill(&r, "http://b.example/", ROOM_RULES);
    room_fill(&r, "http://c.example/", ROOM_RULES);
    ck_assert_uint_eq(robots_cache_count(r.cache), 3);
    ck_assert_uint_eq(robots_cache_size(r.cache), 3 * one);
    ck_assert_int_eq(room_verdict(&r, "http://a.example/"), ROBOTS_ALLOWED);

    room_fill(&r, "http://d.example/", ROOM_RULES);
    ck_assert_uint_le(robots_cache_size(r.cache), one * 3 + ROOM_EXCHANGE);
    ck_assert_int_eq(room_verdict(&r, "http://b.example/"), ROBOTS_UNKNOWN);
    ck_assert_int_eq(room_verdict(&r, "http://a.example/"), ROBOTS_ALLOWED);
    ck_assert_int_eq(room_verdict(&r, "http://d.example/"), ROBOTS_ALLOWED);

    /* what went is fetched again */
    room_fetching(&r, "http://b.example/", &told);
    room_reply(&r, "http://b.example/robots.txt", 200, ROOM_RULES);
    ck_assert_int_eq(told.verdict, ROBOTS_ALLOWED);
    room_end(&r);
}
END_TEST


START_TEST(what_was_just_fetched_stays_whatever_its_size)
{
    room_t  r;

    room_begin(&r, 1);
    room_fill(&r, "http://a.example/", ROOM_RULES);
    ck_assert_int_eq(room_verdict(&r, "http://a.example/"), ROBOTS_ALLOWED);
    room_fill(&r, "http://b.example/", ROOM_RULES);
    ck_assert_int_eq(room_verdict(&r, "http://b.example/"), ROBOTS_ALLOWED);
    ck_assert_int_eq(room_verdict(&r, "http://a.example/"), ROBOTS_UNKNOWN);
    ck_assert_uint_eq(robots_cache_count(r.cache), 1);
    room_end(&r);
}
END_TEST


START_TEST(what_is_being_fetched_is_never_put_out)
{
    room_t       r;
    room_told_t  told[2];

    room_begin(&r, 1);
    room_fetching(&r, "http://a.example/", &told[0]);
    room_fetching(&r, "http://b.example/", &told[1]);
    room_fill(&r, "http://c.example/", ROOM_RULES);
    room_fill(&r, "http://d.example/", ROOM_RULES);
    ck_assert_int_eq(room_verdict(&r, "http://a.example/"), ROBOTS_FETCHING);
    ck_assert_uint_eq(robots_cache_count(r.cache), 3);

    room_reply(&r, "http://a.example/robots.txt", 200, ROOM_RULES);
    room_fail(&r, "http://b.example/robots.txt", FETCH_DNS);
    ck_assert_int_eq(told[0].verdict, ROBOTS_ALLOWED);
    ck_assert_int_eq(told[1].verdict, ROBOTS_UNREACHABLE);
    ck_assert_uint_eq(robots_cache_count(r.cache), 1);
    room_end(&r);
}
END_TEST


START_TEST(a_cache_is_destroyed_while_it_fetches)
{
    room_t       r;
    room_told_t  told[3];

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, "http://a.example/", &told[0]);
    room_fetching(&r, "http://b.example/", &told[1]);
    room_fetching(&r, "http://c.example/", &told[2]);
    room_redirect(&r, "http://b.example/robots.txt", 301, "/1");
    fake_fetch_answer("http://c.example/robots.txt", 200, NULL, ROOM_RULES);

    robots_cache_destroy(r.cache);
    ck_assert_uint_eq(fake_fetches_cancelled(), 3);
    fake_run(r.loop);
    ck_assert_int_eq(told[0].called + told[1].called + told[2].called, 0);
    fetcher_destroy(r.fetcher);
    loop_destroy(r.loop);
}
END_TEST


START_TEST(a_callback_may_begin_a_fetch_that_puts_its_origin_out)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, 1);
    room_fetching(&r, ROOM_PAGE, &told);
    told.next = "http://next.example/";
    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    room_reply(&r, "http://next.example/robots.txt", 200, ROOM_RULES);
    ck_assert_int_eq(told.called, 2);
    ck_assert_int_eq(told.verdict, ROBOTS_ALLOWED);
    ck_assert_uint_eq(robots_cache_count(r.cache), 1);
    room_end(&r);
}
END_TEST


START_TEST(a_callback_may_destroy_the_cache)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, ROOM_BYTES);
    room_fetching(&r, ROOM_PAGE, &told);
    told.leave = 1;
    room_reply(&r, ROOM_ROBOTS, 200, ROOM_RULES);
    ck_assert_int_eq(told.called, 1);
    fetcher_destroy(r.fetcher);
    loop_destroy(r.loop);
}
END_TEST


START_TEST(a_fetch_that_cannot_begin_leaves_nothing)
{
    room_t       r;
    room_told_t  told;

    room_begin(&r, ROOM_BYTES);
    memset(&told, 0, sizeof(told));
    fake_fetch_refuse(1);
    ck_assert_int_eq(room_fetch(r.cache, ROOM_PAGE, &told), SC_ERROR);
    ck_assert_uint_eq(robots_cache_count(r.cache), 0);
    ck_assert_uint_eq(robots_cache_size(r.cache), 0);
    ck_assert_int_eq(room_verdict(&r, ROOM_PAGE), ROBOTS_UNKNOWN);

    room_fetching(&r, ROOM_PAGE, &told);
    fake_fetch_refuse(1);
    room_redirect(&r, ROOM_ROBOTS, 301, "/1");
    ck_assert_int_eq(told.called, 1);
    ck_assert_int_eq(told.verdict, ROBOTS_UNREACHABLE);
    ck_assert_int_eq(room_answer(r.cache, ROOM_PAGE).error, FETCH_RESOURCES);
    room_end(&r);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        those_asked_for_longest_ago_go_first,
        what_was_just_fetched_stays_whatever_its_size,
        what_is_being_fetched_is_never_put_out,
        a_cache_is_destroyed_while_it_fetches,
        a_callback_may_begin_a_fetch_that_puts_its_origin_out,
        a_callback_may_destroy_the_cache,
        a_fetch_that_cannot_begin_leaves_nothing,
        NULL
    };

    return suite_run("robots_life", tests, 10);
}
